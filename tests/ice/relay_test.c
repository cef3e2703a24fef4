/* Relayed candidates: what the agent asks of a TURN server, and what it never sends past it. */
#include "tests/turn/world.h"

#include "ice/why.h"

#define RELAY_SOCKET 9u
#define HOST_SOCKET 20u

static struct world w; /* the server alone; its client is in the agent */
static struct rill_ice *ice;
static void *block;
static unsigned hosts, relays, closes; /* sockets asked for */
static char lines[8][256];
static size_t n_lines;
static bool gathered;
static int64_t gathered_at;
static struct rill_stun_msg relayed; /* the last check that the server relayed */
static unsigned past;                /* datagrams that went elsewhere than to the server */

static struct rill_addr server_addr(void)
{
    return rill_addr_ip4(192, 0, 2, 1, 3478);
}

static void init_with(enum rill_ice_policy policy, bool loopback, struct rill_addr server)
{
    static struct rill_rng_seeded rng;
    struct rill_ice_turn_server turn = {
        .addr = server, .username = world_username(), .password = rill_view_of("pass")};
    rill_rng_seeded_init(&rng, rill_test_seed());
    struct rill_ice_config config = {.policy = policy,
                                     .loopback = loopback,
                                     .turn = &turn,
                                     .n_turn = 1,
                                     .rng = rill_rng_seeded(&rng)};
    world_init(&w, RILL_PROTO_UDP);
    hosts = relays = closes = past = 0;
    n_lines = 0;
    gathered = false;
    block = malloc(rill_ice_size(&config));
    ice = rill_ice_init(block, &config);
    assert_non_null(ice);
    struct rill_addr a = rill_addr_ip4(10, 0, 0, 1, 0);
    assert_int_equal(rill_ice_interface_up(ice, w.now, &a), 0);
}

static void init(enum rill_ice_policy policy, bool loopback)
{
    init_with(policy, loopback, server_addr());
}

static int gone(void **state)
{
    (void)state;
    free(block);
    return 0;
}

static void event(const struct rill_ice_event *e)
{
    struct rill_addr a = e->addr;
    if (e->type == RILL_ICE_EVENT_OPEN && rill_addr_is_any(&a)) {
        rill_ice_opened(ice, w.now, e->request, RELAY_SOCKET + relays++, &a);
    } else if (e->type == RILL_ICE_EVENT_OPEN) {
        a.port = 4000;
        rill_ice_opened(ice, w.now, e->request, HOST_SOCKET + hosts++, &a);
    } else if (e->type == RILL_ICE_EVENT_CANDIDATE) {
        struct rill_writer text =
            rill_writer_of((struct rill_span){(uint8_t *)lines[n_lines++], sizeof lines[0]});
        rill_ice_cand_write(&text, e->cand, (struct rill_view){0});
        rill_w_end_text(&text);
    } else if (e->type == RILL_ICE_EVENT_GATHERING_DONE) {
        gathered = true;
        gathered_at = w.now;
    }
    closes += e->type == RILL_ICE_EVENT_CLOSE;
}

static void events(void)
{
    struct rill_ice_event e;
    while (rill_ice_event(ice, &e))
        event(&e);
}

static void from_server(uint8_t *bytes, size_t n)
{
    struct rill_path path = {RELAY_SOCKET + relays - 1, RILL_PROTO_UDP, server_addr()}, inner_path;
    struct rill_span inner;
    if (!rill_ice_is_wrapped(ice, &path))
        return; /* given back meanwhile */
    assert_int_equal(
        rill_ice_unwrap(ice, w.now, &path, (struct rill_span){bytes, n}, &inner_path, &inner), n);
    if (inner.n)
        rill_ice_input(ice, w.now, &inner_path, rill_view_at(inner.p, inner.n), NULL);
}

