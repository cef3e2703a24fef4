/* call_send: sources to the peer: a worker for each source and its clones. */
#include "apps/app.h"
#include "apps/call.h"
#include "media/budget.h"

#include <stdio.h>

/* What each gets at most, where -b:a and -b:v do not say it. */
#define AUDIO_BPS 48000
#define VIDEO_MOST_BPS 2000000

static void wake(void *ctx)
{
    rill_reactor_wake(ctx);
}

static struct rill_worker *worker_for(struct call *c, const struct call_input *in)
{
    if (in->clone >= 0)
        return c->tracks[c->track_of_input[in->clone]].worker;
    struct rill_worker_config config = {
        .threaded = !c->options->seeded, .now = rill_posix_now, .wake = wake, .ctx = c->reactor};
    return rill_worker_new(&config);
}

static struct rill_sender_config sender_config(struct call *c, const struct call_input *in)
{
    struct rill_sender_config config = {
        .source = in->source,
        .echo = c->player ? c->echo : NULL,
        .rtp_time_start = rill_rng_u32(&c->rng),
        .clock = c->options->seeded ? NULL : rill_posix_now,
    };
    if (in->clone >= 0)
        config.clone = c->tracks[c->track_of_input[in->clone]].before_start;
    return config;
}

/* A source that cannot be opened ends the call, or is left out with --optional. */
static bool go_without(struct call *c, const char *source, const struct rill_err *why)
{
    if (!c->options->optional) {
        call_fail(c, source, why);
        return false;
    }
    rill_app_complain(source, why);
    call_note(c, "left-out", source);
    return true;
}

/* What was chosen, by its own name. */
static void tell_opened(struct call *c, struct call_track *t)
{
    char text[300];
    struct rill_track *track = rill_sender_track(t->before_start);
    const struct rill_settings *s = rill_track_settings(track);
    t->pixels = (uint64_t)s->width * s->height;
    if (s->width > 0)
        snprintf(text, sizeof text, "track %zu: %s, %ux%u at %g", c->n_tracks,
                 rill_track_label(track), s->width, s->height,
                 (double)s->rate_numerator / s->rate_denominator);
    else
        snprintf(text, sizeof text, "track %zu: %s", c->n_tracks, rill_track_label(track));
    call_note(c, "source", text);
}

static bool open_input(struct call *c, size_t number)
{
    const struct call_input *in = &c->options->inputs.list[number];
    struct call_track *t = &c->tracks[c->n_tracks];
    struct rill_err why = {0};
    c->track_of_input[number] = -1;
    if (in->clone >= 0 && c->track_of_input[in->clone] < 0)
        return go_without(c, in->source, &why);
    struct rill_sender_config config = sender_config(c, in);
    if (rill_sender_new(&config, &t->before_start, &why) < 0)
        return go_without(c, in->source, &why);
    t->codec = rill_sender_codec(t->before_start);
    t->copied = rill_track_is_encoded(rill_sender_track(t->before_start));
    t->prefers = in->codec;
    uint32_t bitrate_bps = rill_codec_kind(t->codec) == RILL_AUDIO ? in->audio_bps : in->video_bps;
    t->limit_bps = bitrate_bps;
    t->encodings = &in->encodings;
    if (bitrate_bps > 0)
        rill_sender_set_bitrate(t->before_start, bitrate_bps);
    t->worker = worker_for(c, in);
    t->sender = t->worker ? rill_worker_add(t->worker, t->before_start) : -1;
    if (in->clone < 0)
        c->workers[c->n_workers++] = t->worker;
    if (t->sender < 0) {
        rill_sender_free(t->before_start);
        call_fail(c, "there is no memory for a worker, or a source has too many clones", NULL);
        return false;
    }
    tell_opened(c, t);
    t->transceiver = -1;
    c->track_of_input[number] = (int)c->n_tracks++;
    return true;
}

