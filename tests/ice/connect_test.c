/* Two agents find each other: over a plain network, through NATs, with loss, with roles that
 * conflict, with a lite peer, with candidates in any order or none. */
#include "tests/ice/net.h"

static struct net net;

static int fresh(void **state)
{
    (void)state;
    net_init(&net, rill_test_seed(), NULL);
    return 0;
}

static int gone(void **state)
{
    (void)state;
    net_free(&net);
    return 0;
}

static void both_on_one_network(void)
{
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
}

static void two_agents_on_one_network_complete_and_agree(void **state)
{
    (void)state;
    both_on_one_network();
    net_start(&net);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    struct rill_path a, b;
    assert_true(rill_ice_send_path(net.side[0].ice, &a));
    assert_true(rill_ice_send_path(net.side[1].ice, &b));
    assert_true(rill_addr_equal(&a.remote, &net.side[1].sockets[0].addr));
    assert_true(rill_addr_equal(&b.remote, &net.side[0].sockets[0].addr));
    assert_true(net.side[0].valid && net.side[1].valid);
}

static void only_pair_possible_is_nominated_without_delay(void **state)
{
    (void)state;
    both_on_one_network();
    net_start(&net);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    /* Check and answer, nomination and answer: four ways of 10 ms, and one Ta between. */
    assert_true(net.side[0].selected_at <= 100 * RILL_MS);
}

static void dual_stack_agents_prefer_ip6(void **state)
{
    (void)state;
    both_on_one_network();
    net_interface(&net, 0, "2001:db8::1");
    net_interface(&net, 1, "2001:db8::2");
    net_start(&net);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    assert_int_equal(net.side[0].selected_path.remote.family, RILL_ADDR_IP6);
    assert_int_equal(net.side[1].selected_path.remote.family, RILL_ADDR_IP6);
}

static void add_server(unsigned side)
{
    assert_int_equal(rill_ice_add_server(net.side[side].ice, &net.server), 0);
}

static void behind(enum net_nat left, enum net_nat right)
{
    net_interface(&net, 0, "10.0.0.1");
    net_interface(&net, 1, "10.0.1.1");
    net_nat(&net, 0, left, "203.0.113.1");
    net_nat(&net, 1, right, "203.0.113.2");
    add_server(0);
    add_server(1);
    net_start(&net);
}

static void two_cone_nats_are_crossed_by_server_reflexive_candidates(void **state)
{
    (void)state;
    behind(NET_CONE, NET_CONE);
    assert_true(net_connects(&net, 10 * RILL_SECOND));
    struct rill_ice_pair_info info;
    assert_true(rill_ice_pair_info(net.side[0].ice, &info));
    assert_int_equal(info.local.type, RILL_ICE_SRFLX);
    assert_int_equal(info.remote.type, RILL_ICE_SRFLX);
    assert_true(info.nominated);
    assert_int_equal(info.rtt, 2 * net.delay);
}

static void symmetric_nat_shows_peer_reflexive_candidates_on_both_ends(void **state)
{
    (void)state;
    net_interface(&net, 0, "10.0.0.1");
    net_interface(&net, 1, "192.0.2.2");
    net_nat(&net, 0, NET_SYMMETRIC, "203.0.113.1");
    add_server(0);
    net_start(&net);
    assert_true(net_connects(&net, 10 * RILL_SECOND));
    struct rill_ice_pair_info info;
    assert_true(rill_ice_pair_info(net.side[0].ice, &info));
    assert_int_equal(info.local.type, RILL_ICE_PRFLX);
    assert_true(rill_ice_pair_info(net.side[1].ice, &info));
    assert_int_equal(info.remote.type, RILL_ICE_PRFLX);
}

