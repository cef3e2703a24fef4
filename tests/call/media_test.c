/* Whole calls, seen at their media: repair, key frames, pacing, reports. */
#include "peer/connection.h"
#include "peer/demux.h"
#include "peer/lines.h"
#include "peer/pacer.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/errors.h"
#include "srtp/srtp.h"
#include "tests/call/looks.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"
#include "tests/sim/tap.h"

static struct rill_sim_call *begin(const struct rill_sim_call_options *o)
{
    struct rill_sim_call *c = rill_sim_call_new(o);
    rill_sim_call_start(c);
    return c;
}

static void assert_whole(const struct rill_sim_flow *to, const struct rill_sim_flow *from)
{
    assert_true(from->n_sent > 0);
    assert_int_equal(to->wrong_bytes + to->out_of_order + to->not_decodable, 0);
    assert_int_equal(to->received, from->n_sent);
}

/* --- directions ------------------------------------------------------------------------------ */

static void a_receiver_without_tracks_gets_all_and_sends_nothing(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.audio[1].send = o.video[1].send = false;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_whole(&c->sides[1].video, &c->sides[0].video);
    assert_whole(&c->sides[1].audio, &c->sides[0].audio);
    assert_int_equal(c->sides[0].tracks_seen, 0);
    assert_int_equal(c->sides[0].video.received, 0);
    rill_sim_call_free(c);
}

static void an_offerer_that_only_receives_gets_all(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.audio[0] = o.video[0] = (struct rill_sim_tracks){.receive_only = true};
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_whole(&c->sides[0].video, &c->sides[1].video);
    assert_whole(&c->sides[0].audio, &c->sides[1].audio);
    assert_int_equal(c->sides[1].tracks_seen, 0);
    rill_sim_call_free(c);
}

static void nothing_is_sent_on_a_track_that_the_other_side_does_not_take(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.audio[0] = (struct rill_sim_tracks){.receive_only = true};
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, RILL_SECOND);
    struct rill_frame sound = {.kind = RILL_AUDIO, .bytes = c->opus.frames[0]};
    assert_row(rill_peer_send_frame(c->sides[0].peer, c->now, 0, &sound), PEER_NOT_SENDING);
    assert_row(rill_peer_send_frame(c->sides[0].peer, c->now, 7, &sound), PEER_NOT_SENDING);
    assert_row(rill_peer_send_frame(c->sides[0].peer, c->now, -1, &sound), PEER_NOT_SENDING);
    assert_row(rill_peer_send_frame(c->sides[0].peer, c->now, 1, &sound), PEER_NOT_SENDING);
    rill_sim_call_free(c);
}

static void a_frame_before_the_keys_is_refused(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    struct rill_frame sound = {.kind = RILL_AUDIO, .bytes = c->opus.frames[0]};
    assert_row(rill_peer_send_frame(c->sides[0].peer, c->now, 0, &sound), PEER_NOT_CONNECTED);
    assert_int_equal(stats_of(c, 0).sent[0].frames_dropped, 1);
    rill_sim_call_free(c);
}

/* --- repair ------------------------------------------------------------------------------------
 */

/* Drops chosen video packets of the answerer. */
struct dropper {
    struct rill_sim_tap tap;
    bool chosen;
    uint16_t seq;
    int64_t from; /* instant from which the first packet of a delta frame is chosen */
    bool always;  /* its repetitions too */
    size_t seen, dropped, by_rtx;
};

static bool drop(struct rill_sim_call *c, int from, struct rill_path *path, struct rill_span d)
{
    struct dropper *x = c->watch_ctx;
    struct rill_rtp_packet p;
    (void)path;
    /* The sequence number is in the clear. */
    if (from != x->tap.side || d.p[0] & 0x20 ||
        rill_demux_class(rill_view_at(d.p, d.n)) != RILL_DEMUX_RTP ||
        rill_rtp_parse(rill_view_at(d.p, d.n), &p, NULL) < 0 || (p.pt != 96 && p.pt != 97))
        return true;
    /* What repairs it is all that is sent of 97 beside padding. */
    if (p.pt == 97) {
        x->by_rtx++;
        x->dropped += x->always;
        return !x->always;
    }
    if (!x->chosen && c->now >= x->from) {
        x->chosen = true;
        x->seq = p.seq;
    }
    if (!x->chosen || p.seq != x->seq)
        return true;
    x->seen++;
    if (x->seen > 1 && !x->always)
        return true;
    x->dropped++;
    return false;
}

static struct rill_sim_call *call_with_a_drop(struct dropper *x, int64_t from, bool always,
                                              bool no_rtx)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.no_rtx = no_rtx;
    o.media_time = 3 * RILL_SECOND;
    *x = (struct dropper){.tap = {.side = RILL_SIM_ANSWERER}, .from = from, .always = always};
    struct rill_sim_call *c = begin(&o);
    c->watch = drop;
    c->watch_ctx = x;
    rill_sim_call_run(c, 6 * RILL_SECOND);
    return c;
}

