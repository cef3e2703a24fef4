/* H.264 as the two packetization modes have it (RFC 6184 §6.2, §6.3): whole NAL units alone, and in
 * pieces where those were answered too. */
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/tracks.h"
#include "rtp/h264.h"
#include "rtp/packet.h"
#include "srtp/srtp.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

#include <string.h>

static struct {
    size_t frames, keyframes,
        wanted; /* what the answerer gets, and what the offerer is asked for */
    uint8_t last[1 << 16];
    size_t last_n;
} got;

static bool see(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    (void)c;
    if (side == 0 && e->type == RILL_PEER_EVENT_KEYFRAME_WANTED)
        got.wanted++;
    if (side != 1 || e->type != RILL_PEER_EVENT_FRAME)
        return false;
    assert_int_equal(e->frame.codec, RILL_CODEC_H264);
    got.frames++;
    got.keyframes += e->frame.keyframe;
    got.last_n = e->frame.bytes.n;
    memcpy(got.last, e->frame.bytes.p, got.last_n);
    return true;
}

static struct rill_sdp_codec_cap *cap_of(struct rill_peer *x, const char *fmtp)
{
    struct rill_peer_numbers *n = &x->jsep.numbers;
    size_t i = 0;
    while (!n->codecs[i].fmtp || !strstr(n->codecs[i].fmtp, fmtp))
        i++;
    assert_true(i < n->caps.n_codecs);
    return &n->codecs[i];
}

/* The offerer lists mode 0 before mode 1; the answerer has both, or mode 0 alone. */
static struct rill_sim_call *begin(bool both)
{
    static const enum rill_codec_id codecs[] = {RILL_CODEC_OPUS, RILL_CODEC_H264};
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.no_clips = true;
    o.config.codecs = codecs;
    o.config.n_codecs = 2;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    assert_non_null(c);
    memset(&got, 0, sizeof got);
    c->event = see;
    struct rill_sdp_codec_cap *a = cap_of(c->sides[0].peer, "mode=1"),
                              *b = cap_of(c->sides[0].peer, "mode=0"), first = *b;
    *b = *a;
    *a = first;
    if (!both)
        cap_of(c->sides[1].peer, "mode=1")->kind = RILL_AUDIO;
    rill_sim_call_start(c);
    assert_true(rill_sim_call_run_until(c, 5 * RILL_SECOND, rill_sim_call_both_connected));
    rill_sim_call_run(c, c->now + 200 * RILL_MS);
    got.wanted = 0;
    return c;
}

static const struct rill_sdp_agreed *agreed(const struct rill_sim_call *c)
{
    return &c->sides[0].peer->lines[c->sides[0].video.track].agreed;
}

/* An access unit of so many slices, each of so many bytes; a key frame has parameters, too. */
static int send(struct rill_sim_call *c, bool key, size_t slices, size_t size)
{
    static uint8_t bytes[1 << 16];
    static const uint8_t sets[] = {0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x28, 0x8c,
                                   0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80};
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    if (key)
        rill_w_bytes(&w, rill_view_at(sets, sizeof sets));
    for (size_t i = 0; i < slices; i++) {
        rill_w_u32(&w, 1);
        rill_w_u8(&w, key ? 0x65 : 0x41);
        rill_w_u8(&w, i ? 0x3a : 0x9a); /* first_mb_in_slice: 0, or another */
        for (size_t k = 2; k < size; k++)
            rill_w_u8(&w, (uint8_t)(k % 250 + 3));
    }
    assert_false(w.bad);
    struct rill_frame f = {
        .kind = RILL_VIDEO,
        .codec = RILL_CODEC_H264,
        .bytes = rill_w_view(&w),
        .rtp_time = (uint32_t)(c->now * 9 / 100),
        .time = c->now,
        .keyframe = key,
    };
    size_t before = got.frames;
    int rc = rill_peer_send_frame(c->sides[0].peer, c->now, c->sides[0].video.track, &f);
    rill_sim_call_run(c, c->now + 200 * RILL_MS);
    assert_int_equal(got.frames, before + (rc == 0));
    if (rc == 0) {
        assert_int_equal(got.last_n, w.at);
        assert_memory_equal(got.last, bytes, w.at);
    }
    return rc;
}

