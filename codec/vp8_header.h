/* codec/vp8_header: the bytes of a VP8 frame that are not entropy coded (RFC 6386 §9.1).
 *
 * The idea: they say what the decoder will have to allocate, so rill reads them before the
 * decoder sees the frame.
 *
 *      0 1 2 3 4 5 6 7
 *     |size |s| ver |k|   frame tag, little-endian: k 0 = key frame, s show_frame
 *     |     size      |   of the first partition, 19 bits
 *     |     size      |
 *     |  9d  01  2a   |   start code, three bytes, key frames only
 *     |   width low   |
 *     |hs | width high|   hs: horizontal scale
 *     |  height low   |
 *     |vs |height high|   vs: vertical scale
 */
#ifndef RILL_CODEC_VP8_HEADER_H
#define RILL_CODEC_VP8_HEADER_H

#include "base/err.h"
#include "base/field.h"

struct rill_vp8_header {
    bool keyframe;
    uint8_t version;
    bool shown;
    uint32_t first_partition;
    uint32_t width; /* of a key frame, else 0 */
    uint32_t height;
};

/* Errors: RILL_CODEC_VP8_TRUNCATED, _START_CODE, _NO_PIXELS. */
int rill_vp8_header_read(struct rill_view frame, struct rill_vp8_header *out, struct rill_err *why);

extern const struct rill_field_table rill_vp8_header_fields;

#endif
