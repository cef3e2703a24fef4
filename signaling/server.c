/* server: the verbs of the signaling server; what happens inside a connection is told in
 * server_http.c and server_ws.c.
 *
 * The idea: a table of connections, each with its state and one deadline. Nothing waits: a
 * connection that asks, says or reads nothing in time is closed. */
#include "signaling/server_private.h"

#include <string.h>

static const struct rill_trace_point ended = {
    "signaling",
    "ended",
    "a connection is to be closed",
    2,
    {{"conn", RILL_TRACE_U64}, {"at_once", RILL_TRACE_U64}}};
static const struct rill_trace_point late = {"signaling",
                                             "late",
                                             "a connection did not do in time what it should",
                                             2,
                                             {{"conn", RILL_TRACE_U64}, {"state", RILL_TRACE_U64}}};

/* --- what was touched ---------------------------------------------------------------- */

static int64_t deadline_of(const struct rill_server_conn *c)
{
    if (!c->used)
        return RILL_NEVER;
    if (c->state != SERVER_SOCKET)
        return c->deadline;
    int64_t ws = rill_ws_deadline(c->ws);
    return c->member.joined ? ws : rill_earlier(ws, c->deadline);
}

static bool has_output(const struct rill_server_conn *c)
{
    return c->reply_at < c->n_reply || c->body_at < c->body.n ||
           (c->ws && rill_ws_has_output(c->ws));
}

static bool is_to_be_told(const struct rill_server_conn *c)
{
    return c->used && !c->told && !c->at_once && has_output(c);
}

static void settle_conn(struct rill_sig_server *x, struct rill_server_conn *c)
{
    rill_heap_set(&x->deadlines, c->member.id, deadline_of(c));
    if (is_to_be_told(c))
        rill_todo_add(&x->outputs, c->member.id);
    if (c->used && (c->tell_close || c->tell_file))
        rill_todo_add(&x->tells, c->member.id);
}

static void settle_session(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    if (s->used)
        rill_server_eio_settle(x, now, s);
    rill_heap_set(&x->deadlines, s->member.id, s->used ? rill_server_eio_deadline(s) : RILL_NEVER);
}

/* One may touch another; all of them are done when nothing is left. */
void rill_server_settle(struct rill_sig_server *x, int64_t now)
{
    uint32_t slot;
    rill_server_deliver(x, now);
    while ((slot = rill_todo_next(&x->touched)) != RILL_TODO_NONE) {
        if (slot < x->config.connections)
            settle_conn(x, &x->conns[slot]);
        else
            settle_session(x, now, &x->sessions[slot - x->config.connections]);
        rill_server_deliver(x, now);
    }
}

/* --- coming and going ---------------------------------------------------------------- */

void rill_server_end(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                     bool at_once)
{
    rill_server_away(x, now, &c->member);
    rill_server_eio_detach(x, now, c);
    rill_server_touch(x, &c->member);
    if (c->state == SERVER_ENDING && !at_once)
        return;
    RILL_TRACE(x->config.trace, now, ended, {.u = c->id}, {.u = at_once});
    c->state = SERVER_ENDING;
    c->at_once = at_once;
    c->tell_close = true;
    c->deadline = at_once ? RILL_NEVER : now + RILL_LIMIT_LINGER_MS * RILL_MS;
}

void rill_sig_server_closed(struct rill_sig_server *x, int64_t now, uint32_t conn)
{
    struct rill_server_conn *c = rill_server_find(x, conn);
    if (!c)
        return;
    rill_server_away(x, now, &c->member);
    rill_server_eio_detach(x, now, c);
    rill_server_log_end(x, now, c);
    rill_server_free_conn(x, c);
    rill_server_settle(x, now);
}

void rill_sig_server_drain(struct rill_sig_server *x)
{
    x->draining = true;
}

size_t rill_sig_server_members(const struct rill_sig_server *x)
{
    return x->n_members;
}

static void goodbye(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    if (!c->used || c->state == SERVER_ENDING)
        return;
    if (c->ws)
        rill_ws_close(c->ws, now, 1001, "the server goes");
    rill_server_end(x, now, c, false);
    rill_server_more(x, c);
}

