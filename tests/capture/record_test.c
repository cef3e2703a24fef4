/* Recordings: .ivf and .ogg parsed back and shown to ffprobe, .png read by libpng. */
#include "tests/capture/temp_file.h"

#include "capture/ivf.h"
#include "capture/little.h"
#include "capture/record.h"
#include "capture/source.h"

#include <ogg/ogg.h>
#include <png.h>

/* --- ivf --------------------------------------------------------------------------------- */

/* The frames of clip.ivf, as they would come from RTP. */
static size_t record_clip(const char *path, uint32_t rtp_time, bool close)
{
    static struct rill_ivf_writer *w; /* left open on purpose when it is not closed */
    struct rill_source *s = NULL;
    struct rill_frame f;
    size_t n = 0;
    assert_int_equal(
        rill_source_open(&(struct rill_source_config){.name = "tests/data/media/clip.ivf:loop=0"},
                         &s, NULL),
        0);
    assert_int_equal(rill_ivf_writer_open(path, &w, NULL), 0);
    rill_source_start(s, 0);
    while (rill_source_frame(s, rill_source_deadline(s), &f)) {
        f.rtp_time = rtp_time + (uint32_t)n * 3000;
        assert_int_equal(rill_ivf_writer_frame(w, &f), 0);
        n++;
        if (rill_source_deadline(s) == RILL_NEVER)
            break;
    }
    rill_source_free(s);
    if (close)
        assert_int_equal(rill_ivf_writer_close(w), 0);
    return n;
}

static void assert_ivf(const char *path, size_t frames, uint64_t count)
{
    struct rill_file file;
    struct rill_ivf v;
    uint8_t header[32];
    assert_int_equal(rill_file_open(path, &file, NULL), 0);
    assert_int_equal(rill_ivf_open(&v, &file, NULL), 0);
    assert_int_equal(v.index.n, frames);
    assert_int_equal(v.width, 64);
    assert_int_equal(v.height, 48);
    assert_int_equal(v.index.frames[3].elapsed, 100000);
    assert_true(rill_file_seek(&file, 0));
    assert_true(rill_file_read(&file, (struct rill_span){header, 32}));
    assert_int_equal(
        rill_little_get(&rill_ivf_header_field[RILL_IVF_COUNT], rill_view_at(header, 32)), count);
    rill_ivf_close(&v);
    rill_file_close(&file);
}

static void an_ivf_holds_the_same_frames_at_the_same_times(void **state)
{
    (void)state;
    const char *path = temp_path("whole.ivf");
    /* RTP's clock wraps between the frames. */
    assert_int_equal(record_clip(path, 0xfffff000, true), 10);
    assert_ivf(path, 10, 10);
    static uint8_t ours[4096];
    static uint8_t theirs[4096];
    struct rill_view a = temp_read(path, ours, sizeof ours);
    struct rill_view b = temp_read("tests/data/media/clip.ivf", theirs, sizeof theirs);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.p + 32 + 12, b.p + 32 + 12, 100);
}

static void ffprobe_decodes_every_frame_of_an_ivf(void **state)
{
    (void)state;
    const char *path = temp_path("probed.ivf");
    record_clip(path, 0, true);
    assert_string_equal(temp_run("ffprobe -v error -count_frames -show_entries "
                                 "stream=codec_name,width,height,nb_read_frames -of csv=p=0 %s",
                                 path),
                        "vp8,64,48,10");
}

static void a_crash_leaves_an_ivf_that_plays(void **state)
{
    (void)state;
    const char *path = temp_path("crashed.ivf");
    record_clip(path, 0, false);
    /* The count is that of the first frame's header, the frames are all there. */
    assert_ivf(path, 10, 1);
    assert_string_equal(
        temp_run("ffprobe -v error -count_frames -show_entries stream=nb_read_frames "
                 "-of csv=p=0 %s",
                 path),
        "10");
}