static void assert_repaired(bool no_rtx)
{
    struct dropper x;
    struct rill_sim_call *c = call_with_a_drop(&x, 600 * RILL_MS, false, no_rtx);
    assert_int_equal(x.dropped, 1);
    assert_int_equal(x.seen, no_rtx ? 2 : 1);
    assert_int_equal(x.by_rtx, no_rtx ? 0 : 1);
    assert_whole(&c->sides[0].video, &c->sides[1].video);
    assert_int_equal(c->sides[1].keyframes_wanted, 0);
    struct rill_peer_stats sent = stats_of(c, 1), received = stats_of(c, 0);
    assert_int_equal(sent.sent[1].retransmitted, 1);
    assert_int_equal(sent.sent[1].nacks, 1);
    assert_int_equal(received.received[1].nacks, 1);
    assert_int_equal(received.received[1].plis, 0);
    assert_int_equal(received.received[1].keyframes, 1);
    assert_int_equal(received.received[1].retransmitted, no_rtx ? 0 : 1);
    /* RFC 4588 §6.3: what the network lost stays lost. */
    assert_int_equal(received.received[1].lost, no_rtx ? 0 : 1);
    rill_sim_call_free(c);
}

static void a_lost_packet_is_asked_for_and_repaired_without_a_key_frame(void **state)
{
    (void)state;
    assert_repaired(false);
}

static void without_rtx_it_comes_again_under_its_own_ssrc(void **state)
{
    (void)state;
    assert_repaired(true);
}

static void what_cannot_be_repaired_ends_in_a_pli_and_a_key_frame(void **state)
{
    struct dropper x;
    (void)state;
    struct rill_sim_call *c = call_with_a_drop(&x, 600 * RILL_MS, true, false);
    const struct rill_sim_flow *v = &c->sides[0].video;
    assert_true(x.dropped > 1);
    assert_true(c->sides[1].keyframes_wanted >= 1);
    assert_true(stats_of(c, 0).received[1].plis >= 1);
    assert_int_equal(v->not_decodable + v->wrong_bytes, 0);
    assert_int_equal(v->keyframes, 2);
    assert_true(v->skipped > 0);
    assert_int_equal(v->last_index + 1, c->sides[1].video.n_sent);
    rill_sim_call_free(c);
}

static void a_packet_is_sent_again_at_most_ten_times(void **state)
{
    struct dropper x;
    (void)state;
    struct rill_sim_call *c = call_with_a_drop(&x, 600 * RILL_MS, true, false);
    assert_true(stats_of(c, 1).sent[1].retransmitted <= 10);
    rill_sim_call_free(c);
}

static bool drop_first_pictures(struct rill_sim_call *c, int from, struct rill_path *path,
                                struct rill_span d)
{
    (void)path;
    bool picture =
        rill_demux_class(rill_view_at(d.p, d.n)) == RILL_DEMUX_RTP && (d.p[1] & 0x7f) == 96;
    return !(from == RILL_SIM_ANSWERER && picture && c->now < 400 * RILL_MS);
}

static void a_stream_whose_beginning_was_missed_is_joined_with_a_pli(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    c->watch = drop_first_pictures;
    rill_sim_call_run(c, 4 * RILL_SECOND);
    const struct rill_sim_flow *v = &c->sides[0].video;
    assert_int_equal(c->sides[1].keyframes_wanted, 1);
    assert_int_equal(v->not_decodable + v->wrong_bytes, 0);
    assert_int_equal(v->last_index + 1, c->sides[1].video.n_sent);
    rill_sim_call_free(c);
}

/* --- sizes
 * ---------------------------------------------------------------------------------------- */

#define LARGE 60000

/* A key frame by its first byte and start code; the rest is only bytes. */
static struct rill_view large_frame(size_t n)
{
    static uint8_t bytes[LARGE + 1];
    static const uint8_t head[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 176, 0, 144, 0};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    memcpy(bytes, head, sizeof head);
    return rill_view_at(bytes, n);
}

/* A path that carries them. */
static struct rill_sim_call *call_with_large_frames(size_t cap, size_t n)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.config.congestion = RILL_PEER_CONGESTION_OFF;
    o.config.frame_bytes = cap;
    struct rill_sim_call *c = begin(&o);
    c->vp8.n = 1;
    c->vp8.frames[0] = large_frame(n);
    return c;
}

static void a_frame_of_exactly_the_cap_arrives(void **state)
{
    (void)state;
    struct rill_sim_call *c = call_with_large_frames(LARGE, LARGE);
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_whole(&c->sides[1].video, &c->sides[0].video);
    assert_int_equal(c->sides[0].video.refused, 0);
    rill_sim_call_free(c);
}

