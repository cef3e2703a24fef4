/* path: see path.h. */
#include "tests/sim/path.h"

#include <assert.h>
#include <stdlib.h>

/* Names at the bottleneck from here on are of downloads. */
#define CROSS 100
/* Beyond what the target may be, the encoder goes no further: RFC 8867 §4.3. */
#define MBPS 1000000

struct rill_sim_scenario rill_sim_scenario_defaults(void)
{
    struct rill_sim_scenario s = {
        .seed = 1,
        .duration = 100 * RILL_SECOND,
        .min_bps = 150000,
        .start_bps = 300000,
        .max_bps = 3 * MBPS / 2,
        .capacity = {{{0, MBPS}}},
        .n_capacity = {1, 0},
        .queue = 300 * RILL_MS,
        .delay = 50 * RILL_MS,
        .deviation = 5 * RILL_MS,
        .n_flows = 1,
    };
    return s;
}

/* --- what is told --------------------------------------------------------------------------- */

static void seen(void *ctx, int who, int64_t came, int64_t left, size_t bytes)
{
    struct rill_sim_path *p = ctx;
    if (who < CROSS) {
        rill_sim_stream_passed(&p->streams[who], came, left, bytes);
    } else if (left != RILL_NEVER) {
        size_t i = (size_t)(left / RILL_SIM_BIN);
        p->cross_bins[i < p->n_bins ? i : p->n_bins - 1] += bytes;
    }
}

static struct rill_sim_stream *stream_of(struct rill_sim_path *p, const struct rill_sim_call *c,
                                         int from)
{
    for (size_t i = 0; i < p->n_streams; i++)
        if (p->streams[i].call == c && p->streams[i].from == from)
            return &p->streams[i];
    return NULL;
}

static bool take(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    struct rill_sim_stream *s;
    switch (e->type) {
    case RILL_PEER_EVENT_FRAME:
        s = stream_of(c->event_ctx, c, 1 - side);
        if (s)
            rill_sim_stream_had(s, c->now, &e->frame);
        return true;
    case RILL_PEER_EVENT_KEYFRAME_WANTED:
        s = stream_of(c->event_ctx, c, side);
        if (s)
            s->encoder.key_wanted = true;
        return false;
    default:
        return false;
    }
}

/* --- building it ------------------------------------------------------------------------------ */

static struct rill_sim_link link_of(struct rill_sim_path *p, size_t flow, int direction)
{
    const struct rill_sim_scenario *s = &p->scenario;
    const struct rill_sim_path_flow *f = &s->flows[flow];
    struct rill_sim_link l = {
        .delay = f->delay ? f->delay : s->delay,
        .deviation = s->deviation,
        .loss_good = s->loss,
        .to_bad = s->to_bad,
        .to_good = s->to_good,
        .loss_bad = s->loss_bad,
        .reorder = s->reorder,
        .delay_more = s->delay_more,
    };
    if (p->bottlenecks[direction].n) {
        l.bottleneck = &p->bottlenecks[direction];
        l.who = (int)(flow + (direction ? s->n_flows : 0));
    }
    return l;
}

static struct rill_sim_call *make_call(struct rill_sim_path *p, size_t flow)
{
    const struct rill_sim_scenario *s = &p->scenario;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.seed = s->seed * 100 + flow;
    o.no_clips = true;
    o.config.congestion = s->controller;
    o.config.min_bps = s->min_bps;
    o.config.start_bps = s->start_bps;
    o.config.max_bps = s->max_bps;
    o.audio[1].send = o.video[1].send = s->both_ways;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    for (int from = 0; from < RILL_SIM_SIDES; from++) {
        struct rill_sim_link l = link_of(p, flow, from);
        rill_sim_call_link(c, from, &l);
    }
    c->event = take;
    c->event_ctx = p;
    return c;
}

