/* repair: what is sent again is a part of what may be sent.
 *
 * The idea: a path that loses a share p of the packets has that much of its rate taken by repairs,
 * or more where they are asked for in advance (rtp/nack_pace.c). The congestion controller counts
 * all that leaves, so the encoder gets what the repairs of the last half second leave over. They
 * take half of the rate at most, and a burst: a path that loses more is full, and more of the same
 * would keep it so.
 */
#include "peer/repair.h"

#include "peer/congestion.h"

#define MOST_SHARE 2 /* 1/2 */
/* A key frame that was lost altogether can be had again. */
#define BURST_BYTES 10000
#define BURST_TIME (100 * RILL_MS)

static int64_t bytes_in(uint64_t bps, int64_t time)
{
    return (int64_t)(bps / 8 / MOST_SHARE) * time / RILL_SECOND;
}

static int64_t left_at(const struct rill_peer_repairs *r, uint64_t bps, int64_t now)
{
    int64_t most = BURST_BYTES + bytes_in(bps, BURST_TIME), since = now - r->at;
    if (!r->started || since > RILL_SECOND)
        return most;
    int64_t left = r->left + bytes_in(bps, since);
    return left < most ? left : most;
}

void rill_peer_repair_goes(struct rill_peer_congestion *c, int64_t now, size_t bytes)
{
    struct rill_peer_repairs *r = &c->repairs;
    r->left = left_at(r, rill_bwe_target(&c->bwe, now), now) - (int64_t)bytes;
    r->at = now;
    r->started = true;
    rill_rate_meter_add(&r->rate, now, (uint32_t)bytes);
}

bool rill_peer_repair_may_go(const struct rill_peer_congestion *c, int64_t now)
{
    return !c->started || left_at(&c->repairs, rill_bwe_target(&c->bwe, now), now) > 0;
}

uint64_t rill_peer_repair_leaves(const struct rill_peer_congestion *c, int64_t now, uint64_t bps)
{
    const struct rill_rate_meter *m = &c->repairs.rate;
    bool lately = now / RILL_RATE_SLICE - m->newest < RILL_RATE_SLICES;
    uint64_t taken = lately ? rill_rate_meter_bps(m) : 0;
    return bps - (taken < bps / MOST_SHARE ? taken : bps / MOST_SHARE);
}
