/* server_eio: requests and WebSockets of Engine.IO sessions.
 *
 * The idea: a session is found by its id, told what came, and keeps what it has to say. Whatever
 * touches it, rill_server_eio_settle() then looks which connection can take it: a GET that waits,
 * or a WebSocket. So no path through the server can forget somebody who waits. */
#include "signaling/server_private.h"

#include <string.h>

static const struct rill_trace_point opened = {
    "signaling",
    "engine_io_opened",
    "a session began",
    2,
    {{"conn", RILL_TRACE_U64}, {"websocket", RILL_TRACE_U64}}};
static const struct rill_trace_point refused = {
    "signaling",
    "engine_io_refused",
    "a request is answered with 400 and this code",
    2,
    {{"conn", RILL_TRACE_U64}, {"code", RILL_TRACE_U64}}};
static const struct rill_trace_point slow = {
    "signaling",
    "engine_io_too_slow",
    "a session is dropped whose other side does not take what it is sent",
    1,
    {{"member", RILL_TRACE_U64}}};

struct rill_eio_session_config rill_server_eio_config(const struct rill_sig_server_config *c)
{
    return (struct rill_eio_session_config){
        .max_payload = c->max_payload,
        .ping_interval = c->ping_interval,
        .ping_timeout = c->ping_timeout,
        .rng = c->rng,
        .trace = c->trace,
        .apart = true,
    };
}

/* --- sessions ------------------------------------------------------------------------ */

static uint64_t key_of(const uint8_t *sid)
{
    return rill_chain_key(0, rill_view_at(sid, RILL_EIO_SID_SIZE));
}

static struct rill_server_session *find(struct rill_sig_server *x, const uint8_t *sid,
                                        bool socketio)
{
    uint32_t i = rill_chain_first(&x->by_sid, key_of(sid));
    for (; i != RILL_CHAIN_END; i = rill_chain_next(&x->by_sid, i)) {
        struct rill_server_session *s = &x->sessions[i];
        if (rill_eio_session_is_known(s->eio) && (s->sio != NULL) == socketio &&
            rill_equal_constant_time(rill_eio_session_sid(s->eio).p, sid, RILL_EIO_SID_SIZE))
            return s;
    }
    return NULL;
}

static struct rill_server_session *begin(struct rill_sig_server *x, int64_t now,
                                         struct rill_server_conn *c, bool socketio, bool websocket)
{
    struct rill_eio_session_config eio = rill_server_eio_config(&x->config);
    struct rill_sio_session_config sio = rill_server_sio_config(&x->config);
    struct rill_server_session *s = rill_server_take_session(x, &c->remote);
    if (!s)
        return NULL;
    eio.websocket = websocket;
    eio.far = s->eio_far;
    s->eio = rill_eio_session_init(s->eio_block, &eio, now);
    sio.eio = s->eio;
    sio.far = s->sio_far;
    s->sio = socketio ? rill_sio_session_init(s->sio_block, &sio, now) : NULL;
    s->sid_key = key_of(rill_eio_session_sid(s->eio).p);
    memcpy(s->member.asked_room, c->member.asked_room, sizeof s->member.asked_room);
    s->member.n_asked_room = c->member.n_asked_room;
    rill_chain_add(&x->by_sid, s->sid_key, (uint32_t)(s - x->sessions));
    rill_server_log_session(now, s, c);
    RILL_TRACE(x->config.trace, now, opened, {.u = c->id}, {.u = websocket});
    return s;
}

static void end(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    rill_chain_remove(&x->by_sid, s->sid_key, (uint32_t)(s - x->sessions));
    s->record.until = now;
    rill_server_log_record(x, &s->record);
    rill_server_give_session(x, s);
}

static void let_go(struct rill_server_conn **of)
{
    if (*of)
        (*of)->session = NULL;
    *of = NULL;
}

