/* ICE restarts between two agents (RFC 8445 §9): another session while the pair of the one before
 * carries the data. */
#include "tests/ice/net.h"

#include "ice/errors.h"

#include <stdio.h>

static struct net net;
static unsigned generation;

/* What a side calls itself, kept as it was. */
struct names {
    char ufrag[9], pwd[25];
};

static struct names names_of(unsigned side)
{
    struct names n = {{0}, {0}};
    memcpy(n.ufrag, rill_ice_ufrag(net.side[side].ice).p, 8);
    memcpy(n.pwd, rill_ice_pwd(net.side[side].ice).p, 24);
    return n;
}

static int connected(void **state)
{
    (void)state;
    generation = 0;
    net_init(&net, rill_test_seed(), NULL);
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    return 0;
}

static int gone(void **state)
{
    (void)state;
    net_free(&net);
    return 0;
}

static void restart(unsigned side)
{
    char ufrag[9], pwd[25];
    snprintf(ufrag, sizeof ufrag, "gen%05u", ++generation);
    snprintf(pwd, sizeof pwd, "password-of-generati%04u", generation);
    assert_int_equal(
        rill_ice_restart(net.side[side].ice, net.now, rill_view_of(ufrag), rill_view_of(pwd)), 0);
    net.side[side].selected = net.side[side].gathered = false;
}

/* The other side restarts too, and both hear of it. */
static void answer(unsigned side)
{
    restart(side);
    net_credentials(&net, 0, false);
    net_credentials(&net, 1, false);
}

static bool is_selected(void)
{
    return net.side[0].selected && net.side[1].selected;
}

/* Every 10 ms there is a way to the other side, until both have selected a new pair. */
static void run_without_a_gap(int64_t within)
{
    struct rill_path path;
    for (int64_t until = net.now + within; net.now < until && !is_selected();) {
        net_run(&net, net.now + 10 * RILL_MS, false);
        for (unsigned i = 0; i < 2; i++) {
            assert_true(rill_ice_send_path(net.side[i].ice, &path));
            assert_true(rill_ice_is_validated(net.side[i].ice, &path));
        }
    }
}

/* A Binding request of side 0 to side 1, as from an agent that knows these names. */
static struct rill_view request(const struct names *to, const struct names *from,
                                uint8_t bytes[256])
{
    static uint8_t n;
    struct rill_stun_writer s;
    char username[32];
    uint8_t txid[RILL_STUN_TXID] = {0x77, ++n};
    snprintf(username, sizeof username, "%s:%s", to->ufrag, from->ufrag);
    rill_stun_begin(&s, (struct rill_span){bytes, 256}, RILL_STUN_REQUEST, RILL_STUN_BINDING, txid);
    rill_stun_put(&s, RILL_STUN_USERNAME, rill_view_of(username));
    rill_stun_put_u64(&s, RILL_STUN_ICE_CONTROLLING, 1);
    rill_stun_put_u32(&s, RILL_STUN_PRIORITY, 100);
    rill_stun_put_integrity(&s, rill_view_of(to->pwd));
    rill_stun_put_fingerprint(&s);
    size_t size = rill_stun_end(&s);
    assert_true(size > 0);
    return rill_view_at(bytes, size);
}

static int ask(const struct names *to, const struct names *from, struct rill_err *why)
{
    uint8_t bytes[256];
    struct rill_path path = {net.side[1].sockets[0].id, RILL_PROTO_UDP,
                             net.side[0].sockets[0].addr};
    return rill_ice_input(net.side[1].ice, net.now, &path, request(to, from, bytes), why);
}

/* --- what goes on -------------------------------------------------------------------------------
 */

static void restart_of_side(unsigned side)
{
    struct rill_path before[2], after;
    for (unsigned i = 0; i < 2; i++)
        assert_true(rill_ice_send_path(net.side[i].ice, &before[i]));
    restart(side);
    assert_true(rill_ice_send_path(net.side[side].ice, &after));
    assert_true(rill_addr_equal(&after.remote, &before[side].remote));
    net_run(&net, net.now + 2 * RILL_SECOND, false);
    assert_int_equal(net.side[side].state, RILL_ICE_CONNECTED);
    answer(1 - side);
    run_without_a_gap(5 * RILL_SECOND);
    assert_true(is_selected());
    assert_true(net_connects(&net, RILL_SECOND));
}

