/* server: the verbs of the signaling server; what happens inside a connection is told in
 * server_http.c and server_ws.c.
 *
 * The idea: a table of connections, each with its state and one deadline. Nothing waits: a
 * connection that asks, says or reads nothing in time is closed. */
#include "signaling/reserve.h"
#include "signaling/server_private.h"

#include <string.h>

/* For a peer to take what is still to be read after CLOSE was told. */
#define LINGER (5 * RILL_SECOND)

static const struct rill_trace_point accepted = {
    "signaling",
    "accepted",
    "a connection came",
    2,
    {{"conn", RILL_TRACE_U64}, {"remote", RILL_TRACE_ADDR}}};
static const struct rill_trace_point ended = {
    "signaling",
    "ended",
    "a connection is to be closed",
    2,
    {{"conn", RILL_TRACE_U64}, {"at once", RILL_TRACE_U64}}};
static const struct rill_trace_point late = {"signaling",
                                             "late",
                                             "a connection did not do in time what it should",
                                             2,
                                             {{"conn", RILL_TRACE_U64}, {"state", RILL_TRACE_U64}}};

static struct rill_sig_server_config with_defaults(const struct rill_sig_server_config *given)
{
    struct rill_sig_server_config c = *given;
    c.connections = c.connections ? c.connections : 64;
    c.message = c.message ? c.message : RILL_SIGNALING_MESSAGE_MAX;
    c.idle = c.idle ? c.idle : 10 * RILL_SECOND;
    c.auth_timeout = c.auth_timeout ? c.auth_timeout : 10 * RILL_SECOND;
    c.sessions = c.sessions ? c.sessions : 64;
    c.max_payload = c.max_payload ? c.max_payload : 1000000;
    c.ping_interval = c.ping_interval ? c.ping_interval : 25 * RILL_SECOND;
    c.ping_timeout = c.ping_timeout ? c.ping_timeout : 20 * RILL_SECOND;
    c.rooms.members = c.rooms.members ? c.rooms.members : c.connections + c.sessions;
    return c;
}

static void carve_conns(struct rill_arena *a, struct rill_sig_server *x,
                        const struct rill_sig_server_config *c)
{
    size_t block_n = rill_server_ws_size(c);
    struct rill_server_conn *conns = rill_arena_take(a, c->connections, sizeof *conns);
    for (size_t i = 0; i < c->connections; i++) {
        uint8_t *in = rill_reserve(a, RILL_HTTP_HEAD_MAX);
        uint8_t *out = rill_reserve(a, SERVER_REPLY_MAX);
        uint8_t *path = rill_reserve(a, SERVER_PATH_MAX);
        uint8_t *block = rill_reserve(a, block_n);
        if (conns)
            conns[i] = (struct rill_server_conn){
                .in = in, .reply = out, .path = path, .block = {block, block_n}};
    }
    if (x)
        x->conns = conns;
}

static void carve_sessions(struct rill_arena *a, struct rill_sig_server *x,
                           const struct rill_sig_server_config *c)
{
    struct rill_eio_session_config eio = rill_server_eio_config(c);
    struct rill_sio_session_config sio = rill_server_sio_config(c);
    struct rill_server_session *sessions = rill_arena_take(a, c->sessions, sizeof *sessions);
    for (size_t i = 0; i < c->sessions; i++) {
        void *eio_block = rill_reserve(a, rill_eio_session_size(&eio));
        void *sio_block = rill_reserve(a, rill_sio_session_size(&sio));
        if (sessions)
            sessions[i] =
                (struct rill_server_session){.eio_block = eio_block, .sio_block = sio_block};
    }
    if (x)
        x->sessions = sessions;
}

/* Whatever is written at once: a message of the vocabulary, or an echo with its frame. */
static size_t scratch_size(const struct rill_sig_server_config *c)
{
    return (c->message > c->max_payload ? c->message : c->max_payload) + 1024;
}

