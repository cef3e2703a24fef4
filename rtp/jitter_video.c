/* jitter_video: whole frames in decoding order, beginning with a key frame (RFC 7741 §4).
 *
 * The idea: judge() looks at the first slot and says what is to become of it; head() obeys
 * until there is a frame, something to wait for, or nothing. Every step it takes moves the
 * window on, so it ends.
 *
 *   spent slot                            pass
 *   hole                                  wait until its deadline, then give up
 *   the start of a whole frame            hand it out
 *   the start of one with a hole          wait until the hole's deadline, then give up; a whole key
 *                                         frame behind it ends the wait
 *   what cannot begin decoding            give up
 *
 * To give up means: nothing more comes out before a key frame.
 */
#include "rtp/jitter_private.h"

#include "base/annexb.h"
#include "rtp/payload.h"

/* How long the first packets may overtake each other before anything was handed out. */
#define REORDER_WAIT (30 * RILL_MS)
#define SHORT_ID_MASK 0x7f
#define LONG_ID_MASK 0x7fff

/* --- the frame that begins at a slot ---------------------------------------------------- */

enum extent {
    WHOLE,  /* end: its last packet */
    OPEN,   /* more may come; end: highest */
    HOLED,  /* end: its first hole */
    BROKEN, /* what follows is of another frame, but not its start; end: the last before */
};

struct frame {
    enum extent extent;
    int64_t end;
    size_t bytes;
    bool key;       /* what of it is there needs no other frame */
    unsigned parts; /* H.264: of all its packets, up to there */
};

/* RFC 7741 §4.5.1: "A frame is complete if the frame has no missing sequence numbers, the first
 * packet in the frame contains S=1 with partId=0 and the last packet in the frame has the marker
 * bit set." The start of another one ends it too: nothing is missing in between. */
static struct frame until(struct frame f, enum extent extent, int64_t end)
{
    f.extent = extent;
    f.end = end;
    return f;
}

static struct frame scan(const struct rill_rtp_jitter *j, int64_t from)
{
    struct frame f = {.extent = OPEN, .end = j->highest};
    const struct rill_rtp_slot *first = rill_rtp_jitter_slot(j, from);
    for (int64_t seq = from; seq <= j->highest; seq++) {
        const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, seq);
        if (s->state == RILL_SLOT_HOLE)
            return until(f, HOLED, seq);
        if (s->state == RILL_SLOT_SPENT)
            continue;
        if (s->timestamp != first->timestamp || s->codec != first->codec)
            return until(f, s->start ? WHOLE : BROKEN, seq - 1);
        f.bytes += s->adds;
        f.parts |= s->parts;
        f.key = f.key || s->keyframe || rill_annexb_are_key(f.parts);
        if (s->marker)
            return until(f, WHOLE, seq);
    }
    return f;
}

static bool fits(const struct rill_rtp_jitter *j, const struct frame *f)
{
    return f->bytes <= j->config.frame_bytes;
}

static bool is_start(const struct rill_rtp_slot *s)
{
    return s->state == RILL_SLOT_PACKET && s->start;
}

/* Parameter sets and the like tell of what follows them only that it may be one. */
static bool may_be_key(const struct rill_rtp_slot *s)
{
    bool before_slices = s->codec == RILL_CODEC_H264 && !(s->parts & RILL_ANNEXB_SLICE);
    return s->keyframe || before_slices;
}

/* What is missing before it may be parameter sets of its own. */
static bool may_be_cut(const struct rill_rtp_jitter *j, int64_t seq)
{
    const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, seq);
    return s->codec == RILL_CODEC_H264 && !(s->parts & RILL_ANNEXB_SPS) && seq > j->next &&
           rill_rtp_jitter_slot(j, seq - 1)->state == RILL_SLOT_HOLE;
}

/* The first whole key frame in the window, or -1. */
static int64_t find_whole_key(const struct rill_rtp_jitter *j)
{
    for (int64_t seq = j->next; seq <= j->highest; seq++) {
        const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, seq);
        if (!is_start(s) || !may_be_key(s))
            continue;
        struct frame f = scan(j, seq);
        if (f.extent == WHOLE && f.key && fits(j, &f) && !may_be_cut(j, seq))
            return seq;
        seq = f.end;
    }
    return -1;
}

