#include "dtls/session.h"

#include "dtls/algorithms.h"
#include "dtls/cert_private.h"

#include <string.h>

/* RFC 8827 §6.5: forward secrecy and AEAD, the mandatory suite first. Our certificate is ECDSA; the
 * RSA rows are for servers whose certificate is not. */
static const int suites[] = {
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};

/* mbedtls would choose P-384 first, three times as dear. */
static const mbedtls_ecp_group_id curves[] = {
    MBEDTLS_ECP_DP_SECP256R1,
    MBEDTLS_ECP_DP_SECP384R1,
    MBEDTLS_ECP_DP_CURVE25519,
    MBEDTLS_ECP_DP_NONE,
};

/* mbedtls 2.28 knows no profile with AEAD. */
static const mbedtls_ssl_srtp_profile profiles[] = {
    MBEDTLS_TLS_SRTP_AES128_CM_HMAC_SHA1_80,
    MBEDTLS_TLS_SRTP_UNSET,
};

static int transmit(void *ctx, const unsigned char *p, size_t n)
{
    struct rill_dtls_session *s = ctx;
    return rill_dtls_flight_send(s->flight, p, n);
}

static int receive(void *ctx, unsigned char *out, size_t n)
{
    struct rill_dtls_session *s = ctx;
    size_t take = s->pending.n;
    s->pending.n = 0;
    if (take == 0 || take > n)
        return MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(out, s->pending.p, take);
    return (int)take;
}

