/* comfort_noise_test: the payload of pauses (RFC 3389 §3). */
#include "rtp/comfort_noise.h"
#include "tests/rill_test.h"

#include <string.h>

static void a_payload_of_one_byte_is_a_level_alone(void **state)
{
    static const uint8_t bytes[] = {0x4e};
    struct rill_comfort_noise n;
    (void)state;
    assert_int_equal(rill_comfort_noise_parse(rill_view_at(bytes, 1), &n, NULL), 0);
    assert_int_equal(n.level, 78);
    assert_int_equal(n.order, 0);
    /* §3.1: "with the most significant bit unused" */
    static const uint8_t high[] = {0xce};
    assert_int_equal(rill_comfort_noise_parse(rill_view_at(high, 1), &n, NULL), 0);
    assert_int_equal(n.level, 78);
}

/* §3.2: k_i(N_i) = 258 (N_i − 127) / 32768 for N_i = 0 … 254, so −1 < k_i < 1. */
static void coefficients_are_those_of_the_formula(void **state)
{
    (void)state;
    assert_int_equal(rill_comfort_noise_q15(0), -32766);
    assert_int_equal(rill_comfort_noise_q15(127), 0);
    assert_int_equal(rill_comfort_noise_q15(128), 258);
    assert_int_equal(rill_comfort_noise_q15(254), 32766);
    for (int i = 0; i < RILL_COMFORT_NOISE_RESERVED; i++)
        assert_int_equal(rill_comfort_noise_index(rill_comfort_noise_q15((uint8_t)i)), i);
    /* the nearest, and never the reserved one */
    assert_int_equal(rill_comfort_noise_index(128), 127);
    assert_int_equal(rill_comfort_noise_index(130), 128);
    assert_int_equal(rill_comfort_noise_index(-130), 126);
    assert_int_equal(rill_comfort_noise_index(1 << 20), 254);
    assert_int_equal(rill_comfort_noise_index(-(1 << 20)), 0);
}

/* §3.3, figure 2: the level, then the coefficients in ascending order. */
static void what_is_written_is_read(void **state)
{
    struct rill_comfort_noise n = {.level = 60, .order = 3, .indices = {0, 127, 254}}, m;
    static const uint8_t bytes[] = {60, 0, 127, 254};
    uint8_t out[8];
    (void)state;
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_comfort_noise_write(&w, &n);
    assert_false(w.bad);
    assert_int_equal(w.at, sizeof bytes);
    assert_memory_equal(out, bytes, sizeof bytes);
    assert_int_equal(rill_comfort_noise_parse(rill_w_view(&w), &m, NULL), 0);
    assert_memory_equal(&n, &m, sizeof n);
}

static void what_is_no_level_or_too_much_is_not_written(void **state)
{
    struct rill_comfort_noise loud = {.level = 128}, long_one = {.order = 33};
    uint8_t out[64];
    (void)state;
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_comfort_noise_write(&w, &loud);
    assert_true(w.bad);
    w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_comfort_noise_write(&w, &long_one);
    assert_true(w.bad);
}

static void an_empty_payload_and_a_reserved_index_are_refused(void **state)
{
    static const uint8_t bytes[] = {60, 127, 255};
    struct rill_comfort_noise n;
    struct rill_err why = {0};
    (void)state;
    assert_row(rill_comfort_noise_parse(rill_view_of(NULL), &n, &why), COMFORT_NOISE_EMPTY);
    assert_row(rill_comfort_noise_parse(rill_view_at(bytes, 3), &n, &why), COMFORT_NOISE_INDEX);
    assert_int_equal(why.offset, 2);
}

static void of_a_longer_filter_the_first_coefficients_are_kept(void **state)
{
    uint8_t bytes[2 + RILL_COMFORT_NOISE_ORDER_MAX];
    struct rill_comfort_noise n;
    (void)state;
    memset(bytes, 100, sizeof bytes);
    for (size_t more = 0; more < 2; more++) {
        struct rill_view v = rill_view_at(bytes, sizeof bytes - 1 + more);
        assert_int_equal(rill_comfort_noise_parse(v, &n, NULL), 0);
        assert_int_equal(n.order, RILL_COMFORT_NOISE_ORDER_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payload_of_one_byte_is_a_level_alone),
        cmocka_unit_test(coefficients_are_those_of_the_formula),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_no_level_or_too_much_is_not_written),
        cmocka_unit_test(an_empty_payload_and_a_reserved_index_are_refused),
        cmocka_unit_test(of_a_longer_filter_the_first_coefficients_are_kept),
    };
    return cmocka_run_group_tests_name("rtp/comfort_noise", tests, NULL, NULL);
}
