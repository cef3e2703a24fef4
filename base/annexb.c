#include "base/annexb.h"

#define TYPE_MASK 0x1f
#define RECOVERY_POINT 6 /* H.264 §D.1 */
enum {
    SLICE = 1,
    PARTITION_A = 2,
    IDR = 5,
    SEI = 6,
    SPS = 7,
    PPS = 8,
    AUD = 9,
    PREFIX = 14, /* of the NAL unit behind it, a slice; what else begins access units until 18 */
    LAST_BEGINNING = 18,
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

/* H.264 §7.4.1.2.3: after the last slice of a picture, the first of these. */
bool rill_annexb_may_begin(struct rill_view nal)
{
    uint8_t type = nal.n ? nal.p[0] & TYPE_MASK : 0;
    return (type >= SEI && type <= AUD) || (type >= PREFIX && type <= LAST_BEGINNING) ||
           is_first_slice(nal);
}

bool rill_annexb_is_prefix(struct rill_view nal)
{
    return nal.n && (nal.p[0] & TYPE_MASK) == PREFIX;
}

/* The next byte of what a NAL unit holds; §7.4.1: a 3 behind two zeros is none of it. */
static uint8_t held(struct rill_reader *r, size_t *zeros)
{
    uint8_t byte = rill_r_u8(r);
    if (*zeros >= 2 && byte == 3) {
        *zeros = 0;
        byte = rill_r_u8(r);
    }
    *zeros = byte ? 0 : *zeros + 1;
    return byte;
}

/* §7.3.2.3.1: ff for each 255, then the rest. */
static size_t sei_number(struct rill_reader *r, size_t *zeros)
{
    size_t n = 0;
    uint8_t byte;
    while ((byte = held(r, zeros)) == 0xff && !r->bad)
        n += byte;
    return n + byte;
}

static bool has_recovery_point(struct rill_view sei)
{
    struct rill_reader r = rill_reader_of(sei);
    size_t zeros = 0;
    rill_r_skip(&r, 1);
    /* What is left holds a message at least, or the one byte of its trailing bits. */
    while (rill_r_left(&r) > 1 && !r.bad) {
        size_t type = sei_number(&r, &zeros), size = sei_number(&r, &zeros);
        if (!r.bad && type == RECOVERY_POINT)
            return true;
        for (; size > 0 && !r.bad; size--)
            (void)held(&r, &zeros);
    }
    return false;
}

unsigned rill_annexb_parts(struct rill_view nal)
{
    uint8_t type = nal.n ? nal.p[0] & TYPE_MASK : 0;
    return type == IDR                              ? RILL_ANNEXB_SLICE | RILL_ANNEXB_IDR
           : rill_annexb_is_slice(nal)              ? RILL_ANNEXB_SLICE
           : type == SPS                            ? RILL_ANNEXB_SPS
           : type == PPS                            ? RILL_ANNEXB_PPS
           : type == SEI && has_recovery_point(nal) ? RILL_ANNEXB_RECOVERY
                                                    : 0;
}

bool rill_annexb_are_key(unsigned parts)
{
    const unsigned entry = RILL_ANNEXB_SPS | RILL_ANNEXB_PPS | RILL_ANNEXB_RECOVERY;
    return parts & RILL_ANNEXB_IDR || (parts & RILL_ANNEXB_SLICE && (parts & entry) == entry);
}
