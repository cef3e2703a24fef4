/* fuzz turn: a client under any bytes of its server, as datagrams and as a stream, while time goes
 * on. The first byte chooses the transport; then come pieces: a length, the bytes, the pause.
 * A piece that begins with 0xff answers the latest request, sealed as it should be. */
#include "stun/longterm.h"
#include "turn/channel.h"
#include "turn/client.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

struct state {
    struct rill_turn *turn;
    int64_t now;
    uint32_t socket;
    uint8_t request[1300];
    size_t n_request;
};

static void drain(struct state *s)
{
    _Alignas(8) uint8_t out[1300];
    struct rill_path path;
    struct rill_turn_event e;
    struct rill_stun_msg m;
    size_t n;
    for (int i = 0; i < 1000; i++) {
        bool any = false;
        while (rill_turn_event(s->turn, &e)) {
            any = true;
            if (e.type == RILL_TURN_EVENT_OPEN)
                rill_turn_opened(s->turn, s->now, ++s->socket);
        }
        while ((n = rill_turn_output(s->turn, s->now, &path, (struct rill_span){out, 1300})) > 0) {
            any = true;
            must(rill_stun_decode(rill_view_at(out, n), &m, NULL) == 0);
            memcpy(s->request, out, n);
            s->n_request = n;
        }
        if (!any)
            return;
    }
    abort(); /* it spins */
}

/* A right answer of class and attributes that the bytes choose. */
static size_t answer(struct state *s, struct rill_view with, uint8_t *out, size_t cap)
{
    struct rill_stun_msg m;
    struct rill_stun_writer w;
    uint8_t key[RILL_DIGEST_MAX];
    struct rill_addr a = rill_addr_ip4(203, 0, 113, 9, 999);
    if (s->n_request == 0 || with.n < 2)
        return 0;
    must(rill_stun_decode(rill_view_at(s->request, s->n_request), &m, NULL) == 0);
    static const uint16_t codes[] = {0, 300, 401, 438, 437, 403, 486, 508};
    unsigned code = codes[with.p[0] % 8];
    rill_stun_begin(&w, (struct rill_span){out, cap}, code ? RILL_STUN_ERROR : RILL_STUN_SUCCESS,
                    m.method, m.txid.p);
    if (code)
        rill_stun_put_error(&w, code, "");
    if (with.p[1] & 1)
        rill_stun_put_addr(&w, RILL_STUN_XOR_RELAYED_ADDRESS, &a);
    if (with.p[1] & 2)
        rill_stun_put_u32(&w, RILL_STUN_LIFETIME, with.p[1]);
    if (with.p[1] & 4) {
        rill_stun_put(&w, RILL_STUN_REALM, rill_view_of("r"));
        rill_stun_put(&w, RILL_STUN_NONCE, rill_view_sub(with, 2, with.n - 2));
    }
    if (with.p[1] & 8)
        rill_stun_put_addr(&w, RILL_STUN_ALTERNATE_SERVER, &a);
    size_t n = rill_stun_long_term_key(RILL_STUN_ALGORITHM_MD5, rill_view_of("u"),
                                       rill_view_of("r"), rill_view_of("p"), key);
    rill_stun_put_integrity(&w, rill_view_at(key, n));
    return rill_stun_end(&w);
}

static void feed(struct state *s, struct rill_view piece)
{
    static _Alignas(8) uint8_t in[2048];
    struct rill_turn_data d;
    size_t n = piece.n;
    if (n && piece.p[0] == 0xff)
        n = answer(s, rill_view_sub(piece, 1, n - 1), in, sizeof in);
    else if (n)
        memcpy(in, piece.p, n);
    for (size_t at = 0; at < n;) {
        size_t took =
            rill_turn_input(s->turn, s->now, (struct rill_span){in + at, n - at}, &d, NULL);
        must(took > 0 && took <= n - at);
        at += took;
        for (size_t i = 0; i < d.bytes.n; i++)
            d.bytes.p[i] ^= 0xff; /* it is ours to write */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_reader r = rill_reader_of(rill_view_at(data, n));
    struct rill_rng_seeded seeded;
    struct state s = {.now = 1};
    struct rill_addr peer = rill_addr_ip4(10, 1, 2, 3, 4000);
    rill_rng_seeded_init(&seeded, 7);
    struct rill_turn_config config = {.server = rill_addr_ip4(192, 0, 2, 1, 3478),
                                      .proto = rill_r_u8(&r) & 1 ? RILL_PROTO_TCP : RILL_PROTO_UDP,
                                      .username = rill_view_of("u"),
                                      .password = rill_view_of("p"),
                                      .peers = 4,
                                      .rng = rill_rng_seeded(&seeded)};
    void *block = malloc(rill_turn_size(&config));
    s.turn = block ? rill_turn_init(block, &config) : NULL;
    if (!s.turn)
        abort();
    rill_turn_start(s.turn, s.now);
    drain(&s);
    while (rill_r_left(&r) > 2) {
        size_t size = rill_r_u8(&r);
        feed(&s, rill_r_bytes(&r, size < rill_r_left(&r) ? size : rill_r_left(&r)));
        s.now += (int64_t)rill_r_u8(&r) * rill_r_u8(&r) * RILL_MS * 20;
        rill_turn_permit(s.turn, s.now, &peer);
        rill_turn_bind(s.turn, s.now, &peer);
        rill_turn_tick(s.turn, s.now);
        drain(&s);
        must(rill_turn_deadline(s.turn) > s.now);
    }
    rill_turn_close(s.turn, s.now);
    drain(&s);
    rill_turn_free(s.turn);
    free(block);
    return 0;
}
