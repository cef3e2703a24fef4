/* signaling/server_private: the server's connections and sessions, and what its files share.
 *
 *   server.c       the verbs: bytes go in and out, time passes
 *   server_slots.c memory; how connections come and go, and are found
 *   server_http.c  requests and replies
 *   server_ws.c    WebSockets: the vocabulary at /ws, and the echo
 *   server_eio.c   requests and WebSockets of Engine.IO sessions
 *   server_sio.c   Socket.IO in those sessions: the vocabulary
 *   server_echo.c  Socket.IO in those sessions: the echo
 *   server_say.c   members and rooms, whichever way they came
 *   server_members.c  members come, go, and come back
 *   server_store.c  rooms that several servers share
 *   server_origin.c  pages of which other hosts are let in
 *   server_log.c   the access log's records
 *   server_metrics.c  what /metrics tells
 *
 * Slots: connections have the numbers from 0, sessions those behind them. Whatever changes in one
 * is followed by rill_server_touch(); before a verb returns, each slot that was touched is looked
 * at once: its deadline goes into the heap, its output and events into their queues. So nothing is
 * ever searched for, however many there are.
 */
#ifndef RILL_SIGNALING_SERVER_PRIVATE_H
#define RILL_SIGNALING_SERVER_PRIVATE_H

#include "base/chain.h"
#include "base/heap.h"
#include "base/todo.h"
#include "signaling/eio_session.h"
#include "signaling/elastic.h"
#include "signaling/http.h"
#include "signaling/server.h"
#include "signaling/sio_session.h"
#include "signaling/ws.h"

#define SERVER_REPLY_MAX 1536
/* A request's head of so many bytes stays near its connection. */
#define SERVER_HEAD_NEAR 1024
#define SERVER_PATH_MAX 1024
#define SERVER_SAID_MAX 64
#define SERVER_TEXTED_MAX (RILL_SIGNALING_NAME_MAX + RILL_SDP_TEXT_MAX)
#define SERVER_ACCESS_MAX 64
#define SERVER_LOG_TEXT_MAX 96
#define SERVER_ECHO_AUTH_MAX 512
#define SERVER_MAIN_NAMESPACE 0
#define SERVER_SEND_TIMEOUT (RILL_LIMIT_SEND_MS * RILL_MS)

/* HEAD → ASKED → REPLY → HEAD …        requests, one after another
 * HEAD → BODY → REPLY                  a POST
 * HEAD → WAITS → REPLY                 a GET that is answered when there is something to say
 * HEAD → SOCKET                        an accepted handshake
 * any  → ENDING                        CLOSE was told, or will be once the output is drained */
enum rill_server_state {
    SERVER_HEAD,
    SERVER_ASKED,
    SERVER_BODY,
    SERVER_WAITS,
    SERVER_REPLY,
    SERVER_SOCKET,
    SERVER_ENDING,
};

/* What a WebSocket is for. */
enum rill_server_use { SERVER_USE_VOCABULARY, SERVER_USE_ECHO, SERVER_USE_SESSION };

/* Somebody who is in a room or may come into one. */
struct rill_server_member {
    uint32_t id;  /* its slot */
    uint64_t key; /* in the rooms; no other ever has it */
    bool joined;
    int64_t paid_until; /* the time up to which messages have used up the rate */
    uint8_t user[RILL_SIGNALING_NAME_MAX], room[RILL_SIGNALING_NAME_MAX];
    size_t n_user, n_room;
    /* In the URL, for who names none in auth; longer than a name may be: it is none. */
    uint8_t asked_room[RILL_SIGNALING_NAME_MAX + 1];
    size_t n_asked_room;
};

/* Whose connection broke, and until when its place is kept. */
struct rill_server_away {
    uint64_t key;
    int64_t until;
    uint8_t user[RILL_SIGNALING_NAME_MAX], room[RILL_SIGNALING_NAME_MAX];
    uint8_t n_user, n_room;
};

/* What a page of which host asks. */
enum rill_server_origin {
    SERVER_ORIGIN_OWN,     /* ours, or no page */
    SERVER_ORIGIN_ANY,     /* all are let in */
    SERVER_ORIGIN_FOREIGN, /* refused */
    SERVER_ORIGIN_LISTED,  /* and behind it the others of the list */
};

