/* request: requests on their way, and the responses to them (RFC 8489 §6, §9.2).
 *
 * The idea: number 0 is the allocation's request, then come the permissions', then the
 * channels'. Each is built anew whenever it is sent, under the transaction id it keeps.
 *
 * Over UDP a request goes out at 0, 0.5, 1.5, 3.5 and 7.5 s and is given up at 9.5 s: RFC 8489
 * §6.2.1 lets Rc and Rm be configured, and its defaults would hold back the end of gathering for
 * 39.5 s. Over a stream it goes out once and has 39.5 s (§6.2.2). */
#include "turn/client_private.h"

#include <string.h>

/* A server that calls every nonce stale, or every answer unauthorized, is left. */
#define CHALLENGES 4
#define LIFETIME_S 600 /* RFC 8656 §7.2: the default */
#define TRANSPORT_UDP 17u
#define FAMILY_IP4 1u /* RFC 8656 §18.6, §18.11 */
#define FAMILY_IP6 2u

static const struct rill_trace_point sent_point = {"turn",
                                                   "request_sent",
                                                   "a request went to the TURN server",
                                                   4,
                                                   {{"server", RILL_TRACE_ADDR},
                                                    {"method", RILL_TRACE_TEXT},
                                                    {"peer", RILL_TRACE_ADDR},
                                                    {"attempt", RILL_TRACE_U64}}};

static const struct rill_trace_point answered_point = {
    "turn",
    "response",
    "the TURN server answered (code 0: success)",
    3,
    {{"server", RILL_TRACE_ADDR}, {"method", RILL_TRACE_TEXT}, {"code", RILL_TRACE_U64}}};

static size_t n_requests(const struct rill_turn *x)
{
    return 1 + 2 * x->cap;
}

static struct rill_turn_request *request_at(struct rill_turn *x, size_t i)
{
    if (i == 0)
        return &x->main;
    return i <= x->cap ? &x->permits[i - 1].request : &x->channels[i - 1 - x->cap].request;
}

static const struct rill_turn_request *request_of(const struct rill_turn *x, size_t i)
{
    return request_at((struct rill_turn *)(uintptr_t)x, i);
}

static uint16_t method_of(const struct rill_turn *x, size_t i)
{
    if (i == 0)
        return x->state == RILL_TURN_ALLOCATED ? RILL_STUN_REFRESH : RILL_STUN_ALLOCATE;
    return i <= x->cap ? RILL_STUN_CREATE_PERMISSION : RILL_STUN_CHANNEL_BIND;
}

static const struct rill_addr *peer_of(const struct rill_turn *x, size_t i)
{
    if (i == 0)
        return &x->relayed[0];
    return i <= x->cap ? &x->permits[i - 1].addr : &x->channels[i - 1 - x->cap].peer;
}

void rill_turn_ask(struct rill_turn_request *r)
{
    *r = (struct rill_turn_request){.state = RILL_TURN_QUEUED};
}

void rill_turn_requests_drop(struct rill_turn *x)
{
    for (size_t i = 0; i < n_requests(x); i++)
        request_at(x, i)->state = RILL_TURN_IDLE;
}

/* --- going out ------------------------------------------------------------------------------ */

/* RFC 8656 §7.2. A family is asked for only where it is not the default, so that servers of
 * before RFC 6156 are served too. */
static void put_allocate(const struct rill_turn *x, struct rill_stun_writer *s)
{
    rill_stun_put_u32(s, RILL_STUN_REQUESTED_TRANSPORT, TRANSPORT_UDP << 24);
    if (x->config.both)
        rill_stun_put_u32(s, RILL_STUN_ADDITIONAL_ADDRESS_FAMILY, FAMILY_IP6 << 24);
    else if (x->config.family == RILL_ADDR_IP6)
        rill_stun_put_u32(s, RILL_STUN_REQUESTED_ADDRESS_FAMILY, FAMILY_IP6 << 24);
}

static void put_channel(struct rill_stun_writer *s, const struct rill_turn_channel *c)
{
    rill_stun_put_u32(s, RILL_STUN_CHANNEL_NUMBER, (uint32_t)c->number << 16);
    rill_stun_put_addr(s, RILL_STUN_XOR_PEER_ADDRESS, &c->peer);
}

