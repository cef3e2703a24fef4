/* server, Socket.IO: requests and WebSockets of Engine.IO sessions, and the vocabulary in them, as
 * bytes of connections. */
#include "tests/signaling/server_world.h"

#include "signaling/ws_frame.h"

#define SEP "\x1e"
#define EIO "/socket.io/?EIO=4&transport="

/* GET or POST on a connection of its own number; gives the whole answer. */
static char *get(struct world *w, uint32_t conn, const char *sid)
{
    char text[256];
    snprintf(text, sizeof text, "GET " EIO "polling%s%s HTTP/1.1\r\n" HOST "\r\n",
             sid ? "&sid=" : "", sid ? sid : "");
    return ask(w, conn, text);
}

static char *post(struct world *w, uint32_t conn, const char *sid, const char *body)
{
    static char text[8192];
    snprintf(text, sizeof text,
             "POST " EIO "polling&sid=%s HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n%s", sid,
             strlen(body), body);
    return ask(w, conn, text);
}

static const char *body_of(const char *reply)
{
    const char *end = strstr(reply, "\r\n\r\n");
    return end ? end + 4 : "";
}

/* Opens a session by polling on connection 1. */
static void open_session(struct world *w, struct rill_sig_server_config c, char sid[21])
{
    open_world(w, c);
    accept(w, 1);
    accept(w, 2);
    const char *open = body_of(get(w, 1, NULL));
    assert_starts(open, "0{\"sid\":\"");
    memcpy(sid, open + 9, 20);
    sid[20] = 0;
}

/* Asks for a WebSocket; sid may be NULL. */
static char *websocket(struct world *w, uint32_t conn, const char *path, const char *sid)
{
    char text[512];
    snprintf(text, sizeof text,
             "GET %s%s%s HTTP/1.1\r\n" HOST "Upgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
             path, sid ? "&sid=" : "", sid ? sid : "");
    return ask(w, conn, text);
}

static void connect(struct world *w, const char *sid, const char *auth)
{
    char text[256];
    snprintf(text, sizeof text, "40%s", auth);
    assert_string_equal(body_of(post(w, 2, sid, text)), "ok");
}

/* --- polling --------------------------------------------------------------------------- */

