/* av1_test: payloads of the AV1 RTP specification read, temporal units put together and cut. */
#include "rtp/av1.h"
#include "tests/rill_test.h"

static uint8_t bytes[4096], joined[1 << 16];

static int parse(const char *hex, struct rill_av1_payload *p, struct rill_err *why)
{
    return rill_av1_parse(rill_test_hex(hex, bytes, sizeof bytes), p, why);
}

static void assert_refused(const char *hex, int row, size_t offset)
{
    struct rill_av1_payload p;
    struct rill_err why = {0};
    assert_int_equal(parse(hex, &p, &why), row);
    assert_int_equal(why.offset, offset);
}

static void assert_elements(const struct rill_av1_payload *p, size_t n, const size_t *sizes)
{
    struct rill_av1_walk walk = {0};
    struct rill_view element;
    assert_int_equal(p->elements, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(rill_av1_element_next(p, &walk, &element));
        assert_int_equal(element.n, sizes[i]);
    }
    assert_false(rill_av1_element_next(p, &walk, &element));
}

static void each_element_has_its_size_where_w_is_0(void **state)
{
    (void)state;
    struct rill_av1_payload p;
    /* N; a sequence header of 3 bytes, a frame of 4 whose size takes two bytes. */
    assert_int_equal(parse("08 03 080102 8400 30aabbcc", &p, NULL), 0);
    assert_true(p.N && !p.Z && !p.Y);
    assert_int_equal(p.W, 0);
    assert_elements(&p, 2, (const size_t[]){3, 4});
}

static void the_last_of_w_elements_takes_the_rest(void **state)
{
    (void)state;
    struct rill_av1_payload p;
    assert_int_equal(parse("68 02 0801 30aabb", &p, NULL), 0); /* Y, W 2, N */
    assert_true(p.Y && p.N);
    assert_int_equal(p.W, 2);
    assert_elements(&p, 2, (const size_t[]){2, 3});
    assert_int_equal(parse("90 aabb", &p, NULL), 0); /* Z, W 1 */
    assert_true(p.Z);
    assert_elements(&p, 1, (const size_t[]){2});
}

static void what_is_broken_is_refused(void **state)
{
    (void)state;
    assert_refused("", RILL_AV1_EMPTY, 0);
    assert_refused("10", RILL_AV1_EMPTY, 1);
    assert_row(RILL_AV1_EMPTY, AV1_EMPTY);
    assert_refused("98 30", RILL_AV1_NEW_SEQUENCE, 0);
    assert_row(RILL_AV1_NEW_SEQUENCE, AV1_NEW_SEQUENCE);
    assert_refused("00 02 30", RILL_AV1_ELEMENT, 1);            /* runs past */
    assert_refused("00 01 30 05 30", RILL_AV1_ELEMENT, 3);      /* the second does */
    assert_refused("00 00", RILL_AV1_ELEMENT, 2);               /* of no bytes */
    assert_refused("20 01 30", RILL_AV1_ELEMENT, 3);            /* W 2, and one is there */
    assert_refused("00 8080808080808080", RILL_AV1_ELEMENT, 1); /* a size without end */
    assert_row(RILL_AV1_ELEMENT, AV1_ELEMENT);
}

static struct rill_view join(const char *const *payloads, size_t n)
{
    struct rill_writer w = rill_writer_of((struct rill_span){joined, sizeof joined});
    struct rill_av1_joiner j = {0};
    for (size_t i = 0; i < n; i++)
        rill_av1_append(&j, rill_test_hex(payloads[i], bytes, sizeof bytes), &w);
    rill_av1_end(&j, &w);
    assert_false(w.bad);
    return rill_w_view(&w);
}

static void assert_joined(const char *const *payloads, size_t n, const char *unit)
{
    static uint8_t want[4096];
    struct rill_view got = join(payloads, n), v = rill_test_hex(unit, want, sizeof want);
    assert_int_equal(got.n, v.n);
    assert_memory_equal(got.p, v.p, v.n);
}

