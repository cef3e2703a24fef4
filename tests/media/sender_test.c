/* The sender: times, key frames, what is dropped, what makes no sender. */
#include "tests/capture/fake_card_open.h"

#include "media/sender.h"

#define START 9000000
#define RTP_START 0xfffff000u

static struct rill_sender *sender(const char *source)
{
    struct rill_sender *s = NULL;
    struct rill_sender_config config = {.source = source, .rtp_time_start = RTP_START};
    assert_int_equal(rill_sender_new(&config, &s, NULL), 0);
    rill_sender_start(s, START);
    return s;
}

static struct rill_sender_stats stats_of(const struct rill_sender *s)
{
    struct rill_sender_stats stats;
    rill_sender_stats(s, &stats);
    return stats;
}

static struct rill_frame next(struct rill_sender *s)
{
    struct rill_frame f;
    assert_true(rill_sender_frame(s, rill_sender_deadline(s), &f));
    return f;
}

static void pictures_are_timed_at_90_kilohertz(void **state)
{
    (void)state;
    struct rill_sender *s = sender("testsrc:size=64x48");
    assert_int_equal(rill_sender_codec(s), RILL_CODEC_VP8);
    for (uint32_t k = 0; k < 100; k++) {
        struct rill_frame f = next(s);
        /* Exactly 3000 a picture, and through the wrap. */
        assert_int_equal(f.rtp_time, (uint32_t)(RTP_START + k * 3000));
        assert_int_equal(f.time, START + (int64_t)k * RILL_SECOND / 30);
        assert_int_equal(f.kind, RILL_VIDEO);
        assert_int_equal(f.codec, RILL_CODEC_VP8);
    }
    rill_sender_free(s);
}

static void sound_is_timed_at_48_kilohertz(void **state)
{
    (void)state;
    struct rill_sender *s = sender("sine");
    assert_int_equal(rill_sender_codec(s), RILL_CODEC_OPUS);
    for (uint32_t k = 0; k < 100; k++) {
        struct rill_frame f = next(s);
        assert_int_equal(f.rtp_time, (uint32_t)(RTP_START + k * 960));
        assert_int_equal(f.time, START + k * 20 * RILL_MS);
        assert_int_equal(f.kind, RILL_AUDIO);
        assert_int_equal(rill_opus_packet_frames(f.bytes), 960);
    }
    rill_sender_free(s);
}

/* A microphone whose clock is not ours and that tells of its sound unevenly: RFC 7587 §4.1 counts
 * samples, so that no packet overlaps the one before. */
static void sound_of_a_microphone_counts_its_samples(void **state)
{
    struct rill_frame f = {0};
    uint32_t n = 0, first = 0;
    (void)state;
    fake_card_configure("/dev/null", "/dev/null");
    fake_card = (struct fake_card){
        .now = START, .rate_hz = 48000, .channels = 1, .tone_hz = 500, .ppm = 300};
    struct rill_sender *s = sender("alsa:card");
    for (uint32_t k = 0; k < 1000; k++) {
        fake_card.now += 10 * RILL_MS;
        fake_card.lag = k * 7919 % 9 * RILL_MS;
        while (rill_sender_frame(s, fake_card.now, &f)) {
            first = n == 0 ? f.rtp_time : first;
            assert_int_equal(f.rtp_time - first, n++ * 960);
        }
    }
    assert_in_range(n, 497, 501);
    /* Silence that is 300 ms long is as long in RTP time. */
    uint32_t before = f.rtp_time;
    int64_t time = f.time;
    fake_card.now += 300 * RILL_MS;
    while (rill_sender_frame(s, fake_card.now, &f)) {
    }
    assert_in_range((f.rtp_time - before) / 48, (f.time - time) / 1000 - 11,
                    (f.time - time) / 1000 + 11);
    rill_sender_free(s);
}

