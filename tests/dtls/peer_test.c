/* The other end is a plain mbedtls: what rill demands of it, and what it lives with. */
#include "tests/dtls/raw.h"

static struct raw_pair p;

static int set_up(void **state)
{
    (void)state;
    memset(&p, 0, sizeof p);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    raw_pair_free(&p);
    return 0;
}

static void client_of_mbedtls(void)
{
    raw_config(&p.raw, MBEDTLS_SSL_IS_CLIENT);
}

static void server_of_mbedtls(void)
{
    raw_config(&p.raw, MBEDTLS_SSL_IS_SERVER);
}

static void dtls_server_connects_with_an_mbedtls_client(void **state)
{
    (void)state;
    client_of_mbedtls();
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    assert_int_equal(p.last.state, RILL_DTLS_CONNECTED);
}

static void dtls_client_connects_with_an_mbedtls_server(void **state)
{
    (void)state;
    server_of_mbedtls();
    raw_pair_open(&p, RILL_DTLS_CLIENT, true);
    raw_pair_run(&p);
    assert_int_equal(p.last.state, RILL_DTLS_CONNECTED);
}

static void dtls_server_fails_a_client_without_a_certificate(void **state)
{
    (void)state;
    client_of_mbedtls();
    mbedtls_ssl_key_cert *kept = p.raw.conf.key_cert;
    p.raw.conf.key_cert = NULL;
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    assert_int_equal(p.last.state, RILL_DTLS_FAILED);
    assert_row(p.last.error, DTLS_NO_CERTIFICATE);
    assert_int_equal(p.raw.rc, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    p.raw.conf.key_cert = kept;
}

static void dtls_server_fails_a_client_without_use_srtp_when_media_needs_it(void **state)
{
    (void)state;
    client_of_mbedtls();
    p.raw.conf.dtls_srtp_profile_list_len = 0;
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    assert_int_equal(p.last.state, RILL_DTLS_FAILED);
    assert_row(p.last.error, DTLS_NO_SRTP_PROFILE);
}

static void dtls_client_fails_a_server_without_use_srtp_when_media_needs_it(void **state)
{
    (void)state;
    server_of_mbedtls();
    p.raw.conf.dtls_srtp_profile_list_len = 0;
    raw_pair_open(&p, RILL_DTLS_CLIENT, true);
    raw_pair_run(&p);
    assert_int_equal(p.last.state, RILL_DTLS_FAILED);
    assert_row(p.last.error, DTLS_NO_SRTP_PROFILE);
}

static void dtls_without_use_srtp_goes_on_for_data_alone_but_gives_no_srtp_keys(void **state)
{
    (void)state;
    struct rill_dtls_srtp_keys keys;
    client_of_mbedtls();
    p.raw.conf.dtls_srtp_profile_list_len = 0;
    raw_pair_open(&p, RILL_DTLS_SERVER, false);
    raw_pair_run(&p);
    assert_int_equal(p.last.state, RILL_DTLS_CONNECTED);
    assert_row(rill_dtls_export_srtp(p.x, &keys), DTLS_NOT_CONNECTED);
}

static void dtls_agrees_on_no_profile_that_it_did_not_offer(void **state)
{
    (void)state;
    client_of_mbedtls();
    mbedtls_ssl_conf_dtls_srtp_protection_profiles(&p.raw.conf, raw_profiles_32);
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    assert_row(p.last.error, DTLS_NO_SRTP_PROFILE);
}

static void dtls_lives_with_a_master_key_identifier_in_the_offer(void **state)
{
    (void)state;
    client_of_mbedtls();
    mbedtls_ssl_conf_srtp_mki_value_supported(&p.raw.conf, MBEDTLS_SSL_DTLS_SRTP_MKI_SUPPORTED);
    uint8_t mki[] = {1, 2, 3, 4};
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    assert_int_equal(mbedtls_ssl_dtls_srtp_set_mki_value(&p.raw.ssl, mki, sizeof mki), 0);
    raw_pair_run(&p);
    assert_int_equal(p.last.state, RILL_DTLS_CONNECTED);
}

static const int cbc_only[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
                               MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, 0};
static const int null_only[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_NULL_SHA,
                                MBEDTLS_TLS_RSA_WITH_NULL_MD5, 0};
static const int static_rsa[] = {MBEDTLS_TLS_RSA_WITH_AES_128_GCM_SHA256, 0};

/* The refused client hears handshake_failure, and the real one connects after it. */
static void refuses_then_connects(const int *suites)
{
    client_of_mbedtls();
    mbedtls_ssl_conf_ciphersuites(&p.raw.conf, suites);
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    assert_int_equal(p.raw.rc, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    assert_int_equal(rill_dtls_state(p.x), RILL_DTLS_CONNECTING);
    raw_free(&p.raw);
    client_of_mbedtls();
    raw_open(&p.raw);
    raw_pair_run(&p);
    assert_int_equal(p.last.state, RILL_DTLS_CONNECTED);
}

static void dtls_refuses_cbc_and_stays_usable(void **state)
{
    (void)state;
    refuses_then_connects(cbc_only);
}

static void dtls_refuses_null_ciphers_and_stays_usable(void **state)
{
    (void)state;
    refuses_then_connects(null_only);
}

static void dtls_refuses_key_exchange_without_ephemeral_keys_and_stays_usable(void **state)
{
    (void)state;
    refuses_then_connects(static_rsa);
}

static void dtls_refuses_dtls_1_0(void **state)
{
    (void)state;
    client_of_mbedtls();
    mbedtls_ssl_conf_max_version(&p.raw.conf, MBEDTLS_SSL_MAJOR_VERSION_3,
                                 MBEDTLS_SSL_MINOR_VERSION_2);
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    assert_int_equal(rill_dtls_state(p.x), RILL_DTLS_CONNECTING);
    raw_pair_wait(&p, 31 * RILL_SECOND);
    assert_row(p.last.error, DTLS_NO_CIPHER);
}

static void dtls_says_in_the_end_why_no_client_was_good_enough(void **state)
{
    (void)state;
    client_of_mbedtls();
    mbedtls_ssl_conf_ciphersuites(&p.raw.conf, cbc_only);
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    raw_pair_wait(&p, 31 * RILL_SECOND);
    assert_int_equal(p.last.state, RILL_DTLS_FAILED);
    assert_row(p.last.error, DTLS_NO_CIPHER);
}

static void dtls_uses_the_extended_master_secret(void **state)
{
    (void)state;
    client_of_mbedtls();
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_step(&p.raw, (struct rill_view){0});
    struct rill_view hello = rill_view_at(p.raw.out[0], p.raw.out_n[0]);
    rill_dtls_input(p.x, p.now, hello, NULL);
    uint8_t out[1200];
    size_t n = rill_dtls_output(p.x, p.now, (struct rill_span){out, sizeof out});
    /* extension_type 23, no contents */
    static const uint8_t ems[] = {0, 23, 0, 0};
    bool found = false;
    for (size_t i = 0; i + sizeof ems <= n; i++)
        found = found || !memcmp(out + i, ems, sizeof ems);
    assert_true(found);
}

static void dtls_takes_p_256_for_the_key_exchange(void **state)
{
    (void)state;
    client_of_mbedtls();
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_step(&p.raw, (struct rill_view){0});
    rill_dtls_input(p.x, p.now, rill_view_at(p.raw.out[0], p.raw.out_n[0]), NULL);
    uint8_t out[1200];
    size_t n = rill_dtls_output(p.x, p.now, (struct rill_span){out, sizeof out});
    /* ServerKeyExchange: named_curve (3), secp256r1 (23), a point of 65 bytes, uncompressed */
    static const uint8_t curve[] = {3, 0, 23, 65, 4};
    bool found = false;
    for (size_t i = 0; i + sizeof curve <= n; i++)
        found = found || !memcmp(out + i, curve, sizeof curve);
    assert_true(found);
}

static void dtls_throws_application_data_away(void **state)
{
    (void)state;
    client_of_mbedtls();
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    static const uint8_t data[700] = {1};
    assert_int_equal(mbedtls_ssl_write(&p.raw.ssl, data, sizeof data), sizeof data);
    raw_pair_turn(&p);
    assert_int_equal(rill_dtls_state(p.x), RILL_DTLS_CONNECTED);
    /* And hears what comes behind it. */
    mbedtls_ssl_close_notify(&p.raw.ssl);
    raw_pair_turn(&p);
    assert_int_equal(p.last.state, RILL_DTLS_CLOSED);
}

static void dtls_fails_when_the_peer_sends_a_fatal_alert_under_encryption(void **state)
{
    (void)state;
    client_of_mbedtls();
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    mbedtls_ssl_send_alert_message(&p.raw.ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                   MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
    raw_pair_turn(&p);
    assert_int_equal(p.last.state, RILL_DTLS_FAILED);
    assert_row(p.last.error, DTLS_PEER_ALERT);
}

static void dtls_refuses_to_renegotiate(void **state)
{
    (void)state;
    client_of_mbedtls();
    mbedtls_ssl_conf_renegotiation(&p.raw.conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    struct rill_dtls_srtp_keys before, after;
    assert_int_equal(rill_dtls_export_srtp(p.x, &before), 0);
    mbedtls_ssl_renegotiate(&p.raw.ssl);
    for (int i = 0; i < 8; i++)
        raw_pair_turn(&p);
    assert_int_equal(rill_dtls_state(p.x), RILL_DTLS_CONNECTED);
    assert_int_equal(rill_dtls_export_srtp(p.x, &after), 0);
    assert_memory_equal(before.local_key, after.local_key, 16);
}

/* The signature in the client's CertificateVerify is spoiled: the third message of its flight. */
static void spoil_certificate_verify(struct raw_pair *q, uint8_t *bytes, size_t *n)
{
    struct rill_view rest = rill_view_at(bytes, *n);
    while (rest.n > 13) {
        size_t length = (size_t)(rest.p[11] << 8 | rest.p[12]);
        if (rest.p[0] == 22 && rest.p[4] == 0 && rest.p[13] == 15) {
            bytes[(size_t)(rest.p - bytes) + 13 + length - 1] ^= 1;
            q->meddled++;
        }
        rest = rill_view_sub(rest, 13 + length, rest.n - 13 - length);
    }
}

static void dtls_server_never_connects_a_client_that_does_not_own_its_certificate(void **state)
{
    (void)state;
    client_of_mbedtls();
    p.meddle = spoil_certificate_verify;
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    assert_true(p.meddled > 0);
    assert_int_equal(rill_dtls_state(p.x), RILL_DTLS_CONNECTING);
    raw_pair_wait(&p, 31 * RILL_SECOND);
    assert_int_equal(p.last.state, RILL_DTLS_FAILED);
    assert_row(p.last.error, DTLS_HANDSHAKE);
}

static void another_client(void)
{
    raw_free(&p.raw);
    client_of_mbedtls();
    raw_open(&p.raw);
    raw_pair_run(&p);
}

static void dtls_server_serves_the_honest_client_after_a_broken_handshake(void **state)
{
    (void)state;
    client_of_mbedtls();
    p.meddle = spoil_certificate_verify;
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    p.meddle = NULL;
    another_client();
    assert_int_equal(p.last.state, RILL_DTLS_CONNECTED);
}

static void dtls_server_takes_one_hello_a_second_after_eight_handshakes_that_broke(void **state)
{
    (void)state;
    client_of_mbedtls();
    p.meddle = spoil_certificate_verify;
    raw_pair_open(&p, RILL_DTLS_SERVER, true);
    raw_pair_run(&p);
    for (int i = 1; i < 12; i++)
        another_client();
    assert_int_equal(p.meddled, 8);
    raw_pair_wait(&p, RILL_SECOND);
    p.meddle = NULL;
    another_client();
    assert_int_equal(p.last.state, RILL_DTLS_CONNECTED);
}

/* A well-formed ServerHello with a suite that was never offered. */
static void spoil_server_hello(struct raw_pair *q, uint8_t *bytes, size_t *n)
{
    /* record 13, message 12, version 2, random 32, session id length 1 and id, suite */
    size_t at = 13 + 12 + 2 + 32;
    if (*n > at + 1 + bytes[at] + 2 && bytes[0] == 22 && bytes[13] == 2) {
        bytes[at + 1 + bytes[at]] ^= 0xff;
        q->meddled++;
    }
}

static void dtls_client_fails_a_server_that_answers_with_another_suite(void **state)
{
    (void)state;
    server_of_mbedtls();
    p.meddle = spoil_server_hello;
    raw_pair_open(&p, RILL_DTLS_CLIENT, true);
    raw_pair_run(&p);
    assert_true(p.meddled > 0);
    assert_int_equal(p.last.state, RILL_DTLS_FAILED);
    assert_row(p.last.error, DTLS_HANDSHAKE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(dtls_server_connects_with_an_mbedtls_client),
        TEST(dtls_client_connects_with_an_mbedtls_server),
        TEST(dtls_server_fails_a_client_without_a_certificate),
        TEST(dtls_server_fails_a_client_without_use_srtp_when_media_needs_it),
        TEST(dtls_client_fails_a_server_without_use_srtp_when_media_needs_it),
        TEST(dtls_without_use_srtp_goes_on_for_data_alone_but_gives_no_srtp_keys),
        TEST(dtls_agrees_on_no_profile_that_it_did_not_offer),
        TEST(dtls_lives_with_a_master_key_identifier_in_the_offer),
        TEST(dtls_refuses_cbc_and_stays_usable),
        TEST(dtls_refuses_null_ciphers_and_stays_usable),
        TEST(dtls_refuses_key_exchange_without_ephemeral_keys_and_stays_usable),
        TEST(dtls_refuses_dtls_1_0),
        TEST(dtls_says_in_the_end_why_no_client_was_good_enough),
        TEST(dtls_uses_the_extended_master_secret),
        TEST(dtls_takes_p_256_for_the_key_exchange),
        TEST(dtls_throws_application_data_away),
        TEST(dtls_fails_when_the_peer_sends_a_fatal_alert_under_encryption),
        TEST(dtls_refuses_to_renegotiate),
        TEST(dtls_server_never_connects_a_client_that_does_not_own_its_certificate),
        TEST(dtls_server_serves_the_honest_client_after_a_broken_handshake),
        TEST(dtls_server_takes_one_hello_a_second_after_eight_handshakes_that_broke),
        TEST(dtls_client_fails_a_server_that_answers_with_another_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
