/* solo: one agent and a peer written by hand, datagram by datagram. */
#ifndef RILL_TESTS_ICE_SOLO_H
#define RILL_TESTS_ICE_SOLO_H

#include "tests/rill_test.h"

#include "ice/agent.h"
#include "stun/msg.h"

#define SOLO_PEER_UFRAG "peer"
#define SOLO_PEER_PWD "0123456789abcdefghijkl"
#define SOLO_SOCKET 7

struct solo {
    struct rill_ice *ice;
    void *block;
    struct rill_rng_seeded rng;
    int64_t now;
    uint8_t out[1200];
    struct rill_path path;
    struct rill_stun_msg m; /* the last datagram of solo_output() */
    uint8_t in[1200];
    struct rill_err why;
};

static inline void solo_init(struct solo *s, struct rill_ice_config config)
{
    memset(s, 0, sizeof *s);
    rill_rng_seeded_init(&s->rng, rill_test_seed());
    config.rng = rill_rng_seeded(&s->rng);
    s->block = malloc(rill_ice_size(&config));
    s->ice = rill_ice_init(s->block, &config);
    assert_non_null(s->ice);
}

static inline void solo_free(struct solo *s)
{
    free(s->block);
}

static inline struct rill_addr solo_ip(const char *text, uint16_t port)
{
    struct rill_addr a;
    assert_true(rill_addr_parse_ip(rill_view_of(text), &a));
    a.port = port;
    return a;
}

static inline int solo_up(struct solo *s, const char *ip)
{
    struct rill_addr a = solo_ip(ip, 0);
    return rill_ice_interface_up(s->ice, s->now, &a);
}

/* The next event of this type, others are thrown away; false when there is none. */
static inline bool solo_event(struct solo *s, enum rill_ice_event_type type,
                              struct rill_ice_event *e)
{
    while (rill_ice_event(s->ice, e))
        if (e->type == type)
            return true;
    return false;
}

/* Opens every socket that is asked for; ids count up from SOLO_SOCKET. */
static inline unsigned solo_open_all(struct solo *s)
{
    struct rill_ice_event e;
    unsigned n = 0;
    while (solo_event(s, RILL_ICE_EVENT_OPEN, &e)) {
        struct rill_addr a = e.addr;
        a.port = (uint16_t)(5000 + n);
        rill_ice_opened(s->ice, s->now, e.request, SOLO_SOCKET + n++, &a);
    }
    return n;
}

static inline void solo_credentials(struct solo *s)
{
    assert_int_equal(rill_ice_set_remote_credentials(s->ice, s->now, rill_view_of(SOLO_PEER_UFRAG),
                                                     rill_view_of(SOLO_PEER_PWD), false),
                     0);
}

static inline int solo_remote(struct solo *s, const char *line)
{
    return rill_ice_add_remote_candidate(s->ice, s->now, rill_view_of(line), &s->why);
}

/* One interface, 192.0.2.1, open; checks begun. */
static inline void solo_start(struct solo *s)
{
    assert_int_equal(solo_up(s, "192.0.2.1"), 0);
    rill_ice_gather(s->ice, s->now);
    assert_int_equal(solo_open_all(s), 1);
    solo_credentials(s);
}

static inline bool solo_output(struct solo *s)
{
    size_t n = rill_ice_output(s->ice, s->now, &s->path, (struct rill_span){s->out, sizeof s->out});
    if (n > 0)
        assert_int_equal(rill_stun_decode(rill_view_at(s->out, n), &s->m, NULL), 0);
    return n > 0;
}

static inline unsigned solo_silence(struct solo *s)
{
    unsigned n = 0;
    while (solo_output(s))
        n++;
    return n;
}

static inline void solo_advance(struct solo *s, int64_t by)
{
    s->now += by;
    rill_ice_tick(s->ice, s->now);
}

static inline int solo_input(struct solo *s, struct rill_view datagram, struct rill_addr from)
{
    struct rill_path path = {SOLO_SOCKET, RILL_PROTO_UDP, from};
    return rill_ice_input(s->ice, s->now, &path, datagram, &s->why);
}

/* --- requests ---------------------------------------------------------------------------- */

static inline void solo_begin(struct solo *s, struct rill_stun_writer *w,
                              enum rill_stun_class class)
{
    static uint8_t count;
    uint8_t txid[RILL_STUN_TXID] = "transaction";
    txid[0] = ++count;
    rill_stun_begin(w, (struct rill_span){s->in, sizeof s->in}, class, RILL_STUN_BINDING, txid);
}

static inline void solo_username(struct solo *s, struct rill_stun_writer *w, const char *theirs)
{
    uint8_t text[300];
    struct rill_writer t = rill_writer_of((struct rill_span){text, sizeof text});
    rill_w_bytes(&t, rill_ice_ufrag(s->ice));
    rill_w_str(&t, theirs);
    rill_stun_put(w, RILL_STUN_USERNAME, rill_w_view(&t));
}

static inline int solo_finish(struct solo *s, struct rill_stun_writer *w, struct rill_view key,
                              struct rill_addr from)
{
    rill_stun_put_integrity(w, key);
    rill_stun_put_fingerprint(w);
    size_t n = rill_stun_end(w);
    assert_true(n > 0);
    return solo_input(s, rill_view_at(s->in, n), from);
}

/* A right request of a controlling peer. */
static inline int solo_request(struct solo *s, struct rill_addr from, bool use_candidate)
{
    struct rill_stun_writer w;
    solo_begin(s, &w, RILL_STUN_REQUEST);
    solo_username(s, &w, ":" SOLO_PEER_UFRAG);
    rill_stun_put_u32(&w, RILL_STUN_PRIORITY, 1862270975);
    rill_stun_put_u64(
        &w, rill_ice_is_controlling(s->ice) ? RILL_STUN_ICE_CONTROLLED : RILL_STUN_ICE_CONTROLLING,
        1);
    if (use_candidate)
        rill_stun_put(&w, RILL_STUN_USE_CANDIDATE, (struct rill_view){0});
    return solo_finish(s, &w, rill_ice_pwd(s->ice), from);
}

/* --- responses to the request of the last solo_output() ------------------------------------- */

static inline void solo_begin_response(struct solo *s, struct rill_stun_writer *w,
                                       enum rill_stun_class class)
{
    rill_stun_begin(w, (struct rill_span){s->in, sizeof s->in}, class, RILL_STUN_BINDING,
                    s->m.txid.p);
}

static inline int solo_success_from(struct solo *s, struct rill_addr from, const char *pwd)
{
    struct rill_stun_writer w;
    struct rill_addr mapped = solo_ip("192.0.2.1", 5000);
    solo_begin_response(s, &w, RILL_STUN_SUCCESS);
    rill_stun_put_addr(&w, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped);
    return solo_finish(s, &w, rill_view_of(pwd), from);
}

static inline int solo_success(struct solo *s)
{
    return solo_success_from(s, s->path.remote, SOLO_PEER_PWD);
}

static inline int solo_error(struct solo *s, unsigned code)
{
    struct rill_stun_writer w;
    solo_begin_response(s, &w, RILL_STUN_ERROR);
    rill_stun_put_error(&w, code, "no");
    return solo_finish(s, &w, rill_view_of(SOLO_PEER_PWD), s->path.remote);
}

#endif
