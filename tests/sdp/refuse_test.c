/* refuse_test: what the parser refuses: one row of the table a clause, with its line number. */
#include "tests/sdp/sdp_test.h"

/* Head of a good description, cut where the bad line stands. */
#define V "v=0\r\n"
#define O "o=- 1 1 IN IP4 127.0.0.1\r\n"
#define S "s=-\r\n"
#define T "t=0 0\r\n"

static void refuse(const char *text, int row, size_t line)
{
    struct sdp_test t;
    sdp_test_parse(&t, text);
    if (t.rc != row || t.why.offset != line)
        fail_msg("%s%s: %s in line %zu, wanted row %d in line %zu", text,
                 t.rc == 0 ? " was taken" : "", t.why.row ? t.why.row->name : "no row",
                 t.why.offset, row, line);
    assert_non_null(t.why.row);
    assert_int_equal(t.why.row->code, row);
    sdp_test_close(&t);
}

static void accept(const char *text)
{
    struct sdp_test t;
    sdp_test_parse(&t, text);
    if (t.rc != 0)
        fail_msg("%s was refused: %s in line %zu", text, t.why.row->name, t.why.offset);
    assert_int_equal(t.s->attributes_rejected, 0);
    sdp_test_close(&t);
}

static int rc_of(struct rill_view text)
{
    struct sdp_test t;
    sdp_test_parse_view(&t, text);
    int rc = t.rc;
    sdp_test_close(&t);
    return rc;
}

static int rc_of_text(const char *text)
{
    return rc_of(rill_view_of(text));
}

static void sdp_refuses_what_does_not_begin_with_v_0(void **state)
{
    (void)state;
    assert_row(rc_of_text(O S T), SDP_NO_VERSION);
    refuse("", RILL_SDP_NO_VERSION, 1);
    refuse("\r\n\r\n", RILL_SDP_NO_VERSION, 1);
    refuse("v=1\r\n" O S T, RILL_SDP_NO_VERSION, 1);
    refuse("v=\r\n" O S T, RILL_SDP_NO_VERSION, 1);
    refuse("v=00\r\n" O S T, RILL_SDP_NO_VERSION, 1);
    refuse("V=0\r\n" O S T, RILL_SDP_NO_VERSION, 1);
    refuse("x=0\r\n" V O S T, RILL_SDP_NO_VERSION, 1);
}

static void sdp_refuses_a_line_that_is_no_type_and_value(void **state)
{
    (void)state;
    assert_row(rc_of_text(V O S T "hello\r\n"), SDP_LINE);
    refuse("ERROR InvalidAccessError: no description", RILL_SDP_LINE, 1);
    refuse(V O S T "a\r\n", RILL_SDP_LINE, 5);
    refuse(V O S T "=x\r\n", RILL_SDP_LINE, 5);
    refuse(V O S T " =x\r\n", RILL_SDP_LINE, 5);
    refuse(V O S T "a =x\r\n", RILL_SDP_LINE, 5);
    refuse(V O S T " a=x\r\n", RILL_SDP_LINE, 5);
    refuse(V "\r\n" O S T, RILL_SDP_LINE, 2);
    refuse("\xef\xbb\xbf" V O S T, RILL_SDP_LINE, 1);
}

static void sdp_refuses_nul_and_lone_cr(void **state)
{
    (void)state;
    static const char nul[] = V O S T "a=fmtp:96 x\0y\r\n";
    struct sdp_test t;
    sdp_test_parse_view(&t, rill_view_at(nul, sizeof nul - 1));
    assert_row(t.rc, SDP_BAD_BYTE);
    assert_int_equal(t.why.offset, 5);
    assert_int_equal(t.why.value, 12); /* the twelfth byte of "a=fmtp:96 x." */
    sdp_test_close(&t);
    refuse(V O S T "a=x\ry\r\n", RILL_SDP_BAD_BYTE, 5);
    refuse("v=0\ro=- 1 1 IN IP4 127.0.0.1\rs=-\rt=0 0\r", RILL_SDP_BAD_BYTE, 1);
}