static void an_ivf_begins_with_a_key_frame(void **state)
{
    (void)state;
    struct rill_ivf_writer *w = NULL;
    struct rill_file file;
    struct rill_ivf v;
    uint8_t inter[] = {0x11, 0x02, 0x00};
    uint8_t key[] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x00, 0x30, 0x00};
    struct rill_frame f = {.codec = RILL_CODEC_VP8, .bytes = rill_view_at(inter, sizeof inter)};
    const char *path = temp_path("key.ivf");
    assert_int_equal(rill_ivf_writer_open(path, &w, NULL), 0);
    assert_int_equal(rill_ivf_writer_frame(w, &f), 0);
    f = (struct rill_frame){.codec = RILL_CODEC_VP8,
                            .bytes = rill_view_at(key, sizeof key),
                            .keyframe = true,
                            .width = 64,
                            .height = 48};
    assert_int_equal(rill_ivf_writer_frame(w, &f), 0);
    assert_int_equal(rill_ivf_writer_close(w), 0);
    assert_int_equal(rill_file_open(path, &file, NULL), 0);
    assert_int_equal(rill_ivf_open(&v, &file, NULL), 0);
    assert_int_equal(v.index.n, 1);
    rill_ivf_close(&v);
    rill_file_close(&file);
}

static void times_in_an_ivf_rise_even_when_rtp_stands_still(void **state)
{
    (void)state;
    struct rill_ivf_writer *w = NULL;
    struct rill_file file;
    struct rill_ivf v;
    uint8_t key[] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x00, 0x30, 0x00};
    struct rill_frame f = {.codec = RILL_CODEC_VP8,
                           .bytes = rill_view_at(key, sizeof key),
                           .keyframe = true,
                           .rtp_time = 9000};
    const char *path = temp_path("still.ivf");
    assert_int_equal(rill_ivf_writer_open(path, &w, NULL), 0);
    assert_int_equal(rill_ivf_writer_frame(w, &f), 0);
    assert_int_equal(rill_ivf_writer_frame(w, &f), 0);
    f.rtp_time = 18000;
    assert_int_equal(rill_ivf_writer_frame(w, &f), 0);
    assert_int_equal(rill_ivf_writer_close(w), 0);
    assert_int_equal(rill_file_open(path, &file, NULL), 0);
    assert_int_equal(rill_ivf_open(&v, &file, NULL), 0);
    assert_true(v.index.frames[1].elapsed > 0);
    assert_true(v.index.frames[2].elapsed >= 100000);
    rill_ivf_close(&v);
    rill_file_close(&file);
}

/* --- ogg --------------------------------------------------------------------------------- */

/* What libogg finds in a file. */
struct parsed {
    size_t packets;
    int64_t granules[64]; /* of the page each packet ends on */
    size_t sizes[64];
    uint8_t first[64]; /* byte of each */
    bool ended;
    long serial;
    uint8_t head[32];
};

static void take_packets(ogg_stream_state *stream, ogg_page *page, struct parsed *out)
{
    ogg_packet packet;
    assert_int_equal(ogg_stream_pagein(stream, page), 0);
    while (ogg_stream_packetout(stream, &packet) == 1) {
        assert_true(out->packets < 64);
        if (out->packets == 0)
            memcpy(out->head, packet.packet, (size_t)packet.bytes);
        out->granules[out->packets] = ogg_page_granulepos(page);
        out->sizes[out->packets] = (size_t)packet.bytes;
        out->first[out->packets++] = packet.packet[0];
    }
}

static struct parsed parse_ogg(const char *path)
{
    static uint8_t bytes[65536];
    struct parsed out = {.packets = 0};
    struct rill_view v = temp_read(path, bytes, sizeof bytes);
    ogg_sync_state sync;
    ogg_stream_state stream;
    ogg_page page;
    ogg_sync_init(&sync);
    memcpy(ogg_sync_buffer(&sync, (long)v.n), v.p, v.n);
    ogg_sync_wrote(&sync, (long)v.n);
    for (size_t pages = 0; ogg_sync_pageout(&sync, &page) == 1; pages++) {
        if (pages == 0) {
            assert_true(ogg_page_bos(&page));
            out.serial = ogg_page_serialno(&page);
            ogg_stream_init(&stream, (int)out.serial);
        }
        take_packets(&stream, &page, &out);
        out.ended = ogg_page_eos(&page) != 0;
    }
    ogg_stream_clear(&stream);
    ogg_sync_clear(&sync);
    return out;
}

/* A silent 20 ms CELT frame; what it sounds like does not matter here. */
static const uint8_t packet20[] = {31 << 3, 0xff, 0xfe};

static int put(struct rill_ogg_writer *w, uint32_t rtp_time)
{
    struct rill_frame f = {.kind = RILL_AUDIO,
                           .codec = RILL_CODEC_OPUS,
                           .bytes = rill_view_at(packet20, sizeof packet20),
                           .rtp_time = rtp_time};
    return rill_ogg_writer_frame(w, &f);
}

