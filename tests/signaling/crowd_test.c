/* server, many at once: how much memory an idle client touches, and that what one does costs no
 * look at the others. Run with a number for that many clients and the figures:
 *
 *   build/release/tests/signaling/crowd_test 10000
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, mincore */
#include "tests/signaling/server_world.h"

#include <sys/mman.h>
#include <unistd.h>

static const char handshake[] =
    "GET %s HTTP/1.1\r\n" HOST "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\r\n"
    "Origin: http://h:1\r\nAccept-Language: en-GB,en;q=0.9\r\nPragma: no-cache\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

struct crowd {
    struct world w;
    uint8_t *block;
    size_t size;
};

/* Address space, as the port reserves it. */
static void open_crowd(struct crowd *c, size_t n)
{
    struct rill_sig_server_config config = {.connections = n, .sessions = n};
    memset(c, 0, sizeof *c);
    rill_rng_seeded_init(&c->w.rng, rill_test_seed());
    c->w.random = rill_rng_seeded(&c->w.rng);
    config.rng = c->w.random;
    c->size = rill_sig_server_size(&config);
    c->block = mmap(NULL, c->size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(c->block != MAP_FAILED);
    c->w.server = rill_sig_server_init(c->block, &config);
    c->w.now = RILL_SECOND;
}

/* Bytes of the block that were touched, by whole pages. */
static size_t touched(const struct crowd *c)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), n = (c->size + page - 1) / page, pages = 0;
    unsigned char *in = malloc(n);
    assert_int_equal(mincore(c->block, c->size, in), 0);
    for (size_t i = 0; i < n; i++)
        pages += in[i] & 1;
    free(in);
    return pages * page;
}

static void say(struct crowd *c, uint32_t conn, const char *text)
{
    uint8_t frame[512] = {0x81, (uint8_t)(0x80 | (strlen(text) < 126 ? strlen(text) : 126))};
    size_t n = strlen(text), head = n < 126 ? 6 : 8;
    frame[2] = n < 126 ? 0 : (uint8_t)(n >> 8);
    frame[3] = n < 126 ? 0 : (uint8_t)n;
    memcpy(frame + head, text, n);
    rill_sig_server_input(c->w.server, c->w.now, conn, rill_view_at(frame, head + n));
}

static size_t drain(struct crowd *c, uint32_t conn)
{
    uint8_t out[4096];
    size_t all = 0, n;
    while ((n = rill_sig_server_output(c->w.server, c->w.now, conn,
                                       (struct rill_span){out, sizeof out})))
        all += n;
    return all;
}

static void come(struct crowd *c, uint32_t conn, bool socketio)
{
    struct rill_addr from = rill_addr_ip4(127, 0, 0, 1, 5000);
    char text[1024];
    int n = snprintf(text, sizeof text, handshake,
                     socketio ? "/socket.io/?EIO=4&transport=websocket" : "/ws");
    assert_int_equal(rill_sig_server_accept(c->w.server, c->w.now, conn, &from), 0);
    rill_sig_server_input(c->w.server, c->w.now, conn, rill_view_at(text, (size_t)n));
    drain(c, conn);
    snprintf(text, sizeof text,
             socketio ? "40{\"userName\":\"u%u\",\"room\":\"r\"}"
                      : "[\"auth\",{\"userName\":\"u%u\",\"room\":\"r\"}]",
             conn);
    say(c, conn, text);
    drain(c, conn);
    struct rill_sig_server_event e;
    while (rill_sig_server_event(c->w.server, &e))
        continue;
}

static size_t fill(struct crowd *c, size_t n, bool socketio)
{
    open_crowd(c, n);
    size_t empty = touched(c);
    for (uint32_t i = 1; i <= n; i++)
        come(c, i, socketio);
    assert_int_equal(rill_sig_server_members(c->w.server), n);
    return (touched(c) - empty) / n;
}

static void shut_crowd(struct crowd *c)
{
    munmap(c->block, c->size);
}

static size_t crowd = 200;

static void idle_client_touches_a_few_kib(bool socketio)
{
    struct crowd c;
    size_t each = fill(&c, crowd, socketio);
    printf("%zu idle clients over %s: %zu bytes touched by each, %zu in tables before\n", crowd,
           socketio ? "Socket.IO" : "WebSocket", each, touched(&c) / crowd - each);
    assert_true(touched(&c) / crowd <= 16 * 1024);
    shut_crowd(&c);
}

static void idle_websocket_touches_less_than_16_kib(void **state)
{
    (void)state;
    idle_client_touches_a_few_kib(false);
}

static void idle_socketio_touches_less_than_16_kib(void **state)
{
    (void)state;
    idle_client_touches_a_few_kib(true);
}

/* Everybody but the caller hears of an offer, each is told once, and all that is told is read. */
static void offer_reaches_everybody_in_one_sweep(void **state)
{
    (void)state;
    struct crowd c;
    uint32_t conn;
    size_t told = 0;
    fill(&c, crowd, false);
    while (rill_sig_server_next_output(c.w.server, &conn))
        drain(&c, conn);
    say(&c, 1, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"}]");
    while (rill_sig_server_next_output(c.w.server, &conn)) {
        told++;
        assert_true(drain(&c, conn) > 0);
    }
    assert_int_equal(told, crowd - 1);
    shut_crowd(&c);
}

/* A whole heartbeat: each is pinged once when its time has come, and nobody before. */
static void heartbeat_reaches_everybody_at_his_time(void **state)
{
    (void)state;
    struct crowd c;
    uint32_t conn;
    size_t pinged = 0;
    open_crowd(&c, crowd);
    for (uint32_t i = 1; i <= crowd; i++) {
        come(&c, i, true);
        c.w.now += RILL_MS;
    }
    while (rill_sig_server_next_output(c.w.server, &conn))
        drain(&c, conn);
    for (size_t i = 0; i < crowd; i++) {
        c.w.now = rill_sig_server_deadline(c.w.server);
        rill_sig_server_tick(c.w.server, c.w.now);
        while (rill_sig_server_next_output(c.w.server, &conn)) {
            pinged++;
            assert_int_equal(conn, pinged);
            drain(&c, conn);
        }
        assert_int_equal(pinged, i + 1);
    }
    shut_crowd(&c);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        crowd = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_websocket_touches_less_than_16_kib),
        cmocka_unit_test(idle_socketio_touches_less_than_16_kib),
        cmocka_unit_test(offer_reaches_everybody_in_one_sweep),
        cmocka_unit_test(heartbeat_reaches_everybody_at_his_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
