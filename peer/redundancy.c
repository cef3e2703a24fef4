/* redundancy: sound that is sent twice (RFC 2198), and what it is worth.
 *
 * The idea: each packet brings the one before it once more, and the one before that when much is
 * lost, so that a single loss is repaired by the very next packet. It is asked for by the other
 * side's order of formats, as browsers do, or by loss: what transport-wide feedback tells of each
 * packet within a tenth of a second, or else what a report tells every five; both payload types are
 * agreed upon, so it may begin and end with any packet.
 */
#include "peer/redundancy.h"

#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/received.h"
#include "peer/tones.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "rtp/bwe_packet.h"
#include "rtp/jitter.h"
#include "rtp/red.h"

#include <string.h>

static const struct rill_trace_point recovered = {
    "peer",
    "recovered",
    "a lost packet came in the one behind it",
    2,
    {{"ssrc", RILL_TRACE_U64}, {"seq", RILL_TRACE_U64}}};

/* Loss, /256: redundancy begins at 3 % and ends below 1 %; from 10 % on it is of two. */
#define LOSS_BEGINS 8
#define LOSS_ENDS 3
#define LOSS_HIGH 26

/* --- what is lost ------------------------------------------------------------------------ */

/* Without feedback for so long the reports count again. */
#define FEEDBACK_SILENT (3 * RILL_SECOND)

static void set_loss(struct rill_peer_sender *s, uint8_t loss)
{
    s->loss = loss;
    if (s->loss >= LOSS_BEGINS)
        s->red.by_loss = true;
    else if (s->loss < LOSS_ENDS)
        s->red.by_loss = false;
}

/* A loss is believed at once, and forgotten slowly: reports are rare. */
void rill_peer_redundancy_report(struct rill_peer_sender *s, int64_t now, uint8_t fraction_lost)
{
    unsigned kept = s->loss * 3u / 4;
    if (s->told.n >= RILL_LOSS_METER_LEAST && now - s->told_at < FEEDBACK_SILENT)
        return;
    set_loss(s, fraction_lost > kept ? fraction_lost : (uint8_t)kept);
}

static struct rill_peer_sender *sound_of(struct rill_peer *x, uint32_t stream)
{
    struct rill_peer_track *t;
    struct rill_peer_sender *s = stream ? rill_peer_sender_by_ssrc(x, stream, &t) : NULL;
    return s && s->kind == RILL_AUDIO ? s : NULL;
}

void rill_peer_redundancy_feedback(struct rill_peer *x, int64_t now,
                                   const struct rill_bwe_packet *told, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct rill_peer_sender *s = sound_of(x, told[i].stream);
        if (!s)
            continue;
        s->told_at = now;
        if (told[i].late)
            rill_loss_meter_found(&s->told);
        else
            rill_loss_meter_packet(&s->told, told[i].arrived == RILL_NEVER);
        if (s->told.n >= RILL_LOSS_METER_LEAST)
            set_loss(s, rill_loss_meter_fraction(&s->told));
    }
}

/* A packet of 20 ms, with its headers. */
#define A_SECOND 50
#define HEADERS 70
/* Beside pictures what is sent for loss takes this part of what the path carries, 1/4, at most:
 * where there is less, it is the path that is full, and twice the sound makes it fuller. */
#define PART 4

static bool has_room(const struct rill_peer *x, const struct rill_peer_line *l,
                     const struct rill_peer_sender *s)
{
    const struct rill_peer_congestion *c = &x->transports[l->transport].congestion;
    uint64_t twice = 8 * A_SECOND * (2u * s->red.kept[0].size + HEADERS);
    if (!c->started || !rill_peer_carries_video(x, l->transport))
        return true;
    return twice <= rill_bwe_target(&c->bwe, x->now) / PART;
}

static bool is_wanted(const struct rill_peer *x, const struct rill_peer_line *l,
                      const struct rill_peer_sender *s)
{
    return l->agreed.red_pt && (x->config.red == RILL_PEER_RED_ALWAYS || l->agreed.red_first ||
                                (s->red.by_loss && has_room(x, l, s)));
}

/* Of Opus the other side says what it prefers (RFC 7587 §6.1); what is sent with comfort noise
 * instead (RFC 3389) we decide. */
static bool leaves_pauses_out(const struct rill_peer *x, const struct rill_peer_line *l,
                              enum rill_codec_id codec)
{
    bool narrow = codec == RILL_CODEC_PCMU || codec == RILL_CODEC_PCMA;
    return narrow ? l->agreed.noise_pt && x->config.dtx : l->agreed.opus_dtx;
}

