/* stun/nat: see nat.h. */
#include "stun/nat.h"

#include "base/arena.h"
#include "stun/txn.h"

#include <string.h>

/* RFC 5780 §5: "a client SHOULD NOT generate more than ten new STUN transactions per second". */
#define PACE (100 * RILL_MS)
/* Silence is an answer here, so it must not take the 39.5 s of RFC 8489: a test sends at 0, 0.5
 * and 1.5 s and ends at 2.5 s. */
#define RC 3
#define RM 2
#define PADDING 1500 /* RFC 5780 §7.6: the MTU, so that header and padding make two fragments */
#define LIFETIME_FIRST (15 * RILL_SECOND)
#define LIFETIME_EXACT (5 * RILL_SECOND)

static const struct rill_trace_point asked_point = {
    "stun",
    "nat_asked",
    "a test of the NAT sends its request",
    3,
    {{"test", RILL_TRACE_TEXT}, {"to", RILL_TRACE_ADDR}, {"attempt", RILL_TRACE_U64}}};

static const struct rill_trace_point told_point = {
    "stun",
    "nat_told",
    "a test of the NAT has its outcome",
    3,
    {{"test", RILL_TRACE_TEXT}, {"outcome", RILL_TRACE_TEXT}, {"mapped", RILL_TRACE_ADDR}}};

enum test {
    MAPPING_1,
    FILTERING_1,
    HAIRPIN_1,
    MAPPING_2,
    FILTERING_2,
    HAIRPIN,
    MAPPING_3,
    FILTERING_3,
    FRAGMENTS,
    LIFETIME_1,
    LIFETIME,
    TESTS,
};

static const struct {
    const char *name;
    uint8_t socket;
    uint8_t change; /* flags of CHANGE-REQUEST */
} tests[TESTS] = {
    [MAPPING_1] = {"mapping I", 0, 0},
    [MAPPING_2] = {"mapping II", 0, 0},
    [MAPPING_3] = {"mapping III", 0, 0},
    [FILTERING_1] = {"filtering I", 1, 0},
    [FILTERING_2] = {"filtering II", 1, RILL_STUN_CHANGE_IP | RILL_STUN_CHANGE_PORT},
    [FILTERING_3] = {"filtering III", 1, RILL_STUN_CHANGE_PORT},
    [HAIRPIN_1] = {"hairpin I", 2, 0},
    [HAIRPIN] = {"hairpin", 2, 0},
    [FRAGMENTS] = {"fragments", 0, 0},
    [LIFETIME_1] = {"lifetime I", 3, 0},
    [LIFETIME] = {"lifetime", 2, 0},
};

enum state { IDLE, QUEUED, ASKING, ANSWERED, SILENT, REFUSED };

struct probe {
    enum state state;
    struct rill_stun_txn txn;
    uint8_t txid[RILL_STUN_TXID];
    struct rill_addr to;
    uint16_t response_port;
    int64_t sent_at, rtt;
    struct rill_addr from, mapped;
    uint32_t came_to; /* socket */
    unsigned error;
};

struct rill_nat {
    struct rill_nat_config config;
    int64_t now, next_new;
    struct probe probes[TESTS];
    struct rill_addr origin, other;
    bool origin_differs;
    int64_t lifetime_at;   /* when the binding is asked for; RILL_NEVER */
    int64_t lifetime_wait; /* how long it is left alone this time */
    int64_t lifetime_least, lifetime_most;
    bool lifetime_over;
};

size_t rill_nat_size(void)
{
    struct rill_arena a = rill_arena_counting();
    (void)rill_arena_take(&a, 1, sizeof(struct rill_nat));
    return rill_arena_size(&a);
}

static void queue(struct rill_nat *x, enum test t, const struct rill_addr *to)
{
    struct probe *p = &x->probes[t];
    *p = (struct probe){.state = QUEUED, .to = *to, .rtt = -1};
    rill_rng_fill(&x->config.rng, p->txid, sizeof p->txid);
}

struct rill_nat *rill_nat_init(void *block, int64_t now, const struct rill_nat_config *config)
{
    struct rill_arena a = rill_arena_over(block, rill_nat_size());
    struct rill_nat *x = rill_arena_take(&a, 1, sizeof *x);
    *x = (struct rill_nat){.config = *config,
                           .now = now,
                           .next_new = now,
                           .lifetime_at = RILL_NEVER,
                           .lifetime_wait = LIFETIME_FIRST,
                           .lifetime_most = RILL_NEVER};
    queue(x, MAPPING_1, &config->server);
    queue(x, FILTERING_1, &config->server);
    queue(x, HAIRPIN_1, &config->server);
    return x;
}