void rill_sig_server_close(struct rill_sig_server *x, int64_t now)
{
    x->draining = x->closing = true;
    for (size_t i = 0; i < x->config.connections; i++)
        if (x->conns[i].ws)
            goodbye(x, now, &x->conns[i]);
    /* Who waits with a GET is told before the connection goes. */
    for (size_t i = 0; i < x->config.sessions; i++) {
        if (!x->sessions[i].used)
            continue;
        rill_eio_session_drop(x->sessions[i].eio, now);
        rill_server_touch(x, &x->sessions[i].member);
    }
    rill_server_settle(x, now);
    for (size_t i = 0; i < x->config.connections; i++)
        goodbye(x, now, &x->conns[i]);
    rill_server_settle(x, now);
}

/* --- bytes --------------------------------------------------------------------------- */

/* Fills c->in from bytes; how many were taken. */
static size_t fill(struct rill_server_conn *c, struct rill_view bytes)
{
    size_t space = RILL_HTTP_HEAD_MAX - c->n_in;
    size_t n = bytes.n < space ? bytes.n : space;
    rill_elastic_reach(&c->in, c->n_in, c->n_in + n);
    if (n)
        memcpy(c->in.p + c->n_in, bytes.p, n);
    c->n_in += n;
    return n;
}

/* What came behind an accepted handshake belongs to the WebSocket. */
static void hand_over(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    size_t n = c->n_in;
    c->n_in = 0;
    rill_server_ws_input(x, now, c, rill_view_at(c->in.p, n));
}

/* What is not for the WebSocket yet; how many bytes were taken. */
static size_t take_http(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                        struct rill_view bytes)
{
    if (c->state == SERVER_BODY)
        return rill_server_http_body(x, now, c, bytes);
    size_t n = fill(c, bytes);
    rill_server_http(x, now, c);
    if (c->state == SERVER_SOCKET) {
        hand_over(x, now, c);
    } else if (n < bytes.n && c->n_in == RILL_HTTP_HEAD_MAX) {
        /* Requests are held while one is answered, but no more than fit. */
        x->counts.hits[SERVER_HIT_HEAD]++;
        rill_server_end(x, now, c, true);
    }
    return n;
}

void rill_sig_server_input(struct rill_sig_server *x, int64_t now, uint32_t conn,
                           struct rill_view bytes)
{
    struct rill_server_conn *c = rill_server_find(x, conn);
    x->counts.bytes_in += c ? bytes.n : 0;
    while (c && c->state != SERVER_ENDING && bytes.n) {
        if (c->state == SERVER_SOCKET) {
            rill_server_ws_input(x, now, c, bytes);
            break;
        }
        size_t n = take_http(x, now, c, bytes);
        bytes = rill_view_sub(bytes, n, bytes.n - n);
    }
    if (c)
        rill_server_touch(x, &c->member);
    rill_server_settle(x, now);
}

/* The answer is drained: the next request, or the end. */
static void replied(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    c->body = (struct rill_view){0};
    rill_server_log_end(x, now, c);
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
    x->counts.bytes_out += w.at;
    c->record.bytes += w.at;
    if (c->state == SERVER_REPLY && w.at)
        c->deadline = now + SERVER_SEND_TIMEOUT;
    if (c->state == SERVER_REPLY && !has_output(c))
        replied(x, now, c);
    rill_server_touch(x, &c->member);
    /* Its WebSocket has room again. */
    if (c->session && w.at)
        rill_server_touch(x, &c->session->member);
    rill_server_settle(x, now);
    return w.at;
}

bool rill_sig_server_next_output(struct rill_sig_server *x, uint32_t *conn)
{
    uint32_t slot;
    while ((slot = rill_todo_next(&x->outputs)) != RILL_TODO_NONE) {
        struct rill_server_conn *c = &x->conns[slot];
        if (!is_to_be_told(c))
            continue;
        c->told = true;
        *conn = c->id;
        return true;
    }
    return false;
}

