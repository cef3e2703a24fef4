/* ice/hosts: our addresses and the sockets on them (RFC 8445 §5.1.1.1).
 *
 * The idea: an address becomes a base; gathering asks for a socket on it by an OPEN event;
 * the answer makes it a host candidate. Each base has a rank of its own, from which the
 * local preferences of all its candidates come, so that no two priorities are equal. */
#include "ice/agent_private.h"

static const struct rill_trace_point interface_point = {
    "ice",
    "interface",
    "an address of this machine came, went or was passed over",
    2,
    {{"address", RILL_TRACE_ADDR}, {"what", RILL_TRACE_TEXT}}};

/* A peer has an agent for each transport that may be; those that do nothing say nothing. */
static void say(const struct rill_ice *x, int64_t now, const struct rill_addr *a, const char *what)
{
    if (!x->gathering)
        return;
    RILL_TRACE(x->trace, now, interface_point, {.addr = a}, {.view = rill_view_of(what)});
}

static bool is_up(const struct rill_ice_base *b)
{
    return b->state == RILL_ICE_BASE_KNOWN || b->state == RILL_ICE_BASE_ASKED ||
           b->state == RILL_ICE_BASE_OPEN;
}

/* Up, and an address of this machine. */
static bool is_ours(const struct rill_ice_base *b)
{
    return is_up(b) && b->relay == 0;
}

static bool is_link_local6(const struct rill_addr *a)
{
    return a->family == RILL_ADDR_IP6 && rill_addr_is_link_local(a);
}

/* RFC 8445 §5.1.1.1: loopback, IPv4-compatible, site-local and IPv4-mapped addresses are no
 * candidates. Loopback is let in by config for calls inside one machine. */
static bool is_usable(const struct rill_ice *x, const struct rill_addr *a)
{
    static const uint8_t zeros[12];
    if (a->family == RILL_ADDR_NONE || rill_addr_is_any(a) || rill_addr_is_multicast(a))
        return false;
    if (rill_addr_is_loopback(a))
        return x->loopback;
    if (a->family == RILL_ADDR_IP4)
        return true;
    bool site_local = a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0xc0;
    bool compatible = rill_view_equal(rill_view_at(a->ip, 12), rill_view_at(zeros, 12));
    bool mapped = rill_addr_unmapped(a).family == RILL_ADDR_IP4;
    return !site_local && !compatible && !mapped;
}

/* RFC 8445 §5.1.1.1 lets link-local IPv6 be gathered only where it tells no more than other
 * addresses would; rill takes it only when this machine has nothing else. */
static bool is_last_resort(const struct rill_ice *x, const struct rill_addr *a)
{
    if (!is_link_local6(a))
        return false;
    for (size_t i = 0; i < x->cap_locals; i++)
        if (is_ours(&x->bases[i]) && !is_link_local6(&x->bases[i].addr))
            return true;
    return false;
}

/* The one of UDP, which stands for the address. */
static size_t base_of_ip(const struct rill_ice *x, const struct rill_addr *a)
{
    for (size_t i = 0; i < x->cap_locals; i++)
        if (is_ours(&x->bases[i]) && x->bases[i].tcp == RILL_ICE_TCP_NONE &&
            rill_addr_same_ip(&x->bases[i].addr, a))
            return i;
    return RILL_ICE_NONE;
}

uint8_t rill_ice_base_proto(const struct rill_ice_base *b)
{
    if (b->tcp != RILL_ICE_TCP_NONE)
        return RILL_PROTO_FRAMED;
    return b->relay ? RILL_PROTO_RELAY : RILL_PROTO_UDP;
}

size_t rill_ice_base_of_path(const struct rill_ice *x, const struct rill_path *path)
{
    if (path->proto == RILL_PROTO_FRAMED)
        return rill_ice_stream_base(x, path->socket);
    for (size_t i = 0; i < x->cap_locals; i++)
        if (x->bases[i].state == RILL_ICE_BASE_OPEN && x->bases[i].host != RILL_ICE_NONE &&
            rill_ice_base_proto(&x->bases[i]) == path->proto && x->bases[i].socket == path->socket)
            return i;
    return RILL_ICE_NONE;
}

const struct rill_addr *rill_ice_path_local(const struct rill_ice *x, const struct rill_path *path)
{
    struct rill_path own = *path;
    if (path->proto == RILL_PROTO_TCP)
        own.proto = RILL_PROTO_FRAMED;
    size_t base = rill_ice_base_of_path(x, &own);
    return base == RILL_ICE_NONE ? NULL : &x->bases[base].addr;
}

