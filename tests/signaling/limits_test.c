/* limits: the table of limits.def is the one of docs/signaling.md, and each bound of the server
 * that no other test fills takes exactly so much and not one more. (message_test, room_test,
 * http_test, ws_test, socketio_test and eio_session_test fill those of their own rooms.) */
#include "tests/signaling/server_world.h"

#include "signaling/ws_frame.h"

static const struct {
    const char *name;
    long long value;
    const char *unit, *what, *beyond;
} rows[] = {
#define RILL_LIMIT(name, value, unit, what, beyond) {#name, value, unit, what, beyond},
#include "signaling/limits.def"
#undef RILL_LIMIT
};

#define N_ROWS (sizeof rows / sizeof rows[0])

static void limits_are_those_of_the_documentation(void **state)
{
    (void)state;
    static char text[65536];
    FILE *f = fopen("docs/signaling.md", "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    const char *table = strstr(text, "## Limits\n");
    assert_non_null(table);
    table = strstr(table, "|---|---|---|\n");
    assert_non_null(table);
    table += strlen("|---|---|---|\n");
    for (size_t i = 0; i < N_ROWS; i++) {
        char line[512];
        int n = snprintf(line, sizeof line, "| %s | %lld%s | %s |\n", rows[i].what, rows[i].value,
                         rows[i].unit, rows[i].beyond);
        if (strncmp(table, line, (size_t)n))
            fail_msg("row %zu of docs/signaling.md is not\n%sbut\n%.200s", i + 1, line, table);
        table += n;
    }
    assert_true(table[0] == '\n'); /* and there are no others */
}

/* --- connections ------------------------------------------------------------------------ */

static int come(struct world *w, uint32_t conn, const char *from)
{
    struct rill_addr a;
    assert_true(rill_addr_parse(rill_view_of(from), &a));
    return rill_sig_server_accept(w->server, w->now, conn, &a);
}

static void server_takes_so_many_of_one_address_and_not_one_more(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.connections = 10, .per_address = 2});
    assert_int_equal(come(&w, 1, "192.0.2.1:1000"), 0);
    assert_int_equal(come(&w, 2, "192.0.2.1:1001"), 0);
    assert_row(come(&w, 3, "192.0.2.1:1002"), SIGNALING_FULL);
    assert_row(come(&w, 3, "[::ffff:192.0.2.1]:1002"), SIGNALING_FULL);
    assert_int_equal(come(&w, 3, "192.0.2.2:1000"), 0);
    rill_sig_server_closed(w.server, w.now, 1);
    assert_int_equal(come(&w, 4, "192.0.2.1:1003"), 0);
    assert_row(come(&w, 5, "192.0.2.1:1004"), SIGNALING_FULL);
    shut_world(&w);
}

static void server_counts_a_64_of_ipv6_as_one(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.connections = 10, .per_address = 2});
    assert_int_equal(come(&w, 1, "[2001:db8:0:1::1]:1"), 0);
    assert_int_equal(come(&w, 2, "[2001:db8:0:1:ffff::2]:1"), 0);
    assert_row(come(&w, 3, "[2001:db8:0:1:1:2:3:4]:1"), SIGNALING_FULL);
    assert_int_equal(come(&w, 3, "[2001:db8:0:2::1]:1"), 0);
    shut_world(&w);
}

static void server_counts_its_own_host_only_when_told_to(void **state)
{
    (void)state;
    struct world w;
    size_t most = RILL_LIMIT_PER_ADDRESS;
    open_world(&w, (struct rill_sig_server_config){.connections = 3 * most});
    for (uint32_t i = 0; i <= most; i++)
        assert_int_equal(come(&w, i, "127.0.0.1:1"), 0);
    for (uint32_t i = 0; i < most; i++)
        assert_int_equal(come(&w, 1000 + i, "192.0.2.1:1"), 0);
    assert_row(come(&w, 2000, "192.0.2.1:1"), SIGNALING_FULL);
    shut_world(&w);
    open_world(&w, (struct rill_sig_server_config){.per_address = 1});
    assert_int_equal(come(&w, 1, "127.0.0.1:1"), 0);
    assert_row(come(&w, 2, "127.0.0.1:2"), SIGNALING_FULL);
    shut_world(&w);
}

/* A session outlives the connection that began it, so it is counted by itself. */
static void server_begins_so_many_sessions_of_one_address_and_not_one_more(void **state)
{
    (void)state;
    static const char open[] = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n" HOST "\r\n";
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.connections = 10, .per_address = 2});
    for (int i = 0; i < 3; i++) {
        assert_int_equal(come(&w, 1, "192.0.2.1:1000"), 0);
        assert_starts(ask(&w, 1, open), i < 2 ? "HTTP/1.1 200 " : "HTTP/1.1 503 ");
        rill_sig_server_closed(w.server, w.now, 1);
    }
    assert_int_equal(come(&w, 1, "192.0.2.2:1000"), 0);
    assert_starts(ask(&w, 1, open), "HTTP/1.1 200 ");
    while (rill_sig_server_deadline(w.server) != RILL_NEVER) {
        w.now = rill_sig_server_deadline(w.server);
        rill_sig_server_tick(w.server, w.now);
        events(&w);
    }
    assert_int_equal(come(&w, 2, "192.0.2.1:1000"), 0);
    assert_starts(ask(&w, 2, open), "HTTP/1.1 200 ");
    shut_world(&w);
}

