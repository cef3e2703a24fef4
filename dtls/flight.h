/* dtls/flight: what waits to be sent, and when to send it again (RFC 6347 §4.2.4).
 *
 * The idea: mbedtls calls a socket and a timer; here are both, made of memory. Datagrams go
 * into a bounded queue; the timer is a deadline that the next tick compares with now.
 *
 * The schedule is rill's own: the first wait is the round trip that ICE measured, or 100 ms;
 * it doubles up to a second and stays there. mbedtls's timeouts, which begin at 1 and double
 * each time, only count the doublings.
 */
#ifndef RILL_DTLS_FLIGHT_H
#define RILL_DTLS_FLIGHT_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/ring.h"

#define RILL_DTLS_FLIGHT_SLOTS 8
#define RILL_DTLS_FIRST_WAIT (100 * RILL_MS)
#define RILL_DTLS_WAIT_MIN (50 * RILL_MS)
#define RILL_DTLS_WAIT_MAX RILL_SECOND

struct rill_dtls_flight {
    struct rill_ring ring;
    uint8_t *slots; /* RILL_DTLS_FLIGHT_SLOTS of mtu bytes */
    size_t sizes[RILL_DTLS_FLIGHT_SLOTS];
    size_t mtu;

    int64_t now; /* of the verb that runs */
    int64_t first;
    int64_t due; /* RILL_NEVER when no timer runs */

    uint32_t flights;
    bool counted; /* this verb has begun its flight already */
};

/* rtt: µs, 0 when unknown. */
void rill_dtls_flight_init(struct rill_dtls_flight *f, struct rill_arena *a, size_t mtu,
                           int64_t rtt);
/* A verb begins: what is sent from here on is one flight. */
void rill_dtls_flight_at(struct rill_dtls_flight *f, int64_t now);
/* The oldest datagram; 0 when there is none or out is too small for it. */
size_t rill_dtls_flight_pop(struct rill_dtls_flight *f, struct rill_span out);
/* Forgets the newest datagrams until only n are left. */
void rill_dtls_flight_cut(struct rill_dtls_flight *f, size_t n);

/* Returns n. */
int rill_dtls_flight_send(struct rill_dtls_flight *f, const uint8_t *p, size_t n);

/* mbedtls's timer; ctx is the flight. */
void rill_dtls_flight_set_timer(void *ctx, uint32_t intermediate, uint32_t final);
int rill_dtls_flight_get_timer(void *ctx);

#endif