bool rill_ice_base_pending(const struct rill_ice *x)
{
    for (size_t i = 0; i < x->cap_locals; i++)
        if (x->bases[i].state == RILL_ICE_BASE_ASKED)
            return true;
    return false;
}

/* Several servers may show several mappings of one base: RFC 8445 §5.1.2.1 wants the local
 * preference unique among candidates of one type. RFC 6544 §4.2: "When there is only a single IP
 * address, this value SHOULD be set to the maximum allowed value (8191)." */
uint32_t rill_ice_base_priority(const struct rill_ice *x, enum rill_ice_type type, size_t base,
                                size_t server)
{
    const struct rill_ice_base *b = &x->bases[base];
    size_t step = server == RILL_ICE_NONE ? 0 : server;
    size_t below = b->rank * (size_t)RILL_ICE_SERVERS_MAX + step;
    return b->tcp == RILL_ICE_TCP_NONE
               ? rill_ice_priority(type, (uint16_t)(UINT16_MAX - below), x->component)
               : rill_ice_tcp_priority(type, b->tcp, (uint16_t)(8191 - below), x->component);
}

static bool rank_is_taken(const struct rill_ice *x, uint16_t rank, size_t but)
{
    for (size_t i = 0; i < x->cap_locals; i++)
        if (i != but && is_up(&x->bases[i]) && x->bases[i].rank == rank &&
            x->bases[i].tcp == x->bases[but].tcp)
            return true;
    return false;
}

static void ask(struct rill_ice *x, int64_t now, size_t i)
{
    struct rill_ice_base *b = &x->bases[i];
    if (x->tcp == RILL_ICE_TCP_ONLY)
        return;
    if (is_last_resort(x, &b->addr)) {
        say(x, now, &b->addr, "link-local, and there is better");
        return;
    }
    b->state = RILL_ICE_BASE_ASKED;
    b->request = ++x->next_request;
    b->tell = true;
}

size_t rill_ice_base_new(struct rill_ice *x, const struct rill_addr *addr,
                         enum rill_ice_tcptype tcp, uint16_t rank)
{
    size_t i = 0;
    while (i < x->cap_locals && x->bases[i].state != RILL_ICE_BASE_FREE)
        i++;
    if (i == x->cap_locals || rill_ice_locals_full(x))
        return RILL_ICE_NONE;
    x->bases[i] = (struct rill_ice_base){.state = RILL_ICE_BASE_KNOWN,
                                         .tcp = tcp,
                                         .addr = *addr,
                                         .rank = rank,
                                         .host = RILL_ICE_NONE};
    while (rank_is_taken(x, x->bases[i].rank, i))
        x->bases[i].rank++;
    return i;
}

static bool has_tcp(const struct rill_ice *x, const struct rill_addr *a, enum rill_ice_tcptype tcp)
{
    for (size_t i = 0; i < x->cap_locals; i++)
        if (is_ours(&x->bases[i]) && x->bases[i].tcp == tcp &&
            rill_addr_same_ip(&x->bases[i].addr, a))
            return true;
    return false;
}

/* RFC 6544 §5.1: an active candidate needs no socket yet: it "can be created by using the IP
 * address of an interface", with port 9 (§4.5). */
static void add_tcp(struct rill_ice *x, int64_t now, size_t of, enum rill_ice_tcptype tcp)
{
    struct rill_addr addr = x->bases[of].addr;
    addr.port = 0;
    size_t i = has_tcp(x, &addr, tcp) ? RILL_ICE_NONE
                                      : rill_ice_base_new(x, &addr, tcp, x->bases[of].rank);
    if (i == RILL_ICE_NONE)
        return;
    struct rill_ice_base *b = &x->bases[i];
    if (tcp != RILL_ICE_TCP_ACTIVE) {
        b->state = RILL_ICE_BASE_ASKED;
        b->request = ++x->next_request;
        b->tell = true;
        return;
    }
    b->state = RILL_ICE_BASE_OPEN;
    b->addr.port = 9;
    b->host = rill_ice_local_add(x, now, RILL_ICE_HOST, &b->addr, i, RILL_ICE_NONE);
    rill_ice_pairs_for_base(x, now, i);
}

