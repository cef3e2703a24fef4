/* dtls/keys: from the master secret to SRTP's keys (RFC 5764 §4.2, RFC 5705).
 *
 * The idea: mbedtls shows the secret once, when it derives its own keys; it is kept with both
 * randoms, and the exporter runs when the caller asks, after every check has passed. */
#ifndef RILL_DTLS_KEYS_H
#define RILL_DTLS_KEYS_H

#include "dtls/compat.h"
#include "dtls/conn.h"

struct rill_dtls_keys {
    bool known;
    bool told; /* to the trace */
    uint8_t master[48];
    uint8_t randoms[64]; /* client's, server's */
    mbedtls_tls_prf_types prf;
};

/* mbedtls will call; k must stay where it is. */
void rill_dtls_keys_attach(struct rill_dtls_keys *k, mbedtls_ssl_config *conf);
/* False when there is no secret. */
bool rill_dtls_keys_export(const struct rill_dtls_keys *k, enum rill_dtls_role role,
                           struct rill_dtls_srtp_keys *out);
void rill_dtls_keys_wipe(struct rill_dtls_keys *k);

#endif
