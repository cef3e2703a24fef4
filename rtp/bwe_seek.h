/* rtp/bwe_seek: when more than the target is worth asking for.
 *
 * The idea: a path is asked at the beginning, at three and six times the rate a call begins with,
 * and again where too much of that was lost to say anything; at twice of what it had when it had
 * all; while the source gives so little that its own packets could not tell, every 5 s; and after a
 * fall, once nothing waits on the path, whether what was there before is back. Never beyond what
 * the app could use. A source that gives all it may is else left to its controller: a burst finds
 * what a path carries, but not whose it is, and calls that share one would take it from each other.
 * So a try after a fall asks for three times the rate at most, two bursts have to find the same,
 * and one that brought another fall was the last.
 */
#ifndef RILL_RTP_BWE_SEEK_H
#define RILL_RTP_BWE_SEEK_H

#include "rtp/probe.h"

struct rill_bwe_seek {
    struct rill_probe probe;
    uint64_t start_bps;
    unsigned begun; /* so often the beginning was asked */
    bool has_found;
    uint64_t most_bps; /* what the app could use */
    int64_t asked;     /* the last time */
    /* Is the source the limit? Of the current half second; and since when. */
    int64_t window;
    uint64_t window_bytes;
    bool little;
    int64_t little_since, little_for; /* for: before it is asked what a fall has left */
    /* The highest target of late, and what it was before it fell. */
    uint64_t peak, before;
    int64_t peak_at, fell;
    unsigned tries;
    /* One that is under way since `tried`; what its first cluster found; when one was believed. */
    bool trying;
    int64_t tried;
    uint64_t first_bps;
    int64_t won;
};

void rill_bwe_seek_init(struct rill_bwe_seek *s, int64_t now, uint64_t start_bps,
                        uint64_t most_bps);
/* A packet leaves. */
void rill_bwe_seek_sent(struct rill_bwe_seek *s, int64_t now, size_t bytes, uint64_t target_bps);
/* Once a feedback, behind the controller: is there something to ask? quiet: nothing waits on the
 * path. */
void rill_bwe_seek_update(struct rill_bwe_seek *s, int64_t now, uint64_t target_bps, bool quiet);
/* What a cluster has found: false while it needs another one to be believed, else *found is what
 * counts. */
bool rill_bwe_seek_believes(struct rill_bwe_seek *s, int64_t now, struct rill_probe_found *found,
                            uint64_t target_bps);
/* It is now the target. */
void rill_bwe_seek_found(struct rill_bwe_seek *s, int64_t now, const struct rill_probe_found *found,
                         uint64_t target_bps);

#endif
