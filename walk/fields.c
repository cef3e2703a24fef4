/* fields: a packet's fields as a table (see show.h). */
#include "walk/show.h"

#include <inttypes.h>

#define NODES 600
#define LONGEST 48 /* characters of a value */

static void show_value(FILE *out, const struct rill_dissect_node *n)
{
    uint8_t text[400];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_dissect_write_value(&w, n);
    size_t value = w.at;
    rill_dissect_write_meaning(&w, n);
    struct rill_view v = rill_view_at(text, value),
                     meaning = rill_view_at(text + value, w.at - value);
    if (v.n)
        fputc('`', out);
    show_text(out, rill_view_sub(v, 0, v.n < LONGEST ? v.n : LONGEST));
    if (v.n)
        fputs(v.n > LONGEST ? "…`" : "`", out);
    if (v.n && meaning.n)
        fputs(" ", out);
    show_text(out, meaning);
}

/* Where it lies: "4", "0 bits 2–3". */
static void show_place(FILE *out, const struct rill_dissect_node *n)
{
    uint32_t from = n->bit % 8;
    if (!n->inside || n->bits == 0)
        return;
    fprintf(out, "%" PRIu32, n->bit / 8);
    if (from || n->bits % 8)
        fprintf(out, n->bits == 1 ? " bit %" PRIu32 : " bits %" PRIu32, from);
    if ((from || n->bits % 8) && n->bits > 1)
        fprintf(out, "–%" PRIu32, from + n->bits - 1);
}

static bool has_bytes(const struct rill_dissect_node *n)
{
    return n->inside && n->bits && n->bit % 8 == 0 && n->bits % 8 == 0;
}

/* The sentence stands in the table already. */
static bool is_said(const struct rill_dissect_node *nodes, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (nodes[k].sentence == nodes[i].sentence && nodes[k].clause == nodes[i].clause)
            return true;
    return false;
}

static void show_node(FILE *out, const struct rill_dissect_node *nodes, size_t i, bool is_leaf,
                      struct rill_view v)
{
    const struct rill_dissect_node *n = &nodes[i];
    fputs("| ", out);
    show_place(out, n);
    fputs(" | ", out);
    if (is_leaf && has_bytes(n)) {
        fputc('`', out);
        show_bytes(out, rill_view_sub(v, n->bit / 8, n->bits / 8), 8);
        fputc('`', out);
    }
    fputs(" | ", out);
    for (int k = 1; k < n->depth; k++)
        fputs("· ", out);
    fprintf(out, is_leaf ? "%s | " : "**%s** | ", n->name);
    show_value(out, n);
    fputs(" | ", out);
    if (n->sentence && !is_said(nodes, i))
        fprintf(out, n->clause ? "%s (%s)" : "%s", n->sentence, n->clause);
    fputs(" |\n", out);
}

void show_fields(FILE *out, enum rill_dissect_kind kind, struct rill_view v,
                 const struct rill_dissect_hints *hints, size_t limit, uint8_t deepest)
{
    static struct rill_dissect_node nodes[NODES];
    static uint8_t scratch[65536];
    struct rill_dissection d = {
        .nodes = nodes, .cap = NODES, .deepest = deepest, .scratch = {scratch, sizeof scratch}};
    rill_dissect(&d, kind, v, hints);
    fputs("\n| byte | bytes | field | value | what it is |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < d.n; i++) {
        if (limit && nodes[i].inside && nodes[i].bit / 8 >= limit)
            break;
        show_node(out, nodes, i, i + 1 == d.n || nodes[i + 1].depth <= nodes[i].depth, v);
    }
}
