#include "media/receiver.h"

#include "base/seq.h"
#include "capture/pixels.h"
#include "capture/source.h"
#include "media/receiver_private.h"
#include "rtp/errors.h"

#include <stdlib.h>

/* THREATS: a frame may claim hundreds of megapixels. */
#define PIXELS_MAX (4096 * 2304)
#define NUMBERS (1 << 24)

static const struct rill_trace_point size_changed = {
    "media",
    "picture_size",
    "the decoded pictures have this size from now on",
    2,
    {{"width", RILL_TRACE_U64}, {"height", RILL_TRACE_U64}}};
static const struct rill_trace_point decode_failed = {
    "media", "decode_failed", "the frame was given up", 1, {{"row", RILL_TRACE_TEXT}}};
static const struct rill_trace_point number_jumped = {
    "media",
    "number_jumped",
    "the burnt-in numbers do not follow each other",
    2,
    {{"before", RILL_TRACE_I64}, {"now", RILL_TRACE_I64}}};
static const struct rill_trace_point recording_stopped = {
    "media", "recording_stopped", "a file cannot be written", 0, {{0}}};

/* --- opening --------------------------------------------------------------------------- */

static int open_decoder(struct rill_receiver *r, uint32_t max_pixels)
{
    if (rill_codec_kind(r->codec) == RILL_AUDIO)
        return rill_receiver_open_sound(r);
    if (r->codec == RILL_CODEC_VP8 || r->codec == RILL_CODEC_VP9)
        return rill_vpx_decoder_new(r->codec, max_pixels ? max_pixels : PIXELS_MAX, &r->vpx);
    r->stats.undecoded = true;
    return 0;
}

/* A codec that both sides have come to prefer in mid-call: pictures and sound go on; a file that
 * keeps frames as they come ends by itself where it has begun with another codec. */
static int follow(struct rill_receiver *r, int64_t now, enum rill_codec_id codec)
{
    if (rill_codec_kind(codec) != rill_codec_kind(r->codec))
        return RILL_MEDIA_OTHER_CODEC;
    if (r->playout)
        rill_playout_flush(r->playout, now);
    struct rill_receiver before = *r;
    r->codec = codec;
    r->vpx = NULL;
    r->sound = NULL;
    r->stats.undecoded = false;
    int rc = open_decoder(r, r->max_pixels);
    if (rc < 0) {
        *r = before;
        return rc;
    }
    rill_vpx_decoder_free(before.vpx);
    rill_sound_decoder_free(before.sound);
    rill_sync_clock(r->sync, r->sync_stream, rill_codec_clock_hz(codec));
    return 0;
}

static void connect(struct rill_receiver *r, const struct rill_receiver_config *config)
{
    enum rill_kind kind = rill_codec_kind(r->codec);
    r->sync = config->sync ? config->sync : &r->alone;
    r->sync_stream = rill_sync_add(r->sync, kind, rill_codec_clock_hz(r->codec));
    for (size_t i = 0; i < config->n_outputs && r->n_keepers < RILL_RECEIVER_OUTPUTS_MAX; i++) {
        int stream = rill_output_add(config->outputs[i], kind);
        if (stream >= 0)
            r->keepers[r->n_keepers++] = (struct keeper){config->outputs[i], stream};
    }
    if (kind == RILL_VIDEO)
        r->preview = config->preview;
    if (kind == RILL_AUDIO && config->player)
        r->player_stream = rill_player_add(config->player);
    if (kind == RILL_AUDIO && r->player_stream >= 0)
        r->player = config->player;
}

int rill_receiver_new(const struct rill_receiver_config *config, struct rill_receiver **out,
                      struct rill_err *why)
{
    struct rill_receiver *r = calloc(1, sizeof *r);
    if (!r || config->codec == RILL_CODEC_NONE) {
        free(r);
        return rill_err_set(&rill_media_errors, RILL_MEDIA_CODEC, 0, 0, why);
    }
    r->codec = config->codec;
    r->trace = config->trace;
    r->max_pixels = config->max_pixels;
    r->lips = config->lips;
    r->clock = config->clock;
    int rc = open_decoder(r, config->max_pixels);
    if (rc < 0)
        rill_err_set(&rill_codec_errors, rc, 0, 0, why);
    connect(r, config);
    if (rc == 0 && r->sync_stream < 0)
        rc = rill_err_set(&rill_media_errors, RILL_MEDIA_STREAMS, 0, 0, why);
    if (rc < 0) {
        rill_receiver_free(r);
        return rc;
    }
    *out = r;
    return 0;
}

