/* Sources: names and options, exact deadlines, late callers, loops and ends. */
#include "tests/capture/temp_file.h"

#include "capture/source.h"

#include <sys/stat.h>

#define START 5000000

static struct rill_source *opened(const char *name)
{
    struct rill_source *s = NULL;
    assert_int_equal(rill_source_open(&(struct rill_source_config){.name = name}, &s, NULL), 0);
    return s;
}

static struct rill_source *started(const char *name)
{
    struct rill_source *s = opened(name);
    rill_source_start(s, START);
    return s;
}

static int refused(const char *name, struct rill_err *why)
{
    struct rill_source *s = NULL;
    int rc = rill_source_open(&(struct rill_source_config){.name = name}, &s, why);
    assert_null(s);
    return rc;
}

static void assert_pictures(const char *name, uint32_t width, uint32_t height, uint32_t numerator,
                            uint32_t denominator)
{
    struct rill_source *s = opened(name);
    const struct rill_settings *set = rill_source_settings(s);
    assert_int_equal(set->width, width);
    assert_int_equal(set->height, height);
    assert_int_equal(set->rate_numerator, numerator);
    assert_int_equal(set->rate_denominator, denominator);
    assert_int_equal(set->channel_count, 0);
    rill_source_free(s);
}

static void assert_sound(const char *name, uint32_t hz, uint32_t channels)
{
    struct rill_source *s = opened(name);
    const struct rill_settings *set = rill_source_settings(s);
    assert_int_equal(set->sample_rate_hz, hz);
    assert_int_equal(set->channel_count, channels);
    assert_int_equal(set->width, 0);
    rill_source_free(s);
}

static void each_kind_tells_its_format(void **state)
{
    (void)state;
    assert_pictures("testsrc", 640, 480, 30, 1);
    assert_pictures("testsrc:size=321x241:rate=30000/1001", 321, 241, 30000, 1001);
    assert_pictures("testsrc:width=800", 800, 480, 30, 1);
    assert_pictures("testsrc:width=800,height=450,frameRate=29.97", 800, 450, 30000, 1001);
    assert_pictures("tests/data/media/bars.y4m", 64, 48, 30, 1);
    assert_pictures("tests/data/media/bars.y4m:size=32x24:rate=15", 32, 24, 15, 1);
    assert_pictures("tests/data/media/clip.ivf", 64, 48, 30000, 1000);
    assert_sound("sine", 48000, 1);
    assert_sound("sine:channels=2:volume=100:frequency=1000", 48000, 2);
    assert_sound("tests/data/media/stereo.wav:loop=0", 48000, 2);
}

static void names_that_are_no_source_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"",    "camera", "testsrc2", "film.mp4", ".y4m",
                                        "y4m", "sine:",  "sine:x",   ":rate=3",  "a.wav:loop"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_row(refused(names[i], NULL), CAPTURE_NAME);
}

static void options_unknown_or_out_of_range_are_refused_at_their_place(void **state)
{
    (void)state;
    static const char *const names[] = {
        "testsrc:size=63x48",
        "testsrc:size=64x47",
        "testsrc:size=640",
        "testsrc:size=x",
        "testsrc:size=16384x64",
        "testsrc:size=4097x2304",
        "testsrc:rate=0",
        "testsrc:rate=1001",
        "testsrc:rate=1/2000",
        "testsrc:rate=30/",
        "testsrc:frequency=440",
        "sine:frequency=24000",
        "sine:frequency=0",
        "sine:channels=3",
        "sine:volume=101",
        "sine:loop=1",
        "tests/data/media/mono.wav:loop=2",
        "tests/data/media/bars.y4m:rate=5000",
        "tests/data/media/bars.y4m:frequency=5",
        "tests/data/media/mono.wav:size=64x48",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct rill_err why = {0};
        assert_row(refused(names[i], &why), CAPTURE_OPTION);
        assert_int_equal(why.offset, strcspn(names[i], ":") + 1);
    }
}

