/* DTLS as trees: the hellos of browsers, and a whole handshake of ours. */
#include "tests/dissect/trees.h"
#include "tests/dtls/pair.h"

#include <stdio.h>

static struct tree t;

/* A file of hex, a datagram. */
static void tree_of_file(const char *path)
{
    static char hex[2 * BYTES_MAX];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(hex, 1, sizeof hex - 1, f);
    fclose(f);
    hex[n] = 0;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, hex);
}

static void the_hellos_of_browsers_are_told_to_the_last_bit(void **state)
{
    (void)state;
    tree_of_file("tests/data/dtls/clienthello-firefox153.hex");
    assert_good(&t, false);
    assert_means(&t, "DTLS/Handshake/ClientHello/version", "DTLS 1.2");
    assert_means(&t, "ClientHello/supported_groups/named_group", "X25519MLKEM768");
    assert_shows(&t, "ClientHello/protocol_name", "webrtc");
    bool goes_on = false;
    for (size_t i = 0; i < t.d.n; i++)
        goes_on |= t.nodes[i].meaning && strstr(t.nodes[i].meaning, "goes on in another fragment");
    assert_true(goes_on);
    tree_of_file("tests/data/dtls/clienthello-chromium156.hex");
    assert_good(&t, false);
}

/* --- messages over several datagrams --------------------------------------------------------- */

static struct rill_view datagrams[8];
static size_t n_datagrams;

/* The lines of a file, or any hex, as datagrams. */
static void add_hex(const char *hex)
{
    static uint8_t room[8][4096];
    assert_true(n_datagrams < 8);
    datagrams[n_datagrams] = rill_test_hex(hex, room[n_datagrams], sizeof room[0]);
    n_datagrams++;
}

static void read_file(const char *path)
{
    static char line[2 * BYTES_MAX];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    n_datagrams = 0;
    while (fgets(line, sizeof line, f))
        add_hex(line);
    fclose(f);
}

/* The tree of one, with those before it. */
static void tree_with_earlier(size_t at)
{
    t.hints.earlier = datagrams;
    t.hints.n_earlier = at;
    tree_of(&t, RILL_DISSECT_DATAGRAM, datagrams[at]);
    t.hints.n_earlier = 0;
}

static bool is_whole(void)
{
    for (size_t i = 0; i < t.d.n; i++)
        if (!strcmp(t.nodes[i].name, "whole message"))
            return true;
    return false;
}

static void assert_whole_hello(void)
{
    assert_means(&t, "ClientHello/whole message/version", "DTLS 1.2");
    assert_means(&t, "whole message/supported_groups/named_group", "X25519MLKEM768");
    assert_int_equal(node_of(&t, "whole message/key_exchange")->view.n, 1216);
    assert_non_null(node_of(&t, "whole message/use_srtp"));
    for (size_t i = 0; i < t.d.n; i++)
        assert_false(t.nodes[i].meaning && strstr(t.nodes[i].meaning, "goes on in another"));
}

static void a_hello_in_two_datagrams_is_told_whole_at_the_last(void **state)
{
    static const char *const files[] = {"tests/data/dtls/clienthello-chromium156.hex",
                                        "tests/data/dtls/clienthello-firefox153.hex"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        read_file(files[i / 2]);
        assert_int_equal(n_datagrams, 2);
        if (i % 2) { /* the other way round */
            struct rill_view first = datagrams[0];
            datagrams[0] = datagrams[1];
            datagrams[1] = first;
        }
        assert_true(rill_dissect_has_fragment(datagrams[0]));
        tree_with_earlier(0);
        assert_good(&t, false);
        assert_false(is_whole());
        assert_means(&t, "ClientHello/fragments joined",
                     "the message is told whole where the last of them comes");
        assert_summary(&t, "DTLS ClientHello (fragment)");
        tree_with_earlier(1);
        assert_covered(&t, false);
        if (i % 2 == 0) {
            assert_good(&t, false);
            assert_whole_hello();
        }
        assert_true(is_whole());
        /* Sent again it adds nothing. */
        datagrams[2] = datagrams[1];
        n_datagrams = 3;
        tree_with_earlier(2);
        assert_false(is_whole());
        assert_means(&t, "ClientHello/fragments joined",
                     "all of them came before; this one is sent again");
    }
}

