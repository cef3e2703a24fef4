/* socketio: one packet's text, from left to right. */
#include "signaling/socketio.h"

#include "signaling/json.h"

static int refuse(int row, size_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, row, offset, value, why);
}

bool rill_sio_is_event(enum rill_sio_type type)
{
    return type == RILL_SIO_EVENT || type == RILL_SIO_BINARY_EVENT;
}

bool rill_sio_is_ack(enum rill_sio_type type)
{
    return type == RILL_SIO_ACK || type == RILL_SIO_BINARY_ACK;
}

static bool is_binary(enum rill_sio_type type)
{
    return type == RILL_SIO_BINARY_EVENT || type == RILL_SIO_BINARY_ACK;
}

/* The digits at the front of *rest; false when there are none or too many. */
static bool take_number(struct rill_view *rest, uint64_t max, uint64_t *out)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] >= '0' && rest->p[n] <= '9')
        n++;
    bool good = rill_view_u64(rill_view_sub(*rest, 0, n), max, out);
    *rest = rill_view_sub(*rest, n, rest->n - n);
    return good;
}

/* <# of binary attachments>- */
static bool take_attachments(struct rill_view *rest, struct rill_sio_packet *p)
{
    uint64_t n;
    if (!is_binary(p->type))
        return true;
    if (!take_number(rest, RILL_SIO_ATTACHMENTS_MAX, &n) || rest->n == 0 || rest->p[0] != '-')
        return false;
    p->attachments = (size_t)n;
    *rest = rill_view_sub(*rest, 1, rest->n - 1);
    return true;
}

/* <namespace>, where the comma may be missing at the end of the packet. */
static bool take_namespace(struct rill_view *rest, struct rill_sio_packet *p)
{
    p->nsp = rill_view_of("/");
    if (rest->n == 0 || rest->p[0] != '/')
        return true;
    p->nsp = rill_view_cut(*rest, ',', rest);
    for (size_t i = 0; i < p->nsp.n; i++)
        if (p->nsp.p[i] < 0x20 || p->nsp.p[i] == '"' || p->nsp.p[i] == 0x7f)
            return false;
    return p->nsp.n <= RILL_SIO_NAMESPACE_MAX;
}

static bool take_id(struct rill_view *rest, struct rill_sio_packet *p)
{
    bool may = rill_sio_is_event(p->type) || rill_sio_is_ack(p->type);
    p->has_id = may && rest->n && rest->p[0] >= '0' && rest->p[0] <= '9';
    if (p->has_id)
        return take_number(rest, RILL_SIO_ID_MAX, &p->id);
    /* An acknowledgement of nothing. */
    return !rill_sio_is_ack(p->type);
}

/* --- the JSON ------------------------------------------------------------------------ */

/* {"_placeholder":true,"num":n}: where attachment n belongs. */
struct placeholder {
    unsigned depth; /* of its members; 0: no object is open */
    bool is_one, has_num;
    struct rill_view key, num;
};

static bool placeholder_is_good(const struct placeholder *p, size_t attachments)
{
    uint64_t num;
    return !p->is_one ||
           (p->has_num && rill_view_u64(p->num, UINT32_MAX, &num) && num < attachments);
}

/* Follows the innermost object; a placeholder has no others inside. */
static void follow(struct placeholder *p, const struct rill_json_token *t)
{
    if (t->type == RILL_JSON_OBJECT)
        *p = (struct placeholder){.depth = t->depth + 1};
    else if (t->type == RILL_JSON_KEY)
        p->key = t->text;
    else if (t->type == RILL_JSON_TRUE && t->depth == p->depth)
        p->is_one |= rill_view_is(p->key, "\"_placeholder\"");
    else if (t->type == RILL_JSON_NUMBER && t->depth == p->depth &&
             rill_view_is(p->key, "\"num\"")) {
        p->has_num = true;
        p->num = t->text;
    }
}

