/* names: ours (RFC 6762 §6, §8.3, §10.1).
 *
 *   registered ──▶ answered for ──────────────────────────────────────────▶ goodbye
 *       └── announced after a second, and a second later again
 *
 * The idea: each name has a mark for every link on which it is to be multicast, whatever for;
 * output() sends what is marked and due. A record is not multicast again within a second of the
 * last time (§6), so questions that come faster are answered by one message. That is why the first
 * announcement waits a second, as the draft's §3.1.2.1 lets it: the peer is told the name at once,
 * and its question would find the record just said and have to wait. Every answer says by
 * NSEC that there is nothing else under the name (§6.1): who asked for the other family need not
 * wait for it in vain.
 *
 * Deviation: known answers that follow a query with TC set (§7.2) are not waited for: with one
 * record a name, an answer too many is a small message. */
#include "mdns/private.h"

#include <string.h>

static const struct rill_trace_point registered_point = {
    "mdns",
    "registered",
    "an address of ours has a name",
    2,
    {{"name", RILL_TRACE_TEXT}, {"address", RILL_TRACE_ADDR}}};

static const struct rill_trace_point told_point = {
    "mdns",
    "told",
    "an address of ours was told under its name",
    3,
    {{"address", RILL_TRACE_ADDR}, {"to", RILL_TRACE_ADDR}, {"ttl", RILL_TRACE_U64}}};

static uint16_t type_of(const struct rill_mdns_name *n)
{
    return n->addr.family == RILL_ADDR_IP4 ? RILL_DNS_A : RILL_DNS_AAAA;
}

/* RFC 6762 §6.2: a responder "MUST NOT include addresses that are not valid on that interface". */
static bool is_of_link(const struct rill_mdns *x, const struct rill_mdns_name *n, size_t link)
{
    return n->interface == x->links[link].interface;
}

static struct rill_mdns_name *name_of(struct rill_mdns *x, const struct rill_dns_name *name)
{
    for (size_t i = 0; i < x->cap_names; i++)
        if (x->names[i].used && rill_dns_name_equal(&x->names[i].name, name))
            return &x->names[i];
    return NULL;
}

static void mark_links(struct rill_mdns *x, struct rill_mdns_name *n)
{
    for (size_t i = 0; i < x->cap_links; i++)
        if (x->links[i].open && x->links[i].group && is_of_link(x, n, i))
            n->pending |= UINT32_C(1) << i;
}

int rill_mdns_register(struct rill_mdns *x, int64_t now, struct rill_view text,
                       const struct rill_addr *addr, uint32_t interface)
{
    struct rill_dns_name name;
    int rc = rill_mdns_read_name(text, &name);
    x->now = now;
    if (rc < 0)
        return rc;
    struct rill_mdns_name *n = name_of(x, &name);
    for (size_t i = 0; i < x->cap_names && !n; i++)
        if (!x->names[i].used)
            n = &x->names[i];
    if (!n || x->closed)
        return rill_mdns_refuse(RILL_MDNS_TOO_MANY, x->cap_names, NULL);
    *n = (struct rill_mdns_name){.used = true,
                                 .name = name,
                                 .addr = *addr,
                                 .interface = interface,
                                 .announce_at = now + RILL_SECOND};
    RILL_TRACE(x->trace, now, registered_point, {.view = text}, {.addr = addr});
    rill_mdns_names_tick(x, now);
    return 0;
}

void rill_mdns_goodbye(struct rill_mdns *x, struct rill_mdns_name *n)
{
    n->goodbye = true;
    n->announce_at = RILL_NEVER;
    n->pending = n->told & rill_mdns_open_links(x); /* where nobody was told nobody must forget */
    n->used = n->pending != 0;
}

void rill_mdns_unregister(struct rill_mdns *x, int64_t now, struct rill_view text)
{
    struct rill_dns_name name;
    x->now = now;
    struct rill_mdns_name *n = rill_mdns_read_name(text, &name) < 0 ? NULL : name_of(x, &name);
    if (n)
        rill_mdns_goodbye(x, n);
}

