/* rtcp_feedback: what a receiver asks of a sender at once (RFC 4585 §6, RFC 5104 §4.3.1).
 *
 *  |                  SSRC of packet sender                        |
 *  |                  SSRC of media source                         |
 *  NACK:  |            PID                |             BLP               | …
 *  FIR:   |                              SSRC                             |
 *         |    seq nr.    |                 reserved                      | …
 */
#include "rtp/rtcp_private.h"

#define COMMON 8
#define NACK_ENTRY 4
#define NACK_BITS 17 /* the PID itself and the 16 of the BLP */
#define FIR_ENTRY 8

/* The row that a FCI of n bytes earns, 0 when it is well sized. */
static int judge_size(const struct rill_rtcp_packet *p, size_t n)
{
    /* RFC 4585 §6.2.1: "The FCI field MUST contain at least one and MAY contain more than one
     * Generic NACK." */
    if (p->pt == RILL_RTCP_RTPFB && p->count == RILL_RTCP_NACK)
        return n == 0 || n % NACK_ENTRY ? RILL_RTCP_NACK_FCI : 0;
    /* RFC 4585 §6.3.1.2: "the length field MUST be 2, and there MUST NOT be any Feedback
     * Control Information." */
    if (p->pt == RILL_RTCP_PSFB && p->count == RILL_RTCP_PLI)
        return n ? RILL_RTCP_PLI_FCI : 0;
    /* RFC 5104 §4.3.1.1: "The length of the FIR feedback message MUST be set to 2+2*N, where N
     * is the number of FCI entries." */
    if (p->pt == RILL_RTCP_PSFB && p->count == RILL_RTCP_FIR)
        return n == 0 || n % FIR_ENTRY ? RILL_RTCP_FIR_FCI : 0;
    return 0;
}

int rill_rtcp_parse_feedback(const struct rill_rtcp_packet *p, uint32_t *sender, uint32_t *media,
                             struct rill_view *fci, struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(p->body);
    uint32_t from = rill_r_u32(&r);
    uint32_t about = rill_r_u32(&r);
    if (r.bad)
        return rill_rtcp_refuse(p, RILL_RTCP_FEEDBACK, p->body.n, p->body.n, why);
    struct rill_view rest = rill_r_bytes(&r, rill_r_left(&r));
    int code = judge_size(p, rest.n);
    if (code < 0)
        return rill_rtcp_refuse(p, code, COMMON, rest.n, why);
    *sender = from;
    *media = about;
    *fci = rest;
    return 0;
}

bool rill_rtcp_nack_next(struct rill_view fci, size_t *at, uint16_t *seq)
{
    for (;; (*at)++) {
        size_t entry = *at / NACK_BITS;
        size_t bit = *at % NACK_BITS;
        struct rill_reader r = rill_reader_of(rill_view_sub(fci, entry * NACK_ENTRY, NACK_ENTRY));
        uint16_t pid = rill_r_u16(&r);
        uint16_t blp = rill_r_u16(&r);
        if (r.bad)
            return false;
        /* RFC 4585 §6.2.1: "bit i of the bit mask is set to 1 if the receiver has not received
         * RTP packet number (PID+i) (modulo 2^16)"; bit 1 is the least significant. */
        if (bit && !(blp >> (bit - 1) & 1))
            continue;
        (*at)++;
        *seq = (uint16_t)(pid + bit);
        return true;
    }
}

bool rill_rtcp_fir_next(struct rill_view fci, size_t *at, struct rill_rtcp_fir_entry *out)
{
    struct rill_reader r = rill_reader_of(rill_view_sub(fci, *at, FIR_ENTRY));
    uint32_t ssrc = rill_r_u32(&r);
    uint8_t seq = rill_r_u8(&r);
    if (r.bad)
        return false;
    *at += FIR_ENTRY;
    *out = (struct rill_rtcp_fir_entry){ssrc, seq};
    return true;
}