/* A fragment of a ServerKeyExchange, message 1 of 8 bytes: "0c 000008 0001 offset length bytes". */
#define RECORD(n) "16 fefd 0000 000000000000 00" n
#define PART(offset, n) "0c 000008 0001 0000" offset "0000" n

static void fragments_may_overlap_and_come_in_any_order(void **state)
{
    (void)state;
    n_datagrams = 0;
    add_hex(RECORD("11") PART("03", "05") "0405060708");
    add_hex(RECORD("0e") PART("00", "02") "0102");
    add_hex(RECORD("0f") PART("01", "03") "020304"); /* of these one byte is new */
    for (size_t i = 0; i < 2; i++) {
        tree_with_earlier(i);
        assert_false(is_whole());
        assert_number(&t, "fragments joined", i ? 7 : 5);
    }
    tree_with_earlier(2);
    assert_true(is_whole());
    assert_shows(&t, "whole message/body", "0102030405060708");
}

static void fragments_that_lie_are_not_believed(void **state)
{
    (void)state;
    n_datagrams = 0;
    add_hex(RECORD("10") PART("00", "04") "01020304");
    add_hex(RECORD("11") PART("03", "05") "ff05060708"); /* byte 3 was 04 */
    tree_with_earlier(1);
    assert_false(is_whole());
    assert_true(node_of(&t, "fragments joined")->bad);
    assert_number(&t, "fragments joined", 4);
    /* Who sees both goes on with the first. */
    add_hex(RECORD("10") PART("04", "04") "05060708");
    tree_with_earlier(2);
    assert_shows(&t, "whole message/body", "0102030405060708");
    /* A first one of other bytes begins another message of this number. */
    n_datagrams = 1;
    add_hex(RECORD("10") PART("00", "04") "a1a2a3a4");
    add_hex(RECORD("10") PART("04", "04") "05060708");
    tree_with_earlier(1);
    assert_false(node_of(&t, "fragments joined")->bad);
    tree_with_earlier(2);
    assert_shows(&t, "whole message/body", "a1a2a3a405060708");
}

static void parts_of_different_messages_are_not_joined(void **state)
{
    static const char *const others[] = {
        RECORD("10") "0c 000009 0001 000004 000004 05060708",                   /* another length */
        RECORD("10") "0c 000008 0002 000004 000004 05060708",                   /* another number */
        RECORD("10") "0b 000008 0001 000004 000004 05060708",                   /* another type */
        RECORD("10") "0c 000008 0001 000006 000004 05060708",                   /* past its end */
        RECORD("0c") "0c 000008 0001 000004 000000",                            /* empty */
        "16 fefd 0001 000000000000 0010 0c 000008 0001 000004 000004 05060708", /* encrypted */
    };
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        n_datagrams = 0;
        add_hex(RECORD("10") PART("00", "04") "01020304");
        add_hex(others[i]);
        tree_with_earlier(1);
        assert_false(is_whole());
    }
    n_datagrams = 0;
    add_hex(RECORD("10") "0c ffffff 0001 000000 000004 01020304");
    tree_with_earlier(0);
    assert_means(&t, "fragments joined", "the message is too long to be put together here");
}

static void two_parts_in_one_datagram_are_joined(void **state)
{
    (void)state;
    n_datagrams = 0;
    add_hex(RECORD("10") PART("00", "04") "01020304" RECORD("10") PART("04", "04") "05060708");
    tree_with_earlier(0);
    assert_good(&t, false);
    assert_shows(&t, "whole message/body", "0102030405060708");
}

/* ChannelData, and a Data indication of TURN. */
static void what_a_relay_carries_is_joined_too(void **state)
{
    (void)state;
    n_datagrams = 0;
    add_hex("4001 001d" RECORD("10") PART("00", "04") "01020304");
    add_hex("0017 0024 2112a442 000000000000000000000000"
            "0013 001d" RECORD("10") PART("04", "04") "05060708 000000");
    tree_with_earlier(1);
    assert_shows(&t, "whole message/body", "0102030405060708");
}

static void without_scratch_a_fragment_is_told_alone(void **state)
{
    (void)state;
    n_datagrams = 0;
    add_hex(RECORD("10") PART("00", "04") "01020304");
    t.bytes = datagrams[0];
    t.d = (struct rill_dissection){.nodes = t.nodes, .cap = NODES_MAX};
    rill_dissect(&t.d, RILL_DISSECT_DATAGRAM, datagrams[0], &t.hints);
    assert_good(&t, false);
    assert_false(is_whole());
}

