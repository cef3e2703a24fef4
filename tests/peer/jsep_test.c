/* jsep: descriptions, the signaling state, and candidates before and after them (RFC 9429). No
 * network: two peers in one program exchange texts. */
#include "peer/peer.h"

#include "dtls/cert.h"
#include "sdp/sdp.h"
#include "tests/peer/replaced.h"
#include "tests/rill_test.h"

#include <stdio.h>

struct party {
    struct rill_rng_seeded generator;
    struct rill_peer *peer;
    void *block;
    uint8_t text[TEXT];
};

static struct rill_dtls_cert *cert;
static void *cert_block;
static struct party a, b;

static void open_party(struct party *p, uint64_t seed, struct rill_peer_config config)
{
    rill_rng_seeded_init(&p->generator, seed);
    config.cert = cert;
    config.rng = rill_rng_seeded(&p->generator);
    p->block = malloc(rill_peer_size(&config));
    p->peer = rill_peer_init(p->block, &config);
    assert_non_null(p->peer);
}

static int open_both(void **state)
{
    struct rill_peer_config config = {0};
    (void)state;
    open_party(&a, 1, config);
    open_party(&b, 2, config);
    return 0;
}

static void close_party(struct party *p)
{
    rill_peer_free(p->peer);
    free(p->block);
}

static int close_both(void **state)
{
    (void)state;
    close_party(&a);
    close_party(&b);
    return 0;
}

/* Replaces a party by one with other caps. */
static void reopen(struct party *p, struct rill_peer_config config)
{
    close_party(p);
    open_party(p, 3, config);
}

static void add_both_kinds(struct party *p)
{
    assert_int_equal(rill_peer_add_track(p->peer, RILL_CODEC_OPUS, "s", "a"), 0);
    assert_int_equal(rill_peer_add_track(p->peer, RILL_CODEC_VP8, "s", "v"), 1);
}

static struct rill_view offer_of(struct party *p)
{
    int n = rill_peer_create_offer(p->peer, 0, (struct rill_span){p->text, TEXT}, NULL);
    assert_true(n > 0);
    return rill_view_at(p->text, (size_t)n);
}

static struct rill_view answer_of(struct party *p)
{
    int n = rill_peer_create_answer(p->peer, 0, (struct rill_span){p->text, TEXT}, NULL);
    assert_true(n > 0);
    return rill_view_at(p->text, (size_t)n);
}

static int set_local(struct party *p, enum rill_peer_sdp_type type, struct rill_view text)
{
    return rill_peer_set_local_description(p->peer, 0, type, text, NULL);
}

static int set_remote(struct party *p, enum rill_peer_sdp_type type, struct rill_view text)
{
    return rill_peer_set_remote_description(p->peer, 0, type, text, NULL);
}

static void negotiate(void)
{
    struct rill_view offer = offer_of(&a);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    struct rill_view answer = answer_of(&b);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer), 0);
    assert_int_equal(set_remote(&a, RILL_PEER_ANSWER, answer), 0);
}

/* The first event of this type, the ones before it thrown away. */
static bool next_event(struct party *p, enum rill_peer_event_type type, struct rill_peer_event *e)
{
    while (rill_peer_event(p->peer, e))
        if (e->type == type)
            return true;
    return false;
}

static struct rill_view file(const char *name, uint8_t *out)
{
    char path[256];
    snprintf(path, sizeof path, "tests/data/sdp/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(out, 1, TEXT, f);
    fclose(f);
    return rill_view_at(out, n);
}

/* --- states ------------------------------------------------------------------------------- */

static void offer_and_answer_walk_through_the_signaling_states(void **state)
{
    (void)state;
    add_both_kinds(&a);
    add_both_kinds(&b);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_STABLE);
    struct rill_view offer = offer_of(&a);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_HAVE_LOCAL_OFFER);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(rill_peer_signaling_state(b.peer), RILL_PEER_HAVE_REMOTE_OFFER);
    struct rill_view answer = answer_of(&b);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer), 0);
    assert_int_equal(rill_peer_signaling_state(b.peer), RILL_PEER_STABLE);
    assert_int_equal(set_remote(&a, RILL_PEER_ANSWER, answer), 0);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_STABLE);
}

