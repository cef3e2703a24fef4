/* allocation: from the first socket to the last refresh (RFC 8656 §7, §8). */
#include "turn/client_private.h"

#include <string.h>

#define MISMATCHES 3 /* RFC 8656 §7.4: "three different client transport addresses" */
#define REMAKING (60 * RILL_SECOND) /* how long a lost allocation is tried to be made anew */
#define PAUSE_FIRST (250 * RILL_MS)
#define PAUSE_LAST (8 * RILL_SECOND)

static const struct rill_trace_point allocated_point = {"turn",
                                                        "allocated",
                                                        "the TURN server gave us relayed addresses",
                                                        4,
                                                        {{"server", RILL_TRACE_ADDR},
                                                         {"relayed", RILL_TRACE_ADDR},
                                                         {"mapped", RILL_TRACE_ADDR},
                                                         {"lifetime", RILL_TRACE_U64}}};

static const struct rill_trace_point lost_point = {
    "turn",
    "lost",
    "the allocation is gone; another one is asked for",
    1,
    {{"server", RILL_TRACE_ADDR}}};

static const struct rill_trace_point failed_point = {
    "turn",
    "failed",
    "no allocation is to be had from this TURN server",
    3,
    {{"server", RILL_TRACE_ADDR}, {"reason", RILL_TRACE_TEXT}, {"number", RILL_TRACE_U64}}};

bool rill_turn_has_family(const struct rill_turn *x, uint8_t family)
{
    return x->state == RILL_TURN_ALLOCATED && family != RILL_ADDR_NONE &&
           (x->relayed[0].family == family || x->relayed[1].family == family);
}

static void give_socket_back(struct rill_turn *x)
{
    if (!x->open)
        return;
    x->open = false;
    x->close_pending = true;
    x->close_socket = x->socket;
}

void rill_turn_fail(struct rill_turn *x, int64_t now, const struct rill_err *why)
{
    rill_turn_requests_drop(x);
    give_socket_back(x);
    x->state = RILL_TURN_FAILED_STATE;
    x->tell_open = x->tell_allocated = false;
    x->tell_failed = true;
    x->why = *why;
    RILL_TRACE(x->config.trace, now, failed_point, {.addr = rill_turn_server(x)},
               {.view = rill_view_of(why->row ? why->row->sentence : "")}, {.u = why->value});
}

void rill_turn_reopen(struct rill_turn *x, int64_t now, int64_t after)
{
    rill_turn_requests_drop(x);
    give_socket_back(x);
    x->state = RILL_TURN_OPENING_SOCKET;
    x->tell_open = true;
    x->open_at = now + after;
    if (!x->was_allocated)
        x->give_up_at = x->open_at + RILL_TURN_OPENING;
    x->relayed[0] = x->relayed[1] = (struct rill_addr){0};
}

static void remake(struct rill_turn *x, int64_t now)
{
    int64_t pause = x->reopened ? PAUSE_FIRST << (x->reopened < 6 ? x->reopened - 1 : 5) : 0;
    x->reopened++;
    rill_turn_reopen(x, now, pause < PAUSE_LAST ? pause : PAUSE_LAST);
}

void rill_turn_lose(struct rill_turn *x, int64_t now)
{
    RILL_TRACE(x->config.trace, now, lost_point, {.addr = rill_turn_server(x)});
    x->tell_lost = true;
    x->tell_allocated = false;
    x->was_allocated = true;
    x->reopened = 0;
    x->remake_until = now + REMAKING;
    rill_stun_longterm_reset(&x->credentials);
    remake(x, now);
}

/* --- success ------------------------------------------------------------------------------------
 */

/* RFC 8656 §7.3: an address "of a family that the client understands"; one that nothing can be
 * sent to is none. */
static bool is_usable(const struct rill_addr *a)
{
    return a->family != RILL_ADDR_NONE && a->port != 0 && !rill_addr_is_any(a) &&
           !rill_addr_is_multicast(a);
}

