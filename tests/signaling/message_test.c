/* message: what is written is read back, and what is not of the vocabulary is refused. */
#include "tests/rill_test.h"

#include "base/steps.h"
#include "signaling/message.h"

#include <stdio.h>

#ifndef RILL_ROW
#define RILL_ROW(row) RILL_##row
#endif

static uint8_t arena_block[1 << 20];
static uint8_t text_block[1 << 20];
static struct rill_err why;

static int parse_n(const void *text, size_t n, struct rill_sig_message *out)
{
    static struct rill_arena arena;
    arena = rill_arena_over(arena_block, sizeof arena_block);
    return rill_sig_parse(rill_view_at(text, n), &arena, out, &why);
}

static int parse(const char *text, struct rill_sig_message *out)
{
    return parse_n(text, strlen(text), out);
}

static struct rill_view write(const struct rill_sig_message *m)
{
    struct rill_writer w = rill_writer_of((struct rill_span){text_block, sizeof text_block});
    rill_sig_write(&w, m);
    assert_false(w.bad);
    return rill_w_view(&w);
}

static void assert_view(struct rill_view v, const char *text)
{
    assert_int_equal(v.n, strlen(text));
    assert_memory_equal(v.p, text, v.n);
}

/* Each is the canonical text of a message: read and written again it is the same. */
static void message_is_written_as_it_was_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[\"auth\",{\"userName\":\"ann\",\"password\":\"p\\\"q\",\"room\":\"\"}]",
        "[\"auth\",{\"userName\":\"ann\"}]",
        "[\"auth\",{\"userName\":\"ann\",\"resume\":\"\"}]",
        "[\"auth\",{\"userName\":\"ann\",\"resume\":\"0123\"}]",
        "[\"hangUp\",{}]",
        "[\"place\",{\"token\":\"0123\",\"resumed\":true}]",
        "[\"place\",{\"token\":\"0123\",\"resumed\":false}]",
        "[\"offerWithdrawn\",{\"offererUserName\":\"ann\"}]",
        "[\"hungUp\",{\"userName\":\"ann\",\"reason\":\"left\"}]",
        "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"}]",
        "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"\"},{\"ack\":7}]",
        "[\"newAnswer\",{\"offererUserName\":\"ann\",\"offer\":{\"type\":\"offer\",\"sdp\":\"o\"},"
        "\"offerIceCandidates\":[],\"answererUserName\":null,"
        "\"answer\":{\"type\":\"answer\",\"sdp\":\"a\"},\"answererIceCandidates\":[]},{\"ack\":0}]",
        "[\"sendIceCandidateToSignalingServer\",{\"iceCandidate\":{\"candidate\":\"candidate:1\","
        "\"sdpMid\":\"0\",\"sdpMLineIndex\":0,\"usernameFragment\":\"abcd\"},"
        "\"iceUserName\":\"ann\",\"didIOffer\":true}]",
        "[\"availableOffers\",[]]",
        "[\"newOfferAwaiting\",[{\"offererUserName\":\"\xc3\xa4\","
        "\"offer\":{\"type\":\"offer\",\"sdp\":\"o\"},"
        "\"offerIceCandidates\":[{\"candidate\":\"\"},{\"candidate\":\"c\",\"sdpMLineIndex\":"
        "65535}],\"answererUserName\":null,\"answer\":null,\"answererIceCandidates\":[]}]]",
        "[\"answerResponse\",{\"offererUserName\":\"ann\","
        "\"offer\":{\"type\":\"offer\",\"sdp\":\"o\"},\"offerIceCandidates\":[],"
        "\"answererUserName\":\"bob\",\"answer\":{\"type\":\"answer\",\"sdp\":\"a\"},"
        "\"answererIceCandidates\":[{\"candidate\":\"c\",\"sdpMid\":\"\"}]}]",
        "[\"receivedIceCandidateFromServer\",{\"candidate\":\"\",\"sdpMid\":\"1\"}]",
        "[\"ack\",18,[{\"candidate\":\"c\"}]]",
        "[\"error\",\"SIGNALING_FULL\",\"no \\\\ more\",{\"stays\":true}]",
        "[\"error\",\"SIGNALING_PASSWORD\",\"wrong\",{\"stays\":false}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct rill_sig_message m;
        assert_int_equal(parse(texts[i], &m), 0);
        assert_view(write(&m), texts[i]);
    }
}

