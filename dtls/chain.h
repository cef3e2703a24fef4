/* dtls/chain: may a certificate speak for this name, now? (RFC 5280 §6.1, RFC 9525 §6)
 *
 * The idea: mbedtls follows the chain and its signatures; names and dates are judged here: it
 * knows no addresses, and would ask a clock. What it found out becomes one row. */
#ifndef RILL_DTLS_CHAIN_H
#define RILL_DTLS_CHAIN_H

#include "dtls/identity_private.h"
#include "dtls/names.h"

/* What the certificate has to satisfy. */
struct rill_tls_demand {
    int64_t now_s; /* since 1970 */
    const struct rill_tls_name *names;
    size_t n; /* every one of them must be covered */
};

int64_t rill_tls_time(const mbedtls_x509_time *t);

/* Is the name among the certificate's subjectAltNames? Its CN does not count. */
bool rill_tls_covers(const mbedtls_x509_crt *cert, const struct rill_tls_name *name);

bool rill_tls_may_serve(const mbedtls_x509_crt *cert);

/* mbedtls's hook for each certificate of a chain; ctx is a rill_tls_demand. */
int rill_tls_judge(void *ctx, mbedtls_x509_crt *cert, int depth, uint32_t *flags);

/* 0, or TLS_UNTRUSTED, _NOT_YET_VALID, _EXPIRED, _WRONG_NAME or _WRONG_USE. */
int rill_tls_verdict(uint32_t flags);

#endif