static void either_side_restarts_without_a_gap(void **state)
{
    (void)state;
    restart_of_side(0);
    restart_of_side(1);
    restart_of_side(0);
}

static void a_restart_completes_with_loss_and_without_a_gap(void **state)
{
    (void)state;
    net.loss = 200;
    restart(1);
    answer(0);
    run_without_a_gap(20 * RILL_SECOND);
    assert_true(is_selected());
}

static void roles_stay(void **state)
{
    (void)state;
    struct rill_ice_pair_info info;
    restart(1);
    answer(0);
    net.n_log = 0;
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    bool nominated = false;
    for (size_t i = 0; i < net.n_log; i++) {
        nominated = nominated || net.log[i].use_candidate;
        assert_true(!net.log[i].use_candidate || net.log[i].side == 0);
    }
    assert_true(nominated);
    assert_true(rill_ice_pair_info(net.side[1].ice, &info));
    assert_true(info.nominated);
}

static void candidates_are_told_again_under_the_new_fragment(void **state)
{
    (void)state;
    size_t before = net.side[0].n_lines;
    restart(0);
    net_run(&net, net.now + RILL_SECOND, false);
    assert_int_equal(net.side[0].n_lines, before + 1);
    assert_true(net.side[0].gathered);
    assert_non_null(strstr(net.side[0].lines[before], "gen00001"));
    assert_non_null(strstr(net.side[0].lines[before], "typ host"));
}

static void consent_of_the_previous_pair_goes_on_while_nobody_answers(void **state)
{
    (void)state;
    struct rill_path path;
    restart(0);
    net_run(&net, net.now + 120 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_CONNECTED);
    assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
    assert_true(rill_ice_send_path(net.side[1].ice, &path));
}

static void consent_of_the_previous_pair_ends_after_thirty_seconds(void **state)
{
    (void)state;
    struct rill_path path;
    int64_t start = net.now;
    restart(0);
    net.mute[1] = true;
    net_run(&net, start + 20 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
    net_run(&net, start + 31 * RILL_SECOND, false);
    assert_false(rill_ice_send_path(net.side[0].ice, &path));
    net.n_log = 0;
    net_run(&net, start + 60 * RILL_SECOND, false);
    for (size_t i = 0; i < net.n_log; i++)
        assert_false(net.log[i].side == 0 && net.log[i].request);
}

/* --- old credentials ----------------------------------------------------------------------------
 */

static void old_credentials_are_answered_until_a_pair_is_selected(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct names ours = names_of(1), theirs = names_of(0), forged = ours;
    restart(1);
    assert_int_equal(ask(&ours, &theirs, &why), 1);
    forged.pwd[0] ^= 1;
    assert_int_equal(ask(&forged, &theirs, &why), 0);
    assert_int_equal(why.row->code, RILL_ICE_USERNAME);
    answer(0);
    assert_int_equal(ask(&ours, &theirs, &why), 1);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_int_equal(ask(&ours, &theirs, &why), 0);
    assert_int_equal(why.row->code, RILL_ICE_USERNAME);
}

/* Chromium checks from new sockets at once, before it knows our new fragment. */
static void half_of_a_new_session_beside_half_of_the_old_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct rill_err why = {0};
    struct names ours = names_of(1), next;
    struct rill_path fresh = {net.side[1].sockets[0].id, RILL_PROTO_UDP, net_ip("192.0.2.1", 66)};
    restart(0);
    next = names_of(0);
    for (int restarted = 0; restarted < 2; restarted++) {
        if (restarted)
            answer(1);
        assert_int_equal(
            rill_ice_input(net.side[1].ice, net.now, &fresh, request(&ours, &next, bytes), &why),
            0);
        assert_int_equal(why.row->code, restarted ? RILL_ICE_USERNAME : RILL_ICE_OTHER_SESSION);
        assert_false(rill_ice_is_validated(net.side[1].ice, &fresh));
    }
    run_without_a_gap(5 * RILL_SECOND);
    assert_true(is_selected());
}