static void an_answer_without_an_offer_is_refused_in_stable(void **state)
{
    (void)state;
    struct rill_view text = rill_view_of("v=0\r\n");
    assert_row(set_remote(&a, RILL_PEER_ANSWER, text), PEER_INVALID_STATE);
    assert_row(set_local(&a, RILL_PEER_ANSWER, text), PEER_INVALID_STATE);
    assert_row(rill_peer_create_answer(a.peer, 0, (struct rill_span){a.text, TEXT}, NULL),
               PEER_INVALID_STATE);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_STABLE);
}

static void a_remote_offer_rolls_a_local_one_back(void **state)
{
    (void)state;
    add_both_kinds(&a);
    add_both_kinds(&b);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer_of(&a)), 0);
    assert_int_equal(set_remote(&a, RILL_PEER_OFFER, offer_of(&b)), 0);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_HAVE_REMOTE_OFFER);
    assert_int_equal(set_local(&a, RILL_PEER_ANSWER, answer_of(&a)), 0);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_STABLE);
}

static void a_local_offer_is_refused_while_a_remote_one_is_open(void **state)
{
    (void)state;
    add_both_kinds(&a);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer_of(&a)), 0);
    assert_row(rill_peer_create_offer(b.peer, 0, (struct rill_span){b.text, TEXT}, NULL),
               PEER_INVALID_STATE);
}

static void a_closed_peer_takes_no_description(void **state)
{
    (void)state;
    struct rill_peer_event e;
    rill_peer_close(a.peer, 0);
    assert_true(next_event(&a, RILL_PEER_EVENT_CONNECTION_STATE, &e));
    assert_int_equal(e.connection_state, RILL_PEER_CLOSED);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_SIGNALING_CLOSED);
    assert_row(rill_peer_create_offer(a.peer, 0, (struct rill_span){a.text, TEXT}, NULL),
               PEER_INVALID_STATE);
    assert_row(set_remote(&a, RILL_PEER_OFFER, rill_view_of("v=0")), PEER_INVALID_STATE);
}

static void the_states_have_their_w3c_names(void **state)
{
    (void)state;
    assert_string_equal(rill_peer_signaling_state_name(RILL_PEER_HAVE_LOCAL_OFFER),
                        "have-local-offer");
    assert_string_equal(rill_peer_signaling_state_name(RILL_PEER_HAVE_REMOTE_OFFER),
                        "have-remote-offer");
    assert_string_equal(rill_peer_connection_state_name(RILL_PEER_DISCONNECTED), "disconnected");
    assert_string_equal(rill_peer_connection_state_name(RILL_PEER_CLOSED), "closed");
}

/* --- descriptions --------------------------------------------------------------------------- */

static void a_changed_local_description_is_refused(void **state)
{
    (void)state;
    add_both_kinds(&a);
    struct rill_view offer = offer_of(&a);
    a.text[offer.n - 3] ^= 1;
    assert_row(set_local(&a, RILL_PEER_OFFER, offer), PEER_SDP_MODIFIED);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_STABLE);
}

static void an_offer_is_not_accepted_as_an_answer(void **state)
{
    (void)state;
    add_both_kinds(&a);
    add_both_kinds(&b);
    struct rill_view offer = offer_of(&a);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    assert_row(set_local(&b, RILL_PEER_ANSWER, offer), PEER_SDP_MODIFIED);
}

static void a_new_offer_has_the_same_session_and_a_higher_version(void **state)
{
    static uint8_t tree[2][1 << 20];
    const struct rill_sdp *s[2];
    (void)state;
    add_both_kinds(&a);
    for (int i = 0; i < 2; i++) {
        struct rill_arena arena = rill_arena_over(tree[i], sizeof tree[i]);
        struct rill_view offer = rill_arena_copy(&arena, offer_of(&a));
        assert_int_equal(rill_sdp_parse(offer, &arena, &s[i], NULL), 0);
    }
    assert_true(rill_view_equal(s[0]->session_id, s[1]->session_id));
    assert_int_equal(s[1]->session_version, s[0]->session_version + 1);
}

static void a_description_of_exactly_the_cap_is_taken(void **state)
{
    (void)state;
    add_both_kinds(&a);
    struct rill_view offer = offer_of(&a);
    reopen(&b, (struct rill_peer_config){.description = offer.n});
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
}

