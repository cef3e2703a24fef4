/* What an attacker without keys can send changes nothing (RFC 6347 §4.1.2.7). */
#include "dtls/conn_private.h"
#include "tests/dtls/pair.h"

static struct pair p;

static int set_up(void **state)
{
    (void)state;
    pair_ready(&p, rill_test_seed());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pair_free(&p);
    return 0;
}

static int inject_hex(int to, const char *hex)
{
    static uint8_t bytes[PAIR_DATAGRAM];
    return pair_inject(&p, to, rill_test_hex(hex, bytes, sizeof bytes));
}

/* --- noise all along ---------------------------------------------------------------------- */

/* Every datagram is followed, and led, by what an attacker can make up. */
static void throw_noise(struct pair *q, int to, struct rill_view d)
{
    struct rill_rng rng = rill_rng_seeded(&q->loss_rng);
    uint8_t noise[PAIR_DATAGRAM];
    static const char *const forged[] = {
        "15 fefd 0000 0000000000f0 0002 0228",     /* fatal alert, in the clear */
        "15 fefd 0000 0000000000f1 0002 0100",     /* close_notify, in the clear */
        "15 fefd 0000 0000000000f2 0001 02",       /* half an alert */
        "14 fefd 0000 0000000000f3 0001 02",       /* a change to what? */
        "14 fefd 0000 0000000000f4 0002 0101",     /* twice */
        "17 fefd 0000 0000000000f5 0004 deadbeef", /* data, in the clear */
        "16 fefd 0000 0000000000f6 0003 0b0000",   /* half a message header */
        "16 fefd 0000 0000000000f7 000c 0b ffffff 0001 000000 ffffff",
        "16 fefd 0000 0000000000f8 000c 0b 000010 0001 000004 000000",     /* an empty fragment */
        "16 fefd 0001 0000000000f9 0010 00000000000000000000000000000000", /* no key made this */
        "15 fefd 0001 0000000000fa 001a 0000000000000000000000000000000000000000000000000000",
        "16 fefd 0002 0000000000fb 0010 00000000000000000000000000000000", /* a later epoch */
        "16 0303 0000 0000000000fc 0010 00000000000000000000000000000000", /* TLS */
        "18 fefd 0000 0000000000fd 0001 00",                               /* heartbeat */
    };
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        rill_dtls_input(q->end[to].x, q->now, rill_test_hex(forged[i], noise, sizeof noise), NULL);
        rill_rng_fill(&rng, noise, 300);
        noise[0] = (uint8_t)(20 + i % 44);
        rill_dtls_input(q->end[to].x, q->now, rill_view_at(noise, 13 + 20 * i), NULL);
        /* The true first record, one byte of its header spoiled, but for the number. */
        size_t n = 13 + (size_t)(d.p[11] << 8 | d.p[12]);
        memcpy(noise, d.p, n);
        noise[i % 13] ^= 0x40;
        if (i % 13 < 5 || i % 13 > 10)
            rill_dtls_input(q->end[to].x, q->now, rill_view_at(noise, n), NULL);
        /* And cut short. */
        memcpy(noise, d.p, d.n);
        rill_dtls_input(q->end[to].x, q->now, rill_view_at(noise, i), NULL);
    }
}

static bool noisy(struct pair *q, int from, size_t nth, struct rill_view d)
{
    (void)nth;
    throw_noise(q, !from, d);
    return false;
}

static void dtls_connects_through_noise_and_forgeries(void **state)
{
    (void)state;
    p.lose = noisy;
    int64_t began = p.now;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    assert_true(p.now - began <= 4 * PAIR_DELAY);
}

static void dtls_stays_connected_through_noise_and_forgeries(void **state)
{
    (void)state;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    uint8_t d[64] = {22, 0xfe, 0xfd, [12] = 51};
    for (int i = 0; i < 2; i++)
        throw_noise(&p, i, rill_view_at(d, sizeof d));
    assert_true(pair_connected(&p));
    rill_dtls_close(p.end[CLIENT].x, p.now);
    pair_drain(&p, CLIENT);
    pair_run(&p, RILL_SECOND);
    assert_int_equal(rill_dtls_state(p.end[SERVER].x), RILL_DTLS_CLOSED);
}

/* --- row by row --------------------------------------------------------------------------- */

static void dtls_drops_a_datagram_one_byte_larger_than_it_takes(void **state)
{
    (void)state;
    static uint8_t bytes[RILL_DATAGRAM_IN_MAX + 1] = {0xff};
    pair_start(&p);
    assert_row(pair_inject(&p, SERVER, rill_view_at(bytes, RILL_DATAGRAM_IN_MAX)),
               DTLS_RECORD_TYPE);
    int rc = pair_inject(&p, SERVER, rill_view_at(bytes, RILL_DATAGRAM_IN_MAX + 1));
    assert_row(rc, DTLS_DATAGRAM_TOO_LARGE);
}

