/* When a request goes out again (RFC 8489 §6.2.1). */
#include "stun/txn.h"

#include "tests/rill_test.h"

#define MS RILL_MS

static void stun_txn_sends_at_the_times_of_the_rfc(void **state)
{
    (void)state;
    const int64_t at[] = {0, 500, 1500, 3500, 7500, 15500, 31500};
    const int64_t origin = 1234567;
    struct rill_stun_txn t;
    rill_stun_txn_start(&t, origin, RILL_STUN_RTO, 0, 0);
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        int64_t due = rill_stun_txn_deadline(&t);
        assert_int_equal(due - origin, at[i] * MS);
        assert_int_equal(rill_stun_txn_poll(&t, due - 1), RILL_STUN_WAIT);
        assert_int_equal(rill_stun_txn_poll(&t, due), RILL_STUN_SEND);
        assert_int_equal(rill_stun_txn_poll(&t, due), RILL_STUN_WAIT);
    }
    assert_int_equal(rill_stun_txn_deadline(&t) - origin, 39500 * MS);
    assert_int_equal(rill_stun_txn_poll(&t, origin + 39500 * MS), RILL_STUN_TIMED_OUT);
}

static void stun_txn_says_timed_out_once(void **state)
{
    (void)state;
    struct rill_stun_txn t;
    rill_stun_txn_start(&t, 0, 10, 1, 1);
    assert_int_equal(rill_stun_txn_poll(&t, 0), RILL_STUN_SEND);
    assert_int_equal(rill_stun_txn_poll(&t, 10), RILL_STUN_TIMED_OUT);
    assert_int_equal(rill_stun_txn_poll(&t, 1000), RILL_STUN_WAIT);
    assert_true(rill_stun_txn_deadline(&t) == RILL_NEVER);
}

static void stun_txn_takes_the_counts_it_is_given(void **state)
{
    (void)state;
    struct rill_stun_txn t;
    rill_stun_txn_start(&t, 0, 100, 3, 4);
    assert_int_equal(rill_stun_txn_poll(&t, 0), RILL_STUN_SEND);
    assert_int_equal(rill_stun_txn_poll(&t, 100), RILL_STUN_SEND);
    assert_int_equal(rill_stun_txn_poll(&t, 300), RILL_STUN_SEND);
    assert_int_equal(rill_stun_txn_deadline(&t), 300 + 400);
}

static void stun_txn_polled_late_does_not_bunch_its_sends(void **state)
{
    (void)state;
    struct rill_stun_txn t;
    rill_stun_txn_start(&t, 0, 100, 7, 16);
    assert_int_equal(rill_stun_txn_poll(&t, 0), RILL_STUN_SEND);
    assert_int_equal(rill_stun_txn_poll(&t, 5000), RILL_STUN_SEND);
    assert_int_equal(rill_stun_txn_poll(&t, 5000), RILL_STUN_WAIT);
    assert_int_equal(rill_stun_txn_deadline(&t), 5200);
}

static void stun_txn_of_255_sends_never_overflows(void **state)
{
    (void)state;
    struct rill_stun_txn t;
    rill_stun_txn_start(&t, 0, 60 * RILL_SECOND, 255, 255);
    for (int i = 0; i < 255; i++) {
        t.next = 1; /* as if the doubled wait were over: the sum of all passes any clock */
        assert_int_equal(rill_stun_txn_poll(&t, 1), RILL_STUN_SEND);
        assert_true(rill_stun_txn_deadline(&t) > 1);
    }
    assert_true(rill_stun_txn_deadline(&t) < RILL_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stun_txn_sends_at_the_times_of_the_rfc),
        cmocka_unit_test(stun_txn_says_timed_out_once),
        cmocka_unit_test(stun_txn_takes_the_counts_it_is_given),
        cmocka_unit_test(stun_txn_polled_late_does_not_bunch_its_sends),
        cmocka_unit_test(stun_txn_of_255_sends_never_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