static void a_frame_one_byte_over_the_cap_is_refused(void **state)
{
    (void)state;
    struct rill_sim_call *c = call_with_large_frames(LARGE, LARGE + 1);
    rill_sim_call_run(c, RILL_SECOND);
    assert_int_equal(c->sides[0].video.n_sent, 0);
    assert_row(c->sides[0].video.last_refusal, PEER_FRAME_TOO_LARGE);
    rill_sim_call_free(c);
}

static void an_empty_frame_and_a_sound_larger_than_a_packet_are_refused(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, RILL_SECOND);
    struct rill_frame none = {.kind = RILL_VIDEO};
    struct rill_frame sound = {.kind = RILL_AUDIO, .bytes = large_frame(1300)};
    assert_row(rill_peer_send_frame(c->sides[0].peer, c->now, 1, &none), PEER_FRAME_TOO_LARGE);
    assert_row(rill_peer_send_frame(c->sides[0].peer, c->now, 0, &sound), PEER_FRAME_TOO_LARGE);
    rill_sim_call_free(c);
}

static void frames_faster_than_the_pacer_are_refused_and_a_key_frame_is_asked_for(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.config.history_packets = 64;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    struct rill_frame frame = {.kind = RILL_VIDEO, .bytes = large_frame(40000), .time = c->now};
    assert_int_equal(rill_peer_send_frame(c->sides[0].peer, c->now, 1, &frame), 0);
    assert_row(rill_peer_send_frame(c->sides[0].peer, c->now, 1, &frame), PEER_QUEUE_FULL);
    rill_sim_call_run(c, c->now + RILL_MS);
    assert_int_equal(c->sides[0].keyframes_wanted, 1);
    rill_sim_call_free(c);
}

/* RTP datagrams of the offerer's video in each 5 ms. */
struct pace {
    int64_t tick;
    size_t n, most, all;
};

static bool watch_pace(struct rill_sim_call *c, int from, struct rill_path *path,
                       struct rill_span d)
{
    struct pace *p = c->watch_ctx;
    (void)path;
    if (from != 0 || (d.p[0] & 0xc0) != 0x80 || (d.p[1] & 0x7f) != 96)
        return true;
    if (c->now / RILL_PEER_PACER_TICK != p->tick)
        p->n = 0;
    p->tick = c->now / RILL_PEER_PACER_TICK;
    p->n++;
    p->all++;
    p->most = p->n > p->most ? p->n : p->most;
    return true;
}

static void a_key_frame_does_not_go_out_in_one_burst(void **state)
{
    struct pace pace = {0};
    (void)state;
    struct rill_sim_call *c = call_with_large_frames(LARGE, LARGE);
    c->watch = watch_pace;
    c->watch_ctx = &pace;
    rill_sim_call_run(c, RILL_SECOND);
    assert_true(pace.all > 500);
    /* The last of a tick may be the one that uses its bytes up. */
    assert_true(pace.most <= RILL_PEER_PACER_BURST + 1);
    rill_sim_call_free(c);
}

/* --- what is on the wire
 * ------------------------------------------------------------------------------ */

/* What the offerer's packets say in plain text. */
struct reading {
    size_t numbers; /* datagrams of transport-wide feedback */
    struct rill_sim_tap tap;
    size_t rtp, rtcp, rtp_bytes, rtcp_bytes;
    size_t without_mid, bad_pt, unaligned_pieces;
    size_t reports_first, with_cname, reduced, byes, nacks;
    size_t first_seq_seen;
};

static void read_rtp(struct reading *r, struct rill_view packet)
{
    struct rill_rtp_packet p;
    struct rill_view mid;
    assert_int_equal(rill_rtp_parse(packet, &p, NULL), 0);
    r->rtp++;
    r->rtp_bytes += packet.n;
    r->bad_pt += p.pt >= 64 && p.pt <= 95;
    const char *expected = p.pt == 111 ? "0" : "1";
    if (!rill_rtp_ext_find(&p, 4, &mid) || !rill_view_is(mid, expected))
        r->without_mid++;
}

static void read_rtcp(struct reading *r, struct rill_view compound)
{
    struct rill_rtcp_packet p;
    size_t at = 0, i = 0;
    bool cname = false, reduced = false, numbers = false;
    r->rtcp++;
    r->rtcp_bytes += compound.n + 28;
    for (; rill_rtcp_next(compound, &at, &p, NULL) > 0; i++) {
        if (i == 0)
            reduced = p.pt != RILL_RTCP_SR && p.pt != RILL_RTCP_RR;
        cname = cname || p.pt == RILL_RTCP_SDES;
        r->byes += p.pt == RILL_RTCP_BYE;
        r->nacks += p.pt == RILL_RTCP_RTPFB && p.count == RILL_RTCP_NACK;
        numbers = numbers || (p.pt == RILL_RTCP_RTPFB && p.count == RILL_RTCP_TWCC);
    }
    if (numbers && reduced) {
        r->numbers++;
        return;
    }
    r->reduced += reduced;
    r->reports_first += !reduced;
    r->with_cname += cname;
}

