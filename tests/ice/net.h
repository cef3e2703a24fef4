/* net: two agents and a STUN server on a small network in virtual time.
 *
 * The idea: a datagram is put into a list with the time of its arrival; time jumps from one
 * arrival or deadline to the next. Loss comes in bursts, NATs map and filter, and every run
 * repeats from its seed. Connections of TCP are a table of two ends; what passes over them is in
 * the same list, is never lost, and comes in pieces. */
#ifndef RILL_TESTS_ICE_NET_H
#define RILL_TESTS_ICE_NET_H

#include "tests/rill_test.h"

#include "ice/agent.h"
#include "stun/msg.h"
#include "stun/server.h"

#define NET_SOCKETS 16
#define NET_PACKETS 512
#define NET_MAPPINGS 64
#define NET_LOG 4096
#define NET_CONNECTIONS 32

struct net_socket {
    uint32_t id;
    struct rill_addr addr;
    enum rill_proto proto; /* UDP, or of the listener */
};

/* End 0 opened it. */
struct net_connection {
    bool open;
    unsigned side[2];
    uint32_t socket[2];
    struct rill_addr addr[2];
};

/* RFC 4787: endpoint-independent mapping, or a symmetric one; filtering by address and port. */
enum net_nat { NET_OPEN, NET_CONE, NET_SYMMETRIC };

struct net_mapping {
    struct rill_addr inside, outside, peer;
};

struct net_side {
    struct rill_ice *ice;
    void *block;
    struct rill_rng_seeded rng;
    struct net_socket sockets[NET_SOCKETS];
    size_t n_sockets;
    enum net_nat nat;
    struct rill_addr public;
    struct net_mapping mappings[NET_MAPPINGS];
    size_t n_mappings;
    struct rill_addr interfaces[4];
    size_t n_interfaces;

    /* What was seen. */
    char lines[32][256];
    size_t n_lines;
    bool gathered, valid, selected;
    int64_t gathered_at, valid_at, selected_at, state_at;
    enum rill_ice_state state;
    struct rill_path valid_path, selected_path;
    unsigned opened, closed;
    unsigned refused; /* connections that the agent did not want */
};

enum net_kind {
    NET_DATAGRAM,
    NET_NAME,
    NET_ACCEPT,
    NET_CONNECTED,
    NET_REFUSED,
    NET_BYTES,
    NET_FIN
};

struct net_packet {
    int64_t at;
    enum net_kind kind;
    size_t connection; /* ACCEPT, CONNECTED, BYTES, FIN; its end… */
    unsigned end;      /* … BYTES, FIN: that hears it; REFUSED: the side */
    uint32_t request;  /* CONNECTED, REFUSED */
    struct rill_addr from, to;
    size_t n;
    uint8_t bytes[1200];
};

struct net_sent {
    int64_t at;
    unsigned side;
    struct rill_addr to;
    bool request;
    bool use_candidate;
    uint8_t txid[RILL_STUN_TXID];
};

struct net {
    int64_t now;
    int64_t delay;
    unsigned loss;            /* per thousand, on average */
    bool bad;                 /* in a burst of loss */
    bool trickle;             /* candidates and end-of-candidates reach the other side at once */
    bool mute[2];             /* what this side sends is lost */
    bool deaf_to_requests[2]; /* requests to this side are lost */
    bool no_udp;              /* datagrams are lost */
    struct rill_addr dead;    /* datagrams from and to this address are lost */
    bool no_tcp;              /* connections are refused */
    const char *only;         /* candidate lines without this do not reach the other side */
    int64_t name_delay;       /* a question after a name takes so long… */
    bool nameless;            /* … and nobody answers it */
    unsigned questions;
    size_t n_names;
    struct net_name {
        char text[64];
        struct rill_addr addr;
    } names[8];
    struct net_connection connections[NET_CONNECTIONS];
    size_t n_connections;
    struct rill_addr server, second; /* STUN; the second one is always alive */
    bool server_dead;
    struct rill_rng_seeded rng_state;
    struct rill_rng rng;
    struct net_side side[2];
    struct net_packet packets[NET_PACKETS];
    size_t n_packets;
    struct net_sent log[NET_LOG];
    size_t n_log;
    uint64_t hash; /* of every datagram sent, with its time */
};

