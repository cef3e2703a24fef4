/* rtcp: what the other side's control packets tell and ask (RFC 3550 §6, 4585 §6, 5104 §4.3).
 *
 * The idea: authenticated first, then walked packet by packet; each is brought to the track or
 * line whose SSRC it names, and what names none of ours is passed over.
 */
#include "peer/rtcp.h"

#include "peer/collision.h"
#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/events.h"
#include "peer/lines.h"
#include "peer/marks.h"
#include "peer/redundancy.h"
#include "peer/remb.h"
#include "peer/reports.h"
#include "peer/route.h"
#include "peer/send.h"
#include "peer/traced.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/srtp.h"

static const struct rill_trace_point rtcp_dropped = {
    "peer", "rtcp_dropped", "a control packet is not used", 1, {{"error", RILL_TRACE_I64}}};
static const struct rill_trace_point bye_received = {
    "peer", "bye_received", "a stream has ended", 1, {{"ssrc", RILL_TRACE_U64}}};

/* Of clocks that do not go quite alike, 1/65536 s. */
#define SKEW 6554

/* Whether it can be about a sender report of ours: not one from before the first, nor one that the
 * other side has had for longer than it is old. */
static bool answers_report(const struct rill_peer *x, const struct rill_peer_sender *s,
                           const struct rill_rtcp_report_block *block, uint64_t ntp)
{
    int64_t ago = (uint32_t)((uint32_t)(ntp >> 16) - block->lsr);
    int64_t first = (x->arrived - s->first_sr) * 65536 / RILL_SECOND;
    return block->lsr && s->first_sr && ago <= first + SKEW && block->dlsr <= ago + SKEW;
}

/* webrtc-stats, RTCReceivedRtpStreamStats: what was received, by the highest number reported and
 * the losses. */
static void note_report(struct rill_peer *x, struct rill_peer_sender *s,
                        const struct rill_rtcp_report_block *block)
{
    struct rill_peer_outbound_stats *m = &s->more;
    int64_t expected = (int64_t)block->highest_seq - s->first_seq + 1;
    m->reported = x->arrived;
    rill_peer_marks_heard(s, (uint16_t)block->highest_seq);
    m->fraction_lost = block->fraction_lost / 256.0;
    m->remote_packets =
        expected > block->cumulative_lost ? (uint64_t)(expected - block->cumulative_lost) : 0;
    uint64_t ntp = rill_ntp_from_unix_us(x->config.wall_us + x->arrived);
    if (!answers_report(x, s, block, ntp))
        return;
    s->remote_rtt_us = rill_rtp_rtt_us(ntp, block->lsr, block->dlsr);
    m->rtt_sum += s->remote_rtt_us;
    m->rtts++;
}

/* RFC 3550 §6.4.1: what the other side has received of our track. */
static void take_blocks(struct rill_peer *x, const struct rill_rtcp_packet *p)
{
    struct rill_rtcp_report_block block;
    for (size_t i = 0; rill_rtcp_report_block(p, i, &block); i++) {
        struct rill_peer_track *t;
        struct rill_peer_sender *s = rill_peer_sender_by_ssrc(x, block.ssrc, &t);
        if (!s)
            continue;
        int64_t clock_hz = rill_codec_clock_hz(s->codec ? s->codec : t->codec);
        s->remote_lost = block.cumulative_lost;
        s->remote_jitter_us = (int64_t)block.jitter * RILL_SECOND / clock_hz;
        if (t->kind == RILL_AUDIO)
            rill_peer_redundancy_report(s, x->now, block.fraction_lost);
        else
            rill_peer_congestion_report(x, rill_peer_line_of(x, t), block.fraction_lost);
        note_report(x, s, &block);
    }
}

/* RFC 3550 §6.4.1: what the other side has sent. */
static void take_sender_info(struct rill_peer *x, struct rill_peer_receiver *in,
                             const struct rill_rtcp_sender_info *info)
{
    rill_rtp_source_sr(&in->source, x->arrived, info);
    in->report_is_old = false;
    in->more.reported = x->arrived;
    in->more.report_ntp = (uint64_t)info->ntp_sec << 32 | info->ntp_frac;
    in->more.remote_packets = info->packet_count;
    in->more.remote_bytes = info->octet_count;
    in->more.reports++;
}

