#include "base/chain.h"

struct rill_chain rill_chain_take(struct rill_arena *a, size_t cap)
{
    struct rill_chain c = {.n_buckets = cap ? cap : 1};
    c.buckets = rill_arena_take(a, c.n_buckets, sizeof *c.buckets);
    c.next = rill_arena_take(a, c.n_buckets, sizeof *c.next);
    c.prev = rill_arena_take(a, c.n_buckets, sizeof *c.prev);
    return c;
}

/* Fibonacci hashing: keys that count up are spread too. */
static uint32_t *bucket_of(const struct rill_chain *c, uint64_t key)
{
    return &c->buckets[(key * 0x9e3779b97f4a7c15u >> 32) % c->n_buckets];
}

void rill_chain_add(struct rill_chain *c, uint64_t key, uint32_t slot)
{
    uint32_t *bucket = bucket_of(c, key);
    c->next[slot] = *bucket;
    c->prev[slot] = 0;
    if (*bucket)
        c->prev[*bucket - 1] = slot + 1;
    *bucket = slot + 1;
}

void rill_chain_remove(struct rill_chain *c, uint64_t key, uint32_t slot)
{
    uint32_t *bucket = bucket_of(c, key), next = c->next[slot], prev = c->prev[slot];
    if (!prev && *bucket != slot + 1)
        return; /* it is not there */
    if (prev)
        c->next[prev - 1] = next;
    else
        *bucket = next;
    if (next)
        c->prev[next - 1] = prev;
    c->prev[slot] = c->next[slot] = 0;
}

uint32_t rill_chain_first(const struct rill_chain *c, uint64_t key)
{
    return *bucket_of(c, key) - 1;
}

uint32_t rill_chain_next(const struct rill_chain *c, uint32_t slot)
{
    return c->next[slot] - 1;
}

uint64_t rill_chain_key(uint64_t seed, struct rill_view bytes)
{
    uint64_t h = 0xcbf29ce484222325u ^ seed;
    for (size_t i = 0; i < bytes.n; i++)
        h = (h ^ bytes.p[i]) * 0x100000001b3u;
    return h;
}
