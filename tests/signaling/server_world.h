/* server_world: a server in memory, and people who speak to it through rill's own client. */
#ifndef RILL_TESTS_SIGNALING_SERVER_WORLD_H
#define RILL_TESTS_SIGNALING_SERVER_WORLD_H

#include "tests/rill_test.h"

#include "signaling/client.h"
#include "signaling/server.h"
#include "signaling/ws_frame.h"

#include <stdio.h>

#define WIRE 65536
#define HOST "Host: h:1\r\n"

/* --- a server and what it is asked ----------------------------------------------------- */

struct world {
    void *block;
    struct rill_sig_server *server;
    struct rill_rng_seeded rng;
    struct rill_rng random;
    int64_t now;
    const char *file;  /* what every file holds; NULL: there is none */
    char path[1024];   /* of the last file asked for */
    char log[4096];    /* SAID */
    char access[4096]; /* ACCESS, a line each */
    bool closed[64];
    bool at_once[64];
};

static inline void open_world(struct world *w, struct rill_sig_server_config c)
{
    memset(w, 0, sizeof *w);
    rill_rng_seeded_init(&w->rng, rill_test_seed());
    w->random = rill_rng_seeded(&w->rng);
    c.rng = w->random;
    w->block = malloc(rill_sig_server_size(&c));
    w->server = rill_sig_server_init(w->block, &c);
    w->file = "<p>hello</p>";
    w->now = RILL_SECOND;
}

static inline void shut_world(struct world *w)
{
    free(w->block);
}

static inline void accept(struct world *w, uint32_t conn)
{
    struct rill_addr from = rill_addr_ip4(127, 0, 0, 1, 5000);
    assert_int_equal(rill_sig_server_accept(w->server, w->now, conn, &from), 0);
    w->closed[conn] = w->at_once[conn] = false;
}

static inline void log_said(struct world *w, const struct rill_sig_server_event *e)
{
    size_t at = strlen(w->log);
    snprintf(w->log + at, sizeof w->log - at, "%.*s %.*s%s%.*s\n", (int)e->user.n,
             (const char *)e->user.p, (int)e->what.n, (const char *)e->what.p, e->peer.n ? " " : "",
             (int)e->peer.n, (const char *)e->peer.p);
}

static inline void log_access(struct world *w, const struct rill_sig_access *a)
{
    static const char *const kinds[] = {"request", "websocket", "session"};
    struct rill_addr_text from = rill_addr_text(a->remote);
    size_t at = strlen(w->access);
    snprintf(w->access + at, sizeof w->access - at, "%s %s %.*s %.*s %u %d us %.*s\n",
             kinds[a->kind], from.text, (int)a->method.n, (const char *)a->method.p, (int)a->path.n,
             (const char *)a->path.p, a->status, (int)a->duration, (int)a->agent.n,
             (const char *)a->agent.p);
}

/* With ranges, as a file is given that grows. */
static inline void give_file(struct world *w, const struct rill_sig_server_event *e)
{
    struct rill_sig_file file = {rill_view_of(w->file), .content_type = "text/html"};
    if (e->has_range) {
        size_t n = file.body.n;
        size_t from = e->range.first < n ? (size_t)e->range.first : n;
        size_t to = e->range.last < n ? (size_t)e->range.last + 1 : n;
        file.is_part = true;
        file.first = from;
        file.total = n;
        file.body = rill_view_at(file.body.p + from, to - from);
    }
    rill_sig_server_file(w->server, w->now, e->conn, &file);
}

static inline void events(struct world *w)
{
    struct rill_sig_server_event e;
    while (rill_sig_server_event(w->server, &e)) {
        switch (e.type) {
        case RILL_SIG_SERVER_FILE:
            snprintf(w->path, sizeof w->path, "%s", (const char *)e.path.p);
            give_file(w, &e);
            break;
        case RILL_SIG_SERVER_CLOSE:
            w->closed[e.conn] = true;
            w->at_once[e.conn] = e.at_once;
            break;
        case RILL_SIG_SERVER_SAID:
            log_said(w, &e);
            break;
        case RILL_SIG_SERVER_ACCESS:
            log_access(w, &e.access);
            break;
        }
    }
}

static inline void input(struct world *w, uint32_t conn, const void *bytes, size_t n)
{
    rill_sig_server_input(w->server, w->now, conn, rill_view_at(bytes, n));
    events(w);
}

/* All that the server has for a connection, as text; dots stand for NULs. */
static inline char *output(struct world *w, uint32_t conn)
{
    static char text[4 * WIRE];
    size_t at = 0, n;
    while ((n = rill_sig_server_output(w->server, w->now, conn,
                                       (struct rill_span){(uint8_t *)text + at, 100}))) {
        at += n;
        events(w);
    }
    events(w);
    for (size_t i = 0; i < at; i++)
        text[i] = text[i] ? text[i] : '.';
    text[at] = 0;
    return text;
}

static inline char *ask(struct world *w, uint32_t conn, const char *request)
{
    input(w, conn, request, strlen(request));
    return output(w, conn);
}

/* A text message of a WebSocket's client (key 0: masked as it is); gives what comes back, heads and
 * all. */
