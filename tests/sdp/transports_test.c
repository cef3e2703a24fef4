/* transports_test: which m-lines of offers and answers have a transport of their own (RFC 9143 §7,
 * RFC 9429 §4.1.1, §5.2.2, RFC 5761 §5.1.1). */
#include "tests/sdp/sdp_test.h"

#define LINE(kind, pt, mid, ufrag, mux)                                                            \
    "m=" kind " 9 UDP/TLS/RTP/SAVPF " pt "\r\na=mid:" mid "\r\na=ice-ufrag:" ufrag                 \
    "\r\na=ice-pwd:0123456789abcdefghijkl\r\na=fingerprint:sha-256 " SDP_PRINT                     \
    "\r\na=setup:actpass\r\n" mux
#define AUDIO(mid, ufrag, mux) LINE("audio", "111", mid, ufrag, mux) "a=rtpmap:111 opus/48000/2\r\n"
#define VIDEO(mid, ufrag, mux) LINE("video", "96", mid, ufrag, mux) "a=rtpmap:96 VP8/90000\r\n"
#define MUX "a=rtcp-mux\r\n"

static struct sdp_test offer, made, answer;
static struct sdp_test_side side;

static int set_up(void **state)
{
    (void)state;
    sdp_test_side(&side);
    side.local.n_transports = SDP_TEST_TRANSPORTS;
    return 0;
}

static const struct rill_sdp_media *answer_to(const char *text)
{
    sdp_test_parse(&offer, text);
    assert_int_equal(offer.rc, 0);
    sdp_test_answer(&made, offer.s, &side.local);
    assert_int_equal(made.rc, 0);
    return made.s->media;
}

static void done(void)
{
    sdp_test_close(&offer);
    sdp_test_close(&made);
}

/* --- answers ------------------------------------------------------------------------------- */

static void without_a_group_each_m_line_is_answered_with_a_transport(void **state)
{
    (void)state;
    const struct rill_sdp_media *m =
        answer_to(SDP_HEAD AUDIO("a", "aaaa", MUX) VIDEO("v", "bbbb", MUX));
    assert_int_equal(made.s->n_groups, 0);
    assert_text(m[0].ice_ufrag, "rill");
    assert_text(m[1].ice_ufrag, "ril2");
    assert_int_equal(m[1].n_candidates, 1);
    done();
}

static void each_of_two_groups_has_one_transport(void **state)
{
    struct rill_sdp_track tracks[4] = {
        {.kind = RILL_AUDIO}, {.kind = RILL_VIDEO}, {.kind = RILL_AUDIO}, {.kind = RILL_VIDEO}};
    (void)state;
    side.local.tracks = tracks;
    side.local.n_tracks = 4;
    const struct rill_sdp_media *m =
        answer_to(SDP_HEAD "a=group:BUNDLE a v\r\na=group:BUNDLE c w\r\n" AUDIO("a", "aaaa", MUX)
                      VIDEO("v", "bbbb", MUX) AUDIO("c", "cccc", MUX) VIDEO("w", "dddd", MUX));
    assert_int_equal(made.s->n_groups, 2);
    assert_text(made.s->groups[0].mids[0], "a");
    assert_text(made.s->groups[1].mids[0], "c");
    assert_text(m[1].ice_ufrag, "rill");
    assert_text(m[3].ice_ufrag, "ril2");
    assert_int_equal(rill_sdp_tagged(made.s, 3), 2);
    done();
}

static void an_m_line_for_which_no_transport_is_left_is_rejected(void **state)
{
    (void)state;
    side.local.n_transports = 1;
    const struct rill_sdp_media *m =
        answer_to(SDP_HEAD AUDIO("a", "aaaa", MUX) VIDEO("v", "bbbb", MUX));
    assert_int_equal(m[0].port, 9);
    assert_int_equal(m[1].port, 0);
    done();
}

static void what_an_m_line_has_no_other_is_given(void **state)
{
    (void)state;
    side.tracks[1].transport = 1;
    const struct rill_sdp_media *m =
        answer_to(SDP_HEAD AUDIO("a", "aaaa", MUX) VIDEO("v", "bbbb", MUX));
    assert_text(m[0].ice_ufrag, "ril2");
    assert_text(m[1].ice_ufrag, "rill");
    done();
}

