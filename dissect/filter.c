/* filter: from text to a postfix program.
 *
 *   or    = and *("or" and)
 *   and   = not *("and" not)
 *   not   = "not" not / "(" or ")" / term
 *   term  = "contains" value / path [compare value]
 *   path  = word *("." word)
 *
 * The idea: one function a rule; the depth of brackets is bounded, and so is all else. */
#include "dissect/filter_private.h"

#include <string.h>

#define DEPTH_MAX 32

struct parser {
    struct rill_filter *f;
    struct rill_view text;
    size_t at;
    unsigned depth;
    struct rill_err *why;
};

static int refuse(const struct parser *p, int row, size_t at, uint64_t value)
{
    return rill_err_set(&rill_dissect_errors, row, at + 1, value, p->why);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct parser *p)
{
    while (p->at < p->text.n && is_space(p->text.p[p->at]))
        p->at++;
}

/* Letters of names and of values without quotes; a byte of UTF-8 counts as one. */
static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c >= 0x80 || (c && strchr("._-:/[]%", c));
}

static struct rill_view peek_word(const struct parser *p)
{
    size_t n = 0;
    while (p->at + n < p->text.n && is_word(p->text.p[p->at + n]))
        n++;
    return rill_view_sub(p->text, p->at, n);
}

/* Steps over this word, or these signs. */
static bool take(struct parser *p, const char *word)
{
    skip_space(p);
    struct rill_view rest = rill_view_sub(p->text, p->at, p->text.n - p->at);
    bool letters = is_word((uint8_t)word[0]);
    if (letters ? !rill_view_is_nocase(peek_word(p), word) : !rill_view_starts(rest, word))
        return false;
    p->at += strlen(word);
    return true;
}

static int add(struct parser *p, const struct rill_filter_step *step)
{
    if (p->f->n_steps == RILL_FILTER_STEPS_MAX)
        return refuse(p, RILL_FILTER_TOO_LONG, p->at, RILL_FILTER_STEPS_MAX);
    p->f->steps[p->f->n_steps++] = *step;
    return 0;
}

/* --- values ---------------------------------------------------------------------------------- */

