/* renegotiate: a call that changes: transceivers, second and third offers, rollback, provisional
 * answers (RFC 9429 §4.2, §5.2.2, §5.7, webrtc-pc §4.7, §5). No network. */
#include "peer/peer.h"

#include "dtls/cert.h"
#include "sdp/caps.h"
#include "sdp/sdp.h"
#include "tests/peer/replaced.h"
#include "tests/rill_test.h"

#include <stdio.h>

struct party {
    struct rill_rng_seeded generator;
    struct rill_peer *peer;
    void *block;
    uint8_t text[TEXT];
    uint8_t tree[1 << 20];
    const struct rill_sdp *sdp; /* of the description it gave last */
};

static struct rill_dtls_cert *cert;
static struct party a, b;

static void open_party(struct party *p, uint64_t seed, struct rill_peer_config config)
{
    rill_rng_seeded_init(&p->generator, seed);
    config.cert = cert;
    config.history_packets = config.jitter_packets = 64;
    config.frame_bytes = 4096;
    config.rng = rill_rng_seeded(&p->generator);
    p->block = malloc(rill_peer_size(&config));
    p->peer = rill_peer_init(p->block, &config);
    assert_non_null(p->peer);
}

static int open_both(void **state)
{
    struct rill_peer_config config = {.tracks = 8};
    (void)state;
    open_party(&a, 1, config);
    open_party(&b, 2, config);
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    rill_peer_free(a.peer);
    rill_peer_free(b.peer);
    free(a.block);
    free(b.block);
    return 0;
}

static void reopen(struct party *p, struct rill_peer_config config)
{
    rill_peer_free(p->peer);
    free(p->block);
    open_party(p, 3, config);
}

/* --- exchanging ------------------------------------------------------------------------------ */

static struct rill_view given(struct party *p, int n)
{
    assert_true(n > 0);
    struct rill_arena arena = rill_arena_over(p->tree, sizeof p->tree);
    struct rill_view text = rill_view_at(p->text, (size_t)n);
    assert_int_equal(rill_sdp_parse(text, &arena, &p->sdp, NULL), 0);
    return text;
}

static struct rill_view offer_of(struct party *p)
{
    return given(p, rill_peer_create_offer(p->peer, 0, (struct rill_span){p->text, TEXT}, NULL));
}

static struct rill_view answer_of(struct party *p)
{
    return given(p, rill_peer_create_answer(p->peer, 0, (struct rill_span){p->text, TEXT}, NULL));
}

static int set_local(struct party *p, enum rill_peer_sdp_type type, struct rill_view text)
{
    return rill_peer_set_local_description(p->peer, 0, type, text, NULL);
}

static int set_remote(struct party *p, enum rill_peer_sdp_type type, struct rill_view text)
{
    return rill_peer_set_remote_description(p->peer, 0, type, text, NULL);
}

static void negotiate(struct party *offerer, struct party *answerer)
{
    struct rill_view offer = offer_of(offerer);
    assert_int_equal(set_local(offerer, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(set_remote(answerer, RILL_PEER_OFFER, offer), 0);
    struct rill_view answer = answer_of(answerer);
    assert_int_equal(set_local(answerer, RILL_PEER_ANSWER, answer), 0);
    assert_int_equal(set_remote(offerer, RILL_PEER_ANSWER, answer), 0);
}

static size_t count(struct party *p, enum rill_peer_event_type type)
{
    struct rill_peer_event e;
    size_t n = 0;
    while (rill_peer_event(p->peer, &e))
        n += e.type == type;
    return n;
}

static struct rill_peer_transceiver_info info(struct party *p, int i)
{
    struct rill_peer_transceiver_info t;
    assert_true(rill_peer_transceiver(p->peer, i, &t));
    return t;
}

static void assert_mid(struct rill_view v, const char *expected)
{
    if (!rill_view_is(v, expected))
        fail_msg("\"%.*s\" is not \"%s\"", (int)v.n, (const char *)v.p, expected);
}

/* Sound from a to b and back. */
static void begin_call(void)
{
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", "a"), 0);
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_OPUS, "s", "a"), 0);
    negotiate(&a, &b);
}

