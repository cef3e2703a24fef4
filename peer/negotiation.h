/* peer/negotiation: has an offer something to say? (webrtc-pc §4.7.3) */
#ifndef RILL_PEER_NEGOTIATION_H
#define RILL_PEER_NEGOTIATION_H

struct rill_peer;

/* To be called where either may have changed; the event is noted. */
void rill_peer_check_negotiation(struct rill_peer *x);

#endif
