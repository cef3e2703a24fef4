/* Whole calls, seen at their transport: who is who in DTLS, who is believed, how a call ends.
 * The attacks are those of ES2023-01 (DTLS hello race) and ES2025-01 (RTP inject): what comes
 * from an address that ICE has not validated changes nothing. */
#include "dtls/errors.h"
#include "srtp/errors.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

#include <stdio.h>

static struct rill_sim_call *begin(const struct rill_sim_call_options *o)
{
    struct rill_sim_call *c = rill_sim_call_new(o);
    rill_sim_call_start(c);
    return c;
}

static void assert_media_arrived(const struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].video.wrong_bytes, 0);
        assert_int_equal(c->sides[i].video.last_index + 1, c->sides[1 - i].video.n_sent);
        assert_int_equal(c->sides[i].audio.last_index + 1, c->sides[1 - i].audio.n_sent);
        assert_true(c->sides[i].video.received > 20);
    }
}

static struct rill_peer_stats stats_of(const struct rill_sim_call *c, int side)
{
    struct rill_peer_stats stats;
    rill_peer_stats(c->sides[side].peer, &stats);
    return stats;
}

/* Puts `by` over the first `piece` of a message; same length. */
static void overwrite(struct rill_sim_message *m, const char *piece, const char *by)
{
    size_t n = strlen(piece);
    for (size_t i = 0; i + n <= m->n; i++) {
        if (memcmp(m->text + i, piece, n) != 0)
            continue;
        memmove(m->text + i + strlen(by), m->text + i + n, m->n - i - n);
        memcpy(m->text + i, by, strlen(by));
        m->n = m->n - n + strlen(by);
        i += strlen(by);
    }
}

/* --- roles ------------------------------------------------------------------------------- */

static void a_call_delivers_sound_and_picture_both_ways_complete_and_in_order(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    assert_true(rill_sim_call_run(c, 4 * RILL_SECOND));
    assert_media_arrived(c);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].video.skipped + c->sides[i].audio.skipped, 0);
        assert_int_equal(c->sides[i].tracks_seen, 2);
    }
    rill_sim_call_free(c);
}

static void the_answerer_is_the_dtls_client_of_an_actpass_offer(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, RILL_SECOND);
    assert_string_equal(stats_of(c, RILL_SIM_ANSWERER).transports[0].dtls_role, "client");
    assert_string_equal(stats_of(c, RILL_SIM_OFFERER).transports[0].dtls_role, "server");
    rill_sim_call_free(c);
}

static bool offer_active(void *ctx, struct rill_sim_message *m)
{
    (void)ctx;
    if (m->type == RILL_SIM_OFFER)
        overwrite(m, "a=setup:actpass", "a=setup:active");
    return true;
}

static void the_offerer_is_the_dtls_client_when_it_offers_active(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.tamper = offer_active;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_string_equal(stats_of(c, RILL_SIM_OFFERER).transports[0].dtls_role, "client");
    assert_media_arrived(c);
    rill_sim_call_free(c);
}

static void dtls_does_not_wait_for_nomination(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.link.delay = 100 * RILL_MS;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run_until(c, 30 * RILL_SECOND, rill_sim_call_both_connected);
    /* Two signaling trips of 30 ms, one round trip of checks, two of DTLS and some pacing. */
    assert_in_range(c->now, 400 * RILL_MS, 900 * RILL_MS);
    rill_sim_call_free(c);
}

/* --- fingerprints ---------------------------------------------------------------------------- */

/* One bit of the description's fingerprint is another. */
static bool wrong_fingerprint(void *ctx, struct rill_sim_message *m)
{
    static const char prefix[] = "a=fingerprint:sha-256 ";
    const enum rill_sim_message_type *which = ctx;
    for (size_t i = 0; m->type == *which && i + sizeof prefix < m->n; i++) {
        if (memcmp(m->text + i, prefix, sizeof prefix - 1) != 0)
            continue;
        char *digit = m->text + i + sizeof prefix - 1;
        *digit = *digit == '0' ? '1' : '0';
    }
    return true;
}

static bool no_srtp(struct rill_sim_call *c, int from, struct rill_path *path, struct rill_span d)
{
    size_t *count = c->watch_ctx;
    (void)path;
    if (from == RILL_SIM_OFFERER && d.p[0] >= 128 && d.p[0] <= 191)
        (*count)++;
    return true;
}

