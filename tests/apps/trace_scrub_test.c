/* What is starred out of texts that are kept without secrets, and what is not. */
#include "tests/rill_test.h"

#include "apps/trace_scrub.h"

static void assert_scrubbed(const char *text, const char *expected)
{
    uint8_t room[512];
    size_t n = strlen(text);
    assert_true(n < sizeof room);
    memcpy(room, text, n);
    rill_trace_scrub((struct rill_span){room, n});
    room[n] = 0;
    assert_string_equal((char *)room, expected);
}

static void passwords_of_descriptions_are(void **state)
{
    (void)state;
    assert_scrubbed("a=ice-ufrag:ab\r\na=ice-pwd:a+b/c\r\na=mid:0\r\n",
                    "a=ice-ufrag:ab\r\na=ice-pwd:xxxxx\r\na=mid:0\r\n");
    assert_scrubbed("a=crypto:1 AES inline:abc|2^20\na=x", "a=crypto:*********************\na=x");
    assert_scrubbed("a=ice-pwd:end", "a=ice-pwd:xxx");
    assert_scrubbed("a=ice-pwd:", "a=ice-pwd:");
}

static void they_are_in_json_however_it_is_written(void **state)
{
    (void)state;
    assert_scrubbed("{\"sdp\":\"a=ice-pwd:a\\/b\\r\\na=mid:0\"}",
                    "{\"sdp\":\"a=ice-pwd:xxxx\\r\\na=mid:0\"}");
    assert_scrubbed("\"a=ice-pwd:ab\\u000d\\u000aa=mid:0\"",
                    "\"a=ice-pwd:xx\\u000d\\u000aa=mid:0\"");
    assert_scrubbed("\"a=ice-pwd:ab\\\\r\\\\na=mid:0\"", "\"a=ice-pwd:xx\\\\r\\\\na=mid:0\"");
    assert_scrubbed("\"a=ice-pwd:ab\",\"x\":1", "\"a=ice-pwd:xx\",\"x\":1");
    assert_scrubbed("{\"credential\" : \"abc\",\"n\":1}", "{\"credential\" : \"***\",\"n\":1}");
    assert_scrubbed("{\"token\":\"a\\\"b\"}", "{\"token\":\"*\\\"*\"}");
    assert_scrubbed("0{\"sid\":\"xyz\",\"upgrades\":[]}", "0{\"sid\":\"***\",\"upgrades\":[]}");
}

static void heads_of_http_keep_no_token(void **state)
{
    (void)state;
    assert_scrubbed("GET /?token=abc&x=1 HTTP/1.1\r\nauthorization: Basic abc\r\nHost: a\r\n\r\n",
                    "GET /?token=***&x=1 HTTP/1.1\r\nauthorization: *********\r\nHost: a\r\n\r\n");
    assert_scrubbed("HTTP/1.1 101 x\r\nSet-Cookie: a=b; Secure\r\n\r\n",
                    "HTTP/1.1 101 x\r\nSet-Cookie: ***********\r\n\r\n");
}

static void nothing_else_is(void **state)
{
    static const char *const texts[] = {
        "",
        "a",
        "\"",
        "\\",
        "?",
        "&sid",
        "\n",
        "\"sid\"",
        "\"sid\":",
        "\"sid\": 5}",
        "?sid",
        "\nCookie:",
        "a=ice-options:trickle\r\n",
        "{\"password_policy\":\"none\"}",
        "GET /?tokens=5 HTTP/1.1",
        "a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_scrubbed(texts[i], texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_of_descriptions_are),
        cmocka_unit_test(they_are_in_json_however_it_is_written),
        cmocka_unit_test(heads_of_http_keep_no_token),
        cmocka_unit_test(nothing_else_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
