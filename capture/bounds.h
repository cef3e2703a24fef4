/* capture/bounds: what sizes and rates any source may have, whoever claims them. */
#ifndef RILL_CAPTURE_BOUNDS_H
#define RILL_CAPTURE_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

/* RFC 6386 §9.1: 14 bits a side. */
#define RILL_PICTURE_SIDE_MAX 16383
#define RILL_PICTURE_PIXELS_MAX (4096 * 2304)
/* Keeps k × denominator within 64 bits for any frame number k below 2^40. */
#define RILL_RATE_TERM_MAX 10000000

static inline bool rill_bounds_picture(uint32_t width, uint32_t height)
{
    return width > 0 && height > 0 && width <= RILL_PICTURE_SIDE_MAX &&
           height <= RILL_PICTURE_SIDE_MAX && (uint64_t)width * height <= RILL_PICTURE_PIXELS_MAX;
}

/* From one frame in 1000 seconds to 1000 a second. */
static inline bool rill_bounds_rate(uint32_t numerator, uint32_t denominator)
{
    return numerator > 0 && denominator > 0 && numerator <= RILL_RATE_TERM_MAX &&
           denominator <= RILL_RATE_TERM_MAX && numerator <= 1000 * (uint64_t)denominator &&
           denominator <= 1000 * (uint64_t)numerator;
}

#endif
