/* Whole calls with simulcast: three encodings are sent at once, received, and one is handed out
 * (RFC 8853, RFC 8852). */
#include "peer/connection.h"
#include "peer/demux.h"
#include "peer/lines.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"
#include "tests/sim/tap.h"

#include <stdio.h>

#define LAYERS 3
#define PERIOD (RILL_SECOND / 30)
#define STEP 3000 /* of RTP time */
#define BODY 1500 /* of the smallest; two packets */

static const struct rill_peer_encoding encodings[LAYERS] = {
    {"h", true, 0, 1}, {"m", true, 0, 2}, {"l", true, 0, 4}};
static const uint16_t widths[LAYERS] = {640, 320, 160}, heights[LAYERS] = {360, 180, 90};

/* The app on both sides: what it has sent, and what was handed out. */
static struct {
    struct rill_sim_call *call;
    size_t next; /* picture */
    bool want_key[LAYERS];
    bool encodes[LAYERS]; /* the app has an encoder for it */
    size_t asked[LAYERS];
    int accepted[LAYERS];
    /* Handed out. */
    size_t frames[LAYERS], changes, broken, late, apart;
    int layer; /* of the last one */
    size_t picture;
    uint32_t rtp_time;
    int64_t last, longest; /* gap */
    /* On the wire. */
    struct rill_sim_tap tap;
    size_t packets[LAYERS], repairs, nameless, named_in_rtcp[LAYERS];
    int dropping; /* packets of this one are lost; -1: of none */
} app;

/* --- frames ----------------------------------------------------------------------------------- */

static struct rill_frame make_frame(size_t layer)
{
    static uint8_t bytes[BODY * 4];
    bool key = app.want_key[layer];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    size_t n = (size_t)BODY << (LAYERS - 1 - layer);
    memset(bytes, 0x55, sizeof bytes);
    rill_w_u8(&w, key ? 0x10 : 0x11);
    rill_w_u16(&w, 0);
    if (key) {
        const uint8_t size[] = {0x9d,
                                0x01,
                                0x2a,
                                (uint8_t)widths[layer],
                                (uint8_t)(widths[layer] >> 8),
                                (uint8_t)heights[layer],
                                (uint8_t)(heights[layer] >> 8)};
        rill_w_bytes(&w, rill_view_at(size, sizeof size));
    }
    rill_w_u8(&w, (uint8_t)layer);
    rill_w_u16(&w, (uint16_t)app.next);
    return (struct rill_frame){
        .kind = RILL_VIDEO,
        .codec = RILL_CODEC_VP8,
        .bytes = rill_view_at(bytes, n),
        .rtp_time = (uint32_t)(layer * 0x40000000u + app.next * STEP),
        .time = app.call->now,
        .keyframe = key,
        .encoding = layer,
    };
}

static void send_picture(void)
{
    for (size_t i = 0; i < LAYERS; i++) {
        struct rill_frame f = make_frame(i);
        if (!app.encodes[i])
            continue;
        int rc = rill_peer_send_frame(app.call->sides[0].peer, app.call->now, 0, &f);
        app.want_key[i] = rc < 0;
        app.accepted[i] += rc == 0;
    }
    app.next++;
}

static void handed_out(struct rill_sim_call *c, const struct rill_frame *f)
{
    struct rill_reader r = rill_reader_of(f->bytes);
    rill_r_skip(&r, f->keyframe ? 10 : 3);
    int layer = rill_r_u8(&r);
    size_t picture = rill_r_u16(&r);
    bool first = app.frames[0] + app.frames[1] + app.frames[2] == 0;
    assert_in_range(layer, 0, LAYERS - 1);
    assert_int_equal(f->encoding, layer);
    assert_int_equal(f->bytes.n, (size_t)BODY << (LAYERS - 1 - layer));
    app.frames[layer]++;
    if (!first) {
        uint32_t moved = f->rtp_time - app.rtp_time;
        uint32_t should = (uint32_t)((picture - app.picture) * STEP);
        app.changes += layer != app.layer;
        /* What builds on a picture that was not handed out cannot be shown. */
        app.broken += !f->keyframe && (layer != app.layer || picture != app.picture + 1);
        app.late += (int32_t)moved <= 0;
        app.apart += layer == app.layer ? moved != should : moved > should + 900;
        if (c->now - app.last > app.longest)
            app.longest = c->now - app.last;
    } else {
        app.broken += !f->keyframe;
    }
    app.layer = layer;
    app.picture = picture;
    app.rtp_time = f->rtp_time;
    app.last = c->now;
}