static void a_description_one_byte_over_the_cap_is_refused(void **state)
{
    (void)state;
    add_both_kinds(&a);
    struct rill_view offer = offer_of(&a);
    reopen(&b, (struct rill_peer_config){.description = offer.n - 1});
    assert_row(set_remote(&b, RILL_PEER_OFFER, offer), PEER_NO_ROOM);
    assert_int_equal(rill_peer_signaling_state(b.peer), RILL_PEER_STABLE);
}

static void an_offer_that_does_not_fit_the_buffer_is_refused(void **state)
{
    (void)state;
    add_both_kinds(&a);
    assert_row(rill_peer_create_offer(a.peer, 0, (struct rill_span){a.text, 100}, NULL),
               PEER_NO_ROOM);
}

static void a_malformed_offer_leaves_the_state_and_the_next_one_is_taken(void **state)
{
    (void)state;
    struct rill_err why = {0};
    add_both_kinds(&a);
    assert_true(rill_peer_set_remote_description(b.peer, 0, RILL_PEER_OFFER,
                                                 rill_view_of("v=1\r\n"), &why) < 0);
    assert_non_null(why.row);
    assert_int_equal(rill_peer_signaling_state(b.peer), RILL_PEER_STABLE);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer_of(&a)), 0);
}

static void an_answer_that_does_not_fit_leaves_the_offer_open(void **state)
{
    static uint8_t changed[TEXT];
    (void)state;
    add_both_kinds(&a);
    add_both_kinds(&b);
    struct rill_view offer = offer_of(&a);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer), 0);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    struct rill_view answer = answer_of(&b);
    assert_true(set_remote(&a, RILL_PEER_ANSWER,
                           replaced(answer, "a=fingerprint:", "a=x-print:", changed)) < 0);
    assert_int_equal(rill_peer_signaling_state(a.peer), RILL_PEER_HAVE_LOCAL_OFFER);
    assert_int_equal(set_remote(&a, RILL_PEER_ANSWER, answer), 0);
}

static void an_offer_with_a_payload_type_that_looks_like_rtcp_is_refused(void **state)
{
    static uint8_t once[TEXT], twice[TEXT], thrice[TEXT];
    (void)state;
    add_both_kinds(&a);
    add_both_kinds(&b);
    /* VP8 as 72: with the marker its second byte is 200, an SR. */
    struct rill_view offer = replaced(offer_of(&a), "SAVPF 96", "SAVPF 72", once);
    offer = replaced(offer, "rtpmap:96", "rtpmap:72", twice);
    offer = replaced(offer, "rtcp-fb:96", "rtcp-fb:72", thrice);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer), 0);
    struct rill_view answer = answer_of(&b);
    assert_row(set_local(&b, RILL_PEER_ANSWER, answer), PEER_PAYLOAD_TYPE_RANGE);
}

/* --- tracks ---------------------------------------------------------------------------------- */

static void a_peer_takes_as_many_tracks_as_it_has_room_for_and_not_one_more(void **state)
{
    (void)state;
    reopen(&a, (struct rill_peer_config){.tracks = 2});
    add_both_kinds(&a);
    assert_row(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", "b"), PEER_TOO_MANY_TRACKS);
    assert_row(rill_peer_add_receiver(a.peer, RILL_VIDEO), PEER_TOO_MANY_TRACKS);
}

static void an_offer_with_more_media_than_there_is_room_for_is_answered_in_part(void **state)
{
    struct rill_peer_stats stats;
    (void)state;
    add_both_kinds(&a);
    reopen(&b, (struct rill_peer_config){.tracks = 1});
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, offer_of(&a)), 0);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer_of(&b)), 0);
    rill_peer_stats(b.peer, &stats);
    assert_int_equal(stats.n_received, 1);
    assert_int_equal(stats.received[0].kind, RILL_AUDIO);
}

static void a_track_needs_identifiers_of_1_to_64_token_characters(void **state)
{
    char id[66];
    (void)state;
    memset(id, 'x', sizeof id);
    id[65] = 0;
    assert_row(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, id, "a"), PEER_MSID);
    assert_row(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", ""), PEER_MSID);
    assert_row(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", "a b"), PEER_MSID);
    assert_row(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, "s", "a\r\nm=x"), PEER_MSID);
    id[64] = 0;
    assert_int_equal(rill_peer_add_track(a.peer, RILL_CODEC_OPUS, id, "a"), 0);
}

