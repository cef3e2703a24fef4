/* ice/relay: relayed candidates (RFC 8445 §5.1.1.2) over one TURN client a server.
 *
 * The idea: a relayed address is a base like any other, only that its datagrams pass through
 * wrap() and unwrap(), here and nowhere else; checks, answers and consent do not know. Its path
 * has the protocol RELAY, and as socket the number of the relay and family. Each client has a
 * socket of its own, on whatever address the system's routes choose, so that with policy relay
 * no socket on an address of ours exists at all. */
#include "ice/agent_private.h"

#include "base/arena.h"

static const struct rill_trace_point failed_point = {
    "ice",
    "relay_failed",
    "a TURN server gives no candidate; the call goes on without it",
    2,
    {{"server", RILL_TRACE_ADDR}, {"reason", RILL_TRACE_TEXT}}};

static const struct rill_trace_point dropped_point = {
    "ice",
    "relay_dropped",
    "what a TURN server sent was not taken, for the reason given",
    2,
    {{"server", RILL_TRACE_ADDR}, {"reason", RILL_TRACE_TEXT}}};

static const struct rill_trace_point not_paired_point = {
    "ice",
    "relay_not_permitted",
    "the TURN server gives no permission for this peer",
    2,
    {{"relayed", RILL_TRACE_ADDR}, {"peer", RILL_TRACE_ADDR}}};

#define AGAIN RILL_SECOND /* after a server's silence */
#define PEERS 64          /* permissions and channels: a remote candidate each */

static struct rill_turn_config config_of(const struct rill_ice_config *c, size_t i)
{
    const struct rill_ice_turn_server *s = &c->turn[i];
    return (struct rill_turn_config){
        .server = s->addr,
        .proto = s->proto,
        .username = s->username,
        .password = s->password,
        .family = s->ip6 ? RILL_ADDR_IP6 : RILL_ADDR_IP4,
        .both = s->both,
        .peers = PEERS,
        .rng = c->rng,
        .trace = c->trace,
    };
}

/* x NULL: only counts. */
void rill_ice_relays_init(struct rill_ice *x, struct rill_arena *a, const struct rill_ice_config *c)
{
    size_t n = c->lite ? 0 : c->n_turn;
    struct rill_ice_relay *relays = rill_arena_take(a, n, sizeof *relays);
    for (size_t i = 0; i < n; i++) {
        struct rill_turn_config config = config_of(c, i);
        void *block = rill_arena_take(a, rill_turn_size(&config), 1);
        if (!x || !relays || !block)
            continue;
        relays[i].turn = rill_turn_init(block, &config);
        relays[i].again_at = RILL_NEVER;
        relays[i].proto = config.proto;
        relays[i].family = config.server.family;
        relays[i].known = config.server.family != RILL_ADDR_NONE;
        relays[i].settled = !relays[i].known;
        relays[i].bases[0] = relays[i].bases[1] = RILL_ICE_NONE;
    }
    if (!x || a->bad)
        return;
    x->relays = relays;
    x->n_relays = n;
}

void rill_ice_relays_gather(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->n_relays; i++)
        if (x->relays[i].known && rill_turn_start(x->relays[i].turn, now))
            x->relays[i].settled = false;
    rill_ice_relays_probe(x, now);
}

/* The server knows us by the address that we send from: another network, or a NAT that forgot, is
 * another client to it. */
void rill_ice_relays_probe(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->n_relays; i++)
        rill_turn_probe(x->relays[i].turn, now);
}

/* The first of `more`; false when there is none. */
static bool use_next(struct rill_ice_relay *r)
{
    if (r->n_more == 0)
        return false;
    rill_turn_set_server(r->turn, &r->more[0]);
    r->family = r->more[0].family;
    r->n_more--;
    for (size_t i = 0; i < r->n_more; i++)
        r->more[i] = r->more[i + 1];
    return true;
}

void rill_ice_turn_resolved(struct rill_ice *x, int64_t now, size_t turn,
                            const struct rill_addr *addrs, size_t n)
{
    x->now = now;
    if (rill_ice_is_over(x) || turn >= x->n_relays || x->relays[turn].known)
        return;
    struct rill_ice_relay *r = &x->relays[turn];
    while (r->n_more < n && r->n_more < RILL_ICE_TURN_ADDRESSES) {
        r->more[r->n_more] = addrs[r->n_more];
        r->n_more++;
    }
    r->known = use_next(r);
    r->settled = !r->known || (x->gathering && !rill_turn_start(r->turn, now));
    rill_ice_update(x, now);
}

