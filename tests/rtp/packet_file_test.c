/* packet_file_test: recordings, byte by byte. */
#include "rtp/packet_file.h"
#include "tests/rill_test.h"

#include <stdio.h>

static uint8_t storage[512];

#define DUMP_HEAD "23217274 70 70 6c 61 79 31 2e 30 20 31 2f 32 0a" /* #!rtpplay1.0 1/2 */
#define DUMP_START "00000001 00000002 7f000001 0007 0000"
#define PCAP "d4c3b2a1 0200 0400 00000000 00000000 ffff0000"
#define UDP_3 "1111 2222 000b 0000 616263"
#define IPV4_UDP_3 "4500 001f 0000 0000 4011 0000 7f000001 7f000001" UDP_3
#define IPV6_HEAD "60000000 000b 11 40" ADDRESS ADDRESS
#define ADDRESS "00000000000000000000000000000001"

static int opened(struct rill_packet_file *f, const char *hex, struct rill_err *why)
{
    return rill_packet_file_open(f, rill_test_hex(hex, storage, sizeof storage), why);
}

static struct rill_packet_file file(const char *hex)
{
    struct rill_packet_file f;
    assert_int_equal(opened(&f, hex, NULL), 0);
    return f;
}

static void assert_abc(struct rill_packet_file *f, int64_t time)
{
    struct rill_packet_file_datagram d;
    assert_true(rill_packet_file_next(f, &d));
    assert_int_equal(d.time, time);
    assert_int_equal(d.length, 3);
    assert_true(rill_view_is(d.bytes, "abc"));
}

static void assert_end(struct rill_packet_file *f, uint64_t passed, bool cut)
{
    struct rill_packet_file_datagram d;
    assert_false(rill_packet_file_next(f, &d));
    assert_int_equal(f->passed, passed);
    assert_int_equal(f->cut, cut);
}

/* One frame of a link, as pcap. */
static struct rill_packet_file frame(const char *link, const char *hex)
{
    char text[1024];
    size_t n = 0;
    for (const char *c = hex; *c; c++)
        n += *c != ' ';
    n /= 2;
    snprintf(text, sizeof text, PCAP " %s 02000000 03000000 %02zx000000 %02zx000000 %s", link, n, n,
             hex);
    return file(text);
}

static void a_dump_gives_packets_with_their_time_and_true_length(void **state)
{
    (void)state;
    struct rill_packet_file f =
        file(DUMP_HEAD DUMP_START "000b 0000 00000007 616263  000b 0090 00000009 616263");
    struct rill_packet_file_datagram d;
    assert_int_equal(f.kind, RILL_PACKET_FILE_RTPDUMP);
    assert_abc(&f, 7000);
    assert_true(rill_packet_file_next(&f, &d));
    assert_int_equal(d.time, 9000);
    assert_int_equal(d.length, 0x90); /* the file keeps its head alone */
    assert_int_equal(d.bytes.n, 3);
    assert_end(&f, 0, false);
}

static void a_record_that_is_not_whole_ends_a_dump(void **state)
{
    (void)state;
    struct rill_packet_file f = file(DUMP_HEAD DUMP_START "000c 0000 00000007 616263");
    assert_end(&f, 0, true);
    f = file(DUMP_HEAD DUMP_START "0007 0000 00000007");
    assert_end(&f, 0, true);
    assert_end(&f, 0, true);
}

static void pcap_is_read_in_either_order_of_bytes_and_either_unit_of_time(void **state)
{
    (void)state;
    struct rill_packet_file f = file("a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000065"
                                     "00000002 00000003 0000001f 0000001f" IPV4_UDP_3);
    assert_abc(&f, 2000003);
    assert_end(&f, 0, false);
    f = file("4d3cb2a1 0200 0400 00000000 00000000 ffff0000 65000000"
             "02000000 b80b0000 1f000000 1f000000" IPV4_UDP_3);
    assert_abc(&f, 2000003);
    assert_end(&f, 0, false);
}

