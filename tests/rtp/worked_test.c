/* The equations of the documents, by hand: RFC 8698 §4.2 to §6.2, RFC 5348 and
 * draft-ietf-rmcat-gcc-02 §5.5. */
#include "rtp/bwe.h"
#include "tests/rill_test.h"

#define KBPS(n) ((n) * (uint64_t)1000)

static const struct rill_bwe_limits limits = {.min_bps = 150000, .max_bps = 2000000};

/* Packets of 1250 bytes each 10 ms, 1 Mbit/s, that wait so long; feedback every 100 ms. */
static void nada_run(struct rill_nada *x, int64_t *now, int64_t queued, int64_t time)
{
    for (int64_t until = *now + time; *now < until;) {
        struct rill_bwe_packet p[10];
        for (size_t i = 0; i < 10; i++, *now += 10 * RILL_MS)
            p[i] = (struct rill_bwe_packet){
                .sent = *now, .arrived = *now + 20 * RILL_MS + queued, .bytes = 1250};
        rill_nada_feedback(x, *now, 100 * RILL_MS, p, 10);
    }
}

/* The same; of each ten packets the first n are lost. */
static void nada_losing(struct rill_nada *x, int64_t *now, int64_t queued, size_t n, int64_t time)
{
    for (int64_t until = *now + time; *now < until;) {
        struct rill_bwe_packet p[10];
        for (size_t i = 0; i < 10; i++, *now += 10 * RILL_MS)
            p[i] = (struct rill_bwe_packet){.sent = *now,
                                            .arrived =
                                                i < n ? RILL_NEVER : *now + 20 * RILL_MS + queued,
                                            .bytes = 1250};
        rill_nada_feedback(x, *now, 100 * RILL_MS, p, 10);
    }
}

/* Equations (3), (4): gamma = min(0.5, QBOUND / (rtt + DELTA + DFILT)) = 50 / 600, with 200 ms in
 * which a queue is seen and 200 ms of the encoder's; of 1 Mbit/s that arrive 1.083 are allowed. */
static void nada_ramps_up_by_gamma_of_what_arrives(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, 2 * RILL_SECOND);
    assert_in_range(rill_nada_target(&x), 1083333 - 2000, 1083333 + 2000);
}

/* Equations (5) to (7): at rest x_offset is 0, x_curr = PRIO XREF RMAX / r_ref: with 20 ms of queue
 * 10 ms × 2 Mbit/s / 20 ms. */
static void nada_rests_where_its_equation_is_zero(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, RILL_SECOND);
    nada_run(&x, &now, 20 * RILL_MS, 60 * RILL_SECOND);
    assert_in_range(rill_nada_target(&x), KBPS(990), KBPS(1010));
}

/* RFC 5348 §6.3.1: 1 Mbit/s in segments of 1200 bytes over 100 ms are TCP's at a loss of 1.135 %:
 * one in 88, however many packets came before. */
static void nada_begins_its_loss_history_where_tcps_equation_gives_its_rate(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, 30 * RILL_SECOND);
    nada_losing(&x, &now, 0, 1, 100 * RILL_MS);
    assert_int_equal(x.n_intervals, 1);
    assert_in_range(x.intervals[1], 85, 91);
}

/* §4.2: the delay is warped as long as the last loss is not over, 7 intervals of 88 packets, with
 * one more on the way there and back; as long as others fill the queue it goes on. */
static void nada_losses_are_over_after_seven_intervals(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, 10 * RILL_SECOND);
    assert_true(rill_nada_share_warped(&x) == 0);
    nada_losing(&x, &now, 0, 1, 100 * RILL_MS);
    assert_true(rill_nada_share_warped(&x) < 0.2);
    nada_run(&x, &now, 0, 2 * RILL_SECOND);
    assert_true(rill_nada_share_warped(&x) == 1);
    nada_run(&x, &now, 0, 6 * RILL_SECOND);
    assert_true(rill_nada_share_warped(&x) == 0);
    nada_losing(&x, &now, 0, 1, 100 * RILL_MS);
    nada_run(&x, &now, 250 * RILL_MS, 20 * RILL_SECOND);
    assert_true(x.shared);
    assert_true(rill_nada_share_warped(&x) == 1);
}

