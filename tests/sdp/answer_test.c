/* answer_test: offers and answers made here: what they say, and what they leave out. */
#include "tests/sdp/sdp_test.h"

/* An offer of a file or text, and our answer to it, written and read again. */
struct exchange {
    struct sdp_test offer, made, answer;
    struct sdp_test_side side;
};

static void answer_offer(struct exchange *x)
{
    assert_int_equal(x->offer.rc, 0);
    sdp_test_answer(&x->made, x->offer.s, &x->side.local);
    if (x->made.rc < 0)
        return;
    sdp_test_reparse(&x->answer, x->made.s);
    assert_int_equal(x->answer.rc, 0);
    assert_int_equal(x->answer.s->attributes_rejected, 0);
    assert_int_equal(x->answer.s->n_media, x->offer.s->n_media);
}

static void begin_file(struct exchange *x, const char *name)
{
    *x = (struct exchange){0};
    sdp_test_side(&x->side);
    sdp_test_parse_file(&x->offer, name);
    answer_offer(x);
}

static void begin(struct exchange *x, const char *text)
{
    *x = (struct exchange){0};
    sdp_test_side(&x->side);
    sdp_test_parse(&x->offer, text);
    answer_offer(x);
}

static void finish(struct exchange *x)
{
    sdp_test_close(&x->offer);
    sdp_test_close(&x->made);
    sdp_test_close(&x->answer);
}

/* What every accepted m-line of an answer has. */
static void assert_accepted(const struct rill_sdp_media *m, const struct rill_sdp_media *o)
{
    assert_int_equal(m->port, 9);
    assert_true(rill_view_equal(m->kind, o->kind) && rill_view_equal(m->proto, o->proto));
    assert_true(rill_view_equal(m->mid, o->mid));
    assert_text(m->connection, "0.0.0.0");
    assert_text(m->ice_ufrag, "rill");
    assert_text(m->ice_pwd, "abcdefghijklmnopqrstuvwx");
    assert_int_equal(m->n_fingerprints, 1);
    assert_text(m->fingerprints[0].hash, "sha-256");
    assert_true(rill_view_starts(m->fingerprints[0].value, "D8:30:A0:04:00:"));
    assert_int_equal(m->fingerprints[0].value.n, 95);
    assert_true(m->rtcp_mux && !m->rtcp_mux_only); /* RFC 8858 §4: not in an answer */
    assert_int_equal(m->rtcp_rsize, o->rtcp_rsize);
    /* One codec, and what goes with it where that was offered: of VP8 its retransmission (RFC
     * 4588), of Opus its redundancy (RFC 2198) and telephone events (RFC 4733). */
    static const char *const helpers[] = {"rtx", "red", "telephone-event"};
    size_t others = 0, offered = 0;
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < m->n_codecs; i++)
            others += rill_view_is(m->codecs[i].name, helpers[k]);
        for (size_t i = 0; i < o->n_codecs; i++)
            offered += rill_view_is(o->codecs[i].name, helpers[k]);
    }
    assert_int_equal(m->n_codecs - others, 1);
    assert_int_equal(m->n_fmts, m->n_codecs);
    assert_true(rill_view_is(m->kind, "video") || others == offered);
    assert_false(m->bundle_only);
}

static void assert_rejected(const struct rill_sdp_media *m, const struct rill_sdp_media *o)
{
    assert_int_equal(m->port, 0);
    assert_true(rill_view_equal(m->kind, o->kind) && rill_view_equal(m->proto, o->proto));
    assert_true(rill_view_equal(m->mid, o->mid));
    assert_true(m->n_fmts >= 1);
    assert_null(m->ice_ufrag.p);
    assert_int_equal(m->direction, RILL_SDP_INACTIVE);
}

static const struct {
    const char *file;
    const char *opus, *vp8;
    uint16_t mid_audio, mid_video;
    bool data;
    enum rill_sdp_direction direction;
} offers[] = {
    {"chromium156_offer_av_sendrecv.sdp", "111", "96", 4, 4, false, RILL_SDP_SENDRECV},
    {"chromium156_offer_av_sendrecv_gathered.sdp", "111", "96", 4, 4, false, RILL_SDP_SENDRECV},
    {"chromium156_offer_av_plus_data.sdp", "111", "96", 4, 4, true, RILL_SDP_SENDRECV},
    {"chromium156_offer_av_plus_data_gathered.sdp", "111", "96", 4, 4, true, RILL_SDP_SENDRECV},
    {"chromium156_offer_av_recvonly_transceivers.sdp", "111", "96", 4, 4, false, RILL_SDP_SENDONLY},
    {"chromium156_offer_av_recvonly_transceivers_gathered.sdp", "111", "96", 4, 4, false,
     RILL_SDP_SENDONLY},
    {"firefox153_offer_av_sendrecv.sdp", "109", "120", 3, 3, false, RILL_SDP_SENDRECV},
    {"firefox153_offer_av_sendrecv_gathered.sdp", "109", "120", 3, 3, false, RILL_SDP_SENDRECV},
    {"firefox153_offer_av_plus_data.sdp", "109", "120", 3, 3, true, RILL_SDP_SENDRECV},
    {"firefox153_offer_av_plus_data_gathered.sdp", "109", "120", 3, 3, true, RILL_SDP_SENDRECV},
    {"firefox153_offer_av_recvonly_transceivers.sdp", "109", "120", 3, 3, false, RILL_SDP_SENDONLY},
    {"firefox153_offer_av_recvonly_transceivers_gathered.sdp", "109", "120", 3, 3, false,
     RILL_SDP_SENDONLY},
    {"minimal_offer_av.sdp", "111", "96", 0, 1, false, RILL_SDP_SENDRECV},
    {"minimal_offer_av_icelite.sdp", "111", "96", 0, 1, false, RILL_SDP_SENDRECV},
    {"minimal_offer_avd.sdp", "111", "96", 0, 1, true, RILL_SDP_SENDRECV},
    {"minimal_offer_avd_passive.sdp", "111", "96", 0, 1, true, RILL_SDP_SENDRECV},
};

