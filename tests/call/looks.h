/* looks: what several files of tests want to know of a call. */
#ifndef RILL_TESTS_CALL_LOOKS_H
#define RILL_TESTS_CALL_LOOKS_H

#include "tests/rill_test.h"

#include "tests/sim/call.h"

static inline struct rill_peer_stats stats_of(const struct rill_sim_call *c, int side)
{
    struct rill_peer_stats stats;
    rill_peer_stats(c->sides[side].peer, &stats);
    return stats;
}

/* Both ways, to the last frame that was sent. */
static inline void assert_media_arrived(const struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].video.wrong_bytes, 0);
        assert_int_equal(c->sides[i].video.last_index + 1, c->sides[1 - i].video.n_sent);
        assert_int_equal(c->sides[i].audio.last_index + 1, c->sides[1 - i].audio.n_sent);
        assert_true(c->sides[i].video.received > 20);
    }
}

#endif
