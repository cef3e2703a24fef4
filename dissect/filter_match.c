/* filter_match: a filter's terms, asked of an event. */
#include "dissect/filter_private.h"

/* Deeper than any tree grows. */
#define DEPTH_MAX 64

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool contains(struct rill_view v, struct rill_view what)
{
    for (size_t i = 0; i + what.n <= v.n; i++) {
        size_t k = 0;
        while (k < what.n && lower(v.p[i + k]) == lower(what.p[k]))
            k++;
        if (k == what.n)
            return true;
    }
    return false;
}

/* --- values ---------------------------------------------------------------------------------- */

static int order(uint64_t whole, uint32_t millionths, const struct rill_filter_value *v)
{
    if (whole != v->whole)
        return whole < v->whole ? -1 : 1;
    return millionths == v->millionths ? 0 : millionths < v->millionths ? -1 : 1;
}

static bool number_is(uint64_t whole, uint32_t millionths, const struct rill_filter_step *s)
{
    int o = s->value.is_number ? order(whole, millionths, &s->value) : 1;
    switch (s->compare) {
    case RILL_FILTER_THERE:
        return true;
    case RILL_FILTER_EQUAL:
        return s->value.is_number && o == 0;
    case RILL_FILTER_LESS:
        return o < 0;
    case RILL_FILTER_LESS_EQUAL:
        return o <= 0;
    case RILL_FILTER_GREATER:
        return s->value.is_number && o > 0;
    case RILL_FILTER_GREATER_EQUAL:
        return s->value.is_number && o >= 0;
    default:
        return false;
    }
}

static bool text_is(struct rill_view v, const struct rill_filter_step *s)
{
    if (s->compare == RILL_FILTER_CONTAINS)
        return contains(v, s->value.text);
    return s->compare == RILL_FILTER_THERE ||
           (s->compare == RILL_FILTER_EQUAL && rill_view_equal(v, s->value.text));
}

static bool addr_is(const struct rill_addr *a, const struct rill_filter_step *s)
{
    const struct rill_addr *b = &s->value.addr;
    return s->value.is_addr && a->family != RILL_ADDR_NONE && rill_addr_same_ip(a, b) &&
           (b->port == 0 || a->port == b->port);
}

static bool hex_is(struct rill_view bytes, const struct rill_filter_step *s)
{
    static const char digits[] = "0123456789abcdef";
    struct rill_view text = s->value.text;
    bool whole = s->compare != RILL_FILTER_CONTAINS;
    size_t last = whole ? 0 : 2 * bytes.n;
    if (whole && text.n != 2 * bytes.n)
        return false;
    for (size_t from = 0; from <= last && from + text.n <= 2 * bytes.n; from += 2) {
        size_t k = 0;
        for (; k < text.n; k++) {
            uint8_t byte = bytes.p[(from + k) / 2];
            if (lower(text.p[k]) != (uint8_t)digits[k % 2 ? byte & 15 : byte >> 4])
                break;
        }
        if (k == text.n)
            return true;
    }
    return false;
}

/* By its value, or by what that means. Inequality is the asker's to turn round. */
static bool node_is(const struct rill_dissect_node *node, const struct rill_filter_step *s)
{
    if (s->compare == RILL_FILTER_THERE)
        return true;
    if (node->meaning && !node->bad && text_is(rill_view_of(node->meaning), s))
        return true;
    switch (node->type) {
    case RILL_DISSECT_U64:
        return number_is(node->u, 0, s);
    case RILL_DISSECT_TEXT: {
        struct rill_filter_value v = {0};
        if (rill_view_u64(node->view, UINT64_MAX, &v.whole) && number_is(v.whole, 0, s))
            return true;
        return text_is(node->view, s);
    }
    case RILL_DISSECT_BYTES:
        return (s->compare == RILL_FILTER_EQUAL || s->compare == RILL_FILTER_CONTAINS) &&
               hex_is(node->view, s);
    case RILL_DISSECT_ADDR:
        return s->compare == RILL_FILTER_EQUAL && addr_is(&node->addr, s);
    default:
        return false;
    }
}

