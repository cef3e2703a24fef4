/* tests/dtls/raw: the other end as a plain mbedtls client or server, with habits of a test's
 * choice: no use_srtp, no certificate, other suites. It has no timers: nothing is lost here. */
#ifndef RILL_TESTS_DTLS_RAW_H
#define RILL_TESTS_DTLS_RAW_H

#include "dtls/cert_private.h"
#include "dtls/conn.h"
#include "tests/rill_test.h"

#define RAW_QUEUE 16

struct raw {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    struct rill_rng_seeded seed;
    struct rill_rng rng;
    void *cert_block;
    struct rill_dtls_cert *cert;
    uint8_t out[RAW_QUEUE][2048];
    size_t out_n[RAW_QUEUE];
    size_t queued;
    struct rill_view pending;
    int rc;
};

static inline int raw_send(void *ctx, const unsigned char *p, size_t n)
{
    struct raw *r = ctx;
    assert_true(r->queued < RAW_QUEUE && n <= sizeof r->out[0]);
    memcpy(r->out[r->queued], p, n);
    r->out_n[r->queued++] = n;
    return (int)n;
}

static inline int raw_receive(void *ctx, unsigned char *out, size_t n)
{
    struct raw *r = ctx;
    size_t take = r->pending.n;
    r->pending.n = 0;
    if (!take || take > n)
        return MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(out, r->pending.p, take);
    return (int)take;
}

static inline void raw_set_timer(void *ctx, uint32_t intermediate, uint32_t final)
{
    (void)ctx, (void)intermediate, (void) final;
}

static inline int raw_get_timer(void *ctx)
{
    (void)ctx;
    return 0;
}

static const mbedtls_ssl_srtp_profile raw_profiles[] = {MBEDTLS_TLS_SRTP_AES128_CM_HMAC_SHA1_80,
                                                        MBEDTLS_TLS_SRTP_UNSET};
static const mbedtls_ssl_srtp_profile raw_profiles_32[] = {MBEDTLS_TLS_SRTP_AES128_CM_HMAC_SHA1_32,
                                                           MBEDTLS_TLS_SRTP_UNSET};

/* The habits of an honest peer; a test changes r->conf before raw_open. */
static inline void raw_config(struct raw *r, int endpoint)
{
    memset(r, 0, sizeof *r);
    rill_rng_seeded_init(&r->seed, 4711);
    r->rng = rill_rng_seeded(&r->seed);
    r->cert_block = malloc(rill_dtls_cert_size());
    assert_int_equal(rill_dtls_cert_init(r->cert_block, &r->rng, &r->cert), 0);
    mbedtls_ssl_config_init(&r->conf);
    assert_int_equal(mbedtls_ssl_config_defaults(&r->conf, endpoint, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                                 MBEDTLS_SSL_PRESET_DEFAULT),
                     0);
    mbedtls_ssl_conf_rng(&r->conf, rill_dtls_rng, &r->rng);
    mbedtls_ssl_conf_authmode(&r->conf, MBEDTLS_SSL_VERIFY_OPTIONAL);
    mbedtls_ssl_conf_dtls_cookies(&r->conf, NULL, NULL, NULL);
    mbedtls_ssl_conf_own_cert(&r->conf, &r->cert->crt, &r->cert->key);
    mbedtls_ssl_conf_dtls_srtp_protection_profiles(&r->conf, raw_profiles);
}

static inline void raw_open(struct raw *r)
{
    mbedtls_ssl_init(&r->ssl);
    assert_int_equal(mbedtls_ssl_setup(&r->ssl, &r->conf), 0);
    mbedtls_ssl_set_mtu(&r->ssl, 1200);
    mbedtls_ssl_set_bio(&r->ssl, r, raw_send, raw_receive, NULL);
    mbedtls_ssl_set_timer_cb(&r->ssl, r, raw_set_timer, raw_get_timer);
}

