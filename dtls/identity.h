/* dtls/identity: certificates from outside: a chain with its key, or a list that is trusted.
 *
 * The idea: read once, used by many connections at a time. A new one may take its place for the
 * connections to come; the old one can be freed when nobody uses it any more. */
#ifndef RILL_DTLS_IDENTITY_H
#define RILL_DTLS_IDENTITY_H

#include "base/rng.h"
#include "dtls/errors.h"
#include "dtls/names.h"

struct rill_tls_identity;

/* chain: PEM with one certificate or more, one's own first and then what signed it, or one as
 * DER. key: PEM or DER, PKCS#8, SEC1 or PKCS#1; RSA or EC. Empty: the certificates are only to
 * be trusted, and of a long list those that mbedtls cannot read are passed over. */
size_t rill_tls_identity_size(struct rill_view chain, struct rill_view key);
/* Errors: RILL_TLS_CERTIFICATE, _KEY, _KEY_LOCKED, _KEY_MISMATCH. The block belongs to the
 * identity until it is freed; the texts are not needed any more. */
int rill_tls_identity_init(void *block, const struct rill_rng *rng, struct rill_view chain,
                           struct rill_view key, struct rill_tls_identity **out,
                           struct rill_err *why);
/* Not before rill_tls_identity_users() is 0. */
void rill_tls_identity_free(struct rill_tls_identity *id);
/* How many connections hold it. */
size_t rill_tls_identity_users(const struct rill_tls_identity *id);

/* Of the first certificate: its DER, and when it is valid (seconds since 1970, inclusive). */
struct rill_view rill_tls_identity_der(const struct rill_tls_identity *id);
void rill_tls_identity_validity(const struct rill_tls_identity *id, int64_t *from, int64_t *until);
/* Does the first certificate name this host or address? */
bool rill_tls_identity_covers(const struct rill_tls_identity *id, const struct rill_tls_name *name);
/* RILL_TLS_WRONG_USE when no server may show the first certificate: no client would take it, and
 * mbedtls would say to each that there is no suite in common. */
int rill_tls_identity_check_server(const struct rill_tls_identity *id, struct rill_err *why);

#endif
