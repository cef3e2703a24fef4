/* choose: which of several encodings of a line is handed out (RFC 8853 §6.2 leaves it to the
 * receiver).
 *
 * The idea: all of them are received, repaired and put together, and one is handed out. That is
 * the one whose last key frame is largest, as long as it comes: it is left when another one has
 * brought three whole pictures and half a second in which it had none. A change is made with a key
 * frame of the new one alone, which is asked for, and RTP times go on as if there were one stream:
 * by both senders' reports where they are known, else by when the pictures came.
 */
#include "peer/choose.h"

#include "peer/connection.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/received.h"
#include "peer/transceivers.h"
#include "rtp/h264.h"

static const struct rill_trace_point encoding_chosen = {
    "peer",
    "encoding_chosen",
    "this one of several encodings is handed out from now on",
    3,
    {{"rid", RILL_TRACE_TEXT}, {"width", RILL_TRACE_U64}, {"height", RILL_TRACE_U64}}};

/* Behind another one for so long and so many pictures, it is left. */
#define BEHIND (500 * RILL_MS)
#define BEHIND_PICTURES 3
/* One that has brought a picture within this is there. */
#define ALIVE RILL_SECOND
/* One that was left though its packets come, if too few or too late, is not gone up to again at
 * once; one that was silent is. */
#define BARRED (2 * RILL_SECOND)
#define SILENT (200 * RILL_MS)
#define VIDEO_KHZ 90

static bool is_alive(const struct rill_peer_receiver *in, int64_t now)
{
    return in->started && !in->bye && in->width && now - in->whole <= ALIVE;
}

/* The one that is handed out comes no more, or too late. */
static bool is_behind(const struct rill_peer_line *l, int64_t now)
{
    const struct rill_peer_receiver *current = l->ins[l->choice.current];
    for (size_t k = 0; k < l->n_ins; k++) {
        const struct rill_peer_receiver *in = l->ins[k];
        if (in == current || !is_alive(in, now))
            continue;
        if (!current->started || current->bye ||
            (in->outran >= BEHIND_PICTURES && now - current->whole >= BEHIND))
            return true;
    }
    return false;
}

static bool is_better(const struct rill_peer_receiver *a, const struct rill_peer_receiver *b)
{
    return (uint64_t)a->width * a->height > (uint64_t)b->width * b->height;
}

/* The one that is to be handed out. */
static size_t target(const struct rill_peer_line *l, int64_t now)
{
    size_t current = l->choice.current, best = current;
    bool behind = is_behind(l, now), any = !behind;
    int wanted = l->choice.wanted;
    if (wanted >= 0 && ((size_t)wanted == current ? !behind : is_alive(l->ins[wanted], now)))
        return (size_t)wanted;
    for (size_t k = 0; k < l->n_ins; k++) {
        const struct rill_peer_receiver *in = l->ins[k];
        bool barred = !behind && now < in->barred;
        if (k == current || !is_alive(in, now) || barred)
            continue;
        if (!any || is_better(in, l->ins[best])) {
            any = true;
            best = k;
        }
    }
    return best;
}

/* --- one row of RTP times ------------------------------------------------------------------- */

/* The stream's RTP time at this NTP time (32.32), by its last report. */
static uint32_t at_ntp(const struct rill_rtp_source *s, uint64_t ntp)
{
    uint64_t report = (uint64_t)s->sr_ntp_sec << 32 | s->sr_ntp_frac;
    int64_t apart = (int64_t)(ntp - report) >> 16; /* 1/65536 s */
    return s->sr_rtp_time + (uint32_t)(apart * (VIDEO_KHZ * 1000) / 65536);
}

static void shift(struct rill_peer_choice *c, const struct rill_peer_receiver *from,
                  const struct rill_peer_receiver *to, int64_t now, uint32_t rtp_time)
{
    const struct rill_rtp_source *a = &from->source, *b = &to->source;
    uint32_t next = c->last_rtp_time + (uint32_t)((now - c->last_time) * VIDEO_KHZ / 1000);
    if (from->started && a->have_sr && b->have_sr) {
        uint64_t ntp = (uint64_t)b->sr_ntp_sec << 32 | b->sr_ntp_frac;
        next = rtp_time - b->sr_rtp_time + at_ntp(a, ntp) + c->offset;
    }
    /* Later than what was handed out, whatever the reports say. */
    if ((int32_t)(next - c->last_rtp_time) <= 0)
        next = c->last_rtp_time + 1;
    c->offset = next - rtp_time;
    c->shifted = c->offset != 0;
}

