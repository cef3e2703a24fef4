/* Addresses, sockets and candidates of our own (RFC 8445 §5.1). */
#include "tests/ice/solo_fixture.h"

static void credentials_are_long_and_new_each_time(void **state)
{
    (void)state;
    struct solo other;
    assert_true(rill_ice_ufrag(s.ice).n >= 4);
    assert_true(rill_ice_pwd(s.ice).n >= 22);
    solo_init(&other, (struct rill_ice_config){0});
    struct rill_rng rng = rill_rng_seeded(&s.rng);
    rill_rng_u64(&rng);
    struct rill_ice_config config = {.rng = rng};
    struct rill_ice *next = rill_ice_init(other.block, &config);
    assert_false(rill_view_equal(rill_ice_ufrag(s.ice), rill_ice_ufrag(next)));
    assert_false(rill_view_equal(rill_ice_pwd(s.ice), rill_ice_pwd(next)));
    solo_free(&other);
}

static void cap_above_its_ceiling_gives_no_agent(void **state)
{
    (void)state;
    struct rill_ice_config config = {.pairs = 100};
    config.rng = rill_rng_seeded(&s.rng);
    assert_true(rill_ice_size(&config) > 0);
    config.pairs = 101;
    assert_int_equal(rill_ice_size(&config), 0);
    assert_null(rill_ice_init(s.block, &config));
}

static void no_socket_is_asked_for_before_gathering(void **state)
{
    (void)state;
    struct rill_ice_event e;
    solo_up(&s, "192.0.2.1");
    assert_false(rill_ice_event(s.ice, &e));
    rill_ice_gather(s.ice, 0);
    assert_true(rill_ice_event(s.ice, &e));
    assert_int_equal(e.type, RILL_ICE_EVENT_OPEN);
    assert_int_equal(e.addr.port, 0);
}

static void host_candidate_is_told_at_once_and_then_the_end(void **state)
{
    (void)state;
    struct rill_ice_event e;
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    assert_true(solo_event(&s, RILL_ICE_EVENT_OPEN, &e));
    struct rill_addr a = solo_ip("192.0.2.1", 5000);
    rill_ice_opened(s.ice, 0, e.request, 1, &a);
    assert_true(rill_ice_event(s.ice, &e));
    assert_int_equal(e.type, RILL_ICE_EVENT_CANDIDATE);
    assert_int_equal(e.cand->priority, rill_ice_priority(RILL_ICE_HOST, 65535, 1));
    assert_true(rill_addr_equal(&e.cand->addr, &a));
    assert_true(rill_ice_event(s.ice, &e));
    assert_int_equal(e.type, RILL_ICE_EVENT_GATHERING_DONE);
    assert_false(rill_ice_event(s.ice, &e));
}

static void component_2_has_its_number_in_candidates_and_priorities(void **state)
{
    (void)state;
    struct rill_ice_event e;
    struct rill_ice_config config = {.component = 2,
                                     .ufrag = rill_view_of("shared12"),
                                     .pwd = rill_view_of("0123456789abcdefghijklmn")};
    solo_free(&s);
    solo_init(&s, config);
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    assert_true(solo_event(&s, RILL_ICE_EVENT_OPEN, &e));
    struct rill_addr a = solo_ip("192.0.2.1", 5000);
    rill_ice_opened(s.ice, 0, e.request, 1, &a);
    assert_true(solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e));
    assert_int_equal(e.cand->component, 2);
    assert_int_equal(e.cand->priority, rill_ice_priority(RILL_ICE_HOST, 65535, 2));
    assert_true(rill_view_is(rill_ice_ufrag(s.ice), "shared12"));
    assert_true(rill_view_is(rill_ice_pwd(s.ice), "0123456789abcdefghijklmn"));
}