static struct rill_ogg_writer *opened(const char *path)
{
    struct rill_ogg_writer *w = NULL;
    assert_int_equal(rill_ogg_writer_open(path, 0x11223344, &w, NULL), 0);
    return w;
}

static void an_ogg_begins_with_the_two_headers_of_opus(void **state)
{
    (void)state;
    const char *path = temp_path("head.ogg");
    assert_int_equal(rill_ogg_writer_close(opened(path)), 0);
    struct parsed p = parse_ogg(path);
    static const uint8_t head[] = {'O',  'p',  'u',  's',  'H', 'e', 'a', 'd', 1, /* version */
                                   2,                                             /* channels */
                                   0x38, 0x01,                                    /* pre-skip 312 */
                                   0x80, 0xbb, 0x00, 0x00,                        /* 48000 */
                                   0,    0,                                       /* gain */
                                   0};                                            /* mapping */
    assert_int_equal(p.serial, 0x11223344);
    assert_int_equal(p.packets, 2);
    assert_int_equal(p.sizes[0], sizeof head);
    assert_memory_equal(p.head, head, sizeof head);
    assert_int_equal(p.granules[0], 0);
    assert_int_equal(p.granules[1], 0);
}

static void granule_positions_count_samples_to_the_end_of_each_packet(void **state)
{
    (void)state;
    const char *path = temp_path("granules.ogg");
    struct rill_ogg_writer *w = opened(path);
    for (uint32_t k = 0; k < 5; k++)
        assert_int_equal(put(w, 0xfffffc00 + k * 960), 0);
    assert_int_equal(rill_ogg_writer_close(w), 0);
    struct parsed p = parse_ogg(path);
    assert_int_equal(p.packets, 2 + 5);
    for (int k = 0; k < 5; k++)
        assert_int_equal(p.granules[2 + k], 960 * (k + 1));
    assert_true(p.ended);
}

static void a_gap_becomes_packets_that_ask_for_concealment(void **state)
{
    (void)state;
    const char *path = temp_path("gap.ogg");
    struct rill_ogg_writer *w = opened(path);
    assert_int_equal(put(w, 0), 0);
    /* Two packets of 20 ms and 2.5 ms are missing. */
    assert_int_equal(put(w, 3 * 960 + 120), 0);
    assert_int_equal(rill_ogg_writer_close(w), 0);
    struct parsed p = parse_ogg(path);
    static const int64_t granules[] = {960, 1920, 2880, 3000, 3960};
    static const size_t sizes[] = {3, 1, 1, 1, 3};
    assert_int_equal(p.packets, 2 + 5);
    assert_memory_equal(p.granules + 2, granules, sizeof granules);
    assert_memory_equal(p.sizes + 2, sizes, sizeof sizes);
    assert_int_equal(p.first[3], 31 << 3);
    assert_int_equal(p.first[5], 28 << 3);
}

static void a_gap_of_an_hour_is_filled_and_a_longer_one_is_a_new_beginning(void **state)
{
    (void)state;
    const char *path = temp_path("hour.ogg");
    struct rill_ogg_writer *w = opened(path);
    assert_int_equal(put(w, 0), 0);
    assert_int_equal(put(w, 960 + 48000 * 3600 + 1), 0);
    assert_int_equal(rill_ogg_writer_close(w), 0);
    assert_int_equal(parse_ogg(path).granules[3], 1920);
    w = opened(path);
    assert_int_equal(put(w, 0), 0);
    assert_int_equal(put(w, 960 + 48000 * 3600), 0);
    assert_int_equal(rill_ogg_writer_close(w), 0);
    static uint8_t bytes[8 << 20];
    struct rill_view v = temp_read(path, bytes, sizeof bytes);
    /* The last page's granule position, little-endian from its sixth byte. */
    size_t last = v.n - 31;
    assert_memory_equal(v.p + last, "OggS", 4);
    struct rill_view field = rill_view_at(v.p + last + 6, 8);
    static const struct rill_field granule = {"granule", 0, 64, "RFC 3533 §6", "position"};
    assert_int_equal(rill_little_get(&granule, field), 960 + 48000 * 3600 + 960);
}

