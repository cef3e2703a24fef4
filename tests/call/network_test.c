/* Whole calls over bad networks, short: what `make bench-media` measures at length
 * (docs/bench-media.md); and the stand-ins of that bench: its narrow path, its TCP, its encoder. */
#include "tests/rill_test.h"
#include "tests/sim/figures.h"

#define MBPS 1000000

static struct rill_sim_figures run(const struct rill_sim_scenario *s)
{
    struct rill_sim_figures f;
    struct rill_sim_path *p = rill_sim_path_new(s);
    assert_true(rill_sim_path_run(p));
    rill_sim_figures_read(p, &f);
    rill_sim_path_free(p);
    return f;
}

static struct rill_sim_scenario lossy(unsigned percent, int64_t round_trip)
{
    struct rill_sim_scenario s = rill_sim_scenario_defaults();
    s.capacity[0][0].bps = 3 * MBPS;
    s.duration = 15 * RILL_SECOND;
    s.delay = round_trip / 2;
    s.deviation = 0;
    s.loss = 100 * percent;
    return s;
}

/* --- loss ------------------------------------------------------------------------------------ */

static void
at_5_percent_of_loss_and_100_ms_995_of_1000_pictures_are_there_within_400_ms(void **state)
{
    (void)state;
    struct rill_sim_scenario s = lossy(5, 100 * RILL_MS);
    assert_true(run(&s).in_time >= 0.995);
    s.controller = RILL_PEER_CONGESTION_NADA;
    s.duration = 30 * RILL_SECOND; /* it has to ask first */
    struct rill_sim_figures f = run(&s);
    assert_true(f.in_time >= 0.995);
    /* What the path loses by itself is not answered by sending less. */
    assert_true(f.used >= 0.9);
}

static void at_20_percent_of_loss_pictures_go_on_and_95_of_100_sounds_are_there(void **state)
{
    (void)state;
    for (int64_t round_trip = 100 * RILL_MS; round_trip <= 200 * RILL_MS; round_trip *= 2) {
        struct rill_sim_scenario s = lossy(20, round_trip);
        struct rill_sim_figures f = run(&s);
        assert_true(f.fps >= 25);
        assert_true(f.concealed <= 0.05);
    }
}

static void losses_in_bursts_are_repaired_as_well(void **state)
{
    (void)state;
    struct rill_sim_scenario s = lossy(0, 100 * RILL_MS);
    s.loss_bad = 10000;
    s.to_good = 3333;
    s.to_bad = 3333 * 5 / 95;
    struct rill_sim_figures f = run(&s);
    assert_true(f.in_time >= 0.98);
    assert_true(f.fps >= 29);
}

/* --- a narrow path ------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* One packet more or less at the moment itself makes another call of it: the middle one of n. */
static struct rill_sim_figures run_middle(struct rill_sim_scenario s, size_t n)
{
    double after[5], fps[5];
    struct rill_sim_figures f = {0};
    for (size_t i = 0; i < n; i++, s.seed++) {
        f = run(&s);
        after[i] = f.after_drop < 0 ? 1000 : f.after_drop;
        fps[i] = f.fps;
    }
    qsort(after, n, sizeof after[0], by_size);
    qsort(fps, n, sizeof fps[0], by_size);
    f.after_drop = after[n / 2];
    f.fps = fps[n / 2];
    return f;
}

static void when_the_path_narrows_by_more_than_half_the_call_is_well_again_within_3_s(void **state)
{
    (void)state;
    struct rill_sim_scenario s = rill_sim_scenario_defaults();
    s.duration = 30 * RILL_SECOND;
    s.capacity[0][0].bps = 2 * MBPS;
    s.capacity[0][1] = (struct rill_sim_capacity){15 * RILL_SECOND, 6 * MBPS / 10};
    s.n_capacity[0] = 2;
    struct rill_sim_figures f = run_middle(s, 5);
    assert_true(f.after_drop <= 3);
    assert_true(f.fps >= 28);
    s.controller = RILL_PEER_CONGESTION_NADA;
    f = run_middle(s, 3);
    assert_true(f.after_drop <= 3);
    assert_true(f.fps >= 28);
}