static void every_link_that_is_known_leads_to_the_datagram(void **state)
{
    (void)state;
    static const char *const frames[][2] = {
        {"01000000", "020202020202 010101010101 0800" IPV4_UDP_3},
        {"01000000", "020202020202 010101010101 88a8 0001 8100 0002 0800" IPV4_UDP_3},
        {"01000000", "020202020202 010101010101 86dd" IPV6_HEAD UDP_3},
        {"01000000", "020202020202 010101010101 0800" IPV4_UDP_3 "0000000000000000"},
        {"71000000", "0000 0001 0006 0000000000000000 0800" IPV4_UDP_3},
        {"14010000", "0800 0000 00000001 0001 00 06 0000000000000000" IPV4_UDP_3},
        {"65000000", IPV4_UDP_3},
        {"65000000", IPV6_HEAD UDP_3},
        {"0c000000", IPV4_UDP_3},
        {"e4000000", IPV4_UDP_3},
        {"e5000000", IPV6_HEAD UDP_3},
        /* IPv4 with an option, IPv6 with two headers before UDP's */
        {"65000000", "4600 0023 0000 0000 4011 0000 7f000001 7f000001 01010100" UDP_3},
        {"65000000",
         "60000000 001b 00 40" ADDRESS ADDRESS "3c00000000000000 1100000000000000" UDP_3},
    };
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct rill_packet_file f = frame(frames[i][0], frames[i][1]);
        assert_abc(&f, 2000003);
        assert_end(&f, 0, false);
    }
}

static void what_holds_no_whole_datagram_is_passed_over(void **state)
{
    (void)state;
    static const char *const frames[] = {
        "4500 001f 0000 2000 4011 0000 7f000001 7f000001" UDP_3, /* the first fragment */
        "4500 001f 0000 0001 4011 0000 7f000001 7f000001" UDP_3, /* a later one */
        "4500 001f 0000 0000 4006 0000 7f000001 7f000001" UDP_3, /* TCP */
        "4400 001f 0000 0000 4011 0000 7f000001 7f000001" UDP_3, /* a header of 16 bytes */
        "4500 001f 0000 0000 4011 0000 7f000001 7f000001 1111 2222 0007 0000", /* UDP of 7 */
        "60000000 0013 2c 40" ADDRESS ADDRESS "1100000000000001" UDP_3, /* a fragment of IPv6 */
        "60000000 000b 11 40" ADDRESS,
        "50",
        "",
    };
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct rill_packet_file f = frame("65000000", frames[i]);
        assert_end(&f, 1, false);
    }
    struct rill_packet_file f = frame("01000000", "020202020202 010101010101 0806 0001");
    assert_end(&f, 1, false);
}

static void a_datagram_of_which_the_file_keeps_the_head_says_its_length(void **state)
{
    (void)state;
    struct rill_packet_file_datagram d;
    struct rill_packet_file f =
        frame("65000000", "4500 001f 0000 0000 4011 0000 7f000001 7f000001 1111 2222 000b 0000 61");
    assert_true(rill_packet_file_next(&f, &d));
    assert_int_equal(d.length, 3);
    assert_int_equal(d.bytes.n, 1);
}

#define NG_SECTION "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
#define NG_RAW "01000000 14000000 6500 0000 ffff0000 14000000"
#define NG_PACKET                                                                                  \
    "06000000 40000000 00000000 00000000 83841e00 1f000000 1f000000" IPV4_UDP_3 "00 40000000"

static void pcapng_gives_the_packets_of_its_interfaces(void **state)
{
    (void)state;
    struct rill_packet_file f = file(NG_SECTION NG_RAW "0000000b 0c000000 0c000000" NG_PACKET);
    assert_int_equal(f.kind, RILL_PACKET_FILE_PCAPNG);
    assert_abc(&f, 2000003);
    assert_end(&f, 0, false);
    /* the other order of bytes; ticks of 2^-10 s; a simple packet, without a time */
    f = file("0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
             "00000001 0000001c 0065 0000 0000ffff 0009 0001 8a000000 0000001c"
             "00000006 00000040 00000000 00000000 00000800 0000001f 0000001f" IPV4_UDP_3
             "00 00000040"
             "00000003 00000030 0000001f" IPV4_UDP_3 "00 00000030");
    assert_abc(&f, 2000000);
    assert_abc(&f, 0);
    assert_end(&f, 0, false);
}

