/* encodings: several encodings are offered, asked for and answered (RFC 8851, RFC 8853). */
#include "peer/peer.h"

#include "dtls/cert.h"
#include "sdp/caps.h"
#include "tests/rill_test.h"

#include <stdio.h>

struct party {
    struct rill_rng_seeded generator;
    struct rill_peer *peer;
    void *block;
};

static struct party a, b;
static struct rill_dtls_cert *cert;
static uint8_t offer[16384];
static uint8_t answer[16384];

/* Encodings that b has room for beyond the first. */
static size_t received_room;

static void open_party(struct party *p, uint64_t seed)
{
    rill_rng_seeded_init(&p->generator, seed);
    struct rill_peer_config config = {
        .cert = cert,
        .history_packets = 64,
        .jitter_packets = 64,
        .frame_bytes = 4096,
        .encodings_sent = RILL_PEER_ENCODINGS_MAX - 1,
        .encodings_received = received_room,
        .rng = rill_rng_seeded(&p->generator),
    };
    p->block = malloc(rill_peer_size(&config));
    p->peer = rill_peer_init(p->block, &config);
    assert_non_null(p->peer);
}

static int open_both(void **state)
{
    (void)state;
    received_room = 2;
    open_party(&a, 1);
    open_party(&b, 2);
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

static const struct rill_peer_encoding three[] = {
    {"h", true, 900000, 1},
    {"m", true, 0, 2},
    {"l", true, 150000, 4},
};

static void offer_encodings(const struct rill_peer_encoding *e, size_t n)
{
    assert_int_equal(rill_peer_add_transceiver_encodings(a.peer, RILL_CODEC_VP8, RILL_SDP_SENDONLY,
                                                         "s", "v", e, n),
                     0);
    int size = rill_peer_create_offer(a.peer, 0, (struct rill_span){offer, sizeof offer - 1}, NULL);
    assert_true(size > 0);
    offer[size] = 0;
    struct rill_view text = rill_view_at(offer, (size_t)size);
    assert_int_equal(rill_peer_set_local_description(a.peer, 0, RILL_PEER_OFFER, text, NULL), 0);
    assert_int_equal(rill_peer_set_remote_description(b.peer, 0, RILL_PEER_OFFER, text, NULL), 0);
}

/* b's answer as if it knew no names, with these lines in its one m-line; -1: refused. */
static int answered_with(const char *lines)
{
    int n = rill_peer_create_answer(b.peer, 0, (struct rill_span){answer, sizeof answer - 1}, NULL);
    char text[sizeof answer], *at = text;
    assert_true(n > 0);
    answer[n] = 0;
    for (char *line = strtok((char *)answer, "\n"); line; line = strtok(NULL, "\n"))
        if (!strstr(line, "a=rid") && !strstr(line, "a=simulcast") &&
            !strstr(line, RILL_SDP_EXT_RID))
            at += sprintf(at, "%s\n", line);
    at += sprintf(at, "%s", lines);
    return rill_peer_set_remote_description(a.peer, 0, RILL_PEER_ANSWER,
                                            rill_view_at(text, (size_t)(at - text)), NULL);
}

/* b's own answer, set on both sides. */
static const char *answered(void)
{
    int n = rill_peer_create_answer(b.peer, 0, (struct rill_span){answer, sizeof answer - 1}, NULL);
    assert_true(n > 0);
    answer[n] = 0;
    struct rill_view text = rill_view_at(answer, (size_t)n);
    assert_int_equal(rill_peer_set_local_description(b.peer, 0, RILL_PEER_ANSWER, text, NULL), 0);
    assert_int_equal(rill_peer_set_remote_description(a.peer, 0, RILL_PEER_ANSWER, text, NULL), 0);
    return (const char *)answer;
}

static struct rill_peer_encoding_info info_of(struct rill_peer *peer, size_t encoding)
{
    struct rill_peer_encoding_info info;
    assert_true(rill_peer_encoding(peer, 0, encoding, &info));
    return info;
}

/* The encodings that are sent, bit i for encoding i. */
static unsigned sent(struct rill_peer *peer)
{
    struct rill_peer_encoding_info info;
    unsigned bits = 0;
    for (size_t i = 0; rill_peer_encoding(peer, 0, i, &info); i++)
        bits |= info.sends ? 1u << i : 0;
    return bits;
}

static struct rill_peer_transceiver_info transceiver_of(struct rill_peer *peer)
{
    struct rill_peer_transceiver_info info;
    assert_true(rill_peer_transceiver(peer, 0, &info));
    return info;
}

static int send_rc(size_t encoding)
{
    static const uint8_t bytes[32];
    struct rill_frame f = {
        .kind = RILL_VIDEO, .bytes = rill_view_at(bytes, sizeof bytes), .encoding = encoding};
    return rill_peer_send_frame(a.peer, 0, 0, &f);
}

#define EXT "a=extmap:10 " RILL_SDP_EXT_RID "\r\n"
#define ALL "a=rid:h recv\r\na=rid:m recv\r\na=rid:l recv\r\n"

static void several_are_offered_with_their_extension_and_all_are_sent(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    const char *text = (const char *)offer;
    assert_non_null(strstr(text, "a=rid:h send\r\na=rid:m send\r\na=rid:l send\r\n"
                                 "a=simulcast:send h;m;l\r\n"));
    assert_non_null(strstr(text, EXT));
    assert_null(strstr(text, "a=ssrc:"));
    assert_int_equal(answered_with(ALL EXT "a=simulcast:recv h;m;l\r\n"), 0);
    assert_int_equal(sent(a.peer), 7);
    assert_int_equal(info_of(a.peer, 0).max_bitrate, 900000);
    assert_true(info_of(a.peer, 2).scale_resolution_down_by == 4);
    for (size_t i = 0; i < 3; i++)
        assert_row(send_rc(i), PEER_NOT_CONNECTED);
    assert_row(send_rc(3), PEER_NOT_SENDING);
}

static void one_with_a_name_is_no_simulcast(void **state)
{
    (void)state;
    offer_encodings(three, 1);
    assert_non_null(strstr((const char *)offer, "a=rid:h send\r\n"));
    assert_null(strstr((const char *)offer, "a=simulcast"));
    assert_int_equal(answered_with(EXT "a=rid:h recv\r\n"), 0);
    assert_int_equal(sent(a.peer), 1);
}

static void what_the_answer_drops_or_pauses_is_not_sent(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    assert_int_equal(answered_with("a=rid:m recv\r\na=rid:l recv\r\na=simulcast:recv ~m;l\r\n" EXT),
                     0);
    assert_int_equal(sent(a.peer), 4);
    assert_false(info_of(a.peer, 0).taken);
    assert_true(info_of(a.peer, 1).taken && info_of(a.peer, 1).paused);
    assert_row(send_rc(0), PEER_NOT_SENDING);
    assert_row(send_rc(1), PEER_NOT_SENDING);
    assert_row(send_rc(2), PEER_NOT_CONNECTED);
}

static void of_alternatives_one_is_sent(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    assert_int_equal(answered_with(ALL EXT "a=simulcast:recv h,m;l\r\n"), 0);
    assert_int_equal(sent(a.peer), 5);
}

static void without_the_extension_in_the_answer_one_of_them_is_sent(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    assert_int_equal(answered_with("a=rid:m recv\r\na=rid:l recv\r\na=simulcast:recv m;l\r\n"), 0);
    assert_int_equal(sent(a.peer), 2);
}

/* RFC 8851 §6.3, §6.4 */
static void a_restriction_that_was_not_offered_makes_the_answer_drop_the_encoding(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    assert_int_equal(answered_with("a=rid:h recv max-width=640\r\na=rid:l recv\r\n"
                                   "a=simulcast:recv h;l\r\n" EXT),
                     0);
    assert_int_equal(sent(a.peer), 4);
}

static void an_answer_that_knows_no_rids_gets_the_first(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    assert_int_equal(answered_with(""), 0);
    assert_int_equal(sent(a.peer), 1);
}

static void none_is_sent_when_none_is_active(void **state)
{
    struct rill_peer_encoding e[] = {{"h", false, 0, 1}, {"l", true, 0, 2}};
    (void)state;
    offer_encodings(e, 2);
    assert_int_equal(answered_with(EXT "a=rid:h recv\r\na=simulcast:recv h\r\n"), 0);
    assert_int_equal(sent(a.peer), 0);
    assert_row(send_rc(0), PEER_NOT_SENDING);
}

static void set_encoding_begins_and_ends_one_without_negotiation(void **state)
{
    struct rill_peer_encoding off = three[1], other = three[0];
    (void)state;
    off.active = false;
    offer_encodings(three, 3);
    assert_int_equal(answered_with(ALL EXT "a=simulcast:recv h;m;l\r\n"), 0);
    assert_int_equal(rill_peer_set_encoding(a.peer, 0, 0, 1, &off), 0);
    assert_int_equal(sent(a.peer), 5);
    assert_false(rill_peer_negotiation_needed(a.peer));
    off.active = true;
    off.rid = NULL;
    assert_int_equal(rill_peer_set_encoding(a.peer, 0, 0, 1, &off), 0);
    assert_int_equal(sent(a.peer), 7);
    assert_row(rill_peer_set_encoding(a.peer, 0, 0, 1, &other), PEER_ENCODINGS);
    assert_row(rill_peer_set_encoding(a.peer, 0, 0, 3, &off), PEER_ENCODINGS);
    assert_row(rill_peer_set_encoding(a.peer, 0, 4, 0, &off), PEER_NO_TRANSCEIVER);
    other.scale_resolution_down_by = 0.5;
    assert_row(rill_peer_set_encoding(a.peer, 0, 0, 0, &other), PEER_ENCODINGS);
}

static void without_scales_each_is_twice_the_one_before(void **state)
{
    struct rill_peer_encoding e[] = {{"1", true, 0, 0}, {"2", true, 0, 0}, {"3", true, 0, 0}};
    (void)state;
    offer_encodings(e, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(info_of(a.peer, i).scale_resolution_down_by == (double)(4u >> i));
}

/* --- receiving ------------------------------------------------------------------------------- */

static void an_offer_of_three_is_answered_with_three(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    const char *text = answered();
    assert_non_null(strstr(text, ALL "a=simulcast:recv h;m;l\r\n"));
    assert_non_null(strstr(text, EXT));
    assert_int_equal(sent(a.peer), 7);
    assert_int_equal(transceiver_of(b.peer).n_received, 3);
    assert_int_equal(rill_peer_choose_encoding(b.peer, 0, 2), 0);
    assert_int_equal(rill_peer_choose_encoding(b.peer, 0, -1), 0);
    assert_row(rill_peer_choose_encoding(b.peer, 0, 3), PEER_ENCODINGS);
}

static void no_more_are_taken_than_there_is_room_for(void **state)
{
    (void)state;
    rill_peer_free(b.peer);
    free(b.block);
    received_room = 1;
    open_party(&b, 2);
    offer_encodings(three, 3);
    const char *text = answered();
    assert_non_null(strstr(text, "a=rid:h recv\r\na=rid:m recv\r\na=simulcast:recv h;m\r\n"));
    assert_int_equal(sent(a.peer), 3);
}

/* The offer with its names' lines in other words, set on b alone. */
static const char *answer_to(const char *lines)
{
    static char changed[sizeof offer];
    struct rill_err why = {0};
    assert_int_equal(rill_peer_add_transceiver(a.peer, RILL_CODEC_VP8, RILL_SDP_SENDRECV, "s", "v"),
                     0);
    int n = rill_peer_create_offer(a.peer, 0, (struct rill_span){offer, sizeof offer - 1}, NULL);
    n = snprintf(changed, sizeof changed, "%.*s%s", n, (const char *)offer, lines);
    if (rill_peer_set_remote_description(b.peer, 0, RILL_PEER_OFFER,
                                         rill_view_at(changed, (size_t)n), &why) < 0)
        fail_msg("%s", why.row->name);
    n = rill_peer_create_answer(b.peer, 0, (struct rill_span){answer, sizeof answer - 1}, NULL);
    assert_true(n > 0);
    answer[n] = 0;
    struct rill_view text = rill_view_at(answer, (size_t)n);
    assert_int_equal(rill_peer_set_local_description(b.peer, 0, RILL_PEER_ANSWER, text, NULL), 0);
    return (const char *)answer;
}

static void what_is_offered_paused_is_answered_paused(void **state)
{
    (void)state;
    const char *text = answer_to(EXT "a=rid:1 send\r\na=rid:2 send\r\na=simulcast:send 1;~2\r\n");
    assert_non_null(strstr(text, "a=simulcast:recv 1;~2\r\n"));
}

static void what_is_paused_leaves_the_room_to_the_others(void **state)
{
    (void)state;
    rill_peer_free(b.peer);
    free(b.block);
    received_room = 1;
    open_party(&b, 2);
    const char *text = answer_to(EXT "a=rid:1 send\r\na=rid:2 send\r\na=rid:3 send\r\n"
                                     "a=rid:4 send\r\na=simulcast:send ~1;~2,3;4\r\n");
    assert_non_null(strstr(text, "a=rid:3 recv\r\na=rid:4 recv\r\na=simulcast:recv 3;4\r\n"));
}

/* RFC 8851 §6.2.2, §6.3 */
static void restrictions_of_a_sender_stay_and_formats_are_left_to_what_is_agreed(void **state)
{
    (void)state;
    const char *text =
        answer_to(EXT "a=rid:1 send pt=111,96;max-width=640;x-other=3\r\na=rid:2 send pt=97\r\n"
                      "a=rid:3 send depend=1\r\na=rid:4 send\r\na=simulcast:send 2;1;3;4\r\n");
    assert_non_null(strstr(text, "a=rid:1 recv pt=96;max-width=640;x-other=3\r\na=rid:4 recv\r\n"
                                 "a=simulcast:recv 1;4\r\n"));
}

static void without_the_extension_no_names_are_taken(void **state)
{
    (void)state;
    const char *text = answer_to("a=rid:1 send\r\na=rid:2 send\r\na=simulcast:send 1;2\r\n");
    assert_null(strstr(text, "a=rid"));
    assert_null(strstr(text, "a=simulcast"));
}

/* RFC 8285 §5, as Firefox offers it. */
static void an_extension_for_what_is_sent_alone_is_enough(void **state)
{
    (void)state;
    const char *text = answer_to("a=extmap:10/sendonly " RILL_SDP_EXT_RID "\r\na=rid:1 send\r\n"
                                 "a=rid:2 send\r\na=simulcast:send 1;2\r\n");
    assert_non_null(strstr(text, "a=extmap:10/recvonly " RILL_SDP_EXT_RID "\r\n"));
    assert_int_equal(transceiver_of(b.peer).n_received, 2);
}

/* webrtc-pc §4.4.1.5 */
static void an_offer_that_asks_for_simulcast_gives_its_names_to_a_track(void **state)
{
    (void)state;
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_VP8, "t", "w"), 0);
    const char *text = answer_to(EXT "a=rid:lo recv max-width=320;max-br=90000\r\na=rid:hi recv\r\n"
                                     "a=rid:no recv max-bpp=0.1\r\na=simulcast:recv lo;hi;no\r\n");
    assert_non_null(strstr(text, "a=rid:lo send max-width=320;max-br=90000\r\na=rid:hi send\r\n"
                                 "a=simulcast:send lo;hi\r\n"));
    assert_int_equal(sent(b.peer), 3);
    assert_int_equal(info_of(b.peer, 0).max_width, 320);
    assert_int_equal(info_of(b.peer, 0).max_bitrate, 90000);
    assert_true(info_of(b.peer, 0).scale_resolution_down_by == 4);
    assert_int_equal(info_of(b.peer, 1).max_width, 0);
}

