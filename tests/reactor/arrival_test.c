/* When a datagram came, by the kernel's stamp and two clocks. */
#include "reactor/arrival.h"
#include "tests/reactor/loop.h"

#include <time.h>

/* Two clocks that have gone alike for ten seconds. */
static struct rill_arrival looked(void)
{
    struct rill_arrival a = {0};
    rill_arrival_look(&a, 5 * RILL_SECOND, 1005 * RILL_SECOND);
    rill_arrival_look(&a, 15 * RILL_SECOND, 1015 * RILL_SECOND);
    return a;
}

static void a_stamp_is_brought_to_the_monotonic_clock(void **state)
{
    (void)state;
    struct rill_arrival a = looked();
    assert_int_equal(rill_arrival_of(&a, 1014 * RILL_SECOND + 7), 14 * RILL_SECOND + 7);
}

static void a_clock_that_is_slewed_is_followed(void **state)
{
    (void)state;
    struct rill_arrival a = looked();
    rill_arrival_look(&a, 25 * RILL_SECOND, 1025 * RILL_SECOND + 5 * RILL_MS);
    assert_int_equal(rill_arrival_of(&a, 1025 * RILL_SECOND), 25 * RILL_SECOND - 5 * RILL_MS);
}

static void stamps_from_before_the_clock_was_set_are_not_believed(void **state)
{
    (void)state;
    static const int64_t steps[] = {-3600 * RILL_SECOND, -12 * RILL_MS, 12 * RILL_MS, RILL_SECOND};
    for (size_t i = 0; i < 4; i++) {
        struct rill_arrival a = looked();
        int64_t before = 1020 * RILL_SECOND;
        rill_arrival_look(&a, 21 * RILL_SECOND, 1021 * RILL_SECOND + steps[i]);
        assert_int_equal(rill_arrival_of(&a, before), 21 * RILL_SECOND);
        /* Nor later, when another socket's datagrams have been read in between. */
        rill_arrival_look(&a, 22 * RILL_SECOND, 1022 * RILL_SECOND + steps[i]);
        int64_t at = rill_arrival_of(&a, before);
        assert_true(at == 22 * RILL_SECOND || at >= 21 * RILL_SECOND);
        /* Those behind it are. */
        assert_int_equal(rill_arrival_of(&a, 1021 * RILL_SECOND + steps[i] + 1),
                         21 * RILL_SECOND + 1);
    }
}

static void a_stamp_of_the_future_or_of_long_ago_is_not_believed(void **state)
{
    (void)state;
    struct rill_arrival a = looked();
    assert_int_equal(rill_arrival_of(&a, 1015 * RILL_SECOND + 1), 15 * RILL_SECOND);
    assert_int_equal(rill_arrival_of(&a, 1004 * RILL_SECOND), 15 * RILL_SECOND);
    assert_int_equal(rill_arrival_of(&a, 0), 15 * RILL_SECOND);
    assert_int_equal(rill_arrival_of(&a, INT64_MAX / 2), 15 * RILL_SECOND);
}

static const struct timespec pause = {.tv_nsec = 30 * 1000000};

/* The kernel begins to stamp a moment after the first socket of the machine has asked for it. */
static void wait_for_stamps(struct rill_reactor *r, const struct rill_path *path)
{
    int64_t end = rill_posix_now() + PATIENCE, read;
    struct rill_reactor_event e;
    do {
        rill_reactor_send(r, path, rill_view_of("x"));
        nanosleep(&pause, NULL);
        read = rill_posix_now();
        e = expect(r, RILL_REACTOR_DATAGRAM);
    } while (e.at >= read && read < end);
}

/* The datagrams lie in the socket for 30 ms and more; between them lie 30. */
static void datagrams_that_are_read_late_have_the_times_they_came_at(void **state)
{
    (void)state;
    struct rill_reactor *r = rill_reactor_new(2);
    struct rill_addr where = loopback(), to;
    uint32_t from, socket;
    int64_t sent[3];
    assert_int_equal(rill_reactor_udp(r, &where, &from, NULL, NULL), 0);
    assert_int_equal(rill_reactor_udp(r, &where, &socket, &to, NULL), 0);
    struct rill_path path = {.socket = from, .remote = to};
    wait_for_stamps(r, &path);
    for (int i = 0; i < 3; i++) {
        sent[i] = rill_posix_now();
        rill_reactor_send(r, &path, rill_view_of("x"));
        nanosleep(&pause, NULL);
    }
    int64_t read = rill_posix_now();
    for (int i = 0; i < 3; i++) {
        struct rill_reactor_event e = expect(r, RILL_REACTOR_DATAGRAM);
        assert_true(e.at >= sent[i] - RILL_MS);
        assert_true(e.at < (i < 2 ? sent[i + 1] : read));
    }
    rill_reactor_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stamp_is_brought_to_the_monotonic_clock),
        cmocka_unit_test(a_clock_that_is_slewed_is_followed),
        cmocka_unit_test(stamps_from_before_the_clock_was_set_are_not_believed),
        cmocka_unit_test(a_stamp_of_the_future_or_of_long_ago_is_not_believed),
        cmocka_unit_test(datagrams_that_are_read_late_have_the_times_they_came_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
