/* net: see net.h. One heap of arrivals; nothing happens that the seed did not decide. */
#include "tests/sim/net.h"

#include "base/digest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define IP_AND_UDP 28

void rill_sim_init(struct rill_sim *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    rill_rng_seeded_init(&s->generator, seed);
    s->rng = rill_rng_seeded(&s->generator);
    s->pool = calloc(RILL_SIM_IN_FLIGHT, sizeof *s->pool);
    assert(s->pool);
    for (size_t i = 0; i < RILL_SIM_IN_FLIGHT; i++)
        s->free[s->n_free++] = RILL_SIM_IN_FLIGHT - 1 - i;
}

void rill_sim_free(struct rill_sim *s)
{
    free(s->pool);
    s->pool = NULL;
}

/* --- sockets ------------------------------------------------------------------------------ */

uint32_t rill_sim_bind(struct rill_sim *s, int endpoint, const struct rill_addr *addr,
                       struct rill_addr *bound)
{
    assert(s->n_sockets < RILL_SIM_SOCKETS);
    uint32_t id = s->n_sockets++;
    s->sockets[id] = (struct rill_sim_socket){endpoint, s->realms[endpoint], true, *addr};
    if (s->sockets[id].addr.port == 0)
        s->sockets[id].addr.port = (uint16_t)(40000 + id);
    *bound = s->sockets[id].addr;
    return id;
}

void rill_sim_unbind(struct rill_sim *s, uint32_t socket)
{
    assert(socket < s->n_sockets);
    s->sockets[socket].open = false;
}

static bool find_socket(const struct rill_sim *s, int realm, const struct rill_addr *addr,
                        uint32_t *out)
{
    for (uint32_t i = 0; i < s->n_sockets; i++) {
        const struct rill_sim_socket *k = &s->sockets[i];
        if (!k->open || k->realm != realm || !rill_addr_equal(&k->addr, addr))
            continue;
        *out = i;
        return true;
    }
    return false;
}

/* --- NATs --------------------------------------------------------------------------------- */

struct rill_sim_nat *rill_sim_nat_add(struct rill_sim *s, int inside, int outside,
                                      const struct rill_addr *external,
                                      const struct rill_sim_nat *kind)
{
    assert(s->n_nats < RILL_SIM_NATS);
    struct rill_sim_nat *n = &s->nats[s->n_nats++];
    *n = *kind;
    n->inside = inside;
    n->outside = outside;
    n->external = *external;
    if (n->timeout == 0)
        n->timeout = 120 * RILL_SECOND; /* RFC 4787 §4.3 REQ-5: no less than two minutes */
    return n;
}

/* A datagram on its way: where it is, and what it bears by now. */
struct way {
    int realm;
    struct rill_addr from, to;
    struct rill_sim_hop hops[RILL_SIM_HOPS];
    size_t n_hops;
};

/* In through a NAT whose outer address is the destination. */
static bool enter(struct way *w, const struct rill_sim_nat *n, int64_t now)
{
    const struct rill_sim_mapping *m = rill_sim_nat_in(n, now, &w->to);
    if (!m || n->blocked || w->n_hops == RILL_SIM_HOPS)
        return false;
    w->hops[w->n_hops++] = (struct rill_sim_hop){n, m, w->from, w->to};
    w->to = m->inside;
    w->realm = n->inside;
    return true;
}

static bool leave(struct rill_sim *s, struct way *w, struct rill_sim_nat *n, int64_t now)
{
    bool returns = rill_addr_same_ip(&n->external, &w->to);
    if (n->blocked || (returns && !n->hairpin))
        return false;
    w->from = rill_sim_nat_out(n, now, &s->rng, &w->from, &w->to)->outside;
    w->realm = n->outside;
    return !returns || enter(w, n, now);
}

static struct rill_sim_nat *nat_of(struct rill_sim *s, const struct way *w, bool inward)
{
    for (size_t i = 0; i < s->n_nats; i++) {
        struct rill_sim_nat *n = &s->nats[i];
        if (inward ? n->outside == w->realm && rill_addr_same_ip(&n->external, &w->to)
                   : n->inside == w->realm)
            return n;
    }
    return NULL;
}