bool call_open_sources(struct call *c)
{
    for (size_t i = 0; i < c->options->inputs.n; i++)
        if (!open_input(c, i))
            return false;
    return true;
}

/* An answerer's encodings take the names that the offer asks for. */
static int give(struct call *c, const struct call_track *t, const char *name)
{
    struct rill_peer_encoding list[RILL_PEER_ENCODINGS_MAX];
    size_t n = call_encodings_list(t->encodings, list);
    if (n == 0 || rill_codec_kind(t->codec) != RILL_VIDEO || c->role != CALL_OFFERER)
        return rill_peer_add_track(c->peer, t->codec, c->stream_id, name);
    return rill_peer_add_transceiver_encodings(c->peer, t->codec, RILL_SDP_SENDRECV, c->stream_id,
                                               name, list, n);
}

/* A file is sent in its own codec alone; else what -c says comes first, and what both sides surely
 * have behind it. */
static int prefer(struct call *c, const struct call_track *t)
{
    bool video = rill_codec_kind(t->codec) == RILL_VIDEO;
    enum rill_codec_id sure = video ? RILL_CODEC_VP8 : RILL_CODEC_OPUS;
    enum rill_codec_id list[2] = {t->prefers ? t->prefers : t->codec, sure};
    if (t->copied && (t->codec != sure || c->options->n_codecs))
        return rill_peer_set_codec_preferences(c->peer, t->transceiver, &t->codec, 1);
    if (t->copied || !t->prefers)
        return 0;
    return rill_peer_set_codec_preferences(c->peer, t->transceiver, list, list[0] == sure ? 1 : 2);
}

int call_add_track(struct call *c, size_t track)
{
    struct call_track *t = &c->tracks[track];
    char name[32];
    snprintf(name, sizeof name, "rill-track-%zu", track);
    int i = give(c, t, name);
    if (i < 0)
        return i;
    t->transceiver = i;
    const struct call_playout_delay *d = &c->options->playout_delay;
    if (d->given)
        (void)rill_peer_set_playout_delay(c->peer, i, d->min_ms, d->max_ms);
    return prefer(c, t);
}

static bool add_tracks(struct call *c)
{
    for (size_t i = 0; i < c->options->inputs.n; i++) {
        if (c->track_of_input[i] < 0 || call_input_is_added_later(&c->options->inputs, i))
            continue;
        int rc = call_add_track(c, (size_t)c->track_of_input[i]);
        if (rc < 0) {
            call_fail_code(c, "a track could not be added", rc);
            return false;
        }
    }
    return true;
}

bool call_add_tracks(struct call *c)
{
    /* RFC 8830 §2: token characters only, which an ice-char need not be. */
    snprintf(c->stream_id, sizeof c->stream_id, "rill-%016llx",
             (unsigned long long)rill_rng_u64(&c->rng));
    if (!add_tracks(c))
        return false;
    /* With nothing to send there is still something to see and hear. */
    if (c->n_tracks == 0 && c->role == CALL_OFFERER) {
        (void)rill_peer_add_receiver(c->peer, RILL_VIDEO);
        (void)rill_peer_add_receiver(c->peer, RILL_AUDIO);
    }
    return true;
}

/* The tracks as media/budget.h has them. */
static size_t budget_of(const struct call *c, struct rill_budget_track out[CALL_TRACKS],
                        size_t tracks[CALL_TRACKS])
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_tracks; i++) {
        const struct call_track *t = &c->tracks[i];
        bool sound = rill_codec_kind(t->codec) == RILL_AUDIO;
        uint64_t several = sound || t->limit_bps ? 0 : call_encodings_most(c, i);
        uint64_t one = t->limit_bps ? t->limit_bps : sound ? AUDIO_BPS : VIDEO_MOST_BPS;
        if (t->transceiver < 0)
            continue;
        tracks[n] = i;
        out[n++] = (struct rill_budget_track){.sound = sound, .wants_bps = several ? several : one};
    }
    return n;
}

