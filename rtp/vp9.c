/* vp9: the descriptor before each piece of a frame, read and written (RFC 9628 §4.2).
 *
 * The idea: as with VP8, one octet always, and behind it only what its bits announce. */
#include "rtp/vp9.h"

#include "rtp/pieces.h"

/* What rill writes: the octet, a picture id of 15 bits, layer indices with TL0PICIDX or a
 * reference; on a key frame's first piece a structure of one layer with its size. */
#define WRITTEN 5
#define WRITTEN_SS 5

static const struct rill_field descriptor_fields[] = {
    {"I", 0, 1, "RFC 9628 §4.2", "the picture id follows"},
    {"P", 1, 1, "RFC 9628 §4.2", "the frame is predicted from other pictures"},
    {"L", 2, 1, "RFC 9628 §4.2", "layer indices follow"},
    {"F", 3, 1, "RFC 9628 §4.2", "flexible mode: references are told by each frame"},
    {"B", 4, 1, "RFC 9628 §4.2", "a frame starts here"},
    {"E", 5, 1, "RFC 9628 §4.2", "a frame ends here"},
    {"V", 6, 1, "RFC 9628 §4.2", "the scalability structure follows"},
    {"Z", 7, 1, "RFC 9628 §4.2", "no higher spatial layer depends on this frame"},
    {"picture_id", 8, 0, "RFC 9628 §4.2", "7 bits, or 15 behind a bit M of 1; counts pictures"},
    {"tid", 8, 0, "RFC 9628 §4.2", "3 bits: the temporal layer"},
    {"u", 8, 0, "RFC 9628 §4.2", "1 bit: a higher temporal layer may be switched to here"},
    {"sid", 8, 0, "RFC 9628 §4.2", "3 bits: the spatial layer"},
    {"d", 8, 0, "RFC 9628 §4.2", "1 bit: depends on the spatial layer below, of this picture"},
    {"tl0picidx", 8, 0, "RFC 9628 §4.2", "8 bits; counts pictures of the temporal base layer"},
    {"p_diff", 8, 0, "RFC 9628 §4.2", "7 bits each: how many pictures back a reference lies"},
    {"N", 8, 0, "RFC 9628 §4.2", "1 bit: another p_diff follows"},
    {"ss", 8, 0, "RFC 9628 §4.2.1", "layers, their sizes, and the pattern of a picture group"},
    {"N_S", 8, 0, "RFC 9628 §4.2.1", "3 bits: spatial layers less one"},
    {"Y", 8, 0, "RFC 9628 §4.2.1", "1 bit: each layer's size follows"},
    {"G", 8, 0, "RFC 9628 §4.2.1", "1 bit: the pattern of a picture group follows"},
    {"reserved", 8, 0, "RFC 9628 §4.2.1", "3 bits of 0"},
    {"WIDTH", 8, 0, "RFC 9628 §4.2.1", "16 bits: of a layer, in pixels"},
    {"HEIGHT", 8, 0, "RFC 9628 §4.2.1", "16 bits: of a layer, in pixels"},
    {"N_G", 8, 0, "RFC 9628 §4.2.1", "8 bits: pictures in a group"},
    {"R", 8, 0, "RFC 9628 §4.2.1", "2 bits: references of a picture"},
};

const struct rill_field_table rill_vp9_descriptor_fields = {
    "VP9 payload descriptor", descriptor_fields,
    sizeof descriptor_fields / sizeof descriptor_fields[0]};

static void read_picture_id(struct rill_reader *r, struct rill_vp9_descriptor *d)
{
    uint8_t first = rill_r_u8(r);
    /* RFC 9628 §4.2: "If M is set, the PID field MUST contain 15 bits; otherwise, it MUST contain
     * 7 bits." */
    d->M = first & 0x80;
    d->picture_id = first & 0x7f;
    if (d->M)
        d->picture_id = (uint16_t)(d->picture_id << 8 | rill_r_u8(r));
}

static void read_layers(struct rill_reader *r, struct rill_vp9_descriptor *d)
{
    uint8_t bits = rill_r_u8(r);
    d->tid = bits >> 5;
    d->u = bits & 0x10;
    d->sid = bits >> 1 & 7;
    d->d = bits & 1;
    if (!d->F)
        d->tl0picidx = rill_r_u8(r);
}

/* "at least one reference index MUST be specified", "total of up to 3", "A P_DIFF value of 0 is
 * invalid." */
static int read_references(struct rill_reader *r, struct rill_vp9_descriptor *d,
                           struct rill_err *why)
{
    for (bool more = true; more && !r->bad;) {
        size_t at = r->at;
        uint8_t octet = rill_r_u8(r);
        more = octet & 1;
        if (!r->bad && (d->n_p_diff == RILL_VP9_REFERENCES || octet >> 1 == 0))
            return rill_err_set(&rill_rtp_errors, RILL_VP9_P_DIFF, at, octet >> 1, why);
        d->p_diff[d->n_p_diff++ % RILL_VP9_REFERENCES] = octet >> 1;
    }
    return 0;
}

static struct rill_vp9_picture read_picture(struct rill_reader *r)
{
    uint8_t bits = rill_r_u8(r);
    struct rill_vp9_picture p = {.tid = bits >> 5, .u = bits & 0x10, .n_p_diff = bits >> 2 & 3};
    for (uint8_t i = 0; i < p.n_p_diff; i++)
        p.p_diff[i] = rill_r_u8(r);
    return p;
}

