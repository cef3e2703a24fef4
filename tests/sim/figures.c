/* figures: see figures.h. */
#include "tests/sim/figures.h"

#include <math.h>
#include <stdlib.h>

#define MICROS 1e6
#define GOOD_FOR 10 /* bins: a second */

/* --- when is it steady ---------------------------------------------------------------------- */

static bool is_behind(int64_t at, int64_t change)
{
    return at < change || at >= change + RILL_SIM_STEADY;
}

static bool is_steady(const struct rill_sim_path *p, int direction, int64_t at)
{
    const struct rill_sim_scenario *s = &p->scenario;
    bool steady = is_behind(at, 0) && at < s->duration - RILL_SECOND;
    for (size_t i = 0; i < s->n_capacity[direction]; i++)
        steady = steady && is_behind(at, s->capacity[direction][i].at);
    for (size_t i = 0; i < p->n_streams; i++) {
        const struct rill_sim_stream *x = &p->streams[i];
        steady = steady && is_behind(at, x->begin) && is_behind(at, x->end) &&
                 is_behind(at, x->pause) && is_behind(at, x->resume);
    }
    return steady;
}

/* --- the path's use -------------------------------------------------------------------------- */

static const struct rill_sim_stream *stream(const struct rill_sim_path *p, int direction, size_t i)
{
    return &p->streams[i + (direction ? p->scenario.n_flows : 0)];
}

static double bin_bytes(const struct rill_sim_path *p, int direction, size_t bin)
{
    double bytes = direction ? 0 : (double)p->cross_bins[bin];
    for (size_t i = 0; i < p->scenario.n_flows; i++)
        bytes += (double)stream(p, direction, i)->bins[bin].bytes;
    return bytes;
}

/* What could leave in this bin. */
static double bin_room(const struct rill_sim_path *p, int direction, size_t bin)
{
    int64_t at = (int64_t)bin * RILL_SIM_BIN;
    double capacity = (double)rill_sim_bottleneck_bps(&p->bottlenecks[direction], at), most = 0;
    for (size_t i = 0; i < p->scenario.n_flows; i++)
        most += rill_sim_stream_runs(stream(p, direction, i), at) ? (double)p->scenario.max_bps : 0;
    if (p->scenario.n_cross)
        most = INFINITY;
    return (capacity < most ? capacity : most) / 8 * RILL_SIM_BIN / MICROS;
}

static double used(const struct rill_sim_path *p, int direction)
{
    double got = 0, could = 0;
    for (size_t i = 0; i < p->n_bins; i++) {
        if (!is_steady(p, direction, (int64_t)i * RILL_SIM_BIN))
            continue;
        got += bin_bytes(p, direction, i);
        could += bin_room(p, direction, i);
    }
    return could > 0 ? got / could : 1;
}

/* --- steps of the capacity ---------------------------------------------------------------------
 */

static bool queue_is_short(const struct rill_sim_path *p, int direction, size_t bin)
{
    bool is_short = true;
    for (size_t i = 0; i < p->scenario.n_flows; i++) {
        const struct rill_sim_bin *b = &stream(p, direction, i)->bins[bin];
        is_short = is_short && b->waited <= RILL_SIM_WAIT_GOOD && b->lost == 0;
    }
    return is_short;
}

/* Of the second that begins at this bin. */
static bool holds(const struct rill_sim_path *p, int direction, size_t bin, bool drop)
{
    double got = 0, could = 0;
    bool all = true;
    for (size_t i = bin; i < bin + GOOD_FOR; i++) {
        all = all && queue_is_short(p, direction, i);
        got += bin_bytes(p, direction, i);
        could += bin_room(p, direction, i);
    }
    return drop ? all : got >= 0.9 * could;
}

static double until_good(const struct rill_sim_path *p, int direction, size_t step, bool drop)
{
    const struct rill_sim_scenario *s = &p->scenario;
    const struct rill_sim_capacity *c = s->capacity[direction];
    size_t from = (size_t)(c[step].at / RILL_SIM_BIN);
    int64_t next = step + 1 < s->n_capacity[direction] ? c[step + 1].at : s->duration;
    for (size_t i = from; (int64_t)(i + GOOD_FOR) * RILL_SIM_BIN <= next; i++)
        if (holds(p, direction, i, drop))
            return (double)((int64_t)i * RILL_SIM_BIN - c[step].at) / MICROS;
    return INFINITY;
}

