#include "media/sender.h"

#include "media/sender_private.h"

#include <stdlib.h>

#define VIDEO_CLOCK_KHZ 90

static const struct rill_trace_point started = {
    "media", "sender_started", "times count from here", 1, {{"rtp_time", RILL_TRACE_U64}}};
static const struct rill_trace_point keyframe_sent = {
    "media", "keyframe_sent", "a picture that needs no other", 1, {{"bytes", RILL_TRACE_U64}}};
static const struct rill_trace_point frame_dropped = {
    "media",
    "frame_dropped",
    "not sent: the rate control said so, or it waits for a key frame",
    1,
    {{"time", RILL_TRACE_I64}}};

/* --- its life -------------------------------------------------------------------------- */

static int open_video(struct rill_sender *s)
{
    const struct rill_settings *set = rill_track_settings(s->track);
    s->video = rill_encodings_new(set->rate_numerator, set->rate_denominator, s->clock);
    if (!s->video)
        return RILL_CODEC_VPX_ENCODER;
    s->encoding = 1;
    rill_encodings_set_codec(s->video, s->codec);
    if (s->bitrate_bps)
        rill_encodings_set_bitrate(s->video, 0, s->bitrate_bps);
    return 0;
}

/* What the track needs and is not there yet; a file has encoded already. */
static int open_encoder(struct rill_sender *s)
{
    if (rill_track_is_encoded(s->track))
        return 0;
    if (rill_track_kind(s->track) == RILL_VIDEO)
        return s->video ? 0 : open_video(s);
    return rill_sender_open_sound(s);
}

static int open_track(struct rill_sender *s, const struct rill_sender_config *config,
                      struct rill_err *why)
{
    if (!config->clone)
        return rill_track_open(&(struct rill_source_config){.name = config->source,
                                                            .echo = config->echo,
                                                            .v4l2 = config->v4l2},
                               &s->track, why);
    s->track = rill_track_clone(config->clone->track);
    return s->track ? 0 : rill_err_set(&rill_media_errors, RILL_MEDIA_NO_SOURCE, 0, 0, why);
}

static bool can_encode(enum rill_codec_id codec)
{
    return codec != RILL_CODEC_NONE && codec != RILL_CODEC_H264 && codec != RILL_CODEC_AV1;
}

static enum rill_codec_id first_codec(const struct rill_track *t)
{
    return rill_track_is_encoded(t)           ? rill_track_codec(t)
           : rill_track_kind(t) == RILL_AUDIO ? RILL_CODEC_OPUS
                                              : RILL_CODEC_VP8;
}

int rill_sender_new(const struct rill_sender_config *config, struct rill_sender **out,
                    struct rill_err *why)
{
    struct rill_sender *s = calloc(1, sizeof *s);
    if (!s)
        return rill_err_set(&rill_media_errors, RILL_MEDIA_NO_SOURCE, 0, 0, why);
    s->trace = config->trace;
    s->clock = config->clock;
    s->echo = config->echo;
    s->bitrate_bps = config->bitrate_bps;
    s->rtp_time_start = config->rtp_time_start;
    s->last = INT64_MIN;
    int rc = open_track(s, config, why);
    if (rc == 0)
        s->codec = first_codec(s->track);
    if (rc == 0 && (rc = open_encoder(s)) < 0)
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
    rill_encodings_free(s->video);
    rill_opus_encoder_free(s->opus);
    rill_g711_free(s->g711);
    rill_track_free(s->track);
    free(s);
}

enum rill_codec_id rill_sender_codec(const struct rill_sender *s)
{
    return s->codec;
}

bool rill_sender_set_codec(struct rill_sender *s, enum rill_codec_id codec)
{
    if (codec == s->codec)
        return true;
    if (rill_track_is_encoded(s->track) || !can_encode(codec) ||
        rill_codec_kind(codec) != rill_track_kind(s->track))
        return false;
    s->codec = codec;
    rill_sender_forget_sound(s);
    if (s->video)
        rill_encodings_set_codec(s->video, codec);
    rill_sender_want_keyframe(s);
    return open_encoder(s) == 0;
}

struct rill_track *rill_sender_track(struct rill_sender *s)
{
    return s->track;
}