/* CUBIC keeps the queue full; the call still has a quarter of what would be its half. */
static void a_call_holds_its_ground_beside_tcp(void **state)
{
    (void)state;
    struct rill_sim_scenario s = rill_sim_scenario_defaults();
    s.duration = 50 * RILL_SECOND;
    s.seed = 2; /* in the first one it had its share by chance */
    s.capacity[0][0].bps = 2 * MBPS;
    s.n_cross = 1;
    s.cross[0] =
        (struct rill_sim_cross_options){.end = s.duration, .cubic = true, .delay = 100 * RILL_MS};
    assert_true(run(&s).share >= 0.25);
    s.controller = RILL_PEER_CONGESTION_NADA;
    assert_true(run(&s).share >= 0.25);
}

static void a_path_that_stays_as_it_is_is_used_and_its_queue_stays_short(void **state)
{
    (void)state;
    struct rill_sim_scenario s = rill_sim_scenario_defaults();
    s.duration = 40 * RILL_SECOND;
    for (int i = 0; i < 2; i++) {
        s.controller = i ? RILL_PEER_CONGESTION_NADA : RILL_PEER_CONGESTION_GCC;
        struct rill_sim_figures f = run(&s);
        assert_true(f.used >= 0.9);
        assert_true(f.waited_p95 <= 100);
        assert_true(f.in_time >= 0.995);
    }
}

static void two_calls_share_a_path(void **state)
{
    (void)state;
    struct rill_sim_scenario s = rill_sim_scenario_defaults();
    s.duration = 30 * RILL_SECOND;
    s.capacity[0][0].bps = 2 * MBPS;
    s.n_flows = 2;
    s.flows[1].begin = 5 * RILL_SECOND;
    struct rill_sim_figures f = run(&s);
    assert_true(f.spread <= 3);
    assert_true(f.used >= 0.85);
}

/* No queue of 30 ms is long enough to be seen, and what it drops is no loss of the path's own. */
static void two_nada_calls_share_a_path_whose_buffer_is_short(void **state)
{
    (void)state;
    struct rill_sim_scenario s = rill_sim_scenario_defaults();
    struct rill_sim_figures f;
    s.duration = 40 * RILL_SECOND;
    s.controller = RILL_PEER_CONGESTION_NADA;
    s.capacity[0][0].bps = 2 * MBPS;
    s.queue = 30 * RILL_MS;
    s.n_flows = 2;
    struct rill_sim_path *p = rill_sim_path_new(&s);
    assert_true(rill_sim_path_run(p));
    rill_sim_figures_read(p, &f);
    const struct rill_sim_bottleneck *b = &p->bottlenecks[0];
    assert_true(b->dropped * 10 <= b->dropped + b->passed);
    rill_sim_path_free(p);
    assert_true(f.spread <= 3);
    assert_true(f.used >= 0.7);
}

static void a_run_repeats_itself_from_its_seed(void **state)
{
    (void)state;
    struct rill_sim_scenario s = lossy(5, 100 * RILL_MS);
    s.duration = 4 * RILL_SECOND;
    struct rill_sim_figures one = run(&s), same = run(&s);
    s.seed = 2;
    struct rill_sim_figures other = run(&s);
    assert_true(one.frame_p95 == same.frame_p95 && one.concealed == same.concealed);
    assert_true(one.waited_p50 == same.waited_p50 && one.in_time == same.in_time);
    assert_true(one.frame_p95 != other.frame_p95);
}

/* --- the stand-ins -----------------------------------------------------------------------------
 */

