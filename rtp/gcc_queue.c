/* gcc_queue: is the queue somebody else's?
 *
 * The idea: what stands in a queue that is ours drains when we yield. One that goes on standing for
 * seconds is filled by flows that know losses alone, and to yield to it again and again would be to
 * leave the path to them; so long the detector's threshold, which has grown with that queue's
 * swaying, does not come down again (gcc_overuse.c).
 */
#include "rtp/gcc.h"

#define STANDS (100 * RILL_MS)
#define STANDS_FOR (4 * RILL_SECOND)
#define REMEMBERED (15 * RILL_SECOND)
/* Calls of our kind that took each other for such flows would fill the queue for ever: after so
 * long it is tried again whether it drains. */
#define SHARED_MOST (30 * RILL_SECOND)
/* The least delay of this time and the one before; routes change, and clocks drift. */
#define BASE_PERIOD (60 * RILL_SECOND)

void rill_gcc_queue_init(struct rill_gcc_queue *q)
{
    *q = (struct rill_gcc_queue){0};
}

static int64_t queued(struct rill_gcc_queue *q, int64_t now, int64_t delay)
{
    if (!q->started || now - q->period > BASE_PERIOD) {
        q->before = q->started ? q->least : delay;
        q->least = delay;
        q->period = now;
    }
    q->least = rill_earlier(q->least, delay);
    return delay - rill_earlier(q->least, q->before);
}

bool rill_gcc_queue_is_shared(struct rill_gcc_queue *q, int64_t now, int64_t delay)
{
    int64_t d = queued(q, now, delay);
    if (!q->started || d < STANDS)
        q->short_at = now;
    q->started = true;
    bool shared = now < q->shared_until;
    if (shared && now - q->shared_since >= SHARED_MOST) {
        q->shared_until = q->short_at = now;
    } else if (now - q->short_at >= STANDS_FOR) {
        q->shared_since = shared ? q->shared_since : now;
        q->shared_until = now + REMEMBERED;
    }
    return now < q->shared_until;
}
