/* media: the clips as if they came from a camera and a microphone, frame by frame, and step 23:
 * both clients have played what the other one sent. */
#include "walk/world.h"

#define VIDEO_PERIOD 33333
#define AUDIO_PERIOD (20 * RILL_MS)

void walk_media_begin(struct walk_client *c)
{
    struct walk_flow *flows[] = {&c->video, &c->audio};
    if (c->connected)
        return;
    c->connected = true;
    for (int i = 0; i < 2; i++) {
        flows[i]->running = true;
        flows[i]->began = flows[i]->due = c->world->now;
    }
}

static void send_one(struct walk_client *c, struct walk_flow *f, bool video)
{
    const struct rill_sim_clip *clip = video ? &c->world->vp8 : &c->world->opus;
    struct rill_frame frame = {
        .kind = video ? RILL_VIDEO : RILL_AUDIO,
        .codec = video ? RILL_CODEC_VP8 : RILL_CODEC_OPUS,
        .bytes = clip->frames[f->sent % clip->n],
        .rtp_time = f->rtp_base + (uint32_t)f->sent * (video ? 3000u : 960u),
        .time = c->world->now,
        .keyframe = video && f->sent % clip->n == 0,
    };
    if (rill_peer_send_frame(c->peer, c->world->now, f->track, &frame) < 0)
        walk_stop("a frame", "the peer does not take it");
    walk_add(&c->world->record, c->world->now, WALK_FRAME, c->place, video ? "video" : "audio",
             frame.bytes);
    f->sent++;
    f->due += video ? VIDEO_PERIOD : AUDIO_PERIOD;
}

void walk_media_send(struct walk_client *c)
{
    while (c->audio.running && c->audio.due <= c->world->now)
        send_one(c, &c->audio, false);
    while (c->video.running && c->video.due <= c->world->now)
        send_one(c, &c->video, true);
}

int64_t walk_media_next(const struct walk_client *c)
{
    int64_t at = c->audio.running ? c->audio.due : RILL_NEVER;
    return c->video.running ? rill_earlier(at, c->video.due) : at;
}

bool walk_media_flows(const struct walk_world *w)
{
    for (int i = 0; i < WALK_CLIENTS; i++)
        if (!w->clients[i].video.played || !w->clients[i].audio.played)
            return false;
    return true;
}

void walk_media_played(struct walk_client *c, const struct rill_frame *frame)
{
    bool video = frame->kind == RILL_VIDEO;
    walk_add(&c->world->record, c->world->now, WALK_PLAYED, c->place, video ? "video" : "audio",
             frame->bytes);
    *(video ? &c->video.played : &c->audio.played) += 1;
    if (walk_media_flows(c->world))
        walk_step(c, 23);
}