/* --- negotiation needed --------------------------------------------------------------------- */

static void what_is_wanted_and_not_told_needs_a_negotiation(void **state)
{
    (void)state;
    begin_call();
    (void)count(&a, RILL_PEER_EVENT_NEGOTIATION_NEEDED);
    assert_false(rill_peer_negotiation_needed(a.peer));
    assert_int_equal(rill_peer_set_direction(a.peer, 0, RILL_SDP_SENDONLY), 0);
    assert_true(rill_peer_negotiation_needed(a.peer));
    assert_int_equal(rill_peer_set_direction(a.peer, 0, RILL_SDP_SENDRECV), 0);
    assert_false(rill_peer_negotiation_needed(a.peer));
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "w"), 2);
    assert_true(rill_peer_negotiation_needed(a.peer));
    /* Once for the direction, once for the two tracks. */
    assert_int_equal(count(&a, RILL_PEER_EVENT_NEGOTIATION_NEEDED), 2);
    negotiate(&a, &b);
    assert_false(rill_peer_negotiation_needed(a.peer));
}

static void what_changes_while_an_offer_is_out_is_told_after_it(void **state)
{
    (void)state;
    begin_call();
    struct rill_view offer = offer_of(&a);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer), 0);
    (void)count(&a, RILL_PEER_EVENT_NEGOTIATION_NEEDED);
    assert_int_equal(rill_peer_set_direction(a.peer, 0, RILL_SDP_SENDONLY), 0);
    assert_int_equal(count(&a, RILL_PEER_EVENT_NEGOTIATION_NEEDED), 0);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    struct rill_view answer = answer_of(&b);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer), 0);
    assert_int_equal(set_remote(&a, RILL_PEER_ANSWER, answer), 0);
    assert_int_equal(count(&a, RILL_PEER_EVENT_NEGOTIATION_NEEDED), 1);
}

/* --- second offers --------------------------------------------------------------------------- */

static void a_second_offer_adds_a_picture_and_keeps_the_sound(void **state)
{
    (void)state;
    begin_call();
    (void)count(&b, RILL_PEER_EVENT_TRACK);
    (void)offer_of(&a);
    uint64_t version = a.sdp->session_version;
    char session[24] = {0};
    memcpy(session, a.sdp->session_id.p, a.sdp->session_id.n);
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    negotiate(&a, &b);
    assert_int_equal(a.sdp->session_version, version + 1);
    assert_true(rill_view_is(a.sdp->session_id, session));
    assert_int_equal(a.sdp->n_media, 2);
    assert_mid(info(&a, 1).mid, "1");
    assert_int_equal(info(&a, 1).current, RILL_SDP_SENDONLY);
    assert_int_equal(info(&b, 1).current, RILL_SDP_RECVONLY);
    assert_int_equal(count(&b, RILL_PEER_EVENT_TRACK), 1); /* the sound is no news */
}

static void the_answerer_may_offer_next_and_the_roles_of_dtls_stay(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(b.sdp->media[0].setup, RILL_SDP_SETUP_ACTIVE);
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_VP8, "s", "v"), 1);
    negotiate(&b, &a);
    assert_int_equal(b.sdp->media[0].setup, RILL_SDP_SETUP_ACTPASS);
    assert_int_equal(a.sdp->media[0].setup, RILL_SDP_SETUP_PASSIVE);
}

static void hold_and_resume_are_directions(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_set_direction(a.peer, 0, RILL_SDP_SENDONLY), 0);
    (void)count(&a, RILL_PEER_EVENT_TRACK);
    negotiate(&a, &b);
    assert_int_equal(info(&b, 0).current, RILL_SDP_RECVONLY);
    assert_int_equal(info(&b, 0).direction, RILL_SDP_SENDRECV);
    assert_int_equal(count(&a, RILL_PEER_EVENT_TRACK_REMOVED), 1);
    assert_int_equal(rill_peer_set_direction(a.peer, 0, RILL_SDP_INACTIVE), 0);
    negotiate(&a, &b);
    assert_int_equal(info(&b, 0).current, RILL_SDP_INACTIVE);
    assert_int_equal(rill_peer_set_direction(a.peer, 0, RILL_SDP_SENDRECV), 0);
    negotiate(&a, &b);
    assert_int_equal(info(&b, 0).current, RILL_SDP_SENDRECV);
    assert_int_equal(count(&a, RILL_PEER_EVENT_TRACK), 1);
}