static void frames_of_a_file_keep_its_times(void **state)
{
    (void)state;
    struct rill_sender *s = sender("tests/data/media/clip.ivf");
    for (uint32_t k = 0; k < 10; k++) {
        struct rill_frame f = next(s);
        assert_int_equal(f.rtp_time, (uint32_t)(RTP_START + k * 3000));
        assert_int_equal(f.keyframe, k % 5 == 0);
    }
    assert_int_equal(stats_of(s).keyframes, 2);
    rill_sender_free(s);
}

static void a_picture_dropped_by_a_late_caller_leaves_a_gap_in_time(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_sender *s = sender("testsrc:size=64x48:rate=10");
    next(s);
    assert_true(rill_sender_frame(s, START + RILL_SECOND, &f));
    assert_int_equal(f.rtp_time, (uint32_t)(RTP_START + 90000));
    assert_int_equal(stats_of(s).dropped, 9);
    assert_false(rill_sender_frame(s, START + RILL_SECOND, &f));
    rill_sender_free(s);
}

static void sound_catches_up_packet_by_packet(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_sender *s = sender("sine");
    for (uint32_t k = 0; k <= 50; k++) {
        assert_true(rill_sender_frame(s, START + RILL_SECOND, &f));
        assert_int_equal(f.rtp_time, (uint32_t)(RTP_START + k * 960));
    }
    assert_false(rill_sender_frame(s, START + RILL_SECOND, &f));
    assert_int_equal(stats_of(s).dropped, 0);
    rill_sender_free(s);
}

static void the_next_picture_is_a_key_frame_when_one_is_wanted(void **state)
{
    (void)state;
    struct rill_sender *s = sender("testsrc:size=64x48");
    assert_true(next(s).keyframe);
    assert_false(next(s).keyframe);
    rill_sender_want_keyframe(s);
    assert_true(next(s).keyframe);
    assert_false(next(s).keyframe);
    struct rill_sender_stats stats = stats_of(s);
    assert_int_equal(stats.frames, 4);
    assert_int_equal(stats.keyframes, 2);
    rill_sender_free(s);
}

static void a_file_goes_on_at_its_next_key_frame_when_one_is_wanted(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_sender *s = sender("tests/data/media/clip.ivf");
    assert_true(next(s).keyframe);
    next(s);
    rill_sender_want_keyframe(s);
    for (int k = 2; k < 5; k++)
        assert_false(rill_sender_frame(s, rill_sender_deadline(s), &f));
    f = next(s);
    assert_true(f.keyframe);
    assert_int_equal(f.rtp_time, (uint32_t)(RTP_START + 5 * 3000));
    assert_int_equal(stats_of(s).dropped, 3);
    assert_false(next(s).keyframe);
    rill_sender_free(s);
}

static size_t bytes_of(struct rill_sender *s, int n)
{
    size_t bytes = 0;
    while (n-- > 0)
        bytes += next(s).bytes.n;
    return bytes;
}

static void sound_follows_a_change_of_bitrate(void **state)
{
    (void)state;
    struct rill_sender *s = sender("sine:channels=2");
    rill_sender_set_bitrate(s, 128000);
    size_t high = bytes_of(s, 100);
    rill_sender_set_bitrate(s, 16000);
    assert_true(bytes_of(s, 100) < high / 2);
    rill_sender_free(s);
}

static void nothing_comes_after_a_file_that_does_not_loop(void **state)
{
    (void)state;
    struct rill_frame f;
    struct rill_sender *s = sender("tests/data/media/clip.ivf:loop=0");
    for (int k = 0; k < 10; k++)
        next(s);
    assert_int_equal(rill_sender_deadline(s), RILL_NEVER);
    assert_false(rill_sender_frame(s, START + RILL_SECOND, &f));
    rill_sender_free(s);
}