static void a_track_of_an_unknown_codec_is_refused(void **state)
{
    (void)state;
    assert_row(rill_peer_add_track(a.peer, RILL_CODEC_NONE, "s", "a"), PEER_CODEC);
}

static void both_sides_hear_of_the_tracks_of_the_other(void **state)
{
    struct rill_peer_event e;
    (void)state;
    add_both_kinds(&a);
    add_both_kinds(&b);
    negotiate();
    assert_true(next_event(&a, RILL_PEER_EVENT_TRACK, &e));
    assert_int_equal(e.kind, RILL_AUDIO);
    assert_true(rill_view_is(e.text, "s"));
    assert_true(next_event(&a, RILL_PEER_EVENT_TRACK, &e));
    assert_int_equal(e.kind, RILL_VIDEO);
    assert_int_equal(e.codec, RILL_CODEC_VP8);
    assert_int_equal(e.receiver, 1);
}

/* --- candidates --------------------------------------------------------------------------------
 */

#define CANDIDATE "candidate:1 1 udp 2130706431 192.0.2.7 9 typ host"

static int add_candidate(struct party *p, const char *text, const char *mid, int mline)
{
    return rill_peer_add_ice_candidate(p->peer, 0, rill_view_of(text), rill_view_of(mid), mline,
                                       rill_view_of(NULL), NULL);
}

static void as_many_candidates_wait_for_the_description_as_the_cap_says(void **state)
{
    (void)state;
    reopen(&a, (struct rill_peer_config){.pending_candidates = 2});
    assert_int_equal(add_candidate(&a, CANDIDATE, "0", 0), 0);
    assert_int_equal(add_candidate(&a, CANDIDATE, "0", 0), 0);
    assert_row(add_candidate(&a, CANDIDATE, "0", 0), PEER_TOO_MANY_CANDIDATES);
}

static void a_candidate_too_long_to_wait_is_refused(void **state)
{
    char text[400];
    (void)state;
    snprintf(text, sizeof text, "%s x %0*d", CANDIDATE, 256 - (int)strlen(CANDIDATE) - 3, 7);
    assert_int_equal(strlen(text), 256);
    assert_int_equal(add_candidate(&a, text, "0", 0), 0);
    strcat(text, "7");
    assert_row(add_candidate(&a, text, "0", 0), PEER_CANDIDATE_TOO_LONG);
}

static void a_malformed_candidate_is_refused_before_and_after_the_description(void **state)
{
    (void)state;
    add_both_kinds(&a);
    add_both_kinds(&b);
    assert_true(add_candidate(&a, "candidate:1 1 udp", "0", 0) < 0);
    negotiate();
    assert_true(add_candidate(&a, "candidate:1 1 udp", "0", 0) < 0);
    assert_int_equal(add_candidate(&a, CANDIDATE, "0", 0), 0);
}

static void a_candidate_of_no_m_line_is_refused(void **state)
{
    (void)state;
    add_both_kinds(&a);
    add_both_kinds(&b);
    assert_row(add_candidate(&a, CANDIDATE, "", -1), PEER_UNKNOWN_MLINE);
    negotiate();
    assert_row(add_candidate(&a, CANDIDATE, "nobody", 0), PEER_UNKNOWN_MLINE);
    assert_row(add_candidate(&a, CANDIDATE, "", 7), PEER_UNKNOWN_MLINE);
    assert_int_equal(add_candidate(&a, CANDIDATE, "1", 0), 0);
    assert_int_equal(add_candidate(&a, "", "", -1), 0);
}

static void a_closed_peer_takes_no_candidate(void **state)
{
    (void)state;
    rill_peer_close(a.peer, 0);
    assert_row(add_candidate(&a, CANDIDATE, "0", 0), PEER_IS_CLOSED);
}

