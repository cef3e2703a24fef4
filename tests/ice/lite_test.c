/* Lite agents (RFC 8445 §2.5): with a full peer, with a lite one, and what they never do. */
#include "tests/ice/net.h"

static struct net net;

static int gone(void **state)
{
    (void)state;
    net_free(&net);
    return 0;
}

/* Side 0 offers. */
static void begin(bool left, bool right, enum rill_ice_tcp tcp)
{
    net_init(&net, rill_test_seed(), NULL);
    net_replace(&net, 0, (struct rill_ice_config){.lite = left, .tcp = tcp});
    net_replace(&net, 1, (struct rill_ice_config){.lite = right, .tcp = tcp});
    rill_ice_set_controlling(net.side[0].ice, left == right || !left);
    rill_ice_set_controlling(net.side[1].ice, left != right && !right);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(rill_ice_add_server(net.side[i].ice, &net.server), 0);
        net_interface(&net, i, i ? "192.0.2.2" : "192.0.2.1");
    }
}

static void start(bool left, bool right)
{
    for (unsigned i = 0; i < 2; i++)
        rill_ice_gather(net.side[i].ice, 0);
    net_credentials(&net, 0, right);
    net_credentials(&net, 1, left);
}

static void connect(bool left, bool right, enum rill_ice_tcp tcp)
{
    begin(left, right, tcp);
    start(left, right);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
}

static unsigned requests_of(unsigned side)
{
    unsigned n = 0;
    for (size_t i = 0; i < net.n_log; i++)
        n += net.log[i].side == side && net.log[i].request;
    return n;
}

static void lite_agent_is_nominated_by_a_full_one_whoever_offers(void **state)
{
    (void)state;
    for (unsigned lite = 0; lite < 2; lite++) {
        connect(lite == 0, lite == 1, RILL_ICE_TCP_OFF);
        assert_false(rill_ice_is_controlling(net.side[lite].ice));
        assert_true(rill_ice_is_controlling(net.side[1 - lite].ice));
        assert_int_equal(requests_of(lite), 0);
        if (lite == 0)
            net_free(&net);
    }
}

static void lite_agent_gathers_host_candidates_alone(void **state)
{
    (void)state;
    begin(true, false, RILL_ICE_TCP_ALL);
    start(true, false);
    net_run(&net, RILL_MS, false);
    assert_true(net.side[0].gathered); /* no server is awaited */
    assert_int_equal(net.side[0].n_lines, 2);
    assert_non_null(strstr(net.side[0].lines[0], " udp "));
    assert_non_null(strstr(net.side[0].lines[1], "tcptype passive"));
    assert_int_equal(requests_of(0), 0);
}

/* RFC 8445 §12.1.1 */
static void lite_agent_sends_nothing_before_it_is_nominated(void **state)
{
    (void)state;
    struct rill_path path;
    begin(true, false, RILL_ICE_TCP_OFF);
    start(true, false);
    while (!net.side[1].valid && net.now < RILL_SECOND)
        net_run(&net, net.now + RILL_MS, false);
    assert_true(net.side[1].valid);
    assert_false(rill_ice_send_path(net.side[0].ice, &path));
    assert_true(net_connects(&net, RILL_SECOND));
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
}

/* RFC 7675 §1: "an ICE-lite agent does not generate consent checks and will only respond". */
static void lite_agent_asks_for_no_consent_and_lives_by_the_peers(void **state)
{
    (void)state;
    connect(true, false, RILL_ICE_TCP_OFF);
    net_run(&net, net.now + 120 * RILL_SECOND, false);
    assert_int_equal(requests_of(0), 0);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
}

