/* engineio: a digit and its data, one by one and many in a body. */
#include "signaling/engineio.h"

#include "signaling/base64.h"
#include "signaling/json.h"

#include <string.h>

#define SEPARATOR 0x1e

static int refuse(int row, size_t offset, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, row, offset, 0, why);
}

/* --- packets ------------------------------------------------------------------------- */

int rill_eio_read(struct rill_view text, struct rill_eio_packet *out, struct rill_err *why)
{
    if (text.n == 0 || text.p[0] < '0' || text.p[0] > '6')
        return refuse(RILL_SIGNALING_EIO_PACKET, 0, why);
    *out = (struct rill_eio_packet){.type = (enum rill_eio_type)(text.p[0] - '0'),
                                    .data = rill_view_sub(text, 1, text.n - 1)};
    return 0;
}

void rill_eio_write(struct rill_writer *w, const struct rill_eio_packet *p)
{
    if (!p->binary)
        rill_w_char(w, (char)('0' + p->type));
    rill_w_bytes(w, p->data);
}

/* --- payloads ------------------------------------------------------------------------ */

static int check_piece(struct rill_view piece, struct rill_err *why)
{
    struct rill_eio_packet p;
    /* Engine.IO 4, Packet encoding: "Binary payloads MUST be base64-encoded and prefixed with a
     * b character". */
    if (piece.n && piece.p[0] == 'b')
        return rill_base64_size(rill_view_sub(piece, 1, piece.n - 1)) < 0
                   ? refuse(RILL_SIGNALING_EIO_BASE64, 0, why)
                   : 0;
    return rill_eio_read(piece, &p, why);
}

int rill_eio_payload_check(struct rill_view payload, struct rill_err *why)
{
    struct rill_view rest = payload;
    do {
        struct rill_view piece = rill_view_cut(rest, SEPARATOR, &rest);
        size_t at = piece.n ? (size_t)(piece.p - payload.p) : 0;
        int rc = check_piece(piece, why);
        if (rc < 0) {
            if (why)
                why->offset = at;
            return rc;
        }
    } while (rest.p);
    return 0;
}

int rill_eio_payload_next(struct rill_span *rest, struct rill_eio_packet *out, struct rill_err *why)
{
    struct rill_view tail, piece = rill_view_cut(rill_view_at(rest->p, rest->n), SEPARATOR, &tail);
    int rc = check_piece(piece, why);
    if (rc < 0)
        return rc;
    if (piece.p[0] != 'b') {
        rill_eio_read(piece, out, why);
    } else {
        struct rill_view text = rill_view_sub(piece, 1, piece.n - 1);
        struct rill_span place = {rest->p, piece.n};
        long n = rill_base64_read(text, place);
        *out = (struct rill_eio_packet){RILL_EIO_MESSAGE, true, rill_view_at(rest->p, (size_t)n)};
    }
    *rest = tail.p ? (struct rill_span){rest->p + piece.n + 1, tail.n} : (struct rill_span){0};
    return 0;
}

void rill_eio_payload_add(struct rill_writer *w, const struct rill_eio_packet *p)
{
    if (w->at)
        rill_w_u8(w, SEPARATOR);
    if (!p->binary) {
        rill_eio_write(w, p);
        return;
    }
    rill_w_char(w, 'b');
    rill_base64_write(w, p->data);
}

size_t rill_eio_payload_size(const struct rill_eio_packet *p)
{
    return 2 + (p->binary ? (p->data.n + 2) / 3 * 4 : p->data.n);
}

/* --- the handshake ------------------------------------------------------------------- */

static void write_member(struct rill_writer *w, const char *name, uint64_t value)
{
    rill_w_str(w, ",\"");
    rill_w_str(w, name);
    rill_w_str(w, "\":");
    rill_w_dec(w, value);
}

void rill_eio_write_handshake(struct rill_writer *w, const struct rill_eio_handshake *h)
{
    rill_w_str(w, "{\"sid\":\"");
    rill_w_bytes(w, h->sid);
    rill_w_str(w, "\",\"upgrades\":[");
    rill_w_str(w, h->upgrades ? "\"websocket\"]" : "]");
    write_member(w, "pingInterval", h->ping_interval);
    write_member(w, "pingTimeout", h->ping_timeout);
    write_member(w, "maxPayload", h->max_payload);
    rill_w_char(w, '}');
}

