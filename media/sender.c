#include "media/sender.h"

#include <stdlib.h>

#define VIDEO_BITRATE_BPS 800000
#define AUDIO_BITRATE_BPS 48000
#define VIDEO_CLOCK_KHZ 90
#define AUDIO_CLOCK_KHZ 48
#define PACKET_MAX 1275

struct rill_sender {
    struct rill_source *source;
    struct rill_vpx_encoder *vpx;
    struct rill_opus_encoder *opus;
    const struct rill_trace *trace;
    uint32_t rtp_time_start;
    int64_t start;
    bool want_keyframe;
    uint64_t skipped; /* beyond what the source dropped */
    struct rill_sender_stats stats;
    uint8_t packet[PACKET_MAX];
};

static const struct rill_trace_point started = {
    "media", "sender-started", "times count from here", 1, {{"rtp_time", RILL_TRACE_U64}}};
static const struct rill_trace_point keyframe_sent = {
    "media", "keyframe-sent", "a picture that needs no other", 1, {{"bytes", RILL_TRACE_U64}}};
static const struct rill_trace_point frame_dropped = {
    "media",
    "frame-dropped",
    "not sent: the rate control said so, or it waits for a key frame",
    1,
    {{"time", RILL_TRACE_I64}}};

static int open_encoder(struct rill_sender *s, uint32_t bitrate_bps)
{
    const struct rill_settings *set = rill_source_settings(s->source);
    if (rill_source_is_encoded(s->source))
        return 0;
    if (rill_source_kind(s->source) == RILL_AUDIO)
        return rill_opus_encoder_new((uint8_t)set->channel_count,
                                     bitrate_bps ? bitrate_bps : AUDIO_BITRATE_BPS, &s->opus);
    return rill_vpx_encoder_new(
        &(struct rill_vpx_encoder_config){
            .width = set->width,
            .height = set->height,
            .bitrate_bps = bitrate_bps ? bitrate_bps : VIDEO_BITRATE_BPS,
            .rate_numerator = set->rate_numerator,
            .rate_denominator = set->rate_denominator,
        },
        &s->vpx);
}

int rill_sender_new(const struct rill_sender_config *config, struct rill_sender **out,
                    struct rill_err *why)
{
    struct rill_sender *s = calloc(1, sizeof *s);
    if (!s || !config->source || !config->source[0]) {
        free(s);
        return rill_err_set(&rill_media_errors, RILL_MEDIA_NO_SOURCE, 0, 0, why);
    }
    s->trace = config->trace;
    s->rtp_time_start = config->rtp_time_start;
    int rc =
        rill_source_open(&(struct rill_source_config){.name = config->source}, &s->source, why);
    if (rc == 0 && (rc = open_encoder(s, config->bitrate_bps)) < 0)
        rill_err_set(&rill_codec_errors, rc, 0, 0, why);
    if (rc < 0) {
        rill_sender_free(s);
        return rc;
    }
    *out = s;
    return 0;
}

void rill_sender_free(struct rill_sender *s)
{
    if (!s)
        return;
    rill_vpx_encoder_free(s->vpx);
    rill_opus_encoder_free(s->opus);
    rill_source_free(s->source);
    free(s);
}

enum rill_codec_id rill_sender_codec(const struct rill_sender *s)
{
    return rill_source_kind(s->source) == RILL_AUDIO ? RILL_CODEC_OPUS : RILL_CODEC_VP8;
}

void rill_sender_start(struct rill_sender *s, int64_t now)
{
    s->start = now;
    rill_source_start(s->source, now);
    RILL_TRACE(s->trace, now, started, {.u = s->rtp_time_start});
}

int64_t rill_sender_deadline(const struct rill_sender *s)
{
    return rill_source_deadline(s->source);
}

/* RFC 7741 §4.1: 90 kHz. Rounded, so that times of whole µs give the frame rate's own steps. */
static uint32_t video_time(const struct rill_sender *s, int64_t time)
{
    int64_t ticks = ((time - s->start) * VIDEO_CLOCK_KHZ + 500) / 1000;
    return s->rtp_time_start + (uint32_t)ticks;
}

/* RFC 7587 §4.1: 48 kHz, so 960 a packet of 20 ms. */
static uint32_t audio_time(const struct rill_sender *s, int64_t time)
{
    return s->rtp_time_start + (uint32_t)((time - s->start) * AUDIO_CLOCK_KHZ / 1000);
}

static void drop(struct rill_sender *s, int64_t now, int64_t time)
{
    s->skipped++;
    RILL_TRACE(s->trace, now, frame_dropped, {.i = time});
}

/* Pictures until one is encoded; false when no other is due. */
static bool encoded_picture(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    struct rill_image image;
    while (rill_source_image(s->source, now, &image)) {
        if (rill_vpx_encode(s->vpx, &image, s->want_keyframe, out) == 1)
            return true;
        drop(s, now, image.time);
    }
    return false;
}

/* Frames of a file, from its next key frame on when one is wanted. */
static bool file_frame(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    while (rill_source_frame(s->source, now, out)) {
        if (!s->want_keyframe || out->keyframe)
            return true;
        drop(s, now, out->time);
    }
    return false;
}

static bool video_frame(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    bool encoded = rill_source_is_encoded(s->source);
    if (encoded ? !file_frame(s, now, out) : !encoded_picture(s, now, out))
        return false;
    out->rtp_time = video_time(s, out->time);
    if (out->keyframe) {
        s->want_keyframe = false;
        s->stats.keyframes++;
        RILL_TRACE(s->trace, now, keyframe_sent, {.u = out->bytes.n});
    }
    return true;
}

static bool audio_frame(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    struct rill_pcm pcm;
    if (!rill_source_pcm(s->source, now, &pcm))
        return false;
    int n = rill_opus_encode(s->opus, &pcm, (struct rill_span){s->packet, sizeof s->packet});
    if (n < 0)
        return false;
    *out = (struct rill_frame){
        .kind = RILL_AUDIO,
        .codec = RILL_CODEC_OPUS,
        .bytes = rill_view_at(s->packet, (size_t)n),
        .rtp_time = audio_time(s, pcm.time),
        .time = pcm.time,
    };
    return true;
}

bool rill_sender_frame(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    struct rill_frame frame;
    bool sound = rill_source_kind(s->source) == RILL_AUDIO;
    if (sound ? !audio_frame(s, now, &frame) : !video_frame(s, now, &frame))
        return false;
    s->stats.frames++;
    s->stats.bytes += frame.bytes.n;
    *out = frame;
    return true;
}

void rill_sender_want_keyframe(struct rill_sender *s)
{
    s->want_keyframe = rill_source_kind(s->source) == RILL_VIDEO;
}

void rill_sender_set_bitrate(struct rill_sender *s, uint32_t bitrate_bps)
{
    if (s->vpx)
        rill_vpx_encoder_set_bitrate(s->vpx, bitrate_bps);
    if (s->opus)
        rill_opus_encoder_set_bitrate(s->opus, bitrate_bps);
}

void rill_sender_stats(const struct rill_sender *s, struct rill_sender_stats *out)
{
    *out = s->stats;
    out->dropped = s->skipped + rill_source_dropped(s->source);
}