static void lite_agent_notices_that_the_peer_is_gone(void **state)
{
    (void)state;
    connect(true, false, RILL_ICE_TCP_OFF);
    int64_t from = net.now;
    net.mute[1] = true;
    net_run(&net, from + 20 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
    net.mute[1] = false;
    net_run(&net, from + 27 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    net.mute[1] = true;
    net_run(&net, net.now + 37 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
}

static void full_peer_that_changes_its_address_is_followed(void **state)
{
    (void)state;
    struct rill_addr old = net_ip("192.0.2.2", 0), new = net_ip("192.0.2.3", 0);
    struct rill_path path;
    connect(true, false, RILL_ICE_TCP_OFF);
    rill_ice_set_renomination(net.side[0].ice, true);
    rill_ice_set_renomination(net.side[1].ice, true);
    rill_ice_interface_down(net.side[1].ice, net.now, &old);
    net_interface(&net, 1, "192.0.2.3");
    net_run(&net, net.now + 2 * RILL_SECOND, false);
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
    assert_true(rill_addr_same_ip(&path.remote, &new));
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
}

static void restart_of_a_lite_agent_keeps_the_path_until_the_peer_nominates(void **state)
{
    (void)state;
    struct rill_path path;
    connect(true, false, RILL_ICE_TCP_OFF);
    for (unsigned i = 0; i < 2; i++) {
        char words[32];
        rill_rng_ice_chars(&net.rng, words, sizeof words);
        assert_int_equal(rill_ice_restart(net.side[i].ice, net.now, rill_view_at(words, 8),
                                          rill_view_at(words + 8, 24)),
                         0);
    }
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
    net_credentials(&net, 0, false);
    net_credentials(&net, 1, true);
    net.side[0].state = net.side[1].state = RILL_ICE_CHECKING;
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    assert_int_equal(requests_of(0), 0);
}

/* A peer that claims to be controlled as well is wrong, and is told. */
static void lite_agent_never_controls_a_full_one(void **state)
{
    (void)state;
    begin(true, false, RILL_ICE_TCP_OFF);
    start(true, false);
    rill_ice_set_controlling(net.side[1].ice, false);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_false(rill_ice_is_controlling(net.side[0].ice));
    assert_true(rill_ice_is_controlling(net.side[1].ice));
}

/* RFC 8445 §6.1.1: "no connectivity checks are ever sent". */
static void two_lite_agents_take_the_same_pair_without_a_word(void **state)
{
    (void)state;
    struct rill_path path[2];
    begin(true, true, RILL_ICE_TCP_OFF);
    net_interface(&net, 0, "2001:db8::1");
    net_interface(&net, 1, "2001:db8::2");
    start(true, true);
    assert_true(net_connects(&net, RILL_SECOND));
    assert_true(rill_ice_is_controlling(net.side[0].ice));
    assert_false(rill_ice_is_controlling(net.side[1].ice));
    for (unsigned i = 0; i < 2; i++) {
        assert_true(rill_ice_send_path(net.side[i].ice, &path[i]));
        assert_true(rill_ice_is_validated(net.side[i].ice, &path[i]));
        assert_int_equal(path[i].remote.family, RILL_ADDR_IP6);
    }
    net_run(&net, 120 * RILL_SECOND, false);
    assert_int_equal(net.n_log, 0);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
}

static void full_agent_reaches_a_lite_one_over_tcp(void **state)
{
    (void)state;
    struct rill_ice_pair_info info;
    begin(true, false, RILL_ICE_TCP_ON);
    net.no_udp = true;
    start(true, false);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_true(rill_ice_pair_info(net.side[0].ice, &info));
    assert_int_equal(info.local.tcptype, RILL_ICE_TCP_PASSIVE);
    assert_int_equal(requests_of(0), 0);
}

#define IN_NET(f) cmocka_unit_test_teardown(f, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_NET(lite_agent_is_nominated_by_a_full_one_whoever_offers),
        IN_NET(lite_agent_gathers_host_candidates_alone),
        IN_NET(lite_agent_sends_nothing_before_it_is_nominated),
        IN_NET(lite_agent_asks_for_no_consent_and_lives_by_the_peers),
        IN_NET(lite_agent_notices_that_the_peer_is_gone),
        IN_NET(full_peer_that_changes_its_address_is_followed),
        IN_NET(restart_of_a_lite_agent_keeps_the_path_until_the_peer_nominates),
        IN_NET(lite_agent_never_controls_a_full_one),
        IN_NET(two_lite_agents_take_the_same_pair_without_a_word),
        IN_NET(full_agent_reaches_a_lite_one_over_tcp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
