/* fuzz ice_agent: an agent fed hostile lines, datagrams, times and port-layer answers.
 *
 * The input is a list of steps: one byte says what, the next ones how. Datagrams come raw, or
 * as requests and responses that are right but for what the bytes change, so that the fuzzer
 * gets behind the integrity check. What must hold at any time: bounds, sane deadlines, no
 * spinning. */
#include "ice/agent.h"
#include "ice/framing.h"
#include "ice/why.h"
#include "stun/msg.h"

#include <stdlib.h>
#include <string.h>

#define PWD "0123456789abcdefghijkl"

struct fuzz {
    struct rill_ice *ice;
    int64_t now;
    struct rill_reader in;
    uint32_t sockets;
    uint8_t txid[RILL_STUN_TXID]; /* of the last request it sent */
    struct rill_path asked;
    uint8_t turn_txid[RILL_STUN_TXID]; /* of the last request to the TURN server */
    uint16_t turn_method;
    struct rill_path turn;
    struct rill_path stream; /* the connection of ICE-TCP that stood up last */
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static struct rill_addr addr(struct fuzz *f)
{
    uint8_t host = rill_r_u8(&f->in);
    struct rill_addr a = rill_addr_ip4(192, 0, 2, host, rill_r_u8(&f->in));
    if (a.ip[3] & 0x80) {
        a.family = RILL_ADDR_IP6;
        memset(a.ip, 0, 16);
        a.ip[0] = a.port & 1 ? 0xfe : 0x20;
        a.ip[1] = 0x80;
        a.ip[15] = rill_r_u8(&f->in);
    }
    return a;
}

static void outputs(struct fuzz *f)
{
    uint8_t out[RILL_DATAGRAM_OUT_MAX];
    struct rill_path path;
    struct rill_stun_msg m;
    struct rill_ice_event e;
    size_t n, count = 0;
    while (rill_ice_event(f->ice, &e)) {
        struct rill_addr a = e.addr;
        a.port = (uint16_t)(5000 + f->sockets);
        if (e.type == RILL_ICE_EVENT_RESOLVE) {
            struct rill_addr answer = rill_addr_ip4(192, 0, 2, 77, 0);
            char name[RILL_ICE_NAME_MAX + 1];
            memcpy(name, e.cand->name, sizeof name);
            rill_ice_resolved(f->ice, f->now, rill_view_of(name), &answer, count % 2);
        }
        if (e.type == RILL_ICE_EVENT_OPEN && e.request % 5 == 4)
            rill_ice_open_failed(f->ice, f->now, e.request);
        else if (e.type == RILL_ICE_EVENT_OPEN)
            rill_ice_opened(f->ice, f->now, e.request, f->sockets++, &a);
        if (e.type == RILL_ICE_EVENT_OPEN && e.proto == RILL_PROTO_TCP_ACTIVE)
            f->stream = (struct rill_path){f->sockets - 1, RILL_PROTO_TCP, e.to};
        check(++count < 1000);
    }
    while ((n = rill_ice_output(f->ice, f->now, &path, (struct rill_span){out, sizeof out})) > 0) {
        size_t head = path.proto == RILL_PROTO_TCP ? 2 : 0; /* RFC 4571 */
        check(n > head && rill_stun_decode(rill_view_at(out + head, n - head), &m, NULL) == 0);
        check(path.proto == RILL_PROTO_UDP || path.proto == RILL_PROTO_TCP);
        if (head) {
            memcpy(f->txid, m.txid.p, sizeof f->txid);
            check(++count < 1000);
            continue;
        }
        if (rill_ice_is_wrapped(f->ice, &path) && m.class == RILL_STUN_REQUEST) {
            memcpy(f->turn_txid, m.txid.p, sizeof f->turn_txid);
            f->turn_method = m.method;
        }
        if (rill_ice_is_wrapped(f->ice, &path)) {
            f->turn = path;
        } else if (m.class == RILL_STUN_REQUEST) {
            memcpy(f->txid, m.txid.p, sizeof f->txid);
            f->asked = path;
        }
        check(++count < 1000);
    }
}

static void put_attributes(struct fuzz *f, struct rill_stun_writer *w)
{
    uint8_t what = rill_r_u8(&f->in);
    struct rill_addr a = addr(f);
    if (what & 1)
        rill_stun_put_u32(w, RILL_STUN_PRIORITY, rill_r_u32(&f->in));
    if (what & 2)
        rill_stun_put_u64(w, what & 4 ? RILL_STUN_ICE_CONTROLLING : RILL_STUN_ICE_CONTROLLED,
                          rill_r_u64(&f->in));
    if (what & 8)
        rill_stun_put(w, RILL_STUN_USE_CANDIDATE, (struct rill_view){0});
    if (what & 16)
        rill_stun_put_addr(w, RILL_STUN_XOR_MAPPED_ADDRESS, &a);
    if (what & 32)
        rill_stun_put_error(w, 300 + rill_r_u8(&f->in) % 200u, "x");
    if (what & 64)
        rill_stun_put_u32(w, rill_r_u16(&f->in), 1);
    if (what & 128)
        rill_stun_put_u32(w, RILL_STUN_NOMINATION, rill_r_u8(&f->in));
}

/* 600 bytes hold it. */
static size_t build(struct fuzz *f, enum rill_stun_class class, uint8_t *bytes)
{
    uint8_t name[64];
    struct rill_stun_writer w;
    struct rill_writer username = rill_writer_of((struct rill_span){name, sizeof name});
    uint8_t txid[RILL_STUN_TXID] = {1};
    rill_stun_begin(&w, (struct rill_span){bytes, 600}, class, RILL_STUN_BINDING,
                    class == RILL_STUN_REQUEST ? txid : f->txid);
    if (class == RILL_STUN_REQUEST) {
        rill_w_bytes(&username, rill_ice_ufrag(f->ice));
        rill_w_str(&username, ":peer");
        rill_stun_put(&w, RILL_STUN_USERNAME, rill_w_view(&username));
    }
    put_attributes(f, &w);
    rill_stun_put_integrity(&w,
                            class == RILL_STUN_REQUEST ? rill_ice_pwd(f->ice) : rill_view_of(PWD));
    rill_stun_put_fingerprint(&w);
    return rill_stun_end(&w);
}

static void authentic(struct fuzz *f, enum rill_stun_class class)
{
    uint8_t bytes[600];
    struct rill_path path = {.socket = rill_r_u8(&f->in) & 3u};
    path.remote = addr(f);
    if (class != RILL_STUN_REQUEST && path.remote.port & 1)
        path = f->asked;
    rill_ice_input(f->ice, f->now, &path, rill_view_at(bytes, build(f, class, bytes)), NULL);
}

static void raw(struct fuzz *f)
{
    struct rill_path path = {.socket = rill_r_u8(&f->in) & 3u};
    path.remote = addr(f);
    struct rill_view v = rill_r_bytes(&f->in, rill_r_u8(&f->in));
    rill_ice_input(f->ice, f->now, &path, v, NULL);
}

static void line(struct fuzz *f)
{
    uint8_t text[256];
    struct rill_ice_cand c = {.type = rill_r_u8(&f->in) & 3u, .component = 1, .foundation = "1"};
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    c.foundation[0] = (char)('a' + (rill_r_u8(&f->in) & 7));
    c.priority = (rill_r_u32(&f->in) & 0x7fffffff) | 1;
    c.addr = addr(f);
    c.tcptype = (enum rill_ice_tcptype)(c.foundation[0] & 3);
    c.proto = c.tcptype ? RILL_PROTO_TCP : RILL_PROTO_UDP;
    if (c.foundation[0] == 'h') { /* a name, one of four */
        memcpy(c.name, "1f4712db-ea17-4bcf-a596-105139dfd8b0.local", sizeof c.name);
        c.name[35] = (char)('0' + (c.priority >> 1 & 3));
    }
    rill_ice_cand_write(&w, &c, (struct rill_view){0});
    rill_ice_add_remote_candidate(f->ice, f->now, rill_w_view(&w), NULL);
}

static void raw_line(struct fuzz *f)
{
    struct rill_view v = rill_r_bytes(&f->in, rill_r_u8(&f->in));
    rill_ice_add_remote_candidate(f->ice, f->now, v, NULL);
}

static void interface(struct fuzz *f, bool up)
{
    struct rill_addr a = addr(f);
    if (up)
        rill_ice_interface_up(f->ice, f->now, &a);
    else
        rill_ice_interface_down(f->ice, f->now, &a);
}

/* Any bytes from the TURN server; what it relayed goes on to the agent. */
static void from_turn(struct fuzz *f, struct rill_span bytes)
{
    struct rill_path path;
    struct rill_span inner;
    for (size_t at = 0; at < bytes.n;) {
        size_t took =
            rill_ice_unwrap(f->ice, f->now, &f->turn,
                            (struct rill_span){bytes.p + at, bytes.n - at}, &path, &inner);
        check(took > 0 && took <= bytes.n - at);
        at += took;
        if (inner.n)
            rill_ice_input(f->ice, f->now, &path, rill_view_at(inner.p, inner.n), NULL);
    }
}

static void turn_raw(struct fuzz *f)
{
    _Alignas(8) uint8_t bytes[256];
    struct rill_view v = rill_r_bytes(&f->in, rill_r_u8(&f->in));
    if (v.n)
        memcpy(bytes, v.p, v.n);
    from_turn(f, (struct rill_span){bytes, v.n});
}

/* The server wants no credentials, so its answers have no seal. */
static void turn_answers(struct fuzz *f)
{
    _Alignas(8) uint8_t bytes[256];
    struct rill_stun_writer w;
    struct rill_addr a = addr(f);
    uint8_t code = rill_r_u8(&f->in);
    rill_stun_begin(&w, (struct rill_span){bytes, sizeof bytes},
                    code & 7 ? RILL_STUN_SUCCESS : RILL_STUN_ERROR, f->turn_method, f->turn_txid);
    if (code & 7) {
        rill_stun_put_addr(&w, RILL_STUN_XOR_RELAYED_ADDRESS, &a);
        rill_stun_put_u32(&w, RILL_STUN_LIFETIME, code);
    } else {
        rill_stun_put_error(&w, 400 + code, "");
    }
    from_turn(f, (struct rill_span){bytes, rill_stun_end(&w)});
}

/* Someone comes to what may be a listener. */
static void comes(struct fuzz *f)
{
    struct rill_addr from = addr(f);
    uint32_t listener = rill_r_u8(&f->in) & 7u;
    if (!rill_ice_accepted(f->ice, f->now, listener, f->sockets, &from))
        return;
    f->stream = (struct rill_path){f->sockets++, RILL_PROTO_TCP, from};
}

/* Any bytes on a connection, or a frame that is right but for what the bytes change. */
static void streams(struct fuzz *f)
{
    _Alignas(8) uint8_t bytes[602];
    struct rill_path path;
    struct rill_span inner;
    uint8_t what = rill_r_u8(&f->in);
    size_t n = 0;
    if (what & 1) {
        struct rill_view v = rill_r_bytes(&f->in, rill_r_u8(&f->in));
        n = v.n;
        if (n)
            memcpy(bytes, v.p, n);
    } else {
        n = rill_ice_frame((struct rill_span){bytes, sizeof bytes},
                           build(f, what & 2 ? RILL_STUN_REQUEST : RILL_STUN_SUCCESS, bytes));
    }
    for (size_t at = 0; at < n && rill_ice_is_wrapped(f->ice, &f->stream);) {
        size_t took = rill_ice_unwrap(f->ice, f->now, &f->stream,
                                      (struct rill_span){bytes + at, n - at}, &path, &inner);
        check(took > 0 && took <= n - at);
        at += took;
        if (inner.n)
            rill_ice_input(f->ice, f->now, &path, rill_view_at(inner.p, inner.n), NULL);
    }
    if (what == 0xff)
        rill_ice_stream_closed(f->ice, f->now, f->stream.socket);
}

static void time_passes(struct fuzz *f)
{
    int64_t at = rill_ice_deadline(f->ice);
    uint8_t tenths = rill_r_u8(&f->in);
    f->now += (tenths >> 1) * 100 * RILL_MS;
    if (tenths & 1 && at != RILL_NEVER && at > f->now)
        f->now = at;
    rill_ice_tick(f->ice, f->now);
    outputs(f);
    /* Ticked and drained, nothing is due at this instant. */
    check(rill_ice_deadline(f->ice) > f->now);
}

/* What is told of it holds at any time, and fits. */
static void explain(struct fuzz *f)
{
    struct rill_ice_facts facts;
    struct rill_cause causes[40];
    uint8_t text[600];
    size_t at = 0, lines = 0;
    rill_ice_facts(f->ice, &facts);
    size_t n = rill_ice_causes(&facts, causes, 40);
    for (size_t i = 0; i < n; i++) {
        struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
        rill_cause_write(&w, &causes[i]);
        check(rill_w_end_text(&w) && causes[i].value > 0);
    }
    for (; lines < 500; lines++) {
        struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
        if (!rill_ice_why_line(f->ice, &at, &w))
            break;
        check(rill_w_end_text(&w));
    }
    check(lines >= facts.pairs && lines < 500);
}

static void step(struct fuzz *f)
{
    struct rill_path path;
    struct rill_addr a;
    struct rill_ice_pair_info info;
    switch (rill_r_u8(&f->in) % 19) {
    case 0:
        rill_ice_set_remote_credentials(f->ice, f->now, rill_view_of("peer"), rill_view_of(PWD),
                                        rill_r_u8(&f->in) & 1);
        break;
    case 1:
        raw(f);
        break;
    case 2:
        authentic(f, RILL_STUN_REQUEST);
        break;
    case 3:
        authentic(f, RILL_STUN_SUCCESS);
        break;
    case 4:
        authentic(f, RILL_STUN_ERROR);
        break;
    case 5:
        line(f);
        break;
    case 6:
        raw_line(f);
        break;
    case 7:
        interface(f, true);
        break;
    case 8:
        interface(f, false);
        break;
    case 9:
        a = addr(f);
        rill_ice_add_server(f->ice, &a);
        break;
    case 10:
        rill_ice_end_of_candidates(f->ice, f->now);
        break;
    case 11:
        path = f->asked;
        rill_ice_unreachable(f->ice, f->now, &path);
        break;
    case 12:
        time_passes(f);
        break;
    case 14:
        turn_raw(f);
        break;
    case 15:
        turn_answers(f);
        break;
    case 16:
        rill_ice_unreachable(f->ice, f->now, &f->turn);
        break;
    case 17:
        comes(f);
        break;
    case 18:
        streams(f);
        break;
    case 13:
        rill_ice_pair_info(f->ice, &info);
        explain(f);
        check(!rill_ice_send_path(f->ice, &path) || rill_ice_is_validated(f->ice, &path));
        break;
    }
    outputs(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_rng_seeded rng;
    struct fuzz f = {.in = rill_reader_of(rill_view_at(data, n))};
    uint8_t caps = rill_r_u8(&f.in), tcp = n ? data[n - 1] : 0;
    struct rill_ice_turn_server turn = {.addr = rill_addr_ip4(192, 0, 2, 99, 3478)};
    struct rill_ice_config config = {.local_candidates = 1u + (caps & 3) + (tcp >> 4 & 7),
                                     .remote_candidates = 1u + (caps >> 2 & 3),
                                     .pairs = 1u + (caps >> 4 & 3),
                                     .servers = 2,
                                     .lite = n > 1 && data[n - 2] & 1,
                                     .tcp = (enum rill_ice_tcp)(tcp & 3),
                                     .streams = 1u + (tcp >> 2 & 3),
                                     .turn = &turn,
                                     .n_turn = caps >> 7};
    struct rill_addr a = rill_addr_ip4(192, 0, 2, 1, 0);
    rill_rng_seeded_init(&rng, 1);
    config.rng = rill_rng_seeded(&rng);
    void *block = malloc(rill_ice_size(&config));
    f.ice = rill_ice_init(block, &config);
    rill_ice_set_controlling(f.ice, caps & 64);
    rill_ice_set_renomination(f.ice, tcp & 128);
    rill_ice_interface_up(f.ice, 0, &a);
    rill_ice_gather(f.ice, 0);
    outputs(&f);
    while (!f.in.bad && rill_r_left(&f.in) > 0)
        step(&f);
    rill_ice_close(f.ice, f.now);
    outputs(&f);
    free(block);
    return 0;
}
