/* loop: a reactor under test, and waiting for what it should say. */
#ifndef RILL_TEST_REACTOR_LOOP_H
#define RILL_TEST_REACTOR_LOOP_H

#include "reactor/reactor.h"
#include "tests/rill_test.h"

#define PATIENCE (5 * RILL_SECOND)

static inline struct rill_addr loopback(void)
{
    return rill_addr_ip4(127, 0, 0, 1, 0);
}

static inline struct rill_addr loopback6(void)
{
    struct rill_addr a;
    assert_true(rill_addr_parse(rill_view_of("[::1]:0"), &a));
    return a;
}

/* A machine may be without IPv6. */
static inline bool has_ip6(void)
{
    struct rill_reactor *r = rill_reactor_new(1);
    struct rill_addr a = loopback6();
    uint32_t id;
    bool has = rill_reactor_udp(r, &a, &id, NULL, NULL) == 0;
    rill_reactor_free(r);
    return has;
}

static inline struct rill_reactor_event next_event(struct rill_reactor *r)
{
    struct rill_reactor_event e;
    rill_reactor_next(r, rill_posix_now() + PATIENCE, &e);
    return e;
}

/* The very next event, which must be of this type. */
static inline struct rill_reactor_event expect(struct rill_reactor *r,
                                               enum rill_reactor_event_type type)
{
    struct rill_reactor_event e = next_event(r);
    assert_int_equal(e.type, type);
    return e;
}

/* Nothing comes within a time that loopback needs many times over. */
static inline void expect_nothing(struct rill_reactor *r)
{
    struct rill_reactor_event e;
    rill_reactor_next(r, rill_posix_now() + 30 * RILL_MS, &e);
    assert_int_equal(e.type, RILL_REACTOR_NOTHING);
}

#endif
