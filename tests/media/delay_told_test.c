/* delay_told_test: how often a buffer's target is traced. */
#include "media/delay_told.h"
#include "tests/rill_test.h"

static void keep_target(void *ctx, const struct rill_trace_point *point, int64_t now,
                        const union rill_trace_value *values)
{
    int64_t *told = ctx;
    assert_string_equal(point->name, "jitter_target");
    told[0]++;
    told[1] = values[0].i;
    told[2] = now;
}

static void the_target_is_told_when_it_changes_and_seldom(void **state)
{
    (void)state;
    int64_t told[3] = {0};
    const struct rill_trace trace = {told, keep_target};
    struct rill_delay_told t = {0};
    int64_t now = RILL_SECOND;
    rill_delay_tell(&t, &trace, now, 20 * RILL_MS, 0);
    assert_int_equal(told[1], 20 * RILL_MS);
    rill_delay_tell(&t, &trace, now + RILL_SECOND, 29 * RILL_MS, 0);
    assert_int_equal(told[0], 1);
    for (int i = 0; i < 100; i++) /* 20 ms a step: each is a change, but not so often */
        rill_delay_tell(&t, &trace, now += 10 * RILL_MS, (40 + i * 20) * RILL_MS, 0);
    assert_int_equal(told[0], 1 + 5);
    rill_delay_tell(&t, NULL, now + RILL_SECOND, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_target_is_told_when_it_changes_and_seldom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
