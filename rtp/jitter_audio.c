/* jitter_audio: each packet is a frame (RFC 7587 §4.2); one that is missing is waited for, then
 * skipped, and the decoder conceals it. A DTX pause has no gap in the numbers, so it is none. */
#include "rtp/jitter_private.h"

struct rill_rtp_jitter_head rill_rtp_jitter_audio_head(struct rill_rtp_jitter *j, int64_t now)
{
    while (j->next <= j->highest) {
        const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, j->next);
        if (s->state == RILL_SLOT_PACKET)
            return (struct rill_rtp_jitter_head){.kind = RILL_HEAD_FRAME, .end = j->next};
        if (s->state == RILL_SLOT_HOLE && now - s->time < j->config.wait)
            return (struct rill_rtp_jitter_head){.kind = RILL_HEAD_WAITS,
                                                 .deadline = s->time + j->config.wait};
        rill_rtp_jitter_drop(j);
    }
    return (struct rill_rtp_jitter_head){.kind = RILL_HEAD_NOTHING};
}

void rill_rtp_jitter_audio_take(struct rill_rtp_jitter *j, struct rill_frame *out)
{
    const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, j->next);
    *out = (struct rill_frame){
        .kind = RILL_AUDIO,
        .codec = j->config.codec,
        .bytes = rill_rtp_jitter_bytes(j, j->next),
        .rtp_time = s->timestamp,
        .time = s->time,
    };
    rill_rtp_jitter_pass(j);
}