#define NUMBERS RILL_SDP_EXT_TRANSPORT_CC
#define DEPARTURE RILL_SDP_EXT_ABS_SEND_TIME

/* Transport-wide numbers and their feedback are ours when they were offered (NULL: it is our
 * offer). Returns how many feedbacks there are beside. */
static size_t assert_numbers(const struct rill_sdp_media *m, const struct rill_sdp_media *offered)
{
    uint8_t pt = m->codecs[0].pt;
    bool feedback = !offered || rill_sdp_has_rtcp_fb(offered, pt, "transport-cc");
    assert_int_equal(rill_sdp_find_extmap(m, NUMBERS),
                     offered ? rill_sdp_find_extmap(offered, NUMBERS) : 3);
    assert_int_equal(rill_sdp_has_rtcp_fb(m, pt, "transport-cc"), feedback);
    return m->n_rtcp_fbs - feedback;
}

/* Beside MID: as our offer has them, or those of the other's offer that we know. */
static size_t marks_of(const struct rill_sdp_media *m, const struct rill_sdp_media *offered)
{
    static const struct {
        const char *uri;
        uint16_t id;
        bool audio, video;
    } marks[] = {
        {DEPARTURE, 2, true, true},
        {RILL_SDP_EXT_AUDIO_LEVEL, 1, true, false},
        {RILL_SDP_EXT_CAPTURE_TIME, 9, true, true},
        {RILL_SDP_EXT_ORIENTATION, 13, false, true},
        {RILL_SDP_EXT_PLAYOUT_DELAY, 5, false, true},
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        bool ours = rill_view_is(m->kind, "audio") ? marks[i].audio : marks[i].video;
        uint16_t id = !ours     ? 0
                      : offered ? rill_sdp_find_extmap(offered, marks[i].uri)
                                : marks[i].id;
        assert_int_equal(rill_sdp_find_extmap(m, marks[i].uri), id);
        n += id > 0;
    }
    return n + (rill_sdp_find_extmap(m, NUMBERS) ? 1 : 0);
}

static void assert_audio(const struct rill_sdp_media *a, const char *pt, uint16_t ext_mid,
                         const struct rill_sdp_media *offered)
{
    assert_text(a->fmts[0], pt);
    assert_text(a->codecs[0].name, "opus");
    assert_int_equal(a->codecs[0].channels, 2);
    assert_text(rill_sdp_find_fmtp(a, a->codecs[0].pt), "minptime=10;useinbandfec=1");
    assert_int_equal(assert_numbers(a, offered), 0);
    assert_int_equal(a->n_extmaps, (ext_mid ? 1 : 0) + marks_of(a, offered));
    assert_int_equal(rill_sdp_find_extmap(a, RILL_SDP_EXT_MID), ext_mid);
    assert_text(a->msids[0].stream, "stream");
    assert_text(a->msids[0].track, "mic");
    assert_int_equal(a->n_ssrcs, 1);
    assert_int_equal(a->ssrcs[0].ssrc, 1001);
    assert_text(a->ssrcs[0].cname, "cname");
    assert_text(a->ssrcs[0].msid, "stream mic");
}

static void assert_video(const struct rill_sdp_media *v, const char *pt, uint16_t ext_mid,
                         const struct rill_sdp_media *offered)
{
    assert_text(v->fmts[0], pt);
    assert_text(v->codecs[0].name, "VP8");
    assert_int_equal(v->n_fmtps, v->n_codecs - 1);
    bool remb = !offered || rill_sdp_has_rtcp_fb(offered, v->codecs[0].pt, "goog-remb");
    assert_int_equal(rill_sdp_has_rtcp_fb(v, v->codecs[0].pt, "goog-remb"), remb);
    assert_int_equal(assert_numbers(v, offered), 3 + remb);
    assert_true(rill_sdp_has_rtcp_fb(v, v->codecs[0].pt, "nack"));
    assert_true(rill_sdp_has_rtcp_fb(v, v->codecs[0].pt, "nack pli"));
    assert_true(rill_sdp_has_rtcp_fb(v, v->codecs[0].pt, "ccm fir"));
    assert_int_equal(v->n_extmaps, 1 + marks_of(v, offered));
    assert_int_equal(rill_sdp_find_extmap(v, RILL_SDP_EXT_MID), ext_mid);
    assert_int_equal(v->ssrcs[0].ssrc, 1002);
    assert_int_equal(v->n_ssrc_groups, 0);
}

static void sdp_answers_every_offer_of_a_browser(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        struct exchange x;
        begin_file(&x, offers[i].file);
        assert_int_equal(x.made.rc, 0);
        const struct rill_sdp_media *m = x.answer.s->media, *o = x.offer.s->media;
        assert_int_equal(x.answer.s->n_groups, 1);
        assert_int_equal(x.answer.s->groups[0].n, 2);
        assert_text(x.answer.s->groups[0].mids[0], "0");
        assert_text(x.answer.s->groups[0].mids[1], "1");
        for (size_t k = 0; k < 2; k++) {
            assert_accepted(&m[k], &o[k]);
            assert_int_equal(m[k].setup, RILL_SDP_SETUP_ACTIVE);
            assert_int_equal(m[k].direction, offers[i].direction);
            assert_true(m[k].ice_trickle);
            assert_int_equal(m[k].n_candidates, k == 0 ? 1 : 0);
        }
        assert_audio(&m[0], offers[i].opus, offers[i].mid_audio, &o[0]);
        assert_video(&m[1], offers[i].vp8, offers[i].mid_video, &o[1]);
        if (offers[i].data)
            assert_rejected(&m[2], &o[2]);
        finish(&x);
    }
}

