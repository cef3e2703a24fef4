/* Two peers that have chosen the same SSRC (RFC 3550 §8.2), and what RTX streams report. */
#include "peer/collision.h"
#include "peer/connection.h"
#include "peer/tracks.h"
#include "rtp/rtcp.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"
#include "tests/sim/tap.h"

#define SAME 0x12345678u

static struct rill_peer_sender *sender(const struct rill_sim_call *c, int side, bool video)
{
    const struct rill_sim_side *s = &c->sides[side];
    return s->peer->tracks[video ? s->video.track : s->audio.track].senders[0];
}

/* What a side says in RTCP. */
static struct reading {
    struct rill_sim_tap tap;
    size_t byes, reports; /* of the SSRC that is watched */
    uint32_t ssrc, packets, bytes;
    size_t with_cname;
} reading;

static void read_one(struct reading *r, const struct rill_rtcp_packet *p)
{
    struct rill_rtcp_sender_info info;
    struct rill_rtcp_sdes_item item;
    struct rill_view sources, reason;
    uint32_t ssrc;
    size_t at = 0;
    if (p->pt == RILL_RTCP_SR && rill_rtcp_parse_report(p, &ssrc, &info, NULL) == 0 &&
        ssrc == r->ssrc) {
        r->reports++;
        r->packets = info.packet_count;
        r->bytes = info.octet_count;
    }
    while (p->pt == RILL_RTCP_SDES && rill_rtcp_sdes_next(p, &at, &item, NULL) > 0)
        r->with_cname += item.ssrc == r->ssrc && item.type == RILL_RTCP_SDES_CNAME;
    if (p->pt == RILL_RTCP_BYE && rill_rtcp_parse_bye(p, &sources, &reason, NULL) == 0) {
        struct rill_reader s = rill_reader_of(sources);
        while (rill_r_left(&s) >= 4)
            r->byes += rill_r_u32(&s) == r->ssrc;
    }
}

static bool watch(struct rill_sim_call *c, int from, struct rill_path *path, struct rill_span d)
{
    struct rill_rtcp_packet p;
    size_t at = 0;
    (void)path;
    if (from != reading.tap.side)
        return true;
    struct rill_view plain = rill_sim_tap_rtcp(&reading.tap, c, d);
    while (rill_rtcp_next(plain, &at, &p, NULL) > 0)
        read_one(&reading, &p);
    return true;
}

static struct rill_sim_call *begin(uint32_t ssrc)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.media_time = 8 * RILL_SECOND;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    reading = (struct reading){.tap = {.side = 0}, .ssrc = ssrc};
    c->watch = watch;
    return c;
}

static void end(struct rill_sim_call *c)
{
    rill_sim_tap_free(&reading.tap);
    rill_sim_call_free(c);
}

static void assert_flows(const struct rill_sim_call *c)
{
    for (int side = 0; side < 2; side++) {
        const struct rill_sim_flow *to = &c->sides[side].video, *sound = &c->sides[side].audio;
        assert_int_equal(to->wrong_bytes + sound->wrong_bytes + to->not_decodable, 0);
        assert_true(to->received > 150 && sound->received > 300);
        assert_true(to->last_time > 7 * RILL_SECOND);
    }
}

static void two_streams_of_one_ssrc_become_two_and_media_goes_on(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(SAME);
    sender(c, 0, true)->ssrc = sender(c, 1, true)->ssrc = SAME;
    rill_sim_call_start(c);
    rill_sim_call_run(c, 8 * RILL_SECOND);
    assert_int_not_equal(sender(c, 0, true)->ssrc, sender(c, 1, true)->ssrc);
    assert_flows(c);
    end(c);
}

