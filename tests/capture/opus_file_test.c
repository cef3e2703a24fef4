/* Ogg Opus in: what another program wrote, what rill wrote, and what is no such file. */
#include "tests/capture/temp_file.h"

#include "capture/opus_file.h"
#include "capture/record.h"
#include "capture/source.h"

#include <math.h>

#define TURN 6.283185307179586

static uint8_t bytes[1 << 20];

/* A tone of two seconds, made by ffmpeg. */
static struct rill_view made(const char *name, const char *options)
{
    char command[600];
    snprintf(
        command, sizeof command,
        "ffmpeg -v error -y -f lavfi -i sine=frequency=1000:duration=2 %s -c:a libopus %%s 2>&1",
        options);
    assert_string_equal(temp_run(command, temp_path(name)), "");
    return temp_read(temp_path(name), bytes, sizeof bytes);
}

static int refused(struct rill_view v)
{
    struct rill_opus_file *o = NULL;
    struct rill_file file = rill_file_over(v);
    int rc = rill_opus_file_open(&file, &o, NULL);
    assert_null(o);
    return rc;
}

static double share_of_tone(const int16_t *s, size_t n, double hz)
{
    double a = 0, b = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        a += s[i] * sin(TURN * hz * (double)i / 48000);
        b += s[i] * cos(TURN * hz * (double)i / 48000);
        all += (double)s[i] * s[i];
    }
    return (a * a + b * b) * 2 / ((double)n * all);
}

static void a_tone_comes_out_in_its_length_and_channels(void **state)
{
    (void)state;
    static int16_t samples[96000 * 2];
    for (uint8_t channels = 1; channels <= 2; channels++) {
        struct rill_opus_file *o = NULL;
        struct rill_file file =
            rill_file_over(made("tone.opus", channels == 1 ? "-ac 1" : "-ac 2"));
        assert_int_equal(rill_opus_file_open(&file, &o, NULL), 0);
        assert_int_equal(rill_opus_file_channels(o), channels);
        assert_int_equal(rill_opus_file_frames(o), 96000);
        assert_true(rill_opus_file_fill(o, false, samples, 96000));
        if (channels == 1)
            assert_true(share_of_tone(samples + 9600, 76800, 1000) > 0.98);
        assert_true(rill_opus_file_fill(o, false, samples, 960));
        assert_int_equal(samples[500], 0);
        rill_opus_file_close(o);
    }
}

static void a_file_loops_or_ends_as_its_name_says(void **state)
{
    (void)state;
    made("loop.opus", "-ac 1");
    char name[400];
    for (int loop = 0; loop < 2; loop++) {
        struct rill_source *s = NULL;
        struct rill_pcm pcm;
        size_t n = 0;
        snprintf(name, sizeof name, "%s:loop=%d", temp_path("loop.opus"), loop);
        assert_int_equal(rill_source_open(&(struct rill_source_config){.name = name}, &s, NULL), 0);
        rill_source_start(s, 0);
        while (n < 250 && rill_source_pcm(s, 10 * RILL_SECOND, &pcm))
            n++;
        assert_int_equal(n, loop ? 250 : 100);
        assert_int_equal(rill_source_ended(s, NULL), !loop);
        rill_source_free(s);
    }
}

static void a_file_cut_short_plays_up_to_its_last_whole_page(void **state)
{
    (void)state;
    int16_t samples[960];
    struct rill_opus_file *o = NULL;
    struct rill_view v = made("cut.opus", "-ac 1 -page_duration 100000");
    struct rill_file file = rill_file_over(rill_view_at(v.p, v.n / 2));
    assert_int_equal(rill_opus_file_open(&file, &o, NULL), 0);
    assert_in_range(rill_opus_file_frames(o), 24000, 72000);
    assert_true(rill_opus_file_fill(o, true, samples, 960));
    rill_opus_file_close(o);
}

static void what_is_no_ogg_opus_is_refused(void **state)
{
    (void)state;
    struct rill_view v = made("whole.opus", "-ac 1");
    assert_row(refused(rill_view_at(bytes, 0)), CAPTURE_OGG_HEADER);
    assert_row(refused(rill_view_at(v.p, 60)), CAPTURE_OGG_HEADER);
    bytes[28 + 7] = 'D'; /* of "OpusHead" */
    assert_row(refused(v), CAPTURE_OGG_HEADER);
    assert_row(refused(temp_read("tests/data/media/mono.wav", bytes, sizeof bytes)),
               CAPTURE_OGG_HEADER);
}

static void six_channels_are_refused(void **state)
{
    (void)state;
    assert_row(refused(made("six.opus", "-ac 6")), CAPTURE_OGG_FEATURE);
}

/* Of 2.5 ms a player drops all, as the pre-skip says. */
static void a_file_without_sound_is_refused(void **state)
{
    (void)state;
    struct rill_ogg_writer *w = NULL;
    uint8_t packet[] = {28 << 3, 1, 2};
    struct rill_frame f = {.codec = RILL_CODEC_OPUS, .bytes = rill_view_at(packet, 3)};
    assert_int_equal(rill_ogg_writer_open(temp_path("empty.ogg"), 1, &w, NULL), 0);
    assert_int_equal(rill_ogg_writer_frame(w, &f), 0);
    assert_int_equal(rill_ogg_writer_close(w), 0);
    assert_row(refused(temp_read(temp_path("empty.ogg"), bytes, sizeof bytes)), CAPTURE_OGG_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_comes_out_in_its_length_and_channels),
        cmocka_unit_test(a_file_loops_or_ends_as_its_name_says),
        cmocka_unit_test(a_file_cut_short_plays_up_to_its_last_whole_page),
        cmocka_unit_test(what_is_no_ogg_opus_is_refused),
        cmocka_unit_test(six_channels_are_refused),
        cmocka_unit_test(a_file_without_sound_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