static void a_wrong_fingerprint_in_the_answer_ends_the_call_on_the_offerers_side(void **state)
{
    enum rill_sim_message_type which = RILL_SIM_ANSWER;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    size_t srtp = 0;
    (void)state;
    o.tamper = wrong_fingerprint;
    o.ctx = &which;
    struct rill_sim_call *c = begin(&o);
    c->watch = no_srtp;
    c->watch_ctx = &srtp;
    rill_sim_call_run(c, 10 * RILL_SECOND);
    struct rill_sim_side *s = &c->sides[RILL_SIM_OFFERER];
    assert_int_equal(s->state, RILL_PEER_FAILED);
    assert_row(s->error, DTLS_FINGERPRINT_MISMATCH);
    assert_int_equal(s->connected_at, RILL_NEVER);
    assert_int_equal(srtp, 0);
    assert_int_not_equal(c->sides[RILL_SIM_ANSWERER].state, RILL_PEER_CONNECTED);
    rill_sim_call_free(c);
}

static void a_wrong_fingerprint_in_the_offer_ends_the_call_on_the_answerers_side(void **state)
{
    enum rill_sim_message_type which = RILL_SIM_OFFER;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.tamper = wrong_fingerprint;
    o.ctx = &which;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 10 * RILL_SECOND);
    struct rill_sim_side *s = &c->sides[RILL_SIM_ANSWERER];
    assert_int_equal(s->state, RILL_PEER_FAILED);
    assert_row(s->error, DTLS_FINGERPRINT_MISMATCH);
    assert_int_equal(s->connected_at, RILL_NEVER);
    rill_sim_call_free(c);
}

/* --- what comes early ------------------------------------------------------------------------- */

static bool is_client_hello(struct rill_span d)
{
    return d.n > 14 && d.p[0] == 22 && d.p[13] == 1;
}

/* Only the first ClientHello passes. */
static bool one_hello(struct rill_sim_call *c, int from, struct rill_path *path, struct rill_span d)
{
    size_t *count = c->watch_ctx;
    (void)from;
    (void)path;
    return !is_client_hello(d) || (*count)++ == 0;
}

static struct rill_sim_call *call_with_a_late_answer(size_t *hellos, int64_t delay)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.signaling_delay = delay;
    struct rill_sim_call *c = begin(&o);
    c->watch = one_hello;
    c->watch_ctx = hellos;
    return c;
}

static void a_client_hello_that_comes_before_the_answer_is_held(void **state)
{
    size_t hellos = 0;
    (void)state;
    struct rill_sim_call *c = call_with_a_late_answer(&hellos, 500 * RILL_MS);
    rill_sim_call_run(c, 3 * RILL_SECOND);
    assert_true(hellos > 1); /* more were sent, and kept off the network */
    assert_true(rill_sim_call_both_connected(c));
    rill_sim_call_free(c);
}

static void a_client_hello_is_held_for_3_seconds_and_no_longer(void **state)
{
    size_t hellos = 0;
    (void)state;
    struct rill_sim_call *c = call_with_a_late_answer(&hellos, 3500 * RILL_MS);
    rill_sim_call_run(c, 15 * RILL_SECOND);
    assert_true(hellos > 1);
    assert_int_not_equal(c->sides[0].state, RILL_PEER_CONNECTED);
    rill_sim_call_free(c);
}

/* Datagrams with the answerer's address, which the offerer has validated, before the answer. */
static int early_input(struct rill_sim_call *c, uint8_t first, size_t n)
{
    _Alignas(8) uint8_t bytes[1200] = {first};
    struct rill_path path = {.socket = c->sides[0].socket, .remote = c->sides[1].bound};
    return rill_peer_input(c->sides[0].peer, c->now, &path, (struct rill_span){bytes, n});
}

static void no_more_than_4_kib_are_held(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.signaling_delay = 500 * RILL_MS;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 590 * RILL_MS);
    int rc = 0;
    for (int i = 0; i < 5 && rc == 0; i++)
        rc = early_input(c, 22, 1000);
    assert_row(rc, PEER_EARLY_FULL);
    rill_sim_call_run(c, 5 * RILL_SECOND);
    assert_true(rill_sim_call_both_connected(c));
    rill_sim_call_free(c);
}

static void media_before_the_keys_is_dropped(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.signaling_delay = 500 * RILL_MS;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 590 * RILL_MS);
    assert_row(early_input(c, 128, 100), PEER_NO_KEYS);
    rill_sim_call_run(c, 5 * RILL_SECOND);
    assert_true(rill_sim_call_both_connected(c));
    rill_sim_call_free(c);
}

