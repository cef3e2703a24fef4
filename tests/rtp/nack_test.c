/* nack_test: which packets are asked for, when, and how often (RFC 4585 §6.2.1). */
#include "rtp/nack.h"
#include "tests/rill_test.h"

#define MS RILL_MS
#define RTT (30 * MS)

static _Alignas(16) uint8_t block[16 * 1024];
static uint16_t asked[64];

static struct rill_rtp_nack nack(size_t cap)
{
    struct rill_rtp_nack k;
    struct rill_arena counting = rill_arena_counting();
    rill_rtp_nack_init(&k, &counting, cap);
    assert_true(rill_arena_size(&counting) <= sizeof block);
    struct rill_arena arena = rill_arena_over(block, sizeof block);
    rill_rtp_nack_init(&k, &arena, cap);
    assert_false(arena.bad);
    return k;
}

static size_t due(struct rill_rtp_nack *k, int64_t now)
{
    return rill_rtp_nack_due(k, now, RTT, asked, 64);
}

static void an_ordered_stream_asks_for_nothing(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    for (uint32_t i = 65500; i < 65600; i++)
        rill_rtp_nack_received(&k, 0, (uint16_t)i);
    assert_int_equal(due(&k, RILL_SECOND), 0);
    assert_int_equal(rill_rtp_nack_deadline(&k), RILL_NEVER);
}

static void a_gap_is_asked_for_within_20_ms_in_ascending_order(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_received(&k, 0, 65534);
    rill_rtp_nack_received(&k, 100 * MS, 1);
    assert_int_equal(rill_rtp_nack_deadline(&k), 110 * MS);
    assert_int_equal(due(&k, 110 * MS - 1), 0);
    assert_int_equal(due(&k, 110 * MS), 2);
    assert_int_equal(asked[0], 65535);
    assert_int_equal(asked[1], 0);
    assert_int_equal(k.requested, 2);
}

static void a_reordered_packet_is_never_asked_for(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_received(&k, 0, 1);
    rill_rtp_nack_received(&k, 0, 3);
    rill_rtp_nack_received(&k, 5 * MS, 2);
    assert_int_equal(due(&k, RILL_SECOND), 0);
}

static void a_missing_packet_is_asked_for_each_round_trip_and_ten_times_at_most(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_received(&k, 0, 1);
    rill_rtp_nack_received(&k, 0, 3);
    int times = 0;
    int64_t last = -RILL_SECOND;
    for (int64_t now = 0; now < 5 * RILL_SECOND; now += MS) {
        if (due(&k, now) == 0)
            continue;
        assert_int_equal(asked[0], 2);
        assert_true(now - last >= RTT);
        last = now;
        times++;
    }
    assert_int_equal(times, RILL_RTP_NACK_TRIES);
    assert_int_equal(k.n, 0);
    assert_true(rill_rtp_nack_gave_up(&k));
    assert_false(rill_rtp_nack_gave_up(&k));
}

static void an_unknown_round_trip_is_taken_as_100_ms(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_received(&k, 0, 1);
    rill_rtp_nack_received(&k, 0, 3);
    assert_int_equal(rill_rtp_nack_due(&k, 10 * MS, -1, asked, 64), 1);
    assert_int_equal(rill_rtp_nack_deadline(&k), 120 * MS);
}

static void what_does_not_fit_the_callers_room_stays_due(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_received(&k, 0, 1);
    rill_rtp_nack_received(&k, 0, 6);
    assert_int_equal(rill_rtp_nack_due(&k, 10 * MS, RTT, asked, 3), 3);
    assert_int_equal(rill_rtp_nack_due(&k, 10 * MS, RTT, asked, 3), 1);
    assert_int_equal(asked[0], 5);
}

static void the_list_holds_exactly_its_capacity(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_received(&k, 0, 0);
    rill_rtp_nack_received(&k, 0, 17); /* 16 are missing */
    assert_int_equal(k.n, 16);
    assert_false(rill_rtp_nack_gave_up(&k));
    rill_rtp_nack_received(&k, 0, 19); /* one more: the oldest goes */
    assert_int_equal(k.n, 16);
    assert_true(rill_rtp_nack_gave_up(&k));
    assert_int_equal(due(&k, 10 * MS), 16);
    assert_int_equal(asked[0], 2);
    assert_int_equal(asked[15], 18);
}

