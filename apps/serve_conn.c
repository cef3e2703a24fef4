/* serve_conn: connections: bytes between their sockets and the signaling server.
 *
 * The idea: a chunk is taken from the server and written at once. Only what the socket did not
 * take is kept, and nothing more is asked for until it has gone; so an idle connection costs a
 * few words, and a slow reader one chunk. */
#include "apps/serve.h"
#include "apps/serve_files.h"
#include "apps/serve_hint.h"
#include "apps/serve_traces.h"
#include "signaling/http.h"

#include <stdlib.h>
#include <string.h>

bool serve_conns_open(struct serve *s)
{
    s->conns = calloc(serve_sockets(s), sizeof *s->conns);
    return s->conns != NULL;
}

static void forget(struct serve *s, struct serve_conn *c)
{
    rill_sig_server_closed(s->server, rill_posix_now(), c->id);
    serve_tls_free(c);
    free(c->head);
    free(c->file);
    free(c->rest);
    *c = (struct serve_conn){0};
    s->n_conns--;
}

static void drop(struct serve *s, struct serve_conn *c)
{
    rill_reactor_close(s->reactor, c->id);
    forget(s, c);
}

void serve_conns_close(struct serve *s)
{
    for (size_t i = 0; s->conns && i < serve_sockets(s); i++)
        if (s->conns[i].id != RILL_REACTOR_NO_SOCKET)
            drop(s, &s->conns[i]);
    free(s->conns);
}

struct serve_conn *serve_conn_find(struct serve *s, uint32_t id)
{
    if (id == RILL_REACTOR_NO_SOCKET)
        return NULL;
    struct serve_conn *c = &s->conns[rill_reactor_number(id)];
    return c->id == id ? c : NULL;
}

void serve_conn_accepted(struct serve *s, const struct rill_reactor_event *e)
{
    int rc = s->n_conns < s->options.connections
                 ? rill_sig_server_accept(s->server, rill_posix_now(), e->socket, &e->path.remote)
                 : RILL_SIGNALING_FULL;
    if (rc < 0) {
        rill_reactor_close(s->reactor, e->socket);
        return;
    }
    s->conns[rill_reactor_number(e->socket)] = (struct serve_conn){
        .id = e->socket,
        .wire = s->certs.list ? SERVE_WIRE_UNKNOWN : SERVE_WIRE_CLEAR,
    };
    s->n_conns++;
}

/* --- writing ------------------------------------------------------------------------- */

/* What the socket does not take is kept. False when the connection broke: it is dropped. */
static bool put(struct serve *s, struct serve_conn *c, struct rill_view bytes)
{
    long took = rill_reactor_write(s->reactor, c->id, bytes);
    if (took >= 0 && (size_t)took == bytes.n)
        return true;
    size_t left = took < 0 ? 0 : bytes.n - (size_t)took;
    c->rest = left ? malloc(left) : NULL;
    if (!c->rest) {
        drop(s, c);
        return false;
    }
    memcpy(c->rest, bytes.p + took, left);
    c->rest_n = left;
    c->rest_at = 0;
    return true;
}

static size_t next_output(struct serve *s, struct serve_conn *c)
{
    if (c->wire == SERVE_WIRE_TLS)
        return serve_tls_output(s, c);
    if (c->wire != SERVE_WIRE_CLEAR)
        return 0;
    return rill_sig_server_output(s->server, rill_posix_now(), c->id,
                                  (struct rill_span){s->chunk, sizeof s->chunk});
}

/* False when it was dropped. */
static bool drain(struct serve *s, struct serve_conn *c)
{
    size_t n;
    while (!c->rest && (n = next_output(s, c)) > 0)
        if (!put(s, c, rill_view_at(s->chunk, n)))
            return false;
    bool over = c->closing && !c->rest;
    if (over)
        drop(s, c);
    return !over;
}

void serve_conn_drain(struct serve *s, struct serve_conn *c)
{
    drain(s, c);
}

void serve_conn_writable(struct serve *s, struct serve_conn *c)
{
    if (c->rest) {
        long took = rill_reactor_write(s->reactor, c->id,
                                       rill_view_at(c->rest + c->rest_at, c->rest_n - c->rest_at));
        if (took < 0) {
            drop(s, c);
            return;
        }
        c->rest_at += (size_t)took;
        if (c->rest_at < c->rest_n)
            return;
        free(c->rest);
        c->rest = NULL;
    }
    drain(s, c);
}

/* --- reading ------------------------------------------------------------------------- */

/* Twice in a row nothing taken, though all was written that the socket takes: a client that
 * sends on and does not read what a handshake answers. */
static void read_tls(struct serve *s, struct serve_conn *c, struct rill_view bytes)
{
    size_t n = 0;
    for (bool stuck = false; !stuck; stuck = n == 0) {
        n = serve_tls_input(s, c, bytes);
        bytes = rill_view_sub(bytes, n, bytes.n - n);
        if (!drain(s, c) || bytes.n == 0)
            return;
    }
    drop(s, c);
}

static void read_hint(struct serve *s, struct serve_conn *c, struct rill_view bytes)
{
    struct rill_writer w = rill_writer_of((struct rill_span){s->chunk, sizeof s->chunk});
    size_t room = RILL_HTTP_HEAD_MAX - c->n_head, n = bytes.n < room ? bytes.n : room;
    if (c->closing)
        return;
    memcpy(c->head + c->n_head, bytes.p, n);
    c->n_head += n;
    struct rill_span ca = serve_ca_crt(s);
    c->closing = serve_hint(rill_view_at(c->head, c->n_head), rill_view_at(ca.p, ca.n), &w);
    free(ca.p);
    if (!c->closing)
        return;
    if (put(s, c, rill_w_view(&w)))
        drain(s, c);
}

static bool begin(struct serve *s, struct serve_conn *c, struct rill_view first)
{
    if (rill_tls_is_hello(first))
        return serve_tls_begin(s, c);
    if (!serve_hint_is_request(first))
        return false;
    c->wire = SERVE_WIRE_HINT;
    c->head = malloc(RILL_HTTP_HEAD_MAX);
    return c->head != NULL;
}

void serve_conn_read(struct serve *s, struct serve_conn *c, struct rill_view bytes)
{
    if (c->wire == SERVE_WIRE_UNKNOWN && !begin(s, c, bytes))
        drop(s, c);
    else if (c->wire == SERVE_WIRE_TLS)
        read_tls(s, c, bytes);
    else if (c->wire == SERVE_WIRE_HINT)
        read_hint(s, c, bytes);
    else
        rill_sig_server_input(s->server, rill_posix_now(), c->id, bytes);
}

/* --- what the signaling server wants -------------------------------------------------- */

void serve_conn_closed(struct serve *s, struct serve_conn *c)
{
    forget(s, c);
}

void serve_conn_end(struct serve *s, struct serve_conn *c, bool at_once)
{
    c->closing = true;
    if (at_once)
        drop(s, c);
    else
        drain(s, c);
}

void serve_conn_give_file(struct serve *s, const struct rill_sig_server_event *e)
{
    struct serve_conn *c = serve_conn_find(s, e->conn);
    if (!c)
        return;
    struct rill_sig_file file = {.content_type = serve_file_type(e->path)};
    free(c->file);
    if (serve_is_trace(e->path)) {
        c->file = serve_trace(s, e, &file).p;
    } else {
        struct rill_span bytes = serve_file(s, e->path);
        c->file = bytes.p;
        file.body = rill_view_at(bytes.p, bytes.n);
    }
    rill_sig_server_file(s->server, rill_posix_now(), e->conn, &file);
}