static size_t build(struct rill_turn *x, int64_t now, size_t i, struct rill_span out)
{
    struct rill_turn_request *r = request_at(x, i);
    uint16_t method = method_of(x, i);
    struct rill_stun_writer s;
    rill_stun_begin(&s, out, RILL_STUN_REQUEST, method, r->txid);
    if (method == RILL_STUN_ALLOCATE)
        put_allocate(x, &s);
    else if (method == RILL_STUN_REFRESH)
        rill_stun_put_u32(&s, RILL_STUN_LIFETIME, LIFETIME_S);
    else if (method == RILL_STUN_CREATE_PERMISSION)
        rill_stun_put_addr(&s, RILL_STUN_XOR_PEER_ADDRESS, &x->permits[i - 1].addr);
    else
        put_channel(&s, &x->channels[i - 1 - x->cap]);
    rill_stun_longterm_put(&x->credentials, &s);
    rill_stun_longterm_seal(&x->credentials, &s);
    rill_stun_put_fingerprint(&s);
    r->sealed = x->credentials.n_key > 0;
    RILL_TRACE(x->config.trace, now, sent_point, {.addr = rill_turn_server(x)},
               {.view = rill_view_of(rill_stun_method_name(method))}, {.addr = peer_of(x, i)},
               {.u = r->txn.sent});
    return rill_stun_end(&s);
}

static void begin(struct rill_turn *x, int64_t now, struct rill_turn_request *r)
{
    if (rill_turn_is_stream(x))
        rill_stun_txn_start(&r->txn, now, RILL_TURN_TI, 1, 1);
    else
        rill_stun_txn_start(&r->txn, now, RILL_STUN_RTO, RILL_TURN_RC, RILL_TURN_RM);
    rill_rng_fill(&x->config.rng, r->txid, sizeof r->txid);
    r->state = RILL_TURN_WAITING;
}

/* What could not be built (no room) counts as lost on the way. */
size_t rill_turn_requests_output(struct rill_turn *x, int64_t now, struct rill_span out)
{
    for (size_t i = 0; i < n_requests(x); i++) {
        struct rill_turn_request *r = request_at(x, i);
        if (r->state == RILL_TURN_QUEUED)
            begin(x, now, r);
        if (r->state != RILL_TURN_WAITING || (r->txn.sent == r->txn.rc && now >= r->txn.next))
            continue;
        if (rill_stun_txn_poll(&r->txn, now) == RILL_STUN_SEND)
            return build(x, now, i, out);
    }
    return 0;
}

size_t rill_turn_goodbye(struct rill_turn *x, struct rill_span out)
{
    struct rill_stun_writer s;
    uint8_t txid[RILL_STUN_TXID];
    rill_rng_fill(&x->config.rng, txid, sizeof txid);
    rill_stun_begin(&s, out, RILL_STUN_REQUEST, RILL_STUN_REFRESH, txid);
    rill_stun_put_u32(&s, RILL_STUN_LIFETIME, 0);
    rill_stun_longterm_put(&x->credentials, &s);
    rill_stun_longterm_seal(&x->credentials, &s);
    rill_stun_put_fingerprint(&s);
    return rill_stun_end(&s);
}

/* --- coming to an end --------------------------------------------------------------------------
 */

static void settled(struct rill_turn *x, int64_t now, size_t i, unsigned code,
                    const struct rill_stun_msg *m, const struct rill_err *row)
{
    request_at(x, i)->state = RILL_TURN_IDLE;
    if (i == 0 && code == 0 && !row)
        rill_turn_main_success(x, now, m);
    else if (i == 0)
        rill_turn_main_error(x, now, code, m, row);
    else if (i <= x->cap)
        rill_turn_permit_answered(x, now, &x->permits[i - 1], row && !code ? 408 : code);
    else
        rill_turn_channel_answered(x, now, &x->channels[i - 1 - x->cap], row && !code ? 408 : code);
}

void rill_turn_requests_tick(struct rill_turn *x, int64_t now)
{
    for (size_t i = 0; i < n_requests(x); i++) {
        struct rill_turn_request *r = request_at(x, i);
        struct rill_err why = {0};
        if (r->state != RILL_TURN_WAITING || r->txn.sent != r->txn.rc || now < r->txn.next)
            continue;
        rill_turn_refuse(RILL_TURN_TIMEOUT, 0, &why);
        settled(x, now, i, 0, NULL, &why);
    }
}