/* (1) with QTH = 20 ms: 250 ms of a queue that others fill are 20 ms e^(-0.5 230/20), next to
 * nothing, and 50 ms are 20 ms e^(-0.5 30/20) = 9.4 ms. */
static void nada_hardly_hears_a_queue_that_others_fill(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, 10 * RILL_SECOND);
    nada_losing(&x, &now, 0, 1, 100 * RILL_MS);
    nada_run(&x, &now, 250 * RILL_MS, 20 * RILL_SECOND);
    assert_true(x.shared);
    assert_true(x.x_prev < 0.2);
    nada_run(&x, &now, 50 * RILL_MS, 2 * RILL_SECOND);
    assert_true(x.shared);
    assert_true(x.x_prev > 9.3 && x.x_prev < 9.6);
}

/* (1) with QTH = 100 ms: a loss just now, and a queue of 80 ms is 80 ms still. */
static void nada_hears_a_queue_of_its_own_up_to_100_ms(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, 10 * RILL_SECOND);
    nada_losing(&x, &now, 0, 1, 100 * RILL_MS);
    nada_run(&x, &now, 0, 2 * RILL_SECOND);
    nada_run(&x, &now, 80 * RILL_MS, RILL_SECOND);
    assert_false(x.shared);
    assert_true(rill_nada_share_warped(&x) == 1);
    assert_true(x.x_prev >= 80 && x.x_prev < 81);
}

/* §4.2: jitter of 15 ms, of which each eighteenth packet, 180 ms, has none, is no queue; without
 * that packet it is one. */
static void nada_ramps_up_through_jitter_but_not_into_a_queue_that_stands(void **state)
{
    (void)state;
    for (int stands = 0; stands < 2; stands++) {
        struct rill_nada x;
        int64_t now = RILL_SECOND;
        unsigned could = 0;
        rill_nada_init(&x, now, KBPS(300), &limits);
        for (int i = 0; i < 540; i += 10) {
            struct rill_bwe_packet p[10];
            for (int k = 0; k < 10; k++, now += 10 * RILL_MS) {
                bool quick = i + k == 0 || (!stands && (i + k) % 18 == 0);
                p[k] = (struct rill_bwe_packet){
                    .sent = now, .arrived = now + (quick ? 20 : 35) * RILL_MS, .bytes = 1250};
            }
            rill_nada_feedback(&x, now, 100 * RILL_MS, p, 10);
            could += i >= 100 && rill_nada_may_ramp_up(&x);
        }
        assert_true(stands ? could == 0 : could >= 30);
    }
}

/* §6.2, RFC 5348 §5.2: without a queue what is lost within a round trip is one loss; while we fill
 * a queue each packet counts. Of LOGWIN's 50 packets: one, or five. */
static void nada_counts_losses_as_tcp_does_unless_it_fills_the_queue_itself(void **state)
{
    (void)state;
    for (int queue = 0; queue < 2; queue++) {
        struct rill_nada x;
        int64_t now = RILL_SECOND;
        rill_nada_init(&x, now, KBPS(300), &limits);
        nada_run(&x, &now, 0, RILL_SECOND);
        nada_run(&x, &now, queue * 100 * RILL_MS, RILL_SECOND);
        nada_losing(&x, &now, queue * 100 * RILL_MS, 5, 100 * RILL_MS);
        double lost = rill_nada_ratio_lost(&x) * 50;
        assert_true(queue ? lost >= 4.9 && lost <= 5.6 : lost >= 0.9 && lost <= 1.2);
    }
}

/* --- what the path loses by itself ------------------------------------------------------------ */

/* Packets of 1250 bytes at r, of which the path loses so many in a hundred, and more where r is
 * above its capacity; the controller hears each 100 ms. */