static void agent_without_remote_candidates_connects_by_the_peers_requests(void **state)
{
    (void)state;
    net.trickle = false;
    both_on_one_network();
    net_start(&net);
    net_run(&net, 100 * RILL_MS, false);
    /* One side alone hears of the other. */
    assert_int_equal(rill_ice_add_remote_candidate(net.side[0].ice, net.now,
                                                   rill_view_of(net.side[1].lines[0]), NULL),
                     0);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    struct rill_ice_pair_info info;
    assert_true(rill_ice_pair_info(net.side[1].ice, &info));
    assert_int_equal(info.remote.type, RILL_ICE_PRFLX);
}

static void candidates_before_the_credentials_are_kept(void **state)
{
    (void)state;
    both_on_one_network();
    rill_ice_gather(net.side[0].ice, net.now);
    rill_ice_gather(net.side[1].ice, net.now);
    net_run(&net, RILL_SECOND, false);
    assert_int_equal(net.n_log, 0);
    net_credentials(&net, 0, false);
    net_credentials(&net, 1, false);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
}

static void request_before_the_credentials_is_answered_and_remembered(void **state)
{
    (void)state;
    net.trickle = false;
    both_on_one_network();
    rill_ice_gather(net.side[0].ice, net.now);
    rill_ice_gather(net.side[1].ice, net.now);
    net_credentials(&net, 0, false);
    net_run(&net, 100 * RILL_MS, false);
    rill_ice_add_remote_candidate(net.side[0].ice, net.now, rill_view_of(net.side[1].lines[0]),
                                  NULL);
    net_run(&net, RILL_SECOND, false);
    assert_true(net.side[0].valid);
    assert_int_equal(rill_ice_state(net.side[1].ice), RILL_ICE_NEW);
    net_credentials(&net, 1, false);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
}

static unsigned requests_of(unsigned side, bool use_candidate)
{
    unsigned n = 0;
    for (size_t i = 0; i < net.n_log; i++)
        n += net.log[i].side == side && net.log[i].request &&
             net.log[i].use_candidate == use_candidate;
    return n;
}

static void controlling_side_alone_sends_use_candidate(void **state)
{
    (void)state;
    both_on_one_network();
    net_start(&net);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    assert_true(requests_of(0, true) > 0);
    assert_int_equal(requests_of(1, true), 0);
}

static void one_controls(void)
{
    assert_true(rill_ice_is_controlling(net.side[0].ice) !=
                rill_ice_is_controlling(net.side[1].ice));
}

static void two_controlling_agents_settle_their_roles(void **state)
{
    (void)state;
    rill_ice_set_controlling(net.side[1].ice, true);
    both_on_one_network();
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    one_controls();
}

static void two_controlled_agents_settle_their_roles(void **state)
{
    (void)state;
    rill_ice_set_controlling(net.side[0].ice, false);
    both_on_one_network();
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    one_controls();
}

/* RFC 8445 §6.1.1: of a full agent and a lite one the full one controls. */
static void full_agent_facing_a_lite_one_takes_control(void **state)
{
    (void)state;
    both_on_one_network();
    assert_false(rill_ice_is_controlling(net.side[1].ice));
    net_credentials(&net, 1, true);
    assert_true(rill_ice_is_controlling(net.side[1].ice));
}

