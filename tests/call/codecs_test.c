/* A sender that goes over to another of the formats that were agreed, without a word (RFC 3264
 * §6.1, RFC 8834 §4.3). */
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/tracks.h"
#include "srtp/srtp.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

#include <string.h>

#define FRAMES_MAX 512

/* What the answerer gets. */
static struct {
    size_t n, wrong, of[16]; /* by codec */
    uint32_t frames[FRAMES_MAX];
    size_t wanted; /* key frames, of the offerer */
    bool report_is_wrong;
} got;

static bool see(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    (void)c;
    if (side == 0 && e->type == RILL_PEER_EVENT_KEYFRAME_WANTED)
        got.wanted++;
    if (side != 1 || e->type != RILL_PEER_EVENT_FRAME)
        return false;
    const struct rill_frame *f = &e->frame;
    got.wrong += e->codec != f->codec || f->bytes.n < 8;
    got.of[f->codec]++;
    if (f->bytes.n >= 8 && got.n < FRAMES_MAX)
        memcpy(&got.frames[got.n++], f->bytes.p + 4, 4);
    return true;
}

static struct rill_sim_call *begin_with(const struct rill_trace *trace)
{
    static const enum rill_codec_id codecs[] = {RILL_CODEC_OPUS, RILL_CODEC_PCMU, RILL_CODEC_VP8,
                                                RILL_CODEC_VP9};
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.no_clips = true;
    o.config.codecs = codecs;
    o.config.n_codecs = 4;
    o.trace[0] = trace;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    assert_non_null(c);
    memset(&got, 0, sizeof got);
    c->event = see;
    rill_sim_call_start(c);
    assert_true(rill_sim_call_run_until(c, 5 * RILL_SECOND, rill_sim_call_both_connected));
    rill_sim_call_run(c, c->now + 200 * RILL_MS);
    return c;
}

static struct rill_sim_call *begin(void)
{
    return begin_with(NULL);
}

static uint32_t number;

/* One frame, of bytes that no codec need understand; whether it is sent. */
static int send_frame(struct rill_sim_call *c, enum rill_codec_id codec, bool keyframe,
                      uint32_t rtp_time)
{
    uint8_t bytes[3000] = {0};
    bool video = rill_codec_kind(codec) == RILL_VIDEO;
    bytes[0] = keyframe ? 0x10 : 0x11; /* VP8's P bit */
    bytes[3] = 0x9d;
    number++;
    memcpy(bytes + 4, &number, 4);
    struct rill_frame f = {
        .kind = rill_codec_kind(codec),
        .codec = codec,
        .bytes = rill_view_at(bytes, video ? sizeof bytes : 160),
        .rtp_time = rtp_time,
        .time = c->now,
        .keyframe = keyframe,
    };
    const struct rill_sim_side *s = &c->sides[0];
    return rill_peer_send_frame(s->peer, c->now, video ? s->video.track : s->audio.track, &f);
}

/* n pictures, 33 ms apart, the first of them a key frame when it is to be one. */
static void pictures(struct rill_sim_call *c, enum rill_codec_id codec, int n, bool keyframe)
{
    for (int i = 0; i < n; i++) {
        assert_int_equal(send_frame(c, codec, keyframe && i == 0, (uint32_t)(c->now * 9 / 100)), 0);
        rill_sim_call_run(c, c->now + 33 * RILL_MS);
    }
}

static struct rill_peer_stream_stats received(const struct rill_sim_call *c, enum rill_kind kind)
{
    static struct rill_peer_stats s;
    rill_peer_stats(c->sides[1].peer, &s);
    return s.received[kind == RILL_VIDEO ? c->sides[1].video.track : c->sides[1].audio.track];
}

