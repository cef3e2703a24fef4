/* rtp/vp9: the VP9 payload format (RFC 9628).
 *
 *      0 1 2 3 4 5 6 7
 *     |I|P|L|F|B|E|V|Z|   (required)
 *  I: |M| PictureID   |   M: 15 bits
 *  L: | TID |U| SID |D|
 *     |   TL0PICIDX   |   with L and without F
 *  P,F:| P_DIFF    |N|   1 to 3 of them
 *  V: | N_S |Y|G|-----|   scalability structure
 */
#ifndef RILL_RTP_VP9_H
#define RILL_RTP_VP9_H

#include "base/bytes.h"
#include "base/field.h"
#include "rtp/errors.h"

#define RILL_VP9_REFERENCES 3
#define RILL_VP9_LAYERS 8
#define RILL_VP9_GROUP_MAX 255

struct rill_vp9_picture {
    uint8_t tid;
    bool u;
    uint8_t n_p_diff;
    uint8_t p_diff[RILL_VP9_REFERENCES];
};

/* §4.2.1. Its group is read picture by picture from `group`, with rill_vp9_group_next(). */
struct rill_vp9_structure {
    uint8_t n_s; /* spatial layers less one */
    bool y, g;
    struct {
        uint16_t width, height;
    } sizes[RILL_VP9_LAYERS]; /* n_s + 1, with y */
    uint8_t n_g;
    struct rill_view group;
};

struct rill_vp9_descriptor {
    bool I, P, L, F, B, E, V, Z, M;
    uint16_t picture_id;
    uint8_t tid, sid;
    bool u, d;
    uint8_t tl0picidx; /* with L and without F */
    uint8_t n_p_diff;
    uint8_t p_diff[RILL_VP9_REFERENCES];
    struct rill_vp9_structure ss; /* with V */
    size_t size;                  /* of the descriptor */
};

extern const struct rill_field_table rill_vp9_descriptor_fields;

/* Errors: RILL_VP9_EMPTY, _DESCRIPTOR (it runs past the payload), _P_DIFF (more than three, or
 * none where there must be one), _NO_PAYLOAD. */
int rill_vp9_parse(struct rill_view payload, struct rill_vp9_descriptor *out, struct rill_err *why);
/* The pictures of a group, one a call, from *at = 0 on; false after the last. */
bool rill_vp9_group_next(const struct rill_vp9_structure *ss, size_t *at,
                         struct rill_vp9_picture *out);

/* A key picture begins here: neither predicted nor of a higher spatial layer (§4.2, "F"). */
bool rill_vp9_starts_key_picture(const struct rill_vp9_descriptor *d);

/* A frame cut into even pieces of at most `room` bytes, descriptor included. */
size_t rill_vp9_pieces(size_t frame_size, size_t room, bool keyframe);
struct rill_vp9_out {
    struct rill_view frame;
    bool keyframe;
    bool flexible; /* F, with a reference to the picture before */
    uint16_t picture_id;
    uint8_t tl0picidx;      /* of the frame, without flexible */
    uint16_t width, height; /* told by a key frame's first piece */
};
void rill_vp9_write_piece(struct rill_writer *w, const struct rill_vp9_out *f, size_t index,
                          size_t pieces);

/* Where the spatial layers of a picture begin, while it is put together. Zero it to begin. */
#define RILL_VP9_LAYERS 8
struct rill_vp9_layers {
    size_t begins[RILL_VP9_LAYERS]; /* those behind the first */
    size_t n;
};
#define RILL_VP9_LAYERS_SIZE (2 + 4 * RILL_VP9_LAYERS)
void rill_vp9_layer_begins(struct rill_vp9_layers *l, size_t at);
/* Behind several layers an index of the VP9 bitstream's Annex B, so that a decoder finds them: they
 * are cut apart in RTP alone. Returns its bytes, up to RILL_VP9_LAYERS_SIZE; 0: there is one layer.
 */
size_t rill_vp9_layers_end(const struct rill_vp9_layers *l, struct rill_writer *w);

#endif