/* The types of what was stored since `seq`, and their number, one for all. */
static unsigned types_since(const struct rill_sim_call *c, uint16_t seq, uint8_t *pt)
{
    const struct rill_peer_sender *s = &c->sides[0].peer->tracks[c->sides[0].video.track].sender;
    unsigned types = 0;
    *pt = 0;
    for (; seq != s->seq; seq++) {
        struct rill_rtp_packet p;
        assert_int_equal(rill_rtp_parse(rill_rtp_history_get(&s->history, seq), &p, NULL), 0);
        assert_true(*pt == 0 || *pt == p.pt);
        *pt = p.pt;
        types |= 1u << (p.payload.p[0] & 0x1f);
    }
    return types;
}

static uint16_t next_seq(const struct rill_sim_call *c)
{
    return c->sides[0].peer->tracks[c->sides[0].video.track].sender.seq;
}

#define OF(type) (1u << (type))

static void mode_0_sends_whole_nal_units_and_refuses_what_is_longer_than_a_packet(void **state)
{
    (void)state;
    uint8_t pt;
    struct rill_sim_call *c = begin(false);
    assert_int_equal(agreed(c)->h264.packetization_mode, 0);
    assert_int_equal(agreed(c)->n_also, 0);
    uint16_t seq = next_seq(c);
    assert_int_equal(send(c, true, 5, 1000), 0);
    assert_int_equal(send(c, false, 3, 1000), 0);
    assert_int_equal(types_since(c, seq, &pt), OF(RILL_H264_SPS) | OF(RILL_H264_PPS) |
                                                   OF(RILL_H264_IDR) | OF(RILL_H264_SLICE));
    assert_int_equal(next_seq(c) - seq, 2 + 5 + 3);
    assert_row(send(c, false, 1, 1300), PEER_NAL_TOO_LARGE);
    assert_int_equal(got.wanted, 1);
    assert_int_equal(send(c, true, 5, 1000), 0);
    assert_int_equal(got.keyframes, 2);
    rill_sim_call_free(c);
}

static void what_mode_0_cannot_carry_goes_in_pieces_where_they_were_answered(void **state)
{
    (void)state;
    uint8_t first, pt;
    struct rill_sim_call *c = begin(true);
    assert_int_equal(agreed(c)->h264.packetization_mode, 0); /* as the offer has them */
    uint16_t seq = next_seq(c);
    assert_int_equal(send(c, true, 5, 1000), 0);
    assert_false(types_since(c, seq, &first) & (OF(RILL_H264_STAP_A) | OF(RILL_H264_FU_A)));
    /* A decoder begins anew with another number: from the next key frame on. */
    assert_row(send(c, false, 1, 1300), PEER_NAL_TOO_LARGE);
    assert_int_equal(got.wanted, 1);
    seq = next_seq(c);
    assert_int_equal(send(c, true, 1, 5000), 0);
    assert_int_equal(send(c, false, 1, 5000), 0);
    assert_int_equal(types_since(c, seq, &pt), OF(RILL_H264_STAP_A) | OF(RILL_H264_FU_A));
    assert_int_not_equal(pt, first);
    rill_sim_call_free(c);
}

static void a_key_frame_goes_in_pieces_at_once(void **state)
{
    (void)state;
    uint8_t pt;
    struct rill_sim_call *c = begin(true);
    uint16_t seq = next_seq(c);
    assert_int_equal(send(c, true, 1, 5000), 0);
    assert_int_equal(types_since(c, seq, &pt), OF(RILL_H264_STAP_A) | OF(RILL_H264_FU_A));
    assert_int_equal(got.wanted, 0);
    rill_sim_call_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mode_0_sends_whole_nal_units_and_refuses_what_is_longer_than_a_packet),
        cmocka_unit_test(what_mode_0_cannot_carry_goes_in_pieces_where_they_were_answered),
        cmocka_unit_test(a_key_frame_goes_in_pieces_at_once),
    };
    rill_srtp_global_init();
    int rc = cmocka_run_group_tests_name("call/h264", tests, NULL, NULL);
    rill_sim_certs_free();
    rill_srtp_global_free();
    return rc;
}
