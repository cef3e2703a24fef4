/* Tracks: enabled, muted, ended, cloned, constrained and replaced. */
#include "tests/rill_test.h"

#include "media/sender.h"
#include "tests/capture/fake_camera.h"

#define START 7000000

static struct rill_track *track(const char *name)
{
    struct rill_track *t = NULL;
    assert_int_equal(rill_track_open(&(struct rill_source_config){.name = name}, &t, NULL), 0);
    rill_track_start(t, START);
    return t;
}

static struct rill_image next(struct rill_track *t)
{
    struct rill_image image;
    assert_true(rill_track_image(t, rill_track_deadline(t), &image));
    return image;
}

static bool is_black(const struct rill_image *i)
{
    for (uint32_t y = 0; y < i->height; y++)
        for (uint32_t x = 0; x < i->width; x++)
            if (i->plane[0][y * i->stride[0] + x] != 16)
                return false;
    return true;
}

static bool is_silent(const struct rill_pcm *p)
{
    for (size_t i = 0; i < p->frames * p->channels; i++)
        if (p->samples[i] != 0)
            return false;
    return true;
}

static void apply(struct rill_track *t, const char *text)
{
    struct rill_constraints c;
    assert_int_equal(rill_constraints_read(rill_view_of(text), &c, NULL), 0);
    assert_int_equal(rill_track_apply_constraints(t, &c, NULL), 0);
}

static void a_disabled_track_of_pictures_gives_one_black_one_a_second(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_track *t = track("testsrc:size=64x48");
    image = next(t);
    assert_false(is_black(&image));
    rill_track_set_enabled(t, false);
    assert_true(rill_track_is_blank(t));
    size_t black = 0;
    for (int64_t now = START + 40 * RILL_MS; now < START + 3 * RILL_SECOND; now += 10 * RILL_MS)
        while (rill_track_image(t, now, &image)) {
            assert_true(is_black(&image));
            assert_int_equal(image.time, now);
            black++;
        }
    assert_int_equal(black, 3);
    rill_track_set_enabled(t, true);
    assert_true(rill_track_image(t, START + 3 * RILL_SECOND, &image));
    /* The pictures between were passed over, not kept for later. */
    assert_int_equal(rill_testsrc_read_number(&image), 90);
    rill_track_free(t);
}

static void a_disabled_track_of_sound_is_silent_at_its_own_pace(void **state)
{
    (void)state;
    struct rill_pcm pcm;
    struct rill_track *t = track("sine");
    rill_track_set_enabled(t, false);
    for (int64_t k = 0; k < 50; k++) {
        assert_true(rill_track_pcm(t, START + k * 20 * RILL_MS, &pcm));
        assert_true(is_silent(&pcm));
        assert_int_equal(pcm.time, START + k * 20 * RILL_MS);
    }
    rill_track_set_enabled(t, true);
    assert_true(rill_track_pcm(t, START + RILL_SECOND, &pcm));
    assert_false(is_silent(&pcm));
    rill_track_free(t);
}

static void a_stopped_track_has_ended_and_goes_on_in_black(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_pcm pcm;
    struct rill_track *t = track("testsrc:size=64x48");
    (void)next(t);
    rill_track_stop(t);
    assert_true(rill_track_state(t).ended);
    assert_null(rill_track_state(t).why.row);
    image = next(t);
    assert_true(is_black(&image));
    rill_track_free(t);
    t = track("sine");
    assert_true(rill_track_pcm(t, START, &pcm));
    rill_track_stop(t);
    for (int64_t k = 1; k < 5; k++) {
        assert_true(rill_track_pcm(t, START + k * 20 * RILL_MS, &pcm));
        assert_true(is_silent(&pcm));
    }
    rill_track_free(t);
}

static void a_file_that_ends_says_nothing_more(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_track *t = track("tests/data/media/bars.y4m:loop=0");
    for (int k = 0; k < 3; k++)
        (void)next(t);
    assert_true(rill_track_state(t).ended);
    assert_null(rill_track_state(t).why.row);
    assert_int_equal(rill_track_deadline(t), RILL_NEVER);
    assert_false(rill_track_image(t, START + 60 * RILL_SECOND, &image));
    rill_track_free(t);
}

static void constraints_scale_and_thin_out(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_track *t = track("testsrc:size=320x240");
    apply(t, "width=160,height=120,frameRate=10");
    assert_int_equal(rill_track_settings(t)->width, 160);
    assert_int_equal(rill_track_settings(t)->rate_numerator, 10);
    size_t n = 0;
    for (int64_t now = START; now < START + 2 * RILL_SECOND; now += 5 * RILL_MS)
        while (rill_track_image(t, now, &image)) {
            assert_int_equal(image.width, 160);
            assert_int_equal(image.height, 120);
            /* Every third, evenly. */
            assert_int_equal(rill_testsrc_read_number(&image), n * 3);
            n++;
        }
    assert_int_equal(n, 20);
    /* And back. */
    apply(t, "width=320,height=240,frameRate=30");
    assert_true(rill_track_image(t, START + 2 * RILL_SECOND, &image));
    assert_int_equal(image.width, 320);
    rill_track_free(t);
}

