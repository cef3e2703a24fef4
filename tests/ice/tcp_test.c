/* ICE-TCP (RFC 6544): who may connect to whom, what UDP comes before, and what a connection that is
 * lost, hostile or not needed costs. */
#include "tests/ice/net.h"

static struct net net;

static void init(enum rill_ice_tcp left, enum rill_ice_tcp right)
{
    struct rill_ice_config config = {.tcp = left};
    net_init(&net, rill_test_seed(), &config);
    free(net.side[1].block);
    config.tcp = right;
    net_side_init(&net, 1, rill_test_seed(), &config);
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
}

static int gone(void **state)
{
    (void)state;
    net_free(&net);
    return 0;
}

static struct rill_ice_pair_info selected(unsigned side)
{
    struct rill_ice_pair_info info;
    assert_true(rill_ice_pair_info(net.side[side].ice, &info));
    return info;
}

static size_t open_connections(void)
{
    size_t n = 0;
    for (size_t i = 0; i < net.n_connections; i++)
        n += net.connections[i].open;
    return n;
}

static void host_candidates_are_active_passive_and_so(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ALL, RILL_ICE_TCP_ALL);
    net_start(&net);
    net_run(&net, RILL_MS, false);
    const char *want[] = {
        " udp 2130706431 192.0.2.1 5001 typ host ufrag",
        " tcp 1524629503 192.0.2.1 9 typ host tcptype active ufrag",
        " tcp 1520435199 192.0.2.1 5002 typ host tcptype passive ufrag",
        " tcp 1516240895 192.0.2.1 5003 typ host tcptype so ufrag",
    };
    assert_int_equal(net.side[0].n_lines, 4);
    for (size_t k = 0; k < 4; k++) {
        bool found = false;
        for (size_t i = 0; i < 4; i++)
            found = found || strstr(net.side[0].lines[i], want[k]);
        if (!found)
            fail_msg("there is no candidate%s", want[k]);
    }
}

static void two_agents_meet_over_tcp_alone(void **state)
{
    (void)state;
    struct rill_path path;
    init(RILL_ICE_TCP_ONLY, RILL_ICE_TCP_ONLY);
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(selected(i).local.proto, RILL_PROTO_TCP);
        assert_int_equal(selected(i).remote.proto, RILL_PROTO_TCP);
        assert_true(rill_ice_send_path(net.side[i].ice, &path));
        assert_int_equal(path.proto, RILL_PROTO_FRAMED);
        assert_true(rill_ice_is_validated(net.side[i].ice, &path));
    }
}

/* The one is active where the other is passive: each shows one peer-reflexive end. */
static void both_ends_agree_on_one_connection(void **state)
{
    (void)state;
    struct rill_path a, b;
    init(RILL_ICE_TCP_ONLY, RILL_ICE_TCP_ONLY);
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_true(rill_ice_send_path(net.side[0].ice, &a));
    assert_true(rill_ice_send_path(net.side[1].ice, &b));
    assert_int_equal((a.socket - 1000) / 2, (b.socket - 1000) / 2);
    assert_int_not_equal(a.socket, b.socket);
}

static void lone_active_side_reaches_a_passive_one(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ON, RILL_ICE_TCP_ON);
    net.no_udp = true;
    net.only = "tcptype passive";
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_int_equal(selected(0).local.proto, RILL_PROTO_TCP);
}

static void simultaneous_open_meets_simultaneous_open(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ONLY, RILL_ICE_TCP_ONLY);
    net.only = "tcptype so";
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_int_equal(selected(0).local.tcptype, RILL_ICE_TCP_SO);
    assert_int_equal(selected(1).local.tcptype, RILL_ICE_TCP_SO);
}

static void udp_is_chosen_where_it_works_and_no_later_for_tcp(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_OFF, RILL_ICE_TCP_OFF);
    net_start(&net);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    int64_t alone = net.side[0].selected_at;
    net_free(&net);
    init(RILL_ICE_TCP_ALL, RILL_ICE_TCP_ALL);
    net_start(&net);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    assert_int_equal(selected(0).local.proto, RILL_PROTO_UDP);
    assert_true(net.side[0].selected_at <= alone);
    net_run(&net, net.now + 60 * RILL_SECOND, false);
    assert_int_equal(open_connections(), 0);
}

