/* signaling/server: the signaling server as one machine: pages over HTTP, the vocabulary over
 * WebSocket at /ws and over Socket.IO at /socket.io/, the same rooms behind both.
 *
 * The idea: the port gives each TCP connection an id; bytes of connections go in and out
 * here, and files are asked for by an event so that no file is read inside.
 */
#ifndef RILL_SIGNALING_SERVER_H
#define RILL_SIGNALING_SERVER_H

#include "base/clock.h"
#include "base/rng.h"
#include "base/trace.h"
#include "signaling/http.h"
#include "signaling/room.h"
#include "signaling/store.h"

struct rill_sig_server;

struct rill_sig_server_config {
    size_t connections; /* zeros mean what limits.def says */
    size_t per_address; /* of one address; when it is not given, this host's own are not counted,
                           for they may be a proxy's */
    size_t sessions;    /* of Socket.IO and Engine.IO */
    size_t message;     /* of /ws, bytes */
    size_t max_payload; /* of Engine.IO and /echo, bytes */
    int64_t ping_interval, ping_timeout; /* Engine.IO's, µs */
    int64_t idle;                        /* an HTTP connection without a whole request, µs */
    int64_t grace;        /* the place of a client whose connection broke, µs; below 0: none */
    int64_t auth_timeout; /* a WebSocket that has not said auth, a Socket.IO session that has not
                             connected */
    bool any_origin;      /* serve pages of other hosts too (RFC 6455 §10.2) */
    const char *const *origins; /* or of these alone: "https://host:port" as RFC 6454 writes it; */
    size_t n_origins;           /* they must outlive the server */
    bool echo;                  /* /echo, /engine.io/ and the echo events of Socket.IO (docs) */
    bool metrics;               /* answer /metrics */
    bool access_log;            /* tell ACCESS */
    const char *version;        /* for /metrics [""] */
    int64_t began;              /* for /metrics: when the server did, on the clock of `now` */
    struct rill_rooms_config rooms;
    struct rill_store *store; /* NULL: rooms of this server alone; it must outlive the server */
    struct rill_rng rng;
    const struct rill_trace *trace;
};

size_t rill_sig_server_size(const struct rill_sig_server_config *config);
/* What a connection and a session may need beyond a few KiB is not touched before it is used: most
 * of a large block is never more than addresses. */
struct rill_sig_server *rill_sig_server_init(void *block,
                                             const struct rill_sig_server_config *config);

/* Errors: RILL_SIGNALING_FULL: close the connection at once. */
int rill_sig_server_accept(struct rill_sig_server *x, int64_t now, uint32_t conn,
                           const struct rill_addr *remote);
void rill_sig_server_input(struct rill_sig_server *x, int64_t now, uint32_t conn,
                           struct rill_view bytes);
/* The connection is closed: by the other side, broken, or here after a CLOSE event. */
void rill_sig_server_closed(struct rill_sig_server *x, int64_t now, uint32_t conn);
void rill_sig_server_tick(struct rill_sig_server *x, int64_t now);
/* Bytes for connection conn; 0 when there are none. Events may follow: the next request of a
 * pipeline is taken up when the answer before it has gone. */
size_t rill_sig_server_output(struct rill_sig_server *x, int64_t now, uint32_t conn,
                              struct rill_span out);
/* A connection with output waiting, so that the port need not ask each; false when none. It is
 * told once: drain it, now or when its socket can be written, and it is told again when there is
 * something new. */
bool rill_sig_server_next_output(struct rill_sig_server *x, uint32_t *conn);
int64_t rill_sig_server_deadline(const struct rill_sig_server *x);

enum rill_sig_server_event_type {
    RILL_SIG_SERVER_FILE,   /* .conn asks for .path: answer with rill_sig_server_file() */
    RILL_SIG_SERVER_CLOSE,  /* close .conn once its output is written, or .at_once */
    RILL_SIG_SERVER_SAID,   /* for the log: .user did .what in .room; .conn is 0 */
    RILL_SIG_SERVER_ACCESS, /* for the access log: .access; .conn is 0 */
};

enum rill_sig_access_kind { RILL_SIG_REQUEST, RILL_SIG_WEBSOCKET, RILL_SIG_SESSION };

/* A request was answered, a WebSocket or a session is over. No query, no password, no id. */
struct rill_sig_access {
    enum rill_sig_access_kind kind;
    const struct rill_addr *remote;
    struct rill_view method, path, agent; /* cut to 96 bytes; agent: any bytes but controls */
    unsigned status;                      /* of HTTP; 0: the connection went before */
    uint64_t bytes;                       /* sent */
    int64_t duration;                     /* µs */
};

struct rill_sig_server_event {
    enum rill_sig_server_event_type type;
    uint32_t conn;
    struct rill_view path; /* FILE: "/index.html", with a NUL behind it */
    bool has_range;        /* FILE: a part of it is asked for, which need not be given */
    struct rill_http_range range;
    struct rill_view user, room,
        what;                      /* SAID: "join", "away", "back", "leave" or an event's name */
    struct rill_view peer;         /* SAID newAnswer: whose offer it answers */
    struct rill_sig_access access; /* ACCESS */
    bool at_once;
};
bool rill_sig_server_event(struct rill_sig_server *x, struct rill_sig_server_event *out);

/* With a store: what it has to say is done, but its connections are the caller's: .type is
 * RILL_STORE_OPEN, _CLOSE, _TROUBLE or _BACK. To be pulled after each of its inputs and after
 * ticks. */
bool rill_sig_server_store(struct rill_sig_server *x, int64_t now, struct rill_store_event *out);

/* What FILE is answered with. */
struct rill_sig_file {
    struct rill_view body; /* p NULL: 404 */
    const char *content_type;
    const char *policy; /* its Content-Security-Policy; NULL: that of the other pages */
    bool ranges;        /* parts of it may be asked for */
    bool is_part;       /* body is the bytes from `first` on of `total`: 206; or, when it is empty,
                           there are none so far: 416 (RFC 9110 §15.5.17) */
    uint64_t first, total;
};

/* The bytes must live until the connection's output is drained or it is closed (they are not
 * copied). Nothing happens when conn asks for no file. */
void rill_sig_server_file(struct rill_sig_server *x, int64_t now, uint32_t conn,
                          const struct rill_sig_file *file);

/* From here /healthz answers 503, and so does whoever comes for a WebSocket or a session; those who
 * are here go on. */
void rill_sig_server_drain(struct rill_sig_server *x);
/* How many are in rooms. */
size_t rill_sig_server_members(const struct rill_sig_server *x);
/* Sends 1001 to every WebSocket, and takes no connection more. */
void rill_sig_server_close(struct rill_sig_server *x, int64_t now);

#endif
