/* What a session drops: forgeries, replays, strangers, garbage; and that they move nothing. */
#include "tests/srtp/ends.h"

#include "base/rng.h"

#define SSRC 0xcafe1234u
#define PROFILE RILL_SRTP_AES128_CM_HMAC_SHA1_80

static void srtp_drops_a_packet_with_any_byte_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDS_PROFILES; i++) {
        struct ends e = ends_open(ends_profiles[i], 0, 0);
        struct packet k = sent(&e, SSRC, 500), r = sent_rtcp(&e, SSRC);
        for (size_t at = 0; at < k.n; at++) {
            struct packet bad = k;
            bad.p[at] ^= 0x40;
            assert_true(taken(&e, bad) < 0);
        }
        for (size_t at = 0; at < r.n; at++) {
            struct packet bad = r;
            bad.p[at] ^= 0x40;
            assert_true(taken_rtcp(&e, bad) < 0);
        }
        assert_int_equal(ends_stats(e.b).unprotected_rtp, 0);
        assert_int_equal(ends_stats(e.b).unprotected_rtcp, 0);
        assert_true(taken(&e, k) > 0);
        assert_true(taken_rtcp(&e, r) > 0);
        ends_close(&e);
    }
}

static void srtp_names_a_wrong_tag_and_counts_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDS_PROFILES; i++) {
        struct ends e = ends_open(ends_profiles[i], 0, 0);
        struct packet k = sent(&e, SSRC, 500), r = sent_rtcp(&e, SSRC);
        k.p[20] ^= 1;
        r.p[12] ^= 1;
        assert_row(taken(&e, k), SRTP_AUTH_FAILED);
        assert_row(taken_rtcp(&e, r), SRTP_AUTH_FAILED);
        assert_int_equal(ends_stats(e.b).auth_failed, 2);
        ends_close(&e);
    }
}

static void srtp_drops_a_packet_given_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDS_PROFILES; i++) {
        struct ends e = ends_open(ends_profiles[i], 0, 0);
        struct packet k = sent(&e, SSRC, 500), r = sent_rtcp(&e, SSRC);
        assert_true(taken(&e, k) > 0);
        assert_true(taken_rtcp(&e, r) > 0);
        assert_row(taken(&e, k), SRTP_REPLAYED);
        assert_row(taken_rtcp(&e, r), SRTP_REPLAYED);
        assert_int_equal(ends_stats(e.b).replayed, 2);
        ends_close(&e);
    }
}

static void srtp_window_of_1024_takes_the_oldest_in_it_and_no_older(void **state)
{
    (void)state;
    struct ends e = ends_open(PROFILE, 0, 0);
    struct packet late = sent(&e, SSRC, 100), later = sent(&e, SSRC, 101);
    struct packet newest = sent(&e, SSRC, 101 + 1023);
    assert_true(taken(&e, newest) > 0);
    assert_true(taken(&e, later) > 0);
    assert_row(taken(&e, late), SRTP_REPLAYED);
    ends_close(&e);
}

static void srtp_follows_the_rollover_through_reordering(void **state)
{
    (void)state;
    struct ends e = ends_open(PROFILE, 0, 0);
    static struct packet k[8]; /* 65532 … 65535, 0 … 3 */
    for (unsigned i = 0; i < 8; i++)
        k[i] = sent(&e, SSRC, (uint16_t)(65532 + i));
    const unsigned order[] = {0, 1, 4, 3, 5, 2, 7, 6};
    for (unsigned i = 0; i < 8; i++)
        assert_true(taken(&e, k[order[i]]) > 0);
    for (unsigned i = 0; i < 8; i++)
        assert_row(taken(&e, k[i]), SRTP_REPLAYED);
    ends_close(&e);
}

static void srtp_follows_two_hundred_thousand_packets_over_three_rollovers(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AEAD_AES_128_GCM, 0, 0);
    for (unsigned i = 0; i < 200000; i++) {
        struct packet k = sent(&e, SSRC, (uint16_t)(60000 + i));
        if (i % 7 != 3) /* some are lost */
            assert_true(taken(&e, k) > 0);
    }
    ends_close(&e);
}

static void srtp_forgeries_move_neither_rollover_nor_highest_sequence(void **state)
{
    (void)state;
    struct ends e = ends_open(PROFILE, 0, 0);
    struct packet old = sent(&e, SSRC, 39000), k = sent(&e, SSRC, 40000);
    assert_true(taken(&e, k) > 0);
    for (unsigned seq = 0; seq < 65536; seq += 97) {
        struct packet forged = rtp_packet(SSRC, (uint16_t)seq);
        forged.n += 10;
        assert_true(taken(&e, forged) < 0);
    }
    assert_true(taken(&e, old) > 0);
    struct packet next = sent(&e, SSRC, 40001);
    assert_true(taken(&e, next) > 0);
    ends_close(&e);
}

static void srtp_forgeries_of_many_ssrcs_take_no_stream(void **state)
{
    (void)state;
    struct ends e = ends_open(PROFILE, 2, 0);
    for (uint32_t ssrc = 1; ssrc < 1000; ssrc++) {
        struct packet forged = rtp_packet(ssrc, 1), r = rtcp_packet(ssrc);
        forged.n += 10;
        r.n += 14;
        r.p[20] = 0x80; /* the E flag */
        assert_row(taken(&e, forged), SRTP_AUTH_FAILED);
        assert_row(taken_rtcp(&e, r), SRTP_AUTH_FAILED);
    }
    struct packet one = sent(&e, SSRC, 1), two = sent(&e, SSRC + 1, 1);
    assert_true(taken(&e, one) > 0);
    assert_true(taken(&e, two) > 0);
    ends_close(&e);
}

