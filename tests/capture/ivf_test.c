/* IVF: what is read, and what is refused with which row. */
#include "tests/rill_test.h"

#include "base/limits.h"
#include "base/vp8_tag.h"
#include "capture/ivf.h"
#include "capture/little.h"

#include <stdio.h>

#define HEADER                                                                                     \
    "444b4946" /* DKIF */                                                                          \
    "0000"     /* version */                                                                       \
    "2000"     /* header size */                                                                   \
    "56503830" /* VP80 */                                                                          \
    "4000"     /* width 64 */                                                                      \
    "3000"     /* height 48 */                                                                     \
    "1e000000" /* denominator 30 */                                                                \
    "01000000" /* numerator 1 */                                                                   \
    "00000000" /* count, as a recorder that crashed leaves it */                                   \
    "00000000"
#define KEY0 "03000000 0000000000000000 100200"
#define INTER1 "03000000 0100000000000000 110200"
#define INTER5 "03000000 0500000000000000 110200"

static int open_bytes(struct rill_view bytes, struct rill_err *why)
{
    struct rill_file file = rill_file_over(bytes);
    struct rill_ivf v;
    int rc = rill_ivf_open(&v, &file, why);
    if (rc == 0)
        rill_ivf_close(&v);
    return rc;
}

static int open_hex(const char *hex, struct rill_err *why)
{
    uint8_t bytes[512];
    return open_bytes(rill_test_hex(hex, bytes, sizeof bytes), why);
}

static size_t count_frames(const char *hex)
{
    uint8_t bytes[512];
    struct rill_file file = rill_file_over(rill_test_hex(hex, bytes, sizeof bytes));
    struct rill_ivf v;
    assert_int_equal(rill_ivf_open(&v, &file, NULL), 0);
    size_t n = v.index.n;
    rill_ivf_close(&v);
    return n;
}

/* The good header with one field set. */
static int open_with(enum rill_ivf_field which, uint64_t value)
{
    uint8_t bytes[512];
    struct rill_view v = rill_test_hex(HEADER KEY0, bytes, sizeof bytes);
    rill_little_put(&rill_ivf_header_field[which], (struct rill_span){bytes, v.n}, value);
    return open_bytes(v, NULL);
}

static void a_file_of_ten_frames_is_read(void **state)
{
    (void)state;
    struct rill_file file;
    struct rill_ivf v;
    static uint8_t bytes[4096];
    uint32_t width = 0;
    uint32_t height = 0;
    assert_int_equal(rill_file_open("tests/data/media/clip.ivf", &file, NULL), 0);
    assert_int_equal(rill_ivf_open(&v, &file, NULL), 0);
    assert_int_equal(v.index.n, 10);
    assert_true(v.largest <= sizeof bytes);
    assert_true(v.index.frames[0].keyframe && v.index.frames[5].keyframe);
    assert_false(v.index.frames[1].keyframe);
    assert_int_equal(v.index.frames[3].elapsed, 100000);
    assert_int_equal(v.duration, 333333);
    assert_true(rill_ivf_read(&v, 0, bytes));
    assert_true(rill_vp8_tag_size(rill_view_at(bytes, v.index.frames[0].size), &width, &height));
    assert_int_equal(width, 64);
    assert_int_equal(height, 48);
    rill_ivf_close(&v);
    rill_file_close(&file);
}

static void the_field_table_reads_the_header(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct rill_view v = rill_test_hex(HEADER, bytes, sizeof bytes);
    assert_int_equal(v.n, RILL_IVF_HEADER_SIZE);
    assert_int_equal(rill_little_get(&rill_ivf_header_fields.fields[RILL_IVF_WIDTH], v), 64);
    assert_int_equal(rill_little_get(&rill_ivf_header_fields.fields[RILL_IVF_DENOMINATOR], v), 30);
}

static void times_start_at_the_first_frame(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct rill_view view = rill_test_hex(HEADER "03000000 0700000000000000 100200"
                                                 "03000000 0a00000000000000 110200",
                                          bytes, sizeof bytes);
    struct rill_file file = rill_file_over(view);
    struct rill_ivf v;
    assert_int_equal(rill_ivf_open(&v, &file, NULL), 0);
    assert_int_equal(v.index.frames[0].elapsed, 0);
    assert_int_equal(v.index.frames[1].elapsed, 100000);
    rill_ivf_close(&v);
}

