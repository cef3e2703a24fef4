#include "dtls/der.h"

#include "dtls/dates.h"

#include <mbedtls/base64.h>

#include <string.h>

size_t rill_der_open(struct rill_writer *w, uint8_t tag)
{
    rill_w_u8(w, tag);
    rill_w_u8(w, 0);
    return w->at;
}

/* X.690 §10.1: "The definite form of length encoding shall be used, encoded in the minimum number
 * of octets." */
void rill_der_close(struct rill_writer *w, size_t mark)
{
    size_t n = w->at - mark, more = n < 0x80 ? 0 : n < 0x100 ? 1 : 2;
    if (n > 0xffff)
        w->bad = true;
    rill_w_zeros(w, more);
    if (w->bad)
        return;
    memmove(w->p + mark + more, w->p + mark, n);
    w->p[mark - 1] = (uint8_t)(more ? 0x80 | more : n);
    if (more == 1)
        w->p[mark] = (uint8_t)n;
    if (more == 2)
        rill_w_patch_u16(w, mark, (uint16_t)n);
}

void rill_der_element(struct rill_writer *w, uint8_t tag, struct rill_view content)
{
    size_t mark = rill_der_open(w, tag);
    rill_w_bytes(w, content);
    rill_der_close(w, mark);
}

void rill_der_small(struct rill_writer *w, uint8_t value)
{
    rill_der_element(w, RILL_DER_INTEGER, rill_view_at(&value, 1));
}

void rill_der_bits(struct rill_writer *w, uint8_t unused, struct rill_view bytes)
{
    size_t mark = rill_der_open(w, RILL_DER_BIT_STRING);
    rill_w_u8(w, unused);
    rill_w_bytes(w, bytes);
    rill_der_close(w, mark);
}

static void two_digits(struct rill_writer *w, int value)
{
    rill_w_char(w, (char)('0' + value / 10 % 10));
    rill_w_char(w, (char)('0' + value % 10));
}

/* RFC 5280 §4.1.2.5: "CAs conforming to this profile MUST always encode certificate validity dates
 * through the year 2049 as UTCTime; certificate validity dates in 2050 or later MUST be encoded as
 * GeneralizedTime." */
void rill_der_time(struct rill_writer *w, int64_t unix_s)
{
    struct rill_date d = rill_date_of(unix_s);
    bool utc = d.year >= 1950 && d.year < 2050;
    size_t mark = rill_der_open(w, utc ? RILL_DER_UTC_TIME : RILL_DER_GENERALIZED_TIME);
    if (!utc)
        two_digits(w, d.year / 100);
    two_digits(w, d.year % 100);
    two_digits(w, d.month);
    two_digits(w, d.day);
    two_digits(w, d.hour);
    two_digits(w, d.minute);
    two_digits(w, d.second);
    rill_w_char(w, 'Z');
    rill_der_close(w, mark);
}

static void boundary(struct rill_writer *w, const char *word, const char *label)
{
    rill_w_str(w, "-----");
    rill_w_str(w, word);
    rill_w_char(w, ' ');
    rill_w_str(w, label);
    rill_w_str(w, "-----\n");
}

/* RFC 7468 §2: "Generators MUST wrap the base64-encoded lines so that each line consists of exactly
 * 64 characters except for the final line". */
void rill_pem_write(struct rill_writer *w, const char *label, struct rill_view der)
{
    uint8_t line[64 + 1];
    boundary(w, "BEGIN", label);
    for (size_t at = 0, n; at < der.n; at += 48) {
        size_t take = der.n - at < 48 ? der.n - at : 48;
        mbedtls_base64_encode(line, sizeof line, &n, der.p + at, take);
        rill_w_bytes(w, rill_view_at(line, n));
        rill_w_char(w, '\n');
    }
    boundary(w, "END", label);
    rill_wipe(line, sizeof line);
}
