/* Probes: clusters of packets, what they find, and when they are asked for. */
#include "tests/rtp/bottleneck.h"

#define KBPS(n) ((n) * (uint64_t)1000)
#define DELAY (25 * RILL_MS)

/* A link that takes this long for each packet; 0: none at all. */
struct link {
    uint64_t bps;
    int64_t busy_until;
};

static int64_t cross(struct link *l, int64_t at, uint32_t bytes)
{
    int64_t begins = l->busy_until > at ? l->busy_until : at;
    l->busy_until = begins + (int64_t)(l->bps ? bytes * 8 * (uint64_t)RILL_SECOND / l->bps : 0);
    return l->busy_until + DELAY;
}

/* Sends what the clusters ask for, 300 bytes at a time; how many packets. */
static size_t send(struct rill_probe *p, struct link *l, int64_t now,
                   struct rill_bwe_packet out[200])
{
    size_t n = 0;
    for (int64_t due; (due = rill_probe_due(p, now)) != RILL_NEVER; n++) {
        assert_true(n < 200);
        now = due > now ? due : now;
        out[n] = (struct rill_bwe_packet){.sent = now, .arrived = cross(l, now, 300), .bytes = 300};
        out[n].probe = rill_probe_sent(p, now, 300);
        assert_true(out[n].probe != 0);
    }
    return n;
}

static void probe_finds_the_rate_it_asks_for_on_a_path_that_carries_it(void **state)
{
    (void)state;
    struct rill_probe p = {0};
    struct rill_bwe_packet packets[200];
    struct rill_probe_found found;
    struct link wide = {.bps = KBPS(50000)};
    assert_true(rill_probe_ask(&p, KBPS(1800)));
    size_t n = send(&p, &wide, RILL_SECOND, packets);
    /* 15 ms of 1.8 Mbit/s are 3375 bytes. */
    assert_int_equal(n, 12);
    assert_true(packets[n - 1].sent - packets[0].sent <= RILL_PROBE_TIME);
    assert_true(rill_probe_feedback(&p, 2 * RILL_SECOND, packets, n, &found));
    assert_true(found.all);
    assert_in_range(found.bps, KBPS(1790), KBPS(1800));
}

static void probe_finds_what_a_narrow_path_carries(void **state)
{
    (void)state;
    struct rill_probe p = {0};
    struct rill_bwe_packet packets[200];
    struct rill_probe_found found;
    struct link narrow = {.bps = KBPS(500)};
    assert_true(rill_probe_ask(&p, KBPS(1800)));
    size_t n = send(&p, &narrow, RILL_SECOND, packets);
    assert_true(rill_probe_feedback(&p, 2 * RILL_SECOND, packets, n, &found));
    assert_false(found.all);
    assert_in_range(found.bps, KBPS(470), KBPS(480));
}

static void probe_of_a_low_rate_has_five_packets(void **state)
{
    (void)state;
    struct rill_probe p = {0};
    struct rill_bwe_packet packets[200];
    struct link l = {0};
    assert_true(rill_probe_ask(&p, KBPS(100)));
    assert_int_equal(send(&p, &l, RILL_SECOND, packets), RILL_PROBE_PACKETS);
}

static void probe_that_lost_more_than_a_fifth_says_nothing(void **state)
{
    (void)state;
    for (size_t lost = 2; lost < 4; lost++) {
        struct rill_probe p = {0};
        struct rill_bwe_packet packets[200];
        struct rill_probe_found found;
        struct link l = {0};
        assert_true(rill_probe_ask(&p, KBPS(1800)));
        size_t n = send(&p, &l, RILL_SECOND, packets);
        for (size_t i = 0; i < lost; i++)
            packets[3 * i + 1].arrived = RILL_NEVER;
        assert_int_equal(rill_probe_feedback(&p, 2 * RILL_SECOND, packets, n, &found), lost == 2);
    }
}

