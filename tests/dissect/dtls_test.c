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
        cmocka_unit_test(an_alert_has_its_name),
        cmocka_unit_test(an_encrypted_record_says_that_it_is),
        cmocka_unit_test(what_runs_past_its_record_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
