/* packets: encoded frames become packets.
 *
 * The idea: a frame is cut into packets at once, straight into the track's history; what waits to
 * leave is the range [next, seq) of it (peer/send.c).
 */
#include "peer/packets.h"

#include "peer/anew.h"
#include "peer/connection.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/marks.h"
#include "peer/queued.h"
#include "peer/redundancy.h"
#include "peer/send.h"
#include "peer/transceivers.h"
#include "peer/transport.h"
#include "rtp/payload.h"
#include "srtp/srtp.h"

static const struct rill_trace_point frame_refused = {
    "peer",
    "frame_refused",
    "a frame of a local track was dropped",
    2,
    {{"track", RILL_TRACE_U64}, {"error", RILL_TRACE_I64}}};

size_t rill_peer_packet_extensions(const struct rill_peer_line *l, const struct rill_peer_sender *s,
                                   uint16_t name_id,
                                   struct rill_rtp_ext exts[RILL_PEER_PACKET_EXTS])
{
    static const uint8_t no_number[2], no_time[3];
    size_t n = 0;
    if (l->agreed.ext_mid.sent)
        exts[n++] = (struct rill_rtp_ext){(uint8_t)l->agreed.ext_mid.sent, l->agreed.mid};
    /* RFC 8852 leaves open for how long; browsers stop when the SSRC was once reported. In every
     * packet, who joins late or has lost the first ones knows at once. */
    if (name_id && l->agreed.by_rid && s->rid.n)
        exts[n++] = (struct rill_rtp_ext){(uint8_t)name_id, s->rid};
    if (l->agreed.ext_transport_cc.sent)
        exts[n++] = (struct rill_rtp_ext){(uint8_t)l->agreed.ext_transport_cc.sent,
                                          rill_view_at(no_number, sizeof no_number)};
    if (l->agreed.ext_abs_send_time.sent)
        exts[n++] = (struct rill_rtp_ext){(uint8_t)l->agreed.ext_abs_send_time.sent,
                                          rill_view_at(no_time, sizeof no_time)};
    return n;
}

static const struct rill_trace_point level_exceeded = {
    "peer",
    "level_exceeded",
    "a key frame says a higher level of H.264 than was agreed on for it",
    2,
    {{"profile_level_id", RILL_TRACE_U64}, {"level", RILL_TRACE_U64}}};

/* The first number under which H.264 goes in pieces. */
static bool find_pieces(const struct rill_peer_line *l, struct rill_sdp_also *out)
{
    for (size_t i = 0; i < l->agreed.n_also; i++)
        if (l->agreed.also[i].codec == RILL_CODEC_H264 &&
            l->agreed.also[i].h264.packetization_mode) {
            *out = l->agreed.also[i];
            return true;
        }
    return false;
}

/* RFC 3264 §6.1: a frame of any codec that was answered may go, under the first number of that; and
 * H.264 that cannot go uncut in pieces, where those were answered too. */
struct rill_sdp_also rill_peer_sent_format(const struct rill_peer_line *l,
                                           const struct rill_peer_sender *s,
                                           enum rill_codec_id codec)
{
    struct rill_sdp_also format;
    if (!rill_sdp_agreed_codec(&l->agreed, codec, &format))
        (void)rill_sdp_agreed_format(&l->agreed, l->agreed.pt, &format);
    if (format.codec == RILL_CODEC_H264 && s->in_pieces && !format.h264.packetization_mode)
        (void)find_pieces(l, &format);
    return format;
}

/* What is told of the frame beside: of any of its packets, the first or the last. */
struct telling {
    const struct rill_peer *x;
    const struct rill_frame *frame;
    bool first, last;
};

static void write_header(const struct rill_peer_line *l, const struct rill_peer_sender *s,
                         uint8_t pt, uint32_t rtp_time, bool marker, const struct telling *t,
                         struct rill_writer *w)
{
    struct rill_rtp_ext exts[RILL_PEER_PACKET_EXTS + RILL_SDP_MARKS];
    uint8_t marks[RILL_PEER_MARKS_BYTES];
    size_t n = rill_peer_packet_extensions(l, s, l->agreed.ext_rid, exts);
    if (t)
        n += rill_peer_marks_write(t->x, l, s, t->frame, t->first, t->last, exts + n, marks);
    rill_rtp_write(w, marker, pt, s->seq, rtp_time, s->ssrc, exts, n);
}

