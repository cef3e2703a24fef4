/* Controllers behind a bottleneck (the situations of RFC 8867, shortened). */
#include "tests/rtp/bottleneck.h"

#define MOST 2500000
#define KBPS(n) ((n) * (uint64_t)1000)

/* Steady state: the link is used and its queue stays short. */
static void steady(enum rill_bwe_algorithm a, uint64_t bps, int64_t rtt)
{
    struct bottleneck *b = bottleneck_new(bps, rtt);
    struct flow *f = bottleneck_flow(b, a, MOST);
    bottleneck_run(b, 40 * RILL_SECOND);
    bottleneck_measure(b);
    bottleneck_run(b, 30 * RILL_SECOND);
    assert_true(flow_bps(f, 30 * RILL_SECOND) >= 0.9 * (double)bps);
    assert_true(bottleneck_delay(b, 95) <= 100 * RILL_MS);
    bottleneck_free(b);
}

static void bwe_gcc_uses_nine_tenths_of_a_link_with_a_short_queue(void **state)
{
    (void)state;
    steady(RILL_BWE_GCC, KBPS(500), 50 * RILL_MS);
    steady(RILL_BWE_GCC, KBPS(1000), 50 * RILL_MS);
    steady(RILL_BWE_GCC, KBPS(2000), 100 * RILL_MS);
    steady(RILL_BWE_GCC, KBPS(1000), 200 * RILL_MS);
}

static void bwe_nada_uses_nine_tenths_of_a_link_with_a_short_queue(void **state)
{
    (void)state;
    steady(RILL_BWE_NADA, KBPS(500), 50 * RILL_MS);
    steady(RILL_BWE_NADA, KBPS(1000), 50 * RILL_MS);
    steady(RILL_BWE_NADA, KBPS(2000), 100 * RILL_MS);
    steady(RILL_BWE_NADA, KBPS(1000), 200 * RILL_MS);
}

/* The link loses more than half of its rate: within 3 s the target is below it, and the queue gets
 * short again. */
static void drop(enum rill_bwe_algorithm a, int64_t queue)
{
    struct bottleneck *b = bottleneck_new(KBPS(2000), 50 * RILL_MS);
    struct flow *f = bottleneck_flow(b, a, MOST);
    bottleneck_run(b, 40 * RILL_SECOND);
    b->bps = KBPS(800);
    bottleneck_run(b, 3 * RILL_SECOND);
    assert_true(rill_bwe_target(&f->bwe, b->now) <= KBPS(850));
    bottleneck_measure(b);
    bottleneck_run(b, 20 * RILL_SECOND);
    assert_true(bottleneck_delay(b, 95) <= queue);
    assert_true(flow_bps(f, 20 * RILL_SECOND) >= 0.75 * 800000);
    bottleneck_free(b);
}

static void bwe_gcc_is_below_a_link_that_shrank_within_three_seconds(void **state)
{
    (void)state;
    drop(RILL_BWE_GCC, 180 * RILL_MS);
}

static void bwe_nada_is_below_a_link_that_shrank_within_three_seconds(void **state)
{
    (void)state;
    drop(RILL_BWE_NADA, 180 * RILL_MS);
}

/* The queue that it has by then is short after a second and a half, where the rate alone would take
 * two and more; and the rate is then what it was. */
static void bwe_gcc_drains_the_queue_of_a_link_that_shrank(void **state)
{
    (void)state;
    struct bottleneck *b = bottleneck_new(KBPS(2500), 50 * RILL_MS);
    struct flow *f = bottleneck_flow(b, RILL_BWE_GCC, MOST);
    bottleneck_run(b, 40 * RILL_SECOND);
    b->bps = KBPS(1000);
    bottleneck_run(b, 3 * RILL_SECOND / 2);
    bottleneck_measure(b);
    bottleneck_run(b, 2 * RILL_SECOND);
    assert_true(bottleneck_delay(b, 100) <= 100 * RILL_MS);
    assert_true(flow_bps(f, 2 * RILL_SECOND) >= 0.7 * 1000000);
    bottleneck_free(b);
}

