/* reports: the RTCP a peer sends: reports on a schedule, feedback when it is due, BYE.
 *
 * The idea: each m-line speaks for itself, as browsers do: one datagram with its sender report
 * (or receiver report), what it has received, its CNAME, and behind them feedback or BYE. What
 * is due is asked when a datagram may be built; nothing is queued.
 */
#include "peer/reports.h"

#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/feedback.h"
#include "peer/lines.h"
#include "peer/traced.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/srtp.h"

/* RFC 3550 §6.2: RTCP gets a share of the session bandwidth: here that of one talk and of one
 * camera. */
#define AUDIO_BPS 64000
#define VIDEO_BPS 1000000
#define FIRST_AVERAGE 128 /* bytes of a compound, IP and UDP headers included */

static bool is_sending(const struct rill_peer_track *t, size_t k)
{
    return t->sending >> k & 1 && t->senders[k]->sent_any;
}

static int64_t next_report(struct rill_peer *x, int64_t now, struct rill_peer_line *l, bool first)
{
    bool audio = l->agreed.kind == RILL_AUDIO;
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    unsigned senders = 0;
    for (size_t k = 0; t && k < t->n_senders; k++)
        senders += is_sending(t, k);
    bool we_send = senders > 0;
    for (size_t k = 0; k < l->n_ins; k++)
        senders += l->ins[k]->started;
    unsigned members = senders > 2 ? senders : 2;
    return now + rill_rtcp_interval_us(&x->config.rng, first, audio ? AUDIO_BPS : VIDEO_BPS,
                                       l->rtcp_average, members, senders, we_send);
}

void rill_peer_reports_start_line(struct rill_peer *x, int64_t now, struct rill_peer_line *l)
{
    l->rtcp_average = FIRST_AVERAGE;
    l->report_next = next_report(x, now, l, true);
    l->report_started = true;
}

void rill_peer_reports_start(struct rill_peer *x, int64_t now, const struct rill_peer_component *c)
{
    for (size_t i = 0; i < x->n_lines; i++)
        if (rill_peer_line_component(x, &x->lines[i], true) == c)
            rill_peer_reports_start_line(x, now, &x->lines[i]);
}

/* RFC 3550 §6.4.1: the NTP time of this instant, and the RTP time of the same instant: what
 * the last frame had, and the time since it was captured. */
static void fill_sender_info(const struct rill_peer *x, int64_t now,
                             const struct rill_peer_sender *s, uint32_t clock_hz,
                             struct rill_rtcp_sender_info *out)
{
    uint64_t ntp = rill_ntp_from_unix_us(x->config.wall_us + now);
    int64_t since = (now - s->frame_time) * (int64_t)clock_hz / RILL_SECOND;
    *out = (struct rill_rtcp_sender_info){
        .ntp_sec = (uint32_t)(ntp >> 32),
        .ntp_frac = (uint32_t)ntp,
        .rtp_time = s->frame_rtp_time + (uint32_t)since,
        .packet_count = (uint32_t)s->packets,
        .octet_count = (uint32_t)s->bytes,
    };
}

/* What is sent again has no stream of its own: it counts for the one it is of. */
static void add_resent(const struct rill_peer_line *l, const struct rill_peer_sender *s,
                       struct rill_rtcp_sender_info *info)
{
    if (l->agreed.rtx_pt)
        return;
    info->packet_count += (uint32_t)s->retransmitted;
    info->octet_count += (uint32_t)s->more.retransmitted_bytes;
}

static bool is_repairing(const struct rill_peer_line *l, const struct rill_peer_sender *s)
{
    return l->agreed.rtx_pt && s->rtx_packets > 0;
}

/* RFC 4588 §4: the RTX stream has the timestamps of the packets it repeats, so its RTP time is that
 * of the stream it repairs; what it has sent is its own. */
static void write_rtx_report(const struct rill_peer_line *l, const struct rill_peer_sender *s,
                             struct rill_rtcp_sender_info info, struct rill_writer *w)
{
    if (!is_repairing(l, s))
        return;
    info.packet_count = (uint32_t)s->rtx_packets;
    info.octet_count = (uint32_t)s->rtx_bytes;
    rill_rtcp_write_sr(w, s->rtx.ssrc, &info, NULL, 0);
}

static size_t fill_blocks(struct rill_peer_line *l, int64_t now,
                          struct rill_rtcp_report_block blocks[RILL_PEER_ENCODINGS_MAX])
{
    size_t n = 0;
    for (size_t k = 0; k < l->n_ins; k++)
        if (l->ins[k]->started)
            rill_rtp_source_report(&l->ins[k]->source, now, &blocks[n++]);
    return n;
}

/* RFC 3550 §6.1: "an SDES packet containing a CNAME item MUST be included"; RFC 8852 §3.1 and
 * RFC 9143 §15.1: of several encodings their names too, for who has missed those in RTP. */
static void write_names(struct rill_peer *x, struct rill_peer_line *l, struct rill_writer *w)
{
    struct rill_rtcp_sdes_source sources[2 * RILL_PEER_ENCODINGS_MAX];
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    struct rill_view cname = rill_view_at(x->cname, sizeof x->cname);
    size_t n = 0;
    for (size_t k = 0; t && k < t->n_senders; k++)
        if (is_sending(t, k))
            sources[n++] = (struct rill_rtcp_sdes_source){
                .ssrc = t->senders[k]->ssrc,
                .cname = cname,
                .rid = l->agreed.by_rid ? t->senders[k]->rid : (struct rill_view){0},
                .mid = l->agreed.by_rid ? l->agreed.mid : (struct rill_view){0},
            };
    for (size_t k = 0; t && k < t->n_senders; k++)
        if (is_sending(t, k) && is_repairing(l, t->senders[k]))
            sources[n++] = (struct rill_rtcp_sdes_source){
                .ssrc = t->senders[k]->rtx.ssrc,
                .cname = cname,
                .repaired_rid = l->agreed.by_rid ? t->senders[k]->rid : (struct rill_view){0},
                .mid = l->agreed.by_rid ? l->agreed.mid : (struct rill_view){0},
            };
    if (n == 0)
        sources[n++] =
            (struct rill_rtcp_sdes_source){.ssrc = rill_peer_line_ssrc(x, l), .cname = cname};
    rill_rtcp_write_sdes(w, sources, n);
}

