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

/* What follows each question of the first round, and of the next. */
static size_t round_of(const struct rill_rtp_nack_pace *p, int64_t rtt, int64_t *length)
{
    bool begins = false;
    size_t n = 0;
    for (*length = 0; !begins; n++)
        *length += rill_rtp_nack_pace_again(p, 0, rtt, (unsigned)n + 1, &begins);
    return n;
}

static void where_little_is_lost_a_question_waits_for_its_answer(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(0);
    int64_t length;
    for (int64_t rtt = 50 * MS; rtt <= 400 * MS; rtt *= 2) {
        assert_int_equal(round_of(&p, rtt, &length), 1);
        assert_int_equal(length, rtt + 10 * MS);
    }
}

static void on_a_short_path_there_is_time_for_each_answer(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(20);
    int64_t length;
    assert_int_equal(round_of(&p, 50 * MS, &length), 1);
    assert_int_equal(length, 60 * MS);
}

static void on_a_long_path_that_loses_much_a_round_has_several_questions(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace some = after_loss(5), much = after_loss(15);
    int64_t length;
    assert_int_equal(round_of(&some, 100 * MS, &length), 2);
    assert_int_equal(length, 110 * MS);
    assert_int_equal(round_of(&much, 200 * MS, &length), 3);
    assert_int_equal(length, 210 * MS);
}

static void of_a_path_that_loses_most_no_more_than_two_thirds_are_asked_for_in_advance(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace much = after_loss(30), most = after_loss(50);
    int64_t length;
    assert_int_equal(round_of(&much, 200 * MS, &length), 2);
    assert_int_equal(round_of(&most, 200 * MS, &length), 1);
}

static void what_comes_too_late_in_any_case_is_not_asked_for_in_haste(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(20);
    int64_t length;
    assert_int_equal(round_of(&p, 400 * MS, &length), 1);
    assert_int_equal(length, 410 * MS);
}

static void repairs_tell_the_round_trip_for_5_s(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(0);
    rill_rtp_nack_pace_repaired(&p, 0, 80 * MS);
    bool begins;
    assert_int_equal(rill_rtp_nack_pace_again(&p, 4 * RILL_SECOND, 20 * MS, 1, &begins), 90 * MS);
    assert_int_equal(rill_rtp_nack_pace_again(&p, 6 * RILL_SECOND, 20 * MS, 1, &begins), 30 * MS);
}

static void a_round_trip_of_twice_as_much_is_newer_than_what_repairs_told(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(0);
    rill_rtp_nack_pace_repaired(&p, 0, 80 * MS);
    bool begins;
    assert_int_equal(rill_rtp_nack_pace_again(&p, RILL_SECOND, 159 * MS, 1, &begins), 90 * MS);
    assert_int_equal(rill_rtp_nack_pace_again(&p, RILL_SECOND, 375 * MS, 1, &begins), 385 * MS);
}

static void repairs_shorten_the_wait_for_what_is_overtaken_and_that_lengthens_it(void **state)
{
    (void)state;
    struct rill_rtp_nack_pace p = after_loss(0);
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
    struct rill_rtp_nack_pace little = after_loss(0), much = after_loss(20), most = after_loss(60);
    assert_int_equal(rill_rtp_nack_pace_patience(&little, 0, 50 * MS), 500 * MS);
    int64_t near = rill_rtp_nack_pace_patience(&much, 0, 100 * MS);
    int64_t far = rill_rtp_nack_pace_patience(&much, 0, 250 * MS);
    assert_true(near >= 500 * MS && far > near);
    assert_int_equal(rill_rtp_nack_pace_patience(&most, 0, 250 * MS), 2 * RILL_SECOND);
}

/* --- by the list itself ------------------------------------------------------------------------
 */

static struct rill_rtp_nack list(void)
{
    static _Alignas(16) uint8_t block[4096];
    struct rill_rtp_nack k;
    struct rill_arena arena = rill_arena_over(block, sizeof block);
    rill_rtp_nack_init(&k, &arena, 16);
    return k;
}

static size_t ask(struct rill_rtp_nack *k, int64_t now)
{
    uint16_t out[4];
    return rill_rtp_nack_due(k, now, 100 * MS, out, 4);
}

static void an_answer_to_the_round_before_is_not_taken_for_a_short_round_trip(void **state)
{
    (void)state;
    struct rill_rtp_nack k = list();
    for (uint16_t i = 0; i < 200; i++)
        rill_rtp_nack_received(&k, 0, i);
    rill_rtp_nack_received(&k, 0, 201);
    assert_int_equal(ask(&k, 10 * MS), 1);
    rill_rtp_nack_received(&k, 110 * MS, 200);
    assert_int_equal(k.pace.repair, 100 * MS);
    for (uint16_t i = 202; i < 400; i++)
        rill_rtp_nack_received(&k, 200 * MS, i);
    rill_rtp_nack_received(&k, 200 * MS, 401);
    assert_int_equal(ask(&k, 220 * MS), 1);
    assert_int_equal(ask(&k, 330 * MS), 1);
    rill_rtp_nack_received(&k, 335 * MS, 400); /* 5 ms behind the second, 115 behind the first */
    assert_int_equal(k.pace.repair, 100 * MS + 15 * MS / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_little_is_lost_a_question_waits_for_its_answer),
        cmocka_unit_test(on_a_short_path_there_is_time_for_each_answer),
        cmocka_unit_test(on_a_long_path_that_loses_much_a_round_has_several_questions),
        cmocka_unit_test(
            of_a_path_that_loses_most_no_more_than_two_thirds_are_asked_for_in_advance),
        cmocka_unit_test(what_comes_too_late_in_any_case_is_not_asked_for_in_haste),
        cmocka_unit_test(repairs_tell_the_round_trip_for_5_s),
        cmocka_unit_test(a_round_trip_of_twice_as_much_is_newer_than_what_repairs_told),
        cmocka_unit_test(repairs_shorten_the_wait_for_what_is_overtaken_and_that_lengthens_it),
        cmocka_unit_test(a_packet_that_was_only_overtaken_was_not_lost),
        cmocka_unit_test(patience_grows_with_the_loss_and_the_round_trip_from_500_ms_to_2_s),
        cmocka_unit_test(an_answer_to_the_round_before_is_not_taken_for_a_short_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
