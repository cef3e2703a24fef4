/* ws: frames and messages of both sides, each rule of RFC 6455 by itself. */
#include "tests/rill_test.h"

#include "base/limits.h"
#include "signaling/base64.h"
#include "signaling/utf8_stream.h"
#include "signaling/ws.h"
#include "signaling/ws_frame.h"

#include <stdio.h>

#ifndef RILL_ROW
#define RILL_ROW(row) RILL_##row
#endif

#define SMALL 1024

struct side {
    void *block;
    struct rill_rng_seeded rng;
    struct rill_ws *ws;
    struct rill_err why;
};

static void open_with(struct side *s, bool server, size_t message, size_t out, int64_t ping)
{
    memset(s, 0, sizeof *s);
    rill_rng_seeded_init(&s->rng, rill_test_seed());
    struct rill_ws_config c = {.server = server,
                               .message = message,
                               .out = out,
                               .ping = ping,
                               .pong_timeout = 5 * RILL_SECOND,
                               .rng = rill_rng_seeded(&s->rng)};
    s->block = malloc(rill_ws_size(&c));
    s->ws = rill_ws_init(s->block, &c, 0);
}

static void open_side(struct side *s, bool server)
{
    open_with(s, server, SMALL, 4 * SMALL, 0);
}

static void shut(struct side *s)
{
    free(s->block);
}

static long feed(struct side *s, struct rill_view v)
{
    return rill_ws_input(s->ws, 0, v, &s->why);
}

static long feed_hex(struct side *s, const char *hex)
{
    uint8_t b[512];
    return feed(s, rill_test_hex(hex, b, sizeof b));
}

static struct rill_view output(struct side *s, uint8_t *b, size_t cap)
{
    return rill_view_at(b, rill_ws_output(s->ws, (struct rill_span){b, cap}));
}

static void assert_view(struct rill_view v, const char *text)
{
    assert_int_equal(v.n, strlen(text));
    assert_memory_equal(v.p, text, v.n);
}

static void assert_output_hex(struct side *s, const char *hex)
{
    uint8_t want[256], got[256];
    struct rill_view w = rill_test_hex(hex, want, sizeof want);
    struct rill_view g = output(s, got, sizeof got);
    assert_int_equal(g.n, w.n);
    assert_memory_equal(g.p, w.p, w.n);
}

static struct rill_ws_event expect(struct side *s, enum rill_ws_event_type type)
{
    struct rill_ws_event e;
    assert_true(rill_ws_event(s->ws, &e));
    assert_int_equal(e.type, type);
    return e;
}

static void expect_nothing(struct side *s)
{
    struct rill_ws_event e;
    assert_false(rill_ws_event(s->ws, &e));
}

/* A client's frame with the key 00 00 00 00, so that the payload stays readable. */
#define KEY " 00000000 "

/* --- the examples of RFC 6455 §5.7 ---------------------------------------------------- */

static void ws_client_reads_a_single_frame_unmasked_text(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, false);
    assert_int_equal(feed_hex(&s, "81 05 48 65 6c 6c 6f"), 7);
    assert_view(expect(&s, RILL_WS_TEXT).bytes, "Hello");
    shut(&s);
}

static void ws_server_reads_a_single_frame_masked_text(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    assert_int_equal(feed_hex(&s, "81 85 37 fa 21 3d 7f 9f 4d 51 58"), 11);
    assert_view(expect(&s, RILL_WS_TEXT).bytes, "Hello");
    shut(&s);
}

static void ws_client_joins_a_fragmented_unmasked_text(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, false);
    feed_hex(&s, "01 03 48 65 6c");
    expect_nothing(&s);
    feed_hex(&s, "80 02 6c 6f");
    assert_view(expect(&s, RILL_WS_TEXT).bytes, "Hello");
    shut(&s);
}

