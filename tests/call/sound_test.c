/* Sound on a network that loses: redundancy (RFC 2198), and the keys of a telephone (RFC 4733). */
#include "tests/call/looks.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

static struct rill_sim_call_options lossy(uint32_t loss, enum rill_peer_red red)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.video[0] = o.video[1] = (struct rill_sim_tracks){.send = false};
    o.media_time = 30 * RILL_SECOND;
    o.config.red = red;
    o.config.sound_at_once = true;
    o.link.loss_good = loss;
    return o;
}

static struct rill_sim_call *call(const struct rill_sim_call_options *o, int64_t until)
{
    struct rill_sim_call *c = rill_sim_call_new(o);
    assert_non_null(c);
    rill_sim_call_start(c);
    assert_true(rill_sim_call_run(c, until));
    return c;
}

static double share_missing(const struct rill_sim_call *c, int side)
{
    const struct rill_sim_flow *mine = &c->sides[side].audio, *theirs = &c->sides[1 - side].audio;
    assert_int_equal(mine->wrong_bytes, 0);
    return 1 - (double)mine->received / (double)theirs->n_sent;
}

/* 5 % of 30 s; what is lost twice in a row is 0.25 %. */
static void redundancy_brings_back_what_is_lost_once(void **state)
{
    (void)state;
    struct rill_sim_call_options o = lossy(500, RILL_PEER_RED_ALWAYS);
    struct rill_sim_call *c = call(&o, 35 * RILL_SECOND);
    for (int side = 0; side < 2; side++) {
        struct rill_peer_stats stats = stats_of(c, side);
        const struct rill_peer_stream_stats *in = &stats.received[0];
        print_message("5 %% lost: %lld packets of %zu, %.2f %% of the sound is missing; %llu "
                      "blocks came, %llu were of use\n",
                      (long long)in->lost, c->sides[1 - side].audio.n_sent,
                      100 * share_missing(c, side), (unsigned long long)in->fec_packets,
                      (unsigned long long)(in->fec_packets - in->fec_discarded));
        assert_true(stats.sent[0].red);
        assert_in_range(in->lost, 30, 130);
        assert_true(share_missing(c, side) < 0.01);
        assert_true((in->fec_packets - in->fec_discarded) * 10 > (uint64_t)in->lost * 8);
    }
    rill_sim_call_free(c);
}

static void redundancy_is_not_offered_when_it_is_off(void **state)
{
    (void)state;
    struct rill_sim_call_options o = lossy(500, RILL_PEER_RED_OFF);
    struct rill_sim_call *c = call(&o, 35 * RILL_SECOND);
    struct rill_peer_stats stats = stats_of(c, 0);
    assert_int_equal(stats.received[0].fec_packets, 0);
    assert_in_range(100 * share_missing(c, 0), 3, 8);
    rill_sim_call_free(c);
}

/* Nobody asked for it: the reports do, and it ends when nothing is lost any more. */
static void redundancy_begins_with_loss_and_ends_with_it(void **state)
{
    (void)state;
    struct rill_sim_call_options o = lossy(0, RILL_PEER_RED_AUTO);
    o.media_time = 75 * RILL_SECOND;
    struct rill_sim_call *c = call(&o, 5 * RILL_SECOND);
    assert_false(stats_of(c, 0).sent[0].red);
    assert_int_equal(stats_of(c, 1).received[0].fec_packets, 0);
    struct rill_sim_link link = o.link;
    link.loss_good = 1000;
    rill_sim_call_link(c, 0, &link);
    assert_true(rill_sim_call_run(c, 15 * RILL_SECOND));
    assert_true(stats_of(c, 0).sent[0].red);
    assert_false(stats_of(c, 1).sent[0].red);
    struct rill_peer_stream_stats in = stats_of(c, 1).received[0];
    assert_true(in.fec_packets > 100);
    assert_true(in.fec_bytes > in.fec_packets && in.fec_bytes < in.bytes);
    link.loss_good = 0;
    rill_sim_call_link(c, 0, &link);
    struct rill_peer_sound sound;
    for (int64_t at = 16; at < 120 && stats_of(c, 0).sent[0].red; at++)
        assert_true(rill_sim_call_run(c, at * RILL_SECOND));
    assert_false(stats_of(c, 0).sent[0].red);
    assert_true(rill_peer_sound(c->sides[0].peer, 0, &sound));
    assert_true(sound.fec && !sound.dtx && sound.can_insert_dtmf);
    rill_sim_call_free(c);
}

