#include "media/conceal.h"

#include <string.h>

#define FADE_IN 240
#define BRIDGE 96

static int16_t mix(int16_t a, int16_t b, size_t i, size_t n)
{
    return (int16_t)(((long)a * (long)(n - i) + (long)b * (long)i) / (long)n);
}

/* The last period of the past, whose end fades into what went before its beginning, so that it can
 * be said again and again. */
static void begin(struct rill_conceal *c)
{
    double alike;
    size_t n = rill_stretch_period(c->past, RILL_CONCEAL_PAST, RILL_STRETCH_LEAST,
                                   RILL_STRETCH_MOST, &alike);
    const int16_t *last = c->past + 2 * (RILL_CONCEAL_PAST - n), *before = last - 2 * n;
    size_t from = n - n / 4;
    memcpy(c->period, last, 2 * n * sizeof *last);
    for (size_t i = from; i < n; i++)
        for (size_t k = 0; k < 2; k++)
            c->period[2 * i + k] = mix(last[2 * i + k], before[2 * i + k], i - from + 1, n - from);
    for (size_t k = 0; k < 2; k++)
        c->offset[k] = c->past[2 * RILL_CONCEAL_PAST - 2 + k] - c->period[2 * n - 2 + k];
    c->frames = n;
    c->at = c->back = 0;
}

static int16_t clip(double v)
{
    return v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : (int16_t)v;
}

static void go_on(struct rill_conceal *c, int16_t *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++, c->at++)
        for (size_t k = 0; k < 2; k++) {
            double left = c->at < BRIDGE ? 1 - (double)(c->at + 1) / BRIDGE : 0;
            out[2 * i + k] = clip(c->period[2 * (c->at % c->frames) + k] + c->offset[k] * left);
        }
}

/* What is made is past, too: between two losses there may be less than a period. */
static void keep(struct rill_conceal *c, const int16_t *samples, size_t frames, size_t channels)
{
    size_t n = frames < RILL_CONCEAL_PAST ? frames : RILL_CONCEAL_PAST;
    memmove(c->past, c->past + 2 * n, 2 * (RILL_CONCEAL_PAST - n) * sizeof *c->past);
    const int16_t *from = samples + (frames - n) * channels;
    int16_t *to = c->past + 2 * (RILL_CONCEAL_PAST - n);
    for (size_t i = 0; i < n; i++) {
        to[2 * i] = from[i * channels];
        to[2 * i + 1] = from[i * channels + channels - 1];
    }
}

void rill_conceal_make(struct rill_conceal *c, int16_t *out, size_t frames)
{
    if (c->frames == 0 || c->back > 0)
        begin(c);
    go_on(c, out, frames);
    keep(c, out, frames, 2);
}

/* The way back goes on in the next packet where one is too short. */
static void fade_in(struct rill_conceal *c, size_t lag, struct rill_pcm *pcm)
{
    for (size_t i = 0; i < pcm->frames && c->back < lag + FADE_IN; i++, c->back++) {
        int16_t going_on[2];
        size_t faded = c->back < lag ? 0 : c->back - lag + 1;
        go_on(c, going_on, 1);
        for (size_t k = 0; k < pcm->channels; k++) {
            int16_t *s = &pcm->samples[i * pcm->channels + k];
            *s = mix(going_on[k], *s, faded, FADE_IN);
        }
    }
    if (c->back >= lag + FADE_IN)
        c->frames = 0;
}

void rill_conceal_heard(struct rill_conceal *c, size_t lag, struct rill_pcm *pcm)
{
    if (c->frames)
        fade_in(c, lag, pcm);
    keep(c, pcm->samples, pcm->frames, pcm->channels);
}