static struct rill_sig_server *carve(struct rill_arena *a, const struct rill_sig_server_config *c)
{
    struct rill_sig_server *x = rill_arena_take(a, 1, sizeof *x);
    size_t arena_n = RILL_SIG_ARENA(c->message);
    void *rooms = rill_arena_take(a, 1, rill_rooms_size(&c->rooms));
    struct rill_server_said *said = rill_arena_take(a, SERVER_SAID_MAX, sizeof *said);
    uint8_t *scratch = rill_reserve(a, scratch_size(c));
    uint8_t *arena = rill_reserve(a, arena_n);
    carve_conns(a, x, c);
    carve_sessions(a, x, c);
    if (!x)
        return NULL;
    x->rooms = rill_rooms_init(rooms, &c->rooms);
    x->said = said;
    x->said_ring.cap = SERVER_SAID_MAX;
    x->scratch = scratch;
    x->scratch_n = scratch_size(c);
    x->arena_block = arena;
    x->arena_n = arena_n;
    return x;
}

size_t rill_sig_server_size(const struct rill_sig_server_config *config)
{
    struct rill_sig_server_config c = with_defaults(config);
    struct rill_arena a = rill_arena_counting();
    carve(&a, &c);
    return rill_arena_size(&a);
}

struct rill_sig_server *rill_sig_server_init(void *block,
                                             const struct rill_sig_server_config *config)
{
    struct rill_sig_server_config c = with_defaults(config);
    struct rill_arena a = rill_arena_over(block, rill_sig_server_size(config));
    struct rill_sig_server *x = carve(&a, &c);
    x->config = c;
    return x;
}

struct rill_server_conn *rill_server_find(struct rill_sig_server *x, uint32_t conn)
{
    for (size_t i = 0; i < x->config.connections; i++)
        if (x->conns[i].used && x->conns[i].id == conn)
            return &x->conns[i];
    return NULL;
}

/* --- coming and going ---------------------------------------------------------------- */

int rill_sig_server_accept(struct rill_sig_server *x, int64_t now, uint32_t conn,
                           const struct rill_addr *remote)
{
    for (size_t i = 0; i < x->config.connections && !x->closing; i++) {
        struct rill_server_conn *c = &x->conns[i];
        if (c->used)
            continue;
        *c = (struct rill_server_conn){.used = true,
                                       .id = conn,
                                       .state = SERVER_HEAD,
                                       .deadline = now + x->config.idle,
                                       .in = c->in,
                                       .reply = c->reply,
                                       .path = c->path,
                                       .block = c->block,
                                       .member.id = (uint32_t)i};
        RILL_TRACE(x->config.trace, now, accepted, {.u = conn}, {.addr = remote});
        return 0;
    }
    return RILL_SIGNALING_FULL;
}

void rill_server_end(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                     bool at_once)
{
    rill_server_leave(x, &c->member);
    rill_server_eio_detach(x, now, c);
    if (c->state == SERVER_ENDING && !at_once)
        return;
    RILL_TRACE(x->config.trace, now, ended, {.u = c->id}, {.u = at_once});
    c->state = SERVER_ENDING;
    c->at_once = at_once;
    c->tell_close = true;
    c->deadline = at_once ? RILL_NEVER : now + LINGER;
}

void rill_sig_server_closed(struct rill_sig_server *x, int64_t now, uint32_t conn)
{
    struct rill_server_conn *c = rill_server_find(x, conn);
    if (!c)
        return;
    rill_server_leave(x, &c->member);
    rill_server_eio_detach(x, now, c);
    c->used = false;
    rill_server_eio_flush(x, now);
}

static void goodbye(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    if (!c->used || c->state == SERVER_ENDING)
        return;
    if (c->ws)
        rill_ws_close(c->ws, now, 1001, "the server goes");
    rill_server_end(x, now, c, false);
    c->told = false;
}

