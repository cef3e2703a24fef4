/* bwe: the verbs, handed to the controller that was chosen. */
#include "rtp/bwe.h"

#define MIN_DEFAULT 30000
#define START_DEFAULT 300000
#define MAX_DEFAULT 10000000
#define REMB_LASTS (10 * RILL_SECOND)

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
}

void rill_bwe_feedback(struct rill_bwe *x, int64_t now, int64_t rtt,
                       const struct rill_bwe_packet *packets, size_t n)
{
    if (x->algorithm == RILL_BWE_NADA)
        rill_nada_feedback(&x->as.nada, now, rtt, packets, n);
    else
        rill_gcc_feedback(&x->as.gcc, now, rtt, packets, n);
}

/* draft-ietf-rmcat-gcc-02 §7: without transport-wide feedback the loss-based half works alone.
 * NADA has no such half; it then stays where it is. */
void rill_bwe_report(struct rill_bwe *x, uint8_t fraction)
{
    if (x->algorithm == RILL_BWE_GCC)
        rill_gcc_report(&x->as.gcc, fraction / 256.0);
}

void rill_bwe_remb(struct rill_bwe *x, int64_t now, uint64_t bps)
{
    x->remb_bps = bps;
    x->remb_at = now;
}

uint64_t rill_bwe_target(const struct rill_bwe *x, int64_t now)
{
    uint64_t own =
        x->algorithm == RILL_BWE_NADA ? rill_nada_target(&x->as.nada) : rill_gcc_target(&x->as.gcc);
    bool holds = x->remb_bps > 0 && now - x->remb_at < REMB_LASTS;
    return holds && x->remb_bps < own ? rill_bwe_clamp(&x->limits, (double)x->remb_bps) : own;
}
