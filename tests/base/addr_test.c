/* Addresses: strict text in, RFC 5952 text out, and the classes filters ask for. */
#include "tests/rill_test.h"

#include "base/addr.h"

static void ip_text_round_trips_as_rfc_5952_writes_it(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"fe80::0204:61ff:fe9d:f156", "fe80::204:61ff:fe9d:f156"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"::FFFF:c000:201", "::ffff:192.0.2.1"},
        {"::fffe:c000:201", "::fffe:c000:201"},
        {"::192.0.2.1", "::c000:201"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rill_addr a;
        char text[RILL_ADDR_TEXT_MAX];
        struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
        if (!rill_addr_parse_ip(rill_view_of(rows[i][0]), &a))
            fail_msg("%s was refused", rows[i][0]);
        rill_addr_write_ip(&w, &a);
        assert_true(rill_w_end_text(&w));
        assert_string_equal(text, rows[i][1]);
    }
}

static void malformed_ip_text_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "1.2.3.4 ",
        "a.b.c.d",
        ":",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "12345::",
        "g::",
        "1:2:3:4:5:6:7:8::",
        "::1.2.3",
        "::1.2.3.4.5",
        "1.2.3.4::",
        "fe80::1%eth0",
        "1:",
        ":1",
        "example.org",
        "x.local",
        "1:2:3:4:5:6:1.2.3.4:7",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rill_addr a;
        if (rill_addr_parse_ip(rill_view_of(rows[i]), &a))
            fail_msg("\"%s\" was taken", rows[i]);
    }
}

static void address_with_port_round_trips(void **state)
{
    (void)state;
    struct rill_addr a;
    assert_true(rill_addr_parse(rill_view_of("192.0.2.1:3478"), &a));
    assert_int_equal(a.port, 3478);
    assert_string_equal(rill_addr_text(&a).text, "192.0.2.1:3478");
    assert_true(rill_addr_parse(rill_view_of("[2001:db8::1]:65535"), &a));
    assert_string_equal(rill_addr_text(&a).text, "[2001:db8::1]:65535");
    assert_false(rill_addr_parse(rill_view_of("[2001:db8::1]:65536"), &a));
    assert_false(rill_addr_parse(rill_view_of("[2001:db8::1]"), &a));
    assert_false(rill_addr_parse(rill_view_of("[2001:db8::1"), &a));
    assert_false(rill_addr_parse(rill_view_of("192.0.2.1"), &a));
    assert_false(rill_addr_parse(rill_view_of("192.0.2.1:"), &a));
}

static struct rill_addr ip(const char *text)
{
    struct rill_addr a;
    assert_true(rill_addr_parse_ip(rill_view_of(text), &a));
    return a;
}

static void classes_of_addresses_are_known(void **state)
{
    (void)state;
    struct rill_addr a;
    a = ip("127.0.0.5");
    assert_true(rill_addr_is_loopback(&a));
    a = ip("::1");
    assert_true(rill_addr_is_loopback(&a));
    a = ip("::2");
    assert_false(rill_addr_is_loopback(&a));
    a = ip("169.254.1.1");
    assert_true(rill_addr_is_link_local(&a));
    a = ip("fe80::1");
    assert_true(rill_addr_is_link_local(&a));
    a = ip("fec0::1");
    assert_false(rill_addr_is_link_local(&a));
    a = ip("0.0.0.0");
    assert_true(rill_addr_is_any(&a));
    a = ip("::");
    assert_true(rill_addr_is_any(&a));
    a = ip("224.0.0.251");
    assert_true(rill_addr_is_multicast(&a));
    a = ip("ff02::fb");
    assert_true(rill_addr_is_multicast(&a));
}

static void mapped_addresses_become_what_they_stand_for(void **state)
{
    (void)state;
    struct rill_addr a = ip("::ffff:127.0.0.1");
    a.port = 9;
    struct rill_addr b = rill_addr_unmapped(&a);
    assert_string_equal(rill_addr_text(&b).text, "127.0.0.1:9");
    assert_true(rill_addr_is_loopback(&b));
    a = ip("::fffe:127.0.0.1");
    b = rill_addr_unmapped(&a);
    assert_true(rill_addr_equal(&a, &b));
}

static void equality_looks_at_family_ip_scope_and_port(void **state)
{
    (void)state;
    struct rill_addr a = rill_addr_ip4(10, 0, 0, 1, 5);
    struct rill_addr b = a;
    assert_true(rill_addr_equal(&a, &b));
    b.port = 6;
    assert_false(rill_addr_equal(&a, &b));
    assert_true(rill_addr_same_ip(&a, &b));
    struct rill_addr c = ip("fe80::1"), d = c;
    d.scope = 2;
    assert_false(rill_addr_same_ip(&c, &d));
    struct rill_path p = {1, RILL_PROTO_UDP, a}, q = p;
    assert_true(rill_path_equal(&p, &q));
    q.socket = 2;
    assert_false(rill_path_equal(&p, &q));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ip_text_round_trips_as_rfc_5952_writes_it),
        cmocka_unit_test(malformed_ip_text_is_refused),
        cmocka_unit_test(address_with_port_round_trips),
        cmocka_unit_test(classes_of_addresses_are_known),
        cmocka_unit_test(mapped_addresses_become_what_they_stand_for),
        cmocka_unit_test(equality_looks_at_family_ip_scope_and_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