void rill_sig_server_close(struct rill_sig_server *x, int64_t now)
{
    x->closing = true;
    for (size_t i = 0; i < x->config.connections; i++)
        if (x->conns[i].ws)
            goodbye(x, now, &x->conns[i]);
    /* Who waits with a GET is told before the connection goes. */
    for (size_t i = 0; i < x->config.sessions; i++)
        if (x->sessions[i].used)
            rill_eio_session_drop(x->sessions[i].eio, now);
    rill_server_eio_flush(x, now);
    for (size_t i = 0; i < x->config.connections; i++)
        goodbye(x, now, &x->conns[i]);
}

/* --- bytes --------------------------------------------------------------------------- */

/* Fills c->in from bytes; how many were taken. */
static size_t fill(struct rill_server_conn *c, struct rill_view bytes)
{
    size_t space = RILL_HTTP_HEAD_MAX - c->n_in;
    size_t n = bytes.n < space ? bytes.n : space;
    if (n)
        memcpy(c->in + c->n_in, bytes.p, n);
    c->n_in += n;
    return n;
}

/* What came behind an accepted handshake belongs to the WebSocket. */
static void hand_over(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    size_t n = c->n_in;
    c->n_in = 0;
    rill_server_ws_input(x, now, c, rill_view_at(c->in, n));
}

/* What is not for the WebSocket yet; how many bytes were taken. */
static size_t take_http(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                        struct rill_view bytes)
{
    if (c->state == SERVER_BODY)
        return rill_server_http_body(x, now, c, bytes);
    size_t n = fill(c, bytes);
    rill_server_http(x, now, c);
    if (c->state == SERVER_SOCKET)
        hand_over(x, now, c);
    /* Requests are held while one is answered, but no more than fit. */
    else if (n < bytes.n && c->n_in == RILL_HTTP_HEAD_MAX)
        rill_server_end(x, now, c, true);
    return n;
}

void rill_sig_server_input(struct rill_sig_server *x, int64_t now, uint32_t conn,
                           struct rill_view bytes)
{
    struct rill_server_conn *c = rill_server_find(x, conn);
    while (c && c->state != SERVER_ENDING && bytes.n) {
        if (c->state == SERVER_SOCKET) {
            rill_server_ws_input(x, now, c, bytes);
            break;
        }
        size_t n = take_http(x, now, c, bytes);
        bytes = rill_view_sub(bytes, n, bytes.n - n);
    }
    rill_server_eio_flush(x, now);
}

/* The answer is drained: the next request, or the end. */
static void replied(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    c->body = (struct rill_view){0};
    if (!c->keep_alive) {
        rill_server_end(x, now, c, false);
        return;
    }
    c->state = SERVER_HEAD;
    c->deadline = now + x->config.idle;
    rill_server_http(x, now, c);
    if (c->state == SERVER_SOCKET)
        hand_over(x, now, c);
}

static void write_out(struct rill_writer *w, struct rill_view from, size_t *at)
{
    size_t n = from.n - *at < w->cap - w->at ? from.n - *at : w->cap - w->at;
    rill_w_bytes(w, rill_view_sub(from, *at, n));
    *at += n;
}

static bool has_output(const struct rill_server_conn *c)
{
    return c->reply_at < c->n_reply || c->body_at < c->body.n ||
           (c->ws && rill_ws_has_output(c->ws));
}

size_t rill_sig_server_output(struct rill_sig_server *x, int64_t now, uint32_t conn,
                              struct rill_span out)
{
    struct rill_server_conn *c = rill_server_find(x, conn);
    if (!c || c->at_once || out.n == 0)
        return 0;
    struct rill_writer w = rill_writer_of(out);
    write_out(&w, rill_view_at(c->reply, c->n_reply), &c->reply_at);
    write_out(&w, c->body, &c->body_at);
    if (c->ws && c->reply_at == c->n_reply)
        w.at += rill_ws_output(c->ws, (struct rill_span){out.p + w.at, out.n - w.at});
    if (c->state == SERVER_REPLY && w.at)
        c->deadline = now + SERVER_SEND_TIMEOUT;
    if (c->state == SERVER_REPLY && !has_output(c))
        replied(x, now, c);
    rill_server_eio_flush(x, now);
    return w.at;
}