/* Candidates of TCP for every address that is in use, when all of UDP have their places. */
static void ask_tcp(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; x->tcp != RILL_ICE_TCP_OFF && i < x->cap_locals; i++) {
        const struct rill_ice_base *b = &x->bases[i];
        if (!is_ours(b) || b->tcp != RILL_ICE_TCP_NONE ||
            (b->state == RILL_ICE_BASE_KNOWN && x->tcp != RILL_ICE_TCP_ONLY) ||
            is_last_resort(x, &b->addr))
            continue;
        /* RFC 6544 §4.4: "In the lite mode, for TCP candidates, only passive host candidates are
         * gathered". */
        if (!x->lite)
            add_tcp(x, now, i, RILL_ICE_TCP_ACTIVE);
        add_tcp(x, now, i, RILL_ICE_TCP_PASSIVE);
        if (!x->lite && x->tcp != RILL_ICE_TCP_ON)
            add_tcp(x, now, i, RILL_ICE_TCP_SO);
    }
}

int rill_ice_interface_up(struct rill_ice *x, int64_t now, const struct rill_addr *addr)
{
    struct rill_addr bare = *addr;
    x->now = now;
    bare.port = 0;
    if (rill_ice_is_over(x) || base_of_ip(x, addr) != RILL_ICE_NONE)
        return 0;
    if (x->policy == RILL_ICE_POLICY_RELAY || !is_usable(x, addr)) {
        say(x, now, addr, "passed over");
        return 0;
    }
    size_t i = rill_ice_base_new(x, &bare, RILL_ICE_TCP_NONE, 0);
    if (i == RILL_ICE_NONE)
        return rill_err_set(&rill_ice_errors, RILL_ICE_TOO_MANY, 0, x->cap_locals, NULL);
    say(x, now, addr, "up");
    if (x->gathering) {
        ask(x, now, i);
        ask_tcp(x, now);
        rill_ice_relays_probe(x, now);
    }
    return 0;
}

/* The first base not yet ranked that is of this kind. */
static size_t unranked(const struct rill_ice *x, uint8_t family, bool loopback)
{
    for (size_t i = 0; i < x->cap_locals; i++) {
        const struct rill_ice_base *b = &x->bases[i];
        if (b->state == RILL_ICE_BASE_KNOWN && b->rank == UINT16_MAX && b->addr.family == family &&
            rill_addr_is_loopback(&b->addr) == loopback)
            return i;
    }
    return RILL_ICE_NONE;
}

static bool rank_next(struct rill_ice *x, uint8_t family, bool loopback, uint16_t *rank)
{
    size_t i = unranked(x, family, loopback);
    if (i != RILL_ICE_NONE)
        x->bases[i].rank = (*rank)++;
    return i != RILL_ICE_NONE;
}

/* RFC 8421 §4: IPv6 gets a head start of (N4 + N6) / N4 addresses, then the families take
 * turns. Loopback comes last. */
static void rank_all(struct rill_ice *x)
{
    size_t n4 = 0, n6 = 0;
    uint16_t rank = 0;
    for (size_t i = 0; i < x->cap_locals; i++) {
        struct rill_ice_base *b = &x->bases[i];
        if (b->state != RILL_ICE_BASE_KNOWN)
            continue;
        b->rank = UINT16_MAX;
        n4 += b->addr.family == RILL_ADDR_IP4 && !rill_addr_is_loopback(&b->addr);
        n6 += b->addr.family == RILL_ADDR_IP6 && !rill_addr_is_loopback(&b->addr);
    }
    size_t head = n4 ? (n4 + n6) / n4 : n6;
    while (head-- > 0 && rank_next(x, RILL_ADDR_IP6, false, &rank))
        continue;
    for (size_t i = 0; i < n4 + n6; i++) {
        rank_next(x, RILL_ADDR_IP4, false, &rank);
        rank_next(x, RILL_ADDR_IP6, false, &rank);
    }
    while (rank_next(x, RILL_ADDR_IP6, true, &rank) || rank_next(x, RILL_ADDR_IP4, true, &rank))
        continue;
}

void rill_ice_gather(struct rill_ice *x, int64_t now)
{
    x->now = now;
    if (x->gathering || rill_ice_is_over(x))
        return;
    x->gathering = true;
    rank_all(x);
    for (size_t i = 0; i < x->cap_locals; i++)
        if (x->bases[i].state == RILL_ICE_BASE_KNOWN) {
            say(x, now, &x->bases[i].addr, "up");
            ask(x, now, i);
        }
    ask_tcp(x, now);
    rill_ice_relays_gather(x, now);
    rill_ice_update(x, now);
}

