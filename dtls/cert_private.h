/* dtls/cert_private: the certificate as mbedtls holds it, for the rest of this room. */
#ifndef RILL_DTLS_CERT_PRIVATE_H
#define RILL_DTLS_CERT_PRIVATE_H

#include "dtls/cert.h"
#include "dtls/compat.h"

struct rill_dtls_cert {
    mbedtls_x509_crt crt; /* holds the DER */
    mbedtls_pk_context key;
    uint8_t fingerprint[RILL_DTLS_FINGERPRINT];
};

/* mbedtls's hook over a rill_rng. */
int rill_dtls_rng(void *rng, unsigned char *out, size_t n);

#endif