/* --- keeping --------------------------------------------------------------------------- */

static void note_written(struct rill_receiver *r, int64_t now, int rc)
{
    if (rc == 0)
        return;
    r->written = r->written ? r->written : rc;
    RILL_TRACE(r->trace, now, recording_stopped, {0});
}

void rill_receiver_keep_frame(struct rill_receiver *r, int64_t now, int64_t time,
                              const struct rill_frame *f)
{
    struct rill_frame came = *f;
    came.bytes.n -= f->index;
    for (size_t i = 0; i < r->n_keepers; i++)
        note_written(r, now,
                     rill_output_frame(r->keepers[i].output, r->keepers[i].stream, time, &came));
}

static void keep_image(struct rill_receiver *r, int64_t now, int64_t time,
                       const struct rill_image *image)
{
    for (size_t i = 0; i < r->n_keepers; i++)
        note_written(r, now,
                     rill_output_image(r->keepers[i].output, r->keepers[i].stream, time, image));
}

void rill_receiver_keep_pcm(struct rill_receiver *r, int64_t now, int64_t time,
                            const struct rill_pcm *pcm)
{
    for (size_t i = 0; i < r->n_keepers; i++)
        note_written(r, now,
                     rill_output_pcm(r->keepers[i].output, r->keepers[i].stream, time, pcm));
}

static struct rill_view name_of(int code)
{
    const struct rill_err_row *row = rill_err_find(&rill_codec_errors, code);
    if (!row)
        row = rill_err_find(&rill_media_errors, code);
    if (!row)
        row = rill_err_find(&rill_rtp_errors, code);
    return rill_view_of(row ? row->name : NULL);
}

void rill_receiver_note_error(struct rill_receiver *r, int64_t now, int rc)
{
    r->stats.errors++;
    r->written = r->written ? r->written : rc;
    RILL_TRACE(r->trace, now, decode_failed, {.view = name_of(rc)});
}

/* --- pictures -------------------------------------------------------------------------- */

void rill_receiver_count_decoded(struct rill_receiver *r, int64_t now)
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

/* taken: µs that decoding took. */
static void count_picture(struct rill_receiver *r, int64_t now, const struct rill_frame *f,
                          int64_t taken)
{
    int qp = rill_vpx_decoder_qp(r->vpx);
    rill_receiver_count_decoded(r, now);
    r->stats.key_frames_decoded += f->keyframe;
    r->stats.qp_sum += qp > 0 ? (uint64_t)qp : 0;
    r->stats.total_decode_time += taken;
    r->stats.total_processing_delay += (f->began && now > f->began ? now - f->began : 0) + taken;
    rill_playback_shown(&r->stats.playback, now);
}

/* What is kept and shown stands upright; the picture stays as it is when there is no memory. */
static void upright(struct rill_receiver *r, const struct rill_frame *f, struct rill_image *image)
{
    bool across = f->rotation % 180 != 0;
    size_t size = rill_image_size(image->width, image->height);
    if (f->rotation == 0)
        return;
    if (size + image->width + image->height > r->turned_size) {
        uint8_t *more = realloc(r->turned, size + image->width + image->height);
        if (!more)
            return;
        r->turned = more;
        r->turned_size = size + image->width + image->height;
    }
    struct rill_image turned = rill_image_over(r->turned, across ? image->height : image->width,
                                               across ? image->width : image->height);
    if (rill_pixels_turn(image, f->rotation, &turned))
        *image = turned;
}

/* Where its time lies by our clock. */
int64_t rill_receiver_clock_of(const struct rill_receiver *r, int64_t time)
{
    return r->sync->zero + time;
}

static int64_t due_of(const struct rill_receiver *r, int64_t now, const struct rill_image *image)
{
    return r->lips ? rill_lipsync_due(r->lips, now, rill_receiver_clock_of(r, image->time)) : now;
}

