/* tones: the keys of a telephone, in the stream of a sound (RFC 4733; webrtc-pc §7).
 *
 * The idea: keys wait as a string; the one that is held is told again and again by packets of its
 * own, which take numbers of the stream's sequence and the RTP time at which the key was pressed.
 * What is received is told once, when the key was let go.
 */
#include "peer/tones.h"

#include "peer/connection.h"
#include "peer/events.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/packets.h"
#include "peer/tracks.h"
#include "peer/transport.h"

#include <string.h>

static const struct rill_trace_point key_pressed = {
    "peer",
    "key_pressed",
    "a telephone event begins",
    2,
    {{"ssrc", RILL_TRACE_U64}, {"event", RILL_TRACE_U64}}};
static const struct rill_trace_point key_heard = {
    "peer",
    "key_heard",
    "a telephone event is over",
    3,
    {{"ssrc", RILL_TRACE_U64}, {"event", RILL_TRACE_U64}, {"ms", RILL_TRACE_I64}}};

/* webrtc-pc §7.2. */
#define DURATION (100 * RILL_MS)
#define DURATION_MIN (40 * RILL_MS)
#define GAP (70 * RILL_MS)
#define GAP_MIN (30 * RILL_MS)
#define MOST (6 * RILL_SECOND)
#define COMMA (2 * RILL_SECOND)
/* RFC 4733 §2.5.2.2: an event whose end never came is over when nothing was heard of it for "three
 * times the packet interval" or so. */
#define SILENT (150 * RILL_MS)

/* --- out ------------------------------------------------------------------------------------ */

static int64_t within(int64_t given, int64_t otherwise, int64_t least)
{
    int64_t v = given ? given : otherwise;
    return v < least ? least : v > MOST ? MOST : v;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'd' ? (char)(c - 'a' + 'A') : c;
}

int rill_peer_insert_dtmf(struct rill_peer *x, int64_t now, int track, const char *tones,
                          int64_t duration, int64_t gap)
{
    rill_peer_input_dtmf(x, now, track, tones, duration, gap);
    size_t n = strlen(tones);
    struct rill_peer_sound sound;
    if (track < 0 || (size_t)track >= x->n_tracks || x->tracks[track].kind != RILL_AUDIO)
        return RILL_PEER_NO_TRANSCEIVER;
    if (!rill_peer_sound(x, track, &sound) || !sound.can_insert_dtmf)
        return RILL_PEER_NO_DTMF;
    for (size_t i = 0; i < n; i++)
        if (tones[i] != ',' && rill_telephone_event_of(upper(tones[i])) < 0)
            return RILL_PEER_TONE;
    if (n > RILL_PEER_TONES_MAX)
        return RILL_PEER_TONE;
    struct rill_peer_tones *t = &x->tracks[track].senders[0]->tones;
    memcpy(t->waiting, tones, n + 1);
    t->at = 0;
    t->duration = within(duration, DURATION, DURATION_MIN);
    t->gap = within(gap, GAP, GAP_MIN);
    if (!t->on && n > 0 && (t->next == RILL_NEVER || t->next < now))
        t->next = now;
    x->now = now;
    return 0;
}

static void tell_change(struct rill_peer *x, size_t track, char tone)
{
    struct rill_peer_note *note = rill_peer_note(x, RILL_PEER_EVENT_TONE_CHANGE);
    if (!note)
        return;
    note->index = (int)track;
    note->state = tone;
}

/* Of what was sent last, which may be any codec that was agreed; else of what will be. */
static uint32_t clock_of(const struct rill_peer *x, size_t track)
{
    const struct rill_peer_sender *s = x->tracks[track].senders[0];
    return rill_codec_clock_hz(s->codec ? s->codec : x->tracks[track].codec);
}

const struct rill_sdp_events *rill_peer_tones_events(const struct rill_peer *x, size_t track)
{
    int line = x->tracks[track].line;
    const struct rill_sdp_agreed *a = line < 0 ? NULL : &x->lines[line].agreed;
    uint32_t clock_hz = clock_of(x, track);
    const struct rill_sdp_events *other = NULL;
    for (size_t i = 0; a && i < a->n_events; i++) {
        if (a->events[i].clock_hz == clock_hz)
            return &a->events[i];
        if (clock_hz % a->events[i].clock_hz == 0)
            other = &a->events[i];
    }
    return other;
}

/* The RTP time of this instant, by the frame that was sent last. */
static uint32_t rtp_now(const struct rill_peer_sender *s, int64_t now, uint32_t clock_hz)
{
    int64_t since = s->frames ? now - s->frame_time : now;
    return s->frame_rtp_time + (uint32_t)(since * (clock_hz / 1000) / 1000);
}

/* webrtc-pc §7.2: the next of them, and its tonechange; the last is "". */
static void begin_next(struct rill_peer *x, int64_t now, size_t track, struct rill_peer_sender *s,
                       const struct rill_sdp_events *events)
{
    struct rill_peer_tones *t = &s->tones;
    char tone = upper(t->waiting[t->at]);
    tell_change(x, track, tone);
    t->next = RILL_NEVER;
    if (!tone)
        return;
    t->at++;
    if (tone == ',') {
        t->next = now + COMMA;
        return;
    }
    uint8_t event = (uint8_t)rill_telephone_event_of(tone);
    t->on = true;
    t->as = *events;
    t->clock_hz = clock_of(x, track);
    t->rtp_time = rtp_now(s, now, t->clock_hz);
    rill_telephone_key_press(&t->key, now, event, t->duration);
    RILL_TRACE(x->config.trace, now, key_pressed, {.u = s->ssrc}, {.u = event});
}

/* The header's time is of the stream's clock, the duration of the events' (RFC 4733 §2.1 has them
 * alike; Firefox knows events of 8 kHz alone). */
