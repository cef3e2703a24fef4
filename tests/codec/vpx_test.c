/* VP8 through libvpx: what the encoder keeps to, and what never reaches the decoder. */
#include "tests/rill_test.h"

#include "codec/codec.h"
#include "codec/vp8_header.h"
#include "codec/vp9_frames.h"

#include <math.h>
#include <sys/resource.h>

#define FRAME_US 33333

static uint8_t pixels[640 * 480 * 2];

/* Slopes that wander, and noise of the given height. */
static struct rill_image picture(uint32_t width, uint32_t height, uint32_t k, uint32_t noise)
{
    static uint32_t seed = 1;
    struct rill_image image = rill_image_over(pixels, width, height);
    image.time = (int64_t)k * FRAME_US;
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            seed = seed * 1664525u + 1013904223u;
            image.plane[0][y * width + x] =
                (uint8_t)(60 + (x + y + 2 * k) / 8 % 128 + (noise ? (seed >> 16) % noise : 0));
        }
    size_t chroma = image.stride[1] * ((height + 1) / 2);
    memset(image.plane[1], 100, chroma);
    memset(image.plane[2], (int)(100 + k % 50), chroma);
    return image;
}

static struct rill_vpx_encoder *encoder(uint32_t width, uint32_t height, uint32_t bitrate_bps)
{
    struct rill_vpx_encoder *e = NULL;
    struct rill_vpx_encoder_config config = {width, height, bitrate_bps, 30, 1, RILL_CODEC_VP8};
    assert_int_equal(rill_vpx_encoder_new(&config, &e), 0);
    return e;
}

static struct rill_vpx_decoder *decoder(uint32_t max_pixels)
{
    struct rill_vpx_decoder *d = NULL;
    assert_int_equal(rill_vpx_decoder_new(RILL_CODEC_VP8, max_pixels, &d), 0);
    return d;
}

static double psnr(const struct rill_image *a, const struct rill_image *b)
{
    double sum = 0;
    for (uint32_t y = 0; y < a->height; y++)
        for (uint32_t x = 0; x < a->width; x++) {
            double d = a->plane[0][y * a->stride[0] + x] - b->plane[0][y * b->stride[0] + x];
            sum += d * d;
        }
    return 10 * log10(255 * 255 * a->width * (double)a->height / (sum + 1e-9));
}

/* Two rows of macroblocks at least: with one, libvpx 1.12 branches on its own uninitialised
 * stack, which valgrind tells. */
static void pictures_come_back_alike(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{640, 480}, {321, 241}, {64, 48}, {33, 17}, {1, 17}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct rill_vpx_encoder *e = encoder(sizes[i][0], sizes[i][1], 1000000);
        struct rill_vpx_decoder *d = decoder(640 * 480);
        for (uint32_t k = 0; k < 10; k++) {
            struct rill_frame f;
            struct rill_image image = picture(sizes[i][0], sizes[i][1], k, 0);
            struct rill_image out;
            assert_int_equal(rill_vpx_encode(e, &image, false, &f), 1);
            assert_int_equal(f.keyframe, k == 0);
            assert_int_equal(f.time, image.time);
            assert_int_equal(rill_vpx_decode(d, f.bytes, &out), 1);
            assert_int_equal(out.width, sizes[i][0]);
            assert_int_equal(out.height, sizes[i][1]);
            assert_true(psnr(&image, &out) > 30);
        }
        rill_vpx_encoder_free(e);
        rill_vpx_decoder_free(d);
    }
}

static void a_key_frame_comes_when_it_is_asked_for_and_only_then(void **state)
{
    (void)state;
    struct rill_vpx_encoder *e = encoder(160, 120, 200000);
    for (uint32_t k = 0; k < 200; k++) {
        struct rill_frame f;
        struct rill_image image = picture(160, 120, k, 0);
        bool asked = k % 50 == 7;
        assert_int_equal(rill_vpx_encode(e, &image, asked, &f), 1);
        assert_int_equal(f.keyframe, asked || k == 0);
        assert_int_equal(f.width, f.keyframe ? 160 : 0);
        assert_int_equal(f.height, f.keyframe ? 120 : 0);
    }
    rill_vpx_encoder_free(e);
}

