/* dtls/ca: a certification authority for this machine and the people around it (RFC 5280).
 *
 * The idea: two certificates are all it makes: its own, which people are asked to trust, and
 * one for a server, which it signs. Both are written here byte by byte, since mbedtls cannot
 * write subjectAltNames; keys and signatures are mbedtls's. No files, no clock: texts and
 * seconds come in, PEM goes out. */
#ifndef RILL_DTLS_CA_H
#define RILL_DTLS_CA_H

#include "dtls/identity.h"
#include "dtls/names.h"

#define RILL_CA_NAMES_MAX 64
#define RILL_CA_SERVER_DAYS 825 /* what Apple's systems accept of a CA the user trusts */
#define RILL_CA_OWN_DAYS 3653   /* ten years */
/* Enough for each certificate and key that is made here, as PEM. */
#define RILL_CA_CERT_MAX 12288
#define RILL_CA_KEY_MAX 512

/* A new P-256 key (PKCS#8) and its certificate, appended as PEM. The dates begin an hour before
 * now_s (since 1970), for clocks that are slow. Errors: RILL_CA_FAILED, _NO_ROOM.
 * name: of the CA, for people. */
int rill_ca_make(struct rill_view name, int64_t now_s, const struct rill_rng *rng,
                 struct rill_writer *cert, struct rill_writer *key, struct rill_err *why);

/* A server's certificate with its own new key, for all of these names, signed by ca (RSA or EC,
 * with its key). It does not outlive the CA's. Errors: RILL_CA_NOT_AUTHORITY, _NAMES, _FAILED,
 * _NO_ROOM, RILL_TLS_EXPIRED or _NOT_YET_VALID when the CA is. */
int rill_ca_issue(const struct rill_tls_identity *ca, const struct rill_tls_name *names, size_t n,
                  int64_t now_s, const struct rill_rng *rng, struct rill_writer *cert,
                  struct rill_writer *key, struct rill_err *why);

/* May a server show this certificate under each of these names at now_s, to those who trust the
 * CA? 0, or RILL_TLS_UNTRUSTED, _NOT_YET_VALID, _EXPIRED, _WRONG_NAME, _WRONG_USE. */
int rill_ca_check(const struct rill_tls_identity *cert, const struct rill_tls_identity *ca,
                  const struct rill_tls_name *names, size_t n, int64_t now_s, struct rill_err *why);

/* A CA that can sign: RILL_CA_NOT_AUTHORITY, RILL_TLS_EXPIRED or _NOT_YET_VALID when not. */
int rill_ca_check_authority(const struct rill_tls_identity *ca, int64_t now_s,
                            struct rill_err *why);

#endif
