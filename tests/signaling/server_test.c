/* server and client: the two machines against each other in memory, in any cut, and the
 * server alone against those who do not keep the rules. */
#include "tests/signaling/server_world.h"

#include "signaling/ws.h"
#include "signaling/ws_frame.h"

#include <stdio.h>

#ifndef RILL_ROW
#define RILL_ROW(row) RILL_##row
#endif

/* --- pages ----------------------------------------------------------------------------- */

static void server_gives_a_file_with_what_a_page_must_obey(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    const char *reply = ask(&w, 1, "GET /?name=x HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(w.path, "/index.html");
    assert_starts(reply, "HTTP/1.1 200 OK\r\n");
    assert_has(reply, "\r\nContent-Type: text/html\r\n");
    assert_has(reply, "\r\nContent-Length: 12\r\n");
    assert_has(reply, "\r\nX-Content-Type-Options: nosniff\r\n");
    assert_has(reply, "\r\nContent-Security-Policy: default-src 'self';");
    assert_has(reply, "frame-ancestors 'none'");
    assert_has(reply, "\r\n\r\n<p>hello</p>");
    assert_false(w.closed[1]);
    shut_world(&w);
}

static void server_answers_one_request_after_another(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    char *reply = ask(&w, 1,
                      "GET /a HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\n" HOST "\r\n"
                      "HEAD /c HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    assert_string_equal(w.path, "/c");
    char *second = strstr(reply, "</p>HTTP/1.1 200");
    assert_non_null(second);
    assert_non_null(strstr(second + 4, "</p>HTTP/1.1 200"));
    assert_string_equal(reply + strlen(reply) - 4, "\r\n\r\n");
    assert_true(w.closed[1]);
    shut_world(&w);
}

static void server_reads_a_request_in_any_cut(void **state)
{
    (void)state;
    struct world w;
    static const char text[] = "GET /x HTTP/1.1\r\n" HOST "\r\n";
    open_world(&w, (struct rill_sig_server_config){0});
    for (size_t cut = 0; cut < sizeof text; cut++) {
        accept(&w, 1);
        input(&w, 1, text, cut);
        input(&w, 1, text + cut, sizeof text - 1 - cut);
        assert_starts(output(&w, 1), "HTTP/1.1 200");
        rill_sig_server_closed(w.server, w.now, 1);
    }
    shut_world(&w);
}

static void server_refuses_each_request_with_the_right_status(void **state)
{
    (void)state;
    static const struct {
        const char *request, *status;
        bool closes;
    } rows[] = {
        {"GET /.. HTTP/1.1\r\n" HOST "\r\n", "404", false},
        {"GET /%2e%2e/etc/passwd HTTP/1.1\r\n" HOST "\r\n", "404", false},
        {"GET /x\n", "400", true},
        {"GET / HTTP/1.1\r\n\r\n", "400", true},
        {"GET / HTTP/3.0\r\n" HOST "\r\n", "505", true},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\na", "405", true},
        {"GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\na", "413", true},
        {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "501", true},
        {"GET /ws HTTP/1.1\r\n" HOST "\r\n", "426", false},
        {"GET /ws HTTP/1.1\r\n" HOST "Upgrade: websocket\r\n\r\n", "400", false},
        {"GET /ws HTTP/1.1\r\n" HOST "Upgrade: websocket\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 7\r\n\r\n",
         "426", false},
        {"GET /ws HTTP/1.1\r\n" HOST "Upgrade: websocket\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
         "Origin: http://evil\r\n\r\n",
         "403", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world w;
        char first[32];
        open_world(&w, (struct rill_sig_server_config){0});
        accept(&w, 1);
        const char *reply = ask(&w, 1, rows[i].request);
        snprintf(first, sizeof first, "HTTP/1.1 %s ", rows[i].status);
        assert_starts(reply, first);
        assert_has(reply, "\r\nX-Content-Type-Options: nosniff\r\n");
        const char *length = strstr(reply, "Content-Length: ");
        assert_int_equal(strtoul(length + 16, NULL, 10), strlen(strstr(reply, "\r\n\r\n") + 4));
        assert_int_equal(w.closed[1], rows[i].closes);
        shut_world(&w);
    }
}

static void server_says_404_when_there_is_no_file_and_stays(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    w.file = NULL;
    accept(&w, 1);
    assert_starts(ask(&w, 1, "GET /x HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 404 ");
    w.file = "x";
    assert_starts(ask(&w, 1, "GET /x HTTP/1.1\r\n" HOST "\r\n"), "HTTP/1.1 200 ");
    shut_world(&w);
}

static void server_gives_the_part_of_a_file_that_is_asked_for(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    const char *reply = ask(&w, 1, "GET /x HTTP/1.1\r\n" HOST "Range: bytes=3-5\r\n\r\n");
    assert_starts(reply, "HTTP/1.1 206 Partial Content\r\n");
    assert_has(reply, "\r\nContent-Range: bytes 3-5/12\r\n");
    assert_has(reply, "\r\n\r\nhel");
    reply = ask(&w, 1, "GET /x HTTP/1.1\r\n" HOST "Range: bytes=12-\r\n\r\n");
    assert_starts(reply, "HTTP/1.1 416 Range Not Satisfiable\r\n");
    assert_has(reply, "\r\nContent-Range: bytes */12\r\n");
    /* RFC 9110 §14.2: of GET alone. */
    reply = ask(&w, 1, "HEAD /x HTTP/1.1\r\n" HOST "Range: bytes=3-5\r\n\r\n");
    assert_starts(reply, "HTTP/1.1 200 OK\r\n");
    shut_world(&w);
}

static void server_refuses_a_head_without_end(void **state)
{
    (void)state;
    struct world w;
    static char much[9000];
    memset(much, 'a', sizeof much);
    memcpy(much, "GET /", 5);
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    input(&w, 1, much, sizeof much);
    assert_starts(output(&w, 1), "HTTP/1.1 431 ");
    assert_true(w.closed[1]);
    shut_world(&w);
}

static void server_drops_who_pipelines_more_than_fits(void **state)
{
    (void)state;
    struct world w;
    static char much[20000];
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    const char *one = "GET /x HTTP/1.1\r\n" HOST "\r\n";
    for (size_t at = 0; at + strlen(one) < sizeof much; at += strlen(one))
        memcpy(much + at, one, strlen(one));
    input(&w, 1, much, sizeof much);
    assert_true(w.closed[1]);
    assert_true(w.at_once[1]);
    shut_world(&w);
}

static void server_closes_who_asks_nothing_in_time(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.idle = 3 * RILL_SECOND});
    accept(&w, 1);
    input(&w, 1, "GET / HT", 8);
    assert_int_equal(rill_sig_server_deadline(w.server), w.now + 3 * RILL_SECOND);
    w.now += 3 * RILL_SECOND;
    rill_sig_server_tick(w.server, w.now);
    events(&w);
    assert_true(w.at_once[1]);
    shut_world(&w);
}

static void server_takes_exactly_its_connections_and_not_one_more(void **state)
{
    (void)state;
    struct world w;
    struct rill_addr from = {0};
    open_world(&w, (struct rill_sig_server_config){.connections = 2});
    accept(&w, 1);
    accept(&w, 2);
    assert_row(rill_sig_server_accept(w.server, w.now, 3, &from), SIGNALING_FULL);
    rill_sig_server_closed(w.server, w.now, 1);
    accept(&w, 3);
    shut_world(&w);
}

static void server_tells_a_connection_with_output_once(void **state)
{
    (void)state;
    struct world w;
    uint32_t conn;
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 7);
    static const char request[] = "GET / HTTP/1.1\r\n" HOST "\r\n";
    input(&w, 7, request, sizeof request - 1);
    assert_true(rill_sig_server_next_output(w.server, &conn));
    assert_int_equal(conn, 7);
    assert_false(rill_sig_server_next_output(w.server, &conn));
    shut_world(&w);
}

/* --- WebSockets by hand ---------------------------------------------------------------- */

static const char handshake[] =
    "GET /ws HTTP/1.1\r\n" HOST "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

static void open_socket(struct world *w, uint32_t conn)
{
    accept(w, conn);
    assert_has(ask(w, conn, handshake), "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void join_by_hand(struct world *w, uint32_t conn, const char *user)
{
    char text[128];
    open_socket(w, conn);
    snprintf(text, sizeof text, "[\"auth\",{\"userName\":\"%s\"}]", user);
    assert_string_equal(world_say(w, conn, text), "");
}

static void server_takes_what_comes_right_behind_the_handshake(void **state)
{
    (void)state;
    struct world w;
    char text[512];
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    size_t n = (size_t)snprintf(text, sizeof text, "%s\x89\x81", handshake);
    memcpy(text + n, "\0\0\0\0p", 5);
    input(&w, 1, text, n + 5);
    const char *reply = output(&w, 1);
    assert_starts(reply, "HTTP/1.1 101 ");
    assert_string_equal(reply + strlen(reply) - 3, "\x8a\x01p");
    shut_world(&w);
}

static void server_wants_auth_first(void **state)
{
    (void)state;
    static const struct {
        const char *text, *row;
    } rows[] = {
        {"[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"\"}]", "SIGNALING_NO_AUTH"},
        {"[\"unheard\"]", "SIGNALING_NO_AUTH"},
        {"nonsense", "SIGNALING_JSON"},
        {"[\"auth\",{\"userName\":\"\",\"password\":\"p\"}]", "SIGNALING_NAME"},
        {"[\"auth\",{\"userName\":\"a\",\"password\":\"wrong\"}]", "SIGNALING_PASSWORD"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world w;
        open_world(&w, (struct rill_sig_server_config){.rooms.password = rill_view_of("p")});
        open_socket(&w, 1);
        const char *reply = world_say(&w, 1, rows[i].text);
        assert_has(reply, rows[i].row);
        assert_has(reply, "{\"stays\":false}]");
        /* A close frame with 1008 and the row's name is the last thing said. */
        assert_has(reply, "\x03\xf0SIGNALING_");
        static const uint8_t goodbye[] = {0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf0};
        input(&w, 1, goodbye, sizeof goodbye);
        assert_true(w.closed[1]);
        assert_false(w.at_once[1]);
        shut_world(&w);
    }
}

static void server_forgives_after_auth(void **state)
{
    (void)state;
    static const struct {
        const char *text, *row;
    } rows[] = {
        {"nonsense", "SIGNALING_JSON"},
        {"[\"hangup\",1]", "SIGNALING_UNKNOWN"},
        {"[\"newOffer\"]", "SIGNALING_SHAPE"},
        {"[\"auth\",{\"userName\":\"ann\"}]", "SIGNALING_AUTH_TWICE"},
        {"[\"newAnswer\",{\"offererUserName\":\"eve\",\"answer\":{\"type\":\"answer\",\"sdp\":\"\"}"
         "}"
         "]",
         "SIGNALING_NO_OFFER"},
    };
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "ann");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *reply = world_say(&w, 1, rows[i].text);
        assert_has(reply, rows[i].row);
        assert_has(reply, "{\"stays\":true}]");
    }
    assert_false(w.closed[1]);
    assert_string_equal(world_say(&w, 1, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"\"}]"), "");
    shut_world(&w);
}

static void server_closes_who_does_not_say_auth_in_time(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.auth_timeout = 2 * RILL_SECOND});
    open_socket(&w, 1);
    assert_int_equal(rill_sig_server_deadline(w.server), w.now + 2 * RILL_SECOND);
    w.now += 2 * RILL_SECOND;
    rill_sig_server_tick(w.server, w.now);
    assert_has(output(&w, 1), "SIGNALING_TIMEOUT");
    shut_world(&w);
}

