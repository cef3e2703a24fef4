/* capture/sine: a pure tone at 48 kHz.
 *
 * The idea: the phase is counted in whole parts of a period, frequency × sample modulo 48000,
 * so the tone never drifts, however long it sounds. */
#ifndef RILL_CAPTURE_SINE_H
#define RILL_CAPTURE_SINE_H

#include <stddef.h>
#include <stdint.h>

struct rill_sine {
    uint32_t frequency_hz; /* < 24000 */
    uint32_t volume;       /* percent of full scale */
    uint32_t phase;        /* in 1/48000 of a period */
};

/* n samples, the same on each of the interleaved channels. */
void rill_sine_fill(struct rill_sine *s, int16_t *samples, size_t n, uint8_t channels);

#endif