static void the_old_number_is_said_goodbye_of(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(SAME);
    reading.tap.side = 1;
    sender(c, 0, true)->ssrc = SAME;
    rill_sim_call_start(c);
    rill_sim_call_run(c, 3 * RILL_SECOND);
    assert_int_equal(reading.byes, 0);
    /* The other side begins to use it in mid-call, and hears that it is taken. */
    sender(c, 1, true)->ssrc = SAME;
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_int_equal(sender(c, 0, true)->ssrc, SAME);
    assert_int_not_equal(sender(c, 1, true)->ssrc, SAME);
    assert_int_equal(reading.byes, 1);
    assert_true(sender(c, 1, true)->packets > 0);
    end(c);
}

static void the_number_of_a_repair_stream_changes_alone(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(SAME);
    rill_sim_call_start(c);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    uint32_t media = sender(c, 0, true)->ssrc;
    sender(c, 0, true)->rtx.ssrc = SAME;
    assert_int_equal(rill_peer_collide(c->sides[0].peer, c->now, SAME, NULL), 0);
    assert_int_equal(sender(c, 0, true)->ssrc, media);
    assert_int_not_equal(sender(c, 0, true)->rtx.ssrc, SAME);
    end(c);
}

static void our_own_packets_that_come_back_are_dropped_and_change_nothing(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(SAME);
    struct rill_peer *x = c->sides[0].peer;
    rill_sim_call_start(c);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    /* RFC 3550 §8.2: by our CNAME it is a loop at once … */
    uint32_t ssrc = sender(c, 0, true)->ssrc;
    struct rill_view own = rill_view_at(x->cname, sizeof x->cname);
    assert_row(rill_peer_collide(x, c->now, ssrc, &own), PEER_LOOPED);
    assert_int_equal(sender(c, 0, true)->ssrc, ssrc);
    /* … and from then on by the address alone, as long as it goes on */
    assert_row(rill_peer_collide(x, c->now + 40 * RILL_SECOND, ssrc, NULL), PEER_LOOPED);
    assert_row(rill_peer_collide(x, c->now + 80 * RILL_SECOND, ssrc, NULL), PEER_LOOPED);
    assert_int_equal(sender(c, 0, true)->ssrc, ssrc);
    /* another's CNAME is a collision even so */
    struct rill_view other = rill_view_of("another");
    assert_int_equal(rill_peer_collide(x, c->now + 81 * RILL_SECOND, ssrc, &other), 0);
    assert_int_not_equal(sender(c, 0, true)->ssrc, ssrc);
    end(c);
}

static void a_number_that_is_nobody_elses_is_left_alone(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(SAME);
    rill_sim_call_start(c);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    uint32_t ssrc = sender(c, 0, true)->ssrc;
    assert_int_equal(rill_peer_collide(c->sides[0].peer, c->now, ssrc + 1, NULL), 0);
    assert_int_equal(sender(c, 0, true)->ssrc, ssrc);
    end(c);
}

/* RFC 3550 §6.4.1, RFC 4588 §4: each SSRC that sends reports what it has sent. */
static void a_repair_stream_has_sender_reports_of_its_own(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(0);
    rill_sim_call_start(c);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    reading.ssrc = sender(c, 0, true)->rtx.ssrc;
    c->net.links[0][1].loss_good = 500;
    rill_sim_call_run(c, 8 * RILL_SECOND);
    const struct rill_peer_sender *s = sender(c, 0, true);
    assert_true(s->retransmitted > 0 && s->rtx_packets >= s->retransmitted);
    assert_true(reading.reports > 0);
    assert_true(reading.packets > 0 && reading.packets <= s->rtx_packets);
    assert_true(reading.bytes > 0 && reading.bytes <= s->rtx_bytes);
    assert_true(reading.with_cname >= reading.reports);
    end(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_streams_of_one_ssrc_become_two_and_media_goes_on),
        cmocka_unit_test(the_old_number_is_said_goodbye_of),
        cmocka_unit_test(the_number_of_a_repair_stream_changes_alone),
        cmocka_unit_test(our_own_packets_that_come_back_are_dropped_and_change_nothing),
        cmocka_unit_test(a_number_that_is_nobody_elses_is_left_alone),
        cmocka_unit_test(a_repair_stream_has_sender_reports_of_its_own),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
