/* restart: ICE restarts, as far as descriptions tell of them (RFC 8839 §4.4.1.1.1, §4.4.2.1,
 * §4.4.3.1.1, RFC 9429 §5.2.3.1).
 *
 * The idea: new credentials are made when a description first needs them and stay the same until
 * the agent has taken them, so that creating an offer twice gives the same twice. The offerer's
 * agent takes them with the offer, and gives them back when the offer is rolled back; the
 * answerer's takes them with the answer.
 */
#include "peer/private.h"

#include <string.h>

void rill_peer_restart_words(struct rill_peer *x, struct rill_view *ufrag, struct rill_view *pwd)
{
    struct rill_peer_jsep *j = &x->jsep;
    if (!j->has_next) {
        rill_rng_ice_chars(&x->config.rng, j->next_ufrag, sizeof j->next_ufrag);
        rill_rng_ice_chars(&x->config.rng, j->next_pwd, sizeof j->next_pwd);
        j->has_next = true;
    }
    *ufrag = rill_view_at(j->next_ufrag, sizeof j->next_ufrag);
    *pwd = rill_view_at(j->next_pwd, sizeof j->next_pwd);
}

void rill_peer_remote_ice(const struct rill_sdp_media *m, uint8_t digest[RILL_SHA256_SIZE])
{
    uint8_t bytes[RILL_ICE_UFRAG_MAX + RILL_ICE_PWD_MAX + 1];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_w_bytes(&w, m->ice_ufrag);
    rill_w_char(&w, ' ');
    rill_w_bytes(&w, m->ice_pwd);
    rill_digest(RILL_SHA256, rill_w_view(&w), digest);
}

bool rill_peer_restart_is_asked(const struct rill_peer *x, const struct rill_sdp *offer)
{
    uint8_t digest[RILL_SHA256_SIZE];
    if (!x->jsep.has_remote_ice)
        return false;
    /* RFC 9143 §7.1.3: a bundled m-line may leave them to the tagged one, which comes first. */
    for (size_t i = 0; i < offer->n_media; i++) {
        if (!offer->media[i].port || !offer->media[i].ice_ufrag.p || !offer->media[i].ice_pwd.p)
            continue;
        rill_peer_remote_ice(&offer->media[i], digest);
        return memcmp(digest, x->jsep.remote_ice, sizeof digest) != 0;
    }
    return false;
}

int rill_peer_restart_ice(struct rill_peer *x)
{
    if (x->jsep.state == RILL_PEER_SIGNALING_CLOSED)
        return RILL_PEER_IS_CLOSED;
    x->jsep.restart_wanted = true;
    rill_peer_check_negotiation(x);
    return 0;
}

int rill_peer_restart_agent(struct rill_peer *x, int64_t now)
{
    struct rill_peer_jsep *j = &x->jsep;
    struct rill_view ufrag, pwd;
    rill_peer_restart_words(x, &ufrag, &pwd);
    int rc = rill_ice_restart(x->transport.ice, now, ufrag, pwd);
    if (rc < 0)
        return rc;
    j->has_next = false;
    j->restart_begun = true;
    /* RFC 9429 §5.2.2: candidates "gathered during the most recent gathering phase". */
    j->n_gathered = 0;
    j->gathering_done = false;
    return 0;
}