static void run(int64_t more)
{
    static _Alignas(8) uint8_t out[2048], answer[2048];
    int64_t until = w.now + more;
    for (;;) {
        struct rill_path path;
        struct rill_addr server = server_addr();
        size_t n;
        rill_ice_tick(ice, w.now);
        events();
        while ((n = rill_ice_output(ice, w.now, &path, (struct rill_span){out, sizeof out})) > 0) {
            assert_int_not_equal(path.proto, RILL_PROTO_RELAY);
            if (!rill_addr_equal(&path.remote, &server)) {
                past++;
                continue;
            }
            w.n_relayed = 0;
            n = world_take(&w, rill_view_at(out, n), (struct rill_span){answer, sizeof answer});
            if (w.n_relayed)
                assert_int_equal(
                    rill_stun_decode(rill_view_at(w.relayed_bytes, w.n_relayed), &relayed, NULL),
                    0);
            if (n)
                from_server(answer, n);
            events();
        }
        int64_t next = rill_ice_deadline(ice);
        if (next > until)
            break;
        w.now = next > w.now ? next : w.now;
    }
    w.now = until;
}

static void remote(const char *line)
{
    assert_true(rill_ice_add_remote_candidate(ice, w.now, rill_view_of(line), NULL) >= 0);
}

static void credentials(void)
{
    assert_int_equal(rill_ice_set_remote_credentials(ice, w.now, rill_view_of("peer"),
                                                     rill_view_of("0123456789abcdefghijkl"), false),
                     0);
}

/* The peer's answer to the check that was relayed last, by a Data indication. */
static void peer_answers(void)
{
    static _Alignas(8) uint8_t answer[512], out[1024];
    struct rill_stun_writer s;
    uint8_t txid[RILL_STUN_TXID] = {5};
    rill_stun_begin(&s, (struct rill_span){answer, sizeof answer}, RILL_STUN_SUCCESS,
                    RILL_STUN_BINDING, relayed.txid.p);
    rill_stun_put_addr(&s, RILL_STUN_XOR_MAPPED_ADDRESS, &w.relayed[0]);
    rill_stun_put_integrity(&s, rill_view_of("0123456789abcdefghijkl"));
    rill_stun_put_fingerprint(&s);
    size_t n = rill_stun_end(&s);
    rill_stun_begin(&s, (struct rill_span){out, sizeof out}, RILL_STUN_INDICATION,
                    RILL_STUN_DATA_INDICATION, txid);
    rill_stun_put_addr(&s, RILL_STUN_XOR_PEER_ADDRESS, &w.relayed_to);
    rill_stun_put(&s, RILL_STUN_DATA, rill_view_at(answer, n));
    from_server(out, rill_stun_end(&s));
}

#define PEER_LINE "candidate:1 1 udp 2130706431 198.51.100.99 7000 typ host"

static void relay_policy_opens_no_socket_of_ours_and_tells_no_address(void **state)
{
    (void)state;
    init(RILL_ICE_POLICY_RELAY, false);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    assert_int_equal(hosts, 0);
    assert_int_equal(relays, 1);
    assert_true(gathered);
    assert_int_equal(n_lines, 1);
    assert_non_null(strstr(lines[0], " 203.0.113.5 50000 typ relay raddr 0.0.0.0 rport 9"));
    credentials();
    remote(PEER_LINE);
    run(5 * RILL_SECOND);
    assert_int_equal(past, 0);
    assert_int_equal(relayed.method, RILL_STUN_BINDING);
}

static void relayed_candidate_is_the_last_choice_and_names_the_mapped_address(void **state)
{
    (void)state;
    init(RILL_ICE_POLICY_ALL, false);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    assert_int_equal(n_lines, 2);
    assert_non_null(strstr(lines[0], "typ host"));
    assert_non_null(strstr(lines[1], "typ relay raddr 198.51.100.7 rport 40000"));
    assert_non_null(strstr(lines[1], " udp 1677"));
}

