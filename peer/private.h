/* peer/private: what the files of this room share: the parts of a peer, one struct an idea.
 *
 *   jsep          descriptions and the signaling state        jsep.c, agreement.c, candidates.c
 *   transceivers  what the app wants, and of which m-line     transceivers.c, mlines.c,
 *                                                             negotiation.c, numbers.c
 *   transports    each of one BUNDLE group or m-line          transports.c
 *                 ICE → DTLS → SRTP                           transport.c, association.c
 *   tracks        what we send                                tracks.c, encodings.c, send.c,
 *                                                             pacer.c, padding.c
 *   lines         what both agreed                            lines.c, received.c, receive.c,
 *                                                             choose.c, feedback.c
 *   congestion    what the path carries                     congestion.c, repair.c, remb.c
 *   notes       events that wait for rill_peer_event          events.c, states.c
 *   the trace   what comes and goes, verb by verb           traced.c, inputs.c
 *
 * A transceiver, its track (the sending half) and its line (what was agreed, and the receiving
 * half) are three rows with one index.
 */
#ifndef RILL_PEER_PRIVATE_H
#define RILL_PEER_PRIVATE_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/ring.h"
#include "dtls/conn.h"
#include "ice/agent.h"
#include "ice/stats.h"
#include "peer/demux.h"
#include "peer/early.h"
#include "peer/inputs.h"
#include "peer/pacer.h"
#include "peer/peer.h"
#include "rtp/history.h"
#include "rtp/jitter.h"
#include "rtp/loss_meter.h"
#include "rtp/marks.h"
#include "rtp/nack.h"
#include "rtp/payload.h"
#include "rtp/red.h"
#include "rtp/remb.h"
#include "rtp/report.h"
#include "rtp/rtcp.h"
#include "rtp/rtcp_timer.h"
#include "rtp/rtx.h"
#include "rtp/telephone_event.h"
#include "rtp/twcc.h"
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
#define RILL_PEER_TLS_ID 32
#define RILL_PEER_GATHERED 32
#define RILL_PEER_SERVERS 4
#define RILL_PEER_INTERFACES 16
#define RILL_PEER_TURNS 8
#define RILL_PEER_GONE_MAX 4
#define RILL_PEER_CONFLICTS 4

/* --- transceivers: what the app wants ----------------------------------------------------- */

/* Codecs and header extensions of the table, at most. */
#define RILL_PEER_CODECS 32
#define RILL_PEER_EXTS 16

#define RILL_PEER_RID_MAX RILL_SDP_RID_MAX
struct rill_peer_send_encoding {
    char rid[RILL_PEER_RID_MAX + 1];
    bool active;
    uint64_t max_bitrate;
    double scale;
};

struct rill_peer_transceiver {
    bool used;
    bool by_add_track; /* addTrack has used it: an m-line that is offered may take it */
    bool by_remote;    /* the offer that is pending made it: a rollback takes it away */
    bool associating;  /* the offer that is pending gave it its m-line: a rollback takes it back */
    bool stopping;     /* the next offer or answer says so */
    bool has_track;
    bool ever_sent; /* its direction has once been agreed to send */
    bool has_current;
    enum rill_sdp_direction direction, current;
    int mline;            /* -1: none yet */
    struct rill_view mid; /* in the description that gave it */
    enum rill_codec_id codecs[RILL_PEER_CODECS];
    size_t n_codecs; /* 0: no preference */
    struct rill_peer_send_encoding encodings[RILL_PEER_ENCODINGS_MAX];
    size_t n_encodings;      /* 0: one, without a name */
    bool encodings_by_offer; /* the pending offer asked for them: a rollback takes them away */
};

/* --- tracks: what we send ------------------------------------------------------------- */

/* What was sent last of sound, to be sent once more (RFC 2198). */
#define RILL_PEER_KEPT 2
struct rill_peer_redundancy {
    struct rill_peer_kept {
        uint32_t rtp_time;
        uint16_t size;
        uint8_t bytes[RILL_RED_LENGTH_MAX];
    } kept[RILL_PEER_KEPT]; /* the newest first */
    size_t n;
    bool by_loss; /* so much is lost that it is worth it */
};

/* Keys of a telephone on their way out (RFC 4733). */
struct rill_peer_tones {
    char waiting[RILL_PEER_TONES_MAX + 1];
    size_t at; /* of those */
    int64_t duration, gap;
    int64_t next; /* when the next begins; RILL_NEVER: there is none */
    bool on;
    struct rill_telephone_key key;
    uint32_t rtp_time; /* at which the key was pressed */
};

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
    struct rill_arena arena; /* the history's memory */
    bool ready;              /* the history has been laid out for the codec */
    uint16_t seq, next;
    uint16_t picture_id;
    bool sent_any;
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
    struct rill_peer_redundancy red;
    struct rill_peer_tones tones;
    uint16_t first_seq;
    uint64_t rtx_packets, rtx_bytes; /* of the RTX stream, for its sender reports */
    struct rill_peer_outbound_stats more;
    /* What header extensions tell of its frames. */
    struct rill_peer_marks {
        bool captured; /* told at captured_at */
        int64_t captured_at;
        bool turned; /* a rotation was told once */
        uint16_t rotation;
        bool has_delay, delay_is_known; /* playout delay: wanted; the other side has heard */
        bool delay_told;                /* since it changed, with delay_seq for the first time */
        uint16_t delay_seq;
        struct rill_rtp_playout_delay delay;
    } marks;
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