void rill_server_eio_detach(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    struct rill_server_session *s = c->session;
    if (!s)
        return;
    rill_server_touch(x, &s->member);
    if (s->ws == c) {
        rill_eio_session_ws_closed(s->eio, now);
        let_go(&s->ws);
        return;
    }
    rill_eio_session_broken(s->eio, now);
    let_go(s->get == c ? &s->get : &s->post);
}

void rill_server_eio_sent(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                          int rc)
{
    rill_server_touch(x, &s->member);
    if (rc != RILL_SIGNALING_EIO_FULL)
        return;
    x->counts.hits[SERVER_HIT_UNREAD]++;
    rill_server_count_row(x, rc);
    RILL_TRACE(x->config.trace, now, slow, {.u = s->member.id});
    rill_eio_session_drop(s->eio, now);
}

/* --- what sessions say --------------------------------------------------------------- */

static void closed(struct rill_sig_server *x, int64_t now, struct rill_server_session *s, int error)
{
    x->counts.hits[SERVER_HIT_TIME] += error == RILL_SIGNALING_EIO_SILENT;
    rill_server_count_row(x, error);
    rill_server_away(x, now, &s->member);
}

static void events(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    struct rill_eio_session_event e;
    while (rill_eio_session_event(s->eio, &e)) {
        if (e.type == RILL_EIO_SESSION_CLOSED)
            closed(x, now, s, e.error);
        else if (s->sio)
            rill_server_sio_message(x, now, s, e.binary, e.data);
        else
            rill_server_eio_sent(x, now, s, rill_eio_session_send(s->eio, e.binary, e.data));
    }
}

static const char headers[] = "Cache-Control: no-store\r\n";

static void answer(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    struct rill_server_conn *c = s->get;
    size_t n = rill_eio_session_answer(s->eio, now, c->block);
    if (n == 0)
        return;
    let_go(&s->get);
    s->record.bytes += n;
    rill_server_reply(x, now, c, 200, "text/plain; charset=UTF-8", headers, n);
    c->body = rill_view_at(c->block.p, n);
}

/* The WebSocket takes as much as it has room for; the rest waits in the session. */
static void pass_on(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    struct rill_server_conn *c = s->ws;
    struct rill_eio_packet p;
    while (rill_eio_session_ws_next(s->eio, &p)) {
        struct rill_writer w = rill_writer_of((struct rill_span){x->scratch, x->scratch_n});
        rill_eio_write(&w, &p);
        int rc = p.binary ? rill_ws_send_binary(c->ws, rill_w_view(&w))
                          : rill_ws_send_text(c->ws, rill_w_view(&w));
        if (rc == RILL_SIGNALING_WS_FULL)
            return;
        rill_eio_session_ws_sent(s->eio);
        s->record.bytes += w.at;
        rill_server_more(x, c);
    }
    if (!rill_eio_session_ws_done(s->eio))
        return;
    rill_eio_session_ws_closed(s->eio, now);
    let_go(&s->ws);
    rill_server_ws_dismiss(x, now, c, 1000, NULL);
}

static void release(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    if (s->post)
        s->post->refusal = 1 + RILL_EIO_UNKNOWN_SID;
    let_go(&s->post);
    end(x, now, s);
}

void rill_server_eio_settle(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    events(x, now, s);
    if (s->get)
        answer(x, now, s);
    if (s->ws)
        pass_on(x, now, s);
    events(x, now, s);
    if (rill_eio_session_is_over(s->eio))
        release(x, now, s);
}

/* --- requests ------------------------------------------------------------------------ */

static void reply_refusal(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                          enum rill_eio_refusal why)
{
    uint8_t text[128];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    RILL_TRACE(x->config.trace, now, refused, {.u = c->id}, {.u = why});
    rill_eio_write_refusal(&w, why);
    unsigned status = why == RILL_EIO_FORBIDDEN ? 403 : 400;
    rill_server_reply(x, now, c, status, "application/json", headers, w.at);
    rill_server_reply_text(c, rill_w_view(&w));
}