/* One that does not drain is not waited for: it is another's, or the way has become longer. */
static void bwe_gcc_does_not_go_on_draining_what_stays(void **state)
{
    (void)state;
    struct rill_gcc_drain d;
    rill_gcc_drain_init(&d);
    int64_t at = 10 * RILL_SECOND;
    rill_gcc_drain_update(&d, at, at, 300 * RILL_MS, false);
    assert_true(d.share < 0.8 && d.share >= 0.5);
    rill_gcc_drain_update(&d, at + RILL_SECOND, at, 60 * RILL_MS, false);
    assert_true(d.share < 1);
    rill_gcc_drain_update(&d, at + 1100 * RILL_MS, at, 40 * RILL_MS, false);
    assert_true(d.share == 1);
    for (int64_t i = 0; i < 100; i++, at += 100 * RILL_MS)
        rill_gcc_drain_update(&d, at, at, 300 * RILL_MS, false);
    assert_true(d.share == 1);
    rill_gcc_drain_init(&d);
    rill_gcc_drain_update(&d, at, at, 300 * RILL_MS, true);
    assert_true(d.share == 1);
}

/* What a path loses by itself is no reason to slow down; what a full queue drops is. */
static void lossy(enum rill_bwe_algorithm a, double loss, int64_t queue, double least_used,
                  double most_lost)
{
    struct bottleneck *b = bottleneck_new(KBPS(1000), 100 * RILL_MS);
    struct flow *f = bottleneck_flow(b, a, MOST);
    b->loss = loss;
    b->queue = queue;
    bottleneck_run(b, 60 * RILL_SECOND);
    bottleneck_measure(b);
    bottleneck_run(b, 60 * RILL_SECOND);
    assert_true(flow_bps(f, 60 * RILL_SECOND) >= least_used * 1000000);
    assert_true((double)f->lost <= most_lost * (double)f->sent);
    bottleneck_free(b);
}

static void bwe_gcc_goes_on_where_the_path_loses_by_itself(void **state)
{
    (void)state;
    lossy(RILL_BWE_GCC, 0.05, 300 * RILL_MS, 0.75, 0.07);
    lossy(RILL_BWE_GCC, 0.10, 300 * RILL_MS, 0.65, 0.12);
    lossy(RILL_BWE_GCC, 0.20, 300 * RILL_MS, 0.45, 0.22);
}

/* Of runs there are few, and how many is chance; whose they are does not depend on it. */
static void bwe_gcc_goes_on_where_the_path_loses_in_runs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct bottleneck *b = bottleneck_new(KBPS(3000), 100 * RILL_MS);
        struct flow *f = bottleneck_flow(b, RILL_BWE_GCC, KBPS(1500));
        rill_rng_seeded_init(&b->seeded, seed);
        b->loss = 0.05;
        b->run = 3;
        bottleneck_run(b, 20 * RILL_SECOND);
        bottleneck_measure(b);
        bottleneck_run(b, 40 * RILL_SECOND);
        assert_true(flow_bps(f, 40 * RILL_SECOND) >= 0.85 * 1500000);
        bottleneck_free(b);
    }
}

static void bwe_gcc_yields_where_a_short_queue_overflows(void **state)
{
    (void)state;
    lossy(RILL_BWE_GCC, 0, 15 * RILL_MS, 0.85, 0.08);
    lossy(RILL_BWE_GCC, 0, 40 * RILL_MS, 0.9, 0.08);
    lossy(RILL_BWE_GCC, 0, 80 * RILL_MS, 0.9, 0.08);
    lossy(RILL_BWE_GCC, 0.05, 40 * RILL_MS, 0.7, 0.12);
}

static void bwe_nada_goes_on_where_the_path_loses_by_itself(void **state)
{
    (void)state;
    lossy(RILL_BWE_NADA, 0.02, 300 * RILL_MS, 0.85, 0.04);
    lossy(RILL_BWE_NADA, 0.05, 300 * RILL_MS, 0.85, 0.07);
}

static void bwe_nada_yields_where_a_short_queue_overflows(void **state)
{
    (void)state;
    lossy(RILL_BWE_NADA, 0, 20 * RILL_MS, 0.85, 0.05);
    lossy(RILL_BWE_NADA, 0, 30 * RILL_MS, 0.85, 0.05);
    lossy(RILL_BWE_NADA, 0.05, 30 * RILL_MS, 0.5, 0.10);
}