/* bits a second over n frames from k on, of a picture that could fill any line */
static double rate_of(struct rill_vpx_encoder *e, uint32_t k, uint32_t n)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct rill_frame f;
        struct rill_image image = picture(320, 240, k + i, 40);
        if (rill_vpx_encode(e, &image, false, &f) == 1)
            bytes += f.bytes.n;
    }
    return (double)bytes * 8 * 30 / n;
}

static void the_bitrate_is_kept_and_follows_a_change(void **state)
{
    (void)state;
    struct rill_vpx_encoder *e = encoder(320, 240, 600000);
    rate_of(e, 0, 30);
    double high = rate_of(e, 30, 120);
    assert_true(high > 450000 && high < 690000);
    rill_vpx_encoder_set_bitrate(e, 200000);
    rate_of(e, 150, 60);
    double low = rate_of(e, 210, 120);
    assert_true(low > 120000 && low < 240000);
    rill_vpx_encoder_free(e);
}

static void a_line_too_thin_drops_pictures_rather_than_waiting(void **state)
{
    (void)state;
    struct rill_vpx_encoder *e = encoder(640, 480, 30000);
    int dropped = 0;
    for (uint32_t k = 0; k < 60; k++) {
        struct rill_frame f;
        struct rill_image image = picture(640, 480, k, 100);
        int rc = rill_vpx_encode(e, &image, false, &f);
        assert_true(rc == 0 || rc == 1);
        dropped += rc == 0;
    }
    assert_true(dropped > 10);
    rill_vpx_encoder_free(e);
}

static void another_size_starts_anew_with_a_key_frame(void **state)
{
    (void)state;
    struct rill_vpx_encoder *e = encoder(320, 240, 300000);
    struct rill_vpx_decoder *d = decoder(640 * 480);
    static const uint32_t sizes[][2] = {{320, 240}, {640, 480}, {161, 121}, {320, 240}};
    for (uint32_t k = 0; k < 40; k++) {
        struct rill_frame f;
        struct rill_image out;
        const uint32_t *size = sizes[k / 10];
        struct rill_image image = picture(size[0], size[1], k, 0);
        assert_int_equal(rill_vpx_encode(e, &image, false, &f), 1);
        assert_int_equal(f.keyframe, k % 10 == 0);
        assert_int_equal(rill_vpx_decode(d, f.bytes, &out), 1);
        assert_int_equal(out.width, size[0]);
        assert_int_equal(out.height, size[1]);
    }
    rill_vpx_encoder_free(e);
    rill_vpx_decoder_free(d);
}

static void sizes_and_rates_that_vp8_has_not_make_no_encoder(void **state)
{
    (void)state;
    struct rill_vpx_encoder *e = NULL;
    static const struct rill_vpx_encoder_config configs[] = {
        {0, 48, 100000, 30, 1, RILL_CODEC_VP8},     {64, 0, 100000, 30, 1, RILL_CODEC_VP8},
        {16384, 48, 100000, 30, 1, RILL_CODEC_VP8}, {64, 16384, 100000, 30, 1, RILL_CODEC_VP8},
        {64, 48, 100000, 0, 1, RILL_CODEC_VP8},     {64, 48, 100000, 30, 0, RILL_CODEC_VP8},
        {64, 48, 100000, 30, 1, RILL_CODEC_H264},
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++)
        assert_row(rill_vpx_encoder_new(&configs[i], &e), CODEC_VPX_ENCODER);
    assert_null(e);
}

static void time_that_stands_still_is_refused(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_vpx_encoder *e = encoder(64, 48, 100000);
    struct rill_image image = picture(64, 48, 5, 0);
    assert_int_equal(rill_vpx_encode(e, &image, false, &f), 1);
    assert_row(rill_vpx_encode(e, &image, false, &f), CODEC_VPX_TIME);
    image = picture(64, 48, 4, 0);
    assert_row(rill_vpx_encode(e, &image, false, &f), CODEC_VPX_TIME);
    image = picture(64, 48, 6, 0);
    assert_int_equal(rill_vpx_encode(e, &image, false, &f), 1);
    rill_vpx_encoder_free(e);
}

/* --- the gate before the decoder --------------------------------------------------------- */