static void sdp_answers_nothing_when_only_data_is_offered(void **state)
{
    (void)state;
    static const char *const files[] = {"chromium156_offer_data_only.sdp",
                                        "firefox153_offer_data_only_gathered.sdp",
                                        "minimal_offer_data.sdp"};
    for (size_t i = 0; i < 3; i++) {
        struct exchange x;
        begin_file(&x, files[i]);
        assert_int_equal(x.made.rc, 0);
        assert_int_equal(x.answer.s->n_groups, 0);
        assert_rejected(&x.answer.s->media[0], &x.offer.s->media[0]);
        assert_text(x.answer.s->media[0].fmts[0], "webrtc-datachannel");
        finish(&x);
    }
}

static void sdp_answers_an_offer_without_media(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, SDP_HEAD);
    assert_int_equal(x.made.rc, 0);
    assert_int_equal(x.answer.s->n_media, 0);
    finish(&x);
}

/* One transport: the first that we can do has it. */
static void sdp_answers_one_media_of_an_offer_without_bundle(void **state)
{
    (void)state;
    struct exchange x;
    begin_file(&x, "minimal_offer_av_no_bundle_no_msid.sdp");
    assert_int_equal(x.answer.s->n_groups, 0);
    assert_accepted(&x.answer.s->media[0], &x.offer.s->media[0]);
    assert_rejected(&x.answer.s->media[1], &x.offer.s->media[1]);
    finish(&x);
}

static void sdp_rejects_a_media_whose_codecs_it_does_not_know(void **state)
{
    (void)state;
    struct exchange x;
    begin_file(&x, "minimal_offer_unknown_codec.sdp");
    assert_accepted(&x.answer.s->media[0], &x.offer.s->media[0]);
    assert_rejected(&x.answer.s->media[1], &x.offer.s->media[1]);
    assert_int_equal(x.answer.s->groups[0].n, 1);
    finish(&x);
}

/* RFC 5761 §5.1.1 and the policy "require". */
static void sdp_rejects_a_media_without_rtcp_mux(void **state)
{
    (void)state;
    struct exchange x;
    begin_file(&x, "minimal_offer_bad_nomux.sdp");
    assert_int_equal(x.made.rc, 0);
    assert_rejected(&x.answer.s->media[0], &x.offer.s->media[0]);
    assert_int_equal(x.answer.s->n_groups, 0);
    finish(&x);
}

static void sdp_answers_active_where_setup_is_missing(void **state)
{
    (void)state;
    struct exchange x;
    begin_file(&x, "minimal_offer_bad_setup_missing.sdp");
    assert_int_equal(x.answer.s->media[0].setup, RILL_SDP_SETUP_ACTIVE);
    finish(&x);
}

/* An audio m-line with its own setup line, and more lines after it. */
#define OFFER(setup, more)                                                                         \
    SDP_HEAD                                                                                       \
    "a=group:BUNDLE 0\r\n" SDP_AUDIO                                                               \
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\na=fingerprint:sha-256 " SDP_PRINT     \
    "\r\na=rtcp-mux\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n" setup more

static void sdp_answers_the_setup_that_fits(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, OFFER("a=setup:active\r\n", ""));
    assert_int_equal(x.answer.s->media[0].setup, RILL_SDP_SETUP_PASSIVE);
    finish(&x);
    begin(&x, OFFER("a=setup:passive\r\n", ""));
    assert_int_equal(x.answer.s->media[0].setup, RILL_SDP_SETUP_ACTIVE);
    finish(&x);
    begin(&x, OFFER("a=setup:actpass\r\n", ""));
    assert_int_equal(x.answer.s->media[0].setup, RILL_SDP_SETUP_ACTIVE);
    finish(&x);
}

static void sdp_refuses_an_offer_to_hold_the_connection(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, OFFER("a=setup:holdconn\r\n", ""));
    assert_row(x.made.rc, SDP_SETUP);
    finish(&x);
}

static int rc_of_answer(const char *text, size_t *mline)
{
    struct exchange x;
    begin(&x, text);
    int rc = x.made.rc;
    *mline = (size_t)x.made.why.value;
    finish(&x);
    return rc;
}

#define ICE "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n"
#define OPUS "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"

static void sdp_refuses_an_offer_without_a_fingerprint_it_trusts(void **state)
{
    (void)state;
    size_t mline = 9;
    assert_row(rc_of_answer(SDP_HEAD SDP_AUDIO ICE OPUS, &mline), SDP_NO_FINGERPRINT);
    assert_int_equal(mline, 0);
    assert_row(rc_of_answer(SDP_HEAD SDP_AUDIO ICE OPUS
                            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
                            &mline),
               SDP_NO_FINGERPRINT);
    assert_row(rc_of_answer(SDP_HEAD "m=audio 9 RTP/SAVP 111\r\n" ICE OPUS
                                     "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
                            &mline),
               SDP_NO_FINGERPRINT);
    assert_row(rc_of_answer(SDP_HEAD SDP_AUDIO ICE OPUS
                            "a=fingerprint:sha-1 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:"
                            "10:11:12:13\r\n",
                            &mline),
               SDP_NO_FINGERPRINT);
    assert_int_equal(rc_of_answer(SDP_HEAD SDP_AUDIO ICE OPUS
                                  "a=fingerprint:md5 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:"
                                  "0F\r\na=fingerprint:SHA-256 " SDP_PRINT "\r\n",
                                  &mline),
                     0);
}

static void sdp_refuses_an_offer_without_ice_credentials(void **state)
{
    (void)state;
    size_t mline;
    assert_row(
        rc_of_answer(SDP_HEAD "a=fingerprint:sha-256 " SDP_PRINT "\r\n" SDP_AUDIO OPUS, &mline),
        SDP_NO_ICE);
    assert_row(rc_of_answer(SDP_HEAD "a=fingerprint:sha-256 " SDP_PRINT "\r\n" SDP_AUDIO OPUS
                                     "a=ice-ufrag:abcd\r\na=ice-pwd:short\r\n",
                            &mline),
               SDP_NO_ICE);
}

