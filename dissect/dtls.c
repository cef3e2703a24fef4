/* dtls: the records of a datagram, and the handshake messages in those that are in clear. */
#include "dissect/tree.h"

#include "dtls/handshake_fields.h"
#include "dtls/record.h"

static const struct rill_field proto = {
    "DTLS", 0, 0, "RFC 6347 §4.1", "agrees on keys over datagrams; the media's come from here too"};
static const struct rill_field nameless = {"handshake message", 0, 0, "RFC 5246 §7.4",
                                           "of a type that is not registered"};
static const struct rill_field records[] = {
    {"ChangeCipherSpec", 0, 0, "RFC 5246 §7.1", "what follows is encrypted"},
    {"Alert", 0, 0, "RFC 5246 §7.2", "something is wrong, or this side is done"},
    {"Handshake", 0, 0, "RFC 5246 §7.4", "messages that agree on keys"},
    {"ApplicationData", 0, 0, "RFC 5246 §10", "what is said inside"},
    {"record", 0, 0, "RFC 6347 §4.1", "of a content type that is not of DTLS 1.2"},
};
enum { OTHER_RECORD = 4 };

static const struct rill_field *of(enum rill_dtls_field f)
{
    return rill_dtls_field(f);
}

/* --- a record's body ------------------------------------------------------------------------- */

static void message(struct rill_scan *s)
{
    const struct rill_field *rows = rill_dtls_message_fields.fields;
    struct rill_view head = rill_part_sub(s->p, s->at, RILL_DTLS_MESSAGE_HEADER).v;
    uint8_t type = (uint8_t)rill_field_get(&rows[0], head);
    size_t length = (size_t)rill_field_get(&rows[1], head);
    size_t n = (size_t)rill_field_get(&rows[4], head);
    const struct rill_field *row = rill_dtls_message_row(type);
    struct rill_part whole = rill_scan_take(s, row ? row : &nameless, RILL_DTLS_MESSAGE_HEADER + n);
    if (s->bad)
        return;
    size_t first = s->t->out->n;
    struct rill_view rest = whole.v;
    struct rill_dtls_message m;
    struct rill_err why;
    struct rill_scan in = rill_scan_of(s->t, whole);
    rill_tree_open(s->t, row ? row : &nameless, whole);
    rill_scan_table(&in, &rill_dtls_message_fields, RILL_DTLS_MESSAGE_HEADER);
    s->t->partial = n < length;
    if (n == length || rill_field_get(&rows[3], head) == 0)
        rill_dissect_handshake(s->t, rill_scan_rest(&in), type);
    else
        rill_scan_end(&in, of(RILL_DTLS_FIELD_FRAGMENT));
    s->t->partial = false;
    if (rill_dtls_message_read(&rest, &m, &why) < 0)
        rill_tree_blame(s->t, first, whole, &why);
    else if (n < length)
        rill_dissect_join(s->t, &m);
    rill_tree_close(s->t);
}

static void alert(struct rill_scan *s)
{
    struct rill_dissect_node *node = rill_scan_int(s, of(RILL_DTLS_FIELD_ALERT_LEVEL), 1);
    node->meaning = node->u == 1 ? "warning" : node->u == 2 ? "fatal" : NULL;
    node = rill_scan_int(s, of(RILL_DTLS_FIELD_ALERT), 1);
    node->meaning = node->type == RILL_DISSECT_U64 ? rill_dtls_alert_name(node->u) : NULL;
    rill_scan_end(s, of(RILL_DTLS_FIELD_BODY));
}

static void body(struct rill_tree *t, struct rill_part p, const struct rill_dtls_record *r)
{
    struct rill_scan s = rill_scan_of(t, p);
    if (r->epoch > 0) {
        rill_tree_bytes(t, of(RILL_DTLS_FIELD_ENCRYPTED), p);
        return;
    }
    if (r->type == RILL_DTLS_HANDSHAKE_RECORD) {
        while (rill_scan_left(&s) && !s.bad)
            message(&s);
    } else if (r->type == RILL_DTLS_ALERT_RECORD) {
        alert(&s);
    } else if (r->type == RILL_DTLS_CHANGE_CIPHER_SPEC_RECORD) {
        rill_scan_int(&s, of(RILL_DTLS_FIELD_CHANGE), 1);
        rill_scan_end(&s, of(RILL_DTLS_FIELD_BODY));
    } else {
        rill_scan_end(&s, of(RILL_DTLS_FIELD_BODY));
    }
}

/* --- records --------------------------------------------------------------------------------- */

static void head_of(struct rill_tree *t, struct rill_part head)
{
    const struct rill_field *rows = rill_dtls_record_fields.fields;
    for (size_t i = 0; i < rill_dtls_record_fields.n; i++) {
        struct rill_dissect_node *node = rill_tree_field(t, &rows[i], head);
        if (i == 0)
            node->meaning = rill_dtls_content_name(node->u);
        if (i == 1)
            node->meaning = rill_dtls_version_name(node->u);
        if (i == 2)
            node->meaning = node->u ? "encrypted" : "in clear";
    }
}

static void record(struct rill_scan *s)
{
    const struct rill_field *rows = rill_dtls_record_fields.fields;
    struct rill_view head = rill_part_sub(s->p, s->at, RILL_DTLS_RECORD_HEADER).v;
    uint8_t type = (uint8_t)rill_field_get(&rows[0], head);
    size_t n = (size_t)rill_field_get(&rows[4], head);
    bool known = type >= RILL_DTLS_CHANGE_CIPHER_SPEC_RECORD && type <= RILL_DTLS_DATA_RECORD;
    const struct rill_field *row = &records[known ? type - 20 : OTHER_RECORD];
    struct rill_part whole = rill_scan_take(s, row, RILL_DTLS_RECORD_HEADER + n);
    if (s->bad)
        return;
    size_t first = s->t->out->n;
    struct rill_view rest = whole.v;
    struct rill_dtls_record r = {0};
    struct rill_err why;
    rill_tree_open(s->t, row, whole);
    head_of(s->t, rill_part_sub(whole, 0, RILL_DTLS_RECORD_HEADER));
    r.type = type;
    r.epoch = (uint16_t)rill_field_get(&rows[2], head);
    if (n)
        body(s->t, rill_part_from(whole, RILL_DTLS_RECORD_HEADER), &r);
    if (rill_dtls_record_read(&rest, &r, &why) < 0)
        rill_tree_blame(s->t, first, whole, &why);
    rill_tree_close(s->t);
}

void rill_dissect_dtls(struct rill_tree *t, struct rill_part p)
{
    struct rill_scan s = rill_scan_of(t, p);
    t->datagram = p.v;
    t->joins = 0;
    rill_tree_open(t, &proto, p);
    while (rill_scan_left(&s) && !s.bad) {
        /* RFC 9147 §4: first bits 001 begin a record of DTLS 1.3, whose length may be left out. */
        if (s.p.v.p[s.at] >> 5 == 1)
            rill_scan_end(&s, of(RILL_DTLS_FIELD_CIPHERTEXT));
        else
            record(&s);
    }
    rill_tree_close(t);
}
