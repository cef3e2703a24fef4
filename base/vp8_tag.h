/* base/vp8_tag: the little that files and packets must know of a VP8 frame: is it a key
 * frame, and how large (RFC 6386 §9.1). Nothing is decoded here.
 *
 *      0 1 2 3 4 5 6 7
 *     |size |s| ver |k|   k 0: key frame; two more bytes of size follow
 *     |  9d  01  2a   |   key frames only
 *     |   width  14   |   little-endian, two bits of scale on top
 *     |   height 14   |   the same
 */
#ifndef RILL_BASE_VP8_TAG_H
#define RILL_BASE_VP8_TAG_H

#include "base/bytes.h"

static inline bool rill_vp8_tag_is_keyframe(struct rill_view frame)
{
    /* "A 1-bit frame type (0 for key frames, 1 for interframes)." */
    return frame.n > 0 && (frame.p[0] & 1) == 0;
}

/* False unless it is a key frame with its start code. */
static inline bool rill_vp8_tag_size(struct rill_view frame, uint32_t *width, uint32_t *height)
{
    struct rill_reader r = rill_reader_of(frame);
    rill_r_skip(&r, 3);
    uint32_t start_code = rill_r_u24(&r);
    uint8_t low = rill_r_u8(&r);
    uint32_t across = low | (rill_r_u8(&r) & 0x3fu) << 8;
    low = rill_r_u8(&r);
    uint32_t down = low | (rill_r_u8(&r) & 0x3fu) << 8;
    if (r.bad || !rill_vp8_tag_is_keyframe(frame) || start_code != 0x9d012a)
        return false;
    *width = across;
    *height = down;
    return true;
}

#endif
