/* negotiation: has an offer something to say? (webrtc-pc §4.7.3, RFC 9429 §4.1.1)
 *
 * The idea: what is wanted is compared with what the current descriptions say; the event is fired
 * once, when the answer becomes yes, and only in stable. The flag falls when an exchange ends.
 */
#include "peer/negotiation.h"

#include "peer/connection.h"
#include "peer/events.h"
#include "peer/transceivers.h"

static enum rill_sdp_direction both(enum rill_sdp_direction wanted, enum rill_sdp_direction allowed)
{
    bool send = rill_sdp_sends(wanted) && rill_sdp_sends(allowed);
    bool receive = rill_sdp_receives(wanted) && rill_sdp_receives(allowed);
    if (send)
        return receive ? RILL_SDP_SENDRECV : RILL_SDP_SENDONLY;
    return receive ? RILL_SDP_RECVONLY : RILL_SDP_INACTIVE;
}

static bool is_told(const struct rill_peer *x, const struct rill_peer_transceiver *t)
{
    const struct rill_sdp *local = x->jsep.current_local->sdp;
    const struct rill_sdp *remote = x->jsep.current_remote->sdp;
    if (!local || t->mline < 0 || (size_t)t->mline >= local->n_media)
        return false;
    const struct rill_sdp_media *ours = &local->media[t->mline];
    enum rill_sdp_direction theirs = rill_sdp_direction_reversed(remote->media[t->mline].direction);
    /* "If transceiver.[[Direction]] is "sendrecv" or "sendonly", and the associated m= section …
     * doesn't contain a single a=msid line" */
    if (rill_sdp_sends(t->direction) && ours->n_msids == 0)
        return false;
    /* "in neither [description] matches transceiver.[[Direction]]" */
    if (x->jsep.local_is_offer)
        return ours->direction == t->direction || theirs == t->direction;
    return ours->direction == both(t->direction, theirs);
}

static bool is_needed(const struct rill_peer *x)
{
    if (x->jsep.restart_wanted)
        return true;
    for (size_t i = 0; i < x->n_tracks; i++) {
        const struct rill_peer_transceiver *t = &x->transceivers[i];
        if (t->used && (t->stopping || !is_told(x, t)))
            return true;
    }
    return false;
}

void rill_peer_check_negotiation(struct rill_peer *x)
{
    if (x->jsep.state != RILL_PEER_STABLE)
        return;
    bool needed = is_needed(x);
    if (needed && !x->jsep.negotiation_needed)
        rill_peer_note(x, RILL_PEER_EVENT_NEGOTIATION_NEEDED);
    x->jsep.negotiation_needed = needed;
}

bool rill_peer_negotiation_needed(const struct rill_peer *x)
{
    return x->jsep.negotiation_needed;
}