bool rill_ice_relays_pending(const struct rill_ice *x)
{
    for (size_t i = 0; i < x->n_relays; i++)
        if (!x->relays[i].settled || rill_turn_is_asking(x->relays[i].turn))
            return true;
    return false;
}

/* --- what the clients say ------------------------------------------------------------------- */

/* RFC 8839 §5.1: an agent that keeps its address to itself gives 0.0.0.0 or :: and port 9. */
static struct rill_addr related_of(const struct rill_ice *x, const struct rill_turn_info *info)
{
    struct rill_addr hidden = {.family = info->relayed[0].family, .port = 9};
    bool hide = x->policy == RILL_ICE_POLICY_RELAY || x->hosts != RILL_ICE_HOSTS_TOLD ||
                info->mapped.family == RILL_ADDR_NONE;
    return hide ? hidden : info->mapped;
}

/* UDP to the server before TCP before TLS: the less is between, the better. */
static void add_base(struct rill_ice *x, int64_t now, size_t relay, size_t k,
                     const struct rill_turn_info *info)
{
    struct rill_ice_relay *r = &x->relays[relay];
    uint16_t rank = (uint16_t)(r->proto * RILL_ICE_SERVERS_MAX);
    if (info->relayed[k].family == RILL_ADDR_NONE)
        return;
    size_t i = rill_ice_base_new(x, &info->relayed[k], RILL_ICE_TCP_NONE, rank);
    if (i == RILL_ICE_NONE)
        return;
    struct rill_ice_base *b = &x->bases[i];
    b->state = RILL_ICE_BASE_OPEN;
    b->relay = relay + 1;
    b->socket = (uint32_t)(2 * relay + k);
    b->host = rill_ice_local_add(x, now, RILL_ICE_RELAY, &info->relayed[k], i, RILL_ICE_NONE);
    if (b->host == RILL_ICE_NONE) {
        b->state = RILL_ICE_BASE_FREE;
        return;
    }
    x->locals[b->host].cand.related = related_of(x, info);
    r->bases[k] = i;
    rill_ice_pairs_for_base(x, now, i);
}

static void lose_bases(struct rill_ice *x, int64_t now, struct rill_ice_relay *r)
{
    for (size_t k = 0; k < 2; k++) {
        size_t base = r->bases[k];
        r->bases[k] = RILL_ICE_NONE;
        for (size_t i = 0; base != RILL_ICE_NONE && i < x->cap_pairs; i++)
            if (x->pairs[i].used && x->pairs[i].base == base)
                rill_ice_pair_drop(x, now, i);
        if (base != RILL_ICE_NONE)
            rill_ice_base_forget(x, base);
    }
}

/* A server that did not answer, of whom a burst of loss may have taken every word. */
static bool is_silence(const struct rill_err *why)
{
    return why->row && (why->row->code == RILL_TURN_TIMEOUT || why->row->code == RILL_TURN_LOST);
}

/* While there is no way to the peer, it is worth asking once more. */
static bool is_needed(const struct rill_ice *x)
{
    return x->state == RILL_ICE_CHECKING || x->state == RILL_ICE_DISCONNECTED;
}

static void take_event(struct rill_ice *x, int64_t now, size_t relay,
                       const struct rill_turn_event *e)
{
    struct rill_ice_relay *r = &x->relays[relay];
    struct rill_turn_info info;
    rill_turn_info(r->turn, &info);
    switch (e->type) {
    case RILL_TURN_EVENT_OPEN:
        r->tell_open = true;
        r->request = ++x->next_request;
        r->open = *e;
        break;
    case RILL_TURN_EVENT_CLOSE:
        r->tell_close = true;
        r->close_socket = e->socket;
        break;
    case RILL_TURN_EVENT_ALLOCATED:
        r->settled = true;
        r->why = (struct rill_err){0};
        add_base(x, now, relay, 0, &info);
        add_base(x, now, relay, 1, &info);
        break;
    case RILL_TURN_EVENT_LOST:
        lose_bases(x, now, r);
        break;
    case RILL_TURN_EVENT_FAILED:
        r->why = e->why;
        RILL_TRACE(x->trace, now, failed_point, {.addr = &info.server},
                   {.view = rill_view_of(e->why.row ? e->why.row->sentence : "")});
        r->settled = !use_next(r) || !rill_turn_start(r->turn, now);
        r->again_at = r->settled && is_silence(&e->why) ? now + AGAIN : RILL_NEVER;
        break;
    }
}

