/* tls_setup: mbedtls, configured for TLS streams as RFC 9325 advises: TLS 1.2, forward secrecy,
 * authenticated encryption, no renegotiation, no resumption. */
#include "dtls/tls_private.h"

#include "dtls/algorithms.h"
#include "dtls/cert_private.h"

#include <string.h>

/* RFC 9325 §4.2. The certificate decides between ECDSA and RSA. */
static const int suites[] = {
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};

/* mbedtls would choose P-384 first, three times as dear. */
static const mbedtls_ecp_group_id curves[] = {
    MBEDTLS_ECP_DP_SECP256R1,
    MBEDTLS_ECP_DP_CURVE25519,
    MBEDTLS_ECP_DP_SECP384R1,
    MBEDTLS_ECP_DP_NONE,
};

/* RFC 9155 §2: no MD5 and no SHA-1 in signatures. */
static const int signature_hashes[] = {
    MBEDTLS_MD_SHA256,
    MBEDTLS_MD_SHA384,
    MBEDTLS_MD_SHA512,
    MBEDTLS_MD_NONE,
};

static int transmit(void *ctx, const unsigned char *p, size_t n)
{
    struct rill_tls *x = ctx;
    size_t room = rill_tls_room(x);
    size_t take = n < room ? n : room;
    x->answered = true;
    if (take == 0)
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    memcpy(x->queue.p + x->n, p, take);
    x->n += take;
    return (int)take;
}

static int receive(void *ctx, unsigned char *out, size_t n)
{
    struct rill_tls *x = ctx;
    size_t take = n < x->pending.n ? n : x->pending.n;
    if (take == 0)
        return MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(out, x->pending.p, take);
    x->pending.p += take;
    x->pending.n -= take;
    return (int)take;
}

static int be_server(struct rill_tls *x)
{
    struct rill_tls_identity *id = x->config.identity;
    mbedtls_ssl_conf_authmode(&x->conf, MBEDTLS_SSL_VERIFY_NONE);
    return mbedtls_ssl_conf_own_cert(&x->conf, &id->chain, &id->key);
}

static int be_client(struct rill_tls *x)
{
    x->demand = (struct rill_tls_demand){x->config.wall_s, &x->name, 1};
    mbedtls_ssl_conf_authmode(&x->conf, x->config.insecure ? MBEDTLS_SSL_VERIFY_NONE
                                                           : MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_verify(&x->conf, rill_tls_judge, &x->demand);
    if (x->config.trust)
        mbedtls_ssl_conf_ca_chain(&x->conf, &x->config.trust->chain, NULL);
    return 0;
}

/* RFC 6066 §3: literal addresses are not permitted in a server name. */
static int say_host(struct rill_tls *x)
{
    if (x->name.ip.family != RILL_ADDR_NONE || x->name.dns.n == 0)
        return 0;
    memcpy(x->host, x->name.dns.p, x->name.dns.n);
    return mbedtls_ssl_set_hostname(&x->ssl, x->host);
}

static const struct rill_trace_point secret = {
    "tls",
    "secret",
    "the master secret of the stream",
    2,
    {{"client_random", RILL_TRACE_BYTES}, {"secret", RILL_TRACE_SECRET}}};

/* mbedtls calls when it has derived its keys. */
static int tell_secret(void *ctx, const unsigned char *master, const unsigned char *key_block,
                       size_t mac_n, size_t key_n, size_t iv_n,
                       const unsigned char client_random[32], const unsigned char server_random[32],
                       mbedtls_tls_prf_types prf)
{
    const struct rill_tls *x = ctx;
    (void)key_block, (void)mac_n, (void)key_n, (void)iv_n, (void)server_random, (void)prf;
    RILL_TRACE(x->config.trace, 0, secret, {.view = rill_view_at(client_random, 32)},
               {.view = rill_view_at(master, 48)});
    return 0;
}

bool rill_tls_setup(struct rill_tls *x)
{
    bool client = x->config.role == RILL_TLS_CLIENT;
    int rc = mbedtls_ssl_config_defaults(&x->conf,
                                         client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                         MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (rc != 0)
        return false;
    rill_dtls_choose(&x->conf, suites, curves);
    mbedtls_ssl_conf_sig_hashes(&x->conf, signature_hashes);
    mbedtls_ssl_conf_rng(&x->conf, rill_dtls_rng, &x->rng);
    if (x->config.trace)
        mbedtls_ssl_conf_export_keys_ext_cb(&x->conf, tell_secret, x);
    rc = client ? be_client(x) : be_server(x);
    /* mbedtls only reads the list, though it does not say so. */
    if (rc == 0 && x->config.alpn)
        rc = mbedtls_ssl_conf_alpn_protocols(&x->conf, (const char **)(uintptr_t)x->config.alpn);
    if (rc == 0)
        rc = mbedtls_ssl_setup(&x->ssl, &x->conf);
    if (rc == 0 && client)
        rc = say_host(x);
    mbedtls_ssl_set_bio(&x->ssl, x, transmit, receive, NULL);
    return rc == 0;
}
