/* Statistics: what the tables know, in the words of webrtc-stats (ice/stats.h). */
#include "ice/stats.h"

#include "tests/ice/net.h"
#include "tests/ice/solo.h"

static struct net net;

static struct rill_ice_pair_stats only_pair(const struct rill_ice *ice)
{
    struct rill_ice_pair_stats p = {0}, more;
    size_t at = 0;
    assert_true(rill_ice_next_pair(ice, &at, &p));
    assert_false(rill_ice_next_pair(ice, &at, &more));
    return p;
}

static struct rill_ice_session_stats session(const struct rill_ice *ice)
{
    struct rill_ice_session_stats s;
    rill_ice_session_stats(ice, &s);
    return s;
}

static struct rill_ice_server_stats only_server(const struct rill_ice *ice)
{
    struct rill_ice_server_stats s = {0}, more;
    size_t at = 0;
    assert_true(rill_ice_next_server(ice, &at, &s));
    assert_false(rill_ice_next_server(ice, &at, &more));
    return s;
}

static void agent_without_a_peer_has_no_pair_and_counts_nothing(void **state)
{
    (void)state;
    struct solo s;
    struct rill_ice_pair_stats p;
    size_t at = 0;
    solo_init(&s, (struct rill_ice_config){0});
    assert_false(rill_ice_next_pair(s.ice, &at, &p));
    assert_false(session(s.ice).has_remote);
    assert_int_equal(session(s.ice).interfaces, 0);
    solo_free(&s);
}

static void requests_consent_and_answers_of_a_call_are_counted_apart(void **state)
{
    (void)state;
    net_init(&net, rill_test_seed(), NULL);
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    net_run(&net, net.now + 60 * RILL_SECOND, false);
    struct rill_ice_pair_stats p = only_pair(net.side[0].ice), q = only_pair(net.side[1].ice);
    assert_int_equal(p.state, RILL_ICE_SUCCEEDED);
    assert_true(p.valid && p.nominated && p.selected && !p.previous);
    /* A check, and the nomination. */
    assert_in_range(p.counts.requests_sent, 2, 3);
    assert_int_equal(p.counts.retransmissions_sent, 0);
    assert_in_range(p.counts.consent_requests_sent, 9, 16);
    assert_int_equal(p.counts.responses_received,
                     p.counts.requests_sent + p.counts.consent_requests_sent);
    assert_int_equal(p.counts.requests_received,
                     q.counts.requests_sent + q.counts.consent_requests_sent);
    assert_int_equal(p.counts.responses_sent, p.counts.requests_received);
    assert_int_equal(p.current_rtt, 2 * net.delay);
    assert_int_equal(p.counts.total_rtt, p.counts.responses_received * p.current_rtt);
    assert_int_equal(p.failure, RILL_ICE_NOT_FAILED);
    net_free(&net);
}

static void data_is_counted_on_the_pair_it_went_over_and_stun_is_not(void **state)
{
    (void)state;
    struct rill_path path;
    net_init(&net, rill_test_seed(), NULL);
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_int_equal(only_pair(net.side[0].ice).counts.packets_sent, 0);
    assert_int_equal(only_pair(net.side[0].ice).counts.last_packet_sent, -1);
    rill_ice_data_sent(net.side[0].ice, net.now, 1200);
    rill_ice_data_sent(net.side[0].ice, net.now + 7, 100);
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
    assert_true(rill_ice_data_received(net.side[0].ice, net.now + 9, &path, 50));
    struct rill_ice_pair_counts c = only_pair(net.side[0].ice).counts;
    assert_int_equal(c.packets_sent, 2);
    assert_int_equal(c.bytes_sent, 1300);
    assert_int_equal(c.last_packet_sent, net.now + 7);
    assert_int_equal(c.packets_received, 1);
    assert_int_equal(c.bytes_received, 50);
    assert_int_equal(c.last_packet_received, net.now + 9);
    path.remote.port++;
    assert_false(rill_ice_data_received(net.side[0].ice, net.now + 9, &path, 50));
    assert_int_equal(only_pair(net.side[0].ice).counts.packets_received, 1);
    net_free(&net);
}

