/* call: what the files of `rill call` share.
 *
 *   call_options.c  the command line
 *   call_usage.c    --help
 *   call.c          the loop: drain outputs, drain events, wait, feed
 *   call_peer.c     the peer connection: what it says is done
 *   call_signal.c   what comes from and goes to the signaling server
 *   call_negotiate.c  offer and answer in mid-call, ICE restarts
 *   call_changes.c  what is to change in mid-call; call_change.c: how it is said
 *   call_stream.c   the bytes of both: TCP, or TLS over it
 *   call_inputs.c   each -i, the options before it, and --at
 *   call_send.c     sources to the peer
 *   call_encodings.c  several encodings of a source
 *   call_devices.c  devices that come and go meanwhile
 *   call_interfaces.c  addresses that come and go meanwhile
 *   call_media.c    the peer's frames to decoders
 *   call_sound.c    how sound is wanted, the keys of a telephone, the clock by which it is played
 *   call_outputs.c  what is received to files, speakers and windows
 *   call_servers.c  STUN and TURN servers
 *   call_stats.c    getStats(), as JSON; call_stats_ice.c, call_stats_rtp.c: parts of it
 *   call_why.c      why the call is not connected
 *   call_report.c   the 23 steps as they happen, and the summary; call_report_text.c,
 *                   call_report_json.c: its two forms
 */
#ifndef RILL_APPS_CALL_H
#define RILL_APPS_CALL_H

#include "apps/app.h"
#include "apps/call_inputs.h"
#include "apps/cert_roots.h"
#include "apps/ip_handling.h"
#include "apps/local_names.h"
#include "apps/names.h"
#include "apps/trace_frames.h"
#include "apps/trace_out.h"
#include "apps/url.h"
#include "base/limits.h"
#include "capture/devices.h"
#include "capture/echo.h"
#include "dtls/cert.h"
#include "dtls/tls.h"
#include "media/receiver.h"
#include "peer/peer.h"
#include "reactor/reactor.h"
#include "signaling/client.h"

#define CALL_FILES 16
#define CALL_OUTPUTS RILL_RECEIVER_OUTPUTS_MAX
#define CALL_WAITING 128
#define CALL_ADDRESSES 4
#define CALL_DESCRIPTION_MAX RILL_SDP_TEXT_MAX
#define CALL_INTERFACES 32

enum call_role {
    CALL_AUTO,
    CALL_OFFERER,
    CALL_ANSWERER,
};

/* How the server is spoken to. AUTO: as WS, and as SOCKETIO when that fails before it is open. */
enum call_signaling {
    CALL_SIGNALING_AUTO,
    CALL_SIGNALING_WS,
    CALL_SIGNALING_SOCKETIO,
};

/* Mid-call offers, webrtc-pc's "perfect negotiation": PASSIVE only answers the other side's; the
 * others make their own too, and when two cross, the polite side takes its own back. */
enum call_negotiation {
    CALL_PASSIVE,
    CALL_POLITE,
    CALL_IMPOLITE,
};

struct call_options {
    const char *name, *password, *url;
    bool named; /* by --name */
    struct rill_trace_options trace;
    const char *ca;         /* a file of CAs to believe too, or NULL */
    bool insecure;          /* whoever answers is the server */
    struct rill_url server; /* what url says */
    enum call_role role;
    enum call_signaling signaling;
    enum call_negotiation negotiation;
    enum rill_peer_congestion_control congestion;
    enum rill_codec_id codecs[CALL_CODECS]; /* --codecs */
    size_t n_codecs;                        /* 0: Opus and VP8 */
    enum rill_peer_red red;
    bool dtx;
    bool has_dtmf;
    struct call_dtmf dtmf; /* --dtmf */
    struct call_inputs inputs;
    const char *outputs[CALL_FILES];
    size_t n_outputs;
    const char *stun[RILL_ICE_SERVERS_MAX];
    size_t n_stun;
    const char *turn[RILL_ICE_SERVERS_MAX];
    size_t n_turn;
    enum rill_turn_family turn_family;
    bool relay_only, ice_lite;
    enum rill_ip_handling ip_handling;
    bool mdns;
    enum rill_ice_tcp ice_tcp;
    enum rill_sdp_bundle_policy bundle_policy;
    enum rill_peer_rtcp_mux_policy rtcp_mux_policy;
    int64_t duration; /* µs after CONNECTED!!, RILL_NEVER without -t */
    int64_t stats;    /* µs between two reports, 0: none unasked */
    uint16_t orientation;
    struct call_playout_delay {
        bool given;
        uint16_t min_ms, max_ms;
    } playout_delay;
    int64_t timeout; /* µs to get there, RILL_NEVER for none */
    bool loopback, json, seeded;
    bool why;         /* tell why, or why not, at the end */
    const char *play; /* the speakers' ALSA name; NULL: none */
    enum rill_preview_type preview;
    bool changes;  /* are read from standard input */
    bool optional; /* a source that cannot be had is left out */
    uint64_t seed;
};