static inline void raw_free(struct raw *r)
{
    mbedtls_ssl_free(&r->ssl);
    mbedtls_ssl_config_free(&r->conf);
    rill_dtls_cert_free(r->cert);
    free(r->cert_block);
}

static inline void raw_step(struct raw *r, struct rill_view datagram)
{
    uint8_t data[256];
    r->pending = datagram;
    for (int turns = 0; turns < 8; turns++) {
        bool over = r->ssl.state == MBEDTLS_SSL_HANDSHAKE_OVER;
        r->rc =
            over ? mbedtls_ssl_read(&r->ssl, data, sizeof data) : mbedtls_ssl_handshake(&r->ssl);
        if (r->rc < 0)
            break;
    }
}

/* One association of rill's beside it. */
struct raw_pair {
    struct raw raw;
    struct rill_rng_seeded seed;
    void *cert_block;
    struct rill_dtls_cert *cert;
    void *block;
    struct rill_dtls *x;
    int64_t now;
    struct rill_dtls_event last;
    /* May change, or swallow (n = 0), what goes to rill. */
    void (*meddle)(struct raw_pair *p, uint8_t *bytes, size_t *n);
    int meddled;
};

static inline int raw_trust(struct raw_pair *p, struct rill_view digest)
{
    uint8_t text[3 * 64];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_dtls_fingerprint_write(&w, digest);
    return rill_dtls_add_fingerprint(p->x, p->now, rill_view_of("SHA-256"), rill_w_view(&w), NULL);
}

/* rill takes the role that raw has not; raw->conf is ready. */
static inline void raw_pair_open(struct raw_pair *p, enum rill_dtls_role role, bool require_srtp)
{
    p->now = RILL_SECOND;
    rill_rng_seeded_init(&p->seed, 42);
    struct rill_rng rng = rill_rng_seeded(&p->seed);
    p->cert_block = malloc(rill_dtls_cert_size());
    assert_int_equal(rill_dtls_cert_init(p->cert_block, &rng, &p->cert), 0);
    struct rill_dtls_config config = {
        .cert = p->cert, .role = role, .require_srtp = require_srtp, .rng = rng};
    p->block = malloc(rill_dtls_size(&config));
    p->x = rill_dtls_init(p->block, &config);
    assert_non_null(p->x);
    assert_int_equal(raw_trust(p, rill_dtls_cert_fingerprint(p->raw.cert)), 0);
    raw_open(&p->raw);
    rill_dtls_start(p->x, p->now);
}

static inline void raw_pair_free(struct raw_pair *p)
{
    rill_dtls_free(p->x);
    rill_dtls_cert_free(p->cert);
    free(p->block);
    free(p->cert_block);
    raw_free(&p->raw);
}

static inline bool raw_pair_turn(struct raw_pair *p)
{
    bool any = false;
    for (size_t i = 0; i < p->raw.queued; i++) {
        size_t n = p->raw.out_n[i];
        if (p->meddle)
            p->meddle(p, p->raw.out[i], &n);
        if (n)
            rill_dtls_input(p->x, p->now, rill_view_at(p->raw.out[i], n), NULL);
        any = true;
    }
    p->raw.queued = 0;
    uint8_t out[1200];
    size_t n;
    while ((n = rill_dtls_output(p->x, p->now, (struct rill_span){out, sizeof out}))) {
        raw_step(&p->raw, rill_view_at(out, n));
        any = true;
    }
    struct rill_dtls_event e;
    while (rill_dtls_event(p->x, &e))
        p->last = e;
    return any;
}

/* Back and forth until both are silent. */
static inline void raw_pair_run(struct raw_pair *p)
{
    raw_step(&p->raw, (struct rill_view){0});
    for (int turns = 0; turns < 32 && raw_pair_turn(p); turns++)
        p->now += 5 * RILL_MS;
}

static inline void raw_pair_wait(struct raw_pair *p, int64_t span)
{
    p->now += span;
    rill_dtls_tick(p->x, p->now);
    raw_pair_turn(p);
}

#endif
