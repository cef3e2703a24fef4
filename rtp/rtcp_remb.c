/* rtcp_remb: the receiver's estimate of the path (draft-alvestrand-rmcat-remb-03 §2.2).
 *
 *  |  unique identifier 'R' 'E' 'M' 'B'                            |
 *  |  num SSRC     | BR exp (6)|  BR mantissa (18)                 |
 *  |  SSRC × num                                                   |
 */
#include "rtp/rtcp_private.h"

/* What a JSON number and a double carry exactly; no path comes near it. */
#define BITRATE_MAX ((uint64_t)1 << 53)

bool rill_rtcp_is_remb(struct rill_view fci)
{
    return rill_view_starts(fci, "REMB");
}

int rill_rtcp_parse_remb(struct rill_view fci, uint64_t *bitrate_bps, struct rill_view *ssrcs,
                         struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(fci);
    rill_r_skip(&r, 4);
    size_t n = rill_r_u8(&r);
    uint32_t rate = rill_r_u24(&r);
    struct rill_view ids = rill_r_bytes(&r, n * 4);

    if (!rill_rtcp_is_remb(fci) || r.bad || rill_r_left(&r))
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_REMB, 0, fci.n, why);
    unsigned exponent = rate >> 18;
    uint64_t mantissa = rate & 0x3ffff;
    if (mantissa > BITRATE_MAX >> exponent)
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_REMB_BITRATE, 5, exponent, why);
    *bitrate_bps = mantissa << exponent;
    *ssrcs = ids;
    return 0;
}

/* §2.2: "SSRC of media source (32 bits): Always 0". */
void rill_rtcp_write_remb(struct rill_writer *w, uint32_t sender, uint64_t bitrate_bps,
                          const uint32_t *ssrcs, size_t n)
{
    uint32_t exponent = 0;
    while (bitrate_bps >> exponent > 0x3ffff)
        exponent++;
    size_t at = rill_rtcp_begin_feedback(w, RILL_RTCP_PSFB, RILL_RTCP_AFB, sender, 0);
    w->bad = w->bad || n > UINT8_MAX;
    rill_w_str(w, "REMB");
    rill_w_u8(w, (uint8_t)n);
    rill_w_u24(w, exponent << 18 | (uint32_t)(bitrate_bps >> exponent));
    for (size_t i = 0; i < n; i++)
        rill_w_u32(w, ssrcs[i]);
    rill_rtcp_end(w, at);
}
