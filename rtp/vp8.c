/* vp8: the descriptor before each piece of a frame, read and written (RFC 7741 §4.2, §4.3).
 *
 * The idea: one octet always, one more with X, and behind it only what its bits announce. */
#include "rtp/vp8.h"

#include "base/vp8_tag.h"
#include "rtp/pieces.h"

/* What rill writes: X and S, I, and a picture id of 15 bits. */
#define WRITTEN 4

static const struct rill_field descriptor_fields[] = {
    {"X", 0, 1, "RFC 7741 §4.2", "the extended control bits follow"},
    {"R", 1, 1, "RFC 7741 §4.2", "0"},
    {"N", 2, 1, "RFC 7741 §4.2", "no other frame refers to this one"},
    {"S", 3, 1, "RFC 7741 §4.2", "a partition starts here"},
    {"R", 4, 1, "RFC 7741 §4.2", "0"},
    {"PID", 5, 3, "RFC 7741 §4.2", "which partition"},
    {"I", 8, 1, "RFC 7741 §4.2", "with X: the picture id follows"},
    {"L", 9, 1, "RFC 7741 §4.2", "with X: TL0PICIDX follows"},
    {"T", 10, 1, "RFC 7741 §4.2", "with X: TID and Y are set"},
    {"K", 11, 1, "RFC 7741 §4.2", "with X: KEYIDX is set"},
    {"RSV", 12, 4, "RFC 7741 §4.2", "0"},
    {"picture_id", 16, 0, "RFC 7741 §4.2", "7 bits, or 15 behind a bit M of 1; counts frames"},
    {"tl0picidx", 16, 0, "RFC 7741 §4.2", "8 bits; counts the frames of the base layer"},
    {"tid", 16, 0, "RFC 7741 §4.2", "2 bits: the temporal layer"},
    {"Y", 16, 0, "RFC 7741 §4.2", "1 bit: depends on the base layer only"},
    {"keyidx", 16, 0, "RFC 7741 §4.2", "5 bits; counts key frames"},
};

const struct rill_field_table rill_vp8_descriptor_fields = {
    "VP8 payload descriptor", descriptor_fields,
    sizeof descriptor_fields / sizeof descriptor_fields[0]};

static void read_picture_id(struct rill_reader *r, struct rill_vp8_descriptor *d)
{
    uint8_t first = rill_r_u8(r);
    /* RFC 7741 §4.2: "If M is set, the remainder of the PictureID field MUST contain 15 bits,
     * else it MUST contain 7 bits." */
    d->M = first & 0x80;
    d->picture_id = first & 0x7f;
    if (d->M)
        d->picture_id = (uint16_t)(d->picture_id << 8 | rill_r_u8(r));
}

static void read_extension(struct rill_reader *r, struct rill_vp8_descriptor *d)
{
    uint8_t bits = rill_r_u8(r);
    d->I = bits & 0x80;
    d->L = bits & 0x40;
    d->T = bits & 0x20;
    d->K = bits & 0x10;
    if (d->I)
        read_picture_id(r, d);
    if (d->L)
        d->tl0picidx = rill_r_u8(r);
    if (d->T || d->K) {
        uint8_t layer = rill_r_u8(r);
        d->tid = layer >> 6;
        d->Y = layer & 0x20;
        d->keyidx = layer & 0x1f;
    }
}

int rill_vp8_parse(struct rill_view payload, struct rill_vp8_descriptor *out, struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(payload);
    struct rill_vp8_descriptor d = {0};

    if (payload.n == 0)
        return rill_err_set(&rill_rtp_errors, RILL_VP8_EMPTY, 0, 0, why);
    uint8_t bits = rill_r_u8(&r);
    d.X = bits & 0x80;
    d.N = bits & 0x20;
    d.S = bits & 0x10;
    d.PID = bits & 0x07;
    if (d.X)
        read_extension(&r, &d);
    if (r.bad)
        return rill_err_set(&rill_rtp_errors, RILL_VP8_DESCRIPTOR, payload.n, payload.n, why);
    d.size = r.at;
    struct rill_view data = rill_r_bytes(&r, rill_r_left(&r));
    /* RFC 7741 §4.4: "the payload of a packet MUST contain data from only one video frame": of
     * one, so not of none. */
    if (data.n == 0)
        return rill_err_set(&rill_rtp_errors, RILL_VP8_NO_PAYLOAD, d.size, d.size, why);

    /* RFC 7741 §4.3: "the header is present only in packets that have the S bit equal to one
     * and the PID equal to zero". */
    if (d.S && d.PID == 0) {
        uint32_t width = 0, height = 0;
        d.keyframe = rill_vp8_tag_is_keyframe(data);
        d.has_dimensions = rill_vp8_tag_size(data, &width, &height);
        d.width = (uint16_t)width;
        d.height = (uint16_t)height;
    }
    *out = d;
    return 0;
}

size_t rill_vp8_pieces(size_t frame_size, size_t room)
{
    return rill_rtp_pieces(frame_size, room, WRITTEN);
}

void rill_vp8_write_piece(struct rill_writer *w, struct rill_view frame, uint16_t picture_id,
                          size_t index, size_t pieces)
{
    rill_w_u8(w, index == 0 ? 0x90 : 0x80); /* X, and S on the first */
    rill_w_u8(w, 0x80);                     /* I */
    rill_w_u16(w, 0x8000 | (picture_id & 0x7fff));
    rill_w_bytes(w, rill_rtp_piece(frame, index, pieces));
}
