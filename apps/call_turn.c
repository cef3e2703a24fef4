/* call_turn: the TURN servers of a call: their names, and the streams to those that are spoken to
 * over TCP or TLS.
 *
 * The idea: the peer asks for a socket; here it gets one that stands, TLS included. A message that
 * finds no room on its way is lost whole, as a datagram would be: half of one would cost the
 * stream. */
#include "apps/call.h"

#include "apps/app.h"
#include "stun/longterm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- names and credentials -------------------------------------------------------------- */

/* What a URI does not say is in the environment, where no process list shows it. */
static void credentials(struct rill_turn_uri *u)
{
    const char *user = getenv("RILL_TURN_USERNAME"), *password = getenv("RILL_TURN_PASSWORD");
    if (u->username[0] || !user || !password)
        return;
    snprintf(u->username, sizeof u->username, "%s", user);
    snprintf(u->password, sizeof u->password, "%s", password);
}

/* In place: OpaqueString never grows. */
static bool prepare(char *text, struct rill_view *out, struct rill_err *why)
{
    struct rill_span room = {(uint8_t *)text, strlen(text)};
    int n = text[0] ? rill_stun_opaque_string(rill_view_of(text), room, why) : 0;
    *out = rill_view_at(text, n > 0 ? (size_t)n : 0);
    return n >= 0;
}

/* 1 a server more, 0 a name that is not known, < 0 wrong. */
static int server(struct call *c, const char *text, struct rill_err *why)
{
    struct rill_turn_uri *u = &c->turn_uris[c->n_turn];
    struct rill_ice_turn_server *s = &c->turn[c->n_turn];
    struct rill_addr addr;
    if (rill_turn_uri_parse(rill_view_of(text), u, why) < 0)
        return -1;
    if (!u->turn)
        return rill_err_set(&rill_turn_errors, RILL_TURN_URI_SCHEME, 0, 0, why);
    credentials(u);
    *s = (struct rill_ice_turn_server){.proto = u->proto};
    if (!prepare(u->username, &s->username, why) || !prepare(u->password, &s->password, why))
        return -1;
    if (rill_posix_resolve(u->host, u->port, &addr, 1, why) < 1)
        return 0;
    s->addr = addr;
    return 1;
}

bool call_turn_resolve(struct call *c)
{
    for (size_t i = 0; i < c->options->n_turn; i++) {
        struct rill_err why = {0};
        int rc = server(c, c->options->turn[i], &why);
        if (rc < 0) {
            call_fail(c, "--turn", &why);
            return false;
        }
        c->n_turn += rc > 0;
        if (rc == 0)
            rill_app_complain(c->turn_uris[c->n_turn].host, &why);
    }
    return true;
}

/* --- streams ---------------------------------------------------------------------------- */

static struct call_turn_stream *stream_of(struct call *c, uint32_t socket)
{
    for (size_t i = 0; i < RILL_ICE_SERVERS_MAX; i++)
        if (c->turn_streams[i].used && c->turn_streams[i].socket == socket)
            return &c->turn_streams[i];
    return NULL;
}

static bool open_tls(struct call *c, struct call_turn_stream *s, const struct rill_peer_event *e)
{
    bool trusted =
        c->options->insecure || c->roots.id || rill_cert_roots_load(c->options->ca, &c->roots);
    struct rill_tls_config config = {
        .role = RILL_TLS_CLIENT,
        .trust = c->roots.id,
        .host = e->text.n ? e->text : rill_view_of(c->turn_uris[e->turn].host),
        .insecure = c->options->insecure,
        .wall_s = rill_posix_wall() / RILL_SECOND,
        .rng = rill_posix_rng(),
    };
    void *block = trusted ? malloc(rill_tls_size(&config)) : NULL;
    s->tls = block ? rill_tls_init(block, &config) : NULL;
    if (!s->tls)
        free(block);
    return s->tls != NULL;
}

static void forget(struct call_turn_stream *s)
{
    if (s->tls)
        rill_tls_free(s->tls);
    free(s->tls); /* it begins its block */
    *s = (struct call_turn_stream){0};
}

bool call_turn_open(struct call *c, const struct rill_peer_event *e)
{
    struct call_turn_stream *s = NULL;
    struct rill_err why = {0};
    for (size_t i = 0; i < RILL_ICE_SERVERS_MAX && !s; i++)
        if (!c->turn_streams[i].used)
            s = &c->turn_streams[i];
    if (!s || e->turn >= c->n_turn)
        return false;
    *s = (struct call_turn_stream){.request = e->request};
    if (e->proto == RILL_PROTO_TLS && !open_tls(c, s, e))
        return false;
    if (rill_reactor_tcp_connect(c->reactor, &e->addr, &s->socket, &why) < 0) {
        forget(s);
        return false;
    }
    s->used = true;
    return true;
}

static void flush(struct call *c, struct call_turn_stream *s)
{
    for (;;) {
        if (s->at == s->n && s->tls) {
            s->at = 0;
            s->n = rill_tls_output(s->tls, rill_posix_now(),
                                   (struct rill_span){s->out, sizeof s->out});
        }
        if (s->at == s->n)
            break;
        long taken =
            rill_reactor_write(c->reactor, s->socket, rill_view_at(s->out + s->at, s->n - s->at));
        if (taken <= 0)
            return;
        s->at += (size_t)taken;
    }
    s->at = s->n = 0;
}

