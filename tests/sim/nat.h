/* sim/nat: network address translators in virtual time, in the words of RFC 4787.
 *
 * The idea: a realm is a network in which addresses mean something; 0 is the internet. A NAT joins
 * two: what leaves the inner realm gets a mapping in the outer one, and what comes for a mapping
 * is filtered. NATs behind NATs, and several hosts behind one, are then no special case. */
#ifndef RILL_SIM_NAT_H
#define RILL_SIM_NAT_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/rng.h"

#define RILL_SIM_MAPPINGS 256
#define RILL_SIM_MAPPING_PEERS 16

/* RFC 4787 §4.1 and §5: what a mapping, and a filter, depends on. */
enum rill_sim_depends {
    RILL_SIM_ENDPOINT_INDEPENDENT,
    RILL_SIM_ADDRESS_DEPENDENT,
    RILL_SIM_ADDRESS_AND_PORT_DEPENDENT,
};

struct rill_sim_mapping {
    bool used;
    struct rill_addr inside, outside;
    struct rill_addr first; /* whom it was made for */
    int64_t sent_at;        /* RFC 4787 §4.3 REQ-6: "outbound refresh" alone keeps it */
    struct rill_addr peers[RILL_SIM_MAPPING_PEERS];
    size_t n_peers; /* ever; the newest 16 are kept */
};

struct rill_sim_nat {
    int inside, outside;       /* realms */
    struct rill_addr external; /* its address in the outer one */
    enum rill_sim_depends mapping, filtering;
    bool preserve; /* the port, when it is free (§4.2.1) */
    bool hairpin;  /* §6 */
    bool blocked;  /* nothing passes */
    int64_t timeout;
    struct rill_sim_mapping mappings[RILL_SIM_MAPPINGS];
};

/* The mapping for a datagram from inside, made or refreshed. */
const struct rill_sim_mapping *rill_sim_nat_out(struct rill_sim_nat *n, int64_t now,
                                                struct rill_rng *rng, const struct rill_addr *from,
                                                const struct rill_addr *to);
/* The mapping that has this outer address; NULL: there is none. It may still be filtered. */
const struct rill_sim_mapping *rill_sim_nat_in(const struct rill_sim_nat *n, int64_t now,
                                               const struct rill_addr *to);
bool rill_sim_nat_admits(const struct rill_sim_nat *n, const struct rill_sim_mapping *m,
                         int64_t now, const struct rill_addr *from);

#endif