/* A machine that was busy sends the whole cluster at once: that proves no more than was asked. */
static void probe_that_left_in_one_burst_finds_no_more_than_it_asked_for(void **state)
{
    (void)state;
    struct rill_probe p = {0};
    struct rill_bwe_packet packets[200];
    struct rill_probe_found found;
    assert_true(rill_probe_ask(&p, KBPS(1800)));
    size_t n = 0;
    for (; rill_probe_due(&p, RILL_SECOND) != RILL_NEVER; n++) {
        packets[n] =
            (struct rill_bwe_packet){.sent = RILL_SECOND, .arrived = RILL_SECOND, .bytes = 300};
        packets[n].probe = rill_probe_sent(&p, RILL_SECOND, 300);
    }
    assert_true(rill_probe_feedback(&p, 2 * RILL_SECOND, packets, n, &found));
    assert_int_equal(found.bps, KBPS(1800));
}

static void probe_without_feedback_is_forgotten_after_a_second(void **state)
{
    (void)state;
    struct rill_probe p = {0};
    struct rill_bwe_packet packets[200];
    struct rill_probe_found found;
    struct link l = {0};
    for (int i = 0; i < RILL_PROBE_CLUSTERS; i++)
        assert_true(rill_probe_ask(&p, KBPS(1800)));
    assert_false(rill_probe_ask(&p, KBPS(1800)));
    send(&p, &l, RILL_SECOND, packets);
    assert_false(rill_probe_feedback(&p, 3 * RILL_SECOND, NULL, 0, &found));
    assert_true(rill_probe_ask(&p, KBPS(1800)));
}

/* --- when ------------------------------------------------------------------------------------- */

static struct flow *padded(struct bottleneck *b, enum rill_bwe_algorithm a, uint64_t most_bps)
{
    struct flow *f = bottleneck_flow(b, a, KBPS(10000));
    f->pads = true;
    rill_bwe_set_most(&f->bwe, most_bps);
    return f;
}

static void seek(enum rill_bwe_algorithm algorithm)
{
    struct bottleneck *b = bottleneck_new(KBPS(20000), 50 * RILL_MS);
    struct flow *f = padded(b, algorithm, KBPS(3000));
    bottleneck_run(b, 500 * RILL_MS);
    assert_true(rill_bwe_target(&f->bwe, b->now) >= KBPS(3000));
    /* Nobody could use more: nothing is asked for again. */
    size_t padding = f->padding;
    f->app_bps = KBPS(500);
    bottleneck_run(b, 20 * RILL_SECOND);
    assert_int_equal(f->padding, padding);
    bottleneck_free(b);
}

static void bwe_a_wide_path_is_known_within_half_a_second(void **state)
{
    (void)state;
    seek(RILL_BWE_GCC);
    seek(RILL_BWE_NADA);
}

static void bwe_a_narrow_path_is_not_overrun_by_the_first_probes(void **state)
{
    (void)state;
    struct bottleneck *b = bottleneck_new(KBPS(500), 50 * RILL_MS);
    struct flow *f = padded(b, RILL_BWE_GCC, 0);
    bottleneck_run(b, 500 * RILL_MS);
    assert_in_range(rill_bwe_target(&f->bwe, b->now), KBPS(400), KBPS(500));
    assert_true(bottleneck_delay(b, 100) <= 100 * RILL_MS);
    bottleneck_free(b);
}

static void bwe_a_source_that_gives_little_is_helped_by_a_probe_every_five_seconds(void **state)
{
    (void)state;
    struct bottleneck *b = bottleneck_new(KBPS(500), 50 * RILL_MS);
    struct flow *f = padded(b, RILL_BWE_GCC, KBPS(2000));
    bottleneck_run(b, 30 * RILL_SECOND);
    f->app_bps = KBPS(200);
    b->bps = KBPS(20000);
    bottleneck_run(b, 12 * RILL_SECOND);
    assert_true(rill_bwe_target(&f->bwe, b->now) >= KBPS(2000));
    bottleneck_free(b);
}