void rill_mdns_address_down(struct rill_mdns *x, int64_t now, const struct rill_addr *addr)
{
    x->now = now;
    for (size_t i = 0; i < x->cap_names; i++)
        if (x->names[i].used && rill_addr_same_ip(&x->names[i].addr, addr))
            rill_mdns_goodbye(x, &x->names[i]);
}

/* A link that is there only now: all is announced anew. */
void rill_mdns_names_link(struct rill_mdns *x, int64_t now, size_t link)
{
    for (size_t i = 0; x->links[link].group && i < x->cap_names; i++) {
        struct rill_mdns_name *n = &x->names[i];
        if (!n->used || n->goodbye || !is_of_link(x, n, link))
            continue;
        n->announced = 0;
        n->announce_at = now + RILL_SECOND;
    }
}

void rill_mdns_names_tick(struct rill_mdns *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_names; i++) {
        struct rill_mdns_name *n = &x->names[i];
        if (!n->used || n->goodbye || now < n->announce_at)
            continue;
        mark_links(x, n);
        n->announced++;
        /* RFC 6762 §8.3: "at least two unsolicited responses, one second apart". */
        n->announce_at = n->announced < RILL_MDNS_ANNOUNCEMENTS ? now + RILL_SECOND : RILL_NEVER;
    }
}

/* --- questions of others -------------------------------------------------------------------- */

static void answer_by_unicast(struct rill_mdns *x, const struct rill_mdns_name *n,
                              const struct rill_path *path, bool legacy, uint16_t id, uint16_t type)
{
    if (x->n_answers == RILL_MDNS_ANSWERS)
        return; /* it will ask again */
    x->answers[x->n_answers++] = (struct rill_mdns_answer){
        .name = (size_t)(n - x->names), .path = *path, .legacy = legacy, .id = id, .type = type};
}

/* RFC 6762 §5.4: a unicast answer is given only where "the responder has multicast that record
 * recently (within one quarter of its TTL)". */
static bool was_told_lately(const struct rill_mdns_name *n, size_t link, int64_t now)
{
    return (n->told >> link & 1) && now - n->told_at[link] < RILL_MDNS_TTL / 4 * RILL_SECOND;
}

static void asked(struct rill_mdns *x, int64_t now, size_t link, const struct rill_path *path,
                  uint16_t id, const struct rill_dns_question *q)
{
    struct rill_mdns_name *n = name_of(x, &q->name);
    if (!n || n->goodbye || !is_of_link(x, n, link) || q->class != RILL_DNS_IN)
        return;
    bool legacy = path->remote.port != RILL_MDNS_PORT;
    if (legacy || (q->unicast && was_told_lately(n, link, now))) {
        answer_by_unicast(x, n, path, legacy, id, q->type);
        return;
    }
    n->pending |= UINT32_C(1) << link;
}

/* RFC 6762 §7.1: "A Multicast DNS responder MUST NOT answer … if the answer it would give is
 * already included in the Answer Section with an RR TTL at least half the correct value." */
static bool is_known(const struct rill_dns_record *r, const struct rill_mdns_name *n)
{
    struct rill_addr a;
    return rill_dns_name_equal(&r->name, &n->name) && r->ttl >= RILL_MDNS_TTL / 2 &&
           rill_dns_record_addr(r, &a) && rill_addr_same_ip(&a, &n->addr);
}

static bool knows(struct rill_mdns *x, struct rill_dns_cursor c,
                  const struct rill_dns_question *asked_for)
{
    struct rill_dns_question q;
    struct rill_dns_record r;
    const struct rill_mdns_name *n = name_of(x, &asked_for->name);
    while (n && rill_dns_next_question(&c, &q, NULL) > 0)
        continue;
    while (n && rill_dns_next_record(&c, &r, NULL) > 0)
        if (is_known(&r, n))
            return true;
    return false;
}

int rill_mdns_query(struct rill_mdns *x, int64_t now, size_t link, const struct rill_path *path,
                    struct rill_view message, struct rill_err *why)
{
    struct rill_dns_cursor c, all;
    struct rill_dns_header header;
    struct rill_dns_question q;
    int rc = rill_dns_check(message, why), taken = 0;
    if (rc < 0)
        return rc;
    /* A question of our own, which comes back to us, or one that is not for a responder. */
    if (path->socket != x->links[link].group)
        return 0;
    rill_dns_begin(message, &c, &header, NULL);
    all = c;
    while (rill_dns_next_question(&c, &q, NULL) > 0) {
        if (!name_of(x, &q.name) || knows(x, all, &q))
            continue;
        asked(x, now, link, path, header.id, &q);
        taken = 1;
    }
    return taken;
}

