/* The local CA: what it writes, read back by mbedtls; and certificates from elsewhere. */
#include "dtls/ca_ext.h"
#include "dtls/chain.h"
#include "dtls/der.h"
#include "tests/dtls/tls_pair.h"

#include <mbedtls/oid.h>

#include <stdio.h>

#define LATER 1800000000 /* January 2027: within the dates of tests/data/dtls */

struct shop {
    struct rill_rng_seeded seed;
    struct rill_rng rng;
    struct tls_paper ca, server;
};

static struct shop shop;

static int set_up(void **state)
{
    (void)state;
    memset(&shop, 0, sizeof shop);
    rill_rng_seeded_init(&shop.seed, rill_test_seed());
    shop.rng = rill_rng_seeded(&shop.seed);
    tls_paper_ca(&shop.ca, &shop.rng, TLS_WALL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tls_paper_free(&shop.server);
    tls_paper_free(&shop.ca);
    return 0;
}

static void issue(const char *names)
{
    tls_paper_server(&shop.server, &shop.ca, &shop.rng, names, TLS_WALL);
}

static struct rill_view file(const char *name, uint8_t *out, size_t cap)
{
    char path[128];
    snprintf(path, sizeof path, "tests/data/dtls/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(out, 1, cap, f);
    fclose(f);
    assert_true(n > 0 && n < cap);
    return rill_view_at(out, n);
}

/* Row, or 0 and the paper is read. */
static int read_paper(struct tls_paper *p, struct rill_view cert, struct rill_view key)
{
    struct rill_err why = {0};
    p->cert_text = cert;
    p->key_text = key;
    p->block = malloc(rill_tls_identity_size(cert, key));
    int rc = rill_tls_identity_init(p->block, &shop.rng, cert, key, &p->id, &why);
    if (rc < 0) {
        assert_int_equal(why.row->code, rc);
        free(p->block);
        p->block = NULL;
    }
    return rc;
}

static int read_files(struct tls_paper *p, const char *cert, const char *key)
{
    struct rill_view c = file(cert, p->cert, sizeof p->cert), k = {0};
    static uint8_t key_text[4096];
    if (key)
        k = file(key, key_text, sizeof key_text);
    return read_paper(p, c, k);
}

/* --- what the CA is ------------------------------------------------------------------- */

static void ca_signs_itself_for_ten_years_and_may_sign_servers_only(void **state)
{
    (void)state;
    const mbedtls_x509_crt *c = &shop.ca.id->chain;
    char name[64];
    int64_t from, until;
    assert_true(mbedtls_x509_dn_gets(name, sizeof name, &c->subject) > 0);
    assert_string_equal(name, "CN=rill local CA test");
    assert_true(c->ca_istrue);
    assert_int_equal(c->max_pathlen, 1); /* mbedtls adds one: pathLenConstraint is 0 */
    assert_int_equal(c->key_usage, MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN);
    assert_int_equal(c->serial.len, 16);
    assert_int_equal(c->serial.p[0] & 0xc0, 0x40);
    rill_tls_identity_validity(shop.ca.id, &from, &until);
    assert_int_equal(from, TLS_WALL - 3600);
    assert_int_equal(until - from, 3653 * RILL_DAY_S - 1);
    assert_int_equal(rill_ca_check_authority(shop.ca.id, TLS_WALL, NULL), 0);
}

static void ca_of_one_rng_stream_is_always_the_same(void **state)
{
    (void)state;
    struct tls_paper again = {0};
    rill_rng_seeded_init(&shop.seed, rill_test_seed());
    tls_paper_ca(&again, &shop.rng, TLS_WALL);
    assert_true(rill_view_equal(again.cert_text, shop.ca.cert_text));
    assert_true(rill_view_equal(again.key_text, shop.ca.key_text));
    tls_paper_free(&again);
}

static void ca_name_is_cut_at_64_bytes(void **state)
{
    (void)state;
    static const char long_name[] =
        "0123456789012345678901234567890123456789012345678901234567890123456789";
    struct tls_paper p = {0};
    struct rill_writer cert = rill_writer_of((struct rill_span){p.cert, sizeof p.cert});
    struct rill_writer key = rill_writer_of((struct rill_span){p.key, sizeof p.key});
    assert_int_equal(rill_ca_make(rill_view_of(long_name), TLS_WALL, &shop.rng, &cert, &key, NULL),
                     0);
    assert_int_equal(read_paper(&p, rill_w_view(&cert), rill_w_view(&key)), 0);
    assert_int_equal(p.id->chain.subject.val.len, 64);
    tls_paper_free(&p);
}

/* --- what it issues ------------------------------------------------------------------- */

static void ca_server_certificate_is_for_servers_and_names_its_key_and_its_issuer(void **state)
{
    (void)state;
    issue("localhost 127.0.0.1");
    mbedtls_x509_crt *c = &shop.server.id->chain;
    assert_false(c->ca_istrue);
    assert_int_equal(c->key_usage, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
    assert_int_equal(mbedtls_x509_crt_check_extended_key_usage(
                         c, MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)),
                     0);
    assert_int_not_equal(mbedtls_x509_crt_check_extended_key_usage(
                             c, MBEDTLS_OID_CLIENT_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)),
                         0);
    assert_int_equal(mbedtls_pk_ec(c->pk)->grp.id, MBEDTLS_ECP_DP_SECP256R1);
    assert_int_equal(c->serial.len, 16);
    assert_int_equal(rill_ca_key_id(c).n, 20);
    /* The authority's identifier is in there, byte for byte. */
    struct rill_view authority = rill_ca_key_id(&shop.ca.id->chain);
    bool there = false;
    for (size_t i = 0; i + authority.n <= c->v3_ext.len; i++)
        there = there || !memcmp(c->v3_ext.p + i, authority.p, authority.n);
    assert_true(there);
}

static int check(const char *names, int64_t now_s)
{
    struct rill_tls_name list[8];
    struct rill_view rest = rill_view_of(names);
    size_t n = 0;
    while (rest.n)
        assert_true(rill_tls_name_parse(rill_view_cut(rest, ' ', &rest), &list[n++]));
    return rill_ca_check(shop.server.id, shop.ca.id, list, n, now_s, NULL);
}

static void ca_check_says_whether_a_certificate_covers_every_name(void **state)
{
    (void)state;
    issue("localhost phone.local 192.168.1.20 fe80::1 *.example.org");
    assert_int_equal(check("localhost", TLS_WALL), 0);
    assert_int_equal(check("phone.local 192.168.1.20 fe80::1 localhost", TLS_WALL), 0);
    assert_int_equal(check("a.example.org *.example.org", TLS_WALL), 0);
    assert_row(check("localhost 192.168.1.21", TLS_WALL), TLS_WRONG_NAME);
    assert_row(check("example.org", TLS_WALL), TLS_WRONG_NAME);
}

static void ca_check_sees_the_dates(void **state)
{
    (void)state;
    issue("localhost");
    assert_row(check("localhost", TLS_WALL - 3601), TLS_NOT_YET_VALID);
    assert_int_equal(check("localhost", TLS_WALL - 3600), 0);
    assert_int_equal(check("localhost", TLS_WALL - 3600 + 825 * RILL_DAY_S - 1), 0);
    assert_row(check("localhost", TLS_WALL - 3600 + 825 * RILL_DAY_S), TLS_EXPIRED);
}

static void ca_check_knows_its_own(void **state)
{
    (void)state;
    struct tls_paper other = {0};
    issue("localhost");
    tls_paper_ca(&other, &shop.rng, TLS_WALL);
    struct rill_tls_name name = {.dns = rill_view_of("localhost")};
    assert_row(rill_ca_check(shop.server.id, other.id, &name, 1, TLS_WALL, NULL), TLS_UNTRUSTED);
    tls_paper_free(&other);
}

static void ca_server_certificate_does_not_outlive_its_ca(void **state)
{
    (void)state;
    int64_t from, until, ca_from, ca_until;
    rill_tls_identity_validity(shop.ca.id, &ca_from, &ca_until);
    tls_paper_server(&shop.server, &shop.ca, &shop.rng, "localhost", ca_until - 100);
    rill_tls_identity_validity(shop.server.id, &from, &until);
    assert_int_equal(until, ca_until);
}

static int issue_row(const struct rill_tls_identity *ca, size_t n, int64_t now_s, size_t cert_cap,
                     size_t key_cap, struct rill_rng rng)
{
    static uint8_t cert[RILL_CA_CERT_MAX], key[RILL_CA_KEY_MAX];
    static struct rill_tls_name names[RILL_CA_NAMES_MAX + 1];
    struct rill_writer c = rill_writer_of((struct rill_span){cert, cert_cap});
    struct rill_writer k = rill_writer_of((struct rill_span){key, key_cap});
    struct rill_err why = {0};
    for (size_t i = 0; i <= RILL_CA_NAMES_MAX; i++)
        names[i].ip = rill_addr_ip4(10, 0, 0, (uint8_t)i, 0);
    int rc = rill_ca_issue(ca, names, n, now_s, &rng, &c, &k, &why);
    assert_int_equal(c.at == 0, rc < 0);
    assert_int_equal(k.at == 0, rc < 0);
    if (rc < 0)
        assert_int_equal(why.row->code, rc);
    return rc;
}

static void ca_issues_for_1_to_64_names(void **state)
{
    (void)state;
    size_t c = RILL_CA_CERT_MAX, k = RILL_CA_KEY_MAX;
    assert_row(issue_row(shop.ca.id, 0, TLS_WALL, c, k, shop.rng), CA_NAMES);
    assert_int_equal(issue_row(shop.ca.id, 1, TLS_WALL, c, k, shop.rng), 0);
    assert_int_equal(issue_row(shop.ca.id, 64, TLS_WALL, c, k, shop.rng), 0);
    assert_row(issue_row(shop.ca.id, 65, TLS_WALL, c, k, shop.rng), CA_NAMES);
}

/* The same stream of randomness gives texts of the same length. */
static void ca_fills_its_buffers_exactly_or_not_at_all(void **state)
{
    (void)state;
    struct rill_rng_seeded seed, copy;
    struct rill_rng rng = rill_rng_seeded(&copy);
    rill_rng_seeded_init(&seed, 7);
    copy = seed;
    tls_paper_server(&shop.server, &shop.ca, &rng, "10.0.0.0", TLS_WALL);
    size_t c = shop.server.cert_text.n, k = shop.server.key_text.n;
    copy = seed;
    assert_int_equal(issue_row(shop.ca.id, 1, TLS_WALL, c, k, rng), 0);
    copy = seed;
    assert_row(issue_row(shop.ca.id, 1, TLS_WALL, c - 1, k, rng), CA_NO_ROOM);
    copy = seed;
    assert_row(issue_row(shop.ca.id, 1, TLS_WALL, c, k - 1, rng), CA_NO_ROOM);
}

static void ca_of_names_too_long_for_a_certificate_has_no_room(void **state)
{
    (void)state;
    static char text[253];
    static uint8_t cert[1 << 16], key[RILL_CA_KEY_MAX];
    struct rill_tls_name names[RILL_CA_NAMES_MAX];
    struct rill_writer c = rill_writer_of((struct rill_span){cert, sizeof cert});
    struct rill_writer k = rill_writer_of((struct rill_span){key, sizeof key});
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 60 == 59 ? '.' : 'a';
    for (size_t i = 0; i < RILL_CA_NAMES_MAX; i++)
        assert_true(rill_tls_name_parse(rill_view_at(text, sizeof text), &names[i]));
    assert_row(
        rill_ca_issue(shop.ca.id, names, RILL_CA_NAMES_MAX, TLS_WALL, &shop.rng, &c, &k, NULL),
        CA_NO_ROOM);
}

/* No private key is ever below the order of the curve. */
static void all_ones(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0xff, n);
}

