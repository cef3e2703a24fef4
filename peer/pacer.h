/* peer/pacer: how many bytes may go out now.
 *
 * The idea: a picture is a burst of packets, and a key frame a long one; sent at once it
 * overruns the first narrow queue on its way. So time is cut into ticks of 5 ms with a
 * number of bytes each: by the rate the path is thought to have, and without one, so that
 * ten packets go. A long queue gets more, so that it is empty in bounded time. A burst may be
 * faster than the path, the mean may not: what went beyond it, sound and repairs too, is a debt,
 * and with a large one nothing goes before it is paid. Encoders do not keep to a mean so exactly;
 * but when it has just fallen a queue stands on the path, and drains only by what is not sent.
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
/* The path's time that a burst may be ahead of the mean: a key frame, and a little. */
#define RILL_PEER_PACER_AHEAD (250 * RILL_MS)
/* The mean that is allowed, of the path's rate, in percent: at most times; and strictly, when the
 * rate has fallen below so much of what it was, for so long. */
#define RILL_PEER_PACER_MEAN 125
#define RILL_PEER_PACER_FELL 60
#define RILL_PEER_PACER_STRICT (3 * RILL_SECOND)
/* A call that comes late makes up for so many ticks. */
#define RILL_PEER_PACER_LATE 4

struct rill_peer_pacer {
    bool started;
    int64_t tick; /* when this tick began */
    int64_t left; /* bytes that may still go in it; below 0: what a packet took too much */
    uint64_t mean_bps;
    uint64_t highest, earlier; /* what the path carried in this second, and in the one before */
    int64_t second;
    int64_t strict_until;
    int64_t debt; /* bytes that went beyond the mean */
};

/* Whether one more packet may go; queued: how many wait, this one included. rate_bps: of the path,
 * 0 when there is no telling; packets go twice as fast, since an encoder's pictures are not
 * even, and the mean is the encoder's to keep. (At 2.5 times, libwebrtc's factor, a queue that
 * stands when a path has shrunk takes half a second longer to drain; at 1.5 times pictures come
 * later.) */
bool rill_peer_pacer_may_send(struct rill_peer_pacer *p, int64_t now, size_t queued,
                              uint64_t rate_bps);
void rill_peer_pacer_sent(struct rill_peer_pacer *p, size_t bytes);
/* What the path carries, repairs and sound included; 0: there is no telling. */
void rill_peer_pacer_mean(struct rill_peer_pacer *p, int64_t now, uint64_t bps);
/* It went without being asked. */
void rill_peer_pacer_passed(struct rill_peer_pacer *p, size_t bytes);
/* When the next one may go. */
int64_t rill_peer_pacer_deadline(const struct rill_peer_pacer *p);

#endif
