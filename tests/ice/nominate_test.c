/* Nomination: aggressive, again (draft-thatcher-ice-renomination), and when addresses come and go.
 */
#include "tests/ice/net.h"
#include "tests/ice/solo.h"

/* --- a controlled agent and a peer written by hand ------------------------------------------- */

static struct solo s;

static int controlled(void **state)
{
    (void)state;
    solo_init(&s, (struct rill_ice_config){0});
    solo_start(&s);
    return 0;
}

static int controlling(void **state)
{
    (void)state;
    solo_init(&s, (struct rill_ice_config){0});
    rill_ice_set_controlling(s.ice, true);
    solo_start(&s);
    return 0;
}

static int solo_gone(void **state)
{
    (void)state;
    solo_free(&s);
    return 0;
}

static struct rill_addr from_port(uint16_t port)
{
    return solo_ip("192.0.2.9", port);
}

/* value 0: without NOMINATION. Our checks are answered. */
static void ask(uint16_t port, uint32_t priority, bool use_candidate, uint32_t value)
{
    struct rill_stun_writer w;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":peer");
    rill_stun_put_u32(&w, RILL_STUN_PRIORITY, priority);
    rill_stun_put_u64(
        &w, rill_ice_is_controlling(s.ice) ? RILL_STUN_ICE_CONTROLLED : RILL_STUN_ICE_CONTROLLING,
        1);
    if (use_candidate)
        rill_stun_put(&w, RILL_STUN_USE_CANDIDATE, (struct rill_view){0});
    if (value)
        rill_stun_put_u32(&w, RILL_STUN_NOMINATION, value);
    assert_int_equal(solo_finish(&s, &w, rill_ice_pwd(s.ice), from_port(port)), 1);
    while (solo_output(&s))
        if (s.m.class == RILL_STUN_REQUEST)
            assert_int_equal(solo_success(&s), 1);
    solo_advance(&s, 50 * RILL_MS);
}

static uint16_t send_port(void)
{
    struct rill_path path;
    return rill_ice_send_path(s.ice, &path) ? path.remote.port : 0;
}

static unsigned selections(void)
{
    struct rill_ice_event e;
    unsigned n = 0;
    while (solo_event(&s, RILL_ICE_EVENT_SELECTED, &e))
        n++;
    return n;
}

static void use_candidate_on_every_check_makes_nothing_flap(void **state)
{
    (void)state;
    unsigned n = 0;
    for (int i = 0; i < 20; i++) {
        ask(1, 1000, true, 0);
        n += selections();
        ask(2, 2000, true, 0);
        n += selections();
    }
    assert_int_equal(send_port(), 2);
    assert_int_equal(n, 2);
}

static void nomination_alone_nominates_where_renomination_was_agreed(void **state)
{
    (void)state;
    rill_ice_set_renomination(s.ice, true);
    ask(1, 1000, false, 1);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_COMPLETED);
    assert_int_equal(send_port(), 1);
}

static void nomination_means_nothing_where_renomination_was_not_agreed(void **state)
{
    (void)state;
    ask(1, 1000, false, 1);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CONNECTED);
}

static void larger_nomination_wins_whatever_the_priority(void **state)
{
    (void)state;
    rill_ice_set_renomination(s.ice, true);
    ask(3, 3000, false, 1);
    ask(1, 1000, false, 2);
    assert_int_equal(send_port(), 1);
    ask(2, 2000, false, 3);
    assert_int_equal(send_port(), 2);
}

/* §4: "To deal with out-of-order delivery of nominations". */
static void smaller_nomination_that_comes_late_is_too_late(void **state)
{
    (void)state;
    rill_ice_set_renomination(s.ice, true);
    ask(1, 1000, false, 5);
    ask(3, 3000, false, 4);
    assert_int_equal(send_port(), 1);
    ask(3, 3000, true, 0);
    assert_int_equal(send_port(), 1);
    ask(3, 3000, false, 0x01000006); /* 24 bits count */
    assert_int_equal(send_port(), 3);
}

static void last_nomination_without_a_value_wins_where_renomination_was_agreed(void **state)
{
    (void)state;
    rill_ice_set_renomination(s.ice, true);
    ask(3, 3000, true, 0);
    ask(1, 1000, true, 0);
    assert_int_equal(send_port(), 1);
}

static void controlling_agent_takes_no_nomination(void **state)
{
    (void)state;
    rill_ice_set_renomination(s.ice, true);
    ask(1, 1000, false, 9);
    struct rill_path path;
    assert_true(rill_ice_send_path(s.ice, &path));
    assert_int_equal(selections(), 0);
}

