/* serve_store: the store's two connections: bytes between their sockets and the machine. */
#include "apps/serve_store.h"
#include "apps/app.h"
#include "apps/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_DEFAULT 6379
#define DATABASE_MOST 1023

/* --- where it is --------------------------------------------------------------------- */

static bool copy(struct rill_view v, char *out, size_t cap)
{
    if (v.n >= cap)
        return false;
    if (v.n)
        memcpy(out, v.p, v.n);
    out[v.n] = '\0';
    return true;
}

/* [USER]:PASSWORD, or PASSWORD alone would be a user: there is always a colon. */
static bool parse_credentials(struct rill_view v, struct serve_store_url *out)
{
    struct rill_view password, user = rill_view_cut(v, ':', &password);
    return password.p && password.n && copy(user, out->user, sizeof out->user) &&
           copy(password, out->password, sizeof out->password);
}

/* HOST, HOST:PORT, [ADDR6]:PORT. */
static bool parse_host(struct rill_view v, struct serve_store_url *out)
{
    struct rill_view port = {0}, host = v;
    uint64_t n = PORT_DEFAULT;
    if (v.n && v.p[0] == '[') {
        host = rill_view_cut(rill_view_sub(v, 1, v.n - 1), ']', &port);
        if (!port.p || (port.n && port.p[0] != ':'))
            return false;
        port = port.n ? rill_view_sub(port, 1, port.n - 1) : (struct rill_view){0};
    } else {
        host = rill_view_cut(v, ':', &port);
    }
    if (port.p && (!rill_view_u64(port, UINT16_MAX, &n) || n == 0))
        return false;
    out->port = (uint16_t)n;
    return host.n && copy(host, out->host, sizeof out->host);
}

static struct rill_view last_at(struct rill_view v, struct rill_view *before)
{
    *before = (struct rill_view){0};
    for (size_t i = v.n; i-- > 0;)
        if (v.p[i] == '@') {
            *before = rill_view_sub(v, 0, i);
            return rill_view_sub(v, i + 1, v.n - i - 1);
        }
    return v;
}

bool serve_store_parse(const char *text, struct serve_store_url *out)
{
    struct rill_view v = rill_view_of(text), credentials, path;
    uint64_t database = 0;
    *out = (struct serve_store_url){0};
    if (rill_view_is(v, "memory"))
        return true;
    if (!rill_view_starts(v, "redis://"))
        return false;
    v = last_at(rill_view_sub(v, 8, v.n - 8), &credentials);
    v = rill_view_cut(v, '/', &path);
    if (path.n && !rill_view_u64(path, DATABASE_MOST, &database))
        return false;
    out->database = (unsigned)database;
    return (!credentials.p || parse_credentials(credentials, out)) && parse_host(v, out);
}

/* --- its connections ----------------------------------------------------------------- */

bool serve_store_open(struct serve *s)
{
    const struct serve_store_url *url = &s->options.store;
    struct serve_store *x = &s->store;
    struct rill_err why = {0};
    if (!url->host[0])
        return true;
    struct rill_store_config config = {.user = rill_view_of(url->user),
                                       .password = rill_view_of(url->password),
                                       .database = url->database,
                                       .rng = rill_posix_rng()};
    int n = rill_posix_resolve(url->host, url->port, &x->at, 1, &why);
    if (n < 1) {
        rill_app_complain("the host of --store has no address", n < 0 ? &why : NULL);
        return false;
    }
    x->size = rill_store_size(&config);
    x->block = serve_reserve(x->size);
    x->machine = x->block ? rill_store_init(x->block, &config, rill_posix_now()) : NULL;
    if (!x->machine)
        rill_app_complain("there is not enough memory", NULL);
    return x->machine != NULL;
}

void serve_store_close(struct serve *s)
{
    if (s->store.machine)
        rill_store_free(s->store.machine);
    if (s->store.block)
        serve_release(s->store.block, s->store.size);
}

static void close_wire(struct serve *s, enum rill_store_wire wire)
{
    struct serve_store_conn *c = &s->store.wires[wire];
    if (c->socket != RILL_REACTOR_NO_SOCKET)
        rill_reactor_close(s->reactor, c->socket);
    *c = (struct serve_store_conn){.socket = RILL_REACTOR_NO_SOCKET};
}

static void open_wire(struct serve *s, enum rill_store_wire wire)
{
    close_wire(s, wire);
    if (rill_reactor_tcp_connect(s->reactor, &s->store.at, &s->store.wires[wire].socket, NULL) >= 0)
        return;
    s->store.wires[wire].socket = RILL_REACTOR_NO_SOCKET;
    rill_store_closed(s->store.machine, rill_posix_now(), wire);
}

/* Writes until there is no more, or the socket takes no more. */
static void drain(struct serve *s, enum rill_store_wire wire)
{
    struct serve_store_conn *c = &s->store.wires[wire];
    while (c->socket != RILL_REACTOR_NO_SOCKET && c->is_connected && !c->is_full) {
        if (c->at == c->n) {
            c->at = 0;
            c->n = rill_store_output(s->store.machine, rill_posix_now(), wire,
                                     (struct rill_span){c->out, sizeof c->out});
        }
        if (c->n == 0)
            return;
        long n =
            rill_reactor_write(s->reactor, c->socket, rill_view_at(c->out + c->at, c->n - c->at));
        if (n < 0)
            return;
        c->at += (size_t)n;
        c->is_full = c->at < c->n;
    }
}

bool serve_store_pump(struct serve *s)
{
    struct rill_store_event e;
    bool more = false;
    if (!s->store.machine)
        return false;
    while (rill_sig_server_store(s->server, rill_posix_now(), &e)) {
        more = true;
        if (e.type == RILL_STORE_OPEN)
            open_wire(s, e.wire);
        else if (e.type == RILL_STORE_CLOSE)
            close_wire(s, e.wire);
        else
            serve_print_store(s, &e);
    }
    for (int i = 0; i < RILL_STORE_WIRES; i++)
        drain(s, (enum rill_store_wire)i);
    return more;
}

bool serve_store_waits(const struct serve *s)
{
    return s->store.machine && rill_store_counts(s->store.machine).waiting > 0;
}

bool serve_store_handle(struct serve *s, const struct rill_reactor_event *e)
{
    int i = 0;
    while (i < RILL_STORE_WIRES && s->store.wires[i].socket != e->socket)
        i++;
    if (!s->store.machine || i == RILL_STORE_WIRES || e->socket == RILL_REACTOR_NO_SOCKET)
        return false;
    struct serve_store_conn *c = &s->store.wires[i];
    enum rill_store_wire wire = (enum rill_store_wire)i;
    int64_t now = rill_posix_now();
    if (e->type == RILL_REACTOR_CONNECTED) {
        c->is_connected = true;
        rill_store_connected(s->store.machine, now, wire);
    } else if (e->type == RILL_REACTOR_READ) {
        rill_store_input(s->store.machine, now, wire, rill_view_at(e->bytes.p, e->bytes.n));
    } else if (e->type == RILL_REACTOR_WRITABLE) {
        c->is_full = false;
    } else if (e->type == RILL_REACTOR_CLOSED) {
        c->socket = RILL_REACTOR_NO_SOCKET;
        rill_store_closed(s->store.machine, now, wire);
    }
    return true;
}
