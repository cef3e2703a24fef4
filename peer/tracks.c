/* tracks: the sending halves, and the memory of their histories. */
#include "peer/tracks.h"

#include "peer/collision.h"
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/transceivers.h"
#include "peer/transport.h"
#include "srtp/srtp.h"

#include <string.h>

/* Bytes of a packet as the history keeps it: what SRTP adds comes behind it. */
#define SLOT (RILL_DATAGRAM_OUT_MAX - RILL_SRTP_TAIL)

static void lay_out(struct rill_peer_sender *s, struct rill_arena *arena, size_t history)
{
    void *block = rill_arena_take_room(arena, history, 1);
    if (block && s)
        s->arena = rill_arena_over(block, history);
}

void rill_peer_tracks_init(struct rill_peer *x, struct rill_arena *arena)
{
    size_t more = x->config.encodings_sent;
    x->transceivers = rill_arena_take(arena, x->config.tracks, sizeof *x->transceivers);
    x->tracks = rill_arena_take(arena, x->config.tracks, sizeof *x->tracks);
    x->more_senders = rill_arena_take(arena, more, sizeof *x->more_senders);
    struct rill_arena counting = rill_arena_counting();
    struct rill_rtp_history h;
    rill_rtp_history_init(&h, &counting, x->config.history_packets, SLOT);
    size_t n = rill_arena_size(&counting);
    for (size_t i = 0; i < x->config.tracks; i++)
        lay_out(x->tracks ? &x->tracks[i].sender : NULL, arena, n);
    for (size_t i = 0; i < more; i++)
        lay_out(x->more_senders ? &x->more_senders[i] : NULL, arena, n);
}

/* Of rows that are not in use too: those go on with it. */
static bool is_ours(const struct rill_peer *x, uint32_t ssrc)
{
    for (size_t i = 0; i < x->n_tracks; i++)
        if (x->tracks[i].sender.ssrc == ssrc || x->tracks[i].sender.rtx.ssrc == ssrc)
            return true;
    for (size_t i = 0; i < x->config.encodings_sent; i++)
        if (x->more_senders[i].ssrc == ssrc || x->more_senders[i].rtx.ssrc == ssrc)
            return true;
    return false;
}

/* RFC 3550 §8.1: random, and no two of ours alike. */
static uint32_t new_ssrc(struct rill_peer *x)
{
    uint32_t ssrc;
    do {
        ssrc = rill_rng_u32(&x->config.rng);
    } while (ssrc == 0 || ssrc == x->ssrc || is_ours(x, ssrc));
    return ssrc;
}

static void new_stream(struct rill_peer *x, struct rill_peer_sender *s)
{
    static const struct rill_peer_sender empty;
    struct rill_arena arena = s->arena;
    *s = empty;
    s->arena = arena;
    s->ssrc = new_ssrc(x);
    s->rtx.ssrc = new_ssrc(x);
    /* RFC 3550 §5.1: "The initial value of the sequence number SHOULD be random"; the lower half
     * only, since a receiver that misses every packet before the first wrap would take the
     * rollover counter for 0 and never authenticate the stream (RFC 3711 §3.3.1). */
    s->seq = (uint16_t)(rill_rng_u32(&x->config.rng) & 0x7fff);
    s->next = s->seq;
    s->rtx.seq = (uint16_t)(rill_rng_u32(&x->config.rng) & 0x7fff);
    s->picture_id = (uint16_t)(rill_rng_u32(&x->config.rng) & 0x7fff);
    s->remote_rtt_us = -1;
    s->tones.next = RILL_NEVER;
    s->more = (struct rill_peer_outbound_stats){.reported = -1};
}

static void lay_history(struct rill_peer *x, struct rill_peer_sender *s)
{
    size_t packets =
        s->kind == RILL_VIDEO ? x->config.history_packets : (x->config.history_packets + 3) / 4;
    rill_arena_reset(&s->arena);
    rill_rtp_history_init(&s->history, &s->arena, packets, SLOT);
}

/* RFC 3550 §8.2: "choose a new SSRC identifier": another stream, of the same track. */
void rill_peer_sender_renew(struct rill_peer *x, struct rill_peer_sender *s)
{
    struct rill_peer_sender old = *s;
    new_stream(x, s);
    s->used = old.used;
    s->kind = old.kind;
    s->encoding = old.encoding;
    s->rid = old.rid;
    s->marks.has_delay = old.marks.has_delay;
    s->marks.delay = old.marks.delay;
    rill_peer_sender_hush(s);
    lay_history(x, s);
}

