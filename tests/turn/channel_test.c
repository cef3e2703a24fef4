/* ChannelData, and where messages end on a stream (RFC 8656 §12.4, §12.5). */
#include "tests/rill_test.h"
#include "turn/channel.h"

static uint8_t buffer[64];

static int decode(const char *hex, struct rill_turn_channel_data *out, struct rill_err *why)
{
    return rill_turn_channel_decode(rill_test_hex(hex, buffer, sizeof buffer), out, why);
}

static void channel_data_is_read_with_and_without_padding(void **state)
{
    (void)state;
    struct rill_turn_channel_data d;
    const char *messages[] = {"4fff 0003 616263", "4fff 0003 616263 00"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(decode(messages[i], &d, NULL), 0);
        assert_int_equal(d.channel, 0x4fff);
        assert_true(rill_view_is(d.data, "abc"));
    }
    assert_int_equal(decode("4000 0000", &d, NULL), 0);
    assert_int_equal(d.data.n, 0);
}

static void channel_data_that_is_none_is_refused(void **state)
{
    (void)state;
    struct rill_turn_channel_data d = {.channel = 7};
    struct rill_err why;
    assert_row(decode("4000 00", &d, &why), TURN_CHANNEL_SHORT);
    assert_int_equal(why.offset, 3);
    assert_row(decode("3fff 0000", &d, &why), TURN_CHANNEL_NUMBER);
    assert_row(decode("5000 0000", &d, &why), TURN_CHANNEL_NUMBER);
    assert_row(decode("4000 0002 61", &d, &why), TURN_CHANNEL_LENGTH);
    assert_int_equal(why.value, 2);
    assert_int_equal(d.channel, 7);
}

static long size_of(const char *hex, struct rill_err *why)
{
    return rill_turn_message_size(rill_test_hex(hex, buffer, sizeof buffer), why);
}

static void stream_tells_how_long_its_first_message_is(void **state)
{
    (void)state;
    struct rill_err why;
    assert_int_equal(size_of("4000 0005", NULL), 12);
    assert_int_equal(size_of("4000 ffff", NULL), 4 + 65536);
    assert_int_equal(size_of("0001 0008", NULL), 28);
    assert_int_equal(size_of("0001 00", NULL), 0);
    assert_row(size_of("0001 0007", &why), TURN_STREAM);
    assert_row(size_of("1603 0102", &why), TURN_STREAM);
    assert_row(size_of("8000 0000", &why), TURN_STREAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channel_data_is_read_with_and_without_padding),
        cmocka_unit_test(channel_data_that_is_none_is_refused),
        cmocka_unit_test(stream_tells_how_long_its_first_message_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
