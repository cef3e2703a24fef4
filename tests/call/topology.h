/* topology: a network of NATs drawn from a seed, and whether it lets two hosts speak.
 *
 * Endpoints: two hosts and a server. What must connect is told from the kinds of the NATs alone
 * (RFC 4787), so that the agents are not judged by themselves. */
#ifndef RILL_TESTS_CALL_TOPOLOGY_H
#define RILL_TESTS_CALL_TOPOLOGY_H

#include "tests/sim/turn_server.h"

#include <stdio.h>

enum { SERVER = 2 };
#define SERVER_IP 198, 51, 100, 1
#define INTERFACES 2

/* The strictest of the NATs that stand before a host. */
struct before {
    size_t n;
    enum rill_sim_depends mapping, filtering;
};

struct topology {
    bool one_realm; /* both hosts have one network */
    bool carrier;   /* both are behind it, each behind a NAT of its own */
    bool carrier_hairpins;
    struct before before[2];
    bool stun;
    bool turn[2];   /* the host knows the server as TURN server */
    bool preserves; /* by luck, more may connect than must */
    size_t interfaces[2];
    struct rill_addr addresses[2][INTERFACES];
    char says[160];
};

static inline bool one_in(const struct rill_rng *rng, uint32_t n)
{
    return rill_rng_below(rng, n) == 0;
}

static inline struct rill_sim_link topology_link(const struct rill_rng *rng)
{
    struct rill_sim_link l = {
        .delay = (5 + rill_rng_below(rng, 145)) * RILL_MS,
        .jitter = 1 + rill_rng_below(rng, 20) * RILL_MS,
        .reorder = rill_rng_below(rng, 300),
        .delay_more = rill_rng_below(rng, 30) * RILL_MS,
        .duplicate = rill_rng_below(rng, 200),
    };
    /* Every other link loses up to a tenth, in bursts of three or 300 ms. */
    if (one_in(rng, 2)) {
        l.to_bad = rill_rng_below(rng, 370);
        l.to_good = 3300;
        l.loss_bad = 10000;
        l.longest = 300 * RILL_MS;
    }
    return l;
}

static inline struct rill_sim_nat topology_nat(const struct rill_rng *rng)
{
    struct rill_sim_nat n = {
        .mapping = (enum rill_sim_depends)rill_rng_below(rng, 3),
        .filtering = (enum rill_sim_depends)rill_rng_below(rng, 3),
        .preserve = one_in(rng, 2),
        .hairpin = one_in(rng, 2),
        .timeout = (30 + rill_rng_below(rng, 90)) * RILL_SECOND,
    };
    return n;
}

/* One more NAT before this host, or before both (side 2). */
static inline void topology_behind(struct topology *t, struct rill_sim *net,
                                   const struct rill_rng *rng, int side, int inside, int outside)
{
    struct rill_sim_nat kind = topology_nat(rng);
    struct rill_addr outer = outside == 0 ? rill_addr_ip4(203, 0, 113, (uint8_t)(100 + inside), 0)
                                          : rill_addr_ip4(10, 0, 0, (uint8_t)(100 + inside), 0);
    rill_sim_nat_add(net, inside, outside, &outer, &kind);
    t->preserves |= kind.preserve;
    if (side == 2)
        t->carrier_hairpins = kind.hairpin;
    for (int i = 0; i < 2; i++) {
        struct before *b = &t->before[i];
        if (side != i && side != 2)
            continue;
        b->n++;
        b->mapping = kind.mapping > b->mapping ? kind.mapping : b->mapping;
        b->filtering = kind.filtering > b->filtering ? kind.filtering : b->filtering;
    }
}

/* Realms: 1 and 2 are the hosts', 3 and 4 lie before them, 5 is the carrier's. */
static inline void topology_chain(struct topology *t, struct rill_sim *net,
                                  const struct rill_rng *rng, int side)
{
    uint32_t pick = rill_rng_below(rng, 10);
    int own = 1 + side, between = 3 + side;
    net->realms[side] = pick < 2 ? 0 : own;
    if (pick >= 8)
        topology_behind(t, net, rng, side, between, 0);
    if (pick >= 2)
        topology_behind(t, net, rng, side, own, pick >= 8 ? between : 0);
}