static inline struct rill_addr net_ip(const char *text, uint16_t port)
{
    struct rill_addr a;
    assert_true(rill_addr_parse_ip(rill_view_of(text), &a));
    a.port = port;
    return a;
}

static inline void net_side_init(struct net *net, unsigned i, uint64_t seed,
                                 const struct rill_ice_config *given)
{
    struct net_side *s = &net->side[i];
    struct rill_ice_config config = given ? *given : (struct rill_ice_config){0};
    rill_rng_seeded_init(&s->rng, seed * 2 + i);
    config.rng = rill_rng_seeded(&s->rng);
    s->block = malloc(rill_ice_size(&config));
    s->ice = rill_ice_init(s->block, &config);
    assert_non_null(s->ice);
}

static inline void net_init(struct net *net, uint64_t seed, const struct rill_ice_config *config)
{
    memset(net, 0, sizeof *net);
    net->trickle = true;
    net->delay = 10 * RILL_MS;
    net->server = net_ip("198.51.100.1", 3478);
    net->second = net_ip("198.51.100.2", 3478);
    rill_rng_seeded_init(&net->rng_state, seed + 1000);
    net->rng = rill_rng_seeded(&net->rng_state);
    for (unsigned i = 0; i < 2; i++)
        net_side_init(net, i, seed, config);
    rill_ice_set_controlling(net->side[0].ice, true);
}

static inline void net_free(struct net *net)
{
    for (unsigned i = 0; i < 2; i++)
        free(net->side[i].block);
}

static inline void net_interface(struct net *net, unsigned side, const char *ip)
{
    struct rill_addr a = net_ip(ip, 0);
    assert_int_equal(rill_ice_interface_up(net->side[side].ice, net->now, &a), 0);
}

static inline void net_nat(struct net *net, unsigned side, enum net_nat kind, const char *public)
{
    net->side[side].nat = kind;
    net->side[side].public = net_ip(public, 0);
}

/* Another agent in the place of this side's. */
static inline void net_replace(struct net *net, unsigned side, struct rill_ice_config config)
{
    free(net->side[side].block);
    net_side_init(net, side, 1 + side, &config);
}

static inline void net_credentials(struct net *net, unsigned to, bool lite)
{
    struct rill_ice *from = net->side[1 - to].ice;
    assert_int_equal(rill_ice_set_remote_credentials(net->side[to].ice, net->now,
                                                     rill_ice_ufrag(from), rill_ice_pwd(from),
                                                     lite),
                     0);
}

/* Both gather and know each other's credentials. */
static inline void net_start(struct net *net)
{
    for (unsigned i = 0; i < 2; i++) {
        rill_ice_gather(net->side[i].ice, net->now);
        net_credentials(net, i, false);
    }
}

/* --- the wire -------------------------------------------------------------------------- */

/* A two-state loss: bursts of four datagrams on average. */
static inline bool net_loses(struct net *net)
{
    if (net->loss == 0)
        return false;
    unsigned into = net->loss * 250 / (1000 - net->loss);
    net->bad =
        net->bad ? rill_rng_below(&net->rng, 1000) >= 250 : rill_rng_below(&net->rng, 1000) < into;
    return net->bad;
}

static inline void net_put(struct net *net, struct rill_addr from, struct rill_addr to,
                           struct rill_view bytes)
{
    assert_true(net->n_packets < NET_PACKETS);
    struct net_packet *p = &net->packets[net->n_packets++];
    *p = (struct net_packet){.at = net->now + net->delay, .from = from, .to = to, .n = bytes.n};
    memcpy(p->bytes, bytes.p, bytes.n);
}

/* The address a NAT shows for a datagram to `to`. */
static inline struct rill_addr net_map(struct net_side *s, struct rill_addr from,
                                       struct rill_addr to)
{
    struct rill_addr outside = s->public;
    for (size_t i = 0; i < s->n_mappings; i++) {
        struct net_mapping *m = &s->mappings[i];
        if (!rill_addr_equal(&m->inside, &from))
            continue;
        if (rill_addr_equal(&m->peer, &to))
            return m->outside;
        if (s->nat == NET_CONE)
            outside.port = m->outside.port;
    }
    assert_true(s->n_mappings < NET_MAPPINGS);
    if (outside.port == 0)
        outside.port = (uint16_t)(20000 + s->n_mappings);
    s->mappings[s->n_mappings++] = (struct net_mapping){from, outside, to};
    return outside;
}

