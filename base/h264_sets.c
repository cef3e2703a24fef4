/* h264_sets: parameter sets of H.264 read as far as somebody here needs them. */
#include "base/h264_sets.h"

#include "base/bits.h"

/* What a set has before its sizes ends long before that. */
#define SPS_MAX 256
#define SLICE_HEAD_MAX 24 /* five numbers of 32 bits and one of 16, at most */
#define MACROBLOCK 16
#define BLOCKS_MAX 4096 /* macroblocks a side: 65536 pixels */
enum { SLICE = 1, PARTITION_A = 2, IDR = 5, SPS = 7, PPS = 8 }; /* Table 7-1 */

/* §7.4.1: an emulation_prevention_three_byte stands behind two zeros and is none of it. */
struct rill_view rill_h264_held(struct rill_view nal, struct rill_span room)
{
    size_t n = 0, zeros = 0;
    for (size_t i = 1; i < nal.n && n < room.n; i++) {
        bool prevents = zeros >= 2 && nal.p[i] == 3;
        zeros = nal.p[i] ? 0 : zeros + 1;
        if (!prevents)
            room.p[n++] = nal.p[i];
    }
    return rill_view_at(room.p, n);
}

/* §7.3.2.1.1.1; §7.4.2.1.1.1: a difference is within -128 to 127. */
static void skip_scaling_list(struct rill_bits *b, int size)
{
    uint32_t last = 8, next = 8;
    for (int i = 0; i < size && next != 0 && !b->bad; i++) {
        uint32_t k = rill_bits_golomb(b);
        b->bad = b->bad || k > 256 || k == 255;
        next = (last + (k & 1 ? k / 2 + 1 : 256 - k / 2)) & 255;
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
static uint32_t read_high(struct rill_bits *b, uint32_t profile, bool *separate_planes)
{
    if (!is_high(profile))
        return 1;
    uint32_t chroma = rill_bits_golomb(b);
    *separate_planes = chroma == 3 && rill_bits_get(b, 1);
    (void)rill_bits_golomb(b);
    (void)rill_bits_golomb(b);
    (void)rill_bits_get(b, 1);
    bool four = chroma == 3;
    int lists = rill_bits_get(b, 1) ? four ? 12 : 8 : 0;
    for (int i = 0; i < lists; i++)
        if (rill_bits_get(b, 1))
            skip_scaling_list(b, i < 6 ? 16 : 64);
    return *separate_planes ? 0 : chroma; /* cropped as without chroma */
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

bool rill_h264_sps_read(struct rill_view sps, struct rill_h264_sps *out)
{
    uint8_t bytes[SPS_MAX];
    struct rill_bits b = {.v = rill_h264_held(sps, (struct rill_span){bytes, sizeof bytes})};
    struct rill_h264_sps s = {.profile_idc = (uint8_t)rill_bits_get(&b, 8)};
    (void)rill_bits_get(&b, 16);
    s.id = rill_bits_golomb(&b);
    uint32_t chroma = read_high(&b, s.profile_idc, &s.separate_planes);
    uint32_t more_bits = rill_bits_golomb(&b); /* than 4 */
    skip_order(&b);
    (void)rill_bits_golomb(&b);
    (void)rill_bits_get(&b, 1);
    uint32_t across = rill_bits_golomb(&b), down = rill_bits_golomb(&b);
    s.frames_only = rill_bits_get(&b, 1);
    if (!s.frames_only)
        (void)rill_bits_get(&b, 1);
    (void)rill_bits_get(&b, 1);
    if (across >= BLOCKS_MAX || down >= BLOCKS_MAX || s.id >= RILL_H264_SPS_IDS ||
        more_bits > RILL_H264_FRAME_NUM_BITS_MAX - 4)
        return false;
    s.frame_num_bits = more_bits + 4;
    s.width = (across + 1) * MACROBLOCK;
    s.height = (down + 1) * MACROBLOCK * (s.frames_only ? 1 : 2);
    if (!read_crop(&b, chroma, s.frames_only, &s.width, &s.height) || b.bad)
        return false;
    *out = s;
    return true;
}

/* --- slices ------------------------------------------------------------------------------ */

/* §7.3.2.2 */
static void learn_pps(struct rill_h264_sets *sets, struct rill_view nal)
{
    uint8_t bytes[SLICE_HEAD_MAX];
    struct rill_bits b = {.v = rill_h264_held(nal, (struct rill_span){bytes, sizeof bytes})};
    uint32_t id = rill_bits_golomb(&b), sps = rill_bits_golomb(&b);
    if (!b.bad && id < RILL_H264_PPS_IDS && sps < RILL_H264_SPS_IDS)
        sets->sps_of[id] = (uint8_t)sps;
}

void rill_h264_sets_learn(struct rill_h264_sets *sets, struct rill_view nal)
{
    struct rill_h264_sps s;
    uint8_t type = nal.n ? nal.p[0] & 0x1f : 0;
    if (type == SPS && rill_h264_sps_read(nal, &s))
        sets->sps[s.id] = s;
    if (type == PPS)
        learn_pps(sets, nal);
}

/* §7.3.3 */
struct rill_h264_structure rill_h264_slice_structure(const struct rill_h264_sets *sets,
                                                     struct rill_view nal)
{
    uint8_t bytes[SLICE_HEAD_MAX], type = nal.n ? nal.p[0] & 0x1f : 0;
    struct rill_h264_structure frame = {.field = false};
    struct rill_bits b = {.v = rill_h264_held(nal, (struct rill_span){bytes, sizeof bytes})};
    if (type != SLICE && type != PARTITION_A && type != IDR)
        return frame;
    (void)rill_bits_golomb(&b);
    (void)rill_bits_golomb(&b);
    uint32_t pps = rill_bits_golomb(&b);
    const struct rill_h264_sps *s =
        pps < RILL_H264_PPS_IDS ? &sets->sps[sets->sps_of[pps]] : &sets->sps[0];
    if (pps >= RILL_H264_PPS_IDS || s->frame_num_bits == 0 || s->frames_only)
        return frame;
    if (s->separate_planes)
        (void)rill_bits_get(&b, 2);
    struct rill_h264_structure of = {.frame_num = rill_bits_get(&b, s->frame_num_bits)};
    of.field = rill_bits_get(&b, 1);
    of.bottom = of.field && rill_bits_get(&b, 1);
    return b.bad ? frame : of;
}