static void read_structure(struct rill_reader *r, struct rill_vp9_structure *ss)
{
    uint8_t bits = rill_r_u8(r);
    ss->n_s = bits >> 5;
    ss->y = bits & 0x10;
    ss->g = bits & 0x08;
    for (unsigned i = 0; ss->y && i <= ss->n_s; i++) {
        ss->sizes[i].width = rill_r_u16(r);
        ss->sizes[i].height = rill_r_u16(r);
    }
    ss->n_g = ss->g ? rill_r_u8(r) : 0;
    size_t from = r->at;
    for (unsigned i = 0; i < ss->n_g && !r->bad; i++)
        (void)read_picture(r);
    ss->group = r->bad ? (struct rill_view){0} : rill_view_at(r->p + from, r->at - from);
}

int rill_vp9_parse(struct rill_view payload, struct rill_vp9_descriptor *out, struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(payload);
    struct rill_vp9_descriptor d = {0};
    if (payload.n == 0)
        return rill_err_set(&rill_rtp_errors, RILL_VP9_EMPTY, 0, 0, why);
    uint8_t bits = rill_r_u8(&r);
    d.I = bits & 0x80;
    d.P = bits & 0x40;
    d.L = bits & 0x20;
    /* "if the I bit is set to zero, then this MUST also be set to zero and ignored by receivers" */
    d.F = bits & 0x10 && d.I;
    d.B = bits & 0x08;
    d.E = bits & 0x04;
    d.V = bits & 0x02;
    d.Z = bits & 0x01;
    if (d.I)
        read_picture_id(&r, &d);
    if (d.L)
        read_layers(&r, &d);
    if (d.F && d.P) {
        int rc = read_references(&r, &d, why);
        if (rc < 0)
            return rc;
    }
    if (d.V)
        read_structure(&r, &d.ss);
    if (r.bad)
        return rill_err_set(&rill_rtp_errors, RILL_VP9_DESCRIPTOR, payload.n, payload.n, why);
    d.size = r.at;
    if (d.size == payload.n)
        return rill_err_set(&rill_rtp_errors, RILL_VP9_NO_PAYLOAD, d.size, d.size, why);
    *out = d;
    return 0;
}

bool rill_vp9_group_next(const struct rill_vp9_structure *ss, size_t *at,
                         struct rill_vp9_picture *out)
{
    struct rill_reader r = rill_reader_of(ss->group);
    rill_r_skip(&r, *at);
    if (rill_r_left(&r) == 0)
        return false;
    *out = read_picture(&r);
    *at = r.at;
    return !r.bad;
}

bool rill_vp9_starts_key_picture(const struct rill_vp9_descriptor *d)
{
    return d->B && !d->P && (!d->L || d->sid == 0);
}

/* --- spatial layers -------------------------------------------------------------------- */

#define INDEX_MARKER 0xc0u
#define INDEX_SIZES_OF_4 (3u << 3)

void rill_vp9_layer_begins(struct rill_vp9_layers *l, size_t at)
{
    if (at > 0 && l->n < RILL_VP9_LAYERS - 1)
        l->begins[l->n++] = at;
}

size_t rill_vp9_layers_end(const struct rill_vp9_layers *l, struct rill_writer *w)
{
    size_t end = w->at, at = 0;
    uint8_t marker = (uint8_t)(INDEX_MARKER | INDEX_SIZES_OF_4 | l->n);
    if (l->n == 0)
        return 0;
    rill_w_u8(w, marker);
    for (size_t i = 0; i <= l->n; i++) {
        size_t next = i < l->n ? l->begins[i] : end;
        for (unsigned k = 0; k < 4; k++)
            rill_w_u8(w, (uint8_t)((next - at) >> 8 * k));
        at = next;
    }
    rill_w_u8(w, marker);
    return w->at - end;
}

/* --- writing --------------------------------------------------------------------------- */

size_t rill_vp9_pieces(size_t frame_size, size_t room, bool keyframe)
{
    return rill_rtp_pieces(frame_size, room, WRITTEN + (keyframe ? WRITTEN_SS : 0));
}

void rill_vp9_write_piece(struct rill_writer *w, const struct rill_vp9_out *f, size_t index,
                          size_t pieces)
{
    bool first = index == 0, last = index + 1 == pieces, structure = first && f->keyframe;
    bool layers = !f->flexible;

    rill_w_u8(w, (uint8_t)(0x80 | (f->keyframe ? 0 : 0x40) | (layers ? 0x20 : 0x10) |
                           (first ? 0x08 : 0) | (last ? 0x04 : 0) | (structure ? 0x02 : 0) | 0x01));
    rill_w_u16(w, 0x8000 | (f->picture_id & 0x7fff));
    if (layers) {
        rill_w_u8(w, 0); /* TID 0, SID 0 */
        rill_w_u8(w, f->tl0picidx);
    } else if (!f->keyframe) {
        rill_w_u8(w, 1 << 1); /* the picture before */
    }
    if (structure) {
        rill_w_u8(w, 0x10); /* N_S 0, Y */
        rill_w_u16(w, f->width);
        rill_w_u16(w, f->height);
    }
    rill_w_bytes(w, rill_rtp_piece(f->frame, index, pieces));
}
