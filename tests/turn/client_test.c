/* A TURN client's life: credentials, refreshing, refusals, what is relayed (RFC 8656). */
#include "tests/turn/world.h"

static struct world w;
static const struct rill_turn_config plain;

static void begin(enum rill_proto proto)
{
    world_init(&w, proto);
}

static void allocate(void)
{
    world_start(&w, plain);
    world_wait(&w, 100 * RILL_MS);
    assert_int_equal(w.allocated, 1);
}

static struct rill_addr peer(void)
{
    return rill_addr_ip4(198, 51, 100, 99, 7000);
}

static void permitted(void)
{
    struct rill_addr p = peer();
    assert_int_equal(rill_turn_permit(w.turn, w.now, &p), 0);
    assert_int_equal(rill_turn_permission(w.turn, &p), RILL_TURN_ASKED);
    world_wait(&w, 100 * RILL_MS);
    assert_int_equal(rill_turn_permission(w.turn, &p), RILL_TURN_GRANTED);
}

static void turn_allocates_after_one_challenge(void **state)
{
    (void)state;
    struct rill_turn_info info;
    begin(RILL_PROTO_UDP);
    allocate();
    rill_turn_info(w.turn, &info);
    assert_true(info.allocated && rill_addr_equal(&info.relayed[0], &w.relayed[0]));
    assert_int_equal(info.mapped.port, 40000);
    assert_int_equal(w.asked[RILL_STUN_ALLOCATE], 2);
    world_free(&w);
}

static void turn_speaks_sha256_and_hides_the_user_where_the_server_can(void **state)
{
    (void)state;
    begin(RILL_PROTO_UDP);
    w.algorithms = w.anonymous = true;
    allocate();
    assert_true(w.last_sha256 && w.last_userhash);
    world_free(&w);
}

static void turn_without_authentication_needs_no_credentials(void **state)
{
    (void)state;
    begin(RILL_PROTO_TCP);
    w.no_auth = true;
    allocate();
    assert_int_equal(w.asked[RILL_STUN_ALLOCATE], 1);
    world_free(&w);
}

static void turn_refuses_to_be_bid_down(void **state)
{
    (void)state;
    begin(RILL_PROTO_UDP);
    w.algorithms = w.no_cookie_list = true;
    world_start(&w, plain);
    world_wait(&w, 100 * RILL_MS);
    assert_int_equal(w.failed, 1);
    assert_row(w.why.row->code, STUN_BID_DOWN);
    world_free(&w);
}

static void turn_lives_for_an_hour_on_refreshes(void **state)
{
    (void)state;
    struct rill_addr p = peer();
    for (int stale = 0; stale < 2; stale++) {
        begin(RILL_PROTO_UDP);
        w.nonce_life = stale ? 700 * RILL_SECOND : 0;
        w.algorithms = stale;
        allocate();
        permitted();
        rill_turn_bind(w.turn, w.now, &p);
        world_wait(&w, 3600 * RILL_SECOND);
        assert_int_equal(w.expired, 0);
        assert_int_equal(w.lost + w.failed, 0);
        assert_true(w.has_allocation && world_permits(&w, &p));
        assert_in_range(w.asked[RILL_STUN_REFRESH], 6, 16);
        assert_in_range(w.asked[RILL_STUN_CREATE_PERMISSION], 15, 24);
        assert_in_range(w.asked[RILL_STUN_CHANNEL_BIND], 7, 16);
        assert_int_equal(w.opens, 1);
        world_free(&w);
    }
}

