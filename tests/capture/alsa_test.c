/* Microphones and speakers: ALSA's own plug-ins, and a card in the test's own time that runs
 * over, sleeps and is pulled out. */
#include "tests/capture/fake_card_open.h"

#include "capture/devices.h"
#include "capture/echo.h"
#include "capture/speakers.h"

#include <math.h>

#define TURN 6.283185307179586

static char file_out[400], file_in[400];

static int configure(void **state)
{
    static int16_t noise[48000 * 2];
    (void)state;
    for (size_t i = 0; i < 48000 * 2; i++)
        noise[i] = (int16_t)(i % 2 ? 1000 : -2000);
    snprintf(file_out, sizeof file_out, "%s", temp_path("played.raw"));
    snprintf(file_in, sizeof file_in, "%s",
             temp_write("in.raw", rill_view_at((const uint8_t *)noise, sizeof noise)));
    fake_card_configure(file_out, file_in);
    return 0;
}

static int new_card(void **state)
{
    (void)state;
    memset(&fake_card, 0, sizeof fake_card);
    fake_card.now = 10 * RILL_SECOND;
    fake_card.rate_hz = 48000;
    fake_card.channels = 2;
    fake_card.tone_hz = 1000;
    return 0;
}

static struct rill_source *microphone(const char *name)
{
    struct rill_source *s = NULL;
    struct rill_source_config config = {.name = name};
    assert_int_equal(rill_source_open(&config, &s, NULL), 0);
    rill_source_start(s, fake_card.now);
    return s;
}

static int refused(const char *name)
{
    struct rill_source *s = NULL;
    struct rill_source_config config = {.name = name};
    int rc = rill_source_open(&config, &s, NULL);
    assert_null(s);
    return rc;
}

/* All that comes within so long, looked for every 10 ms; frames, into `out` (one channel). */
static size_t listen(struct rill_source *s, int64_t us, int16_t *out, size_t cap)
{
    size_t n = 0;
    for (int64_t end = fake_card.now + us; fake_card.now < end; fake_card.now += 10 * RILL_MS) {
        struct rill_pcm pcm;
        while (rill_source_pcm(s, fake_card.now, &pcm)) {
            assert_int_equal(pcm.rate_hz, 48000);
            assert_int_equal(pcm.frames, 960);
            for (size_t i = 0; i < pcm.frames && n < cap; i++)
                out[n++] = pcm.samples[i * pcm.channels];
        }
    }
    return n;
}

/* How much of the sound is a tone of hz, dB over all the rest. */
static double tone_snr(const int16_t *s, size_t n, double hz)
{
    double a = 0, b = 0, rest = 0;
    for (size_t i = 0; i < n; i++) {
        a += s[i] * sin(TURN * hz * (double)i / 48000) * 2 / (double)n;
        b += s[i] * cos(TURN * hz * (double)i / 48000) * 2 / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double d =
            s[i] - a * sin(TURN * hz * (double)i / 48000) - b * cos(TURN * hz * (double)i / 48000);
        rest += d * d / (double)n;
    }
    return 10 * log10((a * a + b * b) / 2 / (rest + 1e-9));
}

static double level_db(const int16_t *s, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)s[i] * s[i];
    return 10 * log10(sum / (double)n / (32768.0 * 32768.0) + 1e-12);
}

#define QUIET                                                                                      \
    ":echoCancellation.exact=false:noiseSuppression.exact=false:autoGainControl.exact=false"

/* --- microphones --------------------------------------------------------------------------- */

static void whatever_the_card_has_becomes_48_kilohertz(void **state)
{
    static const unsigned rates[] = {8000, 16000, 44100, 48000, 96000};
    static int16_t out[96000];
    for (int format = FAKE_S16; format <= FAKE_FLOAT; format++) {
        for (size_t r = 0; r < 5; r++) {
            for (unsigned channels = 1; channels <= 4; channels += channels) {
                new_card(state);
                fake_card.format = (enum fake_format)format;
                fake_card.rate_hz = rates[r];
                fake_card.channels = channels;
                struct rill_source *s = microphone("alsa:card" QUIET);
                size_t n = listen(s, RILL_SECOND, out, 96000);
                assert_in_range(n, 47 * 960, 50 * 960);
                assert_true(tone_snr(out + 4800, 38400, 1000) > 60);
                assert_in_range(level_db(out + 4800, 38400) * -100, 870, 940);
                rill_source_free(s);
            }
        }
    }
}

