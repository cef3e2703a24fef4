/* gcc: both halves together, and the loss-based one (draft-ietf-rmcat-gcc-02 §6). */
#include "rtp/gcc.h"

#define LOSS_LITTLE 0.02
#define LOSS_MUCH 0.10
/* §6 has a step at each report; feedback every 50 ms would make of that 1.05^20 a second. */
#define LOSS_EVERY (200 * RILL_MS)
/* Fewer packets tell nothing of a ratio. */
#define LOSS_PACKETS 20

void rill_gcc_init(struct rill_gcc *g, int64_t now, uint64_t start_bps,
                   const struct rill_bwe_limits *limits)
{
    *g = (struct rill_gcc){.limits = *limits, .loss_bps = (double)start_bps, .loss_judged = now};
    rill_gcc_arrival_init(&g->arrival);
    rill_gcc_overuse_init(&g->overuse);
    rill_gcc_rate_init(&g->rate, start_bps);
}

static void judge_loss(struct rill_gcc *g, int64_t now, double ratio)
{
    if (ratio > LOSS_MUCH)
        g->loss_bps *= 1 - 0.5 * ratio;
    else if (ratio < LOSS_LITTLE)
        g->loss_bps *= 1.05;
    g->loss_bps = (double)rill_bwe_clamp(&g->limits, g->loss_bps);
    g->loss_judged = now;
    g->lost = g->seen = 0;
}

void rill_gcc_report(struct rill_gcc *g, int64_t now, double ratio)
{
    if (g->rate.started) /* the feedback tells it sooner */
        return;
    judge_loss(g, now, ratio);
    g->rate.bps = g->loss_bps;
}

static void count_losses(struct rill_gcc *g, int64_t now)
{
    if (g->seen < LOSS_PACKETS || now - g->loss_judged < LOSS_EVERY)
        return;
    judge_loss(g, now, (double)g->lost / g->seen);
    /* Above what the delay allows it means nothing, and would be slow to come down. */
    double most = 1.5 * g->rate.bps;
    if (g->loss_bps > most)
        g->loss_bps = most;
}

void rill_gcc_feedback(struct rill_gcc *g, int64_t now, int64_t rtt,
                       const struct rill_bwe_packet *packets, size_t n)
{
    enum rill_gcc_signal signal = g->overuse.signal;
    bool over = false;
    for (size_t i = 0; i < n; i++) {
        const struct rill_bwe_packet *p = &packets[i];
        double drift;
        int64_t interval;
        unsigned groups;
        g->seen++;
        g->lost += p->arrived == RILL_NEVER;
        if (p->arrived == RILL_NEVER)
            continue;
        rill_rate_meter_add(&g->received, p->arrived, p->bytes);
        if (!rill_gcc_arrival_packet(&g->arrival, p, &drift, &interval, &groups))
            continue;
        signal = rill_gcc_overuse_judge(&g->overuse, p->arrived, drift, interval, groups);
        over = over || signal == RILL_GCC_OVERUSE;
    }
    if (over)
        signal = RILL_GCC_OVERUSE;
    rill_gcc_rate_update(&g->rate, now, signal, rill_rate_meter_bps(&g->received), rtt, &g->limits);
    count_losses(g, now);
}

uint64_t rill_gcc_target(const struct rill_gcc *g)
{
    double bps = g->rate.bps < g->loss_bps ? g->rate.bps : g->loss_bps;
    return rill_bwe_clamp(&g->limits, bps);
}