/* Receiver reports of sound come each five seconds or so; transport-wide feedback each 50 ms. */
static void a_loss_is_followed_within_two_seconds_by_what_feedback_tells(void **state)
{
    (void)state;
    struct rill_sim_call_options o = lossy(0, RILL_PEER_RED_AUTO);
    struct rill_sim_call *c = call(&o, 5 * RILL_SECOND);
    struct rill_peer_sound sound;
    for (int round = 0; round < 2; round++) {
        struct rill_sim_link link = o.link;
        link.loss_good = 1500;
        rill_sim_call_link(c, 0, &link);
        assert_true(rill_sim_call_run(c, c->now + 2 * RILL_SECOND));
        assert_true(rill_peer_sound(c->sides[0].peer, 0, &sound));
        assert_true(sound.red);
        assert_in_range(sound.loss_percent, 4, 25);
        /* What is lost no longer is forgotten within ten. */
        rill_sim_call_link(c, 0, &o.link);
        assert_true(rill_sim_call_run(c, c->now + 10 * RILL_SECOND));
        assert_true(rill_peer_sound(c->sides[0].peer, 0, &sound));
        assert_true(!sound.red && sound.loss_percent <= 1);
    }
    rill_sim_call_free(c);
}

/* Beside pictures, on a path that carries 150 kbit/s and on one that carries ten times as much. */
static void redundancy_is_not_sent_where_the_path_has_no_room_for_it(void **state)
{
    (void)state;
    for (uint64_t bps = 150000; bps <= 1500000; bps *= 10) {
        struct rill_sim_call_options o = lossy(1000, RILL_PEER_RED_AUTO);
        o.video[0] = o.video[1] = rill_sim_call_defaults().video[0];
        o.config.start_bps = o.config.max_bps = bps;
        o.config.min_bps = bps;
        struct rill_sim_call *c = call(&o, 12 * RILL_SECOND);
        struct rill_peer_stats stats = stats_of(c, 0);
        assert_int_equal(stats.sent[0].kind, RILL_AUDIO);
        assert_true(stats.sent[0].red == (bps > 1000000));
        rill_sim_call_free(c);
    }
}

static void who_prefers_pauses_to_be_left_out_says_so(void **state)
{
    (void)state;
    struct rill_peer_sound sound;
    struct rill_sim_call_options o = lossy(0, RILL_PEER_RED_AUTO);
    o.config.dtx = true;
    struct rill_sim_call *c = call(&o, 3 * RILL_SECOND);
    assert_true(rill_peer_sound(c->sides[0].peer, 0, &sound) && sound.dtx);
    assert_false(rill_peer_sound(c->sides[0].peer, 7, &sound));
    rill_sim_call_free(c);
}

/* --- keys -------------------------------------------------------------------------------------
 */

static void keys_are_heard_once_each_whatever_is_lost_of_them(void **state)
{
    (void)state;
    struct rill_sim_call_options o = lossy(2000, RILL_PEER_RED_OFF);
    struct rill_sim_call *c = call(&o, 4 * RILL_SECOND);
    assert_int_equal(rill_peer_insert_dtmf(c->sides[0].peer, c->now, 0, "1234#,*0aD", 0, 0), 0);
    assert_true(rill_sim_call_run(c, 10 * RILL_SECOND));
    assert_string_equal(c->sides[1].tones, "1234#*0AD");
    /* webrtc-pc §7.3: one for each, the comma's, and one for the end. */
    assert_int_equal(c->sides[0].tone_changes, 11);
    assert_int_equal(c->sides[1].tones_begun, 9);
    assert_int_equal(c->sides[0].n_tones, 0);
    rill_sim_call_free(c);
}

