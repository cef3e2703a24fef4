/* sdp/lint: every departure from the RFCs, by its line.
 *
 * The idea: the same eyes as the parser's. A section is read again, line by line, to see which
 * attribute it passed over; then all checks are asked, the forgiving ones as well. */
#include "sdp/checks.h"
#include "sdp/fields.h"
#include "sdp/section.h"

struct findings {
    struct rill_sdp_finding *out;
    size_t n, cap;
};

static void add(struct findings *f, int row, size_t line, uint64_t value, struct rill_view what,
                const char *clause)
{
    if (f->n == f->cap)
        return;
    struct rill_sdp_finding *one = &f->out[f->n++];
    *one = (struct rill_sdp_finding){.what = what};
    rill_err_set(&rill_sdp_errors, row, line, value, &one->err);
    one->clause = clause ? clause : one->err.row->clause;
}

/* Asks the checks of the m-lines from *next on whose m= stands before `line`. */
static void ask(struct findings *f, const struct rill_sdp_judged *j, size_t *next, size_t line)
{
    const struct rill_sdp *s = j->s;
    for (; *next < s->n_media && s->media[*next].line < line; ++*next) {
        struct rill_sdp_broken broken[RILL_SDP_BROKEN_MAX];
        size_t n = rill_sdp_broken(j, *next, broken);
        for (size_t k = 0; k < n; k++)
            add(f, broken[k].row, s->media[*next].line, broken[k].value, (struct rill_view){0},
                NULL);
    }
}

static void count_ahead(struct rill_sdp_section *s, struct rill_sdp_lines ahead)
{
    struct rill_sdp_line line;
    while (rill_sdp_lines_next(&ahead, &line, NULL) > 0 && line.type != 'm') {
        struct rill_view value;
        bool malformed;
        enum rill_sdp_attr attr = RILL_SDP_ATTR_NONE;
        if (line.type == 'a')
            attr = rill_sdp_attr_find(line.value, &value, &malformed);
        if (attr != RILL_SDP_ATTR_NONE)
            s->lines_of[attr]++;
    }
}

static void read_again(struct findings *f, struct rill_sdp_section *s, struct rill_sdp_lines *lines)
{
    struct rill_sdp_lines ahead = *lines;
    struct rill_sdp_line line;
    count_ahead(s, *lines);
    rill_sdp_section_reserve(s);
    while (!s->arena->bad && rill_sdp_lines_next(&ahead, &line, NULL) > 0 && line.type != 'm') {
        *lines = ahead;
        int row = rill_sdp_field_departs(&line, !s->is_session);
        if (row)
            add(f, row, line.number, 0, line.value, NULL);
        if (line.type != 'a' || rill_sdp_attr_take(s, line.value))
            continue;
        struct rill_view value;
        bool malformed;
        enum rill_sdp_attr attr = rill_sdp_attr_find(line.value, &value, &malformed);
        add(f, RILL_SDP_ATTRIBUTE, line.number, 0, line.value, rill_sdp_attr_clause(attr));
    }
}

size_t rill_sdp_lint(struct rill_view text, struct rill_arena *arena, struct rill_sdp_finding *out,
                     size_t cap)
{
    struct findings f = {.out = out, .cap = cap};
    const struct rill_sdp *s;
    struct rill_err why = {0};
    if (rill_sdp_parse(text, arena, &s, &why) < 0) {
        if (cap)
            out[0] = (struct rill_sdp_finding){.err = why, .clause = why.row->clause};
        return cap ? 1 : 0;
    }
    struct rill_sdp_lines lines = rill_sdp_lines_of(text);
    struct rill_sdp_section session = {.arena = arena, .is_session = true};
    struct rill_sdp_judged j = rill_sdp_judged(s);
    size_t asked = 0;
    read_again(&f, &session, &lines);
    for (size_t i = 0; i < s->n_media && !arena->bad; i++) {
        struct rill_sdp_section section = {.arena = arena};
        struct rill_sdp_line line;
        (void)rill_sdp_lines_next(&lines, &line, NULL);
        section.is_rtp = rill_sdp_proto_is_rtp(s->media[i].proto);
        ask(&f, &j, &asked, s->media[i].line + 1);
        read_again(&f, &section, &lines);
    }
    return f.n;
}
