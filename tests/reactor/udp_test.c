/* Datagrams, ids and waiting, over loopback. */
#include "tests/reactor/loop.h"

#include "base/limits.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

/* Two sockets that know each other. */
struct pair {
    struct rill_reactor *r;
    uint32_t a, b;
    struct rill_addr at_a, at_b;
};

static struct pair pair_open(struct rill_addr where)
{
    struct pair p = {.r = rill_reactor_new(4)};
    assert_int_equal(rill_reactor_udp(p.r, &where, &p.a, &p.at_a, NULL), 0);
    assert_int_equal(rill_reactor_udp(p.r, &where, &p.b, &p.at_b, NULL), 0);
    return p;
}

static void send_text(struct rill_reactor *r, uint32_t from, struct rill_addr to, const char *text)
{
    struct rill_path path = {.socket = from, .remote = to};
    rill_reactor_send(r, &path, rill_view_of(text));
}

static void expect_text(struct rill_reactor *r, const char *text)
{
    struct rill_reactor_event e = expect(r, RILL_REACTOR_DATAGRAM);
    assert_true(rill_view_is(rill_view_at(e.bytes.p, e.bytes.n), text));
}

static void carries(struct rill_addr where)
{
    struct pair p = pair_open(where);
    send_text(p.r, p.a, p.at_b, "hello");
    struct rill_reactor_event e = expect(p.r, RILL_REACTOR_DATAGRAM);
    assert_int_equal(e.path.socket, p.b);
    assert_int_equal(e.socket, p.b);
    assert_int_equal(e.path.proto, RILL_PROTO_UDP);
    assert_true(rill_addr_equal(&e.path.remote, &p.at_a));
    assert_true(rill_view_is(rill_view_at(e.bytes.p, e.bytes.n), "hello"));
    assert_int_equal((uintptr_t)e.bytes.p % 8, 0);
    rill_reactor_free(p.r);
}

static void udp_carries_a_datagram_and_tells_its_source(void **state)
{
    (void)state;
    carries(loopback());
}

static void udp_carries_a_datagram_over_ip6(void **state)
{
    (void)state;
    if (!has_ip6())
        skip();
    carries(loopback6());
}

static void udp_of_ip6_leaves_the_same_port_to_ip4(void **state)
{
    (void)state;
    if (!has_ip6())
        skip();
    struct rill_reactor *r = rill_reactor_new(2);
    struct rill_addr six = {.family = RILL_ADDR_IP6}, four = {.family = RILL_ADDR_IP4}, local;
    uint32_t id;
    assert_int_equal(rill_reactor_udp(r, &six, &id, &local, NULL), 0);
    four.port = local.port;
    assert_int_equal(rill_reactor_udp(r, &four, &id, NULL, NULL), 0);
    rill_reactor_free(r);
}

static void udp_carries_an_empty_datagram(void **state)
{
    (void)state;
    struct pair p = pair_open(loopback());
    send_text(p.r, p.a, p.at_b, "");
    assert_int_equal(expect(p.r, RILL_REACTOR_DATAGRAM).bytes.n, 0);
    rill_reactor_free(p.r);
}

static void udp_gives_more_than_a_batch_in_order(void **state)
{
    (void)state;
    struct pair p = pair_open(loopback());
    char text[2] = "?";
    for (char c = 'A'; c < 'A' + 50; c++) {
        text[0] = c;
        send_text(p.r, p.a, p.at_b, text);
    }
    for (char c = 'A'; c < 'A' + 50; c++) {
        text[0] = c;
        expect_text(p.r, text);
    }
    expect_nothing(p.r);
    rill_reactor_free(p.r);
}

static void udp_takes_the_largest_datagram_and_loses_a_larger(void **state)
{
    (void)state;
    static uint8_t bytes[RILL_DATAGRAM_IN_MAX + 1];
    struct pair p = pair_open(loopback());
    struct rill_path path = {.socket = p.a, .remote = p.at_b};
    static uint8_t huge[65536];
    assert_false(rill_reactor_send(p.r, &path, rill_view_at(huge, sizeof huge)));
    assert_true(rill_reactor_send(p.r, &path, rill_view_at(bytes, sizeof bytes)));
    assert_true(rill_reactor_send(p.r, &path, rill_view_at(bytes, sizeof bytes - 1)));
    assert_int_equal(expect(p.r, RILL_REACTOR_DATAGRAM).bytes.n, RILL_DATAGRAM_IN_MAX);
    expect_nothing(p.r);
    rill_reactor_free(p.r);
}

static void udp_flood_at_one_socket_does_not_starve_another(void **state)
{
    (void)state;
    struct pair p = pair_open(loopback());
    for (int i = 0; i < 100; i++)
        send_text(p.r, p.b, p.at_a, "flood");
    send_text(p.r, p.a, p.at_b, "me too");
    int before = 0;
    while (expect(p.r, RILL_REACTOR_DATAGRAM).path.socket == p.a)
        before++;
    assert_true(before <= 16);
    rill_reactor_free(p.r);
}