static void ws_client_answers_a_ping_with_a_masked_pong_of_the_same_body(void **state)
{
    (void)state;
    struct side s;
    uint8_t b[64];
    open_side(&s, false);
    feed_hex(&s, "89 05 48 65 6c 6c 6f");
    struct rill_view pong = output(&s, b, sizeof b);
    assert_int_equal(pong.n, 11);
    assert_int_equal(pong.p[0], 0x8a);
    assert_int_equal(pong.p[1], 0x85);
    rill_ws_mask(b + 6, 5, b + 2, 0);
    assert_memory_equal(b + 6, "Hello", 5);
    shut(&s);
}

static void ws_server_takes_the_masked_pong(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    feed_hex(&s, "8a 85 37 fa 21 3d 7f 9f 4d 51 58");
    assert_view(expect(&s, RILL_WS_PONG).bytes, "Hello");
    shut(&s);
}

/* The two long examples: what stands before the payload, and that all of it comes. */
static void binary_example(size_t n, const char *head_hex)
{
    struct side s;
    uint8_t head[16], *payload = malloc(n), *out = malloc(n + 16);
    open_with(&s, true, n, 2 * n, 0);
    struct side client;
    open_with(&client, false, n, 2 * n, 0);
    for (size_t i = 0; i < n; i++)
        payload[i] = (uint8_t)i;
    assert_int_equal(rill_ws_send_binary(s.ws, rill_view_at(payload, n)), 0);
    struct rill_view frame = output(&s, out, n + 16);
    struct rill_view want = rill_test_hex(head_hex, head, sizeof head);
    assert_int_equal(frame.n, want.n + n);
    assert_memory_equal(frame.p, want.p, want.n);
    assert_int_equal(feed(&client, frame), frame.n);
    struct rill_ws_event e = expect(&client, RILL_WS_BINARY);
    assert_int_equal(e.bytes.n, n);
    assert_memory_equal(e.bytes.p, payload, n);
    shut(&s);
    shut(&client);
    free(payload);
    free(out);
}

static void ws_256_bytes_are_written_with_a_16_bit_length(void **state)
{
    (void)state;
    binary_example(256, "82 7e 0100");
}

static void ws_64_kib_are_written_with_a_64_bit_length(void **state)
{
    (void)state;
    binary_example(65536, "82 7f 0000000000010000");
}

/* --- frames that are refused ---------------------------------------------------------- */