int64_t rill_turn_requests_deadline(const struct rill_turn *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; x->open && i < n_requests(x); i++) {
        const struct rill_turn_request *r = request_of(x, i);
        if (r->state == RILL_TURN_QUEUED)
            return x->now;
        if (r->state == RILL_TURN_WAITING)
            at = rill_earlier(at, rill_stun_txn_deadline(&r->txn));
    }
    return at;
}

/* --- responses ----------------------------------------------------------------------------------
 */

static size_t find(const struct rill_turn *x, struct rill_view txid)
{
    size_t i = 0;
    while (i < n_requests(x)) {
        const struct rill_turn_request *r = request_of(x, i);
        if (r->state == RILL_TURN_WAITING &&
            rill_view_equal(txid, rill_view_at(r->txid, RILL_STUN_TXID)))
            break;
        i++;
    }
    return i;
}

/* RFC 8489 §9.2.5: sent again under a new transaction, with what the server said. */
static int challenged(struct rill_turn *x, int64_t now, size_t i, unsigned code,
                      const struct rill_stun_msg *m, struct rill_err *why)
{
    struct rill_turn_request *r = request_at(x, i);
    struct rill_err row = {0};
    int rc = x->config.username.n == 0 ? rill_turn_refuse(RILL_TURN_WRONG_CREDENTIALS, code, &row)
                                       : rill_stun_longterm_challenge(&x->credentials, m, &row);
    if (rc == 0 && ++r->challenged > CHALLENGES)
        rc = rill_turn_refuse(RILL_TURN_WRONG_CREDENTIALS, code, &row);
    if (rc == 0) {
        r->state = RILL_TURN_QUEUED;
        return 0;
    }
    settled(x, now, i, code, m, &row);
    if (why)
        *why = row;
    return rc;
}

/* RFC 8489 §9.2.5: what is not sealed under our key "MUST be discarded, as if it had never been
 * received", and on a reliable transport ends the transaction. Without credentials nothing can
 * be proven: a 400 is discarded, and a 300 could send us to anybody. */
static int authenticate(struct rill_turn *x, int64_t now, size_t i, unsigned code,
                        const struct rill_stun_msg *m, struct rill_err *why)
{
    struct rill_err row = {0};
    if (!request_at(x, i)->sealed)
        return code == 300 || code == 400
                   ? rill_err_set(&rill_stun_errors, RILL_STUN_UNAUTHENTICATED, 0, code, why)
                   : 0;
    int rc = rill_stun_longterm_check(&x->credentials, m, &row);
    if (rc < 0 && rill_turn_is_stream(x) && (code != 400 || m->integrity_at || m->integrity256_at))
        settled(x, now, i, 0, m, &row);
    if (rc < 0 && why)
        *why = row;
    return rc;
}

static bool is_understood(const struct rill_stun_msg *m)
{
    static const uint16_t more[] = {RILL_STUN_XOR_RELAYED_ADDRESS, RILL_STUN_LIFETIME,
                                    RILL_STUN_CHANNEL_NUMBER, RILL_STUN_XOR_PEER_ADDRESS,
                                    RILL_STUN_RESERVATION_TOKEN};
    uint16_t unknown;
    return rill_stun_unknown_required(m, more, sizeof more / sizeof more[0], &unknown, 1) == 0;
}

int rill_turn_response(struct rill_turn *x, int64_t now, const struct rill_stun_msg *m,
                       struct rill_err *why)
{
    size_t i = find(x, m->txid);
    struct rill_view reason;
    unsigned code = 0;
    if (i == n_requests(x))
        return rill_turn_refuse(RILL_TURN_UNKNOWN_TRANSACTION, 0, why);
    if (m->method != method_of(x, i) ||
        (m->class == RILL_STUN_ERROR && !rill_stun_get_error(m, &code, &reason)))
        return rill_turn_refuse(RILL_TURN_RESPONSE, 0, why);
    RILL_TRACE(x->config.trace, now, answered_point, {.addr = rill_turn_server(x)},
               {.view = rill_view_of(rill_stun_method_name(m->method))}, {.u = code});
    if (code == 401 || code == 438)
        return challenged(x, now, i, code, m, why);
    int rc = authenticate(x, now, i, code, m, why);
    if (rc < 0)
        return rc;
    if (!is_understood(m)) {
        struct rill_err row = {0};
        rill_turn_refuse(RILL_TURN_RESPONSE, 0, &row);
        settled(x, now, i, 0, m, &row);
        return rill_turn_refuse(RILL_TURN_RESPONSE, 0, why);
    }
    settled(x, now, i, code, m, NULL);
    return 0;
}