static void sdp_refuses_lines_in_the_wrong_order(void **state)
{
    (void)state;
    assert_row(rc_of_text(V S O T), SDP_ORDER);
    refuse(V S O T, RILL_SDP_ORDER, 3);
    refuse(V V O S T, RILL_SDP_ORDER, 2);
    refuse(V O O S T, RILL_SDP_ORDER, 3);
    refuse(V O S S T, RILL_SDP_ORDER, 4);
    refuse(V O T S, RILL_SDP_ORDER, 4);
    refuse(V O S T "c=IN IP4 0.0.0.0\r\n", RILL_SDP_ORDER, 5);
    refuse(V O S "b=AS:1\r\nc=IN IP4 0.0.0.0\r\n" T, RILL_SDP_ORDER, 5);
    refuse(V O S T "a=x\r\nb=AS:1\r\n", RILL_SDP_ORDER, 6);
    refuse(V O S T SDP_AUDIO "a=x\r\nc=IN IP4 0.0.0.0\r\n", RILL_SDP_ORDER, 7);
    refuse(V O S T SDP_AUDIO "t=0 0\r\n", RILL_SDP_ORDER, 6);
    refuse(V O S T SDP_AUDIO "v=0\r\n", RILL_SDP_ORDER, 6);
    refuse(V O S T SDP_AUDIO "i=a\r\ni=b\r\n", RILL_SDP_ORDER, 7);
    refuse(V O S "r=7d 1h 0\r\n" T, RILL_SDP_ORDER, 4);
    refuse(V O S T "z=0 -1h\r\n", RILL_SDP_ORDER, 5);
}

static void sdp_refuses_a_description_without_origin(void **state)
{
    (void)state;
    assert_row(rc_of_text(V S T), SDP_NO_ORIGIN);
    refuse(V S T, RILL_SDP_NO_ORIGIN, 4);
    refuse(V S T SDP_AUDIO, RILL_SDP_NO_ORIGIN, 4);
}

static void sdp_refuses_a_description_without_name(void **state)
{
    (void)state;
    assert_row(rc_of_text(V O T), SDP_NO_NAME);
    refuse(V O T SDP_AUDIO, RILL_SDP_NO_NAME, 4);
}

static void sdp_refuses_a_description_without_time(void **state)
{
    (void)state;
    assert_row(rc_of_text(V O S), SDP_NO_TIME);
    refuse(V O S "a=x\r\n" SDP_AUDIO, RILL_SDP_NO_TIME, 5);
}

static void sdp_refuses_a_malformed_origin(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "o=\r\n",
        "o=-\r\n",
        "o=- 1 1 IN IP4\r\n",
        "o=- 1 1 IN IP4 \r\n",
        "o=- 1 1 IN IP4 127.0.0.1 x\r\n",
        "o=- x 1 IN IP4 127.0.0.1\r\n",
        "o=- -1 1 IN IP4 127.0.0.1\r\n",
        "o=- 1 x IN IP4 127.0.0.1\r\n",
        "o=- 1 18446744073709551616 IN IP4 127.0.0.1\r\n", /* 2^64 */
        "o= 1 1 IN IP4 127.0.0.1\r\n",
        "o=-  1 1 IN IP4\r\n",
        "o=- 1 1 IN IP4  \r\n",
    };
    assert_row(rc_of_text(V "o=- 1 1 IN IP4\r\n" S T), SDP_ORIGIN);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, V "%s" S T, bad[i]);
        refuse(text, RILL_SDP_ORIGIN, 2);
    }
}

static void sdp_refuses_a_malformed_connection(void **state)
{
    (void)state;
    assert_row(rc_of_text(V O S "c=IN IP4\r\n" T), SDP_CONNECTION);
    refuse(V O S "c=\r\n" T, RILL_SDP_CONNECTION, 4);
    refuse(V O S "c=IN IP4 \r\n" T, RILL_SDP_CONNECTION, 4);
    refuse(V O S "c=IN IP4 1.2.3.4 5\r\n" T, RILL_SDP_CONNECTION, 4);
    refuse(V O S T SDP_AUDIO "c=IN\r\n", RILL_SDP_CONNECTION, 6);
}

