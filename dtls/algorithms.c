#include "dtls/algorithms.h"

void rill_dtls_choose(mbedtls_ssl_config *c, const int *suites, const mbedtls_ecp_group_id *curves)
{
    /* RFC 8996 §4, §5, §6: 1.0 and 1.1 must not be used; 2.28 knows no 1.3. */
    mbedtls_ssl_conf_min_version(c, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_max_version(c, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_ciphersuites(c, suites);
    mbedtls_ssl_conf_curves(c, curves);
    /* RFC 7627: what the keys are made of covers the whole handshake. */
    mbedtls_ssl_conf_extended_master_secret(c, MBEDTLS_SSL_EXTENDED_MS_ENABLED);
    /* RFC 8827 §6.5: "Implementations MUST NOT implement DTLS renegotiation and MUST reject it
     * with a "no_renegotiation" alert if offered." */
    mbedtls_ssl_conf_renegotiation(c, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    mbedtls_ssl_conf_session_tickets(c, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
}