/* --- attackers ---------------------------------------------------------------------------------
 */

#define ATTACKER rill_addr_ip4(203, 0, 113, 66, 5060)

/* A ClientHello that offers TLS_NULL_WITH_NULL_NULL alone, as the race of ES2023-01 sends it. */
static const uint8_t null_hello[] = {
    22,   0xfe, 0xff,                                     /* handshake, DTLS 1.0 */
    0,    0,    0,    0,  0,  0,  0,  0,  0,  54,         /* epoch, number, length */
    1,    0,    0,    42, 0,  0,  0,  0,  0,  0,  0,  42, /* ClientHello, length, seq, fragment */
    0xfe, 0xfd,                                           /* DTLS 1.2 */
    1,    2,    3,    4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, /* random … */
    17,   18,   19,   20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, /* … */
    0,                                                                    /* session id */
    0,                                                                    /* cookie */
    0,    2,    0,    0,                                                  /* one suite: NULL */
    1,    0,                                                              /* no compression */
};

/* A Binding request without credentials, that nominates. */
static const uint8_t bare_request[] = {
    0x00, 0x01, 0x00, 0x04,                            /* Binding request, 4 bytes */
    0x21, 0x12, 0xa4, 0x42,                            /* cookie */
    1,    2,    3,    4,    5, 6, 7, 8, 9, 10, 11, 12, /* transaction */
    0x00, 0x25, 0x00, 0x00,                            /* USE-CANDIDATE */
};

/* A header of VP8 and 20 bytes; the last ten stand where a tag would. */
static const uint8_t plain_rtp[32] = {
    0x80, 0x60, 0x12, 0x34, 0, 0, 0, 1, 0xca, 0xfe, 0xba, 0xbe, 0x90, 0x80, 0x80, 0x01,
};

/* Nothing may be sent to the attacker. */
static bool nothing_to_attacker(struct rill_sim_call *c, int from, struct rill_path *path,
                                struct rill_span d)
{
    struct rill_addr attacker = ATTACKER;
    size_t *count = c->watch_ctx;
    (void)from;
    (void)d;
    *count += rill_addr_equal(&path->remote, &attacker);
    return true;
}

static void forge(struct rill_sim_call *c, const uint8_t *bytes, size_t n)
{
    struct rill_addr attacker = ATTACKER;
    for (int i = 0; i < RILL_SIM_SIDES; i++)
        rill_sim_forge(&c->net, c->now, 0, &attacker, &c->sides[i].bound, rill_view_at(bytes, n));
}

/* A call with the same datagram thrown at both sides every 5 ms. */
static struct rill_sim_call *call_under_attack(const uint8_t *bytes, size_t n, size_t *answered)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    struct rill_sim_call *c = begin(&o);
    c->watch = nothing_to_attacker;
    c->watch_ctx = answered;
    for (int64_t t = 0; t < 3 * RILL_SECOND; t += 5 * RILL_MS) {
        rill_sim_call_run(c, t);
        forge(c, bytes, n);
    }
    rill_sim_call_run(c, 4 * RILL_SECOND);
    return c;
}

static void a_client_hello_race_from_another_address_changes_nothing(void **state)
{
    size_t answered = 0;
    (void)state;
    struct rill_sim_call *c = call_under_attack(null_hello, sizeof null_hello, &answered);
    assert_media_arrived(c);
    assert_int_equal(answered, 0);
    assert_true(stats_of(c, 0).dropped_unvalidated > 500);
    assert_true(stats_of(c, 1).dropped_unvalidated > 500);
    assert_true(c->sides[0].connected_at < 300 * RILL_MS);
    rill_sim_call_free(c);
}

static void rtp_from_another_address_changes_nothing(void **state)
{
    size_t answered = 0;
    (void)state;
    struct rill_sim_call *c = call_under_attack(plain_rtp, sizeof plain_rtp, &answered);
    assert_media_arrived(c);
    assert_int_equal(answered, 0);
    assert_int_equal(stats_of(c, 0).dropped_srtp, 0);
    rill_sim_call_free(c);
}

static void a_binding_request_without_credentials_is_not_answered(void **state)
{
    size_t answered = 0;
    (void)state;
    struct rill_sim_call *c = call_under_attack(bare_request, sizeof bare_request, &answered);
    assert_media_arrived(c);
    assert_int_equal(answered, 0);
    rill_sim_call_free(c);
}

