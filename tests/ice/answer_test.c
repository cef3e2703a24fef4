/* What the agent does with Binding requests, right and wrong (RFC 8445 §7.3, RFC 8489 §9.1.3). */
#include "tests/ice/solo_fixture.h"

static struct rill_addr peer(void)
{
    return solo_ip("192.0.2.9", 4711);
}

static void assert_code(unsigned code)
{
    unsigned got = 0;
    struct rill_view reason;
    assert_int_equal(s.m.class, RILL_STUN_ERROR);
    assert_true(rill_stun_get_error(&s.m, &got, &reason));
    assert_int_equal(got, code);
    assert_true(rill_stun_check_integrity(&s.m, rill_ice_pwd(s.ice)));
    assert_true(rill_stun_check_fingerprint(&s.m));
}

static void dropped(int taken)
{
    assert_int_equal(taken, 0);
    /* The agent may check candidates of its own; here it has none. */
    assert_false(solo_output(&s));
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CHECKING);
}

static void right_request_is_answered_with_its_source(void **state)
{
    (void)state;
    struct rill_addr mapped, from = peer();
    struct rill_view v;
    assert_int_equal(solo_request(&s, from, false), 1);
    assert_true(solo_output(&s));
    assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
    assert_true(rill_addr_equal(&s.path.remote, &from));
    assert_memory_equal(s.m.txid.p, s.in + 8, RILL_STUN_TXID);
    assert_true(rill_stun_get_addr(&s.m, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped));
    assert_true(rill_addr_equal(&mapped, &from));
    assert_false(rill_stun_find(&s.m, RILL_STUN_USERNAME, &v));
    assert_true(rill_stun_check_integrity(&s.m, rill_ice_pwd(s.ice)));
    assert_int_equal(s.m.fingerprint_at, s.m.raw.n - 8);
    assert_true(rill_stun_check_fingerprint(&s.m));
}

static void request_over_ip6_is_answered_with_its_source(void **state)
{
    (void)state;
    struct rill_addr mapped, from = solo_ip("2001:db8::9", 4711);
    assert_int_equal(solo_request(&s, from, false), 1);
    assert_true(solo_output(&s));
    assert_true(rill_stun_get_addr(&s.m, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped));
    assert_true(rill_addr_equal(&mapped, &from));
}

static void request_without_integrity_is_dropped(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":peer");
    rill_stun_put_fingerprint(&w);
    dropped(solo_input(&s, rill_view_at(s.in, rill_stun_end(&w)), peer()));
    assert_row(s.why.row->code, ICE_NO_CREDENTIALS);
}

static void request_without_username_is_dropped(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    dropped(solo_finish(&s, &w, rill_ice_pwd(s.ice), peer()));
    assert_row(s.why.row->code, ICE_NO_CREDENTIALS);
}

static void request_made_with_another_password_is_dropped(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":peer");
    dropped(solo_finish(&s, &w, rill_view_of("another password 12345"), peer()));
    assert_row(s.why.row->code, ICE_INTEGRITY);
}

static void request_for_another_username_is_dropped(void **state)
{
    (void)state;
    static const char *const names[] = {"other:peer", ":peer", "other", ""};
    for (size_t i = 0; i < 4; i++) {
        struct rill_stun_writer w;
        solo_begin(&s, &w, RILL_STUN_REQUEST);
        rill_stun_put(&w, RILL_STUN_USERNAME, rill_view_of(names[i]));
        dropped(solo_finish(&s, &w, rill_ice_pwd(s.ice), peer()));
        assert_row(s.why.row->code, ICE_USERNAME);
    }
}

static void our_fragment_without_a_colon_is_no_username(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, "");
    dropped(solo_finish(&s, &w, rill_ice_pwd(s.ice), peer()));
    assert_row(s.why.row->code, ICE_USERNAME);
}

static void request_with_a_wrong_or_no_fingerprint_is_dropped(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    for (int with = 0; with < 2; with++) {
        solo_begin(&s, &w, RILL_STUN_REQUEST);
        solo_username(&s, &w, ":peer");
        rill_stun_put_integrity(&w, rill_ice_pwd(s.ice));
        if (with)
            rill_stun_put_fingerprint(&w);
        size_t n = rill_stun_end(&w);
        s.in[n - 1] ^= (uint8_t)with;
        dropped(solo_input(&s, rill_view_at(s.in, n), peer()));
        assert_row(s.why.row->code, ICE_FINGERPRINT);
    }
}

