/* socketio: packets of Socket.IO 5, and a session's namespaces and attachments. */
#include "tests/rill_test.h"

#include "signaling/sio_session.h"

#include <stdio.h>

/* --- packets -------------------------------------------------------------------------- */

/* The document's own examples, Packet encoding. */
static const struct {
    const char *text;
    struct rill_sio_packet want;
    const char *nsp, *json;
} examples[] = {
    {"0", {.type = RILL_SIO_CONNECT}, "/", NULL},
    {"0/admin,{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}",
     {.type = RILL_SIO_CONNECT},
     "/admin",
     "{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}"},
    {"4{\"message\":\"Not authorized\"}",
     {.type = RILL_SIO_CONNECT_ERROR},
     "/",
     "{\"message\":\"Not authorized\"}"},
    {"2[\"foo\"]", {.type = RILL_SIO_EVENT}, "/", "[\"foo\"]"},
    {"2/admin,[\"bar\"]", {.type = RILL_SIO_EVENT}, "/admin", "[\"bar\"]"},
    {"51-[\"baz\",{\"_placeholder\":true,\"num\":0}]",
     {.type = RILL_SIO_BINARY_EVENT, .attachments = 1},
     "/",
     "[\"baz\",{\"_placeholder\":true,\"num\":0}]"},
    {"52-/admin,[\"baz\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]",
     {.type = RILL_SIO_BINARY_EVENT, .attachments = 2},
     "/admin",
     "[\"baz\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]"},
    {"212[\"foo\"]", {.type = RILL_SIO_EVENT, .has_id = true, .id = 12}, "/", "[\"foo\"]"},
    {"3/admin,13[\"bar\"]",
     {.type = RILL_SIO_ACK, .has_id = true, .id = 13},
     "/admin",
     "[\"bar\"]"},
    {"312[]", {.type = RILL_SIO_ACK, .has_id = true, .id = 12}, "/", "[]"},
    {"61-15[\"bar\",{\"_placeholder\":true,\"num\":0}]",
     {.type = RILL_SIO_BINARY_ACK, .attachments = 1, .has_id = true, .id = 15},
     "/",
     "[\"bar\",{\"_placeholder\":true,\"num\":0}]"},
    {"1", {.type = RILL_SIO_DISCONNECT}, "/", NULL},
    {"1/admin,", {.type = RILL_SIO_DISCONNECT}, "/admin", NULL},
};

static void socketio_reads_and_writes_the_examples_of_the_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct rill_sio_packet p;
        uint8_t out[256];
        struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
        assert_int_equal(rill_sio_read(rill_view_of(examples[i].text), &p, NULL), 0);
        assert_int_equal(p.type, examples[i].want.type);
        assert_int_equal(p.attachments, examples[i].want.attachments);
        assert_int_equal(p.has_id, examples[i].want.has_id);
        assert_int_equal(p.id, examples[i].want.id);
        assert_true(rill_view_is(p.nsp, examples[i].nsp));
        assert_int_equal(p.json.p != NULL, examples[i].json != NULL);
        assert_true(rill_view_equal(p.json, rill_view_of(examples[i].json)));
        rill_sio_write(&w, &p);
        assert_true(rill_view_is(rill_w_view(&w), examples[i].text));
    }
}

static void socketio_needs_no_comma_behind_a_namespace_at_the_end(void **state)
{
    (void)state;
    struct rill_sio_packet p;
    assert_int_equal(rill_sio_read(rill_view_of("1/admin"), &p, NULL), 0);
    assert_true(rill_view_is(p.nsp, "/admin"));
}

static void assert_refused(const char *const *texts, size_t n, int row)
{
    for (size_t i = 0; i < n; i++) {
        struct rill_sio_packet p;
        int rc = rill_sio_read(rill_view_of(texts[i]), &p, NULL);
        if (rc != row)
            fail_msg("%s gave %d, not %d", texts[i], rc, row);
    }
}

