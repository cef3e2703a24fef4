/* server_slots: memory, and how connections come and go.
 *
 * The idea: all of it is one block. First lies what every connection and session touches, a few
 * KiB each and packed; behind it what few of them ever need, at its full size but untouched. */
#include "signaling/reserve.h"
#include "signaling/server_private.h"

#include <string.h>

static const struct rill_trace_point accepted = {
    "signaling",
    "accepted",
    "a connection came",
    2,
    {{"conn", RILL_TRACE_U64}, {"remote", RILL_TRACE_ADDR}}};

static int64_t time_or(int64_t given, int64_t ms)
{
    return given ? given : ms * RILL_MS;
}

static size_t size_or(size_t given, size_t otherwise)
{
    return given ? given : otherwise;
}

static struct rill_sig_server_config with_defaults(const struct rill_sig_server_config *given)
{
    struct rill_sig_server_config c = *given;
    c.connections = size_or(c.connections, RILL_LIMIT_CONNECTIONS);
    c.sessions = size_or(c.sessions, RILL_LIMIT_SESSIONS);
    c.message = size_or(c.message, RILL_LIMIT_MESSAGE);
    c.max_payload = size_or(c.max_payload, RILL_LIMIT_PAYLOAD);
    c.idle = time_or(c.idle, RILL_LIMIT_IDLE_MS);
    c.auth_timeout = time_or(c.auth_timeout, RILL_LIMIT_AUTH_MS);
    c.ping_interval = time_or(c.ping_interval, RILL_LIMIT_PING_MS);
    c.ping_timeout = time_or(c.ping_timeout, RILL_LIMIT_PONG_MS);
    c.version = c.version ? c.version : "";
    c.rooms.members = size_or(c.rooms.members, c.connections + c.sessions);
    c.rooms.offers = size_or(c.rooms.offers, RILL_LIMIT_OFFERS);
    c.rooms.candidates = size_or(c.rooms.candidates, RILL_LIMIT_CANDIDATES);
    c.rooms.offer_bytes = size_or(c.rooms.offer_bytes, RILL_LIMIT_OFFER_BYTES);
    return c;
}

/* --- memory -------------------------------------------------------------------------- */

static void carve_conns(struct rill_arena *a, struct rill_sig_server *x,
                        const struct rill_sig_server_config *c)
{
    struct rill_server_conn *conns = rill_arena_take(a, c->connections, sizeof *conns);
    for (size_t i = 0; i < c->connections; i++) {
        uint8_t *in = rill_reserve(a, SERVER_HEAD_NEAR);
        uint8_t *reply = rill_reserve(a, SERVER_REPLY_MAX);
        void *ws = rill_reserve(a, rill_server_ws_size(c));
        if (!conns)
            continue;
        conns[i].in = rill_elastic_of(in, SERVER_HEAD_NEAR, NULL, RILL_HTTP_HEAD_MAX);
        conns[i].reply = reply;
        conns[i].ws_block = ws;
        conns[i].member.id = (uint32_t)i;
    }
    if (x)
        x->conns = conns;
}

static void carve_sessions(struct rill_arena *a, struct rill_sig_server *x,
                           const struct rill_sig_server_config *c)
{
    struct rill_eio_session_config eio = rill_server_eio_config(c);
    struct rill_sio_session_config sio = rill_server_sio_config(c);
    struct rill_server_session *sessions = rill_arena_take(a, c->sessions, sizeof *sessions);
    for (size_t i = 0; i < c->sessions; i++) {
        void *eio_block = rill_reserve(a, rill_eio_session_size(&eio));
        void *sio_block = rill_reserve(a, rill_sio_session_size(&sio));
        uint8_t *echo = c->echo ? rill_reserve(a, SERVER_ECHO_AUTH_MAX) : NULL;
        if (!sessions)
            continue;
        sessions[i].eio_block = eio_block;
        sessions[i].sio_block = sio_block;
        sessions[i].echo_auth = echo;
        sessions[i].member.id = (uint32_t)(c->connections + i);
    }
    if (x)
        x->sessions = sessions;
}

static void carve_far(struct rill_arena *a, struct rill_sig_server *x,
                      const struct rill_sig_server_config *c)
{
    struct rill_eio_session_config eio = rill_server_eio_config(c);
    size_t block_n = rill_server_ws_far_size(c);
    for (size_t i = 0; i < c->connections; i++) {
        uint8_t *in = rill_reserve(a, RILL_HTTP_HEAD_MAX);
        uint8_t *block = rill_reserve(a, block_n);
        if (!x)
            continue;
        x->conns[i].in.far = in;
        x->conns[i].block = (struct rill_span){block, block_n};
    }
    for (size_t i = 0; i < c->sessions; i++) {
        void *eio_far = rill_reserve(a, rill_eio_session_far_size(&eio));
        void *sio_far = rill_reserve(a, c->max_payload);
        if (!x)
            continue;
        x->sessions[i].eio_far = eio_far;
        x->sessions[i].sio_far = sio_far;
    }
}

