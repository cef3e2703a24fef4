/* rtcp_test: compounds taken apart, reports, descriptions and goodbyes read (RFC 3550 §6). */
#include "rtp/rtcp.h"
#include "tests/rill_test.h"

static uint8_t bytes[4096];

static struct rill_view hex(const char *text)
{
    return rill_test_hex(text, bytes, sizeof bytes);
}

/* The first packet of the compound, which must be well formed. */
static struct rill_rtcp_packet first(const char *text)
{
    struct rill_rtcp_packet p = {0};
    size_t at = 0;
    assert_int_equal(rill_rtcp_next(hex(text), &at, &p, NULL), 1);
    return p;
}

/* What the walk over the whole compound ends with: 0 or a row. */
static int walk(struct rill_view v, size_t *packets, struct rill_err *why)
{
    struct rill_rtcp_packet p;
    size_t at = 0;
    int rc;
    *packets = 0;
    while ((rc = rill_rtcp_next(v, &at, &p, why)) > 0)
        (*packets)++;
    return rc;
}

static int walk_hex(const char *text)
{
    size_t n;
    return walk(hex(text), &n, NULL);
}

/* --- the walk ---------------------------------------------------------------------------- */

static void rtcp_walk_gives_each_packet_of_a_compound(void **state)
{
    (void)state;
    struct rill_view v = hex("80c90001 00000001"          /* RR without blocks */
                             "81ca0002 00000001 01010000" /* SDES; not read here */
                             "81cb0001 00000001");        /* BYE */
    struct rill_rtcp_packet p;
    size_t at = 0;
    assert_int_equal(rill_rtcp_next(v, &at, &p, NULL), 1);
    assert_int_equal(p.pt, RILL_RTCP_RR);
    assert_int_equal(p.count, 0);
    assert_int_equal(p.whole.n, 8);
    assert_int_equal(p.body.n, 4);
    assert_int_equal(rill_rtcp_next(v, &at, &p, NULL), 1);
    assert_int_equal(p.pt, RILL_RTCP_SDES);
    assert_int_equal(p.offset, 8);
    assert_int_equal(rill_rtcp_next(v, &at, &p, NULL), 1);
    assert_int_equal(p.count, 1);
    assert_int_equal(p.offset, 20);
    assert_int_equal(rill_rtcp_next(v, &at, &p, NULL), 0);
}

static void rtcp_walk_takes_a_reduced_size_compound(void **state)
{
    (void)state;
    size_t n;
    assert_int_equal(walk(hex("81ce0002 00000001 00000002"), &n, NULL), 0);
    assert_int_equal(n, 1);
}

static void rtcp_walk_takes_a_packet_of_a_header_only_and_unknown_types(void **state)
{
    (void)state;
    size_t n;
    assert_int_equal(walk(hex("80d00000 80d10000"), &n, NULL), 0);
    assert_int_equal(n, 2);
}

