/* capture/frame_tag: what a file of encoded frames must know of each: is it a key frame, and how
 * large. Of AV1 a key frame is known by the sequence header before it. */
#ifndef RILL_CAPTURE_FRAME_TAG_H
#define RILL_CAPTURE_FRAME_TAG_H

#include "base/frame.h"
#include "base/picture_size.h"
#include "base/vp8_tag.h"
#include "base/vp9_tag.h"

/* So many bytes of a frame are enough. */
#define RILL_FRAME_TAG_HEAD 32

/* AV1 §5.3: a temporal delimiter (12 00) may come first; type 1 is a sequence header. */
static inline bool rill_frame_tag_is_av1_key(struct rill_view f)
{
    size_t at = f.n >= 2 && f.p[0] >> 3 == 2 && f.p[1] == 0 ? 2 : 0;
    return at < f.n && (f.p[at] >> 3 & 15) == 1;
}

static inline bool rill_frame_tag_is_keyframe(enum rill_codec_id codec, struct rill_view frame)
{
    struct rill_vp9_tag t;
    if (codec == RILL_CODEC_VP9)
        return rill_vp9_tag_read(frame, &t) && t.keyframe;
    return codec == RILL_CODEC_AV1 ? rill_frame_tag_is_av1_key(frame)
                                   : rill_vp8_tag_is_keyframe(frame);
}

/* Of a key frame; else they stay as they are. */
static inline void rill_frame_tag_size(enum rill_codec_id codec, struct rill_view frame,
                                       uint32_t *width, uint32_t *height)
{
    if (codec == RILL_CODEC_VP8)
        (void)rill_vp8_tag_size(frame, width, height);
    if (codec == RILL_CODEC_VP9)
        (void)rill_vp9_tag_size(frame, width, height);
    if (codec == RILL_CODEC_H264)
        (void)rill_h264_unit_size(frame, width, height);
    if (codec == RILL_CODEC_AV1)
        (void)rill_av1_unit_size(frame, width, height);
}

#endif
