#include "peer/queued.h"

#include "peer/connection.h"
#include "peer/tracks.h"

static const struct rill_trace_point queue = {
    "peer",
    "queue",
    "the most that waited for the pacer since this was "
    "told last, and the longest that a packet did",
    3,
    {{"packets", RILL_TRACE_U64}, {"bytes", RILL_TRACE_U64}, {"waited_us", RILL_TRACE_I64}}};

static bool is_heard(const struct rill_peer *x)
{
    return x->config.trace && x->config.trace->emit;
}

static void at_least(struct rill_peer_queued *q, size_t packets, size_t bytes, int64_t waited)
{
    q->packets = packets > q->packets ? packets : q->packets;
    q->bytes = bytes > q->bytes ? bytes : q->bytes;
    q->waited = waited > q->waited ? waited : q->waited;
}

/* Of those that wait now, the first of each encoding has waited longest. */
static void look(struct rill_peer *x, int64_t now)
{
    size_t packets = 0, bytes = 0;
    int64_t longest = 0;
    for (size_t i = 0; i < x->n_tracks; i++)
        for (size_t k = 0; x->tracks[i].kind == RILL_VIDEO && k < x->tracks[i].n_senders; k++) {
            const struct rill_peer_sender *s = x->tracks[i].senders[k];
            if (s->next == s->seq)
                continue;
            int64_t waited = rill_rtp_history_waited(&s->history, s->next, now);
            longest = waited > longest ? waited : longest;
            packets += (uint16_t)(s->seq - s->next);
            for (uint16_t seq = s->next; seq != s->seq; seq++)
                bytes += rill_rtp_history_get(&s->history, seq).n;
        }
    at_least(&x->queued, packets, bytes, longest);
}

void rill_peer_queued_more(struct rill_peer *x)
{
    if (is_heard(x))
        look(x, x->now);
}

void rill_peer_queued_leaves(struct rill_peer *x, int64_t now, const struct rill_peer_sender *s,
                             uint16_t seq)
{
    if (is_heard(x) && s->kind == RILL_VIDEO)
        at_least(&x->queued, 0, 0, rill_rtp_history_waited(&s->history, seq, now));
}

void rill_peer_queued_tell(struct rill_peer *x, int64_t now)
{
    struct rill_peer_queued *q = &x->queued;
    if (!is_heard(x) || now < q->looked_at + RILL_PEER_QUEUED_EVERY)
        return;
    look(x, now);
    q->looked_at = now;
    int64_t change =
        q->waited > q->waited_told ? q->waited - q->waited_told : q->waited_told - q->waited;
    bool over = q->waited_told >= RILL_PEER_QUEUED_STEP && q->waited < RILL_MS;
    if (change >= RILL_PEER_QUEUED_STEP || over) {
        RILL_TRACE(x->config.trace, now, queue, {.u = q->packets}, {.u = q->bytes},
                   {.i = q->waited});
        q->waited_told = q->waited;
    }
    q->packets = q->bytes = 0;
    q->waited = 0;
}
