/* world: a TURN client and a small TURN server that keeps the rules, in virtual time. The server
 * authenticates, grows stale, forgets what was not refreshed, and can be told to refuse. What it
 * says to a real client is proven against coturn (tests/interop/turn.test.mjs); it is here for
 * an hour in a second, and for what coturn cannot be made to say. */
#ifndef RILL_TESTS_TURN_WORLD_H
#define RILL_TESTS_TURN_WORLD_H

#include "stun/longterm.h"
#include "tests/rill_test.h"
#include "turn/channel.h"
#include "turn/client.h"

#include <stdio.h>

#define WORLD_PEERS 8

struct world {
    struct rill_turn *turn;
    void *block;
    struct rill_rng_seeded rng;
    int64_t now;
    enum rill_proto proto;
    unsigned opens, closes, allocated, lost, failed;
    uint32_t socket;
    struct rill_addr server_seen;
    char domain[64];
    struct rill_err why;
    bool fail_opens;

    /* the server */
    bool no_auth, algorithms, anonymous, mute, no_cookie_list;
    int64_t nonce_life; /* 0: for ever */
    unsigned nonce;
    int64_t nonce_at;
    uint32_t lifetime_s;
    unsigned refuse_code; /* what the next request of refuse_method is answered with */
    uint16_t refuse_method;
    unsigned refusals; /* how often */
    bool refuse_unsealed;
    bool wrong_seal;
    struct rill_addr alternate;
    struct rill_addr relayed[2];
    bool has_allocation;
    int64_t expires_at;
    struct {
        struct rill_addr addr;
        int64_t until;
    } permits[WORLD_PEERS];
    struct {
        uint16_t number;
        struct rill_addr peer;
        int64_t until;
    } channels[WORLD_PEERS];
    unsigned asked[16]; /* by method */
    unsigned expired;   /* a permission, channel or allocation ran out while the client lived */
    bool last_sha256, last_userhash;
    struct rill_addr relayed_to; /* the last datagram relayed */
    uint8_t relayed_bytes[2048];
    size_t n_relayed;
    bool relayed_by_channel;
};

static inline struct rill_view world_username(void)
{
    return rill_view_of("user");
}

static inline void world_init(struct world *w, enum rill_proto proto)
{
    *w = (struct world){.proto = proto, .lifetime_s = 600, .now = RILL_SECOND};
    w->relayed[0] = rill_addr_ip4(203, 0, 113, 5, 50000);
    rill_rng_seeded_init(&w->rng, rill_test_seed());
}

static inline void world_start(struct world *w, struct rill_turn_config config)
{
    config.server = rill_addr_ip4(192, 0, 2, 1, 3478);
    config.proto = w->proto;
    config.username = world_username();
    config.password = rill_view_of("pass");
    config.rng = rill_rng_seeded(&w->rng);
    w->block = malloc(rill_turn_size(&config));
    w->turn = rill_turn_init(w->block, &config);
    assert_non_null(w->turn);
    rill_turn_start(w->turn, w->now);
}

static inline void world_free(struct world *w)
{
    rill_turn_free(w->turn);
    free(w->block);
}

/* --- the server --------------------------------------------------------------------------------
 */

static inline void world_nonce(const struct world *w, char out[64])
{
    unsigned bits = (w->algorithms ? 0x20u : 0) | (w->anonymous ? 0x10u : 0);
    snprintf(out, 64, "obMatJos2%cAAAn%u",
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[bits], w -> nonce);
}

static inline size_t world_key(const struct world *w, uint8_t key[RILL_DIGEST_MAX])
{
    return rill_stun_long_term_key(
        w->algorithms ? RILL_STUN_ALGORITHM_SHA256 : RILL_STUN_ALGORITHM_MD5, world_username(),
        rill_view_of("realm"), rill_view_of(w->wrong_seal ? "ssap" : "pass"), key);
}

