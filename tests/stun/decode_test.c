/* What counts as a STUN message, and the walk over its attributes. */
#include "stun/msg.h"

#include "stun/crc32.h"
#include "tests/rill_test.h"
#include "tests/stun/vectors.h"

#define TXID "000102030405060708090a0b"

static uint8_t buffer[1024];

static struct rill_view bytes(const char *hex)
{
    return rill_test_hex(hex, buffer, sizeof buffer);
}

static struct rill_stun_msg decoded(const char *hex)
{
    struct rill_stun_msg m;
    struct rill_err why;
    assert_int_equal(rill_stun_decode(bytes(hex), &m, &why), 0);
    return m;
}

static int refused(const char *hex, struct rill_err *why)
{
    struct rill_stun_msg m, untouched;
    memset(&m, 0x55, sizeof m);
    untouched = m;
    int rc = rill_stun_decode(bytes(hex), &m, why);
    assert_memory_equal(&m, &untouched, sizeof m);
    assert_non_null(why->row);
    assert_int_equal(why->row->code, rc);
    return rc;
}

static void crc32_of_the_nine_digits_is_the_check_value_of_the_standard(void **state)
{
    (void)state;
    struct rill_view pieces[2] = {rill_view_of("1234"), rill_view_of("56789")};
    assert_int_equal(rill_stun_crc32(pieces, 2), 0xcbf43926);
}

static void stun_decode_reads_the_header_of_the_sample_request(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded(SAMPLE_REQUEST);
    assert_int_equal(m.class, RILL_STUN_REQUEST);
    assert_int_equal(m.method, RILL_STUN_BINDING);
    assert_int_equal(m.txid.n, 12);
    assert_ptr_equal(m.txid.p, buffer + 8);
    assert_int_equal(m.integrity_at, 76);
    assert_int_equal(m.integrity256_at, 0);
    assert_int_equal(m.fingerprint_at, 100);
}

static void stun_decode_takes_a_bare_header(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded("0001 0000 2112a442" TXID);
    struct rill_stun_attr a;
    size_t at = 0;
    assert_false(rill_stun_next(&m, &at, &a));
}

static void stun_decode_parts_class_and_method_of_the_type(void **state)
{
    (void)state;
    /* every bit of the method set, then none but the highest */
    struct rill_stun_msg m = decoded("3eef 0000 2112a442" TXID);
    assert_int_equal(m.class, RILL_STUN_REQUEST);
    assert_int_equal(m.method, 0xfff);
    m = decoded("2110 0000 2112a442" TXID);
    assert_int_equal(m.class, RILL_STUN_ERROR);
    assert_int_equal(m.method, 0x800);
    m = decoded("0011 0000 2112a442" TXID);
    assert_int_equal(m.class, RILL_STUN_INDICATION);
    m = decoded("0101 0000 2112a442" TXID);
    assert_int_equal(m.class, RILL_STUN_SUCCESS);
}

static void stun_decode_refuses_every_cut_of_a_header(void **state)
{
    (void)state;
    struct rill_err why;
    struct rill_stun_msg m;
    struct rill_view whole = bytes("0001 0000 2112a442" TXID);
    for (size_t n = 0; n < RILL_STUN_HEADER; n++) {
        int rc = rill_stun_decode(rill_view_sub(whole, 0, n), &m, &why);
        assert_row(rc, STUN_TOO_SHORT);
        assert_int_equal(why.value, n);
    }
}

static void stun_decode_refuses_first_bits_that_are_not_zero(void **state)
{
    (void)state;
    struct rill_err why;
    assert_row(refused("4001 0000 2112a442" TXID, &why), STUN_FIRST_BITS);
    assert_row(refused("8001 0000 2112a442" TXID, &why), STUN_FIRST_BITS);
    assert_int_equal(why.value, 2);
}

