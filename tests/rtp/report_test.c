/* report_test: what a receiver counts and reports, and when (RFC 3550 §6.3, §6.4, §A.1, §A.3). */
#include "rtp/report.h"
#include "tests/rill_test.h"

#define MS RILL_MS
#define VIDEO_HZ 90000
#define AUDIO_HZ 48000

static struct rill_rtp_source source(uint32_t clock_hz)
{
    struct rill_rtp_source s;
    rill_rtp_source_init(&s, 0x22222222, clock_hz);
    return s;
}

/* One packet each 20 ms of audio, so that a number says time and timestamp too. */
static void packet(struct rill_rtp_source *s, uint32_t number)
{
    rill_rtp_source_packet(s, RILL_SECOND + (int64_t)number * 20 * MS, (uint16_t)number,
                           number * 960, 100);
}

static struct rill_rtcp_report_block report(struct rill_rtp_source *s, int64_t now)
{
    struct rill_rtcp_report_block b;
    rill_rtp_source_report(s, now, &b);
    return b;
}

static void a_source_without_packets_reports_zeros(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    struct rill_rtcp_report_block b = report(&s, RILL_SECOND);
    assert_int_equal(b.ssrc, 0x22222222);
    assert_int_equal(b.fraction_lost, 0);
    assert_int_equal(b.cumulative_lost, 0);
    assert_int_equal(b.highest_seq, 0);
    assert_int_equal(b.lsr, 0);
    assert_int_equal(b.dlsr, 0);
}

static void loss_is_what_was_expected_less_what_came(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    for (uint32_t i = 100; i < 200; i++)
        if (i % 4 != 1)
            packet(&s, i);
    struct rill_rtcp_report_block b = report(&s, 0);
    assert_int_equal(b.cumulative_lost, 25);
    assert_int_equal(b.fraction_lost, 64); /* a quarter of 256 */
    assert_int_equal(b.highest_seq, 199);
    assert_int_equal(s.received, 75);
    assert_int_equal(s.bytes, 7500);
    /* The fraction is of the interval, the count of all time. */
    for (uint32_t i = 200; i < 300; i++)
        packet(&s, i);
    b = report(&s, 0);
    assert_int_equal(b.cumulative_lost, 25);
    assert_int_equal(b.fraction_lost, 0);
    b = report(&s, 0);
    assert_int_equal(b.fraction_lost, 0);
}

static void duplicates_make_the_loss_negative_and_the_fraction_zero(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    for (uint32_t i = 0; i < 10; i++) {
        packet(&s, i);
        packet(&s, i);
    }
    struct rill_rtcp_report_block b = report(&s, 0);
    assert_int_equal(b.cumulative_lost, -10);
    assert_int_equal(b.fraction_lost, 0);
}

static void all_but_one_lost_is_a_fraction_below_one(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    packet(&s, 0);
    report(&s, 0);
    packet(&s, 2900);
    assert_int_equal(report(&s, 0).fraction_lost, 255);
}

static void a_late_packet_is_not_lost(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    packet(&s, 1);
    packet(&s, 3);
    packet(&s, 2);
    assert_int_equal(rill_rtp_source_lost(&s), 0);
    assert_int_equal(report(&s, 0).highest_seq, 3);
}

static void the_highest_number_counts_its_cycles(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    for (uint32_t i = 65530; i < 65540; i++)
        packet(&s, i);
    packet(&s, 65535); /* reordered over the wrap: no cycle of its own */
    packet(&s, 65540);
    struct rill_rtcp_report_block b = report(&s, 0);
    assert_int_equal(b.highest_seq, 65540);
    assert_int_equal(b.cumulative_lost, -1);
}

static void cumulative_loss_is_clamped_to_24_bits(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    uint32_t number = 0;
    for (int i = 0; i < 3000; i++, number += 2999)
        packet(&s, number);
    assert_true(rill_rtp_source_lost(&s) > 0x7fffff);
    assert_int_equal(report(&s, 0).cumulative_lost, 0x7fffff);
}

static void one_wild_number_is_not_believed(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    packet(&s, 10);
    packet(&s, 30000);
    packet(&s, 11);
    assert_int_equal(report(&s, 0).highest_seq, 11);
    assert_int_equal(rill_rtp_source_lost(&s), 0);
}

