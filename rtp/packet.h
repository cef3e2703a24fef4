/* rtp/packet: the RTP header and its extensions (RFC 3550 §5.1, RFC 8285).
 *
 *   0                   1                   2                   3
 *  |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *  |                           timestamp                           |
 *  |                             SSRC                              |
 *  |                        CSRC list (CC × 32 bits)               |
 *  |  [X] profile (16)             |  length in words (16)         |
 */
#ifndef RILL_RTP_PACKET_H
#define RILL_RTP_PACKET_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/field.h"
#include "base/frame.h"
#include "rtp/errors.h"

#define RILL_RTP_HEADER 12
#define RILL_RTP_EXT_ONE_BYTE 0xbede
#define RILL_RTP_EXT_TWO_BYTE 0x1000 /* low 4 bits: appbits */

struct rill_rtp_packet {
    bool padding, extension, marker;
    uint8_t csrc_count;
    uint8_t pt;
    uint16_t seq;
    uint32_t timestamp;
    uint32_t ssrc;
    struct rill_view csrc; /* csrc_count × 4 bytes */
    uint16_t ext_profile;
    struct rill_view ext; /* the extension's words, without its header */
    size_t padding_size;
    size_t payload_offset;
    struct rill_view payload; /* without padding */
    bool redundant;           /* it came in a block of another packet (RFC 2198) */
    bool comfort_noise;       /* its payload is that of RFC 3389, in a stream of the codec */
    enum rill_codec_id codec; /* what its number means, where that is known; else none */
};

extern const struct rill_field_table rill_rtp_header_fields;

/* Errors: RILL_RTP_TOO_SHORT, _VERSION, _CSRC, _EXTENSION, _PADDING. */
int rill_rtp_parse(struct rill_view bytes, struct rill_rtp_packet *out, struct rill_err *why);

/* RFC 5761 §4: a second byte 192…223 is RTCP. Both need a first byte 128…191. */
bool rill_rtp_is_rtcp(struct rill_view bytes);

struct rill_rtp_ext {
    uint8_t id;
    struct rill_view value;
};
/* Walks one- and two-byte elements (RFC 8285 §4.2, §4.3): id 0 is padding, one-byte id 15
 * stops the walk, an element that runs past the end stops it. Start with *at = 0. */
bool rill_rtp_ext_next(const struct rill_rtp_packet *p, size_t *at, struct rill_rtp_ext *out);
bool rill_rtp_ext_find(const struct rill_rtp_packet *p, uint8_t id, struct rill_view *value);

/* The extension alone: profile, length, elements, padding. An id of 0 or a value of more than
 * 255 bytes makes the writer bad. */
void rill_rtp_ext_write(struct rill_writer *w, const struct rill_rtp_ext *exts, size_t n);

/* A header with at most the given extensions (one-byte form when ids ≤ 14 and sizes 1…16,
 * else two-byte); the payload is written behind it by the caller. */
void rill_rtp_write(struct rill_writer *w, bool marker, uint8_t pt, uint16_t seq,
                    uint32_t timestamp, uint32_t ssrc, const struct rill_rtp_ext *exts,
                    size_t n_exts);

#endif
