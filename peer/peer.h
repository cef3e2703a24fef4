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
#include "dtls/conn.h"
#include "ice/agent.h"
#include "peer/errors.h"
#include "peer/stats.h"
#include "sdp/offer.h"

struct rill_peer;
struct rill_dtls_cert;

/* Who says how much may be sent: Google's congestion control (draft-ietf-rmcat-gcc-02), NADA
 * (RFC 8698), or nobody. Feedback for what comes is given in any case. */
enum rill_peer_congestion_control {
    RILL_PEER_CONGESTION_GCC,
    RILL_PEER_CONGESTION_NADA,
    RILL_PEER_CONGESTION_OFF,
};

/* RFC 9429 §4.1.1: is an m-line without a=rtcp-mux rejected, or has its RTCP component 2? The
 * second needs twice the memory for transports. */
enum rill_peer_rtcp_mux_policy {
    RILL_PEER_RTCP_REQUIRE,
    RILL_PEER_RTCP_NEGOTIATE,
};

/* Redundancy of sound (RFC 2198), where both sides have it: as the other side prefers, or lost
 * much; always, and asked for; or not even offered. */
enum rill_peer_red {
    RILL_PEER_RED_AUTO,
    RILL_PEER_RED_ALWAYS,
    RILL_PEER_RED_OFF,
};

