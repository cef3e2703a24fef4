/* stun/nat: see nat.h. */
#include "stun/nat.h"

#include "base/arena.h"
#include "stun/nat_private.h"

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

const struct rill_nat_test_row rill_nat_tests[RILL_NAT_TESTS] = {
    [RILL_NAT_MAPPING_1] = {"mapping I", 0, 0},
    [RILL_NAT_MAPPING_2] = {"mapping II", 0, 0},
    [RILL_NAT_MAPPING_3] = {"mapping III", 0, 0},
    [RILL_NAT_FILTERING_1] = {"filtering I", 1, 0},
    [RILL_NAT_FILTERING_2] = {"filtering II", 1, RILL_STUN_CHANGE_IP | RILL_STUN_CHANGE_PORT},
    [RILL_NAT_FILTERING_3] = {"filtering III", 1, RILL_STUN_CHANGE_PORT},
    [RILL_NAT_HAIRPIN_1] = {"hairpin I", 2, 0},
    [RILL_NAT_HAIRPIN] = {"hairpin", 2, 0},
    [RILL_NAT_FRAGMENTS] = {"fragments", 0, 0},
    [RILL_NAT_LIFETIME_1] = {"lifetime I", 3, 0},
    [RILL_NAT_LIFETIME] = {"lifetime", 2, 0},
};

size_t rill_nat_size(void)
{
    struct rill_arena a = rill_arena_counting();
    (void)rill_arena_take(&a, 1, sizeof(struct rill_nat));
    return rill_arena_size(&a);
}

static void queue(struct rill_nat *x, enum rill_nat_test t, const struct rill_addr *to)
{
    struct rill_nat_probe *p = &x->probes[t];
    *p = (struct rill_nat_probe){.state = RILL_NAT_QUEUED, .to = *to, .rtt = -1};
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
    queue(x, RILL_NAT_MAPPING_1, &config->server);
    queue(x, RILL_NAT_FILTERING_1, &config->server);
    queue(x, RILL_NAT_HAIRPIN_1, &config->server);
    return x;
}

/* --- which test comes next -------------------------------------------------------------------- */

static bool is_over(const struct rill_nat *x, enum rill_nat_test t)
{
    return x->probes[t].state > RILL_NAT_ASKING;
}

static bool filtering_is_under_way(const struct rill_nat *x)
{
    static const enum rill_nat_test all[] = {RILL_NAT_FILTERING_1, RILL_NAT_FILTERING_2,
                                             RILL_NAT_FILTERING_3};
    for (size_t i = 0; i < 3; i++)
        if (rill_nat_is(x, all[i], RILL_NAT_QUEUED) || rill_nat_is(x, all[i], RILL_NAT_ASKING))
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
    if (!rill_nat_is(x, RILL_NAT_MAPPING_1, RILL_NAT_ANSWERED) ||
        rill_nat_natted(x) != RILL_NAT_YES || to.family == RILL_ADDR_NONE ||
        filtering_is_under_way(x))
        return;
    to.port = x->config.server.port;
    if (rill_nat_is(x, RILL_NAT_MAPPING_2, RILL_NAT_IDLE))
        queue(x, RILL_NAT_MAPPING_2, &to);
    else if (rill_nat_is(x, RILL_NAT_MAPPING_2, RILL_NAT_ANSWERED) &&
             rill_nat_is(x, RILL_NAT_MAPPING_3, RILL_NAT_IDLE) &&
             !rill_nat_same_mapping(x, RILL_NAT_MAPPING_1, RILL_NAT_MAPPING_2))
        queue(x, RILL_NAT_MAPPING_3, &x->other);
}

/* RFC 5780 §4.4 */
static void next_filtering(struct rill_nat *x)
{
    if (!rill_nat_is(x, RILL_NAT_FILTERING_1, RILL_NAT_ANSWERED) ||
        x->other.family == RILL_ADDR_NONE)
        return;
    if (rill_nat_is(x, RILL_NAT_FILTERING_2, RILL_NAT_IDLE))
        queue(x, RILL_NAT_FILTERING_2, &x->config.server);
    else if (rill_nat_is(x, RILL_NAT_FILTERING_2, RILL_NAT_SILENT) &&
             rill_nat_is(x, RILL_NAT_FILTERING_3, RILL_NAT_IDLE))
        queue(x, RILL_NAT_FILTERING_3, &x->config.server);
}

