/* marks_test: what header extensions say of a frame, byte by byte, and what the buffer makes of
 * playout delay. */
#include "rtp/jitter.h"
#include "rtp/marks.h"
#include "tests/rill_test.h"

static struct rill_view hex(const char *text)
{
    static uint8_t bytes[32];
    return rill_test_hex(text, bytes, sizeof bytes);
}

static void a_level_is_a_bit_of_voice_and_seven_of_silence(void **state)
{
    (void)state;
    struct rill_rtp_level v;
    uint8_t out[RILL_RTP_LEVEL_SIZE];
    assert_true(rill_rtp_level_read(hex("85"), &v));
    assert_true(v.voice && v.dbov == 5);
    assert_true(rill_rtp_level_read(hex("7f00"), &v)); /* with the two-byte form's padding */
    assert_true(!v.voice && v.dbov == 127);
    assert_false(rill_rtp_level_read(hex(""), &v));
    assert_false(rill_rtp_level_read(hex("000000"), &v));
    rill_rtp_level_write(&(struct rill_rtp_level){true, 200}, out);
    assert_int_equal(out[0], 0xff);
}

static void a_capture_time_is_ntp_with_or_without_an_offset(void **state)
{
    (void)state;
    struct rill_rtp_capture v;
    uint8_t out[RILL_RTP_CAPTURE_SIZE];
    assert_true(rill_rtp_capture_read(hex("e8c1d2a3 80000000"), &v));
    assert_true(v.ntp == 0xe8c1d2a380000000 && !v.has_offset);
    assert_true(rill_rtp_capture_read(hex("e8c1d2a3 80000000 ffffffff 80000000"), &v));
    assert_true(v.has_offset && v.offset == -0x80000000LL); /* half a second behind */
    assert_false(rill_rtp_capture_read(hex("e8c1d2a3 800000"), &v));
    rill_rtp_capture_write(&(struct rill_rtp_capture){.ntp = 0x0102030405060708}, out);
    assert_memory_equal(out, hex("0102030405060708").p, 8);
}

static void an_orientation_is_quarter_turns_clockwise(void **state)
{
    (void)state;
    struct rill_rtp_orientation v;
    uint8_t out[RILL_RTP_ORIENTATION_SIZE];
    assert_true(rill_rtp_orientation_read(hex("0d"), &v));
    assert_true(v.back && v.flipped && v.rotation == 90);
    assert_true(rill_rtp_orientation_read(hex("f3"), &v));
    assert_true(!v.back && !v.flipped && v.rotation == 270);
    assert_false(rill_rtp_orientation_read(hex("0000"), &v));
    rill_rtp_orientation_write(&(struct rill_rtp_orientation){false, true, 180}, out);
    assert_int_equal(out[0], 6);
}

static void a_playout_delay_is_two_times_twelve_bits_of_10_ms(void **state)
{
    (void)state;
    struct rill_rtp_playout_delay v;
    uint8_t out[RILL_RTP_PLAYOUT_DELAY_SIZE];
    assert_true(rill_rtp_playout_delay_read(hex("00afff"), &v));
    assert_int_equal(v.min, 100);
    assert_int_equal(v.max, 40950);
    assert_false(rill_rtp_playout_delay_read(hex("00b00a"), &v)); /* 110 to 100 */
    assert_false(rill_rtp_playout_delay_read(hex("00a0"), &v));
    rill_rtp_playout_delay_write(&(struct rill_rtp_playout_delay){200, 65535}, out);
    assert_memory_equal(out, hex("014fff").p, 3);
}

/* --- the jitter buffer -------------------------------------------------------------------- */

struct bench {
    struct rill_rtp_jitter *j;
    void *block;
    uint16_t seq;
    uint32_t timestamp;
};

static struct bench begin(size_t packets)
{
    struct rill_rtp_jitter_config config = {
        .codec = RILL_CODEC_VP8, .packets = packets, .slot = 40, .frame_bytes = 400};
    struct bench b = {.timestamp = 90000};
    b.block = malloc(rill_rtp_jitter_size(&config));
    b.j = rill_rtp_jitter_init(b.block, &config);
    return b;
}