static void message_of_another_method_is_dropped(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    uint8_t txid[RILL_STUN_TXID] = {0};
    rill_stun_begin(&w, (struct rill_span){s.in, sizeof s.in}, RILL_STUN_REQUEST, 3, txid);
    dropped(solo_finish(&s, &w, rill_ice_pwd(s.ice), peer()));
    assert_row(s.why.row->code, ICE_NOT_BINDING);
}

static void indication_keeps_alive_and_is_not_answered(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    solo_begin(&s, &w, RILL_STUN_INDICATION);
    rill_stun_put_fingerprint(&w);
    assert_int_equal(solo_input(&s, rill_view_at(s.in, rill_stun_end(&w)), peer()), 1);
    assert_false(solo_output(&s));
}

static void request_to_a_socket_that_is_no_base_is_dropped(void **state)
{
    (void)state;
    assert_int_equal(solo_request(&s, peer(), false), 1);
    size_t n = (size_t)(s.in[2] << 8 | s.in[3]) + 20;
    struct rill_path path = {99, RILL_PROTO_UDP, peer()};
    assert_int_equal(rill_ice_input(s.ice, s.now, &path, rill_view_at(s.in, n), &s.why), 0);
    assert_row(s.why.row->code, ICE_UNKNOWN_SOCKET);
}

static void closed_agent_answers_nothing(void **state)
{
    (void)state;
    rill_ice_close(s.ice, s.now);
    assert_int_equal(solo_request(&s, peer(), false), 0);
    assert_row(s.why.row->code, ICE_OVER);
    assert_false(solo_output(&s));
    assert_true(rill_ice_deadline(s.ice) == RILL_NEVER);
}

static void unknown_required_attribute_is_named_in_a_420(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    struct rill_view v;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":peer");
    rill_stun_put_u32(&w, 0x0077, 1);
    assert_int_equal(solo_finish(&s, &w, rill_ice_pwd(s.ice), peer()), 1);
    assert_true(solo_output(&s));
    assert_code(420);
    assert_true(rill_stun_find(&s.m, RILL_STUN_UNKNOWN_ATTRIBUTES, &v));
    assert_int_equal(v.n, 2);
    assert_memory_equal(v.p, "\x00\x77", 2);
}

static void unknown_optional_attribute_changes_nothing(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":peer");
    rill_stun_put_u32(&w, RILL_STUN_PRIORITY, 5);
    rill_stun_put_u32(&w, 0xc057, 1);
    assert_int_equal(solo_finish(&s, &w, rill_ice_pwd(s.ice), peer()), 1);
    assert_true(solo_output(&s));
    assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
}

static void use_candidate_behind_the_integrity_does_not_nominate(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    struct rill_ice_event e;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":peer");
    rill_stun_put_u32(&w, RILL_STUN_PRIORITY, 5);
    rill_stun_put_integrity(&w, rill_ice_pwd(s.ice));
    rill_stun_put(&w, RILL_STUN_USE_CANDIDATE, (struct rill_view){0});
    rill_stun_put_fingerprint(&w);
    assert_int_equal(solo_input(&s, rill_view_at(s.in, rill_stun_end(&w)), peer()), 1);
    assert_true(solo_output(&s));
    assert_true(solo_output(&s));
    assert_int_equal(s.m.class, RILL_STUN_REQUEST);
    assert_int_equal(solo_success(&s), 1);
    assert_false(solo_event(&s, RILL_ICE_EVENT_SELECTED, &e));
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CONNECTED);
}

static void use_candidate_nominates_once_the_pair_is_valid(void **state)
{
    (void)state;
    struct rill_ice_event e;
    assert_int_equal(solo_request(&s, peer(), true), 1);
    assert_true(solo_output(&s));
    assert_true(solo_output(&s));
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CHECKING);
    assert_int_equal(solo_success(&s), 1);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_COMPLETED);
    assert_true(solo_event(&s, RILL_ICE_EVENT_SELECTED, &e));
    struct rill_addr from = peer();
    assert_true(rill_addr_equal(&e.path.remote, &from));
}

