/* heap, chain, todo: what finds a slot without looking at all of them. */
#include "tests/rill_test.h"

#include "base/chain.h"
#include "base/heap.h"
#include "base/rng.h"
#include "base/todo.h"

#include <stdlib.h>

#define SLOTS 64

static struct rill_arena arena(void)
{
    static _Alignas(max_align_t) uint8_t block[8192];
    return rill_arena_over(block, sizeof block);
}

static int64_t least(const int64_t *keys, uint32_t *slot)
{
    int64_t least = RILL_NEVER;
    for (uint32_t i = 0; i < SLOTS; i++)
        if (keys[i] < least) {
            least = keys[i];
            *slot = i;
        }
    return least;
}

static void heap_gives_the_earliest_however_deadlines_change(void **state)
{
    (void)state;
    struct rill_arena a = arena();
    struct rill_heap h = rill_heap_take(&a, SLOTS);
    struct rill_rng_seeded seeded;
    rill_rng_seeded_init(&seeded, rill_test_seed());
    struct rill_rng rng = rill_rng_seeded(&seeded);
    int64_t keys[SLOTS];
    for (size_t i = 0; i < SLOTS; i++)
        keys[i] = RILL_NEVER;
    assert_true(rill_heap_first(&h, NULL) == RILL_NEVER);
    for (int i = 0; i < 20000; i++) {
        uint32_t slot = rill_rng_below(&rng, SLOTS), first = 0, wanted = 0;
        keys[slot] = rill_rng_below(&rng, 3) ? rill_rng_below(&rng, 100) : RILL_NEVER;
        rill_heap_set(&h, slot, keys[slot]);
        int64_t d = rill_heap_first(&h, &first);
        assert_true(d == least(keys, &wanted));
        assert_true(d == RILL_NEVER || keys[first] == d);
    }
}

static void heap_takes_every_slot_and_gives_them_in_order(void **state)
{
    (void)state;
    struct rill_arena a = arena();
    struct rill_heap h = rill_heap_take(&a, SLOTS);
    for (uint32_t i = 0; i < SLOTS; i++)
        rill_heap_set(&h, i, (int64_t)(i * 37 % SLOTS));
    for (int64_t want = 0; want < SLOTS; want++) {
        uint32_t slot;
        assert_true(rill_heap_first(&h, &slot) == want);
        rill_heap_set(&h, slot, RILL_NEVER);
    }
    assert_int_equal(h.n, 0);
}

static bool is_in(const struct rill_chain *c, uint64_t key, uint32_t slot)
{
    uint32_t i = rill_chain_first(c, key);
    while (i != RILL_CHAIN_END && i != slot)
        i = rill_chain_next(c, i);
    return i == slot;
}

static void chain_finds_each_slot_by_its_key_until_it_is_removed(void **state)
{
    (void)state;
    struct rill_arena a = arena();
    struct rill_chain c = rill_chain_take(&a, SLOTS);
    assert_int_equal(rill_chain_first(&c, 7), RILL_CHAIN_END);
    for (uint32_t i = 0; i < SLOTS; i++)
        rill_chain_add(&c, i / 2, i); /* two slots a key */
    for (uint32_t i = 0; i < SLOTS; i++)
        assert_true(is_in(&c, i / 2, i));
    for (uint32_t i = 0; i < SLOTS; i += 2)
        rill_chain_remove(&c, i / 2, i);
    for (uint32_t i = 0; i < SLOTS; i++)
        assert_int_equal(is_in(&c, i / 2, i), i % 2);
    rill_chain_remove(&c, 0, 0); /* it is not there any more */
    assert_true(is_in(&c, 0, 1));
}

static void chain_keys_differ_with_the_seed_and_with_the_bytes(void **state)
{
    (void)state;
    uint64_t key = rill_chain_key(1, rill_view_of("room"));
    assert_true(key == rill_chain_key(1, rill_view_of("room")));
    assert_true(key != rill_chain_key(2, rill_view_of("room")));
    assert_true(key != rill_chain_key(1, rill_view_of("moor")));
}

static void todo_gives_each_once_in_the_order_they_asked(void **state)
{
    (void)state;
    struct rill_arena a = arena();
    struct rill_todo t = rill_todo_take(&a, 4);
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < 8; i++)
            rill_todo_add(&t, 3 - i % 4);
        for (uint32_t i = 0; i < 4; i++)
            assert_int_equal(rill_todo_next(&t), 3 - i);
        assert_int_equal(rill_todo_next(&t), RILL_TODO_NONE);
        rill_todo_add(&t, 2);
        assert_int_equal(rill_todo_next(&t), 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heap_gives_the_earliest_however_deadlines_change),
        cmocka_unit_test(heap_takes_every_slot_and_gives_them_in_order),
        cmocka_unit_test(chain_finds_each_slot_by_its_key_until_it_is_removed),
        cmocka_unit_test(chain_keys_differ_with_the_seed_and_with_the_bytes),
        cmocka_unit_test(todo_gives_each_once_in_the_order_they_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
