/* encode: writes a message straight into the caller's buffer (RFC 8489 §5, §14).
 *
 * The idea: the header goes out first with no length; whoever needs a right one (the two
 * seals, the end) patches it.
 */
#include "stun/encode.h"

#include <string.h>

#define LENGTH_AT 2

void rill_stun_begin(struct rill_stun_writer *s, struct rill_span out, enum rill_stun_class class,
                     uint16_t method, const uint8_t txid[RILL_STUN_TXID])
{
    unsigned m = method, c = (unsigned)class;
    unsigned type = (m & 0xf80) << 2 | (m & 0x70) << 1 | (m & 0xf) | (c & 2) << 7 | (c & 1) << 4;
    s->w = rill_writer_of(out);
    memcpy(s->txid, txid, RILL_STUN_TXID);
    rill_w_u16(&s->w, (uint16_t)type);
    rill_w_u16(&s->w, 0);
    rill_w_u32(&s->w, RILL_STUN_COOKIE);
    rill_w_bytes(&s->w, rill_view_at(s->txid, RILL_STUN_TXID));
}

void rill_stun_put(struct rill_stun_writer *s, uint16_t type, struct rill_view value)
{
    if (value.n > UINT16_MAX)
        s->w.bad = true;
    rill_w_u16(&s->w, type);
    rill_w_u16(&s->w, (uint16_t)value.n);
    rill_w_bytes(&s->w, value);
    /* RFC 8489 §14: "The padding bits MUST be set to zero on sending" */
    rill_w_zeros(&s->w, (4 - value.n % 4) % 4);
}

void rill_stun_put_here(struct rill_stun_writer *s, uint16_t type, size_t n)
{
    rill_w_u16(&s->w, type);
    rill_w_u16(&s->w, (uint16_t)n);
    if (s->w.bad || n > UINT16_MAX || n > s->w.cap - s->w.at) {
        s->w.bad = true;
        return;
    }
    s->w.at += n;
    rill_w_zeros(&s->w, (4 - n % 4) % 4);
}

void rill_stun_put_error(struct rill_stun_writer *s, unsigned code, const char *reason)
{
    struct rill_view text = rill_view_of(reason);
    size_t n = 4 + text.n;
    if (code < 300 || code > 699 || n > UINT16_MAX)
        s->w.bad = true;
    rill_w_u16(&s->w, RILL_STUN_ERROR_CODE);
    rill_w_u16(&s->w, (uint16_t)n);
    rill_w_u16(&s->w, 0);
    rill_w_u8(&s->w, (uint8_t)(code / 100));
    rill_w_u8(&s->w, (uint8_t)(code % 100));
    rill_w_bytes(&s->w, text);
    rill_w_zeros(&s->w, (4 - n % 4) % 4);
}

void rill_stun_put_unknown(struct rill_stun_writer *s, const uint16_t *types, size_t n)
{
    if (n > UINT16_MAX / 2)
        s->w.bad = true;
    rill_w_u16(&s->w, RILL_STUN_UNKNOWN_ATTRIBUTES);
    rill_w_u16(&s->w, (uint16_t)(2 * n));
    for (size_t i = 0; i < n && !s->w.bad; i++)
        rill_w_u16(&s->w, types[i]);
    rill_w_zeros(&s->w, n % 2 * 2);
}

void rill_stun_patch_length(struct rill_stun_writer *s, size_t more)
{
    size_t total = s->w.at + more;
    if (s->w.bad)
        return;
    if (total - RILL_STUN_HEADER > UINT16_MAX) {
        s->w.bad = true;
        return;
    }
    rill_w_patch_u16(&s->w, LENGTH_AT, (uint16_t)(total - RILL_STUN_HEADER));
}

size_t rill_stun_end(struct rill_stun_writer *s)
{
    rill_stun_patch_length(s, 0);
    return s->w.bad ? 0 : s->w.at;
}