static void a_candidate_of_another_component_is_passed_over(void **state)
{
    (void)state;
    static const char first[] = "candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host";
    static const char second[] = "candidate:1 2 udp 2130706430 192.0.2.7 50001 typ host";
    struct rill_ice_config config = {.component = 2};
    assert_int_equal(rill_ice_add_remote_candidate(s.ice, 0, rill_view_of(first), NULL), 0);
    assert_int_equal(rill_ice_add_remote_candidate(s.ice, 0, rill_view_of(second), NULL), 1);
    solo_free(&s);
    solo_init(&s, config);
    assert_int_equal(rill_ice_add_remote_candidate(s.ice, 0, rill_view_of(first), NULL), 1);
    assert_int_equal(rill_ice_add_remote_candidate(s.ice, 0, rill_view_of(second), NULL), 0);
}

static void an_agent_knows_its_sockets(void **state)
{
    (void)state;
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    assert_int_equal(solo_open_all(&s), 1);
    assert_true(rill_ice_has_socket(s.ice, SOLO_SOCKET));
    assert_false(rill_ice_has_socket(s.ice, SOLO_SOCKET + 1));
}

static void gathering_without_an_interface_ends_at_once(void **state)
{
    (void)state;
    struct rill_ice_event e;
    rill_ice_gather(s.ice, 0);
    assert_true(solo_event(&s, RILL_ICE_EVENT_GATHERING_DONE, &e));
}

static void socket_that_cannot_be_had_does_not_hold_gathering_up(void **state)
{
    (void)state;
    struct rill_ice_event e;
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    assert_true(solo_event(&s, RILL_ICE_EVENT_OPEN, &e));
    rill_ice_open_failed(s.ice, 0, e.request);
    assert_true(solo_event(&s, RILL_ICE_EVENT_GATHERING_DONE, &e));
}

static unsigned sockets_for(const char *ip)
{
    solo_up(&s, ip);
    rill_ice_gather(s.ice, 0);
    return solo_open_all(&s);
}

static void addresses_that_are_no_candidates_are_passed_over(void **state)
{
    (void)state;
    static const char *const none[] = {"127.0.0.1", "::1",       "0.0.0.0",
                                       "::",        "224.0.0.1", "ff02::1",
                                       "fec0::1",   "::c000:1",  "::ffff:1.2.3.4"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(sockets_for(none[i]), 0);
}

static void loopback_is_gathered_when_asked_for(void **state)
{
    (void)state;
    with_config((struct rill_ice_config){.loopback = true});
    assert_int_equal(sockets_for("127.0.0.1"), 1);
}

static void link_local_ip6_is_used_only_when_there_is_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(sockets_for("fe80::1"), 1);
    with_config((struct rill_ice_config){0});
    solo_up(&s, "fe80::1");
    assert_int_equal(sockets_for("192.0.2.1"), 1);
}

static void link_local_ip6_steps_in_when_the_last_other_goes(void **state)
{
    (void)state;
    struct rill_ice_event e;
    struct rill_addr a = solo_ip("192.0.2.1", 0);
    solo_up(&s, "fe80::1");
    assert_int_equal(sockets_for("192.0.2.1"), 1);
    rill_ice_interface_down(s.ice, 0, &a);
    assert_true(solo_event(&s, RILL_ICE_EVENT_OPEN, &e));
    assert_true(rill_addr_is_link_local(&e.addr));
}

static void interface_that_comes_late_is_gathered_too(void **state)
{
    (void)state;
    struct rill_ice_event e;
    assert_int_equal(sockets_for("192.0.2.1"), 1);
    solo_up(&s, "192.0.2.2");
    assert_true(solo_event(&s, RILL_ICE_EVENT_OPEN, &e));
    struct rill_addr a = solo_ip("192.0.2.2", 5001);
    rill_ice_opened(s.ice, s.now, e.request, SOLO_SOCKET + 1, &a);
    assert_true(solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e));
}

static void interface_told_twice_is_one(void **state)
{
    (void)state;
    solo_up(&s, "192.0.2.1");
    assert_int_equal(sockets_for("192.0.2.1"), 1);
}

static void socket_of_an_interface_that_went_meanwhile_is_closed(void **state)
{
    (void)state;
    struct rill_ice_event e;
    struct rill_addr a = solo_ip("192.0.2.1", 0);
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    assert_true(solo_event(&s, RILL_ICE_EVENT_OPEN, &e));
    rill_ice_interface_down(s.ice, 0, &a);
    a.port = 5000;
    rill_ice_opened(s.ice, 0, e.request, 33, &a);
    assert_true(solo_event(&s, RILL_ICE_EVENT_CLOSE, &e));
    assert_int_equal(e.socket, 33);
}

