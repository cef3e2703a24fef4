/* rtp/rate_meter: bits a second over the last half second, of whatever passes by.
 *
 * The idea: a ring of slices of 10 ms, each with the bytes that came in it. Times may be any
 * clock's, but must not go back by more than the window. */
#ifndef RILL_RTP_RATE_METER_H
#define RILL_RTP_RATE_METER_H

#include "base/clock.h"

#include <stddef.h>
#include <stdint.h>

#define RILL_RATE_SLICES 50
#define RILL_RATE_SLICE (10 * RILL_MS)

struct rill_rate_meter {
    uint32_t bytes[RILL_RATE_SLICES];
    uint64_t sum;
    int64_t first, newest; /* slices since the clock began */
    int started;
};

void rill_rate_meter_add(struct rill_rate_meter *m, int64_t at, uint32_t bytes);
/* 0 until something has passed for 50 ms. */
uint64_t rill_rate_meter_bps(const struct rill_rate_meter *m);

#endif
