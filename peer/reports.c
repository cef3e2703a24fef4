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
#include "peer/received.h"
#include "peer/traced.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/srtp.h"

/* RFC 3550 §6.2: RTCP gets a share of the session bandwidth: here that of one talk and of one
 * camera. */
#define AUDIO_BPS 64000
#define VIDEO_BPS 2500000
/* IP and UDP headers. */
#define BELOW 28

/* It has been heard of. */
static bool is_member(const struct rill_peer_track *t, size_t k)
{
    return t->sending >> k & 1 && t->senders[k]->sent_any;
}

static bool is_repairing(const struct rill_peer_line *l, const struct rill_peer_sender *s)
{
    return l->agreed.rtx_pt && s->rtx_packets > 0;
}

/* RFC 3550 §6.4: a sender is who "has sent any data packets during the interval since issuing the
 * last report or the previous one". */
static bool is_sender(const struct rill_peer_line *l, int64_t sent_at)
{
    return sent_at >= l->rtcp.before;
}

static struct rill_rtcp_load load_of(struct rill_peer *x, const struct rill_peer_line *l)
{
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    struct rill_rtcp_load load = {.bandwidth_bps =
                                      l->agreed.kind == RILL_AUDIO ? AUDIO_BPS : VIDEO_BPS};
    for (size_t k = 0; t && k < t->n_senders; k++) {
        const struct rill_peer_sender *s = t->senders[k];
        if (!is_member(t, k))
            continue;
        /* RFC 4588 §6.1: original and repairs are "independent senders". */
        load.members += 1u + is_repairing(l, s);
        load.senders += is_sender(l, s->sent_at);
        load.senders += is_repairing(l, s) && is_sender(l, s->rtx_at);
    }
    load.we_send = load.senders > 0;
    load.members += load.members == 0;
    unsigned theirs = 0;
    for (size_t k = 0; k < l->n_ins; k++)
        if (l->ins[k]->started && !l->ins[k]->bye)
            theirs += 1u + (l->ins[k]->repairs.ssrc != 0);
    load.senders += theirs;
    load.members += theirs ? theirs : 1;
    return load;
}