static void turn_relays_by_indication_and_by_channel(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t packet[1300];
    struct rill_addr p = peer();
    for (int i = 0; i < 2; i++) {
        bool channel = i == 1;
        begin(RILL_PROTO_UDP);
        allocate();
        memcpy(packet, "hello", 5);
        struct rill_span room = {packet, 5 + RILL_TURN_WRAP_MAX};
        assert_int_equal(rill_turn_wrap(w.turn, w.now, &p, room, 5), 0); /* no permission yet */
        permitted();
        if (channel)
            rill_turn_bind(w.turn, w.now, &p);
        world_wait(&w, 100 * RILL_MS);
        size_t n = rill_turn_wrap(w.turn, w.now, &p, room, 5);
        assert_int_equal(n, channel ? 9 : 20 + 12 + 4 + 8);
        assert_int_equal(world_take(&w, rill_view_at(packet, n), (struct rill_span){0}), 0);
        assert_true(rill_addr_equal(&w.relayed_to, &p) && w.n_relayed == 5);
        assert_memory_equal(w.relayed_bytes, "hello", 5);
        assert_int_equal(w.relayed_by_channel, channel);
        assert_int_equal(rill_turn_wrap(w.turn, w.now, &p, (struct rill_span){packet, 8}, 5), 0);
        world_free(&w);
    }
}

static void turn_pads_channel_data_on_streams_alone(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t packet[64];
    struct rill_addr p = peer();
    for (int i = 0; i < 2; i++) {
        begin(i ? RILL_PROTO_TLS : RILL_PROTO_UDP);
        allocate();
        permitted();
        rill_turn_bind(w.turn, w.now, &p);
        world_wait(&w, 100 * RILL_MS);
        assert_int_equal(rill_turn_wrap(w.turn, w.now, &p, (struct rill_span){packet, 64}, 5),
                         i ? 12 : 9);
        world_free(&w);
    }
}

static size_t data_indication(uint8_t *out, size_t cap, const struct rill_addr *from,
                              const char *text)
{
    struct rill_stun_writer s;
    uint8_t txid[RILL_STUN_TXID] = {9};
    rill_stun_begin(&s, (struct rill_span){out, cap}, RILL_STUN_INDICATION,
                    RILL_STUN_DATA_INDICATION, txid);
    if (from)
        rill_stun_put_addr(&s, RILL_STUN_XOR_PEER_ADDRESS, from);
    rill_stun_put(&s, RILL_STUN_DATA, rill_view_of(text));
    return rill_stun_end(&s);
}

static void turn_gives_data_of_a_stream_cut_anywhere(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t bytes[256];
    struct rill_addr p = peer();
    begin(RILL_PROTO_TCP);
    allocate();
    permitted();
    rill_turn_bind(w.turn, w.now, &p);
    world_wait(&w, 100 * RILL_MS);
    size_t n = data_indication(bytes, sizeof bytes, &p, "one");
    rill_turn_channel_put((struct rill_span){bytes + n, 4}, w.channels[0].number, 5);
    memcpy(bytes + n + 4, "seven\0\0\0", 8);
    n += 12;
    n += data_indication(bytes + n, sizeof bytes - n, &p, "end!");
    for (size_t cut = 1; cut < n; cut++) {
        unsigned got = 0;
        size_t at = 0;
        while (at < n) {
            struct rill_turn_data d;
            size_t k = n - at < cut ? n - at : cut;
            at += rill_turn_input(w.turn, w.now, (struct rill_span){bytes + at, k}, &d, NULL);
            if (d.bytes.n == 0)
                continue;
            const char *want = got == 0 ? "one" : got == 1 ? "seven" : "end!";
            assert_true(rill_view_is(rill_view_at(d.bytes.p, d.bytes.n), want));
            assert_true(rill_addr_equal(&d.peer, &p));
            got++;
        }
        assert_int_equal(got, 3);
    }
    world_free(&w);
}

/* Feeds one datagram and gives the row it was dropped with, 0 when it was taken. */
static int drop(uint8_t *bytes, size_t n)
{
    struct rill_turn_data d;
    struct rill_err why = {0};
    rill_turn_input(w.turn, w.now, (struct rill_span){bytes, n}, &d, &why);
    assert_int_equal(d.bytes.n, 0);
    return why.row ? why.row->code : 0;
}

