/* tracks: what the app wants to send and receive, before anything is agreed (addTrack and
 * addTransceiver of RFC 9429 §4.1.2, §4.1.4). */
#include "peer/private.h"

#include <string.h>

/* Bytes of a packet as the history keeps it: what SRTP adds comes behind it. */
#define SLOT (RILL_DATAGRAM_OUT_MAX - RILL_SRTP_TAIL)

void rill_peer_tracks_init(struct rill_peer *x, struct rill_arena *arena)
{
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

static struct rill_peer_track *add(struct rill_peer *x, enum rill_codec_id codec)
{
    struct rill_peer_track *t = &x->tracks[x->n_tracks];
    struct rill_peer_sender *s = &t->sender;
    bool video = codec == RILL_CODEC_VP8;
    t->kind = video ? RILL_VIDEO : RILL_AUDIO;
    t->codec = codec;
    t->line = -1;
    s->ssrc = new_ssrc(x);
    /* RFC 3550 §5.1: "The initial value of the sequence number SHOULD be random"; the lower half
     * only, since a receiver that misses every packet before the first wrap would take the
     * rollover counter for 0 and never authenticate the stream (RFC 3711 §3.3.1). */
    s->seq = (uint16_t)(rill_rng_u32(&x->config.rng) & 0x7fff);
    s->next = s->seq;
    s->picture_id = (uint16_t)(rill_rng_u32(&x->config.rng) & 0x7fff);
    s->resend_ring.cap = RILL_PEER_RESENDS;
    s->remote_lost = 0;
    s->remote_jitter_us = 0;
    s->remote_rtt_us = -1;
    size_t packets = video ? x->config.history_packets : (x->config.history_packets + 3) / 4;
    rill_rtp_history_init(&s->history, &s->arena, packets, SLOT);
    x->n_tracks++;
    return t;
}

/* Tracks are part of the next offer or answer; after that only a renegotiation adds more. */
static int may_add(const struct rill_peer *x)
{
    if (x->jsep.local->sdp || x->jsep.state == RILL_PEER_SIGNALING_CLOSED)
        return RILL_PEER_INVALID_STATE;
    return x->n_tracks == x->config.tracks ? RILL_PEER_TOO_MANY_TRACKS : 0;
}

static bool is_msid(const char *id)
{
    size_t n = strlen(id);
    for (size_t i = 0; i < n; i++)
        if (id[i] <= ' ' || id[i] > '~' || memchr("\"(),/:;<=>?@[\\]", id[i], 15))
            return false;
    return n > 0 && n <= RILL_PEER_ID_MAX;
}

int rill_peer_add_track(struct rill_peer *x, enum rill_codec_id codec, const char *stream_id,
                        const char *track_id)
{
    int rc = may_add(x);
    if (rc < 0)
        return rc;
    if (codec != RILL_CODEC_OPUS && codec != RILL_CODEC_VP8)
        return RILL_PEER_CODEC;
    if (!is_msid(stream_id) || !is_msid(track_id))
        return RILL_PEER_MSID;
    struct rill_peer_track *t = add(x, codec);
    t->direction = RILL_SDP_SENDRECV;
    memcpy(t->stream_id, stream_id, strlen(stream_id) + 1);
    memcpy(t->track_id, track_id, strlen(track_id) + 1);
    return (int)x->n_tracks - 1;
}

int rill_peer_add_receiver(struct rill_peer *x, enum rill_kind kind)
{
    int rc = may_add(x);
    if (rc < 0)
        return rc;
    struct rill_peer_track *t = add(x, kind == RILL_VIDEO ? RILL_CODEC_VP8 : RILL_CODEC_OPUS);
    t->direction = RILL_SDP_RECVONLY;
    return (int)x->n_tracks - 1;
}

size_t rill_peer_tracks_sdp(const struct rill_peer *x, struct rill_sdp_track *out)
{
    for (size_t i = 0; i < x->n_tracks; i++) {
        const struct rill_peer_track *t = &x->tracks[i];
        out[i] = (struct rill_sdp_track){
            .kind = t->kind,
            .direction = t->direction,
            .stream = rill_view_of(t->stream_id),
            .track = rill_view_of(t->track_id),
            .ssrc = t->sender.ssrc,
        };
    }
    return x->n_tracks;
}

struct rill_peer_track *rill_peer_track_by_ssrc(struct rill_peer *x, uint32_t ssrc)
{
    for (size_t i = 0; i < x->n_tracks; i++)
        if (x->tracks[i].sender.ssrc == ssrc)
            return &x->tracks[i];
    return NULL;
}
