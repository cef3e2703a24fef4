/* tracks: the sending halves, and the memory of their histories. */
#include "peer/private.h"

#include <string.h>

/* Bytes of a packet as the history keeps it: what SRTP adds comes behind it. */
#define SLOT (RILL_DATAGRAM_OUT_MAX - RILL_SRTP_TAIL)

void rill_peer_tracks_init(struct rill_peer *x, struct rill_arena *arena)
{
    x->transceivers = rill_arena_take(arena, x->config.tracks, sizeof *x->transceivers);
    x->tracks = rill_arena_take(arena, x->config.tracks, sizeof *x->tracks);
    struct rill_arena counting = rill_arena_counting();
    struct rill_rtp_history h;
    rill_rtp_history_init(&h, &counting, x->config.history_packets, SLOT);
    size_t n = rill_arena_size(&counting);
    for (size_t i = 0; i < x->config.tracks; i++) {
        void *block = rill_arena_take(arena, n, 1);
        if (block && x->tracks)
            x->tracks[i].sender.arena = rill_arena_over(block, n);
    }
}

/* RFC 3550 §8.1: random, and no two of ours alike. */
static uint32_t new_ssrc(struct rill_peer *x)
{
    uint32_t ssrc;
    do {
        ssrc = rill_rng_u32(&x->config.rng);
    } while (ssrc == 0 || ssrc == x->ssrc || rill_peer_track_by_ssrc(x, ssrc));
    return ssrc;
}

static void new_stream(struct rill_peer *x, struct rill_peer_sender *s)
{
    static const struct rill_peer_sender empty;
    struct rill_arena arena = s->arena;
    *s = empty;
    s->arena = arena;
    s->ssrc = new_ssrc(x);
    /* RFC 3550 §5.1: "The initial value of the sequence number SHOULD be random"; the lower half
     * only, since a receiver that misses every packet before the first wrap would take the
     * rollover counter for 0 and never authenticate the stream (RFC 3711 §3.3.1). */
    s->seq = (uint16_t)(rill_rng_u32(&x->config.rng) & 0x7fff);
    s->next = s->seq;
    s->picture_id = (uint16_t)(rill_rng_u32(&x->config.rng) & 0x7fff);
    s->remote_rtt_us = -1;
}

/* A row that is used again goes on with its stream: its SSRC keeps its place in both sides' SRTP
 * contexts, of which there is a bounded number, and its sequence numbers never come twice under
 * one key. With another kind the clock would change, so then it is a new one. */
void rill_peer_track_begin(struct rill_peer *x, size_t i, enum rill_codec_id codec)
{
    struct rill_peer_track *t = &x->tracks[i];
    struct rill_peer_sender *s = &t->sender;
    enum rill_kind kind = codec == RILL_CODEC_VP8 ? RILL_VIDEO : RILL_AUDIO;
    if (s->ssrc == 0 || t->kind != kind)
        new_stream(x, s);
    t->kind = kind;
    t->codec = codec;
    t->line = -1;
    t->stream_id[0] = t->track_id[0] = 0;
    s->next = s->seq;
    s->resend_ring = (struct rill_ring){.cap = RILL_PEER_RESENDS};
    size_t packets =
        kind == RILL_VIDEO ? x->config.history_packets : (x->config.history_packets + 3) / 4;
    rill_arena_reset(&s->arena);
    rill_rtp_history_init(&s->history, &s->arena, packets, SLOT);
}

void rill_peer_track_hush(struct rill_peer_track *t)
{
    t->sender.next = t->sender.seq;
    t->sender.resend_ring = (struct rill_ring){.cap = RILL_PEER_RESENDS};
}

bool rill_peer_is_msid(const char *id)
{
    size_t n = strlen(id);
    for (size_t i = 0; i < n; i++)
        if (id[i] <= ' ' || id[i] > '~' || memchr("\"(),/:;<=>?@[\\]", id[i], 15))
            return false;
    return n > 0 && n <= RILL_PEER_ID_MAX;
}

struct rill_peer_track *rill_peer_track_by_ssrc(struct rill_peer *x, uint32_t ssrc)
{
    for (size_t i = 0; i < x->n_tracks; i++)
        if (x->tracks[i].sender.ssrc == ssrc)
            return &x->tracks[i];
    return NULL;
}
