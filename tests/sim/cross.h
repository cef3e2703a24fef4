/* sim/cross: TCP downloads that share a bottleneck with a call.
 *
 * The idea: of TCP only what a queue feels: segments of one size, a window that opens with each
 * acknowledgement and closes with a loss (RFC 5681), or by CUBIC (RFC 9438). Whether and when a
 * segment is acknowledged is known when it enters the queue, so a flow is a ring of moments.
 * Losses are found by three later acknowledgements and repaired as with SACK (RFC 6675); when
 * nothing comes any more, by the timer (RFC 6298). */
#ifndef RILL_SIM_CROSS_H
#define RILL_SIM_CROSS_H

#include "base/rng.h"
#include "tests/sim/bottleneck.h"

#include <stdbool.h>

#define RILL_SIM_SEGMENTS 2048
#define RILL_SIM_SEGMENT_BYTES 1500

struct rill_sim_cross_options {
    int64_t begin, end;
    bool cubic;
    /* Downloads of 30 to 50 kB with pauses of 10 s in the mean between them (RFC 8868 §5.1);
     * paused: it begins with one. */
    bool brief, paused;
    int64_t delay; /* there and back, without the queue */
};

struct rill_sim_cross {
    struct rill_sim_cross_options options;
    struct rill_sim_bottleneck *bottleneck;
    int who;
    struct rill_rng_seeded generator;
    struct rill_rng rng;
    bool open;
    int64_t idle_until;
    int64_t left; /* segments not sent yet */
    double window, threshold;
    /* CUBIC */
    double window_before; /* W_max */
    int64_t epoch;
    double srtt;
    int64_t acks[RILL_SIM_SEGMENTS]; /* of those on their way, RILL_NEVER: lost */
    int64_t sent[RILL_SIM_SEGMENTS];
    size_t head, n;
    unsigned dup;  /* acknowledgements since the first of them was lost */
    int64_t again; /* to be sent again */
    int64_t fell;  /* losses of what was sent before are of the same event */
    int64_t timer;
    uint64_t delivered; /* segments */
};

void rill_sim_cross_init(struct rill_sim_cross *t, const struct rill_sim_cross_options *o,
                         struct rill_sim_bottleneck *b, int who, uint64_t seed);
int64_t rill_sim_cross_next(const struct rill_sim_cross *t);
void rill_sim_cross_step(struct rill_sim_cross *t, int64_t now);

#endif