/* RFC 5780 §3.4. Our own mapped address is then one that we have sent to, so that it is not the
 * filter that speaks. */
static void next_hairpin(struct rill_nat *x)
{
    if (rill_nat_is(x, RILL_NAT_HAIRPIN_1, RILL_NAT_ANSWERED) &&
        rill_nat_is(x, RILL_NAT_HAIRPIN, RILL_NAT_IDLE) && rill_nat_natted(x) == RILL_NAT_YES)
        queue(x, RILL_NAT_HAIRPIN, &x->probes[RILL_NAT_HAIRPIN_1].mapped);
}

static bool basics_are_over(const struct rill_nat *x)
{
    for (enum rill_nat_test t = RILL_NAT_MAPPING_1; t < RILL_NAT_FRAGMENTS; t++)
        if (rill_nat_is(x, t, RILL_NAT_QUEUED) || rill_nat_is(x, t, RILL_NAT_ASKING))
            return false;
    return true;
}

static void next_fragments(struct rill_nat *x)
{
    if (x->config.fragments && rill_nat_is(x, RILL_NAT_FRAGMENTS, RILL_NAT_IDLE) &&
        rill_nat_is(x, RILL_NAT_MAPPING_1, RILL_NAT_ANSWERED))
        queue(x, RILL_NAT_FRAGMENTS, &x->config.server);
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
    x->probes[RILL_NAT_LIFETIME_1].state = x->probes[RILL_NAT_LIFETIME].state = RILL_NAT_IDLE;
}

static void next_lifetime(struct rill_nat *x)
{
    const struct rill_nat_probe *first = &x->probes[RILL_NAT_LIFETIME_1];
    if (x->config.lifetime_max == 0 || x->lifetime_over ||
        !rill_nat_is(x, RILL_NAT_MAPPING_1, RILL_NAT_ANSWERED))
        return;
    if (first->state == RILL_NAT_IDLE) {
        if (x->lifetime_wait > x->config.lifetime_max)
            x->lifetime_wait = x->config.lifetime_max;
        queue(x, RILL_NAT_LIFETIME_1, &x->config.server);
        x->lifetime_at = RILL_NEVER;
    } else if (first->state == RILL_NAT_ANSWERED && x->lifetime_at == RILL_NEVER) {
        x->lifetime_at = x->now + x->lifetime_wait;
    } else if (first->state == RILL_NAT_ANSWERED &&
               rill_nat_is(x, RILL_NAT_LIFETIME, RILL_NAT_IDLE) && x->now >= x->lifetime_at) {
        queue(x, RILL_NAT_LIFETIME, &x->config.server);
        x->probes[RILL_NAT_LIFETIME].response_port = first->mapped.port;
    } else if (first->state == RILL_NAT_SILENT || first->state == RILL_NAT_REFUSED ||
               rill_nat_is(x, RILL_NAT_LIFETIME, RILL_NAT_REFUSED)) {
        x->lifetime_over = true;
    } else if (is_over(x, RILL_NAT_LIFETIME)) {
        lifetime_told(x, rill_nat_is(x, RILL_NAT_LIFETIME, RILL_NAT_ANSWERED) &&
                             x->probes[RILL_NAT_LIFETIME].came_to == 3);
        next_lifetime(x);
    }
}