static void server_takes_texts_only(void **state)
{
    (void)state;
    struct world w;
    static const uint8_t binary[] = {0x82, 0x81, 0, 0, 0, 0, 1};
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "ann");
    input(&w, 1, binary, sizeof binary);
    assert_has(output(&w, 1), "\x03\xeb"); /* 1003 */
    assert_string_equal(w.log, "ann join\nann leave\n");
    shut_world(&w);
}

static void server_closes_on_a_broken_frame_and_withdraws_the_offer(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "ann");
    world_say(&w, 1, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"o\"}]");
    input(&w, 1, "\x81\x01x", 3);
    assert_has(output(&w, 1), "\x88\x02\x03\xea"); /* 1002 */
    assert_true(w.closed[1]);
    join_by_hand(&w, 2, "bob");
    assert_string_equal(w.log, "ann join\nann newOffer\nann leave\nbob join\n");
    shut_world(&w);
}

static void server_lets_the_newest_with_a_name_take_the_place(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "ann");
    join_by_hand(&w, 2, "ann");
    const char *last = output(&w, 1);
    assert_has(last, "[\"error\",\"SIGNALING_REPLACED\",");
    assert_has(last, "{\"stays\":false}]");
    assert_string_equal(world_say(&w, 1, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"o\"}]"), "");
    assert_string_equal(output(&w, 2), "");
    shut_world(&w);
}

