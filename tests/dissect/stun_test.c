/* STUN, and what TURN carries, as trees. */
#include "tests/dissect/trees.h"

#include "stun/msg.h"
#include "turn/channel.h"

static struct tree t;

static const uint8_t txid[RILL_STUN_TXID] = "transaction";

static struct rill_stun_writer begun(enum rill_stun_class class, uint16_t method)
{
    struct rill_stun_writer s;
    rill_stun_begin(&s, (struct rill_span){t.room, sizeof t.room}, class, method, txid);
    return s;
}

static void ended(struct rill_stun_writer *s)
{
    size_t n = rill_stun_end(s);
    assert_true(n > 0);
    tree_of(&t, RILL_DISSECT_DATAGRAM, rill_view_at(t.room, n));
}

/* RFC 5769 §2.1 */
static const char sample[] =
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";

static void a_check_is_told_to_the_last_bit(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, sample);
    assert_good(&t, false);
    assert_number(&t, "STUN/method", RILL_STUN_BINDING);
    assert_means(&t, "STUN/method", "Binding");
    assert_place(&t, "STUN/method", 2, 14);
    assert_means(&t, "STUN/method/class", "request");
    assert_shows(&t, "STUN/USERNAME", "evtj:h6vY");
    assert_place(&t, "STUN/USERNAME/value", 512, 72);
    assert_place(&t, "STUN/USERNAME/padding", 584, 24);
    assert_number(&t, "STUN/PRIORITY", 0x6e0001ff);
    assert_string_equal(node_of(&t, "STUN/USERNAME")->clause, "RFC 8489 §14.3");
    assert_summary(&t, "STUN Binding request, USERNAME evtj:h6vY");
}

static void every_kind_of_value_is_told_to_the_last_bit(void **state)
{
    (void)state;
    struct rill_addr ip6 = {.family = RILL_ADDR_IP6, .port = 9, .ip = {0x20, 1, 0xd, 0xb8}};
    struct rill_addr ip4 = rill_addr_ip4(192, 0, 2, 1, 5000);
    struct rill_stun_writer s = begun(RILL_STUN_ERROR, RILL_STUN_ALLOCATE);
    static const uint16_t unknown[] = {0x7777, RILL_STUN_DATA};
    rill_stun_put_addr(&s, RILL_STUN_MAPPED_ADDRESS, &ip4);
    rill_stun_put_addr(&s, RILL_STUN_XOR_MAPPED_ADDRESS, &ip6);
    rill_stun_put_error(&s, 401, "who are you");
    rill_stun_put_unknown(&s, unknown, 2);
    rill_stun_put_u32(&s, RILL_STUN_REQUESTED_TRANSPORT, 17u << 24);
    rill_stun_put_u32(&s, RILL_STUN_CHANNEL_NUMBER, 0x40000000);
    rill_stun_put_u32(&s, RILL_STUN_CHANGE_REQUEST, RILL_STUN_CHANGE_PORT);
    rill_stun_put(&s, RILL_STUN_PASSWORD_ALGORITHMS, rill_view_at("\0\1\0\0\0\2\0\0", 8));
    rill_stun_put(&s, RILL_STUN_USE_CANDIDATE, (struct rill_view){0});
    rill_stun_put(&s, 0x8004, rill_view_at("\0\0\6\4\0\0\5\xdc", 8));
    rill_stun_put(&s, 0x18, rill_view_at("\x80", 1));
    rill_stun_put(&s, 0xbeef, rill_view_at("???", 3));
    rill_stun_put_integrity(&s, rill_view_of("key"));
    rill_stun_put_fingerprint(&s);
    ended(&s);
    assert_good(&t, false);
    assert_shows(&t, "MAPPED-ADDRESS", "192.0.2.1:5000");
    assert_shows(&t, "XOR-MAPPED-ADDRESS", "[2001:db8::]:9");
    assert_means(&t, "XOR-MAPPED-ADDRESS/family", "IPv6");
    assert_number(&t, "ERROR-CODE", 401);
    assert_means(&t, "ERROR-CODE", "Unauthenticated");
    assert_shows(&t, "ERROR-CODE/reason phrase", "who are you");
    assert_means(&t, "REQUESTED-TRANSPORT/value", "UDP");
    assert_number(&t, "CHANNEL-NUMBER", 0x4000);
    assert_number(&t, "CHANGE-REQUEST/change port", 1);
    assert_number(&t, "EVEN-PORT/R", 1);
    assert_number(&t, "ICMP/ICMP type", 3);
    assert_number(&t, "ICMP/error data", 1500);
    assert_means(&t, "PASSWORD-ALGORITHMS/algorithm", "MD5");
    assert_shows(&t, "attribute", "3f3f3f");
}

static void an_attribute_has_the_value_of_its_kind_or_is_bad(void **state)
{
    (void)state;
    struct rill_stun_writer s = begun(RILL_STUN_REQUEST, RILL_STUN_BINDING);
    rill_stun_put(&s, RILL_STUN_PRIORITY, rill_view_at("abc", 3));
    ended(&s);
    assert_true(node_of(&t, "PRIORITY")->bad);
    assert_int_equal(node_of(&t, "PRIORITY")->amount, 3);
}

static void a_message_cut_off_says_where(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, sample);
    for (size_t n = 1; n < 108; n++) {
        tree_of(&t, RILL_DISSECT_DATAGRAM, rill_view_at(t.room, n));
        assert_true(tree_is_bad(&t));
        assert_covered(&t, false);
    }
}

