/* server_ws: from a WebSocket's text to the rooms, and from the rooms' notes to WebSockets.
 *
 * The idea: what a client says is read, told to the rooms, and all that follows from it is
 * written before the next message is looked at. Whoever does not read what others send him is
 * dropped, so that nobody waits for him. */
#include "signaling/server_private.h"

#include <string.h>

/* A message pays with time: so much of it may be owed at once (server.h). */
#define MESSAGE_COST (20 * RILL_MS)
#define OFFER_COST (25 * MESSAGE_COST)
#define CREDIT (200 * MESSAGE_COST)

#define CODE_UNSUPPORTED 1003 /* RFC 6455 §7.4.1 */
#define CODE_POLICY 1008

static const struct rill_trace_point heard = {
    "signaling",
    "said",
    "a client said something",
    3,
    {{"conn", RILL_TRACE_U64}, {"event", RILL_TRACE_TEXT}, {"user", RILL_TRACE_TEXT}}};
static const struct rill_trace_point refused = {
    "signaling",
    "message refused",
    "a message was answered with an error",
    3,
    {{"conn", RILL_TRACE_U64}, {"row", RILL_TRACE_TEXT}, {"stays", RILL_TRACE_U64}}};
static const struct rill_trace_point slow = {
    "signaling",
    "too slow",
    "a client does not read what it is sent and is dropped",
    1,
    {{"conn", RILL_TRACE_U64}}};

struct rill_ws_config rill_server_ws_config(const struct rill_sig_server_config *c)
{
    return (struct rill_ws_config){
        .server = true,
        .message = c->message,
        .ping = 25 * RILL_SECOND,
        .pong_timeout = 20 * RILL_SECOND,
        .rng = c->rng,
    };
}

/* --- out ----------------------------------------------------------------------------- */

static void send_message(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                         const struct rill_sig_message *m)
{
    struct rill_writer w = rill_writer_of((struct rill_span){x->scratch, x->scratch_n});
    rill_sig_write(&w, m);
    int rc = w.bad ? RILL_SIGNALING_WS_FULL : rill_ws_send_text(c->ws, rill_w_view(&w));
    c->told = false;
    if (rc == RILL_SIGNALING_WS_FULL) {
        RILL_TRACE(x->config.trace, now, slow, {.u = c->id});
        rill_server_end(x, now, c, true);
    }
}

/* Out of its room, and the closing handshake. */
static void dismiss(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                    uint16_t code, const char *reason)
{
    rill_server_leave(x, c);
    rill_ws_close(c->ws, now, code, reason);
    c->deadline = RILL_NEVER;
}

/* ["error", name, sentence, {"stays": …}]; without staying, the closing handshake. */
static void send_error(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                       const struct rill_err *why, bool stays)
{
    uint8_t sentence[RILL_SIG_SENTENCE_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){sentence, sizeof sentence});
    rill_err_write(&w, why);
    struct rill_sig_message m = {
        .type = RILL_SIG_ERROR,
        .error_name = rill_view_of(why->row->name),
        .error_sentence = rill_w_view(&w),
        .stays = stays,
    };
    RILL_TRACE(x->config.trace, now, refused, {.u = c->id}, {.view = m.error_name}, {.u = stays});
    send_message(x, now, c, &m);
    if (stays || c->state != SERVER_SOCKET)
        return;
    dismiss(x, now, c, CODE_POLICY, why->row->name);
}

/* All that the rooms want sent. */
static void deliver(struct rill_sig_server *x, int64_t now)
{
    struct rill_sig_message m;
    uint32_t to;
    while (rill_rooms_next(x->rooms, &to, &m)) {
        struct rill_server_conn *c = rill_server_find(x, to);
        if (!c || c->state != SERVER_SOCKET)
            continue;
        send_message(x, now, c, &m);
        if (m.type != RILL_SIG_ERROR || c->state != SERVER_SOCKET)
            continue;
        /* The rooms' only error: a newer connection has the name. */
        dismiss(x, now, c, CODE_POLICY, "SIGNALING_REPLACED");
    }
}

/* --- in ------------------------------------------------------------------------------ */

/* Whether the rate allows it; time not used is credit up to CREDIT. */
static bool pay(struct rill_server_conn *c, int64_t now, int64_t cost)
{
    int64_t from = c->paid_until > now ? c->paid_until : now;
    if (from + cost - now > CREDIT)
        return false;
    c->paid_until = from + cost;
    return true;
}

static void remember(struct rill_server_conn *c, const struct rill_sig_message *auth)
{
    c->joined = true;
    c->n_user = auth->user.n;
    memcpy(c->user, auth->user.p, auth->user.n);
    c->n_room = auth->room.n;
    if (auth->room.n)
        memcpy(c->room, auth->room.p, auth->room.n);
}

static int join(struct rill_sig_server *x, struct rill_server_conn *c,
                const struct rill_sig_message *m, struct rill_err *why)
{
    if (m->type != RILL_SIG_AUTH)
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_NO_AUTH, 0, 0, why);
    int rc = rill_rooms_join(x->rooms, c->id, m, why);
    if (rc < 0)
        return rc;
    remember(c, m);
    rill_server_note(x, c, "join", (struct rill_view){0});
    return 0;
}

static int say(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
               const struct rill_sig_message *m, struct rill_err *why)
{
    if (!c->joined)
        return join(x, c, m, why);
    if (m->type == RILL_SIG_NEW_OFFER && !pay(c, now, OFFER_COST - MESSAGE_COST))
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_RATE, 0, 0, why);
    int rc = rill_rooms_say(x->rooms, c->id, m, why);
    if (rc < 0)
        return rc;
    if (m->type == RILL_SIG_NEW_OFFER)
        rill_server_note(x, c, "newOffer", (struct rill_view){0});
    if (m->type == RILL_SIG_NEW_ANSWER)
        rill_server_note(x, c, "newAnswer", m->offers[0].offerer);
    return 0;
}

static void take_text(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                      struct rill_view text)
{
    struct rill_arena arena = rill_arena_over(x->arena_block, x->arena_n);
    struct rill_sig_message m = {0};
    struct rill_err why = {0};
    bool was_joined = c->joined;
    int rc = pay(c, now, MESSAGE_COST)
                 ? rill_sig_parse(text, &arena, &m, &why)
                 : rill_err_set(&rill_signaling_errors, RILL_SIGNALING_RATE, 0, 0, &why);
    if (rc == 0) {
        RILL_TRACE(x->config.trace, now, heard, {.u = c->id}, {.view = m.event},
                   {.view = rill_view_at(c->user, c->n_user)});
        rc = say(x, now, c, &m, &why);
    }
    /* Before auth nothing is forgiven; after it a fault costs the message only. */
    if (rc < 0)
        send_error(x, now, c, &why, was_joined);
    deliver(x, now);
}

void rill_server_ws_events(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    struct rill_ws_event e;
    while (c->state == SERVER_SOCKET && rill_ws_event(c->ws, &e)) {
        switch (e.type) {
        case RILL_WS_TEXT:
            take_text(x, now, c, e.bytes);
            break;
        case RILL_WS_BINARY:
            dismiss(x, now, c, CODE_UNSUPPORTED, "messages are texts");
            break;
        case RILL_WS_PONG:
            break;
        case RILL_WS_CLOSED:
            rill_server_end(x, now, c, e.error == RILL_SIGNALING_WS_SILENT);
            break;
        }
        c->told = false;
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
    c->told = false;
}
