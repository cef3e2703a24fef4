/* turn_streams: credentials, TLS, bytes. */
#include "apps/turn_streams.h"

#include "stun/longterm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- credentials ------------------------------------------------------------------------ */

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

const char *rill_turn_streams_family(const char *word, enum rill_turn_family *out)
{
    static const char *const words[] = {"ip4", "ip6", "both"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i]) != 0)
            continue;
        *out = (enum rill_turn_family)i;
        return NULL;
    }
    return "it is ip4, ip6 or both";
}

int rill_turn_streams_add(struct rill_turn_streams *t, const char *url, struct rill_err *why)
{
    if (t->n == RILL_ICE_SERVERS_MAX)
        return rill_err_set(&rill_ice_errors, RILL_ICE_TOO_MANY, 0, t->n, why);
    struct rill_turn_uri *u = &t->uris[t->n];
    struct rill_ice_turn_server *s = &t->servers[t->n];
    if (rill_turn_uri_parse(rill_view_of(url), u, why) < 0)
        return -1;
    if (!u->turn)
        return rill_err_set(&rill_turn_errors, RILL_TURN_URI_SCHEME, 0, 0, why);
    credentials(u);
    *s = (struct rill_ice_turn_server){
        .proto = u->proto, .ip6 = t->family == RILL_TURN_IP6, .both = t->family == RILL_TURN_BOTH};
    if (!prepare(u->username, &s->username, why) || !prepare(u->password, &s->password, why))
        return -1;
    t->n++;
    return 0;
}

/* --- streams ---------------------------------------------------------------------------- */

static struct rill_turn_stream *stream_of(struct rill_turn_streams *t, uint32_t socket)
{
    for (size_t i = 0; i < RILL_TURN_STREAMS; i++)
        if (t->streams[i].used && t->streams[i].socket == socket)
            return &t->streams[i];
    return NULL;
}

static bool open_tls(struct rill_turn_streams *t, struct rill_turn_stream *s, size_t server,
                     struct rill_view domain)
{
    bool trusted = t->insecure || t->roots->id || rill_cert_roots_load(t->ca, t->roots);
    struct rill_tls_config config = {
        .role = RILL_TLS_CLIENT,
        .trust = t->roots->id,
        .host = domain.n ? domain : rill_view_of(t->uris[server].host),
        .insecure = t->insecure,
        .wall_s = rill_posix_wall() / RILL_SECOND,
        .rng = rill_posix_rng(),
        .trace = t->trace,
    };
    void *block = trusted ? malloc(rill_tls_size(&config)) : NULL;
    s->tls = block ? rill_tls_init(block, &config) : NULL;
    if (!s->tls)
        free(block);
    return s->tls != NULL;
}

static void forget(struct rill_turn_stream *s)
{
    if (s->tls)
        rill_tls_free(s->tls);
    free(s->tls); /* it begins its block */
    *s = (struct rill_turn_stream){0};
}

static struct rill_turn_stream *free_stream(struct rill_turn_streams *t)
{
    for (size_t i = 0; i < RILL_TURN_STREAMS; i++)
        if (!t->streams[i].used)
            return &t->streams[i];
    return NULL;
}

bool rill_turn_streams_connect(struct rill_turn_streams *t, uint32_t request,
                               const struct rill_addr *from, const struct rill_addr *to)
{
    struct rill_turn_stream *s = free_stream(t);
    if (!s)
        return false;
    s->request = request;
    s->used = rill_reactor_live_connect(t->reactor, from, to, &s->socket, NULL) == 0;
    return s->used;
}

bool rill_turn_streams_accepted(struct rill_turn_streams *t, uint32_t socket)
{
    struct rill_turn_stream *s = free_stream(t);
    if (!s)
        return false;
    s->used = s->stands = true;
    s->socket = socket;
    return true;
}

bool rill_turn_streams_open(struct rill_turn_streams *t, uint32_t request, enum rill_proto proto,
                            const struct rill_addr *to, size_t server, struct rill_view domain)
{
    struct rill_turn_stream *s = free_stream(t);
    struct rill_err why = {0};
    if (!s || server >= t->n)
        return false;
    *s = (struct rill_turn_stream){.request = request};
    if (proto == RILL_PROTO_TLS && !open_tls(t, s, server, domain))
        return false;
    if (rill_reactor_tcp_connect(t->reactor, to, &s->socket, &why) < 0) {
        forget(s);
        return false;
    }
    s->used = true;
    return true;
}

static void flush(struct rill_turn_streams *t, struct rill_turn_stream *s)
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
            rill_reactor_write(t->reactor, s->socket, rill_view_at(s->out + s->at, s->n - s->at));
        if (taken <= 0)
            return;
        s->at += (size_t)taken;
    }
    s->at = s->n = 0;
}

/* It does not stand any more, or never stood. */
static void ended(struct rill_turn_streams *t, int64_t now, struct rill_turn_stream *s)
{
    bool stood = s->stands;
    uint32_t request = s->request, socket = s->socket;
    flush(t, s);
    rill_reactor_close(t->reactor, socket);
    forget(s);
    if (stood)
        t->sink->closed(t->ctx, now, socket);
    else
        t->sink->open_failed(t->ctx, now, request);
}