static void stun_decode_refuses_a_message_without_the_cookie(void **state)
{
    (void)state;
    struct rill_err why;
    assert_row(refused("0001 0000 2112a443" TXID, &why), STUN_COOKIE_WRONG);
    assert_int_equal(why.offset, 4);
}

static void stun_decode_refuses_a_length_that_is_no_multiple_of_four(void **state)
{
    (void)state;
    struct rill_err why;
    assert_row(refused("0001 0002 2112a442" TXID "0025", &why), STUN_LENGTH_UNALIGNED);
    assert_int_equal(why.offset, 2);
}

static void stun_decode_refuses_a_length_that_runs_past_the_datagram(void **state)
{
    (void)state;
    struct rill_err why;
    assert_row(refused("0001 0008 2112a442" TXID "0025 0000", &why), STUN_LENGTH_MISMATCH);
    assert_int_equal(why.value, 8);
}

static void stun_decode_refuses_bytes_behind_the_message(void **state)
{
    (void)state;
    struct rill_err why;
    assert_row(refused("0001 0000 2112a442" TXID "0025 0000", &why), STUN_LENGTH_MISMATCH);
}

static void stun_decode_refuses_an_attribute_that_runs_past_the_message(void **state)
{
    (void)state;
    struct rill_err why;
    assert_row(refused("0001 0008 2112a442" TXID "0024 0005 00000000", &why), STUN_ATTR_TOO_LONG);
    assert_int_equal(why.offset, 22);
    assert_int_equal(why.value, 5);
    assert_row(refused("0001 0004 2112a442" TXID "0024 ffff", &why), STUN_ATTR_TOO_LONG);
}

static void stun_decode_takes_an_attribute_that_ends_with_the_message(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded("0001 0008 2112a442" TXID "0024 0003 aabbcc 00");
    struct rill_stun_attr a;
    size_t at = 0;
    assert_true(rill_stun_next(&m, &at, &a));
    assert_int_equal(a.offset, 20);
    assert_int_equal(a.value.n, 3);
    assert_false(rill_stun_next(&m, &at, &a));
}

static void stun_decode_refuses_a_fingerprint_that_is_not_last(void **state)
{
    (void)state;
    struct rill_err why;
    int rc = refused("0001 000c 2112a442" TXID "8028 0004 00000000 0025 0000", &why);
    assert_row(rc, STUN_FINGERPRINT_NOT_LAST);
    assert_int_equal(why.offset, 20);
    assert_int_equal(why.value, 4);
}

static void stun_decode_refuses_two_fingerprints(void **state)
{
    (void)state;
    struct rill_err why;
    int rc = refused("0001 0010 2112a442" TXID "8028 0004 00000000 8028 0004 00000000", &why);
    assert_row(rc, STUN_FINGERPRINT_NOT_LAST);
}

static void stun_decode_does_not_read_a_fingerprint_inside_another_attribute(void **state)
{
    (void)state;
    /* SOFTWARE whose last eight bytes look like a FINGERPRINT */
    struct rill_stun_msg m = decoded("0001 000c 2112a442" TXID "8022 0008 8028 0004 12345678");
    assert_int_equal(m.fingerprint_at, 0);
    assert_false(rill_stun_check_fingerprint(&m));
}

static void stun_decode_refuses_every_cut_of_the_sample_request(void **state)
{
    (void)state;
    struct rill_stun_msg m;
    struct rill_view whole = bytes(SAMPLE_REQUEST);
    for (size_t n = 0; n < whole.n; n++)
        assert_true(rill_stun_decode(rill_view_sub(whole, 0, n), &m, NULL) < 0);
}

static void stun_is_looks_at_first_bits_cookie_and_size(void **state)
{
    (void)state;
    assert_true(rill_stun_is(bytes("0001 0000 2112a442" TXID)));
    assert_true(rill_stun_is(bytes("3eef 0000 2112a442" TXID)));
    assert_false(rill_stun_is(bytes("8001 0000 2112a442" TXID)));
    assert_false(rill_stun_is(bytes("0001 0000 2112a441" TXID)));
    assert_false(rill_stun_is(bytes("0001 0000 2112a442 000102030405060708090a")));
    assert_false(rill_stun_is((struct rill_view){0}));
}

