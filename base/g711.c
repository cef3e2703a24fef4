/* g711: both laws, there and back. */
#include "base/g711.h"

#define BIAS 132 /* of PCMU, so that the first segment begins at a power of two */
#define CLIP 32635
#define SIGN 0x80
#define EVEN_BITS 0x55 /* PCMA inverts these on the line */

/* The segment: how far the highest bit of v lies above the lowest segment's. */
static unsigned segment_of(unsigned v, unsigned lowest)
{
    unsigned segment = 0;
    while (segment < 7 && v >= lowest << (segment + 1))
        segment++;
    return segment;
}

uint8_t rill_pcmu_encode(int16_t sample)
{
    int value = sample;
    unsigned sign = value < 0 ? SIGN : 0;
    value = value < 0 ? -value : value;
    unsigned v = (unsigned)(value < CLIP ? value : CLIP) + BIAS;
    unsigned segment = segment_of(v, 128);
    unsigned step = v >> (segment + 3) & 15;
    return (uint8_t) ~(sign | segment << 4 | step);
}

int16_t rill_pcmu_decode(uint8_t byte)
{
    unsigned v = (uint8_t)~byte;
    int value = (int)(((v & 15) << 3) + BIAS) << (v >> 4 & 7);
    return (int16_t)(v & SIGN ? BIAS - value : value - BIAS);
}

/* In PCMA the sign bit is 1 for what is not negative; the two lowest segments have steps of one
 * size. Negative values are one's complement: -1 lies in the first step below zero. */
uint8_t rill_pcma_encode(int16_t sample)
{
    unsigned sign = sample < 0 ? 0 : SIGN;
    unsigned v = (unsigned)(sample < 0 ? ~sample : sample) >> 3;
    unsigned segment = segment_of(v, 16);
    unsigned step = v >> (segment ? segment : 1) & 15;
    return (uint8_t)((sign | segment << 4 | step) ^ EVEN_BITS);
}

int16_t rill_pcma_decode(uint8_t byte)
{
    unsigned v = byte ^ EVEN_BITS;
    unsigned segment = v >> 4 & 7;
    int value = (int)((v & 15) << 4) + 8;
    if (segment)
        value = (value + 256) << (segment - 1);
    return (int16_t)(v & SIGN ? value : -value);
}