static void a_file_keeps_its_codec_and_others_take_its_place_in_theirs_alone(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct rill_sender *s = sender("tests/data/media/clip.ivf");
    assert_false(rill_sender_set_codec(s, RILL_CODEC_VP9));
    assert_int_equal(rill_sender_codec(s), RILL_CODEC_VP8);
    rill_sender_free(s);
    s = sender("testsrc:size=64x48");
    assert_false(rill_sender_set_codec(s, RILL_CODEC_H264));
    assert_false(rill_sender_set_codec(s, RILL_CODEC_OPUS));
    assert_true(rill_sender_set_codec(s, RILL_CODEC_VP9));
    struct rill_frame f = next(s);
    assert_true(f.keyframe && f.codec == RILL_CODEC_VP9);
    struct rill_source_config clip = {.name = "tests/data/media/clip.ivf"};
    assert_row(rill_sender_replace_track(s, START, &clip, &why), MEDIA_OTHER_CODEC);
    rill_sender_free(s);
}

static void no_name_makes_no_sender(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, ""};
    for (size_t i = 0; i < 2; i++) {
        struct rill_sender *s = NULL;
        struct rill_err why = {0};
        struct rill_sender_config config = {.source = names[i]};
        assert_row(rill_sender_new(&config, &s, &why), MEDIA_NO_SOURCE);
        assert_string_equal(why.row->name, "MEDIA_NO_SOURCE");
        assert_null(s);
    }
}

static void a_source_that_is_refused_makes_no_sender_and_says_why(void **state)
{
    (void)state;
    struct rill_sender *s = NULL;
    struct rill_err why = {0};
    assert_row(rill_sender_new(&(struct rill_sender_config){.source = "film.mp4"}, &s, &why),
               CAPTURE_NAME);
    assert_string_equal(why.row->name, "CAPTURE_NAME");
}

/* --- simulcast -------------------------------------------------------------------------------- */

static const struct rill_encoding three[] = {
    {.active = true, .scale_resolution_down_by = 1, .bitrate_bps = 600000},
    {.active = true, .scale_resolution_down_by = 2, .bitrate_bps = 200000},
    {.active = true, .scale_resolution_down_by = 4, .bitrate_bps = 80000},
};

static struct rill_sender *simulcast(void)
{
    struct rill_sender *s = sender("testsrc:size=320x240");
    for (size_t i = 0; i < 3; i++)
        assert_true(rill_sender_set_encoding(s, i, &three[i]));
    return s;
}

static void one_picture_gives_a_frame_of_each_encoding_at_its_size(void **state)
{
    (void)state;
    struct rill_sender *s = simulcast();
    struct rill_vpx_decoder *decoders[3];
    struct rill_image image;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(rill_vpx_decoder_new(RILL_CODEC_VP8, 320 * 240, &decoders[i]), 0);
    for (int32_t k = 0; k < 5; k++) {
        int64_t now = rill_sender_deadline(s);
        struct rill_frame f;
        for (size_t i = 0; i < 3; i++) {
            assert_true(rill_sender_frame(s, now, &f));
            assert_int_equal(f.encoding, i);
            assert_int_equal(f.keyframe, k == 0);
            assert_int_equal(f.rtp_time, (uint32_t)(RTP_START + (uint32_t)k * 3000));
            assert_int_equal(rill_vpx_decode(decoders[i], f.bytes, &image), 1);
            assert_int_equal(image.width, 320 >> i);
            assert_int_equal(image.height, 240 >> i);
            if (i < 2)
                assert_int_equal(rill_testsrc_read_number(&image), k);
        }
        assert_false(rill_sender_frame(s, now, &f));
    }
    for (size_t i = 0; i < 3; i++)
        rill_vpx_decoder_free(decoders[i]);
    rill_sender_free(s);
}

