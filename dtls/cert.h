/* dtls/cert: a self-signed ECDSA P-256 certificate and its fingerprint (RFC 8827 §6.5,
 * RFC 8122 §5). Made once a process: it costs milliseconds. */
#ifndef RILL_DTLS_CERT_H
#define RILL_DTLS_CERT_H

#include "base/rng.h"
#include "dtls/errors.h"

struct rill_dtls_cert;

#define RILL_DTLS_FINGERPRINT 32 /* SHA-256 */

size_t rill_dtls_cert_size(void);
/* Errors: RILL_DTLS_CERT_FAILED. The block belongs to the certificate until it is freed.
 * The same rng stream gives the same certificate, byte for byte. */
int rill_dtls_cert_init(void *block, const struct rill_rng *rng, struct rill_dtls_cert **out);
void rill_dtls_cert_free(struct rill_dtls_cert *c);

struct rill_view rill_dtls_cert_der(const struct rill_dtls_cert *c);
/* SHA-256 over the DER, 32 bytes. */
struct rill_view rill_dtls_cert_fingerprint(const struct rill_dtls_cert *c);

/* "AB:CD:…" as a=fingerprint has it. */
void rill_dtls_fingerprint_write(struct rill_writer *w, struct rill_view digest);
/* Hex pairs with colons, either case; returns bytes or -1. */
long rill_dtls_fingerprint_parse(struct rill_view text, struct rill_span out);

#endif
