#include "rtp/marks.h"

#define PLAYOUT_UNIT 10 /* ms */
#define PLAYOUT_MOST 0xfff

/* RFC 6464 §3: one byte; "If the two-byte header form is used", it may be followed by another, that
 * is to be ignored. */
bool rill_rtp_level_read(struct rill_view value, struct rill_rtp_level *out)
{
    if (value.n < 1 || value.n > 2)
        return false;
    *out = (struct rill_rtp_level){value.p[0] & 0x80, value.p[0] & 0x7f};
    return true;
}

void rill_rtp_level_write(const struct rill_rtp_level *v, uint8_t out[RILL_RTP_LEVEL_SIZE])
{
    out[0] = (uint8_t)((v->voice ? 0x80 : 0) | (v->dbov > 127 ? 127 : v->dbov));
}

bool rill_rtp_capture_read(struct rill_view value, struct rill_rtp_capture *out)
{
    struct rill_reader r = rill_reader_of(value);
    if (value.n != 8 && value.n != 16)
        return false;
    *out = (struct rill_rtp_capture){.ntp = rill_r_u64(&r), .has_offset = value.n == 16};
    if (out->has_offset)
        out->offset = (int64_t)rill_r_u64(&r);
    return true;
}

void rill_rtp_capture_write(const struct rill_rtp_capture *v, uint8_t out[RILL_RTP_CAPTURE_SIZE])
{
    struct rill_writer w = rill_writer_of((struct rill_span){out, RILL_RTP_CAPTURE_SIZE});
    rill_w_u64(&w, v->ntp);
}

bool rill_rtp_orientation_read(struct rill_view value, struct rill_rtp_orientation *out)
{
    if (value.n != RILL_RTP_ORIENTATION_SIZE)
        return false;
    uint8_t v = value.p[0];
    *out = (struct rill_rtp_orientation){v & 8, v & 4, (uint16_t)((v & 3) * 90)};
    return true;
}

void rill_rtp_orientation_write(const struct rill_rtp_orientation *v,
                                uint8_t out[RILL_RTP_ORIENTATION_SIZE])
{
    out[0] = (uint8_t)((v->back ? 8 : 0) | (v->flipped ? 4 : 0) | (v->rotation / 90 & 3));
}

bool rill_rtp_playout_delay_read(struct rill_view value, struct rill_rtp_playout_delay *out)
{
    struct rill_reader r = rill_reader_of(value);
    uint32_t both = rill_r_u24(&r);
    uint16_t min = (uint16_t)((both >> 12) * PLAYOUT_UNIT);
    uint16_t max = (uint16_t)((both & PLAYOUT_MOST) * PLAYOUT_UNIT);
    if (value.n != RILL_RTP_PLAYOUT_DELAY_SIZE || min > max)
        return false;
    *out = (struct rill_rtp_playout_delay){min, max};
    return true;
}

static uint32_t units(uint16_t ms)
{
    uint32_t n = ms / PLAYOUT_UNIT;
    return n > PLAYOUT_MOST ? PLAYOUT_MOST : n;
}

void rill_rtp_playout_delay_write(const struct rill_rtp_playout_delay *v,
                                  uint8_t out[RILL_RTP_PLAYOUT_DELAY_SIZE])
{
    struct rill_writer w = rill_writer_of((struct rill_span){out, RILL_RTP_PLAYOUT_DELAY_SIZE});
    rill_w_u24(&w, units(v->min) << 12 | units(v->max));
}