static bool read_along(struct rill_sim_call *c, int from, struct rill_path *path,
                       struct rill_span d)
{
    struct reading *r = c->watch_ctx;
    (void)path;
    if (from != r->tap.side)
        return true;
    struct rill_view rtp = rill_sim_tap_rtp(&r->tap, c, d);
    struct rill_view rtcp = rtp.n ? rill_view_of(NULL) : rill_sim_tap_rtcp(&r->tap, c, d);
    if (rtp.n)
        read_rtp(r, rtp);
    if (rtcp.n)
        read_rtcp(r, rtcp);
    return true;
}

static struct rill_sim_call *call_read_along(struct reading *r, struct rill_sim_call_options o)
{
    *r = (struct reading){.tap = {.side = RILL_SIM_OFFERER}};
    struct rill_sim_call *c = begin(&o);
    c->watch = read_along;
    c->watch_ctx = r;
    return c;
}

static void each_packet_carries_its_mid_and_a_payload_type_that_is_no_rtcp(void **state)
{
    struct reading r;
    (void)state;
    struct rill_sim_call *c = call_read_along(&r, rill_sim_call_defaults());
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_true(r.rtp > 80);
    assert_int_equal(r.without_mid + r.bad_pt, 0);
    rill_sim_tap_free(&r.tap);
    rill_sim_call_free(c);
}

static void regular_rtcp_begins_with_a_report_has_a_cname_and_stays_below_5_percent(void **state)
{
    struct reading r;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 20 * RILL_SECOND;
    struct rill_sim_call *c = call_read_along(&r, o);
    rill_sim_call_run(c, 20 * RILL_SECOND);
    assert_true(r.rtcp - r.numbers > 10);
    assert_true(r.numbers > 20);
    assert_int_equal(r.reports_first + r.numbers, r.rtcp);
    assert_int_equal(r.with_cname + r.numbers, r.rtcp);
    assert_true(r.rtcp_bytes * 20 <= r.rtp_bytes);
    rill_sim_tap_free(&r.tap);
    rill_sim_call_free(c);
}

static bool without_rsize(void *ctx, struct rill_sim_message *m)
{
    static const char line[] = "a=rtcp-rsize\r\n";
    (void)ctx;
    for (size_t i = 0; i + sizeof line - 1 <= m->n;) {
        if (memcmp(m->text + i, line, sizeof line - 1) == 0) {
            memmove(m->text + i, m->text + i + sizeof line - 1, m->n - i - sizeof line + 1);
            m->n -= sizeof line - 1;
        } else {
            i++;
        }
    }
    return true;
}

/* The offerer's feedback when 10 % of what it should get is lost. */
static struct rill_sim_call *call_with_feedback(struct reading *r, bool rsize)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.tamper = rsize ? NULL : without_rsize;
    struct rill_sim_call *c = call_read_along(r, o);
    rill_sim_call_run(c, 300 * RILL_MS);
    c->net.links[1][0].loss_good = 1000;
    rill_sim_call_run(c, 3 * RILL_SECOND);
    return c;
}

static void feedback_is_of_reduced_size_when_that_was_agreed(void **state)
{
    struct reading r;
    (void)state;
    struct rill_sim_call *c = call_with_feedback(&r, true);
    assert_true(r.nacks > 0);
    assert_true(r.reduced > 0);
    rill_sim_tap_free(&r.tap);
    rill_sim_call_free(c);
}

static void feedback_is_a_compound_when_reduced_size_was_not_agreed(void **state)
{
    struct reading r;
    (void)state;
    struct rill_sim_call *c = call_with_feedback(&r, false);
    assert_true(r.nacks > 0);
    assert_int_equal(r.reduced, 0);
    assert_int_equal(r.with_cname, r.rtcp);
    rill_sim_tap_free(&r.tap);
    rill_sim_call_free(c);
}

static void close_says_bye_on_each_line(void **state)
{
    struct reading r;
    (void)state;
    struct rill_sim_call *c = call_read_along(&r, rill_sim_call_defaults());
    rill_sim_call_run(c, 600 * RILL_MS);
    rill_sim_call_close(c, 0);
    /* and one of the stream that repairs the pictures, which has probed the path */
    const struct rill_peer *x = c->sides[0].peer;
    assert_true(x->tracks[c->sides[0].video.track].senders[0]->rtx_packets > 0);
    assert_int_equal(r.byes, 3);
    rill_sim_tap_free(&r.tap);
    rill_sim_call_free(c);
}

