/* stun: a message of RFC 8489: header, attributes, and the fields of each value. */
#include "dissect/tree.h"

#include "stun/longterm.h"

static const struct rill_field proto = {
    "STUN", 0, 0, "RFC 8489 §5",
    "asks how an address looks from outside, and whether a path works"};
static const struct rill_field unknown = {"attribute", 0, 0, "RFC 8489 §18.3",
                                          "a type that is not registered"};
static const struct rill_field padding = {
    "padding", 0, 0, "RFC 8489 §14", "up to a multiple of 4 bytes; what it holds does not matter"};
static const struct rill_field surplus = {"surplus", 0, 0, "RFC 8489 §5",
                                          "bytes that the length does not count"};
static const struct rill_field excess = {"surplus", 0, 0, "RFC 8489 §14",
                                         "bytes that such a value does not have"};

static void header(struct rill_tree *t, struct rill_part p)
{
    const struct rill_field *raw = rill_stun_header_fields.fields;
    const struct rill_field *told = rill_stun_meaning_fields.fields;
    uint32_t type = (uint32_t)rill_field_get(&raw[1], p.v);
    enum rill_stun_class class = (enum rill_stun_class)((type >> 7 & 2) | (type >> 4 & 1));
    uint16_t method = (uint16_t)((type >> 2 & 0xf80) | (type >> 1 & 0x70) | (type & 0xf));
    rill_tree_field(t, &raw[0], p);
    struct rill_dissect_node *node = rill_tree_field(t, &told[RILL_STUN_FIELD_METHOD], p);
    node->u = method;
    node->meaning = rill_stun_method_name(method);
    t->depth++;
    node = rill_tree_field(t, &told[RILL_STUN_FIELD_CLASS], p);
    node->u = class;
    node->meaning = rill_stun_class_name(class);
    t->depth--;
    rill_tree_field(t, &raw[2], p);
    rill_tree_field(t, &raw[3], p);
    rill_tree_bytes(t, &told[RILL_STUN_FIELD_TXID], rill_part_sub(p, 8, RILL_STUN_TXID));
}

/* --- values ---------------------------------------------------------------------------------- */

static const char *family(uint64_t n)
{
    return n == 1 ? "IPv4" : n == 2 ? "IPv6" : NULL;
}

/* Registered names of what stands in a field. */
static const char *meaning(uint16_t type, const struct rill_field *row, uint64_t u)
{
    struct rill_view name = rill_view_of(row->name);
    bool is_family = rill_view_is(name, "family") || type == RILL_STUN_REQUESTED_ADDRESS_FAMILY ||
                     type == RILL_STUN_ADDITIONAL_ADDRESS_FAMILY;
    if (rill_view_is(name, "attribute type"))
        return rill_stun_attr_name((uint16_t)u);
    if (rill_view_is(name, "algorithm"))
        return rill_stun_algorithm_name((uint16_t)u);
    if (is_family && row->bits == 8)
        return family(u);
    if (type == RILL_STUN_REQUESTED_TRANSPORT && row->bits == 8)
        return u == 17 ? "UDP" : u == 6 ? "TCP" : NULL;
    return NULL;
}

/* One table over the scan's next bytes; a last row without bits takes n more. */
static void fields(struct rill_scan *s, uint16_t type, const struct rill_field_table *table,
                   size_t fixed)
{
    struct rill_part part = rill_scan_take(s, &table->fields[0], fixed);
    for (size_t i = 0; !s->bad && i < table->n; i++) {
        if (!table->fields[i].bits)
            continue;
        struct rill_dissect_node *node = rill_tree_field(s->t, &table->fields[i], part);
        node->meaning = meaning(type, &table->fields[i], node->u);
    }
}

static size_t fixed_size(const struct rill_field_table *table)
{
    size_t bits = 0;
    for (size_t i = 0; i < table->n; i++)
        bits += table->fields[i].bits;
    return bits / 8;
}

static void algorithms(struct rill_scan *s, uint16_t type, const struct rill_field_table *table)
{
    while (rill_scan_left(s) && !s->bad) {
        struct rill_view head = rill_part_sub(s->p, s->at, 4).v;
        size_t n = (size_t)rill_field_get(&table->fields[1], head);
        fields(s, type, table, 4);
        if (n)
            rill_scan_bytes(s, &table->fields[2], n);
        if (n % 4 && rill_scan_left(s))
            rill_scan_bytes(s, &padding, 4 - n % 4);
    }
}

static void value(struct rill_tree *t, struct rill_part p, uint16_t type, enum rill_stun_kind kind)
{
    const struct rill_field_table *table = rill_stun_value_fields(kind);
    const struct rill_field *whole = &rill_stun_attr_fields.fields[2];
    struct rill_scan s = rill_scan_of(t, p);
    if (!table && kind == RILL_STUN_TEXT) {
        rill_tree_text(t, whole, p);
        return;
    }
    if (!table) {
        if (p.v.n)
            rill_tree_bytes(t, whole, p);
        return;
    }
    if (kind == RILL_STUN_ALGORITHMS) {
        algorithms(&s, type, table);
        return;
    }
    do
        fields(&s, type, table, fixed_size(table));
    while (kind == RILL_STUN_TYPE_LIST && rill_scan_left(&s) && !s.bad);
    const struct rill_field *last = &table->fields[table->n - 1];
    bool text = kind == RILL_STUN_ERROR_VALUE || kind == RILL_STUN_ADDRESS_ERROR;
    if (last->bits == 0 && text)
        rill_scan_text(&s, last, rill_scan_left(&s));
    else if (last->bits == 0)
        rill_scan_end(&s, last);
    else
        rill_scan_end(&s, &excess);
}