static void check_through_a_relay_waits_for_its_permission(void **state)
{
    (void)state;
    init(RILL_ICE_POLICY_RELAY, false);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    credentials();
    w.mute = true;
    remote(PEER_LINE);
    run(400 * RILL_MS);
    assert_int_equal(w.asked[RILL_STUN_CREATE_PERMISSION], 0);
    w.mute = false;
    run(200 * RILL_MS); /* the second CreatePermission arrives, and the check at once behind it */
    assert_int_equal(w.asked[RILL_STUN_CREATE_PERMISSION], 1);
    assert_int_equal(relayed.method, RILL_STUN_BINDING);
}

static void valid_relayed_pair_gets_a_channel_and_wraps_data(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t packet[200] = "dtls";
    struct rill_path path;
    struct rill_addr server = server_addr();
    init(RILL_ICE_POLICY_RELAY, false);
    rill_ice_set_controlling(ice, true);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    credentials();
    remote(PEER_LINE);
    run(100 * RILL_MS);
    peer_answers();
    run(100 * RILL_MS);
    assert_int_equal(w.asked[RILL_STUN_CHANNEL_BIND], 1);
    assert_true(rill_ice_send_path(ice, &path));
    assert_int_equal(path.proto, RILL_PROTO_RELAY);
    assert_true(rill_ice_is_validated(ice, &path));
    size_t n = rill_ice_wrap(ice, w.now, &path, (struct rill_span){packet, sizeof packet}, 4);
    assert_int_equal(n, 8);
    assert_true(path.socket == RELAY_SOCKET && rill_addr_equal(&path.remote, &server));
    world_take(&w, rill_view_at(packet, n), (struct rill_span){0});
    assert_memory_equal(w.relayed_bytes, "dtls", 4);
}

/* THREATS of every TURN client: 127.0.0.1, ::1 and their disguises. */
static void relay_is_never_paired_with_loopback_unless_asked(void **state)
{
    (void)state;
    static const char *const disguises[] = {"candidate:1 1 udp 99 127.0.0.1 7000 typ host",
                                            "candidate:2 1 udp 98 127.9.9.9 7000 typ host",
                                            "candidate:3 1 udp 97 ::1 7000 typ host",
                                            "candidate:4 1 udp 96 0.0.0.0 7000 typ host",
                                            "candidate:5 1 udp 95 :: 7000 typ host",
                                            "candidate:6 1 udp 94 ::ffff:127.0.0.1 7000 typ host",
                                            "candidate:7 1 udp 93 ::ffff:7f00:1 7000 typ host"};
    for (int asked = 0; asked < 2; asked++) {
        init(RILL_ICE_POLICY_RELAY, asked);
        rill_ice_gather(ice, w.now);
        run(RILL_SECOND);
        credentials();
        for (size_t i = 0; i < sizeof disguises / sizeof disguises[0]; i++)
            remote(disguises[i]);
        run(RILL_SECOND);
        assert_int_equal(w.asked[RILL_STUN_CREATE_PERMISSION] > 0, asked);
        if (!asked)
            free(block);
    }
}

/* There is a relayed candidate, and the server forbids the only peer. */
static void init_forbidden(void)
{
    init(RILL_ICE_POLICY_RELAY, false);
    w.refuse_method = RILL_STUN_CREATE_PERMISSION;
    w.refuse_code = 403;
    w.refusals = 9;
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    credentials();
    remote(PEER_LINE);
}

static void peer_the_server_forbids_fails_its_pair_at_once(void **state)
{
    (void)state;
    init_forbidden();
    rill_ice_end_of_candidates(ice, w.now);
    run(RILL_SECOND);
    assert_int_not_equal(relayed.method == RILL_STUN_BINDING && w.n_relayed, 1);
    run(60 * RILL_SECOND);
    assert_int_equal(rill_ice_state(ice), RILL_ICE_FAILED);
}

