/* The capture file, block by block. */
#include "tests/rill_test.h"

#include "trace/pcapng.h"

static uint8_t room[4096];

struct block {
    uint32_t type;
    struct rill_view body;
};

static struct block next(struct rill_reader *r)
{
    uint32_t type = rill_r_u32(r), n = rill_r_u32(r);
    assert_true(n >= 12 && n % 4 == 0);
    struct rill_view body = rill_r_bytes(r, n - 12);
    assert_int_equal(rill_r_u32(r), n);
    assert_false(r->bad);
    return (struct block){type, body};
}

static uint32_t sum(struct rill_view v)
{
    uint32_t total = 0;
    for (size_t i = 0; i < v.n; i++)
        total += (uint32_t)v.p[i] << (i % 2 ? 0 : 8);
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return total;
}

/* RFC 1071 §1: with the checksum in place the sum is all ones. */
static void check_transport(struct rill_view addresses, uint8_t protocol, struct rill_view segment)
{
    uint32_t total = sum(addresses) + protocol + (uint32_t)segment.n + sum(segment);
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    assert_int_equal(total, 0xffff);
}

static struct rill_pcapng_packet packet(const char *local, const char *remote)
{
    struct rill_pcapng_packet p = {.wall_us = 0x0102030405060708, .bytes = rill_view_of("hello")};
    assert_true(rill_addr_parse(rill_view_of(local), &p.local));
    assert_true(rill_addr_parse(rill_view_of(remote), &p.remote));
    return p;
}

/* The packet's bytes behind the EPB's own. */
static struct rill_view write(struct rill_pcapng *x, const struct rill_pcapng_packet *p,
                              struct rill_view *options)
{
    struct rill_writer w = rill_writer_of((struct rill_span){room, sizeof room});
    rill_pcapng_write_packet(x, &w, p);
    assert_false(w.bad);
    struct rill_reader r = rill_reader_of(rill_w_view(&w));
    struct block b = next(&r);
    assert_int_equal(b.type, 6);
    assert_int_equal(rill_r_left(&r), 0);
    r = rill_reader_of(b.body);
    assert_int_equal(rill_r_u32(&r), p->interface);
    assert_true(rill_r_u64(&r) == (uint64_t)p->wall_us);
    uint32_t n = rill_r_u32(&r);
    assert_int_equal(rill_r_u32(&r), n);
    struct rill_view bytes = rill_r_bytes(&r, n);
    rill_r_skip(&r, (4 - n % 4) % 4);
    *options = rill_r_bytes(&r, rill_r_left(&r));
    return bytes;
}

static void the_file_begins_with_its_section_and_two_interfaces_of_raw_ip(void **state)
{
    (void)state;
    struct rill_writer w = rill_writer_of((struct rill_span){room, sizeof room});
    rill_pcapng_write_head(&w);
    struct rill_reader r = rill_reader_of(rill_w_view(&w));
    struct block b = next(&r);
    assert_int_equal(b.type, 0x0a0d0d0a);
    struct rill_reader body = rill_reader_of(b.body);
    assert_int_equal(rill_r_u32(&body), 0x1a2b3c4d);
    for (int i = 0; i < 2; i++) {
        b = next(&r);
        assert_int_equal(b.type, 1);
        body = rill_reader_of(b.body);
        assert_int_equal(rill_r_u16(&body), 101);
    }
    assert_int_equal(rill_r_left(&r), 0);
}

static void a_datagram_of_ip4_has_right_lengths_and_checksums(void **state)
{
    (void)state;
    struct rill_pcapng x = {.n_streams = 0};
    struct rill_view options;
    struct rill_pcapng_packet p = packet("192.0.2.1:5000", "198.51.100.2:6000");
    p.sent = true;
    struct rill_view v = write(&x, &p, &options);
    assert_int_equal(v.n, 20 + 8 + 5);
    assert_int_equal(sum(rill_view_sub(v, 0, 20)), 0xffff);
    check_transport(rill_view_sub(v, 12, 8), 17, rill_view_sub(v, 20, v.n - 20));
    assert_int_equal(v.p[12], 192);
    assert_int_equal(v.p[20] << 8 | v.p[21], 5000);
    assert_int_equal(v.p[22] << 8 | v.p[23], 6000);
    assert_true(rill_view_is(rill_view_sub(v, 28, 5), "hello"));
}

