#include "media/stretch.h"

#include <math.h>
#include <string.h>

/* The search goes over sound of 8 kHz first, then around the best of it at 48 kHz. */
#define COARSE 6
#define SHORT_MAX (RILL_STRETCH_FRAMES_MAX / COARSE)
/* What is compared, at most. */
#define COMPARED 480
/* Mean square of silence: -66 dB of full scale. */
#define SILENCE (16.0 * 16.0)

struct pair {
    double both, one, other;
};

static double likeness(const struct pair *p, size_t n)
{
    if (p->one < SILENCE * (double)n && p->other < SILENCE * (double)n)
        return 1;
    return p->one > 0 && p->other > 0 ? p->both / sqrt(p->one * p->other) : 0;
}

/* The last `length` of x against as many `lag` before. */
static double compare(const float *x, size_t n, size_t length, size_t lag)
{
    struct pair p = {0, 0, 0};
    const float *late = x + n - length, *early = late - lag;
    for (size_t i = 0; i < length; i++) {
        p.both += (double)(late[i] * early[i]);
        p.one += (double)(late[i] * late[i]);
        p.other += (double)(early[i] * early[i]);
    }
    return likeness(&p, length);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t search(const float *x, size_t n, size_t least, size_t most, size_t compared,
                     double *alike)
{
    size_t best = least;
    *alike = -1;
    for (size_t lag = least; lag <= most && lag < n; lag++) {
        double a = compare(x, n, smaller(n - lag, compared), lag);
        /* A multiple of the period is as good; the shortest is taken. */
        if (a > *alike + 0.001) {
            *alike = a;
            best = lag;
        }
    }
    return best;
}

size_t rill_stretch_period(const int16_t *samples, size_t n, size_t least, size_t most,
                           double *alike)
{
    float mono[RILL_STRETCH_FRAMES_MAX], coarse[SHORT_MAX];
    size_t n_coarse = n / COARSE;
    for (size_t i = 0; i < n; i++)
        mono[i] = (float)(samples[2 * i] + samples[2 * i + 1]) / 2;
    for (size_t i = 0; i < n_coarse; i++) {
        float sum = 0;
        for (size_t k = 0; k < COARSE; k++)
            sum += mono[n - n_coarse * COARSE + i * COARSE + k];
        coarse[i] = sum / COARSE;
    }
    size_t near = COARSE * search(coarse, n_coarse, (least + COARSE - 1) / COARSE, most / COARSE,
                                  COMPARED / COARSE, alike);
    size_t from = near > least + COARSE ? near - COARSE : least;
    return search(mono, n, from, smaller(near + COARSE, most), COMPARED, alike);
}

/* From a, which ends, to b, which begins; out may be either. */
static void fade(int16_t *out, const int16_t *a, const int16_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < 2; c++) {
            long x = a[2 * i + c], y = b[2 * i + c];
            out[2 * i + c] = (int16_t)((x * (long)(n - i) + y * (long)i) / (long)n);
        }
}

/* A period that lies twice in the n frames. */
static size_t period_within(const int16_t *samples, size_t n, size_t most, double alike)
{
    double found;
    n = smaller(n, RILL_STRETCH_FRAMES_MAX);
    most = smaller(smaller(most, n / 2), RILL_STRETCH_MOST);
    if (most < RILL_STRETCH_LEAST)
        return 0;
    size_t period =
        rill_stretch_period(samples, smaller(n, 2 * most), RILL_STRETCH_LEAST, most, &found);
    return found >= alike ? period : 0;
}

size_t rill_stretch_shorten(int16_t *samples, size_t n, size_t most, double alike)
{
    size_t p = period_within(samples, n, most, alike);
    if (p == 0)
        return 0;
    fade(samples, samples, samples + 2 * p, p);
    memmove(samples + 2 * p, samples + 4 * p, (n - 2 * p) * 2 * sizeof *samples);
    return p;
}

size_t rill_stretch_lengthen(int16_t *samples, size_t n, size_t most, double alike)
{
    size_t p = period_within(samples, n, most, alike);
    if (p == 0)
        return 0;
    memmove(samples + 4 * p, samples + 2 * p, (n - p) * 2 * sizeof *samples);
    fade(samples + 2 * p, samples + 4 * p, samples, p);
    return p;
}