/* It does not stand any more, or never stood. */
static void ended(struct call *c, int64_t now, struct call_turn_stream *s)
{
    bool stood = s->stands;
    uint32_t request = s->request, socket = s->socket;
    flush(c, s);
    rill_reactor_close(c->reactor, socket);
    forget(s);
    if (!c->peer)
        return;
    if (stood)
        rill_peer_stream_closed(c->peer, now, socket);
    else
        rill_peer_open_failed(c->peer, now, request);
}

static void stands(struct call *c, int64_t now, struct call_turn_stream *s)
{
    static const struct rill_addr unknown = {0};
    s->stands = true;
    rill_peer_opened(c->peer, now, s->request, s->socket, &unknown);
}

/* False when the stream is gone. */
static bool tls_events(struct call *c, int64_t now, struct call_turn_stream *s)
{
    struct rill_tls_event e;
    while (s->tls && rill_tls_event(s->tls, &e)) {
        if (e.state == RILL_TLS_OPEN) {
            stands(c, now, s);
            continue;
        }
        if (e.state == RILL_TLS_FAILED && !s->stands)
            call_note(c, "turn", e.why.row->sentence);
        ended(c, now, s);
        return false;
    }
    return true;
}

bool call_turn_connected(struct call *c, int64_t now, uint32_t socket)
{
    struct call_turn_stream *s = stream_of(c, socket);
    if (!s)
        return false;
    if (s->tls)
        rill_tls_start(s->tls, now);
    else
        stands(c, now, s);
    flush(c, s);
    return true;
}

static void give(struct call *c, int64_t now, const struct call_turn_stream *s,
                 const struct rill_path *path, struct rill_span bytes)
{
    if (c->peer && s->stands)
        (void)rill_peer_input(c->peer, now, path, bytes);
}

static void read_tls(struct call *c, int64_t now, struct call_turn_stream *s,
                     struct rill_path *path, struct rill_view bytes)
{
    static _Alignas(8) uint8_t plain[4096];
    for (bool moves = true; moves && bytes.n;) {
        size_t n = rill_tls_input(s->tls, now, bytes), got;
        bytes = rill_view_sub(bytes, n, bytes.n - n);
        moves = n > 0;
        if (!tls_events(c, now, s))
            return;
        while ((got = rill_tls_read(s->tls, now, (struct rill_span){plain, sizeof plain})) > 0) {
            moves = true;
            give(c, now, s, path, (struct rill_span){plain, got});
        }
        if (!tls_events(c, now, s))
            return;
    }
    flush(c, s);
}

bool call_turn_read(struct call *c, int64_t now, const struct rill_reactor_event *e)
{
    struct call_turn_stream *s = stream_of(c, e->socket);
    struct rill_path path = e->path;
    if (!s)
        return false;
    path.socket = e->socket;
    path.proto = s->tls ? RILL_PROTO_TLS : RILL_PROTO_TCP;
    if (s->tls)
        read_tls(c, now, s, &path, rill_view_at(e->bytes.p, e->bytes.n));
    else
        give(c, now, s, &path, e->bytes);
    return true;
}

bool call_turn_closed(struct call *c, int64_t now, uint32_t socket)
{
    struct call_turn_stream *s = stream_of(c, socket);
    if (s)
        ended(c, now, s);
    return s != NULL;
}

bool call_turn_writable(struct call *c, uint32_t socket)
{
    struct call_turn_stream *s = stream_of(c, socket);
    if (s)
        flush(c, s);
    return s != NULL;
}

void call_turn_send(struct call *c, const struct rill_path *path, struct rill_view message)
{
    struct call_turn_stream *s = stream_of(c, path->socket);
    if (!s)
        return;
    if (s->tls && rill_tls_writable(s->tls) < message.n)
        flush(c, s);
    if (s->tls) {
        if (rill_tls_writable(s->tls) >= message.n)
            rill_tls_write(s->tls, rill_posix_now(), message);
    } else if (message.n <= sizeof s->out - s->n) {
        memcpy(s->out + s->n, message.p, message.n);
        s->n += message.n;
    }
    flush(c, s);
}

void call_turn_close(struct call *c, uint32_t socket)
{
    struct call_turn_stream *s = stream_of(c, socket);
    if (!s)
        return;
    if (s->tls)
        rill_tls_close(s->tls, rill_posix_now());
    flush(c, s);
    forget(s);
}

void call_turn_tick(struct call *c, int64_t now)
{
    for (size_t i = 0; i < RILL_ICE_SERVERS_MAX; i++) {
        struct call_turn_stream *s = &c->turn_streams[i];
        if (!s->used || !s->tls)
            continue;
        rill_tls_tick(s->tls, now);
        if (tls_events(c, now, s))
            flush(c, s);
    }
}

int64_t call_turn_deadline(const struct call *c)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < RILL_ICE_SERVERS_MAX; i++)
        if (c->turn_streams[i].used && c->turn_streams[i].tls)
            at = rill_earlier(at, rill_tls_deadline(c->turn_streams[i].tls));
    return at;
}

void call_turn_free(struct call *c)
{
    for (size_t i = 0; i < RILL_ICE_SERVERS_MAX; i++)
        if (c->turn_streams[i].used)
            forget(&c->turn_streams[i]);
    for (size_t i = 0; i < RILL_ICE_SERVERS_MAX; i++)
        rill_wipe(c->turn_uris[i].password, sizeof c->turn_uris[i].password);
}
