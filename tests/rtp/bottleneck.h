/* bottleneck: flows of paced packets through one link that is narrower than what they may want.
 *
 * The idea: a link with a rate, a queue that drops what would wait longer than its length, a
 * delay and random loss; each flow sends packets of 1,200 bytes, evenly, at its controller's
 * target, and hears every 50 ms what became of those whose fate was known a moment before. All in
 * virtual time, all chance from one seed.
 */
#ifndef RILL_TEST_RTP_BOTTLENECK_H
#define RILL_TEST_RTP_BOTTLENECK_H

#include "base/rng.h"
#include "rtp/bwe.h"
#include "tests/rill_test.h"

#include <stdlib.h>
#include <string.h>

#define FLOWS 4
#define PACKET 1200
#define PADDING 300
#define IN_FLIGHT 8192
#define SAMPLES 200000
#define STEP RILL_MS
#define FEEDBACK (50 * RILL_MS)

struct flow {
    struct rill_bwe bwe;
    int64_t from, until; /* when it sends */
    int64_t next;        /* packet */
    int64_t next_feedback;
    uint64_t app_bps; /* the most its source gives; 0: all it may */
    bool pads;        /* it sends what probes ask for, in packets of PADDING bytes */
    size_t padding;   /* packets */
    struct rill_bwe_packet packets[IN_FLIGHT];
    int64_t known[IN_FLIGHT]; /* when the receiver knows what became of it */
    size_t head, n;
    uint64_t delivered_bytes, sent, lost;
};

struct bottleneck {
    uint64_t bps;
    int64_t delay; /* one way, µs */
    int64_t queue; /* the longest, µs */
    double loss;
    double run; /* packets that are lost one after another, in the mean; 0: one */
    bool losing;
    int64_t busy_until;
    struct flow flows[FLOWS];
    size_t n_flows;
    struct rill_rng_seeded seeded;
    struct rill_rng rng;
    int64_t now;
    /* Queueing delays of what arrived, since measuring began. */
    int64_t *delays;
    size_t n_delays;
};

static inline struct bottleneck *bottleneck_new(uint64_t bps, int64_t rtt)
{
    struct bottleneck *b = calloc(1, sizeof *b);
    b->bps = bps;
    b->delay = rtt / 2;
    b->queue = 300 * RILL_MS;
    rill_rng_seeded_init(&b->seeded, 7);
    b->rng = rill_rng_seeded(&b->seeded);
    b->delays = calloc(SAMPLES, sizeof *b->delays);
    b->now = RILL_SECOND;
    return b;
}

static inline void bottleneck_free(struct bottleneck *b)
{
    free(b->delays);
    free(b);
}

static inline struct flow *bottleneck_flow(struct bottleneck *b, enum rill_bwe_algorithm a,
                                           uint64_t max_bps)
{
    struct flow *f = &b->flows[b->n_flows++];
    struct rill_bwe_config c = {.algorithm = a, .max_bps = max_bps};
    rill_bwe_init(&f->bwe, b->now, &c);
    f->from = f->next = b->now;
    f->until = RILL_NEVER;
    return f;
}

static inline double chance(struct bottleneck *b)
{
    return rill_rng_u32(&b->rng) / 4294967296.0;
}

/* Gilbert's, where losses come in runs. */
static inline bool loses(struct bottleneck *b)
{
    if (b->run <= 1)
        return chance(b) < b->loss;
    double begins = b->loss / (1 - b->loss) / b->run;
    b->losing = chance(b) < (b->losing ? 1 - 1 / b->run : begins);
    return b->losing;
}

static inline void send_one(struct bottleneck *b, struct flow *f, int64_t at, uint32_t bytes,
                            bool probes)
{
    size_t i = (f->head + f->n++) % IN_FLIGHT;
    assert_true(f->n < IN_FLIGHT);
    int64_t starts = b->busy_until > at ? b->busy_until : at;
    int64_t takes = (int64_t)bytes * 8 * RILL_SECOND / (int64_t)b->bps;
    bool dropped = starts + takes - at > b->queue || loses(b);
    f->sent++;
    f->packets[i] = (struct rill_bwe_packet){.sent = at,
                                             .arrived = RILL_NEVER,
                                             .bytes = bytes,
                                             .probe = rill_bwe_sent(&f->bwe, at, bytes, probes)};
    f->known[i] = starts + takes + b->delay + 20 * RILL_MS;
    f->lost += dropped;
    if (starts + takes - at <= b->queue)
        b->busy_until = starts + takes;
    if (dropped)
        return;
    f->packets[i].arrived = starts + takes + b->delay;
    f->known[i] = f->packets[i].arrived;
    f->delivered_bytes += bytes;
    if (b->n_delays < SAMPLES)
        b->delays[b->n_delays++] = starts + takes - at;
}

static inline void feed(struct bottleneck *b, struct flow *f)
{
    static struct rill_bwe_packet told[IN_FLIGHT];
    size_t n = 0;
    while (f->n && f->known[f->head] + b->delay <= b->now) {
        told[n++] = f->packets[f->head];
        f->head = (f->head + 1) % IN_FLIGHT;
        f->n--;
    }
    if (n)
        rill_bwe_feedback(&f->bwe, b->now, 2 * b->delay, told, n);
}

/* A pacer's work: packets leave every 5 ms, as many as the rate has earned. */
static inline void pace(struct bottleneck *b, struct flow *f)
{
    uint64_t bps = rill_bwe_target(&f->bwe, b->now);
    if (f->app_bps && f->app_bps < bps)
        bps = f->app_bps;
    while (f->next <= b->now) {
        send_one(b, f, b->now, PACKET, false);
        f->next += (int64_t)PACKET * 8 * RILL_SECOND / (int64_t)bps;
    }
}

static inline void bottleneck_run(struct bottleneck *b, int64_t duration)
{
    for (int64_t until = b->now + duration; b->now < until; b->now += STEP)
        for (size_t i = 0; i < b->n_flows; i++) {
            struct flow *f = &b->flows[i];
            bool on = b->now >= f->from && b->now < f->until;
            for (; on && f->pads && rill_bwe_probe_due(&f->bwe, b->now) <= b->now; f->padding++)
                send_one(b, f, b->now, PADDING, true);
            if (on && b->now % (5 * RILL_MS) == 0)
                pace(b, f);
            if (b->now >= f->next_feedback) {
                f->next_feedback = b->now + FEEDBACK;
                feed(b, f);
            }
        }
}

/* Figures begin anew. */
static inline void bottleneck_measure(struct bottleneck *b)
{
    b->n_delays = 0;
    for (size_t i = 0; i < b->n_flows; i++)
        b->flows[i].delivered_bytes = b->flows[i].sent = b->flows[i].lost = 0;
}

static inline int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static inline int64_t bottleneck_delay(struct bottleneck *b, unsigned percent)
{
    assert_true(b->n_delays > 0);
    qsort(b->delays, b->n_delays, sizeof *b->delays, by_size);
    return b->delays[(b->n_delays - 1) * percent / 100];
}

static inline double flow_bps(const struct flow *f, int64_t duration)
{
    return (double)f->delivered_bytes * 8 * (double)RILL_SECOND / (double)duration;
}

#endif
