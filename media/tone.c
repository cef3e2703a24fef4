#include "media/tone.h"

#include <math.h>
#include <stdlib.h>

#define RATE_HZ 48000.0
#define TURN 6.283185307179586
/* The transform's size: a power of two over RILL_TONE_SAMPLES, the rest is zero. */
#define SIZE 32768
#define LOWEST_HZ 40.0
#define HIGHEST_HZ 20000.0
#define SAMPLES_MIN 4800
/* Mean square below which it is silence: -66 dB of full scale. */
#define SILENCE (16.0 * 16.0)

struct complex {
    double re, im;
};

void rill_tone_take(struct rill_tone *t, const struct rill_pcm *pcm)
{
    for (size_t i = 0; i < pcm->frames; i++) {
        int32_t sum = 0;
        for (uint8_t c = 0; c < pcm->channels; c++)
            sum += pcm->samples[i * pcm->channels + c];
        t->samples[t->next] = (int16_t)(sum / pcm->channels);
        t->next = (t->next + 1) % RILL_TONE_SAMPLES;
    }
    t->taken += pcm->frames;
}

/* Samples without their mean, oldest first. No window: a short beep at the edge counts as much
 * as one in the middle. Returns the mean square. */
static double load(const struct rill_tone *t, struct complex *x)
{
    size_t n = t->taken < RILL_TONE_SAMPLES ? (size_t)t->taken : RILL_TONE_SAMPLES;
    size_t oldest = (t->next + RILL_TONE_SAMPLES - n) % RILL_TONE_SAMPLES;
    double mean = 0;
    double power = 0;
    for (size_t i = 0; i < n; i++)
        mean += t->samples[(oldest + i) % RILL_TONE_SAMPLES];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) {
        double v = t->samples[(oldest + i) % RILL_TONE_SAMPLES] - mean;
        power += v * v;
        x[i].re = v;
    }
    return power / (double)n;
}

static void swap_to_reversed_bits(struct complex *x)
{
    for (size_t i = 1, j = 0; i < SIZE; i++) {
        size_t bit = SIZE / 2;
        for (; j & bit; bit /= 2)
            j ^= bit;
        j ^= bit;
        if (i >= j)
            continue;
        struct complex other = x[i];
        x[i] = x[j];
        x[j] = other;
    }
}

/* One stage of butterflies over blocks of 2 × half. */
static void stage(struct complex *x, size_t half)
{
    for (size_t k = 0; k < half; k++) {
        double angle = -TURN / 2 * (double)k / (double)half;
        struct complex w = {cos(angle), sin(angle)};
        for (size_t i = k; i < SIZE; i += 2 * half) {
            struct complex *a = &x[i];
            struct complex *b = &x[i + half];
            struct complex turned = {b->re * w.re - b->im * w.im, b->re * w.im + b->im * w.re};
            *b = (struct complex){a->re - turned.re, a->im - turned.im};
            *a = (struct complex){a->re + turned.re, a->im + turned.im};
        }
    }
}

static void transform(struct complex *x)
{
    swap_to_reversed_bits(x);
    for (size_t half = 1; half < SIZE; half *= 2)
        stage(x, half);
}

static double power_at(const struct complex *x, size_t bin)
{
    return x[bin].re * x[bin].re + x[bin].im * x[bin].im;
}

/* Near its top a peak is a parabola in the logarithm. */
static double peak_hz(const struct complex *x)
{
    size_t best = (size_t)(LOWEST_HZ * SIZE / RATE_HZ);
    for (size_t bin = best; bin < (size_t)(HIGHEST_HZ * SIZE / RATE_HZ); bin++)
        if (power_at(x, bin) > power_at(x, best))
            best = bin;
    double left = log(power_at(x, best - 1) + 1);
    double middle = log(power_at(x, best) + 1);
    double right = log(power_at(x, best + 1) + 1);
    double bend = left - 2 * middle + right;
    double shift = bend < 0 ? 0.5 * (left - right) / bend : 0;
    return ((double)best + shift) * RATE_HZ / SIZE;
}

uint32_t rill_tone_hz(const struct rill_tone *t)
{
    if (t->taken < SAMPLES_MIN)
        return 0;
    struct complex *x = calloc(SIZE, sizeof *x);
    if (!x)
        return 0;
    uint32_t hz = 0;
    if (load(t, x) > SILENCE) {
        transform(x);
        hz = (uint32_t)lround(peak_hz(x));
    }
    free(x);
    return hz;
}
