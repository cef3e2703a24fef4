/* jitter_audio_test: Opus packets in order; what is missing is skipped after a while. */
#include "rtp/jitter.h"
#include "tests/rill_test.h"

#define MS RILL_MS
#define WAIT (60 * MS)

struct bench {
    struct rill_rtp_jitter *j;
    void *block;
    int64_t now;
};

static struct bench bench_of_config(const struct rill_rtp_jitter_config *config)
{
    struct bench b = {.now = RILL_SECOND};
    b.block = malloc(rill_rtp_jitter_size(config));
    b.j = rill_rtp_jitter_init(b.block, config);
    assert_non_null(b.j);
    return b;
}

static struct bench bench_of(size_t packets)
{
    return bench_of_config(
        &(struct rill_rtp_jitter_config){.codec = RILL_CODEC_OPUS, .packets = packets});
}

/* Packet `number` of a sender that began at 65500: three bytes that tell the number. */
static int give(struct bench *b, uint32_t number)
{
    uint8_t payload[3] = {0xf8, (uint8_t)(number >> 8), (uint8_t)number};
    struct rill_rtp_packet p = {.seq = (uint16_t)(65500 + number),
                                .timestamp = 0xffffff00 + number * 960,
                                .payload = rill_view_at(payload, 3)};
    return rill_rtp_jitter_insert(b->j, b->now, &p, NULL);
}

/* Pops one; its number, or -1. */
static int take(struct bench *b)
{
    struct rill_frame f;
    if (!rill_rtp_jitter_pop(b->j, b->now, &f))
        return -1;
    assert_int_equal(f.kind, RILL_AUDIO);
    assert_int_equal(f.codec, RILL_CODEC_OPUS);
    assert_int_equal(f.bytes.n, 3);
    int number = f.bytes.p[1] << 8 | f.bytes.p[2];
    assert_int_equal(f.rtp_time, 0xffffff00 + (uint32_t)number * 960);
    return number;
}

static struct rill_rtp_jitter_stats stats(const struct bench *b)
{
    struct rill_rtp_jitter_stats s;
    rill_rtp_jitter_stats(b->j, &s);
    return s;
}

static void a_packet_comes_out_at_once_on_an_ordered_network(void **state)
{
    (void)state;
    struct bench b = bench_of(8);
    for (int i = 0; i < 200; i++, b.now += 20 * MS) {
        assert_int_equal(give(&b, (uint32_t)i), 0);
        assert_int_equal(take(&b), i);
        assert_int_equal(take(&b), -1);
        assert_int_equal(rill_rtp_jitter_deadline(b.j), RILL_NEVER);
    }
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    free(b.block);
}

static void five_reordered_packets_come_out_in_order(void **state)
{
    (void)state;
    struct bench b = bench_of(8);
    give(&b, 0);
    assert_int_equal(take(&b), 0);
    for (uint32_t i = 5; i >= 2; i--) {
        give(&b, i);
        assert_int_equal(take(&b), -1);
    }
    give(&b, 1);
    for (int i = 1; i <= 5; i++)
        assert_int_equal(take(&b), i);
    free(b.block);
}

static void a_missing_packet_is_skipped_after_the_wait(void **state)
{
    (void)state;
    struct bench b = bench_of(8);
    give(&b, 0);
    assert_int_equal(take(&b), 0);
    give(&b, 2);
    give(&b, 3);
    assert_int_equal(take(&b), -1);
    assert_int_equal(rill_rtp_jitter_deadline(b.j), b.now + WAIT);
    b.now += WAIT - 1;
    assert_int_equal(take(&b), -1);
    b.now += 1;
    assert_int_equal(take(&b), 2);
    assert_int_equal(take(&b), 3);
    assert_row(give(&b, 1), RTP_JITTER_LATE);
    assert_int_equal(stats(&b).packets_skipped, 1);
    assert_int_equal(stats(&b).late, 1);
    free(b.block);
}

