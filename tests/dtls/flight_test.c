/* The queue and the schedule. */
#include "dtls/flight.h"
#include "tests/rill_test.h"

static max_align_t block[4096];
static struct rill_dtls_flight f;

static void begin(int64_t rtt)
{
    struct rill_arena a = rill_arena_over(block, sizeof block);
    rill_dtls_flight_init(&f, &a, 300, rtt);
    rill_dtls_flight_at(&f, RILL_SECOND);
}

static int64_t wait_of(uint32_t doubling)
{
    rill_dtls_flight_set_timer(&f, 0, doubling);
    return f.due - RILL_SECOND;
}

static void dtls_flight_waits_100_ms_first_and_doubles_up_to_a_second(void **state)
{
    (void)state;
    begin(0);
    assert_int_equal(wait_of(1), 100 * RILL_MS);
    assert_int_equal(wait_of(2), 200 * RILL_MS);
    assert_int_equal(wait_of(4), 400 * RILL_MS);
    assert_int_equal(wait_of(8), 800 * RILL_MS);
    assert_int_equal(wait_of(16), RILL_SECOND);
    assert_int_equal(wait_of(UINT32_MAX), RILL_SECOND);
}

static void dtls_flight_waits_the_measured_round_trip_first(void **state)
{
    (void)state;
    begin(230 * RILL_MS);
    assert_int_equal(wait_of(1), 230 * RILL_MS);
    assert_int_equal(wait_of(2), 460 * RILL_MS);
}

static void dtls_flight_keeps_the_first_wait_between_50_ms_and_a_second(void **state)
{
    (void)state;
    begin(RILL_MS);
    assert_int_equal(wait_of(1), 50 * RILL_MS);
    begin(9 * RILL_SECOND);
    assert_int_equal(wait_of(1), RILL_SECOND);
}

static void dtls_flight_timer_is_over_at_its_deadline_and_not_before(void **state)
{
    (void)state;
    begin(0);
    assert_int_equal(rill_dtls_flight_get_timer(&f), -1);
    wait_of(1);
    rill_dtls_flight_at(&f, RILL_SECOND + 100 * RILL_MS - 1);
    assert_int_equal(rill_dtls_flight_get_timer(&f), 0);
    rill_dtls_flight_at(&f, RILL_SECOND + 100 * RILL_MS);
    assert_int_equal(rill_dtls_flight_get_timer(&f), 2);
    rill_dtls_flight_set_timer(&f, 0, 0);
    assert_int_equal(rill_dtls_flight_get_timer(&f), -1);
}

static void dtls_flight_queue_holds_eight_datagrams_and_loses_the_ninth(void **state)
{
    (void)state;
    begin(0);
    uint8_t bytes[300] = {0}, out[300];
    for (uint8_t i = 0; i < RILL_DTLS_FLIGHT_SLOTS + 1; i++) {
        bytes[0] = i;
        assert_int_equal(rill_dtls_flight_send(&f, bytes, sizeof bytes), sizeof bytes);
    }
    for (uint8_t i = 0; i < RILL_DTLS_FLIGHT_SLOTS; i++) {
        assert_int_equal(rill_dtls_flight_pop(&f, (struct rill_span){out, sizeof out}), 300);
        assert_int_equal(out[0], i);
    }
    assert_int_equal(rill_dtls_flight_pop(&f, (struct rill_span){out, sizeof out}), 0);
}

static void dtls_flight_queue_takes_a_datagram_of_the_mtu_and_none_larger(void **state)
{
    (void)state;
    begin(0);
    uint8_t bytes[301] = {0};
    rill_dtls_flight_send(&f, bytes, 301);
    assert_int_equal(f.ring.n, 0);
    rill_dtls_flight_send(&f, bytes, 300);
    assert_int_equal(f.ring.n, 1);
}

static void dtls_flight_cut_forgets_the_newest(void **state)
{
    (void)state;
    begin(0);
    uint8_t bytes[3] = {1, 2, 3}, out[300];
    for (size_t n = 1; n <= 3; n++)
        rill_dtls_flight_send(&f, bytes, n);
    rill_dtls_flight_cut(&f, 1);
    assert_int_equal(rill_dtls_flight_pop(&f, (struct rill_span){out, sizeof out}), 1);
    assert_int_equal(rill_dtls_flight_pop(&f, (struct rill_span){out, sizeof out}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dtls_flight_waits_100_ms_first_and_doubles_up_to_a_second),
        cmocka_unit_test(dtls_flight_waits_the_measured_round_trip_first),
        cmocka_unit_test(dtls_flight_keeps_the_first_wait_between_50_ms_and_a_second),
        cmocka_unit_test(dtls_flight_timer_is_over_at_its_deadline_and_not_before),
        cmocka_unit_test(dtls_flight_queue_holds_eight_datagrams_and_loses_the_ninth),
        cmocka_unit_test(dtls_flight_queue_takes_a_datagram_of_the_mtu_and_none_larger),
        cmocka_unit_test(dtls_flight_cut_forgets_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