static void requests_under_old_credentials_open_their_path_and_teach_no_more(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct names ours = names_of(1), theirs = names_of(0);
    struct rill_path stranger = {net.side[1].sockets[0].id, RILL_PROTO_UDP,
                                 net_ip("203.0.113.66", 66)};
    restart(1);
    assert_false(rill_ice_is_validated(net.side[1].ice, &stranger));
    (void)rill_ice_input(net.side[1].ice, net.now, &stranger, request(&ours, &theirs, bytes), NULL);
    assert_true(rill_ice_is_validated(net.side[1].ice, &stranger));
    net_run(&net, net.now + 30 * RILL_MS, false);
    answer(0);
    net.n_log = 0;
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    for (size_t i = 0; i < net.n_log; i++)
        assert_false(rill_addr_equal(&net.log[i].to, &stranger.remote));
}

static void the_newest_eight_paths_of_the_session_before_are_read(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct names ours = names_of(1), theirs = names_of(0);
    struct rill_path path = {net.side[1].sockets[0].id, RILL_PROTO_UDP, net_ip("203.0.113.66", 1)};
    restart(1);
    /* One is known from the start: that of the pair. */
    for (; path.remote.port <= 8; path.remote.port++)
        (void)rill_ice_input(net.side[1].ice, net.now, &path, request(&ours, &theirs, bytes), NULL);
    for (path.remote.port = 1; path.remote.port <= 8; path.remote.port++)
        assert_true(rill_ice_is_validated(net.side[1].ice, &path));
    (void)rill_ice_input(net.side[1].ice, net.now, &path, request(&ours, &theirs, bytes), NULL);
    for (path.remote.port = 1; path.remote.port <= 9; path.remote.port++)
        assert_int_equal(rill_ice_is_validated(net.side[1].ice, &path), path.remote.port > 1);
    assert_true(rill_ice_send_path(net.side[1].ice, &path));
    assert_true(rill_ice_is_validated(net.side[1].ice, &path));
}

/* What left before the other side had selected its pair. */
static void the_old_path_is_read_for_three_more_seconds(void **state)
{
    (void)state;
    struct rill_addr down = net_ip("192.0.2.1", 0);
    struct rill_path old;
    assert_true(rill_ice_send_path(net.side[1].ice, &old));
    /* Side 0 restarts and goes to another address in the same moment. */
    restart(0);
    rill_ice_interface_down(net.side[0].ice, net.now, &down);
    net_interface(&net, 0, "192.0.2.3");
    answer(1);
    for (int i = 0; i < 500 && !net.side[1].selected; i++)
        net_run(&net, net.now + 10 * RILL_MS, false);
    assert_true(net.side[1].selected);
    assert_false(rill_addr_equal(&net.side[1].selected_path.remote, &old.remote));
    int64_t at = net.side[1].selected_at;
    assert_true(rill_ice_is_validated(net.side[1].ice, &old));
    net_run(&net, at + 2900 * RILL_MS, false);
    assert_true(rill_ice_is_validated(net.side[1].ice, &old));
    net_run(&net, at + 3100 * RILL_MS, false);
    assert_false(rill_ice_is_validated(net.side[1].ice, &old));
}

