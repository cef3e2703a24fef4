/* sdp/rids (room-internal): a=rid and a=simulcast of an m-line, read and put together (RFC 8851,
 * RFC 8853).
 *
 * The idea: a direction is a list of streams in order of preference, each with the names that it
 * may have; what is not in the list, or has no a=rid line of that direction, is not there. */
#ifndef RILL_SDP_RIDS_H
#define RILL_SDP_RIDS_H

#include "sdp/offer.h"

#define RILL_SDP_STREAMS_MAX 32

struct rill_sdp_stream {
    size_t number; /* of the stream: alternatives share it */
    const struct rill_sdp_rid *rid;
    bool paused; /* "~" */
};
/* direction: "send" or "recv". In the order of a=simulcast; of an m-line without it the first
 * a=rid of the direction. Returns how many. *simulcast: the list is a=simulcast's. */
size_t rill_sdp_streams(const struct rill_sdp_media *m, const char *direction,
                        struct rill_sdp_stream out[RILL_SDP_STREAMS_MAX], bool *simulcast);

/* May a stream have this payload type? RFC 8851 §10: no pt= means all of the m-line. */
bool rill_sdp_rid_has_pt(struct rill_view params, uint8_t pt);
/* What a receiver can bear. false when it asks for what we do not know how to keep (RFC 8851
 * §6.2.2: "In the case of an unsupported restriction, the "a=rid" line is discarded"). */
bool rill_sdp_rid_limits(struct rill_view params, uint8_t pt, struct rill_sdp_limits *out);

/* The lines of one m-line as they are put together. */
struct rill_sdp_rid_lines {
    struct rill_sdp_rid rids[2 * RILL_SDP_ENCODINGS_MAX];
    bool paused[2 * RILL_SDP_ENCODINGS_MAX];
    size_t n;
    bool simulcast_send, simulcast_recv;
};
void rill_sdp_rid_add(struct rill_sdp_rid_lines *l, struct rill_view id, const char *direction,
                      struct rill_view params, bool paused);
void rill_sdp_rid_describe(struct rill_sdp_media *m, const struct rill_sdp_rid_lines *l,
                           struct rill_arena *arena);

#endif
