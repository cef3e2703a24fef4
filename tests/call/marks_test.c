/* What header extensions say of frames, over a call: level, capture time, orientation and playout
 * delay come to the other side, also when packets are lost. */
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/tracks.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

/* The rotations of the frames of side 1, in the order they came. */
static struct {
    uint16_t rotations[1024];
    size_t n;
} seen;

static bool see(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    (void)c;
    if (e->type == RILL_PEER_EVENT_FRAME && side == 1 && e->frame.kind == RILL_VIDEO &&
        seen.n < 1024)
        seen.rotations[seen.n++] = e->frame.rotation;
    return false;
}

static struct rill_sim_call *begin(uint32_t loss)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.media_time = 10 * RILL_SECOND;
    o.audio[1].send = o.video[1].send = false;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    seen.n = 0;
    c->event = see;
    rill_sim_call_start(c);
    rill_sim_call_run(c, RILL_SECOND);
    c->net.links[0][1].loss_good = loss;
    return c;
}

static struct rill_peer_heard_marks heard(const struct rill_sim_call *c, enum rill_kind kind)
{
    struct rill_peer_stats s;
    size_t i = 0;
    rill_peer_stats(c->sides[1].peer, &s);
    while (i + 1 < s.n_received && s.received[i].kind != kind)
        i++;
    assert_true(s.received[i].more.in.begun);
    return s.received[i].more.in.marks;
}

static void the_level_of_sound_is_in_each_packet(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(0);
    struct rill_peer_heard_marks m = heard(c, RILL_AUDIO);
    assert_true(m.has_level && m.voice);
    assert_int_equal(m.level, 21);
    assert_false(heard(c, RILL_VIDEO).has_level);
    rill_sim_call_free(c);
}

/* Both clocks begin at 1970 here. */
static void the_capture_time_comes_once_a_second_by_the_senders_clock(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(0);
    for (int k = 0; k < 2; k++) {
        struct rill_peer_heard_marks m = heard(c, k ? RILL_VIDEO : RILL_AUDIO);
        assert_true(m.has_capture && !m.has_capture_offset);
        uint64_t now = rill_ntp_from_unix_us(c->sides[0].peer->config.wall_us + c->now);
        assert_true(m.capture_ntp < now && now - m.capture_ntp < (uint64_t)2 << 32);
        /* RTP time has gone on since as the clock has */
        double ticks = (uint32_t)(m.rtp_time - m.capture_rtp_time) / (k ? 90000.0 : 48000.0);
        assert_true(ticks < 1.0);
    }
    rill_sim_call_run(c, 4 * RILL_SECOND);
    struct rill_peer_heard_marks m = heard(c, RILL_VIDEO);
    assert_true((m.rtp_time - m.capture_rtp_time) / 90000.0 <= 1.0);
    rill_sim_call_free(c);
}

static void a_picture_that_is_turned_comes_turned_and_each_that_is_not_upright(uint32_t loss)
{
    struct rill_sim_call *c = begin(loss);
    static const uint16_t turns[] = {90, 270, 0, 180, 0};
    size_t from[6];
    for (size_t k = 0; k < 5; k++) {
        from[k] = seen.n;
        c->sides[0].video.rotation = turns[k];
        rill_sim_call_run(c, c->now + RILL_SECOND);
    }
    from[5] = seen.n;
    uint16_t last = 0;
    size_t changes = 0;
    for (size_t i = 0; i < seen.n; i++) {
        if (seen.rotations[i] != last) {
            assert_int_equal(seen.rotations[i], turns[changes]);
            changes++;
        }
        last = seen.rotations[i];
    }
    assert_int_equal(changes, 5);
    assert_true(from[5] > from[4]);
    assert_int_equal(c->sides[1].video.wrong_bytes, 0);
    rill_sim_call_free(c);
}

