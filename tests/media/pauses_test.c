/* pauses_test: who speaks is sent, and of a pause what it sounds like (RFC 3389 §5). */
#include "media/pauses.h"
#include "tests/rill_test.h"

#include <math.h>
#include <string.h>

#define FRAME 160
#define TURN 6.283185307179586

static struct rill_pauses pauses;
static uint32_t seed;
static struct {
    int sound, noise, nothing, talkspurts;
    int last; /* frames since the last that was sent at all, at most */
} sent;

static double even(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / (1 << 24) - 0.5;
}

static void take(const int16_t samples[FRAME])
{
    enum rill_pauses_send send = rill_pauses_take(&pauses, samples, FRAME);
    sent.sound += send == RILL_PAUSES_SOUND;
    sent.noise += send == RILL_PAUSES_NOISE;
    sent.nothing += send == RILL_PAUSES_NOTHING;
    sent.talkspurts += send == RILL_PAUSES_SOUND && pauses.talkspurt;
}

/* A room of so many dBov; with a voice in it, whose syllables are 170 ms, of so many. */
static void room(int frames, double dbov, double voice)
{
    static unsigned at;
    double loud = RILL_NOISE_LOUDEST * pow(10, dbov / 20) * sqrt(12);
    double voiced = voice < 0 ? RILL_NOISE_LOUDEST * pow(10, voice / 20) * 2 : 0;
    memset(&sent, 0, sizeof sent);
    for (int k = 0; k < frames; k++) {
        int16_t samples[FRAME];
        for (int i = 0; i < FRAME; i++, at++) {
            double t = at / 8000.0, v = 0;
            for (int h = 1; h < 8; h++)
                v += sin(TURN * 150 * h * t) / h;
            samples[i] = (int16_t)lrint(loud * even() + voiced * v * fmax(0, sin(TURN * 3 * t)));
        }
        take(samples);
    }
}

static void begin(void)
{
    memset(&pauses, 0, sizeof pauses);
    seed = 3;
}

static void a_voice_is_sent_and_a_pause_is_not(void **state)
{
    (void)state;
    for (int dbov = -70; dbov <= -45; dbov += 5) {
        begin();
        room(100, dbov, 0);
        room(250, dbov, -25);
        assert_int_equal(sent.nothing + sent.noise, 0);
        room(250, dbov, 0);
        print_message("%d dBov: in 5 s of pause %d packets of sound, %d of noise; told %d\n", dbov,
                      sent.sound, sent.noise, pauses.told.level);
        /* 240 ms behind the last syllable, which may have ended before. */
        assert_in_range(sent.sound, 1, 12);
        assert_in_range(sent.noise, 10, 20);
        assert_in_range(-pauses.told.level, dbov - 2, dbov + 2);
        room(50, dbov, -25);
        assert_int_equal(sent.talkspurts, 1);
        assert_true(sent.nothing + sent.noise < 14);
    }
}

static void a_pause_is_told_at_its_beginning_and_now_and_then(void **state)
{
    (void)state;
    begin();
    room(300, -60, 0);
    int16_t loud[FRAME], quiet[FRAME];
    for (int i = 0; i < FRAME; i++) {
        loud[i] = (int16_t)(i % 8 < 4 ? 8000 : -8000);
        quiet[i] = (int16_t)(60 * even());
    }
    memset(&sent, 0, sizeof sent);
    take(loud);
    for (int i = 0; i < 11; i++)
        take(quiet);
    assert_int_equal(sent.sound, 12);
    take(quiet);
    assert_int_equal(sent.noise, 1); /* at once */
    static const int told[] = {5, 20, 20};
    for (int k = 0; k < 3; k++) {
        for (int i = 1; i < told[k]; i++)
            take(quiet);
        assert_int_equal(sent.noise, 1 + k);
        take(quiet);
        assert_int_equal(sent.noise, 2 + k);
    }
}

/* A fan: at first it could be anything; then it is the room. */
static void a_room_that_grows_louder_is_a_room_again_within_four_seconds(void **state)
{
    (void)state;
    begin();
    room(300, -65, 0);
    room(200, -48, 0);
    assert_true(sent.sound > 50);
    room(100, -48, 0);
    assert_int_equal(sent.sound, 0);
    assert_in_range(pauses.told.level, 46, 50);
    /* By a little: it is told before its time. */
    room(1, -45, 0);
    room(20, -45, 0);
    assert_int_equal(sent.sound, 0);
    assert_in_range(pauses.told.level, 43, 47);
}

static void what_is_loud_and_steady_is_no_pause(void **state)
{
    (void)state;
    begin();
    for (int k = 0; k < 1000; k++) {
        int16_t samples[FRAME];
        for (int i = 0; i < FRAME; i++)
            samples[i] = (int16_t)lrint(2000 * sin(TURN * 440 * (k * FRAME + i) / 8000.0));
        assert_int_equal(rill_pauses_take(&pauses, samples, FRAME), RILL_PAUSES_SOUND);
    }
}

static void silence_is_a_pause_without_any_noise(void **state)
{
    static const int16_t silence[FRAME];
    (void)state;
    begin();
    memset(&sent, 0, sizeof sent);
    for (int k = 0; k < 100; k++)
        take(silence);
    assert_int_equal(sent.sound, 11); /* who begins is heard */
    assert_int_equal(sent.noise, 6);
    assert_int_equal(pauses.told.level, 127);
    assert_int_equal(pauses.told.order, 0);
    rill_pauses_take(&pauses, silence, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_voice_is_sent_and_a_pause_is_not),
        cmocka_unit_test(a_pause_is_told_at_its_beginning_and_now_and_then),
        cmocka_unit_test(a_room_that_grows_louder_is_a_room_again_within_four_seconds),
        cmocka_unit_test(what_is_loud_and_steady_is_no_pause),
        cmocka_unit_test(silence_is_a_pause_without_any_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
