/* capture/rate: sound at another rate, by libspeexdsp. */
#ifndef RILL_CAPTURE_RATE_H
#define RILL_CAPTURE_RATE_H

#include <stddef.h>
#include <stdint.h>

struct rill_rate;

/* NULL when memory is out. Rates from 1000 to 384000 Hz, 1 or 2 channels. */
struct rill_rate *rill_rate_new(uint8_t channels, uint32_t in_hz, uint32_t out_hz);
void rill_rate_free(struct rill_rate *r);
/* Before the first run: the first sample out is the first sample in, not silence. */
void rill_rate_align(struct rill_rate *r);
/* By how many frames what comes out lags behind what goes in. */
size_t rill_rate_lag(const struct rill_rate *r);
/* From now on the input is read about so many millionths faster than in_hz; up to ±10000. */
void rill_rate_bend(struct rill_rate *r, int32_t ppm);
/* In: how much there is and how much room; out: how much was taken and given. Of the two at
 * least one is used up. */
void rill_rate_run(struct rill_rate *r, const int16_t *in, size_t *in_frames, int16_t *out,
                   size_t *out_frames);

#endif