static void a_missing_file_is_told_with_its_errno(void **state)
{
    (void)state;
    struct rill_err why = {0};
    assert_row(refused("/nonexistent/film.y4m", &why), CAPTURE_OPEN);
    assert_int_equal(why.value, 2); /* ENOENT */
}

static void a_directory_and_a_fifo_are_no_source(void **state)
{
    (void)state;
    const char *path = temp_path("pipe.wav");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_row(refused(path, NULL), CAPTURE_NOT_A_FILE);
    char directory[400];
    snprintf(directory, sizeof directory, "%s/folder.ivf", temp_directory);
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_row(refused(directory, NULL), CAPTURE_NOT_A_FILE);
    rmdir(directory);
}

static void a_file_that_is_not_what_its_name_says_is_refused(void **state)
{
    (void)state;
    static uint8_t bytes[65536];
    struct rill_view y4m = temp_read("tests/data/media/bars.y4m", bytes, sizeof bytes);
    assert_row(refused(temp_write("liar.ivf", y4m), NULL), CAPTURE_IVF_HEADER);
    assert_row(refused(temp_write("liar.wav", y4m), NULL), CAPTURE_WAV_HEADER);
    struct rill_view wav = temp_read("tests/data/media/mono.wav", bytes, sizeof bytes);
    assert_row(refused(temp_write("liar.y4m", wav), NULL), CAPTURE_Y4M_HEADER);
}

/* A recording that was broken off is good as far as it goes. */
static void each_kind_of_file_cut_short_is_taken_as_far_as_it_goes(void **state)
{
    (void)state;
    static uint8_t bytes[65536];
    struct rill_view v = temp_read("tests/data/media/bars.y4m", bytes, sizeof bytes);
    rill_source_free(opened(temp_write("cut.y4m", rill_view_at(v.p, v.n - 1))));
    assert_row(refused(temp_write("empty.y4m", rill_view_at(v.p, 0)), NULL), CAPTURE_Y4M_HEADER);
    v = temp_read("tests/data/media/clip.ivf", bytes, sizeof bytes);
    rill_source_free(opened(temp_write("cut.ivf", rill_view_at(v.p, v.n - 1))));
    v = temp_read("tests/data/media/mono.wav", bytes, sizeof bytes);
    rill_source_free(opened(temp_write("cut.wav", rill_view_at(v.p, v.n - 1))));
}

static void a_path_may_hold_colons(void **state)
{
    (void)state;
    static uint8_t bytes[65536];
    struct rill_view v = temp_read("tests/data/media/bars.y4m", bytes, sizeof bytes);
    char name[400];
    snprintf(name, sizeof name, "%s:loop=0", temp_write("at 12:30:00.y4m", v));
    rill_source_free(opened(name));
}

static void nothing_is_due_before_the_start(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_source *s = opened("testsrc");
    assert_int_equal(rill_source_deadline(s), RILL_NEVER);
    assert_false(rill_source_image(s, START, &image));
    rill_source_start(s, START);
    assert_int_equal(rill_source_deadline(s), START);
    assert_false(rill_source_image(s, START - 1, &image));
    assert_true(rill_source_image(s, START, &image));
    assert_int_equal(image.time, START);
    rill_source_free(s);
}

static void deadlines_of_pictures_are_exact_and_never_drift(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_source *s = started("testsrc:size=64x48:rate=30000/1001");
    for (int64_t k = 0; k < 3000; k++) {
        int64_t due = START + k * 1001 * RILL_SECOND / 30000;
        assert_int_equal(rill_source_deadline(s), due);
        assert_false(rill_source_image(s, due - 1, &image));
        assert_true(rill_source_image(s, due, &image));
        assert_int_equal(image.time, due);
        assert_int_equal(rill_testsrc_read_number(&image), k);
    }
    rill_source_free(s);
}