static void socketio_refuses_what_is_no_packet(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "7",
        "abc",
        "5[\"a\"]",
        "5-[\"a\"]",
        "51[\"a\"]",
        "565-[\"a\"]",
        "3[]",
        "61-[]",
        "2/\"x,[\"a\"]",
        "2/a\n,[\"a\"]",
        "29007199254740992[\"a\"]",
    };
    assert_refused(bad, sizeof bad / sizeof bad[0], RILL_SIGNALING_SIO_PACKET);
    struct rill_sio_packet p;
    assert_row(rill_sio_read(rill_view_of("8"), &p, NULL), SIGNALING_SIO_PACKET);
    assert_int_equal(rill_sio_read(rill_view_of("29007199254740991[\"a\"]"), &p, NULL), 0);
}

/* "The payload is mandatory and MUST be a non-empty array"; of an ACK "MUST be an array". */
static void socketio_refuses_a_payload_that_its_type_does_not_have(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "2",          "2{}", "2[]",  "2[",          "2[\"a\"", "2[\"a\"]x", "2\"a\"",  "2[null]",
        "2[[\"a\"]]", "21",  "31{}", "31",          "0[]",     "0\"a\"",    "01",      "1{}",
        "1/a,[]",     "4",   "4[]",  "2abc[\"a\"]", "51-[]",   "2/admin,",  "2/admin",
    };
    assert_refused(bad, sizeof bad / sizeof bad[0], RILL_SIGNALING_SIO_PAYLOAD);
    struct rill_sio_packet p;
    assert_row(rill_sio_read(rill_view_of("2{}"), &p, NULL), SIGNALING_SIO_PAYLOAD);
}

static void socketio_refuses_a_place_for_an_attachment_that_is_not_there(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "51-[\"a\",{\"_placeholder\":true,\"num\":1}]",
        "50-[\"a\",{\"_placeholder\":true,\"num\":0}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":-1}]",
        "51-[\"a\",{\"num\":0.5,\"_placeholder\":true}]",
        "51-[\"a\",{\"_placeholder\":true}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]",
        "51-[\"a\",[{\"x\":{\"_placeholder\":true,\"num\":7}}]]",
    };
    assert_refused(bad, sizeof bad / sizeof bad[0], RILL_SIGNALING_SIO_ATTACHMENT);
    struct rill_sio_packet p;
    /* An event without attachments may carry an object that looks like one. */
    assert_int_equal(
        rill_sio_read(rill_view_of("2[\"a\",{\"_placeholder\":true,\"num\":7}]"), &p, NULL), 0);
    assert_int_equal(rill_sio_read(rill_view_of("51-[\"a\",{\"_placeholder\":false}]"), &p, NULL),
                     0);
}

static void socketio_takes_64_attachments_and_names_of_256_bytes(void **state)
{
    (void)state;
    struct rill_sio_packet p;
    char text[300] = "2/";
    memset(text + 2, 'n', 255);
    strcpy(text + 257, ",[1]");
    assert_int_equal(rill_sio_read(rill_view_of(text), &p, NULL), 0);
    memset(text + 257, 'n', 1);
    strcpy(text + 258, ",[1]");
    assert_row(rill_sio_read(rill_view_of(text), &p, NULL), SIGNALING_SIO_PACKET);
    assert_int_equal(rill_sio_read(rill_view_of("564-[1]"), &p, NULL), 0);
    assert_row(rill_sio_read(rill_view_of("565-[1]"), &p, NULL), SIGNALING_SIO_PACKET);
}

/* --- sessions ------------------------------------------------------------------------- */

struct world {
    void *eio_block, *sio_block;
    struct rill_eio_session *eio;
    struct rill_sio_session *sio;
    struct rill_rng_seeded g;
    int64_t now;
};

