/* DNS messages, read and written (RFC 1035 §4). */
#include "mdns/message.h"

#include "tests/rill_test.h"

static uint8_t bytes[2048];

static struct rill_view hex(const char *text)
{
    return rill_test_hex(text, bytes, sizeof bytes);
}

static const char *text_of(const struct rill_dns_name *n)
{
    static char text[1100];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_dns_name_write(&w, n);
    assert_true(rill_w_end_text(&w));
    return text;
}

/* RFC 1035 §4.1.4's example: F.ISI.ARPA, FOO.F.ISI.ARPA, ARPA and the root. */
#define HEADER(q, an) "0000 8400 000" q " 000" an " 0000 0000 "
#define F_ISI_ARPA "01 46 03 495349 04 41525041 00 "

static void names_are_read_through_pointers(void **state)
{
    (void)state;
    struct rill_dns_cursor c;
    struct rill_dns_header h;
    struct rill_dns_question q;
    struct rill_view m = hex(HEADER("4", "0") F_ISI_ARPA "0001 0001 "
                                                         "03 464f4f c00c 001c 8001 "
                                                         "c012 00ff 0001 "
                                                         "00 0001 0001");
    assert_int_equal(rill_dns_begin(m, &c, &h, NULL), 0);
    assert_true(h.response);
    assert_int_equal(h.questions, 4);
    assert_int_equal(rill_dns_next_question(&c, &q, NULL), 1);
    assert_string_equal(text_of(&q.name), "F.ISI.ARPA");
    assert_false(q.unicast);
    assert_int_equal(rill_dns_next_question(&c, &q, NULL), 1);
    assert_string_equal(text_of(&q.name), "FOO.F.ISI.ARPA");
    assert_true(q.unicast);
    assert_int_equal(q.type, RILL_DNS_AAAA);
    assert_int_equal(q.class, RILL_DNS_IN);
    assert_int_equal(rill_dns_next_question(&c, &q, NULL), 1);
    assert_string_equal(text_of(&q.name), "ARPA");
    assert_int_equal(rill_dns_next_question(&c, &q, NULL), 1);
    assert_string_equal(text_of(&q.name), "");
    assert_int_equal(rill_dns_next_question(&c, &q, NULL), 0);
    assert_int_equal(rill_dns_check(m, NULL), 0);
}

static void record_gives_its_address(void **state)
{
    (void)state;
    struct rill_dns_cursor c;
    struct rill_dns_header h;
    struct rill_dns_record r;
    struct rill_addr a;
    struct rill_view m =
        hex(HEADER("0", "3") "01 61 00 0001 8001 00000078 0004 c0000201 "
                             "c00c 001c 0001 0000000a 0010 20010db8000000000000000000000007 "
                             "c00c 0001 0003 00000078 0004 c0000201");
    rill_dns_begin(m, &c, &h, NULL);
    assert_int_equal(rill_dns_next_record(&c, &r, NULL), 1);
    assert_true(r.flush);
    assert_int_equal(r.ttl, 120);
    assert_true(rill_dns_record_addr(&r, &a));
    assert_string_equal(rill_addr_text(&a).text, "192.0.2.1:0");
    assert_int_equal(rill_dns_next_record(&c, &r, NULL), 1);
    assert_false(r.flush);
    assert_true(rill_dns_record_addr(&r, &a));
    assert_string_equal(rill_addr_text(&a).text, "[2001:db8::7]:0");
    assert_int_equal(rill_dns_next_record(&c, &r, NULL), 1);
    assert_false(rill_dns_record_addr(&r, &a)); /* another class */
    assert_int_equal(rill_dns_next_record(&c, &r, NULL), 0);
}

static void messages_that_cannot_be_read_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        int row;
        size_t offset;
    } cases[] = {
#define RILL_ROW(row) RILL_##row
        {"0000 0000 0001 0000 0000 00", RILL_ROW(MDNS_SHORT), 11},
        {"", RILL_ROW(MDNS_SHORT), 0},
        {HEADER("1", "0"), RILL_ROW(MDNS_TRUNCATED), 12},
        {HEADER("1", "0") "01", RILL_ROW(MDNS_TRUNCATED), 12},
        {HEADER("1", "0") "01 61", RILL_ROW(MDNS_TRUNCATED), 14},
        {HEADER("1", "0") "01 61 00 0001 00", RILL_ROW(MDNS_TRUNCATED), 15},
        {HEADER("1", "0") "c0", RILL_ROW(MDNS_TRUNCATED), 12},
        {HEADER("1", "0") "3f 61 00 0001 0001", RILL_ROW(MDNS_TRUNCATED), 12},
        {HEADER("0", "1") "00 0001 0001 00000078 0004 c00002", RILL_ROW(MDNS_TRUNCATED), 13},
        {HEADER("0", "1") "00 0001 0001 00000078 ffff", RILL_ROW(MDNS_TRUNCATED), 13},
        {HEADER("1", "0") "40 0001 0001", RILL_ROW(MDNS_LABEL), 12},
        {HEADER("1", "0") "80 0001 0001", RILL_ROW(MDNS_LABEL), 12},
        {HEADER("1", "0") "c00c 0001 0001", RILL_ROW(MDNS_POINTER), 12},       /* to itself */
        {HEADER("1", "0") "c00e 0001 0001", RILL_ROW(MDNS_POINTER), 12},       /* forwards */
        {HEADER("1", "0") "ffff 0001 0001", RILL_ROW(MDNS_POINTER), 12},       /* past the end */
        {HEADER("1", "0") "01 61 c00c 0001 0001", RILL_ROW(MDNS_POINTER), 14}, /* round and round */
        {HEADER("2", "0") "01 61 c000 0001 0001", RILL_ROW(MDNS_TRUNCATED), 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rill_err why = {0};
        int rc = rill_dns_check(hex(cases[i].hex), &why);
        if (i + 1 == sizeof cases / sizeof cases[0])
            continue; /* into the header: whatever it says, the walk ends */
        assert_int_equal(rc, cases[i].row);
        assert_int_equal(why.offset, cases[i].offset);
    }
}