/* The pair towards this port becomes valid and nominated. */
static void nominate(uint32_t priority, uint16_t port)
{
    struct rill_stun_writer w;
    struct rill_addr from = solo_ip("192.0.2.9", port);
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":peer");
    rill_stun_put_u32(&w, RILL_STUN_PRIORITY, priority);
    rill_stun_put(&w, RILL_STUN_USE_CANDIDATE, (struct rill_view){0});
    assert_int_equal(solo_finish(&s, &w, rill_ice_pwd(s.ice), from), 1);
    while (solo_output(&s))
        if (s.m.class == RILL_STUN_REQUEST)
            assert_int_equal(solo_success(&s), 1);
    solo_advance(&s, 50 * RILL_MS);
}

static uint16_t send_port(void)
{
    struct rill_path path;
    assert_true(rill_ice_send_path(s.ice, &path));
    return path.remote.port;
}

/* RFC 8445 §8.1.1: of several nominated pairs "use the pairs with the highest priority". */
static void aggressive_nomination_ends_on_the_highest_priority(void **state)
{
    (void)state;
    nominate(1000, 1);
    assert_int_equal(send_port(), 1);
    nominate(3000, 3);
    assert_int_equal(send_port(), 3);
    nominate(2000, 2);
    assert_int_equal(send_port(), 3);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_COMPLETED);
}

static void nomination_of_a_lower_pair_is_taken_when_the_selected_one_is_silent(void **state)
{
    (void)state;
    nominate(3000, 3);
    for (int i = 0; i < 40; i++) {
        solo_advance(&s, 500 * RILL_MS);
        solo_silence(&s);
    }
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_DISCONNECTED);
    nominate(2000, 2);
    assert_int_equal(send_port(), 2);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_COMPLETED);
}

static void request_from_an_unknown_source_triggers_a_check_back(void **state)
{
    (void)state;
    struct rill_addr from = peer();
    assert_int_equal(solo_request(&s, from, false), 1);
    assert_true(solo_output(&s));
    assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
    assert_true(solo_output(&s));
    assert_int_equal(s.m.class, RILL_STUN_REQUEST);
    assert_true(rill_addr_equal(&s.path.remote, &from));
}

static void request_without_priority_is_answered_and_teaches_nothing(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    struct rill_path path = {SOLO_SOCKET, RILL_PROTO_UDP, peer()};
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":peer");
    assert_int_equal(solo_finish(&s, &w, rill_ice_pwd(s.ice), peer()), 1);
    assert_true(solo_output(&s));
    assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
    assert_false(solo_output(&s));
    assert_false(rill_ice_is_validated(s.ice, &path));
}

static void request_naming_another_session_of_the_peer_is_dropped(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":reep");
    rill_stun_put_u32(&w, RILL_STUN_PRIORITY, 5);
    assert_int_equal(solo_finish(&s, &w, rill_ice_pwd(s.ice), peer()), 0);
    assert_row(s.why.row->code, ICE_OTHER_SESSION);
    assert_false(solo_output(&s));
}

static void source_of_an_authenticated_request_is_validated(void **state)
{
    (void)state;
    struct rill_path path = {SOLO_SOCKET, RILL_PROTO_UDP, peer()};
    struct rill_path other = {SOLO_SOCKET, RILL_PROTO_UDP, solo_ip("192.0.2.10", 4711)};
    assert_false(rill_ice_is_validated(s.ice, &path));
    assert_int_equal(solo_request(&s, peer(), false), 1);
    assert_true(rill_ice_is_validated(s.ice, &path));
    assert_false(rill_ice_is_validated(s.ice, &other));
}

/* RFC 8445 §7.3.1.1, four cases. The tiebreaker is random: 0 loses, all ones win. */
static int conflict(bool controlling, uint64_t tiebreaker)
{
    struct rill_stun_writer w;
    rill_ice_set_controlling(s.ice, controlling);
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":peer");
    rill_stun_put_u32(&w, RILL_STUN_PRIORITY, 5);
    rill_stun_put_u64(&w, controlling ? RILL_STUN_ICE_CONTROLLING : RILL_STUN_ICE_CONTROLLED,
                      tiebreaker);
    assert_int_equal(solo_finish(&s, &w, rill_ice_pwd(s.ice), peer()), 1);
    assert_true(solo_output(&s));
    return rill_ice_is_controlling(s.ice);
}

static void controlling_agent_with_the_larger_tiebreaker_stays_and_says_487(void **state)
{
    (void)state;
    assert_true(conflict(true, 0));
    assert_code(487);
}

static void controlling_agent_with_the_smaller_tiebreaker_becomes_controlled(void **state)
{
    (void)state;
    assert_false(conflict(true, UINT64_MAX));
    assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
}

