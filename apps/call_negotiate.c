/* call_negotiate: offer and answer in mid-call: webrtc-pc's "perfect negotiation" (§10.7), and ICE
 * that is restarted when the connection fails.
 *
 * The idea: who is passive answers and offers nothing; who is polite takes its own offer back when
 * two cross, who is impolite leaves the other's alone. Nothing is offered before the first answer
 * is on its way, nor while another exchange goes on: the peer says again after it that it has
 * something to offer. */
#include "apps/app.h"
#include "apps/call.h"

#include <stdio.h>

/* The agent heals what it can in that time, be it that the other side is not heard or that an
 * interface of ours went; a restart also finds the other side where it went to meanwhile. */
#define HEAL_AFTER (3 * RILL_SECOND)

static const struct rill_view nothing;

static int create(struct call *c, int64_t now, enum rill_peer_sdp_type type, struct rill_view *out,
                  struct rill_err *why)
{
    static uint8_t text[CALL_DESCRIPTION_MAX];
    struct rill_span span = {text, sizeof text};
    int n = type == RILL_PEER_OFFER ? rill_peer_create_offer(c->peer, now, span, why)
                                    : rill_peer_create_answer(c->peer, now, span, why);
    if (n < 0)
        return n;
    *out = rill_view_at(text, (size_t)n);
    return rill_peer_set_local_description(c->peer, now, type, *out, why);
}

static void complain(struct call *c, const char *what, int rc)
{
    const struct rill_err_row *row = rill_app_err_row(rc);
    char text[400];
    snprintf(text, sizeof text, "%s: %s", what, row ? row->sentence : "refused");
    call_note(c, "negotiation", text);
}

/* An offer that is refused changes nothing: the call goes on as it was. */
void call_answer_again(struct call *c, int64_t now, const struct rill_sig_offer *o)
{
    struct rill_view sdp;
    bool collision = rill_peer_signaling_state(c->peer) != RILL_PEER_STABLE;
    if (collision && c->options->negotiation == CALL_IMPOLITE) {
        call_note(c, "negotiation", "two offers crossed: ours holds");
        return;
    }
    int rc = rill_peer_set_remote_description(c->peer, now, RILL_PEER_OFFER, o->offer.sdp, NULL);
    if (rc < 0) {
        complain(c, "a new offer cannot be taken", rc);
        return;
    }
    if (collision)
        call_note(c, "negotiation", "two offers crossed: ours is taken back");
    c->offered = false;
    rc = create(c, now, RILL_PEER_ANSWER, &sdp, NULL);
    if (rc == 0)
        rc = rill_sig_client_answer(c->signal, o, sdp);
    if (rc < 0) {
        complain(c, "a new offer cannot be answered", rc);
        (void)rill_peer_set_remote_description(c->peer, now, RILL_PEER_ROLLBACK, nothing, NULL);
        return;
    }
    call_note(c, "negotiation", "answered");
}

static bool may_offer(const struct call *c)
{
    return c->peer && c->described_at && c->described && !c->signal_gone;
}

static void negotiate(struct call *c, int64_t now)
{
    struct rill_view sdp;
    if (!may_offer(c) || rill_peer_signaling_state(c->peer) != RILL_PEER_STABLE)
        return;
    bool needed = c->offer_wanted || rill_peer_negotiation_needed(c->peer);
    c->negotiate_at = RILL_NEVER;
    c->offer_wanted = false;
    if (!needed)
        return;
    int rc = create(c, now, RILL_PEER_OFFER, &sdp, NULL);
    if (rc == 0)
        rc = rill_sig_client_offer(c->signal, sdp);
    c->offered |= rc >= 0;
    if (rc < 0)
        complain(c, "a new offer cannot be made", rc);
    else
        call_note(c, "negotiation", "offered");
}

void call_take_answer_again(struct call *c, int64_t now, const struct rill_sig_offer *o)
{
    int rc = rill_peer_set_remote_description(c->peer, now, RILL_PEER_ANSWER, o->answer.sdp, NULL);
    if (rc < 0) {
        complain(c, "the new answer cannot be taken", rc);
        (void)rill_peer_set_local_description(c->peer, now, RILL_PEER_ROLLBACK, nothing, NULL);
        return;
    }
    call_note(c, "negotiation", "agreed");
}

/* --- what is asked for ------------------------------------------------------------------ */

void call_offer_wanted(struct call *c, int64_t now)
{
    c->offer_wanted = true;
    c->negotiate_at = now;
}

void call_restart(struct call *c, const char *why)
{
    if (c->peer && rill_peer_restart_ice(c->peer) == 0)
        call_note(c, "restart", why);
}

/* RFC 9429 §5.7. What the offer would have said stays wanted, so another one follows. */
void call_rollback(struct call *c, int64_t now)
{
    struct rill_view sdp;
    if (!may_offer(c) || rill_peer_signaling_state(c->peer) != RILL_PEER_STABLE) {
        call_note(c, "refused", "rollback: another offer is under way");
        return;
    }
    int rc = create(c, now, RILL_PEER_OFFER, &sdp, NULL);
    if (rc == 0)
        rc = rill_peer_set_local_description(c->peer, now, RILL_PEER_ROLLBACK, nothing, NULL);
    if (rc < 0)
        complain(c, "an offer cannot be taken back", rc);
    else
        call_note(c, "negotiation", "rolled back");
}

void call_heal(struct call *c, int64_t now, bool disconnected)
{
    bool may = disconnected && c->options->negotiation != CALL_PASSIVE && !c->signal_gone;
    c->heal_at = may ? now + HEAL_AFTER : RILL_NEVER;
}

void call_negotiation_tick(struct call *c, int64_t now)
{
    if (now >= c->heal_at) {
        c->heal_at = RILL_NEVER;
        call_restart(c, "the connection is disconnected");
    }
    if (now >= c->negotiate_at)
        negotiate(c, now);
}

/* What waits for the end of another exchange waits without a deadline. */
int64_t call_negotiation_deadline(const struct call *c)
{
    bool stable = may_offer(c) && rill_peer_signaling_state(c->peer) == RILL_PEER_STABLE;
    return stable ? rill_earlier(c->negotiate_at, c->heal_at) : c->heal_at;
}