static void a_local_candidate_is_told_with_its_m_line_and_ufrag(void **state)
{
    struct rill_peer_event e;
    struct rill_addr address = rill_addr_ip4(192, 0, 2, 1, 0);
    (void)state;
    add_both_kinds(&a);
    assert_int_equal(rill_peer_interface_up(a.peer, 0, &address), 0);
    assert_int_equal(set_local(&a, RILL_PEER_OFFER, offer_of(&a)), 0);
    assert_true(next_event(&a, RILL_PEER_EVENT_OPEN, &e));
    address.port = 4000;
    rill_peer_opened(a.peer, 0, e.request, 7, &address);
    assert_true(next_event(&a, RILL_PEER_EVENT_CANDIDATE, &e));
    assert_true(rill_view_starts(e.text, "candidate:"));
    assert_true(rill_view_is(e.mid, "0"));
    assert_int_equal(e.mline, 0);
    assert_true(e.ufrag.n >= 4);
    assert_true(next_event(&a, RILL_PEER_EVENT_CANDIDATE, &e));
    assert_int_equal(e.text.n, 0); /* the last of this m-line */
    assert_int_equal(e.mline, 0);
}

static void nothing_is_gathered_before_the_local_description(void **state)
{
    struct rill_peer_event e;
    struct rill_addr address = rill_addr_ip4(192, 0, 2, 1, 0);
    (void)state;
    add_both_kinds(&a);
    assert_int_equal(rill_peer_interface_up(a.peer, 0, &address), 0);
    (void)offer_of(&a);
    assert_false(next_event(&a, RILL_PEER_EVENT_OPEN, &e));
}

/* --- what browsers offer -------------------------------------------------------------------------
 */

static const char *const browser_offers[] = {
    "chromium156_offer_av_sendrecv_gathered.sdp",
    "chromium156_offer_av_plus_data_gathered.sdp",
    "chromium156_offer_av_recvonly_transceivers.sdp",
    "firefox153_offer_av_sendrecv_gathered.sdp",
    "firefox153_offer_av_plus_data.sdp",
    "firefox153_offer_av_recvonly_transceivers_gathered.sdp",
};

static void browsers_offers_are_answered_with_sound_and_picture(void **state)
{
    static uint8_t text[TEXT];
    struct rill_peer_stats stats;
    (void)state;
    for (size_t i = 0; i < sizeof browser_offers / sizeof browser_offers[0]; i++) {
        reopen(&b, (struct rill_peer_config){0});
        add_both_kinds(&b);
        assert_int_equal(set_remote(&b, RILL_PEER_OFFER, file(browser_offers[i], text)), 0);
        assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer_of(&b)), 0);
        rill_peer_stats(b.peer, &stats);
        assert_int_equal(stats.n_sent, 2);
        assert_true(stats.sent[0].active && stats.sent[1].active);
        assert_int_equal(stats.n_received, 2);
    }
}

static void a_browsers_payload_types_are_the_ones_we_send_with(void **state)
{
    static uint8_t text[TEXT];
    struct rill_peer_stats stats;
    (void)state;
    add_both_kinds(&b);
    assert_int_equal(
        set_remote(&b, RILL_PEER_OFFER, file("firefox153_offer_av_sendrecv.sdp", text)), 0);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer_of(&b)), 0);
    rill_peer_stats(b.peer, &stats);
    assert_int_equal(stats.sent[0].pt, 109);
    assert_int_equal(stats.sent[1].pt, 120);
}

static void a_data_channel_is_answered_with_port_0_while_sound_and_picture_go_on(void **state)
{
    static uint8_t text[TEXT], tree[1 << 20];
    const struct rill_sdp *s;
    (void)state;
    add_both_kinds(&b);
    assert_int_equal(
        set_remote(&b, RILL_PEER_OFFER, file("chromium156_offer_av_plus_data.sdp", text)), 0);
    struct rill_arena arena = rill_arena_over(tree, sizeof tree);
    struct rill_view answer = answer_of(&b);
    assert_int_equal(rill_sdp_parse(answer, &arena, &s, NULL), 0);
    assert_int_equal(s->n_media, 3);
    assert_int_not_equal(s->media[0].port, 0);
    assert_int_not_equal(s->media[1].port, 0);
    assert_int_equal(s->media[2].port, 0);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer), 0);
}

