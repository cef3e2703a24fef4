/* Whose a packet is: by its MID, its SSRC, its payload type (RFC 9143 §9.2). */
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/route.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/errors.h"
#include "srtp/srtp.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

static struct rill_sim_call *connected_call(void)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    struct rill_sim_call *c = rill_sim_call_new(&o);
    rill_sim_call_start(c);
    rill_sim_call_run(c, 3 * RILL_SECOND);
    assert_true(rill_sim_call_both_connected(c));
    return c;
}

/* An RTP packet to the offerer, protected by a session with the answerer's keys; mid NULL: no
 * extension. */
static int craft_rtp_with(struct rill_srtp *srtp, struct rill_sim_call *c, uint8_t pt,
                          uint32_t ssrc, const char *mid)
{
    _Alignas(8) uint8_t bytes[256];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    struct rill_rtp_ext ext = {4, rill_view_of(mid)};
    struct rill_path path = {.socket = c->sides[0].socket, .remote = c->sides[1].bound};
    static uint16_t seq = 100;
    rill_rtp_write(&w, true, pt, seq++, 1, ssrc, &ext, mid ? 1 : 0);
    rill_w_bytes(&w, c->opus.frames[0]);
    int n = rill_srtp_protect_rtp(srtp, (struct rill_span){bytes, sizeof bytes}, w.at);
    assert_true(n > 0);
    return rill_peer_input(c->sides[0].peer, c->now, &path, (struct rill_span){bytes, (size_t)n});
}

static int craft_rtp(struct rill_sim_call *c, uint8_t pt, uint32_t ssrc, const char *mid)
{
    return craft_rtp_with(c->sides[1].peer->transports[0].components[0].srtp, c, pt, ssrc, mid);
}

static void a_stream_that_names_no_m_line_is_not_taken(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    assert_row(craft_rtp(c, 50, 0xabcd, NULL), PEER_UNKNOWN_STREAM);
    assert_row(craft_rtp(c, 50, 0xabcd, "nobody"), PEER_UNKNOWN_STREAM);
    rill_sim_call_free(c);
}

static void a_payload_type_that_was_not_agreed_is_not_taken(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    assert_row(craft_rtp(c, 98, 0xabcd, "1"), PEER_PAYLOAD_TYPE);
    rill_sim_call_free(c);
}

/* Lines 0 and 2 are sound, both with payload type 111. */
static struct rill_sim_call *call_with_two_sounds(void)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    struct rill_sim_call *c = rill_sim_call_new(&o);
    for (int i = 0; i < RILL_SIM_SIDES; i++)
        assert_int_equal(rill_peer_add_track(c->sides[i].peer, RILL_CODEC_OPUS, "s", "b"), 2);
    rill_sim_call_start(c);
    rill_sim_call_run(c, 3 * RILL_SECOND);
    assert_true(rill_sim_call_both_connected(c));
    assert_int_equal(c->sides[0].peer->lines[2].agreed.pt, 111);
    return c;
}

static void a_mid_routes_an_unknown_ssrc_whose_packets_then_need_no_mid(void **state)
{
    (void)state;
    struct rill_sim_call *c = call_with_two_sounds();
    const struct rill_peer_line *second = &c->sides[0].peer->lines[2];
    assert_int_equal(craft_rtp(c, 111, 0xabcd, "2"), 0);
    assert_int_equal(second->in.ssrc, 0xabcd);
    assert_int_equal(craft_rtp(c, 111, 0xabcd, NULL), 0);
    assert_int_equal(second->in.source.received, 2);
    rill_sim_call_free(c);
}

static void a_payload_type_of_two_m_lines_routes_nothing(void **state)
{
    (void)state;
    struct rill_sim_call *c = call_with_two_sounds();
    assert_row(craft_rtp(c, 111, 0xabcd, NULL), PEER_UNKNOWN_STREAM);
    rill_sim_call_free(c);
}

static void a_payload_type_of_one_m_line_routes_when_there_is_no_mid(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    assert_int_equal(craft_rtp(c, 111, 0xbeef, NULL), 0);
    assert_int_equal(c->sides[0].peer->lines[0].in.ssrc, 0xbeef);
    rill_sim_call_free(c);
}

static void name(struct rill_peer *x, size_t line, uint32_t first)
{
    struct rill_sdp_agreed *a = &x->lines[line].agreed;
    for (a->n_remote_ssrcs = 0; a->n_remote_ssrcs < RILL_SDP_REMOTE_SSRCS_MAX; a->n_remote_ssrcs++)
        a->remote_ssrcs[a->n_remote_ssrcs] = first + (uint32_t)a->n_remote_ssrcs;
    rill_peer_route_agreed(x);
}

