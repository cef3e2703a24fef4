/* eio_session: requests, a WebSocket, the upgrade and the heartbeat of one session. */
#include "tests/rill_test.h"

#include "signaling/eio_session.h"

#include <stdio.h>

#define SEP "\x1e"

struct world {
    void *block;
    struct rill_eio_session *x;
    struct rill_rng_seeded g;
    int64_t now;
    char said[512]; /* MESSAGE and CLOSED, one a line */
    int error;
};

static void open_world(struct world *w, struct rill_eio_session_config c)
{
    memset(w, 0, sizeof *w);
    rill_rng_seeded_init(&w->g, rill_test_seed());
    c.rng = rill_rng_seeded(&w->g);
    c.max_payload = c.max_payload ? c.max_payload : 1000;
    c.ping_interval = 300 * RILL_MS;
    c.ping_timeout = 200 * RILL_MS;
    c.upgrade_timeout = RILL_SECOND;
    w->now = RILL_SECOND;
    w->block = malloc(rill_eio_session_size(&c));
    w->x = rill_eio_session_init(w->block, &c, w->now);
}

static void shut_world(struct world *w)
{
    free(w->block);
}

static const char *events(struct world *w)
{
    struct rill_eio_session_event e;
    size_t at = 0;
    w->said[0] = 0;
    while (rill_eio_session_event(w->x, &e)) {
        if (e.type == RILL_EIO_SESSION_CLOSED)
            w->error = e.error;
        at += (size_t)snprintf(w->said + at, sizeof w->said - at, "%s%.*s\n",
                               e.type == RILL_EIO_SESSION_CLOSED ? "closed"
                               : e.binary                        ? "b"
                                                                 : "t",
                               (int)e.data.n, (const char *)e.data.p);
    }
    return w->said;
}

/* What the waiting GET is answered with; "" while it waits. */
static const char *answer(struct world *w)
{
    static char text[4096];
    size_t n =
        rill_eio_session_answer(w->x, w->now, (struct rill_span){(uint8_t *)text, sizeof text - 1});
    text[n] = 0;
    return text;
}

static const char *get(struct world *w)
{
    assert_int_equal(rill_eio_session_get(w->x, w->now, NULL), 0);
    return answer(w);
}

static int post(struct world *w, const char *body)
{
    static uint8_t place[4096];
    memcpy(place, body, strlen(body));
    assert_int_equal(rill_eio_session_post_begin(w->x, w->now, NULL), 0);
    return rill_eio_session_post(w->x, w->now, (struct rill_span){place, strlen(body)}, NULL);
}

static int ws(struct world *w, const char *text)
{
    return rill_eio_session_ws_input(w->x, w->now, false, rill_view_of(text), NULL);
}

/* The next packet for the WebSocket, taken off; "" when there is none. */
static const char *ws_out(struct world *w)
{
    static char text[1024];
    struct rill_eio_packet p;
    struct rill_writer o = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    if (rill_eio_session_ws_next(w->x, &p)) {
        rill_eio_write(&o, &p);
        rill_eio_session_ws_sent(w->x);
    }
    rill_w_end_text(&o);
    return text;
}

static void open_polling(struct world *w)
{
    open_world(w, (struct rill_eio_session_config){0});
    assert_true(get(w)[0] == '0');
}

static void open_websocket(struct world *w)
{
    open_world(w, (struct rill_eio_session_config){.websocket = true});
    assert_true(ws_out(w)[0] == '0');
}

static void tick_to(struct world *w, int64_t now)
{
    w->now = now;
    rill_eio_session_tick(w->x, now);
}

/* --- handshake, messages ------------------------------------------------------------- */

static void session_opens_with_its_own_id_and_the_upgrade_it_offers(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_eio_session_config){0});
    char want[256];
    snprintf(want, sizeof want,
             "0{\"sid\":\"%.20s\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,"
             "\"pingTimeout\":200,\"maxPayload\":1000}",
             (const char *)rill_eio_session_sid(w.x).p);
    assert_string_equal(get(&w), want);
    shut_world(&w);
}