extern const char *const call_congestion_names[4]; /* NULL behind them */

struct call_track {
    uint32_t limit_bps; /* what the encoder takes at most */
    uint64_t pixels;    /* of a picture, as it was opened */
    uint64_t share_bps; /* what all its encodings get together; 0: nobody says */
    const struct call_encodings *encodings;             /* the command line's */
    struct rill_encoding told[RILL_PEER_ENCODINGS_MAX]; /* the worker */
    size_t n_told;
    struct rill_worker *worker;
    int sender;                 /* its number there */
    int transceiver;            /* the peer's; -1: not in the call */
    enum rill_codec_id codec;   /* it is encoded in now */
    enum rill_codec_id prefers; /* -c; RILL_CODEC_NONE: nothing */
    bool copied;                /* a file of encoded frames */
    bool told_sound;
    bool told_refused;
    struct rill_opus_wishes sound;    /* the worker knows of */
    struct rill_sender *before_start; /* NULL once media has started: then it is the worker's */
};

struct call_remote {
    bool used;
    bool left;    /* it said goodbye */
    bool removed; /* it was taken out of the call */
    enum rill_kind kind;
    enum rill_codec_id codec;
    struct rill_receiver *receiver;
    size_t encoding;           /* the last frame's, and one more; 0 before */
    int64_t first;             /* its first decoded frame, 0 before */
    int64_t last, longest_gap; /* the newest, and the longest between two */
    uint64_t decoded;          /* by then */
    uint32_t last_rtp_time;    /* of the newest that came, and when it did */
    int64_t last_rtp_at;
    bool has_report; /* the stream's last sender report: this NTP time is that RTP time */
    uint64_t report_ntp;
    uint32_t report_rtp_time;
    struct rill_output *outputs[CALL_OUTPUTS]; /* it goes to; the call's */
    size_t n_outputs;
    struct rill_preview *preview; /* NULL: none, or closed */
};

enum call_end {
    CALL_RUNNING,
    CALL_HUNG_UP,   /* we did: time is up or ^C */
    CALL_PEER_LEFT, /* the other side did */
    CALL_FAILED,
};

struct call {
    const struct call_options *options;
    struct rill_reactor *reactor;
    struct rill_rng rng;
    struct rill_rng_seeded seeded;
    struct rill_trace_out trace;
    struct rill_names names;
    struct rill_local_names local;
    struct rill_turn_streams turn;

    /* signaling */
    struct rill_url signal_url;
    enum rill_sig_framing framing;
    struct rill_sig_client *signal;
    void *signal_block;
    uint32_t signal_socket;
    struct rill_trace_frames signal_frames[2]; /* received, sent */
    uint8_t signal_out[16384];
    size_t signal_out_at, signal_out_n;
    bool signal_open, signal_gone;
    struct rill_addr stream_addrs[CALL_ADDRESSES];
    size_t n_stream_addrs, stream_next;
    bool stream_up; /* TCP stands */
    struct rill_cert_roots roots;
    struct rill_tls *tls; /* NULL for http: and ws: */
    bool tls_open;
    int64_t decide_at; /* --as auto: when nothing was offered until then, offer */
    enum call_role role;
    bool offered;                            /* the newest description of ours is an offer */
    char other[RILL_SIGNALING_NAME_MAX + 1]; /* who we are in a call with */
    int64_t negotiate_at;                    /* the peer has something to offer in mid-call */
    bool offer_wanted;                       /* be it that it has not */
    int64_t heal_at; /* disconnected that long, ICE is restarted; RILL_NEVER when all is well */
    bool described;  /* our offer or answer is on its way */
    struct call_candidate {
        char text[320], mid[RILL_MID_MAX + 1], ufrag[RILL_ICE_UFRAG_MAX + 1];
        int mline;
    } waiting[CALL_WAITING]; /* candidates that came before it */
    size_t n_waiting;

    /* the peer connection */
    struct rill_dtls_cert *cert;
    void *cert_block;
    struct rill_peer *peer;
    void *peer_block;
    struct call_track tracks[CALL_TRACKS];
    size_t n_tracks;
    int track_of_input[CALL_TRACKS]; /* -1: left out */
    struct rill_worker *workers[CALL_TRACKS];
    size_t n_workers;
    struct rill_device_watch *device_watch; /* NULL: none */
    uint32_t device_socket;
    struct rill_devices devices; /* as of the last look */
    uint32_t changes_socket;
    char changes_line[320]; /* the line that is not complete */
    size_t changes_n;
    char stream_id[32];
    int interface_fd; /* -1: none */
    uint32_t interface_socket;
    struct rill_addr interfaces[CALL_INTERFACES]; /* as of the last look */
    size_t n_interfaces;
    uint32_t actions_done; /* bit n: action n */
    int64_t media_at;      /* media started */
    struct call_remote remotes[RILL_TRACKS_MAX];
    int64_t bye_at; /* the last BYE of any */
    bool connected, media_started;

