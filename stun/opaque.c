/* opaque: the OpaqueString profile of PRECIS (RFC 8265 §4.2), as far as longterm.h says. */
#include "stun/longterm.h"

#include "base/utf8.h"

static uint32_t code_point(struct rill_view v)
{
    static const uint8_t lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = v.p[0] & lead[v.n];
    for (size_t i = 1; i < v.n; i++)
        c = c << 6 | (v.p[i] & 0x3fu);
    return c;
}

/* RFC 8265 §4.2.2 rule 2: "Any instances of non-ASCII space MUST be mapped to SPACE (U+0020); a
 * non-ASCII space is any Unicode code point having a Unicode general category of 'Zs'". */
static bool is_other_space(uint32_t c)
{
    return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
           c == 0x3000;
}

/* RFC 8264 §9.12: "Control characters … are Disallowed". */
static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

int rill_stun_opaque_string(struct rill_view in, struct rill_span out, struct rill_err *why)
{
    struct rill_writer w = rill_writer_of(out);
    size_t n;
    for (size_t at = 0; at < in.n; at += n) {
        n = rill_utf8_sequence(rill_view_sub(in, at, in.n - at));
        uint32_t c = n ? code_point(rill_view_sub(in, at, n)) : 0;
        if (is_control(c))
            return rill_err_set(&rill_stun_errors, RILL_STUN_OPAQUE_STRING, at, at, why);
        if (is_other_space(c))
            rill_w_char(&w, ' ');
        else
            rill_w_bytes(&w, rill_view_sub(in, at, n));
    }
    /* RFC 8265 §4.2.2: "the entity MUST ensure that the string is not zero bytes in length". */
    if (w.bad || w.at == 0)
        return rill_err_set(&rill_stun_errors, RILL_STUN_OPAQUE_STRING, in.n, in.n, why);
    return (int)w.at;
}