static void a_late_packet_never_moves_the_position_back(void **state)
{
    (void)state;
    const char *path = temp_path("late.ogg");
    struct rill_ogg_writer *w = opened(path);
    assert_int_equal(put(w, 9600), 0);
    assert_int_equal(put(w, 960), 0);
    assert_int_equal(rill_ogg_writer_close(w), 0);
    assert_int_equal(parse_ogg(path).granules[3], 1920);
}

static void a_crash_leaves_an_ogg_that_plays(void **state)
{
    (void)state;
    static struct rill_ogg_writer *w; /* never closed */
    const char *path = temp_path("crashed.ogg");
    w = opened(path);
    for (uint32_t k = 0; k < 10; k++)
        assert_int_equal(put(w, k * 960), 0);
    struct parsed p = parse_ogg(path);
    /* All but the one that waits for its end-of-stream mark. */
    assert_int_equal(p.packets, 2 + 9);
    assert_false(p.ended);
    assert_string_equal(
        temp_run("ffprobe -v error -show_entries stream=codec_name,channels,sample_rate "
                 "-of csv=p=0 %s",
                 path),
        "opus,48000,2");
}

static void ffmpeg_decodes_an_ogg_with_a_gap_to_its_whole_length(void **state)
{
    (void)state;
    const char *path = temp_path("decoded.ogg");
    struct rill_ogg_writer *w = opened(path);
    for (uint32_t k = 0; k < 20; k++)
        if (k < 5 || k >= 10)
            assert_int_equal(put(w, k * 960), 0);
    assert_int_equal(rill_ogg_writer_close(w), 0);
    const char *bytes = temp_run("ffmpeg -v error -i %s -f s16le -ac 1 - | wc -c", path);
    /* 400 ms but for the pre-skip, 2 bytes a sample. */
    assert_in_range(strtoul(bytes, NULL, 10), (19200 - 960) * 2, 19200 * 2);
}

/* --- webm, wav ---------------------------------------------------------------------------- */

static void a_stream_after_the_beginning_is_refused(void **state)
{
    (void)state;
    struct rill_mux_writer *w = NULL;
    uint8_t packet[] = {31 << 3, 1, 2};
    struct rill_frame f = {
        .kind = RILL_AUDIO, .codec = RILL_CODEC_OPUS, .bytes = rill_view_at(packet, sizeof packet)};
    assert_int_equal(rill_mux_writer_open(temp_path("late.webm"), &w, NULL), 0);
    assert_int_equal(rill_mux_writer_add(w, RILL_AUDIO), 0);
    assert_int_equal(rill_mux_writer_frame(w, 0, 0, &f), 0);
    assert_row(rill_mux_writer_add(w, RILL_VIDEO), CAPTURE_MUX_STREAM);
    f.codec = RILL_CODEC_VP8;
    assert_row(rill_mux_writer_frame(w, 0, 20000, &f), CAPTURE_RECORD_CODEC);
    assert_int_equal(rill_mux_writer_close(w), 0);
}

static void a_mux_takes_sixteen_streams_and_no_more(void **state)
{
    (void)state;
    struct rill_mux_writer *w = NULL;
    assert_int_equal(rill_mux_writer_open(temp_path("many.mkv"), &w, NULL), 0);
    for (int k = 0; k < RILL_MUX_STREAMS_MAX; k++)
        assert_int_equal(rill_mux_writer_add(w, RILL_VIDEO), k);
    assert_row(rill_mux_writer_add(w, RILL_VIDEO), CAPTURE_MUX_STREAM);
    assert_int_equal(rill_mux_writer_close(w), 0);
}

static void a_wav_ends_before_its_sizes_run_over(void **state)
{
    (void)state;
    struct rill_wav_writer *w = NULL;
    int16_t samples[960 * 2] = {0};
    struct rill_pcm pcm = {.samples = samples, .frames = 960, .rate_hz = 48000, .channels = 2};
    assert_int_equal(rill_wav_writer_open(temp_path("full.wav"), &w, NULL), 0);
    assert_int_equal(rill_wav_writer_pcm(w, 0, &pcm), 0);
    assert_row(rill_wav_writer_pcm(w, 22370 * RILL_SECOND, &pcm), CAPTURE_WAV_FULL);
    assert_int_equal(rill_wav_writer_close(w), 0);
}

/* --- png --------------------------------------------------------------------------------- */

