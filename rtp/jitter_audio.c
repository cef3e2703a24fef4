/* jitter_audio: each packet is a frame (RFC 7587 §4.2); one that is missing is waited for, then
 * skipped, and the decoder conceals it. A DTX pause has no gap in the numbers, so it is none.
 *
 * For those who have a buffer of their own a packet is not held back by what misses before it: a
 * slot whose packet was handed out is spent, and the window moves on over spent slots and over
 * holes that are too old. */
#include "rtp/jitter_private.h"

static bool is_old(const struct rill_rtp_jitter *j, const struct rill_rtp_slot *s, int64_t now)
{
    return now - s->time >= j->config.wait;
}

static struct rill_rtp_jitter_head waits(const struct rill_rtp_jitter *j,
                                         const struct rill_rtp_slot *s)
{
    return (struct rill_rtp_jitter_head){.kind = RILL_HEAD_WAITS,
                                         .deadline = s->time + j->config.wait};
}

static void move_on(struct rill_rtp_jitter *j, int64_t now)
{
    while (j->next <= j->highest) {
        const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, j->next);
        if (s->state == RILL_SLOT_PACKET || (s->state == RILL_SLOT_HOLE && !is_old(j, s, now)))
            return;
        rill_rtp_jitter_drop(j, RILL_RTP_JITTER_OVERDUE);
    }
}

/* What came first; of what came together, as RED brings it, the oldest. */
static struct rill_rtp_jitter_head first_come(struct rill_rtp_jitter *j, int64_t now)
{
    const struct rill_rtp_slot *first = NULL;
    struct rill_rtp_jitter_head head = {.kind = RILL_HEAD_NOTHING};
    move_on(j, now);
    for (int64_t seq = j->next; seq <= j->highest; seq++) {
        const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, seq);
        if (s->state == RILL_SLOT_HOLE && head.kind == RILL_HEAD_NOTHING)
            head = waits(j, s);
        if (s->state != RILL_SLOT_PACKET || (first && s->time >= first->time))
            continue;
        first = s;
        head = (struct rill_rtp_jitter_head){.kind = RILL_HEAD_FRAME, .end = seq};
    }
    return head;
}

struct rill_rtp_jitter_head rill_rtp_jitter_audio_head(struct rill_rtp_jitter *j, int64_t now)
{
    if (j->config.at_once)
        return first_come(j, now);
    while (j->next <= j->highest) {
        const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, j->next);
        if (s->state == RILL_SLOT_PACKET)
            return (struct rill_rtp_jitter_head){.kind = RILL_HEAD_FRAME, .end = j->next};
        if (s->state == RILL_SLOT_HOLE && !is_old(j, s, now))
            return waits(j, s);
        rill_rtp_jitter_drop(j, RILL_RTP_JITTER_OVERDUE);
    }
    return (struct rill_rtp_jitter_head){.kind = RILL_HEAD_NOTHING};
}

void rill_rtp_jitter_audio_take(struct rill_rtp_jitter *j, int64_t seq, struct rill_frame *out)
{
    struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, seq);
    *out = (struct rill_frame){
        .kind = RILL_AUDIO,
        .codec = s->codec,
        .bytes = rill_rtp_jitter_bytes(j, seq),
        .rtp_time = s->timestamp,
        .time = s->time,
        .seq = (uint16_t)seq,
        .redundant = s->redundant,
        .comfort_noise = s->comfort_noise,
        .began = s->time,
    };
    s->state = RILL_SLOT_SPENT;
    if (!j->config.at_once)
        rill_rtp_jitter_pass(j);
}
