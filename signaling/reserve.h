/* signaling/reserve: memory from an arena that is not touched.
 *
 * The idea: rill_arena_take() gives zeros and so touches every page. A server keeps buffers for
 * many connections of which few are ever used in full; what nobody writes to costs nothing.
 */
#ifndef RILL_SIGNALING_RESERVE_H
#define RILL_SIGNALING_RESERVE_H

#include "base/arena.h"

/* n bytes with anything in them, aligned for any type; NULL as rill_arena_take(). */
static inline void *rill_reserve(struct rill_arena *a, size_t n)
{
    size_t need = (n + 15) / 16 * 16;
    if (a->bad || need > a->n - a->at) {
        a->bad = true;
        return NULL;
    }
    void *p = a->p ? a->p + a->at : NULL;
    a->at += need;
    return p;
}

#endif
