/* fuzz stun: any bytes as a datagram: decoded, walked, judged, answered; and what was decoded is
 * written again and must come back the same. */
#include "stun/behavior.h"
#include "stun/longterm.h"
#include "stun/server.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Every reader on every message. */
static void read_all(const struct rill_stun_msg *m)
{
    struct rill_addr a;
    struct rill_view v;
    uint32_t u32;
    uint64_t u64;
    unsigned code;
    uint16_t unknown[4];
    struct rill_view key = rill_view_of("VOkJxbRl1RmTxUk/WvJxBt");
    rill_stun_get_addr(m, RILL_STUN_XOR_MAPPED_ADDRESS, &a);
    rill_stun_get_addr(m, RILL_STUN_MAPPED_ADDRESS, &a);
    rill_stun_get_u32(m, RILL_STUN_PRIORITY, &u32);
    rill_stun_get_u64(m, RILL_STUN_ICE_CONTROLLING, &u64);
    rill_stun_get_error(m, &code, &v);
    must(rill_stun_unknown_required(m, NULL, 0, unknown, 4) <= 4);
    rill_stun_check_integrity(m, key);
    rill_stun_check_integrity256(m, key);
    rill_stun_check_fingerprint(m);
}

/* Any response as a challenge: what it is taken for must be what the next request says. */
static void challenge(const struct rill_stun_msg *m)
{
    static uint8_t out[4096];
    struct rill_stun_longterm l = {.username = rill_view_of("user"),
                                   .password = rill_view_of("password")};
    struct rill_stun_writer s;
    struct rill_stun_msg back;
    struct rill_view nonce, again;
    if (rill_stun_longterm_challenge(&l, m, NULL) < 0) {
        must(l.n_key == 0);
        return;
    }
    rill_stun_begin(&s, (struct rill_span){out, sizeof out}, RILL_STUN_REQUEST, RILL_STUN_ALLOCATE,
                    m->txid.p);
    rill_stun_longterm_put(&l, &s);
    rill_stun_longterm_seal(&l, &s);
    size_t n = rill_stun_end(&s);
    must(n > 0 && rill_stun_decode(rill_view_at(out, n), &back, NULL) == 0);
    must(rill_stun_longterm_check(&l, &back, NULL) == 0 || !l.sha256);
    must(rill_stun_find(m, RILL_STUN_NONCE, &nonce) &&
         rill_stun_find(&back, RILL_STUN_NONCE, &again) && rill_view_equal(nonce, again));
}

/* The attributes tile the message; written again they are the same but for their padding. */
static void write_again(const struct rill_stun_msg *m)
{
    static uint8_t out[70000];
    struct rill_stun_writer s;
    struct rill_stun_msg back;
    struct rill_stun_attr a, b;
    size_t from = 0, to = 0, end = RILL_STUN_HEADER;
    rill_stun_begin(&s, (struct rill_span){out, sizeof out}, m->class, m->method, m->txid.p);
    while (rill_stun_next(m, &from, &a)) {
        must(a.offset == end);
        end = a.offset + 4 + (a.value.n + 3) / 4 * 4;
        rill_stun_put(&s, a.type, a.value);
    }
    must(end == m->raw.n);
    size_t n = rill_stun_end(&s);
    must(n == m->raw.n && rill_stun_decode(rill_view_at(out, n), &back, NULL) == 0);
    must(back.class == m->class && back.method == m->method);
    must(back.integrity_at == m->integrity_at && back.fingerprint_at == m->fingerprint_at);
    from = 0;
    while (rill_stun_next(m, &from, &a)) {
        must(rill_stun_next(&back, &to, &b));
        must(a.type == b.type && rill_view_equal(a.value, b.value));
    }
}

static void answer(struct rill_view datagram)
{
    uint8_t out[256];
    struct rill_addr source = rill_addr_ip4(192, 0, 2, 7, 4000);
    struct rill_stun_msg m;
    size_t n =
        rill_stun_server_answer(datagram, &source, (struct rill_span){out, sizeof out}, NULL);
    must(n <= 3 * datagram.n);
    if (n == 0)
        return;
    must(rill_stun_decode(rill_view_at(out, n), &m, NULL) == 0);
    must(m.class == RILL_STUN_SUCCESS || m.class == RILL_STUN_ERROR);
    must(memcmp(m.txid.p, datagram.p + 8, RILL_STUN_TXID) == 0);
}

/* The same with two addresses, to each of the four sockets. */
static void answer_behavior(struct rill_view datagram)
{
    static uint8_t out[70000];
    struct rill_addr source = rill_addr_ip4(192, 0, 2, 7, 4000);
    struct rill_stun_behavior b = {
        {rill_addr_ip4(198, 51, 100, 1, 0), rill_addr_ip4(198, 51, 100, 2, 0)}, {3478, 3479}};
    struct rill_stun_msg m;
    for (unsigned socket = 0; socket < 4; socket++) {
        struct rill_stun_reply reply = {0};
        size_t n = rill_stun_behavior_answer(&b, datagram, &source, socket, &reply,
                                             (struct rill_span){out, sizeof out}, NULL);
        must(n <= datagram.n + 128);
        must(n == 0 || (reply.socket < 4 && reply.to.port != 0 &&
                        rill_stun_decode(rill_view_at(out, n), &m, NULL) == 0));
        must(n == 0 || rill_addr_same_ip(&reply.to, &source));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_view datagram = rill_view_at(data, n);
    struct rill_stun_msg m;
    struct rill_err why;
    int rc = rill_stun_decode(datagram, &m, &why);
    must(rc == 0 || (rc < 0 && why.row && why.offset <= n));
    must(rc < 0 || rill_stun_is(datagram));
    if (rc == 0) {
        read_all(&m);
        challenge(&m);
        write_again(&m);
    }
    answer(datagram);
    answer_behavior(datagram);
    return 0;
}
