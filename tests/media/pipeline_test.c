/* Sender to receiver, with the real coders between: what is burnt in and what is heard comes
 * out again. */
#include "tests/capture/temp_file.h"

#include "media/receiver.h"
#include "media/sender.h"

#define START 7000000

static struct rill_sender *sender(const char *source, uint32_t bitrate_bps)
{
    struct rill_sender *s = NULL;
    struct rill_sender_config config = {
        .source = source, .bitrate_bps = bitrate_bps, .rtp_time_start = 0xffffff00};
    assert_int_equal(rill_sender_new(&config, &s, NULL), 0);
    rill_sender_start(s, START);
    return s;
}

static struct rill_output *kept; /* by the receiver, when a path was given */

static struct rill_receiver *receiver(enum rill_codec_id codec, const char *path)
{
    struct rill_receiver *r = NULL;
    kept = NULL;
    if (path)
        assert_int_equal(rill_output_new(path, 1, &kept, NULL), 0);
    struct rill_receiver_config config = {
        .codec = codec, .outputs = &kept, .n_outputs = path ? 1 : 0};
    assert_int_equal(rill_receiver_new(&config, &r, NULL), 0);
    return r;
}

static void finish(struct rill_receiver *r)
{
    rill_receiver_end(r, START);
    rill_receiver_free(r);
    assert_int_equal(rill_output_close(kept, NULL), 0);
    rill_output_free(kept);
}

/* n frames from one to the other, each at its deadline. */
static void run(struct rill_sender *s, struct rill_receiver *r, int n)
{
    struct rill_frame f;
    for (int k = 0; k < n; k++) {
        int64_t now = rill_sender_deadline(s);
        assert_true(rill_sender_frame(s, now, &f));
        assert_int_equal(rill_receiver_frame(r, now + 40 * RILL_MS, &f), 0);
    }
}

static struct rill_receiver_stats stats_of(struct rill_receiver *r)
{
    struct rill_receiver_stats stats;
    rill_receiver_end(r, START);
    rill_receiver_stats(r, &stats);
    return stats;
}

static void assert_numbers(const char *source, uint32_t bitrate_bps, uint32_t width,
                           uint32_t height)
{
    struct rill_sender *s = sender(source, bitrate_bps);
    struct rill_receiver *r = receiver(RILL_CODEC_VP8, NULL);
    run(s, r, 100);
    struct rill_receiver_stats stats = stats_of(r);
    assert_int_equal(stats.decoded, 100);
    assert_int_equal(stats.numbers, 100);
    assert_int_equal(stats.number_first, 0);
    assert_int_equal(stats.number_last, 99);
    assert_int_equal(stats.number_gaps, 0);
    assert_int_equal(stats.width, width);
    assert_int_equal(stats.height, height);
    assert_int_equal(stats.first, START + 40 * RILL_MS);
    rill_receiver_free(r);
    rill_sender_free(s);
}

static void every_number_is_read_at_640x480_and_800_kilobits(void **state)
{
    (void)state;
    assert_numbers("testsrc", 800000, 640, 480);
}

static void every_number_is_read_at_320x240_and_200_kilobits(void **state)
{
    (void)state;
    assert_numbers("testsrc:size=320x240", 200000, 320, 240);
}

static void every_number_is_read_at_160x120_and_100_kilobits(void **state)
{
    (void)state;
    assert_numbers("testsrc:size=160x120", 100000, 160, 120);
}

static void every_number_is_read_at_odd_sizes(void **state)
{
    (void)state;
    assert_numbers("testsrc:size=321x241", 300000, 321, 241);
    assert_numbers("testsrc:size=161x121:rate=15", 100000, 161, 121);
}

static void assert_tone(const char *source, uint32_t hz)
{
    struct rill_sender *s = sender(source, 0);
    struct rill_receiver *r = receiver(RILL_CODEC_OPUS, NULL);
    run(s, r, 60);
    struct rill_receiver_stats stats = stats_of(r);
    assert_in_range(stats.tone_hz, hz - 5, hz + 5);
    assert_int_equal(stats.samples, 60 * 960);
    assert_int_equal(stats.concealed, 0);
    rill_receiver_free(r);
    rill_sender_free(s);
}

static void tones_are_measured_after_opus(void **state)
{
    (void)state;
    assert_tone("sine", 440);
    assert_tone("sine:frequency=100", 100);
    assert_tone("sine:frequency=1000:channels=2", 1000);
    assert_tone("sine:frequency=3999:volume=5", 3999);
    assert_tone("tests/data/media/mono.wav", 440);
    assert_tone("tests/data/media/stereo.wav", 1000);
}

static void silence_has_no_tone(void **state)
{
    (void)state;
    struct rill_sender *s = sender("sine:volume=0", 0);
    struct rill_receiver *r = receiver(RILL_CODEC_OPUS, NULL);
    run(s, r, 60);
    assert_int_equal(stats_of(r).tone_hz, 0);
    rill_receiver_free(r);
    rill_sender_free(s);
}

/* --- y4m → VP8 → picture ------------------------------------------------------------------- */