/* Caps of 0 take the default in brackets. */
struct rill_peer_config {
    const struct rill_dtls_cert *cert; /* outlives the peer */
    size_t tracks;                     /* transceivers, so m-lines in use [4] */
    size_t transports;      /* for BUNDLE groups and m-lines that are in none [as many as tracks] */
    size_t description;     /* bytes of the largest description [16384] */
    size_t history_packets; /* sent packets kept, a video track [1024]; audio a quarter */
    size_t jitter_packets;  /* a video track [512] */
    /* Simulcast: encodings sent and received beyond the first of each track, all tracks together,
     * each with its own history or jitter buffer [0] */
    size_t encodings_sent, encodings_received;
    size_t frame_bytes;        /* largest video frame, either way [262144] */
    size_t pending_candidates; /* remote candidates before the description [32] */
    bool loopback;             /* --ice-loopback */
    bool ice_lite;             /* --ice-lite: no server is asked, no relay used */
    enum rill_ice_tcp ice_tcp; /* candidates of TCP beside those of UDP, or alone */
    /* RFC 9429 §4.1.1: which m-lines of an offer have a transport of their own, for those who do
     * not bundle [balanced]; never more than there are. */
    enum rill_sdp_bundle_policy bundle_policy;
    enum rill_peer_rtcp_mux_policy rtcp_mux_policy;
    bool relay_only;     /* iceTransportPolicy "relay" */
    bool name_hosts;     /* our addresses are told as names of multicast DNS (ice/agent.h) */
    bool withhold_hosts; /* our addresses are not told (RFC 8828 §5.2, modes 3 and 4) */
    const struct rill_ice_turn_server *turn; /* copied by init */
    size_t n_turn;
    /* setCodecPreferences of each transceiver from the beginning, those of its kind [none].
     * Outlives the peer. */
    const enum rill_codec_id *codecs;
    size_t n_codecs;
    enum rill_peer_red red;
    bool sound_at_once; /* frames of sound come as their packets do, whatever is missing before */
    /* Pauses: we prefer that Opus leaves them out (RFC 7587 §6.1), and leave ours out where G.711
     * is sent and comfort noise was agreed (RFC 3389). */
    bool dtx;
    enum rill_peer_congestion_control congestion;
    uint64_t min_bps, start_bps, max_bps; /* of the target [30,000; 300,000; 10,000,000] */
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
/* Names of servers are being resolved; one of a TURN server was (ice/agent.h). */
void rill_peer_await_servers(struct rill_peer *x, int64_t now, bool awaited);
void rill_peer_turn_resolved(struct rill_peer *x, int64_t now, size_t turn,
                             const struct rill_addr *addrs, size_t n);
/* The answer to RILL_PEER_EVENT_RESOLVE; n 0: nobody answers for the name. */
void rill_peer_resolved(struct rill_peer *x, int64_t now, struct rill_view name,
                        const struct rill_addr *addrs, size_t n);
/* The answers to RILL_PEER_EVENT_OPEN. */
void rill_peer_opened(struct rill_peer *x, int64_t now, uint32_t request, uint32_t socket,
                      const struct rill_addr *local);
void rill_peer_open_failed(struct rill_peer *x, int64_t now, uint32_t request);
/* A connection came to a listener that OPEN asked for. False: it is not wanted, the caller closes
 * it. */
bool rill_peer_accepted(struct rill_peer *x, int64_t now, uint32_t listener, uint32_t socket,
                        const struct rill_addr *remote);
/* A stream that OPEN asked for, or that was accepted, ended or broke; its socket is closed
 * already. */
void rill_peer_stream_closed(struct rill_peer *x, int64_t now, uint32_t socket);

/* Transceivers (RFC 9429 §4.1.2–4, §4.2). A transceiver is an index; the track it sends and the
 * receiver it has go by the same. It lives until it is stopped and both sides have agreed on that;
 * then the index may be given again. Each verb fires "negotiation needed" where webrtc-pc §4.7.3
 * says so. Errors of all: RILL_PEER_IS_CLOSED, RILL_PEER_NO_TRANSCEIVER. */

/* addTrack: takes the first transceiver of the kind that has never sent, or a new one in the
 * direction sendrecv. Returns its index. codec: any that rill can send. Errors:
 * RILL_PEER_TRACK_IN_USE, RILL_PEER_TOO_MANY_TRACKS, RILL_PEER_CODEC, RILL_PEER_MSID. */
int rill_peer_add_track(struct rill_peer *x, enum rill_codec_id codec, const char *stream_id,
                        const char *track_id);
/* addTransceiver(kind, {direction, streams}); ids NULL: no track, no stream. Errors as addTrack. */
int rill_peer_add_transceiver(struct rill_peer *x, enum rill_codec_id codec,
                              enum rill_sdp_direction direction, const char *stream_id,
                              const char *track_id);
/* One of RTCRtpTransceiverInit's sendEncodings. What of them is in a description: the rid alone
 * (RFC 9429 §5.2.1); of several, a=simulcast as well. */
struct rill_peer_encoding {
    const char *rid; /* 1 to 16 letters, digits, "-" or "_"; copied */
    bool active;
    uint64_t max_bitrate; /* bit/s; 0: no limit */
    /* ≥ 1; 0 in all: of n encodings of pictures the ith has 2^(n-i-1), the last is the largest. */
    double scale_resolution_down_by;
};
#define RILL_PEER_ENCODINGS_MAX RILL_SDP_ENCODINGS_MAX

/* addTransceiver(kind, {direction, streams, sendEncodings}), the most wanted first.
 *
 * Every encoding that is active and that the other side takes and does not pause is sent, each with
 * an SSRC, a history and repair of its own, and with its rid as RtpStreamId in each packet and in
 * RTCP (RFC 8852). The peer sees no pixels: the application encodes each picture once an encoding,
 * as rill_peer_encoding() says, and says in the frame which one it is. An answerer that knows
 * nothing of a=rid gets the first encoding alone. An offer that asks for simulcast gives its names
 * to a transceiver that has none (webrtc-pc §4.4.1.5), and our answer takes them. Errors as
 * addTrack, and RILL_PEER_ENCODINGS, also when there are more than encodings_sent has room for. */
int rill_peer_add_transceiver_encodings(struct rill_peer *x, enum rill_codec_id codec,
                                        enum rill_sdp_direction direction, const char *stream_id,
                                        const char *track_id,
                                        const struct rill_peer_encoding *encodings, size_t n);
/* setParameters, of one encoding; without any negotiation. rid NULL or as it is. Errors:
 * RILL_PEER_STOPPED, RILL_PEER_ENCODINGS. */
int rill_peer_set_encoding(struct rill_peer *x, int64_t now, int transceiver, size_t encoding,
                           const struct rill_peer_encoding *to);

struct rill_peer_encoding_info {
    struct rill_view rid; /* n 0: it has no name, and is the only one */
    bool active;
    bool taken, paused;   /* by the other side */
    bool sends;           /* frames of it are sent now */
    uint64_t max_bitrate; /* bit/s, the lowest of all limits; 0: none */
    double scale_resolution_down_by;
    uint64_t max_width, max_height, max_fps; /* what the other side can bear; 0: all */
};
/* false when there is no such encoding. Of a transceiver without names there is one, 0. */
bool rill_peer_encoding(const struct rill_peer *x, int transceiver, size_t encoding,
                        struct rill_peer_encoding_info *out);

/* Of several encodings that are received one is handed out, as one stream whose RTP times go on:
 * the largest picture that comes whole; when it stops, or for 500 ms is behind another one, the
 * next, and it is gone up to again with a key frame, never with a broken picture.
 * rill_peer_choose_encoding prefers one as long as it comes; -1: the largest. Errors:
 * RILL_PEER_ENCODINGS when it is not received. */
int rill_peer_choose_encoding(struct rill_peer *x, int transceiver, int encoding);
/* addTransceiver(kind, {direction: "recvonly"}). */
int rill_peer_add_receiver(struct rill_peer *x, enum rill_kind kind);
/* removeTrack: nothing is sent any more; the next negotiation takes the sending direction away. */
int rill_peer_remove_track(struct rill_peer *x, int transceiver);
/* replaceTrack, without any negotiation; track_id NULL: none. Errors: RILL_PEER_STOPPED,
 * RILL_PEER_KIND, RILL_PEER_MSID. */
int rill_peer_replace_track(struct rill_peer *x, int transceiver, enum rill_codec_id codec,
                            const char *track_id);
/* The wanted direction. Errors: RILL_PEER_STOPPED. */
int rill_peer_set_direction(struct rill_peer *x, int transceiver,
                            enum rill_sdp_direction direction);
/* stop: both directions end now; the next negotiation gives the m-line up. */
int rill_peer_stop(struct rill_peer *x, int transceiver);
/* How long after its capture each picture of a track is to be shown, ms: told to the other side
 * where that was agreed. Errors: RILL_PEER_NO_TRANSCEIVER. */
int rill_peer_set_playout_delay(struct rill_peer *x, int transceiver, uint16_t min_ms,
                                uint16_t max_ms);
/* What the track's frames are encoded in: the codec agreed on, or what it was added with. */
enum rill_codec_id rill_peer_track_codec(const struct rill_peer *x, int track);
/* setCodecPreferences, the best first; n 0: none. Errors: RILL_PEER_PREFERENCES. */
int rill_peer_set_codec_preferences(struct rill_peer *x, int transceiver,
                                    const enum rill_codec_id *codecs, size_t n);
/* restartIce: the next offer has new ICE credentials, and the candidates are told anew; media goes
 * on over the pair in use until the new session has one. It brings a call back whose ICE failed. */
int rill_peer_restart_ice(struct rill_peer *x);

struct rill_peer_transceiver_info {
    enum rill_kind kind;
    int mline;            /* -1: not associated */
    struct rill_view mid; /* p NULL: none */
    enum rill_sdp_direction direction;
    bool has_current; /* once negotiated */
    enum rill_sdp_direction current;
    bool stopping, has_track;
    uint8_t pt;           /* 0 before the agreement */
    uint16_t ext_mid;     /* of what is sent */
    uint64_t max_bitrate; /* bit/s that the other side takes, by its b= line; 0: no limit */
    size_t n_encodings;   /* 0: one, without a name */
    size_t n_received;    /* encodings that are received; 0: one, without a name */
    size_t handed_out;    /* which of them is */
    /* By a=msid: of what is sent and of what comes; empty where there is none. */
    struct rill_view track_id, remote_track_id;
};
/* false when there is none with this index. */
bool rill_peer_transceiver(const struct rill_peer *x, int transceiver,
                           struct rill_peer_transceiver_info *out);

enum rill_peer_sdp_type {
    RILL_PEER_OFFER,
    RILL_PEER_PRANSWER,
    RILL_PEER_ANSWER,
    RILL_PEER_ROLLBACK,
};

/* Text of the description in out; returns its length. Nothing changes until it is set.
 * Errors: RILL_PEER_INVALID_STATE, RILL_PEER_NO_ROOM, or a row of sdp. */
int rill_peer_create_offer(struct rill_peer *x, int64_t now, struct rill_span out,
                           struct rill_err *why);
int rill_peer_create_answer(struct rill_peer *x, int64_t now, struct rill_span out,
                            struct rill_err *why);
/* Takes what create_* gave (an answer as a pranswer too). Gathering begins. ROLLBACK, whose text
 * does not count, takes the pending offer back, whoever made it: from have-local-offer and
 * have-remote-offer, as webrtc-pc has it (RFC 9429 §5.7 would allow it of pranswers too). */
int rill_peer_set_local_description(struct rill_peer *x, int64_t now, enum rill_peer_sdp_type type,
                                    struct rill_view text, struct rill_err *why);
/* An offer while one of ours waits rolls ours back first. Errors leave all as it was (RFC 9429
 * §4.1.8): RILL_PEER_INVALID_STATE, RILL_PEER_NO_ROOM, RILL_PEER_MLINES_GONE, _MLINE_CHANGED,
 * _PT_REMAPPED, _EXT_REMAPPED, _ICE_UNASKED, _NO_RESTART, or a row of sdp. */
int rill_peer_set_remote_description(struct rill_peer *x, int64_t now, enum rill_peer_sdp_type type,
                                     struct rill_view text, struct rill_err *why);
/* candidate: "candidate:…"; empty means end-of-candidates. mid may be empty, then mline
 * counts (-1: neither). ufrag: of the session it belongs to (RFC 8838 §8), empty when not known;
 * one of another than the m-line's is passed over. Before the remote description it is kept. 0
 * taken or passed over; < 0 malformed, which never harms the call. */
int rill_peer_add_ice_candidate(struct rill_peer *x, int64_t now, struct rill_view candidate,
                                struct rill_view mid, int mline, struct rill_view ufrag,
                                struct rill_err *why);

/* One encoded frame of a local track; frame->encoding says of which of its encodings. Its codec is
 * the one agreed on, or any other that was answered (RFC 3264 §6.1). Errors:
 * RILL_PEER_NOT_CONNECTED (dropped, counted), RILL_PEER_FRAME_TOO_LARGE, RILL_PEER_NAL_TOO_LARGE
 * (H.264 that the other side takes uncut alone), RILL_PEER_QUEUE_FULL, RILL_PEER_NOT_SENDING (also
 * of an encoding that is not sent now). What builds on a picture that was refused for its size is
 * of no use: KEYFRAME_WANTED comes. The bytes are copied once. */
int rill_peer_send_frame(struct rill_peer *x, int64_t now, int track,
                         const struct rill_frame *frame);

/* A datagram, or bytes of a stream that OPEN asked for, at a multiple of 4 bytes; it is overwritten
 * (decrypted in place). 0, or a row telling why it was dropped; a drop never ends the call. */
int rill_peer_input(struct rill_peer *x, int64_t now, const struct rill_path *path,
                    struct rill_span datagram);
/* The same of a datagram that came at `arrived`, no later than now, and is read only now: what the
 * path did to it is counted by the first (transport-wide feedback, jitter, round trips), all else
 * happens at the second. */
int rill_peer_input_at(struct rill_peer *x, int64_t now, int64_t arrived,
                       const struct rill_path *path, struct rill_span datagram);
void rill_peer_unreachable(struct rill_peer *x, int64_t now, const struct rill_path *path);
/* The system did not take what output gave (a full buffer, no memory, no way): it is counted
 * (packetsDiscardedOnSend), and lost. What goes through a relay is not. */
void rill_peer_discarded(struct rill_peer *x, int64_t now, const struct rill_path *path,
                         struct rill_view datagram);
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
    RILL_PEER_HAVE_LOCAL_PRANSWER,
    RILL_PEER_HAVE_REMOTE_PRANSWER,
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
                                        .addr, TURN server .turn (of .text, when not empty);
                                        TCP_PASSIVE, TCP_SO, TCP_ACTIVE: see ice/agent.h */
    RILL_PEER_EVENT_CLOSE,           /* .socket is no longer needed */
    RILL_PEER_EVENT_CANDIDATE,       /* .text "candidate:…", .mid, .mline, .ufrag; for the peer;
                                        empty: there are no more of this m-line (RFC 8838 §13) */
    RILL_PEER_EVENT_REGISTER,        /* .text is the name of .addr, by multicast DNS */
    RILL_PEER_EVENT_RESOLVE,         /* .text is asked for; answer with rill_peer_resolved() */
    RILL_PEER_EVENT_GATHERING_DONE,  /* no more candidates of any m-line */
    RILL_PEER_EVENT_SIGNALING_STATE, /* .signaling_state */
    RILL_PEER_EVENT_ICE_STATE,       /* .text: the W3C name */
    RILL_PEER_EVENT_CONNECTION_STATE,   /* .connection_state; FAILED with .error */
    RILL_PEER_EVENT_TRACK,              /* ontrack: .receiver, .kind, .codec, .text stream id */
    RILL_PEER_EVENT_FRAME,              /* .receiver, .frame: whole, in order; its last report; of
                                           several encodings .text is the rid */
    RILL_PEER_EVENT_KEYFRAME_WANTED,    /* .track, .encoding: the other side cannot decode (PLI,
                                           FIR), or hears of it anew */
    RILL_PEER_EVENT_BYE,                /* .receiver: RTCP BYE or the transport was closed */
    RILL_PEER_EVENT_TRACK_REMOVED,      /* .receiver: the other side sends there no more */
    RILL_PEER_EVENT_NEGOTIATION_NEEDED, /* an offer has something to say */
    RILL_PEER_EVENT_TARGET,             /* .target_bps: what may be sent has changed */
    RILL_PEER_EVENT_TONE_BEGINS,        /* .receiver: the key .tone is pressed */
    RILL_PEER_EVENT_TONE,               /* .receiver: the key .tone was let go after .duration */
    RILL_PEER_EVENT_TONE_CHANGE, /* .track: .tone begins; 0: all are sent (webrtc-pc §7.3) */
};