static void one_that_is_not_active_is_not_encoded_and_comes_back_with_a_key_frame(void **state)
{
    (void)state;
    struct rill_sender *s = simulcast();
    struct rill_encoding off = three[0];
    off.active = false;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(next(s).encoding, i);
    assert_true(rill_sender_set_encoding(s, 0, &off));
    assert_int_equal(next(s).encoding, 1);
    assert_int_equal(next(s).encoding, 2);
    assert_true(rill_sender_set_encoding(s, 0, &three[0]));
    struct rill_frame f = next(s);
    assert_int_equal(f.encoding, 0);
    assert_true(f.keyframe);
    assert_false(next(s).keyframe);
    rill_sender_free(s);
}

static void a_key_frame_is_of_the_encoding_that_wants_one(void **state)
{
    (void)state;
    struct rill_sender *s = simulcast();
    for (size_t i = 0; i < 3; i++)
        assert_true(next(s).keyframe);
    rill_sender_want_keyframe_of(s, 1);
    assert_false(next(s).keyframe);
    assert_true(next(s).keyframe);
    assert_false(next(s).keyframe);
    rill_sender_free(s);
}

static void what_the_other_side_can_bear_limits_size_and_rate(void **state)
{
    (void)state;
    struct rill_sender *s = sender("testsrc:size=320x240");
    struct rill_encoding limited = {
        .active = true, .scale_resolution_down_by = 1, .max_width = 160, .max_fps = 10};
    assert_true(rill_sender_set_encoding(s, 0, &limited));
    size_t frames = 0;
    struct rill_frame f;
    for (size_t k = 0; k < 30; k++)
        if (rill_sender_frame(s, rill_sender_deadline(s), &f)) {
            frames++;
            assert_true(!f.keyframe || (f.width == 160 && f.height == 120));
        }
    assert_int_equal(frames, 10);
    rill_sender_free(s);
}

static void what_is_no_encoding_is_refused(void **state)
{
    struct rill_encoding up = {.active = true, .scale_resolution_down_by = 0.5};
    (void)state;
    struct rill_sender *s = sender("testsrc:size=64x48"), *sound = sender("sine");
    assert_false(rill_sender_set_encoding(s, 0, &up));
    assert_false(rill_sender_set_encoding(s, 2, &three[0]));
    for (size_t i = 1; i < RILL_MEDIA_ENCODINGS_MAX; i++)
        assert_true(rill_sender_set_encoding(s, i, &three[0]));
    assert_false(rill_sender_set_encoding(s, RILL_MEDIA_ENCODINGS_MAX, &three[0]));
    assert_false(rill_sender_set_encoding(sound, 0, &three[0]));
    rill_sender_free(s);
    rill_sender_free(sound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_timed_at_90_kilohertz),
        cmocka_unit_test(sound_is_timed_at_48_kilohertz),
        cmocka_unit_test(sound_of_a_microphone_counts_its_samples),
        cmocka_unit_test(frames_of_a_file_keep_its_times),
        cmocka_unit_test(a_picture_dropped_by_a_late_caller_leaves_a_gap_in_time),
        cmocka_unit_test(sound_catches_up_packet_by_packet),
        cmocka_unit_test(the_next_picture_is_a_key_frame_when_one_is_wanted),
        cmocka_unit_test(a_file_goes_on_at_its_next_key_frame_when_one_is_wanted),
        cmocka_unit_test(sound_follows_a_change_of_bitrate),
        cmocka_unit_test(nothing_comes_after_a_file_that_does_not_loop),
        cmocka_unit_test(a_file_keeps_its_codec_and_others_take_its_place_in_theirs_alone),
        cmocka_unit_test(no_name_makes_no_sender),
        cmocka_unit_test(a_source_that_is_refused_makes_no_sender_and_says_why),
        cmocka_unit_test(one_picture_gives_a_frame_of_each_encoding_at_its_size),
        cmocka_unit_test(one_that_is_not_active_is_not_encoded_and_comes_back_with_a_key_frame),
        cmocka_unit_test(a_key_frame_is_of_the_encoding_that_wants_one),
        cmocka_unit_test(what_the_other_side_can_bear_limits_size_and_rate),
        cmocka_unit_test(what_is_no_encoding_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