static void dtls_tells_where_in_the_datagram_a_record_was_dropped(void **state)
{
    (void)state;
    pair_start(&p);
    inject_hex(SERVER, "14 fefd 0000 000000000001 0001 02 16 fefd");
    assert_row(p.end[SERVER].why.row->code, DTLS_CHANGE_CIPHER_SPEC);
    inject_hex(CLIENT, "16 fefd 0000 000000000001 000c 0e 000000 0009 000000 000000 16 fefd");
    assert_row(p.end[CLIENT].why.row->code, DTLS_RECORD_TOO_SHORT);
    assert_int_equal(p.end[CLIENT].why.offset, 25);
}

static void dtls_drops_an_alert_in_the_clear(void **state)
{
    (void)state;
    pair_start(&p);
    assert_row(inject_hex(CLIENT, "15 fefd 0000 000000000001 0002 0228"), DTLS_ALERT_UNPROTECTED);
    assert_int_equal(p.end[CLIENT].why.value, 40);
}

static void dtls_remembers_an_alert_in_the_clear_only_as_the_reason_of_a_later_failure(void **state)
{
    (void)state;
    rill_dtls_start(p.end[CLIENT].x, p.now);
    inject_hex(CLIENT, "15 fefd 0000 000000000001 0002 0228");
    p.on_wire = 0;
    assert_int_equal(rill_dtls_state(p.end[CLIENT].x), RILL_DTLS_CONNECTING);
    p.now += 31 * RILL_SECOND;
    rill_dtls_tick(p.end[CLIENT].x, p.now);
    pair_drain(&p, CLIENT);
    assert_row(p.end[CLIENT].last.error, DTLS_PEER_ALERT);
}

static void dtls_drops_what_has_no_place_while_a_hello_is_awaited(void **state)
{
    (void)state;
    pair_start(&p);
    /* Finished, ChangeCipherSpec, application data */
    assert_row(inject_hex(SERVER, "16 fefd 0000 000000000001 000c 14 000000 0009 000000 000000"),
               DTLS_UNEXPECTED);
    assert_row(inject_hex(SERVER, "14 fefd 0000 000000000001 0001 01"), DTLS_UNEXPECTED);
    assert_row(inject_hex(SERVER, "17 fefd 0000 000000000001 0001 01"), DTLS_UNEXPECTED);
    /* ClientHello to a client */
    assert_row(inject_hex(CLIENT, "16 fefd 0000 000000000001 000c 01 000000 0000 000000 000000"),
               DTLS_UNEXPECTED);
}

static void dtls_drops_a_hello_that_is_none(void **state)
{
    (void)state;
    pair_start(&p);
    int rc = inject_hex(SERVER, "16 fefd 0000 000000000001 000c 01 000000 0000 000000 000000");
    assert_row(rc, DTLS_HELLO_REFUSED);
    /* 34 bytes: version and random, nothing behind */
    rc = inject_hex(SERVER, "16 fefd 0000 000000000001 002e 01 000022 0000 000000 000022 fefd"
                            "0000000000000000000000000000000000000000000000000000000000000000");
    assert_row(rc, DTLS_HELLO_REFUSED);
    assert_int_equal(p.end[SERVER].sent, 0);
    assert_true(pair_connect(&p, RILL_SECOND));
}

static void dtls_drops_records_of_the_clear_after_the_handshake(void **state)
{
    (void)state;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    struct rill_view hello = rill_view_at(p.record_first[CLIENT], p.record_first_n[CLIENT]);
    assert_row(pair_inject(&p, SERVER, hello), DTLS_RECORD_EPOCH);
    assert_true(pair_connected(&p));
}

static bool keep_client(struct pair *q, int from, size_t nth, struct rill_view d)
{
    if (from == CLIENT && nth == 1) {
        memcpy(q->record_first[CLIENT], d.p, d.n);
        q->record_first_n[CLIENT] = d.n;
    }
    return false;
}

static void dtls_drops_a_replayed_finished(void **state)
{
    (void)state;
    p.lose = keep_client;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    size_t sent = p.end[SERVER].sent;
    struct rill_view rest = rill_view_at(p.record_first[CLIENT], p.record_first_n[CLIENT]);
    struct rill_dtls_record r = {0};
    while (rest.n && r.epoch == 0)
        assert_int_equal(rill_dtls_record_read(&rest, &r, NULL), 0);
    assert_int_equal(r.epoch, 1);
    assert_row(pair_inject(&p, SERVER, r.whole), DTLS_RECORD_REPLAYED);
    assert_int_equal(p.end[SERVER].sent, sent);
}

