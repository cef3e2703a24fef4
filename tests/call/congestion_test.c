/* Whole calls whose pictures follow the target, over links that are narrow, or ends that are slow.
 */
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/srtp.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

#include <string.h>

#define PERIOD (RILL_SECOND / 30)
#define KBPS(n) ((n) * (uint64_t)1000)

/* --- an app with an encoder that keeps to the target -------------------------------------------
 */

/* Side 0 sends pictures to side 1; a key frame is four times as large. */
struct app {
    struct rill_sim_call *c;
    uint64_t most_bps; /* the encoder gives no more */
    int64_t next;
    uint32_t rtp_time;
    bool key;
    size_t keyframes, refused;
};

static struct app app;
/* The narrow place on the way from side 0, where there is one. */
static struct rill_sim_capacity capacity;
static struct rill_sim_bottleneck narrow;

static bool on_event(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    (void)c;
    app.key |= side == 0 && e->type == RILL_PEER_EVENT_KEYFRAME_WANTED;
    return e->type == RILL_PEER_EVENT_FRAME;
}

static void send_picture(void)
{
    static uint8_t bytes[200000];
    static const uint8_t key_head[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01};
    uint64_t bps = rill_peer_target(app.c->sides[0].peer);
    bps = bps && bps < app.most_bps ? bps : app.most_bps;
    size_t n = (size_t)(bps / 8 / 30) * (app.key ? 4 : 1);
    memset(bytes, 0x55, sizeof bytes);
    memcpy(bytes, key_head, sizeof key_head);
    bytes[0] = app.key ? 0x10 : 0x11;
    struct rill_frame f = {
        .kind = RILL_VIDEO,
        .codec = RILL_CODEC_VP8,
        .bytes = rill_view_at(bytes, n < sizeof key_head ? sizeof key_head : n),
        .rtp_time = app.rtp_time,
        .time = app.c->now,
        .keyframe = app.key,
    };
    bool refused = rill_peer_send_frame(app.c->sides[0].peer, app.c->now, 0, &f) < 0;
    app.keyframes += app.key && !refused;
    app.refused += refused;
    app.key = refused;
    app.rtp_time += 3000;
}

/* A call with pictures one way, that has connected and sends nothing yet. */
static void begin_with(struct rill_sim_call_options o, uint64_t most_bps)
{
    for (int i = 0; i < 2; i++)
        o.audio[i] = o.video[i] = (struct rill_sim_tracks){0};
    o.video[0].send = true;
    o.media_time = 0;
    app = (struct app){.c = rill_sim_call_new(&o), .most_bps = most_bps, .key = true};
    app.c->event = on_event;
    rill_sim_call_start(app.c);
    assert_true(rill_sim_call_run_until(app.c, 5 * RILL_SECOND, rill_sim_call_both_connected));
    assert_true(rill_sim_call_both_connected(app.c));
    app.next = app.c->now;
}

static void go_on(int64_t time)
{
    int64_t until = app.c->now + time;
    while (app.next < until) {
        assert_true(rill_sim_call_run(app.c, app.next));
        if (app.c->now >= app.c->sides[0].asleep_until)
            send_picture();
        app.next += PERIOD;
    }
    assert_true(rill_sim_call_run(app.c, until));
}

static void end(void)
{
    rill_sim_call_free(app.c);
}

static uint64_t target(void)
{
    return rill_peer_target(app.c->sides[0].peer);
}

/* --- times of arrival --------------------------------------------------------------------------
 */

/* The side's program gets less and less of its machine: up to 400 ms pass before it runs again. */
static void starve(int side, int64_t time)
{
    int64_t until = app.c->now + time, nap = 20 * RILL_MS;
    while (app.c->now < until) {
        rill_sim_call_sleep(app.c, side, app.c->now + nap);
        go_on(nap + 5 * RILL_MS);
        nap = nap < 400 * RILL_MS ? nap + 20 * RILL_MS : 20 * RILL_MS;
    }
}

static void a_receiver_that_reads_late_is_not_taken_for_a_path_that_is_full(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.config.start_bps = KBPS(1000);
    begin_with(o, KBPS(1000));
    go_on(2 * RILL_SECOND);
    uint64_t before = target();
    assert_true(before >= KBPS(1000));
    starve(1, 10 * RILL_SECOND);
    assert_true(target() >= before);
    end();
}