static void dead_turn_server_holds_back_nothing_but_the_end_of_gathering(void **state)
{
    (void)state;
    init(RILL_ICE_POLICY_ALL, false);
    w.mute = true;
    rill_ice_gather(ice, w.now);
    int64_t from = w.now;
    credentials();
    remote(PEER_LINE);
    run(10 * RILL_MS);
    assert_int_equal(n_lines, 1);
    assert_int_equal(past, 1); /* the first check left at once */
    run(20 * RILL_SECOND);
    assert_true(gathered);
    assert_int_equal((gathered_at - from) / RILL_MS, 9500);
}

/* RFC 5928 §3: "If the TURN client cannot contact a TURN server with any of the IP address and port
 * tuples", and not before, it is given up. */
static void turn_server_known_late_is_asked_at_each_of_its_addresses(void **state)
{
    (void)state;
    struct rill_addr addrs[2] = {rill_addr_ip4(192, 0, 2, 66, 3478), server_addr()};
    init_with(RILL_ICE_POLICY_RELAY, false, (struct rill_addr){0});
    rill_ice_await_servers(ice, w.now, true);
    rill_ice_gather(ice, w.now);
    run(3 * RILL_SECOND);
    assert_int_equal(relays, 0);
    assert_false(gathered);
    rill_ice_turn_resolved(ice, w.now, 0, addrs, 2);
    rill_ice_await_servers(ice, w.now, false);
    run(5 * RILL_SECOND);
    assert_true(past > 0); /* the first of them, which is dead */
    assert_false(gathered);
    run(10 * RILL_SECOND);
    assert_int_equal(n_lines, 1);
    assert_true(gathered);
}

static void turn_server_without_an_address_holds_nothing_up(void **state)
{
    (void)state;
    init_with(RILL_ICE_POLICY_ALL, false, (struct rill_addr){0});
    rill_ice_await_servers(ice, w.now, true);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    assert_false(gathered);
    rill_ice_await_servers(ice, w.now, false);
    run(RILL_MS);
    assert_true(gathered);
    assert_int_equal(n_lines, 1);
    assert_int_equal(relays, 0);
}

static void silent_turn_server_is_asked_again_while_there_is_no_way_to_the_peer(void **state)
{
    (void)state;
    init(RILL_ICE_POLICY_ALL, false);
    w.mute = true;
    rill_ice_gather(ice, w.now);
    run(20 * RILL_SECOND);
    assert_int_equal(relays, 1); /* nobody needs it yet */
    w.mute = false;
    run(20 * RILL_SECOND);
    assert_int_equal(w.asked[RILL_STUN_ALLOCATE], 0);
    credentials();
    remote(PEER_LINE);
    run(RILL_SECOND);
    assert_int_equal(relays, 2);
    assert_true(w.has_allocation);
    assert_int_equal(relayed.method, RILL_STUN_BINDING);
}

static void relayed_pair_is_nominated_when_direct_ones_had_two_seconds(void **state)
{
    (void)state;
    struct rill_view v;
    init(RILL_ICE_POLICY_ALL, false);
    rill_ice_set_controlling(ice, true);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    credentials();
    remote(PEER_LINE);
    run(150 * RILL_MS);
    peer_answers();
    run(1900 * RILL_MS);
    assert_int_equal(rill_ice_state(ice), RILL_ICE_CONNECTED);
    assert_false(rill_stun_find(&relayed, RILL_STUN_USE_CANDIDATE, &v));
    run(200 * RILL_MS);
    assert_true(rill_stun_find(&relayed, RILL_STUN_USE_CANDIDATE, &v));
}

