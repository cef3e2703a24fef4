/* server_echo: what Socket.IO's echo says, for testers (`rill serve --echo`).
 *
 * The idea: on connect the auth of the handshake comes back as an event "auth"; "message" comes
 * back as "message-back", and "message-with-ack" is acknowledged, both with their arguments as
 * they were written. */
#include "signaling/json.h"
#include "signaling/server_private.h"

#include <string.h>

/* The auth event follows the answer to CONNECT after this time, or before anything else that is
 * said: a client that looks at one message a turn, as the public test suite's does, must not find
 * the two in one read. */
#define AUTH_AFTER (5 * RILL_MS)

static void send_auth(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                      size_t nsp, struct rill_view auth)
{
    struct rill_writer w = rill_writer_of((struct rill_span){x->scratch, x->scratch_n});
    rill_sio_session_begin(s->sio, &w, nsp, NULL, 0);
    rill_w_str(&w, "[\"auth\",");
    rill_w_bytes(&w, auth.n ? auth : rill_view_of("{}"));
    rill_w_char(&w, ']');
    rill_server_eio_sent(x, now, s, rill_sio_session_send(s->sio, &w, NULL, 0));
}

void rill_server_echo_connected(struct rill_sig_server *x, int64_t now,
                                struct rill_server_session *s,
                                const struct rill_sio_session_event *e)
{
    if (e->json.n > SERVER_ECHO_AUTH_MAX) {
        send_auth(x, now, s, e->nsp, e->json);
        return;
    }
    s->echo_at = now + AUTH_AFTER;
    s->echo_nsp = e->nsp;
    s->n_echo_auth = e->json.n;
    if (e->json.n)
        memcpy(s->echo_auth, e->json.p, e->json.n);
    rill_server_touch(x, &s->member);
}

void rill_server_echo_flush(struct rill_sig_server *x, int64_t now, struct rill_server_session *s)
{
    if (s->echo_at == RILL_NEVER)
        return;
    s->echo_at = RILL_NEVER;
    send_auth(x, now, s, s->echo_nsp, rill_view_at(s->echo_auth, s->n_echo_auth));
}

static void send_back(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                      const struct rill_sio_session_event *e, bool ack, struct rill_view arguments)
{
    struct rill_writer w = rill_writer_of((struct rill_span){x->scratch, x->scratch_n});
    rill_sio_session_begin(s->sio, &w, e->nsp, ack ? &e->id : NULL, e->n_attachments);
    rill_w_str(&w, ack ? "[" : "[\"message-back\"");
    /* Without a name before it the first argument needs no comma. */
    struct rill_view behind, space = rill_view_cut(arguments, ',', &behind);
    bool has_more = behind.p && !memchr(space.p, ']', space.n);
    rill_w_bytes(&w, ack && has_more ? behind : arguments);
    rill_server_eio_sent(x, now, s,
                         rill_sio_session_send(s->sio, &w, e->attachments, e->n_attachments));
}

bool rill_server_echo_event(struct rill_sig_server *x, int64_t now, struct rill_server_session *s,
                            const struct rill_sio_session_event *e)
{
    struct rill_view name = {0}, arguments = e->json;
    rill_json_item(&arguments, &name);
    bool message = rill_view_is(name, "\"message\"");
    bool with_ack = rill_view_is(name, "\"message-with-ack\"");
    bool theirs = e->nsp == SERVER_MAIN_NAMESPACE && !message && !with_ack;
    if (message)
        send_back(x, now, s, e, false, arguments);
    else if (e->has_id && !theirs)
        send_back(x, now, s, e, true, arguments);
    return !theirs;
}
