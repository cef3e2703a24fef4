/* dtls/tls_private: what the two files of a TLS stream share: the machine (tls.c) and how mbedtls
 * is set up for it (tls_setup.c). */
#ifndef RILL_DTLS_TLS_PRIVATE_H
#define RILL_DTLS_TLS_PRIVATE_H

#include "dtls/chain.h"
#include "dtls/tls.h"

/* One alert is a record of 31 bytes at most. So much is kept free for the last two. */
#define RILL_TLS_ALERTS 64
/* Header, explicit nonce and tag of the longest record format that is allowed. */
#define RILL_TLS_OVERHEAD 29
#define RILL_TLS_PLAINTEXT_MAX 16384 /* RFC 5246 §6.2.1 */
#define RILL_TLS_HOST_MAX 253

struct rill_tls {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    struct rill_tls_config config;
    enum rill_tls_state state;
    bool told;     /* the event of the state was taken */
    bool opened;   /* OPEN is still to be told, whatever came after */
    bool closing;  /* our close_notify is queued */
    bool answered; /* mbedtls said something while it was only asked to read */
    struct rill_err why;
    int64_t deadline;
    struct rill_view pending; /* what mbedtls may fetch */
    struct rill_span queue;   /* bytes [at, n) wait for the wire */
    size_t at, n;
    struct rill_rng rng;
    struct rill_tls_name name;
    struct rill_tls_demand demand;
    char host[RILL_TLS_HOST_MAX + 1];
};

/* How much may be queued now. */
size_t rill_tls_room(const struct rill_tls *x);
/* False when mbedtls refuses; free is right in either case. */
bool rill_tls_setup(struct rill_tls *x);

#endif