static void as_many_streams_are_taken_as_are_kept_and_not_one_more(void **state)
{
    struct rill_dtls_srtp_keys keys;
    struct rill_srtp *srtp;
    (void)state;
    struct rill_sim_call *c = connected_call();
    assert_int_equal(
        rill_dtls_export_srtp(c->sides[1].peer->transports[0].components[0].dtls, &keys), 0);
    struct rill_srtp_config config = {.profile = keys.profile,
                                      .local_key = rill_view_at(keys.local_key, keys.key_size),
                                      .local_salt = rill_view_at(keys.local_salt, keys.salt_size),
                                      .streams = RILL_SRTP_STREAMS_MAX};
    void *block = malloc(rill_srtp_size(&config));
    assert_int_equal(rill_srtp_init(block, &config, &srtp), 0);
    /* What is named takes no room from them. */
    name(c->sides[0].peer, 0, 0x2000);
    name(c->sides[0].peer, 1, 0x3000);
    /* Sound, picture and what repairs it have three of them. */
    for (uint32_t i = 3; i < RILL_PEER_SRTP_STREAMS; i++)
        assert_int_equal(craft_rtp_with(srtp, c, 111, 0x1000 + i, "0"), 0);
    assert_row(craft_rtp_with(srtp, c, 111, 0x1000, "0"), SRTP_TOO_MANY_STREAMS);
    assert_int_equal(c->sides[0].state, RILL_PEER_CONNECTED);
    rill_srtp_free(srtp);
    free(block);
    rill_sim_call_free(c);
}

/* --- without MIDs, and with payload types in common --------------------------------------------
 */

/* Nobody has heard of this extension. */
static bool without_mids(void *ctx, struct rill_sim_message *m)
{
    static const char name[] = "hdrext:sdes:mid";
    (void)ctx;
    for (size_t i = 0; i + sizeof name - 1 <= m->n; i++)
        if (memcmp(m->text + i, name, sizeof name - 1) == 0)
            m->text[i + sizeof name - 2] = 'x';
    return true;
}

/* Lines 0 and 2 are sound, 1 and 3 pictures. */
static struct rill_sim_call *call_without_mids(void)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.tamper = without_mids;
    o.media_time = 10 * RILL_SECOND;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(rill_peer_add_track(c->sides[i].peer, RILL_CODEC_OPUS, "s", "b"), 2);
        assert_int_equal(rill_peer_add_track(c->sides[i].peer, RILL_CODEC_VP8, "s", "v"), 3);
    }
    rill_sim_call_start(c);
    assert_true(rill_sim_call_run_until(c, 5 * RILL_SECOND, rill_sim_call_both_connected));
    const struct rill_sdp_agreed *a = &c->sides[1].peer->lines[1].agreed;
    assert_int_equal(a->ext_mid.received, 0);
    assert_int_equal(a->rtx_pt, c->sides[1].peer->lines[3].agreed.rtx_pt);
    return c;
}

static void the_description_says_whose_streams_and_repairs_are(void **state)
{
    (void)state;
    struct rill_sim_call *c = call_without_mids();
    c->net.links[0][1].loss_good = c->net.links[0][1].loss_bad = 500;
    rill_sim_call_run(c, c->now + 5 * RILL_SECOND);
    struct rill_peer_stats s;
    rill_peer_stats(c->sides[1].peer, &s);
    assert_true(s.received[0].packets > 200);
    assert_true(s.received[1].retransmitted > 0);
    assert_int_equal(s.received[2].packets + s.received[3].packets, 0);
    /* The second sound has not begun. */
    uint32_t ssrc = c->sides[1].peer->tracks[2].senders[0]->ssrc;
    assert_int_equal(craft_rtp(c, 111, ssrc, NULL), 0);
    assert_int_equal(c->sides[0].peer->lines[2].in.ssrc, ssrc);
    rill_sim_call_free(c);
}

static void what_was_heard_is_not_displaced_by_what_is_named(void **state)
{
    (void)state;
    struct rill_sim_call *c = call_without_mids();
    rill_sim_call_run(c, c->now + 500 * RILL_MS);
    struct rill_peer *x = c->sides[0].peer;
    uint32_t heard = x->lines[0].in.ssrc;
    name(x, 2, heard);
    uint64_t before = x->lines[0].in.source.received;
    rill_sim_call_run(c, c->now + 500 * RILL_MS);
    assert_true(x->lines[0].in.source.received > before + 10);
    assert_false(x->lines[2].in.started);
    assert_int_equal(craft_rtp(c, 111, heard + 1, NULL), 0);
    assert_int_equal(x->lines[2].in.ssrc, heard + 1);
    /* A picture's it cannot be, and whose else nobody says. */
    name(x, 1, 0x2000);
    assert_row(craft_rtp(c, 111, 0x2000, NULL), PEER_UNKNOWN_STREAM);
    rill_sim_call_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_names_no_m_line_is_not_taken),
        cmocka_unit_test(a_payload_type_that_was_not_agreed_is_not_taken),
        cmocka_unit_test(a_mid_routes_an_unknown_ssrc_whose_packets_then_need_no_mid),
        cmocka_unit_test(a_payload_type_of_two_m_lines_routes_nothing),
        cmocka_unit_test(a_payload_type_of_one_m_line_routes_when_there_is_no_mid),
        cmocka_unit_test(as_many_streams_are_taken_as_are_kept_and_not_one_more),
        cmocka_unit_test(the_description_says_whose_streams_and_repairs_are),
        cmocka_unit_test(what_was_heard_is_not_displaced_by_what_is_named),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
