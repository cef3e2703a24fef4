/* cases: see cases.h. Where RFC 8867 leaves a choice, the comment says what was taken. */
#include "bench/media/cases.h"

#include <stdio.h>

#define KBPS 1000
#define MBPS 1000000
#define S(n) ((int64_t)(n)*RILL_SECOND)
#define MS(n) ((int64_t)(n)*RILL_MS)

/* What rill wants of a call that is alone, or among its like, on the path. */
static const struct bench_wants alone = {
    .used = 0.9, .waited_p95 = 100, .after_drop = 3, .concealed = 0.05};
static const struct bench_wants among = {
    .used = 0.9, .waited_p95 = 100, .after_drop = 3, .concealed = 0.05, .spread = 3};

static void capacity(struct rill_sim_scenario *s, int direction, uint64_t reference_bps,
                     const double (*steps)[2], size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->capacity[direction][i] = (struct rill_sim_capacity){
            (int64_t)(steps[i][0] * 1e6), (uint64_t)(steps[i][1] * (double)reference_bps)};
    s->n_capacity[direction] = n;
}

static struct bench_case variable_capacity(const char *name, const char *what, int64_t delay)
{
    static const double table1[][2] = {{0, 1.0}, {40, 2.5}, {60, 0.6}, {80, 1.0}};
    struct bench_case c = {name, what, rill_sim_scenario_defaults(), alone};
    capacity(&c.scenario, 0, MBPS, table1, 4);
    c.scenario.delay = delay;
    return c;
}

static struct bench_case multiple_flows(void)
{
    static const double table2[][2] = {{0, 2.0}, {25, 1.0}, {50, 1.75}, {75, 0.5}, {100, 1.0}};
    struct bench_case c = {"5.2", "two calls, capacity 4…1 Mbit/s", rill_sim_scenario_defaults(),
                           among};
    capacity(&c.scenario, 0, 2 * MBPS, table2, 5);
    c.scenario.duration = S(125);
    c.scenario.n_flows = 2;
    return c;
}

static struct bench_case congested_feedback(void)
{
    static const double table3[][2] = {{0, 2.0}, {20, 1.0}, {40, 0.5}, {60, 2.0}};
    static const double table4[][2] = {{0, 2.0}, {35, 0.8}, {70, 2.0}};
    struct bench_case c = {"5.3", "media both ways, both narrow", rill_sim_scenario_defaults(),
                           alone};
    capacity(&c.scenario, 0, MBPS, table3, 4);
    capacity(&c.scenario, 1, MBPS, table4, 3);
    c.scenario.both_ways = true;
    return c;
}

static struct bench_case same_algorithm(void)
{
    struct bench_case c = {"5.4", "three calls, one after another", rill_sim_scenario_defaults(),
                           among};
    c.scenario.capacity[0][0].bps = 3500 * KBPS;
    c.scenario.duration = S(120);
    c.scenario.n_flows = 3;
    for (size_t i = 0; i < 3; i++)
        c.scenario.flows[i].begin = S(20 * i);
    return c;
}

static struct bench_case round_trips(void)
{
    static const int delays[] = {10, 25, 50, 100, 150};
    struct bench_case c = {"5.5", "five calls, 10…150 ms", rill_sim_scenario_defaults(), among};
    c.scenario.capacity[0][0].bps = 4 * MBPS;
    c.scenario.duration = S(300);
    c.scenario.n_flows = 5;
    for (size_t i = 0; i < 5; i++) {
        c.scenario.flows[i].begin = S(10 * i);
        c.scenario.flows[i].delay = MS(delays[i]);
    }
    return c;
}

/* A queue that TCP fills is not the call's own: its wait is shown, not judged. */
static struct bench_case long_tcp(const char *name, const char *what, int64_t queue, bool cubic)
{
    struct bench_case c = {name,
                           what,
                           rill_sim_scenario_defaults(),
                           {.used = 0.9, .fps = 15, .concealed = 0.05, .share = 1.0 / 3}};
    c.scenario.capacity[0][0].bps = 2 * MBPS;
    c.scenario.duration = S(120);
    c.scenario.queue = queue;
    c.scenario.flows[0].begin = S(5);
    c.scenario.n_cross = 1;
    c.scenario.cross[0] =
        (struct rill_sim_cross_options){.end = S(119), .cubic = cubic, .delay = MS(100)};
    return c;
}

static struct bench_case short_tcp(void)
{
    struct bench_case c = {"5.7",
                           "two calls and ten short TCP flows",
                           rill_sim_scenario_defaults(),
                           {.fps = 15, .concealed = 0.05, .spread = 3, .share = 1.0 / 3}};
    c.scenario.capacity[0][0].bps = 2 * MBPS;
    c.scenario.duration = S(300);
    c.scenario.n_flows = 2;
    c.scenario.flows[0].begin = c.scenario.flows[1].begin = S(5);
    c.scenario.n_cross = 10;
    for (size_t i = 0; i < 10; i++)
        c.scenario.cross[i] = (struct rill_sim_cross_options){
            .end = S(299), .brief = true, .paused = i >= 2, .delay = MS(100)};
    return c;
}