static inline const struct rill_addr *net_local(const struct net_side *s, uint32_t socket)
{
    for (size_t i = 0; i < s->n_sockets; i++)
        if (s->sockets[i].id == socket)
            return &s->sockets[i].addr;
    fail_msg("the agent sent from a socket that is not open");
    return NULL;
}

/* --- connections --------------------------------------------------------------------------- */

static inline struct net_packet *net_put_kind(struct net *net, enum net_kind kind, int64_t delay,
                                              size_t connection, unsigned end)
{
    assert_true(net->n_packets < NET_PACKETS);
    struct net_packet *p = &net->packets[net->n_packets++];
    *p = (struct net_packet){
        .at = net->now + delay, .kind = kind, .connection = connection, .end = end};
    return p;
}

static inline bool net_listens(const struct net *net, const struct rill_addr *to, unsigned *side)
{
    for (*side = 0; *side < 2; ++*side)
        for (size_t i = 0; i < net->side[*side].n_sockets; i++)
            if (net->side[*side].sockets[i].proto != RILL_PROTO_UDP &&
                rill_addr_equal(&net->side[*side].sockets[i].addr, to))
                return true;
    return false;
}

/* Two that connect to each other from and to the same ports have one connection (RFC 9293 §3.5);
 * false when the other end has not begun. */
static inline bool net_crosses(struct net *net, const struct rill_ice_event *e)
{
    for (size_t i = 0; i < net->n_packets; i++) {
        struct net_packet *p = &net->packets[i];
        const struct net_connection *c = &net->connections[p->connection];
        if (p->kind != NET_ACCEPT || !rill_addr_equal(&c->addr[0], &e->to) ||
            !rill_addr_equal(&c->addr[1], &e->addr))
            continue;
        p->kind = NET_CONNECTED;
        p->request = e->request;
        return true;
    }
    return false;
}

static inline void net_connect(struct net *net, unsigned side, const struct rill_ice_event *e)
{
    unsigned to;
    if (net_crosses(net, e))
        return;
    if (net->no_tcp || !net_listens(net, &e->to, &to)) {
        net_put_kind(net, NET_REFUSED, 2 * net->delay, 0, side)->request = e->request;
        return;
    }
    assert_true(net->n_connections < NET_CONNECTIONS);
    size_t i = net->n_connections++;
    struct net_connection *c = &net->connections[i];
    *c = (struct net_connection){.open = true, .side = {side, to}, .addr = {e->addr, e->to}};
    for (unsigned end = 0; end < 2; end++)
        c->socket[end] = 1000 + 2 * (uint32_t)i + end;
    if (c->addr[0].port == 0)
        c->addr[0].port = (uint16_t)(30000 + i);
    net_put_kind(net, NET_ACCEPT, net->delay, i, 1);
    net_put_kind(net, NET_CONNECTED, 2 * net->delay, i, 0)->request = e->request;
}

/* The connection of this end; NULL when it is closed. */
static inline struct net_connection *net_connection_of(struct net *net, uint32_t socket,
                                                       unsigned *end)
{
    struct net_connection *c =
        socket >= 1000 ? &net->connections[(socket - 1000) / 2] : &net->connections[0];
    *end = socket & 1;
    return socket >= 1000 && c->open ? c : NULL;
}

static inline void net_hang_up(struct net *net, uint32_t socket)
{
    unsigned end;
    struct net_connection *c = net_connection_of(net, socket, &end);
    if (c)
        net_put_kind(net, NET_FIN, net->delay, (size_t)(c - net->connections), 1 - end);
    if (c)
        c->open = false;
}

/* Both ends hear that it broke. */
static inline void net_break(struct net *net, size_t connection)
{
    net->connections[connection].open = false;
    for (unsigned end = 0; end < 2; end++)
        net_put_kind(net, NET_FIN, net->delay, connection, end);
}

static inline void net_stream(struct net *net, const struct rill_path *path, struct rill_view bytes)
{
    unsigned end;
    struct net_connection *c = net_connection_of(net, path->socket, &end);
    if (!c)
        return;
    struct net_packet *p =
        net_put_kind(net, NET_BYTES, net->delay, (size_t)(c - net->connections), 1 - end);
    p->n = bytes.n;
    memcpy(p->bytes, bytes.p, bytes.n);
}

