/* dtls/ca_ext: the extensions of the certificates that are made here, and the key identifier of
 * those that are not (RFC 5280 §4.2). */
#ifndef RILL_DTLS_CA_EXT_H
#define RILL_DTLS_CA_EXT_H

#include "dtls/identity_private.h"
#include "dtls/names.h"

#define RILL_CA_KEY_ID 20

/* What the extensions say. authority is empty when the issuer has no key identifier. */
struct rill_ca_extensions {
    bool is_ca;
    struct rill_view subject_key_id, authority_key_id;
    const struct rill_tls_name *names;
    size_t n;
};

/* Extensions ::= SEQUENCE OF Extension, within its [3]. */
void rill_ca_write_extensions(struct rill_writer *w, const struct rill_ca_extensions *e);

/* The subjectKeyIdentifier of a certificate, which mbedtls 2.28 does not read; empty if none. */
struct rill_view rill_ca_key_id(const mbedtls_x509_crt *cert);

#endif