static void change(struct rill_peer *x, struct rill_peer_line *l, size_t k,
                   const struct rill_frame *frame)
{
    struct rill_peer_choice *c = &l->choice;
    struct rill_peer_receiver *from = l->ins[c->current], *to = l->ins[k];
    if (is_behind(l, x->now) && x->now - from->heard < SILENT)
        from->barred = x->now + BARRED;
    if (c->any)
        shift(c, from, to, x->now, frame->rtp_time);
    c->current = k;
    RILL_TRACE(x->config.trace, x->now, encoding_chosen, {.view = rill_view_of(to->rid)},
               {.u = to->width}, {.u = to->height});
}

static void handed_out(struct rill_peer *x, struct rill_peer_line *l, struct rill_frame *frame)
{
    struct rill_peer_choice *c = &l->choice;
    for (size_t k = 0; k < l->n_ins; k++)
        l->ins[k]->outran = 0;
    frame->rtp_time += c->offset;
    frame->encoding = c->current;
    c->any = true;
    c->last_rtp_time = frame->rtp_time;
    c->last_time = x->now;
}

bool rill_peer_choose(struct rill_peer *x, struct rill_peer_line *l, size_t k,
                      struct rill_frame *frame)
{
    struct rill_peer_receiver *in = l->ins[k];
    bool first = !l->choice.any;
    in->whole = x->now;
    in->outran++;
    if (frame->keyframe && frame->width) {
        in->width = frame->width;
        in->height = frame->height;
        in->profile_level_id =
            frame->codec == RILL_CODEC_H264 ? rill_h264_frame_id(frame->bytes) : 0;
    }
    if (l->n_ins > 1 && (k != l->choice.current || first)) {
        if (!frame->keyframe || (!first && target(l, x->now) != k))
            return false;
        change(x, l, k, frame);
    }
    handed_out(x, l, frame);
    return true;
}

/* --- what it needs ------------------------------------------------------------------------- */

bool rill_peer_choice_awaits(const struct rill_peer *x, const struct rill_peer_line *l, size_t k,
                             int64_t now)
{
    (void)x;
    return l->n_ins > 1 && k != l->choice.current && target(l, now) == k;
}

int64_t rill_peer_choice_deadline(const struct rill_peer *x, const struct rill_peer_line *l)
{
    int64_t at = RILL_NEVER;
    for (size_t k = 0; l->n_ins > 1 && k < l->n_ins; k++) {
        const struct rill_peer_receiver *in = l->ins[k];
        if (rill_peer_choice_awaits(x, l, k, x->now))
            at = rill_earlier(at, in->pli_next);
        /* When a picture of another one may show that the one that is handed out is behind, or
         * when one is gone up to again. */
        if (in->started && k == l->choice.current && in->whole + BEHIND > x->now)
            at = rill_earlier(at, in->whole + BEHIND);
        if (in->started && in->barred > x->now)
            at = rill_earlier(at, in->barred);
    }
    return at;
}

int rill_peer_choose_encoding(struct rill_peer *x, int transceiver, int encoding)
{
    rill_peer_input_choose_encoding(x, transceiver, encoding);
    if (x->jsep.state == RILL_PEER_SIGNALING_CLOSED)
        return RILL_PEER_IS_CLOSED;
    if (transceiver < 0 || (size_t)transceiver >= x->n_tracks || !x->transceivers[transceiver].used)
        return RILL_PEER_NO_TRANSCEIVER;
    struct rill_peer_line *l = &x->lines[transceiver];
    if (encoding < -1 || encoding >= (int)l->n_ins)
        return RILL_PEER_ENCODINGS;
    l->choice.wanted = encoding;
    return 0;
}