/* RFC 1035 §2.3.4: 255 bytes, exactly full and one over; by labels and by pointers. */
static void name_of_255_bytes_is_read_and_of_256_is_not(void **state)
{
    (void)state;
    struct rill_dns_name name;
    struct rill_err why;
    char text[300];
    memset(text, 'a', sizeof text);
    for (size_t i = 63; i < 255; i += 64)
        text[i] = '.';
    assert_int_equal(rill_dns_name_of(rill_view_at(text, 253), &name, NULL), 0);
    assert_int_equal(name.n, 255);
    assert_row(rill_dns_name_of(rill_view_at(text, 254), &name, &why), MDNS_NAME_LONG);
    /* a message whose name takes the last name's bytes and one label more */
    uint8_t m[600] = {0};
    struct rill_writer w = rill_writer_of((struct rill_span){m, sizeof m});
    rill_dns_put_header(&w, 0, false, 2, 0, 0);
    rill_dns_put_question(&w, &name, 1, false);
    rill_w_u16(&w, 0xc00c);
    rill_w_u32(&w, 0x00010001);
    assert_int_equal(rill_dns_check(rill_w_view(&w), NULL), 0);
    w = rill_writer_of((struct rill_span){m, sizeof m});
    rill_dns_put_header(&w, 0, false, 2, 0, 0);
    rill_dns_put_question(&w, &name, 1, false);
    rill_w_u16(&w, 0x0161);
    rill_w_u16(&w, 0xc00c);
    rill_w_u32(&w, 0x00010001);
    assert_row(rill_dns_check(rill_w_view(&w), &why), MDNS_NAME_LONG);
}

static void names_are_equal_without_case_and_written_with_escapes(void **state)
{
    (void)state;
    struct rill_dns_name a, b;
    struct rill_err why;
    rill_dns_name_of(rill_view_of("AbC.local"), &a, NULL);
    rill_dns_name_of(rill_view_of("aBc.LOCAL."), &b, NULL);
    assert_true(rill_dns_name_equal(&a, &b));
    rill_dns_name_of(rill_view_of("abd.local"), &b, NULL);
    assert_false(rill_dns_name_equal(&a, &b));
    assert_row(rill_dns_name_of(rill_view_of("a..b"), &b, &why), MDNS_LABEL);
    memcpy(b.bytes, "\3a.\xff\0", 5);
    b.n = 5;
    assert_string_equal(text_of(&b), "a\\046\\255");
}

/* What is written is read again, each field at its place. */
static void what_is_written_is_read_again(void **state)
{
    (void)state;
    struct rill_dns_name name;
    struct rill_addr addr = rill_addr_ip4(192, 0, 2, 1, 0), got;
    struct rill_dns_cursor c;
    struct rill_dns_header h;
    struct rill_dns_question q;
    struct rill_dns_record r;
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_dns_name_of(rill_view_of("x.local"), &name, NULL);
    rill_dns_put_header(&w, 0x1234, true, 1, 1, 1);
    rill_dns_put_question(&w, &name, RILL_DNS_A, true);
    rill_dns_put_addr(&w, &name, &addr, true, 120);
    rill_dns_put_nsec(&w, &name, RILL_DNS_AAAA, false, 7);
    struct rill_view m = rill_w_view(&w);
    assert_int_equal(rill_dns_begin(m, &c, &h, NULL), 0);
    assert_int_equal(h.id, 0x1234);
    assert_int_equal(rill_field_get(&rill_dns_fields.fields[3], m), 1); /* AA */
    assert_int_equal(rill_dns_next_question(&c, &q, NULL), 1);
    assert_true(q.unicast && rill_dns_name_equal(&q.name, &name));
    assert_int_equal(rill_dns_next_record(&c, &r, NULL), 1);
    assert_true(rill_dns_record_addr(&r, &got) && rill_addr_equal(&got, &addr));
    assert_int_equal(rill_dns_next_record(&c, &r, NULL), 1);
    assert_int_equal(r.type, RILL_DNS_NSEC);
    /* the name itself; window 0, 4 bytes, the bit of AAAA (28) alone */
    uint8_t want[32];
    struct rill_view v = rill_test_hex("01 78 05 6c6f63616c 00 00 04 00000008", want, sizeof want);
    assert_true(rill_view_equal(r.data, v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_through_pointers),
        cmocka_unit_test(record_gives_its_address),
        cmocka_unit_test(messages_that_cannot_be_read_are_refused),
        cmocka_unit_test(name_of_255_bytes_is_read_and_of_256_is_not),
        cmocka_unit_test(names_are_equal_without_case_and_written_with_escapes),
        cmocka_unit_test(what_is_written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
