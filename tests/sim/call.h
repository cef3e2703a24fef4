/* sim/call: two peers that call each other over the simulated network.
 *
 * The idea: the loop every app has (drain outputs, drain events, sleep until the smallest
 * deadline, feed) in virtual time, with signaling that is lossless and late, and canned media
 * at both ends. A test sets options, lets time run to some moment, changes something, and
 * looks at what both sides have seen.
 *
 *   struct rill_sim_call *c = rill_sim_call_new(&options);
 *   rill_sim_call_start(c);                      the offer is on its way
 *   rill_sim_call_run(c, 3 * RILL_SECOND);       until this instant
 *   c->sides[1].video.received …
 *   rill_sim_call_free(c);
 */
#ifndef RILL_SIM_CALL_H
#define RILL_SIM_CALL_H

#include "dtls/cert.h"
#include "peer/peer.h"
#include "tests/sim/clip.h"
#include "tests/sim/net.h"

#define RILL_SIM_SENT_MAX 4096
#define RILL_SIM_MESSAGES 128

/* Two sides of a call: the offerer is 0. */
enum { RILL_SIM_OFFERER, RILL_SIM_ANSWERER, RILL_SIM_SIDES };

enum rill_sim_message_type {
    RILL_SIM_OFFER,
    RILL_SIM_ANSWER,
    RILL_SIM_CANDIDATE,
};

/* Something on its way through signaling. */
struct rill_sim_message {
    int64_t at;
    int to;
    enum rill_sim_message_type type;
    char *text; /* malloced */
    size_t n;
    char mid[RILL_MID_MAX + 1];
    int mline;
};

/* What a side does with one kind of media. */
struct rill_sim_tracks {
    bool send;
    bool receive_only; /* addTransceiver(kind, recvonly) */
};

struct rill_sim_call_options {
    uint64_t seed;
    struct rill_sim_link link; /* both directions; state zero */
    int64_t signaling_delay;
    struct rill_sim_tracks audio[RILL_SIM_SIDES], video[RILL_SIM_SIDES];
    int64_t media_time; /* from when both have connected; each begins when it has itself */
    bool no_candidates[RILL_SIM_SIDES]; /* tells the other nothing (prflx alone) */
    bool lite[RILL_SIM_SIDES];          /* a lite ICE agent */
    bool no_rtx;                        /* the offer is as of one that knows no RTX */
    bool no_repair;                     /* the app asks nothing when a key frame is wanted */
    bool no_clips;                      /* the tracks are there, but the caller sends on them */
    struct rill_peer_config config;     /* caps; the rest is filled in */
    /* Changes a message before it is sent, or drops it (false). May be NULL. */
    bool (*tamper)(void *ctx, struct rill_sim_message *m);
    /* What a side draws its entropy from, instead of `of`. May be NULL. */
    struct rill_rng (*entropy)(void *ctx, int side, struct rill_rng of);
    void *ctx;
    const struct rill_trace *trace[RILL_SIM_SIDES];
};

/* All a test might ask about one direction of one kind of media. */
struct rill_sim_flow {
    int track; /* of the peer, -1: none */
    size_t next;
    bool running;
    uint16_t rotation; /* of what is sent from now on */
    int64_t began, due;
    uint32_t rtp_base;
    struct {
        uint32_t rtp_time;
        size_t clip;
    } sent[RILL_SIM_SENT_MAX];
    size_t n_sent;
    size_t refused;
    int last_refusal;
    /* What came from the other side. */
    size_t received, keyframes;
    int64_t last_index;   /* in the other side's sent[], -1 before the first */
    size_t skipped;       /* frames that never came, between those that did */
    int64_t last_time;    /* when the last one came */
    size_t wrong_bytes;   /* frames that are not the bytes that were sent */
    size_t out_of_order;  /* frames that came twice or too late */
    size_t not_decodable; /* video behind a gap that does not begin with a key frame */
};

/* A connection of ICE-TCP: end 0 opened it. Its sockets are sockets of the network, and what passes
 * between them is late, but never lost. */
