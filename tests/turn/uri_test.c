/* How servers are named (RFC 7064, RFC 7065). */
#include "tests/rill_test.h"
#include "turn/uri.h"

static void assert_uri(const char *text, bool turn, enum rill_proto proto, const char *host,
                       unsigned port)
{
    struct rill_turn_uri u;
    struct rill_err why;
    if (rill_turn_uri_parse(rill_view_of(text), &u, &why) < 0)
        fail_msg("%s: %s", text, why.row->sentence);
    assert_int_equal(u.turn, turn);
    assert_int_equal(u.proto, proto);
    assert_string_equal(u.host, host);
    assert_int_equal(u.port, port);
}

/* RFC 7064 appendix B, RFC 7065 appendix B. */
static void uri_examples_of_the_rfcs_are_read(void **state)
{
    (void)state;
    assert_uri("stun:example.org", false, RILL_PROTO_UDP, "example.org", 3478);
    assert_uri("stuns:example.org", false, RILL_PROTO_TLS, "example.org", 5349);
    assert_uri("stun:example.org:8000", false, RILL_PROTO_UDP, "example.org", 8000);
    assert_uri("turn:example.org", true, RILL_PROTO_UDP, "example.org", 3478);
    assert_uri("turns:example.org", true, RILL_PROTO_TLS, "example.org", 5349);
    assert_uri("turn:example.org:8000", true, RILL_PROTO_UDP, "example.org", 8000);
    assert_uri("turn:example.org?transport=udp", true, RILL_PROTO_UDP, "example.org", 3478);
    assert_uri("turn:example.org?transport=tcp", true, RILL_PROTO_TCP, "example.org", 3478);
    assert_uri("turns:example.org?transport=tcp", true, RILL_PROTO_TLS, "example.org", 5349);
    assert_uri("TURN:[2001:db8::1]:99?transport=TCP", true, RILL_PROTO_TCP, "2001:db8::1", 99);
}

static void uri_credentials_are_percent_decoded(void **state)
{
    (void)state;
    struct rill_turn_uri u;
    assert_int_equal(
        rill_turn_uri_parse(rill_view_of("turn:1700%3Aann:p%40ss+%c3%9f@[::1]:1"), &u, NULL), 0);
    assert_string_equal(u.username, "1700:ann");
    assert_string_equal(u.password, "p@ss+\xc3\x9f");
    assert_string_equal(u.host, "::1");
}

static int parse(const char *text, size_t *offset)
{
    struct rill_turn_uri u = {.port = 7};
    struct rill_err why = {0};
    int rc = rill_turn_uri_parse(rill_view_of(text), &u, &why);
    assert_int_equal(u.port, 7);
    *offset = why.offset;
    return rc;
}

static void uri_refusals_say_where(void **state)
{
    (void)state;
    size_t at;
    char long_host[600] = "turn:";
    assert_row(parse("example.org", &at), TURN_URI_SCHEME);
    assert_row(parse("http://example.org", &at), TURN_URI_SCHEME);
    assert_row(parse("", &at), TURN_URI_SCHEME);
    assert_row(parse("turn:", &at), TURN_URI_HOST);
    assert_int_equal(at, 5);
    assert_row(parse("turn://example.org", &at), TURN_URI_HOST);
    assert_row(parse("turn:[::1", &at), TURN_URI_HOST);
    assert_row(parse("turn:[::1]x", &at), TURN_URI_HOST);
    assert_row(parse("turn:[192.0.2.1]", &at), TURN_URI_HOST);
    assert_row(parse("turn:a b", &at), TURN_URI_HOST);
    memset(long_host + 5, 'a', 256);
    assert_row(parse(long_host, &at), TURN_URI_HOST);
    assert_row(parse("turn:h:", &at), TURN_URI_PORT);
    assert_row(parse("turn:h:0", &at), TURN_URI_PORT);
    assert_row(parse("turn:h:65536", &at), TURN_URI_PORT);
    assert_int_equal(at, 7);
    assert_row(parse("turn:h?transport=sctp", &at), TURN_URI_TRANSPORT);
    assert_row(parse("turn:h?", &at), TURN_URI_TRANSPORT);
    assert_row(parse("turns:h?transport=udp", &at), TURN_URI_TRANSPORT);
    assert_row(parse("stun:h?transport=udp", &at), TURN_URI_TRANSPORT);
    assert_row(parse("turn:user@h", &at), TURN_URI_CREDENTIALS);
    assert_row(parse("turn:user:@h", &at), TURN_URI_CREDENTIALS);
    assert_row(parse("turn:us%zzer:p@h", &at), TURN_URI_CREDENTIALS);
    assert_row(parse("turn:us%00er:p@h", &at), TURN_URI_CREDENTIALS);
    assert_row(parse("stun:u:p@h", &at), TURN_URI_CREDENTIALS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uri_examples_of_the_rfcs_are_read),
        cmocka_unit_test(uri_credentials_are_percent_decoded),
        cmocka_unit_test(uri_refusals_say_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
