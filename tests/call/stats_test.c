/* The figures of a call, at both ends: what one counts as sent the other counts as received, and
 * what each reports is what the other holds of it. */
#include "ice/stats.h"
#include "peer/why.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"

#define DELAY (20 * RILL_MS)

static struct rill_sim_call *ran(const struct rill_sim_call_options *o, uint32_t loss)
{
    struct rill_sim_call *c = rill_sim_call_new(o);
    rill_sim_call_start(c);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    c->net.links[0][1].loss_good = loss;
    rill_sim_call_run(c, 12 * RILL_SECOND);
    c->net.links[0][1].loss_good = 0;
    rill_sim_call_run(c, 22 * RILL_SECOND); /* all is there, and told */
    return c;
}

static struct rill_sim_call_options options(void)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.link.delay = DELAY;
    o.link.jitter = 0;
    o.media_time = 12 * RILL_SECOND;
    o.audio[1].send = o.video[1].send = false;
    return o;
}

static struct rill_peer_stream_stats sent(const struct rill_sim_call *c, int track)
{
    struct rill_peer_stats s;
    rill_peer_stats(c->sides[0].peer, &s);
    return s.sent[track];
}

static struct rill_peer_stream_stats received(const struct rill_sim_call *c, uint32_t ssrc)
{
    struct rill_peer_stats s;
    rill_peer_stats(c->sides[1].peer, &s);
    size_t i = 0;
    while (i + 1 < s.n_received && s.received[i].ssrc != ssrc)
        i++;
    assert_int_equal(s.received[i].ssrc, ssrc);
    return s.received[i];
}

static void without_loss_both_ends_count_the_same(void **state)
{
    (void)state;
    struct rill_sim_call_options o = options();
    struct rill_sim_call *c = ran(&o, 0);
    for (int track = 0; track < 2; track++) {
        struct rill_peer_stream_stats out = sent(c, track), in = received(c, out.ssrc);
        const struct rill_peer_outbound_stats *a = &out.more.out;
        const struct rill_peer_inbound_stats *b = &in.more.in;
        assert_true(out.packets > 100);
        assert_int_equal(b->packets, out.packets);
        assert_int_equal(b->bytes, out.bytes);
        assert_int_equal(b->header_bytes, a->header_bytes);
        assert_int_equal(b->frames, a->frames);
        assert_int_equal(b->packets_discarded, 0);
        /* each has reported, and the reports say what is so */
        assert_int_equal(a->remote_packets, out.packets);
        assert_int_equal(b->remote_packets, out.packets);
        assert_int_equal(b->remote_bytes, out.bytes);
        assert_true(a->fraction_lost == 0);
        assert_true(a->rtts > 0 && b->reports > 0);
        int64_t mean = a->rtt_sum / (int64_t)a->rtts;
        assert_true(mean >= 2 * DELAY - RILL_MS && mean < 2 * DELAY + 2 * RILL_MS);
        assert_true(b->last_packet > 0 && b->last_packet < c->now);
    }
    rill_sim_call_free(c);
}

static void what_is_sent_again_is_counted_on_both_sides(void **state)
{
    (void)state;
    struct rill_sim_call_options o = options();
    struct rill_sim_call *c = ran(&o, 500);
    struct rill_peer_stream_stats out = sent(c, c->sides[0].video.track),
                                  in = received(c, out.ssrc);
    const struct rill_peer_outbound_stats *a = &out.more.out;
    const struct rill_peer_inbound_stats *b = &in.more.in;
    assert_true(out.retransmitted > 0 && a->retransmitted_bytes > 0);
    assert_true(b->repaired_packets > 0 && b->repaired_packets <= out.retransmitted);
    assert_true(b->repaired_bytes <= a->retransmitted_bytes);
    assert_int_equal(b->rtx_ssrc, a->rtx_ssrc);
    assert_int_not_equal(a->rtx_ssrc, 0);
    /* lost and received are what was sent, at both ends */
    assert_int_equal(in.lost, out.lost);
    assert_true(in.lost > 0);
    assert_int_equal(b->packets - b->repaired_packets + (uint64_t)in.lost, out.packets);
    assert_int_equal(a->remote_packets + (uint64_t)out.lost, out.packets);
    rill_sim_call_free(c);
}