static void two_wild_numbers_in_a_row_start_anew(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    packet(&s, 10);
    packet(&s, 30000);
    packet(&s, 30001);
    packet(&s, 30002);
    struct rill_rtcp_report_block b = report(&s, 0);
    assert_int_equal(b.highest_seq, 30002);
    assert_int_equal(b.cumulative_lost, 0);
}

/* --- jitter ------------------------------------------------------------------------------- */

static void packets_on_time_have_no_jitter(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    for (uint32_t i = 0; i < 100; i++)
        packet(&s, i);
    assert_int_equal(rill_rtp_source_jitter_us(&s), 0);
}

static void jitter_nears_the_mean_deviation(void **state)
{
    (void)state;
    /* Every second packet comes 10 ms late: |D| is always 10 ms. */
    struct rill_rtp_source s = source(VIDEO_HZ);
    for (int i = 0; i < 300; i++)
        rill_rtp_source_packet(&s, i * 33 * MS + (i % 2) * 10 * MS, (uint16_t)i, (uint32_t)i * 2970,
                               1);
    assert_in_range(rill_rtp_source_jitter_us(&s), 9800, 10000);
    assert_in_range(report(&s, 0).jitter, 882, 900);
}

static void the_first_step_of_jitter_is_a_sixteenth(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(VIDEO_HZ);
    rill_rtp_source_packet(&s, 0, 1, 0, 1);
    rill_rtp_source_packet(&s, 16 * MS, 2, 0, 1); /* D = 1440 */
    assert_int_equal(report(&s, 0).jitter, 90);
}

static void timestamps_wrap_without_jitter(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    uint32_t timestamp = 0xffffffff - 2000;
    for (int i = 0; i < 10; i++, timestamp += 960)
        rill_rtp_source_packet(&s, i * 20 * MS, (uint16_t)i, timestamp, 1);
    assert_int_equal(rill_rtp_source_jitter_us(&s), 0);
}

static void timestamps_that_begin_anew_are_no_jitter(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    rill_rtp_source_packet(&s, 0, 1, 0, 1);
    rill_rtp_source_packet(&s, 20 * MS, 2, 0x80000000, 1);
    rill_rtp_source_packet(&s, 40 * MS, 3, 0x80000000 + 960, 1);
    assert_int_equal(rill_rtp_source_jitter_us(&s), 0);
}

/* --- the round trip ----------------------------------------------------------------------- */

static void the_round_trip_of_the_rfc_is_found(void **state)
{
    (void)state;
    /* RFC 3550 §6.4.1, figure 2: A b710:8000, LSR b705:2000, DLSR 0005:4000: 6.125 s. */
    uint64_t ntp = (uint64_t)0xb44db710 << 32 | 0x80000000;
    assert_int_equal(rill_rtp_rtt_us(ntp, 0xb7052000, 0x00054000), 6125000);
}

static void without_a_sender_report_there_is_no_round_trip(void **state)
{
    (void)state;
    assert_int_equal(rill_rtp_rtt_us(1, 0, 0), -1);
    assert_int_equal(rill_rtp_rtt_us((uint64_t)0x0001 << 32, 0x00010000, 1), 0);
}

static void a_report_returns_the_time_and_delay_of_the_last_sr(void **state)
{
    (void)state;
    struct rill_rtp_source s = source(AUDIO_HZ);
    struct rill_rtcp_sender_info info = {.ntp_sec = 0xb44db705, .ntp_frac = 0x20000000};
    packet(&s, 1);
    rill_rtp_source_sr(&s, 10 * RILL_SECOND, &info);
    struct rill_rtcp_report_block b = report(&s, 15 * RILL_SECOND + 250 * MS);
    assert_int_equal(b.lsr, 0xb7052000);
    assert_int_equal(b.dlsr, 0x00054000); /* 5.25 s */
    assert_int_equal(report(&s, 9 * RILL_SECOND).dlsr, 0);
    assert_int_equal(report(&s, 70000 * RILL_SECOND).dlsr, UINT32_MAX);
}

/* --- when --------------------------------------------------------------------------------- */

struct spread {
    int64_t least, most, mean;
};

static struct spread spread(bool first, uint64_t bps, size_t size, unsigned members,
                            unsigned senders, bool we_send)
{
    struct rill_rng_seeded g;
    rill_rng_seeded_init(&g, rill_test_seed());
    struct rill_rng rng = rill_rng_seeded(&g);
    struct spread s = {INT64_MAX, 0, 0};
    for (int i = 0; i < 10000; i++) {
        int64_t t = rill_rtcp_interval_us(&rng, first, bps, size, members, senders, we_send);
        s.least = t < s.least ? t : s.least;
        s.most = t > s.most ? t : s.most;
        s.mean += t;
    }
    s.mean /= 10000;
    return s;
}

