/* server, what runs it: /healthz, /metrics, draining, the access log, and pages of other hosts. */
#include "tests/signaling/server_world.h"

#include "signaling/ws_frame.h"

static const char upgrade[] = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n";

static char *get(struct world *w, uint32_t conn, const char *target, const char *headers)
{
    char text[1024];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST "%s\r\n", target, headers);
    return ask(w, conn, text);
}

static void join(struct world *w, uint32_t conn, const char *user, const char *room)
{
    char text[256];
    accept(w, conn);
    assert_starts(get(w, conn, "/ws", upgrade), "HTTP/1.1 101 ");
    snprintf(text, sizeof text, "[\"auth\",{\"userName\":\"%s\",\"room\":\"%s\"}]", user, room);
    world_say(w, conn, text);
}

/* --- health and draining ---------------------------------------------------------------- */

static void server_is_healthy_until_it_drains(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    const char *reply = get(&w, 1, "/healthz", "");
    assert_starts(reply, "HTTP/1.1 200 ");
    assert_has(reply, "\r\nCache-Control: no-store\r\n");
    assert_has(reply, "\r\n\r\nok\n");
    assert_starts(ask(&w, 1, "HEAD /healthz HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
    rill_sig_server_drain(w.server);
    reply = get(&w, 1, "/healthz", "");
    assert_starts(reply, "HTTP/1.1 503 ");
    assert_has(reply, "\r\n\r\ndraining\n");
    shut_world(&w);
}

static void server_that_drains_lets_nobody_new_in_and_keeps_those_who_are_there(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    join(&w, 1, "ann", "r");
    join(&w, 2, "bob", "r");
    assert_int_equal(rill_sig_server_members(w.server), 2);
    rill_sig_server_drain(w.server);
    accept(&w, 3);
    assert_starts(get(&w, 3, "/ws", upgrade), "HTTP/1.1 503 ");
    assert_starts(get(&w, 3, "/socket.io/?EIO=4&transport=polling", ""), "HTTP/1.1 503 ");
    world_say(&w, 1, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"o\"}]");
    assert_has(output(&w, 2), "newOfferAwaiting");
    rill_sig_server_closed(w.server, w.now, 1);
    rill_sig_server_closed(w.server, w.now, 2);
    assert_int_equal(rill_sig_server_members(w.server), 0);
    shut_world(&w);
}

/* --- metrics ---------------------------------------------------------------------------- */

static bool is_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz_", s[i]) && !(i && s[i] >= '0' && s[i] <= '9'))
            return false;
    return n > 0;
}

/* name="value",… as the format has it; these need no escapes. */
static const char *check_labels(const char *s)
{
    for (;;) {
        size_t n = strcspn(s, "=");
        assert_true(is_name(s, n));
        s += n + 1;
        assert_int_equal(*s++, '"');
        n = strcspn(s, "\"\\\n");
        assert_int_equal(s[n], '"');
        s += n + 1;
        if (*s == '}')
            return s + 1;
        assert_int_equal(*s++, ',');
    }
}

/* The exposition format 0.0.4: HELP, TYPE, then the samples of that family, each named once. */
static void check_format(const char *text)
{
    static char seen[65536];
    char family[64] = "";
    seen[0] = 0;
    for (const char *line = text; *line;) {
        const char *end = strchr(line, '\n');
        assert_non_null(end); /* the last line ends too */
        size_t n = strcspn(line, " {\n");
        if (!strncmp(line, "# HELP ", 7)) {
            n = strcspn(line + 7, " \n");
            assert_true(is_name(line + 7, n));
            snprintf(family, sizeof family, "%.*s", (int)n, line + 7);
        } else if (!strncmp(line, "# TYPE ", 7)) {
            char want[2][96];
            snprintf(want[0], sizeof want[0], "# TYPE %s gauge\n", family);
            snprintf(want[1], sizeof want[1], "# TYPE %s counter\n", family);
            assert_true(!strncmp(line, want[0], strlen(want[0])) ||
                        !strncmp(line, want[1], strlen(want[1])));
        } else {
            char key[256];
            assert_true(is_name(line, n) && strlen(family) == n && !strncmp(line, family, n));
            const char *value = line[n] == '{' ? check_labels(line + n + 1) : line + n;
            assert_int_equal(*value, ' ');
            snprintf(key, sizeof key, "\n%.*s", (int)(value - line + 1), line);
            assert_null(strstr(seen, key));
            strcat(seen, key);
            assert_int_equal(strspn(value + 1, "0123456789"), (size_t)(end - value) - 1);
        }
        line = end + 1;
    }
}

static const char *metrics(struct world *w, uint32_t conn)
{
    const char *reply = get(w, conn, "/metrics", "");
    assert_starts(reply, "HTTP/1.1 200 ");
    assert_has(reply, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
    const char *text = strstr(reply, "\r\n\r\n") + 4;
    check_format(text);
    return text;
}

static void metrics_tell_what_is_there_and_what_has_been(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){
                       .metrics = true, .version = "1.2", .connections = 8, .sessions = 1});
    join(&w, 1, "ann", "r");
    join(&w, 2, "bob", "r");
    join(&w, 3, "eve", "other");
    world_say(&w, 1, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"o\"}]");
    world_say(&w, 1,
              "[\"sendIceCandidateToSignalingServer\",{\"iceCandidate\":{\"candidate\":\"c\"},"
              "\"iceUserName\":\"ann\",\"didIOffer\":true}]");
    world_say(&w, 2, "[\"nonsense\"]");
    accept(&w, 4);
    get(&w, 4, "/socket.io/?EIO=4&transport=polling", "");
    assert_starts(get(&w, 4, "/socket.io/?EIO=4&transport=polling", ""), "HTTP/1.1 503 ");
    get(&w, 4, "/../x", "");
    w.now = 61 * RILL_SECOND;
    const char *text = metrics(&w, 4);
    static const char *const lines[] = {
        "\nrill_build_info{version=\"1.2\"} 1\n",
        "\nrill_uptime_seconds 61\n",
        "\nrill_draining 0\n",
        "\nrill_connections{kind=\"http\"} 1\n",
        "\nrill_connections{kind=\"websocket\"} 3\n",
        "\nrill_sessions{transport=\"polling\"} 1\n",
        "\nrill_rooms 2\n",
        "\nrill_members 3\n",
        "\nrill_members_away 0\n",
        "\nrill_offers 1\n",
        "\nrill_candidates 1\n",
        "\nrill_connections_total 4\n",
        "\nrill_sessions_total 1\n",
        "\nrill_http_responses_total{status=\"101\"} 3\n",
        "\nrill_http_responses_total{status=\"404\"} 1\n",
        "\nrill_http_responses_total{status=\"503\"} 1\n",
        "\nrill_messages_total{direction=\"in\",event=\"auth\"} 3\n",
        "\nrill_messages_total{direction=\"in\",event=\"newOffer\"} 1\n",
        "\nrill_messages_total{direction=\"in\",event=\"unknown\"} 1\n",
        "\nrill_messages_total{direction=\"out\",event=\"newOfferAwaiting\"} 1\n",
        "\nrill_messages_total{direction=\"out\",event=\"error\"} 1\n",
        "\nrill_refusals_total{row=\"SIGNALING_UNKNOWN\"} 1\n",
        "\nrill_refusals_total{row=\"SIGNALING_HTTP_TARGET\"} 1\n",
        "\nrill_limit_hits_total{limit=\"sessions\"} 1\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_has(text, lines[i]);
    rill_sig_server_closed(w.server, w.now, 1);
    rill_sig_server_closed(w.server, w.now, 3);
    rill_sig_server_drain(w.server);
    text = metrics(&w, 4);
    assert_has(text, "\nrill_rooms 1\n");
    assert_has(text, "\nrill_members 1\n");
    assert_has(text, "\nrill_members_away 2\n");
    assert_has(text, "\nrill_offers 1\n");
    assert_has(text, "\nrill_connections{kind=\"websocket\"} 1\n");
    assert_has(text, "\nrill_draining 1\n");
    shut_world(&w);
}

/* Whatever is said, asked and called: no line more than there were. */
static void metrics_have_the_same_lines_whatever_others_do(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.metrics = true});
    accept(&w, 9);
    join(&w, 1, "ann", "r");
    world_say(&w, 1, "[\"nonsense\"]");
    size_t before = strlen(metrics(&w, 9));
    for (uint32_t i = 2; i < 9; i++) {
        char text[64];
        snprintf(text, sizeof text, "name%u", i);
        join(&w, i, text, text);
        snprintf(text, sizeof text, "[\"event%u\"]", i);
        world_say(&w, i, text);
    }
    /* Only digits are more. */
    assert_in_range(strlen(metrics(&w, 9)), before, before + 32);
    shut_world(&w);
}

