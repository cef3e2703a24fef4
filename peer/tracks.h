/* peer/tracks: what we send: the sending halves of transceivers. */
#ifndef RILL_PEER_TRACKS_H
#define RILL_PEER_TRACKS_H

#include "base/ring.h"
#include "peer/anew.h"
#include "peer/marks.h"
#include "peer/redundancy.h"
#include "peer/tones.h"
#include "rtp/history.h"
#include "rtp/loss_meter.h"
#include "rtp/rtx.h"

#define RILL_PEER_ID_MAX 64 /* RFC 8830 §2: msid-id = 1*64token-char */
#define RILL_PEER_RESENDS 256

/* One encoding that is sent, a stream of its own. Packets lie in the history, by sequence number;
 * [next, seq) wait for the pacer. */
struct rill_peer_sender {
    bool used; /* of the pool: it belongs to a track */
    enum rill_kind kind;
    size_t encoding;
    struct rill_view rid; /* in the transceiver's encodings; empty: no name */
    uint32_t ssrc;
    struct rill_rtx_stream rtx; /* of what is sent again */
    struct rill_rtp_history history;
    struct rill_arena arena;  /* the history's memory */
    bool ready;               /* the history has been laid out for the codec */
    enum rill_codec_id codec; /* of the last frame; none before the first */
    uint16_t seq, next;
    uint16_t picture_id;
    bool in_pieces; /* H.264: single NAL units have been too small once (peer/packets.c) */
    uint32_t profile_level_id; /* and of the last key frame that has one; 0: none */
    bool sent_any;
    bool gone;               /* goodbye was said of it: it does not come back */
    int64_t sent_at, rtx_at; /* the last packet of each stream */
    int64_t frame_time;      /* capture time of the last frame and its RTP time, for SR */
    uint32_t frame_rtp_time;
    struct rill_ring resend_ring;
    uint16_t resends[RILL_PEER_RESENDS];
    bool have_fir;
    uint8_t fir_seq;
    bool wanted_once;
    int64_t wanted_at;  /* when a key frame was last asked of the app */
    int64_t wanted_gap; /* and is not again for so long */
    uint64_t packets, bytes, frames, keyframes, frames_dropped, retransmitted, padding;
    uint64_t nacks, plis, firs;
    int64_t remote_lost, remote_jitter_us, remote_rtt_us;
    uint8_t loss; /* /256: by transport-wide feedback while there is any, else as reported */
    struct rill_loss_meter told; /* packet by packet, by the former, which came last at told_at */
    int64_t told_at;
    struct rill_peer_anew anew;
    struct rill_peer_redundancy red;
    struct rill_peer_tones tones;
    uint16_t first_seq;
    int64_t first_sr;                /* 0: no sender report has gone */
    uint64_t rtx_packets, rtx_bytes; /* of the RTX stream, for its sender reports */
    struct rill_peer_outbound_stats more;
    struct rill_peer_marks marks; /* of its frames */
};

struct rill_peer_track {
    enum rill_kind kind;
    enum rill_codec_id codec;
    char stream_id[RILL_PEER_ID_MAX + 1];
    char track_id[RILL_PEER_ID_MAX + 1];
    int line;         /* its own index while it may send, or -1 */
    uint32_t sending; /* the encodings that are to be sent, bit i for senders[i] */
    /* The first lies here, further ones come from the pool. */
    struct rill_peer_sender *senders[RILL_PEER_ENCODINGS_MAX];
    size_t n_senders;
    struct rill_peer_sender sender;
};

void rill_peer_tracks_init(struct rill_peer *x, struct rill_arena *arena);
/* Row i begins to be a track of this codec. */
void rill_peer_track_begin(struct rill_peer *x, size_t i, enum rill_codec_id codec);
/* It has n senders, of which the pool gives those behind the first; false when it cannot. */
bool rill_peer_track_widen(struct rill_peer *x, size_t i, size_t n);
/* The first alone is left. */
void rill_peer_track_narrow(struct rill_peer_track *t);
size_t rill_peer_senders_left(const struct rill_peer *x);
/* What has not left yet will not. */
void rill_peer_track_hush(struct rill_peer_track *t);
void rill_peer_sender_hush(struct rill_peer_sender *s);
bool rill_peer_is_msid(const char *id);

#endif
