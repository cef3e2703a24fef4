/* nack_pace_test: what gaps teach: how long to wait, and how often to ask. */
#include "rtp/nack.h"
#include "tests/rill_test.h"

#define MS RILL_MS

/* So many of a hundred are missed, for a long time. */
static struct rill_rtp_nack_pace after_loss(int percent)
{
    struct rill_rtp_nack_pace p;
    rill_rtp_nack_pace_init(&p);
    for (int64_t i = 0, missed = 0; i < 5000; i++) {
        bool lost = i * percent % 100 < percent;
        if (!lost)
            rill_rtp_nack_pace_came(&p, missed);
        missed = lost ? missed + 1 : 0;
    }
    return p;
}

static int64_t again(const struct rill_rtp_nack_pace *p, int64_t rtt)
{
    return rill_rtp_nack_pace_again(p, 0, rtt);
}

static void where_little_is_lost_a_question_waits_for_its_answer(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(1);
    assert_int_equal(again(&p, 50 * MS), 60 * MS);
    assert_int_equal(again(&p, 100 * MS), 110 * MS);
}

static void on_a_short_path_there_is_time_for_each_answer(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(20);
    assert_int_equal(again(&p, 50 * MS), 60 * MS);
}

static void on_a_long_path_that_loses_much_questions_follow_each_other_faster(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(10);
    assert_true(again(&p, 100 * MS) < 90 * MS);
    assert_true(again(&p, 200 * MS) < 100 * MS);
}

static void never_more_than_three_go_out_in_a_round_trip(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(40);
    for (int64_t rtt = 10 * MS; rtt < 300 * MS; rtt += MS)
        assert_true(3 * again(&p, rtt) > rtt);
}

static void what_comes_too_late_in_any_case_is_not_asked_for_in_haste(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(20);
    assert_int_equal(again(&p, 400 * MS), 410 * MS);
}

static void repairs_tell_the_round_trip_for_5_s(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(1);
    rill_rtp_nack_pace_repaired(&p, 0, 80 * MS);
    assert_int_equal(rill_rtp_nack_pace_again(&p, 4 * RILL_SECOND, 20 * MS), 90 * MS);
    assert_int_equal(rill_rtp_nack_pace_again(&p, 6 * RILL_SECOND, 20 * MS), 30 * MS);
}

static void repairs_shorten_the_wait_for_what_is_overtaken_and_that_lengthens_it(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(1);
    assert_int_equal(p.overtaking, 10 * MS);
    for (int i = 0; i < 100; i++)
        rill_rtp_nack_pace_repaired(&p, 0, 80 * MS);
    assert_true(p.overtaking < MS);
    rill_rtp_nack_pace_overtaken(&p, 8 * MS);
    assert_int_equal(p.overtaking, 12 * MS);
    rill_rtp_nack_pace_overtaken(&p, 80 * MS);
    assert_int_equal(p.overtaking, 20 * MS);
}

static void a_packet_that_was_only_overtaken_was_not_lost(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p;
    rill_rtp_nack_pace_init(&p);
    for (int i = 0; i < 1000; i++) {
        rill_rtp_nack_pace_came(&p, 1);
        rill_rtp_nack_pace_overtaken(&p, MS);
    }
    assert_true(p.loss < 0.01);
}

static void patience_grows_with_the_loss_and_the_round_trip_from_500_ms_to_2_s(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace little = after_loss(1), much = after_loss(20), most = after_loss(60);
    assert_int_equal(rill_rtp_nack_pace_patience(&little, 0, 50 * MS), 500 * MS);
    int64_t near = rill_rtp_nack_pace_patience(&much, 0, 100 * MS);
    int64_t far = rill_rtp_nack_pace_patience(&much, 0, 250 * MS);
    assert_true(near > 500 * MS && far > near);
    assert_int_equal(rill_rtp_nack_pace_patience(&most, 0, 250 * MS), 2 * RILL_SECOND);
}

/* --- by the list itself ------------------------------------------------------------------------
 */

static void an_answer_to_the_question_before_is_not_taken_for_a_short_round_trip(void **state)
{
    static _Alignas(16) uint8_t block[4096];
    uint16_t out[4];
    struct rill_rtp_nack k;
    struct rill_arena arena = rill_arena_over(block, sizeof block);
    (void)state;
    rill_rtp_nack_init(&k, &arena, 16);
    rill_rtp_nack_received(&k, 0, 1);
    rill_rtp_nack_received(&k, 0, 3);
    assert_int_equal(rill_rtp_nack_due(&k, 10 * MS, 100 * MS, out, 4), 1);
    rill_rtp_nack_received(&k, 110 * MS, 2);
    assert_int_equal(k.pace.repair, 100 * MS);
    rill_rtp_nack_received(&k, 200 * MS, 5);
    assert_int_equal(rill_rtp_nack_due(&k, 220 * MS, 100 * MS, out, 4), 1);
    assert_int_equal(rill_rtp_nack_due(&k, 330 * MS, 100 * MS, out, 4), 1);
    rill_rtp_nack_received(&k, 335 * MS, 4); /* 5 ms behind the second, 115 behind the first */
    assert_int_equal(k.pace.repair, 100 * MS + 15 * MS / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_little_is_lost_a_question_waits_for_its_answer),
        cmocka_unit_test(on_a_short_path_there_is_time_for_each_answer),
        cmocka_unit_test(on_a_long_path_that_loses_much_questions_follow_each_other_faster),
        cmocka_unit_test(never_more_than_three_go_out_in_a_round_trip),
        cmocka_unit_test(what_comes_too_late_in_any_case_is_not_asked_for_in_haste),
        cmocka_unit_test(repairs_tell_the_round_trip_for_5_s),
        cmocka_unit_test(repairs_shorten_the_wait_for_what_is_overtaken_and_that_lengthens_it),
        cmocka_unit_test(a_packet_that_was_only_overtaken_was_not_lost),
        cmocka_unit_test(patience_grows_with_the_loss_and_the_round_trip_from_500_ms_to_2_s),
        cmocka_unit_test(an_answer_to_the_question_before_is_not_taken_for_a_short_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