static void message_reads_what_browsers_write(void **state)
{
    (void)state;
    struct rill_sig_message m;
    assert_int_equal(
        parse(" [ \"sendIceCandidateToSignalingServer\" , {\"didIOffer\":false,\"iceUserName\":"
              "\"b\",\"iceCandidate\":{\"sdpMLineIndex\":1,\"sdpMid\":null,\"candidate\":\"x\","
              "\"usernameFragment\":null,\"future\":[1,{}]}}]\n",
              &m),
        0);
    assert_int_equal(m.type, RILL_SIG_SEND_CANDIDATE);
    assert_false(m.did_i_offer);
    assert_int_equal(m.candidate.mline, 1);
    assert_null(m.candidate.mid.p);
    assert_null(m.candidate.ufrag.p);
}

static void message_tells_an_unknown_event_by_its_name(void **state)
{
    (void)state;
    struct rill_sig_message m;
    assert_int_equal(parse("[\"hangup\",{\"a\":1},{\"ack\":3}]", &m), 0);
    assert_int_equal(m.type, RILL_SIG_UNKNOWN);
    assert_view(m.event, "hangup");
    assert_true(m.has_ack);
    assert_int_equal(m.ack, 3);
}

static void message_keeps_absent_and_empty_apart(void **state)
{
    (void)state;
    struct rill_sig_message m;
    assert_int_equal(parse("[\"receivedIceCandidateFromServer\",{\"candidate\":\"\"}]", &m), 0);
    assert_non_null(m.candidate.candidate.p);
    assert_int_equal(m.candidate.candidate.n, 0);
    assert_null(m.candidate.mid.p);
    assert_int_equal(m.candidate.mline, -1);
}