/* As a reactor gives them: what it read is cut anywhere. */
static inline void net_hear(struct net *net, unsigned side, const struct rill_path *path,
                            uint8_t *bytes, size_t n)
{
    struct rill_ice *ice = net->side[side].ice;
    struct rill_path inner_path;
    struct rill_span inner;
    for (size_t at = 0, piece; at < n; at += piece) {
        if (!rill_ice_is_wrapped(ice, path))
            return;
        piece = n - at > 7 ? 7 : n - at;
        for (size_t took = 0; took < piece;) {
            took += rill_ice_unwrap(ice, net->now, path,
                                    (struct rill_span){bytes + at + took, piece - took},
                                    &inner_path, &inner);
            if (inner.n)
                rill_ice_input(ice, net->now, &inner_path, rill_view_at(inner.p, inner.n), NULL);
            if (!rill_ice_is_wrapped(ice, path))
                return;
        }
    }
}

static inline void net_deliver_stream(struct net *net, struct net_packet *p)
{
    struct net_connection *c = &net->connections[p->connection];
    struct rill_ice *ice = net->side[c->side[p->end]].ice;
    struct rill_path path = {c->socket[p->end], RILL_PROTO_TCP, c->addr[1 - p->end]};
    switch (p->kind) {
    case NET_REFUSED:
        rill_ice_open_failed(net->side[p->end].ice, net->now, p->request);
        break;
    case NET_ACCEPT:
        for (size_t i = 0; i < net->side[c->side[1]].n_sockets; i++) {
            const struct net_socket *s = &net->side[c->side[1]].sockets[i];
            if (rill_addr_equal(&s->addr, &c->addr[1]) && s->proto != RILL_PROTO_UDP &&
                !rill_ice_accepted(ice, net->now, s->id, c->socket[1], &c->addr[0])) {
                net->side[c->side[1]].refused++;
                net_hang_up(net, c->socket[1]);
            }
        }
        break;
    case NET_CONNECTED:
        rill_ice_opened(ice, net->now, p->request, c->socket[p->end], &c->addr[p->end]);
        break;
    case NET_BYTES:
        net_hear(net, c->side[p->end], &path, p->bytes, p->n);
        break;
    case NET_FIN:
        rill_ice_stream_closed(ice, net->now, c->socket[p->end]);
        break;
    case NET_DATAGRAM:
    case NET_NAME:
        break;
    }
}

/* Names of both sides, as multicast DNS would have them. */
static inline void net_register(struct net *net, const struct rill_ice_cand *c)
{
    assert_true(net->n_names < 8);
    struct net_name *n = &net->names[net->n_names++];
    strcpy(n->text, c->name);
    n->addr = c->addr;
}

static inline void net_resolve(struct net *net, unsigned side, const char *name)
{
    struct net_packet *p = net_put_kind(net, NET_NAME, net->name_delay, 0, side);
    p->n = strlen(name);
    memcpy(p->bytes, name, p->n);
    net->questions++;
}

static inline void net_answer_name(struct net *net, const struct net_packet *p)
{
    struct rill_view name = rill_view_at(p->bytes, p->n);
    const struct rill_addr *addr = NULL;
    for (size_t i = 0; i < net->n_names && !net->nameless; i++)
        if (rill_view_is(name, net->names[i].text))
            addr = &net->names[i].addr;
    rill_ice_resolved(net->side[p->end].ice, net->now, name, addr, addr != NULL);
}

static inline void net_note(struct net *net, unsigned side, const struct rill_path *path,
                            struct rill_view bytes)
{
    struct rill_stun_msg m;
    struct rill_view v;
    assert_int_equal(rill_stun_decode(bytes, &m, NULL), 0);
    for (size_t i = 0; i < bytes.n; i++)
        net->hash = (net->hash ^ bytes.p[i]) * 0x100000001b3u;
    net->hash = (net->hash ^ (uint64_t)net->now) * 0x100000001b3u;
    if (net->n_log == NET_LOG)
        return;
    struct net_sent *l = &net->log[net->n_log++];
    *l = (struct net_sent){.at = net->now,
                           .side = side,
                           .to = path->remote,
                           .request = m.class == RILL_STUN_REQUEST,
                           .use_candidate = rill_stun_find(&m, RILL_STUN_USE_CANDIDATE, &v)};
    memcpy(l->txid, m.txid.p, RILL_STUN_TXID);
}

