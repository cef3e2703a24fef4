/* dtls/der: DER written forwards (X.690 §8, §10), and as PEM (RFC 7468).
 *
 *   | tag 1 | length 1…3 | content |
 *
 * The idea: an element is opened, its content written behind it, and closed; closing puts the
 * length in its shortest form in front of the content, which moves up when that takes more
 * than one byte. The writer bounds it all. */
#ifndef RILL_DTLS_DER_H
#define RILL_DTLS_DER_H

#include "base/bytes.h"

enum {
    RILL_DER_BOOLEAN = 0x01,
    RILL_DER_INTEGER = 0x02,
    RILL_DER_BIT_STRING = 0x03,
    RILL_DER_OCTET_STRING = 0x04,
    RILL_DER_NULL = 0x05,
    RILL_DER_OID = 0x06,
    RILL_DER_UTF8 = 0x0c,
    RILL_DER_UTC_TIME = 0x17,
    RILL_DER_GENERALIZED_TIME = 0x18,
    RILL_DER_SEQUENCE = 0x30,
    RILL_DER_SET = 0x31,
    RILL_DER_CONTEXT = 0x80,          /* [n] IMPLICIT of something primitive: | n */
    RILL_DER_CONTEXT_EXPLICIT = 0xa0, /* [n] EXPLICIT: | n */
};

/* Where the content begins; what close needs. */
size_t rill_der_open(struct rill_writer *w, uint8_t tag);
/* Content up to 65535 bytes; more makes the writer bad. */
void rill_der_close(struct rill_writer *w, size_t mark);
void rill_der_element(struct rill_writer *w, uint8_t tag, struct rill_view content);
void rill_der_small(struct rill_writer *w, uint8_t value); /* INTEGER 0 … 127 */
/* Content is unused bits and the bytes. */
void rill_der_bits(struct rill_writer *w, uint8_t unused, struct rill_view bytes);
/* UTCTime through 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
void rill_der_time(struct rill_writer *w, int64_t unix_s);

/* "-----BEGIN label-----", 64 characters a line, "-----END label-----". */
void rill_pem_write(struct rill_writer *w, const char *label, struct rill_view der);

#endif