/* --- picture ids: asked only while not waiting for a key frame, so there is a last frame -- */

/* RFC 7741 §4.2: the picture id "MUST increase by 1 for each subsequent frame". True when s
 * says that frames between the last one out and it are missing. Frames of higher temporal
 * layers may be left out on the way, so layered streams are not judged. */
static bool has_picture_gap(const struct rill_rtp_jitter *j, const struct rill_rtp_slot *s)
{
    const struct rill_rtp_slot *last = &j->last;
    if (!s->has_picture_id || !last->has_picture_id || s->layered ||
        s->long_picture_id != last->long_picture_id)
        return false;
    unsigned mask = s->long_picture_id ? LONG_ID_MASK : SHORT_ID_MASK;
    unsigned missing = ((unsigned)s->picture_id - last->picture_id - 1) & mask;
    return missing != 0 && missing <= mask / 2;
}

static bool follows_last(const struct rill_rtp_jitter *j, const struct rill_rtp_slot *s,
                         int64_t holes)
{
    const struct rill_rtp_slot *last = &j->last;
    if (!s->has_picture_id || !last->has_picture_id ||
        s->long_picture_id != last->long_picture_id || s->codec != last->codec)
        return false;
    unsigned mask = s->long_picture_id ? LONG_ID_MASK : SHORT_ID_MASK;
    /* So many lost packets could be a whole turn of the ids. */
    if (holes > (int64_t)mask / 2)
        return false;
    return (((unsigned)s->picture_id - last->picture_id) & mask) == 1;
}

/* When the frame behind a hole follows the one before it by its picture id, only padding was
 * lost: the hole is closed. */
static bool close_padding_hole(struct rill_rtp_jitter *j)
{
    int64_t seq = j->next;
    while (seq <= j->highest && rill_rtp_jitter_slot(j, seq)->state != RILL_SLOT_PACKET)
        seq++;
    const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, seq);
    if (seq > j->highest || !s->start || !follows_last(j, s, seq - j->next))
        return false;
    while (j->next < seq)
        rill_rtp_jitter_drop(j, RILL_RTP_JITTER_OVERDUE);
    return true;
}

/* --- the first slot --------------------------------------------------------------------- */

enum verdict {
    PASS,
    GIVE_UP,
    WAIT, /* until f->deadline */
    HOLD, /* until more packets come */
    HAND_OUT,
};

static enum verdict give_up(struct rill_rtp_jitter_head *h, enum rill_rtp_jitter_why why)
{
    h->why = why;
    return GIVE_UP;
}

static enum verdict wait_until(int64_t now, int64_t deadline, struct rill_rtp_jitter_head *h,
                               enum rill_rtp_jitter_why why)
{
    h->deadline = deadline;
    return now < deadline ? WAIT : give_up(h, why);
}

/* Nothing came out yet, or what did is broken: this is no beginning. */
static enum verdict give_up_beginning(const struct rill_rtp_jitter *j, int64_t now,
                                      const struct rill_rtp_slot *s, struct rill_rtp_jitter_head *h)
{
    enum rill_rtp_jitter_why why = s->start ? RILL_RTP_JITTER_NEEDS_KEY : RILL_RTP_JITTER_OVERDUE;
    return j->settled ? give_up(h, why) : wait_until(now, s->time + REORDER_WAIT, h, why);
}

static enum verdict judge_start(const struct rill_rtp_jitter *j, int64_t now,
                                struct rill_rtp_jitter_head *h)
{
    const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, j->next);
    struct frame f = scan(j, j->next);
    bool is_known = f.extent == WHOLE || f.parts & RILL_ANNEXB_SLICE;
    if (j->waiting_key && !f.key && is_known)
        return give_up_beginning(j, now, s, h);
    switch (f.extent) {
    case HOLED:
        return wait_until(now, rill_rtp_jitter_slot(j, f.end)->time + j->config.wait, h,
                          RILL_RTP_JITTER_OVERDUE);
    case OPEN:
        return fits(j, &f) ? HOLD : give_up(h, RILL_RTP_JITTER_TOO_LONG);
    case BROKEN:
        return give_up(h, RILL_RTP_JITTER_OVERDUE);
    default:
        break;
    }
    if (!fits(j, &f))
        return give_up(h, RILL_RTP_JITTER_TOO_LONG);
    /* No picture of one codec is made from one of another. */
    bool other = !j->waiting_key && s->codec != j->last.codec && !f.key;
    if (other || (!f.key && has_picture_gap(j, s)))
        return give_up(h, RILL_RTP_JITTER_NEEDS_KEY);
    h->end = f.end;
    return HAND_OUT;
}

