/* The receiver: gaps, damage, refusals, and files that cannot be written. */
#include "tests/capture/temp_file.h"

#include "capture/errors.h"
#include "capture/file.h"
#include "media/receiver.h"
#include "media/sender.h"

#include <math.h>

#define NOW 3000000

static struct rill_receiver *receiver(const struct rill_receiver_config *config)
{
    struct rill_receiver *r = NULL;
    assert_int_equal(rill_receiver_new(config, &r, NULL), 0);
    return r;
}

static struct rill_receiver *audio_receiver(void)
{
    return receiver(&(struct rill_receiver_config){.codec = RILL_CODEC_OPUS});
}

static struct rill_receiver *video_receiver(void)
{
    return receiver(&(struct rill_receiver_config){.codec = RILL_CODEC_VP8});
}

/* Once what waits is decoded. */
static struct rill_receiver_stats stats_of(struct rill_receiver *r)
{
    struct rill_receiver_stats stats;
    rill_receiver_end(r, NOW);
    rill_receiver_stats(r, &stats);
    return stats;
}

/* --- sound --------------------------------------------------------------------------------- */

static struct rill_opus_encoder *voice;
static uint32_t voice_block;

static int hum_begins(void **state)
{
    (void)state;
    voice_block = 0;
    return rill_opus_encoder_new(1, 48000, &voice);
}

static int hum_ends(void **state)
{
    (void)state;
    rill_opus_encoder_free(voice);
    return 0;
}

/* The next 20 ms of a tone of 440 Hz. */
static struct rill_frame hum(uint32_t rtp_time)
{
    static uint8_t packet[1275];
    static int16_t samples[960];
    for (uint32_t i = 0; i < 960; i++)
        samples[i] =
            (int16_t)lrint(8000 * sin(6.283185307179586 * 440 * (voice_block * 960 + i) / 48000));
    voice_block++;
    struct rill_pcm pcm = {.samples = samples, .frames = 960, .rate_hz = 48000, .channels = 1};
    int n = rill_opus_encode(voice, &pcm, (struct rill_span){packet, sizeof packet});
    assert_true(n > 0);
    return (struct rill_frame){.kind = RILL_AUDIO,
                               .codec = RILL_CODEC_OPUS,
                               .bytes = rill_view_at(packet, (size_t)n),
                               .rtp_time = rtp_time};
}

static int hear(struct rill_receiver *r, uint32_t rtp_time)
{
    struct rill_frame f = hum(rtp_time);
    return rill_receiver_frame(r, NOW, &f);
}

static void a_gap_in_time_is_concealed_sample_for_sample(void **state)
{
    (void)state;
    struct rill_receiver *r = audio_receiver();
    /* The clock wraps inside the gap. */
    assert_int_equal(hear(r, 0xfffffc00), 0);
    assert_int_equal(hear(r, 0xfffffc00 + 4 * 960), 0);
    struct rill_receiver_stats stats = stats_of(r);
    assert_int_equal(stats.decoded, 2);
    assert_int_equal(stats.samples, 5 * 960);
    /* The last of the three is known by the packet behind it (RFC 6716 §2.1.7). */
    assert_int_equal(stats.concealed, 2 * 960);
    assert_int_equal(stats.fec_packets_received - stats.fec_packets_discarded, 1);
    rill_receiver_free(r);
}

static void a_gap_is_concealed_for_a_second_and_no_longer(void **state)
{
    (void)state;
    struct rill_receiver *r = audio_receiver();
    assert_int_equal(hear(r, 0), 0);
    assert_int_equal(hear(r, 960 + 48000), 0);
    assert_int_equal(stats_of(r).concealed, 48000 - 960);
    assert_int_equal(hear(r, 960 + 48000 + 960 + 9 * 48000), 0);
    assert_int_equal(stats_of(r).concealed, 2 * (48000 - 960));
    /* An hour is another beginning. */
    assert_int_equal(hear(r, 960 + 48000 + 960 + 9 * 48000 + 48000 * 3600), 0);
    assert_int_equal(stats_of(r).concealed, 2 * (48000 - 960));
    assert_int_equal(stats_of(r).decoded, 4);
    rill_receiver_free(r);
}

