/* fuzz/server: the signaling server with all its doors open, four connections, any bytes in any
 * order of connections, writes, time and goodbyes. Ids are AAAA…, BBBB… so that seeds can name
 * them. */
#include "signaling/server.h"

#include <stdlib.h>
#include <string.h>

#define CONNS 4

struct run {
    struct rill_sig_server *server;
    int64_t now;
    bool here[CONNS];
};

static void count_up(void *ctx, uint8_t *out, size_t n)
{
    uint8_t *next = ctx;
    memset(out, *next, n);
    *next = (uint8_t)(*next + 1);
}

static void leave(struct run *r, uint32_t conn)
{
    if (r->here[conn])
        rill_sig_server_closed(r->server, r->now, conn);
    r->here[conn] = false;
}

static void pull(struct run *r)
{
    struct rill_sig_server_event e;
    uint8_t out[256];
    uint32_t conn;
    while (rill_sig_server_event(r->server, &e)) {
        if (e.type == RILL_SIG_SERVER_FILE)
            rill_sig_server_file(r->server, r->now, e.conn,
                                 &(struct rill_sig_file){.body = rill_view_of("file"),
                                                         .content_type = "text/plain",
                                                         .is_part = e.has_range,
                                                         .first = e.range.first,
                                                         .total = UINT64_MAX});
        if (e.type == RILL_SIG_SERVER_CLOSE && e.at_once)
            leave(r, e.conn);
    }
    while (rill_sig_server_next_output(r->server, &conn))
        while (rill_sig_server_output(r->server, r->now, conn, (struct rill_span){out, 256}))
            continue;
}

static void act(struct run *r, uint8_t what, struct rill_view bytes)
{
    struct rill_addr from = rill_addr_ip4(127, 0, 0, 1, 1);
    uint32_t conn = what & 3;
    if (what >= 0xf0) {
        r->now += (int64_t)(what & 15) * 500 * RILL_MS;
        rill_sig_server_tick(r->server, r->now);
        return;
    }
    if (what >= 0xe0) {
        leave(r, conn);
        return;
    }
    if (what == 0xdf) {
        rill_sig_server_drain(r->server);
        return;
    }
    if (!r->here[conn])
        r->here[conn] = rill_sig_server_accept(r->server, r->now, conn, &from) == 0;
    rill_sig_server_input(r->server, r->now, conn, bytes);
    /* Not everybody reads at once. */
    if (what & 0x40)
        return;
    pull(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t next = 0xff; /* for the seed of the keys; the first id is of zeros */
    static const char *const origins[] = {"http://a", "https://b:1"};
    const struct rill_sig_server_config c = {.connections = CONNS,
                                             .sessions = 2,
                                             .message = 2000,
                                             .max_payload = 500,
                                             .ping_interval = RILL_SECOND,
                                             .ping_timeout = RILL_SECOND,
                                             .echo = true,
                                             .metrics = true,
                                             .access_log = true,
                                             .per_address = 3,
                                             .origins = origins,
                                             .n_origins = 2,
                                             .rooms.offers = 2,
                                             .rooms.offer_bytes = 1000,
                                             .rooms.candidates = 4,
                                             .rng = {&next, count_up}};
    void *block = malloc(rill_sig_server_size(&c));
    struct run r = {.server = rill_sig_server_init(block, &c)};
    for (size_t at = 0; at + 3 <= n;) {
        size_t m = (size_t)data[at + 1] << 8 | data[at + 2], left = n - at - 3;
        m = m < left ? m : left;
        act(&r, data[at], rill_view_at(data + at + 3, m));
        at += 3 + m;
    }
    pull(&r);
    rill_sig_server_close(r.server, r.now);
    pull(&r);
    for (uint32_t i = 0; i < CONNS; i++)
        leave(&r, i);
    pull(&r);
    r.now += RILL_LIMIT_GRACE_MS * RILL_MS;
    rill_sig_server_tick(r.server, r.now);
    pull(&r);
    /* Nobody is left, so there is nothing to wait for. */
    if (rill_sig_server_deadline(r.server) != RILL_NEVER)
        abort();
    free(block);
    return 0;
}