static inline void world_seal(const struct world *w, struct rill_stun_writer *s)
{
    uint8_t key[RILL_DIGEST_MAX];
    size_t n = world_key(w, key);
    if (w->no_auth)
        return;
    if (w->algorithms)
        rill_stun_put_integrity256(s, rill_view_at(key, n));
    else
        rill_stun_put_integrity(s, rill_view_at(key, n));
}

static inline void world_challenge(const struct world *w, struct rill_stun_writer *s, unsigned code)
{
    static const uint8_t list[] = {0, 2, 0, 0, 0, 1, 0, 0};
    char nonce[64];
    world_nonce(w, nonce);
    rill_stun_put_error(s, code, code == 401 ? "Unauthenticated" : "Stale Nonce");
    rill_stun_put(s, RILL_STUN_REALM, rill_view_of("realm"));
    rill_stun_put(s, RILL_STUN_NONCE, rill_view_of(nonce));
    if (w->algorithms && !w->no_cookie_list)
        rill_stun_put(s, RILL_STUN_PASSWORD_ALGORITHMS, rill_view_at(list, sizeof list));
}

/* RFC 8489 §9.2.4: 0, 401 or 438. */
static inline unsigned world_authenticate(struct world *w, const struct rill_stun_msg *m)
{
    struct rill_view v;
    uint8_t key[RILL_DIGEST_MAX], hash[RILL_SHA256_SIZE];
    char nonce[64];
    bool wrong = w->wrong_seal;
    w->wrong_seal = false; /* it only spoils what the server sends */
    struct rill_view k = rill_view_at(key, world_key(w, key));
    w->wrong_seal = wrong;
    if (w->no_auth)
        return 0;
    if (!m->integrity_at && !m->integrity256_at)
        return 401;
    assert_true(rill_stun_find(m, RILL_STUN_REALM, &v) && rill_view_is(v, "realm"));
    w->last_userhash = rill_stun_find(m, RILL_STUN_USERHASH, &v);
    if (w->last_userhash) {
        rill_stun_userhash(world_username(), rill_view_of("realm"), hash);
        assert_true(rill_view_equal(v, rill_view_at(hash, sizeof hash)));
    }
    assert_int_equal(w->last_userhash, w->anonymous);
    w->last_sha256 = m->integrity256_at != 0;
    assert_int_equal(w->last_sha256, w->algorithms);
    world_nonce(w, nonce);
    if (w->nonce_life && w->now >= w->nonce_at + w->nonce_life) {
        w->nonce++;
        w->nonce_at = w->now;
    }
    if (!(w->algorithms ? rill_stun_check_integrity256(m, k) : rill_stun_check_integrity(m, k)))
        return 401;
    world_nonce(w, nonce);
    assert_true(rill_stun_find(m, RILL_STUN_NONCE, &v));
    return rill_view_is(v, nonce) ? 0 : 438;
}

static inline void world_allocate(struct world *w, struct rill_stun_writer *s)
{
    struct rill_addr mapped = rill_addr_ip4(198, 51, 100, 7, 40000);
    w->has_allocation = true;
    w->expires_at = w->now + (int64_t)w->lifetime_s * RILL_SECOND;
    for (size_t i = 0; i < 2; i++)
        if (w->relayed[i].family)
            rill_stun_put_addr(s, RILL_STUN_XOR_RELAYED_ADDRESS, &w->relayed[i]);
    rill_stun_put_addr(s, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped);
    rill_stun_put_u32(s, RILL_STUN_LIFETIME, w->lifetime_s);
}

