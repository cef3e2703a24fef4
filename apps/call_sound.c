/* call_sound: what a call knows of sound: how the other side wants it, the keys of a telephone, and
 * the clock by which what is received is played. */
#include "apps/app.h"
#include "apps/call.h"

#include <stdio.h>
#include <string.h>

/* --- as the other side wants it -------------------------------------------------------------- */

/* RFC 7587 §6.1, and what its reports say: the encoder follows. */
void call_follow_sound(struct call *c)
{
    for (size_t i = 0; i < c->n_tracks; i++) {
        struct call_track *t = &c->tracks[i];
        struct rill_peer_sound now;
        if (rill_codec_kind(t->codec) != RILL_AUDIO ||
            !rill_peer_sound(c->peer, t->transceiver, &now))
            continue;
        struct rill_opus_wishes wants = {.fec = now.fec,
                                         .dtx = now.dtx,
                                         .loss_percent = (uint8_t)now.loss_percent,
                                         .max_bps = now.max_bps};
        if (t->told_sound && wants.fec == t->sound.fec && wants.dtx == t->sound.dtx &&
            wants.loss_percent == t->sound.loss_percent && wants.max_bps == t->sound.max_bps)
            continue;
        t->told_sound = true;
        t->sound = wants;
        call_command(c, i, (struct rill_worker_command){.type = RILL_WORKER_SOUND, .sound = wants});
    }
}

/* --- keys ------------------------------------------------------------------------------------ */

/* "TONES[/DURATION[/GAP]]", ms. */
const char *call_dtmf_read(struct rill_view text, struct call_dtmf *out)
{
    struct rill_view rest, gap;
    uint64_t ms[2] = {0, 0};
    struct rill_view tones = rill_view_cut(text, '/', &rest);
    struct rill_view duration = rest.p ? rill_view_cut(rest, '/', &gap) : (struct rill_view){0};
    if (!rest.p)
        gap = (struct rill_view){0};
    if ((duration.p && !rill_view_u64(duration, 6000, &ms[0])) ||
        (gap.p && !rill_view_u64(gap, 6000, &ms[1])) || tones.n > RILL_PEER_TONES_MAX)
        return "keys are TONES[/DURATION[/GAP]], up to 63 of them, in milliseconds up to 6000";
    for (size_t i = 0; i < tones.n; i++)
        if (!memchr("0123456789ABCDabcd#*,", tones.p[i], 21))
            return "keys are 0 to 9, A to D, #, * and the comma, which is a pause";
    snprintf(out->tones, sizeof out->tones, "%.*s", (int)tones.n, (const char *)tones.p);
    out->duration = (int64_t)ms[0] * RILL_MS;
    out->gap = (int64_t)ms[1] * RILL_MS;
    return NULL;
}

int call_insert_dtmf(struct call *c, int64_t now, size_t track, const struct call_dtmf *d)
{
    return rill_peer_insert_dtmf(c->peer, now, c->tracks[track].transceiver, d->tones, d->duration,
                                 d->gap);
}

/* --dtmf: on the first sound, once media flows both ways. */
void call_first_keys(struct call *c, int64_t now)
{
    for (size_t i = 0; c->options->has_dtmf && i < c->n_tracks; i++) {
        if (rill_codec_kind(c->tracks[i].codec) != RILL_AUDIO)
            continue;
        int rc = call_insert_dtmf(c, now, i, &c->options->dtmf);
        const struct rill_err_row *row = rc < 0 ? rill_app_err_row(rc) : NULL;
        if (row)
            call_note(c, "refused", row->sentence);
        return;
    }
}

void call_on_tone(struct call *c, const struct rill_peer_event *e)
{
    char text[2] = {e->tone, 0};
    if (e->type == RILL_PEER_EVENT_TONE_BEGINS) {
        if (e->receiver < RILL_TRACKS_MAX && c->remotes[e->receiver].used)
            rill_receiver_pause(c->remotes[e->receiver].receiver);
        return;
    }
    if (e->type == RILL_PEER_EVENT_TONE_CHANGE) {
        call_note(c, "tonechange", text);
        return;
    }
    if (!c->options->json) {
        call_note(c, "tone", text);
        return;
    }
    json_t *o = call_event_json(c, "tone");
    json_object_set_new(o, "value", rill_app_json_text(rill_view_of(text)));
    json_object_set_new(o, "receiver", json_integer(e->receiver));
    json_object_set_new(o, "duration_ms", json_integer(e->duration / RILL_MS));
    call_print_json(o);
}

/* --- what belongs together ---------------------------------------------------------------------
 */

struct rill_lipsync *call_lips(struct call *c, struct rill_view stream)
{
    if (stream.n == 0 || stream.n >= sizeof c->streams[0].id || rill_view_is(stream, "-"))
        return NULL;
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++) {
        struct call_stream *s = &c->streams[i];
        if (!s->id[0])
            snprintf(s->id, sizeof s->id, "%.*s", (int)stream.n, (const char *)stream.p);
        if (rill_view_is(stream, s->id))
            return &s->lips;
    }
    return NULL;
}

/* --- what is received ------------------------------------------------------------------------- */

void call_hear(struct call *c, int64_t now)
{
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++) {
        struct call_remote *r = &c->remotes[i];
        if (r->used && rill_receiver_deadline(r->receiver) <= now)
            call_remote_decoded(c, now, r, rill_receiver_tick(r->receiver, now));
    }
}

int64_t call_hear_deadline(const struct call *c)
{
    int64_t next = RILL_NEVER;
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        if (c->remotes[i].used)
            next = rill_earlier(next, rill_receiver_deadline(c->remotes[i].receiver));
    return next;
}

void call_hear_last(struct call *c, int64_t now)
{
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        if (c->remotes[i].used)
            rill_receiver_end(c->remotes[i].receiver, now);
}
