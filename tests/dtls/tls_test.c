/* TLS streams: two ends of rill in memory. */
#include "dtls/tls_private.h"
#include "tests/dtls/tls_pair.h"

static struct tls_pair p; /* too large for the stack */

static int close_down(void **state)
{
    (void)state;
    if (p.ca.block)
        tls_pair_free(&p);
    memset(&p, 0, sizeof p);
    return 0;
}

/* Everything both ways, in pieces of the size that tls_pair has. */
static void talk(struct tls_pair *t, size_t n)
{
    static uint8_t said[2][1 << 15];
    size_t at[2] = {0, 0};
    for (size_t i = 0; i < n; i++)
        said[CLIENT][i] = (uint8_t)(i * 7), said[SERVER][i] = (uint8_t)(i * 13 + 1);
    while (at[CLIENT] < n || at[SERVER] < n) {
        for (int i = 0; i < 2; i++) {
            size_t room = rill_tls_writable(t->end[i].x), left = n - at[i];
            size_t took = rill_tls_write(t->end[i].x, t->now, rill_view_at(said[i] + at[i], left));
            assert_int_equal(took, room < left ? room : left);
            at[i] += took;
        }
        tls_pair_run(t);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(t->end[i].n_got, n);
        assert_memory_equal(t->end[i].got, said[!i], n);
        t->end[i].n_got = 0;
    }
}

static void assert_both_open(void)
{
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rill_tls_state(p.end[i].x), RILL_TLS_OPEN);
        assert_int_equal(p.end[i].opened, 1);
        assert_int_equal(p.end[i].ended, 0);
    }
}

/* --- the handshake -------------------------------------------------------------------- */

static void tls_handshake_agrees_on_tls_1_2_an_aead_suite_and_http_1_1(void **state)
{
    (void)state;
    struct rill_tls_info info;
    tls_pair_ready(&p, 1);
    assert_both_open();
    assert_string_equal(p.end[CLIENT].alpn, "http/1.1");
    assert_string_equal(p.end[SERVER].alpn, "http/1.1");
    rill_tls_info(p.end[CLIENT].x, &info);
    assert_string_equal(info.version, "TLSv1.2");
    assert_string_equal(info.ciphersuite, "TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256");
    assert_int_equal(rill_tls_deadline(p.end[CLIENT].x), RILL_NEVER);
    assert_int_equal(rill_tls_deadline(p.end[SERVER].x), RILL_NEVER);
}

static void tls_stream_cut_at_every_byte_is_the_same_stream(void **state)
{
    (void)state;
    tls_pair_config(&p, 2);
    p.piece = 1;
    tls_pair_open(&p);
    tls_pair_run(&p);
    assert_both_open();
    talk(&p, 700);
}

static void tls_stream_cut_at_random_is_the_same_stream(void **state)
{
    (void)state;
    for (uint64_t seed = rill_test_seed(); seed < rill_test_seed() + 4; seed++) {
        tls_pair_config(&p, seed);
        p.piece = 0;
        tls_pair_open(&p);
        tls_pair_run(&p);
        assert_both_open();
        talk(&p, 1 << 15);
        tls_pair_free(&p);
    }
    memset(&p, 0, sizeof p);
}

static void tls_handshake_passes_through_the_smallest_queue(void **state)
{
    (void)state;
    tls_pair_config(&p, 3);
    p.end[CLIENT].config.queue = p.end[SERVER].config.queue = RILL_TLS_QUEUE_MIN;
    p.piece = 100;
    tls_pair_open(&p);
    tls_pair_run(&p);
    assert_both_open();
    talk(&p, 5000);
}

static void tls_init_refuses_a_queue_below_the_smallest(void **state)
{
    (void)state;
    tls_pair_config(&p, 3);
    p.end[SERVER].config.queue = RILL_TLS_QUEUE_MIN - 1;
    void *block = malloc(rill_tls_size(&p.end[SERVER].config));
    assert_null(rill_tls_init(block, &p.end[SERVER].config));
    assert_int_equal(rill_tls_identity_users(p.server.id), 0);
    free(block);
}