static void carve_tables(struct rill_arena *a, struct rill_sig_server *x,
                         const struct rill_sig_server_config *c)
{
    size_t slots = c->connections + c->sessions;
    struct rill_sig_server t = {.said_ring.cap = SERVER_SAID_MAX,
                                .access_ring.cap = SERVER_ACCESS_MAX};
    t.by_id = rill_chain_take(a, c->connections);
    t.by_address = rill_chain_take(a, slots);
    t.by_sid = rill_chain_take(a, c->sessions);
    t.by_room = rill_chain_take(a, slots);
    t.touched = rill_todo_take(a, slots);
    t.outputs = rill_todo_take(a, c->connections);
    t.tells = rill_todo_take(a, c->connections);
    t.deadlines = rill_heap_take(a, slots);
    t.free = rill_arena_take(a, slots, sizeof *t.free);
    t.said = rill_arena_take(a, SERVER_SAID_MAX, sizeof *t.said);
    t.access = rill_arena_take(a, SERVER_ACCESS_MAX, sizeof *t.access);
    if (x)
        *x = t;
}

/* Whatever is written at once: a message of the vocabulary, or an echo with its frame. */
static size_t scratch_size(const struct rill_sig_server_config *c)
{
    return (c->message > c->max_payload ? c->message : c->max_payload) + 1024;
}

static struct rill_sig_server *carve(struct rill_arena *a, const struct rill_sig_server_config *c)
{
    struct rill_sig_server *x = rill_arena_take(a, 1, sizeof *x);
    carve_tables(a, x, c);
    carve_conns(a, x, c);
    carve_sessions(a, x, c);
    void *rooms = rill_reserve(a, rill_rooms_size(&c->rooms));
    size_t arena_n = RILL_SIG_ARENA(c->message);
    uint8_t *scratch = rill_reserve(a, scratch_size(c));
    uint8_t *text = rill_reserve(a, scratch_size(c));
    uint8_t *texted = rill_reserve(a, SERVER_TEXTED_MAX);
    uint8_t *arena = rill_reserve(a, arena_n);
    carve_far(a, x, c);
    if (!x)
        return NULL;
    x->rooms = rill_rooms_init(rooms, &c->rooms);
    x->scratch = scratch;
    x->text = text;
    x->texted = texted;
    x->scratch_n = scratch_size(c);
    x->arena_block = arena;
    x->arena_n = arena_n;
    return x;
}

size_t rill_sig_server_size(const struct rill_sig_server_config *config)
{
    struct rill_sig_server_config c = with_defaults(config);
    struct rill_arena a = rill_arena_counting();
    carve(&a, &c);
    return rill_arena_size(&a);
}

/* The first slot is taken first. */
static void free_all(struct rill_sig_server *x)
{
    size_t n = x->config.connections, m = x->config.sessions;
    for (size_t i = 0; i < n; i++)
        x->free[i] = (uint32_t)(n - 1 - i);
    for (size_t i = 0; i < m; i++)
        x->free[n + i] = (uint32_t)(m - 1 - i);
    x->n_free = n;
    x->n_free_sessions = m;
}

struct rill_sig_server *rill_sig_server_init(void *block,
                                             const struct rill_sig_server_config *config)
{
    struct rill_sig_server_config c = with_defaults(config);
    struct rill_arena a = rill_arena_over(block, rill_sig_server_size(config));
    struct rill_sig_server *x = carve(&a, &c);
    uint8_t seed[sizeof x->seed];
    x->config = c;
    rill_rng_fill(&c.rng, seed, sizeof seed);
    memcpy(&x->seed, seed, sizeof seed);
    free_all(x);
    return x;
}

/* --- connections --------------------------------------------------------------------- */

struct rill_server_conn *rill_server_find(struct rill_sig_server *x, uint32_t conn)
{
    uint32_t i = rill_chain_first(&x->by_id, conn);
    while (i != RILL_CHAIN_END && x->conns[i].id != conn)
        i = rill_chain_next(&x->by_id, i);
    return i == RILL_CHAIN_END ? NULL : &x->conns[i];
}

/* What counts as one: an IPv4 address, or the /64 that a household or a machine is given. */
static struct rill_view counted_part(const struct rill_addr *a)
{
    return rill_view_at(a->ip, a->family == RILL_ADDR_IP6 ? 8 : 4);
}

