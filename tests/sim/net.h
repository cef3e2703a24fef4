/* sim/net: a network in virtual time.
 *
 * The idea: endpoints own sockets, sockets have addresses, and every datagram that is sent
 * becomes an arrival on one heap, at a time that the link's delay, jitter and reordering give
 * it; or none, when the link's loss takes it. All chance comes from one seed, and every
 * datagram that is sent is hashed with its time and addresses, so that two runs can be
 * compared byte for byte by 32 bytes.
 *
 * A link belongs to a direction between two endpoints. NATs stand between them: a datagram gets
 * its mappings when it is sent, and is filtered when it arrives, so that two that cross each other
 * on the way open the NATs for each other.
 */
#ifndef RILL_SIM_NET_H
#define RILL_SIM_NET_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/rng.h"
#include "tests/sim/bottleneck.h"
#include "tests/sim/nat.h"

#define RILL_SIM_ENDPOINTS 4
#define RILL_SIM_SOCKETS 256
#define RILL_SIM_NATS 4
#define RILL_SIM_HOPS 4 /* filters on a datagram's way */
#define RILL_SIM_IN_FLIGHT 4096
#define RILL_SIM_DATAGRAM 2048

/* Chances are per 10,000. Loss is Gilbert and Elliott's: the link is in a good or a bad state,
 * changes with these chances before each datagram, and loses by its state. */
struct rill_sim_link {
    int64_t delay;
    int64_t jitter;    /* uniform, added; alone it does not reorder */
    int64_t deviation; /* of a jitter as RFC 8868 §4.5.3 has it, six of these wide; nor does it */
    struct rill_sim_bottleneck *bottleneck; /* passed before all that; NULL: there is none */
    int who;                                /* its name there */
    uint32_t to_bad, to_good;
    uint32_t loss_good, loss_bad;
    int64_t longest;  /* a bad state lasts no longer; 0: as long as chance lets it */
    uint32_t reorder; /* this many overtake nobody and are overtaken: held back by delay_more */
    int64_t delay_more;
    uint32_t duplicate;
    size_t mtu; /* longer datagrams vanish; 0: no limit */
    bool down;  /* nothing passes */
    /* State. */
    bool bad;
    int64_t bad_since;
    int64_t last_arrival;
};

/* A filter to pass on arrival. */
struct rill_sim_hop {
    const struct rill_sim_nat *nat;
    const struct rill_sim_mapping *mapping;
    struct rill_addr from, to;
};

struct rill_sim_datagram {
    int64_t at;
    uint64_t order;  /* ties are broken by the order of sending */
    int to;          /* endpoint */
    uint32_t socket; /* of the endpoint that gets it */
    struct rill_addr from;
    struct rill_sim_hop hops[RILL_SIM_HOPS];
    size_t n_hops;
    size_t n;
    _Alignas(8) uint8_t bytes[RILL_SIM_DATAGRAM];
};

struct rill_sim_socket {
    int endpoint;
    int realm;
    bool open;
    struct rill_addr addr;
};

struct rill_sim {
    struct rill_rng_seeded generator;
    struct rill_rng rng;
    struct rill_sim_link links[RILL_SIM_ENDPOINTS][RILL_SIM_ENDPOINTS]; /* [from][to] */
    int realms[RILL_SIM_ENDPOINTS]; /* where each endpoint's sockets are bound; 0: the internet */
    struct rill_sim_nat nats[RILL_SIM_NATS];
    size_t n_nats;
    struct rill_sim_socket sockets[RILL_SIM_SOCKETS];
    uint32_t n_sockets;
    /* A heap of indices into the pool of datagrams, the soonest first. */
    struct rill_sim_datagram *pool;
    size_t heap[RILL_SIM_IN_FLIGHT];
    size_t n_heap;
    size_t free[RILL_SIM_IN_FLIGHT];
    size_t n_free;
    uint64_t order;
    uint8_t hash[32];
    uint64_t sent, lost, delivered, duplicated, too_long, filtered;
};

/* Allocates the pool; free releases it. */
void rill_sim_init(struct rill_sim *s, uint64_t seed);
void rill_sim_free(struct rill_sim *s);

/* A socket of an endpoint at this address; port 0 takes the next free one. Returns its id. */
uint32_t rill_sim_bind(struct rill_sim *s, int endpoint, const struct rill_addr *addr,
                       struct rill_addr *bound);
void rill_sim_unbind(struct rill_sim *s, uint32_t socket);

/* A NAT of this kind between two realms; the rest of `kind` is filled in. */
struct rill_sim_nat *rill_sim_nat_add(struct rill_sim *s, int inside, int outside,
                                      const struct rill_addr *external,
                                      const struct rill_sim_nat *kind);

/* Sends from a socket; to an address that nobody has, the datagram vanishes. */
void rill_sim_send(struct rill_sim *s, int64_t now, uint32_t socket, const struct rill_addr *to,
                   struct rill_view bytes);
/* From an address that need not be the sender's own: an attacker's datagram, delivered after
 * `delay` to whoever has `to`. */
void rill_sim_forge(struct rill_sim *s, int64_t now, int64_t delay, const struct rill_addr *from,
                    const struct rill_addr *to, struct rill_view bytes);

/* When the next datagram arrives, or RILL_NEVER. */
int64_t rill_sim_next(const struct rill_sim *s);
/* The datagram that arrives at or before now, copied; false when there is none. */
bool rill_sim_receive(struct rill_sim *s, int64_t now, struct rill_sim_datagram *out);

#endif