static void server_opens_a_session_and_connects_it(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    connect(&w, sid, "{\"userName\":\"ann\"}");
    const char *reply = get(&w, 1, sid);
    assert_starts(reply, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\n");
    assert_has(reply, "\r\nCache-Control: no-store\r\n");
    assert_has(reply, "\r\nConnection: keep-alive\r\n");
    assert_starts(body_of(reply), "40{\"sid\":\"");
    assert_lacks(body_of(reply), sid);
    assert_has(w.log, "ann join\n");
    shut_world(&w);
}

static void server_answers_a_get_when_there_is_something_to_say(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    assert_string_equal(get(&w, 1, sid), "");
    connect(&w, sid, "{\"userName\":\"ann\"}");
    assert_starts(body_of(output(&w, 1)), "40{");
    assert_string_equal(get(&w, 1, sid), "");
    w.now += 25 * RILL_SECOND;
    rill_sig_server_tick(w.server, w.now);
    events(&w);
    assert_string_equal(body_of(output(&w, 1)), "2");
    shut_world(&w);
}

static void server_reads_a_post_in_any_cut_and_the_request_behind_it(void **state)
{
    (void)state;
    struct world w;
    char sid[21], text[512];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    static const char auth[] = "40{\"userName\":\"ann\"}";
    int n = snprintf(text, sizeof text,
                     "POST " EIO "polling&sid=%s HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n%s"
                     "GET /next HTTP/1.1\r\n" HOST "\r\n",
                     sid, sizeof auth - 1, auth);
    for (int i = 0; i < n; i++)
        input(&w, 2, text + i, 1);
    const char *reply = output(&w, 2);
    assert_has(reply, "\r\n\r\nokHTTP/1.1 200");
    assert_string_equal(w.path, "/next");
    assert_starts(body_of(get(&w, 1, sid)), "40{");
    /* The same again in one piece, on another connection. */
    assert_has(ask(&w, 2, "GET /one HTTP/1.1\r\n" HOST "\r\nGET /two HTTP/1.1\r\n" HOST "\r\n"),
               "</p>HTTP/1.1 200");
    shut_world(&w);
}

static void server_refuses_each_request_with_its_code(void **state)
{
    (void)state;
    struct world w;
    char sid[21], with_sid[128];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    snprintf(with_sid, sizeof with_sid, "PUT " EIO "polling&sid=%s HTTP/1.1\r\n" HOST "\r\n", sid);
    const struct {
        const char *request, *body;
    } rows[] = {
        {"GET /socket.io/ HTTP/1.1\r\n" HOST "\r\n", "{\"code\":0,"},
        {"GET " EIO "abc HTTP/1.1\r\n" HOST "\r\n", "{\"code\":0,"},
        {"GET " EIO "polling&sid=none HTTP/1.1\r\n" HOST "\r\n",
         "{\"code\":1,\"message\":\"Session ID unknown\"}"},
        {"POST " EIO "polling HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n41", "{\"code\":2,"},
        {with_sid, "{\"code\":2,"},
        {"GET " EIO "websocket HTTP/1.1\r\n" HOST "\r\n", "{\"code\":3,"},
        {"GET " EIO "polling HTTP/1.1\r\n" HOST "Origin: http://other:1\r\n\r\n", "{\"code\":4,"},
        {"GET /socket.io/?EIO=3&transport=polling HTTP/1.1\r\n" HOST "\r\n", "{\"code\":5,"},
        {"GET /socket.io/?transport=polling HTTP/1.1\r\n" HOST "\r\n", "{\"code\":5,"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *reply = ask(&w, 2, rows[i].request);
        assert_starts(reply, strstr(rows[i].body, ":4,") ? "HTTP/1.1 403" : "HTTP/1.1 400");
        assert_starts(body_of(reply), rows[i].body);
        assert_false(w.closed[2]);
    }
    shut_world(&w);
}

static void server_closes_a_session_on_a_second_get(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    assert_string_equal(get(&w, 1, sid), "");
    assert_starts(get(&w, 2, sid), "HTTP/1.1 400");
    assert_string_equal(body_of(output(&w, 1)), "1");
    assert_has(get(&w, 2, sid), "Session ID unknown");
    shut_world(&w);
}

static void server_closes_a_session_on_a_second_post(void **state)
{
    (void)state;
    struct world w;
    char sid[21], text[256];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    accept(&w, 3);
    snprintf(text, sizeof text,
             "POST " EIO "polling&sid=%s HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n4", sid);
    assert_string_equal(ask(&w, 2, text), "");
    assert_starts(post(&w, 3, sid, "41"), "HTTP/1.1 400");
    assert_starts(ask(&w, 2, "1"), "HTTP/1.1 400");
    assert_has(get(&w, 1, sid), "Session ID unknown");
    shut_world(&w);
}

static void server_takes_a_body_of_max_payload_and_not_one_byte_more(void **state)
{
    (void)state;
    struct world w;
    char sid[21], body[202];
    open_session(&w, (struct rill_sig_server_config){.max_payload = 200}, sid);
    connect(&w, sid, "{\"userName\":\"ann\"}");
    get(&w, 1, sid);
    memset(body, ' ', sizeof body);
    memcpy(body, "42[\"x\",1]", 9);
    body[200] = 0;
    assert_string_equal(body_of(post(&w, 2, sid, body)), "ok");
    body[200] = ' ';
    body[201] = 0;
    assert_starts(post(&w, 2, sid, body), "HTTP/1.1 413");
    assert_true(w.closed[2]);
    shut_world(&w);
}

static void server_wants_to_know_how_long_a_post_is(void **state)
{
    (void)state;
    struct world w;
    char sid[21], text[256];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    snprintf(text, sizeof text,
             "POST " EIO "polling&sid=%s HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
             sid);
    assert_starts(ask(&w, 2, text), "HTTP/1.1 411");
    assert_true(w.closed[2]);
    shut_world(&w);
}

static void server_says_continue_to_who_waits_for_it(void **state)
{
    (void)state;
    struct world w;
    char sid[21], text[256];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    snprintf(text, sizeof text,
             "POST " EIO "polling&sid=%s HTTP/1.1\r\n" HOST
             "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n",
             sid);
    assert_string_equal(ask(&w, 2, text), "HTTP/1.1 100 Continue\r\n\r\n");
    assert_string_equal(body_of(ask(&w, 2, "6")), "ok");
    shut_world(&w);
}

static void server_does_not_wait_for_ever_for_a_body(void **state)
{
    (void)state;
    struct world w;
    char sid[21], text[256];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    snprintf(text, sizeof text,
             "POST " EIO "polling&sid=%s HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n4", sid);
    ask(&w, 2, text);
    for (int i = 0; i < 40 && !w.closed[2]; i++) {
        w.now += RILL_SECOND;
        rill_sig_server_tick(w.server, w.now);
        events(&w);
    }
    assert_true(w.closed[2] && w.at_once[2]);
    shut_world(&w);
}

static void server_ends_the_session_of_a_page_that_goes(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    connect(&w, sid, "{\"userName\":\"ann\"}");
    get(&w, 1, sid);
    assert_string_equal(get(&w, 1, sid), "");
    rill_sig_server_closed(w.server, w.now, 1);
    events(&w);
    assert_has(w.log, "ann away\n");
    assert_has(get(&w, 2, sid), "Session ID unknown");
    shut_world(&w);
}

static void server_ends_a_session_that_answers_no_ping(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(
        &w,
        (struct rill_sig_server_config){.ping_interval = RILL_SECOND, .ping_timeout = RILL_SECOND},
        sid);
    connect(&w, sid, "{\"userName\":\"ann\"}");
    for (int i = 0; i < 2; i++) {
        w.now = rill_sig_server_deadline(w.server);
        rill_sig_server_tick(w.server, w.now);
        events(&w);
    }
    assert_has(w.log, "ann away\n");
    shut_world(&w);
}

static void server_has_so_many_sessions_and_no_more(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){.sessions = 2}, sid);
    assert_starts(get(&w, 1, NULL), "HTTP/1.1 200");
    assert_starts(get(&w, 1, NULL), "HTTP/1.1 503");
    assert_string_equal(body_of(post(&w, 2, sid, "1")), "ok");
    assert_starts(get(&w, 1, NULL), "HTTP/1.1 200");
    shut_world(&w);
}