/* --- one against all -------------------------------------------------------------------- */

static void server_slows_down_who_says_too_much(void **state)
{
    (void)state;
    struct world w;
    int refused = 0;
    const char *rate = rill_err_find(&rill_signaling_errors, RILL_ROW(SIGNALING_RATE))->name;
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "ann");
    for (int i = 0; i < 250; i++)
        refused += strstr(world_say(&w, 1, "[\"x\"]"), rate) != NULL;
    assert_int_equal(refused, 250 - 199); /* auth was the first of 200 */
    w.now += RILL_SECOND;
    for (int i = 0; i < 50; i++)
        assert_has(world_say(&w, 1, "[\"x\"]"), "SIGNALING_UNKNOWN");
    assert_has(world_say(&w, 1, "[\"x\"]"), rate);
    shut_world(&w);
}

/* An offer's text is written once for all who hear it, and never heard for another offer. */
static void server_tells_each_offer_as_it_is(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "a");
    join_by_hand(&w, 2, "ab");
    join_by_hand(&w, 3, "cid");
    join_by_hand(&w, 4, "dan");
    static const struct {
        uint32_t conn;
        const char *sdp, *heard;
    } offers[] = {
        {1, "bc", "{\"offererUserName\":\"a\",\"offer\":{\"type\":\"offer\",\"sdp\":\"bc\"}"},
        {2, "c", "{\"offererUserName\":\"ab\",\"offer\":{\"type\":\"offer\",\"sdp\":\"c\"}"},
        {1, "bd", "{\"offererUserName\":\"a\",\"offer\":{\"type\":\"offer\",\"sdp\":\"bd\"}"},
    };
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"%s\"}]",
                 offers[i].sdp);
        world_say(&w, offers[i].conn, text);
        assert_has(output(&w, 3), offers[i].heard);
        assert_has(output(&w, 4), offers[i].heard);
        w.now += RILL_SECOND;
    }
    /* With a candidate that was there before it. */
    world_say(&w, 3,
              "[\"sendIceCandidateToSignalingServer\",{\"iceCandidate\":{\"candidate\":\"early\"},"
              "\"iceUserName\":\"cid\",\"didIOffer\":true}]");
    world_say(&w, 3, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"x\"}]");
    assert_has(output(&w, 4), "\"candidate\":\"early\"");
    shut_world(&w);
}

