/* pacer: a number of bytes a tick. */
#include "peer/pacer.h"

/* Bytes a tick. */
static int64_t allowance(size_t queued, uint64_t rate_bps)
{
    size_t ticks = rate_bps ? RILL_PEER_PACER_TICKS_RATED : RILL_PEER_PACER_TICKS;
    int64_t even = (int64_t)((queued + ticks - 1) / ticks * RILL_PEER_PACER_PACKET);
    int64_t rated = (int64_t)(rate_bps / 8 * 2 * RILL_PEER_PACER_TICK / RILL_SECOND);
    int64_t least = rate_bps ? rated : RILL_PEER_PACER_BURST * RILL_PEER_PACER_PACKET;
    /* With a rate a short queue may wait: the path is what is short. */
    if (rate_bps && queued < ticks)
        even = 0;
    return even > least ? even : least;
}

bool rill_peer_pacer_may_send(struct rill_peer_pacer *p, int64_t now, size_t queued,
                              uint64_t rate_bps)
{
    int64_t ticks = p->started ? (now - p->tick) / RILL_PEER_PACER_TICK : 1;
    if (ticks > 0) {
        int64_t most = rate_bps ? RILL_PEER_PACER_LATE : 1;
        p->started = true;
        p->tick = now;
        p->left = (p->left < 0 ? p->left : 0) +
                  (ticks < most ? ticks : most) * allowance(queued, rate_bps);
    }
    return p->left > 0;
}

void rill_peer_pacer_sent(struct rill_peer_pacer *p, size_t bytes)
{
    p->left -= (int64_t)bytes;
}

int64_t rill_peer_pacer_deadline(const struct rill_peer_pacer *p)
{
    return p->started && p->left <= 0 ? p->tick + RILL_PEER_PACER_TICK : p->tick;
}