static bool on_event(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    if (e->type == RILL_PEER_EVENT_FRAME && side == 1) {
        handed_out(c, &e->frame);
        return true;
    }
    if (e->type != RILL_PEER_EVENT_KEYFRAME_WANTED || side != 0)
        return false;
    app.want_key[e->encoding] = true;
    app.asked[e->encoding]++;
    return true;
}

/* --- the wire ----------------------------------------------------------------------------------
 */

static int layer_of(struct rill_view rid)
{
    for (int i = 0; i < LAYERS; i++)
        if (rill_view_is(rid, encodings[i].rid))
            return i;
    return -1;
}

static void read_names(struct rill_view compound)
{
    struct rill_rtcp_packet p;
    struct rill_rtcp_sdes_item item;
    size_t at = 0;
    while (rill_rtcp_next(compound, &at, &p, NULL) > 0) {
        size_t in = 0;
        if (p.pt != RILL_RTCP_SDES)
            continue;
        while (rill_rtcp_sdes_next(&p, &in, &item, NULL) > 0)
            if (item.type == RILL_RTCP_SDES_RID && layer_of(item.text) >= 0)
                app.named_in_rtcp[layer_of(item.text)]++;
    }
}

static bool watch(struct rill_sim_call *c, int from, struct rill_path *path, struct rill_span d)
{
    struct rill_rtp_packet p;
    struct rill_view rid = {0}, mid = {0};
    (void)path;
    if (from != 0)
        return true;
    if (rill_demux_class(rill_view_at(d.p, d.n)) == RILL_DEMUX_RTCP)
        read_names(rill_sim_tap_rtcp(&app.tap, c, d));
    if (rill_demux_class(rill_view_at(d.p, d.n)) != RILL_DEMUX_RTP)
        return true;
    /* Extensions are in the clear. */
    assert_int_equal(rill_rtp_parse(rill_view_at(d.p, d.n), &p, NULL), 0);
    app.repairs += p.pt == 97;
    bool named =
        rill_rtp_ext_find(&p, p.pt == 97 ? 11 : 10, &rid) && rill_rtp_ext_find(&p, 4, &mid);
    int layer = layer_of(rid);
    app.nameless += !named || layer < 0;
    if (layer >= 0)
        app.packets[layer]++;
    return layer < 0 || layer != app.dropping;
}

/* --- calls ------------------------------------------------------------------------------------ */

static struct rill_sim_call_options options(void)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    for (int i = 0; i < RILL_SIM_SIDES; i++)
        o.audio[i] = o.video[i] = (struct rill_sim_tracks){.send = false};
    o.config.encodings_sent = o.config.encodings_received = LAYERS - 1;
    o.config.congestion = RILL_PEER_CONGESTION_OFF;
    return o;
}

static struct rill_sim_call *begin(const struct rill_sim_call_options *o)
{
    struct rill_sim_call *c = rill_sim_call_new(o);
    memset(&app, 0, sizeof app);
    app.call = c;
    app.dropping = -1;
    for (size_t i = 0; i < LAYERS; i++)
        app.want_key[i] = app.encodes[i] = true;
    c->event = on_event;
    c->watch = watch;
    assert_int_equal(rill_peer_add_transceiver_encodings(c->sides[0].peer, RILL_CODEC_VP8,
                                                         RILL_SDP_SENDONLY, "s", "v", encodings,
                                                         LAYERS),
                     0);
    rill_sim_call_start(c);
    assert_true(rill_sim_call_run_until(c, 10 * RILL_SECOND, rill_sim_call_both_connected));
    return c;
}

/* Pictures are taken for so long. */
static void go_on(int64_t time)
{
    int64_t end = app.call->now + time;
    while (app.call->now < end) {
        send_picture();
        assert_true(rill_sim_call_run(app.call, app.call->now + PERIOD));
    }
}

static void end(void)
{
    assert_int_equal(app.broken, 0);
    assert_int_equal(app.late, 0);
    assert_int_equal(app.apart, 0);
    assert_int_equal(app.nameless, 0);
    rill_sim_tap_free(&app.tap);
    rill_sim_call_free(app.call);
}

static struct rill_peer_stats stats_of(int side)
{
    static struct rill_peer_stats stats;
    rill_peer_stats(app.call->sides[side].peer, &stats);
    return stats;
}

