/* sdp/attrs_image: a=imageattr (RFC 6236 §3.1.1). The sizes stay text: rill's senders take what
 * they are given, and the grammar is what can be wrong.
 *
 *   image-attr = PT 1*2( 1*WSP ( "send" / "recv" ) 1*WSP attr-list )
 *   attr-list  = ( set *(1*WSP set) ) / "*"
 *   set        = "[" "x=" xyrange "," "y=" xyrange *( "," key-value ) "]"
 */
#include "sdp/grammar.h"
#include "sdp/section.h"

/* Passes over white space; the word that follows, which a set in brackets is as well. */
static struct rill_view next_word(struct rill_view *rest)
{
    size_t from = 0, to;
    while (from < rest->n && (rest->p[from] == ' ' || rest->p[from] == '\t'))
        from++;
    for (to = from; to < rest->n && rest->p[to] != ' ' && rest->p[to] != '\t'; to++)
        ;
    struct rill_view word = rill_view_sub(*rest, from, to - from);
    *rest = rill_view_sub(*rest, to, rest->n - to);
    return word;
}

/* One value, or a range or list of them in brackets. */
static bool is_range(struct rill_view v)
{
    size_t digits = 0;
    if (v.n > 2 && v.p[0] == '[' && v.p[v.n - 1] == ']')
        v = rill_view_sub(v, 1, v.n - 2);
    for (size_t i = 0; i < v.n; i++) {
        bool digit = v.p[i] >= '0' && v.p[i] <= '9';
        digits += digit;
        if (!digit && v.p[i] != ':' && v.p[i] != ',' && v.p[i] != '.' && v.p[i] != '-')
            return false;
    }
    return digits > 0;
}

/* "name=value" up to the comma outside of brackets. */
static struct rill_view next_pair(struct rill_view *rest)
{
    size_t depth = 0, i = 0;
    while (i < rest->n && (depth || rest->p[i] != ',')) {
        depth += rest->p[i] == '[';
        depth -= rest->p[i] == ']' && depth;
        i++;
    }
    struct rill_view pair = rill_view_sub(*rest, 0, i);
    *rest = i < rest->n ? rill_view_sub(*rest, i + 1, rest->n - i - 1) : (struct rill_view){0};
    return pair;
}

static bool is_set(struct rill_view v)
{
    if (v.n < 2 || v.p[0] != '[' || v.p[v.n - 1] != ']')
        return false;
    v = rill_view_sub(v, 1, v.n - 2);
    for (size_t n = 0; v.p; n++) {
        struct rill_view value;
        struct rill_view name = rill_view_cut(next_pair(&v), '=', &value);
        if ((n == 0 && !rill_view_is(name, "x")) || (n == 1 && !rill_view_is(name, "y")) ||
            !rill_sdp_is_token(name) || !is_range(value))
            return false;
        if (n == 0 && !v.p)
            return false;
    }
    return true;
}

static bool is_direction(struct rill_view v)
{
    return rill_view_is(v, "send") || rill_view_is(v, "recv");
}

/* Sets up to the next direction or the end; at least one, or "*". */
static bool take_sets(struct rill_view *rest)
{
    struct rill_view ahead = *rest;
    struct rill_view word = next_word(&ahead);
    if (rill_view_is(word, "*")) {
        *rest = ahead;
        return true;
    }
    size_t n = 0;
    for (; is_set(word); n++) {
        *rest = ahead;
        word = next_word(&ahead);
    }
    return n > 0;
}

bool rill_sdp_take_imageattr(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_view rest = value;
    struct rill_view word = next_word(&rest);
    struct rill_sdp_imageattr a = {.pt = RILL_SDP_PT_ANY, .attrs = rest};
    uint8_t pt = 0;
    if (!rill_view_is(word, "*")) {
        if (!rill_sdp_payload_type(word, &pt))
            return false;
        a.pt = pt;
    }
    struct rill_view first = next_word(&rest);
    if (!is_direction(first) || !take_sets(&rest))
        return false;
    struct rill_view second = next_word(&rest);
    if (second.n && (!is_direction(second) || rill_view_equal(first, second) || !take_sets(&rest)))
        return false;
    if (next_word(&rest).n)
        return false;
    s->imageattrs[s->m.n_imageattrs++] = a;
    return true;
}
