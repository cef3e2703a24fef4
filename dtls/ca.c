#include "dtls/ca.h"

#include "base/digest.h"
#include "dtls/ca_ext.h"
#include "dtls/cert_private.h"
#include "dtls/chain.h"
#include "dtls/dates.h"
#include "dtls/der.h"

#define DER_MAX 8192
#define SERIAL 16
#define SIGNATURE_MAX 1024 /* RSA 8192 */
#define POINT 65           /* 04, x, y */
#define SPKI_MAX 128
#define KEY_DER_MAX 160
#define COMMON_NAME_MAX 64 /* RFC 5280 appendix A.1: ub-common-name */
#define SLOW_CLOCK 3600

/* What one certificate says; the rest is the same in all. */
struct sheet {
    mbedtls_pk_context *key;      /* whose certificate it is: P-256 */
    mbedtls_pk_context *issuer;   /* who signs */
    struct rill_view issuer_name; /* DER; empty: the subject itself */
    struct rill_view subject;     /* its common name */
    int64_t from, until;
    struct rill_ca_extensions extensions;
    uint8_t key_id[RILL_CA_KEY_ID];
    uint8_t spki[SPKI_MAX]; /* at its end */
    size_t n_spki;
};

/* --- keys ----------------------------------------------------------------------------- */

/* RFC 5480 §2.1.1: id-ecPublicKey 1.2.840.10045.2.1, secp256r1 1.2.840.10045.3.1.7. */
static const uint8_t oid_ec_key[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
static const uint8_t oid_p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

static bool make_key(mbedtls_pk_context *key, struct rill_rng *rng)
{
    return mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0 &&
           mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key), rill_dtls_rng, rng) ==
               0;
}

/* RFC 5958 §2: PrivateKeyInfo ::= SEQUENCE { version, algorithm, privateKey OCTET STRING } around
 * the ECPrivateKey of RFC 5915. */
static bool write_key(struct rill_writer *out, mbedtls_pk_context *key)
{
    uint8_t inner[KEY_DER_MAX], outer[KEY_DER_MAX + 64];
    struct rill_writer w = rill_writer_of((struct rill_span){outer, sizeof outer});
    int n = mbedtls_pk_write_key_der(key, inner, sizeof inner);
    if (n > 0) {
        size_t whole = rill_der_open(&w, RILL_DER_SEQUENCE);
        rill_der_small(&w, 0);
        size_t algorithm = rill_der_open(&w, RILL_DER_SEQUENCE);
        rill_der_element(&w, RILL_DER_OID, rill_view_at(oid_ec_key, sizeof oid_ec_key));
        rill_der_element(&w, RILL_DER_OID, rill_view_at(oid_p256, sizeof oid_p256));
        rill_der_close(&w, algorithm);
        rill_der_element(&w, RILL_DER_OCTET_STRING,
                         rill_view_at(inner + sizeof inner - n, (size_t)n));
        rill_der_close(&w, whole);
        rill_pem_write(out, "PRIVATE KEY", rill_w_view(&w));
    }
    rill_wipe(inner, sizeof inner);
    rill_wipe(outer, sizeof outer);
    return n > 0 && !w.bad;
}

/* RFC 5280 §4.2.1.2: "The keyIdentifier is composed of the 160-bit SHA-1 hash of the value of the
 * BIT STRING subjectPublicKey": the point, which is the last thing in the key's DER. */
static bool describe_key(struct sheet *s)
{
    int n = mbedtls_pk_write_pubkey_der(s->key, s->spki, sizeof s->spki);
    if (n < POINT)
        return false;
    s->n_spki = (size_t)n;
    rill_digest(RILL_SHA1, rill_view_at(s->spki + sizeof s->spki - POINT, POINT), s->key_id);
    s->extensions.subject_key_id = rill_view_at(s->key_id, sizeof s->key_id);
    return true;
}

/* --- the certificate ------------------------------------------------------------------ */

/* RFC 5758 §3.2: ecdsa-with-SHA256 1.2.840.10045.4.3.2 has no parameters. RFC 4055 §5:
 * sha256WithRSAEncryption 1.2.840.113549.1.1.11 has NULL. */
static void write_algorithm(struct rill_writer *w, const mbedtls_pk_context *issuer)
{
    static const uint8_t ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
    static const uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b};
    bool is_rsa = mbedtls_pk_can_do(issuer, MBEDTLS_PK_RSA);
    size_t mark = rill_der_open(w, RILL_DER_SEQUENCE);
    rill_der_element(w, RILL_DER_OID,
                     is_rsa ? rill_view_at(rsa, sizeof rsa) : rill_view_at(ecdsa, sizeof ecdsa));
    if (is_rsa)
        rill_der_element(w, RILL_DER_NULL, (struct rill_view){0});
    rill_der_close(w, mark);
}

