/* rtp/comfort_noise: what a pause sounds like (RFC 3389): a level, and reflection coefficients.
 *
 *   |0| level (7) | N1 (8) | N2 (8) | … | NM (8) |
 *
 * The idea: the noise of the room is white noise through a filter of order M; M may be 0. It has a
 * payload type of its own in the stream of the codec that it stands in for, 13 at 8 kHz.
 */
#ifndef RILL_RTP_COMFORT_NOISE_H
#define RILL_RTP_COMFORT_NOISE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/field.h"
#include "rtp/errors.h"

#define RILL_COMFORT_NOISE_PT 13 /* RFC 3551 §6, at 8 kHz */
/* Coefficients that are kept; of more the first ones. */
#define RILL_COMFORT_NOISE_ORDER_MAX 32
/* "index N=255 is reserved for future use" */
#define RILL_COMFORT_NOISE_RESERVED 255

struct rill_comfort_noise {
    uint8_t level; /* 0 to 127: so many dB below the overload of the system */
    uint8_t order;
    uint8_t indices[RILL_COMFORT_NOISE_ORDER_MAX]; /* 0 to 254; 127 is a coefficient of 0 */
};

extern const struct rill_field_table rill_comfort_noise_fields;

/* The highest bit of the level is passed over. Errors: RILL_COMFORT_NOISE_EMPTY, and _INDEX of one
 * that is reserved, with its offset. */
int rill_comfort_noise_parse(struct rill_view payload, struct rill_comfort_noise *out,
                             struct rill_err *why);
/* A level above 127, or more coefficients than are kept, makes the writer bad. */
void rill_comfort_noise_write(struct rill_writer *w, const struct rill_comfort_noise *n);

/* §3.2: k = 258 (N − 127) / 32768, as Q15; and the index whose coefficient is nearest. */
int32_t rill_comfort_noise_q15(uint8_t index);
uint8_t rill_comfort_noise_index(int32_t q15);

#endif
