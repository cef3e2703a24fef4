/* gcc_overuse: is the drift a queue that grows? (draft-ietf-rmcat-gcc-02 §5.4)
 *
 * Deviation: with §5.4's k_d, 0.00018, the threshold stays at what the peaks of noise have raised
 * it to; over a jitter of 5 ms a queue of 200 ms then grows unseen. With the one here, nearer to
 * what browsers have, it comes down between two peaks; where others fill the queue the draft's
 * holds (shared_queue.h).
 *
 * Deviation: the drift is a slope, and the threshold is in ms: as in the implementation that the
 * draft describes, T(i) = 4 min(n, 60) m(i) is what is held against it, n the groups measured.
 */
#include "rtp/gcc.h"

#define THRESHOLD_FIRST 12.5 /* ms */
#define THRESHOLD_LEAST 6.0
#define THRESHOLD_LEAST_SHARED 40.0
#define THRESHOLD_MOST 600.0
#define GAIN 4.0
#define K_UP 0.0087
#define K_DOWN 0.015
#define K_DOWN_SHARED 0.00018
#define OVERUSE_MS 10.0
#define OUTLIER 15.0
/* A pause tells nothing of the threshold. */
#define PAUSE_MS 100.0

void rill_gcc_overuse_init(struct rill_gcc_overuse *o)
{
    *o = (struct rill_gcc_overuse){.threshold = THRESHOLD_FIRST};
}

static double magnitude(double x)
{
    return x < 0 ? -x : x;
}

static void adapt(struct rill_gcc_overuse *o, int64_t arrived, double t)
{
    double size = magnitude(t);
    double ms = (double)(arrived - o->updated) / 1000.0;
    o->updated = arrived;
    /* "del_var_th(i) SHOULD NOT be updated if |m(i)| - del_var_th(i) > 15". */
    if (size - o->threshold > OUTLIER || ms <= 0)
        return;
    double down = o->shared ? K_DOWN_SHARED : K_DOWN;
    double k = size < o->threshold ? down : K_UP;
    o->threshold += (ms < PAUSE_MS ? ms : PAUSE_MS) * k * (size - o->threshold);
    double least = o->shared ? THRESHOLD_LEAST_SHARED : THRESHOLD_LEAST;
    if (o->threshold < least)
        o->threshold = least;
    if (o->threshold > THRESHOLD_MOST)
        o->threshold = THRESHOLD_MOST;
}

/* Over-use has to last, for 10 ms and two groups, and not be on its way down. */
static void count_over(struct rill_gcc_overuse *o, double drift, int64_t interval)
{
    double ms = (double)interval / 1000.0;
    o->over_ms += o->over_groups ? ms : ms / 2;
    o->over_groups++;
    if (o->over_ms > OVERUSE_MS && o->over_groups > 1 && drift >= o->before) {
        o->over_ms = 0;
        o->over_groups = 0;
        o->signal = RILL_GCC_OVERUSE;
    }
}

enum rill_gcc_signal rill_gcc_overuse_judge(struct rill_gcc_overuse *o, int64_t arrived,
                                            double drift, int64_t interval, unsigned n)
{
    double t = GAIN * drift * n;
    if (t > o->threshold) {
        count_over(o, drift, interval);
    } else {
        o->over_ms = 0;
        o->over_groups = 0;
        o->signal = t < -o->threshold ? RILL_GCC_UNDERUSE : RILL_GCC_NORMAL;
    }
    o->before = drift;
    adapt(o, arrived, t);
    return o->signal;
}