/* Responses to the consent of the previous pair count from its path alone. */
static void a_response_from_elsewhere_does_not_renew_the_old_consent(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct rill_err why = {0};
    struct rill_stun_writer s;
    struct names theirs = names_of(1);
    struct rill_path from = {net.side[0].sockets[0].id, RILL_PROTO_UDP, net_ip("203.0.113.66", 66)};
    restart(0);
    net.mute[1] = true;
    net.n_log = 0;
    net_run(&net, net.now + 7 * RILL_SECOND, false);
    const struct net_sent *asked = NULL;
    for (size_t i = 0; i < net.n_log; i++)
        if (net.log[i].side == 0 && net.log[i].request)
            asked = &net.log[i];
    assert_non_null(asked);
    for (int forged = 0; forged < 2; forged++) {
        rill_stun_begin(&s, (struct rill_span){bytes, sizeof bytes}, RILL_STUN_SUCCESS,
                        RILL_STUN_BINDING, asked->txid);
        rill_stun_put_addr(&s, RILL_STUN_XOR_MAPPED_ADDRESS, &net.side[0].sockets[0].addr);
        theirs.pwd[0] ^= (char)forged;
        rill_stun_put_integrity(&s, rill_view_of(theirs.pwd));
        rill_stun_put_fingerprint(&s);
        assert_int_equal(rill_ice_input(net.side[0].ice, net.now, &from,
                                        rill_view_at(bytes, rill_stun_end(&s)), &why),
                         0);
        assert_int_equal(why.row->code, forged ? RILL_ICE_INTEGRITY : RILL_ICE_ASYMMETRIC);
    }
}

/* --- taken back ---------------------------------------------------------------------------------
 */