static void pictures_go_over_to_another_codec_with_a_key_frame(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin();
    pictures(c, RILL_CODEC_VP8, 30, true);
    assert_int_equal(received(c, RILL_VIDEO).codec, RILL_CODEC_VP8);
    pictures(c, RILL_CODEC_VP9, 30, true);
    rill_sim_call_run(c, c->now + 200 * RILL_MS);
    assert_int_equal(got.of[RILL_CODEC_VP8], 30);
    assert_int_equal(got.of[RILL_CODEC_VP9], 30);
    struct rill_peer_stream_stats s = received(c, RILL_VIDEO);
    assert_int_equal(s.codec, RILL_CODEC_VP9);
    assert_int_equal(s.lost, 0);
    struct rill_sdp_also vp9;
    assert_true(rill_sdp_agreed_codec(&c->sides[1].peer->lines[s.transceiver].agreed,
                                      RILL_CODEC_VP9, &vp9));
    assert_int_equal(s.pt, vp9.pt);
    pictures(c, RILL_CODEC_VP8, 30, true);
    rill_sim_call_run(c, c->now + 200 * RILL_MS);
    assert_int_equal(got.of[RILL_CODEC_VP8], 60);
    assert_int_equal(got.wrong, 0);
    rill_sim_call_free(c);
}

static void what_is_lost_of_the_other_codec_is_repaired_under_its_own_number(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin();
    pictures(c, RILL_CODEC_VP8, 10, true);
    uint64_t before = received(c, RILL_VIDEO).more.in.repaired_packets;
    c->net.links[0][1].loss_good = 1000;
    pictures(c, RILL_CODEC_VP9, 60, true);
    c->net.links[0][1].loss_good = 0;
    rill_sim_call_run(c, c->now + 500 * RILL_MS);
    assert_true(received(c, RILL_VIDEO).more.in.repaired_packets > before);
    assert_int_equal(got.of[RILL_CODEC_VP9], 60);
    assert_int_equal(got.wrong, 0);
    rill_sim_call_free(c);
}

/* RFC 4585 §4.2: feedback is agreed for each payload type. */
static void a_codec_without_nack_is_not_repaired_and_the_first_one_still_is(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin();
    struct rill_sdp_agreed *a = &c->sides[1].peer->lines[c->sides[1].video.track].agreed;
    assert_true(a->feedback.nack);
    for (size_t i = 0; i < a->n_also; i++)
        a->also[i].feedback.nack = false;
    pictures(c, RILL_CODEC_VP9, 5, true);
    c->net.links[0][1].loss_good = 1000;
    pictures(c, RILL_CODEC_VP9, 60, false);
    uint64_t nacks = received(c, RILL_VIDEO).nacks;
    assert_int_equal(nacks, 0);
    pictures(c, RILL_CODEC_VP8, 60, true);
    assert_true(received(c, RILL_VIDEO).nacks > 0);
    rill_sim_call_free(c);
}

static void without_a_key_frame_one_is_asked_for_and_nothing_is_handed_out(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin();
    pictures(c, RILL_CODEC_VP8, 30, true);
    got.wanted = 0;
    pictures(c, RILL_CODEC_VP9, 30, false);
    assert_int_equal(got.of[RILL_CODEC_VP9], 0);
    assert_true(got.wanted > 0);
    pictures(c, RILL_CODEC_VP9, 30, true);
    rill_sim_call_run(c, c->now + 200 * RILL_MS);
    assert_int_equal(got.of[RILL_CODEC_VP9], 30);
    rill_sim_call_free(c);
}

/* Opus counts 48 kHz, G.711 8. */
static void sound(struct rill_sim_call *c, enum rill_codec_id codec, int n, uint32_t *rtp_time)
{
    for (int i = 0; i < n; i++) {
        assert_int_equal(send_frame(c, codec, true, *rtp_time), 0);
        *rtp_time += rill_codec_clock_hz(codec) / 50;
        rill_sim_call_run(c, c->now + 20 * RILL_MS);
    }
}

static int64_t lag(const struct rill_sim_call *c)
{
    const struct rill_sim_side *s = &c->sides[1];
    return rill_rtp_lag(&s->peer->lines[s->audio.track].ins[0]->lag);
}

static void sound_goes_over_to_another_codec_and_another_clock(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin();
    uint32_t rtp_time = 1000000;
    sound(c, RILL_CODEC_OPUS, 100, &rtp_time);
    sound(c, RILL_CODEC_PCMU, 100, &rtp_time);
    assert_true(lag(c) < 2 * RILL_MS);
    sound(c, RILL_CODEC_OPUS, 50, &rtp_time);
    rill_sim_call_run(c, c->now + 200 * RILL_MS);
    assert_int_equal(got.of[RILL_CODEC_OPUS], 150);
    assert_int_equal(got.of[RILL_CODEC_PCMU], 100);
    for (size_t i = 1; i < got.n; i++)
        assert_int_equal(got.frames[i], got.frames[i - 1] + 1);
    /* Packets were on time, whatever the clock. */
    struct rill_peer_stream_stats s = received(c, RILL_AUDIO);
    assert_int_equal(s.lost, 0);
    assert_true(s.jitter_us < 2 * RILL_MS);
    assert_true(lag(c) < 2 * RILL_MS);
    rill_sim_call_free(c);
}

