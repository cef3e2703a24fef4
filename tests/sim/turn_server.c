/* turn_server: see turn_server.h. */
#include "tests/sim/turn_server.h"

#include "stun/longterm.h"
#include "stun/msg.h"
#include "stun/server.h"
#include "turn/channel.h"

#include <assert.h>
#include <string.h>

#define REALM "sim"
#define NONCE "nonce"
#define LIFETIME_S 600
#define PERMISSION (300 * RILL_SECOND)
#define CHANNEL (600 * RILL_SECOND)

void rill_sim_turn_server_init(struct rill_sim_turn_server *s, struct rill_sim *net, int endpoint,
                               const struct rill_addr *addr)
{
    memset(s, 0, sizeof *s);
    s->net = net;
    s->endpoint = endpoint;
    s->stun = s->turn = true;
    s->socket = rill_sim_bind(net, endpoint, addr, &s->addr);
}

static void give_back(struct rill_sim_turn_server *s, struct rill_sim_allocation *a)
{
    rill_sim_unbind(s->net, a->socket);
    a->used = false;
}

void rill_sim_turn_server_restart(struct rill_sim_turn_server *s)
{
    for (size_t i = 0; i < RILL_SIM_ALLOCATIONS; i++)
        if (s->allocations[i].used)
            give_back(s, &s->allocations[i]);
}

static struct rill_sim_allocation *allocation_of(struct rill_sim_turn_server *s, int64_t now,
                                                 const struct rill_addr *client)
{
    for (size_t i = 0; i < RILL_SIM_ALLOCATIONS; i++) {
        struct rill_sim_allocation *a = &s->allocations[i];
        if (a->used && now >= a->until)
            give_back(s, a);
        if (a->used && rill_addr_equal(&a->client, client))
            return a;
    }
    return NULL;
}

/* --- requests ------------------------------------------------------------------------------ */

static size_t key_of(uint8_t key[RILL_DIGEST_MAX])
{
    return rill_stun_long_term_key(RILL_STUN_ALGORITHM_MD5, rill_view_of("user"),
                                   rill_view_of(REALM), rill_view_of("pass"), key);
}

static void put_allocation(const struct rill_sim_allocation *a, struct rill_stun_writer *w)
{
    rill_stun_put_addr(w, RILL_STUN_XOR_RELAYED_ADDRESS, &a->relayed);
    rill_stun_put_addr(w, RILL_STUN_XOR_MAPPED_ADDRESS, &a->client);
    rill_stun_put_u32(w, RILL_STUN_LIFETIME, LIFETIME_S);
}

/* RFC 8656 §7.2: one that is sent again gets the same answer. */
static unsigned allocate(struct rill_sim_turn_server *s, int64_t now, const struct rill_addr *from,
                         const struct rill_stun_msg *m, struct rill_stun_writer *w)
{
    struct rill_sim_allocation *a = allocation_of(s, now, from);
    struct rill_addr any = s->addr;
    if (a) {
        if (memcmp(a->txid, m->txid.p, sizeof a->txid) != 0)
            return 437;
        put_allocation(a, w);
        return 0;
    }
    for (size_t i = 0; i < RILL_SIM_ALLOCATIONS && !a; i++)
        if (!s->allocations[i].used)
            a = &s->allocations[i];
    if (!a)
        return 508;
    any.port = 0;
    *a = (struct rill_sim_allocation){
        .used = true, .client = *from, .until = now + LIFETIME_S * RILL_SECOND};
    a->socket = rill_sim_bind(s->net, s->endpoint, &any, &a->relayed);
    memcpy(a->txid, m->txid.p, sizeof a->txid);
    put_allocation(a, w);
    return 0;
}

static void refresh(struct rill_sim_turn_server *s, int64_t now, struct rill_sim_allocation *a,
                    const struct rill_stun_msg *m, struct rill_stun_writer *w)
{
    uint32_t lifetime = LIFETIME_S;
    rill_stun_get_u32(m, RILL_STUN_LIFETIME, &lifetime);
    a->until = now + (lifetime ? LIFETIME_S * RILL_SECOND : 0);
    rill_stun_put_u32(w, RILL_STUN_LIFETIME, lifetime ? LIFETIME_S : 0);
    if (!lifetime)
        give_back(s, a);
}