static void frames_wait_in_the_jitter_buffer_for_what_is_missing(void **state)
{
    (void)state;
    struct rill_sim_call_options o = options();
    struct rill_sim_call *c = ran(&o, 0);
    struct rill_peer_stream_stats in = received(c, sent(c, c->sides[0].video.track).ssrc);
    int64_t even = in.more.in.jitter_delay;
    rill_sim_call_free(c);
    c = ran(&o, 500);
    in = received(c, sent(c, c->sides[0].video.track).ssrc);
    assert_true(in.more.in.jitter_delay > even + 2 * DELAY);
    assert_true(in.more.in.frames_assembled > 0 && in.more.in.assembly > 0);
    rill_sim_call_free(c);
}

static void the_transport_counts_all_but_stun_and_names_its_certificate(void **state)
{
    (void)state;
    struct rill_sim_call_options o = options();
    struct rill_sim_call *c = ran(&o, 0);
    struct rill_peer_stats a, b;
    rill_peer_stats(c->sides[0].peer, &a);
    rill_peer_stats(c->sides[1].peer, &b);
    const struct rill_peer_transport_stats *mine = &a.transports[0], *theirs = &b.transports[0];
    assert_int_equal(mine->packets_sent, theirs->packets_received);
    assert_int_equal(mine->bytes_sent, theirs->bytes_received);
    assert_true(mine->bytes_sent > sent(c, 0).bytes + sent(c, 1).bytes);
    assert_int_equal(mine->dtls_state, RILL_DTLS_CONNECTED);
    assert_true(mine->pair_changes >= 1);
    assert_true(mine->target_bps > 0);
    struct rill_view der = rill_dtls_cert_der(rill_sim_cert(1));
    assert_true(rill_view_equal(mine->certificate, der));
    rill_sim_call_free(c);
}

/* The pair in use of side 0, and the way to its other end. */
static struct rill_ice_pair_stats in_use(const struct rill_sim_call *c, struct rill_path *path)
{
    struct rill_ice_pair_stats p;
    const struct rill_ice *ice = rill_peer_ice(c->sides[0].peer, 0);
    size_t at = 0;
    do
        assert_true(rill_ice_next_pair(ice, &at, &p));
    while (!p.selected);
    assert_true(rill_ice_send_path(ice, path));
    return p;
}

/* Checks are none of a pair's packets; what another path has is of no pair. */
static void what_the_system_does_not_take_is_not_sent(void **state)
{
    (void)state;
    static const uint8_t media[200] = {0x80}, check[100] = {0x00};
    struct rill_sim_call_options o = options();
    struct rill_sim_call *c = ran(&o, 0);
    struct rill_path path;
    struct rill_peer *x = c->sides[0].peer;
    struct rill_ice_pair_counts before = in_use(c, &path).counts;
    rill_peer_discarded(x, c->now, &path, rill_view_at(media, sizeof media));
    rill_peer_discarded(x, c->now, &path, rill_view_at(check, sizeof check));
    struct rill_ice_pair_counts after = in_use(c, &path).counts;
    assert_int_equal(before.packets_discarded, 0);
    assert_int_equal(after.packets_discarded, 1);
    assert_int_equal(after.bytes_discarded, sizeof media);
    assert_int_equal(after.packets_sent, before.packets_sent - 1);
    assert_int_equal(after.bytes_sent, before.bytes_sent - sizeof media);
    path.remote.port ^= 1;
    rill_peer_discarded(x, c->now, &path, rill_view_at(media, sizeof media));
    assert_int_equal(in_use(c, &path).counts.packets_discarded, 1);
    rill_sim_call_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_loss_both_ends_count_the_same),
        cmocka_unit_test(what_is_sent_again_is_counted_on_both_sides),
        cmocka_unit_test(frames_wait_in_the_jitter_buffer_for_what_is_missing),
        cmocka_unit_test(what_the_system_does_not_take_is_not_sent),
        cmocka_unit_test(the_transport_counts_all_but_stun_and_names_its_certificate),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