static void metrics_are_there_only_when_asked_for(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    w.file = NULL;
    accept(&w, 1);
    assert_starts(get(&w, 1, "/metrics", ""), "HTTP/1.1 404 ");
    shut_world(&w);
}

/* --- the access log --------------------------------------------------------------------- */

static void log_has_a_line_for_each_thing_that_is_over(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.access_log = true});
    accept(&w, 1);
    get(&w, 1, "/a?password=secret", "User-Agent: me\r\n");
    get(&w, 1, "http://h:1/b?x", "");
    ask(&w, 1, "POST /c HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(w.access, "request 127.0.0.1:5000 GET /a 200 0 us me\n"
                                  "request 127.0.0.1:5000 GET /b 200 0 us \n"
                                  "request 127.0.0.1:5000 POST /c 405 0 us \n");
    w.access[0] = 0;
    join(&w, 2, "ann", "r");
    assert_string_equal(w.access, "");
    w.now += 3 * RILL_SECOND;
    rill_sig_server_closed(w.server, w.now, 2);
    events(&w);
    assert_string_equal(w.access, "websocket 127.0.0.1:5000 GET /ws 101 3000000 us \n");
    w.access[0] = 0;
    accept(&w, 3);
    ask(&w, 3, "nonsense\n");
    assert_string_equal(w.access, "request 127.0.0.1:5000   400 0 us \n");
    shut_world(&w);
}

