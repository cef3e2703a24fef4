/* call_media: the peer's frames to decoders, and from there to files, speakers and windows. */
#include "apps/app.h"
#include "apps/call.h"

#include <stdio.h>

/* A receiver that has been there before: it goes on where the kind is the same; what comes of
 * another kind has a new one. */
static bool goes_on(struct call *c, const struct rill_peer_event *e)
{
    struct call_remote *r = &c->remotes[e->receiver];
    if (!r->used)
        return false;
    if (r->kind == e->kind && r->codec == e->codec) {
        r->left = r->removed = false;
        return true;
    }
    rill_receiver_free(r->receiver);
    *r = (struct call_remote){.used = false};
    return false;
}

void call_on_track_removed(struct call *c, const struct rill_peer_event *e)
{
    if (e->receiver >= 0 && e->receiver < RILL_TRACKS_MAX)
        c->remotes[e->receiver].removed = true;
    call_note(c, "track", "removed");
}

void call_on_track(struct call *c, const struct rill_peer_event *e)
{
    unsigned nth = 1;
    if (e->receiver < 0 || e->receiver >= RILL_TRACKS_MAX || goes_on(c, e))
        return;
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        nth += c->remotes[i].used && c->remotes[i].kind == e->kind;
    struct call_remote *r = &c->remotes[e->receiver];
    r->kind = e->kind;
    r->codec = e->codec;
    call_remote_outputs(c, r, nth);
    call_open_preview(c, r, nth);
    struct rill_receiver_config config = {
        .codec = e->codec,
        .sync = &c->sync,
        .outputs = r->outputs,
        .n_outputs = r->n_outputs,
        .player = c->player,
        .preview = r->preview,
        .lips = call_lips(c, e->text),
        .trace = &c->trace.trace,
        .clock = c->options->seeded ? NULL : rill_posix_now,
    };
    struct rill_err why = {0};
    if (rill_receiver_new(&config, &r->receiver, &why) < 0) {
        call_fail(c, "a stream cannot be received", &why);
        return;
    }
    r->used = true;
}

/* Another one of several encodings is shown from now on. */
static void note_encoding(struct call *c, struct call_remote *r, const struct rill_peer_event *e)
{
    char text[64];
    if (!e->text.n || r->encoding == e->frame.encoding + 1)
        return;
    r->encoding = e->frame.encoding + 1;
    snprintf(text, sizeof text, "%.*s: %ux%u", (int)e->text.n, (const char *)e->text.p,
             e->frame.width, e->frame.height);
    call_note(c, "encoding", text);
}

/* RFC 3264 §6.1: the other side may go over to any format that was agreed, at any time. */
static void note_codec(struct call *c, struct call_remote *r, const struct rill_peer_event *e)
{
    char text[128];
    if (r->codec != e->codec && r->first) {
        snprintf(text, sizeof text,
                 "%s instead of %s; files that keep it as it comes end here, all others go on",
                 call_codec_name(e->codec), call_codec_name(r->codec));
        call_note(c, "codec", text);
    }
    r->codec = e->codec;
}

void call_remote_decoded(struct call *c, int64_t now, struct call_remote *r, int rc)
{
    struct rill_receiver_stats stats;
    /* Sound that is late is the network's doing, and counted. */
    if (rc < 0 && rc != RILL_MEDIA_LATE) {
        const struct rill_err_row *row = rill_app_err_row(rc);
        call_note(c, "frame", row ? row->sentence : "a frame could not be decoded");
        call_tell_outputs(c);
    }
    rill_receiver_counts(r->receiver, &stats);
    if (stats.undecoded)
        stats.decoded = stats.frames;
    if (stats.decoded == r->decoded)
        return;
    if (!r->first)
        r->first = now;
    else if (now - r->last > r->longest_gap)
        r->longest_gap = now - r->last;
    r->last = now;
    r->decoded = stats.decoded;
}

void call_on_frame(struct call *c, int64_t now, const struct rill_peer_event *e)
{
    if (e->receiver < 0 || e->receiver >= RILL_TRACKS_MAX || !c->remotes[e->receiver].used)
        return;
    struct call_remote *r = &c->remotes[e->receiver];
    r->left = false;
    note_encoding(c, r, e);
    note_codec(c, r, e);
    r->last_rtp_time = e->frame.rtp_time;
    r->last_rtp_at = now;
    r->has_report = e->has_report;
    r->report_ntp = e->report_ntp;
    r->report_rtp_time = e->report_rtp_time;
    if (e->has_report)
        rill_receiver_report(r->receiver, e->report_ntp, e->report_rtp_time);
    call_remote_decoded(c, now, r, rill_receiver_frame(r->receiver, now, &e->frame));
}

static bool is_awaited(const struct call_remote *r)
{
    return r->used && !r->left && !r->removed && !r->first;
}

bool call_media_flows(const struct call *c)
{
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        if (is_awaited(&c->remotes[i]))
            return false;
    for (size_t i = 0; i < c->n_tracks; i++) {
        struct rill_sender_stats stats;
        call_track_stats(c, i, &stats);
        if (!stats.frames)
            return false;
    }
    return true;
}