static void a_stopped_m_line_is_recycled_under_a_new_mid(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    negotiate(&a, &b);
    assert_int_equal(rill_peer_stop(a.peer, 1), 0);
    assert_true(rill_peer_negotiation_needed(a.peer));
    (void)count(&b, RILL_PEER_EVENT_TRACK_REMOVED);
    negotiate(&a, &b);
    assert_int_equal(a.sdp->media[1].port, 0);
    assert_int_equal(b.sdp->media[1].port, 0);
    assert_int_equal(count(&b, RILL_PEER_EVENT_TRACK_REMOVED), 1);
    struct rill_peer_transceiver_info t;
    assert_false(rill_peer_transceiver(a.peer, 1, &t));
    assert_false(rill_peer_transceiver(b.peer, 1, &t));
    /* The other side, and another kind. */
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_OPUS, "s", "more"), 1);
    negotiate(&b, &a);
    assert_int_equal(b.sdp->n_media, 2);
    assert_int_equal(b.sdp->media[1].port, 9);
    assert_true(rill_view_is(b.sdp->media[1].kind, "audio"));
    assert_mid(info(&b, 1).mid, "2");
    assert_int_equal(info(&a, 1).kind, RILL_AUDIO);
}

static void stopping_the_tagged_m_line_leaves_the_others(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    negotiate(&a, &b);
    assert_int_equal(rill_peer_stop(b.peer, 0), 0);
    negotiate(&b, &a);
    assert_int_equal(a.sdp->media[0].port, 0);
    assert_int_equal(a.sdp->groups[0].n, 1);
    assert_mid(a.sdp->groups[0].mids[0], "1");
    assert_int_equal(info(&a, 1).current, RILL_SDP_SENDONLY);
}

static void a_transceiver_without_an_m_line_is_gone_when_it_stops(void **state)
{
    (void)state;
    struct rill_peer_transceiver_info t;
    begin_call();
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    struct rill_view offer = offer_of(&a);
    assert_int_equal(rill_peer_stop(a.peer, 1), 0);
    assert_false(rill_peer_transceiver(a.peer, 1, &t));
    assert_false(rill_peer_negotiation_needed(a.peer));
    /* That offer spoke of it. */
    assert_row(set_local(&a, RILL_PEER_OFFER, offer), PEER_SDP_MODIFIED);
}

static void creating_an_offer_twice_changes_nothing_but_its_version(void **state)
{
    static uint8_t first[TEXT], changed[TEXT];
    char from[64], to[64];
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    struct rill_view one = offer_of(&a);
    uint64_t version = a.sdp->session_version;
    memcpy(first, one.p, one.n);
    struct rill_view two = offer_of(&a);
    snprintf(from, sizeof from, " %llu IN IP4 127.0.0.1", (unsigned long long)version);
    snprintf(to, sizeof to, " %llu IN IP4 127.0.0.1", (unsigned long long)version + 1);
    assert_true(rill_view_equal(replaced(rill_view_at(first, one.n), from, to, changed), two));
    assert_row(set_local(&a, RILL_PEER_OFFER, rill_view_at(first, one.n)), PEER_SDP_MODIFIED);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, two), 0);
}

static void an_offer_that_waits_may_be_replaced_by_another(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer_of(&a)), 0);
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "w"), 2);
    negotiate(&a, &b);
    assert_int_equal(a.sdp->n_media, 3);
    assert_mid(info(&a, 1).mid, "1");
    assert_mid(info(&b, 2).mid, "2");
}

