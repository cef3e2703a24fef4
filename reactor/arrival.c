#include "reactor/arrival.h"

/* How far two looks may differ: what reading two clocks costs, and how fast a clock is slewed
 * (adjtime: 500 ppm; here twice as much). */
#define STEP RILL_MS
#define SLEW 1000

void rill_arrival_look(struct rill_arrival *a, int64_t now, int64_t wall)
{
    int64_t ahead = wall - now, most = STEP + (now - a->now) / SLEW;
    int64_t apart = ahead > a->ahead ? ahead - a->ahead : a->ahead - ahead;
    if (!a->looked || apart > most)
        a->since = now;
    a->looked = true;
    a->now = now;
    a->ahead = ahead;
}

int64_t rill_arrival_of(const struct rill_arrival *a, int64_t stamp)
{
    int64_t at = stamp - a->ahead;
    bool believed = at >= a->since && at < a->now && a->now - at <= RILL_ARRIVAL_AGE_MAX;
    return believed ? at : a->now;
}