static void an_offer_of_a_data_channel_alone_is_answered_and_nothing_is_gathered(void **state)
{
    static uint8_t text[TEXT];
    struct rill_peer_event e;
    struct rill_addr address = rill_addr_ip4(192, 0, 2, 1, 0);
    (void)state;
    assert_int_equal(rill_peer_interface_up(b.peer, 0, &address), 0);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER, file("firefox153_offer_data_only.sdp", text)),
                     0);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer_of(&b)), 0);
    assert_int_equal(rill_peer_signaling_state(b.peer), RILL_PEER_STABLE);
    assert_false(next_event(&b, RILL_PEER_EVENT_OPEN, &e));
    assert_int_equal(add_candidate(&b, CANDIDATE, "0", 0), 0);
}

static void a_browsers_recvonly_offer_is_sent_to_and_nothing_is_expected(void **state)
{
    static uint8_t text[TEXT];
    struct rill_peer_stats stats;
    (void)state;
    add_both_kinds(&b);
    assert_int_equal(set_remote(&b, RILL_PEER_OFFER,
                                file("chromium156_offer_av_recvonly_transceivers.sdp", text)),
                     0);
    assert_int_equal(set_local(&b, RILL_PEER_ANSWER, answer_of(&b)), 0);
    rill_peer_stats(b.peer, &stats);
    assert_true(stats.sent[0].active && stats.sent[1].active);
    assert_false(stats.received[0].active || stats.received[1].active);
}

#define with_both(f) cmocka_unit_test_setup_teardown(f, open_both, close_both)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_both(offer_and_answer_walk_through_the_signaling_states),
        with_both(an_answer_without_an_offer_is_refused_in_stable),
        with_both(a_remote_offer_rolls_a_local_one_back),
        with_both(a_local_offer_is_refused_while_a_remote_one_is_open),
        with_both(a_closed_peer_takes_no_description),
        with_both(the_states_have_their_w3c_names),
        with_both(a_changed_local_description_is_refused),
        with_both(an_offer_is_not_accepted_as_an_answer),
        with_both(a_new_offer_has_the_same_session_and_a_higher_version),
        with_both(a_description_of_exactly_the_cap_is_taken),
        with_both(a_description_one_byte_over_the_cap_is_refused),
        with_both(an_offer_that_does_not_fit_the_buffer_is_refused),
        with_both(a_malformed_offer_leaves_the_state_and_the_next_one_is_taken),
        with_both(an_answer_that_does_not_fit_leaves_the_offer_open),
        with_both(an_offer_with_a_payload_type_that_looks_like_rtcp_is_refused),
        with_both(a_peer_takes_as_many_tracks_as_it_has_room_for_and_not_one_more),
        with_both(an_offer_with_more_media_than_there_is_room_for_is_answered_in_part),
        with_both(a_track_needs_identifiers_of_1_to_64_token_characters),
        with_both(a_track_of_an_unknown_codec_is_refused),
        with_both(both_sides_hear_of_the_tracks_of_the_other),
        with_both(as_many_candidates_wait_for_the_description_as_the_cap_says),
        with_both(a_candidate_too_long_to_wait_is_refused),
        with_both(a_malformed_candidate_is_refused_before_and_after_the_description),
        with_both(a_candidate_of_no_m_line_is_refused),
        with_both(a_closed_peer_takes_no_candidate),
        with_both(a_local_candidate_is_told_with_its_m_line_and_ufrag),
        with_both(nothing_is_gathered_before_the_local_description),
        with_both(browsers_offers_are_answered_with_sound_and_picture),
        with_both(a_browsers_payload_types_are_the_ones_we_send_with),
        with_both(a_data_channel_is_answered_with_port_0_while_sound_and_picture_go_on),
        with_both(an_offer_of_a_data_channel_alone_is_answered_and_nothing_is_gathered),
        with_both(a_browsers_recvonly_offer_is_sent_to_and_nothing_is_expected),
    };
    struct rill_rng_seeded generator;
    rill_rng_seeded_init(&generator, 9);
    struct rill_rng rng = rill_rng_seeded(&generator);
    cert_block = malloc(rill_dtls_cert_size());
    if (rill_dtls_cert_init(cert_block, &rng, &cert) < 0)
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    rill_dtls_cert_free(cert);
    free(cert_block);
    return rc;
}
