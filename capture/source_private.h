/* capture/source_private: what a source holds, for the file that opens it (source_open.c) and
 * the one that paces it (source.c). */
#ifndef RILL_CAPTURE_SOURCE_PRIVATE_H
#define RILL_CAPTURE_SOURCE_PRIVATE_H

#include "capture/ivf.h"
#include "capture/options.h"
#include "capture/resample.h"
#include "capture/sine.h"
#include "capture/source.h"
#include "capture/y4m.h"

#define RILL_SOURCE_RATE_HZ 48000
#define RILL_SOURCE_BLOCK_FRAMES 960
#define RILL_SOURCE_ENDLESS UINT64_MAX

enum rill_source_type {
    RILL_SOURCE_TESTSRC,
    RILL_SOURCE_SINE,
    RILL_SOURCE_Y4M,
    RILL_SOURCE_IVF,
    RILL_SOURCE_WAV,
};

struct rill_source {
    enum rill_source_type type;
    struct rill_source_options options;
    struct rill_file file;
    union {
        struct rill_y4m y4m;
        struct rill_ivf ivf;
        struct rill_wav wav;
        struct rill_sine sine;
    };
    struct rill_resample resample;
    uint32_t width, height; /* of video */
    uint32_t rate_numerator, rate_denominator;
    uint8_t channels; /* of sound */
    uint8_t *buffer;  /* one picture or encoded frame */
    int16_t samples[RILL_SOURCE_BLOCK_FRAMES * 2];
    bool started;
    int64_t start;
    uint64_t next;  /* number of the next item since the start */
    uint64_t total; /* how many there are */
    uint64_t dropped;
};

#endif