    /* what is received */
    struct rill_sync sync;
    struct call_stream {
        char id[65]; /* of a=msid; empty: not in use */
        struct rill_lipsync lips;
    } streams[RILL_TRACKS_MAX];
    struct rill_output *outputs[CALL_OUTPUTS];
    bool is_shared[CALL_OUTPUTS]; /* by all streams: named by -o */
    bool output_told[CALL_OUTPUTS];
    size_t n_outputs;
    struct rill_err output_error; /* the last */
    struct rill_echo *echo;
    struct rill_player *player; /* NULL: none */
    struct rill_source_fd player_fds[RILL_SOURCE_FDS_MAX];
    uint32_t player_sockets[RILL_SOURCE_FDS_MAX];
    size_t n_player_fds;
    bool player_told;
    int64_t preview_at;

    /* the report */
    uint32_t steps_done;  /* bit n: step n was told */
    int64_t described_at; /* both descriptions known */
    int64_t connected_at, complete_at;
    int64_t started_at;
    struct rill_peer_stats stats;
    json_t *last_stats; /* getStats() at the end; NULL: not asked for */
    int64_t wall_us;    /* µs since 1970 at monotonic time 0, as the peer has it */
    int64_t stats_at;   /* the next of those that --stats asks for */
    enum call_end end;
    char failure[400];
};

/* call_report.c. Each step is told once. */
void call_step(struct call *c, int step);
void call_note(struct call *c, const char *what, const char *text);
void call_fail(struct call *c, const char *what, const struct rill_err *why);
void call_fail_code(struct call *c, const char *what, int code);
/* Takes the figures while the connection still has them. */
void call_collect(struct call *c);
/* The figures so far, as an event. */
void call_tell_stats(struct call *c);
/* An event with its time and who tells it; and its line. */
json_t *call_event_json(const struct call *c, const char *event);
void call_print_json(json_t *o);
/* Prints the summary; true when every step and every medium held. */
bool call_summary(struct call *c);

/* call_stats.c: a list of the dictionaries of webrtc-stats. */
json_t *call_stats_json(const struct call *c);
/* --stats: begins with the connection. */
void call_stats_tick(struct call *c, int64_t now);

/* call_why.c: the report, now. */
void call_why(struct call *c);

/* call_send.c */
bool call_open_sources(struct call *c);
bool call_add_tracks(struct call *c);
void call_start_media(struct call *c, int64_t now);
void call_send_media(struct call *c, int64_t now);
int64_t call_media_deadline(const struct call *c, int64_t now);
/* Gives it to the peer, in mid-call too; an error of rill_peer_add_track(). */
int call_add_track(struct call *c, size_t track);
void call_command(struct call *c, size_t track, struct rill_worker_command command);
void call_want_keyframe(struct call *c, int transceiver, size_t encoding);
/* The encoders follow what may be sent. */
void call_follow_target(struct call *c, uint64_t target_bps);
/* Other encodings are sent: what the path carries is shared out anew. */
void call_follow_encodings(struct call *c);
void call_track_stats(const struct call *c, size_t track, struct rill_sender_stats *out);
void call_free_sources(struct call *c);

/* call_encodings.c: simulcast. */
/* An offer may have asked for encodings: they are as the command line has them. */
void call_encodings_asked(struct call *c);
void call_set_parameters(struct call *c, size_t track, const struct call_encoding *e);
/* What all its encodings take at most; 0: it has none with names. */
uint64_t call_encodings_most(const struct call *c, size_t track);
/* The workers encode what the peer sends. */
void call_encodings_follow(struct call *c);

/* call_devices.c: devicechange: what came and what went. */
void call_watch_devices(struct call *c);
void call_devices_changed(struct call *c);
void call_forget_devices(struct call *c);

/* call_interfaces.c */
void call_watch_interfaces(struct call *c);
/* Tells the peer of every address there is. */
void call_name_interfaces(struct call *c, int64_t now);
void call_interfaces_changed(struct call *c, int64_t now);
void call_forget_interfaces(struct call *c);

/* call_media.c */
void call_on_track(struct call *c, const struct rill_peer_event *e);
void call_on_track_removed(struct call *c, const struct rill_peer_event *e);
void call_on_frame(struct call *c, int64_t now, const struct rill_peer_event *e);
/* Each agreed remote track has been decoded, and each local one sent. */
bool call_media_flows(const struct call *c);

