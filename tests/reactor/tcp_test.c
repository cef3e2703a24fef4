/* Streams over loopback. */
#include "tests/reactor/loop.h"

#include <errno.h>

/* A listener with one connection: `near` connected, `far` was accepted. */
struct link {
    struct rill_reactor *r;
    uint32_t listener, near, far;
    struct rill_addr at;
};

static void link_join(struct link *l)
{
    assert_int_equal(rill_reactor_tcp_connect(l->r, &l->at, &l->near, NULL), 0);
    l->far = 0;
    for (bool connected = false; !connected || !l->far;) {
        struct rill_reactor_event e = next_event(l->r);
        if (e.type == RILL_REACTOR_CONNECTED) {
            assert_int_equal(e.socket, l->near);
            connected = true;
        } else {
            assert_int_equal(e.type, RILL_REACTOR_ACCEPTED);
            assert_int_equal(e.listener, l->listener);
            assert_int_equal(e.path.proto, RILL_PROTO_TCP);
            assert_true(rill_addr_same_ip(&e.path.remote, &l->at));
            l->far = e.socket;
        }
    }
}

static struct link link_open(struct rill_addr where, size_t sockets)
{
    struct link l = {.r = rill_reactor_new(sockets)};
    assert_int_equal(rill_reactor_tcp_listen(l.r, &where, &l.listener, &l.at, NULL), 0);
    link_join(&l);
    return l;
}

static void both_ways(struct rill_addr where)
{
    struct link l = link_open(where, 3);
    assert_int_equal(rill_reactor_write(l.r, l.near, rill_view_of("ping")), 4);
    struct rill_reactor_event e = expect(l.r, RILL_REACTOR_READ);
    assert_int_equal(e.socket, l.far);
    assert_true(rill_view_is(rill_view_at(e.bytes.p, e.bytes.n), "ping"));
    assert_int_equal(rill_reactor_write(l.r, l.far, rill_view_of("pong")), 4);
    e = expect(l.r, RILL_REACTOR_READ);
    assert_int_equal(e.socket, l.near);
    assert_true(rill_view_is(rill_view_at(e.bytes.p, e.bytes.n), "pong"));
    rill_reactor_free(l.r);
}

static void tcp_carries_bytes_both_ways(void **state)
{
    (void)state;
    both_ways(loopback());
}

static void tcp_carries_bytes_both_ways_over_ip6(void **state)
{
    (void)state;
    if (!has_ip6())
        skip();
    both_ways(loopback6());
}

/* RFC 6544, Appendix B: a listener whose port connections leave from. Whichever of the four ends
 * come to be, the two listeners are joined by their own ports. */
static void shared_ports_connect_to_each_other(void **state)
{
    (void)state;
    struct rill_addr where = loopback(), at[2];
    struct rill_reactor *r = rill_reactor_new(8);
    uint32_t listener[2], near[2], ends[2] = {0};
    for (int i = 0; i < 2; i++)
        assert_int_equal(rill_reactor_live_listen(r, &where, true, &listener[i], &at[i], NULL), 0);
    for (int i = 0; i < 2; i++)
        if (rill_reactor_live_connect(r, &at[i], &at[1 - i], &near[i], NULL) < 0)
            near[i] = 0; /* the other's connection came first */
    while (!ends[0] || !ends[1]) {
        struct rill_reactor_event e = next_event(r);
        assert_int_not_equal(e.type, RILL_REACTOR_NOTHING);
        for (int i = 0; i < 2; i++) {
            if (e.type == RILL_REACTOR_CONNECTED && e.socket == near[i])
                ends[i] = e.socket;
            if (e.type == RILL_REACTOR_ACCEPTED && e.listener == listener[i]) {
                assert_true(rill_addr_equal(&e.path.remote, &at[1 - i]));
                ends[i] = e.socket;
            }
        }
    }
    assert_int_equal(rill_reactor_write(r, ends[0], rill_view_of("ping")), 4);
    assert_int_equal(expect(r, RILL_REACTOR_READ).socket, ends[1]);
    rill_reactor_free(r);
}