/* --- upgrade --------------------------------------------------------------------------- */

static void server_moves_a_session_to_its_websocket(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    connect(&w, sid, "{\"userName\":\"ann\"}");
    get(&w, 1, sid);
    assert_string_equal(get(&w, 1, sid), "");
    accept(&w, 3);
    assert_starts(websocket(&w, 3, EIO "websocket", sid), "HTTP/1.1 101");
    assert_has(world_say(&w, 3, "2probe"), "3probe");
    assert_string_equal(body_of(output(&w, 1)), "6");
    assert_string_equal(world_say(&w, 3, "5"), "");
    assert_has(world_say(&w, 3, "427[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"s\"}]"), "437[[]]");
    assert_has(get(&w, 1, sid), "{\"code\":3,");
    /* A second WebSocket for it is taken and closed: 1008. */
    accept(&w, 4);
    assert_has(websocket(&w, 4, EIO "websocket", sid), "\x03\xf0");
    assert_has(world_say(&w, 3, "428[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"s\"}]"), "438[[]]");
    rill_sig_server_closed(w.server, w.now, 3);
    events(&w);
    assert_has(w.log, "ann away\n");
    shut_world(&w);
}

static void server_speaks_over_a_websocket_alone(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    accept(&w, 1);
    assert_has(websocket(&w, 1, EIO "websocket", NULL), "\"upgrades\":[],");
    assert_has(world_say(&w, 1, "40{\"userName\":\"ann\"}"), "40{\"sid\":");
    assert_string_equal(world_say(&w, 1, "41"), "");
    assert_has(w.log, "ann leave\n");
    assert_has(world_say(&w, 1, "40{\"userName\":\"ann\"}"), "40{\"sid\":");
    world_say(&w, 1, "1");
    assert_string_equal(w.log, "ann join\nann leave\nann join\nann away\n");
    shut_world(&w);
}