static void sdp_refuses_a_malformed_bandwidth(void **state)
{
    (void)state;
    assert_row(rc_of_text(V O S "b=AS\r\n" T), SDP_BANDWIDTH);
    refuse(V O S "b=AS:\r\n" T, RILL_SDP_BANDWIDTH, 4);
    refuse(V O S "b=:128\r\n" T, RILL_SDP_BANDWIDTH, 4);
    refuse(V O S T SDP_AUDIO "b=AS:-1\r\n", RILL_SDP_BANDWIDTH, 6);
}

static void sdp_refuses_malformed_times(void **state)
{
    (void)state;
    assert_row(rc_of_text(V O S "t=0\r\n"), SDP_TIME);
    refuse(V O S "t=0 x\r\n", RILL_SDP_TIME, 4);
    refuse(V O S "t=0 0 0\r\n", RILL_SDP_TIME, 4);
    refuse(V O S "t=\r\n", RILL_SDP_TIME, 4);
    refuse(V O S T "r=7d 1h\r\n", RILL_SDP_TIME, 5);
    refuse(V O S T "r=7x 1h 0\r\n", RILL_SDP_TIME, 5);
    refuse(V O S T "r=7d 1h 0\r\nz=0\r\n", RILL_SDP_TIME, 6);
    refuse(V O S T "r=7d 1h 0\r\nz=0 -1h 5\r\n", RILL_SDP_TIME, 6);
    refuse(V O S T "r=7d 1h 0\r\nz=0 d\r\n", RILL_SDP_TIME, 6);
}

static void sdp_refuses_a_malformed_media_line(void **state)
{
    (void)state;
    assert_row(rc_of_text(V O S T "m=audio\r\n"), SDP_MEDIA_LINE);
    refuse(V O S T "m=\r\n", RILL_SDP_MEDIA_LINE, 5);
    refuse(V O S T "m=audio 9\r\n", RILL_SDP_MEDIA_LINE, 5);
    refuse(V O S T "m=audio 9 RTP/AVP\r\n", RILL_SDP_MEDIA_LINE, 5);
    refuse(V O S T "m=audio 9 RTP/AVP \r\n", RILL_SDP_MEDIA_LINE, 5);
    refuse(V O S T "m=audio 9 RTP//AVP 0\r\n", RILL_SDP_MEDIA_LINE, 5);
    refuse(V O S T "m=audio 9 RTP/AVP 0 \r\n", RILL_SDP_MEDIA_LINE, 5);
    refuse(V O S T "m=audio 9  RTP/AVP 0\r\n", RILL_SDP_MEDIA_LINE, 5);
    refuse(V O S T "m=au/dio 9 RTP/AVP 0\r\n", RILL_SDP_MEDIA_LINE, 5);
}

static void sdp_refuses_a_port_that_is_none(void **state)
{
    (void)state;
    accept(V O S T "m=audio 65535 RTP/AVP 0\r\n");
    accept(V O S T "m=audio 0 RTP/AVP 0\r\n");
    accept(V O S T "m=audio 49170/2 RTP/AVP 0\r\n");
    assert_row(rc_of_text(V O S T "m=audio 65536 RTP/AVP 0\r\n"), SDP_PORT);
    refuse(V O S T "m=audio -1 RTP/AVP 0\r\n", RILL_SDP_PORT, 5);
    refuse(V O S T "m=audio x RTP/AVP 0\r\n", RILL_SDP_PORT, 5);
    refuse(V O S T "m=audio 4294967296 RTP/AVP 0\r\n", RILL_SDP_PORT, 5);
    refuse(V O S T "m=audio 18446744073709551625 RTP/AVP 0\r\n", RILL_SDP_PORT, 5);
    refuse(V O S T "m=audio 9/0 RTP/AVP 0\r\n", RILL_SDP_PORT, 5);
    refuse(V O S T "m=audio 9/ RTP/AVP 0\r\n", RILL_SDP_PORT, 5);
}

