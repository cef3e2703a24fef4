/* codec: encoders and decoders behind one shape: raw in, encoded out, and back.
 *
 * The idea: libvpx and libopus do the work; no type of theirs leaves this room, and a
 * decoder is told the largest picture it may make before it makes one.
 */
#ifndef RILL_CODEC_CODEC_H
#define RILL_CODEC_CODEC_H

#include "base/frame.h"
#include "codec/errors.h"

struct rill_vpx_encoder;
struct rill_vpx_encoder_config {
    uint32_t width, height;
    uint32_t bitrate_bps;
    uint32_t rate_numerator, rate_denominator; /* frames a second */
    enum rill_codec_id codec;                  /* RILL_CODEC_VP8 [when 0] or _VP9 */
};
int rill_vpx_encoder_new(const struct rill_vpx_encoder_config *config,
                         struct rill_vpx_encoder **out);
void rill_vpx_encoder_free(struct rill_vpx_encoder *e);
/* One picture; 1 with a frame in out (bytes live until the next call), 0 when the encoder
 * dropped it. image->time must rise. A picture of another size starts the encoder anew. */
int rill_vpx_encode(struct rill_vpx_encoder *e, const struct rill_image *image, bool keyframe,
                    struct rill_frame *out);
void rill_vpx_encoder_set_bitrate(struct rill_vpx_encoder *e, uint32_t bitrate_bps);
/* The quantizer of the last frame, as its header has it (VP8: y_ac_qi, RFC 6386 §19.2, 0…127; VP9:
 * base_q_idx, 0…255); -1 before the first. */
int rill_vpx_encoder_qp(struct rill_vpx_encoder *e);

struct rill_vpx_decoder;
/* codec: RILL_CODEC_VP8 or _VP9. max_pixels: width × height above which a frame is refused unread
 * (RILL_CODEC_VPX_TOO_LARGE). */
int rill_vpx_decoder_new(enum rill_codec_id codec, uint32_t max_pixels,
                         struct rill_vpx_decoder **out);
void rill_vpx_decoder_free(struct rill_vpx_decoder *d);
/* 1 with a picture (planes live until the next call), 0 none, < 0 RILL_CODEC_*. */
int rill_vpx_decode(struct rill_vpx_decoder *d, struct rill_view frame, struct rill_image *out);
/* As of the encoder. */
int rill_vpx_decoder_qp(struct rill_vpx_decoder *d);

struct rill_opus_encoder;
int rill_opus_encoder_new(uint8_t channels, uint32_t bitrate_bps, struct rill_opus_encoder **out);
void rill_opus_encoder_free(struct rill_opus_encoder *e);
void rill_opus_encoder_set_bitrate(struct rill_opus_encoder *e, uint32_t bitrate_bps);
/* What the decoder at the other end wants (RFC 7587 §6.1), and what the network loses: redundancy
 * is as much as the loss is worth. */
struct rill_opus_wishes {
    bool fec, dtx;
    uint8_t loss_percent;
    uint32_t max_bps; /* 0: no limit */
};
/* From the next packet on; before, it is {.fec = true, .loss_percent = 10}. */
void rill_opus_encoder_wish(struct rill_opus_encoder *e, const struct rill_opus_wishes *wishes);
/* With DTX, packets of up to 2 bytes need not be sent, but the first of several. 960 frames of 48
 * kHz give one 20 ms packet; returns its bytes in out. */
int rill_opus_encode(struct rill_opus_encoder *e, const struct rill_pcm *pcm, struct rill_span out);

struct rill_opus_decoder;
int rill_opus_decoder_new(uint8_t channels, struct rill_opus_decoder **out);
void rill_opus_decoder_free(struct rill_opus_decoder *d);
/* packet empty: conceal `frames` lost ones. samples in out live until the next call. Returns
 * the frames in out. Errors: RILL_CODEC_OPUS_CORRUPT, and _LOSS when `frames` is not a
 * multiple of 120 up to 5760. */
int rill_opus_decode(struct rill_opus_decoder *d, struct rill_view packet, size_t frames,
                     struct rill_pcm *out);
/* The `frames` lost right before `next`, from the redundancy in it (RFC 6716 §2.1.7), or
 * concealed where it has none. Decode `next` itself afterwards. */
int rill_opus_decode_lost(struct rill_opus_decoder *d, struct rill_view next, size_t frames,
                          struct rill_pcm *out);
/* Samples at 48 kHz in a packet (RFC 6716 §3), or -1. */
int rill_opus_packet_frames(struct rill_view packet);

#endif
