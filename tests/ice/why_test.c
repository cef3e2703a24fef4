/* Why no pair works: each rule of ice/why.c, in a network that really fails that way. */
#include "ice/why.h"

#include "tests/ice/net.h"
#include "tests/ice/solo.h"

static struct net net;
static struct solo solo;

/* The most likely cause; its number in *value when not NULL. */
static const char *first_of(const struct rill_ice *ice, uint64_t *value)
{
    static struct rill_cause causes[1];
    struct rill_ice_facts facts;
    rill_ice_facts(ice, &facts);
    if (rill_ice_causes(&facts, causes, 1) == 0)
        return "none";
    if (value)
        *value = causes[0].value;
    return causes[0].name;
}

#define assert_cause(ice, name) assert_string_equal(first_of(ice, NULL), name)

/* Two hosts in one network, their credentials exchanged. */
static void two_hosts(void)
{
    net_init(&net, rill_test_seed(), NULL);
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
}

static int net_gone(void **state)
{
    (void)state;
    net_free(&net);
    return 0;
}

static int solo_up_and_ready(void **state)
{
    (void)state;
    solo_init(&solo, (struct rill_ice_config){0});
    solo_start(&solo);
    return 0;
}

static int solo_gone(void **state)
{
    (void)state;
    solo_free(&solo);
    return 0;
}

static void wait(int64_t more)
{
    for (int64_t end = solo.now + more; solo.now < end; solo_advance(&solo, 50 * RILL_MS))
        solo_silence(&solo);
}

/* The next check that leaves. */
static void next_check(void)
{
    for (int i = 0; i < 200; i++, solo_advance(&solo, 50 * RILL_MS))
        while (solo_output(&solo))
            if (solo.m.class == RILL_STUN_REQUEST)
                return;
    fail_msg("no check left");
}

#define NAME "6f2bb1f0-0d9c-4d2c-b6a0-98d7d0a5b2a4.local"
#define HOST "candidate:1 1 udp 2130706431 192.0.2.2 7000 typ host"

static void a_call_that_works_has_no_cause(void **state)
{
    (void)state;
    two_hosts();
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_cause(net.side[0].ice, "none");
    assert_cause(net.side[1].ice, "none");
}

/* --- a pair worked once --------------------------------------------------------------------- */

