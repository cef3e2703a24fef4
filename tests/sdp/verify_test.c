/* verify_test: what a description must hold beyond its grammar (RFC 9429 §5.8.3), what is refused
 * and what is only named. */
#include "tests/sdp/sdp_test.h"

/* For `make conformance`: a row of the table below. */
#define RILL_ROW(row) RILL_##row

#define OPUS "a=rtpmap:111 opus/48000/2\r\n"
#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" SDP_TRANSPORT "a=rtpmap:96 VP8/90000\r\n"

static void refuse(const char *text, int row, size_t line, uint64_t value)
{
    struct sdp_test t;
    struct rill_err why = {0};
    sdp_test_parse(&t, text);
    assert_int_equal(t.rc, 0);
    assert_int_equal(rill_sdp_verify(t.s, &why), row);
    assert_int_equal(why.offset, line);
    assert_int_equal(why.value, value);
    sdp_test_close(&t);
}

static void accept(const char *text)
{
    struct sdp_test t;
    struct rill_err why = {0};
    sdp_test_parse(&t, text);
    assert_int_equal(t.rc, 0);
    assert_int_equal(t.s->attributes_rejected, 0);
    assert_int_equal(rill_sdp_verify(t.s, &why), 0);
    sdp_test_close(&t);
}

static const struct {
    const char *text;
    int row;
    size_t line;
    uint64_t value;
} strict[] = {
    {SDP_HEAD SDP_AUDIO OPUS "a=rtcp-mux-only\r\n", RILL_ROW(SDP_MUX_ONLY), 5, 0},
    {SDP_HEAD VIDEO "a=rid:a send\r\na=simulcast:send a;b\r\n", RILL_ROW(SDP_SIMULCAST_RID), 5, 0},
    {SDP_HEAD VIDEO "a=rid:a send\r\na=simulcast:send a recv ~c\r\n", RILL_ROW(SDP_SIMULCAST_RID),
     5, 0},
    {SDP_HEAD VIDEO "a=rid:a send\r\na=rid:a recv\r\n", RILL_ROW(SDP_RID_TWICE), 5, 0},
    {SDP_HEAD SDP_AUDIO OPUS "a=extmap:3 urn:a\r\na=extmap:3 urn:b\r\n", RILL_ROW(SDP_EXT_TWICE), 5,
     3},
    {SDP_HEAD "a=group:BUNDLE 0 1\r\n" SDP_AUDIO "a=mid:0\r\n" OPUS
              "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=rtpmap:111 PCMU/8000\r\n",
     RILL_ROW(SDP_BUNDLE_PT), 9, 111},
};

static void sdp_refuses_what_says_two_things_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strict / sizeof strict[0]; i++)
        refuse(strict[i].text, strict[i].row, strict[i].line, strict[i].value);
}

static void sdp_takes_the_same_said_twice_or_apart(void **state)
{
    (void)state;
    /* The same extension twice is sloppy and clear. */
    accept(SDP_HEAD SDP_AUDIO OPUS "a=extmap:3 urn:a\r\na=extmap:3 urn:a\r\n");
    accept(SDP_HEAD VIDEO "a=rid:a send\r\na=rid:b send\r\na=rid:c recv\r\n"
                          "a=simulcast:send a;~b recv c\r\n");
    /* Outside of a group, and of m-lines that are off, numbers are their own. */
    accept(SDP_HEAD SDP_AUDIO "a=mid:0\r\n" OPUS
                              "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=rtpmap:111 "
                              "PCMU/8000\r\n");
    accept(SDP_HEAD "a=group:BUNDLE 0 1\r\n" SDP_AUDIO "a=mid:0\r\n" OPUS
                    "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=rtpmap:111 PCMU/8000\r\n");
    accept(SDP_HEAD "a=group:BUNDLE 0 1\r\n" SDP_AUDIO "a=mid:0\r\n" OPUS SDP_AUDIO
                    "a=mid:1\r\na=rtpmap:111 OPUS/48000/2\r\n");
}

static void sdp_verifies_what_browsers_say(void **state)
{
    static const char *const files[] = {
        "chromium156_offer_av_plus_data_gathered.sdp",
        "firefox153_offer_av_plus_data_gathered.sdp",
        "chromium156_answer_to_minimal_avd_withmedia.sdp",
        "firefox153_answer_to_minimal_avd_withmedia.sdp",
        "minimal_offer_av_no_bundle_no_msid.sdp",
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct sdp_test t;
        sdp_test_parse_file(&t, files[i]);
        assert_int_equal(t.rc, 0);
        assert_int_equal(rill_sdp_verify(t.s, NULL), 0);
        sdp_test_close(&t);
    }
}

