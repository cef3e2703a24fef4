/* shared_queue: see shared_queue.h. */
#include "rtp/shared_queue.h"

/* Who comes to a queue that stands does not see how long it is, only how it sways: what stands is
 * above a third of that, between these. */
#define STANDS_LEAST (50 * RILL_MS)
#define STANDS_MOST (100 * RILL_MS)
#define STANDS_FOR (4 * RILL_SECOND)
#define REMEMBERED (15 * RILL_SECOND)
/* Calls of our kind that took each other for such flows would fill the queue for ever: after so
 * long it is tried again whether it drains. */
#define SHARED_MOST (30 * RILL_SECOND)
/* The least and the most of this time and the one before; routes change, and clocks drift. */
#define PERIOD (60 * RILL_SECOND)
/* A silence tells of this much at most. */
#define SILENCE (RILL_SECOND / 2)

static void learn(struct rill_shared_queue *q, int64_t now, int64_t delay)
{
    if (!q->started || now - q->period > PERIOD) {
        q->least[1] = q->started ? q->least[0] : delay;
        q->most[1] = q->started ? q->most[0] : delay;
        q->least[0] = q->most[0] = delay;
        q->period = now;
    }
    if (delay < q->least[0])
        q->least[0] = delay;
    if (delay > q->most[0])
        q->most[0] = delay;
}

static bool stands(const struct rill_shared_queue *q, int64_t delay)
{
    int64_t least = rill_earlier(q->least[0], q->least[1]);
    int64_t most = q->most[0] > q->most[1] ? q->most[0] : q->most[1];
    int64_t third = (most - least) / 3;
    if (third < STANDS_LEAST)
        third = STANDS_LEAST;
    return delay - least >= rill_earlier(third, STANDS_MOST);
}

bool rill_shared_queue_heard(struct rill_shared_queue *q, int64_t now, int64_t delay)
{
    learn(q, now, delay);
    int64_t passed = q->started ? rill_earlier(now - q->heard, SILENCE) : 0;
    q->started = true;
    q->heard = now;
    q->stood += stands(q, delay) ? passed : -passed;
    if (q->stood < 0)
        q->stood = 0;
    if (q->stood > STANDS_FOR)
        q->stood = STANDS_FOR;
    bool shared = now < q->until;
    if (shared && now - q->since >= SHARED_MOST) {
        q->until = now;
        q->stood = 0;
    } else if (q->stood == STANDS_FOR) {
        q->since = shared ? q->since : now;
        q->until = now + REMEMBERED;
    }
    return now < q->until;
}