static void log_tells_a_session_when_it_ends(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.access_log = true});
    accept(&w, 1);
    get(&w, 1, "/socket.io/?EIO=4&transport=polling&t=secret", "User-Agent: page\r\n");
    w.access[0] = 0;
    while (rill_sig_server_deadline(w.server) != RILL_NEVER) {
        w.now = rill_sig_server_deadline(w.server);
        rill_sig_server_tick(w.server, w.now);
        events(&w);
    }
    assert_has(w.access, "session 127.0.0.1:5000 GET /socket.io/ 200 ");
    assert_has(w.access, " us page\n");
    assert_lacks(w.access, "secret");
    shut_world(&w);
}

/* 64 records are held for the port; it is counted how many more there were. */
static void log_holds_so_many_records_and_counts_the_rest(void **state)
{
    (void)state;
    struct world w;
    struct rill_sig_server_event e;
    size_t told = 0;
    open_world(&w, (struct rill_sig_server_config){.access_log = true, .metrics = true});
    accept(&w, 1);
    for (int i = 0; i < 65; i++) {
        uint8_t out[2048];
        static const char text[] = "GET /healthz HTTP/1.1\r\n" HOST "\r\n";
        rill_sig_server_input(w.server, w.now, 1, rill_view_at(text, sizeof text - 1));
        while (rill_sig_server_output(w.server, w.now, 1, (struct rill_span){out, sizeof out}))
            continue;
    }
    while (rill_sig_server_event(w.server, &e))
        told += e.type == RILL_SIG_SERVER_ACCESS;
    assert_int_equal(told, 64);
    assert_has(metrics(&w, 1), "\nrill_access_log_lost_total 1\n");
    shut_world(&w);
}

static void log_cuts_what_is_long(void **state)
{
    (void)state;
    struct world w;
    char target[300] = "/", headers[400] = "User-Agent: ";
    open_world(&w, (struct rill_sig_server_config){.access_log = true});
    accept(&w, 1);
    memset(target + 1, 'p', sizeof target - 2);
    memset(headers + 12, 'a', 300);
    memcpy(headers + 312, "\r\n", 3);
    get(&w, 1, target, headers);
    assert_int_equal(strlen(w.access), strlen("request 127.0.0.1:5000 GET  200 0 us \n") + 2 * 96);
    shut_world(&w);
}

/* --- pages of other hosts --------------------------------------------------------------- */

static const char *const origins[] = {"https://a.example", "http://b.example:8080"};

static const struct rill_sig_server_config listed = {.origins = origins, .n_origins = 2};

static const char *status_of(struct rill_sig_server_config c, const char *target,
                             const char *origin)
{
    static char reply[4 * WIRE];
    char headers[512];
    struct world w;
    snprintf(headers, sizeof headers, "%s%s", strchr(target, '?') ? "" : upgrade, origin);
    open_world(&w, c);
    accept(&w, 1);
    strcpy(reply, get(&w, 1, target, headers));
    shut_world(&w);
    return reply;
}