static void server_lets_nobody_offer_without_end(void **state)
{
    (void)state;
    struct world w;
    int heard = 0;
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "ann");
    join_by_hand(&w, 2, "bob");
    for (int i = 0; i < 20; i++) {
        world_say(&w, 1, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"o\"}]");
        heard += output(&w, 2)[0] != 0;
    }
    assert_int_equal(heard, 7);
    shut_world(&w);
}

static void server_drops_who_does_not_read_and_serves_the_rest(void **state)
{
    (void)state;
    struct world w;
    static char text[9000];
    struct rill_sig_server_config c = {.message = 10000};
    memset(text, 'x', sizeof text);
    memcpy(text, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"", 35);
    memcpy(text + 8000, "\"}]", 4);
    open_world(&w, c);
    join_by_hand(&w, 1, "ann");
    join_by_hand(&w, 2, "bob");
    join_by_hand(&w, 3, "cid");
    for (int i = 0; i < 8 && !w.closed[2]; i++) {
        world_say(&w, 1, text);
        assert_has(output(&w, 3), "newOfferAwaiting");
        w.now += RILL_SECOND;
    }
    assert_true(w.closed[2]);
    assert_true(w.at_once[2]);
    assert_int_equal(
        rill_sig_server_output(w.server, w.now, 2, (struct rill_span){(uint8_t *)text, 9}), 0);
    assert_false(w.closed[1] || w.closed[3]);
    shut_world(&w);
}