static void sdp_refuses_a_format_of_rtp_that_is_no_payload_type(void **state)
{
    (void)state;
    accept(V O S T "m=audio 9 RTP/AVP 127\r\n");
    accept(V O S T "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
    assert_row(rc_of_text(V O S T "m=audio 9 UDP/TLS/RTP/SAVPF 128\r\n"), SDP_PAYLOAD_TYPE);
    refuse(V O S T "m=audio 17000 RTP/AVP 4294967296\r\n", RILL_SDP_PAYLOAD_TYPE, 5);
    refuse(V O S T "m=audio 9 RTP/AVP 0 opus\r\n", RILL_SDP_PAYLOAD_TYPE, 5);
}

static void sdp_refuses_a_mid_that_names_two_media(void **state)
{
    (void)state;
    assert_row(rc_of_text(V O S T SDP_AUDIO "a=mid:0\r\n" SDP_AUDIO "a=mid:0\r\n"), SDP_MID_TWICE);
    refuse(V O S T SDP_AUDIO "a=mid:a\r\n" SDP_AUDIO "a=mid:b\r\n" SDP_AUDIO "a=mid:a\r\n",
           RILL_SDP_MID_TWICE, 9);
}

static void sdp_takes_every_line_the_grammar_has(void **state)
{
    (void)state;
    accept(V O S "i=about\r\nu=http://example.org\r\ne=a@example.org\r\ne=b@example.org\r\n"
                 "p=+1 617 555-6011\r\nc=IN IP6 2001:db8::1\r\nb=AS:128\r\nb=X-Y:1\r\n"
                 "t=3724394400 3724398000\r\nr=604800 3600 0 90000\r\nr=7d 1h 0 25h\r\n"
                 "z=3730928400 -1h 3749680800 0\r\nt=0 0\r\nk=prompt\r\na=recvonly\r\n"
                 "m=audio 49170 RTP/AVP 0\r\ni=title\r\nc=IN IP4 192.0.2.1\r\n"
                 "c=IN IP4 192.0.2.2\r\nb=TIAS:5\r\nk=prompt\r\na=ptime:20\r\na=maxptime:2.5\r\n");
}

static void sdp_takes_bare_lf_and_a_last_line_without_end(void **state)
{
    (void)state;
    accept("v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\na=sendrecv\n");
    accept(V O S "t=0 0");
    accept(V O S T "\r\n\n");
    accept(V "o=-  1  1 IN IP4  127.0.0.1\r\n" S T); /* as draft-ietf-rtcweb-sdp has it */
    accept(V O "s=\r\n" T);                          /* an empty name is met in the field */
}

static void sdp_passes_over_unknown_types_and_attributes(void **state)
{
    (void)state;
    accept(V "x=1\r\n" O S T "y=\r\na=unknown\r\na=x-other:1 2 3\r\n" SDP_AUDIO
             "w=anything\r\na=what~ever:\r\nq=0\r\n");
}

/* `n` bytes of text: the head, and attribute lines "a=xxxx…" of at most `line` bytes. */
static char *text_of(size_t n, size_t line)
{
    char *text = malloc(n + 1);
    size_t at = strlen(SDP_HEAD);
    assert_non_null(text);
    memcpy(text, SDP_HEAD, at);
    while (at < n) {
        size_t take = n - at < line + 1 ? n - at : line + 1;
        if (n - at - take && n - at - take < 3)
            take -= 3;
        memset(text + at, 'x', take);
        memcpy(text + at, "a=", 2);
        text[at + take - 1] = '\n';
        at += take;
    }
    text[n] = '\0';
    return text;
}

static void sdp_takes_a_text_that_is_exactly_full(void **state)
{
    (void)state;
    char *text = text_of(RILL_SDP_TEXT_MAX, 100);
    assert_int_equal(rc_of(rill_view_at(text, RILL_SDP_TEXT_MAX)), 0);
    free(text);
}

static void sdp_refuses_a_text_one_byte_too_long(void **state)
{
    (void)state;
    char *text = text_of(RILL_SDP_TEXT_MAX + 1, 100);
    assert_row(rc_of(rill_view_at(text, RILL_SDP_TEXT_MAX + 1)), SDP_TEXT_TOO_LONG);
    free(text);
}

static void sdp_takes_a_line_that_is_exactly_full(void **state)
{
    (void)state;
    char *text = text_of(strlen(SDP_HEAD) + RILL_SDP_LINE_MAX + 1, RILL_SDP_LINE_MAX);
    assert_int_equal(rc_of_text(text), 0);
    free(text);
}

static void sdp_refuses_a_line_one_byte_too_long(void **state)
{
    (void)state;
    char *text = text_of(strlen(SDP_HEAD) + RILL_SDP_LINE_MAX + 2, RILL_SDP_LINE_MAX + 1);
    assert_row(rc_of_text(text), SDP_LINE_TOO_LONG);
    free(text);
}

static int rc_of_media(size_t n)
{
    static char text[8192];
    size_t at = (size_t)snprintf(text, sizeof text, "%s", SDP_HEAD);
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, SDP_AUDIO "a=mid:%zu\r\n", i);
    return rc_of_text(text);
}

