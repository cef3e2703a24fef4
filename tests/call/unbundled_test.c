/* Calls with several transports: without BUNDLE, with a part of it, with RTCP on component 2, and
 * m-lines that come and go on their own. What must hold: sound and picture arrive whole, each
 * m-line's RTCP works over the path it has, and what is not needed any more is given back. */
#include "peer/connection.h"
#include "peer/transport.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

#include <stdio.h>

/* --- what is done to messages ------------------------------------------------------------- */

/* Takes out the first line that begins so, from `from` on; where it stood, or SIZE_MAX. */
static size_t drop_line(struct rill_sim_message *m, const char *begins, size_t from)
{
    size_t n = strlen(begins);
    for (size_t i = from; i + n <= m->n; i++) {
        if (memcmp(m->text + i, begins, n) != 0 || (i > 0 && m->text[i - 1] != '\n'))
            continue;
        char *end = memchr(m->text + i, '\n', m->n - i);
        size_t length = end ? (size_t)(end + 1 - (m->text + i)) : m->n - i;
        memmove(m->text + i, m->text + i + length, m->n - i - length);
        m->n -= length;
        return i;
    }
    return SIZE_MAX;
}

static void drop_lines(struct rill_sim_message *m, const char *begins)
{
    while (drop_line(m, begins, 0) != SIZE_MAX)
        continue;
}

static bool is_description(const struct rill_sim_message *m)
{
    return m->type == RILL_SIM_OFFER || m->type == RILL_SIM_ANSWER;
}

/* What passes is without BUNDLE: to either side the other does not know it. */
static bool without_bundle(void *ctx, struct rill_sim_message *m)
{
    (void)ctx;
    if (is_description(m))
        drop_line(m, "a=group:BUNDLE", 0);
    return true;
}

static bool without_mux(void *ctx, struct rill_sim_message *m)
{
    (void)ctx;
    without_bundle(NULL, m);
    if (is_description(m)) {
        drop_lines(m, "a=rtcp-mux-only");
        drop_lines(m, "a=rtcp-mux");
    }
    return true;
}

/* In the last m-line alone. */
static bool last_without_mux(void *ctx, struct rill_sim_message *m)
{
    size_t last = 0;
    (void)ctx;
    without_bundle(NULL, m);
    if (is_description(m))
        drop_lines(m, "a=rtcp-mux-only");
    for (size_t i = 0; is_description(m) && i + 2 < m->n; i++)
        if (m->text[i] == '\n' && !memcmp(m->text + i + 1, "m=", 2))
            last = i + 1;
    if (is_description(m))
        drop_line(m, "a=rtcp-mux", last);
    return true;
}

/* --- looking ------------------------------------------------------------------------------ */

static struct rill_peer_stats stats_of(const struct rill_sim_call *c, int side)
{
    struct rill_peer_stats stats;
    rill_peer_stats(c->sides[side].peer, &stats);
    return stats;
}

static void assert_media_arrived(const struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].video.wrong_bytes, 0);
        assert_int_equal(c->sides[i].video.last_index + 1, c->sides[1 - i].video.n_sent);
        assert_int_equal(c->sides[i].audio.last_index + 1, c->sides[1 - i].audio.n_sent);
        assert_true(c->sides[i].video.received > 20);
    }
}

static struct rill_sim_call *run(const struct rill_sim_call_options *o, int64_t until)
{
    struct rill_sim_call *c = rill_sim_call_new(o);
    rill_sim_call_start(c);
    if (!rill_sim_call_run(c, until))
        fail_msg("%s", c->failure);
    return c;
}

/* --- BUNDLE --------------------------------------------------------------------------------- */