static void ws_refuses_each_wrong_frame_with_its_row_and_code(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        bool server; /* who reads */
        const char *hex;
        int row;
        uint16_t code;
    } rows[] = {
        {"RSV1", true, "c1 80" KEY, RILL_ROW(SIGNALING_WS_RSV), 1002},
        {"RSV2", true, "a1 80" KEY, RILL_ROW(SIGNALING_WS_RSV), 1002},
        {"RSV3", true, "91 80" KEY, RILL_ROW(SIGNALING_WS_RSV), 1002},
        {"RSV1 for a client", false, "c1 00", RILL_ROW(SIGNALING_WS_RSV), 1002},
        {"opcode 3", true, "83 80" KEY, RILL_ROW(SIGNALING_WS_OPCODE), 1002},
        {"opcode 7", true, "87 80" KEY, RILL_ROW(SIGNALING_WS_OPCODE), 1002},
        {"opcode 11", true, "8b 80" KEY, RILL_ROW(SIGNALING_WS_OPCODE), 1002},
        {"opcode 15", false, "8f 00", RILL_ROW(SIGNALING_WS_OPCODE), 1002},
        {"a client that does not mask", true, "81 00", RILL_ROW(SIGNALING_WS_MASK), 1002},
        {"a server that masks", false, "81 80" KEY, RILL_ROW(SIGNALING_WS_MASK), 1002},
        {"ping in fragments", true, "09 80" KEY, RILL_ROW(SIGNALING_WS_CONTROL), 1002},
        {"ping of 126 bytes", true, "89 fe 007e", RILL_ROW(SIGNALING_WS_CONTROL), 1002},
        {"close of 127 …", false, "88 7f", RILL_ROW(SIGNALING_WS_CONTROL), 1002},
        {"125 in 16 bits", true, "82 fe 007d", RILL_ROW(SIGNALING_WS_LENGTH), 1002},
        {"65535 in 64 bits", true, "82 ff 000000000000ffff", RILL_ROW(SIGNALING_WS_LENGTH), 1002},
        {"top bit of 64", true, "82 ff 8000000000000000", RILL_ROW(SIGNALING_WS_LENGTH), 1002},
        {"continuation first", true, "80 80" KEY, RILL_ROW(SIGNALING_WS_FRAGMENT), 1002},
        {"text inside a message", true, "01 81" KEY "61 81 80" KEY, RILL_ROW(SIGNALING_WS_FRAGMENT),
         1002},
        {"continuation after the end", false, "81 01 61 80 00", RILL_ROW(SIGNALING_WS_FRAGMENT),
         1002},
        {"close of one byte", true, "88 81" KEY "03", RILL_ROW(SIGNALING_WS_CLOSE), 1002},
        {"close 1005", true, "88 82" KEY "03ed", RILL_ROW(SIGNALING_WS_CLOSE), 1002},
        {"close reason no UTF-8", true, "88 83" KEY "03e8 ff", RILL_ROW(SIGNALING_WS_UTF8), 1007},
        {"text no UTF-8", true, "81 81" KEY "ff", RILL_ROW(SIGNALING_WS_UTF8), 1007},
        {"text ends in a sequence", true, "81 81" KEY "c3", RILL_ROW(SIGNALING_WS_UTF8), 1007},
        {"surrogate", false, "81 03 eda080", RILL_ROW(SIGNALING_WS_UTF8), 1007},
        {"overlong", false, "81 02 c0af", RILL_ROW(SIGNALING_WS_UTF8), 1007},
        {"above U+10FFFF", false, "81 04 f4908080", RILL_ROW(SIGNALING_WS_UTF8), 1007},
        {"one over the limit", true, "82 fe 0401" KEY, RILL_ROW(SIGNALING_WS_TOO_LARGE), 1009},
        {"2^62 bytes", true, "82 ff 4000000000000000" KEY, RILL_ROW(SIGNALING_WS_TOO_LARGE), 1009},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct side s;
        uint8_t b[64];
        open_side(&s, rows[i].server);
        struct rill_ws_event e;
        struct rill_view left = rill_test_hex(rows[i].hex, b, sizeof b);
        long rc = feed(&s, left);
        for (; rc >= 0 && rill_ws_event(s.ws, &e); rc = feed(&s, left))
            left = rill_view_sub(left, (size_t)rc, left.n - (size_t)rc);
        if (rc != rows[i].row)
            fail_msg("%s: %ld, not %d", rows[i].what, rc, rows[i].row);
        assert_ptr_equal(s.why.row, rill_err_find(&rill_signaling_errors, rows[i].row));
        e = expect(&s, RILL_WS_CLOSED);
        assert_int_equal(e.code, 1006);
        assert_int_equal(e.error, rows[i].row);
        struct rill_view close = output(&s, b, sizeof b);
        size_t at = rows[i].server ? 2 : 6;
        assert_int_equal(close.n, at + 2);
        assert_int_equal(b[0], 0x88);
        if (!rows[i].server)
            rill_ws_mask(b + 6, 2, b + 2, 0);
        assert_int_equal(b[at] << 8 | b[at + 1], rows[i].code);
        shut(&s);
    }
}

static void ws_refuses_a_wrong_first_byte_pair_before_more_has_come(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    assert_row(feed_hex(&s, "89 fe"), SIGNALING_WS_CONTROL);
    shut(&s);
}

static void ws_refuses_text_at_its_first_wrong_byte_and_not_at_its_end(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    assert_int_equal(feed_hex(&s, "01 84" KEY "6161 f0"), 9);
    assert_row(feed_hex(&s, "80"), SIGNALING_WS_UTF8);
    shut(&s);
}

