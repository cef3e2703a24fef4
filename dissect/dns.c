/* dns: a message of multicast DNS: header, questions, records (RFC 1035 §4, RFC 6762 §18). */
#include "dissect/tree.h"

#include "mdns/message.h"

#include <string.h>

static const struct rill_field proto = {"mDNS", 0, 0, "RFC 6762 §18",
                                        "names of addresses, asked and told on the local network"};

/* Room of a name in text: each byte may take four. */
#define NAME_TEXT (4 * RILL_DNS_NAME_MAX)

static const struct rill_field *row(const char *name)
{
    return rill_field_named(&rill_dns_entry_fields, name);
}

/* In the caller's scratch; empty without. */
static struct rill_view text_of(struct rill_tree *t, const struct rill_dns_name *name)
{
    uint8_t text[NAME_TEXT];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_dns_name_write(&w, name);
    struct rill_span room = rill_tree_scratch(t, w.at);
    if (room.n)
        memcpy(room.p, text, room.n);
    return rill_view_at(room.p, room.n);
}

static void head(struct rill_scan *s, struct rill_view name, size_t n, const char *top_bit)
{
    struct rill_part part = rill_scan_take(s, row("name"), n);
    struct rill_dissect_node *node = rill_tree_bytes(s->t, row("name"), part);
    if (name.n) {
        node->type = RILL_DISSECT_TEXT;
        node->view = name;
    }
    node = rill_scan_int(s, row("type"), 2);
    node->meaning = rill_dns_type_name(node->u);
    part = rill_scan_take(s, row("class"), 2);
    rill_tree_field(s->t, row(top_bit), part);
    rill_tree_field(s->t, row("class"), part);
}

static struct rill_dissect_node *open_entry(struct rill_tree *t, const char *kind,
                                            struct rill_part part, struct rill_view name)
{
    struct rill_dissect_node *node = rill_tree_open(t, row(kind), part);
    node->type = name.n ? RILL_DISSECT_TEXT : RILL_DISSECT_NONE;
    node->view = name;
    return node;
}

static void question(struct rill_tree *t, struct rill_part part, const struct rill_dns_question *q)
{
    struct rill_scan s = rill_scan_of(t, part);
    struct rill_view name = text_of(t, &q->name);
    open_entry(t, "question", part, name)->meaning = rill_dns_type_name(q->type);
    head(&s, name, part.v.n - 4, "unicast-response");
    rill_tree_close(t);
}

static void record(struct rill_tree *t, struct rill_part part, const struct rill_dns_record *r)
{
    struct rill_scan s = rill_scan_of(t, part);
    struct rill_view name = text_of(t, &r->name);
    open_entry(t, "record", part, name)->meaning = rill_dns_type_name(r->type);
    head(&s, name, part.v.n - 10 - r->data.n, "cache-flush");
    rill_scan_int(&s, row("TTL"), 4);
    rill_scan_int(&s, row("RDLENGTH"), 2);
    if (r->data.n) {
        struct rill_dissect_node *node = rill_scan_bytes(&s, row("RDATA"), r->data.n);
        if (rill_dns_record_addr(r, &node->addr))
            node->type = RILL_DISSECT_ADDR;
    }
    rill_tree_close(t);
}

void rill_dissect_dns(struct rill_tree *t, struct rill_part p)
{
    struct rill_scan s = rill_scan_of(t, p);
    struct rill_dns_cursor c;
    struct rill_dns_header header;
    struct rill_dns_question q;
    struct rill_dns_record r;
    struct rill_err why;
    size_t first = t->out->n;
    rill_tree_open(t, &proto, p);
    rill_scan_table(&s, &rill_dns_fields, RILL_DNS_HEADER);
    int rc = rill_dns_begin(p.v, &c, &header, &why);
    while (rc == 0 && (rc = rill_dns_next_question(&c, &q, &why)) > 0) {
        question(t, rill_scan_take(&s, row("question"), c.at - s.at), &q);
        rc = 0;
    }
    while (rc == 0 && (rc = rill_dns_next_record(&c, &r, &why)) > 0) {
        record(t, rill_scan_take(&s, row("record"), c.at - s.at), &r);
        rc = 0;
    }
    rill_scan_end(&s, row("rest"));
    if (rc < 0)
        rill_tree_blame(t, first, p, &why);
    rill_tree_close(t);
}
