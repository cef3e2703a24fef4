/* capture/ivf: the IVF reader: encoded video frames, each with its time.
 *
 *     "DKIF" | version 16 | header size 16 | FourCC | width 16 | height 16
 *     time units: denominator 32 | numerator 32 | frame count 32 | unused 32
 *     then each frame: size 32 | time 64 | bytes
 *
 * Numbers are little-endian. The frame count is not trusted: a recorder that crashed wrote
 * none. One that was killed may have written a part of its last frame, which is not taken either.
 * A frame without bytes is none. Of frames with one time each comes 1 ms after the one before.
 * VP8, VP9 and AV1 are taken. */
#ifndef RILL_CAPTURE_IVF_H
#define RILL_CAPTURE_IVF_H

#include "base/field.h"
#include "base/frame.h"
#include "capture/file.h"

#define RILL_IVF_HEADER_SIZE 32
#define RILL_IVF_FRAME_HEADER_SIZE 12
#define RILL_IVF_MAGIC_DKIF 0x444b4946
#define RILL_IVF_FOURCC_VP80 0x56503830
#define RILL_IVF_FOURCC_VP90 0x56503930
#define RILL_IVF_FOURCC_AV01 0x41563031

enum rill_ivf_field {
    RILL_IVF_MAGIC,
    RILL_IVF_VERSION,
    RILL_IVF_SIZE,
    RILL_IVF_FOURCC,
    RILL_IVF_WIDTH,
    RILL_IVF_HEIGHT,
    RILL_IVF_DENOMINATOR,
    RILL_IVF_NUMERATOR,
    RILL_IVF_COUNT,
    RILL_IVF_UNUSED,
    RILL_IVF_FIELDS,
};
enum rill_ivf_frame_field {
    RILL_IVF_FRAME_BYTES,
    RILL_IVF_FRAME_TIME,
    RILL_IVF_FRAME_FIELDS,
};
extern const struct rill_field rill_ivf_header_field[RILL_IVF_FIELDS];
extern const struct rill_field rill_ivf_frame_field[RILL_IVF_FRAME_FIELDS];
extern const struct rill_field_table rill_ivf_header_fields;
extern const struct rill_field_table rill_ivf_frame_fields;

struct rill_ivf {
    struct rill_file *file;
    struct rill_file_index index;
    enum rill_codec_id codec;
    uint32_t width;
    uint32_t height;
    uint64_t unit_numerator; /* of a second */
    uint64_t unit_denominator;
    uint64_t first_time;
    uint64_t last_time;
    int64_t duration; /* µs from the first frame to where the first would come again */
    uint32_t largest; /* bytes */
};

/* Reads the header and finds every frame. file outlives it; close it on success only.
 * Errors: RILL_CAPTURE_IVF_*, _TRUNCATED (the very first frame), _NO_FRAMES, _OPEN (memory). */
int rill_ivf_open(struct rill_ivf *v, struct rill_file *file, struct rill_err *why);
void rill_ivf_close(struct rill_ivf *v);

/* RILL_CODEC_NONE of letters that are not known; and back, 0 where there are none. */
enum rill_codec_id rill_ivf_codec(uint32_t fourcc);
uint32_t rill_ivf_fourcc(enum rill_codec_id codec);

/* Frame k into bytes, which has room for `largest`. */
bool rill_ivf_read(struct rill_ivf *v, size_t k, uint8_t *bytes);

#endif