static void session_on_a_websocket_alone_offers_no_upgrade(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct rill_eio_session_config){.websocket = true});
    assert_non_null(strstr(ws_out(&w), "\"upgrades\":[],"));
    assert_string_equal(ws_out(&w), "");
    shut_world(&w);
}

static void session_gives_the_messages_of_a_post_in_order(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    assert_int_equal(post(&w, "4one" SEP "bAQIDBA==" SEP "6" SEP "4"), 0);
    assert_string_equal(events(&w), "tone\nb\x01\x02\x03\x04\nt\n");
    shut_world(&w);
}

static void session_keeps_a_get_waiting_until_there_is_something_to_say(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    assert_string_equal(get(&w), "");
    assert_int_equal(rill_eio_session_send(w.x, false, rill_view_of("a")), 0);
    assert_int_equal(rill_eio_session_send(w.x, true, rill_view_of("\x01")), 0);
    assert_string_equal(answer(&w), "4a" SEP "bAQ==");
    assert_string_equal(answer(&w), "");
    shut_world(&w);
}

static void session_answers_with_as_many_packets_as_fit(void **state)
{
    (void)state;
    struct world w;
    uint8_t small[8];
    open_polling(&w);
    rill_eio_session_send(w.x, false, rill_view_of("abc"));
    rill_eio_session_send(w.x, false, rill_view_of("def"));
    assert_int_equal(rill_eio_session_get(w.x, w.now, NULL), 0);
    assert_int_equal(rill_eio_session_answer(w.x, w.now, (struct rill_span){small, 8}), 4);
    assert_memory_equal(small, "4abc", 4);
    assert_string_equal(get(&w), "4def");
    shut_world(&w);
}

static void session_holds_what_its_queue_holds_and_no_byte_more(void **state)
{
    (void)state;
    struct world w;
    uint8_t data[92] = {0};
    /* A packet takes 8 bytes besides its data; the open packet is gone by then. */
    open_world(&w, (struct rill_eio_session_config){.queue = 200});
    get(&w);
    assert_int_equal(rill_eio_session_send(w.x, true, rill_view_at(data, 92)), 0);
    assert_row(rill_eio_session_send(w.x, true, rill_view_at(data, 93)), SIGNALING_EIO_FULL);
    assert_int_equal(rill_eio_session_send(w.x, true, rill_view_at(data, 92)), 0);
    assert_row(rill_eio_session_send(w.x, true, rill_view_at(data, 0)), SIGNALING_EIO_FULL);
    shut_world(&w);
}

static void session_is_closed_by_a_payload_that_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int row;
    } rows[] = {
        {"abc", RILL_SIGNALING_EIO_PACKET},
        {"", RILL_SIGNALING_EIO_PACKET},
        {"4a" SEP "b?", RILL_SIGNALING_EIO_BASE64},
        {"4\xff", RILL_SIGNALING_WS_UTF8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world w;
        open_polling(&w);
        assert_int_equal(post(&w, rows[i].body), rows[i].row);
        assert_string_equal(events(&w), "closed\n");
        assert_int_equal(w.error, rows[i].row);
        assert_false(rill_eio_session_is_known(w.x));
        assert_true(rill_eio_session_is_over(w.x));
        shut_world(&w);
    }
}

/* Version 4 reversed the heartbeat; a client neither opens nor upgrades what is there. */
static void session_is_closed_by_a_packet_that_only_a_server_sends(void **state)
{
    (void)state;
    static const char *const bad[] = {"2", "0", "5"};
    for (size_t i = 0; i < 3; i++) {
        struct world w;
        open_websocket(&w);
        assert_row(ws(&w, bad[i]), SIGNALING_EIO_UNEXPECTED);
        assert_string_equal(events(&w), "closed\n");
        assert_row(w.error, SIGNALING_EIO_UNEXPECTED);
        shut_world(&w);
        open_polling(&w);
        assert_int_equal(post(&w, bad[i]), 0);
        assert_string_equal(events(&w), "closed\n");
        assert_row(w.error, SIGNALING_EIO_UNEXPECTED);
        shut_world(&w);
    }
}

/* --- one request at a time ------------------------------------------------------------ */

