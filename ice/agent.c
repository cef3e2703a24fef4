/* ice/agent: the verbs: what the outside calls, each handed on to the file that knows. */
#include "ice/agent_private.h"

#include "base/arena.h"

#include <string.h>

static const struct rill_trace_point refused_point = {
    "ice",
    "datagram_dropped",
    "a STUN message was not taken, for the reason given",
    2,
    {{"from", RILL_TRACE_ADDR}, {"reason", RILL_TRACE_TEXT}}};

static size_t cap_or(size_t cap, size_t otherwise)
{
    return cap ? cap : otherwise;
}

static bool caps_fit(const struct rill_ice_config *c)
{
    return c->local_candidates <= RILL_ICE_LOCAL_CANDIDATES_MAX &&
           c->remote_candidates <= RILL_ICE_REMOTE_CANDIDATES_MAX &&
           c->pairs <= RILL_ICE_PAIRS_MAX && c->servers <= RILL_ICE_SERVERS_MAX &&
           c->n_turn <= RILL_ICE_SERVERS_MAX && c->streams <= RILL_ICE_STREAMS_MAX;
}

/* NULL when the arena only counts. */
static struct rill_ice *carve(struct rill_arena *a, const struct rill_ice_config *c)
{
    size_t locals = cap_or(c->local_candidates, c->tcp == RILL_ICE_TCP_OFF ? 16 : 32);
    size_t remotes = cap_or(c->remote_candidates, 32);
    size_t pairs = cap_or(c->pairs, RILL_ICE_PAIRS_MAX);
    size_t servers = cap_or(c->servers, 4);
    struct rill_ice *x = rill_arena_take(a, 1, sizeof *x);
    struct rill_ice tables = {
        .cap_locals = locals,
        .cap_remotes = remotes,
        .cap_pairs = pairs,
        .cap_servers = servers,
        .cap_queries = locals * servers,
        .bases = rill_arena_take(a, locals, sizeof *x->bases),
        .locals = rill_arena_take(a, locals, sizeof *x->locals),
        .remotes = rill_arena_take(a, remotes, sizeof *x->remotes),
        .pairs = rill_arena_take(a, pairs, sizeof *x->pairs),
        .servers = rill_arena_take(a, servers, sizeof *x->servers),
        .queries = rill_arena_take(a, locals * servers, sizeof *x->queries),
        .answer_ring = {.cap = RILL_ICE_ANSWERS},
    };
    if (x && !a->bad)
        *x = tables;
    rill_ice_relays_init(a->bad ? NULL : x, a, c);
    rill_ice_streams_init(a->bad ? NULL : x, a, c);
    return a->bad ? NULL : x;
}

size_t rill_ice_size(const struct rill_ice_config *config)
{
    struct rill_arena a = rill_arena_counting();
    if (!caps_fit(config))
        return 0;
    carve(&a, config);
    return rill_arena_size(&a);
}

struct rill_ice *rill_ice_init(void *block, const struct rill_ice_config *config)
{
    struct rill_arena a = rill_arena_over(block, rill_ice_size(config));
    struct rill_ice *x = caps_fit(config) ? carve(&a, config) : NULL;
    if (!x)
        return NULL;
    x->rng = config->rng;
    x->trace = config->trace;
    x->loopback = config->loopback;
    x->component = config->component ? config->component : 1;
    x->policy = config->policy;
    x->hosts = config->hosts;
    x->lite = config->lite;
    x->tcp = config->tcp;
    x->ta = config->ta ? config->ta : RILL_ICE_TA;
    /* RFC 8445 §14.2: transactions "MUST NOT be sent more often than once every 5 ms". */
    if (x->ta < RILL_ICE_TA_MIN)
        x->ta = RILL_ICE_TA_MIN;
    /* RFC 8445 §5.3: 24 bits of randomness and 128 bits; 6 bits a character. */
    if (config->ufrag.n == sizeof x->ufrag && config->pwd.n == sizeof x->pwd) {
        memcpy(x->ufrag, config->ufrag.p, sizeof x->ufrag);
        memcpy(x->pwd, config->pwd.p, sizeof x->pwd);
    } else {
        rill_rng_ice_chars(&x->rng, x->ufrag, sizeof x->ufrag);
        rill_rng_ice_chars(&x->rng, x->pwd, sizeof x->pwd);
    }
    x->tiebreaker = rill_rng_u64(&x->rng);
    x->next_new = INT64_MIN;
    x->nominee = RILL_ICE_NONE;
    x->selected = RILL_ICE_NONE;
    x->settle_at = RILL_NEVER;
    x->lost_at = RILL_NEVER;
    x->pac_at = RILL_NEVER;
    return x;
}

