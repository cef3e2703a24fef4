/* peers: who may send to our relayed address, and channels to them (RFC 8656 §9 … §12).
 *
 * The idea: what was asked for stays; the server is told again before it forgets. A request that
 * got no answer is sent anew a little later. */
#include "turn/client_private.h"

#define AGAIN (5 * RILL_SECOND)

static const struct rill_trace_point permission_point = {
    "turn",
    "permission",
    "a peer may send to our relayed address, or may not (code of the error)",
    2,
    {{"peer", RILL_TRACE_ADDR}, {"code", RILL_TRACE_U64}}};

static const struct rill_trace_point channel_point = {
    "turn",
    "channel",
    "a channel is bound to a peer, or is not (code of the error)",
    3,
    {{"peer", RILL_TRACE_ADDR}, {"channel", RILL_TRACE_U64}, {"code", RILL_TRACE_U64}}};

struct rill_turn_permit *rill_turn_permit_of(const struct rill_turn *x,
                                             const struct rill_addr *peer)
{
    for (size_t i = 0; i < x->cap; i++)
        if (x->permits[i].used && rill_addr_same_ip(&x->permits[i].addr, peer))
            return &x->permits[i];
    return NULL;
}

struct rill_turn_channel *rill_turn_channel_of(const struct rill_turn *x,
                                               const struct rill_addr *peer)
{
    for (size_t i = 0; i < x->cap; i++)
        if (x->channels[i].used && rill_addr_equal(&x->channels[i].peer, peer))
            return &x->channels[i];
    return NULL;
}

/* --- asking --------------------------------------------------------------------------------- */

static struct rill_turn_permit *permit_slot(struct rill_turn *x)
{
    struct rill_turn_permit *oldest = &x->permits[0];
    for (size_t i = 0; i < x->cap; i++) {
        if (!x->permits[i].used)
            return &x->permits[i];
        if (x->permits[i].used_at < oldest->used_at)
            oldest = &x->permits[i];
    }
    return oldest;
}

int rill_turn_permit(struct rill_turn *x, int64_t now, const struct rill_addr *peer)
{
    struct rill_addr addr = rill_addr_unmapped(peer);
    x->now = now;
    /* RFC 8656 §9.1: the peer's family is one of the allocation's. */
    if (!rill_turn_has_family(x, addr.family))
        return rill_turn_refuse(RILL_TURN_NO_PERMISSION, 0, NULL);
    if (rill_turn_permit_of(x, &addr))
        return 0;
    struct rill_turn_permit *p = permit_slot(x);
    *p = (struct rill_turn_permit){.used = true, .addr = addr, .used_at = now};
    p->addr.port = 0;
    p->refresh_at = RILL_NEVER;
    rill_turn_ask(&p->request);
    return 0;
}

enum rill_turn_permission rill_turn_permission(const struct rill_turn *x,
                                               const struct rill_addr *peer)
{
    struct rill_addr addr = rill_addr_unmapped(peer);
    const struct rill_turn_permit *p =
        x->state == RILL_TURN_ALLOCATED ? rill_turn_permit_of(x, &addr) : NULL;
    if (!p)
        return RILL_TURN_NONE;
    if (p->forbidden)
        return RILL_TURN_FORBIDDEN;
    return p->granted ? RILL_TURN_GRANTED : RILL_TURN_ASKED;
}

static struct rill_turn_channel *channel_slot(struct rill_turn *x)
{
    struct rill_turn_channel *oldest = &x->channels[0];
    for (size_t i = 0; i < x->cap; i++) {
        if (!x->channels[i].used)
            return &x->channels[i];
        if (x->channels[i].used_at < oldest->used_at)
            oldest = &x->channels[i];
    }
    return oldest;
}

/* RFC 8656 §12.1: a number that was bound rests 5 minutes behind its binding before another peer
 * gets it: with 4096 of them taken in turn it rests far longer. */
static uint16_t next_number(struct rill_turn *x)
{
    uint16_t number = x->next_channel;
    x->next_channel =
        number == RILL_TURN_CHANNEL_LAST ? RILL_TURN_CHANNEL_FIRST : (uint16_t)(number + 1);
    return number;
}