/* Its sender report starts the clock of the repairs' report blocks (RFC 3550 §6.4.1: LSR). */
static void take_repair_info(struct rill_peer *x, uint32_t ssrc,
                             const struct rill_rtcp_sender_info *info)
{
    for (size_t i = 0; i < x->n_lines; i++)
        for (size_t k = 0; k < x->lines[i].n_ins; k++) {
            struct rill_peer_receiver *in = x->lines[i].ins[k];
            if (in->started && in->repairs.ssrc && in->repairs.ssrc == ssrc)
                rill_rtp_source_sr(&in->repairs, x->arrived, info);
        }
}

static int take_report(struct rill_peer *x, const struct rill_rtcp_packet *p)
{
    struct rill_rtcp_sender_info info;
    uint32_t ssrc;
    int rc = rill_rtcp_parse_report(p, &ssrc, &info, NULL);
    if (rc < 0)
        return rc;
    if ((rc = rill_peer_collide(x, x->now, ssrc, NULL)) < 0)
        return rc;
    struct rill_peer_line *l;
    struct rill_peer_receiver *in = rill_peer_receiver_by_ssrc(x, ssrc, &l);
    if (p->pt == RILL_RTCP_SR && in)
        take_sender_info(x, in, &info);
    else if (p->pt == RILL_RTCP_SR)
        take_repair_info(x, ssrc, &info);
    take_blocks(x, p);
    return 0;
}

/* RFC 8852 §3.1, RFC 9143 §15.1: a chunk with both names tells whose its SSRC is. */
static int take_sdes(struct rill_peer *x, const struct rill_rtcp_packet *p)
{
    struct rill_rtcp_sdes_item item;
    struct rill_view mid = {0}, rid = {0};
    size_t at = 0;
    int rc;
    while ((rc = rill_rtcp_sdes_next(p, &at, &item, NULL)) > 0) {
        if (item.type == RILL_RTCP_SDES_CNAME)
            (void)rill_peer_collide(x, x->now, item.ssrc, &item.text);
        if (item.type == RILL_RTCP_SDES_MID)
            mid = item.text;
        if (item.type == RILL_RTCP_SDES_RID || item.type == RILL_RTCP_SDES_REPAIRED_RID)
            rid = item.text;
        if (!item.last)
            continue;
        if (mid.n && rid.n)
            rill_peer_route_named(x, item.ssrc, mid, rid);
        mid = rid = (struct rill_view){0};
    }
    return rc;
}

/* The line's streams have all ended. */
static bool is_over(const struct rill_peer_line *l)
{
    for (size_t k = 0; k < l->n_ins; k++)
        if (l->ins[k]->started && !l->ins[k]->bye)
            return false;
    return true;
}

static int take_bye(struct rill_peer *x, int64_t now, const struct rill_rtcp_packet *p)
{
    struct rill_view sources, reason;
    int rc = rill_rtcp_parse_bye(p, &sources, &reason, NULL);
    if (rc < 0)
        return rc;
    struct rill_reader r = rill_reader_of(sources);
    while (rill_r_left(&r) >= 4) {
        uint32_t ssrc = rill_r_u32(&r);
        struct rill_peer_line *l;
        struct rill_peer_receiver *in = rill_peer_receiver_by_ssrc(x, ssrc, &l);
        if (!in || in->bye)
            continue;
        in->bye = true;
        rill_peer_reports_left(x, now, l);
        RILL_TRACE(x->config.trace, now, bye_received, {.u = ssrc});
        struct rill_peer_note *note = is_over(l) ? rill_peer_note(x, RILL_PEER_EVENT_BYE) : NULL;
        if (note)
            note->index = (int)(l - x->lines);
    }
    return 0;
}

static void take_nack(struct rill_peer *x, int64_t now, uint32_t media, struct rill_view fci)
{
    struct rill_peer_track *t;
    struct rill_peer_sender *s = rill_peer_sender_by_ssrc(x, media, &t);
    const struct rill_peer_line *l = s ? rill_peer_line_of(x, t) : NULL;
    size_t at = 0;
    uint16_t seq;
    if (!s)
        return;
    s->nacks++;
    while (l && rill_rtcp_nack_next(fci, &at, &seq))
        rill_peer_send_again(x, now, t, s, seq);
}

/* One that is not sent now has no encoder to be asked. */
static void ask(struct rill_peer *x, int64_t now, const struct rill_peer_track *t,
                struct rill_peer_sender *s)
{
    if (t->sending >> s->encoding & 1)
        rill_peer_want_keyframe(x, now, t, s);
}

