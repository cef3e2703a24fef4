#include "dtls/flight.h"

#include <string.h>

void rill_dtls_flight_init(struct rill_dtls_flight *f, struct rill_arena *a, size_t mtu,
                           int64_t rtt)
{
    int64_t first = rtt > 0 ? rtt : RILL_DTLS_FIRST_WAIT;
    if (first < RILL_DTLS_WAIT_MIN)
        first = RILL_DTLS_WAIT_MIN;
    *f = (struct rill_dtls_flight){
        .ring = {.cap = RILL_DTLS_FLIGHT_SLOTS},
        .slots = rill_arena_take(a, RILL_DTLS_FLIGHT_SLOTS, mtu),
        .mtu = mtu,
        .first = rill_earlier(first, RILL_DTLS_WAIT_MAX),
        .due = RILL_NEVER,
    };
}

void rill_dtls_flight_at(struct rill_dtls_flight *f, int64_t now)
{
    f->now = now;
    f->counted = false;
}

size_t rill_dtls_flight_pop(struct rill_dtls_flight *f, struct rill_span out)
{
    if (f->ring.n == 0 || out.n < f->sizes[f->ring.head])
        return 0;
    size_t slot = rill_ring_pop(&f->ring);
    memcpy(out.p, f->slots + slot * f->mtu, f->sizes[slot]);
    return f->sizes[slot];
}

void rill_dtls_flight_cut(struct rill_dtls_flight *f, size_t n)
{
    if (f->ring.n > n)
        f->ring.n = n;
}

/* A full queue loses the datagram, as a network would; the next retransmission repairs it. */
int rill_dtls_flight_send(struct rill_dtls_flight *f, const uint8_t *p, size_t n)
{
    if (!f->counted)
        f->flights++;
    f->counted = true;
    size_t slot = n <= f->mtu ? rill_ring_push(&f->ring) : RILL_RING_NONE;
    if (slot == RILL_RING_NONE)
        return (int)n;
    memcpy(f->slots + slot * f->mtu, p, n);
    f->sizes[slot] = n;
    return (int)n;
}

/* final: 0 cancels; else 1, 2, 4, … as mbedtls doubles.
 *
 * Deviation: RFC 6347 §4.2.4.1 would "use an initial timer value of 1 second" and double it up
 * to 60. A call is waiting: browsers begin at 50 ms, and the round trip is known from ICE. */
void rill_dtls_flight_set_timer(void *ctx, uint32_t intermediate, uint32_t final)
{
    struct rill_dtls_flight *f = ctx;
    (void)intermediate;
    if (final == 0)
        f->due = RILL_NEVER;
    else
        f->due = f->now + rill_earlier(f->first * final, RILL_DTLS_WAIT_MAX);
}

/* As mbedtls numbers them: -1 cancelled, 0 running, 2 over. */
int rill_dtls_flight_get_timer(void *ctx)
{
    const struct rill_dtls_flight *f = ctx;
    if (f->due == RILL_NEVER)
        return -1;
    return f->now >= f->due ? 2 : 0;
}