static void read_relayed(struct rill_turn *x, const struct rill_stun_msg *m)
{
    struct rill_stun_attr a;
    struct rill_addr addr;
    x->relayed[0] = x->relayed[1] = (struct rill_addr){0};
    for (size_t at = 0, n = 0; n < 2 && rill_stun_next(m, &at, &a);) {
        if (a.type != RILL_STUN_XOR_RELAYED_ADDRESS ||
            !rill_stun_value_addr(a.value, true, m->txid, &addr))
            continue;
        addr = rill_addr_unmapped(&addr);
        if (is_usable(&addr) && (n == 0 || addr.family != x->relayed[0].family))
            x->relayed[n++] = addr;
    }
    if (x->relayed[0].family == RILL_ADDR_IP6 && x->relayed[1].family == RILL_ADDR_IP4) {
        addr = x->relayed[0];
        x->relayed[0] = x->relayed[1];
        x->relayed[1] = addr;
    }
}

static bool is_what_was_asked(const struct rill_turn *x)
{
    uint8_t family = x->config.family == RILL_ADDR_IP6 ? RILL_ADDR_IP6 : RILL_ADDR_IP4;
    if (x->config.both)
        return x->relayed[0].family != RILL_ADDR_NONE;
    return x->relayed[0].family == family && x->relayed[1].family == RILL_ADDR_NONE;
}

/* RFC 8656 §8: "roughly 1 minute before it expires"; half way when it is shorter than two. */
static void extend(struct rill_turn *x, int64_t now, uint32_t lifetime_s)
{
    int64_t all = (int64_t)lifetime_s * RILL_SECOND;
    x->lifetime_s = lifetime_s;
    x->expires_at = now + all;
    x->refresh_at = now + (all > 2 * RILL_TURN_EARLY ? all - RILL_TURN_EARLY : all / 2);
}

static void allocated(struct rill_turn *x, int64_t now, const struct rill_stun_msg *m,
                      uint32_t lifetime_s)
{
    struct rill_err why = {0};
    read_relayed(x, m);
    if (rill_stun_get_addr(m, RILL_STUN_XOR_MAPPED_ADDRESS, &x->mapped))
        x->mapped = rill_addr_unmapped(&x->mapped);
    if (!is_what_was_asked(x)) {
        /* RFC 8656 §7.3: "the client MUST delete the allocation". */
        rill_turn_refuse(RILL_TURN_FAMILY, 0, &why);
        bool open = x->open;
        x->open = false;
        rill_turn_fail(x, now, &why);
        x->open = x->goodbye = open;
        return;
    }
    x->state = RILL_TURN_ALLOCATED;
    x->tell_allocated = true;
    x->mismatches = x->reopened = 0;
    extend(x, now, lifetime_s);
    rill_turn_peers_renew(x);
    RILL_TRACE(x->config.trace, now, allocated_point, {.addr = rill_turn_server(x)},
               {.addr = &x->relayed[0]}, {.addr = &x->mapped}, {.u = lifetime_s});
}

void rill_turn_main_success(struct rill_turn *x, int64_t now, const struct rill_stun_msg *m)
{
    uint32_t lifetime_s;
    struct rill_err why = {0};
    bool told = rill_stun_get_u32(m, RILL_STUN_LIFETIME, &lifetime_s) && lifetime_s > 0;
    if (told && lifetime_s > RILL_TURN_LIFETIME_MAX)
        lifetime_s = RILL_TURN_LIFETIME_MAX;
    if (x->state == RILL_TURN_ALLOCATED) {
        if (told)
            extend(x, now, lifetime_s);
        else
            rill_turn_lose(x, now);
    } else if (told) {
        allocated(x, now, m, lifetime_s);
    } else {
        rill_turn_refuse(RILL_TURN_RESPONSE, 0, &why);
        rill_turn_fail(x, now, &why);
    }
}

/* --- errors -------------------------------------------------------------------------------------
 */

static bool was_asked(const struct rill_turn *x, const struct rill_addr *server)
{
    for (size_t i = 0; i < x->n_servers; i++)
        if (rill_addr_equal(&x->servers[i], server))
            return true;
    return false;
}

static bool alternate(const struct rill_turn *x, const struct rill_stun_msg *m,
                      struct rill_addr *out)
{
    struct rill_stun_attr a;
    for (size_t at = 0; rill_stun_next(m, &at, &a);)
        if (a.type == RILL_STUN_ALTERNATE_SERVER && a.offset < rill_stun_sealed(m) &&
            rill_stun_value_addr(a.value, false, m->txid, out) &&
            out->family == rill_turn_server(x)->family && is_usable(out))
            return true;
    return false;
}

