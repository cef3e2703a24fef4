/* agree_test: what two descriptions come to, with the answers that browsers really gave. */
#include "tests/sdp/sdp_test.h"

/* Offer and answer, and what our side makes of them. */
struct deal {
    struct sdp_test offer, answer;
    struct sdp_test_side side;
    struct rill_sdp_agreed rows[RILL_SDP_MEDIA_MAX];
    struct rill_err why;
    int rc;
};

static void agree(struct deal *d, bool local_is_offer)
{
    assert_int_equal(d->offer.rc, 0);
    assert_int_equal(d->answer.rc, 0);
    d->rc = rill_sdp_agree(d->offer.s, d->answer.s, local_is_offer, &d->side.local, d->rows,
                           RILL_SDP_MEDIA_MAX, &d->why);
}

/* A browser's answer to an offer that is taken for ours. */
static void begin_files(struct deal *d, const char *offer, const char *answer)
{
    *d = (struct deal){0};
    sdp_test_side(&d->side);
    sdp_test_parse_file(&d->offer, offer);
    sdp_test_parse_file(&d->answer, answer);
    agree(d, true);
}

static void begin_texts(struct deal *d, const char *offer, const char *answer)
{
    *d = (struct deal){0};
    sdp_test_side(&d->side);
    sdp_test_parse(&d->offer, offer);
    sdp_test_parse(&d->answer, answer);
    agree(d, true);
}

static void finish(struct deal *d)
{
    sdp_test_close(&d->offer);
    sdp_test_close(&d->answer);
}

static bool is_client(const struct deal *d, bool local_is_offer)
{
    bool client = false;
    struct rill_err why;
    assert_int_equal(
        rill_sdp_dtls_is_client(d->offer.s, d->answer.s, 0, local_is_offer, &client, &why), 0);
    return client;
}

static void sdp_agrees_with_a_chromium_answer(void **state)
{
    (void)state;
    struct deal d;
    begin_files(&d, "minimal_offer_av.sdp", "chromium156_answer_to_minimal_av_withmedia.sdp");
    assert_int_equal(d.rc, 2);
    const struct rill_sdp_agreed *a = &d.rows[0], *v = &d.rows[1];
    assert_true(a->active && a->send && a->receive);
    assert_int_equal(a->kind, RILL_AUDIO);
    assert_text(a->mid, "0");
    assert_int_equal(a->codec, RILL_CODEC_OPUS);
    assert_int_equal(a->pt, 111);
    assert_false(a->feedback.nack || a->feedback.pli || a->feedback.fir);
    assert_int_equal(a->ext_mid.sent, 0);
    assert_int_equal(a->local_track, 0);
    assert_int_equal(v->mline, 1);
    assert_int_equal(v->codec, RILL_CODEC_VP8);
    assert_int_equal(v->pt, 96);
    assert_true(v->feedback.nack && v->feedback.pli && v->feedback.fir);
    assert_int_equal(v->ext_mid.sent, 1);
    assert_int_equal(v->local_track, 1);
    assert_int_equal(v->n_remote_ssrcs, 2); /* and what repairs it */
    assert_int_equal(v->remote_ssrcs[0], d.answer.s->media[1].ssrc_groups[0].ssrcs[0]);
    assert_int_equal(v->remote_ssrcs[1], d.answer.s->media[1].ssrc_groups[0].ssrcs[1]);
    assert_true(rill_view_equal(v->remote_stream, a->remote_stream));
    assert_true(a->remote_track.n > 0);
    assert_false(is_client(&d, true)); /* the browser says active */
    assert_true(is_client(&d, false));
    assert_int_equal(rill_sdp_tagged(d.answer.s, 0), 0);
    finish(&d);
}

static void sdp_agrees_with_a_firefox_answer(void **state)
{
    (void)state;
    struct deal d;
    begin_files(&d, "minimal_offer_av.sdp", "firefox153_answer_to_minimal_av_withmedia.sdp");
    assert_int_equal(d.rc, 2);
    assert_true(d.rows[0].active && d.rows[1].active);
    assert_int_equal(d.rows[1].remote_ssrcs[0], d.answer.s->media[1].ssrcs[0].ssrc);
    assert_true(rill_view_starts(d.rows[1].remote_stream, "{"));
    assert_false(is_client(&d, true));
    finish(&d);
}

