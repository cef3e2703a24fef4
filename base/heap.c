#include "base/heap.h"

struct rill_heap rill_heap_take(struct rill_arena *a, size_t cap)
{
    struct rill_heap h = {0};
    h.keys = rill_arena_take(a, cap, sizeof *h.keys);
    h.slots = rill_arena_take(a, cap, sizeof *h.slots);
    h.place = rill_arena_take(a, cap, sizeof *h.place);
    return h;
}

static int64_t key_at(const struct rill_heap *h, uint32_t i)
{
    return h->keys[h->slots[i]];
}

static void put(struct rill_heap *h, uint32_t i, uint32_t slot)
{
    h->slots[i] = slot;
    h->place[slot] = i + 1;
}

/* A hole at i, and a slot that is to stand there or further up. */
static void sift_up(struct rill_heap *h, uint32_t i, uint32_t slot)
{
    while (i > 0 && h->keys[slot] < key_at(h, (i - 1) / 2)) {
        put(h, i, h->slots[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put(h, i, slot);
}

static void sift_down(struct rill_heap *h, uint32_t i, uint32_t slot)
{
    for (uint32_t child; (child = 2 * i + 1) < h->n; i = child) {
        if (child + 1 < h->n && key_at(h, child + 1) < key_at(h, child))
            child++;
        if (h->keys[slot] <= key_at(h, child))
            break;
        put(h, i, h->slots[child]);
    }
    put(h, i, slot);
}

static void settle(struct rill_heap *h, uint32_t i, uint32_t slot)
{
    if (i > 0 && h->keys[slot] < key_at(h, (i - 1) / 2))
        sift_up(h, i, slot);
    else
        sift_down(h, i, slot);
}

static void drop(struct rill_heap *h, uint32_t slot)
{
    uint32_t i = h->place[slot] - 1;
    uint32_t last = h->slots[--h->n];
    h->place[slot] = 0;
    if (last != slot)
        settle(h, i, last);
}

void rill_heap_set(struct rill_heap *h, uint32_t slot, int64_t deadline)
{
    bool stands = h->place[slot] != 0;
    h->keys[slot] = deadline;
    if (deadline == RILL_NEVER) {
        if (stands)
            drop(h, slot);
        return;
    }
    if (stands)
        settle(h, h->place[slot] - 1, slot);
    else
        sift_up(h, h->n++, slot);
}

int64_t rill_heap_first(const struct rill_heap *h, uint32_t *slot)
{
    if (h->n == 0)
        return RILL_NEVER;
    if (slot)
        *slot = h->slots[0];
    return key_at(h, 0);
}
