/* Where a store is, as the command line names it. */
#include "apps/serve_store.h"
#include "tests/rill_test.h"

static struct serve_store_url parse(const char *text)
{
    struct serve_store_url url;
    if (!serve_store_parse(text, &url))
        fail_msg("%s is refused", text);
    return url;
}

static void store_in_memory_has_no_host(void **state)
{
    (void)state;
    assert_string_equal(parse("memory").host, "");
}

static void store_url_names_host_port_and_database(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        unsigned port, database;
    } rows[] = {
        {"redis://h", "h", 6379, 0},
        {"redis://h/", "h", 6379, 0},
        {"redis://h:1/1023", "h", 1, 1023},
        {"redis://192.0.2.1:65535/2", "192.0.2.1", 65535, 2},
        {"redis://[2001:db8::1]", "2001:db8::1", 6379, 0},
        {"redis://[::1]:7/3", "::1", 7, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct serve_store_url url = parse(rows[i].text);
        assert_string_equal(url.host, rows[i].host);
        assert_int_equal(url.port, rows[i].port);
        assert_int_equal(url.database, rows[i].database);
        assert_string_equal(url.user, "");
        assert_string_equal(url.password, "");
    }
}

static void store_url_has_credentials_up_to_the_last_at(void **state)
{
    (void)state;
    struct serve_store_url url = parse("redis://me:p@ss:w@h:5/1");
    assert_string_equal(url.user, "me");
    assert_string_equal(url.password, "p@ss:w");
    assert_string_equal(url.host, "h");
    url = parse("redis://:p@h");
    assert_string_equal(url.user, "");
    assert_string_equal(url.password, "p");
}

static void store_url_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "mem",
                                      "redis:/h",
                                      "redis://",
                                      "redis:///1",
                                      "http://h",
                                      "redis://h:0",
                                      "redis://h:x",
                                      "redis://h:65536",
                                      "redis://h/1024",
                                      "redis://h/x",
                                      "redis://u@h",
                                      "redis://u:@h",
                                      "redis://[::1",
                                      "redis://[::1]x",
                                      "redis://@h",
                                      "redis://[]",
                                      "redis://h:1:2"};
    struct serve_store_url url;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (serve_store_parse(bad[i], &url))
            fail_msg("%s is taken", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_in_memory_has_no_host),
        cmocka_unit_test(store_url_names_host_port_and_database),
        cmocka_unit_test(store_url_has_credentials_up_to_the_last_at),
        cmocka_unit_test(store_url_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