static void pair_that_nobody_answers_says_so_and_how_often_it_was_asked(void **state)
{
    (void)state;
    struct solo s;
    solo_init(&s, (struct rill_ice_config){0});
    solo_start(&s);
    assert_int_equal(solo_remote(&s, "candidate:1 1 udp 2130706431 192.0.2.2 7000 typ host"), 0);
    for (int i = 0; i < 55; i++) {
        solo_silence(&s);
        solo_advance(&s, 100 * RILL_MS);
    }
    struct rill_ice_pair_stats p = only_pair(s.ice);
    assert_int_equal(p.failure, RILL_ICE_NO_RESPONSE);
    assert_int_equal(p.counts.requests_sent, 1);
    assert_int_equal(p.counts.retransmissions_sent, 3);
    assert_int_equal(p.counts.responses_received, 0);
    assert_int_equal(p.counts.last_response, -1);
    assert_string_equal(rill_ice_failure_clause(p.failure), "RFC 8445 §7.2.5.2.3");
    solo_free(&s);
}

static void pair_tells_unreachable_errors_and_ways_apart(void **state)
{
    (void)state;
    struct solo s;
    solo_init(&s, (struct rill_ice_config){0});
    solo_start(&s);
    assert_int_equal(solo_remote(&s, "candidate:1 1 udp 2130706431 192.0.2.2 7000 typ host"), 0);
    assert_true(solo_output(&s));
    rill_ice_unreachable(s.ice, s.now, &s.path);
    assert_int_equal(only_pair(s.ice).failure, RILL_ICE_HARD_ICMP);
    assert_int_equal(solo_request(&s, s.path.remote, false), 1);
    for (int i = 0; i < 3; i++, solo_advance(&s, 50 * RILL_MS))
        while (solo_output(&s) && s.m.class != RILL_STUN_REQUEST)
            continue;
    assert_int_equal(s.m.class, RILL_STUN_REQUEST);
    assert_int_equal(solo_error(&s, 400), 1);
    struct rill_ice_pair_stats p = only_pair(s.ice);
    assert_int_equal(p.failure, RILL_ICE_ERROR_RESPONSE);
    assert_int_equal(p.error_code, 400);
    assert_int_equal(p.counts.errors_received, 1);
    solo_free(&s);
}

static void requests_that_are_not_believed_are_counted_by_what_is_wrong(void **state)
{
    (void)state;
    struct solo s;
    struct rill_stun_writer w;
    struct rill_addr from = solo_ip("192.0.2.9", 9);
    solo_init(&s, (struct rill_ice_config){0});
    solo_start(&s);
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":" SOLO_PEER_UFRAG);
    assert_int_equal(solo_finish(&s, &w, rill_view_of("not the password at all"), from), 0);
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    rill_stun_put(&w, RILL_STUN_USERNAME, rill_view_of("somebody:" SOLO_PEER_UFRAG));
    assert_int_equal(solo_finish(&s, &w, rill_ice_pwd(s.ice), from), 0);
    struct rill_ice_counts c = session(s.ice).counts;
    assert_int_equal(c.requests_wrong_password, 1);
    assert_int_equal(c.requests_wrong_username, 1);
    assert_int_equal(c.requests_refused, 0);
    solo_free(&s);
}

static void lines_of_the_peer_are_counted_by_what_they_are(void **state)
{
    (void)state;
    struct solo s;
    solo_init(&s, (struct rill_ice_config){0});
    solo_start(&s);
    solo_remote(&s, "candidate:1 1 udp 2130706431 a0b1.local 7000 typ host");
    solo_remote(&s, "candidate:2 1 udp 2130706430 192.0.2.2 7000 typ host");
    solo_remote(&s, "candidate:3 1 udp 2130706430 192.0.2.3 7000 typ host ufrag other");
    solo_remote(&s, "candidate:4 1 udp 2130706430 127.0.0.1 7000 typ host");
    struct rill_ice_counts c = session(s.ice).counts;
    assert_int_equal(c.remote_lines, 4);
    assert_int_equal(c.remote_names, 1);
    assert_int_equal(c.remote_strangers, 1);
    assert_int_equal(c.remote_useless, 1);
    solo_free(&s);
}

