/* figures_test: what the statistics count: levels, rates, freezes, limits. */
#include "media/level.h"
#include "media/per_second.h"
#include "media/playback.h"
#include "media/quality.h"
#include "media/sender.h"
#include "tests/rill_test.h"

#include <math.h>

#define FRAME 33333

/* --- levels ----------------------------------------------------------------------------- */

static int16_t samples[960 * 2];

static struct rill_pcm sound(uint8_t channels, size_t frames)
{
    return (struct rill_pcm){
        .samples = samples, .frames = frames, .rate_hz = 48000, .channels = channels};
}

static void a_square_wave_of_half_height_is_half_as_loud_as_can_be(void **state)
{
    (void)state;
    struct rill_level l = {0};
    for (size_t i = 0; i < 960; i++)
        samples[i] = i % 2 ? 16384 : -16384;
    struct rill_pcm pcm = sound(1, 480);
    rill_level_take(&l, &pcm);
    assert_true(fabs(l.last - 0.5) < 1e-9);
    /* The example of webrtc-stats: 10 ms at 0.5 add 0.0025, at 0.1 they add 0.0001. */
    assert_true(fabs(l.total_energy - 0.0025) < 1e-9);
    assert_true(fabs(l.total_duration - 0.01) < 1e-9);
    assert_int_equal(rill_level_dbov(&l), 6);
}

static void of_several_channels_the_loudest_counts(void **state)
{
    (void)state;
    struct rill_level l = {0};
    memset(samples, 0, sizeof samples);
    for (size_t i = 0; i < 480; i++)
        samples[2 * i + 1] = -32768;
    struct rill_pcm pcm = sound(2, 480);
    rill_level_take(&l, &pcm);
    assert_true(fabs(l.last - 1) < 1e-9);
    assert_int_equal(rill_level_dbov(&l), 0);
}

static void silence_is_127_below_the_loudest(void **state)
{
    (void)state;
    struct rill_level l = {0};
    assert_int_equal(rill_level_dbov(&l), 127);
    memset(samples, 0, sizeof samples);
    struct rill_pcm pcm = sound(1, 480);
    rill_level_take(&l, &pcm);
    assert_int_equal(rill_level_dbov(&l), 127);
    samples[0] = 1; /* one bit of 15, once in 480: -117 dB */
    rill_level_take(&l, &pcm);
    assert_int_equal(rill_level_dbov(&l), 117);
}

/* --- rates ------------------------------------------------------------------------------ */

static void what_came_in_the_last_second_is_counted(void **state)
{
    (void)state;
    struct rill_per_second p = {.n = 0};
    assert_int_equal(rill_per_second_count(&p, 0), 0);
    for (int64_t k = 0; k < 90; k++)
        rill_per_second_add(&p, k * FRAME);
    assert_int_equal(rill_per_second_count(&p, 89 * FRAME), 31); /* 30.0003 a second */
    assert_int_equal(rill_per_second_count(&p, 89 * FRAME + RILL_SECOND), 0);
    for (int64_t k = 0; k < 500; k++)
        rill_per_second_add(&p, 100 * RILL_SECOND + k);
    assert_int_equal(rill_per_second_count(&p, 100 * RILL_SECOND + 500), RILL_PER_SECOND_MAX);
}

/* --- freezes ---------------------------------------------------------------------------- */

static struct rill_playback even(int frames)
{
    struct rill_playback p = {.frames = 0};
    for (int k = 0; k < frames; k++)
        rill_playback_shown(&p, (int64_t)k * FRAME);
    return p;
}

static void even_pictures_never_freeze(void **state)
{
    (void)state;
    struct rill_playback p = even(60);
    assert_int_equal(p.frames, 60);
    assert_int_equal(p.freezes, 0);
    assert_int_equal(p.inter_frame_delay, 59 * FRAME);
    assert_true(fabs(p.inter_frame_delay_squared - 59 * 0.033333 * 0.033333) < 1e-9);
}

static void a_gap_of_the_mean_and_150_ms_is_a_freeze(void **state)
{
    (void)state;
    struct rill_playback p = even(60);
    int64_t gap = FRAME + (int64_t)150 * RILL_MS * 30 / 29 + 10; /* it is one of the 30 itself */
    rill_playback_shown(&p, 59 * FRAME + gap - 20);
    assert_int_equal(p.freezes, 0);
    p = even(60);
    rill_playback_shown(&p, 59 * FRAME + gap);
    assert_int_equal(p.freezes, 1);
    assert_int_equal(p.frozen, gap);
}

static void slow_pictures_freeze_at_three_times_their_mean(void **state)
{
    (void)state;
    struct rill_playback p = {.frames = 0};
    for (int k = 0; k < 10; k++)
        rill_playback_shown(&p, (int64_t)k * RILL_SECOND);
    /* Three times the mean of nine of them and itself. */
    int64_t gap = 27 * RILL_SECOND / 7 + 1;
    rill_playback_shown(&p, 9 * RILL_SECOND + gap - 10);
    assert_int_equal(p.freezes, 0);
    p = (struct rill_playback){.frames = 0};
    for (int k = 0; k < 10; k++)
        rill_playback_shown(&p, (int64_t)k * RILL_SECOND);
    rill_playback_shown(&p, 9 * RILL_SECOND + gap);
    assert_int_equal(p.freezes, 1);
}

static void the_first_pictures_have_no_mean(void **state)
{
    (void)state;
    struct rill_playback p = even(4);
    rill_playback_shown(&p, 3 * FRAME + RILL_SECOND);
    assert_int_equal(p.freezes, 0);
    p = even(5);
    rill_playback_shown(&p, 4 * FRAME + RILL_SECOND);
    assert_int_equal(p.freezes, 1);
}