/* RFC 8656 §12.2: a channel's binding refreshes the permission too. A permit is for an address;
 * one with a channel is for its port as well. */
static unsigned permit(struct rill_sim_allocation *a, int64_t now, const struct rill_stun_msg *m)
{
    struct rill_addr peer;
    uint32_t number = 0;
    size_t i = 0;
    if (!rill_stun_get_addr(m, RILL_STUN_XOR_PEER_ADDRESS, &peer))
        return 400;
    rill_stun_get_u32(m, RILL_STUN_CHANNEL_NUMBER, &number);
    while (i < a->n_permits && !(rill_addr_same_ip(&a->permits[i].peer, &peer) &&
                                 (!number || rill_addr_equal(&a->permits[i].peer, &peer))))
        i++;
    if (i == RILL_SIM_PERMITS)
        return 508;
    if (i == a->n_permits) {
        memset(&a->permits[i], 0, sizeof a->permits[i]);
        a->permits[i].peer = peer;
        a->n_permits++;
    }
    a->permits[i].until = now + PERMISSION;
    if (number) {
        a->permits[i].channel = (uint16_t)(number >> 16);
        a->permits[i].channel_until = now + CHANNEL;
    }
    return 0;
}

static unsigned serve(struct rill_sim_turn_server *s, int64_t now, const struct rill_addr *from,
                      const struct rill_stun_msg *m, struct rill_stun_writer *w)
{
    struct rill_sim_allocation *a = allocation_of(s, now, from);
    if (m->method == RILL_STUN_ALLOCATE)
        return allocate(s, now, from, m, w);
    if (!a)
        return 437;
    if (m->method == RILL_STUN_REFRESH)
        refresh(s, now, a, m, w);
    else if (m->method == RILL_STUN_CREATE_PERMISSION || m->method == RILL_STUN_CHANNEL_BIND)
        return permit(a, now, m);
    else
        return 400;
    return 0;
}

static size_t answer(struct rill_sim_turn_server *s, int64_t now, const struct rill_addr *from,
                     const struct rill_stun_msg *m, struct rill_span out)
{
    uint8_t key[RILL_DIGEST_MAX];
    struct rill_stun_writer w;
    struct rill_view k = rill_view_at(key, key_of(key));
    bool known = m->integrity_at && rill_stun_check_integrity(m, k);
    if (!known) {
        rill_stun_begin(&w, out, RILL_STUN_ERROR, m->method, m->txid.p);
        rill_stun_put_error(&w, 401, "Unauthenticated");
        rill_stun_put(&w, RILL_STUN_REALM, rill_view_of(REALM));
        rill_stun_put(&w, RILL_STUN_NONCE, rill_view_of(NONCE));
        return rill_stun_end(&w);
    }
    rill_stun_begin(&w, out, RILL_STUN_SUCCESS, m->method, m->txid.p);
    unsigned code = serve(s, now, from, m, &w);
    if (code) {
        rill_stun_begin(&w, out, RILL_STUN_ERROR, m->method, m->txid.p);
        rill_stun_put_error(&w, code, "");
    }
    rill_stun_put_integrity(&w, k);
    return rill_stun_end(&w);
}

/* --- data ----------------------------------------------------------------------------------- */

static bool is_permitted(const struct rill_sim_allocation *a, int64_t now,
                         const struct rill_addr *peer)
{
    for (size_t i = 0; i < a->n_permits; i++)
        if (now < a->permits[i].until && rill_addr_same_ip(&a->permits[i].peer, peer))
            return true;
    return false;
}

static void to_peer(struct rill_sim_turn_server *s, int64_t now, struct rill_sim_allocation *a,
                    const struct rill_addr *peer, struct rill_view data)
{
    if (!is_permitted(a, now, peer))
        return;
    s->relayed++;
    rill_sim_send(s->net, now, a->socket, peer, data);
}