/* What was agreed on is what is encoded. */
static void follow_codecs(struct call *c)
{
    for (size_t i = 0; i < c->n_tracks; i++) {
        struct call_track *t = &c->tracks[i];
        enum rill_codec_id codec = rill_peer_track_codec(c->peer, t->transceiver);
        if (codec == RILL_CODEC_NONE || codec == t->codec)
            continue;
        t->codec = codec;
        call_command(c, i, (struct rill_worker_command){.type = RILL_WORKER_CODEC, .value = codec});
    }
}

void call_start_media(struct call *c, int64_t now)
{
    if (c->media_started)
        return;
    c->media_started = true;
    c->media_at = now;
    call_encodings_follow(c);
    for (size_t i = 0; i < c->n_tracks; i++)
        c->tracks[i].before_start = NULL;
    /* Before the first frame: one in another codec would be lost. */
    follow_codecs(c);
    for (size_t i = 0; i < c->n_workers; i++)
        if (!rill_worker_start(c->workers[i], now))
            call_note(c, "worker", "there is no thread to be had: the loop encodes by itself");
    call_follow_encodings(c);
}

/* --- what the workers say -------------------------------------------------------------- */

static size_t track_of(const struct call *c, const struct rill_worker *w, int sender)
{
    size_t i = 0;
    while (i + 1 < c->n_tracks && (c->tracks[i].worker != w || c->tracks[i].sender != sender))
        i++;
    return i;
}

static void tell(struct call *c, size_t track, const struct rill_worker_event *e)
{
    static const char *const what[] = {"mute",     "unmute",      "ended",
                                       "replaced", "constrained", "refused"};
    char text[400] = "";
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_w_str(&w, "track ");
    rill_w_dec(&w, track);
    if (e->why.row) {
        rill_w_str(&w, ": ");
        rill_err_write(&w, &e->why);
    } else if (e->settings.width > 0) {
        rill_w_str(&w, ": ");
        rill_w_dec(&w, e->settings.width);
        rill_w_str(&w, "x");
        rill_w_dec(&w, e->settings.height);
    }
    rill_w_end_text(&w);
    call_note(c, what[e->type], text);
    bool bad = e->type == RILL_WORKER_REFUSED || (e->type == RILL_WORKER_ENDED && e->why.row);
    if (bad)
        fprintf(stderr, "rill call: [%s] %s\n", c->options->name, text);
}

/* What was agreed comes from files alone, and this is none. */
static bool cannot_be_made(const struct call *c, const struct call_track *t,
                           const struct rill_frame *f)
{
    enum rill_codec_id agreed = rill_peer_track_codec(c->peer, t->transceiver);
    return agreed != f->codec && (agreed == RILL_CODEC_H264 || agreed == RILL_CODEC_AV1);
}

static void tell_refused(struct call *c, struct call_track *t, const char *why)
{
    t->told_refused = true;
    call_note(c, "refused", why);
    fprintf(stderr, "rill call: [%s] track %zu: %s\n", c->options->name, (size_t)(t - c->tracks),
            why);
}

/* An m-line that the answer refuses is gone, and its transceiver with it. */
void call_tell_rejected(struct call *c)
{
    struct rill_peer_transceiver_info info;
    for (size_t i = 0; i < c->n_tracks; i++) {
        struct call_track *t = &c->tracks[i];
        if (t->transceiver < 0 || rill_peer_transceiver(c->peer, t->transceiver, &info))
            continue;
        tell_refused(c, t,
                     rill_codec_kind(t->codec) == RILL_VIDEO
                         ? "the other side refuses it, and no picture is sent: have both a codec "
                           "in common?"
                         : "the other side refuses it, and no sound is sent: have both a codec in "
                           "common?");
    }
}