static void sdp_sends_only_to_a_browser_without_media(void **state)
{
    (void)state;
    static const char *const answers[] = {"chromium156_answer_to_minimal_av_nomedia.sdp",
                                          "firefox153_answer_to_minimal_av_nomedia.sdp"};
    for (size_t i = 0; i < 2; i++) {
        struct deal d;
        begin_files(&d, "minimal_offer_av.sdp", answers[i]);
        assert_int_equal(d.rc, 2);
        assert_true(d.rows[0].active && d.rows[0].send);
        assert_false(d.rows[0].receive);
        finish(&d);
    }
}

static void sdp_agrees_that_an_unknown_codec_is_off(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "chromium156_answer_to_minimal_unknown_codec_withmedia.sdp",
        "firefox153_answer_to_minimal_unknown_codec_withmedia.sdp"};
    for (size_t i = 0; i < 2; i++) {
        struct deal d;
        begin_files(&d, "minimal_offer_unknown_codec.sdp", answers[i]);
        assert_int_equal(d.rc, 2);
        assert_true(d.rows[0].active);
        assert_false(d.rows[1].active);
        assert_int_equal(d.rows[1].local_track, -1);
        finish(&d);
    }
}

/* We have one transport, so an answer that opens two is refused. */
static void sdp_refuses_answers_that_are_not_bundled(void **state)
{
    (void)state;
    struct deal d;
    begin_files(&d, "minimal_offer_av_no_bundle_no_msid.sdp",
                "firefox153_answer_to_minimal_av_no_bundle_no_msid_withmedia.sdp");
    assert_row(d.rc, SDP_AGREE_BUNDLE);
    assert_int_equal(d.why.value, 1);
    finish(&d);
}

/* Ours against theirs: a browser's offer, our answer. */
static void sdp_agrees_as_the_answerer(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        bool receive;
        uint8_t opus, vp8;
        uint16_t ext_mid;
    } rows[] = {
        {"chromium156_offer_av_plus_data_gathered.sdp", true, 111, 96, 4},
        {"firefox153_offer_av_plus_data_gathered.sdp", true, 109, 120, 3},
        {"firefox153_offer_av_recvonly_transceivers.sdp", false, 109, 120, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct deal d = {0};
        sdp_test_side(&d.side);
        sdp_test_parse_file(&d.offer, rows[i].file);
        sdp_test_answer(&d.answer, d.offer.s, &d.side.local);
        agree(&d, false);
        assert_int_equal(d.rc, (int)d.offer.s->n_media);
        for (size_t k = 0; k < 2; k++) {
            assert_true(d.rows[k].active && d.rows[k].send);
            assert_int_equal(d.rows[k].receive, rows[i].receive);
            assert_int_equal(d.rows[k].local_track, (int)k);
            assert_int_equal(d.rows[k].ext_mid.sent, rows[i].ext_mid);
            assert_int_equal(d.rows[k].remote_ssrcs[0], d.offer.s->media[k].ssrcs[0].ssrc);
        }
        assert_int_equal(d.rows[0].pt, rows[i].opus);
        assert_int_equal(d.rows[1].pt, rows[i].vp8);
        const struct rill_sdp_feedback *f = &d.rows[1].feedback;
        assert_true(f->nack && f->pli && f->fir && d.rows[1].rtcp_rsize);
        assert_true(is_client(&d, false));
        finish(&d);
    }
}