static void ca_fails_when_the_rng_gives_no_key(void **state)
{
    (void)state;
    struct rill_rng broken = {NULL, all_ones};
    uint8_t text[64];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text}), v = w;
    size_t c = RILL_CA_CERT_MAX, k = RILL_CA_KEY_MAX;
    assert_row(rill_ca_make(rill_view_of("x"), TLS_WALL, &broken, &w, &v, NULL), CA_FAILED);
    assert_row(issue_row(shop.ca.id, 1, TLS_WALL, c, k, broken), CA_FAILED);
}

static void ca_signs_nothing_before_or_after_its_own_time(void **state)
{
    (void)state;
    int64_t from, until;
    size_t c = RILL_CA_CERT_MAX, k = RILL_CA_KEY_MAX;
    rill_tls_identity_validity(shop.ca.id, &from, &until);
    assert_row(issue_row(shop.ca.id, 1, from - 1, c, k, shop.rng), TLS_NOT_YET_VALID);
    assert_row(issue_row(shop.ca.id, 1, until + 1, c, k, shop.rng), TLS_EXPIRED);
}

static void ca_that_is_none_or_has_no_key_signs_nothing(void **state)
{
    (void)state;
    struct tls_paper keyless = {0};
    size_t c = RILL_CA_CERT_MAX, k = RILL_CA_KEY_MAX;
    issue("localhost");
    assert_row(issue_row(shop.server.id, 1, TLS_WALL, c, k, shop.rng), CA_NOT_AUTHORITY);
    assert_int_equal(read_paper(&keyless, shop.ca.cert_text, (struct rill_view){0}), 0);
    assert_row(issue_row(keyless.id, 1, TLS_WALL, c, k, shop.rng), CA_NOT_AUTHORITY);
    tls_paper_free(&keyless);
}