static void server_keeps_the_place_of_a_connection_that_broke(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.grace = RILL_SECOND});
    join_by_hand(&w, 1, "ann");
    join_by_hand(&w, 2, "bob");
    world_say(&w, 1, "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"o\"}]");
    output(&w, 2);
    rill_sig_server_closed(w.server, w.now, 1);
    events(&w);
    assert_has(world_say(&w, 2,
                         "[\"newAnswer\",{\"offererUserName\":\"ann\",\"answer\":"
                         "{\"type\":\"answer\",\"sdp\":\"a\"}},{\"ack\":3}]"),
               "[\"ack\",3,[]]");
    w.now += RILL_SECOND - 1;
    rill_sig_server_tick(w.server, w.now);
    open_socket(&w, 1);
    assert_has(world_say(&w, 1, "[\"auth\",{\"userName\":\"ann\"}]"), "[\"answerResponse\",");
    assert_has(w.log, "ann away\nbob newAnswer ann\nann back\n");
    w.now += 2 * RILL_SECOND;
    rill_sig_server_tick(w.server, w.now);
    events(&w);
    assert_lacks(w.log, "leave");
    shut_world(&w);
}

static void server_keeps_no_place_when_it_shall_not(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.grace = -1});
    join_by_hand(&w, 1, "ann");
    rill_sig_server_closed(w.server, w.now, 1);
    events(&w);
    assert_string_equal(w.log, "ann join\nann leave\n");
    shut_world(&w);
}

static void server_gives_up_on_a_socket_that_has_gone_silent(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "ann");
    w.now = rill_sig_server_deadline(w.server);
    rill_sig_server_tick(w.server, w.now);
    assert_string_equal(output(&w, 1), "\x89.");
    w.now = rill_sig_server_deadline(w.server);
    rill_sig_server_tick(w.server, w.now);
    events(&w);
    assert_true(w.at_once[1]);
    assert_string_equal(w.log, "ann join\nann away\n");
    rill_sig_server_closed(w.server, w.now, 1);
    assert_int_equal(rill_sig_server_deadline(w.server), w.now + RILL_LIMIT_GRACE_MS * RILL_MS);
    w.now = rill_sig_server_deadline(w.server);
    rill_sig_server_tick(w.server, w.now);
    events(&w);
    assert_string_equal(w.log, "ann join\nann away\nann leave\n");
    assert_int_equal(rill_sig_server_deadline(w.server), RILL_NEVER);
    shut_world(&w);
}

static void server_says_goodbye_and_takes_nobody_more(void **state)
{
    (void)state;
    struct world w;
    struct rill_addr from = {0};
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "ann");
    accept(&w, 2);
    rill_sig_server_close(w.server, w.now);
    events(&w);
    assert_has(output(&w, 1), "\x03\xe9"); /* 1001 */
    assert_true(w.closed[1] && w.closed[2]);
    assert_row(rill_sig_server_accept(w.server, w.now, 3, &from), SIGNALING_FULL);
    shut_world(&w);
}

static void server_closes_at_once_who_lingers_after_the_end(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    join_by_hand(&w, 1, "ann");
    rill_sig_server_close(w.server, w.now);
    events(&w);
    assert_false(w.at_once[1]);
    w.now = rill_sig_server_deadline(w.server);
    rill_sig_server_tick(w.server, w.now);
    events(&w);
    assert_true(w.at_once[1]);
    shut_world(&w);
}

