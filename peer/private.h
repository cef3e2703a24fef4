/* peer/private: what the files of this room share: the parts of a peer, one struct an idea.
 *
 *   jsep        descriptions and the signaling state          jsep.c, candidates.c
 *   transport   ICE → DTLS → SRTP                             transport.c
 *   tracks      what we send                                  tracks.c, send.c, pacer.c
 *   lines       what both agreed, one an m-line in use        lines.c, receive.c, feedback.c
 *   notes       events that wait for rill_peer_event          events.c, states.c
 */
#ifndef RILL_PEER_PRIVATE_H
#define RILL_PEER_PRIVATE_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/ring.h"
#include "dtls/conn.h"
#include "ice/agent.h"
#include "peer/demux.h"
#include "peer/early.h"
#include "peer/pacer.h"
#include "peer/peer.h"
#include "rtp/history.h"
#include "rtp/jitter.h"
#include "rtp/nack.h"
#include "rtp/report.h"
#include "rtp/rtcp.h"
#include "rtp/vp8.h"
#include "sdp/offer.h"
#include "srtp/srtp.h"

#define RILL_PEER_ID_MAX 64 /* RFC 8830 §2: msid-id = 1*64token-char */
#define RILL_PEER_CNAME 16  /* RFC 7022 §5: 96 random bits and more */
#define RILL_PEER_SRTP_STREAMS 16
/* SRTP bounds the streams that come; the descriptions may name as many more. */
#define RILL_PEER_STREAMS (RILL_PEER_SRTP_STREAMS + RILL_TRACKS_MAX)
#define RILL_PEER_NOTES 64
#define RILL_PEER_RESENDS 256
#define RILL_PEER_NACKS 256

/* --- tracks: what we send ------------------------------------------------------------- */

/* One sending half. Packets lie in the history, by sequence number; [next, seq) wait for
 * the pacer. */
struct rill_peer_sender {
    uint32_t ssrc;
    struct rill_rtp_history history;
    struct rill_arena arena; /* the history's memory */
    bool ready;              /* the history has been laid out for the codec */
    uint16_t seq, next;
    uint16_t picture_id;
    bool sent_any;
    int64_t frame_time; /* capture time of the last frame and its RTP time, for SR */
    uint32_t frame_rtp_time;
    struct rill_ring resend_ring;
    uint16_t resends[RILL_PEER_RESENDS];
    bool have_fir;
    uint8_t fir_seq;
    bool wanted_once;
    int64_t wanted_at; /* when a key frame was last asked of the app */
    uint64_t packets, bytes, frames, keyframes, frames_dropped, retransmitted;
    uint64_t nacks, plis, firs;
    int64_t remote_lost, remote_jitter_us, remote_rtt_us;
};

struct rill_peer_track {
    enum rill_kind kind;
    enum rill_codec_id codec;
    enum rill_sdp_direction direction;
    char stream_id[RILL_PEER_ID_MAX + 1];
    char track_id[RILL_PEER_ID_MAX + 1];
    int line; /* index into lines, -1 before the agreement and when no m-line takes it */
    struct rill_peer_sender sender;
};

/* --- lines: what was agreed ----------------------------------------------------------- */

/* One receiving half. It begins with the first packet of a stream. */
struct rill_peer_receiver {
    bool started;
    uint32_t ssrc;
    void *jitter_block;
    struct rill_rtp_jitter *jitter;
    struct rill_rtp_nack nack;
    struct rill_rtp_source source;
    int64_t pli_next; /* not before this time, while a key frame is wanted */
    bool bye;         /* the stream has ended */
    bool pli_now;     /* what is missing will not come: ask at once */
    uint8_t fir_seq;
    uint64_t nacks, plis, firs;
    uint64_t frames, keyframes, packets, bytes; /* of streams that went before */
};

struct rill_peer_line {
    struct rill_sdp_agreed agreed; /* its views point into the descriptions */
    struct rill_peer_receiver in;
    bool report_started;
    int64_t report_next;
    size_t rtcp_average; /* RFC 3550 §6.3.3, bytes */
    bool bye_pending;
};

/* RFC 9143 §9.2: the incoming SSRC mapping table. */
struct rill_peer_stream {
    uint32_t ssrc;
    size_t line;
};

/* --- jsep ------------------------------------------------------------------------------ */

/* One description: its text, and the tree in the arena whose views point into the text. */
struct rill_peer_slot {
    uint8_t *text;
    size_t n;
    struct rill_arena arena;
    const struct rill_sdp *sdp;
};

struct rill_peer_pending {
    uint8_t text[256];
    size_t n;
    uint8_t mid[RILL_MID_MAX];
    size_t mid_n;
    int mline;
};

struct rill_peer_jsep {
    enum rill_peer_signaling_state state;
    struct rill_peer_slot slots[3];
    struct rill_peer_slot *local, *remote, *spare;
    bool local_is_offer;
    bool agreed;
    bool has_created;
    enum rill_peer_sdp_type created_type;
    uint8_t created[RILL_SHA256_SIZE]; /* of the text create_* gave last */
    uint64_t session_id, session_version;
    struct rill_peer_pending *pending;
    size_t pending_cap, n_pending;
};

/* --- transport ------------------------------------------------------------------------- */

enum rill_peer_closing {
    RILL_PEER_OPEN,
    RILL_PEER_SAYING_BYE,
    RILL_PEER_SAYING_NOTIFY,
    RILL_PEER_GONE,
};

struct rill_peer_transport {
    struct rill_ice *ice;
    void *dtls_block;
    struct rill_dtls *dtls;
    void *srtp_block;
    struct rill_srtp *srtp;
    bool dtls_is_client;
    bool has_valid; /* ICE has had a valid pair */
    size_t tagged;  /* the m-line whose ICE and DTLS attributes count (RFC 9143 §7.1.3) */
    struct rill_peer_early early;
    enum rill_peer_closing closing;
};