static void two_channels_are_had_when_asked_for(void **state)
{
    struct rill_pcm pcm = {0};
    (void)state;
    struct rill_source *s = microphone("alsa:plugged:channelCount.exact=2");
    while (!rill_source_pcm(s, fake_card.now, &pcm))
        fake_card.now += 10 * RILL_MS;
    assert_int_equal(pcm.channels, 2);
    assert_int_equal(rill_source_settings(s)->channel_count, 2);
    rill_source_free(s);
}

static void the_time_of_a_block_is_when_it_was_heard(void **state)
{
    (void)state;
    struct rill_source *s = microphone("alsa:card");
    int64_t start = fake_card.now;
    for (int k = 0; k < 50; k++) {
        struct rill_pcm pcm;
        while (!rill_source_pcm(s, fake_card.now, &pcm))
            fake_card.now += 7 * RILL_MS;
        int64_t error = pcm.time - start - k * 20 * RILL_MS;
        assert_true(error > -2 * RILL_MS && error < 2 * RILL_MS);
    }
    rill_source_free(s);
}

/* A card tells of its sound in periods, some of them late; what it heard is even all the same. */
static void blocks_follow_each_other_evenly_whenever_the_card_tells_of_them(void **state)
{
    int64_t last = 0;
    (void)state;
    struct rill_source *s = microphone("alsa:card");
    for (uint32_t k = 0; k < 1000; k++) {
        struct rill_pcm pcm;
        fake_card.now += 10 * RILL_MS;
        fake_card.lag = k * 7919 % 9 * RILL_MS;
        while (rill_source_pcm(s, fake_card.now, &pcm)) {
            if (last)
                assert_in_range(pcm.time - last, 20 * RILL_MS - 300, 20 * RILL_MS + 300);
            last = pcm.time;
        }
    }
    assert_in_range(fake_card.now - last, 15 * RILL_MS, 45 * RILL_MS);
    assert_int_equal(rill_source_dropped(s), 0);
    rill_source_free(s);
}

/* Nobody asked for 300 ms, and the buffer has 80. */
static void what_ran_over_is_silence_and_time_goes_on(void **state)
{
    static int16_t out[96000];
    (void)state;
    struct rill_source *s = microphone("alsa:card");
    size_t n = listen(s, 500 * RILL_MS, out, 96000);
    fake_card.now += 300 * RILL_MS;
    n += listen(s, 500 * RILL_MS, out + n, 96000 - n);
    assert_true(fake_card.xruns >= 1);
    assert_in_range(n, 62 * 960, 66 * 960);
    assert_true(rill_source_dropped(s) >= 10);
    assert_false(rill_source_ended(s, NULL));
    rill_source_free(s);
}

static void a_machine_that_slept_listens_again(void **state)
{
    static int16_t out[96000];
    (void)state;
    struct rill_source *s = microphone("alsa:card");
    listen(s, 200 * RILL_MS, out, 96000);
    fake_card.suspended = 1;
    listen(s, 400 * RILL_MS, out, 96000);
    size_t n = listen(s, 400 * RILL_MS, out, 96000);
    assert_int_equal(fake_card.resumes, 1);
    assert_in_range(n, 18 * 960, 22 * 960);
    rill_source_free(s);
}

