/* sdp/plan (room-internal): which m-lines of an offer we take, and on whose transport.
 *
 * The idea: rill has one transport a call. So one m-line is tagged, those bundled with it
 * come along, and the rest is rejected. */
#ifndef RILL_SDP_PLAN_H
#define RILL_SDP_PLAN_H

#include "sdp/offer.h"

struct rill_sdp_plan {
    size_t tag;                          /* SIZE_MAX: nothing is taken */
    const struct rill_sdp_group *bundle; /* the tag's group; NULL without one */
    bool taken[RILL_SDP_MEDIA_MAX];
};

struct rill_sdp_plan rill_sdp_plan(const struct rill_sdp *offer,
                                   const struct rill_sdp_local *local);

/* A codec that both sides have, under the number the m-line gives it. */
struct rill_sdp_common {
    uint8_t pt;
    const struct rill_sdp_codec_cap *cap;
};
#define RILL_SDP_COMMON_MAX 128

/* The table's codecs of a kind for an m-line that we offer: by the preferences, or in the order
 * of the last answer and then of the table (RFC 9429 §5.2.2). At most `cap`; returns how many. */
size_t rill_sdp_choose(const struct rill_sdp_caps *caps, const struct rill_sdp_track *t,
                       const struct rill_sdp_codec_cap **out, size_t cap);
/* RFC 9429 §5.3.1: what both have, filtered and put in order by our preferences; returns how
 * many are left. */
size_t rill_sdp_prefer(const struct rill_sdp_track *t, struct rill_sdp_common *list, size_t n);

/* In the m-line's order, each number once; returns how many. */
size_t rill_sdp_common(const struct rill_sdp_media *m, enum rill_kind kind,
                       const struct rill_sdp_caps *caps,
                       struct rill_sdp_common out[RILL_SDP_COMMON_MAX]);

#endif
