/* peer/stats: the figures of a peer connection, as rill_peer_stats() fills them: streams,
 * transports and the whole, in the words of W3C webrtc-stats where it has one. */
#ifndef RILL_PEER_STATS_H
#define RILL_PEER_STATS_H

#include "base/frame.h"
#include "base/limits.h"
#include "dtls/conn.h"

/* What W3C webrtc-stats wants of a stream beyond the plain figures. Times are those of `now`, µs;
 * -1: it has not happened. */
struct rill_peer_outbound_stats {
    uint64_t header_bytes; /* RTP headers, with those of what was sent again */
    uint64_t retransmitted_bytes;
    uint32_t rtx_ssrc; /* 0: what is sent again has the SSRC it had */
    uint64_t frames;   /* those whose last packet has left */
    int64_t send_delay;
    /* By the other side's reports, of which the last came then. */
    int64_t reported;
    uint64_t remote_packets; /* it has received */
    double fraction_lost;    /* 0 to 1 */
    int64_t rtt_sum;
    uint64_t rtts;
};

/* What header extensions have said of a stream last. */
struct rill_peer_heard_marks {
    uint32_t rtp_time; /* of the last packet */
    bool has_level, voice;
    uint8_t level; /* below the loudest there can be, dB */
    bool has_capture;
    uint64_t capture_ntp; /* 32.32; of that RTP time */
    uint32_t capture_rtp_time;
    bool has_capture_offset;
    int64_t capture_offset; /* 32.32: the capturing end's clock less the sender's */
    uint16_t rotation;      /* of the last picture that says one */
    bool has_playout_delay;
    uint16_t playout_min_ms, playout_max_ms;
};

/* Of the SSRC at hand, from its first packet on. */
struct rill_peer_inbound_stats {
    bool begun;
    uint64_t packets, bytes, header_bytes; /* with those that came again */
    uint64_t packets_discarded;            /* too late, or no place for them */
    uint64_t repaired_packets, repaired_bytes;
    uint32_t rtx_ssrc; /* 0: none has come */
    int64_t last_packet;
    struct rill_peer_heard_marks marks;
    uint64_t frames, keyframes, frames_dropped, frames_assembled;
    int64_t jitter_delay, jitter_target, assembly;
    /* By the other side's sender reports, of which the last came then. */
    int64_t reported;
    uint64_t report_ntp; /* 32.32 */
    uint64_t remote_packets, remote_bytes, reports;
};

/* One row a direction and stream: the first n_tracks are those of the transceivers by their index,
 * behind them come the further encodings of those that have several. */
struct rill_peer_stream_stats {
    bool active;
    bool agreed; /* codec and pt are what a negotiation said; pt 0 is PCMU */
    size_t transceiver, encoding;
    struct rill_view rid;      /* n 0: none */
    bool handed_out;           /* receiver: it is the one of several that is */
    uint32_t width, height;    /* receiver: of the last key frame */
    uint32_t profile_level_id; /* H.264, of the last key frame (RFC 6184 §8.1); 0: not known */
    enum rill_kind kind;
    enum rill_codec_id codec;
    struct rill_view mid;
    uint32_t ssrc;
    uint8_t pt;
    uint64_t packets, bytes; /* payload bytes */
    uint64_t frames, keyframes;
    int64_t lost;     /* receiver: RFC 3550; sender: as the other side reports */
    size_t transport; /* of transports[]: its RTP */
    int64_t jitter_us;
    int64_t rtt_us;             /* -1 unknown */
    uint64_t nacks, plis, firs; /* sender: received; receiver: sent */
    uint64_t retransmitted;     /* sender: packets sent again; receiver: that came by RTX */
    uint64_t frames_dropped;
    /* Receiver: packets that came once more beside others (RED), and those of no use. */
    uint64_t fec_packets, fec_discarded;
    uint64_t fec_bytes; /* of the former, without what stands around them */
    bool red;           /* sender: each packet brings those before it, too */

    uint64_t padding; /* sender: packets of nothing, that asked what the path carries */
    union {
        struct rill_peer_outbound_stats out;
        struct rill_peer_inbound_stats in;
    } more;
};

#define RILL_PEER_STREAM_STATS_MAX (2 * RILL_TRACKS_MAX)
/* One row a component in use. */
struct rill_peer_transport_stats {
    int mline;          /* the tagged one */
    unsigned component; /* 1, or 2 */
    bool has_pair;
    char local_candidate[160], remote_candidate[160]; /* "candidate:…" */
    int64_t pair_rtt_us;
    const char *dtls_version, *dtls_cipher, *srtp_profile, *dtls_role;
    /* All that is not STUN. */
    uint64_t packets_sent, packets_received, bytes_sent, bytes_received;
    unsigned pair_changes; /* times that another pair was selected */
    uint64_t target_bps;   /* what the path carries; 0: nobody says */
    uint64_t incoming_bps; /* what comes over it may have, as we tell it (REMB); 0: we do not */
    enum rill_dtls_state dtls_state;
    struct rill_view certificate; /* the other side's, DER; views until the next call */
};

struct rill_peer_stats {
    struct rill_peer_stream_stats sent[RILL_PEER_STREAM_STATS_MAX];
    struct rill_peer_stream_stats received[RILL_PEER_STREAM_STATS_MAX];
    size_t n_sent, n_received;
    struct rill_peer_transport_stats transports[2 * RILL_TRACKS_MAX];
    size_t n_transports; /* 0 before the first description: then the first row is empty */
    uint64_t datagrams_in, datagrams_out, bytes_in, bytes_out;
    uint64_t dropped_unvalidated, dropped_srtp, dropped_other;
    uint64_t target_bps; /* as of rill_peer_target() */
    uint64_t feedbacks;  /* transport-wide ones that told something */
};

#endif