static void lost_allocation_drops_its_pairs_and_the_next_one_is_told(void **state)
{
    (void)state;
    init(RILL_ICE_POLICY_RELAY, false);
    rill_ice_set_controlling(ice, true);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    credentials();
    remote(PEER_LINE);
    run(100 * RILL_MS);
    peer_answers();
    run(100 * RILL_MS);
    w.has_allocation = false;
    w.relayed[0].port = 51000;
    struct rill_path path = {RELAY_SOCKET, RILL_PROTO_UDP, server_addr()};
    rill_ice_unreachable(ice, w.now, &path);
    run(RILL_SECOND);
    assert_int_equal(relays, 2);
    assert_int_equal(n_lines, 2);
    assert_non_null(strstr(lines[1], " 51000 typ relay"));
    assert_int_equal(rill_ice_state(ice), RILL_ICE_DISCONNECTED);
    peer_answers();
    run(100 * RILL_MS);
    assert_true(rill_ice_send_path(ice, &path));
}

/* --- why (ice/why.h) -------------------------------------------------------------------------- */

/* Whether the rules name this cause, with this number. */
static bool is_named(const char *name, uint64_t value)
{
    struct rill_ice_facts facts;
    struct rill_cause causes[16];
    rill_ice_facts(ice, &facts);
    size_t n = rill_ice_causes(&facts, causes, 16);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(causes[i].name, name))
            return causes[i].value == value;
    return false;
}

static void why_tells_what_the_turn_server_answered(void **state)
{
    (void)state;
    static const struct {
        unsigned code;
        const char *cause;
        uint64_t value;
    } cases[] = {{486, "turn-quota", 486}, {508, "turn-quota", 508}, {403, "turn-refused", 403}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        init(RILL_ICE_POLICY_RELAY, false);
        w.refuse_method = RILL_STUN_ALLOCATE;
        w.refuse_code = cases[i].code;
        w.refusals = 99;
        rill_ice_gather(ice, w.now);
        run(20 * RILL_SECOND);
        assert_true(is_named(cases[i].cause, cases[i].value));
        assert_true(is_named("relay-only", 1));
        free(block);
    }
    init(RILL_ICE_POLICY_RELAY, false);
    w.refuse_method = RILL_STUN_ALLOCATE;
    w.refuse_code = 401;
    w.refusals = 99;
    rill_ice_gather(ice, w.now);
    run(20 * RILL_SECOND);
    assert_true(is_named("turn-credentials", 1));
}

static void why_tells_of_a_turn_server_that_is_silent(void **state)
{
    (void)state;
    init(RILL_ICE_POLICY_RELAY, false);
    w.mute = true;
    rill_ice_gather(ice, w.now);
    run(20 * RILL_SECOND);
    assert_true(is_named("turn-silent", 1));
}

static void why_tells_of_a_turn_server_that_forbids_the_peer(void **state)
{
    (void)state;
    init_forbidden();
    run(RILL_SECOND);
    assert_true(is_named("not-permitted", 1));
    assert_false(is_named("turn-refused", 1));
}

/* RFC 8445 §9: the allocation stays, its candidate is told again, and the data keeps its channel
 * until the new session has a pair. */
static void restart_keeps_the_relayed_pair_and_its_allocation(void **state)
{
    (void)state;
    static const char ufrag[] = "12345678", pwd[] = "123456789012345678901234";
    struct rill_path old, path;
    init(RILL_ICE_POLICY_RELAY, false);
    rill_ice_set_controlling(ice, true);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    credentials();
    remote(PEER_LINE);
    run(100 * RILL_MS);
    peer_answers();
    run(100 * RILL_MS);
    peer_answers(); /* to the nomination */
    assert_true(rill_ice_send_path(ice, &old));
    unsigned allocates = w.asked[RILL_STUN_ALLOCATE];
    assert_int_equal(rill_ice_restart(ice, w.now, rill_view_of(ufrag), rill_view_of(pwd)), 0);
    run(RILL_SECOND);
    assert_int_equal(n_lines, 2);
    assert_string_equal(lines[0], lines[1]);
    assert_int_equal(w.asked[RILL_STUN_ALLOCATE], allocates);
    assert_true(rill_ice_send_path(ice, &path));
    assert_true(rill_addr_equal(&path.remote, &old.remote) && path.socket == old.socket);
    assert_int_equal(rill_ice_set_remote_credentials(ice, w.now, rill_view_of("next"),
                                                     rill_view_of("0123456789abcdefghijkl"), false),
                     0);
    remote("candidate:1 1 udp 2130706431 198.51.100.99 7001 typ host");
    for (int i = 0; i < 3; i++) {
        run(100 * RILL_MS);
        peer_answers();
    }
    assert_true(rill_ice_send_path(ice, &path));
    assert_int_equal(path.proto, RILL_PROTO_RELAY);
    assert_int_equal(path.remote.port, 7001);
    run(100 * RILL_MS);
    assert_int_equal(w.asked[RILL_STUN_CHANNEL_BIND], 2);
    assert_int_equal(w.asked[RILL_STUN_ALLOCATE], allocates);
    assert_int_equal(past, 0);
}