static inline unsigned world_serve(struct world *w, const struct rill_stun_msg *m,
                                   struct rill_stun_writer *s)
{
    struct rill_addr peer = {0};
    uint32_t value = 1;
    size_t i = 0;
    if (m->method == RILL_STUN_ALLOCATE) {
        world_allocate(w, s);
        return 0;
    }
    if (!w->has_allocation)
        return 437;
    if (m->method == RILL_STUN_REFRESH) {
        rill_stun_get_u32(m, RILL_STUN_LIFETIME, &value);
        w->has_allocation = value > 0;
        w->expires_at = w->now + (int64_t)w->lifetime_s * RILL_SECOND;
        rill_stun_put_u32(s, RILL_STUN_LIFETIME, value ? w->lifetime_s : 0);
        return 0;
    }
    assert_true(rill_stun_get_addr(m, RILL_STUN_XOR_PEER_ADDRESS, &peer));
    if (m->method == RILL_STUN_CREATE_PERMISSION) {
        while (w->permits[i].until && !rill_addr_same_ip(&w->permits[i].addr, &peer))
            i++;
        assert_true(i < WORLD_PEERS);
        w->permits[i].addr = peer;
        w->permits[i].until = w->now + 300 * RILL_SECOND;
        return 0;
    }
    assert_int_equal(m->method, RILL_STUN_CHANNEL_BIND);
    assert_true(rill_stun_get_u32(m, RILL_STUN_CHANNEL_NUMBER, &value));
    while (w->channels[i].until && !rill_addr_equal(&w->channels[i].peer, &peer))
        i++;
    assert_true(i < WORLD_PEERS);
    w->channels[i].peer = peer;
    w->channels[i].number = (uint16_t)(value >> 16);
    w->channels[i].until = w->now + 600 * RILL_SECOND;
    return 0;
}

static inline void world_error(struct world *w, struct rill_stun_writer *s, unsigned code)
{
    rill_stun_put_error(s, code, "");
    if (code == 300) {
        rill_stun_put_addr(s, RILL_STUN_ALTERNATE_SERVER, &w->alternate);
        rill_stun_put(s, RILL_STUN_ALTERNATE_DOMAIN, rill_view_of("other.example"));
    }
}

/* The class of the answer is known last: it is written when all else is. */
static inline size_t world_answer(struct world *w, const struct rill_stun_msg *m,
                                  struct rill_span out)
{
    struct rill_stun_writer s;
    unsigned code;
    bool refuse = w->refusals > 0 && m->method == w->refuse_method;
    w->asked[m->method & 15]++;
    if (refuse && (w->refuse_unsealed || m->integrity_at || m->integrity256_at || w->no_auth)) {
        w->refusals--;
        rill_stun_begin(&s, out, RILL_STUN_ERROR, m->method, m->txid.p);
        world_error(w, &s, w->refuse_code);
        if (!w->refuse_unsealed)
            world_seal(w, &s);
        return rill_stun_end(&s);
    }
    code = world_authenticate(w, m);
    if (code) {
        rill_stun_begin(&s, out, RILL_STUN_ERROR, m->method, m->txid.p);
        world_challenge(w, &s, code);
        return rill_stun_end(&s);
    }
    rill_stun_begin(&s, out, RILL_STUN_SUCCESS, m->method, m->txid.p);
    code = world_serve(w, m, &s);
    if (code) {
        rill_stun_begin(&s, out, RILL_STUN_ERROR, m->method, m->txid.p);
        world_error(w, &s, code);
    }
    world_seal(w, &s);
    return rill_stun_end(&s);
}

static inline bool world_permits(const struct world *w, const struct rill_addr *peer)
{
    for (size_t i = 0; i < WORLD_PEERS; i++)
        if (w->permits[i].until > w->now && rill_addr_same_ip(&w->permits[i].addr, peer))
            return true;
    return false;
}

static inline void world_relay(struct world *w, const struct rill_addr *peer, struct rill_view data)
{
    if (!world_permits(w, peer))
        return;
    w->relayed_to = *peer;
    memcpy(w->relayed_bytes, data.p, data.n);
    w->n_relayed = data.n;
}

