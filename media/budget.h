/* media/budget: how tracks share what may be sent.
 *
 * The idea: sound gets what it wants first, since it is small and its gaps are heard; only where
 * that would leave nothing for pictures it makes itself smaller. Pictures share the rest evenly.
 * Headers are counted in. */
#ifndef RILL_MEDIA_BUDGET_H
#define RILL_MEDIA_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rill_budget_track {
    bool sound;
    uint64_t wants_bps; /* the most it takes */
    uint64_t gets_bps;  /* what its encoder is to aim at */
};

/* The target is of datagrams. gets_bps of each is filled in: of sound 16 kbit/s at least (or what
 * it wants), of pictures 20. */
void rill_budget_share(uint64_t target_bps, struct rill_budget_track *tracks, size_t n);
/* What all of it takes on the path when it has what it wants. */
uint64_t rill_budget_most(const struct rill_budget_track *tracks, size_t n);

#endif
