/* agents: two agents alone, without a peer around them, on a network drawn from a seed
 * (topology.h): sockets, signaling that keeps the order and loses nothing, data now and then to
 * see whether there is a way, and ICE restarts as rill call makes them. */
#ifndef RILL_TESTS_CALL_AGENTS_H
#define RILL_TESTS_CALL_AGENTS_H

#include "tests/call/topology.h"
#include "tests/rill_test.h"

#include "ice/agent.h"
#include "stun/msg.h"

#define MESSAGES 256
#define DATA_EVERY (100 * RILL_MS)
#define RESTART_AFTER (3 * RILL_SECOND) /* disconnected, as rill call does */

enum message_type { CREDENTIALS, RESTART, CANDIDATE, DONE };

/* On its way through signaling, which keeps the order and loses nothing. */
struct message {
    int64_t at;
    int to;
    enum message_type type;
    char text[256], pwd[RILL_ICE_PWD_MAX + 1];
};

struct side {
    struct rill_ice *ice;
    void *block;
    struct rill_rng_seeded generator;
    struct rill_rng rng;
    bool gathers;
    bool offers;      /* its restart has no answer yet */
    int64_t knows_at; /* when it had credentials and a candidate */
    int64_t valid_at, disconnected_at;
    struct rill_path valid_path;
    unsigned checks; /* before the first valid pair */
    int64_t data_at; /* of the other side, the last */
    uint32_t sockets[16];
    bool bound_to_any[16];
    size_t n_sockets;
};

struct run {
    struct rill_sim net;
    struct topology t;
    struct rill_sim_turn_server server;
    struct side sides[2];
    struct message messages[MESSAGES];
    size_t n_messages;
    int64_t now, signaling, next_data, restarted_at;
    bool trickle;
};

/* --- signaling ------------------------------------------------------------------------------- */

static inline struct message *put_message(struct run *r, int from, enum message_type type)
{
    assert_true(r->n_messages < MESSAGES);
    struct message *m = &r->messages[r->n_messages++];
    *m = (struct message){.at = r->now + r->signaling, .to = 1 - from, .type = type};
    return m;
}

static inline void copy_view(char *out, size_t cap, struct rill_view v)
{
    assert_true(v.n < cap);
    memcpy(out, v.p, v.n);
    out[v.n] = 0;
}

static inline void put_credentials(struct run *r, int from, enum message_type type)
{
    struct message *m = put_message(r, from, type);
    copy_view(m->text, sizeof m->text, rill_ice_ufrag(r->sides[from].ice));
    copy_view(m->pwd, sizeof m->pwd, rill_ice_pwd(r->sides[from].ice));
}

static inline void restart(struct run *r, int side)
{
    struct side *s = &r->sides[side];
    char ufrag[8], pwd[24];
    rill_rng_ice_chars(&s->rng, ufrag, sizeof ufrag);
    rill_rng_ice_chars(&s->rng, pwd, sizeof pwd);
    assert_int_equal(rill_ice_restart(s->ice, r->now, rill_view_at((uint8_t *)ufrag, sizeof ufrag),
                                      rill_view_at((uint8_t *)pwd, sizeof pwd)),
                     0);
    s->disconnected_at = RILL_NEVER;
}

static inline void offer_restart(struct run *r, int side)
{
    restart(r, side);
    r->restarted_at = r->now;
    r->sides[side].offers = true;
    put_credentials(r, side, RESTART);
}

/* Of two offers that cross, the answerer's is taken back (perfect negotiation). */
static inline bool is_ignored(struct run *r, const struct message *m)
{
    struct side *s = &r->sides[m->to];
    if (m->type != RESTART || !s->offers)
        return false;
    if (m->to == 1)
        rill_ice_restart_undo(s->ice, r->now);
    s->offers = m->to == 0;
    return m->to == 0;
}

static inline void take_message(struct run *r, const struct message *m)
{
    struct side *s = &r->sides[m->to];
    if (is_ignored(r, m))
        return;
    switch (m->type) {
    case RESTART:
        restart(r, m->to);
        put_credentials(r, m->to, CREDENTIALS);
        /* fall through */
    case CREDENTIALS:
        s->offers = false;
        assert_int_equal(rill_ice_set_remote_credentials(s->ice, r->now, rill_view_of(m->text),
                                                         rill_view_of(m->pwd), false),
                         0);
        if (!s->gathers && m->type == CREDENTIALS) {
            s->gathers = true;
            put_credentials(r, m->to, CREDENTIALS);
            rill_ice_gather(s->ice, r->now);
        }
        break;
    case CANDIDATE:
        assert_true(rill_ice_add_remote_candidate(s->ice, r->now, rill_view_of(m->text), NULL) >=
                    0);
        if (s->knows_at == RILL_NEVER)
            s->knows_at = r->now;
        break;
    case DONE:
        rill_ice_end_of_candidates(s->ice, r->now);
        break;
    }
}

