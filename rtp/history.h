/* rtp/history: what was sent, kept for retransmission (RFC 4585 §6.2.1, DESIGN §4).
 *
 * The idea: one ring of packets in plain text, exactly as they went to SRTP; the pacer
 * sends from it and a NACK sends the very same bytes again.
 */
#ifndef RILL_RTP_HISTORY_H
#define RILL_RTP_HISTORY_H

#include "base/arena.h"
#include "base/clock.h"

struct rill_rtp_history {
    size_t cap;
    uint16_t *sizes;
    uint16_t *seqs;
    int64_t *sent;   /* last time it went out; 0: never */
    int64_t *queued; /* when it was written */
    uint8_t *resends;
    uint8_t *bytes; /* cap × slot */
    size_t slot;
    uint64_t stored;
    bool started;
    int64_t newest; /* the last number reserved, unwrapped */
};

#define RILL_RTP_HISTORY_RESENDS 10

/* Takes its memory from the arena (also when counting). slot: bytes of the largest packet. */
void rill_rtp_history_init(struct rill_rtp_history *h, struct rill_arena *arena, size_t cap,
                           size_t slot);
/* Where packet seq is to be written; the oldest in its place is forgotten. */
struct rill_span rill_rtp_history_reserve(struct rill_rtp_history *h, uint16_t seq);
void rill_rtp_history_commit(struct rill_rtp_history *h, uint16_t seq, size_t n);
/* Empty when it is not kept. */
struct rill_view rill_rtp_history_get(const struct rill_rtp_history *h, uint16_t seq);
/* The same, to write what is known only when the packet leaves; never after it has left. */
struct rill_span rill_rtp_history_edit(struct rill_rtp_history *h, uint16_t seq);
/* When it began to wait, told after it was committed; and how long it has waited since, µs. */
void rill_rtp_history_mark_queued(struct rill_rtp_history *h, uint16_t seq, int64_t now);
int64_t rill_rtp_history_waited(const struct rill_rtp_history *h, uint16_t seq, int64_t now);
void rill_rtp_history_mark_sent(struct rill_rtp_history *h, uint16_t seq, int64_t now);
/* A NACKed packet may go again: kept, not resent within `gap` µs, at most 10 times. Counts it,
 * and takes now as the time it was sent. */
bool rill_rtp_history_may_resend(struct rill_rtp_history *h, uint16_t seq, int64_t now,
                                 int64_t gap);

#endif
