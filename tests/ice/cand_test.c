/* The grammar of candidate lines, and the numbers on them (RFC 8839 §5.1, RFC 8445 §5.1.2). */
#include "tests/rill_test.h"

#include "ice/cand.h"

static int parse(const char *line, struct rill_ice_cand_line *out, struct rill_err *why)
{
    return rill_ice_cand_parse(rill_view_of(line), out, why);
}

/* What browsers and other stacks send, and what the grammar allows. */
static const char *const good[] = {
    "candidate:1 1 udp 2130706431 192.0.2.7 9 typ host",
    "1 1 udp 2130706431 192.0.2.7 9 typ host",
    "a=candidate:1 1 udp 2130706431 192.0.2.7 9 typ host",
    "candidate:2326308451 1 udp 2122260223 127.0.0.1 54140 typ host generation 0 ufrag 5+bp",
    "candidate:4100408571 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active generation 0",
    "candidate:0 2 UDP 2122252542 192.168.1.7 54140 typ host",
    "candidate:0 1 UDP 2122252543 2001:db8::1 54140 typ host",
    "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.2 rport 46154",
    "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 9",
    "candidate:3 1 udp 1677729535 2001:db8::7 46154 typ srflx raddr :: rport 9",
    "candidate:1 1 udp 41885439 203.0.113.9 50000 typ relay raddr 203.0.113.7 rport 46154",
    "candidate:1 1 udp 1862270975 203.0.113.9 50000 typ prflx raddr 10.0.0.2 rport 1",
    "candidate:1 1 udp 2122260223 6f2bb1f0-0d9c-4d2c-b6a0-98d7d0a5b2a4.local 54140 typ host",
    "candidate:1 1 udp 1 example.org 1 typ host",
    "candidate:abcDEF0123456789+/abcDEF01234567 1 udp 1 192.0.2.7 1 typ host",
    "candidate:+ 1 udp 1 192.0.2.7 1 typ host",
    "candidate:1 256 udp 1 192.0.2.7 1 typ host",
    "candidate:1 001 udp 1 192.0.2.7 1 typ host",
    "candidate:1 1 udp 2147483647 192.0.2.7 1 typ host",
    "candidate:1 1 udp 0000000001 192.0.2.7 1 typ host",
    "candidate:1 1 udp 1 192.0.2.7 0 typ host",
    "candidate:1 1 udp 1 192.0.2.7 65535 typ host",
    "candidate:1 1 sctp-over!udp 1 192.0.2.7 1 typ host",
    "candidate:1 1 udp 1 192.0.2.7 1 TYP HOST",
    "candidate:1 1 udp 1 192.0.2.7 1 typ teleport",
    "candidate:1 1 udp 1 192.0.2.7 1 typ srflx",
    "candidate:1 1 udp 1 192.0.2.7 1 typ srflx raddr 10.0.0.2",
    "candidate:1 1 udp 1 192.0.2.7 1 typ srflx rport 1",
    "candidate:1 1 udp 1 192.0.2.7 1 typ srflx raddr host.local rport 1",
    "candidate:1 1 udp 1 192.0.2.7 1 typ host unknown value",
    "candidate:1 1 udp 1 192.0.2.7 1 typ host unknown ",
    "candidate:1 1 udp 1 192.0.2.7 1 typ host unknown  other !\"#$%&'()*+,-./:;<=>?@[]^_{|}~",
    "candidate:1 1 tcp 1 192.0.2.7 9 typ host tcptype sideways",
};