static void dtls_drops_a_record_with_a_bad_mac(void **state)
{
    (void)state;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    for (int i = 0; i < 1000; i++) {
        int rc = inject_hex(SERVER, "15 fefd 0001 0000000000fa 001a 00000000000000000000"
                                    "00000000000000000000000000000000");
        assert_row(rc, DTLS_RECORD_MAC);
    }
    assert_true(pair_connected(&p));
}

static void dtls_drops_a_record_of_an_epoch_that_never_comes(void **state)
{
    (void)state;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    assert_row(inject_hex(SERVER, "15 fefd 0002 000000000001 0002 0228"), DTLS_RECORD_EPOCH);
}

/* --- order ------------------------------------------------------------------------------- */

static struct rill_view records[16];
static size_t n_records;

static void split(struct rill_view d)
{
    n_records = 0;
    struct rill_dtls_record r;
    while (d.n && n_records < 16 && rill_dtls_record_read(&d, &r, NULL) == 0)
        records[n_records++] = r.whole;
}

/* Each record in a datagram of its own, the last one first; a forgery before Finished. */
static bool finished_first(struct pair *q, int from, size_t nth, struct rill_view d)
{
    if (nth != 1)
        return false;
    split(d);
    pair_put(q, !from, q->now + PAIR_DELAY, records[n_records - 1]);
    for (size_t i = 0; i + 1 < n_records; i++)
        pair_put(q, !from, q->now + PAIR_DELAY + 1 + (int64_t)i, records[i]);
    return true;
}

static void dtls_keeps_a_finished_that_overtook_the_rest(void **state)
{
    (void)state;
    p.lose = finished_first;
    int64_t began = p.now;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    assert_true(p.now - began < 5 * PAIR_DELAY);
}

/* A record that nobody could have made, just when Finished is awaited, and before. */
static bool forged_finished(struct pair *q, int from, size_t nth, struct rill_view d)
{
    static uint8_t forged[] = {22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 40, [52] = 7};
    if (nth != 1)
        return false;
    split(d);
    for (size_t i = 0; i < n_records; i++) {
        int64_t at = q->now + PAIR_DELAY + 2 * (int64_t)i;
        pair_put(q, !from, at, rill_view_at(forged, sizeof forged));
        pair_put(q, !from, at + 1, records[i]);
    }
    return true;
}

static void dtls_survives_a_forged_finished_at_every_point(void **state)
{
    (void)state;
    p.lose = forged_finished;
    int64_t began = p.now;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    assert_true(p.now - began < 5 * PAIR_DELAY);
}

/* A handshake message of the right number where only ChangeCipherSpec may come. */
static bool message_before_change(struct pair *q, int from, size_t nth, struct rill_view d)
{
    if (nth != 1)
        return false;
    split(d);
    int64_t at = q->now + PAIR_DELAY;
    for (size_t i = 0; i < n_records; i++) {
        if (records[i].p[0] == 20) {
            for (uint8_t seq = 0; seq < 16; seq++) {
                uint8_t forged[] = {22, 0xfe, 0xfd, 0, 0, 0,   0, 0, 0, 1, seq, 0, 13,
                                    20, 0,    0,    1, 0, seq, 0, 0, 0, 0, 0,   1, 9};
                pair_put(q, !from, at++, rill_view_at(forged, sizeof forged));
            }
        }
        pair_put(q, !from, at++, records[i]);
    }
    return true;
}

static void dtls_survives_a_forged_message_where_the_keys_change(void **state)
{
    (void)state;
    p.lose = message_before_change;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
}

/* [Certificate, first half of ClientKeyExchange] [second half, CertificateVerify]: legal, and
 * what a sender does that fills its records. */
static bool packed(struct pair *q, int from, size_t nth, struct rill_view d)
{
    if (from != CLIENT || nth != 1)
        return false;
    split(d);
    uint8_t body[2][PAIR_DATAGRAM], out[PAIR_DATAGRAM];
    struct rill_writer b[2] = {rill_writer_of((struct rill_span){body[0], PAIR_DATAGRAM}),
                               rill_writer_of((struct rill_span){body[1], PAIR_DATAGRAM})};
    struct rill_dtls_record r[3];
    struct rill_dtls_message m[3];
    for (int i = 0; i < 3; i++) {
        struct rill_view v = records[i];
        assert_int_equal(rill_dtls_record_read(&v, &r[i], NULL), 0);
        v = r[i].body;
        assert_int_equal(rill_dtls_message_read(&v, &m[i], NULL), 0);
    }
    assert_int_equal(m[1].type, 16);
    rill_w_bytes(&b[0], m[0].whole);
    size_t half = m[1].length / 2;
    for (int k = 0; k < 2; k++) {
        size_t begin = k ? half : 0, n = k ? m[1].length - half : half;
        rill_w_bytes(&b[k], rill_view_sub(m[1].whole, 0, 6));
        rill_w_u24(&b[k], (uint32_t)begin);
        rill_w_u24(&b[k], (uint32_t)n);
        rill_w_bytes(&b[k], rill_view_sub(m[1].fragment, begin, n));
    }
    rill_w_bytes(&b[1], m[2].whole);
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_dtls_record_write(&w, &r[0], rill_w_view(&b[0]));
    rill_dtls_record_write(&w, &r[1], rill_w_view(&b[1]));
    for (size_t i = 3; i < n_records; i++)
        rill_w_bytes(&w, records[i]);
    pair_put(q, SERVER, q->now + PAIR_DELAY, rill_w_view(&w));
    return true;
}

