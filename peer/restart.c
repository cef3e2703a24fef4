/* restart: ICE restarts, as far as descriptions tell of them (RFC 8839 §4.4.1.1.1, §4.4.2.1,
 * §4.4.3.1.1, RFC 9429 §5.2.3.1).
 *
 * The idea: new credentials are made when a description first needs them and stay the same until
 * the agent has taken them, so that creating an offer twice gives the same twice. The offerer's
 * agent takes them with the offer, and gives them back when the offer is rolled back; the
 * answerer's takes them with the answer.
 */
#include "peer/restart.h"

#include "peer/association.h"
#include "peer/connection.h"
#include "peer/inputs.h"
#include "peer/negotiation.h"
#include "peer/transport.h"

#include <string.h>

void rill_peer_restart_words(struct rill_peer *x, struct rill_peer_transport *t,
                             struct rill_view *ufrag, struct rill_view *pwd)
{
    if (!t->has_next) {
        rill_rng_ice_chars(&x->config.rng, t->next_ufrag, sizeof t->next_ufrag);
        rill_rng_ice_chars(&x->config.rng, t->next_pwd, sizeof t->next_pwd);
        t->has_next = true;
    }
    *ufrag = rill_view_at(t->next_ufrag, sizeof t->next_ufrag);
    *pwd = rill_view_at(t->next_pwd, sizeof t->next_pwd);
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

bool rill_peer_restart_is_asked(const struct rill_peer *x, const struct rill_peer_transport *t,
                                const struct rill_sdp *offer)
{
    uint8_t digest[RILL_SHA256_SIZE];
    const struct rill_sdp_media *m = rill_peer_speaker(x, t, offer);
    if (!t->has_remote_ice || !m || !m->ice_ufrag.p || !m->ice_pwd.p)
        return false;
    rill_peer_remote_ice(m, digest);
    return memcmp(digest, t->remote_ice, sizeof digest) != 0;
}

int rill_peer_restart_ice(struct rill_peer *x)
{
    rill_peer_input_restart_ice(x);
    if (x->jsep.state == RILL_PEER_SIGNALING_CLOSED)
        return RILL_PEER_IS_CLOSED;
    x->jsep.restart_wanted = true;
    rill_peer_check_negotiation(x);
    return 0;
}

/* RFC 9429 §5.2.2: candidates "gathered during the most recent gathering phase". */
static int restart(struct rill_peer_transport *t, int64_t now, struct rill_view ufrag,
                   struct rill_view pwd)
{
    int rc = 0;
    for (size_t i = 0; i < RILL_PEER_COMPONENTS && rc == 0; i++) {
        struct rill_peer_component *c = &t->components[i];
        if (!c->ice || rill_ice_state(c->ice) == RILL_ICE_CLOSED)
            continue;
        rc = rill_ice_restart(c->ice, now, ufrag, pwd);
        c->n_gathered = 0;
        c->gathering_done = false;
    }
    return rc;
}

int rill_peer_restart_agents(struct rill_peer *x, int64_t now, struct rill_peer_transport *t)
{
    struct rill_view ufrag, pwd;
    rill_peer_restart_words(x, t, &ufrag, &pwd);
    int rc = restart(t, now, ufrag, pwd);
    if (rc < 0)
        return rc;
    t->has_next = false;
    t->restart_begun = true;
    return 0;
}

int rill_peer_restart_follow(struct rill_peer_transport *t, int64_t now)
{
    struct rill_ice *ice = t->components[0].ice;
    return restart(t, now, rill_ice_ufrag(ice), rill_ice_pwd(ice));
}

void rill_peer_restarts_undo(struct rill_peer *x, int64_t now)
{
    for (size_t i = 0; i < x->config.transports; i++) {
        struct rill_peer_transport *t = &x->transports[i];
        for (size_t k = 0; t->restart_begun && k < RILL_PEER_COMPONENTS; k++)
            if (t->components[k].ice)
                rill_ice_restart_undo(t->components[k].ice, now);
        t->restart_undone |= t->restart_begun;
        t->restart_begun = t->restart_asked = t->has_next_tls_id = false;
    }
}

void rill_peer_restarts_end(struct rill_peer *x)
{
    for (size_t i = 0; i < x->config.transports; i++) {
        struct rill_peer_transport *t = &x->transports[i];
        x->jsep.restart_wanted &= !t->restart_begun;
        t->restart_begun = t->restart_asked = t->restart_answered = t->restart_undone = false;
        if (t->has_next_tls_id)
            memcpy(t->tls_id, t->next_tls_id, sizeof t->tls_id);
        t->has_next_tls_id = false;
    }
}

bool rill_peer_restart_is_pending(const struct rill_peer *x)
{
    for (size_t i = 0; i < x->config.transports; i++)
        if (x->transports[i].restart_asked || x->transports[i].restart_begun)
            return true;
    return false;
}
