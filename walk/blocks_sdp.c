/* blocks_sdp: descriptions line by line, and what an answer makes of an offer. */
#include "walk/pages.h"
#include "walk/remarks.h"

#include "sdp/sdp.h"
#include "walk/show.h"

#include <stdlib.h>
#include <string.h>

static struct rill_view description(const struct walk_world *w, const struct walk_block *b)
{
    return walk_find(&w->record, WALK_DESCRIPTION, b->who, b->what)->text;
}

/* A remark is made where its line comes for the first time. */
static void show_line(FILE *out, struct rill_view line, struct rill_view *seen, size_t *n_seen,
                      size_t cap)
{
    const struct walk_remark *r = walk_remark(line);
    fputs("| `", out);
    show_text(out, line);
    fputs("` | ", out);
    struct rill_view key = rill_view_of(r ? r->begins : NULL);
    for (size_t i = 0; r && i < *n_seen; i++)
        if (seen[i].p == key.p)
            r = NULL;
    if (r) {
        fprintf(out, "%s (%s)", r->text, r->clause);
        if (*n_seen < cap)
            seen[(*n_seen)++] = key;
    }
    fputs(" |\n", out);
}

static void sdp(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    struct rill_view rest = description(w, b), seen[64];
    size_t n_seen = 0;
    fputs("| line | remark |\n|---|---|\n", out);
    while (rest.n) {
        struct rill_view line = rill_view_cut(rest, '\n', &rest);
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        if (rill_view_starts(line, "m="))
            fputs("| | |\n", out);
        show_line(out, line, seen, &n_seen, sizeof seen / sizeof seen[0]);
    }
}

static const struct rill_sdp *parse(struct rill_view text, struct rill_arena *arena)
{
    const struct rill_sdp *s = NULL;
    size_t n = rill_sdp_arena_size(text.n);
    *arena = rill_arena_over(malloc(n), n);
    if (rill_sdp_parse(text, arena, &s, NULL) < 0)
        walk_stop("a description", "it cannot be parsed");
    return s;
}

static void cell(FILE *out, struct rill_view v)
{
    fputs(" | `", out);
    show_text(out, rill_view_sub(v, 0, v.n < 24 ? v.n : 24));
    fputs(v.n > 24 ? "…`" : "`", out);
}

/* What the text tells to whoever sets it. */
static void learnt(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    struct rill_arena arena;
    const struct rill_sdp *s = parse(description(w, b), &arena);
    fputs("| mid | kind | codecs | direction | ice-ufrag | ice-pwd | setup | fingerprint |\n"
          "|---|---|---|---|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < s->n_media; i++) {
        const struct rill_sdp_media *m = &s->media[i];
        fprintf(out, "| %.*s | %.*s | ", (int)m->mid.n, (const char *)m->mid.p, (int)m->kind.n,
                (const char *)m->kind.p);
        for (size_t k = 0; k < m->n_codecs; k++)
            fprintf(out, "%s%.*s = %u", k ? ", " : "", (int)m->codecs[k].name.n,
                    (const char *)m->codecs[k].name.p, m->codecs[k].pt);
        fprintf(out, " | %s", rill_sdp_direction_name(m->direction));
        cell(out, m->ice_ufrag);
        cell(out, m->ice_pwd);
        fprintf(out, " | %s", rill_sdp_setup_name(m->setup));
        cell(out, m->fingerprints[0].value);
        fputs(" |\n", out);
    }
    free(arena.p);
}

/* One line of an answer beside the same of its offer, for an attribute with one value. */
static void answered(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    (void)b;
    struct rill_arena a, o;
    const struct rill_sdp *answer =
        parse(walk_find(&w->record, WALK_DESCRIPTION, WALK_CLIENT2, "local answer")->text, &a);
    const struct rill_sdp *offer =
        parse(walk_find(&w->record, WALK_DESCRIPTION, WALK_CLIENT2, "remote offer")->text, &o);
    fputs("| m-line | | offer | answer |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < answer->n_media; i++) {
        const struct rill_sdp_media *x = &offer->media[i], *y = &answer->media[i];
        fprintf(out, "| %zu | codecs | %zu | %zu |\n", i, x->n_codecs, y->n_codecs);
        fprintf(out, "| | direction | %s | %s |\n", rill_sdp_direction_name(x->direction),
                rill_sdp_direction_name(y->direction));
        fprintf(out, "| | setup | %s | %s |\n", rill_sdp_setup_name(x->setup),
                rill_sdp_setup_name(y->setup));
        fprintf(out, "| | header extensions | %zu | %zu |\n", x->n_extmaps, y->n_extmaps);
        fprintf(out, "| | ice-ufrag | `%.*s` | `%.*s` |\n", (int)x->ice_ufrag.n,
                (const char *)x->ice_ufrag.p, (int)y->ice_ufrag.n, (const char *)y->ice_ufrag.p);
    }
    free(a.p);
    free(o.p);
}

const struct walk_block walk_sdp_blocks[] = {
    {.name = "offer", .show = sdp, .who = WALK_CLIENT1, .what = "local offer"},
    {.name = "answer", .show = sdp, .who = WALK_CLIENT2, .what = "local answer"},
    {.name = "learnt-17", .show = learnt, .who = WALK_CLIENT2, .what = "remote offer"},
    {.name = "learnt-22", .show = learnt, .who = WALK_CLIENT1, .what = "remote answer"},
    {.name = "answered", .show = answered},
    {.name = NULL},
};