/* From realm to realm until the socket is found; false: nobody has the address. */
static bool route(struct rill_sim *s, struct way *w, int64_t now, uint32_t *target)
{
    for (int steps = 0; steps < 8; steps++) {
        if (find_socket(s, w->realm, &w->to, target))
            return true;
        struct rill_sim_nat *in = nat_of(s, w, true), *out = nat_of(s, w, false);
        if (in ? !enter(w, in, now) : !out || !leave(s, w, out, now))
            return false;
    }
    return false;
}

/* --- the heap ------------------------------------------------------------------------------ */

static bool sooner(const struct rill_sim *s, size_t a, size_t b)
{
    const struct rill_sim_datagram *x = &s->pool[s->heap[a]], *y = &s->pool[s->heap[b]];
    return x->at != y->at ? x->at < y->at : x->order < y->order;
}

static void swap(struct rill_sim *s, size_t a, size_t b)
{
    size_t t = s->heap[a];
    s->heap[a] = s->heap[b];
    s->heap[b] = t;
}

static void heap_push(struct rill_sim *s, size_t slot)
{
    size_t i = s->n_heap++;
    s->heap[i] = slot;
    for (; i && sooner(s, i, (i - 1) / 2); i = (i - 1) / 2)
        swap(s, i, (i - 1) / 2);
}

static size_t heap_pop(struct rill_sim *s)
{
    size_t slot = s->heap[0];
    s->heap[0] = s->heap[--s->n_heap];
    for (size_t i = 0;;) {
        size_t least = i, left = 2 * i + 1, right = left + 1;
        if (left < s->n_heap && sooner(s, left, least))
            least = left;
        if (right < s->n_heap && sooner(s, right, least))
            least = right;
        if (least == i)
            return slot;
        swap(s, i, least);
        i = least;
    }
}

static void arrive(struct rill_sim *s, int64_t at, const struct way *w, uint32_t socket,
                   struct rill_view bytes)
{
    assert(s->n_free > 0 && bytes.n <= RILL_SIM_DATAGRAM);
    size_t slot = s->free[--s->n_free];
    struct rill_sim_datagram *d = &s->pool[slot];
    d->at = at;
    d->order = s->order++;
    d->to = s->sockets[socket].endpoint;
    d->socket = socket;
    d->from = w->from;
    memcpy(d->hops, w->hops, sizeof d->hops);
    d->n_hops = w->n_hops;
    d->n = bytes.n;
    if (bytes.n)
        memcpy(d->bytes, bytes.p, bytes.n);
    heap_push(s, slot);
}

/* --- the recorder --------------------------------------------------------------------------- */

static void record(struct rill_sim *s, int64_t now, const struct rill_addr *from,
                   const struct rill_addr *to, struct rill_view bytes)
{
    uint8_t head[64];
    struct rill_writer w = rill_writer_of((struct rill_span){head, sizeof head});
    rill_w_u64(&w, (uint64_t)now);
    rill_w_bytes(&w, rill_view_at(from->ip, 16));
    rill_w_u16(&w, from->port);
    rill_w_bytes(&w, rill_view_at(to->ip, 16));
    rill_w_u16(&w, to->port);
    struct rill_view pieces[] = {rill_view_at(s->hash, sizeof s->hash), rill_w_view(&w), bytes};
    uint8_t next[32];
    rill_digest_pieces(RILL_SHA256, pieces, 3, next);
    memcpy(s->hash, next, sizeof next);
}

/* --- the link ------------------------------------------------------------------------------- */

static bool chance(struct rill_sim *s, uint32_t of_10000)
{
    return rill_rng_below(&s->rng, 10000) < of_10000;
}

/* One draw each, whatever the outcome, so that a link's settings do not shift later chances. */
static bool is_lost(struct rill_sim *s, struct rill_sim_link *l, int64_t now, size_t n)
{
    if (l->bad && l->longest && now - l->bad_since >= l->longest)
        l->bad = false;
    bool change = chance(s, l->bad ? l->to_good : l->to_bad);
    if (change) {
        l->bad = !l->bad;
        l->bad_since = now;
    }
    bool lost = chance(s, l->bad ? l->loss_bad : l->loss_good);
    if (l->mtu && n > l->mtu) {
        s->too_long++;
        return true;
    }
    return lost || l->down;
}

