/* media/lipsync: sound and pictures that belong together are heard and seen together (RFC 3550
 * §6.4.1: sender reports give both one clock, which media/sync keeps).
 *
 * The idea: how long after its time on that clock a thing is presented is its lag. Sound has one,
 * which its buffer makes; pictures have one, which the network and the decoder make. Whoever could
 * be earlier waits: a picture until the sound that belongs to it, the sound's buffer for as long as
 * pictures take. What is alone waits for nobody. */
#ifndef RILL_MEDIA_LIPSYNC_H
#define RILL_MEDIA_LIPSYNC_H

#include "base/clock.h"

#include <stdbool.h>

/* Of the streams of one msid. Zero it to begin. */
struct rill_lipsync {
    bool heard, seen;
    int64_t heard_at, seen_at;      /* when either was there last */
    int64_t sound_lag, picture_lag; /* µs */
};

/* Sound of this time is played at `played_at`; times are of one clock. */
void rill_lipsync_heard(struct rill_lipsync *y, int64_t now, int64_t played_at, int64_t time);
/* A picture of this time could be shown now. */
void rill_lipsync_seen(struct rill_lipsync *y, int64_t now, int64_t time);
/* When it is to be shown, as it looks now; ask again as long as that lies ahead. */
int64_t rill_lipsync_due(const struct rill_lipsync *y, int64_t now, int64_t time);
/* How much longer the sound has to wait for its pictures; negative: it waits too long. */
int64_t rill_lipsync_wait(const struct rill_lipsync *y, int64_t now);

#endif
