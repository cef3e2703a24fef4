/* vp8_test: the VP8 payload descriptor (RFC 7741 §4.2), read, and frames cut into pieces. */
#include "rtp/vp8.h"
#include "tests/rill_test.h"

static uint8_t bytes[4096];

static int parse(const char *hex, struct rill_vp8_descriptor *d, struct rill_err *why)
{
    return rill_vp8_parse(rill_test_hex(hex, bytes, sizeof bytes), d, why);
}

static void a_browsers_key_frame_is_read(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    assert_int_equal(parse("90"      /* X, S */
                           "80 fb26" /* I; 15-bit picture id */
                           "907000 9d012a 8002e001" /* key frame of 640x480 */,
                           &d, NULL),
                     0);
    assert_true(d.X && d.S && d.I && d.M && !d.N && !d.L && !d.T && !d.K);
    assert_int_equal(d.PID, 0);
    assert_int_equal(d.picture_id, 0x7b26);
    assert_int_equal(d.size, 4);
    assert_true(d.keyframe && d.has_dimensions);
    assert_int_equal(d.width, 640);
    assert_int_equal(d.height, 480);
}

static void the_shortest_descriptor_is_one_octet(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    assert_int_equal(parse("27 00", &d, NULL), 0); /* N, PID 7 */
    assert_int_equal(d.size, 1);
    assert_true(d.N && !d.S && !d.X);
    assert_int_equal(d.PID, 7);
    assert_false(d.keyframe);
}

static void the_longest_descriptor_has_six_octets(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    assert_int_equal(parse("80 f0 ffff ab d5 31", &d, NULL), 0);
    assert_int_equal(d.size, 6);
    assert_true(d.I && d.L && d.T && d.K);
    assert_int_equal(d.picture_id, 0x7fff);
    assert_int_equal(d.tl0picidx, 0xab);
    assert_int_equal(d.tid, 3);
    assert_false(d.Y);
    assert_int_equal(d.keyidx, 0x15);
}

static void a_picture_id_has_7_bits_without_m(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    assert_int_equal(parse("80 80 7f 31", &d, NULL), 0);
    assert_false(d.M);
    assert_int_equal(d.picture_id, 127);
    assert_int_equal(d.size, 3);
}

static void t_or_k_alone_bring_the_layer_octet(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    assert_int_equal(parse("80 20 60 31", &d, NULL), 0);
    assert_int_equal(d.size, 3);
    assert_true(d.T && d.Y);
    assert_int_equal(d.tid, 1);
    assert_int_equal(parse("80 10 1f 31", &d, NULL), 0);
    assert_int_equal(d.size, 3);
    assert_int_equal(d.keyidx, 31);
}

static void reserved_bits_are_ignored(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    assert_int_equal(parse("c8 0f 31", &d, NULL), 0);
    assert_true(d.X && !d.S && !d.I);
    assert_int_equal(d.size, 2);
}

static void the_descriptor_agrees_with_its_field_table(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    for (unsigned first = 0; first < 256; first++) {
        uint8_t b[16] = {(uint8_t)(first | 0x80), (uint8_t)(first * 7)};
        struct rill_view v = rill_view_at(b, sizeof b);
        assert_int_equal(rill_vp8_parse(v, &d, NULL), 0);
        const struct {
            const char *name;
            uint64_t read;
        } rows[] = {{"X", d.X}, {"N", d.N}, {"S", d.S}, {"PID", d.PID},
                    {"I", d.I}, {"L", d.L}, {"T", d.T}, {"K", d.K}};
        for (size_t i = 0; i < 8; i++)
            assert_int_equal(
                rill_field_get(rill_field_named(&rill_vp8_descriptor_fields, rows[i].name), v),
                rows[i].read);
    }
}

static void an_empty_payload_is_refused(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    assert_row(parse("", &d, NULL), VP8_EMPTY);
}

static void a_descriptor_past_the_payload_is_refused(void **state)
{
    (void)state;
    static const char *const cut[] = {"80",    "80 80", "80 80 80",     "80 40",
                                      "80 20", "80 10", "80 f0 8001 02"};
    struct rill_vp8_descriptor d;
    struct rill_err why;
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++)
        assert_row(parse(cut[i], &d, &why), VP8_DESCRIPTOR);
    assert_int_equal(why.offset, 5);
}

