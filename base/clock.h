/* clock: what time is, inside rill.
 *
 * The idea: time is a parameter. A time is an int64_t: µs of a monotonic clock with any
 * origin. Every call that may act takes `now`, one call sees one instant, and a machine
 * says by its deadline when it wants to be called again. Nothing below the reactor ever
 * asks a clock.
 */
#ifndef RILL_BASE_CLOCK_H
#define RILL_BASE_CLOCK_H

#include <stdint.h>

#define RILL_MS ((int64_t)1000)
#define RILL_SECOND ((int64_t)1000000)
/* The deadline of a machine that waits for nothing. */
#define RILL_NEVER INT64_MAX

static inline int64_t rill_earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* RFC 5905 §6: seconds since 1900 in the upper 32 bits, the fraction in the lower.
 * unix_us: µs since 1970. */
uint64_t rill_ntp_from_unix_us(int64_t unix_us);

#endif
