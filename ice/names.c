/* ice/names: addresses behind names (draft-ietf-mmusic-mdns-ice-candidates, RFC 8828).
 *
 *   ours:      a host address ──▶ REGISTER a random name for it ──▶ CANDIDATE with the name
 *   the peer's: a candidate with a name ──▶ RESOLVE ──▶ resolved: a candidate like any other
 *                                                   └─▶ nobody, or several: dropped
 *
 * The idea: a name is a field of the candidate. What is compared, paired and sent to is the
 * address, and a remote candidate whose address is not known yet has none: it pairs with nothing.
 * Its requests may come first and show it as peer-reflexive; when it is resolved the two are one.
 *
 * - rill_ice_resolved
 * - rill_ice_hide, rill_ice_is_hidden: for locals.c
 * - rill_ice_name_event, rill_ice_names_pending
 */
#include "ice/agent_private.h"

#include <string.h>

#define UUID 36

static const struct rill_trace_point resolved_point = {
    "ice",
    "name_resolved",
    "a name of the peer is an address now, or the candidate is given up",
    3,
    {{"name", RILL_TRACE_TEXT}, {"address", RILL_TRACE_ADDR}, {"what", RILL_TRACE_TEXT}}};

/* --- ours ------------------------------------------------------------------------------------ */

bool rill_ice_is_hidden(const struct rill_ice *x, const struct rill_addr *addr)
{
    /* Loopback is the same everywhere: it tells nothing of this machine. */
    return x->hosts != RILL_ICE_HOSTS_TOLD && !rill_addr_is_loopback(addr);
}

/* RFC 9562 §5.4: version 4, and the variant of that document. */
static void put_uuid(struct rill_ice *x, char *out, size_t cap)
{
    uint8_t random[16];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out, cap});
    rill_rng_fill(&x->rng, random, sizeof random);
    random[6] = (uint8_t)(0x40 | (random[6] & 0x0f));
    random[8] = (uint8_t)(0x80 | (random[8] & 0x3f));
    for (size_t i = 0; i < sizeof random; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            rill_w_char(&w, '-');
        rill_w_hex(&w, rill_view_at(&random[i], 1));
    }
    rill_w_str(&w, ".local");
    rill_w_end_text(&w);
}

/* "an mDNS name is used to replace only one IP address", and one that has a name keeps it. */
void rill_ice_hide(struct rill_ice *x, size_t local)
{
    struct rill_ice_local *l = &x->locals[local];
    if (x->hosts == RILL_ICE_HOSTS_WITHHELD) {
        l->tell = false;
        l->withheld = true;
        return;
    }
    for (size_t i = 0; i < x->cap_locals; i++) {
        const struct rill_ice_cand *c = &x->locals[i].cand;
        if (i == local || !x->locals[i].used || !c->name[0] ||
            !rill_addr_same_ip(&c->addr, &l->cand.addr))
            continue;
        memcpy(l->cand.name, c->name, sizeof l->cand.name);
        return;
    }
    put_uuid(x, l->cand.name, sizeof l->cand.name);
    l->tell_name = true;
}

/* --- the peer's ------------------------------------------------------------------------------ */

static bool is_hex(uint8_t b)
{
    return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F');
}

/* The draft's §3.2.2: "ICE agents SHOULD NOT resolve mDNS names if they are not in the format
 * defined": a version 4 UUID and ".local". So no signaling makes us call on the printer. */
bool rill_ice_is_mdns_name(struct rill_view name)
{
    if (name.n != RILL_ICE_NAME_MAX ||
        !rill_view_is_nocase(rill_view_sub(name, UUID, name.n - UUID), ".local"))
        return false;
    for (size_t i = 0; i < UUID; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? name.p[i] != '-' : !is_hex(name.p[i]))
            return false;
    }
    return name.p[14] == '4';
}

static bool is_unresolved(const struct rill_ice_remote *r)
{
    return r->used && r->cand.addr.family == RILL_ADDR_NONE;
}

