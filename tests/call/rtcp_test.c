/* What a peer says in RTCP, and when (RFC 3550 §6.3–6.4, RFC 4585 §3, RFC 4588 §6). */
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/tracks.h"
#include "rtp/rtcp.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"
#include "tests/sim/tap.h"

static const struct rill_peer_sender *sender(const struct rill_sim_call *c, int side)
{
    const struct rill_sim_side *s = &c->sides[side];
    return s->peer->tracks[s->video.track].senders[0];
}

/* What the offerer says, of its video. */
static struct reading {
    struct rill_sim_tap tap;
    int64_t since; /* what was before is not counted */
    size_t any, sender_reports, receiver_reports, byes;
    size_t blocks_of_media, blocks_of_repairs, repairs_with_lsr;
    size_t early, nacks;
    int64_t last_sender_report, last_fir;
    size_t firs, repeated, renewed, wrong;
    uint32_t gone[4]; /* the first SSRCs that goodbye was said of */
    uint8_t fir_seq;
} reading;

static void read_report(struct reading *r, const struct rill_sim_call *c,
                        const struct rill_rtcp_packet *p)
{
    struct rill_rtcp_sender_info info;
    struct rill_rtcp_report_block b;
    uint32_t ssrc;
    if (rill_rtcp_parse_report(p, &ssrc, &info, NULL) < 0)
        return;
    bool ours = ssrc == sender(c, 0)->ssrc, sr = p->pt == RILL_RTCP_SR;
    r->sender_reports += ours && sr;
    r->receiver_reports += ours && !sr;
    if (ours && sr)
        r->last_sender_report = c->now;
    for (size_t i = 0; rill_rtcp_report_block(p, i, &b); i++) {
        r->blocks_of_media += b.ssrc == sender(c, 1)->ssrc;
        r->blocks_of_repairs += b.ssrc == sender(c, 1)->rtx.ssrc;
        r->repairs_with_lsr += b.ssrc == sender(c, 1)->rtx.ssrc && b.lsr;
    }
}

static void read_bye(struct reading *r, const struct rill_rtcp_packet *p)
{
    struct rill_view sources, reason;
    assert_int_equal(rill_rtcp_parse_bye(p, &sources, &reason, NULL), 0);
    struct rill_reader in = rill_reader_of(sources);
    for (; rill_r_left(&in); r->byes++) {
        uint32_t ssrc = rill_r_u32(&in);
        if (r->byes < 4)
            r->gone[r->byes] = ssrc;
    }
}

/* RFC 5104 §4.3.1.1: soon behind another one it is a repetition. */
static void read_fir(struct reading *r, const struct rill_sim_call *c,
                     const struct rill_rtcp_packet *p)
{
    struct rill_rtcp_fir_entry entry;
    struct rill_view fci;
    uint32_t from, media;
    size_t at = 0;
    if (rill_rtcp_parse_feedback(p, &from, &media, &fci, NULL) < 0 ||
        !rill_rtcp_fir_next(fci, &at, &entry))
        return;
    bool soon = r->firs > 0 && c->now - r->last_fir < 300 * RILL_MS;
    uint8_t more = (uint8_t)(entry.seq - r->fir_seq);
    r->repeated += soon;
    r->renewed += r->firs > 0 && !soon;
    r->wrong += r->firs > 0 && more != (soon ? 0 : 1);
    r->firs++;
    r->fir_seq = entry.seq;
    r->last_fir = c->now;
}

static bool watch(struct rill_sim_call *c, int from, struct rill_path *path, struct rill_span d)
{
    struct rill_rtcp_packet p;
    size_t at = 0;
    bool report = false, nack = false;
    (void)path;
    if (from != reading.tap.side)
        return true;
    struct rill_view plain = rill_sim_tap_rtcp(&reading.tap, c, d);
    if (c->now < reading.since)
        return true;
    reading.any += plain.n > 0;
    while (rill_rtcp_next(plain, &at, &p, NULL) > 0) {
        report |= p.pt == RILL_RTCP_SR || p.pt == RILL_RTCP_RR;
        nack |= p.pt == RILL_RTCP_RTPFB && p.count == RILL_RTCP_NACK;
        if (p.pt == RILL_RTCP_BYE)
            read_bye(&reading, &p);
        if (p.pt == RILL_RTCP_SR || p.pt == RILL_RTCP_RR)
            read_report(&reading, c, &p);
        if (p.pt == RILL_RTCP_PSFB && p.count == RILL_RTCP_FIR)
            read_fir(&reading, c, &p);
    }
    reading.nacks += nack;
    reading.early += nack && !report;
    return true;
}

