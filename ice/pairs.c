/* ice/pairs: the pairs of our bases with the peer's candidates (RFC 8445 §6.1.2).
 *
 * The idea: a check can only leave from a base, and a pair with a reflexive candidate is
 * replaced by one with its base and then pruned as redundant (§6.1.2.4). So pairs are
 * formed of bases from the start, and no two have the same base and remote candidate. What
 * the peer's answer maps to makes the pair's local candidate once it is valid. */
#include "ice/agent_private.h"

static const struct rill_trace_point formed_point = {
    "ice",
    "pair_formed",
    "a base of ours and a candidate of the peer were paired",
    3,
    {{"base", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}, {"priority", RILL_TRACE_U64}}};

static const struct rill_trace_point dropped_point = {
    "ice",
    "pair_dropped",
    "a pair left the check list",
    2,
    {{"base", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}}};

static const struct rill_trace_point failed_point = {
    "ice",
    "pair_failed",
    "a pair failed",
    3,
    {{"base", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}, {"reason", RILL_TRACE_TEXT}}};

size_t rill_ice_pair_find(const struct rill_ice *x, size_t base, size_t remote)
{
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && x->pairs[i].base == base && x->pairs[i].remote == remote)
            return i;
    return RILL_ICE_NONE;
}

size_t rill_ice_pair_of_path(const struct rill_ice *x, const struct rill_path *path)
{
    struct rill_addr remote = rill_ice_unscoped(&path->remote);
    size_t base = rill_ice_base_of_path(x, path);
    size_t r = rill_ice_remote_find(x, rill_ice_cand_proto(path->proto), &remote);
    if (base == RILL_ICE_NONE || r == RILL_ICE_NONE)
        return RILL_ICE_NONE;
    return rill_ice_pair_find(x, base, r);
}

void rill_ice_pair_path(const struct rill_ice *x, size_t pair, struct rill_path *out)
{
    const struct rill_ice_base *b = &x->bases[x->pairs[pair].base];
    *out = (struct rill_path){b->socket, rill_ice_base_proto(b),
                              x->remotes[x->pairs[pair].remote].cand.addr};
    if (b->tcp != RILL_ICE_TCP_NONE)
        out->socket = rill_ice_stream_socket(x, x->pairs[pair].base, &out->remote);
    if (out->remote.family == RILL_ADDR_IP6 && rill_addr_is_link_local(&out->remote))
        out->remote.scope = b->addr.scope;
}

bool rill_ice_pair_is_open(const struct rill_ice_pair *p)
{
    return p->state == RILL_ICE_FROZEN || p->state == RILL_ICE_WAITING ||
           p->state == RILL_ICE_IN_PROGRESS;
}

/* RFC 8445 §7.1.1: PRIORITY is the local candidate's "but with the candidate type preference
 * of peer-reflexive candidates". */
uint32_t rill_ice_pair_prflx_priority(const struct rill_ice *x, size_t pair)
{
    return rill_ice_base_priority(x, RILL_ICE_PRFLX, x->pairs[pair].base, RILL_ICE_NONE);
}

static uint64_t priority_of(const struct rill_ice *x, size_t local, size_t remote)
{
    uint32_t ours = x->locals[local].cand.priority;
    uint32_t theirs = x->remotes[remote].cand.priority;
    return x->controlling ? rill_ice_pair_priority(ours, theirs)
                          : rill_ice_pair_priority(theirs, ours);
}

void rill_ice_pairs_prioritize(struct rill_ice *x)
{
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used)
            x->pairs[i].priority = priority_of(x, x->pairs[i].local, x->pairs[i].remote);
}

void rill_ice_pair_drop(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    RILL_TRACE(x->trace, now, dropped_point, {.addr = &x->bases[p->base].addr},
               {.addr = &x->remotes[p->remote].cand.addr});
    p->used = false;
    x->counts.pairs_dropped++;
    if (x->nominee == pair)
        x->nominee = RILL_ICE_NONE;
    if (x->selected != pair)
        return;
    x->selected = RILL_ICE_NONE;
    /* The others were left alone since the nomination: what proved itself long ago must do
     * so again before data goes there. */
    for (size_t i = 0; i < x->cap_pairs; i++) {
        struct rill_ice_pair *o = &x->pairs[i];
        if (o->used && o->valid && !rill_ice_consent_is_fresh(o, now)) {
            o->valid = false;
            o->nominated = false;
            rill_ice_pair_set_state(x, now, i, RILL_ICE_WAITING);
        }
    }
}

