/* The agent's own checks: what they carry, when they leave and how long they go on
 * (RFC 8445 §7.2.4, §6.1.4, §14). */
#include "tests/ice/solo_fixture.h"

/* Host candidate number i, with a foundation and a port of its own. */
static int numbered_candidate(unsigned i)
{
    char line[128];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, sizeof line});
    rill_w_str(&w, "candidate:");
    rill_w_dec(&w, i);
    rill_w_str(&w, " 1 udp ");
    rill_w_dec(&w, 1000000 + i);
    rill_w_str(&w, " 192.0.2.9 ");
    rill_w_dec(&w, 1000 + i);
    rill_w_str(&w, " typ host");
    assert_true(rill_w_end_text(&w));
    return solo_remote(&s, line);
}

static void check_carries_username_priority_role_integrity_and_fingerprint(void **state)
{
    (void)state;
    struct rill_view v;
    uint32_t priority;
    uint64_t tiebreaker;
    char name[16];
    one_candidate();
    assert_true(solo_output(&s));
    assert_int_equal(s.m.class, RILL_STUN_REQUEST);
    assert_true(rill_stun_find(&s.m, RILL_STUN_USERNAME, &v));
    /* "peer", a colon, ours. */
    memcpy(name, "peer:", 5);
    memcpy(name + 5, rill_ice_ufrag(s.ice).p, 8);
    assert_true(rill_view_equal(v, rill_view_at(name, 13)));
    assert_true(rill_stun_get_u32(&s.m, RILL_STUN_PRIORITY, &priority));
    assert_int_equal(priority, rill_ice_priority(RILL_ICE_PRFLX, 65535, 1));
    assert_true(rill_stun_get_u64(&s.m, RILL_STUN_ICE_CONTROLLED, &tiebreaker));
    assert_false(rill_stun_find(&s.m, RILL_STUN_ICE_CONTROLLING, &v));
    assert_false(rill_stun_find(&s.m, RILL_STUN_USE_CANDIDATE, &v));
    assert_true(rill_stun_check_integrity(&s.m, rill_view_of(SOLO_PEER_PWD)));
    assert_true(rill_stun_check_fingerprint(&s.m));
    assert_int_equal(s.m.fingerprint_at, s.m.raw.n - 8);
}

static void longest_credentials_fit_a_check(void **state)
{
    (void)state;
    char ufrag[256], pwd[256];
    solo_free(&s);
    solo_init(&s, (struct rill_ice_config){0});
    memset(ufrag, 'u', sizeof ufrag);
    memset(pwd, 'p', sizeof pwd);
    solo_up(&s, "192.0.2.1");
    rill_ice_gather(s.ice, 0);
    solo_open_all(&s);
    assert_int_equal(rill_ice_set_remote_credentials(s.ice, 0, rill_view_at(ufrag, 256),
                                                     rill_view_at(pwd, 256), false),
                     0);
    one_candidate();
    assert_true(solo_output(&s));
    assert_true(rill_stun_check_integrity(&s.m, rill_view_at(pwd, 256)));
}

static void silent_peer_is_asked_at_rto_doubling_from_half_a_second(void **state)
{
    (void)state;
    static const int64_t at[] = {0, 500, 1500, 3500};
    size_t n = 0;
    uint8_t txid[RILL_STUN_TXID];
    one_candidate();
    for (; s.now < 5500 * RILL_MS; solo_advance(&s, 10 * RILL_MS)) {
        if (!solo_output(&s))
            continue;
        assert_true(n < 4);
        assert_int_equal(s.now, at[n] * RILL_MS);
        if (n == 0)
            memcpy(txid, s.m.txid.p, sizeof txid);
        assert_memory_equal(txid, s.m.txid.p, sizeof txid);
        n++;
    }
    assert_int_equal(n, 4);
    /* Nothing better is left: the pair is tried again, in a transaction of its own. */
    assert_true(solo_output(&s));
    assert_memory_not_equal(txid, s.m.txid.p, sizeof txid);
}

static void new_checks_keep_fifty_milliseconds_apart(void **state)
{
    (void)state;
    int64_t last = -1;
    unsigned n = 0;
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(numbered_candidate(i), 0);
    for (; s.now < 499 * RILL_MS; solo_advance(&s, RILL_MS)) {
        if (!solo_output(&s))
            continue;
        assert_true(last < 0 || s.now - last >= 50 * RILL_MS);
        last = s.now;
        n++;
        assert_false(solo_output(&s));
    }
    assert_int_equal(n, 10);
}