static void rtcp_header_agrees_with_its_field_table(void **state)
{
    (void)state;
    struct rill_rtcp_packet p = first("b5d00001 00000004");
    const uint64_t read[] = {2, p.padding, p.count, p.pt, p.whole.n / 4 - 1};
    struct rill_view v = hex("b5d00001 00000004");
    assert_int_equal(rill_rtcp_header_fields.n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(rill_field_get(&rill_rtcp_header_fields.fields[i], v), read[i]);
}

static void rtcp_walk_refuses_an_empty_compound_and_a_short_header(void **state)
{
    (void)state;
    struct rill_err why;
    size_t n;
    assert_row(walk_hex(""), RTCP_TOO_SHORT);
    assert_row(walk(hex("80c90001 00000001 80c9"), &n, &why), RTCP_TOO_SHORT);
    assert_int_equal(n, 1);
    assert_int_equal(why.offset, 10);
    assert_int_equal(why.value, 2);
}

static void rtcp_walk_refuses_more_than_a_datagram(void **state)
{
    (void)state;
    static uint8_t huge[65536];
    size_t n;
    for (size_t i = 0; i < sizeof huge; i += 4)
        memcpy(huge + i, "\x80\xd0\x00\x00", 4);
    assert_int_equal(walk(rill_view_at(huge, 65532), &n, NULL), 0);
    assert_int_equal(n, 16383);
    assert_row(walk(rill_view_at(huge, 65536), &n, NULL), RTCP_TOO_LONG);
}

static void rtcp_walk_refuses_other_versions(void **state)
{
    (void)state;
    assert_row(walk_hex("40c90001 00000001"), RTCP_VERSION);
    assert_row(walk_hex("80c90001 00000001 c0c90001 00000001"), RTCP_VERSION);
}

static void rtcp_walk_refuses_a_length_past_the_end(void **state)
{
    (void)state;
    struct rill_err why;
    size_t n;
    assert_row(walk_hex("80c9ffff 00000001"), RTCP_LENGTH);
    assert_row(walk(hex("80c90001 00000001 80c90002 00000001"), &n, &why), RTCP_LENGTH);
    assert_int_equal(why.offset, 10);
    assert_int_equal(why.value, 12);
}

static void rtcp_padding_ends_the_last_packet(void **state)
{
    (void)state;
    struct rill_rtcp_packet p = first("a0c90003 00000001 00000000 00000008");
    assert_int_equal(p.body.n, 4);
    assert_int_equal(p.whole.n, 16);
}

static void rtcp_padding_is_refused_before_the_last_packet(void **state)
{
    (void)state;
    assert_row(walk_hex("a0c90002 00000001 00000004 80c90001 00000001"), RTCP_PADDING_PLACE);
}

static void rtcp_padding_of_a_wrong_count_is_refused(void **state)
{
    (void)state;
    assert_row(walk_hex("a0c90002 00000001 00000000"), RTCP_PADDING); /* 0 */
    assert_row(walk_hex("a0c90002 00000001 00000003"), RTCP_PADDING); /* no multiple of 4 */
    assert_row(walk_hex("a0c90002 00000001 0000000c"), RTCP_PADDING); /* more than the body */
    assert_row(walk_hex("a0c90000"), RTCP_PADDING);                   /* no body at all */
    assert_int_equal(walk_hex("a0c90002 00000001 00000008"), 0);      /* all of it */
}

static void rtcp_padding_of_transport_feedback_is_as_chromium_writes_it(void **state)
{
    (void)state;
    const char *two = "afcd0005 00000001 00000002 00010001 00000000 20010a01"
                      "afcd0005 00000001 00000002 00020001 00000001 20010a01";
    size_t n;
    assert_int_equal(walk(hex(two), &n, NULL), 0);
    assert_int_equal(n, 2);
    assert_row(walk_hex("afcd0003 00000001 00000002 00000000"), RTCP_PADDING);
}

/* --- reports ------------------------------------------------------------------------------ */

static const char sender_report[] = "81c8000c 11111111"           /* SR, one block, SSRC */
                                    "b44db705 20000000"           /* NTP */
                                    "0000abcd"                    /* RTP time */
                                    "00000064 00010000"           /* packets, octets */
                                    "22222222"                    /* block: SSRC */
                                    "40 fffffe"                   /* fraction 64, lost -2 */
                                    "0001ffff"                    /* highest: cycle 1 */
                                    "0000000a b7052000 00054000"; /* jitter, LSR, DLSR */

static void a_sender_report_is_read(void **state)
{
    (void)state;
    struct rill_rtcp_packet p = first(sender_report);
    struct rill_rtcp_sender_info info;
    struct rill_rtcp_report_block b;
    uint32_t ssrc;
    assert_int_equal(rill_rtcp_parse_report(&p, &ssrc, &info, NULL), 0);
    assert_int_equal(ssrc, 0x11111111);
    assert_int_equal(info.ntp_sec, 0xb44db705);
    assert_int_equal(info.ntp_frac, 0x20000000);
    assert_int_equal(info.rtp_time, 0xabcd);
    assert_int_equal(info.packet_count, 100);
    assert_int_equal(info.octet_count, 65536);
    assert_true(rill_rtcp_report_block(&p, 0, &b));
    assert_int_equal(b.ssrc, 0x22222222);
    assert_int_equal(b.fraction_lost, 64);
    assert_int_equal(b.cumulative_lost, -2);
    assert_int_equal(b.highest_seq, 0x1ffff);
    assert_int_equal(b.jitter, 10);
    assert_int_equal(b.lsr, 0xb7052000);
    assert_int_equal(b.dlsr, 0x00054000);
    assert_false(rill_rtcp_report_block(&p, 1, &b));
}

static void a_report_block_agrees_with_its_field_table(void **state)
{
    (void)state;
    struct rill_rtcp_packet p = first(sender_report);
    struct rill_rtcp_report_block b;
    assert_true(rill_rtcp_report_block(&p, 0, &b));
    const uint64_t read[] = {b.ssrc,        b.fraction_lost, (uint32_t)b.cumulative_lost & 0xffffff,
                             b.highest_seq, b.jitter,        b.lsr,
                             b.dlsr};
    struct rill_view block = rill_view_sub(p.body, 24, 24);
    assert_int_equal(rill_rtcp_report_fields.n, 7);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(rill_field_get(&rill_rtcp_report_fields.fields[i], block), read[i]);
}

static void a_receiver_report_has_no_sender_info(void **state)
{
    (void)state;
    struct rill_rtcp_packet p = first("82c9000d 00000001"
                                      "00000002 ff7fffff 00000003 00000004 00000005 00000006"
                                      "00000007 00800000 00000008 00000009 0000000a 0000000b");
    struct rill_rtcp_report_block b;
    uint32_t ssrc;
    assert_int_equal(rill_rtcp_parse_report(&p, &ssrc, NULL, NULL), 0);
    assert_int_equal(ssrc, 1);
    assert_true(rill_rtcp_report_block(&p, 0, &b));
    assert_int_equal(b.fraction_lost, 255);
    assert_int_equal(b.cumulative_lost, 0x7fffff);
    assert_true(rill_rtcp_report_block(&p, 1, &b));
    assert_int_equal(b.cumulative_lost, -0x800000);
    assert_int_equal(b.dlsr, 11);
}

static int report(const char *text)
{
    struct rill_rtcp_packet p = first(text);
    uint32_t ssrc;
    return rill_rtcp_parse_report(&p, &ssrc, NULL, NULL);
}

static void a_report_too_short_for_its_blocks_is_refused(void **state)
{
    (void)state;
    assert_row(report("80c90000"), RTCP_REPORT); /* RR without SSRC */
    assert_row(report("80c80005 00000001 00000000 00000000 00000000 00000000"), RTCP_REPORT);
    assert_row(report("81c90001 00000001"), RTCP_REPORT); /* one block announced, none there */
    assert_row(report("9fc90001 00000001"), RTCP_REPORT);
}

static void a_report_may_carry_a_profile_extension(void **state)
{
    (void)state;
    assert_int_equal(report("80c90002 00000001 cafecafe"), 0);
}

static void a_report_block_that_is_not_there_is_not_read(void **state)
{
    (void)state;
    struct rill_rtcp_packet p = first("81c90001 00000001");
    struct rill_rtcp_report_block b;
    assert_false(rill_rtcp_report_block(&p, 0, &b));
}

/* --- SDES --------------------------------------------------------------------------------- */

/* The items as text "chunk ssrc type=text", and what the walk ended with. */
static int items(const char *text, char *out, size_t cap)
{
    struct rill_rtcp_packet p = first(text);
    struct rill_rtcp_sdes_item item;
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out, cap});
    int rc;
    for (size_t at = 0; (rc = rill_rtcp_sdes_next(&p, &at, &item, NULL)) > 0;) {
        rill_w_dec(&w, item.chunk);
        rill_w_char(&w, ' ');
        rill_w_dec(&w, item.ssrc);
        rill_w_char(&w, ' ');
        rill_w_dec(&w, item.type);
        rill_w_char(&w, '=');
        rill_w_bytes(&w, item.text);
        rill_w_str(&w, item.last ? ". " : ", ");
    }
    assert_true(rill_w_end_text(&w));
    return rc;
}