static void blocks_of_sound_come_every_twenty_milliseconds(void **state)
{
    (void)state;
    struct rill_pcm pcm;
    struct rill_source *s = started("sine:channels=2");
    for (int64_t k = 0; k < 500; k++) {
        assert_int_equal(rill_source_deadline(s), START + k * 20 * RILL_MS);
        assert_false(rill_source_pcm(s, START + k * 20 * RILL_MS - 1, &pcm));
        assert_true(rill_source_pcm(s, START + k * 20 * RILL_MS, &pcm));
        assert_int_equal(pcm.frames, 960);
        assert_int_equal(pcm.rate_hz, 48000);
        assert_int_equal(pcm.channels, 2);
        assert_int_equal(pcm.time, START + k * 20 * RILL_MS);
    }
    rill_source_free(s);
}

static void a_caller_four_pictures_late_gets_them_all(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_source *s = started("testsrc:size=64x48:rate=10");
    for (int k = 0; k <= 4; k++) {
        assert_true(rill_source_image(s, START + 400 * RILL_MS, &image));
        assert_int_equal(rill_testsrc_read_number(&image), k);
    }
    assert_false(rill_source_image(s, START + 400 * RILL_MS, &image));
    assert_int_equal(rill_source_dropped(s), 0);
    rill_source_free(s);
}

static void a_caller_later_than_that_gets_the_newest_and_the_rest_is_counted(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_source *s = started("testsrc:size=64x48:rate=10");
    assert_true(rill_source_image(s, START + 1050 * RILL_MS, &image));
    assert_int_equal(rill_testsrc_read_number(&image), 10);
    assert_int_equal(image.time, START + 1000 * RILL_MS);
    assert_int_equal(rill_source_dropped(s), 10);
    assert_false(rill_source_image(s, START + 1050 * RILL_MS, &image));
    assert_int_equal(rill_source_deadline(s), START + 1100 * RILL_MS);
    rill_source_free(s);
}

static void a_day_late_costs_no_time(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_source *s = started("testsrc:size=64x48:rate=30");
    assert_true(rill_source_image(s, START + 86400 * RILL_SECOND, &image));
    assert_int_equal(rill_testsrc_read_number(&image), 86400 * 30);
    rill_source_free(s);
}

static void sound_is_never_dropped(void **state)
{
    (void)state;
    struct rill_pcm pcm;
    static int16_t whole[50 * 960];
    struct rill_source *s = started("sine:frequency=123");
    for (int k = 0; k < 50; k++) {
        assert_true(rill_source_pcm(s, START + 980 * RILL_MS, &pcm));
        memcpy(whole + k * 960, pcm.samples, sizeof(int16_t) * 960);
    }
    assert_false(rill_source_pcm(s, START + 980 * RILL_MS, &pcm));
    assert_int_equal(rill_source_dropped(s), 0);
    /* 123 Hz begin anew after one second: 48000 samples, no seam on the way. */
    for (int i = 1; i < 48000; i++)
        assert_true(abs(whole[i] - whole[i - 1]) < 140);
    rill_source_free(s);
}

static void volume_is_percent_of_full_scale(void **state)
{
    (void)state;
    struct rill_pcm pcm;
    int16_t peak = 0;
    struct rill_source *s = started("sine:frequency=1000:volume=50");
    assert_true(rill_source_pcm(s, START, &pcm));
    for (size_t i = 0; i < pcm.frames; i++)
        peak = pcm.samples[i] > peak ? pcm.samples[i] : peak;
    assert_in_range(peak, 16382, 16384);
    rill_source_free(s);
}