static void bwe_what_a_path_lost_for_a_while_is_asked_for_again(void **state)
{
    (void)state;
    struct bottleneck *b = bottleneck_new(KBPS(20000), 50 * RILL_MS);
    struct flow *f = padded(b, RILL_BWE_GCC, KBPS(2000));
    bottleneck_run(b, 3 * RILL_SECOND);
    assert_true(rill_bwe_target(&f->bwe, b->now) >= KBPS(2000));
    b->bps = KBPS(400);
    bottleneck_run(b, 3 * RILL_SECOND);
    assert_true(rill_bwe_target(&f->bwe, b->now) < KBPS(400));
    /* A source that gives little learns it sooner than by the probe of every 5 s. */
    b->bps = KBPS(20000);
    f->app_bps = KBPS(100);
    bottleneck_run(b, 4 * RILL_SECOND);
    assert_true(rill_bwe_target(&f->bwe, b->now) >= KBPS(1500));
    bottleneck_free(b);
}

/* What arrives grows by 8 % a second at most; a call that waited for that would need 20 s. */
static void bwe_what_comes_back_is_had_within_seconds_by_a_source_that_gives_all(void **state)
{
    (void)state;
    struct bottleneck *b = bottleneck_new(KBPS(1000), 50 * RILL_MS);
    struct flow *f = padded(b, RILL_BWE_GCC, KBPS(2000));
    bottleneck_run(b, 20 * RILL_SECOND);
    b->bps = KBPS(400);
    bottleneck_run(b, 5 * RILL_SECOND);
    b->bps = KBPS(1000);
    bottleneck_run(b, 5 * RILL_SECOND);
    assert_in_range(rill_bwe_target(&f->bwe, b->now), KBPS(800), KBPS(1050));
    bottleneck_free(b);
}

/* One cluster, found at this rate; what is believed of it. */
static uint64_t believed(struct rill_bwe_seek *s, int64_t now, uint64_t bps)
{
    struct rill_probe_found found = {.bps = bps, .asked = KBPS(900)};
    s->probe.n = 0;
    return rill_bwe_seek_believes(s, now, &found, KBPS(300)) ? found.bps : 0;
}

static void fallen(struct rill_bwe_seek *s)
{
    rill_bwe_seek_init(s, 0, KBPS(300), KBPS(2000));
    s->has_found = true;
    s->probe.n = 0;
    rill_bwe_seek_update(s, RILL_SECOND, KBPS(1000), true);
    rill_bwe_seek_update(s, 2 * RILL_SECOND, KBPS(300), true);
    rill_bwe_seek_update(s, 3 * RILL_SECOND, KBPS(300), true);
    assert_int_equal(s->probe.n, 0);
    rill_bwe_seek_update(s, 4 * RILL_SECOND, KBPS(300), true);
    assert_int_equal(s->probe.n, 1);
}

static void bwe_after_a_fall_two_bursts_have_to_find_the_same(void **state)
{
    (void)state;
    struct rill_bwe_seek s;
    fallen(&s);
    assert_int_equal(believed(&s, 4 * RILL_SECOND, KBPS(900)), 0);
    assert_int_equal(s.probe.n, 1);
    assert_int_equal(believed(&s, 4 * RILL_SECOND, KBPS(600)), KBPS(600));
    /* The second found what there is now. */
    fallen(&s);
    assert_int_equal(believed(&s, 4 * RILL_SECOND, KBPS(900)), 0);
    assert_int_equal(believed(&s, 4 * RILL_SECOND, KBPS(310)), 0);
    assert_int_equal(s.probe.n, 0);
}

static void bwe_a_fall_that_a_try_has_brought_is_not_tried_again(void **state)
{
    (void)state;
    struct rill_bwe_seek s;
    fallen(&s);
    believed(&s, 4 * RILL_SECOND, KBPS(900));
    assert_int_equal(believed(&s, 4 * RILL_SECOND, KBPS(900)), KBPS(900));
    rill_bwe_seek_update(&s, 5 * RILL_SECOND, KBPS(900), true);
    for (int64_t at = 6; at < 60; at++)
        rill_bwe_seek_update(&s, at * RILL_SECOND, KBPS(300), true);
    assert_int_equal(s.probe.n, 0);
}