static void a_sender_report_relates_rtp_time_to_ntp_time_within_a_millisecond(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 5 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 5 * RILL_SECOND);
    const struct rill_rtp_source *s = &c->sides[1].peer->lines[1].in.source;
    const struct rill_sim_flow *sent = &c->sides[0].video;
    assert_true(s->have_sr);
    int64_t unix_us = ((int64_t)s->sr_ntp_sec - 2208988800) * RILL_SECOND +
                      ((int64_t)s->sr_ntp_frac * RILL_SECOND >> 32);
    int64_t since = unix_us - c->sides[0].peer->config.wall_us - sent->began;
    int64_t expected = (int64_t)sent->rtp_base + since * 90 / 1000;
    int32_t off = (int32_t)(s->sr_rtp_time - (uint32_t)expected);
    assert_in_range(off + 90, 0, 180);
    rill_sim_call_free(c);
}

static void statistics_tell_what_has_happened(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 8 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 10 * RILL_SECOND);
    struct rill_peer_stats a = stats_of(c, 0), b = stats_of(c, 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(a.sent[i].packets, b.received[i].packets);
        assert_int_equal(a.sent[i].bytes, b.received[i].bytes);
        assert_int_equal(a.sent[i].frames, b.received[i].frames);
        assert_int_equal(a.sent[i].ssrc, b.received[i].ssrc);
        assert_int_equal(b.received[i].lost, 0);
        assert_in_range(a.sent[i].rtt_us, 39 * RILL_MS, 42 * RILL_MS);
    }
    assert_int_equal(a.sent[1].frames, c->sides[0].video.n_sent);
    assert_true(a.transports[0].has_pair);
    assert_in_range(a.transports[0].pair_rtt_us, 40 * RILL_MS, 41 * RILL_MS);
    assert_string_equal(a.transports[0].srtp_profile, "SRTP_AES128_CM_HMAC_SHA1_80");
    assert_string_equal(a.transports[0].dtls_version, "DTLSv1.2");
    assert_memory_equal(a.transports[0].local_candidate, "candidate:", 10);
    assert_int_equal(a.datagrams_out, b.datagrams_in);
    assert_int_equal(a.bytes_out, b.bytes_in);
    rill_sim_call_free(c);
}

/* --- crafted packets, as the other side could send them
 * ------------------------------------------- */

static struct rill_sim_call *connected_call(void)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 3 * RILL_SECOND);
    assert_true(rill_sim_call_both_connected(c));
    return c;
}

static struct rill_path path_to_offerer(const struct rill_sim_call *c)
{
    return (struct rill_path){.socket = c->sides[0].socket, .remote = c->sides[1].bound};
}

static int craft_rtcp(struct rill_sim_call *c, struct rill_writer *w)
{
    struct rill_path path = path_to_offerer(c);
    int n = rill_srtp_protect_rtcp(c->sides[1].peer->transports[0].components[0].srtp,
                                   (struct rill_span){w->p, w->cap}, w->at);
    assert_true(n > 0);
    return rill_peer_input(c->sides[0].peer, c->now, &path, (struct rill_span){w->p, (size_t)n});
}

static int craft_fir(struct rill_sim_call *c, uint8_t seq)
{
    _Alignas(8) uint8_t bytes[256];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_rtcp_write_fir(&w, 1, c->sides[0].peer->tracks[1].sender.ssrc, seq);
    return craft_rtcp(c, &w);
}

static int craft_pli(struct rill_sim_call *c)
{
    _Alignas(8) uint8_t bytes[256];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_rtcp_write_pli(&w, 1, c->sides[0].peer->tracks[1].sender.ssrc);
    return craft_rtcp(c, &w);
}

static void a_repeated_fir_asks_for_one_key_frame(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    for (int i = 0; i < 5; i++) {
        assert_int_equal(craft_fir(c, 7), 0);
        rill_sim_call_run(c, c->now + 400 * RILL_MS);
    }
    assert_int_equal(c->sides[0].keyframes_wanted, 1);
    assert_int_equal(craft_fir(c, 8), 0);
    rill_sim_call_run(c, c->now + RILL_MS);
    assert_int_equal(c->sides[0].keyframes_wanted, 2);
    assert_int_equal(stats_of(c, 0).sent[1].firs, 2);
    rill_sim_call_free(c);
}

static void many_plis_ask_for_a_key_frame_every_300_ms_at_most_and_then_less_often(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    for (int i = 0; i < 60; i++) {
        assert_int_equal(craft_pli(c), 0);
        rill_sim_call_run(c, c->now + 10 * RILL_MS);
    }
    assert_in_range(c->sides[0].keyframes_wanted, 2, 3);
    size_t before = c->sides[0].keyframes_wanted;
    for (int i = 0; i < 600; i++) {
        assert_int_equal(craft_pli(c), 0);
        rill_sim_call_run(c, c->now + 10 * RILL_MS);
    }
    assert_in_range(c->sides[0].keyframes_wanted - before, 4, 5);
    rill_sim_call_free(c);
}