static void a_y4m_loops_unless_told_otherwise(void **state)
{
    (void)state;
    struct rill_image image;
    static uint8_t first[64 * 48];
    struct rill_source *s = started("tests/data/media/bars.y4m");
    for (int64_t k = 0; k < 7; k++) {
        assert_true(rill_source_image(s, START + k * RILL_SECOND / 30, &image));
        if (k == 0)
            memcpy(first, image.plane[0], sizeof first);
        if (k % 3 == 0)
            assert_memory_equal(first, image.plane[0], sizeof first);
        else
            assert_memory_not_equal(first, image.plane[0], sizeof first);
    }
    rill_source_free(s);
    s = started("tests/data/media/bars.y4m:loop=0");
    for (int64_t k = 0; k < 3; k++)
        assert_true(rill_source_image(s, START + k * RILL_SECOND / 30, &image));
    struct rill_err why = {0};
    assert_true(rill_source_ended(s, &why));
    assert_null(why.row);
    assert_int_equal(rill_source_deadline(s), RILL_NEVER);
    assert_false(rill_source_image(s, START + RILL_SECOND, &image));
    rill_source_free(s);
}

static void frames_of_an_ivf_come_at_their_own_times_and_loop(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_source *s = started("tests/data/media/clip.ivf");
    assert_true(rill_source_is_encoded(s));
    for (int64_t k = 0; k < 25; k++) {
        /* Each turn takes 333333 µs; ten frames of 1/30 s, whole µs. */
        int64_t due = START + k / 10 * 333333 + k % 10 * RILL_SECOND / 30;
        assert_int_equal(rill_source_deadline(s), due);
        assert_true(rill_source_frame(s, due, &f));
        assert_int_equal(f.time, due);
        assert_int_equal(f.keyframe, k % 5 == 0);
        assert_int_equal(f.width, f.keyframe ? 64 : 0);
        assert_int_equal(f.height, f.keyframe ? 48 : 0);
    }
    rill_source_free(s);
}

static void a_late_caller_of_an_ivf_goes_on_at_a_key_frame(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_source *s = started("tests/data/media/clip.ivf");
    assert_true(rill_source_frame(s, START, &f));
    /* Frame 6 is due, and frame 5 is the newest key frame. */
    assert_true(rill_source_frame(s, START + 200 * RILL_MS, &f));
    assert_true(f.keyframe);
    assert_int_equal(f.time, START + 5 * RILL_SECOND / 30);
    assert_int_equal(rill_source_dropped(s), 4);
    rill_source_free(s);
}

static void an_ivf_without_a_key_frame_to_go_to_sets_its_clock_back(void **state)
{
    (void)state;
    struct rill_frame f;
    static uint8_t bytes[8192];
    struct rill_view v = temp_read("tests/data/media/clip.ivf", bytes, sizeof bytes);
    size_t at = 32;
    for (int k = 0; k < 5; k++)
        at += 12 + bytes[at] + 256u * bytes[at + 1];
    bytes[at + 12] |= 1; /* frame 5 is an interframe now */
    struct rill_source *s = started(temp_write("one-key.ivf", v));
    assert_true(rill_source_frame(s, START, &f));
    assert_true(rill_source_frame(s, START + 300 * RILL_MS, &f));
    assert_false(f.keyframe);
    assert_int_equal(f.time, START + 300 * RILL_MS);
    assert_int_equal(rill_source_dropped(s), 0);
    /* The others follow at their own pace, not in a burst. */
    assert_false(rill_source_frame(s, START + 300 * RILL_MS, &f));
    assert_int_equal(rill_source_deadline(s), START + 300 * RILL_MS + RILL_SECOND / 30);
    rill_source_free(s);
}

static void a_wav_that_does_not_loop_ends_with_its_last_sample(void **state)
{
    (void)state;
    struct rill_pcm pcm;
    struct rill_source *s = started("tests/data/media/mono.wav:loop=0");
    /* 0.2 s are ten blocks. */
    for (int64_t k = 0; k < 10; k++)
        assert_true(rill_source_pcm(s, START + k * 20 * RILL_MS, &pcm));
    assert_int_equal(rill_source_deadline(s), RILL_NEVER);
    assert_false(rill_source_pcm(s, START + RILL_SECOND, &pcm));
    rill_source_free(s);
}