static void reflexive_candidate_names_the_server_it_is_of(void **state)
{
    (void)state;
    struct rill_ice_cand_stats c;
    size_t at = 0, reflexive = 0;
    net_init(&net, rill_test_seed(), NULL);
    net_nat(&net, 0, NET_CONE, "203.0.113.1");
    rill_ice_add_server(net.side[0].ice, &net.server);
    net_interface(&net, 0, "10.0.0.1");
    rill_ice_gather(net.side[0].ice, net.now);
    net_run(&net, RILL_SECOND, false);
    while (rill_ice_next_candidate(net.side[0].ice, &at, &c)) {
        bool is = c.cand.type == RILL_ICE_SRFLX;
        reflexive += is;
        assert_true(is ? rill_addr_equal(&c.server, &net.server) : c.server.family == 0);
    }
    assert_int_equal(reflexive, 1);
    struct rill_ice_server_stats server = only_server(net.side[0].ice);
    assert_true(server.answered);
    assert_int_equal(server.requests_sent, 1);
    assert_int_equal(server.failure, RILL_ICE_NOT_FAILED);
    assert_false(server.mappings_differ);
    net_free(&net);
}

static void server_that_is_dead_says_how_often_it_was_asked(void **state)
{
    (void)state;
    net_init(&net, rill_test_seed(), NULL);
    net.server_dead = true;
    rill_ice_add_server(net.side[0].ice, &net.server);
    net_interface(&net, 0, "192.0.2.1");
    net_start(&net);
    net_run(&net, 20 * RILL_SECOND, false);
    struct rill_ice_server_stats server = only_server(net.side[0].ice);
    assert_false(server.answered);
    assert_int_equal(server.requests_sent, 8);
    assert_int_equal(server.failure, RILL_ICE_NO_RESPONSE);
    net_free(&net);
}

static void pair_that_carries_the_data_during_a_restart_is_told_too(void **state)
{
    (void)state;
    struct rill_ice_pair_stats p = {0};
    size_t at = 0;
    net_init(&net, rill_test_seed(), NULL);
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_int_equal(rill_ice_restart(net.side[0].ice, net.now, rill_view_of("restarte"),
                                      rill_view_of("012345678901234567890123")),
                     0);
    assert_true(rill_ice_next_pair(net.side[0].ice, &at, &p));
    assert_true(p.previous && p.valid);
    assert_false(rill_ice_next_pair(net.side[0].ice, &at, &p));
    rill_ice_data_sent(net.side[0].ice, net.now, 10);
    at = 0;
    assert_true(rill_ice_next_pair(net.side[0].ice, &at, &p));
    assert_int_equal(p.counts.bytes_sent, 10);
    net_free(&net);
}

#define OF cmocka_unit_test

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(agent_without_a_peer_has_no_pair_and_counts_nothing),
        OF(requests_consent_and_answers_of_a_call_are_counted_apart),
        OF(data_is_counted_on_the_pair_it_went_over_and_stun_is_not),
        OF(pair_that_nobody_answers_says_so_and_how_often_it_was_asked),
        OF(pair_tells_unreachable_errors_and_ways_apart),
        OF(requests_that_are_not_believed_are_counted_by_what_is_wrong),
        OF(lines_of_the_peer_are_counted_by_what_they_are),
        OF(reflexive_candidate_names_the_server_it_is_of),
        OF(server_that_is_dead_says_how_often_it_was_asked),
        OF(pair_that_carries_the_data_during_a_restart_is_told_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
