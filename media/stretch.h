/* media/stretch: sound made shorter or longer by a little, unheard (waveform similarity
 * overlap-add).
 *
 * The idea: speech and tones repeat themselves. One period is laid over the next, or said once
 * more, fading from the one to the other; since the two are alike there is no seam. */
#ifndef RILL_MEDIA_STRETCH_H
#define RILL_MEDIA_STRETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of sound at 48 kHz, two channels; in frames: 2.5 to 15 ms. */
#define RILL_STRETCH_LEAST 120
#define RILL_STRETCH_MOST 720
#define RILL_STRETCH_FRAMES_MAX 2048

/* The period, least to most frames, at which the end of `samples` repeats itself most; *alike: how
 * much, -1 to 1; silence is like itself. n > most; at most RILL_STRETCH_FRAMES_MAX. */
size_t rill_stretch_period(const int16_t *samples, size_t n, size_t least, size_t most,
                           double *alike);

/* Takes a period of at most `most` frames out of the beginning of n frames; 0 when nothing there is
 * alike enough. Returns how many are gone. */
size_t rill_stretch_shorten(int16_t *samples, size_t n, size_t most, double alike);
/* Says a period once more; there is room for n + most. Returns how many are there in addition. */
size_t rill_stretch_lengthen(int16_t *samples, size_t n, size_t most, double alike);

#endif