static void a_y4m_comes_back_alike(void **state)
{
    (void)state;
    struct rill_source *s = NULL;
    struct rill_vpx_encoder *e = NULL;
    struct rill_vpx_decoder *d = NULL;
    struct rill_vpx_encoder_config config = {64, 48, 500000, 30, 1, RILL_CODEC_VP8};
    assert_int_equal(
        rill_source_open(&(struct rill_source_config){.name = "tests/data/media/bars.y4m"}, &s,
                         NULL),
        0);
    assert_int_equal(rill_vpx_encoder_new(&config, &e), 0);
    assert_int_equal(rill_vpx_decoder_new(RILL_CODEC_VP8, 64 * 48, &d), 0);
    rill_source_start(s, START);
    for (int k = 0; k < 30; k++) {
        struct rill_image image;
        struct rill_image out;
        struct rill_frame f;
        assert_true(rill_source_image(s, rill_source_deadline(s), &image));
        assert_int_equal(rill_vpx_encode(e, &image, false, &f), 1);
        assert_int_equal(rill_vpx_decode(d, f.bytes, &out), 1);
        uint64_t square = 0;
        for (size_t y = 0; y < 48; y++)
            for (size_t x = 0; x < 64; x++) {
                int diff = image.plane[0][y * 64 + x] - out.plane[0][y * out.stride[0] + x];
                square += (uint64_t)(diff * diff);
            }
        /* 30 dB: a mean square error of 65. */
        assert_true(square / (64 * 48) < 65);
    }
    rill_source_free(s);
    rill_vpx_encoder_free(e);
    rill_vpx_decoder_free(d);
}

/* --- what is kept -------------------------------------------------------------------------- */

static void a_recording_plays_again_number_for_number(void **state)
{
    (void)state;
    const char *path = temp_path("again.ivf");
    struct rill_sender *s = sender("testsrc:size=160x120", 200000);
    struct rill_receiver *r = receiver(RILL_CODEC_VP8, path);
    run(s, r, 50);
    finish(r);
    rill_sender_free(s);
    assert_string_equal(temp_run("ffprobe -v error -count_frames -show_entries "
                                 "stream=codec_name,width,height,nb_read_frames -of csv=p=0 %s",
                                 path),
                        "vp8,160,120,50");
    s = sender(path, 0);
    r = receiver(RILL_CODEC_VP8, NULL);
    run(s, r, 50);
    struct rill_receiver_stats stats = stats_of(r);
    assert_int_equal(stats.numbers, 50);
    assert_int_equal(stats.number_last, 49);
    assert_int_equal(stats.number_gaps, 0);
    rill_receiver_free(r);
    rill_sender_free(s);
}

static void recorded_sound_is_what_was_sent(void **state)
{
    (void)state;
    const char *path = temp_path("sound.ogg");
    struct rill_sender *s = sender("sine:frequency=1000", 0);
    struct rill_receiver *r = receiver(RILL_CODEC_OPUS, path);
    run(s, r, 100);
    finish(r);
    rill_sender_free(s);
    const char *bytes = temp_run("ffmpeg -v error -i %s -f s16le -ac 1 - | wc -c", path);
    /* Two seconds, 2 bytes a sample, but for the pre-skip. */
    assert_in_range(strtoul(bytes, NULL, 10), (96000 - 960) * 2, 96000 * 2);
    char wav[400];
    snprintf(wav, sizeof wav, "%s", temp_path("sound.wav"));
    char command[1000];
    snprintf(command, sizeof command, "ffmpeg -v error -y -i %%s -c:a pcm_s16le %s", wav);
    temp_run(command, path);
    assert_tone(wav, 1000);
}

static void the_snapshot_is_the_last_picture(void **state)
{
    (void)state;
    const char *path = temp_path("last.png");
    struct rill_sender *s = sender("testsrc:size=320x240", 400000);
    struct rill_receiver *r = receiver(RILL_CODEC_VP8, path);
    run(s, r, 20);
    finish(r);
    rill_sender_free(s);
    /* Back to luma by another program, to read the number in it. */
    char raw[400];
    snprintf(raw, sizeof raw, "%s", temp_path("last.yuv"));
    char command[1000];
    snprintf(command, sizeof command, "ffmpeg -v error -y -i %%s -pix_fmt yuv420p -f rawvideo %s",
             raw);
    temp_run(command, path);
    static uint8_t pixels[320 * 240 * 2];
    assert_int_equal(temp_read(raw, pixels, sizeof pixels).n, 320 * 240 * 3 / 2);
    struct rill_image image = rill_image_over(pixels, 320, 240);
    assert_int_equal(rill_testsrc_read_number(&image), 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_read_at_640x480_and_800_kilobits),
        cmocka_unit_test(every_number_is_read_at_320x240_and_200_kilobits),
        cmocka_unit_test(every_number_is_read_at_160x120_and_100_kilobits),
        cmocka_unit_test(every_number_is_read_at_odd_sizes),
        cmocka_unit_test(tones_are_measured_after_opus),
        cmocka_unit_test(silence_has_no_tone),
        cmocka_unit_test(a_y4m_comes_back_alike),
        cmocka_unit_test(a_recording_plays_again_number_for_number),
        cmocka_unit_test(recorded_sound_is_what_was_sent),
        cmocka_unit_test(the_snapshot_is_the_last_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
