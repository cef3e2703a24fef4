/* media/delay: how long sound has to wait before it is played, so that hardly any packet comes too
 * late.
 *
 * The idea: of each packet it is known how much later it came than the fastest of late would have:
 * its lateness. A histogram of these, in which the past fades, tells what delay 97 in a hundred
 * keep. Packets that were held up together are one event and count once, by the first of them: a
 * single pause of the network is lived through, and not prepared for. One that is back within 5 s
 * is, until it stays away for twice as long. What is brought back by redundancy comes late by
 * nature: while there is any, it is waited for.
 *
 * The fastest is sought in the last 5 s or so, so that the sender's clock may run at its own rate.
 */
#ifndef RILL_MEDIA_DELAY_H
#define RILL_MEDIA_DELAY_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

#define RILL_DELAY_BUCKET (5 * RILL_MS)
#define RILL_DELAY_BUCKETS 200
#define RILL_DELAY_LEAST (20 * RILL_MS)
#define RILL_DELAY_MOST ((RILL_DELAY_BUCKETS + 2) * RILL_DELAY_BUCKET)

/* Zero it to begin. */
struct rill_delay {
    bool started;
    int64_t last_arrival, last_media, last_lateness; /* of the newest packet */
    /* The earliest arrival less media time: of this window, and of the one before. */
    int64_t window_ends, earliest, earliest_before;
    double share[RILL_DELAY_BUCKETS]; /* of packets, by lateness; they add up to 1 */
    unsigned counted;
    bool paused; /* the network has: then, for so long */
    int64_t pause_at, pause;
    int64_t returning, away_until;   /* one that returns, and until when it is prepared for */
    int64_t recovery, recovery_ends; /* what redundancy takes, and until when that is believed */
};

/* A packet came at `arrived`; media: its time by the sender's clock, µs from any zero. Returns its
 * lateness, µs. */
int64_t rill_delay_packet(struct rill_delay *d, int64_t arrived, int64_t media);
/* One that was lost has come, or can be made, by what came at `arrived`. */
void rill_delay_recovered(struct rill_delay *d, int64_t arrived, int64_t media);
/* The delay after the earliest arrival at which to play. */
int64_t rill_delay_target(const struct rill_delay *d, int64_t now);
/* Arrival less media time of the fastest packet. */
int64_t rill_delay_base(const struct rill_delay *d);

#endif
