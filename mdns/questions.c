/* questions: a name of somebody else (RFC 6762 §5.1, §5.4).
 *
 *   0 s ──▶ from our own port, a unicast answer wanted ──▶ 1 s, 3 s: again ──▶ 7 s: nobody
 *              └────── an answer, unicast or to the group ──▶ RESOLVED
 *
 * The idea: a one-shot question, since a candidate's address is wanted once. What leaves from a
 * port of our own is answered to that port, whoever else on this machine hears 5353. Some
 * responders answer to the group alone (Chromium), so all that is heard there is looked through as
 * well. */
#include "mdns/private.h"

#include <string.h>

#define TRIES 3

static const struct rill_trace_point asked_point = {
    "mdns",
    "asked",
    "a name is asked for on an interface",
    3,
    {{"name", RILL_TRACE_TEXT}, {"interface", RILL_TRACE_U64}, {"try", RILL_TRACE_U64}}};

static const struct rill_trace_point resolved_point = {
    "mdns",
    "resolved",
    "a name has an address, or nobody answers for it",
    2,
    {{"name", RILL_TRACE_TEXT}, {"addresses", RILL_TRACE_U64}}};

int rill_mdns_resolve(struct rill_mdns *x, int64_t now, struct rill_view text)
{
    struct rill_dns_name name;
    struct rill_mdns_question *q = NULL;
    int rc = rill_mdns_read_name(text, &name);
    x->now = now;
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < x->cap_questions; i++) {
        struct rill_mdns_question *other = &x->questions[i];
        if (other->used && !other->settled && rill_dns_name_equal(&other->name, &name))
            return 0;
        q = !q && !other->used ? other : q;
    }
    if (!q || x->closed)
        return rill_mdns_refuse(RILL_MDNS_TOO_MANY, x->cap_questions, NULL);
    *q = (struct rill_mdns_question){
        .used = true, .name = name, .id = (uint16_t)rill_rng_u32(&x->rng), .next_at = now};
    memcpy(q->text, text.p, text.n);
    rill_mdns_questions_tick(x, now);
    return 0;
}

/* An interface that is there only now is asked on too. */
void rill_mdns_questions_link(struct rill_mdns *x, int64_t now, size_t link)
{
    (void)now;
    for (size_t i = 0; x->links[link].open && i < x->cap_questions; i++)
        if (x->questions[i].used && !x->questions[i].settled)
            x->questions[i].pending |= UINT32_C(1) << link;
}

static void settle(struct rill_mdns *x, struct rill_mdns_question *q)
{
    q->settled = true;
    q->pending = 0;
    RILL_TRACE(x->trace, x->now, resolved_point, {.view = rill_view_of(q->text)}, {.u = q->n});
}

/* RFC 6762 §5.2: "the interval between the first two queries MUST be at least one second", and
 * "the intervals between successive queries MUST increase by at least a factor of two". */
void rill_mdns_questions_tick(struct rill_mdns *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_questions; i++) {
        struct rill_mdns_question *q = &x->questions[i];
        if (!q->used || q->settled || now < q->next_at)
            continue;
        if (q->tries == TRIES) {
            settle(x, q);
            continue;
        }
        q->next_at = now + (RILL_SECOND << q->tries);
        q->tries++;
        q->pending = rill_mdns_open_links(x);
    }
}

int64_t rill_mdns_questions_deadline(const struct rill_mdns *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->cap_questions; i++) {
        const struct rill_mdns_question *q = &x->questions[i];
        if (q->used && !q->settled)
            at = q->pending ? x->now : rill_earlier(at, q->next_at);
        if (q->used && !q->settled && q->pending)
            return at;
    }
    return at;
}

static size_t lowest(uint32_t bits)
{
    size_t n = 0;
    while (!(bits >> n & 1))
        n++;
    return n;
}

