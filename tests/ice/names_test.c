/* Names in place of addresses (draft-ietf-mmusic-mdns-ice-candidates, RFC 8828). */
#include "tests/ice/net.h"
#include "tests/ice/solo.h"

#include "ice/stats.h"

#define NAME "1f4712db-ea17-4bcf-a596-105139dfd8bf.local"
#define LINE(name) "candidate:1 1 udp 2122262783 " name " 54596 typ host"

static struct solo s;
static struct net net;

static void start(struct rill_ice_config config)
{
    solo_init(&s, config);
    solo_start(&s);
}

static int gone(void **state)
{
    (void)state;
    solo_free(&s);
    return 0;
}

static bool asks(const char *name)
{
    struct rill_ice_event e;
    return solo_event(&s, RILL_ICE_EVENT_RESOLVE, &e) && !strcmp(e.cand->name, name);
}

static void resolved(const char *name, const char *const *ips, size_t n)
{
    struct rill_addr addrs[4];
    for (size_t i = 0; i < n; i++)
        addrs[i] = solo_ip(ips[i], 0);
    rill_ice_resolved(s.ice, s.now, rill_view_of(name), addrs, n);
}

static void name_of_the_peer_is_asked_for_and_its_address_is_checked(void **state)
{
    (void)state;
    start((struct rill_ice_config){0});
    assert_int_equal(solo_remote(&s, LINE(NAME)), 0);
    assert_true(asks(NAME));
    assert_false(asks(NAME));
    assert_int_equal(solo_silence(&s), 0);
    resolved("1F4712DB-EA17-4BCF-A596-105139DFD8BF.LOCAL", (const char *[]){"192.0.2.9"}, 1);
    assert_true(solo_output(&s));
    assert_string_equal(rill_addr_text(&s.path.remote).text, "192.0.2.9:54596");
}

/* One question for all candidates of one name. */
static void name_of_several_candidates_is_asked_for_once(void **state)
{
    (void)state;
    start((struct rill_ice_config){0});
    solo_remote(&s, LINE(NAME));
    solo_remote(&s, LINE(NAME)); /* the same once more, of another m-line */
    solo_remote(&s, "candidate:2 1 udp 2122262782 " NAME " 54597 typ host");
    assert_true(asks(NAME));
    assert_false(asks(NAME));
    resolved(NAME, (const char *[]){"192.0.2.9"}, 1);
    assert_true(solo_output(&s));
    solo_advance(&s, 50 * RILL_MS);
    assert_true(solo_output(&s));
    assert_int_equal(s.path.remote.port, 54597);
    solo_advance(&s, 50 * RILL_MS);
    assert_int_equal(solo_silence(&s), 0);
}

/* The draft's §3.2.2 */
static void names_of_another_form_are_not_asked_for(void **state)
{
    (void)state;
    static const char *const lines[] = {
        LINE("printer.local"),
        LINE("example.org"),
        LINE("1f4712db-ea17-4bcf-a596-105139dfd8bf.lokal"),
        LINE("1f4712db-ea17-1bcf-a596-105139dfd8bf.local"), /* version 1 */
        LINE("1f4712db-ea17-4bcf-a596-105139dfd8bg.local"),
        LINE("1f4712db-ea17-4bcf-a596-105139dfd8bf.a.local"),
        LINE("1f4712dbxea17-4bcf-a596-105139dfd8bf.local"),
        "candidate:1 1 udp 2122262783 " NAME " 0 typ host",
    };
    start((struct rill_ice_config){0});
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(solo_remote(&s, lines[i]), 1);
    struct rill_ice_event e;
    assert_false(solo_event(&s, RILL_ICE_EVENT_RESOLVE, &e));
}

/* The draft's §3.2.1, step 2 */
static void name_is_ignored_where_only_relays_are_used(void **state)
{
    (void)state;
    solo_init(&s, (struct rill_ice_config){.policy = RILL_ICE_POLICY_RELAY});
    solo_credentials(&s);
    assert_int_equal(solo_remote(&s, LINE(NAME)), 1);
}

/* The draft's §3.2.2: "SHOULD ignore candidates where the hostname resolution returns more than one
 * IP address". */
