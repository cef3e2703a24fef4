/* codec/vp9_frames: what a decoder of VP9 would find in one packet: a frame, or several behind each
 * other that an index at the end tells apart (VP9 bitstream Annex B).
 *
 *     frame | frame … | 110 mag-1:2 count-1:3 | sizes, mag bytes each, low byte first | that again
 */
#ifndef RILL_CODEC_VP9_FRAMES_H
#define RILL_CODEC_VP9_FRAMES_H

#include "base/vp9_tag.h"

#define RILL_VP9_FRAMES_MAX 8
/* An index of one frame. */
#define RILL_VP9_INDEX 6

struct rill_vp9_frames {
    struct rill_view frames[RILL_VP9_FRAMES_MAX];
    size_t n;
    bool has_index;
};
/* False when the index does not fit its bytes, or a frame has none. */
bool rill_vp9_frames_split(struct rill_view packet, struct rill_vp9_frames *out);
/* The index of one frame of n bytes. */
void rill_vp9_index_write(uint32_t n, uint8_t out[RILL_VP9_INDEX]);

#endif