/* --- which test comes next -------------------------------------------------------------------- */

static bool is(const struct rill_nat *x, enum test t, enum state s)
{
    return x->probes[t].state == s;
}

static bool is_over(const struct rill_nat *x, enum test t)
{
    return x->probes[t].state > ASKING;
}

static enum rill_nat_fact natted(const struct rill_nat *x)
{
    const struct rill_addr *mapped = &x->probes[MAPPING_1].mapped;
    if (!is(x, MAPPING_1, ANSWERED))
        return RILL_NAT_UNTOLD;
    if (mapped->port != x->config.local[0].port)
        return RILL_NAT_YES;
    for (size_t i = 0; i < x->config.n_addresses; i++)
        if (rill_addr_same_ip(&x->config.addresses[i], mapped))
            return RILL_NAT_NO;
    return RILL_NAT_YES;
}

static bool same_mapping(const struct rill_nat *x, enum test a, enum test b)
{
    return rill_addr_equal(&x->probes[a].mapped, &x->probes[b].mapped);
}

static bool filtering_is_under_way(const struct rill_nat *x)
{
    static const enum test all[] = {FILTERING_1, FILTERING_2, FILTERING_3};
    for (size_t i = 0; i < 3; i++)
        if (is(x, all[i], QUEUED) || is(x, all[i], ASKING))
            return true;
    return false;
}

/* Some NATs filter by host, not by socket: what mapping sends to the other address would let
 * filtering's answers in. So it waits (RFC 5780 §4.5: "the sensitivity of certain tests to prior
 * state on the NAT").
 *
 * RFC 5780 §4.3: II goes "to the alternate address, but primary port", III to the alternate
 * address and port. */
static void next_mapping(struct rill_nat *x)
{
    struct rill_addr to = x->other;
    if (!is(x, MAPPING_1, ANSWERED) || natted(x) != RILL_NAT_YES || to.family == RILL_ADDR_NONE ||
        filtering_is_under_way(x))
        return;
    to.port = x->config.server.port;
    if (is(x, MAPPING_2, IDLE))
        queue(x, MAPPING_2, &to);
    else if (is(x, MAPPING_2, ANSWERED) && is(x, MAPPING_3, IDLE) &&
             !same_mapping(x, MAPPING_1, MAPPING_2))
        queue(x, MAPPING_3, &x->other);
}

/* RFC 5780 §4.4 */
static void next_filtering(struct rill_nat *x)
{
    if (!is(x, FILTERING_1, ANSWERED) || x->other.family == RILL_ADDR_NONE)
        return;
    if (is(x, FILTERING_2, IDLE))
        queue(x, FILTERING_2, &x->config.server);
    else if (is(x, FILTERING_2, SILENT) && is(x, FILTERING_3, IDLE))
        queue(x, FILTERING_3, &x->config.server);
}

/* RFC 5780 §3.4. Our own mapped address is then one that we have sent to, so that it is not the
 * filter that speaks. */
static void next_hairpin(struct rill_nat *x)
{
    if (is(x, HAIRPIN_1, ANSWERED) && is(x, HAIRPIN, IDLE) && natted(x) == RILL_NAT_YES)
        queue(x, HAIRPIN, &x->probes[HAIRPIN_1].mapped);
}

static bool basics_are_over(const struct rill_nat *x)
{
    for (enum test t = MAPPING_1; t < FRAGMENTS; t++)
        if (is(x, t, QUEUED) || is(x, t, ASKING))
            return false;
    return true;
}

static void next_fragments(struct rill_nat *x)
{
    if (x->config.fragments && is(x, FRAGMENTS, IDLE) && is(x, MAPPING_1, ANSWERED))
        queue(x, FRAGMENTS, &x->config.server);
}

/* --- the lifetime of a binding (RFC 5780 §4.6) -------------------------------------------------
 */

