/* receive: protected packets become whole frames.
 *
 * The idea: the tag is checked before a byte is believed; then the stream is brought to its
 * m-line (RFC 9143 §9.2), and where that has several encodings to its encoding (RFC 8852), its
 * packet copied once into the jitter buffer there, and from there frames are pulled.
 */
#include "peer/receive.h"

#include "peer/choose.h"
#include "peer/collision.h"
#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/marks.h"
#include "peer/received.h"
#include "peer/redundancy.h"
#include "peer/route.h"
#include "peer/tones.h"
#include "peer/traced.h"
#include "peer/transport.h"
#include "rtp/jitter.h"
#include "rtp/rtx.h"
#include "srtp/srtp.h"

static const struct rill_trace_point stream_begins = {
    "peer",
    "stream_begins",
    "a new incoming stream",
    2,
    {{"ssrc", RILL_TRACE_U64}, {"mid", RILL_TRACE_TEXT}}};
static const struct rill_trace_point packet_dropped = {
    "peer",
    "packet_dropped",
    "a media packet is not used",
    3,
    {{"ssrc", RILL_TRACE_U64}, {"seq", RILL_TRACE_U64}, {"error", RILL_TRACE_I64}}};

static const struct rill_trace_point codec_changes = {
    "peer",
    "codec_changes",
    "the stream goes on in another of the formats that were agreed",
    3,
    {{"ssrc", RILL_TRACE_U64}, {"codec", RILL_TRACE_TEXT}, {"pt", RILL_TRACE_U64}}};

/* How long the first picture may take to come by itself. */
#define FIRST_PICTURE (60 * RILL_MS)
/* How long a gap may stay open: as long as a repair can take. */
#define VIDEO_WAIT_MIN (500 * RILL_MS)
#define VIDEO_WAIT_MAX (2 * RILL_SECOND)
#define VIDEO_WAIT_UNREPAIRED (100 * RILL_MS)

static int64_t gap_wait(const struct rill_peer *x, const struct rill_peer_line *l,
                        const struct rill_peer_receiver *in)
{
    int64_t repair = 2 * rill_peer_rtt(x, l) + 100 * RILL_MS;
    if (rill_codec_kind(l->agreed.codec) != RILL_VIDEO)
        return 0;
    if (!rill_peer_receiver_feedback(l, in).nack)
        return VIDEO_WAIT_UNREPAIRED;
    if (repair < VIDEO_WAIT_MIN)
        return VIDEO_WAIT_MIN;
    return repair < VIDEO_WAIT_MAX ? repair : VIDEO_WAIT_MAX;
}

static void begin_stream(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                         struct rill_peer_receiver *in, uint32_t ssrc)
{
    bool video = rill_codec_kind(l->agreed.codec) == RILL_VIDEO;
    struct rill_rtp_jitter_config config = {
        .codec = l->agreed.codec,
        .packets = video ? x->config.jitter_packets : 0,
        .frame_bytes = video ? x->config.frame_bytes : 0,
        .wait = gap_wait(x, l, in),
        .at_once = x->config.sound_at_once,
    };
    rill_peer_receiver_stop(in);
    in->jitter = rill_rtp_jitter_init(in->jitter_block, &config);
    in->nack.n = 0;
    in->nack.started = false;
    in->nack.gave_up = false;
    in->lag = (struct rill_rtp_lag){0};
    rill_rtp_source_init(&in->source, ssrc, rill_codec_clock_hz(l->agreed.codec));
    in->codec = l->agreed.codec;
    in->pt = l->agreed.pt;
    in->report_is_old = false;
    in->ssrc = ssrc;
    in->repairs.ssrc = 0;
    in->fillers = 0;
    in->started = true;
    in->dropped_told = 0;
    in->wait_told = in->least_told = 0;
    in->more = (struct rill_peer_inbound_stats){.begun = true, .reported = -1};
    in->n_turns = 0;
    in->pli_now = false;
    in->plis_in_row = 0;
    in->pli_next = now + FIRST_PICTURE;
    RILL_TRACE(x->config.trace, now, stream_begins, {.u = ssrc}, {.view = l->agreed.mid});
}