static const struct rill_peer_stream_stats *row(const struct rill_peer_stream_stats *rows, size_t n,
                                                size_t layer)
{
    for (size_t i = 0; i < n; i++)
        if (rill_view_is(rows[i].rid, encodings[layer].rid))
            return &rows[i];
    fail_msg("there is no row for %s", encodings[layer].rid);
    return NULL;
}

static void set_active(size_t layer, bool active)
{
    struct rill_peer_encoding e = encodings[layer];
    e.active = active;
    assert_int_equal(rill_peer_set_encoding(app.call->sides[0].peer, app.call->now, 0, layer, &e),
                     0);
}

/* --- all at once ------------------------------------------------------------------------------ */

static void three_are_sent_and_the_largest_is_handed_out(void **state)
{
    struct rill_sim_call_options o = options();
    (void)state;
    begin(&o);
    go_on(3 * RILL_SECOND);
    struct rill_peer_stats sent = stats_of(0), received = stats_of(1);
    assert_int_equal(sent.n_sent, LAYERS);
    assert_int_equal(received.n_received, LAYERS);
    for (size_t i = 0; i < LAYERS; i++) {
        const struct rill_peer_stream_stats *s = row(sent.sent, sent.n_sent, i);
        const struct rill_peer_stream_stats *r = row(received.received, received.n_received, i);
        assert_int_equal(s->encoding, i);
        assert_int_equal(s->ssrc, r->ssrc);
        assert_int_equal(s->frames, app.accepted[i]);
        assert_true(r->frames + 2 >= s->frames);
        assert_int_equal(r->width, widths[i]);
        assert_int_equal(r->handed_out, i == 0);
        assert_true(app.packets[i] > 0 && app.named_in_rtcp[i] > 0);
        assert_true(s->rtt_us > 0);
    }
    assert_true(app.frames[0] > 80);
    assert_true(app.frames[1] + app.frames[2] <= 2);
    end();
}

static void lost_packets_of_each_are_repaired_by_themselves(void **state)
{
    struct rill_sim_call_options o = options();
    (void)state;
    o.link.loss_good = o.link.loss_bad = 300;
    begin(&o);
    go_on(5 * RILL_SECOND);
    struct rill_peer_stats sent = stats_of(0);
    struct rill_peer_stats received = stats_of(1);
    size_t again = 0;
    for (size_t i = 0; i < LAYERS; i++) {
        again += row(sent.sent, sent.n_sent, i)->retransmitted;
        assert_true(row(received.received, received.n_received, i)->retransmitted > 0);
    }
    /* By RTX, whose packets name what they repair (RFC 8852 §3.2). */
    assert_int_equal(app.repairs, again);
    assert_true(app.frames[0] > 120);
    end();
}

/* RFC 8852 §3.1: the names in RTCP are enough, if later. */
static void streams_without_names_in_rtp_are_known_by_rtcp(void **state)
{
    struct rill_sim_call_options o = options();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    c->sides[0].peer->lines[0].agreed.ext_rid = 0;
    go_on(5 * RILL_SECOND);
    struct rill_peer_stats received = stats_of(1);
    for (size_t i = 0; i < LAYERS; i++)
        assert_true(row(received.received, received.n_received, i)->frames > 50);
    assert_int_equal(app.layer, 0);
    assert_true(app.nameless > 0);
    app.nameless = 0;
    end();
}

/* --- one of them stops -------------------------------------------------------------------------
 */

static void one_that_is_lost_is_left_for_the_next_and_gone_up_to_again(void **state)
{
    struct rill_sim_call_options o = options();
    (void)state;
    begin(&o);
    go_on(2 * RILL_SECOND);
    assert_int_equal(app.layer, 0);
    app.dropping = 0;
    go_on(RILL_SECOND);
    assert_int_equal(app.layer, 1);
    assert_true(app.longest < 900 * RILL_MS);
    assert_true(app.asked[1] >= 1);
    go_on(RILL_SECOND);
    app.dropping = -1;
    go_on(4 * RILL_SECOND);
    assert_int_equal(app.layer, 0);
    assert_true(app.longest < 900 * RILL_MS);
    end();
}