static void assert_rgb(uint8_t y, uint8_t u, uint8_t v, int red, int green, int blue)
{
    uint8_t pixels[5 * 3 + 2 * 3 * 2];
    uint8_t rgb[5 * 3 * 3];
    struct rill_image image = rill_image_over(pixels, 5, 3);
    memset(image.plane[0], y, 15);
    memset(image.plane[1], u, 6);
    memset(image.plane[2], v, 6);
    const char *path = temp_path("colour.png");
    assert_int_equal(rill_png_write(path, &image, NULL), 0);
    png_image png = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(&png, path));
    assert_int_equal(png.width, 5);
    assert_int_equal(png.height, 3);
    png.format = PNG_FORMAT_RGB;
    assert_true(png_image_finish_read(&png, NULL, rgb, 0, NULL));
    for (int i = 0; i < 15; i++) {
        assert_in_range(rgb[3 * i] + 2, red, red + 4);
        assert_in_range(rgb[3 * i + 1] + 2, green, green + 4);
        assert_in_range(rgb[3 * i + 2] + 2, blue, blue + 4);
    }
}

static void colours_of_a_png_follow_bt601(void **state)
{
    (void)state;
    assert_rgb(16, 128, 128, 0, 0, 0);
    assert_rgb(235, 128, 128, 255, 255, 255);
    assert_rgb(126, 128, 128, 128, 128, 128);
    assert_rgb(81, 90, 240, 254, 0, 0);  /* red */
    assert_rgb(145, 54, 34, 0, 255, 1);  /* green */
    assert_rgb(41, 240, 110, 0, 0, 255); /* blue */
    assert_rgb(255, 255, 255, 255, 125, 255);
    assert_rgb(0, 0, 0, 0, 135, 0);
}

/* --- what cannot be written -------------------------------------------------------------- */

static void a_path_that_cannot_be_opened_is_told_with_its_errno(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct rill_ivf_writer *v = NULL;
    struct rill_ogg_writer *o = NULL;
    assert_row(rill_ivf_writer_open("/nonexistent/a.ivf", &v, &why), CAPTURE_OPEN);
    assert_int_equal(why.value, 2); /* ENOENT */
    assert_row(rill_ogg_writer_open("/nonexistent/a.ogg", 1, &o, &why), CAPTURE_OPEN);
    assert_int_equal(why.value, 2);
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct rill_ivf_writer *v = NULL;
    struct rill_ogg_writer *o = NULL;
    uint8_t pixels[24];
    struct rill_image image = rill_image_over(memset(pixels, 128, sizeof pixels), 4, 4);
    assert_row(rill_ivf_writer_open("/dev/full", &v, &why), CAPTURE_WRITE);
    assert_int_equal(why.value, 28); /* ENOSPC */
    assert_row(rill_ogg_writer_open("/dev/full", 1, &o, &why), CAPTURE_WRITE);
    assert_int_equal(why.value, 28);
    assert_row(rill_png_write("/nonexistent/a.png", &image, &why), CAPTURE_WRITE);
    assert_int_equal(why.value, 2);
}

static void frames_of_the_other_codec_are_not_recorded(void **state)
{
    (void)state;
    struct rill_ivf_writer *v = NULL;
    struct rill_ogg_writer *o = opened(temp_path("other.ogg"));
    assert_int_equal(rill_ivf_writer_open(temp_path("other.ivf"), &v, NULL), 0);
    struct rill_frame f = {.codec = RILL_CODEC_OPUS,
                           .bytes = rill_view_at(packet20, sizeof packet20)};
    assert_row(rill_ivf_writer_frame(v, &f), CAPTURE_RECORD_CODEC);
    f.codec = RILL_CODEC_VP8;
    assert_row(rill_ogg_writer_frame(o, &f), CAPTURE_RECORD_CODEC);
    f.bytes.n = 0;
    assert_row(rill_ivf_writer_frame(v, &f), CAPTURE_RECORD_CODEC);
    f.codec = RILL_CODEC_OPUS;
    assert_row(rill_ogg_writer_frame(o, &f), CAPTURE_RECORD_CODEC);
    rill_ivf_writer_close(v);
    rill_ogg_writer_close(o);
}