static void jitter_and_round_trips_are_those_of_the_path_when_both_read_late(void **state)
{
    (void)state;
    begin_with(rill_sim_call_defaults(), KBPS(300));
    go_on(3 * RILL_SECOND);
    starve(1, 5 * RILL_SECOND);
    struct rill_peer_stats received, sent;
    rill_peer_stats(app.c->sides[1].peer, &received);
    assert_true(received.received[0].jitter_us < 2 * RILL_MS);
    starve(0, 5 * RILL_SECOND);
    rill_peer_stats(app.c->sides[0].peer, &sent);
    assert_in_range(sent.sent[0].rtt_us, 39 * RILL_MS, 42 * RILL_MS);
    end();
}

/* --- probes ------------------------------------------------------------------------------------
 */

static struct rill_peer_stream_stats sent(void)
{
    struct rill_peer_stats stats;
    rill_peer_stats(app.c->sides[0].peer, &stats);
    return stats.sent[0];
}

static void a_wide_path_is_known_within_a_second_by_padding(void **state)
{
    (void)state;
    begin_with(rill_sim_call_defaults(), KBPS(2000));
    rill_peer_set_most(app.c->sides[0].peer, KBPS(2000));
    go_on(RILL_SECOND);
    assert_true(target() >= KBPS(2000));
    uint64_t padding = sent().padding;
    assert_true(padding > 0);
    go_on(10 * RILL_SECOND);
    assert_int_equal(sent().padding, padding);
    /* To who receives, it was nothing. */
    struct rill_peer_stats received;
    assert_true(rill_sim_call_run(app.c, app.c->now + 200 * RILL_MS));
    rill_peer_stats(app.c->sides[1].peer, &received);
    assert_int_equal(received.dropped_other, 0);
    assert_int_equal(received.received[0].packets, sent().packets);
    assert_int_equal(received.received[0].lost + (int64_t)received.received[0].retransmitted, 0);
    end();
}

static void without_rtx_there_is_no_padding(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.no_rtx = true;
    begin_with(o, KBPS(2000));
    go_on(2 * RILL_SECOND);
    assert_int_equal(sent().padding, 0);
    assert_true(target() >= KBPS(400));
    end();
}

/* --- a path that narrows ------------------------------------------------------------------------
 */

/* Its queue loses most of half a second: a key frame is less than all of that again, and the
 * pictures go on behind it. */
static void a_path_that_narrows_at_a_stroke_gets_a_key_frame_and_few_repairs(void **state)
{
    (void)state;
    capacity = (struct rill_sim_capacity){0, KBPS(2000)};
    narrow = (struct rill_sim_bottleneck){.steps = &capacity, .n = 1, .depth = 300 * RILL_MS};
    begin_with(rill_sim_call_defaults(), KBPS(3000));
    app.c->net.links[0][1].bottleneck = &narrow;
    go_on(10 * RILL_SECOND);
    assert_true(target() >= KBPS(1400));
    uint64_t before = sent().retransmitted;
    size_t keyframes = app.keyframes;
    struct rill_peer_stats received;
    capacity.bps = KBPS(500);
    go_on(2 * RILL_SECOND);
    assert_in_range(app.keyframes - keyframes, 1, 3);
    assert_true(sent().retransmitted - before < 60);
    rill_peer_stats(app.c->sides[1].peer, &received);
    assert_int_equal(received.received[0].plis, 0);
    uint64_t frames = received.received[0].frames;
    go_on(2 * RILL_SECOND);
    rill_peer_stats(app.c->sides[1].peer, &received);
    assert_true(received.received[0].frames - frames >= 40);
    end();
}

/* What a path loses by itself is had again, and asks for no key frame. */
static void a_path_that_loses_gets_repairs_and_no_key_frames(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.link.loss_good = 1000;
    o.config.start_bps = KBPS(1000);
    o.config.max_bps = KBPS(1500);
    begin_with(o, KBPS(1500));
    go_on(10 * RILL_SECOND);
    assert_true(sent().retransmitted > 50);
    assert_true(app.keyframes <= 2);
    end();
}

/* --- receiver's estimates -----------------------------------------------------------------------
 */

/* An offer as of a peer that has no transport-wide feedback. */
static bool no_transport_cc(void *ctx, struct rill_sim_message *m)
{
    (void)ctx;
    m->text[m->n] = 0;
    for (char *at = m->text; m->type == RILL_SIM_OFFER && (at = strstr(at, " transport-cc"));)
        memcpy(at, " other-thing.", 13);
    return true;
}