static void a_duplicate_comes_out_once(void **state)
{
    (void)state;
    struct bench b = bench_of(8);
    give(&b, 0);
    assert_row(give(&b, 0), RTP_JITTER_DUPLICATE);
    assert_int_equal(take(&b), 0);
    assert_row(give(&b, 0), RTP_JITTER_DUPLICATE);
    assert_int_equal(take(&b), -1);
    assert_int_equal(stats(&b).duplicates, 2);
    assert_int_equal(stats(&b).late, 0);
    free(b.block);
}

static void a_pause_in_the_timestamps_is_no_gap(void **state)
{
    (void)state;
    /* DTX: the numbers go on, time has jumped. */
    struct bench b = bench_of(8);
    struct rill_frame f;
    uint8_t payload[1] = {0xf8};
    struct rill_rtp_packet p = {.seq = 1, .timestamp = 0, .payload = {payload, 1}};
    assert_int_equal(rill_rtp_jitter_insert(b.j, b.now, &p, NULL), 0);
    assert_true(rill_rtp_jitter_pop(b.j, b.now, &f));
    p = (struct rill_rtp_packet){.seq = 2, .timestamp = 19200, .payload = {payload, 1}};
    b.now += 400 * MS;
    assert_int_equal(rill_rtp_jitter_insert(b.j, b.now, &p, NULL), 0);
    assert_true(rill_rtp_jitter_pop(b.j, b.now, &f));
    assert_int_equal(f.rtp_time, 19200);
    free(b.block);
}

static void packets_without_payload_are_passed_over(void **state)
{
    (void)state;
    struct bench b = bench_of(8);
    give(&b, 0);
    assert_int_equal(take(&b), 0);
    struct rill_rtp_packet p = {.seq = 65501};
    assert_int_equal(rill_rtp_jitter_insert(b.j, b.now, &p, NULL), 0);
    give(&b, 2);
    assert_int_equal(take(&b), 2);
    assert_int_equal(stats(&b).packets_skipped, 0);
    free(b.block);
}

static void a_gap_of_two_seconds_starts_anew(void **state)
{
    (void)state;
    struct bench b = bench_of(64);
    give(&b, 0);
    assert_int_equal(take(&b), 0);
    b.now += 2 * RILL_SECOND;
    give(&b, 100);
    assert_int_equal(take(&b), 100);
    give(&b, 101);
    assert_int_equal(take(&b), 101);
    free(b.block);
}

static void the_slots_hold_exactly_their_number(void **state)
{
    (void)state;
    struct bench b = bench_of(8);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(give(&b, i), 0);
    assert_row(give(&b, 8), RTP_JITTER_FULL);
    for (int i = 0; i < 8; i++)
        assert_int_equal(take(&b), i);
    assert_int_equal(give(&b, 8), 0);
    assert_int_equal(take(&b), 8);
    free(b.block);
}

static void a_gap_that_holds_up_the_whole_window_is_skipped(void **state)
{
    (void)state;
    struct bench b = bench_of(8);
    give(&b, 0);
    assert_int_equal(take(&b), 0);
    for (uint32_t i = 2; i < 9; i++) {
        assert_int_equal(give(&b, i), 0);
        assert_int_equal(take(&b), -1);
    }
    assert_int_equal(give(&b, 9), 0);
    for (int i = 2; i < 10; i++)
        assert_int_equal(take(&b), i);
    free(b.block);
}

static void what_is_no_opus_is_refused(void **state)
{
    (void)state;
    struct bench b = bench_of(8);
    struct rill_rtp_packet p = {.seq = 1, .payload = rill_view_at("\xfb\x00", 2)};
    assert_row(rill_rtp_jitter_insert(b.j, b.now, &p, NULL), OPUS_FRAME_COUNT);
    free(b.block);
}

static void a_clock_that_drifts_loses_nothing(void **state)
{
    (void)state;
    /* 200 ppm for ten minutes. */
    struct bench b = bench_of(8);
    for (int i = 0; i < 30000; i++, b.now += 20 * MS + 4)
        if (give(&b, (uint32_t)i) || take(&b) != i)
            fail_msg("packet %d", i);
    assert_int_equal(stats(&b).frames, 30000);
    free(b.block);
}