static void from_client(struct rill_sim_turn_server *s, int64_t now,
                        const struct rill_sim_datagram *d)
{
    struct rill_view in = rill_view_at(d->bytes, d->n), data;
    struct rill_sim_allocation *a = allocation_of(s, now, &d->from);
    struct rill_turn_channel_data c;
    struct rill_stun_msg m;
    struct rill_addr peer;
    if (!a)
        return;
    if (rill_turn_is_channel(in)) {
        if (rill_turn_channel_decode(in, &c, NULL) < 0)
            return;
        for (size_t i = 0; i < a->n_permits; i++)
            if (a->permits[i].channel == c.channel && now < a->permits[i].channel_until)
                to_peer(s, now, a, &a->permits[i].peer, c.data);
    } else if (rill_stun_decode(in, &m, NULL) == 0 && m.method == RILL_STUN_SEND_INDICATION &&
               rill_stun_get_addr(&m, RILL_STUN_XOR_PEER_ADDRESS, &peer) &&
               rill_stun_find(&m, RILL_STUN_DATA, &data)) {
        to_peer(s, now, a, &peer, data);
    }
}

static size_t wrap(struct rill_sim_turn_server *s, int64_t now, const struct rill_sim_allocation *a,
                   const struct rill_sim_datagram *d, struct rill_span out)
{
    uint8_t txid[RILL_STUN_TXID] = {0};
    struct rill_stun_writer w;
    for (size_t i = 0; i < a->n_permits; i++) {
        if (!a->permits[i].channel || now >= a->permits[i].channel_until ||
            !rill_addr_equal(&a->permits[i].peer, &d->from))
            continue;
        assert(out.n >= d->n + 4);
        rill_turn_channel_put(out, a->permits[i].channel, d->n);
        memcpy(out.p + 4, d->bytes, d->n);
        return d->n + 4;
    }
    rill_rng_fill(&s->net->rng, txid, sizeof txid);
    rill_stun_begin(&w, out, RILL_STUN_INDICATION, RILL_STUN_DATA_INDICATION, txid);
    rill_stun_put_addr(&w, RILL_STUN_XOR_PEER_ADDRESS, &d->from);
    rill_stun_put(&w, RILL_STUN_DATA, rill_view_at(d->bytes, d->n));
    return rill_stun_end(&w);
}

static void from_peer(struct rill_sim_turn_server *s, int64_t now,
                      const struct rill_sim_datagram *d)
{
    _Alignas(8) uint8_t out[RILL_SIM_DATAGRAM];
    for (size_t i = 0; i < RILL_SIM_ALLOCATIONS; i++) {
        struct rill_sim_allocation *a = &s->allocations[i];
        if (!a->used || a->socket != d->socket || !is_permitted(a, now, &d->from))
            continue;
        size_t n = wrap(s, now, a, d, (struct rill_span){out, sizeof out});
        s->relayed++;
        rill_sim_send(s->net, now, s->socket, &a->client, rill_view_at(out, n));
    }
}

void rill_sim_turn_server_take(struct rill_sim_turn_server *s, int64_t now,
                               const struct rill_sim_datagram *d)
{
    _Alignas(8) uint8_t out[RILL_SIM_DATAGRAM];
    struct rill_view in = rill_view_at(d->bytes, d->n);
    struct rill_stun_msg m;
    size_t n = 0;
    if (d->socket != s->socket) {
        from_peer(s, now, d);
        return;
    }
    if (rill_turn_is_channel(in) || rill_stun_decode(in, &m, NULL) < 0 ||
        m.class == RILL_STUN_INDICATION) {
        from_client(s, now, d);
        return;
    }
    if (m.class == RILL_STUN_REQUEST && m.method == RILL_STUN_BINDING && s->stun)
        n = rill_stun_server_answer(in, &d->from, (struct rill_span){out, sizeof out}, NULL);
    else if (m.class == RILL_STUN_REQUEST && m.method != RILL_STUN_BINDING && s->turn)
        n = answer(s, now, &d->from, &m, (struct rill_span){out, sizeof out});
    if (n)
        rill_sim_send(s->net, now, s->socket, &d->from, rill_view_at(out, n));
}
