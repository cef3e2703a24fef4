/* Multicast groups, interfaces by their index, and the address that routes choose. Over loopback,
 * whose index is found by its address and which has no multicast of IPv6; between machines, both:
 * tests/interop/mdns.test.mjs. */
#include "tests/reactor/loop.h"

#define GROUP_PORT 45353 /* not 5353, where somebody may answer */

static uint32_t loopback_index(void)
{
    struct rill_interface links[64];
    size_t n = rill_posix_links(links, 64);
    for (size_t i = 0; i < n; i++)
        if (rill_addr_is_loopback(&links[i].addr))
            return links[i].index;
    fail();
    return 0;
}

static struct rill_addr group4(void)
{
    struct rill_addr a = rill_addr_ip4(224, 0, 0, 251, GROUP_PORT);
    a.scope = loopback_index();
    return a;
}

/* Both members of one machine hear what is said, the one that says it too; who has a port of its
 * own hears only what is sent to that. */
static void carries_to_all(struct rill_addr group)
{
    struct rill_reactor *r = rill_reactor_new(4);
    uint32_t member[2], own;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(rill_reactor_udp_group(r, &group, true, &member[i], NULL), 0);
    assert_int_equal(rill_reactor_udp_group(r, &group, false, &own, NULL), 0);
    struct rill_path path = {own, RILL_PROTO_UDP, group}, back = {0};
    rill_reactor_send(r, &path, rill_view_of("who is there?"));
    for (size_t i = 0; i < 2; i++) {
        struct rill_reactor_event e = expect(r, RILL_REACTOR_DATAGRAM);
        assert_true(e.socket == member[0] || e.socket == member[1]);
        assert_int_not_equal(e.path.remote.port, GROUP_PORT);
        back = e.path;
    }
    rill_reactor_send(r, &back, rill_view_of("I am"));
    struct rill_reactor_event e = expect(r, RILL_REACTOR_DATAGRAM);
    assert_int_equal(e.socket, own);
    assert_int_equal(e.path.remote.port, GROUP_PORT); /* RFC 6762 §6: answers come from its port */
    expect_nothing(r);
    rill_reactor_free(r);
}

static void group_carries_to_all_its_members_and_answers_come_to_the_one_who_asked(void **state)
{
    (void)state;
    carries_to_all(group4());
}

/* A unicast datagram for another's socket on the same port is not taken from it. */
static void member_hears_nothing_but_the_group(void **state)
{
    (void)state;
    struct rill_reactor *r = rill_reactor_new(4);
    struct rill_addr group = group4(), to = loopback(), from = loopback();
    uint32_t member, stranger;
    assert_int_equal(rill_reactor_udp_group(r, &group, true, &member, NULL), 0);
    assert_int_equal(rill_reactor_udp(r, &from, &stranger, NULL, NULL), 0);
    to.port = GROUP_PORT;
    struct rill_path path = {stranger, RILL_PROTO_UDP, to};
    rill_reactor_send(r, &path, rill_view_of("for you alone"));
    struct rill_reactor_event e;
    rill_reactor_next(r, rill_posix_now() + 30 * RILL_MS, &e);
    assert_int_not_equal(e.type, RILL_REACTOR_DATAGRAM);
    rill_reactor_free(r);
}

static void group_on_an_interface_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct rill_reactor *r = rill_reactor_new(1);
    struct rill_addr group = group4();
    struct rill_err why = {0};
    uint32_t socket;
    group.scope = 999999;
    assert_row(rill_reactor_udp_group(r, &group, true, &socket, &why), REACTOR_BIND);
    assert_true(why.value > 0);
    group = group4();
    assert_int_equal(rill_reactor_udp_group(r, &group, true, &socket, NULL), 0);
    assert_row(rill_reactor_udp_group(r, &group, true, &socket, &why), REACTOR_TOO_MANY);
    rill_reactor_free(r);
}

static void links_are_the_interfaces_with_their_indices(void **state)
{
    (void)state;
    struct rill_interface links[64];
    struct rill_addr addrs[64];
    size_t n = rill_posix_links(links, 64);
    assert_int_equal(n, rill_posix_interfaces(addrs, 64));
    for (size_t i = 0; i < n; i++) {
        assert_true(rill_addr_equal(&links[i].addr, &addrs[i]));
        assert_true(links[i].index > 0);
        assert_false(links[i].multicast && rill_addr_is_loopback(&links[i].addr));
    }
}

static void source_toward_loopback_is_loopback(void **state)
{
    (void)state;
    struct rill_addr to = rill_addr_ip4(127, 0, 0, 9, 80), from;
    assert_true(rill_posix_source(&to, &from));
    assert_true(rill_addr_is_loopback(&from));
    assert_int_equal(from.port, 0);
    struct rill_addr none = {0};
    assert_false(rill_posix_source(&none, &from));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(group_carries_to_all_its_members_and_answers_come_to_the_one_who_asked),
        cmocka_unit_test(member_hears_nothing_but_the_group),
        cmocka_unit_test(group_on_an_interface_that_is_not_there_is_refused),
        cmocka_unit_test(links_are_the_interfaces_with_their_indices),
        cmocka_unit_test(source_toward_loopback_is_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