/* What the attribute as a whole says; bad where its kind says that it cannot be. */
static void tell(struct rill_dissect_node *node, struct rill_view v, struct rill_view txid,
                 uint16_t type, enum rill_stun_kind kind)
{
    struct rill_reader r = rill_reader_of(v);
    struct rill_view reason;
    unsigned code;
    bool fits = true;
    node->type = RILL_DISSECT_U64;
    switch (kind) {
    case RILL_STUN_TEXT:
        node->type = RILL_DISSECT_TEXT;
        node->view = v;
        break;
    case RILL_STUN_ADDR:
    case RILL_STUN_XOR_ADDR:
        node->type = RILL_DISSECT_ADDR;
        fits = rill_stun_value_addr(v, kind == RILL_STUN_XOR_ADDR, txid, &node->addr);
        break;
    case RILL_STUN_U32:
    case RILL_STUN_CHANGE:
        node->u = rill_r_u32(&r);
        fits = v.n == 4;
        break;
    case RILL_STUN_U64:
        node->u = rill_r_u64(&r);
        fits = v.n == 8;
        break;
    case RILL_STUN_U8_VALUE:
        node->u = rill_r_u8(&r);
        node->meaning = meaning(type, &rill_stun_value_fields(kind)->fields[0], node->u);
        fits = v.n == 4;
        break;
    case RILL_STUN_U16_VALUE:
        node->u = rill_r_u16(&r);
        fits = v.n == 4 || v.n == 2;
        break;
    case RILL_STUN_ERROR_VALUE:
        fits = rill_stun_value_error(v, &code, &reason);
        node->u = fits ? code : 0;
        node->meaning = fits ? rill_stun_error_name(code) : NULL;
        break;
    case RILL_STUN_FLAG:
        node->type = RILL_DISSECT_NONE;
        fits = v.n == 0;
        break;
    default:
        node->type = rill_stun_value_fields(kind) ? RILL_DISSECT_NONE : RILL_DISSECT_BYTES;
        node->view = v;
    }
    if (fits)
        return;
    node->type = RILL_DISSECT_BYTES;
    node->view = v;
    rill_tree_mark(node, "{} bytes are not what a value of this attribute looks like", v.n);
}

/* RFC 8489 §14.7: needs no key, so anybody can tell. */
static void judge_fingerprint(struct rill_dissect_node *node, struct rill_view message)
{
    struct rill_stun_msg m;
    if (rill_stun_decode(message, &m, NULL) < 0)
        return;
    if (rill_stun_check_fingerprint(&m))
        node->meaning = "right";
    else
        rill_tree_mark(node, "it does not fit the message", 0);
}

static void attribute(struct rill_scan *s, struct rill_view message)
{
    struct rill_view txid = rill_view_sub(message, 8, RILL_STUN_TXID);
    const struct rill_field *rows = rill_stun_attr_fields.fields;
    struct rill_view head = rill_part_sub(s->p, s->at, 4).v;
    uint16_t type = (uint16_t)rill_field_get(&rows[0], head);
    size_t n = (size_t)rill_field_get(&rows[1], head);
    const struct rill_stun_attr_row *row = rill_stun_attr_row(type);
    enum rill_stun_kind kind = rill_stun_attr_kind(type);
    struct rill_field name = unknown;
    if (row)
        name = (struct rill_field){row->name, 0, 0, row->clause, row->sentence};
    struct rill_part whole = rill_scan_take(s, &name, head.n < 4 ? 4 : 4 + (n + 3) / 4 * 4);
    if (s->bad)
        return;
    struct rill_part v = rill_part_sub(whole, 4, n);
    struct rill_dissect_node *node = rill_tree_open(s->t, &name, whole);
    tell(node, v.v, txid, type, kind);
    if (type == RILL_STUN_FINGERPRINT)
        judge_fingerprint(node, message);
    rill_tree_field(s->t, &rows[0], whole)->meaning = row ? row->name : NULL;
    rill_tree_field(s->t, &rows[1], whole);
    value(s->t, v, type, kind);
    if (type == RILL_STUN_DATA && s->t->nested < RILL_DISSECT_NESTED_MAX) {
        s->t->nested++;
        s->t->depth++;
        rill_dissect_datagram(s->t, v);
        s->t->depth--;
        s->t->nested--;
    }
    if (n % 4)
        rill_tree_bytes(s->t, &padding, rill_part_from(whole, 4 + n));
    rill_tree_close(s->t);
}

void rill_dissect_stun(struct rill_tree *t, struct rill_part p)
{
    size_t first = t->out->n;
    struct rill_stun_msg m;
    struct rill_err why;
    struct rill_scan s = rill_scan_of(t, p);
    rill_tree_open(t, &proto, p);
    struct rill_part head =
        rill_scan_take(&s, &rill_stun_header_fields.fields[1], RILL_STUN_HEADER);
    if (!s.bad) {
        header(t, head);
        size_t n = (size_t)rill_field_get(&rill_stun_header_fields.fields[2], head.v);
        struct rill_scan attrs = rill_scan_of(t, rill_part_sub(p, RILL_STUN_HEADER, n));
        while (rill_scan_left(&attrs) && !attrs.bad)
            attribute(&attrs, rill_view_sub(p.v, 0, RILL_STUN_HEADER + n));
        s.at += attrs.p.v.n;
        rill_scan_end(&s, &surplus);
    }
    if (rill_stun_decode(p.v, &m, &why) < 0)
        rill_tree_blame(t, first, p, &why);
    rill_tree_close(t);
}
