/* The strongest frequency of the last half second. */
#include "tests/rill_test.h"

#include "codec/codec.h"
#include "media/tone.h"

#include <math.h>

#define TURN 6.283185307179586

static struct rill_tone tone;
static int16_t block[960];

static void take(void)
{
    struct rill_pcm pcm = {.samples = block, .frames = 960, .rate_hz = 48000, .channels = 1};
    rill_tone_take(&tone, &pcm);
}

static void listen(double hz, double peak, int blocks, uint32_t from)
{
    for (int k = 0; k < blocks; k++) {
        for (uint32_t i = 0; i < 960; i++)
            block[i] =
                (int16_t)lrint(peak * sin(TURN * hz * ((double)from + k * 960.0 + i) / 48000.0));
        take();
    }
}

static void tones_from_100_to_4000_are_right_within_five(void **state)
{
    (void)state;
    for (double hz = 100; hz <= 4000; hz += 61.7) {
        memset(&tone, 0, sizeof tone);
        listen(hz, 5000, 25, 0);
        assert_true(fabs(rill_tone_hz(&tone) - hz) <= 1);
    }
}

static void a_tenth_of_a_second_is_enough_and_less_is_not(void **state)
{
    (void)state;
    memset(&tone, 0, sizeof tone);
    listen(440, 5000, 4, 0);
    assert_int_equal(rill_tone_hz(&tone), 0);
    listen(440, 5000, 1, 4 * 960);
    assert_in_range(rill_tone_hz(&tone), 435, 445);
}

static void only_the_last_half_second_counts(void **state)
{
    (void)state;
    memset(&tone, 0, sizeof tone);
    listen(440, 20000, 100, 0);
    listen(1000, 500, 25, 0);
    assert_in_range(rill_tone_hz(&tone), 995, 1005);
}

static void a_tone_is_found_in_noise(void **state)
{
    (void)state;
    uint32_t seed = (uint32_t)rill_test_seed();
    memset(&tone, 0, sizeof tone);
    for (uint32_t k = 0; k < 25; k++) {
        for (uint32_t i = 0; i < 960; i++) {
            seed = seed * 1664525u + 1013904223u;
            block[i] = (int16_t)(2000 * sin(TURN * 700 * (k * 960 + i) / 48000) +
                                 (double)(seed >> 20) - 2048);
        }
        take();
    }
    assert_in_range(rill_tone_hz(&tone), 695, 705);
}

static void silence_and_a_constant_have_no_tone(void **state)
{
    (void)state;
    memset(&tone, 0, sizeof tone);
    listen(440, 0, 25, 0);
    assert_int_equal(rill_tone_hz(&tone), 0);
    for (size_t i = 0; i < 960; i++)
        block[i] = 12000;
    for (int k = 0; k < 25; k++)
        take();
    assert_int_equal(rill_tone_hz(&tone), 0);
}

static void channels_are_averaged(void **state)
{
    (void)state;
    int16_t stereo[960 * 2];
    memset(&tone, 0, sizeof tone);
    for (uint32_t k = 0; k < 25; k++) {
        for (uint32_t i = 0; i < 960; i++) {
            stereo[2 * i] = (int16_t)(8000 * sin(TURN * 300 * (k * 960 + i) / 48000));
            stereo[2 * i + 1] = 0;
        }
        rill_tone_take(
            &tone,
            &(struct rill_pcm){.samples = stereo, .frames = 960, .rate_hz = 48000, .channels = 2});
    }
    assert_in_range(rill_tone_hz(&tone), 295, 305);
}

/* A browser's fake microphone: a square wave of 20 ms, twice a second, through Opus. Wherever
 * in the window the beep lies, its pitch is found. */
static void short_beeps_are_measured_after_opus(void **state)
{
    (void)state;
    struct rill_opus_encoder *e = NULL;
    struct rill_opus_decoder *d = NULL;
    uint8_t packet[1275];
    assert_int_equal(rill_opus_encoder_new(1, 32000, &e), 0);
    assert_int_equal(rill_opus_decoder_new(1, &d), 0);
    memset(&tone, 0, sizeof tone);
    for (int k = 0; k < 125; k++) {
        for (int i = 0; i < 960; i++)
            block[i] = (int16_t)(k % 25 != 3 ? 0 : i % 120 < 60 ? 12000 : -12000);
        struct rill_pcm pcm = {.samples = block, .frames = 960, .rate_hz = 48000, .channels = 1};
        int n = rill_opus_encode(e, &pcm, (struct rill_span){packet, sizeof packet});
        assert_true(n > 0);
        assert_int_equal(rill_opus_decode(d, rill_view_at(packet, (size_t)n), 0, &pcm), 960);
        rill_tone_take(&tone, &pcm);
        if (k >= 25)
            assert_in_range(rill_tone_hz(&tone), 390, 410);
    }
    rill_opus_encoder_free(e);
    rill_opus_decoder_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_from_100_to_4000_are_right_within_five),
        cmocka_unit_test(a_tenth_of_a_second_is_enough_and_less_is_not),
        cmocka_unit_test(only_the_last_half_second_counts),
        cmocka_unit_test(a_tone_is_found_in_noise),
        cmocka_unit_test(silence_and_a_constant_have_no_tone),
        cmocka_unit_test(channels_are_averaged),
        cmocka_unit_test(short_beeps_are_measured_after_opus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
