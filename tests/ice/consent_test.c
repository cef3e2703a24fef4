/* Consent (RFC 7675): asked for every 4 to 6 s, gone after 30 s without a response. */
#include "tests/ice/net.h"

static struct net net;

static int connected(void **state)
{
    (void)state;
    net_init(&net, rill_test_seed(), NULL);
    net_interface(&net, 0, "192.0.2.1");
    net_interface(&net, 1, "192.0.2.2");
    net_start(&net);
    assert_true(net_connects(&net, 5 * RILL_SECOND));
    net.n_log = 0;
    return 0;
}

static int gone(void **state)
{
    (void)state;
    net_free(&net);
    return 0;
}

static void consent_is_asked_for_every_four_to_six_seconds(void **state)
{
    (void)state;
    int64_t last = -1;
    unsigned n = 0;
    bool differ = false;
    int64_t first_gap = 0;
    net_run(&net, net.now + 120 * RILL_SECOND, false);
    for (size_t i = 0; i < net.n_log; i++) {
        if (net.log[i].side != 0 || !net.log[i].request)
            continue;
        if (last >= 0) {
            int64_t gap = net.log[i].at - last;
            assert_in_range(gap, 4 * RILL_SECOND, 6 * RILL_SECOND);
            differ = differ || (first_gap && gap != first_gap);
            first_gap = first_gap ? first_gap : gap;
        }
        last = net.log[i].at;
        n++;
    }
    assert_in_range(n, 19, 31);
    assert_true(differ);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
}

static void each_consent_request_has_a_transaction_id_of_its_own(void **state)
{
    (void)state;
    net_run(&net, net.now + 60 * RILL_SECOND, false);
    for (size_t i = 0; i < net.n_log; i++)
        for (size_t k = i + 1; k < net.n_log; k++)
            if (net.log[i].request && net.log[k].request)
                assert_memory_not_equal(net.log[i].txid, net.log[k].txid, RILL_STUN_TXID);
}

static void silent_peer_is_disconnected_and_after_thirty_seconds_failed(void **state)
{
    (void)state;
    struct rill_path path;
    int64_t start = net.now;
    net.mute[1] = true;
    net_run(&net, start + 10 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    net_run(&net, start + 20 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
    assert_true(rill_ice_send_path(net.side[0].ice, &path));
    net_run(&net, start + 40 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
    assert_in_range(net.side[0].state_at, start + 29 * RILL_SECOND, start + 31 * RILL_SECOND);
    assert_false(rill_ice_send_path(net.side[0].ice, &path));
}

static void a_pair_that_is_disconnected_is_asked_as_a_check_is_repeated(void **state)
{
    (void)state;
    int64_t gaps[16], last = -1;
    size_t n = 0;
    net.mute[1] = true;
    net_run(&net, net.now + 32 * RILL_SECOND, false);
    for (size_t i = 0; i < net.n_log && n < 16; i++) {
        if (net.log[i].side != 0 || !net.log[i].request)
            continue;
        if (last >= 0)
            gaps[n++] = net.log[i].at - last;
        last = net.log[i].at;
    }
    assert_true(n >= 6);
    for (size_t i = 0; i < n; i++) {
        /* The third leaves, and it is disconnected. */
        int64_t expected = i < 2 || i > 4 ? 0 : 500 * RILL_MS << (i - 2);
        if (expected)
            assert_int_equal(gaps[i], expected);
        else
            assert_in_range(gaps[i], 4 * RILL_SECOND, 6 * RILL_SECOND);
    }
}

static void nothing_is_sent_after_consent_ran_out(void **state)
{
    (void)state;
    int64_t start = net.now;
    net.mute[1] = true;
    net_run(&net, start + 31 * RILL_SECOND, false);
    net.n_log = 0;
    net.mute[1] = false;
    net_run(&net, start + 60 * RILL_SECOND, false);
    for (size_t i = 0; i < net.n_log; i++)
        assert_int_not_equal(net.log[i].side, 0);
}

static void response_brings_a_disconnected_session_back(void **state)
{
    (void)state;
    int64_t start = net.now;
    net.mute[1] = true;
    net_run(&net, start + 20 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
    net.mute[1] = false;
    net_run(&net, start + 27 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    net_run(&net, start + 120 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
}

static void response_lost_now_and_then_does_not_end_consent(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        net.mute[i % 2] = true;
        net_run(&net, net.now + 7 * RILL_SECOND, false);
        net.mute[i % 2] = false;
        net_run(&net, net.now + 7 * RILL_SECOND, false);
        assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
        assert_int_equal(net.side[1].state, RILL_ICE_COMPLETED);
    }
}

/* A request alone proves that the peer can send, not that it wants to receive. */
static void requests_of_the_peer_do_not_renew_consent(void **state)
{
    (void)state;
    int64_t start = net.now;
    net_run(&net, start + RILL_SECOND, false);
    /* What side 0 asks is lost on the way; what side 1 asks arrives and is answered. */
    net.deaf_to_requests[1] = true;
    net_run(&net, start + 40 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
}

static void lost_interface_is_disconnected_and_a_new_one_connects_again(void **state)
{
    (void)state;
    struct rill_addr down = net_ip("192.0.2.1", 0);
    struct rill_path path;
    rill_ice_interface_down(net.side[0].ice, net.now, &down);
    assert_false(rill_ice_send_path(net.side[0].ice, &path));
    net_run(&net, net.now + RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
    assert_int_equal(net.side[0].closed, 1);
    net.side[0].selected = false;
    net_interface(&net, 0, "192.0.2.3");
    net_run(&net, net.now + 2 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_COMPLETED);
    assert_true(net.side[0].selected);
}

static void lost_interface_without_another_fails_after_thirty_seconds(void **state)
{
    (void)state;
    struct rill_addr down = net_ip("192.0.2.1", 0);
    int64_t start = net.now;
    rill_ice_interface_down(net.side[0].ice, net.now, &down);
    net_run(&net, start + 29 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_DISCONNECTED);
    net_run(&net, start + 31 * RILL_SECOND, false);
    assert_int_equal(net.side[0].state, RILL_ICE_FAILED);
}

static void closing_gives_the_sockets_back(void **state)
{
    (void)state;
    struct rill_path path;
    rill_ice_close(net.side[0].ice, net.now);
    net_run(&net, net.now + 10 * RILL_MS, false);
    assert_int_equal(net.side[0].state, RILL_ICE_CLOSED);
    assert_int_equal(net.side[0].closed, net.side[0].opened);
    assert_false(rill_ice_send_path(net.side[0].ice, &path));
}

#define OF(f) cmocka_unit_test_setup_teardown(f, connected, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(consent_is_asked_for_every_four_to_six_seconds),
        OF(each_consent_request_has_a_transaction_id_of_its_own),
        OF(silent_peer_is_disconnected_and_after_thirty_seconds_failed),
        OF(a_pair_that_is_disconnected_is_asked_as_a_check_is_repeated),
        OF(nothing_is_sent_after_consent_ran_out),
        OF(response_brings_a_disconnected_session_back),
        OF(response_lost_now_and_then_does_not_end_consent),
        OF(requests_of_the_peer_do_not_renew_consent),
        OF(lost_interface_is_disconnected_and_a_new_one_connects_again),
        OF(lost_interface_without_another_fails_after_thirty_seconds),
        OF(closing_gives_the_sockets_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