/* RFC 8867 §5.4: flows of the same kind share. */
static void share(enum rill_bwe_algorithm a)
{
    struct bottleneck *b = bottleneck_new(KBPS(2000), 50 * RILL_MS);
    struct flow *one = bottleneck_flow(b, a, MOST), *two = bottleneck_flow(b, a, MOST);
    two->from = two->next = b->now + 20 * RILL_SECOND;
    bottleneck_run(b, 120 * RILL_SECOND);
    bottleneck_measure(b);
    bottleneck_run(b, 60 * RILL_SECOND);
    double first = flow_bps(one, 60 * RILL_SECOND), second = flow_bps(two, 60 * RILL_SECOND);
    assert_true(first + second >= 0.85 * 2000000);
    assert_true(first < 3 * second && second < 3 * first);
    bottleneck_free(b);
}

static void bwe_two_gcc_flows_share_a_link(void **state)
{
    (void)state;
    share(RILL_BWE_GCC);
}

static void bwe_two_nada_flows_share_a_link(void **state)
{
    (void)state;
    share(RILL_BWE_NADA);
}

static void bwe_a_source_that_sends_little_is_not_believed_to_prove_much(void **state)
{
    (void)state;
    struct bottleneck *b = bottleneck_new(KBPS(5000), 50 * RILL_MS);
    struct flow *f = bottleneck_flow(b, RILL_BWE_GCC, KBPS(10000));
    f->app_bps = KBPS(400);
    bottleneck_run(b, 60 * RILL_SECOND);
    assert_in_range(rill_bwe_target(&f->bwe, b->now), KBPS(400), KBPS(660));
    bottleneck_free(b);
}

static void bwe_an_estimate_of_the_receiver_holds_ten_seconds(void **state)
{
    (void)state;
    struct rill_bwe x;
    struct rill_bwe_config c = {.start_bps = KBPS(500)};
    rill_bwe_init(&x, RILL_SECOND, &c);
    assert_int_equal(rill_bwe_target(&x, RILL_SECOND), KBPS(500));
    rill_bwe_remb(&x, 2 * RILL_SECOND, KBPS(200), false);
    assert_int_equal(rill_bwe_target(&x, 11 * RILL_SECOND), KBPS(200));
    assert_int_equal(rill_bwe_target(&x, 12 * RILL_SECOND), KBPS(500));
    /* More than our own it does not lift, and nothing is below the least. */
    rill_bwe_remb(&x, 12 * RILL_SECOND, UINT64_MAX, false);
    assert_int_equal(rill_bwe_target(&x, 13 * RILL_SECOND), KBPS(500));
    rill_bwe_remb(&x, 13 * RILL_SECOND, 1, false);
    assert_int_equal(rill_bwe_target(&x, 14 * RILL_SECOND), 30000);
}

static void bwe_where_nothing_else_is_told_the_target_is_the_receivers_estimate(void **state)
{
    (void)state;
    for (int a = RILL_BWE_GCC; a <= RILL_BWE_NADA; a++) {
        struct rill_bwe x;
        struct rill_bwe_config c = {.algorithm = (enum rill_bwe_algorithm)a};
        rill_bwe_init(&x, 0, &c);
        rill_bwe_remb(&x, RILL_SECOND, KBPS(1200), true);
        assert_int_equal(rill_bwe_target(&x, RILL_SECOND), KBPS(1200));
        rill_bwe_remb(&x, 2 * RILL_SECOND, KBPS(400), true);
        assert_int_equal(rill_bwe_target(&x, 2 * RILL_SECOND), KBPS(400));
    }
    /* What is lost counts too. */
    struct rill_bwe x;
    struct rill_bwe_config c = {.start_bps = KBPS(1000)};
    rill_bwe_init(&x, 0, &c);
    rill_bwe_report(&x, 128);
    rill_bwe_remb(&x, RILL_SECOND, KBPS(1200), true);
    assert_int_equal(rill_bwe_target(&x, RILL_SECOND), KBPS(750));
}

/* draft-ietf-rmcat-gcc-02 §6, by its own figures. */
static void bwe_gcc_without_feedback_goes_by_the_loss_of_reports(void **state)
{
    (void)state;
    struct rill_bwe x;
    struct rill_bwe_config c = {.start_bps = KBPS(1000)};
    rill_bwe_init(&x, 0, &c);
    rill_bwe_report(&x, 0); /* below 2 %: 1.05 */
    assert_int_equal(rill_bwe_target(&x, RILL_SECOND), KBPS(1050));
    rill_bwe_report(&x, 13); /* 5 %: as it is */
    assert_int_equal(rill_bwe_target(&x, RILL_SECOND), KBPS(1050));
    rill_bwe_report(&x, 128); /* one half: 1 - 0.5 × 0.5 */
    assert_int_equal(rill_bwe_target(&x, RILL_SECOND), KBPS(1050) * 3 / 4);
}