static void name_with_two_addresses_or_none_is_dropped(void **state)
{
    (void)state;
    start((struct rill_ice_config){0});
    solo_remote(&s, LINE(NAME));
    assert_true(asks(NAME));
    resolved(NAME, (const char *[]){"192.0.2.9", "192.0.2.10"}, 2);
    assert_int_equal(solo_silence(&s), 0);
    solo_remote(&s, LINE(NAME)); /* told again, it is asked for again */
    assert_true(asks(NAME));
    resolved(NAME, NULL, 0);
    assert_int_equal(solo_silence(&s), 0);
    resolved(NAME, (const char *[]){"192.0.2.9"}, 1); /* too late */
    assert_int_equal(solo_silence(&s), 0);
    struct rill_ice_session_stats stats;
    rill_ice_session_stats(s.ice, &stats);
    assert_int_equal(stats.counts.names_unresolved, 2);
}

static void name_of_an_address_that_is_not_paired_is_dropped(void **state)
{
    (void)state;
    static const char *const ips[] = {"127.0.0.1", "224.0.0.1", "0.0.0.0", "255.255.255.255"};
    start((struct rill_ice_config){0});
    for (size_t i = 0; i < 4; i++) {
        solo_remote(&s, LINE(NAME));
        assert_true(asks(NAME));
        resolved(NAME, &ips[i], 1);
        assert_int_equal(solo_silence(&s), 0);
    }
}

/* The draft's §6.3: resolution is slower than the peer's check. */
static void peer_reflexive_candidate_becomes_the_named_one_when_it_is_resolved(void **state)
{
    (void)state;
    struct rill_ice_pair_info info;
    start((struct rill_ice_config){0});
    solo_remote(&s, LINE(NAME));
    assert_true(asks(NAME));
    assert_int_equal(solo_request(&s, solo_ip("192.0.2.9", 54596), true), 1);
    assert_true(solo_output(&s)); /* the answer */
    assert_true(solo_output(&s)); /* the triggered check */
    assert_int_equal(solo_success(&s), 1);
    assert_true(rill_ice_pair_info(s.ice, &info));
    assert_int_equal(info.remote.type, RILL_ICE_PRFLX);
    resolved(NAME, (const char *[]){"192.0.2.9"}, 1);
    assert_true(rill_ice_pair_info(s.ice, &info));
    assert_int_equal(info.remote.type, RILL_ICE_HOST);
    assert_string_equal(info.remote.name, NAME);
    assert_int_equal(info.remote.priority, 2122262783);
}

static void session_does_not_fail_while_a_name_is_being_asked_for(void **state)
{
    (void)state;
    start((struct rill_ice_config){0});
    solo_remote(&s, LINE(NAME));
    rill_ice_end_of_candidates(s.ice, s.now);
    solo_advance(&s, 60 * RILL_SECOND);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CHECKING);
    resolved(NAME, NULL, 0);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_FAILED);
}

/* --- ours --------------------------------------------------------------------------------- */

static void line_of(const struct rill_ice_cand *c, char *out, size_t cap)
{
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out, cap});
    rill_ice_cand_write(&w, c, rill_view_of(NULL));
    assert_true(rill_w_end_text(&w));
}

/* The sockets of so many addresses; nothing else is thrown away, as solo_open_all() would. */
static void open_sockets(unsigned n)
{
    struct rill_ice_event e;
    for (unsigned i = 0; i < n; i++) {
        assert_true(rill_ice_event(s.ice, &e));
        assert_int_equal(e.type, RILL_ICE_EVENT_OPEN);
        struct rill_addr a = e.addr;
        a.port = (uint16_t)(5000 + i);
        rill_ice_opened(s.ice, s.now, e.request, SOLO_SOCKET + i, &a);
    }
}

static void mapped_from(struct rill_addr server, struct rill_addr mapped)
{
    struct rill_stun_writer w;
    assert_true(solo_output(&s));
    solo_begin_response(&s, &w, RILL_STUN_SUCCESS);
    rill_stun_put_addr(&w, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped);
    assert_int_equal(solo_input(&s, rill_view_at(s.in, rill_stun_end(&w)), server), 1);
}

