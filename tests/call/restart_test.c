/* ICE restarts in whole calls: media does not notice, and a call that failed comes back. */
#include "srtp/srtp.h"
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
    assert_int_equal(c->sides[0].candidates, 2 * told);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_in_mid_call_loses_no_frame),
        cmocka_unit_test(a_call_whose_path_was_away_for_a_minute_comes_back_by_a_restart),
    };
    rill_srtp_global_init();
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    rill_sim_certs_free();
    rill_srtp_global_free();
    return rc;
}
