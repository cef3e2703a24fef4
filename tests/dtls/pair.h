/* tests/dtls/pair: two associations and the wire between them, in virtual time.
 *
 * The idea: a datagram takes PAIR_DELAY, unless `lose` says that it is lost; time jumps to
 * the next arrival or deadline. Everything comes from seeds, so a run can be repeated. */
#ifndef RILL_TESTS_DTLS_PAIR_H
#define RILL_TESTS_DTLS_PAIR_H

#include "dtls/conn.h"
#include "tests/rill_test.h"

#define PAIR_DELAY (10 * RILL_MS)
#define PAIR_WIRE 256
#define PAIR_DATAGRAM 2048

enum { CLIENT, SERVER };

struct pair_end {
    struct rill_rng_seeded rng;
    void *cert_block;
    struct rill_dtls_cert *cert;
    void *block;
    struct rill_dtls *x;
    size_t sent; /* datagrams */
    size_t bytes;
    size_t largest;
    uint64_t hash; /* of all bytes sent */
    struct rill_dtls_event last;
    int events;
    int64_t since;       /* when the last event came */
    struct rill_err why; /* of the last datagram in */
};

struct pair_datagram {
    int64_t at;
    int to;
    size_t n;
    uint8_t bytes[PAIR_DATAGRAM];
};

struct pair {
    struct pair_end end[2];
    int64_t now;
    struct rill_dtls_config config[2]; /* change between pair_config and pair_open */
    struct pair_datagram wire[PAIR_WIRE];
    size_t on_wire;
    bool (*lose)(struct pair *p, int from, size_t nth, struct rill_view datagram);
    struct rill_rng_seeded loss_rng;
    uint64_t loss_mask[2]; /* for pair_lose_masked: bit n loses the n-th datagram */
    uint8_t record_first[2][PAIR_DATAGRAM]; /* the first datagram of each side */
    size_t record_first_n[2];
};

static inline bool pair_lose_masked(struct pair *p, int from, size_t nth, struct rill_view d)
{
    (void)d;
    return nth < 64 && (p->loss_mask[from] >> nth & 1);
}

static inline void pair_config(struct pair *p, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    p->now = 1000 * RILL_SECOND;
    rill_rng_seeded_init(&p->loss_rng, seed + 77);
    for (int i = 0; i < 2; i++) {
        struct pair_end *e = &p->end[i];
        rill_rng_seeded_init(&e->rng, seed * 2 + (uint64_t)i);
        struct rill_rng rng = rill_rng_seeded(&e->rng);
        e->cert_block = malloc(rill_dtls_cert_size());
        assert_int_equal(rill_dtls_cert_init(e->cert_block, &rng, &e->cert), 0);
        p->config[i] = (struct rill_dtls_config){
            .cert = e->cert,
            .role = i == CLIENT ? RILL_DTLS_CLIENT : RILL_DTLS_SERVER,
            .require_srtp = true,
            .rng = rng,
        };
    }
}

static inline void pair_open(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        struct pair_end *e = &p->end[i];
        e->block = malloc(rill_dtls_size(&p->config[i]));
        e->x = rill_dtls_init(e->block, &p->config[i]);
        assert_non_null(e->x);
    }
}

/* The other side's SHA-256, as its a=fingerprint has it. */
static inline int pair_trust(struct pair *p, int who)
{
    char text[3 * RILL_DTLS_FINGERPRINT];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_dtls_fingerprint_write(&w, rill_dtls_cert_fingerprint(p->end[!who].cert));
    return rill_dtls_add_fingerprint(p->end[who].x, p->now, rill_view_of("sha-256"),
                                     rill_w_view(&w), NULL);
}

static inline void pair_free(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        if (p->end[i].x)
            rill_dtls_free(p->end[i].x);
        rill_dtls_cert_free(p->end[i].cert);
        free(p->end[i].block);
        free(p->end[i].cert_block);
    }
}

static inline void pair_put(struct pair *p, int to, int64_t at, struct rill_view d)
{
    assert_true(p->on_wire < PAIR_WIRE && d.n <= PAIR_DATAGRAM);
    struct pair_datagram *w = &p->wire[p->on_wire++];
    w->at = at;
    w->to = to;
    w->n = d.n;
    memcpy(w->bytes, d.p, d.n);
}

