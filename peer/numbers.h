/* peer/numbers: payload types and extension ids, which mean one thing for the life of a call. */
#ifndef RILL_PEER_NUMBERS_H
#define RILL_PEER_NUMBERS_H

#include "sdp/offer.h"

struct rill_peer_config;

/* Codecs and header extensions of the table, at most. */
#define RILL_PEER_CODECS 32
#define RILL_PEER_EXTS 16

/* Payload types and extension ids keep their meaning for the life of the call (RFC 3264 §8.3.2,
 * RFC 8285 §6): a hash of what each has meant, 0 for nothing; and the table with our numbers. */
struct rill_peer_numbers {
    uint32_t pts[128], exts[256];
    bool agreed_pts[128], agreed_exts[256];
    struct rill_sdp_codec_cap codecs[RILL_PEER_CODECS];
    struct rill_sdp_ext_cap ext_caps[RILL_PEER_EXTS];
    struct rill_sdp_caps caps;
};

void rill_peer_numbers_init(const struct rill_peer_config *config, struct rill_peer_numbers *n);
/* Before an offer: no number of ours means what another has meant already. */
void rill_peer_numbers_settle(struct rill_peer_numbers *n);
/* A description that has been set; `answered`: its numbers are the call's from now on. */
void rill_peer_numbers_learn(struct rill_peer_numbers *n, const struct rill_sdp *s, bool answered);
int rill_peer_numbers_check(const struct rill_peer_numbers *n, const struct rill_sdp *s,
                            struct rill_err *why);

#endif
