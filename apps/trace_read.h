/* apps/trace_read: the records of a trace (docs/trace.md), one by one, from a file that may still
 * be growing, or from any bytes that come.
 *
 * The idea: bytes are put into the reader's own room, whole records are taken out; what is there
 * of a record that has not ended yet waits. Nothing of a trace is believed: each record is bounded,
 * and an error says which record it was.
 *
 *   struct rill_trace_reader *r = rill_trace_reader_new();
 *   while (rill_trace_reader_fill(r, fd) > 0)
 *       while ((rc = rill_trace_reader_next(r, &record, &why)) > 0)
 *           …
 */
#ifndef RILL_APPS_TRACE_READ_H
#define RILL_APPS_TRACE_READ_H

#include "base/addr.h"
#include "base/err.h"

#include <jansson.h>

/* Of one record, marks included: the hex of a frame of RILL_VIDEO_FRAME_MAX, and some. */
#define RILL_TRACE_RECORD_MAX (4u << 20)

struct rill_trace_reader;

/* Lives until the next call on its reader. */
struct rill_trace_record {
    uint64_t number;       /* in the file, from 1: the header */
    struct rill_view text; /* the JSON as it stands in the file */
    json_t *json;          /* the same, borrowed */
    bool is_header;
    /* Of an event. */
    int64_t time;     /* µs since the header's wall_clock_time */
    const char *name; /* "room:event" */
    json_t *data;     /* an object, empty where the record has none */
};

/* NULL when there is no memory. */
struct rill_trace_reader *rill_trace_reader_new(void);
void rill_trace_reader_free(struct rill_trace_reader *r);

/* Room for more bytes, at least 4096, and how many have been put there; empty when there is no
 * memory, or when more is unread than one record may have. */
struct rill_span rill_trace_reader_room(struct rill_trace_reader *r);
void rill_trace_reader_put(struct rill_trace_reader *r, size_t n);
/* Reads from fd into the room: how many bytes came; 0 at the end so far, < 0 with errno. */
long rill_trace_reader_fill(struct rill_trace_reader *r, int fd);

/* Where the next record begins, in bytes from the first that was put. */
uint64_t rill_trace_reader_offset(const struct rill_trace_reader *r);
/* Bytes of a record that has not ended. */
size_t rill_trace_reader_left(const struct rill_trace_reader *r);

/* 1: a record. 0: there is no whole one; more bytes may bring it. < 0: why is filled, its offset
 * is the number of the record, which is passed over, so that one may go on; the first record that
 * is no header ends it for good.
 * Records that were cut off (RFC 7464 §2.3) are passed over.
 * Errors: RILL_TRACE_NO_MARK, _TOO_LONG, _NOT_JSON, _NO_HEADER, _OTHER_FORMAT, _NOT_EVENT. */
int rill_trace_reader_next(struct rill_trace_reader *r, struct rill_trace_record *out,
                           struct rill_err *why);

/* Members of data. False, and out untouched, when it is not there, or of another type, or null. */
bool rill_trace_get_text(const json_t *data, const char *name, struct rill_view *out);
bool rill_trace_get_u64(const json_t *data, const char *name, uint64_t *out);
bool rill_trace_get_i64(const json_t *data, const char *name, int64_t *out);
bool rill_trace_get_addr(const json_t *data, const char *name, struct rill_addr *out);
/* Hex into room; out is what was filled of it. */
bool rill_trace_get_bytes(const json_t *data, const char *name, struct rill_span room,
                          struct rill_view *out);

#endif