static void constraints_that_cannot_be_met_leave_the_settings(void **state)
{
    (void)state;
    struct rill_constraints c;
    struct rill_track *t = track("testsrc:size=320x240");
    assert_int_equal(rill_constraints_read(rill_view_of("width.min=321"), &c, NULL), 0);
    assert_row(rill_track_apply_constraints(t, &c, NULL), CAPTURE_OVERCONSTRAINED_WIDTH);
    assert_int_equal(rill_track_settings(t)->width, 320);
    rill_track_free(t);
}

static void clones_see_the_same_pictures_with_settings_of_their_own(void **state)
{
    (void)state;
    struct rill_image a, b;
    struct rill_track *t = track("testsrc:size=320x240");
    struct rill_track *c = rill_track_clone(t);
    assert_non_null(c);
    rill_track_start(c, START);
    apply(c, "width=160,height=120");
    for (int k = 0; k < 20; k++) {
        int64_t now = rill_track_deadline(t);
        assert_true(rill_track_image(t, now, &a));
        assert_int_equal(rill_testsrc_read_number(&a), k);
        assert_true(rill_track_image(c, now, &b));
        assert_int_equal(rill_testsrc_read_number(&b), k);
        assert_int_equal(b.width, 160);
    }
    rill_track_set_enabled(t, false);
    b = next(c);
    assert_false(is_black(&b));
    /* The source lives as long as one of them. */
    rill_track_stop(t);
    assert_true(rill_track_state(t).ended);
    assert_false(rill_track_state(c).ended);
    b = next(c);
    assert_int_equal(rill_testsrc_read_number(&b), 21);
    rill_track_free(t);
    b = next(c);
    assert_int_equal(rill_testsrc_read_number(&b), 22);
    assert_int_equal(rill_track_dropped(c), 0);
    rill_track_free(c);
}

static void a_clone_hears_every_block(void **state)
{
    (void)state;
    struct rill_pcm a, b;
    struct rill_track *t = track("sine"), *c = rill_track_clone(t);
    rill_track_start(c, START);
    for (int k = 0; k < 5; k++)
        assert_true(rill_track_pcm(t, START + RILL_SECOND, &a));
    for (int64_t k = 0; k < 5; k++) {
        assert_true(rill_track_pcm(c, START + RILL_SECOND, &b));
        assert_int_equal(b.time, START + k * 20 * RILL_MS);
    }
    assert_memory_equal(a.samples, b.samples, 960 * sizeof *a.samples);
    rill_track_free(c);
    rill_track_free(t);
}

/* --- a camera -------------------------------------------------------------------------- */

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * RILL_SECOND + t.tv_nsec / 1000;
}

static void a_silent_camera_mutes_its_track_and_a_lost_one_ends_it(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_track *t = NULL;
    struct fake_camera c = fake_camera();
    struct rill_v4l2_port port = fake_port(&c);
    struct rill_source_config config = {.name = "video", .v4l2 = &port};
    assert_int_equal(rill_track_open(&config, &t, NULL), 0);
    int64_t now = now_us();
    rill_track_start(t, now);
    assert_true(fake_shoot(&c, 1, FAKE_WHOLE));
    assert_true(rill_track_image(t, now, &image));
    assert_int_equal(rill_testsrc_read_number(&image), 1);
    /* It gives nothing for a second. */
    int64_t muted = rill_track_deadline(t);
    assert_int_equal(muted, now + RILL_SECOND);
    assert_false(rill_track_image(t, muted - 1, &image));
    assert_false(rill_track_state(t).muted);
    assert_true(rill_track_image(t, muted, &image));
    assert_true(is_black(&image));
    assert_true(rill_track_state(t).muted);
    /* And is back. */
    assert_true(fake_shoot(&c, 2, FAKE_WHOLE));
    assert_true(rill_track_image(t, muted + RILL_MS, &image));
    assert_int_equal(rill_testsrc_read_number(&image), 2);
    assert_false(rill_track_state(t).muted);
    /* And gone. */
    fake_unplug(&c);
    assert_true(rill_track_image(t, muted + 2 * RILL_MS, &image));
    assert_true(is_black(&image));
    assert_true(rill_track_state(t).ended);
    assert_row(rill_track_state(t).why.row->code, CAPTURE_DEVICE_LOST);
    image = next(t);
    assert_true(is_black(&image));
    rill_track_free(t);
}

/* --- replaceTrack ---------------------------------------------------------------------- */

static struct rill_sender *sender(const char *source)
{
    struct rill_sender *s = NULL;
    struct rill_sender_config config = {.source = source};
    assert_int_equal(rill_sender_new(&config, &s, NULL), 0);
    rill_sender_start(s, START);
    return s;
}

