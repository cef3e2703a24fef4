/* fmtp_test: which a=fmtp are one codec, and what offer, answer and agreement make of it. */
#include "tests/sdp/sdp_test.h"

#include "sdp/fmtp.h"
#include "sdp/offer.h"

static uint32_t meaning(const char *name, const char *fmtp)
{
    struct rill_sdp_codec_cap cap = {.name = name, .clock_hz = 90000, .channels = 1, .fmtp = fmtp};
    return rill_sdp_cap_meaning(&cap);
}

static struct rill_view view(const char *text)
{
    return text ? rill_view_of(text) : (struct rill_view){0};
}

static void sdp_matches_fmtp_by_the_clause_of_each_codec(void **state)
{
    (void)state;
    static const struct {
        const char *name, *a, *b;
        bool match;
    } rows[] = {
        {"opus", "minptime=10;useinbandfec=1", NULL, true},
        {"opus", "stereo=1;maxaveragebitrate=510000", "usedtx=1", true},
        {"VP8", "max-fr=30;max-fs=3600", "max-fr=15", true},
        {"VP9", NULL, NULL, true},
        {"VP9", NULL, "profile-id=0", true},
        {"vp9", "profile-id=2", "max-fr=30; profile-id=2", true},
        {"VP9", "profile-id=0", "profile-id=2", false},
        {"VP9", "profile-id=1", NULL, false},
        {"VP9", "profile-id=x", "profile-id=0", false},
        {"AV1", NULL, "level-idx=5;profile=0;tier=0", true},
        {"AV1", "level-idx=8;profile=1", "level-idx=5;profile=1;tier=1", true},
        {"AV1", "profile=1", "profile=0", false},
        {"AV1", "profile=2", NULL, false},
        {"H264", "profile-level-id=42e01f;packetization-mode=1",
         "packetization-mode=1;profile-level-id=42E01F;level-asymmetry-allowed=1", true},
        /* constrained baseline under its three names, and another level */
        {"H264", "profile-level-id=42e01f", "profile-level-id=4d801f", true},
        {"H264", "profile-level-id=42c00b", "profile-level-id=58c034", true},
        {"H264", "profile-level-id=42001f", "profile-level-id=58801f", true},
        {"H264", "profile-level-id=42e01f", "profile-level-id=42001f", false},
        {"H264", "profile-level-id=4d001f", "profile-level-id=42001f", false},
        {"H264", "profile-level-id=64001f", "profile-level-id=640c1f", false},
        {"H264", "profile-level-id=64001f", "profile-level-id=640034", true},
        {"H264", "profile-level-id=6e0028", "profile-level-id=6e1028", false},
        {"H264", "profile-level-id=42e01f;packetization-mode=1", "profile-level-id=42e01f", false},
        {"H264", "profile-level-id=42e01f;packetization-mode=0", "profile-level-id=42e01f", true},
        {"H264", NULL, "profile-level-id=42000a", true}, /* §8.1: baseline at level 1 */
        {"H264", NULL, "profile-level-id=42e01f", false},
        {"H264", "profile-level-id=42e01f", "profile-level-id=42e01", false},
        {"H264", "profile-level-id=42e01f", "profile-level-id=zze01f", false},
        {"H264", "profile-level-id=ff001f", "profile-level-id=ff0020", false},
        {"H264", "profile-level-id=42e01f", "profile-level-id=42e01f;packetization-mode=3", false},
        {"H264", "profile-level-id=42e0", "profile-level-id=42e0", true}, /* the same as itself */
        {"rtx", "apt=96", "apt=96;rtx-time=3000", true},
        {"rtx", "apt=96", "apt=97", false},
        {"rtx", "apt=96", "rtx-time=200", false},
        {"telephone-event", "0-15", "0-16", true},
        {"red", "111/111", NULL, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rill_view name = view(rows[i].name), a = view(rows[i].a), b = view(rows[i].b);
        /* What is one codec has one number. */
        bool same = meaning(rows[i].name, rows[i].a) == meaning(rows[i].name, rows[i].b);
        if (same != rows[i].match || rill_sdp_fmtp_match(name, a, b) != rows[i].match ||
            rill_sdp_fmtp_match(name, b, a) != rows[i].match)
            fail_msg("%s: \"%s\" and \"%s\"", rows[i].name, rows[i].a ? rows[i].a : "",
                     rows[i].b ? rows[i].b : "");
    }
}

static void sdp_reads_every_profile_of_h264(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        enum rill_sdp_h264_profile profile;
        uint8_t level;
    } rows[] = {
        {"42e01f", RILL_SDP_H264_CONSTRAINED_BASELINE, 31},
        {"42001f", RILL_SDP_H264_BASELINE, 31},
        {"42100b", RILL_SDP_H264_BASELINE, RILL_SDP_H264_LEVEL_1B},
        {"42f00b", RILL_SDP_H264_CONSTRAINED_BASELINE, RILL_SDP_H264_LEVEL_1B},
        {"4d0028", RILL_SDP_H264_MAIN, 40},
        {"4d5028", RILL_SDP_H264_MAIN, 40},
        {"580028", RILL_SDP_H264_EXTENDED, 40},
        {"640034", RILL_SDP_H264_HIGH, 52},
        {"640c1f", RILL_SDP_H264_CONSTRAINED_HIGH, 31},
        {"6e0009", RILL_SDP_H264_HIGH_10, RILL_SDP_H264_LEVEL_1B},
        {"7a0028", RILL_SDP_H264_HIGH_422, 40},
        {"f40028", RILL_SDP_H264_HIGH_444, 40},
        {"6e1028", RILL_SDP_H264_HIGH_10_INTRA, 40},
        {"7a1028", RILL_SDP_H264_HIGH_422_INTRA, 40},
        {"f41028", RILL_SDP_H264_HIGH_444_INTRA, 40},
        {"2c1028", RILL_SDP_H264_CAVLC_444_INTRA, 40},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char params[64];
        struct rill_sdp_h264 h;
        snprintf(params, sizeof params, "profile-level-id=%s", rows[i].id);
        assert_true(rill_sdp_h264(view(params), &h));
        assert_int_equal(h.profile, rows[i].profile);
        assert_int_equal(h.level, rows[i].level);
        assert_int_equal(h.packetization_mode, 0);
        assert_false(h.level_asymmetry_allowed);
    }
}