static void a_gap_that_is_no_whole_step_is_concealed_as_far_as_steps_go(void **state)
{
    (void)state;
    struct rill_receiver *r = audio_receiver();
    assert_int_equal(hear(r, 0), 0);
    assert_int_equal(hear(r, 960 + 130), 0);
    assert_int_equal(stats_of(r).samples, 960 + 120 + 960);
    assert_int_equal(hear(r, 960 + 130 + 960 + 1), 0);
    assert_int_equal(stats_of(r).samples, 960 + 120 + 960 + 960);
    rill_receiver_free(r);
}

static void one_packet_in_ten_lost_leaves_the_tone(void **state)
{
    (void)state;
    struct rill_receiver *r = audio_receiver();
    for (uint32_t k = 0; k < 100; k++) {
        struct rill_frame f = hum(k * 960);
        if (k % 10 != 4)
            assert_int_equal(rill_receiver_frame(r, NOW, &f), 0);
    }
    struct rill_receiver_stats stats = stats_of(r);
    assert_in_range(stats.tone_hz, 435, 445);
    assert_int_equal(stats.samples, 100 * 960);
    rill_receiver_free(r);
}

static void a_packet_that_was_already_played_over_is_late(void **state)
{
    (void)state;
    struct rill_receiver *r = audio_receiver();
    assert_int_equal(hear(r, 96000), 0);
    rill_receiver_end(r, NOW);
    assert_row(hear(r, 96000), MEDIA_LATE);
    assert_row(hear(r, 96480), MEDIA_LATE);
    assert_row(hear(r, 96960 - 47999), MEDIA_LATE);
    /* A second back is another beginning. */
    assert_int_equal(hear(r, 96960 - 48000), 0);
    assert_int_equal(hear(r, 96960 - 48000 + 960), 0);
    assert_int_equal(stats_of(r).errors, 0);
    assert_int_equal(stats_of(r).packets_discarded, 3);
    rill_receiver_free(r);
}

/* Times that follow a clock which is looked at unevenly, as some senders' do. */
static void sound_whose_times_waver_is_heard_whole(void **state)
{
    (void)state;
    static const uint32_t off[] = {0, 100, 20, 330, 479, 0, 119, 0};
    struct rill_receiver *r = audio_receiver();
    for (uint32_t k = 0; k < 80; k++)
        assert_int_equal(hear(r, 5000 + k * 960 + off[k % 8]), 0);
    assert_int_equal(stats_of(r).decoded, 80);
    assert_int_equal(stats_of(r).errors, 0);
    rill_receiver_free(r);
}

static void a_malformed_packet_is_an_error_and_sound_goes_on(void **state)
{
    (void)state;
    static const uint8_t bad[] = {31 << 3 | 3, 0};
    static const uint8_t odd[] = {31 << 3 | 1, 1, 2, 3};
    struct rill_receiver *r = audio_receiver();
    struct rill_frame f = {.codec = RILL_CODEC_OPUS};
    assert_int_equal(hear(r, 0), 0);
    f.bytes = rill_view_at(bad, sizeof bad);
    assert_row(rill_receiver_frame(r, NOW, &f), CODEC_OPUS_CORRUPT);
    f.bytes = (struct rill_view){0};
    assert_row(rill_receiver_frame(r, NOW, &f), CODEC_OPUS_CORRUPT);
    f.bytes = rill_view_at(odd, sizeof odd);
    f.rtp_time = 960;
    assert_row(rill_receiver_frame(r, NOW, &f), CODEC_OPUS_CORRUPT);
    assert_int_equal(hear(r, 960 + 1920), 0);
    assert_int_equal(stats_of(r).errors, 3);
    assert_int_equal(stats_of(r).decoded, 2);
    rill_receiver_free(r);
}