bool rill_sig_server_next_output(struct rill_sig_server *x, uint32_t *conn)
{
    for (size_t i = 0; i < x->config.connections; i++) {
        struct rill_server_conn *c = &x->conns[i];
        if (!c->used || c->told || c->at_once || !has_output(c))
            continue;
        c->told = true;
        *conn = c->id;
        return true;
    }
    return false;
}

void rill_sig_server_file(struct rill_sig_server *x, int64_t now, uint32_t conn,
                          struct rill_view body, const char *content_type)
{
    struct rill_server_conn *c = rill_server_find(x, conn);
    if (c && c->state == SERVER_ASKED)
        rill_server_http_file(x, now, c, body, content_type);
}

/* --- time ---------------------------------------------------------------------------- */

static int64_t deadline_of(const struct rill_server_conn *c)
{
    if (c->state != SERVER_SOCKET)
        return c->deadline;
    int64_t ws = rill_ws_deadline(c->ws);
    return c->member.joined ? ws : rill_earlier(ws, c->deadline);
}

static void tick_socket(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    if (!c->member.joined && now >= c->deadline) {
        RILL_TRACE(x->config.trace, now, late, {.u = c->id}, {.u = c->state});
        rill_ws_close(c->ws, now, 1008, "SIGNALING_TIMEOUT");
        c->deadline = RILL_NEVER;
    }
    rill_ws_tick(c->ws, now);
    rill_server_ws_events(x, now, c);
    c->told = false;
}

void rill_sig_server_tick(struct rill_sig_server *x, int64_t now)
{
    for (size_t i = 0; i < x->config.connections; i++) {
        struct rill_server_conn *c = &x->conns[i];
        if (!c->used || now < deadline_of(c))
            continue;
        if (c->state == SERVER_SOCKET) {
            tick_socket(x, now, c);
            continue;
        }
        RILL_TRACE(x->config.trace, now, late, {.u = c->id}, {.u = c->state});
        rill_server_end(x, now, c, true);
    }
    rill_server_eio_tick(x, now);
    rill_server_eio_flush(x, now);
}

int64_t rill_sig_server_deadline(const struct rill_sig_server *x)
{
    int64_t d = rill_server_eio_deadline(x);
    for (size_t i = 0; i < x->config.connections; i++)
        if (x->conns[i].used)
            d = rill_earlier(d, deadline_of(&x->conns[i]));
    return d;
}

/* --- events -------------------------------------------------------------------------- */

static void tell_said(const struct rill_server_said *s, struct rill_sig_server_event *out)
{
    *out = (struct rill_sig_server_event){
        .type = RILL_SIG_SERVER_SAID,
        .user = rill_view_at(s->user, s->n_user),
        .room = rill_view_at(s->room, s->n_room),
        .peer = rill_view_at(s->peer, s->n_peer),
        .what = rill_view_of(s->what),
    };
}

bool rill_sig_server_event(struct rill_sig_server *x, struct rill_sig_server_event *out)
{
    size_t slot = rill_ring_pop(&x->said_ring);
    if (slot != RILL_RING_NONE) {
        tell_said(&x->said[slot], out);
        return true;
    }
    for (size_t i = 0; i < x->config.connections; i++) {
        struct rill_server_conn *c = &x->conns[i];
        if (!c->used || (!c->tell_close && !c->tell_file))
            continue;
        *out = (struct rill_sig_server_event){.conn = c->id, .at_once = c->at_once};
        out->type = c->tell_close ? RILL_SIG_SERVER_CLOSE : RILL_SIG_SERVER_FILE;
        out->path = rill_view_at(c->path, c->n_path);
        c->tell_close = false;
        c->tell_file = false;
        return true;
    }
    return false;
}
