/* base/vp9_tag: the little that files, packets and decoders must know of a VP9 frame: is it a key
 * frame, and how large (VP9 bitstream §6.2). Nothing is decoded here.
 *
 *     frame_marker 2 | profile 2, low bit first [, reserved 1 of profile 3]
 *     show_existing_frame 1 [, which 3] | frame_type 1, 0 = key | show_frame 1 | error_resilient 1
 *     key frames: 49 83 42 | colour: [bits 1 of profiles 2, 3] space 3, range 1 [, subsampling]
 *                 | width less one 16 | height less one 16
 *     others: [intra_only 1, of those not shown] | [reset_frame_context 2, not error_resilient]
 *             intra only: 49 83 42 [| colour, but of profile 0] | refresh 8 | both sizes
 *             else: refresh 8 | three references of 4 | found_ref 1, up to three | [both sizes]
 */
#ifndef RILL_BASE_VP9_TAG_H
#define RILL_BASE_VP9_TAG_H

#include "base/bytes.h"

struct rill_vp9_bits {
    struct rill_view v;
    size_t at;
    bool bad;
};

static inline uint32_t rill_vp9_bits_get(struct rill_vp9_bits *b, unsigned n)
{
    uint32_t value = 0;
    for (; n > 0; n--, b->at++) {
        b->bad = b->bad || b->at / 8 >= b->v.n;
        value = value << 1 | (b->bad ? 0u : (uint32_t)b->v.p[b->at / 8] >> (7 - b->at % 8) & 1u);
    }
    return value;
}

struct rill_vp9_tag {
    bool keyframe;
    bool shown_again;       /* show_existing_frame: nothing but a frame that was decoded before */
    uint32_t width, height; /* of a key frame, else 0 */
    uint32_t own_width, own_height; /* of any frame that says its size, else 0 */
};

static inline void rill_vp9_tag_read_colour(struct rill_vp9_bits *b, unsigned profile)
{
    if (profile >= 2)
        (void)rill_vp9_bits_get(b, 1); /* 10 or 12 bits a sample */
    bool rgb = rill_vp9_bits_get(b, 3) == 7;
    if (!rgb)
        (void)rill_vp9_bits_get(b, 1); /* range */
    if (profile & 1)
        (void)rill_vp9_bits_get(b, rgb ? 1 : 3); /* subsampling, reserved */
}

static inline void rill_vp9_tag_read_sync(struct rill_vp9_bits *b)
{
    b->bad = b->bad || rill_vp9_bits_get(b, 24) != 0x498342;
}

static inline void rill_vp9_tag_read_size(struct rill_vp9_bits *b, struct rill_vp9_tag *t)
{
    t->own_width = rill_vp9_bits_get(b, 16) + 1;
    t->own_height = rill_vp9_bits_get(b, 16) + 1;
}

/* Of a frame that is no key frame, behind show_frame and error_resilient_mode. */
static inline void rill_vp9_tag_read_inter(struct rill_vp9_bits *b, unsigned profile, bool shown,
                                           bool resilient, struct rill_vp9_tag *t)
{
    bool intra = !shown && rill_vp9_bits_get(b, 1);
    if (!resilient)
        (void)rill_vp9_bits_get(b, 2);
    if (intra) {
        rill_vp9_tag_read_sync(b);
        if (profile > 0)
            rill_vp9_tag_read_colour(b, profile);
        (void)rill_vp9_bits_get(b, 8);
        rill_vp9_tag_read_size(b, t);
        return;
    }
    (void)rill_vp9_bits_get(b, 8 + 3 * 4);
    for (int i = 0; i < 3; i++)
        if (rill_vp9_bits_get(b, 1))
            return;
    rill_vp9_tag_read_size(b, t);
}

/* False when it is no frame of VP9. */
static inline bool rill_vp9_tag_read(struct rill_view frame, struct rill_vp9_tag *out)
{
    struct rill_vp9_bits b = {.v = frame};
    struct rill_vp9_tag t = {0};
    b.bad = rill_vp9_bits_get(&b, 2) != 2;
    unsigned profile = rill_vp9_bits_get(&b, 1);
    profile |= rill_vp9_bits_get(&b, 1) << 1;
    if (profile == 3)
        (void)rill_vp9_bits_get(&b, 1);
    t.shown_again = rill_vp9_bits_get(&b, 1);
    if (!t.shown_again) {
        t.keyframe = rill_vp9_bits_get(&b, 1) == 0;
        bool shown = rill_vp9_bits_get(&b, 1);
        bool resilient = rill_vp9_bits_get(&b, 1);
        if (t.keyframe) {
            rill_vp9_tag_read_sync(&b);
            rill_vp9_tag_read_colour(&b, profile);
            rill_vp9_tag_read_size(&b, &t);
            t.width = t.own_width;
            t.height = t.own_height;
        } else {
            rill_vp9_tag_read_inter(&b, profile, shown, resilient, &t);
        }
    }
    if (b.bad)
        return false;
    *out = t;
    return true;
}

static inline bool rill_vp9_tag_size(struct rill_view frame, uint32_t *width, uint32_t *height)
{
    struct rill_vp9_tag t;
    if (!rill_vp9_tag_read(frame, &t) || !t.keyframe)
        return false;
    *width = t.width;
    *height = t.height;
    return true;
}

#endif