/* One line of the access log, while it is being lived. */
struct rill_server_record {
    enum rill_sig_access_kind kind;
    struct rill_addr remote;
    int64_t since, until;
    uint64_t bytes; /* sent, of a session's messages */
    unsigned status;
    char method[8];
    uint8_t n_path, n_agent;
    uint8_t path[SERVER_LOG_TEXT_MAX], agent[SERVER_LOG_TEXT_MAX];
};

/* What was more than a limit allows. */
enum rill_server_hit {
    SERVER_HIT_CONNECTIONS,
    SERVER_HIT_ADDRESS,
    SERVER_HIT_SESSIONS,
    SERVER_HIT_HEAD,
    SERVER_HIT_BODY,
    SERVER_HIT_MESSAGE,
    SERVER_HIT_RATE,
    SERVER_HIT_UNREAD,
    SERVER_HIT_TIME,
    SERVER_N_HITS,
};

#define SERVER_N_STATUSES 16

/* All that only grows. */
struct rill_server_counts {
    uint64_t connections, sessions, bytes_in, bytes_out, log_lost;
    uint64_t in[RILL_SIG_UNKNOWN + 1], out[RILL_SIG_UNKNOWN + 1];
    uint64_t hits[SERVER_N_HITS], statuses[SERVER_N_STATUSES], rows[RILL_SIGNALING_ROWS];
};

/* 0: none; else 1 + enum rill_eio_refusal. */
#define SERVER_NOT_REFUSED 0

struct rill_server_session;

struct rill_server_conn {
    bool used;
    uint32_t id; /* the port's */
    struct rill_addr remote;
    enum rill_server_state state;
    int64_t deadline;

    struct rill_elastic in; /* RILL_HTTP_HEAD_MAX */
    size_t n_in;

    /* SERVER_REPLY_MAX: the path that is asked for, then a head, perhaps with a small body. */
    uint8_t *reply;
    size_t n_reply, reply_at, n_path;
    struct rill_view body;
    size_t body_at;
    bool keep_alive, head_only, has_range;
    struct rill_http_range range;
    const char *policy; /* of the answer; NULL: the pages' */
    enum rill_server_origin origin;

    /* The WebSocket's far memory; as long as this is HTTP, the body of a POST or of an answer. */
    struct rill_span block;
    void *ws_block;
    size_t n_block, block_want;
    int refusal;        /* what a POST is answered with when its body is read */
    struct rill_ws *ws; /* NULL while this is HTTP */
    enum rill_server_use use;
    struct rill_server_session *session; /* whose GET, POST or WebSocket this is */
    struct rill_server_member member;
    bool logged; /* the record is open */
    struct rill_server_record record;

    bool told;       /* that it has output */
    bool tell_close; /* CLOSE is to be told */
    bool tell_file;  /* FILE is to be told */
    bool at_once;
};

struct rill_server_session {
    bool used;
    struct rill_eio_session *eio; /* in their blocks */
    struct rill_sio_session *sio; /* NULL: Engine.IO alone, which is the echo's */
    void *eio_block, *sio_block, *eio_far, *sio_far;
    uint64_t sid_key;
    struct rill_server_record record;
    struct rill_server_conn *get, *post, *ws;
    struct rill_server_member member;
    int64_t echo_at; /* when the echo's auth event is due, or NEVER */
    size_t echo_nsp, n_echo_auth;
    uint8_t *echo_auth; /* SERVER_ECHO_AUTH_MAX */
};

struct rill_server_said {
    uint8_t user[RILL_SIGNALING_NAME_MAX], room[RILL_SIGNALING_NAME_MAX];
    uint8_t peer[RILL_SIGNALING_NAME_MAX];
    size_t n_user, n_room, n_peer;
    const char *what;
};

