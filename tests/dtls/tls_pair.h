/* tests/dtls/tls_pair: a client and a server of TLS, and the wire between them in memory.
 *
 * The idea: each side's output is carried to the other in pieces of a chosen size; a certificate
 * authority made for the test vouches for the server. Everything comes from seeds. */
#ifndef RILL_TESTS_DTLS_TLS_PAIR_H
#define RILL_TESTS_DTLS_TLS_PAIR_H

#include "dtls/ca.h"
#include "dtls/dates.h"
#include "dtls/tls.h"
#include "tests/rill_test.h"

#define TLS_WALL 1700000000 /* November 2023 */

enum { CLIENT, SERVER };

/* Texts of a CA or a server, and what was read from them. */
struct tls_paper {
    uint8_t cert[RILL_CA_CERT_MAX], key[RILL_CA_KEY_MAX];
    struct rill_view cert_text, key_text;
    void *block;
    struct rill_tls_identity *id;
};

struct tls_end {
    void *block;
    struct rill_tls *x;
    struct rill_tls_config config; /* change it between tls_pair_config and tls_pair_open */
    struct rill_tls_event last;
    int opened, ended;
    char alpn[16];
    uint8_t got[1 << 16];
    size_t n_got;
    size_t sent;
};

struct tls_pair {
    struct rill_rng_seeded seed;
    struct rill_rng rng;
    struct tls_paper ca, server;
    struct tls_end end[2];
    int64_t now;
    size_t piece; /* bytes carried at a time; 0: random, 1 … 600 */
    void (*spoil)(uint8_t *p, size_t n, int from, size_t at); /* what the wire does to bytes */
};

static inline void tls_paper_read(struct tls_paper *p, const struct rill_rng *rng)
{
    struct rill_err why = {0};
    p->block = malloc(rill_tls_identity_size(p->cert_text, p->key_text));
    assert_int_equal(rill_tls_identity_init(p->block, rng, p->cert_text, p->key_text, &p->id, &why),
                     0);
}

static inline void tls_paper_free(struct tls_paper *p)
{
    if (p->block)
        rill_tls_identity_free(p->id);
    free(p->block);
    p->block = NULL;
}

static inline void tls_paper_ca(struct tls_paper *p, const struct rill_rng *rng, int64_t now_s)
{
    struct rill_writer cert = rill_writer_of((struct rill_span){p->cert, sizeof p->cert});
    struct rill_writer key = rill_writer_of((struct rill_span){p->key, sizeof p->key});
    assert_int_equal(
        rill_ca_make(rill_view_of("rill local CA test"), now_s, rng, &cert, &key, NULL), 0);
    p->cert_text = rill_w_view(&cert);
    p->key_text = rill_w_view(&key);
    tls_paper_read(p, rng);
}

/* names: separated by spaces. */
static inline void tls_paper_server(struct tls_paper *p, const struct tls_paper *ca,
                                    const struct rill_rng *rng, const char *names, int64_t now_s)
{
    struct rill_writer cert = rill_writer_of((struct rill_span){p->cert, sizeof p->cert});
    struct rill_writer key = rill_writer_of((struct rill_span){p->key, sizeof p->key});
    struct rill_tls_name list[RILL_CA_NAMES_MAX];
    struct rill_view rest = rill_view_of(names);
    size_t n = 0;
    while (rest.n)
        assert_true(rill_tls_name_parse(rill_view_cut(rest, ' ', &rest), &list[n++]));
    assert_int_equal(rill_ca_issue(ca->id, list, n, now_s, rng, &cert, &key, NULL), 0);
    p->cert_text = rill_w_view(&cert);
    p->key_text = rill_w_view(&key);
    tls_paper_read(p, rng);
}

static const char *const tls_pair_alpn[] = {"http/1.1", NULL};