static void a_wrong_fingerprint_is_told(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, sample);
    assert_means(&t, "FINGERPRINT", "right");
    t.room[30] ^= 1; /* in SOFTWARE */
    tree_of(&t, RILL_DISSECT_DATAGRAM, rill_view_at(t.room, 108));
    assert_true(node_of(&t, "FINGERPRINT")->bad);
}

static void a_wrong_cookie_is_laid_on_the_cookie(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, "00010000 2112a443 b7e7a701bc34d686fa87dfae");
    assert_true(node_of(&t, "STUN/cookie")->bad);
    assert_string_equal(node_of(&t, "STUN/cookie")->clause, "RFC 8489 §5");
    assert_summary(&t, "STUN Binding request (bad cookie: the magic cookie is not 0x2112a442 but "
                       "554869827)");
}

static void relayed_datagrams_are_trees_in_trees(void **state)
{
    (void)state;
    uint8_t inner[256];
    struct rill_view check = rill_test_hex(sample, inner, sizeof inner);
    struct rill_addr peer = rill_addr_ip4(198, 51, 100, 7, 7000);
    struct rill_stun_writer s = begun(RILL_STUN_INDICATION, RILL_STUN_DATA_INDICATION);
    rill_stun_put_addr(&s, RILL_STUN_XOR_PEER_ADDRESS, &peer);
    rill_stun_put(&s, RILL_STUN_DATA, check);
    ended(&s);
    assert_good(&t, false);
    assert_shows(&t, "STUN/DATA/STUN/USERNAME", "evtj:h6vY");
    assert_place(&t, "STUN/DATA/STUN/USERNAME/value", (20 + 12 + 4) * 8 + 512, 72);
    assert_summary(&t, "STUN Data indication, XOR-PEER-ADDRESS 198.51.100.7:7000: STUN Binding "
                       "request, USERNAME evtj:h6vY");

    rill_turn_channel_put((struct rill_span){t.room, 4}, 0x4001, check.n);
    memcpy(t.room + 4, check.p, check.n);
    tree_of(&t, RILL_DISSECT_DATAGRAM, rill_view_at(t.room, 4 + check.n));
    assert_good(&t, false);
    assert_number(&t, "TURN ChannelData/channel", 0x4001);
    assert_shows(&t, "TURN ChannelData/data/STUN/USERNAME", "evtj:h6vY");
}

static void channels_in_channels_end(void **state)
{
    (void)state;
    size_t n = 400;
    for (size_t at = 0; at + 4 <= n; at += 4)
        rill_turn_channel_put((struct rill_span){t.room + at, 4}, 0x4000, n - at - 4);
    tree_of(&t, RILL_DISSECT_DATAGRAM, rill_view_at(t.room, n));
    assert_true(t.d.n < 20);
    assert_covered(&t, false);
}

static void messages_of_a_stream_follow_each_other(void **state)
{
    (void)state;
    size_t n = rill_test_hex(sample, t.room, sizeof t.room).n;
    memcpy(t.room + n, t.room, n);
    tree_of(&t, RILL_DISSECT_STREAM, rill_view_at(t.room, 2 * n));
    assert_good(&t, false);
    tree_of(&t, RILL_DISSECT_STREAM, rill_view_at(t.room, 2 * n - 3));
    assert_place(&t, "part of a message", (uint32_t)n * 8, (uint32_t)(n - 3) * 8);
    tree_of_hex(&t, RILL_DISSECT_STREAM, "0014 00010000 2112a442 b7e7a701bc34d686fa87dfae");
    assert_place(&t, "RFC 4571 frame/STUN", 16, 160);
    assert_summary(&t, "framed STUN Binding request");
    tree_of_hex(&t, RILL_DISSECT_FRAMED, "0014 00010000 2112a442 b7e7a701bc34d686fa87dfae 0100");
    assert_shows(&t, "RFC 4571 frame/STUN/transaction ID", "b7e7a701bc34d686fa87dfae");
    assert_covered(&t, false);
}

static void a_first_byte_of_nobody_is_bad(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, "ff00");
    assert_true(node_of(&t, "unknown")->bad);
    tree_of(&t, RILL_DISSECT_DATAGRAM, (struct rill_view){0});
    assert_int_equal(t.d.n, 1);
}

static void what_does_not_fit_is_said_to_be_cut(void **state)
{
    (void)state;
    struct rill_dissect_node few[5];
    struct rill_dissection d = {.nodes = few, .cap = 5};
    rill_dissect(&d, RILL_DISSECT_DATAGRAM, rill_test_hex(sample, t.room, sizeof t.room), NULL);
    assert_true(d.cut);
    assert_int_equal(d.n, 5);
    d = (struct rill_dissection){.nodes = t.nodes, .cap = NODES_MAX, .deepest = 1};
    rill_dissect(&d, RILL_DISSECT_DATAGRAM, rill_test_hex(sample, t.room, sizeof t.room), NULL);
    assert_false(d.cut);
    for (size_t i = 0; i < d.n; i++)
        assert_true(t.nodes[i].depth <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_is_told_to_the_last_bit),
        cmocka_unit_test(every_kind_of_value_is_told_to_the_last_bit),
        cmocka_unit_test(an_attribute_has_the_value_of_its_kind_or_is_bad),
        cmocka_unit_test(a_message_cut_off_says_where),
        cmocka_unit_test(a_wrong_fingerprint_is_told),
        cmocka_unit_test(a_wrong_cookie_is_laid_on_the_cookie),
        cmocka_unit_test(relayed_datagrams_are_trees_in_trees),
        cmocka_unit_test(channels_in_channels_end),
        cmocka_unit_test(messages_of_a_stream_follow_each_other),
        cmocka_unit_test(a_first_byte_of_nobody_is_bad),
        cmocka_unit_test(what_does_not_fit_is_said_to_be_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