/* --- papers from elsewhere ------------------------------------------------------------ */

static void ca_of_mkcert_signs_and_a_client_that_trusts_it_connects(void **state)
{
    (void)state;
    static struct tls_pair p;
    memset(&p, 0, sizeof p);
    assert_int_equal(read_files(&p.ca, "rsa-ca.pem", "rsa-ca-key.pem"), 0);
    tls_paper_server(&p.server, &p.ca, &shop.rng, "localhost", LATER);
    /* The issuer's name is a copy, all three parts of it. */
    const mbedtls_x509_crt *c = &p.server.id->chain;
    assert_true(rill_view_equal(
        rill_view_at(c->issuer_raw.p, c->issuer_raw.len),
        rill_view_at(p.ca.id->chain.subject_raw.p, p.ca.id->chain.subject_raw.len)));
    p.piece = 1 << 14;
    p.end[CLIENT].config = (struct rill_tls_config){
        .trust = p.ca.id, .host = rill_view_of("localhost"), .wall_s = LATER, .rng = shop.rng};
    p.end[SERVER].config =
        (struct rill_tls_config){.role = RILL_TLS_SERVER, .identity = p.server.id, .rng = shop.rng};
    tls_pair_open(&p);
    tls_pair_run(&p);
    assert_int_equal(rill_tls_state(p.end[CLIENT].x), RILL_TLS_OPEN);
    tls_pair_free(&p);
}

