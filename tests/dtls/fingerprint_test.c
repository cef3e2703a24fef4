/* Who may connect: the verdict over the certificate, early, late and wrong. */
#include "tests/dtls/pair.h"

static struct pair p;

static int set_up(void **state)
{
    (void)state;
    pair_config(&p, rill_test_seed());
    pair_open(&p);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pair_free(&p);
    return 0;
}

/* The other side's fingerprint with one bit turned over. */
static int distrust(int who)
{
    uint8_t digest[RILL_DTLS_FINGERPRINT], text[3 * sizeof digest];
    memcpy(digest, rill_dtls_cert_fingerprint(p.end[!who].cert).p, sizeof digest);
    digest[31] ^= 1;
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_dtls_fingerprint_write(&w, rill_view_at(digest, sizeof digest));
    return rill_dtls_add_fingerprint(p.end[who].x, p.now, rill_view_of("sha-256"), rill_w_view(&w),
                                     NULL);
}

static void fails_on_one_wrong_bit(int who)
{
    struct rill_dtls_srtp_keys keys;
    distrust(who);
    pair_trust(&p, !who);
    pair_start(&p);
    pair_run(&p, RILL_SECOND);
    assert_int_equal(p.end[who].last.state, RILL_DTLS_FAILED);
    assert_row(p.end[who].last.error, DTLS_FINGERPRINT_MISMATCH);
    assert_int_equal(p.end[who].events, 1);
    assert_row(rill_dtls_export_srtp(p.end[who].x, &keys), DTLS_NOT_CONNECTED);
    /* bad_certificate */
    assert_int_equal(p.end[!who].last.state, RILL_DTLS_FAILED);
    assert_row(p.end[!who].last.error, DTLS_PEER_ALERT);
}

static void dtls_client_fails_on_one_wrong_bit_of_the_fingerprint(void **state)
{
    (void)state;
    fails_on_one_wrong_bit(CLIENT);
}

static void dtls_server_fails_on_one_wrong_bit_of_the_fingerprint(void **state)
{
    (void)state;
    fails_on_one_wrong_bit(SERVER);
}

static void dtls_connects_when_one_of_two_fingerprints_matches(void **state)
{
    (void)state;
    distrust(SERVER);
    pair_trust(&p, SERVER);
    pair_trust(&p, CLIENT);
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
}

static void dtls_waits_for_a_fingerprint_that_comes_after_the_handshake(void **state)
{
    (void)state;
    struct rill_dtls_srtp_keys keys;
    pair_trust(&p, CLIENT);
    pair_start(&p);
    pair_run(&p, RILL_SECOND);
    assert_int_equal(rill_dtls_state(p.end[SERVER].x), RILL_DTLS_CONNECTING);
    assert_row(rill_dtls_export_srtp(p.end[SERVER].x, &keys), DTLS_NOT_CONNECTED);
    pair_trust(&p, SERVER);
    pair_drain(&p, SERVER);
    assert_int_equal(p.end[SERVER].last.state, RILL_DTLS_CONNECTED);
    assert_int_equal(rill_dtls_export_srtp(p.end[SERVER].x, &keys), 0);
}

static void dtls_fails_on_a_wrong_fingerprint_that_comes_after_the_handshake(void **state)
{
    (void)state;
    pair_trust(&p, CLIENT);
    pair_start(&p);
    pair_run(&p, RILL_SECOND);
    distrust(SERVER);
    pair_drain(&p, SERVER);
    assert_int_equal(p.end[SERVER].last.state, RILL_DTLS_FAILED);
    assert_row(p.end[SERVER].last.error, DTLS_FINGERPRINT_MISMATCH);
}

static void dtls_without_any_fingerprint_fails_after_30_seconds(void **state)
{
    (void)state;
    pair_trust(&p, CLIENT);
    pair_start(&p);
    pair_run(&p, 31 * RILL_SECOND);
    assert_int_equal(p.end[SERVER].last.state, RILL_DTLS_FAILED);
    assert_row(p.end[SERVER].last.error, DTLS_NO_FINGERPRINT);
}

static void dtls_counts_no_sha_1_fingerprint(void **state)
{
    (void)state;
    struct rill_err why;
    int rc = rill_dtls_add_fingerprint(
        p.end[SERVER].x, p.now, rill_view_of("sha-1"),
        rill_view_of("00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13"), &why);
    assert_row(rc, DTLS_FINGERPRINT_HASH);
    assert_string_equal(why.row->name, "DTLS_FINGERPRINT_HASH");
    pair_trust(&p, CLIENT);
    pair_start(&p);
    pair_run(&p, 31 * RILL_SECOND);
    assert_row(p.end[SERVER].last.error, DTLS_NO_FINGERPRINT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(dtls_client_fails_on_one_wrong_bit_of_the_fingerprint),
        TEST(dtls_server_fails_on_one_wrong_bit_of_the_fingerprint),
        TEST(dtls_connects_when_one_of_two_fingerprints_matches),
        TEST(dtls_waits_for_a_fingerprint_that_comes_after_the_handshake),
        TEST(dtls_fails_on_a_wrong_fingerprint_that_comes_after_the_handshake),
        TEST(dtls_without_any_fingerprint_fails_after_30_seconds),
        TEST(dtls_counts_no_sha_1_fingerprint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