/* For whoever has a buffer of his own, when it came counts, and not when it is read. */
static int64_t came(const struct rill_peer *x, const struct rill_peer_line *l, int64_t now)
{
    return l->agreed.kind == RILL_AUDIO && x->config.sound_at_once ? x->arrived : now;
}

/* RFC 7160 §4.3: by another clock the distances begin anew; what the last sender report said of RTP
 * time is of no use then. */
static void follow_codec(struct rill_peer *x, int64_t now, struct rill_peer_receiver *in,
                         enum rill_codec_id codec, uint8_t pt)
{
    if (in->pt == pt && in->codec == codec)
        return;
    if (rill_codec_clock_hz(codec) != in->source.clock_hz) {
        rill_rtp_source_clock(&in->source, rill_codec_clock_hz(codec));
        in->report_is_old = true;
    }
    in->codec = codec;
    in->pt = pt;
    RILL_TRACE(x->config.trace, now, codec_changes, {.u = in->ssrc},
               {.view = rill_peer_codec_name(codec)}, {.u = pt});
}

/* A packet of the stream has come; sent: its RTP time. */
static void hear(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                 struct rill_peer_receiver *in, const struct rill_rtp_packet *p, uint32_t sent)
{
    if (!in->started || in->ssrc != p->ssrc)
        begin_stream(x, now, l, in, p->ssrc);
    if (p->codec)
        follow_codec(x, now, in, p->codec, p->pt);
    in->bye = false;
    in->heard = now;
    in->more.header_bytes += p->payload_offset + p->padding_size;
    rill_rtp_lag_packet(&in->lag, x->arrived, sent, in->source.clock_hz);
    rill_rtp_source_packet(&in->source, x->arrived, p->seq, sent, p->payload.n);
    if (rill_peer_receiver_feedback(l, in).nack)
        rill_rtp_nack_received(&in->nack, now, p->seq);
    rill_peer_marks_read(l, in, p);
}

/* It only fills its place in the sequence: what is not heard meanwhile is no loss. Browsers probe
 * the path with packets without payload, of any format. */
static void fill_place(int64_t now, struct rill_peer_receiver *in, const struct rill_rtp_packet *p)
{
    struct rill_rtp_packet filler = *p;
    filler.payload.n = 0;
    if (rill_rtp_jitter_insert(in->jitter, now, &filler, NULL) == 0)
        in->fillers++;
}

static int take_media(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                      struct rill_peer_receiver *in, const struct rill_rtp_packet *p)
{
    hear(x, now, l, in, p, p->timestamp);
    if (l->agreed.kind == RILL_AUDIO && p->payload.n == 0) {
        fill_place(now, in, p);
        return 0;
    }
    return rill_rtp_jitter_insert(in->jitter, came(x, l, now), p, NULL);
}

static bool is_narrow(enum rill_codec_id codec)
{
    return codec == RILL_CODEC_PCMU || codec == RILL_CODEC_PCMA;
}

/* RFC 3389 §4: a pause in a stream of G.711: of the codec that came last, or else is agreed. */
static int take_noise(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                      struct rill_peer_receiver *in, const struct rill_rtp_packet *p)
{
    struct rill_rtp_packet of = *p;
    struct rill_sdp_also format;
    enum rill_codec_id codec = in->started && is_narrow(in->codec) ? in->codec : l->agreed.codec;
    if (!is_narrow(codec) || !rill_sdp_agreed_codec(&l->agreed, codec, &format))
        if (!rill_sdp_agreed_codec(&l->agreed, RILL_CODEC_PCMU, &format))
            (void)rill_sdp_agreed_codec(&l->agreed, RILL_CODEC_PCMA, &format);
    of.codec = format.codec;
    of.pt = format.pt;
    of.comfort_noise = true;
    return take_media(x, now, l, in, &of);
}

