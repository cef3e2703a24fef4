/* fuzz/ws: a WebSocket of either side reads any bytes in any cut: it reads the same as in one
 * piece, and what it sends back is frames that the other side can read. */
#include "signaling/ws.h"

#include <stdlib.h>
#include <string.h>

static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0x5a, n);
}

static struct rill_ws *open_side(bool server, void **block)
{
    const struct rill_ws_config c = {
        .server = server, .message = 4096, .out = 8192, .ping = RILL_SECOND, .rng = {.fill = fill}};
    *block = malloc(rill_ws_size(&c));
    return *block ? rill_ws_init(*block, &c, 0) : NULL;
}

static uint32_t mix(uint32_t h, const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const uint8_t *)p)[i]) * 16777619u;
    return h;
}

/* Feeds v in pieces of `most` bytes; a digest of all that happened. */
static uint32_t read_all(struct rill_ws *x, struct rill_view v, size_t most)
{
    uint32_t h = 2166136261u;
    struct rill_ws_event e;
    while (v.n) {
        long n = rill_ws_input(x, 0, rill_view_sub(v, 0, v.n < most ? v.n : most), NULL);
        v = n < 0 ? rill_view_sub(v, v.n, 0) : rill_view_sub(v, (size_t)n, v.n - (size_t)n);
        while (rill_ws_event(x, &e)) {
            if (e.type == RILL_WS_TEXT)
                rill_ws_send_text(x, e.bytes);
            h = mix(h, &e.type, sizeof e.type);
            h = mix(h, &e.code, sizeof e.code);
            h = mix(h, &e.error, sizeof e.error);
            h = mix(h, e.bytes.p, e.bytes.n);
        }
    }
    return h;
}

/* What x sends is what the other side takes without a fault. */
static void check_output(struct rill_ws *x, bool server)
{
    static uint8_t out[16384];
    void *block;
    size_t n = rill_ws_output(x, (struct rill_span){out, sizeof out});
    struct rill_ws *other = open_side(!server, &block);
    struct rill_view v = rill_view_at(out, n);
    struct rill_ws_event e;
    while (other && v.n) {
        long took = rill_ws_input(other, 0, v, NULL);
        if (took < 0)
            abort();
        v = rill_view_sub(v, (size_t)took, v.n - (size_t)took);
        while (rill_ws_event(other, &e))
            continue;
    }
    free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    void *a, *b;
    if (n < 2)
        return 0;
    bool server = data[0] & 1;
    struct rill_ws *whole = open_side(server, &a);
    struct rill_ws *cut = open_side(server, &b);
    struct rill_view v = rill_view_at(data + 2, n - 2);
    if (read_all(whole, v, SIZE_MAX) != read_all(cut, v, 1 + data[1] % 16))
        abort();
    check_output(whole, server);
    rill_ws_tick(whole, rill_ws_deadline(whole));
    free(a);
    free(b);
    return 0;
}
