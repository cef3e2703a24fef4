/* peer/receive: RTP that has come from a validated path. */
#ifndef RILL_PEER_RECEIVE_H
#define RILL_PEER_RECEIVE_H

#include "base/bytes.h"

struct rill_peer;
struct rill_peer_component;
struct rill_peer_line;
struct rill_sdp_agreed;
struct rill_sdp_events;

int rill_peer_receive_rtp(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                          struct rill_span datagram);
/* The telephone events that have this number, or NULL. */
const struct rill_sdp_events *rill_peer_events_of(const struct rill_sdp_agreed *a, uint8_t pt);
/* SDES says that this is the SSRC of an encoding. */
void rill_peer_receive_named(struct rill_peer *x, uint32_t ssrc, struct rill_view mid,
                             struct rill_view rid);
/* When a gap of any stream is given up. */
int64_t rill_peer_receive_deadline(const struct rill_peer *x);
/* The streams that were received have ended for us. */
void rill_peer_receive_stop(struct rill_peer_line *l);

#endif