static void live_connection_leaves_from_the_address_it_is_given(void **state)
{
    (void)state;
    struct rill_addr where = loopback(), at, from = rill_addr_ip4(127, 0, 0, 3, 0);
    struct rill_reactor *r = rill_reactor_new(8);
    uint32_t listener, near;
    assert_int_equal(rill_reactor_live_listen(r, &where, false, &listener, &at, NULL), 0);
    assert_int_equal(rill_reactor_live_connect(r, &from, &at, &near, NULL), 0);
    struct rill_reactor_event e = next_event(r);
    if (e.type != RILL_REACTOR_ACCEPTED)
        e = expect(r, RILL_REACTOR_ACCEPTED);
    assert_true(rill_addr_same_ip(&e.path.remote, &from));
    rill_reactor_free(r);
}

static void tcp_says_closed_when_the_other_side_closes(void **state)
{
    (void)state;
    struct link l = link_open(loopback(), 3);
    rill_reactor_write(l.r, l.near, rill_view_of("last words"));
    rill_reactor_close(l.r, l.near);
    struct rill_reactor_event e = expect(l.r, RILL_REACTOR_READ);
    assert_int_equal(e.bytes.n, 10);
    e = expect(l.r, RILL_REACTOR_CLOSED);
    assert_int_equal(e.socket, l.far);
    assert_row(rill_reactor_write(l.r, l.far, rill_view_of("?")), REACTOR_BROKEN);
    expect_nothing(l.r);
    rill_reactor_free(l.r);
}

static void tcp_write_to_a_connection_that_was_reset_is_broken(void **state)
{
    (void)state;
    struct link l = link_open(loopback(), 3);
    rill_reactor_write(l.r, l.far, rill_view_of("never read")); /* so that closing resets */
    rill_reactor_close(l.r, l.near);
    long said = 0;
    for (int i = 0; i < 1000 && said >= 0; i++)
        said = rill_reactor_write(l.r, l.far, rill_view_of("?"));
    assert_row(said, REACTOR_BROKEN);
    assert_int_equal(expect(l.r, RILL_REACTOR_CLOSED).socket, l.far);
    rill_reactor_free(l.r);
}

static void tcp_connect_to_a_port_where_nobody_listens_says_closed(void **state)
{
    (void)state;
    struct link l = link_open(loopback(), 4);
    rill_reactor_close(l.r, l.listener);
    uint32_t id;
    assert_int_equal(rill_reactor_tcp_connect(l.r, &l.at, &id, NULL), 0);
    assert_int_equal(expect(l.r, RILL_REACTOR_CLOSED).socket, id);
    rill_reactor_free(l.r);
}

static void tcp_connect_refuses_an_address_of_no_family(void **state)
{
    (void)state;
    struct rill_reactor *r = rill_reactor_new(1);
    struct rill_addr none = {0};
    struct rill_err why;
    uint32_t id;
    assert_row(rill_reactor_tcp_connect(r, &none, &id, &why), REACTOR_CONNECT);
    assert_int_equal(why.value, EAFNOSUPPORT);
    rill_reactor_free(r);
}

static void tcp_listen_refuses_a_port_that_is_taken(void **state)
{
    (void)state;
    struct link l = link_open(loopback(), 4);
    struct rill_err why;
    uint32_t id;
    assert_row(rill_reactor_tcp_listen(l.r, &l.at, &id, NULL, &why), REACTOR_LISTEN);
    assert_int_equal(why.value, EADDRINUSE);
    rill_reactor_free(l.r);
}

/* The n-th byte of a long stream. */
static uint8_t stream_byte(size_t n)
{
    return (uint8_t)(n * 31 + n / 251);
}

static size_t check_stream(size_t from, struct rill_span got)
{
    for (size_t i = 0; i < got.n; i++)
        assert_int_equal(got.p[i], stream_byte(from + i));
    return from + got.n;
}

