/* media/tone: which frequency is strongest in the last half second of sound.
 *
 * The idea: a Fourier transform with bins of 1.5 Hz, and a parabola through the highest bin
 * and its neighbours. Asked once a second or so, never for each packet. */
#ifndef RILL_MEDIA_TONE_H
#define RILL_MEDIA_TONE_H

#include "base/frame.h"

/* Half a second at 48 kHz. */
#define RILL_TONE_SAMPLES 24000

/* Zero it to begin. */
struct rill_tone {
    int16_t samples[RILL_TONE_SAMPLES]; /* a ring: mono */
    size_t next;
    uint64_t taken;
};

/* Sound at 48 kHz; channels are averaged. */
void rill_tone_take(struct rill_tone *t, const struct rill_pcm *pcm);

/* Hz, to ±5 between 100 and 4000; 0 when it is silent, when less than a tenth of a second was
 * taken, or when there is no memory for the transform. */
uint32_t rill_tone_hz(const struct rill_tone *t);

#endif