static void take_pli(struct rill_peer *x, int64_t now, uint32_t media)
{
    struct rill_peer_track *t;
    struct rill_peer_sender *s = rill_peer_sender_by_ssrc(x, media, &t);
    if (!s)
        return;
    s->plis++;
    ask(x, now, t, s);
}

/* RFC 5104 §4.3.1.2: a repetition with the same sequence number is the same command. */
static void take_fir(struct rill_peer *x, int64_t now, struct rill_view fci)
{
    struct rill_rtcp_fir_entry entry;
    size_t at = 0;
    while (rill_rtcp_fir_next(fci, &at, &entry)) {
        struct rill_peer_track *t;
        struct rill_peer_sender *s = rill_peer_sender_by_ssrc(x, entry.ssrc, &t);
        if (!s || (s->have_fir && s->fir_seq == entry.seq))
            continue;
        s->have_fir = true;
        s->fir_seq = entry.seq;
        s->firs++;
        ask(x, now, t, s);
    }
}

static int take_feedback(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                         const struct rill_rtcp_packet *p)
{
    uint32_t sender, media;
    struct rill_view fci;
    int rc = rill_rtcp_parse_feedback(p, &sender, &media, &fci, NULL);
    if (rc < 0)
        return rc;
    if (p->pt == RILL_RTCP_RTPFB && p->count == RILL_RTCP_NACK)
        take_nack(x, now, media, fci);
    else if (p->pt == RILL_RTCP_PSFB && p->count == RILL_RTCP_PLI)
        take_pli(x, now, media);
    else if (p->pt == RILL_RTCP_PSFB && p->count == RILL_RTCP_FIR)
        take_fir(x, now, fci);
    else if (p->pt == RILL_RTCP_RTPFB && p->count == RILL_RTCP_TWCC)
        return rill_peer_congestion_feedback(x, now, c, fci);
    else if (p->pt == RILL_RTCP_PSFB && p->count == RILL_RTCP_AFB)
        return rill_peer_remb_received(x, now, c, fci);
    return 0;
}

static int take(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                const struct rill_rtcp_packet *p)
{
    switch (p->pt) {
    case RILL_RTCP_SR:
    case RILL_RTCP_RR:
        return take_report(x, p);
    case RILL_RTCP_SDES:
        return take_sdes(x, p);
    case RILL_RTCP_BYE:
        return take_bye(x, now, p);
    case RILL_RTCP_RTPFB:
    case RILL_RTCP_PSFB:
        return take_feedback(x, now, c, p);
    default:
        /* RFC 3550 §6.1: "unknown RTCP packet types … MUST be ignored". */
        return 0;
    }
}

static int walk(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                struct rill_view compound)
{
    struct rill_rtcp_packet p;
    size_t at = 0;
    int rc;
    while ((rc = rill_rtcp_next(compound, &at, &p, NULL)) > 0) {
        rc = take(x, now, c, &p);
        if (rc < 0)
            break;
    }
    return rc;
}

/* Whose it is, its first packet says. */
static void note_size(struct rill_peer *x, struct rill_view compound, size_t bytes)
{
    struct rill_rtcp_packet p;
    size_t at = 0;
    if (rill_rtcp_next(compound, &at, &p, NULL) <= 0)
        return;
    struct rill_reader r = rill_reader_of(p.body);
    uint32_t ssrc = rill_r_u32(&r);
    if (!r.bad)
        rill_peer_reports_received(x, ssrc, bytes);
}

int rill_peer_receive_rtcp(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                           struct rill_span datagram)
{
    if (!c->srtp) {
        x->dropped_srtp++;
        return RILL_PEER_NO_KEYS;
    }
    int n = rill_srtp_unprotect_rtcp(c->srtp, datagram);
    if (n < 0) {
        x->dropped_srtp++;
        return n;
    }
    rill_peer_trace_rtcp_received(x, now, rill_view_at(datagram.p, (size_t)n));
    int rc = walk(x, now, c, rill_view_at(datagram.p, (size_t)n));
    note_size(x, rill_view_at(datagram.p, (size_t)n), datagram.n);
    if (rc < 0) {
        x->dropped_other++;
        RILL_TRACE(x->config.trace, now, rtcp_dropped, {.i = rc});
    }
    return rc;
}
