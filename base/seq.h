/* seq: serial-number arithmetic (RFC 1982), for RTP's 16-bit sequence numbers and 32-bit
 * timestamps that wrap. Half the circle is ahead, half behind. */
#ifndef RILL_BASE_SEQ_H
#define RILL_BASE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* How far a lies ahead of b, negative when behind. */
static inline int16_t rill_seq16_diff(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(a - b);
}

static inline int32_t rill_seq32_diff(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static inline bool rill_seq16_newer(uint16_t a, uint16_t b)
{
    return rill_seq16_diff(a, b) > 0;
}

static inline bool rill_seq32_newer(uint32_t a, uint32_t b)
{
    return rill_seq32_diff(a, b) > 0;
}

/* The number of the endless count that is nearest to `near` and ends in seq. */
static inline int64_t rill_seq16_unwrap(int64_t near, uint16_t seq)
{
    return near + rill_seq16_diff(seq, (uint16_t)near);
}

static inline int64_t rill_seq32_unwrap(int64_t near, uint32_t stamp)
{
    return near + rill_seq32_diff(stamp, (uint32_t)near);
}

#endif