/* Frames of the codec with these letters, key and inter, as hex. */
static void assert_keys(const char *letters, const char *key, const char *inter,
                        enum rill_codec_id codec)
{
    char hex[1024];
    static uint8_t bytes[512];
    struct rill_file file;
    struct rill_ivf v;
    snprintf(hex, sizeof hex,
             "444b4946 0000 2000 %s 4000 3000 1e000000 01000000 00000000 00000000"
             "0a000000 0000000000000000 %s 0a000000 0100000000000000 %s",
             letters, key, inter);
    file = rill_file_over(rill_test_hex(hex, bytes, sizeof bytes));
    assert_int_equal(rill_ivf_open(&v, &file, NULL), 0);
    assert_int_equal(v.codec, codec);
    assert_int_equal(v.index.n, 2);
    assert_true(v.index.frames[0].keyframe && !v.index.frames[1].keyframe);
    rill_ivf_close(&v);
}

static void vp9_and_av1_have_key_frames_of_their_own(void **state)
{
    (void)state;
    assert_keys("56503930", "8249834200 03f002f000", "8600400000 0000000000", RILL_CODEC_VP9);
    assert_row(open_hex("444b4946 0000 2000 56503930 4000 3000 1e000000 01000000 00000000 00000000"
                        "03000000 0000000000000000 860040",
                        NULL),
               CAPTURE_IVF_KEYFRAME);
    assert_keys("41563031", "12000a0100 3203000000", "1200320601 0203040506", RILL_CODEC_AV1);
    assert_keys("41563031", "0a02000032 0401020304", "3208010203 0405060708", RILL_CODEC_AV1);
}

static void what_is_no_ivf_is_refused(void **state)
{
    (void)state;
    assert_row(open_hex("", NULL), CAPTURE_IVF_HEADER);
    assert_row(open_hex("444b4946 0000 2000 56503830", NULL), CAPTURE_IVF_HEADER);
    assert_row(open_with(RILL_IVF_MAGIC, 1), CAPTURE_IVF_HEADER);
    assert_row(open_with(RILL_IVF_VERSION, 1), CAPTURE_IVF_HEADER);
    assert_row(open_with(RILL_IVF_SIZE, 33), CAPTURE_IVF_HEADER);
}

static void other_codecs_are_refused(void **state)
{
    (void)state;
    assert_row(open_with(RILL_IVF_FOURCC, 0x43564548 /* HEVC */), CAPTURE_IVF_CODEC);
    assert_row(open_with(RILL_IVF_FOURCC, 0x34363248 /* H264 */), CAPTURE_IVF_CODEC);
}

static void time_units_out_of_reason_are_refused(void **state)
{
    (void)state;
    assert_row(open_with(RILL_IVF_DENOMINATOR, 0), CAPTURE_IVF_TIMEBASE);
    assert_row(open_with(RILL_IVF_NUMERATOR, 0), CAPTURE_IVF_TIMEBASE);
    assert_row(open_with(RILL_IVF_DENOMINATOR, 1000000001), CAPTURE_IVF_TIMEBASE);
    assert_row(open_with(RILL_IVF_NUMERATOR, 31000), CAPTURE_IVF_TIMEBASE);
    assert_int_equal(open_with(RILL_IVF_DENOMINATOR, 1000000000), 0);
}

static void frames_over_a_mebibyte_are_refused(void **state)
{
    (void)state;
    struct rill_err why = {0};
    assert_row(open_hex(HEADER KEY0 "ffffffff 0100000000000000 11", &why), CAPTURE_IVF_FRAME_SIZE);
    assert_int_equal(why.value, 0xffffffff);
    assert_int_equal(why.offset, 32 + 15);
}

static void a_frame_of_exactly_a_mebibyte_is_taken_and_one_byte_more_is_not(void **state)
{
    (void)state;
    size_t n = 32 + 12 + RILL_VIDEO_FRAME_MAX + 1;
    uint8_t *bytes = calloc(1, n);
    rill_test_hex(HEADER "00001000 0000000000000000", bytes, 44);
    assert_int_equal(open_bytes(rill_view_at(bytes, n - 1), NULL), 0);
    bytes[32] = 1;
    assert_row(open_bytes(rill_view_at(bytes, n), NULL), CAPTURE_IVF_FRAME_SIZE);
    free(bytes);
}

