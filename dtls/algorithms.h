/* dtls/algorithms: what DTLS and TLS have in common of what they offer. */
#ifndef RILL_DTLS_ALGORITHMS_H
#define RILL_DTLS_ALGORITHMS_H

#include "dtls/compat.h"

/* Version 1.2, these suites (0 behind them) and curves (MBEDTLS_ECP_DP_NONE behind them), which c
 * keeps; no renegotiation, no tickets. */
void rill_dtls_choose(mbedtls_ssl_config *c, const int *suites, const mbedtls_ecp_group_id *curves);

#endif