static void server_does_not_mind_calls_about_connections_it_does_not_know(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    input(&w, 9, "x", 1);
    rill_sig_server_closed(w.server, w.now, 9);
    rill_sig_server_file(w.server, w.now, 9,
                         &(struct rill_sig_file){rill_view_of("x"), .content_type = "text/html"});
    assert_string_equal(output(&w, 9), "");
    shut_world(&w);
}

/* --- whole calls ----------------------------------------------------------------------- */

static void call_in_pieces(uint32_t most, enum rill_sig_framing ann, enum rill_sig_framing bob)
{
    struct world w;
    struct person people[2];
    static const char sdp[] = "v=0\r\no=\"quoted\" \\ \xc3\xa4\r\n";
    open_world(&w, (struct rill_sig_server_config){0});
    meet_over(ann, &w, &people[0], 1, "ann", "");
    meet_over(bob, &w, &people[1], 2, "bob", "");
    settle(&w, people, 1, most);
    assert_true(people[0].open);
    struct rill_sig_candidate c = {
        .candidate = rill_view_of("ann's 1"), .mid = rill_view_of("0"), .mline = 0};
    assert_int_equal(rill_sig_client_offer(people[0].client, rill_view_at(sdp, sizeof sdp - 1)), 0);
    assert_int_equal(rill_sig_client_candidate(people[0].client, &c, true), 0);
    settle(&w, people, 1, most);
    settle(&w, people, 2, most);
    c.candidate = rill_view_of("ann's 2");
    assert_int_equal(rill_sig_client_candidate(people[0].client, &c, true), 0);
    settle(&w, people, 2, most);
    assert_string_equal(people[0].heard, "answerResponse answer\r\n\n"
                                         "receivedIceCandidateFromServer bob's\n");
    assert_string_equal(people[1].heard, "availableOffers\nack 1\n"
                                         "receivedIceCandidateFromServer ann's 2\n");
    assert_has(w.log, "bob newAnswer ann\n");
    rill_sig_client_close(people[0].client, w.now);
    settle(&w, people, 2, most);
    assert_true(people[0].closed);
    assert_int_equal(people[0].error, 0);
    assert_true(w.closed[1]);
    assert_false(people[1].closed);
    part(&people[0]);
    part(&people[1]);
    shut_world(&w);
}

static void call_goes_through_over_either_framing_however_the_streams_are_cut(void **state)
{
    (void)state;
    static const uint32_t most[] = {1, 2, 3, 7, 50, 500};
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++)
        for (int again = 0; again < 8; again++)
            call_in_pieces(most[i], again & 1 ? RILL_SIG_OVER_SOCKETIO : RILL_SIG_OVER_WEBSOCKET,
                           again & 2 ? RILL_SIG_OVER_SOCKETIO : RILL_SIG_OVER_WEBSOCKET);
}

static void client_is_told_of_a_wrong_password_and_closed(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    open_world(&w, (struct rill_sig_server_config){.rooms.password = rill_view_of("sesame")});
    meet(&w, &p, 1, "ann", "guess");
    settle(&w, &p, 1, 100);
    assert_string_equal(p.heard, "error SIGNALING_PASSWORD\n");
    assert_true(p.closed);
    assert_true(w.closed[1]);
    assert_string_equal(w.log, "");
    part(&p);
    shut_world(&w);
}

