/* Two of rill's own associations meet: roles, keys, loss, MTU, close. */
#include "tests/dtls/pair.h"
#include "tests/sim/time.c"

#include <stdio.h>

static struct pair p;

static int set_up(void **state)
{
    (void)state;
    rill_sim_set_time(1704067200);
    pair_ready(&p, rill_test_seed());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pair_free(&p);
    return 0;
}

static void dtls_connects_two_ends_in_two_round_trips(void **state)
{
    (void)state;
    int64_t began = p.now;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    assert_true(p.now - began <= 4 * PAIR_DELAY);
    assert_int_equal(p.end[CLIENT].last.state, RILL_DTLS_CONNECTED);
    assert_int_equal(p.end[SERVER].last.state, RILL_DTLS_CONNECTED);
    assert_int_equal(p.end[CLIENT].last.error, 0);
}

static void dtls_local_keys_of_one_end_are_the_remote_keys_of_the_other(void **state)
{
    (void)state;
    struct rill_dtls_srtp_keys c, s;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    assert_int_equal(rill_dtls_export_srtp(p.end[CLIENT].x, &c), 0);
    assert_int_equal(rill_dtls_export_srtp(p.end[SERVER].x, &s), 0);
    assert_int_equal(c.profile, 1);
    assert_int_equal(c.key_size, 16);
    assert_int_equal(c.salt_size, 14);
    assert_memory_equal(c.local_key, s.remote_key, 16);
    assert_memory_equal(c.remote_key, s.local_key, 16);
    assert_memory_equal(c.local_salt, s.remote_salt, 14);
    assert_memory_equal(c.remote_salt, s.local_salt, 14);
    assert_memory_not_equal(c.local_key, c.remote_key, 16);
    assert_memory_not_equal(c.local_salt, c.remote_salt, 14);
}

static void dtls_gives_no_keys_before_it_is_connected(void **state)
{
    (void)state;
    struct rill_dtls_srtp_keys keys;
    assert_row(rill_dtls_export_srtp(p.end[CLIENT].x, &keys), DTLS_NOT_CONNECTED);
    pair_start(&p);
    assert_row(rill_dtls_export_srtp(p.end[CLIENT].x, &keys), DTLS_NOT_CONNECTED);
}

static void dtls_agrees_on_the_mandatory_suite_and_tells_it(void **state)
{
    (void)state;
    struct rill_dtls_info info;
    pair_start(&p);
    rill_dtls_info(p.end[SERVER].x, &info);
    assert_null(info.ciphersuite);
    assert_true(pair_connect(&p, RILL_SECOND));
    rill_dtls_info(p.end[SERVER].x, &info);
    assert_string_equal(info.version, "DTLSv1.2");
    assert_string_equal(info.ciphersuite, "TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256");
    assert_string_equal(info.srtp_profile, "SRTP_AES128_CM_HMAC_SHA1_80");
    assert_int_equal(info.role, RILL_DTLS_SERVER);
    assert_int_equal(info.flights_sent, 2);
}

static void dtls_of_one_seed_sends_the_same_bytes_every_time(void **state)
{
    (void)state;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    static struct pair again;
    pair_ready(&again, rill_test_seed());
    pair_start(&again);
    assert_true(pair_connect(&again, RILL_SECOND));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(again.end[i].bytes, p.end[i].bytes);
        assert_true(again.end[i].hash == p.end[i].hash);
    }
    pair_free(&again);
}

static void dtls_hello_carries_the_time_it_is_told(void **state)
{
    (void)state;
    rill_sim_set_time(0x12345678);
    pair_start(&p);
    /* record header 13, message header 12, version 2, then gmt_unix_time */
    static const uint8_t stamp[] = {0x12, 0x34, 0x56, 0x78};
    assert_memory_equal(p.record_first[CLIENT] + 27, stamp, 4);
}

