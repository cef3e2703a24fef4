/* Why a connection is not made: the rules of peer/why.c, in calls that really fail that way. */
#include "peer/why.h"

#include "tests/rill_test.h"
#include "tests/sim/call.h"

static struct rill_sim_call *call;

static int gone(void **state)
{
    (void)state;
    rill_sim_call_free(call);
    return 0;
}

static const char *cause_of(int side)
{
    static struct rill_cause causes[1];
    return rill_peer_causes(call->sides[side].peer, causes, 1) ? causes[0].name : "none";
}

static void run(const struct rill_sim_call_options *o, int64_t until)
{
    call = rill_sim_call_new(o);
    rill_sim_call_start(call);
    rill_sim_call_run(call, until);
}

static bool without_answers(void *ctx, struct rill_sim_message *m)
{
    (void)ctx;
    return m->type != RILL_SIM_ANSWER;
}

static bool with_another_fingerprint(void *ctx, struct rill_sim_message *m)
{
    (void)ctx;
    char *at = m->type == RILL_SIM_ANSWER ? strstr(m->text, "a=fingerprint:sha-256 ") : NULL;
    if (at)
        at[22] = at[22] == '0' ? '1' : '0';
    return true;
}

static bool is_dtls(struct rill_span d)
{
    return d.n > 0 && d.p[0] >= 20 && d.p[0] <= 63;
}

static bool stun_alone(struct rill_sim_call *c, int from, struct rill_path *path,
                       struct rill_span d)
{
    (void)c, (void)from, (void)path;
    return !is_dtls(d);
}

static bool small_ones_alone(struct rill_sim_call *c, int from, struct rill_path *path,
                             struct rill_span d)
{
    (void)c, (void)from, (void)path;
    return d.n < 400;
}

static void run_watched(bool (*watch)(struct rill_sim_call *, int, struct rill_path *,
                                      struct rill_span),
                        int64_t until)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    call = rill_sim_call_new(&o);
    call->watch = watch;
    rill_sim_call_start(call);
    rill_sim_call_run(call, until);
}

static void call_that_stands_has_no_cause(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    run(&o, 2 * RILL_SECOND);
    assert_string_equal(cause_of(0), "none");
    assert_string_equal(cause_of(1), "none");
    struct rill_ice_pair_stats p;
    size_t at = 0;
    assert_true(rill_ice_next_pair(rill_peer_ice(call->sides[0].peer, 0), &at, &p));
    assert_true(p.counts.packets_sent > 10 && p.counts.packets_received > 10);
    assert_true(p.counts.bytes_sent > 1000 && p.counts.bytes_received > 1000);
    assert_null(rill_peer_ice(call->sides[0].peer, 99));
}

static void peer_without_any_description_says_so(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    call = rill_sim_call_new(&o);
    assert_string_equal(cause_of(0), "no-description");
}

static void offer_without_an_answer_says_so(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.tamper = without_answers;
    run(&o, 5 * RILL_SECOND);
    assert_string_equal(cause_of(0), "no-answer");
}

static void
certificate_that_is_not_the_one_announced_is_named_and_the_alert_on_the_other_side(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.tamper = with_another_fingerprint;
    run(&o, 5 * RILL_SECOND);
    assert_string_equal(cause_of(0), "dtls-fingerprint");
    assert_string_equal(cause_of(1), "dtls-alert");
}

static void offer_that_was_not_answered_here_says_so(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    call = rill_sim_call_new(&o);
    rill_sim_call_start(call);
    const struct rill_sim_side *s = &call->sides[0];
    assert_true(rill_peer_set_remote_description(call->sides[1].peer, 0, RILL_PEER_OFFER,
                                                 rill_view_at(s->description, s->description_n),
                                                 NULL) >= 0);
    assert_string_equal(cause_of(1), "not-answered");
}

static void network_that_passes_stun_alone_is_named_on_both_sides(void **state)
{
    (void)state;
    run_watched(stun_alone, 40 * RILL_SECOND);
    assert_string_equal(cause_of(0), "dtls-no-hello"); /* the answerer is active */
    assert_string_equal(cause_of(1), "dtls-silent");
    assert_int_equal(call->sides[1].error, RILL_DTLS_TIMEOUT);
}

static void network_that_loses_what_is_large_leaves_the_handshake_undone(void **state)
{
    (void)state;
    run_watched(small_ones_alone, 20 * RILL_SECOND);
    assert_string_equal(cause_of(0), "dtls-unfinished");
}

static void network_that_passes_nothing_is_told_by_ice(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.link.down = true;
    run(&o, 60 * RILL_SECOND);
    assert_int_equal(call->sides[0].state, RILL_PEER_FAILED);
    assert_string_equal(cause_of(0), "no-relay");
}

static void report_has_a_line_for_the_pair_and_one_for_dtls(void **state)
{
    (void)state;
    struct rill_sim_call_options o = rill_sim_call_defaults();
    char text[2][300];
    size_t at = 0, n = 0;
    run(&o, 2 * RILL_SECOND);
    for (; n < 3; n++) {
        struct rill_writer w =
            rill_writer_of((struct rill_span){(uint8_t *)text[n % 2], sizeof text[0]});
        if (!rill_peer_why_line(call->sides[0].peer, &at, &w))
            break;
        assert_true(rill_w_end_text(&w));
    }
    assert_int_equal(n, 2);
    assert_non_null(strstr(text[0], "in use, 40 ms there and back"));
    assert_non_null(strstr(text[1], "DTLS as server: "));
    assert_non_null(strstr(text[1], "done, with keys for SRTP"));
}

#define OF(f) cmocka_unit_test_teardown(f, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(call_that_stands_has_no_cause),
        OF(peer_without_any_description_says_so),
        OF(offer_without_an_answer_says_so),
        OF(certificate_that_is_not_the_one_announced_is_named_and_the_alert_on_the_other_side),
        OF(offer_that_was_not_answered_here_says_so),
        OF(network_that_passes_stun_alone_is_named_on_both_sides),
        OF(network_that_loses_what_is_large_leaves_the_handshake_undone),
        OF(network_that_passes_nothing_is_told_by_ice),
        OF(report_has_a_line_for_the_pair_and_one_for_dtls),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