/* Name ::= SEQUENCE OF SET OF { type, value }: one id-at-commonName (2.5.4.3), UTF-8. */
static void write_name(struct rill_writer *w, struct rill_view common_name)
{
    static const uint8_t oid[] = {0x55, 0x04, 0x03};
    size_t name = rill_der_open(w, RILL_DER_SEQUENCE);
    size_t rdn = rill_der_open(w, RILL_DER_SET);
    size_t pair = rill_der_open(w, RILL_DER_SEQUENCE);
    rill_der_element(w, RILL_DER_OID, rill_view_at(oid, sizeof oid));
    rill_der_element(w, RILL_DER_UTF8, common_name);
    rill_der_close(w, pair);
    rill_der_close(w, rdn);
    rill_der_close(w, name);
}

/* RFC 5280 §4.1.2.2: "The serial number MUST be a positive integer"; 126 of its bits are random. */
static void write_serial(struct rill_writer *w, struct rill_rng *rng)
{
    uint8_t bytes[SERIAL];
    rill_rng_fill(rng, bytes, sizeof bytes);
    bytes[0] = (uint8_t)((bytes[0] & 0x3f) | 0x40);
    rill_der_element(w, RILL_DER_INTEGER, rill_view_at(bytes, sizeof bytes));
}

/*   TBSCertificate ::= SEQUENCE {
 *       version [0] EXPLICIT v3, serialNumber, signature, issuer, validity, subject,
 *       subjectPublicKeyInfo, extensions [3] EXPLICIT } (RFC 5280 §4.1) */
static void write_tbs(struct rill_writer *w, const struct sheet *s, struct rill_rng *rng)
{
    size_t tbs = rill_der_open(w, RILL_DER_SEQUENCE);
    size_t mark = rill_der_open(w, RILL_DER_CONTEXT_EXPLICIT | 0);
    rill_der_small(w, 2);
    rill_der_close(w, mark);
    write_serial(w, rng);
    write_algorithm(w, s->issuer);
    if (s->issuer_name.n)
        rill_w_bytes(w, s->issuer_name);
    else
        write_name(w, s->subject);
    mark = rill_der_open(w, RILL_DER_SEQUENCE);
    rill_der_time(w, s->from);
    rill_der_time(w, s->until);
    rill_der_close(w, mark);
    write_name(w, s->subject);
    rill_w_bytes(w, rill_view_at(s->spki + sizeof s->spki - s->n_spki, s->n_spki));
    rill_ca_write_extensions(w, &s->extensions);
    rill_der_close(w, tbs);
}

static int sign(struct rill_writer *w, size_t tbs, const struct sheet *s, struct rill_rng *rng)
{
    uint8_t hash[RILL_SHA256_SIZE], signature[SIGNATURE_MAX];
    size_t n;
    if (w->bad)
        return RILL_CA_NO_ROOM;
    rill_digest(RILL_SHA256, rill_view_at(w->p + tbs, w->at - tbs), hash);
    if (RILL_PK_SIGN(s->issuer, MBEDTLS_MD_SHA256, hash, sizeof hash, signature, sizeof signature,
                     &n, rill_dtls_rng, rng) != 0)
        return RILL_CA_FAILED;
    write_algorithm(w, s->issuer);
    rill_der_bits(w, 0, rill_view_at(signature, n));
    return 0;
}

/*   Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING } */
static int write_cert(struct rill_writer *out, struct sheet *s, struct rill_rng *rng)
{
    uint8_t der[DER_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){der, sizeof der});
    if (!describe_key(s))
        return RILL_CA_FAILED;
    if (s->extensions.is_ca)
        s->extensions.authority_key_id = s->extensions.subject_key_id;
    size_t whole = rill_der_open(&w, RILL_DER_SEQUENCE), tbs = w.at;
    write_tbs(&w, s, rng);
    int rc = sign(&w, tbs, s, rng);
    rill_der_close(&w, whole);
    if (rc == 0 && w.bad)
        rc = RILL_CA_NO_ROOM;
    if (rc == 0)
        rill_pem_write(out, "CERTIFICATE", rill_w_view(&w));
    return rc;
}

/* Both texts, or neither. */
static int write_both(struct sheet *s, struct rill_rng *rng, struct rill_writer *cert,
                      struct rill_writer *key, struct rill_err *why)
{
    size_t cert_at = cert->at, key_at = key->at, cap = cert->cap < key->cap ? cert->cap : key->cap;
    int rc = write_cert(cert, s, rng);
    if (rc == 0 && !write_key(key, s->key))
        rc = RILL_CA_FAILED;
    if (rc == 0 && (cert->bad || key->bad)) {
        rc = RILL_CA_NO_ROOM;
        cap = cert->bad ? cert->cap : key->cap;
    }
    if (rc == 0)
        return 0;
    cert->at = cert_at;
    key->at = key_at;
    return rill_err_set(&rill_dtls_errors, rc, 0, rc == RILL_CA_NO_ROOM ? cap : 0, why);
}

/* --- the two that are made ------------------------------------------------------------ */

