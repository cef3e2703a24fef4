/* send: packets go out at the pacer's speed.
 *
 * The idea: a packet goes out as a copy of what the history has, protected in the caller's
 * buffer, so that a NACK can have it again: as a stream of its own (RFC 4588) or, where that was
 * not agreed on, as the very same bytes (a resend on the same SSRC must be identical, or one key
 * stream would cover two texts). What is known only when a packet leaves,
 * its transport-wide number, is written into the history before it leaves for the first time.
 */
#include "peer/send.h"

#include "peer/anew.h"
#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/events.h"
#include "peer/lines.h"
#include "peer/marks.h"
#include "peer/pacer.h"
#include "peer/packets.h"
#include "peer/padding.h"
#include "peer/queued.h"
#include "peer/repair.h"
#include "peer/traced.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/srtp.h"

#include <string.h>

static const struct rill_trace_point keyframe_wanted = {
    "peer", "keyframe_wanted", "the other side cannot decode", 1, {{"ssrc", RILL_TRACE_U64}}};
static const struct rill_trace_point resend = {"peer",
                                               "resend",
                                               "a packet the other side misses",
                                               2,
                                               {{"ssrc", RILL_TRACE_U64}, {"seq", RILL_TRACE_U64}}};

/* RFC 5104 §4.3.1.2, RFC 8834 §5.1.1: an encoder is not driven faster than this; and slower, up to
 * the second, when it is asked again and again. */
#define KEYFRAME_INTERVAL (300 * RILL_MS)
#define KEYFRAME_INTERVAL_MOST (1500 * RILL_MS)
/* One that was asked for so many intervals ago is another matter. */
#define KEYFRAME_APART 4
/* A packet NACKed again sooner than this was asked for by the same loss. */
#define RESEND_GAP_MIN (10 * RILL_MS)

/* --- what the other side asks for ------------------------------------------------------------ */

void rill_peer_want_keyframe(struct rill_peer *x, int64_t now, const struct rill_peer_track *t,
                             struct rill_peer_sender *s)
{
    int64_t since = s->wanted_once ? now - s->wanted_at : RILL_NEVER;
    if (t->kind != RILL_VIDEO || since < s->wanted_gap)
        return;
    struct rill_peer_note *note = rill_peer_note(x, RILL_PEER_EVENT_KEYFRAME_WANTED);
    if (!note)
        return;
    note->index = (int)(t - x->tracks);
    note->encoding = s->encoding;
    s->wanted_gap = since < KEYFRAME_APART * s->wanted_gap ? 2 * s->wanted_gap : KEYFRAME_INTERVAL;
    s->wanted_gap = rill_earlier(s->wanted_gap, KEYFRAME_INTERVAL_MOST);
    s->wanted_once = true;
    s->wanted_at = now;
    RILL_TRACE(x->config.trace, now, keyframe_wanted, {.u = s->ssrc});
}

void rill_peer_send_again(struct rill_peer *x, int64_t now, const struct rill_peer_track *t,
                          struct rill_peer_sender *s, uint16_t seq)
{
    const struct rill_peer_line *l = rill_peer_line_of(x, t);
    struct rill_peer_congestion *c = &x->transports[l->transport].congestion;
    int64_t gap = rill_peer_rtt(x, l) / 8;
    /* Of what has come, by its own word, the other side needs no other. */
    if (rill_peer_congestion_has_arrived(x, l, rill_rtp_history_get(&s->history, seq)) ||
        rill_peer_anew_is_past(&s->anew, now, seq) || !rill_peer_repair_may_go(c, now) ||
        !rill_rtp_history_may_resend(&s->history, seq, now,
                                     gap > RESEND_GAP_MIN ? gap : RESEND_GAP_MIN) ||
        rill_peer_anew_instead(x, now, t, s, rill_rtp_history_get(&s->history, seq).n))
        return;
    size_t slot = rill_ring_push(&s->resend_ring);
    if (slot == RILL_RING_NONE)
        return;
    s->resends[slot] = seq;
    rill_peer_repair_goes(c, now, rill_rtp_history_get(&s->history, seq).n + RILL_SRTP_TAIL);
    RILL_TRACE(x->config.trace, now, resend, {.u = s->ssrc}, {.u = seq});
}

/* --- output ---------------------------------------------------------------------------------- */