struct rill_view rill_ice_ufrag(const struct rill_ice *x)
{
    return rill_view_at(x->ufrag, sizeof x->ufrag);
}

struct rill_view rill_ice_pwd(const struct rill_ice *x)
{
    return rill_view_at(x->pwd, sizeof x->pwd);
}

int rill_ice_add_server(struct rill_ice *x, const struct rill_addr *stun_server)
{
    struct rill_addr a = rill_addr_unmapped(stun_server);
    for (size_t i = 0; i < x->n_servers; i++)
        if (rill_addr_equal(&x->servers[i], &a))
            return 0;
    if (x->n_servers == x->cap_servers)
        return rill_err_set(&rill_ice_errors, RILL_ICE_TOO_MANY, 0, x->cap_servers, NULL);
    x->servers[x->n_servers++] = a;
    for (size_t b = 0; b < x->cap_locals; b++)
        if (x->bases[b].state == RILL_ICE_BASE_OPEN && x->gathering && !x->gathered)
            rill_ice_queries_for(x, b);
    return 0;
}

void rill_ice_await_servers(struct rill_ice *x, int64_t now, bool awaited)
{
    x->now = now;
    x->awaiting = awaited;
    rill_ice_update(x, now);
}

static int take(struct rill_ice *x, int64_t now, const struct rill_path *path,
                struct rill_view datagram, struct rill_err *why)
{
    struct rill_stun_msg m;
    if (rill_ice_is_over(x))
        return rill_err_set(&rill_ice_errors, RILL_ICE_OVER, 0, 0, why);
    int rc = rill_stun_decode(datagram, &m, why);
    if (rc < 0)
        return rc;
    if (m.method != RILL_STUN_BINDING)
        return rill_err_set(&rill_ice_errors, RILL_ICE_NOT_BINDING, 0, m.method, why);
    if (m.class == RILL_STUN_REQUEST)
        return rill_ice_request(x, now, path, &m, why);
    /* RFC 8445 §11: Binding indications keep NAT bindings alive and mean nothing else. */
    if (m.class == RILL_STUN_INDICATION)
        return m.fingerprint_at && !rill_stun_check_fingerprint(&m)
                   ? rill_err_set(&rill_ice_errors, RILL_ICE_FINGERPRINT, 0, 0, why)
                   : 1;
    rc = rill_ice_query_response(x, now, path, &m, why);
    if (rc == 0)
        rc = rill_ice_previous_response(x, now, path, &m, why);
    return rc != 0 ? rc : rill_ice_response(x, now, path, &m, why);
}

int rill_ice_input(struct rill_ice *x, int64_t now, const struct rill_path *path,
                   struct rill_view datagram, struct rill_err *why)
{
    return rill_ice_input_at(x, now, now, path, datagram, why);
}

int rill_ice_input_at(struct rill_ice *x, int64_t now, int64_t arrived,
                      const struct rill_path *path, struct rill_view datagram, struct rill_err *why)
{
    struct rill_err reason = {0};
    x->now = now;
    x->arrived = arrived;
    int rc = take(x, now, path, datagram, &reason);
    if (why)
        *why = reason;
    if (rc < 0) {
        rill_ice_count_refused(x, datagram, rc);
        RILL_TRACE(x->trace, now, refused_point, {.addr = &path->remote},
                   {.view = rill_view_of(reason.row ? reason.row->sentence : "")});
        return 0;
    }
    rill_ice_update(x, now);
    return 1;
}

void rill_ice_unreachable(struct rill_ice *x, int64_t now, const struct rill_path *path)
{
    x->now = now;
    if (rill_ice_is_over(x))
        return;
    rill_ice_query_unreachable(x, now, path);
    rill_ice_relay_unreachable(x, now, path);
    size_t i = rill_ice_pair_of_path(x, path);
    /* RFC 8445 §7.2.5.2.2: anyone can forge an ICMP error, so a pair that has proven itself
     * is judged by consent alone; a pair still being checked fails, and no other. */
    if (i != RILL_ICE_NONE && !x->pairs[i].valid && rill_ice_pair_is_open(&x->pairs[i]))
        rill_ice_pair_fail(x, now, i, RILL_ICE_HARD_ICMP);
    rill_ice_update(x, now);
}

