/* What the bytes of an attribute say, and the registries' names. */
#include "stun/msg.h"

#include "tests/rill_test.h"
#include "tests/stun/vectors.h"

#define TXID "000102030405060708090a0b"

static uint8_t buffer[1024];

static struct rill_stun_msg decoded(const char *hex)
{
    struct rill_stun_msg m;
    assert_int_equal(rill_stun_decode(rill_test_hex(hex, buffer, sizeof buffer), &m, NULL), 0);
    return m;
}

static void assert_addr(const struct rill_addr *a, const char *text)
{
    assert_string_equal(rill_addr_text(a).text, text);
}

static bool mapped(const char *hex, struct rill_addr *out)
{
    struct rill_stun_msg m = decoded(hex);
    return rill_stun_get_addr(&m, RILL_STUN_XOR_MAPPED_ADDRESS, out);
}

static void stun_sample_responses_hold_the_mapped_addresses(void **state)
{
    (void)state;
    struct rill_addr a;
    assert_true(mapped(SAMPLE_RESPONSE_IP4, &a));
    assert_addr(&a, "192.0.2.1:32853");
    assert_true(mapped(SAMPLE_RESPONSE_IP6, &a));
    assert_addr(&a, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

static void stun_plain_address_is_not_xored(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded("0101 000c 2112a442" TXID "0001 0008 00 01 1f90 cb007105");
    struct rill_addr a;
    assert_true(rill_stun_get_addr(&m, RILL_STUN_MAPPED_ADDRESS, &a));
    assert_addr(&a, "203.0.113.5:8080");
}

static void stun_address_ignores_its_first_byte(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded("0101 000c 2112a442" TXID "0001 0008 ff 01 1f90 cb007105");
    struct rill_addr a;
    assert_true(rill_stun_get_addr(&m, RILL_STUN_MAPPED_ADDRESS, &a));
}

static void stun_address_of_a_wrong_length_is_as_if_absent(void **state)
{
    (void)state;
    struct rill_addr a;
    assert_false(mapped("0101 000c 2112a442" TXID "0020 0007 00 01 1f90 cb0071 00", &a));
    assert_false(mapped("0101 0010 2112a442" TXID "0020 0009 00 01 1f90 cb007105 00 000000", &a));
    assert_false(mapped("0101 001c 2112a442" TXID
                        "0020 0015 00 02 1f90 000102030405060708090a0b0c0d0e0f ff 000000",
                        &a));
    assert_false(mapped("0101 000c 2112a442" TXID "0020 0008 00 02 1f90 cb007105", &a));
    assert_false(mapped("0101 0004 2112a442" TXID "0020 0000", &a));
}

static void stun_address_of_family_three_is_as_if_absent(void **state)
{
    (void)state;
    struct rill_addr a;
    assert_false(mapped("0101 000c 2112a442" TXID "0020 0008 00 03 1f90 cb007105", &a));
}

static void stun_number_of_a_wrong_length_is_as_if_absent(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded("0001 0018 2112a442" TXID
                                     "0024 0003 000001 00 8029 0009 000102030405060708 000000");
    uint32_t priority;
    uint64_t tie;
    assert_false(rill_stun_get_u32(&m, RILL_STUN_PRIORITY, &priority));
    assert_false(rill_stun_get_u64(&m, RILL_STUN_ICE_CONTROLLED, &tie));
    assert_false(rill_stun_get_u64(&m, RILL_STUN_ICE_CONTROLLING, &tie));
}

static void stun_sample_request_holds_priority_tie_breaker_and_user(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded(SAMPLE_REQUEST);
    uint32_t priority;
    uint64_t tie;
    struct rill_view user;
    assert_true(rill_stun_get_u32(&m, RILL_STUN_PRIORITY, &priority));
    assert_int_equal(priority, 0x6e0001ff);
    assert_true(rill_stun_get_u64(&m, RILL_STUN_ICE_CONTROLLED, &tie));
    assert_true(tie == 0x932ff9b151263b36);
    assert_true(rill_stun_find(&m, RILL_STUN_USERNAME, &user));
    assert_true(rill_view_is(user, "evtj:h6vY"));
}

static bool error_of(const char *attr, unsigned *code, struct rill_view *reason)
{
    char hex[256] = "0111 000c 2112a442" TXID;
    strcat(hex, attr);
    struct rill_stun_msg m = decoded(hex);
    return rill_stun_get_error(&m, code, reason);
}

static void stun_error_is_class_and_number_and_reason(void **state)
{
    (void)state;
    unsigned code;
    struct rill_view reason;
    assert_true(error_of("0009 0006 0000 04 14 6869 0000", &code, &reason));
    assert_int_equal(code, 420);
    assert_true(rill_view_is(reason, "hi"));
}

static void stun_error_ignores_its_reserved_bits(void **state)
{
    (void)state;
    unsigned code;
    struct rill_view reason;
    assert_true(error_of("0009 0005 ffff fe 63 21 000000", &code, &reason));
    assert_int_equal(code, 699);
}

static void stun_error_beyond_300_to_699_is_as_if_absent(void **state)
{
    (void)state;
    unsigned code;
    struct rill_view reason;
    assert_false(error_of("0009 0005 0000 02 63 21 000000", &code, &reason)); /* 299 */
    assert_false(error_of("0009 0005 0000 07 00 21 000000", &code, &reason)); /* 700 */
    assert_false(error_of("0009 0005 0000 04 64 21 000000", &code, &reason)); /* 4 and 100 */
    assert_false(error_of("0009 0003 0000 04 00 8022 0000", &code, &reason)); /* no number */
}

/* RFC 5780 §7.5: "a 16-bit unsigned integer … followed by 2 bytes of padding"; as the value, or
 * behind a value of two bytes. */
static void stun_response_port_counts_with_its_padding_and_without(void **state)
{
    (void)state;
    static const char *const right[] = {"0001 0008 2112a442" TXID "0027 0004 1f90 0000",
                                        "0001 0008 2112a442" TXID "0027 0002 1f90 0000"};
    uint16_t port = 0;
    for (size_t i = 0; i < 2; i++, port = 0) {
        struct rill_stun_msg m = decoded(right[i]);
        assert_true(rill_stun_get_port(&m, RILL_STUN_RESPONSE_PORT, &port));
        assert_int_equal(port, 8080);
    }
    struct rill_stun_msg m = decoded("0001 0008 2112a442" TXID "0027 0003 1f90 0000");
    assert_false(rill_stun_get_port(&m, RILL_STUN_RESPONSE_PORT, &port));
}

static void stun_registries_name_methods_and_attributes(void **state)
{
    (void)state;
    assert_string_equal(rill_stun_method_name(1), "Binding");
    assert_string_equal(rill_stun_method_name(9), "ChannelBind");
    assert_null(rill_stun_method_name(2));
    assert_string_equal(rill_stun_attr_name(0x0020), "XOR-MAPPED-ADDRESS");
    assert_string_equal(rill_stun_attr_name(0x802a), "ICE-CONTROLLING");
    assert_string_equal(rill_stun_attr_name(0xc057), "GOOG-NETWORK-INFO");
    assert_null(rill_stun_attr_name(0x7ffe));
    assert_int_equal(rill_stun_attr_kind(0x0016), RILL_STUN_XOR_ADDR);
    assert_int_equal(rill_stun_attr_kind(0x7ffe), RILL_STUN_OPAQUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stun_sample_responses_hold_the_mapped_addresses),
        cmocka_unit_test(stun_plain_address_is_not_xored),
        cmocka_unit_test(stun_address_ignores_its_first_byte),
        cmocka_unit_test(stun_address_of_a_wrong_length_is_as_if_absent),
        cmocka_unit_test(stun_address_of_family_three_is_as_if_absent),
        cmocka_unit_test(stun_number_of_a_wrong_length_is_as_if_absent),
        cmocka_unit_test(stun_sample_request_holds_priority_tie_breaker_and_user),
        cmocka_unit_test(stun_error_is_class_and_number_and_reason),
        cmocka_unit_test(stun_error_ignores_its_reserved_bits),
        cmocka_unit_test(stun_error_beyond_300_to_699_is_as_if_absent),
        cmocka_unit_test(stun_response_port_counts_with_its_padding_and_without),
        cmocka_unit_test(stun_registries_name_methods_and_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
