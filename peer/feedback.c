/* feedback: what a receiver asks for: packets again, or a picture that stands alone (RFC 4585
 * §6.2.1, §6.3.1).
 *
 * The idea: nothing is queued. Whether a NACK or PLI is due is a question about the state of
 * the gaps and of the jitter buffer, asked when a datagram may be built.
 */
#include "peer/feedback.h"

#include "peer/choose.h"
#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/received.h"
#include "peer/remb.h"
#include "peer/reports.h"
#include "peer/transport.h"
#include "rtp/jitter.h"

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

/* Not sooner than the sender would answer, nor than an answer could be here; each time longer. */
#define PLI_INTERVAL (300 * RILL_MS)
#define PLI_INTERVAL_MOST (2 * RILL_SECOND)
/* Where that much is lost, a question goes out twice, which counts as one for the sender. */
#define LOSSY 0.025
#define PLI_TWICE (35 * RILL_MS)
/* What comes so much later than the fastest stands in a queue. */
#define QUEUE (60 * RILL_MS)
/* Sequence numbers in one NACK: at worst a PID and BLP each, 4 bytes. */
#define NACKS_AT_ONCE 128

/* One of several that has fallen silent is not asked. */
#define SILENT RILL_SECOND

static bool can_ask(const struct rill_peer_line *l, const struct rill_peer_receiver *in)
{
    struct rill_sdp_feedback f = rill_peer_receiver_feedback(l, in);
    return (f.pli || f.fir) && l->agreed.kind == RILL_VIDEO;
}

static bool wants_picture(const struct rill_peer *x, const struct rill_peer_line *l, size_t k,
                          int64_t now)
{
    const struct rill_peer_receiver *in = l->ins[k];
    if (!in->started || !can_ask(l, in) || (l->n_ins > 1 && now - in->heard > SILENT))
        return false;
    return in->pli_now || rill_rtp_jitter_wants_keyframe(in->jitter) ||
           rill_peer_choice_awaits(x, l, k, now);
}

static bool pli_is_due(const struct rill_peer *x, const struct rill_peer_line *l, size_t k,
                       int64_t now)
{
    return now >= l->ins[k]->pli_next && wants_picture(x, l, k, now);
}

static bool nack_is_due(const struct rill_peer_line *l, size_t k, int64_t now)
{
    const struct rill_peer_receiver *in = l->ins[k];
    return in->started && rill_peer_receiver_feedback(l, in).nack &&
           rill_rtp_nack_deadline(&in->nack) <= now;
}

bool rill_peer_feedback_is_due(struct rill_peer *x, int64_t now, struct rill_peer_line *l)
{
    bool due = rill_peer_remb_due(x, l) <= now;
    for (size_t k = 0; k < l->n_ins; k++) {
        struct rill_peer_receiver *in = l->ins[k];
        /* What was given up will not come: the picture cannot be completed any more. */
        if (in->started && rill_rtp_nack_gave_up(&in->nack) && l->agreed.kind == RILL_VIDEO)
            in->pli_now = true;
        due |= pli_is_due(x, l, k, now) || nack_is_due(l, k, now);
    }
    return due;
}

/* As it is now: RTCP's is of a second ago, and a queue that has grown since is in the way of what
 * will be sent again too. To ask once more before that can be here would have it sent twice, on a
 * path that is full. */
static int64_t round_trip(const struct rill_peer *x, const struct rill_peer_line *l,
                          const struct rill_peer_receiver *in)
{
    int64_t rtt = rill_peer_rtt(x, l), lag = rill_rtp_lag(&in->lag);
    return rtt > 0 && lag > QUEUE ? rtt + lag : rtt;
}

static void write_nack(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                       struct rill_peer_receiver *in, struct rill_writer *w)
{
    uint16_t seqs[NACKS_AT_ONCE];
    int64_t rtt = round_trip(x, l, in);
    size_t n = rill_rtp_nack_due(&in->nack, now, rtt, seqs, NACKS_AT_ONCE);
    if (n == 0)
        return;
    rill_rtp_jitter_set_wait(in->jitter, rill_rtp_nack_patience(&in->nack, now, rtt));
    rill_rtcp_write_nack(w, rill_peer_line_ssrc(x, l), in->ssrc, seqs, n);
    in->nacks++;
    RILL_TRACE(x->config.trace, now, nack_sent, {.u = in->ssrc}, {.u = seqs[0]}, {.u = n});
}

/* Until the next one, while no key frame comes. */
static int64_t pli_interval(const struct rill_peer_receiver *in, int64_t rtt)
{
    if (in->nack.pace.loss > LOSSY && in->plis_in_row % 2 == 1)
        return PLI_TWICE;
    int64_t gap = 2 * rtt > PLI_INTERVAL ? 2 * rtt : PLI_INTERVAL;
    for (unsigned i = 2; i < in->plis_in_row && gap < PLI_INTERVAL_MOST; i++)
        gap += gap / 4;
    return gap < PLI_INTERVAL_MOST ? gap : PLI_INTERVAL_MOST;
}

static void write_pli(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                      struct rill_peer_receiver *in, struct rill_writer *w)
{
    if (rill_peer_receiver_feedback(l, in).pli) {
        rill_rtcp_write_pli(w, rill_peer_line_ssrc(x, l), in->ssrc);
        in->plis++;
    } else {
        /* RFC 5104 §4.3.1.1: the number "SHALL be increased by 1 modulo 256 for each new command. A
         * repetition SHALL NOT increase" it: what comes sooner than an answer could be here. */
        bool repeats = in->firs > 0 && now - in->fir_at < PLI_INTERVAL;
        in->fir_seq = (uint8_t)(in->fir_seq + !repeats);
        in->fir_at = now;
        rill_rtcp_write_fir(w, rill_peer_line_ssrc(x, l), in->ssrc, in->fir_seq);
        in->firs++;
    }
    in->pli_now = false;
    in->plis_in_row++;
    in->pli_next = now + pli_interval(in, rill_peer_rtt(x, l));
    RILL_TRACE(x->config.trace, now, pli_sent, {.u = in->ssrc});
}

/* Of what one stream alone may need, in the worst case. */
#define ROOM (12 + 4 * NACKS_AT_ONCE + 20)

void rill_peer_feedback_write(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                              struct rill_writer *w)
{
    for (size_t k = 0; k < l->n_ins; k++) {
        /* What finds no room is due at once. */
        if (w->cap - w->at < ROOM)
            break;
        if (nack_is_due(l, k, now))
            write_nack(x, now, l, l->ins[k], w);
        if (pli_is_due(x, l, k, now))
            write_pli(x, now, l, l->ins[k], w);
    }
    if (w->cap - w->at >= ROOM && rill_peer_remb_due(x, l) <= now)
        rill_peer_remb_write(x, now, l, w);
    /* What is left of the datagram holds what it can; the rest is due at once. */
    if (rill_peer_congestion_is_due(x, now, l))
        rill_peer_congestion_write(x, now, l, w);
}

int64_t rill_peer_feedback_deadline(const struct rill_peer *x, const struct rill_peer_line *l)
{
    int64_t at = rill_peer_choice_deadline(x, l);
    at = rill_earlier(at, rill_peer_remb_due(x, l));
    for (size_t k = 0; k < l->n_ins; k++) {
        const struct rill_peer_receiver *in = l->ins[k];
        if (in->started && rill_peer_receiver_feedback(l, in).nack)
            at = rill_earlier(at, rill_rtp_nack_deadline(&in->nack));
        if (wants_picture(x, l, k, x->now))
            at = rill_earlier(at, in->pli_next);
    }
    return at;
}