static void a_wav_loops_without_silence(void **state)
{
    (void)state;
    struct rill_pcm pcm;
    struct rill_source *s = started("tests/data/media/stereo.wav");
    for (int64_t k = 0; k < 40; k++) {
        int64_t power = 0;
        assert_true(rill_source_pcm(s, START + k * 20 * RILL_MS, &pcm));
        assert_int_equal(pcm.channels, 2);
        for (size_t i = 0; i < pcm.frames * 2; i++)
            power += (int64_t)pcm.samples[i] * pcm.samples[i];
        assert_true(power / 1920 > 100 * 100);
    }
    rill_source_free(s);
}

static void a_file_that_shrinks_while_it_plays_ends(void **state)
{
    (void)state;
    static uint8_t bytes[65536];
    struct rill_image image;
    struct rill_view v = temp_read("tests/data/media/bars.y4m", bytes, sizeof bytes);
    const char *path = temp_write("shrinks.y4m", v);
    struct rill_source *s = started(path);
    struct rill_err why = {0};
    assert_int_equal(truncate(path, 100), 0);
    assert_false(rill_source_ended(s, NULL));
    assert_false(rill_source_image(s, START, &image));
    assert_true(rill_source_ended(s, &why));
    assert_row(why.row->code, CAPTURE_READ);
    assert_int_equal(rill_source_deadline(s), RILL_NEVER);
    rill_source_free(s);
}

static void each_kind_gives_only_its_own_sort_of_thing(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_pcm pcm;
    struct rill_frame frame;
    struct rill_source *s = started("sine");
    assert_int_equal(rill_source_kind(s), RILL_AUDIO);
    assert_false(rill_source_image(s, START, &image));
    assert_false(rill_source_frame(s, START, &frame));
    rill_source_free(s);
    s = started("tests/data/media/clip.ivf");
    assert_int_equal(rill_source_kind(s), RILL_VIDEO);
    assert_false(rill_source_image(s, START, &image));
    assert_false(rill_source_pcm(s, START, &pcm));
    rill_source_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_tells_its_format),
        cmocka_unit_test(names_that_are_no_source_are_refused),
        cmocka_unit_test(options_unknown_or_out_of_range_are_refused_at_their_place),
        cmocka_unit_test(a_missing_file_is_told_with_its_errno),
        cmocka_unit_test(a_directory_and_a_fifo_are_no_source),
        cmocka_unit_test(a_file_that_is_not_what_its_name_says_is_refused),
        cmocka_unit_test(each_kind_of_file_cut_short_is_taken_as_far_as_it_goes),
        cmocka_unit_test(a_path_may_hold_colons),
        cmocka_unit_test(nothing_is_due_before_the_start),
        cmocka_unit_test(deadlines_of_pictures_are_exact_and_never_drift),
        cmocka_unit_test(blocks_of_sound_come_every_twenty_milliseconds),
        cmocka_unit_test(a_caller_four_pictures_late_gets_them_all),
        cmocka_unit_test(a_caller_later_than_that_gets_the_newest_and_the_rest_is_counted),
        cmocka_unit_test(a_day_late_costs_no_time),
        cmocka_unit_test(sound_is_never_dropped),
        cmocka_unit_test(volume_is_percent_of_full_scale),
        cmocka_unit_test(a_y4m_loops_unless_told_otherwise),
        cmocka_unit_test(frames_of_an_ivf_come_at_their_own_times_and_loop),
        cmocka_unit_test(a_late_caller_of_an_ivf_goes_on_at_a_key_frame),
        cmocka_unit_test(an_ivf_without_a_key_frame_to_go_to_sets_its_clock_back),
        cmocka_unit_test(a_wav_that_does_not_loop_ends_with_its_last_sample),
        cmocka_unit_test(a_wav_loops_without_silence),
        cmocka_unit_test(a_file_that_shrinks_while_it_plays_ends),
        cmocka_unit_test(each_kind_gives_only_its_own_sort_of_thing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