static void unreachable(struct rill_addr where)
{
    struct pair p = pair_open(where);
    struct rill_addr gone = p.at_b;
    rill_reactor_close(p.r, p.b);
    send_text(p.r, p.a, gone, "anybody?");
    struct rill_reactor_event e = expect(p.r, RILL_REACTOR_UNREACHABLE);
    assert_int_equal(e.path.socket, p.a);
    assert_true(rill_addr_equal(&e.path.remote, &gone));
    expect_nothing(p.r);
    rill_reactor_free(p.r);
}

static void udp_tells_where_nobody_listens(void **state)
{
    (void)state;
    unreachable(loopback());
}

static void udp_tells_where_nobody_listens_on_ip6(void **state)
{
    (void)state;
    if (!has_ip6())
        skip();
    unreachable(loopback6());
}

static void udp_error_of_one_path_does_not_eat_the_send_on_another(void **state)
{
    (void)state;
    struct pair p = pair_open(loopback());
    uint32_t c;
    struct rill_addr where = loopback(), gone;
    assert_int_equal(rill_reactor_udp(p.r, &where, &c, &gone, NULL), 0);
    rill_reactor_close(p.r, c);
    for (int i = 0; i < 20; i++) {
        send_text(p.r, p.a, gone, "anybody?");
        send_text(p.r, p.a, p.at_b, "hello");
    }
    int datagrams = 0, errors = 0;
    for (int i = 0; i < 40; i++) {
        struct rill_reactor_event e = next_event(p.r);
        datagrams += e.type == RILL_REACTOR_DATAGRAM;
        errors += e.type == RILL_REACTOR_UNREACHABLE;
        if (datagrams == 20 && errors > 0)
            break;
    }
    assert_int_equal(datagrams, 20);
    assert_true(errors > 0);
    rill_reactor_free(p.r);
}

static void reactor_stale_id_does_nothing(void **state)
{
    (void)state;
    struct pair p = pair_open(loopback());
    uint32_t old = p.a;
    struct rill_addr where = loopback();
    rill_reactor_close(p.r, old);
    assert_int_equal(rill_reactor_udp(p.r, &where, &p.a, &p.at_a, NULL), 0);
    assert_int_not_equal(p.a, old);
    send_text(p.r, old, p.at_b, "from the grave");
    rill_reactor_close(p.r, old);
    rill_reactor_close(p.r, RILL_REACTOR_NO_SOCKET);
    rill_reactor_close(p.r, 0xffff);
    send_text(p.r, p.b, p.at_a, "to the living");
    expect_text(p.r, "to the living");
    expect_nothing(p.r);
    rill_reactor_free(p.r);
}

static void reactor_closed_socket_gives_no_more_of_its_batch(void **state)
{
    (void)state;
    struct pair p = pair_open(loopback());
    for (int i = 0; i < 5; i++)
        send_text(p.r, p.b, p.at_a, "x");
    expect_text(p.r, "x");
    struct rill_addr where = loopback();
    rill_reactor_close(p.r, p.a);
    assert_int_equal(rill_reactor_udp(p.r, &where, &p.a, NULL, NULL), 0);
    expect_nothing(p.r);
    rill_reactor_free(p.r);
}

static void reactor_opens_as_many_sockets_as_it_may_and_no_more(void **state)
{
    (void)state;
    struct rill_reactor *r = rill_reactor_new(2);
    struct rill_addr where = loopback();
    struct rill_err why;
    uint32_t id, last;
    assert_int_equal(rill_reactor_udp(r, &where, &id, NULL, &why), 0);
    assert_int_equal(rill_reactor_udp(r, &where, &last, NULL, &why), 0);
    assert_row(rill_reactor_udp(r, &where, &id, NULL, &why), REACTOR_TOO_MANY);
    assert_int_equal(why.value, 2);
    assert_row(rill_reactor_tcp_listen(r, &where, &id, NULL, NULL), REACTOR_TOO_MANY);
    assert_row(rill_reactor_tcp_connect(r, &where, &id, NULL), REACTOR_TOO_MANY);
    rill_reactor_close(r, last);
    assert_int_equal(rill_reactor_udp(r, &where, &id, NULL, &why), 0);
    rill_reactor_free(r);
}

static void reactor_of_too_many_sockets_is_not_made(void **state)
{
    (void)state;
    assert_null(rill_reactor_new(65536));
}

static void udp_refuses_a_port_that_is_taken(void **state)
{
    (void)state;
    struct pair p = pair_open(loopback());
    struct rill_err why;
    uint32_t id = 77;
    assert_row(rill_reactor_udp(p.r, &p.at_a, &id, NULL, &why), REACTOR_BIND);
    assert_int_equal(why.value, EADDRINUSE);
    assert_int_equal(id, 77);
    rill_reactor_free(p.r);
}

static void udp_refuses_an_address_of_no_family(void **state)
{
    (void)state;
    struct rill_reactor *r = rill_reactor_new(1);
    struct rill_addr none = {0};
    uint32_t id;
    assert_row(rill_reactor_udp(r, &none, &id, NULL, NULL), REACTOR_BIND);
    rill_reactor_free(r);
}