/* What a handshake has shown so far, of each message. */
static struct {
    bool hello, answer, certificate, exchange, request, verify, finished;
} seen;

static bool watch(struct pair *p, int from, size_t nth, struct rill_view datagram)
{
    (void)p;
    (void)from;
    (void)nth;
    tree_of(&t, RILL_DISSECT_DATAGRAM, datagram);
    assert_good(&t, false);
    for (size_t i = 0; i < t.d.n; i++) {
        struct rill_view name = rill_view_of(t.nodes[i].name);
        seen.hello |= rill_view_is(name, "ClientHello") && node_of(&t, "use_srtp");
        seen.answer |=
            rill_view_is(name, "ServerHello") && node_of(&t, "ServerHello/cipher_suite")->meaning;
        seen.certificate |= rill_view_is(name, "Certificate") && node_of(&t, "ASN.1Cert")->view.n;
        seen.exchange |= rill_view_is(name, "ServerKeyExchange") &&
                         node_of(&t, "ServerKeyExchange/named_curve")->meaning;
        seen.request |= rill_view_is(name, "CertificateRequest") &&
                        node_of(&t, "CertificateRequest/certificate_type")->meaning;
        seen.verify |= rill_view_is(name, "CertificateVerify") &&
                       node_of(&t, "CertificateVerify/signature_algorithm")->meaning;
        seen.finished |= rill_view_is(name, "encrypted");
    }
    return false;
}

static void a_whole_handshake_is_told_to_the_last_bit(void **state)
{
    (void)state;
    static struct pair p;
    pair_config(&p, rill_test_seed());
    pair_open(&p);
    p.lose = watch;
    pair_start(&p);
    while (pair_step(&p, p.now + RILL_SECOND) && !seen.finished)
        continue;
    assert_true(seen.hello && seen.answer && seen.certificate && seen.exchange && seen.request);
    assert_true(seen.verify && seen.finished);
    pair_free(&p);
}

static void an_alert_has_its_name(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, "15 fefd 0000 000000000003 0002 02 28");
    assert_good(&t, false);
    assert_means(&t, "DTLS/Alert/description", "handshake_failure");
    assert_summary(&t, "DTLS Alert fatal handshake_failure");
}

static void an_encrypted_record_says_that_it_is(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, "16 fefd 0001 000000000000 0004 01020304");
    assert_good(&t, false);
    assert_means(&t, "DTLS/Handshake/epoch", "encrypted");
    assert_shows(&t, "DTLS/Handshake/encrypted", "01020304");
    assert_summary(&t, "DTLS encrypted Handshake");
}

static void what_runs_past_its_record_is_bad(void **state)
{
    (void)state;
    /* A ServerHello whose session_id claims 200 bytes of 4. */
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM,
                "16 fefd 0000 000000000000 0033 02 000027 0000 000000 000027 fefd"
                "0000000000000000000000000000000000000000000000000000000000000000 c8 00000000");
    assert_true(node_of(&t, "ServerHello/session_id")->bad);
    assert_covered(&t, false);
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, "16 fefd 0000 000000000000 0400 02");
    assert_true(tree_is_bad(&t));
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, "1c fefd 0000 000000000000 0001 02");
    assert_true(node_of(&t, "record/type")->bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hellos_of_browsers_are_told_to_the_last_bit),
        cmocka_unit_test(a_whole_handshake_is_told_to_the_last_bit),
        cmocka_unit_test(a_hello_in_two_datagrams_is_told_whole_at_the_last),
        cmocka_unit_test(fragments_may_overlap_and_come_in_any_order),
        cmocka_unit_test(fragments_that_lie_are_not_believed),
        cmocka_unit_test(parts_of_different_messages_are_not_joined),
        cmocka_unit_test(two_parts_in_one_datagram_are_joined),
        cmocka_unit_test(what_a_relay_carries_is_joined_too),
        cmocka_unit_test(without_scratch_a_fragment_is_told_alone),
        cmocka_unit_test(an_alert_has_its_name),
        cmocka_unit_test(an_encrypted_record_says_that_it_is),
        cmocka_unit_test(what_runs_past_its_record_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
