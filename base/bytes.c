#include "base/bytes.h"

#include <string.h>

struct rill_view rill_view_of(const char *text)
{
    return rill_view_at(text, text ? strlen(text) : 0);
}

struct rill_view rill_view_at(const void *p, size_t n)
{
    return (struct rill_view){.p = p, .n = n};
}

struct rill_view rill_view_sub(struct rill_view v, size_t from, size_t n)
{
    if (from > v.n || n > v.n - from || !v.p)
        return (struct rill_view){0};
    return rill_view_at(v.p + from, n);
}

bool rill_view_equal(struct rill_view a, struct rill_view b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool rill_view_is(struct rill_view v, const char *text)
{
    return rill_view_equal(v, rill_view_of(text));
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool rill_view_is_nocase(struct rill_view v, const char *text)
{
    if (v.n != strlen(text))
        return false;
    for (size_t i = 0; i < v.n; i++)
        if (lower(v.p[i]) != lower((uint8_t)text[i]))
            return false;
    return true;
}

uint32_t rill_view_hash_nocase(uint32_t h, struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i];
        h = rill_hash_u32(h, c >= 'A' && c <= 'Z' ? (uint32_t)(c + 32) : c);
    }
    return h;
}

uint32_t rill_hash_u32(uint32_t h, uint32_t v)
{
    return (h ^ v) * 16777619u;
}

bool rill_view_starts(struct rill_view v, const char *prefix)
{
    size_t n = strlen(prefix);
    return v.n >= n && (n == 0 || memcmp(v.p, prefix, n) == 0);
}

bool rill_view_u64(struct rill_view v, uint64_t max, uint64_t *out)
{
    uint64_t total = 0;
    if (v.n == 0)
        return false;
    for (size_t i = 0; i < v.n; i++) {
        uint8_t digit = (uint8_t)(v.p[i] - '0');
        if (digit > 9 || total > (UINT64_MAX - digit) / 10)
            return false;
        total = total * 10 + digit;
    }
    if (total > max)
        return false;
    *out = total;
    return true;
}

struct rill_view rill_view_cut(struct rill_view v, char separator, struct rill_view *rest)
{
    const uint8_t *hit = v.n ? memchr(v.p, separator, v.n) : NULL;
    if (!hit) {
        *rest = (struct rill_view){0};
        return v;
    }
    size_t head = (size_t)(hit - v.p);
    *rest = rill_view_at(hit + 1, v.n - head - 1);
    return rill_view_at(v.p, head);
}

bool rill_equal_constant_time(const void *a, const void *b, size_t n)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint8_t different = 0;
    for (size_t i = 0; i < n; i++)
        different = (uint8_t)(different | (x[i] ^ y[i]));
    return different == 0;
}

void rill_wipe(void *p, size_t n)
{
    volatile uint8_t *bytes = p;
    for (size_t i = 0; i < n; i++)
        bytes[i] = 0;
}

struct rill_reader rill_reader_of(struct rill_view v)
{
    return (struct rill_reader){.p = v.p, .n = v.n};
}

size_t rill_r_left(const struct rill_reader *r)
{
    return r->bad ? 0 : r->n - r->at;
}

/* The one place where reading can fail. */
static const uint8_t *take(struct rill_reader *r, size_t n)
{
    if (r->bad || n > r->n - r->at) {
        r->bad = true;
        return NULL;
    }
    const uint8_t *p = r->p + r->at;
    r->at += n;
    return p;
}

static uint64_t take_number(struct rill_reader *r, size_t n)
{
    uint64_t v = 0;
    const uint8_t *p = take(r, n);
    for (size_t i = 0; p && i < n; i++)
        v = v << 8 | p[i];
    return v;
}

uint8_t rill_r_u8(struct rill_reader *r)
{
    return (uint8_t)take_number(r, 1);
}

uint16_t rill_r_u16(struct rill_reader *r)
{
    return (uint16_t)take_number(r, 2);
}

uint32_t rill_r_u24(struct rill_reader *r)
{
    return (uint32_t)take_number(r, 3);
}

uint32_t rill_r_u32(struct rill_reader *r)
{
    return (uint32_t)take_number(r, 4);
}

uint64_t rill_r_u64(struct rill_reader *r)
{
    return take_number(r, 8);
}