static void without_bundle_each_m_line_has_its_own_path_and_keys(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.tamper = without_bundle;
    struct rill_sim_call *c = run(&o, 4 * RILL_SECOND);
    assert_media_arrived(c);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        struct rill_peer_stats s = stats_of(c, i);
        assert_int_equal(s.n_transports, 2);
        assert_int_equal(s.sent[0].transport, 0);
        assert_int_equal(s.sent[1].transport, 1);
        assert_string_not_equal(s.transports[0].local_candidate, s.transports[1].local_candidate);
        assert_int_equal(s.transports[1].mline, 1);
        assert_string_equal(s.transports[0].dtls_role, s.transports[1].dtls_role);
        assert_int_equal(c->sides[i].closed, 0);
    }
    rill_sim_call_free(c);
}

static void with_bundle_the_paths_that_were_offered_beside_it_are_given_back(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    struct rill_sim_call *c = run(&o, 4 * RILL_SECOND);
    assert_media_arrived(c);
    assert_int_equal(stats_of(c, 0).n_transports, 1);
    assert_int_equal(c->sides[0].sockets, 2);
    assert_int_equal(c->sides[0].closed, 1);
    assert_int_equal(c->sides[1].sockets, 1);
    rill_sim_call_free(c);
}

static void the_policy_max_bundle_opens_one_path(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.config.bundle_policy = RILL_SDP_MAX_BUNDLE;
    struct rill_sim_call *c = run(&o, 4 * RILL_SECOND);
    assert_media_arrived(c);
    assert_int_equal(c->sides[0].sockets, 1);
    rill_sim_call_free(c);
}

static void a_peer_with_one_transport_gets_one_m_line_without_bundle(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.tamper = without_bundle;
    o.config.transports = 1;
    struct rill_sim_call *c = run(&o, 4 * RILL_SECOND);
    assert_true(rill_sim_call_both_connected(c));
    assert_int_equal(stats_of(c, 0).n_transports, 1);
    assert_int_equal(c->sides[0].audio.last_index + 1, c->sides[1].audio.n_sent);
    assert_int_equal(c->sides[0].video.received, 0);
    rill_sim_call_free(c);
}

/* The group names all but the last of three. */
static bool without_the_last(void *ctx, struct rill_sim_message *m)
{
    static const char group[] = "a=group:BUNDLE 0 1 2\r\n";
    (void)ctx;
    for (size_t i = 0; m->type == RILL_SIM_OFFER && i + sizeof group < m->n; i++) {
        if (memcmp(m->text + i, group, sizeof group - 1) != 0)
            continue;
        size_t at = i + strlen("a=group:BUNDLE 0 1");
        memmove(m->text + at, m->text + at + 2, m->n - at - 2);
        m->n -= 2;
    }
    return true;
}

static void a_part_may_be_bundled_and_the_rest_alone(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.tamper = without_the_last;
    o.config.bundle_policy = RILL_SDP_MAX_COMPAT;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    int second =
        rill_peer_add_transceiver(c->sides[0].peer, RILL_CODEC_VP8, RILL_SDP_SENDRECV, "s", "more");
    rill_sim_call_start(c);
    if (!rill_sim_call_run(c, 4 * RILL_SECOND))
        fail_msg("%s", c->failure);
    assert_media_arrived(c);
    struct rill_peer_stats s = stats_of(c, 0);
    assert_int_equal(s.n_transports, 2);
    assert_int_equal(s.sent[0].transport, s.sent[1].transport);
    assert_int_not_equal(s.sent[second].transport, s.sent[0].transport);
    assert_int_equal(s.transports[s.sent[second].transport].mline, 2);
    assert_int_equal(c->sides[0].closed, 1); /* that of the second, which is bundled */
    rill_sim_call_free(c);
}

static bool sound_rejected(void *ctx, struct rill_sim_message *m)
{
    (void)ctx;
    for (size_t i = 0; m->type == RILL_SIM_OFFER && i + 8 < m->n; i++)
        if (!memcmp(m->text + i, "m=audio", 7))
            for (char *p = m->text + i; *p != '\n'; p++)
                if (!memcmp(p, "111", 3))
                    memcpy(p, "112", 3); /* a number without a codec */
    return true;
}