static int take_red(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                    struct rill_peer_receiver *in, const struct rill_rtp_packet *p)
{
    struct rill_rtp_packet primary;
    if (p->payload.n == 0)
        return take_media(x, now, l, in, p);
    hear(x, now, l, in, p, p->timestamp);
    int rc = rill_peer_redundancy_take(x, came(x, l, now), l, in, p, &primary);
    primary.codec = rc == 0 ? rill_peer_route_codec(&l->agreed, primary.pt) : RILL_CODEC_NONE;
    if (rc == 0 && !primary.codec)
        rc = RILL_PEER_PAYLOAD_TYPE;
    if (rc == 0)
        follow_codec(x, now, in, primary.codec, primary.pt);
    return rc < 0 ? rc : rill_rtp_jitter_insert(in->jitter, came(x, l, now), &primary, NULL);
}

static int take_events(struct rill_peer *x, int64_t now, size_t line, struct rill_peer_receiver *in,
                       const struct rill_rtp_packet *p, uint32_t clock_hz)
{
    uint32_t sent = p->timestamp;
    int rc = rill_peer_tones_take(x, now, line, in, p, clock_hz, &sent);
    hear(x, now, &x->lines[line], in, p, sent);
    fill_place(now, in, p);
    return rc;
}

/* RFC 4588 §6.2: the repairs are reported as a stream of their own. */
static void count_repair(struct rill_peer *x, const struct rill_peer_line *l,
                         struct rill_peer_receiver *in, const struct rill_rtp_packet *p)
{
    if (!in->started)
        return;
    if (in->repairs.ssrc != p->ssrc)
        rill_rtp_source_init(&in->repairs, p->ssrc, rill_codec_clock_hz(l->agreed.codec));
    rill_rtp_source_packet(&in->repairs, x->arrived, p->seq, p->timestamp, p->payload.n);
}

/* RFC 4588 §4: it becomes the packet that was missing; what the network did to that one is told by
 * the reports as it was (§6.3). One without payload is a probe, or padding. */
static int take_repair(int64_t now, const struct rill_peer_line *l, struct rill_peer_receiver *in,
                       uint32_t ssrc, uint8_t media, struct rill_span packet)
{
    struct rill_rtp_packet p;
    size_t n;
    if (!in->started)
        return RILL_PEER_UNKNOWN_STREAM;
    int at = rill_rtx_restore(packet, in->ssrc, media, &n, NULL);
    if (at == RILL_RTX_TOO_SHORT)
        return 0;
    int rc = at < 0 ? at : rill_rtp_parse(rill_view_at(packet.p + at, n), &p, NULL);
    if (rc < 0)
        return rc;
    p.codec = rill_peer_route_codec(&l->agreed, media);
    in->heard = now;
    in->more.repaired_packets++;
    in->more.repaired_bytes += p.payload.n + RILL_RTX_OSN;
    in->more.header_bytes += p.payload_offset;
    in->more.rtx_ssrc = ssrc;
    rill_peer_marks_read(l, in, &p);
    rill_rtp_nack_received(&in->nack, now, p.seq);
    rc = rill_rtp_jitter_insert(in->jitter, now, &p, NULL);
    in->repaired += rc == 0;
    /* Browsers probe the path with packets that came before. */
    return rc == RILL_RTP_JITTER_DUPLICATE || rc == RILL_RTP_JITTER_LATE ? 0 : rc;
}

static int take(struct rill_peer *x, int64_t now, const struct rill_peer_component *c,
                const struct rill_rtp_packet *p, struct rill_span packet)
{
    size_t at, k;
    int rc = rill_peer_route(x, (size_t)(c->of - x->transports), p, &at, &k);
    struct rill_peer_line *l = rc < 0 ? NULL : &x->lines[at];
    rill_peer_trace_rtp_received(x, now, l, rill_view_at(packet.p, packet.n));
    if (rc == 0)
        rc = rill_peer_collide(x, now, p->ssrc, NULL);
    if (rc < 0)
        return rc;
    rill_peer_congestion_received(x, l, p);
    uint8_t media;
    if (rill_peer_route_repairs(&l->agreed, p->pt, &media)) {
        count_repair(x, l, l->ins[k], p);
        return take_repair(now, l, l->ins[k], p->ssrc, media, packet);
    }
    if (l->agreed.red_pt && p->pt == l->agreed.red_pt)
        return take_red(x, now, l, l->ins[k], p);
    const struct rill_sdp_events *events = rill_peer_route_events(&l->agreed, p->pt);
    if (events)
        return take_events(x, now, at, l->ins[k], p, events->clock_hz);
    if (l->agreed.noise_pt && p->pt == l->agreed.noise_pt)
        return take_noise(x, now, l, l->ins[k], p);
    struct rill_rtp_packet of = *p;
    of.codec = rill_peer_route_codec(&l->agreed, p->pt);
    return of.codec ? take_media(x, now, l, l->ins[k], &of) : RILL_PEER_PAYLOAD_TYPE;
}