static void tcp_says_writable_after_a_write_was_cut_short(void **state)
{
    (void)state;
    const size_t total = 32u << 20; /* more than the kernel's buffers hold */
    uint8_t *bytes = malloc(total);
    for (size_t i = 0; i < total; i++)
        bytes[i] = stream_byte(i);
    struct link l = link_open(loopback(), 3);
    long n = rill_reactor_write(l.r, l.near, rill_view_at(bytes, total));
    assert_true(n > 0 && (size_t)n < total);
    size_t written = (size_t)n, read = 0;
    unsigned writable = 0;
    while (read < total) {
        struct rill_reactor_event e = next_event(l.r);
        if (e.type == RILL_REACTOR_READ) {
            assert_int_equal(e.socket, l.far);
            read = check_stream(read, e.bytes);
            continue;
        }
        assert_int_equal(e.type, RILL_REACTOR_WRITABLE);
        assert_int_equal(e.socket, l.near);
        n = rill_reactor_write(l.r, l.near, rill_view_at(bytes + written, total - written));
        assert_true(n >= 0);
        written += (size_t)n;
        writable++;
    }
    assert_true(writable > 0);
    expect_nothing(l.r);
    rill_reactor_free(l.r);
    free(bytes);
}

static void tcp_write_before_the_connection_stands_is_asked_for_again(void **state)
{
    (void)state;
    struct link l = link_open(loopback(), 5);
    uint32_t id;
    assert_int_equal(rill_reactor_tcp_connect(l.r, &l.at, &id, NULL), 0);
    assert_int_equal(rill_reactor_write(l.r, id, rill_view_of("early")), 0);
    for (;;) {
        struct rill_reactor_event e = next_event(l.r);
        if (e.type == RILL_REACTOR_WRITABLE) {
            assert_int_equal(e.socket, id);
            break;
        }
        assert_true(e.type == RILL_REACTOR_CONNECTED || e.type == RILL_REACTOR_ACCEPTED);
    }
    assert_int_equal(rill_reactor_write(l.r, id, rill_view_of("early")), 5);
    assert_int_equal(expect(l.r, RILL_REACTOR_READ).bytes.n, 5);
    rill_reactor_free(l.r);
}

static void tcp_accepts_when_a_full_table_has_room_again(void **state)
{
    (void)state;
    struct link l = link_open(loopback(), 3);
    struct rill_reactor *other = rill_reactor_new(1);
    uint32_t id;
    assert_int_equal(rill_reactor_tcp_connect(other, &l.at, &id, NULL), 0);
    expect(other, RILL_REACTOR_CONNECTED); /* by the kernel's backlog */
    expect_nothing(l.r);
    rill_reactor_close(l.r, l.near);
    bool accepted = false, closed = false;
    while (!accepted || !closed) {
        struct rill_reactor_event e = next_event(l.r);
        accepted |= e.type == RILL_REACTOR_ACCEPTED;
        closed |= e.type == RILL_REACTOR_CLOSED;
        assert_int_not_equal(e.type, RILL_REACTOR_NOTHING);
    }
    rill_reactor_free(l.r);
    rill_reactor_free(other);
}

static void tcp_numbers_are_below_the_cap_and_used_again(void **state)
{
    (void)state;
    struct link l = link_open(loopback(), 3);
    uint32_t ids[] = {l.listener, l.near, l.far}, was = l.far;
    for (size_t i = 0; i < 3; i++) {
        assert_true(rill_reactor_number(ids[i]) < 3);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(rill_reactor_number(ids[i]), rill_reactor_number(ids[k]));
    }
    rill_reactor_close(l.r, l.near);
    expect(l.r, RILL_REACTOR_CLOSED);
    link_join(&l);
    assert_int_not_equal(l.far, was);
    assert_true(rill_reactor_number(l.far) < 3);
    rill_reactor_free(l.r);
}