static void server_closes_who_does_not_connect_in_time(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.auth_timeout = RILL_SECOND});
    accept(&w, 1);
    websocket(&w, 1, EIO "websocket", NULL);
    assert_int_equal(rill_sig_server_deadline(w.server), w.now + RILL_SECOND);
    w.now += RILL_SECOND;
    rill_sig_server_tick(w.server, w.now);
    events(&w);
    /* 0x88: a close frame. */
    assert_has(output(&w, 1), "\x88");
    shut_world(&w);
}

static void server_closes_who_does_not_speak_socketio(void **state)
{
    (void)state;
    static const char *const bad[] = {"abc", "4abc", "42{}", "42[\"a\"]", "42abc[\"a\"]", "2"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct world w;
        open_world(&w, (struct rill_sig_server_config){0});
        accept(&w, 1);
        websocket(&w, 1, EIO "websocket", NULL);
        assert_has(world_say(&w, 1, bad[i]), "\x88");
        shut_world(&w);
    }
}

/* --- the vocabulary -------------------------------------------------------------------- */

static void server_connects_and_disconnects_a_wrong_password(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){.rooms.password = rill_view_of("right")}, sid);
    connect(&w, sid, "{\"userName\":\"ann\",\"password\":\"wrong\"}");
    const char *body = body_of(get(&w, 1, sid));
    assert_starts(body, "40{\"sid\":\"");
    assert_has(body, "}" SEP "41");
    assert_string_equal(body_of(get(&w, 1, sid)), "1");
    assert_has(post(&w, 2, sid, "1"), "{\"code\":1,\"message\":\"Session ID unknown\"}");
    assert_string_equal(w.log, "");
    shut_world(&w);
}

static void server_refuses_auth_that_is_none_with_a_sentence(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    connect(&w, sid, "");
    assert_starts(body_of(get(&w, 1, sid)), "44{\"message\":\"a member is missing");
    connect(&w, sid, "{\"userName\":\"ann\"}");
    assert_starts(body_of(get(&w, 1, sid)), "40{");
    shut_world(&w);
}

static void server_tells_errors_as_events_and_acknowledges_all_the_same(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    connect(&w, sid, "{\"userName\":\"ann\"}");
    get(&w, 1, sid);
    post(&w, 2, sid, "425[\"nonsense\"]");
    assert_string_equal(body_of(get(&w, 1, sid)),
                        "42[\"error\",\"SIGNALING_UNKNOWN\",\"there is no such event\","
                        "{\"stays\":true}]" SEP "435[[]]");
    shut_world(&w);
}

static void server_lets_the_newest_have_a_name_whichever_way_it_came(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    connect(&w, sid, "{\"userName\":\"ann\",\"room\":\"r\"}");
    get(&w, 1, sid);
    meet(&w, &p, 5, "ann", "");
    settle(&w, &p, 1, 500);
    assert_true(p.open && !p.closed);
    const char *body = body_of(get(&w, 1, sid));
    assert_has(body, "SIGNALING_REPLACED");
    assert_has(body, SEP "41");
    assert_string_equal(body_of(get(&w, 1, sid)), "1");
    part(&p);
    shut_world(&w);
}