static inline void tls_pair_config(struct tls_pair *p, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    rill_rng_seeded_init(&p->seed, seed);
    p->rng = rill_rng_seeded(&p->seed);
    p->now = 5 * RILL_SECOND;
    tls_paper_ca(&p->ca, &p->rng, TLS_WALL);
    tls_paper_server(&p->server, &p->ca, &p->rng, "localhost *.example.org 127.0.0.1 ::1",
                     TLS_WALL);
    p->piece = 1 << 14;
    p->end[CLIENT].config = (struct rill_tls_config){.role = RILL_TLS_CLIENT,
                                                     .trust = p->ca.id,
                                                     .host = rill_view_of("localhost"),
                                                     .alpn = tls_pair_alpn,
                                                     .wall_s = TLS_WALL,
                                                     .rng = p->rng};
    p->end[SERVER].config = (struct rill_tls_config){
        .role = RILL_TLS_SERVER, .identity = p->server.id, .alpn = tls_pair_alpn, .rng = p->rng};
}

static inline void tls_pair_open(struct tls_pair *p)
{
    for (int i = 0; i < 2; i++) {
        struct tls_end *e = &p->end[i];
        e->block = malloc(rill_tls_size(&e->config));
        e->x = rill_tls_init(e->block, &e->config);
        assert_non_null(e->x);
        rill_tls_start(e->x, p->now);
    }
}

static inline void tls_pair_free(struct tls_pair *p)
{
    for (int i = 0; i < 2; i++) {
        if (p->end[i].x)
            rill_tls_free(p->end[i].x);
        free(p->end[i].block);
    }
    tls_paper_free(&p->server);
    tls_paper_free(&p->ca);
}

static inline void tls_pair_listen(struct tls_pair *p, int who)
{
    struct tls_end *e = &p->end[who];
    struct rill_tls_event event;
    size_t n;
    while ((n = rill_tls_read(e->x, p->now,
                              (struct rill_span){e->got + e->n_got, sizeof e->got - e->n_got})))
        e->n_got += n;
    while (rill_tls_event(e->x, &event)) {
        e->last = event;
        if (event.state != RILL_TLS_OPEN) {
            e->ended++;
            continue;
        }
        e->opened++;
        assert_true(event.alpn.n < sizeof e->alpn);
        if (event.alpn.n)
            memcpy(e->alpn, event.alpn.p, event.alpn.n);
        e->alpn[event.alpn.n] = 0;
    }
}

/* All bytes, whatever it takes to have them taken. */
static inline void tls_pair_give(struct tls_pair *p, int to, struct rill_view bytes)
{
    while (bytes.n) {
        /* A copy of exactly its size, so that the sanitizer sees a read past its end. */
        uint8_t *copy = malloc(bytes.n);
        memcpy(copy, bytes.p, bytes.n);
        size_t took = rill_tls_input(p->end[to].x, p->now, rill_view_at(copy, bytes.n));
        free(copy);
        size_t before = p->end[to].n_got;
        tls_pair_listen(p, to);
        assert_true(took > 0 || p->end[to].n_got > before);
        bytes = rill_view_at(bytes.p + took, bytes.n - took);
    }
}

/* One piece from one side to the other; false when there is none. */
static inline bool tls_pair_carry(struct tls_pair *p, int from)
{
    uint8_t wire[1 << 14];
    size_t n = p->piece ? p->piece : 1 + rill_rng_below(&p->rng, 600);
    n = rill_tls_output(p->end[from].x, p->now, (struct rill_span){wire, n});
    if (n == 0)
        return false;
    if (p->spoil)
        p->spoil(wire, n, from, p->end[from].sent);
    p->end[from].sent += n;
    tls_pair_give(p, !from, rill_view_at(wire, n));
    return true;
}

/* Until both are silent. */
static inline void tls_pair_run(struct tls_pair *p)
{
    bool more = true;
    while (more) {
        more = tls_pair_carry(p, CLIENT);
        more = tls_pair_carry(p, SERVER) || more;
    }
    tls_pair_listen(p, CLIENT);
    tls_pair_listen(p, SERVER);
}

static inline void tls_pair_ready(struct tls_pair *p, uint64_t seed)
{
    tls_pair_config(p, seed);
    tls_pair_open(p);
    tls_pair_run(p);
    assert_int_equal(rill_tls_state(p->end[CLIENT].x), RILL_TLS_OPEN);
    assert_int_equal(rill_tls_state(p->end[SERVER].x), RILL_TLS_OPEN);
}

/* The row a side failed with; 0 when it did not. */
static inline int tls_pair_row(const struct tls_pair *p, int who)
{
    return p->end[who].last.why.row ? p->end[who].last.why.row->code : 0;
}

#endif
