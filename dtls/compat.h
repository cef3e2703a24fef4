/* dtls/compat: what this room touches of mbedtls that 3.x has moved or hidden. */
#ifndef RILL_DTLS_COMPAT_H
#define RILL_DTLS_COMPAT_H

#include "base/mbedtls_compat.h"

#include <mbedtls/ssl.h>

/* 3.x lets fields be named only in this way. */
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

/* Where the handshake stands: an MBEDTLS_SSL_… state, ascending with time. */
#define RILL_SSL_STATE(ssl) ((int)(ssl)->MBEDTLS_PRIVATE(state))

#endif
