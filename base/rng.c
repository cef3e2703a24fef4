#include "base/rng.h"

#include <string.h>

void rill_rng_fill(const struct rill_rng *rng, void *out, size_t n)
{
    rng->fill(rng->ctx, out, n);
}

uint32_t rill_rng_u32(const struct rill_rng *rng)
{
    return (uint32_t)rill_rng_u64(rng);
}

uint64_t rill_rng_u64(const struct rill_rng *rng)
{
    uint8_t b[8];
    uint64_t v = 0;
    rill_rng_fill(rng, b, sizeof b);
    for (size_t i = 0; i < sizeof b; i++)
        v = v << 8 | b[i];
    return v;
}

uint32_t rill_rng_below(const struct rill_rng *rng, uint32_t below)
{
    /* Values past the last whole multiple would favour the small ones. */
    uint32_t limit = UINT32_MAX - UINT32_MAX % below;
    uint32_t v;
    do {
        v = rill_rng_u32(rng);
    } while (v >= limit);
    return v % below;
}

void rill_rng_ice_chars(const struct rill_rng *rng, char *out, size_t n)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i++) {
        uint8_t b;
        rill_rng_fill(rng, &b, 1);
        out[i] = alphabet[b & 63];
    }
}

static uint64_t rotate(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

static uint64_t next(struct rill_rng_seeded *g)
{
    uint64_t *s = g->s;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

void rill_rng_seeded_init(struct rill_rng_seeded *g, uint64_t seed)
{
    /* SplitMix64 spreads the seed, so that neighbouring seeds share nothing. */
    for (int i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15u;
        uint64_t z = seed;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        g->s[i] = z ^ z >> 31;
    }
}

static void seeded_fill(void *ctx, uint8_t *out, size_t n)
{
    struct rill_rng_seeded *g = ctx;
    while (n) {
        uint64_t v = next(g);
        size_t take = n < sizeof v ? n : sizeof v;
        memcpy(out, &v, take);
        out += take;
        n -= take;
    }
}

struct rill_rng rill_rng_seeded(struct rill_rng_seeded *g)
{
    return (struct rill_rng){g, seeded_fill};
}
