/* Connections of ICE-TCP as the program holds them: what the other end does not take is lost whole.
 */
#include "tests/rill_test.h"

#include "apps/turn_streams.h"
#include "ice/framing.h"

#include <stdlib.h>

#define PATIENCE (5 * RILL_SECOND)
#define MESSAGES 20000
#define SIZE 1000

struct told {
    uint32_t request, socket;
    unsigned opened, failed, closed;
    size_t bytes;
};

static void opened(void *ctx, int64_t now, uint32_t request, uint32_t socket)
{
    struct told *t = ctx;
    (void)now;
    t->opened++;
    t->request = request;
    t->socket = socket;
}

static void open_failed(void *ctx, int64_t now, uint32_t request)
{
    struct told *t = ctx;
    (void)now;
    t->failed++;
    t->request = request;
}

static void closed(void *ctx, int64_t now, uint32_t socket)
{
    struct told *t = ctx;
    (void)now;
    t->closed++;
    t->socket = socket;
}

static void input(void *ctx, int64_t now, const struct rill_path *path, struct rill_span bytes)
{
    struct told *t = ctx;
    (void)now;
    assert_int_equal(path->proto, RILL_PROTO_TCP);
    t->bytes += bytes.n;
}

static void note(void *ctx, const char *text)
{
    (void)ctx;
    fail_msg("%s", text);
}

static const struct rill_turn_sink sink = {opened, open_failed, closed, input, note};

/* Each end has a reactor of its own, so that one can be deaf. */
struct ends {
    struct rill_reactor *near, *far;
    struct rill_turn_streams *streams;
    struct told told;
    uint32_t listener, accepted;
    struct rill_addr at;
};

static struct rill_reactor_event next(struct rill_reactor *r)
{
    struct rill_reactor_event e;
    rill_reactor_next(r, rill_posix_now() + PATIENCE, &e);
    assert_int_not_equal(e.type, RILL_REACTOR_NOTHING);
    return e;
}

static struct ends *begin(void)
{
    struct ends *x = calloc(1, sizeof *x);
    struct rill_addr where = rill_addr_ip4(127, 0, 0, 1, 0);
    x->near = rill_reactor_new(8);
    x->far = rill_reactor_new(8);
    x->streams = calloc(1, sizeof *x->streams);
    x->streams->reactor = x->near;
    x->streams->sink = &sink;
    x->streams->ctx = &x->told;
    assert_int_equal(rill_reactor_live_listen(x->far, &where, false, &x->listener, &x->at, NULL),
                     0);
    return x;
}

static void join(struct ends *x)
{
    struct rill_addr from = rill_addr_ip4(127, 0, 0, 1, 0);
    assert_true(rill_turn_streams_connect(x->streams, 7, &from, &x->at));
    struct rill_reactor_event e = next(x->near);
    assert_true(rill_turn_streams_event(x->streams, rill_posix_now(), &e));
    assert_int_equal(x->told.opened, 1);
    assert_int_equal(x->told.request, 7);
    e = next(x->far);
    assert_int_equal(e.type, RILL_REACTOR_ACCEPTED);
    x->accepted = e.socket;
}

static void end(struct ends *x)
{
    rill_turn_streams_free(x->streams);
    rill_reactor_free(x->near);
    rill_reactor_free(x->far);
    free(x->streams);
    free(x);
}

static size_t framed(uint8_t *out, uint32_t number)
{
    memset(out, 0, SIZE);
    memcpy(out, &number, sizeof number);
    return rill_ice_frame((struct rill_span){out, SIZE + RILL_ICE_FRAME_HEAD}, SIZE);
}

static void what_the_other_end_does_not_take_is_lost_whole(void **state)
{
    (void)state;
    struct ends *x = begin();
    static uint8_t out[SIZE + RILL_ICE_FRAME_HEAD];
    struct rill_reactor_event e;
    join(x);
    struct rill_path path = {x->told.socket, RILL_PROTO_TCP, x->at};
    for (uint32_t i = 0; i < MESSAGES; i++) {
        size_t n = framed(out, i);
        rill_turn_streams_send(x->streams, &path, rill_view_at(out, n));
    }
    /* The far end hears now; what waited goes out as it does. */
    static struct rill_ice_deframer d;
    size_t whole = 0;
    uint32_t last = 0;
    for (int64_t quiet = rill_posix_now(); rill_posix_now() - quiet < 100 * RILL_MS;) {
        rill_reactor_next(x->near, rill_posix_now(), &e);
        if (e.type != RILL_REACTOR_NOTHING)
            rill_turn_streams_event(x->streams, rill_posix_now(), &e);
        rill_reactor_next(x->far, rill_posix_now() + RILL_MS, &e);
        if (e.type != RILL_REACTOR_READ)
            continue;
        quiet = rill_posix_now();
        for (size_t at = 0; at < e.bytes.n;) {
            struct rill_span frame;
            at += rill_ice_deframe(&d, rill_view_at(e.bytes.p + at, e.bytes.n - at), &frame);
            if (frame.n == 0)
                continue;
            uint32_t number;
            assert_int_equal(frame.n, SIZE);
            memcpy(&number, frame.p, sizeof number);
            assert_true(whole == 0 || number > last);
            last = number;
            whole++;
        }
    }
    assert_int_equal(d.at, 0); /* no frame was cut */
    assert_in_range(whole, 10, MESSAGES / 2);
    end(x);
}

static void connection_refused_is_told(void **state)
{
    (void)state;
    struct ends *x = begin();
    struct rill_addr from = rill_addr_ip4(127, 0, 0, 1, 0);
    rill_reactor_close(x->far, x->listener);
    if (rill_turn_streams_connect(x->streams, 7, &from, &x->at)) {
        struct rill_reactor_event e = next(x->near);
        assert_true(rill_turn_streams_event(x->streams, rill_posix_now(), &e));
        assert_int_equal(x->told.failed, 1);
        assert_int_equal(x->told.request, 7);
    }
    end(x);
}

static void connection_that_ends_is_told(void **state)
{
    (void)state;
    struct ends *x = begin();
    join(x);
    rill_reactor_write(x->far, x->accepted, rill_view_of("last"));
    rill_reactor_close(x->far, x->accepted);
    while (!x->told.closed) {
        struct rill_reactor_event e = next(x->near);
        assert_true(rill_turn_streams_event(x->streams, rill_posix_now(), &e));
    }
    assert_int_equal(x->told.bytes, 4);
    end(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_other_end_does_not_take_is_lost_whole),
        cmocka_unit_test(connection_refused_is_told),
        cmocka_unit_test(connection_that_ends_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
