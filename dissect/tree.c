/* tree: nodes, added in order; a depth below is a child of what was added last above. */
#include "dissect/tree.h"

#include <string.h>

struct rill_part rill_part_sub(struct rill_part p, size_t from, size_t n)
{
    from = from < p.v.n ? from : p.v.n;
    n = n < p.v.n - from ? n : p.v.n - from;
    return (struct rill_part){rill_view_sub(p.v, from, n), p.at + from};
}

struct rill_part rill_part_from(struct rill_part p, size_t from)
{
    return rill_part_sub(p, from, SIZE_MAX);
}

static struct rill_dissect_node *next(struct rill_tree *t)
{
    struct rill_dissection *d = t->out;
    if (d->deepest && t->depth > d->deepest)
        return &t->spare;
    if (d->n == d->cap) {
        d->cut = true;
        return &t->spare;
    }
    return &d->nodes[d->n++];
}

struct rill_dissect_node *rill_tree_add(struct rill_tree *t, const struct rill_field *row,
                                        struct rill_part p, size_t bit, size_t bits)
{
    struct rill_dissect_node *node = next(t);
    *node = (struct rill_dissect_node){
        .depth = t->depth,
        .inside = bits > 0,
        .name = row->name,
        .bit = (uint32_t)(p.at * 8 + bit),
        .bits = (uint32_t)bits,
        .clause = row->clause,
        .sentence = row->sentence,
    };
    return node;
}

struct rill_dissect_node *rill_tree_open(struct rill_tree *t, const struct rill_field *row,
                                         struct rill_part p)
{
    struct rill_dissect_node *node = rill_tree_add(t, row, p, 0, p.v.n * 8);
    t->depth++;
    return node;
}

void rill_tree_close(struct rill_tree *t)
{
    t->depth--;
}

struct rill_dissect_node *rill_tree_bits(struct rill_tree *t, const struct rill_field *row,
                                         struct rill_part p, size_t bit, size_t bits)
{
    struct rill_field place = {.bit = (uint16_t)(bit % 8), .bits = (uint16_t)bits};
    struct rill_dissect_node *node = rill_tree_add(t, row, p, bit, bits);
    node->type = RILL_DISSECT_U64;
    node->u = rill_field_get(&place, rill_part_from(p, bit / 8).v);
    return node;
}

struct rill_dissect_node *rill_tree_field(struct rill_tree *t, const struct rill_field *row,
                                          struct rill_part p)
{
    return rill_tree_bits(t, row, p, row->bit, row->bits);
}

static struct rill_dissect_node *viewed(struct rill_tree *t, const struct rill_field *row,
                                        struct rill_part p, enum rill_dissect_type type)
{
    struct rill_dissect_node *node = rill_tree_add(t, row, p, 0, p.v.n * 8);
    node->type = type;
    node->view = p.v;
    return node;
}

struct rill_dissect_node *rill_tree_bytes(struct rill_tree *t, const struct rill_field *row,
                                          struct rill_part p)
{
    return viewed(t, row, p, RILL_DISSECT_BYTES);
}

struct rill_dissect_node *rill_tree_text(struct rill_tree *t, const struct rill_field *row,
                                         struct rill_part p)
{
    return viewed(t, row, p, RILL_DISSECT_TEXT);
}

struct rill_dissect_node *rill_tree_told(struct rill_tree *t, const struct rill_field *row,
                                         uint64_t u)
{
    struct rill_part nowhere = {0};
    struct rill_dissect_node *node = rill_tree_add(t, row, nowhere, 0, 0);
    node->type = RILL_DISSECT_U64;
    node->u = u;
    return node;
}

struct rill_span rill_tree_scratch(struct rill_tree *t, size_t n)
{
    struct rill_span room = t->out->scratch;
    size_t from = (t->scratch + 15) / 16 * 16;
    if (from > room.n || n > room.n - from)
        return (struct rill_span){0};
    t->scratch = from + n;
    return (struct rill_span){room.p + from, n};
}

void rill_tree_mark(struct rill_dissect_node *node, const char *meaning, uint64_t amount)
{
    node->bad = true;
    node->meaning = meaning;
    node->amount = amount;
}

