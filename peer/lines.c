/* lines: the m-lines that are in use, each with what was agreed for it. */
#include "peer/lines.h"

#include "peer/agreement.h"
#include "peer/connection.h"
#include "peer/encodings.h"
#include "peer/events.h"
#include "peer/mlines.h"
#include "peer/receive.h"
#include "peer/received.h"
#include "peer/reports.h"
#include "peer/route.h"
#include "peer/traced.h"
#include "peer/tracks.h"
#include "peer/transceivers.h"
#include "peer/transport.h"

static const struct rill_trace_point line_agreed = {"peer",
                                                    "line_agreed",
                                                    "an m-line is in use",
                                                    7,
                                                    {{"mid", RILL_TRACE_TEXT},
                                                     {"kind", RILL_TRACE_TEXT},
                                                     {"codec", RILL_TRACE_TEXT},
                                                     {"pt", RILL_TRACE_U64},
                                                     {"send", RILL_TRACE_U64},
                                                     {"receive", RILL_TRACE_U64},
                                                     {"track", RILL_TRACE_I64}}};

void rill_peer_lines_init(struct rill_peer *x, struct rill_arena *arena)
{
    x->lines = rill_arena_take(arena, x->config.tracks, sizeof *x->lines);
    rill_peer_received_init(x, arena);
}

/* --- one row -------------------------------------------------------------------------------- */

void rill_peer_line_begin(struct rill_peer *x, size_t i)
{
    static const struct rill_sdp_agreed none;
    x->lines[i].agreed = none;
    rill_peer_received_clear(x, &x->lines[i]);
}

void rill_peer_line_goodbye(struct rill_peer_line *l, uint32_t ssrc)
{
    if (l->n_gone < RILL_PEER_GONE_MAX)
        l->gone[l->n_gone++] = ssrc;
}

/* webrtc-pc §5.4, "stop sending and receiving": "send an RTCP BYE for each RTP stream that was
 * being sent by sender". RFC 8108 §6.2: "The finality of sending RTCP BYE means" that a direction
 * that may come back needs none. */
static void say_goodbye(struct rill_peer *x, size_t i)
{
    struct rill_peer_track *t = &x->tracks[i];
    for (size_t k = 0; k < t->n_senders; k++) {
        struct rill_peer_sender *s = t->senders[k];
        if (!s->sent_any || s->gone)
            continue;
        rill_peer_line_goodbye(&x->lines[i], s->ssrc);
        if (s->rtx_packets)
            rill_peer_line_goodbye(&x->lines[i], s->rtx.ssrc);
        s->gone = true;
    }
}

/* Where an m-line ends another one of the transport says its goodbyes; there may be none. */
static void pass_goodbyes(struct rill_peer *x, size_t i)
{
    struct rill_peer_line *l = &x->lines[i], *to = NULL;
    for (size_t k = 0; k < x->n_lines && !to; k++)
        if (k != i && x->lines[k].agreed.active && x->lines[k].report_started &&
            x->lines[k].transport == l->transport)
            to = &x->lines[k];
    for (size_t k = 0; to && k < l->n_gone; k++)
        rill_peer_line_goodbye(to, l->gone[k]);
    l->n_gone = 0;
}

void rill_peer_line_halt(struct rill_peer *x, size_t i)
{
    struct rill_peer_line *l = &x->lines[i];
    bool received = l->agreed.receive;
    say_goodbye(x, i);
    l->agreed.send = l->agreed.receive = false;
    x->tracks[i].line = -1;
    x->tracks[i].sending = 0;
    rill_peer_track_hush(&x->tracks[i]);
    rill_peer_receive_stop(l);
    struct rill_peer_note *note =
        received ? rill_peer_note(x, RILL_PEER_EVENT_TRACK_REMOVED) : NULL;
    if (note)
        note->index = (int)i;
}

static void end(struct rill_peer *x, size_t i, bool final)
{
    rill_peer_line_halt(x, i);
    pass_goodbyes(x, i);
    x->lines[i].agreed.active = false;
    x->lines[i].report_started = false;
    /* RFC 9429 §4.2.2: what both have given up is gone, and the row is free. */
    if (final)
        rill_peer_transceiver_release(x, i);
}

static enum rill_sdp_direction direction_of(const struct rill_sdp_agreed *row)
{
    if (row->send)
        return row->receive ? RILL_SDP_SENDRECV : RILL_SDP_SENDONLY;
    return row->receive ? RILL_SDP_RECVONLY : RILL_SDP_INACTIVE;
}