static void ws_text_sequences_may_be_cut_by_fragments(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    feed_hex(&s, "01 82" KEY "e282");
    feed_hex(&s, "80 81" KEY "ac");
    assert_view(expect(&s, RILL_WS_TEXT).bytes, "\xe2\x82\xac");
    shut(&s);
}

static void ws_takes_a_message_exactly_as_large_as_the_limit(void **state)
{
    (void)state;
    struct side s;
    static uint8_t frame[8 + SMALL];
    uint8_t head[] = {0x82, 0xfe, 0x04, 0x00, 0, 0, 0, 0};
    memcpy(frame, head, sizeof head);
    open_side(&s, true);
    assert_int_equal(feed(&s, rill_view_at(frame, sizeof frame)), sizeof frame);
    assert_int_equal(expect(&s, RILL_WS_BINARY).bytes.n, SMALL);
    shut(&s);
}

static void ws_counts_all_fragments_against_the_limit(void **state)
{
    (void)state;
    struct side s;
    static uint8_t frame[8 + SMALL];
    uint8_t head[] = {0x02, 0xfe, 0x04, 0x00, 0, 0, 0, 0};
    memcpy(frame, head, sizeof head);
    open_side(&s, true);
    feed(&s, rill_view_at(frame, sizeof frame));
    assert_row(feed_hex(&s, "80 81" KEY "00"), SIGNALING_WS_TOO_LARGE);
    shut(&s);
}

/* --- control frames ------------------------------------------------------------------- */

static void ws_answers_a_ping_between_two_fragments_and_keeps_the_message(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    feed_hex(&s, "01 83" KEY "48656c 89 81" KEY "70 80 82" KEY "6c6f");
    assert_view(expect(&s, RILL_WS_TEXT).bytes, "Hello");
    assert_output_hex(&s, "8a 01 70");
    shut(&s);
}

static void ws_takes_a_ping_of_125_bytes(void **state)
{
    (void)state;
    struct side s;
    uint8_t frame[6 + 125] = {0x89, 0xfd}, b[256];
    open_side(&s, true);
    assert_int_equal(feed(&s, rill_view_at(frame, sizeof frame)), sizeof frame);
    assert_int_equal(output(&s, b, sizeof b).n, 2 + 125);
    shut(&s);
}

static void ws_keeps_only_the_last_ping_of_a_side_that_does_not_read(void **state)
{
    (void)state;
    struct side s;
    uint8_t payload[SMALL] = {0};
    static uint8_t b[2 * SMALL];
    open_with(&s, true, SMALL, SMALL + 4, 0);
    assert_int_equal(rill_ws_send_binary(s.ws, rill_view_at(payload, SMALL)), 0);
    for (int i = 0; i < 100; i++)
        feed_hex(&s, "89 82" KEY "0000");
    feed_hex(&s, "89 82" KEY "6162");
    struct rill_view all = output(&s, b, sizeof b);
    assert_true(all.n <= SMALL + 4 + 131);
    assert_output_hex(&s, "8a 02 6162");
    shut(&s);
}

static void ws_close_is_answered_with_the_same_code(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    feed_hex(&s, "88 85" KEY "0fa0 627965");
    assert_int_equal(expect(&s, RILL_WS_CLOSED).code, 4000);
    assert_output_hex(&s, "88 02 0fa0");
    shut(&s);
}

static void ws_empty_close_is_answered_with_an_empty_close(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    feed_hex(&s, "88 80" KEY);
    assert_int_equal(expect(&s, RILL_WS_CLOSED).code, 1005);
    assert_output_hex(&s, "88 00");
    shut(&s);
}

static void ws_reads_nothing_after_a_close(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    assert_int_equal(feed_hex(&s, "88 80" KEY "ffffffff"), 10);
    expect(&s, RILL_WS_CLOSED);
    assert_int_equal(feed_hex(&s, "83 ff"), 2);
    expect_nothing(&s);
    shut(&s);
}

