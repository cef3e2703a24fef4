/* Echo cancellation, noise suppression and gain, measured in dB on signals whose answer is known.
 */
#include "tests/rill_test.h"

#include "base/clock.h"
#include "capture/voice.h"

#include <math.h>

#define TURN 6.283185307179586
#define BLOCK 960
#define SECOND 48000
#define LENGTH (12 * SECOND)

static int16_t far[LENGTH], near[LENGTH], before[LENGTH];
static uint32_t seed;

static double noise(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(int32_t)seed / 2147483648.0;
}

/* Like speech: a voice of 140 Hz with its overtones, in syllables, with pauses between words. */
static double voice(size_t i)
{
    double t = (double)i / SECOND, v = 0;
    for (int k = 1; k <= 24; k++)
        v += sin(TURN * 140 * k * t + k * k) / k;
    double syllable = fmax(0, sin(TURN * 3 * t)), word = fmod(t, 2.0) < 1.4 ? 1 : 0;
    return v * syllable * word * 0.5;
}

static double level_db(const int16_t *s, size_t from, size_t n)
{
    double sum = 0;
    for (size_t i = from; i < from + n; i++)
        sum += (double)s[i] * s[i];
    return 10 * log10(sum / (double)n / (32768.0 * 32768.0) + 1e-12);
}

static struct rill_voice *open_voice(struct rill_echo *echo, bool cancel, bool suppress, bool gain)
{
    struct rill_voice *v = rill_voice_new(1, echo);
    struct rill_settings s = {
        .echo_cancellation = cancel, .noise_suppression = suppress, .auto_gain_control = gain};
    assert_non_null(v);
    rill_voice_apply(v, &s);
    return v;
}

/* near[], block by block, as heard `late` µs after far[] was played. */
static void run(struct rill_voice *v, struct rill_echo *echo, int64_t late)
{
    memcpy(before, near, sizeof near);
    for (size_t at = 0; at + BLOCK <= LENGTH; at += BLOCK) {
        int64_t time = RILL_SECOND + (int64_t)at * 1000 / 48;
        struct rill_pcm pcm = {
            .samples = far + at, .frames = BLOCK, .rate_hz = 48000, .channels = 1};
        /* The speakers are told in advance, as a card's buffer is filled. */
        if (echo)
            rill_echo_played(echo, time, &pcm);
        if (at < 2 * BLOCK)
            continue;
        pcm.samples = near + at - 2 * BLOCK;
        pcm.time = time - 40 * RILL_MS + late;
        rill_voice_run(v, &pcm);
    }
}

/* What a room makes of what is played: later, weaker, and reflected. */
static void room(double strength)
{
    static const struct {
        size_t late;
        double share;
    } ways[] = {{480, 0.6}, {1100, -0.3}, {2600, 0.2}, {4400, 0.1}};
    for (size_t i = 0; i < LENGTH; i++) {
        double v = 0;
        for (size_t w = 0; w < 4; w++)
            v += i >= ways[w].late ? ways[w].share * far[i - ways[w].late] : 0;
        near[i] = (int16_t)lrint(v * strength + noise() * 3);
    }
}

static void echo_of(double *reduced, bool suppress)
{
    struct rill_echo *echo = rill_echo_new();
    seed = 7;
    for (size_t i = 0; i < LENGTH; i++)
        far[i] = (int16_t)lrint(8000 * voice(i) + 300 * noise());
    room(1);
    struct rill_voice *v = open_voice(echo, true, suppress, false);
    run(v, echo, 0);
    *reduced = level_db(before, 6 * SECOND, 5 * SECOND) - level_db(near, 6 * SECOND, 5 * SECOND);
    rill_voice_free(v);
    rill_echo_free(echo);
}

static void the_echo_of_what_is_played_is_left_out(void **state)
{
    double alone, both;
    (void)state;
    echo_of(&alone, false);
    echo_of(&both, true);
    print_message("echo: %.1f dB less, with noise suppression %.1f dB\n", alone, both);
    assert_true(alone > 15);
    assert_true(both > 20);
}

/* Nobody plays anything: the voice in the room stays. */
static void a_voice_without_echo_stays(void **state)
{
    (void)state;
    struct rill_echo *echo = rill_echo_new();
    memset(far, 0, sizeof far);
    for (size_t i = 0; i < LENGTH; i++)
        near[i] = (int16_t)lrint(8000 * voice(i));
    struct rill_voice *v = open_voice(echo, true, false, false);
    run(v, echo, 0);
    double change =
        level_db(near, 4 * SECOND, 6 * SECOND) - level_db(before, 4 * SECOND, 6 * SECOND);
    assert_true(change > -1 && change < 1);
    rill_voice_free(v);
    rill_echo_free(echo);
}