static const struct {
    const char *line;
    int row;
    size_t offset;
    uint64_t value;
} bad[] = {
    {"", RILL_ICE_CAND_GRAMMAR, 0, 1},
    {"candidate:", RILL_ICE_CAND_GRAMMAR, 10, 1},
    {"candidate: 1 udp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 10, 1},
    {"candidate:1_ 1 udp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 10, 1},
    {"candidate:abcdefghijklmnopqrstuvwxyz0123456 1 udp 1 192.0.2.7 1 typ host",
     RILL_ICE_CAND_GRAMMAR, 10, 1},
    {"a=1 1 udp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 0, 1},
    {"candidate:1", RILL_ICE_CAND_GRAMMAR, 11, 2},
    {"candidate:1 x udp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 12, 2},
    {"candidate:1 -1 udp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 12, 2},
    {"candidate:1 0001 udp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 12, 2},
    {"candidate:1 0 udp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_RANGE, 12, 0},
    {"candidate:1 257 udp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_RANGE, 12, 257},
    {"candidate:1 1", RILL_ICE_CAND_GRAMMAR, 13, 3},
    {"candidate:1 1 u(dp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 14, 3},
    {"candidate:1  1 udp 1 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 12, 2},
    {"candidate:1 1 udp", RILL_ICE_CAND_GRAMMAR, 17, 4},
    {"candidate:1 1 udp 1.5 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 18, 4},
    {"candidate:1 1 udp 0 192.0.2.7 1 typ host", RILL_ICE_CAND_RANGE, 18, 0},
    {"candidate:1 1 udp 2147483648 192.0.2.7 1 typ host", RILL_ICE_CAND_RANGE, 18, 2147483648u},
    {"candidate:1 1 udp 00000000001 192.0.2.7 1 typ host", RILL_ICE_CAND_GRAMMAR, 18, 4},
    {"candidate:1 1 udp 1", RILL_ICE_CAND_GRAMMAR, 19, 5},
    {"candidate:1 1 udp 1 256.0.2.7 1 typ host", RILL_ICE_CAND_ADDRESS, 20, 9},
    {"candidate:1 1 udp 1 192.0.2 1 typ host", RILL_ICE_CAND_ADDRESS, 20, 7},
    {"candidate:1 1 udp 1 2001:db8:::1 1 typ host", RILL_ICE_CAND_ADDRESS, 20, 12},
    {"candidate:1 1 udp 1 fe80::1%eth0 1 typ host", RILL_ICE_CAND_ADDRESS, 20, 12},
    {"candidate:1 1 udp 1 [2001:db8::1] 1 typ host", RILL_ICE_CAND_ADDRESS, 20, 13},
    {"candidate:1 1 udp 1 under_score.org 1 typ host", RILL_ICE_CAND_ADDRESS, 20, 15},
    {"candidate:1 1 udp 1 192.0.2.7", RILL_ICE_CAND_GRAMMAR, 29, 6},
    {"candidate:1 1 udp 1 192.0.2.7 65536 typ host", RILL_ICE_CAND_RANGE, 30, 65536},
    {"candidate:1 1 udp 1 192.0.2.7 +1 typ host", RILL_ICE_CAND_GRAMMAR, 30, 6},
    {"candidate:1 1 udp 1 192.0.2.7 99999999999999999999 typ host", RILL_ICE_CAND_RANGE, 30,
     UINT64_MAX},
    {"candidate:1 1 udp 1 192.0.2.7 1", RILL_ICE_CAND_GRAMMAR, 31, 7},
    {"candidate:1 1 udp 1 192.0.2.7 1 type host", RILL_ICE_CAND_GRAMMAR, 32, 7},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ", RILL_ICE_CAND_GRAMMAR, 35, 8},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ ", RILL_ICE_CAND_GRAMMAR, 36, 8},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ ho\tst", RILL_ICE_CAND_GRAMMAR, 36, 8},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ host ", RILL_ICE_CAND_EXTENSION, 41, 1},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ host generation", RILL_ICE_CAND_EXTENSION, 41, 1},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ host a 1 dangling", RILL_ICE_CAND_EXTENSION, 45, 2},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ host (a) 1", RILL_ICE_CAND_EXTENSION, 41, 1},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ host a \x01", RILL_ICE_CAND_EXTENSION, 43, 1},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ host a \xc3\xa4", RILL_ICE_CAND_EXTENSION, 43, 1},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ srflx raddr 10.0.0 rport 1", RILL_ICE_CAND_ADDRESS, 48,
     6},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ srflx raddr 10.0.0.1 rport 65536", RILL_ICE_CAND_RANGE,
     63, 65536},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ srflx raddr 10.0.0.1 rport x", RILL_ICE_CAND_GRAMMAR, 63,
     10},
    {"candidate:1 1 udp 1 192.0.2.7 1 typ host\r\n", RILL_ICE_CAND_GRAMMAR, 36, 8},
};

static void candidate_lines_of_the_grammar_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct rill_ice_cand_line c;
        struct rill_err why = {0};
        if (parse(good[i], &c, &why) != 0)
            fail_msg("refused at %zu (%s): %s", why.offset, why.row->name, good[i]);
    }
}

static void candidate_lines_outside_the_grammar_are_refused_at_their_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct rill_ice_cand_line c;
        struct rill_err why = {0};
        int rc = parse(bad[i].line, &c, &why);
        if (rc != bad[i].row || why.offset != bad[i].offset || why.value != bad[i].value)
            fail_msg("%s: %d at %zu, value %llu", bad[i].line, rc, why.offset,
                     (unsigned long long)why.value);
    }
}

