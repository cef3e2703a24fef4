/* rng: randomness comes from outside.
 *
 * The idea: one hook in the config. The port gives the system's entropy, a test or a
 * seeded call gives a generator whose stream is the same every time.
 */
#ifndef RILL_BASE_RNG_H
#define RILL_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* fill must not fail; a port whose entropy runs dry stops the program instead. */
struct rill_rng {
    void *ctx;
    void (*fill)(void *ctx, uint8_t *out, size_t n);
};

void rill_rng_fill(const struct rill_rng *rng, void *out, size_t n);
uint32_t rill_rng_u32(const struct rill_rng *rng);
uint64_t rill_rng_u64(const struct rill_rng *rng);
/* Uniform in [0, below); below > 0. */
uint32_t rill_rng_below(const struct rill_rng *rng, uint32_t below);
/* n characters of the ice-char alphabet (RFC 8839 §5.4: ALPHA DIGIT + /), 6 bits each; no NUL. */
void rill_rng_ice_chars(const struct rill_rng *rng, char *out, size_t n);

/* xoshiro256**: not for secrets, only so that a run can be repeated. */
struct rill_rng_seeded {
    uint64_t s[4];
};

void rill_rng_seeded_init(struct rill_rng_seeded *g, uint64_t seed);
/* The hook over g, which must outlive it. */
struct rill_rng rill_rng_seeded(struct rill_rng_seeded *g);

#endif
