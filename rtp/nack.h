/* rtp/nack: which packets are missing and when to ask for them (RFC 4585 §6.2.1).
 *
 * The idea: a bounded list of gaps. Each is asked for after a short wait for reordering,
 * then once a round trip, a few times; what is too old or too much gives up and wants a
 * key frame instead.
 */
#ifndef RILL_RTP_NACK_H
#define RILL_RTP_NACK_H

#include "base/arena.h"
#include "base/clock.h"

struct rill_rtp_nack_entry {
    int64_t seq; /* unwrapped */
    int64_t next;
    uint8_t tries;
};

struct rill_rtp_nack {
    struct rill_rtp_nack_entry *entries;
    size_t cap, n;
    bool started;
    int64_t lowest, highest; /* seen */
    uint32_t odd; /* a number far behind was seen: the one after it starts anew; else > 65535 */
    bool gave_up; /* since the last rill_rtp_nack_gave_up() */
    uint64_t requested;
};

#define RILL_RTP_NACK_TRIES 10

void rill_rtp_nack_init(struct rill_rtp_nack *k, struct rill_arena *arena, size_t cap);
/* Numbers it jumped over are missing from now on. Far behind (more than cap, at least 1000) two
 * in a row start anew, as in RFC 3550 §A.1. */
void rill_rtp_nack_received(struct rill_rtp_nack *k, int64_t now, uint16_t seq);
/* Sequence numbers to ask for now, ascending; returns how many (≤ cap). rtt in µs, ≤ 0 while
 * unknown. First 10 ms after a packet was missed, then each rtt + 10 ms, 10 times at most. */
size_t rill_rtp_nack_due(struct rill_rtp_nack *k, int64_t now, int64_t rtt, uint16_t *out,
                         size_t cap);
/* Packets before seq no longer matter. */
void rill_rtp_nack_forget_before(struct rill_rtp_nack *k, uint16_t seq);
/* True once after an entry was given up or the list overflowed. */
bool rill_rtp_nack_gave_up(struct rill_rtp_nack *k);
int64_t rill_rtp_nack_deadline(const struct rill_rtp_nack *k);

#endif
