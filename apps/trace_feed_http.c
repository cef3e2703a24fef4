/* trace_feed_http: a trace behind a URL, http: or https:, asked for again and again from where it
 * has come to.
 *
 * The idea: one GET a connection, "Range: bytes=N-" (RFC 9110 §14.2); 206 brings what is new, 416
 * says that nothing is. A server without ranges sends all of it, of which the front is passed over.
 */
#include "apps/trace_feed.h"
#include "apps/url.h"

#include "apps/cert_roots.h"
#include "dtls/tls.h"
#include "reactor/reactor.h"
#include "reactor/resolver.h"
#include "signaling/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE (500 * RILL_MS)
#define TIMEOUT (10 * RILL_SECOND)
#define HEAD_MAX RILL_HTTP_HEAD_MAX

struct rill_trace_web {
    struct rill_url url;
    struct rill_reactor *reactor;
    struct rill_addr server;
    uint32_t socket; /* of the request that is under way */
    int64_t due;     /* of the next request, or of giving up */
    uint8_t head[HEAD_MAX];
    size_t n_head;
    bool has_head, known; /* known: the length is */
    uint64_t skip, left;  /* of the body */
    uint64_t have;        /* bytes of the trace so far */
    const char *trouble;
    /* Of https: */
    const struct rill_trace_trust *trust;
    struct rill_cert_roots roots;
    struct rill_tls *tls; /* NULL between requests */
    void *tls_block;
};

static void end_tls(struct rill_trace_web *x)
{
    if (x->tls)
        rill_tls_free(x->tls);
    free(x->tls_block);
    x->tls = NULL;
    x->tls_block = NULL;
}

static bool name_server(struct rill_trace_web *x, const char **why)
{
    struct rill_err err = {0};
    int n = rill_resolver_wait(x->reactor, x->url.host, NULL, x->url.port,
                               rill_posix_now() + TIMEOUT, &x->server, 1, &err);
    if (n <= 0)
        *why = err.row ? err.row->sentence : "the name has no address";
    return n > 0;
}

struct rill_trace_web *rill_trace_web_open(const char *url, const struct rill_trace_trust *trust,
                                           const char **why)
{
    struct rill_trace_web *x = calloc(1, sizeof *x);
    *why = "out of memory";
    if (!x)
        return NULL;
    x->trust = trust;
    *why = rill_url_parse_signaling(url, &x->url);
    if (!*why && x->url.secure && !trust->insecure && !rill_cert_roots_load(trust->ca, &x->roots))
        *why = "there is no CA that the server could be checked against";
    x->reactor = *why ? NULL : rill_reactor_new(1 + RILL_RESOLVER_SOCKETS);
    if (x->reactor && name_server(x, why))
        return x;
    rill_trace_web_free(x);
    return NULL;
}

void rill_trace_web_free(struct rill_trace_web *x)
{
    if (!x)
        return;
    end_tls(x);
    rill_cert_roots_free(&x->roots);
    if (x->reactor)
        rill_reactor_free(x->reactor);
    free(x);
}

const char *rill_trace_web_trouble(const struct rill_trace_web *x)
{
    return x->trouble;
}

/* --- asking ----------------------------------------------------------------------------------- */

static void rest(struct rill_trace_web *x, const char *trouble)
{
    if (x->socket != RILL_REACTOR_NO_SOCKET)
        rill_reactor_close(x->reactor, x->socket);
    end_tls(x);
    x->socket = RILL_REACTOR_NO_SOCKET;
    x->due = rill_posix_now() + PAUSE;
    x->trouble = trouble;
}

static void begin(struct rill_trace_web *x)
{
    x->n_head = 0;
    x->has_head = false;
    if (rill_reactor_tcp_connect(x->reactor, &x->server, &x->socket, NULL) < 0)
        rest(x, "there is no connection to the server");
    else
        x->due = rill_posix_now() + TIMEOUT;
}

static void write_request(struct rill_trace_web *x, struct rill_view text)
{
    size_t n = x->tls ? rill_tls_write(x->tls, rill_posix_now(), text) : 0;
    if (!x->tls)
        n = (size_t)rill_reactor_write(x->reactor, x->socket, text);
    if (n != text.n)
        rest(x, "the server takes no request");
}

static void ask(struct rill_trace_web *x)
{
    char text[1024];
    bool v6 = strchr(x->url.host, ':') != NULL;
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nHost: %s%s%s:%u\r\nRange: bytes=%llu-\r\n"
                     "Connection: close\r\n\r\n",
                     x->url.path, v6 ? "[" : "", x->url.host, v6 ? "]" : "", x->url.port,
                     (unsigned long long)x->have);
    write_request(x, rill_view_at(text, (size_t)n));
}

/* --- answers ---------------------------------------------------------------------------------- */

static void judge(struct rill_trace_web *x, const struct rill_http_head *h)
{
    x->has_head = true;
    x->trouble = NULL;
    x->known = h->has_length;
    x->left = h->content_length;
    x->skip = 0;
    if (h->status == 416)
        rest(x, NULL);
    else if (h->status == 200)
        x->skip = x->have;
    else if (h->status != 206)
        rest(x, h->status == 404 ? "there is no such trace on the server"
                                 : "the server does not give it");
    if (rill_http_find(h, "Transfer-Encoding").p)
        rest(x, "the server cuts its answer into chunks");
}