/* --- pictures ------------------------------------------------------------------------------ */

/* The frames of a file, in a buffer that lives. */
struct clip {
    struct rill_frame frames[10];
    uint8_t bytes[8192];
};

static const struct clip *clip(void)
{
    static struct clip c;
    size_t at = 32;
    struct rill_view v = temp_read("tests/data/media/clip.ivf", c.bytes, sizeof c.bytes);
    for (uint32_t k = 0; k < 10; k++) {
        size_t n = v.p[at] + 256u * v.p[at + 1];
        c.frames[k] = (struct rill_frame){.kind = RILL_VIDEO,
                                          .codec = RILL_CODEC_VP8,
                                          .bytes = rill_view_at(v.p + at + 12, n),
                                          .rtp_time = k * 3000,
                                          .keyframe = k % 5 == 0,
                                          .width = k % 5 == 0 ? 64 : 0,
                                          .height = k % 5 == 0 ? 48 : 0};
        at += 12 + n;
    }
    return &c;
}

static void pictures_without_a_number_are_counted_as_such(void **state)
{
    (void)state;
    struct rill_receiver *r = video_receiver();
    for (int k = 0; k < 10; k++)
        assert_int_equal(rill_receiver_frame(r, NOW + k, &clip()->frames[k]), 0);
    struct rill_receiver_stats stats = stats_of(r);
    assert_int_equal(stats.decoded, 10);
    assert_int_equal(stats.numbers, 0);
    assert_int_equal(stats.first, NOW);
    assert_int_equal(stats.last, NOW + 9);
    assert_int_equal(stats.width, 64);
    assert_int_equal(stats.tone_hz, 0);
    rill_receiver_free(r);
}

static void damage_asks_for_a_key_frame_and_one_heals_it(void **state)
{
    (void)state;
    struct rill_receiver *r = video_receiver();
    struct rill_frame cut = clip()->frames[1];
    cut.bytes.n = 2;
    assert_row(rill_receiver_frame(r, NOW, &clip()->frames[1]), CODEC_VPX_NO_KEYFRAME);
    assert_int_equal(rill_receiver_frame(r, NOW, &clip()->frames[0]), 0);
    assert_row(rill_receiver_frame(r, NOW, &cut), CODEC_VP8_TRUNCATED);
    assert_row(rill_receiver_frame(r, NOW, &clip()->frames[2]), CODEC_VPX_NO_KEYFRAME);
    assert_int_equal(rill_receiver_frame(r, NOW, &clip()->frames[5]), 0);
    assert_int_equal(stats_of(r).errors, 3);
    assert_int_equal(stats_of(r).decoded, 2);
    rill_receiver_free(r);
}

static void pictures_above_the_limit_are_refused(void **state)
{
    (void)state;
    struct rill_receiver *r = receiver(
        &(struct rill_receiver_config){.codec = RILL_CODEC_VP8, .max_pixels = 64 * 48 - 1});
    assert_row(rill_receiver_frame(r, NOW, &clip()->frames[0]), CODEC_VPX_TOO_LARGE);
    rill_receiver_free(r);
    r = receiver(&(struct rill_receiver_config){.codec = RILL_CODEC_VP8, .max_pixels = 64 * 48});
    assert_int_equal(rill_receiver_frame(r, NOW, &clip()->frames[0]), 0);
    rill_receiver_free(r);
}

/* 64 bytes may claim 16383 × 16383 (RFC 6386 §9.1). */
static void the_limit_stands_without_being_asked_for(void **state)
{
    (void)state;
    uint8_t bytes[64] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f};
    struct rill_frame f = {
        .codec = RILL_CODEC_VP8, .bytes = rill_view_at(bytes, sizeof bytes), .keyframe = true};
    struct rill_receiver *r = video_receiver();
    assert_row(rill_receiver_frame(r, NOW, &f), CODEC_VPX_TOO_LARGE);
    rill_receiver_free(r);
}

