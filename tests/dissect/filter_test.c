/* Filters: what they match, and what is said of those that are wrong. */
#include "tests/dissect/trees.h"

#include "dissect/filter.h"

static struct tree t;
static struct rill_filter f;
static struct rill_filter_event e;

static const char check[] =
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";

static int sent(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, check);
    e = (struct rill_filter_event){
        .name = rill_view_of("peer:datagram_sent"),
        .time = 2500000,
        .step = 7,
        .local = rill_addr_ip4(192, 0, 2, 1, 5000),
        .remote = rill_addr_ip4(198, 51, 100, 2, 3478),
        .text = rill_view_of("{\"proto\":\"udp\",\"bytes\":\"0001\"}"),
        .packet = &t.d,
    };
    return 0;
}

static bool matches(const char *text)
{
    struct rill_err why;
    int rc = rill_filter_compile(&f, rill_view_of(text), &why);
    if (rc < 0)
        fail_msg("%s: column %zu: %s", text, why.offset, why.row->sentence);
    return rill_filter_match(&f, &e);
}

static int row_of(const char *text, size_t column)
{
    struct rill_err why = {0};
    int rc = rill_filter_compile(&f, rill_view_of(text), &why);
    assert_true(rc < 0);
    assert_int_equal(why.offset, column);
    return rc;
}

static void an_empty_filter_matches_all(void **state)
{
    (void)state;
    assert_true(matches(""));
    assert_true(matches("  "));
}

static void a_word_is_a_node_or_a_room(void **state)
{
    (void)state;
    assert_true(matches("stun"));
    assert_true(matches("STUN"));
    assert_true(matches("peer"));
    assert_true(matches("sent"));
    assert_true(matches("stun.transaction-id"));
    assert_true(matches("stun.username.padding"));
    assert_false(matches("rtp"));
    assert_false(matches("received"));
    assert_false(matches("bad"));
    assert_false(matches("username.stun"));
}

static void values_are_compared_as_numbers_and_as_what_they_mean(void **state)
{
    (void)state;
    assert_true(matches("stun.method == 1"));
    assert_true(matches("stun.method == 0x1"));
    assert_true(matches("stun.method == \"Binding\""));
    assert_true(matches("stun.class == request"));
    assert_true(matches("stun.method != \"Allocate\""));
    assert_false(matches("stun.method != \"Binding\""));
    assert_false(matches("stun.nothing != 1"));
    assert_true(matches("stun.priority > 1845494270 and stun.priority <= 1845494271"));
    assert_false(matches("stun.priority < 5"));
    assert_true(matches("stun.username == \"evtj:h6vY\""));
    assert_true(matches("stun.username ~ \"EVTJ\""));
    assert_true(matches("stun.software contains \"test\""));
    assert_true(matches("stun.fingerprint == e57a3bcf"));
    assert_true(matches("stun.message-integrity ~ bfd8cb"));
    assert_false(matches("stun.fingerprint == e57a3bc0"));
}

static void what_is_around_a_packet_is_asked_for_too(void **state)
{
    (void)state;
    assert_true(matches("name ~ \"peer:\""));
    assert_true(matches("name == \"peer:datagram_sent\""));
    assert_true(matches("name != \"x\""));
    assert_true(matches("time >= 2.5 and time < 2.500001"));
    assert_true(matches("time == 2.5"));
    assert_false(matches("time > 2.5"));
    assert_true(matches("time != 2"));
    assert_true(matches("step == 7"));
    assert_true(matches("ip == 192.0.2.1 and ip == 198.51.100.2"));
    assert_false(matches("ip == 192.0.2.9"));
    assert_true(matches("ip != 192.0.2.9"));
    assert_true(matches("port == 5000"));
    assert_true(matches("port > 4000 and port != 80"));
    assert_true(matches("local == 192.0.2.1:5000"));
    assert_false(matches("remote == 192.0.2.1"));
    assert_true(matches("contains \"UDP\""));
    assert_false(matches("contains \"tcp\""));
}

static void not_binds_before_and_before_or(void **state)
{
    (void)state;
    assert_true(matches("rtp and stun or stun"));
    assert_true(matches("stun or stun and rtp"));
    assert_false(matches("(stun or stun) and rtp"));
    assert_true(matches("not rtp and stun"));
    assert_false(matches("not (rtp or stun)"));
    assert_true(matches("!rtp && (stun || dtls)"));
    assert_true(matches("not not stun"));
}

static void an_event_without_a_packet_has_no_nodes(void **state)
{
    (void)state;
    e.packet = NULL;
    e.local.family = e.remote.family = RILL_ADDR_NONE;
    assert_false(matches("stun"));
    assert_false(matches("stun.method != 3"));
    assert_false(matches("ip != 192.0.2.9"));
    assert_false(matches("port != 9"));
    assert_true(matches("not stun"));
    sent(NULL);
}

