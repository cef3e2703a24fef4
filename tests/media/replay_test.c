/* replay_test: what is sent, recorded as rtpdump, and read to its pictures again. */
#include "base/rng.h"
#include "media/replay.h"
#include "media/sender.h"
#include "rtp/packet.h"
#include "rtp/payload.h"
#include "tests/rill_test.h"

#define NOW 1000000

static uint8_t recording[2 << 20];

struct recorder {
    struct rill_writer w;
    uint16_t seq, picture_id;
    unsigned lose; /* this packet, counted from 1 */
    unsigned packets;
};

static struct recorder record(void)
{
    struct recorder r = {.w = rill_writer_of((struct rill_span){recording, sizeof recording}),
                         .seq = 65530};
    rill_w_str(&r.w, "#!rtpplay1.0 127.0.0.1/5004\n");
    rill_w_zeros(&r.w, 16);
    return r;
}

static void add_packet(struct recorder *r, struct rill_view packet)
{
    if (++r->packets == r->lose)
        return;
    rill_w_u16(&r->w, (uint16_t)(packet.n + 8));
    rill_w_u16(&r->w, (uint16_t)packet.n);
    rill_w_u32(&r->w, r->packets);
    rill_w_bytes(&r->w, packet);
}

static void add_frame(struct recorder *r, const struct rill_frame *f)
{
    struct rill_rtp_cutter cutter;
    size_t n = rill_rtp_cut_begin(&cutter, f, 400, r->picture_id++, 1);
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++) {
        uint8_t packet[512];
        struct rill_writer w = rill_writer_of((struct rill_span){packet, sizeof packet});
        rill_rtp_write(&w, i + 1 == n, 96, r->seq++, f->rtp_time, 7, NULL, 0);
        rill_rtp_cut_next(&cutter, &w);
        add_packet(r, rill_w_view(&w));
    }
}

static void add_media(struct recorder *r, const char *source, enum rill_codec_id codec, int frames)
{
    struct rill_sender *s = NULL;
    struct rill_frame f;
    assert_int_equal(rill_sender_new(&(struct rill_sender_config){.source = source}, &s, NULL), 0);
    assert_true(rill_sender_set_codec(s, codec));
    rill_sender_start(s, NOW);
    for (int64_t now = NOW; frames > 0; now = rill_sender_deadline(s))
        while (frames > 0 && rill_sender_frame(s, now, &f)) {
            add_frame(r, &f);
            frames--;
        }
    rill_sender_free(s);
}

static int64_t stands(void)
{
    return NOW;
}

static struct rill_replay replayed(const struct recorder *r)
{
    struct rill_replay out;
    assert_int_equal(rill_replay(rill_w_view(&r->w), stands, NOW + 1, &out, NULL), 0);
    return out;
}

static void pictures_come_out_as_many_as_went_in(void **state)
{
    (void)state;
    static const enum rill_codec_id codecs[] = {RILL_CODEC_VP8, RILL_CODEC_VP9};
    for (size_t i = 0; i < 2; i++) {
        struct recorder r = record();
        add_media(&r, "testsrc:size=320x240", codecs[i], 12);
        struct rill_replay out = replayed(&r);
        assert_int_equal(out.packets, r.packets);
        assert_int_equal(out.rtp_ok, r.packets);
        assert_int_equal(out.n_streams, 1);
        assert_int_equal(out.streams[0].codec, codecs[i]);
        assert_int_equal(out.streams[0].pt, 96);
        assert_int_equal(out.streams[0].frames, 12);
        assert_int_equal(out.streams[0].decoded, 12);
        assert_int_equal(out.streams[0].keyframes, 1);
        assert_int_equal(out.streams[0].width, 320);
        assert_int_equal(out.streams[0].height, 240);
    }
}