static int input_from(struct rill_sim_call *c, const struct rill_addr *from, const uint8_t *bytes,
                      size_t n)
{
    _Alignas(8) uint8_t copy[RILL_SIM_DATAGRAM];
    struct rill_path path = {.socket = c->sides[0].socket, .remote = *from};
    memcpy(copy, bytes, n);
    return rill_peer_input(c->sides[0].peer, c->now, &path, (struct rill_span){copy, n});
}

static struct rill_sim_call *connected_call(void)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 600 * RILL_MS);
    assert_true(rill_sim_call_both_connected(c));
    return c;
}

static void each_drop_tells_its_row(void **state)
{
    struct rill_addr attacker = ATTACKER;
    (void)state;
    struct rill_sim_call *c = connected_call();
    struct rill_addr other = c->sides[1].bound;
    const uint8_t channel[] = {0x40, 0, 0, 0};
    assert_row(input_from(c, &attacker, null_hello, sizeof null_hello), PEER_UNVALIDATED);
    assert_row(input_from(c, &attacker, plain_rtp, sizeof plain_rtp), PEER_UNVALIDATED);
    assert_row(input_from(c, &other, channel, sizeof channel), PEER_NOT_OURS);
    assert_row(input_from(c, &other, plain_rtp, sizeof plain_rtp), SRTP_AUTH_FAILED);
    assert_true(input_from(c, &attacker, bare_request, sizeof bare_request) < 0);
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_media_arrived(c);
    rill_sim_call_free(c);
}

static void forged_packets_with_the_right_address_and_a_wrong_tag_are_dropped(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    for (int i = 0; i < 200; i++)
        rill_sim_forge(&c->net, c->now, i * RILL_MS, &c->sides[1].bound, &c->sides[0].bound,
                       rill_view_at(plain_rtp, sizeof plain_rtp));
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_int_equal(stats_of(c, 0).dropped_srtp, 200);
    assert_media_arrived(c);
    rill_sim_call_free(c);
}

/* The first RTP datagram of the answerer, kept. */
struct kept {
    uint8_t bytes[RILL_SIM_DATAGRAM];
    size_t n;
};

static bool keep_rtp(struct rill_sim_call *c, int from, struct rill_path *path, struct rill_span d)
{
    struct kept *k = c->watch_ctx;
    (void)path;
    if (from == RILL_SIM_ANSWERER && k->n == 0 && d.p[0] == 0x90 && (d.p[1] & 0x7f) >= 96) {
        memcpy(k->bytes, d.p, d.n);
        k->n = d.n;
    }
    return true;
}

static void a_replayed_packet_is_dropped(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    struct kept kept = {.n = 0};
    (void)state;
    struct rill_sim_call *c = begin(&o);
    c->watch = keep_rtp;
    c->watch_ctx = &kept;
    rill_sim_call_run(c, RILL_SECOND);
    assert_true(kept.n > 0);
    assert_row(input_from(c, &c->sides[1].bound, kept.bytes, kept.n), SRTP_REPLAYED);
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_int_equal(c->sides[0].video.out_of_order + c->sides[0].audio.out_of_order, 0);
    assert_media_arrived(c);
    rill_sim_call_free(c);
}

/* --- how a call ends
 * ------------------------------------------------------------------------------ */

static void close_says_bye_and_close_notify_to_the_other_side(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    int64_t at = c->now;
    rill_sim_call_close(c, RILL_SIM_OFFERER);
    assert_int_equal(c->sides[0].state, RILL_PEER_CLOSED);
    rill_sim_call_run(c, at + 100 * RILL_MS);
    assert_int_equal(c->sides[1].state, RILL_PEER_CLOSED);
    assert_in_range(c->sides[1].closed_at, at + 20 * RILL_MS, at + 25 * RILL_MS);
    assert_true(c->sides[1].byes >= 2);
    assert_int_equal(rill_peer_signaling_state(c->sides[1].peer), RILL_PEER_SIGNALING_CLOSED);
    assert_int_equal(rill_peer_deadline(c->sides[1].peer), RILL_NEVER);
    assert_false(c->net.sockets[c->sides[1].socket].open);
    rill_sim_call_free(c);
}

static void after_close_nothing_is_due_sockets_are_given_back_and_input_is_refused(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    rill_sim_call_close(c, RILL_SIM_OFFERER);
    assert_int_equal(rill_peer_deadline(c->sides[0].peer), RILL_NEVER);
    assert_false(c->net.sockets[c->sides[0].socket].open);
    assert_row(input_from(c, &c->sides[1].bound, plain_rtp, sizeof plain_rtp), PEER_IS_CLOSED);
    struct rill_frame frame = {.kind = RILL_AUDIO, .bytes = c->opus.frames[0]};
    assert_row(rill_peer_send_frame(c->sides[0].peer, c->now, 0, &frame), PEER_IS_CLOSED);
    rill_sim_call_free(c);
}