static void path_run(struct rill_nada_path_loss *l, int64_t *now, double *r, unsigned percent,
                     double capacity, int64_t time)
{
    double owed = 0;
    for (int64_t until = *now + time; *now < until;) {
        int64_t apart = (int64_t)(1e10 / *r), end = *now + 100 * RILL_MS;
        double over = *r > capacity ? 1 - capacity / *r : 0, arrived = *r * (1 - over);
        for (; *now < end; *now += apart) {
            owed += percent / 100.0 + over;
            bool lost = owed >= 1;
            owed -= lost;
            struct rill_bwe_packet p = {
                .sent = *now, .arrived = lost ? RILL_NEVER : *now, .bytes = 1250};
            rill_nada_path_loss_packet(l, &p, false);
        }
        (void)rill_nada_path_loss_update(l, *now, true, arrived * (100 - percent) / 100, 150000, r);
    }
}

/* 5 % of 2 Mbit/s lost, 1.9 Mbit/s arrive: it asks with 0.85 of that, 1.615 Mbit/s, and as 5 % are
 * lost still it goes back. */
static void nada_finds_what_the_path_loses_by_itself_by_a_step_down(void **state)
{
    (void)state;
    struct rill_nada_path_loss l;
    int64_t now = RILL_SECOND;
    double r = 2000000;
    rill_nada_path_loss_init(&l, now);
    path_run(&l, &now, &r, 5, 1e9, 1500 * RILL_MS);
    assert_int_equal(l.step, RILL_NADA_PATH_ASKS);
    assert_true(r > 1600000 && r < 1630000);
    path_run(&l, &now, &r, 5, 1e9, 3 * RILL_SECOND);
    assert_int_equal(l.step, RILL_NADA_PATH_WATCHES);
    assert_true(l.own > 0.04 && l.own < 0.06);
    assert_true(r == 2000000);
}

/* A policer of 1.9 Mbit/s loses as much, and nothing of the step: there the letter has the word. */
static void nada_finds_that_what_overload_loses_is_not_the_paths_own(void **state)
{
    (void)state;
    struct rill_nada_path_loss l;
    int64_t now = RILL_SECOND;
    double r = 2000000;
    rill_nada_path_loss_init(&l, now);
    path_run(&l, &now, &r, 0, 1900000, 1500 * RILL_MS);
    assert_int_equal(l.step, RILL_NADA_PATH_ASKS);
    path_run(&l, &now, &r, 0, 1900000, 3 * RILL_SECOND);
    assert_int_equal(l.step, RILL_NADA_PATH_WATCHES);
    assert_true(l.own == 0);
    assert_true(r < 1630000);
}

/* A queue, or a path that loses a third, is answered at once. */
static void nada_asks_nothing_where_a_queue_is(void **state)
{
    (void)state;
    for (int queue = 0; queue < 2; queue++) {
        struct rill_nada_path_loss l;
        int64_t now = RILL_SECOND;
        double r = 2000000;
        rill_nada_path_loss_init(&l, now);
        path_run(&l, &now, &r, 5, 1e9, 1500 * RILL_MS);
        assert_int_equal(l.step, RILL_NADA_PATH_ASKS);
        if (queue) {
            struct rill_bwe_packet p = {
                .sent = now + RILL_SECOND, .arrived = now + 2 * RILL_SECOND, .bytes = 1250};
            rill_nada_path_loss_packet(&l, &p, true);
            assert_false(rill_nada_path_loss_update(&l, now, true, r, 150000, &r));
        } else {
            path_run(&l, &now, &r, 0, 1000000, 700 * RILL_MS);
            assert_int_equal(l.step, RILL_NADA_PATH_WATCHES);
        }
        assert_true(l.own == 0);
    }
}

/* Equation (2): 10 ms (5 %/10 %)² = 2.5 ms, and the rate may ramp up; of 10 % lost, 3 % exceed
 * what is known, and count by the letter. */
static void nada_counts_what_the_path_loses_against_a_reference_of_its_own(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, RILL_SECOND);
    x.path.own = 0.05;
    x.path.margin = 0.02;
    for (int i = 0; i < 50; i++) {
        nada_losing(&x, &now, 0, 1, 100 * RILL_MS);
        nada_run(&x, &now, 0, 100 * RILL_MS);
    }
    assert_true(x.x_prev > 2.2 && x.x_prev < 2.8);
    assert_true(rill_nada_may_ramp_up(&x));
    x.path.since = x.path.until = now; /* the window does not forget it meanwhile */
    nada_losing(&x, &now, 0, 1, 8 * RILL_SECOND);
    assert_true(rill_nada_share_excess(&x) > 0.28 && rill_nada_share_excess(&x) < 0.55);
    assert_false(rill_nada_may_ramp_up(&x));
}

