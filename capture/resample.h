/* capture/resample: the samples of a .wav at 48 kHz, by capture/rate; at 48 kHz they pass
 * unchanged. */
#ifndef RILL_CAPTURE_RESAMPLE_H
#define RILL_CAPTURE_RESAMPLE_H

#include "capture/rate.h"
#include "capture/wav.h"

#define RILL_RESAMPLE_CHUNK 256

struct rill_resample {
    struct rill_wav *wav;
    bool loop;              /* at the end begin again, without a gap */
    struct rill_rate *rate; /* NULL: it has 48 kHz */
    int16_t read[RILL_RESAMPLE_CHUNK * 2];
    size_t at, n; /* frames of it that are used up, and that there are */
};

/* False when memory is out. wav outlives it. */
bool rill_resample_init(struct rill_resample *r, struct rill_wav *wav, bool loop);
void rill_resample_free(struct rill_resample *r);
/* n samples, interleaved as the file's channels; silence after the end. */
void rill_resample_fill(struct rill_resample *r, int16_t *samples, size_t n);
/* How many samples the file gives at 48 kHz. */
uint64_t rill_resample_length(const struct rill_wav *wav);

#endif