static void pacing_never_goes_below_five_milliseconds(void **state)
{
    (void)state;
    solo_free(&s);
    solo_init(&s, (struct rill_ice_config){.ta = 1 * RILL_MS});
    solo_start(&s);
    solo_remote(&s, SOLO_LINE("1", "192.0.2.9", "1"));
    solo_remote(&s, SOLO_LINE("2", "192.0.2.9", "2"));
    assert_true(solo_output(&s));
    s.now = 4999;
    assert_false(solo_output(&s));
    s.now = 5000;
    assert_true(solo_output(&s));
}

static void deadline_tells_when_the_next_check_leaves(void **state)
{
    (void)state;
    solo_remote(&s, SOLO_LINE("1", "192.0.2.9", "1"));
    solo_remote(&s, SOLO_LINE("2", "192.0.2.9", "2"));
    assert_int_equal(rill_ice_deadline(s.ice), 0);
    assert_true(solo_output(&s));
    assert_int_equal(rill_ice_deadline(s.ice), 50 * RILL_MS);
}

static void triggered_check_goes_before_the_ordinary_ones(void **state)
{
    (void)state;
    struct rill_addr from = solo_ip("192.0.2.99", 4711);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(numbered_candidate(i), 0);
    assert_true(solo_output(&s));
    assert_int_equal(solo_request(&s, from, false), 1);
    assert_true(solo_output(&s));
    assert_int_equal(s.m.class, RILL_STUN_SUCCESS);
    solo_advance(&s, 50 * RILL_MS);
    assert_true(solo_output(&s));
    assert_true(rill_addr_equal(&s.path.remote, &from));
}

/* A new address shows itself before each check, for ever. */
static void triggered_checks_do_not_keep_the_ordinary_ones_waiting_for_ever(void **state)
{
    (void)state;
    unsigned ordinary = 0;
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(numbered_candidate(i), 0);
    for (uint16_t i = 0; i < 12; i++, solo_advance(&s, 50 * RILL_MS)) {
        assert_int_equal(solo_request(&s, solo_ip("192.0.2.99", (uint16_t)(4711 + i)), false), 1);
        while (solo_output(&s))
            ordinary += s.m.class == RILL_STUN_REQUEST && s.path.remote.port < 4711;
    }
    assert_in_range(ordinary, 3, 8); /* retransmissions count too */
}

/* RFC 8445 §6.1.2.6: one pair of a foundation at a time. */
static void second_pair_of_a_foundation_waits_for_the_first(void **state)
{
    (void)state;
    solo_remote(&s, "candidate:1 1 udp 2000 192.0.2.9 2000 typ host");
    solo_remote(&s, "candidate:1 1 udp 1000 192.0.2.9 1000 typ host");
    assert_true(solo_output(&s));
    assert_int_equal(s.path.remote.port, 2000);
    solo_advance(&s, 50 * RILL_MS);
    assert_false(solo_output(&s));
    solo_advance(&s, 50 * RILL_MS);
    struct rill_path first = s.path;
    rill_ice_unreachable(s.ice, s.now, &first);
    assert_true(solo_output(&s));
    assert_int_equal(s.path.remote.port, 1000);
}

/* RFC 8863 §4 and RFC 8838 §8 */
static void session_fails_after_patience_and_the_end_of_candidates(void **state)
{
    (void)state;
    one_candidate();
    rill_ice_end_of_candidates(s.ice, s.now);
    for (; s.now < 39 * RILL_SECOND; solo_advance(&s, 100 * RILL_MS))
        solo_silence(&s);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CHECKING);
    for (; s.now < 46 * RILL_SECOND; solo_advance(&s, 100 * RILL_MS))
        solo_silence(&s);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_FAILED);
    assert_true(rill_ice_deadline(s.ice) == RILL_NEVER);
}

static void session_with_no_candidate_at_all_is_patient_too(void **state)
{
    (void)state;
    rill_ice_end_of_candidates(s.ice, s.now);
    solo_advance(&s, 39 * RILL_SECOND);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CHECKING);
    assert_int_equal(rill_ice_deadline(s.ice), 39500 * RILL_MS);
    solo_advance(&s, 500 * RILL_MS);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_FAILED);
}

/* RFC 8863 §3: the peer's checks may yet come, from an address that nobody told. */
static void request_in_the_last_second_of_patience_still_makes_a_pair(void **state)
{
    (void)state;
    one_candidate();
    rill_ice_end_of_candidates(s.ice, s.now);
    for (; s.now < 39 * RILL_SECOND; solo_advance(&s, 100 * RILL_MS))
        solo_silence(&s);
    assert_int_equal(solo_request(&s, solo_ip("203.0.113.77", 7), true), 1);
    while (solo_output(&s))
        if (s.m.class == RILL_STUN_REQUEST && s.path.remote.port == 7)
            assert_int_equal(solo_success(&s), 1);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_COMPLETED);
    solo_advance(&s, RILL_SECOND);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_COMPLETED);
}

