/* ice/remote: what is known of the peer: its credentials and its candidates, told by
 * signaling (RFC 8839, RFC 8838 §11) or learned from its requests (RFC 8445 §7.3.1.3). */
#include "ice/agent_private.h"

#include <string.h>

static const struct rill_trace_point credentials_point = {
    "ice",
    "remote_credentials",
    "the peer's credentials are known; checks begin",
    3,
    {{"ufrag", RILL_TRACE_TEXT}, {"pwd", RILL_TRACE_SECRET}, {"lite", RILL_TRACE_U64}}};

static const struct rill_trace_point added_point = {
    "ice",
    "remote_candidate",
    "a candidate of the peer is known",
    3,
    {{"type", RILL_TRACE_TEXT}, {"address", RILL_TRACE_ADDR}, {"priority", RILL_TRACE_U64}}};

static const struct rill_trace_point passed_over_point = {
    "ice",
    "remote_candidate_passed_over",
    "a candidate line of the peer is of no use here",
    2,
    {{"line", RILL_TRACE_TEXT}, {"reason", RILL_TRACE_TEXT}}};

bool rill_ice_has_credentials(const struct rill_ice *x)
{
    return x->n_remote_ufrag > 0;
}

struct rill_view rill_ice_remote_ufrag(const struct rill_ice *x)
{
    return rill_view_at(x->remote_ufrag, x->n_remote_ufrag);
}

struct rill_view rill_ice_remote_pwd(const struct rill_ice *x)
{
    return rill_view_at(x->remote_pwd, x->n_remote_pwd);
}

struct rill_addr rill_ice_unscoped(const struct rill_addr *a)
{
    struct rill_addr out = rill_addr_unmapped(a);
    out.scope = 0;
    return out;
}

uint8_t rill_ice_cand_proto(uint8_t path_proto)
{
    return path_proto == RILL_PROTO_FRAMED ? RILL_PROTO_TCP : RILL_PROTO_UDP;
}

size_t rill_ice_remote_find(const struct rill_ice *x, uint8_t proto, const struct rill_addr *addr)
{
    for (size_t i = 0; i < x->cap_remotes; i++)
        if (x->remotes[i].used && x->remotes[i].cand.proto == proto &&
            rill_addr_equal(&x->remotes[i].cand.addr, addr))
            return i;
    return RILL_ICE_NONE;
}

/* FNV-1a: which session a candidate was sent for, when its credentials are still to come. */
static uint64_t tag_of(struct rill_view ufrag)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < ufrag.n; i++)
        h = (h ^ ufrag.p[i]) * 0x100000001b3u;
    return ufrag.n ? h | 1 : 0;
}

static void drop(struct rill_ice *x, int64_t now, size_t remote)
{
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && x->pairs[i].remote == remote)
            rill_ice_pair_drop(x, now, i);
    x->remotes[remote].used = false;
}

/* A candidate on which a pair is valid, nominated or just being asked for stays. */
static bool is_dear(const struct rill_ice *x, size_t remote)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *p = &x->pairs[i];
        if (p->used && p->remote == remote && (p->valid || p->asked))
            return true;
    }
    return false;
}

/* Learnt from checks, and none of them came to anything: it goes before what was never tried. */
static bool is_spent(const struct rill_ice *x, size_t remote)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *p = &x->pairs[i];
        if (p->used && p->remote == remote && (p->valid || rill_ice_pair_is_open(p)))
            return false;
    }
    return x->remotes[remote].cand.type == RILL_ICE_PRFLX;
}

/* The free slot, or that of the least candidate below `priority` that is not dear. */
static size_t make_room(struct rill_ice *x, int64_t now, uint32_t priority)
{
    size_t least = RILL_ICE_NONE, spent = RILL_ICE_NONE;
    for (size_t i = 0; i < x->cap_remotes; i++) {
        if (!x->remotes[i].used)
            return i;
        uint32_t p = x->remotes[i].cand.priority;
        if (is_spent(x, i))
            spent = i;
        if (p < priority && !is_dear(x, i) &&
            (least == RILL_ICE_NONE || p < x->remotes[least].cand.priority))
            least = i;
    }
    if (spent != RILL_ICE_NONE)
        least = spent;
    if (least != RILL_ICE_NONE)
        drop(x, now, least);
    return least;
}

static size_t add(struct rill_ice *x, int64_t now, const struct rill_ice_cand *cand, uint64_t tag,
                  uint32_t worth)
{
    size_t i = make_room(x, now, worth);
    if (i == RILL_ICE_NONE)
        return i;
    x->remotes[i] = (struct rill_ice_remote){.used = true, .cand = *cand, .ufrag_tag = tag};
    RILL_TRACE(x->trace, now, added_point, {.view = rill_view_of(rill_ice_type_name(cand->type))},
               {.addr = &cand->addr}, {.u = cand->priority});
    return i;
}

