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
    assert_string_equal(line(rill_trace_write_json, "a\"\\\n\xc3\xa9\xff\xed\xa0\x80", false),
                        "{\"time\":12345678,\"room\":\"ice\",\"name\":\"tried\",\"to\":"
                        "\"192.0.2.1:9\",\"left\":-3,\"who\":\"a\\\"\\\\\\u000a\xc3\xa9"
                        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"bytes\":\"01ff\","
                        "\"key\":null}\n");
}

static void secrets_are_shown_only_when_asked_for(void **state)
{
    (void)state;
    assert_non_null(strstr(line(rill_trace_write_text, "", true), "key=6b "));
    assert_non_null(strstr(line(rill_trace_write_json, "", true), "\"key\":\"6b\""));
    assert_null(strstr(line(rill_trace_write_json, "", false), "6b"));
}

static void a_line_that_does_not_fit_is_bad(void **state)
{
    (void)state;
    uint8_t small[16];
    struct rill_writer w = rill_writer_of((struct rill_span){small, sizeof small});
    const union rill_trace_value values[5] = {{0}};
    rill_trace_write_json(&w, &point, 0, values, false);
    assert_true(w.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_one_line_that_no_peer_can_break),
        cmocka_unit_test(json_escapes_and_replaces_what_is_not_utf8),
        cmocka_unit_test(secrets_are_shown_only_when_asked_for),
        cmocka_unit_test(a_line_that_does_not_fit_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