/* The clusters that are asked for leave; they come, or none does. */
static size_t send_clusters(struct rill_bwe_seek *s, int64_t now, bool come)
{
    static struct rill_bwe_packet packets[200];
    struct rill_probe_found found;
    struct link l = {0};
    size_t n = send(&s->probe, &l, now, packets);
    for (size_t i = 0; i < n && !come; i++)
        packets[i].arrived = RILL_NEVER;
    if (rill_probe_feedback(&s->probe, now + 200 * RILL_MS, packets, n, &found))
        rill_bwe_seek_found(s, now + 200 * RILL_MS, &found, KBPS(1500));
    rill_bwe_seek_update(s, now + RILL_SECOND, KBPS(300), false);
    return n;
}

static void bwe_first_probes_that_were_lost_are_sent_again_twice(void **state)
{
    (void)state;
    struct rill_bwe_seek s;
    rill_bwe_seek_init(&s, RILL_SECOND, KBPS(300), KBPS(1500));
    for (int64_t i = 1; i <= 3; i++)
        assert_true(send_clusters(&s, i * RILL_SECOND, false) > 0);
    assert_int_equal(send_clusters(&s, 4 * RILL_SECOND, false), 0);
    rill_bwe_seek_init(&s, RILL_SECOND, KBPS(300), KBPS(1500));
    assert_true(send_clusters(&s, RILL_SECOND, true) > 0);
    assert_int_equal(send_clusters(&s, 2 * RILL_SECOND, true), 0);
}

/* Half a second of packets at this rate. */
static void send_for_a_window(struct rill_bwe_seek *s, int64_t *now, uint64_t bps, uint64_t target)
{
    for (int i = 0; i < 50; i++, *now += 10 * RILL_MS)
        rill_bwe_seek_sent(s, *now, (size_t)(bps / 800), target);
    rill_bwe_seek_update(s, *now, target, false);
}

static void
bwe_a_source_that_gives_little_for_a_moment_is_not_asked_for_what_was_there(void **state)
{
    (void)state;
    struct rill_bwe_seek s;
    int64_t now = RILL_SECOND;
    rill_bwe_seek_init(&s, now, KBPS(1500), KBPS(1500));
    s.little_for = RILL_SECOND;
    for (int i = 0; i < 4; i++)
        send_for_a_window(&s, &now, KBPS(1500), KBPS(1500));
    assert_true(rill_probe_due(&s.probe, now) == RILL_NEVER);
    /* It fell; the frames behind a key frame are short. */
    for (int i = 0; i < 4; i++)
        send_for_a_window(&s, &now, i == 1 || i == 2 ? KBPS(300) : KBPS(800), KBPS(800));
    assert_true(rill_probe_due(&s.probe, now) == RILL_NEVER);
    for (int i = 0; i < 8; i++)
        send_for_a_window(&s, &now, KBPS(300), KBPS(800));
    assert_true(rill_probe_due(&s.probe, now) <= now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe_finds_the_rate_it_asks_for_on_a_path_that_carries_it),
        cmocka_unit_test(probe_finds_what_a_narrow_path_carries),
        cmocka_unit_test(probe_of_a_low_rate_has_five_packets),
        cmocka_unit_test(probe_that_lost_more_than_a_fifth_says_nothing),
        cmocka_unit_test(probe_that_left_in_one_burst_finds_no_more_than_it_asked_for),
        cmocka_unit_test(probe_without_feedback_is_forgotten_after_a_second),
        cmocka_unit_test(bwe_a_wide_path_is_known_within_half_a_second),
        cmocka_unit_test(bwe_a_narrow_path_is_not_overrun_by_the_first_probes),
        cmocka_unit_test(bwe_a_source_that_gives_little_is_helped_by_a_probe_every_five_seconds),
        cmocka_unit_test(bwe_first_probes_that_were_lost_are_sent_again_twice),
        cmocka_unit_test(
            bwe_a_source_that_gives_little_for_a_moment_is_not_asked_for_what_was_there),
        cmocka_unit_test(bwe_what_a_path_lost_for_a_while_is_asked_for_again),
        cmocka_unit_test(bwe_what_comes_back_is_had_within_seconds_by_a_source_that_gives_all),
        cmocka_unit_test(bwe_after_a_fall_two_bursts_have_to_find_the_same),
        cmocka_unit_test(bwe_a_fall_that_a_try_has_brought_is_not_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