static void sdp_mirrors_the_direction(void **state)
{
    (void)state;
    static const struct {
        const char *offered;
        enum rill_sdp_direction ours, answered;
    } rows[] = {
        {"a=sendrecv\r\n", RILL_SDP_SENDRECV, RILL_SDP_SENDRECV},
        {"a=sendrecv\r\n", RILL_SDP_SENDONLY, RILL_SDP_SENDONLY},
        {"a=sendrecv\r\n", RILL_SDP_RECVONLY, RILL_SDP_RECVONLY},
        {"", RILL_SDP_SENDRECV, RILL_SDP_SENDRECV},
        {"a=sendonly\r\n", RILL_SDP_SENDRECV, RILL_SDP_RECVONLY},
        {"a=sendonly\r\n", RILL_SDP_SENDONLY, RILL_SDP_INACTIVE},
        {"a=recvonly\r\n", RILL_SDP_SENDRECV, RILL_SDP_SENDONLY},
        {"a=recvonly\r\n", RILL_SDP_RECVONLY, RILL_SDP_INACTIVE},
        {"a=inactive\r\n", RILL_SDP_SENDRECV, RILL_SDP_INACTIVE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct exchange x = {0};
        char text[1024];
        sdp_test_side(&x.side);
        x.side.tracks[0].direction = rows[i].ours;
        snprintf(text, sizeof text, "%s%s", OFFER("a=setup:actpass\r\n", ""), rows[i].offered);
        sdp_test_parse(&x.offer, text);
        answer_offer(&x);
        assert_int_equal(x.answer.s->media[0].direction, rows[i].answered);
        assert_int_equal(x.answer.s->media[0].n_ssrcs, rill_sdp_sends(rows[i].answered) ? 1 : 0);
        assert_int_equal(x.answer.s->media[0].n_msids, rill_sdp_sends(rows[i].ours) ? 1 : 0);
        finish(&x);
    }
}

#define TWO_MLINES(group, of_sound, of_pictures)                                                   \
    SDP_HEAD group SDP_AUDIO SDP_TRANSPORT                                                         \
        "a=mid:0\r\na=rtpmap:111 opus/48000/2\r\na=extmap:1 " RILL_SDP_EXT_MID                     \
        "\r\na=extmap:2 " of_sound "\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n" SDP_TRANSPORT          \
        "a=mid:1\r\na=rtpmap:96 VP8/90000\r\na=extmap:1 " RILL_SDP_EXT_MID                         \
        "\r\na=extmap:2 " of_pictures "\r\n"
#define LEVEL "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

/* RFC 9143 §12: "the identifier used for a given extension MUST identify the same extension across
 * all the bundled media descriptions." */
static void sdp_does_not_answer_an_id_that_means_two_extensions_in_a_bundle(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, TWO_MLINES("a=group:BUNDLE 0 1\r\n", LEVEL, RILL_SDP_EXT_ABS_SEND_TIME));
    assert_int_equal(rill_sdp_find_extmap(&x.answer.s->media[0], RILL_SDP_EXT_MID), 1);
    assert_int_equal(rill_sdp_find_extmap(&x.answer.s->media[0], LEVEL), 0);
    assert_int_equal(rill_sdp_find_extmap(&x.answer.s->media[1], RILL_SDP_EXT_ABS_SEND_TIME), 0);
    finish(&x);
    begin(&x, TWO_MLINES("a=group:BUNDLE 0 1\r\n", LEVEL, LEVEL));
    assert_int_equal(rill_sdp_find_extmap(&x.answer.s->media[0], LEVEL), 2);
    finish(&x);
    begin(&x, TWO_MLINES("", LEVEL, RILL_SDP_EXT_ABS_SEND_TIME));
    assert_int_equal(rill_sdp_find_extmap(&x.answer.s->media[0], LEVEL), 2);
    finish(&x);
}

static void sdp_keeps_offered_extension_ids_and_turns_their_direction(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, OFFER("", "a=extmap:7 urn:other\r\na=extmap:9/recvonly " RILL_SDP_EXT_MID
                        "\r\na=extmap:10 " RILL_SDP_EXT_MID "\r\n"));
    const struct rill_sdp_media *m = &x.answer.s->media[0];
    assert_int_equal(m->n_extmaps, 1);
    assert_int_equal(m->extmaps[0].id, 9);
    assert_true(m->extmaps[0].has_direction);
    assert_int_equal(m->extmaps[0].direction, RILL_SDP_SENDONLY);
    finish(&x);
    begin(&x, OFFER("", "a=extmap:15 " RILL_SDP_EXT_MID "\r\n"));
    assert_int_equal(x.answer.s->media[0].n_extmaps, 0);
    finish(&x);
    /* RFC 8285 §6: ids above 14 need two-byte elements, which stand beside others by agreement. */
    begin(&x, OFFER("", "a=extmap:16 " RILL_SDP_EXT_MID "\r\n"));
    assert_int_equal(x.answer.s->media[0].n_extmaps, 0);
    finish(&x);
    begin(&x,
          OFFER("", "a=extmap-allow-mixed\r\na=extmap:15 urn:a\r\na=extmap:255 " RILL_SDP_EXT_MID
                    "\r\n"));
    assert_int_equal(x.answer.s->media[0].n_extmaps, 1);
    assert_int_equal(rill_sdp_find_extmap(&x.answer.s->media[0], RILL_SDP_EXT_MID), 255);
    assert_true(x.answer.s->media[0].extmap_allow_mixed);
    finish(&x);
}

