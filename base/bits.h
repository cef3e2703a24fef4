/* base/bits: bits from the left, as video headers have them: past the end it is bad, and zeros. */
#ifndef RILL_BASE_BITS_H
#define RILL_BASE_BITS_H

#include "base/bytes.h"

struct rill_bits {
    struct rill_view v;
    size_t at;
    bool bad;
};

/* n up to 32. */
static inline uint32_t rill_bits_get(struct rill_bits *b, unsigned n)
{
    uint32_t value = 0;
    for (; n > 0; n--, b->at++) {
        b->bad = b->bad || b->at / 8 >= b->v.n;
        value = value << 1 | (b->bad ? 0u : (uint32_t)b->v.p[b->at / 8] >> (7 - b->at % 8) & 1u);
    }
    return value;
}

/* Exp-Golomb (ITU-T H.264 §9.1), and AV1's uvlc() (§4.10.3), up to 2^32 - 2. */
static inline uint32_t rill_bits_golomb(struct rill_bits *b)
{
    unsigned zeros = 0;
    while (!b->bad && zeros < 32 && rill_bits_get(b, 1) == 0)
        zeros++;
    b->bad = b->bad || zeros == 32;
    return b->bad ? 0 : (uint32_t)((1ull << zeros) - 1 + rill_bits_get(b, zeros));
}

#endif