static inline void net_send(struct net *net, unsigned side, const struct rill_path *path,
                            struct rill_view bytes)
{
    struct net_side *s = &net->side[side];
    if (path->proto == RILL_PROTO_TCP) {
        net_note(net, side, path, rill_view_sub(bytes, 2, bytes.n - 2));
        net_stream(net, path, bytes);
        return;
    }
    struct rill_addr from = *net_local(s, path->socket);
    net_note(net, side, path, bytes);
    if (net->no_udp || rill_addr_same_ip(&from, &net->dead) ||
        rill_addr_same_ip(&path->remote, &net->dead))
        return;
    bool request = bytes.p[0] == 0 && bytes.p[1] == 1;
    if (net_loses(net) || net->mute[side] || (request && net->deaf_to_requests[1 - side]))
        return;
    if (s->nat != NET_OPEN && from.family == RILL_ADDR_IP4)
        from = net_map(s, from, path->remote);
    net_put(net, from, path->remote, bytes);
}

static inline bool net_to_side(struct net *net, unsigned side, const struct net_packet *p)
{
    struct net_side *s = &net->side[side];
    struct rill_addr to = p->to;
    bool behind = s->nat != NET_OPEN && to.family == RILL_ADDR_IP4;
    bool let_in = !behind;
    for (size_t i = 0; behind && i < s->n_mappings; i++) {
        if (rill_addr_equal(&s->mappings[i].outside, &p->to) &&
            rill_addr_equal(&s->mappings[i].peer, &p->from)) {
            to = s->mappings[i].inside;
            let_in = true;
        }
    }
    for (size_t i = 0; let_in && i < s->n_sockets; i++) {
        struct rill_path path = {s->sockets[i].id, RILL_PROTO_UDP, p->from};
        if (!rill_addr_equal(&s->sockets[i].addr, &to))
            continue;
        rill_ice_input(s->ice, net->now, &path, rill_view_at(p->bytes, p->n), NULL);
        return true;
    }
    return false;
}

static inline void net_deliver(struct net *net, struct net_packet *p)
{
    uint8_t answer[256];
    if (p->kind == NET_NAME) {
        net_answer_name(net, p);
        return;
    }
    if (p->kind != NET_DATAGRAM) {
        net_deliver_stream(net, p);
        return;
    }
    bool second = rill_addr_equal(&p->to, &net->second);
    if (second || rill_addr_equal(&p->to, &net->server)) {
        if (net->server_dead && !second)
            return;
        size_t n = rill_stun_server_answer(rill_view_at(p->bytes, p->n), &p->from,
                                           (struct rill_span){answer, sizeof answer}, NULL);
        if (n > 0)
            net_put(net, p->to, p->from, rill_view_at(answer, n));
        return;
    }
    if (!net_to_side(net, 0, p))
        net_to_side(net, 1, p);
}

/* --- the loop -------------------------------------------------------------------------- */

static inline void net_open(struct net *net, unsigned side, const struct rill_ice_event *e)
{
    struct net_side *s = &net->side[side];
    if (e->proto == RILL_PROTO_TCP_ACTIVE) {
        net_connect(net, side, e);
        return;
    }
    assert_true(s->n_sockets < NET_SOCKETS);
    struct net_socket *k = &s->sockets[s->n_sockets++];
    k->id = side * 100 + ++s->opened;
    k->proto = e->proto;
    k->addr = e->addr;
    k->addr.port = (uint16_t)(5000 + k->id);
    rill_ice_opened(s->ice, net->now, e->request, k->id, &k->addr);
}

static inline void net_close(struct net *net, unsigned side, uint32_t socket)
{
    struct net_side *s = &net->side[side];
    net_hang_up(net, socket);
    s->closed++;
    for (size_t i = 0; i < s->n_sockets; i++)
        if (s->sockets[i].id == socket)
            s->sockets[i] = s->sockets[--s->n_sockets];
}

