/* call_media: sources to the peer, and the peer's frames to files and decoders. */
#include "apps/app.h"
#include "apps/call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool call_open_sources(struct call *c)
{
    for (size_t i = 0; i < c->options->n_sources; i++) {
        struct rill_sender_config config = {
            .source = c->options->sources[i],
            .rtp_time_start = rill_rng_u32(&c->rng),
        };
        struct rill_err why = {0};
        if (rill_sender_new(&config, &c->tracks[i].sender, &why) < 0) {
            call_fail(c, config.source, &why);
            return false;
        }
        c->n_tracks++;
    }
    return true;
}

bool call_add_tracks(struct call *c)
{
    char stream[32];
    /* RFC 8830 §2: token characters only, which an ice-char need not be. */
    snprintf(stream, sizeof stream, "rill-%016llx", (unsigned long long)rill_rng_u64(&c->rng));
    for (size_t i = 0; i < c->n_tracks; i++) {
        char track[32];
        snprintf(track, sizeof track, "rill-track-%zu", i);
        int rc =
            rill_peer_add_track(c->peer, rill_sender_codec(c->tracks[i].sender), stream, track);
        if (rc < 0) {
            call_fail_code(c, "a track could not be added", rc);
            return false;
        }
    }
    return true;
}

void call_start_media(struct call *c, int64_t now)
{
    if (c->media_started)
        return;
    c->media_started = true;
    for (size_t i = 0; i < c->n_tracks; i++)
        rill_sender_start(c->tracks[i].sender, now);
}

void call_send_media(struct call *c, int64_t now)
{
    struct rill_frame frame;
    for (size_t i = 0; c->media_started && i < c->n_tracks; i++)
        while (rill_sender_frame(c->tracks[i].sender, now, &frame))
            (void)rill_peer_send_frame(c->peer, now, (int)i, &frame);
}

int64_t call_media_deadline(const struct call *c)
{
    int64_t next = RILL_NEVER;
    for (size_t i = 0; c->media_started && i < c->n_tracks; i++)
        next = rill_earlier(next, rill_sender_deadline(c->tracks[i].sender));
    return next;
}

static bool ends_with(const char *text, const char *tail)
{
    size_t n = strlen(text), m = strlen(tail);
    return n >= m && !strcmp(text + n - m, tail);
}

static bool is_file_name(const char *output)
{
    return ends_with(output, ".ivf") || ends_with(output, ".ogg") || ends_with(output, ".png");
}

bool call_make_outputs(struct call *c)
{
    for (size_t i = 0; i < c->options->n_outputs; i++) {
        const char *o = c->options->outputs[i];
        struct stat there;
        if (is_file_name(o) || !mkdir(o, 0777))
            continue;
        int why = errno;
        if (why == EEXIST && !stat(o, &there) && !S_ISDIR(there.st_mode))
            why = ENOTDIR;
        if (why == EEXIST)
            continue;
        char text[300];
        snprintf(text, sizeof text, "there can be no directory %.200s: %s", o, strerror(why));
        call_fail(c, text, NULL);
        return false;
    }
    return true;
}

/* A name for the nth remote track of a kind: FILE.ivf itself, or DIR/video.ivf, DIR/video-2.ivf. */
static bool output_path(struct call *c, const char *base, const char *tail, unsigned nth, char *out,
                        size_t cap)
{
    for (size_t i = 0; i < c->options->n_outputs; i++) {
        const char *o = c->options->outputs[i];
        if (is_file_name(o) && nth == 1 && ends_with(o, tail))
            return (size_t)snprintf(out, cap, "%s", o) < cap;
        if (is_file_name(o))
            continue;
        if (nth == 1)
            return (size_t)snprintf(out, cap, "%s/%s%s", o, base, tail) < cap;
        return (size_t)snprintf(out, cap, "%s/%s-%u%s", o, base, nth, tail) < cap;
    }
    return false;
}

/* A receiver that has been there before: it goes on where the kind is the same; what comes of
 * another kind has a new one. */
static bool goes_on(struct call *c, const struct rill_peer_event *e)
{
    struct call_remote *r = &c->remotes[e->receiver];
    struct rill_err why = {0};
    if (!r->used)
        return false;
    if (r->kind == e->kind) {
        r->left = false;
        return true;
    }
    if (rill_receiver_close(r->receiver, &why) < 0)
        call_fail(c, "a file could not be written", &why);
    rill_receiver_free(r->receiver);
    *r = (struct call_remote){.used = false};
    return false;
}

void call_on_track_removed(struct call *c, const struct rill_peer_event *e)
{
    if (e->receiver >= 0 && e->receiver < RILL_TRACKS_MAX)
        c->remotes[e->receiver].left = true;
    call_note(c, "track", "removed");
}

void call_on_track(struct call *c, const struct rill_peer_event *e)
{
    char record[512], snapshot[512];
    unsigned nth = 1;
    if (e->receiver < 0 || e->receiver >= RILL_TRACKS_MAX || goes_on(c, e))
        return;
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        nth += c->remotes[i].used && c->remotes[i].kind == e->kind;
    bool video = e->kind == RILL_VIDEO;
    bool keep = output_path(c, video ? "video" : "audio", video ? ".ivf" : ".ogg", nth, record,
                            sizeof record);
    bool shot = video && output_path(c, "last-frame", ".png", nth, snapshot, sizeof snapshot);
    struct rill_receiver_config config = {
        .codec = e->codec,
        .record = keep ? record : NULL,
        .snapshot = shot ? snapshot : NULL,
        .ogg_serial = rill_rng_u32(&c->rng),
    };
    struct rill_err why = {0};
    struct call_remote *r = &c->remotes[e->receiver];
    if (rill_receiver_new(&config, &r->receiver, &why) < 0) {
        call_fail(c, "what is received cannot be kept", &why);
        return;
    }
    r->used = true;
    r->kind = e->kind;
}

void call_on_frame(struct call *c, int64_t now, const struct rill_peer_event *e)
{
    struct rill_receiver_stats stats;
    if (e->receiver < 0 || e->receiver >= RILL_TRACKS_MAX || !c->remotes[e->receiver].used)
        return;
    struct call_remote *r = &c->remotes[e->receiver];
    int rc = rill_receiver_frame(r->receiver, now, &e->frame);
    if (rc < 0) {
        const struct rill_err_row *row = rill_app_err_row(rc);
        call_note(c, "frame", row ? row->sentence : "a frame could not be decoded");
    }
    if (r->first)
        return;
    rill_receiver_stats(r->receiver, &stats);
    if (stats.decoded)
        r->first = now;
}

bool call_media_flows(const struct call *c)
{
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        if (c->remotes[i].used && !c->remotes[i].left && !c->remotes[i].first)
            return false;
    for (size_t i = 0; i < c->n_tracks; i++) {
        struct rill_sender_stats stats;
        rill_sender_stats(c->tracks[i].sender, &stats);
        if (!stats.frames)
            return false;
    }
    return true;
}

void call_close_media(struct call *c)
{
    struct rill_err why = {0};
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        if (c->remotes[i].used && rill_receiver_close(c->remotes[i].receiver, &why) < 0)
            call_fail(c, "a file could not be written", &why);
}