/* Doubled until it is gone, then halved: what lies between is told. */
static void lifetime_told(struct rill_nat *x, bool alive)
{
    int64_t *least = &x->lifetime_least, *most = &x->lifetime_most;
    if (alive)
        *least = x->lifetime_wait;
    else
        *most = x->lifetime_wait;
    x->lifetime_wait = *most == RILL_NEVER ? 2 * *least : *least + (*most - *least) / 2;
    if (x->lifetime_wait > x->config.lifetime_max)
        x->lifetime_wait = x->config.lifetime_max;
    x->lifetime_over = *least >= x->config.lifetime_max ||
                       (*most != RILL_NEVER && *most - *least <= LIFETIME_EXACT);
    x->probes[LIFETIME_1].state = x->probes[LIFETIME].state = IDLE;
}

static void next_lifetime(struct rill_nat *x)
{
    const struct probe *first = &x->probes[LIFETIME_1];
    if (x->config.lifetime_max == 0 || x->lifetime_over || !is(x, MAPPING_1, ANSWERED))
        return;
    if (first->state == IDLE) {
        if (x->lifetime_wait > x->config.lifetime_max)
            x->lifetime_wait = x->config.lifetime_max;
        queue(x, LIFETIME_1, &x->config.server);
        x->lifetime_at = RILL_NEVER;
    } else if (first->state == ANSWERED && x->lifetime_at == RILL_NEVER) {
        x->lifetime_at = x->now + x->lifetime_wait;
    } else if (first->state == ANSWERED && is(x, LIFETIME, IDLE) && x->now >= x->lifetime_at) {
        queue(x, LIFETIME, &x->config.server);
        x->probes[LIFETIME].response_port = first->mapped.port;
    } else if (first->state == SILENT || first->state == REFUSED || is(x, LIFETIME, REFUSED)) {
        x->lifetime_over = true;
    } else if (is_over(x, LIFETIME)) {
        lifetime_told(x, is(x, LIFETIME, ANSWERED) && x->probes[LIFETIME].came_to == 3);
        next_lifetime(x);
    }
}

static void advance(struct rill_nat *x)
{
    /* Without the first answer nothing else has one. */
    if (is(x, MAPPING_1, SILENT) || is(x, MAPPING_1, REFUSED)) {
        for (enum test t = 0; t < TESTS; t++)
            if (is(x, t, QUEUED) || is(x, t, ASKING))
                x->probes[t].state = SILENT;
        return;
    }
    next_filtering(x);
    next_mapping(x);
    next_hairpin(x);
    if (!basics_are_over(x))
        return;
    next_fragments(x);
    if (!is(x, FRAGMENTS, QUEUED) && !is(x, FRAGMENTS, ASKING))
        next_lifetime(x);
}

static void settle(struct rill_nat *x, enum test t, enum state s)
{
    static const char *const outcomes[] = {"", "", "", "answered", "silent", "refused"};
    x->probes[t].state = s;
    RILL_TRACE(x->config.trace, x->now, told_point, {.view = rill_view_of(tests[t].name)},
               {.view = rill_view_of(outcomes[s])}, {.addr = &x->probes[t].mapped});
    advance(x);
}

/* --- in -----------------------------------------------------------------------------------------
 */

/* A server that does not do what CHANGE-REQUEST asked for has proven nothing. */
static bool comes_from_where_asked(const struct rill_nat *x, enum test t,
                                   const struct rill_addr *from)
{
    const struct rill_addr *server = &x->config.server;
    if (tests[t].change & RILL_STUN_CHANGE_IP)
        return !rill_addr_same_ip(from, server) && from->port != server->port;
    if (tests[t].change)
        return rill_addr_same_ip(from, server) && from->port != server->port;
    return rill_addr_equal(from, &x->probes[t].to);
}

static bool comes_to_where_asked(enum test t, uint32_t socket)
{
    return socket == tests[t].socket || (t == LIFETIME && socket == 3);
}

static void take_success(struct rill_nat *x, enum test t, const struct rill_path *path,
                         const struct rill_stun_msg *m)
{
    struct probe *p = &x->probes[t];
    p->from = path->remote;
    p->came_to = path->socket;
    if (p->txn.sent == 1)
        p->rtt = x->now - p->sent_at;
    if (t == MAPPING_1) {
        (void)rill_stun_get_addr(m, RILL_STUN_RESPONSE_ORIGIN, &x->origin);
        (void)rill_stun_get_addr(m, RILL_STUN_OTHER_ADDRESS, &x->other);
        x->origin_differs = x->origin.family && !rill_addr_equal(&x->origin, &path->remote);
    }
    settle(x, t, ANSWERED);
}

