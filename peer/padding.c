/* padding: packets with nothing in them, for bursts that ask what the path carries (rtp/probe.h).
 *
 * The idea: they are of the retransmission stream, where what has no payload is passed over by
 * every receiver, and takes no number of the pictures' stream; so there is padding where RTX was
 * agreed, and pictures have begun. */
#include "peer/padding.h"

#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/send.h"
#include "peer/traced.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/srtp.h"

/* RFC 3550 §5.1: the padding's last octet says how many there are, itself included. */
#define PADDING 255

/* The stream of a transport that can carry it; NULL: none. */
static struct rill_peer_sender *stream_of(const struct rill_peer *x, size_t transport,
                                          const struct rill_peer_line **line)
{
    for (size_t i = 0; i < x->n_tracks; i++) {
        const struct rill_peer_track *t = &x->tracks[i];
        const struct rill_peer_line *l = t->line < 0 ? NULL : &x->lines[t->line];
        if (t->kind != RILL_VIDEO || !l || l->transport != transport || !l->agreed.rtx_pt ||
            !l->agreed.ext_transport_cc.sent ||
            !rill_peer_component_is_ready(rill_peer_line_component(x, l, false)))
            continue;
        for (size_t k = 0; k < t->n_senders; k++)
            if (t->sending >> k & 1 && t->senders[k]->sent_any) {
                *line = l;
                return t->senders[k];
            }
    }
    return NULL;
}

int64_t rill_peer_probe_due(const struct rill_peer *x, int64_t now, size_t *transport)
{
    const struct rill_peer_line *l;
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->config.transports; i++) {
        const struct rill_peer_congestion *c = &x->transports[i].congestion;
        int64_t due = c->started ? rill_bwe_probe_due(&c->bwe, now) : RILL_NEVER;
        if (due < at && stream_of(x, i, &l)) {
            *transport = i;
            at = due;
        }
    }
    return at;
}

size_t rill_peer_put_padding(struct rill_peer *x, int64_t now, size_t transport,
                             struct rill_peer_component **to, struct rill_span out)
{
    const struct rill_peer_line *l = NULL;
    struct rill_peer_sender *s = stream_of(x, transport, &l);
    struct rill_writer w =
        rill_writer_of((struct rill_span){out.p, RILL_DATAGRAM_OUT_MAX - RILL_SRTP_TAIL});
    if (!s)
        return 0;
    *to = rill_peer_line_component(x, l, false);
    rill_peer_write_repair_header(l, s, &w);
    rill_w_zeros(&w, PADDING - 1);
    rill_w_u8(&w, PADDING);
    if (w.bad)
        return 0;
    out.p[0] |= 0x20; /* P */
    rill_peer_congestion_number(x, now, l, (struct rill_span){out.p, w.at});
    rill_peer_trace_rtp_sent(x, now, l, rill_view_at(out.p, w.at));
    int n = rill_srtp_protect_rtp((*to)->srtp, out, w.at);
    s->padding += n > 0;
    s->rtx_packets += n > 0;
    s->rtx_at = n > 0 ? now : s->rtx_at;
    return n > 0 ? (size_t)n : 0;
}