static size_t base_of_request(const struct rill_ice *x, uint32_t request)
{
    for (size_t i = 0; i < x->cap_locals; i++) {
        const struct rill_ice_base *b = &x->bases[i];
        if ((b->state == RILL_ICE_BASE_ASKED || b->state == RILL_ICE_BASE_ABANDONED) &&
            b->request == request)
            return i;
    }
    return RILL_ICE_NONE;
}

void rill_ice_opened(struct rill_ice *x, int64_t now, uint32_t request, uint32_t socket,
                     const struct rill_addr *local)
{
    size_t i = base_of_request(x, request);
    x->now = now;
    if (rill_ice_relay_opened(x, now, request, socket) ||
        rill_ice_stream_opened(x, now, request, socket))
        rill_ice_update(x, now);
    if (i == RILL_ICE_NONE)
        return;
    struct rill_ice_base *b = &x->bases[i];
    b->socket = socket;
    b->tell = false;
    if (b->state == RILL_ICE_BASE_ABANDONED) {
        b->state = RILL_ICE_BASE_CLOSING;
        return;
    }
    b->state = RILL_ICE_BASE_OPEN;
    b->addr = *local;
    b->host = rill_ice_local_add(x, now, RILL_ICE_HOST, local, i, RILL_ICE_NONE);
    rill_ice_queries_for(x, i);
    rill_ice_pairs_for_base(x, now, i);
    rill_ice_update(x, now);
}

void rill_ice_open_failed(struct rill_ice *x, int64_t now, uint32_t request)
{
    size_t i = base_of_request(x, request);
    x->now = now;
    if (rill_ice_relay_open_failed(x, now, request) || rill_ice_stream_open_failed(x, now, request))
        rill_ice_update(x, now);
    if (i == RILL_ICE_NONE)
        return;
    say(x, now, &x->bases[i].addr, "no socket to be had");
    x->bases[i].state = RILL_ICE_BASE_FREE;
    rill_ice_update(x, now);
}

/* A base goes: its socket is given back, its candidates, queries and pairs go with it. */
void rill_ice_base_forget(struct rill_ice *x, size_t i)
{
    struct rill_ice_base *b = &x->bases[i];
    if (b->relay || (b->tcp == RILL_ICE_TCP_ACTIVE && b->state == RILL_ICE_BASE_OPEN))
        b->state = RILL_ICE_BASE_FREE;
    else if (b->state == RILL_ICE_BASE_OPEN)
        b->state = RILL_ICE_BASE_CLOSING;
    else if (b->state == RILL_ICE_BASE_ASKED && !b->tell)
        b->state = RILL_ICE_BASE_ABANDONED;
    else if (b->state == RILL_ICE_BASE_ASKED || b->state == RILL_ICE_BASE_KNOWN)
        b->state = RILL_ICE_BASE_FREE;
    rill_ice_previous_base_gone(x, x->now, i);
    rill_ice_streams_drop(x, x->now, i);
    rill_ice_queries_drop(x, i);
    rill_ice_locals_drop(x, i);
}

static void base_down(struct rill_ice *x, int64_t now, size_t base)
{
    for (size_t k = 0; k < x->cap_pairs; k++)
        if (x->pairs[k].used && x->pairs[k].base == base)
            rill_ice_pair_drop(x, now, k);
    rill_ice_base_forget(x, base);
}

int rill_ice_interface_down(struct rill_ice *x, int64_t now, const struct rill_addr *addr)
{
    x->now = now;
    if (base_of_ip(x, addr) == RILL_ICE_NONE || rill_ice_is_over(x))
        return 0;
    say(x, now, addr, "down");
    for (size_t i = 0; i < x->cap_locals; i++)
        if (is_ours(&x->bases[i]) && rill_addr_same_ip(&x->bases[i].addr, addr))
            base_down(x, now, i);
    for (size_t k = 0; x->gathering && k < x->cap_locals; k++)
        if (x->bases[k].state == RILL_ICE_BASE_KNOWN)
            ask(x, now, k);
    if (x->gathering) {
        ask_tcp(x, now);
        rill_ice_relays_probe(x, now);
    }
    rill_ice_update(x, now);
    return 0;
}