static void open_world(struct world *w)
{
    static const char *const namespaces[] = {"/", "/custom"};
    memset(w, 0, sizeof *w);
    rill_rng_seeded_init(&w->g, rill_test_seed());
    struct rill_rng rng = rill_rng_seeded(&w->g);
    struct rill_eio_session_config eio = {.websocket = true, .max_payload = 1000, .rng = rng};
    w->now = RILL_SECOND;
    w->eio_block = malloc(rill_eio_session_size(&eio));
    w->eio = rill_eio_session_init(w->eio_block, &eio, w->now);
    rill_eio_session_ws_sent(w->eio);
    struct rill_sio_session_config sio = {.namespaces = namespaces,
                                          .n_namespaces = 2,
                                          .hold = 64,
                                          .connect_timeout = RILL_SECOND,
                                          .eio = w->eio,
                                          .rng = rng};
    w->sio_block = malloc(rill_sio_session_size(&sio));
    w->sio = rill_sio_session_init(w->sio_block, &sio, w->now);
}

static void shut_world(struct world *w)
{
    free(w->eio_block);
    free(w->sio_block);
}

static int text(struct world *w, const char *packet)
{
    return rill_sio_session_input(w->sio, w->now, false, rill_view_of(packet), NULL);
}

static int bytes(struct world *w, const char *attachment)
{
    return rill_sio_session_input(w->sio, w->now, true, rill_view_of(attachment), NULL);
}

static struct rill_sio_session_event event(struct world *w, enum rill_sio_session_event_type type)
{
    struct rill_sio_session_event e;
    assert_true(rill_sio_session_event(w->sio, &e));
    assert_int_equal(e.type, type);
    return e;
}

static void no_event(struct world *w)
{
    struct rill_sio_session_event e;
    assert_false(rill_sio_session_event(w->sio, &e));
}

/* The next message to the other side; ids of 20 letters as 20 dots. */
static const char *said(struct world *w)
{
    static char out[512];
    struct rill_eio_packet p;
    out[0] = 0;
    if (!rill_eio_session_ws_next(w->eio, &p))
        return out;
    snprintf(out, sizeof out, "%.*s", (int)p.data.n, (const char *)p.data.p);
    char *sid = strstr(out, "{\"sid\":\"");
    if (sid)
        memset(sid + 8, '.', 20);
    rill_eio_session_ws_sent(w->eio);
    return out;
}

static void connect(struct world *w, const char *packet, size_t nsp)
{
    assert_int_equal(text(w, packet), 0);
    assert_int_equal(event(w, RILL_SIO_SESSION_CONNECT).nsp, nsp);
    assert_int_equal(rill_sio_session_accept(w->sio, nsp), 0);
    said(w);
}

/* "The server MUST respond with either a CONNECT packet … or a CONNECT_ERROR packet". */
static void session_answers_connect_with_an_id_or_an_error(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    assert_int_equal(text(&w, "0{\"token\":\"123\"}"), 0);
    struct rill_sio_session_event e = event(&w, RILL_SIO_SESSION_CONNECT);
    assert_int_equal(e.nsp, 0);
    assert_true(rill_view_is(e.json, "{\"token\":\"123\"}"));
    assert_false(rill_sio_session_is_connected(w.sio, 0));
    assert_int_equal(rill_sio_session_accept(w.sio, 0), 0);
    assert_true(rill_sio_session_is_connected(w.sio, 0));
    assert_string_equal(said(&w), "0{\"sid\":\"....................\"}");
    assert_int_equal(text(&w, "0/custom,"), 0);
    e = event(&w, RILL_SIO_SESSION_CONNECT);
    assert_int_equal(e.nsp, 1);
    assert_int_equal(e.json.n, 0);
    assert_int_equal(rill_sio_session_refuse(w.sio, w.now, 1, "Not authorized"), 0);
    assert_string_equal(said(&w), "4/custom,{\"message\":\"Not authorized\"}");
    shut_world(&w);
}

static void session_refuses_a_namespace_it_does_not_have(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    assert_int_equal(text(&w, "0/random"), 0);
    no_event(&w);
    assert_string_equal(said(&w), "4/random,{\"message\":\"Invalid namespace\"}");
    shut_world(&w);
}