static void reactor_waits_until_the_deadline_and_not_less(void **state)
{
    (void)state;
    struct rill_reactor *r = rill_reactor_new(1);
    struct rill_reactor_event e;
    int64_t deadline = rill_posix_now() + 20 * RILL_MS + 300;
    rill_reactor_next(r, deadline, &e);
    assert_int_equal(e.type, RILL_REACTOR_NOTHING);
    assert_true(rill_posix_now() >= deadline);
    rill_reactor_free(r);
}

static void reactor_with_a_past_deadline_still_gives_what_is_there(void **state)
{
    (void)state;
    struct pair p = pair_open(loopback());
    struct rill_reactor_event e;
    send_text(p.r, p.a, p.at_b, "hello");
    rill_reactor_next(p.r, 0, &e);
    assert_int_equal(e.type, RILL_REACTOR_DATAGRAM);
    rill_reactor_next(p.r, 0, &e);
    assert_int_equal(e.type, RILL_REACTOR_NOTHING);
    rill_reactor_free(p.r);
}

static void reactor_wakes_once_for_many_wakes(void **state)
{
    (void)state;
    struct rill_reactor *r = rill_reactor_new(1);
    for (int i = 0; i < 100000; i++) /* more than a pipe holds */
        rill_reactor_wake(r);
    expect(r, RILL_REACTOR_WOKEN);
    expect_nothing(r);
    rill_reactor_free(r);
}

static void on_alarm(int signal)
{
    (void)signal;
}

static void reactor_wakes_for_a_signal(void **state)
{
    (void)state;
    struct rill_reactor *r = rill_reactor_new(1);
    struct sigaction act = {.sa_handler = on_alarm};
    struct itimerval soon = {.it_value = {.tv_usec = 20000}};
    assert_int_equal(sigaction(SIGALRM, &act, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    struct rill_reactor_event e;
    rill_reactor_next(r, RILL_NEVER, &e);
    assert_int_equal(e.type, RILL_REACTOR_WOKEN);
    rill_reactor_free(r);
}

/* A descriptor of another's, here a pipe's reading end. */
static void a_watched_descriptor_is_told_and_stays_its_owners(void **state)
{
    (void)state;
    int ends[2];
    uint32_t id, other;
    char byte;
    struct rill_reactor_event e;
    struct rill_err why = {0};
    struct rill_reactor *r = rill_reactor_new(1);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(rill_reactor_watch(r, ends[0], POLLIN, &id, NULL), 0);
    assert_row(rill_reactor_watch(r, ends[0], POLLIN, &other, &why), REACTOR_TOO_MANY);
    rill_reactor_next(r, rill_posix_now(), &e);
    assert_int_equal(e.type, RILL_REACTOR_NOTHING);
    for (int k = 0; k < 2; k++) { /* until it has been read */
        assert_int_equal(write(ends[1], "x", k == 0), k == 0);
        e = expect(r, RILL_REACTOR_READY);
        assert_int_equal(e.socket, id);
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    rill_reactor_next(r, rill_posix_now(), &e);
    assert_int_equal(e.type, RILL_REACTOR_NOTHING);
    rill_reactor_close(r, id);
    assert_int_equal(write(ends[1], "y", 1), 1);
    rill_reactor_next(r, rill_posix_now(), &e);
    assert_int_equal(e.type, RILL_REACTOR_NOTHING);
    assert_int_equal(rill_reactor_watch(r, ends[0], POLLIN, &id, NULL), 0);
    rill_reactor_free(r);
    assert_int_equal(read(ends[0], &byte, 1), 1); /* still open */
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watched_descriptor_is_told_and_stays_its_owners),
        cmocka_unit_test(udp_carries_a_datagram_and_tells_its_source),
        cmocka_unit_test(udp_carries_a_datagram_over_ip6),
        cmocka_unit_test(udp_of_ip6_leaves_the_same_port_to_ip4),
        cmocka_unit_test(udp_carries_an_empty_datagram),
        cmocka_unit_test(udp_gives_more_than_a_batch_in_order),
        cmocka_unit_test(udp_takes_the_largest_datagram_and_loses_a_larger),
        cmocka_unit_test(udp_flood_at_one_socket_does_not_starve_another),
        cmocka_unit_test(udp_tells_where_nobody_listens),
        cmocka_unit_test(udp_tells_where_nobody_listens_on_ip6),
        cmocka_unit_test(udp_error_of_one_path_does_not_eat_the_send_on_another),
        cmocka_unit_test(reactor_stale_id_does_nothing),
        cmocka_unit_test(reactor_closed_socket_gives_no_more_of_its_batch),
        cmocka_unit_test(reactor_opens_as_many_sockets_as_it_may_and_no_more),
        cmocka_unit_test(reactor_of_too_many_sockets_is_not_made),
        cmocka_unit_test(udp_refuses_a_port_that_is_taken),
        cmocka_unit_test(udp_refuses_an_address_of_no_family),
        cmocka_unit_test(reactor_waits_until_the_deadline_and_not_less),
        cmocka_unit_test(reactor_with_a_past_deadline_still_gives_what_is_there),
        cmocka_unit_test(reactor_wakes_once_for_many_wakes),
        cmocka_unit_test(reactor_wakes_for_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