static void more_than_five_seconds_are_a_pause_and_no_freeze(void **state)
{
    (void)state;
    struct rill_playback p = even(60);
    rill_playback_shown(&p, 59 * FRAME + 5 * RILL_SECOND + 1);
    assert_int_equal(p.freezes, 0);
    assert_int_equal(p.pauses, 1);
    assert_int_equal(p.paused, 5 * RILL_SECOND + 1);
}

/* --- limits ----------------------------------------------------------------------------- */

static void a_reason_counts_for_a_second_after_what_was_dropped(void **state)
{
    (void)state;
    struct rill_quality q = {.started = false};
    rill_quality_step(&q, 0);
    rill_quality_dropped(&q, 2 * RILL_SECOND, RILL_QUALITY_CPU);
    assert_int_equal(q.reason, RILL_QUALITY_CPU);
    rill_quality_step(&q, 3 * RILL_SECOND);
    assert_int_equal(q.reason, RILL_QUALITY_NONE);
    rill_quality_step(&q, 4 * RILL_SECOND);
    assert_int_equal(q.durations[RILL_QUALITY_NONE], 3 * RILL_SECOND);
    assert_int_equal(q.durations[RILL_QUALITY_CPU], RILL_SECOND);
}

static void bandwidth_comes_before_the_cpu(void **state)
{
    (void)state;
    struct rill_quality q = {.started = false};
    rill_quality_dropped(&q, 0, RILL_QUALITY_BANDWIDTH);
    rill_quality_dropped(&q, 0, RILL_QUALITY_CPU);
    assert_int_equal(q.reason, RILL_QUALITY_BANDWIDTH);
}

/* --- a sender's ------------------------------------------------------------------------- */

static int64_t clock_us;
static int64_t ticking(void)
{
    return clock_us += 7;
}

static struct rill_sender_stats run(const char *source, uint32_t bitrate_bps, int frames)
{
    struct rill_sender *s = NULL;
    struct rill_sender_stats stats;
    struct rill_frame f;
    struct rill_sender_config config = {
        .source = source, .clock = ticking, .bitrate_bps = bitrate_bps};
    assert_int_equal(rill_sender_new(&config, &s, NULL), 0);
    rill_sender_start(s, 0);
    for (int64_t now = 0; frames > 0; now = rill_sender_deadline(s), frames--)
        while (rill_sender_frame(s, now, &f))
            ;
    rill_sender_stats(s, &stats);
    rill_sender_free(s);
    return stats;
}

static void a_sender_tells_of_its_source_and_of_each_encoding(void **state)
{
    (void)state;
    struct rill_sender_stats s = run("testsrc:size=320x240:rate=30", 800000, 45);
    const struct rill_encoding_stats *e = &s.encodings[0];
    assert_int_equal(s.source_frames, 45);
    assert_int_equal(s.source_per_second, 30);
    assert_int_equal(s.width, 320);
    assert_int_equal(s.n_encodings, 1);
    assert_int_equal(e->frames, 45);
    assert_int_equal(e->keyframes, 1);
    assert_int_equal(e->width, 320);
    assert_int_equal(e->height, 240);
    assert_int_equal(e->per_second, 30);
    assert_int_equal(e->target_bps, 800000);
    assert_int_equal(e->target_bytes, 45 * (800000 / 8 / 30));
    assert_int_equal(e->encode_us, 45 * 7);
    assert_true(e->qp_sum > 0 && e->qp_sum <= 45 * 127);
    assert_int_equal(e->limitation, RILL_QUALITY_NONE);
}

static void pictures_that_the_bit_rate_does_not_carry_limit_it(void **state)
{
    (void)state;
    struct rill_sender_stats s = run("testsrc:size=640x480:rate=30", 30000, 60);
    const struct rill_encoding_stats *e = &s.encodings[0];
    assert_true(e->frames < 60);
    assert_int_equal(e->limitation, RILL_QUALITY_BANDWIDTH);
    assert_true(e->limited_us[RILL_QUALITY_BANDWIDTH] > 0);
    assert_true(e->huge > 0); /* the first, which is a key frame */
}

static void a_tone_has_the_level_of_a_sine(void **state)
{
    (void)state;
    struct rill_sender_stats s = run("sine:frequency=500", 0, 50);
    assert_int_equal(s.target_bps, 48000);
    assert_true(fabs(s.total_samples_duration - 1.0) < 0.03);
    double mean = sqrt(s.total_audio_energy / s.total_samples_duration);
    assert_true(fabs(mean - s.audio_level) < 0.01 && mean > 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_square_wave_of_half_height_is_half_as_loud_as_can_be),
        cmocka_unit_test(of_several_channels_the_loudest_counts),
        cmocka_unit_test(silence_is_127_below_the_loudest),
        cmocka_unit_test(what_came_in_the_last_second_is_counted),
        cmocka_unit_test(even_pictures_never_freeze),
        cmocka_unit_test(a_gap_of_the_mean_and_150_ms_is_a_freeze),
        cmocka_unit_test(slow_pictures_freeze_at_three_times_their_mean),
        cmocka_unit_test(the_first_pictures_have_no_mean),
        cmocka_unit_test(more_than_five_seconds_are_a_pause_and_no_freeze),
        cmocka_unit_test(a_reason_counts_for_a_second_after_what_was_dropped),
        cmocka_unit_test(bandwidth_comes_before_the_cpu),
        cmocka_unit_test(a_sender_tells_of_its_source_and_of_each_encoding),
        cmocka_unit_test(pictures_that_the_bit_rate_does_not_carry_limit_it),
        cmocka_unit_test(a_tone_has_the_level_of_a_sine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