struct rill_view rill_r_bytes(struct rill_reader *r, size_t n)
{
    if (n == 0 && !r->bad)
        return rill_view_at(r->p ? r->p + r->at : NULL, 0);
    const uint8_t *p = take(r, n);
    return rill_view_at(p, p ? n : 0);
}

void rill_r_skip(struct rill_reader *r, size_t n)
{
    (void)rill_r_bytes(r, n);
}

struct rill_writer rill_writer_of(struct rill_span s)
{
    return (struct rill_writer){.p = s.p, .cap = s.n};
}

struct rill_view rill_w_view(const struct rill_writer *w)
{
    return rill_view_at(w->p, w->at);
}

/* The one place where writing can fail. */
static uint8_t *make_room(struct rill_writer *w, size_t n)
{
    if (w->bad || n > w->cap - w->at) {
        w->bad = true;
        return NULL;
    }
    uint8_t *p = w->p + w->at;
    w->at += n;
    return p;
}

static void put_number(struct rill_writer *w, uint64_t v, size_t n)
{
    uint8_t *p = make_room(w, n);
    for (size_t i = 0; p && i < n; i++)
        p[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

void rill_w_u8(struct rill_writer *w, uint8_t v)
{
    put_number(w, v, 1);
}

void rill_w_u16(struct rill_writer *w, uint16_t v)
{
    put_number(w, v, 2);
}

void rill_w_u24(struct rill_writer *w, uint32_t v)
{
    put_number(w, v, 3);
}

void rill_w_u32(struct rill_writer *w, uint32_t v)
{
    put_number(w, v, 4);
}

void rill_w_u64(struct rill_writer *w, uint64_t v)
{
    put_number(w, v, 8);
}

void rill_w_bytes(struct rill_writer *w, struct rill_view v)
{
    if (v.n == 0)
        return;
    uint8_t *p = make_room(w, v.n);
    if (p)
        memcpy(p, v.p, v.n);
}

void rill_w_zeros(struct rill_writer *w, size_t n)
{
    if (n == 0)
        return;
    uint8_t *p = make_room(w, n);
    if (p)
        memset(p, 0, n);
}

void rill_w_str(struct rill_writer *w, const char *text)
{
    rill_w_bytes(w, rill_view_of(text));
}

void rill_w_char(struct rill_writer *w, char c)
{
    put_number(w, (uint8_t)c, 1);
}

void rill_w_dec(struct rill_writer *w, uint64_t v)
{
    uint8_t digits[20];
    size_t n = 0;
    do {
        digits[sizeof digits - ++n] = (uint8_t)('0' + v % 10);
        v /= 10;
    } while (v);
    rill_w_bytes(w, rill_view_at(digits + sizeof digits - n, n));
}

void rill_w_dec_signed(struct rill_writer *w, int64_t v)
{
    if (v < 0) {
        rill_w_char(w, '-');
        rill_w_dec(w, (uint64_t)0 - (uint64_t)v);
        return;
    }
    rill_w_dec(w, (uint64_t)v);
}

void rill_w_hex(struct rill_writer *w, struct rill_view v)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < v.n; i++) {
        rill_w_char(w, digits[v.p[i] >> 4]);
        rill_w_char(w, digits[v.p[i] & 15]);
    }
}

void rill_w_patch_u16(struct rill_writer *w, size_t at, uint16_t v)
{
    if (w->bad || w->at < 2 || at > w->at - 2)
        return;
    w->p[at] = (uint8_t)(v >> 8);
    w->p[at + 1] = (uint8_t)v;
}

bool rill_w_end_text(struct rill_writer *w)
{
    if (w->cap == 0)
        return false;
    bool whole = !w->bad && w->at < w->cap;
    w->p[w->at < w->cap ? w->at : w->cap - 1] = '\0';
    return whole;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

long rill_hex_decode(struct rill_view hex, struct rill_span out)
{
    if (hex.n % 2 || hex.n / 2 > out.n)
        return -1;
    for (size_t i = 0; i < hex.n; i += 2) {
        int high = hex_digit(hex.p[i]);
        int low = hex_digit(hex.p[i + 1]);
        if (high < 0 || low < 0)
            return -1;
        out.p[i / 2] = (uint8_t)(high << 4 | low);
    }
    return (long)(hex.n / 2);
}