/* A pair whose peer the server will not relay to has failed before it was tried. */
static void fail_forbidden(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *p = &x->pairs[i];
        if (!p->used || !x->bases[p->base].relay || !rill_ice_pair_is_open(p))
            continue;
        const struct rill_addr *peer = &x->remotes[p->remote].cand.addr;
        struct rill_turn *turn = x->relays[x->bases[p->base].relay - 1].turn;
        if (rill_turn_permission(turn, peer) != RILL_TURN_FORBIDDEN)
            continue;
        RILL_TRACE(x->trace, now, not_paired_point, {.addr = &x->bases[p->base].addr},
                   {.addr = peer});
        rill_ice_pair_fail(x, now, i, RILL_ICE_NOT_PERMITTED);
    }
}

/* Data on the pair in use goes through a channel. */
static void bind_current(struct rill_ice *x, int64_t now)
{
    size_t pair = rill_ice_current(x);
    if (pair == RILL_ICE_NONE || !x->bases[x->pairs[pair].base].relay)
        return;
    const struct rill_ice_pair *p = &x->pairs[pair];
    rill_turn_bind(x->relays[x->bases[p->base].relay - 1].turn, now,
                   &x->remotes[p->remote].cand.addr);
}

void rill_ice_relays_update(struct rill_ice *x, int64_t now)
{
    struct rill_turn_event e;
    for (size_t i = 0; i < x->n_relays; i++)
        while (!x->relays[i].tell_open && !x->relays[i].tell_close &&
               rill_turn_event(x->relays[i].turn, &e))
            take_event(x, now, i, &e);
    if (x->n_relays == 0)
        return;
    fail_forbidden(x, now);
    bind_current(x, now);
}

/* --- sockets -------------------------------------------------------------------------------- */

bool rill_ice_relay_event(struct rill_ice *x, struct rill_ice_event *out)
{
    /* What came behind the event told last may change the state of the whole. */
    if (rill_ice_is_over(x))
        rill_ice_relays_update(x, x->now);
    else if (x->n_relays)
        rill_ice_update(x, x->now);
    for (size_t i = 0; i < x->n_relays; i++) {
        struct rill_ice_relay *r = &x->relays[i];
        if (r->tell_close) {
            r->tell_close = false;
            *out = (struct rill_ice_event){.type = RILL_ICE_EVENT_CLOSE, .socket = r->close_socket};
            return true;
        }
        if (!r->tell_open)
            continue;
        struct rill_addr any = {.family = r->family};
        r->tell_open = false;
        r->waits = true;
        *out = (struct rill_ice_event){.type = RILL_ICE_EVENT_OPEN,
                                       .request = r->request,
                                       .proto = r->proto,
                                       .turn = i,
                                       .domain = r->open.domain,
                                       .addr = r->proto == RILL_PROTO_UDP ? any : r->open.server};
        return true;
    }
    return false;
}

static struct rill_ice_relay *relay_of_request(struct rill_ice *x, uint32_t request)
{
    for (size_t i = 0; i < x->n_relays; i++)
        if (x->relays[i].waits && x->relays[i].request == request)
            return &x->relays[i];
    return NULL;
}

bool rill_ice_relay_opened(struct rill_ice *x, int64_t now, uint32_t request, uint32_t socket)
{
    struct rill_ice_relay *r = relay_of_request(x, request);
    if (!r)
        return false;
    r->waits = false;
    rill_turn_opened(r->turn, now, socket);
    return true;
}

bool rill_ice_relay_open_failed(struct rill_ice *x, int64_t now, uint32_t request)
{
    struct rill_ice_relay *r = relay_of_request(x, request);
    if (!r)
        return false;
    r->waits = false;
    rill_turn_open_failed(r->turn, now);
    return true;
}

static struct rill_ice_relay *relay_of_path(const struct rill_ice *x, const struct rill_path *path)
{
    struct rill_turn_info info;
    for (size_t i = 0; path->proto != RILL_PROTO_RELAY && i < x->n_relays; i++) {
        rill_turn_info(x->relays[i].turn, &info);
        if (info.socket_open && info.socket == path->socket)
            return &x->relays[i];
    }
    return NULL;
}

void rill_ice_stream_closed(struct rill_ice *x, int64_t now, uint32_t socket)
{
    struct rill_path path = {.socket = socket};
    struct rill_ice_relay *r = relay_of_path(x, &path);
    x->now = now;
    if (r)
        rill_turn_closed(r->turn, now);
    if (r || rill_ice_stream_ended(x, now, socket))
        rill_ice_update(x, now);
}

void rill_ice_relay_unreachable(struct rill_ice *x, int64_t now, const struct rill_path *path)
{
    struct rill_ice_relay *r = relay_of_path(x, path);
    if (r)
        rill_turn_unreachable(r->turn, now);
}

/* --- time and output ------------------------------------------------------------------------ */

