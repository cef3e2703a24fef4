/* feedback_test: NACK, PLI, FIR, REMB and transport-wide feedback, read. */
#include "rtp/rtcp.h"
#include "tests/rill_test.h"

static uint8_t bytes[4096];

static struct rill_view hex(const char *text)
{
    return rill_test_hex(text, bytes, sizeof bytes);
}

static int feedback(const char *text, struct rill_view *fci)
{
    struct rill_rtcp_packet p;
    uint32_t sender, media;
    size_t at = 0;
    assert_int_equal(rill_rtcp_next(hex(text), &at, &p, NULL), 1);
    int rc = rill_rtcp_parse_feedback(&p, &sender, &media, fci, NULL);
    if (rc == 0) {
        assert_int_equal(sender, 0x11111111);
        assert_int_equal(media, 0x22222222);
    }
    return rc;
}

static void feedback_names_its_sender_and_the_media(void **state)
{
    (void)state;
    struct rill_view fci;
    assert_int_equal(feedback("81ce0002 11111111 22222222", &fci), 0);
    assert_int_equal(fci.n, 0);
    assert_int_equal(feedback("82ce0003 11111111 22222222 01020304", &fci), 0);
    assert_int_equal(fci.n, 4);
}

static void feedback_without_its_two_ssrcs_is_refused(void **state)
{
    (void)state;
    struct rill_view fci;
    assert_row(feedback("81ce0001 11111111", &fci), RTCP_FEEDBACK);
    assert_row(feedback("81cd0000", &fci), RTCP_FEEDBACK);
}

static void a_nack_lists_pid_and_the_bits_behind_it(void **state)
{
    (void)state;
    struct rill_view fci;
    uint16_t seq;
    size_t at = 0, n = 0;
    static const uint16_t expected[] = {0xfffe, 0xffff, 14, 100};
    assert_int_equal(feedback("81cd0004 11111111 22222222"
                              "fffe 8001"  /* PID; bits 1 and 16: PID + 1, PID + 16 */
                              "0064 0000", /* PID alone */
                              &fci),
                     0);
    while (rill_rtcp_nack_next(fci, &at, &seq)) {
        assert_true(n < 4);
        assert_int_equal(seq, expected[n++]);
    }
    assert_int_equal(n, 4);
}

static void a_nack_without_entries_is_refused(void **state)
{
    (void)state;
    struct rill_view fci;
    assert_row(feedback("81cd0002 11111111 22222222", &fci), RTCP_NACK_FCI);
}

static void a_pli_with_parameters_is_refused(void **state)
{
    (void)state;
    struct rill_view fci;
    assert_row(feedback("81ce0003 11111111 22222222 00000000", &fci), RTCP_PLI_FCI);
}

static void a_fir_lists_whom_it_asks(void **state)
{
    (void)state;
    struct rill_view fci;
    struct rill_rtcp_fir_entry e;
    size_t at = 0;
    assert_int_equal(feedback("84ce0006 11111111 22222222"
                              "00000003 ff000000  00000004 01ffffff",
                              &fci),
                     0);
    assert_true(rill_rtcp_fir_next(fci, &at, &e));
    assert_int_equal(e.ssrc, 3);
    assert_int_equal(e.seq, 255);
    assert_true(rill_rtcp_fir_next(fci, &at, &e));
    assert_int_equal(e.ssrc, 4);
    assert_int_equal(e.seq, 1);
    assert_false(rill_rtcp_fir_next(fci, &at, &e));
}

static void a_fir_of_half_an_entry_is_refused(void **state)
{
    (void)state;
    struct rill_view fci;
    assert_row(feedback("84ce0002 11111111 22222222", &fci), RTCP_FIR_FCI);
    assert_row(feedback("84ce0003 11111111 22222222 00000003", &fci), RTCP_FIR_FCI);
}

/* --- REMB --------------------------------------------------------------------------------- */

static int remb(const char *text, uint64_t *bitrate, struct rill_view *ssrcs)
{
    return rill_rtcp_parse_remb(hex(text), bitrate, ssrcs, NULL);
}

static void a_remb_gives_bitrate_and_ssrcs(void **state)
{
    (void)state;
    uint64_t bitrate;
    struct rill_view ssrcs;
    /* "REMB", 2 SSRCs, exponent 3, mantissa 0x20000 */
    assert_int_equal(remb("52454d42 02 0e0000 00000001 00000002", &bitrate, &ssrcs), 0);
    assert_int_equal(bitrate, 0x20000 << 3);
    assert_int_equal(ssrcs.n, 8);
}