static void turn_drops_what_no_server_would_send(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t b[256];
    struct rill_addr p = peer(), stranger = rill_addr_ip4(10, 0, 0, 1, 1), six = {0};
    six.family = RILL_ADDR_IP6;
    six.port = 1;
    begin(RILL_PROTO_UDP);
    world_start(&w, plain);
    assert_row(drop(b, data_indication(b, sizeof b, &p, "x")), TURN_NOT_OPEN);
    world_wait(&w, 100 * RILL_MS);
    permitted();
    assert_row(drop(b, data_indication(b, sizeof b, &stranger, "x")), TURN_NO_PERMISSION);
    assert_row(drop(b, data_indication(b, sizeof b, NULL, "x")), TURN_DATA);
    assert_row(drop(b, data_indication(b, sizeof b, &six, "x")), TURN_DATA);
    assert_row(drop(b, rill_test_hex("4000 0001 61", b, sizeof b).n), TURN_CHANNEL_UNBOUND);
    assert_row(drop(b, rill_test_hex("0101 0000 2112a442 000000000000000000000000", b, sizeof b).n),
               TURN_UNKNOWN_TRANSACTION);
    assert_row(drop(b, rill_test_hex("0001 0000 2112a442 000000000000000000000000", b, sizeof b).n),
               TURN_NOT_EXPECTED);
    assert_row(drop(b, rill_test_hex("0101 0008 2112a442 000000000000000000000000"
                                     "8028 0004 00000000",
                                     b, sizeof b)
                           .n),
               TURN_FINGERPRINT);
    assert_row(rill_turn_permit(w.turn, w.now, &six), TURN_NO_PERMISSION);
    world_free(&w);
}

static void turn_stream_that_is_no_turn_is_given_up(void **state)
{
    (void)state;
    uint8_t b[] = "SSH-2.0-OpenSSH_9.2\r\n";
    begin(RILL_PROTO_TCP);
    w.mute = true;
    world_start(&w, plain);
    world_wait(&w, 100 * RILL_MS);
    struct rill_turn_data d;
    rill_turn_input(w.turn, w.now, (struct rill_span){b, sizeof b - 1}, &d, NULL);
    world_wait(&w, 100 * RILL_MS);
    assert_int_equal(w.failed, 1);
    assert_row(w.why.row->code, TURN_STREAM);
    world_free(&w);
}

static void turn_passes_over_a_message_too_long_for_it(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t b[8192];
    struct rill_addr p = peer();
    struct rill_turn_data d = {0};
    begin(RILL_PROTO_TCP);
    allocate();
    permitted();
    rill_turn_channel_put((struct rill_span){b, 4}, 0x4000, 4000);
    size_t n = 4004 + data_indication(b + 4004, sizeof b - 4004, &p, "after");
    for (size_t at = 0; at < n;)
        at += rill_turn_input(w.turn, w.now, (struct rill_span){b + at, n - at}, &d, NULL);
    assert_true(rill_view_is(rill_view_at(d.bytes.p, d.bytes.n), "after"));
    world_free(&w);
}

/* --- refusals ------------------------------------------------------------------------------------
 */

static void refuse(uint16_t method, unsigned code, unsigned times)
{
    w.refuse_method = method;
    w.refuse_code = code;
    w.refusals = times;
}

static void fails_with(unsigned code, int row)
{
    begin(RILL_PROTO_UDP);
    refuse(RILL_STUN_ALLOCATE, code, 99);
    world_start(&w, plain);
    world_wait(&w, RILL_SECOND);
    assert_int_equal(w.failed, 1);
    assert_int_equal(w.why.row->code, row);
    assert_int_equal(w.opens, w.closes);
}

static void turn_tells_why_there_is_no_allocation(void **state)
{
    (void)state;
    fails_with(403, RILL_TURN_REFUSED);
    assert_row(w.why.row->code, TURN_REFUSED);
    assert_int_equal(w.why.value, 403);
    world_free(&w);
    fails_with(440, RILL_TURN_FAMILY);
    world_free(&w);
    fails_with(441, RILL_TURN_WRONG_CREDENTIALS);
    assert_row(w.why.row->code, TURN_WRONG_CREDENTIALS);
    world_free(&w);
}

