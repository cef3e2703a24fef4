/* nat: see nat.h. */
#include "tests/sim/nat.h"

static bool is_live(const struct rill_sim_nat *n, const struct rill_sim_mapping *m, int64_t now)
{
    return m->used && now - m->sent_at < n->timeout;
}

static bool depends(enum rill_sim_depends how, const struct rill_addr *a, const struct rill_addr *b)
{
    if (how == RILL_SIM_ENDPOINT_INDEPENDENT)
        return true;
    return how == RILL_SIM_ADDRESS_DEPENDENT ? rill_addr_same_ip(a, b) : rill_addr_equal(a, b);
}

static bool is_taken(const struct rill_sim_nat *n, int64_t now, uint16_t port)
{
    for (size_t i = 0; i < RILL_SIM_MAPPINGS; i++)
        if (is_live(n, &n->mappings[i], now) && n->mappings[i].outside.port == port)
            return true;
    return false;
}

static struct rill_sim_mapping *make(struct rill_sim_nat *n, int64_t now, struct rill_rng *rng,
                                     const struct rill_addr *from, const struct rill_addr *to)
{
    struct rill_addr outside = n->external;
    outside.port = from->port;
    while (!n->preserve || is_taken(n, now, outside.port)) {
        outside.port = (uint16_t)(1024 + rill_rng_below(rng, 64512));
        if (!is_taken(n, now, outside.port))
            break;
    }
    /* A full one forgets what was silent longest. */
    struct rill_sim_mapping *m = &n->mappings[0];
    for (size_t i = 0; i < RILL_SIM_MAPPINGS && m->used; i++)
        if (!n->mappings[i].used || n->mappings[i].sent_at < m->sent_at)
            m = &n->mappings[i];
    *m = (struct rill_sim_mapping){
        .used = true, .inside = *from, .outside = outside, .first = *to, .sent_at = now};
    return m;
}

const struct rill_sim_mapping *rill_sim_nat_out(struct rill_sim_nat *n, int64_t now,
                                                struct rill_rng *rng, const struct rill_addr *from,
                                                const struct rill_addr *to)
{
    struct rill_sim_mapping *m = NULL;
    for (size_t i = 0; i < RILL_SIM_MAPPINGS && !m; i++) {
        struct rill_sim_mapping *o = &n->mappings[i];
        if (is_live(n, o, now) && rill_addr_equal(&o->inside, from) &&
            depends(n->mapping, &o->first, to))
            m = o;
    }
    if (!m)
        m = make(n, now, rng, from, to);
    m->sent_at = now;
    for (size_t i = 0; i < m->n_peers && i < RILL_SIM_MAPPING_PEERS; i++)
        if (rill_addr_equal(&m->peers[i], to))
            return m;
    m->peers[m->n_peers++ % RILL_SIM_MAPPING_PEERS] = *to;
    return m;
}

const struct rill_sim_mapping *rill_sim_nat_in(const struct rill_sim_nat *n, int64_t now,
                                               const struct rill_addr *to)
{
    for (size_t i = 0; i < RILL_SIM_MAPPINGS; i++)
        if (is_live(n, &n->mappings[i], now) && rill_addr_equal(&n->mappings[i].outside, to))
            return &n->mappings[i];
    return NULL;
}

bool rill_sim_nat_admits(const struct rill_sim_nat *n, const struct rill_sim_mapping *m,
                         int64_t now, const struct rill_addr *from)
{
    if (!is_live(n, m, now))
        return false;
    if (n->filtering == RILL_SIM_ENDPOINT_INDEPENDENT)
        return true;
    for (size_t i = 0; i < m->n_peers && i < RILL_SIM_MAPPING_PEERS; i++)
        if (depends(n->filtering, &m->peers[i], from))
            return true;
    return false;
}