void rill_turn_bind(struct rill_turn *x, int64_t now, const struct rill_addr *peer)
{
    struct rill_addr addr = rill_addr_unmapped(peer);
    x->now = now;
    if (!rill_turn_has_family(x, addr.family) || rill_turn_channel_of(x, &addr))
        return;
    struct rill_turn_channel *c = channel_slot(x);
    *c = (struct rill_turn_channel){
        .used = true, .peer = addr, .used_at = now, .refresh_at = RILL_NEVER};
    c->number = next_number(x);
    rill_turn_ask(&c->request);
}

void rill_turn_peers_renew(struct rill_turn *x)
{
    for (size_t i = 0; i < x->cap; i++) {
        struct rill_turn_permit *p = &x->permits[i];
        struct rill_turn_channel *c = &x->channels[i];
        p->granted = p->forbidden = c->bound = c->refused = false;
        p->refresh_at = c->refresh_at = RILL_NEVER;
        p->used = p->used && rill_turn_has_family(x, p->addr.family);
        c->used = c->used && rill_turn_has_family(x, c->peer.family);
        if (p->used)
            rill_turn_ask(&p->request);
        if (c->used) {
            c->number = next_number(x);
            rill_turn_ask(&c->request);
        }
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

/* RFC 8656 §9.3, §12.3 with §7.4: 437, and 401 or 441 with credentials that were good, say that
 * the allocation is not ours any more. 408 stands for no answer. */
static bool is_fatal(unsigned code)
{
    return code == 437 || code == 401 || code == 438 || code == 441;
}

void rill_turn_permit_answered(struct rill_turn *x, int64_t now, struct rill_turn_permit *p,
                               unsigned code)
{
    RILL_TRACE(x->config.trace, now, permission_point, {.addr = &p->addr}, {.u = code});
    if (is_fatal(code)) {
        rill_turn_lose(x, now);
        return;
    }
    if (code == 408) {
        p->refresh_at = now + AGAIN;
        return;
    }
    p->granted = code == 0;
    p->forbidden = code != 0;
    p->refresh_at = code ? RILL_NEVER : now + RILL_TURN_PERMISSION - RILL_TURN_EARLY;
}

/* RFC 8656 §12.3: without a channel there are Send indications. */
void rill_turn_channel_answered(struct rill_turn *x, int64_t now, struct rill_turn_channel *c,
                                unsigned code)
{
    RILL_TRACE(x->config.trace, now, channel_point, {.addr = &c->peer}, {.u = c->number},
               {.u = code});
    if (is_fatal(code)) {
        rill_turn_lose(x, now);
        return;
    }
    if (code == 408) {
        c->refresh_at = now + AGAIN;
        return;
    }
    c->bound = code == 0;
    c->refused = code != 0;
    c->refresh_at = code ? RILL_NEVER : now + RILL_TURN_CHANNEL - RILL_TURN_EARLY;
}

void rill_turn_peers_tick(struct rill_turn *x, int64_t now)
{
    for (size_t i = 0; x->state == RILL_TURN_ALLOCATED && i < x->cap; i++) {
        struct rill_turn_permit *p = &x->permits[i];
        struct rill_turn_channel *c = &x->channels[i];
        if (p->used && now >= p->refresh_at && p->request.state == RILL_TURN_IDLE)
            rill_turn_ask(&p->request);
        if (c->used && now >= c->refresh_at && c->request.state == RILL_TURN_IDLE)
            rill_turn_ask(&c->request);
    }
}

int64_t rill_turn_peers_deadline(const struct rill_turn *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; x->state == RILL_TURN_ALLOCATED && i < x->cap; i++) {
        const struct rill_turn_permit *p = &x->permits[i];
        const struct rill_turn_channel *c = &x->channels[i];
        if (p->used && p->request.state == RILL_TURN_IDLE)
            at = rill_earlier(at, p->refresh_at);
        if (c->used && c->request.state == RILL_TURN_IDLE)
            at = rill_earlier(at, c->refresh_at);
    }
    return at;
}