static void dtls_reads_records_that_hold_a_fragment_and_a_message(void **state)
{
    (void)state;
    p.lose = packed;
    int64_t began = p.now;
    pair_start(&p);
    assert_true(pair_connect(&p, RILL_SECOND));
    assert_true(p.now - began < 5 * PAIR_DELAY);
}

/* --- two clients ------------------------------------------------------------------------- */

static struct pair other;

/* Another client's first datagram. */
static struct rill_view other_hello(void)
{
    pair_ready(&other, rill_test_seed() + 99);
    rill_dtls_start(other.end[CLIENT].x, other.now);
    pair_drain(&other, CLIENT);
    return rill_view_at(other.record_first[CLIENT], other.record_first_n[CLIENT]);
}

static void dtls_server_keeps_to_the_hello_it_is_answering(void **state)
{
    (void)state;
    pair_start(&p);
    pair_run(&p, PAIR_DELAY);
    assert_row(pair_inject(&p, SERVER, other_hello()), DTLS_HELLO_OTHER);
    assert_true(pair_connect(&p, RILL_SECOND));
    pair_free(&other);
}

static void dtls_server_turns_to_another_client_when_the_first_fell_silent(void **state)
{
    (void)state;
    rill_dtls_start(p.end[SERVER].x, p.now);
    assert_int_equal(pair_inject(&p, SERVER, other_hello()), 0);
    pair_free(&other);
    p.on_wire = 0;
    pair_run(&p, RILL_SECOND);
    p.on_wire = 0;
    rill_dtls_start(p.end[CLIENT].x, p.now);
    pair_drain(&p, CLIENT);
    assert_true(pair_connect(&p, RILL_SECOND));
}

static void dtls_server_takes_a_hello_that_comes_again_as_a_call_for_its_flight(void **state)
{
    (void)state;
    pair_start(&p);
    pair_run(&p, PAIR_DELAY);
    assert_int_equal(p.end[SERVER].sent, 1);
    uint8_t again[PAIR_DATAGRAM];
    memcpy(again, p.record_first[CLIENT], p.record_first_n[CLIENT]);
    again[10] = 1; /* the record's number: sent again */
    assert_int_equal(pair_inject(&p, SERVER, rill_view_at(again, p.record_first_n[CLIENT])), 0);
    assert_int_equal(p.end[SERVER].sent, 2);
    assert_true(pair_connect(&p, RILL_SECOND));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(dtls_connects_through_noise_and_forgeries),
        TEST(dtls_stays_connected_through_noise_and_forgeries),
        TEST(dtls_drops_a_datagram_one_byte_larger_than_it_takes),
        TEST(dtls_tells_where_in_the_datagram_a_record_was_dropped),
        TEST(dtls_drops_an_alert_in_the_clear),
        TEST(dtls_remembers_an_alert_in_the_clear_only_as_the_reason_of_a_later_failure),
        TEST(dtls_drops_what_has_no_place_while_a_hello_is_awaited),
        TEST(dtls_drops_a_hello_that_is_none),
        TEST(dtls_drops_records_of_the_clear_after_the_handshake),
        TEST(dtls_drops_a_replayed_finished),
        TEST(dtls_drops_a_record_with_a_bad_mac),
        TEST(dtls_drops_a_record_of_an_epoch_that_never_comes),
        TEST(dtls_keeps_a_finished_that_overtook_the_rest),
        TEST(dtls_survives_a_forged_finished_at_every_point),
        TEST(dtls_survives_a_forged_message_where_the_keys_change),
        TEST(dtls_reads_records_that_hold_a_fragment_and_a_message),
        TEST(dtls_server_keeps_to_the_hello_it_is_answering),
        TEST(dtls_server_turns_to_another_client_when_the_first_fell_silent),
        TEST(dtls_server_takes_a_hello_that_comes_again_as_a_call_for_its_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
