/* gcc_loss: the rate that the losses allow (draft-ietf-rmcat-gcc-02 §6).
 *
 * The draft's rule: below 2 % rise by 5 %, above 10 % fall by half of the ratio, between them
 * stay. It holds where losses come of sending too much. A radio link that loses 5 % of whatever
 * is sent would keep a sender at the rate it began with, one that loses 15 % would bring it down
 * to nothing.
 *
 * Deviation: so a step down is also a question. What overflows a queue is what comes above the
 * link's rate, and less of it comes after the step; what the path loses by itself it loses still.
 * In the second case only the loss above that ratio counts. The question is asked again as long
 * as there is loss, since the answer can be chance; the more so where losses come in runs, so it is
 * heard until some runs would have come, and compared with the seconds before. Where others fill
 * the queue the loss is theirs, and there is nothing to ask: there the draft's rule holds as it is.
 */
#include "rtp/gcc.h"

#define LITTLE 0.02
#define MUCH 0.10
#define MOST 0.20 /* which a few runs of losses do not make of 100 packets */
#define UP 1.05
/* §6 has a step at each report; feedback every 50 ms would make of that 1.05^20 a second. */
#define UP_EVERY (200 * RILL_MS)
#define UP_PACKETS 10
/* A ratio that is to be compared needs packets and time, */
#define WINDOW_PACKETS 100
/* and where losses come in runs of b in the mean, which makes it vary as if there were 2 b - 1
 * times fewer packets, so many times more. */
#define TIMES_MOST 8.0
#define WINDOW RILL_SECOND
#define WINDOW_MOST (2 * RILL_SECOND) /* for those */
/* Fewer runs are chance: what went before the window is taken with them; and for an answer that
 * many would have to come, were it to be no. */
#define RUNS_ENOUGH 20
#define RUNS_ANSWER 10
#define ANSWER_MOST (4 * RILL_SECOND)
#define PAST (8 * RILL_SECOND)
/* The least step that asks, and how long the answer holds. */
#define STEP 0.1
#define ASK_EVERY (8 * RILL_SECOND)
/* For so long a link that was too narrow is taken to be as narrow. */
#define REMEMBER (20 * RILL_SECOND)
/* What is left is ours when it is so much nearer, of the way, to what a queue would leave. */
#define NEARER 0.25
/* More than this nobody should call a path's own. */
#define INHERENT_MOST 0.3

void rill_gcc_loss_init(struct rill_gcc_loss *l, int64_t now, uint64_t start_bps)
{
    *l = (struct rill_gcc_loss){.bps = (double)start_bps,
                                .since = now,
                                .asked = now - ASK_EVERY,
                                .was_ours = now - REMEMBER};
}

void rill_gcc_loss_packet(struct rill_gcc_loss *l, const struct rill_bwe_packet *p)
{
    bool lost = p->arrived == RILL_NEVER;
    if (p->late) {
        l->window.lost -= l->window.lost > 0;
        return;
    }
    l->window.seen++;
    l->window.lost += lost;
    l->window.runs += lost && !l->losing;
    l->losing = lost;
}

static double ratio_of(const struct rill_gcc_losses *x)
{
    return x->seen > 0 ? x->lost / x->seen : 0;
}

static struct rill_gcc_losses sum(const struct rill_gcc_losses *a, const struct rill_gcc_losses *b,
                                  double share)
{
    return (struct rill_gcc_losses){a->lost + share * b->lost, a->seen + share * b->seen,
                                    a->runs + share * b->runs};
}

/* By how much fewer packets a ratio is known than there were. */
static double times(const struct rill_gcc_losses *x)
{
    double twice = x->runs > 0 ? 2 * x->lost / x->runs : 2;
    double n = twice > 2 ? twice - 1 : 1;
    return n < TIMES_MOST ? n : TIMES_MOST;
}

static void begin_window(struct rill_gcc_loss *l, int64_t now)
{
    double kept = 1 - (double)(now - l->since) / (double)PAST;
    l->past = sum(&l->window, &l->past, kept > 0 ? kept : 0);
    l->window = (struct rill_gcc_losses){0};
    l->since = now;
}

