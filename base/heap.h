/* heap: which of many slots has the earliest deadline.
 *
 * The idea: a binary heap of slot numbers, and for each slot the place where it stands, so that
 * its deadline can be changed where it is. Setting costs O(log n), asking nothing.
 */
#ifndef RILL_BASE_HEAP_H
#define RILL_BASE_HEAP_H

#include "base/arena.h"
#include "base/clock.h"

struct rill_heap {
    uint32_t n;
    uint32_t *slots; /* in heap order: no slot is earlier than the one at (i - 1) / 2 */
    uint32_t *place; /* by slot: where it stands, from 1; 0: nowhere */
    int64_t *keys;   /* by slot */
};

/* For slots 0 … cap - 1; arrays are NULL when the arena only counts. */
struct rill_heap rill_heap_take(struct rill_arena *a, size_t cap);
/* RILL_NEVER: the slot has no deadline any more. */
void rill_heap_set(struct rill_heap *h, uint32_t slot, int64_t deadline);
/* The earliest deadline, and whose it is (slot may be NULL); RILL_NEVER when there is none. */
int64_t rill_heap_first(const struct rill_heap *h, uint32_t *slot);

#endif
