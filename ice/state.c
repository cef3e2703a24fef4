/* ice/state: the state of the whole, as W3C's RTCIceTransportState names it.
 *
 *    new ──credentials──▶ checking ──valid pair──▶ connected ──nominated──▶ completed
 *                            │                        │   ▲                    │  ▲
 *        patience at an end  │      consent requests  ▼   │ a response         ▼  │
 *                            ▼      unanswered      disconnected ◀─────────────────
 *                          failed ◀──────30 s───────────┘            any ──▶ closed
 *
 * Failed and closed are ends: nothing is sent any more, answers neither. */
#include "ice/agent_private.h"

static const struct rill_trace_point state_point = {
    "ice",
    "state",
    "the state of the session changed",
    2,
    {{"from", RILL_TRACE_TEXT}, {"to", RILL_TRACE_TEXT}}};

const char *rill_ice_state_name(enum rill_ice_state state)
{
    static const char *const names[] = {"new",          "checking", "connected", "completed",
                                        "disconnected", "failed",   "closed"};
    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "?";
}

enum rill_ice_state rill_ice_state(const struct rill_ice *x)
{
    return x->state;
}

bool rill_ice_is_over(const struct rill_ice *x)
{
    return x->state == RILL_ICE_FAILED || x->state == RILL_ICE_CLOSED;
}

void rill_ice_to_state(struct rill_ice *x, int64_t now, enum rill_ice_state to)
{
    if (x->state == to)
        return;
    RILL_TRACE(x->trace, now, state_point, {.view = rill_view_of(rill_ice_state_name(x->state))},
               {.view = rill_view_of(rill_ice_state_name(to))});
    x->state = to;
    /* Nobody pulls events: the newest state must still be told, those between need not. */
    if (x->n_untold == RILL_ICE_STATES)
        x->n_untold--;
    x->untold[x->n_untold++] = to;
}

/* RFC 8445 §7.2.5.4 with RFC 8838 §8 and RFC 8863 §4: no check is open, none can come, and
 * the peer had its time to reach us. */
static bool is_hopeless(const struct rill_ice *x, int64_t now)
{
    if (now < x->pac_at || !x->remote_done || !x->gathered || rill_ice_names_pending(x))
        return false;
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && rill_ice_pair_is_open(&x->pairs[i]))
            return false;
    return true;
}

/* webrtc-pc §5.6.2: "An ICE restart causes candidate gathering and connectivity checks to begin
 * anew, causing a transition to connected if begun in the completed state. If begun in the
 * transient disconnected state, it causes a transition to checking". */
static enum rill_ice_state without_pair(struct rill_ice *x, int64_t now)
{
    if (rill_ice_previous_answers(x))
        return RILL_ICE_CONNECTED;
    if (!rill_ice_has_credentials(x))
        return x->previous.active ? RILL_ICE_DISCONNECTED : RILL_ICE_NEW;
    if (x->told_valid || x->tell_valid) {
        /* The interface of the last valid pair went: a new one has as long as consent had. */
        if (x->lost_at == RILL_NEVER)
            x->lost_at = now;
        return now - x->lost_at < RILL_ICE_CONSENT ? RILL_ICE_DISCONNECTED : RILL_ICE_FAILED;
    }
    return is_hopeless(x, now) ? RILL_ICE_FAILED : RILL_ICE_CHECKING;
}

static enum rill_ice_state with_pair(struct rill_ice *x, size_t pair)
{
    x->lost_at = RILL_NEVER;
    if (!x->told_valid)
        x->tell_valid = true;
    if (x->pairs[pair].missed > RILL_ICE_CONSENT_MISSED)
        return RILL_ICE_DISCONNECTED;
    return x->selected != RILL_ICE_NONE ? RILL_ICE_COMPLETED : RILL_ICE_CONNECTED;
}

void rill_ice_update(struct rill_ice *x, int64_t now)
{
    if (rill_ice_is_over(x))
        return;
    rill_ice_relays_update(x, now);
    rill_ice_gathered(x, now);
    rill_ice_lite_agree(x, now);
    rill_ice_nominate_poll(x, now);
    size_t pair = rill_ice_current(x);
    rill_ice_to_state(x, now, pair == RILL_ICE_NONE ? without_pair(x, now) : with_pair(x, pair));
}

int64_t rill_ice_state_deadline(const struct rill_ice *x)
{
    int64_t at = x->lost_at == RILL_NEVER ? RILL_NEVER : x->lost_at + RILL_ICE_CONSENT;
    if (x->state == RILL_ICE_CHECKING && x->now < x->pac_at)
        at = rill_earlier(at, x->pac_at);
    return at;
}