static void tls_init_refuses_a_server_without_a_key_and_a_client_without_a_host(void **state)
{
    (void)state;
    static const char *const hosts[] = {"", "*.example.org", "a..b", "-a.org"};
    tls_pair_config(&p, 3);
    void *block = malloc(rill_tls_size(&p.end[SERVER].config));
    p.end[SERVER].config.identity = NULL;
    assert_null(rill_tls_init(block, &p.end[SERVER].config));
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        p.end[CLIENT].config.host = rill_view_of(hosts[i]);
        assert_null(rill_tls_init(block, &p.end[CLIENT].config));
    }
    free(block);
}

static void tls_server_that_hears_nothing_gives_up_after_its_time(void **state)
{
    (void)state;
    tls_pair_config(&p, 4);
    p.end[SERVER].config.timeout = 3 * RILL_SECOND;
    tls_pair_open(&p);
    assert_int_equal(rill_tls_deadline(p.end[SERVER].x), p.now + 3 * RILL_SECOND);
    rill_tls_tick(p.end[SERVER].x, p.now + 3 * RILL_SECOND - 1);
    assert_int_equal(rill_tls_state(p.end[SERVER].x), RILL_TLS_HANDSHAKING);
    rill_tls_tick(p.end[SERVER].x, p.now + 3 * RILL_SECOND);
    tls_pair_listen(&p, SERVER);
    assert_row(tls_pair_row(&p, SERVER), TLS_TIMEOUT);
    assert_int_equal(p.end[SERVER].last.why.value, 3);
    assert_int_equal(rill_tls_deadline(p.end[SERVER].x), RILL_NEVER);
}

static void tls_client_without_alpn_is_served(void **state)
{
    (void)state;
    tls_pair_config(&p, 5);
    p.end[CLIENT].config.alpn = NULL;
    tls_pair_open(&p);
    tls_pair_run(&p);
    assert_both_open();
    assert_string_equal(p.end[SERVER].alpn, "");
}

static void tls_client_that_speaks_h2_alone_is_refused(void **state)
{
    (void)state;
    static const char *const h2[] = {"h2", NULL};
    tls_pair_config(&p, 6);
    p.end[CLIENT].config.alpn = h2;
    tls_pair_open(&p);
    tls_pair_run(&p);
    assert_row(tls_pair_row(&p, SERVER), TLS_HANDSHAKE);
    assert_row(tls_pair_row(&p, CLIENT), TLS_PEER_ALERT);
    /* RFC 7301 §3.2: no_application_protocol(120). */
    assert_int_equal(p.end[CLIENT].last.why.value, 120);
}

static void tls_1_1_is_refused(void **state)
{
    (void)state;
    tls_pair_config(&p, 7);
    tls_pair_open(&p);
    /* The hello of a client that knows no better: version 3.2 in the message's bytes 9 and 10. */
    uint8_t hello[1024];
    size_t n = rill_tls_output(p.end[CLIENT].x, p.now, (struct rill_span){hello, sizeof hello});
    assert_int_equal(hello[9], 3);
    assert_int_equal(hello[10], 3);
    hello[10] = 2;
    tls_pair_give(&p, SERVER, rill_view_at(hello, n));
    assert_row(tls_pair_row(&p, SERVER), TLS_VERSION);
    tls_pair_run(&p);
    assert_row(tls_pair_row(&p, CLIENT), TLS_PEER_ALERT);
    assert_int_equal(p.end[CLIENT].last.why.value, 70); /* protocol_version */
}

static void tls_client_with_suites_of_yesterday_alone_is_refused(void **state)
{
    (void)state;
    static const int cbc[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, 0};
    tls_pair_config(&p, 8);
    p.end[CLIENT].block = malloc(rill_tls_size(&p.end[CLIENT].config));
    p.end[CLIENT].x = rill_tls_init(p.end[CLIENT].block, &p.end[CLIENT].config);
    p.end[SERVER].block = malloc(rill_tls_size(&p.end[SERVER].config));
    p.end[SERVER].x = rill_tls_init(p.end[SERVER].block, &p.end[SERVER].config);
    mbedtls_ssl_conf_ciphersuites(&p.end[CLIENT].x->conf, cbc);
    rill_tls_start(p.end[CLIENT].x, p.now);
    rill_tls_start(p.end[SERVER].x, p.now);
    tls_pair_run(&p);
    assert_row(tls_pair_row(&p, SERVER), TLS_NO_CIPHER);
}