static void a_group_that_goes_on_keeps_its_transport_when_another_speaks_for_it(void **state)
{
    (void)state;
    side.tracks[0].off = true;
    side.tracks[1].transport = 3;
    const struct rill_sdp_media *m = answer_to(
        SDP_HEAD "a=group:BUNDLE a v\r\n" AUDIO("a", "aaaa", MUX) VIDEO("v", "bbbb", MUX));
    assert_int_equal(m[0].port, 0);
    assert_text(m[1].ice_ufrag, "ril3");
    done();
}

static void an_m_line_that_moves_out_of_a_group_gets_another_transport(void **state)
{
    (void)state;
    side.tracks[0].transport = side.tracks[1].transport = 1;
    const struct rill_sdp_media *m =
        answer_to(SDP_HEAD "a=group:BUNDLE a\r\n" AUDIO("a", "aaaa", MUX) VIDEO("v", "bbbb", MUX));
    assert_text(m[0].ice_ufrag, "rill");
    assert_text(m[1].ice_ufrag, "ril2");
    done();
}

static void without_rtcp_mux_an_m_line_is_taken_only_where_that_is_negotiable(void **state)
{
    (void)state;
    static const char text[] = SDP_HEAD AUDIO("a", "aaaa", MUX) VIDEO("v", "bbbb", "");
    assert_int_equal(answer_to(text)[1].port, 0);
    done();
    side.local.rtcp_negotiable = true;
    const struct rill_sdp_media *m = answer_to(text);
    assert_int_equal(m[1].port, 9);
    assert_true(m[0].rtcp_mux);
    assert_false(m[1].rtcp_mux);
    done();
}

/* RFC 9143 §9.3: bundled media is multiplexed; so it is alone instead. */
static void an_m_line_without_rtcp_mux_is_not_bundled(void **state)
{
    (void)state;
    side.local.rtcp_negotiable = true;
    const struct rill_sdp_media *m =
        answer_to(SDP_HEAD "a=group:BUNDLE a v\r\n" AUDIO("a", "aaaa", MUX) VIDEO("v", "bbbb", ""));
    assert_int_equal(made.s->groups[0].n, 1);
    assert_text(m[1].ice_ufrag, "ril2");
    assert_false(m[1].rtcp_mux);
    done();
}

/* One that nothing is wanted of has only what is taken unasked; where that is nothing it is
 * rejected, and its transport goes to another. */
static void an_m_line_without_a_codec_of_ours_takes_no_transport(void **state)
{
    (void)state;
    side.local.n_tracks = 0;
    side.local.n_transports = 1;
    const struct rill_sdp_media *m =
        answer_to(SDP_HEAD LINE("audio", "0", "a", "aaaa", MUX) VIDEO("v", "bbbb", MUX));
    assert_int_equal(m[0].port, 0);
    assert_text(m[1].ice_ufrag, "rill");
    done();
}

/* --- offers -------------------------------------------------------------------------------- */

static void begin_offer(void)
{
    sdp_test_open(&made, 8192);
    assert_int_equal(rill_sdp_create_offer(&side.local, &made.arena, &made.s, NULL), 0);
}

static void a_later_offer_leaves_alone_what_is_alone(void **state)
{
    struct rill_sdp_track tracks[3] = {{.kind = RILL_AUDIO, .transport = 1},
                                       {.kind = RILL_VIDEO, .transport = 2},
                                       {.kind = RILL_AUDIO}};
    (void)state;
    side.local.tracks = tracks;
    side.local.n_tracks = 3;
    side.local.agreed = true;
    begin_offer();
    assert_text(made.s->media[1].ice_ufrag, "ril2");
    /* The second of its kind is spared, and alone in its group it needs a transport after all. */
    assert_text(made.s->media[2].ice_ufrag, "ril3");
    assert_int_equal(made.s->n_groups, 1);
    assert_int_equal(made.s->groups[0].n, 1);
    sdp_test_close(&made);
}

static void a_new_m_line_of_a_later_offer_joins_the_group(void **state)
{
    struct rill_sdp_track tracks[3] = {{.kind = RILL_AUDIO, .transport = 2, .bundled = true},
                                       {.kind = RILL_VIDEO, .transport = 2, .bundled = true},
                                       {.kind = RILL_VIDEO}};
    (void)state;
    side.local.tracks = tracks;
    side.local.n_tracks = 3;
    side.local.agreed = true;
    begin_offer();
    assert_int_equal(made.s->groups[0].n, 3);
    assert_text(made.s->media[2].ice_ufrag, "ril2");
    assert_false(made.s->media[2].bundle_only);
    sdp_test_close(&made);
}