/* RFC 8868 §4.5.3: Gauss's distribution, cut off at three deviations; here the sum of twelve. */
static int64_t bounded_variation(struct rill_sim *s, int64_t deviation)
{
    int64_t z = -6 * deviation;
    for (int i = 0; i < 12; i++)
        z += rill_rng_below(&s->rng, (uint32_t)deviation);
    z = z > 3 * deviation ? 3 * deviation : z < -3 * deviation ? -3 * deviation : z;
    return z + 3 * deviation;
}

static int64_t arrival(struct rill_sim *s, struct rill_sim_link *l, int64_t now)
{
    int64_t at = now + l->delay;
    if (l->jitter)
        at += rill_rng_below(&s->rng, (uint32_t)l->jitter);
    if (l->deviation)
        at += bounded_variation(s, l->deviation);
    /* Jitter is a queue: what was sent later arrives later, unless it is held back. */
    if (at < l->last_arrival)
        at = l->last_arrival;
    if (chance(s, l->reorder))
        return at + l->delay_more;
    l->last_arrival = at;
    return at;
}

void rill_sim_send(struct rill_sim *s, int64_t now, uint32_t socket, const struct rill_addr *to,
                   struct rill_view bytes)
{
    assert(socket < s->n_sockets);
    const struct rill_sim_socket *from = &s->sockets[socket];
    uint32_t target;
    record(s, now, &from->addr, to, bytes);
    s->sent++;
    struct way w = {.realm = from->realm, .from = from->addr, .to = *to};
    if (!route(s, &w, now, &target)) {
        s->lost++;
        return;
    }
    struct rill_sim_link *l = &s->links[from->endpoint][s->sockets[target].endpoint];
    bool lost = is_lost(s, l, now, bytes.n);
    int64_t left = now;
    if (l->bottleneck)
        left = rill_sim_bottleneck_pass(l->bottleneck, l->who, now, bytes.n + IP_AND_UDP);
    lost = lost || left == RILL_NEVER;
    int64_t at = arrival(s, l, lost ? now : left);
    bool twice = chance(s, l->duplicate);
    if (lost) {
        s->lost++;
        return;
    }
    arrive(s, at, &w, target, bytes);
    if (twice) {
        s->duplicated++;
        arrive(s, at + l->delay_more, &w, target, bytes);
    }
}

void rill_sim_forge(struct rill_sim *s, int64_t now, int64_t delay, const struct rill_addr *from,
                    const struct rill_addr *to, struct rill_view bytes)
{
    uint32_t target;
    struct way w = {.from = *from, .to = *to};
    if (find_socket(s, 0, to, &target))
        arrive(s, now + delay, &w, target, bytes);
}

int64_t rill_sim_next(const struct rill_sim *s)
{
    return s->n_heap ? s->pool[s->heap[0]].at : RILL_NEVER;
}

static bool is_filtered(const struct rill_sim_datagram *d)
{
    for (size_t i = 0; i < d->n_hops; i++) {
        const struct rill_sim_hop *h = &d->hops[i];
        /* The mapping may have gone meanwhile, and its place may be another's. */
        if (!rill_addr_equal(&h->mapping->outside, &h->to) ||
            !rill_sim_nat_admits(h->nat, h->mapping, d->at, &h->from))
            return true;
    }
    return false;
}

bool rill_sim_receive(struct rill_sim *s, int64_t now, struct rill_sim_datagram *out)
{
    while (rill_sim_next(s) <= now) {
        size_t slot = heap_pop(s);
        const struct rill_sim_datagram *d = &s->pool[slot];
        s->free[s->n_free++] = slot;
        if (is_filtered(d)) {
            s->filtered++;
            continue;
        }
        *out = *d;
        s->delivered++;
        return true;
    }
    return false;
}