static void steps(const struct rill_sim_path *p, int direction, struct rill_sim_figures *f)
{
    const struct rill_sim_capacity *c = p->scenario.capacity[direction];
    for (size_t i = 1; i < p->scenario.n_capacity[direction]; i++) {
        bool drop = c[i].bps < c[i - 1].bps;
        double took = until_good(p, direction, i, drop);
        double *slot = drop ? &f->after_drop : &f->after_rise;
        *slot = took > *slot ? took : *slot;
    }
}

/* --- a flow
 * --------------------------------------------------------------------------------------- */

static double wait_at(const struct rill_sim_stream *s, double share)
{
    uint64_t below = 0, want = (uint64_t)(share * (double)s->n_waits);
    size_t ms = 0;
    while (ms + 1 < RILL_SIM_QUEUE_MS && (below += s->waits[ms]) <= want)
        ms++;
    return (double)ms;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t took(const struct rill_sim_sent_frame *x)
{
    return x->had == RILL_NEVER ? RILL_NEVER : x->had - x->made;
}

static double percentile(const struct rill_sim_frames *f, double share)
{
    int64_t *all = calloc(f->n + 1, sizeof *all);
    for (size_t i = 0; i < f->n; i++)
        all[i] = took(&f->list[i]);
    qsort(all, f->n, sizeof *all, by_size);
    int64_t at = f->n ? all[(size_t)(share * (double)(f->n - 1))] : 0;
    free(all);
    return at == RILL_NEVER ? INFINITY : (double)at / 1000;
}

static double worse(double a, double b, bool less_is_worse)
{
    return (a < b) == less_is_worse ? a : b;
}

/* Time beyond 400 ms without a new picture, while there was something to show. */
static double frozen(const struct rill_sim_frames *f)
{
    int64_t stood = 0, all = 0, last = f->n ? f->list[0].made : 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct rill_sim_sent_frame *x = &f->list[i];
        /* A pause is not a frozen picture. */
        if (i && x->made - f->list[i - 1].made > RILL_SECOND)
            last = x->made;
        if (x->had == RILL_NEVER)
            continue;
        if (x->had - last > RILL_SIM_FRAME_LATE)
            stood += x->had - last - RILL_SIM_FRAME_LATE;
        last = x->had > last ? x->had : last;
    }
    all = f->n ? (int64_t)f->n * RILL_SECOND / RILL_SIM_FPS : 1;
    return (double)stood / (double)all;
}

static void pictures(const struct rill_sim_frames *v, struct rill_sim_figures *f)
{
    size_t came = 0, in_time = 0;
    for (size_t i = 0; i < v->n; i++) {
        came += v->list[i].had != RILL_NEVER;
        in_time += took(&v->list[i]) <= RILL_SIM_FRAME_LATE;
    }
    double all = v->n ? (double)v->n : 1;
    f->in_time = worse(f->in_time, (double)in_time / all, true);
    f->fps = worse(f->fps, (double)came / all * RILL_SIM_FPS, true);
    f->frame_p95 = worse(f->frame_p95, percentile(v, 0.95), false);
    f->frozen = worse(f->frozen, frozen(v), false);
}

/* --- sound: a listener who plays as late as 95 % of the last 10 s took, and 20 ms more ----------
 */

#define SOUND_BIN (5 * RILL_MS)
#define SOUND_BINS 128
#define SOUND_WINDOW 500
#define SOUND_LEAST 8 /* bins: 40 ms */

struct listener {
    int64_t base;
    uint32_t bins[SOUND_BINS];
    uint32_t heard;
};

static size_t sound_bin(const struct listener *l, const struct rill_sim_sent_frame *x)
{
    int64_t i = (took(x) - l->base) / SOUND_BIN;
    return (size_t)(i < 0 ? 0 : i < SOUND_BINS ? i : SOUND_BINS - 1);
}

static size_t play_at(const struct listener *l)
{
    uint32_t below = 0;
    size_t i = 0;
    while (i + 1 < SOUND_BINS && (below += l->bins[i]) * 20 < l->heard * 19)
        i++;
    return i + 4 > SOUND_LEAST ? i + 4 : SOUND_LEAST;
}

