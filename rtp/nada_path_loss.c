/* nada_path_loss: see nada_path_loss.h. */
#include "rtp/nada_path_loss.h"

/* A ratio that is to be compared needs packets and time, */
#define PACKETS 200
#define FEW 50
#define WINDOW RILL_SECOND
/* and where losses come in runs of b in the mean, which makes it vary as if there were 2 b - 1
 * times fewer packets, more of them, within */
#define WINDOW_MOST (3 * RILL_SECOND)
#define TIMES_MOST 8u
/* Less than LITTLE the letter bears; more than MUCH nobody should call a path's own. */
#define LITTLE 0.02
#define MUCH 0.15
#define OWN_MOST 0.10
/* A path that loses so much while it is asked has become narrower. */
#define HOPELESS 0.3
/* The step goes to this part of what arrived, which is an answer when no more than YIELDED of it is
 * sent. So long the encoder takes to follow. */
#define STEP_TO 0.85
#define YIELDED 0.95
#define FOLLOWS (200 * RILL_MS)
/* At the least rate there is nothing to yield: it sends so many times that before it asks. */
#define LIFT 1.5
#define ASK_EVERY (8 * RILL_SECOND)
#define HELD_MOST (5 * RILL_SECOND)
/* What was found to be the path's own is asked about again after so long. */
#define ASK_AGAIN (30 * RILL_SECOND)

static void begin_window(struct rill_nada_path_loss *l, int64_t at)
{
    l->since = l->until = at;
    l->seen = l->lost = l->runs = 0;
    l->bytes = 0;
    l->losing = l->queued = false;
}

void rill_nada_path_loss_init(struct rill_nada_path_loss *l, int64_t now)
{
    *l = (struct rill_nada_path_loss){.asked = now - ASK_EVERY};
    begin_window(l, now);
}

void rill_nada_path_loss_packet(struct rill_nada_path_loss *l, const struct rill_bwe_packet *p,
                                bool queued)
{
    bool lost = p->arrived == RILL_NEVER;
    if (p->sent < l->since)
        return;
    if (p->late) {
        l->lost -= l->lost > 0;
        return;
    }
    l->seen++;
    l->lost += lost;
    l->runs += lost && !l->losing;
    l->losing = lost;
    l->bytes += p->bytes;
    l->queued = l->queued || queued;
    l->until = p->sent > l->until ? p->sent : l->until;
}

static uint32_t times_more(const struct rill_nada_path_loss *l)
{
    uint32_t twice = l->runs ? 2 * l->lost / l->runs : 2;
    uint32_t times = twice > 2 ? twice - 1 : 1;
    return times < TIMES_MOST ? times : TIMES_MOST;
}

static bool is_whole(const struct rill_nada_path_loss *l)
{
    int64_t age = l->until - l->since;
    return age >= WINDOW_MOST || (age >= WINDOW && l->seen >= PACKETS * times_more(l));
}

static double root(double v)
{
    double r = 1;
    for (int i = 0; i < 30; i++)
        r = (r + v / r) / 2;
    return v > 0 ? r : 0;
}

static void take_for_own(struct rill_nada_path_loss *l, double ratio)
{
    l->own = ratio < OWN_MOST ? ratio : OWN_MOST;
    l->margin = 2 * root(l->own * (1 - l->own) * times_more(l) / PACKETS);
}

static void ask(struct rill_nada_path_loss *l, int64_t now, double ratio, double received_bps,
                double *r_ref)
{
    l->step = RILL_NADA_PATH_ASKS;
    l->asked = now;
    l->ratio_before = ratio;
    l->arrived_before = received_bps;
    l->r_before = *r_ref;
    *r_ref = STEP_TO * received_bps;
    begin_window(l, now + FOLLOWS);
}