const char *rill_ice_remote_useless(const struct rill_ice *x, const struct rill_addr *a)
{
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    if (a->port == 0 || rill_addr_is_any(a) || rill_addr_is_multicast(a))
        return "nothing can be sent to this address";
    if (a->family == RILL_ADDR_IP4 && memcmp(a->ip, broadcast, 4) == 0)
        return "nothing can be sent to this address";
    if (rill_addr_is_loopback(a) && !x->loopback)
        return "loopback is not paired unless asked for";
    return NULL;
}

size_t rill_ice_remote_learn(struct rill_ice *x, int64_t now, uint8_t proto,
                             const struct rill_addr *addr, uint32_t priority)
{
    /* Who comes over TCP has opened the connection. */
    bool tcp = proto == RILL_PROTO_TCP;
    struct rill_ice_cand c = {.type = RILL_ICE_PRFLX,
                              .component = x->component,
                              .proto = proto,
                              .tcptype = tcp ? RILL_ICE_TCP_ACTIVE : RILL_ICE_TCP_NONE,
                              .priority = priority,
                              .addr = *addr};
    size_t i = rill_ice_remote_find(x, proto, addr);
    if (i != RILL_ICE_NONE)
        return i;
    if (rill_ice_remote_useless(x, addr) || priority == 0)
        return RILL_ICE_NONE;
    /* RFC 8445 §7.3.1.3: "The foundation is an arbitrary value, different from the
     * foundations of all other remote candidates": no signaled one can hold a dot. */
    struct rill_writer w =
        rill_writer_of((struct rill_span){(uint8_t *)c.foundation, sizeof c.foundation});
    rill_w_char(&w, '.');
    rill_w_dec(&w, ++x->next_remote);
    rill_w_end_text(&w);
    /* It has shown that it is alive and knows our password: worth more than any line. */
    return add(x, now, &c, 0, UINT32_MAX);
}

/* NULL, or why the line is passed over without harm. */
static const char *passed_over(const struct rill_ice *x, const struct rill_ice_cand_line *l)
{
    bool tcp = rill_view_is_nocase(l->transport, "tcp");
    if (tcp && x->tcp == RILL_ICE_TCP_OFF)
        return "TCP is not asked for";
    if (tcp && l->tcptype == RILL_ICE_TCP_NONE)
        return "TCP without a tcptype";
    /* RFC 6544 §6.2: its pairs would have a passive candidate of ours, and are pruned. */
    if (tcp && l->tcptype == RILL_ICE_TCP_ACTIVE)
        return "active: the peer connects itself";
    if (!tcp && !rill_view_is_nocase(l->transport, "udp"))
        return "neither UDP nor TCP";
    if (l->component != x->component)
        return "another component";
    if (!l->known_type)
        return "an unknown type";
    /* RFC 8839 §5.1: candidates "with FQDNs or IP address versions that are not supported"
     * MUST be ignored; those of the mDNS draft are not, unless the policy is relay (§3.2.1). */
    if (l->addr.family == RILL_ADDR_NONE && !rill_ice_is_mdns_name(l->address))
        return "a name; its requests will show the address";
    if (l->addr.family == RILL_ADDR_NONE && x->policy == RILL_ICE_POLICY_RELAY)
        return "a name, and only relays are used";
    if (l->ufrag.p && rill_ice_has_credentials(x) &&
        !rill_view_equal(l->ufrag, rill_ice_remote_ufrag(x)))
        return "of another generation";
    /* RFC 8838 §14: after end-of-candidates an agent "MUST ignore any newly received
     * candidates". */
    if (x->remote_done)
        return "it came after end-of-candidates";
    return NULL;
}

static struct rill_ice_cand cand_of(const struct rill_ice *x, const struct rill_ice_cand_line *l,
                                    const struct rill_addr *addr)
{
    struct rill_ice_cand c = {.type = l->type,
                              .component = x->component,
                              .proto = RILL_PROTO_UDP,
                              .priority = l->priority,
                              .addr = *addr};
    if (rill_view_is_nocase(l->transport, "tcp")) {
        c.proto = RILL_PROTO_TCP;
        c.tcptype = l->tcptype;
    }
    if (l->related.family != RILL_ADDR_NONE)
        c.related = l->related;
    memcpy(c.foundation, l->foundation.p, l->foundation.n);
    if (l->addr.family == RILL_ADDR_NONE)
        memcpy(c.name, l->address.p, l->address.n);
    return c;
}

/* RFC 8445 §7.3.1.3: when signaling later tells a peer-reflexive candidate, "it will signal
 * the actual foundation", and its true type and priority. Until then only the base that it came to
 * was paired with it. */
void rill_ice_remote_known(struct rill_ice *x, int64_t now, size_t i,
                           const struct rill_ice_cand *cand)
{
    if (x->remotes[i].cand.type != RILL_ICE_PRFLX)
        return;
    x->remotes[i].cand = *cand;
    rill_ice_pairs_prioritize(x);
    rill_ice_pairs_for_remote(x, now, i);
    rill_ice_update(x, now);
}

