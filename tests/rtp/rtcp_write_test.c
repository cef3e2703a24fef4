/* rtcp_write_test: control packets are built as the clauses draw them, and read back. */
#include "rtp/rtcp.h"
#include "tests/rill_test.h"

static uint8_t out[2048];
static uint8_t expected[2048];

static struct rill_writer writer(void)
{
    return rill_writer_of((struct rill_span){out, sizeof out});
}

static void assert_bytes(const struct rill_writer *w, const char *hex)
{
    struct rill_view v = rill_test_hex(hex, expected, sizeof expected);
    assert_false(w->bad);
    assert_int_equal(w->at, v.n);
    assert_memory_equal(out, v.p, v.n);
}

static const struct rill_rtcp_report_block block = {.ssrc = 0x22222222,
                                                    .fraction_lost = 64,
                                                    .cumulative_lost = -2,
                                                    .highest_seq = 0x1ffff,
                                                    .jitter = 10,
                                                    .lsr = 0xb7052000,
                                                    .dlsr = 0x00054000};

static void a_sender_report_is_written(void **state)
{
    (void)state;
    struct rill_rtcp_sender_info info = {0xb44db705, 0x20000000, 0xabcd, 100, 65536};
    struct rill_writer w = writer();
    rill_rtcp_write_sr(&w, 0x11111111, &info, &block, 1);
    assert_bytes(&w, "81c8000c 11111111 b44db705 20000000 0000abcd 00000064 00010000"
                     "22222222 40fffffe 0001ffff 0000000a b7052000 00054000");
}

static void an_empty_receiver_report_is_written(void **state)
{
    (void)state;
    struct rill_writer w = writer();
    rill_rtcp_write_rr(&w, 0x11111111, NULL, 0);
    assert_bytes(&w, "80c90001 11111111");
}

static void a_report_has_at_most_31_blocks(void **state)
{
    (void)state;
    struct rill_rtcp_report_block blocks[32];
    for (size_t i = 0; i < 32; i++)
        blocks[i] = block;
    struct rill_writer w = writer();
    rill_rtcp_write_rr(&w, 1, blocks, 31);
    assert_false(w.bad);
    w = writer();
    rill_rtcp_write_rr(&w, 1, blocks, 32);
    assert_true(w.bad);
}

/* RFC 8852 §3.1, RFC 9143 §15.1 */
static void each_source_has_a_chunk_with_its_names(void **state)
{
    (void)state;
    struct rill_rtcp_sdes_source sources[] = {
        {.ssrc = 0x11111111,
         .cname = rill_view_of("a"),
         .rid = rill_view_of("hi"),
         .mid = rill_view_of("0")},
        {.ssrc = 0x22222222, .cname = rill_view_of("a"), .repaired_rid = rill_view_of("hi")},
    };
    struct rill_writer w = writer();
    rill_rtcp_write_sdes(&w, sources, 2);
    assert_bytes(&w, "82ca0007 11111111 010161 0c026869 0f0130 0000"
                     "22222222 010161 0d026869 00");
}

static void a_cname_is_ended_and_padded(void **state)
{
    (void)state;
    static const struct {
        const char *cname, *hex;
    } rows[] = {
        {"", "81ca0002 11111111 0100 0000"},
        {"a", "81ca0002 11111111 0101 61 00"},
        {"ab", "81ca0003 11111111 0102 6162 00000000"},
        {"abc", "81ca0003 11111111 0103 616263 000000"},
    };
    for (size_t i = 0; i < 4; i++) {
        struct rill_writer w = writer();
        rill_rtcp_write_sdes_cname(&w, 0x11111111, rill_view_of(rows[i].cname));
        assert_bytes(&w, rows[i].hex);
    }
}

static void a_cname_has_at_most_255_bytes(void **state)
{
    (void)state;
    static const uint8_t name[256];
    struct rill_writer w = writer();
    rill_rtcp_write_sdes_cname(&w, 1, rill_view_at(name, 255));
    assert_false(w.bad);
    w = writer();
    rill_rtcp_write_sdes_cname(&w, 1, rill_view_at(name, 256));
    assert_true(w.bad);
}

static void a_bye_is_written_with_and_without_a_reason(void **state)
{
    (void)state;
    struct rill_writer w = writer();
    rill_rtcp_write_bye(&w, 0x11111111, NULL);
    assert_bytes(&w, "81cb0001 11111111");
    w = writer();
    rill_rtcp_write_bye(&w, 0x11111111, "done");
    assert_bytes(&w, "81cb0003 11111111 04 646f6e65 000000");
}