static void sdp_answers_codecs_in_the_order_and_numbers_of_the_offer(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, SDP_HEAD "m=video 9 UDP/TLS/RTP/SAVPF 35 101 100 101 99 98\r\n" SDP_TRANSPORT
                       "a=rtpmap:100 vp8/90000\r\na=rtpmap:101 VP8/90000\r\n"
                       "a=rtpmap:99 VP8/48000\r\na=rtpmap:98 H264/90000\r\n"
                       "a=rtcp-fb:* nack\r\na=rtcp-fb:100 ccm fir\r\na=rtcp-fb:101 goog-remb\r\n");
    const struct rill_sdp_media *m = &x.answer.s->media[0];
    assert_int_equal(m->n_fmts, 2);
    assert_text(m->fmts[0], "101");
    assert_text(m->fmts[1], "100");
    assert_true(rill_sdp_has_rtcp_fb(m, 101, "nack"));
    assert_false(rill_sdp_has_rtcp_fb(m, 101, "ccm fir"));
    assert_true(rill_sdp_has_rtcp_fb(m, 100, "ccm fir"));
    assert_true(rill_sdp_has_rtcp_fb(m, 101, "goog-remb"));
    assert_int_equal(m->n_rtcp_fbs, 4);
    assert_null(m->mid.p);
    finish(&x);
}

/* RFC 9143 §7.3.1: the tag moves on when its m-line is rejected. */
static void sdp_tags_the_first_bundled_media_it_keeps(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, SDP_HEAD
          "a=group:BUNDLE d v a\r\n" SDP_AUDIO SDP_TRANSPORT
          "a=mid:a\r\na=rtpmap:111 opus/48000/2\r\n"
          "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" SDP_TRANSPORT "a=mid:v\r\na=rtpmap:96 VP8/90000\r\n"
          "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" SDP_TRANSPORT "a=mid:d\r\n");
    assert_int_equal(x.answer.s->groups[0].n, 2);
    assert_text(x.answer.s->groups[0].mids[0], "v");
    assert_text(x.answer.s->groups[0].mids[1], "a");
    assert_int_equal(rill_sdp_tagged(x.answer.s, 1), 1);
    assert_int_equal(x.answer.s->media[0].n_candidates, 0);
    assert_int_equal(x.answer.s->media[1].n_candidates, 1);
    finish(&x);
}

/* RFC 9143 §6 and §7.1.3: port 0, and the transport stands in the tagged m-line. */
static void sdp_takes_a_bundle_only_media(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, SDP_HEAD "a=group:BUNDLE a v\r\n" SDP_AUDIO SDP_TRANSPORT
                       "a=mid:a\r\na=rtpmap:111 opus/48000/2\r\n"
                       "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only\r\n"
                       "a=mid:v\r\na=rtpmap:96 VP8/90000\r\n");
    assert_int_equal(x.answer.s->groups[0].n, 2);
    assert_accepted(&x.answer.s->media[1], &x.offer.s->media[1]);
    finish(&x);
}

/* One that brings its own transport must say a=rtcp-mux itself. */
static void sdp_rejects_one_of_a_bundle_without_rtcp_mux(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, SDP_HEAD "a=group:BUNDLE a v\r\n" SDP_AUDIO SDP_TRANSPORT
                       "a=mid:a\r\na=rtpmap:111 opus/48000/2\r\n"
                       "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:efgh\r\n"
                       "a=mid:v\r\na=rtpmap:96 VP8/90000\r\n");
    assert_int_equal(x.answer.s->groups[0].n, 1);
    assert_rejected(&x.answer.s->media[1], &x.offer.s->media[1]);
    finish(&x);
}

/* One whose credentials are the tagged one's, or the session's, brings none of its own. */
static void sdp_takes_one_of_a_bundle_that_repeats_the_credentials(void **state)
{
    (void)state;
    static const char *const places[][2] = {{"", "a=ice-ufrag:abcd\r\n"},
                                            {"a=ice-ufrag:abcd\r\n", ""}};
    for (size_t i = 0; i < 2; i++) {
        struct exchange x;
        char text[2048];
        snprintf(text, sizeof text,
                 SDP_HEAD "%sa=group:BUNDLE a v\r\n" SDP_AUDIO SDP_TRANSPORT
                          "a=mid:a\r\na=rtpmap:111 opus/48000/2\r\n"
                          "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n%s"
                          "a=mid:v\r\na=rtpmap:96 VP8/90000\r\n",
                 places[i][0], places[i][1]);
        begin(&x, text);
        assert_int_equal(x.answer.s->groups[0].n, 2);
        assert_accepted(&x.answer.s->media[1], &x.offer.s->media[1]);
        finish(&x);
    }
}

static void sdp_takes_no_other_group_for_a_bundle(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, SDP_HEAD "a=group:LS a v\r\n" SDP_AUDIO SDP_TRANSPORT
                       "a=mid:a\r\na=rtpmap:111 opus/48000/2\r\n"
                       "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" SDP_TRANSPORT
                       "a=mid:v\r\na=rtpmap:96 VP8/90000\r\n");
    assert_int_equal(x.answer.s->n_groups, 0);
    assert_int_equal(x.answer.s->media[0].port, 9);
    assert_int_equal(x.answer.s->media[1].port, 0);
    finish(&x);
}

static void sdp_leaves_a_disabled_media_disabled(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, SDP_HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n" SDP_TRANSPORT OPUS);
    assert_int_equal(x.made.rc, 0);
    assert_rejected(&x.answer.s->media[0], &x.offer.s->media[0]);
    finish(&x);
}

static void sdp_rejects_what_is_outside_the_first_bundle(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, SDP_HEAD
          "a=group:BUNDLE gone\r\na=group:BUNDLE b\r\na=group:BUNDLE a\r\n" SDP_AUDIO SDP_TRANSPORT
          "a=mid:a\r\na=rtpmap:111 opus/48000/2\r\n" SDP_AUDIO SDP_TRANSPORT
          "a=mid:b\r\na=rtpmap:111 opus/48000/2\r\n");
    assert_int_equal(x.answer.s->media[0].port, 0);
    assert_int_equal(x.answer.s->media[1].port, 9);
    assert_int_equal(x.answer.s->groups[0].n, 1);
    finish(&x);
}