static void origin_is_ours_or_one_of_the_list_to_the_letter(void **state)
{
    (void)state;
    static const struct {
        const char *origin;
        bool listed, own; /* let in with the list, without */
    } rows[] = {
        {"", true, true},
        {"Origin: http://h:1\r\n", true, true},
        {"Origin: https://a.example\r\n", true, false},
        {"Origin: http://b.example:8080\r\n", true, false},
        {"Origin: http://a.example\r\n", false, false},
        {"Origin: https://a.example:443\r\n", false, false},
        {"Origin: https://a.example:8443\r\n", false, false},
        {"Origin: https://a.example.evil.example\r\n", false, false},
        {"Origin: https://evil.example/https://a.example\r\n", false, false},
        {"Origin: https://A.example\r\n", false, false},
        {"Origin: https://a.exampl\r\n", false, false},
        {"Origin: http://b.example\r\n", false, false},
        {"Origin: null\r\n", false, false},
        {"Origin: \r\n", false, false},
        {"Origin: https://a.example\r\nOrigin: https://a.example\r\n", false, false},
        {"Origin: http://h:1, https://evil.example\r\n", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *o = rows[i].origin, *poll = "/socket.io/?EIO=4&transport=polling";
        struct rill_sig_server_config own = {0}, any = {.any_origin = true};
        assert_starts(status_of(listed, "/ws", o),
                      rows[i].listed ? "HTTP/1.1 101" : "HTTP/1.1 403");
        assert_starts(status_of(own, "/ws", o), rows[i].own ? "HTTP/1.1 101" : "HTTP/1.1 403");
        assert_starts(status_of(any, "/ws", o), "HTTP/1.1 101");
        assert_starts(status_of(listed, poll, o), rows[i].listed ? "HTTP/1.1 200" : "HTTP/1.1 403");
        assert_starts(status_of(own, poll, o), rows[i].own ? "HTTP/1.1 200" : "HTTP/1.1 403");
        assert_starts(status_of(any, poll, o), "HTTP/1.1 200");
    }
}

static void origin_that_is_let_in_may_read_the_answer(void **state)
{
    (void)state;
    const char *poll = "/socket.io/?EIO=4&transport=polling";
    const char *reply = status_of(listed, poll, "Origin: https://a.example\r\n");
    assert_has(reply, "\r\nAccess-Control-Allow-Origin: https://a.example\r\nVary: Origin\r\n");
    reply = status_of(listed, poll, "");
    assert_lacks(reply, "Access-Control");
    reply = status_of(listed, poll, "Origin: https://c.example\r\n");
    assert_lacks(reply, "Access-Control");
    reply = status_of((struct rill_sig_server_config){.any_origin = true}, poll, "");
    assert_has(reply, "\r\nAccess-Control-Allow-Origin: *\r\n");
}

static const char *preflight(struct rill_sig_server_config c, const char *headers)
{
    static char reply[4 * WIRE];
    char text[1024];
    struct world w;
    snprintf(text, sizeof text,
             "OPTIONS /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n" HOST
             "Access-Control-Request-Method: POST\r\n%s\r\n",
             headers);
    open_world(&w, c);
    accept(&w, 1);
    strcpy(reply, ask(&w, 1, text));
    assert_false(w.closed[1]);
    shut_world(&w);
    return reply;
}

static void origin_that_is_let_in_may_ask_first(void **state)
{
    (void)state;
    const char *reply = preflight(listed, "Origin: https://a.example\r\n"
                                          "Access-Control-Request-Headers: x-one, X-Two\r\n");
    assert_starts(reply, "HTTP/1.1 204 ");
    assert_has(reply, "\r\nAccess-Control-Allow-Origin: https://a.example\r\n");
    assert_has(reply, "\r\nAccess-Control-Allow-Methods: GET, POST\r\n");
    assert_has(reply, "\r\nAccess-Control-Allow-Headers: x-one, X-Two\r\n");
    assert_lacks(reply, "Content-Length");
    /* What is no list of names is not said back. */
    reply = preflight(listed, "Origin: https://a.example\r\n"
                              "Access-Control-Request-Headers: a\tb: c\r\n");
    assert_starts(reply, "HTTP/1.1 204 ");
    assert_lacks(reply, "Allow-Headers");
    assert_starts(preflight(listed, "Origin: https://c.example\r\n"), "HTTP/1.1 403 ");
    assert_lacks(preflight(listed, "Origin: https://c.example\r\n"), "Access-Control");
    assert_starts(preflight(listed, ""), "HTTP/1.1 400 ");
    assert_starts(preflight((struct rill_sig_server_config){.any_origin = true}, ""),
                  "HTTP/1.1 204 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_is_healthy_until_it_drains),
        cmocka_unit_test(server_that_drains_lets_nobody_new_in_and_keeps_those_who_are_there),
        cmocka_unit_test(metrics_tell_what_is_there_and_what_has_been),
        cmocka_unit_test(metrics_have_the_same_lines_whatever_others_do),
        cmocka_unit_test(metrics_are_there_only_when_asked_for),
        cmocka_unit_test(log_has_a_line_for_each_thing_that_is_over),
        cmocka_unit_test(log_tells_a_session_when_it_ends),
        cmocka_unit_test(log_holds_so_many_records_and_counts_the_rest),
        cmocka_unit_test(log_cuts_what_is_long),
        cmocka_unit_test(origin_is_ours_or_one_of_the_list_to_the_letter),
        cmocka_unit_test(origin_that_is_let_in_may_read_the_answer),
        cmocka_unit_test(origin_that_is_let_in_may_ask_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
