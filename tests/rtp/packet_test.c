/* packet_test: the RTP header, read and written (RFC 3550 §5.1). */
#include "rtp/packet.h"
#include "tests/rill_test.h"

static uint8_t bytes[512];

static int parse(const char *hex, struct rill_rtp_packet *out, struct rill_err *why)
{
    return rill_rtp_parse(rill_test_hex(hex, bytes, sizeof bytes), out, why);
}

static void rtp_parse_reads_every_field(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    int rc = parse("b2"         /* V 2, P 1, X 1, CC 2 */
                   "e0"         /* M 1, PT 96 */
                   "fffe"       /* sequence number */
                   "01020304"   /* timestamp */
                   "a1b2c3d4"   /* SSRC */
                   "00000011"   /* CSRC 1 */
                   "00000022"   /* CSRC 2 */
                   "bede0001"   /* extension: one-byte form, one word */
                   "30 31 0000" /* id 3, one byte; padding */
                   "cafe"       /* payload */
                   "0002",      /* padding, its count last */
                   &p, NULL);
    assert_int_equal(rc, 0);
    assert_true(p.padding && p.extension && p.marker);
    assert_int_equal(p.csrc_count, 2);
    assert_int_equal(p.pt, 96);
    assert_int_equal(p.seq, 65534);
    assert_int_equal(p.timestamp, 0x01020304);
    assert_int_equal(p.ssrc, 0xa1b2c3d4);
    assert_int_equal(p.csrc.n, 8);
    assert_int_equal(p.csrc.p[7], 0x22);
    assert_int_equal(p.ext_profile, 0xbede);
    assert_int_equal(p.ext.n, 4);
    assert_int_equal(p.padding_size, 2);
    assert_int_equal(p.payload_offset, 28);
    assert_true(rill_view_is(p.payload, "\xca\xfe"));
}

static void rtp_parse_takes_a_bare_header(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    assert_int_equal(parse("80 00 0001 00000000 00000001", &p, NULL), 0);
    assert_int_equal(p.payload.n, 0);
    assert_int_equal(p.payload_offset, 12);
}

static void rtp_parse_agrees_with_its_field_table(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    struct rill_view v =
        rill_test_hex("91 e5 1234 89abcdef 76543210 00000001 bede0000", bytes, sizeof bytes);
    assert_int_equal(rill_rtp_parse(v, &p, NULL), 0);
    const uint64_t read[] = {2,    p.padding, p.extension, p.csrc_count, p.marker,
                             p.pt, p.seq,     p.timestamp, p.ssrc};
    assert_int_equal(rill_rtp_header_fields.n, sizeof read / sizeof read[0]);
    for (size_t i = 0; i < rill_rtp_header_fields.n; i++)
        assert_int_equal(rill_field_get(&rill_rtp_header_fields.fields[i], v), read[i]);
}

static void rtp_parse_refuses_less_than_a_header(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    struct rill_err why;
    assert_row(parse("800000010000", &p, &why), RTP_TOO_SHORT);
    assert_int_equal(why.offset, 6);
    assert_int_equal(why.value, 6);
    assert_row(parse("", &p, NULL), RTP_TOO_SHORT);
    assert_row(parse("80 00 0001 00000000 000000", &p, NULL), RTP_TOO_SHORT);
}

static void rtp_parse_refuses_other_versions(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    assert_row(parse("00 00 0001 00000000 00000001", &p, NULL), RTP_VERSION);
    assert_row(parse("40 00 0001 00000000 00000001", &p, NULL), RTP_VERSION);
    assert_row(parse("c0 00 0001 00000000 00000001", &p, NULL), RTP_VERSION);
}

static void rtp_parse_refuses_a_csrc_list_past_the_end(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    assert_row(parse("82 00 0001 00000000 00000001 00000002 000000", &p, NULL), RTP_CSRC);
    assert_row(parse("8f 00 0001 00000000 00000001", &p, NULL), RTP_CSRC);
}

static void rtp_parse_refuses_an_extension_past_the_end(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    /* no room for its header */
    assert_row(parse("90 00 0001 00000000 00000001 bede", &p, NULL), RTP_EXTENSION);
    /* two words announced, one there */
    assert_row(parse("90 00 0001 00000000 00000001 bede0002 00000000", &p, NULL), RTP_EXTENSION);
    assert_row(parse("90 00 0001 00000000 00000001 bedeffff 00000000", &p, NULL), RTP_EXTENSION);
}

