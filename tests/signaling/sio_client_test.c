/* sio_client: what a server's packets mean to a client, in the order the protocols allow. */
#include "tests/rill_test.h"

#include "signaling/sio_client.h"

static const char open_packet[] =
    "0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000}";

static struct rill_sio_client_said take(struct rill_sio_client *x, const char *text)
{
    struct rill_sio_client_said said;
    assert_int_equal(rill_sio_client_take(x, RILL_SECOND, rill_view_of(text), &said, NULL), 0);
    return said;
}

static int refused(struct rill_sio_client *x, const char *text)
{
    struct rill_sio_client_said said;
    return rill_sio_client_take(x, RILL_SECOND, rill_view_of(text), &said, NULL);
}

static struct rill_sio_client connected(void)
{
    struct rill_sio_client x = {.silent_at = RILL_NEVER};
    assert_int_equal(take(&x, open_packet).type, RILL_SIO_SAID_OPEN);
    assert_int_equal(take(&x, "40{\"sid\":\"y\"}").type, RILL_SIO_SAID_CONNECTED);
    return x;
}

static void client_opens_connects_and_hears_events_and_acknowledgements(void **state)
{
    (void)state;
    struct rill_sio_client x = connected();
    assert_int_equal(x.max_payload, 1000);
    struct rill_sio_client_said said = take(&x, "42[\"a\",1]");
    assert_int_equal(said.type, RILL_SIO_SAID_EVENT);
    assert_true(rill_view_is(said.json, "[\"a\",1]"));
    said = take(&x, "4317[[]]");
    assert_int_equal(said.type, RILL_SIO_SAID_ACK);
    assert_int_equal(said.id, 17);
    assert_true(rill_view_is(said.json, "[[]]"));
    assert_int_equal(take(&x, "6").type, RILL_SIO_SAID_NOTHING);
    assert_int_equal(take(&x, "42/other,[\"a\"]").type, RILL_SIO_SAID_NOTHING);
}

/* Heartbeat: "within pingInterval + pingTimeout". */
static void client_counts_the_time_from_ping_to_ping(void **state)
{
    (void)state;
    struct rill_sio_client x = connected();
    struct rill_sio_client_said said;
    assert_int_equal(x.silent_at, RILL_SECOND + 500 * RILL_MS);
    assert_int_equal(rill_sio_client_take(&x, 2 * RILL_SECOND, rill_view_of("2"), &said, NULL), 0);
    assert_int_equal(said.type, RILL_SIO_SAID_PING);
    assert_int_equal(x.silent_at, 2 * RILL_SECOND + 500 * RILL_MS);
}

static void client_is_gone_when_the_server_says_so(void **state)
{
    (void)state;
    static const char *const ways[] = {"1", "41"};
    for (size_t i = 0; i < 2; i++) {
        struct rill_sio_client x = connected();
        assert_int_equal(take(&x, ways[i]).type, RILL_SIO_SAID_GONE);
        assert_int_equal(x.silent_at, RILL_NEVER);
        assert_int_equal(take(&x, "42[\"late\"]").type, RILL_SIO_SAID_NOTHING);
    }
}

static void client_reads_why_it_is_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"44{\"data\":{\"message\":\"inner\"},\"message\":\"Not authorized\"}", "Not authorized"},
        {"44\"Not authorized\"", "Not authorized"},
        {"44{\"data\":\"x\"}", "no reason"},
    };
    for (size_t i = 0; i < 3; i++) {
        struct rill_sio_client x = {.silent_at = RILL_NEVER};
        take(&x, open_packet);
        struct rill_sio_client_said said = take(&x, rows[i][0]);
        assert_int_equal(said.type, RILL_SIO_SAID_REFUSED);
        assert_true(rill_view_is(said.json, rows[i][1]));
    }
}

static void client_fails_on_what_comes_out_of_order(void **state)
{
    (void)state;
    struct rill_sio_client fresh = {.silent_at = RILL_NEVER};
    assert_row(refused(&fresh, "2"), SIGNALING_EIO_UNEXPECTED);
    assert_row(refused(&fresh, "40{}"), SIGNALING_EIO_UNEXPECTED);
    assert_row(refused(&fresh, "x"), SIGNALING_EIO_PACKET);
    assert_row(refused(&fresh, "0{}"), SIGNALING_EIO_HANDSHAKE);
    take(&fresh, open_packet);
    assert_row(refused(&fresh, open_packet), SIGNALING_EIO_UNEXPECTED);
    assert_row(refused(&fresh, "42[\"early\"]"), SIGNALING_SIO_CONNECT);
    assert_row(refused(&fresh, "42{}"), SIGNALING_SIO_PAYLOAD);
    struct rill_sio_client x = connected();
    assert_row(refused(&x, "40{}"), SIGNALING_SIO_CONNECT);
    assert_row(refused(&x, "44{}"), SIGNALING_SIO_CONNECT);
    assert_row(refused(&x, "3"), SIGNALING_EIO_UNEXPECTED);
    assert_row(refused(&x, "5"), SIGNALING_EIO_UNEXPECTED);
}

static void client_writes_events_with_and_without_an_id(void **state)
{
    (void)state;
    uint8_t out[32];
    uint64_t id = 3;
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_sio_client_begin(&w, RILL_SIO_EVENT, &id);
    assert_true(rill_view_is(rill_w_view(&w), "423"));
    w.at = 0;
    rill_sio_client_begin(&w, RILL_SIO_CONNECT, NULL);
    assert_true(rill_view_is(rill_w_view(&w), "40"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_opens_connects_and_hears_events_and_acknowledgements),
        cmocka_unit_test(client_counts_the_time_from_ping_to_ping),
        cmocka_unit_test(client_is_gone_when_the_server_says_so),
        cmocka_unit_test(client_reads_why_it_is_refused),
        cmocka_unit_test(client_fails_on_what_comes_out_of_order),
        cmocka_unit_test(client_writes_events_with_and_without_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