/* --- refusals and files -------------------------------------------------------------------- */

/* The sender and the receiver of one codec, so many frames: what the other side then knows. */
static struct rill_receiver_stats through(const char *source, enum rill_codec_id codec, int n)
{
    struct rill_sender *s = NULL;
    struct rill_sender_config from = {.source = source};
    struct rill_receiver *r = receiver(&(struct rill_receiver_config){.codec = codec});
    assert_int_equal(rill_sender_new(&from, &s, NULL), 0);
    assert_true(rill_sender_set_codec(s, codec));
    assert_int_equal(rill_sender_codec(s), codec);
    rill_sender_start(s, NOW);
    for (int k = 0; k < n; k++) {
        struct rill_frame f;
        int64_t now = rill_sender_deadline(s);
        assert_true(rill_sender_frame(s, now, &f));
        assert_int_equal(f.codec, codec);
        /* Of sound each tenth packet is lost. */
        if (rill_codec_kind(codec) == RILL_VIDEO || k % 10 != 9)
            assert_int_equal(rill_receiver_frame(r, now, &f), 0);
    }
    struct rill_receiver_stats stats = stats_of(r);
    rill_sender_free(s);
    rill_receiver_free(r);
    return stats;
}

/* From `before` to `after` half way, and back at the end. */
static void changes_codec(const char *source, enum rill_codec_id before, enum rill_codec_id after)
{
    struct rill_sender *s = NULL;
    struct rill_sender_config from = {.source = source};
    struct rill_receiver *r = receiver(&(struct rill_receiver_config){.codec = before});
    assert_int_equal(rill_sender_new(&from, &s, NULL), 0);
    rill_sender_start(s, NOW);
    for (int k = 0; k < 30; k++) {
        struct rill_frame f;
        int64_t now = rill_sender_deadline(s);
        if (k % 10 == 0)
            assert_true(rill_sender_set_codec(s, k == 10 ? after : before));
        assert_true(rill_sender_frame(s, now, &f));
        assert_int_equal(rill_receiver_frame(r, now, &f), 0);
    }
    assert_int_equal(stats_of(r).decoded, 30);
    assert_int_equal(stats_of(r).errors, 0);
    rill_sender_free(s);
    rill_receiver_free(r);
}

static void the_decoder_follows_a_codec_that_changes(void **state)
{
    (void)state;
    changes_codec("testsrc:size=160x120", RILL_CODEC_VP8, RILL_CODEC_VP9);
    changes_codec("sine", RILL_CODEC_OPUS, RILL_CODEC_PCMU);
}

static void vp9_is_sent_and_decoded(void **state)
{
    (void)state;
    struct rill_receiver_stats s = through("testsrc:size=320x240", RILL_CODEC_VP9, 20);
    assert_int_equal(s.decoded, 20);
    assert_int_equal(s.numbers, 20);
    assert_int_equal(s.number_gaps, 0);
    assert_int_equal(s.width, 320);
}

/* RFC 3551 §4.5.14. What is lost is silence. */
static void both_laws_of_g711_carry_a_tone(void **state)
{
    (void)state;
    for (enum rill_codec_id codec = RILL_CODEC_PCMU; codec <= RILL_CODEC_PCMA; codec++) {
        struct rill_receiver_stats s = through("sine:frequency=1000:channels=2", codec, 109);
        assert_int_equal(s.decoded, 99);
        assert_in_range(s.concealed, 10 * 960 - 240, 10 * 960 + 240);
        assert_in_range(s.samples, 108 * 960, 109 * 960);
        assert_in_range(s.tone_hz, 990, 1010);
    }
}