/* The smallest node with this bit; the last of those that are equal, so the deepest. */
static struct rill_dissect_node *node_at(struct rill_dissection *d, size_t first, size_t bit)
{
    struct rill_dissect_node *best = &d->nodes[first];
    for (size_t i = first; i < d->n; i++) {
        struct rill_dissect_node *node = &d->nodes[i];
        bool there = bit >= node->bit && bit - node->bit < node->bits;
        if (there && (node->bits <= best->bits || bit - best->bit >= best->bits))
            best = node;
    }
    return best;
}

void rill_tree_blame(struct rill_tree *t, size_t first, struct rill_part p,
                     const struct rill_err *why)
{
    struct rill_dissection *d = t->out;
    if (first >= d->n || !why->row)
        return;
    for (size_t i = first; i < d->n; i++)
        if (d->nodes[i].bad)
            return;
    struct rill_dissect_node *node = node_at(d, first, (p.at + why->offset) * 8);
    rill_tree_mark(node, why->row->sentence, why->value);
    node->clause = why->row->clause;
}

/* --- scans ----------------------------------------------------------------------------------- */

struct rill_scan rill_scan_of(struct rill_tree *t, struct rill_part p)
{
    return (struct rill_scan){.t = t, .p = p};
}

size_t rill_scan_left(const struct rill_scan *s)
{
    return s->p.v.n - s->at;
}

struct rill_part rill_scan_take(struct rill_scan *s, const struct rill_field *row, size_t n)
{
    struct rill_part part = rill_part_sub(s->p, s->at, n);
    s->at += part.v.n;
    if (part.v.n == n || s->bad)
        return part;
    s->bad = true;
    struct rill_dissect_node *node = rill_tree_bytes(s->t, row, part);
    if (s->t->partial)
        node->meaning = "goes on in another fragment";
    else
        rill_tree_mark(node, "the bytes end here, before the {} that are to come", n);
    return rill_part_from(s->p, s->p.v.n);
}

struct rill_part rill_scan_rest(struct rill_scan *s)
{
    struct rill_part part = rill_part_from(s->p, s->at);
    s->at = s->p.v.n;
    return part;
}

struct rill_dissect_node *rill_scan_int(struct rill_scan *s, const struct rill_field *row, size_t n)
{
    struct rill_part part = rill_scan_take(s, row, n);
    if (s->bad) {
        s->t->spare = (struct rill_dissect_node){0};
        return &s->t->spare;
    }
    return rill_tree_bits(s->t, row, part, 0, n * 8);
}

static struct rill_dissect_node *take_view(struct rill_scan *s, const struct rill_field *row,
                                           size_t n, enum rill_dissect_type type)
{
    struct rill_part part = rill_scan_take(s, row, n);
    if (s->bad) {
        s->t->spare = (struct rill_dissect_node){0};
        return &s->t->spare;
    }
    return viewed(s->t, row, part, type);
}

struct rill_dissect_node *rill_scan_bytes(struct rill_scan *s, const struct rill_field *row,
                                          size_t n)
{
    return take_view(s, row, n, RILL_DISSECT_BYTES);
}

struct rill_dissect_node *rill_scan_text(struct rill_scan *s, const struct rill_field *row,
                                         size_t n)
{
    return take_view(s, row, n, RILL_DISSECT_TEXT);
}

struct rill_part rill_scan_table(struct rill_scan *s, const struct rill_field_table *table,
                                 size_t n)
{
    struct rill_field whole = {table->format, 0, 0, table->fields[0].clause, NULL};
    struct rill_part part = rill_scan_take(s, &whole, n);
    for (size_t i = 0; !s->bad && i < table->n; i++)
        if (table->fields[i].bits)
            rill_tree_field(s->t, &table->fields[i], part);
    return part;
}

void rill_scan_end(struct rill_scan *s, const struct rill_field *row)
{
    struct rill_part rest = rill_scan_rest(s);
    if (rest.v.n)
        rill_tree_bytes(s->t, row, rest);
}
