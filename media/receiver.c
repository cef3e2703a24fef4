#include "media/receiver.h"

#include "base/seq.h"
#include "capture/record.h"
#include "capture/source.h"
#include "media/tone.h"

#include <stdlib.h>
#include <string.h>

/* THREATS: a frame may claim hundreds of megapixels. */
#define PIXELS_MAX (4096 * 2304)
#define CHANNELS 2
/* A longer gap in time is silence: only this much of it is concealed. */
#define CONCEAL_MAX 48000
/* libopus conceals in steps of 2.5 ms, up to 120 ms a call. */
#define CONCEAL_STEP 120
#define CONCEAL_CALL 5760
/* What the next packet may know of the one before. */
#define PACKET_FRAMES 960
#define NUMBERS (1 << 24)

struct rill_receiver {
    enum rill_codec_id codec;
    const struct rill_trace *trace;
    struct rill_vpx_decoder *vpx;
    struct rill_opus_decoder *opus;
    struct rill_ivf_writer *ivf;
    struct rill_ogg_writer *ogg;
    int write_error; /* the first */
    char *snapshot;
    struct rill_image last; /* the last picture, over pixels */
    uint8_t *pixels;
    bool has_audio_time;
    uint32_t next_audio_time;
    struct rill_tone tone;
    struct rill_receiver_stats stats;
};

static const struct rill_trace_point size_changed = {
    "media",
    "picture-size",
    "the decoded pictures have this size from now on",
    2,
    {{"width", RILL_TRACE_U64}, {"height", RILL_TRACE_U64}}};
static const struct rill_trace_point decode_failed = {
    "media", "decode-failed", "the frame was given up", 1, {{"row", RILL_TRACE_TEXT}}};
static const struct rill_trace_point gap_concealed = {"media",
                                                      "gap-concealed",
                                                      "sound that never came was made up",
                                                      1,
                                                      {{"samples", RILL_TRACE_U64}}};
static const struct rill_trace_point number_jumped = {
    "media",
    "number-jumped",
    "the burnt-in numbers do not follow each other",
    2,
    {{"before", RILL_TRACE_I64}, {"now", RILL_TRACE_I64}}};
static const struct rill_trace_point recording_stopped = {
    "media", "recording-stopped", "the file cannot be written", 0, {{0}}};

/* --- opening --------------------------------------------------------------------------- */

static int open_decoder(struct rill_receiver *r, uint32_t max_pixels)
{
    if (r->codec == RILL_CODEC_VP8)
        return rill_vpx_decoder_new(max_pixels ? max_pixels : PIXELS_MAX, &r->vpx);
    return rill_opus_decoder_new(CHANNELS, &r->opus);
}

static int open_recording(struct rill_receiver *r, const struct rill_receiver_config *config,
                          struct rill_err *why)
{
    if (!config->record)
        return 0;
    if (r->codec == RILL_CODEC_VP8)
        return rill_ivf_writer_open(config->record, &r->ivf, why);
    return rill_ogg_writer_open(config->record, config->ogg_serial, &r->ogg, why);
}

static char *copy_of(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);
    return copy ? memcpy(copy, text, n) : NULL;
}

int rill_receiver_new(const struct rill_receiver_config *config, struct rill_receiver **out,
                      struct rill_err *why)
{
    struct rill_receiver *r = calloc(1, sizeof *r);
    if (!r || (config->codec != RILL_CODEC_VP8 && config->codec != RILL_CODEC_OPUS)) {
        free(r);
        return rill_err_set(&rill_media_errors, RILL_MEDIA_CODEC, 0, 0, why);
    }
    r->codec = config->codec;
    r->trace = config->trace;
    if (config->snapshot)
        r->snapshot = copy_of(config->snapshot);
    int rc = open_decoder(r, config->max_pixels);
    if (rc < 0)
        rill_err_set(&rill_codec_errors, rc, 0, 0, why);
    else
        rc = open_recording(r, config, why);
    if (rc < 0) {
        rill_receiver_free(r);
        return rc;
    }
    *out = r;
    return 0;
}