/* RFC 8853: what we do not do is left out, and the m-line is answered all the same. */
static void sdp_answers_simulcast_without_it(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, OFFER("", "a=rid:h send\r\na=rid:l send\r\na=simulcast:send h;l\r\n"));
    assert_int_equal(x.answer.s->media[0].port, 9);
    assert_int_equal(x.answer.s->media[0].n_rids, 0);
    assert_null(x.answer.s->media[0].simulcast.p);
    finish(&x);
}

/* RFC 9429 §5.3.1: only an offer with trickle is answered with it. */
static void sdp_answers_ice_options_only_where_offered(void **state)
{
    (void)state;
    struct exchange x;
    begin(&x, OFFER("", ""));
    assert_false(x.answer.s->media[0].ice_trickle || x.answer.s->media[0].ice2);
    finish(&x);
    begin(&x, OFFER("", "a=ice-options:trickle ice2\r\n"));
    assert_true(x.answer.s->media[0].ice_trickle && x.answer.s->media[0].ice2);
    assert_false(x.answer.s->media[0].ice_renomination);
    finish(&x);
    begin(&x, OFFER("", "a=ice-options:renomination trickle\r\n"));
    assert_true(x.answer.s->media[0].ice_trickle && x.answer.s->media[0].ice_renomination);
    assert_false(x.answer.s->media[0].ice2);
    finish(&x);
}

/* RFC 8842 §5.3, with and without one in the offer. */
static void sdp_answers_a_tls_id_only_where_offered(void **state)
{
    (void)state;
    static const char *const lines[] = {"", "a=tls-id:abc3de65cddef001be82\r\n"};
    for (size_t i = 0; i < 2; i++) {
        struct exchange x = {0};
        char text[1024];
        sdp_test_side(&x.side);
        x.side.transports[0].tls_id = rill_view_of("0123456789abcdef0123");
        snprintf(text, sizeof text, "%s%s", OFFER("a=setup:actpass\r\n", ""), lines[i]);
        sdp_test_parse(&x.offer, text);
        answer_offer(&x);
        assert_int_equal(x.answer.s->media[0].tls_id.n, i == 0 ? 0 : 20);
        finish(&x);
    }
}

static void sdp_answers_each_media_by_its_own_entry(void **state)
{
    (void)state;
    struct exchange x = {0};
    sdp_test_side(&x.side);
    x.side.tracks[1].kind = RILL_AUDIO;
    sdp_test_parse(&x.offer, SDP_HEAD
                   "a=group:BUNDLE 0 1 2\r\n" SDP_AUDIO SDP_TRANSPORT
                   "a=sendonly\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n" SDP_AUDIO SDP_TRANSPORT
                   "a=mid:1\r\na=rtpmap:111 opus/48000/2\r\n" SDP_AUDIO SDP_TRANSPORT
                   "a=mid:2\r\na=rtpmap:111 opus/48000/2\r\n");
    answer_offer(&x);
    const struct rill_sdp_media *m = x.answer.s->media;
    assert_int_equal(m[0].direction, RILL_SDP_RECVONLY);
    assert_int_equal(m[0].n_ssrcs, 0);
    assert_int_equal(m[1].ssrcs[0].ssrc, 1002);
    assert_int_equal(m[2].direction, RILL_SDP_RECVONLY);
    finish(&x);
}

static void sdp_answers_an_entry_that_is_off_with_port_0(void **state)
{
    (void)state;
    struct exchange x = {0};
    sdp_test_side(&x.side);
    x.side.tracks[0].off = true;
    sdp_test_parse_file(&x.offer, "minimal_offer_av.sdp");
    answer_offer(&x);
    assert_rejected(&x.answer.s->media[0], &x.offer.s->media[0]);
    assert_int_equal(x.answer.s->media[1].port, 9);
    finish(&x);
}

static void sdp_answers_with_the_role_that_goes_on(void **state)
{
    (void)state;
    struct exchange x = {0};
    sdp_test_side(&x.side);
    x.side.transports[0].role = RILL_SDP_SETUP_PASSIVE;
    sdp_test_parse_file(&x.offer, "minimal_offer_av.sdp");
    answer_offer(&x);
    assert_int_equal(x.answer.s->media[0].setup, RILL_SDP_SETUP_PASSIVE);
    finish(&x);
}

static void sdp_refuses_to_answer_in_too_small_an_arena(void **state)
{
    (void)state;
    struct exchange x;
    begin_file(&x, "minimal_offer_avd.sdp");
    int rc = RILL_SDP_NO_ROOM;
    size_t n = 0;
    for (; rc < 0 && n < 16384; n += 8) {
        uint8_t *block = malloc(n + 1);
        struct rill_arena arena = rill_arena_over(block, n);
        const struct rill_sdp *s = NULL;
        rc = rill_sdp_create_answer(x.offer.s, &x.side.local, &arena, &s, NULL);
        free(block);
        if (rc < 0)
            assert_row(rc, SDP_NO_ROOM);
    }
    assert_int_equal(rc, 0);
    finish(&x);
}

