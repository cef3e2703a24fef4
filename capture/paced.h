/* capture/paced: what a source holds that needs no device: test pattern, tone and files. */
#ifndef RILL_CAPTURE_PACED_H
#define RILL_CAPTURE_PACED_H

#include "capture/h264.h"
#include "capture/ivf.h"
#include "capture/opus_file.h"
#include "capture/resample.h"
#include "capture/sine.h"
#include "capture/source_private.h"
#include "capture/y4m.h"

#define RILL_PACED_ENDLESS UINT64_MAX

enum rill_paced_type {
    RILL_PACED_TESTSRC,
    RILL_PACED_SINE,
    RILL_PACED_Y4M,
    RILL_PACED_IVF,
    RILL_PACED_H264,
    RILL_PACED_WAV,
    RILL_PACED_OPUS,
};

struct rill_paced {
    enum rill_paced_type type;
    struct rill_file file;
    union {
        struct rill_y4m y4m;
        struct rill_ivf ivf;
        struct rill_h264_file h264;
        struct rill_wav wav;
        struct rill_sine sine;
    };
    struct rill_resample resample;
    struct rill_opus_file *opus;
    bool loop;
    uint32_t width, height; /* of video */
    uint32_t rate_numerator, rate_denominator;
    uint8_t channels; /* of sound */
    uint8_t *buffer;  /* one picture or encoded frame */
    int16_t samples[RILL_SOURCE_BLOCK_FRAMES * 2];
    int64_t start;
    uint64_t next;  /* number of the next item since the start */
    uint64_t total; /* how many there are */
};

/* Of files of encoded frames; NULL of all else. */
const struct rill_file_index *rill_paced_frames(const struct rill_paced *p);

extern const struct rill_source_ops rill_paced_ops;

#endif
