#include "base/picture_size.h"

#include "base/annexb.h"
#include "base/bits.h"

/* What a set has before its sizes ends long before that. */
#define SPS_MAX 256
#define SPS 7 /* Table 7-1 */
#define MACROBLOCK 16
#define BLOCKS_MAX 4096 /* macroblocks a side: 65536 pixels */

/* --- H.264 ------------------------------------------------------------------------------- */

/* §7.4.1: an emulation_prevention_three_byte stands behind two zeros and is none of the set. */
static struct rill_view without_prevention(struct rill_view nal, uint8_t out[SPS_MAX])
{
    size_t n = 0, zeros = 0;
    for (size_t i = 1; i < nal.n && n < SPS_MAX; i++) {
        bool prevents = zeros >= 2 && nal.p[i] == 3;
        zeros = nal.p[i] ? 0 : zeros + 1;
        if (!prevents)
            out[n++] = nal.p[i];
    }
    return rill_view_at(out, n);
}

static int32_t golomb_signed(struct rill_bits *b)
{
    uint32_t k = rill_bits_golomb(b);
    return k & 1 ? (int32_t)(k / 2 + 1) : -(int32_t)(k / 2);
}

/* §7.3.2.1.1.1 */
static void skip_scaling_list(struct rill_bits *b, int size)
{
    int32_t last = 8, next = 8;
    for (int i = 0; i < size && next != 0 && !b->bad; i++) {
        next = (last + golomb_signed(b)) & 255;
        last = next ? next : last;
    }
}

static bool is_high(uint32_t profile)
{
    return profile == 100 || profile == 110 || profile == 122 || profile == 244 || profile == 44 ||
           profile == 83 || profile == 86 || profile == 118 || profile == 128 || profile == 138 ||
           profile == 139 || profile == 134 || profile == 135;
}

/* chroma_format_idc; 1 where the profile says nothing of it. */
static uint32_t read_high(struct rill_bits *b, uint32_t profile)
{
    if (!is_high(profile))
        return 1;
    uint32_t chroma = rill_bits_golomb(b);
    if (chroma == 3 && rill_bits_get(b, 1))
        chroma = 0; /* separate planes: cropped as without chroma */
    (void)rill_bits_golomb(b);
    (void)rill_bits_golomb(b);
    (void)rill_bits_get(b, 1);
    int lists = rill_bits_get(b, 1) ? chroma == 3 ? 12 : 8 : 0;
    for (int i = 0; i < lists; i++)
        if (rill_bits_get(b, 1))
            skip_scaling_list(b, i < 6 ? 16 : 64);
    return chroma;
}

static void skip_order(struct rill_bits *b)
{
    uint32_t type = rill_bits_golomb(b);
    if (type == 0)
        (void)rill_bits_golomb(b);
    if (type != 1)
        return;
    (void)rill_bits_get(b, 1);
    (void)rill_bits_golomb(b);
    (void)rill_bits_golomb(b);
    uint32_t n = rill_bits_golomb(b);
    for (uint32_t i = 0; i < n && i < 256 && !b->bad; i++)
        (void)rill_bits_golomb(b);
    b->bad = b->bad || n > 255;
}

static bool crop(uint32_t *length, uint32_t first, uint32_t last, uint32_t unit)
{
    uint64_t cut = ((uint64_t)first + last) * unit;
    if (cut >= *length)
        return false;
    *length -= (uint32_t)cut;
    return true;
}

static bool read_crop(struct rill_bits *b, uint32_t chroma, bool frames_only, uint32_t *width,
                      uint32_t *height)
{
    if (!rill_bits_get(b, 1))
        return true;
    uint32_t left = rill_bits_golomb(b), right = rill_bits_golomb(b);
    uint32_t top = rill_bits_golomb(b), bottom = rill_bits_golomb(b);
    uint32_t across = chroma == 1 || chroma == 2 ? 2 : 1;
    uint32_t down = (chroma == 1 ? 2u : 1u) * (frames_only ? 1 : 2);
    return crop(width, left, right, across) && crop(height, top, bottom, down);
}