static void tell_receiving(struct rill_peer *x, size_t i, bool before)
{
    struct rill_peer_line *l = &x->lines[i];
    struct rill_peer_note *note = NULL;
    if (before == l->agreed.receive)
        return;
    if (before)
        rill_peer_receive_stop(l);
    note = rill_peer_note(x, before ? RILL_PEER_EVENT_TRACK_REMOVED : RILL_PEER_EVENT_TRACK);
    if (note)
        note->index = (int)i;
}

/* What did not change goes on as it was: only a direction that did starts or ends something. */
static void go_on(struct rill_peer *x, int64_t now, size_t i, const struct rill_sdp_agreed *row,
                  size_t transport)
{
    struct rill_peer_line *l = &x->lines[i];
    struct rill_peer_transceiver *t = &x->transceivers[i];
    struct rill_peer_track *track = &x->tracks[i];
    bool received = l->agreed.receive;
    if (l->agreed.active && l->agreed.codec != row->codec)
        rill_peer_receive_stop(l);
    l->agreed = *row;
    l->transport = transport;
    l->rtcp.trr_interval = (int64_t)row->trr_int_ms * RILL_MS;
    l->agreed.send = row->send && !t->stopping;
    l->agreed.receive = row->receive && !t->stopping;
    l->agreed.local_track = (int)i;
    track->line = l->agreed.send ? (int)i : -1;
    track->codec = row->codec;
    t->mid = row->mid;
    t->current = direction_of(row);
    t->has_current = true;
    t->ever_sent |= l->agreed.send;
    rill_peer_settle_encodings(x, now, i);
    rill_peer_received_settle(x, l);
    tell_receiving(x, i, received);
    if (!l->report_started && rill_peer_line_component(x, l, true)->srtp)
        rill_peer_reports_start_line(x, now, l);
    RILL_TRACE(x->config.trace, now, line_agreed, {.view = row->mid},
               {.view = rill_view_of(rill_kind_name(row->kind))},
               {.view = rill_peer_codec_name(row->codec)}, {.u = row->pt}, {.u = l->agreed.send},
               {.u = l->agreed.receive}, {.i = (int64_t)i});
}

/* --- all of them ------------------------------------------------------------------------------ */

void rill_peer_lines_agreed(struct rill_peer *x, int64_t now, const struct rill_peer_agreement *a,
                            bool final)
{
    for (size_t k = 0; k < a->n; k++) {
        int i = rill_peer_mline_transceiver(x, k);
        if (i < 0)
            continue;
        if (a->rows[k].active)
            go_on(x, now, (size_t)i, &a->rows[k], a->transports[k]);
        else
            end(x, (size_t)i, final);
    }
    x->n_lines = 0;
    for (size_t i = 0; i < x->n_tracks; i++) {
        struct rill_peer_transceiver *t = &x->transceivers[i];
        if (final)
            t->associating = t->by_remote = t->encodings_by_offer = false;
        if (x->lines[i].agreed.active)
            x->n_lines = i + 1;
    }
    rill_peer_route_agreed(x);
}

/* --- who has which --------------------------------------------------------------------------- */

struct rill_peer_line *rill_peer_line_of(struct rill_peer *x, const struct rill_peer_track *t)
{
    return t->line < 0 ? NULL : &x->lines[t->line];
}

struct rill_peer_track *rill_peer_track_on(struct rill_peer *x, const struct rill_peer_line *l)
{
    return l->agreed.send ? &x->tracks[l->agreed.local_track] : NULL;
}

struct rill_peer_receiver *rill_peer_receiver_by_ssrc(struct rill_peer *x, uint32_t ssrc,
                                                      struct rill_peer_line **line)
{
    for (size_t i = 0; i < x->n_lines; i++)
        for (size_t k = 0; k < x->lines[i].n_ins; k++)
            if (x->lines[i].ins[k]->started && x->lines[i].ins[k]->ssrc == ssrc) {
                *line = &x->lines[i];
                return x->lines[i].ins[k];
            }
    return NULL;
}

/* The first of ours that is sent there speaks for all. */
uint32_t rill_peer_line_ssrc(struct rill_peer *x, const struct rill_peer_line *l)
{
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    for (size_t k = 0; t && k < t->n_senders; k++)
        if (t->sending >> k & 1)
            return t->senders[k]->ssrc;
    return t ? t->senders[0]->ssrc : x->ssrc;
}
