/* integrity: the seals of a message: MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and
 * FINGERPRINT (RFC 8489 §14.5 … §14.7).
 *
 * The idea: each seal covers what stands before it, under a header whose length ends at the
 * seal itself. A reader must therefore not trust the length on the wire: it makes a header of
 * its own and digests the rest in place.
 */
#include "stun/crc32.h"
#include "stun/encode.h"

#include "base/digest.h"

#include <string.h>

#define ATTR_HEADER 4
#define CRC_SIZE 4
#define CRC_XOR 0x5354554eu /* RFC 8489 §14.7; it reads "STUN" */

/* The bytes under a seal at `at` whose value has n bytes: the patched header, and the rest. */
struct sealed {
    uint8_t header[RILL_STUN_HEADER];
    struct rill_view pieces[2];
};

static void cover(struct sealed *c, struct rill_view raw, size_t at, size_t n)
{
    memcpy(c->header, raw.p, RILL_STUN_HEADER);
    size_t length = at - RILL_STUN_HEADER + ATTR_HEADER + n;
    c->header[2] = (uint8_t)(length >> 8);
    c->header[3] = (uint8_t)length;
    c->pieces[0] = rill_view_at(c->header, RILL_STUN_HEADER);
    c->pieces[1] = rill_view_sub(raw, RILL_STUN_HEADER, at - RILL_STUN_HEADER);
}

/* The value of the attribute at `at`, empty unless it has least … most bytes, in words. */
static struct rill_view value_at(const struct rill_stun_msg *m, size_t at, size_t least,
                                 size_t most)
{
    struct rill_stun_attr a;
    if (at == 0 || !rill_stun_next(m, &at, &a) || a.value.n < least || a.value.n > most ||
        a.value.n % 4 != 0)
        return (struct rill_view){0};
    return a.value;
}

static bool check_hmac(const struct rill_stun_msg *m, size_t at, enum rill_digest kind,
                       size_t least, struct rill_view key)
{
    struct rill_view value = value_at(m, at, least, rill_digest_size(kind));
    struct sealed c;
    uint8_t mac[RILL_DIGEST_MAX];
    if (value.n == 0)
        return false;
    cover(&c, m->raw, at, value.n);
    rill_hmac_pieces(kind, key, c.pieces, 2, mac);
    return rill_equal_constant_time(mac, value.p, value.n);
}

bool rill_stun_check_integrity(const struct rill_stun_msg *m, struct rill_view key)
{
    return check_hmac(m, m->integrity_at, RILL_SHA1, RILL_SHA1_SIZE, key);
}

bool rill_stun_check_integrity256(const struct rill_stun_msg *m, struct rill_view key)
{
    return check_hmac(m, m->integrity256_at, RILL_SHA256, RILL_SHA256_SIZE, key);
}

bool rill_stun_check_integrity256_cut(const struct rill_stun_msg *m, struct rill_view key,
                                      size_t least)
{
    if (least < RILL_STUN_INTEGRITY256_LEAST)
        least = RILL_STUN_INTEGRITY256_LEAST;
    return check_hmac(m, m->integrity256_at, RILL_SHA256, least, key);
}

size_t rill_stun_sealed(const struct rill_stun_msg *m)
{
    size_t at = m->integrity_at ? m->integrity_at : m->integrity256_at;
    return at ? at : SIZE_MAX;
}

static uint32_t fingerprint(struct rill_view raw, size_t at)
{
    struct sealed c;
    cover(&c, raw, at, CRC_SIZE);
    return rill_stun_crc32(c.pieces, 2) ^ CRC_XOR;
}

bool rill_stun_check_fingerprint(const struct rill_stun_msg *m)
{
    struct rill_view value = value_at(m, m->fingerprint_at, CRC_SIZE, CRC_SIZE);
    if (value.n == 0)
        return false;
    struct rill_reader r = rill_reader_of(value);
    return rill_r_u32(&r) == fingerprint(m->raw, m->fingerprint_at);
}

static void put_hmac(struct rill_stun_writer *s, uint16_t type, enum rill_digest kind, size_t n,
                     struct rill_view key)
{
    uint8_t mac[RILL_DIGEST_MAX];
    rill_stun_patch_length(s, ATTR_HEADER + n);
    if (s->w.bad)
        return;
    rill_hmac(kind, key, rill_w_view(&s->w), mac);
    rill_stun_put(s, type, rill_view_at(mac, n));
}

void rill_stun_put_integrity(struct rill_stun_writer *s, struct rill_view key)
{
    put_hmac(s, RILL_STUN_MESSAGE_INTEGRITY, RILL_SHA1, RILL_SHA1_SIZE, key);
}

void rill_stun_put_integrity256(struct rill_stun_writer *s, struct rill_view key)
{
    rill_stun_put_integrity256_cut(s, key, RILL_SHA256_SIZE);
}

void rill_stun_put_integrity256_cut(struct rill_stun_writer *s, struct rill_view key, size_t n)
{
    if (n < RILL_STUN_INTEGRITY256_LEAST || n > RILL_SHA256_SIZE || n % 4 != 0)
        s->w.bad = true;
    put_hmac(s, RILL_STUN_MESSAGE_INTEGRITY_SHA256, RILL_SHA256, n, key);
}

void rill_stun_put_fingerprint(struct rill_stun_writer *s)
{
    rill_stun_patch_length(s, ATTR_HEADER + CRC_SIZE);
    if (s->w.bad)
        return;
    rill_stun_put_u32(s, RILL_STUN_FINGERPRINT, fingerprint(rill_w_view(&s->w), s->w.at));
}