static void dtls_records_fit_the_path_mtu(void **state)
{
    (void)state;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    assert_true(p.end[CLIENT].largest <= 1200 && p.end[SERVER].largest <= 1200);
}

static void dtls_cuts_its_certificate_flight_to_a_small_mtu(void **state)
{
    (void)state;
    static struct pair q;
    pair_config(&q, 5);
    q.config[CLIENT].mtu = q.config[SERVER].mtu = 300;
    pair_open(&q);
    pair_trust(&q, CLIENT);
    pair_trust(&q, SERVER);
    pair_start(&q);
    assert_true(pair_connect(&q, RILL_SECOND));
    assert_true(q.end[CLIENT].largest <= 300 && q.end[SERVER].largest <= 300);
    assert_true(q.end[CLIENT].sent > 2 && q.end[SERVER].sent > 2);
    pair_free(&q);
}

/* Datagram n of a side is lost once, whatever flight it carries. */
static void dtls_survives_the_loss_of_each_datagram(void **state)
{
    (void)state;
    for (int from = 0; from < 2; from++) {
        for (int nth = 0; nth < 3; nth++) {
            static struct pair q;
            pair_ready(&q, 9);
            q.lose = pair_lose_masked;
            q.loss_mask[from] = 1u << nth;
            int64_t began = q.now;
            pair_start(&q);
            assert_true(pair_connect(&q, 5 * RILL_SECOND));
            assert_true(q.now - began < 600 * RILL_MS);
            pair_free(&q);
        }
    }
}

static void dtls_repeats_its_last_flight_when_the_client_repeats_its_own(void **state)
{
    (void)state;
    p.lose = pair_lose_masked;
    p.loss_mask[SERVER] = 2; /* ChangeCipherSpec and Finished */
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    assert_int_equal(p.end[SERVER].sent, 3);
}

static bool lose_30(struct pair *q, int from, size_t nth, struct rill_view d)
{
    (void)from, (void)nth, (void)d;
    struct rill_rng rng = rill_rng_seeded(&q->loss_rng);
    return rill_rng_below(&rng, 100) < 30;
}

static void dtls_connects_at_30_percent_loss_within_30_seconds_in_50_of_50_runs(void **state)
{
    (void)state;
    int64_t worst = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        static struct pair q;
        pair_ready(&q, rill_test_seed() * 1000 + seed);
        q.lose = lose_30;
        int64_t began = q.now;
        pair_start(&q);
        bool connected = pair_connect(&q, 30 * RILL_SECOND);
        if (!connected)
            print_message("seed %llu\n", (unsigned long long)(rill_test_seed() * 1000 + seed));
        assert_true(connected);
        if (q.now - began > worst)
            worst = q.now - began;
        pair_free(&q);
    }
    print_message("worst: %d ms\n", (int)(worst / RILL_MS));
}

static bool lose_all(struct pair *q, int from, size_t nth, struct rill_view d)
{
    (void)q, (void)from, (void)nth, (void)d;
    return true;
}

static void dtls_gives_up_after_30_seconds_of_silence(void **state)
{
    (void)state;
    p.lose = lose_all;
    int64_t began = p.now;
    pair_start(&p);
    pair_run(&p, 60 * RILL_SECOND);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(p.end[i].last.state, RILL_DTLS_FAILED);
        assert_row(p.end[i].last.error, DTLS_TIMEOUT);
        assert_int_equal(rill_dtls_deadline(p.end[i].x), RILL_NEVER);
        assert_true(p.end[i].since - began >= 25 * RILL_SECOND);
        assert_true(p.end[i].since - began <= 31 * RILL_SECOND);
    }
    /* 100, 200, 400, 800 ms, then every second */
    assert_in_range(p.end[CLIENT].sent, 30, 36);
}