static void sound(const struct rill_sim_frames *a, struct rill_sim_figures *f)
{
    struct listener l = {.base = RILL_NEVER};
    size_t concealed = 0, rebuilt = 0;
    bool missed = false;
    for (size_t i = 0; i < a->n; i++)
        l.base = rill_earlier(l.base, took(&a->list[i]));
    for (size_t i = 0; i < a->n; i++) {
        const struct rill_sim_sent_frame *x = &a->list[i];
        bool plays = x->had != RILL_NEVER && sound_bin(&l, x) <= play_at(&l);
        /* What is missing waits for the one behind it to tell of it. */
        rebuilt += missed && plays;
        concealed += missed && !plays;
        missed = !plays;
        if (x->had != RILL_NEVER) {
            l.bins[sound_bin(&l, x)]++;
            l.heard++;
        }
        if (i >= SOUND_WINDOW && a->list[i - SOUND_WINDOW].had != RILL_NEVER) {
            l.bins[sound_bin(&l, &a->list[i - SOUND_WINDOW])]--;
            l.heard--;
        }
    }
    double all = a->n ? (double)a->n : 1;
    f->concealed = worse(f->concealed, (double)(concealed + missed) / all, false);
    f->rebuilt = worse(f->rebuilt, (double)rebuilt / all, false);
}

static double resent(const struct rill_sim_stream *s)
{
    struct rill_peer_stats stats;
    rill_peer_stats(s->call->sides[s->from].peer, &stats);
    const struct rill_peer_stream_stats *v = &stats.sent[s->video.track];
    return v->packets ? (double)v->retransmitted / (double)v->packets : 0;
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static void rates(const struct rill_sim_path *p, struct rill_sim_figures *f)
{
    double most = 0, least = INFINITY, cross = 0, seconds = 0;
    for (size_t i = 0; i < p->scenario.n_flows; i++) {
        const struct rill_sim_stream *s = stream(p, 0, i);
        double bytes = 0, time = 0, fair = 0;
        for (size_t k = 0; k < s->n_bins; k++) {
            int64_t at = (int64_t)k * RILL_SIM_BIN;
            if (!is_steady(p, 0, at) || !rill_sim_stream_runs(s, at))
                continue;
            size_t n = p->scenario.n_cross ? 1 : 0;
            for (size_t j = 0; j < p->scenario.n_flows; j++)
                n += rill_sim_stream_runs(stream(p, 0, j), at);
            bytes += (double)s->bins[k].bytes;
            fair += bin_room(p, 0, k) / (double)n;
            time += RILL_SIM_BIN / MICROS;
        }
        double bps = time > 0 ? bytes * 8 / time : 0;
        most = bps > most ? bps : most;
        least = bps < least ? bps : least;
        f->media_bps += bps;
        f->share = worse(f->share, fair > 0 ? bytes / fair : 1, true);
    }
    for (size_t k = 0; k < p->n_bins; k++, seconds += RILL_SIM_BIN / MICROS)
        cross += (double)p->cross_bins[k];
    f->spread = least > 0 ? most / least : INFINITY;
    f->cross_bps = cross * 8 / seconds;
}

void rill_sim_figures_read(const struct rill_sim_path *p, struct rill_sim_figures *f)
{
    *f = (struct rill_sim_figures){.used = 1,
                                   .after_drop = -1,
                                   .after_rise = -1,
                                   .in_time = 1,
                                   .fps = RILL_SIM_FPS,
                                   .share = INFINITY};
    for (int d = 0; d < 2; d++) {
        if (p->bottlenecks[d].n == 0)
            continue;
        f->used = worse(f->used, used(p, d), true);
        steps(p, d, f);
    }
    for (size_t i = 0; i < p->n_streams; i++) {
        const struct rill_sim_stream *s = &p->streams[i];
        f->waited_p50 = worse(f->waited_p50, wait_at(s, 0.5), false);
        f->waited_p95 = worse(f->waited_p95, wait_at(s, 0.95), false);
        pictures(&s->video, f);
        f->resent = worse(f->resent, resent(s), false);
        sound(&s->audio, f);
    }
    rates(p, f);
}
