/* bwe: the verbs, handed to the controller that was chosen. */
#include "rtp/bwe.h"

#define MIN_DEFAULT 30000
#define START_DEFAULT 300000
#define MAX_DEFAULT 10000000
#define REMB_LASTS (10 * RILL_SECOND)
/* Pictures behind a key frame are short for a while, and when the target rises they come late: a
 * source is the limit when it has given little for longer than that. NADA may be told sooner. */
#define LITTLE_FOR RILL_SECOND

void rill_bwe_init(struct rill_bwe *x, int64_t now, const struct rill_bwe_config *c)
{
    uint64_t start = c->start_bps ? c->start_bps : START_DEFAULT;
    *x = (struct rill_bwe){.algorithm = c->algorithm};
    x->limits.min_bps = c->min_bps ? c->min_bps : MIN_DEFAULT;
    x->limits.max_bps = c->max_bps ? c->max_bps : MAX_DEFAULT;
    if (x->algorithm == RILL_BWE_NADA)
        rill_nada_init(&x->as.nada, now, start, &x->limits);
    else
        rill_gcc_init(&x->as.gcc, now, start, &x->limits);
    rill_bwe_seek_init(&x->seek, now, start, c->most_bps ? c->most_bps : x->limits.max_bps);
    x->seek.little_for = x->algorithm == RILL_BWE_GCC ? LITTLE_FOR : 0;
}

static uint64_t own_target(const struct rill_bwe *x)
{
    return x->algorithm == RILL_BWE_NADA ? rill_nada_target(&x->as.nada)
                                         : rill_gcc_target(&x->as.gcc);
}

void rill_bwe_set_most(struct rill_bwe *x, uint64_t most_bps)
{
    x->seek.most_bps = most_bps ? most_bps : x->limits.max_bps;
}

uint8_t rill_bwe_sent(struct rill_bwe *x, int64_t now, size_t bytes, bool probes)
{
    rill_bwe_seek_sent(&x->seek, now, bytes, own_target(x));
    bool part = probes || rill_probe_is_leaving(&x->seek.probe);
    return part ? rill_probe_sent(&x->seek.probe, now, bytes) : 0;
}

int64_t rill_bwe_probe_due(const struct rill_bwe *x, int64_t now)
{
    return rill_probe_due(&x->seek.probe, now);
}

/* What a cluster has found counts when it is more. */
static void take_probes(struct rill_bwe *x, int64_t now, const struct rill_bwe_packet *packets,
                        size_t n)
{
    struct rill_probe_found found;
    if (rill_probe_feedback(&x->seek.probe, now, packets, n, &found) &&
        rill_bwe_seek_believes(&x->seek, now, &found, own_target(x))) {
        if (x->algorithm == RILL_BWE_NADA)
            rill_nada_probed(&x->as.nada, found.bps);
        else
            rill_gcc_probed(&x->as.gcc, found.bps, found.all);
        rill_bwe_seek_found(&x->seek, now, &found, own_target(x));
    }
    bool quiet = x->algorithm == RILL_BWE_GCC && rill_gcc_is_quiet(&x->as.gcc);
    rill_bwe_seek_update(&x->seek, now, own_target(x), quiet);
}

void rill_bwe_feedback(struct rill_bwe *x, int64_t now, int64_t rtt,
                       const struct rill_bwe_packet *packets, size_t n)
{
    if (x->algorithm == RILL_BWE_NADA)
        rill_nada_feedback(&x->as.nada, now, rtt, packets, n);
    else
        rill_gcc_feedback(&x->as.gcc, now, rtt, packets, n);
    take_probes(x, now, packets, n);
}

/* draft-ietf-rmcat-gcc-02 §7: without transport-wide feedback the loss-based half works alone.
 * NADA has no such half; it then stays where it is. */
void rill_bwe_report(struct rill_bwe *x, uint8_t fraction)
{
    if (x->algorithm == RILL_BWE_GCC)
        rill_gcc_report(&x->as.gcc, fraction / 256.0);
}

void rill_bwe_remb(struct rill_bwe *x, int64_t now, uint64_t bps, bool alone)
{
    if (alone && x->algorithm == RILL_BWE_NADA)
        x->as.nada.r_ref = (double)rill_bwe_clamp(&x->limits, (double)bps);
    else if (alone)
        rill_gcc_remb(&x->as.gcc, bps);
    x->remb_bps = bps;
    x->remb_at = now;
}

static bool is_bound_by_remb(const struct rill_bwe *x, int64_t now)
{
    bool holds = x->remb_bps > 0 && now - x->remb_at < REMB_LASTS;
    return holds && x->remb_bps < own_target(x);
}

uint64_t rill_bwe_target(const struct rill_bwe *x, int64_t now)
{
    return is_bound_by_remb(x, now) ? rill_bwe_clamp(&x->limits, (double)x->remb_bps)
                                    : own_target(x);
}

const char *rill_bwe_reason(const struct rill_bwe *x, int64_t now)
{
    const struct rill_gcc *g = &x->as.gcc;
    if (is_bound_by_remb(x, now))
        return "the receiver says that it is no more (REMB)";
    if (x->algorithm == RILL_BWE_NADA)
        return rill_nada_may_ramp_up(&x->as.nada) ? "there is no queue and no loss: it may rise"
                                                  : "queue and loss, as one signal, set it";
    if (g->loss.bps < g->rate.bps)
        return "packets are lost";
    switch (g->rate.state) {
    case RILL_GCC_DECREASE:
        return "a queue grows: packets come later and later";
    case RILL_GCC_HOLD:
        return "a queue drains: it waits";
    case RILL_GCC_INCREASE:
        break;
    }
    return "no queue is seen: it may rise";
}