/* The draft's §3.1.1, and §3.1.2.2: the reflexive candidate is told even when it is the host's
 * address, "since an IP address … is distinct from the hostname", without what is behind it. */
static void host_address_is_told_by_its_name_alone(void **state)
{
    (void)state;
    struct rill_ice_event e;
    struct rill_addr server = rill_addr_ip4(198, 51, 100, 1, 3478);
    char line[256], name[64];
    solo_init(&s, (struct rill_ice_config){.hosts = RILL_ICE_HOSTS_NAMED});
    rill_ice_add_server(s.ice, &server);
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    open_sockets(1);
    assert_true(rill_ice_event(s.ice, &e));
    assert_int_equal(e.type, RILL_ICE_EVENT_REGISTER);
    assert_string_equal(rill_addr_text(&e.cand->addr).text, "192.0.2.1:5000");
    assert_int_equal(strlen(e.cand->name), RILL_ICE_NAME_MAX);
    assert_int_equal(e.cand->name[14], '4');
    assert_non_null(strchr("89ab", e.cand->name[19]));
    strcpy(name, e.cand->name);
    assert_true(rill_ice_event(s.ice, &e));
    assert_int_equal(e.type, RILL_ICE_EVENT_CANDIDATE);
    line_of(e.cand, line, sizeof line);
    assert_non_null(strstr(line, name));
    assert_null(strstr(line, "192.0.2.1"));
    mapped_from(server, rill_addr_ip4(192, 0, 2, 1, 5000));
    assert_true(solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e));
    line_of(e.cand, line, sizeof line);
    assert_non_null(strstr(line, " 192.0.2.1 5000 typ srflx raddr 0.0.0.0 rport 9"));
}

static void each_address_has_a_name_of_its_own_and_keeps_it_over_a_restart(void **state)
{
    (void)state;
    struct rill_ice_event e;
    char names[2][64] = {"", ""};
    solo_init(&s, (struct rill_ice_config){.hosts = RILL_ICE_HOSTS_NAMED});
    solo_up(&s, "192.0.2.1");
    solo_up(&s, "2001:db8::1");
    rill_ice_gather(s.ice, 0);
    open_sockets(2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e));
        strcpy(names[i], e.cand->name);
    }
    assert_string_not_equal(names[0], names[1]);
    assert_int_equal(rill_ice_restart(s.ice, s.now, rill_view_of("abcdefgh"),
                                      rill_view_of("abcdefghijklmnopqrstuvwx")),
                     0);
    for (size_t i = 0; i < 2; i++) {
        assert_true(solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e));
        assert_string_equal(e.cand->name, names[i]);
    }
    assert_false(solo_event(&s, RILL_ICE_EVENT_REGISTER, &e));
}

/* The draft: "ensures that an mDNS name is used to replace only one IP address"; and that address
 * has one, whatever the transport. */
static void udp_and_tcp_of_one_address_share_its_name(void **state)
{
    (void)state;
    struct rill_ice_event e;
    unsigned registered = 0, candidates = 0;
    char name[64] = "";
    solo_init(&s, (struct rill_ice_config){.hosts = RILL_ICE_HOSTS_NAMED, .tcp = RILL_ICE_TCP_ON});
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    while (rill_ice_event(s.ice, &e)) {
        struct rill_addr a = e.addr;
        a.port = (uint16_t)(5000 + candidates);
        if (e.type == RILL_ICE_EVENT_OPEN)
            rill_ice_opened(s.ice, s.now, e.request, SOLO_SOCKET + candidates, &a);
        registered += e.type == RILL_ICE_EVENT_REGISTER;
        if (e.type != RILL_ICE_EVENT_CANDIDATE)
            continue;
        candidates++;
        assert_true(!name[0] || !strcmp(name, e.cand->name));
        strcpy(name, e.cand->name);
    }
    assert_int_equal(candidates, 3);
    assert_int_equal(registered, 1);
}