static void sound_is_known_by_the_length_of_its_packets(void **state)
{
    (void)state;
    struct recorder r = record();
    add_media(&r, "sine", RILL_CODEC_OPUS, 20);
    struct rill_replay out = replayed(&r);
    assert_int_equal(out.streams[0].codec, RILL_CODEC_OPUS);
    assert_int_equal(out.streams[0].frames, 20);
    assert_int_equal(out.streams[0].decoded, 20);
}

static void behind_a_loss_there_is_nothing_until_a_key_frame(void **state)
{
    (void)state;
    struct recorder r = record();
    add_media(&r, "testsrc:size=320x240", RILL_CODEC_VP8, 5);
    r.lose = r.packets + 1;
    add_media(&r, "testsrc:size=320x240", RILL_CODEC_VP8, 5); /* its key frame is not whole */
    struct rill_replay out = replayed(&r);
    assert_int_equal(out.packets, r.packets - 1);
    assert_int_equal(out.streams[0].frames, 5);
    assert_int_equal(out.streams[0].decoded, 5);
}

static void what_proves_nothing_is_counted_and_not_decoded(void **state)
{
    (void)state;
    struct recorder r = record();
    uint8_t packet[64];
    for (int i = 0; i < 10; i++) {
        rill_test_hex("8060 0001 00000bb8 00000007 9b3f6e1c77a0", packet, sizeof packet);
        packet[3] = (uint8_t)i;
        add_packet(&r, rill_view_at(packet, 18));
    }
    struct rill_replay out = replayed(&r);
    assert_int_equal(out.rtp_ok, 10);
    assert_int_equal(out.streams[0].codec, RILL_CODEC_NONE);
    assert_int_equal(out.streams[0].frames, 0);
}

static void h264_is_known_by_parameters_behind_a_delimiter_too(void **state)
{
    (void)state;
    uint8_t packet[64];
    struct recorder r = record();
    add_packet(&r, rill_test_hex("8060 0001 00000bb8 00000007"
                                 "78 0002 09f0 0004 6742c01f 0004 68ce3c80",
                                 packet, sizeof packet));
    add_packet(&r, rill_test_hex("80e0 0002 00000bb8 00000007 6588aabb", packet, sizeof packet));
    struct rill_replay out = replayed(&r);
    assert_int_equal(out.streams[0].codec, RILL_CODEC_H264);
    assert_int_equal(out.streams[0].frames, 1);
    assert_int_equal(out.streams[0].keyframes, 1);
}

/* Packets of a call as they are on the wire: sound and pictures in time, and noise in them. */
static void what_srtp_protects_is_of_no_codec(void **state)
{
    (void)state;
    static const struct {
        uint8_t pt;
        uint32_t ssrc, step;
        size_t size;
    } streams[] = {{111, 1, 960, 90}, {96, 2, 3000, 700}, {0, 3, 160, 170}, {8, 4, 240, 250}};
    struct rill_rng_seeded seeded;
    rill_rng_seeded_init(&seeded, 5);
    struct rill_rng rng = rill_rng_seeded(&seeded);
    struct recorder r = record();
    for (uint16_t k = 0; k < 600; k++)
        for (size_t i = 0; i < 4; i++) {
            uint8_t packet[1000];
            struct rill_writer w = rill_writer_of((struct rill_span){packet, sizeof packet});
            rill_rtp_write(&w, false, streams[i].pt, k, k * streams[i].step, streams[i].ssrc, NULL,
                           0);
            rill_rng_fill(&rng, packet + w.at, streams[i].size);
            add_packet(&r, rill_view_at(packet, w.at + streams[i].size));
        }
    struct rill_replay out = replayed(&r);
    assert_int_equal(out.n_streams, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(out.streams[i].codec, RILL_CODEC_NONE);
        assert_int_equal(out.streams[i].packets, 600);
        assert_int_equal(out.streams[i].frames, 0);
    }
}