static void a_block_of_the_size_it_asks_for_is_enough_at_any_alignment(void **state)
{
    (void)state;
    struct rill_rtp_jitter_config config = {.codec = RILL_CODEC_OPUS};
    size_t n = rill_rtp_jitter_size(&config);
    for (size_t skew = 0; skew < 16; skew++) {
        uint8_t *block = malloc(n + skew);
        assert_non_null(rill_rtp_jitter_init(block + skew, &config));
        free(block);
    }
}

static bool lacks(const struct bench *b, uint32_t number)
{
    uint16_t seq;
    bool missing =
        rill_rtp_jitter_lacks(b->j, (uint16_t)(65500 + number), 0xffffff00 + number * 960, &seq);
    assert_true(!missing || seq == (uint16_t)(65500 + number));
    return missing;
}

static void at_once_each_packet_comes_out_as_it_comes(void **state)
{
    (void)state;
    static const uint32_t order[] = {0, 2, 1, 5, 5, 3, 2, 9, 4};
    static const int taken[] = {0, 2, 1, 5, -1, 3, -1, 9, 4};
    struct bench b = bench_of_config(
        &(struct rill_rtp_jitter_config){.codec = RILL_CODEC_OPUS, .packets = 8, .at_once = true});
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++, b.now += 20 * MS) {
        assert_int_equal(lacks(&b, order[i]), taken[i] >= 0);
        assert_int_equal(give(&b, order[i]) == 0, taken[i] >= 0);
        assert_int_equal(take(&b), taken[i]);
        assert_int_equal(take(&b), -1);
    }
    /* What never comes is given up after a second. */
    assert_true(lacks(&b, 6));
    b.now += RILL_SECOND;
    assert_int_equal(take(&b), -1);
    assert_false(lacks(&b, 6));
    assert_int_equal(stats(&b).packets_skipped, 3);
    assert_int_equal(stats(&b).frames, 7);
    free(b.block);
}

/* Chromium fills the path with packets without payload, which have the time of the one before. */
static void what_is_missing_is_found_behind_packets_without_payload(void **state)
{
    (void)state;
    struct bench b = bench_of_config(
        &(struct rill_rtp_jitter_config){.codec = RILL_CODEC_OPUS, .packets = 32, .at_once = true});
    struct rill_rtp_packet filler = {.timestamp = 0xffffff00 + 960};
    uint16_t seq;
    assert_int_equal(give(&b, 0), 0);
    assert_int_equal(take(&b), 0);
    for (uint16_t i = 0; i < 3; i++) {
        filler.seq = (uint16_t)(65502 + i);
        assert_int_equal(rill_rtp_jitter_insert(b.j, b.now, &filler, NULL), 0);
        assert_int_equal(take(&b), -1);
    }
    /* Packet 65501 is lost, and 65505 brings it once more. */
    assert_true(rill_rtp_jitter_lacks(b.j, 65504, 0xffffff00 + 960, &seq));
    assert_int_equal(seq, 65501);
    assert_int_equal(give(&b, 1), 0);
    assert_int_equal(take(&b), 1);
    assert_false(rill_rtp_jitter_lacks(b.j, 65504, 0xffffff00 + 960, &seq));
    free(b.block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_comes_out_at_once_on_an_ordered_network),
        cmocka_unit_test(five_reordered_packets_come_out_in_order),
        cmocka_unit_test(a_missing_packet_is_skipped_after_the_wait),
        cmocka_unit_test(a_duplicate_comes_out_once),
        cmocka_unit_test(a_pause_in_the_timestamps_is_no_gap),
        cmocka_unit_test(packets_without_payload_are_passed_over),
        cmocka_unit_test(a_gap_of_two_seconds_starts_anew),
        cmocka_unit_test(the_slots_hold_exactly_their_number),
        cmocka_unit_test(a_gap_that_holds_up_the_whole_window_is_skipped),
        cmocka_unit_test(what_is_no_opus_is_refused),
        cmocka_unit_test(a_clock_that_drifts_loses_nothing),
        cmocka_unit_test(a_block_of_the_size_it_asks_for_is_enough_at_any_alignment),
        cmocka_unit_test(at_once_each_packet_comes_out_as_it_comes),
        cmocka_unit_test(what_is_missing_is_found_behind_packets_without_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