/* 64 bytes of a key frame that claims width × height. */
static struct rill_view claim(uint32_t width, uint32_t height)
{
    static uint8_t bytes[64];
    memset(bytes, 0, sizeof bytes);
    rill_test_hex("100200" /* key frame, shown, first partition 16 bytes */
                  "9d012a" /* start code */,
                  bytes, 6);
    bytes[6] = (uint8_t)width;
    bytes[7] = (uint8_t)(width >> 8);
    bytes[8] = (uint8_t)height;
    bytes[9] = (uint8_t)(height >> 8);
    return rill_view_at(bytes, sizeof bytes);
}

static long memory_kib(void)
{
    struct rusage use;
    assert_int_equal(getrusage(RUSAGE_SELF, &use), 0);
    return use.ru_maxrss;
}

/* Decoding it would take some 850 MiB. */
static void a_small_frame_that_claims_268_megapixels_is_refused_before_memory_is_taken(void **state)
{
    (void)state;
    struct rill_image out;
    struct rill_vpx_decoder *d = decoder(4096 * 2304);
    long before = memory_kib();
    assert_row(rill_vpx_decode(d, claim(16383, 16383), &out), CODEC_VPX_TOO_LARGE);
    assert_true(memory_kib() - before < 4096);
    rill_vpx_decoder_free(d);
}

static void the_limit_holds_exactly(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_image out;
    struct rill_vpx_encoder *e = encoder(64, 48, 100000);
    struct rill_image image = picture(64, 48, 0, 0);
    assert_int_equal(rill_vpx_encode(e, &image, true, &f), 1);
    struct rill_vpx_decoder *d = decoder(64 * 48);
    assert_int_equal(rill_vpx_decode(d, f.bytes, &out), 1);
    rill_vpx_decoder_free(d);
    d = decoder(64 * 48 - 1);
    assert_row(rill_vpx_decode(d, f.bytes, &out), CODEC_VPX_TOO_LARGE);
    rill_vpx_decoder_free(d);
    rill_vpx_encoder_free(e);
}

/* The two upper bits of each 16 are scale, not size (RFC 6386 §9.1). */
static void scale_bits_are_no_part_of_the_size(void **state)
{
    (void)state;
    struct rill_vp8_header h;
    assert_int_equal(rill_vp8_header_read(claim(0xc000 | 640, 0x4000 | 480), &h, NULL), 0);
    assert_int_equal(h.width, 640);
    assert_int_equal(h.height, 480);
}

static void the_header_is_read_field_by_field(void **state)
{
    (void)state;
    uint8_t bytes[16];
    struct rill_vp8_header h;
    /* size 0x12345 = 19 bits, shown, version 2, interframe: 0b101 1 010 1, then 0x68, 0x24 */
    struct rill_view v = rill_test_hex("b5 68 24", bytes, sizeof bytes);
    assert_int_equal(rill_vp8_header_read(v, &h, NULL), 0);
    assert_false(h.keyframe);
    assert_true(h.shown);
    assert_int_equal(h.version, 2);
    assert_int_equal(h.first_partition, 5 + 0x68 * 8 + 0x24 * 2048);
    assert_int_equal(h.width, 0);
}

static void frames_too_short_for_their_header_are_refused(void **state)
{
    (void)state;
    struct rill_image out;
    struct rill_vpx_decoder *d = decoder(640 * 480);
    struct rill_view v = claim(64, 48);
    for (size_t n = 0; n < 10; n++)
        assert_row(rill_vpx_decode(d, rill_view_at(v.p, n), &out), CODEC_VP8_TRUNCATED);
    rill_vpx_decoder_free(d);
}

static void a_wrong_start_code_is_refused(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct rill_vp8_header h;
    uint8_t bytes[16];
    struct rill_view v = rill_test_hex("100200 9d012b 4000 3000", bytes, sizeof bytes);
    assert_row(rill_vp8_header_read(v, &h, &why), CODEC_VP8_START_CODE);
    assert_int_equal(why.offset, 3);
    assert_int_equal(why.value, 0x9d012b);
}

static void a_key_frame_without_pixels_is_refused(void **state)
{
    (void)state;
    struct rill_image out;
    struct rill_vpx_decoder *d = decoder(640 * 480);
    assert_row(rill_vpx_decode(d, claim(0, 48), &out), CODEC_VP8_NO_PIXELS);
    assert_row(rill_vpx_decode(d, claim(64, 0x4000), &out), CODEC_VP8_NO_PIXELS);
    rill_vpx_decoder_free(d);
}