/* A lite peer answers and never asks: the same agent with its own requests cut off. */
static void peer_that_only_answers_is_nominated(void **state)
{
    (void)state;
    net.trickle = false;
    both_on_one_network();
    rill_ice_gather(net.side[0].ice, net.now);
    rill_ice_gather(net.side[1].ice, net.now);
    net_credentials(&net, 0, true);
    net_run(&net, 10 * RILL_MS, false);
    rill_ice_add_remote_candidate(net.side[0].ice, net.now, rill_view_of(net.side[1].lines[0]),
                                  NULL);
    net_run(&net, 5 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    assert_true(requests_of(0, true) > 0);
}

static void dead_stun_server_delays_only_the_end_of_gathering(void **state)
{
    (void)state;
    net.server_dead = true;
    both_on_one_network();
    add_server(0);
    add_server(1);
    net_start(&net);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    assert_false(net.side[0].gathered);
    net_run(&net, 20 * RILL_SECOND, false);
    assert_true(net.side[0].gathered);
    assert_in_range(net.side[0].gathered_at, 10 * RILL_SECOND, 12 * RILL_SECOND);
    assert_int_equal(net.side[0].n_lines, 1);
}

static void server_reflexive_candidate_equal_to_the_host_is_not_sent(void **state)
{
    (void)state;
    both_on_one_network();
    add_server(0);
    net_start(&net);
    net_run(&net, 5 * RILL_SECOND, false);
    assert_true(net.side[0].gathered);
    assert_int_equal(net.side[0].n_lines, 1);
}

static void gathering_behind_a_nat_yields_host_and_server_reflexive(void **state)
{
    (void)state;
    behind(NET_CONE, NET_CONE);
    net_run(&net, RILL_SECOND, false);
    assert_int_equal(net.side[0].n_lines, 2);
    assert_non_null(strstr(net.side[0].lines[1], "typ srflx raddr 10.0.0.1 rport 5001"));
}

static void twenty_percent_burst_loss_and_300_ms_do_not_hinder_a_call(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        net_free(&net);
        net_init(&net, rill_test_seed() * 1000 + seed, NULL);
        net.loss = 200;
        net.delay = 300 * RILL_MS;
        behind(NET_CONE, seed % 2 ? NET_CONE : NET_OPEN);
        if (!net_connects(&net, 30 * RILL_SECOND))
            fail_msg("seed %u did not connect in 30 s", (unsigned)seed);
    }
}

static void same_seed_gives_the_same_datagrams(void **state)
{
    (void)state;
    uint64_t first = 0;
    for (int run = 0; run < 2; run++) {
        net_free(&net);
        net_init(&net, 77, NULL);
        net.loss = 100;
        behind(NET_CONE, NET_SYMMETRIC);
        net_run(&net, 20 * RILL_SECOND, false);
        assert_true(net.n_log > 10);
        if (run == 1)
            assert_true(first == net.hash);
        first = net.hash;
    }
}

static void other_seed_gives_other_datagrams(void **state)
{
    (void)state;
    uint64_t first = 0;
    for (int run = 0; run < 2; run++) {
        net_free(&net);
        net_init(&net, 77 + (uint64_t)run, NULL);
        behind(NET_CONE, NET_CONE);
        net_run(&net, 2 * RILL_SECOND, false);
        assert_true(run == 0 || first != net.hash);
        first = net.hash;
    }
}

#define IN_NET(f) cmocka_unit_test_setup_teardown(f, fresh, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_NET(two_agents_on_one_network_complete_and_agree),
        IN_NET(only_pair_possible_is_nominated_without_delay),
        IN_NET(dual_stack_agents_prefer_ip6),
        IN_NET(two_cone_nats_are_crossed_by_server_reflexive_candidates),
        IN_NET(symmetric_nat_shows_peer_reflexive_candidates_on_both_ends),
        IN_NET(agent_without_remote_candidates_connects_by_the_peers_requests),
        IN_NET(candidates_before_the_credentials_are_kept),
        IN_NET(request_before_the_credentials_is_answered_and_remembered),
        IN_NET(controlling_side_alone_sends_use_candidate),
        IN_NET(two_controlling_agents_settle_their_roles),
        IN_NET(two_controlled_agents_settle_their_roles),
        IN_NET(full_agent_facing_a_lite_one_takes_control),
        IN_NET(peer_that_only_answers_is_nominated),
        IN_NET(dead_stun_server_delays_only_the_end_of_gathering),
        IN_NET(server_reflexive_candidate_equal_to_the_host_is_not_sent),
        IN_NET(gathering_behind_a_nat_yields_host_and_server_reflexive),
        IN_NET(twenty_percent_burst_loss_and_300_ms_do_not_hinder_a_call),
        IN_NET(same_seed_gives_the_same_datagrams),
        IN_NET(other_seed_gives_other_datagrams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
