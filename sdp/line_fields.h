/* sdp/line_fields: what a line of a description is for, and how its words are called. */
#ifndef RILL_SDP_LINE_FIELDS_H
#define RILL_SDP_LINE_FIELDS_H

#include "base/field.h"

#define RILL_SDP_WORDS_MAX 8

/* row.name: "m" or "a=rtpmap". words: the first is cut off at the first space, and so on; the last
 * takes what is left. */
struct rill_sdp_line_row {
    struct rill_field row;
    const char *words[RILL_SDP_WORDS_MAX];
    size_t n_words;
};

/* line: without its end. words count from *from on: behind "x=", or behind an attribute's colon.
 * False for a line that is none: no letter, no "=". */
bool rill_sdp_line_row(struct rill_view line, struct rill_sdp_line_row *out, size_t *from);

#endif