/* A key frame of one packet, 33 ms after the one before. */
static void send(struct bench *b, int64_t now)
{
    static const uint8_t key[] = {0x10, 0x10, 0x02, 0, 0x9d, 0x01, 0x2a, 0x40, 0, 0x30, 0};
    struct rill_rtp_packet p = {.seq = b->seq++,
                                .timestamp = b->timestamp,
                                .marker = true,
                                .payload = rill_view_at(key, sizeof key)};
    b->timestamp += 3000;
    assert_int_equal(rill_rtp_jitter_insert(b->j, now, &p, NULL), 0);
}

/* One that needs the one before it. */
static void send_more(struct bench *b, int64_t now)
{
    static const uint8_t more[] = {0x10, 0x11, 0, 0};
    struct rill_rtp_packet p = {.seq = b->seq++,
                                .timestamp = b->timestamp,
                                .marker = true,
                                .payload = rill_view_at(more, sizeof more)};
    b->timestamp += 3000;
    assert_int_equal(rill_rtp_jitter_insert(b->j, now, &p, NULL), 0);
}

static bool comes(struct bench *b, int64_t now)
{
    struct rill_frame f;
    return rill_rtp_jitter_pop(b->j, now, &f);
}

static void a_least_delay_holds_pictures_from_the_fastest_on(void **state)
{
    (void)state;
    struct bench b = begin(64);
    rill_rtp_jitter_limit(b.j, 100 * RILL_MS, 400 * RILL_MS);
    int64_t t = RILL_SECOND;
    send(&b, t);
    assert_false(comes(&b, t + 99 * RILL_MS));
    assert_int_equal(rill_rtp_jitter_deadline(b.j), t + 100 * RILL_MS);
    assert_true(comes(&b, t + 100 * RILL_MS));
    /* the next was captured 33.3 ms later: one that is 50 ms late waits 50 ms less */
    send(&b, t + 83333);
    assert_false(comes(&b, t + 133332));
    assert_true(comes(&b, t + 133333));
    /* one that is faster than the first moves all that follow */
    send(&b, t + 60 * RILL_MS);
    assert_false(comes(&b, t + 159999));
    assert_true(comes(&b, t + 160000));
    free(b.block);
}

static void without_a_least_delay_nothing_waits(void **state)
{
    (void)state;
    struct bench b = begin(64);
    rill_rtp_jitter_limit(b.j, 0, 400 * RILL_MS);
    send(&b, RILL_SECOND);
    assert_true(comes(&b, RILL_SECOND));
    free(b.block);
}

static void what_waits_comes_out_when_the_slots_run_full(void **state)
{
    (void)state;
    struct bench b = begin(16);
    rill_rtp_jitter_limit(b.j, 10 * RILL_SECOND, 20 * RILL_SECOND);
    for (int k = 0; k < 12; k++) {
        send(&b, RILL_SECOND);
        assert_false(comes(&b, RILL_SECOND));
    }
    send(&b, RILL_SECOND);
    assert_true(comes(&b, RILL_SECOND));
    free(b.block);
}

static void a_most_delay_gives_gaps_up_sooner(void **state)
{
    (void)state;
    struct bench b = begin(64);
    rill_rtp_jitter_limit(b.j, 0, 200 * RILL_MS);
    int64_t t = RILL_SECOND;
    send(&b, t);
    assert_true(comes(&b, t));
    b.seq++; /* lost */
    send_more(&b, t);
    assert_false(comes(&b, t + 199 * RILL_MS));
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    assert_false(comes(&b, t + 200 * RILL_MS));
    assert_true(rill_rtp_jitter_wants_keyframe(b.j));
    free(b.block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_is_a_bit_of_voice_and_seven_of_silence),
        cmocka_unit_test(a_capture_time_is_ntp_with_or_without_an_offset),
        cmocka_unit_test(an_orientation_is_quarter_turns_clockwise),
        cmocka_unit_test(a_playout_delay_is_two_times_twelve_bits_of_10_ms),
        cmocka_unit_test(a_least_delay_holds_pictures_from_the_fastest_on),
        cmocka_unit_test(without_a_least_delay_nothing_waits),
        cmocka_unit_test(what_waits_comes_out_when_the_slots_run_full),
        cmocka_unit_test(a_most_delay_gives_gaps_up_sooner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