static void each_kind_of_fault_has_its_row(void **state)
{
    (void)state;
    struct rill_ice_cand_line c;
    assert_row(parse("1 1 udp", &c, NULL), ICE_CAND_GRAMMAR);
    assert_row(parse("1 300 udp 1 192.0.2.7 1 typ host", &c, NULL), ICE_CAND_RANGE);
    assert_row(parse("1 1 udp 1 192.0.2.777 1 typ host", &c, NULL), ICE_CAND_ADDRESS);
    assert_row(parse("1 1 udp 1 192.0.2.7 1 typ host x", &c, NULL), ICE_CAND_EXTENSION);
}

static void refused_line_leaves_the_result_untouched(void **state)
{
    (void)state;
    struct rill_ice_cand_line c = {.component = 77};
    assert_true(parse("1 1 udp 1 192.0.2.7 1 typ host x", &c, NULL) < 0);
    assert_int_equal(c.component, 77);
}

static void every_prefix_of_a_line_is_read_or_refused_without_harm(void **state)
{
    (void)state;
    struct rill_view v = rill_view_of(good[7]);
    for (size_t n = 0; n < v.n; n++) {
        /* A copy of just these bytes, so that a read past them is seen. */
        uint8_t *copy = malloc(n + 1);
        struct rill_ice_cand_line c;
        memcpy(copy, v.p, n);
        rill_ice_cand_parse(rill_view_at(copy, n), &c, NULL);
        free(copy);
    }
}

static void fields_of_a_line_are_what_it_says(void **state)
{
    (void)state;
    struct rill_ice_cand_line c;
    assert_int_equal(parse("candidate:842163049 1 UDP 1677729535 203.0.113.7 46154 typ srflx "
                           "raddr 10.0.0.2 rport 46155 ufrag 5+bp",
                           &c, NULL),
                     0);
    assert_true(rill_view_is(c.foundation, "842163049"));
    assert_int_equal(c.component, 1);
    assert_true(rill_view_is(c.transport, "UDP"));
    assert_int_equal(c.priority, 1677729535);
    assert_true(rill_view_is(c.address, "203.0.113.7"));
    assert_int_equal(c.addr.port, 46154);
    assert_true(c.known_type);
    assert_int_equal(c.type, RILL_ICE_SRFLX);
    assert_true(rill_view_is(c.raddr, "10.0.0.2"));
    assert_true(c.has_rport);
    assert_int_equal(c.related.port, 46155);
    assert_true(rill_view_is(c.ufrag, "5+bp"));
}

static void tcp_types_are_told_apart(void **state)
{
    (void)state;
    struct rill_ice_cand_line c;
    parse("1 1 tcp 1 192.0.2.7 9 typ host tcptype passive", &c, NULL);
    assert_int_equal(c.tcptype, RILL_ICE_TCP_PASSIVE);
    parse("1 1 tcp 1 192.0.2.7 9 typ host tcptype so", &c, NULL);
    assert_int_equal(c.tcptype, RILL_ICE_TCP_SO);
    parse("1 1 udp 1 192.0.2.7 9 typ host", &c, NULL);
    assert_int_equal(c.tcptype, RILL_ICE_TCP_NONE);
}