static void reply_full(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    static const char full[] = "there are too many sessions\n";
    rill_server_reply(x, now, c, 503, "text/plain; charset=UTF-8", headers, sizeof full - 1);
    rill_server_reply_text(c, rill_view_of(full));
}

static void wait_for_answer(struct rill_sig_server *x, struct rill_server_conn *c,
                            struct rill_server_session *s)
{
    c->session = s;
    s->get = c;
    c->state = SERVER_WAITS;
    c->deadline = RILL_NEVER;
    rill_server_touch(x, &c->member);
    rill_server_touch(x, &s->member);
}

/* A second request of its kind closes the session, which is told to the first. */
static void reply_busy(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                       struct rill_server_session *s)
{
    rill_server_touch(x, &s->member);
    reply_refusal(x, now, c, RILL_EIO_BAD_REQUEST);
}

/* Engine.IO 4, Handshake and Receiving data. */
static void take_get(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                     struct rill_server_session *s, bool socketio)
{
    if (!s)
        s = begin(x, now, c, socketio, false);
    if (!s)
        reply_full(x, now, c);
    else if (rill_eio_session_get(s->eio, now, NULL) < 0)
        reply_busy(x, now, c, s);
    else
        wait_for_answer(x, c, s);
}

/* Engine.IO 4, WebSocket. */
static void take_websocket(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                           const struct rill_http_head *h, struct rill_server_session *s,
                           bool socketio)
{
    bool fresh = !s;
    if (fresh)
        s = begin(x, now, c, socketio, true);
    if (!s) {
        reply_full(x, now, c);
        return;
    }
    if (!rill_server_upgrade(x, now, c, h, SERVER_USE_SESSION)) {
        if (fresh)
            end(x, now, s);
        return;
    }
    if (!fresh && rill_eio_session_ws_open(s->eio, now, NULL) < 0) {
        rill_server_ws_dismiss(x, now, c, 1008, "this session has its WebSocket");
        return;
    }
    c->session = s;
    s->ws = c;
    rill_server_touch(x, &s->member);
}

/* What is wrong with the request, as the reference server judges in its order; -1: nothing. */
static int judge(const struct rill_http_head *h, enum rill_server_origin origin,
                 const struct rill_eio_query *q, const struct rill_server_session *s)
{
    bool get = rill_view_is(h->method, "GET"), post = rill_view_is(h->method, "POST");
    bool polls = q->transport == RILL_EIO_POLLING;
    if (q->transport == RILL_EIO_NO_TRANSPORT)
        return RILL_EIO_UNKNOWN_TRANSPORT;
    if (origin == SERVER_ORIGIN_FOREIGN)
        return RILL_EIO_FORBIDDEN;
    if (q->has_sid && !s)
        return RILL_EIO_UNKNOWN_SID;
    if (!(get || (post && polls && q->has_sid)))
        return RILL_EIO_BAD_METHOD;
    if (!polls && !rill_http_has_token(h, "Upgrade", "websocket"))
        return RILL_EIO_BAD_REQUEST;
    return q->version_4 ? -1 : RILL_EIO_BAD_VERSION;
}

