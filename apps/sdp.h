/* apps/sdp: what the two files of `rill sdp` share: sdp.c has the commands, sdp_explain.c the
 * sentences about an answer. */
#ifndef RILL_APPS_SDP_H
#define RILL_APPS_SDP_H

#include "sdp/sdp.h"

#define SDP_DECISIONS 8

struct sdp_decision {
    char sentence[200];
    const char *clause;
};

/* Why m-line i of the answer is as it is; returns how many sentences. */
size_t sdp_explain(const struct rill_sdp *offer, const struct rill_sdp *answer, size_t i,
                   struct sdp_decision out[SDP_DECISIONS]);

#endif
