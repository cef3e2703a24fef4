/* stun/nat_private: the tests of a NAT and how far each is: nat.c asks, nat_result.c judges. */
#ifndef RILL_STUN_NAT_PRIVATE_H
#define RILL_STUN_NAT_PRIVATE_H

#include "stun/nat.h"
#include "stun/txn.h"

enum rill_nat_test {
    RILL_NAT_MAPPING_1,
    RILL_NAT_FILTERING_1,
    RILL_NAT_HAIRPIN_1,
    RILL_NAT_MAPPING_2,
    RILL_NAT_FILTERING_2,
    RILL_NAT_HAIRPIN,
    RILL_NAT_MAPPING_3,
    RILL_NAT_FILTERING_3,
    RILL_NAT_FRAGMENTS,
    RILL_NAT_LIFETIME_1,
    RILL_NAT_LIFETIME,
    RILL_NAT_TESTS,
};

struct rill_nat_test_row {
    const char *name;
    uint8_t socket;
    uint8_t change; /* flags of CHANGE-REQUEST */
};
extern const struct rill_nat_test_row rill_nat_tests[RILL_NAT_TESTS];

enum rill_nat_state {
    RILL_NAT_IDLE,
    RILL_NAT_QUEUED,
    RILL_NAT_ASKING,
    RILL_NAT_ANSWERED,
    RILL_NAT_SILENT,
    RILL_NAT_REFUSED,
};

struct rill_nat_probe {
    enum rill_nat_state state;
    struct rill_stun_txn txn;
    uint8_t txid[RILL_STUN_TXID];
    struct rill_addr to;
    uint16_t response_port;
    int64_t sent_at, rtt;
    struct rill_addr from, mapped;
    uint32_t came_to; /* socket */
    unsigned error;
};

struct rill_nat {
    struct rill_nat_config config;
    int64_t now, next_new;
    struct rill_nat_probe probes[RILL_NAT_TESTS];
    struct rill_addr origin, other;
    bool origin_differs;
    int64_t lifetime_at;   /* when the binding is asked for; RILL_NEVER */
    int64_t lifetime_wait; /* how long it is left alone this time */
    int64_t lifetime_least, lifetime_most;
    bool lifetime_over;
};

static inline bool rill_nat_is(const struct rill_nat *x, enum rill_nat_test t,
                               enum rill_nat_state s)
{
    return x->probes[t].state == s;
}

/* Our own address is not what the server sees. */
enum rill_nat_fact rill_nat_natted(const struct rill_nat *x);
bool rill_nat_same_mapping(const struct rill_nat *x, enum rill_nat_test a, enum rill_nat_test b);

#endif