/* A and AAAA in one message. Where there is no port of our own the group's must do. */
size_t rill_mdns_questions_output(struct rill_mdns *x, struct rill_path *path, struct rill_span out)
{
    for (size_t i = 0; i < x->cap_questions; i++) {
        struct rill_mdns_question *q = &x->questions[i];
        if (!q->used || !q->pending)
            continue;
        size_t link = lowest(q->pending);
        const struct rill_mdns_link *l = &x->links[link];
        bool own = l->own != RILL_MDNS_NO_SOCKET;
        struct rill_writer w = rill_writer_of(out);
        q->pending &= ~(UINT32_C(1) << link);
        rill_dns_put_header(&w, own ? q->id : 0, false, 2, 0, 0);
        rill_dns_put_question(&w, &q->name, RILL_DNS_A, own);
        rill_dns_put_question(&w, &q->name, RILL_DNS_AAAA, own);
        *path = (struct rill_path){own ? l->own : l->group, RILL_PROTO_UDP, rill_mdns_group(l)};
        RILL_TRACE(x->trace, x->now, asked_point, {.view = rill_view_of(q->text)},
                   {.u = l->interface}, {.u = q->tries});
        return w.bad ? 0 : w.at;
    }
    return 0;
}

static struct rill_mdns_question *question_of(struct rill_mdns *x, const struct rill_dns_name *name)
{
    for (size_t i = 0; i < x->cap_questions; i++) {
        struct rill_mdns_question *q = &x->questions[i];
        if (q->used && !q->settled && rill_dns_name_equal(&q->name, name))
            return q;
    }
    return NULL;
}

static bool is_an_id_of_ours(const struct rill_mdns *x, uint16_t id)
{
    for (size_t i = 0; i < x->cap_questions; i++)
        if (x->questions[i].used && x->questions[i].id == id)
            return true;
    return false;
}

static void keep(struct rill_mdns_question *q, const struct rill_dns_record *r, uint32_t interface)
{
    struct rill_addr a;
    /* RFC 6762 §10.1: a TTL of 0 is a goodbye. */
    if (r->ttl == 0 || q->n == RILL_MDNS_ADDRS || !rill_dns_record_addr(r, &a))
        return;
    if (a.family == RILL_ADDR_IP6 && rill_addr_is_link_local(&a))
        a.scope = interface;
    for (size_t i = 0; i < q->n; i++)
        if (rill_addr_same_ip(&q->addrs[i], &a))
            return;
    q->addrs[q->n++] = a;
}

/* Only what was asked for is taken, and of one message all addresses of a name, or none when the
 * message cannot be read to its end. */
int rill_mdns_response(struct rill_mdns *x, size_t link, bool own, struct rill_view message,
                       struct rill_err *why)
{
    struct rill_dns_cursor c;
    struct rill_dns_header header;
    struct rill_dns_question asked;
    struct rill_dns_record r;
    int rc = rill_dns_check(message, why);
    if (rc < 0)
        return rc;
    rill_dns_begin(message, &c, &header, NULL);
    if (own && !is_an_id_of_ours(x, header.id))
        return rill_mdns_refuse(RILL_MDNS_ID, header.id, why);
    while (rill_dns_next_question(&c, &asked, NULL) > 0)
        continue;
    while (rill_dns_next_record(&c, &r, NULL) > 0) {
        struct rill_mdns_question *q = question_of(x, &r.name);
        if (q)
            keep(q, &r, x->links[link].interface);
    }
    rc = 0;
    for (size_t i = 0; i < x->cap_questions; i++) {
        struct rill_mdns_question *q = &x->questions[i];
        if (!q->used || q->settled || q->n == 0)
            continue;
        settle(x, q);
        rc = 1;
    }
    return rc;
}

bool rill_mdns_question_event(struct rill_mdns *x, struct rill_mdns_event *out)
{
    for (size_t i = 0; i < x->cap_questions; i++) {
        struct rill_mdns_question *q = &x->questions[i];
        if (!q->used || !q->settled)
            continue;
        *out = (struct rill_mdns_event){.type = RILL_MDNS_EVENT_RESOLVED, .n = q->n};
        memcpy(out->name, q->text, sizeof out->name);
        memcpy(out->addrs, q->addrs, sizeof out->addrs);
        q->used = false;
        return true;
    }
    return false;
}
