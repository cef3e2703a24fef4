/* The small values: arena, ring, seq, rng, field, err, clock, steps. */
#include "tests/rill_test.h"

#include <stdalign.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/field.h"
#include "base/ring.h"
#include "base/rng.h"
#include "base/seq.h"
#include "base/steps.h"
#include "base/utf8.h"

static void carve(struct rill_arena *a)
{
    rill_arena_take(a, 3, 5);
    rill_arena_take(a, 1, 1);
    rill_arena_take(a, 7, 64);
}

static void arena_counts_exactly_what_it_then_takes(void **state)
{
    (void)state;
    static uint8_t block[1024];
    struct rill_arena count = rill_arena_counting();
    carve(&count);
    size_t size = rill_arena_size(&count);
    for (size_t skew = 0; skew < alignof(max_align_t); skew++) {
        struct rill_arena a = rill_arena_over(block + skew, size);
        carve(&a);
        assert_false(a.bad);
        assert_int_equal(a.at, count.at);
    }
}

static void arena_exactly_full_takes_no_byte_more(void **state)
{
    (void)state;
    static alignas(max_align_t) uint8_t block[64];
    struct rill_arena a = rill_arena_over(block, sizeof block);
    void *p = rill_arena_take(&a, 4, 16);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
    assert_false(a.bad);
    assert_null(rill_arena_take(&a, 1, 1));
    assert_true(a.bad);
    rill_arena_reset(&a);
    assert_non_null(rill_arena_take(&a, 1, 64));
}

static void arena_gives_room_as_it_finds_it(void **state)
{
    (void)state;
    alignas(max_align_t) uint8_t block[96];
    memset(block, 0xaa, sizeof block);
    struct rill_arena a = rill_arena_over(block, sizeof block);
    const uint8_t *room = rill_arena_take_room(&a, 4, 8), *zeros = rill_arena_take(&a, 4, 8);
    assert_int_equal(room[0], 0xaa);
    assert_int_equal(room[31], 0xaa);
    assert_int_equal(zeros[0], 0);
    assert_int_equal(zeros[31], 0);
    assert_null(rill_arena_take_room(&a, 40, 1));
    assert_true(a.bad);
    assert_null(rill_arena_take_room(&(struct rill_arena){.p = block, .n = 96}, SIZE_MAX, 16));
}

static void arena_refuses_a_size_that_overflows(void **state)
{
    (void)state;
    uint8_t block[64];
    struct rill_arena a = rill_arena_over(block, sizeof block);
    assert_null(rill_arena_take(&a, SIZE_MAX, 16));
    assert_true(a.bad);
}

static void arena_copies_views(void **state)
{
    (void)state;
    uint8_t block[64];
    struct rill_arena a = rill_arena_over(block, sizeof block);
    struct rill_view v = rill_arena_copy(&a, rill_view_of("abc"));
    assert_true(rill_view_is(v, "abc"));
    assert_null(rill_arena_copy(&a, (struct rill_view){0}).p);
}

static void ring_gives_slots_in_order_and_says_when_it_is_full(void **state)
{
    (void)state;
    struct rill_ring r = {.cap = 2};
    assert_int_equal(rill_ring_pop(&r), RILL_RING_NONE);
    assert_int_equal(rill_ring_push(&r), 0);
    assert_int_equal(rill_ring_push(&r), 1);
    assert_int_equal(rill_ring_push(&r), RILL_RING_NONE);
    assert_int_equal(rill_ring_pop(&r), 0);
    assert_int_equal(rill_ring_push(&r), 0);
    assert_int_equal(rill_ring_pop(&r), 1);
    assert_int_equal(rill_ring_pop(&r), 0);
}

static void sequence_numbers_compare_across_the_wrap(void **state)
{
    (void)state;
    assert_true(rill_seq16_newer(0, 65535));
    assert_false(rill_seq16_newer(65535, 0));
    assert_int_equal(rill_seq16_diff(2, 65534), 4);
    assert_true(rill_seq32_newer(5, 0xfffffff0u));
    assert_int_equal(rill_seq16_unwrap(65535, 0), 65536);
    assert_int_equal(rill_seq16_unwrap(65536, 65535), 65535);
    assert_int_equal(rill_seq16_unwrap(3 * 65536 + 10, 9), 3 * 65536 + 9);
    assert_true(rill_seq32_unwrap(0xffffffffll, 3) == 0x100000003ll);
}

static void seeded_entropy_repeats_and_seeds_differ(void **state)
{
    (void)state;
    struct rill_rng_seeded a, b, c;
    uint8_t x[33], y[33], z[33];
    rill_rng_seeded_init(&a, 1);
    rill_rng_seeded_init(&b, 1);
    rill_rng_seeded_init(&c, 2);
    struct rill_rng ra = rill_rng_seeded(&a), rb = rill_rng_seeded(&b), rc = rill_rng_seeded(&c);
    rill_rng_fill(&ra, x, sizeof x);
    rill_rng_fill(&rb, y, sizeof y);
    rill_rng_fill(&rc, z, sizeof z);
    assert_memory_equal(x, y, sizeof x);
    assert_memory_not_equal(x, z, sizeof x);
}

