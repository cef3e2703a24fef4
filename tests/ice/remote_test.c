/* What signaling tells of the peer: candidate lines and credentials (RFC 8838, RFC 8839). */
#include "tests/ice/solo_fixture.h"

static void lines_of_no_use_are_passed_over_without_harm(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "candidate:1 1 tcp 1518280447 192.0.2.9 9 typ host tcptype active",
        "candidate:1 2 udp 1 192.0.2.9 9 typ host",
        "candidate:1 1 udp 1 192.0.2.9 9 typ teleport",
        "candidate:1 1 udp 1 example.com 9 typ host",
        "candidate:1 1 udp 1 192.0.2.9 9 typ host generation 1 ufrag other",
        "candidate:1 1 udp 1 127.0.0.1 9 typ host",
        "candidate:1 1 udp 1 ::ffff:127.0.0.1 9 typ host",
        "candidate:1 1 udp 1 ::1 9 typ host",
        "candidate:1 1 udp 1 0.0.0.0 9 typ host",
        "candidate:1 1 udp 1 239.1.2.3 9 typ host",
        "candidate:1 1 udp 1 255.255.255.255 9 typ host",
        "candidate:1 1 udp 1 192.0.2.9 0 typ host",
    };
    solo_start(&s);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(solo_remote(&s, lines[i]), 1);
    assert_false(solo_output(&s));
}

static void line_of_this_generation_is_used(void **state)
{
    (void)state;
    solo_start(&s);
    assert_int_equal(solo_remote(&s, "candidate:1 1 UDP 1 192.0.2.9 9 typ host generation 0 ufrag "
                                     "peer network-id 1 network-cost 50"),
                     0);
    assert_true(solo_output(&s));
}

static void early_line_of_another_generation_is_forgotten(void **state)
{
    (void)state;
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    solo_open_all(&s);
    assert_int_equal(solo_remote(&s, "candidate:1 1 udp 1 192.0.2.9 9 typ host ufrag other"), 0);
    assert_int_equal(solo_remote(&s, "candidate:2 1 udp 2 192.0.2.8 9 typ host ufrag peer"), 0);
    solo_credentials(&s);
    assert_true(solo_output(&s));
    assert_int_equal(s.path.remote.ip[3], 8);
    solo_advance(&s, 100 * RILL_MS);
    assert_false(solo_output(&s));
}

static void duplicate_line_is_known_already(void **state)
{
    (void)state;
    solo_start(&s);
    for (int i = 0; i < 3; i++)
        assert_int_equal(solo_remote(&s, "candidate:1 1 udp 1 192.0.2.9 9 typ host"), 0);
    assert_true(solo_output(&s));
    solo_advance(&s, 100 * RILL_MS);
    assert_false(solo_output(&s));
}

static void malformed_line_is_refused_and_the_session_goes_on(void **state)
{
    (void)state;
    solo_start(&s);
    assert_row(solo_remote(&s, "candidate:what"), ICE_CAND_GRAMMAR);
    assert_int_equal(solo_remote(&s, "candidate:1 1 udp 1 192.0.2.9 9 typ host"), 0);
    assert_true(solo_output(&s));
}

static void line_after_the_end_of_candidates_is_passed_over(void **state)
{
    (void)state;
    solo_start(&s);
    rill_ice_end_of_candidates(s.ice, s.now);
    assert_int_equal(solo_remote(&s, "candidate:1 1 udp 1 192.0.2.9 9 typ host"), 1);
}

static int credentials(size_t ufrag, size_t pwd)
{
    static const char text[300] = "u";
    return rill_ice_set_remote_credentials(s.ice, 0, rill_view_at(text, ufrag),
                                           rill_view_at(text, pwd), false);
}

static void credentials_have_their_lengths(void **state)
{
    (void)state;
    assert_row(credentials(3, 22), ICE_CREDENTIALS);
    assert_row(credentials(257, 22), ICE_CREDENTIALS);
    assert_row(credentials(4, 21), ICE_CREDENTIALS);
    assert_row(credentials(4, 257), ICE_CREDENTIALS);
    assert_int_equal(credentials(4, 22), 0);
    with_config((struct rill_ice_config){0});
    assert_int_equal(credentials(256, 256), 0);
}

static void other_credentials_are_a_restart_and_refused(void **state)
{
    (void)state;
    assert_int_equal(credentials(8, 24), 0);
    assert_int_equal(credentials(8, 24), 0);
    assert_row(credentials(9, 24), ICE_CREDENTIALS_CHANGED);
}

