/* feedback: what a receiver asks for: packets again, or a picture that stands alone (RFC 4585
 * §6.2.1, §6.3.1).
 *
 * The idea: nothing is queued. Whether a NACK or PLI is due is a question about the state of
 * the gaps and of the jitter buffer, asked when a datagram may be built.
 */
#include "peer/private.h"

static const struct rill_trace_point pli_sent = {"peer",
                                                 "pli_sent",
                                                 "nothing can be decoded without a key frame",
                                                 1,
                                                 {{"ssrc", RILL_TRACE_U64}}};
static const struct rill_trace_point nack_sent = {
    "peer",
    "nack_sent",
    "packets are asked for again",
    3,
    {{"ssrc", RILL_TRACE_U64}, {"first", RILL_TRACE_U64}, {"count", RILL_TRACE_U64}}};

/* Not sooner than the sender would answer, nor than an answer could be here. */
#define PLI_INTERVAL (300 * RILL_MS)
/* Sequence numbers in one NACK: at worst a PID and BLP each, 4 bytes. */
#define NACKS_AT_ONCE 128

static bool wants_picture(const struct rill_peer_line *l)
{
    const struct rill_peer_receiver *in = &l->in;
    return in->started && (l->agreed.pli || l->agreed.fir) && l->agreed.kind == RILL_VIDEO &&
           (in->pli_now || rill_rtp_jitter_wants_keyframe(in->jitter));
}

static bool pli_is_due(const struct rill_peer_line *l, int64_t now)
{
    return wants_picture(l) && now >= l->in.pli_next;
}

static bool nack_is_due(const struct rill_peer_line *l, int64_t now)
{
    return l->in.started && l->agreed.nack && rill_rtp_nack_deadline(&l->in.nack) <= now;
}

bool rill_peer_feedback_is_due(struct rill_peer *x, int64_t now, struct rill_peer_line *l)
{
    /* What was given up will not come: the picture cannot be completed any more. */
    if (l->in.started && rill_rtp_nack_gave_up(&l->in.nack) && l->agreed.kind == RILL_VIDEO)
        l->in.pli_now = true;
    return pli_is_due(l, now) || nack_is_due(l, now) || rill_peer_congestion_is_due(x, now, l);
}

static void write_nack(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                       struct rill_writer *w)
{
    uint16_t seqs[NACKS_AT_ONCE];
    size_t n = rill_rtp_nack_due(&l->in.nack, now, rill_peer_rtt(x), seqs, NACKS_AT_ONCE);
    if (n == 0)
        return;
    rill_rtcp_write_nack(w, rill_peer_line_ssrc(x, l), l->in.ssrc, seqs, n);
    l->in.nacks++;
    RILL_TRACE(x->config.trace, now, nack_sent, {.u = l->in.ssrc}, {.u = seqs[0]}, {.u = n});
}

static void write_pli(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                      struct rill_writer *w)
{
    int64_t gap = 2 * rill_peer_rtt(x);
    if (l->agreed.pli) {
        rill_rtcp_write_pli(w, rill_peer_line_ssrc(x, l), l->in.ssrc);
        l->in.plis++;
    } else {
        /* RFC 5104 §4.3.1.1: "the sequence number … MUST be increased by 1 modulo 256 for each
         * new command". */
        rill_rtcp_write_fir(w, rill_peer_line_ssrc(x, l), l->in.ssrc, l->in.fir_seq++);
        l->in.firs++;
    }
    l->in.pli_now = false;
    l->in.pli_next = now + (gap > PLI_INTERVAL ? gap : PLI_INTERVAL);
    RILL_TRACE(x->config.trace, now, pli_sent, {.u = l->in.ssrc});
}

void rill_peer_feedback_write(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                              struct rill_writer *w)
{
    if (nack_is_due(l, now))
        write_nack(x, now, l, w);
    if (pli_is_due(l, now))
        write_pli(x, now, l, w);
    /* What is left of the datagram holds what it can; the rest is due at once. */
    if (rill_peer_congestion_is_due(x, now, l))
        rill_peer_congestion_write(x, now, l, w);
}

int64_t rill_peer_feedback_deadline(const struct rill_peer_line *l)
{
    int64_t at = RILL_NEVER;
    if (l->in.started && l->agreed.nack)
        at = rill_rtp_nack_deadline(&l->in.nack);
    return wants_picture(l) ? rill_earlier(at, l->in.pli_next) : at;
}
