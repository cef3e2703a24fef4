/* candidate: a candidate line, word by word (RFC 8839 §5.1). */
#include "dissect/tree.h"

#include "ice/cand.h"
#include "ice/cand_fields.h"

static const struct rill_field proto = {"candidate", 0, 0, "RFC 8839 §5.1",
                                        "an address that a side may be reached at"};

/* The word at *at, which moves behind the space after it. */
static struct rill_part next(struct rill_part p, size_t *at)
{
    size_t n = 0;
    while (*at + n < p.v.n && p.v.p[*at + n] != ' ')
        n++;
    struct rill_part word = rill_part_sub(p, *at, n);
    *at += n + 1;
    return word;
}

static size_t prefix(struct rill_view v)
{
    if (rill_view_starts(v, "a=candidate:"))
        return 12;
    return rill_view_starts(v, "candidate:") ? 10 : 0;
}

void rill_dissect_candidate_words(struct rill_tree *t, struct rill_part p)
{
    const struct rill_field *rows = rill_ice_cand_fields.fields;
    size_t at = prefix(p.v), first = t->out->n;
    for (size_t i = 0; i < RILL_ICE_CAND_FIXED && at < p.v.n; i++) {
        struct rill_part word = next(p, &at);
        struct rill_dissect_node *node = rill_tree_text(t, &rows[i], word);
        if (i + 1 == RILL_ICE_CAND_FIXED)
            node->meaning = rill_ice_type_sentence(word.v);
    }
    while (at < p.v.n) {
        size_t from = at;
        struct rill_part name = next(p, &at);
        struct rill_part word = next(p, &at);
        struct rill_part pair = rill_part_sub(p, from, word.at + word.v.n - p.at - from);
        struct rill_dissect_node *node = rill_tree_text(t, rill_ice_cand_pair(name.v), pair);
        node->view = word.v;
    }
    struct rill_ice_cand_line line;
    struct rill_err why;
    if (rill_ice_cand_parse(p.v, &line, &why) < 0)
        rill_tree_blame(t, first, p, &why);
}

void rill_dissect_candidate(struct rill_tree *t, struct rill_part p)
{
    struct rill_dissect_node *node = rill_tree_open(t, &proto, p);
    node->type = RILL_DISSECT_TEXT;
    node->view = p.v;
    if (p.v.n)
        rill_dissect_candidate_words(t, p);
    else
        node->meaning = "there are no more candidates";
    rill_tree_close(t);
}