static void an_interframe_waits_for_a_key_frame_at_first_and_after_damage(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_image out;
    struct rill_vpx_encoder *e = encoder(64, 48, 100000);
    struct rill_vpx_decoder *d = decoder(640 * 480);
    uint8_t key[8192];
    struct rill_image image = picture(64, 48, 0, 0);
    assert_int_equal(rill_vpx_encode(e, &image, false, &f), 1);
    size_t n = f.bytes.n;
    assert_true(n <= sizeof key);
    memcpy(key, f.bytes.p, n);
    image = picture(64, 48, 1, 0);
    assert_int_equal(rill_vpx_encode(e, &image, false, &f), 1);
    assert_row(rill_vpx_decode(d, f.bytes, &out), CODEC_VPX_NO_KEYFRAME);
    assert_int_equal(rill_vpx_decode(d, rill_view_at(key, n), &out), 1);
    assert_row(rill_vpx_decode(d, claim(16383, 16383), &out), CODEC_VPX_TOO_LARGE);
    assert_row(rill_vpx_decode(d, f.bytes, &out), CODEC_VPX_NO_KEYFRAME);
    assert_int_equal(rill_vpx_decode(d, rill_view_at(key, n), &out), 1);
    assert_int_equal(rill_vpx_decode(d, f.bytes, &out), 1);
    rill_vpx_decoder_free(d);
    rill_vpx_encoder_free(e);
}

/* The first partition claims more bytes than there are. */
static void a_frame_the_decoder_gives_up_is_told(void **state)
{
    (void)state;
    uint8_t bytes[16];
    struct rill_image out;
    struct rill_vpx_decoder *d = decoder(640 * 480);
    struct rill_view v = rill_test_hex("f0ffff 9d012a 4000 3000 0000", bytes, sizeof bytes);
    assert_row(rill_vpx_decode(d, v, &out), CODEC_VPX_CORRUPT);
    rill_vpx_decoder_free(d);
}

static void a_decoder_for_no_pixels_is_not_made(void **state)
{
    (void)state;
    struct rill_vpx_decoder *d = NULL;
    assert_row(rill_vpx_decoder_new(RILL_CODEC_VP8, 0, &d), CODEC_VPX_DECODER);
    assert_null(d);
}

static void random_damage_never_breaks_the_decoder(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_image out;
    static uint8_t damaged[65536];
    uint32_t seed = (uint32_t)rill_test_seed();
    struct rill_vpx_encoder *e = encoder(160, 120, 200000);
    struct rill_vpx_decoder *d = decoder(640 * 480);
    for (uint32_t k = 0; k < 300; k++) {
        struct rill_image image = picture(160, 120, k, 20);
        if (rill_vpx_encode(e, &image, k % 10 == 0, &f) != 1)
            continue;
        memcpy(damaged, f.bytes.p, f.bytes.n);
        for (int i = 0; i < 3; i++) {
            seed = seed * 1664525u + 1013904223u;
            damaged[(seed >> 8) % f.bytes.n] ^= (uint8_t)(1u << (seed >> 4) % 8);
        }
        seed = seed * 1664525u + 1013904223u;
        if (rill_vpx_decode(d, rill_view_at(damaged, f.bytes.n - (seed >> 8) % 2), &out) == 1)
            assert_true((uint64_t)out.width * out.height <= 640 * 480);
    }
    rill_vpx_encoder_free(e);
    rill_vpx_decoder_free(d);
}

/* --- VP9 ------------------------------------------------------------------------------- */

static struct rill_frame vp9_frame(struct rill_vpx_encoder *e, uint32_t k, bool key)
{
    struct rill_frame f = {0};
    struct rill_image image = picture(160, 96, k, 0);
    assert_int_equal(rill_vpx_encode(e, &image, key, &f), 1);
    return f;
}

