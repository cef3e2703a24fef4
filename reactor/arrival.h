/* reactor/arrival: when a datagram came, which is earlier than when it was read.
 *
 * The idea: the kernel stamps each datagram, by the wall clock. How far that is ahead of the
 * monotonic clock is looked up with each batch; a stamp is believed as far as the two clocks have
 * kept their distance since the last look, so a wall clock that is set moves no arrival.
 */
#ifndef RILL_REACTOR_ARRIVAL_H
#define RILL_REACTOR_ARRIVAL_H

#include "base/clock.h"

#include <stdbool.h>

/* A stamp older than this is nobody's. */
#define RILL_ARRIVAL_AGE_MAX (10 * RILL_SECOND)

struct rill_arrival {
    bool looked;
    int64_t now, ahead; /* of the last look: monotonic µs, and what the wall clock has more */
    int64_t since;      /* the clocks have gone alike since this look */
};

/* Both clocks at one instant. */
void rill_arrival_look(struct rill_arrival *a, int64_t now, int64_t wall);
/* The monotonic time of a stamp, µs since 1970: not later than the last look, which is what it is
 * when the stamp is not believed. */
int64_t rill_arrival_of(const struct rill_arrival *a, int64_t stamp);

#endif
