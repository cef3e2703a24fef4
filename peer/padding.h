/* peer/padding: packets with nothing in them, for bursts that ask what the path carries. */
#ifndef RILL_PEER_PADDING_H
#define RILL_PEER_PADDING_H

#include "base/bytes.h"

struct rill_peer;
struct rill_peer_component;

/* When a burst that asks what a path carries wants a packet, and of which transport. */
int64_t rill_peer_probe_due(const struct rill_peer *x, int64_t now, size_t *transport);
size_t rill_peer_put_padding(struct rill_peer *x, int64_t now, size_t transport,
                             struct rill_peer_component **to, struct rill_span out);

#endif
