/* peer/states: the signaling state, the connection state and what they come from. */
#ifndef RILL_PEER_STATES_H
#define RILL_PEER_STATES_H

#include "peer/peer.h"

void rill_peer_set_signaling(struct rill_peer *x, int64_t now, enum rill_peer_signaling_state s);
void rill_peer_update_state(struct rill_peer *x, int64_t now);
void rill_peer_update_ice_state(struct rill_peer *x);
void rill_peer_update_gathering(struct rill_peer *x);

#endif
