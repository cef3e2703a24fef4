/* peer/receive: RTP that has come from a validated path. */
#ifndef RILL_PEER_RECEIVE_H
#define RILL_PEER_RECEIVE_H

#include "base/bytes.h"

struct rill_peer;
struct rill_peer_component;
struct rill_peer_line;

int rill_peer_receive_rtp(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                          struct rill_span datagram);
/* When a gap of any stream is given up. */
int64_t rill_peer_receive_deadline(const struct rill_peer *x);
/* The streams that were received have ended for us. */
void rill_peer_receive_stop(struct rill_peer_line *l);

#endif