static void tls_certificate_that_is_for_clients_is_none_for_a_server(void **state)
{
    (void)state;
    struct tls_paper ca = {0}, client = {0};
    struct rill_tls_name name = {.dns = rill_view_of("localhost")};
    assert_int_equal(read_files(&ca, "rsa-ca.pem", NULL), 0);
    assert_int_equal(read_files(&client, "client.pem", "client-key.pem"), 0);
    assert_row(rill_ca_check(client.id, ca.id, &name, 1, LATER, NULL), TLS_WRONG_USE);
    assert_row(rill_tls_identity_check_server(client.id, NULL), TLS_WRONG_USE);
    /* keyUsage lets a CA sign certificates, not handshakes. */
    assert_row(rill_tls_identity_check_server(shop.ca.id, NULL), TLS_WRONG_USE);
    issue("localhost");
    assert_int_equal(rill_tls_identity_check_server(shop.server.id, NULL), 0);
    tls_paper_free(&client);
    tls_paper_free(&ca);
}

static void tls_server_shows_an_rsa_certificate_too(void **state)
{
    (void)state;
    static struct tls_pair p;
    struct rill_tls_info info;
    memset(&p, 0, sizeof p);
    assert_int_equal(read_files(&p.server, "rsa-server.pem", "rsa-server-key.pem"), 0);
    p.piece = 0;
    p.rng = shop.rng;
    p.end[CLIENT].config = (struct rill_tls_config){.insecure = true, .rng = shop.rng};
    p.end[SERVER].config =
        (struct rill_tls_config){.role = RILL_TLS_SERVER, .identity = p.server.id, .rng = shop.rng};
    tls_pair_open(&p);
    tls_pair_run(&p);
    rill_tls_info(p.end[CLIENT].x, &info);
    assert_string_equal(info.ciphersuite, "TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256");
    tls_pair_free(&p);
}

