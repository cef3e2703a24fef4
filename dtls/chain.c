#include "dtls/chain.h"

#include "dtls/dates.h"

#include <mbedtls/oid.h>

/* RFC 5280 §4.2.1.6: GeneralName: dNSName [2], iPAddress [7]. */
#define TAG_DNS (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2)
#define TAG_IP (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7)

int64_t rill_tls_time(const mbedtls_x509_time *t)
{
    struct rill_date d = {t->MBEDTLS_PRIVATE(year), t->MBEDTLS_PRIVATE(mon),
                          t->MBEDTLS_PRIVATE(day),  t->MBEDTLS_PRIVATE(hour),
                          t->MBEDTLS_PRIVATE(min),  t->MBEDTLS_PRIVATE(sec)};
    return rill_date_unix(&d);
}

static bool is_same(const mbedtls_asn1_buf *san, const struct rill_tls_name *name)
{
    struct rill_view value = rill_view_at(san->p, san->len);
    /* "the octet string MUST contain exactly four octets", or sixteen (RFC 5280 §4.2.1.6). */
    if (name->ip.family != RILL_ADDR_NONE)
        return san->tag == TAG_IP &&
               rill_view_equal(value, rill_view_at(name->ip.ip, rill_addr_ip_size(&name->ip)));
    return san->tag == TAG_DNS && rill_tls_dns_matches(value, name->dns);
}

/* RFC 9525 §2: a name in the subject's CN is none that a client may go by. */
bool rill_tls_covers(const mbedtls_x509_crt *cert, const struct rill_tls_name *name)
{
    for (const mbedtls_x509_sequence *s = &cert->subject_alt_names; s; s = s->next)
        if (s->buf.p && is_same(&s->buf, name))
            return true;
    return false;
}

static bool covers_all(const mbedtls_x509_crt *cert, const struct rill_tls_demand *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (!rill_tls_covers(cert, &d->names[i]))
            return false;
    return true;
}

int rill_tls_judge(void *ctx, mbedtls_x509_crt *cert, int depth, uint32_t *flags)
{
    const struct rill_tls_demand *d = ctx;
    *flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE |
                          MBEDTLS_X509_BADCERT_CN_MISMATCH);
    /* RFC 5280 §4.1.2.5: "The validity period for a certificate is the period of time from
     * notBefore through notAfter, inclusive." */
    if (d->now_s < rill_tls_time(&cert->valid_from))
        *flags |= MBEDTLS_X509_BADCERT_FUTURE;
    if (d->now_s > rill_tls_time(&cert->valid_to))
        *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
    if (depth == 0 && !covers_all(cert, d))
        *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    return 0;
}

/* RFC 5280 §4.2.1.12: "If the extension is present, then the certificate MUST only be used for one
 * of the purposes indicated." §4.2.1.3 says the same of key usage; with ECDHE the key signs. */
bool rill_tls_may_serve(const mbedtls_x509_crt *cert)
{
    return mbedtls_x509_crt_check_extended_key_usage(
               cert, MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) == 0 &&
           mbedtls_x509_crt_check_key_usage(cert, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) == 0;
}

/* A stranger's dates and names say nothing: trust is spoken of first. */
int rill_tls_verdict(uint32_t flags)
{
    uint32_t use = MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
                   MBEDTLS_X509_BADCERT_NS_CERT_TYPE;
    uint32_t known = use | MBEDTLS_X509_BADCERT_FUTURE | MBEDTLS_X509_BADCERT_EXPIRED |
                     MBEDTLS_X509_BADCERT_CN_MISMATCH;
    if (flags & ~known)
        return RILL_TLS_UNTRUSTED;
    if (flags & MBEDTLS_X509_BADCERT_FUTURE)
        return RILL_TLS_NOT_YET_VALID;
    if (flags & MBEDTLS_X509_BADCERT_EXPIRED)
        return RILL_TLS_EXPIRED;
    if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH)
        return RILL_TLS_WRONG_NAME;
    return flags & use ? RILL_TLS_WRONG_USE : 0;
}