static void a_nack_for_what_was_never_sent_is_passed_over(void **state)
{
    _Alignas(8) uint8_t bytes[256];
    (void)state;
    struct rill_sim_call *c = connected_call();
    const struct rill_peer_sender *s = &c->sides[0].peer->tracks[1].sender;
    uint16_t ahead[] = {(uint16_t)(s->seq + 5), (uint16_t)(s->seq + 6)};
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_rtcp_write_nack(&w, 1, s->ssrc, ahead, 2);
    assert_int_equal(craft_rtcp(c, &w), 0);
    rill_sim_call_run(c, c->now + 100 * RILL_MS);
    assert_int_equal(s->retransmitted, 0);
    rill_sim_call_free(c);
}

static void a_nack_for_what_still_waits_for_the_pacer_sends_nothing_twice(void **state)
{
    _Alignas(8) uint8_t bytes[256];
    (void)state;
    struct rill_sim_call *c = connected_call();
    const struct rill_peer_sender *s = &c->sides[0].peer->tracks[1].sender;
    struct rill_frame frame = {.kind = RILL_VIDEO, .bytes = large_frame(40000), .time = c->now};
    assert_int_equal(rill_peer_send_frame(c->sides[0].peer, c->now, 1, &frame), 0);
    uint16_t last = (uint16_t)(s->seq - 1);
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_rtcp_write_nack(&w, 1, s->ssrc, &last, 1);
    assert_int_equal(craft_rtcp(c, &w), 0);
    rill_sim_call_run(c, c->now + 500 * RILL_MS);
    assert_int_equal(s->next, s->seq);
    assert_int_equal(s->retransmitted, 0);
    rill_sim_call_free(c);
}

static void a_nack_storm_is_answered_with_each_packet_once_a_gap(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    const struct rill_peer_sender *s = &c->sides[0].peer->tracks[1].sender;
    struct rill_frame frame = {.kind = RILL_VIDEO, .bytes = large_frame(500), .time = c->now};
    assert_int_equal(rill_peer_send_frame(c->sides[0].peer, c->now, 1, &frame), 0);
    /* It has left, and nobody has told yet that it came. */
    rill_sim_call_run(c, c->now + 15 * RILL_MS);
    uint16_t last = (uint16_t)(s->seq - 1);
    for (int i = 0; i < 100; i++) {
        _Alignas(8) uint8_t bytes[256];
        struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
        rill_rtcp_write_nack(&w, 1, s->ssrc, &last, 1);
        assert_int_equal(craft_rtcp(c, &w), 0);
    }
    rill_sim_call_run(c, c->now + RILL_MS);
    assert_int_equal(s->retransmitted, 1);
    rill_sim_call_free(c);
}

static bool lose_pictures(struct rill_sim_call *c, int from, struct rill_path *path,
                          struct rill_span d)
{
    (void)c;
    (void)path;
    bool rtp = rill_demux_class(rill_view_at(d.p, d.n)) == RILL_DEMUX_RTP;
    return from != RILL_SIM_OFFERER || !rtp || ((d.p[1] & 0x7f) != 96 && (d.p[1] & 0x7f) != 97);
}

/* Each packet may go ten times; of a rate of 300 kbit/s repairs take half, after a burst. */
static void what_goes_again_is_bounded_by_half_of_the_rate(void **state)
{
    _Alignas(8) uint8_t bytes[1024];
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.config.max_bps = 300000;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 3 * RILL_SECOND);
    const struct rill_peer_sender *s = &c->sides[0].peer->tracks[1].sender;
    struct rill_frame frame = {.kind = RILL_VIDEO, .bytes = large_frame(40000), .time = c->now};
    c->watch = lose_pictures;
    assert_int_equal(rill_peer_send_frame(c->sides[0].peer, c->now, 1, &frame), 0);
    rill_sim_call_run(c, c->now + RILL_SECOND);
    uint16_t seqs[30];
    for (size_t i = 0; i < 30; i++)
        seqs[i] = (uint16_t)(s->seq - 30 + i);
    uint64_t before = s->retransmitted;
    for (int i = 0; i < 50; i++) {
        struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
        rill_rtcp_write_nack(&w, 1, s->ssrc, seqs, 30);
        assert_int_equal(craft_rtcp(c, &w), 0);
        rill_sim_call_run(c, c->now + 20 * RILL_MS);
    }
    uint64_t resent = (s->retransmitted - before) * 1200;
    assert_true(resent > 12000);
    assert_true(resent < 12000 + 300000 / 16 * 6 / 5 + 3 * 1200);
    rill_sim_call_free(c);
}

/* --- congestion ------------------------------------------------------------------------------ */

static void feedback_of_numbers_reaches_both_sides_and_a_target_is_told(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.media_time = 5 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 5 * RILL_SECOND);
    for (int i = 0; i < 2; i++) {
        assert_true(c->sides[i].peer->lines[0].agreed.ext_transport_cc.sent == 3);
        assert_true(stats_of(c, i).feedbacks >= 5);
        assert_true(c->sides[i].targets > 0);
        assert_true(c->sides[i].target_bps >= 300000);
        /* One counter for the packets of all streams. */
        struct rill_peer_stats s = stats_of(c, i);
        assert_int_equal(c->sides[i].peer->transports[0].congestion.sent.next,
                         s.sent[0].packets + s.sent[1].packets + s.sent[1].padding);
    }
    rill_sim_call_free(c);
}