static inline void net_candidate(struct net *net, unsigned side, const struct rill_ice_cand *cand)
{
    struct net_side *s = &net->side[side];
    struct rill_writer w =
        rill_writer_of((struct rill_span){(uint8_t *)s->lines[s->n_lines % 32], 256});
    rill_ice_cand_write(&w, cand, rill_ice_ufrag(s->ice));
    assert_true(rill_w_end_text(&w));
    s->n_lines++;
    if (net->only && !strstr(s->lines[(s->n_lines - 1) % 32], net->only))
        return;
    if (net->trickle)
        assert_true(rill_ice_add_remote_candidate(net->side[1 - side].ice, net->now,
                                                  rill_w_view(&w), NULL) >= 0);
}

static inline void net_event(struct net *net, unsigned side, const struct rill_ice_event *e)
{
    struct net_side *s = &net->side[side];
    switch (e->type) {
    case RILL_ICE_EVENT_OPEN:
        net_open(net, side, e);
        break;
    case RILL_ICE_EVENT_CLOSE:
        net_close(net, side, e->socket);
        break;
    case RILL_ICE_EVENT_CANDIDATE:
        net_candidate(net, side, e->cand);
        break;
    case RILL_ICE_EVENT_REGISTER:
        net_register(net, e->cand);
        break;
    case RILL_ICE_EVENT_RESOLVE:
        net_resolve(net, side, e->cand->name);
        break;
    case RILL_ICE_EVENT_GATHERING_DONE:
        s->gathered = true;
        s->gathered_at = net->now;
        if (net->trickle)
            rill_ice_end_of_candidates(net->side[1 - side].ice, net->now);
        break;
    case RILL_ICE_EVENT_STATE:
        s->state = e->state;
        s->state_at = net->now;
        break;
    case RILL_ICE_EVENT_VALID:
        s->valid = true;
        s->valid_at = net->now;
        s->valid_path = e->path;
        break;
    case RILL_ICE_EVENT_SELECTED:
        s->selected = true;
        s->selected_at = net->now;
        s->selected_path = e->path;
        break;
    }
}

static inline void net_drain_events(struct net *net)
{
    struct rill_ice_event e;
    for (int again = 1; again;) {
        again = 0;
        for (unsigned i = 0; i < 2; i++) {
            while (rill_ice_event(net->side[i].ice, &e)) {
                net_event(net, i, &e);
                again = 1;
            }
        }
    }
}

static inline void net_drain(struct net *net)
{
    uint8_t out[1200];
    struct rill_path path;
    net_drain_events(net);
    for (unsigned i = 0; i < 2; i++) {
        size_t n;
        while ((n = rill_ice_output(net->side[i].ice, net->now, &path,
                                    (struct rill_span){out, sizeof out})) > 0)
            net_send(net, i, &path, rill_view_at(out, n));
    }
    net_drain_events(net); /* a check may want a connection */
}

static inline int64_t net_next(const struct net *net)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < net->n_packets; i++)
        at = rill_earlier(at, net->packets[i].at);
    for (unsigned i = 0; i < 2; i++)
        at = rill_earlier(at, rill_ice_deadline(net->side[i].ice));
    return at;
}

static inline void net_deliver_due(struct net *net)
{
    for (size_t i = 0; i < net->n_packets;) {
        if (net->packets[i].at > net->now) {
            i++;
            continue;
        }
        struct net_packet p = net->packets[i];
        memmove(&net->packets[i], &net->packets[i + 1],
                (net->n_packets - i - 1) * sizeof net->packets[0]);
        net->n_packets--;
        net_deliver(net, &p);
    }
}

/* Runs until that time, or until both sides are completed when `done` is set. */
static inline bool net_run(struct net *net, int64_t until, bool done)
{
    for (;;) {
        net_drain(net);
        if (done && net->side[0].state == RILL_ICE_COMPLETED &&
            net->side[1].state == RILL_ICE_COMPLETED)
            return true;
        int64_t next = net_next(net);
        if (next > until)
            break;
        /* After tick and drain nothing may be due at this instant: that would spin. */
        assert_true(next > net->now);
        net->now = next;
        net_deliver_due(net);
        for (unsigned i = 0; i < 2; i++)
            rill_ice_tick(net->side[i].ice, net->now);
    }
    net->now = until;
    return false;
}

static inline bool net_connects(struct net *net, int64_t within)
{
    return net_run(net, net->now + within, true);
}

#endif
