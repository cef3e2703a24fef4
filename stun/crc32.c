/* crc32: polynomial division by x^32 + x^26 + x^23 + … + 1, bits taken lowest first.
 *
 * The idea: half a byte at a time. table[k] is what four steps of the long division leave of
 * the nibble k; sixteen words instead of 256, and STUN messages are short.
 */
#include "stun/crc32.h"

static const uint32_t table[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t rill_stun_crc32(const struct rill_view *pieces, size_t n)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < pieces[i].n; k++) {
            crc ^= pieces[i].p[k];
            crc = crc >> 4 ^ table[crc & 15];
            crc = crc >> 4 ^ table[crc & 15];
        }
    }
    return ~crc;
}
