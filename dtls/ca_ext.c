#include "dtls/ca_ext.h"

#include "dtls/der.h"

#include <mbedtls/asn1.h>

#include <string.h>

/* id-ce is 2.5.29: bytes 55 1d, and one more for the extension. */
enum {
    ID_SUBJECT_KEY = 14,
    ID_KEY_USAGE = 15,
    ID_ALT_NAME = 17,
    ID_BASIC_CONSTRAINTS = 19,
    ID_AUTHORITY_KEY = 35,
    ID_EXT_KEY_USAGE = 37,
};

/* KeyUsage is a string of bits, the first in the highest: digitalSignature (0); keyCertSign (5)
 * and cRLSign (6). The bits behind the last one are unused (RFC 5280 §4.2.1.3). */
#define USAGE_SERVER 0x80
#define USAGE_SERVER_UNUSED 7
#define USAGE_CA 0x06
#define USAGE_CA_UNUSED 1

struct extension {
    size_t whole, value;
};

/*   Extension ::= SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
 */
static struct extension begin(struct rill_writer *w, uint8_t id, bool critical)
{
    const uint8_t oid[] = {0x55, 0x1d, id}, yes = 0xff;
    struct extension e = {.whole = rill_der_open(w, RILL_DER_SEQUENCE)};
    rill_der_element(w, RILL_DER_OID, rill_view_at(oid, sizeof oid));
    if (critical)
        rill_der_element(w, RILL_DER_BOOLEAN, rill_view_at(&yes, 1));
    e.value = rill_der_open(w, RILL_DER_OCTET_STRING);
    return e;
}

static void finish(struct rill_writer *w, struct extension e)
{
    rill_der_close(w, e.value);
    rill_der_close(w, e.whole);
}

/* RFC 5280 §4.2.1.9: a CA says so in a critical extension; pathLenConstraint 0 lets it sign no
 * other CA. For a server the sequence is empty, since FALSE is the default. */
static void write_constraints(struct rill_writer *w, bool is_ca)
{
    const uint8_t yes = 0xff;
    struct extension e = begin(w, ID_BASIC_CONSTRAINTS, true);
    size_t mark = rill_der_open(w, RILL_DER_SEQUENCE);
    if (is_ca) {
        rill_der_element(w, RILL_DER_BOOLEAN, rill_view_at(&yes, 1));
        rill_der_small(w, 0);
    }
    rill_der_close(w, mark);
    finish(w, e);
}

static void write_usage(struct rill_writer *w, bool is_ca)
{
    const uint8_t bits = is_ca ? USAGE_CA : USAGE_SERVER;
    struct extension e = begin(w, ID_KEY_USAGE, true);
    rill_der_bits(w, is_ca ? USAGE_CA_UNUSED : USAGE_SERVER_UNUSED, rill_view_at(&bits, 1));
    finish(w, e);
}

/* RFC 5280 §4.2.1.12: id-kp-serverAuth 1.3.6.1.5.5.7.3.1. */
static void write_server_auth(struct rill_writer *w)
{
    static const uint8_t oid[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};
    struct extension e = begin(w, ID_EXT_KEY_USAGE, false);
    size_t mark = rill_der_open(w, RILL_DER_SEQUENCE);
    rill_der_element(w, RILL_DER_OID, rill_view_at(oid, sizeof oid));
    rill_der_close(w, mark);
    finish(w, e);
}

static void write_key_ids(struct rill_writer *w, const struct rill_ca_extensions *x)
{
    struct extension e = begin(w, ID_SUBJECT_KEY, false);
    rill_der_element(w, RILL_DER_OCTET_STRING, x->subject_key_id);
    finish(w, e);
    if (x->authority_key_id.n == 0)
        return;
    e = begin(w, ID_AUTHORITY_KEY, false);
    size_t mark = rill_der_open(w, RILL_DER_SEQUENCE);
    rill_der_element(w, RILL_DER_CONTEXT | 0, x->authority_key_id);
    rill_der_close(w, mark);
    finish(w, e);
}

/* RFC 5280 §4.2.1.6: dNSName is [2] IA5String, iPAddress [7] OCTET STRING of four or 16. */
static void write_names(struct rill_writer *w, const struct rill_tls_name *names, size_t n)
{
    struct extension e = begin(w, ID_ALT_NAME, false);
    size_t mark = rill_der_open(w, RILL_DER_SEQUENCE);
    for (size_t i = 0; i < n; i++) {
        const struct rill_addr *ip = &names[i].ip;
        if (ip->family == RILL_ADDR_NONE)
            rill_der_element(w, RILL_DER_CONTEXT | 2, names[i].dns);
        else
            rill_der_element(w, RILL_DER_CONTEXT | 7, rill_view_at(ip->ip, rill_addr_ip_size(ip)));
    }
    rill_der_close(w, mark);
    finish(w, e);
}

void rill_ca_write_extensions(struct rill_writer *w, const struct rill_ca_extensions *x)
{
    size_t wrapper = rill_der_open(w, RILL_DER_CONTEXT_EXPLICIT | 3);
    size_t list = rill_der_open(w, RILL_DER_SEQUENCE);
    write_constraints(w, x->is_ca);
    write_usage(w, x->is_ca);
    if (!x->is_ca)
        write_server_auth(w);
    write_key_ids(w, x);
    if (x->n)
        write_names(w, x->names, x->n);
    rill_der_close(w, list);
    rill_der_close(w, wrapper);
}

/* --- the way back --------------------------------------------------------------------- */

static bool enter(unsigned char **p, const unsigned char *end, int tag, size_t *n)
{
    return mbedtls_asn1_get_tag(p, end, n, tag) == 0;
}

/* The content of the OCTET STRING that one Extension holds, when its id is this one. */
static struct rill_view value_of(unsigned char *p, const unsigned char *end, uint8_t id)
{
    const uint8_t oid[] = {0x55, 0x1d, id};
    size_t n;
    if (!enter(&p, end, MBEDTLS_ASN1_OID, &n) || n != sizeof oid || memcmp(p, oid, n))
        return (struct rill_view){0};
    p += n;
    if (enter(&p, end, MBEDTLS_ASN1_BOOLEAN, &n))
        p += n;
    if (!enter(&p, end, MBEDTLS_ASN1_OCTET_STRING, &n))
        return (struct rill_view){0};
    return rill_view_at(p, n);
}

struct rill_view rill_ca_key_id(const mbedtls_x509_crt *cert)
{
    const int sequence = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;
    unsigned char *p = cert->v3_ext.p;
    const unsigned char *end = p + cert->v3_ext.len;
    size_t n;
    if (!p || !enter(&p, end, sequence, &n))
        return (struct rill_view){0};
    while (p < end && enter(&p, end, sequence, &n)) {
        struct rill_view value = value_of(p, p + n, ID_SUBJECT_KEY);
        unsigned char *inner = (unsigned char *)(uintptr_t)value.p;
        size_t n_id;
        if (value.n && enter(&inner, inner + value.n, MBEDTLS_ASN1_OCTET_STRING, &n_id))
            return rill_view_at(inner, n_id);
        p += n;
    }
    return (struct rill_view){0};
}