void rill_ice_pair_fail(struct rill_ice *x, int64_t now, size_t pair, enum rill_ice_failure failure)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    RILL_TRACE(x->trace, now, failed_point, {.addr = &x->bases[p->base].addr},
               {.addr = &x->remotes[p->remote].cand.addr},
               {.view = rill_view_of(rill_ice_failure_text(failure))});
    rill_ice_pair_set_state(x, now, pair, RILL_ICE_PAIR_FAILED);
    p->failure = failure;
    p->trigger = 0;
    p->valid = false;
    p->nominated = false;
    p->accept = false;
    p->retry = false;
    for (size_t i = 0; i < RILL_ICE_SENT; i++)
        p->sent[i].waiting = false;
    if (x->nominee == pair)
        x->nominee = RILL_ICE_NONE;
}

/* The pair that is worth least: a failed one, else the lowest priority below `priority`.
 * RFC 8838 §10: Failed pairs go first. Valid pairs stay. */
static size_t least_pair(const struct rill_ice *x, uint64_t priority)
{
    size_t least = RILL_ICE_NONE;
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *p = &x->pairs[i];
        if (p->state == RILL_ICE_PAIR_FAILED && i != x->selected)
            return i;
        if (!p->valid && !p->asked && p->priority < priority &&
            (least == RILL_ICE_NONE || p->priority < x->pairs[least].priority))
            least = i;
    }
    return least;
}

static size_t slot_for(struct rill_ice *x, int64_t now, uint64_t priority)
{
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (!x->pairs[i].used)
            return i;
    size_t least = least_pair(x, priority);
    if (least != RILL_ICE_NONE)
        rill_ice_pair_drop(x, now, least);
    return least;
}

size_t rill_ice_pair_add(struct rill_ice *x, int64_t now, size_t base, size_t remote, bool must)
{
    uint64_t priority = priority_of(x, x->bases[base].host, remote);
    size_t i = slot_for(x, now, must ? UINT64_MAX : priority);
    if (i == RILL_ICE_NONE)
        return i;
    x->pairs[i] = (struct rill_ice_pair){.used = true,
                                         .state = RILL_ICE_FROZEN,
                                         .base = base,
                                         .local = x->bases[base].host,
                                         .remote = remote,
                                         .priority = priority,
                                         .rtt = -1,
                                         .counts = rill_ice_no_counts};
    RILL_TRACE(x->trace, now, formed_point, {.addr = &x->bases[base].addr},
               {.addr = &x->remotes[remote].cand.addr}, {.u = priority});
    rill_ice_checklist_place(x, now, i);
    rill_ice_relay_permit(x, now, i);
    return i;
}

/* RFC 6544 §6.2: so with so, active with passive; what is passive is left to the peer's checks. */
static bool may_connect(enum rill_ice_tcptype base, enum rill_ice_tcptype remote)
{
    switch (base) {
    case RILL_ICE_TCP_NONE:
        return remote == RILL_ICE_TCP_NONE;
    case RILL_ICE_TCP_ACTIVE:
        return remote == RILL_ICE_TCP_PASSIVE;
    case RILL_ICE_TCP_SO:
        return remote == RILL_ICE_TCP_SO;
    case RILL_ICE_TCP_PASSIVE:
        return false;
    }
    return false;
}

/* RFC 8445 §6.1.2.2: the same family, and "IPv6 link-local addresses MUST NOT be paired with
 * other than link-local addresses". */
static bool may_pair(const struct rill_ice *x, size_t base, size_t remote)
{
    const struct rill_addr *b = &x->bases[base].addr;
    const struct rill_addr *r = &x->remotes[remote].cand.addr;
    if (x->bases[base].state != RILL_ICE_BASE_OPEN || x->bases[base].host == RILL_ICE_NONE)
        return false;
    if (b->family != r->family || !may_connect(x->bases[base].tcp, x->remotes[remote].cand.tcptype))
        return false;
    return b->family == RILL_ADDR_IP4 || rill_addr_is_link_local(b) == rill_addr_is_link_local(r);
}

static void pair_up(struct rill_ice *x, int64_t now, size_t base, size_t remote)
{
    if (x->remotes[remote].used && may_pair(x, base, remote) &&
        rill_ice_pair_find(x, base, remote) == RILL_ICE_NONE)
        rill_ice_pair_add(x, now, base, remote, false);
}

/* RFC 8838 §10 forbids pairing a local candidate before it was told to the peer: its event
 * waits to be pulled at this same instant, before any check can leave. */
void rill_ice_pairs_for_base(struct rill_ice *x, int64_t now, size_t base)
{
    /* RFC 8445 §6.2: a lite agent makes no pairs, unless the peer is lite as well (lite.c). */
    if (x->lite && !(x->remote_lite && x->remote_done))
        return;
    for (size_t r = 0; r < x->cap_remotes; r++)
        pair_up(x, now, base, r);
}

void rill_ice_pairs_for_remote(struct rill_ice *x, int64_t now, size_t remote)
{
    for (size_t b = 0; !x->lite && b < x->cap_locals; b++)
        pair_up(x, now, b, remote);
}