static void a_gap_larger_than_the_list_is_given_up_at_once(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_received(&k, 0, 0);
    rill_rtp_nack_received(&k, 0, 18); /* 17 are missing */
    assert_int_equal(k.n, 0);
    assert_true(rill_rtp_nack_gave_up(&k));
    rill_rtp_nack_received(&k, 0, 20);
    assert_int_equal(due(&k, 10 * MS), 1);
    assert_int_equal(asked[0], 19);
}

static void packets_before_the_oldest_needed_are_forgotten(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_forget_before(&k, 7);
    rill_rtp_nack_received(&k, 0, 65530);
    rill_rtp_nack_received(&k, 0, 4);
    rill_rtp_nack_forget_before(&k, 1);
    assert_int_equal(due(&k, 10 * MS), 3);
    assert_int_equal(asked[0], 1);
    assert_false(rill_rtp_nack_gave_up(&k));
    rill_rtp_nack_forget_before(&k, 5);
    assert_int_equal(k.n, 0);
}

static void packets_missing_before_the_first_to_arrive_are_asked_for(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_received(&k, 0, 5);
    rill_rtp_nack_received(&k, 0, 7);
    rill_rtp_nack_received(&k, 0, 2); /* the first one sent, overtaken */
    assert_int_equal(due(&k, 10 * MS), 3);
    assert_int_equal(asked[0], 3);
    assert_int_equal(asked[1], 4);
    assert_int_equal(asked[2], 6);
    rill_rtp_nack_received(&k, 0, 3);
    assert_int_equal(k.n, 2);
}

static void a_gap_before_the_first_to_arrive_fits_the_list_or_is_let_be(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(4);
    rill_rtp_nack_received(&k, 0, 10);
    rill_rtp_nack_received(&k, 0, 5);
    assert_int_equal(k.n, 4);
    k = nack(4);
    rill_rtp_nack_received(&k, 0, 10);
    rill_rtp_nack_received(&k, 0, 4);
    assert_int_equal(k.n, 0);
}

static void a_source_that_begins_again_far_behind_is_followed(void **state)
{
    (void)state;
    struct rill_rtp_nack k = nack(16);
    rill_rtp_nack_received(&k, 0, 20000);
    rill_rtp_nack_received(&k, 0, 18999); /* one alone is not believed */
    rill_rtp_nack_received(&k, 0, 20002);
    assert_int_equal(k.n, 1);
    rill_rtp_nack_received(&k, 0, 100);
    rill_rtp_nack_received(&k, 0, 101);
    assert_int_equal(k.n, 0);
    rill_rtp_nack_received(&k, 0, 103);
    assert_int_equal(due(&k, 10 * MS), 1);
    assert_int_equal(asked[0], 102);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordered_stream_asks_for_nothing),
        cmocka_unit_test(a_gap_is_asked_for_within_20_ms_in_ascending_order),
        cmocka_unit_test(a_reordered_packet_is_never_asked_for),
        cmocka_unit_test(a_missing_packet_is_asked_for_each_round_trip_and_ten_times_at_most),
        cmocka_unit_test(an_unknown_round_trip_is_taken_as_100_ms),
        cmocka_unit_test(what_does_not_fit_the_callers_room_stays_due),
        cmocka_unit_test(the_list_holds_exactly_its_capacity),
        cmocka_unit_test(a_gap_larger_than_the_list_is_given_up_at_once),
        cmocka_unit_test(packets_before_the_oldest_needed_are_forgotten),
        cmocka_unit_test(packets_missing_before_the_first_to_arrive_are_asked_for),
        cmocka_unit_test(a_gap_before_the_first_to_arrive_fits_the_list_or_is_let_be),
        cmocka_unit_test(a_source_that_begins_again_far_behind_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
