/* sdp/lines (room-internal): a description as `type=value` lines.
 *
 * The idea: a cursor that is plain data, so that a copy of it remembers a place; whoever
 * reads a section twice (count, then fill) keeps a copy of where it began. */
#ifndef RILL_SDP_LINES_H
#define RILL_SDP_LINES_H

#include "sdp/errors.h"

struct rill_sdp_lines {
    struct rill_view rest;
    size_t number; /* of the line read last, from 1; 0 before the first */
};

struct rill_sdp_line {
    char type;
    struct rill_view value; /* without its line end; p is never NULL */
    size_t number;
};

struct rill_sdp_lines rill_sdp_lines_of(struct rill_view text);

/* 1 with *out filled, 0 at the end. Errors: SDP_BAD_BYTE, SDP_LINE_TOO_LONG, SDP_LINE. */
int rill_sdp_lines_next(struct rill_sdp_lines *l, struct rill_sdp_line *out, struct rill_err *why);

#endif
