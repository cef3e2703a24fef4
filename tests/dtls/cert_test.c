/* The certificate, and fingerprints as text. */
#include "dtls/cert_private.h"
#include "dtls/verify.h"
#include "tests/rill_test.h"

#include "base/digest.h"

struct made {
    struct rill_rng_seeded seed;
    void *block;
    struct rill_dtls_cert *cert;
};

static struct made make(uint64_t seed)
{
    struct made m = {.block = malloc(rill_dtls_cert_size())};
    rill_rng_seeded_init(&m.seed, seed);
    struct rill_rng rng = rill_rng_seeded(&m.seed);
    assert_int_equal(rill_dtls_cert_init(m.block, &rng, &m.cert), 0);
    return m;
}

static void drop(struct made *m)
{
    rill_dtls_cert_free(m->cert);
    free(m->block);
}

static void dtls_cert_is_p_256_named_rill_and_signed_by_itself_with_sha_256(void **state)
{
    (void)state;
    struct made m = make(1);
    const mbedtls_x509_crt *crt = &m.cert->crt;
    char name[64];
    assert_true(mbedtls_x509_dn_gets(name, sizeof name, &crt->subject) > 0);
    assert_string_equal(name, "CN=rill");
    assert_true(mbedtls_x509_dn_gets(name, sizeof name, &crt->issuer) > 0);
    assert_string_equal(name, "CN=rill");
    assert_int_equal(crt->sig_md, MBEDTLS_MD_SHA256);
    assert_int_equal(crt->version, 3);
    assert_int_equal(mbedtls_pk_ec(crt->pk)->grp.id, MBEDTLS_ECP_DP_SECP256R1);
    uint32_t flags = 0;
    assert_int_equal(
        mbedtls_x509_crt_verify(&m.cert->crt, &m.cert->crt, NULL, NULL, &flags, NULL, NULL), 0);
    drop(&m);
}

static void dtls_cert_serial_is_positive_and_16_bytes(void **state)
{
    (void)state;
    struct made m = make(2);
    assert_int_equal(m.cert->crt.serial.len, 16);
    assert_int_equal(m.cert->crt.serial.p[0] & 0xc0, 0x40);
    drop(&m);
}

static void dtls_cert_fingerprint_is_the_sha_256_of_its_der(void **state)
{
    (void)state;
    struct made m = make(3);
    uint8_t digest[32];
    rill_digest(RILL_SHA256, rill_dtls_cert_der(m.cert), digest);
    assert_true(
        rill_view_equal(rill_dtls_cert_fingerprint(m.cert), rill_view_at(digest, sizeof digest)));
    drop(&m);
}

static void dtls_cert_of_one_rng_stream_is_always_the_same(void **state)
{
    (void)state;
    struct made a = make(4), b = make(4), c = make(5);
    assert_true(rill_view_equal(rill_dtls_cert_der(a.cert), rill_dtls_cert_der(b.cert)));
    assert_false(rill_view_equal(rill_dtls_cert_der(a.cert), rill_dtls_cert_der(c.cert)));
    drop(&a), drop(&b), drop(&c);
}

/* No private key is ever below the order of the curve. */
static void all_ones(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0xff, n);
}

static void dtls_cert_fails_when_the_rng_gives_no_key(void **state)
{
    (void)state;
    struct rill_rng rng = {NULL, all_ones};
    struct rill_dtls_cert *cert = NULL;
    void *block = malloc(rill_dtls_cert_size());
    assert_row(rill_dtls_cert_init(block, &rng, &cert), DTLS_CERT_FAILED);
    assert_null(cert);
    free(block);
}

static void dtls_fingerprint_is_written_in_upper_case_pairs_with_colons(void **state)
{
    (void)state;
    static const uint8_t digest[] = {0x0a, 0xbc, 0xff};
    uint8_t text[16];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_dtls_fingerprint_write(&w, rill_view_at(digest, sizeof digest));
    assert_true(rill_view_is(rill_w_view(&w), "0A:BC:FF"));
}

static long parse(const char *text, size_t cap)
{
    uint8_t out[8];
    return rill_dtls_fingerprint_parse(rill_view_of(text), (struct rill_span){out, cap});
}

static void dtls_fingerprint_is_read_in_either_case(void **state)
{
    (void)state;
    uint8_t out[3];
    static const uint8_t digest[] = {0x0a, 0xbc, 0xff};
    assert_int_equal(
        rill_dtls_fingerprint_parse(rill_view_of("0a:Bc:fF"), (struct rill_span){out, 3}), 3);
    assert_memory_equal(out, digest, 3);
}

static void dtls_fingerprint_text_is_strict(void **state)
{
    (void)state;
    assert_int_equal(parse("", 8), -1);
    assert_int_equal(parse("0", 8), -1);
    assert_int_equal(parse("0a:", 8), -1);
    assert_int_equal(parse("0abc", 8), -1);
    assert_int_equal(parse("0a-bc", 8), -1);
    assert_int_equal(parse("0a:b:cc", 8), -1);
    assert_int_equal(parse(" 0a:bc", 8), -1);
    assert_int_equal(parse("0g", 8), -1);
    assert_int_equal(parse("0a", 8), 1);
}