static void attributes_of_descriptions_are_named_without_their_letter(void **state)
{
    (void)state;
    tree_of(&t, RILL_DISSECT_SDP, rill_view_of("v=0\r\na=mid:audio1\r\n"));
    assert_true(matches("sdp.mid ~ audio1"));
    assert_true(matches("sdp.mid.identification_tag == audio1"));
    assert_true(matches("bad"));
    sent(NULL);
}

static void members_of_the_data_are_asked_for_by_name(void **state)
{
    (void)state;
    e.text = rill_view_of("{\"time\":1,\"name\":\"x:y\",\"data\":{\"state\":\"failed\",\"n\":12,"
                          "\"deep\":{\"n\":[3,{}]},\"rtt\":2.5,\"yes\":true,"
                          "\"at\":\"192.0.2.7:80\"}}");
    assert_true(matches("data.state == \"failed\""));
    assert_true(matches("state == failed and n == 12 and data.n < 13"));
    assert_true(matches("data.rtt > 2.4 and yes == true"));
    assert_true(matches("data.at == 192.0.2.7"));
    assert_true(matches("data.deep and data.deep ~ \"[3\""));
    assert_false(matches("data.deep == 3"));
    assert_false(matches("data.state != failed"));
    assert_true(matches("data.state != new"));
    assert_false(matches("data.none != new"));
    assert_false(matches("data.time"));
    assert_false(matches("contains \"x:y\""));
    assert_false(rill_filter_needs_packet(&f));
    e.text = rill_view_of("{\"n\":12");
    assert_true(matches("data.n == 12"));
    e.text = rill_view_of("{\"n\":[12");
    assert_false(matches("data.n"));
    sent(NULL);
}

static void only_terms_about_packets_need_one(void **state)
{
    (void)state;
    matches("time > 1 and ip == 192.0.2.1 or contains \"x\"");
    assert_false(rill_filter_needs_packet(&f));
    matches("time > 1 and stun");
    assert_true(rill_filter_needs_packet(&f));
}

static void what_is_wrong_has_its_column(void **state)
{
    (void)state;
    assert_row(row_of("stun and", 9), FILTER_EMPTY);
    assert_row(row_of("and", 1), FILTER_EMPTY);
    assert_row(row_of("stun stun", 6), FILTER_AFTER);
    assert_row(row_of("rtp.seq >", 10), FILTER_VALUE);
    assert_row(row_of("rtp.seq > \"a\"", 11), FILTER_KIND);
    assert_row(row_of("time ~ 5", 8), FILTER_KIND);
    assert_row(row_of("ip == 5", 7), FILTER_KIND);
    assert_row(row_of("name == \"peer", 9), FILTER_QUOTE);
    assert_row(row_of("(stun", 1), FILTER_PARENTHESIS);
    assert_row(row_of("stun)", 5), FILTER_PARENTHESIS);
    assert_row(row_of("a.b.c.d.e.f.g", 1), FILTER_TOO_LONG);
}

static void as_much_as_fits_is_taken_and_no_more(void **state)
{
    (void)state;
    char text[RILL_FILTER_TEXT_MAX + 2];
    memset(text, ' ', sizeof text);
    text[RILL_FILTER_TEXT_MAX] = 0;
    memcpy(text, "stun", 4);
    assert_true(matches(text));
    text[RILL_FILTER_TEXT_MAX] = ' ';
    text[RILL_FILTER_TEXT_MAX + 1] = 0;
    assert_row(row_of(text, RILL_FILTER_TEXT_MAX + 1), FILTER_TOO_LONG);
    /* 32 terms and 31 times "or" are 63 steps; another term is the 64th, its "or" one too many. */
    size_t n = 0;
    for (int i = 0; i < 32; i++, n += 5)
        memcpy(text + n, i ? " or x" : "    x", 5);
    text[n] = 0;
    assert_false(matches(text));
    memcpy(text + n, " or x", 6);
    assert_row(row_of(text, n + 6), FILTER_TOO_LONG);
    memset(text, '(', 33);
    memcpy(text + 33, "x", 2);
    assert_row(row_of(text, 33), FILTER_TOO_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_filter_matches_all),
        cmocka_unit_test(a_word_is_a_node_or_a_room),
        cmocka_unit_test(values_are_compared_as_numbers_and_as_what_they_mean),
        cmocka_unit_test(what_is_around_a_packet_is_asked_for_too),
        cmocka_unit_test(not_binds_before_and_before_or),
        cmocka_unit_test(an_event_without_a_packet_has_no_nodes),
        cmocka_unit_test(attributes_of_descriptions_are_named_without_their_letter),
        cmocka_unit_test(members_of_the_data_are_asked_for_by_name),
        cmocka_unit_test(only_terms_about_packets_need_one),
        cmocka_unit_test(what_is_wrong_has_its_column),
        cmocka_unit_test(as_much_as_fits_is_taken_and_no_more),
    };
    return cmocka_run_group_tests(tests, sent, NULL);
}