static int take_answer(struct rill_nat *x, enum test t, const struct rill_path *path,
                       const struct rill_stun_msg *m)
{
    struct probe *p = &x->probes[t];
    struct rill_view reason;
    if (!comes_to_where_asked(t, path->socket) || t == HAIRPIN)
        return 0;
    if (m->class == RILL_STUN_ERROR) {
        if (!rill_stun_get_error(m, &p->error, &reason))
            return 0;
        settle(x, t, REFUSED);
        return 1;
    }
    if (!comes_from_where_asked(x, t, &path->remote))
        return 0;
    if (!rill_stun_get_addr(m, RILL_STUN_XOR_MAPPED_ADDRESS, &p->mapped) &&
        !rill_stun_get_addr(m, RILL_STUN_MAPPED_ADDRESS, &p->mapped))
        return 0;
    take_success(x, t, path, m);
    return 1;
}

int rill_nat_input(struct rill_nat *x, int64_t now, const struct rill_path *path,
                   struct rill_view datagram)
{
    struct rill_stun_msg m;
    x->now = now;
    if (path->socket >= RILL_NAT_SOCKETS || rill_stun_decode(datagram, &m, NULL) < 0 ||
        m.method != RILL_STUN_BINDING)
        return 0;
    for (enum test t = 0; t < TESTS; t++) {
        struct probe *p = &x->probes[t];
        if (p->state != ASKING || !rill_view_equal(m.txid, rill_view_at(p->txid, sizeof p->txid)))
            continue;
        if (m.class == RILL_STUN_SUCCESS || m.class == RILL_STUN_ERROR)
            return take_answer(x, t, path, &m);
        /* RFC 5780 §3.4: "If the client receives its own request, the NAT hairpins". */
        if (t == HAIRPIN && m.class == RILL_STUN_REQUEST && path->socket == tests[t].socket) {
            p->from = path->remote;
            settle(x, t, ANSWERED);
            return 1;
        }
    }
    return 0;
}

void rill_nat_unreachable(struct rill_nat *x, int64_t now, const struct rill_path *path)
{
    x->now = now;
    for (enum test t = 0; t < TESTS; t++)
        if (is(x, t, ASKING) && tests[t].socket == path->socket &&
            rill_addr_equal(&x->probes[t].to, &path->remote))
            settle(x, t, SILENT);
}

/* --- time and output ------------------------------------------------------------------------ */

void rill_nat_tick(struct rill_nat *x, int64_t now)
{
    x->now = now;
    for (enum test t = 0; t < TESTS; t++) {
        const struct rill_stun_txn *txn = &x->probes[t].txn;
        if (is(x, t, ASKING) && txn->sent == txn->rc && now >= txn->next)
            settle(x, t, SILENT);
    }
    advance(x);
}

static size_t build(struct rill_nat *x, enum test t, struct rill_path *path, struct rill_span out)
{
    static const uint8_t zeros[PADDING];
    struct probe *p = &x->probes[t];
    struct rill_stun_writer s;
    rill_stun_begin(&s, out, RILL_STUN_REQUEST, RILL_STUN_BINDING, p->txid);
    if (tests[t].change)
        rill_stun_put_u32(&s, RILL_STUN_CHANGE_REQUEST, tests[t].change);
    if (t == LIFETIME)
        rill_stun_put_port(&s, RILL_STUN_RESPONSE_PORT, p->response_port);
    if (t == FRAGMENTS)
        rill_stun_put(&s, RILL_STUN_PADDING, rill_view_at(zeros, sizeof zeros));
    rill_stun_put_fingerprint(&s);
    *path = (struct rill_path){tests[t].socket, RILL_PROTO_UDP, p->to};
    p->sent_at = x->now;
    RILL_TRACE(x->config.trace, x->now, asked_point, {.view = rill_view_of(tests[t].name)},
               {.addr = &p->to}, {.u = p->txn.sent});
    return rill_stun_end(&s);
}

size_t rill_nat_output(struct rill_nat *x, int64_t now, struct rill_path *path,
                       struct rill_span out)
{
    x->now = now;
    for (enum test t = 0; t < TESTS; t++) {
        struct probe *p = &x->probes[t];
        if (p->state == QUEUED && now >= x->next_new) {
            p->state = ASKING;
            x->next_new = now + PACE;
            rill_stun_txn_start(&p->txn, now, RILL_STUN_RTO, RC, RM);
        }
        if (p->state == ASKING && !(p->txn.sent == p->txn.rc && now >= p->txn.next) &&
            rill_stun_txn_poll(&p->txn, now) == RILL_STUN_SEND)
            return build(x, t, path, out);
    }
    return 0;
}

