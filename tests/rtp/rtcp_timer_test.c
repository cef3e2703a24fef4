/* rtcp_timer_test: when reports and feedback go (RFC 3550 §6.3, RFC 4585 §3.5), in virtual time. */
#include "rtp/rtcp_timer.h"
#include "tests/rill_test.h"

static struct rill_rng_seeded generator;
static struct rill_rng rng;

static int set_up(void **state)
{
    (void)state;
    rill_rng_seeded_init(&generator, rill_test_seed());
    rng = rill_rng_seeded(&generator);
    return 0;
}

static const struct rill_rtcp_load video = {
    .bandwidth_bps = 1000000, .members = 2, .senders = 2, .we_send = true};

/* So many reports, each 100 bytes; returns the mean interval. */
static int64_t run(struct rill_rtcp_timer *t, const struct rill_rtcp_load *load, int n,
                   int64_t *least, int64_t *most)
{
    int64_t now = 0, last = 0;
    *least = INT64_MAX;
    *most = 0;
    for (int i = 0; i < n; now = t->tn) {
        if (!rill_rtcp_timer_report_due(t, now, &rng, load))
            continue;
        rill_rtcp_timer_sized(t, 100, 1);
        rill_rtcp_timer_reported(t, now, &rng, load);
        if (i++ > 0) {
            *least = now - last < *least ? now - last : *least;
            *most = now - last > *most ? now - last : *most;
        }
        last = now;
    }
    return last / (n - 1);
}

/* RFC 3550 §6.3.1: divided by e-3/2 "to compensate for the fact that the timer reconsideration
 * algorithm converges to a value … below the intended average". */
static void reports_that_are_reconsidered_come_as_often_as_was_meant(void **state)
{
    struct rill_rtcp_timer t = {0};
    int64_t least, most;
    (void)state;
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    int64_t mean = run(&t, &video, 10000, &least, &most);
    assert_in_range(mean, 970000, 1030000);
    assert_true(least >= 410000 && most <= 1232000);
}

static void a_report_that_is_due_before_its_time_waits_longer(void **state)
{
    struct rill_rtcp_timer t = {0};
    int refused = 0;
    (void)state;
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    for (int i = 0; i < 1000; i++) {
        int64_t now = t.tn;
        if (rill_rtcp_timer_report_due(&t, now, &rng, &video)) {
            rill_rtcp_timer_reported(&t, now, &rng, &video);
            continue;
        }
        refused++;
        assert_true(t.tn > now);
    }
    assert_true(refused > 100);
}

static void the_first_report_comes_within_half_the_interval(void **state)
{
    struct rill_rtcp_timer t = {0};
    int64_t now = 0;
    (void)state;
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    while (!rill_rtcp_timer_report_due(&t, now, &rng, &video))
        now = t.tn;
    assert_true(now >= 205000 && now <= 616000);
}

static void the_average_size_follows_by_a_sixteenth(void **state)
{
    struct rill_rtcp_timer t = {0};
    (void)state;
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    t.average = 160;
    rill_rtcp_timer_sized(&t, 320, 1);
    assert_int_equal(t.average, 170);
    /* RFC 8108 §5.3.1: of two sources' compound each has a half. */
    rill_rtcp_timer_sized(&t, 340, 2);
    assert_int_equal(t.average, 170);
}

/* RFC 3550 §6.3.4: of four members two have gone, so half of the time is left, and half of the time
 * since the last report counts. */
static void fewer_members_report_sooner(void **state)
{
    struct rill_rtcp_timer t = {0};
    (void)state;
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    t.tp = 100;
    t.tn = 2100;
    t.members = 4;
    rill_rtcp_timer_left(&t, 1100, 2);
    assert_int_equal(t.tp, 600);
    assert_int_equal(t.tn, 1600);
    rill_rtcp_timer_left(&t, 1100, 3);
    assert_int_equal(t.tn, 1600);
}

static void trr_int_keeps_regular_reports_apart_but_not_the_first(void **state)
{
    struct rill_rtcp_timer t = {.trr_interval = 4 * RILL_SECOND};
    int64_t least, most, now = 0;
    (void)state;
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    while (!rill_rtcp_timer_report_due(&t, now, &rng, &video))
        now = t.tn;
    assert_true(now <= 616000);
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    int64_t mean = run(&t, &video, 2000, &least, &most);
    /* §3.5.3: between 0.5 and 1.5 of it, to the next turn. */
    assert_true(least >= 2 * RILL_SECOND && most <= 6 * RILL_SECOND + 1232000);
    assert_in_range(mean, 2500000, 5000000);
}

/* --- early feedback ------------------------------------------------------------------------ */

/* RFC 4585 §3.6.1, for 96 bytes: of "a 64-kbit/s stream … a receiver can report 2 events per
 * second", and "at 256 kbit/s, 8 events". */