static void interfaces_exactly_full_and_one_over(void **state)
{
    (void)state;
    with_config((struct rill_ice_config){.local_candidates = 2});
    assert_int_equal(solo_up(&s, "192.0.2.1"), 0);
    assert_int_equal(solo_up(&s, "192.0.2.2"), 0);
    assert_row(solo_up(&s, "192.0.2.3"), ICE_TOO_MANY);
}

static void servers_exactly_full_and_one_over(void **state)
{
    (void)state;
    with_config((struct rill_ice_config){.servers = 2});
    struct rill_addr a = solo_ip("198.51.100.1", 3478);
    for (a.port = 1; a.port <= 2; a.port++)
        assert_int_equal(rill_ice_add_server(s.ice, &a), 0);
    assert_row(rill_ice_add_server(s.ice, &a), ICE_TOO_MANY);
    a.port = 1;
    assert_int_equal(rill_ice_add_server(s.ice, &a), 0);
}

/* The candidates told, in the order of their priorities; how many there are. */
static size_t told(struct rill_ice_cand *out, size_t cap)
{
    struct rill_ice_event e;
    size_t n = 0;
    while (rill_ice_event(s.ice, &e)) {
        if (e.type == RILL_ICE_EVENT_OPEN) {
            struct rill_addr a = e.addr;
            a.port = (uint16_t)(5000 + e.request);
            rill_ice_opened(s.ice, s.now, e.request, e.request, &a);
        }
        if (e.type != RILL_ICE_EVENT_CANDIDATE)
            continue;
        assert_true(n < cap);
        size_t i = n++;
        for (; i > 0 && out[i - 1].priority < e.cand->priority; i--)
            out[i] = out[i - 1];
        out[i] = *e.cand;
    }
    return n;
}