static void numbers_of_a_browser_stay_when_we_offer(void **state)
{
    static uint8_t text[TEXT];
    (void)state;
    FILE *f = fopen("tests/data/sdp/firefox153_offer_av_sendrecv.sdp", "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_OPUS, "s", "a"), 0);
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_VP8, "s", "v"), 1);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, rill_view_at(text, n)), 0);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer_of(&b)), 0);
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_VP8, "s", "w"), 2);
    (void)offer_of(&b);
    assert_int_equal(b.sdp->n_media, 3);
    assert_int_equal(b.sdp->media[0].codecs[0].pt, 109);
    assert_int_equal(b.sdp->media[1].codecs[0].pt, 120);
    assert_int_equal(b.sdp->media[2].codecs[0].pt, 120);
    assert_int_equal(b.sdp->media[2].extmaps[0].id, 3);
    /* Firefox's number of this one is our own of another. */
    for (size_t i = 0; i < b.sdp->n_media; i++) {
        const struct rill_sdp_media *m = &b.sdp->media[i];
        size_t k = 0;
        while (k < m->n_extmaps && !rill_view_is(m->extmaps[k].uri, RILL_SDP_EXT_TRANSPORT_CC))
            k++;
        assert_true(k < m->n_extmaps);
        assert_int_equal(m->extmaps[k].id, 7);
    }
}

static void a_number_that_meant_something_else_is_not_taken(void **state)
{
    static uint8_t one[TEXT], two[TEXT];
    (void)state;
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", "a"), 0);
    /* An offer of sound that has used up 96 and the id 4. */
    struct rill_view offer = replaced(offer_of(&a), "SAVPF 111", "SAVPF 111 96", two);
    offer =
        replaced(offer, "a=rtpmap:111", "a=rtpmap:96 telephone-event/8000\r\na=rtpmap:111", one);
    offer = replaced(offer, "a=extmap:4 ", "a=extmap:4 urn:something:else\r\na=extmap:5 ", two);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer_of(&b)), 0);
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_VP8, "s", "v"), 1);
    (void)offer_of(&b);
    assert_int_equal(b.sdp->media[1].codecs[0].pt, 100);
    assert_int_equal(b.sdp->media[1].codecs[1].pt, 97); /* rtx */
    assert_true(rill_view_is(b.sdp->media[1].fmtps[0].params, "apt=100"));
    assert_int_equal(b.sdp->media[1].extmaps[0].id, 5);
}

/* --- what a second offer may not do --------------------------------------------------------------
 */

static void an_offer_with_fewer_m_lines_is_refused(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    negotiate(&a, &b);
    struct rill_view offer = offer_of(&a);
    const char *second = strstr((const char *)offer.p, "m=video");
    offer.n = (size_t)((const uint8_t *)second - offer.p);
    assert_row(set_remote(&b, RILL_PEER_OFFER, offer), PEER_MLINES_GONE);
    assert_int_equal(rill_peer_signaling_state(b.peer), RILL_PEER_STABLE);
}

static void an_m_line_in_use_keeps_its_mid_and_kind(void **state)
{
    static uint8_t text[TEXT];
    (void)state;
    begin_call();
    struct rill_view offer = offer_of(&a);
    assert_row(set_remote(&b, RILL_PEER_OFFER, replaced(offer, "a=mid:0", "a=mid:x", text)),
               PEER_MLINE_CHANGED);
    assert_row(set_remote(&b, RILL_PEER_OFFER, replaced(offer, "m=audio", "m=video", text)),
               PEER_MLINE_CHANGED);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
}

static void an_agreed_number_keeps_its_meaning(void **state)
{
    static uint8_t text[TEXT];
    (void)state;
    begin_call();
    struct rill_view offer = offer_of(&a);
    assert_row(set_remote(&b, RILL_PEER_OFFER,
                          replaced(offer, "rtpmap:111 opus/48000/2", "rtpmap:111 L16/44100", text)),
               PEER_PT_REMAPPED);
    assert_row(set_remote(&b, RILL_PEER_OFFER,
                          replaced(offer, "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
                                   "a=extmap:4 urn:something:else", text)),
               PEER_EXT_REMAPPED);
    assert_int_equal(rill_peer_signaling_state(b.peer), RILL_PEER_STABLE);
}

