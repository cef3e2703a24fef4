/* gcc_arrival: packets become groups, groups become one number, the drift of the delay
 * (draft-ietf-rmcat-gcc-02 §5.1 to §5.3).
 *
 * Deviation: §5.3 says that "any adaptive filter" will do and takes a Kalman filter of the delay's
 * variation. A paced sender's departures are quantized, which that filter passes on as noise as
 * large as the drift of a link used 3 % too much; the threshold then grows with the noise, and a
 * queue of 200 ms stood before it was noticed. So the drift is the slope of a line through the
 * last 20 groups' delays, as browsers have it today. */
#include "rtp/gcc.h"

#define BURST (5 * RILL_MS)
/* Deviation: a burst that goes on and on would never become a group. */
#define BURST_MOST (100 * RILL_MS)
/* A receiver whose clock jumped, or that lies: begin anew. */
#define ABSURD (3 * RILL_SECOND)
/* How much of the delay before is kept in the smoothed one. */
#define SMOOTHING 0.9

void rill_gcc_arrival_init(struct rill_gcc_arrival *a)
{
    *a = (struct rill_gcc_arrival){0};
}

/* §5.2: does p still belong to the current group? */
static bool joins(const struct rill_gcc_group *g, const struct rill_bwe_packet *p)
{
    if (p->sent - g->first_sent <= BURST)
        return true;
    int64_t between = p->arrived - g->last_arrived;
    int64_t variation = between - (p->sent - g->last_sent);
    return between < BURST && variation < 0 && p->arrived - g->first_arrived < BURST_MOST;
}

static double as_ms(int64_t us)
{
    return (double)us / 1000.0;
}

/* The slope of the least-squares line through the points, ms of delay a ms of time. */
static double slope(const struct rill_gcc_arrival *a)
{
    double x = 0, y = 0, above = 0, below = 0;
    for (size_t i = 0; i < RILL_GCC_TREND; i++) {
        x += a->points[i].at / RILL_GCC_TREND;
        y += a->points[i].delay / RILL_GCC_TREND;
    }
    for (size_t i = 0; i < RILL_GCC_TREND; i++) {
        above += (a->points[i].at - x) * (a->points[i].delay - y);
        below += (a->points[i].at - x) * (a->points[i].at - x);
    }
    return below > 0 ? above / below : 0;
}

/* One more group: d is its delay's variation, at its time of arrival, both ms. */
static double follow(struct rill_gcc_arrival *a, double d, double at)
{
    a->delay += d;
    a->smoothed = SMOOTHING * a->smoothed + (1 - SMOOTHING) * a->delay;
    a->points[a->next_point] = (struct rill_gcc_point){at, a->smoothed};
    a->next_point = (a->next_point + 1) % RILL_GCC_TREND;
    a->n_groups += a->n_groups < RILL_GCC_GROUPS;
    return a->n_groups < RILL_GCC_TREND ? 0 : slope(a);
}

static void begin_group(struct rill_gcc_group *g, const struct rill_bwe_packet *p)
{
    *g = (struct rill_gcc_group){true, p->sent, p->sent, p->arrived, p->arrived};
}

static bool is_absurd(const struct rill_gcc_group *g, const struct rill_bwe_packet *p)
{
    int64_t ahead = p->arrived - g->last_arrived;
    return ahead > ABSURD || ahead < -ABSURD || p->sent - g->last_sent > ABSURD;
}

bool rill_gcc_arrival_packet(struct rill_gcc_arrival *a, const struct rill_bwe_packet *p,
                             double *drift, int64_t *interval, unsigned *n)
{
    struct rill_gcc_group *g = &a->current, *b = &a->before;
    if (!g->used || is_absurd(g, p)) {
        rill_gcc_arrival_init(a);
        begin_group(g, p);
        return false;
    }
    /* §5.1: "Any packets received out of order are ignored". */
    if (p->sent < g->first_sent)
        return false;
    if (joins(g, p)) {
        g->last_sent = p->sent > g->last_sent ? p->sent : g->last_sent;
        g->last_arrived = p->arrived > g->last_arrived ? p->arrived : g->last_arrived;
        return false;
    }
    bool measured = b->used;
    if (measured) {
        int64_t departure = g->last_sent - b->last_sent;
        *interval = g->last_arrived - b->last_arrived;
        if (a->n_groups == 0)
            a->began = g->last_arrived;
        *drift = follow(a, as_ms(*interval - departure), as_ms(g->last_arrived - a->began));
        *n = a->n_groups;
    }
    *b = *g;
    begin_group(g, p);
    return measured;
}