bool rill_h264_sps_size(struct rill_view sps, uint32_t *width, uint32_t *height)
{
    uint8_t bytes[SPS_MAX];
    struct rill_bits b = {.v = without_prevention(sps, bytes)};
    uint32_t profile = rill_bits_get(&b, 8);
    (void)rill_bits_get(&b, 16);
    (void)rill_bits_golomb(&b);
    uint32_t chroma = read_high(&b, profile);
    (void)rill_bits_golomb(&b);
    skip_order(&b);
    (void)rill_bits_golomb(&b);
    (void)rill_bits_get(&b, 1);
    uint32_t across = rill_bits_golomb(&b), down = rill_bits_golomb(&b);
    bool frames_only = rill_bits_get(&b, 1);
    if (!frames_only)
        (void)rill_bits_get(&b, 1);
    (void)rill_bits_get(&b, 1);
    if (across >= BLOCKS_MAX || down >= BLOCKS_MAX)
        return false;
    uint32_t w = (across + 1) * MACROBLOCK, h = (down + 1) * MACROBLOCK * (frames_only ? 1 : 2);
    if (!read_crop(&b, chroma, frames_only, &w, &h) || b.bad)
        return false;
    *width = w;
    *height = h;
    return true;
}

bool rill_h264_unit_size(struct rill_view unit, uint32_t *width, uint32_t *height)
{
    struct rill_view nal;
    for (size_t at = 0; rill_annexb_next(unit, &at, &nal);)
        if ((nal.p[0] & 0x1f) == SPS)
            return rill_h264_sps_size(nal, width, height);
    return false;
}

/* --- AV1 --------------------------------------------------------------------------------- */

#define SEQUENCE_HEADER 1 /* §6.2.2 */

struct timing {
    bool has_model, has_delay;
    unsigned delay_bits;
};

/* §5.5.3, §5.5.4 */
static void read_timing(struct rill_bits *b, struct timing *t)
{
    if (!rill_bits_get(b, 1))
        return;
    (void)rill_bits_get(b, 32);
    (void)rill_bits_get(b, 32);
    if (rill_bits_get(b, 1))
        (void)rill_bits_golomb(b);
    t->has_model = rill_bits_get(b, 1);
    if (!t->has_model)
        return;
    t->delay_bits = rill_bits_get(b, 5) + 1;
    (void)rill_bits_get(b, 32);
    (void)rill_bits_get(b, 10);
}

static void skip_point(struct rill_bits *b, const struct timing *t)
{
    (void)rill_bits_get(b, 12);
    if (rill_bits_get(b, 5) > 7)
        (void)rill_bits_get(b, 1);
    if (t->has_model && rill_bits_get(b, 1)) {
        (void)rill_bits_get(b, t->delay_bits);
        (void)rill_bits_get(b, t->delay_bits);
        (void)rill_bits_get(b, 1);
    }
    if (t->has_delay && rill_bits_get(b, 1))
        (void)rill_bits_get(b, 4);
}

bool rill_av1_sequence_size(struct rill_view header, uint32_t *width, uint32_t *height)
{
    struct rill_bits b = {.v = header};
    struct timing t = {0};
    (void)rill_bits_get(&b, 4);
    if (rill_bits_get(&b, 1)) { /* reduced_still_picture_header */
        (void)rill_bits_get(&b, 5);
    } else {
        read_timing(&b, &t);
        t.has_delay = rill_bits_get(&b, 1);
        uint32_t points = rill_bits_get(&b, 5) + 1;
        for (uint32_t i = 0; i < points; i++)
            skip_point(&b, &t);
    }
    unsigned across = rill_bits_get(&b, 4) + 1, down = rill_bits_get(&b, 4) + 1;
    uint32_t w = rill_bits_get(&b, across) + 1, h = rill_bits_get(&b, down) + 1;
    if (b.bad)
        return false;
    *width = w;
    *height = h;
    return true;
}

/* §4.10.5 */
static uint64_t read_leb128(struct rill_reader *r)
{
    uint64_t value = 0;
    uint8_t byte = 0x80;
    for (unsigned i = 0; i < 8 && byte & 0x80; i++) {
        byte = rill_r_u8(r);
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
    }
    r->bad = r->bad || byte & 0x80;
    return value;
}

/* §5.3.2: type, has extension, has size; the first that is a sequence header. */
bool rill_av1_unit_size(struct rill_view unit, uint32_t *width, uint32_t *height)
{
    struct rill_reader r = rill_reader_of(unit);
    while (rill_r_left(&r) > 0 && !r.bad) {
        uint8_t head = rill_r_u8(&r);
        rill_r_skip(&r, head >> 2 & 1);
        uint64_t n = head & 2 ? read_leb128(&r) : rill_r_left(&r);
        if (r.bad || n > rill_r_left(&r))
            return false;
        struct rill_view data = rill_r_bytes(&r, (size_t)n);
        if ((head >> 3 & 15) == SEQUENCE_HEADER)
            return rill_av1_sequence_size(data, width, height);
    }
    return false;
}
