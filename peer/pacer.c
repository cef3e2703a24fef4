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

static bool is_ahead(const struct rill_peer_pacer *p)
{
    return p->mean_bps &&
           p->debt > (int64_t)(p->mean_bps / 8) * RILL_PEER_PACER_AHEAD / RILL_SECOND;
}

static void pay(struct rill_peer_pacer *p, int64_t time)
{
    int64_t paid = (int64_t)(p->mean_bps / 8) * (time < RILL_SECOND ? time : RILL_SECOND);
    p->debt -= paid / RILL_SECOND;
    if (p->debt < 0 || p->mean_bps == 0)
        p->debt = 0;
}

bool rill_peer_pacer_may_send(struct rill_peer_pacer *p, int64_t now, size_t queued,
                              uint64_t rate_bps)
{
    int64_t ticks = p->started ? (now - p->tick) / RILL_PEER_PACER_TICK : 1;
    if (ticks > 0) {
        int64_t most = rate_bps ? RILL_PEER_PACER_LATE : 1;
        pay(p, p->started ? now - p->tick : 0);
        p->started = true;
        p->tick = now;
        p->left = (p->left < 0 ? p->left : 0) +
                  (ticks < most ? ticks : most) * allowance(queued, rate_bps);
        /* A queue of any length is sent in bounded time all the same. */
        if (is_ahead(p) && queued < RILL_PEER_PACER_TICKS_RATED && p->left > 0)
            p->left = 0;
    }
    return p->left > 0;
}

void rill_peer_pacer_sent(struct rill_peer_pacer *p, size_t bytes)
{
    p->left -= (int64_t)bytes;
    rill_peer_pacer_passed(p, bytes);
}

/* Against the highest of this second and the one before. */
static bool has_fallen(struct rill_peer_pacer *p, int64_t now, uint64_t bps)
{
    if (now - p->second >= RILL_SECOND) {
        p->earlier = now - p->second < 2 * RILL_SECOND ? p->highest : 0;
        p->highest = bps;
        p->second = now;
    }
    p->highest = bps > p->highest ? bps : p->highest;
    uint64_t before = p->highest > p->earlier ? p->highest : p->earlier;
    return bps < before / 100 * RILL_PEER_PACER_FELL;
}

void rill_peer_pacer_mean(struct rill_peer_pacer *p, int64_t now, uint64_t bps)
{
    if (has_fallen(p, now, bps)) {
        p->strict_until = now + RILL_PEER_PACER_STRICT;
        p->highest = p->earlier = bps;
    }
    p->mean_bps = now < p->strict_until ? bps : bps / 100 * RILL_PEER_PACER_MEAN;
}

void rill_peer_pacer_passed(struct rill_peer_pacer *p, size_t bytes)
{
    p->debt += p->mean_bps ? (int64_t)bytes : 0;
}

int64_t rill_peer_pacer_deadline(const struct rill_peer_pacer *p)
{
    return p->started && p->left <= 0 ? p->tick + RILL_PEER_PACER_TICK : p->tick;
}