static struct rill_sim_call *begin(const struct rill_sim_call_options *o)
{
    reading = (struct reading){.tap = {.side = RILL_SIM_OFFERER}};
    struct rill_sim_call *c = rill_sim_call_new(o);
    assert_non_null(c);
    c->watch = watch;
    rill_sim_call_start(c);
    return c;
}

static void end(struct rill_sim_call *c)
{
    rill_sim_tap_free(&reading.tap);
    rill_sim_call_free(c);
}

static void who_has_been_silent_for_two_intervals_reports_as_a_receiver(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 4 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_true(reading.sender_reports > 0);
    assert_true(reading.blocks_of_media > 0);
    rill_sim_call_run(c, 16 * RILL_SECOND);
    /* The last packet left before 5 s; two intervals of at most 1.23 s later it is no sender. */
    assert_true(reading.last_sender_report < 8 * RILL_SECOND);
    assert_true(reading.receiver_reports > 3);
    end(c);
}

static void who_was_not_heard_since_the_last_report_has_no_block(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 4 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 7 * RILL_SECOND);
    reading.blocks_of_media = 0;
    size_t before = reading.receiver_reports + reading.sender_reports;
    rill_sim_call_run(c, 16 * RILL_SECOND);
    assert_true(reading.receiver_reports + reading.sender_reports > before);
    assert_int_equal(reading.blocks_of_media, 0);
    end(c);
}

static void the_repairs_have_a_block_of_their_own(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 8 * RILL_SECOND;
    o.link.loss_good = 500;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 8 * RILL_SECOND);
    assert_true(sender(c, 1)->rtx_packets > 0);
    assert_true(reading.blocks_of_repairs > 0);
    assert_true(reading.repairs_with_lsr > 0);
    end(c);
}

static void what_is_lost_is_asked_for_between_reports(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 4 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, RILL_SECOND);
    c->net.links[1][0].loss_good = 2500;
    rill_sim_call_run(c, 4 * RILL_SECOND);
    assert_true(reading.early > 0 && reading.nacks >= reading.early);
    /* And what is lost is asked for all the same. */
    assert_true(c->sides[0].video.received > 20);
    end(c);
}

static void who_has_said_nothing_says_no_goodbye(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.no_clips = true;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run_until(c, 5 * RILL_SECOND, rill_sim_call_both_connected);
    assert_int_equal(reading.any, 0);
    rill_sim_call_close(c, 0);
    assert_int_equal(reading.any, 0);
    end(c);
}

static int stop_video(struct rill_sim_call *c)
{
    int track = c->sides[0].video.track;
    assert_int_equal(rill_peer_stop(c->sides[0].peer, track), 0);
    return track;
}

/* webrtc-pc §5.4; RFC 8108 §6.2. */
static void goodbye_is_said_of_a_stream_that_is_stopped_and_it_does_not_come_back(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 20 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    uint32_t ssrc = sender(c, 0)->ssrc, rtx = sender(c, 0)->rtx.ssrc;
    assert_int_equal(reading.byes, 0);
    int track = stop_video(c);
    rill_sim_call_run(c, 2200 * RILL_MS);
    assert_int_equal(reading.byes, 2);
    assert_int_equal(reading.gone[0], ssrc);
    assert_int_equal(reading.gone[1], rtx);
    rill_sim_call_start(c);
    rill_sim_call_run(c, 3 * RILL_SECOND);
    assert_int_equal(
        rill_peer_add_transceiver(c->sides[0].peer, RILL_CODEC_VP8, RILL_SDP_SENDONLY, "s", "v"),
        track);
    rill_sim_call_start(c);
    rill_sim_call_run(c, 6 * RILL_SECOND);
    assert_true(sender(c, 0)->ssrc != ssrc && sender(c, 0)->rtx.ssrc != rtx);
    assert_true(sender(c, 0)->sent_any);
    assert_int_equal(reading.byes, 2);
    end(c);
}

