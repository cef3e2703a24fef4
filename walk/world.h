/* walk/world: two clients, a NAT, a STUN server and a signaling server in virtual time.
 *
 * The idea: every machine is the real one (peer/, stun/server, signaling/server and client); the
 * wires between them are simulated, so that entropy, clock, certificates and media are the same at
 * every run and on every machine. Nothing here decides what a page says; it only plays the call,
 * in the order of the 23 steps, and keeps all of it in a record.
 *
 *   world.c    the loop, the datagrams, the STUN server
 *   sink.c     what the clients' machines tell, and their entropy
 *   wires.c    the signaling server and the streams that lead to it
 *   client.c   what a client does: the 23 steps
 *   media.c    canned frames into the peers, and those that come out
 */
#ifndef RILL_WALK_WORLD_H
#define RILL_WALK_WORLD_H

#include "dtls/cert.h"
#include "signaling/client.h"
#include "signaling/server.h"
#include "tests/sim/clip.h"
#include "tests/sim/net.h"
#include "walk/files.h"
#include "walk/record.h"

#define WALK_CHUNKS 64
#define WALK_CANDIDATES 16
#define WALK_DESCRIPTION_MAX 8192
#define WALK_WALL_US (INT64_C(1767225600) * RILL_SECOND) /* 2026-01-01: where time begins */

/* What goes over a client's TCP connection to the signaling server, on its way. */
struct walk_chunk {
    int64_t at;
    bool to_server;
    int client;
    uint8_t *bytes; /* malloced */
    size_t n;
};

/* One kind of media of one client. */
struct walk_flow {
    int track; /* of its peer */
    bool running;
    int64_t began, due;
    uint32_t rtp_base;
    size_t sent, played;
};

struct walk_client {
    struct walk_world *world;
    enum walk_place place;
    struct rill_trace trace;
    FILE *file; /* of its trace; NULL: none is kept */
    struct rill_rng_seeded entropy, signal_entropy;
    struct rill_rng rng; /* over entropy; what is drawn is in the trace */
    struct rill_dtls_cert *cert;
    void *cert_block;
    struct rill_addr address;
    int64_t starts_at; /* it opens its connection to the signaling server */
    int64_t stream_at; /* that connection stands */
    bool stream_up;
    struct rill_sig_client *signal;
    void *signal_block;
    struct rill_peer *peer; /* NULL before step 2 or 13 */
    void *peer_block;
    struct walk_flow video, audio;
    struct walk_states states; /* as of its last step */
    bool gathering, gathered;
    char ice[16];
    bool described; /* its description is on its way: candidates may follow */
    struct walk_candidate {
        char text[256], mid[8], ufrag[16];
        int mline;
    } waiting[WALK_CANDIDATES];
    size_t n_waiting;
    char description[WALK_DESCRIPTION_MAX];
    bool connected;
};

struct walk_world {
    int64_t now;
    struct walk_record record;
    uint32_t steps_done; /* bit n: step n was told */
    struct rill_sim net;
    uint32_t stun_socket;
    struct rill_addr stun_addr;
    struct rill_sig_server *server;
    void *server_block;
    struct rill_rng_seeded server_entropy;
    struct walk_chunk chunks[WALK_CHUNKS];
    size_t n_chunks;
    struct rill_sim_clip vp8, opus;
    struct walk_client clients[WALK_CLIENTS];
    int64_t ends_at; /* RILL_NEVER until both clients are through */
};

/* Plays the whole call; keep_traces: into out/. False: it went another way than the 23 steps, which
 * is told on stderr. */
bool walk_play(struct walk_world *w, bool keep_traces);
void walk_world_free(struct walk_world *w);

/* world.c */
struct rill_addr walk_address(enum walk_place p);
extern const struct rill_addr walk_nat_outside;
void walk_step(struct walk_client *c, int step);
bool walk_did(const struct walk_world *w, int step);
/* What could not be, and the end. */
_Noreturn void walk_stop(const char *what, const char *sentence);

/* sink.c */
void walk_sink_open(struct walk_client *c, uint64_t seed, bool keep_trace);
void walk_make_certificate(struct walk_client *c);

/* wires.c */
void walk_server_open(struct walk_world *w);
void walk_server_free(struct walk_world *w);
void walk_signal_start(struct walk_client *c);
/* Everything that the signaling machines want to say is on its way. */
void walk_signal_drain(struct walk_world *w);
void walk_signal_arrive(struct walk_world *w);
int64_t walk_signal_next(const struct walk_world *w);

/* client.c */
void walk_client_signal_events(struct walk_client *c);
/* True when there was one. */
bool walk_client_peer_events(struct walk_client *c);

/* media.c */
void walk_media_begin(struct walk_client *c);
void walk_media_send(struct walk_client *c);
int64_t walk_media_next(const struct walk_client *c);
void walk_media_played(struct walk_client *c, const struct rill_frame *frame);
bool walk_media_flows(const struct walk_world *w);

#endif
