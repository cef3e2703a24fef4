/* sdp: a description line by line, the words of each, and what breaks a rule (RFC 8866, RFC 9429).
 *
 * The idea: the lines need no memory. The rules do, for they look at the description as a whole; so
 * they are asked in the caller's scratch, and their findings are laid on the lines. */
#include "dissect/tree.h"

#include "ice/cand.h"
#include "sdp/line_fields.h"
#include "sdp/sdp.h"

#define FINDINGS_MAX 64

static const struct rill_field proto = {"SDP", 0, 0, "RFC 8866 §5",
                                        "what a side can do, and how it may be reached"};
static const struct rill_field text_row = {"line", 0, 0, "RFC 8866 §5", "type=value"};

/* --- words ----------------------------------------------------------------------------------- */

/* From `from` on up to the next space; the last word is what is left. */
static void words(struct rill_tree *t, struct rill_part line, const struct rill_sdp_line_row *row,
                  size_t from)
{
    for (size_t i = 0; i < row->n_words && from < line.v.n; i++) {
        size_t n = 0;
        bool last = i + 1 == row->n_words;
        while (from + n < line.v.n && (last || line.v.p[from + n] != ' '))
            n++;
        struct rill_field word = {row->words[i], 0, 0, row->row.clause, NULL};
        if (n)
            rill_tree_text(t, &word, rill_part_sub(line, from, n));
        from += n + 1;
    }
}

static void one_line(struct rill_tree *t, struct rill_part whole)
{
    struct rill_part line = whole;
    struct rill_sdp_line_row row;
    size_t from;
    while (line.v.n && (line.v.p[line.v.n - 1] == '\n' || line.v.p[line.v.n - 1] == '\r'))
        line = rill_part_sub(line, 0, line.v.n - 1);
    bool good = rill_sdp_line_row(line.v, &row, &from);
    struct rill_dissect_node *node = rill_tree_open(t, good ? &row.row : &text_row, whole);
    node->type = RILL_DISSECT_TEXT;
    node->view = line.v;
    if (!good && line.v.n)
        rill_tree_mark(node, "a line is a letter, \"=\" and a value", 0);
    if (rill_view_starts(line.v, "a=candidate:"))
        rill_dissect_candidate_words(t, rill_part_from(line, 2));
    else if (good)
        words(t, line, &row, from);
    rill_tree_close(t);
}

/* --- rules ----------------------------------------------------------------------------------- */

/* The node of line `number`, from 1; NULL when there is none. */
static struct rill_dissect_node *line_node(struct rill_dissection *d, size_t first, size_t number,
                                           uint8_t depth)
{
    size_t n = 0;
    for (size_t i = first; i < d->n; i++)
        if (d->nodes[i].depth == depth && ++n == number)
            return &d->nodes[i];
    return NULL;
}

static void judge(struct rill_tree *t, struct rill_view text, size_t first)
{
    struct rill_sdp_finding found[FINDINGS_MAX];
    size_t n = text.n < RILL_SDP_TEXT_MAX ? text.n : RILL_SDP_TEXT_MAX;
    struct rill_span room = rill_tree_scratch(t, 2 * rill_sdp_arena_size(n));
    if (room.n == 0)
        return;
    struct rill_arena arena = rill_arena_over(room.p, room.n);
    size_t count = rill_sdp_lint(text, &arena, found, FINDINGS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct rill_dissect_node *node =
            line_node(t->out, first + 1, found[i].err.offset, (uint8_t)(t->depth));
        if (!found[i].err.row)
            continue;
        if (!node && first < t->out->n)
            node = &t->out->nodes[first];
        if (!node || node->bad)
            continue;
        rill_tree_mark(node, found[i].err.row->sentence, found[i].err.value);
        node->clause = found[i].clause ? found[i].clause : found[i].err.row->clause;
    }
}

void rill_dissect_sdp(struct rill_tree *t, struct rill_part p)
{
    size_t first = t->out->n, at = 0;
    rill_tree_open(t, &proto, p);
    while (at < p.v.n) {
        size_t n = 0;
        while (at + n < p.v.n && p.v.p[at + n] != '\n')
            n++;
        n += at + n < p.v.n;
        one_line(t, rill_part_sub(p, at, n));
        at += n;
    }
    judge(t, p.v, first);
    rill_tree_close(t);
}
