/* ext_test: the elements of a header extension (RFC 8285). */
#include "rtp/packet.h"
#include "tests/rill_test.h"

static uint8_t bytes[1200];

/* The elements of an extension as text: "id:hex id:hex ". */
static const char *walk(uint16_t profile, const char *hex)
{
    static uint8_t text[4096];
    struct rill_rtp_packet p = {.extension = true, .ext_profile = profile};
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    struct rill_rtp_ext ext;
    p.ext = rill_test_hex(hex, bytes, sizeof bytes);
    for (size_t at = 0; rill_rtp_ext_next(&p, &at, &ext);) {
        rill_w_dec(&w, ext.id);
        rill_w_char(&w, ':');
        rill_w_hex(&w, ext.value);
        rill_w_char(&w, ' ');
    }
    assert_true(rill_w_end_text(&w));
    return (const char *)text;
}

static void one_byte_elements_are_read_between_padding(void **state)
{
    (void)state;
    /* The example of RFC 8285 §4.2: ID L=0, ID L=1, two of padding, ID L=3. */
    assert_string_equal(walk(0xbede, "10 aa  21 bbcc  00 00  33 01020304"),
                        "1:aa 2:bbcc 3:01020304 ");
}

static void one_byte_id_15_ends_the_walk(void **state)
{
    (void)state;
    assert_string_equal(walk(0xbede, "10 aa f0 bb 20 cc 00 00"), "1:aa ");
}

static void one_byte_id_0_with_a_length_ends_the_walk(void **state)
{
    (void)state;
    assert_string_equal(walk(0xbede, "10 aa 01 20 cc 00 00 00"), "1:aa ");
}

static void one_byte_elements_have_up_to_16_bytes(void **state)
{
    (void)state;
    assert_string_equal(walk(0xbede, "ef 000102030405060708090a0b0c0d0e0f 000000"),
                        "14:000102030405060708090a0b0c0d0e0f ");
}

static void one_byte_element_past_the_end_ends_the_walk(void **state)
{
    (void)state;
    assert_string_equal(walk(0xbede, "10 aa 23 bb"), "1:aa ");
    assert_string_equal(walk(0xbede, "10 aa 00 20"), "1:aa ");
}

static void two_byte_elements_may_be_empty(void **state)
{
    (void)state;
    /* The example of RFC 8285 §4.3: L=0, L=1, one of padding, L=4. */
    assert_string_equal(walk(0x1000, "01 00  02 01 aa  00  03 04 01020304"), "1: 2:aa 3:01020304 ");
}

static void two_byte_ids_reach_255_and_15_is_one_of_them(void **state)
{
    (void)state;
    assert_string_equal(walk(0x100f, "0f 01 aa  ff 01 bb 00 00"), "15:aa 255:bb ");
}

static void two_byte_element_past_the_end_ends_the_walk(void **state)
{
    (void)state;
    assert_string_equal(walk(0x1000, "01 01 aa 02"), "1:aa ");
    assert_string_equal(walk(0x1000, "01 01 aa 02 02 00 00"), "1:aa 2:0000 ");
    assert_string_equal(walk(0x1000, "01 01 aa 02 04 00 00 00"), "1:aa ");
}

static void other_profiles_have_no_elements(void **state)
{
    (void)state;
    assert_string_equal(walk(0x1234, "10 aa 21 bb"), "");
    assert_string_equal(walk(0xbedf, "10 aa 21 bb"), "");
}

static void ext_find_gives_the_first_of_an_id(void **state)
{
    (void)state;
    struct rill_rtp_packet p = {.extension = true, .ext_profile = 0xbede};
    struct rill_view value;
    p.ext = rill_test_hex("10 aa 20 bb 20 cc 0000", bytes, sizeof bytes);
    assert_true(rill_rtp_ext_find(&p, 2, &value));
    assert_true(rill_view_is(value, "\xbb"));
    assert_false(rill_rtp_ext_find(&p, 3, &value));
}