/* --- lint ----------------------------------------------------------------------------------------
 */

struct linted {
    uint8_t *block;
    struct rill_sdp_finding found[64];
    size_t n;
};

static void lint(struct linted *l, const char *text)
{
    size_t bytes = 2 * rill_sdp_arena_size(strlen(text));
    *l = (struct linted){.block = malloc(bytes)};
    struct rill_arena arena = rill_arena_over(l->block, bytes);
    l->n = rill_sdp_lint(rill_view_of(text), &arena, l->found, 64);
}

static int row_of(const struct linted *l, size_t i)
{
    assert_true(i < l->n);
    return l->found[i].err.row->code;
}

static void sdp_lint_names_a_malformed_attribute_by_line_and_clause(void **state)
{
    struct linted l;
    (void)state;
    lint(&l, SDP_HEAD "a=group:BUNDLE 0\r\n" SDP_AUDIO
                      "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:abc\r\na=ice-pwd:"
                      "0123456789abcdefghijkl\r\na=fingerprint:sha-256 " SDP_PRINT
                      "\r\na=setup:maybe\r\na=setup:actpass\r\na=rtcp-mux\r\n" OPUS);
    assert_int_equal(l.n, 3);
    assert_row(row_of(&l, 0), SDP_NO_ICE);
    assert_row(row_of(&l, 1), SDP_ATTRIBUTE);
    assert_int_equal(l.found[1].err.offset, 9);
    assert_text(l.found[1].what, "ice-ufrag:abc");
    assert_string_equal(l.found[1].clause, "RFC 8839 §5.4");
    assert_text(l.found[2].what, "setup:maybe");
    assert_string_equal(l.found[2].clause, "RFC 4145 §4");
    free(l.block);
}

static void sdp_lint_names_what_is_forgiven(void **state)
{
    struct linted l;
    (void)state;
    lint(&l, SDP_HEAD "a=group:BUNDLE 7\r\nm=audio 9 UDP/TLS/RTP/SAVPF 112\r\na=bundle-only\r\n");
    assert_int_equal(l.n, 8);
    assert_row(row_of(&l, 0), SDP_NO_MID);
    assert_row(row_of(&l, 1), SDP_NO_MUX);
    assert_row(row_of(&l, 2), SDP_NO_RTPMAP);
    assert_row(row_of(&l, 3), SDP_BUNDLE_ONLY_PORT);
    assert_row(row_of(&l, 4), SDP_NO_FINGERPRINT);
    assert_row(row_of(&l, 5), SDP_NO_ICE);
    assert_row(row_of(&l, 6), SDP_NO_SETUP);
    assert_row(row_of(&l, 7), SDP_GROUP_MID);
    free(l.block);
}