static uint64_t address_key(const struct rill_sig_server *x, const struct rill_addr *a)
{
    return rill_chain_key(x->seed + a->family, counted_part(a));
}

static const struct rill_addr *remote_of(const struct rill_sig_server *x, uint32_t slot)
{
    size_t conns = x->config.connections;
    return slot < conns ? &x->conns[slot].remote : &x->sessions[slot - conns].record.remote;
}

/* Connections and sessions are counted apart: a session outlives the connection that began it. */
static bool has_room_for(const struct rill_sig_server *x, const struct rill_addr *remote,
                         bool session)
{
    size_t most = size_or(x->config.per_address, RILL_LIMIT_PER_ADDRESS), n = 0;
    size_t all = session ? x->config.sessions : x->config.connections;
    if (most >= all || (!x->config.per_address && rill_addr_is_loopback(remote)))
        return true;
    uint32_t i = rill_chain_first(&x->by_address, address_key(x, remote));
    for (; i != RILL_CHAIN_END && n < most; i = rill_chain_next(&x->by_address, i)) {
        const struct rill_addr *a = remote_of(x, i);
        n += (i >= x->config.connections) == session && a->family == remote->family &&
             rill_view_equal(counted_part(a), counted_part(remote));
    }
    return n < most;
}

static int turn_away(struct rill_sig_server *x, enum rill_server_hit why)
{
    x->counts.hits[why]++;
    return RILL_SIGNALING_FULL;
}

int rill_sig_server_accept(struct rill_sig_server *x, int64_t now, uint32_t conn,
                           const struct rill_addr *remote)
{
    struct rill_addr from = rill_addr_unmapped(remote);
    if (x->closing)
        return RILL_SIGNALING_FULL;
    if (x->n_free == 0)
        return turn_away(x, SERVER_HIT_CONNECTIONS);
    if (!has_room_for(x, &from, false))
        return turn_away(x, SERVER_HIT_ADDRESS);
    uint32_t slot = x->free[--x->n_free];
    struct rill_server_conn *c = &x->conns[slot];
    *c = (struct rill_server_conn){.used = true,
                                   .id = conn,
                                   .remote = from,
                                   .state = SERVER_HEAD,
                                   .deadline = now + x->config.idle,
                                   .in = c->in,
                                   .reply = c->reply,
                                   .block = c->block,
                                   .ws_block = c->ws_block,
                                   .member.id = slot};
    rill_elastic_reset(&c->in);
    rill_chain_add(&x->by_id, conn, slot);
    rill_chain_add(&x->by_address, address_key(x, &from), slot);
    x->counts.connections++;
    RILL_TRACE(x->config.trace, now, accepted, {.u = conn}, {.addr = remote});
    rill_heap_set(&x->deadlines, slot, c->deadline);
    return 0;
}

void rill_server_free_conn(struct rill_sig_server *x, struct rill_server_conn *c)
{
    rill_chain_remove(&x->by_id, c->id, c->member.id);
    rill_chain_remove(&x->by_address, address_key(x, &c->remote), c->member.id);
    c->used = false;
    x->free[x->n_free++] = c->member.id;
    rill_server_touch(x, &c->member);
}

/* --- sessions ------------------------------------------------------------------------ */

static bool may_begin(struct rill_sig_server *x, const struct rill_addr *remote)
{
    bool free = x->n_free_sessions > 0, fits = has_room_for(x, remote, true);
    x->counts.hits[SERVER_HIT_SESSIONS] += !free;
    x->counts.hits[SERVER_HIT_ADDRESS] += !fits;
    return free && fits && !x->draining;
}

struct rill_server_session *rill_server_take_session(struct rill_sig_server *x,
                                                     const struct rill_addr *remote)
{
    if (!may_begin(x, remote))
        return NULL;
    struct rill_server_session *s =
        &x->sessions[x->free[x->config.connections + --x->n_free_sessions]];
    *s = (struct rill_server_session){
        .used = true,
        .eio_block = s->eio_block,
        .sio_block = s->sio_block,
        .eio_far = s->eio_far,
        .sio_far = s->sio_far,
        .echo_auth = s->echo_auth,
        .member.id = s->member.id,
        .record.remote = *remote,
        .echo_at = RILL_NEVER,
    };
    x->counts.sessions++;
    rill_chain_add(&x->by_address, address_key(x, remote), s->member.id);
    rill_server_touch(x, &s->member);
    return s;
}

void rill_server_give_session(struct rill_sig_server *x, struct rill_server_session *s)
{
    s->used = false;
    rill_chain_remove(&x->by_address, address_key(x, &s->record.remote), s->member.id);
    x->free[x->config.connections + x->n_free_sessions++] = (uint32_t)(s - x->sessions);
    rill_server_touch(x, &s->member);
}