/* --- answers -------------------------------------------------------------------------------- */

static size_t finish(struct rill_mdns *x, const struct rill_mdns_name *n,
                     const struct rill_path *to, uint32_t ttl, const struct rill_writer *w)
{
    RILL_TRACE(x->trace, x->now, told_point, {.addr = &n->addr}, {.addr = &to->remote}, {.u = ttl});
    return w->bad ? 0 : w->at;
}

/* RFC 6762 §6.7: the question is repeated, the TTL is short, and no bit of the class has another
 * meaning than in DNS. */
size_t rill_mdns_answers_output(struct rill_mdns *x, struct rill_path *path, struct rill_span out)
{
    if (x->n_answers == 0)
        return 0;
    struct rill_mdns_answer a = x->answers[0];
    const struct rill_mdns_name *n = &x->names[a.name];
    struct rill_writer w = rill_writer_of(out);
    uint32_t ttl = a.legacy ? RILL_MDNS_TTL_LEGACY : RILL_MDNS_TTL;
    bool positive = a.type == type_of(n) || a.type == RILL_DNS_ANY;
    x->n_answers--;
    memmove(x->answers, x->answers + 1, x->n_answers * sizeof x->answers[0]);
    rill_dns_put_header(&w, a.legacy ? a.id : 0, true, a.legacy, positive, 1);
    if (a.legacy)
        rill_dns_put_question(&w, &n->name, a.type, false);
    if (positive)
        rill_dns_put_addr(&w, &n->name, &n->addr, !a.legacy, ttl);
    rill_dns_put_nsec(&w, &n->name, type_of(n), !a.legacy, ttl);
    *path = a.path;
    return finish(x, n, path, ttl, &w);
}

/* When the record may be multicast on this link again. */
static int64_t due(const struct rill_mdns_name *n, size_t link)
{
    bool free = n->goodbye || !(n->told >> link & 1);
    return free ? INT64_MIN : n->told_at[link] + RILL_SECOND;
}

static size_t tell(struct rill_mdns *x, int64_t now, struct rill_mdns_name *n, size_t link,
                   struct rill_path *path, struct rill_span out)
{
    uint32_t bit = UINT32_C(1) << link, ttl = n->goodbye ? 0 : RILL_MDNS_TTL;
    struct rill_writer w = rill_writer_of(out);
    const struct rill_mdns_link *l = &x->links[link];
    n->pending &= ~bit;
    n->told |= bit;
    n->told_at[link] = now;
    rill_dns_put_header(&w, 0, true, 0, 1, n->goodbye ? 0 : 1);
    rill_dns_put_addr(&w, &n->name, &n->addr, true, ttl);
    if (!n->goodbye)
        rill_dns_put_nsec(&w, &n->name, type_of(n), true, ttl);
    else if (!n->pending)
        n->used = false;
    *path = (struct rill_path){l->group, RILL_PROTO_UDP, rill_mdns_group(l)};
    return finish(x, n, path, ttl, &w);
}

size_t rill_mdns_names_output(struct rill_mdns *x, int64_t now, struct rill_path *path,
                              struct rill_span out)
{
    for (size_t i = 0; i < x->cap_names; i++)
        for (size_t k = 0; x->names[i].used && k < x->cap_links; k++)
            if ((x->names[i].pending >> k & 1) && now >= due(&x->names[i], k))
                return tell(x, now, &x->names[i], k, path, out);
    return 0;
}

int64_t rill_mdns_names_deadline(const struct rill_mdns *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->cap_names; i++) {
        const struct rill_mdns_name *n = &x->names[i];
        if (!n->used)
            continue;
        at = rill_earlier(at, n->announce_at);
        for (size_t k = 0; k < x->cap_links; k++)
            if (n->pending >> k & 1)
                at = rill_earlier(at, due(n, k) > x->now ? due(n, k) : x->now);
    }
    return at;
}
