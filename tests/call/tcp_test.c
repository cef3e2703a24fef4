/* Whole calls over ICE-TCP: STUN, DTLS and media as frames of one connection; and with lite agents.
 */
#include "tests/rill_test.h"
#include "tests/sim/call.h"
#include "tests/sim/tcp.h"

static struct rill_sim_call *begin(enum rill_ice_tcp tcp, bool no_udp)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.config.ice_tcp = tcp;
    o.media_time = 4 * RILL_SECOND;
    o.link.down = no_udp;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    rill_sim_call_start(c);
    return c;
}

static void assert_all_media_came(const struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].video.wrong_bytes, 0);
        assert_int_equal(c->sides[i].video.skipped + c->sides[i].audio.skipped, 0);
        assert_int_equal(c->sides[i].video.last_index + 1, c->sides[1 - i].video.n_sent);
        assert_int_equal(c->sides[i].audio.last_index + 1, c->sides[1 - i].audio.n_sent);
        assert_true(c->sides[i].video.received > 100);
    }
}

static bool uses_tcp(const struct rill_sim_call *c, int side)
{
    struct rill_peer_stats stats;
    rill_peer_stats(c->sides[side].peer, &stats);
    return stats.transports[0].has_pair && strstr(stats.transports[0].local_candidate, " tcp ") &&
           strstr(stats.transports[0].remote_candidate, " tcp ");
}

static void call_over_tcp_alone_is_complete(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(RILL_ICE_TCP_ONLY, false);
    assert_true(rill_sim_call_run(c, 8 * RILL_SECOND));
    assert_true(uses_tcp(c, 0) && uses_tcp(c, 1));
    assert_all_media_came(c);
    rill_sim_call_free(c);
}

static void call_falls_back_to_tcp_where_udp_is_blocked(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(RILL_ICE_TCP_ON, true);
    assert_true(rill_sim_call_run_until(c, 2 * RILL_SECOND, rill_sim_call_both_connected));
    assert_true(rill_sim_call_both_connected(c));
    assert_true(rill_sim_call_run(c, 8 * RILL_SECOND));
    assert_true(uses_tcp(c, 0) && uses_tcp(c, 1));
    assert_all_media_came(c);
    rill_sim_call_free(c);
}

static void connection_that_breaks_in_a_call_is_made_again_and_media_goes_on(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(RILL_ICE_TCP_ONLY, false);
    assert_true(rill_sim_call_run(c, 3 * RILL_SECOND));
    size_t had = c->n_connections;
    for (size_t i = 0; i < had; i++)
        if (c->connections[i].open)
            rill_sim_tcp_break(c, i);
    assert_true(rill_sim_call_run(c, 8 * RILL_SECOND));
    assert_true(c->n_connections > had);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].state, RILL_PEER_CONNECTED);
        assert_int_equal(c->sides[i].failed_at, RILL_NEVER);
        assert_int_equal(c->sides[i].video.wrong_bytes, 0);
        /* What was on its way is lost, and the stream goes on to its end. */
        assert_int_equal(c->sides[i].video.last_index + 1, c->sides[1 - i].video.n_sent);
        assert_int_equal(c->sides[i].audio.last_index + 1, c->sides[1 - i].audio.n_sent);
    }
    rill_sim_call_free(c);
}

/* RFC 8445 §6.1.1: of a full and a lite agent the full one controls; two lite ones need no checks.
 */
static void call_with_a_lite_agent_on_either_side_or_on_both_is_complete(void **state)
{
    (void)state;
    for (int which = 1; which < 4; which++) {
        struct rill_sim_call_options o = rill_sim_call_defaults();
        o.lite[RILL_SIM_OFFERER] = which & 1;
        o.lite[RILL_SIM_ANSWERER] = which & 2;
        o.media_time = 4 * RILL_SECOND;
        struct rill_sim_call *c = rill_sim_call_new(&o);
        rill_sim_call_start(c);
        assert_true(rill_sim_call_run(c, 8 * RILL_SECOND));
        for (int i = 0; i < RILL_SIM_SIDES; i++)
            assert_int_equal(strstr(c->sides[i].description, "\r\na=ice-lite\r\n") != NULL,
                             o.lite[i]);
        assert_all_media_came(c);
        rill_sim_call_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call_over_tcp_alone_is_complete),
        cmocka_unit_test(call_falls_back_to_tcp_where_udp_is_blocked),
        cmocka_unit_test(call_with_a_lite_agent_on_either_side_or_on_both_is_complete),
        cmocka_unit_test(connection_that_breaks_in_a_call_is_made_again_and_media_goes_on),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