static void tcp_serves_many_connections_at_once(void **state)
{
    (void)state;
    enum { MANY = 40 };
    struct rill_reactor *r = rill_reactor_new(1 + 2 * MANY);
    struct rill_addr where = loopback(), at;
    uint32_t listener, id;
    size_t accepted = 0, read = 0;
    assert_int_equal(rill_reactor_tcp_listen(r, &where, &listener, &at, NULL), 0);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(rill_reactor_tcp_connect(r, &at, &id, NULL), 0);
    while (read < MANY) {
        struct rill_reactor_event e = next_event(r);
        assert_int_not_equal(e.type, RILL_REACTOR_NOTHING);
        accepted += e.type == RILL_REACTOR_ACCEPTED;
        if (e.type == RILL_REACTOR_CONNECTED)
            assert_int_equal(rill_reactor_write(r, e.socket, rill_view_of("x")), 1);
        if (e.type == RILL_REACTOR_READ)
            read += e.bytes.n;
    }
    assert_int_equal(accepted, MANY);
    rill_reactor_free(r);
}

/* More streams than one wait takes from the crowd, all with something to say at once. */
static void tcp_hears_every_one_of_many_streams(void **state)
{
    (void)state;
    enum { MANY = 300 };
    struct link l = {.r = rill_reactor_new(2 * MANY + 1)};
    struct rill_addr where = loopback();
    uint32_t far[MANY];
    bool heard[MANY] = {false};
    assert_int_equal(rill_reactor_tcp_listen(l.r, &where, &l.listener, &l.at, NULL), 0);
    for (size_t i = 0; i < MANY; i++) {
        link_join(&l);
        far[i] = l.far;
    }
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(rill_reactor_write(l.r, far[i], rill_view_of("x")), 1);
    for (size_t n = 0; n < MANY; n++) {
        struct rill_reactor_event e = expect(l.r, RILL_REACTOR_READ);
        size_t of = (e.socket & 0xffff) / 2 - 1; /* taken in turn: listener, near, far, near, … */
        assert_in_range(of, 0, MANY - 1);
        assert_false(heard[of]);
        heard[of] = true;
    }
    expect_nothing(l.r);
    rill_reactor_free(l.r);
}

static void tcp_a_closed_slot_rests_until_all_others_were_taken(void **state)
{
    (void)state;
    struct link l = link_open(loopback(), 5);
    uint32_t first = l.far;
    rill_reactor_close(l.r, l.near);
    assert_int_equal(expect(l.r, RILL_REACTOR_CLOSED).socket, first);
    link_join(&l);
    assert_int_not_equal(l.near & 0xffff, first & 0xffff);
    assert_int_not_equal(l.far & 0xffff, first & 0xffff);
    rill_reactor_free(l.r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_carries_bytes_both_ways),
        cmocka_unit_test(tcp_carries_bytes_both_ways_over_ip6),
        cmocka_unit_test(shared_ports_connect_to_each_other),
        cmocka_unit_test(live_connection_leaves_from_the_address_it_is_given),
        cmocka_unit_test(tcp_says_closed_when_the_other_side_closes),
        cmocka_unit_test(tcp_write_to_a_connection_that_was_reset_is_broken),
        cmocka_unit_test(tcp_connect_to_a_port_where_nobody_listens_says_closed),
        cmocka_unit_test(tcp_connect_refuses_an_address_of_no_family),
        cmocka_unit_test(tcp_listen_refuses_a_port_that_is_taken),
        cmocka_unit_test(tcp_says_writable_after_a_write_was_cut_short),
        cmocka_unit_test(tcp_write_before_the_connection_stands_is_asked_for_again),
        cmocka_unit_test(tcp_accepts_when_a_full_table_has_room_again),
        cmocka_unit_test(tcp_numbers_are_below_the_cap_and_used_again),
        cmocka_unit_test(tcp_serves_many_connections_at_once),
        cmocka_unit_test(tcp_hears_every_one_of_many_streams),
        cmocka_unit_test(tcp_a_closed_slot_rests_until_all_others_were_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
