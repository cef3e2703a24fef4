/* ice/gather: asking STUN servers how we look from outside (RFC 8445 §5.1.1.2).
 *
 * The idea: every base asks every server of its family once; each query is a STUN
 * transaction paced like the checks. A server that never answers costs a few seconds of
 * gathering, and nothing else waits for it. */
#include "ice/agent_private.h"

#include <string.h>

/* A transaction sends at 0, 0.5, 1.5 and 3.5 s and ends at 5.5 s, and a second one follows:
 * RFC 8489 §6.2.1 lets Rc and Rm be configured; its defaults would hold end-of-candidates
 * back for 39.5 s, and with gaps of 16 s are hurt more by a burst of loss. */
#define QUERY_TRIES 2

static const struct rill_trace_point asked_point = {
    "ice",
    "server_asked",
    "a Binding request went to a STUN server",
    3,
    {{"base", RILL_TRACE_ADDR}, {"server", RILL_TRACE_ADDR}, {"attempt", RILL_TRACE_U64}}};

static const struct rill_trace_point answered_point = {
    "ice",
    "server_answered",
    "a STUN server told our mapped address",
    2,
    {{"server", RILL_TRACE_ADDR}, {"mapped", RILL_TRACE_ADDR}}};

static const struct rill_trace_point given_up_point = {
    "ice",
    "server_given_up",
    "a STUN server did not help; the call goes on without it",
    2,
    {{"server", RILL_TRACE_ADDR}, {"reason", RILL_TRACE_TEXT}}};

static const struct rill_trace_point gathered_point = {
    "ice", "gathering_done", "all our candidates are known", 0, {{0}}};

/* From the loopback interface nothing but itself can be reached. */
static bool can_ask(const struct rill_ice *x, size_t base, size_t server)
{
    const struct rill_addr *b = &x->bases[base].addr;
    const struct rill_addr *s = &x->servers[server];
    return !x->lite && x->bases[base].relay == 0 && x->bases[base].tcp == RILL_ICE_TCP_NONE &&
           b->family == s->family && (!rill_addr_is_loopback(b) || rill_addr_is_loopback(s)) &&
           !(b->family == RILL_ADDR_IP6 && rill_addr_is_link_local(b));
}

void rill_ice_queries_for(struct rill_ice *x, size_t base)
{
    for (size_t s = 0; s < x->n_servers; s++) {
        struct rill_ice_query *q = &x->queries[base * x->cap_servers + s];
        if (q->state == RILL_ICE_QUERY_FREE && can_ask(x, base, s))
            *q = (struct rill_ice_query){.state = RILL_ICE_QUERY_QUEUED, .base = base, .server = s};
    }
}

void rill_ice_queries_drop(struct rill_ice *x, size_t base)
{
    for (size_t s = 0; s < x->cap_servers; s++)
        x->queries[base * x->cap_servers + s].state = RILL_ICE_QUERY_FREE;
}

static size_t first_queued(const struct rill_ice *x)
{
    for (size_t i = 0; i < x->cap_queries; i++)
        if (x->queries[i].state == RILL_ICE_QUERY_QUEUED)
            return i;
    return RILL_ICE_NONE;
}

bool rill_ice_query_waits(const struct rill_ice *x)
{
    return first_queued(x) != RILL_ICE_NONE;
}

static size_t build(struct rill_ice *x, int64_t now, struct rill_ice_query *q,
                    struct rill_path *path, struct rill_span out)
{
    struct rill_stun_writer s;
    rill_stun_begin(&s, out, RILL_STUN_REQUEST, RILL_STUN_BINDING, q->txid);
    rill_stun_put_fingerprint(&s);
    *path = (struct rill_path){x->bases[q->base].socket, RILL_PROTO_UDP, x->servers[q->server]};
    RILL_TRACE(x->trace, now, asked_point, {.addr = &x->bases[q->base].addr},
               {.addr = &x->servers[q->server]}, {.u = q->txn.sent});
    q->requests_sent++;
    return rill_stun_end(&s);
}

/* RFC 8445 §14.3: "RTO = MAX (500ms, Ta * (Num-Of-Cands))", one for each query. */
static int64_t query_rto(const struct rill_ice *x)
{
    int64_t n = 0;
    for (size_t i = 0; i < x->cap_queries; i++)
        n += x->queries[i].state == RILL_ICE_QUERY_QUEUED ||
             x->queries[i].state == RILL_ICE_QUERY_ASKING;
    return n * x->ta > RILL_STUN_RTO ? n * x->ta : RILL_STUN_RTO;
}

size_t rill_ice_query_start(struct rill_ice *x, int64_t now, struct rill_path *path,
                            struct rill_span out)
{
    struct rill_ice_query *q = &x->queries[first_queued(x)];
    rill_stun_txn_start(&q->txn, now, query_rto(x), RILL_ICE_RC, RILL_ICE_RM);
    rill_stun_txn_poll(&q->txn, now);
    rill_rng_fill(&x->rng, q->txid, sizeof q->txid);
    q->state = RILL_ICE_QUERY_ASKING;
    q->tries++;
    return build(x, now, q, path, out);
}

static void settle(int64_t now, struct rill_ice_query *q)
{
    q->state = RILL_ICE_QUERY_KEPT;
    q->at = now + RILL_ICE_KEEP_MAPPING;
}

static void give_up(struct rill_ice *x, int64_t now, struct rill_ice_query *q,
                    enum rill_ice_failure failure)
{
    RILL_TRACE(x->trace, now, given_up_point, {.addr = &x->servers[q->server]},
               {.view = rill_view_of(rill_ice_failure_text(failure))});
    if (q->again) {
        settle(now, q);
        return;
    }
    q->failure = failure;
    q->state = RILL_ICE_QUERY_FREE;
    rill_ice_gathered(x, now);
}

