/* payload_test: a frame of each codec cut into payloads, through the jitter buffer, and whole
 * again. */
#include "rtp/jitter.h"
#include "rtp/payload.h"
#include "tests/rill_test.h"

#define ROOM 300

static uint8_t frame_bytes[4096];

/* A key frame or not, some 1,000 bytes, as its codec has it. */
static struct rill_frame make(enum rill_codec_id codec, bool key, uint8_t fill)
{
    static const char *const heads[][2] = {
        [RILL_CODEC_VP8] = {"310200", "100200 9d012a 4000 3000"},
        [RILL_CODEC_VP9] = {"860040", "82498342 0003f002f0"},
        [RILL_CODEC_H264] = {"00000001 419a", "00000001 6742c01f 00000001 68ce 00000001 6588"},
        [RILL_CODEC_AV1] = {"1200 32 f48700", "1200 0a 828000 0102 32 f48700"},
    };
    static uint8_t head[64];
    struct rill_writer w = rill_writer_of((struct rill_span){frame_bytes, sizeof frame_bytes});
    rill_w_bytes(&w, rill_test_hex(heads[codec][key], head, sizeof head));
    for (size_t i = 0; i < 1012; i++)
        rill_w_u8(&w, (uint8_t)(i % 100 + fill));
    return (struct rill_frame){.kind = RILL_VIDEO,
                               .codec = codec,
                               .bytes = rill_w_view(&w),
                               .keyframe = key,
                               .width = key ? 64 : 0,
                               .height = key ? 48 : 0};
}

struct line {
    struct rill_rtp_jitter *j;
    uint16_t seq, picture_id;
    int64_t now;
};

static struct line open_line(enum rill_codec_id codec)
{
    struct rill_rtp_jitter_config config = {
        .codec = codec, .packets = 64, .slot = ROOM, .frame_bytes = 4096};
    struct line l = {.seq = 65530, .picture_id = 32766, .now = RILL_SECOND};
    l.j = rill_rtp_jitter_init(malloc(rill_rtp_jitter_size(&config)), &config);
    return l;
}

/* All packets of the frame but `lost` (-1: none). */
static void send(struct line *l, const struct rill_frame *f, uint32_t timestamp, int lost)
{
    struct rill_rtp_cutter cut;
    size_t n = rill_rtp_cut_begin(&cut, f, ROOM, l->picture_id++ & 0x7fff, 1);
    assert_in_range(n, 4, 6);
    for (size_t i = 0; i < n; i++) {
        uint8_t payload[ROOM];
        struct rill_writer w = rill_writer_of((struct rill_span){payload, sizeof payload});
        rill_rtp_cut_next(&cut, &w);
        assert_false(w.bad);
        struct rill_rtp_packet p = {.seq = l->seq++,
                                    .timestamp = timestamp,
                                    .marker = i + 1 == n,
                                    .payload = rill_w_view(&w)};
        if ((int)i != lost)
            assert_int_equal(rill_rtp_jitter_insert(l->j, l->now, &p, NULL), 0);
    }
    l->now += 33 * RILL_MS;
}

static void assert_comes(struct line *l, const struct rill_frame *want)
{
    struct rill_frame got;
    assert_true(rill_rtp_jitter_pop(l->j, l->now, &got));
    assert_int_equal(got.codec, want->codec);
    assert_int_equal(got.keyframe, want->keyframe);
    assert_int_equal(got.bytes.n, want->bytes.n);
    assert_memory_equal(got.bytes.p, want->bytes.p, want->bytes.n);
    if (want->codec == RILL_CODEC_VP8 || want->codec == RILL_CODEC_VP9)
        assert_int_equal(got.width, want->width);
}

static void each_codec_s_frames_come_out_as_they_went_in(void **state)
{
    (void)state;
    for (enum rill_codec_id codec = RILL_CODEC_VP8; codec <= RILL_CODEC_AV1; codec++) {
        struct line l = open_line(codec);
        for (uint32_t k = 0; k < 20; k++) {
            struct rill_frame f = make(codec, k % 8 == 0, (uint8_t)(k + 1));
            send(&l, &f, k * 3000, -1);
            assert_comes(&l, &f);
        }
        free(l.j);
    }
}

static void a_frame_with_a_hole_is_given_up_until_a_key_frame(void **state)
{
    (void)state;
    for (enum rill_codec_id codec = RILL_CODEC_VP8; codec <= RILL_CODEC_AV1; codec++) {
        for (int lost = 0; lost < 4; lost++) {
            struct line l = open_line(codec);
            struct rill_frame none, f = make(codec, true, 1);
            send(&l, &f, 0, -1);
            assert_comes(&l, &f);
            f = make(codec, false, 2);
            send(&l, &f, 3000, lost);
            f = make(codec, false, 3);
            send(&l, &f, 6000, -1);
            l.now += 600 * RILL_MS;
            assert_false(rill_rtp_jitter_pop(l.j, l.now, &none));
            assert_true(rill_rtp_jitter_wants_keyframe(l.j));
            f = make(codec, true, 4);
            send(&l, &f, 90000, -1);
            assert_comes(&l, &f);
            free(l.j);
        }
    }
}

