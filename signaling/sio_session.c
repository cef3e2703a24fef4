/* sio_session: packets in, events out, and which namespaces are connected. */
#include "signaling/sio_session.h"

#include "signaling/limits.h"
#include "signaling/reserve.h"

#include <string.h>

enum nsp_state { NONE, ASKED, CONNECTED };

struct rill_sio_session {
    struct rill_sio_session_config config;
    enum nsp_state nsps[RILL_SIO_NAMESPACES_MAX];
    int64_t connect_by;

    /* A packet whose attachments are awaited: its text, then their bytes. */
    uint8_t *hold;
    size_t held;
    size_t awaited; /* attachments; 0: none */
    struct rill_sio_packet packet;
    struct rill_view attachments[RILL_SIO_ATTACHMENTS_MAX];
    size_t n_attachments;

    bool has_event;
    struct rill_sio_session_event event;
};

static struct rill_sio_session_config with_defaults(const struct rill_sio_session_config *given)
{
    struct rill_sio_session_config c = *given;
    c.hold = c.hold ? c.hold : RILL_LIMIT_PAYLOAD;
    c.connect_timeout = c.connect_timeout ? c.connect_timeout : 45 * RILL_SECOND;
    if (c.n_namespaces > RILL_SIO_NAMESPACES_MAX)
        c.n_namespaces = RILL_SIO_NAMESPACES_MAX;
    return c;
}

static struct rill_sio_session *carve(struct rill_arena *a, const struct rill_sio_session_config *c)
{
    struct rill_sio_session *x = rill_arena_take(a, 1, sizeof *x);
    uint8_t *hold = c->apart ? c->far : rill_reserve(a, c->hold);
    if (x)
        x->hold = hold;
    return x;
}

size_t rill_sio_session_size(const struct rill_sio_session_config *config)
{
    struct rill_sio_session_config c = with_defaults(config);
    struct rill_arena a = rill_arena_counting();
    carve(&a, &c);
    return rill_arena_size(&a);
}

struct rill_sio_session *
rill_sio_session_init(void *block, const struct rill_sio_session_config *config, int64_t now)
{
    struct rill_sio_session_config c = with_defaults(config);
    struct rill_arena a = rill_arena_over(block, rill_sio_session_size(config));
    struct rill_sio_session *x = carve(&a, &c);
    x->config = c;
    x->connect_by = now + c.connect_timeout;
    return x;
}

static int refuse(int row, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, row, 0, value, why);
}

/* --- namespaces ---------------------------------------------------------------------- */

static size_t find_nsp(const struct rill_sio_session *x, struct rill_view name)
{
    size_t i = 0;
    while (i < x->config.n_namespaces && !rill_view_is(name, x->config.namespaces[i]))
        i++;
    return i;
}

bool rill_sio_session_is_connected(const struct rill_sio_session *x, size_t nsp)
{
    return x->nsps[nsp] == CONNECTED;
}

/* Time runs while no namespace is connected to. */
static void mind_the_time(struct rill_sio_session *x, int64_t now)
{
    for (size_t i = 0; i < x->config.n_namespaces; i++)
        if (x->nsps[i] != NONE)
            return;
    x->connect_by = now + x->config.connect_timeout;
}

bool rill_sio_session_tick(struct rill_sio_session *x, int64_t now)
{
    return now < x->connect_by;
}

int64_t rill_sio_session_deadline(const struct rill_sio_session *x)
{
    return x->connect_by;
}

/* --- out ----------------------------------------------------------------------------- */

static void begin(struct rill_writer *w, struct rill_sio_packet p)
{
    rill_sio_write_head(w, &p);
}

static int connect_error(struct rill_sio_session *x, struct rill_view nsp, const char *message)
{
    uint8_t text[RILL_SIO_NAMESPACE_MAX + 256];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    begin(&w, (struct rill_sio_packet){.type = RILL_SIO_CONNECT_ERROR, .nsp = nsp});
    rill_w_str(&w, "{\"message\":\"");
    rill_w_str(&w, message);
    rill_w_str(&w, "\"}");
    return rill_sio_session_send(x, &w, NULL, 0);
}