/* Writes a packet with the elements and reads it back. */
static struct rill_rtp_packet round_trip(const struct rill_rtp_ext *exts, size_t n)
{
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    struct rill_rtp_packet p;
    rill_rtp_write(&w, false, 96, 1, 2, 3, exts, n);
    rill_w_str(&w, "payload");
    assert_false(w.bad);
    assert_int_equal(rill_rtp_parse(rill_w_view(&w), &p, NULL), 0);
    assert_true(rill_view_is(p.payload, "payload"));
    for (size_t i = 0; i < n; i++) {
        struct rill_view value;
        assert_true(rill_rtp_ext_find(&p, exts[i].id, &value));
        assert_true(rill_view_equal(value, exts[i].value));
    }
    return p;
}

static void small_elements_are_written_in_one_byte_form(void **state)
{
    (void)state;
    const struct rill_rtp_ext exts[] = {
        {4, rill_view_of("0")}, {14, rill_view_of("0123456789abcdef")}, {3, rill_view_of("xy")}};
    struct rill_rtp_packet p = round_trip(exts, 3);
    assert_int_equal(p.ext_profile, 0xbede);
    assert_int_equal(p.ext.n, 24); /* 2 + 17 + 3, padded */
}

static void the_mid_extension_looks_as_browsers_send_it(void **state)
{
    (void)state;
    const struct rill_rtp_ext mid = {4, rill_view_of("0")};
    round_trip(&mid, 1);
    static const uint8_t expected[] = {0xbe, 0xde, 0x00, 0x01, 0x40, 0x30, 0x00, 0x00};
    assert_memory_equal(bytes + 12, expected, sizeof expected);
}

static void large_empty_or_high_elements_are_written_in_two_byte_form(void **state)
{
    (void)state;
    const struct rill_rtp_ext large = {1, rill_view_of("0123456789abcdefg")};
    const struct rill_rtp_ext empty = {1, rill_view_of("")};
    const struct rill_rtp_ext high = {15, rill_view_of("a")};
    assert_int_equal(round_trip(&large, 1).ext_profile, 0x1000);
    assert_int_equal(round_trip(&empty, 1).ext_profile, 0x1000);
    assert_int_equal(round_trip(&high, 1).ext_profile, 0x1000);
}

static void an_element_has_at_most_255_bytes(void **state)
{
    (void)state;
    static const uint8_t value[256];
    struct rill_rtp_ext ext = {200, rill_view_at(value, 255)};
    round_trip(&ext, 1);
    ext.value.n = 256;
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_rtp_write(&w, false, 96, 1, 2, 3, &ext, 1);
    assert_true(w.bad);
}

static void an_element_without_an_id_is_not_written(void **state)
{
    (void)state;
    const struct rill_rtp_ext ext = {0, rill_view_of("a")};
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_rtp_write(&w, false, 96, 1, 2, 3, &ext, 1);
    assert_true(w.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_byte_elements_are_read_between_padding),
        cmocka_unit_test(one_byte_id_15_ends_the_walk),
        cmocka_unit_test(one_byte_id_0_with_a_length_ends_the_walk),
        cmocka_unit_test(one_byte_elements_have_up_to_16_bytes),
        cmocka_unit_test(one_byte_element_past_the_end_ends_the_walk),
        cmocka_unit_test(two_byte_elements_may_be_empty),
        cmocka_unit_test(two_byte_ids_reach_255_and_15_is_one_of_them),
        cmocka_unit_test(two_byte_element_past_the_end_ends_the_walk),
        cmocka_unit_test(other_profiles_have_no_elements),
        cmocka_unit_test(ext_find_gives_the_first_of_an_id),
        cmocka_unit_test(small_elements_are_written_in_one_byte_form),
        cmocka_unit_test(the_mid_extension_looks_as_browsers_send_it),
        cmocka_unit_test(large_empty_or_high_elements_are_written_in_two_byte_form),
        cmocka_unit_test(an_element_has_at_most_255_bytes),
        cmocka_unit_test(an_element_without_an_id_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
