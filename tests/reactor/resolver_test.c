/* Names without a DNS server, and the order of SRV; with one: tests/interop/names.test.mjs. */
#include "reactor/resolver.h"

#include "tests/reactor/loop.h"

static struct rill_reactor *reactor;
static struct rill_resolver *resolver;

static int fresh(void **state)
{
    (void)state;
    reactor = rill_reactor_new(32);
    resolver = rill_resolver_new(reactor);
    return resolver ? 0 : -1;
}

static int gone(void **state)
{
    (void)state;
    rill_resolver_free(resolver);
    rill_reactor_free(reactor);
    return 0;
}

static struct rill_resolver_answer answer(void)
{
    struct rill_resolver_answer a = {.tag = UINT32_MAX};
    struct rill_reactor_event e;
    int64_t end = rill_posix_now() + PATIENCE;
    while (!rill_resolver_answer(resolver, &a) && rill_posix_now() < end) {
        rill_reactor_next(
            reactor, rill_earlier(end, rill_resolver_deadline(resolver, rill_posix_now())), &e);
        rill_resolver_event(resolver, &e);
        rill_resolver_tick(resolver, rill_posix_now());
    }
    return a;
}

static void resolver_takes_the_text_of_an_address(void **state)
{
    (void)state;
    assert_int_equal(rill_resolver_ask(resolver, 7, "192.0.2.7", "_stun._udp", 3478, NULL), 0);
    struct rill_resolver_answer a = answer();
    assert_int_equal(a.tag, 7);
    assert_int_equal(a.n, 1);
    assert_string_equal(rill_addr_text(&a.addrs[0]).text, "192.0.2.7:3478");
    assert_int_equal(rill_resolver_ask(resolver, 8, "2001:db8::7", NULL, 1, NULL), 0);
    a = answer();
    assert_string_equal(rill_addr_text(&a.addrs[0]).text, "[2001:db8::7]:1");
    assert_false(rill_resolver_is_asking(resolver));
}

/* RFC 6761 §6.3: names below localhost are the loopback address, and no DNS server is asked. */
static void resolver_knows_localhost_without_dns(void **state)
{
    (void)state;
    static const char *const names[] = {"localhost", "LocalHost", "a.localhost"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rill_resolver_ask(resolver, 1, names[i], "_turn._udp", 3478, NULL), 0);
        struct rill_resolver_answer a = answer();
        assert_true(a.n > 0);
        for (size_t k = 0; k < a.n; k++)
            assert_true(rill_addr_is_loopback(&a.addrs[k]) && a.addrs[k].port == 3478);
    }
}

static void resolver_refuses_a_name_that_cannot_be_one(void **state)
{
    (void)state;
    char name[301];
    struct rill_err why;
    memset(name, 'x', 300);
    name[300] = 0;
    assert_row(rill_resolver_ask(resolver, 0, name, NULL, 1, &why), REACTOR_NAME);
    assert_int_equal(why.value, 300);
    assert_row(rill_resolver_ask(resolver, 0, "", NULL, 1, &why), REACTOR_NAME);
    struct rill_addr a;
    assert_row(
        rill_resolver_wait(reactor, "a..b", NULL, 1, rill_posix_now() + PATIENCE, &a, 1, &why),
        REACTOR_RESOLVE);
}

static void resolver_asks_for_so_many_names_and_no_more(void **state)
{
    (void)state;
    struct rill_err why;
    for (unsigned i = 0; i < RILL_RESOLVER_ASKS; i++)
        assert_int_equal(rill_resolver_ask(resolver, i, "127.0.0.1", NULL, 1, &why), 0);
    assert_row(rill_resolver_ask(resolver, 99, "127.0.0.1", NULL, 1, &why),
               REACTOR_RESOLVE_TOO_MANY);
    for (unsigned i = 0; i < RILL_RESOLVER_ASKS; i++)
        assert_int_equal(answer().tag, i);
    assert_int_equal(rill_resolver_ask(resolver, 99, "127.0.0.1", NULL, 1, &why), 0);
}

/* Freed while it asks: no callback comes back to what is gone. */
static void resolver_is_freed_in_the_middle_of_a_question(void **state)
{
    (void)state;
    struct rill_resolver *other = rill_resolver_new(reactor);
    assert_int_equal(rill_resolver_ask(other, 1, "nobody.invalid", "_stun._udp", 1, NULL), 0);
    rill_resolver_free(other);
}

/* RFC 2782: "A client MUST attempt to contact the target host with the lowest-numbered priority it
 * can reach"; among equals a weight of 3 is chosen three times as often as one of 1. */
static void srv_order_is_by_priority_then_by_chance_and_weight(void **state)
{
    (void)state;
    enum { RUNS = 40000 };
    struct rill_rng_seeded seeded;
    rill_rng_seeded_init(&seeded, 1);
    struct rill_rng rng = rill_rng_seeded(&seeded);
    int heavy = 0, zero = 0;
    for (int i = 0; i < RUNS; i++) {
        struct rill_srv r[5] = {{.priority = 20, .weight = 0, .port = 5},
                                {.priority = 10, .weight = 30, .port = 1},
                                {.priority = 10, .weight = 0, .port = 3},
                                {.priority = 10, .weight = 10, .port = 2},
                                {.priority = 9, .weight = 0, .port = 4}};
        rill_srv_order(r, 5, &rng);
        assert_int_equal(r[0].port, 4);
        assert_int_equal(r[4].port, 5);
        heavy += r[1].port == 1;
        zero += r[1].port == 3;
    }
    /* of the 41 numbers that may be drawn, 30 choose the heavy one and one that of weight 0 */
    assert_in_range(heavy, RUNS * 30 / 41 - 600, RUNS * 30 / 41 + 600);
    assert_in_range(zero, RUNS / 41 - 200, RUNS / 41 + 200);
}

static void srv_order_takes_none_and_one(void **state)
{
    (void)state;
    struct rill_rng rng = rill_posix_rng();
    struct rill_srv r = {.port = 9};
    rill_srv_order(&r, 0, &rng);
    rill_srv_order(&r, 1, &rng);
    assert_int_equal(r.port, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(resolver_takes_the_text_of_an_address, fresh, gone),
        cmocka_unit_test_setup_teardown(resolver_knows_localhost_without_dns, fresh, gone),
        cmocka_unit_test_setup_teardown(resolver_refuses_a_name_that_cannot_be_one, fresh, gone),
        cmocka_unit_test_setup_teardown(resolver_asks_for_so_many_names_and_no_more, fresh, gone),
        cmocka_unit_test_setup_teardown(resolver_is_freed_in_the_middle_of_a_question, fresh, gone),
        cmocka_unit_test(srv_order_is_by_priority_then_by_chance_and_weight),
        cmocka_unit_test(srv_order_takes_none_and_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
