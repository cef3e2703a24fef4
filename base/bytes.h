/* bytes: every byte rill reads or writes passes through these two cursors.
 *
 * The idea: a cursor never runs past its end. A read or write that would do so
 * sets `bad`, moves nothing and yields zeros, and everything after it does the
 * same. So wire code reads straight down and tests `bad` once.
 *
 * - rill_view / rill_span   borrowed bytes, read-only / writable
 * - rill_reader             bounded reading, big-endian (network order)
 * - rill_writer             bounded writing, numbers and text
 */
#ifndef RILL_BASE_BYTES_H
#define RILL_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes borrowed from their owner; p may be NULL when n is 0. */
struct rill_view {
    const uint8_t *p;
    size_t n;
};

struct rill_span {
    uint8_t *p;
    size_t n;
};

/* A view of a C string without its final NUL; a NULL string gives an empty view. */
struct rill_view rill_view_of(const char *text);
struct rill_view rill_view_at(const void *p, size_t n);

/* Bytes [from, from + n) of v; empty when that range is not wholly inside v. */
struct rill_view rill_view_sub(struct rill_view v, size_t from, size_t n);

bool rill_view_equal(struct rill_view a, struct rill_view b);
bool rill_view_is(struct rill_view v, const char *text);
/* ASCII case is folded; other bytes compare as they are. */
bool rill_view_is_nocase(struct rill_view v, const char *text);
bool rill_view_starts(struct rill_view v, const char *prefix);
/* FNV-1a over lower-case letters, going on from h; begin with RILL_HASH. */
#define RILL_HASH 2166136261u
uint32_t rill_view_hash_nocase(uint32_t h, struct rill_view v);
uint32_t rill_hash_u32(uint32_t h, uint32_t v);

/* Decimal digits only, the whole view, at most `max`. Out is untouched on failure. */
bool rill_view_u64(struct rill_view v, uint64_t max, uint64_t *out);

/* The part before the first `separator`; *rest becomes what follows it (empty and
 * p == NULL when there is none). rest may point at v itself. */
struct rill_view rill_view_cut(struct rill_view v, char separator, struct rill_view *rest);

/* Takes time that depends on n only, for tags, passwords and fingerprints. */
bool rill_equal_constant_time(const void *a, const void *b, size_t n);

/* Overwrites n bytes in a way the compiler keeps. */
void rill_wipe(void *p, size_t n);

struct rill_reader {
    const uint8_t *p;
    size_t n;
    size_t at;
    bool bad;
};

struct rill_reader rill_reader_of(struct rill_view v);
size_t rill_r_left(const struct rill_reader *r);
uint8_t rill_r_u8(struct rill_reader *r);
uint16_t rill_r_u16(struct rill_reader *r);
uint32_t rill_r_u24(struct rill_reader *r);
uint32_t rill_r_u32(struct rill_reader *r);
uint64_t rill_r_u64(struct rill_reader *r);
/* A view into the bytes read; empty when they run out. */
struct rill_view rill_r_bytes(struct rill_reader *r, size_t n);
void rill_r_skip(struct rill_reader *r, size_t n);

struct rill_writer {
    uint8_t *p;
    size_t cap;
    size_t at;
    bool bad;
};

struct rill_writer rill_writer_of(struct rill_span s);
/* What has been written so far. */
struct rill_view rill_w_view(const struct rill_writer *w);
void rill_w_u8(struct rill_writer *w, uint8_t v);
void rill_w_u16(struct rill_writer *w, uint16_t v);
void rill_w_u24(struct rill_writer *w, uint32_t v);
void rill_w_u32(struct rill_writer *w, uint32_t v);
void rill_w_u64(struct rill_writer *w, uint64_t v);
void rill_w_bytes(struct rill_writer *w, struct rill_view v);
void rill_w_zeros(struct rill_writer *w, size_t n);
void rill_w_str(struct rill_writer *w, const char *text);
void rill_w_char(struct rill_writer *w, char c);
void rill_w_dec(struct rill_writer *w, uint64_t v);
void rill_w_dec_signed(struct rill_writer *w, int64_t v);
void rill_w_hex(struct rill_writer *w, struct rill_view v);
/* Overwrites two bytes already written, at `at`. */
void rill_w_patch_u16(struct rill_writer *w, size_t at, uint16_t v);
/* Ends text with a NUL that is not counted in `at`; false when text or NUL did not fit
 * (then the buffer holds as much as fits and still ends in NUL, unless cap is 0). */
bool rill_w_end_text(struct rill_writer *w);

/* Hex text to bytes; returns how many, or -1 when the text is odd, not hex or too long. */
long rill_hex_decode(struct rill_view hex, struct rill_span out);

#endif
