/* peer/rtcp: RTCP that has come from a validated path. */
#ifndef RILL_PEER_RTCP_H
#define RILL_PEER_RTCP_H

#include "base/bytes.h"

struct rill_peer;
struct rill_peer_component;

int rill_peer_receive_rtcp(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                           struct rill_span datagram);

#endif