static void make_stream(struct rill_sim_path *p, size_t flow, int from)
{
    const struct rill_sim_scenario *s = &p->scenario;
    const struct rill_sim_path_flow *f = &s->flows[flow];
    size_t at = flow + (from ? s->n_flows : 0);
    struct rill_sim_stream *x = &p->streams[at];
    rill_sim_stream_init(x, p->calls[flow], from, s->duration, s->seed * 1000 + at);
    x->most_bps = s->max_bps;
    x->begin = x->video.due = x->audio.due = f->begin;
    x->end = f->end ? f->end : s->duration - RILL_SECOND; /* as RFC 8867 has it */
    if (f->pause) {
        x->pause = f->pause;
        x->resume = f->resume;
    }
}

static void make_bottleneck(struct rill_sim_path *p, int direction)
{
    p->bottlenecks[direction] = (struct rill_sim_bottleneck){
        .steps = p->scenario.capacity[direction],
        .n = p->scenario.n_capacity[direction],
        .depth = p->scenario.queue,
        .seen = seen,
        .ctx = p,
    };
}

struct rill_sim_path *rill_sim_path_new(const struct rill_sim_scenario *s)
{
    struct rill_sim_path *p = calloc(1, sizeof *p);
    assert(p && s->n_flows <= RILL_SIM_PATH_CALLS && s->n_cross <= RILL_SIM_PATH_CROSS);
    p->scenario = *s;
    p->n_bins = (size_t)(s->duration / RILL_SIM_BIN) + 1;
    p->cross_bins = calloc(p->n_bins, sizeof *p->cross_bins);
    assert(p->cross_bins);
    make_bottleneck(p, 0);
    make_bottleneck(p, 1);
    p->n_streams = s->n_flows * (s->both_ways ? 2 : 1);
    for (size_t i = 0; i < s->n_flows; i++) {
        p->calls[i] = make_call(p, i);
        make_stream(p, i, 0);
        if (s->both_ways)
            make_stream(p, i, 1);
    }
    for (size_t i = 0; i < s->n_cross; i++)
        rill_sim_cross_init(&p->cross[i], &s->cross[i], &p->bottlenecks[0], CROSS + (int)i,
                            s->seed * 10000 + i);
    return p;
}

void rill_sim_path_free(struct rill_sim_path *p)
{
    for (size_t i = 0; i < p->scenario.n_flows; i++)
        rill_sim_call_free(p->calls[i]);
    for (size_t i = 0; i < p->n_streams; i++)
        rill_sim_stream_free(&p->streams[i]);
    free(p->cross_bins);
    free(p);
}

/* --- letting time run ---------------------------------------------------------------------------
 */

static int64_t call_next(const struct rill_sim_path *p, size_t i)
{
    return p->started[i] ? rill_sim_call_next(p->calls[i]) : p->scenario.flows[i].begin;
}

static int64_t next_of_all(const struct rill_sim_path *p)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < p->scenario.n_flows; i++)
        at = rill_earlier(at, call_next(p, i));
    for (size_t i = 0; i < p->n_streams; i++)
        at = rill_earlier(at, rill_sim_stream_next(&p->streams[i]));
    for (size_t i = 0; i < p->scenario.n_cross; i++)
        at = rill_earlier(at, rill_sim_cross_next(&p->cross[i]));
    return at;
}

static void step_call(struct rill_sim_path *p, size_t i)
{
    struct rill_sim_call *c = p->calls[i];
    bool due = call_next(p, i) <= p->now;
    if (due && !p->started[i]) {
        p->started[i] = true;
        rill_sim_call_run(c, p->now);
        rill_sim_call_start(c);
    }
    if (due)
        p->failed |= !rill_sim_call_run(c, p->now);
    for (size_t k = i; k < p->n_streams; k += p->scenario.n_flows)
        if (rill_sim_stream_step(&p->streams[k], p->now))
            p->failed |= !rill_sim_call_run(c, p->now);
}

bool rill_sim_path_run(struct rill_sim_path *p)
{
    for (int64_t next; (next = next_of_all(p)) < p->scenario.duration && !p->failed;) {
        p->now = next > p->now ? next : p->now;
        for (size_t i = 0; i < p->scenario.n_cross; i++)
            if (rill_sim_cross_next(&p->cross[i]) <= p->now)
                rill_sim_cross_step(&p->cross[i], p->now);
        for (size_t i = 0; i < p->scenario.n_flows; i++)
            step_call(p, i);
    }
    return !p->failed;
}
