/* stun/crc32: the checksum of ITU V.42, which FINGERPRINT is made of (RFC 8489 §14.7). */
#ifndef RILL_STUN_CRC32_H
#define RILL_STUN_CRC32_H

#include "base/bytes.h"

/* Of the pieces in a row, so that a header can be patched without copying the rest. */
uint32_t rill_stun_crc32(const struct rill_view *pieces, size_t n);

#endif
