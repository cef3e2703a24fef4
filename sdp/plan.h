/* sdp/plan (room-internal): which m-lines of an offer we take, and on whose transport.
 *
 * The idea: of each BUNDLE group one m-line is tagged and gets a transport, and those bundled with
 * it come along; an m-line that is in no group gets its own. Where there is none left, or the
 * m-line does not bring what one needs, it is rejected. */
#ifndef RILL_SDP_PLAN_H
#define RILL_SDP_PLAN_H

#include "sdp/offer.h"

/* Which m-line is in which BUNDLE group, and whose attributes count for it: SIZE_MAX when it is
 * rejected. One that two groups name is of the first. */
struct rill_sdp_grouping {
    const struct rill_sdp_group *of[RILL_SDP_MEDIA_MAX];
    size_t tag[RILL_SDP_MEDIA_MAX];
};

struct rill_sdp_grouping rill_sdp_grouping(const struct rill_sdp *s);

struct rill_sdp_plan {
    size_t tag[RILL_SDP_MEDIA_MAX];   /* whose transport it is on; SIZE_MAX: rejected */
    size_t group[RILL_SDP_MEDIA_MAX]; /* of the description, from 1; 0: in none */
    const struct rill_sdp_transport *transport[RILL_SDP_MEDIA_MAX]; /* of those that are tags */
};

/* Who gets which of local's transports: each at most once, and what a track has no other gets. */
struct rill_sdp_giving {
    const struct rill_sdp_local *local;
    bool given[RILL_SDP_TRANSPORTS_MAX], named[RILL_SDP_TRANSPORTS_MAX];
};
struct rill_sdp_giving rill_sdp_giving(const struct rill_sdp_local *local);
/* The one that m-line i has, or one that nobody has; NULL when there is none. */
const struct rill_sdp_transport *rill_sdp_give(struct rill_sdp_giving *g, size_t i);
/* The one that m-line i has; NULL when it has none, or it was given to another. */
const struct rill_sdp_transport *rill_sdp_give_own(struct rill_sdp_giving *g, size_t i);

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
size_t rill_sdp_prefer(const struct rill_sdp_caps *caps, const struct rill_sdp_track *t,
                       struct rill_sdp_common *list, size_t n);

/* In the m-line's order, each number once; returns how many. */
size_t rill_sdp_common(const struct rill_sdp_media *m, enum rill_kind kind,
                       const struct rill_sdp_caps *caps,
                       struct rill_sdp_common out[RILL_SDP_COMMON_MAX]);

#endif
