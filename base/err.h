/* err: refusals as values.
 *
 * The idea: each way to refuse is one row of `<room>/<room>_errors.def`: a name, the
 * clause that demands it and a sentence. A function returns the row's code (< 0); a
 * parser also fills `struct rill_err` with the row, the offset and one number. The same
 * rows print messages, the `make conformance` table and `rill decode`'s refusals.
 *
 * In a .def file:   RILL_ERR_ROW(STUN_TOO_SHORT, "RFC 8489 §5", "a header has 20 bytes, here are
 * {}")
 * "{}" in the sentence is where `value` is written.
 *
 * errors.h and errors.c of each room turn its rows into an enum and a table.
 */
#ifndef RILL_BASE_ERR_H
#define RILL_BASE_ERR_H

#include "base/bytes.h"

struct rill_err_row {
    int code;
    const char *name;
    const char *clause;
    const char *sentence;
};

struct rill_err_table {
    const char *room;
    const struct rill_err_row *rows;
    size_t n;
};

/* offset: bytes from the start of what was parsed, or the line number (from 1) for SDP. */
struct rill_err {
    const struct rill_err_row *row;
    size_t offset;
    uint64_t value;
};

/* The codes of a room count down from its number, 100 rows a room. */
enum rill_err_room {
    RILL_ERR_BASE = 1000,
    RILL_ERR_STUN = 1100,
    RILL_ERR_ICE = 1200,
    RILL_ERR_DTLS = 1300,
    RILL_ERR_SRTP = 1400,
    RILL_ERR_SDP = 1500,
    RILL_ERR_RTP = 1600,
    RILL_ERR_PEER = 1700,
    RILL_ERR_SIGNALING = 1800,
    RILL_ERR_REACTOR = 1900,
    RILL_ERR_CAPTURE = 2000,
    RILL_ERR_CODEC = 2100,
    RILL_ERR_MEDIA = 2200,
    RILL_ERR_TRACE = 2300,
    RILL_ERR_TURN = 2400,
    RILL_ERR_MDNS = 2500,
    RILL_ERR_DISSECT = 2600,
};

/* Fills *why (which may be NULL) from the row of `code` in `table`; returns `code`. */
int rill_err_set(const struct rill_err_table *table, int code, size_t offset, uint64_t value,
                 struct rill_err *why);

/* NULL when the code is of no row of the table. */
const struct rill_err_row *rill_err_find(const struct rill_err_table *table, int code);

/* The sentence with its number in place. */
void rill_err_write(struct rill_writer *w, const struct rill_err *why);

#endif