static void below_stays_below_and_reaches_every_value(void **state)
{
    (void)state;
    struct rill_rng_seeded g;
    rill_rng_seeded_init(&g, rill_test_seed());
    struct rill_rng rng = rill_rng_seeded(&g);
    unsigned seen = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t v = rill_rng_below(&rng, 7);
        assert_in_range(v, 0, 6);
        seen |= 1u << v;
    }
    assert_int_equal(seen, 127);
    char text[64];
    rill_rng_ice_chars(&rng, text, sizeof text);
    for (size_t i = 0; i < sizeof text; i++)
        assert_true((text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= 'a' && text[i] <= 'z') ||
                    (text[i] >= '0' && text[i] <= '9') || text[i] == '+' || text[i] == '/');
}

static void fields_are_read_and_put_at_their_bits(void **state)
{
    (void)state;
    static const struct rill_field f = {"x", 6, 12, "", ""};
    static const struct rill_field past = {"y", 20, 12, "", ""};
    uint8_t b[3] = {0xff, 0xff, 0xff};
    rill_field_put(&f, (struct rill_span){b, 3}, 0x0a5);
    assert_memory_equal(b, "\xfc\x29\x7f", 3);
    assert_int_equal(rill_field_get(&f, rill_view_at(b, 3)), 0x0a5);
    assert_int_equal(rill_field_get(&past, rill_view_at(b, 3)), 0);
    rill_field_put(&past, (struct rill_span){b, 3}, 0);
    assert_memory_equal(b, "\xfc\x29\x7f", 3);
}

static void an_error_says_its_sentence_with_the_number(void **state)
{
    (void)state;
    static const struct rill_err_row rows[] = {{-7, "A_B", "RFC 0 §1", "wants 12, has {} bytes"}};
    static const struct rill_err_table table = {"a", rows, 1};
    struct rill_err why;
    char text[64];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    assert_int_equal(rill_err_set(&table, -7, 3, 6, &why), -7);
    assert_int_equal(rill_err_set(&table, -7, 3, 6, NULL), -7);
    rill_err_write(&w, &why);
    rill_w_end_text(&w);
    assert_string_equal(text, "wants 12, has 6 bytes");
    assert_int_equal(why.offset, 3);
    assert_null(rill_err_find(&table, -8));
}

static void ntp_time_counts_from_1900(void **state)
{
    (void)state;
    assert_true(rill_ntp_from_unix_us(0) == (uint64_t)2208988800u << 32);
    assert_true(rill_ntp_from_unix_us(1500000) == ((uint64_t)2208988801u << 32 | 0x80000000u));
}

static void utf8_is_shortest_form_without_surrogates(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "a",
                                       "\xc2\x80",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc1\x81",
                                      "\xc2",
                                      "\xe0\x9f\x80",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xff",
                                      "a\xe2\x82"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(rill_utf8_is_valid(rill_view_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(rill_utf8_is_valid(rill_view_of(bad[i])));
}

static void there_are_23_steps_and_no_other(void **state)
{
    (void)state;
    assert_null(rill_step(0));
    assert_null(rill_step(24));
    for (int i = 1; i <= RILL_STEPS; i++)
        assert_int_equal(rill_step(i)->number, i);
}

static void utf8_finds_a_wrong_byte_wherever_it_stands(void **state)
{
    (void)state;
    uint8_t text[40];
    for (size_t n = 0; n <= sizeof text; n++) {
        memset(text, 'a', sizeof text);
        assert_true(rill_utf8_is_valid(rill_view_at(text, n)));
        for (size_t i = 0; i < n; i++) {
            text[i] = 0xff;
            assert_false(rill_utf8_is_valid(rill_view_at(text, n)));
            text[i] = 0xc3;
            assert_false(rill_utf8_is_valid(rill_view_at(text, n)));
            if (i + 1 < n) {
                text[i + 1] = 0xa4;
                assert_true(rill_utf8_is_valid(rill_view_at(text, n)));
                text[i + 1] = 'a';
            }
            text[i] = 'a';
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_counts_exactly_what_it_then_takes),
        cmocka_unit_test(arena_exactly_full_takes_no_byte_more),
        cmocka_unit_test(arena_gives_room_as_it_finds_it),
        cmocka_unit_test(arena_refuses_a_size_that_overflows),
        cmocka_unit_test(arena_copies_views),
        cmocka_unit_test(ring_gives_slots_in_order_and_says_when_it_is_full),
        cmocka_unit_test(sequence_numbers_compare_across_the_wrap),
        cmocka_unit_test(seeded_entropy_repeats_and_seeds_differ),
        cmocka_unit_test(below_stays_below_and_reaches_every_value),
        cmocka_unit_test(fields_are_read_and_put_at_their_bits),
        cmocka_unit_test(an_error_says_its_sentence_with_the_number),
        cmocka_unit_test(ntp_time_counts_from_1900),
        cmocka_unit_test(utf8_is_shortest_form_without_surrogates),
        cmocka_unit_test(there_are_23_steps_and_no_other),
        cmocka_unit_test(utf8_finds_a_wrong_byte_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