int rill_peer_receive_rtp(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                          struct rill_span datagram)
{
    struct rill_rtp_packet p;
    if (!c->srtp) {
        x->dropped_srtp++;
        return RILL_PEER_NO_KEYS;
    }
    int n = rill_srtp_unprotect_rtp(c->srtp, datagram);
    if (n < 0) {
        x->dropped_srtp++;
        return n;
    }
    int rc = rill_rtp_parse(rill_view_at(datagram.p, (size_t)n), &p, NULL);
    if (rc < 0) {
        x->dropped_other++;
        return rc;
    }
    rc = take(x, now, c, &p, (struct rill_span){datagram.p, (size_t)n});
    if (rc < 0) {
        x->dropped_other++;
        RILL_TRACE(x->config.trace, now, packet_dropped, {.u = p.ssrc}, {.u = p.seq}, {.i = rc});
    }
    return rc;
}

/* --- frames out ---------------------------------------------------------------------------- */

/* The next one that is handed out; what comes of the other encodings goes by. */
static bool next_frame(struct rill_peer *x, struct rill_peer_line *l, size_t k,
                       struct rill_frame *out)
{
    struct rill_peer_receiver *in = l->ins[k];
    bool got = in->started, chosen = false;
    uint16_t oldest;
    while (got && !chosen) {
        got = rill_rtp_jitter_pop(in->jitter, x->now, out);
        if (rill_rtp_jitter_oldest_needed(in->jitter, &oldest))
            rill_rtp_nack_forget_before(&in->nack, oldest);
        if (got && out->keyframe)
            in->plis_in_row = 0;
        if (got)
            out->rotation = rill_peer_marks_rotation(in, out->rtp_time);
        chosen = got && rill_peer_choose(x, l, k, out);
        /* Sound is numbered as if nothing else came between. */
        out->seq = (uint16_t)(out->seq - in->fillers);
    }
    return chosen;
}

static void describe(const struct rill_peer *x, size_t line, const struct rill_peer_receiver *in,
                     struct rill_peer_event *out)
{
    const struct rill_peer_line *l = &x->lines[line];
    out->type = RILL_PEER_EVENT_FRAME;
    out->receiver = (int)line;
    out->kind = l->agreed.kind;
    out->codec = out->frame.codec;
    out->text = rill_view_of(in->rid);
    out->has_report = in->source.have_sr && !in->report_is_old;
    out->report_ntp = (uint64_t)in->source.sr_ntp_sec << 32 | in->source.sr_ntp_frac;
    out->report_rtp_time = in->source.sr_rtp_time + l->choice.offset;
}

bool rill_peer_receive_frame(struct rill_peer *x, struct rill_peer_event *out)
{
    for (size_t i = 0; i < x->n_lines; i++)
        for (size_t k = 0; k < x->lines[i].n_ins; k++) {
            bool got = next_frame(x, &x->lines[i], k, &out->frame);
            rill_peer_trace_jitter(x, &x->lines[i], x->lines[i].ins[k]);
            if (got) {
                describe(x, i, x->lines[i].ins[k], out);
                rill_peer_trace_frame(x, &x->lines[i], x->lines[i].ins[k], &out->frame);
                return true;
            }
        }
    return false;
}

int64_t rill_peer_receive_deadline(const struct rill_peer *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->n_lines; i++)
        for (size_t k = 0; k < x->lines[i].n_ins; k++)
            if (x->lines[i].ins[k]->started)
                at = rill_earlier(at, rill_rtp_jitter_deadline(x->lines[i].ins[k]->jitter));
    return at;
}