void rill_sender_start(struct rill_sender *s, int64_t now)
{
    s->started = true;
    s->start = now;
    rill_track_start(s->track, now);
    RILL_TRACE(s->trace, now, started, {.u = s->rtp_time_start});
}

int rill_sender_replace_track(struct rill_sender *s, int64_t now,
                              const struct rill_source_config *source, struct rill_err *why)
{
    struct rill_track *track, *old = s->track;
    struct rill_source_config config = *source;
    if (!config.echo)
        config.echo = s->echo;
    int rc = rill_track_open(&config, &track, why);
    if (rc < 0)
        return rc;
    if (rill_track_kind(track) != rill_track_kind(old)) {
        rill_track_free(track);
        return rill_err_set(&rill_media_errors, RILL_MEDIA_OTHER_KIND, 0, 0, why);
    }
    if (rill_track_is_encoded(track) ? rill_track_codec(track) != s->codec
                                     : !can_encode(s->codec)) {
        rill_track_free(track);
        return rill_err_set(&rill_media_errors, RILL_MEDIA_OTHER_CODEC, 0, 0, why);
    }
    s->track = track;
    if ((rc = open_encoder(s)) < 0) {
        s->track = old;
        rill_track_free(track);
        return rill_err_set(&rill_codec_errors, rc, 0, 0, why);
    }
    s->skipped += rill_track_dropped(old);
    s->encoding = RILL_MEDIA_ENCODINGS_MAX; /* the picture at hand goes with it */
    rill_track_free(old);
    if (s->started)
        rill_track_start(track, now);
    rill_sender_want_keyframe(s);
    return 0;
}

int64_t rill_sender_deadline(const struct rill_sender *s)
{
    return rill_track_deadline(s->track);
}

/* --- frames ---------------------------------------------------------------------------- */

/* RFC 7741 §4.1: 90 kHz. Rounded, so that times of whole µs give the frame rate's own steps. */
static uint32_t video_time(const struct rill_sender *s, int64_t time)
{
    int64_t ticks = ((time - s->start) * VIDEO_CLOCK_KHZ + 500) / 1000;
    return s->rtp_time_start + (uint32_t)ticks;
}

static void drop(struct rill_sender *s, int64_t now, int64_t time)
{
    s->skipped++;
    RILL_TRACE(s->trace, now, frame_dropped, {.i = time});
}

bool rill_sender_is_later(struct rill_sender *s, int64_t time)
{
    if (time <= s->last)
        return false;
    s->last = time;
    return true;
}

/* The next encoding of the picture at hand. */
static bool encoded_again(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    while (s->video && s->encoding < rill_encodings_count(s->video)) {
        int rc = rill_encodings_encode(s->video, s->encoding++, &s->image, out);
        if (rc == 1)
            return true;
        if (rc == 0)
            drop(s, now, s->image.time);
    }
    return false;
}

static void count_source(struct rill_sender *s, const struct rill_image *image)
{
    s->stats.source_frames++;
    s->stats.width = image->width;
    s->stats.height = image->height;
    rill_per_second_add(&s->source_per_second, image->time);
    uint64_t late = rill_track_dropped(s->track);
    if (late > s->late)
        rill_encodings_late(s->video, image->time);
    s->late = late;
}

/* Pictures until one is encoded; false when no other is due. */
static bool encoded_picture(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    bool done = encoded_again(s, now, out);
    while (!done && rill_track_image(s->track, now, &s->image)) {
        /* A file that is disabled goes on as black pictures. */
        if (!s->video && open_video(s) < 0)
            return false;
        if (!rill_sender_is_later(s, s->image.time)) {
            drop(s, now, s->image.time);
            continue;
        }
        count_source(s, &s->image);
        s->encoding = 0;
        done = encoded_again(s, now, out);
    }
    return done;
}

static void count_file(struct rill_sender *s, const struct rill_frame *f)
{
    struct rill_encoding_stats *e = &s->stats.encodings[0];
    s->stats.source_frames++;
    s->stats.width = e->width = f->width ? f->width : e->width;
    s->stats.height = e->height = f->height ? f->height : e->height;
    rill_per_second_add(&s->source_per_second, f->time);
    rill_per_second_add(&s->file_per_second, f->time);
    e->frames++;
    e->keyframes += f->keyframe;
}