void rill_peer_sender_renew_rtx(struct rill_peer *x, struct rill_peer_sender *s)
{
    s->rtx.ssrc = new_ssrc(x);
    s->rtx.seq = (uint16_t)(rill_rng_u32(&x->config.rng) & 0x7fff);
    s->rtx_packets = s->rtx_bytes = 0;
}

uint32_t rill_peer_new_ssrc(struct rill_peer *x)
{
    return new_ssrc(x);
}

static void forget_keys(struct rill_peer *x, const struct rill_peer_sender *s)
{
    for (size_t i = 0; i < x->config.transports; i++)
        for (size_t k = 0; k < RILL_PEER_COMPONENTS; k++) {
            struct rill_srtp *srtp = x->transports[i].components[k].srtp;
            if (srtp) {
                rill_srtp_forget(srtp, s->ssrc);
                rill_srtp_forget(srtp, s->rtx.ssrc);
            }
        }
}

/* A row that is used again goes on with its stream: its SSRC keeps its place in both sides' SRTP
 * contexts, of which there is a bounded number, and its sequence numbers never come twice under
 * one key. With another kind the clock would change, so then it is a new one; and so it is behind
 * a BYE (RFC 8108 §6.2: "it needs to generate a new SSRC value"). */
static void begin(struct rill_peer *x, struct rill_peer_sender *s, enum rill_kind kind)
{
    if (s->gone)
        forget_keys(x, s);
    if (s->ssrc == 0 || s->kind != kind || s->gone)
        new_stream(x, s);
    s->used = true;
    s->kind = kind;
    s->encoding = 0;
    s->rid = (struct rill_view){0};
    s->red.n = 0;
    s->loss = 0;
    s->codec = RILL_CODEC_NONE;
    s->in_pieces = false;
    s->told = (struct rill_loss_meter){0};
    rill_peer_sender_hush(s);
    lay_history(x, s);
}

void rill_peer_track_begin(struct rill_peer *x, size_t i, enum rill_codec_id codec)
{
    struct rill_peer_track *t = &x->tracks[i];
    t->kind = rill_codec_kind(codec);
    t->codec = codec;
    t->line = -1;
    t->sending = 0;
    t->stream_id[0] = t->track_id[0] = 0;
    begin(x, &t->sender, t->kind);
    t->senders[0] = &t->sender;
    rill_peer_track_narrow(t);
}

size_t rill_peer_senders_left(const struct rill_peer *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->config.encodings_sent; i++)
        n += !x->more_senders[i].used;
    return n;
}

bool rill_peer_track_widen(struct rill_peer *x, size_t i, size_t n)
{
    struct rill_peer_track *t = &x->tracks[i];
    if (n > t->n_senders + rill_peer_senders_left(x))
        return false;
    for (size_t k = 0; t->n_senders < n; k++) {
        struct rill_peer_sender *s = &x->more_senders[k];
        if (s->used)
            continue;
        begin(x, s, t->kind);
        s->encoding = t->n_senders;
        t->senders[t->n_senders++] = s;
    }
    return true;
}

void rill_peer_track_narrow(struct rill_peer_track *t)
{
    while (t->n_senders > 1) {
        struct rill_peer_sender *s = t->senders[--t->n_senders];
        rill_peer_sender_hush(s);
        s->used = false;
    }
    t->n_senders = 1;
    t->sending &= 1;
    t->senders[0]->rid = (struct rill_view){0};
}

void rill_peer_sender_hush(struct rill_peer_sender *s)
{
    s->next = s->seq;
    s->resend_ring = (struct rill_ring){.cap = RILL_PEER_RESENDS};
}

void rill_peer_track_hush(struct rill_peer_track *t)
{
    for (size_t i = 0; i < t->n_senders; i++)
        rill_peer_sender_hush(t->senders[i]);
}

bool rill_peer_is_msid(const char *id)
{
    size_t n = strlen(id);
    for (size_t i = 0; i < n; i++)
        if (id[i] <= ' ' || id[i] > '~' || memchr("\"(),/:;<=>?@[\\]", id[i], 15))
            return false;
    return n > 0 && n <= RILL_PEER_ID_MAX;
}

struct rill_peer_sender *rill_peer_sender_by_ssrc(struct rill_peer *x, uint32_t ssrc,
                                                  struct rill_peer_track **track)
{
    for (size_t i = 0; i < x->n_tracks; i++)
        for (size_t k = 0; k < x->tracks[i].n_senders; k++)
            if (x->tracks[i].senders[k]->ssrc == ssrc) {
                *track = &x->tracks[i];
                return x->tracks[i].senders[k];
            }
    return NULL;
}
