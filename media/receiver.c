#include "media/receiver.h"

#include "base/seq.h"
#include "capture/source.h"
#include "media/g711.h"
#include "media/tone.h"

#include <stdlib.h>

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
    uint32_t max_pixels;
    int64_t (*clock)(void);
    const struct rill_trace *trace;
    struct rill_vpx_decoder *vpx;
    struct rill_opus_decoder *opus;
    struct rill_g711 *g711;
    struct rill_sync *sync, alone;
    int sync_stream;
    struct keeper {
        struct rill_output *output;
        int stream; /* its number there */
    } keepers[RILL_RECEIVER_OUTPUTS_MAX];
    size_t n_keepers;
    struct rill_player *player;
    int player_stream;
    struct rill_preview *preview;
    int write_error; /* of the frame at hand */
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
    "media", "recording-stopped", "a file cannot be written", 0, {{0}}};

/* --- opening --------------------------------------------------------------------------- */

static int open_decoder(struct rill_receiver *r, uint32_t max_pixels)
{
    if (r->codec == RILL_CODEC_VP8 || r->codec == RILL_CODEC_VP9)
        return rill_vpx_decoder_new(r->codec, max_pixels ? max_pixels : PIXELS_MAX, &r->vpx);
    if (r->codec == RILL_CODEC_OPUS)
        return rill_opus_decoder_new(CHANNELS, &r->opus);
    if (r->codec == RILL_CODEC_PCMU || r->codec == RILL_CODEC_PCMA) {
        r->g711 = rill_g711_new(r->codec);
        return r->g711 ? 0 : RILL_CODEC_OPUS_REFUSED;
    }
    r->stats.undecoded = true;
    return 0;
}

/* A codec that both sides have come to prefer in mid-call: pictures and sound go on; a file that
 * keeps frames as they come ends by itself where it has begun with another codec. */
static int follow(struct rill_receiver *r, enum rill_codec_id codec)
{
    struct rill_receiver before = *r;
    if (rill_codec_kind(codec) != rill_codec_kind(r->codec))
        return RILL_MEDIA_OTHER_CODEC;
    r->codec = codec;
    r->vpx = NULL;
    r->opus = NULL;
    r->g711 = NULL;
    r->stats.undecoded = false;
    int rc = open_decoder(r, r->max_pixels);
    if (rc < 0) {
        *r = before;
        return rc;
    }
    rill_vpx_decoder_free(before.vpx);
    rill_opus_decoder_free(before.opus);
    rill_g711_free(before.g711);
    r->has_audio_time = false;
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
    r->write_error = rc;
    RILL_TRACE(r->trace, now, recording_stopped, {0});
}

static void keep_frame(struct rill_receiver *r, int64_t now, int64_t time,
                       const struct rill_frame *f)
{
    for (size_t i = 0; i < r->n_keepers; i++)
        note_written(r, now,
                     rill_output_frame(r->keepers[i].output, r->keepers[i].stream, time, f));
}

static void keep_image(struct rill_receiver *r, int64_t now, int64_t time,
                       const struct rill_image *image)
{
    for (size_t i = 0; i < r->n_keepers; i++)
        note_written(r, now,
                     rill_output_image(r->keepers[i].output, r->keepers[i].stream, time, image));
}