/* --- recording ------------------------------------------------------------------------- */

static int close_recording(struct rill_receiver *r)
{
    int rc = r->ivf ? rill_ivf_writer_close(r->ivf) : rill_ogg_writer_close(r->ogg);
    r->ivf = NULL;
    r->ogg = NULL;
    return rc;
}

static int record(struct rill_receiver *r, int64_t now, const struct rill_frame *f)
{
    int rc = r->ivf   ? rill_ivf_writer_frame(r->ivf, f)
             : r->ogg ? rill_ogg_writer_frame(r->ogg, f)
                      : 0;
    /* What is no frame at all is the decoder's to name. */
    if (rc != RILL_CAPTURE_WRITE)
        return 0;
    r->write_error = rc;
    close_recording(r);
    RILL_TRACE(r->trace, now, recording_stopped, {0});
    return rc;
}

/* --- pictures -------------------------------------------------------------------------- */

static void count_decoded(struct rill_receiver *r, int64_t now)
{
    if (r->stats.decoded++ == 0)
        r->stats.first = now;
    r->stats.last = now;
}

static void note_number(struct rill_receiver *r, int64_t now, const struct rill_image *image)
{
    struct rill_receiver_stats *s = &r->stats;
    int32_t number = rill_testsrc_read_number(image);
    if (number < 0)
        return;
    if (s->numbers == 0)
        s->number_first = number;
    else if (number != (s->number_last + 1) % NUMBERS) {
        s->number_gaps++;
        RILL_TRACE(r->trace, now, number_jumped, {.i = s->number_last}, {.i = number});
    }
    s->number_last = number;
    s->numbers++;
}

static void note_size(struct rill_receiver *r, int64_t now, const struct rill_image *image)
{
    if (image->width == r->stats.width && image->height == r->stats.height)
        return;
    r->stats.width = image->width;
    r->stats.height = image->height;
    RILL_TRACE(r->trace, now, size_changed, {.u = image->width}, {.u = image->height});
}

static void copy_plane(uint8_t *to, size_t to_stride, const uint8_t *from, size_t from_stride,
                       size_t width, size_t height)
{
    for (size_t y = 0; y < height; y++)
        memcpy(to + y * to_stride, from + y * from_stride, width);
}

/* The decoder's own pixels may be gone when the snapshot is written. */
static void keep(struct rill_receiver *r, const struct rill_image *image)
{
    bool same = r->pixels && r->last.width == image->width && r->last.height == image->height;
    if (!same) {
        free(r->pixels);
        r->pixels = malloc(rill_image_size(image->width, image->height));
    }
    if (!r->pixels)
        return;
    r->last = rill_image_over(r->pixels, image->width, image->height);
    for (int i = 0; i < 3; i++) {
        size_t width = i ? (image->width + 1) / 2 : image->width;
        size_t height = i ? (image->height + 1) / 2 : image->height;
        copy_plane(r->last.plane[i], r->last.stride[i], image->plane[i], image->stride[i], width,
                   height);
    }
}

static int decode_picture(struct rill_receiver *r, int64_t now, const struct rill_frame *f)
{
    struct rill_image image;
    int rc = rill_vpx_decode(r->vpx, f->bytes, &image);
    if (rc < 1)
        return rc;
    count_decoded(r, now);
    note_size(r, now, &image);
    note_number(r, now, &image);
    if (r->snapshot)
        keep(r, &image);
    return 0;
}

/* --- sound ----------------------------------------------------------------------------- */