static void a_group_whose_tagged_m_line_is_rejected_goes_on_with_the_next(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.tamper = sound_rejected;
    struct rill_sim_call *c = run(&o, 4 * RILL_SECOND);
    assert_int_equal(stats_of(c, 0).n_transports, 1);
    assert_int_equal(stats_of(c, 0).transports[0].mline, 1);
    assert_int_equal(c->sides[1].video.last_index + 1, c->sides[0].video.n_sent);
    assert_true(c->sides[1].video.received > 20);
    assert_int_equal(c->sides[1].audio.received, 0);
    assert_int_equal(c->sides[0].closed, 1);
    rill_sim_call_free(c);
}

/* --- RTCP on component 2 ------------------------------------------------------------------------
 */

/* Datagrams of RTCP that leave by a socket that RTP leaves by too. */
static bool count_shared(struct rill_sim_call *c, int from, struct rill_path *path,
                         struct rill_span d)
{
    size_t *shared = c->watch_ctx;
    bool rtcp = d.n > 2 && d.p[0] >> 6 == 2 && d.p[1] >= 192 && d.p[1] <= 223;
    const struct rill_peer *x = c->sides[from].peer;
    for (size_t i = 0; rtcp && i < x->config.transports; i++)
        *shared += x->transports[i].components[0].used &&
                   rill_ice_has_socket(x->transports[i].components[0].ice, path->socket);
    return true;
}

static struct rill_sim_call_options negotiating(bool (*tamper)(void *, struct rill_sim_message *))
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.tamper = tamper;
    o.config.rtcp_mux_policy = RILL_PEER_RTCP_NEGOTIATE;
    return o;
}

static void rtcp_that_is_not_multiplexed_has_component_2_with_keys_of_its_own(void **state)
{
    struct rill_sim_call_options o = negotiating(without_mux);
    o.media_time = 12 * RILL_SECOND;
    size_t shared = 0;
    (void)state;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    c->watch = count_shared;
    c->watch_ctx = &shared;
    rill_sim_call_start(c);
    if (!rill_sim_call_run(c, 14 * RILL_SECOND))
        fail_msg("%s", c->failure);
    assert_media_arrived(c);
    assert_int_equal(shared, 0);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        struct rill_peer_stats s = stats_of(c, i);
        assert_int_equal(s.n_transports, 4);
        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(s.transports[k].component, 1 + k % 2);
            assert_true(s.transports[k].has_pair);
            assert_non_null(s.transports[k].srtp_profile);
        }
        /* Sender reports were heard and reported on. */
        assert_true(s.sent[0].rtt_us > 0 && s.sent[1].rtt_us > 0);
    }
    rill_sim_call_free(c);
}

static void nack_and_pli_work_over_component_2(void **state)
{
    struct rill_sim_call_options o = negotiating(without_mux);
    (void)state;
    o.media_time = 4 * RILL_SECOND;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    rill_sim_call_start(c);
    rill_sim_call_run(c, RILL_SECOND);
    struct rill_sim_link lossy = {.delay = 20 * RILL_MS, .loss_good = 500};
    rill_sim_call_link(c, 0, &lossy);
    if (!rill_sim_call_run(c, 9 * RILL_SECOND))
        fail_msg("%s", c->failure);
    struct rill_peer_stats s = stats_of(c, 0);
    assert_true(s.sent[1].nacks > 0);
    assert_true(s.sent[1].retransmitted > 0);
    assert_int_equal(c->sides[1].video.not_decodable, 0);
    assert_true(c->sides[1].video.received > 80);
    rill_sim_call_free(c);
}

