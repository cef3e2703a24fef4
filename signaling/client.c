/* client: the vocabulary spoken from the other side.
 *
 * The idea: a WebSocket behind its handshake, and a store for bytes that came while a message
 * was waiting to be pulled. Every message is read when it is pulled, into one arena.
 *
 *   ASKING → OPEN    the server took the handshake; auth was sent
 *   ASKING → JOINING → OPEN    the same over Socket.IO, and then it connected us
 *   any    → CLOSED  a closing handshake, a broken rule, silence or a broken stream
 */
#include "signaling/client.h"

#include "signaling/base64.h"
#include "signaling/http.h"
#include "signaling/json.h"
#include "signaling/reserve.h"
#include "signaling/sio_client.h"
#include "signaling/ws.h"

#include <string.h>

#define HANDSHAKE_TIMEOUT (10 * RILL_SECOND)
#define REQUEST_MAX 1024

enum state { ASKING, JOINING, OPEN, CLOSED };

struct rill_sig_client {
    struct rill_sig_client_config config;
    enum state state;
    int64_t now; /* of the last call, for what is said while events are pulled */
    int64_t deadline;
    char key[25];
    uint8_t *request; /* REQUEST_MAX */
    size_t n_request, request_at;
    struct rill_ws *ws;
    struct rill_sio_client sio;
    uint8_t *in; /* bytes that wait: [from, to) of cap */
    size_t cap, from, to;
    uint8_t *scratch; /* a message's JSON on its way out */
    uint8_t *arena_block;
    size_t arena_n;
    uint64_t acks;
    bool tell_open, tell_closed;
    int error;
};

static struct rill_ws_config ws_config(const struct rill_sig_client_config *c)
{
    /* Over Socket.IO it is the server that pings. */
    bool own_ping = c->framing == RILL_SIG_OVER_WEBSOCKET;
    return (struct rill_ws_config){.message = c->message,
                                   .ping = own_ping ? 20 * RILL_SECOND : 0,
                                   .pong_timeout = 10 * RILL_SECOND,
                                   .rng = c->rng};
}

static struct rill_sig_client *carve(struct rill_arena *a, struct rill_sig_client_config *c)
{
    c->message = c->message ? c->message : RILL_SIGNALING_MESSAGE_MAX;
    struct rill_ws_config ws = ws_config(c);
    struct rill_sig_client *x = rill_arena_take(a, 1, sizeof *x);
    uint8_t *request = rill_arena_take(a, REQUEST_MAX, 1);
    void *ws_block = rill_arena_take(a, 1, rill_ws_size(&ws));
    uint8_t *in = rill_reserve(a, 2 * c->message);
    uint8_t *scratch = rill_reserve(a, c->message);
    uint8_t *arena = rill_reserve(a, RILL_SIG_ARENA(c->message));
    struct rill_view *copied[] = {&c->host, &c->path, &c->user, &c->password, &c->room};
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        struct rill_view copy = rill_arena_copy(a, *copied[i]);
        if (x)
            *copied[i] = copy;
    }
    if (!x)
        return NULL;
    x->config = *c;
    x->request = request;
    x->ws = ws_block;
    x->in = in;
    x->cap = 2 * c->message;
    x->scratch = scratch;
    x->arena_block = arena;
    x->arena_n = RILL_SIG_ARENA(c->message);
    return x;
}

size_t rill_sig_client_size(const struct rill_sig_client_config *config)
{
    struct rill_sig_client_config c = *config;
    struct rill_arena a = rill_arena_counting();
    carve(&a, &c);
    return rill_arena_size(&a);
}

/* RFC 6455 §4.1: the key is 16 random bytes in base64. */
static void ask(struct rill_sig_client *x)
{
    uint8_t random[16];
    rill_rng_fill(&x->config.rng, random, sizeof random);
    struct rill_writer k = rill_writer_of((struct rill_span){(uint8_t *)x->key, sizeof x->key});
    rill_base64_write(&k, rill_view_at(random, sizeof random));
    rill_w_end_text(&k);
    uint8_t target[REQUEST_MAX];
    struct rill_writer t = rill_writer_of((struct rill_span){target, sizeof target});
    rill_w_bytes(&t, x->config.path);
    if (x->config.framing == RILL_SIG_OVER_SOCKETIO)
        rill_w_str(&t, "?" RILL_SIO_CLIENT_QUERY);
    struct rill_writer w = rill_writer_of((struct rill_span){x->request, REQUEST_MAX});
    rill_http_write_ws_request(&w, x->config.host, rill_w_view(&t), x->key);
    x->n_request = w.bad ? 0 : w.at;
}