static void a_microphone_that_is_pulled_out_ends_its_source(void **state)
{
    static int16_t out[96000];
    struct rill_err why = {0};
    (void)state;
    struct rill_source *s = microphone("alsa:card");
    listen(s, 200 * RILL_MS, out, 96000);
    assert_false(rill_source_ended(s, NULL));
    fake_card.lost = 1;
    listen(s, 100 * RILL_MS, out, 96000);
    assert_true(rill_source_ended(s, &why));
    assert_row(why.row->code, CAPTURE_DEVICE_LOST);
    struct rill_source_fd fds[RILL_SOURCE_FDS_MAX];
    assert_int_equal(rill_source_descriptors(s, fds), 0);
    assert_int_equal(rill_source_deadline(s), RILL_NEVER);
    rill_source_free(s);
    assert_row(refused("alsa:card"), CAPTURE_NOT_FOUND);
}

static void names_and_formats_that_are_not_there_are_refused(void **state)
{
    (void)state;
    assert_row(refused("alsa:no-such-card"), CAPTURE_NOT_FOUND);
    assert_row(refused("alsa:card:channelCount.exact=7"), CAPTURE_OVERCONSTRAINED_CHANNEL_COUNT);
    fake_card.channels = 12;
    assert_row(refused("alsa:card"), CAPTURE_ALSA_FORMAT);
}

/* They are ready whenever they are asked, so the clock paces them. */
static void devices_that_are_always_ready_give_no_more_than_time_allows(void **state)
{
    static int16_t out[96000];
    (void)state;
    struct rill_source *s = microphone("alsa:null");
    size_t n = listen(s, RILL_SECOND, out, 96000);
    assert_in_range(n, 49 * 960, 55 * 960);
    struct rill_source_fd fds[RILL_SOURCE_FDS_MAX];
    assert_int_equal(rill_source_descriptors(s, fds), 0);
    assert_true(rill_source_deadline(s) <= fake_card.now + 20 * RILL_MS);
    rill_source_free(s);
    s = microphone("alsa:file" QUIET);
    n = listen(s, 200 * RILL_MS, out, 96000);
    assert_true(n >= 960);
    assert_int_equal(out[500], -2000);
    assert_int_equal(out[501], 1000);
    rill_source_free(s);
}

static void devices_are_listed_with_an_id_that_stays(void **state)
{
    struct rill_devices a, b;
    size_t inputs = 0, outputs = 0;
    (void)state;
    rill_devices_enumerate(NULL, &a);
    rill_devices_enumerate(NULL, &b);
    assert_int_equal(a.n, b.n);
    for (size_t i = 0; i < a.n; i++) {
        assert_string_equal(a.list[i].can.device_id, b.list[i].can.device_id);
        if (strcmp(a.list[i].name, "alsa:card") != 0)
            continue;
        assert_string_equal(a.list[i].label, "The test's own card");
        inputs += a.list[i].kind == RILL_AUDIO_INPUT;
        outputs += a.list[i].kind == RILL_AUDIO_OUTPUT;
    }
    assert_int_equal(inputs, 1);
    assert_int_equal(outputs, 1);
    rill_devices_free(&a);
    rill_devices_free(&b);
}

/* --- speakers ------------------------------------------------------------------------------ */

static struct rill_speakers *speakers(const char *device)
{
    struct rill_speakers *s = NULL;
    assert_int_equal(rill_speakers_open(device, fake_card.now, &s, NULL), 0);
    return s;
}

static uint64_t spoken; /* frames, for the tone's phase */

static void speak(struct rill_speakers *s, int64_t us)
{
    for (int64_t end = fake_card.now + us; fake_card.now < end; fake_card.now += 10 * RILL_MS) {
        for (size_t room = rill_speakers_room(s, fake_card.now); room >= 480; room -= 480) {
            int16_t block[480 * 2];
            for (size_t i = 0; i < 480; i++)
                block[2 * i] = block[2 * i + 1] =
                    (int16_t)lrint(16000 * sin(TURN * 1000 * (double)(spoken + i) / 48000));
            spoken += 480;
            rill_speakers_write(s, fake_card.now, block, 480);
        }
    }
}