static bool hex_number(struct rill_view v, uint64_t *out)
{
    uint64_t n = 0;
    if (!rill_view_starts(v, "0x") || v.n < 3 || v.n > 18)
        return false;
    for (size_t i = 2; i < v.n; i++) {
        uint8_t c = v.p[i] | 0x20;
        bool digit = c >= '0' && c <= '9';
        if (!digit && (c < 'a' || c > 'f'))
            return false;
        n = n << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    *out = n;
    return true;
}

bool rill_filter_number(struct rill_view v, struct rill_filter_value *out)
{
    struct rill_view fraction;
    uint64_t millionths = 0;
    if (hex_number(v, &out->whole))
        return true;
    if (!rill_view_u64(rill_view_cut(v, '.', &fraction), UINT64_MAX, &out->whole))
        return false;
    if (!fraction.p)
        return true;
    if (fraction.n > 6 || !rill_view_u64(fraction, 999999, &millionths))
        return false;
    for (size_t i = fraction.n; i < 6; i++)
        millionths *= 10;
    out->millionths = (uint32_t)millionths;
    return true;
}

static int value(struct parser *p, struct rill_filter_value *out)
{
    skip_space(p);
    size_t from = p->at;
    *out = (struct rill_filter_value){0};
    if (from < p->text.n && p->text.p[from] == '"') {
        p->at++;
        while (p->at < p->text.n && p->text.p[p->at] != '"')
            p->at++;
        if (p->at == p->text.n)
            return refuse(p, RILL_FILTER_QUOTE, from, 0);
        out->text = rill_view_sub(p->text, from + 1, p->at - from - 1);
        p->at++;
        return 0;
    }
    out->text = peek_word(p);
    if (out->text.n == 0)
        return refuse(p, RILL_FILTER_VALUE, from, 0);
    out->is_number = rill_filter_number(out->text, out);
    out->is_addr =
        rill_addr_parse(out->text, &out->addr) || rill_addr_parse_ip(out->text, &out->addr);
    p->at += out->text.n;
    return 0;
}

/* --- terms ----------------------------------------------------------------------------------- */

static enum rill_filter_compare compare(struct parser *p)
{
    static const struct {
        const char *sign;
        enum rill_filter_compare compare;
    } signs[] = {
        {"==", RILL_FILTER_EQUAL},      {"!=", RILL_FILTER_UNEQUAL},
        {"<=", RILL_FILTER_LESS_EQUAL}, {">=", RILL_FILTER_GREATER_EQUAL},
        {"<", RILL_FILTER_LESS},        {">", RILL_FILTER_GREATER},
        {"~", RILL_FILTER_CONTAINS},    {"contains", RILL_FILTER_CONTAINS},
        {"=", RILL_FILTER_EQUAL},
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (take(p, signs[i].sign))
            return signs[i].compare;
    return RILL_FILTER_THERE;
}

static bool is_order(enum rill_filter_compare c)
{
    return c >= RILL_FILTER_LESS && c <= RILL_FILTER_GREATER_EQUAL;
}

/* time, step and port are numbers, ip is an address: what else is compared is a slip. */
static bool fits(const struct rill_filter_step *s)
{
    struct rill_view name = s->path[0];
    if (s->compare == RILL_FILTER_THERE || s->n_path > 1)
        return !is_order(s->compare) || s->value.is_number;
    if (rill_view_is(name, "time") || rill_view_is(name, "step") || rill_view_is(name, "port"))
        return s->value.is_number && s->compare != RILL_FILTER_CONTAINS;
    if (rill_view_is(name, "ip") || rill_view_is(name, "local") || rill_view_is(name, "remote"))
        return s->value.is_addr &&
               (s->compare == RILL_FILTER_EQUAL || s->compare == RILL_FILTER_UNEQUAL);
    if (rill_view_is(name, "name"))
        return !is_order(s->compare);
    return !is_order(s->compare) || s->value.is_number;
}

static int term(struct parser *p)
{
    struct rill_filter_step step = {.kind = RILL_FILTER_TERM};
    size_t from = p->at;
    struct rill_view word = peek_word(p);
    bool reserved = rill_view_is_nocase(word, "and") || rill_view_is_nocase(word, "or");
    if (word.n == 0 || reserved)
        return refuse(p, RILL_FILTER_EMPTY, from, 0);
    if (rill_view_is_nocase(word, "contains")) {
        step.compare = compare(p);
    } else {
        p->at += word.n;
        while (word.p && step.n_path < RILL_FILTER_PATH_MAX)
            step.path[step.n_path++] = rill_view_cut(word, '.', &word);
        if (word.p)
            return refuse(p, RILL_FILTER_TOO_LONG, from, RILL_FILTER_PATH_MAX);
        step.compare = compare(p);
    }
    if (step.compare != RILL_FILTER_THERE) {
        skip_space(p);
        size_t at = p->at;
        int rc = value(p, &step.value);
        if (rc < 0)
            return rc;
        if (step.n_path && !fits(&step))
            return refuse(p, RILL_FILTER_KIND, at, 0);
    }
    return add(p, &step);
}

/* --- rules ----------------------------------------------------------------------------------- */

static int either(struct parser *p);

static int negated(struct parser *p)
{
    static const struct rill_filter_step not = {.kind = RILL_FILTER_NOT};
    skip_space(p);
    size_t from = p->at;
    if (p->depth == DEPTH_MAX)
        return refuse(p, RILL_FILTER_TOO_LONG, from, DEPTH_MAX);
    if (take(p, "not") || (take(p, "!"))) {
        p->depth++;
        int rc = negated(p);
        p->depth--;
        return rc < 0 ? rc : add(p, &not );
    }
    if (!take(p, "("))
        return term(p);
    p->depth++;
    int rc = either(p);
    p->depth--;
    if (rc == 0 && !take(p, ")"))
        return refuse(p, RILL_FILTER_PARENTHESIS, from, 0);
    return rc;
}

static int both(struct parser *p)
{
    static const struct rill_filter_step and = {.kind = RILL_FILTER_AND};
    int rc = negated(p);
    while (rc == 0 && (take(p, "and") || take(p, "&&"))) {
        rc = negated(p);
        rc = rc < 0 ? rc : add(p, &and);
    }
    return rc;
}

static int either(struct parser *p)
{
    static const struct rill_filter_step or = {.kind = RILL_FILTER_OR};
    int rc = both(p);
    while (rc == 0 && (take(p, "or") || take(p, "||"))) {
        rc = both(p);
        rc = rc < 0 ? rc : add(p, & or);
    }
    return rc;
}

int rill_filter_compile(struct rill_filter *f, struct rill_view text, struct rill_err *why)
{
    struct parser p = {.f = f, .why = why};
    f->n_steps = f->n_text = 0;
    if (text.n > sizeof f->text)
        return refuse(&p, RILL_FILTER_TOO_LONG, sizeof f->text, sizeof f->text);
    if (text.n)
        memcpy(f->text, text.p, text.n);
    f->n_text = text.n;
    p.text = rill_view_at(f->text, f->n_text);
    skip_space(&p);
    if (p.at == p.text.n)
        return 0;
    int rc = either(&p);
    skip_space(&p);
    if (rc == 0 && p.at < p.text.n) {
        bool closed = p.text.p[p.at] == ')';
        rc = refuse(&p, closed ? RILL_FILTER_PARENTHESIS : RILL_FILTER_AFTER, p.at, 0);
    }
    if (rc < 0)
        f->n_steps = 0;
    return rc;
}
