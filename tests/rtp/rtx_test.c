/* Retransmissions, there and back (RFC 4588). */
#include "rtp/rtx.h"
#include "tests/rill_test.h"

static uint8_t original[64], out[128];

static struct rill_rtx_stream stream = {0x0a0b0c0d, 97, 0xffff};

/* An extension of one element, and padding of 4 bytes. */
static struct rill_view packet(void)
{
    return rill_test_hex("b0e0 1234 00112233 aabbccdd" /* P, X, M; PT 96 */
                         "bede0001 40310000"
                         "9080fb26 0102"
                         "00000004",
                         original, sizeof original);
}

static void rtx_carries_the_original_number_before_the_payload(void **state)
{
    (void)state;
    uint8_t expected[64];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    struct rill_rtx_stream s = stream;
    assert_int_equal(rill_rtx_write(&w, &s, packet(), NULL), 0);
    struct rill_view v = rill_test_hex("90e1 ffff 00112233 0a0b0c0d"
                                       "bede0001 40310000"
                                       "1234 9080fb26 0102",
                                       expected, sizeof expected);
    assert_int_equal(w.at, v.n);
    assert_memory_equal(out, v.p, v.n);
    assert_int_equal(s.seq, 0); /* it wraps */
}

static void rtx_is_turned_back_into_the_packet_that_was_missing(void **state)
{
    (void)state;
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    struct rill_rtx_stream s = stream;
    struct rill_view was = packet();
    size_t n;
    rill_rtx_write(&w, &s, was, NULL);
    int at = rill_rtx_restore((struct rill_span){out, w.at}, 0xaabbccdd, 96, &n, NULL);
    assert_int_equal(at, RILL_RTX_OSN);
    assert_int_equal(n, was.n - 4); /* without its padding */
    original[0] = 0x90;
    assert_memory_equal(out + at, original, n);
}

static void rtx_padding_is_left_out_on_the_way_back(void **state)
{
    (void)state;
    size_t n;
    rill_test_hex("a061 0001 00000000 00000001  1234 ff 000003", out, sizeof out);
    int at = rill_rtx_restore((struct rill_span){out, 18}, 7, 96, &n, NULL);
    assert_int_equal(at, 2);
    assert_int_equal(n, 13);
    assert_int_equal(out[2], 0x80);
    assert_int_equal(out[2 + 12], 0xff);
}

static void rtx_without_a_payload_is_refused(void **state)
{
    (void)state;
    struct rill_err why = {0};
    size_t n;
    rill_test_hex("8061 0001 00000000 00000001 1234", out, sizeof out);
    assert_row(rill_rtx_restore((struct rill_span){out, 14}, 7, 96, &n, &why), RTX_TOO_SHORT);
    assert_int_equal(why.offset, 12);
    assert_row(rill_rtx_restore((struct rill_span){out, 13}, 7, 96, &n, NULL), RTX_TOO_SHORT);
    assert_row(rill_rtx_restore((struct rill_span){out, 11}, 7, 96, &n, NULL), RTP_TOO_SHORT);
}

static void rtx_that_does_not_fit_counts_nothing(void **state)
{
    (void)state;
    struct rill_writer w = rill_writer_of((struct rill_span){out, 20});
    struct rill_rtx_stream s = stream;
    rill_rtx_write(&w, &s, packet(), NULL);
    assert_true(w.bad);
    assert_int_equal(s.seq, stream.seq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rtx_carries_the_original_number_before_the_payload),
        cmocka_unit_test(rtx_is_turned_back_into_the_packet_that_was_missing),
        cmocka_unit_test(rtx_padding_is_left_out_on_the_way_back),
        cmocka_unit_test(rtx_without_a_payload_is_refused),
        cmocka_unit_test(rtx_that_does_not_fit_counts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
