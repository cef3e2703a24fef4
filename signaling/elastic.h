/* signaling/elastic: a buffer that is small as long as what it holds is.
 *
 * The idea: ten thousand quiet clients send and get a few hundred bytes at a time. The first bytes
 * lie beside the machine that owns the buffer; only what is longer moves to the far memory, which
 * is not touched before that; and when all is gone, the next begins near again.
 */
#ifndef RILL_SIGNALING_ELASTIC_H
#define RILL_SIGNALING_ELASTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rill_elastic {
    uint8_t *p; /* where the bytes lie now */
    size_t cap; /* and how many it may be there */
    uint8_t *near, *far;
    size_t n_near, n_far;
};

/* What it holds need not be kept. */
static inline void rill_elastic_reset(struct rill_elastic *e)
{
    e->p = e->near;
    e->cap = e->n_near;
}

static inline struct rill_elastic rill_elastic_of(uint8_t *near, size_t n_near, uint8_t *far,
                                                  size_t n_far)
{
    struct rill_elastic e = {.near = near, .n_near = n_near, .far = far, .n_far = n_far};
    rill_elastic_reset(&e);
    return e;
}

/* Makes room for `size` bytes, of which the first `held` are kept. */
static inline void rill_elastic_reach(struct rill_elastic *e, size_t held, size_t size)
{
    if (size <= e->cap || e->p == e->far)
        return;
    memcpy(e->far, e->near, held);
    e->p = e->far;
    e->cap = e->n_far;
}

#endif
