#include "capture/rate.h"

#include <speex/speex_resampler.h>
#include <stdbool.h>
#include <stdlib.h>

/* 0 … 10: on the way to 48 kHz it holds a tone's images 60 dB down. */
#define QUALITY 5
#define PARTS 50000

struct rill_rate {
    SpeexResamplerState *state;
    uint32_t in_hz, out_hz;
    uint32_t over, under; /* in_hz / out_hz in lowest terms */
    int32_t ppm;
};

static uint32_t common(uint32_t a, uint32_t b)
{
    while (b > 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

struct rill_rate *rill_rate_new(uint8_t channels, uint32_t in_hz, uint32_t out_hz)
{
    int error = 0;
    struct rill_rate *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    uint32_t divisor = common(in_hz, out_hz);
    *r = (struct rill_rate){
        .in_hz = in_hz, .out_hz = out_hz, .over = in_hz / divisor, .under = out_hz / divisor};
    r->state = speex_resampler_init(channels, in_hz, out_hz, QUALITY, &error);
    if (!r->state) {
        free(r);
        return NULL;
    }
    return r;
}

void rill_rate_free(struct rill_rate *r)
{
    if (!r)
        return;
    speex_resampler_destroy(r->state);
    free(r);
}

void rill_rate_align(struct rill_rate *r)
{
    speex_resampler_skip_zeros(r->state);
}

size_t rill_rate_lag(const struct rill_rate *r)
{
    return (size_t)speex_resampler_get_output_latency(r->state);
}

/* The library multiplies the old denominator by the new one in 32 bits, and is broken when that
 * runs over; so both stay below 16. At 48 kHz a step is 20 millionths. */
void rill_rate_bend(struct rill_rate *r, int32_t ppm)
{
    uint32_t most = r->over > r->under ? r->over : r->under;
    int32_t parts = (int32_t)(PARTS / most);
    if (ppm == r->ppm || parts == 0)
        return;
    r->ppm = ppm;
    int32_t bent = parts + (int32_t)((int64_t)parts * ppm / 1000000);
    speex_resampler_set_rate_frac(r->state, r->over * (uint32_t)bent, r->under * (uint32_t)parts,
                                  r->in_hz, r->out_hz);
}

void rill_rate_run(struct rill_rate *r, const int16_t *in, size_t *in_frames, int16_t *out,
                   size_t *out_frames)
{
    spx_uint32_t taken = (spx_uint32_t)*in_frames, given = (spx_uint32_t)*out_frames;
    speex_resampler_process_interleaved_int(r->state, in, &taken, out, &given);
    *in_frames = taken;
    *out_frames = given;
}
