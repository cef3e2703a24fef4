#include "base/annexb.h"

#define TYPE_MASK 0x1f
enum {
    SLICE = 1,
    PARTITION_A = 2,
    IDR = 5,
    SEI = 6,
    SPS = 7,
    AUD = 9,
};

/* Where the next 00 00 01 begins, or the end. */
static size_t start_code(struct rill_view v, size_t from)
{
    for (size_t i = from; i + 3 <= v.n; i++)
        if (v.p[i] == 0 && v.p[i + 1] == 0 && v.p[i + 2] == 1)
            return i;
    return v.n;
}

bool rill_annexb_next(struct rill_view bytes, size_t *at, struct rill_view *nal)
{
    size_t from = start_code(bytes, *at);
    while (from < bytes.n) {
        size_t end = start_code(bytes, from + 3), n = end - from - 3;
        *at = end;
        /* H.264 §B.1: trailing_zero_8bits, and the zero_byte of the next start code. */
        while (n > 0 && bytes.p[from + 3 + n - 1] == 0)
            n--;
        *nal = rill_view_sub(bytes, from + 3, n);
        if (n > 0)
            return true;
        from = end;
    }
    *at = bytes.n;
    return false;
}

bool rill_annexb_is_slice(struct rill_view nal)
{
    uint8_t type = nal.n ? nal.p[0] & TYPE_MASK : 0;
    return type >= SLICE && type <= IDR;
}

/* H.264 §7.3.3: a slice begins with first_mb_in_slice as ue(v), of which 0 is a single bit 1. */
static bool is_first_slice(struct rill_view nal)
{
    uint8_t type = nal.n ? nal.p[0] & TYPE_MASK : 0;
    return (type == SLICE || type == PARTITION_A || type == IDR) && nal.n > 1 && nal.p[1] & 0x80;
}

/* H.264 §7.4.1.2.3. */
bool rill_annexb_may_begin(struct rill_view nal)
{
    uint8_t type = nal.n ? nal.p[0] & TYPE_MASK : 0;
    return (type >= SEI && type <= AUD) || is_first_slice(nal);
}

bool rill_annexb_is_key(struct rill_view nal)
{
    uint8_t type = nal.n ? nal.p[0] & TYPE_MASK : 0;
    return type == SPS || (type == IDR && is_first_slice(nal));
}