static void session_is_closed_by_a_second_get_and_the_first_is_told(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    assert_string_equal(get(&w), "");
    assert_row(rill_eio_session_get(w.x, w.now, NULL), SIGNALING_EIO_BUSY);
    assert_false(rill_eio_session_is_known(w.x));
    assert_false(rill_eio_session_is_over(w.x));
    assert_string_equal(answer(&w), "1");
    assert_string_equal(events(&w), "closed\n");
    assert_true(rill_eio_session_is_over(w.x));
    shut_world(&w);
}

static void session_is_closed_by_a_second_post(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    assert_int_equal(rill_eio_session_post_begin(w.x, w.now, NULL), 0);
    assert_row(rill_eio_session_post_begin(w.x, w.now, NULL), SIGNALING_EIO_BUSY);
    assert_string_equal(events(&w), "closed\n");
    uint8_t body[] = "4late";
    assert_row(rill_eio_session_post(w.x, w.now, (struct rill_span){body, 5}, NULL),
               SIGNALING_EIO_TRANSPORT);
    shut_world(&w);
}

static void session_ends_with_the_connection_of_its_request(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    get(&w);
    rill_eio_session_broken(w.x, w.now);
    assert_string_equal(events(&w), "closed\n");
    assert_row(w.error, SIGNALING_SERVER_GONE);
    assert_true(rill_eio_session_is_over(w.x));
    shut_world(&w);
}

/* --- heartbeat ------------------------------------------------------------------------ */

static void session_pings_after_its_interval_and_again_after_each_pong(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(get(&w), "");
        assert_int_equal(rill_eio_session_deadline(w.x), w.now + 300 * RILL_MS);
        tick_to(&w, w.now + 300 * RILL_MS);
        assert_string_equal(answer(&w), "2");
        assert_int_equal(post(&w, "3"), 0);
        assert_string_equal(events(&w), "");
    }
    shut_world(&w);
}

static void session_is_closed_when_no_pong_comes_in_time(void **state)
{
    (void)state;
    struct world w;
    open_websocket(&w);
    tick_to(&w, w.now + 300 * RILL_MS);
    assert_string_equal(ws_out(&w), "2");
    tick_to(&w, w.now + 200 * RILL_MS - 1);
    assert_string_equal(events(&w), "");
    assert_int_equal(rill_eio_session_deadline(w.x), w.now + 1);
    tick_to(&w, w.now + 1);
    assert_string_equal(events(&w), "closed\n");
    assert_row(w.error, SIGNALING_EIO_SILENT);
    assert_true(rill_eio_session_ws_done(w.x));
    assert_int_equal(rill_eio_session_deadline(w.x), RILL_NEVER);
    shut_world(&w);
}

static void session_pings_behind_a_full_queue_too(void **state)
{
    (void)state;
    struct world w;
    uint8_t data[192] = {0};
    open_world(&w, (struct rill_eio_session_config){.queue = 200});
    get(&w);
    rill_eio_session_send(w.x, false, rill_view_at(data, 192));
    tick_to(&w, w.now + 300 * RILL_MS);
    assert_int_equal(rill_eio_session_get(w.x, w.now, NULL), 0);
    uint8_t out[1024];
    size_t n = rill_eio_session_answer(w.x, w.now, (struct rill_span){out, sizeof out});
    assert_memory_equal(out + n - 2, SEP "2", 2);
    shut_world(&w);
}

/* --- closing -------------------------------------------------------------------------- */

static void session_sends_a_waiting_get_home_when_the_client_closes(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    get(&w);
    assert_int_equal(post(&w, "4last" SEP "1" SEP "4never"), 0);
    assert_string_equal(events(&w), "tlast\nclosed\n");
    assert_int_equal(w.error, 0);
    assert_string_equal(answer(&w), "6");
    assert_true(rill_eio_session_is_over(w.x));
    shut_world(&w);
}

static void session_says_what_waits_and_then_closes(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    rill_eio_session_send(w.x, false, rill_view_of("bye"));
    rill_eio_session_close(w.x, w.now);
    assert_row(rill_eio_session_send(w.x, false, rill_view_of("x")), SIGNALING_EIO_TRANSPORT);
    assert_true(rill_eio_session_is_known(w.x));
    assert_string_equal(get(&w), "4bye");
    assert_string_equal(get(&w), "1");
    assert_string_equal(events(&w), "closed\n");
    assert_true(rill_eio_session_is_over(w.x));
    shut_world(&w);
}