struct rill_sig_client *
rill_sig_client_init(void *block, const struct rill_sig_client_config *config, int64_t now)
{
    struct rill_sig_client_config c = *config;
    struct rill_arena a = rill_arena_over(block, rill_sig_client_size(config));
    struct rill_sig_client *x = carve(&a, &c);
    struct rill_ws_config ws = ws_config(&x->config);
    x->ws = rill_ws_init(x->ws, &ws, now);
    x->now = now;
    x->deadline = now + HANDSHAKE_TIMEOUT;
    x->sio.silent_at = RILL_NEVER;
    ask(x);
    return x;
}

/* --- what goes out ------------------------------------------------------------------- */

static bool is_socketio(const struct rill_sig_client *x)
{
    return x->config.framing == RILL_SIG_OVER_SOCKETIO;
}

static int send_text(struct rill_sig_client *x, const struct rill_writer *w)
{
    uint64_t most = x->sio.max_payload;
    if (w->bad || (most && w->at > most))
        return RILL_SIGNALING_TOO_LARGE;
    return rill_ws_send_text(x->ws, rill_w_view(w));
}

static int send_message(struct rill_sig_client *x, const struct rill_sig_message *m)
{
    struct rill_sig_message bare = *m;
    if (x->state != OPEN)
        return RILL_SIGNALING_WS_CLOSED;
    struct rill_writer w = rill_writer_of((struct rill_span){x->scratch, x->config.message});
    if (is_socketio(x)) {
        rill_sio_client_begin(&w, RILL_SIO_EVENT, m->has_ack ? &m->ack : NULL);
        bare.has_ack = false;
    }
    rill_sig_write(&w, &bare);
    return send_text(x, &w);
}

static struct rill_sig_message auth_of(const struct rill_sig_client *x)
{
    return (struct rill_sig_message){.type = RILL_SIG_AUTH,
                                     .user = x->config.user,
                                     .password = x->config.password,
                                     .room = x->config.room};
}

static int send_auth(struct rill_sig_client *x)
{
    const struct rill_sig_message m = auth_of(x);
    return send_message(x, &m);
}

/* Socket.IO carries the same object in its CONNECT. */
static int send_connect(struct rill_sig_client *x)
{
    const struct rill_sig_message m = auth_of(x);
    struct rill_writer w = rill_writer_of((struct rill_span){x->scratch, x->config.message});
    rill_sio_client_begin(&w, RILL_SIO_CONNECT, NULL);
    rill_sig_write_auth(&w, &m);
    return send_text(x, &w);
}

static int send_packet(struct rill_sig_client *x, const char *packet)
{
    return rill_ws_send_text(x->ws, rill_view_of(packet));
}

int rill_sig_client_offer(struct rill_sig_client *x, struct rill_view sdp)
{
    const struct rill_sig_message m = {.type = RILL_SIG_NEW_OFFER,
                                       .offer = {rill_view_of("offer"), sdp}};
    return send_message(x, &m);
}

int rill_sig_client_answer(struct rill_sig_client *x, const struct rill_sig_offer *held,
                           struct rill_view sdp)
{
    struct rill_sig_offer answered = *held;
    answered.answer = (struct rill_sig_description){rill_view_of("answer"), sdp};
    const struct rill_sig_message m = {.type = RILL_SIG_NEW_ANSWER,
                                       .offers = &answered,
                                       .n_offers = 1,
                                       .has_ack = true,
                                       .ack = x->acks++};
    return send_message(x, &m);
}

int rill_sig_client_candidate(struct rill_sig_client *x, const struct rill_sig_candidate *c,
                              bool did_i_offer)
{
    const struct rill_sig_message m = {.type = RILL_SIG_SEND_CANDIDATE,
                                       .candidate = *c,
                                       .ice_user = x->config.user,
                                       .did_i_offer = did_i_offer};
    return send_message(x, &m);
}

size_t rill_sig_client_output(struct rill_sig_client *x, struct rill_span out)
{
    size_t left = x->n_request - x->request_at;
    if (left == 0)
        return x->state == ASKING ? 0 : rill_ws_output(x->ws, out);
    size_t n = left < out.n ? left : out.n;
    memcpy(out.p, x->request + x->request_at, n);
    x->request_at += n;
    return n;
}