static void session_does_not_fail_before_the_end_of_candidates(void **state)
{
    (void)state;
    one_candidate();
    for (; s.now < 100 * RILL_SECOND; solo_advance(&s, 500 * RILL_MS))
        solo_silence(&s);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CHECKING);
    solo_remote(&s, SOLO_LINE("2", "192.0.2.10", "1"));
    assert_true(solo_output(&s));
    assert_int_equal(solo_success(&s), 1);
    assert_int_equal(rill_ice_state(s.ice), RILL_ICE_CONNECTED);
}

static int by_txid(const void *a, const void *b)
{
    return memcmp(a, b, RILL_STUN_TXID);
}

static void ten_thousand_transaction_ids_do_not_repeat_and_are_balanced(void **state)
{
    (void)state;
    static uint8_t ids[10000][RILL_STUN_TXID];
    size_t n = 0, ones = 0;
    one_candidate();
    while (n < 10000) {
        assert_int_equal(solo_request(&s, solo_ip("192.0.2.9", 4711), false), 1);
        while (solo_output(&s))
            if (s.m.class == RILL_STUN_REQUEST && n < 10000)
                memcpy(ids[n++], s.m.txid.p, RILL_STUN_TXID);
        /* A failed pair is checked again at the next request. */
        rill_ice_unreachable(s.ice, s.now, &s.path);
        s.now += 50 * RILL_MS;
    }
    qsort(ids, n, RILL_STUN_TXID, by_txid);
    for (size_t i = 0; i + 1 < n; i++)
        assert_memory_not_equal(ids[i], ids[i + 1], RILL_STUN_TXID);
    for (size_t i = 0; i < n; i++)
        for (size_t b = 0; b < RILL_STUN_TXID * 8; b++)
            ones += ids[i][b / 8] >> b % 8 & 1;
    assert_in_range(ones, 478000, 482000);
}

/* THREATS I8: a thousand candidates signaled; the caps of this agent are 32 and 100. */
static void thousand_candidates_leave_the_caps_as_they_are(void **state)
{
    (void)state;
    unsigned refused = 0, checks = 0;
    for (unsigned i = 1000; i > 0; i--)
        refused += numbered_candidate(i) < 0;
    assert_int_equal(refused, 1000 - 32);
    for (; s.now < 30 * RILL_SECOND; solo_advance(&s, 10 * RILL_MS))
        while (solo_output(&s))
            checks++;
    assert_true(checks >= 32);
}

static void remote_candidates_exactly_full_and_one_over(void **state)
{
    (void)state;
    for (unsigned i = 32; i > 0; i--)
        assert_int_equal(numbered_candidate(i), 0);
    assert_row(numbered_candidate(0), ICE_TOO_MANY);
    /* A better one takes the place of the least. */
    assert_int_equal(numbered_candidate(33), 0);
}

static void pairs_exactly_full_and_one_over(void **state)
{
    (void)state;
    unsigned seen = 0;
    solo_free(&s);
    solo_init(&s, (struct rill_ice_config){.pairs = 3});
    solo_start(&s);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(numbered_candidate(i), 0);
    for (; s.now < 200 * RILL_MS; solo_advance(&s, 10 * RILL_MS)) {
        while (solo_output(&s)) {
            /* The pair of the lowest priority, number 0, made room. */
            assert_int_not_equal(s.path.remote.port, 1000);
            seen++;
        }
    }
    assert_int_equal(seen, 3);
}

#define OF(f) cmocka_unit_test_setup_teardown(f, started, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(check_carries_username_priority_role_integrity_and_fingerprint),
        OF(longest_credentials_fit_a_check),
        OF(silent_peer_is_asked_at_rto_doubling_from_half_a_second),
        OF(new_checks_keep_fifty_milliseconds_apart),
        OF(pacing_never_goes_below_five_milliseconds),
        OF(deadline_tells_when_the_next_check_leaves),
        OF(triggered_check_goes_before_the_ordinary_ones),
        OF(triggered_checks_do_not_keep_the_ordinary_ones_waiting_for_ever),
        OF(second_pair_of_a_foundation_waits_for_the_first),
        OF(session_fails_after_patience_and_the_end_of_candidates),
        OF(session_with_no_candidate_at_all_is_patient_too),
        OF(request_in_the_last_second_of_patience_still_makes_a_pair),
        OF(session_does_not_fail_before_the_end_of_candidates),
        OF(ten_thousand_transaction_ids_do_not_repeat_and_are_balanced),
        OF(thousand_candidates_leave_the_caps_as_they_are),
        OF(remote_candidates_exactly_full_and_one_over),
        OF(pairs_exactly_full_and_one_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