static void server_drops_a_session_that_takes_nothing(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    char sid[21];
    static char sdp[60000];
    memset(sdp, 'x', sizeof sdp);
    open_session(&w, (struct rill_sig_server_config){.max_payload = 2000, .rooms.offers = 4}, sid);
    connect(&w, sid, "{\"userName\":\"bob\",\"room\":\"r\"}");
    get(&w, 1, sid);
    meet(&w, &p, 5, "ann", "");
    settle(&w, &p, 1, 500);
    for (int i = 0; i < 2; i++) {
        rill_sig_client_offer(p.client, rill_view_at(sdp, sizeof sdp));
        settle(&w, &p, 1, 500);
    }
    assert_has(w.log, "bob away\n");
    assert_has(get(&w, 1, sid), "Session ID unknown");
    part(&p);
    shut_world(&w);
}

static void server_says_goodbye_to_sessions_when_it_goes(void **state)
{
    (void)state;
    struct world w;
    char sid[21];
    open_session(&w, (struct rill_sig_server_config){0}, sid);
    assert_string_equal(get(&w, 1, sid), "");
    websocket(&w, 2, EIO "websocket", NULL);
    rill_sig_server_close(w.server, w.now);
    events(&w);
    assert_string_equal(body_of(output(&w, 1)), "1");
    assert_has(output(&w, 2), "\x88");
    assert_true(w.closed[1] && w.closed[2]);
    shut_world(&w);
}

/* --- the client ------------------------------------------------------------------------ */

static void client_over_socketio_is_told_of_a_wrong_password(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    open_world(&w, (struct rill_sig_server_config){.rooms.password = rill_view_of("sesame")});
    meet_over(RILL_SIG_OVER_SOCKETIO, &w, &p, 1, "ann", "guess");
    settle(&w, &p, 1, 100);
    assert_true(p.open && p.closed);
    assert_row(p.error, SIGNALING_SIO_GONE);
    part(&p);
    shut_world(&w);
}

static void client_over_socketio_hears_why_it_is_refused(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    open_world(&w, (struct rill_sig_server_config){0});
    meet_over(RILL_SIG_OVER_SOCKETIO, &w, &p, 1, "an\x01n", "");
    settle(&w, &p, 1, 100);
    assert_false(p.open);
    assert_string_equal(p.heard, "error CONNECT_ERROR\n");
    assert_row(p.error, SIGNALING_SIO_REFUSED);
    part(&p);
    shut_world(&w);
}

static void client_over_socketio_answers_pings_and_misses_them(void **state)
{
    (void)state;
    struct world w;
    struct person p;
    open_world(&w, (struct rill_sig_server_config){.ping_interval = RILL_SECOND,
                                                   .ping_timeout = RILL_SECOND});
    meet_over(RILL_SIG_OVER_SOCKETIO, &w, &p, 1, "ann", "");
    settle(&w, &p, 1, 100);
    for (int i = 0; i < 5; i++) {
        w.now += RILL_SECOND;
        rill_sig_server_tick(w.server, w.now);
        events(&w);
        settle(&w, &p, 1, 100);
    }
    assert_false(p.closed || w.closed[1]);
    assert_int_equal(rill_sig_client_deadline(p.client), w.now + 2 * RILL_SECOND);
    rill_sig_client_tick(p.client, w.now + 2 * RILL_SECOND);
    pull(&p, false);
    assert_row(p.error, SIGNALING_EIO_SILENT);
    part(&p);
    shut_world(&w);
}

/* --- the echo -------------------------------------------------------------------------- */