static void a_remb_that_is_none_or_does_not_fit_is_refused(void **state)
{
    (void)state;
    uint64_t bitrate;
    struct rill_view ssrcs;
    assert_row(remb("52454d43 00 0e0000", &bitrate, &ssrcs), RTCP_REMB);
    assert_row(remb("52454d42", &bitrate, &ssrcs), RTCP_REMB);
    assert_row(remb("52454d42 02 0e0000 00000001", &bitrate, &ssrcs), RTCP_REMB);
    assert_row(remb("52454d42 00 0e0000 00000001", &bitrate, &ssrcs), RTCP_REMB);
}

static void a_remb_beyond_2_to_the_53_is_refused(void **state)
{
    (void)state;
    uint64_t bitrate;
    struct rill_view ssrcs;
    assert_int_equal(remb("52454d42 00 d40001", &bitrate, &ssrcs), 0); /* 1 << 53 */
    assert_true(bitrate == (uint64_t)1 << 53);
    assert_row(remb("52454d42 00 d40002", &bitrate, &ssrcs), RTCP_REMB_BITRATE);
    assert_row(remb("52454d42 00 d80001", &bitrate, &ssrcs), RTCP_REMB_BITRATE);
    assert_row(remb("52454d42 00 ffffff", &bitrate, &ssrcs), RTCP_REMB_BITRATE);
    assert_int_equal(remb("52454d42 00 fc0000", &bitrate, &ssrcs), 0); /* 0 << 63 */
    assert_int_equal(bitrate, 0);
}

/* --- transport-wide feedback -------------------------------------------------------------- */

struct twcc {
    struct rill_rtcp_twcc head;
    uint8_t symbols[64];
    int16_t deltas[64];
    size_t n_deltas;
};

static int twcc(const char *text, struct twcc *t, struct rill_err *why)
{
    memset(t, 0xee, sizeof *t);
    return rill_rtcp_parse_twcc(hex(text), &t->head, t->symbols, t->deltas, 64, &t->n_deltas, why);
}

static void transport_feedback_of_one_run_is_read(void **state)
{
    (void)state;
    struct twcc t;
    assert_int_equal(twcc("fffe 0003 ffffff 07" /* base, count, time -1, feedback 7 */
                          "2003"                /* 0 01 run of 3 */
                          "00 04 ff 000000",    /* deltas 0, 1 ms, 63.75 ms; zeros */
                          &t, NULL),
                     0);
    assert_int_equal(t.head.base_seq, 0xfffe);
    assert_int_equal(t.head.status_count, 3);
    assert_int_equal(t.head.reference_time, -1);
    assert_int_equal(t.head.fb_count, 7);
    assert_memory_equal(t.symbols, "\1\1\1\xee", 4);
    assert_int_equal(t.n_deltas, 3);
    assert_int_equal(t.deltas[0], 0);
    assert_int_equal(t.deltas[1], 4);
    assert_int_equal(t.deltas[2], 255);
}

static void the_runs_of_the_draft_are_read(void **state)
{
    (void)state;
    /* §3.1.3 example 1: 221 not received; example 2: 24 received without a delta. */
    struct rill_rtcp_twcc head;
    uint8_t symbols[245];
    int16_t deltas[245];
    size_t n_deltas;
    struct rill_view fci = hex("0000 00f5 000000 00  00dd 6018");
    assert_int_equal(rill_rtcp_parse_twcc(fci, &head, symbols, deltas, 245, &n_deltas, NULL), 0);
    assert_int_equal(symbols[220], 0);
    assert_int_equal(symbols[221], 3);
    assert_int_equal(symbols[244], 3);
    assert_int_equal(n_deltas, 0);
}

static void the_vectors_of_the_draft_are_read(void **state)
{
    (void)state;
    struct twcc t;
    /* §3.1.4 example 1, symbols of one bit: 1, 5, 3, 3 and 2 in turn. */
    assert_int_equal(twcc("0000 000e 000000 00  9f1c  01 02 03 04 05 06 07 08", &t, NULL), 0);
    assert_memory_equal(t.symbols, "\0\1\1\1\1\1\0\0\0\1\1\1\0\0", 14);
    assert_int_equal(t.n_deltas, 8);
    assert_int_equal(t.deltas[7], 8);
    /* Example 2, of two bits. */
    assert_int_equal(twcc("0000 0007 000000 00  cd50  01 02 03", &t, NULL), 0);
    assert_memory_equal(t.symbols, "\0\3\1\1\1\0\0", 7);
    assert_int_equal(t.n_deltas, 3);
}

static void large_deltas_are_signed_16_bits(void **state)
{
    (void)state;
    struct twcc t;
    /* vector of two bits: 2, 1, 2 */
    assert_int_equal(twcc("0000 0003 000000 00  e600  8000 05 7fff", &t, NULL), 0);
    assert_memory_equal(t.symbols, "\2\1\2", 3);
    assert_int_equal(t.deltas[0], -32768);
    assert_int_equal(t.deltas[1], 5);
    assert_int_equal(t.deltas[2], 32767);
}

