/* ICE restarts in whole calls: media does not notice, and a call that failed comes back. */
#include "stun/msg.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

static struct rill_sim_call *running(struct rill_sim_link link, int64_t media_until)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.media_time = media_until;
    o.link = link;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    rill_sim_call_start(c);
    assert_true(rill_sim_call_run(c, 2 * RILL_SECOND));
    assert_true(rill_sim_call_both_connected(c));
    return c;
}

static void restart(struct rill_sim_call *c)
{
    assert_int_equal(rill_peer_restart_ice(c->sides[0].peer), 0);
    rill_sim_call_start(c);
}

static void run(struct rill_sim_call *c, int64_t until)
{
    if (!rill_sim_call_run(c, until))
        fail_msg("%s", c->failure);
}

static void nothing_was_lost(const struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        const struct rill_sim_side *s = &c->sides[i], *other = &c->sides[1 - i];
        assert_int_equal(s->state, RILL_PEER_CONNECTED);
        assert_int_equal(s->video.skipped + s->audio.skipped, 0);
        assert_int_equal(s->video.refused + s->audio.refused, 0);
        assert_int_equal(s->video.last_index + 1, (int64_t)other->video.n_sent);
        assert_int_equal(s->audio.last_index + 1, (int64_t)other->audio.n_sent);
    }
}

static void a_restart_in_mid_call_loses_no_frame(void **state)
{
    struct rill_sim_link link = {.delay = 40 * RILL_MS};
    (void)state;
    struct rill_sim_call *c = running(link, 8 * RILL_SECOND);
    size_t told = c->sides[0].candidates;
    restart(c);
    run(c, 4 * RILL_SECOND);
    /* Of the one transport that is left. */
    assert_int_equal(told, 2);
    assert_int_equal(c->sides[0].candidates, told + 1);
    restart(c);
    run(c, 10 * RILL_SECOND);
    nothing_was_lost(c);
    assert_int_equal(c->sides[0].states_seen, 2); /* connecting, connected */
    assert_int_equal(c->sides[1].states_seen, 2);
    rill_sim_call_free(c);
}

static void a_call_whose_path_was_away_for_a_minute_comes_back_by_a_restart(void **state)
{
    struct rill_sim_link link = {.delay = 20 * RILL_MS}, away = {.down = true};
    (void)state;
    struct rill_sim_call *c = running(link, 80 * RILL_SECOND);
    rill_sim_call_link(c, 0, &away);
    rill_sim_call_link(c, 1, &away);
    run(c, 50 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].state, RILL_PEER_FAILED);
        assert_row(c->sides[i].error, PEER_CONSENT_LOST);
    }
    rill_sim_call_link(c, 0, &link);
    rill_sim_call_link(c, 1, &link);
    size_t before[RILL_SIM_SIDES] = {c->sides[0].video.received, c->sides[1].video.received};
    restart(c);
    run(c, 85 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        const struct rill_sim_side *s = &c->sides[i], *other = &c->sides[1 - i];
        assert_int_equal(s->state, RILL_PEER_CONNECTED);
        assert_true(s->video.received > before[i] + 100);
        assert_int_equal(s->video.last_index + 1, (int64_t)other->video.n_sent);
        assert_int_equal(s->video.not_decodable + s->video.wrong_bytes, 0);
    }
    rill_sim_call_free(c);
}

/* When the offerer sent last, and when the answerer's last answer to it left. */
struct seen {
    int64_t sent, answered;
};

static bool see(struct rill_sim_call *c, int from, struct rill_path *path, struct rill_span d)
{
    struct seen *s = c->watch_ctx;
    struct rill_stun_msg m;
    (void)path;
    if (from == RILL_SIM_OFFERER)
        s->sent = c->now;
    else if (rill_stun_is(rill_view_at(d.p, d.n)) &&
             rill_stun_decode(rill_view_at(d.p, d.n), &m, NULL) == 0 &&
             m.class == RILL_STUN_SUCCESS)
        s->answered = c->now;
    return true;
}

/* RFC 7675 §5.1, to the microsecond. */
static void
a_peer_that_vanishes_is_sent_nothing_after_30_s_and_found_again_by_a_restart(void **state)
{
    struct rill_sim_link link = {.delay = 20 * RILL_MS}, away = {.down = true};
    struct seen seen = {0};
    (void)state;
    struct rill_sim_call *c = running(link, 80 * RILL_SECOND);
    c->watch = see;
    c->watch_ctx = &seen;
    run(c, 20 * RILL_SECOND);
    int64_t heard = seen.answered + link.delay;
    assert_in_range(heard, 14 * RILL_SECOND, 20 * RILL_SECOND); /* asked every 4 to 6 s */
    rill_sim_call_link(c, RILL_SIM_ANSWERER, &away);
    run(c, heard + 60 * RILL_SECOND - 1);
    const struct rill_sim_side *s = &c->sides[RILL_SIM_OFFERER];
    assert_in_range(s->disconnected_at, heard + 10 * RILL_SECOND, heard + 25 * RILL_SECOND);
    assert_int_equal(s->failed_at, heard + 30 * RILL_SECOND);
    assert_int_equal(s->state, RILL_PEER_FAILED);
    assert_in_range(seen.sent, s->failed_at - RILL_SECOND, s->failed_at);
    rill_sim_call_link(c, RILL_SIM_ANSWERER, &link);
    restart(c);
    run(c, 90 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES; i++)
        assert_int_equal(c->sides[i].state, RILL_PEER_CONNECTED);
    assert_in_range(s->video.last_time, 79 * RILL_SECOND, 81 * RILL_SECOND);
    rill_sim_call_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_in_mid_call_loses_no_frame),
        cmocka_unit_test(
            a_peer_that_vanishes_is_sent_nothing_after_30_s_and_found_again_by_a_restart),
        cmocka_unit_test(a_call_whose_path_was_away_for_a_minute_comes_back_by_a_restart),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
