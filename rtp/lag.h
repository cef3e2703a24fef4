/* rtp/lag: how much later than its fastest packets a stream comes now.
 *
 * The idea: what a queue on the way adds to a packet's time shows at once in when it comes, held
 * against its RTP time; a round trip that RTCP tells is a second old. The fastest packets of the
 * last half minute to a minute are taken to have waited for nothing; what is older says nothing,
 * since clocks drift. */
#ifndef RILL_RTP_LAG_H
#define RILL_RTP_LAG_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

/* Zero it to begin. */
struct rill_rtp_lag {
    bool started;
    uint32_t rtp_time;     /* of the newest */
    uint32_t clock_hz;     /* by which it is */
    int64_t time;          /* the same, µs since the first */
    int64_t least, before; /* arrival minus time: of this period, and of the one before */
    int64_t period;        /* when this period began */
    int64_t lag;
};

/* A packet of this RTP time came; of those of one picture the first counts. By another clock it
 * begins anew (RFC 7160 §4.3). */
void rill_rtp_lag_packet(struct rill_rtp_lag *l, int64_t arrived, uint32_t rtp_time,
                         uint32_t clock_hz);
/* µs, from 0 to 2 s. */
int64_t rill_rtp_lag(const struct rill_rtp_lag *l);

#endif