static void sdp_agrees_alike_on_both_sides_of_a_call(void **state)
{
    (void)state;
    struct deal d = {0};
    struct rill_sdp_agreed theirs[2];
    sdp_test_side(&d.side);
    sdp_test_open(&d.offer, 8192);
    d.offer.rc = rill_sdp_create_offer(&d.side.local, &d.offer.arena, &d.offer.s, &d.offer.why);
    sdp_test_answer(&d.answer, d.offer.s, &d.side.local);
    agree(&d, true);
    assert_int_equal(d.rc, 2);
    assert_int_equal(rill_sdp_agree(d.offer.s, d.answer.s, false, &d.side.local, theirs, 2, NULL),
                     2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(d.rows[i].send && d.rows[i].receive && theirs[i].send && theirs[i].receive);
        assert_int_equal(d.rows[i].pt, theirs[i].pt);
        assert_int_equal(d.rows[i].ext_mid.sent, 4);
        assert_int_equal(theirs[i].ext_mid.sent, 4);
        assert_int_equal(d.rows[i].remote_ssrcs[0], d.side.tracks[i].ssrc);
        assert_text(theirs[i].remote_stream, "stream");
    }
    assert_true(is_client(&d, true) != is_client(&d, false));
    finish(&d);
}

static void sdp_agree_fills_no_more_rows_than_it_is_given(void **state)
{
    (void)state;
    struct deal d;
    begin_files(&d, "minimal_offer_av.sdp", "chromium156_answer_to_minimal_av_withmedia.sdp");
    struct rill_sdp_agreed one;
    assert_int_equal(rill_sdp_agree(d.offer.s, d.answer.s, true, &d.side.local, &one, 1, NULL), 1);
    assert_int_equal(one.kind, RILL_AUDIO);
    finish(&d);
}

#define OPUS "a=rtpmap:111 opus/48000/2\r\n"
#define A SDP_AUDIO SDP_TRANSPORT "a=mid:0\r\n" OPUS
#define B SDP_AUDIO SDP_TRANSPORT "a=mid:1\r\n" OPUS
#define BUNDLE SDP_HEAD "a=group:BUNDLE 0 1\r\n"

static int rc_of(const char *offer, const char *answer, uint64_t *value)
{
    struct deal d;
    begin_texts(&d, offer, answer);
    *value = d.why.value;
    finish(&d);
    return d.rc;
}

static void sdp_refuses_an_answer_with_another_number_of_media(void **state)
{
    (void)state;
    uint64_t value;
    assert_row(rc_of(BUNDLE A B, SDP_HEAD A, &value), SDP_AGREE_COUNT);
    assert_int_equal(value, 1);
    assert_row(rc_of(SDP_HEAD A, BUNDLE A B, &value), SDP_AGREE_COUNT);
}

static void sdp_refuses_an_answer_of_another_kind_or_protocol(void **state)
{
    (void)state;
    uint64_t value;
    assert_row(rc_of(SDP_HEAD A, SDP_HEAD "m=video 9 UDP/TLS/RTP/SAVPF 111\r\n", &value),
               SDP_AGREE_MEDIA);
    assert_row(rc_of(SDP_HEAD A, SDP_HEAD "m=audio 9 RTP/SAVPF 111\r\n", &value), SDP_AGREE_MEDIA);
    assert_row(rc_of(BUNDLE A B, BUNDLE B A, &value), SDP_AGREE_MEDIA); /* order of mids */
    assert_int_equal(value, 0);
}

