/* dtls/hello: rejoins a ClientHello that came in fragments (RFC 6347 §4.2.3).
 *
 * The idea: a browser's ClientHello is larger than a datagram, and mbedtls takes none in
 * pieces. One slot collects the pieces, whatever their order, and gives back one record as
 * if it had never been cut; the transcript is hashed over that form anyway (§4.2.6), so
 * Finished still holds.
 *
 * Bounded: one slot of RILL_DTLS_HELLO_MAX bytes that forgets after RILL_DTLS_HELLO_EXPIRY.
 * The newest hello owns it: the honest side repeats itself, so nobody can keep it occupied.
 */
#ifndef RILL_DTLS_HELLO_H
#define RILL_DTLS_HELLO_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "dtls/record.h"

#define RILL_DTLS_HELLO_EXPIRY (5 * RILL_SECOND)

struct rill_dtls_hello {
    uint8_t *slot; /* record header, message header, message */
    uint8_t *have; /* one bit a byte of the message */
    size_t missing;
    uint32_t length;
    uint16_t seq;
    bool busy;
    int64_t since;
};

/* Takes the slot from the arena (or counts). */
void rill_dtls_hello_init(struct rill_dtls_hello *h, struct rill_arena *a);
void rill_dtls_hello_forget(struct rill_dtls_hello *h);

/* m: a fragment of a ClientHello, from record r. Returns 1 when that completes the message:
 * *whole is then one record, in the slot until the next call; 0 while pieces are missing.
 * Errors: RILL_DTLS_HELLO_TOO_LARGE. */
int rill_dtls_hello_take(struct rill_dtls_hello *h, int64_t now, const struct rill_dtls_record *r,
                         const struct rill_dtls_message *m, struct rill_view *whole,
                         struct rill_err *why);

#endif
