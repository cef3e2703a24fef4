/* engineio: packets, payloads, the handshake and the query, as Engine.IO 4 writes them. */
#include "tests/rill_test.h"

#include "signaling/base64.h"
#include "signaling/engineio.h"

#define SEP "\x1e"

/* The packets of a payload, one a line: type, or b for bytes, and the data. */
static const char *packets(const char *payload, int *rc)
{
    static char text[1024];
    uint8_t place[512];
    size_t at = 0, n = strlen(payload);
    struct rill_span rest = {place, n};
    struct rill_eio_packet p;
    memcpy(place, payload, n);
    text[0] = 0;
    do {
        *rc = rill_eio_payload_next(&rest, &p, NULL);
        if (*rc < 0)
            return text;
        text[at++] = p.binary ? 'b' : (char)('0' + p.type);
        memcpy(text + at, p.data.p, p.data.n);
        at += p.data.n;
        text[at++] = '\n';
        text[at] = 0;
    } while (rest.p);
    return text;
}

static void engineio_reads_each_packet_type(void **state)
{
    (void)state;
    static const char *const texts[] = {"0{}", "1", "2probe", "3", "4hello", "5", "6"};
    for (int i = 0; i < 7; i++) {
        struct rill_eio_packet p;
        assert_int_equal(rill_eio_read(rill_view_of(texts[i]), &p, NULL), 0);
        assert_int_equal(p.type, i);
        assert_true(rill_view_is(p.data, texts[i] + 1));
        assert_false(p.binary);
    }
}

static void engineio_refuses_a_packet_without_a_type(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "7", "a", "-1", " 4", "b"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct rill_eio_packet p;
        assert_row(rill_eio_read(rill_view_of(texts[i]), &p, NULL), SIGNALING_EIO_PACKET);
    }
}

/* Packet encoding, HTTP long-polling: the document's own example. */
static void engineio_reads_the_packets_of_a_payload_in_order(void **state)
{
    (void)state;
    int rc;
    assert_string_equal(packets("4hello" SEP "2" SEP "4world", &rc), "4hello\n2\n4world\n");
    assert_int_equal(rc, 0);
}

static void engineio_decodes_bytes_behind_a_b(void **state)
{
    (void)state;
    int rc;
    assert_string_equal(packets("4hello" SEP "bAQIDBA==" SEP "b" SEP "6", &rc),
                        "4hello\nb\x01\x02\x03\x04\nb\n6\n");
    assert_int_equal(rc, 0);
}

static void engineio_refuses_what_is_no_base64(void **state)
{
    (void)state;
    static const char *const bad[] = {"bAQ", "bAQI", "b====", "bAR==", "bA-_=", "bAQ==AQ=="};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_row(rill_eio_payload_check(rill_view_of(bad[i]), NULL), SIGNALING_EIO_BASE64);
}

static void engineio_refuses_an_empty_packet_in_a_payload_and_says_where(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "4a" SEP, SEP "4a", "4a" SEP SEP "4b", "4a" SEP "9"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_row(rill_eio_payload_check(rill_view_of(bad[i]), NULL), SIGNALING_EIO_PACKET);
    struct rill_err why = {0};
    rill_eio_payload_check(rill_view_of("4a" SEP "9"), &why);
    assert_int_equal(why.offset, 3);
}

static void engineio_writes_a_payload_as_it_reads_it(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 2, 3, 4};
    uint8_t out[64];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    const struct rill_eio_packet text = {RILL_EIO_MESSAGE, false, rill_view_of("hello")};
    const struct rill_eio_packet binary = {RILL_EIO_MESSAGE, true, rill_view_at(bytes, 4)};
    rill_eio_payload_add(&w, &text);
    rill_eio_payload_add(&w, &binary);
    assert_true(rill_view_is(rill_w_view(&w), "4hello" SEP "bAQIDBA=="));
    assert_true(rill_eio_payload_size(&text) + rill_eio_payload_size(&binary) >= w.at);
}

