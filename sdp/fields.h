/* sdp/fields (room-internal): the grammar of the lines that are not a=. */
#ifndef RILL_SDP_FIELDS_H
#define RILL_SDP_FIELDS_H

#include "sdp/lines.h"
#include "sdp/sdp.h"

/* 0, or the row of the line's own clause. Types without a grammar to keep (i, u, e, p, k and
 * the unknown) are taken as they are. */
int rill_sdp_field_check(const struct rill_sdp_line *line, struct rill_err *why);

/* Of a line that passed the check, in an m-line's part or the session's: the row that it breaks and
 * that is forgiven, or 0. */
int rill_sdp_field_departs(const struct rill_sdp_line *line, bool in_media);

/* The parts of o= and the address of c=, of lines that were checked. */
void rill_sdp_origin(struct rill_view value, struct rill_sdp *out);
struct rill_view rill_sdp_connection(struct rill_view value);
void rill_sdp_bandwidth(struct rill_view value, struct rill_sdp_bandwidth *out);

/* m=: kind, port, proto and n_fmts; the formats too when fmts has room for them (the first
 * time it is NULL). Errors: SDP_MEDIA_LINE, SDP_PORT, SDP_PAYLOAD_TYPE. */
int rill_sdp_media_line(const struct rill_sdp_line *line, struct rill_sdp_media *m,
                        struct rill_view *fmts, struct rill_err *why);
/* The protocol names RTP, so its formats are payload types. */
bool rill_sdp_proto_is_rtp(struct rill_view proto);

#endif