static void one_m_line_may_multiplex_and_another_not(void **state)
{
    struct rill_sim_call_options o = negotiating(last_without_mux);
    (void)state;
    struct rill_sim_call *c = run(&o, 4 * RILL_SECOND);
    assert_media_arrived(c);
    assert_int_equal(stats_of(c, 0).n_transports, 4);
    assert_true(c->sides[0].closed > 0); /* the component 2 that was offered in vain */
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        const struct rill_peer *x = c->sides[i].peer;
        assert_null(x->transports[0].components[1].srtp);
        assert_non_null(x->transports[1].components[1].srtp);
    }
    rill_sim_call_free(c);
}

static void an_m_line_without_rtcp_mux_is_rejected_where_it_is_required(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.tamper = last_without_mux;
    struct rill_sim_call *c = run(&o, 4 * RILL_SECOND);
    assert_int_equal(stats_of(c, 0).n_transports, 1);
    assert_int_equal(c->sides[0].audio.last_index + 1, c->sides[1].audio.n_sent);
    assert_int_equal(c->sides[0].video.received, 0);
    rill_sim_call_free(c);
}

/* --- how it ends, and what is lost ----------------------------------------------------------- */

static void a_path_that_fails_is_the_failure_of_the_connection(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.tamper = without_bundle;
    struct rill_sim_call *c = run(&o, 3 * RILL_SECOND);
    const struct rill_peer *x = c->sides[0].peer;
    struct rill_path video;
    assert_true(rill_ice_send_path(x->transports[1].components[0].ice, &video));
    rill_sim_unbind(&c->net, video.socket);
    rill_sim_call_run(c, 20 * RILL_SECOND);
    assert_int_equal(c->sides[0].state, RILL_PEER_DISCONNECTED);
    rill_sim_call_run(c, 90 * RILL_SECOND);
    assert_int_equal(c->sides[0].state, RILL_PEER_FAILED);
    assert_int_equal(rill_ice_state(x->transports[0].components[0].ice), RILL_ICE_COMPLETED);
    rill_sim_call_free(c);
}

static void a_close_ends_all_paths_and_gives_every_socket_back(void **state)
{
    struct rill_sim_call_options o = negotiating(without_mux);
    (void)state;
    struct rill_sim_call *c = run(&o, 4 * RILL_SECOND);
    rill_sim_call_close(c, 0);
    rill_sim_call_run(c, 6 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].state, RILL_PEER_CLOSED);
        assert_int_equal(c->sides[i].sockets, 4);
        assert_int_equal(c->sides[i].closed, 4);
    }
    assert_true(c->sides[1].byes >= 2);
    rill_sim_call_free(c);
}

/* --- in mid-call ----------------------------------------------------------------------------- */

static void renegotiate(struct rill_sim_call *c, int64_t until)
{
    rill_sim_call_start(c);
    if (!rill_sim_call_run(c, until))
        fail_msg("%s", c->failure);
}

static void a_stopped_m_line_gives_its_path_back_and_the_others_go_on(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.tamper = without_bundle;
    o.media_time = 4 * RILL_SECOND;
    struct rill_sim_call *c = run(&o, 2 * RILL_SECOND);
    rill_peer_stop(c->sides[0].peer, c->sides[0].video.track);
    c->sides[0].video.track = c->sides[1].video.track = -1;
    renegotiate(c, 7 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(stats_of(c, i).n_transports, 1);
        assert_int_equal(c->sides[i].closed, 1);
        assert_int_equal(c->sides[i].state, RILL_PEER_CONNECTED);
        assert_int_equal(c->sides[i].audio.skipped, 0);
        assert_int_equal(c->sides[i].audio.last_index + 1, c->sides[1 - i].audio.n_sent);
    }
    /* Another in its place has a new path. */
    rill_peer_add_transceiver(c->sides[0].peer, RILL_CODEC_VP8, RILL_SDP_SENDRECV, "s", "again");
    renegotiate(c, 9 * RILL_SECOND);
    assert_int_equal(stats_of(c, 0).n_transports, 2);
    assert_int_equal(c->sides[0].state, RILL_PEER_CONNECTED);
    rill_sim_call_free(c);
}

