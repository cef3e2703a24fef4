/* peer/agreement: what offer and answer come to. */
#ifndef RILL_PEER_AGREEMENT_H
#define RILL_PEER_AGREEMENT_H

#include "sdp/offer.h"

struct rill_peer;

/* Offer and answer are both there. */
struct rill_peer_agreement {
    const struct rill_sdp *offer, *answer;
    bool local_is_offer;
    struct rill_sdp_agreed rows[RILL_SDP_MEDIA_MAX];
    size_t n;
    size_t active;
    size_t transports[RILL_SDP_MEDIA_MAX];   /* of each active m-line */
    bool dtls_is_client[RILL_SDP_MEDIA_MAX]; /* on those of the tagged ones */
};

int rill_peer_agree(struct rill_peer *x, const struct rill_sdp *offer,
                    const struct rill_sdp *answer, bool local_is_offer,
                    struct rill_peer_agreement *a, struct rill_err *why);
/* The other side's description of the pair that is in force, a provisional one included. */
const struct rill_sdp *rill_peer_agreed_remote(const struct rill_peer *x);
/* What both came to begins to work. Only ICE may refuse, and then nothing has changed. */
int rill_peer_agreement_transports(struct rill_peer *x, int64_t now,
                                   const struct rill_peer_agreement *a, struct rill_err *why);
/* The transports gather; by a final answer those that no m-line has are closed. */
void rill_peer_agreement_settle(struct rill_peer *x, int64_t now,
                                const struct rill_peer_agreement *a, bool final);

#endif