static void ws_knows_which_close_codes_may_travel(void **state)
{
    (void)state;
    static const uint16_t good[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010,
                                    1011, 1012, 1014, 3000, 3999, 4000, 4999};
    static const uint16_t bad[] = {0,    1,    999,  1004, 1005, 1006, 1015,
                                   1016, 1100, 2000, 2999, 5000, 65535};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(rill_ws_code_is_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(rill_ws_code_is_valid(bad[i]));
}

static void ws_our_close_waits_for_its_answer(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    assert_int_equal(rill_ws_close(s.ws, 0, 1001, "bye"), 0);
    assert_output_hex(&s, "88 05 03e9 627965");
    expect_nothing(&s);
    feed_hex(&s, "81 81" KEY "61 88 82" KEY "03e9");
    struct rill_ws_event e = expect(&s, RILL_WS_CLOSED);
    assert_int_equal(e.code, 1001);
    assert_int_equal(e.error, 0);
    assert_output_hex(&s, "");
    shut(&s);
}

static void ws_sends_nothing_after_its_close(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    rill_ws_close(s.ws, 0, 1000, NULL);
    assert_row(rill_ws_send_text(s.ws, rill_view_of("x")), SIGNALING_WS_CLOSED);
    assert_row(rill_ws_close(s.ws, 0, 1000, NULL), SIGNALING_WS_CLOSED);
    shut(&s);
}

static void ws_closes_with_no_code_that_may_not_travel(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    assert_row(rill_ws_close(s.ws, 0, 1006, NULL), SIGNALING_WS_CLOSE);
    shut(&s);
}

static void ws_close_reason_is_cut_between_characters(void **state)
{
    (void)state;
    struct side s;
    uint8_t b[256];
    char reason[200] = {0};
    for (size_t i = 0; i + 3 < sizeof reason; i += 3)
        memcpy(reason + i, "\xe2\x82\xac", 3);
    open_side(&s, true);
    rill_ws_close(s.ws, 0, 1000, reason);
    assert_int_equal(output(&s, b, sizeof b).n, 2 + 2 + 123);
    shut(&s);
}

/* --- time ----------------------------------------------------------------------------- */

static void ws_pings_after_silence_and_gives_up_without_an_answer(void **state)
{
    (void)state;
    struct side s;
    open_with(&s, true, SMALL, 4 * SMALL, 20 * RILL_SECOND);
    assert_int_equal(rill_ws_deadline(s.ws), 20 * RILL_SECOND);
    rill_ws_tick(s.ws, 20 * RILL_SECOND);
    assert_output_hex(&s, "89 00");
    assert_int_equal(rill_ws_deadline(s.ws), 25 * RILL_SECOND);
    rill_ws_tick(s.ws, 25 * RILL_SECOND);
    struct rill_ws_event e = expect(&s, RILL_WS_CLOSED);
    assert_row(e.error, SIGNALING_WS_SILENT);
    assert_int_equal(e.code, 1006);
    shut(&s);
}

static void ws_any_byte_is_a_sign_of_life(void **state)
{
    (void)state;
    struct side s;
    open_with(&s, true, SMALL, 4 * SMALL, 20 * RILL_SECOND);
    rill_ws_tick(s.ws, 20 * RILL_SECOND);
    rill_ws_input(s.ws, 24 * RILL_SECOND, rill_view_at("\x8a", 1), NULL);
    assert_int_equal(rill_ws_deadline(s.ws), 44 * RILL_SECOND);
    shut(&s);
}

static void ws_does_not_wait_for_ever_for_the_answer_to_its_close(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    rill_ws_close(s.ws, 0, 1000, NULL);
    assert_int_equal(rill_ws_deadline(s.ws), 3 * RILL_SECOND);
    /* Pings are no answer: they would hold the place of a client for ever. */
    feed_hex(&s, "89 80" KEY);
    assert_int_equal(rill_ws_deadline(s.ws), 3 * RILL_SECOND);
    rill_ws_tick(s.ws, 3 * RILL_SECOND);
    assert_row(expect(&s, RILL_WS_CLOSED).error, SIGNALING_WS_SILENT);
    shut(&s);
}

/* --- the queue ------------------------------------------------------------------------ */

static void ws_queue_takes_exactly_its_size_and_not_one_more(void **state)
{
    (void)state;
    struct side s;
    uint8_t payload[128] = {0};
    open_with(&s, true, SMALL, 2 * (2 + 100), 0);
    assert_int_equal(rill_ws_send_binary(s.ws, rill_view_at(payload, 100)), 0);
    assert_row(rill_ws_send_binary(s.ws, rill_view_at(payload, 101)), SIGNALING_WS_FULL);
    assert_int_equal(rill_ws_send_binary(s.ws, rill_view_at(payload, 100)), 0);
    assert_row(rill_ws_send_binary(s.ws, rill_view_at(NULL, 0)), SIGNALING_WS_FULL);
    shut(&s);
}

static void ws_full_queue_still_has_room_for_the_close(void **state)
{
    (void)state;
    struct side s;
    uint8_t payload[128] = {0}, b[512];
    open_with(&s, true, SMALL, 102, 0);
    rill_ws_send_binary(s.ws, rill_view_at(payload, 100));
    rill_ws_close(s.ws, 0, 1000, NULL);
    struct rill_view all = output(&s, b, sizeof b);
    assert_int_equal(all.n, 102 + 4);
    assert_int_equal(b[102], 0x88);
    shut(&s);
}

static void ws_sends_no_text_that_is_not_utf8(void **state)
{
    (void)state;
    struct side s;
    open_side(&s, true);
    assert_row(rill_ws_send_text(s.ws, rill_view_of("\xff")), SIGNALING_WS_UTF8);
    shut(&s);
}

/* --- cuts ----------------------------------------------------------------------------- */

/* A conversation with every kind of frame, as hex for a server to read. */
static const char talk[] = "01 83" KEY "48656c"          /* "Hel" … */
                           "89 82 01020304 7172"         /* a ping in between */
                           "80 82" KEY "6c6f"            /* … "lo" */
                           "82 84 a1b2c3d4 00112233"     /* four bytes */
                           "8a 80" KEY                   /* an empty pong */
                           "81 86 01010101 e383a9e383ab" /* two characters, masked */
                           "88 82" KEY "03e8";           /* 1000 */

static size_t hear(struct side *s, struct rill_view v, char *log, size_t at, size_t cap)
{
    while (v.n) {
        long n = rill_ws_input(s->ws, 0, v, NULL);
        if (n < 0)
            return at + (size_t)snprintf(log + at, cap - at, "refused %ld ", n);
        v = rill_view_sub(v, (size_t)n, v.n - (size_t)n);
        struct rill_ws_event e;
        while (rill_ws_event(s->ws, &e)) {
            at += (size_t)snprintf(log + at, cap - at, "%d/%u:", (int)e.type, e.code);
            for (size_t i = 0; i < e.bytes.n; i++)
                at += (size_t)snprintf(log + at, cap - at, "%02x", e.bytes.p[i]);
        }
    }
    return at;
}

static void ws_hears_the_same_however_the_bytes_are_cut(void **state)
{
    (void)state;
    uint8_t bytes[256];
    char whole[512] = {0};
    struct rill_view v = rill_test_hex(talk, bytes, sizeof bytes);
    struct side s;
    open_side(&s, true);
    hear(&s, v, whole, 0, sizeof whole);
    shut(&s);
    assert_non_null(strstr(whole, "3/1000"));
    for (size_t a = 0; a <= v.n; a++) {
        for (size_t b = a; b <= v.n; b++) {
            char log[512] = {0};
            open_side(&s, true);
            size_t at = hear(&s, rill_view_sub(v, 0, a), log, 0, sizeof log);
            at = hear(&s, rill_view_sub(v, a, b - a), log, at, sizeof log);
            hear(&s, rill_view_sub(v, b, v.n - b), log, at, sizeof log);
            assert_string_equal(log, whole);
            shut(&s);
        }
    }
}

static void ws_input_stops_behind_a_message_until_it_is_pulled(void **state)
{
    (void)state;
    struct side s;
    uint8_t b[32];
    struct rill_view v = rill_test_hex("81 01 61 81 01 62", b, sizeof b);
    open_side(&s, false);
    assert_int_equal(feed(&s, v), 3);
    assert_int_equal(feed(&s, rill_view_sub(v, 3, 3)), 0);
    assert_view(expect(&s, RILL_WS_TEXT).bytes, "a");
    assert_int_equal(feed(&s, rill_view_sub(v, 3, 3)), 3);
    assert_view(expect(&s, RILL_WS_TEXT).bytes, "b");
    shut(&s);
}

static void ws_both_sides_understand_each_other(void **state)
{
    (void)state;
    struct side client, server;
    static uint8_t b[8192];
    open_with(&client, false, 4096, 8192, 0);
    open_with(&server, true, 4096, 8192, 0);
    static const size_t sizes[] = {0, 1, 125, 126, 127, 4096};
    static uint8_t payload[4096];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memset(payload, 'x', sizes[i]);
        assert_int_equal(rill_ws_send_text(client.ws, rill_view_at(payload, sizes[i])), 0);
        struct rill_view wire = output(&client, b, sizeof b);
        assert_int_equal(feed(&server, wire), wire.n);
        struct rill_ws_event e = expect(&server, RILL_WS_TEXT);
        assert_int_equal(e.bytes.n, sizes[i]);
        assert_true(sizes[i] == 0 || !memcmp(e.bytes.p, payload, sizes[i]));
    }
    shut(&client);
    shut(&server);
}