void rill_ice_tick(struct rill_ice *x, int64_t now)
{
    x->now = now;
    if (rill_ice_is_over(x))
        return;
    rill_ice_relays_tick(x, now);
    rill_ice_streams_tick(x, now);
    rill_ice_queries_tick(x, now);
    rill_ice_checks_tick(x, now);
    rill_ice_consent_tick(x, now);
    rill_ice_previous_tick(x, now);
    rill_ice_update(x, now);
}

/* RFC 8445 §14.1: gathering and checks are paced together; checks that a request triggered
 * go first (§6.1.4.2), then the two take turns. Deviation: after three triggered checks in a row
 * something else has its turn, since two NATs that map anew for each peer and let everybody in
 * trigger checks for ever, each from an address that the next answer does not come from. */
static size_t begin_one(struct rill_ice *x, int64_t now, struct rill_path *path,
                        struct rill_span out)
{
    bool turn = x->queries_first &&
                (rill_ice_triggered(x) == RILL_ICE_NONE || rill_ice_triggered_yields(x));
    bool query = rill_ice_query_waits(x);
    size_t pair = query && turn ? RILL_ICE_NONE : rill_ice_checklist_next(x, now);
    if (pair == RILL_ICE_NONE && !query)
        return 0;
    x->next_new = now + x->ta;
    x->queries_first = pair != RILL_ICE_NONE;
    if (pair == RILL_ICE_NONE)
        x->triggered_row = 0;
    return pair != RILL_ICE_NONE ? rill_ice_check_start(x, now, pair, path, out)
                                 : rill_ice_query_start(x, now, path, out);
}

static size_t next_output(struct rill_ice *x, int64_t now, struct rill_path *path,
                          struct rill_span out)
{
    size_t n;
    if ((n = rill_ice_answer_output(x, path, out)) > 0)
        return n;
    if ((n = rill_ice_consent_output(x, now, path, out)) > 0)
        return n;
    if ((n = rill_ice_previous_output(x, now, path, out)) > 0)
        return n;
    if ((n = rill_ice_check_resend(x, now, path, out)) > 0)
        return n;
    if ((n = rill_ice_query_resend(x, now, path, out)) > 0)
        return n;
    return now >= x->next_new ? begin_one(x, now, path, out) : 0;
}

size_t rill_ice_output(struct rill_ice *x, int64_t now, struct rill_path *path,
                       struct rill_span out)
{
    x->now = now;
    size_t n = rill_ice_relays_output(x, now, path, out);
    while (n == 0 && !rill_ice_is_over(x) && (n = next_output(x, now, path, out)) > 0)
        n = rill_ice_wrap(x, now, path, out, n);
    return n;
}

int64_t rill_ice_deadline(const struct rill_ice *x)
{
    if (rill_ice_is_over(x))
        return x->state == RILL_ICE_CLOSED ? rill_ice_relays_deadline(x) : RILL_NEVER;
    if (x->answer_ring.n > 0)
        return x->now;
    int64_t at = rill_ice_relays_deadline(x);
    at = rill_earlier(at, rill_ice_streams_deadline(x));
    at = rill_earlier(at, rill_ice_queries_deadline(x));
    at = rill_earlier(at, rill_ice_checks_deadline(x));
    at = rill_earlier(at, rill_ice_consent_deadline(x));
    at = rill_earlier(at, rill_ice_previous_deadline(x));
    at = rill_earlier(at, rill_ice_nominate_deadline(x));
    at = rill_earlier(at, rill_ice_state_deadline(x));
    if (rill_ice_checklist_waits(x) || rill_ice_query_waits(x))
        at = rill_earlier(at, x->next_new > x->now ? x->next_new : x->now);
    return at;
}

void rill_ice_close(struct rill_ice *x, int64_t now)
{
    if (x->state == RILL_ICE_CLOSED)
        return;
    x->now = now;
    x->had_pair = rill_ice_pair_info(x, &x->last_pair);
    rill_ice_to_state(x, now, RILL_ICE_CLOSED);
    rill_ice_relays_close(x, now);
    for (size_t i = 0; i < x->cap_locals; i++)
        rill_ice_base_forget(x, i);
    for (size_t i = 0; i < x->cap_pairs; i++)
        x->pairs[i].used = false;
    x->selected = RILL_ICE_NONE;
    x->nominee = RILL_ICE_NONE;
    x->answer_ring.n = 0;
    rill_wipe(&x->previous, sizeof x->previous);
    rill_wipe(&x->undo, sizeof x->undo);
    rill_wipe(x->pwd, sizeof x->pwd);
    rill_wipe(x->remote_pwd, sizeof x->remote_pwd);
}
