/* Opus through libopus: packets of 20 ms, there and back, with losses on the way. */
#include "tests/rill_test.h"

#include "codec/codec.h"

#include <math.h>

#define TURN 6.283185307179586

static int16_t sound[960 * 2];

/* Block k of a tone. */
static struct rill_pcm tone(uint32_t k, uint8_t channels)
{
    for (uint32_t i = 0; i < 960; i++)
        for (uint8_t c = 0; c < channels; c++)
            sound[i * channels + c] =
                (int16_t)lrint(8000 * sin(TURN * 440 * (k * 960 + i) / 48000));
    return (struct rill_pcm){
        .samples = sound, .frames = 960, .rate_hz = 48000, .channels = channels};
}

static struct rill_opus_encoder *encoder(uint8_t channels, uint32_t bitrate_bps)
{
    struct rill_opus_encoder *e = NULL;
    assert_int_equal(rill_opus_encoder_new(channels, bitrate_bps, &e), 0);
    return e;
}

static struct rill_opus_decoder *decoder(uint8_t channels)
{
    struct rill_opus_decoder *d = NULL;
    assert_int_equal(rill_opus_decoder_new(channels, &d), 0);
    return d;
}

static struct rill_view encoded(struct rill_opus_encoder *e, uint32_t k, uint8_t channels)
{
    static uint8_t packet[1275];
    struct rill_pcm pcm = tone(k, channels);
    int n = rill_opus_encode(e, &pcm, (struct rill_span){packet, sizeof packet});
    assert_true(n > 0);
    return rill_view_at(packet, (size_t)n);
}

static double loudness(const struct rill_pcm *pcm)
{
    double sum = 0;
    for (size_t i = 0; i < pcm->frames * pcm->channels; i++)
        sum += (double)pcm->samples[i] * pcm->samples[i];
    return sqrt(sum / (double)(pcm->frames * pcm->channels));
}

static void a_tone_comes_back_as_loud(void **state)
{
    (void)state;
    for (uint8_t channels = 1; channels <= 2; channels++) {
        struct rill_opus_encoder *e = encoder(channels, 48000);
        struct rill_opus_decoder *d = decoder(channels);
        struct rill_pcm pcm;
        for (uint32_t k = 0; k < 50; k++) {
            struct rill_view packet = encoded(e, k, channels);
            assert_int_equal(rill_opus_packet_frames(packet), 960);
            assert_int_equal(rill_opus_decode(d, packet, 0, &pcm), 960);
            assert_int_equal(pcm.frames, 960);
            assert_int_equal(pcm.rate_hz, 48000);
            assert_int_equal(pcm.channels, channels);
        }
        /* 8000 / √2 */
        assert_true(fabs(loudness(&pcm) - 5657) < 300);
        rill_opus_encoder_free(e);
        rill_opus_decoder_free(d);
    }
}

static void mono_packets_decode_to_two_channels(void **state)
{
    (void)state;
    struct rill_opus_encoder *e = encoder(1, 32000);
    struct rill_opus_decoder *d = decoder(2);
    struct rill_pcm pcm;
    for (uint32_t k = 0; k < 10; k++)
        assert_int_equal(rill_opus_decode(d, encoded(e, k, 1), 0, &pcm), 960);
    for (size_t i = 0; i < 960; i++)
        assert_int_equal(pcm.samples[2 * i], pcm.samples[2 * i + 1]);
    rill_opus_encoder_free(e);
    rill_opus_decoder_free(d);
}

static size_t bytes_of(struct rill_opus_encoder *e, uint32_t from, uint32_t n)
{
    size_t bytes = 0;
    for (uint32_t k = from; k < from + n; k++)
        bytes += encoded(e, k, 2).n;
    return bytes;
}

static void the_bitrate_follows_a_change(void **state)
{
    (void)state;
    struct rill_opus_encoder *e = encoder(2, 128000);
    size_t high = bytes_of(e, 0, 100);
    rill_opus_encoder_set_bitrate(e, 24000);
    size_t low = bytes_of(e, 100, 100);
    assert_true(low < high / 2);
    rill_opus_encoder_set_bitrate(e, UINT32_MAX);
    assert_true(bytes_of(e, 200, 100) > high);
    rill_opus_encoder_free(e);
}