/* G.711 pauses, and its packets then begin later than the one before ended. */
static void g711_is_known_by_its_number_where_its_times_fit(void **state)
{
    (void)state;
    static const uint32_t times[] = {0, 160, 320, 480, 5000, 5160};
    struct recorder r = record();
    for (uint16_t k = 0; k < 6; k++) {
        uint8_t packet[200];
        struct rill_writer w = rill_writer_of((struct rill_span){packet, sizeof packet});
        bool noise = k == 3; /* RFC 3389: of -40 dBov */
        rill_rtp_write(&w, k == 4, noise ? 13 : 0, k, times[k], 7, NULL, 0);
        memset(packet + w.at, noise ? 40 : 0xd5, 160);
        add_packet(&r, rill_view_at(packet, w.at + (noise ? 1 : 160)));
    }
    struct rill_replay out = replayed(&r);
    assert_int_equal(out.streams[0].codec, RILL_CODEC_PCMU);
    assert_int_equal(out.streams[0].decoded, 5);
    assert_int_equal(out.streams[0].errors, 0);
}

static void reports_and_noise_are_told_apart(void **state)
{
    (void)state;
    uint8_t packet[64];
    struct recorder r = record();
    add_packet(&r, rill_test_hex("80c9 0001 00000007", packet, sizeof packet));
    add_packet(&r, rill_test_hex("80c9 0009 00000007", packet, sizeof packet)); /* too short */
    add_packet(&r, rill_test_hex("0001 0000 2112a442", packet, sizeof packet));
    struct rill_replay out = replayed(&r);
    assert_int_equal(out.packets, 3);
    assert_int_equal(out.rtcp, 1);
    assert_int_equal(out.other, 2);
}

static void streams_beyond_the_table_are_counted_alone(void **state)
{
    (void)state;
    uint8_t packet[64];
    struct recorder r = record();
    for (int i = 0; i < RILL_REPLAY_STREAMS_MAX + 3; i++) {
        rill_test_hex("8060 0001 00000bb8 00000000 9b", packet, sizeof packet);
        packet[11] = (uint8_t)i;
        add_packet(&r, rill_view_at(packet, 13));
    }
    struct rill_replay out = replayed(&r);
    assert_int_equal(out.rtp_ok, RILL_REPLAY_STREAMS_MAX + 3);
    assert_int_equal(out.n_streams, RILL_REPLAY_STREAMS_MAX);
}

static int64_t clock_us;
static int64_t runs(void)
{
    return clock_us++;
}

static void when_the_time_is_over_it_ends_and_says_so(void **state)
{
    (void)state;
    struct recorder r = record();
    struct rill_replay out;
    add_media(&r, "testsrc:size=320x240", RILL_CODEC_VP8, 12);
    clock_us = 0;
    assert_int_equal(rill_replay(rill_w_view(&r.w), runs, 10, &out, NULL), 0);
    assert_true(out.over);
    assert_true(out.streams[0].decoded > 0 && out.streams[0].decoded < 12);
    clock_us = 0;
    assert_int_equal(rill_replay(rill_w_view(&r.w), runs, 0, &out, NULL), 0);
    assert_true(out.over);
    assert_int_equal(out.packets, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_come_out_as_many_as_went_in),
        cmocka_unit_test(sound_is_known_by_the_length_of_its_packets),
        cmocka_unit_test(behind_a_loss_there_is_nothing_until_a_key_frame),
        cmocka_unit_test(what_proves_nothing_is_counted_and_not_decoded),
        cmocka_unit_test(h264_is_known_by_parameters_behind_a_delimiter_too),
        cmocka_unit_test(what_srtp_protects_is_of_no_codec),
        cmocka_unit_test(g711_is_known_by_its_number_where_its_times_fit),
        cmocka_unit_test(reports_and_noise_are_told_apart),
        cmocka_unit_test(streams_beyond_the_table_are_counted_alone),
        cmocka_unit_test(when_the_time_is_over_it_ends_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