/* A step that the delay has made already would ask nothing. */
static void ask(struct rill_gcc_loss *l, int64_t now, double ratio, double delay_bps)
{
    if (l->bps > delay_bps)
        l->bps = delay_bps;
    double size = 0.5 * ratio > STEP ? 0.5 * ratio : STEP;
    l->bps *= 1 - size;
    l->before = l->window.runs < RUNS_ENOUGH ? sum(&l->window, &l->past, 1) : l->window;
    ratio = ratio_of(&l->before);
    /* Were the queue the cause, this ratio would be left: what arrives stays the same. */
    double congested = 1 - (1 - ratio) / (1 - size);
    congested = congested > 0 ? congested : 0;
    /* The larger of two is the less certain. */
    double nearer = congested / (congested + ratio);
    l->between = congested + (ratio - congested) * (nearer > NEARER ? nearer : NEARER);
    l->asking = true;
    l->asked = now;
    begin_window(l, now);
}

static void hear_answer(struct rill_gcc_loss *l, int64_t now, double ratio)
{
    struct rill_gcc_losses all = sum(&l->window, &l->before, 1);
    l->asking = false;
    if (ratio < l->between) {
        l->was_ours = now;
        l->inherent = 0;
        return;
    }
    l->inherent = ratio_of(&all) < INHERENT_MOST ? ratio_of(&all) : INHERENT_MOST;
}

/* How often it rises: less where the link was too narrow not long ago. */
static int64_t step_up(const struct rill_gcc_loss *l, int64_t now)
{
    return !l->shared && now - l->was_ours < REMEMBER ? WINDOW : UP_EVERY;
}

static void rise(struct rill_gcc_loss *l, int64_t now)
{
    int64_t every = step_up(l, now);
    for (int64_t step = every; step <= now - l->since && step <= WINDOW; step += every)
        l->bps *= UP;
}

/* A whole window's ratio. */
static void judge(struct rill_gcc_loss *l, int64_t now, double ratio, double delay_bps)
{
    if (l->asking)
        hear_answer(l, now, ratio);
    struct rill_gcc_losses all = sum(&l->window, &l->past, 1);
    double lately = ratio_of(&all);
    if (lately < l->inherent)
        l->inherent = lately;
    double more = ratio - l->inherent - LITTLE;
    bool by_chance = more * more < l->inherent * times(&all) / l->window.seen;
    bool much = ratio - l->inherent > MUCH;
    bool ask_again = !l->shared && now - l->asked >= ASK_EVERY;
    if (much || (ratio > LITTLE && ask_again)) {
        ask(l, now, ratio, delay_bps);
        return;
    }
    if (more < 0 || by_chance)
        rise(l, now);
    begin_window(l, now);
}

static bool is_enough(const struct rill_gcc_loss *l, int64_t age)
{
    const struct rill_gcc_losses *w = &l->window, *b = &l->before;
    if (age < WINDOW || w->seen < WINDOW_PACKETS)
        return false;
    if (l->asking)
        return w->seen * b->runs >= RUNS_ANSWER * b->seen || age >= ANSWER_MOST;
    bool most = ratio_of(w) - l->inherent > MOST;
    return most || age >= WINDOW_MOST || w->seen >= WINDOW_PACKETS * times(w);
}

void rill_gcc_loss_update(struct rill_gcc_loss *l, int64_t now, double delay_bps,
                          const struct rill_bwe_limits *limits)
{
    const struct rill_gcc_losses *w = &l->window;
    int64_t age = now - l->since;
    if (is_enough(l, age)) {
        judge(l, now, ratio_of(w), delay_bps);
    } else if (!l->asking && w->seen >= UP_PACKETS && w->lost <= 0 && age >= step_up(l, now)) {
        rise(l, now);
        begin_window(l, now);
    }
    /* Above what the delay allows it means nothing, and would be slow to come down. */
    l->bps = (double)rill_bwe_clamp(limits, l->bps < 1.5 * delay_bps ? l->bps : 1.5 * delay_bps);
}

void rill_gcc_loss_report(struct rill_gcc_loss *l, double ratio,
                          const struct rill_bwe_limits *limits)
{
    l->reported = ratio;
    if (ratio > MUCH)
        l->bps *= 1 - 0.5 * ratio;
    else if (ratio < LITTLE)
        l->bps *= UP;
    l->bps = (double)rill_bwe_clamp(limits, l->bps);
}

/* Deviation: §6 would rise by 5 % a report, and a call that begins with 300 kbit/s needs half a
 * minute to 1 Mbit/s; where hardly anything is lost it is the receiver's word that counts. */
void rill_gcc_loss_remb(struct rill_gcc_loss *l, double bps, const struct rill_bwe_limits *limits)
{
    if (l->reported < LITTLE && l->bps < bps)
        l->bps = (double)rill_bwe_clamp(limits, bps);
}
