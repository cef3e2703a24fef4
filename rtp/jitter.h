/* rtp/jitter: packets in, whole frames in order out (RFC 3550 §6.4.4, RFC 7741 §4, 7587 §4.2).
 *
 * The idea: slots hold packets by sequence number, copied once. A video frame is whole when
 * its packets from the first (as its payload format tells) to the marker are all there; it comes
 * out when it is next in decoding order. A gap that is not repaired by the deadline is
 * given up: then frames are held back until a key frame (wants_keyframe). An audio packet is a
 * frame; one that is missing is skipped after its deadline. Each packet may be of another codec of
 * the same kind (RFC 3264 §6.1); pictures go over to it with a key frame.
 */
#ifndef RILL_RTP_JITTER_H
#define RILL_RTP_JITTER_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/frame.h"
#include "rtp/packet.h"

struct rill_rtp_jitter;

struct rill_rtp_jitter_config {
    enum rill_codec_id codec; /* of packets that do not say */
    size_t packets;           /* slots [video 512, audio 64] */
    size_t slot;              /* bytes of the largest payload [1460] */
    size_t frame_bytes;       /* largest video frame put together [256 KiB] */
    int64_t wait;             /* how long a gap may stay open, µs [video 500 ms, audio 60 ms] */
    /* Sound for those who have a buffer of their own: each packet comes out once, as soon as it is
     * there, in whatever order; a gap may be filled for `wait` [1 s]. */
    bool at_once;
};

size_t rill_rtp_jitter_size(const struct rill_rtp_jitter_config *config);
struct rill_rtp_jitter *rill_rtp_jitter_init(void *block,
                                             const struct rill_rtp_jitter_config *config);

/* Copies the payload. 0 taken; < 0 dropped: RILL_RTP_JITTER_LATE, _DUPLICATE, _TOO_LARGE, _FULL
 * (whole frames fill the slots: pop them), or the payload format's own row. A jump ahead of more
 * than the slots starts anew, one back does with the second packet in a row (RFC 3550 §A.1). A
 * packet without payload only fills its place in the sequence. */
int rill_rtp_jitter_insert(struct rill_rtp_jitter *j, int64_t now, const struct rill_rtp_packet *p,
                           struct rill_err *why);
/* The packet of sound with this time is missing, and would be taken: *seq is its number, the last
 * that is missing of those up to `last`. What came without payload is not it. */
bool rill_rtp_jitter_lacks(const struct rill_rtp_jitter *j, uint16_t last, uint32_t timestamp,
                           uint16_t *seq);
/* The next frame in order, whole; its bytes live until the next call on j. Call it until it is
 * false, after each insert and when the deadline passed. out->time: arrival of its last packet. */
bool rill_rtp_jitter_pop(struct rill_rtp_jitter *j, int64_t now, struct rill_frame *out);
/* How long a gap may stay open from now on, those that are open too. */
void rill_rtp_jitter_set_wait(struct rill_rtp_jitter *j, int64_t wait);
/* When a gap is given up. */
int64_t rill_rtp_jitter_deadline(const struct rill_rtp_jitter *j);
/* True while nothing can be decoded without a key frame, and none is on its way in. */
bool rill_rtp_jitter_wants_keyframe(const struct rill_rtp_jitter *j);
/* The first sequence number that still matters, for rill_rtp_nack_forget_before(). */
bool rill_rtp_jitter_oldest_needed(const struct rill_rtp_jitter *j, uint16_t *seq);

/* Of pictures: µs from capture to what comes out, as the sender wants it (playout delay): no less
 * than min while there are slots for what waits, and a gap stays open no longer than max. */
void rill_rtp_jitter_limit(struct rill_rtp_jitter *j, int64_t min, int64_t max);

/* Why a frame of which something came was not handed out. */
enum rill_rtp_jitter_why {
    RILL_RTP_JITTER_OVERDUE,    /* a packet of it did not come in time */
    RILL_RTP_JITTER_NEEDS_KEY,  /* it builds on one that is not there */
    RILL_RTP_JITTER_TOO_LONG,   /* it is larger than frame_bytes */
    RILL_RTP_JITTER_CROWDED,    /* its slots were needed for what came behind it */
    RILL_RTP_JITTER_BEGUN_ANEW, /* the source began again with other numbers */
};
struct rill_rtp_jitter_dropped {
    uint32_t rtp_time;
    enum rill_rtp_jitter_why why;
};
#define RILL_RTP_JITTER_DROPPED 16
/* Those of pictures since it was asked last, in their order, the first RILL_RTP_JITTER_DROPPED of
 * them; stats count all. */
size_t rill_rtp_jitter_dropped(struct rill_rtp_jitter *j,
                               struct rill_rtp_jitter_dropped out[RILL_RTP_JITTER_DROPPED]);

struct rill_rtp_jitter_stats {
    uint64_t packets, frames, keyframes, late, duplicates, full;
    uint64_t frames_dropped;  /* whole or in part received, but not handed out */
    uint64_t packets_skipped; /* never came */
    /* Of frames that were handed out, µs: from their first packet until then; and of those of
     * several packets, from the first to the last. */
    int64_t delay;
    int64_t target; /* and how much of that the sender asked for (rill_rtp_jitter_limit) */
    uint64_t assembled;
    int64_t assembly;
    int64_t wait,
        least; /* now, µs: how long a gap may stay open, and what pictures are held back */
};
void rill_rtp_jitter_stats(const struct rill_rtp_jitter *j, struct rill_rtp_jitter_stats *out);

#endif
