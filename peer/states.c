/* states: the signaling state and the connection state, with their W3C names.
 *
 * The connection state is what ICE and DTLS come to together (webrtc-pc §4.3.3):
 *
 *   new ──> connecting ──> connected <──> disconnected
 *                │              │              │
 *                └──────────────┴──> failed <──┘        closed from anywhere, for good
 *
 * An ICE restart leads out of failed, unless it was DTLS or SRTP that failed.
 */
#include "peer/states.h"

#include "peer/connection.h"
#include "peer/events.h"
#include "peer/transports.h"

static const struct rill_trace_point signaling_state = {
    "peer", "signaling_state", "the signaling state changed", 1, {{"state", RILL_TRACE_TEXT}}};
static const struct rill_trace_point connection_state = {
    "peer",
    "connection_state",
    "the connection state changed",
    2,
    {{"state", RILL_TRACE_TEXT}, {"error", RILL_TRACE_I64}}};

static const struct rill_trace_point ice_state = {"peer",
                                                  "ice_state",
                                                  "the state of all ICE transports changed",
                                                  1,
                                                  {{"state", RILL_TRACE_TEXT}}};

const char *rill_peer_signaling_state_name(enum rill_peer_signaling_state s)
{
    static const char *const names[] = {"stable",
                                        "have-local-offer",
                                        "have-remote-offer",
                                        "have-local-pranswer",
                                        "have-remote-pranswer",
                                        "closed"};
    return names[s];
}

const char *rill_peer_connection_state_name(enum rill_peer_connection_state s)
{
    static const char *const names[] = {"new",          "connecting", "connected",
                                        "disconnected", "failed",     "closed"};
    return names[s];
}

enum rill_peer_connection_state rill_peer_connection_state(const struct rill_peer *x)
{
    return x->state;
}

enum rill_peer_signaling_state rill_peer_signaling_state(const struct rill_peer *x)
{
    return x->jsep.state;
}

void rill_peer_set_signaling(struct rill_peer *x, int64_t now, enum rill_peer_signaling_state s)
{
    if (x->jsep.state == s)
        return;
    x->jsep.state = s;
    RILL_TRACE(x->config.trace, now, signaling_state,
               {.view = rill_view_of(rill_peer_signaling_state_name(s))});
    struct rill_peer_note *note = rill_peer_note(x, RILL_PEER_EVENT_SIGNALING_STATE);
    if (note)
        note->state = (int)s;
}

/* How many components of live transports are in which state (webrtc-pc §5.6: "closed" ones are
 * passed over, but count as connected). */
struct census {
    size_t all, ice[RILL_ICE_CLOSED + 1], dtls_new, keyed;
};

static struct census count(const struct rill_peer *x, bool told)
{
    struct census n = {.all = 0};
    struct rill_peer_component *c;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++) {
        if (!rill_peer_transport_is_live(c->of) || !c->used)
            continue;
        enum rill_ice_state ice = rill_ice_state(c->ice);
        n.all++;
        n.ice[told ? c->ice_state : ice]++;
        n.dtls_new += !c->dtls || rill_dtls_state(c->dtls) == RILL_DTLS_NEW;
        /* The keys are what makes DTLS count as connected (webrtc-pc leaves them out). */
        n.keyed += c->srtp || ice == RILL_ICE_CLOSED;
    }
    return n;
}

/* webrtc-pc §4.3.3 */
static enum rill_peer_connection_state judge(const struct rill_peer *x)
{
    struct census n = count(x, false);
    size_t connected =
        n.ice[RILL_ICE_CONNECTED] + n.ice[RILL_ICE_COMPLETED] + n.ice[RILL_ICE_CLOSED];
    if (x->closing != RILL_PEER_OPEN)
        return RILL_PEER_CLOSED;
    if (x->error || n.ice[RILL_ICE_FAILED])
        return RILL_PEER_FAILED;
    if (n.ice[RILL_ICE_DISCONNECTED])
        return RILL_PEER_DISCONNECTED;
    if (n.ice[RILL_ICE_NEW] + n.ice[RILL_ICE_CLOSED] == n.all && n.dtls_new == n.all)
        return RILL_PEER_NEW;
    return connected == n.all && n.keyed == n.all ? RILL_PEER_CONNECTED : RILL_PEER_CONNECTING;
}

/* webrtc-pc §4.3.3 iceConnectionState, of what the agents have told so far. */
static enum rill_ice_state judge_ice(const struct rill_peer *x)
{
    struct census n = count(x, true);
    size_t closed = n.ice[RILL_ICE_CLOSED];
    if (x->closing == RILL_PEER_GONE)
        return RILL_ICE_CLOSED;
    if (n.ice[RILL_ICE_FAILED])
        return RILL_ICE_FAILED;
    if (n.ice[RILL_ICE_DISCONNECTED])
        return RILL_ICE_DISCONNECTED;
    if (n.ice[RILL_ICE_NEW] + closed == n.all)
        return RILL_ICE_NEW;
    if (n.ice[RILL_ICE_NEW] + n.ice[RILL_ICE_CHECKING])
        return RILL_ICE_CHECKING;
    return n.ice[RILL_ICE_COMPLETED] + closed == n.all ? RILL_ICE_COMPLETED : RILL_ICE_CONNECTED;
}

void rill_peer_update_ice_state(struct rill_peer *x)
{
    enum rill_ice_state s = judge_ice(x);
    struct rill_peer_note *note =
        s == x->ice_state ? NULL : rill_peer_note(x, RILL_PEER_EVENT_ICE_STATE);
    if (!note)
        return;
    x->ice_state = s;
    note->state = (int)s;
    RILL_TRACE(x->config.trace, x->now, ice_state, {.view = rill_view_of(rill_ice_state_name(s))});
}

/* webrtc-pc §4.3.2 iceGatheringState: complete, when all transports have gathered. */
void rill_peer_update_gathering(struct rill_peer *x)
{
    struct rill_peer_component *c;
    size_t all = 0, done = 0;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++)
        if (rill_peer_transport_is_live(c->of) && c->used) {
            all++;
            done += c->gathering_done;
        }
    if (all && done == all && !x->gathering_done &&
        !rill_peer_note(x, RILL_PEER_EVENT_GATHERING_DONE))
        return;
    x->gathering_done = all && done == all;
}

void rill_peer_update_state(struct rill_peer *x, int64_t now)
{
    enum rill_peer_connection_state s = judge(x);
    if (s == x->state || x->state == RILL_PEER_CLOSED)
        return;
    bool was_there = x->state == RILL_PEER_CONNECTED || x->state == RILL_PEER_DISCONNECTED;
    int error = x->error ? x->error : was_there ? RILL_PEER_CONSENT_LOST : RILL_PEER_ICE_FAILED;
    x->state = s;
    RILL_TRACE(x->config.trace, now, connection_state,
               {.view = rill_view_of(rill_peer_connection_state_name(s))},
               {.i = s == RILL_PEER_FAILED ? error : 0});
    struct rill_peer_note *note = rill_peer_note(x, RILL_PEER_EVENT_CONNECTION_STATE);
    if (note) {
        note->state = (int)s;
        note->error = s == RILL_PEER_FAILED ? error : 0;
    }
}
