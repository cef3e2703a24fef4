/* websocket: one frame, and what is in its payload: rill's vocabulary, or Engine.IO and Socket.IO
 * (RFC 6455 §5.2, docs/signaling.md).
 *
 * The idea: a mask changes bytes, not places. So the payload is taken apart in a copy without its
 * mask, in the caller's scratch, and each node still points at the bytes that travelled. */
#include "dissect/tree.h"

#include "base/utf8.h"
#include "signaling/json.h"
#include "signaling/socketio.h"
#include "signaling/words.h"
#include "signaling/ws_frame.h"

#include <string.h>

static const struct rill_field proto = {"WebSocket", 0, 0, "RFC 6455 §5.2",
                                        "one frame of a connection that both sides write to"};

static const struct rill_field *row(const char *name)
{
    return rill_field_named(&rill_sig_fields, name);
}

/* --- messages -------------------------------------------------------------------------------- */

static bool is_json_array(struct rill_view v)
{
    struct rill_json_reader r = rill_json_reader_of(v);
    struct rill_json_token t = rill_json_next(&r);
    if (t.type != RILL_JSON_ARRAY)
        return false;
    while (t.type != RILL_JSON_END && t.type != RILL_JSON_BAD)
        t = rill_json_next(&r);
    return t.type == RILL_JSON_END;
}

static struct rill_part piece(struct rill_part p, struct rill_view v)
{
    return rill_part_sub(p, (size_t)(v.p - p.v.p), v.n);
}

/* ["event", argument…] */
static void message(struct rill_tree *t, struct rill_part p, bool has_name)
{
    struct rill_view rest = p.v, item;
    struct rill_dissect_node *top = rill_tree_open(t, row("message"), p);
    top->type = RILL_DISSECT_TEXT;
    top->view = p.v;
    if (!is_json_array(p.v)) {
        rill_tree_mark(top, "it is no array of JSON", 0);
        rill_tree_close(t);
        return;
    }
    while (rill_json_item(&rest, &item)) {
        struct rill_part part = piece(p, item);
        if (!has_name) {
            rill_tree_text(t, row("argument"), part);
            continue;
        }
        has_name = false;
        if (item.n >= 2 && item.p[0] == '"')
            part = rill_part_sub(part, 1, item.n - 2);
        rill_tree_text(t, row("event"), part)->meaning = rill_sig_event_sentence(part.v);
    }
    rill_tree_close(t);
}

static void socketio(struct rill_tree *t, struct rill_part p)
{
    struct rill_sio_packet packet = {0};
    struct rill_err why;
    struct rill_scan s = rill_scan_of(t, p);
    size_t first = t->out->n;
    rill_tree_open(t, row("Socket.IO packet"), p);
    int rc = rill_sio_read(p.v, &packet, &why);
    rill_scan_int(&s, row("type"), 1)->meaning = rill_sio_type_name(p.v.n ? p.v.p[0] : 0);
    if (rc < 0) {
        rill_scan_end(&s, row("data"));
        rill_tree_blame(t, first, p, &why);
        rill_tree_close(t);
        return;
    }
    size_t json = packet.json.p ? (size_t)(packet.json.p - p.v.p) : p.v.n;
    if (packet.attachments && s.at < json) {
        size_t n = 0;
        while (s.at + n < json && p.v.p[s.at + n] != '-')
            n++;
        rill_scan_text(&s, row("attachments"), n + 1);
    }
    if (s.at < json && p.v.p[s.at] == '/') {
        size_t n = packet.nsp.n + (s.at + packet.nsp.n < json ? 1 : 0);
        rill_scan_text(&s, row("namespace"), n)->view = packet.nsp;
    }
    if (s.at < json)
        rill_scan_text(&s, row("acknowledgement id"), json - s.at);
    if (packet.json.p && packet.json.p[0] == '[')
        message(t, rill_scan_rest(&s), rill_sio_is_event(packet.type));
    else if (packet.json.p)
        rill_scan_text(&s, row("data"), rill_scan_left(&s));
    rill_tree_close(t);
}