static void turn_comes_back_a_minute_after_a_quota_error_and_not_before(void **state)
{
    (void)state;
    for (unsigned code = 486; code <= 508; code += 508 - 486) {
        fails_with(code, RILL_TURN_QUOTA);
        assert_row(w.why.row->code, TURN_QUOTA);
        w.refusals = 0;
        rill_turn_start(w.turn, w.now);
        world_wait(&w, RILL_SECOND);
        assert_int_equal(w.allocated, 0);
        world_wait(&w, 60 * RILL_SECOND);
        rill_turn_start(w.turn, w.now);
        world_wait(&w, RILL_SECOND);
        assert_int_equal(w.allocated, 1);
        world_free(&w);
    }
}

static void turn_tries_three_sockets_on_437(void **state)
{
    (void)state;
    fails_with(437, RILL_TURN_MISMATCH);
    assert_row(w.why.row->code, TURN_MISMATCH);
    assert_int_equal(w.opens, 3);
    world_free(&w);
    begin(RILL_PROTO_UDP);
    refuse(RILL_STUN_ALLOCATE, 437, 2);
    allocate();
    assert_int_equal(w.opens, 3);
    world_free(&w);
}

static void turn_wrong_password_is_refused_once(void **state)
{
    (void)state;
    begin(RILL_PROTO_UDP);
    refuse(RILL_STUN_ALLOCATE, 401, 1);
    w.refuse_unsealed = true; /* a 401 with nothing to answer it with */
    world_start(&w, plain);
    world_wait(&w, RILL_SECOND);
    assert_int_equal(w.failed, 1);
    assert_row(w.why.row->code, STUN_NO_CHALLENGE);
    world_free(&w);
}

static void turn_dead_server_is_given_up_after_ten_seconds(void **state)
{
    (void)state;
    begin(RILL_PROTO_UDP);
    w.mute = true;
    world_start(&w, plain);
    int64_t from = w.now;
    world_wait(&w, 60 * RILL_SECOND);
    assert_int_equal(w.failed, 1);
    assert_row(w.why.row->code, TURN_TIMEOUT);
    assert_true(w.now - from == 60 * RILL_SECOND && w.opens == 1 && w.closes == 1);
    world_free(&w);
    begin(RILL_PROTO_TCP);
    w.fail_opens = true;
    world_start(&w, plain);
    world_wait(&w, RILL_SECOND);
    assert_row(w.why.row->code, TURN_UNREACHABLE);
    world_free(&w);
}

static void turn_response_under_another_key_is_as_if_never_sent(void **state)
{
    (void)state;
    begin(RILL_PROTO_UDP);
    w.wrong_seal = true;
    world_start(&w, plain);
    world_wait(&w, 5 * RILL_SECOND);
    assert_int_equal(w.allocated + w.failed, 0);
    w.wrong_seal = false;
    world_wait(&w, 5 * RILL_SECOND);
    assert_int_equal(w.allocated, 1);
    world_free(&w);
    begin(RILL_PROTO_TCP);
    w.wrong_seal = true;
    world_start(&w, plain);
    world_wait(&w, RILL_SECOND);
    assert_int_equal(w.failed, 1);
    assert_row(w.why.row->code, STUN_UNAUTHENTICATED);
    world_free(&w);
}