static void ws_a_client_takes_a_new_key_for_every_frame(void **state)
{
    (void)state;
    struct side s;
    uint8_t a[16], b[16];
    open_side(&s, false);
    rill_ws_send_text(s.ws, rill_view_of("x"));
    output(&s, a, sizeof a);
    rill_ws_send_text(s.ws, rill_view_of("x"));
    output(&s, b, sizeof b);
    assert_memory_not_equal(a + 2, b + 2, 4);
    shut(&s);
}

/* --- small things --------------------------------------------------------------------- */

static void ws_accept_key_is_that_of_the_rfc(void **state)
{
    (void)state;
    char accept[29];
    rill_ws_accept_key(rill_view_of("dGhlIHNhbXBsZSBub25jZQ=="), accept);
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void ws_fields_agree_with_the_writer(void **state)
{
    (void)state;
    uint8_t out[RILL_WS_HEAD_MAX];
    const uint8_t key[4] = {1, 2, 3, 4};
    size_t n = rill_ws_frame_write(out, RILL_WS_OP_PING, 5, key);
    const struct rill_field *f = rill_ws_frame_fields.fields;
    static const uint64_t want[] = {1, 0, 9, 1, 5};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(rill_field_get(&f[i], rill_view_at(out, n)), want[i]);
}

static void base64_writes_the_vectors_of_the_rfc(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t b[16];
        struct rill_writer w = rill_writer_of((struct rill_span){b, sizeof b});
        rill_base64_write(&w, rill_view_of(rows[i][0]));
        assert_view(rill_w_view(&w), rows[i][1]);
        assert_int_equal(rill_base64_size(rill_view_of(rows[i][1])), strlen(rows[i][0]));
    }
}

