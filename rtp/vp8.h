/* rtp/vp8: the VP8 payload format (RFC 7741).
 *
 *      0 1 2 3 4 5 6 7
 *     |X|R|N|S|R| PID |   (required)
 *  X: |I|L|T|K|  RSV  |   (optional)
 *  I: |M| PictureID   |   M: 15 bits
 *  L: |   TL0PICIDX   |
 * T/K:|TID|Y| KEYIDX  |
 */
#ifndef RILL_RTP_VP8_H
#define RILL_RTP_VP8_H

#include "base/bytes.h"
#include "base/field.h"
#include "rtp/errors.h"

struct rill_vp8_descriptor {
    bool X, N, S, I, L, T, K, Y, M;
    uint8_t PID;
    uint16_t picture_id;
    uint8_t tl0picidx, tid, keyidx;
    size_t size; /* of the descriptor */
    /* From the payload header, on the first packet of a frame (S and PID 0). */
    bool keyframe;
    bool has_dimensions;
    uint16_t width, height;
};

extern const struct rill_field_table rill_vp8_descriptor_fields;

/* Errors: RILL_VP8_*. */
int rill_vp8_parse(struct rill_view payload, struct rill_vp8_descriptor *out, struct rill_err *why);

/* Payload i of a frame cut into even pieces of at most `room` bytes, descriptor included
 * (S on the first, a 15-bit picture id on each). */
size_t rill_vp8_pieces(size_t frame_size, size_t room);
/* Writes descriptor and piece `index` of `pieces`. */
void rill_vp8_write_piece(struct rill_writer *w, struct rill_view frame, uint16_t picture_id,
                          size_t index, size_t pieces);

#endif