static void rtp_parse_takes_an_extension_of_no_words(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    assert_int_equal(parse("90 00 0001 00000000 00000001 bede0000 aa", &p, NULL), 0);
    assert_int_equal(p.ext.n, 0);
    assert_int_equal(p.payload.n, 1);
}

static void rtp_parse_refuses_padding_of_nothing_or_too_much(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    assert_row(parse("a0 00 0001 00000000 00000001 aabb00", &p, NULL), RTP_PADDING);
    assert_row(parse("a0 00 0001 00000000 00000001 aabb04", &p, NULL), RTP_PADDING);
    assert_row(parse("a0 00 0001 00000000 00000001", &p, NULL), RTP_PADDING);
}

static void rtp_parse_takes_a_packet_of_padding_only(void **state)
{
    (void)state;
    struct rill_rtp_packet p;
    assert_int_equal(parse("a0 00 0001 00000000 00000001 000003", &p, NULL), 0);
    assert_int_equal(p.payload.n, 0);
    assert_int_equal(p.padding_size, 3);
}

static void rtp_parse_leaves_the_result_alone_when_it_refuses(void **state)
{
    (void)state;
    struct rill_rtp_packet p = {.seq = 77};
    assert_row(parse("a0 00 0001 00000000 00000001", &p, NULL), RTP_PADDING);
    assert_int_equal(p.seq, 77);
}

static void rtp_and_rtcp_are_told_apart_by_the_second_byte(void **state)
{
    (void)state;
    const uint8_t second[] = {191, 192, 200, 223, 224, 96, 111};
    const bool rtcp[] = {false, true, true, true, false, false, false};
    for (size_t i = 0; i < sizeof second; i++) {
        uint8_t b[2] = {0x80, second[i]};
        assert_int_equal(rill_rtp_is_rtcp(rill_view_at(b, 2)), rtcp[i]);
    }
    assert_false(rill_rtp_is_rtcp(rill_view_at("\x7f\xc8", 2)));
    assert_false(rill_rtp_is_rtcp(rill_view_at("\xc0\xc8", 2)));
    assert_false(rill_rtp_is_rtcp(rill_view_at("\x80", 1)));
}

static void rtp_write_is_read_back(void **state)
{
    (void)state;
    uint8_t out[64];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    struct rill_rtp_packet p;
    rill_rtp_write(&w, true, 111, 65535, 0xfffffffe, 0x12345678, NULL, 0);
    rill_w_str(&w, "abc");
    assert_false(w.bad);
    assert_int_equal(w.at, 15);
    assert_int_equal(rill_rtp_parse(rill_w_view(&w), &p, NULL), 0);
    assert_true(p.marker && !p.extension && !p.padding);
    assert_int_equal(p.pt, 111);
    assert_int_equal(p.seq, 65535);
    assert_int_equal(p.timestamp, 0xfffffffe);
    assert_int_equal(p.ssrc, 0x12345678);
    assert_true(rill_view_is(p.payload, "abc"));
}

static void rtp_write_needs_the_room_of_a_header(void **state)
{
    (void)state;
    uint8_t out[12];
    struct rill_writer w = rill_writer_of((struct rill_span){out, 12});
    rill_rtp_write(&w, false, 0, 0, 0, 0, NULL, 0);
    assert_false(w.bad);
    w = rill_writer_of((struct rill_span){out, 11});
    rill_rtp_write(&w, false, 0, 0, 0, 0, NULL, 0);
    assert_true(w.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rtp_parse_reads_every_field),
        cmocka_unit_test(rtp_parse_takes_a_bare_header),
        cmocka_unit_test(rtp_parse_agrees_with_its_field_table),
        cmocka_unit_test(rtp_parse_refuses_less_than_a_header),
        cmocka_unit_test(rtp_parse_refuses_other_versions),
        cmocka_unit_test(rtp_parse_refuses_a_csrc_list_past_the_end),
        cmocka_unit_test(rtp_parse_refuses_an_extension_past_the_end),
        cmocka_unit_test(rtp_parse_takes_an_extension_of_no_words),
        cmocka_unit_test(rtp_parse_refuses_padding_of_nothing_or_too_much),
        cmocka_unit_test(rtp_parse_takes_a_packet_of_padding_only),
        cmocka_unit_test(rtp_parse_leaves_the_result_alone_when_it_refuses),
        cmocka_unit_test(rtp_and_rtcp_are_told_apart_by_the_second_byte),
        cmocka_unit_test(rtp_write_is_read_back),
        cmocka_unit_test(rtp_write_needs_the_room_of_a_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