static void blocked_udp_leaves_tcp_within_two_seconds(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ON, RILL_ICE_TCP_ON);
    net.no_udp = true;
    net_start(&net);
    assert_true(net_connects(&net, 10 * RILL_SECOND));
    assert_true(net.side[0].valid_at < RILL_SECOND);
    assert_true(net.side[0].selected_at < 2 * RILL_SECOND);
    assert_int_equal(selected(0).local.proto, RILL_PROTO_TCP);
    assert_int_equal(selected(1).local.proto, RILL_PROTO_TCP);
}

/* A datagram's path is slower here than TCP's, so TCP is valid first. */
static void slow_udp_still_comes_before_tcp(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ON, RILL_ICE_TCP_ON);
    net.no_udp = true;
    net_start(&net);
    net_run(&net, 450 * RILL_MS, false);
    assert_true(net.side[0].valid);
    assert_false(net.side[0].selected);
    net.no_udp = false;
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    assert_int_equal(selected(0).local.proto, RILL_PROTO_UDP);
}

static void agent_that_wants_no_tcp_passes_its_candidates_over(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_OFF, RILL_ICE_TCP_ONLY);
    net_start(&net);
    assert_false(net_connects(&net, 5 * RILL_SECOND));
    assert_int_equal(net.n_connections, 0);
}

static void connections_that_lost_are_closed(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ONLY, RILL_ICE_TCP_ONLY);
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_true(net.n_connections > 1);
    net_run(&net, net.now + 60 * RILL_SECOND, false);
    assert_int_equal(open_connections(), 1);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
}

static size_t connection_in_use(void)
{
    struct rill_path path;
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
    return (path.socket - 1000) / 2;
}

static void lost_connection_is_made_again(void **state)
{
    (void)state;
    for (unsigned controls = 0; controls < 2; controls++) {
        init(RILL_ICE_TCP_ON, RILL_ICE_TCP_ON);
        net.no_udp = true;
        rill_ice_set_controlling(net.side[0].ice, controls == 0);
        rill_ice_set_controlling(net.side[1].ice, controls == 1);
        net_start(&net);
        assert_true(net_connects(&net, 5 * RILL_SECOND));
        net_run(&net, net.now + 40 * RILL_SECOND, false);
        size_t old = connection_in_use();
        net_break(&net, old);
        net_run(&net, net.now + 15 * RILL_MS, false);
        assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
        net_run(&net, net.now + 2 * RILL_SECOND, false);
        assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
        assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
        assert_int_not_equal(connection_in_use(), old);
        net_run(&net, net.now + 60 * RILL_SECOND, false);
        assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
        assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
        if (controls == 0)
            net_free(&net);
    }
}

static void connection_that_cannot_be_made_again_fails_with_consent(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ONLY, RILL_ICE_TCP_ONLY);
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    net_run(&net, net.now + 40 * RILL_SECOND, false);
    net.no_tcp = true;
    net_break(&net, connection_in_use());
    net_run(&net, net.now + 24 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
    net_run(&net, net.now + 7 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
    assert_int_equal(net.side[1].state, RILL_ICE_FAILED);
}

static void restart_keeps_the_connection(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ONLY, RILL_ICE_TCP_ONLY);
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    net_run(&net, net.now + 40 * RILL_SECOND, false);
    size_t old = connection_in_use();
    for (unsigned i = 0; i < 2; i++) {
        char words[32];
        rill_rng_ice_chars(&net.rng, words, sizeof words);
        assert_int_equal(rill_ice_restart(net.side[i].ice, net.now, rill_view_at(words, 8),
                                          rill_view_at(words + 8, 24)),
                         0);
    }
    net_credentials(&net, 0, false);
    net_credentials(&net, 1, false);
    net.side[0].state = net.side[1].state = RILL_ICE_CHECKING;
    assert_true(net.connections[old].open);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_true(net.connections[old].open);
    assert_int_equal(connection_in_use(), old);
}