/* --- names ----------------------------------------------------------------------------------- */

/* Blanks, dashes and underscores are one; "a=" of an attribute may be left out. */
static uint8_t letter(uint8_t c)
{
    return c == ' ' || c == '_' ? '-' : lower(c);
}

static bool is_called(const char *name, struct rill_view word)
{
    struct rill_view n = rill_view_of(name);
    if (rill_view_starts(n, "a=") && n.n > 2)
        n = rill_view_sub(n, 2, n.n - 2);
    if (n.n != word.n)
        return false;
    for (size_t i = 0; i < n.n; i++)
        if (letter(n.p[i]) != letter(word.p[i]))
            return false;
    return true;
}

/* The words before the last one are names of ancestors, in this order. */
static bool is_at(const struct rill_filter_step *s, const char *const *names, size_t depth)
{
    size_t left = s->n_path - 1;
    if (!is_called(names[depth], s->path[left]))
        return false;
    while (left > 0 && depth-- > 0)
        left -= is_called(names[depth], s->path[left - 1]);
    return left == 0;
}

static bool packet_has(const struct rill_dissection *d, const struct rill_filter_step *s)
{
    const char *names[DEPTH_MAX];
    struct rill_filter_step equal = *s;
    bool unequal = s->compare == RILL_FILTER_UNEQUAL, found = false;
    equal.compare = unequal ? RILL_FILTER_EQUAL : s->compare;
    for (size_t i = 0; d && i < d->n; i++) {
        const struct rill_dissect_node *node = &d->nodes[i];
        if (node->depth >= DEPTH_MAX)
            continue;
        names[node->depth] = node->name;
        if (!is_at(s, names, node->depth))
            continue;
        found = true;
        if (node_is(node, &equal))
            return !unequal;
    }
    return unequal && found;
}

/* --- members of the data ---------------------------------------------------------------------- */

/* json: as it is written. */
static bool json_is(struct rill_view json, const struct rill_filter_step *s)
{
    struct rill_filter_value v = {0};
    struct rill_addr a;
    bool quoted = json.n >= 2 && json.p[0] == '"';
    struct rill_view text = quoted ? rill_view_sub(json, 1, json.n - 2) : json;
    if (s->compare == RILL_FILTER_THERE || text_is(text, s))
        return true;
    if (rill_filter_number(text, &v) && number_is(v.whole, v.millionths, s))
        return true;
    return quoted && s->compare == RILL_FILTER_EQUAL &&
           (rill_addr_parse(text, &a) || rill_addr_parse_ip(text, &a)) && addr_is(&a, s);
}

static bool data_has(const struct rill_filter_event *e, const struct rill_filter_step *s,
                     struct rill_view name)
{
    struct rill_filter_step equal = *s;
    struct rill_view json = rill_filter_member(e->text, name);
    if (!json.p)
        return false;
    if (s->compare != RILL_FILTER_UNEQUAL)
        return json_is(json, s);
    equal.compare = RILL_FILTER_EQUAL;
    return !json_is(json, &equal);
}

/* --- terms ----------------------------------------------------------------------------------- */

static bool is_bad(const struct rill_dissection *d)
{
    for (size_t i = 0; d && i < d->n; i++)
        if (d->nodes[i].bad)
            return true;
    return false;
}

static bool ends(struct rill_view v, const char *with)
{
    struct rill_view w = rill_view_of(with);
    return v.n >= w.n && rill_view_equal(rill_view_sub(v, v.n - w.n, w.n), w);
}

/* "peer" of peer:datagram_sent. */
static struct rill_view room_of(struct rill_view name)
{
    struct rill_view rest;
    return rill_view_cut(name, ':', &rest);
}

static bool bare(const struct rill_filter_step *s, const struct rill_filter_event *e)
{
    struct rill_view word = s->path[0];
    if (rill_view_is_nocase(word, "bad"))
        return is_bad(e->packet);
    if (rill_view_is_nocase(word, "sent") || rill_view_is_nocase(word, "received"))
        return ends(e->name, rill_view_is_nocase(word, "sent") ? "sent" : "received");
    return rill_view_equal(room_of(e->name), word) || packet_has(e->packet, s);
}

