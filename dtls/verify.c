#include "dtls/verify.h"

#include "dtls/cert.h"

#include <string.h>

/* RFC 8122 §5: "Implementations compliant with this specification MUST NOT use the MD2 and
 * MD5 hash functions to calculate fingerprints"; SHA-1 has collisions too, and every browser
 * gives SHA-256. */
static const struct {
    const char *name;
    mbedtls_md_type_t md;
    size_t n;
} hashes[] = {
    {"sha-256", MBEDTLS_MD_SHA256, 32},
    {"sha-384", MBEDTLS_MD_SHA384, 48},
    {"sha-512", MBEDTLS_MD_SHA512, 64},
};

static bool parse(struct rill_view hash, struct rill_dtls_fingerprint *out)
{
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (!rill_view_is_nocase(hash, hashes[i].name))
            continue;
        out->md = hashes[i].md;
        out->n = hashes[i].n;
        return true;
    }
    return false;
}

static bool holds(const struct rill_dtls_verify *v, const struct rill_dtls_fingerprint *f)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->list[i].md == f->md && !memcmp(v->list[i].digest, f->digest, f->n))
            return true;
    return false;
}

int rill_dtls_verify_add(struct rill_dtls_verify *v, struct rill_view hash, struct rill_view value,
                         struct rill_err *why)
{
    struct rill_dtls_fingerprint f;
    if (!parse(hash, &f))
        return rill_err_set(&rill_dtls_errors, RILL_DTLS_FINGERPRINT_HASH, 0, 0, why);
    long n = rill_dtls_fingerprint_parse(value, (struct rill_span){f.digest, sizeof f.digest});
    if (n < 0 || (size_t)n != f.n)
        return rill_err_set(&rill_dtls_errors, RILL_DTLS_FINGERPRINT_SYNTAX, 0, f.n, why);
    if (holds(v, &f))
        return 0;
    if (v->n == RILL_DTLS_FINGERPRINTS_MAX)
        return rill_err_set(&rill_dtls_errors, RILL_DTLS_FINGERPRINTS_FULL, 0,
                            RILL_DTLS_FINGERPRINTS_MAX, why);
    v->list[v->n++] = f;
    return 0;
}

static bool matches(const struct rill_dtls_fingerprint *f, const mbedtls_x509_crt *cert)
{
    uint8_t digest[RILL_DTLS_HASH_MAX];
    const mbedtls_md_info_t *md = mbedtls_md_info_from_type(f->md);
    return md && mbedtls_md(md, cert->raw.p, cert->raw.len, digest) == 0 &&
           rill_equal_constant_time(digest, f->digest, f->n);
}

int rill_dtls_verify_cert(const struct rill_dtls_verify *v, const mbedtls_x509_crt *cert)
{
    if (!cert)
        return RILL_DTLS_NO_CERTIFICATE;
    if (v->n == 0)
        return RILL_DTLS_NO_FINGERPRINT;
    /* RFC 8122 §5: several fingerprints may be given; one that matches is enough. */
    for (size_t i = 0; i < v->n; i++)
        if (matches(&v->list[i], cert))
            return 0;
    return RILL_DTLS_FINGERPRINT_MISMATCH;
}
