/* rtcp_walk: a compound, taken apart into its packets (RFC 3550 §6.1, §A.2).
 *
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  |V=2|P|  count  |      PT       |    length in words − 1        |
 *
 * The idea: every length is tested before the packet is handed out, and each step moves at
 * least four bytes on, so a walk always ends.
 */
#include "rtp/rtcp_private.h"

#define VERSION 2
#define COMPOUND_MAX 65535

static const struct rill_field header_fields[] = {
    {"version", 0, 2, "RFC 3550 §6.4.1", "the version of RTP, 2"},
    {"padding", 2, 1, "RFC 3550 §6.4.1", "padding ends the packet, its last byte counts it"},
    {"count", 3, 5, "RFC 3550 §6.4.1", "report blocks, chunks or sources; feedback: its format"},
    {"pt", 8, 8, "RFC 3550 §12.1", "the packet type: 200 SR, 201 RR, 202 SDES, 203 BYE, …"},
    {"length", 16, 16, "RFC 3550 §6.4.1", "32-bit words of the whole packet, less one"},
};

const struct rill_field_table rill_rtcp_header_fields = {
    "RTCP header", header_fields, sizeof header_fields / sizeof header_fields[0]};

/* Deviation: draft-holmer-…-01 §3.1 shows bare zeros up to the word. Chromium sets the padding
 * bit instead, with a count of 1 to 3, on each of several feedback packets of a compound. */
static bool pads_to_the_word(const struct rill_rtcp_packet *p)
{
    return p->pt == RILL_RTCP_RTPFB && p->count == RILL_RTCP_TWCC;
}

static int strip_padding(struct rill_rtcp_packet *p, bool last, struct rill_err *why)
{
    size_t count = p->body.n ? p->body.p[p->body.n - 1] : 0;
    bool loose = pads_to_the_word(p);

    /* RFC 3550 §6.4.1: "padding MUST only be added to the last individual packet". */
    if (!last && !loose)
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_PADDING_PLACE, p->offset, p->pt, why);
    /* RFC 3550 §6.4.1: "The last octet of the padding is a count of how many padding octets
     * should be ignored, including itself (it will be a multiple of four)." */
    if (count == 0 || count > p->body.n || (count % 4 && !loose))
        return rill_rtcp_refuse(p, RILL_RTCP_PADDING, p->body.n ? p->body.n - 1 : 0, count, why);
    p->body = rill_view_sub(p->body, 0, p->body.n - count);
    return 0;
}

int rill_rtcp_next(struct rill_view compound, size_t *at, struct rill_rtcp_packet *out,
                   struct rill_err *why)
{
    struct rill_view rest = rill_view_sub(compound, *at, compound.n - *at);
    struct rill_reader r = rill_reader_of(rest);

    if (compound.n > COMPOUND_MAX)
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_TOO_LONG, COMPOUND_MAX, compound.n, why);
    if (*at && *at == compound.n)
        return 0;
    uint8_t first = rill_r_u8(&r);
    struct rill_rtcp_packet p = {
        .padding = first & 0x20,
        .count = first & 0x1f,
        .pt = rill_r_u8(&r),
        .offset = *at,
    };
    size_t n = ((size_t)rill_r_u16(&r) + 1) * 4;
    if (r.bad)
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_TOO_SHORT, compound.n, rest.n, why);
    /* RFC 3550 §A.2: "RTP version field must equal 2." What comes first is not checked:
     * RFC 5506 §4.1 lets a reduced-size compound begin with feedback. */
    if (first >> 6 != VERSION)
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_VERSION, *at, first >> 6, why);
    /* RFC 3550 §A.2: "The length fields of the individual RTCP packets must add up to the
     * overall length of the compound RTCP packet as received." */
    if (n > rest.n)
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_LENGTH, *at + 2, n, why);
    p.whole = rill_view_sub(rest, 0, n);
    p.body = rill_view_sub(rest, RTCP_HEADER, n - RTCP_HEADER);
    int rc = p.padding ? strip_padding(&p, n == rest.n, why) : 0;
    if (rc < 0)
        return rc;
    *at += n;
    *out = p;
    return 1;
}