static void one_that_is_deactivated_is_left_and_comes_back_with_a_key_frame(void **state)
{
    struct rill_sim_call_options o = options();
    (void)state;
    begin(&o);
    go_on(2 * RILL_SECOND);
    set_active(0, false);
    size_t packets = app.packets[0];
    go_on(2 * RILL_SECOND);
    assert_int_equal(app.packets[0], packets);
    assert_int_equal(app.layer, 1);
    assert_true(app.longest < 900 * RILL_MS);
    size_t asked = app.asked[0];
    set_active(0, true);
    go_on(3 * RILL_SECOND);
    assert_int_equal(app.asked[0], asked + 1);
    assert_int_equal(app.layer, 0);
    end();
}

static void the_smallest_alone_is_shown_when_the_others_have_stopped(void **state)
{
    struct rill_sim_call_options o = options();
    (void)state;
    begin(&o);
    go_on(RILL_SECOND);
    set_active(0, false);
    set_active(1, false);
    go_on(2 * RILL_SECOND);
    assert_int_equal(app.layer, 2);
    set_active(2, false);
    go_on(2 * RILL_SECOND);
    set_active(2, true);
    go_on(RILL_SECOND);
    assert_int_equal(app.layer, 2);
    assert_true(app.call->now - app.last < 200 * RILL_MS);
    end();
}

static void the_receiver_may_choose(void **state)
{
    struct rill_sim_call_options o = options();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    go_on(RILL_SECOND);
    assert_int_equal(rill_peer_choose_encoding(c->sides[1].peer, 0, 2), 0);
    go_on(RILL_SECOND);
    assert_int_equal(app.layer, 2);
    assert_true(app.longest < 200 * RILL_MS);
    /* What was chosen comes no more: the next best does. */
    set_active(2, false);
    go_on(RILL_SECOND);
    assert_int_equal(app.layer, 0);
    assert_int_equal(rill_peer_choose_encoding(c->sides[1].peer, 0, 1), 0);
    go_on(RILL_SECOND);
    assert_int_equal(app.layer, 1);
    assert_int_equal(rill_peer_choose_encoding(c->sides[1].peer, 0, -1), 0);
    go_on(RILL_SECOND);
    assert_int_equal(app.layer, 0);
    end();
}

/* --- answers -----------------------------------------------------------------------------------
 */

/* The next answer has this list, in place of its own. */
struct change {
    const char *list;
};

static bool change_answer(void *ctx, struct rill_sim_message *m)
{
    const struct change *x = ctx;
    static const char own[] = "a=simulcast:recv h;m;l\r\n";
    if (m->type != RILL_SIM_ANSWER || !x->list)
        return true;
    m->text[m->n] = 0;
    char *at = strstr(m->text, own);
    assert_non_null(at);
    char rest[16384];
    snprintf(rest, sizeof rest, "%s", at + sizeof own - 1);
    m->n = (size_t)(at - m->text) + (size_t)sprintf(at, "a=simulcast:recv %s\r\n%s", x->list, rest);
    return true;
}

static void one_that_the_answer_pauses_is_not_sent(void **state)
{
    struct change x = {"~h;m;l"};
    struct rill_sim_call_options o = options();
    (void)state;
    o.tamper = change_answer;
    o.ctx = &x;
    begin(&o);
    go_on(2 * RILL_SECOND);
    assert_int_equal(app.packets[0], 0);
    assert_int_equal(app.accepted[0], 0);
    assert_int_equal(app.layer, 1);
    assert_true(app.frames[1] > 50);
    end();
}

static void a_late_answer_that_takes_two_gets_two(void **state)
{
    struct change x = {"h;l"};
    struct rill_sim_call_options o = options();
    (void)state;
    o.tamper = change_answer;
    o.ctx = &x;
    o.signaling_delay = 1500 * RILL_MS;
    begin(&o);
    go_on(2 * RILL_SECOND);
    assert_int_equal(app.packets[1], 0);
    assert_true(app.packets[0] > 0 && app.packets[2] > 0);
    assert_int_equal(app.layer, 0);
    end();
}