static void take_sound(struct rill_receiver *r, const struct rill_pcm *pcm)
{
    r->stats.samples += pcm->frames;
    rill_tone_take(&r->tone, pcm);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The lost samples right before `packet`: concealed, but the last 20 ms from what the packet
 * knows of them. */
static void conceal(struct rill_receiver *r, int64_t now, struct rill_view packet, uint32_t lost)
{
    struct rill_pcm pcm;
    uint32_t left = smaller(lost, CONCEAL_MAX) / CONCEAL_STEP * CONCEAL_STEP;
    uint32_t known = left >= PACKET_FRAMES ? PACKET_FRAMES : 0;
    r->stats.concealed += left;
    RILL_TRACE(r->trace, now, gap_concealed, {.u = left});
    for (left -= known; left > 0; left -= smaller(left, CONCEAL_CALL))
        if (rill_opus_decode(r->opus, (struct rill_view){0}, smaller(left, CONCEAL_CALL), &pcm) > 0)
            take_sound(r, &pcm);
    if (known && rill_opus_decode_lost(r->opus, packet, known, &pcm) > 0)
        take_sound(r, &pcm);
}

static int decode_sound(struct rill_receiver *r, int64_t now, const struct rill_frame *f)
{
    struct rill_pcm pcm;
    int frames = rill_opus_packet_frames(f->bytes);
    if (frames < 0)
        return RILL_CODEC_OPUS_CORRUPT;
    int32_t gap = r->has_audio_time ? rill_seq32_diff(f->rtp_time, r->next_audio_time) : 0;
    /* RFC 7587 §4.2: timestamps count samples. A little back is late; far back is anew. */
    if (gap < 0 && gap > -CONCEAL_MAX)
        return RILL_MEDIA_LATE;
    if (gap > 0)
        conceal(r, now, f->bytes, (uint32_t)gap);
    r->has_audio_time = true;
    r->next_audio_time = f->rtp_time + (uint32_t)frames;
    int rc = rill_opus_decode(r->opus, f->bytes, 0, &pcm);
    if (rc < 0)
        return rc;
    count_decoded(r, now);
    take_sound(r, &pcm);
    return 0;
}

/* --- verbs ----------------------------------------------------------------------------- */

static struct rill_view name_of(int code)
{
    const struct rill_err_row *row = rill_err_find(&rill_codec_errors, code);
    if (!row)
        row = rill_err_find(&rill_media_errors, code);
    return rill_view_of(row ? row->name : NULL);
}

int rill_receiver_frame(struct rill_receiver *r, int64_t now, const struct rill_frame *f)
{
    if (f->codec != r->codec)
        return RILL_MEDIA_OTHER_CODEC;
    r->stats.frames++;
    r->stats.bytes += f->bytes.n;
    int written = record(r, now, f);
    int rc = r->vpx ? decode_picture(r, now, f) : decode_sound(r, now, f);
    if (rc < 0) {
        r->stats.errors++;
        RILL_TRACE(r->trace, now, decode_failed, {.view = name_of(rc)});
        return rc;
    }
    return written;
}

int rill_receiver_close(struct rill_receiver *r, struct rill_err *why)
{
    int rc = close_recording(r);
    if (r->write_error == 0)
        r->write_error = rc;
    rc = r->write_error;
    if (rc < 0)
        rill_err_set(&rill_capture_errors, rc, 0, 0, why);
    if (r->snapshot && r->pixels) {
        int drawn = rill_png_write(r->snapshot, &r->last, rc < 0 ? NULL : why);
        rc = rc < 0 ? rc : drawn;
    }
    free(r->snapshot);
    r->snapshot = NULL;
    return rc;
}

void rill_receiver_free(struct rill_receiver *r)
{
    if (!r)
        return;
    close_recording(r);
    rill_vpx_decoder_free(r->vpx);
    rill_opus_decoder_free(r->opus);
    free(r->snapshot);
    free(r->pixels);
    free(r);
}

void rill_receiver_stats(const struct rill_receiver *r, struct rill_receiver_stats *out)
{
    *out = r->stats;
    out->tone_hz = rill_tone_hz(&r->tone);
}
