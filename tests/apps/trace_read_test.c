/* A trace that is read from any bytes: whole ones, growing ones, and those of nobody. */
#include "tests/rill_test.h"

#include "apps/trace_read.h"
#include "trace/errors.h"

#define HEADER                                                                                     \
    "\x1e{\"file_schema\":\"urn:ietf:params:qlog:file:sequential\",\"trace\":"                     \
    "{\"event_schemas\":[\"urn:rill:trace:1\"]}}\n"
#define STEP "\x1e{\"time\":12.345,\"name\":\"call:step\",\"data\":{\"number\":1}}\n"

struct read {
    struct rill_trace_reader *r;
    struct rill_trace_record record;
    struct rill_err why;
};

static void put(struct read *x, struct rill_view bytes)
{
    while (bytes.n) {
        struct rill_span room = rill_trace_reader_room(x->r);
        size_t n = bytes.n < room.n ? bytes.n : room.n;
        assert_true(n > 0);
        memcpy(room.p, bytes.p, n);
        rill_trace_reader_put(x->r, n);
        bytes = rill_view_sub(bytes, n, bytes.n - n);
    }
}

static struct read reading(const char *text)
{
    struct read x = {.r = rill_trace_reader_new()};
    assert_non_null(x.r);
    put(&x, rill_view_of(text));
    return x;
}

static int next(struct read *x)
{
    return rill_trace_reader_next(x->r, &x->record, &x->why);
}

static void records_come_one_by_one_with_their_time_and_name(void **state)
{
    (void)state;
    struct read x = reading(HEADER STEP);
    uint64_t number;
    assert_int_equal(next(&x), 1);
    assert_true(x.record.is_header);
    assert_int_equal(x.record.number, 1);
    assert_int_equal(next(&x), 1);
    assert_false(x.record.is_header);
    assert_int_equal(x.record.number, 2);
    assert_int_equal(x.record.time, 12345);
    assert_string_equal(x.record.name, "call:step");
    assert_true(rill_trace_get_u64(x.record.data, "number", &number));
    assert_int_equal(number, 1);
    assert_int_equal(next(&x), 0);
    rill_trace_reader_free(x.r);
}

static void a_growing_trace_gives_each_record_when_it_is_whole(void **state)
{
    (void)state;
    struct read x = reading("");
    const char *text = HEADER STEP STEP;
    int records = 0;
    for (size_t i = 0; text[i]; i++) {
        put(&x, rill_view_at(text + i, 1));
        int rc = next(&x);
        assert_int_equal(rc, text[i] == '\n');
        records += rc;
    }
    assert_int_equal(records, 3);
    rill_trace_reader_free(x.r);
}

static void a_record_that_was_cut_off_is_passed_over(void **state)
{
    (void)state;
    struct read x = reading(HEADER "\x1e{\"time\":1,\"na" STEP "\x1e{\"time\"");
    assert_int_equal(next(&x), 1);
    assert_int_equal(next(&x), 1);
    assert_int_equal(x.record.number, 3);
    assert_string_equal(x.record.name, "call:step");
    assert_int_equal(next(&x), 0);
    rill_trace_reader_free(x.r);
}

static void what_is_no_record_is_told_with_its_number_and_passed_over(void **state)
{
    (void)state;
    struct read x = reading(HEADER "noise\x1e[1]\n\x1e{\"name\":\"a:b\"}\n\x1e{,}\n" STEP);
    assert_int_equal(next(&x), 1);
    assert_row(next(&x), TRACE_NO_MARK);
    assert_int_equal(x.why.value, 5);
    assert_row(next(&x), TRACE_NOT_JSON);
    assert_int_equal(x.why.offset, 2);
    assert_row(next(&x), TRACE_NOT_EVENT);
    assert_int_equal(x.why.offset, 3);
    assert_row(next(&x), TRACE_NOT_JSON);
    assert_int_equal(next(&x), 1);
    assert_int_equal(x.record.number, 5);
    rill_trace_reader_free(x.r);
}