struct rill_peer_event {
    enum rill_peer_event_type type;
    uint32_t request;
    uint32_t socket;
    enum rill_proto proto;
    size_t turn;
    struct rill_addr addr, to;
    struct rill_view text, mid, ufrag;
    int mline;
    enum rill_peer_signaling_state signaling_state;
    enum rill_peer_connection_state connection_state;
    int error;
    int track;
    size_t encoding;
    int receiver;
    enum rill_kind kind;
    enum rill_codec_id codec;
    struct rill_frame frame;
    /* The stream's last sender report: this NTP time (32.32) is that RTP time. */
    bool has_report;
    uint64_t report_ntp;
    uint32_t report_rtp_time;
    uint64_t target_bps;
    char tone; /* a key, "," or 0 */
    int64_t duration;
};

/* false when there is none. Views live until the next non-const call. */
bool rill_peer_event(struct rill_peer *x, struct rill_peer_event *out);

enum rill_peer_connection_state rill_peer_connection_state(const struct rill_peer *x);
enum rill_peer_signaling_state rill_peer_signaling_state(const struct rill_peer *x);
const char *rill_peer_connection_state_name(enum rill_peer_connection_state s);
bool rill_peer_negotiation_needed(const struct rill_peer *x);
/* The name of the DOMException that webrtc-pc has for an error of this room or of sdp. */
const char *rill_peer_exception_name(int error);
const char *rill_peer_signaling_state_name(enum rill_peer_signaling_state s);