static void what_has_no_decoder_is_counted_and_kept(void **state)
{
    (void)state;
    struct rill_output *o = NULL;
    const char *path = temp_path("kept.h264");
    assert_int_equal(rill_output_new(path, 1, &o, NULL), 0);
    struct rill_receiver *r = receiver(
        &(struct rill_receiver_config){.codec = RILL_CODEC_H264, .outputs = &o, .n_outputs = 1});
    struct rill_frame f = {.kind = RILL_VIDEO,
                           .codec = RILL_CODEC_H264,
                           .keyframe = true,
                           .bytes = rill_view_of("12345")};
    assert_int_equal(rill_receiver_frame(r, NOW, &f), 0);
    assert_true(stats_of(r).undecoded);
    assert_int_equal(stats_of(r).frames, 1);
    assert_int_equal(stats_of(r).decoded, 0);
    rill_receiver_free(r);
    assert_int_equal(rill_output_close(o, NULL), 0);
    rill_output_free(o);
    struct rill_file file;
    assert_int_equal(rill_file_open(path, &file, NULL), 0);
    assert_int_equal(file.size, 5);
    rill_file_close(&file);
}

static void other_codecs_make_no_receiver(void **state)
{
    (void)state;
    struct rill_receiver *r = NULL;
    struct rill_err why = {0};
    struct rill_receiver_config config = {.codec = RILL_CODEC_NONE};
    assert_row(rill_receiver_new(&config, &r, &why), MEDIA_CODEC);
    assert_string_equal(why.row->name, "MEDIA_CODEC");
    assert_null(r);
}

static void a_frame_of_the_other_codec_is_refused(void **state)
{
    (void)state;
    struct rill_receiver *r = video_receiver();
    struct rill_frame f = hum(0);
    assert_row(rill_receiver_frame(r, NOW, &f), MEDIA_OTHER_CODEC);
    assert_int_equal(stats_of(r).frames, 0);
    rill_receiver_free(r);
}

static struct rill_output *output(const char *path)
{
    struct rill_output *o = NULL;
    assert_int_equal(rill_output_new(path, 1, &o, NULL), 0);
    return o;
}

static struct rill_receiver *keeping(struct rill_output *const *outputs, size_t n)
{
    return receiver(&(struct rill_receiver_config){
        .codec = RILL_CODEC_VP8, .outputs = outputs, .n_outputs = n});
}

/* The disk fills while the call goes on: a limit on the file's size does it here. The other
 * file, which is smaller, is kept to its end. */
static void a_disk_that_fills_is_told_once_and_decoding_goes_on(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct rill_output *outputs[] = {output(temp_path("full.ivf")), output(temp_path("fits.png"))};
    struct rill_receiver *r = keeping(outputs, 2);
    temp_limit_file_size(200);
    assert_row(rill_receiver_frame(r, NOW, &clip()->frames[0]), CAPTURE_WRITE);
    for (int k = 1; k < 10; k++)
        assert_int_equal(rill_receiver_frame(r, NOW, &clip()->frames[k]), 0);
    temp_unlimit_file_size();
    assert_int_equal(stats_of(r).decoded, 10);
    rill_receiver_free(r);
    assert_true(rill_output_failed(outputs[0], &why));
    assert_int_equal(why.value, 27); /* EFBIG */
    assert_row(rill_output_close(outputs[0], &why), CAPTURE_WRITE);
    assert_int_equal(rill_output_close(outputs[1], NULL), 0);
    assert_int_equal(access(temp_path("fits.png"), F_OK), 0);
    rill_output_free(outputs[0]);
    rill_output_free(outputs[1]);
}

static void a_snapshot_that_cannot_be_written_is_told_at_close(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct rill_output *o = output("/nonexistent/a.png");
    struct rill_receiver *r = keeping(&o, 1);
    assert_int_equal(rill_receiver_frame(r, NOW, &clip()->frames[0]), 0);
    rill_receiver_free(r);
    assert_row(rill_output_close(o, &why), CAPTURE_WRITE);
    assert_int_equal(why.value, 2); /* ENOENT */
    rill_output_free(o);
}

