/* media/per_second: how many there were in the last second: frames that were encoded, or shown.
 * Times rise; more than 128 a second are 128. */
#ifndef RILL_MEDIA_PER_SECOND_H
#define RILL_MEDIA_PER_SECOND_H

#include "base/clock.h"

#define RILL_PER_SECOND_MAX 128

/* Zero it to begin. */
struct rill_per_second {
    int64_t times[RILL_PER_SECOND_MAX];
    uint64_t n;
};

static inline void rill_per_second_add(struct rill_per_second *p, int64_t time)
{
    p->times[p->n++ % RILL_PER_SECOND_MAX] = time;
}

static inline unsigned rill_per_second_count(const struct rill_per_second *p, int64_t now)
{
    uint64_t most = p->n < RILL_PER_SECOND_MAX ? p->n : RILL_PER_SECOND_MAX;
    unsigned count = 0;
    while (count < most && now - p->times[(p->n - 1 - count) % RILL_PER_SECOND_MAX] < RILL_SECOND)
        count++;
    return count;
}

#endif
