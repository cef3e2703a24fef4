/* rtp/abs_send_time: the time a packet left, in itself
 * (http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time).
 *
 *   | seconds (6) . fraction (18) |    of the sender's clock, the lower bits of its NTP time
 *
 * The idea: 64 s go round, so of two times the nearer one is meant. */
#ifndef RILL_RTP_ABS_SEND_TIME_H
#define RILL_RTP_ABS_SEND_TIME_H

#include "base/bytes.h"
#include "base/clock.h"

#define RILL_ABS_SEND_TIME_SIZE 3

/* unix_us: µs since 1970. */
static inline uint32_t rill_abs_send_time(int64_t unix_us)
{
    return (uint32_t)(rill_ntp_from_unix_us(unix_us) >> 14) & 0xffffff;
}

/* In units of 2^-18 s, nearest to `before`. */
static inline int64_t rill_abs_send_time_unwrap(int64_t before, uint32_t value)
{
    int64_t ahead = (int64_t)((value - (uint32_t)before) & 0xffffff);
    return before + (ahead >= 0x800000 ? ahead - 0x1000000 : ahead);
}

static inline int64_t rill_abs_send_time_us(int64_t units)
{
    return units * 15625 / 4096; /* 10^6 / 2^18 */
}

#endif