/* What is due, and the oldest when there are too many. */
static void show_held(struct rill_receiver *r, int64_t now)
{
    const struct rill_image *image;
    r->now = now;
    while ((image = rill_held_first(&r->held)) &&
           (due_of(r, now, image) <= now || r->held.n == RILL_HELD_MAX)) {
        if (r->preview)
            rill_preview_show(r->preview, now, image);
        rill_held_pass(&r->held);
    }
}

/* Live, a picture waits for the sound that belongs to it. */
static void preview(struct rill_receiver *r, int64_t now, const struct rill_image *image)
{
    if (r->lips)
        rill_lipsync_seen(r->lips, now, rill_receiver_clock_of(r, image->time));
    show_held(r, now);
    if (r->held.n == 0 && due_of(r, now, image) <= now)
        rill_preview_show(r->preview, now, image);
    else
        (void)rill_held_put(&r->held, image);
}

static int decode_picture(struct rill_receiver *r, int64_t now, int64_t time,
                          const struct rill_frame *f)
{
    struct rill_image image;
    int64_t began = r->clock ? r->clock() : 0;
    int rc = rill_vpx_decode(r->vpx, f->bytes, &image);
    if (rc < 1)
        return rc;
    count_picture(r, now, f, r->clock ? r->clock() - began : 0);
    note_size(r, now, &image);
    note_number(r, now, &image);
    upright(r, f, &image);
    image.time = time;
    keep_image(r, now, time, &image);
    if (r->preview)
        preview(r, now, &image);
    return 0;
}

/* --- verbs ----------------------------------------------------------------------------- */

static int take_picture(struct rill_receiver *r, int64_t now, const struct rill_frame *f)
{
    r->written = 0;
    int64_t time = rill_sync_time(r->sync, r->sync_stream, now, f->rtp_time);
    rill_receiver_keep_frame(r, now, time, f);
    int rc = r->vpx ? decode_picture(r, now, time, f) : 0;
    if (rc < 0)
        rill_receiver_note_error(r, now, rc);
    return rc < 0 ? rc : r->written;
}

int rill_receiver_frame(struct rill_receiver *r, int64_t now, const struct rill_frame *f)
{
    int rc = f->codec == r->codec ? 0 : follow(r, now, f->codec);
    if (rc < 0)
        return rc;
    r->stats.frames++;
    r->stats.bytes += f->bytes.n;
    return r->playout ? rill_receiver_take_sound(r, now, f) : take_picture(r, now, f);
}

int64_t rill_receiver_deadline(const struct rill_receiver *r)
{
    const struct rill_image *image = rill_held_first(&r->held);
    if (image)
        return due_of(r, r->now, image);
    return r->playout && r->due ? r->due : RILL_NEVER;
}

int rill_receiver_tick(struct rill_receiver *r, int64_t now)
{
    r->written = 0;
    show_held(r, now);
    if (r->playout)
        rill_receiver_play(r, now);
    return r->written;
}

void rill_receiver_end(struct rill_receiver *r, int64_t now)
{
    if (r->playout)
        rill_playout_flush(r->playout, now);
}

void rill_receiver_pause(struct rill_receiver *r)
{
    if (r->playout)
        rill_playout_pause(r->playout);
}

void rill_receiver_report(struct rill_receiver *r, uint64_t ntp, uint32_t rtp_time)
{
    rill_sync_report(r->sync, r->sync_stream, ntp, rtp_time);
}

void rill_receiver_forget_preview(struct rill_receiver *r)
{
    r->preview = NULL;
}

void rill_receiver_free(struct rill_receiver *r)
{
    if (!r)
        return;
    free(r->turned);
    rill_vpx_decoder_free(r->vpx);
    rill_held_free(&r->held);
    rill_playout_free(r->playout);
    rill_sound_decoder_free(r->sound);
    free(r);
}

void rill_receiver_counts(const struct rill_receiver *r, struct rill_receiver_stats *out)
{
    *out = r->stats;
    if (r->playout)
        rill_receiver_sound_stats(r, out);
}

void rill_receiver_stats(const struct rill_receiver *r, struct rill_receiver_stats *out)
{
    rill_receiver_counts(r, out);
    out->tone_hz = rill_tone_hz(&r->tone);
}