/* What both addresses of an event are asked. */
static bool addresses(const struct rill_filter_step *s, const struct rill_filter_event *e,
                      bool local, bool remote)
{
    bool equal = (local && addr_is(&e->local, s)) || (remote && addr_is(&e->remote, s));
    bool there = (local && e->local.family) || (remote && e->remote.family);
    return s->compare == RILL_FILTER_UNEQUAL ? there && !equal : equal;
}

static bool port(const struct rill_filter_step *s, const struct rill_filter_event *e)
{
    struct rill_filter_step equal = *s;
    bool unequal = s->compare == RILL_FILTER_UNEQUAL;
    equal.compare = unequal ? RILL_FILTER_EQUAL : s->compare;
    bool holds = (e->local.family && number_is(e->local.port, 0, &equal)) ||
                 (e->remote.family && number_is(e->remote.port, 0, &equal));
    return unequal ? (e->local.family || e->remote.family) && !holds : holds;
}

static bool number_term(const struct rill_filter_step *s, uint64_t whole, uint32_t millionths)
{
    if (s->compare == RILL_FILTER_UNEQUAL)
        return order(whole, millionths, &s->value) != 0;
    return number_is(whole, millionths, s);
}

static bool ask(const struct rill_filter_step *s, const struct rill_filter_event *e)
{
    struct rill_view word = s->path[0];
    uint64_t time = e->time > 0 ? (uint64_t)e->time : 0;
    if (s->n_path == 0)
        return contains(rill_filter_data(e->text), s->value.text) ||
               contains(e->name, s->value.text);
    if (s->n_path == 2 && rill_view_is(word, "data"))
        return data_has(e, s, s->path[1]);
    if (s->n_path > 1)
        return packet_has(e->packet, s);
    if (s->compare == RILL_FILTER_THERE)
        return bare(s, e);
    if (rill_view_is(word, "time"))
        return number_term(s, time / 1000000, (uint32_t)(time % 1000000));
    if (rill_view_is(word, "step"))
        return number_term(s, e->step, 0);
    if (rill_view_is(word, "port"))
        return port(s, e);
    if (rill_view_is(word, "ip"))
        return addresses(s, e, true, true);
    if (rill_view_is(word, "local") || rill_view_is(word, "remote"))
        return addresses(s, e, rill_view_is(word, "local"), rill_view_is(word, "remote"));
    if (rill_view_is(word, "name"))
        return s->compare == RILL_FILTER_UNEQUAL ? !rill_view_equal(e->name, s->value.text)
                                                 : text_is(e->name, s);
    return data_has(e, s, word) || packet_has(e->packet, s);
}

bool rill_filter_match(const struct rill_filter *f, const struct rill_filter_event *e)
{
    bool stack[RILL_FILTER_STEPS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < f->n_steps; i++) {
        switch (f->steps[i].kind) {
        case RILL_FILTER_TERM:
            stack[n++] = ask(&f->steps[i], e);
            break;
        case RILL_FILTER_NOT:
            stack[n - 1] = !stack[n - 1];
            break;
        case RILL_FILTER_AND:
            n--;
            stack[n - 1] = stack[n - 1] && stack[n];
            break;
        case RILL_FILTER_OR:
            n--;
            stack[n - 1] = stack[n - 1] || stack[n];
            break;
        }
    }
    return n == 0 || stack[0];
}

bool rill_filter_needs_packet(const struct rill_filter *f)
{
    static const char *const others[] = {"time", "step", "port", "ip", "local", "remote", "name"};
    for (size_t i = 0; i < f->n_steps; i++) {
        const struct rill_filter_step *s = &f->steps[i];
        bool other = s->n_path == 0 || (s->n_path == 2 && rill_view_is(s->path[0], "data"));
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
            other |= s->n_path == 1 && s->compare != RILL_FILTER_THERE &&
                     rill_view_is(s->path[0], others[k]);
        if (s->kind == RILL_FILTER_TERM && !other)
            return true;
    }
    return false;
}
