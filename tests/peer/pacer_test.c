/* pacer: packets a tick. */
#include "peer/pacer.h"
#include "tests/rill_test.h"

/* Sends as much of a queue as may go at one instant. */
static size_t burst(struct rill_peer_pacer *p, int64_t now, size_t *queued)
{
    size_t n = 0;
    while (*queued && rill_peer_pacer_may_send(p, now, *queued, 0)) {
        rill_peer_pacer_sent(p, RILL_PEER_PACER_PACKET);
        (*queued)--;
        n++;
    }
    return n;
}

static void pacer_lets_a_small_frame_go_at_once(void **state)
{
    struct rill_peer_pacer p = {0};
    size_t queued = RILL_PEER_PACER_BURST;
    (void)state;
    assert_int_equal(burst(&p, RILL_SECOND, &queued), RILL_PEER_PACER_BURST);
}

static void pacer_holds_the_packet_behind_a_full_burst_until_the_next_tick(void **state)
{
    struct rill_peer_pacer p = {0};
    size_t queued = RILL_PEER_PACER_BURST + 1;
    (void)state;
    assert_int_equal(burst(&p, RILL_SECOND, &queued), RILL_PEER_PACER_BURST);
    assert_int_equal(rill_peer_pacer_deadline(&p), RILL_SECOND + RILL_PEER_PACER_TICK);
    assert_int_equal(burst(&p, RILL_SECOND + RILL_PEER_PACER_TICK - 1, &queued), 0);
    assert_int_equal(burst(&p, RILL_SECOND + RILL_PEER_PACER_TICK, &queued), 1);
}

static void pacer_spreads_a_key_frame_of_60_packets_over_six_ticks(void **state)
{
    struct rill_peer_pacer p = {0};
    size_t queued = 60;
    int64_t now = RILL_SECOND;
    (void)state;
    while (queued) {
        assert_true(burst(&p, now, &queued) <= RILL_PEER_PACER_BURST);
        now += RILL_PEER_PACER_TICK;
    }
    assert_int_equal(now - RILL_SECOND, 6 * RILL_PEER_PACER_TICK);
}

static void pacer_empties_a_long_queue_in_its_number_of_ticks_and_little_more(void **state)
{
    struct rill_peer_pacer p = {0};
    size_t queued = 1000;
    int64_t now = RILL_SECOND;
    (void)state;
    assert_int_equal(burst(&p, now, &queued), 1000 / RILL_PEER_PACER_TICKS);
    while (queued) {
        now += RILL_PEER_PACER_TICK;
        burst(&p, now, &queued);
    }
    assert_true(now - RILL_SECOND <= 3 * RILL_PEER_PACER_TICKS * RILL_PEER_PACER_TICK);
}

/* 1 Mbit/s × 2, packets of 1200 bytes: 208 a second. */
static void pacer_with_a_rate_goes_twice_as_fast(void **state)
{
    struct rill_peer_pacer p = {0};
    size_t sent = 0;
    (void)state;
    for (int64_t now = RILL_SECOND; now < 2 * RILL_SECOND; now += RILL_MS) {
        size_t in_burst = 0;
        while (rill_peer_pacer_may_send(&p, now, 100, 1000000)) {
            rill_peer_pacer_sent(&p, RILL_PEER_PACER_PACKET);
            in_burst++;
        }
        assert_true(in_burst <= 2);
        sent += in_burst;
    }
    assert_in_range(sent, 206, 211);
}

/* However narrow the path is thought to be, a key frame is out after a second and a little. */
static void pacer_starves_no_queue_at_a_low_rate(void **state)
{
    struct rill_peer_pacer p = {0};
    size_t queued = 800;
    int64_t now = RILL_SECOND;
    (void)state;
    for (; queued; now += RILL_PEER_PACER_TICK)
        while (queued && rill_peer_pacer_may_send(&p, now, 800, 30000)) {
            rill_peer_pacer_sent(&p, RILL_PEER_PACER_PACKET);
            queued--;
        }
    assert_true(now - RILL_SECOND <= RILL_SECOND + 2 * RILL_PEER_PACER_TICK);
}

static void pacer_makes_up_for_a_late_call_but_not_for_a_pause(void **state)
{
    struct rill_peer_pacer p = {0};
    size_t n = 0;
    (void)state;
    assert_true(rill_peer_pacer_may_send(&p, RILL_SECOND, 100, 1000000));
    while (rill_peer_pacer_may_send(&p, 9 * RILL_SECOND, 100, 1000000)) {
        rill_peer_pacer_sent(&p, RILL_PEER_PACER_PACKET);
        n++;
    }
    assert_int_equal(n, 5); /* 4 ticks of 1250 bytes */
}

/* What goes in a second out of a queue that never ends, and 100 bytes of sound each 20 ms beside
 * it; of a path that carries so much. */
static uint64_t goes(struct rill_peer_pacer *p, int64_t *now, uint64_t bps)
{
    uint64_t bytes = 0;
    for (int64_t until = *now + RILL_SECOND; *now < until; *now += RILL_MS) {
        rill_peer_pacer_mean(p, *now, bps);
        if (*now % (20 * RILL_MS) == 0) {
            rill_peer_pacer_passed(p, 100);
            bytes += 100;
        }
        while (rill_peer_pacer_may_send(p, *now, 100, bps)) {
            rill_peer_pacer_sent(p, RILL_PEER_PACER_PACKET);
            bytes += RILL_PEER_PACER_PACKET;
        }
    }
    return bytes;
}

static void pacer_keeps_to_the_mean_behind_a_burst(void **state)
{
    struct rill_peer_pacer p = {0};
    int64_t now = RILL_SECOND;
    (void)state;
    assert_in_range(goes(&p, &now, 1000000), 125000 * 5 / 4, 125000 * 13 / 8);
    /* 125 %, and at 100 % for 3 s when it falls. */
    assert_in_range(goes(&p, &now, 1000000), 125000 * 6 / 5, 125000 * 13 / 10);
    goes(&p, &now, 400000);
    for (int i = 1; i < 3; i++)
        assert_in_range(goes(&p, &now, 400000), 50000 * 9 / 10, 50000 * 11 / 10);
    assert_in_range(goes(&p, &now, 400000), 50000 * 6 / 5, 50000 * 7 / 5);
    /* A little less is no fall. */
    assert_true(goes(&p, &now, 380000) > 50000 * 11 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pacer_lets_a_small_frame_go_at_once),
        cmocka_unit_test(pacer_holds_the_packet_behind_a_full_burst_until_the_next_tick),
        cmocka_unit_test(pacer_spreads_a_key_frame_of_60_packets_over_six_ticks),
        cmocka_unit_test(pacer_empties_a_long_queue_in_its_number_of_ticks_and_little_more),
        cmocka_unit_test(pacer_with_a_rate_goes_twice_as_fast),
        cmocka_unit_test(pacer_starves_no_queue_at_a_low_rate),
        cmocka_unit_test(pacer_keeps_to_the_mean_behind_a_burst),
        cmocka_unit_test(pacer_makes_up_for_a_late_call_but_not_for_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