static void a_nack_packs_17_numbers_into_one_entry(void **state)
{
    (void)state;
    static const uint16_t seqs[] = {0xfffe, 0xffff, 14, 15, 16, 100};
    struct rill_writer w = writer();
    rill_rtcp_write_nack(&w, 0x11111111, 0x22222222, seqs, 6);
    assert_bytes(&w, "81cd0005 11111111 22222222"
                     "fffe 8001" /* 65534; 65535 and 14 are 1 and 16 ahead */
                     "000f 0001" /* 15, 16 */
                     "0064 0000");
}

static void a_nack_of_nothing_is_not_written(void **state)
{
    (void)state;
    struct rill_writer w = writer();
    rill_rtcp_write_nack(&w, 1, 2, NULL, 0);
    assert_int_equal(w.at, 0);
}

static void a_nack_is_read_back(void **state)
{
    (void)state;
    uint16_t seqs[300], seq;
    size_t n = 0, at = 0, fci_at = 0;
    for (uint16_t i = 0; i < 300; i++)
        if (i % 7 && i % 23)
            seqs[n++] = (uint16_t)(65400 + i);
    struct rill_writer w = writer();
    rill_rtcp_write_nack(&w, 1, 2, seqs, n);
    struct rill_rtcp_packet p;
    struct rill_view fci;
    uint32_t sender, media;
    assert_int_equal(rill_rtcp_next(rill_w_view(&w), &at, &p, NULL), 1);
    assert_int_equal(rill_rtcp_parse_feedback(&p, &sender, &media, &fci, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        assert_true(rill_rtcp_nack_next(fci, &fci_at, &seq));
        assert_int_equal(seq, seqs[i]);
    }
    assert_false(rill_rtcp_nack_next(fci, &fci_at, &seq));
}

static void pli_and_fir_are_written(void **state)
{
    (void)state;
    struct rill_writer w = writer();
    rill_rtcp_write_pli(&w, 0x11111111, 0x22222222);
    assert_bytes(&w, "81ce0002 11111111 22222222");
    w = writer();
    rill_rtcp_write_fir(&w, 0x11111111, 0x22222222, 9);
    /* The media source is 0, whom it asks stands in the entry. */
    assert_bytes(&w, "84ce0004 11111111 00000000 22222222 09000000");
}

static void a_compound_is_written_in_order_and_walked(void **state)
{
    (void)state;
    struct rill_writer w = writer();
    rill_rtcp_write_rr(&w, 1, &block, 1);
    rill_rtcp_write_sdes_cname(&w, 1, rill_view_of("somebody"));
    rill_rtcp_write_pli(&w, 1, 2);
    rill_rtcp_write_bye(&w, 1, "gone");
    static const uint8_t pts[] = {201, 202, 206, 203};
    struct rill_rtcp_packet p;
    size_t at = 0;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(rill_rtcp_next(rill_w_view(&w), &at, &p, NULL), 1);
        assert_int_equal(p.pt, pts[i]);
    }
    assert_int_equal(rill_rtcp_next(rill_w_view(&w), &at, &p, NULL), 0);
}

static void a_packet_that_does_not_fit_makes_the_writer_bad(void **state)
{
    (void)state;
    struct rill_writer w = rill_writer_of((struct rill_span){out, 12});
    rill_rtcp_write_pli(&w, 1, 2);
    assert_false(w.bad);
    w = rill_writer_of((struct rill_span){out, 11});
    rill_rtcp_write_pli(&w, 1, 2);
    assert_true(w.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sender_report_is_written),
        cmocka_unit_test(an_empty_receiver_report_is_written),
        cmocka_unit_test(a_report_has_at_most_31_blocks),
        cmocka_unit_test(each_source_has_a_chunk_with_its_names),
        cmocka_unit_test(a_cname_is_ended_and_padded),
        cmocka_unit_test(a_cname_has_at_most_255_bytes),
        cmocka_unit_test(a_bye_is_written_with_and_without_a_reason),
        cmocka_unit_test(a_nack_packs_17_numbers_into_one_entry),
        cmocka_unit_test(a_nack_of_nothing_is_not_written),
        cmocka_unit_test(a_nack_is_read_back),
        cmocka_unit_test(pli_and_fir_are_written),
        cmocka_unit_test(a_compound_is_written_in_order_and_walked),
        cmocka_unit_test(a_packet_that_does_not_fit_makes_the_writer_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