/* At most. */
static size_t header_size(const struct rill_peer *x, const struct rill_peer_line *l,
                          const struct rill_peer_sender *s, const struct rill_frame *f)
{
    uint8_t bytes[RILL_RTP_HEADER + 64 + RILL_MID_MAX + RILL_SDP_RID_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    write_header(l, s, l->agreed.pt, f->rtp_time, false, &(struct telling){x, f, true, true}, &w);
    return w.bad ? sizeof bytes : w.at;
}

static void commit(struct rill_peer_sender *s, const struct rill_writer *w)
{
    rill_rtp_history_commit(&s->history, s->seq, w->bad ? 0 : w->at);
    s->seq++;
}

/* The marker is on the last packet of a frame (RFC 7741 §4.1 and its kin). */
static void store(const struct rill_peer *x, const struct rill_peer_line *l,
                  struct rill_peer_sender *s, struct rill_rtp_cutter *cut)
{
    struct rill_writer w = rill_writer_of(rill_rtp_history_reserve(&s->history, s->seq));
    bool last = cut->index + 1 == cut->pieces;
    struct telling t = {x, cut->frame, cut->index == 0, last};
    write_header(l, s, rill_peer_sent_format(l, s, cut->frame->codec).pt, cut->frame->rtp_time,
                 last, &t, &w);
    rill_rtp_cut_next(cut, &w);
    commit(s, &w);
}

/* Of sound a frame is a packet; with the marker it is the first behind a pause (RFC 7587 §4.2, RFC
 * 3551 §4.1). */
static void store_sound(const struct rill_peer *x, const struct rill_peer_line *l,
                        struct rill_peer_sender *s, struct rill_rtp_cutter *cut)
{
    struct rill_writer w = rill_writer_of(rill_rtp_history_reserve(&s->history, s->seq));
    const struct rill_frame *f = cut->frame;
    bool red = rill_peer_redundancy_write(x, l, s, f, cut->room, NULL);
    uint8_t pt = f->comfort_noise ? l->agreed.noise_pt : rill_peer_sent_format(l, s, f->codec).pt;
    write_header(l, s, red ? l->agreed.red_pt : pt, f->rtp_time, f->talkspurt,
                 &(struct telling){x, f, true, true}, &w);
    if (!rill_peer_redundancy_write(x, l, s, f, cut->room, &w))
        rill_rtp_cut_next(cut, &w);
    cut->index = cut->pieces;
    commit(s, &w);
}

void rill_peer_send_event(struct rill_peer_line *l, struct rill_peer_sender *s, uint8_t pt,
                          bool marker, uint32_t rtp_time, const struct rill_telephone_event *e)
{
    struct rill_writer w = rill_writer_of(rill_rtp_history_reserve(&s->history, s->seq));
    write_header(l, s, pt, rtp_time, marker, NULL, &w);
    rill_telephone_event_write(&w, e);
    commit(s, &w);
}

/* How many packets the frame takes; 0 when it does not fit. */
static size_t begin_cutting(const struct rill_peer *x, const struct rill_peer_line *l,
                            const struct rill_peer_sender *s, const struct rill_frame *f,
                            struct rill_rtp_cutter *cut)
{
    size_t room = RILL_DATAGRAM_OUT_MAX - RILL_SRTP_TAIL - header_size(x, l, s, f);
    /* What is sent again has its number in front. */
    room -= l->agreed.rtx_pt ? RILL_RTX_OSN : 0;
    if (f->bytes.n == 0 || (f->kind == RILL_VIDEO && f->bytes.n > x->config.frame_bytes))
        return 0;
    struct rill_sdp_also format = rill_peer_sent_format(l, s, f->codec);
    size_t pieces = rill_rtp_cut_begin(cut, f, room, s->picture_id, format.h264.packetization_mode);
    return pieces <= s->history.cap ? pieces : 0;
}

/* Is it of H.264 that is wanted uncut? */
static bool is_uncut(const struct rill_peer_line *l, const struct rill_frame *f)
{
    struct rill_sdp_also format;
    return f->codec == RILL_CODEC_H264 && rill_sdp_agreed_codec(&l->agreed, f->codec, &format) &&
           !format.h264.packetization_mode;
}

/* What did not fit uncut goes in pieces from now on; under another number a decoder begins anew, so
 * only a key frame goes at once. */
static bool goes_in_pieces(const struct rill_peer_line *l, struct rill_peer_sender *s,
                           const struct rill_frame *f)
{
    struct rill_sdp_also pieces;
    if (s->in_pieces || !is_uncut(l, f) || !find_pieces(l, &pieces))
        return false;
    s->in_pieces = true;
    return f->keyframe;
}

static int why_too_large(const struct rill_peer *x, const struct rill_peer_line *l,
                         const struct rill_frame *f)
{
    bool fits = f->bytes.n > 0 && f->bytes.n <= x->config.frame_bytes;
    return fits && is_uncut(l, f) ? RILL_PEER_NAL_TOO_LARGE : RILL_PEER_FRAME_TOO_LARGE;
}

/* Nothing is left out: decoders bear more than they say, and a file cannot be made less. */
static void note_level(const struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                       struct rill_peer_sender *s, const struct rill_frame *f)
{
    uint32_t id = f->codec == RILL_CODEC_H264 ? rill_h264_frame_id(f->bytes) : 0;
    uint8_t level = rill_peer_sent_format(l, s, f->codec).h264.level;
    s->profile_level_id = id || f->codec != RILL_CODEC_H264 ? id : s->profile_level_id;
    if (id && rill_sdp_h264_exceeds(id, level))
        RILL_TRACE(x->config.trace, now, level_exceeded, {.u = id}, {.u = level});
}

/* The encoding that the frame is of; NULL when there is no such one. */
static struct rill_peer_sender *sender_of(struct rill_peer *x, int track,
                                          const struct rill_frame *f)
{
    if (track < 0 || (size_t)track >= x->n_tracks || f->encoding >= x->tracks[track].n_senders)
        return NULL;
    return x->tracks[track].senders[f->encoding];
}

static int refuse_frame(struct rill_peer *x, int64_t now, int track, const struct rill_frame *f,
                        int code)
{
    struct rill_peer_sender *s = sender_of(x, track, f);
    if (s)
        s->frames_dropped++;
    RILL_TRACE(x->config.trace, now, frame_refused, {.u = (uint64_t)track}, {.i = code});
    return code;
}

static bool is_agreed(const struct rill_peer *x, int track, enum rill_codec_id codec)
{
    struct rill_sdp_also format;
    int line = x->tracks[track].line;
    return codec == rill_peer_track_codec(x, track) ||
           (line >= 0 && rill_sdp_agreed_codec(&x->lines[line].agreed, codec, &format));
}

/* RFC 3389 §4: at 8 kHz, in a stream of G.711. */
static bool knows_noise(const struct rill_peer *x, int track, enum rill_codec_id codec)
{
    int line = x->tracks[track].line;
    return line >= 0 && x->lines[line].agreed.noise_pt && rill_codec_clock_hz(codec) == 8000;
}

static bool is_sent(const struct rill_peer *x, int track, const struct rill_frame *f)
{
    const struct rill_peer_track *t = &x->tracks[track];
    return x->transceivers[track].has_track && t->kind == f->kind &&
           (!x->jsep.agreed || (t->sending >> f->encoding & 1 && is_agreed(x, track, f->codec) &&
                                (!f->comfort_noise || knows_noise(x, track, f->codec))));
}

static void store_all(const struct rill_peer *x, const struct rill_peer_line *l,
                      struct rill_peer_sender *s, int64_t now, const struct rill_frame *f,
                      struct rill_rtp_cutter *cut)
{
    uint16_t first = s->seq;
    if (f->kind == RILL_AUDIO)
        store_sound(x, l, s, cut);
    while (cut->index < cut->pieces)
        store(x, l, s, cut);
    for (uint16_t seq = first; seq != s->seq; seq++)
        rill_rtp_history_mark_queued(&s->history, seq, now);
    rill_peer_marks_written(l, s, f, first);
    s->picture_id = (uint16_t)((s->picture_id + 1) & 0x7fff);
    s->frame_time = f->time <= now && now - f->time < 10 * RILL_SECOND ? f->time : now;
    s->frame_rtp_time = f->rtp_time;
    s->codec = f->codec;
    s->frames++;
    s->keyframes += f->keyframe;
}

enum rill_codec_id rill_peer_track_codec(const struct rill_peer *x, int track)
{
    return track >= 0 && (size_t)track < x->n_tracks ? x->tracks[track].codec : RILL_CODEC_NONE;
}

int rill_peer_send_frame(struct rill_peer *x, int64_t now, int track,
                         const struct rill_frame *given)
{
    rill_peer_input_frame(x, now, track, given);
    struct rill_frame of = *given, *frame = &of;
    x->now = now;
    if (frame->codec == RILL_CODEC_NONE)
        frame->codec = rill_peer_track_codec(x, track);
    if (x->closing != RILL_PEER_OPEN)
        return refuse_frame(x, now, track, frame, RILL_PEER_IS_CLOSED);
    struct rill_peer_sender *s = sender_of(x, track, frame);
    if (!s || !is_sent(x, track, frame))
        return refuse_frame(x, now, track, frame, RILL_PEER_NOT_SENDING);
    struct rill_peer_line *l = rill_peer_line_of(x, &x->tracks[track]);
    if (!rill_peer_component_is_ready(rill_peer_line_component(x, l, false)))
        return refuse_frame(x, now, track, frame, RILL_PEER_NOT_CONNECTED);
    /* While a key is held nothing else is heard (webrtc-pc §7.2). */
    if (frame->kind == RILL_AUDIO && s->tones.on)
        return 0;
    struct rill_rtp_cutter cut;
    size_t pieces = begin_cutting(x, l, s, frame, &cut);
    if (pieces == 0 && goes_in_pieces(l, s, frame))
        pieces = begin_cutting(x, l, s, frame, &cut);
    if (pieces > 0 && frame->kind == RILL_VIDEO && frame->keyframe) {
        rill_peer_anew_keyframe(x, now, l, s);
        note_level(x, now, l, s, frame);
    }
    if (pieces == 0 || rill_peer_waiting(s) + pieces > s->history.cap) {
        /* The frames behind it build on this one. */
        rill_peer_want_keyframe(x, now, &x->tracks[track], s);
        return refuse_frame(x, now, track, frame,
                            pieces ? RILL_PEER_QUEUE_FULL : why_too_large(x, l, frame));
    }
    store_all(x, l, s, now, frame, &cut);
    rill_peer_queued_more(x);
    return 0;
}