static void time_out(struct rill_ice *x, int64_t now, struct rill_ice_query *q)
{
    if (q->tries < QUERY_TRIES)
        q->state = RILL_ICE_QUERY_QUEUED;
    else
        give_up(x, now, q, RILL_ICE_NO_RESPONSE);
}

size_t rill_ice_query_resend(struct rill_ice *x, int64_t now, struct rill_path *path,
                             struct rill_span out)
{
    for (size_t i = 0; i < x->cap_queries; i++) {
        struct rill_ice_query *q = &x->queries[i];
        if (q->state != RILL_ICE_QUERY_ASKING || rill_ice_txn_is_over(&q->txn, now))
            continue;
        if (rill_stun_txn_poll(&q->txn, now) == RILL_STUN_SEND)
            return build(x, now, q, path, out);
    }
    return 0;
}

/* RFC 8445 §5.1.1.4: server-reflexive candidates "MUST be kept alive until ICE processing
 * has completed". */
void rill_ice_queries_tick(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_queries; i++) {
        struct rill_ice_query *q = &x->queries[i];
        if (q->state == RILL_ICE_QUERY_ASKING && rill_ice_txn_is_over(&q->txn, now))
            time_out(x, now, q);
        if (q->state == RILL_ICE_QUERY_KEPT && now >= q->at && x->selected == RILL_ICE_NONE) {
            q->again = true;
            q->tries = 0;
            q->state = RILL_ICE_QUERY_QUEUED;
        }
    }
}

int64_t rill_ice_queries_deadline(const struct rill_ice *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->cap_queries; i++) {
        const struct rill_ice_query *q = &x->queries[i];
        if (q->state == RILL_ICE_QUERY_ASKING)
            at = rill_earlier(at, rill_stun_txn_deadline(&q->txn));
        else if (q->state == RILL_ICE_QUERY_KEPT && x->selected == RILL_ICE_NONE)
            at = rill_earlier(at, q->at);
    }
    return at;
}

static struct rill_ice_query *query_of(struct rill_ice *x, struct rill_view txid)
{
    for (size_t i = 0; i < x->cap_queries; i++)
        if (x->queries[i].state == RILL_ICE_QUERY_ASKING &&
            rill_view_equal(txid, rill_view_at(x->queries[i].txid, RILL_STUN_TXID)))
            return &x->queries[i];
    return NULL;
}

static bool is_the_servers(const struct rill_ice *x, const struct rill_ice_query *q,
                           const struct rill_path *path)
{
    return path->socket == x->bases[q->base].socket &&
           rill_addr_equal(&path->remote, &x->servers[q->server]);
}

int rill_ice_query_response(struct rill_ice *x, int64_t now, const struct rill_path *path,
                            const struct rill_stun_msg *m, struct rill_err *why)
{
    struct rill_ice_query *q = query_of(x, m->txid);
    struct rill_addr mapped;
    struct rill_view reason;
    if (!q)
        return 0;
    if (!is_the_servers(x, q, path))
        return rill_err_set(&rill_ice_errors, RILL_ICE_ASYMMETRIC, 0, 0, why);
    if (m->fingerprint_at && !rill_stun_check_fingerprint(m))
        return rill_err_set(&rill_ice_errors, RILL_ICE_FINGERPRINT, 0, 0, why);
    if (m->class == RILL_STUN_ERROR) {
        rill_stun_get_error(m, &q->error_code, &reason);
        give_up(x, now, q, RILL_ICE_ERROR_RESPONSE);
        return 1;
    }
    /* A server of before RFC 5389 knows MAPPED-ADDRESS alone. */
    if (!rill_stun_get_addr(m, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped) &&
        !rill_stun_get_addr(m, RILL_STUN_MAPPED_ADDRESS, &mapped))
        return rill_err_set(&rill_ice_errors, RILL_ICE_RESPONSE, 0, 0, why);
    mapped = rill_addr_unmapped(&mapped);
    RILL_TRACE(x->trace, now, answered_point, {.addr = &path->remote}, {.addr = &mapped});
    q->mapped = mapped;
    q->failure = RILL_ICE_NOT_FAILED;
    settle(now, q);
    if (!q->again && mapped.family == x->bases[q->base].addr.family)
        rill_ice_local_add(x, now, RILL_ICE_SRFLX, &mapped, q->base, q->server);
    rill_ice_gathered(x, now);
    return 1;
}

void rill_ice_query_unreachable(struct rill_ice *x, int64_t now, const struct rill_path *path)
{
    for (size_t i = 0; i < x->cap_queries; i++) {
        struct rill_ice_query *q = &x->queries[i];
        if (q->state == RILL_ICE_QUERY_ASKING && is_the_servers(x, q, path))
            give_up(x, now, q, RILL_ICE_HARD_ICMP);
    }
}

/* Gathering is done when no socket and no first answer is awaited any more. */
void rill_ice_gathered(struct rill_ice *x, int64_t now)
{
    if (!x->gathering || x->gathered || x->awaiting || rill_ice_base_pending(x) ||
        rill_ice_relays_pending(x))
        return;
    for (size_t i = 0; i < x->cap_queries; i++)
        if (!x->queries[i].again && (x->queries[i].state == RILL_ICE_QUERY_QUEUED ||
                                     x->queries[i].state == RILL_ICE_QUERY_ASKING))
            return;
    x->gathered = true;
    x->tell_gathered = true;
    RILL_TRACE(x->trace, now, gathered_point, {0});
}