/* What the client sent; an answer in out, or 0. */
static inline size_t world_take(struct world *w, struct rill_view in, struct rill_span out)
{
    struct rill_turn_channel_data d;
    struct rill_stun_msg m;
    struct rill_addr peer;
    struct rill_view data;
    if (w->mute)
        return 0;
    if (rill_turn_is_channel(in)) {
        assert_int_equal(rill_turn_channel_decode(in, &d, NULL), 0);
        for (size_t i = 0; i < WORLD_PEERS; i++)
            if (w->channels[i].until > w->now && w->channels[i].number == d.channel)
                world_relay(w, &w->channels[i].peer, d.data);
        w->relayed_by_channel = true;
        return 0;
    }
    assert_int_equal(rill_stun_decode(in, &m, NULL), 0);
    if (m.class == RILL_STUN_REQUEST)
        return world_answer(w, &m, out);
    assert_int_equal(m.method, RILL_STUN_SEND_INDICATION);
    assert_true(rill_stun_get_addr(&m, RILL_STUN_XOR_PEER_ADDRESS, &peer));
    assert_true(rill_stun_find(&m, RILL_STUN_DATA, &data));
    world_relay(w, &peer, data);
    w->relayed_by_channel = false;
    return 0;
}

/* --- time ----------------------------------------------------------------------------------------
 */

static inline void world_events(struct world *w)
{
    struct rill_turn_event e;
    while (rill_turn_event(w->turn, &e)) {
        w->opens += e.type == RILL_TURN_EVENT_OPEN;
        w->closes += e.type == RILL_TURN_EVENT_CLOSE;
        w->allocated += e.type == RILL_TURN_EVENT_ALLOCATED;
        w->lost += e.type == RILL_TURN_EVENT_LOST;
        if (e.type == RILL_TURN_EVENT_FAILED) {
            w->failed++;
            w->why = e.why;
        }
        if (e.type != RILL_TURN_EVENT_OPEN)
            continue;
        w->server_seen = e.server;
        snprintf(w->domain, sizeof w->domain, "%.*s", (int)e.domain.n, (const char *)e.domain.p);
        if (w->fail_opens)
            rill_turn_open_failed(w->turn, w->now);
        else
            rill_turn_opened(w->turn, w->now, ++w->socket);
    }
}

static inline void world_input(struct world *w, uint8_t *bytes, size_t n)
{
    struct rill_turn_data data;
    for (size_t at = 0; at < n;) {
        size_t took =
            rill_turn_input(w->turn, w->now, (struct rill_span){bytes + at, n - at}, &data, NULL);
        assert_true(took > 0 && took <= n - at);
        assert_int_equal(data.bytes.n, 0);
        at += took;
    }
}

/* What the server forgets. */
static inline void world_expire(struct world *w)
{
    if (w->has_allocation && w->now >= w->expires_at)
        w->has_allocation = false, w->expired++;
    for (size_t i = 0; i < WORLD_PEERS; i++) {
        w->expired += w->permits[i].until && w->now >= w->permits[i].until;
        w->expired += w->channels[i].until && w->now >= w->channels[i].until;
    }
}

/* Until nothing happens any more before `until`. */
static inline void world_run(struct world *w, int64_t until)
{
    static _Alignas(8) uint8_t out[2048], answer[2048];
    for (;;) {
        struct rill_path path;
        size_t n;
        rill_turn_tick(w->turn, w->now);
        world_events(w);
        while ((n = rill_turn_output(w->turn, w->now, &path, (struct rill_span){out, sizeof out})) >
               0) {
            assert_int_equal(path.socket, w->socket);
            n = world_take(w, rill_view_at(out, n), (struct rill_span){answer, sizeof answer});
            world_input(w, answer, n);
            world_events(w);
        }
        int64_t next = rill_turn_deadline(w->turn);
        if (next > until) {
            w->now = until > w->now ? until : w->now;
            world_expire(w);
            return;
        }
        assert_true(next > w->now || w->socket < 1000); /* it does not spin */
        w->now = next > w->now ? next : w->now;
        world_expire(w);
    }
}

static inline void world_wait(struct world *w, int64_t more)
{
    world_run(w, w->now + more);
}

#endif
