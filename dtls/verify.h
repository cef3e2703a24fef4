/* dtls/verify: who is at the other end (RFC 8122 §5, §6.2; RFC 8842 §5.1).
 *
 * The idea: certificates are self-signed, so a chain proves nothing; what signaling said of
 * the certificate's hash does. mbedtls would let a missing or another certificate pass. */
#ifndef RILL_DTLS_VERIFY_H
#define RILL_DTLS_VERIFY_H

#include "dtls/compat.h"
#include "dtls/errors.h"

#include <mbedtls/md.h>

#define RILL_DTLS_FINGERPRINTS_MAX 8
#define RILL_DTLS_HASH_MAX 64 /* SHA-512 */

struct rill_dtls_fingerprint {
    mbedtls_md_type_t md;
    size_t n;
    uint8_t digest[RILL_DTLS_HASH_MAX];
};

struct rill_dtls_verify {
    struct rill_dtls_fingerprint list[RILL_DTLS_FINGERPRINTS_MAX];
    size_t n;
};

/* One a=fingerprint; the same one again counts once. Errors: FINGERPRINT_HASH,
 * FINGERPRINT_SYNTAX, FINGERPRINTS_FULL. */
int rill_dtls_verify_add(struct rill_dtls_verify *v, struct rill_view hash, struct rill_view value,
                         struct rill_err *why);
/* 0 when one of the fingerprints is the certificate's. Errors: NO_CERTIFICATE when cert is
 * NULL, NO_FINGERPRINT, FINGERPRINT_MISMATCH. */
int rill_dtls_verify_cert(const struct rill_dtls_verify *v, const mbedtls_x509_crt *cert);

#endif
