/* server_ws: WebSockets: the vocabulary at /ws, and the echo.
 *
 * The idea: a message comes whole, is said, and what follows is written. Whoever does not read
 * what others send him is dropped, so that nobody waits for him. */
#include "signaling/server_private.h"

#define CODE_UNSUPPORTED 1003 /* RFC 6455 §7.4.1 */
#define CODE_POLICY 1008

static const struct rill_trace_point slow = {
    "signaling",
    "too_slow",
    "a client does not read what it is sent and is dropped",
    1,
    {{"conn", RILL_TRACE_U64}}};

static struct rill_ws_config ws_config(const struct rill_sig_server_config *c,
                                       enum rill_server_use use)
{
    struct rill_ws_config w = {
        .server = true,
        .message = c->message,
        .ping = RILL_LIMIT_PING_MS * RILL_MS,
        .rng = c->rng,
        .apart = true,
    };
    if (use != SERVER_USE_VOCABULARY) {
        w.message = c->max_payload;
        w.out = c->max_payload + RILL_LIMIT_UNREAD_SLACK;
    }
    /* Engine.IO has a heartbeat of its own. */
    if (use == SERVER_USE_SESSION)
        w.ping = 0;
    return w;
}

size_t rill_server_ws_size(const struct rill_sig_server_config *c)
{
    struct rill_ws_config own = ws_config(c, SERVER_USE_VOCABULARY);
    struct rill_ws_config other = ws_config(c, SERVER_USE_SESSION);
    size_t a = rill_ws_size(&own), b = rill_ws_size(&other);
    return a > b ? a : b;
}

/* Enough for the body of a POST and of its answer too: base64 makes 4 bytes of 3. */
size_t rill_server_ws_far_size(const struct rill_sig_server_config *c)
{
    struct rill_ws_config own = ws_config(c, SERVER_USE_VOCABULARY);
    struct rill_ws_config other = ws_config(c, SERVER_USE_SESSION);
    size_t a = rill_ws_far_size(&own), b = rill_ws_far_size(&other);
    return a > b ? a : b;
}

void rill_server_ws_begin(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                          enum rill_server_use use)
{
    struct rill_ws_config config = ws_config(&x->config, use);
    config.far = c->block.p;
    c->ws = rill_ws_init(c->ws_block, &config, now);
    c->use = use;
    c->state = SERVER_SOCKET;
    c->deadline = use == SERVER_USE_VOCABULARY ? now + x->config.auth_timeout : RILL_NEVER;
    rill_server_more(x, c);
}

/* --- out ----------------------------------------------------------------------------- */

static void sent(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c, int rc)
{
    rill_server_more(x, c);
    if (rc != RILL_SIGNALING_WS_FULL)
        return;
    x->counts.hits[SERVER_HIT_UNREAD]++;
    rill_server_count_row(x, rc);
    RILL_TRACE(x->config.trace, now, slow, {.u = c->id});
    rill_server_end(x, now, c, true);
}

void rill_server_ws_dismiss(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                            uint16_t code, const char *reason)
{
    rill_server_leave(x, now, &c->member);
    rill_ws_close(c->ws, now, code, reason);
    c->deadline = RILL_NEVER;
    rill_server_more(x, c);
}

void rill_server_ws_send(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                         const struct rill_sig_message *m)
{
    if (!c->used || c->state != SERVER_SOCKET)
        return;
    struct rill_view text = rill_server_text(x, m);
    bool fits = text.p && text.n <= x->config.message;
    x->counts.out[m->type]++;
    sent(x, now, c, fits ? rill_ws_send_text(c->ws, text) : RILL_SIGNALING_WS_FULL);
    /* From the rooms: a newer connection has the name. */
    if (m->type == RILL_SIG_ERROR && !m->stays && c->state == SERVER_SOCKET) {
        uint8_t name[64];
        struct rill_writer n = rill_writer_of((struct rill_span){name, sizeof name});
        rill_w_bytes(&n, m->error_name);
        rill_w_end_text(&n);
        rill_server_ws_dismiss(x, now, c, CODE_POLICY, (const char *)name);
    }
}

/* --- in ------------------------------------------------------------------------------ */

static void take_text(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                      struct rill_view text)
{
    struct rill_err why = {0};
    uint8_t sentence[RILL_SIG_SENTENCE_MAX];
    bool was_joined = c->member.joined;
    int rc = rill_server_say(x, now, &c->member, text, NULL, &why);
    /* Before auth nothing is forgiven; after it a fault costs the message only. */
    if (rc < 0) {
        struct rill_sig_message m =
            rill_server_error(&why, was_joined, (struct rill_span){sentence, sizeof sentence});
        rill_server_ws_send(x, now, c, &m);
    }
    rill_server_deliver(x, now);
}

static void take_message(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                         const struct rill_ws_event *e)
{
    bool text = e->type == RILL_WS_TEXT;
    if (c->use == SERVER_USE_SESSION)
        rill_server_eio_ws_input(x, now, c, e);
    else if (c->use == SERVER_USE_ECHO)
        sent(x, now, c,
             text ? rill_ws_send_text(c->ws, e->bytes) : rill_ws_send_binary(c->ws, e->bytes));
    else if (text)
        take_text(x, now, c, e->bytes);
    else
        rill_server_ws_dismiss(x, now, c, CODE_UNSUPPORTED, "messages are texts");
}

/* RFC 6455 §7.4.1: 1001 is a page that is left. At /ws any closing handshake is a goodbye; a client
 * of Socket.IO has another word for it, and may come back. Who breaks a rule has no place to keep.
 */
static bool is_goodbye(const struct rill_server_conn *c, const struct rill_ws_event *e)
{
    if (e->error)
        return e->error != RILL_SIGNALING_WS_SILENT;
    return e->code == 1001 || (c->use == SERVER_USE_VOCABULARY && e->code != 1006);
}

static void over(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                 const struct rill_ws_event *e)
{
    int error = e->error;
    if (is_goodbye(c, e))
        rill_server_leave(x, now, c->session ? &c->session->member : &c->member);
    x->counts.hits[SERVER_HIT_MESSAGE] += error == RILL_SIGNALING_WS_TOO_LARGE;
    x->counts.hits[SERVER_HIT_TIME] += error == RILL_SIGNALING_WS_SILENT;
    rill_server_count_row(x, error);
    rill_server_end(x, now, c, error == RILL_SIGNALING_WS_SILENT);
}

void rill_server_ws_events(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    struct rill_ws_event e;
    while (c->state == SERVER_SOCKET && rill_ws_event(c->ws, &e)) {
        rill_server_more(x, c);
        if (e.type == RILL_WS_CLOSED)
            over(x, now, c, &e);
        else if (e.type != RILL_WS_PONG)
            take_message(x, now, c, &e);
    }
}

void rill_server_ws_input(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                          struct rill_view bytes)
{
    size_t at = 0;
    while (c->state == SERVER_SOCKET && at < bytes.n) {
        long n = rill_ws_input(c->ws, now, rill_view_sub(bytes, at, bytes.n - at), NULL);
        at = n < 0 ? bytes.n : at + (size_t)n;
        rill_server_ws_events(x, now, c);
    }
    rill_server_more(x, c);
}
