/* media/noise: the sound of a room at rest, as RFC 3389 tells it: a level, and the reflection
 * coefficients of an all-pole filter that white noise goes through.
 *
 * The idea: who sends takes the correlation of what is heard, a mean over the last frames, and
 * Levinson and Durbin's recursion turns it into coefficients; who receives runs white noise through
 * the lattice of the same coefficients. Samples are of 8 kHz. A coefficient has the sign of
 * A(z) = 1 + a1 z^-1 + …, of which it is the last one of its order; so do Chromium's. */
#ifndef RILL_MEDIA_NOISE_H
#define RILL_MEDIA_NOISE_H

#include "rtp/comfort_noise.h"

#include <stddef.h>
#include <stdint.h>

#define RILL_NOISE_ORDER 10

/* RFC 3389 §3.1: 0 dBov is a square wave at the loudest, of mu-law 8031 × 4. */
#define RILL_NOISE_LOUDEST 32124.0

/* The mean power of samples, in dBov; -127 for silence. */
double rill_noise_dbov(const int16_t *samples, size_t n);

/* --- heard: zero it to begin */
struct rill_noise_heard {
    unsigned frames; /* that it is the mean of, up to those that count */
    double power;    /* of a sample */
    double correlation[RILL_NOISE_ORDER + 1];
};

void rill_noise_hear(struct rill_noise_heard *h, const int16_t *samples, size_t n);
void rill_noise_tell(const struct rill_noise_heard *h, struct rill_comfort_noise *out);
/* Somebody would hear the difference: 2 dB, or another spectrum. */
bool rill_noise_differs(const struct rill_comfort_noise *a, const struct rill_comfort_noise *b);

/* --- made: zero it to begin */
struct rill_noise_made {
    bool told;
    double k[RILL_COMFORT_NOISE_ORDER_MAX]; /* reflection coefficients */
    size_t order;
    double target, gain; /* of the white noise; the gain goes there */
    double state[RILL_COMFORT_NOISE_ORDER_MAX + 1];
    uint32_t random;
};

/* fresh: a pause begins; else the noise of the one that goes on changes, and not at once. */
void rill_noise_set(struct rill_noise_made *m, const struct rill_comfort_noise *n, bool fresh);
/* Silence when nothing was told. */
void rill_noise_make(struct rill_noise_made *m, int16_t *out, size_t n);

#endif