static void sdp_agrees_on_the_level_of_h264(void **state)
{
    (void)state;
    static const struct {
        const char *sender, *receiver;
        uint8_t level;
    } rows[] = {
        {"profile-level-id=42e01f", "profile-level-id=42e034", 31},
        {"profile-level-id=42e034", "profile-level-id=42e01f", 31},
        {"profile-level-id=42e01f;level-asymmetry-allowed=1",
         "profile-level-id=42e034;level-asymmetry-allowed=1", 52},
        {"profile-level-id=42e034;level-asymmetry-allowed=1",
         "profile-level-id=42e01f;level-asymmetry-allowed=1", 31},
        {"profile-level-id=42e01f;level-asymmetry-allowed=1", "profile-level-id=42e034", 31},
        {"profile-level-id=42f00b", "profile-level-id=42e00b", RILL_SDP_H264_LEVEL_1B},
        {"profile-level-id=42f00b", "profile-level-id=42e00a", 10},
        {"profile-level-id=42e01f;level-asymmetry-allowed=1",
         "profile-level-id=42e00d;max-recv-level=e028;level-asymmetry-allowed=1", 40},
        {"profile-level-id=42e01f", "profile-level-id=42e00d;max-recv-level=e028", 13},
        {"profile-level-id=42e01f;level-asymmetry-allowed=1",
         "profile-level-id=42e00d;max-recv-level=28;level-asymmetry-allowed=1", 13},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rill_sdp_h264 sender, receiver;
        assert_true(rill_sdp_h264(view(rows[i].sender), &sender));
        assert_true(rill_sdp_h264(view(rows[i].receiver), &receiver));
        assert_int_equal(rill_sdp_h264_level(&sender, &receiver), rows[i].level);
    }
}

static void sdp_knows_when_a_stream_has_a_higher_level(void **state)
{
    (void)state;
    assert_false(rill_sdp_h264_exceeds(0x42e01f, 31));
    assert_true(rill_sdp_h264_exceeds(0x42e020, 31));
    assert_true(rill_sdp_h264_exceeds(0x42f00b, 10)); /* 1b */
    assert_false(rill_sdp_h264_exceeds(0x42f00b, 11));
    assert_true(rill_sdp_h264_exceeds(0x42e00b, RILL_SDP_H264_LEVEL_1B));
}