static void sdes_items_are_read_chunk_by_chunk(void **state)
{
    (void)state;
    char text[200];
    int rc = items("83ca0009"
                   "00000001 0103 616263 0201 78 00 000000" /* CNAME abc, NAME x, end, pad 3 … */
                   "00000002 00000000"                      /* no items */
                   "00000001 0102 6869 0600 0000",          /* CNAME hi, NOTE empty, end */
                   text, sizeof text);
    assert_string_equal(text, "0 1 1=abc, 0 1 2=x. 1 2 0=. 2 1 1=hi, 2 1 6=. ");
    assert_int_equal(rc, 0);
}

static void sdes_without_chunks_is_useless_but_valid(void **state)
{
    (void)state;
    char text[8];
    assert_int_equal(items("80ca0000", text, sizeof text), 0);
    assert_string_equal(text, "");
}

static void sdes_past_the_packet_is_refused(void **state)
{
    (void)state;
    char text[100];
    assert_row(items("81ca0000", text, sizeof text), RTCP_SDES_SHORT);          /* no SSRC */
    assert_row(items("81ca0001 00000001", text, sizeof text), RTCP_SDES_SHORT); /* no list */
    assert_row(items("81ca0002 00000001 01036162", text, sizeof text), RTCP_SDES_SHORT);
    assert_row(items("81ca0002 00000001 01ff6162", text, sizeof text), RTCP_SDES_SHORT);
    /* The text fills the packet: nothing ends the list. */
    assert_row(items("81ca0002 00000001 01026162", text, sizeof text), RTCP_SDES_SHORT);
    /* A second chunk is announced. */
    assert_row(items("82ca0002 00000001 01016100", text, sizeof text), RTCP_SDES_SHORT);
}