static void message_refuses_each_wrong_text_with_its_row(void **state)
{
    (void)state;
    static const struct {
        int row;
        const char *text;
    } rows[] = {
        {RILL_ROW(SIGNALING_JSON), ""},
        {RILL_ROW(SIGNALING_JSON), "[\"auth\""},
        {RILL_ROW(SIGNALING_JSON), "[\"auth\"] x"},
        {RILL_ROW(SIGNALING_JSON), "\"auth\""},
        {RILL_ROW(SIGNALING_JSON), "[\"auth\",{\"userName\":\"a\\u0000b\"}]"},
        {RILL_ROW(SIGNALING_JSON), "[\"auth\",{\"userName\":\"a\\u0007\"}]"},
        {RILL_ROW(SIGNALING_JSON), "[\"auth\",{\"userName\":\"\xff\"}]"},
        {RILL_ROW(SIGNALING_JSON), "[\"auth\",{\"userName\":\"\\ud800\"}]"},
        {RILL_ROW(SIGNALING_JSON), "[\"auth\",{\"userName\":\"a\",\"userName\":\"b\"}]"},
        {RILL_ROW(SIGNALING_JSON), "[\"ack\",1e999]"},
        {RILL_ROW(SIGNALING_SHAPE), "{}"},
        {RILL_ROW(SIGNALING_SHAPE), "[]"},
        {RILL_ROW(SIGNALING_SHAPE), "[1]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"auth\"]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"auth\",[]]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"auth\",{\"userName\":1}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"newOffer\",\"v=0\"]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"newOffer\",{\"type\":\"answer\",\"sdp\":\"\"}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"newOffer\",{\"type\":\"offer\"}]"},
        {RILL_ROW(SIGNALING_SHAPE),
         "[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"\"},{\"ack\":-1}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"newAnswer\",{\"offererUserName\":\"a\"}]"},
        {RILL_ROW(SIGNALING_SHAPE),
         "[\"newAnswer\",{\"answer\":{\"type\":\"answer\",\"sdp\":\"\"}}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"availableOffers\",{}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"availableOffers\",[1]]"},
        {RILL_ROW(SIGNALING_SHAPE),
         "[\"sendIceCandidateToSignalingServer\",{\"iceUserName\":\"a\",\"didIOffer\":1,"
         "\"iceCandidate\":{\"candidate\":\"\"}}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"receivedIceCandidateFromServer\",{}]"},
        {RILL_ROW(SIGNALING_SHAPE),
         "[\"receivedIceCandidateFromServer\",{\"candidate\":\"\",\"sdpMLineIndex\":-1}]"},
        {RILL_ROW(SIGNALING_SHAPE),
         "[\"receivedIceCandidateFromServer\",{\"candidate\":\"\",\"sdpMLineIndex\":65536}]"},
        {RILL_ROW(SIGNALING_SHAPE),
         "[\"receivedIceCandidateFromServer\",{\"candidate\":\"\",\"sdpMLineIndex\":\"0\"}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"auth\",{\"userName\":\"a\",\"resume\":1}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"place\",{\"token\":\"t\"}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"offerWithdrawn\",[]]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"hungUp\",{\"userName\":\"a\"}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"ack\",\"1\"]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"ack\",1,{}]"},
        {RILL_ROW(SIGNALING_SHAPE), "[\"error\",\"A\",\"b\"]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rill_sig_message m;
        int rc = parse(rows[i].text, &m);
        if (rc != rows[i].row)
            fail_msg("%s: %d, not %d", rows[i].text, rc, rows[i].row);
        assert_ptr_equal(why.row, rill_err_find(&rill_signaling_errors, rows[i].row));
    }
}

static int parse_nested(size_t depth)
{
    static char text[4096];
    struct rill_sig_message m;
    size_t at = (size_t)snprintf(text, sizeof text, "[\"x\",\"[[{{\\\"[[\",");
    memset(text + at, '[', depth - 1);
    memset(text + at + depth - 1, ']', depth);
    return parse_n(text, at + 2 * depth - 1, &m);
}

static void message_takes_json_32_deep_and_not_33(void **state)
{
    (void)state;
    assert_int_equal(parse_nested(RILL_SIG_DEPTH_MAX), 0);
    assert_row(parse_nested(RILL_SIG_DEPTH_MAX + 1), SIGNALING_DEPTH);
    assert_row(parse_nested(2000), SIGNALING_DEPTH);
}

/* A message whose string `what` has n bytes. */
static int parse_long(const char *before, size_t n, const char *after)
{
    struct rill_sig_message m;
    size_t a = strlen(before), b = strlen(after);
    memcpy(text_block, before, a);
    memset(text_block + a, 'x', n);
    memcpy(text_block + a + n, after, b);
    return parse_n(text_block, a + n + b, &m);
}

static void message_strings_fit_exactly_and_not_one_more(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        size_t max;
    } rows[] = {
        {"[\"auth\",{\"userName\":\"", "\"}]", RILL_SIGNALING_NAME_MAX},
        {"[\"auth\",{\"userName\":\"a\",\"room\":\"", "\"}]", RILL_SIGNALING_NAME_MAX},
        {"[\"auth\",{\"userName\":\"a\",\"password\":\"", "\"}]", RILL_SIG_PASSWORD_MAX},
        {"[\"auth\",{\"userName\":\"a\",\"resume\":\"", "\"}]", RILL_SIG_TOKEN_MAX},
        {"[\"newOffer\",{\"type\":\"offer\",\"sdp\":\"", "\"}]", RILL_SDP_TEXT_MAX},
        {"[\"receivedIceCandidateFromServer\",{\"candidate\":\"", "\"}]", RILL_SIG_CANDIDATE_MAX},
        {"[\"receivedIceCandidateFromServer\",{\"candidate\":\"\",\"sdpMid\":\"", "\"}]",
         RILL_MID_MAX},
        {"[\"receivedIceCandidateFromServer\",{\"candidate\":\"\",\"usernameFragment\":\"", "\"}]",
         RILL_ICE_UFRAG_MAX},
        {"[\"", "\"]", RILL_SIGNALING_NAME_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(parse_long(rows[i].before, rows[i].max, rows[i].after), 0);
        assert_row(parse_long(rows[i].before, rows[i].max + 1, rows[i].after), SIGNALING_TOO_LARGE);
    }
}

static int parse_candidates(size_t n)
{
    struct rill_sig_message m;
    size_t at = (size_t)snprintf((char *)text_block, 16, "[\"ack\",1,[");
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf((char *)text_block + at, 32, "%s{\"candidate\":\"\"}", i ? "," : "");
    memcpy(text_block + at, "]]", 2);
    return parse_n(text_block, at + 2, &m);
}

static void message_takes_128_candidates_and_not_129(void **state)
{
    (void)state;
    assert_int_equal(parse_candidates(RILL_SIGNALING_CANDIDATES_MAX), 0);
    assert_row(parse_candidates(RILL_SIGNALING_CANDIDATES_MAX + 1), SIGNALING_TOO_LARGE);
}

static int parse_offers(size_t n)
{
    struct rill_sig_message m;
    size_t at = (size_t)snprintf((char *)text_block, 32, "[\"availableOffers\",[");
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf((char *)text_block + at, 64, "%s{\"offererUserName\":\"a\"}",
                               i ? "," : "");
    memcpy(text_block + at, "]]", 2);
    return parse_n(text_block, at + 2, &m);
}

static void message_takes_64_offers_and_not_65(void **state)
{
    (void)state;
    assert_int_equal(parse_offers(RILL_SIG_OFFERS_MAX), 0);
    assert_row(parse_offers(RILL_SIG_OFFERS_MAX + 1), SIGNALING_TOO_LARGE);
}

static void message_text_fits_exactly_and_not_one_more(void **state)
{
    (void)state;
    struct rill_sig_message m;
    static const char text[] = "[\"auth\",{\"userName\":\"a\"}]";
    memset(text_block, ' ', RILL_SIGNALING_MESSAGE_MAX + 1);
    memcpy(text_block, text, sizeof text - 1);
    assert_int_equal(parse_n(text_block, RILL_SIGNALING_MESSAGE_MAX, &m), 0);
    assert_row(parse_n(text_block, RILL_SIGNALING_MESSAGE_MAX + 1, &m), SIGNALING_TOO_LARGE);
}

static void message_that_does_not_fit_the_arena_is_refused(void **state)
{
    (void)state;
    static uint8_t small[64];
    struct rill_sig_message m;
    const char *text = "[\"auth\",{\"userName\":\"a name of thirty-two bytes, here.\"}]";
    for (size_t n = 0; n <= sizeof small; n++) {
        struct rill_arena arena = rill_arena_over(small, n);
        int rc = rill_sig_parse(rill_view_of(text), &arena, &m, &why);
        if (rc == 0) {
            assert_true(n >= 48);
            return;
        }
        assert_row(rc, SIGNALING_NO_ROOM);
    }
    fail();
}

static void message_out_is_untouched_on_failure(void **state)
{
    (void)state;
    struct rill_sig_message m = {.ack = 42};
    assert_row(parse("[\"auth\"]", &m), SIGNALING_SHAPE);
    assert_int_equal(m.ack, 42);
}

static void message_that_does_not_fit_its_buffer_says_so(void **state)
{
    (void)state;
    struct rill_sig_message m;
    assert_int_equal(parse("[\"auth\",{\"userName\":\"ann\"}]", &m), 0);
    size_t n = write(&m).n;
    struct rill_writer exact = rill_writer_of((struct rill_span){text_block, n});
    rill_sig_write(&exact, &m);
    assert_false(exact.bad);
    struct rill_writer small = rill_writer_of((struct rill_span){text_block, n - 1});
    rill_sig_write(&small, &m);
    assert_true(small.bad);
}

static void message_size_of_a_string_is_what_is_written(void **state)
{
    (void)state;
    static const char all[] = "plain \" \\ \b\f\n\r\t\x01\x1f \xc3\xa4";
    assert_int_equal(rill_sig_json_size(rill_view_of(all)), 6 + 2 + 1 + 2 + 1 + 10 + 12 + 1 + 2);
}

static void page_and_program_name_the_same_23_steps(void **state)
{
    (void)state;
    FILE *f = fopen("web/steps.js", "r");
    assert_non_null(f);
    size_t n = fread(text_block, 1, sizeof text_block - 1, f);
    fclose(f);
    text_block[n] = 0;
    for (int i = 1; i <= RILL_STEPS; i++) {
        char line[256];
        const struct rill_step *s = rill_step(i);
        snprintf(line, sizeof line, "[%d, %d, '%s']", s->number, s->client, s->sentence);
        if (!strstr((char *)text_block, line))
            fail_msg("web/steps.js lacks %s", line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_is_written_as_it_was_read),
        cmocka_unit_test(message_reads_what_browsers_write),
        cmocka_unit_test(message_tells_an_unknown_event_by_its_name),
        cmocka_unit_test(message_keeps_absent_and_empty_apart),
        cmocka_unit_test(message_refuses_each_wrong_text_with_its_row),
        cmocka_unit_test(message_takes_json_32_deep_and_not_33),
        cmocka_unit_test(message_strings_fit_exactly_and_not_one_more),
        cmocka_unit_test(message_takes_128_candidates_and_not_129),
        cmocka_unit_test(message_takes_64_offers_and_not_65),
        cmocka_unit_test(message_text_fits_exactly_and_not_one_more),
        cmocka_unit_test(message_that_does_not_fit_the_arena_is_refused),
        cmocka_unit_test(message_out_is_untouched_on_failure),
        cmocka_unit_test(message_that_does_not_fit_its_buffer_says_so),
        cmocka_unit_test(message_size_of_a_string_is_what_is_written),
        cmocka_unit_test(page_and_program_name_the_same_23_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