/* RFC 8828 §5.2, mode 3: "the associated private addresses MUST NOT be provided". */
static void withheld_address_is_told_by_no_candidate_and_checked_from_all_the_same(void **state)
{
    (void)state;
    struct rill_ice_event e;
    struct rill_addr server = rill_addr_ip4(198, 51, 100, 1, 3478);
    char line[256];
    solo_init(&s, (struct rill_ice_config){.hosts = RILL_ICE_HOSTS_WITHHELD});
    rill_ice_add_server(s.ice, &server);
    solo_up(&s, "10.0.0.1");
    rill_ice_gather(s.ice, 0);
    solo_open_all(&s);
    mapped_from(server, rill_addr_ip4(203, 0, 113, 7, 1000));
    assert_true(solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e));
    line_of(e.cand, line, sizeof line);
    assert_non_null(strstr(line, " 203.0.113.7 1000 typ srflx raddr 0.0.0.0 rport 9"));
    assert_false(solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e));
    rill_ice_restart(s.ice, s.now, rill_view_of("abcdefgh"),
                     rill_view_of("abcdefghijklmnopqrstuvwx"));
    while (solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e))
        assert_int_not_equal(e.cand->type, RILL_ICE_HOST);
    solo_credentials(&s);
    solo_remote(&s, "candidate:1 1 udp 2122262783 192.0.2.9 54596 typ host");
    solo_advance(&s, RILL_SECOND);
    assert_true(solo_output(&s));
}

/* --- both ----------------------------------------------------------------------------------- */

static int net_gone(void **state)
{
    (void)state;
    net_free(&net);
    return 0;
}

static void two_named(int64_t delay, bool nameless)
{
    struct rill_ice_config config = {.hosts = RILL_ICE_HOSTS_NAMED};
    net_init(&net, rill_test_seed(), &config);
    net.name_delay = delay;
    net.nameless = nameless;
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
    net_interface(&net, 0, "2001:db8::1");
    net_interface(&net, 1, "2001:db8::2");
    net_start(&net);
}

static void two_agents_behind_names_find_each_other(void **state)
{
    (void)state;
    two_named(3 * RILL_MS, false);
    assert_true(net_connects(&net, 2 * RILL_SECOND));
    assert_int_equal(net.n_names, 4);
    assert_int_equal(net.questions, 4);
    assert_int_equal(net.side[0].selected_path.remote.family, RILL_ADDR_IP6);
    for (size_t i = 0; i < net.side[0].n_lines; i++)
        assert_null(strstr(net.side[0].lines[i], "192.0.2.1"));
}

/* RFC 8863: patience, and requests of the peer, if one side can resolve. */
static void agents_whose_names_nobody_answers_for_fail_and_not_before_their_time(void **state)
{
    (void)state;
    two_named(7 * RILL_SECOND, true);
    assert_false(net_connects(&net, 39 * RILL_SECOND));
    assert_int_equal(net.side[0].state, RILL_ICE_CHECKING);
    net_run(&net, 41 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
}

static void slow_names_connect_late(void **state)
{
    (void)state;
    two_named(6 * RILL_SECOND, false);
    assert_true(net_connects(&net, 8 * RILL_SECOND));
    assert_true(net.now > 6 * RILL_SECOND);
}

#define OF(f) cmocka_unit_test_teardown(f, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(name_of_the_peer_is_asked_for_and_its_address_is_checked),
        OF(name_of_several_candidates_is_asked_for_once),
        OF(names_of_another_form_are_not_asked_for),
        OF(name_is_ignored_where_only_relays_are_used),
        OF(name_with_two_addresses_or_none_is_dropped),
        OF(name_of_an_address_that_is_not_paired_is_dropped),
        OF(peer_reflexive_candidate_becomes_the_named_one_when_it_is_resolved),
        OF(session_does_not_fail_while_a_name_is_being_asked_for),
        OF(host_address_is_told_by_its_name_alone),
        OF(each_address_has_a_name_of_its_own_and_keeps_it_over_a_restart),
        OF(udp_and_tcp_of_one_address_share_its_name),
        OF(withheld_address_is_told_by_no_candidate_and_checked_from_all_the_same),
        cmocka_unit_test_teardown(two_agents_behind_names_find_each_other, net_gone),
        cmocka_unit_test_teardown(
            agents_whose_names_nobody_answers_for_fail_and_not_before_their_time, net_gone),
        cmocka_unit_test_teardown(slow_names_connect_late, net_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