/* Each text breaks its row, by line and value, and a call takes it all the same. */
static const struct {
    const char *text;
    int row;
    size_t line;
    uint64_t value;
} forgiven[] = {
    {SDP_HEAD SDP_AUDIO "a=setup:holdconn\r\n" OPUS, RILL_ROW(SDP_HOLDCONN), 5, 0},
    {SDP_HEAD SDP_AUDIO OPUS "a=rtpmap:50 L16/8000\r\n", RILL_ROW(SDP_FORMAT_UNLISTED), 5, 50},
    {SDP_HEAD SDP_AUDIO OPUS "a=fmtp:51 x=1\r\n", RILL_ROW(SDP_FORMAT_UNLISTED), 5, 51},
    {SDP_HEAD SDP_AUDIO OPUS "a=rtcp-fb:52 nack\r\n", RILL_ROW(SDP_FEEDBACK_UNLISTED), 5, 52},
    {SDP_HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 63 64\r\na=rtcp-mux\r\na=rtpmap:64 L16/8000\r\n",
     RILL_ROW(SDP_RTCP_FORMAT), 5, 64},
    {SDP_HEAD VIDEO "a=rid:a send pt=96,97;max-fps=5\r\n", RILL_ROW(SDP_RID_FORMAT), 5, 0},
    {SDP_HEAD SDP_AUDIO OPUS
     "a=msid:12345678901234567890123456789012345678901234567890123456789012345 t\r\n",
     RILL_ROW(SDP_MSID_LENGTH), 5, 0},
    {SDP_HEAD SDP_AUDIO OPUS "a=msid:a t\r\na=msid:b u\r\n", RILL_ROW(SDP_MSID_TRACKS), 5, 0},
    {SDP_HEAD SDP_AUDIO OPUS "a=msid:a t\r\n" VIDEO "a=msid:a t\r\n", RILL_ROW(SDP_MSID_AGAIN), 8,
     1},
    {SDP_HEAD SDP_AUDIO OPUS "a=ssrc:7 msid:a t\r\n", RILL_ROW(SDP_SSRC_CNAME), 5, 7},
    {SDP_HEAD SDP_AUDIO OPUS "a=ssrc:7 cname:x\r\na=ssrc-group:FID 7 8\r\n",
     RILL_ROW(SDP_SSRC_GROUP), 5, 8},
    {SDP_HEAD SDP_AUDIO OPUS "a=ssrc-group:FID\r\n", RILL_ROW(SDP_SSRC_GROUP), 5, 0},
    {SDP_HEAD "a=group:BUNDLE 0\r\na=group:BUNDLE 0\r\n" SDP_AUDIO "a=mid:0\r\n" OPUS,
     RILL_ROW(SDP_GROUP_TWICE), 7, 0},
    {SDP_HEAD "a=group:BUNDLE 0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n" OPUS,
     RILL_ROW(SDP_GROUP_IDLE), 6, 0},
    {SDP_HEAD SDP_AUDIO OPUS "x=1\r\n", RILL_ROW(SDP_TYPE), 7, 0},
    {SDP_HEAD SDP_AUDIO OPUS "a=ice-lite\r\n", RILL_ROW(SDP_MEDIA_LEVEL), 7, 0},
    {SDP_HEAD SDP_AUDIO OPUS "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
     RILL_ROW(SDP_SECURITY_DESCRIPTIONS), 7, 0},
    {SDP_HEAD SDP_AUDIO OPUS "a=fingerprint:md5 aA:0:0:0\r\n", RILL_ROW(SDP_LOWER_CASE), 7, 0},
};

static void sdp_lint_names_each_departure_that_a_call_forgives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forgiven / sizeof forgiven[0]; i++) {
        struct sdp_test t;
        struct linted l;
        size_t k = 0;
        sdp_test_parse(&t, forgiven[i].text);
        assert_int_equal(t.rc, 0);
        assert_int_equal(rill_sdp_verify(t.s, NULL), 0);
        lint(&l, forgiven[i].text);
        while (k < l.n && row_of(&l, k) != forgiven[i].row)
            k++;
        assert_true(k < l.n);
        assert_int_equal(l.found[k].err.offset, forgiven[i].line);
        assert_int_equal(l.found[k].err.value, forgiven[i].value);
        free(l.block);
        sdp_test_close(&t);
    }
}

/* aiortc numbers the extensions of each m-line by themselves, and is understood. */
static void sdp_takes_extensions_that_each_media_numbers_for_itself(void **state)
{
    static const char text[] =
        SDP_HEAD "a=group:BUNDLE 0 1\r\n" SDP_AUDIO SDP_TRANSPORT
                 "a=mid:0\r\na=extmap:1 urn:a\r\n" OPUS SDP_AUDIO SDP_TRANSPORT
                 "a=mid:1\r\na=extmap:1 urn:b\r\n" OPUS;
    struct linted l;
    (void)state;
    accept(text);
    lint(&l, text);
    assert_int_equal(l.n, 1);
    assert_row(row_of(&l, 0), SDP_BUNDLE_EXT);
    assert_int_equal(l.found[0].err.value, 1);
    free(l.block);
}

static void sdp_lint_names_one_reason_where_nothing_can_be_read(void **state)
{
    struct linted l;
    (void)state;
    lint(&l, "v=0\r\no=-\r\n");
    assert_int_equal(l.n, 1);
    assert_row(row_of(&l, 0), SDP_ORIGIN);
    free(l.block);
}

/* --- an answer and its offer
 * ------------------------------------------------------------------------ */

static void compare(const char *offer, const char *answer, int row)
{
    struct sdp_test o, a;
    struct rill_sdp_finding found[8];
    sdp_test_parse(&o, offer);
    sdp_test_parse(&a, answer);
    size_t n = rill_sdp_compare(o.s, a.s, found, 8);
    assert_int_equal(n, row ? 1 : 0);
    if (row)
        assert_int_equal(found[0].err.row->code, row);
    sdp_test_close(&o);
    sdp_test_close(&a);
}

#define OFFERED SDP_HEAD "a=group:BUNDLE 0\r\n" SDP_AUDIO "a=mid:0\r\na=rtcp-mux\r\n" OPUS
#define ANSWERED SDP_HEAD SDP_AUDIO "a=mid:0\r\na=rtcp-mux\r\n"

