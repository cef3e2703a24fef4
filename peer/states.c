/* states: the signaling state and the connection state, with their W3C names.
 *
 * The connection state is what ICE and DTLS come to together (webrtc-pc §4.3.3):
 *
 *   new ──> connecting ──> connected <──> disconnected
 *                │              │              │
 *                └──────────────┴──> failed <──┘        closed from anywhere, for good
 *
 * failed is for good too, because there is no ICE restart yet.
 */
#include "peer/private.h"

static const struct rill_trace_point signaling_state = {
    "peer", "signaling_state", "the signaling state changed", 1, {{"state", RILL_TRACE_TEXT}}};
static const struct rill_trace_point connection_state = {
    "peer",
    "connection_state",
    "the connection state changed",
    2,
    {{"state", RILL_TRACE_TEXT}, {"error", RILL_TRACE_I64}}};

const char *rill_peer_signaling_state_name(enum rill_peer_signaling_state s)
{
    static const char *const names[] = {"stable", "have-local-offer", "have-remote-offer",
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

static enum rill_peer_connection_state judge(const struct rill_peer *x)
{
    const struct rill_peer_transport *t = &x->transport;
    enum rill_ice_state ice = rill_ice_state(t->ice);
    enum rill_dtls_state dtls = t->dtls ? rill_dtls_state(t->dtls) : RILL_DTLS_NEW;
    if (t->closing != RILL_PEER_OPEN)
        return RILL_PEER_CLOSED;
    if (x->error || ice == RILL_ICE_FAILED)
        return RILL_PEER_FAILED;
    if (ice == RILL_ICE_DISCONNECTED)
        return RILL_PEER_DISCONNECTED;
    if (ice == RILL_ICE_NEW && dtls == RILL_DTLS_NEW)
        return RILL_PEER_NEW;
    /* The keys are what makes DTLS count as connected (webrtc-pc leaves them out). */
    if ((ice == RILL_ICE_CONNECTED || ice == RILL_ICE_COMPLETED) && t->srtp)
        return RILL_PEER_CONNECTED;
    return RILL_PEER_CONNECTING;
}

void rill_peer_update_state(struct rill_peer *x, int64_t now)
{
    enum rill_peer_connection_state s = judge(x);
    if (s == x->state || x->state == RILL_PEER_CLOSED ||
        (x->state == RILL_PEER_FAILED && s != RILL_PEER_CLOSED))
        return;
    bool was_there = x->state == RILL_PEER_CONNECTED || x->state == RILL_PEER_DISCONNECTED;
    if (s == RILL_PEER_FAILED && !x->error)
        x->error = was_there ? RILL_PEER_CONSENT_LOST : RILL_PEER_ICE_FAILED;
    x->state = s;
    RILL_TRACE(x->config.trace, now, connection_state,
               {.view = rill_view_of(rill_peer_connection_state_name(s))}, {.i = x->error});
    struct rill_peer_note *note = rill_peer_note(x, RILL_PEER_EVENT_CONNECTION_STATE);
    if (note) {
        note->state = (int)s;
        note->error = s == RILL_PEER_FAILED ? x->error : 0;
    }
}
