/* The receiver's own estimate: times of departure, the estimate, and when it is told. */
#include "rtp/remb.h"

#include "rtp/abs_send_time.h"
#include "rtp/rtcp.h"
#include "tests/rill_test.h"

#define KBPS(n) ((n) * (uint64_t)1000)
#define BYTES 1000

static void abs_send_time_is_the_middle_of_ntp_time(void **state)
{
    (void)state;
    /* 1970 is 2,208,988,800 s in NTP time, and 0 of 64 s. */
    assert_int_equal(rill_abs_send_time(0), 0);
    assert_int_equal(rill_abs_send_time(RILL_SECOND), 1 << 18);
    assert_int_equal(rill_abs_send_time(1500 * RILL_MS), 3 << 17);
    assert_int_equal(rill_abs_send_time(64 * RILL_SECOND), 0);
}

static void abs_send_time_goes_on_over_the_wrap_both_ways(void **state)
{
    (void)state;
    int64_t late = 0xfffff0;
    assert_int_equal(rill_abs_send_time_unwrap(late, 0x10), 0x1000010);
    assert_int_equal(rill_abs_send_time_unwrap(0x1000010, 0xfffff0), late);
    assert_int_equal(rill_abs_send_time_us((int64_t)1 << 18), RILL_SECOND);
    assert_int_equal(rill_abs_send_time_us((int64_t)100 << 18), 100 * RILL_SECOND);
}

static void remb_is_written_as_it_is_read(void **state)
{
    (void)state;
    static const uint64_t rates[] = {0, 1, 0x3ffff, 0x40000, 1234567, UINT64_C(1) << 40};
    static const uint32_t ssrcs[] = {1, 0x80000002};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        uint8_t bytes[64];
        struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
        struct rill_rtcp_packet p;
        struct rill_view fci, listed;
        uint32_t sender, media;
        uint64_t bps;
        size_t at = 0;
        rill_rtcp_write_remb(&w, 7, rates[i], ssrcs, 2);
        assert_int_equal(w.at, 28);
        assert_int_equal(rill_rtcp_next(rill_view_at(bytes, w.at), &at, &p, NULL), 1);
        assert_int_equal(p.pt, RILL_RTCP_PSFB);
        assert_int_equal(p.count, RILL_RTCP_AFB);
        assert_int_equal(rill_rtcp_parse_feedback(&p, &sender, &media, &fci, NULL), 0);
        assert_int_equal(sender, 7);
        assert_int_equal(media, 0);
        assert_int_equal(rill_rtcp_parse_remb(fci, &bps, &listed, NULL), 0);
        assert_int_equal(listed.n, 8);
        /* At least 18 bits of it. */
        assert_true(bps <= rates[i] && rates[i] - bps <= rates[i] >> 17);
    }
}

/* --- the estimate ------------------------------------------------------------------------------
 */

struct way {
    struct rill_remb r;
    int64_t now, busy_until; /* departures; when the link is free */
};

/* A sender at this rate over a link of that one, for so long; its clock began long ago. */
static void pass(struct way *w, uint64_t sent_bps, uint64_t link_bps, int64_t time)
{
    int64_t gap = (int64_t)(BYTES * 8 * (uint64_t)RILL_SECOND / sent_bps);
    for (int64_t until = w->now + time; w->now < until; w->now += gap) {
        int64_t begins = w->busy_until > w->now ? w->busy_until : w->now;
        w->busy_until = begins + (int64_t)(BYTES * 8 * (uint64_t)RILL_SECOND / link_bps);
        rill_remb_packet(&w->r, w->busy_until + 20 * RILL_MS,
                         rill_abs_send_time(3000 * RILL_SECOND + w->now), BYTES, 40 * RILL_MS);
    }
}

static struct way begin(void)
{
    struct way w = {.now = RILL_SECOND};
    rill_remb_init(&w.r);
    assert_int_equal(rill_remb_due(&w.r), RILL_NEVER);
    return w;
}

static void remb_grows_to_half_as_much_again_as_what_comes_and_no_more(void **state)
{
    (void)state;
    struct way w = begin();
    /* Over the wrap of 64 s too. */
    pass(&w, KBPS(500), KBPS(50000), 100 * RILL_SECOND);
    assert_in_range(rill_remb_bps(&w.r), KBPS(700), KBPS(780));
}

static void remb_falls_below_a_link_that_is_full(void **state)
{
    (void)state;
    struct way w = begin();
    pass(&w, KBPS(900), KBPS(1000), 10 * RILL_SECOND);
    pass(&w, KBPS(900), KBPS(500), RILL_SECOND);
    assert_true(rill_remb_bps(&w.r) < KBPS(500));
}

static void remb_is_told_each_second_and_a_fall_at_once(void **state)
{
    (void)state;
    struct way w = begin();
    pass(&w, KBPS(900), KBPS(1000), 10 * RILL_SECOND);
    assert_true(rill_remb_due(&w.r) <= w.r.newest);
    rill_remb_told(&w.r, w.now);
    assert_int_equal(rill_remb_due(&w.r), w.now + RILL_SECOND);
    int64_t told = w.now;
    pass(&w, KBPS(900), KBPS(500), 500 * RILL_MS);
    assert_int_equal(rill_remb_due(&w.r), told + 200 * RILL_MS);
}

static void remb_is_not_told_when_nothing_comes(void **state)
{
    (void)state;
    struct way w = begin();
    pass(&w, KBPS(900), KBPS(1000), 10 * RILL_SECOND);
    rill_remb_told(&w.r, w.now + RILL_SECOND);
    assert_int_not_equal(rill_remb_due(&w.r), RILL_NEVER);
    rill_remb_told(&w.r, w.now + 2 * RILL_SECOND);
    assert_int_equal(rill_remb_due(&w.r), RILL_NEVER);
}

/* Times that cannot be cost a new beginning. */
static void remb_survives_absurd_times(void **state)
{
    (void)state;
    struct way w = begin();
    pass(&w, KBPS(500), KBPS(50000), 10 * RILL_SECOND);
    uint64_t before = rill_remb_bps(&w.r);
    for (uint32_t i = 0; i < 100; i++)
        rill_remb_packet(&w.r, w.now, i * 0x654321 & 0xffffff, BYTES, 0);
    pass(&w, KBPS(500), KBPS(50000), 5 * RILL_SECOND);
    assert_in_range(rill_remb_bps(&w.r), before / 2, before * 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(abs_send_time_is_the_middle_of_ntp_time),
        cmocka_unit_test(abs_send_time_goes_on_over_the_wrap_both_ways),
        cmocka_unit_test(remb_is_written_as_it_is_read),
        cmocka_unit_test(remb_grows_to_half_as_much_again_as_what_comes_and_no_more),
        cmocka_unit_test(remb_falls_below_a_link_that_is_full),
        cmocka_unit_test(remb_is_told_each_second_and_a_fall_at_once),
        cmocka_unit_test(remb_is_not_told_when_nothing_comes),
        cmocka_unit_test(remb_survives_absurd_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
