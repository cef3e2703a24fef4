/* rtp/ext_known: the header extensions that calls of browsers have: their URIs, what they are for,
 * and how the bytes of a value lie (RFC 8285 §4). */
#ifndef RILL_RTP_EXT_KNOWN_H
#define RILL_RTP_EXT_KNOWN_H

#include "base/field.h"

struct rill_rtp_ext_known {
    const char *uri;
    const char *name; /* how people call it */
    const char *clause, *sentence;
    bool text;                      /* the value is UTF-8, and has no fields */
    struct rill_field_table fields; /* those that do not lie inside the value are not there */
};

/* Its row and one more; 0 for a URI that is not known. */
uint8_t rill_rtp_ext_known_find(struct rill_view uri);
/* The row of such a number; NULL for 0 and beyond the last. */
const struct rill_rtp_ext_known *rill_rtp_ext_known(uint8_t number);

#endif