static void a_key_that_is_held_for_seconds_is_one(void **state)
{
    (void)state;
    struct rill_sim_call_options o = lossy(0, RILL_PEER_RED_OFF);
    struct rill_sim_call *c = call(&o, 2 * RILL_SECOND);
    assert_int_equal(rill_peer_insert_dtmf(c->sides[1].peer, c->now, 0, "5", 5 * RILL_SECOND, 0),
                     0);
    assert_true(rill_sim_call_run(c, 9 * RILL_SECOND));
    assert_string_equal(c->sides[0].tones, "5");
    assert_in_range(c->sides[0].tone_duration, 4990 * RILL_MS, 5010 * RILL_MS);
    assert_int_equal(stats_of(c, 0).received[0].lost, 0);
    /* The stream's own frames were passed over meanwhile, and went on afterwards. */
    assert_in_range(c->sides[0].audio.received, 180, 200);
    rill_sim_call_free(c);
}

static void keys_take_the_place_of_those_that_wait(void **state)
{
    (void)state;
    struct rill_sim_call_options o = lossy(0, RILL_PEER_RED_OFF);
    struct rill_sim_call *c = call(&o, 2 * RILL_SECOND);
    struct rill_peer *peer = c->sides[0].peer;
    assert_int_equal(rill_peer_insert_dtmf(peer, c->now, 0, "123456789", 0, 0), 0);
    assert_true(rill_sim_call_run(c, 2250 * RILL_MS));
    assert_int_equal(rill_peer_insert_dtmf(peer, c->now, 0, "##", 0, 0), 0);
    assert_true(rill_sim_call_run(c, 4 * RILL_SECOND));
    assert_string_equal(c->sides[1].tones, "12##");
    assert_int_equal(rill_peer_insert_dtmf(peer, c->now, 0, "999", 0, 0), 0);
    assert_int_equal(rill_peer_insert_dtmf(peer, c->now, 0, "", 0, 0), 0);
    assert_true(rill_sim_call_run(c, 5 * RILL_SECOND));
    assert_string_equal(c->sides[1].tones, "12##");
    rill_sim_call_free(c);
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    static const char many[] = "0123456789012345678901234567890123456789012345678901234567890123";
    struct rill_sim_call_options o = lossy(0, RILL_PEER_RED_OFF);
    struct rill_sim_call *c = call(&o, 2 * RILL_SECOND);
    struct rill_peer *peer = c->sides[0].peer;
    assert_row(rill_peer_insert_dtmf(peer, c->now, 0, "12x", 0, 0), PEER_TONE);
    assert_row(rill_peer_insert_dtmf(peer, c->now, 0, many, 0, 0), PEER_TONE);
    assert_int_equal(rill_peer_insert_dtmf(peer, c->now, 0, many + 1, 0, 0), 0);
    assert_row(rill_peer_insert_dtmf(peer, c->now, 5, "1", 0, 0), PEER_NO_TRANSCEIVER);
    assert_int_equal(rill_peer_set_direction(peer, 0, RILL_SDP_INACTIVE), 0);
    assert_int_equal(rill_peer_stop(peer, 0), 0);
    assert_row(rill_peer_insert_dtmf(peer, c->now, 0, "1", 0, 0), PEER_NO_DTMF);
    rill_sim_call_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redundancy_brings_back_what_is_lost_once),
        cmocka_unit_test(redundancy_is_not_offered_when_it_is_off),
        cmocka_unit_test(redundancy_begins_with_loss_and_ends_with_it),
        cmocka_unit_test(a_loss_is_followed_within_two_seconds_by_what_feedback_tells),
        cmocka_unit_test(redundancy_is_not_sent_where_the_path_has_no_room_for_it),
        cmocka_unit_test(who_prefers_pauses_to_be_left_out_says_so),
        cmocka_unit_test(keys_are_heard_once_each_whatever_is_lost_of_them),
        cmocka_unit_test(a_key_that_is_held_for_seconds_is_one),
        cmocka_unit_test(keys_take_the_place_of_those_that_wait),
        cmocka_unit_test(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