/* --- notes: events that wait ------------------------------------------------------------ */

struct rill_peer_note {
    enum rill_peer_event_type type;
    uint32_t request, socket;
    struct rill_addr addr;
    enum rill_proto proto;
    size_t turn;
    struct rill_view domain; /* lives in ICE until its next event of this server */
    struct rill_ice_cand cand;
    int index; /* of a track or line */
    int state;
    int error;
};

struct rill_peer_notes {
    struct rill_ring ring;
    struct rill_peer_note slots[RILL_PEER_NOTES];
    char text[256]; /* of the candidate handed out last */
};

struct rill_peer {
    struct rill_peer_config config;
    int64_t now;   /* the latest instant seen */
    uint32_t ssrc; /* of reports where we send nothing */
    char cname[RILL_PEER_CNAME];
    struct rill_peer_jsep jsep;
    struct rill_peer_transport transport;
    struct rill_peer_track *tracks;
    size_t n_tracks;
    struct rill_peer_line *lines;
    size_t n_lines;
    struct rill_peer_stream streams[RILL_PEER_STREAMS];
    size_t n_streams;
    struct rill_peer_pacer pacer;
    struct rill_peer_notes notes;
    enum rill_peer_connection_state state;
    int error; /* why the state is failed */
    uint64_t datagrams_in, datagrams_out, bytes_in, bytes_out;
    uint64_t dropped_unvalidated, dropped_srtp, dropped_other;
};

/* Fills why and returns the code. */
static inline int rill_peer_refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_peer_errors, code, 0, value, why);
}

/* events.c */
struct rill_peer_note *rill_peer_note(struct rill_peer *x, enum rill_peer_event_type type);
size_t rill_peer_notes_left(const struct rill_peer *x);

/* states.c */
void rill_peer_set_signaling(struct rill_peer *x, int64_t now, enum rill_peer_signaling_state s);
void rill_peer_update_state(struct rill_peer *x, int64_t now);

/* candidates.c */
void rill_peer_candidates_agreed(struct rill_peer *x, int64_t now);

/* tracks.c */
void rill_peer_tracks_init(struct rill_peer *x, struct rill_arena *arena);
/* The SDP view of the tracks, in out. */
size_t rill_peer_tracks_sdp(const struct rill_peer *x, struct rill_sdp_track *out);

/* lines.c */
void rill_peer_lines_init(struct rill_peer *x, struct rill_arena *arena);
/* Takes over what was agreed; rows that are not in use are passed over. */
void rill_peer_lines_agreed(struct rill_peer *x, int64_t now, const struct rill_sdp_agreed *rows,
                            size_t n);
/* The line of a local track, NULL when nothing is sent on it. */
struct rill_peer_line *rill_peer_line_of(struct rill_peer *x, const struct rill_peer_track *t);
/* The track sent on a line, NULL when there is none. */
struct rill_peer_track *rill_peer_track_on(struct rill_peer *x, const struct rill_peer_line *l);
struct rill_peer_track *rill_peer_track_by_ssrc(struct rill_peer *x, uint32_t ssrc);
/* The line on which the stream with this SSRC is received now, NULL when there is none. */
struct rill_peer_line *rill_peer_line_by_ssrc(struct rill_peer *x, uint32_t ssrc);

/* transport.c */
void rill_peer_transport_init(struct rill_peer *x, struct rill_arena *arena);
/* Moves what ICE and DTLS have to say: DTLS starts, keys are taken, states change. */
void rill_peer_transport_pump(struct rill_peer *x, int64_t now);
/* A DTLS datagram from a validated path. */
int rill_peer_transport_dtls(struct rill_peer *x, int64_t now, struct rill_view datagram);
/* Where media may go now; false without keys or consent. */
bool rill_peer_media_path(const struct rill_peer *x, struct rill_path *out);
/* The round trip ICE has measured, µs; 0 when unknown. */
int64_t rill_peer_rtt(const struct rill_peer *x);

/* receive.c, rtcp.c: bytes that have come from a validated path. */
int rill_peer_receive_rtp(struct rill_peer *x, int64_t now, struct rill_span datagram);
int rill_peer_receive_rtcp(struct rill_peer *x, int64_t now, struct rill_span datagram);
/* The next whole frame of any line. */
bool rill_peer_receive_frame(struct rill_peer *x, struct rill_peer_event *out);

/* send.c: the next media packet, protected, in out; 0 when the pacer says wait. */
size_t rill_peer_send_output(struct rill_peer *x, int64_t now, struct rill_span out);
int64_t rill_peer_send_deadline(const struct rill_peer *x);
void rill_peer_send_again(struct rill_peer *x, int64_t now, struct rill_peer_track *t,
                          uint16_t seq);
void rill_peer_want_keyframe(struct rill_peer *x, int64_t now, struct rill_peer_track *t);

/* reports.c, feedback.c: the next RTCP datagram, protected, in out; 0 when none is due. */
void rill_peer_reports_start(struct rill_peer *x, int64_t now);
size_t rill_peer_reports_output(struct rill_peer *x, int64_t now, struct rill_span out);
int64_t rill_peer_reports_deadline(const struct rill_peer *x);
bool rill_peer_feedback_is_due(struct rill_peer *x, int64_t now, struct rill_peer_line *l);
void rill_peer_feedback_write(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                              struct rill_writer *w);
int64_t rill_peer_feedback_deadline(const struct rill_peer_line *l);
/* The SSRC we speak with on this line. */
uint32_t rill_peer_line_ssrc(struct rill_peer *x, const struct rill_peer_line *l);

#endif
