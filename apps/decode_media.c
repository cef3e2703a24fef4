/* decode media: what was recorded on a wire, down to its pictures: how many packets are RTP, how
 * many frames they hold and how many of those can be decoded. `frames`, `decoded`, `keyframes`,
 * `width` and `height` are those of all picture streams; of sound when there is no picture. */
#include "apps/app.h"
#include "media/replay.h"
#include "reactor/reactor.h"

#include <stdio.h>

/* Reading the file and printing have the rest of the two seconds. */
#define TIME_MAX (1200 * RILL_MS)

static const char *const codecs[] = {
    [RILL_CODEC_OPUS] = "opus", [RILL_CODEC_VP8] = "VP8", [RILL_CODEC_VP9] = "VP9",
    [RILL_CODEC_H264] = "H264", [RILL_CODEC_AV1] = "AV1", [RILL_CODEC_PCMU] = "PCMU",
    [RILL_CODEC_PCMA] = "PCMA",
};

static void put(json_t *o, const char *key, uint64_t value)
{
    json_object_set_new(o, key, json_integer((json_int_t)value));
}

static json_t *stream(const struct rill_replay_stream *s)
{
    json_t *o = json_object();
    bool sound = s->codec != RILL_CODEC_NONE && rill_codec_kind(s->codec) == RILL_AUDIO;
    put(o, "ssrc", s->ssrc);
    put(o, "pt", s->pt);
    json_object_set_new(o, "codec", codecs[s->codec] ? json_string(codecs[s->codec]) : json_null());
    put(o, "packets", s->packets);
    put(o, "frames", s->frames);
    put(o, "frames_dropped", s->frames_dropped);
    put(o, "decoded", s->decoded);
    put(o, "decode_errors", s->errors);
    json_object_set_new(o, "decoder", json_boolean(s->codec != RILL_CODEC_NONE && !s->undecoded));
    if (!sound) {
        put(o, "keyframes", s->keyframes);
        put(o, "width", s->width);
        put(o, "height", s->height);
    }
    return o;
}

/* Adds up the streams of one kind; false when there is none. */
static bool add_up(const struct rill_replay *r, enum rill_kind kind, json_t *out)
{
    uint64_t frames = 0, decoded = 0, keyframes = 0, pixels = 0;
    uint32_t width = 0, height = 0;
    bool any = false;
    for (size_t i = 0; i < r->n_streams; i++) {
        const struct rill_replay_stream *s = &r->streams[i];
        if (s->codec == RILL_CODEC_NONE || rill_codec_kind(s->codec) != kind)
            continue;
        any = true;
        frames += s->frames;
        decoded += s->decoded;
        keyframes += s->keyframes;
        if ((uint64_t)s->width * s->height > pixels) {
            pixels = (uint64_t)s->width * s->height;
            width = s->width;
            height = s->height;
        }
    }
    put(out, "frames", frames);
    put(out, "decoded", decoded);
    put(out, "width", width);
    put(out, "height", height);
    put(out, "keyframes", keyframes);
    return any;
}

int rill_decode_media(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                      struct rill_err *why)
{
    struct rill_replay r;
    (void)args;
    int rc = rill_replay(in, rill_posix_now, rill_posix_now() + TIME_MAX, &r, why);
    if (rc < 0)
        return rc;
    put(out, "packets", r.packets);
    put(out, "rtp_ok", r.rtp_ok);
    put(out, "rtcp", r.rtcp);
    put(out, "other", r.other);
    put(out, "protected", r.twins);
    put(out, "records_passed", r.passed);
    json_object_set_new(out, "cut", json_boolean(r.cut));
    json_object_set_new(out, "complete", json_boolean(!r.over));
    if (!add_up(&r, RILL_VIDEO, out))
        (void)add_up(&r, RILL_AUDIO, out);
    json_t *streams = json_array();
    for (size_t i = 0; i < r.n_streams; i++)
        json_array_append_new(streams, stream(&r.streams[i]));
    json_object_set_new(out, "streams", streams);
    return 0;
}