static void begin_without_numbers(uint64_t link_bps, enum rill_peer_congestion_control by)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    capacity = (struct rill_sim_capacity){0, link_bps};
    narrow = (struct rill_sim_bottleneck){.steps = &capacity, .n = 1, .depth = 300 * RILL_MS};
    o.tamper = no_transport_cc;
    o.config.congestion = by;
    begin_with(o, KBPS(3000));
    app.c->net.links[0][1].bottleneck = &narrow;
    assert_int_equal(app.c->sides[0].peer->lines[0].agreed.ext_transport_cc.sent, 0);
    assert_true(app.c->sides[0].peer->lines[0].agreed.remb);
    assert_int_equal(app.c->sides[0].peer->lines[0].agreed.ext_abs_send_time.sent, 2);
}

/* RFC 8285 §5: the offer narrows the extension of numbers to one direction. */
static bool one_way(void *ctx, struct rill_sim_message *m)
{
    static const char line[] = "a=extmap:3 ";
    const char *way = ctx;
    size_t n = strlen(way), at = 0;
    while (m->type == RILL_SIM_OFFER && at + sizeof line <= m->n &&
           memcmp(m->text + at, line, sizeof line - 1) != 0)
        at++;
    if (m->type != RILL_SIM_OFFER)
        return true;
    char *text = realloc(m->text, m->n + n);
    assert_non_null(text);
    at += sizeof line - 2;
    memmove(text + at + n, text + at, m->n - at);
    memcpy(text + at, way, n);
    m->text = text;
    m->n += n;
    return true;
}

static uint64_t feedbacks_where_numbers_are(char *way)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    struct rill_peer_stats s;
    o.tamper = one_way;
    o.ctx = way;
    begin_with(o, KBPS(1000));
    go_on(2 * RILL_SECOND);
    const struct rill_sdp_agreed *ours = &app.c->sides[0].peer->lines[0].agreed;
    const struct rill_sdp_agreed *theirs = &app.c->sides[1].peer->lines[0].agreed;
    assert_int_equal(ours->ext_transport_cc.sent, theirs->ext_transport_cc.received);
    assert_int_equal(ours->ext_transport_cc.received, theirs->ext_transport_cc.sent);
    rill_peer_stats(app.c->sides[0].peer, &s);
    end();
    return s.feedbacks;
}

static void numbers_that_may_go_one_way_go_that_way_and_no_other(void **state)
{
    (void)state;
    assert_true(feedbacks_where_numbers_are("/sendonly") >= 5);
    assert_int_equal(feedbacks_where_numbers_are("/recvonly"), 0);
}

static void the_receivers_estimate_finds_what_a_path_carries(void **state)
{
    (void)state;
    for (int by = RILL_PEER_CONGESTION_GCC; by <= RILL_PEER_CONGESTION_NADA; by++) {
        begin_without_numbers(KBPS(1000), (enum rill_peer_congestion_control)by);
        go_on(20 * RILL_SECOND);
        uint64_t before = sent().bytes;
        go_on(20 * RILL_SECOND);
        assert_in_range((sent().bytes - before) * 8 / 20, KBPS(750), KBPS(1000));
        assert_in_range(target(), KBPS(700), KBPS(1100));
        struct rill_peer_stats s;
        rill_peer_stats(app.c->sides[1].peer, &s);
        assert_in_range(s.transports[0].incoming_bps, KBPS(700), KBPS(1300));
        rill_peer_stats(app.c->sides[0].peer, &s);
        assert_int_equal(s.transports[0].incoming_bps, 0); /* nothing comes there */
        end();
    }
}

static void the_receivers_estimate_follows_a_path_that_shrinks(void **state)
{
    (void)state;
    begin_without_numbers(KBPS(2000), RILL_PEER_CONGESTION_GCC);
    go_on(20 * RILL_SECOND);
    assert_true(target() >= KBPS(1400));
    capacity.bps = KBPS(600);
    go_on(3 * RILL_SECOND);
    assert_in_range(target(), KBPS(250), KBPS(650));
    end();
}

/* --- feedback that lies -------------------------------------------------------------------------
 */

