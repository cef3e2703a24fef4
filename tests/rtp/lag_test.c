/* lag_test: how much later than its fastest packets a stream comes. */
#include "rtp/lag.h"
#include "tests/rill_test.h"

#define MS RILL_MS
#define HZ 90000u
#define FRAME 3000u /* ticks: 30 a second */

/* Pictures 30 a second for so long, each so much later than the path takes. */
static void come(struct rill_rtp_lag *l, int64_t *now, uint32_t *rtp_time, int64_t later, int n)
{
    for (int i = 0; i < n; i++) {
        *now += RILL_SECOND / 30;
        *rtp_time += FRAME;
        rill_rtp_lag_packet(l, *now + later, *rtp_time, HZ);
    }
}

static void a_stream_that_comes_evenly_has_none(void **state)
{
    (void)state;
    struct rill_rtp_lag l = {0};
    int64_t now = RILL_SECOND;
    uint32_t rtp_time = 0xfffff000; /* it wraps */
    come(&l, &now, &rtp_time, 0, 100);
    assert_true(rill_rtp_lag(&l) < MS);
}

static void a_queue_on_the_way_shows_with_its_first_packet_and_is_gone_with_it(void **state)
{
    (void)state;
    struct rill_rtp_lag l = {0};
    int64_t now = RILL_SECOND;
    uint32_t rtp_time = 5;
    come(&l, &now, &rtp_time, 0, 30);
    come(&l, &now, &rtp_time, 300 * MS, 1);
    assert_in_range(rill_rtp_lag(&l), 299 * MS, 301 * MS);
    come(&l, &now, &rtp_time, 0, 1);
    assert_true(rill_rtp_lag(&l) < MS);
}

static void the_first_packet_of_a_picture_counts_and_an_old_one_does_not(void **state)
{
    (void)state;
    struct rill_rtp_lag l = {0};
    int64_t now = RILL_SECOND;
    uint32_t rtp_time = 0;
    come(&l, &now, &rtp_time, 0, 30);
    rill_rtp_lag_packet(&l, now + 90 * MS, rtp_time, HZ);
    rill_rtp_lag_packet(&l, now + 90 * MS, rtp_time - 2 * FRAME, HZ);
    assert_true(rill_rtp_lag(&l) < MS);
}

/* 100 ppm, for ten minutes: 60 ms. */
static void clocks_that_drift_are_no_queue(void **state)
{
    (void)state;
    struct rill_rtp_lag l = {0};
    int64_t now = RILL_SECOND;
    uint32_t rtp_time = 0;
    for (int i = 0; i < 600; i++) {
        come(&l, &now, &rtp_time, 0, 30);
        now += RILL_SECOND / 10000;
    }
    assert_true(rill_rtp_lag(&l) < 7 * MS);
}

static void a_source_that_begins_again_begins_anew(void **state)
{
    (void)state;
    struct rill_rtp_lag l = {0};
    int64_t now = RILL_SECOND;
    uint32_t rtp_time = 0;
    come(&l, &now, &rtp_time, 0, 30);
    rtp_time += 90000u * 3600;
    come(&l, &now, &rtp_time, 0, 2);
    assert_true(rill_rtp_lag(&l) < MS);
    /* And what nobody could believe is bounded. */
    come(&l, &now, &rtp_time, 5 * RILL_SECOND, 1);
    assert_int_equal(rill_rtp_lag(&l), 2 * RILL_SECOND);
}

/* A stream that goes over to another codec counts by another clock. */
static void another_clock_is_no_queue(void **state)
{
    (void)state;
    struct rill_rtp_lag l = {0};
    int64_t now = RILL_SECOND;
    uint32_t rtp_time = 5;
    come(&l, &now, &rtp_time, 0, 30);
    for (int i = 0; i < 50; i++) {
        now += 20 * MS;
        rtp_time += i ? 160 : 90000; /* what one makes of the other */
        rill_rtp_lag_packet(&l, now, rtp_time, 8000);
        assert_true(rill_rtp_lag(&l) < MS);
    }
    rill_rtp_lag_packet(&l, now + 120 * MS, rtp_time + 160, 8000);
    assert_in_range(rill_rtp_lag(&l), 99 * MS, 101 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_comes_evenly_has_none),
        cmocka_unit_test(a_queue_on_the_way_shows_with_its_first_packet_and_is_gone_with_it),
        cmocka_unit_test(the_first_packet_of_a_picture_counts_and_an_old_one_does_not),
        cmocka_unit_test(clocks_that_drift_are_no_queue),
        cmocka_unit_test(a_source_that_begins_again_begins_anew),
        cmocka_unit_test(another_clock_is_no_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