static const struct {
    const char *offer, *answer;
    int row;
} pairs[] = {
    {OFFERED, ANSWERED OPUS, 0},
    {OFFERED, SDP_HEAD, RILL_ROW(SDP_AGREE_COUNT)},
    {OFFERED, SDP_HEAD SDP_AUDIO "a=mid:1\r\n" OPUS, RILL_ROW(SDP_AGREE_MEDIA)},
    {OFFERED, ANSWERED "a=rtpmap:111 opus/16000\r\n", RILL_ROW(SDP_AGREE_CODEC)},
    {OFFERED "a=extmap:2 urn:a\r\n", ANSWERED OPUS "a=extmap:3 urn:a\r\n", RILL_ROW(SDP_AGREE_EXT)},
    {OFFERED "a=extmap:4100 urn:a\r\n", ANSWERED OPUS "a=extmap:3 urn:a\r\n", 0},
    {OFFERED "a=sendonly\r\n", ANSWERED OPUS "a=sendrecv\r\n", RILL_ROW(SDP_AGREE_DIRECTION)},
    {OFFERED "a=sendonly\r\n", ANSWERED OPUS "a=recvonly\r\n", 0},
    {OFFERED "a=setup:actpass\r\n",
     ANSWERED OPUS "a=setup:actpass\r\na=fingerprint:sha-256 " SDP_PRINT "\r\n",
     RILL_ROW(SDP_SETUP)},
    {OFFERED "a=rtcp-mux-only\r\n", SDP_HEAD SDP_AUDIO "a=mid:0\r\n" OPUS, RILL_ROW(SDP_AGREE_MUX)},
    {OFFERED, ANSWERED OPUS "a=simulcast:send a\r\n", RILL_ROW(SDP_AGREE_SIMULCAST)},
    {OFFERED, SDP_HEAD "a=group:BUNDLE 7\r\n" SDP_AUDIO "a=mid:0\r\n" OPUS,
     RILL_ROW(SDP_AGREE_BUNDLE)},
    {SDP_HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n" OPUS, SDP_HEAD SDP_AUDIO OPUS,
     RILL_ROW(SDP_AGREE_REVIVED)},
};

static void sdp_compare_names_what_of_an_answer_does_not_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        compare(pairs[i].offer, pairs[i].answer, pairs[i].row);
}

static void sdp_compare_has_nothing_against_what_browsers_answer(void **state)
{
    static const char *const files[] = {"chromium156_answer_to_minimal_av_withmedia.sdp",
                                        "firefox153_answer_to_minimal_av_withmedia.sdp",
                                        "chromium156_answer_to_minimal_av_nomedia.sdp",
                                        "firefox153_answer_to_minimal_av_nomedia.sdp"};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct sdp_test o, a;
        struct rill_sdp_finding found[8];
        sdp_test_parse_file(&o, "minimal_offer_av.sdp");
        sdp_test_parse_file(&a, files[i]);
        assert_int_equal(rill_sdp_compare(o.s, a.s, found, 8), 0);
        sdp_test_close(&o);
        sdp_test_close(&a);
    }
}

/* --- attributes that are stored
 * --------------------------------------------------------------------- */

static void sdp_keeps_bandwidths_and_knows_the_limit(void **state)
{
    struct sdp_test t;
    (void)state;
    sdp_test_parse(&t, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nb=CT:9000\r\nt=0 0\r\n" SDP_AUDIO
                       "b=AS:100\r\nb=RS:0\r\n" OPUS "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
                       "b=AS:1000\r\nb=TIAS:2000000\r\n" SDP_AUDIO);
    assert_int_equal(t.rc, 0);
    assert_text(t.s->bandwidths[0].type, "CT");
    assert_int_equal(t.s->media[0].n_bandwidths, 2);
    assert_int_equal(rill_sdp_max_bitrate(&t.s->media[0]), 100 * 950 - 16000);
    assert_int_equal(rill_sdp_max_bitrate(&t.s->media[1]), 2000000);
    assert_int_equal(rill_sdp_max_bitrate(&t.s->media[2]), 0);
    struct sdp_test again;
    sdp_test_reparse(&again, t.s);
    assert_int_equal(again.rc, 0);
    assert_int_equal(again.s->media[1].bandwidths[1].value, 2000000);
    assert_int_equal(again.s->n_bandwidths, 1);
    sdp_test_close(&again);
    sdp_test_close(&t);
}

