#include "dtls/cert_private.h"

#include "base/arena.h"
#include "base/digest.h"

/* One that a browser makes has about 300 bytes. */
#define DER_MAX 1024
#define SERIAL 16

/* Nobody checks the dates of a certificate that only its fingerprint vouches for; fixed ones
 * need no clock. RFC 5280 §4.1.2.5: through 2049 they are written as UTCTime. */
#define NOT_BEFORE "20200101000000"
#define NOT_AFTER "20491231235959"
#define NAME "CN=rill"

size_t rill_dtls_cert_size(void)
{
    struct rill_arena a = rill_arena_counting();
    rill_arena_take(&a, 1, sizeof(struct rill_dtls_cert));
    return rill_arena_size(&a);
}

int rill_dtls_rng(void *rng, unsigned char *out, size_t n)
{
    rill_rng_fill(rng, out, n);
    return 0;
}

static int make_key(mbedtls_pk_context *key, struct rill_rng *rng)
{
    int rc = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    return rc ? rc
              : mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key), rill_dtls_rng,
                                    rng);
}

/* RFC 5280 §4.1.2.2: "The serial number MUST be a positive integer". */
static int set_serial(mbedtls_x509write_cert *w, struct rill_rng *rng)
{
    uint8_t bytes[SERIAL];
    rill_rng_fill(rng, bytes, sizeof bytes);
    bytes[0] = (uint8_t)((bytes[0] & 0x3f) | 0x40);
    mbedtls_mpi serial;
    mbedtls_mpi_init(&serial);
    int rc = mbedtls_mpi_read_binary(&serial, bytes, sizeof bytes);
    if (rc == 0)
        rc = mbedtls_x509write_crt_set_serial(w, &serial);
    mbedtls_mpi_free(&serial);
    return rc;
}

static int describe(mbedtls_x509write_cert *w, mbedtls_pk_context *key, struct rill_rng *rng)
{
    mbedtls_x509write_crt_set_md_alg(w, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(w, key);
    mbedtls_x509write_crt_set_issuer_key(w, key);
    int rc = mbedtls_x509write_crt_set_subject_name(w, NAME);
    if (rc == 0)
        rc = mbedtls_x509write_crt_set_issuer_name(w, NAME);
    if (rc == 0)
        rc = mbedtls_x509write_crt_set_validity(w, NOT_BEFORE, NOT_AFTER);
    return rc ? rc : set_serial(w, rng);
}

static int sign(struct rill_dtls_cert *c, struct rill_rng *rng)
{
    uint8_t der[DER_MAX];
    mbedtls_x509write_cert w;
    mbedtls_x509write_crt_init(&w);
    int rc = describe(&w, &c->key, rng);
    if (rc == 0)
        rc = mbedtls_x509write_crt_der(&w, der, sizeof der, rill_dtls_rng, rng);
    mbedtls_x509write_crt_free(&w);
    /* It is written from the end of the buffer; rc is its length. */
    if (rc > 0)
        rc = mbedtls_x509_crt_parse_der(&c->crt, der + sizeof der - rc, (size_t)rc);
    return rc;
}

int rill_dtls_cert_init(void *block, const struct rill_rng *rng, struct rill_dtls_cert **out)
{
    struct rill_rng own = *rng;
    struct rill_arena a = rill_arena_over(block, rill_dtls_cert_size());
    struct rill_dtls_cert *c = rill_arena_take(&a, 1, sizeof *c);
    mbedtls_x509_crt_init(&c->crt);
    mbedtls_pk_init(&c->key);
    int rc = make_key(&c->key, &own);
    if (rc == 0)
        rc = sign(c, &own);
    if (rc != 0) {
        rill_dtls_cert_free(c);
        return RILL_DTLS_CERT_FAILED;
    }
    rill_digest(RILL_SHA256, rill_dtls_cert_der(c), c->fingerprint);
    *out = c;
    return 0;
}

void rill_dtls_cert_free(struct rill_dtls_cert *c)
{
    mbedtls_x509_crt_free(&c->crt);
    mbedtls_pk_free(&c->key);
}

struct rill_view rill_dtls_cert_der(const struct rill_dtls_cert *c)
{
    return rill_view_at(c->crt.raw.p, c->crt.raw.len);
}

struct rill_view rill_dtls_cert_fingerprint(const struct rill_dtls_cert *c)
{
    return rill_view_at(c->fingerprint, sizeof c->fingerprint);
}

/* RFC 8122 §5: fingerprint = 2UHEX *(":" 2UHEX) */
void rill_dtls_fingerprint_write(struct rill_writer *w, struct rill_view digest)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < digest.n; i++) {
        if (i)
            rill_w_char(w, ':');
        rill_w_char(w, digits[digest.p[i] >> 4]);
        rill_w_char(w, digits[digest.p[i] & 15]);
    }
}

long rill_dtls_fingerprint_parse(struct rill_view text, struct rill_span out)
{
    size_t n = (text.n + 1) / 3;
    if (n == 0 || text.n != 3 * n - 1 || n > out.n)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (i && text.p[3 * i - 1] != ':')
            return -1;
        if (rill_hex_decode(rill_view_sub(text, 3 * i, 2), (struct rill_span){out.p + i, 1}) != 1)
            return -1;
    }
    return (long)n;
}
