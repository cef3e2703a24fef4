/* Clock, entropy, interfaces and names of the system the tests run on. */
#define _GNU_SOURCE /* unshare */
#include "tests/reactor/loop.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void posix_clock_never_goes_back(void **state)
{
    (void)state;
    int64_t before = rill_posix_now();
    for (int i = 0; i < 10000; i++) {
        int64_t now = rill_posix_now();
        assert_true(now >= before);
        before = now;
    }
}

static void posix_wall_clock_counts_microseconds_since_1970(void **state)
{
    (void)state;
    assert_true(rill_posix_wall() > 1700000000 * RILL_SECOND);
    assert_true(rill_posix_wall() < 32503680000 * RILL_SECOND); /* the year 3000 */
}

/* RFC 8489 §6 wants transaction IDs of 96 random bits: no repeat, as many ones as zeros. */
static void posix_entropy_repeats_no_96_bits_and_is_balanced(void **state)
{
    (void)state;
    enum { IDS = 10000 };
    static uint8_t ids[IDS][12];
    struct rill_rng rng = rill_posix_rng();
    long ones = 0;
    for (size_t i = 0; i < IDS; i++) {
        rill_rng_fill(&rng, ids[i], 12);
        for (size_t bit = 0; bit < 96; bit++)
            ones += ids[i][bit / 8] >> bit % 8 & 1;
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(ids[i], ids[k], 12);
    }
    /* 960 000 bits: one standard deviation is 490; eight are allowed */
    assert_in_range(ones, 480000 - 3920, 480000 + 3920);
}

static void posix_interfaces_hold_loopback(void **state)
{
    (void)state;
    struct rill_addr addrs[64];
    size_t n = rill_posix_interfaces(addrs, 64);
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        found |= rill_addr_is_loopback(&addrs[i]);
        assert_int_equal(addrs[i].port, 0);
        for (size_t k = 0; k < i; k++)
            assert_false(rill_addr_equal(&addrs[i], &addrs[k]));
    }
    assert_true(found);
}

static int ip(const char *what)
{
    char line[80];
    snprintf(line, sizeof line, "exec 2>/dev/null; ip %s", what);
    return system(line);
}

/* In a network of its own, in which this process stays: it comes last. */
static void posix_interface_watch_tells_of_an_address_that_comes_and_goes(void **state)
{
    (void)state;
    struct rill_addr addrs[64];
    uint32_t id;
    if ((unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) ||
        ip("link set lo up") != 0)
        skip();
    struct rill_reactor *r = rill_reactor_new(1);
    int fd = rill_posix_interface_watch();
    assert_true(fd >= 0);
    assert_int_equal(rill_reactor_watch(r, fd, 0, &id, NULL), 0);
    expect_nothing(r);
    assert_false(rill_posix_interface_changed(fd));
    size_t before = rill_posix_interfaces(addrs, 64);
    static const char *const changes[] = {"addr add 127.9.0.1/32 dev lo",
                                          "addr del 127.9.0.1/32 dev lo"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(ip(changes[i]), 0);
        assert_int_equal(expect(r, RILL_REACTOR_READY).socket, id);
        assert_true(rill_posix_interface_changed(fd));
        assert_int_equal(rill_posix_interfaces(addrs, 64), before + 1 - i);
    }
    rill_reactor_close(r, id);
    rill_posix_interface_forget(fd);
    rill_reactor_free(r);
}

static void posix_interfaces_keep_to_their_capacity(void **state)
{
    (void)state;
    struct rill_addr addrs[2] = {{0}, {.port = 77}};
    assert_int_equal(rill_posix_interfaces(addrs, 1), 1);
    assert_int_equal(addrs[1].port, 77);
    assert_int_equal(rill_posix_interfaces(addrs, 0), 0);
}

static void posix_resolves_an_address_to_itself(void **state)
{
    (void)state;
    struct rill_addr a[4];
    assert_int_equal(rill_posix_resolve("192.0.2.7", 3478, a, 4, NULL), 1);
    assert_string_equal(rill_addr_text(&a[0]).text, "192.0.2.7:3478");
    assert_int_equal(rill_posix_resolve("2001:db8::7", 3478, a, 4, NULL), 1);
    assert_string_equal(rill_addr_text(&a[0]).text, "[2001:db8::7]:3478");
}

static void posix_resolves_localhost_to_loopback(void **state)
{
    (void)state;
    struct rill_addr a[4];
    int n = rill_posix_resolve("localhost", 1, a, 4, NULL);
    assert_true(n > 0);
    for (int i = 0; i < n; i++)
        assert_true(rill_addr_is_loopback(&a[i]));
}

static void posix_refuses_a_name_that_cannot_be_one(void **state)
{
    (void)state;
    char name[301];
    struct rill_addr a;
    struct rill_err why;
    memset(name, 'x', 300);
    name[300] = 0;
    assert_row(rill_posix_resolve(name, 1, &a, 1, &why), REACTOR_RESOLVE);
    assert_true(why.value > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posix_clock_never_goes_back),
        cmocka_unit_test(posix_wall_clock_counts_microseconds_since_1970),
        cmocka_unit_test(posix_entropy_repeats_no_96_bits_and_is_balanced),
        cmocka_unit_test(posix_interfaces_hold_loopback),
        cmocka_unit_test(posix_interfaces_keep_to_their_capacity),
        cmocka_unit_test(posix_resolves_an_address_to_itself),
        cmocka_unit_test(posix_resolves_localhost_to_loopback),
        cmocka_unit_test(posix_refuses_a_name_that_cannot_be_one),
        cmocka_unit_test(posix_interface_watch_tells_of_an_address_that_comes_and_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