static int events_a_second(uint64_t bandwidth_bps)
{
    struct rill_rtcp_load load = {
        .bandwidth_bps = bandwidth_bps, .members = 2, .senders = 1, .we_send = false};
    struct rill_rtcp_timer t = {0};
    int sent = 0;
    rill_rtcp_timer_start(&t, 0, &rng, &load);
    t.average = 96;
    /* There is always something to say. */
    for (int64_t now = 0; now < 100 * RILL_SECOND; now += RILL_MS)
        if (rill_rtcp_timer_may_feed(&t, now, &rng, &load)) {
            rill_rtcp_timer_fed(&t);
            sent++;
        }
    return sent / 100;
}

static void as_many_events_can_be_reported_as_the_rfc_counts(void **state)
{
    (void)state;
    assert_in_range(events_a_second(64000), 1, 2);
    assert_in_range(events_a_second(256000), 7, 9);
}

static void the_first_feedback_goes_at_once_and_the_next_at_its_turn(void **state)
{
    struct rill_rtcp_timer t = {0};
    (void)state;
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    /* Two parties: T_dither_max is 0. */
    assert_true(rill_rtcp_timer_may_feed(&t, RILL_SECOND, &rng, &video));
    int64_t tp = t.early.tp, tn = t.early.tn;
    assert_true(tp <= RILL_SECOND && tn > RILL_SECOND);
    rill_rtcp_timer_fed(&t);
    /* RFC 4585 §3.5.2 6.: tn = tp + 2 T_rr, and tp the tn that was skipped. */
    assert_int_equal(t.early.tn, tp + 2 * (tn - tp));
    assert_int_equal(t.early.tp, tn);
    assert_int_equal(rill_rtcp_timer_early_at(&t), t.early.tn);
    int64_t turn = t.early.tn;
    assert_false(rill_rtcp_timer_may_feed(&t, turn - 1, &rng, &video));
    /* What has waited takes its turn, and the one behind it may be early again. */
    assert_true(rill_rtcp_timer_may_feed(&t, turn, &rng, &video));
    rill_rtcp_timer_fed(&t);
    assert_int_equal(rill_rtcp_timer_early_at(&t), INT64_MIN);
    assert_true(rill_rtcp_timer_may_feed(&t, turn, &rng, &video));
    rill_rtcp_timer_fed(&t);
    assert_false(rill_rtcp_timer_may_feed(&t, turn, &rng, &video));
}

static void a_report_opens_the_way_for_feedback(void **state)
{
    struct rill_rtcp_timer t = {0};
    (void)state;
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    assert_true(rill_rtcp_timer_may_feed(&t, RILL_SECOND, &rng, &video));
    rill_rtcp_timer_fed(&t);
    assert_false(rill_rtcp_timer_may_feed(&t, RILL_SECOND, &rng, &video));
    rill_rtcp_timer_reported(&t, RILL_SECOND, &rng, &video);
    assert_true(rill_rtcp_timer_may_feed(&t, RILL_SECOND, &rng, &video));
}

static void what_waited_and_then_had_nothing_to_say_has_no_turn(void **state)
{
    struct rill_rtcp_timer t = {0};
    (void)state;
    rill_rtcp_timer_start(&t, 0, &rng, &video);
    assert_true(rill_rtcp_timer_may_feed(&t, RILL_SECOND, &rng, &video));
    rill_rtcp_timer_fed(&t);
    assert_false(rill_rtcp_timer_may_feed(&t, RILL_SECOND, &rng, &video));
    /* What was lost came by itself; long after, the next event is an early one. */
    assert_true(rill_rtcp_timer_may_feed(&t, 9 * RILL_SECOND, &rng, &video));
    rill_rtcp_timer_fed(&t);
    assert_false(rill_rtcp_timer_may_feed(&t, 9 * RILL_SECOND, &rng, &video));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_that_are_reconsidered_come_as_often_as_was_meant),
        cmocka_unit_test(a_report_that_is_due_before_its_time_waits_longer),
        cmocka_unit_test(the_first_report_comes_within_half_the_interval),
        cmocka_unit_test(the_average_size_follows_by_a_sixteenth),
        cmocka_unit_test(fewer_members_report_sooner),
        cmocka_unit_test(trr_int_keeps_regular_reports_apart_but_not_the_first),
        cmocka_unit_test(as_many_events_can_be_reported_as_the_rfc_counts),
        cmocka_unit_test(the_first_feedback_goes_at_once_and_the_next_at_its_turn),
        cmocka_unit_test(a_report_opens_the_way_for_feedback),
        cmocka_unit_test(what_waited_and_then_had_nothing_to_say_has_no_turn),
    };
    return cmocka_run_group_tests_name("rtp/rtcp_timer", tests, set_up, NULL);
}