static void session_that_closes_waits_for_a_get_but_not_for_ever(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    rill_eio_session_close(w.x, w.now);
    assert_int_equal(rill_eio_session_deadline(w.x), w.now + 200 * RILL_MS);
    tick_to(&w, w.now + 200 * RILL_MS);
    assert_string_equal(events(&w), "closed\n");
    assert_true(rill_eio_session_is_over(w.x));
    shut_world(&w);
}

static void session_closes_its_websocket_behind_the_last_packet(void **state)
{
    (void)state;
    struct world w;
    open_websocket(&w);
    rill_eio_session_send(w.x, false, rill_view_of("bye"));
    rill_eio_session_close(w.x, w.now);
    assert_false(rill_eio_session_ws_done(w.x));
    assert_string_equal(ws_out(&w), "4bye");
    assert_true(rill_eio_session_ws_done(w.x));
    rill_eio_session_ws_closed(w.x, w.now);
    assert_string_equal(events(&w), "closed\n");
    assert_int_equal(w.error, 0);
    shut_world(&w);
}

static void session_ends_with_the_websocket_that_carries_it(void **state)
{
    (void)state;
    struct world w;
    open_websocket(&w);
    rill_eio_session_ws_closed(w.x, w.now);
    assert_string_equal(events(&w), "closed\n");
    assert_true(rill_eio_session_is_over(w.x));
    shut_world(&w);
}

static void session_ends_when_the_client_says_so_on_the_websocket(void **state)
{
    (void)state;
    struct world w;
    open_websocket(&w);
    assert_int_equal(ws(&w, "1"), 0);
    assert_string_equal(events(&w), "closed\n");
    assert_true(rill_eio_session_ws_done(w.x));
    shut_world(&w);
}

/* --- upgrade -------------------------------------------------------------------------- */

static void session_moves_to_a_websocket_that_has_proven_itself(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    assert_string_equal(get(&w), "");
    assert_int_equal(rill_eio_session_ws_open(w.x, w.now, NULL), 0);
    assert_string_equal(answer(&w), "");
    assert_int_equal(ws(&w, "2probe"), 0);
    assert_string_equal(ws_out(&w), "3probe");
    /* Every GET goes home, this one and the next. */
    assert_string_equal(answer(&w), "6");
    assert_string_equal(get(&w), "6");
    assert_int_equal(ws(&w, "5"), 0);
    assert_int_equal(ws(&w, "4hello"), 0);
    assert_string_equal(events(&w), "thello\n");
    rill_eio_session_send(w.x, false, rill_view_of("back"));
    assert_string_equal(ws_out(&w), "4back");
    assert_row(rill_eio_session_get(w.x, w.now, NULL), SIGNALING_EIO_TRANSPORT);
    assert_row(rill_eio_session_post_begin(w.x, w.now, NULL), SIGNALING_EIO_TRANSPORT);
    assert_true(rill_eio_session_is_open(w.x));
    shut_world(&w);
}

static void session_loses_nothing_while_it_moves(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    rill_eio_session_ws_open(w.x, w.now, NULL);
    rill_eio_session_send(w.x, false, rill_view_of("1"));
    ws(&w, "2probe");
    assert_string_equal(get(&w), "41");
    rill_eio_session_send(w.x, false, rill_view_of("2"));
    assert_string_equal(ws_out(&w), "3probe");
    assert_string_equal(ws_out(&w), "");
    ws(&w, "5");
    assert_string_equal(ws_out(&w), "42");
    shut_world(&w);
}

static void session_sends_a_get_home_that_still_waits_after_the_move(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    get(&w);
    rill_eio_session_ws_open(w.x, w.now, NULL);
    ws(&w, "2probe");
    ws(&w, "5");
    assert_string_equal(answer(&w), "6");
    shut_world(&w);
}