/* Runs for a while, answering all checks; the values of the nominations that were sent. */
static size_t nominations(int64_t during, uint32_t *values, uint16_t *ports, size_t cap)
{
    size_t n = 0;
    for (int64_t t = 0; t < during; t += 10 * RILL_MS) {
        struct rill_ice_event e;
        struct rill_view v;
        while (rill_ice_event(s.ice, &e))
            continue;
        while (solo_output(&s)) {
            if (s.m.class != RILL_STUN_REQUEST)
                continue;
            if (rill_stun_find(&s.m, RILL_STUN_USE_CANDIDATE, &v)) {
                assert_true(n < cap);
                values[n] = 0;
                (void)rill_stun_get_u32(&s.m, RILL_STUN_NOMINATION, &values[n]);
                ports[n++] = s.path.remote.port;
            }
            assert_int_equal(solo_success(&s), 1);
        }
        solo_advance(&s, 10 * RILL_MS);
    }
    return n;
}

static void better_pair_that_comes_later_is_nominated_again(void **state)
{
    (void)state;
    uint32_t values[4];
    uint16_t ports[4];
    rill_ice_set_renomination(s.ice, true);
    assert_int_equal(solo_remote(&s, "candidate:1 1 udp 1000 192.0.2.9 1 typ host"), 0);
    assert_int_equal(nominations(RILL_SECOND, values, ports, 4), 1);
    assert_int_equal(values[0], 1);
    assert_int_equal(solo_remote(&s, "candidate:2 1 udp 2000 192.0.2.9 2 typ host"), 0);
    assert_int_equal(nominations(RILL_SECOND, values, ports, 4), 1);
    assert_int_equal(values[0], 2);
    assert_int_equal(ports[0], 2);
    assert_int_equal(send_port(), 2);
    /* A worse one changes nothing, and is not even checked. */
    assert_int_equal(solo_remote(&s, "candidate:3 1 udp 1500 192.0.2.9 3 typ host"), 0);
    assert_int_equal(nominations(RILL_SECOND, values, ports, 4), 0);
}

/* RFC 8445 §8.1.1: "the controlling agent MUST NOT nominate another candidate pair". */
static void pair_is_nominated_once_where_renomination_was_not_agreed(void **state)
{
    (void)state;
    uint32_t values[4];
    uint16_t ports[4];
    assert_int_equal(solo_remote(&s, "candidate:1 1 udp 1000 192.0.2.9 1 typ host"), 0);
    assert_int_equal(nominations(RILL_SECOND, values, ports, 4), 1);
    assert_int_equal(values[0], 0);
    assert_int_equal(solo_remote(&s, "candidate:2 1 udp 2000 192.0.2.9 2 typ host"), 0);
    assert_int_equal(nominations(RILL_SECOND, values, ports, 4), 0);
    assert_int_equal(send_port(), 1);
}

/* --- two agents whose addresses change -------------------------------------------------------- */

static struct net net;

static int net_gone(void **state)
{
    (void)state;
    net_free(&net);
    return 0;
}

static void connect(bool renomination, unsigned controls, int64_t calm)
{
    net_init(&net, rill_test_seed(), NULL);
    for (unsigned i = 0; i < 2; i++) {
        rill_ice_set_controlling(net.side[i].ice, i == controls);
        rill_ice_set_renomination(net.side[i].ice, renomination);
    }
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
    net_start(&net);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    net_run(&net, net.now + calm, false);
}

/* Each side sends to where the other one is. */
static bool agree(const char *left, const char *right)
{
    struct rill_path a, b;
    struct rill_addr l = net_ip(left, 0), r = net_ip(right, 0);
    return rill_ice_send_path(net.side[0].ice, &a) && rill_ice_send_path(net.side[1].ice, &b) &&
           rill_addr_same_ip(&a.remote, &r) && rill_addr_same_ip(&b.remote, &l);
}

static int64_t time_to_agree(const char *left, const char *right)
{
    int64_t from = net.now;
    while (!agree(left, right) && net.now - from < 30 * RILL_SECOND)
        net_run(&net, net.now + 20 * RILL_MS, false);
    return net.now - from;
}

/* Whoever controls, whether or not the peer knows renomination, early in the call and late. */
static void address_that_changes_moves_the_call_in_two_seconds(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 8; k++) {
        struct rill_addr old = net_ip("192.0.2.1", 0);
        connect(k & 1, k >> 1 & 1, k & 4 ? 100 * RILL_MS : 20 * RILL_SECOND);
        rill_ice_interface_down(net.side[0].ice, net.now, &old);
        net_run(&net, net.now + 100 * RILL_MS, false);
        net_interface(&net, 0, "192.0.2.3");
        int64_t took = time_to_agree("192.0.2.3", "192.0.2.2");
        if (took > 2 * RILL_SECOND)
            fail_msg("case %u: %d ms", k, (int)(took / RILL_MS));
        net_run(&net, net.now + 60 * RILL_SECOND, false);
        assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
        assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
        assert_true(agree("192.0.2.3", "192.0.2.2"));
        if (k < 7)
            net_free(&net);
    }
}

