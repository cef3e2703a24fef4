/* arena: one block a machine, carved once.
 *
 * The idea: the same carving code runs twice. Over no block it only counts, which is
 * rill_X_size(); over the caller's block it hands out the pieces. So the size can never
 * drift from the use. Nothing is given back; the whole block goes when its owner does.
 */
#ifndef RILL_BASE_ARENA_H
#define RILL_BASE_ARENA_H

#include "base/bytes.h"

/* p == NULL counts; bad is set when the block was too small or a size overflowed. */
struct rill_arena {
    uint8_t *p;
    size_t n;
    size_t at;
    bool bad;
};

struct rill_arena rill_arena_counting(void);
struct rill_arena rill_arena_over(void *block, size_t n);

/* Zeroed memory for `count` things of `size` bytes, aligned for any type. NULL when
 * counting or when it does not fit (then bad is set). */
void *rill_arena_take(struct rill_arena *a, size_t count, size_t size);

/* The same without zeroes, for room that is written before it is read: it costs pages only where it
 * is used. */
void *rill_arena_take_room(struct rill_arena *a, size_t count, size_t size);

/* A copy that lives in the arena; empty when it does not fit. */
struct rill_view rill_arena_copy(struct rill_arena *a, struct rill_view v);

/* Forgets what was taken, for arenas that hold one description after another. */
void rill_arena_reset(struct rill_arena *a);

/* Bytes the same takes would need, alignment of the block included. */
size_t rill_arena_size(const struct rill_arena *a);

#endif