/* --- rollback -----------------------------------------------------------------------------------
 */

static void a_rollback_takes_a_local_offer_back(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer_of(&a)), 0);
    assert_int_equal(info(&a, 1).mline, 1);
    assert_int_equal(set_local(&a, RILL_PEER_ROLLBACK, rill_view_of(NULL)), 0);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_STABLE);
    assert_int_equal(info(&a, 1).mline, -1);
    assert_true(rill_peer_negotiation_needed(a.peer));
    assert_int_equal(info(&a, 0).current, RILL_SDP_SENDRECV);
    negotiate(&a, &b);
    assert_int_equal(info(&b, 1).current, RILL_SDP_RECVONLY);
}

static void a_rollback_takes_away_what_the_remote_offer_made(void **state)
{
    struct rill_peer_transceiver_info t;
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    struct rill_view offer = offer_of(&a);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    assert_true(rill_peer_transceiver(b.peer, 1, &t));
    assert_int_equal(set_remote(&b, RILL_PEER_ROLLBACK, rill_view_of(NULL)), 0);
    assert_false(rill_peer_transceiver(b.peer, 1, &t));
    /* Unless addTrack has used it meanwhile. */
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_VP8, "s", "mine"), 1);
    assert_int_equal(set_local(&b, RILL_PEER_ROLLBACK, rill_view_of(NULL)), 0);
    assert_int_equal(info(&b, 1).mline, -1);
    assert_true(info(&b, 1).has_track);
}

static void there_is_nothing_to_roll_back_in_stable(void **state)
{
    (void)state;
    begin_call();
    assert_row(set_local(&a, RILL_PEER_ROLLBACK, rill_view_of(NULL)), PEER_INVALID_STATE);
    assert_row(set_remote(&a, RILL_PEER_ROLLBACK, rill_view_of(NULL)), PEER_INVALID_STATE);
}

/* webrtc-pc's example of perfect negotiation: the polite side gives way. */
static void glare_ends_with_both_pictures(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 1);
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_VP8, "s", "v"), 1);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer_of(&a)), 0);
    struct rill_view offer = offer_of(&b);
    assert_int_equal(set_local(&b, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(set_remote(&a, RILL_PEER_OFFER, offer), 0); /* a is polite */
    struct rill_view answer = answer_of(&a);
    assert_int_equal(set_local(&a, RILL_PEER_ANSWER, answer), 0);
    assert_int_equal(set_remote(&b, RILL_PEER_ANSWER, answer), 0);
    /* Both had the same wish: one m-line serves both. */
    assert_int_equal(info(&a, 1).current, RILL_SDP_SENDRECV);
    assert_int_equal(info(&b, 1).current, RILL_SDP_SENDRECV);
    assert_false(rill_peer_negotiation_needed(a.peer));
}

static void a_refused_offer_does_not_roll_ours_back(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer_of(&a)), 0);
    assert_true(set_remote(&a, RILL_PEER_OFFER, rill_view_of("v=0\r\n")) < 0);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_HAVE_LOCAL_OFFER);
}

/* --- provisional answers -------------------------------------------------------------------------
 */

