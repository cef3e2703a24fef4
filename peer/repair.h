/* peer/repair: what is sent again is a part of what may be sent (see repair.c). */
#ifndef RILL_PEER_REPAIR_H
#define RILL_PEER_REPAIR_H

#include "rtp/rate_meter.h"

#include <stdbool.h>

struct rill_peer_congestion;

/* Packets that went out again. */
struct rill_peer_repairs {
    struct rill_rate_meter rate;
    bool started;
    int64_t left, at; /* bytes that could still go, at this time */
};

/* So many bytes are to go out again; may more; and what of a rate they leave for what is new. */
void rill_peer_repair_goes(struct rill_peer_congestion *c, int64_t now, size_t bytes);
bool rill_peer_repair_may_go(const struct rill_peer_congestion *c, int64_t now);
uint64_t rill_peer_repair_leaves(const struct rill_peer_congestion *c, int64_t now, uint64_t bps);

#endif
