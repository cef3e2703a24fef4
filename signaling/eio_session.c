/* eio_session: what requests and a WebSocket mean together.
 *
 * The idea: one queue of packets, and whichever transport is there takes from its front. So
 * nothing is lost or turned round when one takes the place of the other: the packets simply
 * wait. */
#include "signaling/eio_session.h"

#include "base/utf8.h"
#include "signaling/elastic.h"
#include "signaling/limits.h"
#include "signaling/reserve.h"

#include <string.h>

/* For pings behind a full queue. */
#define QUEUE_RESERVE 256
#define RECORD_HEAD 8
/* More than this moves to the far memory. */
#define NEAR 512
#define HANDSHAKE_MAX 256

enum state { OPEN, CLOSING, CLOSED };
enum websocket { NO_WEBSOCKET, PROBING, PROBED, CARRYING, FAILED };

struct rill_eio_session {
    struct rill_eio_session_config config;
    char sid[RILL_EIO_SID_SIZE];
    enum state state;
    enum websocket websocket;
    bool get_waits, posting, probe_came;
    enum rill_eio_type last_word; /* for a GET that waits when the session is closed */

    /* |length (32)|type (8)|binary (8)|0 (16)| data … , records one behind another: [from, to) */
    struct rill_elastic queue;
    size_t from, to;

    struct rill_span body; /* of a POST, not read yet */
    int64_t body_at;       /* when it came */
    bool has_message, message_binary;
    struct rill_view message;
    bool tell_closed;
    int error;

    int64_t ping_at, pong_by, upgrade_by, linger_until;
};

static const struct rill_trace_point upgraded = {"signaling",
                                                 "engine_io_upgraded",
                                                 "a WebSocket took the place of long-polling",
                                                 1,
                                                 {{"sid", RILL_TRACE_SECRET}}};
static const struct rill_trace_point ended = {
    "signaling",
    "engine_io_ended",
    "a session is over; 0 when the other side or we wanted it so",
    2,
    {{"sid", RILL_TRACE_SECRET}, {"row", RILL_TRACE_I64}}};

static struct rill_eio_session_config with_defaults(const struct rill_eio_session_config *given)
{
    struct rill_eio_session_config c = *given;
    c.max_payload = c.max_payload ? c.max_payload : RILL_LIMIT_PAYLOAD;
    c.queue = c.queue ? c.queue : c.max_payload + RILL_LIMIT_UNREAD_SLACK;
    c.ping_interval = c.ping_interval ? c.ping_interval : RILL_LIMIT_PING_MS * RILL_MS;
    c.ping_timeout = c.ping_timeout ? c.ping_timeout : RILL_LIMIT_PONG_MS * RILL_MS;
    c.upgrade_timeout = c.upgrade_timeout ? c.upgrade_timeout : RILL_LIMIT_UPGRADE_MS * RILL_MS;
    return c;
}

static struct rill_eio_session *carve(struct rill_arena *a, struct rill_arena *far,
                                      const struct rill_eio_session_config *c)
{
    struct rill_eio_session *x = rill_arena_take(a, 1, sizeof *x);
    uint8_t *near = rill_reserve(a, NEAR);
    uint8_t *queue = rill_reserve(far, c->queue + QUEUE_RESERVE);
    if (!x)
        return NULL;
    x->queue = rill_elastic_of(near, NEAR, queue, c->queue + QUEUE_RESERVE);
    return x;
}

size_t rill_eio_session_size(const struct rill_eio_session_config *config)
{
    struct rill_eio_session_config c = with_defaults(config);
    struct rill_arena a = rill_arena_counting(), far = a;
    carve(&a, c.apart ? &far : &a, &c);
    return rill_arena_size(&a);
}

size_t rill_eio_session_far_size(const struct rill_eio_session_config *config)
{
    struct rill_eio_session_config c = with_defaults(config);
    struct rill_arena a = rill_arena_counting(), far = a;
    carve(&a, &far, &c);
    return rill_arena_size(&far);
}

