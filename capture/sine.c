#include "capture/sine.h"

#include <math.h>

#define RATE_HZ 48000
#define TURN 6.283185307179586

void rill_sine_fill(struct rill_sine *s, int16_t *samples, size_t n, uint8_t channels)
{
    double peak = 32767.0 * s->volume / 100.0;
    for (size_t i = 0; i < n; i++) {
        int16_t v = (int16_t)lrint(peak * sin(TURN * s->phase / RATE_HZ));
        for (uint8_t c = 0; c < channels; c++)
            *samples++ = v;
        s->phase = (s->phase + s->frequency_hz) % RATE_HZ;
    }
}