static void
a_bottleneck_lets_pass_what_its_capacity_is_and_drops_what_its_queue_cannot_hold(void **state)
{
    static const struct rill_sim_capacity steps[] = {{0, 8000000}, {RILL_SECOND, 800000}};
    struct rill_sim_bottleneck b = {.steps = steps, .n = 2, .depth = 10 * RILL_MS + 50};
    (void)state;
    /* 1000 bytes take 1 ms. */
    for (int i = 1; i <= 10; i++)
        assert_in_range(rill_sim_bottleneck_pass(&b, 0, 0, 1000), i * RILL_MS, i * RILL_MS + 20);
    assert_true(rill_sim_bottleneck_pass(&b, 0, 0, 1000) == RILL_NEVER);
    assert_int_equal(b.passed, 10);
    assert_int_equal(b.dropped, 1);
    /* The second half passes at a tenth of the rate. */
    int64_t late = RILL_SECOND - RILL_MS / 2;
    assert_in_range(rill_sim_bottleneck_pass(&b, 0, late, 1000), RILL_SECOND + 5 * RILL_MS,
                    RILL_SECOND + 5 * RILL_MS + 20);
}

static double tcp_uses(bool cubic, int64_t queue)
{
    static const struct rill_sim_capacity steps[] = {{0, 2 * MBPS}};
    struct rill_sim_bottleneck b = {.steps = steps, .n = 1, .depth = queue};
    struct rill_sim_cross_options o = {
        .end = 60 * RILL_SECOND, .cubic = cubic, .delay = 100 * RILL_MS};
    struct rill_sim_cross t;
    rill_sim_cross_init(&t, &o, &b, 0, 1);
    for (int64_t at; (at = rill_sim_cross_next(&t)) < o.end;)
        rill_sim_cross_step(&t, at);
    assert_true(b.dropped > 0);
    return (double)t.delivered * RILL_SIM_SEGMENT_BYTES * 8 / 60 / (2 * MBPS);
}

static void tcp_fills_a_path_whose_queue_is_as_long_as_it_is_and_less_of_one_without(void **state)
{
    (void)state;
    assert_true(tcp_uses(false, 300 * RILL_MS) > 0.95);
    assert_true(tcp_uses(true, 300 * RILL_MS) > 0.95);
    double reno = tcp_uses(false, 20 * RILL_MS), cubic = tcp_uses(true, 20 * RILL_MS);
    assert_true(reno > 0.6 && reno < 0.95);
    assert_true(cubic > reno);
}

static void the_encoder_keeps_its_target_within_5_percent_over_a_second(void **state)
{
    struct rill_sim_encoder e;
    bool key;
    (void)state;
    rill_sim_encoder_init(&e, 1);
    assert_true(rill_sim_encoder_next(&e, MBPS, &key).n > 3u * MBPS / 8 / RILL_SIM_FPS);
    assert_true(key);
    for (int i = 0; i < 2 * RILL_SIM_FPS; i++)
        (void)rill_sim_encoder_next(&e, MBPS, &key);
    for (int second = 0; second < 20; second++) {
        size_t bytes = 0;
        for (int i = 0; i < RILL_SIM_FPS; i++)
            bytes += rill_sim_encoder_next(&e, MBPS, &key).n;
        assert_false(key);
        assert_in_range(bytes * 8, MBPS * 94 / 100, MBPS * 106 / 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            at_5_percent_of_loss_and_100_ms_995_of_1000_pictures_are_there_within_400_ms),
        cmocka_unit_test(at_20_percent_of_loss_pictures_go_on_and_95_of_100_sounds_are_there),
        cmocka_unit_test(losses_in_bursts_are_repaired_as_well),
        cmocka_unit_test(when_the_path_narrows_by_more_than_half_the_call_is_well_again_within_3_s),
        cmocka_unit_test(a_call_holds_its_ground_beside_tcp),
        cmocka_unit_test(a_path_that_stays_as_it_is_is_used_and_its_queue_stays_short),
        cmocka_unit_test(two_calls_share_a_path),
        cmocka_unit_test(two_nada_calls_share_a_path_whose_buffer_is_short),
        cmocka_unit_test(a_run_repeats_itself_from_its_seed),
        cmocka_unit_test(
            a_bottleneck_lets_pass_what_its_capacity_is_and_drops_what_its_queue_cannot_hold),
        cmocka_unit_test(tcp_fills_a_path_whose_queue_is_as_long_as_it_is_and_less_of_one_without),
        cmocka_unit_test(the_encoder_keeps_its_target_within_5_percent_over_a_second),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