static void lift(struct rill_nada_path_loss *l, int64_t now, double least_bps, double *r_ref)
{
    l->step = RILL_NADA_PATH_LIFTED;
    l->asked = now;
    if (*r_ref < LIFT * least_bps)
        *r_ref = LIFT * least_bps;
    begin_window(l, now + FOLLOWS);
}

/* Half of what was lost before, or of what was known, has to be lost still: less may be chance, so
 * it waits for more. In the longest window a quarter is enough; overload leaves next to nothing. */
static double least_of_own(const struct rill_nada_path_loss *l)
{
    double known = l->own > 0 && l->own < l->ratio_before ? l->own : l->ratio_before;
    return l->until - l->since < WINDOW_MOST ? known / 2 : known / 4;
}

static bool is_unclear(const struct rill_nada_path_loss *l, double ratio)
{
    return l->lost > 1 && ratio < least_of_own(l) && l->until - l->since < WINDOW_MOST;
}

static void hear_answer(struct rill_nada_path_loss *l, double ratio, double *r_ref)
{
    double sent_bps = (double)l->bytes * 8 * (double)RILL_SECOND / (double)(l->until - l->since);
    l->step = RILL_NADA_PATH_WATCHES;
    if (l->seen < FEW || sent_bps > YIELDED * l->arrived_before)
        return;
    if (ratio < least_of_own(l)) {
        l->own = l->margin = 0;
        return;
    }
    take_for_own(l, ratio);
    if (*r_ref < l->r_before)
        *r_ref = l->r_before;
}

static bool is_worth_asking(const struct rill_nada_path_loss *l, int64_t now, double ratio)
{
    int64_t every = ratio > l->own + l->margin ? ASK_EVERY : ASK_AGAIN;
    bool due = now - l->asked >= every || l->step == RILL_NADA_PATH_LIFTED;
    return due && l->seen >= FEW && ratio > LITTLE && ratio < MUCH && !l->queued;
}

/* What a window tells that was no answer. */
static void follow(struct rill_nada_path_loss *l, double ratio)
{
    l->step = RILL_NADA_PATH_WATCHES;
    if (ratio >= MUCH)
        l->own = l->margin = 0;
    else if (ratio < l->own)
        l->own += (ratio - l->own) / 10;
}

static void judge(struct rill_nada_path_loss *l, int64_t now, double ratio, bool may_ask,
                  double received_bps, double least_bps, double *r_ref)
{
    bool worth = may_ask && is_worth_asking(l, now, ratio);
    if (worth && STEP_TO * received_bps >= least_bps)
        ask(l, now, ratio, received_bps, r_ref);
    else if (worth && l->step == RILL_NADA_PATH_WATCHES)
        lift(l, now, least_bps, r_ref);
    else
        follow(l, ratio);
}

/* Nothing is to be learnt any more, and the delay, or the loss, has to be answered. */
static bool is_void(const struct rill_nada_path_loss *l, int64_t now)
{
    bool hopeless = l->seen >= FEW && l->lost > HOPELESS * l->seen;
    return l->step != RILL_NADA_PATH_WATCHES &&
           (l->queued || hopeless || now - l->asked > HELD_MOST);
}

bool rill_nada_path_loss_update(struct rill_nada_path_loss *l, int64_t now, bool may_ask,
                                double received_bps, double least_bps, double *r_ref)
{
    double ratio = l->seen ? (double)l->lost / l->seen : 0;
    bool asks = l->step == RILL_NADA_PATH_ASKS;
    if (is_void(l, now)) {
        l->step = RILL_NADA_PATH_WATCHES;
        begin_window(l, l->until);
    } else if (is_whole(l) && !(asks && is_unclear(l, ratio))) {
        if (asks)
            hear_answer(l, ratio, r_ref);
        else
            judge(l, now, ratio, may_ask, received_bps, least_bps, r_ref);
        if (l->step == RILL_NADA_PATH_WATCHES)
            begin_window(l, l->until);
    }
    return l->step != RILL_NADA_PATH_WATCHES;
}
