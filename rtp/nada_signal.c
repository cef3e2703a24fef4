/* nada_signal: from packets to the aggregate congestion signal (RFC 8698 §4.2, §5.1). */
#include "rtp/nada.h"

#define QTH (50 * RILL_MS)
/* §4.2: "a higher value of QTH is required in a noisier environment", and §6.3 lets it go by what
 * was observed.
 *
 * Deviation: a queue that is known to be filled by others says nothing about our rate, and with one
 * threshold (1) says most about it, 50 ms, whenever theirs passes there: for that alone a flow had
 * a quarter of CUBIC's rate. What others fill is warped from twice XREF on. Where nobody has
 * filled it of late, a queue of 50 ms is our own, as after ramping up, and to warp it because of
 * one loss half a minute ago would let it grow until it overflows: it counts up to 100 ms. */
#define QTH_SHARED (20 * RILL_MS)
#define QTH_ALONE (100 * RILL_MS)
#define LATELY (60 * RILL_SECOND)
#define QEPS (10 * RILL_MS)
#define FILTER 15
#define DFILT (120 * RILL_MS)
#define LAMBDA 0.5
#define DLOSS 10.0 /* ms */
#define PLRREF 0.01
/* Extension: §6.3 encourages to tune what a loss counts. What the path was found to lose by itself
 * (nada_path_loss.c) comes of no queue, and so is no delay that yielding would shorten: 1 % by the
 * letter would have a radio link that loses 5 % used for a sixth. Its reference is ten times
 * PLRREF, and what exceeds it counts by the letter. */
#define PLROWN 0.10
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
    s->least_queued = rill_earlier(s->least_queued, queued);
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
static double warped(int64_t d_queue, int64_t qth)
{
    if (d_queue < qth)
        return (double)d_queue / MILLISECOND;
    double over = (double)(d_queue - qth) / (double)qth;
    return (double)qth / MILLISECOND * exp_of_minus(LAMBDA * over);
}

static int64_t qth(const struct rill_nada *x)
{
    bool lately = x->queue.until > 0 && x->updated - x->queue.until < LATELY;
    return x->shared ? QTH_SHARED : lately ? QTH : QTH_ALONE;
}

/* The queue's delay, warped as far as losses count. */
static double d_tilde(const struct rill_nada *x)
{
    double share = rill_nada_share_warped(x);
    return share * warped(x->d_queue, qth(x)) + (1 - share) * (double)x->d_queue / MILLISECOND;
}

double rill_nada_of_loss(const struct rill_nada *x)
{
    double relative = x->p_loss / PLRREF;
    return DLOSS * relative * relative;
}

double rill_nada_congestion(struct rill_nada *x)
{
    x->p_loss = ALPHA * rill_nada_ratio_lost(x) + (1 - ALPHA) * x->p_loss; /* equation (10) */
    x->p_bare = ALPHA * rill_nada_ratio_bare(x) + (1 - ALPHA) * x->p_bare;
    double own = (1 - rill_nada_share_excess(x)) * x->p_bare / PLROWN;
    /* Equation (2) without marking. */
    double x_curr = d_tilde(x) + rill_nada_of_loss(x) + DLOSS * own * own;
    return x_curr < XMAX ? x_curr : XMAX;
}

/* Beside what the path loses by itself. */
static bool has_lost(const struct rill_nada *x)
{
    uint32_t lost = 0, bare = 0;
    for (size_t i = 0; i < RILL_NADA_SLICES; i++) {
        lost += x->slices[i].lost;
        bare += x->slices[i].bare;
    }
    return lost > bare || (bare > 0 && rill_nada_share_excess(x) > 0);
}

/* Deviation: §4.2 wants every delay of LOGWIN below QEPS. Where jitter is as long as that, it is
 * chance when the path is seen to be free, even with the minimum filter: after a rise of the
 * capacity a call waited for half a minute. What is no jitter stands, so the least of each 200 ms
 * is looked at; and gamma (3) allows for those, as it allows for DFILT. */
static bool has_stood(const struct rill_nada *x)
{
    int64_t oldest = x->slice - RILL_NADA_SLICES + 1, last = x->slice - RILL_NADA_LEAST_OF + 1;
    for (int64_t first = oldest < 0 ? 0 : oldest; first <= last; first++) {
        int64_t least = RILL_NEVER;
        for (int64_t i = first; i < first + RILL_NADA_LEAST_OF; i++)
            least = rill_earlier(least, x->slices[i % RILL_NADA_SLICES].least_queued);
        if (least != RILL_NEVER && least >= QEPS)
            return true;
    }
    return false;
}

bool rill_nada_may_ramp_up(const struct rill_nada *x)
{
    return !has_lost(x) && !has_stood(x);
}