static void a_provisional_answer_is_followed_by_a_final_one(void **state)
{
    (void)state;
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", "a"), 0);
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_OPUS, "s", "a"), 0);
    struct rill_view offer = offer_of(&a);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(rill_peer_set_direction(b.peer, 0, RILL_SDP_INACTIVE), 0);
    for (int i = 0; i < 2; i++) { /* as often as one likes */
        struct rill_view early = answer_of(&b);
        assert_int_equal(set_local(&b, RILL_PEER_PRANSWER, early), 0);
        assert_int_equal(set_remote(&a, RILL_PEER_PRANSWER, early), 0);
        assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_HAVE_REMOTE_PRANSWER);
        assert_int_equal(rill_peer_signaling_state(b.peer), RILL_PEER_HAVE_LOCAL_PRANSWER);
        assert_int_equal(info(&a, 0).current, RILL_SDP_INACTIVE);
    }
    assert_row(set_local(&a, RILL_PEER_ROLLBACK, rill_view_of(NULL)), PEER_INVALID_STATE);
    assert_row(set_remote(&a, RILL_PEER_OFFER, offer), PEER_INVALID_STATE);
    assert_int_equal(rill_peer_set_direction(b.peer, 0, RILL_SDP_SENDRECV), 0);
    struct rill_view answer = answer_of(&b);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer), 0);
    assert_int_equal(set_remote(&a, RILL_PEER_ANSWER, answer), 0);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_STABLE);
    assert_int_equal(info(&a, 0).current, RILL_SDP_SENDRECV);
}

/* --- ICE restarts -------------------------------------------------------------------------------
 */

static void words_of(struct party *p, char ufrag[64])
{
    struct rill_view v = p->sdp->media[0].ice_ufrag;
    snprintf(ufrag, 64, "a=ice-ufrag:%.*s", (int)v.n, (const char *)v.p);
}

static void password_of(struct party *p, char pwd[64])
{
    struct rill_view v = p->sdp->media[0].ice_pwd;
    snprintf(pwd, 64, "a=ice-pwd:%.*s", (int)v.n, (const char *)v.p);
}

static void an_offer_to_restart_ice_has_new_credentials(void **state)
{
    char before[64], offered[64], again[64];
    (void)state;
    begin_call();
    words_of(&a, before);
    assert_int_equal(rill_peer_restart_ice(a.peer), 0);
    assert_true(rill_peer_negotiation_needed(a.peer));
    (void)offer_of(&a);
    words_of(&a, offered);
    struct rill_view offer = offer_of(&a);
    words_of(&a, again);
    assert_string_not_equal(before, offered);
    assert_string_equal(offered, again);
    /* Set and rolled back: the next one without a wish has what was before. */
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer), 0);
    (void)offer_of(&a);
    words_of(&a, again);
    assert_string_equal(offered, again);
    assert_int_equal(set_local(&a, RILL_PEER_ROLLBACK, rill_view_of(NULL)), 0);
    (void)offer_of(&a);
    words_of(&a, again);
    assert_string_not_equal(offered, again);
    negotiate(&a, &b);
    words_of(&a, offered);
    assert_false(rill_peer_negotiation_needed(a.peer));
    negotiate(&a, &b);
    words_of(&a, again);
    assert_string_equal(offered, again);
    assert_string_not_equal(before, again);
}

static void an_answer_to_a_restart_that_keeps_its_credentials_is_refused(void **state)
{
    static uint8_t text[TEXT], more[TEXT];
    char before[64], ours[64], pwd_before[64], pwd[64];
    (void)state;
    begin_call();
    words_of(&b, before);
    password_of(&b, pwd_before);
    assert_int_equal(rill_peer_restart_ice(a.peer), 0);
    struct rill_view offer = offer_of(&a);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    struct rill_view answer = answer_of(&b);
    words_of(&b, ours);
    password_of(&b, pwd);
    struct rill_view kept = replaced(replaced(answer, ours, before, text), pwd, pwd_before, more);
    assert_row(set_remote(&a, RILL_PEER_ANSWER, kept), PEER_ICE_KEPT);
    assert_int_equal(set_remote(&a, RILL_PEER_ANSWER, answer), 0);
}

static void changed_credentials_in_an_offer_ask_for_new_ones(void **state)
{
    static uint8_t text[TEXT];
    char theirs[64], ours[64], answered[64];
    (void)state;
    begin_call();
    words_of(&b, ours);
    struct rill_view offer = offer_of(&a);
    words_of(&a, theirs);
    assert_int_equal(
        set_remote(&b, RILL_PEER_OFFER, replaced(offer, theirs, "a=ice-ufrag:other", text)), 0);
    struct rill_view answer = answer_of(&b);
    words_of(&b, answered);
    assert_string_not_equal(ours, answered);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer), 0);
    /* From now on they are its own. */
    (void)offer_of(&b);
    words_of(&b, ours);
    assert_string_equal(ours, answered);
}