/* --- whom a client believes ----------------------------------------------------------- */

static int row_for(const char *host, int64_t wall_s, struct rill_tls_identity *trust)
{
    p.end[CLIENT].config.host = rill_view_of(host);
    p.end[CLIENT].config.wall_s = wall_s;
    p.end[CLIENT].config.trust = trust;
    tls_pair_open(&p);
    tls_pair_run(&p);
    int row = tls_pair_row(&p, CLIENT);
    bool open = rill_tls_state(p.end[CLIENT].x) == RILL_TLS_OPEN;
    assert_int_equal(open, row == 0);
    if (row)
        assert_row(tls_pair_row(&p, SERVER), TLS_PEER_ALERT);
    for (int i = 0; i < 2; i++) {
        rill_tls_free(p.end[i].x);
        free(p.end[i].block);
        p.end[i].x = NULL;
        p.end[i].block = NULL;
        p.end[i].last = (struct rill_tls_event){0};
    }
    return row;
}

static void tls_client_takes_the_names_and_addresses_of_the_certificate_and_no_others(void **state)
{
    (void)state;
    static const char *const good[] = {"localhost", "LOCALHOST", "localhost.",     "a.example.org",
                                       "127.0.0.1", "::1",       "0:0:0:0:0:0:0:1"};
    static const char *const bad[] = {
        "example.org", "a.b.example.org", "localhos", "127.0.0.2", "127.0.0.1.de", "::2", "org"};
    tls_pair_config(&p, 9);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(row_for(good[i], TLS_WALL, p.ca.id), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_row(row_for(bad[i], TLS_WALL, p.ca.id), TLS_WRONG_NAME);
}

static void tls_client_holds_the_dates_against_the_wall_clock_it_was_given(void **state)
{
    (void)state;
    int64_t from, until;
    tls_pair_config(&p, 10);
    rill_tls_identity_validity(p.server.id, &from, &until);
    assert_int_equal(until - from, 825 * RILL_DAY_S - 1);
    assert_int_equal(row_for("localhost", from, p.ca.id), 0);
    assert_int_equal(row_for("localhost", until, p.ca.id), 0);
    assert_row(row_for("localhost", from - 1, p.ca.id), TLS_NOT_YET_VALID);
    assert_row(row_for("localhost", until + 1, p.ca.id), TLS_EXPIRED);
}

static void tls_client_believes_no_other_ca_and_none_without_one(void **state)
{
    (void)state;
    struct tls_paper other = {0};
    tls_pair_config(&p, 11);
    tls_paper_ca(&other, &p.rng, TLS_WALL);
    assert_row(row_for("localhost", TLS_WALL, other.id), TLS_UNTRUSTED);
    assert_row(row_for("localhost", TLS_WALL, NULL), TLS_UNTRUSTED);
    /* A name that is wrong too, and a date: who speaks is not known at all. */
    assert_row(row_for("example.net", 0, other.id), TLS_UNTRUSTED);
    tls_paper_free(&other);
}

static void tls_client_that_is_told_to_believe_anybody_does(void **state)
{
    (void)state;
    tls_pair_config(&p, 13);
    p.end[CLIENT].config.insecure = true;
    assert_int_equal(row_for("example.net", 0, NULL), 0);
    assert_int_equal(row_for("", 0, NULL), 0);
}

static void tls_server_name_is_said_for_names_and_not_for_addresses(void **state)
{
    (void)state;
    static const char *const hosts[] = {"localhost", "127.0.0.1"};
    for (size_t i = 0; i < 2; i++) {
        uint8_t hello[1024];
        tls_pair_config(&p, 14);
        p.end[CLIENT].config.host = rill_view_of(hosts[i]);
        tls_pair_open(&p);
        size_t n = rill_tls_output(p.end[CLIENT].x, p.now, (struct rill_span){hello, sizeof hello});
        bool there = false;
        for (size_t at = 0; at + 9 <= n; at++)
            there = there || !memcmp(hello + at, hosts[i], 9);
        assert_int_equal(there, i == 0);
        tls_pair_free(&p);
    }
    memset(&p, 0, sizeof p);
}

/* --- the end -------------------------------------------------------------------------- */

static void tls_close_is_said_after_what_was_written_and_answered(void **state)
{
    (void)state;
    for (int who = 0; who < 2; who++) {
        tls_pair_ready(&p, 15);
        assert_int_equal(rill_tls_write(p.end[who].x, p.now, rill_view_of("last words")), 10);
        rill_tls_close(p.end[who].x, p.now);
        assert_int_equal(rill_tls_write(p.end[who].x, p.now, rill_view_of("more")), 0);
        tls_pair_run(&p);
        assert_int_equal(p.end[!who].n_got, 10);
        assert_int_equal(rill_tls_state(p.end[!who].x), RILL_TLS_CLOSED);
        assert_int_equal(p.end[!who].ended, 1);
        assert_int_equal(p.end[who].ended, 0);
        rill_tls_ended(p.end[who].x, p.now);
        rill_tls_ended(p.end[!who].x, p.now);
        tls_pair_listen(&p, who);
        assert_int_equal(tls_pair_row(&p, who), 0);
        assert_int_equal(tls_pair_row(&p, !who), 0);
        assert_int_equal(rill_tls_write(p.end[!who].x, p.now, rill_view_of("more")), 0);
        tls_pair_free(&p);
    }
    memset(&p, 0, sizeof p);
}

static void tls_stream_that_ends_without_a_goodbye_is_truncated(void **state)
{
    (void)state;
    for (int who = 0; who < 2; who++) {
        tls_pair_ready(&p, 16);
        rill_tls_ended(p.end[who].x, p.now);
        tls_pair_listen(&p, who);
        assert_row(tls_pair_row(&p, who), TLS_TRUNCATED);
        tls_pair_free(&p);
    }
    memset(&p, 0, sizeof p);
}

static void tls_transport_that_ends_in_the_handshake_is_truncated(void **state)
{
    (void)state;
    tls_pair_config(&p, 17);
    tls_pair_open(&p);
    tls_pair_carry(&p, CLIENT);
    rill_tls_ended(p.end[SERVER].x, p.now);
    tls_pair_listen(&p, SERVER);
    assert_row(tls_pair_row(&p, SERVER), TLS_TRUNCATED);
}

static void tls_close_before_the_handshake_is_done_is_silent(void **state)
{
    (void)state;
    tls_pair_config(&p, 18);
    tls_pair_open(&p);
    rill_tls_close(p.end[SERVER].x, p.now);
    assert_int_equal(rill_tls_deadline(p.end[SERVER].x), RILL_NEVER);
    assert_int_equal(rill_tls_input(p.end[SERVER].x, p.now, rill_view_of("GET /")), 5);
    uint8_t out[64];
    assert_int_equal(rill_tls_output(p.end[SERVER].x, p.now, (struct rill_span){out, sizeof out}),
                     0);
}

static void spoil_the_last_byte(uint8_t *bytes, size_t n, int from, size_t at)
{
    (void)at;
    if (from == CLIENT && n > 20)
        bytes[n - 1] ^= 1;
}

static void tls_record_that_was_changed_ends_the_stream(void **state)
{
    (void)state;
    tls_pair_ready(&p, 19);
    p.spoil = spoil_the_last_byte;
    rill_tls_write(p.end[CLIENT].x, p.now, rill_view_of("pay 10 to Ann"));
    tls_pair_run(&p);
    assert_row(tls_pair_row(&p, SERVER), TLS_RECORD);
    assert_int_equal(p.end[SERVER].n_got, 0);
    assert_row(tls_pair_row(&p, CLIENT), TLS_PEER_ALERT);
    assert_int_equal(p.end[CLIENT].last.why.value, 20); /* bad_record_mac */
}

static void tls_server_refuses_to_begin_anew(void **state)
{
    (void)state;
    tls_pair_ready(&p, 20);
    mbedtls_ssl_conf_renegotiation(&p.end[CLIENT].x->conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
    mbedtls_ssl_renegotiate(&p.end[CLIENT].x->ssl);
    tls_pair_carry(&p, CLIENT);
    tls_pair_listen(&p, SERVER);
    assert_row(tls_pair_row(&p, SERVER), TLS_RENEGOTIATION);
}

/* --- what is not TLS ------------------------------------------------------------------ */

static void tls_hello_is_told_from_http_by_its_first_byte(void **state)
{
    (void)state;
    static const uint8_t hello[] = {22, 3, 1, 2, 0, 1}, other[] = {22, 3, 1, 2, 0, 2};
    assert_true(rill_tls_is_hello(rill_view_at(hello, 1)));
    assert_true(rill_tls_is_hello(rill_view_at(hello, 2)));
    assert_true(rill_tls_is_hello(rill_view_at(hello, 6)));
    assert_false(rill_tls_is_hello(rill_view_at(hello, 0)));
    assert_false(rill_tls_is_hello(rill_view_at(other, 6)));
    assert_false(rill_tls_is_hello(rill_view_of("GET / HTTP/1.1")));
    assert_false(rill_tls_is_hello(rill_view_of("\x16\x02")));
}

static void tls_server_fed_http_breaks_off(void **state)
{
    (void)state;
    tls_pair_config(&p, 21);
    tls_pair_open(&p);
    tls_pair_give(&p, SERVER, rill_view_of("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_row(tls_pair_row(&p, SERVER), TLS_HANDSHAKE);
    /* What follows is taken, and nothing comes of it. */
    assert_int_equal(rill_tls_input(p.end[SERVER].x, p.now, rill_view_of("more")), 4);
}

static void tls_server_fed_a_hello_longer_than_a_record_may_be_waits_for_none_of_it(void **state)
{
    (void)state;
    /* type 22, version 3.1, length 65535 */
    static const uint8_t record[] = {22, 3, 1, 0xff, 0xff};
    tls_pair_config(&p, 22);
    tls_pair_open(&p);
    tls_pair_give(&p, SERVER, rill_view_at(record, sizeof record));
    assert_row(tls_pair_row(&p, SERVER), TLS_HANDSHAKE);
}

static void tls_server_fed_a_hello_with_every_byte_changed_ends_cleanly(void **state)
{
    (void)state;
    uint8_t hello[1024], changed[1024];
    tls_pair_config(&p, 23);
    tls_pair_open(&p);
    size_t n = rill_tls_output(p.end[CLIENT].x, p.now, (struct rill_span){hello, sizeof hello});
    for (size_t i = 0; i < n; i++) {
        memcpy(changed, hello, n);
        changed[i] ^= 0xff;
        rill_tls_free(p.end[SERVER].x);
        struct rill_tls *x = rill_tls_init(p.end[SERVER].block, &p.end[SERVER].config);
        p.end[SERVER].x = x;
        rill_tls_start(x, p.now);
        tls_pair_give(&p, SERVER, rill_view_at(changed, n));
        assert_int_not_equal(rill_tls_state(x), RILL_TLS_OPEN);
        assert_int_not_equal(rill_tls_state(x), RILL_TLS_CLOSED);
    }
}

/* Both sides' Finished covers every byte that was said before. */
static size_t spoiled_at;
static int spoiled_from;

static void spoil_one_byte(uint8_t *bytes, size_t n, int from, size_t at)
{
    if (from == spoiled_from && spoiled_at >= at && spoiled_at < at + n)
        bytes[spoiled_at - at] ^= 0x10;
}

static void tls_handshake_with_any_byte_changed_opens_on_neither_side(void **state)
{
    (void)state;
    size_t said[2];
    tls_pair_ready(&p, 40);
    for (int i = 0; i < 2; i++)
        said[i] = p.end[i].sent;
    tls_pair_free(&p);
    for (spoiled_from = 0; spoiled_from < 2; spoiled_from++) {
        for (spoiled_at = 0; spoiled_at < said[spoiled_from]; spoiled_at += 37) {
            tls_pair_config(&p, 40);
            p.spoil = spoil_one_byte;
            tls_pair_open(&p);
            tls_pair_run(&p);
            assert_int_not_equal(rill_tls_state(p.end[!spoiled_from].x), RILL_TLS_OPEN);
            tls_pair_free(&p);
        }
    }
    memset(&p, 0, sizeof p);
}

static void tls_noise_after_the_handshake_ends_the_stream(void **state)
{
    (void)state;
    for (uint64_t seed = rill_test_seed(); seed < rill_test_seed() + 8; seed++) {
        uint8_t noise[64];
        tls_pair_ready(&p, seed);
        rill_rng_fill(&p.rng, noise, sizeof noise);
        noise[0] = (uint8_t)(20 + seed % 4);
        noise[1] = noise[2] = 3;
        noise[3] = 0;
        noise[4] = sizeof noise - 5;
        tls_pair_give(&p, SERVER, rill_view_at(noise, sizeof noise));
        assert_row(tls_pair_row(&p, SERVER), TLS_RECORD);
        assert_int_equal(p.end[SERVER].n_got, 0);
        tls_pair_free(&p);
    }
    memset(&p, 0, sizeof p);
}

/* --- capacities ----------------------------------------------------------------------- */

static void tls_write_takes_what_fits_the_queue_and_no_byte_more(void **state)
{
    (void)state;
    static uint8_t much[1 << 15];
    tls_pair_config(&p, 24);
    p.end[SERVER].config.queue = 4096;
    tls_pair_open(&p);
    tls_pair_run(&p);
    size_t fits = 4096 - RILL_TLS_ALERTS - RILL_TLS_OVERHEAD;
    assert_int_equal(rill_tls_write(p.end[SERVER].x, p.now, rill_view_at(much, fits + 1)), fits);
    assert_int_equal(rill_tls_write(p.end[SERVER].x, p.now, rill_view_at(much, 1)), 0);
    tls_pair_run(&p);
    assert_int_equal(p.end[CLIENT].n_got, fits);
    assert_int_equal(rill_tls_write(p.end[SERVER].x, p.now, rill_view_at(much, fits)), fits);
    /* A goodbye still fits. */
    rill_tls_close(p.end[SERVER].x, p.now);
    tls_pair_run(&p);
    assert_int_equal(p.end[CLIENT].n_got, 2 * fits);
    assert_int_equal(rill_tls_state(p.end[CLIENT].x), RILL_TLS_CLOSED);
}

static void tls_write_makes_no_record_above_16384_bytes(void **state)
{
    (void)state;
    static uint8_t much[1 << 15];
    tls_pair_config(&p, 25);
    p.end[SERVER].config.queue = 1 << 16;
    tls_pair_open(&p);
    tls_pair_run(&p);
    assert_int_equal(rill_tls_write(p.end[SERVER].x, p.now, rill_view_at(much, 16385)), 16384);
    tls_pair_run(&p);
    assert_int_equal(p.end[CLIENT].n_got, 16384);
}

static void tls_write_before_the_handshake_takes_nothing(void **state)
{
    (void)state;
    tls_pair_config(&p, 26);
    tls_pair_open(&p);
    assert_int_equal(rill_tls_write(p.end[CLIENT].x, p.now, rill_view_of("early")), 0);
}

static void tls_input_waits_until_the_plaintext_that_came_is_read(void **state)
{
    (void)state;
    uint8_t wire[256], out[8];
    tls_pair_ready(&p, 27);
    rill_tls_write(p.end[CLIENT].x, p.now, rill_view_of("first"));
    rill_tls_write(p.end[CLIENT].x, p.now, rill_view_of("second"));
    size_t n = rill_tls_output(p.end[CLIENT].x, p.now, (struct rill_span){wire, sizeof wire});
    struct rill_tls *x = p.end[SERVER].x;
    size_t took = rill_tls_input(x, p.now, rill_view_at(wire, n));
    assert_int_equal(took, 5 + RILL_TLS_OVERHEAD);
    assert_int_equal(rill_tls_input(x, p.now, rill_view_at(wire + took, n - took)), 0);
    assert_int_equal(rill_tls_read(x, p.now, (struct rill_span){out, 2}), 2);
    assert_int_equal(rill_tls_input(x, p.now, rill_view_at(wire + took, n - took)), 0);
    assert_int_equal(rill_tls_read(x, p.now, (struct rill_span){out, 8}), 3);
    assert_memory_equal(out, "rst", 3);
    assert_int_equal(rill_tls_input(x, p.now, rill_view_at(wire + took, n - took)), n - took);
    assert_int_equal(rill_tls_read(x, p.now, (struct rill_span){out, 8}), 6);
    assert_memory_equal(out, "second", 6);
}

/* --- identities ----------------------------------------------------------------------- */

static void tls_connection_keeps_its_identity_when_another_takes_its_place(void **state)
{
    (void)state;
    struct tls_paper next = {0};
    tls_pair_ready(&p, 28);
    assert_int_equal(rill_tls_identity_users(p.server.id), 1);
    tls_paper_server(&next, &p.ca, &p.rng, "localhost", TLS_WALL);
    p.end[SERVER].config.identity = next.id;
    void *block = malloc(rill_tls_size(&p.end[SERVER].config));
    struct rill_tls *x = rill_tls_init(block, &p.end[SERVER].config);
    assert_int_equal(rill_tls_identity_users(next.id), 1);
    talk(&p, 100);
    rill_tls_free(p.end[SERVER].x);
    p.end[SERVER].x = NULL;
    assert_int_equal(rill_tls_identity_users(p.server.id), 0);
    rill_tls_free(x);
    assert_int_equal(rill_tls_identity_users(next.id), 0);
    free(block);
    tls_paper_free(&next);
}

#define T(name) cmocka_unit_test_teardown(name, close_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(tls_handshake_agrees_on_tls_1_2_an_aead_suite_and_http_1_1),
        T(tls_stream_cut_at_every_byte_is_the_same_stream),
        T(tls_stream_cut_at_random_is_the_same_stream),
        T(tls_handshake_passes_through_the_smallest_queue),
        T(tls_init_refuses_a_queue_below_the_smallest),
        T(tls_init_refuses_a_server_without_a_key_and_a_client_without_a_host),
        T(tls_server_that_hears_nothing_gives_up_after_its_time),
        T(tls_client_without_alpn_is_served),
        T(tls_client_that_speaks_h2_alone_is_refused),
        T(tls_1_1_is_refused),
        T(tls_client_with_suites_of_yesterday_alone_is_refused),
        T(tls_client_takes_the_names_and_addresses_of_the_certificate_and_no_others),
        T(tls_client_holds_the_dates_against_the_wall_clock_it_was_given),
        T(tls_client_believes_no_other_ca_and_none_without_one),
        T(tls_client_that_is_told_to_believe_anybody_does),
        T(tls_server_name_is_said_for_names_and_not_for_addresses),
        T(tls_close_is_said_after_what_was_written_and_answered),
        T(tls_stream_that_ends_without_a_goodbye_is_truncated),
        T(tls_transport_that_ends_in_the_handshake_is_truncated),
        T(tls_close_before_the_handshake_is_done_is_silent),
        T(tls_record_that_was_changed_ends_the_stream),
        T(tls_server_refuses_to_begin_anew),
        T(tls_hello_is_told_from_http_by_its_first_byte),
        T(tls_server_fed_http_breaks_off),
        T(tls_server_fed_a_hello_longer_than_a_record_may_be_waits_for_none_of_it),
        T(tls_server_fed_a_hello_with_every_byte_changed_ends_cleanly),
        T(tls_handshake_with_any_byte_changed_opens_on_neither_side),
        T(tls_noise_after_the_handshake_ends_the_stream),
        T(tls_write_takes_what_fits_the_queue_and_no_byte_more),
        T(tls_write_makes_no_record_above_16384_bytes),
        T(tls_write_before_the_handshake_takes_nothing),
        T(tls_input_waits_until_the_plaintext_that_came_is_read),
        T(tls_connection_keeps_its_identity_when_another_takes_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
