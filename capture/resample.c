#include "capture/resample.h"

#include <string.h>

#define RATE_HZ 48000

static void shift(struct rill_resample *r)
{
    memmove(r->tap[0], r->tap[1], 3 * sizeof r->tap[0]);
    if (rill_wav_read(r->wav, r->tap[3]))
        return;
    if (r->loop && rill_wav_rewind(r->wav) && rill_wav_read(r->wav, r->tap[3]))
        return;
    memset(r->tap[3], 0, sizeof r->tap[3]);
}

/* The first sample has no neighbour before it and stands in for it. */
static void prime(struct rill_resample *r)
{
    shift(r);
    shift(r);
    shift(r);
    memcpy(r->tap[0], r->tap[1], sizeof r->tap[0]);
    r->primed = true;
}

static int16_t between(const struct rill_resample *r, size_t channel)
{
    float a = r->tap[0][channel];
    float b = r->tap[1][channel];
    float c = r->tap[2][channel];
    float d = r->tap[3][channel];
    float t = (float)r->part / RATE_HZ;
    float slope_b = (c - a) / 2;
    float slope_c = (d - b) / 2;
    float cube = 2 * (b - c) + slope_b + slope_c;
    float square = 3 * (c - b) - 2 * slope_b - slope_c;
    float v = ((cube * t + square) * t + slope_b) * t + b;
    return v > 32767 ? INT16_MAX : v < -32768 ? INT16_MIN : (int16_t)v;
}

void rill_resample_fill(struct rill_resample *r, int16_t *samples, size_t n)
{
    if (!r->primed)
        prime(r);
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < r->wav->channels; c++)
            *samples++ = between(r, c);
        for (r->part += r->wav->rate_hz; r->part >= RATE_HZ; r->part -= RATE_HZ)
            shift(r);
    }
}

uint64_t rill_resample_length(const struct rill_wav *wav)
{
    return (wav->frames * RATE_HZ + wav->rate_hz - 1) / wav->rate_hz;
}