/* RFC 6716 §3.4: at least one frame, at most 120 ms. */
static void opus_packets_without_a_length_are_not_recorded(void **state)
{
    (void)state;
    static const uint8_t none[] = {31 << 3 | 3, 0};  /* code 3, no frames */
    static const uint8_t seven[] = {31 << 3 | 3, 7}; /* 140 ms */
    static const uint8_t six[] = {31 << 3 | 3, 6};   /* 120 ms */
    static const uint8_t missing[] = {31 << 3 | 3};  /* no count */
    struct rill_ogg_writer *o = opened(temp_path("lengths.ogg"));
    struct rill_frame f = {.codec = RILL_CODEC_OPUS};
    f.bytes = rill_view_at(none, 2);
    assert_row(rill_ogg_writer_frame(o, &f), CAPTURE_RECORD_CODEC);
    f.bytes = rill_view_at(seven, 2);
    assert_row(rill_ogg_writer_frame(o, &f), CAPTURE_RECORD_CODEC);
    f.bytes = rill_view_at(missing, 1);
    assert_row(rill_ogg_writer_frame(o, &f), CAPTURE_RECORD_CODEC);
    f.bytes = rill_view_at(six, 2);
    assert_int_equal(rill_ogg_writer_frame(o, &f), 0);
    rill_ogg_writer_close(o);
}

/* What Matroska wants before the first frame is in a key frame, or the file does not begin. */
static void h264_begins_with_its_parameter_sets_and_not_in_a_webm(void **state)
{
    static const char *const units[] = {"00000001 6588aa", "00000001 419abb",
                                        "00000001 6742c01f8c 00000001 68ce3c80 00000001 6588cc"};
    static uint8_t room[64];
    struct rill_mux_writer *w = NULL;
    struct rill_frame f = {.kind = RILL_VIDEO, .codec = RILL_CODEC_H264, .keyframe = true};
    (void)state;
    const char *path = temp_path("h264.mkv");
    assert_int_equal(rill_mux_writer_open(path, &w, NULL), 0);
    assert_int_equal(rill_mux_writer_add(w, RILL_VIDEO), 0);
    for (int k = 0; k < 3; k++) {
        f.bytes = rill_test_hex(units[k], room, sizeof room);
        f.keyframe = k != 1;
        assert_int_equal(rill_mux_writer_frame(w, 0, k * 40 * RILL_MS, &f), 0);
    }
    f.codec = RILL_CODEC_VP8;
    assert_row(rill_mux_writer_frame(w, 0, RILL_SECOND, &f), CAPTURE_RECORD_CODEC);
    assert_int_equal(rill_mux_writer_close(w), 0);
    assert_int_equal(rill_mux_writer_open(temp_path("h264.webm"), &w, NULL), 0);
    assert_int_equal(rill_mux_writer_add(w, RILL_VIDEO), 0);
    f.codec = RILL_CODEC_H264;
    assert_row(rill_mux_writer_frame(w, 0, 0, &f), CAPTURE_RECORD_CODEC);
    assert_int_equal(rill_mux_writer_close(w), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ivf_holds_the_same_frames_at_the_same_times),
        cmocka_unit_test(ffprobe_decodes_every_frame_of_an_ivf),
        cmocka_unit_test(a_crash_leaves_an_ivf_that_plays),
        cmocka_unit_test(an_ivf_begins_with_a_key_frame),
        cmocka_unit_test(times_in_an_ivf_rise_even_when_rtp_stands_still),
        cmocka_unit_test(an_ogg_begins_with_the_two_headers_of_opus),
        cmocka_unit_test(granule_positions_count_samples_to_the_end_of_each_packet),
        cmocka_unit_test(a_gap_becomes_packets_that_ask_for_concealment),
        cmocka_unit_test(a_gap_of_an_hour_is_filled_and_a_longer_one_is_a_new_beginning),
        cmocka_unit_test(a_late_packet_never_moves_the_position_back),
        cmocka_unit_test(a_crash_leaves_an_ogg_that_plays),
        cmocka_unit_test(ffmpeg_decodes_an_ogg_with_a_gap_to_its_whole_length),
        cmocka_unit_test(a_stream_after_the_beginning_is_refused),
        cmocka_unit_test(a_mux_takes_sixteen_streams_and_no_more),
        cmocka_unit_test(a_wav_ends_before_its_sizes_run_over),
        cmocka_unit_test(colours_of_a_png_follow_bt601),
        cmocka_unit_test(a_path_that_cannot_be_opened_is_told_with_its_errno),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(frames_of_the_other_codec_are_not_recorded),
        cmocka_unit_test(opus_packets_without_a_length_are_not_recorded),
        cmocka_unit_test(h264_begins_with_its_parameter_sets_and_not_in_a_webm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