static void symbols_of_the_last_vector_past_the_count_are_ignored(void **state)
{
    (void)state;
    struct twcc t;
    assert_int_equal(twcc("0000 0001 000000 00  bfff  09 00", &t, NULL), 0);
    assert_int_equal(t.n_deltas, 1);
    assert_int_equal(t.symbols[1], 0xee);
}

static void more_symbols_than_the_caller_has_room_for_are_still_judged(void **state)
{
    (void)state;
    struct rill_rtcp_twcc head;
    uint8_t symbols[3] = {9, 9, 9};
    int16_t deltas[3] = {9, 9, 9};
    size_t n_deltas;
    struct rill_view fci = hex("0000 0005 000000 00  2005  01 02 03 04 05 00");
    assert_int_equal(rill_rtcp_parse_twcc(fci, &head, symbols, deltas, 2, &n_deltas, NULL), 0);
    assert_int_equal(n_deltas, 2);
    assert_int_equal(symbols[2], 9);
    assert_int_equal(deltas[2], 9);
    fci = hex("0000 0005 000000 00  2005  01 02 03 04");
    assert_row(rill_rtcp_parse_twcc(fci, &head, symbols, deltas, 2, &n_deltas, NULL),
               RTCP_TWCC_DELTAS);
}

static void transport_feedback_without_its_head_is_refused(void **state)
{
    (void)state;
    struct twcc t;
    assert_row(twcc("0000 0001 000000", &t, NULL), RTCP_TWCC_SHORT);
    assert_int_equal(twcc("0000 0000 000000 00", &t, NULL), 0); /* nothing to report */
}

static void chunks_that_end_before_the_count_are_refused(void **state)
{
    (void)state;
    struct twcc t;
    struct rill_err why;
    assert_row(twcc("0000 0010 000000 00  0008", &t, &why), RTCP_TWCC_CHUNKS);
    assert_int_equal(why.offset, 10);
    assert_int_equal(why.value, 8);
    assert_row(twcc("0000 ffff 000000 00  0000 0000", &t, NULL), RTCP_TWCC_CHUNKS);
}

static void a_run_longer_than_the_count_is_refused(void **state)
{
    (void)state;
    struct twcc t;
    struct rill_err why;
    assert_row(twcc("0000 0001 000000 00  2002 0101", &t, NULL), RTCP_TWCC_RUN);
    assert_row(twcc("0000 0004 000000 00  0002 1fff", &t, &why), RTCP_TWCC_RUN);
    assert_int_equal(why.offset, 10);
    assert_int_equal(why.value, 0x1fff);
}

static void deltas_that_end_early_are_refused(void **state)
{
    (void)state;
    struct twcc t;
    struct rill_err why;
    assert_row(twcc("0000 0003 000000 00  2003 0101", &t, &why), RTCP_TWCC_DELTAS);
    assert_int_equal(why.value, 2);
    assert_row(twcc("0000 0001 000000 00  4001 01", &t, NULL), RTCP_TWCC_DELTAS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feedback_names_its_sender_and_the_media),
        cmocka_unit_test(feedback_without_its_two_ssrcs_is_refused),
        cmocka_unit_test(a_nack_lists_pid_and_the_bits_behind_it),
        cmocka_unit_test(a_nack_without_entries_is_refused),
        cmocka_unit_test(a_pli_with_parameters_is_refused),
        cmocka_unit_test(a_fir_lists_whom_it_asks),
        cmocka_unit_test(a_fir_of_half_an_entry_is_refused),
        cmocka_unit_test(a_remb_gives_bitrate_and_ssrcs),
        cmocka_unit_test(a_remb_that_is_none_or_does_not_fit_is_refused),
        cmocka_unit_test(a_remb_beyond_2_to_the_53_is_refused),
        cmocka_unit_test(transport_feedback_of_one_run_is_read),
        cmocka_unit_test(the_runs_of_the_draft_are_read),
        cmocka_unit_test(the_vectors_of_the_draft_are_read),
        cmocka_unit_test(large_deltas_are_signed_16_bits),
        cmocka_unit_test(symbols_of_the_last_vector_past_the_count_are_ignored),
        cmocka_unit_test(more_symbols_than_the_caller_has_room_for_are_still_judged),
        cmocka_unit_test(transport_feedback_without_its_head_is_refused),
        cmocka_unit_test(chunks_that_end_before_the_count_are_refused),
        cmocka_unit_test(a_run_longer_than_the_count_is_refused),
        cmocka_unit_test(deltas_that_end_early_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
