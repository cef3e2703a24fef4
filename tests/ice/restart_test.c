/* ICE restarts (RFC 8445 §9): another session, while the pair in use carries the data. */
#include "tests/ice/solo.h"

#define NEW_UFRAG "newufrag"
#define NEW_PWD "newpasswordof24characters"
#define PEER_NEXT "next"
#define PEER_NEXT_PWD "another-password-of-22+"

static struct solo s;
static char old_ufrag[9], old_pwd[25];

static struct rill_addr peer(void)
{
    return solo_ip("192.0.2.9", 4000);
}

/* A session that has selected its pair. */
static int selected(void **state)
{
    struct rill_ice_event e;
    (void)state;
    solo_init(&s, (struct rill_ice_config){0});
    rill_ice_set_controlling(s.ice, true);
    solo_start(&s);
    assert_int_equal(solo_remote(&s, "candidate:1 1 udp 2130706431 192.0.2.9 4000 typ host"), 0);
    for (int i = 0; i < 20 && rill_ice_state(s.ice) != RILL_ICE_COMPLETED; i++) {
        while (solo_output(&s))
            if (s.m.class == RILL_STUN_REQUEST)
                solo_success(&s);
        solo_advance(&s, 50 * RILL_MS);
    }
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_COMPLETED);
    while (rill_ice_event(s.ice, &e))
        continue;
    memcpy(old_ufrag, rill_ice_ufrag(s.ice).p, 8);
    memcpy(old_pwd, rill_ice_pwd(s.ice).p, 24);
    return 0;
}

static int gone(void **state)
{
    (void)state;
    solo_free(&s);
    return 0;
}

static void restart(void)
{
    assert_int_equal(
        rill_ice_restart(s.ice, s.now, rill_view_of(NEW_UFRAG), rill_view_at(NEW_PWD, 24)), 0);
}

static void next_credentials(void)
{
    assert_int_equal(rill_ice_set_remote_credentials(s.ice, s.now, rill_view_of(PEER_NEXT),
                                                     rill_view_of(PEER_NEXT_PWD), false),
                     0);
}

static bool data_goes_to(struct rill_addr to)
{
    struct rill_path path;
    return rill_ice_send_path(s.ice, &path) && rill_addr_equal(&path.remote, &to);
}

static bool is_read_from(struct rill_addr from)
{
    struct rill_path path = {SOLO_SOCKET, RILL_PROTO_UDP, from};
    return rill_ice_is_validated(s.ice, &path);
}

/* A request of a peer that knows the old credentials alone. */
static int old_request(const char *pwd)
{
    struct rill_stun_writer w;
    uint8_t name[64];
    struct rill_writer t = rill_writer_of((struct rill_span){name, sizeof name});
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    rill_w_bytes(&t, rill_view_at(old_ufrag, 8));
    rill_w_str(&t, ":" SOLO_PEER_UFRAG);
    rill_stun_put(&w, RILL_STUN_USERNAME, rill_w_view(&t));
    rill_stun_put_u32(&w, RILL_STUN_PRIORITY, 1862270975);
    rill_stun_put_u64(&w, RILL_STUN_ICE_CONTROLLED, 1);
    return solo_finish(&s, &w, rill_view_at(pwd, 24), peer());
}

static void new_request(struct rill_addr from)
{
    struct rill_stun_writer w;
    solo_begin(&s, &w, RILL_STUN_REQUEST);
    solo_username(&s, &w, ":" PEER_NEXT);
    rill_stun_put_u32(&w, RILL_STUN_PRIORITY, 1862270975);
    rill_stun_put_u64(&w, RILL_STUN_ICE_CONTROLLED, 1);
    assert_int_equal(solo_finish(&s, &w, rill_ice_pwd(s.ice), from), 1);
}

/* The new session selects a pair with this address of the peer. */
static void select_with(struct rill_addr at)
{
    next_credentials();
    for (int i = 0; i < 40 && !data_goes_to(at); i++) {
        new_request(at);
        while (solo_output(&s))
            if (s.m.class == RILL_STUN_REQUEST && rill_addr_equal(&s.path.remote, &at))
                solo_success_from(&s, at, PEER_NEXT_PWD);
        solo_advance(&s, 50 * RILL_MS);
    }
    assert_true(data_goes_to(at));
}