static struct rill_view cut_to_fit(struct rill_view name)
{
    return rill_view_sub(name, 0, name.n < COMMON_NAME_MAX ? name.n : COMMON_NAME_MAX);
}

/* RFC 5280 §4.1.2.5: the period includes its last second. */
static int64_t last_second(int64_t from, int64_t days)
{
    return from + days * RILL_DAY_S - 1;
}

int rill_ca_make(struct rill_view name, int64_t now_s, const struct rill_rng *rng,
                 struct rill_writer *cert, struct rill_writer *key, struct rill_err *why)
{
    struct rill_rng own = *rng;
    mbedtls_pk_context pk;
    struct sheet s = {.key = &pk,
                      .issuer = &pk,
                      .subject = cut_to_fit(name),
                      .from = now_s - SLOW_CLOCK,
                      .until = last_second(now_s - SLOW_CLOCK, RILL_CA_OWN_DAYS),
                      .extensions = {.is_ca = true}};
    mbedtls_pk_init(&pk);
    int rc = make_key(&pk, &own) ? write_both(&s, &own, cert, key, why)
                                 : rill_err_set(&rill_dtls_errors, RILL_CA_FAILED, 0, 0, why);
    mbedtls_pk_free(&pk);
    return rc;
}

int rill_ca_check_authority(const struct rill_tls_identity *ca, int64_t now_s, struct rill_err *why)
{
    int64_t from, until;
    int rc = 0;
    rill_tls_identity_validity(ca, &from, &until);
    if (!ca->has_key || !ca->chain.MBEDTLS_PRIVATE(ca_istrue) ||
        mbedtls_x509_crt_check_key_usage(&ca->chain, MBEDTLS_X509_KU_KEY_CERT_SIGN) != 0)
        rc = RILL_CA_NOT_AUTHORITY;
    else if (now_s < from)
        rc = RILL_TLS_NOT_YET_VALID;
    else if (now_s > until)
        rc = RILL_TLS_EXPIRED;
    return rc ? rill_err_set(&rill_dtls_errors, rc, 0, 0, why) : 0;
}

static struct sheet server_sheet(const struct rill_tls_identity *ca,
                                 const struct rill_tls_name *names, size_t n, int64_t now_s)
{
    int64_t ca_from, ca_until, from = now_s - SLOW_CLOCK;
    rill_tls_identity_validity(ca, &ca_from, &ca_until);
    int64_t until = last_second(from, RILL_CA_SERVER_DAYS);
    return (struct sheet){
        .issuer = &rill_tls_identity_writable(ca)->key,
        .issuer_name = rill_view_at(ca->chain.subject_raw.p, ca->chain.subject_raw.len),
        .from = from > ca_from ? from : ca_from,
        .until = until < ca_until ? until : ca_until,
        .extensions = {.authority_key_id = rill_ca_key_id(&ca->chain), .names = names, .n = n},
    };
}

int rill_ca_issue(const struct rill_tls_identity *ca, const struct rill_tls_name *names, size_t n,
                  int64_t now_s, const struct rill_rng *rng, struct rill_writer *cert,
                  struct rill_writer *key, struct rill_err *why)
{
    struct rill_rng own = *rng;
    mbedtls_pk_context pk;
    uint8_t ip[RILL_ADDR_TEXT_MAX];
    struct rill_writer ip_text = rill_writer_of((struct rill_span){ip, sizeof ip});
    int rc = rill_ca_check_authority(ca, now_s, why);
    if (rc < 0)
        return rc;
    if (n == 0 || n > RILL_CA_NAMES_MAX)
        return rill_err_set(&rill_dtls_errors, RILL_CA_NAMES, 0, n, why);
    struct sheet s = server_sheet(ca, names, n, now_s);
    rill_addr_write_ip(&ip_text, &names[0].ip);
    s.subject = cut_to_fit(names[0].dns.n ? names[0].dns : rill_w_view(&ip_text));
    s.key = &pk;
    mbedtls_pk_init(&pk);
    rc = make_key(&pk, &own) ? write_both(&s, &own, cert, key, why)
                             : rill_err_set(&rill_dtls_errors, RILL_CA_FAILED, 0, 0, why);
    mbedtls_pk_free(&pk);
    return rc;
}

int rill_ca_check(const struct rill_tls_identity *cert, const struct rill_tls_identity *ca,
                  const struct rill_tls_name *names, size_t n, int64_t now_s, struct rill_err *why)
{
    struct rill_tls_demand demand = {now_s, names, n};
    mbedtls_x509_crt *chain = &rill_tls_identity_writable(cert)->chain;
    uint32_t flags = 0;
    mbedtls_x509_crt_verify(chain, &rill_tls_identity_writable(ca)->chain, NULL, NULL, &flags,
                            rill_tls_judge, &demand);
    if (!rill_tls_may_serve(chain))
        flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    int rc = rill_tls_verdict(flags);
    return rc ? rill_err_set(&rill_dtls_errors, rc, 0, 0, why) : 0;
}