/* What a receiver has decoded since it was looked at last; rc: of its last call. */
void call_remote_decoded(struct call *c, int64_t now, struct call_remote *r, int rc);

/* call_sound.c */
/* What keeps the streams of an msid together; NULL for none. */
struct rill_lipsync *call_lips(struct call *c, struct rill_view stream);
void call_follow_sound(struct call *c);
int call_insert_dtmf(struct call *c, int64_t now, size_t track, const struct call_dtmf *d);
void call_first_keys(struct call *c, int64_t now);
void call_on_tone(struct call *c, const struct rill_peer_event *e);
void call_hear(struct call *c, int64_t now);
int64_t call_hear_deadline(const struct call *c);
/* Nothing more will come. */
void call_hear_last(struct call *c, int64_t now);

/* call_outputs.c */
/* Files, directories and speakers. False when a directory cannot be: the call has failed. */
bool call_open_outputs(struct call *c);
/* A stream has begun, the nth of its kind: which files it goes to, and its window. */
void call_remote_outputs(struct call *c, struct call_remote *r, unsigned nth);
void call_open_preview(struct call *c, struct call_remote *r, unsigned nth);
void call_tell_outputs(struct call *c);
void call_play(struct call *c, int64_t now);
int64_t call_play_deadline(const struct call *c);
/* Completes the files. */
void call_close_outputs(struct call *c);
void call_free_outputs(struct call *c);

/* call_signal.c */
bool call_signal_connect(struct call *c, int64_t now);
void call_signal_read(struct call *c, int64_t now, struct rill_view bytes);
void call_signal_closed(struct call *c, int64_t now);
/* Moves what the client wants to say into the stream. */
void call_signal_write(struct call *c);
void call_signal_free(struct call *c);
void call_signal_events(struct call *c, int64_t now);
void call_signal_candidate(struct call *c, const struct rill_peer_event *e);
void call_signal_tick(struct call *c, int64_t now);
int64_t call_signal_deadline(const struct call *c);

/* call_negotiate.c. An offer, or an answer, of who we are in a call with. */
void call_answer_again(struct call *c, int64_t now, const struct rill_sig_offer *o);
void call_take_answer_again(struct call *c, int64_t now, const struct rill_sig_offer *o);
/* An offer, whether the peer says it is needed or not. */
void call_offer_wanted(struct call *c, int64_t now);
void call_restart(struct call *c, const char *why);
void call_rollback(struct call *c, int64_t now);
/* The connection is disconnected, or is so no longer. */
void call_heal(struct call *c, int64_t now, bool disconnected);
void call_negotiation_tick(struct call *c, int64_t now);
int64_t call_negotiation_deadline(const struct call *c);

/* call_changes.c. False when standard input cannot be waited for, which is told. */
bool call_changes_open(struct call *c);
void call_changes_ready(struct call *c, int64_t now);
void call_changes_tick(struct call *c, int64_t now);
int64_t call_changes_deadline(const struct call *c);

/* call_stream.c. A connection to c->signal_url; false when it failed, which is told. */
bool call_stream_open(struct call *c);
/* The server's name is an address now, or has none. */
void call_stream_named(struct call *c, const struct rill_name *name);
void call_stream_close(struct call *c);
void call_stream_connected(struct call *c, int64_t now);
/* Errors: those of rill_sig_client_input(). */
int call_stream_read(struct call *c, int64_t now, struct rill_view bytes, struct rill_err *why);
void call_stream_write(struct call *c);
/* The socket closed; false when another address of the server is tried now. */
bool call_stream_closed(struct call *c, int64_t now);
void call_stream_tick(struct call *c, int64_t now);
int64_t call_stream_deadline(const struct call *c);

/* call_servers.c. False when a URL is wrong, which is told. */
bool call_name_servers(struct call *c);
/* Names that have become addresses go to the peer, once there is one, and to the stream. */
void call_names(struct call *c, int64_t now);

/* call.c. One call, from its first step to its summary; gives the exit status. */
int call_run(const struct call_options *options);

/* call_peer.c */
/* Steps 2, 3 and 4 (13 and 14 for the answerer). */
bool call_make_peer(struct call *c, int64_t now);
/* Pulls every event of the peer. */
void call_peer_events(struct call *c, int64_t now);
/* A stream has come in that the peer may want. */
void call_accepted(struct call *c, int64_t now, const struct rill_reactor_event *e);
/* Whatever the peer wants to send leaves. */
void call_send_datagrams(struct call *c);

/* call_usage.c */
void call_usage(FILE *out);

#endif
