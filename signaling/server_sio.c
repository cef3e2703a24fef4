/* server_sio: Socket.IO in a session: the vocabulary in namespace "/".
 *
 * The idea: an event's payload is the same JSON array that a WebSocket at /ws would carry, so it
 * is said as it is; only auth travels in the CONNECT packet and acknowledgements have a packet
 * of their own. */
#include "signaling/server_private.h"

static const struct rill_trace_point broke = {
    "signaling",
    "socket_io_broken",
    "a session is closed that does not speak Socket.IO",
    2,
    {{"member", RILL_TRACE_U64}, {"row", RILL_TRACE_TEXT}}};

struct rill_sio_session_config rill_server_sio_config(const struct rill_sig_server_config *c)
{
    static const char *const namespaces[] = {"/", "/custom"};
    return (struct rill_sio_session_config){
        .namespaces = namespaces,
        .n_namespaces = c->echo ? 2 : 1,
        .hold = c->max_payload,
        .connect_timeout = c->auth_timeout,
        .rng = c->rng,
        .apart = true,
    };
}

/* --- out ----------------------------------------------------------------------------- */

static struct rill_writer scratch(struct rill_sig_server *x)
{
    return rill_writer_of((struct rill_span){x->scratch, x->scratch_n});
}

/* The connection to the namespace ends, and what carries it. */
static void dismiss(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    rill_server_leave(x, now, &s->member);
    rill_sio_session_disconnect(s->sio, now, SERVER_MAIN_NAMESPACE);
    rill_eio_session_close(s->eio, now);
    rill_server_touch(x, &s->member);
}

void rill_server_sio_send(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                          const struct rill_sig_message *m)
{
    bool ack = m->type == RILL_SIG_ACK;
    if (!s->used || !rill_sio_session_is_connected(s->sio, SERVER_MAIN_NAMESPACE))
        return;
    struct rill_writer w = scratch(x);
    rill_sio_session_begin(s->sio, &w, SERVER_MAIN_NAMESPACE, ack ? &m->ack : NULL, 0);
    if (ack) {
        rill_sig_write_ack(&w, m);
    } else {
        struct rill_view text = rill_server_text(x, m);
        rill_w_bytes(&w, text);
        w.bad |= !text.p;
    }
    x->counts.out[m->type]++;
    rill_server_eio_sent(x, now, s, rill_sio_session_send(s->sio, &w, NULL, 0));
    /* From the rooms: a newer connection has the name. */
    if (m->type == RILL_SIG_ERROR && !m->stays)
        dismiss(x, now, s);
}

/* An event and its acknowledgement: neither is left without an answer. */
static void send_error(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                       const struct rill_sio_session_event *e, const struct rill_err *why)
{
    uint8_t sentence[RILL_SIG_SENTENCE_MAX];
    struct rill_sig_message m =
        rill_server_error(why, true, (struct rill_span){sentence, sizeof sentence});
    rill_server_sio_send(x, now, s, &m);
    /* Socket.IO 5, Acknowledgement: "The receiver MUST respond with an ACK packet with the same
     * event ID." */
    m = (struct rill_sig_message){.type = RILL_SIG_ACK, .ack = e->id};
    if (e->has_id)
        rill_server_sio_send(x, now, s, &m);
}

/* --- in ------------------------------------------------------------------------------ */

/* The auth object becomes the message that /ws would begin with. */
static int join(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                const struct rill_sio_session_event *e, struct rill_err *why)
{
    struct rill_writer w = scratch(x);
    rill_w_str(&w, "[\"auth\",");
    rill_w_bytes(&w, e->json.n ? e->json : rill_view_of("{}"));
    rill_w_char(&w, ']');
    return rill_server_say(x, now, &s->member, rill_w_view(&w), NULL, why);
}

static void refuse(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                   const struct rill_sio_session_event *e, const struct rill_err *why)
{
    uint8_t sentence[RILL_SIG_SENTENCE_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){sentence, sizeof sentence});
    rill_err_write(&w, why);
    rill_w_end_text(&w);
    rill_server_eio_sent(x, now, s,
                         rill_sio_session_refuse(s->sio, now, e->nsp, (const char *)sentence));
}

static void take_connect(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                         const struct rill_sio_session_event *e)
{
    struct rill_err why = {0};
    int rc = e->nsp == SERVER_MAIN_NAMESPACE ? join(x, now, s, e, &why) : 0;
    bool wrong_password = rc == RILL_SIGNALING_PASSWORD;
    /* Who comes for the echo need not say a name. */
    if (rc < 0 && !wrong_password && !x->config.echo) {
        refuse(x, now, s, e, &why);
        return;
    }
    rill_server_eio_sent(x, now, s, rill_sio_session_accept(s->sio, e->nsp));
    /* As the course's server has it, and its page expects: connected, then disconnected. */
    if (wrong_password) {
        dismiss(x, now, s);
        return;
    }
    if (x->config.echo)
        rill_server_echo_connected(x, now, s, e);
    rill_server_deliver(x, now);
}

static void take_event(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                       const struct rill_sio_session_event *e)
{
    struct rill_err why = {0};
    if (x->config.echo && rill_server_echo_event(x, now, s, e))
        return;
    const uint64_t *ack = e->has_id ? &e->id : NULL;
    if (rill_server_say(x, now, &s->member, e->json, ack, &why) < 0)
        send_error(x, now, s, e, &why);
    rill_server_deliver(x, now);
}

void rill_server_sio_message(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                             bool binary, struct rill_view message)
{
    struct rill_sio_session_event e;
    struct rill_err why = {0};
    rill_server_echo_flush(x, now, s);
    if (rill_sio_session_input(s->sio, now, binary, message, &why) < 0) {
        rill_server_count_row(x, why.row->code);
        RILL_TRACE(x->config.trace, now, broke, {.u = s->member.id},
                   {.view = rill_view_of(why.row->name)});
        rill_server_leave(x, now, &s->member);
        rill_eio_session_close(s->eio, now);
    }
    if (!rill_sio_session_event(s->sio, &e))
        return;
    if (e.type == RILL_SIO_SESSION_CONNECT)
        take_connect(x, now, s, &e);
    else if (e.type == RILL_SIO_SESSION_EVENT)
        take_event(x, now, s, &e);
    else if (e.type == RILL_SIO_SESSION_DISCONNECT && e.nsp == SERVER_MAIN_NAMESPACE)
        rill_server_leave(x, now, &s->member);
}