static void client_hears_many_messages_that_come_at_once(void **state)
{
    (void)state;
    struct world w;
    struct person people[3];
    open_world(&w, (struct rill_sig_server_config){0});
    meet(&w, &people[0], 1, "ann", "");
    meet(&w, &people[1], 2, "bob", "");
    meet(&w, &people[2], 3, "cid", "");
    for (size_t i = 0; i < 3; i++)
        settle(&w, &people[i], 1, 500);
    for (int i = 0; i < 3; i++) {
        rill_sig_client_offer(people[0].client, rill_view_of("o"));
        settle(&w, &people[0], 1, 500);
    }
    /* All three in one piece; each is pulled for itself. */
    uint8_t all[4096];
    size_t n = rill_sig_server_output(w.server, w.now, 3, (struct rill_span){all, sizeof all});
    assert_int_equal(rill_sig_client_input(people[2].client, w.now, rill_view_at(all, n), NULL), 0);
    pull(&people[2], false);
    assert_string_equal(people[2].heard, "newOfferAwaiting\nnewOfferAwaiting\nnewOfferAwaiting\n");
    for (size_t i = 0; i < 3; i++)
        part(&people[i]);
    shut_world(&w);
}

/* A client alone, with a server played by the test. */
static void lone_client(struct world *w, struct person *p)
{
    open_world(w, (struct rill_sig_server_config){0});
    meet(w, p, 1, "ann", "");
}