static void engineio_writes_bytes_to_a_websocket_as_they_are(void **state)
{
    (void)state;
    uint8_t out[8];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_eio_write(&w, &(struct rill_eio_packet){RILL_EIO_MESSAGE, true, rill_view_of("\x01\x02")});
    assert_true(rill_view_is(rill_w_view(&w), "\x01\x02"));
}

/* Handshake: all five members. */
static void engineio_writes_the_handshake_with_all_its_members(void **state)
{
    (void)state;
    uint8_t out[256];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    struct rill_eio_handshake h = {rill_view_of("lv_VI97HAXpY6yYWAAAC"), true, 25000, 20000,
                                   1000000};
    rill_eio_write_handshake(&w, &h);
    assert_true(rill_view_is(
        rill_w_view(&w), "{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],"
                         "\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"));
    w.at = 0;
    h.upgrades = false;
    rill_eio_write_handshake(&w, &h);
    out[w.at] = 0;
    assert_non_null(strstr((char *)out, "\"upgrades\":[],"));
}

static void engineio_reads_a_handshake_of_any_server(void **state)
{
    (void)state;
    struct rill_eio_handshake h;
    assert_int_equal(
        rill_eio_read_handshake(rill_view_of("{ \"more\":{\"sid\":1,\"x\":[\"websocket\"]},"
                                             "\"pingTimeout\":20000, \"pingInterval\" : 300,"
                                             "\"upgrades\":[\"webtransport\",\"websocket\"],"
                                             "\"sid\":\"abc\"}"),
                                &h, NULL),
        0);
    assert_true(rill_view_is(h.sid, "abc"));
    assert_true(h.upgrades);
    assert_int_equal(h.ping_interval, 300);
    assert_int_equal(h.ping_timeout, 20000);
    assert_int_equal(h.max_payload, 0);
}

static void engineio_refuses_a_handshake_that_lacks_something(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"sid\":\"a\",\"pingInterval\":1}",
        "{\"sid\":\"\",\"pingInterval\":1,\"pingTimeout\":1}",
        "{\"sid\":7,\"pingInterval\":1,\"pingTimeout\":1}",
        "{\"sid\":\"a\",\"pingInterval\":\"1\",\"pingTimeout\":1}",
        "{\"sid\":\"a\",\"pingInterval\":-1,\"pingTimeout\":1}",
        "{\"sid\":\"a\",\"pingInterval\":1,\"pingTimeout\":1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct rill_eio_handshake h;
        assert_row(rill_eio_read_handshake(rill_view_of(bad[i]), &h, NULL),
                   SIGNALING_EIO_HANDSHAKE);
    }
}

static void engineio_makes_ids_of_plain_letters_that_differ(void **state)
{
    (void)state;
    struct rill_rng_seeded g;
    rill_rng_seeded_init(&g, rill_test_seed());
    struct rill_rng rng = rill_rng_seeded(&g);
    char a[RILL_EIO_SID_SIZE], b[RILL_EIO_SID_SIZE];
    rill_eio_make_sid(&rng, a);
    rill_eio_make_sid(&rng, b);
    assert_memory_not_equal(a, b, sizeof a);
    for (size_t i = 0; i < sizeof a; i++)
        assert_true((a[i] >= '0' && a[i] <= '9') || (a[i] >= 'A' && a[i] <= 'Z') ||
                    (a[i] >= 'a' && a[i] <= 'z') || a[i] == '-' || a[i] == '_');
}

