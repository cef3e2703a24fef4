#include "capture/resample.h"

#include <string.h>

#define RATE_HZ 48000

bool rill_resample_init(struct rill_resample *r, struct rill_wav *wav, bool loop)
{
    *r = (struct rill_resample){.wav = wav, .loop = loop};
    if (wav->rate_hz == RATE_HZ)
        return true;
    r->rate = rill_rate_new(wav->channels, wav->rate_hz, RATE_HZ);
    if (r->rate)
        rill_rate_align(r->rate);
    return r->rate != NULL;
}

void rill_resample_free(struct rill_resample *r)
{
    rill_rate_free(r->rate);
    r->rate = NULL;
}

/* The next sample of the file, or of its beginning, or silence. */
static void read_frame(struct rill_resample *r, int16_t *out)
{
    int16_t frame[2];
    if (!rill_wav_read(r->wav, frame) &&
        !(r->loop && rill_wav_rewind(r->wav) && rill_wav_read(r->wav, frame)))
        memset(frame, 0, sizeof frame);
    memcpy(out, frame, r->wav->channels * sizeof *out);
}

static void refill(struct rill_resample *r)
{
    r->at = 0;
    for (r->n = 0; r->n < RILL_RESAMPLE_CHUNK; r->n++)
        read_frame(r, r->read + r->n * r->wav->channels);
}

void rill_resample_fill(struct rill_resample *r, int16_t *samples, size_t n)
{
    size_t channels = r->wav->channels;
    if (!r->rate) {
        for (size_t i = 0; i < n; i++)
            read_frame(r, samples + i * channels);
        return;
    }
    while (n > 0) {
        if (r->at == r->n)
            refill(r);
        size_t in = r->n - r->at, out = n;
        rill_rate_run(r->rate, r->read + r->at * channels, &in, samples, &out);
        r->at += in;
        samples += out * channels;
        n -= out;
    }
}

uint64_t rill_resample_length(const struct rill_wav *wav)
{
    return (wav->frames * RATE_HZ + wav->rate_hz - 1) / wav->rate_hz;
}
