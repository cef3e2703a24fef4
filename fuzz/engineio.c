/* fuzz/engineio: what is read is written back the same; a session under any order of requests,
 * messages and time keeps its promises: one answer a GET, nothing after it is over. */
#include "signaling/eio_session.h"

#include <stdlib.h>
#include <string.h>

static void payloads(const uint8_t *data, size_t n)
{
    struct rill_eio_packet p;
    uint8_t *place = malloc(n + 1), *out = malloc(2 * n + 8);
    struct rill_writer w = rill_writer_of((struct rill_span){out, 2 * n + 8});
    struct rill_span rest = {place, n};
    memcpy(place, data, n);
    bool good = rill_eio_payload_check(rill_view_at(data, n), NULL) == 0;
    int rc = 0;
    while (rest.p && rc == 0) {
        rc = rill_eio_payload_next(&rest, &p, NULL);
        if (rc == 0)
            rill_eio_payload_add(&w, &p);
    }
    if (good != (rc == 0) || (good && !rill_view_equal(rill_w_view(&w), rill_view_at(data, n))))
        abort();
    free(place);
    free(out);
}

static void handshakes(struct rill_view text)
{
    struct rill_eio_handshake h, again;
    struct rill_eio_query q;
    uint8_t out[4096];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_eio_read_query(text, &q);
    if (rill_eio_read_handshake(text, &h, NULL) < 0)
        return;
    rill_eio_write_handshake(&w, &h);
    if (!w.bad && (rill_eio_read_handshake(rill_w_view(&w), &again, NULL) < 0 ||
                   !rill_view_equal(h.sid, again.sid) || h.upgrades != again.upgrades ||
                   h.ping_interval != again.ping_interval))
        abort();
}

struct run {
    struct rill_eio_session *x;
    int64_t now;
    bool waits, posting, ws;
};

static void pull(struct run *r)
{
    struct rill_eio_session_event e;
    struct rill_eio_packet p;
    uint8_t out[1024];
    while (rill_eio_session_event(r->x, &e))
        if (e.type == RILL_EIO_SESSION_MESSAGE)
            rill_eio_session_send(r->x, e.binary, e.data);
    size_t n = rill_eio_session_answer(r->x, r->now, (struct rill_span){out, sizeof out});
    if (n && !r->waits)
        abort();
    r->waits = r->waits && n == 0;
    while (rill_eio_session_ws_next(r->x, &p)) {
        if (!r->ws)
            abort();
        rill_eio_session_ws_sent(r->x);
    }
    if (!rill_eio_session_ws_done(r->x))
        return;
    rill_eio_session_ws_closed(r->x, r->now);
    r->ws = false;
}

static void act(struct run *r, uint8_t what, struct rill_span bytes)
{
    struct rill_view text = rill_view_at(bytes.p, bytes.n);
    switch (what % 8) {
    case 0:
        r->waits |= rill_eio_session_get(r->x, r->now, NULL) == 0;
        break;
    case 1:
        if (rill_eio_session_post_begin(r->x, r->now, NULL) == 0)
            rill_eio_session_post(r->x, r->now, bytes, NULL);
        break;
    case 2:
        r->ws |= rill_eio_session_ws_open(r->x, r->now, NULL) == 0;
        break;
    case 3:
    case 4:
        if (r->ws)
            rill_eio_session_ws_input(r->x, r->now, what % 8 == 4, text, NULL);
        break;
    case 5:
        rill_eio_session_send(r->x, what & 8, text);
        break;
    case 6:
        r->now += (int64_t)what * RILL_MS;
        rill_eio_session_tick(r->x, r->now);
        break;
    case 7:
        if (what & 64)
            rill_eio_session_close(r->x, r->now);
        else if (r->ws) {
            rill_eio_session_ws_closed(r->x, r->now);
            r->ws = false;
        }
        break;
    }
}

static void session(const uint8_t *data, size_t n)
{
    struct rill_rng_seeded g;
    rill_rng_seeded_init(&g, 1);
    const struct rill_eio_session_config c = {.websocket = n && (data[0] & 1),
                                              .max_payload = 256,
                                              .queue = 300,
                                              .ping_interval = 300 * RILL_MS,
                                              .ping_timeout = 200 * RILL_MS,
                                              .rng = rill_rng_seeded(&g)};
    void *block = malloc(rill_eio_session_size(&c));
    struct run r = {.x = rill_eio_session_init(block, &c, 0), .ws = c.websocket};
    for (size_t at = 1; at + 2 <= n;) {
        size_t m = data[at + 1] < n - at - 2 ? data[at + 1] : n - at - 2;
        uint8_t *body = malloc(m + 1);
        memcpy(body, data + at + 2, m);
        act(&r, data[at], (struct rill_span){body, m});
        pull(&r);
        free(body);
        at += 2 + m;
    }
    rill_eio_session_close(r.x, r.now);
    rill_eio_session_tick(r.x, r.now + RILL_SECOND);
    pull(&r);
    if (!rill_eio_session_is_over(r.x) || rill_eio_session_deadline(r.x) != RILL_NEVER)
        abort();
    free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    payloads(data, n);
    handshakes(rill_view_at(data, n));
    session(data, n);
    return 0;
}
