/* sdp/grammar: predicates over views, one rule of the grammar each. */
#include "sdp/grammar.h"

#include <string.h>

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Every byte a letter, a digit or one of `others`, and at least one byte. */
static bool all_of(struct rill_view v, const char *others)
{
    for (size_t i = 0; i < v.n; i++)
        if (!is_alnum(v.p[i]) && (v.p[i] == 0 || !strchr(others, v.p[i])))
            return false;
    return v.n > 0;
}

bool rill_sdp_is_token(struct rill_view v)
{
    return all_of(v, "!#$%&'*+-.^_`{|}~");
}

bool rill_sdp_is_visible(struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] <= ' ' || v.p[i] == 0x7f)
            return false;
    return v.n > 0;
}

bool rill_sdp_is_digits(struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] < '0' || v.p[i] > '9')
            return false;
    return v.n > 0;
}

bool rill_sdp_is_ice(struct rill_view v, size_t min, size_t max)
{
    return v.n >= min && v.n <= max && all_of(v, "+/");
}

bool rill_sdp_is_rid(struct rill_view v)
{
    return all_of(v, "-_");
}

bool rill_sdp_is_positive_real(struct rill_view v)
{
    bool above_zero = false;
    for (size_t i = 0; i < v.n; i++)
        above_zero |= v.p[i] >= '1' && v.p[i] <= '9';
    struct rill_view fraction;
    struct rill_view whole = rill_view_cut(v, '.', &fraction);
    return above_zero && rill_sdp_is_digits(whole) && (!fraction.p || rill_sdp_is_digits(fraction));
}

struct rill_view rill_sdp_word(struct rill_view *rest)
{
    return rill_view_cut(*rest, ' ', rest);
}

size_t rill_sdp_count_words(struct rill_view v)
{
    size_t n = 0;
    while (v.p) {
        rill_sdp_word(&v);
        n++;
    }
    return n;
}

bool rill_sdp_payload_type(struct rill_view v, uint8_t *out)
{
    uint64_t n;
    if (!rill_view_u64(v, 127, &n))
        return false;
    *out = (uint8_t)n;
    return true;
}