/* Told once: a file goes on from its next key frame, and may fare no better. */
static void note_refused(struct call *c, struct call_track *t, const struct rill_frame *f, int rc)
{
    bool other = rc == RILL_PEER_NOT_SENDING && cannot_be_made(c, t, f);
    if (t->told_refused || (rc != RILL_PEER_NAL_TOO_LARGE && !other))
        return;
    const char *why = other ? "H.264 and AV1 come from files alone (-i FILE.h264, FILE.ivf), and "
                              "nothing else was agreed on: no picture is sent"
                            : rill_app_err_row(rc)->sentence;
    tell_refused(c, t, why);
}

static void fetch(struct call *c, int64_t now, struct rill_worker *w)
{
    struct rill_worker_event e;
    struct rill_frame frame;
    int sender;
    while (rill_worker_frame(w, &sender, &frame)) {
        struct call_track *t = &c->tracks[track_of(c, w, sender)];
        frame.rotation = c->options->orientation;
        note_refused(c, t, &frame, rill_peer_send_frame(c->peer, now, t->transceiver, &frame));
    }
    while (rill_worker_event(w, &e))
        tell(c, track_of(c, w, e.sender), &e);
}

/* --- what they are told ---------------------------------------------------------------- */

void call_command(struct call *c, size_t track, struct rill_worker_command command)
{
    command.sender = c->tracks[track].sender;
    if (!rill_worker_command(c->tracks[track].worker, &command))
        call_note(c, "refused", "too many commands wait for a track");
}

void call_want_keyframe(struct call *c, int transceiver, size_t encoding)
{
    for (size_t i = 0; i < c->n_tracks && c->media_started; i++)
        if (c->tracks[i].transceiver == transceiver)
            call_command(
                c, i,
                (struct rill_worker_command){.type = RILL_WORKER_KEYFRAME, .encoding = encoding});
}

/* What is told is what has changed. */
static void follow_share(struct call *c, size_t track, uint64_t bps)
{
    struct call_track *t = &c->tracks[track];
    if (t->share_bps == bps)
        return;
    t->share_bps = bps;
    /* Each of several encodings gets its own. */
    if (t->n_told == 0)
        call_command(
            c, track,
            (struct rill_worker_command){.type = RILL_WORKER_BITRATE, .value = (uint32_t)bps});
}

void call_follow_target(struct call *c, uint64_t target_bps)
{
    struct rill_budget_track budget[CALL_TRACKS];
    size_t tracks[CALL_TRACKS], n = budget_of(c, budget, tracks);
    if (!c->media_started)
        return;
    rill_budget_share(target_bps, budget, n);
    rill_peer_set_most(c->peer, rill_budget_most(budget, n));
    for (size_t i = 0; i < n; i++)
        follow_share(c, tracks[i], budget[i].gets_bps);
    call_encodings_follow(c);
}

/* Until the target changes by itself, what is sent now would have the shares of what was sent
 * before, and nothing would be known of a path that carries it all. */
void call_follow_encodings(struct call *c)
{
    uint64_t target = rill_peer_target(c->peer);
    if (c->media_started && target > 0)
        call_follow_target(c, target);
    else
        call_encodings_follow(c);
}

void call_send_media(struct call *c, int64_t now)
{
    if (!c->media_started)
        return;
    follow_codecs(c);
    call_follow_sound(c);
    for (size_t i = 0; i < c->n_workers; i++) {
        rill_worker_step(c->workers[i], now);
        fetch(c, now, c->workers[i]);
    }
}

int64_t call_media_deadline(const struct call *c, int64_t now)
{
    int64_t next = RILL_NEVER;
    if (!c->media_started)
        return next;
    for (size_t i = 0; i < c->n_workers; i++)
        next = rill_earlier(next, rill_worker_deadline(c->workers[i], now));
    return next;
}

void call_track_stats(const struct call *c, size_t track, struct rill_sender_stats *out)
{
    rill_worker_stats(c->tracks[track].worker, c->tracks[track].sender, out);
}

void call_free_sources(struct call *c)
{
    for (size_t i = 0; i < c->n_workers; i++)
        rill_worker_free(c->workers[i]);
    c->n_workers = 0;
}