/* --- lines: what was agreed ----------------------------------------------------------- */

/* One encoding that is received. It begins with the first packet of a stream. */
struct rill_peer_receiver {
    bool used;
    char rid[RILL_PEER_RID_MAX + 1]; /* empty: it is the only one, and has no name */
    uint32_t width, height;          /* of its last key frame */
    int64_t heard, whole;            /* its last packet; its last whole frame */
    int64_t barred;                  /* until then it is not gone up to again */
    unsigned outran;                 /* whole frames since the last one that was handed out */
    bool started;
    uint32_t ssrc;
    void *jitter_block;
    struct rill_rtp_jitter *jitter;
    struct rill_rtp_nack nack;
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
    uint64_t repaired;                          /* packets that came by retransmission */
    uint16_t fillers;                           /* packets of telephone events so far */
    uint64_t fec_packets, fec_discarded; /* redundant blocks that came, and those of no use */
    struct rill_peer_tone_heard {
        bool on, told;
        uint8_t event;
        uint32_t clock_hz;
        uint16_t duration; /* of this segment, in units of the events' clock */
        uint32_t rtp_time; /* of this segment */
        uint64_t before;   /* those of the segments before */
        int64_t heard;
    } tone;
    struct rill_peer_inbound_stats more; /* what of it is counted here */
    /* Rotations that were told, the last ones. */
    struct rill_peer_turn {
        uint32_t rtp_time;
        uint16_t rotation;
    } turns[RILL_PEER_TURNS];
    size_t n_turns;
};

/* Which of several encodings is handed out. */
struct rill_peer_choice {
    int wanted;     /* by the app; -1: the best */
    size_t current; /* of ins */
    bool any;       /* something was handed out */
    bool shifted;   /* RTP times have moved by offset, to be one row */
    uint32_t offset, last_rtp_time;
    int64_t last_time;
};

struct rill_peer_line {
    size_t transport;              /* while it is active */
    struct rill_sdp_agreed agreed; /* its views point into the descriptions */
    /* As agreed.received has them, or the only one. The first lies here, further ones come from
     * the pool. */
    struct rill_peer_receiver *ins[RILL_PEER_ENCODINGS_MAX];
    size_t n_ins;
    struct rill_peer_receiver in;
    struct rill_peer_choice choice;
    bool report_started;
    struct rill_rtcp_timer rtcp;
    bool rtcp_sent;
    bool bye_pending;
    uint32_t gone[RILL_PEER_GONE_MAX]; /* SSRCs of ours that are to be said goodbye of */
    size_t n_gone;
};

/* RFC 9143 §9.2: the incoming SSRC mapping table. */
struct rill_peer_stream {
    uint32_t ssrc;
    size_t line;
    size_t in; /* of the line's */
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
    uint8_t ufrag[64]; /* a longer one is not remembered; RFC 8839 §5.4 allows 256 */
    size_t ufrag_n;
    int mline;
};

/* Payload types and extension ids keep their meaning for the life of the call (RFC 3264 §8.3.2,
 * RFC 8285 §6): a hash of what each has meant, 0 for nothing; and the table with our numbers. */
struct rill_peer_numbers {
    uint32_t pts[128], exts[256];
    bool agreed_pts[128], agreed_exts[256];
    struct rill_sdp_codec_cap codecs[RILL_PEER_CODECS];
    struct rill_sdp_ext_cap ext_caps[RILL_PEER_EXTS];
    struct rill_sdp_caps caps;
};

#define RILL_PEER_SLOTS 5

struct rill_peer_jsep {
    enum rill_peer_signaling_state state;
    struct rill_peer_slot slots[RILL_PEER_SLOTS];
    /* RFC 9429 §4.1.13–16; pending ones are NULL in stable. */
    struct rill_peer_slot *current_local, *current_remote, *pending_local, *pending_remote;
    struct rill_peer_slot *local, *remote; /* the pending ones where there are, or the current */
    bool local_is_offer;                   /* of the current pair */
    bool agreed;
    bool has_created;
    enum rill_peer_sdp_type created_type;
    uint8_t created[RILL_SHA256_SIZE];        /* of the text create_* gave last */
    int8_t created_lines[RILL_SDP_MEDIA_MAX]; /* the transceiver of each m-line of that offer */
    bool created_restarts;
    uint64_t session_id, session_version;
    uint64_t next_mid; /* the first number that no m-line has had for its mid */
    bool negotiation_needed;
    struct rill_peer_numbers numbers;
    bool restart_wanted; /* ICE restarts, by the app */
    struct rill_peer_pending *pending;
    size_t pending_cap, n_pending;
};

/* --- congestion: what the path carries ---------------------------------------------------- */

/* Packets that went out again. */
struct rill_peer_repairs {
    struct rill_rate_meter rate;
    bool started;
    int64_t left, at; /* bytes that could still go, at this time */
};

struct rill_peer_congestion {
    struct rill_span block; /* what the tables below lie in */
    bool started;
    bool probes; /* what leaves now does so because a probe wants it */
    struct rill_bwe bwe;
    struct rill_twcc_sender sent;
    struct rill_twcc_receiver received;
    struct rill_remb remb; /* of what comes without numbers */
    uint32_t media;        /* the SSRC that came last with a number, for the feedback's header */
    struct rill_bwe_packet *news; /* of one feedback */
    size_t cap;
    struct rill_peer_repairs repairs;
    size_t heard_bytes, feedback_bytes; /* received since the last feedback; and of that one */
    uint64_t feedbacks;
};

