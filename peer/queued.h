/* peer/queued: what waits for the pacer, told to the trace when it changes notably: how many
 * packets and bytes, and for how long the one that waited longest did, all since it was told last.
 * No more often than each 50 ms, so a burst that was over sooner is told by what it was. Where
 * nobody listens nothing is counted. */
#ifndef RILL_PEER_QUEUED_H
#define RILL_PEER_QUEUED_H

#include <stddef.h>
#include <stdint.h>

struct rill_peer;
struct rill_peer_sender;

#define RILL_PEER_QUEUED_EVERY (50 * RILL_MS)
#define RILL_PEER_QUEUED_STEP (5 * RILL_MS) /* a change of less is none */

struct rill_peer_queued {
    int64_t looked_at;
    size_t packets, bytes; /* the most since then; and the longest, µs */
    int64_t waited;
    int64_t waited_told;
};

/* Packets of a picture wait from now on. */
void rill_peer_queued_more(struct rill_peer *x);
/* This one is about to leave for the first time. */
void rill_peer_queued_leaves(struct rill_peer *x, int64_t now, const struct rill_peer_sender *s,
                             uint16_t seq);
void rill_peer_queued_tell(struct rill_peer *x, int64_t now);

#endif