/* The nomination goes to an address that is no more, and no answer will come. */
static void address_that_changes_during_the_nomination_moves_it(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 4; k++) {
        unsigned mover = k >> 1; /* side 0 controls */
        struct rill_addr old = net_ip(mover ? "192.0.2.2" : "192.0.2.1", 0);
        net_init(&net, rill_test_seed(), NULL);
        rill_ice_set_renomination(net.side[0].ice, k & 1);
        rill_ice_set_renomination(net.side[1].ice, k & 1);
        net_interface(&net, 0, "192.0.2.1");
        net_interface(&net, 1, "192.0.2.2");
        net_start(&net);
        while (!net.side[0].valid && net.now < RILL_SECOND)
            net_run(&net, net.now + RILL_MS, false);
        net_run(&net, net.now + RILL_MS, false);
        assert_false(net.side[0].selected);
        rill_ice_interface_down(net.side[mover].ice, net.now, &old);
        net_interface(&net, mover, mover ? "192.0.2.4" : "192.0.2.3");
        int64_t took =
            time_to_agree(mover ? "192.0.2.1" : "192.0.2.3", mover ? "192.0.2.4" : "192.0.2.2");
        if (took > 4 * RILL_SECOND)
            fail_msg("case %u: %d ms", k, (int)(took / RILL_MS));
        net_run(&net, net.now + 60 * RILL_SECOND, false);
        assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
        assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
        if (k < 3)
            net_free(&net);
    }
}

static void connect_both_families(bool renomination, unsigned controls)
{
    net_init(&net, rill_test_seed(), NULL);
    for (unsigned i = 0; i < 2; i++) {
        rill_ice_set_controlling(net.side[i].ice, i == controls);
        rill_ice_set_renomination(net.side[i].ice, renomination);
        net_interface(&net, i, i ? "192.0.2.2" : "192.0.2.1");
        net_interface(&net, i, i ? "2001:db8::2" : "2001:db8::1");
    }
    net_start(&net);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    net_run(&net, net.now + 20 * RILL_SECOND, false);
    assert_true(agree("2001:db8::1", "2001:db8::2"));
}

/* The draft's own example: the good network goes, and comes back. */
static void better_interface_that_comes_back_is_moved_to_by_renomination_alone(void **state)
{
    (void)state;
    for (unsigned renomination = 0; renomination < 2; renomination++) {
        struct rill_addr good = net_ip("2001:db8::1", 0);
        connect_both_families(renomination, 0);
        rill_ice_interface_down(net.side[0].ice, net.now, &good);
        assert_true(time_to_agree("192.0.2.1", "192.0.2.2") < 2 * RILL_SECOND);
        net_run(&net, net.now + 20 * RILL_SECOND, false);
        net_interface(&net, 0, "2001:db8::1");
        net_run(&net, net.now + 2 * RILL_SECOND, false);
        assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
        assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
        assert_int_equal(agree("2001:db8::1", "2001:db8::2"), renomination);
        assert_int_equal(agree("192.0.2.1", "192.0.2.2"), !renomination);
        if (renomination == 0)
            net_free(&net);
    }
}

/* Nobody tells either agent: consent notices, and the checks of the other pair go on. */
static void path_that_dies_in_silence_is_left_for_another(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 4; k++) {
        connect_both_families(k & 1, k >> 1);
        net.dead = net_ip("2001:db8::2", 0);
        assert_true(time_to_agree("192.0.2.1", "192.0.2.2") < 20 * RILL_SECOND);
        net_run(&net, net.now + 60 * RILL_SECOND, false);
        assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
        assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
        if (k < 3)
            net_free(&net);
    }
}

#define CONTROLLED(f) cmocka_unit_test_setup_teardown(f, controlled, solo_gone)
#define CONTROLLING(f) cmocka_unit_test_setup_teardown(f, controlling, solo_gone)
#define IN_NET(f) cmocka_unit_test_teardown(f, net_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONTROLLED(use_candidate_on_every_check_makes_nothing_flap),
        CONTROLLED(nomination_alone_nominates_where_renomination_was_agreed),
        CONTROLLED(nomination_means_nothing_where_renomination_was_not_agreed),
        CONTROLLED(larger_nomination_wins_whatever_the_priority),
        CONTROLLED(smaller_nomination_that_comes_late_is_too_late),
        CONTROLLED(last_nomination_without_a_value_wins_where_renomination_was_agreed),
        CONTROLLING(controlling_agent_takes_no_nomination),
        CONTROLLING(better_pair_that_comes_later_is_nominated_again),
        CONTROLLING(pair_is_nominated_once_where_renomination_was_not_agreed),
        IN_NET(address_that_changes_moves_the_call_in_two_seconds),
        IN_NET(address_that_changes_during_the_nomination_moves_it),
        IN_NET(better_interface_that_comes_back_is_moved_to_by_renomination_alone),
        IN_NET(path_that_dies_in_silence_is_left_for_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
