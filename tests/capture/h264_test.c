/* Files of H.264 in Annex B: where access units begin and end, and what is no such file. */
#include "tests/capture/temp_file.h"

#include "base/annexb.h"
#include "capture/h264.h"
#include "capture/record.h"
#include "capture/source.h"

static uint8_t bytes[8 << 20];

static int open_hex(const char *hex, struct rill_h264_file *out)
{
    static struct rill_file file;
    file = rill_file_over(rill_test_hex(hex, bytes, sizeof bytes));
    return rill_h264_file_open(out, &file, NULL);
}

#define SPS "00000001 6742c01f "
#define PPS "00000001 68ce3c80 "
#define IDR "000001 6588aa "
#define SLICE "00000001 419abb "
#define SECOND_SLICE "000001 413acc "

static void access_units_begin_with_parameters_or_a_first_slice(void **state)
{
    (void)state;
    struct rill_h264_file h;
    assert_int_equal(open_hex(SPS PPS IDR SLICE SECOND_SLICE SLICE SPS PPS IDR, &h), 0);
    assert_int_equal(h.index.n, 4);
    static const uint32_t sizes[] = {22, 13, 7, 22};
    static const bool keys[] = {true, false, false, true};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(h.index.frames[i].size, sizes[i]);
        assert_int_equal(h.index.frames[i].keyframe, keys[i]);
    }
    uint8_t unit[22];
    assert_true(rill_h264_file_read(&h, 1, unit));
    assert_int_equal(unit[4], 0x41);
    rill_h264_file_close(&h);
}

static size_t count_units(const char *hex)
{
    struct rill_h264_file h;
    assert_int_equal(open_hex(hex, &h), 0);
    size_t n = h.index.n;
    rill_h264_file_close(&h);
    return n;
}

#define PREFIX "000001 6e40 " /* of scalable streams: before each slice */

/* H.264 §7.4.1.2.3: behind the last slice of a picture; a prefix goes with the slice behind it. */
static void types_14_to_18_begin_access_units_behind_slices(void **state)
{
    (void)state;
    struct rill_h264_file h;
    assert_int_equal(count_units(SPS PPS IDR "000001 6f01 " IDR "000001 7201 " SECOND_SLICE), 3);
    assert_int_equal(open_hex(SPS PPS PREFIX IDR PREFIX SECOND_SLICE PREFIX SLICE, &h), 0);
    assert_int_equal(h.index.n, 2);
    assert_int_equal(h.index.frames[1].at, 8 + 8 + 5 + 6 + 5 + 6);
    assert_int_equal(h.index.frames[1].size, 5 + 7);
    rill_h264_file_close(&h);
    assert_int_equal(count_units(SPS PPS IDR "000001 1401 "
                                             "000001 0cff " SLICE),
                     2);
}

#define SEI_TIMING "000001 0601 02 0304 " /* pic_timing, of two bytes */
#define SEI_RECOVERY "000001 0601 03 0000 03 01 06 01 c4 80 "

static bool second_is_key(const char *hex)
{
    struct rill_h264_file h;
    assert_int_equal(open_hex(hex, &h), 0);
    assert_int_equal(h.index.n, 2);
    bool key = h.index.frames[1].keyframe;
    rill_h264_file_close(&h);
    return key;
}

static void a_key_frame_is_an_idr_picture_or_a_recovery_point_with_its_sets(void **state)
{
    (void)state;
    assert_true(second_is_key(SPS PPS IDR IDR));
    assert_true(second_is_key(SPS PPS IDR SPS PPS SEI_RECOVERY SLICE));
    assert_false(second_is_key(SPS PPS IDR SPS PPS SLICE));
    assert_false(second_is_key(SPS PPS IDR SPS PPS SEI_TIMING SLICE));
    assert_false(second_is_key(SPS PPS IDR SEI_RECOVERY SLICE));
    /* It may begin so, for want of anything better. */
    assert_false(second_is_key(SPS PPS SLICE SLICE));
}

/* frame_num of four bits, and a picture may be a field. */
#define SPS_FIELDS "000001 67640028acd94078044fde022000000300200000030283e2c5b2c000 "
#define TOP_IDR "000001 658885aa "
#define BOTTOM_0 "000001 419a1caa "
#define TOP_1 "000001 419a34aa "
#define BOTTOM_1 "000001 419a3caa "
#define FRAME_2 "000001 419a48aa "
#define TOP_3 "000001 419a74aa "
#define FRAME_4 "000001 419a88aa "

