/* serve_tls: TLS between a socket and the signaling server.
 *
 * The idea: no more plaintext is asked for than TLS has room for, so that none ever waits here.
 * The server's own clock for a first request runs from the first byte: it ends slow handshakes. */
#include "apps/serve.h"

#include <stdlib.h>

static const char *const protocols[] = {"http/1.1", NULL};

bool serve_tls_begin(struct serve *s, struct serve_conn *c)
{
    struct rill_tls_config config = {
        .role = RILL_TLS_SERVER,
        .identity = s->certs.list->identity.server.id,
        .alpn = protocols,
        .rng = s->rng,
    };
    void *block = malloc(rill_tls_size(&config));
    c->tls = block ? rill_tls_init(block, &config) : NULL;
    if (!c->tls) {
        free(block);
        return false;
    }
    c->wire = SERVE_WIRE_TLS;
    rill_tls_start(c->tls, rill_posix_now());
    return true;
}

void serve_tls_free(struct serve_conn *c)
{
    if (c->tls)
        rill_tls_free(c->tls);
    free(c->tls); /* it begins its block */
    c->tls = NULL;
}

/* Plaintext to the server; true when there was any. */
static bool read_out(struct serve *s, struct serve_conn *c, int64_t now)
{
    struct rill_span out = {s->chunk, sizeof s->chunk};
    size_t n, before = 0;
    while ((n = rill_tls_read(c->tls, now, out)) > 0) {
        rill_sig_server_input(s->server, now, c->id, rill_view_at(out.p, n));
        before += n;
    }
    return before > 0;
}

size_t serve_tls_input(struct serve *s, struct serve_conn *c, struct rill_view bytes)
{
    int64_t now = rill_posix_now();
    size_t at = 0;
    struct rill_tls_event e;
    for (bool moves = true; at < bytes.n && moves;) {
        size_t n = rill_tls_input(c->tls, now, rill_view_sub(bytes, at, bytes.n - at));
        at += n;
        moves = read_out(s, c, now) || n > 0;
    }
    while (rill_tls_event(c->tls, &e))
        c->closing |= e.state != RILL_TLS_OPEN;
    return at;
}

size_t serve_tls_output(struct serve *s, struct serve_conn *c)
{
    int64_t now = rill_posix_now();
    struct rill_span wire = {s->chunk, sizeof s->chunk};
    size_t n = rill_tls_output(c->tls, now, wire);
    if (n > 0)
        return n;
    size_t room = rill_tls_writable(c->tls);
    room = room < sizeof s->chunk ? room : sizeof s->chunk;
    n = room ? rill_sig_server_output(s->server, now, c->id, (struct rill_span){s->chunk, room})
             : 0;
    if (n > 0)
        rill_tls_write(c->tls, now, rill_view_at(s->chunk, n));
    else if (c->closing)
        rill_tls_close(c->tls, now);
    return rill_tls_output(c->tls, now, wire);
}