static void vp9_pictures_come_back_alike(void **state)
{
    (void)state;
    struct rill_vpx_encoder *e = NULL;
    struct rill_vpx_decoder *d = NULL;
    struct rill_vpx_encoder_config config = {160, 96, 400000, 30, 1, RILL_CODEC_VP9};
    assert_int_equal(rill_vpx_encoder_new(&config, &e), 0);
    assert_int_equal(rill_vpx_decoder_new(RILL_CODEC_VP9, 160 * 96, &d), 0);
    for (uint32_t k = 0; k < 30; k++) {
        struct rill_image out, image = picture(160, 96, k, 0);
        struct rill_frame f = vp9_frame(e, k, k == 20);
        assert_int_equal(f.codec, RILL_CODEC_VP9);
        assert_int_equal(f.keyframe, k == 0 || k == 20);
        assert_int_equal(f.width, f.keyframe ? 160 : 0);
        assert_int_equal(rill_vpx_decode(d, f.bytes, &out), 1);
        assert_true(psnr(&image, &out) > 30);
    }
    rill_vpx_encoder_free(e);
    rill_vpx_decoder_free(d);
}

/* marker, profile 0, a key frame that is shown | sync code | 4:2:0 | 16384 × 16384: some 700 MiB */
#define VP9_CLAIM "82 498342 23fff3fff6 0000 0000 2000"

static struct rill_vpx_decoder *vp9_decoder_with_a_picture(struct rill_view *key)
{
    static uint8_t bytes[16384];
    struct rill_vpx_encoder *e = NULL;
    struct rill_vpx_decoder *d = NULL;
    struct rill_image out;
    struct rill_vpx_encoder_config config = {160, 96, 400000, 30, 1, RILL_CODEC_VP9};
    assert_int_equal(rill_vpx_encoder_new(&config, &e), 0);
    assert_int_equal(rill_vpx_decoder_new(RILL_CODEC_VP9, 160 * 96, &d), 0);
    struct rill_frame f = vp9_frame(e, 0, true);
    assert_true(f.bytes.n <= sizeof bytes);
    memcpy(bytes, f.bytes.p, f.bytes.n);
    *key = rill_view_at(bytes, f.bytes.n);
    assert_int_equal(rill_vpx_decode(d, *key, &out), 1);
    rill_vpx_encoder_free(e);
    return d;
}

/* Behind a good frame, with an index of both (Annex B) or just so. */
static struct rill_view behind(struct rill_view key, const char *hex, bool indexed)
{
    static uint8_t packet[65536];
    uint8_t hidden[64];
    struct rill_writer w = rill_writer_of((struct rill_span){packet, sizeof packet});
    struct rill_view v = rill_test_hex(hex, hidden, sizeof hidden);
    uint8_t index[] = {0xc9, (uint8_t)key.n, (uint8_t)(key.n >> 8), (uint8_t)v.n, 0, 0xc9};
    rill_w_bytes(&w, key);
    rill_w_bytes(&w, v);
    if (indexed)
        rill_w_bytes(&w, rill_view_at(index, sizeof index));
    return rill_w_view(&w);
}

static void a_frame_of_vp9_that_hides_behind_another_has_no_memory(void **state)
{
    (void)state;
    struct rill_view key;
    struct rill_image out;
    struct rill_vpx_decoder *d = vp9_decoder_with_a_picture(&key);
    long before = memory_kib();
    assert_row(rill_vpx_decode(d, behind(key, VP9_CLAIM, true), &out), CODEC_VPX_TOO_LARGE);
    /* What no index tells of is not looked at. */
    assert_int_equal(rill_vpx_decode(d, behind(key, VP9_CLAIM, false), &out), 1);
    assert_int_equal(out.width, 160);
    assert_true(memory_kib() - before < 16384);
    rill_vpx_decoder_free(d);
}

static void a_frame_of_vp9_that_is_no_key_frame_is_held_to_the_limit_too(void **state)
{
    (void)state;
    struct rill_vp9_tag t;
    uint8_t bytes[64];
    static const char *const bits[] = {
        /* 10 00 0 1 0 0 | 1 00 sync refresh sizes */
        "10000100 100 010010011000001101000010 00000001 0011111111111111 0011111111111111 0",
        /* 10 00 0 1 1 1 | refresh, references, none found, sizes */
        "10000111 00000001 000000000000 000 0011111111111111 0011111111111111 0",
    };
    for (size_t i = 0; i < 2; i++) {
        struct rill_view key;
        struct rill_image out;
        size_t n = 0;
        memset(bytes, 0, sizeof bytes);
        for (const char *c = bits[i]; *c; c++)
            if (*c != ' ') {
                bytes[n / 8] |= (uint8_t)((*c - '0') << (7 - n % 8));
                n++;
            }
        assert_true(rill_vp9_tag_read(rill_view_at(bytes, 32), &t));
        assert_false(t.keyframe);
        assert_int_equal(t.own_width, 16384);
        assert_int_equal(t.own_height, 16384);
        assert_int_equal(t.width, 0);
        struct rill_vpx_decoder *d = vp9_decoder_with_a_picture(&key);
        assert_row(rill_vpx_decode(d, rill_view_at(bytes, 32), &out), CODEC_VPX_TOO_LARGE);
        rill_vpx_decoder_free(d);
    }
}