static void a_restart_taken_back_leaves_the_session_as_it_was(void **state)
{
    (void)state;
    struct rill_path before, after;
    struct names ours = names_of(0), now;
    assert_true(rill_ice_send_path(net.side[0].ice, &before));
    restart(0);
    net_run(&net, net.now + RILL_SECOND, false);
    rill_ice_restart_undo(net.side[0].ice, net.now);
    now = names_of(0);
    assert_memory_equal(&now, &ours, sizeof ours);
    assert_int_equal(rill_ice_state(net.side[0].ice), RILL_ICE_COMPLETED);
    assert_true(rill_ice_send_path(net.side[0].ice, &after));
    assert_true(rill_addr_equal(&after.remote, &before.remote));
    net_run(&net, net.now + 100 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
    rill_ice_restart_undo(net.side[0].ice, net.now);
    assert_int_equal(rill_ice_state(net.side[0].ice), RILL_ICE_COMPLETED);
}

static void undo_without_consent_is_failed(void **state)
{
    (void)state;
    struct rill_path path;
    restart(0);
    net.mute[1] = true;
    net_run(&net, net.now + 31 * RILL_SECOND, false);
    rill_ice_restart_undo(net.side[0].ice, net.now);
    assert_int_equal(rill_ice_state(net.side[0].ice), RILL_ICE_FAILED);
    assert_false(rill_ice_send_path(net.side[0].ice, &path));
}

/* The second restart is taken back to the first, not to what was before both. */
static void undo_of_a_second_restart_leaves_the_first(void **state)
{
    (void)state;
    struct rill_path path;
    net.deaf_to_requests[0] = net.deaf_to_requests[1] = true;
    restart(0);
    answer(1);
    net_run(&net, net.now + RILL_SECOND, false);
    assert_false(is_selected());
    struct names first = names_of(0), now;
    restart(0);
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
    rill_ice_restart_undo(net.side[0].ice, net.now);
    now = names_of(0);
    assert_memory_equal(&now, &first, sizeof first);
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
    net.deaf_to_requests[0] = net.deaf_to_requests[1] = false;
    run_without_a_gap(20 * RILL_SECOND);
    assert_true(is_selected());
}

/* --- from other states --------------------------------------------------------------------------
 */

static void restart_twice_before_the_first_completes(void **state)
{
    (void)state;
    net.deaf_to_requests[0] = net.deaf_to_requests[1] = true;
    restart(0);
    answer(1);
    net_run(&net, net.now + RILL_SECOND, false);
    net.deaf_to_requests[0] = net.deaf_to_requests[1] = false;
    restart(0);
    answer(1);
    run_without_a_gap(10 * RILL_SECOND);
    assert_true(is_selected());
}

static void a_disconnected_session_comes_back_by_restart(void **state)
{
    (void)state;
    net.mute[1] = true;
    net_run(&net, net.now + 20 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
    restart(0);
    net.mute[1] = false;
    answer(1);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_true(is_selected());
}

static void a_failed_session_comes_back_by_restart(void **state)
{
    (void)state;
    struct rill_path path;
    net.mute[0] = net.mute[1] = true;
    net_run(&net, net.now + 40 * RILL_SECOND, false);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(net.side[i].state, RILL_ICE_FAILED);
    net.mute[0] = net.mute[1] = false;
    restart(0);
    assert_false(rill_ice_send_path(net.side[0].ice, &path));
    answer(1);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
}

static void a_restart_of_a_failed_session_taken_back_is_failed(void **state)
{
    (void)state;
    net.mute[1] = true;
    net_run(&net, net.now + 40 * RILL_SECOND, false);
    restart(0);
    rill_ice_restart_undo(net.side[0].ice, net.now);
    assert_int_equal(rill_ice_state(net.side[0].ice), RILL_ICE_FAILED);
}

static void the_previous_pair_goes_with_its_interface(void **state)
{
    (void)state;
    struct rill_addr down = net_ip("192.0.2.1", 0);
    struct rill_path path;
    restart(0);
    rill_ice_interface_down(net.side[0].ice, net.now, &down);
    assert_false(rill_ice_send_path(net.side[0].ice, &path));
    net_interface(&net, 0, "192.0.2.3");
    answer(1);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
}

/* Without its interface it is what it would have been without the restart. */
static void undo_after_the_interface_went_is_disconnected(void **state)
{
    (void)state;
    struct rill_addr down = net_ip("192.0.2.1", 0);
    restart(0);
    rill_ice_interface_down(net.side[0].ice, net.now, &down);
    rill_ice_restart_undo(net.side[0].ice, net.now);
    assert_int_equal(rill_ice_state(net.side[0].ice), RILL_ICE_DISCONNECTED);
    net_run(&net, net.now + 31 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
}

static void bad_words_and_closed_agents_are_refused(void **state)
{
    (void)state;
    struct rill_ice *x = net.side[0].ice;
    struct rill_view ufrag = rill_view_of("gen00001"),
                     pwd = rill_view_of("password-of-generati0001");
    assert_row(rill_ice_restart(x, net.now, rill_view_of("gen"), pwd), ICE_CREDENTIALS);
    assert_row(rill_ice_restart(x, net.now, ufrag, rill_view_of("short")), ICE_CREDENTIALS);
    assert_int_equal(rill_ice_state(x), RILL_ICE_COMPLETED);
    rill_ice_close(x, net.now);
    assert_row(rill_ice_restart(x, net.now, ufrag, pwd), ICE_OVER);
}

#define OF(f) cmocka_unit_test_setup_teardown(f, connected, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(either_side_restarts_without_a_gap),
        OF(a_restart_completes_with_loss_and_without_a_gap),
        OF(roles_stay),
        OF(candidates_are_told_again_under_the_new_fragment),
        OF(consent_of_the_previous_pair_goes_on_while_nobody_answers),
        OF(consent_of_the_previous_pair_ends_after_thirty_seconds),
        OF(old_credentials_are_answered_until_a_pair_is_selected),
        OF(half_of_a_new_session_beside_half_of_the_old_is_refused),
        OF(requests_under_old_credentials_open_their_path_and_teach_no_more),
        OF(the_newest_eight_paths_of_the_session_before_are_read),
        OF(the_old_path_is_read_for_three_more_seconds),
        OF(a_response_from_elsewhere_does_not_renew_the_old_consent),
        OF(a_restart_taken_back_leaves_the_session_as_it_was),
        OF(undo_without_consent_is_failed),
        OF(undo_of_a_second_restart_leaves_the_first),
        OF(restart_twice_before_the_first_completes),
        OF(a_disconnected_session_comes_back_by_restart),
        OF(a_failed_session_comes_back_by_restart),
        OF(a_restart_of_a_failed_session_taken_back_is_failed),
        OF(the_previous_pair_goes_with_its_interface),
        OF(undo_after_the_interface_went_is_disconnected),
        OF(bad_words_and_closed_agents_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