static int configure(struct rill_dtls_session *s, const struct rill_dtls_config *config)
{
    mbedtls_ssl_config *c = &s->conf;
    /* mbedtls asks for both to be writable: it keeps tables of the curve in them. */
    struct rill_dtls_cert *cert = (struct rill_dtls_cert *)(uintptr_t)config->cert;
    int rc = mbedtls_ssl_config_defaults(
        c, s->role == RILL_DTLS_CLIENT ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
        MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (rc != 0)
        return rc;
    rill_dtls_choose(c, suites, curves);
    mbedtls_ssl_conf_rng(c, rill_dtls_rng, &s->rng);
    /* Asks the client for its certificate, and leaves the verdict to verify. */
    mbedtls_ssl_conf_authmode(c, MBEDTLS_SSL_VERIFY_OPTIONAL);
    /* ICE has proven that the path leads back; a HelloVerifyRequest would cost a round trip. */
    mbedtls_ssl_conf_dtls_cookies(c, NULL, NULL, NULL);
    /* The schedule is flight's; here only the doublings are counted. */
    mbedtls_ssl_conf_handshake_timeout(c, 1, UINT32_MAX);
    rill_dtls_keys_attach(&s->keys, c);
    rc = mbedtls_ssl_conf_own_cert(c, &cert->crt, &cert->key);
    return rc ? rc : mbedtls_ssl_conf_dtls_srtp_protection_profiles(c, profiles);
}

static bool begin(struct rill_dtls_session *s)
{
    mbedtls_ssl_init(&s->ssl);
    if (mbedtls_ssl_setup(&s->ssl, &s->conf) != 0)
        return false;
    mbedtls_ssl_set_mtu(&s->ssl, (uint16_t)s->flight->mtu);
    mbedtls_ssl_set_timer_cb(&s->ssl, s->flight, rill_dtls_flight_set_timer,
                             rill_dtls_flight_get_timer);
    mbedtls_ssl_set_bio(&s->ssl, s, transmit, receive, NULL);
    return true;
}

bool rill_dtls_session_open(struct rill_dtls_session *s, const struct rill_dtls_config *config,
                            struct rill_dtls_flight *flight)
{
    s->role = config->role;
    s->rng = config->rng;
    s->flight = flight;
    mbedtls_ssl_init(&s->ssl);
    mbedtls_ssl_config_init(&s->conf);
    return configure(s, config) == 0 && begin(s);
}

/* mbedtls_ssl_session_reset() would keep the SRTP profile of the hello before. */
bool rill_dtls_session_restart(struct rill_dtls_session *s)
{
    mbedtls_ssl_free(&s->ssl);
    rill_dtls_keys_wipe(&s->keys);
    s->flight->due = RILL_NEVER;
    return begin(s);
}

void rill_dtls_session_free(struct rill_dtls_session *s)
{
    mbedtls_ssl_free(&s->ssl);
    mbedtls_ssl_config_free(&s->conf);
    rill_dtls_keys_wipe(&s->keys);
}

static enum rill_dtls_outcome outcome(int rc)
{
    switch (rc) {
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return RILL_DTLS_CLOSED_BY_PEER;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        return RILL_DTLS_ALERTED;
    case MBEDTLS_ERR_SSL_TIMEOUT:
        return RILL_DTLS_RAN_OUT;
    case MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN:
    case MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE:
    case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION:
        return RILL_DTLS_NO_COMMON;
    default:
        return RILL_DTLS_BROKEN;
    }
}

/* After the handshake reading goes on, so that a Finished that comes again is answered with
 * the last flight again; application data is nothing to us and is thrown away. */
static int step(struct rill_dtls_session *s)
{
    uint8_t discarded[256];
    if (!rill_dtls_session_over(s))
        return mbedtls_ssl_handshake(&s->ssl);
    return mbedtls_ssl_read(&s->ssl, discarded, sizeof discarded);
}

enum rill_dtls_outcome rill_dtls_session_run(struct rill_dtls_session *s, struct rill_view record,
                                             bool last)
{
    s->pending = record;
    mbedtls_ssl_conf_dtls_anti_replay(&s->conf, last ? MBEDTLS_SSL_ANTI_REPLAY_ENABLED
                                                     : MBEDTLS_SSL_ANTI_REPLAY_DISABLED);
    /* An expired timer makes mbedtls resend before it reads: then it is asked once more. */
    int rc;
    do {
        bool unread = s->pending.n > 0;
        rc = step(s);
        if (rc == MBEDTLS_ERR_SSL_WANT_READ && !(unread && s->pending.n > 0))
            break;
    } while (rc >= 0 || rc == MBEDTLS_ERR_SSL_WANT_READ);
    s->pending = (struct rill_view){0};
    return rc == MBEDTLS_ERR_SSL_WANT_READ ? RILL_DTLS_WANTS_MORE : outcome(rc);
}

int rill_dtls_session_check(const struct rill_dtls_session *s, struct rill_span copy)
{
    int rc = mbedtls_ssl_check_record(&s->ssl, copy.p, copy.n);
    if (rc == 0)
        return 0;
    return rc == MBEDTLS_ERR_SSL_UNEXPECTED_RECORD ? RILL_DTLS_RECORD_REPLAYED
                                                   : RILL_DTLS_RECORD_MAC;
}

bool rill_dtls_session_over(const struct rill_dtls_session *s)
{
    return RILL_SSL_STATE(&s->ssl) == MBEDTLS_SSL_HANDSHAKE_OVER;
}

bool rill_dtls_session_awaits_hello(const struct rill_dtls_session *s)
{
    return s->role == RILL_DTLS_SERVER && RILL_SSL_STATE(&s->ssl) <= MBEDTLS_SSL_CLIENT_HELLO;
}

bool rill_dtls_session_unanswered(const struct rill_dtls_session *s)
{
    return s->role == RILL_DTLS_SERVER && RILL_SSL_STATE(&s->ssl) == MBEDTLS_SSL_CLIENT_CERTIFICATE;
}

bool rill_dtls_session_changes_keys(const struct rill_dtls_session *s)
{
    return RILL_SSL_STATE(&s->ssl) == (s->role == RILL_DTLS_SERVER
                                           ? MBEDTLS_SSL_CLIENT_CHANGE_CIPHER_SPEC
                                           : MBEDTLS_SSL_SERVER_CHANGE_CIPHER_SPEC);
}

bool rill_dtls_session_reads_protected(const struct rill_dtls_session *s)
{
    return RILL_SSL_STATE(&s->ssl) >= (s->role == RILL_DTLS_SERVER ? MBEDTLS_SSL_CLIENT_FINISHED
                                                                   : MBEDTLS_SSL_SERVER_FINISHED);
}

uint16_t rill_dtls_session_profile(const struct rill_dtls_session *s)
{
    mbedtls_dtls_srtp_info info;
    mbedtls_ssl_get_dtls_srtp_negotiation_result(&s->ssl, &info);
    return (uint16_t)info.chosen_dtls_srtp_profile;
}