void rill_peer_reports_start_line(struct rill_peer *x, int64_t now, struct rill_peer_line *l)
{
    struct rill_rtcp_load load = load_of(x, l);
    rill_rtcp_timer_start(&l->rtcp, now, &x->config.rng, &load);
    l->rtcp_sent = false;
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

/* RFC 4588 §4: the RTX stream has the timestamps of the packets it repeats, so its RTP time is that
 * of the stream it repairs; what it has sent is its own. */
static void write_rtx_report(const struct rill_peer_line *l, const struct rill_peer_sender *s,
                             struct rill_rtcp_sender_info info, struct rill_writer *w)
{
    info.packet_count = (uint32_t)s->rtx_packets;
    info.octet_count = (uint32_t)s->rtx_bytes;
    if (is_sender(l, s->rtx_at))
        rill_rtcp_write_sr(w, s->rtx.ssrc, &info, NULL, 0);
    else
        rill_rtcp_write_rr(w, s->rtx.ssrc, NULL, 0);
}

#define BLOCKS_MAX (2 * RILL_PEER_ENCODINGS_MAX)

/* RFC 3550 §6.4.1: a block for each source that was heard since the last report; RFC 4588 §6.2: the
 * repairs are one of their own. */
static size_t fill_blocks(struct rill_peer_line *l, int64_t now,
                          struct rill_rtcp_report_block blocks[BLOCKS_MAX])
{
    size_t n = 0;
    for (size_t k = 0; k < l->n_ins; k++) {
        struct rill_peer_receiver *in = l->ins[k];
        if (!in->started || in->bye)
            continue;
        if (rill_rtp_source_was_heard(&in->source))
            rill_rtp_source_report(&in->source, now, &blocks[n++]);
        if (in->repairs.ssrc && rill_rtp_source_was_heard(&in->repairs))
            rill_rtp_source_report(&in->repairs, now, &blocks[n++]);
    }
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
        if (is_member(t, k))
            sources[n++] = (struct rill_rtcp_sdes_source){
                .ssrc = t->senders[k]->ssrc,
                .cname = cname,
                .rid = l->agreed.by_rid ? t->senders[k]->rid : (struct rill_view){0},
                .mid = l->agreed.by_rid ? l->agreed.mid : (struct rill_view){0},
            };
    for (size_t k = 0; t && k < t->n_senders; k++)
        if (is_member(t, k) && is_repairing(l, t->senders[k]))
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
 * others name it; browsers read it as it is). Returns of how many SSRCs it is. */
static size_t write_report(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                           struct rill_writer *w)
{
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    struct rill_rtcp_report_block blocks[BLOCKS_MAX];
    size_t n = fill_blocks(l, now, blocks), sources = 0;
    for (size_t k = 0; t && k < t->n_senders; k++) {
        struct rill_peer_sender *s = t->senders[k];
        struct rill_rtcp_sender_info info;
        if (!is_member(t, k))
            continue;
        fill_sender_info(x, now, s, rill_codec_clock_hz(s->codec ? s->codec : t->codec), &info);
        add_resent(l, s, &info);
        bool sends = is_sender(l, s->sent_at);
        s->first_sr = s->first_sr || !sends ? s->first_sr : now;
        if (sends)
            rill_rtcp_write_sr(w, s->ssrc, &info, blocks, sources ? 0 : n);
        else
            rill_rtcp_write_rr(w, s->ssrc, blocks, sources ? 0 : n);
        if (is_repairing(l, s))
            write_rtx_report(l, s, info, w);
        sources += 1u + is_repairing(l, s);
    }
    if (sources == 0)
        rill_rtcp_write_rr(w, rill_peer_line_ssrc(x, l), blocks, n);
    write_names(x, l, w);
    return sources ? sources : 1;
}

/* RFC 4585 §3.1: a minimal compound has "exactly one RR or SR" and "exactly one SDES with only the
 * CNAME item". It has no blocks, so that the interval of the regular reports is left alone. */
static void write_empty_report(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                               struct rill_writer *w)
{
    uint32_t ssrc = rill_peer_line_ssrc(x, l);
    struct rill_peer_track *t;
    const struct rill_peer_sender *s = rill_peer_sender_by_ssrc(x, ssrc, &t);
    if (s && s->sent_any && is_sender(l, s->sent_at)) {
        struct rill_rtcp_sender_info info;
        fill_sender_info(x, now, s, rill_codec_clock_hz(s->codec ? s->codec : t->codec), &info);
        add_resent(l, s, &info);
        rill_rtcp_write_sr(w, ssrc, &info, NULL, 0);
    } else {
        rill_rtcp_write_rr(w, ssrc, NULL, 0);
    }
    rill_rtcp_write_sdes_cname(w, ssrc, rill_view_at(x->cname, sizeof x->cname));
}

static void write_byes(struct rill_peer *x, struct rill_peer_line *l, struct rill_writer *w)
{
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    bool any = false;
    for (size_t k = 0; t && k < t->n_senders; k++)
        if (is_member(t, k)) {
            rill_rtcp_write_bye(w, t->senders[k]->ssrc, NULL);
            if (is_repairing(l, t->senders[k]))
                rill_rtcp_write_bye(w, t->senders[k]->rtx.ssrc, NULL);
            any = true;
        }
    if (!any)
        rill_rtcp_write_bye(w, rill_peer_line_ssrc(x, l), NULL);
}

/* RFC 3550 §6.3.7: "A participant which never sent an RTP or RTCP packet MUST NOT send a BYE
 * packet when they leave the group." */
static bool was_never_heard(struct rill_peer *x, const struct rill_peer_line *l)
{
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    bool sent = l->rtcp_sent;
    for (size_t k = 0; t && k < t->n_senders; k++)
        sent |= is_member(t, k);
    return !sent;
}

/* Returns of how many SSRCs it tells. */
static size_t write_line(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                         struct rill_writer *w)
{
    struct rill_rtcp_load load = load_of(x, l);
    size_t sources = 1;
    bool report = l->bye_pending || l->n_gone ||
                  rill_rtcp_timer_report_due(&l->rtcp, now, &x->config.rng, &load);
    bool arrivals = rill_peer_congestion_is_due(x, now, l);
    bool early = !report && rill_peer_feedback_is_due(x, now, l) &&
                 rill_rtcp_timer_may_feed(&l->rtcp, now, &x->config.rng, &load);
    if (report)
        sources = write_report(x, now, l, w);
    else if ((early || arrivals) && !l->agreed.rtcp_rsize)
        write_empty_report(x, now, l, w);
    if ((report || early || arrivals) && !l->bye_pending)
        rill_peer_feedback_write(x, now, l, w);
    /* RFC 3550 §6.6: BYE is the last packet of the compound. */
    for (size_t i = 0; i < l->n_gone; i++)
        rill_rtcp_write_bye(w, l->gone[i], NULL);
    l->n_gone = 0;
    if (l->bye_pending)
        write_byes(x, l, w);
    if (report)
        rill_rtcp_timer_reported(&l->rtcp, now, &x->config.rng, &load);
    else if (early)
        rill_rtcp_timer_fed(&l->rtcp);
    l->bye_pending = false;
    return sources;
}

size_t rill_peer_reports_output(struct rill_peer *x, int64_t now, struct rill_peer_component **to,
                                struct rill_span out)
{
    for (size_t i = 0; i < x->n_lines; i++) {
        struct rill_peer_line *l = &x->lines[i];
        size_t room = RILL_DATAGRAM_OUT_MAX - RILL_SRTP_TAIL, sources = 1;
        struct rill_writer w =
            rill_writer_of((struct rill_span){out.p, out.n < room ? out.n : room});
        *to = rill_peer_line_component(x, l, true);
        if (!l->report_started || !rill_peer_component_is_ready(*to))
            continue;
        l->bye_pending &= !was_never_heard(x, l);
        if (x->closing == RILL_PEER_OPEN || l->bye_pending)
            sources = write_line(x, now, l, &w);
        if (w.at == 0 || w.bad)
            continue;
        rill_peer_trace_rtcp_sent(x, now, rill_w_view(&w));
        int n = rill_srtp_protect_rtcp((*to)->srtp, out, w.at);
        if (n < 0)
            continue;
        rill_rtcp_timer_sized(&l->rtcp, (size_t)n + BELOW, sources);
        l->rtcp_sent = true;
        return (size_t)n;
    }
    return 0;
}

/* §6.3.3: what comes counts like what goes. */
void rill_peer_reports_received(struct rill_peer *x, uint32_t ssrc, size_t bytes)
{
    struct rill_peer_line *l;
    if (rill_peer_receiver_by_ssrc(x, ssrc, &l) && l->report_started)
        rill_rtcp_timer_sized(&l->rtcp, bytes + BELOW, 1);
}

void rill_peer_reports_left(struct rill_peer *x, int64_t now, struct rill_peer_line *l)
{
    if (l->report_started)
        rill_rtcp_timer_left(&l->rtcp, now, load_of(x, l).members);
}

int64_t rill_peer_reports_deadline(const struct rill_peer *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->n_lines; i++) {
        const struct rill_peer_line *l = &x->lines[i];
        if (!l->report_started ||
            !rill_peer_component_is_ready(rill_peer_line_component(x, l, true)))
            continue;
        int64_t feedback = rill_peer_feedback_deadline(x, l);
        int64_t early = rill_rtcp_timer_early_at(&l->rtcp);
        at = rill_earlier(at, l->n_gone ? x->now : l->rtcp.tn);
        at = rill_earlier(at, feedback > early ? feedback : early);
        at = rill_earlier(at, rill_peer_congestion_deadline(x, l));
    }
    return at;
}