/* A value of the handshake's outermost object. */
static bool take_member(struct rill_eio_handshake *h, struct rill_view name,
                        const struct rill_json_token *t)
{
    bool number = t->type == RILL_JSON_NUMBER;
    if (rill_view_is(name, "\"sid\"")) {
        h->sid = rill_view_sub(t->text, 1, t->text.n - 2);
        return t->type == RILL_JSON_STRING && h->sid.n > 0;
    }
    if (rill_view_is(name, "\"pingInterval\""))
        return number && rill_view_u64(t->text, UINT32_MAX, &h->ping_interval);
    if (rill_view_is(name, "\"pingTimeout\""))
        return number && rill_view_u64(t->text, UINT32_MAX, &h->ping_timeout);
    if (rill_view_is(name, "\"maxPayload\""))
        return number && rill_view_u64(t->text, UINT64_MAX, &h->max_payload);
    return true;
}

int rill_eio_read_handshake(struct rill_view json, struct rill_eio_handshake *out,
                            struct rill_err *why)
{
    struct rill_eio_handshake h = {0};
    struct rill_json_reader r = rill_json_reader_of(json);
    struct rill_json_token t = rill_json_next(&r);
    struct rill_view name = {0};
    bool good = t.type == RILL_JSON_OBJECT;
    while (good && t.type != RILL_JSON_END) {
        t = rill_json_next(&r);
        good = t.type != RILL_JSON_BAD;
        if (t.type == RILL_JSON_KEY && t.depth == 1)
            name = t.text;
        else if (good && t.depth == 1 && t.type != RILL_JSON_OBJECT_END)
            good = take_member(&h, name, &t);
        h.upgrades |= t.type == RILL_JSON_STRING && t.depth == 2 &&
                      rill_view_is(name, "\"upgrades\"") && rill_view_is(t.text, "\"websocket\"");
    }
    if (!good || !h.sid.n || !h.ping_interval || !h.ping_timeout)
        return refuse(RILL_SIGNALING_EIO_HANDSHAKE, r.at, why);
    *out = h;
    return 0;
}

void rill_eio_make_sid(const struct rill_rng *rng, char out[RILL_EIO_SID_SIZE])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t random[RILL_EIO_SID_SIZE];
    rill_rng_fill(rng, random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        out[i] = letters[random[i] & 63];
}

/* --- requests ------------------------------------------------------------------------ */

bool rill_eio_target(struct rill_view target, const char *path, struct rill_view *query)
{
    struct rill_view q, asked = rill_view_cut(target, '?', &q);
    struct rill_view wanted = rill_view_of(path);
    bool same = rill_view_equal(asked, wanted) ||
                rill_view_equal(asked, rill_view_sub(wanted, 0, wanted.n - 1));
    if (same)
        *query = q;
    return same;
}

void rill_eio_read_query(struct rill_view query, struct rill_eio_query *out)
{
    *out = (struct rill_eio_query){0};
    for (struct rill_view rest = query; rest.p;) {
        struct rill_view value, name = rill_view_cut(rill_view_cut(rest, '&', &rest), '=', &value);
        if (rill_view_is(name, "EIO"))
            out->version_4 = rill_view_is(value, "4");
        if (rill_view_is(name, "transport"))
            out->transport = rill_view_is(value, "polling")     ? RILL_EIO_POLLING
                             : rill_view_is(value, "websocket") ? RILL_EIO_WEBSOCKET
                                                                : RILL_EIO_NO_TRANSPORT;
        if (!rill_view_is(name, "sid"))
            continue;
        out->has_sid = true;
        if (value.n == RILL_EIO_SID_SIZE)
            memcpy(out->sid, value.p, value.n);
    }
}

void rill_eio_write_refusal(struct rill_writer *w, enum rill_eio_refusal r)
{
    static const char *const messages[] = {
        [RILL_EIO_UNKNOWN_TRANSPORT] = "Transport unknown",
        [RILL_EIO_UNKNOWN_SID] = "Session ID unknown",
        [RILL_EIO_BAD_METHOD] = "Bad handshake method",
        [RILL_EIO_BAD_REQUEST] = "Bad request",
        [RILL_EIO_FORBIDDEN] = "Forbidden",
        [RILL_EIO_BAD_VERSION] = "Unsupported protocol version",
    };
    rill_w_str(w, "{\"code\":");
    rill_w_dec(w, r);
    rill_w_str(w, ",\"message\":\"");
    rill_w_str(w, messages[r]);
    rill_w_str(w, "\"}");
}