static void an_answer_restarts_only_what_was_offered_so(void **state)
{
    static uint8_t text[TEXT];
    char ours[64];
    (void)state;
    begin_call();
    struct rill_view offer = offer_of(&a);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    struct rill_view answer = answer_of(&b);
    words_of(&b, ours);
    assert_row(set_remote(&a, RILL_PEER_ANSWER, replaced(answer, ours, "a=ice-ufrag:other", text)),
               PEER_ICE_UNASKED);
    assert_int_equal(set_remote(&a, RILL_PEER_ANSWER, answer), 0);
}

/* --- verbs
 * ---------------------------------------------------------------------------------------- */

static void add_track_takes_a_transceiver_that_has_never_sent(void **state)
{
    (void)state;
    assert_int_equal(rill_peer_add_receiver(a.peer, RILL_VIDEO), 0);
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", "a"), 1);
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 0);
    assert_int_equal(info(&a, 0).direction, RILL_SDP_SENDRECV);
    negotiate(&a, &b);
    /* After it has sent, only replaceTrack brings another track to it. */
    assert_int_equal(rill_peer_remove_track(a.peer, 0), 0);
    assert_int_equal(info(&a, 0).direction, RILL_SDP_RECVONLY);
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "w"), 2);
}

static void a_track_is_sent_once(void **state)
{
    (void)state;
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "s", "v"), 0);
    assert_row(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "t", "v"), PEER_TRACK_IN_USE);
    assert_int_equal(rill_peer_remove_track(a.peer, 0), 0);
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_VP8, "t", "v"), 0);
}

static void replace_track_needs_no_negotiation_and_the_same_kind(void **state)
{
    (void)state;
    begin_call();
    assert_int_equal(rill_peer_replace_track(a.peer, 0, RILL_CODEC_OPUS, "other"), 0);
    assert_int_equal(rill_peer_replace_track(a.peer, 0, RILL_CODEC_NONE, NULL), 0);
    assert_false(info(&a, 0).has_track);
    assert_false(rill_peer_negotiation_needed(a.peer));
    assert_row(rill_peer_replace_track(a.peer, 0, RILL_CODEC_VP8, "v"), PEER_KIND);
    (void)offer_of(&a);
    assert_mid(a.sdp->media[0].msids[0].track, "a");
}

static void preferences_are_codecs_of_the_kind(void **state)
{
    static const enum rill_codec_id vp8 = RILL_CODEC_VP8, opus = RILL_CODEC_OPUS;
    (void)state;
    begin_call();
    assert_row(rill_peer_set_codec_preferences(a.peer, 0, &vp8, 1), PEER_PREFERENCES);
    assert_int_equal(rill_peer_set_codec_preferences(a.peer, 0, &opus, 1), 0);
    assert_int_equal(rill_peer_set_codec_preferences(a.peer, 0, NULL, 0), 0);
    negotiate(&a, &b);
}