static void a_rollback_takes_the_names_of_an_offer_back(void **state)
{
    static const char lines[] = EXT "a=rid:1 recv\r\na=rid:2 recv\r\na=simulcast:recv 1;2\r\n";
    char text[sizeof offer];
    (void)state;
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_VP8, "t", "w"), 0);
    assert_int_equal(rill_peer_add_transceiver(a.peer, RILL_CODEC_VP8, RILL_SDP_SENDRECV, "s", "v"),
                     0);
    int n = rill_peer_create_offer(a.peer, 0, (struct rill_span){offer, sizeof offer - 1}, NULL);
    n = snprintf(text, sizeof text, "%.*s%s", n, (const char *)offer, lines);
    assert_int_equal(rill_peer_set_remote_description(b.peer, 0, RILL_PEER_OFFER,
                                                      rill_view_at(text, (size_t)n), NULL),
                     0);
    assert_int_equal(transceiver_of(b.peer).n_encodings, 2);
    assert_int_equal(
        rill_peer_set_remote_description(b.peer, 0, RILL_PEER_ROLLBACK, rill_view_of(""), NULL), 0);
    assert_int_equal(transceiver_of(b.peer).n_encodings, 0);
}

static void what_is_no_encoding_is_refused(void **state)
{
    static const struct {
        struct rill_peer_encoding e[2];
    } bad[] = {
        {{{"h", true, 0, 1}, {"h", true, 0, 1}}},
        {{{"h", true, 0, 1}, {"", true, 0, 1}}},
        {{{"h", true, 0, 1}, {NULL, true, 0, 1}}},
        {{{"h", true, 0, 1}, {"a b", true, 0, 1}}},
        {{{"h", true, 0, 1}, {"l", true, 0, 0.5}}},
        {{{"h", true, 0, 1}, {"12345678901234567", true, 0, 1}}},
    };
    struct rill_peer_encoding many[RILL_PEER_ENCODINGS_MAX + 1];
    char names[RILL_PEER_ENCODINGS_MAX + 1][2] = {{0}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_row(rill_peer_add_transceiver_encodings(a.peer, RILL_CODEC_VP8, RILL_SDP_SENDRECV,
                                                       "s", "v", bad[i].e, 2),
                   PEER_ENCODINGS);
    for (size_t i = 0; i <= RILL_PEER_ENCODINGS_MAX; i++) {
        names[i][0] = (char)('a' + i);
        many[i] = (struct rill_peer_encoding){names[i], true, 0, 1};
    }
    assert_row(rill_peer_add_transceiver_encodings(a.peer, RILL_CODEC_VP8, RILL_SDP_SENDRECV, "s",
                                                   "v", many, RILL_PEER_ENCODINGS_MAX + 1),
               PEER_ENCODINGS);
    assert_string_equal(rill_peer_exception_name(RILL_PEER_ENCODINGS), "TypeError");
    offer_encodings(many, RILL_PEER_ENCODINGS_MAX);
}

static void one_more_than_there_is_room_for_is_refused(void **state)
{
    (void)state;
    assert_int_equal(rill_peer_add_transceiver_encodings(a.peer, RILL_CODEC_VP8, RILL_SDP_SENDONLY,
                                                         "s", "u", three, 3),
                     0);
    struct rill_peer_encoding many[7] = {{.rid = "1"}, {.rid = "2"}, {.rid = "3"}, {.rid = "4"},
                                         {.rid = "5"}, {.rid = "6"}, {.rid = "7"}};
    assert_row(rill_peer_add_transceiver_encodings(a.peer, RILL_CODEC_VP8, RILL_SDP_SENDONLY, "s",
                                                   "v", many, 7),
               PEER_ENCODINGS);
    assert_int_equal(rill_peer_add_transceiver_encodings(a.peer, RILL_CODEC_VP8, RILL_SDP_SENDONLY,
                                                         "s", "v", many, 6),
                     1);
}

/* A re-offer of the side that receives keeps what it receives. */
static void an_offer_of_the_receiver_keeps_the_names(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    (void)answered();
    int n = rill_peer_create_offer(b.peer, 0, (struct rill_span){offer, sizeof offer - 1}, NULL);
    assert_true(n > 0);
    offer[n] = 0;
    assert_non_null(strstr((const char *)offer, ALL "a=simulcast:recv h;m;l\r\n"));
}

static int make_cert(void **state)
{
    static struct rill_rng_seeded generator;
    (void)state;
    rill_rng_seeded_init(&generator, 7);
    struct rill_rng rng = rill_rng_seeded(&generator);
    return rill_dtls_cert_init(malloc(rill_dtls_cert_size()), &rng, &cert);
}

static int free_cert(void **state)
{
    (void)state;
    rill_dtls_cert_free(cert);
    free(cert);
    return 0;
}

int main(void)
{
#define CALL(f) cmocka_unit_test_setup_teardown(f, open_both, close_both)
    const struct CMUnitTest tests[] = {
        CALL(several_are_offered_with_their_extension_and_all_are_sent),
        CALL(one_with_a_name_is_no_simulcast),
        CALL(what_the_answer_drops_or_pauses_is_not_sent),
        CALL(of_alternatives_one_is_sent),
        CALL(a_restriction_that_was_not_offered_makes_the_answer_drop_the_encoding),
        CALL(an_answer_that_knows_no_rids_gets_the_first),
        CALL(none_is_sent_when_none_is_active),
        CALL(set_encoding_begins_and_ends_one_without_negotiation),
        CALL(without_scales_each_is_twice_the_one_before),
        CALL(an_offer_of_three_is_answered_with_three),
        CALL(no_more_are_taken_than_there_is_room_for),
        CALL(what_is_offered_paused_is_answered_paused),
        CALL(what_is_paused_leaves_the_room_to_the_others),
        CALL(restrictions_of_a_sender_stay_and_formats_are_left_to_what_is_agreed),
        CALL(without_the_extension_no_names_are_taken),
        CALL(an_offer_that_asks_for_simulcast_gives_its_names_to_a_track),
        CALL(a_rollback_takes_the_names_of_an_offer_back),
        CALL(what_is_no_encoding_is_refused),
        CALL(one_more_than_there_is_room_for_is_refused),
        CALL(an_offer_of_the_receiver_keeps_the_names),
        CALL(without_the_extension_in_the_answer_one_of_them_is_sent),
        CALL(an_extension_for_what_is_sent_alone_is_enough),
    };
    return cmocka_run_group_tests(tests, make_cert, free_cert);
}
