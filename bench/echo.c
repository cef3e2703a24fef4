/* echo: see echo.h. A client here is a WebSocket behind its handshake and a Socket.IO session
 * in it, both of signaling/; the message is `42["message", …]`, the answer "message-back". */
#include "bench/echo.h"

#include "reactor/reactor.h"
#include "signaling/http.h"
#include "signaling/sio_client.h"
#include "signaling/ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "cmlsbCByaWxsIHJpbGwgMQ=="
#define ASK                                                                                        \
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"                 \
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                   \
    "Sec-WebSocket-Key: " KEY "\r\n\r\n"
/* As long as a candidate is. */
#define MESSAGE                                                                                    \
    "42[\"message\",\"candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host generation 0 ufrag "   \
    "abcd network-id 1\"]"

struct client {
    struct rill_ws *ws;
    struct rill_sio_client sio;
    uint32_t socket;
    bool upgraded;
    uint8_t head[1024];
    size_t n_head;
};

struct echo {
    struct rill_reactor *reactor;
    struct client *clients;
    size_t n, running;
    uint32_t of_socket[65536];
    uint64_t messages;
    bool lost;
};

static void flush(struct echo *x, struct client *k)
{
    uint8_t out[4096];
    size_t n;
    /* One small message is under way at a time: a socket always has room for it. */
    while ((n = rill_ws_output(k->ws, (struct rill_span){out, sizeof out})) > 0)
        if (rill_reactor_write(x->reactor, k->socket, rill_view_at(out, n)) != (long)n)
            x->lost = true;
}

static void said(struct echo *x, struct client *k, struct rill_view text)
{
    struct rill_sio_client_said s;
    if (rill_sio_client_take(&k->sio, rill_posix_now(), text, &s, NULL) < 0) {
        x->lost = true;
        return;
    }
    if (s.type == RILL_SIO_SAID_OPEN)
        rill_ws_send_text(k->ws, rill_view_of("40"));
    else if (s.type == RILL_SIO_SAID_PING)
        rill_ws_send_text(k->ws, rill_view_of("3"));
    else if (s.type == RILL_SIO_SAID_CONNECTED)
        x->running++;
    else if (s.type == RILL_SIO_SAID_EVENT && rill_view_starts(s.json, "[\"message-back\""))
        x->messages++;
    else
        return;
    if (s.type == RILL_SIO_SAID_CONNECTED || s.type == RILL_SIO_SAID_EVENT)
        rill_ws_send_text(k->ws, rill_view_of(MESSAGE));
}

/* The answer to the handshake; what follows it in bytes. */
static struct rill_view upgrade(struct echo *x, struct client *k, struct rill_view bytes)
{
    struct rill_http_head h;
    size_t before = k->n_head;
    size_t n = bytes.n < sizeof k->head - k->n_head ? bytes.n : sizeof k->head - k->n_head;
    memcpy(k->head + k->n_head, bytes.p, n);
    k->n_head += n;
    long size = rill_http_parse(rill_view_at(k->head, k->n_head), true, &h, NULL);
    if (size == 0)
        return rill_view_at(bytes.p, 0);
    if (size < 0 || rill_http_ws_response(&h, KEY, NULL) < 0) {
        x->lost = true;
        return rill_view_at(bytes.p, 0);
    }
    k->upgraded = true;
    size_t used = (size_t)size - before;
    return rill_view_at(bytes.p + used, bytes.n - used);
}

static void heard(struct echo *x, struct client *k, struct rill_view bytes)
{
    struct rill_ws_event e;
    if (!k->upgraded)
        bytes = upgrade(x, k, bytes);
    while (bytes.n > 0 && !x->lost) {
        long took = rill_ws_input(k->ws, rill_posix_now(), bytes, NULL);
        x->lost = x->lost || took < 0;
        bytes = rill_view_at(bytes.p + took, took < 0 ? 0 : bytes.n - (size_t)took);
        while (rill_ws_event(k->ws, &e)) {
            if (e.type == RILL_WS_TEXT)
                said(x, k, e.bytes);
            else
                x->lost = true;
        }
        flush(x, k);
    }
}

static bool add(struct echo *x, uint16_t port)
{
    struct client *k = &x->clients[x->n];
    struct rill_ws_config config = {.message = 4096, .rng = rill_posix_rng()};
    struct rill_addr to = rill_addr_ip4(127, 0, 0, 1, port);
    void *block = malloc(rill_ws_size(&config));
    if (!block || rill_reactor_tcp_connect(x->reactor, &to, &k->socket, NULL) < 0)
        return false;
    k->ws = rill_ws_init(block, &config, rill_posix_now());
    k->sio.silent_at = RILL_NEVER;
    x->of_socket[k->socket & 0xffff] = (uint32_t)x->n++;
    return true;
}

static void turn(struct echo *x, uint16_t port, int64_t until)
{
    struct rill_reactor_event e;
    char ask[512];
    rill_reactor_next(x->reactor, until, &e);
    if (!e.socket)
        return;
    struct client *k = &x->clients[x->of_socket[e.socket & 0xffff]];
    if (e.type == RILL_REACTOR_CONNECTED) {
        int n = snprintf(ask, sizeof ask, ASK, port);
        rill_reactor_write(x->reactor, e.socket, rill_view_at((uint8_t *)ask, (size_t)n));
    } else if (e.type == RILL_REACTOR_READ) {
        heard(x, k, rill_view_at(e.bytes.p, e.bytes.n));
    } else if (e.type == RILL_REACTOR_CLOSED) {
        x->lost = true;
    }
}

static bool measure(struct echo *x, uint16_t port, size_t clients, int64_t duration)
{
    for (size_t i = 0; i < clients; i++)
        if (!add(x, port))
            return false;
    int64_t patience = rill_posix_now() + 20 * RILL_SECOND;
    while (x->running < clients && !x->lost && rill_posix_now() < patience)
        turn(x, port, patience);
    x->messages = 0;
    int64_t until = rill_posix_now() + duration;
    while (!x->lost && rill_posix_now() < until)
        turn(x, port, until);
    return !x->lost && x->running == clients;
}

bool echo_run(uint16_t port, size_t clients, int64_t duration, uint64_t *messages)
{
    struct echo *x = calloc(1, sizeof *x);
    bool good = x != NULL;
    if (good) {
        x->clients = calloc(clients, sizeof *x->clients);
        x->reactor = rill_reactor_new(clients + 8);
        good = x->clients && x->reactor && measure(x, port, clients, duration);
        *messages = x->messages;
        for (size_t i = 0; i < x->n; i++)
            free(x->clients[i].ws); /* it lies at the start of its block */
        rill_reactor_free(x->reactor);
        free(x->clients);
    }
    free(x);
    return good;
}