/* The network changed, say: the server knows us no more by the address that we have now. */
static void restart_asks_whether_the_allocation_still_stands(void **state)
{
    (void)state;
    static const char ufrag[] = "12345678", pwd[] = "123456789012345678901234";
    init(RILL_ICE_POLICY_RELAY, false);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    w.has_allocation = false;
    w.relayed[0].port = 51000;
    gathered = false;
    assert_int_equal(rill_ice_restart(ice, w.now, rill_view_of(ufrag), rill_view_of(pwd)), 0);
    run(RILL_SECOND);
    assert_non_null(strstr(lines[n_lines - 1], " 51000 typ relay"));
    assert_true(gathered && w.has_allocation);
}

static void close_gives_the_allocation_back(void **state)
{
    (void)state;
    init(RILL_ICE_POLICY_ALL, false);
    rill_ice_gather(ice, w.now);
    run(RILL_SECOND);
    assert_true(w.has_allocation);
    rill_ice_close(ice, w.now);
    run(RILL_SECOND);
    assert_false(w.has_allocation);
    assert_int_equal(closes, 2);
    assert_int_equal(rill_ice_deadline(ice), RILL_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(relay_policy_opens_no_socket_of_ours_and_tells_no_address, gone),
        cmocka_unit_test_teardown(relayed_candidate_is_the_last_choice_and_names_the_mapped_address,
                                  gone),
        cmocka_unit_test_teardown(check_through_a_relay_waits_for_its_permission, gone),
        cmocka_unit_test_teardown(valid_relayed_pair_gets_a_channel_and_wraps_data, gone),
        cmocka_unit_test_teardown(relay_is_never_paired_with_loopback_unless_asked, gone),
        cmocka_unit_test_teardown(peer_the_server_forbids_fails_its_pair_at_once, gone),
        cmocka_unit_test_teardown(dead_turn_server_holds_back_nothing_but_the_end_of_gathering,
                                  gone),
        cmocka_unit_test_teardown(turn_server_known_late_is_asked_at_each_of_its_addresses, gone),
        cmocka_unit_test_teardown(turn_server_without_an_address_holds_nothing_up, gone),
        cmocka_unit_test_teardown(
            silent_turn_server_is_asked_again_while_there_is_no_way_to_the_peer, gone),
        cmocka_unit_test_teardown(relayed_pair_is_nominated_when_direct_ones_had_two_seconds, gone),
        cmocka_unit_test_teardown(lost_allocation_drops_its_pairs_and_the_next_one_is_told, gone),
        cmocka_unit_test_teardown(why_tells_what_the_turn_server_answered, gone),
        cmocka_unit_test_teardown(why_tells_of_a_turn_server_that_is_silent, gone),
        cmocka_unit_test_teardown(why_tells_of_a_turn_server_that_forbids_the_peer, gone),
        cmocka_unit_test_teardown(restart_keeps_the_relayed_pair_and_its_allocation, gone),
        cmocka_unit_test_teardown(restart_asks_whether_the_allocation_still_stands, gone),
        cmocka_unit_test_teardown(close_gives_the_allocation_back, gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
