/* early: what a validated path sends before DTLS may start is kept, within 4 KiB and 3 s. */
#include "peer/early.h"
#include "tests/rill_test.h"

static uint8_t big[RILL_DTLS_EARLY_MAX + 1];

static bool keep(struct rill_peer_early *e, int64_t now, size_t n)
{
    return rill_peer_early_keep(e, now, rill_view_at(big, n));
}

static size_t count(const struct rill_peer_early *e, int64_t now)
{
    struct rill_view v;
    size_t at = 0, n = 0;
    while (rill_peer_early_next(e, now, &at, &v))
        n++;
    return n;
}

static void early_gives_back_what_it_was_given_in_order(void **state)
{
    struct rill_peer_early e = {0};
    struct rill_view v;
    size_t at = 0;
    (void)state;
    assert_true(rill_peer_early_keep(&e, 0, rill_view_of("first")));
    assert_true(rill_peer_early_keep(&e, 1, rill_view_of("second")));
    assert_true(rill_peer_early_next(&e, 2, &at, &v));
    assert_true(rill_view_is(v, "first"));
    assert_true(rill_peer_early_next(&e, 2, &at, &v));
    assert_true(rill_view_is(v, "second"));
    assert_false(rill_peer_early_next(&e, 2, &at, &v));
}

static void early_keeps_exactly_4_kib(void **state)
{
    struct rill_peer_early e = {0};
    (void)state;
    assert_true(keep(&e, 0, RILL_DTLS_EARLY_MAX - 1));
    assert_true(keep(&e, 0, 1));
    assert_int_equal(count(&e, 0), 2);
}

static void early_refuses_one_byte_over_4_kib(void **state)
{
    struct rill_peer_early e = {0};
    (void)state;
    assert_false(keep(&e, 0, RILL_DTLS_EARLY_MAX + 1));
    assert_true(keep(&e, 0, RILL_DTLS_EARLY_MAX));
    assert_false(keep(&e, 0, 1));
}

static void early_keeps_as_many_datagrams_as_it_has_entries_and_not_one_more(void **state)
{
    struct rill_peer_early e = {0};
    (void)state;
    for (size_t i = 0; i < RILL_PEER_EARLY_DATAGRAMS; i++)
        assert_true(keep(&e, 0, 1));
    assert_false(keep(&e, 0, 1));
}

static void early_forgets_after_3_seconds(void **state)
{
    struct rill_peer_early e = {0};
    (void)state;
    assert_true(keep(&e, 0, 10));
    assert_int_equal(count(&e, RILL_PEER_EARLY_TIME - 1), 1);
    assert_int_equal(count(&e, RILL_PEER_EARLY_TIME), 0);
}

static void early_has_room_again_when_all_in_it_is_old(void **state)
{
    struct rill_peer_early e = {0};
    (void)state;
    assert_true(keep(&e, 0, RILL_DTLS_EARLY_MAX));
    assert_false(keep(&e, RILL_PEER_EARLY_TIME - 1, 1));
    assert_true(keep(&e, RILL_PEER_EARLY_TIME, RILL_DTLS_EARLY_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_gives_back_what_it_was_given_in_order),
        cmocka_unit_test(early_keeps_exactly_4_kib),
        cmocka_unit_test(early_refuses_one_byte_over_4_kib),
        cmocka_unit_test(early_keeps_as_many_datagrams_as_it_has_entries_and_not_one_more),
        cmocka_unit_test(early_forgets_after_3_seconds),
        cmocka_unit_test(early_has_room_again_when_all_in_it_is_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
