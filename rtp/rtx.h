/* rtp/rtx: retransmission as a stream of its own (RFC 4588).
 *
 *   | RTP header: the RTX stream's SSRC, payload type and next number; the original's timestamp |
 *   | OSN: the original sequence number (16) | original payload …                               |
 *
 * The idea: a packet goes again under another SSRC, so that both streams stay countable and no
 * key stream covers two texts; the receiver turns it back into the packet that was missing.
 */
#ifndef RILL_RTP_RTX_H
#define RILL_RTP_RTX_H

#include "rtp/packet.h"

#define RILL_RTX_OSN 2

extern const struct rill_field_table rill_rtx_fields;

/* What the RTX stream has of its own. */
struct rill_rtx_stream {
    uint32_t ssrc;
    uint8_t pt;
    uint16_t seq; /* of the next packet */
};

/* Writes the retransmission of a whole RTP packet (its extensions as they are, its padding left
 * out: §4 forbids to retransmit padding as such) and counts seq. Errors: those of rill_rtp_parse;
 * the writer's bad flag tells that it did not fit. */
int rill_rtx_write(struct rill_writer *w, struct rill_rtx_stream *s, struct rill_view packet,
                   struct rill_err *why);

/* The same with the RTX stream's own header extensions in place of the original's. */
int rill_rtx_write_with(struct rill_writer *w, struct rill_rtx_stream *s, struct rill_view packet,
                        const struct rill_rtp_ext *exts, size_t n_exts, struct rill_err *why);

/* Turns the packet in `bytes` back into the original, in place: header and extensions move over
 * the OSN. Returns where it begins, its length in *n; an RTX packet without payload, which probes
 * and padding use, is RILL_RTX_TOO_SHORT. ssrc, pt: the original stream's. */
int rill_rtx_restore(struct rill_span bytes, uint32_t ssrc, uint8_t pt, size_t *n,
                     struct rill_err *why);

#endif
