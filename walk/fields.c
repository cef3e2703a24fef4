/* fields: a packet's fields as a table (see show.h). */
#include "walk/show.h"

#include <inttypes.h>

#define NODES 400

static void dissect(struct rill_dissection *d, enum rill_dissect_kind kind, struct rill_view v,
                    const struct rill_dissect_hints *hints)
{
    (void)kind, (void)v, (void)hints;
    d->n = 0;
}

static void show_value(FILE *out, const struct rill_dissect_node *n)
{
    switch (n->type) {
    case RILL_DISSECT_NONE:
        break;
    case RILL_DISSECT_U64:
        fprintf(out, "%" PRIu64, n->u);
        break;
    case RILL_DISSECT_TEXT:
        fputc('`', out);
        show_text(out, rill_view_sub(n->view, 0, n->view.n < 60 ? n->view.n : 60));
        fputs(n->view.n > 60 ? "…`" : "`", out);
        break;
    case RILL_DISSECT_BYTES:
        fprintf(out, "%zu bytes", n->view.n);
        break;
    case RILL_DISSECT_ADDR:
        fputc('`', out);
        show_addr(out, &n->addr);
        fputc('`', out);
        break;
    }
    if (n->meaning)
        fprintf(out, "%s%s", n->type == RILL_DISSECT_NONE ? "" : ": ", n->meaning);
}

/* Where it lies: "4", "0 bits 2–3"; and its bytes, when it is made of whole ones. */
static void show_place(FILE *out, const struct rill_dissect_node *n, struct rill_view v)
{
    uint32_t from = n->bit % 8, last = from + n->bits - 1;
    if (!n->inside || n->bits == 0) {
        fputs("| | ", out);
        return;
    }
    fprintf(out, "| %" PRIu32, n->bit / 8);
    if (from || n->bits % 8) {
        fprintf(out, n->bits == 1 ? " bit %" PRIu32 : " bits %" PRIu32, from);
        if (n->bits > 1)
            fprintf(out, "–%" PRIu32, last);
        fputs(" | ", out);
        return;
    }
    fputs(" | `", out);
    show_bytes(out, rill_view_sub(v, n->bit / 8, n->bits / 8), 8);
    fputs("` ", out);
}

void show_fields(FILE *out, enum rill_dissect_kind kind, struct rill_view v,
                 const struct rill_dissect_hints *hints, size_t limit)
{
    static struct rill_dissect_node nodes[NODES];
    struct rill_dissection d = {.nodes = nodes, .cap = NODES};
    dissect(&d, kind, v, hints);
    if (!d.n)
        return;
    fputs("\n| byte | bytes | field | value | what it is |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < d.n; i++) {
        const struct rill_dissect_node *n = &d.nodes[i];
        if (limit && n->inside && n->bit / 8 >= limit)
            break;
        show_place(out, n, v);
        fputs("| ", out);
        for (int k = 1; k < n->depth; k++)
            fputs("· ", out);
        fprintf(out, n->depth ? "%s | " : "**%s** | ", n->name);
        show_value(out, n);
        fprintf(out, " | %s", n->sentence ? n->sentence : "");
        if (n->clause)
            fprintf(out, "%s(%s)", n->sentence ? " " : "", n->clause);
        fputs(" |\n", out);
    }
}