static void restart_keeps_the_data_on_the_pair_in_use(void **state)
{
    (void)state;
    restart();
    assert_true(rill_view_is(rill_ice_ufrag(s.ice), NEW_UFRAG));
    assert_true(data_goes_to(peer()));
    assert_true(is_read_from(peer()));
    /* webrtc-pc §5.6.2 */
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CONNECTED);
    assert_true(rill_ice_is_controlling(s.ice));
    next_credentials();
    assert_true(data_goes_to(peer()));
}

static void restart_tells_the_candidates_again(void **state)
{
    struct rill_ice_event e;
    (void)state;
    restart();
    assert_true(solo_event(&s, RILL_ICE_EVENT_CANDIDATE, &e));
    assert_int_equal(e.cand->type, RILL_ICE_HOST);
    assert_true(solo_event(&s, RILL_ICE_EVENT_GATHERING_DONE, &e));
}

static void the_new_pair_takes_over_and_the_old_one_is_read_three_seconds_more(void **state)
{
    struct rill_addr next = solo_ip("192.0.2.77", 4001);
    (void)state;
    restart();
    select_with(next);
    assert_true(is_read_from(peer()));
    solo_advance(&s, 2900 * RILL_MS);
    assert_true(is_read_from(peer()));
    solo_advance(&s, 200 * RILL_MS);
    assert_false(is_read_from(peer()));
    assert_true(is_read_from(next));
}

static void old_credentials_are_answered_until_then_and_refused_after(void **state)
{
    (void)state;
    restart();
    solo_silence(&s);
    assert_int_equal(old_request(old_pwd), 1);
    assert_true(solo_output(&s));
    assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
    assert_true(rill_stun_check_integrity(&s.m, rill_view_at(old_pwd, 24)));
    /* With the wrong password they are nobody's. */
    assert_int_equal(old_request("wrongpasswordof24charact"), 0);
    assert_row(s.why.row->code, ICE_USERNAME);
    select_with(solo_ip("192.0.2.77", 4001));
    solo_silence(&s);
    assert_int_equal(old_request(old_pwd), 0);
}

/* Requests for consent, under the old credentials, until one is seen. */
static bool consent_is_asked_for(void)
{
    for (int i = 0; i < 70; i++) {
        while (solo_output(&s)) {
            struct rill_view name;
            if (s.m.class == RILL_STUN_REQUEST && rill_stun_find(&s.m, RILL_STUN_USERNAME, &name) &&
                rill_view_starts(name, SOLO_PEER_UFRAG ":"))
                return true;
        }
        solo_advance(&s, 100 * RILL_MS);
    }
    return false;
}

static void consent_of_the_pair_in_use_is_renewed_under_old_credentials(void **state)
{
    (void)state;
    restart();
    for (int i = 0; i < 12; i++) {
        assert_true(consent_is_asked_for());
        assert_int_equal(solo_success(&s), 1);
        assert_true(data_goes_to(peer()));
        assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CONNECTED);
    }
    assert_true(s.now > 40 * RILL_SECOND);
    /* An answer from elsewhere, or with another password, renews nothing. */
    assert_true(consent_is_asked_for());
    assert_int_equal(solo_success_from(&s, solo_ip("192.0.2.66", 4000), SOLO_PEER_PWD), 0);
    assert_row(s.why.row->code, ICE_ASYMMETRIC);
    assert_int_equal(solo_success_from(&s, peer(), PEER_NEXT_PWD), 0);
    assert_row(s.why.row->code, ICE_INTEGRITY);
    assert_int_equal(solo_success(&s), 1);
}

static void consent_of_the_pair_in_use_ends_after_thirty_seconds(void **state)
{
    (void)state;
    restart();
    int64_t began = s.now;
    while (data_goes_to(peer()) && s.now < began + 60 * RILL_SECOND) {
        solo_silence(&s);
        solo_advance(&s, 100 * RILL_MS);
    }
    assert_in_range(s.now - began, 29 * RILL_SECOND, 31 * RILL_SECOND);
    assert_false(is_read_from(peer()));
}