static void tls_identity_reads_der_as_well(void **state)
{
    (void)state;
    struct tls_paper p = {0};
    uint8_t key[256];
    int n = mbedtls_pk_write_key_der(&shop.ca.id->key, key, sizeof key);
    assert_true(n > 0);
    assert_int_equal(read_paper(&p, rill_tls_identity_der(shop.ca.id),
                                rill_view_at(key + sizeof key - n, (size_t)n)),
                     0);
    tls_paper_free(&p);
}

static void tls_identity_refuses_what_it_cannot_read_or_match(void **state)
{
    (void)state;
    struct tls_paper p = {0};
    struct rill_view none = {0};
    assert_row(read_paper(&p, none, none), TLS_CERTIFICATE);
    assert_row(read_paper(&p, rill_view_of("-----BEGIN CERTIFICATE-----\nAAAA\n"), none),
               TLS_CERTIFICATE);
    assert_row(read_paper(&p, shop.ca.key_text, shop.ca.key_text), TLS_CERTIFICATE);
    assert_row(read_paper(&p, shop.ca.cert_text, rill_view_of("no key")), TLS_KEY);
    assert_row(read_files(&p, "client.pem", "ed25519-key.pem"), TLS_KEY);
    assert_row(read_files(&p, "client.pem", "locked-key.pem"), TLS_KEY_LOCKED);
    assert_row(read_files(&p, "rsa-ca.pem", "client-key.pem"), TLS_KEY_MISMATCH);
    assert_int_equal(read_files(&p, "client.pem", "client-key.pem"), 0);
    tls_paper_free(&p);
}

/* Of a list to trust what can be read counts; a chain with a hole in it is none. */
static void tls_identity_passes_over_what_it_cannot_read_in_a_list_to_trust(void **state)
{
    (void)state;
    static uint8_t text[8192];
    struct tls_paper p = {0};
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_w_bytes(&w, shop.ca.cert_text);
    rill_w_str(&w, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert_int_equal(read_paper(&p, rill_w_view(&w), (struct rill_view){0}), 0);
    tls_paper_free(&p);
    assert_row(read_paper(&p, rill_w_view(&w), shop.ca.key_text), TLS_CERTIFICATE);
}

/* --- the small things ----------------------------------------------------------------- */

static void tls_name_is_a_host_a_wildcard_or_an_address(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "A-1.b_c.de", "*.de", "xn--bcher-kva.example", "host."};
    static const char *const bad[] = {"",     ".",   "a..b", "-a",    "a-.b", "*",  "a.*.b",
                                      "*a.b", "a b", "a/b",  "*.*.b", "a,b",  "..", "*."};
    struct rill_tls_name name;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(rill_tls_name_parse(rill_view_of(good[i]), &name));
        assert_int_equal(name.ip.family, RILL_ADDR_NONE);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(rill_tls_name_parse(rill_view_of(bad[i]), &name));
    assert_true(rill_tls_name_parse(rill_view_of("::1"), &name));
    assert_int_equal(name.ip.family, RILL_ADDR_IP6);
}

static void tls_name_has_labels_of_63_and_253_bytes_at_most(void **state)
{
    (void)state;
    char text[256];
    struct rill_tls_name name;
    memset(text, 'a', sizeof text);
    assert_true(rill_tls_name_parse(rill_view_at(text, 63), &name));
    assert_false(rill_tls_name_parse(rill_view_at(text, 64), &name));
    for (size_t i = 1; i < sizeof text; i += 2)
        text[i] = '.';
    assert_true(rill_tls_name_parse(rill_view_at(text, 253), &name));
    assert_false(rill_tls_name_parse(rill_view_at(text, 255), &name));
}

static bool matches(const char *pattern, const char *host)
{
    return rill_tls_dns_matches(rill_view_of(pattern), rill_view_of(host));
}