static void stands(struct rill_turn_streams *t, int64_t now, struct rill_turn_stream *s)
{
    s->stands = true;
    t->sink->opened(t->ctx, now, s->request, s->socket);
}

/* False when the stream is gone. */
static bool tls_events(struct rill_turn_streams *t, int64_t now, struct rill_turn_stream *s)
{
    struct rill_tls_event e;
    while (s->tls && rill_tls_event(s->tls, &e)) {
        if (e.state == RILL_TLS_OPEN) {
            stands(t, now, s);
            continue;
        }
        if (e.state == RILL_TLS_FAILED && !s->stands)
            t->sink->note(t->ctx, e.why.row->sentence);
        ended(t, now, s);
        return false;
    }
    return true;
}

static void connected(struct rill_turn_streams *t, int64_t now, struct rill_turn_stream *s)
{
    if (s->tls)
        rill_tls_start(s->tls, now);
    else
        stands(t, now, s);
    flush(t, s);
}

static void give(struct rill_turn_streams *t, int64_t now, const struct rill_turn_stream *s,
                 const struct rill_path *path, struct rill_span bytes)
{
    if (s->stands)
        t->sink->input(t->ctx, now, path, bytes);
}

static void read_tls(struct rill_turn_streams *t, int64_t now, struct rill_turn_stream *s,
                     struct rill_path *path, struct rill_view bytes)
{
    static _Alignas(8) uint8_t plain[4096];
    for (bool moves = true; moves && bytes.n;) {
        size_t n = rill_tls_input(s->tls, now, bytes), got;
        bytes = rill_view_sub(bytes, n, bytes.n - n);
        moves = n > 0;
        if (!tls_events(t, now, s))
            return;
        while ((got = rill_tls_read(s->tls, now, (struct rill_span){plain, sizeof plain})) > 0) {
            moves = true;
            give(t, now, s, path, (struct rill_span){plain, got});
        }
        if (!tls_events(t, now, s))
            return;
    }
    flush(t, s);
}

static void read_stream(struct rill_turn_streams *t, int64_t now, struct rill_turn_stream *s,
                        const struct rill_reactor_event *e)
{
    struct rill_path path = {e->socket, s->tls ? RILL_PROTO_TLS : RILL_PROTO_TCP, e->path.remote};
    if (s->tls)
        read_tls(t, now, s, &path, rill_view_at(e->bytes.p, e->bytes.n));
    else
        give(t, now, s, &path, e->bytes);
}

bool rill_turn_streams_event(struct rill_turn_streams *t, int64_t now,
                             const struct rill_reactor_event *e)
{
    struct rill_turn_stream *s = stream_of(t, e->socket);
    if (!s)
        return false;
    if (e->type == RILL_REACTOR_CONNECTED)
        connected(t, now, s);
    else if (e->type == RILL_REACTOR_READ)
        read_stream(t, now, s, e);
    else if (e->type == RILL_REACTOR_WRITABLE)
        flush(t, s);
    else if (e->type == RILL_REACTOR_CLOSED)
        ended(t, now, s);
    return true;
}

bool rill_turn_streams_send(struct rill_turn_streams *t, const struct rill_path *path,
                            struct rill_view message)
{
    struct rill_turn_stream *s = stream_of(t, path->socket);
    bool fits;
    if (!s)
        return false;
    if (s->tls && rill_tls_writable(s->tls) < message.n)
        flush(t, s);
    if (s->tls) {
        fits = rill_tls_writable(s->tls) >= message.n;
        if (fits)
            rill_tls_write(s->tls, rill_posix_now(), message);
    } else if ((fits = message.n <= sizeof s->out - s->n)) {
        memcpy(s->out + s->n, message.p, message.n);
        s->n += message.n;
    }
    flush(t, s);
    return fits;
}

void rill_turn_streams_close(struct rill_turn_streams *t, uint32_t socket)
{
    struct rill_turn_stream *s = stream_of(t, socket);
    if (!s)
        return;
    if (s->tls)
        rill_tls_close(s->tls, rill_posix_now());
    flush(t, s);
    forget(s);
}

void rill_turn_streams_tick(struct rill_turn_streams *t, int64_t now)
{
    for (size_t i = 0; i < RILL_TURN_STREAMS; i++) {
        struct rill_turn_stream *s = &t->streams[i];
        if (!s->used || !s->tls)
            continue;
        rill_tls_tick(s->tls, now);
        if (tls_events(t, now, s))
            flush(t, s);
    }
}

int64_t rill_turn_streams_deadline(const struct rill_turn_streams *t)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < RILL_TURN_STREAMS; i++)
        if (t->streams[i].used && t->streams[i].tls)
            at = rill_earlier(at, rill_tls_deadline(t->streams[i].tls));
    return at;
}

void rill_turn_streams_free(struct rill_turn_streams *t)
{
    for (size_t i = 0; i < RILL_TURN_STREAMS; i++)
        if (t->streams[i].used)
            forget(&t->streams[i]);
    for (size_t i = 0; i < RILL_ICE_SERVERS_MAX; i++)
        rill_wipe(t->uris[i].password, sizeof t->uris[i].password);
}
