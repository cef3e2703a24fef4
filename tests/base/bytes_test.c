/* The cursors: nothing is read or written past an end, and failure sticks. */
#include "tests/rill_test.h"

static void reader_gives_numbers_in_network_order(void **state)
{
    (void)state;
    const uint8_t b[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    struct rill_reader r = rill_reader_of(rill_view_at(b, sizeof b));
    assert_int_equal(rill_r_u8(&r), 1);
    assert_int_equal(rill_r_u16(&r), 0x0203);
    assert_int_equal(rill_r_u24(&r), 0x040506);
    assert_int_equal(rill_r_u32(&r), 0x0708090a);
    assert_int_equal(rill_r_left(&r), 0);
    assert_false(r.bad);
}

static void reader_past_the_end_is_bad_and_stays_bad(void **state)
{
    (void)state;
    const uint8_t b[] = {1, 2, 3};
    struct rill_reader r = rill_reader_of(rill_view_at(b, sizeof b));
    assert_int_equal(rill_r_u32(&r), 0);
    assert_true(r.bad);
    assert_int_equal(rill_r_u8(&r), 0);
    assert_int_equal(rill_r_left(&r), 0);
    assert_int_equal(rill_r_bytes(&r, 0).n, 0);
}

static void reader_of_nothing_gives_an_empty_view(void **state)
{
    (void)state;
    struct rill_reader r = rill_reader_of((struct rill_view){0});
    assert_int_equal(rill_r_bytes(&r, 0).n, 0);
    assert_false(r.bad);
    rill_r_skip(&r, 1);
    assert_true(r.bad);
}

static void reader_refuses_a_length_near_the_largest_number(void **state)
{
    (void)state;
    const uint8_t b[] = {1, 2, 3};
    struct rill_reader r = rill_reader_of(rill_view_at(b, sizeof b));
    rill_r_u8(&r);
    assert_int_equal(rill_r_bytes(&r, SIZE_MAX).n, 0);
    assert_true(r.bad);
}

static void writer_fills_exactly_and_refuses_one_more(void **state)
{
    (void)state;
    uint8_t b[7];
    struct rill_writer w = rill_writer_of((struct rill_span){b, sizeof b});
    rill_w_u8(&w, 1);
    rill_w_u16(&w, 0x0203);
    rill_w_u32(&w, 0x04050607);
    assert_false(w.bad);
    assert_memory_equal(b, "\1\2\3\4\5\6\7", 7);
    rill_w_u8(&w, 8);
    assert_true(w.bad);
    assert_int_equal(w.at, 7);
}

static void writer_writes_numbers_as_text(void **state)
{
    (void)state;
    char b[64];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)b, sizeof b});
    rill_w_dec(&w, 0);
    rill_w_char(&w, ' ');
    rill_w_dec(&w, UINT64_MAX);
    rill_w_char(&w, ' ');
    rill_w_dec_signed(&w, INT64_MIN);
    rill_w_str(&w, " ");
    rill_w_hex(&w, rill_view_at("\x0f\xa0", 2));
    assert_true(rill_w_end_text(&w));
    assert_string_equal(b, "0 18446744073709551615 -9223372036854775808 0fa0");
}

static void text_that_does_not_fit_still_ends_in_nul(void **state)
{
    (void)state;
    char b[4];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)b, sizeof b});
    rill_w_str(&w, "abcd");
    assert_false(rill_w_end_text(&w));
    assert_string_equal(b, "abc");
}

static void patch_changes_only_what_was_written(void **state)
{
    (void)state;
    uint8_t b[4] = {0};
    struct rill_writer w = rill_writer_of((struct rill_span){b, sizeof b});
    rill_w_u16(&w, 0xffff);
    rill_w_patch_u16(&w, 1, 0x1234);
    assert_memory_equal(b, "\xff\xff\0\0", 4);
    rill_w_patch_u16(&w, 0, 0x1234);
    assert_memory_equal(b, "\x12\x34\0\0", 4);
}

static void decimal_views_are_digits_within_range_only(void **state)
{
    (void)state;
    uint64_t v = 7;
    static const char *const bad[] = {"",   "-1",  "+1",    " 1",
                                      "1 ", "0x1", "65536", "18446744073709551616"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(rill_view_u64(rill_view_of(bad[i]), 65535, &v));
    assert_int_equal(v, 7);
    assert_true(rill_view_u64(rill_view_of("65535"), 65535, &v));
    assert_int_equal(v, 65535);
    assert_true(rill_view_u64(rill_view_of("18446744073709551615"), UINT64_MAX, &v));
    assert_true(v == UINT64_MAX);
}

static void cut_splits_at_the_first_separator(void **state)
{
    (void)state;
    struct rill_view rest;
    struct rill_view head = rill_view_cut(rill_view_of("a:b:c"), ':', &rest);
    assert_true(rill_view_is(head, "a"));
    assert_true(rill_view_is(rest, "b:c"));
    head = rill_view_cut(rest, ';', &rest);
    assert_true(rill_view_is(head, "b:c"));
    assert_null(rest.p);
    head = rill_view_cut(rill_view_of("a:"), ':', &rest);
    assert_true(rill_view_is(head, "a"));
    assert_non_null(rest.p);
    assert_int_equal(rest.n, 0);
}

static void views_compare_by_content(void **state)
{
    (void)state;
    assert_true(rill_view_is_nocase(rill_view_of("UdP"), "udp"));
    assert_false(rill_view_is_nocase(rill_view_of("udp4"), "udp"));
    assert_true(rill_view_starts(rill_view_of("candidate:1"), "candidate:"));
    assert_false(rill_view_starts(rill_view_of("can"), "candidate:"));
    assert_true(rill_view_equal((struct rill_view){0}, rill_view_of("")));
    assert_int_equal(rill_view_sub(rill_view_of("abc"), 1, 2).n, 2);
    assert_int_equal(rill_view_sub(rill_view_of("abc"), 2, 2).n, 0);
    assert_int_equal(rill_view_sub(rill_view_of("abc"), 4, SIZE_MAX).n, 0);
    assert_true(rill_equal_constant_time("abc", "abc", 3));
    assert_false(rill_equal_constant_time("abc", "abd", 3));
}

static void hex_is_decoded_whole_or_not_at_all(void **state)
{
    (void)state;
    uint8_t b[2];
    struct rill_span out = {b, sizeof b};
    assert_int_equal(rill_hex_decode(rill_view_of("0aFf"), out), 2);
    assert_memory_equal(b, "\x0a\xff", 2);
    assert_int_equal(rill_hex_decode(rill_view_of("0"), out), -1);
    assert_int_equal(rill_hex_decode(rill_view_of("0g"), out), -1);
    assert_int_equal(rill_hex_decode(rill_view_of("001122"), out), -1);
    assert_int_equal(rill_hex_decode(rill_view_of(""), out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_gives_numbers_in_network_order),
        cmocka_unit_test(reader_past_the_end_is_bad_and_stays_bad),
        cmocka_unit_test(reader_of_nothing_gives_an_empty_view),
        cmocka_unit_test(reader_refuses_a_length_near_the_largest_number),
        cmocka_unit_test(writer_fills_exactly_and_refuses_one_more),
        cmocka_unit_test(writer_writes_numbers_as_text),
        cmocka_unit_test(text_that_does_not_fit_still_ends_in_nul),
        cmocka_unit_test(patch_changes_only_what_was_written),
        cmocka_unit_test(decimal_views_are_digits_within_range_only),
        cmocka_unit_test(cut_splits_at_the_first_separator),
        cmocka_unit_test(views_compare_by_content),
        cmocka_unit_test(hex_is_decoded_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