/* --- how it ends --------------------------------------------------------------------- */

static void ended(struct rill_sig_client *x, int error)
{
    if (x->state == CLOSED)
        return;
    x->state = CLOSED;
    x->deadline = RILL_NEVER;
    x->error = error;
    x->tell_closed = true;
    x->from = x->to = 0;
}

void rill_sig_client_close(struct rill_sig_client *x, int64_t now)
{
    x->now = now;
    if (x->state == OPEN && is_socketio(x))
        send_packet(x, "41");
    if (x->state == OPEN)
        rill_ws_close(x->ws, now, 1000, NULL);
    else
        ended(x, 0);
}

void rill_sig_client_stream_closed(struct rill_sig_client *x, int64_t now)
{
    x->now = now;
    ended(x, RILL_SIGNALING_SERVER_GONE);
}

void rill_sig_client_tick(struct rill_sig_client *x, int64_t now)
{
    x->now = now;
    if ((x->state == ASKING || x->state == JOINING) && now >= x->deadline)
        ended(x, RILL_SIGNALING_TIMEOUT);
    if (now >= x->sio.silent_at)
        ended(x, RILL_SIGNALING_EIO_SILENT);
    if (x->state == OPEN)
        rill_ws_tick(x->ws, now);
}

int64_t rill_sig_client_deadline(const struct rill_sig_client *x)
{
    if (x->state == CLOSED)
        return RILL_NEVER;
    return rill_earlier(x->sio.silent_at, x->state == OPEN ? rill_ws_deadline(x->ws) : x->deadline);
}

/* --- what comes in ------------------------------------------------------------------- */

/* RFC 6455 §4.1: until 101 and its headers have come, nothing is a frame. */
static int read_answer(struct rill_sig_client *x, struct rill_err *why)
{
    struct rill_http_head h;
    struct rill_view have = rill_view_at(x->in + x->from, x->to - x->from);
    long size = rill_http_parse(have, true, &h, why);
    if (size == 0)
        return 0;
    int rc = size < 0 ? (int)size : rill_http_ws_response(&h, x->key, why);
    if (rc < 0) {
        ended(x, rc);
        return rc;
    }
    x->from += (size_t)size;
    x->state = is_socketio(x) ? JOINING : OPEN;
    x->tell_open = x->state == OPEN;
    return x->state == OPEN ? send_auth(x) : 0;
}

/* Feeds what waits, up to the next event of the WebSocket. */
static int feed(struct rill_sig_client *x, struct rill_err *why)
{
    struct rill_view have = rill_view_at(x->in + x->from, x->to - x->from);
    long n = rill_ws_input(x->ws, x->now, have, why);
    if (n < 0)
        return (int)n;
    x->from += (size_t)n;
    if (x->from == x->to)
        x->from = x->to = 0;
    return 0;
}

static bool store(struct rill_sig_client *x, struct rill_view bytes)
{
    size_t waiting = x->to - x->from;
    if (bytes.n > x->cap - waiting)
        return false;
    if (bytes.n > x->cap - x->to) {
        memmove(x->in, x->in + x->from, waiting);
        x->from = 0;
        x->to = waiting;
    }
    if (bytes.n)
        memcpy(x->in + x->to, bytes.p, bytes.n);
    x->to += bytes.n;
    return true;
}

int rill_sig_client_input(struct rill_sig_client *x, int64_t now, struct rill_view bytes,
                          struct rill_err *why)
{
    int rc = 0;
    x->now = now;
    if (x->state == CLOSED)
        return 0;
    if (!store(x, bytes)) {
        ended(x, RILL_SIGNALING_TOO_LARGE);
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_TOO_LARGE, 0, bytes.n, why);
    }
    if (x->state == ASKING)
        rc = read_answer(x, why);
    if ((x->state == JOINING || x->state == OPEN) && rc == 0)
        rc = feed(x, why);
    return rc;
}

/* --- messages ------------------------------------------------------------------------ */

/* A server that says what nobody can read is left. */
static void leave(struct rill_sig_client *x, int row)
{
    rill_ws_close(x->ws, x->now, 1008, "not of the vocabulary");
    ended(x, row);
}

