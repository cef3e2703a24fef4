/* peer/received: the encodings that a line receives (see received.c). */
#ifndef RILL_PEER_RECEIVED_H
#define RILL_PEER_RECEIVED_H

#include "peer/marks.h"
#include "peer/tones.h"
#include "rtp/lag.h"
#include "rtp/nack.h"
#include "rtp/report.h"

struct rill_peer_line;

#define RILL_PEER_NACKS 256

/* One encoding that is received. It begins with the first packet of a stream. */
struct rill_peer_receiver {
    bool used;
    char rid[RILL_SDP_RID_MAX + 1]; /* empty: it is the only one, and has no name */
    uint32_t width, height;         /* of its last key frame */
    uint32_t profile_level_id;      /* of H.264, and of the last that has one; 0: none */
    int64_t heard, whole;           /* its last packet; its last whole frame */
    int64_t barred;                 /* until then it is not gone up to again */
    unsigned outran;                /* whole frames since the last one that was handed out */
    bool started;
    uint32_t ssrc;
    enum rill_codec_id codec; /* what comes now, and its number */
    uint8_t pt;
    bool report_is_old; /* the last sender report is by the clock of another codec */
    void *jitter_block;
    struct rill_rtp_jitter *jitter;
    struct rill_rtp_nack nack;
    struct rill_rtp_lag lag;
    struct rill_rtp_source source;
    struct rill_rtp_source repairs; /* of the RTX stream, once it has begun */
    int64_t pli_next;               /* not before this time, while a key frame is wanted */
    unsigned plis_in_row;           /* since the last key frame */
    bool bye;                       /* the stream has ended */
    bool pli_now;                   /* what is missing will not come: ask at once */
    uint8_t fir_seq;                /* of the last one, at fir_at */
    int64_t fir_at;
    uint64_t nacks, plis, firs;
    uint64_t frames, keyframes, packets, bytes; /* of streams that went before */
    uint64_t dropped_told;                      /* frames, of this stream, to the trace */
    int64_t wait_told, least_told;              /* of its jitter buffer, as well */
    uint64_t repaired;                          /* packets that came by retransmission */
    uint16_t fillers;                           /* packets of telephone events so far */
    uint64_t fec_packets, fec_discarded; /* redundant blocks that came, and those of no use */
    uint64_t fec_bytes;
    struct rill_peer_tone_heard tone;
    struct rill_peer_inbound_stats more;          /* what of it is counted here */
    struct rill_peer_turn turns[RILL_PEER_TURNS]; /* the last ones */
    size_t n_turns;
};

void rill_peer_received_init(struct rill_peer *x, struct rill_arena *arena);
/* The line's receivers become those of its agreement; the ones that stay go on. */
void rill_peer_received_settle(struct rill_peer *x, struct rill_peer_line *l);
/* None is left, and nothing is counted. */
void rill_peer_received_clear(struct rill_peer *x, struct rill_peer_line *l);
/* How many more there is room for, in all lines together. */
size_t rill_peer_receivers_left(const struct rill_peer *x);
void rill_peer_receiver_stop(struct rill_peer_receiver *in);
/* What may be asked for of that which comes now. */
struct rill_sdp_feedback rill_peer_receiver_feedback(const struct rill_peer_line *l,
                                                     const struct rill_peer_receiver *in);

#endif