struct rill_view rill_eio_session_sid(const struct rill_eio_session *x)
{
    return rill_view_at(x->sid, sizeof x->sid);
}

static int refuse(int row, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, row, 0, value, why);
}

/* --- the queue ----------------------------------------------------------------------- */

static bool push(struct rill_eio_session *x, const struct rill_eio_packet *p, size_t limit)
{
    size_t waiting = x->to - x->from;
    if (p->data.n > limit || RECORD_HEAD > limit - p->data.n ||
        waiting > limit - p->data.n - RECORD_HEAD)
        return false;
    if (x->queue.cap - x->to < RECORD_HEAD + p->data.n) {
        memmove(x->queue.p, x->queue.p + x->from, waiting);
        x->from = 0;
        x->to = waiting;
    }
    rill_elastic_reach(&x->queue, x->to, x->to + RECORD_HEAD + p->data.n);
    struct rill_writer w =
        rill_writer_of((struct rill_span){x->queue.p + x->to, RECORD_HEAD + p->data.n});
    rill_w_u32(&w, (uint32_t)p->data.n);
    rill_w_u8(&w, (uint8_t)p->type);
    rill_w_u8(&w, p->binary);
    rill_w_u16(&w, 0);
    rill_w_bytes(&w, p->data);
    x->to += w.at;
    return true;
}

static bool front(const struct rill_eio_session *x, struct rill_eio_packet *out)
{
    struct rill_reader r = rill_reader_of(rill_view_at(x->queue.p + x->from, x->to - x->from));
    if (x->from == x->to)
        return false;
    uint32_t n = rill_r_u32(&r);
    out->type = (enum rill_eio_type)rill_r_u8(&r);
    out->binary = rill_r_u8(&r);
    rill_r_skip(&r, 2);
    out->data = rill_r_bytes(&r, n);
    return true;
}

static void forget_queue(struct rill_eio_session *x)
{
    x->from = x->to = 0;
    rill_elastic_reset(&x->queue);
}

static void pop(struct rill_eio_session *x)
{
    struct rill_eio_packet p;
    if (!front(x, &p))
        return;
    x->from += RECORD_HEAD + p.data.n;
    if (x->from == x->to)
        forget_queue(x);
}

/* --- beginning and ending ------------------------------------------------------------ */

/* Engine.IO 4, Handshake: "it MUST respond with an open packet with the following JSON-encoded
 * payload". A session that began on a WebSocket has nothing to upgrade to. */
