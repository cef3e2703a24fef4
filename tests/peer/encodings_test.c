/* encodings: several encodings are offered, and what the answer takes of them (RFC 8851, RFC 8853).
 */
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

static void open_party(struct party *p, uint64_t seed)
{
    rill_rng_seeded_init(&p->generator, seed);
    struct rill_peer_config config = {
        .cert = cert,
        .history_packets = 64,
        .jitter_packets = 64,
        .frame_bytes = 4096,
        .rng = rill_rng_seeded(&p->generator),
    };
    p->block = malloc(rill_peer_size(&config));
    p->peer = rill_peer_init(p->block, &config);
    assert_non_null(p->peer);
}

static int open_both(void **state)
{
    (void)state;
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

/* b's answer with these lines in its one m-line. */
static struct rill_peer_transceiver_info answered_with(const char *lines)
{
    struct rill_peer_transceiver_info info;
    int n = rill_peer_create_answer(b.peer, 0, (struct rill_span){answer, sizeof answer}, NULL);
    assert_true(n > 0);
    assert_true(rill_view_is(rill_view_at(answer + n - 2, 2), "\r\n"));
    n += snprintf((char *)answer + n, sizeof answer - (size_t)n, "%s", lines);
    struct rill_err why = {0};
    if (rill_peer_set_remote_description(a.peer, 0, RILL_PEER_ANSWER,
                                         rill_view_at(answer, (size_t)n), &why) < 0)
        fail_msg("%s", why.row->name);
    assert_true(rill_peer_transceiver(a.peer, 0, &info));
    return info;
}

static int send_rc(void)
{
    static const uint8_t bytes[32];
    struct rill_frame f = {.kind = RILL_VIDEO, .bytes = rill_view_at(bytes, sizeof bytes)};
    return rill_peer_send_frame(a.peer, 0, 0, &f);
}

#define EXT "a=extmap:10 " RILL_SDP_EXT_RID "\r\n"
#define ALL "a=rid:h recv\r\na=rid:m recv\r\na=rid:l recv\r\n"

static void several_are_offered_with_their_extension(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    const char *text = (const char *)offer;
    assert_non_null(strstr(text, "a=rid:h send\r\na=rid:m send\r\na=rid:l send\r\n"
                                 "a=simulcast:send h;m;l\r\n"));
    assert_non_null(strstr(text, EXT));
    struct rill_peer_transceiver_info info = answered_with(ALL EXT "a=simulcast:recv h;m;l\r\n");
    assert_int_equal(info.encodings, 7);
    assert_int_equal(info.encoding, 0);
    assert_int_equal(info.max_bitrate, 900000);
    assert_true(info.scale_resolution_down_by == 1);
}

static void one_with_a_name_is_no_simulcast(void **state)
{
    (void)state;
    offer_encodings(three, 1);
    assert_non_null(strstr((const char *)offer, "a=rid:h send\r\n"));
    assert_null(strstr((const char *)offer, "a=simulcast"));
    struct rill_peer_transceiver_info info = answered_with("a=rid:h recv\r\n");
    assert_int_equal(info.encodings, 1);
    assert_int_equal(info.encoding, 0);
}

static void what_the_answer_drops_or_pauses_is_not_sent(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    struct rill_peer_transceiver_info info =
        answered_with("a=rid:m recv\r\na=rid:l recv\r\na=simulcast:recv ~m;l\r\n" EXT);
    assert_int_equal(info.encodings, 6);
    assert_int_equal(info.encoding, 2);
    assert_int_equal(info.max_bitrate, 150000);
    assert_true(info.scale_resolution_down_by == 4);
    assert_row(send_rc(), PEER_NOT_CONNECTED);
}

static void an_answer_that_knows_no_rids_gets_the_first(void **state)
{
    (void)state;
    offer_encodings(three, 3);
    struct rill_peer_transceiver_info info = answered_with("");
    assert_int_equal(info.encodings, 1);
    assert_int_equal(info.encoding, 0);
}

static void none_is_sent_when_none_is_active(void **state)
{
    struct rill_peer_encoding e[] = {{"h", false, 0, 1}, {"l", true, 0, 2}};
    (void)state;
    offer_encodings(e, 2);
    struct rill_peer_transceiver_info info =
        answered_with("a=rid:h recv\r\na=simulcast:recv h\r\n");
    assert_int_equal(info.encodings, 1);
    assert_int_equal(info.encoding, -1);
    assert_row(send_rc(), PEER_NOT_SENDING);
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

/* Answers of ours name none. */
static void an_offer_that_is_answered_gets_the_first(void **state)
{
    (void)state;
    assert_int_equal(rill_peer_add_track(b.peer, RILL_CODEC_VP8, "t", "w"), 0);
    offer_encodings(three, 3);
    int n = rill_peer_create_answer(b.peer, 0, (struct rill_span){answer, sizeof answer - 1}, NULL);
    assert_true(n > 0);
    answer[n] = 0;
    assert_null(strstr((const char *)answer, "a=rid"));
    assert_null(strstr((const char *)answer, RILL_SDP_EXT_RID));
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
        CALL(several_are_offered_with_their_extension),
        CALL(one_with_a_name_is_no_simulcast),
        CALL(what_the_answer_drops_or_pauses_is_not_sent),
        CALL(an_answer_that_knows_no_rids_gets_the_first),
        CALL(none_is_sent_when_none_is_active),
        CALL(what_is_no_encoding_is_refused),
        CALL(an_offer_that_is_answered_gets_the_first),
    };
    return cmocka_run_group_tests(tests, make_cert, free_cert);
}
