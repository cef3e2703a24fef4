/* capture/resample: the samples of a file at 48 kHz.
 *
 * The idea: between two samples runs a cubic through them and their neighbours (Hermite, its
 * slopes from the neighbours' differences). Where to look is counted in whole parts of a
 * sample, so that nothing drifts. At 48 kHz the samples pass unchanged. */
#ifndef RILL_CAPTURE_RESAMPLE_H
#define RILL_CAPTURE_RESAMPLE_H

#include "capture/wav.h"

struct rill_resample {
    struct rill_wav *wav;
    bool loop; /* at the end begin again, without a gap */
    bool primed;
    uint32_t part;     /* of a sample, in 1/48000 */
    int16_t tap[4][2]; /* the output lies between tap[1] and tap[2] */
};

/* n samples, interleaved as the file's channels; silence after the end. */
void rill_resample_fill(struct rill_resample *r, int16_t *samples, size_t n);
/* How many samples the file gives at 48 kHz. */
uint64_t rill_resample_length(const struct rill_wav *wav);

#endif