void rill_ice_relays_tick(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->n_relays; i++) {
        struct rill_ice_relay *r = &x->relays[i];
        if (is_needed(x) && now >= r->again_at) {
            r->again_at = RILL_NEVER;
            rill_turn_start(r->turn, now);
        }
        rill_turn_tick(r->turn, now);
    }
}

size_t rill_ice_relays_output(struct rill_ice *x, int64_t now, struct rill_path *path,
                              struct rill_span out)
{
    size_t n = 0;
    for (size_t i = 0; n == 0 && x->state != RILL_ICE_FAILED && i < x->n_relays; i++)
        n = rill_turn_output(x->relays[i].turn, now, path, out);
    return n;
}

int64_t rill_ice_relays_deadline(const struct rill_ice *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->n_relays; i++) {
        at = rill_earlier(at, rill_turn_deadline(x->relays[i].turn));
        if (is_needed(x))
            at = rill_earlier(at, x->relays[i].again_at);
    }
    return at;
}

void rill_ice_relays_close(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->n_relays; i++) {
        rill_turn_close(x->relays[i].turn, now);
        x->relays[i].tell_open = false;
    }
}

/* --- pairs ---------------------------------------------------------------------------------- */

static struct rill_turn *turn_of(const struct rill_ice *x, size_t pair)
{
    size_t relay = x->bases[x->pairs[pair].base].relay;
    return relay ? x->relays[relay - 1].turn : NULL;
}

void rill_ice_relay_permit(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_turn *turn = turn_of(x, pair);
    if (turn)
        rill_turn_permit(turn, now, &x->remotes[x->pairs[pair].remote].cand.addr);
}

bool rill_ice_relay_is_waiting(const struct rill_ice *x, size_t pair)
{
    struct rill_turn *turn = turn_of(x, pair);
    return turn && rill_turn_permission(turn, &x->remotes[x->pairs[pair].remote].cand.addr) ==
                       RILL_TURN_ASKED;
}

void rill_ice_relay_doubt(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_turn *turn = turn_of(x, pair);
    if (turn)
        rill_turn_probe(turn, now);
}

/* --- data ----------------------------------------------------------------------------------- */

size_t rill_ice_wrap(struct rill_ice *x, int64_t now, struct rill_path *path, struct rill_span out,
                     size_t n)
{
    struct rill_turn_info info;
    size_t relay = path->socket / 2;
    if (path->proto == RILL_PROTO_FRAMED)
        return rill_ice_stream_wrap(x, path, out, n);
    if (path->proto != RILL_PROTO_RELAY)
        return n;
    if (relay >= x->n_relays)
        return 0;
    struct rill_ice_relay *r = &x->relays[relay];
    n = rill_turn_wrap(r->turn, now, &path->remote, out, n);
    rill_turn_info(r->turn, &info);
    *path = (struct rill_path){info.socket, (uint8_t)r->proto, info.server};
    return info.socket_open ? n : 0;
}

bool rill_ice_is_wrapped(const struct rill_ice *x, const struct rill_path *path)
{
    return relay_of_path(x, path) != NULL || rill_ice_stream_is(x, path);
}

size_t rill_ice_unwrap(struct rill_ice *x, int64_t now, const struct rill_path *path,
                       struct rill_span bytes, struct rill_path *inner_path,
                       struct rill_span *inner)
{
    struct rill_ice_relay *r = relay_of_path(x, path);
    struct rill_turn_info info;
    struct rill_turn_data data = {0};
    struct rill_err why = {0};
    x->now = now;
    *inner = (struct rill_span){0};
    if (!r && rill_ice_stream_is(x, path))
        return rill_ice_stream_unwrap(x, now, path, bytes, inner_path, inner);
    if (!r)
        return bytes.n;
    rill_turn_info(r->turn, &info);
    if (r->proto == RILL_PROTO_UDP && !rill_addr_equal(&path->remote, &info.server))
        return bytes.n;
    size_t taken = rill_turn_input(r->turn, now, bytes, &data, &why);
    if (why.row)
        RILL_TRACE(x->trace, now, dropped_point, {.addr = &info.server},
                   {.view = rill_view_of(why.row->sentence)});
    size_t k = info.relayed[1].family == data.peer.family ? 1 : 0;
    *inner_path = (struct rill_path){(uint32_t)(2 * (size_t)(r - x->relays) + k), RILL_PROTO_RELAY,
                                     data.peer};
    *inner = data.bytes;
    /* Data alone changes nothing here; what a response changed is looked at at once. */
    if (data.bytes.n == 0)
        rill_ice_update(x, now);
    return taken;
}