/* Frames of a file, from its next key frame on when one is wanted. */
static bool file_frame(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    while (rill_track_frame(s->track, now, out)) {
        if ((!s->want_keyframe || out->keyframe) && rill_sender_is_later(s, out->time)) {
            count_file(s, out);
            return true;
        }
        drop(s, now, out->time);
    }
    return false;
}

static bool video_frame(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    if (!file_frame(s, now, out) && !encoded_picture(s, now, out))
        return false;
    out->rtp_time = video_time(s, out->time);
    if (out->keyframe) {
        s->want_keyframe = false; /* of a file */
        s->stats.keyframes++;
        RILL_TRACE(s->trace, now, keyframe_sent, {.u = out->bytes.n});
    }
    return true;
}

bool rill_sender_frame(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    struct rill_frame frame;
    bool sound = rill_track_kind(s->track) == RILL_AUDIO;
    s->now = now;
    if (sound ? !rill_sender_sound_frame(s, now, &frame) : !video_frame(s, now, &frame))
        return false;
    s->stats.frames++;
    s->stats.bytes += frame.bytes.n;
    *out = frame;
    return true;
}

void rill_sender_discard(struct rill_sender *s, int64_t now)
{
    struct rill_image image;
    struct rill_pcm pcm;
    struct rill_frame frame;
    s->encoding = RILL_MEDIA_ENCODINGS_MAX;
    while (rill_track_image(s->track, now, &image))
        drop(s, now, image.time);
    while (rill_track_pcm(s->track, now, &pcm))
        drop(s, now, pcm.time);
    while (rill_track_frame(s->track, now, &frame)) {
        drop(s, now, frame.time);
        rill_sender_want_keyframe(s); /* those after it build on it */
    }
}

void rill_sender_want_keyframe(struct rill_sender *s)
{
    s->want_keyframe = rill_track_kind(s->track) == RILL_VIDEO;
    for (size_t i = 0; s->video && i < rill_encodings_count(s->video); i++)
        rill_encodings_want_keyframe(s->video, i);
}

void rill_sender_want_keyframe_of(struct rill_sender *s, size_t encoding)
{
    s->want_keyframe |= encoding == 0 && rill_track_kind(s->track) == RILL_VIDEO;
    if (s->video)
        rill_encodings_want_keyframe(s->video, encoding);
}

bool rill_sender_set_encoding(struct rill_sender *s, size_t encoding,
                              const struct rill_encoding *to)
{
    if (rill_track_kind(s->track) != RILL_VIDEO || (!s->video && open_video(s) < 0))
        return false;
    return rill_encodings_set(s->video, encoding, to);
}

void rill_sender_set_bitrate_of(struct rill_sender *s, size_t encoding, uint32_t bitrate_bps)
{
    if (encoding == 0)
        s->bitrate_bps = bitrate_bps;
    if (s->video)
        rill_encodings_set_bitrate(s->video, encoding, bitrate_bps);
    if (s->opus)
        rill_opus_encoder_set_bitrate(s->opus, bitrate_bps);
}

void rill_sender_set_bitrate(struct rill_sender *s, uint32_t bitrate_bps)
{
    rill_sender_set_bitrate_of(s, 0, bitrate_bps);
}

static void add_encodings(const struct rill_sender *s, struct rill_sender_stats *out)
{
    out->n_encodings = s->video ? rill_encodings_count(s->video) : 1;
    if (rill_track_is_encoded(s->track))
        out->encodings[0].per_second = rill_per_second_count(&s->file_per_second, s->now);
    for (size_t i = 0; s->video && i < out->n_encodings; i++)
        rill_encodings_stats(s->video, i, s->now, &out->encodings[i]);
}

void rill_sender_stats(const struct rill_sender *s, struct rill_sender_stats *out)
{
    *out = s->stats;
    out->dropped = s->skipped + rill_track_dropped(s->track);
    out->source_per_second = rill_per_second_count(&s->source_per_second, s->now);
    out->total_audio_energy = s->level.total_energy;
    out->total_samples_duration = s->level.total_duration;
    out->audio_level = s->level.last;
    if (rill_track_kind(s->track) == RILL_AUDIO)
        out->target_bps = s->bitrate_bps ? s->bitrate_bps : RILL_SENDER_AUDIO_BPS;
    else
        add_encodings(s, out);
}