static void count_line(struct rill_ice *x, const struct rill_ice_cand_line *l, const char *reason)
{
    struct rill_ice_counts *n = &x->counts;
    n->remote_lines++;
    if (l->addr.family == RILL_ADDR_NONE)
        n->remote_names++;
    else if (rill_view_is_nocase(l->transport, "tcp"))
        n->remote_tcp++;
    else if (l->ufrag.p && rill_ice_has_credentials(x) &&
             !rill_view_equal(l->ufrag, rill_ice_remote_ufrag(x)))
        n->remote_strangers++;
    else if (reason)
        n->remote_useless++;
}

int rill_ice_add_remote_candidate(struct rill_ice *x, int64_t now, struct rill_view line,
                                  struct rill_err *why)
{
    struct rill_ice_cand_line parsed;
    x->now = now;
    if (rill_ice_is_over(x))
        return 1;
    int rc = rill_ice_cand_parse(line, &parsed, why);
    if (rc < 0)
        return rc;
    struct rill_addr addr = rill_ice_unscoped(&parsed.addr);
    const char *reason = passed_over(x, &parsed);
    if (!reason)
        reason = parsed.addr.family == RILL_ADDR_NONE && addr.port
                     ? NULL
                     : rill_ice_remote_useless(x, &addr);
    count_line(x, &parsed, reason);
    if (reason) {
        RILL_TRACE(x->trace, now, passed_over_point, {.view = line},
                   {.view = rill_view_of(reason)});
        return 1;
    }
    struct rill_ice_cand cand = cand_of(x, &parsed, &addr);
    size_t i = cand.name[0] ? rill_ice_unresolved_find(x, &cand)
                            : rill_ice_remote_find(x, cand.proto, &addr);
    if (i != RILL_ICE_NONE) {
        rill_ice_remote_known(x, now, i, &cand);
        return 0;
    }
    i = add(x, now, &cand, tag_of(parsed.ufrag), cand.priority);
    if (i == RILL_ICE_NONE)
        return rill_err_set(&rill_ice_errors, RILL_ICE_TOO_MANY, 0, x->cap_remotes, why);
    x->remotes[i].tell_name = cand.name[0] != '\0';
    rill_ice_pairs_for_remote(x, now, i);
    rill_ice_update(x, now);
    return 0;
}

void rill_ice_end_of_candidates(struct rill_ice *x, int64_t now)
{
    x->now = now;
    x->remote_done = true;
    rill_ice_update(x, now);
}

/* Candidates that came early and named another session than the one now known. */
static void drop_strangers(struct rill_ice *x, int64_t now, uint64_t tag)
{
    for (size_t i = 0; i < x->cap_remotes; i++)
        if (x->remotes[i].used && x->remotes[i].ufrag_tag && x->remotes[i].ufrag_tag != tag)
            drop(x, now, i);
}

int rill_ice_set_remote_credentials(struct rill_ice *x, int64_t now, struct rill_view ufrag,
                                    struct rill_view pwd, bool lite)
{
    x->now = now;
    /* RFC 8839 §5.4: "password = 22*256ice-char", "ufrag = 4*256ice-char". */
    if (ufrag.n < 4 || ufrag.n > RILL_ICE_UFRAG_MAX)
        return rill_err_set(&rill_ice_errors, RILL_ICE_CREDENTIALS, 0, ufrag.n, NULL);
    if (pwd.n < 22 || pwd.n > RILL_ICE_PWD_MAX)
        return rill_err_set(&rill_ice_errors, RILL_ICE_CREDENTIALS, 0, pwd.n, NULL);
    if (rill_ice_has_credentials(x)) {
        bool same = rill_view_equal(ufrag, rill_ice_remote_ufrag(x)) &&
                    rill_view_equal(pwd, rill_ice_remote_pwd(x));
        return same ? 0 : rill_err_set(&rill_ice_errors, RILL_ICE_CREDENTIALS_CHANGED, 0, 0, NULL);
    }
    if (rill_ice_is_over(x))
        return 0;
    memcpy(x->remote_ufrag, ufrag.p, ufrag.n);
    memcpy(x->remote_pwd, pwd.p, pwd.n);
    x->n_remote_ufrag = ufrag.n;
    x->n_remote_pwd = pwd.n;
    x->remote_lite = lite;
    RILL_TRACE(x->trace, now, credentials_point, {.view = ufrag}, {.view = pwd}, {.u = lite});
    drop_strangers(x, now, tag_of(ufrag));
    /* RFC 8445 §6.1.1: of a full and a lite agent the full one controls. */
    if (lite && !x->lite && !x->controlling)
        rill_ice_role_switch(x, now, true);
    x->pac_at = now + RILL_ICE_PAC;
    rill_ice_checklist_begin(x, now);
    rill_ice_update(x, now);
    return 0;
}