static void video_reports_about_each_second(void **state)
{
    (void)state;
    struct spread s = spread(false, 1000000, 150, 2, 2, true);
    /* 0.5 and 1.5 s over 1.21828. */
    assert_in_range(s.least, 410414, 412000);
    assert_in_range(s.most, 1229000, 1231244);
    assert_in_range(s.mean, 810000, 832000);
}

static void audio_reports_about_each_five_seconds(void **state)
{
    (void)state;
    struct spread s = spread(false, 48000, 120, 2, 2, true);
    assert_in_range(s.mean, 4050000, 4160000);
    s = spread(false, 0, 120, 2, 2, true);
    assert_in_range(s.mean, 4050000, 4160000);
}

static void the_minimum_scales_with_the_bandwidth(void **state)
{
    (void)state;
    /* 360 / 180 kbit/s: 2 s */
    struct spread s = spread(false, 180000, 120, 2, 2, true);
    assert_in_range(s.mean, 1620000, 1664000);
}

static void the_first_report_comes_after_half_the_time(void **state)
{
    (void)state;
    struct spread s = spread(true, 1000000, 150, 2, 2, true);
    assert_in_range(s.mean, 405000, 416000);
}

static void rtcp_takes_no_more_than_five_percent(void **state)
{
    (void)state;
    /* 100 members, all sending, 64 kbit/s: 100 × 125 bytes × 8 over 3200 bit/s. */
    struct spread s = spread(false, 64000, 125, 100, 100, true);
    int64_t fair = 100 * 125 * 8 * RILL_SECOND / 3200;
    assert_in_range(s.mean, fair * 99 / 122, fair * 101 / 121);
}

static void senders_and_receivers_share_a_quarter_to_three(void **state)
{
    (void)state;
    /* 1000 receivers and 10 senders share 10 kbit/s of RTCP. */
    struct spread send = spread(false, 200000, 125, 1010, 10, true);
    struct spread receive = spread(false, 200000, 125, 1010, 10, false);
    assert_in_range(send.mean, 4000000 * 99 / 122, 4000000 * 101 / 121);
    assert_in_range(receive.mean, 133333333LL * 99 / 122, 133333333LL * 101 / 121);
}

static void absurd_figures_end_at_an_hour(void **state)
{
    (void)state;
    struct spread s = spread(false, 1, SIZE_MAX, UINT32_MAX, 0, false);
    assert_in_range(s.most, 3600 * RILL_SECOND, 4500 * RILL_SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_without_packets_reports_zeros),
        cmocka_unit_test(loss_is_what_was_expected_less_what_came),
        cmocka_unit_test(duplicates_make_the_loss_negative_and_the_fraction_zero),
        cmocka_unit_test(all_but_one_lost_is_a_fraction_below_one),
        cmocka_unit_test(a_late_packet_is_not_lost),
        cmocka_unit_test(the_highest_number_counts_its_cycles),
        cmocka_unit_test(cumulative_loss_is_clamped_to_24_bits),
        cmocka_unit_test(one_wild_number_is_not_believed),
        cmocka_unit_test(two_wild_numbers_in_a_row_start_anew),
        cmocka_unit_test(packets_on_time_have_no_jitter),
        cmocka_unit_test(jitter_nears_the_mean_deviation),
        cmocka_unit_test(the_first_step_of_jitter_is_a_sixteenth),
        cmocka_unit_test(timestamps_wrap_without_jitter),
        cmocka_unit_test(timestamps_that_begin_anew_are_no_jitter),
        cmocka_unit_test(the_round_trip_of_the_rfc_is_found),
        cmocka_unit_test(without_a_sender_report_there_is_no_round_trip),
        cmocka_unit_test(a_report_returns_the_time_and_delay_of_the_last_sr),
        cmocka_unit_test(video_reports_about_each_second),
        cmocka_unit_test(audio_reports_about_each_five_seconds),
        cmocka_unit_test(the_minimum_scales_with_the_bandwidth),
        cmocka_unit_test(the_first_report_comes_after_half_the_time),
        cmocka_unit_test(rtcp_takes_no_more_than_five_percent),
        cmocka_unit_test(senders_and_receivers_share_a_quarter_to_three),
        cmocka_unit_test(absurd_figures_end_at_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