static void priorities_are_unique_and_foundations_tell_the_bases_apart(void **state)
{
    (void)state;
    struct rill_ice_cand c[8];
    static const char *const ips[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1", "10.0.0.1"};
    for (size_t i = 0; i < 4; i++)
        solo_up(&s, ips[i]);
    rill_ice_gather(s.ice, 0);
    size_t n = told(c, 8);
    assert_int_equal(n, 4);
    for (size_t i = 0; i + 1 < n; i++) {
        assert_true(c[i].priority > c[i + 1].priority);
        for (size_t k = i + 1; k < n; k++)
            assert_string_not_equal(c[i].foundation, c[k].foundation);
    }
}

/* RFC 8421 §4: of two IPv4 and six IPv6 addresses four IPv6 come first, then they mix. */
static void families_are_intermingled_with_a_head_start_for_ip6(void **state)
{
    (void)state;
    struct rill_ice_cand c[8];
    static const uint8_t expected[] = {6, 6, 6, 6, 4, 6, 4, 6};
    static const char *const ips[] = {"192.0.2.1",   "192.0.2.2",   "2001:db8::1", "2001:db8::2",
                                      "2001:db8::3", "2001:db8::4", "2001:db8::5", "2001:db8::6"};
    for (size_t i = 0; i < 8; i++)
        solo_up(&s, ips[i]);
    rill_ice_gather(s.ice, 0);
    assert_int_equal(told(c, 8), 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(c[i].addr.family, expected[i]);
}

/* RFC 8445 §5.1.1.3 and §5.1.2.1: two servers that map one base in two ways. */
static void reflexive_candidates_of_two_servers_differ_in_foundation_and_priority(void **state)
{
    (void)state;
    struct rill_ice_cand c[8];
    for (uint8_t i = 1; i <= 2; i++) {
        struct rill_addr server = rill_addr_ip4(198, 51, 100, i, 3478);
        rill_ice_add_server(s.ice, &server);
    }
    solo_up(&s, "10.0.0.1");
    rill_ice_gather(s.ice, 0);
    solo_open_all(&s);
    for (uint8_t i = 1; i <= 2; i++) {
        struct rill_stun_writer w;
        struct rill_addr mapped = rill_addr_ip4(203, 0, 113, 7, (uint16_t)(1000 + i));
        assert_true(solo_output(&s));
        solo_begin_response(&s, &w, RILL_STUN_SUCCESS);
        rill_stun_put_addr(&w, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped);
        assert_int_equal(solo_input(&s, rill_view_at(s.in, rill_stun_end(&w)), s.path.remote), 1);
        solo_advance(&s, 50 * RILL_MS);
    }
    assert_int_equal(told(c, 8), 2);
    assert_int_equal(c[0].type, RILL_ICE_SRFLX);
    assert_true(c[0].priority > c[1].priority);
    assert_string_not_equal(c[0].foundation, c[1].foundation);
    assert_int_equal(c[0].related.port, 5000);
}

static void answer_to_a_query_from_elsewhere_is_refused(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    struct rill_addr server = rill_addr_ip4(198, 51, 100, 1, 3478);
    rill_ice_add_server(s.ice, &server);
    solo_up(&s, "10.0.0.1");
    rill_ice_gather(s.ice, 0);
    solo_open_all(&s);
    assert_true(solo_output(&s));
    solo_begin_response(&s, &w, RILL_STUN_SUCCESS);
    rill_stun_put_addr(&w, RILL_STUN_XOR_MAPPED_ADDRESS, &server);
    server.port = 99;
    assert_int_equal(solo_input(&s, rill_view_at(s.in, rill_stun_end(&w)), server), 0);
    assert_row(s.why.row->code, ICE_ASYMMETRIC);
}

static void note_redundant(void *ctx, const struct rill_trace_point *point, int64_t now,
                           const union rill_trace_value *values)
{
    bool *seen = ctx;
    (void)now;
    if (strcmp(point->name, "candidate_redundant") != 0)
        return;
    assert_non_null(strstr(point->sentence, "mapped address = host, redundant"));
    assert_int_equal(values[0].addr->port, 5000);
    *seen = true;
}

static void mapped_address_equal_to_the_host_is_traced_as_redundant(void **state)
{
    (void)state;
    bool seen = false;
    struct rill_trace trace = {&seen, note_redundant};
    struct rill_stun_writer w;
    struct rill_ice_cand c[8];
    struct rill_addr server = rill_addr_ip4(198, 51, 100, 1, 3478);
    struct rill_addr mapped = solo_ip("192.0.2.1", 5000);
    with_config((struct rill_ice_config){.trace = &trace});
    rill_ice_add_server(s.ice, &server);
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    solo_open_all(&s);
    assert_true(solo_output(&s));
    solo_begin_response(&s, &w, RILL_STUN_SUCCESS);
    rill_stun_put_addr(&w, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped);
    assert_int_equal(solo_input(&s, rill_view_at(s.in, rill_stun_end(&w)), server), 1);
    assert_true(seen);
    assert_int_equal(told(c, 8), 0);
}

/* RFC 8445 §5.1.1.4 */
static void mapping_is_kept_alive_until_a_pair_is_selected(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    struct rill_addr server = rill_addr_ip4(198, 51, 100, 1, 3478);
    struct rill_addr mapped = rill_addr_ip4(203, 0, 113, 7, 1000);
    rill_ice_add_server(s.ice, &server);
    solo_up(&s, "10.0.0.1");
    rill_ice_gather(s.ice, 0);
    solo_open_all(&s);
    assert_true(solo_output(&s));
    solo_begin_response(&s, &w, RILL_STUN_SUCCESS);
    rill_stun_put_addr(&w, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped);
    assert_int_equal(solo_input(&s, rill_view_at(s.in, rill_stun_end(&w)), server), 1);
    solo_advance(&s, 14 * RILL_SECOND);
    assert_false(solo_output(&s));
    solo_advance(&s, 1 * RILL_SECOND);
    assert_true(solo_output(&s));
    assert_true(rill_addr_equal(&s.path.remote, &server));
}

/* RFC 8838 §8: a candidate may come as late as it likes, before end-of-candidates. */
static void server_whose_name_resolves_late_joins_gathering_late(void **state)
{
    (void)state;
    struct rill_ice_event e;
    struct rill_stun_writer w;
    struct rill_addr server = rill_addr_ip4(198, 51, 100, 1, 3478);
    struct rill_addr mapped = rill_addr_ip4(203, 0, 113, 7, 1000);
    solo_up(&s, "10.0.0.1");
    rill_ice_await_servers(s.ice, 0, true);
    rill_ice_gather(s.ice, 0);
    assert_true(solo_event(&s, RILL_ICE_EVENT_OPEN, &e));
    struct rill_addr bound = rill_addr_ip4(10, 0, 0, 1, 5000);
    rill_ice_opened(s.ice, 0, e.request, SOLO_SOCKET, &bound);
    assert_true(
        solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e)); /* the host candidate waits for nobody */
    assert_false(solo_event(&s, RILL_ICE_EVENT_GATHERING_DONE, &e));
    solo_advance(&s, 7 * RILL_SECOND);
    rill_ice_add_server(s.ice, &server);
    rill_ice_await_servers(s.ice, s.now, false);
    assert_false(solo_event(&s, RILL_ICE_EVENT_GATHERING_DONE, &e));
    assert_true(solo_output(&s));
    solo_begin_response(&s, &w, RILL_STUN_SUCCESS);
    rill_stun_put_addr(&w, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped);
    assert_int_equal(solo_input(&s, rill_view_at(s.in, rill_stun_end(&w)), server), 1);
    assert_true(solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e));
    assert_int_equal(e.cand->type, RILL_ICE_SRFLX);
    assert_true(solo_event(&s, RILL_ICE_EVENT_GATHERING_DONE, &e));
}