bool rill_ice_names_pending(const struct rill_ice *x)
{
    for (size_t i = 0; i < x->cap_remotes; i++)
        if (is_unresolved(&x->remotes[i]))
            return true;
    return false;
}

size_t rill_ice_unresolved_find(const struct rill_ice *x, const struct rill_ice_cand *c)
{
    for (size_t i = 0; i < x->cap_remotes; i++)
        if (is_unresolved(&x->remotes[i]) && x->remotes[i].cand.proto == c->proto &&
            x->remotes[i].cand.addr.port == c->addr.port &&
            rill_view_is_nocase(rill_view_of(c->name), x->remotes[i].cand.name))
            return i;
    return RILL_ICE_NONE;
}

static void give_up(struct rill_ice *x, int64_t now, size_t i, const char *what)
{
    struct rill_ice_remote *r = &x->remotes[i];
    RILL_TRACE(x->trace, now, resolved_point, {.view = rill_view_of(r->cand.name)},
               {.addr = &r->cand.addr}, {.view = rill_view_of(what)});
    r->used = false;
    x->counts.names_unresolved++;
}

static void become(struct rill_ice *x, int64_t now, size_t i, const struct rill_addr *addr)
{
    struct rill_ice_remote *r = &x->remotes[i];
    struct rill_ice_cand cand = r->cand;
    uint16_t port = cand.addr.port;
    cand.addr = rill_ice_unscoped(addr);
    cand.addr.port = port;
    const char *useless = rill_ice_remote_useless(x, &cand.addr);
    if (useless) {
        give_up(x, now, i, useless);
        return;
    }
    RILL_TRACE(x->trace, now, resolved_point, {.view = rill_view_of(cand.name)},
               {.addr = &cand.addr}, {.view = rill_view_of("it is paired")});
    x->counts.names_resolved++;
    size_t known = rill_ice_remote_find(x, cand.proto, &cand.addr);
    if (known != RILL_ICE_NONE) {
        r->used = false;
        rill_ice_remote_known(x, now, known, &cand);
        return;
    }
    r->cand = cand;
    rill_ice_pairs_for_remote(x, now, i);
}

void rill_ice_resolved(struct rill_ice *x, int64_t now, struct rill_view name,
                       const struct rill_addr *addrs, size_t n)
{
    x->now = now;
    for (size_t i = 0; i < x->cap_remotes; i++) {
        struct rill_ice_remote *r = &x->remotes[i];
        if (!is_unresolved(r) || !rill_view_is_nocase(name, r->cand.name))
            continue;
        /* "An ICE agent SHOULD ignore candidates where the hostname resolution returns more than
         * one IP address." */
        if (n == 1)
            become(x, now, i, addrs);
        else
            give_up(x, now, i, n ? "it has several addresses" : "nobody answers for it");
    }
    rill_ice_update(x, now);
}

/* --- events ---------------------------------------------------------------------------------- */

/* One question for all candidates of one name. */
static bool resolve_event(struct rill_ice *x, struct rill_ice_event *out)
{
    for (size_t i = 0; i < x->cap_remotes; i++) {
        struct rill_ice_remote *r = &x->remotes[i];
        if (!is_unresolved(r) || !r->tell_name)
            continue;
        for (size_t k = 0; k < x->cap_remotes; k++)
            if (is_unresolved(&x->remotes[k]) &&
                rill_view_is_nocase(rill_view_of(r->cand.name), x->remotes[k].cand.name))
                x->remotes[k].tell_name = false;
        *out = (struct rill_ice_event){.type = RILL_ICE_EVENT_RESOLVE, .cand = &r->cand};
        return true;
    }
    return false;
}

bool rill_ice_name_event(struct rill_ice *x, struct rill_ice_event *out)
{
    for (size_t i = 0; i < x->cap_locals; i++) {
        struct rill_ice_local *l = &x->locals[i];
        if (!l->used || !l->tell_name)
            continue;
        l->tell_name = false;
        *out = (struct rill_ice_event){.type = RILL_ICE_EVENT_REGISTER, .cand = &l->cand};
        return true;
    }
    return !rill_ice_is_over(x) && resolve_event(x, out);
}
