/* solo_fixture: the agent that most files of tests about one agent have: a new one for each test.
 */
#ifndef RILL_TESTS_ICE_SOLO_FIXTURE_H
#define RILL_TESTS_ICE_SOLO_FIXTURE_H

#include "tests/ice/solo.h"

/* A host candidate of the peer, as signaling brings it. */
#define SOLO_LINE(foundation, ip, port)                                                            \
    "candidate:" foundation " 1 udp 2130706431 " ip " " port " typ host"

static struct solo s;

static inline int fresh(void **state)
{
    (void)state;
    solo_init(&s, (struct rill_ice_config){0});
    return 0;
}

/* It knows of a peer, whose checks it expects. */
static inline int started(void **state)
{
    fresh(state);
    solo_start(&s);
    return 0;
}

static inline int gone(void **state)
{
    (void)state;
    solo_free(&s);
    return 0;
}

static inline void with_config(struct rill_ice_config config)
{
    solo_free(&s);
    solo_init(&s, config);
}

static inline void one_candidate(void)
{
    assert_int_equal(solo_remote(&s, SOLO_LINE("1", "192.0.2.9", "4711")), 0);
}

#endif
