/* The three seals, against the vectors of RFC 5769 and RFC 8489 and against tampering. */
#include "stun/msg.h"

#include "base/digest.h"
#include "tests/rill_test.h"
#include "tests/stun/vectors.h"

static uint8_t buffer[1024];

static struct rill_stun_msg decoded(const char *hex)
{
    struct rill_stun_msg m;
    assert_int_equal(rill_stun_decode(rill_test_hex(hex, buffer, sizeof buffer), &m, NULL), 0);
    return m;
}

static struct rill_view password(void)
{
    return rill_view_of(SAMPLE_PASSWORD);
}

static void stun_sample_messages_have_right_integrity_and_fingerprint(void **state)
{
    (void)state;
    const char *samples[] = {SAMPLE_REQUEST, SAMPLE_RESPONSE_IP4, SAMPLE_RESPONSE_IP6};
    for (size_t i = 0; i < 3; i++) {
        struct rill_stun_msg m = decoded(samples[i]);
        assert_true(rill_stun_check_integrity(&m, password()));
        assert_true(rill_stun_check_fingerprint(&m));
    }
}

static void stun_sample_long_term_request_has_right_integrity(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded(SAMPLE_LONG_TERM);
    uint8_t key[RILL_MD5_SIZE];
    rill_digest(RILL_MD5, rill_view_of(SAMPLE_LONG_TERM_KEY), key);
    assert_true(rill_stun_check_integrity(&m, rill_view_at(key, sizeof key)));
    assert_false(rill_stun_check_fingerprint(&m));
}

static void stun_sample_sha256_request_has_right_integrity(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded(SAMPLE_SHA256);
    uint8_t key[RILL_SHA256_SIZE];
    rill_digest(RILL_SHA256, rill_view_of(SAMPLE_LONG_TERM_KEY), key);
    assert_true(rill_stun_check_integrity256(&m, rill_view_at(key, sizeof key)));
    assert_false(rill_stun_check_integrity(&m, rill_view_at(key, sizeof key)));
}

static void stun_integrity_fails_under_another_password(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded(SAMPLE_REQUEST);
    assert_false(rill_stun_check_integrity(&m, rill_view_of("VOkJxbRl1RmTxUk/WvJxBT")));
    assert_false(rill_stun_check_integrity(&m, rill_view_of("")));
}

static void stun_integrity_fails_on_each_flipped_bit_it_covers(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded(SAMPLE_REQUEST);
    for (size_t bit = 0; bit < 100 * 8; bit++) {
        if (bit / 8 == 2 || bit / 8 == 3)
            continue; /* the length is set anew before the digest is taken */
        buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool attr_header = bit / 8 >= 76 && bit / 8 < 80;
        if (!attr_header)
            assert_false(rill_stun_check_integrity(&m, password()));
        buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(rill_stun_check_integrity(&m, password()));
}

static void stun_fingerprint_fails_on_each_flipped_bit_it_covers(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded(SAMPLE_REQUEST);
    for (size_t bit = 0; bit < 108 * 8; bit++) {
        size_t byte = bit / 8;
        if (byte == 2 || byte == 3 || (byte >= 100 && byte < 104))
            continue; /* the length, and the header of FINGERPRINT itself */
        buffer[byte] ^= (uint8_t)(1 << bit % 8);
        assert_false(rill_stun_check_fingerprint(&m));
        buffer[byte] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(rill_stun_check_fingerprint(&m));
}

static void stun_seals_of_a_wrong_length_never_hold(void **state)
{
    (void)state;
    /* MESSAGE-INTEGRITY of 16 bytes, -SHA256 of 16, FINGERPRINT of 3 */
    struct rill_stun_msg m = decoded("0001 0030 2112a442 000102030405060708090a0b"
                                     "0008 0010 00000000000000000000000000000000"
                                     "001c 0010 00000000000000000000000000000000"
                                     "8028 0003 000000 00");
    assert_false(rill_stun_check_integrity(&m, password()));
    assert_false(rill_stun_check_integrity256(&m, password()));
    assert_false(rill_stun_check_fingerprint(&m));
}

static void stun_absent_seals_never_hold(void **state)
{
    (void)state;
    struct rill_stun_msg m = decoded("0001 0000 2112a442 000102030405060708090a0b");
    assert_false(rill_stun_check_integrity(&m, password()));
    assert_false(rill_stun_check_integrity256(&m, password()));
    assert_false(rill_stun_check_fingerprint(&m));
}

static void stun_integrity_that_counts_is_the_first(void **state)
{
    (void)state;
    uint8_t txid[RILL_STUN_TXID] = {1}, out[128];
    struct rill_stun_writer s;
    struct rill_stun_msg m;
    rill_stun_begin(&s, (struct rill_span){out, sizeof out}, RILL_STUN_REQUEST, 1, txid);
    rill_stun_put_integrity(&s, rill_view_of("one"));
    rill_stun_put_integrity(&s, rill_view_of("two"));
    size_t n = rill_stun_end(&s);
    assert_int_equal(rill_stun_decode(rill_view_at(out, n), &m, NULL), 0);
    assert_true(rill_stun_check_integrity(&m, rill_view_of("one")));
    assert_false(rill_stun_check_integrity(&m, rill_view_of("two")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stun_sample_messages_have_right_integrity_and_fingerprint),
        cmocka_unit_test(stun_sample_long_term_request_has_right_integrity),
        cmocka_unit_test(stun_sample_sha256_request_has_right_integrity),
        cmocka_unit_test(stun_integrity_fails_under_another_password),
        cmocka_unit_test(stun_integrity_fails_on_each_flipped_bit_it_covers),
        cmocka_unit_test(stun_fingerprint_fails_on_each_flipped_bit_it_covers),
        cmocka_unit_test(stun_seals_of_a_wrong_length_never_hold),
        cmocka_unit_test(stun_absent_seals_never_hold),
        cmocka_unit_test(stun_integrity_that_counts_is_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
