/* wires: the signaling server, and the streams of bytes between it and the clients. A connection
 * is a delay each way; what TCP and TLS add below is not told. */
#include "walk/world.h"

#include <stdlib.h>
#include <string.h>

#define CLIENT_PORT 50000 /* of TCP, for the trace alone */

/* CLIENT2 is nearer, so that its acknowledgement (step 20) comes before CLIENT1's answer (21). */
static const int64_t delays[WALK_CLIENTS] = {15 * RILL_MS, 10 * RILL_MS};

void walk_server_open(struct walk_world *w)
{
    rill_rng_seeded_init(&w->server_entropy, 99);
    struct rill_sig_server_config config = {.rng = rill_rng_seeded(&w->server_entropy),
                                            .any_origin = true};
    w->server_block = calloc(1, rill_sig_server_size(&config));
    w->server = w->server_block ? rill_sig_server_init(w->server_block, &config) : NULL;
    if (!w->server)
        walk_stop("the signaling server", NULL);
}

void walk_server_free(struct walk_world *w)
{
    for (size_t i = 0; i < w->n_chunks; i++)
        free(w->chunks[i].bytes);
    free(w->server_block);
}

void walk_signal_start(struct walk_client *c)
{
    static const char *const names[WALK_CLIENTS] = {"CLIENT1", "CLIENT2"};
    struct rill_sig_client_config config = {
        .framing = RILL_SIG_OVER_WEBSOCKET,
        .host = rill_view_of("198.51.100.9:8181"),
        .path = rill_view_of("/ws"),
        .user = rill_view_of(names[c->place]),
        .rng = rill_rng_seeded(&c->signal_entropy),
    };
    c->signal_block = calloc(1, rill_sig_client_size(&config));
    c->signal = rill_sig_client_init(c->signal_block, &config, c->world->now);
    if (!c->signal)
        walk_stop("the signaling client", NULL);
    c->stream_at = c->world->now + 2 * delays[c->place]; /* SYN and SYN ACK */
}

/* --- the record ------------------------------------------------------------------------------- */

static size_t frame_size(struct rill_view v)
{
    struct rill_reader r = rill_reader_of(v);
    rill_r_u8(&r);
    uint8_t second = rill_r_u8(&r);
    uint64_t n = second & 0x7f;
    if (n >= 126)
        n = n == 126 ? rill_r_u16(&r) : rill_r_u64(&r);
    rill_r_skip(&r, (second & 0x80 ? 4 : 0) + (size_t)n);
    return r.bad ? v.n : r.at;
}

static size_t head_size(struct rill_view v)
{
    for (size_t i = 4; i <= v.n; i++)
        if (memcmp(v.p + i - 4, "\r\n\r\n", 4) == 0)
            return i;
    return v.n;
}

static void trace(const struct walk_client *c, bool sent, bool frame, struct rill_view v)
{
    struct rill_addr server = walk_address(WALK_SIGNALING), local = c->address;
    local.port = CLIENT_PORT;
    walk_trace_frame(c->file, c->world->now, sent, !frame, &local, &server, v);
}

/* Each head and each frame is a row of its own. The first byte of a head is a letter, that of a
 * frame has FIN, its first bit, set: these machines cut no message into frames. */
static void keep(struct walk_world *w, enum walk_kind kind, enum walk_place who, struct rill_view v)
{
    while (v.n) {
        bool frame = v.p[0] & 0x80;
        size_t n = frame ? frame_size(v) : head_size(v);
        walk_add(&w->record, w->now, kind, who, frame ? "frame" : "head", rill_view_at(v.p, n));
        if (who < WALK_CLIENTS)
            trace(&w->clients[who], kind == WALK_SIGNAL, frame, rill_view_at(v.p, n));
        v = rill_view_sub(v, n, v.n - n);
    }
}

/* --- the wires -------------------------------------------------------------------------------- */

static void send_chunk(struct walk_world *w, int client, bool to_server, struct rill_view v)
{
    struct walk_chunk k = {w->now + delays[client], to_server, client, malloc(v.n), v.n};
    if (w->n_chunks == WALK_CHUNKS || !k.bytes)
        walk_stop("signaling", "there is too much on its way");
    memcpy(k.bytes, v.p, v.n);
    w->chunks[w->n_chunks++] = k;
    keep(w, WALK_SIGNAL, to_server ? (enum walk_place)client : WALK_SIGNALING, v);
}

/* A connection's id in the server is its client's number and one more: 0 is nobody's. */
static bool drain_server(struct walk_world *w)
{
    struct rill_sig_server_event e;
    uint8_t out[8192];
    uint32_t conn;
    size_t n;
    bool any = false;
    while (rill_sig_server_event(w->server, &e))
        if (e.type == RILL_SIG_SERVER_CLOSE)
            walk_stop("the signaling server", "it closes a connection");
    while (rill_sig_server_next_output(w->server, &conn))
        while ((n = rill_sig_server_output(w->server, w->now, conn,
                                           (struct rill_span){out, sizeof out})) > 0) {
            send_chunk(w, (int)conn - 1, false, rill_view_at(out, n));
            any = true;
        }
    return any;
}

static bool drain_client(struct walk_client *c)
{
    uint8_t out[8192];
    size_t n;
    bool any = false;
    while (c->stream_up &&
           (n = rill_sig_client_output(c->signal, (struct rill_span){out, sizeof out})) > 0) {
        send_chunk(c->world, (int)c->place, true, rill_view_at(out, n));
        any = true;
    }
    return any;
}

void walk_signal_drain(struct walk_world *w)
{
    bool again = true;
    while (again) {
        again = drain_server(w);
        for (int i = 0; i < WALK_CLIENTS; i++)
            again = drain_client(&w->clients[i]) || again;
    }
}

static void arrive(struct walk_world *w, const struct walk_chunk *k)
{
    struct rill_view v = rill_view_at(k->bytes, k->n);
    struct walk_client *c = &w->clients[k->client];
    keep(w, WALK_HEARD, k->to_server ? WALK_SIGNALING : c->place, v);
    if (k->to_server)
        rill_sig_server_input(w->server, w->now, (uint32_t)k->client + 1, v);
    else if (rill_sig_client_input(c->signal, w->now, v, NULL) < 0)
        walk_stop("the signaling client", "it does not understand the server");
    walk_client_signal_events(c);
}

/* Those of one direction of one client come in their order, for their delay is the same. */
void walk_signal_arrive(struct walk_world *w)
{
    for (int i = 0; i < WALK_CLIENTS; i++) {
        struct walk_client *c = &w->clients[i];
        if (c->stream_up || c->stream_at > w->now)
            continue;
        c->stream_up = true;
        rill_sig_server_accept(w->server, w->now, (uint32_t)i + 1, &c->address);
    }
    for (size_t i = 0; i < w->n_chunks;) {
        struct walk_chunk k = w->chunks[i];
        if (k.at > w->now) {
            i++;
            continue;
        }
        memmove(&w->chunks[i], &w->chunks[i + 1], (--w->n_chunks - i) * sizeof k);
        arrive(w, &k);
        free(k.bytes);
    }
}

int64_t walk_signal_next(const struct walk_world *w)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < w->n_chunks; i++)
        at = rill_earlier(at, w->chunks[i].at);
    for (int i = 0; i < WALK_CLIENTS; i++)
        if (!w->clients[i].stream_up)
            at = rill_earlier(at, w->clients[i].stream_at);
    return at;
}
