/* peer/peer: a peer connection with the W3C's verbs and states (RFC 9429, webrtc-pc §4).
 *
 * The idea: one machine that ties ICE, DTLS, SRTP, SDP and RTP together. Descriptions,
 * candidates, encoded frames and datagrams go in; descriptions, candidates, encoded frames
 * and datagrams come out. It sees neither pixels nor sockets.
 *
 * The order of trust (nothing counts before it is authenticated): a datagram is STUN and
 * its integrity holds, or it comes from a path whose authenticated request we answered;
 * DTLS is believed when the certificate's fingerprint is the description's; media when
 * SRTP's tag is right.
 */
#ifndef RILL_PEER_PEER_H
#define RILL_PEER_PEER_H

#include "base/clock.h"
#include "base/frame.h"
#include "base/limits.h"
#include "base/rng.h"
#include "base/trace.h"
#include "peer/errors.h"

struct rill_peer;
struct rill_dtls_cert;
struct rill_ice_turn_server; /* ice/agent.h */

/* Caps of 0 take the default in brackets. */
struct rill_peer_config {
    const struct rill_dtls_cert *cert; /* outlives the peer */
    size_t tracks;                     /* m-lines [4] */
    size_t description;                /* bytes of the largest description [16384] */
    size_t history_packets;    /* sent packets kept, a video track [1024]; audio a quarter */
    size_t jitter_packets;     /* a video track [512] */
    size_t frame_bytes;        /* largest video frame, either way [262144] */
    size_t pending_candidates; /* remote candidates before the description [32] */
    bool loopback;             /* --ice-loopback */
    bool relay_only;           /* iceTransportPolicy "relay" */
    const struct rill_ice_turn_server *turn; /* copied by init */
    size_t n_turn;
    int64_t wall_us; /* µs since 1970 at monotonic time 0, for SR's NTP time */
    struct rill_rng rng;
    const struct rill_trace *trace;
};

size_t rill_peer_size(const struct rill_peer_config *config);
struct rill_peer *rill_peer_init(void *block, const struct rill_peer_config *config);
void rill_peer_free(struct rill_peer *x);

/* The port tells about its addresses (port 0) before or during the call. */
int rill_peer_interface_up(struct rill_peer *x, int64_t now, const struct rill_addr *addr);
int rill_peer_interface_down(struct rill_peer *x, int64_t now, const struct rill_addr *addr);
/* A STUN server by address; the app resolves names (RFC 7064 URLs are parsed by the app). */
int rill_peer_add_stun_server(struct rill_peer *x, const struct rill_addr *server);
/* The answers to RILL_PEER_EVENT_OPEN. */
void rill_peer_opened(struct rill_peer *x, int64_t now, uint32_t request, uint32_t socket,
                      const struct rill_addr *local);
void rill_peer_open_failed(struct rill_peer *x, int64_t now, uint32_t request);
/* A stream that OPEN asked for ended or broke; its socket is closed already. */
void rill_peer_stream_closed(struct rill_peer *x, int64_t now, uint32_t socket);

/* addTrack: a track to send, in the direction sendrecv. Returns its index (0, 1, …).
 * Errors: RILL_PEER_TOO_MANY_TRACKS. codec: RILL_CODEC_OPUS or RILL_CODEC_VP8. */
int rill_peer_add_track(struct rill_peer *x, enum rill_codec_id codec, const char *stream_id,
                        const char *track_id);
/* addTransceiver(kind, {direction: "recvonly"}). */
int rill_peer_add_receiver(struct rill_peer *x, enum rill_kind kind);

enum rill_peer_sdp_type {
    RILL_PEER_OFFER,
    RILL_PEER_ANSWER,
};

/* Text of the description in out; returns its length. Nothing changes until it is set.
 * Errors: RILL_PEER_INVALID_STATE, RILL_PEER_NO_ROOM, or a row of sdp. */
int rill_peer_create_offer(struct rill_peer *x, int64_t now, struct rill_span out,
                           struct rill_err *why);
int rill_peer_create_answer(struct rill_peer *x, int64_t now, struct rill_span out,
                            struct rill_err *why);
/* Takes what create_* gave. Gathering begins. */
int rill_peer_set_local_description(struct rill_peer *x, int64_t now, enum rill_peer_sdp_type type,
                                    struct rill_view text, struct rill_err *why);
/* Errors leave the state as it was (RFC 9429 §4.1.8). */
int rill_peer_set_remote_description(struct rill_peer *x, int64_t now, enum rill_peer_sdp_type type,
                                     struct rill_view text, struct rill_err *why);
/* candidate: "candidate:…"; empty means end-of-candidates. mid may be empty, then mline
 * counts (-1: neither). Before the remote description it is kept. 0 taken or passed over;
 * < 0 malformed, which never harms the call. */
int rill_peer_add_ice_candidate(struct rill_peer *x, int64_t now, struct rill_view candidate,
                                struct rill_view mid, int mline, struct rill_err *why);

/* One encoded frame of a local track. Errors: RILL_PEER_NOT_CONNECTED (dropped, counted),
 * RILL_PEER_FRAME_TOO_LARGE, RILL_PEER_NOT_SENDING. The bytes are copied once. */