static void a_tone_is_played_in_whatever_the_card_takes(void **state)
{
    static const unsigned rates[] = {16000, 44100, 48000};
    for (int format = FAKE_S16; format <= FAKE_FLOAT; format++) {
        for (size_t r = 0; r < 3; r++) {
            new_card(state);
            fake_card.format = (enum fake_format)format;
            fake_card.rate_hz = rates[r];
            spoken = 0;
            struct rill_speakers *s = speakers("card");
            speak(s, RILL_SECOND);
            assert_in_range(fake_card.n_played, rates[r], rates[r] * 5 / 4);
            assert_true(tone_snr(fake_card.played + rates[r] / 2, rates[r] / 4,
                                 1000.0 * 48000 / rates[r]) > 50);
            assert_int_equal(rill_speakers_xruns(s), 0);
            rill_speakers_free(s);
        }
    }
}

static void speakers_that_ran_dry_play_on(void **state)
{
    (void)state;
    struct rill_speakers *s = speakers("card");
    speak(s, 300 * RILL_MS);
    fake_card.now += 500 * RILL_MS;
    size_t before = fake_card.n_played;
    speak(s, 300 * RILL_MS);
    assert_int_equal(rill_speakers_xruns(s), 1);
    assert_true(fake_card.n_played > before + 14000);
    rill_speakers_free(s);
}

static void speakers_that_are_pulled_out_end_alone(void **state)
{
    struct rill_err why = {0};
    (void)state;
    struct rill_speakers *s = speakers("card");
    speak(s, 200 * RILL_MS);
    fake_card.lost = 1;
    speak(s, 200 * RILL_MS);
    assert_true(rill_speakers_ended(s, &why));
    assert_row(why.row->code, CAPTURE_DEVICE_LOST);
    assert_int_equal(rill_speakers_delay(s), 0);
    rill_speakers_free(s);
}

/* A file takes all at once: no hour of silence is written in a second. */
static void a_file_is_played_to_at_the_pace_of_time(void **state)
{
    static uint8_t bytes[1 << 20];
    (void)state;
    spoken = 0;
    struct rill_speakers *s = speakers("file");
    speak(s, 2 * RILL_SECOND);
    rill_speakers_free(s);
    struct rill_view v = temp_read(file_out, bytes, sizeof bytes);
    assert_in_range(v.n / 4, 48000 * 2, 48000 * 22 / 10);
    static int16_t left[48000];
    for (size_t i = 0; i < 48000; i++)
        memcpy(&left[i], v.p + (24000 + i) * 4, 2);
    assert_true(tone_snr(left, 48000, 1000) > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(whatever_the_card_has_becomes_48_kilohertz, new_card),
        cmocka_unit_test_setup(two_channels_are_had_when_asked_for, new_card),
        cmocka_unit_test_setup(the_time_of_a_block_is_when_it_was_heard, new_card),
        cmocka_unit_test_setup(blocks_follow_each_other_evenly_whenever_the_card_tells_of_them,
                               new_card),
        cmocka_unit_test_setup(what_ran_over_is_silence_and_time_goes_on, new_card),
        cmocka_unit_test_setup(a_machine_that_slept_listens_again, new_card),
        cmocka_unit_test_setup(a_microphone_that_is_pulled_out_ends_its_source, new_card),
        cmocka_unit_test_setup(names_and_formats_that_are_not_there_are_refused, new_card),
        cmocka_unit_test_setup(devices_that_are_always_ready_give_no_more_than_time_allows,
                               new_card),
        cmocka_unit_test_setup(devices_are_listed_with_an_id_that_stays, new_card),
        cmocka_unit_test_setup(a_tone_is_played_in_whatever_the_card_takes, new_card),
        cmocka_unit_test_setup(speakers_that_ran_dry_play_on, new_card),
        cmocka_unit_test_setup(speakers_that_are_pulled_out_end_alone, new_card),
        cmocka_unit_test_setup(a_file_is_played_to_at_the_pace_of_time, new_card),
    };
    return cmocka_run_group_tests(tests, configure, NULL);
}
