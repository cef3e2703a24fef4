/* todo: slots that want to be looked at, each once, in the order they asked.
 *
 *   rill_todo_add(&t, slot);  while ((slot = rill_todo_next(&t)) != RILL_TODO_NONE) …
 */
#ifndef RILL_BASE_TODO_H
#define RILL_BASE_TODO_H

#include "base/arena.h"
#include "base/ring.h"

#define RILL_TODO_NONE UINT32_MAX

struct rill_todo {
    struct rill_ring ring;
    uint32_t *slots;
    bool *waits; /* by slot */
};

/* For slots 0 … cap - 1; arrays are NULL when the arena only counts. */
static inline struct rill_todo rill_todo_take(struct rill_arena *a, size_t cap)
{
    struct rill_todo t = {.ring.cap = cap};
    t.slots = rill_arena_take(a, cap, sizeof *t.slots);
    t.waits = rill_arena_take(a, cap, sizeof *t.waits);
    return t;
}

static inline void rill_todo_add(struct rill_todo *t, uint32_t slot)
{
    if (t->waits[slot])
        return;
    t->waits[slot] = true;
    t->slots[rill_ring_push(&t->ring)] = slot;
}

static inline uint32_t rill_todo_next(struct rill_todo *t)
{
    size_t i = rill_ring_pop(&t->ring);
    if (i == RILL_RING_NONE)
        return RILL_TODO_NONE;
    t->waits[t->slots[i]] = false;
    return t->slots[i];
}

#endif