struct rill_sig_server {
    struct rill_sig_server_config config;
    struct rill_rooms *rooms;
    void *rooms_block;
    struct rill_server_conn *conns;
    struct rill_server_session *sessions;
    uint32_t *free; /* slots, the next one last; of connections, then of sessions */
    size_t n_free, n_free_sessions;
    bool closing, draining;
    uint64_t seed;                /* of the keys below */
    struct rill_chain by_id;      /* connections */
    struct rill_chain by_address; /* slots */
    struct rill_chain by_sid;     /* sessions, by their number among them */
    struct rill_chain by_room;    /* members, by slot */
    struct rill_chain by_key;     /* members, by slot */
    uint64_t keys;                /* given so far */
    struct rill_server_away *away;
    int64_t put_at, put_again_at; /* with a store: when places are put down */
    bool is_beginning_anew;
    struct rill_server_away *drops; /* that are to be dropped from the store */
    struct rill_ring drops_ring;
    struct rill_ring away_ring; /* all have the same grace: the first to go is the first to leave */
    size_t n_members, n_rooms;
    struct rill_todo touched;
    struct rill_todo outputs, tells; /* connections */
    struct rill_heap deadlines;
    struct rill_server_counts counts;
    struct rill_server_said *said;
    struct rill_ring said_ring;
    struct rill_server_record *access;
    struct rill_ring access_ring;
    uint8_t *scratch; /* a message on its way out */
    size_t scratch_n;
    uint8_t *text; /* scratch_n: what rill_server_text() wrote last, n_text bytes, */
    size_t n_text;
    uint8_t *texted; /* for the new offer of this name and description, or n_texted is 0 */
    size_t n_texted, n_texted_name;
    uint8_t *arena_block; /* a message that was read */
    size_t arena_n;
};

/* server_slots.c */
struct rill_server_conn *rill_server_find(struct rill_sig_server *x, uint32_t conn);
/* A session that is nobody's; NULL when there is none for this address. */
struct rill_server_session *rill_server_take_session(struct rill_sig_server *x,
                                                     const struct rill_addr *remote);
void rill_server_give_session(struct rill_sig_server *x, struct rill_server_session *s);
void rill_server_free_conn(struct rill_sig_server *x, struct rill_server_conn *c);

/* server.c */
static inline void rill_server_touch(struct rill_sig_server *x, const struct rill_server_member *m)
{
    rill_todo_add(&x->touched, m->id);
}
/* c has something new to say. */
static inline void rill_server_more(struct rill_sig_server *x, struct rill_server_conn *c)
{
    c->told = false;
    rill_server_touch(x, &c->member);
}
/* Looks at all that was touched. */
void rill_server_settle(struct rill_sig_server *x, int64_t now);
/* Its room keeps its place for a while, and it is closed: at once, or when its output is drained.
 */
void rill_server_end(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                     bool at_once);

/* server_http.c: takes up the requests in c->in. */
void rill_server_http(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c);
void rill_server_http_file(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                           const struct rill_sig_file *file);
size_t rill_server_http_body(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                             struct rill_view bytes);
/* An answer whose body is not written here; then the body, when it is short. */
void rill_server_reply(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                       unsigned status, const char *content_type, const char *headers,
                       size_t length);
void rill_server_reply_text(struct rill_server_conn *c, struct rill_view text);
/* A page of one sentence. */
void rill_server_refuse(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                        unsigned status, const char *sentence);
/* The handshake is judged and answered: true, and c is a WebSocket; or refused. */
bool rill_server_upgrade(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                         const struct rill_http_head *h, enum rill_server_use use);

/* server_ws.c */
size_t rill_server_ws_size(const struct rill_sig_server_config *c);
size_t rill_server_ws_far_size(const struct rill_sig_server_config *c);
void rill_server_ws_begin(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                          enum rill_server_use use);
void rill_server_ws_input(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                          struct rill_view bytes);
/* What the WebSocket has to tell after input or a tick. */
void rill_server_ws_events(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c);
void rill_server_ws_send(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                         const struct rill_sig_message *m);
/* Out of its room, and the closing handshake. */
void rill_server_ws_dismiss(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                            uint16_t code, const char *reason);

/* server_eio.c */
struct rill_eio_session_config rill_server_eio_config(const struct rill_sig_server_config *c);
/* A request for /socket.io/ or /engine.io/ with the query behind it. */
void rill_server_eio_request(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                             const struct rill_http_head *h, struct rill_view query, bool socketio);
/* The body of c's POST is whole. */
void rill_server_eio_body(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c);
void rill_server_eio_ws_input(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                              const struct rill_ws_event *e);
/* c goes, or is done with what it did for its session. */
void rill_server_eio_detach(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c);
/* All that it has to say goes to the connections that wait for it. */
void rill_server_eio_settle(struct rill_sig_server *x, int64_t now, struct rill_server_session *s);
void rill_server_eio_tick(struct rill_sig_server *x, int64_t now, struct rill_server_session *s);
int64_t rill_server_eio_deadline(const struct rill_server_session *s);
/* Whoever does not read what he is sent is dropped. */
void rill_server_eio_sent(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                          int rc);

