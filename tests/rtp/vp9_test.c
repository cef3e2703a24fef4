/* vp9_test: the VP9 payload descriptor (RFC 9628 §4.2), read, and frames cut into pieces. */
#include "rtp/vp9.h"
#include "tests/rill_test.h"

static uint8_t bytes[4096];

static int parse(const char *hex, struct rill_vp9_descriptor *d, struct rill_err *why)
{
    return rill_vp9_parse(rill_test_hex(hex, bytes, sizeof bytes), d, why);
}

static void a_key_frame_in_non_flexible_mode_is_read(void **state)
{
    (void)state;
    struct rill_vp9_descriptor d;
    assert_int_equal(parse("aa"           /* I, L, B, V */
                           "8123"         /* 15-bit picture id */
                           "00 07"        /* layer 0, 0; TL0PICIDX */
                           "18 0280 01e0" /* one layer, Y, G; 640x480 */
                           "01 04 01"     /* N_G 1: TID 0, R 1, P_DIFF 1 */
                           "8249",
                           &d, NULL),
                     0);
    assert_true(d.I && d.L && d.B && d.V && !d.P && !d.F && !d.E && !d.Z && d.M);
    assert_int_equal(d.picture_id, 0x123);
    assert_int_equal(d.tl0picidx, 7);
    assert_int_equal(d.ss.n_s, 0);
    assert_int_equal(d.ss.sizes[0].width, 640);
    assert_int_equal(d.ss.sizes[0].height, 480);
    assert_int_equal(d.ss.n_g, 1);
    assert_int_equal(d.size, 13);
    assert_true(rill_vp9_starts_key_picture(&d));
    struct rill_vp9_picture p;
    size_t at = 0;
    assert_true(rill_vp9_group_next(&d.ss, &at, &p));
    assert_int_equal(p.n_p_diff, 1);
    assert_int_equal(p.p_diff[0], 1);
    assert_false(rill_vp9_group_next(&d.ss, &at, &p));
}

static void a_frame_in_flexible_mode_tells_its_references(void **state)
{
    (void)state;
    struct rill_vp9_descriptor d;
    assert_int_equal(parse("f4 7f 35 03 05 0e 00", &d, NULL), 0); /* I P L F E; three P_DIFFs */
    assert_true(d.P && d.F && d.E && !d.M);
    assert_int_equal(d.picture_id, 127);
    assert_int_equal(d.tid, 1);
    assert_true(d.u && d.d);
    assert_int_equal(d.sid, 2);
    assert_int_equal(d.n_p_diff, 3);
    assert_int_equal(d.p_diff[0], 1);
    assert_int_equal(d.p_diff[1], 2);
    assert_int_equal(d.p_diff[2], 7);
    assert_int_equal(d.size, 6);
}

static void without_a_picture_id_there_is_no_flexible_mode(void **state)
{
    (void)state;
    struct rill_vp9_descriptor d;
    assert_int_equal(parse("70 20 09 00", &d, NULL), 0); /* P, L, F: F is ignored */
    assert_false(d.F);
    assert_int_equal(d.tl0picidx, 9);
    assert_int_equal(d.size, 3);
}

static void the_largest_structure_is_read_whole(void **state)
{
    (void)state;
    struct rill_vp9_descriptor d;
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_w_u8(&w, 0x02);
    rill_w_u8(&w, 0xf8); /* 8 layers, Y, G */
    for (int i = 0; i < 8; i++)
        rill_w_u32(&w, 0xffff0001);
    rill_w_u8(&w, 255);
    for (int i = 0; i < 255; i++)
        rill_w_u32(&w, 0xfc010203); /* TID 7, U, R 3 */
    rill_w_u8(&w, 0);
    assert_int_equal(rill_vp9_parse(rill_w_view(&w), &d, NULL), 0);
    assert_int_equal(d.size, w.at - 1);
    assert_int_equal(d.ss.sizes[7].width, 65535);
    struct rill_vp9_picture p;
    size_t at = 0, n = 0;
    for (; rill_vp9_group_next(&d.ss, &at, &p); n++)
        assert_int_equal(p.tid, 7);
    assert_int_equal(n, 255);
}

static void an_empty_payload_is_refused(void **state)
{
    (void)state;
    struct rill_vp9_descriptor d;
    assert_row(parse("", &d, NULL), VP9_EMPTY);
}

