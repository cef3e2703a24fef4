/* The URLs that a command line names. */
#include "apps/url.h"
#include "tests/rill_test.h"

static struct rill_url parse(const char *text)
{
    struct rill_url url;
    const char *wrong = rill_url_parse_signaling(text, &url);
    if (wrong)
        fail_msg("%s: %s", text, wrong);
    return url;
}

static void assert_url(const char *text, bool secure, const char *host, unsigned port)
{
    struct rill_url url = parse(text);
    assert_int_equal(url.secure, secure);
    assert_string_equal(url.host, host);
    assert_int_equal(url.port, port);
}

static void url_schemes_say_whether_tls_is_spoken_and_the_usual_port(void **state)
{
    (void)state;
    assert_url("https://rill.example", true, "rill.example", 443);
    assert_url("wss://rill.example/", true, "rill.example", 443);
    assert_url("http://rill.example", false, "rill.example", 80);
    assert_url("ws://[::1]:9/", false, "::1", 9);
    assert_url("https://localhost:8181/?room=a", true, "localhost", 8181);
}

static void url_without_a_scheme_is_rill_serve_there(void **state)
{
    (void)state;
    assert_url("localhost", true, "localhost", 8181);
    assert_url("192.168.1.5:8000", true, "192.168.1.5", 8000);
}

static void url_has_a_path_and_a_room(void **state)
{
    (void)state;
    struct rill_url url = parse("wss://h/x/y?a=b&room=blue");
    assert_string_equal(url.path, "/x/y");
    assert_string_equal(url.room, "blue");
    assert_string_equal(parse("https://h").path, "/ws");
}

static void url_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct rill_url url;
    const char *const wrong[] = {"",        "https://",     "https://:1",     "https://h:0",
                                 "h:65536", "https://[::1", "https://[::1]x", "ftp://h"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_non_null(rill_url_parse_signaling(wrong[i], &url));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_schemes_say_whether_tls_is_spoken_and_the_usual_port),
        cmocka_unit_test(url_without_a_scheme_is_rill_serve_there),
        cmocka_unit_test(url_has_a_path_and_a_room),
        cmocka_unit_test(url_that_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