static size_t copy(struct rill_view packet, struct rill_span out)
{
    if (packet.n == 0 || packet.n + RILL_SRTP_TAIL > out.n)
        return 0;
    memcpy(out.p, packet.p, packet.n);
    return packet.n;
}

static int protect(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                   struct rill_span out, size_t size)
{
    if (size == 0)
        return 0;
    rill_peer_trace_rtp_sent(x, now, l, rill_view_at(out.p, size));
    return rill_srtp_protect_rtp(rill_peer_line_component(x, l, false)->srtp, out, size);
}

/* A packet leaves for the first time. */
static void count_first(struct rill_peer_sender *s, uint16_t seq, int64_t now,
                        struct rill_view packet)
{
    struct rill_rtp_packet p = {0};
    (void)rill_rtp_parse(packet, &p, NULL);
    if (!s->sent_any)
        s->first_seq = seq;
    s->sent_any = true;
    s->sent_at = now;
    s->packets++;
    s->bytes += p.payload.n;
    s->more.header_bytes += p.payload_offset;
    s->more.frames += s->kind == RILL_AUDIO || p.marker;
    s->more.send_delay += rill_rtp_history_waited(&s->history, seq, now);
}

/* One leaves again. */
static void count_again(struct rill_peer_sender *s, const struct rill_rtp_packet *p)
{
    s->retransmitted++;
    s->more.retransmitted_bytes += p->payload.n;
    s->more.header_bytes += p->payload_offset;
}

static size_t put(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                  struct rill_peer_sender *s, uint16_t seq, struct rill_span out)
{
    rill_peer_congestion_number(x, now, l, rill_rtp_history_edit(&s->history, seq));
    struct rill_view packet = rill_rtp_history_get(&s->history, seq);
    size_t size = copy(packet, out);
    int n = protect(x, now, l, out, size);
    if (n <= 0)
        return 0;
    count_first(s, seq, now, packet);
    rill_peer_queued_leaves(x, now, s, seq);
    rill_rtp_history_mark_sent(&s->history, seq, now);
    return (size_t)n;
}

/* 0: what is sent again goes as it was. */
static uint8_t repair_number(const struct rill_peer_line *l, struct rill_view packet)
{
    struct rill_sdp_also format;
    bool known =
        l && packet.n > 1 && rill_sdp_agreed_format(&l->agreed, packet.p[1] & 0x7f, &format);
    return known ? format.rtx_pt : 0;
}

/* RFC 4588 §4: under the SSRC and the numbers of the RTX stream; it leaves for the first time as
 * far as the transport is concerned. */
static size_t repaired(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                       struct rill_peer_sender *s, struct rill_view packet, struct rill_span out)
{
    struct rill_rtp_ext exts[RILL_PEER_PACKET_EXTS + RILL_SDP_MARKS];
    struct rill_writer w =
        rill_writer_of((struct rill_span){out.p, RILL_DATAGRAM_OUT_MAX - RILL_SRTP_TAIL});
    size_t n = rill_peer_packet_extensions(l, s, l->agreed.ext_rrid, exts);
    n += rill_peer_marks_copy(l, packet, exts + n);
    s->rtx.pt = repair_number(l, packet);
    if (packet.n == 0 || rill_rtx_write_with(&w, &s->rtx, packet, exts, n, NULL) < 0 || w.bad)
        return 0;
    rill_peer_congestion_number(x, now, l, (struct rill_span){out.p, w.at});
    return w.at;
}

void rill_peer_write_repair_header(const struct rill_peer_line *l, struct rill_peer_sender *s,
                                   struct rill_writer *w)
{
    struct rill_rtp_ext exts[RILL_PEER_PACKET_EXTS];
    size_t n = rill_peer_packet_extensions(l, s, l->agreed.ext_rrid, exts);
    rill_rtp_write(w, false, l->agreed.rtx_pt, s->rtx.seq++, s->frame_rtp_time, s->rtx.ssrc, exts,
                   n);
}

static size_t put_repair(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                         struct rill_peer_sender *s, uint16_t seq, struct rill_span out)
{
    struct rill_view packet = rill_rtp_history_get(&s->history, seq);
    bool rtx = repair_number(l, packet) != 0;
    size_t size = rtx ? repaired(x, now, l, s, packet, out) : copy(packet, out);
    struct rill_rtp_packet p = {0};
    (void)rill_rtp_parse(rill_view_at(out.p, size), &p, NULL);
    int n = protect(x, now, l, out, size);
    if (n <= 0)
        return 0;
    rill_rtp_history_mark_sent(&s->history, seq, now);
    if (!rtx)
        rill_peer_congestion_again(x, l, packet);
    count_again(s, &p);
    s->rtx_packets += rtx;
    s->rtx_at = rtx ? now : s->rtx_at;
    s->sent_at = rtx ? s->sent_at : now;
    s->rtx_bytes += rtx ? p.payload.n : 0;
    return (size_t)n;
}