/* All of it is JSON, and each placeholder names an attachment there is. */
static int check_json(const struct rill_sio_packet *p, struct rill_err *why)
{
    struct rill_json_reader r = rill_json_reader_of(p->json);
    struct placeholder object = {0};
    for (;;) {
        struct rill_json_token t = rill_json_next(&r);
        if (t.type == RILL_JSON_END)
            return 0;
        if (t.type == RILL_JSON_BAD)
            return refuse(RILL_SIGNALING_SIO_PAYLOAD, r.at, 0, why);
        follow(&object, &t);
        if (t.type != RILL_JSON_OBJECT_END)
            continue;
        if (is_binary(p->type) && !placeholder_is_good(&object, p->attachments))
            return refuse(RILL_SIGNALING_SIO_ATTACHMENT, r.at, p->attachments, why);
        object = (struct placeholder){0};
    }
}

/* The JSON is what the type asks for. */
static bool shape_is_good(const struct rill_sio_packet *p)
{
    if (!p->json.p)
        return p->type == RILL_SIO_CONNECT || p->type == RILL_SIO_DISCONNECT;
    struct rill_json_reader r = rill_json_reader_of(p->json);
    enum rill_json_type outer = rill_json_next(&r).type, first = rill_json_next(&r).type;
    switch (p->type) {
    case RILL_SIO_CONNECT:
        return outer == RILL_JSON_OBJECT;
    case RILL_SIO_DISCONNECT:
        return false;
    /* Socket.IO 5, Sending and receiving data: "The payload is mandatory and MUST be a non-empty
     * array"; what stands first is the event's name. */
    case RILL_SIO_EVENT:
    case RILL_SIO_BINARY_EVENT:
        return outer == RILL_JSON_ARRAY && (first == RILL_JSON_STRING || first == RILL_JSON_NUMBER);
    /* Socket.IO 5, Acknowledgement: "The payload is mandatory and MUST be an array (possibly
     * empty)." */
    case RILL_SIO_ACK:
    case RILL_SIO_BINARY_ACK:
        return outer == RILL_JSON_ARRAY;
    case RILL_SIO_CONNECT_ERROR:
        return outer == RILL_JSON_OBJECT || outer == RILL_JSON_STRING;
    }
    return false;
}

/* --- packets ------------------------------------------------------------------------- */

int rill_sio_read(struct rill_view text, struct rill_sio_packet *out, struct rill_err *why)
{
    if (text.n == 0 || text.p[0] < '0' || text.p[0] > '6')
        return refuse(RILL_SIGNALING_SIO_PACKET, 0, 0, why);
    struct rill_sio_packet p = {.type = (enum rill_sio_type)(text.p[0] - '0')};
    struct rill_view rest = rill_view_sub(text, 1, text.n - 1);
    if (!take_attachments(&rest, &p) || !take_namespace(&rest, &p) || !take_id(&rest, &p))
        return refuse(RILL_SIGNALING_SIO_PACKET, text.n - rest.n, 0, why);
    p.json = rest.n ? rest : (struct rill_view){0};
    if (!shape_is_good(&p))
        return refuse(RILL_SIGNALING_SIO_PAYLOAD, text.n - rest.n, 0, why);
    int rc = p.json.p ? check_json(&p, why) : 0;
    if (rc == 0)
        *out = p;
    return rc;
}

void rill_sio_write_head(struct rill_writer *w, const struct rill_sio_packet *p)
{
    rill_w_char(w, (char)('0' + p->type));
    if (is_binary(p->type)) {
        rill_w_dec(w, p->attachments);
        rill_w_char(w, '-');
    }
    if (!rill_view_is(p->nsp, "/")) {
        rill_w_bytes(w, p->nsp);
        rill_w_char(w, ',');
    }
    if (p->has_id)
        rill_w_dec(w, p->id);
}

void rill_sio_write(struct rill_writer *w, const struct rill_sio_packet *p)
{
    rill_sio_write_head(w, p);
    rill_w_bytes(w, p->json);
}
