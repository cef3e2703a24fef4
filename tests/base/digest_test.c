/* Digests against RFC 1321 §A.5, RFC 3174 §7.3, RFC 2202 and RFC 4231. */
#include "tests/rill_test.h"

#include "base/digest.h"

static void expect(const uint8_t *got, const char *hex)
{
    uint8_t want[RILL_DIGEST_MAX];
    struct rill_view v = rill_test_hex(hex, want, sizeof want);
    assert_memory_equal(got, want, v.n);
}

static void plain_digests_match_their_rfcs(void **state)
{
    (void)state;
    uint8_t out[RILL_DIGEST_MAX];
    rill_digest(RILL_MD5, rill_view_of("message digest"), out);
    expect(out, "f96b697d7cb7938d525a2f31aaf161d0");
    rill_digest(RILL_SHA1, rill_view_of("abc"), out);
    expect(out, "a9993e364706816aba3e25717850c26c9cd0d89d");
    rill_digest(RILL_SHA256, rill_view_of("abc"), out);
    expect(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    rill_digest(RILL_MD5, rill_view_of(""), out);
    expect(out, "d41d8cd98f00b204e9800998ecf8427e");
}

static void hmac_matches_rfc_2202_and_4231(void **state)
{
    (void)state;
    uint8_t out[RILL_DIGEST_MAX], key[131];
    struct rill_view jefe = rill_view_of("Jefe");
    struct rill_view what = rill_view_of("what do ya want for nothing?");
    rill_hmac(RILL_MD5, jefe, what, out);
    expect(out, "750c783e6ab0b503eaa86e310a5db738");
    rill_hmac(RILL_SHA1, jefe, what, out);
    expect(out, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    rill_hmac(RILL_SHA256, jefe, what, out);
    expect(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    rill_hmac(RILL_SHA1, rill_view_at(key, 80),
              rill_view_of("Test Using Larger Than Block-Size Key - Hash Key First"), out);
    expect(out, "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    rill_hmac(RILL_SHA256, rill_view_at(key, 131),
              rill_view_of("Test Using Larger Than Block-Size Key - Hash Key First"), out);
    expect(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void pieces_give_what_the_whole_gives(void **state)
{
    (void)state;
    uint8_t whole[RILL_DIGEST_MAX], cut[RILL_DIGEST_MAX];
    struct rill_view key = rill_view_of("k");
    struct rill_view pieces[] = {rill_view_of("ab"), rill_view_of(""), rill_view_of("c")};
    rill_hmac(RILL_SHA1, key, rill_view_of("abc"), whole);
    rill_hmac_pieces(RILL_SHA1, key, pieces, 3, cut);
    assert_memory_equal(whole, cut, RILL_SHA1_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_digests_match_their_rfcs),
        cmocka_unit_test(hmac_matches_rfc_2202_and_4231),
        cmocka_unit_test(pieces_give_what_the_whole_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