static void peer_that_falls_silent_is_consent_that_expired(void **state)
{
    (void)state;
    two_hosts();
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    net.mute[1] = true;
    net_run(&net, net.now + 20 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
    assert_cause(net.side[0].ice, "unanswered");
    net_run(&net, net.now + 20 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
    assert_cause(net.side[0].ice, "consent-expired");
}

static void peer_that_answers_403_has_revoked_its_consent(void **state)
{
    (void)state;
    rill_ice_set_controlling(solo.ice, true);
    assert_int_equal(solo_remote(&solo, HOST), 0);
    next_check();
    assert_int_equal(solo_success(&solo), 1);
    next_check();
    assert_int_equal(solo_success(&solo), 1);
    next_check();
    assert_int_equal(solo_error(&solo, 403), 1);
    assert_int_equal(rill_ice_state(solo.ice), RILL_ICE_FAILED);
    assert_cause(solo.ice, "consent-revoked");
}

static void interface_that_went_is_named(void **state)
{
    (void)state;
    struct rill_addr a = net_ip("192.0.2.1", 0);
    two_hosts();
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    rill_ice_interface_down(net.side[0].ice, net.now, &a);
    net_run(&net, net.now + 40 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
    assert_cause(net.side[0].ice, "interface-gone");
}

/* --- what there is to pair ------------------------------------------------------------------ */

static void without_the_peers_credentials_nothing_can_be_checked(void **state)
{
    (void)state;
    two_hosts();
    rill_ice_gather(net.side[0].ice, net.now);
    net_run(&net, 5 * RILL_SECOND, false);
    assert_cause(net.side[0].ice, "no-remote");
}

static void machine_without_a_network_has_no_address(void **state)
{
    (void)state;
    net_init(&net, rill_test_seed(), NULL);
    net_interface(&net, 1, "192.0.2.2");
    net_start(&net);
    net_run(&net, 60 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
    assert_cause(net.side[0].ice, "no-interface");
    assert_cause(net.side[1].ice, "remote-none");
}

static void remote_lines_that_are_all_of_one_useless_kind_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *line, *cause;
    } cases[] = {
        {"candidate:1 1 udp 2130706431 " NAME " 7000 typ host", "remote-names"},
        {"candidate:1 1 tcp 1518280447 192.0.2.9 9 typ host tcptype active", "remote-tcp"},
        {"candidate:1 1 udp 2130706431 192.0.2.2 7000 typ host ufrag another", "remote-strangers"},
        {"candidate:1 1 udp 2130706431 127.0.0.1 7000 typ host", "remote-useless"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t value = 0;
        solo_init(&solo, (struct rill_ice_config){0});
        solo_start(&solo);
        solo_remote(&solo, cases[i].line);
        /* Nobody answers for the name. */
        rill_ice_resolved(solo.ice, solo.now, rill_view_of(NAME), NULL, 0);
        rill_ice_end_of_candidates(solo.ice, solo.now);
        wait(60 * RILL_SECOND);
        assert_string_equal(first_of(solo.ice, &value), cases[i].cause);
        assert_int_equal(value, 1);
        assert_int_equal(rill_ice_state(solo.ice), RILL_ICE_FAILED);
        solo_free(&solo);
    }
}

/* Asked for, and nobody answers: told while the question is under way, and at the end. */
static void names_that_nobody_answers_for_are_named(void **state)
{
    (void)state;
    static const char name[] = "1f4712db-ea17-4bcf-a596-105139dfd8bf.local";
    uint64_t value = 0;
    solo_init(&solo, (struct rill_ice_config){0});
    solo_start(&solo);
    solo_remote(&solo, "candidate:1 1 udp 2130706431 1f4712db-ea17-4bcf-a596-105139dfd8bf.local "
                       "7000 typ host");
    rill_ice_end_of_candidates(solo.ice, solo.now);
    wait(60 * RILL_SECOND);
    assert_string_equal(first_of(solo.ice, &value), "remote-names");
    assert_int_equal(rill_ice_state(solo.ice), RILL_ICE_CHECKING);
    rill_ice_resolved(solo.ice, solo.now, rill_view_of(name), NULL, 0);
    assert_int_equal(rill_ice_state(solo.ice), RILL_ICE_FAILED);
    assert_string_equal(first_of(solo.ice, &value), "remote-names");
    assert_int_equal(value, 1);
    solo_free(&solo);
}

static void one_side_with_ipv4_and_one_with_ipv6_have_no_family_in_common(void **state)
{
    (void)state;
    net_init(&net, rill_test_seed(), NULL);
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "2001:db8::2");
    net_start(&net);
    net_run(&net, 60 * RILL_SECOND, false);
    assert_cause(net.side[0].ice, "no-common-family");
    assert_cause(net.side[1].ice, "no-common-family");
}

/* --- what came and was not believed ----------------------------------------------------------- */

static void peer_that_never_yields_its_role_is_a_conflict(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_int_equal(solo_remote(&solo, HOST), 0);
    for (int i = 0; i < 6; i++) {
        next_check();
        assert_int_equal(solo_error(&solo, 487), 1);
    }
    assert_string_equal(first_of(solo.ice, &value), "role-conflict");
    assert_int_equal(value, 6);
}

static void one_conflict_that_is_settled_is_none(void **state)
{
    (void)state;
    two_hosts();
    rill_ice_set_controlling(net.side[1].ice, true);
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_cause(net.side[0].ice, "none");
}

/* Side 1 believes that side 0 has these. */
static void mangled(const char *ufrag, const char *pwd)
{
    two_hosts();
    struct rill_ice *a = net.side[0].ice, *b = net.side[1].ice;
    net.trickle = false; /* its lines name the true fragment */
    rill_ice_gather(a, net.now);
    rill_ice_gather(b, net.now);
    net_credentials(&net, 0, false);
    assert_int_equal(
        rill_ice_set_remote_credentials(b, net.now, ufrag ? rill_view_of(ufrag) : rill_ice_ufrag(a),
                                        pwd ? rill_view_of(pwd) : rill_ice_pwd(a), false),
        0);
    net_run(&net, net.now, false);
    assert_int_equal(
        rill_ice_add_remote_candidate(
            b, net.now, rill_view_of("candidate:1 1 udp 2130706431 192.0.2.1 5001 typ host"), NULL),
        0);
    net.mute[0] = true; /* else its own checks would make a pair valid */
    net_run(&net, 60 * RILL_SECOND, false);
}

static void requests_made_with_a_mangled_password_are_named(void **state)
{
    (void)state;
    mangled(NULL, "not the password of side 0");
    assert_cause(net.side[0].ice, "wrong-password");
}

static void requests_for_another_session_are_named(void **state)
{
    (void)state;
    mangled("another", NULL);
    assert_cause(net.side[0].ice, "wrong-username");
}

static void answers_made_with_another_password_are_named(void **state)
{
    (void)state;
    assert_int_equal(solo_remote(&solo, HOST), 0);
    next_check();
    assert_int_equal(solo_success_from(&solo, solo.path.remote, "another password, 22 or more"), 0);
    assert_cause(solo.ice, "wrong-response");
}

static void answers_from_elsewhere_are_named(void **state)
{
    (void)state;
    assert_int_equal(solo_remote(&solo, HOST), 0);
    next_check();
    solo_success_from(&solo, solo_ip("192.0.2.9", 9), SOLO_PEER_PWD);
    assert_cause(solo.ice, "not-symmetric");
}

static void error_that_the_peer_answers_is_named(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_int_equal(solo_remote(&solo, HOST), 0);
    next_check();
    assert_int_equal(solo_error(&solo, 500), 1);
    assert_string_equal(first_of(solo.ice, &value), "refused");
    assert_int_equal(value, 500);
}

static void checks_that_pass_one_way_only_are_named_where_they_arrive(void **state)
{
    (void)state;
    two_hosts();
    net.deaf_to_requests[1] = true;
    net_start(&net);
    net_run(&net, 20 * RILL_SECOND, false);
    assert_cause(net.side[0].ice, "one-way");
}

/* --- the network ------------------------------------------------------------------------------ */

static void addresses_where_nobody_listens_are_unreachable(void **state)
{
    (void)state;
    assert_int_equal(solo_remote(&solo, HOST), 0);
    next_check();
    rill_ice_unreachable(solo.ice, solo.now, &solo.path);
    assert_cause(solo.ice, "unreachable");
}

static void udp_that_does_not_get_out_is_blocked(void **state)
{
    (void)state;
    two_hosts();
    rill_ice_add_server(net.side[0].ice, &net.server);
    net.mute[0] = net.mute[1] = true;
    net_start(&net);
    net_run(&net, 60 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
    assert_cause(net.side[0].ice, "udp-blocked");
    assert_cause(net.side[1].ice, "no-relay");
}

static void connections_that_are_refused_are_named_when_there_is_only_tcp(void **state)
{
    (void)state;
    struct rill_ice_config config = {.tcp = RILL_ICE_TCP_ONLY};
    net_init(&net, rill_test_seed(), &config);
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
    net.no_tcp = true;
    net_start(&net);
    net_run(&net, 60 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
    assert_cause(net.side[0].ice, "tcp-refused");
    assert_cause(net.side[1].ice, "tcp-refused");
}

/* Both behind a NAT of this kind, each asking two STUN servers. */
static void two_nats(enum net_nat kind)
{
    net_init(&net, rill_test_seed(), NULL);
    net_nat(&net, 0, kind, "203.0.113.1");
    net_nat(&net, 1, kind, "203.0.113.2");
    for (unsigned i = 0; i < 2; i++) {
        rill_ice_add_server(net.side[i].ice, &net.server);
        rill_ice_add_server(net.side[i].ice, &net.second);
    }
    net_interface(&net, 0, "10.0.0.1");
    net_interface(&net, 1, "10.1.0.1");
    net_start(&net);
    net_run(&net, 60 * RILL_SECOND, false);
}

static void two_symmetric_nats_without_a_relay_are_told_by_their_mappings(void **state)
{
    (void)state;
    two_nats(NET_SYMMETRIC);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
    assert_cause(net.side[0].ice, "mapping");
    assert_cause(net.side[1].ice, "mapping");
}

static void two_cone_nats_connect_and_their_mappings_do_not_differ(void **state)
{
    (void)state;
    struct rill_ice_facts facts;
    two_nats(NET_CONE);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    rill_ice_facts(net.side[0].ice, &facts);
    assert_false(facts.mappings_differ);
    assert_cause(net.side[0].ice, "none");
}

static void private_address_that_asked_no_server_lacks_one(void **state)
{
    (void)state;
    net_init(&net, rill_test_seed(), NULL);
    net_nat(&net, 0, NET_CONE, "203.0.113.1");
    net_interface(&net, 0, "10.0.0.1");
    net_interface(&net, 1, "192.0.2.2");
    net.mute[1] = net.deaf_to_requests[1] = true;
    net_start(&net);
    net_run(&net, 60 * RILL_SECOND, false);
    assert_cause(net.side[0].ice, "no-stun");
}

static void relay_of_the_other_side_that_does_not_answer_either_is_silence(void **state)
{
    (void)state;
    solo_remote(&solo, HOST);
    solo_remote(&solo, "candidate:2 1 udp 16777215 198.51.100.9 7000 typ relay raddr 192.0.2.2 "
                       "rport 7000");
    rill_ice_end_of_candidates(solo.ice, solo.now);
    wait(60 * RILL_SECOND);
    struct rill_ice_facts facts;
    rill_ice_facts(solo.ice, &facts);
    assert_int_equal(facts.relay_tried, 1);
    struct rill_cause causes[16];
    size_t n = rill_ice_causes(&facts, causes, 16);
    assert_true(n > 0 && !strcmp(causes[n - 1].name, "silent"));
}

static void name_that_nobody_answers_for_is_told_beside_what_else_failed(void **state)
{
    (void)state;
    struct rill_cause causes[16];
    struct rill_ice_facts facts;
    solo_remote(&solo, HOST);
    solo_remote(&solo, "candidate:2 1 udp 2130706430 " NAME " 7000 typ host");
    rill_ice_resolved(solo.ice, solo.now, rill_view_of(NAME), NULL, 0);
    rill_ice_end_of_candidates(solo.ice, solo.now);
    wait(60 * RILL_SECOND);
    rill_ice_facts(solo.ice, &facts);
    size_t n = rill_ice_causes(&facts, causes, 16);
    assert_int_equal(n, 2);
    assert_string_equal(causes[0].name, "no-relay");
    assert_string_equal(causes[1].name, "names-unresolved");
}

static void checks_under_way_ask_for_patience(void **state)
{
    (void)state;
    struct rill_cause causes[16];
    struct rill_ice_facts facts;
    assert_int_equal(solo_remote(&solo, HOST), 0);
    wait(10 * RILL_SECOND);
    rill_ice_facts(solo.ice, &facts);
    size_t n = rill_ice_causes(&facts, causes, 16);
    assert_true(n > 0);
    assert_string_equal(causes[n - 1].name, "patience");
    assert_in_range(causes[n - 1].value, 29, 30);
}

static void dead_stun_server_is_told_though_the_call_works(void **state)
{
    (void)state;
    two_hosts();
    net.server_dead = true;
    rill_ice_add_server(net.side[0].ice, &net.server);
    net_start(&net);
    net_run(&net, 20 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    assert_cause(net.side[0].ice, "stun-silent");
}

/* --- lines ------------------------------------------------------------------------------------ */

static void each_server_and_each_pair_has_a_line_that_says_what_was_sent_and_came(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "server stun:198.51.100.1:3478: 8 requests, no answer (RFC 8445 §7.2.5.2.3)",
        "pair host 192.0.2.1:5001 ~ host 192.0.2.2:7000: ",
    };
    char text[300];
    size_t at = 0, n = 0;
    two_hosts();
    rill_ice_add_server(net.side[0].ice, &net.server);
    net.mute[0] = true;
    net_start(&net);
    rill_ice_add_remote_candidate(net.side[0].ice, net.now, rill_view_of(HOST), NULL);
    net_run(&net, 30 * RILL_SECOND, false);
    for (;; n++) {
        struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
        if (!rill_ice_why_line(net.side[0].ice, &at, &w))
            break;
        assert_true(rill_w_end_text(&w));
        if (n < 2)
            assert_memory_equal(text, lines[n], strlen(lines[n]));
        if (n == 1)
            assert_non_null(strstr(text, " again, 0 answers, 0 requests came: no answer"));
    }
    struct rill_ice_facts facts;
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_ice_facts(net.side[0].ice, &facts);
    rill_ice_why_summary(&facts, &w);
    assert_true(rill_w_end_text(&w));
    assert_memory_equal(text, "2 pairs, ", 9);
    assert_non_null(strstr(text, " requests sent, 0 answers, "));
    assert_int_equal(n, 3); /* the socket of side 1 is the third */
}

#define ON_NET(f) cmocka_unit_test_teardown(f, net_gone)
#define ON_SOLO(f) cmocka_unit_test_setup_teardown(f, solo_up_and_ready, solo_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_NET(a_call_that_works_has_no_cause),
        ON_NET(peer_that_falls_silent_is_consent_that_expired),
        ON_SOLO(peer_that_answers_403_has_revoked_its_consent),
        ON_NET(interface_that_went_is_named),
        ON_NET(without_the_peers_credentials_nothing_can_be_checked),
        ON_NET(machine_without_a_network_has_no_address),
        cmocka_unit_test(remote_lines_that_are_all_of_one_useless_kind_are_named),
        cmocka_unit_test(names_that_nobody_answers_for_are_named),
        ON_NET(one_side_with_ipv4_and_one_with_ipv6_have_no_family_in_common),
        ON_SOLO(peer_that_never_yields_its_role_is_a_conflict),
        ON_NET(one_conflict_that_is_settled_is_none),
        ON_NET(requests_made_with_a_mangled_password_are_named),
        ON_NET(requests_for_another_session_are_named),
        ON_SOLO(answers_made_with_another_password_are_named),
        ON_SOLO(answers_from_elsewhere_are_named),
        ON_SOLO(error_that_the_peer_answers_is_named),
        ON_NET(checks_that_pass_one_way_only_are_named_where_they_arrive),
        ON_SOLO(addresses_where_nobody_listens_are_unreachable),
        ON_NET(udp_that_does_not_get_out_is_blocked),
        ON_NET(connections_that_are_refused_are_named_when_there_is_only_tcp),
        ON_NET(two_symmetric_nats_without_a_relay_are_told_by_their_mappings),
        ON_NET(two_cone_nats_connect_and_their_mappings_do_not_differ),
        ON_NET(private_address_that_asked_no_server_lacks_one),
        ON_SOLO(relay_of_the_other_side_that_does_not_answer_either_is_silence),
        ON_SOLO(name_that_nobody_answers_for_is_told_beside_what_else_failed),
        ON_SOLO(checks_under_way_ask_for_patience),
        ON_NET(dead_stun_server_is_told_though_the_call_works),
        ON_NET(each_server_and_each_pair_has_a_line_that_says_what_was_sent_and_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
