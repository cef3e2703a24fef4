/* lines: the m-lines that are in use, each with what was agreed for it. */
#include "peer/private.h"

static const struct rill_trace_point line_agreed = {"peer",
                                                    "line_agreed",
                                                    "an m-line is in use",
                                                    6,
                                                    {{"mid", RILL_TRACE_TEXT},
                                                     {"kind", RILL_TRACE_TEXT},
                                                     {"pt", RILL_TRACE_U64},
                                                     {"send", RILL_TRACE_U64},
                                                     {"receive", RILL_TRACE_U64},
                                                     {"track", RILL_TRACE_I64}}};

static struct rill_rtp_jitter_config largest_jitter(const struct rill_peer *x)
{
    return (struct rill_rtp_jitter_config){
        .codec = RILL_CODEC_VP8,
        .packets = x->config.jitter_packets,
        .frame_bytes = x->config.frame_bytes,
    };
}

void rill_peer_lines_init(struct rill_peer *x, struct rill_arena *arena)
{
    struct rill_rtp_jitter_config video = largest_jitter(x);
    struct rill_rtp_jitter_config audio = {.codec = RILL_CODEC_OPUS};
    size_t n = rill_rtp_jitter_size(&video), other = rill_rtp_jitter_size(&audio);
    n = n > other ? n : other;
    x->lines = rill_arena_take(arena, x->config.tracks, sizeof *x->lines);
    for (size_t i = 0; i < x->config.tracks; i++) {
        struct rill_rtp_nack nack;
        rill_rtp_nack_init(&nack, arena, RILL_PEER_NACKS);
        void *block = rill_arena_take(arena, n, 1);
        if (!x->lines)
            continue;
        x->lines[i].in.nack = nack;
        x->lines[i].in.jitter_block = block;
    }
}

/* --- one row -------------------------------------------------------------------------------- */

void rill_peer_line_begin(struct rill_peer *x, size_t i)
{
    static const struct rill_sdp_agreed none;
    struct rill_peer_receiver *in = &x->lines[i].in;
    x->lines[i].agreed = none;
    in->nacks = in->plis = in->firs = 0;
    in->frames = in->keyframes = in->packets = in->bytes = 0;
}

void rill_peer_line_halt(struct rill_peer *x, size_t i)
{
    struct rill_peer_line *l = &x->lines[i];
    bool received = l->agreed.receive;
    l->agreed.send = l->agreed.receive = false;
    x->tracks[i].line = -1;
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
static void go_on(struct rill_peer *x, int64_t now, size_t i, const struct rill_sdp_agreed *row)
{
    struct rill_peer_line *l = &x->lines[i];
    struct rill_peer_transceiver *t = &x->transceivers[i];
    struct rill_peer_track *track = &x->tracks[i];
    bool sent = l->agreed.send, received = l->agreed.receive;
    l->agreed = *row;
    l->agreed.send = row->send && !t->stopping;
    l->agreed.receive = row->receive && !t->stopping;
    l->agreed.local_track = (int)i;
    track->line = l->agreed.send ? (int)i : -1;
    t->mid = row->mid;
    t->current = direction_of(row);
    t->has_current = true;
    t->ever_sent |= l->agreed.send;
    if (sent && !l->agreed.send)
        rill_peer_track_hush(track);
    /* Who has heard nothing for a while cannot go on from where we were. */
    if (!sent && l->agreed.send && track->sender.sent_any)
        rill_peer_want_keyframe(x, now, track);
    tell_receiving(x, i, received);
    if (x->transport.srtp && !l->report_started)
        rill_peer_reports_start_line(x, now, l);
    RILL_TRACE(x->config.trace, now, line_agreed, {.view = row->mid},
               {.view = rill_view_of(row->kind == RILL_AUDIO ? "audio" : "video")}, {.u = row->pt},
               {.u = l->agreed.send}, {.u = l->agreed.receive}, {.i = (int64_t)i});
}

/* --- all of them ------------------------------------------------------------------------------ */

/* RFC 9143 §9.2: the table has the SSRCs the descriptions name, and those that were heard. */
static void map_streams(struct rill_peer *x)
{
    x->n_streams = 0;
    for (size_t i = 0; i < x->n_lines; i++) {
        const struct rill_peer_line *l = &x->lines[i];
        if (!l->agreed.receive)
            continue;
        if (l->in.started)
            x->streams[x->n_streams++] = (struct rill_peer_stream){l->in.ssrc, i};
        if (l->agreed.remote_ssrc && !(l->in.started && l->in.ssrc == l->agreed.remote_ssrc))
            x->streams[x->n_streams++] = (struct rill_peer_stream){l->agreed.remote_ssrc, i};
    }
}

void rill_peer_lines_agreed(struct rill_peer *x, int64_t now, const struct rill_sdp_agreed *rows,
                            size_t n, bool final)
{
    for (size_t k = 0; k < n; k++) {
        int i = rill_peer_mline_transceiver(x, k);
        if (i < 0)
            continue;
        if (rows[k].active)
            go_on(x, now, (size_t)i, &rows[k]);
        else
            end(x, (size_t)i, final);
    }
    x->n_lines = 0;
    for (size_t i = 0; i < x->n_tracks; i++) {
        struct rill_peer_transceiver *t = &x->transceivers[i];
        if (final)
            t->associating = t->by_remote = false;
        if (x->lines[i].agreed.active)
            x->n_lines = i + 1;
    }
    map_streams(x);
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

struct rill_peer_line *rill_peer_line_by_ssrc(struct rill_peer *x, uint32_t ssrc)
{
    for (size_t i = 0; i < x->n_lines; i++)
        if (x->lines[i].in.started && x->lines[i].in.ssrc == ssrc)
            return &x->lines[i];
    return NULL;
}

uint32_t rill_peer_line_ssrc(struct rill_peer *x, const struct rill_peer_line *l)
{
    const struct rill_peer_track *t = rill_peer_track_on(x, l);
    return t ? t->sender.ssrc : x->ssrc;
}
