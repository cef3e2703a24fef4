/* nada_loss: what is lost, as a share of what was sent, and as intervals between losses
 * (RFC 8698 §4.2, §5.1.2; RFC 5348 §5, §6.3.1).
 *
 * Deviation: §5.1.2 counts packets. A flow that meets TCP loses its packets by the handful, where
 * TCP, whose fill the queue is, loses one a round trip or none, and so is driven to RMIN. §6.2
 * names the method of TCP's equation as an alternative: what is lost within a round trip is one
 * loss. But packets are counted while we fill the queue ourselves: then each of them is sent in
 * vain, and the more there are, the more is sent too much. And where the path loses by itself: of
 * its ratio only packets tell.
 *
 * Deviation: §5.1.2 takes a packet that was overtaken for lost. What arrives after all is taken
 * back.
 */
#include "rtp/nada.h"

#define QUEUED (50 * RILL_MS) /* QTH */
#define MULTILOSS 7.0
#define SEGMENT 1200.0              /* bytes */
#define LONG_AGO (10 * RILL_SECOND) /* more than a round trip */
#define RTT_UNKNOWN (100 * RILL_MS)

/* --- the share, of LOGWIN ------------------------------------------------------------------- */

struct rill_nada_slice *rill_nada_slice_at(struct rill_nada *x, int64_t at)
{
    int64_t slice = at / RILL_NADA_SLICE;
    if (slice - x->slice > RILL_NADA_SLICES)
        x->slice = slice - RILL_NADA_SLICES;
    while (x->slice < slice)
        x->slices[++x->slice % RILL_NADA_SLICES] =
            (struct rill_nada_slice){.least_queued = RILL_NEVER};
    /* What left before LOGWIN is counted now. */
    return &x->slices[(x->slice - slice < RILL_NADA_SLICES ? slice : x->slice) % RILL_NADA_SLICES];
}

double rill_nada_ratio_lost(const struct rill_nada *x)
{
    uint32_t lost = 0, bare = 0, seen = 0;
    for (size_t i = 0; i < RILL_NADA_SLICES; i++) {
        lost += x->slices[i].lost;
        bare += x->slices[i].bare;
        seen += x->slices[i].seen;
    }
    double counted = lost - bare + rill_nada_share_excess(x) * bare;
    return seen ? counted / seen : 0;
}

double rill_nada_ratio_bare(const struct rill_nada *x)
{
    uint32_t bare = 0, seen = 0;
    for (size_t i = 0; i < RILL_NADA_SLICES; i++) {
        bare += x->slices[i].bare_packets;
        seen += x->slices[i].seen;
    }
    return seen ? (double)bare / seen : 0;
}

double rill_nada_share_excess(const struct rill_nada *x)
{
    double bound = x->path.own + x->path.margin;
    if (x->path.step == RILL_NADA_PATH_ASKS)
        return 0;
    if (x->path.own <= 0 || x->p_bare <= 0)
        return 1;
    return x->p_bare > bound ? (x->p_bare - bound) / x->p_bare : 0;
}

/* --- the intervals -------------------------------------------------------------------------- */

/* RFC 5348 §5.4, of the intervals that have ended.
 *
 * Deviation: I_mean there takes the current one, I_0, in when that makes it longer. It is then
 * I_0 / 6 at least, so that 7 of it (MULTILOSS) are never over: after one loss the delay would be
 * warped for ever, and each queue of more than QTH grow until it overflows. */
static double mean_interval(const struct rill_nada *x)
{
    static const double weights[] = {1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2};
    double sum = 0, total = 0;
    for (unsigned i = 0; i < x->n_intervals; i++) {
        sum += (double)x->intervals[i + 1] * weights[i];
        total += weights[i];
    }
    return total > 0 ? sum / total : 0;
}

/* RFC 5348 §6.3.1: the packets before the first loss are no interval; the one at which TCP's
 * equation (§3.1) gives the rate that arrives takes its place. q: the root of the loss rate. */