static void sdp_offers_what_both_browsers_take(void **state)
{
    (void)state;
    struct sdp_test_side side;
    struct sdp_test made, offer;
    sdp_test_side(&side);
    side.local.n_transports = 2;
    sdp_test_open(&made, 8192);
    assert_int_equal(rill_sdp_create_offer(&side.local, &made.arena, &made.s, &made.why), 0);
    sdp_test_reparse(&offer, made.s);
    assert_int_equal(offer.rc, 0);
    assert_int_equal(offer.s->attributes_rejected, 0);
    assert_text(offer.s->session_id, "7");
    assert_true(offer.s->session_version == 2);
    assert_int_equal(offer.s->n_groups, 1);
    assert_int_equal(offer.s->groups[0].n, 2);
    const struct rill_sdp_media *m = offer.s->media;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(m[i].port, 9);
        assert_text(m[i].proto, "UDP/TLS/RTP/SAVPF");
        assert_int_equal(m[i].setup, RILL_SDP_SETUP_ACTPASS);
        assert_true(m[i].rtcp_mux && m[i].rtcp_mux_only && m[i].rtcp_rsize && m[i].ice_trickle &&
                    m[i].ice2);
        /* RFC 9143 §7.2.1: an address of its own for each */
        assert_text(m[i].ice_ufrag, i == 0 ? "rill" : "ril2");
        assert_int_equal(m[i].n_candidates, 1);
        assert_int_equal(m[i].direction, RILL_SDP_SENDRECV);
    }
    assert_text(m[0].mid, "0");
    assert_text(m[1].mid, "1");
    assert_audio(&m[0], "111", 4, NULL);
    assert_video(&m[1], "96", 4, NULL);
    sdp_test_close(&made);
    sdp_test_close(&offer);
}

static void sdp_offers_a_receiver_without_a_source(void **state)
{
    (void)state;
    struct sdp_test_side side;
    struct sdp_test made;
    sdp_test_side(&side);
    side.tracks[0].direction = RILL_SDP_RECVONLY;
    sdp_test_open(&made, 8192);
    assert_int_equal(rill_sdp_create_offer(&side.local, &made.arena, &made.s, &made.why), 0);
    assert_int_equal(made.s->media[0].direction, RILL_SDP_RECVONLY);
    assert_int_equal(made.s->media[0].n_ssrcs, 0);
    assert_int_equal(made.s->media[0].n_msids, 0);
    sdp_test_close(&made);
}

static int rc_of_offer(struct sdp_test_side *side)
{
    struct sdp_test made;
    sdp_test_open(&made, RILL_SDP_TEXT_MAX);
    int rc = rill_sdp_create_offer(&side->local, &made.arena, &made.s, &made.why);
    sdp_test_close(&made);
    return rc;
}

static void sdp_offers_as_many_tracks_as_media_fit(void **state)
{
    (void)state;
    static struct rill_sdp_track tracks[RILL_SDP_MEDIA_MAX + 1];
    struct sdp_test_side side;
    sdp_test_side(&side);
    side.local.tracks = tracks;
    side.local.n_tracks = RILL_SDP_MEDIA_MAX;
    assert_int_equal(rc_of_offer(&side), 0);
    side.local.n_tracks++;
    assert_row(rc_of_offer(&side), SDP_TOO_MANY_MEDIA);
}

/* What an offer of three pictures and a sound leaves for those who do not bundle. */
static void sdp_offers_as_much_without_bundle_as_the_policy_says(void **state)
{
    (void)state;
    static const struct {
        enum rill_sdp_bundle_policy policy;
        bool bundle_only[4];
    } rows[] = {
        {RILL_SDP_BALANCED, {false, false, true, true}},
        {RILL_SDP_MAX_COMPAT, {false, false, false, false}},
        {RILL_SDP_MAX_BUNDLE, {false, true, true, true}},
    };
    for (size_t r = 0; r < 3; r++) {
        struct rill_sdp_track tracks[4] = {
            {.kind = RILL_AUDIO}, {.kind = RILL_VIDEO}, {.kind = RILL_VIDEO}, {.kind = RILL_VIDEO}};
        struct sdp_test_side side;
        struct sdp_test made;
        sdp_test_side(&side);
        side.local.tracks = tracks;
        side.local.n_tracks = 4;
        side.local.policy = rows[r].policy;
        side.local.n_transports = 4;
        sdp_test_open(&made, 8192);
        assert_int_equal(rill_sdp_create_offer(&side.local, &made.arena, &made.s, NULL), 0);
        assert_int_equal(made.s->groups[0].n, 4);
        for (size_t i = 0; i < 4; i++) {
            const struct rill_sdp_media *m = &made.s->media[i];
            assert_int_equal(m->bundle_only, rows[r].bundle_only[i]);
            assert_int_equal(m->port, rows[r].bundle_only[i] ? 0 : 9);
            assert_int_equal(m->ice_ufrag.p == NULL, rows[r].bundle_only[i]);
        }
        sdp_test_close(&made);
    }
}

/* An m-line that is off is offered as it was, without all that it said; the group leaves it out. */
static void sdp_offers_what_is_off_with_port_0(void **state)
{
    (void)state;
    struct exchange x = {0};
    struct sdp_test made;
    sdp_test_side(&x.side);
    sdp_test_parse_file(&x.offer, "minimal_offer_av.sdp");
    x.side.tracks[0].off = true;
    x.side.tracks[0].before = &x.offer.s->media[0];
    x.side.tracks[1].before = &x.offer.s->media[1];
    x.side.tracks[1].mid = rill_view_of("other");
    sdp_test_open(&made, 8192);
    assert_int_equal(rill_sdp_create_offer(&x.side.local, &made.arena, &made.s, NULL), 0);
    assert_rejected(&made.s->media[0], &x.offer.s->media[0]);
    assert_text(made.s->media[1].mid, "other");
    assert_false(made.s->media[1].rtcp_mux_only);
    assert_int_equal(made.s->groups[0].n, 1);
    assert_text(made.s->groups[0].mids[0], "other");
    sdp_test_close(&made);
    finish(&x);
}

/* RFC 7874 §3: with codecs that have no comfort noise of their own. */
static void sdp_offers_comfort_noise_beside_g711(void **state)
{
    static const enum rill_codec_id codecs[] = {RILL_CODEC_OPUS, RILL_CODEC_PCMA};
    (void)state;
    for (size_t n = 1; n <= 2; n++) {
        struct sdp_test_side side;
        struct sdp_test made;
        sdp_test_side(&side);
        side.tracks[0].codecs = codecs;
        side.tracks[0].n_codecs = n;
        sdp_test_open(&made, 8192);
        assert_int_equal(rill_sdp_create_offer(&side.local, &made.arena, &made.s, NULL), 0);
        const struct rill_sdp_media *m = &made.s->media[0];
        size_t noise = 0, events = 0;
        for (size_t i = 0; i < m->n_codecs; i++) {
            noise += rill_view_is(m->codecs[i].name, "CN") && m->codecs[i].pt == 13;
            events += rill_view_is(m->codecs[i].name, "telephone-event");
        }
        assert_int_equal(noise, n - 1);
        assert_int_equal(events, 2);
        sdp_test_close(&made);
    }
}

