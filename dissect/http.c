/* http: a head line by line, and the body behind it (RFC 9112). */
#include "dissect/tree.h"

#include "base/utf8.h"
#include "signaling/http.h"
#include "signaling/http_fields.h"

static const struct rill_field proto = {"HTTP", 0, 0, "RFC 9112 §2.1",
                                        "a page, or the beginning of a WebSocket"};

static const struct rill_field *row(const char *name)
{
    return rill_field_named(&rill_http_fields, name);
}

/* Up to and with the next line feed. */
static struct rill_part next_line(struct rill_part p, size_t at)
{
    size_t n = 0;
    while (at + n < p.v.n && p.v.p[at + n] != '\n')
        n++;
    n += at + n < p.v.n;
    return rill_part_sub(p, at, n);
}

static struct rill_part without_end(struct rill_part line)
{
    while (line.v.n && (line.v.p[line.v.n - 1] == '\n' || line.v.p[line.v.n - 1] == '\r'))
        line = rill_part_sub(line, 0, line.v.n - 1);
    return line;
}

static void open_line(struct rill_tree *t, const struct rill_field *name, struct rill_part whole,
                      struct rill_view shown)
{
    struct rill_dissect_node *node = rill_tree_open(t, name, whole);
    node->type = RILL_DISSECT_TEXT;
    node->view = shown;
}

static void first_line(struct rill_tree *t, struct rill_part whole, bool response)
{
    static const char *const asked[] = {"method", "request-target", "HTTP-version"};
    static const char *const told[] = {"HTTP-version", "status-code", "reason-phrase"};
    struct rill_part line = without_end(whole);
    size_t from = 0;
    open_line(t, row(response ? "status line" : "request line"), whole, line.v);
    for (size_t i = 0; i < 3 && from < line.v.n; i++) {
        size_t n = 0;
        while (from + n < line.v.n && (i == 2 || line.v.p[from + n] != ' '))
            n++;
        if (n)
            rill_tree_text(t, row(response ? told[i] : asked[i]), rill_part_sub(line, from, n));
        from += n + 1;
    }
    rill_tree_close(t);
}

static void header(struct rill_tree *t, struct rill_part whole)
{
    struct rill_part line = without_end(whole);
    struct rill_view rest;
    struct rill_view name = rill_view_cut(line.v, ':', &rest);
    struct rill_part value = rill_part_from(line, name.n + 1);
    while (value.v.n && (value.v.p[0] == ' ' || value.v.p[0] == '\t'))
        value = rill_part_from(value, 1);
    open_line(t, rill_http_header_row(name), whole, value.v);
    if (name.n)
        rill_tree_text(t, row("field-name"), rill_part_sub(line, 0, name.n));
    if (value.v.n)
        rill_tree_text(t, row("field-value"), value);
    rill_tree_close(t);
}

void rill_dissect_http(struct rill_tree *t, struct rill_part p)
{
    bool response = rill_view_starts(p.v, "HTTP/"), ended = false;
    struct rill_http_head head;
    struct rill_err why = {0};
    size_t first = t->out->n, at = 0;
    struct rill_dissect_node *top = rill_tree_open(t, &proto, p);
    while (at < p.v.n && !ended) {
        struct rill_part line = next_line(p, at);
        ended = at > 0 && without_end(line).v.n == 0;
        if (at == 0)
            first_line(t, line, response);
        else if (ended)
            rill_tree_bytes(t, row("blank line"), line);
        else
            header(t, line);
        at += line.v.n;
    }
    if (at < p.v.n) {
        struct rill_part body = rill_part_from(p, at);
        if (rill_utf8_is_valid(body.v))
            rill_tree_text(t, row("body"), body);
        else
            rill_tree_bytes(t, row("body"), body);
    }
    long n = rill_http_parse(p.v, response, &head, &why);
    if (n < 0)
        rill_tree_blame(t, first, p, &why);
    else if (n == 0 && first < t->out->n)
        rill_tree_mark(top, "the head does not end here: {} bytes", p.v.n);
    rill_tree_close(t);
}
