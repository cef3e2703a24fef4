/* peer/pacer: how many bytes may go out now.
 *
 * The idea: a picture is a burst of packets, and a key frame a long one; sent at once it
 * overruns the first narrow queue on its way. So time is cut into ticks of 5 ms with a
 * number of bytes each: by the rate the path is thought to have, and without one, so that
 * ten packets go. A long queue gets more, so that it is empty in bounded time.
 */
#ifndef RILL_PEER_PACER_H
#define RILL_PEER_PACER_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RILL_PEER_PACER_TICK (5 * RILL_MS)
#define RILL_PEER_PACER_PACKET 1200 /* bytes that a packet counts where only packets are known */
#define RILL_PEER_PACER_BURST 10    /* packets a tick without a rate */
/* Ticks in which a queue of any length is sent: without a rate, and with one. */
#define RILL_PEER_PACER_TICKS 20
#define RILL_PEER_PACER_TICKS_RATED 200
/* A call that comes late makes up for so many ticks. */
#define RILL_PEER_PACER_LATE 4

struct rill_peer_pacer {
    bool started;
    int64_t tick; /* when this tick began */
    int64_t left; /* bytes that may still go in it; below 0: what a packet took too much */
};

/* Whether one more packet may go; queued: how many wait, this one included. rate_bps: of the path,
 * 0 when there is no telling; packets go twice as fast, since an encoder's pictures are not
 * even, and the mean is the encoder's to keep. (At 2.5 times, libwebrtc's factor, a queue that
 * stands when a path has shrunk takes half a second longer to drain; at 1.5 times pictures come
 * later.) */
bool rill_peer_pacer_may_send(struct rill_peer_pacer *p, int64_t now, size_t queued,
                              uint64_t rate_bps);
void rill_peer_pacer_sent(struct rill_peer_pacer *p, size_t bytes);
/* When the next one may go. */
int64_t rill_peer_pacer_deadline(const struct rill_peer_pacer *p);

#endif