static void a_negotiation_that_drops_one_leaves_the_others_as_they_are(void **state)
{
    struct change x = {NULL};
    struct rill_sim_call_options o = options();
    uint32_t ssrcs[LAYERS];
    (void)state;
    o.tamper = change_answer;
    o.ctx = &x;
    struct rill_sim_call *c = begin(&o);
    go_on(RILL_SECOND);
    struct rill_peer_stats before = stats_of(1);
    for (size_t i = 0; i < LAYERS; i++)
        ssrcs[i] = row(before.received, before.n_received, i)->ssrc;
    x.list = "m;l";
    rill_sim_call_start(c);
    go_on(RILL_SECOND);
    size_t packets = app.packets[0];
    go_on(RILL_SECOND);
    assert_int_equal(app.packets[0], packets);
    assert_int_equal(app.layer, 1);
    struct rill_peer_stats after = stats_of(1);
    for (size_t i = 1; i < LAYERS; i++) {
        const struct rill_peer_stream_stats *r = row(after.received, after.n_received, i);
        assert_int_equal(r->ssrc, ssrcs[i]);
        assert_true(r->frames > 80);
    }
    assert_true(app.longest < 900 * RILL_MS);
    end();
}

static void receiver_offers(struct rill_sim_call *c)
{
    uint8_t text[16384];
    struct rill_peer *a = c->sides[0].peer, *b = c->sides[1].peer;
    int n = rill_peer_create_offer(b, c->now, (struct rill_span){text, sizeof text}, NULL);
    struct rill_view offer = rill_view_at(text, (size_t)n);
    assert_int_equal(rill_peer_set_local_description(b, c->now, RILL_PEER_OFFER, offer, NULL), 0);
    assert_int_equal(rill_peer_set_remote_description(a, c->now, RILL_PEER_OFFER, offer, NULL), 0);
    n = rill_peer_create_answer(a, c->now, (struct rill_span){text, sizeof text}, NULL);
    struct rill_view answer = rill_view_at(text, (size_t)n);
    assert_int_equal(rill_peer_set_local_description(a, c->now, RILL_PEER_ANSWER, answer, NULL), 0);
    assert_int_equal(rill_peer_set_remote_description(b, c->now, RILL_PEER_ANSWER, answer, NULL),
                     0);
}

/* Browsers name streams and repairs until they were reported, and not again behind an offer. */
static void repairs_go_on_behind_an_offer_though_nothing_names_them_any_more(void **state)
{
    struct rill_sim_call_options o = options();
    uint64_t before[LAYERS];
    (void)state;
    o.link.loss_good = o.link.loss_bad = 500;
    struct rill_sim_call *c = begin(&o);
    go_on(4 * RILL_SECOND);
    struct rill_peer_stats received = stats_of(1);
    for (size_t i = 0; i < LAYERS; i++)
        before[i] = row(received.received, received.n_received, i)->retransmitted;
    receiver_offers(c);
    struct rill_sdp_agreed *sent = &c->sides[0].peer->lines[0].agreed;
    sent->ext_mid.sent = 0;
    sent->by_rid = false;
    go_on(4 * RILL_SECOND);
    received = stats_of(1);
    for (size_t i = 0; i < LAYERS; i++) {
        assert_true(before[i] > 0);
        assert_true(row(received.received, received.n_received, i)->retransmitted > before[i]);
    }
    app.nameless = 0;
    end();
}

static void the_receiver_may_offer_anew_and_nothing_changes(void **state)
{
    struct rill_sim_call_options o = options();
    (void)state;
    struct rill_sim_call *c = begin(&o);
    go_on(RILL_SECOND);
    receiver_offers(c);
    size_t changes = app.changes, frames = app.frames[0];
    go_on(RILL_SECOND);
    assert_int_equal(app.changes, changes);
    assert_true(app.frames[0] >= frames + 28);
    for (size_t i = 0; i < LAYERS; i++)
        assert_int_equal(app.accepted[i], app.next);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_are_sent_and_the_largest_is_handed_out),
        cmocka_unit_test(lost_packets_of_each_are_repaired_by_themselves),
        cmocka_unit_test(streams_without_names_in_rtp_are_known_by_rtcp),
        cmocka_unit_test(one_that_is_lost_is_left_for_the_next_and_gone_up_to_again),
        cmocka_unit_test(one_that_is_deactivated_is_left_and_comes_back_with_a_key_frame),
        cmocka_unit_test(the_smallest_alone_is_shown_when_the_others_have_stopped),
        cmocka_unit_test(the_receiver_may_choose),
        cmocka_unit_test(one_that_the_answer_pauses_is_not_sent),
        cmocka_unit_test(a_late_answer_that_takes_two_gets_two),
        cmocka_unit_test(a_negotiation_that_drops_one_leaves_the_others_as_they_are),
        cmocka_unit_test(repairs_go_on_behind_an_offer_though_nothing_names_them_any_more),
        cmocka_unit_test(the_receiver_may_offer_anew_and_nothing_changes),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