static void client_refuses_an_answer_that_is_no_websocket(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    lone_client(&w, &p);
    struct rill_view no = rill_view_of("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    assert_row(rill_sig_client_input(p.client, w.now, no, NULL), SIGNALING_WS_HANDSHAKE);
    pull(&p, false);
    assert_true(p.closed);
    assert_row(p.error, SIGNALING_WS_HANDSHAKE);
    part(&p);
    shut_world(&w);
}

static void client_does_not_wait_for_ever_for_the_handshake(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    lone_client(&w, &p);
    rill_sig_client_tick(p.client, rill_sig_client_deadline(p.client));
    pull(&p, false);
    assert_row(p.error, SIGNALING_TIMEOUT);
    part(&p);
    shut_world(&w);
}

static void client_tells_when_the_server_goes(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    lone_client(&w, &p);
    settle(&w, &p, 1, 500);
    rill_sig_client_stream_closed(p.client, w.now);
    pull(&p, false);
    assert_true(p.closed);
    assert_row(p.error, SIGNALING_SERVER_GONE);
    part(&p);
    shut_world(&w);
}

static void client_says_nothing_before_it_is_open(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    lone_client(&w, &p);
    assert_row(rill_sig_client_offer(p.client, rill_view_of("o")), SIGNALING_WS_CLOSED);
    part(&p);
    shut_world(&w);
}

static void client_sends_no_message_larger_than_allowed(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    static uint8_t sdp[RILL_SIGNALING_MESSAGE_MAX];
    memset(sdp, 'x', sizeof sdp);
    lone_client(&w, &p);
    settle(&w, &p, 1, 500);
    assert_row(rill_sig_client_offer(p.client, rill_view_at(sdp, sizeof sdp)), SIGNALING_TOO_LARGE);
    part(&p);
    shut_world(&w);
}

static void client_leaves_a_server_that_nobody_can_read(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    lone_client(&w, &p);
    settle(&w, &p, 1, 500);
    rill_sig_client_input(p.client, w.now, rill_view_of("\x81\x01?"), NULL);
    pull(&p, false);
    assert_row(p.error, SIGNALING_JSON);
    part(&p);
    shut_world(&w);
}

static void client_fails_on_a_masked_frame_of_a_server(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    lone_client(&w, &p);
    settle(&w, &p, 1, 500);
    assert_row(rill_sig_client_input(p.client, w.now, rill_view_of("\x81\x81"), NULL),
               SIGNALING_WS_MASK);
    pull(&p, false);
    assert_row(p.error, SIGNALING_WS_MASK);
    part(&p);
    shut_world(&w);
}

static void client_holds_no_more_than_two_messages_unpulled(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    static uint8_t much[2 * RILL_SIGNALING_MESSAGE_MAX + 1];
    lone_client(&w, &p);
    assert_row(rill_sig_client_input(p.client, w.now, rill_view_at(much, sizeof much), NULL),
               SIGNALING_TOO_LARGE);
    pull(&p, false);
    assert_row(p.error, SIGNALING_TOO_LARGE);
    part(&p);
    shut_world(&w);
}

/* Not the pieces but the people: what a stranger sends, at random, breaks nobody's call. */
static void server_survives_noise_beside_a_call(void **state)
{
    (void)state;
    struct world w;
    struct person people[2];
    open_world(&w, (struct rill_sig_server_config){0});
    meet(&w, &people[0], 1, "ann", "");
    meet(&w, &people[1], 2, "bob", "");
    settle(&w, people, 2, 500);
    for (int i = 0; i < 200; i++) {
        uint8_t noise[256];
        if (i % 2)
            accept(&w, 3);
        else
            open_socket(&w, 3);
        rill_rng_fill(&w.random, noise, sizeof noise);
        input(&w, 3, noise, 1 + rill_rng_below(&w.random, sizeof noise));
        output(&w, 3);
        rill_sig_server_closed(w.server, w.now, 3);
    }
    rill_sig_client_offer(people[0].client, rill_view_of("o"));
    settle(&w, people, 2, 500);
    assert_has(people[0].heard, "answerResponse answer");
    assert_lacks(people[0].heard, "error");
    part(&people[0]);
    part(&people[1]);
    shut_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_gives_a_file_with_what_a_page_must_obey),
        cmocka_unit_test(server_answers_one_request_after_another),
        cmocka_unit_test(server_reads_a_request_in_any_cut),
        cmocka_unit_test(server_refuses_each_request_with_the_right_status),
        cmocka_unit_test(server_says_404_when_there_is_no_file_and_stays),
        cmocka_unit_test(server_gives_the_part_of_a_file_that_is_asked_for),
        cmocka_unit_test(server_refuses_a_head_without_end),
        cmocka_unit_test(server_drops_who_pipelines_more_than_fits),
        cmocka_unit_test(server_closes_who_asks_nothing_in_time),
        cmocka_unit_test(server_takes_exactly_its_connections_and_not_one_more),
        cmocka_unit_test(server_tells_a_connection_with_output_once),
        cmocka_unit_test(server_takes_what_comes_right_behind_the_handshake),
        cmocka_unit_test(server_wants_auth_first),
        cmocka_unit_test(server_forgives_after_auth),
        cmocka_unit_test(server_closes_who_does_not_say_auth_in_time),
        cmocka_unit_test(server_takes_texts_only),
        cmocka_unit_test(server_closes_on_a_broken_frame_and_withdraws_the_offer),
        cmocka_unit_test(server_lets_the_newest_with_a_name_take_the_place),
        cmocka_unit_test(server_slows_down_who_says_too_much),
        cmocka_unit_test(server_tells_each_offer_as_it_is),
        cmocka_unit_test(server_lets_nobody_offer_without_end),
        cmocka_unit_test(server_drops_who_does_not_read_and_serves_the_rest),
        cmocka_unit_test(server_keeps_the_place_of_a_connection_that_broke),
        cmocka_unit_test(server_keeps_no_place_when_it_shall_not),
        cmocka_unit_test(server_gives_up_on_a_socket_that_has_gone_silent),
        cmocka_unit_test(server_says_goodbye_and_takes_nobody_more),
        cmocka_unit_test(server_closes_at_once_who_lingers_after_the_end),
        cmocka_unit_test(server_does_not_mind_calls_about_connections_it_does_not_know),
        cmocka_unit_test(call_goes_through_over_either_framing_however_the_streams_are_cut),
        cmocka_unit_test(client_is_told_of_a_wrong_password_and_closed),
        cmocka_unit_test(client_hears_many_messages_that_come_at_once),
        cmocka_unit_test(client_refuses_an_answer_that_is_no_websocket),
        cmocka_unit_test(client_does_not_wait_for_ever_for_the_handshake),
        cmocka_unit_test(client_tells_when_the_server_goes),
        cmocka_unit_test(client_says_nothing_before_it_is_open),
        cmocka_unit_test(client_sends_no_message_larger_than_allowed),
        cmocka_unit_test(client_leaves_a_server_that_nobody_can_read),
        cmocka_unit_test(client_fails_on_a_masked_frame_of_a_server),
        cmocka_unit_test(client_holds_no_more_than_two_messages_unpulled),
        cmocka_unit_test(server_survives_noise_beside_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