static void name_has_a_port_and_no_family(void **state)
{
    (void)state;
    struct rill_ice_cand_line c;
    parse("1 1 udp 1 abcd.local 4711 typ host", &c, NULL);
    assert_int_equal(c.addr.family, RILL_ADDR_NONE);
    assert_int_equal(c.addr.port, 4711);
}

static struct rill_ice_cand example(void)
{
    return (struct rill_ice_cand){.type = RILL_ICE_SRFLX,
                                  .component = 1,
                                  .priority = 1694498815,
                                  .addr = rill_addr_ip4(203, 0, 113, 7, 46154),
                                  .related = rill_addr_ip4(10, 0, 0, 2, 5000),
                                  .foundation = "2"};
}

static void written_line_reads_back_the_same(void **state)
{
    (void)state;
    char text[256];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    struct rill_ice_cand cand = example();
    rill_ice_cand_write(&w, &cand, rill_view_of("abcd"));
    assert_true(rill_w_end_text(&w));
    assert_string_equal(text, "candidate:2 1 udp 1694498815 203.0.113.7 46154 typ srflx "
                              "raddr 10.0.0.2 rport 5000 ufrag abcd");
    struct rill_ice_cand_line c;
    assert_int_equal(parse(text, &c, NULL), 0);
    assert_true(rill_addr_equal(&c.addr, &cand.addr));
    assert_true(rill_addr_equal(&c.related, &cand.related));
}

static void written_host_line_has_no_related_address(void **state)
{
    (void)state;
    char text[256];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    struct rill_ice_cand cand = example();
    cand.type = RILL_ICE_HOST;
    cand.related.family = RILL_ADDR_NONE;
    rill_ice_cand_write(&w, &cand, (struct rill_view){0});
    assert_true(rill_w_end_text(&w));
    assert_string_equal(text, "candidate:2 1 udp 1694498815 203.0.113.7 46154 typ host");
}

/* RFC 8445 §5.1.2.1 by hand: 126 << 24 | 65535 << 8 | 255 and so on. */
static void priorities_obey_the_formula(void **state)
{
    (void)state;
    assert_int_equal(rill_ice_priority(RILL_ICE_HOST, 65535, 1), 2130706431);
    assert_int_equal(rill_ice_priority(RILL_ICE_PRFLX, 65535, 1), 1862270975);
    assert_int_equal(rill_ice_priority(RILL_ICE_SRFLX, 65535, 1), 1694498815);
    assert_int_equal(rill_ice_priority(RILL_ICE_RELAY, 65535, 1), 16777215);
    assert_int_equal(rill_ice_priority(RILL_ICE_HOST, 0, 2), 2113929470);
}

static void pair_priority_obeys_the_formula(void **state)
{
    (void)state;
    assert_true(rill_ice_pair_priority(3, 2) == (2ull << 32) + 6 + 1);
    assert_true(rill_ice_pair_priority(2, 3) == (2ull << 32) + 6);
    assert_true(rill_ice_pair_priority(5, 5) == (5ull << 32) + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candidate_lines_of_the_grammar_are_read),
        cmocka_unit_test(candidate_lines_outside_the_grammar_are_refused_at_their_byte),
        cmocka_unit_test(each_kind_of_fault_has_its_row),
        cmocka_unit_test(refused_line_leaves_the_result_untouched),
        cmocka_unit_test(every_prefix_of_a_line_is_read_or_refused_without_harm),
        cmocka_unit_test(fields_of_a_line_are_what_it_says),
        cmocka_unit_test(tcp_types_are_told_apart),
        cmocka_unit_test(name_has_a_port_and_no_family),
        cmocka_unit_test(written_line_reads_back_the_same),
        cmocka_unit_test(written_host_line_has_no_related_address),
        cmocka_unit_test(priorities_obey_the_formula),
        cmocka_unit_test(pair_priority_obeys_the_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