/* What side 1 says, with its own keys, whatever that is. */
static int say(struct rill_writer *w)
{
    struct rill_path path = {.socket = app.c->sides[0].socket, .remote = app.c->sides[1].bound};
    int n = rill_srtp_protect_rtcp(app.c->sides[1].peer->transports[0].components[0].srtp,
                                   (struct rill_span){w->p, w->cap}, w->at);
    assert_true(n > 0);
    return rill_peer_input(app.c->sides[0].peer, app.c->now, &path,
                           (struct rill_span){w->p, (size_t)n});
}

static const struct rill_peer_sender *stream(void)
{
    return &app.c->sides[0].peer->tracks[0].sender;
}

/* Transport-wide feedback of these numbers, each with this delta; draft-holmer §3.1. */
static int tell_numbers(uint16_t base, uint16_t n, uint32_t reference, int16_t delta)
{
    _Alignas(8) uint8_t bytes[512];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_w_u8(&w, 0x8f);
    rill_w_u8(&w, 205);
    rill_w_u16(&w, (uint16_t)(4 + (2 * n + 2 + 3) / 4));
    rill_w_u32(&w, 1);
    rill_w_u32(&w, stream()->ssrc);
    rill_w_u16(&w, base);
    rill_w_u16(&w, n);
    rill_w_u24(&w, reference & 0xffffff);
    rill_w_u8(&w, 0);
    rill_w_u16(&w, (uint16_t)(0x4000 | n)); /* a run of large deltas */
    for (int i = 0; i < n; i++)
        rill_w_u16(&w, (uint16_t)delta);
    rill_w_zeros(&w, (4 - w.at % 4) % 4);
    return say(&w);
}

static void lie_of_numbers_never_sent(size_t i)
{
    int64_t next = app.c->sides[0].peer->transports[0].congestion.sent.next;
    assert_int_equal(tell_numbers((uint16_t)(next + 100 * (int64_t)i), 20, (uint32_t)i, 4), 0);
}

/* Of packets that are still on their way, once a second: what is told first counts. */
static void lie_of_impossible_times(size_t i)
{
    static const uint32_t references[] = {0, 0x7fffff, 0x800000, 0xffffff, 0x123456};
    int64_t next = app.c->sides[0].peer->transports[0].congestion.sent.next;
    if (i % 100 == 0)
        assert_int_equal(tell_numbers((uint16_t)(next - 2), 2, references[i / 100 % 5],
                                      i % 200 ? INT16_MAX : INT16_MIN),
                         0);
}

static void ask_for_all_again(size_t i)
{
    _Alignas(8) uint8_t bytes[1024];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    uint16_t seqs[400];
    (void)i;
    for (uint16_t k = 0; k < 400; k++)
        seqs[k] = (uint16_t)(stream()->seq - 420 + k);
    rill_rtcp_write_nack(&w, 1, stream()->ssrc, seqs, 400);
    assert_int_equal(say(&w), 0);
}

static void ask_for_a_key_frame(size_t i)
{
    _Alignas(8) uint8_t bytes[256];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    if (i % 2)
        rill_rtcp_write_pli(&w, 1, stream()->ssrc);
    else
        rill_rtcp_write_fir(&w, 1, stream()->ssrc, (uint8_t)(i / 2));
    assert_int_equal(say(&w), 0);
}

static void estimate_nothing_or_everything(size_t i)
{
    _Alignas(8) uint8_t bytes[256];
    uint32_t ssrc = stream()->ssrc;
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_rtcp_write_remb(&w, 1, i % 2 ? 0 : UINT64_C(1) << 60, &ssrc, 1);
    int rc = say(&w);
    if (i % 2)
        assert_int_equal(rc, 0);
    else
        assert_row(rc, RTCP_REMB_BITRATE);
}

/* Reports of all that was lost, of packets not sent yet, in answer to reports never sent. Those who
 * know how each packet fared by feedback need no such word. */
static void report_what_cannot_be(size_t i)
{
    _Alignas(8) uint8_t bytes[256];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    struct rill_rtcp_report_block b = {.ssrc = stream()->ssrc,
                                       .fraction_lost = i % 3 ? 255 : 0,
                                       .cumulative_lost = i % 2 ? 0x7fffff : -0x800000,
                                       .highest_seq = i % 5 ? UINT32_MAX - (uint32_t)i : 0,
                                       .jitter = i % 7 ? UINT32_MAX : 0,
                                       .lsr = (uint32_t)(i * 0x9e3779b9u),
                                       .dlsr = i % 11 ? UINT32_MAX : (uint32_t)i};
    rill_rtcp_write_rr(&w, 1, &b, 1);
    assert_int_equal(say(&w), 0);
}