static void advance(struct rill_nat *x)
{
    /* Without the first answer nothing else has one. */
    if (rill_nat_is(x, RILL_NAT_MAPPING_1, RILL_NAT_SILENT) ||
        rill_nat_is(x, RILL_NAT_MAPPING_1, RILL_NAT_REFUSED)) {
        for (enum rill_nat_test t = 0; t < RILL_NAT_TESTS; t++)
            if (rill_nat_is(x, t, RILL_NAT_QUEUED) || rill_nat_is(x, t, RILL_NAT_ASKING))
                x->probes[t].state = RILL_NAT_SILENT;
        return;
    }
    next_filtering(x);
    next_mapping(x);
    next_hairpin(x);
    if (!basics_are_over(x))
        return;
    next_fragments(x);
    if (!rill_nat_is(x, RILL_NAT_FRAGMENTS, RILL_NAT_QUEUED) &&
        !rill_nat_is(x, RILL_NAT_FRAGMENTS, RILL_NAT_ASKING))
        next_lifetime(x);
}

static void settle(struct rill_nat *x, enum rill_nat_test t, enum rill_nat_state s)
{
    static const char *const outcomes[] = {"", "", "", "answered", "silent", "refused"};
    x->probes[t].state = s;
    RILL_TRACE(x->config.trace, x->now, told_point, {.view = rill_view_of(rill_nat_tests[t].name)},
               {.view = rill_view_of(outcomes[s])}, {.addr = &x->probes[t].mapped});
    advance(x);
}

/* --- in -----------------------------------------------------------------------------------------
 */

/* A server that does not do what CHANGE-REQUEST asked for has proven nothing. */
static bool comes_from_where_asked(const struct rill_nat *x, enum rill_nat_test t,
                                   const struct rill_addr *from)
{
    const struct rill_addr *server = &x->config.server;
    if (rill_nat_tests[t].change & RILL_STUN_CHANGE_IP)
        return !rill_addr_same_ip(from, server) && from->port != server->port;
    if (rill_nat_tests[t].change)
        return rill_addr_same_ip(from, server) && from->port != server->port;
    return rill_addr_equal(from, &x->probes[t].to);
}

static bool comes_to_where_asked(enum rill_nat_test t, uint32_t socket)
{
    return socket == rill_nat_tests[t].socket || (t == RILL_NAT_LIFETIME && socket == 3);
}

static void take_success(struct rill_nat *x, enum rill_nat_test t, const struct rill_path *path,
                         const struct rill_stun_msg *m)
{
    struct rill_nat_probe *p = &x->probes[t];
    p->from = path->remote;
    p->came_to = path->socket;
    if (p->txn.sent == 1)
        p->rtt = x->now - p->sent_at;
    if (t == RILL_NAT_MAPPING_1) {
        (void)rill_stun_get_addr(m, RILL_STUN_RESPONSE_ORIGIN, &x->origin);
        (void)rill_stun_get_addr(m, RILL_STUN_OTHER_ADDRESS, &x->other);
        x->origin_differs = x->origin.family && !rill_addr_equal(&x->origin, &path->remote);
    }
    settle(x, t, RILL_NAT_ANSWERED);
}