static bool read_message(struct rill_sig_client *x, struct rill_view text,
                         struct rill_sig_client_event *out)
{
    struct rill_arena arena = rill_arena_over(x->arena_block, x->arena_n);
    int rc = rill_sig_parse(text, &arena, &out->message, NULL);
    out->type = RILL_SIG_CLIENT_MESSAGE;
    if (rc < 0)
        leave(x, rc);
    return rc == 0;
}

/* --- Socket.IO ----------------------------------------------------------------------- */

/* [candidates] of an acknowledgement becomes ["ack",n,candidates]. */
static bool read_ack(struct rill_sig_client *x, const struct rill_sio_client_said *said,
                     struct rill_sig_client_event *out)
{
    struct rill_view first = {0}, rest = said->json;
    struct rill_writer w = rill_writer_of((struct rill_span){x->scratch, x->config.message});
    if (!rill_json_item(&rest, &first))
        first = rill_view_of("[]");
    rill_w_str(&w, "[\"ack\",");
    rill_w_dec(&w, said->id);
    rill_w_char(&w, ',');
    rill_w_bytes(&w, first);
    rill_w_char(&w, ']');
    return read_message(x, rill_w_view(&w), out);
}

/* The server's own words, as an error that ends it. */
static bool read_refusal(struct rill_sig_client *x, const struct rill_sio_client_said *said,
                         struct rill_sig_client_event *out)
{
    out->type = RILL_SIG_CLIENT_MESSAGE;
    out->message = (struct rill_sig_message){.type = RILL_SIG_ERROR,
                                             .error_name = rill_view_of("CONNECT_ERROR"),
                                             .error_sentence = said->json};
    rill_ws_close(x->ws, x->now, 1000, NULL);
    ended(x, RILL_SIGNALING_SIO_REFUSED);
    return true;
}

/* True when it is something to tell. */
static bool read_packet(struct rill_sig_client *x, struct rill_view text,
                        struct rill_sig_client_event *out)
{
    struct rill_sio_client_said said;
    int rc = rill_sio_client_take(&x->sio, x->now, text, &said, NULL);
    if (rc < 0) {
        leave(x, rc);
        return false;
    }
    switch (said.type) {
    case RILL_SIO_SAID_OPEN:
        send_connect(x);
        return false;
    case RILL_SIO_SAID_PING:
        send_packet(x, "3");
        return false;
    case RILL_SIO_SAID_CONNECTED:
        x->state = OPEN;
        out->type = RILL_SIG_CLIENT_OPEN;
        return true;
    case RILL_SIO_SAID_EVENT:
        return read_message(x, said.json, out);
    case RILL_SIO_SAID_ACK:
        return read_ack(x, &said, out);
    case RILL_SIO_SAID_REFUSED:
        return read_refusal(x, &said, out);
    case RILL_SIO_SAID_GONE:
        rill_ws_close(x->ws, x->now, 1000, NULL);
        ended(x, RILL_SIGNALING_SIO_GONE);
        return false;
    case RILL_SIO_SAID_NOTHING:
        break;
    }
    return false;
}

/* --- events -------------------------------------------------------------------------- */

/* The next event of the WebSocket that is one of the client. */
static bool ws_event(struct rill_sig_client *x, struct rill_sig_client_event *out)
{
    struct rill_ws_event e;
    while (x->state == OPEN || x->state == JOINING) {
        if (!rill_ws_event(x->ws, &e)) {
            if (x->from == x->to)
                return false;
            feed(x, NULL);
            continue;
        }
        bool text = e.type == RILL_WS_TEXT;
        if (text && (is_socketio(x) ? read_packet(x, e.bytes, out) : read_message(x, e.bytes, out)))
            return true;
        if (e.type == RILL_WS_CLOSED)
            ended(x, e.error);
    }
    return false;
}

bool rill_sig_client_event(struct rill_sig_client *x, struct rill_sig_client_event *out)
{
    *out = (struct rill_sig_client_event){.type = RILL_SIG_CLIENT_OPEN};
    if (x->tell_open) {
        x->tell_open = false;
        return true;
    }
    if (ws_event(x, out))
        return true;
    if (!x->tell_closed)
        return false;
    x->tell_closed = false;
    *out = (struct rill_sig_client_event){.type = RILL_SIG_CLIENT_CLOSED, .error = x->error};
    return true;
}