static inline void take_messages(struct run *r)
{
    for (size_t i = 0; i < r->n_messages;) {
        if (r->messages[i].at > r->now) {
            i++;
            continue;
        }
        struct message m = r->messages[i];
        memmove(&r->messages[i], &r->messages[i + 1],
                (--r->n_messages - i) * sizeof r->messages[0]);
        take_message(r, &m);
    }
}

/* --- events --------------------------------------------------------------------------------- */

static inline void open_socket(struct run *r, int side, const struct rill_ice_event *e)
{
    struct side *s = &r->sides[side];
    struct rill_addr local = e->addr, bound;
    if (rill_addr_is_any(&local))
        local = r->t.addresses[side][0]; /* as a route would choose */
    if (r->net.n_sockets == RILL_SIM_SOCKETS || s->n_sockets == 16) {
        rill_ice_open_failed(s->ice, r->now, e->request);
        return;
    }
    local.port = 0;
    uint32_t socket = rill_sim_bind(&r->net, side, &local, &bound);
    s->bound_to_any[s->n_sockets] = rill_addr_is_any(&e->addr);
    s->sockets[s->n_sockets++] = socket;
    rill_ice_opened(s->ice, r->now, e->request, socket, &bound);
}

static inline void put_candidate(struct run *r, int side, const struct rill_ice_cand *cand)
{
    struct message *m = put_message(r, side, CANDIDATE);
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)m->text, sizeof m->text});
    rill_ice_cand_write(&w, cand, rill_ice_ufrag(r->sides[side].ice));
    assert_true(rill_w_end_text(&w));
    if (!r->trickle)
        m->at = RILL_NEVER;
}

static inline void put_done(struct run *r, int side)
{
    for (size_t i = 0; i < r->n_messages; i++)
        if (r->messages[i].at == RILL_NEVER && r->messages[i].to == 1 - side)
            r->messages[i].at = r->now + r->signaling;
    put_message(r, side, DONE);
}

static inline void take_event(struct run *r, int side, const struct rill_ice_event *e)
{
    struct side *s = &r->sides[side];
    switch (e->type) {
    case RILL_ICE_EVENT_OPEN:
        open_socket(r, side, e);
        break;
    case RILL_ICE_EVENT_CLOSE:
        rill_sim_unbind(&r->net, e->socket);
        break;
    case RILL_ICE_EVENT_CANDIDATE:
        put_candidate(r, side, e->cand);
        break;
    case RILL_ICE_EVENT_GATHERING_DONE:
        put_done(r, side);
        break;
    case RILL_ICE_EVENT_STATE:
        s->disconnected_at =
            e->state == RILL_ICE_DISCONNECTED || e->state == RILL_ICE_FAILED ? r->now : RILL_NEVER;
        break;
    case RILL_ICE_EVENT_VALID:
        if (s->valid_at == RILL_NEVER) {
            s->valid_at = r->now;
            s->valid_path = e->path;
        }
        break;
    default:
        break;
    }
}

/* --- datagrams ------------------------------------------------------------------------------ */

static inline bool is_check(struct rill_view v)
{
    struct rill_stun_msg m;
    struct rill_view inner;
    if (!rill_stun_is(v) || rill_stun_decode(v, &m, NULL) < 0)
        return false;
    if (m.method == RILL_STUN_SEND_INDICATION)
        return rill_stun_find(&m, RILL_STUN_DATA, &inner) && is_check(inner);
    return m.class == RILL_STUN_REQUEST && m.method == RILL_STUN_BINDING &&
           rill_stun_find(&m, RILL_STUN_USERNAME, &inner);
}

static inline void send_all(struct run *r, int side)
{
    _Alignas(8) uint8_t out[RILL_SIM_DATAGRAM];
    struct side *s = &r->sides[side];
    struct rill_path path;
    size_t n;
    while ((n = rill_ice_output(s->ice, r->now, &path, (struct rill_span){out, sizeof out})) > 0) {
        if (s->valid_at == RILL_NEVER)
            s->checks += is_check(rill_view_at(out, n));
        rill_sim_send(&r->net, r->now, path.socket, &path.remote, rill_view_at(out, n));
    }
}