static void an_offer_with_one_transport_makes_the_rest_bundle_only(void **state)
{
    (void)state;
    side.local.n_transports = 1;
    side.local.policy = RILL_SDP_MAX_COMPAT;
    begin_offer();
    assert_int_equal(made.s->media[0].port, 9);
    assert_true(made.s->media[1].bundle_only && made.s->media[1].port == 0);
    sdp_test_close(&made);
}

static void where_it_is_negotiable_an_offer_leaves_rtcp_mux_only_out(void **state)
{
    (void)state;
    side.local.rtcp_negotiable = true;
    begin_offer();
    assert_true(made.s->media[0].rtcp_mux && !made.s->media[0].rtcp_mux_only);
    sdp_test_close(&made);
}

/* --- what both agree on ------------------------------------------------------------------------
 */

static int agree(const char *text, struct rill_sdp_agreed *rows)
{
    begin_offer();
    sdp_test_parse(&answer, text);
    assert_int_equal(answer.rc, 0);
    int rc = rill_sdp_agree(made.s, answer.s, true, &side.local, rows, 2, NULL);
    sdp_test_close(&made);
    sdp_test_close(&answer);
    return rc;
}

static void an_answer_without_the_group_gives_each_its_own_tag(void **state)
{
    struct rill_sdp_agreed rows[2];
    (void)state;
    assert_int_equal(agree(SDP_HEAD AUDIO("0", "aaaa", MUX) VIDEO("1", "bbbb", MUX), rows), 2);
    assert_int_equal(rows[0].tag, 0);
    assert_int_equal(rows[1].tag, 1);
    assert_true(!rows[1].bundled && rows[1].rtcp_mux);
}

static void what_was_offered_bundle_only_may_not_be_alone(void **state)
{
    struct rill_sdp_agreed rows[2];
    (void)state;
    side.local.policy = RILL_SDP_MAX_BUNDLE;
    assert_row(agree(SDP_HEAD AUDIO("0", "aaaa", MUX) VIDEO("1", "bbbb", MUX), rows),
               SDP_AGREE_BUNDLE);
}

static void what_shares_a_transport_may_not_be_alone_any_more(void **state)
{
    struct rill_sdp_agreed rows[2];
    (void)state;
    side.local.agreed = true;
    side.tracks[0].transport = side.tracks[1].transport = 1;
    side.tracks[0].bundled = side.tracks[1].bundled = true;
    assert_row(agree(SDP_HEAD AUDIO("0", "aaaa", MUX) VIDEO("1", "bbbb", MUX), rows),
               SDP_AGREE_BUNDLE);
}

static void an_answer_without_rtcp_mux_is_agreed_where_that_is_negotiable(void **state)
{
    static const char text[] = SDP_HEAD AUDIO("0", "aaaa", MUX) VIDEO("1", "bbbb", "");
    struct rill_sdp_agreed rows[2];
    (void)state;
    assert_row(agree(text, rows), SDP_AGREE_MUX);
    side.local.rtcp_negotiable = true;
    assert_int_equal(agree(text, rows), 2);
    assert_true(rows[0].rtcp_mux);
    assert_false(rows[1].rtcp_mux);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define OF(name) cmocka_unit_test_setup(name, set_up)
        OF(without_a_group_each_m_line_is_answered_with_a_transport),
        OF(each_of_two_groups_has_one_transport),
        OF(an_m_line_for_which_no_transport_is_left_is_rejected),
        OF(what_an_m_line_has_no_other_is_given),
        OF(a_group_that_goes_on_keeps_its_transport_when_another_speaks_for_it),
        OF(an_m_line_that_moves_out_of_a_group_gets_another_transport),
        OF(without_rtcp_mux_an_m_line_is_taken_only_where_that_is_negotiable),
        OF(an_m_line_without_rtcp_mux_is_not_bundled),
        OF(an_m_line_without_a_codec_of_ours_takes_no_transport),
        OF(a_later_offer_leaves_alone_what_is_alone),
        OF(a_new_m_line_of_a_later_offer_joins_the_group),
        OF(an_offer_with_one_transport_makes_the_rest_bundle_only),
        OF(where_it_is_negotiable_an_offer_leaves_rtcp_mux_only_out),
        OF(an_answer_without_the_group_gives_each_its_own_tag),
        OF(what_was_offered_bundle_only_may_not_be_alone),
        OF(what_shares_a_transport_may_not_be_alone_any_more),
        OF(an_answer_without_rtcp_mux_is_agreed_where_that_is_negotiable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