static bool rejects_video(void *ctx, struct rill_sim_message *m)
{
    static const char line[] = "m=video 9 ";
    (void)ctx;
    for (size_t i = 0; m->type == RILL_SIM_ANSWER && i + sizeof line - 1 <= m->n; i++)
        if (memcmp(m->text + i, line, sizeof line - 1) == 0)
            m->text[i + 8] = '0';
    return true;
}

static void goodbye_is_said_of_a_stream_that_the_other_side_ends(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 20 * RILL_SECOND;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 2 * RILL_SECOND);
    uint32_t ssrc = sender(c, 0)->ssrc, rtx = sender(c, 0)->rtx.ssrc;
    c->options.tamper = rejects_video;
    rill_sim_call_start(c);
    rill_sim_call_run(c, 3 * RILL_SECOND);
    /* The m-line of the sound says it. */
    assert_int_equal(reading.byes, 2);
    assert_int_equal(reading.gone[0], ssrc);
    assert_int_equal(reading.gone[1], rtx);
    end(c);
}

static bool without_pli(void *ctx, struct rill_sim_message *m)
{
    static const char piece[] = " nack pli";
    (void)ctx;
    for (size_t i = 0; i + sizeof piece - 1 <= m->n; i++)
        if (memcmp(m->text + i, piece, sizeof piece - 1) == 0)
            memcpy(m->text + i, " nack xyz", sizeof piece - 1);
    return true;
}

static void a_full_intra_request_that_is_repeated_keeps_its_number(void **state)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    (void)state;
    o.media_time = 20 * RILL_SECOND;
    o.tamper = without_pli;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, RILL_SECOND);
    c->net.links[1][0].loss_good = 8500;
    rill_sim_call_run(c, 20 * RILL_SECOND);
    print_message("%zu FIRs, %zu repeated, %zu new\n", reading.firs, reading.repeated,
                  reading.renewed);
    assert_true(reading.repeated > 0 && reading.renewed > 0);
    assert_int_equal(reading.wrong, 0);
    end(c);
}

static bool with_trr_int(void *ctx, struct rill_sim_message *m)
{
    static const char line[] = "a=rtcp-fb:* trr-int 4000\r\n";
    (void)ctx;
    if (m->type == RILL_SIM_CANDIDATE)
        return true;
    char *text = realloc(m->text, m->n + sizeof line);
    assert_non_null(text);
    memcpy(text + m->n, line, sizeof line);
    m->text = text;
    m->n += sizeof line - 1;
    return true;
}

static size_t reports_in_20_seconds(bool apart)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.media_time = 20 * RILL_SECOND;
    o.tamper = apart ? with_trr_int : NULL;
    struct rill_sim_call *c = begin(&o);
    rill_sim_call_run(c, 20 * RILL_SECOND);
    assert_non_null(c->sides[0].peer);
    size_t n = reading.sender_reports;
    end(c);
    return n;
}

/* Of the last m-line, the video's. */
static void trr_int_is_kept_by_the_side_that_is_told(void **state)
{
    (void)state;
    assert_in_range(reports_in_20_seconds(false), 15, 28);
    assert_in_range(reports_in_20_seconds(true), 3, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_been_silent_for_two_intervals_reports_as_a_receiver),
        cmocka_unit_test(who_was_not_heard_since_the_last_report_has_no_block),
        cmocka_unit_test(the_repairs_have_a_block_of_their_own),
        cmocka_unit_test(what_is_lost_is_asked_for_between_reports),
        cmocka_unit_test(goodbye_is_said_of_a_stream_that_is_stopped_and_it_does_not_come_back),
        cmocka_unit_test(goodbye_is_said_of_a_stream_that_the_other_side_ends),
        cmocka_unit_test(a_full_intra_request_that_is_repeated_keeps_its_number),
        cmocka_unit_test(who_has_said_nothing_says_no_goodbye),
        cmocka_unit_test(trr_int_is_kept_by_the_side_that_is_told),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