bool rill_peer_sound(const struct rill_peer *x, int track, struct rill_peer_sound *out)
{
    if (track < 0 || (size_t)track >= x->n_tracks || x->tracks[track].line < 0)
        return false;
    const struct rill_peer_line *l = &x->lines[x->tracks[track].line];
    const struct rill_peer_sender *s = x->tracks[track].senders[0];
    *out = (struct rill_peer_sound){
        .fec = l->agreed.opus_fec,
        .dtx = leaves_pauses_out(x, l, rill_peer_track_codec(x, track)),
        .max_bps = l->agreed.opus_max_bps,
        .loss_percent = (s->loss * 100u + 128) / 256,
        .red = is_wanted(x, l, s),
        .can_insert_dtmf = rill_peer_tones_events(x, (size_t)track) != NULL,
    };
    return true;
}

/* --- out ------------------------------------------------------------------------------------ */

static void keep(struct rill_peer_redundancy *r, const struct rill_frame *f)
{
    if (f->bytes.n > RILL_RED_LENGTH_MAX) {
        r->n = 0;
        return;
    }
    struct rill_peer_kept oldest = r->kept[RILL_PEER_KEPT - 1];
    memmove(&r->kept[1], &r->kept[0], (RILL_PEER_KEPT - 1) * sizeof r->kept[0]);
    r->kept[0] = oldest;
    memcpy(r->kept[0].bytes, f->bytes.p, f->bytes.n);
    r->kept[0].size = (uint16_t)f->bytes.n;
    r->kept[0].rtp_time = f->rtp_time;
    r->n += r->n < RILL_PEER_KEPT;
}

/* Those before the frame that fit, oldest first, and the frame itself. */
static size_t blocks_of(const struct rill_peer_sender *s, uint8_t pt, const struct rill_frame *f,
                        size_t room, struct rill_red_block out[RILL_PEER_KEPT + 1])
{
    size_t most = s->loss >= LOSS_HIGH ? RILL_PEER_KEPT : 1, n = 0, taken = 0;
    size_t size = 1 + f->bytes.n;
    for (size_t i = 0; i < most && i < s->red.n; i++) {
        const struct rill_peer_kept *k = &s->red.kept[i];
        uint32_t offset = f->rtp_time - k->rtp_time;
        size += 4u + k->size;
        if (offset == 0 || offset > RILL_RED_OFFSET_MAX || size > room)
            break;
        taken++;
    }
    for (size_t i = taken; i-- > 0;)
        out[n++] = (struct rill_red_block){
            .pt = pt,
            .offset = (uint16_t)(f->rtp_time - s->red.kept[i].rtp_time),
            .data = rill_view_at(s->red.kept[i].bytes, s->red.kept[i].size),
        };
    out[n++] = (struct rill_red_block){.pt = pt, .data = f->bytes};
    return n;
}

bool rill_peer_redundancy_write(const struct rill_peer *x, const struct rill_peer_line *l,
                                struct rill_peer_sender *s, const struct rill_frame *f, size_t room,
                                struct rill_writer *w)
{
    struct rill_red_block blocks[RILL_PEER_KEPT + 1];
    bool ours = f->codec == l->agreed.codec && !f->comfort_noise;
    bool wanted = ours && is_wanted(x, l, s) && f->bytes.n < room;
    if (wanted && w)
        rill_red_write(w, blocks, blocks_of(s, l->agreed.pt, f, room, blocks));
    if (w && ours)
        keep(&s->red, f);
    else if (w)
        s->red.n = 0;
    return wanted;
}

/* --- in ------------------------------------------------------------------------------------- */

/* What is there already, and blocks of formats that are not the stream's, are of no use. The blocks
 * are those of the packets right before this one. */
static void take_redundant(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                           struct rill_peer_receiver *in, const struct rill_rtp_packet *p,
                           const struct rill_red_block *block, size_t back)
{
    struct rill_rtp_packet q = *p;
    q.timestamp = p->timestamp - block->offset;
    q.payload = block->data;
    q.marker = false;
    q.redundant = true;
    in->fec_packets++;
    in->fec_bytes += block->data.n;
    if (block->pt != l->agreed.pt || block->data.n == 0 ||
        !rill_rtp_jitter_lacks(in->jitter, (uint16_t)(p->seq - back), q.timestamp, &q.seq) ||
        rill_rtp_jitter_insert(in->jitter, now, &q, NULL) < 0) {
        in->fec_discarded++;
        return;
    }
    RILL_TRACE(x->config.trace, now, recovered, {.u = q.ssrc}, {.u = q.seq});
}

int rill_peer_redundancy_take(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                              struct rill_peer_receiver *in, const struct rill_rtp_packet *p,
                              struct rill_rtp_packet *primary)
{
    struct rill_red_block blocks[RILL_RED_BLOCKS];
    struct rill_err why = {0};
    int n = rill_red_parse(p->payload, blocks, &why);
    if (n < 0)
        return n;
    *primary = *p;
    primary->payload = blocks[n - 1].data;
    primary->pt = blocks[n - 1].pt;
    for (int i = 0; i + 1 < n; i++)
        take_redundant(x, now, l, in, p, &blocks[i], (size_t)(n - 1 - i));
    return 0;
}