static void interface_that_goes_closes_listener_and_connections(void **state)
{
    (void)state;
    struct rill_addr a = net_ip("192.0.2.1", 0);
    init(RILL_ICE_TCP_ONLY, RILL_ICE_TCP_ONLY);
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    rill_ice_interface_down(net.side[0].ice, net.now, &a);
    net_run(&net, net.now + RILL_SECOND, false);
    assert_int_equal(open_connections(), 0);
    assert_int_equal(net.side[0].n_sockets, 0);
    net_interface(&net, 0, "192.0.2.3");
    net_run(&net, net.now + 5 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
}

static void close_gives_every_socket_back(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ALL, RILL_ICE_TCP_ALL);
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    for (unsigned i = 0; i < 2; i++)
        rill_ice_close(net.side[i].ice, net.now);
    net_run(&net, net.now + RILL_SECOND, false);
    assert_int_equal(open_connections(), 0);
    assert_int_equal(net.side[0].n_sockets, 0);
    assert_int_equal(net.side[1].n_sockets, 0);
}

static int tell(const char *line)
{
    return rill_ice_add_remote_candidate(net.side[0].ice, net.now, rill_view_of(line), NULL);
}

static size_t connections_wanted(void)
{
    struct rill_ice_event e;
    size_t n = 0;
    uint8_t out[1200];
    struct rill_path path;
    for (int i = 0; i < 20; i++) {
        while (rill_ice_output(net.side[0].ice, net.now, &path,
                               (struct rill_span){out, sizeof out}) > 0)
            continue;
        while (rill_ice_event(net.side[0].ice, &e))
            n += e.type == RILL_ICE_EVENT_OPEN && e.proto == RILL_PROTO_TCP_ACTIVE;
        net.now += 50 * RILL_MS;
        rill_ice_tick(net.side[0].ice, net.now);
    }
    return n;
}

/* RFC 6544 §4.5, §6.2 */
static void only_those_candidates_are_connected_to_that_wait_for_it(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ON, RILL_ICE_TCP_ON);
    net.trickle = false;
    net_start(&net);
    net_run(&net, RILL_MS, false);
    assert_int_equal(tell("candidate:1 1 TCP 9 203.0.113.5 9 typ host tcptype active"), 1);
    assert_int_equal(tell("candidate:1 1 tcp 9 203.0.113.5 5 typ host"), 1);
    assert_int_equal(tell("candidate:1 1 tcp 9 203.0.113.5 5 typ host tcptype odd"), 1);
    assert_int_equal(tell("candidate:1 1 tcp-act 9 203.0.113.5 5 typ host tcptype passive"), 1);
    assert_int_equal(tell("candidate:1 1 tcp 9 203.0.113.5 6 typ host tcptype so"), 0);
    assert_int_equal(connections_wanted(), 0); /* we have no so candidate */
    assert_int_equal(tell("candidate:1 1 TCP 9 203.0.113.5 7 typ host TCPTYPE Passive"), 0);
    assert_int_equal(connections_wanted(), 1);
}

static void udp_and_tcp_at_one_address_are_two_candidates(void **state)
{
    (void)state;
    init(RILL_ICE_TCP_ON, RILL_ICE_TCP_ON);
    net.trickle = false;
    net_start(&net);
    net_run(&net, RILL_MS, false);
    assert_int_equal(tell("candidate:1 1 udp 99 203.0.113.5 7 typ host"), 0);
    assert_int_equal(tell("candidate:2 1 tcp 9 203.0.113.5 7 typ host tcptype passive"), 0);
    assert_int_equal(connections_wanted(), 1);
    net.no_tcp = true;
    net.n_log = 0;
    net_run(&net, net.now + RILL_SECOND, false);
    assert_true(net.n_log > 0); /* the check of UDP, again */
}

/* --- strangers ------------------------------------------------------------------------------ */

static uint32_t listener(unsigned side)
{
    for (size_t i = 0; i < net.side[side].n_sockets; i++)
        if (net.side[side].sockets[i].proto == RILL_PROTO_TCP_PASSIVE)
            return net.side[side].sockets[i].id;
    fail_msg("there is no listener");
    return 0;
}

static bool come(uint32_t socket)
{
    struct rill_addr from = net_ip("203.0.113.9", (uint16_t)(6000 + socket));
    return rill_ice_accepted(net.side[0].ice, net.now, listener(0), socket, &from);
}