static inline void topology_wire(struct topology *t, struct rill_sim *net,
                                 const struct rill_rng *rng)
{
    uint32_t pick = rill_rng_below(rng, 10);
    t->one_realm = pick == 0;
    t->carrier = pick == 1 || pick == 2;
    if (t->one_realm) {
        net->realms[0] = net->realms[1] = 5;
        topology_behind(t, net, rng, 2, 5, 0);
    } else if (t->carrier) {
        topology_behind(t, net, rng, 2, 5, 0);
        for (int i = 0; i < 2; i++) {
            net->realms[i] = 1 + i;
            topology_behind(t, net, rng, i, 1 + i, 5);
        }
    } else {
        topology_chain(t, net, rng, 0);
        topology_chain(t, net, rng, 1);
    }
}

/* An address that is free in the host's realm; most LANs have the same ones. */
static inline struct rill_addr topology_address(const struct topology *t,
                                                const struct rill_sim *net, int side, size_t k)
{
    uint8_t last = (uint8_t)(2 + 10 * k + (t->one_realm ? 100u * (unsigned)side : 0));
    return net->realms[side] ? rill_addr_ip4(192, 168, 1, last, 0)
                             : rill_addr_ip4(203, 0, 113, (uint8_t)(2 + side + 10 * (int)k), 0);
}

static inline void topology_init(struct topology *t, struct rill_sim *net,
                                 const struct rill_rng *rng)
{
    *t = (struct topology){0};
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            if (a != b)
                net->links[a][b] = topology_link(rng);
    topology_wire(t, net, rng);
    t->stun = !one_in(rng, 5);
    for (int i = 0; i < 2; i++) {
        t->turn[i] = !one_in(rng, 3);
        t->interfaces[i] = 1 + rill_rng_below(rng, INTERFACES);
        for (size_t k = 0; k < t->interfaces[i]; k++)
            t->addresses[i][k] = topology_address(t, net, i, k);
    }
    snprintf(t->says, sizeof t->says,
             "%zu NATs (mapping %d, filtering %d) to %zu (%d, %d)%s%s%s, TURN %d%d, STUN %d",
             t->before[0].n, (int)t->before[0].mapping, (int)t->before[0].filtering, t->before[1].n,
             (int)t->before[1].mapping, (int)t->before[1].filtering,
             t->one_realm ? ", one LAN" : "", t->carrier ? ", one carrier" : "",
             t->carrier_hairpins ? ", hairpin" : "", t->turn[0], t->turn[1], t->stun);
}

/* To another address of the same network, or into a LAN of its own that has a NAT of its own. */
static inline void topology_move(struct topology *t, struct rill_sim *net,
                                 const struct rill_rng *rng, int side)
{
    struct rill_addr fresh = t->addresses[side][0];
    fresh.ip[3] = (uint8_t)(fresh.ip[3] + 50);
    if (one_in(rng, 2) && net->n_nats < RILL_SIM_NATS) {
        net->realms[side] = 6;
        t->one_realm = t->carrier = false;
        t->before[side] = (struct before){0};
        topology_behind(t, net, rng, side, 6, 0);
        fresh = topology_address(t, net, side, 0);
    }
    t->interfaces[side] = 1;
    t->addresses[side][0] = fresh;
}

/* Must the two connect without a relay? */
static inline bool topology_is_direct(const struct topology *t)
{
    const struct before *x = &t->before[0], *y = &t->before[1];
    if (t->one_realm || (!t->carrier && (x->n == 0 || y->n == 0)))
        return true;
    if (!t->stun || (t->carrier && !t->carrier_hairpins))
        return false;
    if (x->mapping && y->mapping)
        return false;
    if (x->mapping || y->mapping)
        return (x->mapping ? y : x)->filtering != RILL_SIM_ADDRESS_AND_PORT_DEPENDENT;
    return true;
}

/* One relay is enough when its owner knows an address that the other's datagrams come from. */
static inline bool topology_has_path(const struct topology *t)
{
    if (topology_is_direct(t) || (t->turn[0] && t->turn[1]))
        return true;
    return (t->turn[0] || t->turn[1]) && t->stun;
}

#endif
