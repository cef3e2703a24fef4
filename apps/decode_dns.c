/* decode_dns: `rill decode dns`: one datagram taken as a DNS message (RFC 1035 §4, RFC 6762 §18).
 */
#include "apps/app.h"

#include "mdns/message.h"

static json_t *name_json(const struct rill_dns_name *name)
{
    char text[4 * RILL_DNS_NAME_MAX + 1];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_dns_name_write(&w, name);
    rill_w_end_text(&w);
    return json_string(text);
}

static json_t *question_json(const struct rill_dns_question *q)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", name_json(&q->name));
    json_object_set_new(o, "type", json_integer(q->type));
    json_object_set_new(o, "class", json_integer(q->class));
    json_object_set_new(o, "unicast_response", json_boolean(q->unicast));
    return o;
}

static json_t *record_json(const struct rill_dns_record *r)
{
    json_t *o = json_object();
    struct rill_addr addr;
    json_object_set_new(o, "name", name_json(&r->name));
    json_object_set_new(o, "type", json_integer(r->type));
    json_object_set_new(o, "class", json_integer(r->class));
    json_object_set_new(o, "cache_flush", json_boolean(r->flush));
    json_object_set_new(o, "ttl", json_integer(r->ttl));
    json_object_set_new(o, "data", rill_app_json_hex(r->data));
    if (rill_dns_record_addr(r, &addr)) {
        char text[RILL_ADDR_TEXT_MAX];
        struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
        rill_addr_write_ip(&w, &addr);
        rill_w_end_text(&w);
        json_object_set_new(o, "address", json_string(text));
    }
    return o;
}

int rill_decode_dns(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                    struct rill_err *why)
{
    struct rill_dns_cursor c;
    struct rill_dns_header h;
    struct rill_dns_question q;
    struct rill_dns_record r;
    (void)args;
    int rc = rill_dns_check(in, why);
    if (rc < 0)
        return rc;
    rill_dns_begin(in, &c, &h, NULL);
    json_t *header = json_object(), *questions = json_array(), *records = json_array();
    for (size_t i = 0; i < rill_dns_fields.n; i++)
        json_object_set_new(
            header, rill_dns_fields.fields[i].name,
            json_integer((json_int_t)rill_field_get(&rill_dns_fields.fields[i], in)));
    while (rill_dns_next_question(&c, &q, NULL) > 0)
        json_array_append_new(questions, question_json(&q));
    while (rill_dns_next_record(&c, &r, NULL) > 0)
        json_array_append_new(records, record_json(&r));
    json_object_set_new(out, "header", header);
    json_object_set_new(out, "questions", questions);
    json_object_set_new(out, "records", records);
    return 0;
}