static int take_answer(struct rill_nat *x, enum rill_nat_test t, const struct rill_path *path,
                       const struct rill_stun_msg *m)
{
    struct rill_nat_probe *p = &x->probes[t];
    struct rill_view reason;
    if (!comes_to_where_asked(t, path->socket) || t == RILL_NAT_HAIRPIN)
        return 0;
    if (m->class == RILL_STUN_ERROR) {
        if (!rill_stun_get_error(m, &p->error, &reason))
            return 0;
        settle(x, t, RILL_NAT_REFUSED);
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
    for (enum rill_nat_test t = 0; t < RILL_NAT_TESTS; t++) {
        struct rill_nat_probe *p = &x->probes[t];
        if (p->state != RILL_NAT_ASKING ||
            !rill_view_equal(m.txid, rill_view_at(p->txid, sizeof p->txid)))
            continue;
        if (m.class == RILL_STUN_SUCCESS || m.class == RILL_STUN_ERROR)
            return take_answer(x, t, path, &m);
        /* RFC 5780 §3.4: "If the client receives its own request, the NAT hairpins". */
        if (t == RILL_NAT_HAIRPIN && m.class == RILL_STUN_REQUEST &&
            path->socket == rill_nat_tests[t].socket) {
            p->from = path->remote;
            settle(x, t, RILL_NAT_ANSWERED);
            return 1;
        }
    }
    return 0;
}

void rill_nat_unreachable(struct rill_nat *x, int64_t now, const struct rill_path *path)
{
    x->now = now;
    for (enum rill_nat_test t = 0; t < RILL_NAT_TESTS; t++)
        if (rill_nat_is(x, t, RILL_NAT_ASKING) && rill_nat_tests[t].socket == path->socket &&
            rill_addr_equal(&x->probes[t].to, &path->remote))
            settle(x, t, RILL_NAT_SILENT);
}

/* --- time and output ------------------------------------------------------------------------ */

void rill_nat_tick(struct rill_nat *x, int64_t now)
{
    x->now = now;
    for (enum rill_nat_test t = 0; t < RILL_NAT_TESTS; t++) {
        const struct rill_stun_txn *txn = &x->probes[t].txn;
        if (rill_nat_is(x, t, RILL_NAT_ASKING) && txn->sent == txn->rc && now >= txn->next)
            settle(x, t, RILL_NAT_SILENT);
    }
    advance(x);
}

static size_t build(struct rill_nat *x, enum rill_nat_test t, struct rill_path *path,
                    struct rill_span out)
{
    static const uint8_t zeros[PADDING];
    struct rill_nat_probe *p = &x->probes[t];
    struct rill_stun_writer s;
    rill_stun_begin(&s, out, RILL_STUN_REQUEST, RILL_STUN_BINDING, p->txid);
    if (rill_nat_tests[t].change)
        rill_stun_put_u32(&s, RILL_STUN_CHANGE_REQUEST, rill_nat_tests[t].change);
    if (t == RILL_NAT_LIFETIME)
        rill_stun_put_port(&s, RILL_STUN_RESPONSE_PORT, p->response_port);
    if (t == RILL_NAT_FRAGMENTS)
        rill_stun_put(&s, RILL_STUN_PADDING, rill_view_at(zeros, sizeof zeros));
    rill_stun_put_fingerprint(&s);
    *path = (struct rill_path){rill_nat_tests[t].socket, RILL_PROTO_UDP, p->to};
    p->sent_at = x->now;
    RILL_TRACE(x->config.trace, x->now, asked_point, {.view = rill_view_of(rill_nat_tests[t].name)},
               {.addr = &p->to}, {.u = p->txn.sent});
    return rill_stun_end(&s);
}

size_t rill_nat_output(struct rill_nat *x, int64_t now, struct rill_path *path,
                       struct rill_span out)
{
    x->now = now;
    for (enum rill_nat_test t = 0; t < RILL_NAT_TESTS; t++) {
        struct rill_nat_probe *p = &x->probes[t];
        if (p->state == RILL_NAT_QUEUED && now >= x->next_new) {
            p->state = RILL_NAT_ASKING;
            x->next_new = now + PACE;
            rill_stun_txn_start(&p->txn, now, RILL_STUN_RTO, RC, RM);
        }
        if (p->state == RILL_NAT_ASKING && !(p->txn.sent == p->txn.rc && now >= p->txn.next) &&
            rill_stun_txn_poll(&p->txn, now) == RILL_STUN_SEND)
            return build(x, t, path, out);
    }
    return 0;
}

int64_t rill_nat_deadline(const struct rill_nat *x)
{
    int64_t at = RILL_NEVER;
    for (enum rill_nat_test t = 0; t < RILL_NAT_TESTS; t++) {
        if (rill_nat_is(x, t, RILL_NAT_QUEUED))
            at = rill_earlier(at, x->next_new > x->now ? x->next_new : x->now);
        if (rill_nat_is(x, t, RILL_NAT_ASKING))
            at = rill_earlier(at, rill_stun_txn_deadline(&x->probes[t].txn));
    }
    if (rill_nat_is(x, RILL_NAT_LIFETIME_1, RILL_NAT_ANSWERED) &&
        rill_nat_is(x, RILL_NAT_LIFETIME, RILL_NAT_IDLE))
        at = rill_earlier(at, x->lifetime_at);
    return at;
}

bool rill_nat_is_done(const struct rill_nat *x)
{
    return rill_nat_deadline(x) == RILL_NEVER;
}