static void each_field_is_an_access_unit_and_has_a_time_of_its_own(void **state)
{
    (void)state;
    static const char hex[] = SPS_FIELDS PPS TOP_IDR BOTTOM_0 TOP_1 BOTTOM_1 FRAME_2 TOP_3 FRAME_4;
    static const int64_t due_ms[] = {0, 20, 40, 60, 80, 120, 160};
    struct rill_source *s = NULL;
    struct rill_frame f;
    char name[600];
    snprintf(name, sizeof name, "%s:rate=25:loop=1",
             temp_write("fields.h264", rill_test_hex(hex, bytes, sizeof bytes)));
    struct rill_source_config config = {.name = name};
    assert_int_equal(rill_source_open(&config, &s, NULL), 0);
    rill_source_start(s, 0);
    for (int k = 0; k < 14; k++) {
        assert_true(rill_source_frame(s, rill_source_deadline(s), &f));
        /* Five frames of 40 ms, whatever they are made of, and again. */
        assert_int_equal(f.time, (due_ms[k % 7] + k / 7 * 200) * RILL_MS);
        assert_int_equal(f.keyframe, k % 7 == 0);
        assert_int_equal(f.width, k % 7 == 0 ? 1920 : 0);
    }
    rill_source_free(s);
}

/* H.264 §B.1.1: zeros before the first start code, and behind each NAL unit. */
static void zeros_around_nal_units_are_no_part_of_them(void **state)
{
    (void)state;
    struct rill_h264_file h;
    assert_int_equal(open_hex("0000000000 " SPS PPS IDR "000000 " SLICE "0000 ", &h), 0);
    assert_int_equal(h.index.n, 2);
    assert_int_equal(h.index.frames[0].at, 5);
    assert_true(h.index.frames[0].keyframe);
    uint8_t unit[64];
    struct rill_view nal;
    size_t at = 0;
    assert_true(h.index.frames[1].size <= sizeof unit);
    assert_true(rill_h264_file_read(&h, 1, unit));
    assert_true(rill_annexb_next(rill_view_at(unit, h.index.frames[1].size), &at, &nal));
    assert_int_equal(nal.n, 3);
    assert_false(rill_annexb_next(rill_view_at(unit, h.index.frames[1].size), &at, &nal));
    rill_h264_file_close(&h);
    assert_row(open_hex("0000000000 02 " SPS PPS IDR, &h), CAPTURE_H264);
    assert_row(open_hex("00000000", &h), CAPTURE_H264);
}

static void what_is_no_such_file_is_refused(void **state)
{
    (void)state;
    struct rill_h264_file h;
    assert_row(open_hex("", &h), CAPTURE_H264);
    assert_row(open_hex("52494646 00", &h), CAPTURE_H264);
    assert_row(open_hex(SLICE IDR, &h), CAPTURE_H264);
    assert_row(open_hex(SPS PPS, &h), CAPTURE_NO_FRAMES);
}

static struct rill_view units(size_t n, size_t size)
{
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    for (size_t i = 0; i < n; i++) {
        rill_w_u32(&w, 1);
        rill_w_u16(&w, i % 10 ? 0x419a : 0x6588);
        for (size_t k = 6; k < size; k++)
            rill_w_u8(&w, (uint8_t)(k % 250 + 3));
    }
    assert_false(w.bad);
    return rill_w_view(&w);
}

/* The file is read in windows of 4 MiB, wherever a start code lies. */
static void large_files_are_walked_window_by_window(void **state)
{
    (void)state;
    for (size_t more = 0; more < 12; more++) {
        struct rill_h264_file h;
        struct rill_file file = rill_file_over(units(70, (4 << 20) / 40 + more));
        assert_int_equal(rill_h264_file_open(&h, &file, NULL), 0);
        assert_int_equal(h.index.n, 70);
        for (size_t i = 0; i < 70; i++)
            assert_int_equal(h.index.frames[i].size, (4 << 20) / 40 + more);
        rill_h264_file_close(&h);
    }
}

