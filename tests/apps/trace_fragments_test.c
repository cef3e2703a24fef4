/* Datagrams with parts of handshake messages: the newest are kept, each flow and direction alone.
 */
#include "tests/rill_test.h"

#include "apps/trace_fragments.h"

static struct rill_trace_fragments x;

/* Byte i of a message of 65536: a record of DTLS with one fragment. */
static struct rill_view part(uint8_t *room, uint8_t i)
{
    static const char head[] = "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0d\x0b\x01\0\0\0\0\0\0";
    memcpy(room, head, 21);
    room[21] = i;
    memcpy(room + 22, "\0\0\x01", 3);
    room[25] = i;
    return rill_view_at(room, 26);
}

static struct rill_trace_flow flow(const char *remote, bool sent)
{
    struct rill_trace_flow f = {.sent = sent};
    assert_true(rill_addr_parse(rill_view_of("192.0.2.1:5000"), &f.local));
    assert_true(rill_addr_parse(rill_view_of(remote), &f.remote));
    return f;
}

static void take(uint64_t number, const struct rill_trace_flow *f)
{
    uint8_t room[26];
    rill_trace_fragments_take(&x, number, f, part(room, (uint8_t)number));
}

static void as_many_are_kept_as_there_is_room_for(void **state)
{
    struct rill_view out[RILL_TRACE_FRAGMENTS];
    struct rill_trace_flow f = flow("192.0.2.2:6000", false);
    (void)state;
    memset(&x, 0, sizeof x);
    for (uint64_t i = 1; i <= RILL_TRACE_FRAGMENTS; i++)
        take(i, &f);
    assert_int_equal(rill_trace_fragments_before(&x, 1000, &f, out), RILL_TRACE_FRAGMENTS);
    assert_int_equal(out[0].p[25], 1);
    take(RILL_TRACE_FRAGMENTS + 1, &f); /* one over: the oldest is forgotten */
    assert_int_equal(rill_trace_fragments_before(&x, 1000, &f, out), RILL_TRACE_FRAGMENTS);
    assert_int_equal(out[0].p[25], 2);
    assert_int_equal(out[RILL_TRACE_FRAGMENTS - 1].p[25], RILL_TRACE_FRAGMENTS + 1);
    /* What came later is not before. */
    assert_int_equal(rill_trace_fragments_before(&x, 4, &f, out), 2);
}

static void flows_and_directions_are_kept_apart(void **state)
{
    struct rill_view out[RILL_TRACE_FRAGMENTS];
    struct rill_trace_flow flows[] = {flow("192.0.2.2:6000", false), flow("192.0.2.2:6000", true),
                                      flow("192.0.2.2:6001", false)};
    (void)state;
    memset(&x, 0, sizeof x);
    for (uint64_t i = 0; i < 9; i++)
        take(i + 1, &flows[i % 3]);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rill_trace_fragments_before(&x, 100, &flows[i], out), 3);
        assert_int_equal(out[0].p[25], i + 1);
    }
}

static void what_has_no_fragment_or_is_too_long_is_passed_over(void **state)
{
    static uint8_t large[RILL_TRACE_FRAGMENT_MAX + 1];
    struct rill_view out[RILL_TRACE_FRAGMENTS];
    struct rill_trace_flow f = flow("192.0.2.2:6000", false);
    (void)state;
    memset(&x, 0, sizeof x);
    part(large, 1);
    rill_trace_fragments_take(&x, 1, &f, rill_view_at(large, sizeof large));
    rill_trace_fragments_take(&x, 2, &f, rill_view_at(large, 0));
    rill_trace_fragments_take(&x, 3, &f, rill_view_of("\x80\x60 media"));
    assert_int_equal(rill_trace_fragments_before(&x, 100, &f, out), 0);
    rill_trace_fragments_take(&x, 4, &f, rill_view_at(large, RILL_TRACE_FRAGMENT_MAX));
    assert_int_equal(rill_trace_fragments_before(&x, 100, &f, out), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_are_kept_as_there_is_room_for),
        cmocka_unit_test(flows_and_directions_are_kept_apart),
        cmocka_unit_test(what_has_no_fragment_or_is_too_long_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