static inline void pair_note(struct pair *p, int from, struct rill_view d)
{
    struct pair_end *e = &p->end[from];
    if (e->sent == 0) {
        memcpy(p->record_first[from], d.p, d.n);
        p->record_first_n[from] = d.n;
    }
    for (size_t i = 0; i < d.n; i++)
        e->hash = (e->hash ^ d.p[i]) * 0x100000001b3u;
    e->sent++;
    e->bytes += d.n;
    if (d.n > e->largest)
        e->largest = d.n;
}

/* Takes what an end has to say off it: datagrams to the wire, events to `last`. */
static inline void pair_drain(struct pair *p, int from)
{
    struct pair_end *e = &p->end[from];
    uint8_t out[PAIR_DATAGRAM];
    size_t n;
    while ((n = rill_dtls_output(e->x, p->now, (struct rill_span){out, sizeof out}))) {
        struct rill_view d = rill_view_at(out, n);
        size_t nth = e->sent;
        pair_note(p, from, d);
        if (!p->lose || !p->lose(p, from, nth, d))
            pair_put(p, !from, p->now + PAIR_DELAY, d);
    }
    struct rill_dtls_event event;
    while (rill_dtls_event(e->x, &event)) {
        e->last = event;
        e->events++;
        e->since = p->now;
    }
}

static inline void pair_start(struct pair *p)
{
    for (int i = 1; i >= 0; i--) {
        rill_dtls_start(p->end[i].x, p->now);
        pair_drain(p, i);
    }
}

static inline size_t pair_earliest(const struct pair *p)
{
    size_t best = PAIR_WIRE;
    for (size_t i = 0; i < p->on_wire; i++)
        if (best == PAIR_WIRE || p->wire[i].at < p->wire[best].at)
            best = i;
    return best;
}

static inline void pair_deliver(struct pair *p, size_t which)
{
    struct pair_datagram d = p->wire[which];
    memmove(&p->wire[which], &p->wire[which + 1], (--p->on_wire - which) * sizeof d);
    p->now = d.at > p->now ? d.at : p->now;
    /* A copy of exactly its size, so that the sanitizer sees a read past its end. */
    uint8_t *bytes = malloc(d.n);
    memcpy(bytes, d.bytes, d.n);
    rill_dtls_input(p->end[d.to].x, p->now, rill_view_at(bytes, d.n), &p->end[d.to].why);
    free(bytes);
    pair_drain(p, d.to);
}

/* One arrival or deadline, if it comes before `until`; false when there is none. */
static inline bool pair_step(struct pair *p, int64_t until)
{
    size_t which = pair_earliest(p);
    int64_t arrival = which == PAIR_WIRE ? RILL_NEVER : p->wire[which].at;
    int who = rill_dtls_deadline(p->end[0].x) <= rill_dtls_deadline(p->end[1].x) ? 0 : 1;
    int64_t deadline = rill_dtls_deadline(p->end[who].x);
    if (rill_earlier(arrival, deadline) > until)
        return false;
    if (arrival <= deadline) {
        pair_deliver(p, which);
    } else {
        p->now = deadline > p->now ? deadline : p->now;
        rill_dtls_tick(p->end[who].x, p->now);
        pair_drain(p, who);
    }
    return true;
}

/* Runs for `span` µs, or until nothing will ever happen. */
static inline void pair_run(struct pair *p, int64_t span)
{
    int64_t until = p->now + span;
    while (pair_step(p, until))
        ;
    p->now = until;
}

static inline bool pair_connected(const struct pair *p)
{
    return rill_dtls_state(p->end[0].x) == RILL_DTLS_CONNECTED &&
           rill_dtls_state(p->end[1].x) == RILL_DTLS_CONNECTED;
}

/* Until both are connected; false when `span` passes first. */
static inline bool pair_connect(struct pair *p, int64_t span)
{
    int64_t until = p->now + span;
    while (!pair_connected(p) && pair_step(p, until))
        ;
    return pair_connected(p);
}

/* The whole usual case, up to the start. */
static inline void pair_ready(struct pair *p, uint64_t seed)
{
    pair_config(p, seed);
    pair_open(p);
    pair_trust(p, CLIENT);
    pair_trust(p, SERVER);
}

/* A datagram from nowhere. */
static inline int pair_inject(struct pair *p, int to, struct rill_view d)
{
    rill_dtls_input(p->end[to].x, p->now, d, &p->end[to].why);
    pair_drain(p, to);
    return p->end[to].why.row ? p->end[to].why.row->code : 0;
}

#endif
