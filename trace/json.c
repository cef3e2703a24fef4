/* json: an event as one line of JSON. */
#include "trace/format.h"

/* RFC 3629 §4: bytes of the well-formed sequence at the start of v, or 0. */
static size_t utf8_sequence(struct rill_view v)
{
    static const struct {
        uint8_t first, last, low, high; /* lead byte range, second byte range */
        uint8_t n;
    } rows[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (v.p[0] < rows[i].first || v.p[0] > rows[i].last)
            continue;
        if (rows[i].n > v.n)
            return 0;
        if (rows[i].n > 1 && (v.p[1] < rows[i].low || v.p[1] > rows[i].high))
            return 0;
        for (size_t k = 2; k < rows[i].n; k++)
            if ((v.p[k] & 0xc0) != 0x80)
                return 0;
        return rows[i].n;
    }
    return 0;
}

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
        size_t n = utf8_sequence(rill_view_at(v.p + i, v.n - i));
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