int rill_sio_session_accept(struct rill_sio_session *x, size_t nsp)
{
    uint8_t text[RILL_SIO_NAMESPACE_MAX + 64];
    char sid[RILL_EIO_SID_SIZE];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_eio_make_sid(&x->config.rng, sid);
    begin(&w, (struct rill_sio_packet){.type = RILL_SIO_CONNECT,
                                       .nsp = rill_view_of(x->config.namespaces[nsp])});
    rill_w_str(&w, "{\"sid\":\"");
    rill_w_bytes(&w, rill_view_at(sid, sizeof sid));
    rill_w_str(&w, "\"}");
    x->nsps[nsp] = CONNECTED;
    return rill_sio_session_send(x, &w, NULL, 0);
}

int rill_sio_session_refuse(struct rill_sio_session *x, int64_t now, size_t nsp,
                            const char *message)
{
    x->nsps[nsp] = NONE;
    mind_the_time(x, now);
    return connect_error(x, rill_view_of(x->config.namespaces[nsp]), message);
}

int rill_sio_session_disconnect(struct rill_sio_session *x, int64_t now, size_t nsp)
{
    uint8_t text[RILL_SIO_NAMESPACE_MAX + 8];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    x->nsps[nsp] = NONE;
    mind_the_time(x, now);
    begin(&w, (struct rill_sio_packet){.type = RILL_SIO_DISCONNECT,
                                       .nsp = rill_view_of(x->config.namespaces[nsp])});
    return rill_sio_session_send(x, &w, NULL, 0);
}

void rill_sio_session_begin(const struct rill_sio_session *x, struct rill_writer *w, size_t nsp,
                            const uint64_t *ack, size_t attachments)
{
    struct rill_sio_packet p = {.type = ack ? RILL_SIO_ACK : RILL_SIO_EVENT,
                                .nsp = rill_view_of(x->config.namespaces[nsp]),
                                .attachments = attachments,
                                .has_id = ack != NULL,
                                .id = ack ? *ack : 0};
    if (attachments)
        p.type = ack ? RILL_SIO_BINARY_ACK : RILL_SIO_BINARY_EVENT;
    begin(w, p);
}

int rill_sio_session_send(struct rill_sio_session *x, const struct rill_writer *w,
                          const struct rill_view *attachments, size_t n)
{
    int rc = w->bad ? RILL_SIGNALING_EIO_FULL
                    : rill_eio_session_send(x->config.eio, false, rill_w_view(w));
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = rill_eio_session_send(x->config.eio, true, attachments[i]);
    return rc;
}

/* --- in ------------------------------------------------------------------------------ */

static void tell(struct rill_sio_session *x, enum rill_sio_session_event_type type, size_t nsp,
                 const struct rill_sio_packet *p)
{
    x->has_event = true;
    x->event = (struct rill_sio_session_event){.type = type,
                                               .nsp = nsp,
                                               .has_id = p->has_id,
                                               .id = p->id,
                                               .json = p->json,
                                               .attachments = x->attachments,
                                               .n_attachments = x->n_attachments};
}

/* Socket.IO 5, Connection to a namespace: "The server MUST respond with either" a CONNECT or a
 * CONNECT_ERROR packet. */
static int connect(struct rill_sio_session *x, const struct rill_sio_packet *p,
                   struct rill_err *why)
{
    size_t nsp = find_nsp(x, p->nsp);
    if (nsp == x->config.n_namespaces)
        return connect_error(x, p->nsp, "Invalid namespace");
    if (x->nsps[nsp] != NONE)
        return refuse(RILL_SIGNALING_SIO_CONNECT, 0, why);
    x->nsps[nsp] = ASKED;
    x->connect_by = RILL_NEVER;
    tell(x, RILL_SIO_SESSION_CONNECT, nsp, p);
    return 0;
}

