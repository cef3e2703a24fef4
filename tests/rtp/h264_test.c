/* h264_test: payloads of RFC 6184 read, access units put together and cut. */
#include "base/annexb.h"
#include "rtp/h264.h"
#include "tests/rill_test.h"

static uint8_t bytes[4096], joined[1 << 16];

static int parse(const char *hex, struct rill_h264_payload *p, struct rill_err *why)
{
    return rill_h264_parse(rill_test_hex(hex, bytes, sizeof bytes), p, why);
}

static void assert_refused(const char *hex, int row, size_t offset)
{
    struct rill_h264_payload p;
    struct rill_err why = {0};
    assert_int_equal(parse(hex, &p, &why), row);
    assert_int_equal(why.offset, offset);
}

/* What a payload adds to an access unit. */
static void assert_adds(const char *payload, const char *annexb)
{
    static uint8_t want[4096];
    struct rill_writer w = rill_writer_of((struct rill_span){joined, sizeof joined});
    rill_h264_append(rill_test_hex(payload, bytes, sizeof bytes), &w);
    struct rill_view v = rill_test_hex(annexb, want, sizeof want);
    assert_int_equal(w.at, v.n);
    assert_memory_equal(joined, v.p, v.n);
}

static void a_single_nal_unit_is_itself(void **state)
{
    (void)state;
    struct rill_h264_payload p;
    assert_int_equal(parse("65 88 84", &p, NULL), 0); /* NRI 3, IDR, first_mb_in_slice 0 */
    assert_int_equal(p.NRI, 3);
    assert_int_equal(p.type, RILL_H264_IDR);
    assert_true(p.start && p.keyframe && !p.F);
    assert_int_equal(parse("41 9a", &p, NULL), 0);
    assert_true(p.start && !p.keyframe);
    assert_int_equal(parse("41 3a", &p, NULL), 0); /* first_mb_in_slice 2: not the first slice */
    assert_false(p.start);
    assert_int_equal(parse("67 42 c0 1f", &p, NULL), 0);
    assert_true(p.start && !p.keyframe); /* what it is of may need others */
    assert_int_equal(p.parts, RILL_ANNEXB_SPS);
    assert_int_equal(parse("0f 01", &p, NULL), 0); /* type 15 */
    assert_true(p.start);
    assert_adds("65 88 84", "00000001 65 88 84");
}

static void a_stap_a_holds_several(void **state)
{
    (void)state;
    struct rill_h264_payload p;
    struct rill_view unit;
    size_t at = 0;
    static const char text[] = "78 0004 67 42c01f 0002 68 ce 0001 06"; /* SPS, PPS, SEI */
    assert_int_equal(parse(text, &p, NULL), 0);
    assert_int_equal(p.type, RILL_H264_STAP_A);
    assert_int_equal(p.nal_type, RILL_H264_SPS);
    assert_true(p.start && !p.keyframe);
    assert_int_equal(parse("78 0004 67 42c01f 0002 68ce 0004 060601c4 0002 419a", &p, NULL), 0);
    assert_true(p.keyframe); /* a recovery point, with its sets */
    assert_int_equal(parse(text, &p, NULL), 0);
    assert_true(rill_h264_unit_next(&p, &at, &unit));
    assert_int_equal(unit.n, 4);
    assert_true(rill_h264_unit_next(&p, &at, &unit));
    assert_int_equal(unit.p[0], 0x68);
    assert_true(rill_h264_unit_next(&p, &at, &unit));
    assert_false(rill_h264_unit_next(&p, &at, &unit));
    assert_adds(text, "00000001 6742c01f 00000001 68ce 00000001 06");
}

static void fragments_become_the_nal_unit_again(void **state)
{
    (void)state;
    struct rill_h264_payload p;
    assert_int_equal(parse("7c 85 88 01", &p, NULL), 0); /* S, IDR */
    assert_true(p.S && !p.E && p.start && p.keyframe);
    assert_int_equal(p.nal_type, RILL_H264_IDR);
    assert_int_equal(parse("7c 05 02", &p, NULL), 0);
    assert_true(!p.S && !p.E && !p.start && !p.keyframe);
    assert_int_equal(parse("7c 45 03", &p, NULL), 0);
    assert_true(p.E && !p.start);
    assert_adds("7c 85 88 01", "00000001 65 88 01");
    assert_adds("7c 05 02 04", "02 04");
}

static void what_is_broken_is_refused(void **state)
{
    (void)state;
    assert_refused("", RILL_H264_EMPTY, 0);
    assert_row(RILL_H264_EMPTY, H264_EMPTY);
    assert_refused("00", RILL_H264_TYPE, 0);
    assert_refused("79 00", RILL_H264_TYPE, 0); /* STAP-B, of the interleaved mode */
    assert_refused("7d 85 00", RILL_H264_TYPE, 0);
    assert_row(RILL_H264_TYPE, H264_TYPE);
    assert_refused("78", RILL_H264_STAP, 1);
    assert_refused("78 0000", RILL_H264_STAP, 3);
    assert_refused("78 0003 67 42", RILL_H264_STAP, 5);
    assert_refused("78 0001 67 00", RILL_H264_STAP, 5);
    assert_row(RILL_H264_STAP, H264_STAP);
    assert_refused("7c", RILL_H264_FU, 1);
    assert_refused("7c 85", RILL_H264_FU, 2);
    assert_refused("7c c5 00", RILL_H264_FU, 3); /* first and last at once */
    assert_refused("7c 98 00", RILL_H264_FU, 3); /* a STAP-A in pieces */
    assert_row(RILL_H264_FU, H264_FU);
    struct rill_writer w = rill_writer_of((struct rill_span){joined, sizeof joined});
    rill_h264_append(rill_test_hex("7c", bytes, sizeof bytes), &w);
    assert_int_equal(w.at, 0);
}