static void without_congestion_control_no_target_is_told(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.config.congestion = RILL_PEER_CONGESTION_OFF;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    assert_int_equal(c->sides[0].targets, 0);
    assert_int_equal(rill_peer_target(c->sides[0].peer), 0);
    rill_sim_call_free(c);
}

/* What it was before it was protected, its number included. */
static void a_packet_sent_again_is_the_same_bytes(void **state)
{
    _Alignas(8) uint8_t bytes[256], before[1500];
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.no_rtx = true;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, RILL_SECOND);
    const struct rill_peer_sender *s = &c->sides[0].peer->tracks[1].sender;
    uint16_t last = (uint16_t)(s->seq - 1);
    struct rill_view kept = rill_rtp_history_get(&s->history, last);
    memcpy(before, kept.p, kept.n);
    int64_t numbers = c->sides[0].peer->transports[0].congestion.sent.next;
    uint64_t packets = s->packets + c->sides[0].peer->tracks[0].sender.packets;
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_rtcp_write_nack(&w, 1, s->ssrc, &last, 1);
    assert_int_equal(craft_rtcp(c, &w), 0);
    rill_sim_call_run(c, c->now + 20 * RILL_MS);
    assert_int_equal(s->retransmitted, 1);
    assert_memory_equal(rill_rtp_history_get(&s->history, last).p, before, kept.n);
    assert_int_equal(c->sides[0].peer->transports[0].congestion.sent.next - numbers,
                     s->packets + c->sides[0].peer->tracks[0].sender.packets - packets);
    rill_sim_call_free(c);
}

/* draft-holmer §3.1, by hand: numbers that were never sent, from a base far ahead, at the end of
 * the reference clock. */
static int lie(struct rill_sim_call *c, uint16_t base)
{
    _Alignas(8) uint8_t bytes[256];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_w_u32(&w, 0x8fcd0007);
    rill_w_u32(&w, 1);
    rill_w_u32(&w, 2);
    rill_w_u16(&w, base);
    rill_w_u16(&w, 4);
    rill_w_u32(&w, 0x7fffff00);
    rill_w_u16(&w, 0x4004); /* four large deltas */
    for (int i = 0; i < 4; i++)
        rill_w_u16(&w, i % 2 ? 0x8000 : 0x7fff);
    rill_w_u16(&w, 0);
    return craft_rtcp(c, &w);
}

static void feedback_of_numbers_never_sent_changes_nothing(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    uint64_t target = rill_peer_target(c->sides[0].peer);
    uint64_t feedbacks = stats_of(c, 0).feedbacks;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(lie(c, (uint16_t)(20000 + 4 * i)), 0);
    assert_int_equal(stats_of(c, 0).feedbacks, feedbacks);
    assert_int_equal(rill_peer_target(c->sides[0].peer), target);
    rill_sim_call_run(c, c->now + 100 * RILL_MS);
    assert_int_equal(c->sides[0].state, RILL_PEER_CONNECTED);
    rill_sim_call_free(c);
}

/* Times that cannot be, of packets that were sent: the target stays within its bounds, and sound
 * and pictures go on. */
static void feedback_with_absurd_times_leaves_the_call_going(void **state)
{
    (void)state;
    struct rill_sim_call *c = connected_call();
    for (int i = 0; i < 40; i++) {
        int64_t next = c->sides[0].peer->transports[0].congestion.sent.next;
        assert_int_equal(lie(c, (uint16_t)(next > 4 ? next - 4 : 0)), 0);
        rill_sim_call_run(c, c->now + 20 * RILL_MS);
        assert_in_range(rill_peer_target(c->sides[0].peer), 30000, 10000000);
    }
    assert_int_equal(c->sides[0].state, RILL_PEER_CONNECTED);
    rill_sim_call_free(c);
}

/* draft-alvestrand-rmcat-remb-03 §2.2: 0 × 2^0 … 75,000 × 2^1. */
static void the_receivers_own_estimate_lowers_the_target(void **state)
{
    _Alignas(8) uint8_t bytes[256];
    (void)state;
    struct rill_sim_call *c = connected_call();
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    assert_true(rill_peer_target(c->sides[0].peer) >= 300000);
    rill_w_u32(&w, 0x8fce0005);
    rill_w_u32(&w, 1);
    rill_w_u32(&w, 0);
    rill_w_str(&w, "REMB");
    rill_w_u32(&w, 1u << 24 | 1u << 18 | 75000);
    rill_w_u32(&w, c->sides[0].peer->tracks[1].sender.ssrc);
    assert_int_equal(craft_rtcp(c, &w), 0);
    assert_int_equal(rill_peer_target(c->sides[0].peer), 150000);
    rill_sim_call_run(c, c->now + RILL_MS);
    assert_int_equal(c->sides[0].target_bps, 150000);
    rill_sim_call_free(c);
}

