/* gcc: both halves together. */
#include "rtp/gcc.h"

/* Deviation: for §5.4 over-use is drift, however short the queue. A page that somebody loads drifts
 * as well, and is through the queue before a call that yielded to it could make it shorter; ten of
 * them keep a call at its least on a path two thirds of which are free. So a queue that is worth a
 * step down is one in which each packet of a feedback has waited, so long at least. */
#define QUEUE_LEAST (30 * RILL_MS)
/* A way so much longer than the fastest is one without a queue. */
#define QUIET (15 * RILL_MS)

void rill_gcc_init(struct rill_gcc *g, int64_t now, uint64_t start_bps,
                   const struct rill_bwe_limits *limits)
{
    *g = (struct rill_gcc){.limits = *limits};
    rill_gcc_arrival_init(&g->arrival);
    rill_gcc_overuse_init(&g->overuse);
    rill_gcc_rate_init(&g->rate, start_bps);
    rill_gcc_loss_init(&g->loss, now, start_bps);
    rill_gcc_drain_init(&g->drain);
}

void rill_gcc_report(struct rill_gcc *g, double ratio)
{
    if (g->rate.started) /* the feedback tells it sooner */
        return;
    rill_gcc_loss_report(&g->loss, ratio, &g->limits);
    g->rate.bps = g->loss.bps;
}

void rill_gcc_feedback(struct rill_gcc *g, int64_t now, int64_t rtt,
                       const struct rill_bwe_packet *packets, size_t n)
{
    enum rill_gcc_signal signal = g->overuse.signal;
    bool over = false;
    int64_t way = RILL_NEVER;
    for (size_t i = 0; i < n; i++) {
        const struct rill_bwe_packet *p = &packets[i];
        double drift;
        int64_t interval;
        unsigned groups;
        /* A burst may be more than a queue takes, and its padding more than a receiver knows. */
        if (!p->probe)
            rill_gcc_loss_packet(&g->loss, p);
        if (p->arrived == RILL_NEVER)
            continue;
        way = rill_earlier(way, p->arrived - p->sent);
        rill_rate_meter_add(&g->received, p->arrived, p->bytes);
        if (!rill_gcc_arrival_packet(&g->arrival, p, &drift, &interval, &groups))
            continue;
        signal = rill_gcc_overuse_judge(&g->overuse, p->arrived, drift, interval, groups);
        over = over || signal == RILL_GCC_OVERUSE;
    }
    if (over)
        signal = RILL_GCC_OVERUSE;
    if (way != RILL_NEVER) {
        g->overuse.shared = g->loss.shared = rill_shared_queue_heard(&g->queue, now, way);
        g->waited = rill_shared_queue_above(&g->queue, way);
        g->rate.has_average &= !g->overuse.shared; /* what others leave is not the capacity */
        if (signal == RILL_GCC_OVERUSE && g->waited < QUEUE_LEAST)
            signal = RILL_GCC_NORMAL;
    }
    rill_gcc_rate_update(&g->rate, now, signal, rill_rate_meter_bps(&g->received), rtt, &g->limits);
    if (way != RILL_NEVER)
        rill_gcc_drain_update(&g->drain, now, g->rate.fell, g->waited, g->overuse.shared);
    rill_gcc_loss_update(&g->loss, now, g->rate.bps, &g->limits);
}

void rill_gcc_remb(struct rill_gcc *g, uint64_t bps)
{
    if (g->rate.started) /* the feedback tells it sooner */
        return;
    rill_gcc_loss_remb(&g->loss, (double)bps, &g->limits);
    g->rate.bps = g->loss.bps;
}

void rill_gcc_probed(struct rill_gcc *g, uint64_t bps, bool all)
{
    double found = (double)rill_bwe_clamp(&g->limits, (double)bps);
    g->rate.bounded |= !all;
    if (g->overuse.signal == RILL_GCC_OVERUSE || found <= (double)rill_gcc_target(g))
        return;
    if (g->rate.bps < found) {
        g->rate.bps = found;
        g->rate.has_average = false; /* what it carried before is another path's */
    }
    if (g->loss.bps < found)
        g->loss.bps = found;
}

bool rill_gcc_is_quiet(const struct rill_gcc *g)
{
    return g->rate.started && g->rate.state != RILL_GCC_DECREASE && g->waited < QUIET;
}

uint64_t rill_gcc_target(const struct rill_gcc *g)
{
    double bps = g->rate.bps < g->loss.bps ? g->rate.bps : g->loss.bps;
    return rill_bwe_clamp(&g->limits, bps * g->drain.share);
}