static void tls_wildcard_stands_for_one_whole_label(void **state)
{
    (void)state;
    assert_true(matches("*.example.org", "a.example.org"));
    assert_true(matches("*.EXAMPLE.org", "a.example.ORG"));
    assert_false(matches("*.example.org", "example.org"));
    assert_false(matches("*.example.org", "a.b.example.org"));
    assert_false(matches("a*.example.org", "ab.example.org"));
    assert_false(matches("*", "org"));
    assert_false(matches("*.org", ".org.org"));
    assert_false(matches("example.org", "example.org.evil"));
    /* A NUL within a name once fooled those who compared C strings. */
    assert_false(rill_tls_dns_matches(rill_view_at("a.org\0.evil", 11), rill_view_of("a.org")));
}

static void der_time_is_utc_time_through_2049_and_generalized_time_after(void **state)
{
    (void)state;
    uint8_t out[32];
    static const struct {
        int64_t unix_s;
        const char *text;
    } cases[] = {
        {0, "\x17\x0d"
            "700101000000Z"},
        {951782399, "\x17\x0d"
                    "000228235959Z"},
        {951782400, "\x17\x0d"
                    "000229000000Z"},
        {1700000000, "\x17\x0d"
                     "231114221320Z"},
        {2524607999, "\x17\x0d"
                     "491231235959Z"},
        {2524608000, "\x18\x0f"
                     "20500101000000Z"},
        {4107542400, "\x18\x0f"
                     "21000301000000Z"},
        {-631152001, "\x18\x0f"
                     "19491231235959Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
        rill_der_time(&w, cases[i].unix_s);
        assert_true(rill_view_is(rill_w_view(&w), cases[i].text));
    }
}

static void dates_there_and_back_are_the_same_for_every_day_of_400_years(void **state)
{
    (void)state;
    for (int64_t day = -100000; day < 100000; day++) {
        struct rill_date d = rill_date_of(day * RILL_DAY_S + 12345);
        assert_int_equal(rill_date_unix(&d), day * RILL_DAY_S + 12345);
        assert_in_range(d.month, 1, 12);
        assert_in_range(d.day, 1, 31);
    }
}

static size_t length_bytes(size_t content)
{
    static uint8_t out[1 << 17], zeros[1 << 17];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_der_element(&w, RILL_DER_OCTET_STRING, rill_view_at(zeros, content));
    return w.bad ? 0 : w.at - content - 1;
}

static void der_length_takes_its_shortest_form_up_to_65535(void **state)
{
    (void)state;
    assert_int_equal(length_bytes(0), 1);
    assert_int_equal(length_bytes(127), 1);
    assert_int_equal(length_bytes(128), 2);
    assert_int_equal(length_bytes(255), 2);
    assert_int_equal(length_bytes(256), 3);
    assert_int_equal(length_bytes(65535), 3);
    assert_int_equal(length_bytes(65536), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(ca_signs_itself_for_ten_years_and_may_sign_servers_only),
        T(ca_of_one_rng_stream_is_always_the_same),
        T(ca_name_is_cut_at_64_bytes),
        T(ca_server_certificate_is_for_servers_and_names_its_key_and_its_issuer),
        T(ca_check_says_whether_a_certificate_covers_every_name),
        T(ca_check_sees_the_dates),
        T(ca_check_knows_its_own),
        T(ca_server_certificate_does_not_outlive_its_ca),
        T(ca_issues_for_1_to_64_names),
        T(ca_fills_its_buffers_exactly_or_not_at_all),
        T(ca_of_names_too_long_for_a_certificate_has_no_room),
        T(ca_fails_when_the_rng_gives_no_key),
        T(ca_signs_nothing_before_or_after_its_own_time),
        T(ca_that_is_none_or_has_no_key_signs_nothing),
        T(ca_of_mkcert_signs_and_a_client_that_trusts_it_connects),
        T(tls_certificate_that_is_for_clients_is_none_for_a_server),
        T(tls_server_shows_an_rsa_certificate_too),
        T(tls_identity_reads_der_as_well),
        T(tls_identity_refuses_what_it_cannot_read_or_match),
        T(tls_identity_passes_over_what_it_cannot_read_in_a_list_to_trust),
        T(tls_name_is_a_host_a_wildcard_or_an_address),
        T(tls_name_has_labels_of_63_and_253_bytes_at_most),
        T(tls_wildcard_stands_for_one_whole_label),
        T(der_time_is_utc_time_through_2049_and_generalized_time_after),
        T(dates_there_and_back_are_the_same_for_every_day_of_400_years),
        T(der_length_takes_its_shortest_form_up_to_65535),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