static void a_descriptor_past_the_payload_is_refused(void **state)
{
    (void)state;
    static const char *const cut[] = {"80",         "80 80",    "20",       "20 00",
                                      "d0 01",      "d0 01 03", "02",       "02 10",
                                      "02 10 0001", "02 08",    "02 08 01", "02 08 01 04"};
    struct rill_vp9_descriptor d;
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++)
        assert_row(parse(cut[i], &d, NULL), VP9_DESCRIPTOR);
}

static void references_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct rill_vp9_descriptor d;
    struct rill_err why;
    assert_row(parse("d0 01 00 00", &d, &why), VP9_P_DIFF); /* zero back */
    assert_int_equal(why.offset, 2);
    assert_row(parse("d0 01 03 03 03 02 00", &d, &why), VP9_P_DIFF); /* a fourth */
    assert_int_equal(why.offset, 5);
}

static void a_descriptor_with_nothing_behind_it_is_refused(void **state)
{
    (void)state;
    struct rill_vp9_descriptor d;
    assert_row(parse("8c 01", &d, NULL), VP9_NO_PAYLOAD);
}

static void the_descriptor_agrees_with_its_field_table(void **state)
{
    (void)state;
    struct rill_vp9_descriptor d;
    for (unsigned first = 0; first < 256; first++) {
        uint8_t b[32] = {(uint8_t)(first | 0x80), 1, 2, 2, 2, 0};
        struct rill_view v = rill_view_at(b, sizeof b);
        assert_int_equal(rill_vp9_parse(v, &d, NULL), 0);
        const uint64_t read[] = {d.I, d.P, d.L, d.F, d.B, d.E, d.V, d.Z};
        for (size_t i = 0; i < 8; i++)
            assert_int_equal(rill_field_get(&rill_vp9_descriptor_fields.fields[i], v), read[i]);
    }
}

/* Cuts a frame and joins it again. */
static void round_trip(bool keyframe, bool flexible, size_t n)
{
    static uint8_t frame[3000], joined[3000], piece[1200];
    struct rill_vp9_out f = {.frame = rill_view_at(frame, n),
                             .keyframe = keyframe,
                             .flexible = flexible,
                             .picture_id = 0x7fff,
                             .tl0picidx = 200,
                             .width = 320,
                             .height = 240};
    size_t pieces = rill_vp9_pieces(n, 1000, keyframe), at = 0;
    for (size_t i = 0; i < n; i++)
        frame[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < pieces; i++) {
        struct rill_writer w = rill_writer_of((struct rill_span){piece, 1000});
        struct rill_vp9_descriptor d;
        rill_vp9_write_piece(&w, &f, i, pieces);
        assert_false(w.bad);
        assert_int_equal(rill_vp9_parse(rill_w_view(&w), &d, NULL), 0);
        assert_int_equal(d.B, i == 0);
        assert_int_equal(d.E, i + 1 == pieces);
        assert_int_equal(d.P, !keyframe);
        assert_int_equal(d.picture_id, 0x7fff);
        assert_int_equal(d.V, keyframe && i == 0);
        if (d.V)
            assert_int_equal(d.ss.sizes[0].height, 240);
        assert_int_equal(d.n_p_diff, flexible && !keyframe);
        if (!flexible)
            assert_int_equal(d.tl0picidx, 200);
        memcpy(joined + at, piece + d.size, w.at - d.size);
        at += w.at - d.size;
    }
    assert_int_equal(at, n);
    assert_memory_equal(joined, frame, n);
}

static void frames_are_cut_and_joined_in_both_modes(void **state)
{
    (void)state;
    for (int mode = 0; mode < 4; mode++) {
        round_trip(mode & 1, mode & 2, 1);
        round_trip(mode & 1, mode & 2, 990);
        round_trip(mode & 1, mode & 2, 2999);
    }
    assert_int_equal(rill_vp9_pieces(100, 5, false), 0);
    assert_int_equal(rill_vp9_pieces(100, 10, true), 0);
    assert_int_equal(rill_vp9_pieces(100, 6, false), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_frame_in_non_flexible_mode_is_read),
        cmocka_unit_test(a_frame_in_flexible_mode_tells_its_references),
        cmocka_unit_test(without_a_picture_id_there_is_no_flexible_mode),
        cmocka_unit_test(the_largest_structure_is_read_whole),
        cmocka_unit_test(an_empty_payload_is_refused),
        cmocka_unit_test(a_descriptor_past_the_payload_is_refused),
        cmocka_unit_test(references_that_cannot_be_are_refused),
        cmocka_unit_test(a_descriptor_with_nothing_behind_it_is_refused),
        cmocka_unit_test(the_descriptor_agrees_with_its_field_table),
        cmocka_unit_test(frames_are_cut_and_joined_in_both_modes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