/* What was only overtaken was not lost, and parts no interval. */
static void nada_takes_back_a_loss_that_was_none(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, 2 * RILL_SECOND);
    int64_t missed = now;
    nada_losing(&x, &now, 0, 1, 100 * RILL_MS);
    assert_true(rill_nada_ratio_lost(&x) > 0);
    assert_false(rill_nada_may_ramp_up(&x));
    struct rill_bwe_packet p = {
        .sent = missed, .arrived = missed + 40 * RILL_MS, .bytes = 1250, .late = true};
    rill_nada_feedback(&x, now, 100 * RILL_MS, &p, 1);
    assert_true(rill_nada_ratio_lost(&x) == 0);
    assert_true(rill_nada_may_ramp_up(&x));
    assert_int_equal(x.n_intervals, 0);
}

/* Half of everything lost in a queue of ours: by (2) 10 ms (50 %/1 %)², and 500 ms are told. */
static void nada_a_signal_ends_at_half_a_second(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, RILL_SECOND);
    nada_run(&x, &now, 100 * RILL_MS, RILL_SECOND);
    nada_losing(&x, &now, 100 * RILL_MS, 5, 3 * RILL_SECOND);
    assert_true(x.p_loss > 0.4);
    assert_true(x.x_prev == 500);
}

/* §5.1.1: a picture of 20 packets at once, whose last ones wait for the first, is no queue. */
static void nada_a_picture_is_longer_than_its_filter_of_15_packets(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    for (int picture = 0; picture < 10; picture++, now += 33 * RILL_MS) {
        struct rill_bwe_packet p[20];
        for (int i = 0; i < 20; i++)
            p[i] = (struct rill_bwe_packet){
                .sent = now, .arrived = now + 20 * RILL_MS + i * RILL_MS, .bytes = 1250};
        rill_nada_feedback(&x, now, 100 * RILL_MS, p, 20);
        assert_int_equal(x.d_queue, 0);
    }
    assert_true(rill_nada_may_ramp_up(&x));
}

/* §5.5: eta = 1.08^min(t, 1) once a bound is known: of 1 Mbit/s 80 kbit/s a second; A = 0.85 R at
 * over-use; 1.5 R at most. */
static void gcc_increases_and_decreases_by_its_factors(void **state)
{
    (void)state;
    struct rill_gcc_rate r;
    int64_t now = 100 * RILL_SECOND;
    rill_gcc_rate_init(&r, KBPS(1000));
    r.bounded = true;
    rill_gcc_rate_update(&r, now, RILL_GCC_NORMAL, KBPS(1000), 100 * RILL_MS, &limits);
    now += RILL_SECOND;
    rill_gcc_rate_update(&r, now, RILL_GCC_NORMAL, KBPS(1000), 100 * RILL_MS, &limits);
    assert_in_range((uint64_t)r.bps, 1079900, 1080100);
    rill_gcc_rate_update(&r, now, RILL_GCC_OVERUSE, KBPS(900), 100 * RILL_MS, &limits);
    assert_int_equal((uint64_t)r.bps, 765000);
    assert_int_equal(r.state, RILL_GCC_DECREASE);
    /* From DECREASE to HOLD, and from there to INCREASE. */
    now += RILL_SECOND;
    rill_gcc_rate_update(&r, now, RILL_GCC_NORMAL, KBPS(760), 100 * RILL_MS, &limits);
    assert_int_equal(r.state, RILL_GCC_HOLD);
    assert_int_equal((uint64_t)r.bps, 765000);
    rill_gcc_rate_update(&r, now, RILL_GCC_UNDERUSE, KBPS(760), 100 * RILL_MS, &limits);
    assert_int_equal(r.state, RILL_GCC_HOLD);
    rill_gcc_rate_update(&r, now, RILL_GCC_NORMAL, KBPS(760), 100 * RILL_MS, &limits);
    assert_int_equal(r.state, RILL_GCC_INCREASE);
}

