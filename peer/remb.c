/* remb: receiver's estimates, both ways, for peers that have no transport-wide feedback
 * (draft-alvestrand-rmcat-remb-03).
 *
 * The idea: packets say when they leave wherever both have the extension for it. What comes on
 * m-lines that agreed on REMB and on no transport-wide numbers is estimated here and told to who
 * sends it; one estimate for a transport, which names all its streams. */
#include "peer/remb.h"

#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/reports.h"
#include "peer/transport.h"
#include "rtp/abs_send_time.h"
#include "srtp/srtp.h"

#define SSRCS_MAX 16
#define BELOW (28 + RILL_SRTP_TAIL)

static const struct rill_trace_point remb_sent = {"peer",
                                                  "remb_sent",
                                                  "what comes over the path, as estimated here",
                                                  1,
                                                  {{"bps", RILL_TRACE_U64}}};

/* --- what we send -------------------------------------------------------------------------- */

void rill_peer_stamp_departure(const struct rill_peer *x, int64_t now,
                               const struct rill_peer_line *l, struct rill_span packet)
{
    struct rill_rtp_packet p;
    struct rill_view value;
    if (!l || !l->agreed.ext_abs_send_time.sent ||
        rill_rtp_parse(rill_view_at(packet.p, packet.n), &p, NULL) < 0 ||
        !rill_rtp_ext_find(&p, (uint8_t)l->agreed.ext_abs_send_time.sent, &value) ||
        value.n != RILL_ABS_SEND_TIME_SIZE)
        return;
    uint32_t at = rill_abs_send_time(x->config.wall_us + now);
    uint8_t *field = packet.p + (value.p - packet.p);
    field[0] = (uint8_t)(at >> 16);
    field[1] = (uint8_t)(at >> 8);
    field[2] = (uint8_t)at;
}

/* Is there any m-line of the transport of which this was agreed? */
static bool any_agreed(const struct rill_peer *x, const struct rill_peer_transport *t, bool remb)
{
    for (size_t i = 0; i < x->n_lines; i++) {
        const struct rill_sdp_agreed *a = &x->lines[i].agreed;
        if (a->active && &x->transports[x->lines[i].transport] == t &&
            (remb ? a->remb : a->ext_transport_cc.sent != 0))
            return true;
    }
    return false;
}

/* A rate of 0 is no estimate. */
int rill_peer_remb_received(struct rill_peer *x, int64_t now, struct rill_peer_component *from,
                            struct rill_view fci)
{
    struct rill_peer_congestion *c = &from->of->congestion;
    struct rill_view ssrcs;
    uint64_t bps;
    if (!rill_rtcp_is_remb(fci) || !any_agreed(x, from->of, true))
        return 0;
    int rc = rill_rtcp_parse_remb(fci, &bps, &ssrcs, NULL);
    if (rc == 0 && c->started && bps > 0)
        rill_bwe_remb(&c->bwe, now, bps, !any_agreed(x, from->of, false));
    return rc;
}

/* --- what we receive ------------------------------------------------------------------------ */

static bool estimates(const struct rill_peer_line *l)
{
    const struct rill_sdp_agreed *a = &l->agreed;
    return a->active && a->receive && a->remb && a->ext_abs_send_time.received &&
           !a->ext_transport_cc.received;
}

static struct rill_remb *remb_of(const struct rill_peer *x, const struct rill_peer_line *l)
{
    return &x->transports[l->transport].congestion.remb;
}

void rill_peer_remb_packet(struct rill_peer *x, const struct rill_peer_line *l,
                           const struct rill_rtp_packet *p)
{
    struct rill_view value;
    if (!estimates(l) ||
        !rill_rtp_ext_find(p, (uint8_t)l->agreed.ext_abs_send_time.received, &value) ||
        value.n != RILL_ABS_SEND_TIME_SIZE)
        return;
    uint32_t left = (uint32_t)(value.p[0] << 16 | value.p[1] << 8 | value.p[2]);
    size_t bytes = p->payload_offset + p->payload.n + BELOW;
    rill_remb_packet(remb_of(x, l), x->arrived, left, (uint32_t)bytes, rill_peer_rtt(x, l));
}

/* The first of a transport speaks for all. */
static bool speaks(const struct rill_peer *x, const struct rill_peer_line *l)
{
    for (const struct rill_peer_line *at = x->lines; at < l; at++)
        if (at->report_started && estimates(at) && at->transport == l->transport)
            return false;
    return l->report_started && estimates(l);
}

int64_t rill_peer_remb_due(const struct rill_peer *x, const struct rill_peer_line *l)
{
    return speaks(x, l) ? rill_remb_due(remb_of(x, l)) : RILL_NEVER;
}

void rill_peer_remb_write(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                          struct rill_writer *w)
{
    struct rill_remb *r = remb_of(x, l);
    uint32_t ssrcs[SSRCS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < x->n_lines; i++)
        for (size_t k = 0; k < x->lines[i].n_ins; k++)
            if (x->lines[i].ins[k]->started && x->lines[i].transport == l->transport &&
                estimates(&x->lines[i]) && n < SSRCS_MAX)
                ssrcs[n++] = x->lines[i].ins[k]->ssrc;
    rill_rtcp_write_remb(w, rill_peer_line_ssrc(x, l), rill_remb_bps(r), ssrcs, n);
    rill_remb_told(r, now);
    RILL_TRACE(x->config.trace, now, remb_sent, {.u = rill_remb_bps(r)});
}