static void a_file_that_is_no_trace_is_refused_for_good(void **state)
{
    (void)state;
    struct read x = reading("hello\n" HEADER);
    assert_row(next(&x), TRACE_NO_MARK);
    assert_int_equal(next(&x), 0);
    rill_trace_reader_free(x.r);
    x = reading(STEP HEADER);
    assert_row(next(&x), TRACE_NO_HEADER);
    assert_int_equal(x.why.offset, 1);
    assert_int_equal(next(&x), 0);
    rill_trace_reader_free(x.r);
    x = reading("\x1e{\"file_schema\":\"x\",\"trace\":{\"event_schemas\":[\"quic\"]}}\n" STEP);
    assert_row(next(&x), TRACE_OTHER_FORMAT);
    assert_int_equal(next(&x), 0);
    rill_trace_reader_free(x.r);
}

static void a_record_is_at_most_so_long(void **state)
{
    (void)state;
    static char much[65536];
    struct read x = reading(HEADER "\x1e{\"x\":\"");
    int rc = next(&x);
    assert_int_equal(rc, 1);
    memset(much, 'a', sizeof much);
    for (size_t n = 0; n <= RILL_TRACE_RECORD_MAX && rc >= 0; n += sizeof much) {
        put(&x, rill_view_at(much, sizeof much));
        rc = next(&x);
    }
    assert_row(rc, TRACE_TOO_LONG);
    put(&x, rill_view_of("\"}\n" STEP));
    assert_row(next(&x), TRACE_NO_MARK);
    assert_int_equal(next(&x), 1);
    rill_trace_reader_free(x.r);
}

static void members_are_read_as_what_they_are(void **state)
{
    (void)state;
    struct read x =
        reading(HEADER "\x1e{\"time\":-1,\"name\":\"a:b\",\"data\":{\"u\":\"18446744073709551615\","
                       "\"i\":-5,\"j\":\"-9223372036854775807\",\"a\":\"[fe80::1%3]:9\","
                       "\"b\":\"00ff\",\"odd\":\"0\",\"none\":null}}\n");
    uint64_t u;
    int64_t i;
    struct rill_addr a;
    uint8_t room[2];
    struct rill_view v;
    assert_int_equal(next(&x), 1);
    assert_int_equal(next(&x), 1);
    json_t *d = x.record.data;
    assert_true(rill_trace_get_u64(d, "u", &u));
    assert_true(u == UINT64_MAX);
    assert_true(rill_trace_get_i64(d, "i", &i));
    assert_int_equal(i, -5);
    assert_false(rill_trace_get_u64(d, "i", &u));
    assert_true(rill_trace_get_i64(d, "j", &i));
    assert_true(i == -INT64_MAX);
    assert_true(rill_trace_get_addr(d, "a", &a));
    assert_int_equal(a.scope, 3);
    assert_int_equal(a.port, 9);
    assert_true(rill_trace_get_bytes(d, "b", (struct rill_span){room, sizeof room}, &v));
    assert_int_equal(v.n, 2);
    assert_false(rill_trace_get_bytes(d, "b", (struct rill_span){room, 1}, &v));
    assert_false(rill_trace_get_bytes(d, "odd", (struct rill_span){room, sizeof room}, &v));
    assert_false(rill_trace_get_text(d, "none", &v));
    rill_trace_reader_free(x.r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_one_by_one_with_their_time_and_name),
        cmocka_unit_test(a_growing_trace_gives_each_record_when_it_is_whole),
        cmocka_unit_test(a_record_that_was_cut_off_is_passed_over),
        cmocka_unit_test(what_is_no_record_is_told_with_its_number_and_passed_over),
        cmocka_unit_test(a_file_that_is_no_trace_is_refused_for_good),
        cmocka_unit_test(a_record_is_at_most_so_long),
        cmocka_unit_test(members_are_read_as_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