static void a_descriptor_with_nothing_behind_it_is_refused(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    assert_row(parse("10", &d, NULL), VP8_NO_PAYLOAD);
    assert_row(parse("90 80 8001", &d, NULL), VP8_NO_PAYLOAD);
    assert_row(parse("90 f0 8001 02 03", &d, NULL), VP8_NO_PAYLOAD);
}

static void only_the_start_of_a_frame_says_what_it_is(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    const char *key = "907000 9d012a 8002e001";
    char text[64];
    static const char *const heads[] = {"00 ", "11 "}; /* not S; S of partition 1 */
    for (size_t i = 0; i < 2; i++) {
        strcpy(text, heads[i]);
        strcat(text, key);
        assert_int_equal(parse(text, &d, NULL), 0);
        assert_false(d.keyframe || d.has_dimensions);
    }
}

static void dimensions_need_ten_bytes_and_the_start_code(void **state)
{
    (void)state;
    struct rill_vp8_descriptor d;
    assert_int_equal(parse("10 907000 9d012a 8002e0", &d, NULL), 0);
    assert_true(d.keyframe && !d.has_dimensions);
    assert_int_equal(parse("10 907000 9d012b 8002e001", &d, NULL), 0);
    assert_true(d.keyframe && !d.has_dimensions);
    /* The two bits of scale are no part of them. */
    assert_int_equal(parse("10 907000 9d012a 8042e0c1", &d, NULL), 0);
    assert_int_equal(d.width, 640);
    assert_int_equal(d.height, 480);
    assert_int_equal(parse("10 917000 9d012a 8002e001", &d, NULL), 0);
    assert_false(d.keyframe || d.has_dimensions);
}

/* --- pieces ------------------------------------------------------------------------------- */

static void pieces_are_even_and_fit(void **state)
{
    (void)state;
    static uint8_t frame[3000];
    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = (uint8_t)(i * 31 >> 3);
    for (size_t size = 1; size <= sizeof frame; size += 37) {
        for (size_t room = 5; room < 1300; room += 431) {
            size_t pieces = rill_vp8_pieces(size, room), at = 0, least = SIZE_MAX, most = 0;
            assert_true(pieces > 0);
            for (size_t i = 0; i < pieces; i++) {
                struct rill_writer w = rill_writer_of((struct rill_span){bytes, room});
                struct rill_vp8_descriptor d;
                rill_vp8_write_piece(&w, rill_view_at(frame, size), 0xffff, i, pieces);
                assert_false(w.bad);
                assert_int_equal(rill_vp8_parse(rill_w_view(&w), &d, NULL), 0);
                assert_int_equal(d.S, i == 0);
                assert_int_equal(d.PID, 0);
                assert_true(d.I && d.M);
                assert_int_equal(d.picture_id, 0x7fff);
                assert_int_equal(d.size, 4);
                assert_memory_equal(bytes + 4, frame + at, w.at - 4);
                at += w.at - 4;
                least = w.at < least ? w.at : least;
                most = w.at > most ? w.at : most;
            }
            assert_int_equal(at, size);
            assert_true(most - least <= 1);
        }
    }
}

static void a_frame_that_just_fits_is_one_piece(void **state)
{
    (void)state;
    assert_int_equal(rill_vp8_pieces(96, 100), 1);
    assert_int_equal(rill_vp8_pieces(97, 100), 2);
    assert_int_equal(rill_vp8_pieces(0, 100), 0);
    assert_int_equal(rill_vp8_pieces(1, 4), 0);
    assert_int_equal(rill_vp8_pieces(1, 5), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_browsers_key_frame_is_read),
        cmocka_unit_test(the_shortest_descriptor_is_one_octet),
        cmocka_unit_test(the_longest_descriptor_has_six_octets),
        cmocka_unit_test(a_picture_id_has_7_bits_without_m),
        cmocka_unit_test(t_or_k_alone_bring_the_layer_octet),
        cmocka_unit_test(reserved_bits_are_ignored),
        cmocka_unit_test(the_descriptor_agrees_with_its_field_table),
        cmocka_unit_test(an_empty_payload_is_refused),
        cmocka_unit_test(a_descriptor_past_the_payload_is_refused),
        cmocka_unit_test(a_descriptor_with_nothing_behind_it_is_refused),
        cmocka_unit_test(only_the_start_of_a_frame_says_what_it_is),
        cmocka_unit_test(dimensions_need_ten_bytes_and_the_start_code),
        cmocka_unit_test(pieces_are_even_and_fit),
        cmocka_unit_test(a_frame_that_just_fits_is_one_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
