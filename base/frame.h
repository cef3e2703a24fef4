/* frame: what media is made of: pictures, samples and encoded frames. */
#ifndef RILL_BASE_FRAME_H
#define RILL_BASE_FRAME_H

#include "base/bytes.h"

enum rill_kind {
    RILL_AUDIO,
    RILL_VIDEO,
};

/* As SDP and W3C have it. */
static inline const char *rill_kind_name(enum rill_kind kind)
{
    return kind == RILL_VIDEO ? "video" : "audio";
}

enum rill_codec_id {
    RILL_CODEC_NONE,
    RILL_CODEC_OPUS,
    RILL_CODEC_VP8,
    RILL_CODEC_VP9,
    RILL_CODEC_H264,
    RILL_CODEC_AV1,
    RILL_CODEC_PCMU,
    RILL_CODEC_PCMA,
};

static inline enum rill_kind rill_codec_kind(enum rill_codec_id id)
{
    return id >= RILL_CODEC_VP8 && id <= RILL_CODEC_AV1 ? RILL_VIDEO : RILL_AUDIO;
}

/* The RTP clock: RFC 3551 §6, RFC 7587 §4.1. */
static inline uint32_t rill_codec_clock_hz(enum rill_codec_id id)
{
    return rill_codec_kind(id) == RILL_VIDEO                ? 90000
           : id == RILL_CODEC_PCMU || id == RILL_CODEC_PCMA ? 8000
                                                            : 48000;
}

/* Planar I420: Y at full size, U and V at half, rounded up. stride in bytes. */
struct rill_image {
    uint32_t width;
    uint32_t height;
    uint8_t *plane[3];
    size_t stride[3];
    int64_t time; /* capture time, µs */
};

/* Bytes of a tightly packed I420 picture. */
static inline size_t rill_image_size(uint32_t width, uint32_t height)
{
    size_t chroma = ((size_t)width + 1) / 2 * (((size_t)height + 1) / 2);
    return (size_t)width * height + 2 * chroma;
}

/* The picture over `pixels`, which has rill_image_size() bytes. */
static inline struct rill_image rill_image_over(uint8_t *pixels, uint32_t width, uint32_t height)
{
    size_t luma = (size_t)width * height;
    size_t half = ((size_t)width + 1) / 2;
    size_t chroma = half * (((size_t)height + 1) / 2);
    return (struct rill_image){
        .width = width,
        .height = height,
        .plane = {pixels, pixels + luma, pixels + luma + chroma},
        .stride = {width, half, half},
    };
}

/* Interleaved signed 16-bit samples; frames = samples per channel. */
struct rill_pcm {
    int16_t *samples;
    size_t frames;
    uint32_t rate_hz;
    uint8_t channels;
    int64_t time; /* capture time of the first sample, µs */
};

/* One encoded frame. rtp_time is in the codec's RTP clock (rill_codec_clock_hz());
 * time is the capture time on the sender, the completion time on the receiver. */
struct rill_frame {
    enum rill_kind kind;
    enum rill_codec_id codec;
    struct rill_view bytes;
    uint32_t rtp_time;
    int64_t time;
    bool keyframe;
    uint32_t width; /* of a video key frame, else 0 */
    uint32_t height;
    size_t encoding;   /* which of several encodings of the same picture it is, from 0 */
    bool talkspurt;    /* sound to be sent: the first behind a pause (RFC 3551 §4.1) */
    uint16_t seq;      /* received sound: the number of its packet */
    bool redundant;    /* received sound: it came beside another packet (RFC 2198) */
    int64_t began;     /* on the receiver: arrival of its first packet */
    size_t index;      /* received picture: its last so many bytes tell its spatial layers apart
                          (VP9 bitstream, Annex B), and did not come */
    uint16_t rotation; /* of a picture: turned so clockwise it stands upright: 0, 90, 180, 270 */
    /* Sound: a payload of comfort noise instead (RFC 3389), of a pause in a stream of this codec.
     */
    bool comfort_noise;
    bool has_level; /* sound to be sent: how loud it is (RFC 6464) */
    bool voice;
    uint8_t level; /* below the loudest there can be, dB */
};

#endif