struct packets {
    const char *payloads[6];
    bool key;
};

/* What is received of an access unit, a NAL unit a packet. */
static bool comes_out(struct line *l, const struct packets *of, uint32_t timestamp)
{
    static uint8_t payload[64];
    struct rill_frame got;
    for (int i = 0; of->payloads[i]; i++) {
        struct rill_rtp_packet p = {.seq = l->seq++,
                                    .timestamp = timestamp,
                                    .marker = !of->payloads[i + 1],
                                    .payload =
                                        rill_test_hex(of->payloads[i], payload, sizeof payload)};
        assert_int_equal(rill_rtp_jitter_insert(l->j, l->now, &p, NULL), 0);
    }
    l->now += 33 * RILL_MS;
    bool out = rill_rtp_jitter_pop(l->j, l->now, &got);
    assert_true(!out || got.keyframe == of->key);
    return out;
}

/* An SPS makes no key frame; an IDR picture does, and a recovery point that has its sets. */
static void h264_begins_with_what_needs_no_other(void **state)
{
    (void)state;
    static const struct packets idr = {{"0910", "6742c01f", "68ce3c80", "6588aa"}, true},
                                recovery = {{"6742c01f", "68ce3c80", "060601c480", "419aaa"}, true},
                                sets = {{"6742c01f", "68ce3c80", "419aaa"}, false},
                                point = {{"060601c480", "419aaa"}, false};
    const struct packets *const firsts[] = {&idr, &recovery};
    for (size_t i = 0; i < 2; i++) {
        struct line l = open_line(RILL_CODEC_H264);
        l.seq = 100;
        assert_false(comes_out(&l, &sets, 3000));
        l.now += RILL_SECOND;
        assert_false(comes_out(&l, &point, 6000));
        assert_true(rill_rtp_jitter_wants_keyframe(l.j));
        assert_true(comes_out(&l, firsts[i], 9000));
        assert_true(comes_out(&l, &sets, 12000));
        assert_true(comes_out(&l, &point, 15000));
        free(l.j);
    }
}

static void sound_is_a_payload_as_it_is(void **state)
{
    (void)state;
    struct rill_rtp_cutter cut;
    struct rill_rtp_payload p;
    struct rill_frame f = {.codec = RILL_CODEC_PCMU, .bytes = rill_view_at(frame_bytes, 160)};
    assert_int_equal(rill_rtp_cut_begin(&cut, &f, 1200, 0, 0), 1);
    assert_int_equal(rill_rtp_cut_begin(&cut, &f, 100, 0, 0), 0);
    assert_int_equal(rill_rtp_payload_read(RILL_CODEC_PCMU, f.bytes, &p, NULL), 0);
    assert_int_equal(p.data.n, 160);
}

static void the_size_of_a_key_frame_is_in_its_headers(void **state)
{
    (void)state;
    static uint8_t bytes[64];
    uint32_t width = 1, height = 1;
    /* a delimiter, parameters, the first bytes of a slice */
    struct rill_view f = rill_test_hex("00000001 0910 00000001 "
                                       "6742c00cd90150878888c044000003000400000300503c50a92000"
                                       "000001 6588",
                                       bytes, sizeof bytes);
    rill_rtp_frame_size(RILL_CODEC_H264, f, &width, &height);
    assert_int_equal(width, 322);
    assert_int_equal(height, 242);
    /* a temporal delimiter, a sequence header of 13 bytes */
    width = height = 1;
    f = rill_test_hex("1200 0a0d 200000043d07c4daf92021a004", bytes, sizeof bytes);
    rill_rtp_frame_size(RILL_CODEC_AV1, f, &width, &height);
    assert_int_equal(width, 322);
    assert_int_equal(height, 242);
    /* without one it stays as it was */
    f = rill_test_hex("000001 6588", bytes, sizeof bytes);
    rill_rtp_frame_size(RILL_CODEC_H264, f, &width, &height);
    assert_int_equal(width, 322);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_codec_s_frames_come_out_as_they_went_in),
        cmocka_unit_test(a_frame_with_a_hole_is_given_up_until_a_key_frame),
        cmocka_unit_test(h264_begins_with_what_needs_no_other),
        cmocka_unit_test(sound_is_a_payload_as_it_is),
        cmocka_unit_test(the_size_of_a_key_frame_is_in_its_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