static void names_without_an_address_end_gathering_when_that_is_known(void **state)
{
    (void)state;
    struct rill_ice_event e;
    solo_up(&s, "10.0.0.1");
    rill_ice_await_servers(s.ice, 0, true);
    rill_ice_gather(s.ice, 0);
    solo_open_all(&s);
    assert_false(solo_event(&s, RILL_ICE_EVENT_GATHERING_DONE, &e));
    rill_ice_await_servers(s.ice, s.now, false);
    assert_true(solo_event(&s, RILL_ICE_EVENT_GATHERING_DONE, &e));
}

#define OF(f) cmocka_unit_test_setup_teardown(f, fresh, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(credentials_are_long_and_new_each_time),
        OF(cap_above_its_ceiling_gives_no_agent),
        OF(no_socket_is_asked_for_before_gathering),
        OF(host_candidate_is_told_at_once_and_then_the_end),
        OF(component_2_has_its_number_in_candidates_and_priorities),
        OF(a_candidate_of_another_component_is_passed_over),
        OF(an_agent_knows_its_sockets),
        OF(gathering_without_an_interface_ends_at_once),
        OF(socket_that_cannot_be_had_does_not_hold_gathering_up),
        OF(addresses_that_are_no_candidates_are_passed_over),
        OF(loopback_is_gathered_when_asked_for),
        OF(link_local_ip6_is_used_only_when_there_is_nothing_else),
        OF(link_local_ip6_steps_in_when_the_last_other_goes),
        OF(interface_that_comes_late_is_gathered_too),
        OF(interface_told_twice_is_one),
        OF(socket_of_an_interface_that_went_meanwhile_is_closed),
        OF(interfaces_exactly_full_and_one_over),
        OF(servers_exactly_full_and_one_over),
        OF(priorities_are_unique_and_foundations_tell_the_bases_apart),
        OF(families_are_intermingled_with_a_head_start_for_ip6),
        OF(reflexive_candidates_of_two_servers_differ_in_foundation_and_priority),
        OF(answer_to_a_query_from_elsewhere_is_refused),
        OF(mapped_address_equal_to_the_host_is_traced_as_redundant),
        OF(mapping_is_kept_alive_until_a_pair_is_selected),
        OF(server_whose_name_resolves_late_joins_gathering_late),
        OF(names_without_an_address_end_gathering_when_that_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