/* RFC 6184 §8.2.2: the profile as it was offered; the level no higher, unless both let it be. */
static void sdp_answers_the_level_of_h264(void **state)
{
    (void)state;
#define OURS "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
    static const struct {
        const char *ours, *offered, *answer;
    } rows[] = {
        {OURS, OURS, OURS},
        {OURS, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e00d", OURS},
        {OURS, "packetization-mode=1;profile-level-id=42e00d",
         "level-asymmetry-allowed=0;packetization-mode=1;profile-level-id=42e00d"},
        {OURS, "level-asymmetry-allowed=0;packetization-mode=1;profile-level-id=42e034",
         "level-asymmetry-allowed=0;packetization-mode=1;profile-level-id=42e01f"},
        {OURS, "packetization-mode=1;profile-level-id=4d8028",
         "level-asymmetry-allowed=0;packetization-mode=1;profile-level-id=4d801f"},
        {OURS, "packetization-mode=1;profile-level-id=42f00b",
         "level-asymmetry-allowed=0;packetization-mode=1;profile-level-id=42f00b"},
        {"profile-level-id=42f00b", "profile-level-id=42e01f",
         "level-asymmetry-allowed=0;packetization-mode=0;profile-level-id=42f00b"},
        {"profile-level-id=640009", "profile-level-id=64001f",
         "level-asymmetry-allowed=0;packetization-mode=0;profile-level-id=640009"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t text[96];
        struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
        rill_sdp_h264_write_answer(&w, view(rows[i].ours), view(rows[i].offered));
        assert_false(w.bad);
        assert_text(rill_w_view(&w), rows[i].answer);
    }
}

#define VIDEO_LINE "m=video 9 UDP/TLS/RTP/SAVPF "

static void sdp_matches_rtx_by_what_it_repairs(void **state)
{
    (void)state;
    struct sdp_test a, b;
    sdp_test_parse(&a, SDP_HEAD VIDEO_LINE "96 97 98 99 100\r\na=rtpmap:96 VP8/90000\r\n"
                                           "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
                                           "a=rtpmap:98 VP9/90000\r\na=rtpmap:99 rtx/90000\r\n"
                                           "a=fmtp:99 apt=98\r\na=rtpmap:100 rtx/90000\r\n");
    sdp_test_parse(&b, SDP_HEAD VIDEO_LINE "120 121 124 125 126\r\na=rtpmap:120 vp8/90000\r\n"
                                           "a=rtpmap:124 RTX/90000\r\na=fmtp:124 apt=120\r\n"
                                           "a=rtpmap:121 VP9/90000\r\na=fmtp:121 profile-id=1\r\n"
                                           "a=rtpmap:125 rtx/90000\r\na=fmtp:125 apt=121\r\n"
                                           "a=rtpmap:126 rtx/90000\r\na=fmtp:126 apt=127\r\n");
    const struct rill_sdp_media *x = &a.s->media[0], *y = &b.s->media[0];
    assert_true(rill_sdp_same_format(x, 96, y, 120));
    assert_true(rill_sdp_same_format(x, 97, y, 124));
    assert_false(rill_sdp_same_format(x, 99, y, 125)); /* VP9 of another profile */
    assert_false(rill_sdp_same_format(x, 97, y, 125));
    assert_false(rill_sdp_same_format(x, 97, y, 126)); /* repairs nothing */
    assert_false(rill_sdp_same_format(x, 100, y, 126));
    assert_true(rill_sdp_same_format(x, 100, x, 100));
    assert_false(rill_sdp_same_format(x, 96, y, 124));
    assert_false(rill_sdp_same_format(x, 96, y, 127));
    struct rill_sdp_finding found[16];
    uint8_t *block = malloc(2 * rill_sdp_arena_size(b.n));
    struct rill_arena arena = rill_arena_over(block, 2 * rill_sdp_arena_size(b.n));
    size_t n = rill_sdp_lint(rill_view_at(b.text, b.n), &arena, found, 16);
    assert_true(n > 0);
    assert_row(found[n - 1].err.row->code, SDP_RTX_APT);
    assert_int_equal(found[n - 1].err.value, 126);
    free(block);
    sdp_test_close(&a);
    sdp_test_close(&b);
}

static const char *const no_feedback[] = {NULL};
/* A table as rill's will be when it has more codecs. */
static const struct rill_sdp_codec_cap codecs[] = {
    {.kind = RILL_VIDEO,
     .id = RILL_CODEC_VP8,
     .name = "H264",
     .clock_hz = 90000,
     .channels = 1,
     .pt = 102,
     .fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
     .rtcp_fb = no_feedback},
};

static void sdp_answers_the_format_that_the_fmtp_matches(void **state)
{
    (void)state;
    struct sdp_test_side side;
    struct sdp_test offer, answer;
    struct rill_sdp_finding found[8];
    sdp_test_side(&side);
    side.local.caps.codecs = codecs;
    side.local.caps.n_codecs = 1;
    sdp_test_parse(&offer, SDP_HEAD VIDEO_LINE
                   "97 98 99 100\r\n" SDP_TRANSPORT
                   "a=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42e01f\r\n"
                   "a=rtpmap:98 H264/90000\r\na=fmtp:98 profile-level-id=4d001f;"
                   "packetization-mode=1\r\na=rtpmap:99 H264/90000\r\n"
                   "a=rtpmap:100 H264/90000\r\na=fmtp:100 packetization-mode=1;"
                   "profile-level-id=42c029\r\n");
    sdp_test_answer(&answer, offer.s, &side.local);
    assert_int_equal(answer.rc, 0);
    assert_int_equal(answer.s->media[0].n_fmts, 1);
    assert_text(answer.s->media[0].fmts[0], "100");
    assert_int_equal(rill_sdp_compare(offer.s, answer.s, found, 8), 0);
    sdp_test_close(&answer);
    sdp_test_close(&offer);
}

static void sdp_compare_asks_for_the_same_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *fmtp;
        size_t findings;
    } rows[] = {
        {"packetization-mode=1;profile-level-id=42e00a", 0},
        {"packetization-mode=0;profile-level-id=42e01f", 1},
        {"packetization-mode=1;profile-level-id=64001f", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sdp_test offer, answer;
        struct rill_sdp_finding found[8];
        char text[1024];
        sdp_test_parse(&offer, SDP_HEAD VIDEO_LINE
                       "97\r\n" SDP_TRANSPORT
                       "a=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42e01f;"
                       "packetization-mode=1\r\n");
        snprintf(text, sizeof text,
                 SDP_HEAD VIDEO_LINE "97\r\na=rtcp-mux\r\na=rtpmap:97 h264/90000\r\n"
                                     "a=fmtp:97 %s\r\n",
                 rows[i].fmtp);
        sdp_test_parse(&answer, text);
        assert_int_equal(rill_sdp_compare(offer.s, answer.s, found, 8), rows[i].findings);
        if (rows[i].findings)
            assert_row(found[0].err.row->code, SDP_AGREE_CODEC);
        sdp_test_close(&answer);
        sdp_test_close(&offer);
    }
}

/* RFC 4585 §4.2: a=rtcp-fb:* means every payload type of its m-line. */
static void sdp_takes_feedback_of_all_payload_types(void **state)
{
    (void)state;
    struct sdp_test_side side;
    struct sdp_test offer, answer;
    sdp_test_side(&side);
    sdp_test_parse(&offer, SDP_HEAD VIDEO_LINE
                   "96 98\r\n" SDP_TRANSPORT "a=rtpmap:96 VP8/90000\r\n"
                   "a=rtpmap:98 VP8/90000\r\na=rtcp-fb:* nack pli\r\na=rtcp-fb:98 ccm fir\r\n"
                   "a=rtcp-fb:97 nack\r\n");
    sdp_test_answer(&answer, offer.s, &side.local);
    assert_int_equal(answer.rc, 0);
    const struct rill_sdp_media *m = &answer.s->media[0];
    assert_int_equal(m->n_rtcp_fbs, 3);
    assert_true(rill_sdp_has_rtcp_fb(m, 96, "nack pli") && rill_sdp_has_rtcp_fb(m, 98, "nack pli"));
    assert_true(rill_sdp_has_rtcp_fb(m, 98, "ccm fir"));
    assert_false(rill_sdp_has_rtcp_fb(m, 96, "ccm fir") || rill_sdp_has_rtcp_fb(m, 96, "nack"));
    sdp_test_close(&answer);
    sdp_test_close(&offer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_matches_fmtp_by_the_clause_of_each_codec),
        cmocka_unit_test(sdp_reads_every_profile_of_h264),
        cmocka_unit_test(sdp_agrees_on_the_level_of_h264),
        cmocka_unit_test(sdp_answers_the_level_of_h264),
        cmocka_unit_test(sdp_knows_when_a_stream_has_a_higher_level),
        cmocka_unit_test(sdp_matches_rtx_by_what_it_repairs),
        cmocka_unit_test(sdp_answers_the_format_that_the_fmtp_matches),
        cmocka_unit_test(sdp_compare_asks_for_the_same_configuration),
        cmocka_unit_test(sdp_takes_feedback_of_all_payload_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
