#include "base/picture_size.h"

#include "base/annexb.h"
#include "base/bits.h"
#include "base/h264_sets.h"

/* --- H.264 ------------------------------------------------------------------------------- */

#define SPS 7 /* Table 7-1 */

bool rill_h264_sps_size(struct rill_view sps, uint32_t *width, uint32_t *height)
{
    struct rill_h264_sps s;
    if (!rill_h264_sps_read(sps, &s))
        return false;
    *width = s.width;
    *height = s.height;
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
