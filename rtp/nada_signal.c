/* nada_signal: from packets to the aggregate congestion signal (RFC 8698 §4.2, §5.1). */
#include "rtp/nada.h"

#define QTH (50 * RILL_MS)
#define QEPS (10 * RILL_MS)
#define FILTER 15
#define DFILT (120 * RILL_MS)
#define LAMBDA 0.5
#define DLOSS 10.0 /* ms */
#define PLRREF 0.01
#define ALPHA 0.1
/* Deviation: §5.3 lets x_curr be 3.27 s. A share of 18 % lost is as much, and the rate, which goes
 * by the difference of two signals (7), then rises e^6.5-fold as that passes: into the full queue
 * again, and so for ever. The implementation for ns-3 that §7 names ends at this. */
#define XMAX 500.0 /* ms */
/* §5.1.1: the base is the least "over a relatively long period (e.g., tens of minutes)". */
#define BASE_PERIOD (600 * RILL_SECOND)
#define MILLISECOND 1000.0
/* So long no path takes: the clock jumped, or somebody lies about it. */
#define ABSURD (3 * RILL_SECOND)

/* --- delay -------------------------------------------------------------------------------- */

static void update_base(struct rill_nada *x, int64_t now, int64_t d_fwd)
{
    int64_t apart = d_fwd > x->d_base ? d_fwd - x->d_base : x->d_base - d_fwd;
    if (x->has_base && apart > ABSURD) {
        x->has_base = false;
        x->n_filter = 0;
    }
    if (!x->has_base || d_fwd < x->d_base)
        x->d_base = d_fwd;
    if (!x->has_base || d_fwd < x->next_base)
        x->next_base = d_fwd;
    if (!x->has_base)
        x->base_since = now;
    x->has_base = true;
    if (now - x->base_since < BASE_PERIOD)
        return;
    x->d_base = x->next_base;
    x->next_base = d_fwd;
    x->base_since = now;
}

/* §5.1.1's 15 samples; where they come faster, those of as much time as ramping up allows for
 * (DFILT): else 15 packets would be one picture, and its own length would look like a queue. */
static int64_t least_of_filter(struct rill_nada *x, int64_t sent, int64_t queued)
{
    unsigned newest = x->n_filter++;
    x->filter[newest % RILL_NADA_SAMPLES] = (struct rill_nada_sample){sent, queued};
    unsigned n = x->n_filter < RILL_NADA_SAMPLES ? x->n_filter : RILL_NADA_SAMPLES;
    int64_t least = queued;
    for (unsigned i = 0; i < n; i++) {
        const struct rill_nada_sample *s = &x->filter[(newest - i) % RILL_NADA_SAMPLES];
        if (i >= FILTER && sent - s->sent > DFILT)
            break;
        least = rill_earlier(least, s->queued);
    }
    return least;
}

void rill_nada_packet(struct rill_nada *x, int64_t rtt, const struct rill_bwe_packet *p)
{
    /* A burst may be more than a queue takes, and its padding more than a receiver knows. */
    if (!p->probe || p->arrived != RILL_NEVER)
        rill_nada_count(x, rtt, p);
    if (p->arrived == RILL_NEVER)
        return;
    update_base(x, p->sent, p->arrived - p->sent);
    int64_t queued = p->arrived - p->sent - x->d_base;
    x->d_queue = least_of_filter(x, p->sent, queued);
    struct rill_nada_slice *s = rill_nada_slice_at(x, p->sent);
    s->most_queued = x->d_queue > s->most_queued ? x->d_queue : s->most_queued;
    rill_rate_meter_add(&x->received, p->arrived, p->bytes);
}

/* --- the signal --------------------------------------------------------------------------- */

/* exp(-v) for v >= 0, as 1 / (1 + v/256)^256. */
static double exp_of_minus(double v)
{
    double base = 1 + v / 256;
    for (int i = 0; i < 8; i++)
        base *= base;
    return 1 / base;
}

/* Equation (1). */
static double warped(int64_t d_queue)
{
    if (d_queue < QTH)
        return (double)d_queue / MILLISECOND;
    double over = (double)(d_queue - QTH) / (double)QTH;
    return (double)QTH / MILLISECOND * exp_of_minus(LAMBDA * over);
}

/* The queue's delay, warped as far as losses count. */
static double d_tilde(const struct rill_nada *x)
{
    double share = rill_nada_share_warped(x);
    return share * warped(x->d_queue) + (1 - share) * (double)x->d_queue / MILLISECOND;
}

double rill_nada_congestion(struct rill_nada *x)
{
    x->p_loss = ALPHA * rill_nada_ratio_lost(x) + (1 - ALPHA) * x->p_loss; /* equation (10) */
    double relative = x->p_loss / PLRREF;
    double x_curr = d_tilde(x) + DLOSS * relative * relative; /* equation (2) without marking */
    return x_curr < XMAX ? x_curr : XMAX;
}

bool rill_nada_may_ramp_up(const struct rill_nada *x)
{
    for (size_t i = 0; i < RILL_NADA_SLICES; i++)
        if (x->slices[i].lost || x->slices[i].most_queued >= QEPS)
            return false;
    return true;
}
