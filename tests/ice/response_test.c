/* What responses and ICMP errors do to a check (RFC 8445 §7.2.5), and what the controlling
 * side does with a valid pair (§8.1.1). */
#include "tests/ice/solo_fixture.h"

static void response_makes_the_pair_valid_and_measures_the_round_trip(void **state)
{
    (void)state;
    struct rill_ice_event e;
    struct rill_ice_pair_info info;
    struct rill_path path;
    one_candidate();
    assert_true(solo_output(&s));
    assert_false(rill_ice_send_path(s.ice, &path));
    solo_advance(&s, 30 * RILL_MS);
    assert_int_equal(solo_success(&s), 1);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CONNECTED);
    assert_true(solo_event(&s, RILL_ICE_EVENT_VALID, &e));
    assert_true(rill_ice_send_path(s.ice, &path));
    assert_true(rill_path_equal(&path, &e.path));
    assert_true(rill_ice_is_validated(s.ice, &path));
    assert_true(rill_ice_pair_info(s.ice, &info));
    assert_int_equal(info.rtt, 30 * RILL_MS);
    assert_false(info.nominated);
}

static void controlling_agent_repeats_the_check_with_use_candidate(void **state)
{
    (void)state;
    struct rill_view v;
    rill_ice_set_controlling(s.ice, true);
    one_candidate();
    assert_true(solo_output(&s));
    assert_int_equal(solo_success(&s), 1);
    solo_advance(&s, 50 * RILL_MS);
    assert_true(solo_output(&s));
    assert_true(rill_stun_find(&s.m, RILL_STUN_USE_CANDIDATE, &v));
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CONNECTED);
    assert_int_equal(solo_success(&s), 1);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_COMPLETED);
}

/* A better pair is still being checked: 100 ms are waited for it, not more. */
static void nomination_waits_a_little_for_a_better_pair(void **state)
{
    (void)state;
    struct rill_view v;
    rill_ice_set_controlling(s.ice, true);
    solo_remote(&s, "candidate:1 1 udp 2000 192.0.2.9 2000 typ host");
    solo_remote(&s, "candidate:2 1 udp 1000 192.0.2.9 1000 typ host");
    assert_true(solo_output(&s));
    solo_advance(&s, 50 * RILL_MS);
    assert_true(solo_output(&s));
    assert_int_equal(s.path.remote.port, 1000);
    assert_int_equal(solo_success(&s), 1);
    solo_advance(&s, 99 * RILL_MS);
    assert_false(solo_output(&s));
    solo_advance(&s, 1 * RILL_MS);
    assert_true(solo_output(&s));
    assert_true(rill_stun_find(&s.m, RILL_STUN_USE_CANDIDATE, &v));
    assert_int_equal(s.path.remote.port, 1000);
}

/* Candidates may still come, and this pair is no host pair: the 100 ms are waited too. */
static void reflexive_pair_is_nominated_at_once_only_after_the_end_of_candidates(void **state)
{
    (void)state;
    struct rill_view v;
    rill_ice_set_controlling(s.ice, true);
    solo_remote(&s, "candidate:1 1 udp 2000 192.0.2.9 2000 typ srflx");
    assert_true(solo_output(&s));
    assert_int_equal(solo_success(&s), 1);
    solo_advance(&s, 60 * RILL_MS);
    assert_false(solo_output(&s));
    rill_ice_end_of_candidates(s.ice, s.now);
    assert_true(solo_output(&s));
    assert_true(rill_stun_find(&s.m, RILL_STUN_USE_CANDIDATE, &v));
}

/* The next check the agent sends, past its answers. */
static bool next_check(void)
{
    while (solo_output(&s))
        if (s.m.class == RILL_STUN_REQUEST)
            return true;
    return false;
}

/* Ta for each of them would keep a peer waiting that begins DTLS only when it is nominated. */
static void nomination_goes_before_checks_that_others_have_triggered(void **state)
{
    (void)state;
    struct rill_view v;
    rill_ice_set_controlling(s.ice, true);
    one_candidate();
    assert_true(next_check());
    struct rill_addr from = s.path.remote;
    assert_int_equal(solo_request(&s, solo_ip("192.0.2.9", 5001), false), 1);
    assert_int_equal(solo_request(&s, solo_ip("192.0.2.9", 5002), false), 1);
    assert_int_equal(solo_success(&s), 1);
    solo_advance(&s, 50 * RILL_MS);
    assert_true(next_check());
    assert_true(rill_stun_find(&s.m, RILL_STUN_USE_CANDIDATE, &v));
    assert_true(rill_addr_equal(&s.path.remote, &from));
    solo_advance(&s, 50 * RILL_MS);
    assert_true(next_check());
    assert_int_equal(s.path.remote.port, 5001);
}

static void response_to_no_request_is_ignored(void **state)
{
    (void)state;
    one_candidate();
    assert_true(solo_output(&s));
    s.out[10] ^= 1; /* of the transaction id that solo_success() copies */
    assert_int_equal(solo_success(&s), 0);
    assert_row(s.why.row->code, ICE_UNKNOWN_TRANSACTION);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CHECKING);
}

static void second_copy_of_a_response_is_ignored(void **state)
{
    (void)state;
    one_candidate();
    assert_true(solo_output(&s));
    assert_int_equal(solo_success(&s), 1);
    assert_int_equal(solo_success(&s), 0);
    assert_row(s.why.row->code, ICE_UNKNOWN_TRANSACTION);
}

static void response_with_another_password_is_ignored(void **state)
{
    (void)state;
    one_candidate();
    assert_true(solo_output(&s));
    assert_int_equal(solo_success_from(&s, s.path.remote, "not the peer's password"), 0);
    assert_row(s.why.row->code, ICE_INTEGRITY);
    /* It was as if never received: the right one still counts. */
    assert_int_equal(solo_success(&s), 1);
}