static void a_lost_packet_is_concealed(void **state)
{
    (void)state;
    struct rill_opus_encoder *e = encoder(1, 32000);
    struct rill_opus_decoder *d = decoder(1);
    struct rill_pcm pcm;
    for (uint32_t k = 0; k < 20; k++)
        assert_int_equal(rill_opus_decode(d, encoded(e, k, 1), 0, &pcm), 960);
    assert_int_equal(rill_opus_decode(d, (struct rill_view){0}, 960, &pcm), 960);
    assert_true(loudness(&pcm) > 2000);
    rill_opus_encoder_free(e);
    rill_opus_decoder_free(d);
}

/* A syllable that lives in the lost packet only: concealment cannot guess it. */
static struct rill_pcm chirp(uint32_t k)
{
    struct rill_pcm pcm = tone(k, 1);
    for (uint32_t i = 0; i < 960; i++) {
        double t = (double)(k * 960 + i) / 48000;
        double pitch = 150 + 40 * sin(TURN * 3 * t);
        double envelope = k % 10 == 5 ? 1 : 0.02;
        double v = 0;
        for (int h = 1; h < 12; h++)
            v += sin(TURN * pitch * h * t) / h;
        sound[i] = (int16_t)(5000 * envelope * v);
    }
    return pcm;
}

/* RFC 6716 §2.1.7: the next packet carries a coarser copy of the one before. */
static void a_lost_packet_is_rebuilt_from_the_next_one(void **state)
{
    (void)state;
    struct rill_opus_encoder *e = encoder(1, 32000);
    struct rill_opus_decoder *guesses = decoder(1);
    struct rill_opus_decoder *knows = decoder(1);
    struct rill_pcm guessed;
    struct rill_pcm known;
    uint8_t packet[1275];
    double guess = 0;
    double truth = 0;
    for (uint32_t k = 0; k < 60; k++) {
        struct rill_pcm pcm = chirp(k);
        int n = rill_opus_encode(e, &pcm, (struct rill_span){packet, sizeof packet});
        assert_true(n > 0);
        if (k % 10 == 5)
            continue;
        struct rill_view view = rill_view_at(packet, (size_t)n);
        if (k % 10 == 6) {
            assert_int_equal(rill_opus_decode(guesses, (struct rill_view){0}, 960, &guessed), 960);
            guess += loudness(&guessed);
            assert_int_equal(rill_opus_decode_lost(knows, view, 960, &known), 960);
            truth += loudness(&known);
        }
        assert_int_equal(rill_opus_decode(guesses, view, 0, &guessed), 960);
        assert_int_equal(rill_opus_decode(knows, view, 0, &known), 960);
    }
    assert_true(truth > 3 * guess);
    rill_opus_encoder_free(e);
    rill_opus_decoder_free(guesses);
    rill_opus_decoder_free(knows);
}

static void losses_are_whole_steps_up_to_120_milliseconds(void **state)
{
    (void)state;
    struct rill_opus_decoder *d = decoder(1);
    struct rill_opus_encoder *e = encoder(1, 32000);
    struct rill_pcm pcm;
    struct rill_view none = {0};
    struct rill_view packet = encoded(e, 0, 1);
    assert_int_equal(rill_opus_decode(d, none, 5760, &pcm), 5760);
    assert_int_equal(rill_opus_decode(d, none, 120, &pcm), 120);
    assert_row(rill_opus_decode(d, none, 5880, &pcm), CODEC_OPUS_LOSS);
    assert_row(rill_opus_decode(d, none, 0, &pcm), CODEC_OPUS_LOSS);
    assert_row(rill_opus_decode(d, none, 121, &pcm), CODEC_OPUS_LOSS);
    assert_row(rill_opus_decode_lost(d, packet, 100, &pcm), CODEC_OPUS_LOSS);
    rill_opus_encoder_free(e);
    rill_opus_decoder_free(d);
}

