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

static void add(struct rill_peer *x, int64_t now, const struct rill_sdp_agreed *row)
{
    size_t at = x->n_lines++;
    struct rill_peer_line *l = &x->lines[at];
    l->agreed = *row;
    if (row->send && row->local_track >= 0)
        x->tracks[row->local_track].line = (int)at;
    else
        l->agreed.send = false;
    /* RFC 9143 §9.2: the table begins with the SSRCs the description names. */
    if (row->receive && row->remote_ssrc && x->n_streams < RILL_PEER_STREAMS)
        x->streams[x->n_streams++] = (struct rill_peer_stream){row->remote_ssrc, at};
    RILL_TRACE(x->config.trace, now, line_agreed, {.view = row->mid},
               {.view = rill_view_of(row->kind == RILL_AUDIO ? "audio" : "video")}, {.u = row->pt},
               {.u = l->agreed.send}, {.u = row->receive}, {.i = row->local_track});
    if (!row->receive)
        return;
    struct rill_peer_note *note = rill_peer_note(x, RILL_PEER_EVENT_TRACK);
    if (note)
        note->index = (int)at;
}

void rill_peer_lines_agreed(struct rill_peer *x, int64_t now, const struct rill_sdp_agreed *rows,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].active)
            add(x, now, &rows[i]);
}

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