static void engineio_knows_its_path_and_reads_its_query(void **state)
{
    (void)state;
    struct rill_view query;
    struct rill_eio_query q;
    assert_true(rill_eio_target(rill_view_of("/engine.io/?EIO=4&transport=polling&t=x7&sid="
                                             "AAAAAAAAAAAAAAAAAAAA"),
                                "/engine.io/", &query));
    rill_eio_read_query(query, &q);
    assert_true(q.version_4 && q.has_sid);
    assert_int_equal(q.transport, RILL_EIO_POLLING);
    assert_memory_equal(q.sid, "AAAAAAAAAAAAAAAAAAAA", RILL_EIO_SID_SIZE);
    assert_true(rill_eio_target(rill_view_of("/engine.io?EIO=3&transport=websocket"), "/engine.io/",
                                &query));
    rill_eio_read_query(query, &q);
    assert_false(q.version_4 || q.has_sid);
    assert_int_equal(q.transport, RILL_EIO_WEBSOCKET);
    assert_false(rill_eio_target(rill_view_of("/engine.io/x?EIO=4"), "/engine.io/", &query));
    assert_false(rill_eio_target(rill_view_of("/"), "/engine.io/", &query));
    assert_true(rill_eio_target(rill_view_of("/engine.io/"), "/engine.io/", &query));
    rill_eio_read_query(query, &q);
    assert_false(q.version_4 || q.has_sid);
    assert_int_equal(q.transport, RILL_EIO_NO_TRANSPORT);
}

static void engineio_says_why_a_request_is_refused(void **state)
{
    (void)state;
    static const char *const want[] = {
        "{\"code\":0,\"message\":\"Transport unknown\"}",
        "{\"code\":1,\"message\":\"Session ID unknown\"}",
        "{\"code\":2,\"message\":\"Bad handshake method\"}",
        "{\"code\":3,\"message\":\"Bad request\"}",
        "{\"code\":4,\"message\":\"Forbidden\"}",
        "{\"code\":5,\"message\":\"Unsupported protocol version\"}",
    };
    for (size_t i = 0; i < 6; i++) {
        uint8_t out[64];
        struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
        rill_eio_write_refusal(&w, (enum rill_eio_refusal)i);
        assert_true(rill_view_is(rill_w_view(&w), want[i]));
    }
}

/* RFC 4648 §10: the test vectors, there and back, in the same place. */
static void base64_reads_what_it_writes(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < 5; i++) {
        uint8_t place[16];
        struct rill_writer w = rill_writer_of((struct rill_span){place, sizeof place});
        rill_base64_write(&w, rill_view_of(vectors[i][0]));
        assert_true(rill_view_is(rill_w_view(&w), vectors[i][1]));
        long n = rill_base64_read(rill_w_view(&w), (struct rill_span){place, sizeof place});
        assert_true(rill_view_is(rill_view_at(place, (size_t)n), vectors[i][0]));
    }
    uint8_t two[2];
    assert_int_equal(rill_base64_read(rill_view_of("Zm9v"), (struct rill_span){two, 2}), -1);
    assert_int_equal(rill_base64_read(rill_view_of("Zm8="), (struct rill_span){two, 2}), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engineio_reads_each_packet_type),
        cmocka_unit_test(engineio_refuses_a_packet_without_a_type),
        cmocka_unit_test(engineio_reads_the_packets_of_a_payload_in_order),
        cmocka_unit_test(engineio_decodes_bytes_behind_a_b),
        cmocka_unit_test(engineio_refuses_what_is_no_base64),
        cmocka_unit_test(engineio_refuses_an_empty_packet_in_a_payload_and_says_where),
        cmocka_unit_test(engineio_writes_a_payload_as_it_reads_it),
        cmocka_unit_test(engineio_writes_bytes_to_a_websocket_as_they_are),
        cmocka_unit_test(engineio_writes_the_handshake_with_all_its_members),
        cmocka_unit_test(engineio_reads_a_handshake_of_any_server),
        cmocka_unit_test(engineio_refuses_a_handshake_that_lacks_something),
        cmocka_unit_test(engineio_makes_ids_of_plain_letters_that_differ),
        cmocka_unit_test(engineio_knows_its_path_and_reads_its_query),
        cmocka_unit_test(engineio_says_why_a_request_is_refused),
        cmocka_unit_test(base64_reads_what_it_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
