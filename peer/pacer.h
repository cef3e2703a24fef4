/* peer/pacer: how many packets may go out now.
 *
 * The idea: a picture is a burst of packets, and a key frame a long one; sent at once it
 * overruns the first narrow queue on its way. So time is cut into ticks of 5 ms with a
 * number of packets each; a long queue gets more, so that it is empty after 100 ms.
 */
#ifndef RILL_PEER_PACER_H
#define RILL_PEER_PACER_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

#define RILL_PEER_PACER_TICK (5 * RILL_MS)
#define RILL_PEER_PACER_BURST 10
#define RILL_PEER_PACER_TICKS 20 /* in which a queue of any length is sent */

struct rill_peer_pacer {
    bool started;
    int64_t tick; /* when this tick began */
    size_t left;  /* packets that may still go in it */
};

/* Whether one more packet may go; queued: how many wait, this one included. */
bool rill_peer_pacer_may_send(struct rill_peer_pacer *p, int64_t now, size_t queued);
void rill_peer_pacer_sent(struct rill_peer_pacer *p);
/* When the next one may go. */
int64_t rill_peer_pacer_deadline(const struct rill_peer_pacer *p);

#endif