static void no_picture_no_snapshot(void **state)
{
    (void)state;
    struct rill_output *o = output(temp_path("none.png"));
    struct rill_receiver *r = keeping(&o, 1);
    rill_receiver_free(r);
    assert_int_equal(rill_output_close(o, NULL), 0);
    assert_int_equal(access(temp_path("none.png"), F_OK), -1);
    rill_output_free(o);
}

static void more_streams_than_are_known_at_once_make_no_receiver(void **state)
{
    (void)state;
    static struct rill_sync sync;
    struct rill_receiver *r = NULL;
    struct rill_err why = {0};
    while (rill_sync_add(&sync, RILL_AUDIO, 48000) >= 0) {
    }
    struct rill_receiver_config config = {.codec = RILL_CODEC_VP8, .sync = &sync};
    assert_row(rill_receiver_new(&config, &r, &why), MEDIA_STREAMS);
    assert_null(r);
}

static void count_point(void *ctx, const struct rill_trace_point *point, int64_t now,
                        const union rill_trace_value *values)
{
    (void)now;
    (void)values;
    if (strcmp(point->name, "picture_size") == 0)
        ++*(int *)ctx;
}

static void a_change_of_size_is_traced_once(void **state)
{
    (void)state;
    int sizes = 0;
    struct rill_trace trace = {&sizes, count_point};
    struct rill_receiver *r =
        receiver(&(struct rill_receiver_config){.codec = RILL_CODEC_VP8, .trace = &trace});
    for (int k = 0; k < 10; k++)
        assert_int_equal(rill_receiver_frame(r, NOW, &clip()->frames[k]), 0);
    assert_int_equal(sizes, 1);
    rill_receiver_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_gap_in_time_is_concealed_sample_for_sample, hum_begins,
                                        hum_ends),
        cmocka_unit_test_setup_teardown(a_gap_is_concealed_for_a_second_and_no_longer, hum_begins,
                                        hum_ends),
        cmocka_unit_test_setup_teardown(a_gap_that_is_no_whole_step_is_concealed_as_far_as_steps_go,
                                        hum_begins, hum_ends),
        cmocka_unit_test_setup_teardown(one_packet_in_ten_lost_leaves_the_tone, hum_begins,
                                        hum_ends),
        cmocka_unit_test_setup_teardown(a_packet_that_was_already_played_over_is_late, hum_begins,
                                        hum_ends),
        cmocka_unit_test_setup_teardown(sound_whose_times_waver_is_heard_whole, hum_begins,
                                        hum_ends),
        cmocka_unit_test_setup_teardown(a_malformed_packet_is_an_error_and_sound_goes_on,
                                        hum_begins, hum_ends),
        cmocka_unit_test(pictures_without_a_number_are_counted_as_such),
        cmocka_unit_test(damage_asks_for_a_key_frame_and_one_heals_it),
        cmocka_unit_test(pictures_above_the_limit_are_refused),
        cmocka_unit_test(the_limit_stands_without_being_asked_for),
        cmocka_unit_test(the_decoder_follows_a_codec_that_changes),
        cmocka_unit_test(vp9_is_sent_and_decoded),
        cmocka_unit_test(both_laws_of_g711_carry_a_tone),
        cmocka_unit_test(what_has_no_decoder_is_counted_and_kept),
        cmocka_unit_test(other_codecs_make_no_receiver),
        cmocka_unit_test_setup_teardown(a_frame_of_the_other_codec_is_refused, hum_begins,
                                        hum_ends),
        cmocka_unit_test(more_streams_than_are_known_at_once_make_no_receiver),
        cmocka_unit_test(a_disk_that_fills_is_told_once_and_decoding_goes_on),
        cmocka_unit_test(a_snapshot_that_cannot_be_written_is_told_at_close),
        cmocka_unit_test(no_picture_no_snapshot),
        cmocka_unit_test(a_change_of_size_is_traced_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
