/* rtp/jitter_private: the slots that jitter.c fills and the two ways of emptying them.
 *
 * The idea: a window of unwrapped sequence numbers [next, highest], at most `cap` long, over a
 * ring of slots. Each slot in it is either a packet or a hole that knows since when it is
 * missed; holes are noticed in rising order, so the first one is always the oldest.
 */
#ifndef RILL_RTP_JITTER_PRIVATE_H
#define RILL_RTP_JITTER_PRIVATE_H

#include "rtp/jitter.h"

enum rill_rtp_slot_state {
    RILL_SLOT_HOLE,   /* missing */
    RILL_SLOT_SPENT,  /* came without payload, or nothing more is wanted of it */
    RILL_SLOT_PACKET, /* holds a payload */
};

struct rill_rtp_slot {
    enum rill_rtp_slot_state state;
    int64_t time; /* arrival; of a hole: since when it is missed */
    uint32_t timestamp;
    enum rill_codec_id codec;
    uint16_t size;
    uint16_t adds; /* bytes to the frame */
    bool marker;
    bool redundant;
    bool comfort_noise;
    bool filler; /* came without payload */
    /* Of pictures: see rtp/payload.h. */
    bool start;
    bool keyframe;
    uint8_t parts;
    bool has_picture_id;
    bool long_picture_id;
    bool layered;
    bool layer;
    uint16_t picture_id;
};

struct rill_rtp_jitter {
    struct rill_rtp_jitter_config config;
    struct rill_rtp_slot *slots;
    uint8_t *bytes; /* packets × slot */
    uint8_t *frame; /* video: where a frame is put together */

    bool started;
    bool settled; /* something was handed out or dropped: the beginning is fixed */
    int64_t next;
    int64_t highest;
    uint32_t odd; /* as in struct rill_rtp_nack */
    int64_t deadline;

    int64_t delay_least, delay_most; /* rill_rtp_jitter_limit() */
    bool has_fastest;                /* a frame with this time came then, at the earliest */
    int64_t fastest;
    uint32_t fastest_timestamp;

    bool waiting_key;
    struct rill_rtp_slot last; /* first packet of the frame handed out last, for its picture id */
    bool dropping;             /* the packet dropped last was of the frame with this timestamp */
    uint32_t dropped_timestamp;

    struct rill_rtp_jitter_dropped dropped[RILL_RTP_JITTER_DROPPED]; /* not asked for yet */
    size_t n_dropped;

    struct rill_rtp_jitter_stats stats;
};

static inline struct rill_rtp_slot *rill_rtp_jitter_slot(const struct rill_rtp_jitter *j,
                                                         int64_t seq)
{
    return &j->slots[(size_t)seq % j->config.packets];
}

static inline struct rill_view rill_rtp_jitter_bytes(const struct rill_rtp_jitter *j, int64_t seq)
{
    size_t i = (size_t)seq % j->config.packets;
    return rill_view_at(j->bytes + i * j->config.slot, j->slots[i].size);
}

static inline bool rill_rtp_jitter_is_video(const struct rill_rtp_jitter *j)
{
    return rill_codec_kind(j->config.codec) == RILL_VIDEO;
}

/* Moves next past one slot, whatever it holds, and counts what is lost by it. */
void rill_rtp_jitter_drop(struct rill_rtp_jitter *j, enum rill_rtp_jitter_why why);
/* Moves next past one packet that was handed out or is not needed. */
void rill_rtp_jitter_pass(struct rill_rtp_jitter *j);

/* jitter_limits.c */
void rill_rtp_jitter_note_arrival(struct rill_rtp_jitter *j, int64_t now, uint32_t timestamp);
int64_t rill_rtp_jitter_limited_wait(const struct rill_rtp_jitter *j, int64_t wait);
int64_t rill_rtp_jitter_playout(const struct rill_rtp_jitter *j, uint32_t timestamp);

/* What is first in line. */
enum rill_rtp_head {
    RILL_HEAD_NOTHING, /* until the next packet comes */
    RILL_HEAD_WAITS,   /* for a hole, until the deadline */
    RILL_HEAD_FRAME,   /* [next, end] is a whole frame */
};

struct rill_rtp_jitter_head {
    enum rill_rtp_head kind;
    int64_t end;
    int64_t deadline;
    enum rill_rtp_jitter_why why; /* of what is given up on the way */
};

/* Clears away what can never be handed out, then says what is first. */
struct rill_rtp_jitter_head rill_rtp_jitter_video_head(struct rill_rtp_jitter *j, int64_t now);
void rill_rtp_jitter_video_take(struct rill_rtp_jitter *j, int64_t end, struct rill_frame *out);
struct rill_rtp_jitter_head rill_rtp_jitter_audio_head(struct rill_rtp_jitter *j, int64_t now);
void rill_rtp_jitter_audio_take(struct rill_rtp_jitter *j, int64_t seq, struct rill_frame *out);

#endif