static void an_access_unit_of_more_than_a_mebibyte_is_refused(void **state)
{
    (void)state;
    struct rill_h264_file h;
    struct rill_file file = rill_file_over(units(1, (1 << 20) + 1));
    assert_row(rill_h264_file_open(&h, &file, NULL), CAPTURE_H264_FRAME_SIZE);
    file = rill_file_over(units(1, 1 << 20));
    assert_int_equal(rill_h264_file_open(&h, &file, NULL), 0);
    rill_h264_file_close(&h);
}

static void a_file_is_a_source_at_the_rate_that_is_said(void **state)
{
    (void)state;
    char name[600];
    struct rill_source *s = NULL;
    struct rill_frame f;
    snprintf(name, sizeof name, "%s:rate=50:loop=0", temp_write("film.h264", units(20, 100)));
    struct rill_source_config config = {.name = name};
    assert_int_equal(rill_source_open(&config, &s, NULL), 0);
    assert_int_equal(rill_source_codec(s), RILL_CODEC_H264);
    rill_source_start(s, 1000);
    for (int k = 0; k < 20; k++) {
        assert_true(rill_source_frame(s, rill_source_deadline(s), &f));
        assert_int_equal(f.time, 1000 + k * 20 * RILL_MS);
        assert_int_equal(f.codec, RILL_CODEC_H264);
        assert_int_equal(f.keyframe, k % 10 == 0);
    }
    assert_true(rill_source_ended(s, NULL));
    rill_source_free(s);
}

static void a_source_is_as_large_as_its_parameters_say(void **state)
{
    (void)state;
    char name[600];
    struct rill_source *s = NULL;
    struct rill_view film = rill_test_hex(
        "00000001 6742c00cd90150878888c044000003000400000300503c50a92000 " PPS IDR SLICE, bytes,
        sizeof bytes);
    snprintf(name, sizeof name, "%s", temp_write("size.h264", film));
    struct rill_source_config config = {.name = name};
    assert_int_equal(rill_source_open(&config, &s, NULL), 0);
    assert_int_equal(rill_source_settings(s)->width, 322);
    assert_int_equal(rill_source_settings(s)->height, 242);
    rill_source_free(s);
}

static void what_is_kept_begins_with_a_key_frame(void **state)
{
    (void)state;
    struct rill_h264_writer *w = NULL;
    struct rill_frame f = {.kind = RILL_VIDEO, .codec = RILL_CODEC_H264};
    const char *path = temp_path("kept.h264");
    assert_int_equal(rill_h264_writer_open(path, &w, NULL), 0);
    for (int k = 0; k < 3; k++) {
        f.keyframe = k == 1;
        f.bytes = rill_test_hex(k == 1 ? IDR : SLICE, bytes, sizeof bytes);
        assert_int_equal(rill_h264_writer_frame(w, &f), 0);
    }
    f.codec = RILL_CODEC_VP8;
    assert_row(rill_h264_writer_frame(w, &f), CAPTURE_RECORD_CODEC);
    assert_int_equal(rill_h264_writer_close(w), 0);
    struct rill_file file;
    assert_int_equal(rill_file_open(path, &file, NULL), 0);
    assert_int_equal(file.size, 6 + 7);
    rill_file_close(&file);
    assert_row(rill_h264_writer_open("/nonexistent/a.h264", &w, NULL), CAPTURE_OPEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(access_units_begin_with_parameters_or_a_first_slice),
        cmocka_unit_test(types_14_to_18_begin_access_units_behind_slices),
        cmocka_unit_test(a_key_frame_is_an_idr_picture_or_a_recovery_point_with_its_sets),
        cmocka_unit_test(each_field_is_an_access_unit_and_has_a_time_of_its_own),
        cmocka_unit_test(zeros_around_nal_units_are_no_part_of_them),
        cmocka_unit_test(what_is_no_such_file_is_refused),
        cmocka_unit_test(large_files_are_walked_window_by_window),
        cmocka_unit_test(an_access_unit_of_more_than_a_mebibyte_is_refused),
        cmocka_unit_test(a_file_is_a_source_at_the_rate_that_is_said),
        cmocka_unit_test(a_source_is_as_large_as_its_parameters_say),
        cmocka_unit_test(what_is_kept_begins_with_a_key_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