static void a_verb_needs_a_transceiver_that_lives(void **state)
{
    (void)state;
    begin_call();
    assert_row(rill_peer_remove_track(a.peer, 5), PEER_NO_TRANSCEIVER);
    assert_row(rill_peer_stop(a.peer, -1), PEER_NO_TRANSCEIVER);
    assert_int_equal(rill_peer_stop(a.peer, 0), 0);
    assert_int_equal(rill_peer_stop(a.peer, 0), 0); /* again is no error */
    assert_row(rill_peer_set_direction(a.peer, 0, RILL_SDP_SENDRECV), PEER_STOPPED);
    assert_row(rill_peer_replace_track(a.peer, 0, RILL_CODEC_OPUS, "x"), PEER_STOPPED);
    rill_peer_close(a.peer, 0);
    assert_row(rill_peer_stop(a.peer, 0), PEER_IS_CLOSED);
    assert_row(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", "z"), PEER_IS_CLOSED);
}

static void errors_have_the_names_that_webrtc_gives_them(void **state)
{
    (void)state;
    assert_string_equal(rill_peer_exception_name(RILL_PEER_INVALID_STATE), "InvalidStateError");
    assert_string_equal(rill_peer_exception_name(RILL_PEER_MLINE_CHANGED), "InvalidAccessError");
    assert_string_equal(rill_peer_exception_name(RILL_PEER_PREFERENCES),
                        "InvalidModificationError");
    assert_string_equal(rill_peer_exception_name(RILL_PEER_KIND), "TypeError");
    assert_string_equal(rill_peer_exception_name(RILL_PEER_TOO_MANY_TRACKS), "OperationError");
}

static void rows_that_are_given_back_are_given_again(void **state)
{
    (void)state;
    reopen(&a, (struct rill_peer_config){.tracks = 2});
    begin_call();
    for (int i = 0; i < 20; i++) {
        assert_int_equal(
            rill_peer_add_track(a.peer, i % 2 ? RILL_CODEC_VP8 : RILL_CODEC_OPUS, "s", "more"), 1);
        assert_row(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", "x"), PEER_TOO_MANY_TRACKS);
        negotiate(&a, &b);
        assert_int_equal(a.sdp->n_media, 2);
        assert_int_equal(rill_peer_stop(a.peer, 1), 0);
        negotiate(&a, &b);
    }
}

#define with_both(f) cmocka_unit_test_setup_teardown(f, open_both, close_both)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_both(what_is_wanted_and_not_told_needs_a_negotiation),
        with_both(what_changes_while_an_offer_is_out_is_told_after_it),
        with_both(a_second_offer_adds_a_picture_and_keeps_the_sound),
        with_both(the_answerer_may_offer_next_and_the_roles_of_dtls_stay),
        with_both(hold_and_resume_are_directions),
        with_both(a_stopped_m_line_is_recycled_under_a_new_mid),
        with_both(stopping_the_tagged_m_line_leaves_the_others),
        with_both(a_transceiver_without_an_m_line_is_gone_when_it_stops),
        with_both(creating_an_offer_twice_changes_nothing_but_its_version),
        with_both(an_offer_that_waits_may_be_replaced_by_another),
        with_both(numbers_of_a_browser_stay_when_we_offer),
        with_both(a_number_that_meant_something_else_is_not_taken),
        with_both(an_offer_with_fewer_m_lines_is_refused),
        with_both(an_m_line_in_use_keeps_its_mid_and_kind),
        with_both(an_agreed_number_keeps_its_meaning),
        with_both(a_rollback_takes_a_local_offer_back),
        with_both(a_rollback_takes_away_what_the_remote_offer_made),
        with_both(there_is_nothing_to_roll_back_in_stable),
        with_both(glare_ends_with_both_pictures),
        with_both(a_refused_offer_does_not_roll_ours_back),
        with_both(a_provisional_answer_is_followed_by_a_final_one),
        with_both(an_offer_to_restart_ice_has_new_credentials),
        with_both(changed_credentials_in_an_offer_ask_for_new_ones),
        with_both(an_answer_restarts_only_what_was_offered_so),
        with_both(an_answer_to_a_restart_that_keeps_its_credentials_is_refused),
        with_both(add_track_takes_a_transceiver_that_has_never_sent),
        with_both(a_track_is_sent_once),
        with_both(replace_track_needs_no_negotiation_and_the_same_kind),
        with_both(preferences_are_codecs_of_the_kind),
        with_both(a_verb_needs_a_transceiver_that_lives),
        with_both(errors_have_the_names_that_webrtc_gives_them),
        with_both(rows_that_are_given_back_are_given_again),
    };
    struct rill_rng_seeded generator;
    rill_rng_seeded_init(&generator, 9);
    struct rill_rng rng = rill_rng_seeded(&generator);
    void *block = malloc(rill_dtls_cert_size());
    if (rill_dtls_cert_init(block, &rng, &cert) < 0)
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    rill_dtls_cert_free(cert);
    free(block);
    return rc;
}