/* A queue that grows by 1 ms in 10 to 25 ms is none to yield to, one that grows to 60 ms is. */
static void gcc_yields_to_a_queue_in_which_every_packet_waits_30_ms(void **state)
{
    (void)state;
    for (int most = 25; most <= 60; most += 35) {
        struct rill_gcc g;
        int64_t now = RILL_SECOND;
        rill_gcc_init(&g, now, KBPS(1000), &limits);
        for (int i = -200; i < 200; i += 5) {
            struct rill_bwe_packet p[5];
            for (int k = 0; k < 5; k++, now += 10 * RILL_MS) {
                int64_t queued = i + k < 0 ? 0 : i + k < most ? i + k : most;
                p[k] = (struct rill_bwe_packet){
                    .sent = now, .arrived = now + (20 + queued) * RILL_MS, .bytes = 1250};
            }
            rill_gcc_feedback(&g, now, 100 * RILL_MS, p, 5);
        }
        assert_int_equal(g.rate.fell != 0, most == 60);
    }
}

/* Feedback each 50 ms on 10 packets, of which those of `lost` in each hundred did not come. */
static void gcc_loses(struct rill_gcc_loss *l, int64_t *now, int64_t time, unsigned lost,
                      unsigned run)
{
    unsigned n = 0;
    for (int64_t until = *now + time; *now < until; *now += 50 * RILL_MS) {
        for (unsigned i = 0; i < 10; i++, n++) {
            bool gone = n % (100 * run / lost) < run;
            struct rill_bwe_packet p = {
                .sent = *now, .arrived = gone ? RILL_NEVER : *now, .bytes = 1250};
            rill_gcc_loss_packet(l, &p);
        }
        rill_gcc_loss_update(l, *now, (double)KBPS(2000), &limits);
    }
}

/* §6: between 2 and 10 % it stays. Alone it asks, by a step down; where others fill the queue it
 * has nothing to ask. */
static void gcc_keeps_its_rate_where_others_fill_the_queue(void **state)
{
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        struct rill_gcc_loss l;
        int64_t now = 100 * RILL_SECOND;
        rill_gcc_loss_init(&l, now, KBPS(1000));
        l.shared = shared;
        gcc_loses(&l, &now, 2 * RILL_SECOND, 5, 1);
        assert_int_equal((uint64_t)l.bps, shared ? KBPS(1000) : KBPS(900));
    }
}

/* 200 packets a second: 5 % of them one by one are known after a second, in runs of five after two.
 */
static void gcc_waits_for_more_packets_where_losses_come_in_runs(void **state)
{
    (void)state;
    for (unsigned run = 1; run <= 5; run += 4) {
        struct rill_gcc_loss l;
        int64_t now = 100 * RILL_SECOND;
        rill_gcc_loss_init(&l, now, KBPS(1000));
        gcc_loses(&l, &now, 3 * RILL_SECOND / 2, 5, run);
        assert_int_equal(l.asking || l.inherent > 0, run == 1);
        gcc_loses(&l, &now, RILL_SECOND, 5, run);
        assert_true(l.asking || l.inherent > 0);
    }
}

static void gcc_takes_back_a_loss_that_was_none(void **state)
{
    (void)state;
    struct rill_gcc_loss l;
    struct rill_bwe_packet p = {.sent = RILL_SECOND, .arrived = RILL_NEVER, .bytes = 1250};
    rill_gcc_loss_init(&l, 0, KBPS(1000));
    rill_gcc_loss_packet(&l, &p);
    assert_float_equal(l.window.lost, 1, 0);
    p.arrived = RILL_SECOND + 70 * RILL_MS;
    p.late = true;
    rill_gcc_loss_packet(&l, &p);
    assert_float_equal(l.window.lost, 0, 0);
    assert_float_equal(l.window.seen, 1, 0);
    /* Once is enough, also when it is said again. */
    rill_gcc_loss_packet(&l, &p);
    assert_float_equal(l.window.lost, 0, 0);
}