static void a_datagram_of_ip6_goes_from_the_other_side_when_it_came(void **state)
{
    (void)state;
    struct rill_pcapng x = {.n_streams = 0};
    struct rill_view options;
    struct rill_pcapng_packet p = packet("[2001:db8::1]:5000", "[2001:db8::2]:6000");
    struct rill_view v = write(&x, &p, &options);
    assert_int_equal(v.n, 40 + 8 + 5);
    assert_int_equal(v.p[0] >> 4, 6);
    assert_int_equal(v.p[4] << 8 | v.p[5], 13);
    check_transport(rill_view_sub(v, 8, 32), 17, rill_view_sub(v, 40, 13));
    assert_int_equal(v.p[23], 2);
    assert_int_equal(v.p[40] << 8 | v.p[41], 6000);
}

static void segments_of_a_stream_follow_each_other(void **state)
{
    (void)state;
    struct rill_pcapng x = {.n_streams = 0};
    struct rill_view options;
    struct rill_pcapng_packet p = packet("192.0.2.1:5000", "198.51.100.2:6000");
    p.tcp = true;
    uint32_t seqs[4], acks[4];
    for (int i = 0; i < 4; i++) {
        p.sent = i % 2 == 0;
        struct rill_view v = write(&x, &p, &options);
        check_transport(rill_view_sub(v, 12, 8), 6, rill_view_sub(v, 20, v.n - 20));
        struct rill_reader r = rill_reader_of(rill_view_sub(v, 24, 8));
        seqs[i] = rill_r_u32(&r);
        acks[i] = rill_r_u32(&r);
    }
    assert_int_equal(seqs[2], seqs[0] + 5);
    assert_int_equal(seqs[3], seqs[1] + 5);
    assert_int_equal(acks[1], seqs[0] + 5);
    assert_int_equal(acks[2], seqs[1] + 5);
}

static void comments_are_one_option_a_line_and_the_direction_is_a_flag(void **state)
{
    (void)state;
    struct rill_pcapng x = {.n_streams = 0};
    struct rill_view options;
    struct rill_pcapng_packet p = packet("192.0.2.1:5000", "198.51.100.2:6000");
    p.sent = true;
    p.comments = rill_view_of("first\nsecond one\n");
    write(&x, &p, &options);
    struct rill_reader r = rill_reader_of(options);
    static const char *const lines[] = {"first", "second one"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rill_r_u16(&r), 1);
        uint16_t n = rill_r_u16(&r);
        assert_true(rill_view_is(rill_r_bytes(&r, n), lines[i]));
        rill_r_skip(&r, (4u - n % 4u) % 4u);
    }
    assert_int_equal(rill_r_u16(&r), 2);
    assert_int_equal(rill_r_u16(&r), 4);
    assert_int_equal(rill_r_u32(&r), 2);
    assert_int_equal(rill_r_u32(&r), 0);
    assert_int_equal(rill_r_left(&r), 0);
}

static void an_address_that_is_not_known_is_that_of_nobody(void **state)
{
    (void)state;
    struct rill_pcapng x = {.n_streams = 0};
    struct rill_view options;
    struct rill_pcapng_packet p = packet("192.0.2.1:5000", "[2001:db8::2]:6000");
    p.local = (struct rill_addr){0};
    struct rill_view v = write(&x, &p, &options);
    assert_int_equal(v.p[0] >> 4, 6);
    for (size_t i = 24; i < 40; i++)
        assert_int_equal(v.p[i], 0);
}

static void secrets_are_a_key_log_in_a_block_of_their_own(void **state)
{
    (void)state;
    char lines[64];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)lines, sizeof lines});
    rill_keylog_write(&w, rill_view_of("\x01\x02"), rill_view_of("\xff"));
    struct rill_view log = rill_w_view(&w);
    assert_true(rill_view_is(log, "CLIENT_RANDOM 0102 ff\n"));
    w = rill_writer_of((struct rill_span){room, sizeof room});
    rill_pcapng_write_secrets(&w, log);
    struct rill_reader r = rill_reader_of(rill_w_view(&w));
    struct block b = next(&r);
    assert_int_equal(b.type, 10);
    r = rill_reader_of(b.body);
    assert_int_equal(rill_r_u32(&r), 0x544c534b);
    assert_int_equal(rill_r_u32(&r), log.n);
    assert_true(rill_view_equal(rill_r_bytes(&r, log.n), log));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_begins_with_its_section_and_two_interfaces_of_raw_ip),
        cmocka_unit_test(a_datagram_of_ip4_has_right_lengths_and_checksums),
        cmocka_unit_test(a_datagram_of_ip6_goes_from_the_other_side_when_it_came),
        cmocka_unit_test(segments_of_a_stream_follow_each_other),
        cmocka_unit_test(comments_are_one_option_a_line_and_the_direction_is_a_flag),
        cmocka_unit_test(an_address_that_is_not_known_is_that_of_nobody),
        cmocka_unit_test(secrets_are_a_key_log_in_a_block_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