static void base64_takes_only_the_canonical_form(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "Zg==Zg==", "Zm9\n", "Zm-v"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(rill_base64_size(rill_view_of(bad[i])), -1);
}

/* Every pair of first bytes, against the rule written down the other way round. */
static void utf8_stream_judges_every_pair_of_bytes(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            uint8_t two[] = {(uint8_t)a, (uint8_t)b};
            struct rill_utf8_stream s = {0};
            bool tail = b >= 0x80 && b <= 0xbf;
            bool want = a < 0x80 ? b < 0x80 || (b >= 0xc2 && b <= 0xf4) : tail;
            want = want && !(a >= 0x80 && a < 0xc2) && a <= 0xf4;
            want = want && !(a == 0xe0 && b < 0xa0) && !(a == 0xed && b > 0x9f);
            want = want && !(a == 0xf0 && b < 0x90) && !(a == 0xf4 && b > 0x8f);
            assert_int_equal(rill_utf8_stream_feed(&s, rill_view_at(two, 2)), want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ws_client_reads_a_single_frame_unmasked_text),
        cmocka_unit_test(ws_server_reads_a_single_frame_masked_text),
        cmocka_unit_test(ws_client_joins_a_fragmented_unmasked_text),
        cmocka_unit_test(ws_client_answers_a_ping_with_a_masked_pong_of_the_same_body),
        cmocka_unit_test(ws_server_takes_the_masked_pong),
        cmocka_unit_test(ws_256_bytes_are_written_with_a_16_bit_length),
        cmocka_unit_test(ws_64_kib_are_written_with_a_64_bit_length),
        cmocka_unit_test(ws_refuses_each_wrong_frame_with_its_row_and_code),
        cmocka_unit_test(ws_refuses_a_wrong_first_byte_pair_before_more_has_come),
        cmocka_unit_test(ws_refuses_text_at_its_first_wrong_byte_and_not_at_its_end),
        cmocka_unit_test(ws_text_sequences_may_be_cut_by_fragments),
        cmocka_unit_test(ws_takes_a_message_exactly_as_large_as_the_limit),
        cmocka_unit_test(ws_counts_all_fragments_against_the_limit),
        cmocka_unit_test(ws_answers_a_ping_between_two_fragments_and_keeps_the_message),
        cmocka_unit_test(ws_takes_a_ping_of_125_bytes),
        cmocka_unit_test(ws_keeps_only_the_last_ping_of_a_side_that_does_not_read),
        cmocka_unit_test(ws_close_is_answered_with_the_same_code),
        cmocka_unit_test(ws_empty_close_is_answered_with_an_empty_close),
        cmocka_unit_test(ws_reads_nothing_after_a_close),
        cmocka_unit_test(ws_knows_which_close_codes_may_travel),
        cmocka_unit_test(ws_our_close_waits_for_its_answer),
        cmocka_unit_test(ws_sends_nothing_after_its_close),
        cmocka_unit_test(ws_closes_with_no_code_that_may_not_travel),
        cmocka_unit_test(ws_close_reason_is_cut_between_characters),
        cmocka_unit_test(ws_pings_after_silence_and_gives_up_without_an_answer),
        cmocka_unit_test(ws_any_byte_is_a_sign_of_life),
        cmocka_unit_test(ws_does_not_wait_for_ever_for_the_answer_to_its_close),
        cmocka_unit_test(ws_queue_takes_exactly_its_size_and_not_one_more),
        cmocka_unit_test(ws_full_queue_still_has_room_for_the_close),
        cmocka_unit_test(ws_sends_no_text_that_is_not_utf8),
        cmocka_unit_test(ws_hears_the_same_however_the_bytes_are_cut),
        cmocka_unit_test(ws_input_stops_behind_a_message_until_it_is_pulled),
        cmocka_unit_test(ws_both_sides_understand_each_other),
        cmocka_unit_test(ws_a_client_takes_a_new_key_for_every_frame),
        cmocka_unit_test(ws_accept_key_is_that_of_the_rfc),
        cmocka_unit_test(ws_fields_agree_with_the_writer),
        cmocka_unit_test(base64_writes_the_vectors_of_the_rfc),
        cmocka_unit_test(base64_takes_only_the_canonical_form),
        cmocka_unit_test(utf8_stream_judges_every_pair_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
