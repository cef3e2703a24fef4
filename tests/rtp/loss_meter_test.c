/* loss_meter_test: a share that follows what is lost, and does not flutter. */
#include "rtp/loss_meter.h"
#include "tests/rill_test.h"

/* n packets of which every so many-th is lost; 0: none. Returns the fraction, /256. */
static uint8_t feed(struct rill_loss_meter *m, int n, int every)
{
    for (int i = 1; i <= n; i++)
        rill_loss_meter_packet(m, every && i % every == 0);
    return rill_loss_meter_fraction(m);
}

static void a_steady_share_is_found(void **state)
{
    struct rill_loss_meter m = {0};
    (void)state;
    assert_in_range(feed(&m, 1000, 10), 24, 28);
    m = (struct rill_loss_meter){0};
    assert_in_range(feed(&m, 1000, 4), 60, 68);
    m = (struct rill_loss_meter){0};
    assert_int_equal(feed(&m, 1000, 1), 255);
}

static void the_first_packets_say_nothing(void **state)
{
    struct rill_loss_meter m = {0};
    (void)state;
    assert_int_equal(feed(&m, RILL_LOSS_METER_LEAST - 1, 1), 0);
    assert_true(feed(&m, 1, 1) > 250);
}

/* 3 % is where redundancy begins: one in a hundred does not reach it. */
static void a_single_loss_is_no_reason(void **state)
{
    struct rill_loss_meter m = {0};
    (void)state;
    assert_int_equal(feed(&m, 500, 0), 0);
    rill_loss_meter_packet(&m, true);
    assert_true(rill_loss_meter_fraction(&m) < 8);
}

static void a_loss_that_begins_is_seen_within_a_second_of_sound(void **state)
{
    struct rill_loss_meter m = {0};
    (void)state;
    assert_int_equal(feed(&m, 500, 0), 0);
    assert_true(feed(&m, 50, 10) >= 8);
}

static void a_loss_that_ends_is_forgotten_within_seconds(void **state)
{
    struct rill_loss_meter m = {0};
    (void)state;
    assert_true(feed(&m, 500, 10) >= 24);
    assert_true(feed(&m, 64, 0) >= 8);
    assert_true(feed(&m, 256, 0) < 3);
}

static void what_only_came_late_was_not_lost(void **state)
{
    struct rill_loss_meter m = {0};
    (void)state;
    assert_int_equal(feed(&m, 500, 0), 0);
    for (int i = 0; i < 10; i++)
        rill_loss_meter_packet(&m, true);
    assert_true(rill_loss_meter_fraction(&m) >= 18);
    for (int i = 0; i < 10; i++)
        rill_loss_meter_found(&m);
    assert_int_equal(rill_loss_meter_fraction(&m), 0);
    rill_loss_meter_found(&m);
    assert_int_equal(m.share, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_share_is_found),
        cmocka_unit_test(the_first_packets_say_nothing),
        cmocka_unit_test(a_single_loss_is_no_reason),
        cmocka_unit_test(a_loss_that_begins_is_seen_within_a_second_of_sound),
        cmocka_unit_test(a_loss_that_ends_is_forgotten_within_seconds),
        cmocka_unit_test(what_only_came_late_was_not_lost),
    };
    return cmocka_run_group_tests_name("rtp/loss_meter", tests, NULL, NULL);
}
