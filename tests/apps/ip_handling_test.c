/* RFC 8828 §5.2: which addresses take part. On a network: tests/interop/mdns.test.mjs. */
#include "apps/ip_handling.h"

#include "tests/rill_test.h"

static int without_proxy(void **state)
{
    (void)state;
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "http_proxy",
                                        "HTTP_PROXY",  "all_proxy",   "ALL_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
    return 0;
}

static void four_words_name_the_four_modes(void **state)
{
    (void)state;
    static const char *const words[] = {"all", "default-and-local", "default", "proxy"};
    enum rill_ip_handling h = RILL_IP_PROXY;
    for (size_t i = 0; i < 4; i++) {
        assert_null(rill_ip_handling_read(words[i], &h));
        assert_int_equal(h, i);
        assert_int_equal(rill_ip_handling_withholds(h), i >= 2);
    }
    assert_non_null(rill_ip_handling_read("none", &h));
    assert_non_null(rill_ip_handling_read("", &h));
}

/* "WebRTC media traffic MUST also be proxied" */
static void a_proxy_that_is_set_is_not_passed_by(void **state)
{
    (void)state;
    enum rill_ip_handling h;
    setenv("https_proxy", "", 1);
    assert_null(rill_ip_handling_read("proxy", &h));
    setenv("https_proxy", "http://192.0.2.1:3128", 1);
    assert_non_null(rill_ip_handling_read("proxy", &h));
    assert_null(rill_ip_handling_read("default", &h));
}

static void default_route_gives_one_address_of_a_family_at_most(void **state)
{
    (void)state;
    struct rill_addr out[8], toward = rill_addr_ip4(127, 0, 0, 1, 443);
    size_t n = rill_ip_handling_addresses(RILL_IP_DEFAULT, &toward, 1, out, 8);
    assert_true(n <= 2);
    /* a server on this machine chooses no route */
    for (size_t i = 0; i < n; i++)
        assert_false(rill_addr_is_loopback(&out[i]));
    assert_true(n < 2 || out[0].family != out[1].family);
    assert_int_equal(rill_ip_handling_addresses(RILL_IP_ALL, NULL, 0, out, 8),
                     rill_posix_interfaces(out, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(four_words_name_the_four_modes, without_proxy),
        cmocka_unit_test_setup_teardown(a_proxy_that_is_set_is_not_passed_by, without_proxy,
                                        without_proxy),
        cmocka_unit_test_setup(default_route_gives_one_address_of_a_family_at_most, without_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