static void say_open(struct rill_eio_session *x)
{
    uint8_t text[HANDSHAKE_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    const struct rill_eio_handshake h = {
        .sid = rill_eio_session_sid(x),
        .upgrades = !x->config.websocket,
        .ping_interval = (uint64_t)(x->config.ping_interval / RILL_MS),
        .ping_timeout = (uint64_t)(x->config.ping_timeout / RILL_MS),
        .max_payload = x->config.max_payload,
    };
    rill_eio_write_handshake(&w, &h);
    push(x, &(struct rill_eio_packet){.type = RILL_EIO_OPEN, .data = rill_w_view(&w)},
         x->queue.n_far);
}

struct rill_eio_session *
rill_eio_session_init(void *block, const struct rill_eio_session_config *config, int64_t now)
{
    struct rill_eio_session_config c = with_defaults(config);
    struct rill_arena a = rill_arena_over(block, rill_eio_session_size(config));
    struct rill_arena far = rill_arena_over(c.far, c.apart ? rill_eio_session_far_size(config) : 0);
    struct rill_eio_session *x = carve(&a, c.apart ? &far : &a, &c);
    x->config = c;
    rill_eio_make_sid(&c.rng, x->sid);
    x->websocket = c.websocket ? CARRYING : NO_WEBSOCKET;
    x->ping_at = now + c.ping_interval;
    x->pong_by = x->upgrade_by = x->linger_until = RILL_NEVER;
    say_open(x);
    return x;
}

static void finish(struct rill_eio_session *x, int64_t now, int error, enum rill_eio_type last_word)
{
    if (x->state == CLOSED)
        return;
    RILL_TRACE(x->config.trace, now, ended, {.view = rill_eio_session_sid(x)}, {.i = error});
    x->state = CLOSED;
    x->last_word = last_word;
    x->error = error;
    x->tell_closed = true;
    forget_queue(x);
    x->body = (struct rill_span){0};
    x->has_message = false;
    x->ping_at = x->pong_by = x->upgrade_by = x->linger_until = RILL_NEVER;
}

void rill_eio_session_close(struct rill_eio_session *x, int64_t now)
{
    if (x->state != OPEN)
        return;
    x->state = CLOSING;
    x->ping_at = x->pong_by = RILL_NEVER;
    x->linger_until = now + x->config.ping_timeout;
}

void rill_eio_session_drop(struct rill_eio_session *x, int64_t now)
{
    finish(x, now, 0, RILL_EIO_CLOSE);
}

bool rill_eio_session_is_open(const struct rill_eio_session *x)
{
    return x->state == OPEN;
}

bool rill_eio_session_is_known(const struct rill_eio_session *x)
{
    return x->state != CLOSED;
}

bool rill_eio_session_is_over(const struct rill_eio_session *x)
{
    return x->state == CLOSED && !x->get_waits && !x->tell_closed && x->websocket == NO_WEBSOCKET;
}

/* --- requests ------------------------------------------------------------------------ */

/* One request of each kind, and none once a WebSocket carries the session. */
static int admit(struct rill_eio_session *x, int64_t now, bool busy, struct rill_err *why)
{
    if (x->state == CLOSED || x->websocket == CARRYING)
        return refuse(RILL_SIGNALING_EIO_TRANSPORT, 0, why);
    /* Engine.IO 4, Sending data and Receiving data: "a client MUST NOT have more than one active"
     * request of a kind. "Should it happen, the server MUST return an HTTP 400 error status and
     * close the session." */
    if (!busy)
        return 0;
    finish(x, now, RILL_SIGNALING_EIO_BUSY, RILL_EIO_CLOSE);
    return refuse(RILL_SIGNALING_EIO_BUSY, 0, why);
}

int rill_eio_session_get(struct rill_eio_session *x, int64_t now, struct rill_err *why)
{
    int rc = admit(x, now, x->get_waits, why);
    if (rc == 0)
        x->get_waits = true;
    return rc;
}

int rill_eio_session_post_begin(struct rill_eio_session *x, int64_t now, struct rill_err *why)
{
    int rc = admit(x, now, x->posting, why);
    if (rc == 0)
        x->posting = true;
    return rc;
}

void rill_eio_session_broken(struct rill_eio_session *x, int64_t now)
{
    x->get_waits = x->posting = false;
    finish(x, now, RILL_SIGNALING_SERVER_GONE, RILL_EIO_CLOSE);
}

int rill_eio_session_post(struct rill_eio_session *x, int64_t now, struct rill_span body,
                          struct rill_err *why)
{
    x->posting = false;
    if (x->state != OPEN || x->websocket == CARRYING)
        return x->state == CLOSING ? 0 : refuse(RILL_SIGNALING_EIO_TRANSPORT, 0, why);
    struct rill_view bytes = rill_view_at(body.p, body.n);
    int rc = rill_utf8_is_valid(bytes) ? rill_eio_payload_check(bytes, why)
                                       : refuse(RILL_SIGNALING_WS_UTF8, 0, why);
    if (rc < 0)
        finish(x, now, rc, RILL_EIO_CLOSE);
    x->body = rc < 0 ? (struct rill_span){0} : body;
    x->body_at = now;
    return rc;
}

size_t rill_eio_session_answer(struct rill_eio_session *x, int64_t now, struct rill_span out)
{
    struct rill_writer w = rill_writer_of(out);
    struct rill_eio_packet p;
    if (!x->get_waits)
        return 0;
    if (x->state == CLOSED) {
        rill_eio_payload_add(&w, &(struct rill_eio_packet){.type = x->last_word});
    } else {
        while (x->websocket != CARRYING && front(x, &p) &&
               rill_eio_payload_size(&p) <= w.cap - w.at) {
            rill_eio_payload_add(&w, &p);
            pop(x);
        }
        /* Engine.IO 4, Upgrade: "send a noop packet to any pending GET request". */
        if (w.at == 0 && (x->websocket == PROBED || x->websocket == CARRYING))
            rill_eio_payload_add(&w, &(struct rill_eio_packet){.type = RILL_EIO_NOOP});
        /* Alone: the client takes a close up at once, what stands before it a turn later. */
        if (w.at == 0 && x->state == CLOSING) {
            rill_eio_payload_add(&w, &(struct rill_eio_packet){.type = RILL_EIO_CLOSE});
            finish(x, now, 0, RILL_EIO_CLOSE);
        }
    }
    x->get_waits = w.at == 0;
    return w.at;
}

/* --- the WebSocket ------------------------------------------------------------------- */

int rill_eio_session_ws_open(struct rill_eio_session *x, int64_t now, struct rill_err *why)
{
    /* Engine.IO 4, WebSocket: "A client MUST NOT open more than one WebSocket connection per
     * session. Should it happen, the server MUST close the WebSocket connection." */
    if (x->state != OPEN || x->websocket != NO_WEBSOCKET)
        return refuse(RILL_SIGNALING_EIO_BUSY, 0, why);
    x->websocket = PROBING;
    x->upgrade_by = now + x->config.upgrade_timeout;
    return 0;
}

void rill_eio_session_ws_closed(struct rill_eio_session *x, int64_t now)
{
    bool carrying = x->websocket == CARRYING;
    x->websocket = NO_WEBSOCKET;
    x->upgrade_by = RILL_NEVER;
    x->probe_came = false;
    if (carrying)
        finish(x, now, x->state == CLOSING ? 0 : RILL_SIGNALING_SERVER_GONE, RILL_EIO_CLOSE);
}

bool rill_eio_session_ws_next(const struct rill_eio_session *x, struct rill_eio_packet *out)
{
    if (x->state != CLOSED && x->probe_came) {
        *out = (struct rill_eio_packet){.type = RILL_EIO_PONG, .data = rill_view_of("probe")};
        return true;
    }
    return x->websocket == CARRYING && front(x, out);
}

void rill_eio_session_ws_sent(struct rill_eio_session *x)
{
    if (x->probe_came)
        x->probe_came = false;
    else
        pop(x);
}

bool rill_eio_session_ws_done(const struct rill_eio_session *x)
{
    if (x->websocket == NO_WEBSOCKET)
        return false;
    return x->websocket == FAILED || x->state == CLOSED ||
           (x->state == CLOSING && (x->websocket != CARRYING || x->from == x->to));
}

/* "2probe", then "5"; anything else, and this WebSocket is not taken. */
static int probe(struct rill_eio_session *x, int64_t now, const struct rill_eio_packet *p,
                 struct rill_err *why)
{
    bool first =
        x->websocket == PROBING && p->type == RILL_EIO_PING && rill_view_is(p->data, "probe");
    bool second = x->websocket == PROBED && p->type == RILL_EIO_UPGRADE;
    if (!first && !second) {
        x->websocket = FAILED;
        return refuse(RILL_SIGNALING_EIO_UNEXPECTED, p->type, why);
    }
    x->websocket = first ? PROBED : CARRYING;
    /* Engine.IO 4, Upgrade: the server MUST "respond with a pong packet with the string probe". */
    x->probe_came |= first;
    if (second) {
        x->upgrade_by = RILL_NEVER;
        RILL_TRACE(x->config.trace, now, upgraded, {.view = rill_eio_session_sid(x)});
    }
    return 0;
}

/* --- packets ------------------------------------------------------------------------- */

/* A packet from the transport that carries the session. */
static int take(struct rill_eio_session *x, int64_t now, const struct rill_eio_packet *p,
                struct rill_err *why)
{
    switch (p->type) {
    case RILL_EIO_MESSAGE:
        x->has_message = true;
        x->message_binary = p->binary;
        x->message = p->data;
        return 0;
    case RILL_EIO_PONG:
        /* Engine.IO 4, Heartbeat. */
        x->pong_by = RILL_NEVER;
        x->ping_at = now + x->config.ping_interval;
        return 0;
    case RILL_EIO_CLOSE:
        finish(x, now, 0, RILL_EIO_NOOP);
        return 0;
    case RILL_EIO_NOOP:
        return 0;
    default:
        /* Since version 4 the server pings; it opens, and an upgrade is made once. */
        finish(x, now, RILL_SIGNALING_EIO_UNEXPECTED, RILL_EIO_CLOSE);
        return refuse(RILL_SIGNALING_EIO_UNEXPECTED, p->type, why);
    }
}

int rill_eio_session_ws_input(struct rill_eio_session *x, int64_t now, bool binary,
                              struct rill_view message, struct rill_err *why)
{
    struct rill_eio_packet p = {RILL_EIO_MESSAGE, true, message};
    int rc = binary ? 0 : rill_eio_read(message, &p, why);
    if (x->state != OPEN || x->websocket == FAILED)
        return 0;
    if (x->websocket != CARRYING) {
        if (rc < 0)
            x->websocket = FAILED;
        return rc < 0 ? rc : probe(x, now, &p, why);
    }
    if (rc < 0)
        finish(x, now, rc, RILL_EIO_CLOSE);
    return rc < 0 ? rc : take(x, now, &p, why);
}

int rill_eio_session_send(struct rill_eio_session *x, bool binary, struct rill_view data)
{
    if (x->state != OPEN)
        return RILL_SIGNALING_EIO_TRANSPORT;
    const struct rill_eio_packet p = {RILL_EIO_MESSAGE, binary, data};
    return push(x, &p, x->config.queue) ? 0 : RILL_SIGNALING_EIO_FULL;
}

bool rill_eio_session_event(struct rill_eio_session *x, struct rill_eio_session_event *out)
{
    struct rill_eio_packet p;
    /* What a POST still holds; all of it was judged when it came. A close inside ends it. */
    while (!x->has_message && x->state == OPEN && x->body.p &&
           rill_eio_payload_next(&x->body, &p, NULL) == 0)
        take(x, x->body_at, &p, NULL);
    if (x->has_message) {
        x->has_message = false;
        *out = (struct rill_eio_session_event){
            .type = RILL_EIO_SESSION_MESSAGE, .binary = x->message_binary, .data = x->message};
        return true;
    }
    if (!x->tell_closed)
        return false;
    x->tell_closed = false;
    *out = (struct rill_eio_session_event){.type = RILL_EIO_SESSION_CLOSED, .error = x->error};
    return true;
}

/* --- time ---------------------------------------------------------------------------- */

/* Engine.IO 4, Heartbeat: "At a given interval … the server sends a ping packet and the client
 * has a few seconds … to send a pong packet back." */
static void ping(struct rill_eio_session *x, int64_t now)
{
    push(x, &(struct rill_eio_packet){.type = RILL_EIO_PING}, x->queue.n_far);
    x->ping_at = RILL_NEVER;
    x->pong_by = now + x->config.ping_timeout;
}

void rill_eio_session_tick(struct rill_eio_session *x, int64_t now)
{
    if (now >= x->pong_by)
        finish(x, now, RILL_SIGNALING_EIO_SILENT, RILL_EIO_CLOSE);
    if (now >= x->linger_until)
        finish(x, now, 0, RILL_EIO_CLOSE);
    if (now >= x->ping_at)
        ping(x, now);
    if (now >= x->upgrade_by) {
        x->websocket = FAILED;
        x->upgrade_by = RILL_NEVER;
    }
}

int64_t rill_eio_session_deadline(const struct rill_eio_session *x)
{
    return rill_earlier(rill_earlier(x->ping_at, x->pong_by),
                        rill_earlier(x->upgrade_by, x->linger_until));
}
