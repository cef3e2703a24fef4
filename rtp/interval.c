/* interval: when the next regular report goes out (RFC 3550 §6.2, §6.3.1).
 *
 * The idea: the share of the bandwidth that RTCP may use, divided among those who report,
 * gives a mean; chance spreads it, so that many endpoints do not report in step. */
#include "rtp/report.h"

#define MEMBERS_MAX 100000
#define SIZE_MAX_COUNTED 65535
/* Far beyond any timeout; it keeps the products below 2^64. */
#define LONGEST (3600 * RILL_SECOND)

/* Tmin. RFC 4585 §3.4 allows 0; Chromium reports video each second, and audio, whose 360 s over
 * the bandwidth is longer, each five. */
static int64_t shortest(bool first, uint64_t bandwidth_bps)
{
    /* RFC 3550 §6.2: "The RECOMMENDED value for the reduced minimum in seconds is 360 divided
     * by the session bandwidth in kilobits/second." */
    int64_t us = 5 * RILL_SECOND;
    if (bandwidth_bps > 72000)
        us = (int64_t)(360000 * (uint64_t)RILL_SECOND / bandwidth_bps);
    if (us < RILL_SECOND)
        us = RILL_SECOND;
    /* §6.2: the first delay "MAY be set to half the minimum interval". */
    return first ? us / 2 : us;
}

/* n × C: what the bandwidth allows. */
static int64_t fair_share(uint64_t bandwidth_bps, size_t average_size, unsigned members,
                          unsigned senders, bool we_send)
{
    uint64_t n = members;
    uint64_t quarters = 4; /* of the RTCP bandwidth that those n share */
    /* RFC 3550 §6.3.1: with senders at most 25 % of the members, these get 25 % of the
     * bandwidth and the receivers 75 %; with more, all share alike. */
    if ((uint64_t)senders * 4 <= members) {
        n = we_send ? senders : members - senders;
        quarters = we_send ? 1 : 3;
    }
    if (bandwidth_bps == 0)
        return 0;
    n = n > MEMBERS_MAX ? MEMBERS_MAX : n;
    uint64_t bits =
        8 * (uint64_t)(average_size > SIZE_MAX_COUNTED ? SIZE_MAX_COUNTED : average_size);
    /* 5 % is a twentieth (§6.2). */
    uint64_t us = n * bits * 20 * 4 / quarters * (uint64_t)RILL_SECOND / bandwidth_bps;
    return us > (uint64_t)LONGEST ? LONGEST : (int64_t)us;
}

/* "a number uniformly distributed between 0.5 and 1.5 times" it. */
static int64_t spread(const struct rill_rng *rng, int64_t mean)
{
    return mean / 2 + (int64_t)((uint64_t)mean * rill_rng_u32(rng) >> 32);
}

int64_t rill_rtcp_early_interval_us(const struct rill_rng *rng, uint64_t bandwidth_bps,
                                    size_t average_size, unsigned members, unsigned senders,
                                    bool we_send)
{
    return spread(rng, fair_share(bandwidth_bps, average_size, members, senders, we_send));
}

int64_t rill_rtcp_interval_us(const struct rill_rng *rng, bool first, uint64_t bandwidth_bps,
                              size_t average_size, unsigned members, unsigned senders, bool we_send)
{
    int64_t mean = shortest(first, bandwidth_bps);
    int64_t share = fair_share(bandwidth_bps, average_size, members, senders, we_send);
    if (share > mean)
        mean = share;
    /* §6.3.1: "The resulting value of T is divided by e-3/2=1.21828 to compensate for the fact that
     * the timer reconsideration algorithm converges to a value … below the intended average." */
    return (int64_t)((uint64_t)spread(rng, mean) * 100000 / 121828);
}
