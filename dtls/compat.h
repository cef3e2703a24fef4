/* dtls/compat: what this room touches of mbedtls that 3.x has moved or hidden. */
#ifndef RILL_DTLS_COMPAT_H
#define RILL_DTLS_COMPAT_H

#include "base/mbedtls_compat.h"

#include <mbedtls/ssl.h>

/* 3.x lets fields be named only in this way. */
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

/* 3.x wants randomness to blind these, and the size of the signature's buffer. */
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#define RILL_PK_PARSE_KEY(pk, p, n, rng, ctx) mbedtls_pk_parse_key(pk, p, n, NULL, 0, rng, ctx)
#define RILL_PK_CHECK_PAIR(pub, prv, rng, ctx) mbedtls_pk_check_pair(pub, prv, rng, ctx)
#define RILL_PK_SIGN(pk, md, hash, hash_n, sig, cap, n, rng, ctx)                                  \
    mbedtls_pk_sign(pk, md, hash, hash_n, sig, cap, n, rng, ctx)
#else
#define RILL_PK_PARSE_KEY(pk, p, n, rng, ctx)                                                      \
    ((void)(rng), (void)(ctx), mbedtls_pk_parse_key(pk, p, n, NULL, 0))
#define RILL_PK_CHECK_PAIR(pub, prv, rng, ctx)                                                     \
    ((void)(rng), (void)(ctx), mbedtls_pk_check_pair(pub, prv))
#define RILL_PK_SIGN(pk, md, hash, hash_n, sig, cap, n, rng, ctx)                                  \
    ((void)(cap), mbedtls_pk_sign(pk, md, hash, hash_n, sig, n, rng, ctx))
#endif

/* Where the handshake stands: an MBEDTLS_SSL_… state, ascending with time. */
#define RILL_SSL_STATE(ssl) ((int)(ssl)->MBEDTLS_PRIVATE(state))

#endif