#define NG_WIRE "01000000 1c000000 6500 0000 ffff0000 0200 0400 77697265 1c000000"
#define NG_CLEAR "01000000 20000000 6500 0000 ffff0000 0200 0500 636c656172 000000 20000000"

/* As rill call --pcapng writes them. */
static void pcapng_says_what_it_has_in_clear_too(void **state)
{
    (void)state;
    static const struct {
        const char *interfaces;
        bool twin;
    } files[] = {{NG_WIRE NG_CLEAR, true},
                 {NG_CLEAR NG_WIRE, false}, /* the packet is the clear one */
                 {NG_WIRE NG_WIRE, false},
                 {NG_WIRE NG_RAW, false}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char text[1024];
        struct rill_packet_file_datagram d;
        snprintf(text, sizeof text, NG_SECTION "%s" NG_PACKET, files[i].interfaces);
        struct rill_packet_file f = file(text);
        assert_true(rill_packet_file_next(&f, &d));
        assert_int_equal(d.has_twin, files[i].twin);
    }
}

static void pcapng_passes_over_packets_of_interfaces_it_does_not_know(void **state)
{
    (void)state;
    struct rill_packet_file f = file(NG_SECTION NG_PACKET);
    assert_end(&f, 1, false);
    f = file(NG_SECTION "01000000 14000000 7f00 0000 ffff0000 14000000" NG_PACKET);
    assert_end(&f, 1, false);
    /* a section of its own has interfaces of its own */
    f = file(NG_SECTION NG_RAW NG_SECTION NG_PACKET);
    assert_end(&f, 1, false);
}

static void a_block_that_is_not_whole_ends_pcapng(void **state)
{
    (void)state;
    static const char *const ends[] = {"06000000 40000000 0000", "06000000 0b000000 00000000",
                                       "06000000 0d000000 00000000 00000000",
                                       "0a0d0d0a 1c000000 11111111 00000000 0000000000000000"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, NG_SECTION NG_RAW "%s", ends[i]);
        struct rill_packet_file f = file(text);
        assert_end(&f, 0, true);
    }
}

static void what_is_no_recording_is_refused(void **state)
{
    (void)state;
    struct rill_packet_file f;
    struct rill_err why;
    assert_row(opened(&f, "", &why), PACKET_FILE_KIND);
    assert_row(opened(&f, "89504e47", &why), PACKET_FILE_KIND);
    assert_row(opened(&f, "232172747070 6c617931", &why), PACKET_FILE_KIND);
    assert_row(opened(&f, DUMP_HEAD "00000001", &why), PACKET_FILE_HEADER);
    assert_row(opened(&f, "d4c3b2a1 0200 0400 00000000", &why), PACKET_FILE_HEADER);
    assert_row(opened(&f, "0a0d0d0a 1c000000 4d3c2b1a", &why), PACKET_FILE_HEADER);
    assert_row(opened(&f, PCAP "7f000000", &why), PACKET_FILE_LINK);
    assert_int_equal(why.value, 127);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dump_gives_packets_with_their_time_and_true_length),
        cmocka_unit_test(a_record_that_is_not_whole_ends_a_dump),
        cmocka_unit_test(pcap_is_read_in_either_order_of_bytes_and_either_unit_of_time),
        cmocka_unit_test(every_link_that_is_known_leads_to_the_datagram),
        cmocka_unit_test(what_holds_no_whole_datagram_is_passed_over),
        cmocka_unit_test(a_datagram_of_which_the_file_keeps_the_head_says_its_length),
        cmocka_unit_test(pcapng_gives_the_packets_of_its_interfaces),
        cmocka_unit_test(pcapng_says_what_it_has_in_clear_too),
        cmocka_unit_test(pcapng_passes_over_packets_of_interfaces_it_does_not_know),
        cmocka_unit_test(a_block_that_is_not_whole_ends_pcapng),
        cmocka_unit_test(what_is_no_recording_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