/* --- transports ------------------------------------------------------------------------ */

enum rill_peer_closing {
    RILL_PEER_OPEN,
    RILL_PEER_SAYING_BYE,
    RILL_PEER_SAYING_NOTIFY,
    RILL_PEER_GONE,
};

/* One component (RFC 8445 §4): a path of its own, an association over it (RFC 5764 §3: RTP and RTCP
 * that are not multiplexed have one each), and its keys. */
struct rill_peer_component {
    struct rill_peer_transport *of;
    bool used; /* its agent has begun to gather */
    void *ice_block;
    struct rill_ice *ice;               /* NULL: the policy needs no component 2 */
    uint32_t requests, requests_before; /* numbers of OPEN: of this agent, of those before it */
    enum rill_ice_state ice_state;      /* as told last */
    struct rill_ice_cand gathered[RILL_PEER_GATHERED];
    size_t n_gathered;
    bool gathering_done;
    bool has_valid; /* ICE has had a valid pair */
    void *dtls_block;
    struct rill_dtls *dtls;
    bool dtls_is_client;
    bool awaits_hello; /* we became the server by the last answer; the client has not begun */
    bool said_goodbye; /* the other side: close_notify */
    uint64_t packets_sent, packets_received, bytes_sent, bytes_received; /* not STUN */
    unsigned pair_changes;
    void *srtp_block;
    struct rill_srtp *srtp;
    struct rill_peer_early early;
};

/*      free ── our offer ──> offered ── answer ──> agreed ── no m-line has it ──> closing ─┐
 *       ^ └────────── the answer to theirs ──────────^                                    │
 *       └── rolled back: closing first ──┘             <── its sockets are given back ─────┘ */
enum rill_peer_transport_use {
    RILL_PEER_TRANSPORT_FREE, /* one whose agent has begun to gather all the same is taken first */
    RILL_PEER_TRANSPORT_OFFERED, /* by the pending offer of ours alone */
    RILL_PEER_TRANSPORT_AGREED,
    RILL_PEER_TRANSPORT_CLOSING,
};

#define RILL_PEER_COMPONENTS 2

/* Of one BUNDLE group, or of one m-line that is in none. */
struct rill_peer_transport {
    enum rill_peer_transport_use use;
    size_t mline; /* whose ICE and DTLS attributes count (RFC 9143 §7.1.3) */
    struct rill_peer_component components[RILL_PEER_COMPONENTS];
    struct rill_peer_congestion congestion;
    uint8_t identity[RILL_SHA256_SIZE]; /* the other side's fingerprints and tls-id */
    char tls_id[RILL_PEER_TLS_ID];
    char next_tls_id[RILL_PEER_TLS_ID]; /* of the answer that makes a new association */
    bool has_next_tls_id;
    /* ICE restarts (RFC 8839 §4.4): begun by our agents, with a description that is not final yet;
     * asked for by the other side's offer. */
    bool restart_begun, restart_asked;
    bool restart_undone;   /* the other side may have answered what was rolled back here */
    bool restart_answered; /* a provisional answer has brought the other side's part */
    char next_ufrag[8], next_pwd[24]; /* what a restart brings */
    bool has_next;
    bool has_remote_ice;
    uint8_t remote_ice[RILL_SHA256_SIZE]; /* of the credentials in use */
};

/* --- notes: events that wait ------------------------------------------------------------ */

struct rill_peer_note {
    enum rill_peer_event_type type;
    uint32_t request, socket;
    struct rill_addr addr, to;
    enum rill_proto proto;
    size_t turn;
    struct rill_view domain;   /* lives in ICE until its next event of this server */
    struct rill_ice_cand cand; /* of the m-line .index */
    bool is_last;              /* there are no more of these */
    char ufrag[8];
    int index; /* of a track, line or m-line */
    size_t encoding;
    int state;
    int error;
    int64_t time;
};

struct rill_peer_notes {
    struct rill_ring ring;
    struct rill_peer_note slots[RILL_PEER_NOTES];
    char text[256]; /* of the candidate handed out last */
};

