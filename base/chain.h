/* chain: slots found by a key, without a walk over all of them.
 *
 * The idea: the key picks a bucket, and a bucket is a list that runs through the slots' own links.
 * Two keys may share a bucket, and two slots a key: the caller looks at each slot he is given.
 *
 *   for (s = rill_chain_first(&c, key); s != RILL_CHAIN_END; s = rill_chain_next(&c, s))
 */
#ifndef RILL_BASE_CHAIN_H
#define RILL_BASE_CHAIN_H

#include "base/arena.h"

#define RILL_CHAIN_END UINT32_MAX

struct rill_chain {
    size_t n_buckets;
    uint32_t *buckets, *next, *prev; /* slot + 1; 0: the end */
};

/* For slots 0 … cap - 1; arrays are NULL when the arena only counts. */
struct rill_chain rill_chain_take(struct rill_arena *a, size_t cap);
/* A slot is in one place at most, and leaves it with the key that it came with. */
void rill_chain_add(struct rill_chain *c, uint64_t key, uint32_t slot);
void rill_chain_remove(struct rill_chain *c, uint64_t key, uint32_t slot);
uint32_t rill_chain_first(const struct rill_chain *c, uint64_t key);
uint32_t rill_chain_next(const struct rill_chain *c, uint32_t slot);

/* A key from bytes (FNV-1a, 64 bits); seed: so that nobody outside can choose what meets. */
uint64_t rill_chain_key(uint64_t seed, struct rill_view bytes);

#endif
