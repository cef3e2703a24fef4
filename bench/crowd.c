/* crowd: see crowd.h. */
#include "bench/crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many may be connecting at once: a listener's queue is finite. */
#define CONNECTING 128
#define PATIENCE (30 * RILL_SECOND)

bool crowd_init(struct crowd *c, uint16_t port, enum rill_sig_framing framing, size_t cap)
{
    *c =
        (struct crowd){.server = rill_addr_ip4(127, 0, 0, 1, port), .framing = framing, .cap = cap};
    c->reactor = rill_reactor_new(cap + 8);
    c->clients = calloc(cap, sizeof *c->clients);
    c->of_socket = calloc(65536, sizeof *c->of_socket);
    c->tick_at = rill_posix_now() + RILL_SECOND;
    return c->reactor && c->clients && c->of_socket;
}

bool crowd_add(struct crowd *c, const char *room)
{
    struct crowd_client *k = &c->clients[c->n];
    struct rill_err why = {0};
    char name[24], host[24];
    snprintf(name, sizeof name, "c%zu", c->n);
    snprintf(host, sizeof host, "127.0.0.1:%u", c->server.port);
    bool socketio = c->framing == RILL_SIG_OVER_SOCKETIO;
    struct rill_sig_client_config config = {
        .framing = c->framing,
        .host = rill_view_of(host),
        .path = rill_view_of(socketio ? "/socket.io/" : "/ws"),
        .user = rill_view_of(name),
        .password = rill_view_of("x"),
        .room = rill_view_of(room),
        .rng = rill_posix_rng(),
    };
    void *block = malloc(rill_sig_client_size(&config));
    if (!block || rill_reactor_tcp_connect(c->reactor, &c->server, &k->socket, &why) < 0)
        return false;
    k->x = rill_sig_client_init(block, &config, rill_posix_now());
    c->of_socket[k->socket & 0xffff] = (uint32_t)c->n++;
    return true;
}

void crowd_flush(struct crowd *c, size_t i)
{
    struct crowd_client *k = &c->clients[i];
    while (!k->gone) {
        if (!k->n_left)
            k->n_left = rill_sig_client_output(k->x, (struct rill_span){k->left, sizeof k->left});
        if (!k->n_left)
            return;
        long took = rill_reactor_write(c->reactor, k->socket, rill_view_at(k->left, k->n_left));
        if (took <= 0)
            return;
        k->n_left -= (size_t)took;
        memmove(k->left, k->left + took, k->n_left);
    }
}

static void lost(struct crowd *c, struct crowd_client *k)
{
    c->n_gone += !k->gone;
    c->n_open -= k->open;
    k->gone = true;
    k->open = false;
}

bool crowd_message(struct crowd *c, size_t i, struct rill_sig_message *out)
{
    struct rill_sig_client_event e;
    struct crowd_client *k = &c->clients[i];
    while (rill_sig_client_event(k->x, &e)) {
        if (e.type == RILL_SIG_CLIENT_MESSAGE) {
            *out = e.message;
            return true;
        }
        if (e.type == RILL_SIG_CLIENT_CLOSED) {
            lost(c, k);
        } else {
            k->open = true;
            c->n_open++;
        }
    }
    crowd_flush(c, i);
    return false;
}

static void tick(struct crowd *c)
{
    int64_t now = rill_posix_now();
    if (now < c->tick_at)
        return;
    c->tick_at = now + RILL_SECOND;
    for (size_t i = 0; i < c->n; i++) {
        if (c->clients[i].gone)
            continue;
        rill_sig_client_tick(c->clients[i].x, now);
        crowd_flush(c, i);
    }
}

size_t crowd_turn(struct crowd *c, int64_t deadline)
{
    struct rill_reactor_event e;
    rill_reactor_next(c->reactor, rill_earlier(deadline, c->tick_at), &e);
    tick(c);
    if (!e.socket)
        return SIZE_MAX;
    size_t i = c->of_socket[e.socket & 0xffff];
    int64_t now = rill_posix_now();
    if (e.type == RILL_REACTOR_READ)
        rill_sig_client_input(c->clients[i].x, now, rill_view_at(e.bytes.p, e.bytes.n), NULL);
    if (e.type == RILL_REACTOR_CLOSED)
        lost(c, &c->clients[i]);
    crowd_flush(c, i);
    return i;
}

bool crowd_grow(struct crowd *c, size_t n, const char *room)
{
    int64_t until = rill_posix_now() + PATIENCE;
    struct rill_sig_message m;
    while (c->n_open < n && !c->n_gone && rill_posix_now() < until) {
        while (c->n < n && c->n - c->n_open < CONNECTING)
            if (!crowd_add(c, room))
                return false;
        size_t i = crowd_turn(c, until);
        while (i != SIZE_MAX && crowd_message(c, i, &m))
            continue;
        if (i != SIZE_MAX)
            until = rill_posix_now() + PATIENCE;
    }
    return c->n_open == n;
}

void crowd_free(struct crowd *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->clients[i].x); /* it lies at the start of its block */
    rill_reactor_free(c->reactor);
    free(c->clients);
    free(c->of_socket);
}