/* Whoever comes and goes leaves nothing behind, in whatever order. */
static void server_has_its_places_back_however_they_are_left(void **state)
{
    (void)state;
    struct world w;
    bool here[16] = {0};
    size_t n = 0;
    open_world(&w, (struct rill_sig_server_config){.connections = 8, .per_address = 5});
    for (int i = 0; i < 5000; i++) {
        uint32_t conn = rill_rng_below(&w.random, 16);
        const char *from = conn % 2 ? "192.0.2.1:1" : "192.0.2.2:1";
        size_t same = 0;
        for (uint32_t k = conn % 2; k < 16; k += 2)
            same += here[k];
        if (here[conn]) {
            rill_sig_server_closed(w.server, w.now, conn);
            n--;
        } else {
            bool fits = n < 8 && same < 5;
            assert_int_equal(come(&w, conn, from) == 0, fits);
            n += fits;
            if (!fits)
                continue;
        }
        here[conn] = !here[conn];
    }
    for (uint32_t conn = 0; conn < 16; conn++)
        rill_sig_server_closed(w.server, w.now, conn);
    assert_true(rill_sig_server_deadline(w.server) == RILL_NEVER);
    shut_world(&w);
}

/* --- heads and bodies ------------------------------------------------------------------- */

static const char *status_of_head(size_t n, size_t lines)
{
    static char text[RILL_HTTP_HEAD_MAX + 64];
    struct world w;
    size_t at = (size_t)snprintf(text, sizeof text, "GET /x HTTP/1.1\r\n" HOST);
    for (size_t i = 1; i < lines; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "A: b\r\n");
    if (n) {
        at += (size_t)snprintf(text + at, sizeof text - at, "B: ");
        memset(text + at, 'b', n - at - 4);
        at = n - 4;
    }
    snprintf(text + at, sizeof text - at, n ? "\r\n\r\n" : "\r\n");
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    const char *reply = ask(&w, 1, text);
    shut_world(&w);
    return reply;
}

static void server_takes_a_head_as_large_as_the_limit_and_not_one_byte_more(void **state)
{
    (void)state;
    assert_starts(status_of_head(RILL_HTTP_HEAD_MAX, 1), "HTTP/1.1 200 ");
    assert_starts(status_of_head(RILL_HTTP_HEAD_MAX + 1, 1), "HTTP/1.1 431 ");
    assert_starts(status_of_head(0, RILL_HTTP_HEADERS_MAX), "HTTP/1.1 200 ");
    assert_starts(status_of_head(0, RILL_HTTP_HEADERS_MAX + 1), "HTTP/1.1 431 ");
}

/* --- time ------------------------------------------------------------------------------- */

/* At the last µs it is there, and at the next it is not. */
static void assert_ends_after(struct world *w, uint32_t conn, int64_t ms)
{
    int64_t from = w->now;
    w->now = from + ms * RILL_MS - 1;
    rill_sig_server_tick(w->server, w->now);
    events(w);
    assert_false(w->closed[conn]);
    w->now++;
    rill_sig_server_tick(w->server, w->now);
    events(w);
    assert_true(w->closed[conn]);
    rill_sig_server_closed(w->server, w->now, conn);
}

static void server_waits_for_each_thing_exactly_so_long(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    assert_ends_after(&w, 1, RILL_LIMIT_IDLE_MS);
    accept(&w, 1);
    ask(&w, 1, "GET /x HTTP/1.1\r\n" HOST "\r\n");
    assert_ends_after(&w, 1, RILL_LIMIT_IDLE_MS);
    accept(&w, 1);
    input(&w, 1, "GET /x HTTP/1.1\r\n" HOST "\r\n", 17 + strlen(HOST) + 2);
    assert_ends_after(&w, 1, RILL_LIMIT_SEND_MS); /* nobody takes the answer */
    accept(&w, 1);
    ask(&w, 1,
        "POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\n" HOST
        "Content-Length: 5\r\n\r\n4");
    assert_ends_after(&w, 1, RILL_LIMIT_SEND_MS);
    accept(&w, 1);
    ask(&w, 1, "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    w.closed[1] = false;
    assert_ends_after(&w, 1, RILL_LIMIT_LINGER_MS);
    shut_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_those_of_the_documentation),
        cmocka_unit_test(server_takes_so_many_of_one_address_and_not_one_more),
        cmocka_unit_test(server_counts_a_64_of_ipv6_as_one),
        cmocka_unit_test(server_counts_its_own_host_only_when_told_to),
        cmocka_unit_test(server_begins_so_many_sessions_of_one_address_and_not_one_more),
        cmocka_unit_test(server_has_its_places_back_however_they_are_left),
        cmocka_unit_test(server_takes_a_head_as_large_as_the_limit_and_not_one_byte_more),
        cmocka_unit_test(server_waits_for_each_thing_exactly_so_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
