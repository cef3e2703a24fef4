/* The two formatters over one event. */
#include "tests/rill_test.h"

#include "trace/format.h"

static const struct rill_trace_point point = {
    "ice",
    "tried",
    "a check was sent",
    5,
    {{"to", RILL_TRACE_ADDR},
     {"left", RILL_TRACE_I64},
     {"who", RILL_TRACE_TEXT},
     {"bytes", RILL_TRACE_BYTES},
     {"key", RILL_TRACE_SECRET}},
};

typedef void formatter(struct rill_writer *, const struct rill_trace_point *, int64_t,
                       const union rill_trace_value *, bool);

static const char *line(formatter *f, const char *name, bool secrets)
{
    static char text[512];
    struct rill_addr a = rill_addr_ip4(192, 0, 2, 1, 9);
    const union rill_trace_value values[] = {
        {.addr = &a},
        {.i = -3},
        {.view = rill_view_of(name)},
        {.view = rill_view_of("\x01\xff")},
        {.view = rill_view_of("k")},
    };
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    f(&w, &point, 12345678, values, secrets);
    assert_true(rill_w_end_text(&w));
    return text;
}

static void text_is_one_line_that_no_peer_can_break(void **state)
{
    (void)state;
    assert_string_equal(line(rill_trace_write_text, "a\nb", false),
                        "12.345678 ice tried to=192.0.2.1:9 left=-3 who=a?b bytes=01ff "
                        "key=(secret) (a check was sent)\n");
}

static void json_escapes_and_replaces_what_is_not_utf8(void **state)
{
    (void)state;
    assert_string_equal(line(rill_trace_write_record, "a\"\\\n\xc3\xa9\xff\xed\xa0\x80", false),
                        "\x1e{\"time\":12345.678,\"name\":\"ice:tried\",\"data\":{\"to\":"
                        "\"192.0.2.1:9\",\"left\":-3,\"who\":\"a\\\"\\\\\\u000a\xc3\xa9"
                        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"bytes\":\"01ff\","
                        "\"key\":null}}\n");
}

static void secrets_are_shown_only_when_asked_for(void **state)
{
    (void)state;
    assert_non_null(strstr(line(rill_trace_write_text, "", true), "key=6b "));
    assert_non_null(strstr(line(rill_trace_write_record, "", true), "\"key\":\"6b\""));
    assert_null(strstr(line(rill_trace_write_record, "", false), "6b"));
}

static const char *numbers(uint64_t u, int64_t i)
{
    static const struct rill_trace_point of = {
        "a", "b", "c", 2, {{"u", RILL_TRACE_U64}, {"i", RILL_TRACE_I64}}};
    static char text[200];
    const union rill_trace_value values[] = {{.u = u}, {.i = i}};
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_trace_write_record(&w, &of, -1, values, false);
    assert_true(rill_w_end_text(&w));
    return text;
}

static void numbers_that_json_cannot_keep_exactly_are_strings(void **state)
{
    (void)state;
    assert_string_equal(numbers(9007199254740991, -9007199254740991),
                        "\x1e{\"time\":-0.001,\"name\":\"a:b\",\"data\":"
                        "{\"u\":9007199254740991,\"i\":-9007199254740991}}\n");
    assert_non_null(strstr(numbers(UINT64_MAX, INT64_MIN),
                           "{\"u\":\"18446744073709551615\",\"i\":\"-9223372036854775808\"}"));
}

static const char *header(int64_t wall_us)
{
    static char text[600];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    const struct rill_trace_header h = {.title = rill_view_of("rill call"),
                                        .name = rill_view_of("CLIENT1"),
                                        .type = rill_view_of("client"),
                                        .wall_us = wall_us};
    rill_trace_write_header(&w, &h);
    assert_true(rill_w_end_text(&w));
    return text;
}

static void the_header_says_when_time_0_was(void **state)
{
    (void)state;
    assert_non_null(strstr(header(0), "\"wall_clock_time\":\"1970-01-01T00:00:00.000000Z\""));
    assert_non_null(strstr(header(1767225599999999), "\"2025-12-31T23:59:59.999999Z\""));
    assert_non_null(strstr(header(1709164800000001), "\"2024-02-29T00:00:00.000001Z\""));
    assert_non_null(strstr(header(4107542400000000), "\"2100-03-01T00:00:00.000000Z\""));
    assert_non_null(
        strstr(header(0), "\"vantage_point\":{\"name\":\"CLIENT1\",\"type\":\"client\"}"));
}

static void a_line_that_does_not_fit_is_bad(void **state)
{
    (void)state;
    uint8_t small[16];
    struct rill_writer w = rill_writer_of((struct rill_span){small, sizeof small});
    const union rill_trace_value values[5] = {{0}};
    rill_trace_write_record(&w, &point, 0, values, false);
    assert_true(w.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_one_line_that_no_peer_can_break),
        cmocka_unit_test(json_escapes_and_replaces_what_is_not_utf8),
        cmocka_unit_test(secrets_are_shown_only_when_asked_for),
        cmocka_unit_test(numbers_that_json_cannot_keep_exactly_are_strings),
        cmocka_unit_test(the_header_says_when_time_0_was),
        cmocka_unit_test(a_line_that_does_not_fit_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