static void noise_is_suppressed_and_the_voice_stays(void **state)
{
    (void)state;
    seed = 9;
    for (size_t i = 0; i < LENGTH; i++)
        near[i] = (int16_t)lrint(8000 * voice(i) + 400 * noise());
    struct rill_voice *v = open_voice(NULL, false, true, false);
    run(v, NULL, 0);
    /* From 1.5 to 1.9 of each two seconds nobody speaks; from 0 to 1.4 somebody does. */
    double less = level_db(before, 9 * SECOND + SECOND / 2, SECOND * 2 / 5) -
                  level_db(near, 9 * SECOND + SECOND / 2, SECOND * 2 / 5);
    double voice_less =
        level_db(before, 8 * SECOND, SECOND * 7 / 5) - level_db(near, 8 * SECOND, SECOND * 7 / 5);
    print_message("noise: %.1f dB less, the voice %.1f dB\n", less, voice_less);
    assert_true(less > 15);
    assert_true(voice_less < 3);
    rill_voice_free(v);
}

static double leveled(double peak)
{
    for (size_t i = 0; i < LENGTH; i++)
        near[i] = (int16_t)lrint(peak * voice(i));
    struct rill_voice *v = open_voice(NULL, false, false, true);
    run(v, NULL, 0);
    rill_voice_free(v);
    return level_db(near, 8 * SECOND, SECOND * 7 / 5);
}

static void quiet_and_loud_voices_come_near_each_other(void **state)
{
    (void)state;
    double quiet = leveled(600), quiet_was = level_db(before, 8 * SECOND, SECOND * 7 / 5);
    double loud = leveled(12000), loud_was = level_db(before, 8 * SECOND, SECOND * 7 / 5);
    print_message("gain: %.1f and %.1f dB become %.1f and %.1f dB\n", quiet_was, loud_was, quiet,
                  loud);
    assert_true(loud_was - quiet_was > 25);
    assert_true(quiet > quiet_was + 10);
    assert_true(fabs(loud - quiet) < 10);
}

static void what_is_off_changes_nothing(void **state)
{
    (void)state;
    struct rill_echo *echo = rill_echo_new();
    seed = 11;
    for (size_t i = 0; i < LENGTH; i++) {
        far[i] = (int16_t)lrint(8000 * noise());
        near[i] = (int16_t)lrint(8000 * voice(i) + 400 * noise());
    }
    struct rill_voice *v = open_voice(echo, false, false, false);
    run(v, echo, 0);
    assert_memory_equal(near, before, sizeof near);
    rill_voice_free(v);
    rill_echo_free(echo);
}

/* --- what was heard ------------------------------------------------------------------------- */

static void what_was_played_is_found_by_its_time(void **state)
{
    (void)state;
    struct rill_echo *e = rill_echo_new();
    int16_t samples[BLOCK], out[BLOCK];
    struct rill_pcm pcm = {.samples = samples, .frames = BLOCK, .rate_hz = 48000, .channels = 1};
    for (int k = 0; k < 10; k++) {
        for (int i = 0; i < BLOCK; i++)
            samples[i] = (int16_t)(k * 1000 + i % 1000);
        rill_echo_played(e, RILL_SECOND + k * 20 * RILL_MS, &pcm);
    }
    rill_echo_heard(e, RILL_SECOND + 100 * RILL_MS, out, BLOCK);
    assert_int_equal(out[0], 5000);
    assert_int_equal(out[959], 5959);
    /* Before and after there was nothing. */
    rill_echo_heard(e, RILL_SECOND - 500 * RILL_MS, out, BLOCK);
    assert_int_equal(out[0], 0);
    rill_echo_heard(e, RILL_SECOND + 500 * RILL_MS, out, BLOCK);
    assert_int_equal(out[0], 0);
    /* A pause of an hour forgets all of it. */
    rill_echo_played(e, 3600 * RILL_SECOND, &pcm);
    rill_echo_heard(e, 3600 * RILL_SECOND, out, BLOCK);
    assert_int_equal(out[0], 9000);
    rill_echo_heard(e, RILL_SECOND + 100 * RILL_MS, out, BLOCK);
    assert_int_equal(out[0], 0);
    rill_echo_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_echo_of_what_is_played_is_left_out),
        cmocka_unit_test(a_voice_without_echo_stays),
        cmocka_unit_test(noise_is_suppressed_and_the_voice_stays),
        cmocka_unit_test(quiet_and_loud_voices_come_near_each_other),
        cmocka_unit_test(what_is_off_changes_nothing),
        cmocka_unit_test(what_was_played_is_found_by_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