static void sdp_refuses_an_answer_that_revives_a_media(void **state)
{
    (void)state;
    uint64_t value;
    assert_row(rc_of(SDP_HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n" OPUS, SDP_HEAD A, &value),
               SDP_AGREE_REVIVED);
}

static void sdp_refuses_an_answer_that_breaks_the_bundle(void **state)
{
    (void)state;
    uint64_t value;
    assert_int_equal(rc_of(BUNDLE A B, BUNDLE A B, &value), 2);
    assert_row(rc_of(BUNDLE A B, SDP_HEAD "a=group:BUNDLE 0\r\n" A B, &value), SDP_AGREE_BUNDLE);
    assert_int_equal(value, 1);
    assert_row(rc_of(BUNDLE A B, SDP_HEAD A B, &value), SDP_AGREE_BUNDLE);
    assert_row(rc_of(SDP_HEAD A B, BUNDLE A B, &value), SDP_AGREE_BUNDLE);
    assert_row(rc_of(SDP_HEAD A, SDP_HEAD "a=group:BUNDLE 0\r\n" A, &value), SDP_AGREE_BUNDLE);
    assert_row(rc_of(SDP_HEAD "a=group:BUNDLE 0\r\na=group:BUNDLE 1\r\n" A B, BUNDLE A B, &value),
               SDP_AGREE_BUNDLE);
}

static void sdp_refuses_an_answer_without_rtcp_mux(void **state)
{
    (void)state;
    uint64_t value;
    assert_row(rc_of(SDP_HEAD A,
                     SDP_HEAD SDP_AUDIO "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n"
                                        "a=fingerprint:sha-256 " SDP_PRINT "\r\n" OPUS,
                     &value),
               SDP_AGREE_MUX);
}

static void sdp_refuses_an_answer_without_a_common_codec(void **state)
{
    (void)state;
    uint64_t value;
    assert_row(
        rc_of(SDP_HEAD A, SDP_HEAD SDP_AUDIO SDP_TRANSPORT "a=rtpmap:111 PCMU/8000\r\n", &value),
        SDP_AGREE_CODEC);
    assert_row(rc_of(SDP_HEAD A,
                     SDP_HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 112\r\n" SDP_TRANSPORT
                              "a=rtpmap:112 opus/48000/2\r\n",
                     &value),
               SDP_AGREE_CODEC);
}

static void sdp_refuses_an_answer_it_could_not_trust(void **state)
{
    (void)state;
    uint64_t value;
    assert_row(rc_of(SDP_HEAD A,
                     SDP_HEAD SDP_AUDIO
                     "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\na=rtcp-mux\r\n" OPUS,
                     &value),
               SDP_NO_FINGERPRINT);
    assert_row(rc_of(SDP_HEAD A,
                     SDP_HEAD SDP_AUDIO "a=fingerprint:sha-256 " SDP_PRINT
                                        "\r\na=rtcp-mux\r\n" OPUS,
                     &value),
               SDP_NO_ICE);
}

/* RFC 9143 §7.1.3: the answer's transport may stand in the tagged m-line alone. */
static void sdp_agrees_when_only_the_tagged_media_has_the_transport(void **state)
{
    (void)state;
    uint64_t value;
    assert_int_equal(rc_of(BUNDLE A B, BUNDLE A SDP_AUDIO "a=mid:1\r\n" OPUS, &value), 2);
}

static void assert_ids(struct rill_sdp_ext_ids ids, uint16_t sent, uint16_t received)
{
    assert_int_equal(ids.sent, sent);
    assert_int_equal(ids.received, received);
}

/* RFC 8285 §5: one that is narrowed is of use in the direction that is left. */
static void sdp_agrees_on_extensions_in_the_directions_that_both_allow(void **state)
{
    (void)state;
    struct deal d;
    begin_texts(&d,
                SDP_HEAD A "a=rtcp-fb:111 transport-cc\r\na=extmap:1 " RILL_SDP_EXT_MID
                           "\r\na=extmap:2/recvonly " RILL_SDP_EXT_ABS_SEND_TIME
                           "\r\na=extmap:3 " RILL_SDP_EXT_TRANSPORT_CC "\r\n",
                SDP_HEAD A "a=rtcp-fb:111 transport-cc\r\na=extmap:1/recvonly " RILL_SDP_EXT_MID
                           "\r\na=extmap:2/sendonly " RILL_SDP_EXT_ABS_SEND_TIME
                           "\r\na=extmap:3/inactive " RILL_SDP_EXT_TRANSPORT_CC "\r\n");
    assert_int_equal(d.rc, 1);
    assert_ids(d.rows[0].ext_mid, 1, 0);
    assert_ids(d.rows[0].ext_abs_send_time, 0, 2);
    assert_ids(d.rows[0].ext_transport_cc, 0, 0);
    finish(&d);
    begin_texts(&d, SDP_HEAD A "a=extmap:1 " RILL_SDP_EXT_MID "\r\n",
                SDP_HEAD A "a=extmap:2 " RILL_SDP_EXT_MID "\r\n");
    assert_ids(d.rows[0].ext_mid, 0, 0);
    finish(&d);
}

/* RFC 8285 §5: each direction counts for itself; Firefox's playout delay is for what it receives.
 */
static void sdp_agrees_on_what_is_said_of_a_frame_in_each_direction(void **state)
{
    (void)state;
    struct deal d;
    begin_texts(&d,
                SDP_HEAD A "a=extmap:1 " RILL_SDP_EXT_AUDIO_LEVEL
                           "\r\na=extmap:2/recvonly " RILL_SDP_EXT_CAPTURE_TIME "\r\n",
                SDP_HEAD A "a=extmap:1 " RILL_SDP_EXT_AUDIO_LEVEL
                           "\r\na=extmap:2/sendonly " RILL_SDP_EXT_CAPTURE_TIME "\r\n");
    const struct rill_sdp_agreed *a = &d.rows[0];
    assert_int_equal(a->marks_sent[RILL_SDP_MARK_AUDIO_LEVEL], 1);
    assert_int_equal(a->marks_received[RILL_SDP_MARK_AUDIO_LEVEL], 1);
    assert_int_equal(a->marks_sent[RILL_SDP_MARK_CAPTURE_TIME], 0);
    assert_int_equal(a->marks_received[RILL_SDP_MARK_CAPTURE_TIME], 2);
    assert_int_equal(a->marks_sent[RILL_SDP_MARK_ORIENTATION], 0);
    finish(&d);
}

/* RFC 3264 §6.1: what was answered may come, whichever of it. */
static void sdp_agrees_on_further_numbers_of_the_codec(void **state)
{
    (void)state;
#define PICTURES                                                                                   \
    SDP_HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96 97 100 101 98\r\n" SDP_TRANSPORT                      \
             "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"              \
             "a=rtpmap:100 VP8/90000\r\na=rtpmap:101 rtx/90000\r\na=fmtp:101 apt=100\r\n"
    struct deal d;
    begin_texts(&d, PICTURES, PICTURES);
    const struct rill_sdp_agreed *a = &d.rows[0];
    assert_int_equal(a->pt, 96);
    assert_int_equal(a->rtx_pt, 97);
    assert_int_equal(a->n_also, 1);
    assert_int_equal(a->also[0].pt, 100);
    assert_int_equal(a->also[0].rtx_pt, 101);
    finish(&d);
}

static int rc_of_setup(const char *offered, const char *answered, bool *client)
{
    char offer[1024], answer[1024];
    struct deal d;
    struct rill_err why;
    snprintf(offer, sizeof offer, SDP_HEAD SDP_AUDIO "%s", offered);
    snprintf(answer, sizeof answer, SDP_HEAD SDP_AUDIO "%s", answered);
    begin_texts(&d, offer, answer);
    int rc = rill_sdp_dtls_is_client(d.offer.s, d.answer.s, 0, true, client, &why);
    finish(&d);
    return rc;
}

static void sdp_tells_who_is_the_dtls_client(void **state)
{
    (void)state;
    static const struct {
        const char *offered, *answered;
        bool offerer_is_client;
    } rows[] = {
        {"a=setup:actpass\r\n", "a=setup:active\r\n", false},
        {"a=setup:actpass\r\n", "a=setup:passive\r\n", true},
        {"a=setup:active\r\n", "a=setup:passive\r\n", true},
        {"a=setup:passive\r\n", "a=setup:active\r\n", false},
        {"", "a=setup:active\r\n", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool client = !rows[i].offerer_is_client;
        assert_int_equal(rc_of_setup(rows[i].offered, rows[i].answered, &client), 0);
        assert_int_equal(client, rows[i].offerer_is_client);
    }
}

static void sdp_refuses_setups_that_leave_the_client_open(void **state)
{
    (void)state;
    bool client = true;
    assert_row(rc_of_setup("a=setup:actpass\r\n", "a=setup:actpass\r\n", &client), SDP_SETUP);
    assert_row(rc_of_setup("a=setup:actpass\r\n", "", &client), SDP_SETUP);
    assert_row(rc_of_setup("a=setup:active\r\n", "a=setup:active\r\n", &client), SDP_SETUP);
    assert_row(rc_of_setup("a=setup:passive\r\n", "a=setup:passive\r\n", &client), SDP_SETUP);
    assert_row(rc_of_setup("a=setup:actpass\r\n", "a=setup:holdconn\r\n", &client), SDP_SETUP);
    assert_row(rc_of_setup("a=setup:holdconn\r\n", "a=setup:active\r\n", &client), SDP_SETUP);
    assert_true(client); /* untouched */
}

static void sdp_tags_nothing_where_all_is_rejected(void **state)
{
    (void)state;
    struct deal d;
    begin_texts(&d, SDP_HEAD A, SDP_HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n");
    assert_int_equal(d.rc, 1);
    assert_false(d.rows[0].active);
    assert_true(rill_sdp_tagged(d.answer.s, 0) == SIZE_MAX);
    finish(&d);
}

/* An offer of ours of one sound with these lines, and an answer to it. */
static struct rill_sdp_agreed any_sound_of(const char *formats, const char *offered,
                                           const char *answered_formats, const char *answered)
{
    char texts[2][1024];
    struct deal d;
    for (int i = 0; i < 2; i++)
        snprintf(texts[i], sizeof texts[i],
                 SDP_HEAD "m=audio 9 UDP/TLS/RTP/SAVPF %s\r\n" SDP_TRANSPORT
                          "a=setup:%s\r\na=rtcp-mux\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n%s",
                 i ? answered_formats : formats, i ? "active" : "actpass", i ? answered : offered);
    begin_texts(&d, texts[0], texts[1]);
    assert_int_equal(d.rc, 1);
    struct rill_sdp_agreed a = d.rows[0];
    finish(&d);
    return a;
}

static struct rill_sdp_agreed sound_of(const char *formats, const char *offered,
                                       const char *answered_formats, const char *answered)
{
    struct rill_sdp_agreed a = any_sound_of(formats, offered, answered_formats, answered);
    assert_int_equal(a.codec, RILL_CODEC_OPUS);
    assert_int_equal(a.pt, 111);
    return a;
}

#define RED "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"

static void sdp_agrees_on_redundancy_and_who_asks_for_it(void **state)
{
    (void)state;
    struct rill_sdp_agreed a = sound_of("111 63", RED, "111 63", RED);
    assert_int_equal(a.red_pt, 63);
    assert_false(a.red_first);
    a = sound_of("111 63", RED, "63 111", RED);
    assert_int_equal(a.red_pt, 63);
    assert_true(a.red_first);
    assert_int_equal(sound_of("111 63", RED, "111", "").red_pt, 0);
    /* Of another number, of another codec, of two, of itself, or of nobody knows what. */
    static const char *const odd[] = {
        "a=rtpmap:64 red/48000/2\r\na=fmtp:64 111/111\r\n",
        "a=rtpmap:63 red/48000/2\r\na=fmtp:63 0/0\r\n",
        "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/0\r\n",
        "a=rtpmap:63 red/48000/2\r\na=fmtp:63 63/63\r\n",
        "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/\r\n",
        "a=rtpmap:63 red/8000\r\na=fmtp:63 111/111\r\n",
        "a=rtpmap:63 red/48000/2\r\n",
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(sound_of("111 63", RED, i ? "111 63 0" : "111 64", odd[i]).red_pt, 0);
}

/* RFC 7587 §7.1: each side speaks of its own decoder. */
static void sdp_agrees_on_what_the_other_opus_decoder_says_of_itself(void **state)
{
    (void)state;
    struct rill_sdp_agreed a = sound_of("111", "a=fmtp:111 useinbandfec=1;usedtx=1\r\n", "111", "");
    assert_false(a.opus_fec || a.opus_dtx || a.opus_max_bps);
    a = sound_of("111", "", "111",
                 "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;maxaveragebitrate=20000\r\n");
    assert_true(a.opus_fec && a.opus_dtx);
    assert_int_equal(a.opus_max_bps, 20000);
    a = sound_of("111", "", "111", "a=fmtp:111 useinbandfec=0;usedtx=2\r\n");
    assert_false(a.opus_fec || a.opus_dtx);
}

/* RFC 4585 §4.2: "If "trr-int" is not specified, a default value of 0 is assumed." */
static void sdp_agrees_on_the_longer_of_two_intervals_between_reports(void **state)
{
    (void)state;
    assert_int_equal(sound_of("111", "", "111", "").trr_int_ms, 0);
    assert_int_equal(
        sound_of("111", "a=rtcp-fb:111 trr-int 100\r\n", "111", "a=rtcp-fb:* trr-int 500\r\n")
            .trr_int_ms,
        500);
    assert_int_equal(sound_of("111", "a=rtcp-fb:111 trr-int 700\r\n", "111", "").trr_int_ms, 700);
    assert_int_equal(sound_of("111 0", "a=rtcp-fb:0 trr-int 700\r\n", "111", "").trr_int_ms, 0);
    assert_int_equal(
        sound_of("111", "", "111", "a=rtcp-fb:111 trr-int 99999999999999999999\r\n").trr_int_ms,
        RILL_SDP_TRR_INT_MAX);
}

/* RFC 4585 §4.2: "*" is of all of them. */
static void sdp_agrees_on_feedback_for_each_payload_type(void **state)
{
    struct rill_sdp_also format;
    (void)state;
    struct rill_sdp_agreed a = sound_of("111 0 8", "a=rtcp-fb:8 nack\r\na=rtcp-fb:* ccm fir\r\n",
                                        "111 0 8", "a=rtcp-fb:* nack\r\na=rtcp-fb:0 ccm fir\r\n");
    assert_false(a.feedback.nack || a.feedback.fir);
    assert_true(rill_sdp_agreed_format(&a, 8, &format));
    assert_true(format.feedback.nack && !format.feedback.fir);
    assert_true(rill_sdp_agreed_format(&a, 0, &format));
    assert_true(!format.feedback.nack && format.feedback.fir);
}

/* RFC 3264 §6.1: either side may go over to any of them. */
static void sdp_agrees_on_the_codecs_behind_the_first_one(void **state)
{
    struct rill_sdp_also format;
    (void)state;
    struct rill_sdp_agreed a = sound_of("111 0 8", "", "111 8", "");
    assert_int_equal(a.n_also, 1);
    assert_true(rill_sdp_agreed_format(&a, 8, &format));
    assert_int_equal(format.codec, RILL_CODEC_PCMA);
    assert_true(rill_sdp_agreed_codec(&a, RILL_CODEC_PCMA, &format));
    assert_int_equal(format.pt, 8);
    assert_true(rill_sdp_agreed_codec(&a, RILL_CODEC_OPUS, &format));
    assert_int_equal(format.pt, 111);
    assert_false(rill_sdp_agreed_format(&a, 0, &format));
    assert_false(rill_sdp_agreed_codec(&a, RILL_CODEC_PCMU, &format));
}

static void sdp_agrees_on_telephone_events_of_either_clock(void **state)
{
#define WIDE "a=rtpmap:110 telephone-event/48000\r\n"
#define NARROW "a=rtpmap:126 telephone-event/8000\r\n"
    (void)state;
    struct rill_sdp_agreed a = sound_of("111 110 126", WIDE NARROW, "111 126 110", NARROW WIDE);
    assert_int_equal(a.n_events, 2);
    assert_int_equal(a.events[0].pt, 110);
    assert_int_equal(a.events[0].clock_hz, 48000);
    assert_int_equal(a.events[1].pt, 126);
    assert_int_equal(a.events[1].clock_hz, 8000);
    a = sound_of("111 110 126", WIDE NARROW, "111 126", NARROW);
    assert_int_equal(a.n_events, 1);
    assert_int_equal(a.events[0].pt, 126);
    assert_int_equal(a.events[0].clock_hz, 8000);
    assert_int_equal(sound_of("111 110", WIDE, "111 126", NARROW).n_events, 0);
    assert_int_equal(sound_of("111 110", WIDE, "111", "").n_events, 0);
    /* RFC 4733 §2.1: what has the clock of the codec comes first. */
    a = any_sound_of("0 111 110 126", WIDE NARROW, "0 111 110 126", WIDE NARROW);
    assert_int_equal(a.codec, RILL_CODEC_PCMU);
    assert_int_equal(a.n_events, 2);
    assert_int_equal(a.events[0].pt, 126);
    assert_int_equal(a.events[1].pt, 110);
}

/* RFC 3389 §5.1: "implies that this comfort noise payload format will not be used". */
static void sdp_agrees_on_comfort_noise_beside_g711(void **state)
{
    (void)state;
    assert_int_equal(any_sound_of("0 13", "", "0 13", "").noise_pt, 13);
    assert_int_equal(any_sound_of("111 8 13", "", "111 8 13", "").noise_pt, 13);
    assert_int_equal(
        any_sound_of("0 100", "a=rtpmap:100 CN/8000\r\n", "0 100", "a=rtpmap:100 CN/8000\r\n")
            .noise_pt,
        100);
    assert_int_equal(any_sound_of("0 13", "", "0", "").noise_pt, 0);
    assert_int_equal(any_sound_of("0", "", "0 13", "").noise_pt, 0);
    /* Opus alone has its own. */
    assert_int_equal(any_sound_of("111 0 13", "", "111 13", "").noise_pt, 0);
    assert_int_equal(
        any_sound_of("0 100", "a=rtpmap:100 CN/16000\r\n", "0 100", "a=rtpmap:100 CN/16000\r\n")
            .noise_pt,
        0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_agrees_with_a_chromium_answer),
        cmocka_unit_test(sdp_agrees_with_a_firefox_answer),
        cmocka_unit_test(sdp_sends_only_to_a_browser_without_media),
        cmocka_unit_test(sdp_agrees_that_an_unknown_codec_is_off),
        cmocka_unit_test(sdp_refuses_answers_that_are_not_bundled),
        cmocka_unit_test(sdp_agrees_as_the_answerer),
        cmocka_unit_test(sdp_agrees_alike_on_both_sides_of_a_call),
        cmocka_unit_test(sdp_agree_fills_no_more_rows_than_it_is_given),
        cmocka_unit_test(sdp_refuses_an_answer_with_another_number_of_media),
        cmocka_unit_test(sdp_refuses_an_answer_of_another_kind_or_protocol),
        cmocka_unit_test(sdp_refuses_an_answer_that_revives_a_media),
        cmocka_unit_test(sdp_refuses_an_answer_that_breaks_the_bundle),
        cmocka_unit_test(sdp_refuses_an_answer_without_rtcp_mux),
        cmocka_unit_test(sdp_refuses_an_answer_without_a_common_codec),
        cmocka_unit_test(sdp_refuses_an_answer_it_could_not_trust),
        cmocka_unit_test(sdp_agrees_when_only_the_tagged_media_has_the_transport),
        cmocka_unit_test(sdp_agrees_on_extensions_in_the_directions_that_both_allow),
        cmocka_unit_test(sdp_agrees_on_what_is_said_of_a_frame_in_each_direction),
        cmocka_unit_test(sdp_agrees_on_further_numbers_of_the_codec),
        cmocka_unit_test(sdp_tells_who_is_the_dtls_client),
        cmocka_unit_test(sdp_refuses_setups_that_leave_the_client_open),
        cmocka_unit_test(sdp_tags_nothing_where_all_is_rejected),
        cmocka_unit_test(sdp_agrees_on_redundancy_and_who_asks_for_it),
        cmocka_unit_test(sdp_agrees_on_what_the_other_opus_decoder_says_of_itself),
        cmocka_unit_test(sdp_agrees_on_the_longer_of_two_intervals_between_reports),
        cmocka_unit_test(sdp_agrees_on_feedback_for_each_payload_type),
        cmocka_unit_test(sdp_agrees_on_the_codecs_behind_the_first_one),
        cmocka_unit_test(sdp_agrees_on_telephone_events_of_either_clock),
        cmocka_unit_test(sdp_agrees_on_comfort_noise_beside_g711),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