static void a_frame_or_its_header_cut_short_is_left_out(void **state)
{
    (void)state;
    struct rill_err why = {0};
    assert_int_equal(count_frames(HEADER KEY0 "03000000 01000000"), 1);
    assert_int_equal(count_frames(HEADER KEY0 INTER1 "03000000 0500000000000000 1102"), 2);
    assert_row(open_hex(HEADER "03000000 00", &why), CAPTURE_TRUNCATED);
    assert_int_equal(why.value, 7);
    assert_row(open_hex(HEADER "03000000 0000000000000000 1002", &why), CAPTURE_TRUNCATED);
    assert_int_equal(why.value, 1);
}

static void frames_that_the_encoder_left_out_are_none(void **state)
{
    (void)state;
    assert_row(open_hex(HEADER "00000000 0000000000000000", NULL), CAPTURE_NO_FRAMES);
    assert_int_equal(count_frames(HEADER KEY0 "00000000 0100000000000000" INTER5), 2);
}

/* As libvpx writes a picture that is not shown, and the one behind it. */
static void of_frames_with_one_time_each_comes_after_the_other(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct rill_file file =
        rill_file_over(rill_test_hex(HEADER KEY0 INTER1 INTER1 INTER1 INTER5, bytes, sizeof bytes));
    struct rill_ivf v;
    assert_int_equal(rill_ivf_open(&v, &file, NULL), 0);
    assert_int_equal(v.index.n, 5);
    assert_int_equal(v.index.frames[1].elapsed, 33333);
    assert_int_equal(v.index.frames[2].elapsed, 34333);
    assert_int_equal(v.index.frames[3].elapsed, 35333);
    assert_int_equal(v.index.frames[4].elapsed, 166666);
    rill_ivf_close(&v);
}

static void times_that_fall_are_refused(void **state)
{
    (void)state;
    assert_row(open_hex(HEADER KEY0 INTER5 INTER1, NULL), CAPTURE_IVF_TIME);
    assert_row(open_hex(HEADER KEY0 "03000000 ffffffffffffffff 110200", NULL), CAPTURE_IVF_TIME);
}

static void more_than_1000_frames_a_second_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct rill_view v = rill_test_hex(HEADER KEY0 INTER1, bytes, sizeof bytes);
    struct rill_span header = {bytes, v.n};
    rill_little_put(&rill_ivf_header_field[RILL_IVF_DENOMINATOR], header, 1000);
    assert_int_equal(open_bytes(v, NULL), 0);
    rill_little_put(&rill_ivf_header_field[RILL_IVF_DENOMINATOR], header, 1001);
    assert_row(open_bytes(v, NULL), CAPTURE_IVF_RATE);
}

static void a_file_that_begins_with_an_interframe_is_refused(void **state)
{
    (void)state;
    assert_row(open_hex(HEADER INTER1, NULL), CAPTURE_IVF_KEYFRAME);
}

static void a_file_without_frames_is_refused(void **state)
{
    (void)state;
    assert_row(open_hex(HEADER, NULL), CAPTURE_NO_FRAMES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_ten_frames_is_read),
        cmocka_unit_test(the_field_table_reads_the_header),
        cmocka_unit_test(times_start_at_the_first_frame),
        cmocka_unit_test(vp9_and_av1_have_key_frames_of_their_own),
        cmocka_unit_test(what_is_no_ivf_is_refused),
        cmocka_unit_test(other_codecs_are_refused),
        cmocka_unit_test(time_units_out_of_reason_are_refused),
        cmocka_unit_test(frames_over_a_mebibyte_are_refused),
        cmocka_unit_test(a_frame_of_exactly_a_mebibyte_is_taken_and_one_byte_more_is_not),
        cmocka_unit_test(a_frame_or_its_header_cut_short_is_left_out),
        cmocka_unit_test(frames_that_the_encoder_left_out_are_none),
        cmocka_unit_test(of_frames_with_one_time_each_comes_after_the_other),
        cmocka_unit_test(times_that_fall_are_refused),
        cmocka_unit_test(more_than_1000_frames_a_second_are_refused),
        cmocka_unit_test(a_file_that_begins_with_an_interframe_is_refused),
        cmocka_unit_test(a_file_without_frames_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
