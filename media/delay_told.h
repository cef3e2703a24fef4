/* media/delay_told: how long sound waits before it is played, told when it changes: by 10 ms, and
 * no more often than each 200 ms. */
#ifndef RILL_MEDIA_DELAY_TOLD_H
#define RILL_MEDIA_DELAY_TOLD_H

#include "base/clock.h"
#include "base/trace.h"

#define RILL_DELAY_TOLD_EVERY (200 * RILL_MS)
#define RILL_DELAY_TOLD_STEP (10 * RILL_MS)

/* Zero it to begin. */
struct rill_delay_told {
    int64_t at, target;
};

/* target, delay: what is aimed at, and what the sound that is played now has waited, µs. */
void rill_delay_tell(struct rill_delay_told *t, const struct rill_trace *trace, int64_t now,
                     int64_t target, int64_t delay);

#endif