struct rill_sim_connection {
    bool open;
    int side[2];
    uint32_t socket[2];
    struct rill_addr addr[2];  /* as the other end sees it */
    struct rill_addr bound[2]; /* of the socket, which shares its address with none */
};
#define RILL_SIM_CONNECTIONS 8

struct rill_sim_side {
    struct rill_peer *peer;
    void *block;
    struct rill_rng_seeded generator;
    struct rill_addr address;
    bool alive; /* its app still runs */
    struct rill_sim_flow audio, video;
    enum rill_peer_connection_state state;
    int error;
    int64_t connected_at;    /* RILL_NEVER before */
    int64_t disconnected_at; /* … */
    int64_t failed_at, closed_at;
    size_t tracks_seen, byes, keyframes_wanted, candidates, states_seen;
    size_t targets;      /* told */
    uint64_t target_bps; /* the last */
    char tones[64];      /* of a telephone, as they came */
    size_t n_tones, tones_begun, tone_changes;
    int64_t tone_duration; /* of the last */
    bool gathering_done;
    size_t sockets, closed; /* that were opened, and given back */
    struct rill_addr bound; /* of the first socket */
    uint32_t socket;
    int64_t asleep_until;            /* its program does not get to run before; 0: it does */
    struct rill_sim_datagram **held; /* what came meanwhile */
    size_t n_held;
    int last_input;          /* what the last datagram came to */
    char description[16384]; /* that this side gave */
    size_t description_n;
};

struct rill_sim_call {
    struct rill_sim_call_options options;
    struct rill_sim net;
    struct rill_sim_side sides[RILL_SIM_SIDES];
    int64_t now;
    int64_t both_connected_at; /* RILL_NEVER before */
    struct rill_sim_connection connections[RILL_SIM_CONNECTIONS];
    size_t n_connections;
    struct rill_sim_message messages[RILL_SIM_MESSAGES];
    size_t n_messages;
    struct rill_sim_clip vp8, opus;
    bool failed; /* something the loop itself refuses, see `failure` */
    const char *failure;
    /* Sees every datagram that a peer sends; false keeps it off the network. May be NULL. */
    bool (*watch)(struct rill_sim_call *c, int from, struct rill_path *path, struct rill_span d);
    void *watch_ctx;
    /* Sees every event first; true: it is dealt with. May be NULL. */
    bool (*event)(struct rill_sim_call *c, int side, const struct rill_peer_event *e);
    void *event_ctx;
};

/* Both directions, all media on, no loss, 20 ms each way. */
struct rill_sim_call_options rill_sim_call_defaults(void);

/* One certificate a side, the same in every run; released with rill_sim_certs_free. */
const struct rill_dtls_cert *rill_sim_cert(int side);
void rill_sim_certs_free(void);
/* Around all the tests of a program that makes calls, as cmocka takes them. */
int rill_sim_calls_begin(void **state);
int rill_sim_calls_end(void **state);

struct rill_sim_call *rill_sim_call_new(const struct rill_sim_call_options *options);
void rill_sim_call_free(struct rill_sim_call *c);
/* The offerer makes its offer. */
void rill_sim_call_start(struct rill_sim_call *c);
/* Lets time run until `until`, or until stop(c) says so (NULL: never). False when stopped by
 * a failure of the loop. */
bool rill_sim_call_run(struct rill_sim_call *c, int64_t until);
bool rill_sim_call_run_until(struct rill_sim_call *c, int64_t until,
                             bool (*stop)(const struct rill_sim_call *c));
/* When something is to happen next. */
int64_t rill_sim_call_next(const struct rill_sim_call *c);
bool rill_sim_call_both_connected(const struct rill_sim_call *c);
/* Closes a side's peer properly. */
void rill_sim_call_close(struct rill_sim_call *c, int side);
/* The side's program does not get to run until then: what is due is late, and what comes lies in
 * its sockets, with the time it came. */
void rill_sim_call_sleep(struct rill_sim_call *c, int side, int64_t until);
/* The side's program is gone, without a word. */
void rill_sim_call_kill(struct rill_sim_call *c, int side);
/* Sets the link in one direction, its state included. */
void rill_sim_call_link(struct rill_sim_call *c, int from, const struct rill_sim_link *link);

#endif
