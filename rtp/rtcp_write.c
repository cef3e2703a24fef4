/* rtcp_write: control packets, built (RFC 3550 §6, RFC 4585 §6, RFC 5104 §4.3.1).
 *
 * The idea: begin() leaves the length open, end() fills it in once the packet is there. */
#include "rtp/rtcp_private.h"

#define VERSION 2
#define COUNT_MAX 31

/* Returns where the packet begins, for end(). */
static size_t begin(struct rill_writer *w, size_t count, enum rill_rtcp_pt pt)
{
    size_t at = w->at;
    w->bad = w->bad || count > COUNT_MAX;
    rill_w_u8(w, (uint8_t)(VERSION << 6 | (count & COUNT_MAX)));
    rill_w_u8(w, (uint8_t)pt);
    rill_w_u16(w, 0);
    return at;
}

void rill_rtcp_end(struct rill_writer *w, size_t at)
{
    /* RFC 3550 §6.4.1: the length "in 32-bit words minus one". */
    if (!w->bad)
        rill_w_patch_u16(w, at + 2, (uint16_t)((w->at - at) / 4 - 1));
}

void rill_rtcp_pad_to_word(struct rill_writer *w, size_t at)
{
    rill_w_zeros(w, (4 - (w->at - at) % 4) % 4);
}

static void write_blocks(struct rill_writer *w, const struct rill_rtcp_report_block *blocks,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rill_w_u32(w, blocks[i].ssrc);
        rill_w_u8(w, blocks[i].fraction_lost);
        rill_w_u24(w, (uint32_t)blocks[i].cumulative_lost & 0xffffff);
        rill_w_u32(w, blocks[i].highest_seq);
        rill_w_u32(w, blocks[i].jitter);
        rill_w_u32(w, blocks[i].lsr);
        rill_w_u32(w, blocks[i].dlsr);
    }
}

void rill_rtcp_write_sr(struct rill_writer *w, uint32_t ssrc,
                        const struct rill_rtcp_sender_info *info,
                        const struct rill_rtcp_report_block *blocks, size_t n)
{
    size_t at = begin(w, n, RILL_RTCP_SR);
    rill_w_u32(w, ssrc);
    rill_w_u32(w, info->ntp_sec);
    rill_w_u32(w, info->ntp_frac);
    rill_w_u32(w, info->rtp_time);
    rill_w_u32(w, info->packet_count);
    rill_w_u32(w, info->octet_count);
    write_blocks(w, blocks, n);
    rill_rtcp_end(w, at);
}

void rill_rtcp_write_rr(struct rill_writer *w, uint32_t ssrc,
                        const struct rill_rtcp_report_block *blocks, size_t n)
{
    size_t at = begin(w, n, RILL_RTCP_RR);
    rill_w_u32(w, ssrc);
    write_blocks(w, blocks, n);
    rill_rtcp_end(w, at);
}

static void write_text(struct rill_writer *w, struct rill_view text)
{
    w->bad = w->bad || text.n > RTCP_SDES_TEXT_MAX;
    rill_w_u8(w, (uint8_t)text.n);
    rill_w_bytes(w, text);
}

static void write_item(struct rill_writer *w, enum rill_rtcp_sdes_type type, struct rill_view text)
{
    rill_w_u8(w, (uint8_t)type);
    write_text(w, text);
}

static void write_name(struct rill_writer *w, enum rill_rtcp_sdes_type type, struct rill_view text)
{
    if (text.n)
        write_item(w, type, text);
}

void rill_rtcp_write_sdes(struct rill_writer *w, const struct rill_rtcp_sdes_source *sources,
                          size_t n)
{
    size_t at = begin(w, n, RILL_RTCP_SDES);
    for (size_t i = 0; i < n; i++) {
        rill_w_u32(w, sources[i].ssrc);
        write_item(w, RILL_RTCP_SDES_CNAME, sources[i].cname);
        write_name(w, RILL_RTCP_SDES_RID, sources[i].rid);
        write_name(w, RILL_RTCP_SDES_REPAIRED_RID, sources[i].repaired_rid);
        write_name(w, RILL_RTCP_SDES_MID, sources[i].mid);
        rill_w_u8(w, 0); /* the end of the list: always at least one */
        rill_rtcp_pad_to_word(w, at);
    }
    rill_rtcp_end(w, at);
}

void rill_rtcp_write_sdes_cname(struct rill_writer *w, uint32_t ssrc, struct rill_view cname)
{
    struct rill_rtcp_sdes_source source = {.ssrc = ssrc, .cname = cname};
    rill_rtcp_write_sdes(w, &source, 1);
}

void rill_rtcp_write_bye(struct rill_writer *w, uint32_t ssrc, const char *reason)
{
    size_t at = begin(w, 1, RILL_RTCP_BYE);
    rill_w_u32(w, ssrc);
    if (reason && *reason)
        write_text(w, rill_view_of(reason));
    rill_rtcp_pad_to_word(w, at);
    rill_rtcp_end(w, at);
}

size_t rill_rtcp_begin_feedback(struct rill_writer *w, enum rill_rtcp_pt pt, enum rill_rtcp_fmt fmt,
                                uint32_t sender, uint32_t media)
{
    size_t at = begin(w, fmt, pt);
    rill_w_u32(w, sender);
    rill_w_u32(w, media);
    return at;
}

void rill_rtcp_write_nack(struct rill_writer *w, uint32_t sender, uint32_t media,
                          const uint16_t *seqs, size_t n)
{
    if (n == 0)
        return;
    size_t at = rill_rtcp_begin_feedback(w, RILL_RTCP_RTPFB, RILL_RTCP_NACK, sender, media);
    for (size_t i = 0; i < n;) {
        uint16_t pid = seqs[i++];
        uint16_t blp = 0;
        for (; i < n; i++) {
            uint16_t ahead = (uint16_t)(seqs[i] - pid);
            if (ahead < 1 || ahead > 16)
                break;
            blp = (uint16_t)(blp | 1u << (ahead - 1));
        }
        rill_w_u16(w, pid);
        rill_w_u16(w, blp);
    }
    rill_rtcp_end(w, at);
}

void rill_rtcp_write_pli(struct rill_writer *w, uint32_t sender, uint32_t media)
{
    rill_rtcp_end(w, rill_rtcp_begin_feedback(w, RILL_RTCP_PSFB, RILL_RTCP_PLI, sender, media));
}

void rill_rtcp_write_fir(struct rill_writer *w, uint32_t sender, uint32_t media, uint8_t seq)
{
    /* RFC 5104 §4.3.1.2: the SSRC of media source "is not used and SHALL be set to 0". */
    size_t at = rill_rtcp_begin_feedback(w, RILL_RTCP_PSFB, RILL_RTCP_FIR, sender, 0);
    rill_w_u32(w, media);
    rill_w_u8(w, seq);
    rill_w_zeros(w, 3);
    rill_rtcp_end(w, at);
}
