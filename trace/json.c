/* json: an event as one line of JSON. */
#include "base/utf8.h"
#include "trace/format.h"

static void write_escaped(struct rill_writer *w, uint8_t c)
{
    if (c == '"' || c == '\\') {
        rill_w_char(w, '\\');
        rill_w_char(w, (char)c);
    } else if (c < 0x20) {
        rill_w_str(w, "\\u00");
        rill_w_hex(w, rill_view_at(&c, 1));
    } else {
        rill_w_char(w, (char)c);
    }
}

void rill_trace_write_json_string(struct rill_writer *w, struct rill_view v)
{
    rill_w_char(w, '"');
    for (size_t i = 0; i < v.n;) {
        size_t n = rill_utf8_sequence(rill_view_at(v.p + i, v.n - i));
        if (n == 0) {
            rill_w_str(w, "\xef\xbf\xbd");
            i++;
        } else if (n == 1) {
            write_escaped(w, v.p[i++]);
        } else {
            rill_w_bytes(w, rill_view_at(v.p + i, n));
            i += n;
        }
    }
    rill_w_char(w, '"');
}

static void write_hex_string(struct rill_writer *w, struct rill_view v)
{
    rill_w_char(w, '"');
    rill_w_hex(w, v);
    rill_w_char(w, '"');
}

static void write_value(struct rill_writer *w, enum rill_trace_type type,
                        const union rill_trace_value *v, bool secrets)
{
    struct rill_addr_text addr;
    switch (type) {
    case RILL_TRACE_U64:
        rill_w_dec(w, v->u);
        break;
    case RILL_TRACE_I64:
        rill_w_dec_signed(w, v->i);
        break;
    case RILL_TRACE_TEXT:
        rill_trace_write_json_string(w, v->view);
        break;
    case RILL_TRACE_BYTES:
        write_hex_string(w, v->view);
        break;
    case RILL_TRACE_SECRET:
        if (secrets)
            write_hex_string(w, v->view);
        else
            rill_w_str(w, "null");
        break;
    case RILL_TRACE_ADDR:
        if (!v->addr) {
            rill_w_str(w, "null");
            break;
        }
        addr = rill_addr_text(v->addr);
        rill_trace_write_json_string(w, rill_view_of(addr.text));
        break;
    }
}

void rill_trace_write_json(struct rill_writer *w, const struct rill_trace_point *point, int64_t now,
                           const union rill_trace_value *values, bool secrets)
{
    rill_w_str(w, "{\"time\":");
    rill_w_dec_signed(w, now);
    rill_w_str(w, ",\"room\":");
    rill_trace_write_json_string(w, rill_view_of(point->room));
    rill_w_str(w, ",\"name\":");
    rill_trace_write_json_string(w, rill_view_of(point->name));
    for (size_t i = 0; i < point->n; i++) {
        rill_w_char(w, ',');
        rill_trace_write_json_string(w, rill_view_of(point->fields[i].name));
        rill_w_char(w, ':');
        write_value(w, point->fields[i].type, &values[i], secrets);
    }
    rill_w_str(w, "}\n");
}