/* Its body is read, if it is not too long, whatever the answer will be. */
static void take_post(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                      const struct rill_http_head *h, struct rill_server_session *s, int wrong)
{
    c->refusal = 1 + wrong;
    if (s)
        rill_server_touch(x, &s->member);
    if (wrong < 0 && rill_eio_session_post_begin(s->eio, now, NULL) < 0)
        c->refusal = 1 + RILL_EIO_BAD_REQUEST;
    if (c->refusal == SERVER_NOT_REFUSED) {
        c->session = s;
        s->post = c;
    }
    c->keep_alive = h->keep_alive;
    c->block_want = (size_t)h->content_length;
    c->n_block = 0;
    c->state = SERVER_BODY;
    c->deadline = now + SERVER_SEND_TIMEOUT;
    rill_server_more(x, c);
    /* RFC 9110 §10.1.1: "send either a 100 (Continue) response or a final one". */
    if (rill_http_has_token(h, "Expect", "100-continue")) {
        c->n_reply = c->reply_at = 0;
        rill_server_reply_text(c, rill_view_of("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    if (c->block_want == 0)
        rill_server_eio_body(x, now, c);
}

static void refuse_body(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                        bool has_length)
{
    x->counts.hits[SERVER_HIT_BODY] += has_length;
    rill_server_refuse(x, now, c, has_length ? 413 : 411,
                       has_length ? "more than maxPayload" : "how long is it?");
}

void rill_server_eio_request(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                             const struct rill_http_head *h, struct rill_view query, bool socketio)
{
    struct rill_eio_query q;
    rill_eio_read_query(query, &q);
    rill_server_ask_room(&c->member, query);
    c->origin = rill_server_origin(x, h);
    if (rill_server_preflight(x, now, c, h))
        return;
    struct rill_server_session *s = q.has_sid ? find(x, q.sid, socketio) : NULL;
    int wrong = judge(h, c->origin, &q, s);
    if (h->has_length && h->content_length <= x->config.max_payload &&
        rill_view_is(h->method, "POST"))
        take_post(x, now, c, h, s, wrong);
    else if (wrong >= 0)
        reply_refusal(x, now, c, (enum rill_eio_refusal)wrong);
    else if (rill_view_is(h->method, "POST"))
        refuse_body(x, now, c, h->has_length);
    else if (q.transport == RILL_EIO_WEBSOCKET)
        take_websocket(x, now, c, h, s, socketio);
    else
        take_get(x, now, c, s, socketio);
}

void rill_server_eio_body(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    struct rill_server_session *s = c->session;
    struct rill_err why = {0};
    if (c->refusal) {
        reply_refusal(x, now, c, (enum rill_eio_refusal)(c->refusal - 1));
        return;
    }
    let_go(&s->post);
    int rc = rill_eio_session_post(s->eio, now, (struct rill_span){c->block.p, c->n_block}, &why);
    rill_server_touch(x, &s->member);
    events(x, now, s);
    if (rc < 0) {
        reply_refusal(x, now, c, RILL_EIO_BAD_REQUEST);
        return;
    }
    /* Engine.IO 4, Sending data: "the server MUST return an HTTP 200 response, with the string ok
     * in the response body". */
    rill_server_reply(x, now, c, 200, "text/html", headers, 2);
    rill_server_reply_text(c, rill_view_of("ok"));
}

void rill_server_eio_ws_input(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                              const struct rill_ws_event *e)
{
    struct rill_server_session *s = c->session;
    if (!s)
        return;
    rill_eio_session_ws_input(s->eio, now, e->type == RILL_WS_BINARY, e->bytes, NULL);
    events(x, now, s);
    rill_server_touch(x, &s->member);
}

/* --- time ---------------------------------------------------------------------------- */

void rill_server_eio_tick(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    rill_server_touch(x, &s->member);
    rill_eio_session_tick(s->eio, now);
    if (now >= s->echo_at)
        rill_server_echo_flush(x, now, s);
    if (s->sio && rill_eio_session_is_open(s->eio) && !rill_sio_session_tick(s->sio, now)) {
        x->counts.hits[SERVER_HIT_TIME]++;
        rill_eio_session_close(s->eio, now);
    }
}

int64_t rill_server_eio_deadline(const struct rill_server_session *s)
{
    int64_t d = rill_earlier(rill_eio_session_deadline(s->eio), s->echo_at);
    if (s->sio && rill_eio_session_is_open(s->eio))
        d = rill_earlier(d, rill_sio_session_deadline(s->sio));
    return d;
}
