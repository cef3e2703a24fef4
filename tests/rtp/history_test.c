/* history_test: what was sent is found again, byte for byte, and sent again within bounds. */
#include "rtp/history.h"
#include "tests/rill_test.h"

#define MS RILL_MS

static _Alignas(16) uint8_t block[64 * 1024];

static struct rill_rtp_history history(size_t cap, size_t slot)
{
    struct rill_rtp_history h;
    struct rill_arena counting = rill_arena_counting();
    rill_rtp_history_init(&h, &counting, cap, slot);
    assert_true(rill_arena_size(&counting) <= sizeof block);
    struct rill_arena arena = rill_arena_over(block, sizeof block);
    rill_rtp_history_init(&h, &arena, cap, slot);
    assert_false(arena.bad);
    return h;
}

static void put(struct rill_rtp_history *h, uint16_t seq)
{
    struct rill_span s = rill_rtp_history_reserve(h, seq);
    assert_int_equal(s.n, h->slot);
    s.p[0] = (uint8_t)(seq >> 8);
    s.p[1] = (uint8_t)seq;
    rill_rtp_history_commit(h, seq, 2);
}

static bool has(const struct rill_rtp_history *h, uint16_t seq)
{
    struct rill_view v = rill_rtp_history_get(h, seq);
    if (v.n == 0)
        return false;
    assert_int_equal(v.n, 2);
    assert_int_equal(v.p[0] << 8 | v.p[1], seq);
    return true;
}

static void an_empty_history_holds_nothing(void **state)
{
    (void)state;
    struct rill_rtp_history h = history(10, 100);
    assert_false(has(&h, 0));
    assert_false(rill_rtp_history_may_resend(&h, 0, 0, 0));
}

static void the_last_packets_are_kept_and_the_one_before_is_not(void **state)
{
    (void)state;
    struct rill_rtp_history h = history(10, 100);
    for (uint16_t i = 0; i < 35; i++)
        put(&h, i);
    for (uint16_t i = 25; i < 35; i++)
        assert_true(has(&h, i));
    assert_false(has(&h, 24));
    assert_false(has(&h, 35));
    assert_int_equal(h.stored, 35);
}

static void a_ring_of_any_size_keeps_its_packets_over_the_wrap(void **state)
{
    (void)state;
    struct rill_rtp_history h = history(7, 100);
    for (uint32_t i = 65500; i < 65536 + 50; i++) {
        put(&h, (uint16_t)i);
        for (uint32_t k = 0; k < 7 && i - k >= 65500; k++)
            assert_true(has(&h, (uint16_t)(i - k)));
        assert_false(has(&h, (uint16_t)(i - 7)));
    }
}

static void a_packet_that_was_not_committed_is_not_there(void **state)
{
    (void)state;
    struct rill_rtp_history h = history(4, 100);
    put(&h, 1);
    rill_rtp_history_reserve(&h, 5); /* in its place */
    assert_false(has(&h, 1));
    assert_false(has(&h, 5));
    rill_rtp_history_commit(&h, 6, 2); /* never reserved */
    assert_false(has(&h, 6));
}

static void a_packet_fills_its_slot_but_not_more(void **state)
{
    (void)state;
    struct rill_rtp_history h = history(4, 100);
    rill_rtp_history_reserve(&h, 1);
    rill_rtp_history_commit(&h, 1, 100);
    assert_int_equal(rill_rtp_history_get(&h, 1).n, 100);
    rill_rtp_history_reserve(&h, 2);
    rill_rtp_history_commit(&h, 2, 101);
    assert_int_equal(rill_rtp_history_get(&h, 2).n, 0);
}

static void a_resend_is_byte_identical(void **state)
{
    (void)state;
    struct rill_rtp_history h = history(4, 100);
    struct rill_span s = rill_rtp_history_reserve(&h, 9);
    for (size_t i = 0; i < 100; i++)
        s.p[i] = (uint8_t)(i * 7);
    rill_rtp_history_commit(&h, 9, 100);
    rill_rtp_history_mark_sent(&h, 9, 5);
    assert_true(rill_rtp_history_may_resend(&h, 9, RILL_SECOND, 0));
    struct rill_view v = rill_rtp_history_get(&h, 9);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(v.p[i], (uint8_t)(i * 7));
}

static void a_packet_goes_again_after_the_gap_and_ten_times_at_most(void **state)
{
    (void)state;
    struct rill_rtp_history h = history(4, 100);
    int64_t now = RILL_SECOND;
    put(&h, 3);
    /* It is still the pacer's to send. */
    assert_false(rill_rtp_history_may_resend(&h, 3, now, 20 * MS));
    rill_rtp_history_mark_sent(&h, 3, now);
    assert_false(rill_rtp_history_may_resend(&h, 3, now + 20 * MS - 1, 20 * MS));
    for (int i = 0; i < RILL_RTP_HISTORY_RESENDS; i++) {
        now += 20 * MS;
        assert_true(rill_rtp_history_may_resend(&h, 3, now, 20 * MS));
        assert_false(rill_rtp_history_may_resend(&h, 3, now, 20 * MS));
    }
    assert_false(rill_rtp_history_may_resend(&h, 3, now + RILL_SECOND, 20 * MS));
    /* The next one in its place counts anew. */
    put(&h, 7);
    rill_rtp_history_mark_sent(&h, 7, now);
    assert_true(rill_rtp_history_may_resend(&h, 7, now + RILL_SECOND, 20 * MS));
}

static void a_packet_can_be_edited_until_it_has_left(void **state)
{
    (void)state;
    struct rill_rtp_history h = history(4, 100);
    put(&h, 3);
    assert_int_equal(rill_rtp_history_edit(&h, 4).n, 0);
    struct rill_span s = rill_rtp_history_edit(&h, 3);
    assert_int_equal(s.n, rill_rtp_history_get(&h, 3).n);
    s.p[0] = 0xa5;
    assert_int_equal(rill_rtp_history_get(&h, 3).p[0], 0xa5);
    rill_rtp_history_mark_sent(&h, 3, RILL_SECOND);
    assert_int_equal(rill_rtp_history_edit(&h, 3).n, 0);
}

static void a_packet_sent_at_time_zero_was_sent(void **state)
{
    (void)state;
    struct rill_rtp_history h = history(4, 100);
    put(&h, 3);
    rill_rtp_history_mark_sent(&h, 3, 0);
    assert_true(rill_rtp_history_may_resend(&h, 3, 50 * MS, 20 * MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_history_holds_nothing),
        cmocka_unit_test(the_last_packets_are_kept_and_the_one_before_is_not),
        cmocka_unit_test(a_ring_of_any_size_keeps_its_packets_over_the_wrap),
        cmocka_unit_test(a_packet_that_was_not_committed_is_not_there),
        cmocka_unit_test(a_packet_fills_its_slot_but_not_more),
        cmocka_unit_test(a_resend_is_byte_identical),
        cmocka_unit_test(a_packet_goes_again_after_the_gap_and_ten_times_at_most),
        cmocka_unit_test(a_packet_can_be_edited_until_it_has_left),
        cmocka_unit_test(a_packet_sent_at_time_zero_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