/* A queue of so much over a way of 50 ms. */
static bool queue_hears(struct rill_shared_queue *q, int64_t *now, int64_t queued, int64_t time)
{
    bool shared = false;
    for (int64_t until = *now + time; *now < until; *now += 50 * RILL_MS)
        shared = rill_shared_queue_heard(q, *now, 50 * RILL_MS + queued);
    return shared;
}

/* A queue that stands for 4 s though we yield is somebody else's; one that drains is ours. */
static void a_queue_that_stands_is_somebody_elses(void **state)
{
    (void)state;
    struct rill_shared_queue q = {0};
    int64_t now = RILL_SECOND;
    assert_false(queue_hears(&q, &now, 0, RILL_SECOND));
    /* Ours: full for 3 s, then drained. */
    for (int i = 0; i < 10; i++) {
        assert_false(queue_hears(&q, &now, 250 * RILL_MS, 3 * RILL_SECOND));
        assert_false(queue_hears(&q, &now, 0, 4 * RILL_SECOND));
    }
    assert_true(queue_hears(&q, &now, 250 * RILL_MS, 5 * RILL_SECOND));
    /* After half a minute it is tried again. */
    assert_true(queue_hears(&q, &now, 250 * RILL_MS, 28 * RILL_SECOND));
    assert_false(queue_hears(&q, &now, 250 * RILL_MS, 2 * RILL_SECOND));
}

/* Of a queue that never empties only the swaying is seen: 120 ms of it, for two thirds of the time.
 */
static void a_queue_that_sways_and_never_empties_is_somebody_elses(void **state)
{
    (void)state;
    struct rill_shared_queue q = {0};
    int64_t now = RILL_SECOND;
    bool shared = false;
    for (int i = 0; i < 8; i++) {
        shared = queue_hears(&q, &now, 0, RILL_SECOND);
        shared |= queue_hears(&q, &now, 60 * RILL_MS, RILL_SECOND);
        shared |= queue_hears(&q, &now, 120 * RILL_MS, RILL_SECOND);
    }
    assert_true(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nada_ramps_up_by_gamma_of_what_arrives),
        cmocka_unit_test(nada_rests_where_its_equation_is_zero),
        cmocka_unit_test(nada_begins_its_loss_history_where_tcps_equation_gives_its_rate),
        cmocka_unit_test(nada_losses_are_over_after_seven_intervals),
        cmocka_unit_test(nada_hardly_hears_a_queue_that_others_fill),
        cmocka_unit_test(nada_hears_a_queue_of_its_own_up_to_100_ms),
        cmocka_unit_test(nada_ramps_up_through_jitter_but_not_into_a_queue_that_stands),
        cmocka_unit_test(nada_finds_what_the_path_loses_by_itself_by_a_step_down),
        cmocka_unit_test(nada_finds_that_what_overload_loses_is_not_the_paths_own),
        cmocka_unit_test(nada_asks_nothing_where_a_queue_is),
        cmocka_unit_test(nada_counts_what_the_path_loses_against_a_reference_of_its_own),
        cmocka_unit_test(nada_counts_losses_as_tcp_does_unless_it_fills_the_queue_itself),
        cmocka_unit_test(nada_takes_back_a_loss_that_was_none),
        cmocka_unit_test(nada_a_signal_ends_at_half_a_second),
        cmocka_unit_test(nada_a_picture_is_longer_than_its_filter_of_15_packets),
        cmocka_unit_test(gcc_increases_and_decreases_by_its_factors),
        cmocka_unit_test(gcc_yields_to_a_queue_in_which_every_packet_waits_30_ms),
        cmocka_unit_test(gcc_keeps_its_rate_where_others_fill_the_queue),
        cmocka_unit_test(gcc_waits_for_more_packets_where_losses_come_in_runs),
        cmocka_unit_test(gcc_takes_back_a_loss_that_was_none),
        cmocka_unit_test(a_queue_that_stands_is_somebody_elses),
        cmocka_unit_test(a_queue_that_sways_and_never_empties_is_somebody_elses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
