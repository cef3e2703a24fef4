/* opus_test: what an Opus packet says of itself (RFC 6716 §3). */
#include "rtp/opus.h"
#include "tests/rill_test.h"

static uint8_t bytes[8192];

static int parse(const char *hex, struct rill_opus_packet *p)
{
    return rill_opus_parse(rill_test_hex(hex, bytes, sizeof bytes), p, NULL);
}

/* n bytes, of which `hex` are the first. */
static int parse_long(const char *hex, size_t n)
{
    struct rill_opus_packet p;
    memset(bytes, 0, sizeof bytes);
    rill_test_hex(hex, bytes, sizeof bytes);
    return rill_opus_parse(rill_view_at(bytes, n), &p, NULL);
}

static void frame_sizes_are_those_of_the_table(void **state)
{
    (void)state;
    static const uint16_t samples[32] = {
        480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880, /* SILK */
        480, 960, 480,  960,                                              /* hybrid */
        120, 240, 480,  960,  120, 240, 480,  960,  120, 240, 480,  960,  120, 240, 480, 960};
    for (unsigned config = 0; config < 32; config++)
        assert_int_equal(rill_opus_frame_samples((uint8_t)(config << 3)), samples[config]);
}

static void a_stereo_packet_of_20_ms_is_read(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_int_equal(parse("fc 0102", &p), 0); /* CELT FB 20 ms, stereo, one frame */
    assert_int_equal(p.config, 31);
    assert_true(p.stereo);
    assert_int_equal(p.code, 0);
    assert_int_equal(p.frames, 1);
    assert_int_equal(p.samples, 960);
    struct rill_view toc = rill_view_at("\xfc", 1);
    assert_int_equal(rill_field_get(&rill_opus_toc_fields.fields[0], toc), p.config);
    assert_int_equal(rill_field_get(&rill_opus_toc_fields.fields[1], toc), p.stereo);
    assert_int_equal(rill_field_get(&rill_opus_toc_fields.fields[2], toc), p.code);
}

static void a_toc_byte_alone_is_a_dtx_packet(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_int_equal(parse("f8", &p), 0);
    assert_int_equal(p.samples, 960);
    assert_false(p.stereo);
}

static void two_equal_frames_need_an_even_rest(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_int_equal(parse("01 aabb", &p), 0);
    assert_int_equal(p.frames, 2);
    assert_int_equal(p.samples, 960);
    assert_row(parse("01 aabbcc", &p), OPUS_FRAMING);
}

static void two_unequal_frames_need_the_first_ones_length(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_int_equal(parse("02 01 aa bbcc", &p), 0);
    assert_int_equal(parse("02 00", &p), 0);
    assert_row(parse("02", &p), OPUS_FRAMING);
    assert_row(parse("02 01", &p), OPUS_FRAMING);
    assert_row(parse("02 fc", &p), OPUS_FRAMING);
    assert_int_equal(parse_long("02 fc00", 3 + 252), 0);
    assert_row(parse_long("02 fc00", 3 + 251), OPUS_FRAMING);
}

static void a_frame_has_at_most_1275_bytes(void **state)
{
    (void)state;
    assert_int_equal(parse_long("00", 1 + 1275), 0);
    assert_row(parse_long("00", 1 + 1276), OPUS_FRAMING);
    assert_row(parse_long("02 00", 2 + 1276), OPUS_FRAMING);
}

static void counted_frames_share_the_packet(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_int_equal(parse("fb 03 aabbcc", &p), 0); /* three of one byte */
    assert_int_equal(p.frames, 3);
    assert_int_equal(p.samples, 2880);
    assert_row(parse("fb 03 aabbccdd", &p), OPUS_FRAMING);
}

static void counted_frames_of_any_size_have_lengths(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_int_equal(parse("fb 83 01 02 aa bbbb cc", &p), 0);
    assert_row(parse("fb 83 01 02 aa bb", &p), OPUS_FRAMING);
    assert_row(parse("fb 83 01", &p), OPUS_FRAMING);
}

static void opus_padding_is_taken_off(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_int_equal(parse("fb 42 02 aabb 0000", &p), 0);
    assert_row(parse("fb 42 05 aabb 0000", &p), OPUS_FRAMING); /* more than there is */
    assert_row(parse("fb 42", &p), OPUS_FRAMING);
    assert_row(parse("fb 42 ff", &p), OPUS_FRAMING);
    assert_int_equal(parse_long("fb 42 ff 00", 4 + 254 + 2), 0);
    assert_row(parse_long("fb 42 ff 01", 4 + 254 + 2), OPUS_FRAMING);
}

static void an_empty_packet_is_refused(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_row(parse("", &p), OPUS_EMPTY);
}

static void a_counted_packet_without_a_count_is_refused(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_row(parse("fb", &p), OPUS_FRAME_COUNT);
    assert_row(parse("fb 00", &p), OPUS_FRAME_COUNT);
    assert_row(parse("fb c0", &p), OPUS_FRAME_COUNT);
}

static void a_packet_holds_at_most_120_ms(void **state)
{
    (void)state;
    struct rill_opus_packet p;
    assert_int_equal(parse("fb 06 000000000000", &p), 0); /* six of 20 ms */
    assert_int_equal(p.samples, RILL_OPUS_SAMPLES_MAX);
    assert_row(parse("fb 07 00000000000000", &p), OPUS_DURATION);
    assert_int_equal(parse("1b 02 0000", &p), 0); /* two of 60 ms */
    assert_row(parse("1b 03 000000", &p), OPUS_DURATION);
    assert_int_equal(parse_long("e3 30", 2 + 48), 0); /* 48 of 2.5 ms */
    assert_row(parse_long("e3 31", 2 + 49), OPUS_DURATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_sizes_are_those_of_the_table),
        cmocka_unit_test(a_stereo_packet_of_20_ms_is_read),
        cmocka_unit_test(a_toc_byte_alone_is_a_dtx_packet),
        cmocka_unit_test(two_equal_frames_need_an_even_rest),
        cmocka_unit_test(two_unequal_frames_need_the_first_ones_length),
        cmocka_unit_test(a_frame_has_at_most_1275_bytes),
        cmocka_unit_test(counted_frames_share_the_packet),
        cmocka_unit_test(counted_frames_of_any_size_have_lengths),
        cmocka_unit_test(opus_padding_is_taken_off),
        cmocka_unit_test(an_empty_packet_is_refused),
        cmocka_unit_test(a_counted_packet_without_a_count_is_refused),
        cmocka_unit_test(a_packet_holds_at_most_120_ms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
