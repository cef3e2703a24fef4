/* rtp/payload: what all payload formats have in common, for those who need not know which it is:
 * the jitter buffer, which puts frames together, and the sender, which cuts them.
 *
 * The idea: read tells what of a payload is kept and what that says about its frame; join adds it
 * to the frame; cut is the way back. A frame of H.264 is an access unit in Annex B form, one of AV1
 * a temporal unit in the low-overhead format, any other its bytes. */
#ifndef RILL_RTP_PAYLOAD_H
#define RILL_RTP_PAYLOAD_H

#include "base/frame.h"
#include "rtp/av1.h"
#include "rtp/h264.h"
#include "rtp/vp9.h"

struct rill_rtp_payload {
    struct rill_view data; /* what is kept */
    size_t adds;           /* bytes to the frame */
    /* Of pictures: */
    bool start;                           /* a frame begins here, or may */
    bool keyframe;                        /* one that needs no other */
    uint8_t parts;                        /* of H.264, whose packets may show that only together */
    bool has_picture_id, long_picture_id; /* of 15 bits, else of 7 */
    bool layered;                         /* frames may be left out on the way */
    bool layer;                           /* VP9: the next spatial layer of the frame begins here */
    uint16_t picture_id;
};

/* Errors: of the codec's format. */
int rill_rtp_payload_read(enum rill_codec_id codec, struct rill_view payload,
                          struct rill_rtp_payload *out, struct rill_err *why);

struct rill_rtp_joiner {
    enum rill_codec_id codec;
    struct rill_writer w; /* over the frame */
    struct rill_av1_joiner av1;
    struct rill_vp9_layers layers;
};
/* What read kept, in order; end behind the last: of pictures of several spatial layers it adds
 * which bytes are whose, in so many bytes. */
void rill_rtp_join(struct rill_rtp_joiner *j, struct rill_view data);
void rill_rtp_join_layer(struct rill_rtp_joiner *j);
size_t rill_rtp_join_end(struct rill_rtp_joiner *j);
/* The size of a key frame's pictures where the codec tells it; else they stay as they are. */
void rill_rtp_frame_size(enum rill_codec_id codec, struct rill_view frame, uint32_t *width,
                         uint32_t *height);

struct rill_rtp_cutter {
    const struct rill_frame *frame;
    size_t room;         /* bytes of a payload */
    uint16_t picture_id; /* VP8, VP9: counts frames */
    size_t pieces, index;
    struct rill_h264_cutter h264;
    struct rill_av1_cutter av1;
};
/* How many payloads the frame takes; 0 when it cannot be cut so. Sound is never cut, nor is a NAL
 * unit in packetization mode 0 of H.264, which counts for no other codec. */
size_t rill_rtp_cut_begin(struct rill_rtp_cutter *c, const struct rill_frame *frame, size_t room,
                          uint16_t picture_id, uint8_t packetization_mode);
/* The next one; call it as often as there are payloads. */
void rill_rtp_cut_next(struct rill_rtp_cutter *c, struct rill_writer *w);

#endif
