/* cross: see cross.h. */
#include "tests/sim/cross.h"

#include <math.h>

#define FIRST_WINDOW 10.0 /* RFC 6928 */
#define LEAST_WINDOW 2.0
#define MOST_WINDOW 1500.0
#define DUPLICATES 3
#define TIMER_LEAST (200 * RILL_MS) /* as Linux has it */
#define CUBIC_C 0.4
#define CUBIC_BETA 0.7
#define BRIEF_LEAST 30000
#define BRIEF_SPAN 20000
#define PAUSE_MEAN 10.0

static size_t slot(const struct rill_sim_cross *t, size_t i)
{
    return (t->head + i) % RILL_SIM_SEGMENTS;
}

static void pause_until(struct rill_sim_cross *t, int64_t now)
{
    double u = (1.0 + rill_rng_below(&t->rng, 1000000)) / 1000001.0;
    t->open = false;
    t->idle_until = now + (int64_t)(-log(u) * PAUSE_MEAN * (double)RILL_SECOND);
}

void rill_sim_cross_init(struct rill_sim_cross *t, const struct rill_sim_cross_options *o,
                         struct rill_sim_bottleneck *b, int who, uint64_t seed)
{
    *t = (struct rill_sim_cross){.options = *o, .bottleneck = b, .who = who};
    rill_rng_seeded_init(&t->generator, seed);
    t->rng = rill_rng_seeded(&t->generator);
    t->idle_until = o->begin;
    if (o->paused)
        pause_until(t, o->begin);
}

static void begin(struct rill_sim_cross *t, int64_t now)
{
    t->open = true;
    t->left = t->options.brief
                  ? (BRIEF_LEAST + (int64_t)rill_rng_below(&t->rng, BRIEF_SPAN)) / 1460 + 1
                  : INT64_MAX;
    t->window = FIRST_WINDOW;
    t->threshold = MOST_WINDOW;
    t->window_before = 0;
    t->epoch = 0;
    t->n = 0;
    t->dup = 0;
    t->again = 0;
    t->fell = now;
    t->srtt = (double)t->options.delay;
}

/* --- the window -------------------------------------------------------------------------- */

static void open_cubic(struct rill_sim_cross *t, int64_t now)
{
    if (t->epoch == 0)
        t->epoch = now;
    double k = cbrt(t->window_before * (1 - CUBIC_BETA) / CUBIC_C);
    double since = (double)(now - t->epoch) / (double)RILL_SECOND + t->srtt / (double)RILL_SECOND;
    double goal = CUBIC_C * (since - k) * (since - k) * (since - k) + t->window_before;
    double step = goal > t->window ? (goal - t->window) / t->window : 0.01 / t->window;
    double reno = 3 * (1 - CUBIC_BETA) / (1 + CUBIC_BETA) / t->window;
    t->window += step > reno ? step : reno;
}

static void open_window(struct rill_sim_cross *t, int64_t now)
{
    if (t->window < t->threshold)
        t->window += 1;
    else if (t->options.cubic)
        open_cubic(t, now);
    else
        t->window += 1 / t->window;
    if (t->window > MOST_WINDOW)
        t->window = MOST_WINDOW;
}

static void close_window(struct rill_sim_cross *t, int64_t now, bool by_timer)
{
    double beta = t->options.cubic ? CUBIC_BETA : 0.5;
    t->window_before = t->window;
    t->threshold = t->window * beta > LEAST_WINDOW ? t->window * beta : LEAST_WINDOW;
    t->window = by_timer ? 1 : t->threshold;
    t->epoch = now;
    t->fell = now;
}

/* --- segments ----------------------------------------------------------------------------- */

static void send_one(struct rill_sim_cross *t, int64_t now)
{
    int64_t left = rill_sim_bottleneck_pass(t->bottleneck, t->who, now, RILL_SIM_SEGMENT_BYTES);
    size_t i = slot(t, t->n++);
    t->acks[i] = left == RILL_NEVER ? RILL_NEVER : left + t->options.delay;
    t->sent[i] = now;
    if (t->again)
        t->again--;
    else
        t->left--;
    int64_t wait = (int64_t)(2 * t->srtt);
    t->timer = now + (wait > TIMER_LEAST ? wait : TIMER_LEAST);
}

static void send_all(struct rill_sim_cross *t, int64_t now)
{
    while (t->n < RILL_SIM_SEGMENTS && (double)t->n < t->window && (t->again || t->left > 0))
        send_one(t, now);
    if (t->n == 0 && t->open)
        pause_until(t, now);
}

static void drop_first(struct rill_sim_cross *t)
{
    t->head = slot(t, 1);
    t->n--;
}

/* What is first is lost: one event shuts the window once. */
static void find_losses(struct rill_sim_cross *t, int64_t now)
{
    while (t->n && t->acks[t->head] == RILL_NEVER && t->dup >= DUPLICATES) {
        if (t->sent[t->head] >= t->fell)
            close_window(t, now, false);
        t->again++;
        drop_first(t);
    }
    if (t->n == 0 || t->acks[t->head] != RILL_NEVER)
        t->dup = 0;
}

static size_t first_on_its_way(const struct rill_sim_cross *t)
{
    size_t i = 0;
    while (i < t->n && t->acks[slot(t, i)] == RILL_NEVER)
        i++;
    return i;
}

static void acknowledged(struct rill_sim_cross *t, int64_t now, size_t i)
{
    size_t at = slot(t, i);
    bool recovering = t->sent[at] < t->fell;
    t->srtt += ((double)(now - t->sent[at]) - t->srtt) / 8;
    t->delivered++;
    t->dup += i > 0;
    /* Those before it move up. */
    for (; i > 0; i--) {
        t->acks[slot(t, i)] = t->acks[slot(t, i - 1)];
        t->sent[slot(t, i)] = t->sent[slot(t, i - 1)];
    }
    drop_first(t);
    if (!recovering)
        open_window(t, now);
    find_losses(t, now);
}

static void timed_out(struct rill_sim_cross *t, int64_t now)
{
    t->again += (int64_t)t->n;
    t->n = 0;
    t->dup = 0;
    close_window(t, now, true);
}

int64_t rill_sim_cross_next(const struct rill_sim_cross *t)
{
    if (!t->open)
        return t->idle_until < t->options.end ? t->idle_until : RILL_NEVER;
    size_t i = first_on_its_way(t);
    return i < t->n ? t->acks[slot(t, i)] : t->timer;
}

void rill_sim_cross_step(struct rill_sim_cross *t, int64_t now)
{
    if (now >= t->options.end) {
        t->open = false;
        t->idle_until = RILL_NEVER;
        return;
    }
    if (!t->open && t->idle_until <= now)
        begin(t, now);
    for (size_t i; (i = first_on_its_way(t)) < t->n && t->acks[slot(t, i)] <= now;)
        acknowledged(t, now, i);
    if (t->n && first_on_its_way(t) == t->n && t->timer <= now)
        timed_out(t, now);
    if (t->open)
        send_all(t, now);
}