static void turn_follows_a_redirection_only_when_it_is_sealed(void **state)
{
    (void)state;
    struct rill_addr other = rill_addr_ip4(192, 0, 2, 2, 3478);
    begin(RILL_PROTO_UDP);
    w.alternate = other;
    refuse(RILL_STUN_ALLOCATE, 300, 1);
    world_start(&w, plain);
    world_wait(&w, RILL_SECOND);
    assert_int_equal(w.allocated, 1);
    assert_true(rill_addr_equal(&w.server_seen, &other));
    assert_string_equal(w.domain, "other.example");
    world_free(&w);
    begin(RILL_PROTO_UDP);
    w.alternate = other;
    w.refuse_unsealed = true;
    refuse(RILL_STUN_ALLOCATE, 300, 1);
    world_start(&w, plain);
    world_wait(&w, RILL_SECOND);
    assert_false(rill_addr_equal(&w.server_seen, &other));
    assert_int_equal(w.allocated, 1);
    world_free(&w);
    begin(RILL_PROTO_UDP);
    w.alternate = other;
    refuse(RILL_STUN_ALLOCATE, 300, 2);
    world_start(&w, plain);
    world_wait(&w, RILL_SECOND);
    assert_row(w.why.row->code, TURN_REDIRECTED);
    world_free(&w);
}

static void turn_success_without_what_it_must_carry_fails(void **state)
{
    (void)state;
    begin(RILL_PROTO_UDP);
    w.relayed[0].family = RILL_ADDR_NONE;
    world_start(&w, plain);
    world_wait(&w, RILL_SECOND);
    assert_row(w.why.row->code, TURN_FAMILY);
    assert_false(w.has_allocation); /* deleted */
    assert_int_equal(w.opens, w.closes);
    world_free(&w);
    begin(RILL_PROTO_UDP);
    w.lifetime_s = 0;
    world_start(&w, plain);
    world_wait(&w, RILL_SECOND);
    assert_row(w.why.row->code, TURN_RESPONSE);
    world_free(&w);
}

static void turn_forbidden_peer_gets_nothing(void **state)
{
    (void)state;
    uint8_t packet[100] = {0};
    struct rill_addr p = peer();
    begin(RILL_PROTO_UDP);
    refuse(RILL_STUN_CREATE_PERMISSION, 403, 1);
    allocate();
    rill_turn_permit(w.turn, w.now, &p);
    world_wait(&w, RILL_SECOND);
    assert_int_equal(rill_turn_permission(w.turn, &p), RILL_TURN_FORBIDDEN);
    assert_int_equal(rill_turn_wrap(w.turn, w.now, &p, (struct rill_span){packet, 100}, 5), 0);
    world_free(&w);
}

static void turn_allocation_that_is_gone_is_made_anew_with_its_peers(void **state)
{
    (void)state;
    struct rill_addr p = peer();
    begin(RILL_PROTO_UDP);
    allocate();
    permitted();
    rill_turn_bind(w.turn, w.now, &p);
    world_wait(&w, RILL_SECOND);
    /* The server starts anew: it knows no allocation and another nonce. */
    w.has_allocation = false;
    w.nonce++;
    memset(w.permits, 0, sizeof w.permits);
    memset(w.channels, 0, sizeof w.channels);
    rill_turn_probe(w.turn, w.now);
    world_wait(&w, RILL_SECOND);
    assert_int_equal(w.lost, 1);
    assert_int_equal(w.allocated, 2);
    assert_true(world_permits(&w, &p) && w.channels[0].until);
    world_free(&w);
}

static void turn_lost_for_good_says_so(void **state)
{
    (void)state;
    begin(RILL_PROTO_TCP);
    allocate();
    w.fail_opens = true;
    rill_turn_closed(w.turn, w.now);
    world_wait(&w, 120 * RILL_SECOND);
    assert_int_equal(w.lost, 1);
    assert_int_equal(w.failed, 1);
    assert_row(w.why.row->code, TURN_LOST);
    assert_in_range(w.opens, 8, 20);
    world_free(&w);
}