static void a_revoked_consent_ends_it_at_once(void **state)
{
    (void)state;
    restart();
    assert_true(consent_is_asked_for());
    assert_int_equal(solo_error(&s, 403), 1);
    assert_false(data_goes_to(peer()));
}

static void a_restart_that_is_undone_leaves_everything_as_it_was(void **state)
{
    (void)state;
    restart();
    next_credentials();
    rill_ice_restart_undo(s.ice, s.now);
    assert_true(rill_view_equal(rill_ice_ufrag(s.ice), rill_view_at(old_ufrag, 8)));
    assert_true(data_goes_to(peer()));
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_COMPLETED);
    solo_silence(&s);
    assert_true(consent_is_asked_for());
    assert_int_equal(solo_success(&s), 1);
    assert_int_equal(solo_request(&s, peer(), false), 1);
    /* Nothing more to undo. */
    rill_ice_restart_undo(s.ice, s.now);
    assert_true(data_goes_to(peer()));
}

static void a_second_restart_leaves_the_pair_and_its_undo_the_first(void **state)
{
    (void)state;
    restart();
    next_credentials();
    assert_int_equal(rill_ice_restart(s.ice, s.now, rill_view_of("third-uf"),
                                      rill_view_of("thirdpasswordof24charact")),
                     0);
    assert_true(data_goes_to(peer()));
    rill_ice_restart_undo(s.ice, s.now);
    assert_true(rill_view_is(rill_ice_ufrag(s.ice), NEW_UFRAG));
    assert_true(data_goes_to(peer()));
    select_with(solo_ip("192.0.2.77", 4001));
}

static void a_restart_leads_out_of_failed(void **state)
{
    (void)state;
    for (int i = 0; i < 400 && rill_ice_state(s.ice) != RILL_ICE_FAILED; i++) {
        solo_silence(&s);
        solo_advance(&s, 100 * RILL_MS);
    }
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_FAILED);
    restart();
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_NEW);
    assert_false(data_goes_to(peer()));
    select_with(peer());
    assert_in_range(rill_ice_state(s.ice), RILL_ICE_CONNECTED, RILL_ICE_COMPLETED);
}

static void an_interface_that_goes_takes_the_pair_in_use_with_it(void **state)
{
    struct rill_addr gone_too = solo_ip("192.0.2.1", 0);
    (void)state;
    restart();
    rill_ice_interface_down(s.ice, s.now, &gone_too);
    assert_false(data_goes_to(peer()));
    assert_false(is_read_from(peer()));
}

static void credentials_of_another_length_and_a_closed_agent_are_refused(void **state)
{
    (void)state;
    assert_row(rill_ice_restart(s.ice, s.now, rill_view_of("short"), rill_view_at(NEW_PWD, 24)),
               ICE_CREDENTIALS);
    assert_row(rill_ice_restart(s.ice, s.now, rill_view_of(NEW_UFRAG), rill_view_of("short")),
               ICE_CREDENTIALS);
    assert_true(data_goes_to(peer()));
    rill_ice_close(s.ice, s.now);
    assert_row(rill_ice_restart(s.ice, s.now, rill_view_of(NEW_UFRAG), rill_view_at(NEW_PWD, 24)),
               ICE_OVER);
}

#define with_call(f) cmocka_unit_test_setup_teardown(f, selected, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_call(restart_keeps_the_data_on_the_pair_in_use),
        with_call(restart_tells_the_candidates_again),
        with_call(the_new_pair_takes_over_and_the_old_one_is_read_three_seconds_more),
        with_call(old_credentials_are_answered_until_then_and_refused_after),
        with_call(consent_of_the_pair_in_use_is_renewed_under_old_credentials),
        with_call(consent_of_the_pair_in_use_ends_after_thirty_seconds),
        with_call(a_revoked_consent_ends_it_at_once),
        with_call(a_restart_that_is_undone_leaves_everything_as_it_was),
        with_call(a_second_restart_leaves_the_pair_and_its_undo_the_first),
        with_call(a_restart_leads_out_of_failed),
        with_call(an_interface_that_goes_takes_the_pair_in_use_with_it),
        with_call(credentials_of_another_length_and_a_closed_agent_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