static void every_path_is_restarted_and_loses_nothing(void **state)
{
    struct rill_sim_call_options o = negotiating(without_mux);
    (void)state;
    o.media_time = 4 * RILL_SECOND;
    struct rill_sim_call *c = run(&o, 2 * RILL_SECOND);
    uint8_t before[2][8];
    for (size_t i = 0; i < 2; i++)
        memcpy(before[i], rill_ice_ufrag(c->sides[0].peer->transports[i].components[0].ice).p, 8);
    assert_int_equal(rill_peer_restart_ice(c->sides[0].peer), 0);
    renegotiate(c, 8 * RILL_SECOND);
    assert_media_arrived(c);
    for (size_t i = 0; i < 2; i++) {
        const struct rill_peer_component *both = c->sides[0].peer->transports[i].components;
        assert_memory_not_equal(before[i], rill_ice_ufrag(both[0].ice).p, 8);
        assert_true(rill_view_equal(rill_ice_ufrag(both[0].ice), rill_ice_ufrag(both[1].ice)));
    }
    assert_int_equal(c->sides[0].video.skipped + c->sides[0].audio.skipped, 0);
    rill_sim_call_free(c);
}

static void a_rolled_back_offer_gives_back_the_path_it_asked_for(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    struct rill_err why = {0};
    static uint8_t text[16384];
    (void)state;
    o.tamper = without_bundle;
    struct rill_sim_call *c = run(&o, 3 * RILL_SECOND);
    struct rill_peer *x = c->sides[0].peer;
    rill_peer_add_transceiver(x, RILL_CODEC_OPUS, RILL_SDP_SENDRECV, "s", "more");
    for (int i = 0; i < 4; i++) {
        int n = rill_peer_create_offer(x, c->now, (struct rill_span){text, sizeof text}, &why);
        assert_true(n > 0);
        struct rill_view offer = rill_view_at(text, (size_t)n);
        assert_int_equal(rill_peer_set_local_description(x, c->now, RILL_PEER_OFFER, offer, &why),
                         0);
        rill_sim_call_run(c, c->now + 50 * RILL_MS);
        assert_int_equal(
            rill_peer_set_local_description(x, c->now, RILL_PEER_ROLLBACK, offer, &why), 0);
        rill_sim_call_run(c, c->now + 50 * RILL_MS);
    }
    assert_int_equal(c->sides[0].sockets - c->sides[0].closed, 2);
    assert_int_equal(stats_of(c, 0).n_transports, 2);
    rill_sim_call_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_bundle_each_m_line_has_its_own_path_and_keys),
        cmocka_unit_test(with_bundle_the_paths_that_were_offered_beside_it_are_given_back),
        cmocka_unit_test(the_policy_max_bundle_opens_one_path),
        cmocka_unit_test(a_peer_with_one_transport_gets_one_m_line_without_bundle),
        cmocka_unit_test(a_part_may_be_bundled_and_the_rest_alone),
        cmocka_unit_test(a_group_whose_tagged_m_line_is_rejected_goes_on_with_the_next),
        cmocka_unit_test(rtcp_that_is_not_multiplexed_has_component_2_with_keys_of_its_own),
        cmocka_unit_test(nack_and_pli_work_over_component_2),
        cmocka_unit_test(one_m_line_may_multiplex_and_another_not),
        cmocka_unit_test(an_m_line_without_rtcp_mux_is_rejected_where_it_is_required),
        cmocka_unit_test(a_path_that_fails_is_the_failure_of_the_connection),
        cmocka_unit_test(a_close_ends_all_paths_and_gives_every_socket_back),
        cmocka_unit_test(a_stopped_m_line_gives_its_path_back_and_the_others_go_on),
        cmocka_unit_test(every_path_is_restarted_and_loses_nothing),
        cmocka_unit_test(a_rolled_back_offer_gives_back_the_path_it_asked_for),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