int64_t rill_nat_deadline(const struct rill_nat *x)
{
    int64_t at = RILL_NEVER;
    for (enum test t = 0; t < TESTS; t++) {
        if (is(x, t, QUEUED))
            at = rill_earlier(at, x->next_new > x->now ? x->next_new : x->now);
        if (is(x, t, ASKING))
            at = rill_earlier(at, rill_stun_txn_deadline(&x->probes[t].txn));
    }
    if (is(x, LIFETIME_1, ANSWERED) && is(x, LIFETIME, IDLE))
        at = rill_earlier(at, x->lifetime_at);
    return at;
}

bool rill_nat_is_done(const struct rill_nat *x)
{
    return rill_nat_deadline(x) == RILL_NEVER;
}

/* --- what it came to ----------------------------------------------------------------------------
 */

static enum rill_nat_behavior mapping(const struct rill_nat *x)
{
    if (natted(x) == RILL_NAT_NO)
        return RILL_NAT_ENDPOINT_INDEPENDENT;
    if (!is(x, MAPPING_2, ANSWERED))
        return RILL_NAT_UNKNOWN;
    if (same_mapping(x, MAPPING_1, MAPPING_2))
        return RILL_NAT_ENDPOINT_INDEPENDENT;
    if (!is(x, MAPPING_3, ANSWERED))
        return RILL_NAT_UNKNOWN;
    return same_mapping(x, MAPPING_2, MAPPING_3) ? RILL_NAT_ADDRESS_DEPENDENT
                                                 : RILL_NAT_ADDRESS_AND_PORT_DEPENDENT;
}

static enum rill_nat_behavior filtering(const struct rill_nat *x)
{
    if (is(x, FILTERING_2, ANSWERED))
        return RILL_NAT_ENDPOINT_INDEPENDENT;
    if (is(x, FILTERING_3, ANSWERED))
        return RILL_NAT_ADDRESS_DEPENDENT;
    return is(x, FILTERING_3, SILENT) ? RILL_NAT_ADDRESS_AND_PORT_DEPENDENT : RILL_NAT_UNKNOWN;
}

static enum rill_nat_fact fact(const struct rill_nat *x, enum test t)
{
    return is(x, t, ANSWERED) ? RILL_NAT_YES : is(x, t, SILENT) ? RILL_NAT_NO : RILL_NAT_UNTOLD;
}

static enum rill_nat_fact of(bool yes)
{
    return yes ? RILL_NAT_YES : RILL_NAT_NO;
}

/* Of the first tests of the three sockets. */
static void compare_sockets(const struct rill_nat *x, struct rill_nat_result *out)
{
    bool kept = true, paired = true;
    for (enum test t = MAPPING_1; t <= HAIRPIN_1; t++) {
        if (!is(x, t, ANSWERED))
            return;
        const struct rill_addr *mapped = &x->probes[t].mapped;
        kept = kept && mapped->port == x->config.local[tests[t].socket].port;
        paired = paired && rill_addr_same_ip(mapped, &x->probes[MAPPING_1].mapped);
    }
    out->ports_kept = of(kept);
    out->paired = of(paired);
}

void rill_nat_result(const struct rill_nat *x, struct rill_nat_result *out)
{
    const struct probe *first = &x->probes[MAPPING_1];
    *out = (struct rill_nat_result){
        .answered = first->state == ANSWERED,
        .error = first->error,
        .mapped = first->mapped,
        .origin = x->origin,
        .other = x->other,
        .natted = natted(x),
        .mapping = mapping(x),
        .filtering = filtering(x),
        .fragments = fact(x, FRAGMENTS),
        .lifetime_least = x->lifetime_least,
        .lifetime_most = x->lifetime_least || x->lifetime_most != RILL_NEVER ? x->lifetime_most : 0,
        .lifetime_refused = is(x, LIFETIME, REFUSED),
        .rtt = first->rtt,
    };
    if (!out->answered)
        return;
    compare_sockets(x, out);
    if (x->origin.family)
        out->origin_is_right = of(!x->origin_differs);
    out->hairpin = fact(x, HAIRPIN);
    if (is(x, HAIRPIN, ANSWERED))
        out->hairpin_external =
            of(rill_addr_same_ip(&x->probes[HAIRPIN].from, &x->probes[HAIRPIN_1].mapped));
}