static void peer_reflexive_candidate_takes_the_place_of_the_least_when_full(void **state)
{
    (void)state;
    with_config((struct rill_ice_config){.remote_candidates = 2});
    solo_start(&s);
    solo_remote(&s, "candidate:1 1 udp 10 192.0.2.9 1 typ host");
    solo_remote(&s, "candidate:2 1 udp 20 192.0.2.9 2 typ host");
    assert_int_equal(solo_request(&s, solo_ip("192.0.2.10", 3), false), 1);
    assert_true(solo_output(&s));
    assert_true(solo_output(&s));
    assert_int_equal(s.path.remote.port, 3);
    solo_advance(&s, 50 * RILL_MS);
    assert_true(solo_output(&s));
    assert_int_equal(s.path.remote.port, 2);
}

static void signaled_line_tells_what_a_peer_reflexive_candidate_truly_is(void **state)
{
    (void)state;
    struct rill_ice_pair_info info;
    solo_start(&s);
    assert_int_equal(solo_request(&s, solo_ip("192.0.2.10", 3), false), 1);
    assert_true(solo_output(&s));
    assert_true(solo_output(&s));
    assert_int_equal(solo_success(&s), 1);
    assert_true(rill_ice_pair_info(s.ice, &info));
    assert_int_equal(info.remote.type, RILL_ICE_PRFLX);
    assert_int_equal(solo_remote(&s, "candidate:9 1 udp 10 192.0.2.10 3 typ srflx"), 0);
    assert_true(rill_ice_pair_info(s.ice, &info));
    assert_int_equal(info.remote.type, RILL_ICE_SRFLX);
    assert_string_equal(info.remote.foundation, "9");
}

/* It came to one base of ours alone; told by signaling it is paired with the other one too. */
static void peer_reflexive_candidate_is_paired_with_every_base_once_it_is_signaled(void **state)
{
    (void)state;
    struct rill_ice_event e;
    struct rill_addr second = solo_ip("192.0.2.2", 5001);
    unsigned from_other = 0;
    solo_start(&s);
    assert_int_equal(solo_up(&s, "192.0.2.2"), 0);
    assert_true(solo_event(&s, RILL_ICE_EVENT_OPEN, &e));
    rill_ice_opened(s.ice, s.now, e.request, SOLO_SOCKET + 1, &second);
    assert_int_equal(solo_request(&s, solo_ip("192.0.2.10", 3), false), 1);
    for (int told = 0; told < 2; told++) {
        for (int i = 0; i < 5; i++, solo_advance(&s, 50 * RILL_MS))
            while (solo_output(&s))
                from_other += s.path.socket != SOLO_SOCKET && s.m.class == RILL_STUN_REQUEST;
        assert_int_equal(from_other > 0, told);
        if (!told)
            assert_int_equal(solo_remote(&s, "candidate:9 1 udp 10 192.0.2.10 3 typ srflx"), 0);
    }
}

static void spent_peer_reflexive_candidate_makes_room_before_one_that_was_told(void **state)
{
    (void)state;
    unsigned to_told = 0;
    with_config((struct rill_ice_config){.remote_candidates = 2});
    solo_start(&s);
    assert_int_equal(solo_request(&s, solo_ip("192.0.2.10", 3), false), 1);
    assert_true(solo_output(&s));
    assert_true(solo_output(&s));
    solo_success_from(&s, solo_ip("192.0.2.11", 4), SOLO_PEER_PWD); /* not symmetric: it failed */
    assert_int_equal(solo_remote(&s, "candidate:1 1 udp 10 192.0.2.9 9 typ relay"), 0);
    assert_int_equal(solo_request(&s, solo_ip("192.0.2.12", 5), false), 1);
    for (int i = 0; i < 4; i++, solo_advance(&s, 50 * RILL_MS))
        while (solo_output(&s))
            to_told += s.path.remote.port == 9;
    assert_int_equal(to_told, 1);
}

#define OF(f) cmocka_unit_test_setup_teardown(f, fresh, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(lines_of_no_use_are_passed_over_without_harm),
        OF(line_of_this_generation_is_used),
        OF(early_line_of_another_generation_is_forgotten),
        OF(duplicate_line_is_known_already),
        OF(malformed_line_is_refused_and_the_session_goes_on),
        OF(line_after_the_end_of_candidates_is_passed_over),
        OF(credentials_have_their_lengths),
        OF(other_credentials_are_a_restart_and_refused),
        OF(peer_reflexive_candidate_takes_the_place_of_the_least_when_full),
        OF(signaled_line_tells_what_a_peer_reflexive_candidate_truly_is),
        OF(peer_reflexive_candidate_is_paired_with_every_base_once_it_is_signaled),
        OF(spent_peer_reflexive_candidate_makes_room_before_one_that_was_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
