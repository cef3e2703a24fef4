/* sio_client: what a server's packet means to a client. */
#include "signaling/sio_client.h"

#include "signaling/json.h"

static int refuse(int row, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, row, 0, value, why);
}

void rill_sio_client_begin(struct rill_writer *w, enum rill_sio_type type, const uint64_t *ack)
{
    const struct rill_sio_packet p = {
        .type = type, .nsp = rill_view_of("/"), .has_id = ack != NULL, .id = ack ? *ack : 0};
    rill_w_char(w, (char)('0' + RILL_EIO_MESSAGE));
    rill_sio_write_head(w, &p);
}

/* Engine.IO 4, Heartbeat: "if the client does not receive a ping packet within pingInterval +
 * pingTimeout, then it SHOULD consider that the connection is closed". */
static void wait_for_ping(struct rill_sio_client *x, int64_t now)
{
    x->silent_at = now + x->patience;
}

static int take_open(struct rill_sio_client *x, int64_t now, struct rill_view json,
                     struct rill_sio_client_said *out, struct rill_err *why)
{
    struct rill_eio_handshake h;
    if (x->state != RILL_SIO_CLIENT_START)
        return refuse(RILL_SIGNALING_EIO_UNEXPECTED, RILL_EIO_OPEN, why);
    int rc = rill_eio_read_handshake(json, &h, why);
    if (rc < 0)
        return rc;
    x->state = RILL_SIO_CLIENT_OPENED;
    x->patience = (int64_t)(h.ping_interval + h.ping_timeout) * RILL_MS;
    x->max_payload = h.max_payload;
    wait_for_ping(x, now);
    out->type = RILL_SIO_SAID_OPEN;
    return 0;
}

/* The "message" of a CONNECT_ERROR's object. */
static struct rill_view message_of(struct rill_view json)
{
    struct rill_json_reader r = rill_json_reader_of(json);
    struct rill_view key = {0};
    for (;;) {
        struct rill_json_token t = rill_json_next(&r);
        if (t.type == RILL_JSON_END || t.type == RILL_JSON_BAD)
            return rill_view_of("no reason");
        if (t.type == RILL_JSON_KEY && t.depth == 1)
            key = t.text;
        bool here = t.depth == 0 || rill_view_is(key, "\"message\"");
        if (t.type == RILL_JSON_STRING && here && t.depth <= 1)
            return rill_view_sub(t.text, 1, t.text.n - 2);
    }
}

static void gone(struct rill_sio_client *x, enum rill_sio_client_said_type type,
                 struct rill_sio_client_said *out)
{
    x->state = RILL_SIO_CLIENT_GONE;
    x->silent_at = RILL_NEVER;
    out->type = type;
}

static int take_message(struct rill_sio_client *x, struct rill_view text,
                        struct rill_sio_client_said *out, struct rill_err *why)
{
    struct rill_sio_packet p;
    bool connected = x->state == RILL_SIO_CLIENT_CONNECTED;
    int rc = rill_sio_read(text, &p, why);
    if (rc < 0)
        return rc;
    /* Of other namespaces nothing was asked. */
    if (!rill_view_is(p.nsp, "/"))
        return 0;
    if (p.type == RILL_SIO_CONNECT && !connected) {
        x->state = RILL_SIO_CLIENT_CONNECTED;
        out->type = RILL_SIO_SAID_CONNECTED;
        return 0;
    }
    if (p.type == RILL_SIO_CONNECT_ERROR && !connected) {
        gone(x, RILL_SIO_SAID_REFUSED, out);
        out->json = message_of(p.json);
        return 0;
    }
    if (!connected || p.type == RILL_SIO_CONNECT || p.type == RILL_SIO_CONNECT_ERROR)
        return refuse(RILL_SIGNALING_SIO_CONNECT, p.type, why);
    if (p.type == RILL_SIO_DISCONNECT) {
        gone(x, RILL_SIO_SAID_GONE, out);
        return 0;
    }
    out->type = rill_sio_is_ack(p.type) ? RILL_SIO_SAID_ACK : RILL_SIO_SAID_EVENT;
    out->json = p.json;
    out->id = p.id;
    return 0;
}

int rill_sio_client_take(struct rill_sio_client *x, int64_t now, struct rill_view text,
                         struct rill_sio_client_said *out, struct rill_err *why)
{
    struct rill_eio_packet p;
    *out = (struct rill_sio_client_said){0};
    int rc = rill_eio_read(text, &p, why);
    if (rc < 0 || x->state == RILL_SIO_CLIENT_GONE)
        return rc;
    if (p.type == RILL_EIO_OPEN)
        return take_open(x, now, p.data, out, why);
    if (x->state == RILL_SIO_CLIENT_START)
        return refuse(RILL_SIGNALING_EIO_UNEXPECTED, p.type, why);
    switch (p.type) {
    case RILL_EIO_PING:
        wait_for_ping(x, now);
        out->type = RILL_SIO_SAID_PING;
        return 0;
    case RILL_EIO_CLOSE:
        gone(x, RILL_SIO_SAID_GONE, out);
        return 0;
    case RILL_EIO_MESSAGE:
        return take_message(x, p.data, out, why);
    case RILL_EIO_NOOP:
        return 0;
    default:
        return refuse(RILL_SIGNALING_EIO_UNEXPECTED, p.type, why);
    }
}