static void close_before_the_call_connects_ends_at_once(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 10 * RILL_MS);
    rill_sim_call_close(c, RILL_SIM_OFFERER);
    assert_int_equal(c->sides[0].state, RILL_PEER_CLOSED);
    assert_int_equal(rill_peer_deadline(c->sides[0].peer), RILL_NEVER);
    rill_sim_call_free(c);
}

static bool count_sent(struct rill_sim_call *c, int from, struct rill_path *path,
                       struct rill_span d)
{
    int64_t *last = c->watch_ctx;
    (void)path;
    (void)d;
    if (from == RILL_SIM_ANSWERER)
        *last = c->now;
    return true;
}

static void a_peer_that_vanishes_is_disconnected_then_failed_and_nothing_more_is_sent(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    int64_t last_sent = 0;
    (void)state;
    o.media_time = 60 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    c->watch = count_sent;
    c->watch_ctx = &last_sent;
    rill_sim_call_run(c, 8 * RILL_SECOND);
    int64_t gone = c->now;
    rill_sim_call_kill(c, RILL_SIM_OFFERER);
    rill_sim_call_run(c, gone + 45 * RILL_SECOND);
    struct rill_sim_side *s = &c->sides[RILL_SIM_ANSWERER];
    assert_in_range(s->disconnected_at, gone + RILL_SECOND, gone + 20 * RILL_SECOND);
    /* RFC 7675 §5.1: 30 s after the last response, which came at most 6 s before. */
    assert_in_range(s->failed_at, gone + 23 * RILL_SECOND, gone + 31 * RILL_SECOND);
    assert_int_equal(s->state, RILL_PEER_FAILED);
    assert_row(s->error, PEER_CONSENT_LOST);
    assert_true(last_sent <= s->failed_at);
    assert_row(s->video.last_refusal, PEER_NOT_CONNECTED);
    rill_sim_call_free(c);
}

static void a_call_survives_10_seconds_without_any_datagram(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 25 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES; i++)
        c->net.links[i][1 - i].down = true;
    rill_sim_call_run(c, 12 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES; i++)
        c->net.links[i][1 - i].down = false;
    rill_sim_call_run(c, 30 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].state, RILL_PEER_CONNECTED);
        assert_int_equal(c->sides[i].video.last_index + 1, c->sides[1 - i].video.n_sent);
    }
    rill_sim_call_free(c);
}

static void a_call_over_a_network_that_lets_nothing_through_fails(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.link.down = true;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 90 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        assert_int_equal(c->sides[i].state, RILL_PEER_FAILED);
        assert_row(c->sides[i].error, PEER_ICE_FAILED);
    }
    rill_sim_call_free(c);
}

/* --- candidates
 * ------------------------------------------------------------------------------------- */

static void a_call_connects_when_one_side_tells_no_candidates(void **state)
{
    (void)state;
    for (int silent = 0; silent < RILL_SIM_SIDES; silent++) {
        struct rill_sim_call_options o = rill_sim_call_defaults();
        o.no_candidates[silent] = true;
        struct rill_sim_call *c = begin(&o);
        rill_sim_call_run(c, 10 * RILL_SECOND);
        assert_media_arrived(c);
        rill_sim_call_free(c);
    }
}

static void a_call_connects_when_the_candidates_come_before_the_description(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 10 * RILL_MS); /* the offer and its candidates are on their way */
    assert_true(c->n_messages >= 2);
    struct rill_sim_message offer = c->messages[0];
    assert_int_equal(offer.type, RILL_SIM_OFFER);
    memmove(c->messages, c->messages + 1, (c->n_messages - 1) * sizeof offer);
    offer.at += 200 * RILL_MS;
    c->messages[c->n_messages - 1] = offer;
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_media_arrived(c);
    rill_sim_call_free(c);
}