static void dtls_with_a_short_round_trip_keeps_trying_for_25_seconds_at_least(void **state)
{
    (void)state;
    static struct pair q;
    pair_config(&q, 4);
    q.config[CLIENT].rtt = RILL_MS;
    pair_open(&q);
    q.lose = lose_all;
    int64_t began = q.now;
    pair_start(&q);
    pair_run(&q, 60 * RILL_SECOND);
    assert_row(q.end[CLIENT].last.error, DTLS_TIMEOUT);
    assert_true(q.end[CLIENT].since - began >= 25 * RILL_SECOND);
    pair_free(&q);
}

static void dtls_close_tells_the_other_end(void **state)
{
    (void)state;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    rill_dtls_close(p.end[CLIENT].x, p.now);
    assert_int_equal(rill_dtls_state(p.end[CLIENT].x), RILL_DTLS_CLOSED);
    pair_drain(&p, CLIENT);
    pair_run(&p, RILL_SECOND);
    assert_int_equal(p.end[SERVER].last.state, RILL_DTLS_CLOSED);
    assert_int_equal(p.end[SERVER].last.error, 0);
}

static void dtls_answers_close_notify_with_its_own(void **state)
{
    (void)state;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    size_t before = p.end[CLIENT].sent;
    rill_dtls_close(p.end[SERVER].x, p.now);
    pair_drain(&p, SERVER);
    pair_run(&p, RILL_SECOND);
    assert_int_equal(p.end[CLIENT].last.state, RILL_DTLS_CLOSED);
    assert_int_equal(p.end[CLIENT].sent, before + 1);
}

static void dtls_gives_no_keys_once_it_is_closed(void **state)
{
    (void)state;
    struct rill_dtls_srtp_keys keys;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    rill_dtls_close(p.end[CLIENT].x, p.now);
    assert_row(rill_dtls_export_srtp(p.end[CLIENT].x, &keys), DTLS_NOT_CONNECTED);
}

static void dtls_takes_nothing_before_start_or_after_close(void **state)
{
    (void)state;
    uint8_t record[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    assert_row(pair_inject(&p, SERVER, rill_view_at(record, sizeof record)), DTLS_NOT_OPEN);
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    rill_dtls_close(p.end[SERVER].x, p.now);
    assert_row(pair_inject(&p, SERVER, rill_view_at(record, sizeof record)), DTLS_NOT_OPEN);
}

static void dtls_output_waits_for_a_buffer_that_is_large_enough(void **state)
{
    (void)state;
    uint8_t out[1200];
    rill_dtls_start(p.end[CLIENT].x, p.now);
    assert_int_equal(rill_dtls_output(p.end[CLIENT].x, p.now, (struct rill_span){out, 20}), 0);
    assert_true(rill_dtls_output(p.end[CLIENT].x, p.now, (struct rill_span){out, 1200}) > 20);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(dtls_connects_two_ends_in_two_round_trips),
        TEST(dtls_local_keys_of_one_end_are_the_remote_keys_of_the_other),
        TEST(dtls_gives_no_keys_before_it_is_connected),
        TEST(dtls_agrees_on_the_mandatory_suite_and_tells_it),
        TEST(dtls_of_one_seed_sends_the_same_bytes_every_time),
        TEST(dtls_hello_carries_the_time_it_is_told),
        TEST(dtls_records_fit_the_path_mtu),
        TEST(dtls_cuts_its_certificate_flight_to_a_small_mtu),
        TEST(dtls_survives_the_loss_of_each_datagram),
        TEST(dtls_repeats_its_last_flight_when_the_client_repeats_its_own),
        TEST(dtls_connects_at_30_percent_loss_within_30_seconds_in_50_of_50_runs),
        TEST(dtls_gives_up_after_30_seconds_of_silence),
        TEST(dtls_with_a_short_round_trip_keeps_trying_for_25_seconds_at_least),
        TEST(dtls_close_tells_the_other_end),
        TEST(dtls_answers_close_notify_with_its_own),
        TEST(dtls_gives_no_keys_once_it_is_closed),
        TEST(dtls_takes_nothing_before_start_or_after_close),
        TEST(dtls_output_waits_for_a_buffer_that_is_large_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