static void echo_gives_back_what_comes_at_each_of_its_doors(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.echo = true});
    for (uint32_t i = 1; i < 4; i++)
        accept(&w, i);
    websocket(&w, 1, "/echo", NULL);
    assert_has(world_say(&w, 1, "hello"), "\x81\x05hello");
    websocket(&w, 2, "/engine.io/?EIO=4&transport=websocket", NULL);
    assert_has(world_say(&w, 2, "4hello"), "\x81\x06"
                                           "4hello");
    websocket(&w, 3, EIO "websocket", NULL);
    world_say(&w, 3, "40/custom,{\"a\":1}");
    w.now += 5 * RILL_MS;
    rill_sig_server_tick(w.server, w.now);
    assert_has(output(&w, 3), "42/custom,[\"auth\",{\"a\":1}]");
    assert_has(world_say(&w, 3, "42/custom,[\"message\", 1.0, {} ]"),
               "42/custom,[\"message-back\", 1.0, {} ]");
    assert_has(world_say(&w, 3, "42/custom,5[\"message-with-ack\" , [1,2],\"]\"]"),
               "43/custom,5[ [1,2],\"]\"]");
    assert_has(world_say(&w, 3, "42/custom,6[\"message-with-ack\" ]"), "43/custom,6[ ]");
    shut_world(&w);
}

static void echo_says_auth_before_anything_else(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){.echo = true});
    accept(&w, 1);
    websocket(&w, 1, EIO "websocket", NULL);
    assert_lacks(world_say(&w, 1, "40"), "auth");
    const char *reply = world_say(&w, 1, "42[\"message\"]");
    assert_has(reply, "42[\"auth\",{}]");
    assert_true(strstr(reply, "auth") < strstr(reply, "message-back"));
    shut_world(&w);
}

static void echo_is_not_there_unless_asked_for(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_sig_server_config){0});
    w.file = NULL;
    accept(&w, 1);
    assert_starts(ask(&w, 1, "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\n" HOST "\r\n"),
                  "HTTP/1.1 404");
    assert_starts(websocket(&w, 1, "/echo", NULL), "HTTP/1.1 404");
    shut_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_opens_a_session_and_connects_it),
        cmocka_unit_test(server_answers_a_get_when_there_is_something_to_say),
        cmocka_unit_test(server_reads_a_post_in_any_cut_and_the_request_behind_it),
        cmocka_unit_test(server_refuses_each_request_with_its_code),
        cmocka_unit_test(server_closes_a_session_on_a_second_get),
        cmocka_unit_test(server_closes_a_session_on_a_second_post),
        cmocka_unit_test(server_takes_a_body_of_max_payload_and_not_one_byte_more),
        cmocka_unit_test(server_wants_to_know_how_long_a_post_is),
        cmocka_unit_test(server_says_continue_to_who_waits_for_it),
        cmocka_unit_test(server_does_not_wait_for_ever_for_a_body),
        cmocka_unit_test(server_ends_the_session_of_a_page_that_goes),
        cmocka_unit_test(server_ends_a_session_that_answers_no_ping),
        cmocka_unit_test(server_has_so_many_sessions_and_no_more),
        cmocka_unit_test(server_moves_a_session_to_its_websocket),
        cmocka_unit_test(server_speaks_over_a_websocket_alone),
        cmocka_unit_test(server_closes_who_does_not_connect_in_time),
        cmocka_unit_test(server_closes_who_does_not_speak_socketio),
        cmocka_unit_test(server_connects_and_disconnects_a_wrong_password),
        cmocka_unit_test(server_refuses_auth_that_is_none_with_a_sentence),
        cmocka_unit_test(server_tells_errors_as_events_and_acknowledges_all_the_same),
        cmocka_unit_test(server_lets_the_newest_have_a_name_whichever_way_it_came),
        cmocka_unit_test(server_drops_a_session_that_takes_nothing),
        cmocka_unit_test(server_says_goodbye_to_sessions_when_it_goes),
        cmocka_unit_test(client_over_socketio_is_told_of_a_wrong_password),
        cmocka_unit_test(client_over_socketio_hears_why_it_is_refused),
        cmocka_unit_test(client_over_socketio_answers_pings_and_misses_them),
        cmocka_unit_test(echo_gives_back_what_comes_at_each_of_its_doors),
        cmocka_unit_test(echo_says_auth_before_anything_else),
        cmocka_unit_test(echo_is_not_there_unless_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