static void sdp_refuses_to_offer_a_kind_without_codec(void **state)
{
    (void)state;
    struct sdp_test_side side;
    sdp_test_side(&side);
    side.local.caps.n_codecs = 1; /* opus alone */
    assert_row(rc_of_offer(&side), SDP_NO_CODEC);
}

/* RFC 9429 §4.2.6: what was not asked for is not taken, though rill knows it. */
static void sdp_takes_codecs_on_request_where_a_track_names_them(void **state)
{
    static const enum rill_codec_id video[] = {RILL_CODEC_VP9, RILL_CODEC_H264, RILL_CODEC_VP8};
    static const enum rill_codec_id audio[] = {RILL_CODEC_PCMU, RILL_CODEC_OPUS};
    /* H.264 in pieces, and in single NAL units, as the offer has it. */
    static const char *const pictures[] = {"VP9", "H264", "H264", "VP8"};
    struct exchange x = {0};
    (void)state;
    sdp_test_side(&x.side);
    x.side.tracks[0].codecs = audio;
    x.side.tracks[0].n_codecs = 2;
    x.side.tracks[1].codecs = video;
    x.side.tracks[1].n_codecs = 3;
    sdp_test_parse_file(&x.offer, "chromium156_offer_av_sendrecv.sdp");
    answer_offer(&x);
    const struct rill_sdp_media *sound = &x.answer.s->media[0], *seen = &x.answer.s->media[1];
    /* Comfort noise, which Opus has of its own, comes with PCMU (RFC 7874 §3). */
    static const char *const sounds[] = {"PCMU",           "opus", "red", "CN", "telephone-event",
                                         "telephone-event"};
    assert_int_equal(sound->n_codecs, 6);
    for (size_t i = 0; i < 6; i++)
        assert_text(sound->codecs[i].name, sounds[i]);
    assert_int_equal(sound->codecs[0].pt, 0);
    assert_int_equal(seen->n_codecs, 8); /* each with what repairs it behind it */
    for (size_t i = 0; i < 8; i++)
        assert_text(seen->codecs[i].name, i % 2 ? "rtx" : pictures[i / 2]);
    finish(&x);
    begin_file(&x, "chromium156_offer_av_sendrecv.sdp");
    assert_int_equal(x.answer.s->media[1].n_codecs, 2);
    finish(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_answers_every_offer_of_a_browser),
        cmocka_unit_test(sdp_answers_nothing_when_only_data_is_offered),
        cmocka_unit_test(sdp_answers_an_offer_without_media),
        cmocka_unit_test(sdp_answers_one_media_of_an_offer_without_bundle),
        cmocka_unit_test(sdp_rejects_a_media_whose_codecs_it_does_not_know),
        cmocka_unit_test(sdp_rejects_a_media_without_rtcp_mux),
        cmocka_unit_test(sdp_answers_active_where_setup_is_missing),
        cmocka_unit_test(sdp_answers_the_setup_that_fits),
        cmocka_unit_test(sdp_refuses_an_offer_to_hold_the_connection),
        cmocka_unit_test(sdp_refuses_an_offer_without_a_fingerprint_it_trusts),
        cmocka_unit_test(sdp_refuses_an_offer_without_ice_credentials),
        cmocka_unit_test(sdp_mirrors_the_direction),
        cmocka_unit_test(sdp_does_not_answer_an_id_that_means_two_extensions_in_a_bundle),
        cmocka_unit_test(sdp_keeps_offered_extension_ids_and_turns_their_direction),
        cmocka_unit_test(sdp_answers_codecs_in_the_order_and_numbers_of_the_offer),
        cmocka_unit_test(sdp_tags_the_first_bundled_media_it_keeps),
        cmocka_unit_test(sdp_takes_a_bundle_only_media),
        cmocka_unit_test(sdp_rejects_one_of_a_bundle_without_rtcp_mux),
        cmocka_unit_test(sdp_takes_one_of_a_bundle_that_repeats_the_credentials),
        cmocka_unit_test(sdp_takes_no_other_group_for_a_bundle),
        cmocka_unit_test(sdp_leaves_a_disabled_media_disabled),
        cmocka_unit_test(sdp_rejects_what_is_outside_the_first_bundle),
        cmocka_unit_test(sdp_answers_simulcast_without_it),
        cmocka_unit_test(sdp_answers_ice_options_only_where_offered),
        cmocka_unit_test(sdp_answers_a_tls_id_only_where_offered),
        cmocka_unit_test(sdp_answers_each_media_by_its_own_entry),
        cmocka_unit_test(sdp_answers_an_entry_that_is_off_with_port_0),
        cmocka_unit_test(sdp_answers_with_the_role_that_goes_on),
        cmocka_unit_test(sdp_refuses_to_answer_in_too_small_an_arena),
        cmocka_unit_test(sdp_offers_what_both_browsers_take),
        cmocka_unit_test(sdp_offers_a_receiver_without_a_source),
        cmocka_unit_test(sdp_offers_as_many_tracks_as_media_fit),
        cmocka_unit_test(sdp_offers_as_much_without_bundle_as_the_policy_says),
        cmocka_unit_test(sdp_offers_what_is_off_with_port_0),
        cmocka_unit_test(sdp_offers_comfort_noise_beside_g711),
        cmocka_unit_test(sdp_refuses_to_offer_a_kind_without_codec),
        cmocka_unit_test(sdp_takes_codecs_on_request_where_a_track_names_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