static void a_bye_ends_the_stream_it_names(void **state)
{
    _Alignas(8) uint8_t bytes[256];
    (void)state;
    struct rill_sim_call *c = connected_call();
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_rtcp_write_rr(&w, c->sides[0].peer->lines[1].in.ssrc, NULL, 0);
    rill_rtcp_write_bye(&w, c->sides[0].peer->lines[1].in.ssrc, NULL);
    assert_int_equal(craft_rtcp(c, &w), 0);
    rill_sim_call_run(c, c->now + RILL_MS);
    assert_int_equal(c->sides[0].byes, 1);
    assert_int_equal(c->sides[0].state, RILL_PEER_CONNECTED);
    rill_sim_call_free(c);
}

static void malformed_rtcp_with_a_right_tag_is_dropped(void **state)
{
    _Alignas(8) uint8_t bytes[256];
    (void)state;
    struct rill_sim_call *c = connected_call();
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_w_u32(&w, 0x81c80009); /* an SR of 40 bytes, of which 12 are there */
    rill_w_u32(&w, 1);
    rill_w_u32(&w, 2);
    assert_true(craft_rtcp(c, &w) < 0);
    assert_int_equal(stats_of(c, 0).dropped_other, 1);
    assert_int_equal(c->sides[0].state, RILL_PEER_CONNECTED);
    rill_sim_call_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receiver_without_tracks_gets_all_and_sends_nothing),
        cmocka_unit_test(an_offerer_that_only_receives_gets_all),
        cmocka_unit_test(nothing_is_sent_on_a_track_that_the_other_side_does_not_take),
        cmocka_unit_test(a_frame_before_the_keys_is_refused),
        cmocka_unit_test(a_lost_packet_is_asked_for_and_repaired_without_a_key_frame),
        cmocka_unit_test(without_rtx_it_comes_again_under_its_own_ssrc),
        cmocka_unit_test(what_cannot_be_repaired_ends_in_a_pli_and_a_key_frame),
        cmocka_unit_test(a_packet_is_sent_again_at_most_ten_times),
        cmocka_unit_test(a_stream_whose_beginning_was_missed_is_joined_with_a_pli),
        cmocka_unit_test(a_frame_of_exactly_the_cap_arrives),
        cmocka_unit_test(a_frame_one_byte_over_the_cap_is_refused),
        cmocka_unit_test(an_empty_frame_and_a_sound_larger_than_a_packet_are_refused),
        cmocka_unit_test(frames_faster_than_the_pacer_are_refused_and_a_key_frame_is_asked_for),
        cmocka_unit_test(a_key_frame_does_not_go_out_in_one_burst),
        cmocka_unit_test(each_packet_carries_its_mid_and_a_payload_type_that_is_no_rtcp),
        cmocka_unit_test(regular_rtcp_begins_with_a_report_has_a_cname_and_stays_below_5_percent),
        cmocka_unit_test(feedback_is_of_reduced_size_when_that_was_agreed),
        cmocka_unit_test(feedback_is_a_compound_when_reduced_size_was_not_agreed),
        cmocka_unit_test(close_says_bye_on_each_line),
        cmocka_unit_test(a_sender_report_relates_rtp_time_to_ntp_time_within_a_millisecond),
        cmocka_unit_test(statistics_tell_what_has_happened),
        cmocka_unit_test(a_repeated_fir_asks_for_one_key_frame),
        cmocka_unit_test(many_plis_ask_for_a_key_frame_every_300_ms_at_most_and_then_less_often),
        cmocka_unit_test(a_nack_for_what_was_never_sent_is_passed_over),
        cmocka_unit_test(a_nack_for_what_still_waits_for_the_pacer_sends_nothing_twice),
        cmocka_unit_test(a_nack_storm_is_answered_with_each_packet_once_a_gap),
        cmocka_unit_test(what_goes_again_is_bounded_by_half_of_the_rate),
        cmocka_unit_test(feedback_of_numbers_reaches_both_sides_and_a_target_is_told),
        cmocka_unit_test(without_congestion_control_no_target_is_told),
        cmocka_unit_test(a_packet_sent_again_is_the_same_bytes),
        cmocka_unit_test(feedback_of_numbers_never_sent_changes_nothing),
        cmocka_unit_test(feedback_with_absurd_times_leaves_the_call_going),
        cmocka_unit_test(the_receivers_own_estimate_lowers_the_target),
        cmocka_unit_test(a_bye_ends_the_stream_it_names),
        cmocka_unit_test(malformed_rtcp_with_a_right_tag_is_dropped),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