static void ask_for_what_was_never_sent(size_t i)
{
    _Alignas(8) uint8_t bytes[1024];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    uint16_t seqs[400];
    for (uint16_t k = 0; k < 400; k++)
        seqs[k] = (uint16_t)(stream()->seq + 200 * (i % 50) + k);
    rill_rtcp_write_nack(&w, 1, stream()->ssrc, seqs, 400);
    assert_int_equal(say(&w), 0);
}

/* A thousand of them within 5 s cost neither the target nor what is sent. */
static void endure(void (*lie)(size_t i))
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.config.start_bps = KBPS(1000);
    o.config.max_bps = KBPS(1500);
    begin_with(o, KBPS(1500));
    go_on(4 * RILL_SECOND);
    uint64_t before = target(), bytes = sent().bytes, frames = sent().frames;
    assert_true(before >= KBPS(1450));
    for (size_t i = 0; i < 1000; i++) {
        lie(i);
        go_on(5 * RILL_MS);
    }
    assert_true(target() >= before / 10 * 9);
    assert_true((sent().bytes - bytes) * 8 / 5 >= before / 10 * 8);
    assert_true(sent().frames - frames >= 149);
    assert_int_equal(app.c->sides[0].state, RILL_PEER_CONNECTED);
}

static void numbers_that_were_never_sent_cost_nothing(void **state)
{
    (void)state;
    endure(lie_of_numbers_never_sent);
    end();
}

static void times_that_cannot_be_cost_nothing(void **state)
{
    (void)state;
    endure(lie_of_impossible_times);
    end();
}

/* They came, as the feedback has told. */
static void packets_asked_for_a_thousand_times_are_hardly_sent_again(void **state)
{
    (void)state;
    endure(ask_for_all_again);
    assert_true(sent().retransmitted <= sent().packets / 50);
    end();
}

/* At 300 ms a key frame at first, then each 1.5 s. */
static void a_flood_of_plis_gets_a_few_key_frames(void **state)
{
    (void)state;
    endure(ask_for_a_key_frame);
    assert_in_range(app.keyframes, 4, 8);
    end();
}

static void estimates_of_nothing_and_of_everything_cost_nothing(void **state)
{
    (void)state;
    endure(estimate_nothing_or_everything);
    end();
}

static void reports_that_cannot_be_cost_nothing(void **state)
{
    (void)state;
    endure(report_what_cannot_be);
    /* A round trip is measured by what was sent alone. */
    assert_in_range(sent().rtt_us, 0, 5 * RILL_SECOND);
    assert_true(sent().more.out.rtts > 0);
    end();
}

static void packets_never_sent_are_not_sent_again(void **state)
{
    (void)state;
    endure(ask_for_what_was_never_sent);
    assert_int_equal(sent().retransmitted, 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_that_cannot_be_cost_nothing),
        cmocka_unit_test(packets_never_sent_are_not_sent_again),
        cmocka_unit_test(a_receiver_that_reads_late_is_not_taken_for_a_path_that_is_full),
        cmocka_unit_test(jitter_and_round_trips_are_those_of_the_path_when_both_read_late),
        cmocka_unit_test(a_wide_path_is_known_within_a_second_by_padding),
        cmocka_unit_test(without_rtx_there_is_no_padding),
        cmocka_unit_test(a_path_that_narrows_at_a_stroke_gets_a_key_frame_and_few_repairs),
        cmocka_unit_test(a_path_that_loses_gets_repairs_and_no_key_frames),
        cmocka_unit_test(numbers_that_may_go_one_way_go_that_way_and_no_other),
        cmocka_unit_test(the_receivers_estimate_finds_what_a_path_carries),
        cmocka_unit_test(the_receivers_estimate_follows_a_path_that_shrinks),
        cmocka_unit_test(numbers_that_were_never_sent_cost_nothing),
        cmocka_unit_test(times_that_cannot_be_cost_nothing),
        cmocka_unit_test(packets_asked_for_a_thousand_times_are_hardly_sent_again),
        cmocka_unit_test(a_flood_of_plis_gets_a_few_key_frames),
        cmocka_unit_test(estimates_of_nothing_and_of_everything_cost_nothing),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
