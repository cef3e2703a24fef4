/* dtls/identity_private: certificates as mbedtls holds them, for the rest of this room. */
#ifndef RILL_DTLS_IDENTITY_PRIVATE_H
#define RILL_DTLS_IDENTITY_PRIVATE_H

#include "dtls/compat.h"
#include "dtls/identity.h"

struct rill_tls_identity {
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
    bool has_key;
    size_t users;
};

/* mbedtls asks for both to be writable; it changes nothing but a counter of the key's lock. */
static inline struct rill_tls_identity *
rill_tls_identity_writable(const struct rill_tls_identity *c)
{
    return (struct rill_tls_identity *)(uintptr_t)c;
}

#endif