static void malformed_packets_are_refused(void **state)
{
    (void)state;
    static const uint8_t none[] = {31 << 3 | 3, 0};        /* [R5] code 3, no frames */
    static const uint8_t even[] = {31 << 3 | 1, 1, 2, 3};  /* [R3] code 1, odd payload */
    static const uint8_t seven[] = {31 << 3 | 3, 7, 0, 0}; /* [R5] 140 ms */
    static const uint8_t lone[] = {31 << 3 | 2};           /* [R4] code 2, no length */
    struct rill_opus_decoder *d = decoder(1);
    struct rill_pcm pcm;
    assert_row(rill_opus_decode(d, rill_view_at(none, 2), 0, &pcm), CODEC_OPUS_CORRUPT);
    assert_row(rill_opus_decode(d, rill_view_at(even, 4), 0, &pcm), CODEC_OPUS_CORRUPT);
    assert_row(rill_opus_decode(d, rill_view_at(seven, 4), 0, &pcm), CODEC_OPUS_CORRUPT);
    assert_row(rill_opus_decode(d, rill_view_at(lone, 1), 0, &pcm), CODEC_OPUS_CORRUPT);
    rill_opus_decoder_free(d);
}

static void a_packet_tells_its_length(void **state)
{
    (void)state;
    static const uint8_t shortest[] = {28 << 3};
    static const uint8_t sixty[] = {3 << 3, 1};
    static const uint8_t longest[] = {31 << 3 | 3, 6};
    static const uint8_t too_long[] = {31 << 3 | 3, 7};
    static const uint8_t none[] = {31 << 3 | 3, 0};
    assert_int_equal(rill_opus_packet_frames(rill_view_at(shortest, 1)), 120);
    assert_int_equal(rill_opus_packet_frames(rill_view_at(sixty, 2)), 2880);
    assert_int_equal(rill_opus_packet_frames(rill_view_at(longest, 2)), 5760);
    assert_int_equal(rill_opus_packet_frames(rill_view_at(too_long, 2)), -1);
    assert_int_equal(rill_opus_packet_frames(rill_view_at(none, 2)), -1);
    assert_int_equal(rill_opus_packet_frames(rill_view_at(none, 1)), -1);
    assert_int_equal(rill_opus_packet_frames((struct rill_view){0}), -1);
}

static void three_channels_make_no_coder(void **state)
{
    (void)state;
    struct rill_opus_encoder *e = NULL;
    struct rill_opus_decoder *d = NULL;
    assert_row(rill_opus_encoder_new(3, 48000, &e), CODEC_OPUS_REFUSED);
    assert_row(rill_opus_encoder_new(0, 48000, &e), CODEC_OPUS_REFUSED);
    assert_row(rill_opus_decoder_new(3, &d), CODEC_OPUS_REFUSED);
    assert_null(e);
    assert_null(d);
}

static void only_blocks_of_960_at_48_kilohertz_are_encoded(void **state)
{
    (void)state;
    uint8_t packet[1275];
    struct rill_span out = {packet, sizeof packet};
    struct rill_opus_encoder *e = encoder(1, 48000);
    struct rill_pcm pcm = tone(0, 1);
    pcm.frames = 480;
    assert_row(rill_opus_encode(e, &pcm, out), CODEC_OPUS_PCM);
    pcm = tone(0, 1);
    pcm.rate_hz = 44100;
    assert_row(rill_opus_encode(e, &pcm, out), CODEC_OPUS_PCM);
    pcm = tone(0, 2);
    assert_row(rill_opus_encode(e, &pcm, out), CODEC_OPUS_PCM);
    rill_opus_encoder_free(e);
}

static void no_room_is_told(void **state)
{
    (void)state;
    uint8_t packet[1];
    struct rill_opus_encoder *e = encoder(1, 48000);
    struct rill_pcm pcm = tone(0, 1);
    assert_row(rill_opus_encode(e, &pcm, (struct rill_span){packet, 0}), CODEC_OPUS_ROOM);
    rill_opus_encoder_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_comes_back_as_loud),
        cmocka_unit_test(mono_packets_decode_to_two_channels),
        cmocka_unit_test(the_bitrate_follows_a_change),
        cmocka_unit_test(a_lost_packet_is_concealed),
        cmocka_unit_test(a_lost_packet_is_rebuilt_from_the_next_one),
        cmocka_unit_test(losses_are_whole_steps_up_to_120_milliseconds),
        cmocka_unit_test(malformed_packets_are_refused),
        cmocka_unit_test(a_packet_tells_its_length),
        cmocka_unit_test(three_channels_make_no_coder),
        cmocka_unit_test(only_blocks_of_960_at_48_kilohertz_are_encoded),
        cmocka_unit_test(no_room_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