static void sdp_takes_as_many_media_as_fit(void **state)
{
    (void)state;
    assert_int_equal(rc_of_media(RILL_SDP_MEDIA_MAX), 0);
}

static void sdp_refuses_one_media_more_than_fit(void **state)
{
    (void)state;
    assert_row(rc_of_media(RILL_SDP_MEDIA_MAX + 1), SDP_TOO_MANY_MEDIA);
}

/* Every size of arena from nothing to enough: refused cleanly until it fits. */
static void sdp_refuses_an_arena_that_is_too_small(void **state)
{
    (void)state;
    static const char text[] = SDP_HEAD
        "a=group:BUNDLE 0 1\r\n" SDP_AUDIO SDP_TRANSPORT
        "a=mid:0\r\na=msid:s t\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 x=1\r\n"
        "a=rtcp-fb:* nack\r\na=extmap:1 urn:x\r\na=ssrc:1 cname:c\r\na=ssrc-group:FID 1 2\r\n"
        "a=rid:1 send\r\na=candidate:x\r\n"
        "m=video 9 RTP/AVP 31\r\na=mid:1\r\n";
    int rc = 0;
    size_t n = 0;
    for (; n < 8192; n += 8) {
        uint8_t *block = malloc(n + 1);
        struct rill_arena arena = rill_arena_over(block, n);
        const struct rill_sdp *s = NULL;
        rc = rill_sdp_parse(rill_view_of(text), &arena, &s, NULL);
        free(block);
        if (rc == 0)
            break;
        assert_row(rc, SDP_NO_ROOM);
        assert_null(s);
    }
    assert_int_equal(rc, 0);
    assert_true(n > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_refuses_what_does_not_begin_with_v_0),
        cmocka_unit_test(sdp_refuses_a_line_that_is_no_type_and_value),
        cmocka_unit_test(sdp_refuses_nul_and_lone_cr),
        cmocka_unit_test(sdp_refuses_lines_in_the_wrong_order),
        cmocka_unit_test(sdp_refuses_a_description_without_origin),
        cmocka_unit_test(sdp_refuses_a_description_without_name),
        cmocka_unit_test(sdp_refuses_a_description_without_time),
        cmocka_unit_test(sdp_refuses_a_malformed_origin),
        cmocka_unit_test(sdp_refuses_a_malformed_connection),
        cmocka_unit_test(sdp_refuses_a_malformed_bandwidth),
        cmocka_unit_test(sdp_refuses_malformed_times),
        cmocka_unit_test(sdp_refuses_a_malformed_media_line),
        cmocka_unit_test(sdp_refuses_a_port_that_is_none),
        cmocka_unit_test(sdp_refuses_a_format_of_rtp_that_is_no_payload_type),
        cmocka_unit_test(sdp_refuses_a_mid_that_names_two_media),
        cmocka_unit_test(sdp_takes_every_line_the_grammar_has),
        cmocka_unit_test(sdp_takes_bare_lf_and_a_last_line_without_end),
        cmocka_unit_test(sdp_passes_over_unknown_types_and_attributes),
        cmocka_unit_test(sdp_takes_a_text_that_is_exactly_full),
        cmocka_unit_test(sdp_refuses_a_text_one_byte_too_long),
        cmocka_unit_test(sdp_takes_a_line_that_is_exactly_full),
        cmocka_unit_test(sdp_refuses_a_line_one_byte_too_long),
        cmocka_unit_test(sdp_takes_as_many_media_as_fit),
        cmocka_unit_test(sdp_refuses_one_media_more_than_fit),
        cmocka_unit_test(sdp_refuses_an_arena_that_is_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
