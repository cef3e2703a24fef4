/* rtp/bwe_packet: what a controller learns of one packet, and the bounds it keeps to. */
#ifndef RILL_RTP_BWE_PACKET_H
#define RILL_RTP_BWE_PACKET_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rill_bwe_packet {
    int64_t sent;    /* our clock, µs */
    int64_t arrived; /* the receiver's clock, µs; RILL_NEVER: it did not arrive */
    uint32_t bytes;  /* of the datagram */
    uint8_t probe;   /* the cluster it belongs to (rtp/probe.h); 0: none */
    bool late;       /* it was told as lost before */
    uint32_t stream; /* whose it is; 0: not said */
};

struct rill_bwe_limits {
    uint64_t min_bps, max_bps;
};

static inline uint64_t rill_bwe_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t rill_bwe_clamp(const struct rill_bwe_limits *l, double bps)
{
    if (!(bps > (double)l->min_bps))
        return l->min_bps;
    return bps < (double)l->max_bps ? (uint64_t)bps : l->max_bps;
}

#endif