/* Bytes of the body; how many of them are new. */
static size_t take_body(struct rill_trace_web *x, struct rill_view v, struct rill_trace_reader *r)
{
    size_t all = 0, skip = v.n < x->skip ? v.n : (size_t)x->skip;
    x->left -= x->known ? (v.n < x->left ? v.n : x->left) : 0;
    x->skip -= skip;
    v = rill_view_sub(v, skip, v.n - skip);
    while (v.n) {
        struct rill_span room = rill_trace_reader_room(r);
        size_t n = v.n < room.n ? v.n : room.n;
        if (n == 0)
            break;
        memcpy(room.p, v.p, n);
        rill_trace_reader_put(r, n);
        v = rill_view_sub(v, n, v.n - n);
        all += n;
    }
    x->have += all;
    if (v.n)
        rest(x, "a record is too long");
    else if (x->known && x->left == 0)
        rest(x, NULL);
    return all;
}

static size_t take_bytes(struct rill_trace_web *x, struct rill_view v, struct rill_trace_reader *r)
{
    struct rill_http_head h;
    size_t before = x->n_head;
    if (x->has_head)
        return take_body(x, v, r);
    size_t n = v.n < HEAD_MAX - x->n_head ? v.n : HEAD_MAX - x->n_head;
    memcpy(x->head + x->n_head, v.p, n);
    x->n_head += n;
    long size = rill_http_parse(rill_view_at(x->head, x->n_head), true, &h, NULL);
    if (size < 0)
        rest(x, "what answers there does not speak HTTP");
    if (size <= 0)
        return 0;
    judge(x, &h);
    size_t used = (size_t)size - before;
    return x->socket ? take_body(x, rill_view_sub(v, used, v.n - used), r) : 0;
}

/* --- TLS -------------------------------------------------------------------------------------- */

static void flush(struct rill_trace_web *x)
{
    uint8_t out[4096];
    size_t n;
    while (x->tls &&
           (n = rill_tls_output(x->tls, rill_posix_now(), (struct rill_span){out, sizeof out})))
        if (rill_reactor_write(x->reactor, x->socket, rill_view_at(out, n)) != (long)n)
            rest(x, "the connection is broken");
}

static void begin_tls(struct rill_trace_web *x)
{
    struct rill_tls_config config = {
        .role = RILL_TLS_CLIENT,
        .trust = x->roots.id,
        .host = rill_view_of(x->url.host),
        .insecure = x->trust->insecure,
        .wall_s = rill_posix_wall() / RILL_SECOND,
        .rng = rill_posix_rng(),
    };
    x->tls_block = malloc(rill_tls_size(&config));
    x->tls = x->tls_block ? rill_tls_init(x->tls_block, &config) : NULL;
    if (!x->tls) {
        rest(x, "TLS cannot begin");
        return;
    }
    rill_tls_start(x->tls, rill_posix_now());
    flush(x);
}

static void tls_events(struct rill_trace_web *x)
{
    struct rill_tls_event e;
    while (x->tls && rill_tls_event(x->tls, &e)) {
        if (e.state == RILL_TLS_OPEN)
            ask(x);
        if (e.state == RILL_TLS_FAILED)
            rest(x, e.why.row ? e.why.row->sentence : "TLS failed");
    }
    flush(x);
}

/* Bytes of the wire; what they bring of the trace. */
static size_t take_wire(struct rill_trace_web *x, struct rill_view v, struct rill_trace_reader *r)
{
    uint8_t plain[16384];
    size_t all = 0, taken, n = 0;
    do {
        taken = rill_tls_input(x->tls, rill_posix_now(), v);
        v = rill_view_sub(v, taken, v.n - taken);
        tls_events(x);
        while (x->tls && (n = rill_tls_read(x->tls, rill_posix_now(),
                                            (struct rill_span){plain, sizeof plain})))
            all += take_bytes(x, rill_view_at(plain, n), r);
    } while (x->tls && v.n && (taken || n));
    return all;
}

/* --- the loop --------------------------------------------------------------------------------- */

static size_t event(struct rill_trace_web *x, const struct rill_reactor_event *e,
                    struct rill_trace_reader *r)
{
    struct rill_view bytes = rill_view_at(e->bytes.p, e->bytes.n);
    if (e->type == RILL_REACTOR_CONNECTED && x->url.secure)
        begin_tls(x);
    else if (e->type == RILL_REACTOR_CONNECTED)
        ask(x);
    if (e->type == RILL_REACTOR_READ && x->socket)
        return x->tls ? take_wire(x, bytes, r) : take_bytes(x, bytes, r);
    if (e->type == RILL_REACTOR_CLOSED && x->socket) {
        x->socket = RILL_REACTOR_NO_SOCKET;
        rest(x, x->has_head ? NULL : "the server is not there");
    }
    return 0;
}

size_t rill_trace_web_poll(struct rill_trace_web *x, struct rill_trace_reader *r)
{
    struct rill_reactor_event e;
    size_t all = 0;
    int64_t now = rill_posix_now();
    if (x->socket == RILL_REACTOR_NO_SOCKET && now >= x->due)
        begin(x);
    else if (x->socket != RILL_REACTOR_NO_SOCKET && now >= x->due)
        rest(x, "the server is silent");
    do {
        rill_reactor_next(x->reactor, now, &e);
        all += event(x, &e, r);
    } while (e.type != RILL_REACTOR_NOTHING && rill_trace_reader_left(r) < 1u << 20);
    if (all && x->socket)
        x->due = now + TIMEOUT;
    return all;
}