static void controlled_agent_with_the_larger_tiebreaker_becomes_controlling(void **state)
{
    (void)state;
    assert_true(conflict(false, 0));
    assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
}

static void controlled_agent_with_the_smaller_tiebreaker_stays_and_says_487(void **state)
{
    (void)state;
    assert_false(conflict(false, UINT64_MAX));
    assert_code(487);
}

static void answers_queue_exactly_full_and_one_over(void **state)
{
    (void)state;
    for (int i = 0; i < 32; i++)
        assert_int_equal(solo_request(&s, peer(), false), 1);
    assert_int_equal(solo_request(&s, peer(), false), 0);
    assert_row(s.why.row->code, ICE_ANSWERS_FULL);
    for (int i = 0; i < 32; i++) {
        assert_true(solo_output(&s));
        assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
    }
    assert_int_equal(solo_request(&s, peer(), false), 1);
}

static void thousand_sources_with_the_password_are_answered_and_bounded(void **state)
{
    (void)state;
    unsigned validated = 0;
    for (uint16_t i = 0; i < 1000; i++) {
        struct rill_addr from = solo_ip("192.0.2.9", (uint16_t)(1000 + i));
        assert_int_equal(solo_request(&s, from, false), 1);
        assert_true(solo_output(&s));
        assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
    }
    for (uint16_t i = 0; i < 1000; i++) {
        struct rill_path path = {SOLO_SOCKET, RILL_PROTO_UDP,
                                 solo_ip("192.0.2.9", (uint16_t)(1000 + i))};
        validated += rill_ice_is_validated(s.ice, &path);
    }
    assert_int_equal(validated, 32);
}

static void truncated_and_flipped_requests_never_end_the_session(void **state)
{
    (void)state;
    assert_int_equal(solo_request(&s, peer(), false), 1);
    solo_silence(&s);
    size_t n = (size_t)(s.in[2] << 8 | s.in[3]) + 20;
    uint8_t bytes[1200];
    memcpy(bytes, s.in, n);
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(solo_input(&s, rill_view_at(bytes, cut), peer()), 0);
    for (size_t i = 0; i < n; i++) {
        bytes[i] ^= 0x10;
        assert_int_equal(solo_input(&s, rill_view_at(bytes, n), peer()), 0);
        bytes[i] ^= 0x10;
    }
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CHECKING);
    assert_int_equal(solo_input(&s, rill_view_at(bytes, n), peer()), 1);
}

#define OF(f) cmocka_unit_test_setup_teardown(f, started, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(right_request_is_answered_with_its_source),
        OF(request_over_ip6_is_answered_with_its_source),
        OF(request_without_integrity_is_dropped),
        OF(request_without_username_is_dropped),
        OF(request_made_with_another_password_is_dropped),
        OF(request_for_another_username_is_dropped),
        OF(our_fragment_without_a_colon_is_no_username),
        OF(request_with_a_wrong_or_no_fingerprint_is_dropped),
        OF(message_of_another_method_is_dropped),
        OF(indication_keeps_alive_and_is_not_answered),
        OF(request_to_a_socket_that_is_no_base_is_dropped),
        OF(closed_agent_answers_nothing),
        OF(unknown_required_attribute_is_named_in_a_420),
        OF(unknown_optional_attribute_changes_nothing),
        OF(use_candidate_behind_the_integrity_does_not_nominate),
        OF(use_candidate_nominates_once_the_pair_is_valid),
        OF(aggressive_nomination_ends_on_the_highest_priority),
        OF(nomination_of_a_lower_pair_is_taken_when_the_selected_one_is_silent),
        OF(request_from_an_unknown_source_triggers_a_check_back),
        OF(request_without_priority_is_answered_and_teaches_nothing),
        OF(request_naming_another_session_of_the_peer_is_dropped),
        OF(source_of_an_authenticated_request_is_validated),
        OF(controlling_agent_with_the_larger_tiebreaker_stays_and_says_487),
        OF(controlling_agent_with_the_smaller_tiebreaker_becomes_controlled),
        OF(controlled_agent_with_the_larger_tiebreaker_becomes_controlling),
        OF(controlled_agent_with_the_smaller_tiebreaker_stays_and_says_487),
        OF(answers_queue_exactly_full_and_one_over),
        OF(thousand_sources_with_the_password_are_answered_and_bounded),
        OF(truncated_and_flipped_requests_never_end_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
