/* The equations of the documents, by hand: RFC 8698 §4.2, §4.3 and draft-ietf-rmcat-gcc-02 §5.5. */
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

/* Equations (3), (4): gamma = min(0.5, QBOUND / (rtt + DELTA + DFILT)) = 50 / 320; what arrives at
 * 1 Mbit/s allows 1.15625 of that. */
static void nada_ramps_up_by_gamma_of_what_arrives(void **state)
{
    (void)state;
    struct rill_nada x;
    int64_t now = RILL_SECOND;
    rill_nada_init(&x, now, KBPS(300), &limits);
    nada_run(&x, &now, 0, 2 * RILL_SECOND);
    assert_in_range(rill_nada_target(&x), 1156250 - 2000, 1156250 + 2000);
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

/* A queue that stands for 4 s though we yield is somebody else's; one that drains is ours. */
static void gcc_knows_a_queue_that_others_fill(void **state)
{
    (void)state;
    struct rill_gcc_queue q;
    int64_t now = RILL_SECOND;
    bool shared = false;
    rill_gcc_queue_init(&q);
    assert_false(rill_gcc_queue_is_shared(&q, now, 50 * RILL_MS));
    for (; now < 20 * RILL_SECOND; now += 50 * RILL_MS)
        /* Ours: 3 s full, then drained. */
        shared |= rill_gcc_queue_is_shared(
            &q, now, 50 * RILL_MS + (now / RILL_SECOND % 4 == 3 ? 0 : 250 * RILL_MS));
    assert_false(shared);
    for (; now < 26 * RILL_SECOND; now += 50 * RILL_MS)
        shared = rill_gcc_queue_is_shared(&q, now, 300 * RILL_MS);
    assert_true(shared);
    /* After half a minute it is tried again. */
    for (int64_t end = now + 30 * RILL_SECOND; now < end && shared; now += 50 * RILL_MS)
        shared = rill_gcc_queue_is_shared(&q, now, 300 * RILL_MS);
    assert_false(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nada_ramps_up_by_gamma_of_what_arrives),
        cmocka_unit_test(nada_rests_where_its_equation_is_zero),
        cmocka_unit_test(gcc_increases_and_decreases_by_its_factors),
        cmocka_unit_test(gcc_knows_a_queue_that_others_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
