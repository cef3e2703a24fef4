/* stream: see stream.h. */
#include "tests/sim/stream.h"

#include <assert.h>
#include <stdlib.h>

#define VIDEO_PERIOD 33333
#define AUDIO_PERIOD (20 * RILL_MS)
#define AUDIO_BYTES 50 /* RFC 8867 §4.3: 20 kbit/s */
/* What the app takes off the target: sound with its headers, and those of pictures. */
#define AUDIO_BPS 36000
#define OVERHEAD 32
#define LEAST_BPS 50000

static void frames_init(struct rill_sim_frames *f, int track, int64_t duration, int64_t period)
{
    *f = (struct rill_sim_frames){.track = track, .cap = (size_t)(duration / period) + 2};
    f->list = calloc(f->cap, sizeof *f->list);
    assert(f->list);
}

void rill_sim_stream_init(struct rill_sim_stream *s, struct rill_sim_call *call, int from,
                          int64_t duration, uint64_t seed)
{
    *s = (struct rill_sim_stream){.call = call, .from = from, .end = duration};
    s->pause = s->resume = RILL_NEVER;
    frames_init(&s->video, call->sides[from].video.track, duration, VIDEO_PERIOD);
    frames_init(&s->audio, call->sides[from].audio.track, duration, AUDIO_PERIOD);
    s->n_bins = (size_t)(duration / RILL_SIM_BIN) + 1;
    s->bins = calloc(s->n_bins, sizeof *s->bins);
    assert(s->bins);
    rill_sim_encoder_init(&s->encoder, seed);
}

void rill_sim_stream_free(struct rill_sim_stream *s)
{
    free(s->video.list);
    free(s->audio.list);
    free(s->bins);
}

bool rill_sim_stream_runs(const struct rill_sim_stream *s, int64_t at)
{
    return at >= s->begin && at < s->end && !(at >= s->pause && at < s->resume);
}

static struct rill_sim_bin *bin_at(struct rill_sim_stream *s, int64_t at)
{
    size_t i = (size_t)(at / RILL_SIM_BIN);
    return &s->bins[i < s->n_bins ? i : s->n_bins - 1];
}

/* --- what goes out ------------------------------------------------------------------------ */

/* Every track's next frame, while there is nothing to send it over too. */
int64_t rill_sim_stream_next(const struct rill_sim_stream *s)
{
    int64_t at = rill_earlier(s->video.due, s->audio.due);
    return at < s->end ? at : RILL_NEVER;
}

static void send_frame(struct rill_sim_stream *s, int64_t now, struct rill_sim_frames *f,
                       struct rill_frame *frame)
{
    assert(f->n < f->cap);
    frame->time = now;
    int rc = rill_peer_send_frame(s->call->sides[s->from].peer, now, f->track, frame);
    f->list[f->n++] = (struct rill_sim_sent_frame){frame->rtp_time, now, RILL_NEVER, rc < 0};
}

static uint64_t video_bps(const struct rill_sim_stream *s)
{
    uint64_t target = rill_peer_target(s->call->sides[s->from].peer);
    target = target > AUDIO_BPS ? target - AUDIO_BPS : 0;
    target -= target / OVERHEAD;
    target = target < s->most_bps ? target : s->most_bps;
    return target > LEAST_BPS ? target : LEAST_BPS;
}

static void send_picture(struct rill_sim_stream *s, int64_t now)
{
    struct rill_frame frame = {
        .kind = RILL_VIDEO, .codec = RILL_CODEC_VP8, .rtp_time = (uint32_t)(now * 9 / 100)};
    bin_at(s, now)->target = rill_peer_target(s->call->sides[s->from].peer);
    frame.bytes = rill_sim_encoder_next(&s->encoder, video_bps(s), &frame.keyframe);
    send_frame(s, now, &s->video, &frame);
}

static void send_sound(struct rill_sim_stream *s, int64_t now)
{
    static const uint8_t bytes[AUDIO_BYTES] = {0x78}; /* 20 ms of CELT, RFC 6716 §3.1 */
    struct rill_frame frame = {.kind = RILL_AUDIO,
                               .codec = RILL_CODEC_OPUS,
                               .bytes = rill_view_at(bytes, sizeof bytes),
                               .rtp_time = (uint32_t)(now * 48 / 1000)};
    send_frame(s, now, &s->audio, &frame);
}

static bool is_due(struct rill_sim_stream *s, struct rill_sim_frames *f, int64_t now,
                   int64_t period)
{
    if (f->due > now)
        return false;
    while (f->due <= now)
        f->due += period;
    return rill_sim_stream_runs(s, now) && s->call->sides[s->from].connected_at != RILL_NEVER;
}

bool rill_sim_stream_step(struct rill_sim_stream *s, int64_t now)
{
    bool picture = is_due(s, &s->video, now, VIDEO_PERIOD);
    bool sound = is_due(s, &s->audio, now, AUDIO_PERIOD);
    if (sound)
        send_sound(s, now);
    if (picture)
        send_picture(s, now);
    return picture || sound;
}

/* --- what comes of it --------------------------------------------------------------------- */

void rill_sim_stream_had(struct rill_sim_stream *s, int64_t now, const struct rill_frame *frame)
{
    struct rill_sim_frames *f = frame->kind == RILL_VIDEO ? &s->video : &s->audio;
    while (f->found < f->n && f->list[f->found].rtp_time != frame->rtp_time)
        f->found++;
    assert(f->found < f->n);
    f->list[f->found].had = now;
    if (frame->kind != RILL_VIDEO)
        return;
    struct rill_sim_bin *b = bin_at(s, now);
    int64_t took = now - f->list[f->found].made;
    b->frames++;
    b->slowest = took > b->slowest ? took : b->slowest;
}

void rill_sim_stream_passed(struct rill_sim_stream *s, int64_t came, int64_t left, size_t bytes)
{
    if (left == RILL_NEVER) {
        bin_at(s, came)->lost++;
        return;
    }
    struct rill_sim_bin *b = bin_at(s, left);
    int64_t waited = left - came, ms = waited / RILL_MS;
    b->bytes += bytes;
    b->waited = waited > b->waited ? waited : b->waited;
    s->waits[ms < RILL_SIM_QUEUE_MS ? ms : RILL_SIM_QUEUE_MS - 1]++;
    s->n_waits++;
}