/* RFC 9143 §7.1.3: the m-lines of a group share one transport, that of the first. */
static void candidates_count_only_up_to_the_tagged_m_line(void **state)
{
    static const char nowhere[] = "candidate:9 1 udp 2130706431 203.0.113.66 5060 typ host";
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.no_candidates[RILL_SIM_ANSWERER] = true; /* nor the end of them */
    for (int mline = 0; mline < 2; mline++) {
        size_t checks = 0;
        struct rill_sim_call *c = begin(&o);
        c->watch = nothing_to_attacker;
        c->watch_ctx = &checks;
        rill_sim_call_run(c, 70 * RILL_MS); /* the answer is there, its candidates are not */
        assert_int_equal(rill_peer_add_ice_candidate(c->sides[0].peer, c->now,
                                                     rill_view_of(nowhere), rill_view_of(NULL),
                                                     mline, rill_view_of(NULL), NULL),
                         0);
        rill_sim_call_run(c, 3 * RILL_SECOND);
        assert_int_equal(checks > 0, mline == 0);
        rill_sim_call_free(c);
    }
}

/* RFC 8838 §14: after end-of-candidates an agent "MUST ignore any newly received candidates".
 * Firefox tells it for each m-line by itself, an empty candidate with the MID; a port that is
 * given up may be first. */
static void an_empty_candidate_ends_those_of_the_tagged_m_line_alone(void **state)
{
    static const char nowhere[] = "candidate:9 1 udp 2130706431 203.0.113.66 5060 typ host";
    static const struct {
        const char *mid;
        bool ends;
    } cases[] = {{"1", false}, {"0", true}, {NULL, true}};
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.no_candidates[RILL_SIM_ANSWERER] = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t checks = 0;
        struct rill_sim_call *c = begin(&o);
        struct rill_peer *peer = c->sides[0].peer;
        c->watch = nothing_to_attacker;
        c->watch_ctx = &checks;
        rill_sim_call_run(c, 70 * RILL_MS);
        assert_int_equal(rill_peer_add_ice_candidate(peer, c->now, rill_view_of(NULL),
                                                     rill_view_of(cases[i].mid), -1,
                                                     rill_view_of(NULL), NULL),
                         0);
        assert_int_equal(rill_peer_add_ice_candidate(peer, c->now, rill_view_of(nowhere),
                                                     rill_view_of("0"), 0, rill_view_of(NULL),
                                                     NULL),
                         0);
        rill_sim_call_run(c, 3 * RILL_SECOND);
        assert_int_equal(checks == 0, cases[i].ends);
        assert_media_arrived(c);
        rill_sim_call_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_delivers_sound_and_picture_both_ways_complete_and_in_order),
        cmocka_unit_test(the_answerer_is_the_dtls_client_of_an_actpass_offer),
        cmocka_unit_test(the_offerer_is_the_dtls_client_when_it_offers_active),
        cmocka_unit_test(dtls_does_not_wait_for_nomination),
        cmocka_unit_test(a_wrong_fingerprint_in_the_answer_ends_the_call_on_the_offerers_side),
        cmocka_unit_test(a_wrong_fingerprint_in_the_offer_ends_the_call_on_the_answerers_side),
        cmocka_unit_test(a_client_hello_that_comes_before_the_answer_is_held),
        cmocka_unit_test(a_client_hello_is_held_for_3_seconds_and_no_longer),
        cmocka_unit_test(no_more_than_4_kib_are_held),
        cmocka_unit_test(media_before_the_keys_is_dropped),
        cmocka_unit_test(a_client_hello_race_from_another_address_changes_nothing),
        cmocka_unit_test(rtp_from_another_address_changes_nothing),
        cmocka_unit_test(a_binding_request_without_credentials_is_not_answered),
        cmocka_unit_test(each_drop_tells_its_row),
        cmocka_unit_test(forged_packets_with_the_right_address_and_a_wrong_tag_are_dropped),
        cmocka_unit_test(a_replayed_packet_is_dropped),
        cmocka_unit_test(close_says_bye_and_close_notify_to_the_other_side),
        cmocka_unit_test(after_close_nothing_is_due_sockets_are_given_back_and_input_is_refused),
        cmocka_unit_test(close_before_the_call_connects_ends_at_once),
        cmocka_unit_test(a_peer_that_vanishes_is_disconnected_then_failed_and_nothing_more_is_sent),
        cmocka_unit_test(a_call_survives_10_seconds_without_any_datagram),
        cmocka_unit_test(a_call_over_a_network_that_lets_nothing_through_fails),
        cmocka_unit_test(a_call_connects_when_one_side_tells_no_candidates),
        cmocka_unit_test(candidates_count_only_up_to_the_tagged_m_line),
        cmocka_unit_test(an_empty_candidate_ends_those_of_the_tagged_m_line_alone),
        cmocka_unit_test(a_call_connects_when_the_candidates_come_before_the_description),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