struct rill_peer {
    struct rill_peer_config config;
    int64_t now;           /* the latest instant seen */
    int64_t arrived;       /* when the datagram at hand came */
    uint64_t packets;      /* datagrams in and out, for the trace */
    uint32_t ssrc;         /* of reports where we send nothing */
    struct rill_addr from; /* where the datagram at hand came from */
    /* RFC 3550 §8.2: "the list of conflicting data or control source transport addresses". */
    struct rill_peer_conflict {
        struct rill_addr addr;
        int64_t at;
    } conflicts[RILL_PEER_CONFLICTS];
    char cname[RILL_PEER_CNAME];
    struct rill_peer_jsep jsep;
    struct rill_peer_transport *transports;
    enum rill_peer_closing closing;
    bool gathering_done;           /* of all transports, and told */
    enum rill_ice_state ice_state; /* of all transports, as told last */
    struct rill_addr *interfaces;  /* for agents that begin later; and the servers */
    size_t n_interfaces;
    struct rill_addr servers[RILL_PEER_SERVERS];
    size_t n_servers;
    bool awaits_servers;
    struct rill_peer_turn_addrs {
        struct rill_addr addrs[RILL_ICE_TURN_ADDRESSES];
        size_t n;
    } * turn_addrs;           /* those that came by name */
    struct rill_span secrets; /* what config.turn's views point into */
    struct rill_peer_transceiver *transceivers;
    struct rill_peer_track *tracks;
    size_t n_tracks;                       /* rows of transceivers and tracks that have been used */
    struct rill_peer_sender *more_senders; /* config.encodings_sent */
    struct rill_peer_line *lines;
    size_t n_lines;                            /* rows behind which no line is active */
    struct rill_peer_receiver *more_receivers; /* config.encodings_received */
    struct rill_peer_stream streams[RILL_PEER_STREAMS];
    size_t n_streams;
    struct rill_peer_pacer pacer;
    uint64_t most_bps; /* what the app could use; 0: it has not said */
    uint64_t told_bps; /* the target the app knows */
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

/* encodings.c */
int rill_peer_check_encodings(const struct rill_peer_encoding *encodings, size_t n);
/* Takes as many senders; false when the pool has not. */
bool rill_peer_keep_encodings(struct rill_peer *x, size_t transceiver,
                              const struct rill_peer_encoding *encodings, size_t n);
/* webrtc-pc §4.4.1.5: an offer that asks for simulcast gives its names to a transceiver that has
 * none. */
void rill_peer_adopt_encodings(struct rill_peer *x, size_t transceiver,
                               const struct rill_sdp_media *offered);
void rill_peer_drop_encodings(struct rill_peer *x, size_t transceiver);
/* As descriptions have them; returns how many. The views live as long as the transceiver. */
size_t rill_peer_list_encodings(const struct rill_peer_transceiver *t,
                                struct rill_sdp_encoding out[RILL_PEER_ENCODINGS_MAX]);
/* What is to be sent begins, and what is not ends. */
void rill_peer_settle_encodings(struct rill_peer *x, int64_t now, size_t transceiver);

/* traced.c: bytes that came and went; l NULL: of no m-line. */
void rill_peer_trace_received(struct rill_peer *x, int64_t now, const struct rill_peer_component *c,
                              const struct rill_path *path, struct rill_view bytes);
/* Once a datagram was built; bytes n 0: it does not leave. */
void rill_peer_trace_sent(struct rill_peer *x, int64_t now, const struct rill_peer_component *c,
                          const struct rill_path *path, struct rill_view bytes);
void rill_peer_trace_rtp_received(const struct rill_peer *x, int64_t now,
                                  const struct rill_peer_line *l, struct rill_view packet);
void rill_peer_trace_rtp_sent(const struct rill_peer *x, int64_t now,
                              const struct rill_peer_line *l, struct rill_view packet);
void rill_peer_trace_rtcp_received(const struct rill_peer *x, int64_t now, struct rill_view packet);
void rill_peer_trace_rtcp_sent(const struct rill_peer *x, int64_t now, struct rill_view packet);

void rill_peer_trace_interface(const struct rill_peer *x, int64_t now, const struct rill_addr *addr,
                               bool up);
void rill_peer_trace_candidate(const struct rill_peer *x, int64_t now, bool local,
                               struct rill_view mid, struct rill_view ufrag, struct rill_view text);
void rill_peer_trace_frame(const struct rill_peer *x, const struct rill_peer_line *l,
                           struct rill_peer_receiver *in, const struct rill_frame *f);
/* As a=rtpmap has it; empty for none. */
struct rill_view rill_peer_codec_name(enum rill_codec_id codec);

/* events.c */
struct rill_peer_note *rill_peer_note(struct rill_peer *x, enum rill_peer_event_type type);
size_t rill_peer_notes_left(const struct rill_peer *x);

/* states.c */
void rill_peer_set_signaling(struct rill_peer *x, int64_t now, enum rill_peer_signaling_state s);
void rill_peer_update_state(struct rill_peer *x, int64_t now);
void rill_peer_update_ice_state(struct rill_peer *x);
void rill_peer_update_gathering(struct rill_peer *x);

/* candidates.c */
void rill_peer_candidates_agreed(struct rill_peer *x, int64_t now);

/* agreement.c: offer and answer are both there. */
struct rill_peer_agreement {
    const struct rill_sdp *offer, *answer;
    bool local_is_offer;
    struct rill_sdp_agreed rows[RILL_SDP_MEDIA_MAX];
    size_t n;
    size_t active;
    size_t transports[RILL_SDP_MEDIA_MAX];   /* of each active m-line */
    bool dtls_is_client[RILL_SDP_MEDIA_MAX]; /* on those of the tagged ones */
};
int rill_peer_agree(struct rill_peer *x, const struct rill_sdp *offer,
                    const struct rill_sdp *answer, bool local_is_offer,
                    struct rill_peer_agreement *a, struct rill_err *why);
/* The other side's description of the pair that is in force, a provisional one included. */
const struct rill_sdp *rill_peer_agreed_remote(const struct rill_peer *x);
/* What both came to begins to work. Only ICE may refuse, and then nothing has changed. */
int rill_peer_agreement_transports(struct rill_peer *x, int64_t now,
                                   const struct rill_peer_agreement *a, struct rill_err *why);
/* The transports gather; by a final answer those that no m-line has are closed. */
void rill_peer_agreement_settle(struct rill_peer *x, int64_t now,
                                const struct rill_peer_agreement *a, bool final);

/* restart.c: ICE restarts, as far as descriptions tell of them. */
/* The credentials that a restart brings, made when they are first asked for. */
void rill_peer_restart_words(struct rill_peer *x, struct rill_peer_transport *t,
                             struct rill_view *ufrag, struct rill_view *pwd);
/* RFC 8839 §4.4.1.1.1: a changed ufrag or pwd asks for it. */
bool rill_peer_restart_is_asked(const struct rill_peer *x, const struct rill_peer_transport *t,
                                const struct rill_sdp *offer);
/* The agents take them; or, where the other side alone has new ones, keep their own. */
int rill_peer_restart_agents(struct rill_peer *x, int64_t now, struct rill_peer_transport *t);
int rill_peer_restart_follow(struct rill_peer_transport *t, int64_t now);
/* The pending offer's restarts are taken back. */
void rill_peer_restarts_undo(struct rill_peer *x, int64_t now);
void rill_peer_restarts_end(struct rill_peer *x);
bool rill_peer_restart_is_pending(const struct rill_peer *x);
void rill_peer_remote_ice(const struct rill_sdp_media *m, uint8_t digest[RILL_SHA256_SIZE]);

/* mlines.c: which transceiver has which m-line. */
struct rill_peer_wanted {
    struct rill_sdp_track rows[RILL_SDP_MEDIA_MAX + RILL_TRACKS_MAX];
    size_t n;
    char mids[RILL_SDP_MEDIA_MAX + RILL_TRACKS_MAX][24];
    int8_t lines[RILL_SDP_MEDIA_MAX + RILL_TRACKS_MAX]; /* transceivers */
    struct rill_sdp_encoding encodings[RILL_TRACKS_MAX][RILL_PEER_ENCODINGS_MAX];
    struct rill_sdp_received received[RILL_TRACKS_MAX][RILL_PEER_ENCODINGS_MAX];
};
/* The transceiver of an m-line, or -1. */
int rill_peer_mline_transceiver(const struct rill_peer *x, size_t mline);
/* The m-lines of the next offer, and of the answer to the offer that is pending. */
void rill_peer_want_offer(const struct rill_peer *x, struct rill_peer_wanted *out);
void rill_peer_want_answer(const struct rill_peer *x, struct rill_peer_wanted *out);
/* RFC 3264 §8: an offer may add m-lines and bring back those with port 0, no more. */
int rill_peer_check_offer(const struct rill_peer *x, const struct rill_sdp *offer,
                          struct rill_err *why);
/* RFC 9429 §5.9 and §5.10: m-lines find their transceivers. */
void rill_peer_associate_local(struct rill_peer *x, const struct rill_sdp *offer);
void rill_peer_associate_remote(struct rill_peer *x, const struct rill_sdp *offer);
/* RFC 9429 §5.7: what the pending offer has associated is so no more. */
void rill_peer_dissociate(struct rill_peer *x);
/* Mids that are numbers are not given again. */
void rill_peer_mids_seen(struct rill_peer *x, const struct rill_sdp *s);

/* numbers.c */
void rill_peer_numbers_init(const struct rill_peer_config *config, struct rill_peer_numbers *n);
/* Before an offer: no number of ours means what another has meant already. */
void rill_peer_numbers_settle(struct rill_peer_numbers *n);
/* A description that has been set; `answered`: its numbers are the call's from now on. */
void rill_peer_numbers_learn(struct rill_peer_numbers *n, const struct rill_sdp *s, bool answered);
int rill_peer_numbers_check(const struct rill_peer_numbers *n, const struct rill_sdp *s,
                            struct rill_err *why);

/* negotiation.c: webrtc-pc §4.7.3 */
void rill_peer_check_negotiation(struct rill_peer *x);

/* association.c: DTLS associations, kept or made anew (RFC 8842 §5, RFC 9429 §5.3.2). */
/* The m-line of an offer that speaks for a transport, NULL for none. */
const struct rill_sdp_media *rill_peer_speaker(const struct rill_peer *x,
                                               const struct rill_peer_transport *t,
                                               const struct rill_sdp *offer);
/* Our role in the association that an answer to this offer continues; none for a new one. */
enum rill_sdp_setup rill_peer_association_role(const struct rill_peer *x,
                                               const struct rill_peer_transport *t,
                                               const struct rill_sdp *offer);
void rill_peer_association_agreed(struct rill_peer *x, struct rill_peer_transport *t,
                                  const struct rill_sdp_media *remote, bool is_client);
/* Ends an association that awaits a ClientHello when this is one: true. */
bool rill_peer_association_hello(struct rill_peer *x, struct rill_peer_component *c,
                                 struct rill_view datagram);
/* Keys and streams are gone. */
void rill_peer_association_forget(struct rill_peer *x, struct rill_peer_component *c);

/* transceivers.c: a row for a new one, or -1; and a row that is given back. */
int rill_peer_transceiver_add(struct rill_peer *x, enum rill_kind kind, enum rill_codec_id codec,
                              enum rill_sdp_direction direction);
void rill_peer_transceiver_release(struct rill_peer *x, size_t i);

/* tracks.c */
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

/* lines.c */
void rill_peer_lines_init(struct rill_peer *x, struct rill_arena *arena);
/* Takes over what was agreed. final: an m-line that is not in use gives its row back. */
void rill_peer_lines_agreed(struct rill_peer *x, int64_t now, const struct rill_peer_agreement *a,
                            bool final);
/* The row begins to be of another transceiver. */
void rill_peer_line_begin(struct rill_peer *x, size_t i);
/* Nothing is sent or received on the row any more. */
void rill_peer_line_halt(struct rill_peer *x, size_t i);
/* The line of a local track, NULL when nothing is sent on it. */
struct rill_peer_line *rill_peer_line_of(struct rill_peer *x, const struct rill_peer_track *t);
/* The track sent on a line, NULL when there is none. */
struct rill_peer_track *rill_peer_track_on(struct rill_peer *x, const struct rill_peer_line *l);
/* The stream of ours with this SSRC and its track; NULL when there is none. */
struct rill_peer_sender *rill_peer_sender_by_ssrc(struct rill_peer *x, uint32_t ssrc,
                                                  struct rill_peer_track **track);
/* The stream that is received with this SSRC now, and its line; NULL when there is none. */
struct rill_peer_receiver *rill_peer_receiver_by_ssrc(struct rill_peer *x, uint32_t ssrc,
                                                      struct rill_peer_line **line);

/* transports.c */
void rill_peer_transports_init(struct rill_peer *x, struct rill_arena *arena);
struct rill_ice_config rill_peer_ice_config(const struct rill_peer *x);
/* Component k of all transports, NULL behind the last: those that have an agent. */
struct rill_peer_component *rill_peer_component(const struct rill_peer *x, size_t k);
/* The one that has this socket; the first where none has. */
struct rill_peer_component *rill_peer_component_of_socket(const struct rill_peer *x,
                                                          uint32_t socket);
/* The one that asked for it, and the agent's own number of it; NULL when that agent is gone. */
struct rill_peer_component *rill_peer_component_of_request(const struct rill_peer *x,
                                                           uint32_t *request);
uint32_t rill_peer_request(const struct rill_peer *x, struct rill_peer_component *c,
                           uint32_t request);
/* The transport with these credentials of ours, those of a coming restart included; or NULL. */
struct rill_peer_transport *rill_peer_transport_of_ufrag(const struct rill_peer *x,
                                                         struct rill_view ufrag);
static inline bool rill_peer_transport_is_live(const struct rill_peer_transport *t)
{
    return t->use == RILL_PEER_TRANSPORT_OFFERED || t->use == RILL_PEER_TRANSPORT_AGREED;
}
/* It is of this m-line, and gathers; with component 2 when RTCP may need it. */
void rill_peer_transport_begin(struct rill_peer *x, int64_t now, struct rill_peer_transport *t,
                               size_t mline, bool rtcp);
void rill_peer_transport_close(struct rill_peer *x, int64_t now, struct rill_peer_transport *t);
/* RTCP is multiplexed after all. */
void rill_peer_component_close(struct rill_peer *x, int64_t now, struct rill_peer_component *c);
/* RFC 9429 §5.7: those that only the pending offer has go; before the first answer one is kept,
 * since the next description will need it. */
void rill_peer_transports_roll_back(struct rill_peer *x, int64_t now);
/* A set offer of ours: those it names begin, those that an earlier one alone had go. */
void rill_peer_transports_offered(struct rill_peer *x, int64_t now, const struct rill_sdp *offer);
/* All that descriptions may name, with the m-lines that have them. */
void rill_peer_transports_describe(struct rill_peer *x, struct rill_peer_wanted *wanted,
                                   bool restarts, struct rill_arena *arena,
                                   struct rill_sdp_local *out);
/* What has given everything back is free again. */
void rill_peer_transports_renew(struct rill_peer *x);

/* transport.c */
void rill_peer_component_init(const struct rill_peer *x, struct rill_peer_component *c,
                              struct rill_arena *arena);
/* Moves what ICE and DTLS have to say: DTLS starts, keys are taken, states change. */
void rill_peer_transport_pump(struct rill_peer *x, int64_t now);
/* A DTLS datagram from a validated path. */
int rill_peer_transport_dtls(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                             struct rill_view datagram);
/* Where media, or RTCP, of a line goes; NULL for none. */
struct rill_peer_component *rill_peer_line_component(const struct rill_peer *x,
                                                     const struct rill_peer_line *l, bool rtcp);
/* Media may go there now; false without keys or consent, and for NULL. */
bool rill_peer_component_is_ready(const struct rill_peer_component *c);
/* The round trip ICE has measured, µs; 0 when unknown. */
int64_t rill_peer_component_rtt(const struct rill_peer_component *c);
int64_t rill_peer_rtt(const struct rill_peer *x, const struct rill_peer_line *l);

/* collision.c: SSRCs of ours that the other side has, too. */
/* A packet of this SSRC has come. 0, also after one of ours has got another number;
 * RILL_PEER_LOOPED: it is to be dropped. cname: of SDES, NULL elsewhere. */
int rill_peer_collide(struct rill_peer *x, int64_t now, uint32_t ssrc,
                      const struct rill_view *cname);
void rill_peer_sender_renew(struct rill_peer *x, struct rill_peer_sender *s);
void rill_peer_sender_renew_rtx(struct rill_peer *x, struct rill_peer_sender *s);
uint32_t rill_peer_new_ssrc(struct rill_peer *x);

/* marks.c: header extensions that say something of a frame. */
#define RILL_PEER_MARKS_BYTES 16
/* Those of one of the frame's packets; at most RILL_SDP_MARKS, whose values lie in bytes. */
size_t rill_peer_marks_write(const struct rill_peer *x, const struct rill_peer_line *l,
                             const struct rill_peer_sender *s, const struct rill_frame *f,
                             bool first, bool last, struct rill_rtp_ext exts[RILL_SDP_MARKS],
                             uint8_t bytes[RILL_PEER_MARKS_BYTES]);
/* Those of a packet that goes again as RTX. */
size_t rill_peer_marks_copy(const struct rill_peer_line *l, struct rill_view packet,
                            struct rill_rtp_ext exts[RILL_SDP_MARKS]);
/* The frame's packets have been written, the first of them as seq. */
void rill_peer_marks_written(const struct rill_peer_line *l, struct rill_peer_sender *s,
                             const struct rill_frame *f, uint16_t seq);
/* The other side has everything up to seq. */
void rill_peer_marks_heard(struct rill_peer_sender *s, uint16_t seq);
void rill_peer_marks_read(const struct rill_peer_line *l, struct rill_peer_receiver *in,
                          const struct rill_rtp_packet *p);
/* How a frame that comes out is turned. */
uint16_t rill_peer_marks_rotation(const struct rill_peer_receiver *in, uint32_t rtp_time);

/* receive.c, rtcp.c: bytes that have come from a validated path. */
int rill_peer_receive_rtp(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                          struct rill_span datagram);
int rill_peer_receive_rtcp(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                           struct rill_span datagram);
/* The telephone events that have this number, or NULL. */
const struct rill_sdp_events *rill_peer_events_of(const struct rill_sdp_agreed *a, uint8_t pt);
/* SDES says that this is the SSRC of an encoding. */
void rill_peer_receive_named(struct rill_peer *x, uint32_t ssrc, struct rill_view mid,
                             struct rill_view rid);
/* When a gap of any stream is given up. */
int64_t rill_peer_receive_deadline(const struct rill_peer *x);
/* The streams that were received have ended for us. */
void rill_peer_receive_stop(struct rill_peer_line *l);

/* received.c: the encodings that a line receives. */
void rill_peer_received_init(struct rill_peer *x, struct rill_arena *arena);
/* The line's receivers become those of its agreement; the ones that stay go on. */
void rill_peer_received_settle(struct rill_peer *x, struct rill_peer_line *l);
/* None is left, and nothing is counted. */
void rill_peer_received_clear(struct rill_peer *x, struct rill_peer_line *l);
/* How many more there is room for, in all lines together. */
size_t rill_peer_receivers_left(const struct rill_peer *x);
void rill_peer_receiver_stop(struct rill_peer_receiver *in);

/* choose.c: which of them is handed out. */
/* A whole frame has come on ins[k]: is it handed out? Its RTP time may be moved. */
bool rill_peer_choose(struct rill_peer *x, struct rill_peer_line *l, size_t k,
                      struct rill_frame *frame);
/* ins[k] is to be handed out as soon as it has a key frame. */
bool rill_peer_choice_awaits(const struct rill_peer *x, const struct rill_peer_line *l, size_t k,
                             int64_t now);
int64_t rill_peer_choice_deadline(const struct rill_peer *x, const struct rill_peer_line *l);
/* The next whole frame of any line. */
bool rill_peer_receive_frame(struct rill_peer *x, struct rill_peer_event *out);

/* send.c: the next media packet, protected, in out, for *to; 0 when the pacer says wait. */
size_t rill_peer_send_output(struct rill_peer *x, int64_t now, struct rill_peer_component **to,
                             struct rill_span out);
int64_t rill_peer_send_deadline(const struct rill_peer *x);
void rill_peer_send_again(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                          struct rill_peer_sender *s, uint16_t seq);
void rill_peer_want_keyframe(struct rill_peer *x, int64_t now, const struct rill_peer_track *t,
                             struct rill_peer_sender *s);

/* redundancy.c */
void rill_peer_redundancy_report(struct rill_peer_sender *s, int64_t now, uint8_t fraction_lost);
/* What a transport-wide feedback tells of n packets. */
void rill_peer_redundancy_feedback(struct rill_peer *x, int64_t now,
                                   const struct rill_bwe_packet *told, size_t n);
/* Is the frame, of at most so many bytes with what goes with it, to be sent with those before it?
 * With a writer the payload is written if so, and the frame is kept for the next in any case. */
bool rill_peer_redundancy_write(const struct rill_peer *x, const struct rill_peer_line *l,
                                struct rill_peer_sender *s, const struct rill_frame *f, size_t room,
                                struct rill_writer *w);
/* Takes the packets before this one where they are missing; *primary is the packet without them. */
int rill_peer_redundancy_take(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                              struct rill_peer_receiver *in, const struct rill_rtp_packet *p,
                              struct rill_rtp_packet *primary);

/* tones.c */
void rill_peer_tones_tick(struct rill_peer *x, int64_t now);
int64_t rill_peer_tones_deadline(const struct rill_peer *x);
/* A packet of telephone events, of this clock. *sent: the RTP time at which it was sent. */
int rill_peer_tones_take(struct rill_peer *x, int64_t now, size_t line,
                         struct rill_peer_receiver *in, const struct rill_rtp_packet *p,
                         uint32_t clock_hz, uint32_t *sent);

/* send.c: a packet of sound that is no frame. */
void rill_peer_send_event(struct rill_peer_line *l, struct rill_peer_sender *s, bool marker,
                          uint32_t rtp_time, const struct rill_telephone_event *e);

/* The head of a packet of the RTX stream, whose number is then taken. */
void rill_peer_write_repair_header(const struct rill_peer_line *l, struct rill_peer_sender *s,
                                   struct rill_writer *w);

/* padding.c */
/* When a burst that asks what a path carries wants a packet, and of which transport. */
int64_t rill_peer_probe_due(const struct rill_peer *x, int64_t now, size_t *transport);
size_t rill_peer_put_padding(struct rill_peer *x, int64_t now, size_t transport,
                             struct rill_peer_component **to, struct rill_span out);

/* congestion.c */
void rill_peer_congestion_init(const struct rill_peer *x, struct rill_peer_congestion *c,
                               struct rill_arena *arena);
/* As it was when it began. */
void rill_peer_congestion_reset(const struct rill_peer *x, struct rill_peer_congestion *c);
/* bit/s; 0: nobody says. */
uint64_t rill_peer_congestion_target(const struct rill_peer *x,
                                     const struct rill_peer_congestion *c);
/* There are keys. */
void rill_peer_congestion_start(struct rill_peer *x, int64_t now, struct rill_peer_congestion *c);
/* Writes the transport's next number into a packet that leaves now. */
void rill_peer_congestion_number(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                                 struct rill_span packet);
/* The other side has told that this packet came. */
bool rill_peer_congestion_has_arrived(const struct rill_peer *x, const struct rill_peer_line *l,
                                      struct rill_view packet);
/* A packet leaves again as it was. */
void rill_peer_congestion_again(struct rill_peer *x, const struct rill_peer_line *l,
                                struct rill_view packet);
void rill_peer_congestion_received(struct rill_peer *x, const struct rill_peer_line *l,
                                   const struct rill_rtp_packet *p);
int rill_peer_congestion_feedback(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                                  struct rill_view fci);
/* A receiver report's loss, /256, of one of our video streams. */
void rill_peer_congestion_report(struct rill_peer *x, const struct rill_peer_line *l,
                                 uint8_t fraction);
/* The line that speaks for the transport, when a feedback is due. */
bool rill_peer_congestion_is_due(const struct rill_peer *x, int64_t now,
                                 const struct rill_peer_line *l);
void rill_peer_congestion_write(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                                struct rill_writer *w);
int64_t rill_peer_congestion_deadline(const struct rill_peer *x, const struct rill_peer_line *l);
/* A target that the app does not know yet. */
bool rill_peer_congestion_event(struct rill_peer *x, struct rill_peer_event *out);

/* repair.c. So many bytes are to go out again; may more; and what of a rate they leave for what is
 * new. */
void rill_peer_repair_goes(struct rill_peer_congestion *c, int64_t now, size_t bytes);
bool rill_peer_repair_may_go(const struct rill_peer_congestion *c, int64_t now);
uint64_t rill_peer_repair_leaves(const struct rill_peer_congestion *c, int64_t now, uint64_t bps);

/* remb.c */
/* Writes the time into a packet that leaves now. */
void rill_peer_stamp_departure(const struct rill_peer *x, int64_t now,
                               const struct rill_peer_line *l, struct rill_span packet);
int rill_peer_remb_received(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                            struct rill_view fci);
void rill_peer_remb_packet(struct rill_peer *x, const struct rill_peer_line *l,
                           const struct rill_rtp_packet *p);
/* When the line has an estimate to tell. */
int64_t rill_peer_remb_due(const struct rill_peer *x, const struct rill_peer_line *l);
void rill_peer_remb_write(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                          struct rill_writer *w);

/* reports.c, feedback.c: the next RTCP datagram, protected, in out, for *to; 0 when none is due. */
void rill_peer_reports_start(struct rill_peer *x, int64_t now, const struct rill_peer_component *c);
void rill_peer_reports_start_line(struct rill_peer *x, int64_t now, struct rill_peer_line *l);
/* A compound of so many bytes has come, whose first packet is of this SSRC. */
size_t rill_peer_reports_output(struct rill_peer *x, int64_t now, struct rill_peer_component **to,
                                struct rill_span out);
int64_t rill_peer_reports_deadline(const struct rill_peer *x);
void rill_peer_reports_received(struct rill_peer *x, uint32_t ssrc, size_t bytes);
/* A stream of the line has ended. */
void rill_peer_reports_left(struct rill_peer *x, int64_t now, struct rill_peer_line *l);
/* NACK, PLI, FIR or REMB; what transport-cc has to tell goes by a clock of its own. */
bool rill_peer_feedback_is_due(struct rill_peer *x, int64_t now, struct rill_peer_line *l);
void rill_peer_feedback_write(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                              struct rill_writer *w);
int64_t rill_peer_feedback_deadline(const struct rill_peer *x, const struct rill_peer_line *l);
/* The SSRC we speak with on this line. */
uint32_t rill_peer_line_ssrc(struct rill_peer *x, const struct rill_peer_line *l);

#endif
