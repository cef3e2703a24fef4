/* Under which URLs a listener can be reached. */
#include "apps/serve_urls.h"
#include "tests/rill_test.h"

static struct rill_addr addr(const char *text)
{
    struct rill_addr a = {0};
    assert_true(rill_addr_parse_ip(rill_view_of(text), &a) ||
                rill_addr_parse(rill_view_of(text), &a));
    return a;
}

static const char *const machine[] = {"127.0.0.1", "::1",         "192.168.1.5", "10.0.0.7",
                                      "fe80::1",   "2001:db8::5", "169.254.3.4"};

static size_t urls_of(const char *at, bool tls, struct serve_url *out, size_t cap)
{
    struct rill_addr listen = addr(at), local[sizeof machine / sizeof machine[0]];
    size_t n = sizeof machine / sizeof machine[0];
    for (size_t i = 0; i < n; i++)
        local[i] = addr(machine[i]);
    return serve_urls(&listen, tls, local, n, out, cap);
}

static void assert_urls(const char *at, bool tls, const char *const *wanted)
{
    struct serve_url urls[16];
    size_t n = urls_of(at, tls, urls, 16), i = 0;
    for (; i < n && wanted[i]; i++)
        assert_string_equal(urls[i].text, wanted[i]);
    assert_int_equal(i, n);
    assert_null(wanted[i]);
}

static void urls_of_an_address_is_that_address_alone(void **state)
{
    (void)state;
    assert_urls("127.0.0.1:8181", true, (const char *const[]){"https://127.0.0.1:8181/", NULL});
    assert_urls("192.168.1.5:80", false, (const char *const[]){"http://192.168.1.5:80/", NULL});
    assert_urls("[::1]:8181", true, (const char *const[]){"https://[::1]:8181/", NULL});
}

static void urls_of_every_ip4_address_begin_with_localhost_and_leave_out_loopback(void **state)
{
    (void)state;
    assert_urls("0.0.0.0:8181", true,
                (const char *const[]){"https://localhost:8181/", "https://192.168.1.5:8181/",
                                      "https://10.0.0.7:8181/", "https://169.254.3.4:8181/", NULL});
}

static void urls_of_every_ip6_address_leave_out_link_local_ones(void **state)
{
    (void)state;
    assert_urls(
        "[::]:8181", true,
        (const char *const[]){"https://localhost:8181/", "https://[2001:db8::5]:8181/", NULL});
}

static void urls_tell_which_another_machine_can_open_and_their_hosts(void **state)
{
    (void)state;
    struct serve_url urls[16];
    size_t n = urls_of("[::]:1", true, urls, 16);
    assert_int_equal(n, 2);
    assert_false(urls[0].network);
    assert_string_equal(urls[0].host, "localhost");
    assert_true(urls[1].network);
    assert_string_equal(urls[1].host, "2001:db8::5");
    assert_int_equal(urls_of("127.0.0.1:1", true, urls, 16), 1);
    assert_false(urls[0].network);
}

static void urls_keep_to_their_capacity(void **state)
{
    (void)state;
    struct serve_url urls[3];
    strcpy(urls[2].text, "untouched");
    assert_int_equal(urls_of("0.0.0.0:8181", true, urls, 0), 0);
    assert_int_equal(urls_of("0.0.0.0:8181", true, urls, 2), 2);
    assert_string_equal(urls[1].text, "https://192.168.1.5:8181/");
    assert_string_equal(urls[2].text, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_of_an_address_is_that_address_alone),
        cmocka_unit_test(urls_of_every_ip4_address_begin_with_localhost_and_leave_out_loopback),
        cmocka_unit_test(urls_of_every_ip6_address_leave_out_link_local_ones),
        cmocka_unit_test(urls_tell_which_another_machine_can_open_and_their_hosts),
        cmocka_unit_test(urls_keep_to_their_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
