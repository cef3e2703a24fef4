/* Messages written into a buffer: bytes as the RFC draws them, and buffers too small. */
#include "stun/msg.h"

#include "base/digest.h"
#include "tests/rill_test.h"
#include "tests/stun/vectors.h"

static const uint8_t txid[RILL_STUN_TXID] = {0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                                             0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
static uint8_t out[1024];

static struct rill_span room(size_t n)
{
    assert_true(n <= sizeof out);
    memset(out, 0xcc, sizeof out);
    return (struct rill_span){out, n};
}

/* The samples of RFC 5769 pad with blanks; RFC 8489 §14 wants zeros, so the seals differ. */
static size_t sample_response(struct rill_span to)
{
    struct rill_stun_writer s;
    struct rill_addr a = rill_addr_ip4(192, 0, 2, 1, 32853);
    rill_stun_begin(&s, to, RILL_STUN_SUCCESS, RILL_STUN_BINDING, txid);
    rill_stun_put(&s, RILL_STUN_SOFTWARE, rill_view_of("test vector"));
    rill_stun_put_addr(&s, RILL_STUN_XOR_MAPPED_ADDRESS, &a);
    rill_stun_put_integrity(&s, rill_view_of(SAMPLE_PASSWORD));
    rill_stun_put_fingerprint(&s);
    return rill_stun_end(&s);
}

static void stun_encode_writes_the_sample_response_but_for_its_padding(void **state)
{
    (void)state;
    uint8_t want[256];
    struct rill_view sample = rill_test_hex(SAMPLE_RESPONSE_IP4, want, sizeof want);
    want[35] = 0; /* the padding of SOFTWARE */
    assert_int_equal(sample_response(room(sizeof out)), sample.n);
    assert_memory_equal(out, want, 52);
    struct rill_stun_msg m;
    assert_int_equal(rill_stun_decode(rill_view_at(out, sample.n), &m, NULL), 0);
    assert_true(rill_stun_check_integrity(&m, rill_view_of(SAMPLE_PASSWORD)));
    assert_true(rill_stun_check_fingerprint(&m));
}

static void stun_encode_writes_the_sample_long_term_request_to_the_byte(void **state)
{
    (void)state;
    uint8_t want[256], key[RILL_MD5_SIZE];
    struct rill_view sample = rill_test_hex(SAMPLE_LONG_TERM, want, sizeof want);
    struct rill_stun_writer s;
    rill_digest(RILL_MD5, rill_view_of(SAMPLE_LONG_TERM_KEY), key);
    rill_stun_begin(&s, room(sizeof out), RILL_STUN_REQUEST, RILL_STUN_BINDING, want + 8);
    rill_stun_put(&s, RILL_STUN_USERNAME, rill_view_of(SAMPLE_USER));
    rill_stun_put(&s, RILL_STUN_NONCE, rill_view_of("f//499k954d6OL34oL9FSTvy64sA"));
    rill_stun_put(&s, RILL_STUN_REALM, rill_view_of("example.org"));
    rill_stun_put_integrity(&s, rill_view_at(key, sizeof key));
    assert_int_equal(rill_stun_end(&s), sample.n);
    assert_memory_equal(out, want, sample.n);
}

static void stun_encode_writes_the_sample_sha256_seal(void **state)
{
    (void)state;
    uint8_t want[256], key[RILL_SHA256_SIZE];
    struct rill_view sample = rill_test_hex(SAMPLE_SHA256, want, sizeof want);
    struct rill_stun_writer s;
    rill_digest(RILL_SHA256, rill_view_of(SAMPLE_LONG_TERM_KEY), key);
    rill_stun_begin(&s, room(sizeof out), RILL_STUN_REQUEST, RILL_STUN_BINDING, want + 8);
    rill_stun_put(&s, RILL_STUN_USERHASH, rill_view_at(want + 24, 32));
    rill_stun_put(&s, RILL_STUN_NONCE, rill_view_of("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"));
    rill_stun_put(&s, RILL_STUN_REALM, rill_view_of("example.org"));
    rill_stun_put_integrity256(&s, rill_view_at(key, sizeof key));
    assert_int_equal(rill_stun_end(&s), sample.n);
    assert_memory_equal(out, want, sample.n);
}

static void stun_encode_xors_an_ip6_address_as_the_sample_does(void **state)
{
    (void)state;
    uint8_t want[256];
    struct rill_addr a;
    struct rill_stun_writer s;
    rill_test_hex(SAMPLE_RESPONSE_IP6, want, sizeof want);
    assert_true(rill_addr_parse(rill_view_of("[2001:db8:1234:5678:11:2233:4455:6677]:32853"), &a));
    rill_stun_begin(&s, room(sizeof out), RILL_STUN_SUCCESS, RILL_STUN_BINDING, txid);
    rill_stun_put_addr(&s, RILL_STUN_XOR_MAPPED_ADDRESS, &a);
    assert_int_equal(rill_stun_end(&s), 20 + 24);
    assert_memory_equal(out + 20, want + 36, 24);
}

static void stun_encode_leaves_a_mapped_address_plain(void **state)
{
    (void)state;
    struct rill_addr a = rill_addr_ip4(203, 0, 113, 5, 8080), back;
    struct rill_stun_writer s;
    struct rill_stun_msg m;
    rill_stun_begin(&s, room(sizeof out), RILL_STUN_SUCCESS, RILL_STUN_BINDING, txid);
    rill_stun_put_addr(&s, RILL_STUN_MAPPED_ADDRESS, &a);
    size_t n = rill_stun_end(&s);
    const uint8_t plain[] = {203, 0, 113, 5};
    assert_memory_equal(out + 28, plain, 4);
    assert_int_equal(rill_stun_decode(rill_view_at(out, n), &m, NULL), 0);
    assert_true(rill_stun_get_addr(&m, RILL_STUN_MAPPED_ADDRESS, &back));
    assert_true(rill_addr_equal(&a, &back));
}

static void stun_encode_and_decode_agree_on_every_class_and_method(void **state)
{
    (void)state;
    for (unsigned class = 0; class < 4; class ++) {
        for (unsigned method = 0; method < 0x1000; method++) {
            struct rill_stun_writer s;
            struct rill_stun_msg m;
            rill_stun_begin(&s, (struct rill_span){out, sizeof out}, (enum rill_stun_class) class,
                            (uint16_t)method, txid);
            size_t n = rill_stun_end(&s);
            assert_int_equal(rill_stun_decode(rill_view_at(out, n), &m, NULL), 0);
            assert_int_equal(m.class, class);
            assert_int_equal(m.method, method);
        }
    }
}

static void stun_encode_fills_a_buffer_that_just_fits(void **state)
{
    (void)state;
    assert_int_equal(sample_response(room(80)), 80);
    assert_int_equal(out[80], 0xcc);
}

static void stun_encode_yields_nothing_when_one_byte_is_missing(void **state)
{
    (void)state;
    for (size_t n = 0; n < 80; n++) {
        assert_int_equal(sample_response(room(n)), 0);
        assert_int_equal(out[n], 0xcc);
    }
}

static void stun_encode_pads_with_zeros(void **state)
{
    (void)state;
    struct rill_stun_writer s;
    rill_stun_begin(&s, room(sizeof out), RILL_STUN_REQUEST, RILL_STUN_BINDING, txid);
    rill_stun_put(&s, RILL_STUN_USERNAME, rill_view_of("a"));
    assert_int_equal(rill_stun_end(&s), 28);
    const uint8_t want[] = {0x00, 0x06, 0x00, 0x01, 'a', 0, 0, 0};
    assert_memory_equal(out + 20, want, sizeof want);
}

static void stun_encode_writes_error_and_unknown_attributes(void **state)
{
    (void)state;
    struct rill_stun_writer s;
    const uint16_t types[] = {0x7ffe, 0x0003, 0x7fff};
    rill_stun_begin(&s, room(sizeof out), RILL_STUN_ERROR, RILL_STUN_BINDING, txid);
    rill_stun_put_error(&s, 420, "Bad!!");
    rill_stun_put_unknown(&s, types, 3);
    assert_int_equal(rill_stun_end(&s), 20 + 16 + 12);
    const uint8_t want[] = {
        0x00, 0x09, 0x00, 0x09, 0,    0,    4,    20,   'B',  'a',  'd',  '!',  '!', 0,
        0,    0,    0x00, 0x0a, 0x00, 0x06, 0x7f, 0xfe, 0x00, 0x03, 0x7f, 0xff, 0,   0,
    };
    assert_memory_equal(out + 20, want, sizeof want);
}

static void stun_encode_spoils_a_message_with_an_error_code_of_no_class(void **state)
{
    (void)state;
    const unsigned codes[] = {299, 700};
    for (size_t i = 0; i < 2; i++) {
        struct rill_stun_writer s;
        rill_stun_begin(&s, room(sizeof out), RILL_STUN_ERROR, RILL_STUN_BINDING, txid);
        rill_stun_put_error(&s, codes[i], "");
        assert_int_equal(rill_stun_end(&s), 0);
    }
}

static void stun_encode_spoils_a_message_with_an_address_of_no_family(void **state)
{
    (void)state;
    struct rill_addr none = {0};
    struct rill_stun_writer s;
    rill_stun_begin(&s, room(sizeof out), RILL_STUN_SUCCESS, RILL_STUN_BINDING, txid);
    rill_stun_put_addr(&s, RILL_STUN_XOR_MAPPED_ADDRESS, &none);
    assert_int_equal(rill_stun_end(&s), 0);
}

/* DATA of n bytes into a buffer of any size. */
static size_t message_with(size_t n)
{
    static uint8_t big[70000], value[70000];
    struct rill_stun_writer s;
    rill_stun_begin(&s, (struct rill_span){big, sizeof big}, RILL_STUN_INDICATION, 6, txid);
    rill_stun_put(&s, 0x0013, rill_view_at(value, n));
    return rill_stun_end(&s);
}

static void stun_encode_fills_the_length_field_and_no_more(void **state)
{
    (void)state;
    assert_int_equal(message_with(65528), 20 + 65532);
    assert_int_equal(message_with(65529), 0);
    assert_int_equal(message_with(65536), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stun_encode_writes_the_sample_response_but_for_its_padding),
        cmocka_unit_test(stun_encode_writes_the_sample_long_term_request_to_the_byte),
        cmocka_unit_test(stun_encode_writes_the_sample_sha256_seal),
        cmocka_unit_test(stun_encode_xors_an_ip6_address_as_the_sample_does),
        cmocka_unit_test(stun_encode_leaves_a_mapped_address_plain),
        cmocka_unit_test(stun_encode_and_decode_agree_on_every_class_and_method),
        cmocka_unit_test(stun_encode_fills_a_buffer_that_just_fits),
        cmocka_unit_test(stun_encode_yields_nothing_when_one_byte_is_missing),
        cmocka_unit_test(stun_encode_pads_with_zeros),
        cmocka_unit_test(stun_encode_writes_error_and_unknown_attributes),
        cmocka_unit_test(stun_encode_spoils_a_message_with_an_error_code_of_no_class),
        cmocka_unit_test(stun_encode_spoils_a_message_with_an_address_of_no_family),
        cmocka_unit_test(stun_encode_fills_the_length_field_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