static void response_from_another_address_fails_the_pair(void **state)
{
    (void)state;
    one_candidate();
    assert_true(solo_output(&s));
    assert_int_equal(solo_success_from(&s, solo_ip("192.0.2.9", 4712), SOLO_PEER_PWD), 0);
    assert_row(s.why.row->code, ICE_ASYMMETRIC);
    assert_int_equal(solo_success(&s), 0);
    solo_advance(&s, RILL_SECOND);
    assert_false(solo_output(&s));
}

static void response_without_a_mapped_address_is_ignored(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    one_candidate();
    assert_true(solo_output(&s));
    solo_begin_response(&s, &w, RILL_STUN_SUCCESS);
    assert_int_equal(solo_finish(&s, &w, rill_view_of(SOLO_PEER_PWD), s.path.remote), 0);
    assert_row(s.why.row->code, ICE_RESPONSE);
    assert_int_equal(solo_success(&s), 1);
}

static void error_response_without_a_code_is_ignored(void **state)
{
    (void)state;
    struct rill_stun_writer w;
    one_candidate();
    assert_true(solo_output(&s));
    solo_begin_response(&s, &w, RILL_STUN_ERROR);
    assert_int_equal(solo_finish(&s, &w, rill_view_of(SOLO_PEER_PWD), s.path.remote), 0);
    assert_row(s.why.row->code, ICE_RESPONSE);
    assert_int_equal(solo_success(&s), 1);
}

static void error_400_fails_the_pair(void **state)
{
    (void)state;
    one_candidate();
    assert_true(solo_output(&s));
    assert_int_equal(solo_error(&s, 400), 1);
    solo_advance(&s, RILL_SECOND);
    assert_false(solo_output(&s));
}

/* RFC 7675 §5.2 */
static void error_403_on_a_valid_pair_revokes_consent(void **state)
{
    (void)state;
    struct rill_path path;
    one_candidate();
    assert_true(solo_output(&s));
    assert_int_equal(solo_success(&s), 1);
    solo_advance(&s, 6 * RILL_SECOND);
    assert_true(solo_output(&s));
    assert_int_equal(solo_error(&s, 403), 1);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_FAILED);
    assert_false(rill_ice_send_path(s.ice, &path));
}

static void error_400_to_a_consent_request_says_nothing(void **state)
{
    (void)state;
    struct rill_path path;
    one_candidate();
    assert_true(solo_output(&s));
    assert_int_equal(solo_success(&s), 1);
    solo_advance(&s, 6 * RILL_SECOND);
    assert_true(solo_output(&s));
    assert_int_equal(solo_error(&s, 400), 1);
    assert_true(rill_ice_send_path(s.ice, &path));
}

static void error_487_switches_the_role_and_asks_again(void **state)
{
    (void)state;
    uint64_t first, second;
    one_candidate();
    assert_true(solo_output(&s));
    assert_true(rill_stun_get_u64(&s.m, RILL_STUN_ICE_CONTROLLED, &first));
    assert_int_equal(solo_error(&s, 487), 1);
    assert_true(rill_ice_is_controlling(s.ice));
    solo_advance(&s, 50 * RILL_MS);
    assert_true(solo_output(&s));
    /* RFC 8445 §7.2.5.1: "The agent MUST change the tiebreaker value." */
    assert_true(rill_stun_get_u64(&s.m, RILL_STUN_ICE_CONTROLLING, &second));
    assert_true(first != second);
}

static void unreachable_path_fails_only_its_pair(void **state)
{
    (void)state;
    solo_remote(&s, SOLO_LINE("1", "192.0.2.9", "1"));
    solo_remote(&s, SOLO_LINE("2", "192.0.2.9", "2"));
    assert_true(solo_output(&s));
    rill_ice_unreachable(s.ice, s.now, &s.path);
    uint16_t dead = s.path.remote.port;
    solo_advance(&s, 50 * RILL_MS);
    assert_true(solo_output(&s));
    assert_int_not_equal(s.path.remote.port, dead);
    assert_int_equal(solo_success(&s), 1);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CONNECTED);
}

static void valid_pair_does_not_fail_by_a_forged_icmp(void **state)
{
    (void)state;
    struct rill_path path;
    one_candidate();
    assert_true(solo_output(&s));
    assert_int_equal(solo_success(&s), 1);
    rill_ice_unreachable(s.ice, s.now, &s.path);
    assert_true(rill_ice_send_path(s.ice, &path));
}

#define OF(f) cmocka_unit_test_setup_teardown(f, started, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(response_makes_the_pair_valid_and_measures_the_round_trip),
        OF(controlling_agent_repeats_the_check_with_use_candidate),
        OF(nomination_waits_a_little_for_a_better_pair),
        OF(reflexive_pair_is_nominated_at_once_only_after_the_end_of_candidates),
        OF(nomination_goes_before_checks_that_others_have_triggered),
        OF(response_to_no_request_is_ignored),
        OF(second_copy_of_a_response_is_ignored),
        OF(response_with_another_password_is_ignored),
        OF(response_from_another_address_fails_the_pair),
        OF(response_without_a_mapped_address_is_ignored),
        OF(error_response_without_a_code_is_ignored),
        OF(error_400_fails_the_pair),
        OF(error_403_on_a_valid_pair_revokes_consent),
        OF(error_400_to_a_consent_request_says_nothing),
        OF(error_487_switches_the_role_and_asks_again),
        OF(unreachable_path_fails_only_its_pair),
        OF(valid_pair_does_not_fail_by_a_forged_icmp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
