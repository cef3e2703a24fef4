/* sim/bottleneck: the narrow place on a path, which several calls and other traffic may share.
 *
 * The idea: a first-in-first-out queue that drops at its tail needs no events. What its capacity
 * will be is known beforehand, so the moment at which a datagram has left is known when it comes:
 * the capacity's sum from the moment on at which the one before it has left. Those who share it
 * must come in the order of time. */
#ifndef RILL_SIM_BOTTLENECK_H
#define RILL_SIM_BOTTLENECK_H

#include "base/clock.h"

#include <stddef.h>
#include <stdint.h>

/* From this time on so many bits a second. */
struct rill_sim_capacity {
    int64_t at;
    uint64_t bps;
};

struct rill_sim_bottleneck {
    const struct rill_sim_capacity *steps; /* in order, the first at 0 */
    size_t n;
    int64_t depth; /* what it holds when it is full, in time at the capacity of that moment */
    int64_t busy_until;
    uint64_t passed, dropped; /* datagrams */
    /* Hears of each; left RILL_NEVER: dropped. May be NULL. */
    void (*seen)(void *ctx, int who, int64_t came, int64_t left, size_t bytes);
    void *ctx;
};

uint64_t rill_sim_bottleneck_bps(const struct rill_sim_bottleneck *b, int64_t at);
/* When it has left, RILL_NEVER when it was dropped. bytes: with all its headers. */
int64_t rill_sim_bottleneck_pass(struct rill_sim_bottleneck *b, int who, int64_t now, size_t bytes);

#endif