static struct rill_path stranger_path(uint32_t socket)
{
    return (struct rill_path){socket, RILL_PROTO_TCP,
                              net_ip("203.0.113.9", (uint16_t)(6000 + socket))};
}

static bool is_open(uint32_t socket)
{
    struct rill_path path = stranger_path(socket);
    return rill_ice_is_wrapped(net.side[0].ice, &path);
}

static void begin_alone(void)
{
    init(RILL_ICE_TCP_ON, RILL_ICE_TCP_ON);
    net_start(&net);
    net_run(&net, RILL_MS, false);
}

static void stranger_who_proves_nothing_is_closed_after_ten_seconds(void **state)
{
    (void)state;
    begin_alone();
    assert_true(come(500));
    net_run(&net, net.now + 9 * RILL_SECOND, false);
    assert_true(is_open(500));
    net_run(&net, net.now + 2 * RILL_SECOND, false);
    assert_false(is_open(500));
}

static void newcomer_displaces_the_oldest_stranger(void **state)
{
    (void)state;
    begin_alone();
    for (uint32_t i = 0; i < 20; i++) {
        assert_true(come(500 + i));
        net_run(&net, net.now + RILL_MS, false);
    }
    assert_false(is_open(500));
    assert_true(is_open(519));
    unsigned open = 0;
    for (uint32_t i = 0; i < 20; i++)
        open += is_open(500 + i);
    assert_in_range(open, 1, 8);
}

static void connection_to_no_listener_is_refused(void **state)
{
    (void)state;
    begin_alone();
    struct rill_addr from = net_ip("203.0.113.9", 6000);
    assert_false(rill_ice_accepted(net.side[0].ice, net.now, 999, 500, &from));
}

static void say(uint32_t socket, const char *bytes, size_t n)
{
    uint8_t copy[256];
    struct rill_path path = stranger_path(socket);
    memcpy(copy, bytes, n);
    net_hear(&net, 0, &path, copy, n);
}

/* RFC 6544 §7.1 */
static void stranger_who_does_not_begin_with_stun_is_closed(void **state)
{
    (void)state;
    begin_alone();
    assert_true(come(500));
    say(500, "\0\x10GET / HTTP/1.1\r\n", 18);
    assert_false(is_open(500));
}

static void stranger_with_a_hostile_length_stalls_nothing(void **state)
{
    (void)state;
    begin_alone();
    assert_true(come(500));
    say(500, "\xff\xffxxxxxxxxxxxxxxxxxxxxxxxxxx", 28);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    net_run(&net, net.now + 11 * RILL_SECOND, false);
    assert_false(is_open(500));
}

#define IN_NET(f) cmocka_unit_test_teardown(f, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_NET(host_candidates_are_active_passive_and_so),
        IN_NET(two_agents_meet_over_tcp_alone),
        IN_NET(both_ends_agree_on_one_connection),
        IN_NET(lone_active_side_reaches_a_passive_one),
        IN_NET(simultaneous_open_meets_simultaneous_open),
        IN_NET(udp_is_chosen_where_it_works_and_no_later_for_tcp),
        IN_NET(blocked_udp_leaves_tcp_within_two_seconds),
        IN_NET(slow_udp_still_comes_before_tcp),
        IN_NET(agent_that_wants_no_tcp_passes_its_candidates_over),
        IN_NET(connections_that_lost_are_closed),
        IN_NET(lost_connection_is_made_again),
        IN_NET(connection_that_cannot_be_made_again_fails_with_consent),
        IN_NET(restart_keeps_the_connection),
        IN_NET(interface_that_goes_closes_listener_and_connections),
        IN_NET(close_gives_every_socket_back),
        IN_NET(only_those_candidates_are_connected_to_that_wait_for_it),
        IN_NET(udp_and_tcp_at_one_address_are_two_candidates),
        IN_NET(stranger_who_proves_nothing_is_closed_after_ten_seconds),
        IN_NET(newcomer_displaces_the_oldest_stranger),
        IN_NET(connection_to_no_listener_is_refused),
        IN_NET(stranger_who_does_not_begin_with_stun_is_closed),
        IN_NET(stranger_with_a_hostile_length_stalls_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