static void srtp_takes_as_many_streams_as_it_may_and_no_more(void **state)
{
    (void)state;
    struct ends many = ends_open(PROFILE, 64, 64), few = ends_open(PROFILE, 3, 64);
    for (uint32_t ssrc = 1; ssrc <= 3; ssrc++)
        assert_true(taken(&few, sent(&many, ssrc, 1)) > 0);
    struct packet k = sent(&many, 4, 1), r = sent_rtcp(&many, 4);
    assert_row(taken(&few, k), SRTP_TOO_MANY_STREAMS);
    assert_row(taken_rtcp(&few, r), SRTP_TOO_MANY_STREAMS);
    assert_int_equal(ends_stats(few.b).too_many_streams, 2);
    assert_true(taken(&few, sent(&many, 3, 2)) > 0);
    assert_true(taken_rtcp(&few, sent_rtcp(&many, 3)) > 0);
    ends_close(&many);
    ends_close(&few);
}

static void srtp_takes_sixtyfour_streams_at_most(void **state)
{
    (void)state;
    struct ends e = ends_open(PROFILE, 64, 64), other = ends_open(PROFILE, 64, 64);
    for (uint32_t ssrc = 1; ssrc <= 64; ssrc++)
        assert_true(taken(&e, sent(&e, ssrc, 1)) > 0);
    assert_row(taken(&e, sent(&other, 65, 1)), SRTP_TOO_MANY_STREAMS);
    ends_close(&e);
    ends_close(&other);
}

static void srtp_drops_every_cut_of_a_packet(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDS_PROFILES; i++) {
        struct ends e = ends_open(ends_profiles[i], 0, 0);
        struct packet k = sent(&e, SSRC, 1), r = sent_rtcp(&e, SSRC);
        for (size_t n = 0; n < k.n; n++) {
            struct packet cut = k;
            cut.n = n;
            assert_true(taken(&e, cut) < 0);
        }
        for (size_t n = 0; n < r.n; n++) {
            struct packet cut = r;
            cut.n = n;
            assert_true(taken_rtcp(&e, cut) < 0);
        }
        ends_close(&e);
    }
}

static void srtp_names_what_is_no_packet_and_counts_it(void **state)
{
    (void)state;
    struct ends e = ends_open(PROFILE, 0, 0);
    struct packet k = sent(&e, SSRC, 1), r = sent_rtcp(&e, SSRC);
    k.n = 11;
    r.n = 7;
    assert_row(taken(&e, k), SRTP_MALFORMED);
    assert_row(taken_rtcp(&e, r), SRTP_MALFORMED);
    k.n = 16; /* a header, and less than a tag */
    assert_row(taken(&e, k), SRTP_MALFORMED);
    assert_int_equal(ends_stats(e.b).malformed, 3);
    ends_close(&e);
}

static void srtp_drops_rtcp_that_claims_to_be_plain(void **state)
{
    (void)state;
    struct ends e = ends_open(PROFILE, 0, 0);
    struct packet r = sent_rtcp(&e, SSRC);
    r.p[20] &= 0x7f; /* the E flag */
    assert_row(taken_rtcp(&e, r), SRTP_MALFORMED);
    ends_close(&e);
}

static void srtp_lives_through_random_bytes(void **state)
{
    (void)state;
    struct rill_rng_seeded g;
    rill_rng_seeded_init(&g, rill_test_seed());
    struct rill_rng rng = rill_rng_seeded(&g);
    for (size_t i = 0; i < ENDS_PROFILES; i++) {
        struct ends e = ends_open(ends_profiles[i], 0, 0);
        for (int round = 0; round < 5000; round++) {
            /* just the bytes, so that a checker sees a read behind them */
            size_t n = rill_rng_below(&rng, 64);
            uint8_t *p = malloc(n + 1), *q = malloc(n + 1);
            rill_rng_fill(&rng, p, n);
            if (n)
                p[0] = (uint8_t)(0x80 | (p[0] & 0x3f));
            memcpy(q, p, n);
            assert_true(rill_srtp_unprotect_rtp(e.b, (struct rill_span){p, n}) < 0);
            assert_true(rill_srtp_unprotect_rtcp(e.b, (struct rill_span){q, n}) < 0);
            free(p);
            free(q);
        }
        struct packet k = sent(&e, SSRC, 1);
        assert_true(taken(&e, k) > 0);
        ends_close(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(srtp_drops_a_packet_with_any_byte_changed),
        cmocka_unit_test(srtp_names_a_wrong_tag_and_counts_it),
        cmocka_unit_test(srtp_drops_a_packet_given_twice),
        cmocka_unit_test(srtp_window_of_1024_takes_the_oldest_in_it_and_no_older),
        cmocka_unit_test(srtp_follows_the_rollover_through_reordering),
        cmocka_unit_test(srtp_follows_two_hundred_thousand_packets_over_three_rollovers),
        cmocka_unit_test(srtp_forgeries_move_neither_rollover_nor_highest_sequence),
        cmocka_unit_test(srtp_forgeries_of_many_ssrcs_take_no_stream),
        cmocka_unit_test(srtp_takes_as_many_streams_as_it_may_and_no_more),
        cmocka_unit_test(srtp_takes_sixtyfour_streams_at_most),
        cmocka_unit_test(srtp_drops_every_cut_of_a_packet),
        cmocka_unit_test(srtp_names_what_is_no_packet_and_counts_it),
        cmocka_unit_test(srtp_drops_rtcp_that_claims_to_be_plain),
        cmocka_unit_test(srtp_lives_through_random_bytes),
    };
    return cmocka_run_group_tests(tests, ends_setup, ends_teardown);
}