static size_t put_next(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                       struct rill_peer_sender *s, struct rill_span out)
{
    size_t n = 0;
    while (n == 0 && rill_peer_waiting(s))
        n = put(x, now, l, s, s->next++, out);
    return n;
}

static size_t put_again(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                        struct rill_peer_sender *s, struct rill_span out)
{
    size_t n = 0, slot;
    while (n == 0 && (slot = rill_ring_pop(&s->resend_ring)) != RILL_RING_NONE)
        n = put_repair(x, now, l, s, s->resends[slot], out);
    return n;
}

static bool has_more(const struct rill_peer_sender *s)
{
    return rill_peer_waiting(s) || s->resend_ring.n;
}

/* Where the track's packets go now; NULL when they cannot go anywhere, and wait. */
static struct rill_peer_component *way_of(const struct rill_peer *x, size_t track)
{
    int line = x->tracks[track].line;
    struct rill_peer_component *c =
        line < 0 ? NULL : rill_peer_line_component(x, &x->lines[line], false);
    return rill_peer_component_is_ready(c) ? c : NULL;
}

static size_t all_waiting(const struct rill_peer *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n_tracks; i++)
        for (size_t k = 0;
             x->tracks[i].kind == RILL_VIDEO && way_of(x, i) && k < x->tracks[i].n_senders; k++)
            n +=
                rill_peer_waiting(x->tracks[i].senders[k]) + x->tracks[i].senders[k]->resend_ring.n;
    return n;
}

typedef size_t putting(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                       struct rill_peer_sender *s, struct rill_span out);

/* The first packet that any encoding of the kind has. */
static size_t put_first(struct rill_peer *x, int64_t now, enum rill_kind kind, putting *put_one,
                        struct rill_peer_component **to, struct rill_span out)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n_tracks && n == 0; i++) {
        struct rill_peer_track *t = &x->tracks[i];
        if (t->kind != kind || !(*to = way_of(x, i)))
            continue;
        for (size_t k = 0; k < t->n_senders && n == 0; k++)
            n = put_one(x, now, rill_peer_line_of(x, t), t->senders[k], out);
    }
    return n;
}

/* Sound first, it is small and late soonest; then what was lost, then what is new; then, where a
 * burst asks what the path carries, padding. */
size_t rill_peer_send_output(struct rill_peer *x, int64_t now, struct rill_peer_component **to,
                             struct rill_span out)
{
    rill_peer_queued_tell(x, now);
    size_t n = put_first(x, now, RILL_AUDIO, put_again, to, out);
    n = n ? n : put_first(x, now, RILL_AUDIO, put_next, to, out);
    if (n) {
        rill_peer_pacer_passed(&x->pacer, n);
        return n;
    }
    size_t queued = all_waiting(x), transport = 0;
    rill_peer_pacer_mean(&x->pacer, now, rill_peer_carried(x));
    bool probes = rill_peer_probe_due(x, now, &transport) <= now;
    bool may = queued && rill_peer_pacer_may_send(&x->pacer, now, queued, rill_peer_target(x));
    if (!may && !probes)
        return 0;
    x->transports[transport].congestion.probes = probes;
    n = put_first(x, now, RILL_VIDEO, put_again, to, out);
    n = n ? n : put_first(x, now, RILL_VIDEO, put_next, to, out);
    if (n)
        rill_peer_pacer_sent(&x->pacer, n);
    else if (probes)
        n = rill_peer_put_padding(x, now, transport, to, out);
    x->transports[transport].congestion.probes = false;
    return n;
}

int64_t rill_peer_send_deadline(const struct rill_peer *x)
{
    size_t transport;
    int64_t probe = rill_peer_probe_due(x, x->now, &transport);
    for (size_t i = 0; i < x->n_tracks; i++)
        for (size_t k = 0; k < x->tracks[i].n_senders; k++)
            if (has_more(x->tracks[i].senders[k]) && way_of(x, i))
                return rill_earlier(probe, rill_peer_pacer_deadline(&x->pacer));
    return probe;
}
