/* nada_signal: from packets to the aggregate congestion signal (RFC 8698 §4.2, §5.1). */
#include "rtp/nada.h"

#define SLICE (50 * RILL_MS)
#define QTH (50 * RILL_MS)
#define QEPS (10 * RILL_MS)
#define LAMBDA 0.5
#define DLOSS 10.0 /* ms */
#define PLRREF 0.01
#define ALPHA 0.1
#define MULTILOSS 7.0
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

static int64_t least_of_filter(struct rill_nada *x, int64_t queued)
{
    x->filter[x->n_filter++ % RILL_NADA_FILTER] = queued;
    unsigned n = x->n_filter < RILL_NADA_FILTER ? x->n_filter : RILL_NADA_FILTER;
    int64_t least = queued;
    for (unsigned i = 0; i < n; i++)
        least = rill_earlier(least, x->filter[i]);
    return least;
}

/* --- loss --------------------------------------------------------------------------------- */

static struct rill_nada_slice *slice_at(struct rill_nada *x, int64_t at)
{
    int64_t slice = at / SLICE;
    if (slice - x->slice > RILL_NADA_SLICES)
        x->slice = slice - RILL_NADA_SLICES;
    while (x->slice < slice)
        x->slices[++x->slice % RILL_NADA_SLICES] = (struct rill_nada_slice){0};
    return &x->slices[x->slice % RILL_NADA_SLICES];
}

/* RFC 5348 §5.2: what is lost within a round trip of the first is one loss event. */
static void count_interval(struct rill_nada *x, int64_t at, int64_t rtt, bool lost)
{
    x->intervals[0]++;
    if (!lost || (x->n_intervals && at - x->loss_event < rtt))
        return;
    x->loss_event = at;
    for (unsigned i = RILL_NADA_INTERVALS - 1; i > 0; i--)
        x->intervals[i] = x->intervals[i - 1];
    x->intervals[0] = 0;
    x->n_intervals += x->n_intervals < RILL_NADA_INTERVALS - 1;
}

/* RFC 5348 §5.4: I_mean, in packets; 0 before the first loss. */
static double mean_interval(const struct rill_nada *x)
{
    static const double weights[] = {1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2};
    double with_current = 0, without = 0, total = 0;
    for (unsigned i = 0; i < x->n_intervals; i++) {
        with_current += (double)x->intervals[i] * weights[i];
        without += (double)x->intervals[i + 1] * weights[i];
        total += weights[i];
    }
    double most = with_current > without ? with_current : without;
    return total > 0 ? most / total : 0;
}

void rill_nada_packet(struct rill_nada *x, int64_t rtt, const struct rill_bwe_packet *p)
{
    bool lost = p->arrived == RILL_NEVER;
    struct rill_nada_slice *s = slice_at(x, p->sent);
    /* A burst may be more than a queue takes, and its padding more than a receiver knows. */
    if (p->probe && lost)
        return;
    s->seen++;
    s->lost += lost;
    count_interval(x, p->sent, rtt, lost);
    if (lost)
        return;
    update_base(x, p->sent, p->arrived - p->sent);
    int64_t queued = p->arrived - p->sent - x->d_base;
    x->d_queue = least_of_filter(x, queued);
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

/* The queue's delay, warped while the last loss counts, and on the way back after it. */
static double d_tilde(const struct rill_nada *x)
{
    double plain = (double)x->d_queue / MILLISECOND;
    double loss_int = mean_interval(x);
    double since = (double)x->intervals[0] - MULTILOSS * loss_int;
    if (loss_int <= 0 || since >= loss_int)
        return plain;
    double share = since <= 0 ? 0 : since / loss_int;
    return share * plain + (1 - share) * warped(x->d_queue);
}

static double ratio_lost(const struct rill_nada *x)
{
    uint32_t lost = 0, seen = 0;
    for (size_t i = 0; i < RILL_NADA_SLICES; i++) {
        lost += x->slices[i].lost;
        seen += x->slices[i].seen;
    }
    return seen ? (double)lost / seen : 0;
}

double rill_nada_congestion(struct rill_nada *x)
{
    x->p_loss = ALPHA * ratio_lost(x) + (1 - ALPHA) * x->p_loss; /* equation (10) */
    double relative = x->p_loss / PLRREF;
    return d_tilde(x) + DLOSS * relative * relative; /* equation (2) without marking */
}

bool rill_nada_may_ramp_up(const struct rill_nada *x)
{
    for (size_t i = 0; i < RILL_NADA_SLICES; i++)
        if (x->slices[i].lost || x->slices[i].most_queued >= QEPS)
            return false;
    return true;
}