static void turn_gives_both_families_of_one_allocation(void **state)
{
    (void)state;
    struct rill_turn_info info;
    struct rill_turn_config both = {.both = true}, six = {.family = RILL_ADDR_IP6};
    struct rill_addr v6 = {.family = RILL_ADDR_IP6, .port = 9, .ip = {0x20, 1, 0xd, 0xb8}};
    begin(RILL_PROTO_UDP);
    w.relayed[1] = w.relayed[0];
    w.relayed[0] = v6;
    world_start(&w, both);
    world_wait(&w, RILL_SECOND);
    rill_turn_info(w.turn, &info);
    assert_int_equal(info.relayed[0].family, RILL_ADDR_IP4);
    assert_int_equal(info.relayed[1].family, RILL_ADDR_IP6);
    assert_int_equal(rill_turn_permit(w.turn, w.now, &v6), 0);
    world_free(&w);
    begin(RILL_PROTO_UDP);
    w.relayed[0] = v6;
    world_start(&w, six);
    world_wait(&w, RILL_SECOND);
    assert_int_equal(w.allocated, 1);
    world_free(&w);
}

static void turn_close_deletes_the_allocation(void **state)
{
    (void)state;
    begin(RILL_PROTO_UDP);
    allocate();
    rill_turn_close(w.turn, w.now);
    world_wait(&w, RILL_SECOND);
    assert_false(w.has_allocation);
    assert_int_equal(w.closes, 1);
    assert_int_equal(rill_turn_deadline(w.turn), RILL_NEVER);
    world_free(&w);
}

static void turn_full_table_gives_up_the_peer_used_longest_ago(void **state)
{
    (void)state;
    struct rill_turn_config two = {.peers = 2};
    struct rill_addr p[3];
    begin(RILL_PROTO_UDP);
    world_start(&w, two);
    world_wait(&w, RILL_SECOND);
    for (uint8_t i = 0; i < 3; i++) {
        p[i] = rill_addr_ip4(10, 0, 0, i, 1);
        rill_turn_permit(w.turn, w.now, &p[i]);
        world_wait(&w, RILL_SECOND);
    }
    assert_int_equal(rill_turn_permission(w.turn, &p[0]), RILL_TURN_NONE);
    assert_int_equal(rill_turn_permission(w.turn, &p[1]), RILL_TURN_GRANTED);
    assert_int_equal(rill_turn_permission(w.turn, &p[2]), RILL_TURN_GRANTED);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turn_allocates_after_one_challenge),
        cmocka_unit_test(turn_speaks_sha256_and_hides_the_user_where_the_server_can),
        cmocka_unit_test(turn_without_authentication_needs_no_credentials),
        cmocka_unit_test(turn_refuses_to_be_bid_down),
        cmocka_unit_test(turn_lives_for_an_hour_on_refreshes),
        cmocka_unit_test(turn_relays_by_indication_and_by_channel),
        cmocka_unit_test(turn_pads_channel_data_on_streams_alone),
        cmocka_unit_test(turn_gives_data_of_a_stream_cut_anywhere),
        cmocka_unit_test(turn_drops_what_no_server_would_send),
        cmocka_unit_test(turn_stream_that_is_no_turn_is_given_up),
        cmocka_unit_test(turn_passes_over_a_message_too_long_for_it),
        cmocka_unit_test(turn_tells_why_there_is_no_allocation),
        cmocka_unit_test(turn_comes_back_a_minute_after_a_quota_error_and_not_before),
        cmocka_unit_test(turn_tries_three_sockets_on_437),
        cmocka_unit_test(turn_wrong_password_is_refused_once),
        cmocka_unit_test(turn_dead_server_is_given_up_after_ten_seconds),
        cmocka_unit_test(turn_response_under_another_key_is_as_if_never_sent),
        cmocka_unit_test(turn_follows_a_redirection_only_when_it_is_sealed),
        cmocka_unit_test(turn_success_without_what_it_must_carry_fails),
        cmocka_unit_test(turn_forbidden_peer_gets_nothing),
        cmocka_unit_test(turn_allocation_that_is_gone_is_made_anew_with_its_peers),
        cmocka_unit_test(turn_lost_for_good_says_so),
        cmocka_unit_test(turn_gives_both_families_of_one_allocation),
        cmocka_unit_test(turn_close_deletes_the_allocation),
        cmocka_unit_test(turn_full_table_gives_up_the_peer_used_longest_ago),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