static uint64_t first_interval(const struct rill_nada *x, int64_t rtt)
{
    double bytes = (double)rill_rate_meter_bps(&x->received) / 8;
    double seconds = (double)(rtt ? rtt : RTT_UNKNOWN) / (double)RILL_SECOND;
    double wanted = bytes > 0 ? SEGMENT / (bytes * seconds) : 1, low = 0, high = 1;
    for (int i = 0; i < 20; i++) {
        double q = (low + high) / 2, q3 = q * q * q;
        double f = 0.81650 * q + 7.34847 * q3 * (1 + 32 * q3 * q);
        *(f < wanted ? &low : &high) = q;
    }
    return (uint64_t)(1 / (high * high));
}

/* RFC 5348 §5.2: what is lost within a round trip of the first is one loss event. True: it begins
 * one. */
static bool count_interval(struct rill_nada *x, int64_t at, int64_t rtt, bool lost)
{
    x->intervals[0]++;
    x->losing_for++;
    if (!lost || (x->n_intervals && at - x->loss_event < rtt))
        return false;
    if (rill_nada_share_warped(x) == 0)
        x->losing_for = 0;
    if (x->n_intervals == 0)
        x->intervals[0] = first_interval(x, rtt);
    x->loss_event = at;
    x->forgotten = x->intervals[RILL_NADA_INTERVALS - 1];
    for (unsigned i = RILL_NADA_INTERVALS - 1; i > 0; i--)
        x->intervals[i] = x->intervals[i - 1];
    x->intervals[0] = 0;
    x->n_intervals += x->n_intervals < RILL_NADA_INTERVALS - 1;
    return true;
}

/* The last loss event was none: its packet has arrived. */
static void join_intervals(struct rill_nada *x)
{
    uint64_t current = x->intervals[0];
    for (unsigned i = 0; i + 1 < RILL_NADA_INTERVALS; i++)
        x->intervals[i] = x->intervals[i + 1];
    x->intervals[RILL_NADA_INTERVALS - 1] = x->forgotten;
    x->intervals[0] += current;
    x->n_intervals -= !x->forgotten;
    x->loss_event -= LONG_AGO;
}

/* §4.2: losses count for MULTILOSS intervals, and as long as others fill the queue; at the
 * beginning of that time and behind it one interval leads over. */
double rill_nada_share_warped(const struct rill_nada *x)
{
    double loss_int = mean_interval(x);
    if (loss_int <= 0)
        return 0;
    double in = (double)x->losing_for / loss_int;
    double out = x->shared ? 1 : MULTILOSS + 1 - (double)x->intervals[0] / loss_int;
    double share = in < out ? in : out;
    return share < 0 ? 0 : share < 1 ? share : 1;
}

static void take_back(struct rill_nada *x, struct rill_nada_slice *s,
                      const struct rill_bwe_packet *p)
{
    s->lost -= s->lost > 0;
    s->bare_packets -= s->bare_packets > 0;
    if (s->bare > s->lost)
        s->bare = s->lost;
    if (p->sent == x->loss_event && x->n_intervals > 0)
        join_intervals(x);
}

void rill_nada_count(struct rill_nada *x, int64_t rtt, const struct rill_bwe_packet *p)
{
    struct rill_nada_slice *s = rill_nada_slice_at(x, p->sent);
    bool lost = p->arrived == RILL_NEVER, queued = x->d_queue >= QUEUED;
    bool bare = !queued && !x->shared;
    rill_nada_path_loss_packet(&x->path, p, !bare);
    if (p->late) {
        take_back(x, s, p);
        return;
    }
    s->seen++;
    /* What the path loses by itself tells of no flow that fills queues (§4.2). */
    bool own = bare && rill_nada_share_excess(x) == 0;
    bool event = count_interval(x, p->sent, rtt, lost && !own);
    bool each = own || (bare && x->path.own > 0) || (queued && !x->shared);
    bool counted = lost && (event || each);
    s->lost += counted;
    s->bare += counted && bare;
    s->bare_packets += lost && bare;
}
