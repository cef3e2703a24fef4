/* json: what is a JSON text and what is not, and the items of an array as they were written. */
#include "tests/rill_test.h"

#include "signaling/json.h"

static bool is_json(struct rill_view text)
{
    struct rill_json_reader r = rill_json_reader_of(text);
    for (;;) {
        enum rill_json_type t = rill_json_next(&r).type;
        if (t == RILL_JSON_END || t == RILL_JSON_BAD)
            return t == RILL_JSON_END;
    }
}

static void json_takes_every_kind_of_value(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0",
        "-0",
        "1.5e-7",
        "10E+2",
        "true",
        "false",
        "null",
        "\"\"",
        "\"\\u00e9\\n\\\\\"",
        "[]",
        "{}",
        "[[],{}]",
        " [ 1 , 2 ] ",
        "{\"a\":{\"b\":[1,\"x\",null]},\"a\":2}",
        "\"\xc3\xa9\"",
        "\t\r\n 1\n",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!is_json(rill_view_of(good[i])))
            fail_msg("%s was refused", good[i]);
}

static void json_refuses_what_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",         " ",          "01",        "1.",   ".5",        "+1",          "1e",
        "-",        "tru",        "nulls",     "\"a",  "\"\\x\"",   "\"\\u12g4\"", "\"a\nb\"",
        "[",        "]",          "[1,]",      "[,1]", "[1 2]",     "{1:2}",       "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "[1}",  "{\"a\":1]", "1 2",         "[]]",
        "'a'",      "NaN",        "\"\\u12\"", "{,}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (is_json(rill_view_of(bad[i])))
            fail_msg("%s was taken", bad[i]);
}

static void json_refuses_every_beginning_of_a_text(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1.5,\"\\u0041\",true,null,{}],\"b\":\"c\"}";
    for (size_t n = 0; n < sizeof text - 1; n++)
        assert_false(is_json(rill_view_at(text, n)));
    assert_true(is_json(rill_view_of(text)));
}

static void json_reads_32_brackets_deep_and_no_deeper(void **state)
{
    (void)state;
    char text[80];
    memset(text, '[', RILL_JSON_DEPTH_MAX);
    memset(text + RILL_JSON_DEPTH_MAX, ']', RILL_JSON_DEPTH_MAX);
    assert_true(is_json(rill_view_at(text, 2 * RILL_JSON_DEPTH_MAX)));
    memset(text, '[', RILL_JSON_DEPTH_MAX + 1);
    memset(text + RILL_JSON_DEPTH_MAX + 1, ']', RILL_JSON_DEPTH_MAX + 1);
    assert_false(is_json(rill_view_at(text, 2 * RILL_JSON_DEPTH_MAX + 2)));
}

static void json_gives_tokens_with_their_depth(void **state)
{
    (void)state;
    static const struct {
        enum rill_json_type type;
        const char *text;
        unsigned depth;
    } want[] = {
        {RILL_JSON_ARRAY, "[", 0},     {RILL_JSON_STRING, "\"a\"", 1},
        {RILL_JSON_OBJECT, "{", 1},    {RILL_JSON_KEY, "\"k\"", 2},
        {RILL_JSON_NUMBER, "-1", 2},   {RILL_JSON_OBJECT_END, "}", 1},
        {RILL_JSON_ARRAY_END, "]", 0}, {RILL_JSON_END, "", 0},
    };
    struct rill_json_reader r = rill_json_reader_of(rill_view_of("[\"a\", {\"k\" : -1}]"));
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct rill_json_token t = rill_json_next(&r);
        assert_int_equal(t.type, want[i].type);
        assert_int_equal(t.depth, want[i].depth);
        assert_true(rill_view_is(t.text, want[i].text));
    }
}

static void json_cuts_an_array_into_its_items_as_they_were_written(void **state)
{
    (void)state;
    static const char *const want[] = {"\"a,]\"", "{\"b\" : [1, 2]}", "1.0", "[]"};
    struct rill_view item, rest = rill_view_of("[ \"a,]\" ,{\"b\" : [1, 2]}, 1.0,[] ]");
    for (size_t i = 0; i < 4; i++) {
        assert_true(rill_json_item(&rest, &item));
        if (!rill_view_is(item, want[i]))
            fail_msg("%.*s is not %s", (int)item.n, (const char *)item.p, want[i]);
    }
    assert_false(rill_json_item(&rest, &item));
}

static void json_finds_no_item_in_an_empty_array(void **state)
{
    (void)state;
    struct rill_view item, rest = rill_view_of(" [ ] ");
    assert_false(rill_json_item(&rest, &item));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_takes_every_kind_of_value),
        cmocka_unit_test(json_refuses_what_is_none),
        cmocka_unit_test(json_refuses_every_beginning_of_a_text),
        cmocka_unit_test(json_reads_32_brackets_deep_and_no_deeper),
        cmocka_unit_test(json_gives_tokens_with_their_depth),
        cmocka_unit_test(json_cuts_an_array_into_its_items_as_they_were_written),
        cmocka_unit_test(json_finds_no_item_in_an_empty_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
