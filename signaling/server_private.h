/* signaling/server_private: the server's connections and what its files share.
 *
 *   server.c       the verbs: connections come, bytes go in and out, time passes
 *   server_http.c  requests and replies
 *   server_ws.c    messages between WebSockets and rooms
 */
#ifndef RILL_SIGNALING_SERVER_PRIVATE_H
#define RILL_SIGNALING_SERVER_PRIVATE_H

#include "base/ring.h"
#include "signaling/http.h"
#include "signaling/server.h"
#include "signaling/ws.h"

#define SERVER_REPLY_MAX 1280
#define SERVER_PATH_MAX 1024
#define SERVER_SAID_MAX 64
/* For the port to bring a file, and for the peer to take some of what is sent. */
#define SERVER_SEND_TIMEOUT (30 * RILL_SECOND)

/* HEAD → ASKED → REPLY → HEAD …      requests, one after another
 * HEAD → SOCKET                      an accepted handshake
 * any  → ENDING                      CLOSE was told, or will be once the output is drained */
enum rill_server_state {
    SERVER_HEAD,
    SERVER_ASKED,
    SERVER_REPLY,
    SERVER_SOCKET,
    SERVER_ENDING,
};

struct rill_server_conn {
    bool used;
    uint32_t id;
    enum rill_server_state state;
    int64_t deadline;

    uint8_t *in; /* RILL_HTTP_HEAD_MAX */
    size_t n_in;

    uint8_t *reply; /* SERVER_REPLY_MAX: a head, perhaps with a small body */
    size_t n_reply, reply_at;
    struct rill_view body;
    size_t body_at;
    bool keep_alive, head_only;
    uint8_t *path; /* SERVER_PATH_MAX */
    size_t n_path;

    void *ws_block;
    struct rill_ws *ws; /* NULL while this is HTTP */
    bool joined;
    int64_t paid_until; /* the time up to which messages have used up the rate */
    uint8_t user[RILL_SIGNALING_NAME_MAX], room[RILL_SIGNALING_NAME_MAX];
    size_t n_user, n_room;

    bool told;       /* that it has output */
    bool tell_close; /* CLOSE is to be told */
    bool tell_file;  /* FILE is to be told */
    bool at_once;
};

struct rill_server_said {
    uint32_t conn;
    uint8_t user[RILL_SIGNALING_NAME_MAX], room[RILL_SIGNALING_NAME_MAX];
    uint8_t peer[RILL_SIGNALING_NAME_MAX];
    size_t n_user, n_room, n_peer;
    const char *what;
};

struct rill_sig_server {
    struct rill_sig_server_config config;
    struct rill_rooms *rooms;
    struct rill_server_conn *conns;
    bool closing;
    struct rill_server_said *said;
    struct rill_ring said_ring;
    uint8_t *scratch; /* a message's JSON on its way out */
    size_t scratch_n;
    uint8_t *arena_block; /* a message that was read */
    size_t arena_n;
};

struct rill_ws_config rill_server_ws_config(const struct rill_sig_server_config *c);
struct rill_server_conn *rill_server_find(struct rill_sig_server *x, uint32_t conn);
/* Leaves its room, and is closed: at once, or when its output is drained. */
void rill_server_end(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                     bool at_once);
void rill_server_leave(struct rill_sig_server *x, struct rill_server_conn *c);
/* For the log. */
void rill_server_note(struct rill_sig_server *x, const struct rill_server_conn *c, const char *what,
                      struct rill_view peer);

/* server_http.c: takes up the requests in c->in. */
void rill_server_http(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c);
void rill_server_http_file(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                           struct rill_view body, const char *content_type);

/* server_ws.c */
void rill_server_ws_input(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                          struct rill_view bytes);
/* What the WebSocket has to tell after input or a tick. */
void rill_server_ws_events(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c);

#endif