static struct rill_frame next_frame(struct rill_sender *s)
{
    struct rill_frame f;
    assert_true(rill_sender_frame(s, rill_sender_deadline(s), &f));
    return f;
}

static int replace(struct rill_sender *s, int64_t now, const char *name)
{
    return rill_sender_replace_track(s, now, &(struct rill_source_config){.name = name}, NULL);
}

static void a_replaced_track_begins_with_a_key_frame_and_its_times_go_on(void **state)
{
    (void)state;
    static const char *const turns[] = {"testsrc:size=128x96", "tests/data/media/clip.ivf",
                                        "tests/data/media/bars.y4m", "testsrc:size=160x120"};
    struct rill_sender *s = sender("testsrc:size=64x48");
    struct rill_frame f = next_frame(s);
    for (size_t i = 0; i < 4; i++) {
        for (int k = 0; k < 10; k++)
            f = next_frame(s);
        int64_t now = f.time + 10 * RILL_MS;
        assert_int_equal(replace(s, now, turns[i]), 0);
        uint32_t before = f.rtp_time;
        f = next_frame(s);
        assert_true(f.keyframe);
        assert_int_equal(f.time, now);
        assert_in_range(f.rtp_time - before, 899, 901); /* 10 ms */
    }
    assert_int_equal(f.width, 160);
    rill_sender_free(s);
}

static void sound_may_change_its_channels(void **state)
{
    (void)state;
    struct rill_sender *s = sender("sine");
    struct rill_frame f = next_frame(s);
    assert_int_equal(replace(s, START + 20 * RILL_MS, "tests/data/media/stereo.wav"), 0);
    f = next_frame(s);
    assert_int_equal(f.rtp_time, 960);
    assert_true(f.bytes.p[0] & 4); /* RFC 6716 §3.1: stereo */
    rill_sender_free(s);
}

static void a_track_of_another_kind_or_none_is_refused_and_the_old_one_stays(void **state)
{
    (void)state;
    struct rill_sender *s = sender("testsrc:size=64x48");
    (void)next_frame(s);
    assert_row(replace(s, START + 10 * RILL_MS, "sine"), MEDIA_OTHER_KIND);
    assert_row(replace(s, START + 10 * RILL_MS, "/nonexistent.y4m"), CAPTURE_OPEN);
    assert_row(replace(s, START + 10 * RILL_MS, ""), MEDIA_NO_SOURCE);
    struct rill_frame f = next_frame(s);
    assert_false(f.keyframe);
    assert_int_equal(f.time, START + RILL_SECOND / 30);
    rill_sender_free(s);
}

static void a_disabled_file_is_sent_as_black_and_comes_back_with_a_key_frame(void **state)
{
    (void)state;
    struct rill_vpx_decoder *d = NULL;
    struct rill_image image;
    struct rill_sender *s = sender("tests/data/media/clip.ivf");
    assert_int_equal(rill_vpx_decoder_new(RILL_CODEC_VP8, 1 << 20, &d), 0);
    struct rill_frame f = next_frame(s);
    assert_int_equal(rill_vpx_decode(d, f.bytes, &image), 1);
    rill_track_set_enabled(rill_sender_track(s), false);
    rill_sender_want_keyframe(s);
    assert_true(rill_sender_frame(s, START + 50 * RILL_MS, &f));
    assert_true(f.keyframe);
    assert_int_equal(rill_vpx_decode(d, f.bytes, &image), 1);
    assert_in_range(image.plane[0][0], 14, 18);
    rill_track_set_enabled(rill_sender_track(s), true);
    int passed = 0;
    while (!rill_sender_frame(s, rill_sender_deadline(s), &f))
        passed++;
    assert_true(f.keyframe);
    assert_int_equal(passed, 3); /* frames 2 to 4 build on frame 0 */
    rill_vpx_decoder_free(d);
    rill_sender_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disabled_track_of_pictures_gives_one_black_one_a_second),
        cmocka_unit_test(a_disabled_track_of_sound_is_silent_at_its_own_pace),
        cmocka_unit_test(a_stopped_track_has_ended_and_goes_on_in_black),
        cmocka_unit_test(a_file_that_ends_says_nothing_more),
        cmocka_unit_test(constraints_scale_and_thin_out),
        cmocka_unit_test(constraints_that_cannot_be_met_leave_the_settings),
        cmocka_unit_test(clones_see_the_same_pictures_with_settings_of_their_own),
        cmocka_unit_test(a_clone_hears_every_block),
        cmocka_unit_test(a_silent_camera_mutes_its_track_and_a_lost_one_ends_it),
        cmocka_unit_test(a_replaced_track_begins_with_a_key_frame_and_its_times_go_on),
        cmocka_unit_test(sound_may_change_its_channels),
        cmocka_unit_test(a_track_of_another_kind_or_none_is_refused_and_the_old_one_stays),
        cmocka_unit_test(a_disabled_file_is_sent_as_black_and_comes_back_with_a_key_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