static void engineio(struct rill_tree *t, struct rill_part p)
{
    struct rill_scan s = rill_scan_of(t, p);
    rill_tree_open(t, row("Engine.IO packet"), p);
    rill_scan_int(&s, row("packet type"), 1)->meaning = rill_eio_type_name(p.v.p[0]);
    struct rill_part rest = rill_scan_rest(&s);
    if (p.v.p[0] == '4' && rest.v.n)
        socketio(t, rest);
    else if (rest.v.n)
        rill_tree_text(t, row("data"), rest);
    rill_tree_close(t);
}

/* --- frames ---------------------------------------------------------------------------------- */

static void content(struct rill_tree *t, struct rill_part p, const struct rill_ws_frame *f)
{
    struct rill_scan s = rill_scan_of(t, p);
    bool text = f->opcode == RILL_WS_OP_TEXT && f->fin && rill_utf8_is_valid(p.v);
    if (f->opcode == RILL_WS_OP_CLOSE) {
        struct rill_dissect_node *node = rill_scan_int(&s, row("status code"), 2);
        node->meaning = s.bad ? node->meaning : rill_ws_code_name(node->u);
        if (rill_scan_left(&s))
            rill_scan_text(&s, row("reason"), rill_scan_left(&s));
    } else if (text && p.v.p[0] == '[') {
        message(t, p, true);
    } else if (text && rill_eio_type_name(p.v.p[0])) {
        engineio(t, p);
    } else if (rill_utf8_is_valid(p.v)) {
        rill_tree_text(t, row("data"), p);
    } else {
        rill_tree_bytes(t, row("data"), p);
    }
}

static void payload(struct rill_tree *t, struct rill_part p, const struct rill_ws_frame *f)
{
    struct rill_part plain = p;
    struct rill_dissect_node *node = rill_tree_open(t, row("payload"), p);
    if (f->masked) {
        struct rill_span room = rill_tree_scratch(t, p.v.n);
        node->type = RILL_DISSECT_BYTES;
        node->view = p.v;
        node->meaning = "masked";
        if (room.n) {
            memcpy(room.p, p.v.p, p.v.n);
            rill_ws_mask(room.p, room.n, f->key, 0);
        }
        plain.v = rill_view_at(room.p, room.n);
    }
    if (plain.v.n)
        content(t, plain, f);
    rill_tree_close(t);
}

/* The head: two bytes, a length, a mask; as much of it as is there. */
static void head(struct rill_scan *s)
{
    const struct rill_field_table *table = &rill_ws_frame_fields;
    struct rill_part two = rill_scan_table(s, table, 2);
    if (s->bad)
        return;
    struct rill_dissection *d = s->t->out;
    for (size_t i = d->n; i-- > 0 && d->n - i <= 5;)
        if (d->nodes[i].name == rill_field_named(table, "opcode")->name)
            d->nodes[i].meaning = rill_ws_opcode_name(d->nodes[i].u);
    unsigned length = two.v.p[1] & 0x7f;
    if (length >= 126)
        rill_scan_int(s, rill_field_named(table, "Extended payload length"), length == 126 ? 2 : 8);
    if (two.v.p[1] & 0x80)
        rill_scan_bytes(s, rill_field_named(table, "Masking-key"), 4);
}

void rill_dissect_websocket(struct rill_tree *t, struct rill_part p)
{
    struct rill_scan s = rill_scan_of(t, p);
    struct rill_ws_frame f;
    struct rill_err why = {0};
    size_t first = t->out->n;
    bool masked = p.v.n > 1 && p.v.p[1] & 0x80;
    rill_tree_open(t, &proto, p);
    head(&s);
    int n = rill_ws_frame_read(p.v, masked, &f, &why);
    if (n > 0 && f.length) {
        size_t take = f.length < SIZE_MAX ? (size_t)f.length : SIZE_MAX;
        struct rill_part part = rill_scan_take(&s, row("payload"), take);
        if (!s.bad)
            payload(t, part, &f);
    }
    rill_scan_end(&s, row("data"));
    if (n < 0)
        rill_tree_blame(t, first, p, &why);
    rill_tree_close(t);
}