/* "If the server does not receive a CONNECT packet first, then it MUST close the connection". */
static void session_fails_on_anything_before_connect(void **state)
{
    (void)state;
    static const char *const first[] = {"2[\"a\"]", "30[]", "1", "4\"x\"", "50-[\"a\"]"};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        struct world w;
        open_world(&w);
        assert_row(text(&w, first[i]), SIGNALING_SIO_CONNECT);
        no_event(&w);
        shut_world(&w);
    }
}

static void session_fails_on_a_second_connect_and_on_an_error_from_a_client(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    connect(&w, "0", 0);
    assert_row(text(&w, "0"), SIGNALING_SIO_CONNECT);
    assert_row(text(&w, "4\"x\""), SIGNALING_SIO_CONNECT);
    assert_row(text(&w, "2/custom,[\"a\"]"), SIGNALING_SIO_CONNECT);
    shut_world(&w);
}

static void session_keeps_namespaces_apart(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    connect(&w, "0", 0);
    connect(&w, "0/custom,", 1);
    assert_int_equal(text(&w, "2/custom,7[\"a\",1]"), 0);
    struct rill_sio_session_event e = event(&w, RILL_SIO_SESSION_EVENT);
    assert_int_equal(e.nsp, 1);
    assert_true(e.has_id);
    assert_int_equal(e.id, 7);
    assert_true(rill_view_is(e.json, "[\"a\",1]"));
    assert_int_equal(text(&w, "1/custom"), 0);
    assert_int_equal(event(&w, RILL_SIO_SESSION_DISCONNECT).nsp, 1);
    assert_false(rill_sio_session_is_connected(w.sio, 1));
    assert_true(rill_sio_session_is_connected(w.sio, 0));
    connect(&w, "0/custom,", 1);
    shut_world(&w);
}

static void session_says_disconnect_and_takes_a_new_connect(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    connect(&w, "0/custom,", 1);
    assert_int_equal(rill_sio_session_disconnect(w.sio, w.now, 1), 0);
    assert_string_equal(said(&w), "1/custom,");
    assert_row(text(&w, "2/custom,[\"a\"]"), SIGNALING_SIO_CONNECT);
    connect(&w, "0/custom,", 1);
    shut_world(&w);
}

static void session_waits_for_each_attachment(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    connect(&w, "0", 0);
    assert_int_equal(text(&w, "52-3[\"m\",{\"_placeholder\":true,\"num\":1}]"), 0);
    no_event(&w);
    assert_int_equal(bytes(&w, "\x01\x02"), 0);
    no_event(&w);
    assert_int_equal(bytes(&w, ""), 0);
    struct rill_sio_session_event e = event(&w, RILL_SIO_SESSION_EVENT);
    assert_true(e.has_id && e.id == 3);
    assert_true(rill_view_is(e.json, "[\"m\",{\"_placeholder\":true,\"num\":1}]"));
    assert_int_equal(e.n_attachments, 2);
    assert_true(rill_view_is(e.attachments[0], "\x01\x02"));
    assert_int_equal(e.attachments[1].n, 0);
    shut_world(&w);
}

static void session_takes_the_acknowledgement_of_a_client(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    connect(&w, "0", 0);
    assert_int_equal(text(&w, "61-5[{\"_placeholder\":true,\"num\":0}]"), 0);
    assert_int_equal(bytes(&w, "x"), 0);
    struct rill_sio_session_event e = event(&w, RILL_SIO_SESSION_ACK);
    assert_int_equal(e.id, 5);
    assert_int_equal(e.n_attachments, 1);
    shut_world(&w);
}

static void session_fails_on_bytes_where_none_belong_and_on_text_where_bytes_do(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    connect(&w, "0", 0);
    assert_row(bytes(&w, "x"), SIGNALING_SIO_ATTACHMENT);
    assert_int_equal(text(&w, "51-[\"m\"]"), 0);
    assert_row(text(&w, "2[\"m\"]"), SIGNALING_SIO_ATTACHMENT);
    shut_world(&w);
}

