/* rtcp_report: sender and receiver reports, read (RFC 3550 §6.4).
 *
 *  |                         SSRC of sender                        |
 *  |        NTP seconds            (SR only: 20 bytes)             |
 *  |        NTP fraction                                           |
 *  |        RTP timestamp                                          |
 *  |        sender's packet count                                  |
 *  |        sender's octet count                                   |
 *  |        report block 1 (24 bytes) …                            |
 *  |        profile-specific extensions                            |
 */
#include "rtp/rtcp_private.h"

static const struct rill_field report_fields[] = {
    {"ssrc", 0, 32, "RFC 3550 §6.4.1", "the stream this block is about"},
    {"fraction_lost", 32, 8, "RFC 3550 §6.4.1", "lost since the last report, in 1/256"},
    {"cumulative_lost", 40, 24, "RFC 3550 §6.4.1", "lost since the beginning, signed"},
    {"highest_seq", 64, 32, "RFC 3550 §6.4.1", "highest sequence number, cycles in the upper half"},
    {"jitter", 96, 32, "RFC 3550 §6.4.1", "interarrival jitter in units of the RTP clock"},
    {"lsr", 128, 32, "RFC 3550 §6.4.1", "the middle of the last SR's NTP time, 0: none yet"},
    {"dlsr", 160, 32, "RFC 3550 §6.4.1", "delay since that SR, in 1/65536 s"},
};

const struct rill_field_table rill_rtcp_report_fields = {
    "RTCP report block", report_fields, sizeof report_fields / sizeof report_fields[0]};

static size_t info_size(const struct rill_rtcp_packet *p)
{
    return p->pt == RILL_RTCP_SR ? RTCP_SENDER_INFO : 0;
}

int rill_rtcp_parse_report(const struct rill_rtcp_packet *p, uint32_t *ssrc,
                           struct rill_rtcp_sender_info *info, struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(p->body);
    uint32_t sender = rill_r_u32(&r);
    struct rill_rtcp_sender_info got = {0};

    if (p->pt == RILL_RTCP_SR) {
        got.ntp_sec = rill_r_u32(&r);
        got.ntp_frac = rill_r_u32(&r);
        got.rtp_time = rill_r_u32(&r);
        got.packet_count = rill_r_u32(&r);
        got.octet_count = rill_r_u32(&r);
    }
    /* What is behind the blocks are "profile-specific extensions" (§6.4.3): not looked at. */
    rill_r_skip(&r, (size_t)p->count * RTCP_REPORT_BLOCK);
    if (r.bad)
        return rill_rtcp_refuse(p, RILL_RTCP_REPORT, p->body.n, p->count, why);
    *ssrc = sender;
    if (info)
        *info = got;
    return 0;
}

static int32_t signed24(uint32_t v)
{
    return v & 0x800000 ? (int32_t)v - 0x1000000 : (int32_t)v;
}

bool rill_rtcp_report_block(const struct rill_rtcp_packet *p, size_t index,
                            struct rill_rtcp_report_block *out)
{
    struct rill_reader r = rill_reader_of(p->body);
    if (index >= p->count)
        return false;
    rill_r_skip(&r, 4 + info_size(p) + index * RTCP_REPORT_BLOCK);
    struct rill_rtcp_report_block block;
    block.ssrc = rill_r_u32(&r);
    block.fraction_lost = rill_r_u8(&r);
    block.cumulative_lost = signed24(rill_r_u24(&r));
    block.highest_seq = rill_r_u32(&r);
    block.jitter = rill_r_u32(&r);
    block.lsr = rill_r_u32(&r);
    block.dlsr = rill_r_u32(&r);
    if (r.bad)
        return false;
    *out = block;
    return true;
}