static void keep_pcm(struct rill_receiver *r, int64_t now, int64_t time, const struct rill_pcm *pcm)
{
    for (size_t i = 0; i < r->n_keepers; i++)
        note_written(r, now,
                     rill_output_pcm(r->keepers[i].output, r->keepers[i].stream, time, pcm));
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

/* taken: µs that decoding took. */
static void count_picture(struct rill_receiver *r, int64_t now, const struct rill_frame *f,
                          int64_t taken)
{
    int qp = rill_vpx_decoder_qp(r->vpx);
    count_decoded(r, now);
    r->stats.key_frames_decoded += f->keyframe;
    r->stats.qp_sum += qp > 0 ? (uint64_t)qp : 0;
    r->stats.total_decode_time += taken;
    r->stats.total_processing_delay += (f->began && now > f->began ? now - f->began : 0) + taken;
    rill_playback_shown(&r->stats.playback, now);
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
    image.time = time;
    keep_image(r, now, time, &image);
    if (r->preview)
        rill_preview_show(r->preview, now, &image);
    return 0;
}

/* --- sound ----------------------------------------------------------------------------- */

/* Where the sound at hand belongs; it moves on with what is taken. */
struct cursor {
    int64_t now, time;
};

static void take_sound(struct rill_receiver *r, struct cursor *at, struct rill_pcm *pcm)
{
    pcm->time = at->time;
    r->stats.samples += pcm->frames;
    rill_tone_take(&r->tone, pcm);
    keep_pcm(r, at->now, at->time, pcm);
    if (r->player)
        rill_player_pcm(r->player, r->player_stream, pcm);
    at->time += (int64_t)pcm->frames * 1000 / 48;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The lost samples right before `packet`: concealed, but the last 20 ms from what the packet
 * knows of them. */
static void conceal(struct rill_receiver *r, struct cursor *at, struct rill_view packet,
                    uint32_t lost)
{
    struct rill_pcm pcm;
    uint32_t left = smaller(lost, CONCEAL_MAX) / CONCEAL_STEP * CONCEAL_STEP;
    uint32_t known = left >= PACKET_FRAMES ? PACKET_FRAMES : 0;
    r->stats.concealed += left;
    RILL_TRACE(r->trace, at->now, gap_concealed, {.u = left});
    at->time -= (int64_t)left * 1000 / 48;
    for (left -= known; left > 0; left -= smaller(left, CONCEAL_CALL))
        if (rill_opus_decode(r->opus, (struct rill_view){0}, smaller(left, CONCEAL_CALL), &pcm) > 0)
            take_sound(r, at, &pcm);
    if (known && rill_opus_decode_lost(r->opus, packet, known, &pcm) > 0)
        take_sound(r, at, &pcm);
}

static int decode_sound(struct rill_receiver *r, int64_t now, int64_t time,
                        const struct rill_frame *f)
{
    struct cursor at = {now, time};
    struct rill_pcm pcm;
    int frames = rill_opus_packet_frames(f->bytes);
    if (frames < 0)
        return RILL_CODEC_OPUS_CORRUPT;
    int32_t gap = r->has_audio_time ? rill_seq32_diff(f->rtp_time, r->next_audio_time) : 0;
    /* RFC 7587 §4.2: timestamps count samples. Those of some senders follow an uneven clock, so
     * less than half a packet is nothing; a little more back is late; far back is anew. */
    if (gap <= -(int32_t)frames / 2 && gap > -CONCEAL_MAX)
        return RILL_MEDIA_LATE;
    if (gap >= CONCEAL_STEP)
        conceal(r, &at, f->bytes, (uint32_t)gap);
    r->has_audio_time = true;
    r->next_audio_time = f->rtp_time + (uint32_t)frames;
    int rc = rill_opus_decode(r->opus, f->bytes, 0, &pcm);
    if (rc < 0)
        return rc;
    count_decoded(r, now);
    at.time = time;
    take_sound(r, &at, &pcm);
    return 0;
}

/* RFC 3551 §4.5.14. What is missing is silence. */
static int decode_g711(struct rill_receiver *r, int64_t now, int64_t time,
                       const struct rill_frame *f)
{
    int16_t nothing[CONCEAL_CALL] = {0};
    struct cursor at = {now, time};
    struct rill_pcm pcm;
    int32_t gap = r->has_audio_time ? rill_seq32_diff(f->rtp_time, r->next_audio_time) * 6 : 0;
    uint32_t lost = gap >= CONCEAL_STEP ? smaller((uint32_t)gap, CONCEAL_MAX) : 0;
    r->has_audio_time = true;
    r->next_audio_time = f->rtp_time + (uint32_t)f->bytes.n;
    if (!rill_g711_decode(r->g711, f->bytes, &pcm))
        return RILL_MEDIA_OTHER_CODEC;
    r->stats.concealed += lost;
    at.time -= (int64_t)lost * 1000 / 48;
    for (; lost > 0; lost -= smaller(lost, CONCEAL_CALL)) {
        struct rill_pcm silence = {.samples = nothing,
                                   .frames = smaller(lost, CONCEAL_CALL),
                                   .rate_hz = 48000,
                                   .channels = 1};
        take_sound(r, &at, &silence);
    }
    count_decoded(r, now);
    at.time = time;
    take_sound(r, &at, &pcm);
    return 0;
}

static int decode(struct rill_receiver *r, int64_t now, int64_t time, const struct rill_frame *f)
{
    return r->vpx    ? decode_picture(r, now, time, f)
           : r->opus ? decode_sound(r, now, time, f)
           : r->g711 ? decode_g711(r, now, time, f)
                     : 0;
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
    int rc = f->codec == r->codec ? 0 : follow(r, f->codec);
    if (rc < 0)
        return rc;
    r->stats.frames++;
    r->stats.bytes += f->bytes.n;
    r->write_error = 0;
    int64_t time = rill_sync_time(r->sync, r->sync_stream, now, f->rtp_time);
    keep_frame(r, now, time, f);
    rc = decode(r, now, time, f);
    if (rc < 0) {
        r->stats.errors++;
        RILL_TRACE(r->trace, now, decode_failed, {.view = name_of(rc)});
        return rc;
    }
    return r->write_error;
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
    rill_vpx_decoder_free(r->vpx);
    rill_opus_decoder_free(r->opus);
    rill_g711_free(r->g711);
    free(r);
}

void rill_receiver_stats(const struct rill_receiver *r, struct rill_receiver_stats *out)
{
    *out = r->stats;
    out->tone_hz = rill_tone_hz(&r->tone);
}