static struct bench_case pause_and_resume(void)
{
    struct bench_case c = {"5.8", "three calls, one pauses 40 to 60 s",
                           rill_sim_scenario_defaults(), among};
    c.scenario.capacity[0][0].bps = 3500 * KBPS;
    c.scenario.duration = S(120);
    c.scenario.n_flows = 3;
    c.scenario.flows[1].pause = S(40);
    c.scenario.flows[1].resume = S(60);
    return c;
}

/* The path is wide: all that is lost, it loses by itself, both ways. */
static struct bench_case lossy(char *name, size_t cap, unsigned percent, unsigned rtt, bool bursts)
{
    snprintf(name, cap, "loss-%u%s-%u", percent, bursts ? "b" : "", rtt);
    struct bench_case c = {name,
                           bursts ? "lost in bursts, on a wide path" : "lost on a wide path",
                           rill_sim_scenario_defaults(),
                           {.fps = 15, .concealed = 0.05}};
    c.scenario.capacity[0][0].bps = 3 * MBPS;
    c.scenario.duration = S(60);
    c.scenario.delay = MS(rtt) / 2;
    c.scenario.deviation = 0;
    if (bursts) {
        /* Gilbert's: bursts of 3 in the mean, in which nothing comes. */
        c.scenario.loss_bad = 10000;
        c.scenario.to_good = 3333;
        c.scenario.to_bad = 3333 * percent / (100 - percent);
    } else {
        c.scenario.loss = 100 * percent;
    }
    if (percent <= 5) {
        c.wants.in_time = 0.995;
        c.wants.used = 0.9;
    }
    return c;
}

/* What comes late has not been lost: little of it should be asked for. */
static struct bench_case reordered(void)
{
    struct bench_case c = {"reorder",
                           "a twentieth is overtaken, by up to 15 ms",
                           rill_sim_scenario_defaults(),
                           {.in_time = 0.995, .used = 0.9, .resent = 0.02, .concealed = 0.05}};
    c.scenario.capacity[0][0].bps = 3 * MBPS;
    c.scenario.duration = S(60);
    c.scenario.reorder = 500;
    c.scenario.delay_more = MS(12);
    return c;
}

size_t bench_cases(struct bench_case out[BENCH_CASES_MAX])
{
    static const unsigned losses[] = {1, 5, 10, 20}, rtts[] = {50, 100, 200};
    static char names[BENCH_CASES_MAX][20];
    size_t n = 0;
    out[n++] = variable_capacity("5.1", "one call, capacity 1, 2.5, 0.6, 1 Mbit/s", MS(50));
    out[n++] = variable_capacity("5.1-100", "the same at 100 ms one way", MS(100));
    out[n++] = multiple_flows();
    out[n++] = congested_feedback();
    out[n++] = same_algorithm();
    out[n++] = round_trips();
    out[n++] = long_tcp("5.6", "a long TCP flow, Reno", MS(300), false);
    out[n++] = long_tcp("5.6-1000", "the same, 1000 ms of queue", MS(1000), false);
    out[n++] = long_tcp("5.6-cubic", "a long TCP flow, CUBIC", MS(300), true);
    out[n++] = short_tcp();
    out[n++] = pause_and_resume();
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++, n++)
            out[n] = lossy(names[n], sizeof names[n], losses[i], rtts[k], false);
    for (size_t i = 1; i < 3; i++, n++)
        out[n] = lossy(names[n], sizeof names[n], losses[i], 100, true);
    out[n++] = reordered();
    for (size_t i = 0; i < n; i++)
        out[i].scenario.name = out[i].name;
    return n;
}

const char *bench_missed(const struct bench_wants *w, const struct rill_sim_figures *f)
{
    if (w->used > 0 && f->used < w->used)
        return "used";
    if (w->waited_p95 > 0 && f->waited_p95 > w->waited_p95)
        return "queue p95";
    if (w->after_drop > 0 && f->after_drop > w->after_drop)
        return "after a drop";
    if (w->in_time > 0 && f->in_time < w->in_time)
        return "in time";
    if (w->fps > 0 && f->fps < w->fps)
        return "frames/s";
    if (w->resent > 0 && f->resent > w->resent)
        return "sent again";
    if (w->concealed > 0 && f->concealed > w->concealed)
        return "concealed";
    if (w->spread > 0 && f->spread > w->spread)
        return "spread";
    if (w->share > 0 && f->share < w->share)
        return "share";
    return NULL;
}
