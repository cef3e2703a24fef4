/* rtp/opus: the Opus payload (RFC 7587 §4.2), judged by its first bytes (RFC 6716 §3).
 *
 * The idea: "An RTP payload MUST contain exactly one Opus packet", so there is nothing to cut
 * or join; the table-of-contents byte alone says how much sound there is.
 *
 *   0 1 2 3 4 5 6 7
 *  | config  |s| c |   c: 0 one frame, 1 two equal, 2 two unequal, 3 counted by the next byte
 *  |v|p|     M     |   c = 3: VBR, padding, frames
 */
#ifndef RILL_RTP_OPUS_H
#define RILL_RTP_OPUS_H

#include "base/bytes.h"
#include "base/field.h"
#include "rtp/errors.h"

/* RFC 7587 §4.1: the RTP clock of Opus is 48 kHz, whatever the sound's rate. */
#define RILL_OPUS_CLOCK_HZ 48000
/* RFC 6716 §3.2.5 [R5]: 120 ms. */
#define RILL_OPUS_SAMPLES_MAX 5760
#define RILL_OPUS_FRAME_MAX 1275

struct rill_opus_packet {
    uint8_t config; /* mode, bandwidth and frame size, RFC 6716 table 2 */
    bool stereo;
    uint8_t code;
    uint8_t frames;         /* 1…48 */
    uint16_t frame_samples; /* of one frame, at 48 kHz: 120…2880 */
    uint16_t samples;       /* of the packet, ≤ RILL_OPUS_SAMPLES_MAX: what its timestamp spans */
};

extern const struct rill_field_table rill_opus_toc_fields;
/* RFC 6716 table 2: mode, bandwidth, length of a frame; NULL beyond 31. */
const char *rill_opus_config_name(uint64_t config);

/* Judges the packet as a decoder would (RFC 6716 §3.4, R1 to R7). Errors: RILL_OPUS_EMPTY,
 * _FRAME_COUNT, _DURATION, _FRAMING. */
int rill_opus_parse(struct rill_view packet, struct rill_opus_packet *out, struct rill_err *why);

/* The packet has something to say of the one before it (RFC 6716 §4.2.4: an LBRR flag of its first
 * frame is set). False for what is malformed, and of CELT, which has no such thing. */
bool rill_opus_has_redundancy(struct rill_view packet);

/* Samples at 48 kHz of one frame, from the TOC byte alone. */
uint16_t rill_opus_frame_samples(uint8_t toc);

#endif
