#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

struct rill_arena rill_arena_counting(void)
{
    return (struct rill_arena){.n = SIZE_MAX / 2};
}

struct rill_arena rill_arena_over(void *block, size_t n)
{
    size_t skew = (size_t)((uintptr_t)block % alignof(max_align_t));
    struct rill_arena a = {.p = block, .n = n};
    if (skew) {
        size_t pad = alignof(max_align_t) - skew;
        a.bad = pad > n;
        a.p += a.bad ? 0 : pad;
        a.n -= a.bad ? n : pad;
    }
    return a;
}

void *rill_arena_take_room(struct rill_arena *a, size_t count, size_t size)
{
    size_t unit = alignof(max_align_t);
    if (a->bad || (size && count > (SIZE_MAX / 4) / size)) {
        a->bad = true;
        return NULL;
    }
    size_t need = (count * size + unit - 1) / unit * unit;
    if (need > a->n - a->at) {
        a->bad = true;
        return NULL;
    }
    size_t from = a->at;
    a->at += need;
    return a->p ? a->p + from : NULL;
}

void *rill_arena_take(struct rill_arena *a, size_t count, size_t size)
{
    void *p = rill_arena_take_room(a, count, size);
    if (p)
        memset(p, 0, count * size);
    return p;
}

struct rill_view rill_arena_copy(struct rill_arena *a, struct rill_view v)
{
    if (v.n == 0)
        return (struct rill_view){0};
    uint8_t *p = rill_arena_take(a, v.n, 1);
    if (!p)
        return (struct rill_view){0};
    memcpy(p, v.p, v.n);
    return rill_view_at(p, v.n);
}

void rill_arena_reset(struct rill_arena *a)
{
    a->at = 0;
    a->bad = false;
}

size_t rill_arena_size(const struct rill_arena *a)
{
    return a->at + alignof(max_align_t);
}