/* --- keys, by the clock of the codec that is sent now (RFC 4733 §2.1) ------------------------ */

/* What was sent of them. */
static struct {
    size_t n;
    uint8_t pt;
    uint32_t rtp_time;
} keys;

static void see_key(void *ctx, const struct rill_trace_point *point, int64_t now,
                    const union rill_trace_value *values)
{
    (void)ctx;
    (void)now;
    if (strcmp(point->name, "rtp_sent") != 0 || !rill_view_is(values[2].view, "telephone-event"))
        return;
    const uint8_t *p = values[3].view.p;
    keys.n++;
    keys.pt = p[1] & 127;
    keys.rtp_time = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
}

static void keys_are_told_by_the_clock_of_what_is_sent_now(void **state)
{
    static const struct rill_trace trace = {.emit = see_key};
    static const enum rill_codec_id codecs[] = {RILL_CODEC_OPUS, RILL_CODEC_PCMU, RILL_CODEC_OPUS};
    struct rill_sim_call *c = begin_with(&trace);
    uint32_t rtp_time = 1000000;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        uint32_t hz = rill_codec_clock_hz(codecs[i]);
        sound(c, codecs[i], 25, &rtp_time);
        memset(&keys, 0, sizeof keys);
        assert_int_equal(
            rill_peer_insert_dtmf(c->sides[0].peer, c->now, c->sides[0].audio.track, "7", 0, 0), 0);
        rill_sim_call_run(c, c->now + 500 * RILL_MS);
        assert_true(keys.n > 4);
        assert_int_equal(keys.pt, hz == 8000 ? 126 : 110);
        /* It was pressed within the last packet of sound. */
        assert_in_range(rtp_time - keys.rtp_time, 0, hz / 50);
        assert_in_range(c->sides[1].tone_duration, 100 * RILL_MS, 130 * RILL_MS);
        rtp_time += hz / 2;
    }
    assert_string_equal(c->sides[1].tones, "777");
    assert_int_equal(received(c, RILL_AUDIO).lost, 0);
    rill_sim_call_free(c);
}

static void what_was_not_answered_is_neither_sent_nor_taken(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin();
    const struct rill_sim_side *s = &c->sides[0];
    struct rill_sdp_agreed *a = &s->peer->lines[s->video.track].agreed;
    pictures(c, RILL_CODEC_VP8, 5, true);
    size_t n = a->n_also;
    assert_true(n > 0);
    a->n_also = 0;
    assert_row(send_frame(c, RILL_CODEC_VP9, true, 0), PEER_NOT_SENDING);
    /* As if the other side had never heard of it. */
    a->n_also = n;
    c->sides[1].peer->lines[c->sides[1].video.track].agreed.n_also = 0;
    pictures(c, RILL_CODEC_VP9, 5, true);
    assert_int_equal(got.of[RILL_CODEC_VP9], 0);
    assert_int_equal(got.of[RILL_CODEC_VP8], 5);
    rill_sim_call_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_go_over_to_another_codec_with_a_key_frame),
        cmocka_unit_test(what_is_lost_of_the_other_codec_is_repaired_under_its_own_number),
        cmocka_unit_test(a_codec_without_nack_is_not_repaired_and_the_first_one_still_is),
        cmocka_unit_test(without_a_key_frame_one_is_asked_for_and_nothing_is_handed_out),
        cmocka_unit_test(sound_goes_over_to_another_codec_and_another_clock),
        cmocka_unit_test(keys_are_told_by_the_clock_of_what_is_sent_now),
        cmocka_unit_test(what_was_not_answered_is_neither_sent_nor_taken),
    };
    rill_srtp_global_init();
    int rc = cmocka_run_group_tests_name("call/codecs", tests, NULL, NULL);
    rill_sim_certs_free();
    rill_srtp_global_free();
    return rc;
}