static void an_index_of_vp9_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const char *const tails[] = {"c0", "c1 04 04", "c8 ff00 c8", "c0 00 c0"};
    struct rill_view key;
    struct rill_image out;
    struct rill_vpx_decoder *d = vp9_decoder_with_a_picture(&key);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        uint8_t bytes[16];
        struct rill_view v = rill_test_hex(tails[i], bytes, sizeof bytes);
        assert_row(rill_vpx_decode(d, v, &out), CODEC_VP9_HEADER);
    }
    rill_vpx_decoder_free(d);
}

static void vp9_waits_for_a_key_frame_and_keeps_the_limit(void **state)
{
    (void)state;
    static const uint8_t no_frame[] = {0x12, 0x34};
    struct rill_vpx_encoder *e = NULL;
    struct rill_vpx_decoder *d = NULL;
    struct rill_image out;
    struct rill_vpx_encoder_config config = {160, 96, 400000, 30, 1, RILL_CODEC_VP9};
    assert_int_equal(rill_vpx_encoder_new(&config, &e), 0);
    assert_int_equal(rill_vpx_decoder_new(RILL_CODEC_VP9, 160 * 96 - 1, &d), 0);
    assert_row(rill_vpx_decode(d, vp9_frame(e, 0, true).bytes, &out), CODEC_VPX_TOO_LARGE);
    assert_row(rill_vpx_decode(d, vp9_frame(e, 1, false).bytes, &out), CODEC_VPX_NO_KEYFRAME);
    assert_row(rill_vpx_decode(d, rill_view_at(no_frame, 2), &out), CODEC_VP9_HEADER);
    rill_vpx_encoder_free(e);
    rill_vpx_decoder_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_come_back_alike),
        cmocka_unit_test(a_key_frame_comes_when_it_is_asked_for_and_only_then),
        cmocka_unit_test(the_bitrate_is_kept_and_follows_a_change),
        cmocka_unit_test(a_line_too_thin_drops_pictures_rather_than_waiting),
        cmocka_unit_test(another_size_starts_anew_with_a_key_frame),
        cmocka_unit_test(sizes_and_rates_that_vp8_has_not_make_no_encoder),
        cmocka_unit_test(time_that_stands_still_is_refused),
        cmocka_unit_test(
            a_small_frame_that_claims_268_megapixels_is_refused_before_memory_is_taken),
        cmocka_unit_test(the_limit_holds_exactly),
        cmocka_unit_test(scale_bits_are_no_part_of_the_size),
        cmocka_unit_test(the_header_is_read_field_by_field),
        cmocka_unit_test(frames_too_short_for_their_header_are_refused),
        cmocka_unit_test(a_wrong_start_code_is_refused),
        cmocka_unit_test(a_key_frame_without_pixels_is_refused),
        cmocka_unit_test(an_interframe_waits_for_a_key_frame_at_first_and_after_damage),
        cmocka_unit_test(a_frame_the_decoder_gives_up_is_told),
        cmocka_unit_test(a_decoder_for_no_pixels_is_not_made),
        cmocka_unit_test(random_damage_never_breaks_the_decoder),
        cmocka_unit_test(vp9_pictures_come_back_alike),
        cmocka_unit_test(a_frame_of_vp9_that_hides_behind_another_has_no_memory),
        cmocka_unit_test(a_frame_of_vp9_that_is_no_key_frame_is_held_to_the_limit_too),
        cmocka_unit_test(an_index_of_vp9_that_does_not_fit_is_refused),
        cmocka_unit_test(vp9_waits_for_a_key_frame_and_keeps_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
