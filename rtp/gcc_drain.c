/* gcc_drain: a queue that was left when the rate fell.
 *
 * The idea: §5.5 lets the rate fall to 85 % of what arrives. What a path that narrowed has in its
 * queue by then, up to its whole length, drains with the rest: 300 ms of it in 2 s, and while it
 * stands every picture is late. So until it is short again less is sent, the longer it is the less,
 * as much less as would have it gone in a second; the rate itself stays what it is. What has not
 * drained within two is filled by others, or no queue, and is left alone for a while.
 */
#include "rtp/gcc.h"

#define LONG (100 * RILL_MS)
#define SHORT (50 * RILL_MS)
#define DRAINS_IN RILL_SECOND
#define DRAINS_MOST (2 * RILL_SECOND)
#define OTHERS (60 * RILL_SECOND)
/* Pictures have to go on. */
#define LEAST 0.5

void rill_gcc_drain_init(struct rill_gcc_drain *d)
{
    *d = (struct rill_gcc_drain){.share = 1};
}

void rill_gcc_drain_update(struct rill_gcc_drain *d, int64_t now, int64_t fell, int64_t waited,
                           bool shared)
{
    bool drained = d->drains;
    bool lately = fell && now - fell < DRAINS_MOST;
    if (shared || (drained && now - d->since >= DRAINS_MOST))
        d->barred_until = now + OTHERS;
    d->drains = lately && now >= d->barred_until && waited >= (drained ? SHORT : LONG);
    if (d->drains && !drained)
        d->since = now;
    double share = 1 - (double)(waited - SHORT) / (double)DRAINS_IN;
    d->share = !d->drains ? 1 : share > LEAST ? share : LEAST;
}
