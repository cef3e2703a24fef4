/* Redundant audio and telephone events (RFC 2198, RFC 4733). */
#include "rtp/red.h"
#include "rtp/telephone_event.h"
#include "tests/rill_test.h"

static uint8_t bytes[4096];

static void red_blocks_come_oldest_first_and_the_primary_last(void **state)
{
    (void)state;
    struct rill_red_block b[RILL_RED_BLOCKS];
    /* 1920 before: 3 bytes; 960 before: none; primary: 2 */
    struct rill_view v =
        rill_test_hex("ef 1e0003  ef 0f0000  6f  010203 0405", bytes, sizeof bytes);
    assert_int_equal(rill_red_parse(v, b, NULL), 3);
    assert_int_equal(b[0].pt, 111);
    assert_int_equal(b[0].offset, 1920);
    assert_int_equal(b[0].data.n, 3);
    assert_int_equal(b[0].data.p[2], 3);
    assert_int_equal(b[1].offset, 960);
    assert_int_equal(b[1].data.n, 0);
    assert_int_equal(b[2].offset, 0);
    assert_int_equal(b[2].data.n, 2);
    uint8_t again[64];
    struct rill_writer w = rill_writer_of((struct rill_span){again, sizeof again});
    rill_red_write(&w, b, 3);
    assert_int_equal(w.at, v.n);
    assert_memory_equal(again, v.p, v.n);
}

static void red_that_runs_past_the_payload_is_refused(void **state)
{
    (void)state;
    struct rill_red_block b[RILL_RED_BLOCKS];
    struct rill_err why;
    assert_row(rill_red_parse(rill_view_at(bytes, 0), b, NULL), RED_HEADER);
    assert_row(rill_red_parse(rill_test_hex("ef 1e00", bytes, 64), b, NULL), RED_HEADER);
    assert_row(rill_red_parse(rill_test_hex("ef 1e0003", bytes, 64), b, &why), RED_HEADER);
    assert_int_equal(why.offset, 4);
    assert_row(rill_red_parse(rill_test_hex("ef 1e0003 6f 0102", bytes, 64), b, &why), RED_LENGTH);
    assert_int_equal(why.value, 3);
}

static void red_takes_eight_blocks_and_not_nine(void **state)
{
    (void)state;
    struct rill_red_block b[RILL_RED_BLOCKS];
    for (size_t n = 7; n <= 8; n++) {
        struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
        for (size_t i = 0; i < n; i++)
            rill_w_u32(&w, 0xef000000);
        rill_w_u8(&w, 111);
        if (n == 7)
            assert_int_equal(rill_red_parse(rill_w_view(&w), b, NULL), 8);
        else
            assert_row(rill_red_parse(rill_w_view(&w), b, NULL), RED_BLOCKS_MANY);
    }
}

static void red_fields_that_are_too_large_are_not_written(void **state)
{
    (void)state;
    static uint8_t data[1024], out[4096];
    struct rill_red_block b[2] = {{111, 960, rill_view_at(data, 1023)}, {111, 0, {0}}};
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_red_write(&w, b, 2);
    assert_false(w.bad);
    b[0].data.n = 1024;
    rill_red_write(&w, b, 2);
    assert_true(w.bad);
    b[0].data.n = 1;
    b[0].offset = 0x4000;
    w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_red_write(&w, b, 2);
    assert_true(w.bad);
}

static void an_event_is_four_bytes(void **state)
{
    (void)state;
    struct rill_telephone_event e;
    struct rill_view v = rill_test_hex("0b 8a 0320", bytes, sizeof bytes);
    assert_int_equal(rill_telephone_event_parse(v, &e, NULL), 0);
    assert_int_equal(e.event, 11);
    assert_true(e.end);
    assert_int_equal(e.volume, 10);
    assert_int_equal(e.duration, 800);
    const struct rill_field *f = rill_telephone_event_fields.fields;
    assert_int_equal(rill_field_get(&f[0], v), e.event);
    assert_int_equal(rill_field_get(&f[1], v), e.end);
    assert_int_equal(rill_field_get(&f[3], v), e.volume);
    assert_int_equal(rill_field_get(&f[4], v), e.duration);
    assert_row(rill_telephone_event_parse(rill_view_at(bytes, 3), &e, NULL), TELEPHONE_EVENT);
    assert_int_equal(rill_telephone_event_key(11), '#');
    assert_int_equal(rill_telephone_event_key(16), 0);
    assert_int_equal(rill_telephone_event_of('D'), 15);
    assert_int_equal(rill_telephone_event_of('x'), -1);
    assert_int_equal(rill_telephone_event_of(0), -1);
}

/* A key of 100 ms at 8 kHz: every 20 ms, and its end three times. */
static void a_held_key_is_told_until_it_ends_three_times(void **state)
{
    (void)state;
    struct rill_telephone_key k;
    struct rill_telephone_event e;
    bool first;
    rill_telephone_key_press(&k, RILL_SECOND, 5, 100 * RILL_MS);
    int packets = 0, ends = 0;
    for (int64_t now = RILL_SECOND; k.next != RILL_NEVER; now = k.next) {
        assert_true(rill_telephone_key_output(&k, now, 8000, &e, &first));
        assert_false(rill_telephone_key_output(&k, now, 8000, &e, &first));
        assert_int_equal(first, packets == 0);
        assert_int_equal(e.event, 5);
        assert_int_equal(e.duration, packets < 5 ? packets * 160 : 800);
        assert_int_equal(e.end, packets >= 5);
        packets++;
        ends += e.end;
    }
    assert_int_equal(packets, 8);
    assert_int_equal(ends, RILL_TELEPHONE_EVENT_ENDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(red_blocks_come_oldest_first_and_the_primary_last),
        cmocka_unit_test(red_that_runs_past_the_payload_is_refused),
        cmocka_unit_test(red_takes_eight_blocks_and_not_nine),
        cmocka_unit_test(red_fields_that_are_too_large_are_not_written),
        cmocka_unit_test(an_event_is_four_bytes),
        cmocka_unit_test(a_held_key_is_told_until_it_ends_three_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