static inline void send_data(struct run *r, int side)
{
    _Alignas(8) uint8_t out[256] = {0x80, 96};
    struct rill_path path;
    struct side *s = &r->sides[side];
    if (!rill_ice_send_path(s->ice, &path))
        return;
    size_t n = rill_ice_wrap(s->ice, r->now, &path, (struct rill_span){out, sizeof out}, 40);
    if (n > 0)
        rill_sim_send(&r->net, r->now, path.socket, &path.remote, rill_view_at(out, n));
}

static inline void receive(struct run *r, struct rill_sim_datagram *d)
{
    if (d->to == SERVER) {
        rill_sim_turn_server_take(&r->server, r->now, d);
        return;
    }
    struct side *s = &r->sides[d->to];
    struct rill_path path = {d->socket, RILL_PROTO_UDP, d->from}, inner_path = path;
    struct rill_span bytes = {d->bytes, d->n};
    if (!r->net.sockets[d->socket].open)
        return;
    if (rill_ice_is_wrapped(s->ice, &path)) {
        rill_ice_unwrap(s->ice, r->now, &path, bytes, &inner_path, &bytes);
        if (bytes.n == 0)
            return;
    }
    if (rill_stun_is(rill_view_at(bytes.p, bytes.n)))
        rill_ice_input(s->ice, r->now, &inner_path, rill_view_at(bytes.p, bytes.n), NULL);
    else if (rill_ice_is_validated(s->ice, &inner_path))
        s->data_at = r->now;
}

/* --- time ------------------------------------------------------------------------------------ */

static inline void drain(struct run *r)
{
    struct rill_ice_event e;
    for (int i = 0; i < 2; i++) {
        while (rill_ice_event(r->sides[i].ice, &e))
            take_event(r, i, &e);
        send_all(r, i);
    }
}

/* The offerer restarts for both: side 1 would ask it to. */
static inline void heal(struct run *r)
{
    for (int i = 0; i < 2; i++) {
        if (r->now - r->sides[i].disconnected_at < RESTART_AFTER ||
            r->sides[i].disconnected_at == RILL_NEVER || r->now - r->restarted_at < RESTART_AFTER)
            continue;
        offer_restart(r, 0);
    }
}

static inline int64_t next_of(const struct run *r)
{
    int64_t at = rill_earlier(rill_sim_next(&r->net), r->next_data);
    for (size_t i = 0; i < r->n_messages; i++)
        at = rill_earlier(at, r->messages[i].at);
    for (int i = 0; i < 2; i++)
        at = rill_earlier(at, rill_ice_deadline(r->sides[i].ice));
    return at;
}

/* Until both have what the other sent after `since`, or that time. */
static inline bool run_until(struct run *r, int64_t until, int64_t since)
{
    static struct rill_sim_datagram d;
    for (;;) {
        drain(r);
        if (r->sides[0].data_at > since && r->sides[1].data_at > since)
            return true;
        int64_t next = next_of(r);
        if (next > until)
            break;
        r->now = next > r->now ? next : r->now;
        while (rill_sim_receive(&r->net, r->now, &d))
            receive(r, &d);
        take_messages(r);
        if (r->now >= r->next_data) {
            r->next_data = r->now + DATA_EVERY;
            for (int i = 0; i < 2; i++)
                send_data(r, i);
            heal(r);
        }
        for (int i = 0; i < 2; i++)
            rill_ice_tick(r->sides[i].ice, r->now);
    }
    r->now = until;
    return false;
}

static inline void make_side(struct run *r, int i, uint64_t seed)
{
    struct side *s = &r->sides[i];
    struct rill_addr server = rill_addr_ip4(SERVER_IP, 3478);
    struct rill_ice_turn_server turn = {
        .addr = server, .username = rill_view_of("user"), .password = rill_view_of("pass")};
    rill_rng_seeded_init(&s->generator, seed * 4 + (uint64_t)i);
    s->rng = rill_rng_seeded(&s->generator);
    struct rill_ice_config config = {.turn = &turn, .n_turn = r->t.turn[i], .rng = s->rng};
    s->block = malloc(rill_ice_size(&config));
    s->ice = rill_ice_init(s->block, &config);
    assert_non_null(s->ice);
    s->knows_at = s->valid_at = s->disconnected_at = RILL_NEVER;
    s->data_at = -1;
    rill_ice_add_server(s->ice, &server);
    for (size_t k = 0; k < r->t.interfaces[i]; k++)
        rill_ice_interface_up(s->ice, r->now, &r->t.addresses[i][k]);
}

static inline void unmake(struct run *r)
{
    for (int i = 0; i < 2; i++) {
        rill_ice_close(r->sides[i].ice, r->now);
        free(r->sides[i].block);
    }
    rill_sim_free(&r->net);
}

#endif