static void stun_header_fields_say_what_the_decoder_reads(void **state)
{
    (void)state;
    struct rill_view v = bytes(SAMPLE_RESPONSE_IP4);
    const uint64_t want[] = {0, 0x0101, 0x3c, 0x2112a442, 0xb7e7a701bc34d686, 0xfa87dfae};
    assert_int_equal(rill_stun_header_fields.n, sizeof want / sizeof want[0]);
    size_t bit = 0;
    for (size_t i = 0; i < rill_stun_header_fields.n; i++) {
        const struct rill_field *f = &rill_stun_header_fields.fields[i];
        assert_int_equal(f->bit, bit);
        assert_true(rill_field_get(f, v) == want[i]);
        bit += f->bits;
    }
    assert_int_equal(bit, RILL_STUN_HEADER * 8);
    assert_int_equal(rill_stun_attr_fields.fields[2].bit, 32);
}

static void stun_next_yields_the_attributes_in_wire_order(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded(SAMPLE_REQUEST);
    const uint16_t types[] = {0x8022, 0x0024, 0x8029, 0x0006, 0x0008, 0x8028};
    const size_t offsets[] = {20, 40, 48, 60, 76, 100};
    const size_t sizes[] = {16, 4, 8, 9, 20, 4};
    struct rill_stun_attr a;
    size_t at = 0;
    for (size_t i = 0; i < 6; i++) {
        assert_true(rill_stun_next(&m, &at, &a));
        assert_int_equal(a.type, types[i]);
        assert_int_equal(a.offset, offsets[i]);
        assert_int_equal(a.value.n, sizes[i]);
    }
    assert_false(rill_stun_next(&m, &at, &a));
}

static void stun_find_takes_the_first_of_two(void **state)
{
    (void)state;
    struct rill_stun_msg m =
        decoded("0001 0010 2112a442" TXID "0024 0004 00000001 0024 0004 00000002");
    uint32_t priority;
    assert_true(rill_stun_get_u32(&m, RILL_STUN_PRIORITY, &priority));
    assert_int_equal(priority, 1);
}

static void stun_find_ignores_what_follows_the_integrity(void **state)
{
    (void)state;
    /* MESSAGE-INTEGRITY, then USE-CANDIDATE and PRIORITY */
    struct rill_stun_msg m =
        decoded("0001 0024 2112a442" TXID "0008 0014 0000000000000000000000000000000000000000"
                "0025 0000 0024 0004 00000001");
    struct rill_view v;
    uint32_t priority;
    assert_false(rill_stun_find(&m, RILL_STUN_USE_CANDIDATE, &v));
    assert_false(rill_stun_get_u32(&m, RILL_STUN_PRIORITY, &priority));
}

static void stun_find_takes_the_seals_that_follow_the_integrity(void **state)
{
    (void)state;
    struct rill_stun_msg m =
        decoded("0001 0044 2112a442" TXID "0008 0014 0000000000000000000000000000000000000000"
                "001c 0020 0000000000000000000000000000000000000000000000000000000000000000"
                "8028 0004 00000000");
    struct rill_view v;
    assert_true(rill_stun_find(&m, RILL_STUN_MESSAGE_INTEGRITY, &v));
    assert_true(rill_stun_find(&m, RILL_STUN_MESSAGE_INTEGRITY_SHA256, &v));
    assert_true(rill_stun_find(&m, RILL_STUN_FINGERPRINT, &v));
}

static void stun_find_ignores_what_follows_a_lone_sha256_integrity(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded(
        "0001 0028 2112a442" TXID
        "001c 0020 0000000000000000000000000000000000000000000000000000000000000000 0025 0000");
    struct rill_view v;
    assert_false(rill_stun_find(&m, RILL_STUN_USE_CANDIDATE, &v));
}