static enum verdict judge(struct rill_rtp_jitter *j, int64_t now, struct rill_rtp_jitter_head *h)
{
    const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, j->next);
    if (j->next > j->highest)
        return HOLD;
    if (s->state == RILL_SLOT_SPENT)
        return PASS;
    if (s->state == RILL_SLOT_HOLE)
        return wait_until(now, s->time + j->config.wait, h, RILL_RTP_JITTER_OVERDUE);
    if (!s->start || (j->waiting_key && !may_be_key(s)))
        return give_up_beginning(j, now, s, h);
    return judge_start(j, now, h);
}

/* What is first has to wait: is there a way around it? missed: since when it waits. */
static bool step_over(struct rill_rtp_jitter *j, int64_t now, int64_t missed)
{
    if (!j->waiting_key && rill_rtp_jitter_slot(j, j->next)->state == RILL_SLOT_HOLE &&
        close_padding_hole(j))
        return true;
    /* What is missing may only have been overtaken. */
    if (!j->waiting_key && now - missed < REORDER_WAIT)
        return false;
    /* Nothing before a whole key frame can be decoded any more, or is worth waiting for: it needs
     * none of it. */
    int64_t key = find_whole_key(j);
    if (key < 0)
        return false;
    while (j->next < key)
        rill_rtp_jitter_drop(j, RILL_RTP_JITTER_NEEDS_KEY);
    return true;
}

struct rill_rtp_jitter_head rill_rtp_jitter_video_head(struct rill_rtp_jitter *j, int64_t now)
{
    struct rill_rtp_jitter_head h = {.kind = RILL_HEAD_NOTHING};
    for (;;) {
        switch (judge(j, now, &h)) {
        case PASS:
            rill_rtp_jitter_pass(j);
            continue;
        case GIVE_UP:
            j->waiting_key = true;
            rill_rtp_jitter_drop(j, h.why);
            continue;
        case WAIT:
            if (step_over(j, now, h.deadline - j->config.wait))
                continue;
            h.kind = RILL_HEAD_WAITS;
            return h;
        case HOLD:
            return h;
        case HAND_OUT:
            h.kind = RILL_HEAD_FRAME;
            return h;
        }
    }
}

void rill_rtp_jitter_video_take(struct rill_rtp_jitter *j, int64_t end, struct rill_frame *out)
{
    const struct rill_rtp_slot *first = rill_rtp_jitter_slot(j, j->next);
    struct rill_rtp_joiner joiner = {
        .codec = first->codec,
        .w = rill_writer_of(
            (struct rill_span){j->frame, j->config.frame_bytes + RILL_VP9_LAYERS_SIZE}),
    };
    j->last = *first;
    *out = (struct rill_frame){
        .kind = RILL_VIDEO,
        .codec = first->codec,
        .rtp_time = first->timestamp,
        .time = first->time,
        .keyframe = first->keyframe,
        .began = first->time,
    };
    size_t packets = 0;
    unsigned parts = 0;
    for (; j->next <= end; rill_rtp_jitter_pass(j)) {
        const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, j->next);
        struct rill_view piece = rill_rtp_jitter_bytes(j, j->next);
        if (s->state != RILL_SLOT_PACKET)
            continue;
        if (s->layer)
            rill_rtp_join_layer(&joiner);
        rill_rtp_join(&joiner, piece);
        parts |= s->parts;
        out->keyframe = out->keyframe || s->keyframe || rill_annexb_are_key(parts);
        out->time = s->time > out->time ? s->time : out->time;
        out->began = s->time < out->began ? s->time : out->began;
        packets++;
    }
    if (packets > 1) {
        j->stats.assembled++;
        j->stats.assembly += out->time - out->began;
    }
    out->index = rill_rtp_join_end(&joiner);
    out->bytes = rill_w_view(&joiner.w);
    if (out->keyframe) {
        rill_rtp_frame_size(out->codec, out->bytes, &out->width, &out->height);
        j->stats.keyframes++;
    }
    j->waiting_key = false;
}