static void dtls_fingerprint_fills_its_buffer_exactly_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(parse("01:02:03", 3), 3);
    assert_int_equal(parse("01:02:03:04", 3), -1);
}

static struct rill_dtls_verify trusted;

static int trust(const char *hash, size_t n, uint8_t value)
{
    uint8_t digest[RILL_DTLS_HASH_MAX + 1], text[3 * sizeof digest];
    memset(digest, value, sizeof digest);
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_dtls_fingerprint_write(&w, rill_view_at(digest, n));
    return rill_dtls_verify_add(&trusted, rill_view_of(hash), rill_w_view(&w), NULL);
}

static void dtls_verify_refuses_sha_1_md5_and_what_it_does_not_know(void **state)
{
    (void)state;
    trusted = (struct rill_dtls_verify){0};
    assert_row(trust("sha-1", 20, 1), DTLS_FINGERPRINT_HASH);
    assert_row(trust("md5", 16, 1), DTLS_FINGERPRINT_HASH);
    assert_row(trust("sha-224", 28, 1), DTLS_FINGERPRINT_HASH);
    assert_row(trust("", 32, 1), DTLS_FINGERPRINT_HASH);
    assert_int_equal(trusted.n, 0);
}

static void dtls_verify_refuses_a_digest_of_another_length(void **state)
{
    (void)state;
    trusted = (struct rill_dtls_verify){0};
    assert_row(trust("sha-256", 31, 1), DTLS_FINGERPRINT_SYNTAX);
    assert_row(trust("sha-256", 33, 1), DTLS_FINGERPRINT_SYNTAX);
    assert_row(trust("sha-512", 65, 1), DTLS_FINGERPRINT_SYNTAX);
    assert_int_equal(trust("SHA-256", 32, 1), 0);
    assert_int_equal(trust("sha-384", 48, 1), 0);
    assert_int_equal(trust("sha-512", 64, 1), 0);
}

static void dtls_verify_keeps_eight_fingerprints_and_not_nine(void **state)
{
    (void)state;
    trusted = (struct rill_dtls_verify){0};
    for (uint8_t i = 0; i < RILL_DTLS_FINGERPRINTS_MAX; i++)
        assert_int_equal(trust("sha-256", 32, i), 0);
    assert_int_equal(trust("sha-256", 32, 7), 0);
    assert_row(trust("sha-256", 32, 8), DTLS_FINGERPRINTS_FULL);
}

static void dtls_verify_accepts_any_one_that_matches_in_each_hash(void **state)
{
    (void)state;
    struct made m = make(6);
    static const mbedtls_md_type_t kinds[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384,
                                              MBEDTLS_MD_SHA512};
    static const char *const names[] = {"sha-256", "sha-384", "sha-512"};
    for (int i = 0; i < 3; i++) {
        uint8_t digest[64], text[192];
        const mbedtls_md_info_t *md = mbedtls_md_info_from_type(kinds[i]);
        struct rill_view der = rill_dtls_cert_der(m.cert);
        assert_int_equal(mbedtls_md(md, der.p, der.n, digest), 0);
        trusted = (struct rill_dtls_verify){0};
        assert_int_equal(trust("sha-256", 32, 9), 0);
        assert_row(rill_dtls_verify_cert(&trusted, &m.cert->crt), DTLS_FINGERPRINT_MISMATCH);
        struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
        rill_dtls_fingerprint_write(&w, rill_view_at(digest, mbedtls_md_get_size(md)));
        assert_int_equal(
            rill_dtls_verify_add(&trusted, rill_view_of(names[i]), rill_w_view(&w), NULL), 0);
        assert_int_equal(rill_dtls_verify_cert(&trusted, &m.cert->crt), 0);
    }
    drop(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dtls_cert_is_p_256_named_rill_and_signed_by_itself_with_sha_256),
        cmocka_unit_test(dtls_cert_serial_is_positive_and_16_bytes),
        cmocka_unit_test(dtls_cert_fingerprint_is_the_sha_256_of_its_der),
        cmocka_unit_test(dtls_cert_of_one_rng_stream_is_always_the_same),
        cmocka_unit_test(dtls_cert_fails_when_the_rng_gives_no_key),
        cmocka_unit_test(dtls_fingerprint_is_written_in_upper_case_pairs_with_colons),
        cmocka_unit_test(dtls_fingerprint_is_read_in_either_case),
        cmocka_unit_test(dtls_fingerprint_text_is_strict),
        cmocka_unit_test(dtls_fingerprint_fills_its_buffer_exactly_or_not_at_all),
        cmocka_unit_test(dtls_verify_refuses_sha_1_md5_and_what_it_does_not_know),
        cmocka_unit_test(dtls_verify_refuses_a_digest_of_another_length),
        cmocka_unit_test(dtls_verify_keeps_eight_fingerprints_and_not_nine),
        cmocka_unit_test(dtls_verify_accepts_any_one_that_matches_in_each_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
