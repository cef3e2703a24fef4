/* ring: the arithmetic of a bounded queue; the owner keeps the slots.
 *
 *   slot = rill_ring_push(&q)  -> slots[slot] = event;      RILL_RING_NONE when full
 *   slot = rill_ring_pop(&q)   -> use slots[slot];          RILL_RING_NONE when empty
 */
#ifndef RILL_BASE_RING_H
#define RILL_BASE_RING_H

#include <stddef.h>
#include <stdint.h>

#define RILL_RING_NONE SIZE_MAX

struct rill_ring {
    size_t cap;
    size_t head;
    size_t n;
};

static inline size_t rill_ring_push(struct rill_ring *r)
{
    if (r->n == r->cap)
        return RILL_RING_NONE;
    size_t slot = (r->head + r->n) % r->cap;
    r->n++;
    return slot;
}

static inline size_t rill_ring_pop(struct rill_ring *r)
{
    if (r->n == 0)
        return RILL_RING_NONE;
    size_t slot = r->head;
    r->head = (r->head + 1) % r->cap;
    r->n--;
    return slot;
}

#endif