static void sdes_bytes_behind_the_last_chunk_are_refused(void **state)
{
    (void)state;
    char text[100];
    assert_row(items("81ca0003 00000001 01016100 00000000", text, sizeof text), RTCP_SDES_COUNT);
    assert_row(items("80ca0001 00000000", text, sizeof text), RTCP_SDES_COUNT);
}

/* --- BYE ---------------------------------------------------------------------------------- */

static int bye(const char *text, struct rill_view *sources, struct rill_view *reason)
{
    struct rill_rtcp_packet p = first(text);
    return rill_rtcp_parse_bye(&p, sources, reason, NULL);
}

static void bye_names_its_sources_and_its_reason(void **state)
{
    (void)state;
    struct rill_view sources, reason;
    assert_int_equal(bye("82cb0003 00000001 00000002 03627965", &sources, &reason), 0);
    assert_int_equal(sources.n, 8);
    assert_true(rill_view_is(reason, "bye"));
    assert_int_equal(bye("81cb0001 00000001", &sources, &reason), 0);
    assert_int_equal(reason.n, 0);
    assert_int_equal(bye("80cb0000", &sources, &reason), 0);
    assert_int_equal(sources.n, 0);
}

static void bye_with_fewer_sources_than_it_says_is_refused(void **state)
{
    (void)state;
    struct rill_view sources, reason;
    assert_row(bye("82cb0001 00000001", &sources, &reason), RTCP_BYE_SHORT);
    assert_row(bye("9fcb0001 00000001", &sources, &reason), RTCP_BYE_SHORT);
}

static void bye_with_a_reason_past_its_end_is_refused(void **state)
{
    (void)state;
    struct rill_view sources, reason;
    assert_row(bye("81cb0002 00000001 04627965", &sources, &reason), RTCP_BYE_REASON);
    assert_row(bye("81cb0002 00000001 ff627965", &sources, &reason), RTCP_BYE_REASON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rtcp_walk_gives_each_packet_of_a_compound),
        cmocka_unit_test(rtcp_walk_takes_a_reduced_size_compound),
        cmocka_unit_test(rtcp_walk_takes_a_packet_of_a_header_only_and_unknown_types),
        cmocka_unit_test(rtcp_header_agrees_with_its_field_table),
        cmocka_unit_test(rtcp_walk_refuses_an_empty_compound_and_a_short_header),
        cmocka_unit_test(rtcp_walk_refuses_more_than_a_datagram),
        cmocka_unit_test(rtcp_walk_refuses_other_versions),
        cmocka_unit_test(rtcp_walk_refuses_a_length_past_the_end),
        cmocka_unit_test(rtcp_padding_ends_the_last_packet),
        cmocka_unit_test(rtcp_padding_is_refused_before_the_last_packet),
        cmocka_unit_test(rtcp_padding_of_a_wrong_count_is_refused),
        cmocka_unit_test(rtcp_padding_of_transport_feedback_is_as_chromium_writes_it),
        cmocka_unit_test(a_sender_report_is_read),
        cmocka_unit_test(a_report_block_agrees_with_its_field_table),
        cmocka_unit_test(a_receiver_report_has_no_sender_info),
        cmocka_unit_test(a_report_too_short_for_its_blocks_is_refused),
        cmocka_unit_test(a_report_may_carry_a_profile_extension),
        cmocka_unit_test(a_report_block_that_is_not_there_is_not_read),
        cmocka_unit_test(sdes_items_are_read_chunk_by_chunk),
        cmocka_unit_test(sdes_without_chunks_is_useless_but_valid),
        cmocka_unit_test(sdes_past_the_packet_is_refused),
        cmocka_unit_test(sdes_bytes_behind_the_last_chunk_are_refused),
        cmocka_unit_test(bye_names_its_sources_and_its_reason),
        cmocka_unit_test(bye_with_fewer_sources_than_it_says_is_refused),
        cmocka_unit_test(bye_with_a_reason_past_its_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