static void annex_b_is_walked_over_both_start_codes_and_zeros(void **state)
{
    (void)state;
    struct rill_view nal,
        v = rill_test_hex("00000001 0910 000001 67420b 00 00000001 000001 65aa 0000", bytes,
                          sizeof bytes);
    size_t at = 0;
    assert_true(rill_annexb_next(v, &at, &nal));
    assert_int_equal(nal.n, 2);
    assert_true(rill_annexb_next(v, &at, &nal));
    assert_int_equal(nal.n, 3);
    assert_true(rill_annexb_next(v, &at, &nal));
    assert_int_equal(nal.p[0], 0x65);
    assert_int_equal(nal.n, 2);
    assert_false(rill_annexb_next(v, &at, &nal));
    assert_int_equal(at, v.n);
}

static void the_profile_and_level_stand_in_the_sps(void **state)
{
    (void)state;
    uint32_t id = 0;
    assert_true(
        rill_h264_profile_level_id(rill_test_hex("67 42e01f 8c", bytes, sizeof bytes), &id));
    assert_int_equal(id, 0x42e01f);
    assert_false(rill_h264_profile_level_id(rill_test_hex("68 42e01f", bytes, sizeof bytes), &id));
    assert_false(rill_h264_profile_level_id(rill_test_hex("67 42e0", bytes, sizeof bytes), &id));
}

/* SPS, PPS and an IDR of so many bytes. */
static struct rill_view access_unit(size_t idr)
{
    static uint8_t frame[8192];
    struct rill_writer w = rill_writer_of((struct rill_span){frame, sizeof frame});
    rill_w_bytes(&w, rill_test_hex("00000001 6742c01f 00000001 68ce3c80 00000001 6588", bytes,
                                   sizeof bytes));
    for (size_t i = 2; i < idr; i++)
        rill_w_u8(&w, (uint8_t)(i % 251 + 1));
    return rill_w_view(&w);
}

static void small_units_go_together_and_large_ones_in_pieces(void **state)
{
    (void)state;
    static uint8_t payload[1200];
    struct rill_h264_payload p;
    struct rill_view frame = access_unit(3000);
    struct rill_writer whole = rill_writer_of((struct rill_span){joined, sizeof joined});
    struct rill_h264_cutter c = {.frame = frame, .room = 1200, .packetization_mode = 1};
    assert_int_equal(rill_h264_pieces(frame, 1200, 1), 4);
    for (int i = 0; i < 4; i++) {
        struct rill_writer w = rill_writer_of((struct rill_span){payload, sizeof payload});
        assert_true(rill_h264_cut(&c, &w));
        assert_int_equal(rill_h264_parse(rill_w_view(&w), &p, NULL), 0);
        assert_int_equal(p.type, i == 0 ? RILL_H264_STAP_A : RILL_H264_FU_A);
        assert_int_equal(p.NRI, 3);
        assert_true(p.S == (i == 1) && p.E == (i == 3));
        rill_h264_append(rill_w_view(&w), &whole);
    }
    assert_false(rill_h264_cut(&c, NULL));
    assert_int_equal(whole.at, frame.n);
    assert_memory_equal(joined, frame.p, frame.n);
}

static void all_of_a_small_frame_is_one_payload(void **state)
{
    (void)state;
    assert_int_equal(rill_h264_pieces(access_unit(100), 1200, 1), 1);
}

static void mode_0_sends_each_unit_alone_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(rill_h264_pieces(access_unit(1200), 1200, 0), 3);
    assert_int_equal(rill_h264_pieces(access_unit(1201), 1200, 0), 0);
    assert_int_equal(rill_h264_pieces(access_unit(1201), 1200, 1), 3);
    assert_int_equal(rill_h264_pieces((struct rill_view){0}, 1200, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_nal_unit_is_itself),
        cmocka_unit_test(a_stap_a_holds_several),
        cmocka_unit_test(fragments_become_the_nal_unit_again),
        cmocka_unit_test(what_is_broken_is_refused),
        cmocka_unit_test(annex_b_is_walked_over_both_start_codes_and_zeros),
        cmocka_unit_test(the_profile_and_level_stand_in_the_sps),
        cmocka_unit_test(small_units_go_together_and_large_ones_in_pieces),
        cmocka_unit_test(all_of_a_small_frame_is_one_payload),
        cmocka_unit_test(mode_0_sends_each_unit_alone_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