static void session_takes_one_websocket_only(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    assert_int_equal(rill_eio_session_ws_open(w.x, w.now, NULL), 0);
    assert_row(rill_eio_session_ws_open(w.x, w.now, NULL), SIGNALING_EIO_BUSY);
    ws(&w, "2probe");
    ws(&w, "5");
    assert_row(rill_eio_session_ws_open(w.x, w.now, NULL), SIGNALING_EIO_BUSY);
    assert_true(rill_eio_session_is_open(w.x));
    shut_world(&w);
}

static void session_goes_on_polling_when_the_probe_fails(void **state)
{
    (void)state;
    static const char *const wrong[] = {"2", "2prob", "5", "4x", "abc", "3probe"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct world w;
        open_polling(&w);
        rill_eio_session_ws_open(w.x, w.now, NULL);
        assert_true(ws(&w, wrong[i]) < 0);
        assert_true(rill_eio_session_ws_done(w.x));
        rill_eio_session_ws_closed(w.x, w.now);
        assert_string_equal(events(&w), "");
        assert_string_equal(get(&w), "");
        assert_int_equal(post(&w, "4still"), 0);
        assert_string_equal(events(&w), "tstill\n");
        shut_world(&w);
    }
}

static void session_gives_a_probe_its_time_and_no_more(void **state)
{
    (void)state;
    struct world w;
    open_polling(&w);
    int64_t from = w.now;
    rill_eio_session_ws_open(w.x, w.now, NULL);
    ws(&w, "2probe");
    ws_out(&w);
    for (int i = 0; i < 3; i++) {
        tick_to(&w, w.now + 300 * RILL_MS);
        post(&w, "3");
        events(&w);
    }
    assert_false(rill_eio_session_ws_done(w.x));
    assert_int_equal(rill_eio_session_deadline(w.x), from + RILL_SECOND);
    tick_to(&w, from + RILL_SECOND);
    assert_true(rill_eio_session_ws_done(w.x));
    rill_eio_session_ws_closed(w.x, w.now);
    assert_true(rill_eio_session_is_open(w.x));
    shut_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_opens_with_its_own_id_and_the_upgrade_it_offers),
        cmocka_unit_test(session_on_a_websocket_alone_offers_no_upgrade),
        cmocka_unit_test(session_gives_the_messages_of_a_post_in_order),
        cmocka_unit_test(session_keeps_a_get_waiting_until_there_is_something_to_say),
        cmocka_unit_test(session_answers_with_as_many_packets_as_fit),
        cmocka_unit_test(session_holds_what_its_queue_holds_and_no_byte_more),
        cmocka_unit_test(session_is_closed_by_a_payload_that_is_none),
        cmocka_unit_test(session_is_closed_by_a_packet_that_only_a_server_sends),
        cmocka_unit_test(session_is_closed_by_a_second_get_and_the_first_is_told),
        cmocka_unit_test(session_is_closed_by_a_second_post),
        cmocka_unit_test(session_ends_with_the_connection_of_its_request),
        cmocka_unit_test(session_pings_after_its_interval_and_again_after_each_pong),
        cmocka_unit_test(session_is_closed_when_no_pong_comes_in_time),
        cmocka_unit_test(session_pings_behind_a_full_queue_too),
        cmocka_unit_test(session_sends_a_waiting_get_home_when_the_client_closes),
        cmocka_unit_test(session_says_what_waits_and_then_closes),
        cmocka_unit_test(session_that_closes_waits_for_a_get_but_not_for_ever),
        cmocka_unit_test(session_closes_its_websocket_behind_the_last_packet),
        cmocka_unit_test(session_ends_with_the_websocket_that_carries_it),
        cmocka_unit_test(session_ends_when_the_client_says_so_on_the_websocket),
        cmocka_unit_test(session_moves_to_a_websocket_that_has_proven_itself),
        cmocka_unit_test(session_loses_nothing_while_it_moves),
        cmocka_unit_test(session_sends_a_get_home_that_still_waits_after_the_move),
        cmocka_unit_test(session_takes_one_websocket_only),
        cmocka_unit_test(session_goes_on_polling_when_the_probe_fails),
        cmocka_unit_test(session_gives_a_probe_its_time_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