/* RFC 8489 §10. The response was authenticated: see authenticate() in request.c. */
static void redirected(struct rill_turn *x, int64_t now, const struct rill_stun_msg *m)
{
    struct rill_addr server;
    struct rill_view domain = {0};
    struct rill_err why = {0};
    if (!alternate(x, m, &server) || was_asked(x, &server) || x->n_servers == RILL_TURN_SERVERS) {
        rill_turn_refuse(RILL_TURN_REDIRECTED, x->n_servers - 1, &why);
        rill_turn_fail(x, now, &why);
        return;
    }
    if (rill_stun_find(m, RILL_STUN_ALTERNATE_DOMAIN, &domain) &&
        domain.n <= RILL_TURN_DOMAIN_MAX && domain.n && !memchr(domain.p, 0, domain.n)) {
        memcpy(x->domain, domain.p, domain.n);
        x->domain[domain.n] = '\0';
    }
    x->servers[x->n_servers++] = server;
    rill_turn_reopen(x, now, 0);
}

static int row_of(unsigned code)
{
    switch (code) {
    case 401:
    case 438:
    case 441:
        return RILL_TURN_WRONG_CREDENTIALS;
    case 437:
        return RILL_TURN_MISMATCH;
    case 440:
        return RILL_TURN_FAMILY;
    case 486:
    case 508:
        return RILL_TURN_QUOTA;
    default:
        return RILL_TURN_REFUSED;
    }
}

/* RFC 8656 §7.4 */
static void not_allocated(struct rill_turn *x, int64_t now, unsigned code,
                          const struct rill_stun_msg *m, const struct rill_err *row)
{
    struct rill_err why = {0};
    if (code == 300) {
        redirected(x, now, m);
        return;
    }
    if (code == 437 && ++x->mismatches < MISMATCHES) {
        rill_turn_reopen(x, now, 0);
        return;
    }
    if (x->was_allocated && now < x->remake_until) {
        remake(x, now);
        return;
    }
    if (x->was_allocated)
        rill_turn_refuse(RILL_TURN_LOST, 0, &why);
    else if (row)
        why = *row;
    else
        rill_turn_refuse(row_of(code), code == 437 ? x->mismatches : code, &why);
    if (code == 486 || code == 508)
        x->not_before = now + 60 * RILL_SECOND;
    if (code == 437)
        x->not_before = now + 120 * RILL_SECOND;
    rill_turn_fail(x, now, &why);
}

/* RFC 8656 §8.3. A refresh that got no answer is asked for again while the allocation lives; a
 * stream that does not answer is as good as broken. */
void rill_turn_main_error(struct rill_turn *x, int64_t now, unsigned code,
                          const struct rill_stun_msg *m, const struct rill_err *row)
{
    if (x->state != RILL_TURN_ALLOCATED)
        not_allocated(x, now, code, m, row);
    else if (code || rill_turn_is_stream(x) || now >= x->expires_at)
        rill_turn_lose(x, now);
    else
        rill_turn_ask(&x->main);
}

/* --- time ---------------------------------------------------------------------------------------
 */

void rill_turn_allocation_tick(struct rill_turn *x, int64_t now)
{
    if (x->state == RILL_TURN_OPENING_SOCKET && !x->tell_open && now >= x->give_up_at)
        rill_turn_open_failed(x, now);
    if (x->state != RILL_TURN_ALLOCATED)
        return;
    if (now >= x->expires_at)
        rill_turn_lose(x, now);
    else if (now >= x->refresh_at && x->main.state == RILL_TURN_IDLE)
        rill_turn_ask(&x->main);
}

int64_t rill_turn_allocation_deadline(const struct rill_turn *x)
{
    if (x->state == RILL_TURN_OPENING_SOCKET)
        return x->tell_open ? x->open_at : x->give_up_at;
    if (x->state != RILL_TURN_ALLOCATED)
        return RILL_NEVER;
    return x->main.state == RILL_TURN_IDLE ? x->refresh_at : x->expires_at;
}
