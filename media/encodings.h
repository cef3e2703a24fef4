/* media/encodings: one picture encoded several times, each at a size and a bit rate of its own
 * (simulcast).
 *
 * The idea: the picture is taken once; each encoding that is active scales it for itself, thins it
 * out to what it may show a second, and has an encoder of its own, so that none waits for another.
 * One that is alone becomes smaller and slower where its bit rate does not suffice (adapt.h).
 */
#ifndef RILL_MEDIA_ENCODINGS_H
#define RILL_MEDIA_ENCODINGS_H

#include "capture/source.h"
#include "codec/codec.h"
#include "media/quality.h"

#define RILL_MEDIA_ENCODINGS_MAX 8

/* W3C's RTCRtpEncodingParameters, with what the other side can bear (RFC 8851). */
struct rill_encoding {
    bool active;
    double scale_resolution_down_by; /* ≥ 1 */
    uint32_t max_width, max_height;  /* 0: no limit */
    uint32_t max_fps;                /* 0: no limit */
    uint32_t bitrate_bps;            /* 0: 800 kbit/s by the share of the picture */
};

struct rill_encodings;

/* One encoding, active, of the whole picture. clock: µs, to measure with; NULL for none. NULL when
 * memory is out. */
struct rill_encodings *rill_encodings_new(uint32_t rate_numerator, uint32_t rate_denominator,
                                          int64_t (*clock)(void));
void rill_encodings_free(struct rill_encodings *e);
/* Encoding i, at most one behind the last; false beyond that. One that becomes active begins with a
 * key frame. */
bool rill_encodings_set(struct rill_encodings *e, size_t i, const struct rill_encoding *to);
/* Of all of them, from their next picture on, which is a key frame: RILL_CODEC_VP8 [at first] or
 * _VP9. */
void rill_encodings_set_codec(struct rill_encodings *e, enum rill_codec_id codec);
void rill_encodings_set_bitrate(struct rill_encodings *e, size_t i, uint32_t bitrate_bps);
size_t rill_encodings_count(const struct rill_encodings *e);
/* The next picture of encoding i is a key frame. */
void rill_encodings_want_keyframe(struct rill_encodings *e, size_t i);
/* The picture as encoding i has it: 1 with a frame (bytes live until its next call), 0 when it was
 * dropped, -1 when there is none by its settings, or an encoder could not be had. */
int rill_encodings_encode(struct rill_encodings *e, size_t i, const struct rill_image *image,
                          struct rill_frame *out);

/* What became of encoding i (W3C webrtc-stats, RTCOutboundRtpStreamStats). */
struct rill_encoding_stats {
    uint64_t frames, keyframes;
    uint64_t huge;   /* frames of 2.5 times the size that the bit rate has for one, and more */
    uint64_t qp_sum; /* as of rill_vpx_encoder_qp() */
    uint64_t target_bytes; /* that the bit rate had for them */
    int64_t encode_us;     /* 0 without a clock */
    uint32_t width, height, target_bps;
    unsigned per_second;
    enum rill_quality_reason limitation;
    int64_t limited_us[RILL_QUALITY_REASONS];
};
/* now: the clock of the pictures' times. */
void rill_encodings_stats(struct rill_encodings *e, size_t i, int64_t now,
                          struct rill_encoding_stats *out);
/* The source has dropped pictures. */
void rill_encodings_late(struct rill_encodings *e, int64_t now);

#endif