/* Feedback that lies costs nothing but what it says: the target stays within its bounds. */
static void bwe_absurd_times_leave_the_target_within_its_bounds(void **state)
{
    (void)state;
    static const int64_t times[] = {0,         1, INT32_MAX, -RILL_SECOND, 1000000 * RILL_SECOND,
                                    RILL_NEVER};
    struct rill_rng_seeded g;
    rill_rng_seeded_init(&g, rill_test_seed());
    struct rill_rng rng = rill_rng_seeded(&g);
    for (int a = RILL_BWE_GCC; a <= RILL_BWE_NADA; a++) {
        struct rill_bwe x;
        struct rill_bwe_config c = {.algorithm = (enum rill_bwe_algorithm)a};
        rill_bwe_init(&x, 0, &c);
        for (int64_t i = 0; i < 20000; i++) {
            struct rill_bwe_packet p = {.sent = i * 1000,
                                        .arrived = times[rill_rng_below(&rng, 6)],
                                        .bytes = rill_rng_below(&rng, 65536),
                                        .probe = (uint8_t)rill_rng_below(&rng, 4),
                                        .late = rill_rng_below(&rng, 8) == 0};
            if (rill_rng_below(&rng, 2) && p.arrived != RILL_NEVER)
                p.arrived += i * 1000;
            rill_bwe_feedback(&x, i * 1000, (int64_t)rill_rng_below(&rng, 500000), &p, 1);
            assert_in_range(rill_bwe_target(&x, i * 1000), 30000, 10000000);
        }
    }
}

static void rate_meter_counts_the_last_half_second(void **state)
{
    (void)state;
    struct rill_rate_meter m = {0};
    for (int i = 0; i < 100; i++)
        rill_rate_meter_add(&m, i * 10 * RILL_MS, 1250);
    assert_int_equal(rill_rate_meter_bps(&m), 1000000);
    rill_rate_meter_add(&m, 0, 60000); /* too old to count */
    assert_int_equal(rill_rate_meter_bps(&m), 1000000);
    rill_rate_meter_add(&m, 60 * RILL_SECOND, 1250); /* after a pause: anew */
    assert_int_equal(rill_rate_meter_bps(&m), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_meter_counts_the_last_half_second),
        cmocka_unit_test(bwe_gcc_uses_nine_tenths_of_a_link_with_a_short_queue),
        cmocka_unit_test(bwe_nada_uses_nine_tenths_of_a_link_with_a_short_queue),
        cmocka_unit_test(bwe_gcc_is_below_a_link_that_shrank_within_three_seconds),
        cmocka_unit_test(bwe_gcc_drains_the_queue_of_a_link_that_shrank),
        cmocka_unit_test(bwe_gcc_does_not_go_on_draining_what_stays),
        cmocka_unit_test(bwe_nada_is_below_a_link_that_shrank_within_three_seconds),
        cmocka_unit_test(bwe_gcc_goes_on_where_the_path_loses_by_itself),
        cmocka_unit_test(bwe_gcc_goes_on_where_the_path_loses_in_runs),
        cmocka_unit_test(bwe_gcc_yields_where_a_short_queue_overflows),
        cmocka_unit_test(bwe_nada_goes_on_where_the_path_loses_by_itself),
        cmocka_unit_test(bwe_nada_yields_where_a_short_queue_overflows),
        cmocka_unit_test(bwe_two_gcc_flows_share_a_link),
        cmocka_unit_test(bwe_two_nada_flows_share_a_link),
        cmocka_unit_test(bwe_a_source_that_sends_little_is_not_believed_to_prove_much),
        cmocka_unit_test(bwe_an_estimate_of_the_receiver_holds_ten_seconds),
        cmocka_unit_test(bwe_where_nothing_else_is_told_the_target_is_the_receivers_estimate),
        cmocka_unit_test(bwe_gcc_without_feedback_goes_by_the_loss_of_reports),
        cmocka_unit_test(bwe_absurd_times_leave_the_target_within_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