void rill_sig_server_file(struct rill_sig_server *x, int64_t now, uint32_t conn,
                          const struct rill_sig_file *file)
{
    struct rill_server_conn *c = rill_server_find(x, conn);
    if (c && c->state == SERVER_ASKED)
        rill_server_http_file(x, now, c, file);
    rill_server_settle(x, now);
}

/* --- time ---------------------------------------------------------------------------- */

static void tick_socket(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    if (!c->member.joined && now >= c->deadline) {
        x->counts.hits[SERVER_HIT_TIME]++;
        RILL_TRACE(x->config.trace, now, late, {.u = c->id}, {.u = c->state});
        rill_server_count_row(x, RILL_SIGNALING_TIMEOUT);
        rill_ws_close(c->ws, now, 1008, "SIGNALING_TIMEOUT");
        c->deadline = RILL_NEVER;
    }
    rill_ws_tick(c->ws, now);
    rill_server_ws_events(x, now, c);
    rill_server_more(x, c);
}

static void tick_conn(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    if (c->state == SERVER_SOCKET) {
        tick_socket(x, now, c);
        return;
    }
    x->counts.hits[SERVER_HIT_TIME] += c->state != SERVER_ENDING;
    RILL_TRACE(x->config.trace, now, late, {.u = c->id}, {.u = c->state});
    rill_server_end(x, now, c, true);
}

void rill_sig_server_tick(struct rill_sig_server *x, int64_t now)
{
    uint32_t slot;
    size_t conns = x->config.connections, slots = conns + x->config.sessions;
    /* Each is ticked once at most, whatever its new deadline is. */
    for (size_t i = 0; i < slots && rill_heap_first(&x->deadlines, &slot) <= now; i++) {
        if (slot < conns)
            tick_conn(x, now, &x->conns[slot]);
        else
            rill_server_eio_tick(x, now, &x->sessions[slot - conns]);
        rill_server_settle(x, now);
    }
    rill_server_away_tick(x, now);
    rill_server_store_tick(x, now);
    rill_server_settle(x, now);
}

int64_t rill_sig_server_deadline(const struct rill_sig_server *x)
{
    int64_t next = rill_earlier(rill_heap_first(&x->deadlines, NULL), rill_server_away_deadline(x));
    return rill_earlier(next, rill_server_store_deadline(x));
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

static void tell_access(const struct rill_server_record *r, struct rill_sig_server_event *out)
{
    *out = (struct rill_sig_server_event){
        .type = RILL_SIG_SERVER_ACCESS,
        .access = {.kind = r->kind,
                   .remote = &r->remote,
                   .method = rill_view_of(r->method),
                   .path = rill_view_at(r->path, r->n_path),
                   .agent = rill_view_at(r->agent, r->n_agent),
                   .status = r->status,
                   .bytes = r->bytes,
                   .duration = r->until - r->since},
    };
}

static bool tell_conn(struct rill_server_conn *c, struct rill_sig_server_event *out)
{
    if (!c->used || (!c->tell_close && !c->tell_file))
        return false;
    *out = (struct rill_sig_server_event){.conn = c->id, .at_once = c->at_once};
    out->type = c->tell_close ? RILL_SIG_SERVER_CLOSE : RILL_SIG_SERVER_FILE;
    if (out->type == RILL_SIG_SERVER_FILE) {
        out->path = rill_view_at(c->reply, c->n_path);
        out->has_range = c->has_range;
        out->range = c->range;
    }
    c->tell_close = false;
    c->tell_file = false;
    return true;
}

bool rill_sig_server_event(struct rill_sig_server *x, struct rill_sig_server_event *out)
{
    size_t at = rill_ring_pop(&x->said_ring);
    if (at != RILL_RING_NONE) {
        tell_said(&x->said[at], out);
        return true;
    }
    at = rill_ring_pop(&x->access_ring);
    if (at != RILL_RING_NONE) {
        tell_access(&x->access[at], out);
        return true;
    }
    uint32_t slot;
    while ((slot = rill_todo_next(&x->tells)) != RILL_TODO_NONE)
        if (tell_conn(&x->conns[slot], out))
            return true;
    return false;
}
