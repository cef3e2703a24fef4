/* The oracle itself, against the vectors of RFC 3711 appendix B and RFC 7714 §16. */
#include "tests/srtp/oracle.h"

static void assert_hex(const uint8_t *got, const char *hex)
{
    uint8_t want[128];
    struct rill_view v = rill_test_hex(hex, want, sizeof want);
    assert_memory_equal(got, v.p, v.n);
}

static void oracle_makes_the_keystream_of_rfc_3711_b_2(void **state)
{
    (void)state;
    static uint8_t stream[1044512];
    uint8_t key[16], block[16];
    rill_test_hex("2B7E151628AED2A6ABF7158809CF4F3C", key, sizeof key);
    rill_test_hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000", block, sizeof block);
    memset(stream, 0, sizeof stream);
    oracle_aes_cm(key, 16, block, stream, sizeof stream);
    assert_hex(stream, "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB");
    assert_hex(stream + 0xff00 * 16,
               "362B7C3C6773516318A077D7FC5073AE 6A2CC3787889374FBEB4C81B17BA6C44");
}

static void oracle_derives_the_keys_of_rfc_3711_b_3(void **state)
{
    (void)state;
    struct oracle o = {.key_n = 16, .salt_n = 14};
    uint8_t out[94];
    rill_test_hex("E1F97A0D3E018BE0D64FA32C06DE4139", o.key, sizeof o.key);
    rill_test_hex("0EC675AD498AFEEBB6960B3AABE6", o.salt, sizeof o.salt);
    oracle_derive(&o, ORACLE_RTP_KEY, out, 16);
    assert_hex(out, "C61E7A93744F39EE10734AFE3FF7A087");
    oracle_derive(&o, ORACLE_RTP_SALT, out, 14);
    assert_hex(out, "30CBBC08863D8C85D49DB34A9AE1");
    oracle_derive(&o, ORACLE_RTP_AUTH, out, 94);
    assert_hex(out, "CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE"
                    "E049646C43D9327AD175578EF7227098 6371C10C9A369AC2F94A8C5FBCDDDC25"
                    "6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2");
}

static void oracle_encrypts_the_packet_of_rfc_7714_16_1_1(void **state)
{
    (void)state;
    uint8_t packet[80], key[16], salt[12], iv[12];
    struct rill_view v = rill_test_hex("8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f"
                                       "6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573",
                                       packet, sizeof packet);
    rill_test_hex("000102030405060708090a0b0c0d0e0f", key, sizeof key);
    rill_test_hex("517569642070726f2071756f", salt, sizeof salt);
    oracle_gcm_rtp_iv(salt, packet, 0, iv);
    oracle_gcm(key, 16, iv, rill_view_at(packet, 12), packet + 12, v.n - 12, packet + v.n);
    assert_hex(packet, "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5"
                       "0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439"
                       "0cce");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oracle_makes_the_keystream_of_rfc_3711_b_2),
        cmocka_unit_test(oracle_derives_the_keys_of_rfc_3711_b_3),
        cmocka_unit_test(oracle_encrypts_the_packet_of_rfc_7714_16_1_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