static void hold(int64_t now, struct rill_peer_line *l, struct rill_peer_sender *s)
{
    struct rill_peer_tones *t = &s->tones;
    struct rill_telephone_event e;
    uint32_t ratio = t->clock_hz / t->as.clock_hz;
    bool first;
    while (rill_telephone_key_output(&t->key, now, t->as.clock_hz, &e, &first))
        rill_peer_send_event(l, s, t->as.pt, first, t->rtp_time + e.offset * ratio, &e);
    if (t->key.next != RILL_NEVER)
        return;
    t->on = false;
    t->next = now + t->gap;
}

static void tick_track(struct rill_peer *x, int64_t now, size_t track)
{
    struct rill_peer_sender *s = x->tracks[track].senders[0];
    struct rill_peer_line *l = rill_peer_line_of(x, &x->tracks[track]);
    const struct rill_sdp_events *events = rill_peer_tones_events(x, track);
    bool can = l && (events || s->tones.on) &&
               rill_peer_component_is_ready(rill_peer_line_component(x, l, false));
    if (!can && (s->tones.on || s->tones.next != RILL_NEVER)) {
        s->tones.on = false;
        s->tones.next = RILL_NEVER;
    }
    if (!s->tones.on && now >= s->tones.next)
        begin_next(x, now, track, s, events);
    if (s->tones.on)
        hold(now, l, s);
}

/* --- in ------------------------------------------------------------------------------------- */

static void tell_heard(struct rill_peer *x, int64_t now, size_t line, struct rill_peer_receiver *in)
{
    struct rill_peer_tone_heard *h = &in->tone;
    struct rill_peer_note *note = h->told ? NULL : rill_peer_note(x, RILL_PEER_EVENT_TONE);
    if (!note)
        return;
    note->index = (int)line;
    note->state = rill_telephone_event_key(h->event);
    note->time = (int64_t)(h->before + h->duration) * RILL_SECOND / h->clock_hz;
    h->told = true;
    RILL_TRACE(x->config.trace, now, key_heard, {.u = in->ssrc}, {.u = h->event},
               {.i = note->time / RILL_MS});
}

/* So much of the events' clock, by the stream's. */
static uint32_t in_stream(uint32_t units, uint32_t clock_hz, enum rill_codec_id codec)
{
    return (uint32_t)((uint64_t)units * rill_codec_clock_hz(codec) / clock_hz);
}

/* RFC 4733 §2.5.1.3: a long event goes on in another segment, where the one before ended. */
static bool goes_on(const struct rill_peer_tone_heard *h, const struct rill_telephone_event *e,
                    uint32_t rtp_time, enum rill_codec_id codec)
{
    return h->on && !h->told && h->event == e->event && h->duration == UINT16_MAX &&
           rtp_time - h->rtp_time == in_stream(UINT16_MAX, h->clock_hz, codec);
}

int rill_peer_tones_take(struct rill_peer *x, int64_t now, size_t line,
                         struct rill_peer_receiver *in, const struct rill_rtp_packet *p,
                         uint32_t clock_hz, uint32_t *sent)
{
    const struct rill_sdp_agreed *a = &x->lines[line].agreed;
    enum rill_codec_id codec = in->started ? in->codec : a->codec;
    struct rill_peer_tone_heard *h = &in->tone;
    struct rill_telephone_event e;
    int rc = rill_telephone_event_parse(p->payload, &e, NULL);
    if (rc < 0)
        return rc;
    *sent = p->timestamp + in_stream(e.duration, clock_hz, codec);
    /* A straggler of one that is over. */
    if (h->on && (int32_t)(p->timestamp - h->rtp_time) < 0)
        return 0;
    if (goes_on(h, &e, p->timestamp, codec)) {
        h->before += UINT16_MAX;
        h->rtp_time = p->timestamp;
        h->duration = 0;
    } else if (!h->on || p->timestamp != h->rtp_time) {
        if (h->on)
            tell_heard(x, now, line, in);
        *h = (struct rill_peer_tone_heard){
            .on = true, .event = e.event, .clock_hz = clock_hz, .rtp_time = p->timestamp};
        struct rill_peer_note *note = rill_peer_note(x, RILL_PEER_EVENT_TONE_BEGINS);
        if (note) {
            note->index = (int)line;
            note->state = rill_telephone_event_key(e.event);
        }
    }
    h->duration = e.duration > h->duration ? e.duration : h->duration;
    h->heard = now;
    if (e.end)
        tell_heard(x, now, line, in);
    return 0;
}

/* --- both ----------------------------------------------------------------------------------- */

void rill_peer_tones_tick(struct rill_peer *x, int64_t now)
{
    for (size_t i = 0; i < x->n_tracks; i++)
        if (x->tracks[i].kind == RILL_AUDIO)
            tick_track(x, now, i);
    for (size_t i = 0; i < x->n_lines; i++) {
        struct rill_peer_receiver *in = x->lines[i].ins[0];
        if (in->started && in->tone.on && !in->tone.told && now >= in->tone.heard + SILENT)
            tell_heard(x, now, i, in);
    }
}

int64_t rill_peer_tones_deadline(const struct rill_peer *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->n_tracks; i++) {
        const struct rill_peer_tones *t = &x->tracks[i].senders[0]->tones;
        if (x->tracks[i].kind == RILL_AUDIO)
            at = rill_earlier(at, t->on ? t->key.next : t->next);
    }
    for (size_t i = 0; i < x->n_lines; i++) {
        const struct rill_peer_receiver *in = x->lines[i].ins[0];
        if (in->started && in->tone.on && !in->tone.told)
            at = rill_earlier(at, in->tone.heard + SILENT);
    }
    return at;
}