/* What is known of how a track of sound should be sent; false when none is sent. */
struct rill_peer_sound {
    bool fec; /* RFC 7587 §6.1: the other side has use for it */
    /* Pauses are to be left out: the other side prefers it of Opus; of G.711 we do. */
    bool dtx;
    uint32_t max_bps;      /* its maxaveragebitrate; 0: no limit */
    unsigned loss_percent; /* as its feedback or else its reports tell, smoothed */
    bool red;              /* redundancy is sent now */
    bool can_insert_dtmf;
};
bool rill_peer_sound(const struct rill_peer *x, int track, struct rill_peer_sound *out);

/* RTCDTMFSender.insertDTMF (webrtc-pc §7): the keys of "0123456789ABCDabcd#*", and "," for a pause
 * of 2 s, take the place of those that wait. Each is held for duration [100 ms; 40 ms to 6 s], with
 * so much silence between two [70 ms; 30 ms to 6 s]; 0 for the defaults. Meanwhile the track's own
 * frames are passed over. Errors: RILL_PEER_NO_DTMF, RILL_PEER_TONE, RILL_PEER_NO_TRANSCEIVER. */
#define RILL_PEER_TONES_MAX 63
int rill_peer_insert_dtmf(struct rill_peer *x, int64_t now, int track, const char *tones,
                          int64_t duration, int64_t gap);

/* What may be sent, bit/s of datagrams without IP and UDP, over all tracks; 0: nobody says. */
uint64_t rill_peer_target(const struct rill_peer *x);
/* What the app could use of it: probes of the path ask for no more. 0: as much as there may be,
 * as in the beginning. */
void rill_peer_set_most(struct rill_peer *x, uint64_t most_bps);

/* What has happened so far (peer/stats.h). */
void rill_peer_stats(const struct rill_peer *x, struct rill_peer_stats *out);
/* a=fmtp of what a transceiver sends or receives under a number, as it was agreed; empty where
 * there is none. */
struct rill_view rill_peer_fmtp(const struct rill_peer *x, int transceiver, uint8_t pt, bool sent);

/* RTCP BYE, then close_notify go out with the next outputs; state closed. */
void rill_peer_close(struct rill_peer *x, int64_t now);

#endif