int rill_peer_send_frame(struct rill_peer *x, int64_t now, int track,
                         const struct rill_frame *frame);

/* A datagram, or bytes of a stream that OPEN asked for, at a multiple of 4 bytes; it is overwritten
 * (decrypted in place). 0, or a row telling why it was dropped; a drop never ends the call. */
int rill_peer_input(struct rill_peer *x, int64_t now, const struct rill_path *path,
                    struct rill_span datagram);
void rill_peer_unreachable(struct rill_peer *x, int64_t now, const struct rill_path *path);
void rill_peer_tick(struct rill_peer *x, int64_t now);
/* Bytes of one datagram in out (≥ RILL_DATAGRAM_OUT_MAX + 128, at a multiple of 4) for *path; 0:
 * nothing now. */
size_t rill_peer_output(struct rill_peer *x, int64_t now, struct rill_path *path,
                        struct rill_span out);
int64_t rill_peer_deadline(const struct rill_peer *x);

enum rill_peer_signaling_state {
    RILL_PEER_STABLE,
    RILL_PEER_HAVE_LOCAL_OFFER,
    RILL_PEER_HAVE_REMOTE_OFFER,
    RILL_PEER_SIGNALING_CLOSED,
};

enum rill_peer_connection_state {
    RILL_PEER_NEW,
    RILL_PEER_CONNECTING,
    RILL_PEER_CONNECTED,
    RILL_PEER_DISCONNECTED,
    RILL_PEER_FAILED,
    RILL_PEER_CLOSED,
};

enum rill_peer_event_type {
    RILL_PEER_EVENT_OPEN,            /* answer with .request: UDP: bind .addr; TCP, TLS: a stream to
                                        .addr, TURN server .turn (of .text, when not empty) */
    RILL_PEER_EVENT_CLOSE,           /* .socket is no longer needed */
    RILL_PEER_EVENT_CANDIDATE,       /* .text "candidate:…", .mid, .mline, .ufrag; for the peer */
    RILL_PEER_EVENT_GATHERING_DONE,  /* no more candidates */
    RILL_PEER_EVENT_SIGNALING_STATE, /* .signaling_state */
    RILL_PEER_EVENT_ICE_STATE,       /* .text: the W3C name */
    RILL_PEER_EVENT_CONNECTION_STATE, /* .connection_state; FAILED with .error */
    RILL_PEER_EVENT_TRACK,            /* ontrack: .receiver, .kind, .codec, .text stream id */
    RILL_PEER_EVENT_FRAME,            /* .receiver, .frame: whole, in order */
    RILL_PEER_EVENT_KEYFRAME_WANTED,  /* .track: the other side cannot decode (PLI, FIR) */
    RILL_PEER_EVENT_BYE,              /* .receiver: RTCP BYE or the transport was closed */
};

struct rill_peer_event {
    enum rill_peer_event_type type;
    uint32_t request;
    uint32_t socket;
    enum rill_proto proto;
    size_t turn;
    struct rill_addr addr;
    struct rill_view text, mid, ufrag;
    int mline;
    enum rill_peer_signaling_state signaling_state;
    enum rill_peer_connection_state connection_state;
    int error;
    int track;
    int receiver;
    enum rill_kind kind;
    enum rill_codec_id codec;
    struct rill_frame frame;
};

/* false when there is none. Views live until the next non-const call. */
bool rill_peer_event(struct rill_peer *x, struct rill_peer_event *out);

enum rill_peer_connection_state rill_peer_connection_state(const struct rill_peer *x);
enum rill_peer_signaling_state rill_peer_signaling_state(const struct rill_peer *x);
const char *rill_peer_connection_state_name(enum rill_peer_connection_state s);
const char *rill_peer_signaling_state_name(enum rill_peer_signaling_state s);

/* One row a direction and track. */
struct rill_peer_stream_stats {
    bool active;
    enum rill_kind kind;
    enum rill_codec_id codec;
    struct rill_view mid;
    uint32_t ssrc;
    uint8_t pt;
    uint64_t packets, bytes; /* payload bytes */
    uint64_t frames, keyframes;
    int64_t lost; /* receiver: RFC 3550; sender: as the other side reports */
    int64_t jitter_us;
    int64_t rtt_us;             /* -1 unknown */
    uint64_t nacks, plis, firs; /* sender: received; receiver: sent */
    uint64_t retransmitted;     /* sender */
    uint64_t frames_dropped;
};

struct rill_peer_stats {
    struct rill_peer_stream_stats sent[RILL_TRACKS_MAX];
    struct rill_peer_stream_stats received[RILL_TRACKS_MAX];
    size_t n_sent, n_received;
    bool has_pair;
    char local_candidate[160], remote_candidate[160]; /* "candidate:…" */
    int64_t pair_rtt_us;
    const char *dtls_version, *dtls_cipher, *srtp_profile, *dtls_role;
    uint64_t datagrams_in, datagrams_out, bytes_in, bytes_out;
    uint64_t dropped_unvalidated, dropped_srtp, dropped_other;
};
void rill_peer_stats(const struct rill_peer *x, struct rill_peer_stats *out);

/* RTCP BYE, then close_notify go out with the next outputs; state closed. */
void rill_peer_close(struct rill_peer *x, int64_t now);

#endif