static inline char *world_say(struct world *w, uint32_t conn, const char *text)
{
    static uint8_t frame[WIRE];
    const uint8_t key[4] = {0};
    size_t n = strlen(text), head = rill_ws_frame_write(frame, RILL_WS_OP_TEXT, n, key);
    memcpy(frame + head, text, n);
    input(w, conn, frame, head + n);
    return output(w, conn);
}

static inline void assert_starts(const char *text, const char *with)
{
    if (strncmp(text, with, strlen(with)))
        fail_msg("not \"%s\" but: %.200s", with, text);
}

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in: %s", part, text);
}

static inline void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" in: %s", part, text);
}

/* --- people ---------------------------------------------------------------------------- */

struct person {
    uint32_t conn;
    void *block;
    struct rill_sig_client *client;
    bool open, closed;
    int error;
    char heard[4096];
};

static inline void meet_over(enum rill_sig_framing framing, struct world *w, struct person *p,
                             uint32_t conn, const char *user, const char *password)
{
    memset(p, 0, sizeof *p);
    p->conn = conn;
    bool socketio = framing == RILL_SIG_OVER_SOCKETIO;
    const struct rill_sig_client_config c = {.framing = framing,
                                             .host = rill_view_of("h:1"),
                                             .path = rill_view_of(socketio ? "/socket.io/" : "/ws"),
                                             .user = rill_view_of(user),
                                             .password = rill_view_of(password),
                                             .room = rill_view_of("r"),
                                             .rng = w->random};
    p->block = malloc(rill_sig_client_size(&c));
    p->client = rill_sig_client_init(p->block, &c, w->now);
    accept(w, conn);
}

static inline void meet(struct world *w, struct person *p, uint32_t conn, const char *user,
                        const char *password)
{
    meet_over(RILL_SIG_OVER_WEBSOCKET, w, p, conn, user, password);
}

static inline void part(struct person *p)
{
    free(p->block);
}

/* What a person does about what is heard: bob answers each offer. */
static inline void hear(struct person *p, const struct rill_sig_message *m, bool answers)
{
    size_t at = strlen(p->heard);
    const struct rill_sig_offer *o = m->n_offers ? &m->offers[0] : NULL;
    at += (size_t)snprintf(p->heard + at, sizeof p->heard - at, "%s", rill_sig_type_name(m->type));
    if (o && o->answer.sdp.p)
        at += (size_t)snprintf(p->heard + at, sizeof p->heard - at, " %.*s", (int)o->answer.sdp.n,
                               (const char *)o->answer.sdp.p);
    if (m->type == RILL_SIG_RECEIVED_CANDIDATE)
        at +=
            (size_t)snprintf(p->heard + at, sizeof p->heard - at, " %.*s",
                             (int)m->candidate.candidate.n, (const char *)m->candidate.candidate.p);
    if (m->type == RILL_SIG_ERROR)
        at += (size_t)snprintf(p->heard + at, sizeof p->heard - at, " %.*s", (int)m->error_name.n,
                               (const char *)m->error_name.p);
    if (m->type == RILL_SIG_ACK)
        at += (size_t)snprintf(p->heard + at, sizeof p->heard - at, " %zu", m->n_ack_candidates);
    snprintf(p->heard + at, sizeof p->heard - at, "\n");
    if (!answers || !o || o->answer.sdp.p)
        return;
    const struct rill_sig_candidate c = {.candidate = rill_view_of("bob's"), .mline = 0};
    assert_int_equal(rill_sig_client_answer(p->client, o, rill_view_of("answer\r\n")), 0);
    assert_int_equal(rill_sig_client_candidate(p->client, &c, false), 0);
}

static inline void pull(struct person *p, bool answers)
{
    struct rill_sig_client_event e;
    while (rill_sig_client_event(p->client, &e)) {
        if (e.type == RILL_SIG_CLIENT_OPEN)
            p->open = true;
        else if (e.type == RILL_SIG_CLIENT_MESSAGE)
            hear(p, &e.message, answers);
        else
            p->closed = true;
        p->error = e.type == RILL_SIG_CLIENT_CLOSED ? e.error : p->error;
    }
}

/* Carries bytes both ways in pieces of 1 … most bytes; true while there were any. */
static inline bool carry(struct world *w, struct person *p, uint32_t most, bool answers)
{
    uint8_t piece[512];
    size_t n = rill_sig_client_output(
        p->client, (struct rill_span){piece, 1 + rill_rng_below(&w->random, most)});
    input(w, p->conn, piece, n);
    size_t back =
        rill_sig_server_output(w->server, w->now, p->conn,
                               (struct rill_span){piece, 1 + rill_rng_below(&w->random, most)});
    events(w);
    if (back)
        rill_sig_client_input(p->client, w->now, rill_view_at(piece, back), NULL);
    pull(p, answers);
    return n || back;
}

static inline void settle(struct world *w, struct person *people, size_t n, uint32_t most)
{
    for (bool busy = true; busy;) {
        busy = false;
        for (size_t i = 0; i < n; i++)
            busy |= carry(w, &people[i], most, i == 1);
    }
}

#endif
