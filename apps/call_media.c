/* call_media: the peer's frames to files and decoders. */
#include "apps/app.h"
#include "apps/call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
        call_track_stats(c, i, &stats);
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
