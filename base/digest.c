#include "base/digest.h"

#include "base/mbedtls_compat.h"

#include <mbedtls/md5.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <string.h>

/* All three hash in blocks of 64 bytes (RFC 2104 §2: B). */
#define BLOCK 64

struct hash {
    enum rill_digest kind;
    union {
        mbedtls_md5_context md5;
        mbedtls_sha1_context sha1;
        mbedtls_sha256_context sha256;
    } u;
};

size_t rill_digest_size(enum rill_digest kind)
{
    switch (kind) {
    case RILL_MD5:
        return RILL_MD5_SIZE;
    case RILL_SHA1:
        return RILL_SHA1_SIZE;
    default:
        return RILL_SHA256_SIZE;
    }
}

/* mbedtls's plain software contexts cannot fail; their results are read for alternative
 * hardware ones, where a failure leaves a digest that matches nothing. */
static void hash_start(struct hash *h, enum rill_digest kind)
{
    h->kind = kind;
    if (kind == RILL_MD5) {
        mbedtls_md5_init(&h->u.md5);
        (void)mbedtls_md5_starts_ret(&h->u.md5);
    } else if (kind == RILL_SHA1) {
        mbedtls_sha1_init(&h->u.sha1);
        (void)mbedtls_sha1_starts_ret(&h->u.sha1);
    } else {
        mbedtls_sha256_init(&h->u.sha256);
        (void)mbedtls_sha256_starts_ret(&h->u.sha256, 0);
    }
}

static void hash_update(struct hash *h, struct rill_view v)
{
    if (v.n == 0)
        return;
    if (h->kind == RILL_MD5)
        (void)mbedtls_md5_update_ret(&h->u.md5, v.p, v.n);
    else if (h->kind == RILL_SHA1)
        (void)mbedtls_sha1_update_ret(&h->u.sha1, v.p, v.n);
    else
        (void)mbedtls_sha256_update_ret(&h->u.sha256, v.p, v.n);
}

static void hash_finish(struct hash *h, uint8_t *out)
{
    memset(out, 0, rill_digest_size(h->kind));
    if (h->kind == RILL_MD5)
        (void)mbedtls_md5_finish_ret(&h->u.md5, out);
    else if (h->kind == RILL_SHA1)
        (void)mbedtls_sha1_finish_ret(&h->u.sha1, out);
    else
        (void)mbedtls_sha256_finish_ret(&h->u.sha256, out);
    rill_wipe(h, sizeof *h);
}

void rill_digest_pieces(enum rill_digest kind, const struct rill_view *pieces, size_t n,
                        uint8_t *out)
{
    struct hash h;
    hash_start(&h, kind);
    for (size_t i = 0; i < n; i++)
        hash_update(&h, pieces[i]);
    hash_finish(&h, out);
}

void rill_digest(enum rill_digest kind, struct rill_view data, uint8_t *out)
{
    rill_digest_pieces(kind, &data, 1, out);
}

void rill_hmac_pieces(enum rill_digest kind, struct rill_view key, const struct rill_view *pieces,
                      size_t n, uint8_t *out)
{
    uint8_t pad[BLOCK] = {0};
    uint8_t inner[RILL_DIGEST_MAX];
    struct hash h;

    if (key.n > BLOCK)
        rill_digest(kind, key, pad);
    else if (key.n)
        memcpy(pad, key.p, key.n);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36;
    hash_start(&h, kind);
    hash_update(&h, rill_view_at(pad, BLOCK));
    for (size_t i = 0; i < n; i++)
        hash_update(&h, pieces[i]);
    hash_finish(&h, inner);

    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    hash_start(&h, kind);
    hash_update(&h, rill_view_at(pad, BLOCK));
    hash_update(&h, rill_view_at(inner, rill_digest_size(kind)));
    hash_finish(&h, out);
    rill_wipe(pad, sizeof pad);
    rill_wipe(inner, sizeof inner);
}

void rill_hmac(enum rill_digest kind, struct rill_view key, struct rill_view data, uint8_t *out)
{
    rill_hmac_pieces(kind, key, &data, 1, out);
}
