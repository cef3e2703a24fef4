/* sim/turn_server: a STUN and TURN server on the simulated network, for any number of clients.
 *
 * The idea: it owns sockets of one endpoint: its own, and one for each allocation. It keeps what
 * RFC 8656 makes it keep (allocations, permissions, channels, their lifetimes) and nothing more;
 * what a real one does is proven with coturn, and one that misbehaves is in tests/turn/world.h. */
#ifndef RILL_SIM_TURN_SERVER_H
#define RILL_SIM_TURN_SERVER_H

#include "tests/sim/net.h"

#define RILL_SIM_ALLOCATIONS 16
#define RILL_SIM_PERMITS 32

struct rill_sim_allocation {
    bool used;
    struct rill_addr client;
    uint8_t txid[12]; /* of the request that made it */
    uint32_t socket;
    struct rill_addr relayed;
    int64_t until;
    struct {
        struct rill_addr peer;
        int64_t until;
        uint16_t channel; /* 0: none */
        int64_t channel_until;
    } permits[RILL_SIM_PERMITS];
    size_t n_permits;
};

struct rill_sim_turn_server {
    struct rill_sim *net;
    int endpoint;
    uint32_t socket;
    struct rill_addr addr;
    bool stun, turn; /* what it answers */
    struct rill_sim_allocation allocations[RILL_SIM_ALLOCATIONS];
    uint64_t relayed; /* datagrams, both ways */
};

/* At this address, of an endpoint that is the server's alone. Credentials: "user", "pass". */
void rill_sim_turn_server_init(struct rill_sim_turn_server *s, struct rill_sim *net, int endpoint,
                               const struct rill_addr *addr);
/* A datagram for its endpoint. */
void rill_sim_turn_server_take(struct rill_sim_turn_server *s, int64_t now,
                               const struct rill_sim_datagram *d);
/* It forgets everything, as one that starts anew. */
void rill_sim_turn_server_restart(struct rill_sim_turn_server *s);

#endif