static void an_obu_in_three_packets_is_whole_again(void **state)
{
    (void)state;
    static const char *const payloads[] = {"68 03 080102 30aa", "d0 bb", "90 cc"};
    assert_joined(payloads, 3,
                  "1200"               /* temporal delimiter */
                  "0a 828000 0102"     /* sequence header, 2 bytes */
                  "32 838000 aabbcc"); /* frame, 3 bytes */
}

static void delimiters_and_tile_lists_are_passed_over_and_sizes_are_not_doubled(void **state)
{
    (void)state;
    static const char *const payloads[] = {"00 02 1200 03 320111 02 4099 03 3405 22"};
    /* The second has a size of its own, the third is a tile list, the fourth an extension. */
    assert_joined(payloads, 1, "1200 32 818000 11 36 05 818000 22");
}

static void a_continuation_of_nothing_is_left_out(void **state)
{
    (void)state;
    static const char *const payloads[] = {"80 02 aabb 02 3011"};
    assert_joined(payloads, 1, "1200 32 818000 11");
}

static struct rill_view temporal_unit(size_t frame)
{
    static uint8_t unit[8192];
    struct rill_writer w = rill_writer_of((struct rill_span){unit, sizeof unit});
    rill_w_bytes(&w, rill_test_hex("1200 0a 828000 0102 32", bytes, sizeof bytes));
    for (unsigned i = 0; i < 3; i++)
        rill_w_u8(&w, (uint8_t)((i < 2 ? 0x80 : 0) | (frame >> (7 * i) & 0x7f)));
    for (size_t i = 0; i < frame; i++)
        rill_w_u8(&w, (uint8_t)(i % 251));
    return rill_w_view(&w);
}

static void a_unit_that_is_cut_is_the_same_again(void **state)
{
    (void)state;
    static const size_t frames[] = {1, 100, 1180, 1190, 1191, 1192, 1200, 3000, 7000};
    static uint8_t payload[1200];
    for (size_t k = 0; k < sizeof frames / sizeof frames[0]; k++) {
        struct rill_view unit = temporal_unit(frames[k]);
        struct rill_av1_cutter c = {.unit = unit, .room = sizeof payload};
        struct rill_av1_joiner j = {0};
        struct rill_writer whole = rill_writer_of((struct rill_span){joined, sizeof joined});
        size_t n = rill_av1_pieces(unit, sizeof payload);
        assert_in_range(n, 1, frames[k] / 1190 + 1);
        for (size_t i = 0; i < n; i++) {
            struct rill_av1_payload p;
            struct rill_writer w = rill_writer_of((struct rill_span){payload, sizeof payload});
            assert_true(rill_av1_cut(&c, &w));
            assert_int_equal(rill_av1_parse(rill_w_view(&w), &p, NULL), 0);
            assert_true(p.N == (i == 0) && p.Y == (i + 1 < n));
            rill_av1_append(&j, rill_w_view(&w), &whole);
        }
        assert_false(rill_av1_cut(&c, NULL));
        rill_av1_end(&j, &whole);
        assert_int_equal(whole.at, unit.n);
        assert_memory_equal(joined, unit.p, unit.n);
    }
}

static void a_broken_unit_is_not_cut(void **state)
{
    (void)state;
    assert_int_equal(rill_av1_pieces(rill_test_hex("1200 0a05 01", bytes, sizeof bytes), 1200), 0);
    assert_int_equal(rill_av1_pieces(temporal_unit(10), 7), 0);
    assert_int_equal(rill_av1_pieces((struct rill_view){0}, 1200), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_element_has_its_size_where_w_is_0),
        cmocka_unit_test(the_last_of_w_elements_takes_the_rest),
        cmocka_unit_test(what_is_broken_is_refused),
        cmocka_unit_test(an_obu_in_three_packets_is_whole_again),
        cmocka_unit_test(delimiters_and_tile_lists_are_passed_over_and_sizes_are_not_doubled),
        cmocka_unit_test(a_continuation_of_nothing_is_left_out),
        cmocka_unit_test(a_unit_that_is_cut_is_the_same_again),
        cmocka_unit_test(a_broken_unit_is_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
