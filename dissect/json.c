/* json: nodes as JSON, and their values for people. */
#include "dissect/dissect.h"

#include "base/utf8.h"
#include "trace/format.h"

/* What a JSON number and a double carry exactly. */
#define NUMBER_MAX ((uint64_t)1 << 53)
#define HEX_MAX 64
#define TEXT_MAX 4096

void rill_dissect_write_meaning(struct rill_writer *w, const struct rill_dissect_node *node)
{
    const char *m = node->meaning ? node->meaning : "";
    for (; *m; m++) {
        if (!node->bad || m[0] != '{' || m[1] != '}') {
            rill_w_char(w, *m);
            continue;
        }
        rill_w_dec(w, node->amount);
        m++;
    }
}

/* Bytes that a terminal can show. */
static void write_text(struct rill_writer *w, struct rill_view v)
{
    for (size_t i = 0; i < v.n;) {
        size_t n = rill_utf8_sequence(rill_view_at(v.p + i, v.n - i));
        bool control =
            v.p[i] < 0x20 || v.p[i] == 0x7f || (v.p[i] == 0xc2 && n == 2 && v.p[i + 1] < 0xa0);
        if (n == 0 || control)
            rill_w_char(w, '.');
        else
            rill_w_bytes(w, rill_view_at(v.p + i, n));
        i += n ? n : 1;
    }
}

static struct rill_view front(struct rill_view v, size_t most)
{
    return rill_view_sub(v, 0, v.n < most ? v.n : most);
}

void rill_dissect_write_value(struct rill_writer *w, const struct rill_dissect_node *node)
{
    struct rill_addr a = node->addr;
    switch (node->type) {
    case RILL_DISSECT_NONE:
        break;
    case RILL_DISSECT_U64:
        rill_w_dec(w, node->u);
        break;
    case RILL_DISSECT_TEXT:
        write_text(w, front(node->view, TEXT_MAX));
        break;
    case RILL_DISSECT_BYTES:
        rill_w_hex(w, front(node->view, HEX_MAX));
        if (node->view.n > HEX_MAX)
            rill_w_str(w, "…");
        break;
    case RILL_DISSECT_ADDR:
        if (a.port)
            rill_addr_write(w, &a);
        else
            rill_addr_write_ip(w, &a);
        break;
    }
}

static void member(struct rill_writer *w, const char *name)
{
    rill_w_str(w, ",\"");
    rill_w_str(w, name);
    rill_w_str(w, "\":");
}

static void text_member(struct rill_writer *w, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    member(w, name);
    rill_trace_write_json_string(w, rill_view_of(text));
}

static void value(struct rill_writer *w, const struct rill_dissect_node *node)
{
    bool quoted = node->type != RILL_DISSECT_U64 || node->u > NUMBER_MAX;
    size_t most = node->type == RILL_DISSECT_BYTES ? HEX_MAX : TEXT_MAX;
    bool viewed = node->type == RILL_DISSECT_BYTES || node->type == RILL_DISSECT_TEXT;
    if (node->type == RILL_DISSECT_NONE)
        return;
    member(w, "value");
    if (node->type == RILL_DISSECT_TEXT) {
        rill_trace_write_json_string(w, front(node->view, most));
    } else if (node->type == RILL_DISSECT_BYTES) {
        rill_w_char(w, '"');
        rill_w_hex(w, front(node->view, most));
        rill_w_str(w, "\",\"hex\":true");
    } else {
        rill_w_str(w, quoted ? "\"" : "");
        rill_dissect_write_value(w, node);
        rill_w_str(w, quoted ? "\"" : "");
    }
    if (viewed && node->view.n > most)
        rill_w_str(w, ",\"cut\":true");
}

/* The sentence of an error has its number in place. */
static void meaning(struct rill_writer *w, const struct rill_dissect_node *node)
{
    uint8_t text[512];
    struct rill_writer line = rill_writer_of((struct rill_span){text, sizeof text});
    if (!node->meaning)
        return;
    rill_dissect_write_meaning(&line, node);
    member(w, "meaning");
    rill_trace_write_json_string(w, rill_w_view(&line));
}

static void write_node(struct rill_writer *w, const struct rill_dissect_node *node)
{
    rill_w_str(w, "{\"depth\":");
    rill_w_dec(w, node->depth);
    text_member(w, "name", node->name);
    member(w, "bit");
    rill_w_dec(w, node->bit);
    member(w, "bits");
    rill_w_dec(w, node->bits);
    value(w, node);
    meaning(w, node);
    text_member(w, "clause", node->clause);
    text_member(w, "sentence", node->sentence);
    if (node->bad)
        rill_w_str(w, ",\"bad\":true");
    rill_w_char(w, '}');
}

void rill_dissect_write_json(struct rill_writer *w, const struct rill_dissection *d)
{
    rill_w_char(w, '[');
    for (size_t i = 0; i < d->n; i++) {
        if (i)
            rill_w_char(w, ',');
        write_node(w, &d->nodes[i]);
    }
    rill_w_char(w, ']');
}
