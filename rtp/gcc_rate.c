/* gcc_rate: the rate that the delay allows (draft-ietf-rmcat-gcc-02 §5.5).
 *
 *              over-use    normal     under-use
 *   INCREASE   DECREASE    -          HOLD
 *   HOLD       DECREASE    INCREASE   -
 *   DECREASE   -           HOLD       HOLD
 */
#include "rtp/gcc.h"

#define BETA 0.85
#define SMOOTHING 0.95
#define NEAR 9.0 /* three standard deviations, squared */
/* Of the average, kbit/s: it is never so sure that it is sure of nothing else. */
#define VARIANCE_LEAST 0.0016 /* (4 %)² of the average */
#define PACKET_BITS (1200 * 8)

void rill_gcc_rate_init(struct rill_gcc_rate *r, uint64_t start_bps)
{
    *r = (struct rill_gcc_rate){.bps = (double)start_bps};
}

/* "an estimate of over-use estimator and detector reaction time" */
static int64_t response_time(int64_t rtt)
{
    return rtt + 100 * RILL_MS;
}

/* A decrease shows only after the response time: until then over-use is the old one's. */
static enum rill_gcc_state after(const struct rill_gcc_rate *r, int64_t now,
                                 enum rill_gcc_signal signal, int64_t rtt)
{
    bool fell_just_now = r->fell && now - r->fell < response_time(rtt);
    if (signal == RILL_GCC_OVERUSE)
        return fell_just_now ? RILL_GCC_HOLD : RILL_GCC_DECREASE;
    if (signal == RILL_GCC_UNDERUSE)
        return RILL_GCC_HOLD;
    return r->state == RILL_GCC_DECREASE ? RILL_GCC_HOLD : RILL_GCC_INCREASE;
}

/* What arrived when the rate had to fall: the capacity, as far as it is known. */
static void remember(struct rill_gcc_rate *r, double kbps)
{
    if (!r->has_average) {
        r->has_average = true;
        r->average = kbps;
        r->variance = 0;
    }
    double away = kbps - r->average;
    r->average += (1 - SMOOTHING) * away;
    r->variance = SMOOTHING * r->variance + (1 - SMOOTHING) * away * away;
    double least = VARIANCE_LEAST * r->average * r->average;
    if (r->variance < least)
        r->variance = least;
}

/* Squared, in standard deviations; the sign says above or below. */
static double distance(const struct rill_gcc_rate *r, double kbps)
{
    double away = kbps - r->average;
    return (away < 0 ? -1 : 1) * away * away / r->variance;
}

/* eta = 1.08^min(t, 1), by its first terms.
 * Deviation: until a bound has shown itself it doubles in a second, as TCP's does in slow start:
 * at 8 % a call that begins with 300 kbit/s needs 25 s to 2 Mbit/s. The bound by what arrives
 * holds here too, so a path that is full is not asked for more than half as much again. */
static double multiplicative(const struct rill_gcc_rate *r, double seconds)
{
    double t = seconds < 1 ? seconds : 1;
    if (!r->bounded)
        return 1 + 0.69315 * t + 0.30685 * t * t;
    return 1 + 0.07696 * t + 0.00304 * t * t;
}

/* Half a packet a response time.
 * Deviation: of the same response time for all, that of a round trip of 100 ms: calls whose round
 * trips differ tenfold, and that share a link, would else differ by as much in what they get. */
static double additive(const struct rill_gcc_rate *r, double seconds)
{
    double response = (double)response_time(100 * RILL_MS) / (double)RILL_SECOND;
    double share = seconds / response;
    double frame = r->bps / 30;
    double packets = (double)((uint64_t)(frame / PACKET_BITS) + 1);
    double bits = 0.5 * (share < 1 ? share : 1) * frame / packets;
    return bits > 1000 * seconds ? bits : 1000 * seconds;
}

static void increase(struct rill_gcc_rate *r, double seconds, double received)
{
    bool near = false;
    if (r->has_average && received > 0) {
        double d = distance(r, received / 1000);
        near = d <= NEAR && d >= -NEAR;
        /* "the current congestion level has changed" */
        r->has_average = d <= NEAR;
    }
    if (near)
        r->bps += additive(r, seconds);
    else
        r->bps *= multiplicative(r, seconds);
    /* What is not sent proves nothing: A_hat < 1.5 R_hat. */
    if (received > 0 && r->bps > 1.5 * received)
        r->bps = 1.5 * received;
}

static void decrease(struct rill_gcc_rate *r, int64_t now, double received)
{
    r->fell = now;
    r->bounded = true;
    if (received <= 0)
        received = r->bps;
    double kbps = received / 1000;
    if (r->has_average && distance(r, kbps) < -NEAR)
        r->has_average = false;
    remember(r, kbps);
    if (BETA * received < r->bps)
        r->bps = BETA * received;
}

void rill_gcc_rate_update(struct rill_gcc_rate *r, int64_t now, enum rill_gcc_signal signal,
                          uint64_t received_bps, int64_t rtt, const struct rill_bwe_limits *l)
{
    double seconds = r->started ? (double)(now - r->updated) / (double)RILL_SECOND : 0;
    double before = r->bps;
    r->started = true;
    r->updated = now;
    r->state = after(r, now, signal, rtt);
    if (r->state == RILL_GCC_INCREASE)
        increase(r, seconds, (double)received_bps);
    else if (r->state == RILL_GCC_DECREASE)
        decrease(r, now, (double)received_bps);
    /* The bound by what arrives must not make an increase a fall. */
    if (r->state == RILL_GCC_INCREASE && r->bps < before)
        r->bps = before;
    r->bps = (double)rill_bwe_clamp(l, r->bps);
}
