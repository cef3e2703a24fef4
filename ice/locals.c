/* ice/locals: our candidates (RFC 8445 §5.1): their numbers, and which of them are one too
 * many. */
#include "ice/agent_private.h"

#include <string.h>

static const struct rill_trace_point candidate_point = {"ice",
                                                        "local_candidate",
                                                        "a candidate of ours was found",
                                                        4,
                                                        {{"type", RILL_TRACE_TEXT},
                                                         {"address", RILL_TRACE_ADDR},
                                                         {"base", RILL_TRACE_ADDR},
                                                         {"priority", RILL_TRACE_U64}}};

static const struct rill_trace_point redundant_point = {
    "ice",
    "candidate_redundant",
    "mapped address = host, redundant: no NAT lies between here and the STUN server",
    2,
    {{"mapped", RILL_TRACE_ADDR}, {"base", RILL_TRACE_ADDR}}};

static const struct rill_trace_point full_point = {
    "ice",
    "local_candidates_full",
    "a candidate of ours was dropped for want of room",
    1,
    {{"address", RILL_TRACE_ADDR}}};

size_t rill_ice_local_find(const struct rill_ice *x, size_t base, const struct rill_addr *addr)
{
    for (size_t i = 0; i < x->cap_locals; i++)
        if (x->locals[i].used && x->locals[i].base == base &&
            rill_addr_equal(&x->locals[i].cand.addr, addr))
            return i;
    return RILL_ICE_NONE;
}

/* Bases whose host candidate is still to come have their places kept. */
bool rill_ice_locals_full(const struct rill_ice *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->cap_locals; i++) {
        n += x->locals[i].used;
        n += x->bases[i].state == RILL_ICE_BASE_KNOWN || x->bases[i].state == RILL_ICE_BASE_ASKED;
    }
    return n >= x->cap_locals;
}

static bool same_server(const struct rill_ice *x, size_t a, size_t b)
{
    if (a == RILL_ICE_NONE || b == RILL_ICE_NONE)
        return a == b;
    return rill_addr_same_ip(&x->servers[a], &x->servers[b]);
}

/* RFC 8445 §5.1.1.3: one foundation for one type, base address, server and transport. Two relayed
 * candidates never come of one server over one transport. */
static void put_foundation(struct rill_ice *x, size_t new)
{
    struct rill_ice_local *l = &x->locals[new];
    struct rill_writer w = rill_writer_of(
        (struct rill_span){(uint8_t *)l->cand.foundation, sizeof l->cand.foundation});
    for (size_t i = 0; i < x->cap_locals; i++) {
        const struct rill_ice_local *o = &x->locals[i];
        if (i != new && o->used && l->cand.type != RILL_ICE_RELAY && o->cand.type == l->cand.type &&
            o->cand.proto == l->cand.proto &&rill_addr_same_ip(&o->cand.base, &l->cand.base) &&
            same_server(x, o->server, l->server)) {
            memcpy(l->cand.foundation, o->cand.foundation, sizeof l->cand.foundation);
            return;
        }
    }
    rill_w_dec(&w, ++x->next_foundation);
    rill_w_end_text(&w);
}

static size_t free_slot(const struct rill_ice *x)
{
    for (size_t i = 0; i < x->cap_locals; i++)
        if (!x->locals[i].used)
            return i;
    return RILL_ICE_NONE;
}

size_t rill_ice_local_add(struct rill_ice *x, int64_t now, enum rill_ice_type type,
                          const struct rill_addr *addr, size_t base, size_t server)
{
    const struct rill_ice_base *b = &x->bases[base];
    size_t i = rill_ice_local_find(x, base, addr);
    bool hidden = rill_ice_is_hidden(x, &b->addr);
    /* The mDNS draft §3.1.2.2: a reflexive candidate beside a hidden one, whatever its address,
     * "MUST NOT be considered redundant". */
    if (i != RILL_ICE_NONE &&
        !(hidden && type == RILL_ICE_SRFLX && x->locals[i].cand.type == RILL_ICE_HOST)) {
        /* RFC 8445 §5.1.3: "A candidate is redundant if and only if its transport address
         * and base equal those of another candidate." */
        RILL_TRACE(x->trace, now, redundant_point, {.addr = addr}, {.addr = &b->addr});
        return i;
    }
    i = type != RILL_ICE_HOST && rill_ice_locals_full(x) ? RILL_ICE_NONE : free_slot(x);
    if (i == RILL_ICE_NONE) {
        RILL_TRACE(x->trace, now, full_point, {.addr = addr});
        return i;
    }
    struct rill_ice_local *l = &x->locals[i];
    *l = (struct rill_ice_local){.used = true, .base = base, .server = server};
    l->tell = type != RILL_ICE_PRFLX;
    l->cand.type = type;
    l->cand.component = x->component;
    l->cand.proto = b->tcp == RILL_ICE_TCP_NONE ? RILL_PROTO_UDP : RILL_PROTO_TCP;
    l->cand.tcptype = b->tcp;
    l->cand.addr = *addr;
    l->cand.base = b->addr;
    l->cand.socket = b->socket;
    l->cand.priority = rill_ice_base_priority(x, type, base, server);
    /* The same: "its raddr field set to "0.0.0.0"/"::" and its rport field set to "9"". */
    if (type != RILL_ICE_HOST)
        l->cand.related =
            hidden ? (struct rill_addr){.family = b->addr.family, .port = 9} : b->addr;
    else if (hidden)
        rill_ice_hide(x, i);
    put_foundation(x, i);
    RILL_TRACE(x->trace, now, candidate_point, {.view = rill_view_of(rill_ice_type_name(type))},
               {.addr = addr}, {.addr = &b->addr}, {.u = l->cand.priority});
    return i;
}

void rill_ice_locals_drop(struct rill_ice *x, size_t base)
{
    for (size_t i = 0; i < x->cap_locals; i++)
        if (x->locals[i].base == base)
            x->locals[i].used = false;
}
