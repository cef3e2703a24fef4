/* fuzz/store: what is behind both connections to the store says anything, in any pieces, while
 * calls are made and places put down. Each line of the input is a step: its first byte tells which.
 */
#include "signaling/server.h"

#include <stdlib.h>
#include <string.h>

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0x11, n);
}

static struct rill_store *store;
static struct rill_sig_server *server;
static int64_t now;

static void pull(void)
{
    struct rill_store_event e;
    struct rill_sig_server_event s;
    uint8_t out[4096];
    while (rill_sig_server_store(server, now, &e))
        if (e.type == RILL_STORE_OPEN)
            rill_store_connected(store, now, e.wire);
    for (int i = 0; i < RILL_STORE_WIRES; i++)
        while (rill_store_output(store, now, (enum rill_store_wire)i,
                                 (struct rill_span){out, sizeof out}))
            continue;
    while (rill_sig_server_event(server, &s))
        continue;
}

/* \n and \r stand for what would end the line. */
static void feed(enum rill_store_wire wire, struct rill_view line)
{
    uint8_t text[4096];
    size_t n = 0;
    for (size_t i = 0; i < line.n && n < sizeof text; i++) {
        bool escaped = line.p[i] == '\\' && i + 1 < line.n;
        uint8_t c = line.p[i += escaped];
        text[n++] = escaped && c == 'n' ? '\n' : escaped && c == 'r' ? '\r' : c;
    }
    rill_store_input(store, now, wire, rill_view_at(text, n));
}

static void step(struct rill_view line)
{
    uint8_t what = line.n ? line.p[0] : 0;
    struct rill_view rest = line.n ? rill_view_sub(line, 1, line.n - 1) : line;
    const struct rill_store_call call = {
        .kind = RILL_STORE_SAY, .key = (uint64_t)rill_store_home(store) << 32 | 1, .text = rest};
    if (what == 'w')
        feed(RILL_STORE_WRITER, rest);
    else if (what == 'r')
        feed(RILL_STORE_READER, rest);
    else if (what == 'c')
        rill_store_closed(store, now, RILL_STORE_WRITER);
    else if (what == 'd')
        rill_store_closed(store, now, RILL_STORE_READER);
    else if (what == 's')
        (void)rill_store_call(store, now, &call, NULL);
    else
        now += (int64_t)what * 50 * RILL_MS;
    rill_sig_server_tick(server, now);
    pull();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static void *store_block, *server_block;
    const struct rill_store_config sc = {.rng = {NULL, fill}};
    struct rill_sig_server_config c = {
        .connections = 1, .sessions = 1, .rooms = {.members = 3, .offers = 2}, .rng = {NULL, fill}};
    now = RILL_SECOND;
    store_block = store_block ? store_block : malloc(rill_store_size(&sc));
    store = rill_store_init(store_block, &sc, now);
    c.store = store;
    server_block = server_block ? server_block : malloc(rill_sig_server_size(&c));
    server = rill_sig_server_init(server_block, &c);
    rill_sig_server_tick(server, now);
    pull();
    for (struct rill_view rest = rill_view_at(data, n); rest.p;)
        step(rill_view_cut(rest, '\n', &rest));
    rill_store_free(store);
    return 0;
}