/* RFC 3550 §6.1: "the first RTCP packet in the compound packet MUST always be a report
 * packet". What was received is reported once, by the first of ours (RFC 8861 §3.1 would have the
 * others name it; browsers read it as it is). */
static void write_report(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                         struct rill_writer *w)
{
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    struct rill_rtcp_report_block blocks[RILL_PEER_ENCODINGS_MAX];
    size_t n = fill_blocks(l, now, blocks);
    bool any = false;
    for (size_t k = 0; t && k < t->n_senders; k++) {
        struct rill_rtcp_sender_info info;
        if (!is_sending(t, k))
            continue;
        fill_sender_info(x, now, t->senders[k], rill_codec_clock_hz(t->codec), &info);
        add_resent(l, t->senders[k], &info);
        rill_rtcp_write_sr(w, t->senders[k]->ssrc, &info, blocks, any ? 0 : n);
        write_rtx_report(l, t->senders[k], info, w);
        any = true;
    }
    if (!any)
        rill_rtcp_write_rr(w, rill_peer_line_ssrc(x, l), blocks, n);
    write_names(x, l, w);
}

/* An empty report, so that feedback is a compound (RFC 4585 §3.1) and the interval of the
 * regular reports is left alone. */
static void write_empty_report(struct rill_peer *x, const struct rill_peer_line *l,
                               struct rill_writer *w)
{
    uint32_t ssrc = rill_peer_line_ssrc(x, l);
    rill_rtcp_write_rr(w, ssrc, NULL, 0);
    rill_rtcp_write_sdes_cname(w, ssrc, rill_view_at(x->cname, sizeof x->cname));
}

static void write_byes(struct rill_peer *x, struct rill_peer_line *l, struct rill_writer *w)
{
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    bool any = false;
    for (size_t k = 0; t && k < t->n_senders; k++)
        if (is_sending(t, k)) {
            rill_rtcp_write_bye(w, t->senders[k]->ssrc, NULL);
            if (is_repairing(l, t->senders[k]))
                rill_rtcp_write_bye(w, t->senders[k]->rtx.ssrc, NULL);
            any = true;
        }
    if (!any)
        rill_rtcp_write_bye(w, rill_peer_line_ssrc(x, l), NULL);
}

static void write_line(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                       struct rill_writer *w)
{
    bool report = l->bye_pending || l->n_gone || now >= l->report_next;
    bool feedback = rill_peer_feedback_is_due(x, now, l);
    if (report)
        write_report(x, now, l, w);
    else if (feedback && !l->agreed.rtcp_rsize)
        write_empty_report(x, l, w);
    if (feedback && !l->bye_pending)
        rill_peer_feedback_write(x, now, l, w);
    /* RFC 3550 §6.6: BYE is the last packet of the compound. */
    for (size_t i = 0; i < l->n_gone; i++)
        rill_rtcp_write_bye(w, l->gone[i], NULL);
    l->n_gone = 0;
    if (l->bye_pending)
        write_byes(x, l, w);
    if (report)
        l->report_next = next_report(x, now, l, false);
    l->bye_pending = false;
}

size_t rill_peer_reports_output(struct rill_peer *x, int64_t now, struct rill_peer_component **to,
                                struct rill_span out)
{
    for (size_t i = 0; i < x->n_lines; i++) {
        struct rill_peer_line *l = &x->lines[i];
        size_t room = RILL_DATAGRAM_OUT_MAX - RILL_SRTP_TAIL;
        struct rill_writer w =
            rill_writer_of((struct rill_span){out.p, out.n < room ? out.n : room});
        *to = rill_peer_line_component(x, l, true);
        if (!l->report_started || !rill_peer_component_is_ready(*to))
            continue;
        if (x->closing == RILL_PEER_OPEN || l->bye_pending)
            write_line(x, now, l, &w);
        if (w.at == 0 || w.bad)
            continue;
        rill_peer_trace_rtcp_sent(x, now, rill_w_view(&w));
        int n = rill_srtp_protect_rtcp((*to)->srtp, out, w.at);
        if (n < 0)
            continue;
        /* RFC 3550 §6.3.3: avg_rtcp_size = 1/16 of this one, 15/16 of those before; the IP and
         * UDP headers count. */
        l->rtcp_average = ((size_t)n + 28 + 15 * l->rtcp_average) / 16;
        return (size_t)n;
    }
    return 0;
}

int64_t rill_peer_reports_deadline(const struct rill_peer *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->n_lines; i++) {
        const struct rill_peer_line *l = &x->lines[i];
        if (!l->report_started ||
            !rill_peer_component_is_ready(rill_peer_line_component(x, l, true)))
            continue;
        at = rill_earlier(at, l->n_gone ? x->now : l->report_next);
        at = rill_earlier(at, rill_peer_feedback_deadline(x, l));
        at = rill_earlier(at, rill_peer_congestion_deadline(x, l));
    }
    return at;
}