static void session_holds_a_packet_with_its_attachments_up_to_its_limit(void **state)
{
    (void)state;
    struct world w;
    char big[64] = {0};
    open_world(&w);
    connect(&w, "0", 0);
    /* 8 bytes of text, 56 of attachment: 64. */
    memset(big, 'x', 56);
    assert_int_equal(text(&w, "51-[\"m\"]"), 0);
    assert_int_equal(bytes(&w, big), 0);
    event(&w, RILL_SIO_SESSION_EVENT);
    memset(big, 'x', 57);
    assert_int_equal(text(&w, "51-[\"m\"]"), 0);
    assert_row(bytes(&w, big), SIGNALING_SIO_TOO_LARGE);
    shut_world(&w);
}

static void session_gives_the_time_to_connect_and_no_more(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    assert_int_equal(rill_sio_session_deadline(w.sio), w.now + RILL_SECOND);
    assert_true(rill_sio_session_tick(w.sio, w.now + RILL_SECOND - 1));
    assert_false(rill_sio_session_tick(w.sio, w.now + RILL_SECOND));
    connect(&w, "0", 0);
    assert_int_equal(rill_sio_session_deadline(w.sio), RILL_NEVER);
    w.now += 5 * RILL_SECOND;
    assert_int_equal(text(&w, "1"), 0);
    assert_int_equal(rill_sio_session_deadline(w.sio), w.now + RILL_SECOND);
    shut_world(&w);
}

static void session_writes_events_and_acknowledgements_with_their_attachments(void **state)
{
    (void)state;
    struct world w;
    uint8_t out[128];
    uint64_t id = 9;
    const struct rill_view attachment = rill_view_of("\x07");
    open_world(&w);
    connect(&w, "0/custom,", 1);
    struct rill_writer o = rill_writer_of((struct rill_span){out, sizeof out});
    rill_sio_session_begin(w.sio, &o, 1, &id, 1);
    rill_w_str(&o, "[{\"_placeholder\":true,\"num\":0}]");
    assert_int_equal(rill_sio_session_send(w.sio, &o, &attachment, 1), 0);
    assert_string_equal(said(&w), "61-/custom,9[{\"_placeholder\":true,\"num\":0}]");
    assert_string_equal(said(&w), "\x07");
    o.at = 0;
    rill_sio_session_begin(w.sio, &o, 1, NULL, 0);
    rill_w_str(&o, "[\"a\"]");
    assert_int_equal(rill_sio_session_send(w.sio, &o, NULL, 0), 0);
    assert_string_equal(said(&w), "2/custom,[\"a\"]");
    o.bad = true;
    assert_row(rill_sio_session_send(w.sio, &o, NULL, 0), SIGNALING_EIO_FULL);
    shut_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(socketio_reads_and_writes_the_examples_of_the_protocol),
        cmocka_unit_test(socketio_needs_no_comma_behind_a_namespace_at_the_end),
        cmocka_unit_test(socketio_refuses_what_is_no_packet),
        cmocka_unit_test(socketio_refuses_a_payload_that_its_type_does_not_have),
        cmocka_unit_test(socketio_refuses_a_place_for_an_attachment_that_is_not_there),
        cmocka_unit_test(socketio_takes_64_attachments_and_names_of_256_bytes),
        cmocka_unit_test(session_answers_connect_with_an_id_or_an_error),
        cmocka_unit_test(session_refuses_a_namespace_it_does_not_have),
        cmocka_unit_test(session_fails_on_anything_before_connect),
        cmocka_unit_test(session_fails_on_a_second_connect_and_on_an_error_from_a_client),
        cmocka_unit_test(session_keeps_namespaces_apart),
        cmocka_unit_test(session_says_disconnect_and_takes_a_new_connect),
        cmocka_unit_test(session_waits_for_each_attachment),
        cmocka_unit_test(session_takes_the_acknowledgement_of_a_client),
        cmocka_unit_test(session_fails_on_bytes_where_none_belong_and_on_text_where_bytes_do),
        cmocka_unit_test(session_holds_a_packet_with_its_attachments_up_to_its_limit),
        cmocka_unit_test(session_gives_the_time_to_connect_and_no_more),
        cmocka_unit_test(session_writes_events_and_acknowledgements_with_their_attachments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