static void each_turn_comes_with_the_first_picture_that_is_turned(void **state)
{
    (void)state;
    a_picture_that_is_turned_comes_turned_and_each_that_is_not_upright(0);
}

static void a_turn_comes_in_retransmissions_too(void **state)
{
    (void)state;
    a_picture_that_is_turned_comes_turned_and_each_that_is_not_upright(600);
}

static void a_playout_delay_is_told_until_it_is_heard_and_kept_to(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(0);
    struct rill_peer *x = c->sides[0].peer;
    int track = c->sides[0].video.track;
    const struct rill_peer_sender *s = x->tracks[track].senders[0];
    struct rill_sim_flow *flow = &c->sides[1].video;
    assert_int_equal(rill_peer_set_playout_delay(x, track, 200, 500), 0);
    assert_row(rill_peer_set_playout_delay(x, 99, 200, 500), PEER_NO_TRANSCEIVER);
    assert_false(s->marks.delay_is_known);
    rill_sim_call_run(c, c->now + 3 * RILL_SECOND);
    assert_true(s->marks.delay_is_known);
    struct rill_peer_heard_marks m = heard(c, RILL_VIDEO);
    assert_true(m.has_playout_delay);
    assert_int_equal(m.playout_min_ms, 200);
    assert_int_equal(m.playout_max_ms, 500);
    /* the last picture that came is the one of 200 ms and more before */
    size_t n = c->sides[0].video.n_sent, behind = n - 1 - (size_t)flow->last_index;
    assert_true(behind >= 5 && behind <= 8);
    assert_int_equal(flow->wrong_bytes + flow->out_of_order + flow->not_decodable, 0);
    /* another one is told anew */
    assert_int_equal(rill_peer_set_playout_delay(x, track, 0, 0), 0);
    assert_false(s->marks.delay_is_known);
    rill_sim_call_run(c, c->now + 2 * RILL_SECOND);
    assert_int_equal(heard(c, RILL_VIDEO).playout_min_ms, 0);
    assert_true(c->sides[0].video.n_sent - 1 - (size_t)flow->last_index <= 3);
    rill_sim_call_free(c);
}

/* RFC 3264 §6.1: a sender may go over to any of the numbers that were answered. */
static void another_number_of_the_codec_is_received_and_repaired_too(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(800);
    struct rill_sim_flow *to = &c->sides[1].video;
    int track = c->sides[0].video.track;
    struct rill_sdp_agreed *ours = &c->sides[0].peer->lines[track].agreed;
    struct rill_sdp_agreed *theirs = &c->sides[1].peer->lines[track].agreed;
    theirs->also[theirs->n_also++] = (struct rill_sdp_also){
        .pt = 100, .rtx_pt = 101, .codec = RILL_CODEC_VP8, .feedback = theirs->feedback};
    ours->pt = 100;
    ours->rtx_pt = 101;
    size_t before = to->received;
    rill_sim_call_run(c, 6 * RILL_SECOND);
    assert_true(to->received > before + 100);
    assert_int_equal(to->wrong_bytes + to->not_decodable, 0);
    struct rill_peer_stats s;
    rill_peer_stats(c->sides[1].peer, &s);
    assert_true(s.received[track].more.in.repaired_packets > 0);
    /* one that was not answered is not */
    ours->pt = 102;
    before = to->received;
    rill_sim_call_run(c, 8 * RILL_SECOND);
    assert_true(to->received <= before + 2);
    rill_sim_call_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_level_of_sound_is_in_each_packet),
        cmocka_unit_test(the_capture_time_comes_once_a_second_by_the_senders_clock),
        cmocka_unit_test(each_turn_comes_with_the_first_picture_that_is_turned),
        cmocka_unit_test(a_turn_comes_in_retransmissions_too),
        cmocka_unit_test(a_playout_delay_is_told_until_it_is_heard_and_kept_to),
        cmocka_unit_test(another_number_of_the_codec_is_received_and_repaired_too),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