static void sdp_reads_imageattr_of_every_form(void **state)
{
    static const char *const good[] = {
        "a=imageattr:97 send [x=800,y=640,sar=1.1,q=0.6] [x=480,y=320] recv [x=330,y=250]",
        "a=imageattr:* send * recv *",
        "a=imageattr:97 recv [x=[480:16:800],y=[320:16:640],par=[1.2-1.3]]",
        "a=imageattr:97 send [x=[480,800],y=320]",
    };
    static const char *const bad[] = {
        "a=imageattr:97",
        "a=imageattr:200 send *",
        "a=imageattr:97 both *",
        "a=imageattr:97 send",
        "a=imageattr:97 send [y=320,x=480]",
        "a=imageattr:97 send [x=480]",
        "a=imageattr:97 send * send *",
        "a=imageattr:97 send [x=480,y=wide]",
        "a=imageattr:97 send * recv * more",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct sdp_test t, again;
        char text[512];
        snprintf(text, sizeof text, "%s%s%s\r\n", SDP_HEAD, VIDEO, good[i]);
        sdp_test_parse(&t, text);
        assert_int_equal(t.s->attributes_rejected, 0);
        assert_int_equal(t.s->media[0].n_imageattrs, 1);
        sdp_test_reparse(&again, t.s);
        assert_true(rill_view_equal(again.s->media[0].imageattrs[0].attrs,
                                    t.s->media[0].imageattrs[0].attrs));
        sdp_test_close(&again);
        sdp_test_close(&t);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct sdp_test t;
        char text[512];
        snprintf(text, sizeof text, "%s%s%s\r\n", SDP_HEAD, VIDEO, bad[i]);
        sdp_test_parse(&t, text);
        if (t.s->attributes_rejected != 1)
            fail_msg("\"%s\" was taken", bad[i]);
        sdp_test_close(&t);
    }
}

static void sdp_checks_what_it_has_no_use_for(void **state)
{
    struct sdp_test t;
    (void)state;
    sdp_test_parse(&t, SDP_HEAD "a=identity:eyJpZHAiOnt9fQ==\r\na=identity:!\r\n" SDP_AUDIO OPUS
                                "a=remote-candidates:1 192.0.2.3 45664 2 192.0.2.3 45665\r\n"
                                "a=remote-candidates:1 192.0.2.3\r\n"
                                "a=ptime:20\r\na=ptime:30\r\na=maxptime:x\r\na=maxptime:120\r\n");
    assert_int_equal(t.s->attributes_rejected, 4);
    assert_text(t.s->media[0].ptime, "20");
    assert_text(t.s->media[0].maxptime, "120");
    sdp_test_close(&t);
}

static void sdp_answers_allow_mixed_only_where_offered(void **state)
{
    (void)state;
    for (int offered = 0; offered < 2; offered++) {
        struct sdp_test_side side;
        struct sdp_test offer, answer;
        char text[1024];
        sdp_test_side(&side);
        snprintf(text, sizeof text, "%s%s%s%s%s", SDP_HEAD,
                 offered ? "a=extmap-allow-mixed\r\n" : "", SDP_AUDIO, SDP_TRANSPORT, OPUS);
        sdp_test_parse(&offer, text);
        sdp_test_answer(&answer, offer.s, &side.local);
        assert_int_equal(answer.rc, 0);
        assert_int_equal(answer.s->media[0].extmap_allow_mixed, offered);
        sdp_test_close(&answer);
        sdp_test_close(&offer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_refuses_what_says_two_things_at_once),
        cmocka_unit_test(sdp_takes_the_same_said_twice_or_apart),
        cmocka_unit_test(sdp_verifies_what_browsers_say),
        cmocka_unit_test(sdp_lint_names_a_malformed_attribute_by_line_and_clause),
        cmocka_unit_test(sdp_lint_names_what_is_forgiven),
        cmocka_unit_test(sdp_lint_names_each_departure_that_a_call_forgives),
        cmocka_unit_test(sdp_takes_extensions_that_each_media_numbers_for_itself),
        cmocka_unit_test(sdp_lint_names_one_reason_where_nothing_can_be_read),
        cmocka_unit_test(sdp_compare_names_what_of_an_answer_does_not_fit),
        cmocka_unit_test(sdp_compare_has_nothing_against_what_browsers_answer),
        cmocka_unit_test(sdp_keeps_bandwidths_and_knows_the_limit),
        cmocka_unit_test(sdp_reads_imageattr_of_every_form),
        cmocka_unit_test(sdp_checks_what_it_has_no_use_for),
        cmocka_unit_test(sdp_answers_allow_mixed_only_where_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
