/* digest: MD5, SHA-1, SHA-256 and HMAC (RFC 2104) over them, without allocation.
 * mbedtls does the hashing; its contexts stay inside digest.c. */
#ifndef RILL_BASE_DIGEST_H
#define RILL_BASE_DIGEST_H

#include "base/bytes.h"

enum rill_digest {
    RILL_MD5,
    RILL_SHA1,
    RILL_SHA256,
};

#define RILL_MD5_SIZE 16
#define RILL_SHA1_SIZE 20
#define RILL_SHA256_SIZE 32
#define RILL_DIGEST_MAX 32

size_t rill_digest_size(enum rill_digest kind);
/* out has rill_digest_size(kind) bytes. */
void rill_digest(enum rill_digest kind, struct rill_view data, uint8_t *out);
/* Of several pieces in a row, so that a header can be patched without copying the rest. */
void rill_digest_pieces(enum rill_digest kind, const struct rill_view *pieces, size_t n,
                        uint8_t *out);
void rill_hmac(enum rill_digest kind, struct rill_view key, struct rill_view data, uint8_t *out);
void rill_hmac_pieces(enum rill_digest kind, struct rill_view key, const struct rill_view *pieces,
                      size_t n, uint8_t *out);

#endif