static void stun_unknown_required_lists_each_type_once(void **state)
{
    (void)state;
    /* 0x7ffe twice, PRIORITY, GOOG-NETWORK-INFO, 0x7fff */
    struct rill_stun_msg m = decoded("0001 0018 2112a442" TXID
                                     "7ffe 0000 7ffe 0000 0024 0004 00000001 c057 0000 7fff 0000");
    const uint16_t known[] = {RILL_STUN_PRIORITY};
    uint16_t out[4];
    assert_int_equal(rill_stun_unknown_required(&m, known, 1, out, 4), 2);
    assert_int_equal(out[0], 0x7ffe);
    assert_int_equal(out[1], 0x7fff);
}

static void stun_unknown_required_stops_at_its_capacity(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded("0001 000c 2112a442" TXID "7001 0000 7002 0000 7003 0000");
    uint16_t out[4] = {0};
    assert_int_equal(rill_stun_unknown_required(&m, NULL, 0, out, 3), 3);
    assert_int_equal(rill_stun_unknown_required(&m, NULL, 0, out, 2), 2);
    assert_int_equal(rill_stun_unknown_required(&m, NULL, 0, out, 0), 0);
}

static void stun_unknown_required_leaves_out_what_follows_the_integrity(void **state)
{
    (void)state;
    struct rill_stun_msg m =
        decoded("0001 001c 2112a442" TXID "0008 0014 0000000000000000000000000000000000000000"
                "7ffe 0000");
    uint16_t out[4];
    assert_int_equal(rill_stun_unknown_required(&m, NULL, 0, out, 4), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32_of_the_nine_digits_is_the_check_value_of_the_standard),
        cmocka_unit_test(stun_decode_reads_the_header_of_the_sample_request),
        cmocka_unit_test(stun_decode_takes_a_bare_header),
        cmocka_unit_test(stun_decode_parts_class_and_method_of_the_type),
        cmocka_unit_test(stun_decode_refuses_every_cut_of_a_header),
        cmocka_unit_test(stun_decode_refuses_first_bits_that_are_not_zero),
        cmocka_unit_test(stun_decode_refuses_a_message_without_the_cookie),
        cmocka_unit_test(stun_decode_refuses_a_length_that_is_no_multiple_of_four),
        cmocka_unit_test(stun_decode_refuses_a_length_that_runs_past_the_datagram),
        cmocka_unit_test(stun_decode_refuses_bytes_behind_the_message),
        cmocka_unit_test(stun_decode_refuses_an_attribute_that_runs_past_the_message),
        cmocka_unit_test(stun_decode_takes_an_attribute_that_ends_with_the_message),
        cmocka_unit_test(stun_decode_refuses_a_fingerprint_that_is_not_last),
        cmocka_unit_test(stun_decode_refuses_two_fingerprints),
        cmocka_unit_test(stun_decode_does_not_read_a_fingerprint_inside_another_attribute),
        cmocka_unit_test(stun_decode_refuses_every_cut_of_the_sample_request),
        cmocka_unit_test(stun_is_looks_at_first_bits_cookie_and_size),
        cmocka_unit_test(stun_header_fields_say_what_the_decoder_reads),
        cmocka_unit_test(stun_next_yields_the_attributes_in_wire_order),
        cmocka_unit_test(stun_find_takes_the_first_of_two),
        cmocka_unit_test(stun_find_ignores_what_follows_the_integrity),
        cmocka_unit_test(stun_find_takes_the_seals_that_follow_the_integrity),
        cmocka_unit_test(stun_find_ignores_what_follows_a_lone_sha256_integrity),
        cmocka_unit_test(stun_unknown_required_lists_each_type_once),
        cmocka_unit_test(stun_unknown_required_stops_at_its_capacity),
        cmocka_unit_test(stun_unknown_required_leaves_out_what_follows_the_integrity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