/* A packet with all its attachments. */
static int take(struct rill_sio_session *x, int64_t now, const struct rill_sio_packet *p,
                struct rill_err *why)
{
    if (p->type == RILL_SIO_CONNECT)
        return connect(x, p, why);
    size_t nsp = find_nsp(x, p->nsp);
    /* Socket.IO 5, Connection to a namespace: "If the server does not receive a CONNECT packet
     * first, then it MUST close the connection immediately." And no client refuses a server. */
    if (nsp == x->config.n_namespaces || x->nsps[nsp] != CONNECTED ||
        p->type == RILL_SIO_CONNECT_ERROR)
        return refuse(RILL_SIGNALING_SIO_CONNECT, p->type, why);
    if (p->type == RILL_SIO_DISCONNECT) {
        x->nsps[nsp] = NONE;
        mind_the_time(x, now);
        tell(x, RILL_SIO_SESSION_DISCONNECT, nsp, p);
    } else {
        tell(x, rill_sio_is_ack(p->type) ? RILL_SIO_SESSION_ACK : RILL_SIO_SESSION_EVENT, nsp, p);
    }
    return 0;
}

/* A view into a text, moved to where the text was copied. */
static struct rill_view moved(struct rill_view v, struct rill_view from, const uint8_t *to)
{
    bool inside = v.p >= from.p && v.p <= from.p + from.n;
    return inside ? rill_view_at(to + (v.p - from.p), v.n) : v;
}

static int keep(struct rill_sio_session *x, struct rill_view bytes, struct rill_err *why)
{
    if (bytes.n > x->config.hold - x->held)
        return refuse(RILL_SIGNALING_SIO_TOO_LARGE, x->config.hold, why);
    if (bytes.n)
        memcpy(x->hold + x->held, bytes.p, bytes.n);
    x->held += bytes.n;
    return 0;
}

static int await(struct rill_sio_session *x, const struct rill_sio_packet *p, struct rill_view text,
                 struct rill_err *why)
{
    x->held = 0;
    int rc = keep(x, text, why);
    if (rc < 0)
        return rc;
    x->packet = *p;
    x->packet.nsp = moved(p->nsp, text, x->hold);
    x->packet.json = moved(p->json, text, x->hold);
    x->awaited = p->attachments;
    return 0;
}

static int take_text(struct rill_sio_session *x, int64_t now, struct rill_view text,
                     struct rill_err *why)
{
    struct rill_sio_packet p;
    if (x->awaited)
        return refuse(RILL_SIGNALING_SIO_ATTACHMENT, x->awaited, why);
    int rc = rill_sio_read(text, &p, why);
    if (rc < 0)
        return rc;
    x->n_attachments = 0;
    return p.attachments ? await(x, &p, text, why) : take(x, now, &p, why);
}

static int take_attachment(struct rill_sio_session *x, int64_t now, struct rill_view bytes,
                           struct rill_err *why)
{
    if (!x->awaited)
        return refuse(RILL_SIGNALING_SIO_ATTACHMENT, 0, why);
    size_t from = x->held;
    int rc = keep(x, bytes, why);
    if (rc < 0)
        return rc;
    x->attachments[x->n_attachments++] = rill_view_at(x->hold + from, bytes.n);
    return --x->awaited ? 0 : take(x, now, &x->packet, why);
}

int rill_sio_session_input(struct rill_sio_session *x, int64_t now, bool binary,
                           struct rill_view message, struct rill_err *why)
{
    return binary ? take_attachment(x, now, message, why) : take_text(x, now, message, why);
}

bool rill_sio_session_event(struct rill_sio_session *x, struct rill_sio_session_event *out)
{
    if (!x->has_event)
        return false;
    x->has_event = false;
    *out = x->event;
    return true;
}