/* server_sio.c */
struct rill_sio_session_config rill_server_sio_config(const struct rill_sig_server_config *c);
void rill_server_sio_message(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                             bool binary, struct rill_view message);
void rill_server_sio_send(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                          const struct rill_sig_message *m);

/* server_echo.c: somebody connected; what is still to be said about it; an event, true when it
 * was one for the echo. */
void rill_server_echo_connected(struct rill_sig_server *x, int64_t now,
                                struct rill_server_session *s,
                                const struct rill_sio_session_event *e);
void rill_server_echo_flush(struct rill_sig_server *x, int64_t now, struct rill_server_session *s);
bool rill_server_echo_event(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                            const struct rill_sio_session_event *e);

/* server_say.c: a message of a member who has joined, or its auth. Errors: those of message.h
 * and room.h, RILL_SIGNALING_RATE, RILL_SIGNALING_NO_AUTH. */
int rill_server_say(struct rill_sig_server *x, int64_t now, struct rill_server_member *m,
                    struct rill_view text, const uint64_t *ack, struct rill_err *why);
/* server_members.c: the slot of who has this key, or RILL_CHAIN_END. */
uint32_t rill_server_slot_of(const struct rill_sig_server *x, uint64_t key);
int rill_server_join(struct rill_sig_server *x, int64_t now, struct rill_server_member *m,
                     const struct rill_sig_message *auth, struct rill_err *why);
struct rill_server_member *rill_server_member_of(const struct rill_sig_server *x, uint32_t slot);
void rill_server_note_gone(struct rill_sig_server *x, const struct rill_server_away *a);
void rill_server_note_said(struct rill_sig_server *x, const struct rill_server_member *m,
                           const struct rill_sig_message *said);
/* ?room=NAME of a URL; one that cannot be read is refused as a name later. */
void rill_server_ask_room(struct rill_server_member *m, struct rill_view query);
/* For the log. */
void rill_server_note(struct rill_sig_server *x, const struct rill_server_member *m,
                      const char *what, struct rill_view peer);
/* m as JSON, until the next call; p == NULL: it does not fit. What is told to many is written once.
 */
struct rill_view rill_server_text(struct rill_sig_server *x, const struct rill_sig_message *m);
/* All that the rooms want sent. */
void rill_server_deliver(struct rill_sig_server *x, int64_t now);
/* It said goodbye; it did not. */
void rill_server_leave(struct rill_sig_server *x, int64_t now, struct rill_server_member *m);
void rill_server_away(struct rill_sig_server *x, int64_t now, struct rill_server_member *m);
/* Whose time to come back is over. */
void rill_server_away_tick(struct rill_sig_server *x, int64_t now);
int64_t rill_server_away_deadline(const struct rill_sig_server *x);
/* ["error", name, sentence, {"stays": …}]; sentence is where its text lies. */
struct rill_sig_message rill_server_error(const struct rill_err *why, bool stays,
                                          struct rill_span sentence);

/* server_store.c */
void rill_server_store_tick(struct rill_sig_server *x, int64_t now);
int64_t rill_server_store_deadline(const struct rill_sig_server *x);

/* server_origin.c */
enum rill_server_origin rill_server_origin(const struct rill_sig_server *x,
                                           const struct rill_http_head *h);
/* Header lines that let the page read the answer; "" when there are none to say. */
void rill_server_write_origin(const struct rill_sig_server *x, struct rill_writer *w,
                              enum rill_server_origin o);
/* The question before a request of another host's page; false when it is none. */
bool rill_server_preflight(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                           const struct rill_http_head *h);

/* server_log.c: a request begins; its status is known; it is over. */
void rill_server_log_begin(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                           const struct rill_http_head *h);
void rill_server_log_end(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c);
void rill_server_log_session(int64_t now, struct rill_server_session *s,
                             const struct rill_server_conn *c);
void rill_server_log_record(struct rill_sig_server *x, const struct rill_server_record *r);

/* server_metrics.c */
void rill_server_count_status(struct rill_sig_server *x, unsigned status);
void rill_server_count_row(struct rill_sig_server *x, int row);
void rill_server_write_metrics(const struct rill_sig_server *x, int64_t now, struct rill_writer *w);

#endif
