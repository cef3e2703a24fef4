/* Descriptions, candidates, HTTP, WebSocket and DNS as trees; and trees as JSON. */
#include "tests/dissect/trees.h"

#include "mdns/message.h"
#include "signaling/ws_frame.h"

#include <stdio.h>

static struct tree t;

static void tree_of_text(enum rill_dissect_kind kind, const char *text)
{
    tree_of(&t, kind, rill_view_of(text));
}

static void the_lines_of_a_description_are_told(void **state)
{
    (void)state;
    static char text[BYTES_MAX];
    FILE *f = fopen("tests/data/examples/rfc9429_71_offer_a1.sdp", "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    tree_of_text(RILL_DISSECT_SDP, text);
    assert_covered(&t, true);
    assert_shows(&t, "SDP/o/sess-id", "4962303333179871722");
    assert_shows(&t, "SDP/m/media", "audio");
    assert_shows(&t, "SDP/a=rtpmap/payload type", "96");
    assert_shows(&t, "SDP/a=candidate/connection-address", "203.0.113.100");
    assert_string_equal(node_of(&t, "SDP/a=mid")->clause, "RFC 5888 §4");
    assert_non_null(node_of(&t, "SDP/a=mid")->sentence);
}

static void a_line_that_breaks_a_rule_is_bad(void **state)
{
    (void)state;
    tree_of_text(RILL_DISSECT_SDP, "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
                                   "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"
                                   "a=mid:0\r\na=rtpmap:x opus/48000/2\r\n");
    assert_true(node_of(&t, "a=rtpmap")->bad);
    assert_string_equal(node_of(&t, "a=rtpmap")->clause, "RFC 8866 §6.6");
    tree_of_text(RILL_DISSECT_SDP, "v=0\nnonsense\n");
    assert_true(tree_is_bad(&t));
    assert_covered(&t, true);
}

static void the_words_of_a_candidate_are_told(void **state)
{
    (void)state;
    tree_of_text(RILL_DISSECT_CANDIDATE,
                 "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx "
                 "raddr 10.0.0.2 rport 46154 foo bar");
    assert_good(&t, true);
    assert_shows(&t, "candidate/port", "46154");
    assert_shows(&t, "candidate/raddr", "10.0.0.2");
    assert_shows(&t, "candidate/extension", "bar");
    assert_summary(&t, "candidate srflx udp 203.0.113.7 46154 behind 10.0.0.2");
    tree_of_text(RILL_DISSECT_CANDIDATE, "candidate:1 1 udp 99999999999 203.0.113.7 1 typ host");
    assert_true(node_of(&t, "candidate/priority")->bad);
    tree_of_text(RILL_DISSECT_CANDIDATE, "");
    assert_summary(&t, "candidate: no more");
}

static void a_head_is_told_line_by_line(void **state)
{
    (void)state;
    tree_of_text(RILL_DISSECT_HTTP, "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                    "X-Other: 1\r\n\r\nbody");
    assert_good(&t, true);
    assert_shows(&t, "HTTP/request line/request-target", "/ws");
    assert_shows(&t, "HTTP/Upgrade", "websocket");
    assert_shows(&t, "HTTP/header", "1");
    assert_shows(&t, "HTTP/body", "body");
    assert_summary(&t, "HTTP GET /ws HTTP/1.1");
    tree_of_text(RILL_DISSECT_HTTP, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
    assert_good(&t, true);
    assert_shows(&t, "HTTP/status-code", "101");
    tree_of_text(RILL_DISSECT_HTTP, "GET / HTTP/1.1\r\nHost : a\r\n\r\n");
    assert_true(node_of(&t, "HTTP/header")->bad || tree_is_bad(&t));
    assert_covered(&t, true);
}

static void frame(uint8_t opcode, const char *text, const uint8_t *key)
{
    size_t n = strlen(text);
    size_t head = rill_ws_frame_write(t.room, opcode, n, key);
    memcpy(t.room + head, text, n);
    if (key)
        rill_ws_mask(t.room + head, n, key, 0);
    tree_of(&t, RILL_DISSECT_WEBSOCKET, rill_view_at(t.room, head + n));
}

static void a_masked_frame_is_told_without_its_mask_in_its_own_place(void **state)
{
    (void)state;
    static const uint8_t key[] = {1, 2, 3, 4};
    frame(RILL_WS_OP_TEXT, "[\"newAnswer\",{\"a\":1},7]", key);
    assert_good(&t, true);
    assert_means(&t, "WebSocket/opcode", "text");
    assert_shows(&t, "WebSocket/message/event", "newAnswer");
    assert_means(&t, "WebSocket/message/event", "a client answers an offer");
    assert_shows(&t, "WebSocket/message/argument", "{\"a\":1}");
    assert_place(&t, "WebSocket/message/event", (6 + 2) * 8, 72);
    assert_summary(&t, "WebSocket text newAnswer, 23 bytes");
}

static void without_scratch_a_masked_payload_stays_bytes(void **state)
{
    (void)state;
    static const uint8_t key[] = {1, 2, 3, 4};
    frame(RILL_WS_OP_TEXT, "[\"newAnswer\"]", key);
    t.d.scratch = (struct rill_span){0};
    rill_dissect(&t.d, RILL_DISSECT_WEBSOCKET, t.bytes, NULL);
    assert_int_equal(node_of(&t, "WebSocket/payload")->type, RILL_DISSECT_BYTES);
    assert_covered(&t, false);
}

static void packets_of_socketio_are_told(void **state)
{
    (void)state;
    frame(RILL_WS_OP_TEXT, "42/room,17[\"newOffer\",{}]", NULL);
    assert_good(&t, true);
    assert_means(&t, "WebSocket/Engine.IO packet/packet type", "message");
    assert_means(&t, "Engine.IO packet/Socket.IO packet/type", "EVENT");
    assert_shows(&t, "Socket.IO packet/namespace", "/room");
    assert_shows(&t, "Socket.IO packet/acknowledgement id", "17");
    assert_shows(&t, "Socket.IO packet/message/event", "newOffer");
    frame(RILL_WS_OP_TEXT, "2", NULL);
    assert_good(&t, true);
    assert_summary(&t, "WebSocket text, Engine.IO ping, 1 bytes");
    frame(RILL_WS_OP_TEXT, "42{\"no\":1}", NULL);
    assert_true(tree_is_bad(&t));
}

static void a_close_frame_has_its_reason(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_WEBSOCKET, "88 05 03e9 627965");
    assert_good(&t, true);
    assert_means(&t, "WebSocket/status code", "going away");
    assert_shows(&t, "WebSocket/reason", "bye");
    tree_of_hex(&t, RILL_DISSECT_WEBSOCKET, "f1 01 61");
    assert_true(node_of(&t, "WebSocket/FIN")->bad || tree_is_bad(&t));
    tree_of_hex(&t, RILL_DISSECT_WEBSOCKET, "81 7e 0102 61");
    assert_true(tree_is_bad(&t));
}

static void names_and_addresses_of_dns_are_told_to_the_last_bit(void **state)
{
    (void)state;
    struct rill_writer w = rill_writer_of((struct rill_span){t.room, sizeof t.room});
    struct rill_dns_name name;
    struct rill_addr a = rill_addr_ip4(192, 0, 2, 1, 0);
    assert_int_equal(rill_dns_name_of(rill_view_of("x.local"), &name, NULL), 0);
    rill_dns_put_header(&w, 0, true, 1, 1, 0);
    rill_dns_put_question(&w, &name, RILL_DNS_A, true);
    rill_dns_put_addr(&w, &name, &a, true, 120);
    tree_of(&t, RILL_DISSECT_DNS, rill_w_view(&w));
    assert_good(&t, false);
    assert_shows(&t, "mDNS/question", "x.local");
    assert_number(&t, "mDNS/question/unicast-response", 1);
    assert_number(&t, "mDNS/record/TTL", 120);
    assert_shows(&t, "mDNS/record/RDATA", "192.0.2.1");
    assert_summary(&t, "mDNS response x.local A x.local A 192.0.2.1");
    for (size_t n = 0; n < w.at; n++) {
        tree_of(&t, RILL_DISSECT_DNS, rill_view_at(t.room, n));
        assert_true(tree_is_bad(&t));
        assert_covered(&t, false);
    }
}

static void a_tree_is_written_as_json(void **state)
{
    (void)state;
    static uint8_t out[65536];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    tree_of_hex(&t, RILL_DISSECT_WEBSOCKET, "89 02 0001");
    rill_dissect_write_json(&w, &t.d);
    assert_true(rill_w_end_text(&w));
    assert_non_null(
        strstr((char *)out, "[{\"depth\":0,\"name\":\"WebSocket\",\"bit\":0,\"bits\":32,"));
    assert_non_null(strstr((char *)out, "{\"depth\":1,\"name\":\"opcode\",\"bit\":4,\"bits\":4,"
                                        "\"value\":9,\"meaning\":\"ping\",\"clause\":"));
    w.at = 0;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, "00020000 2112a442 b7e7a701bc34d686fa87dfae");
    rill_dissect_write_json(&w, &t.d);
    assert_true(rill_w_end_text(&w));
    assert_non_null(strstr((char *)out, "\"value\":\"b7e7a701bc34d686fa87dfae\",\"hex\":true"));
}

static void a_bad_node_says_its_number(void **state)
{
    (void)state;
    static uint8_t out[65536];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, "00020000 2112a442 b7e7a701bc34d6");
    rill_dissect_write_json(&w, &t.d);
    assert_true(rill_w_end_text(&w));
    assert_non_null(strstr((char *)out, "before the 20 that are to come"));
    assert_non_null(strstr((char *)out, "\"bad\":true"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lines_of_a_description_are_told),
        cmocka_unit_test(a_line_that_breaks_a_rule_is_bad),
        cmocka_unit_test(the_words_of_a_candidate_are_told),
        cmocka_unit_test(a_head_is_told_line_by_line),
        cmocka_unit_test(a_masked_frame_is_told_without_its_mask_in_its_own_place),
        cmocka_unit_test(without_scratch_a_masked_payload_stays_bytes),
        cmocka_unit_test(packets_of_socketio_are_told),
        cmocka_unit_test(a_close_frame_has_its_reason),
        cmocka_unit_test(names_and_addresses_of_dns_are_told_to_the_last_bit),
        cmocka_unit_test(a_tree_is_written_as_json),
        cmocka_unit_test(a_bad_node_says_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
