/* demux: the table of RFC 7983 §7, each end of each range, and RFC 5761 §4 behind it. */
#include "peer/demux.h"
#include "tests/rill_test.h"

static enum rill_demux class_of(const uint8_t *bytes, size_t n)
{
    return rill_demux_class(rill_view_at(bytes, n));
}

static enum rill_demux class_of_two(uint8_t first, uint8_t second)
{
    uint8_t bytes[2] = {first, second};
    return class_of(bytes, 2);
}

static void demux_takes_each_range_of_first_bytes_to_its_protocol(void **state)
{
    static const struct {
        uint8_t first;
        enum rill_demux what;
    } rows[] = {
        {0, RILL_DEMUX_STUN},          {3, RILL_DEMUX_STUN},  {4, RILL_DEMUX_DROP},
        {15, RILL_DEMUX_DROP},         {16, RILL_DEMUX_ZRTP}, {19, RILL_DEMUX_ZRTP},
        {20, RILL_DEMUX_DTLS},         {63, RILL_DEMUX_DTLS}, {64, RILL_DEMUX_TURN_CHANNEL},
        {79, RILL_DEMUX_TURN_CHANNEL}, {80, RILL_DEMUX_DROP}, {127, RILL_DEMUX_DROP},
        {128, RILL_DEMUX_RTP},         {191, RILL_DEMUX_RTP}, {192, RILL_DEMUX_DROP},
        {255, RILL_DEMUX_DROP},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(class_of_two(rows[i].first, 0), rows[i].what);
}

static void demux_leaves_no_first_byte_undecided(void **state)
{
    (void)state;
    size_t count[8] = {0};
    for (unsigned first = 0; first < 256; first++)
        count[class_of_two((uint8_t)first, 0)]++;
    assert_int_equal(count[RILL_DEMUX_STUN], 4);
    assert_int_equal(count[RILL_DEMUX_ZRTP], 4);
    assert_int_equal(count[RILL_DEMUX_DTLS], 44);
    assert_int_equal(count[RILL_DEMUX_TURN_CHANNEL], 16);
    assert_int_equal(count[RILL_DEMUX_RTP], 64);
    assert_int_equal(count[RILL_DEMUX_DROP], 256 - 4 - 4 - 44 - 16 - 64);
}

static void demux_knows_rtcp_by_a_second_byte_of_192_to_223(void **state)
{
    (void)state;
    assert_int_equal(class_of_two(0x80, 191), RILL_DEMUX_RTP);  /* marker, PT 63 */
    assert_int_equal(class_of_two(0x80, 192), RILL_DEMUX_RTCP); /* FIR of RFC 2032 */
    assert_int_equal(class_of_two(0x80, 200), RILL_DEMUX_RTCP); /* SR */
    assert_int_equal(class_of_two(0x80, 223), RILL_DEMUX_RTCP);
    assert_int_equal(class_of_two(0x80, 224), RILL_DEMUX_RTP); /* marker, PT 96 */
    assert_int_equal(class_of_two(0x80, 72), RILL_DEMUX_RTP);  /* PT 72 without marker */
}

static void demux_cannot_tell_a_single_byte_of_rtp_or_rtcp_apart(void **state)
{
    (void)state;
    uint8_t byte = 0x80;
    assert_int_equal(class_of(&byte, 1), RILL_DEMUX_RTP_OR_RTCP);
}

static void demux_drops_an_empty_datagram(void **state)
{
    (void)state;
    assert_int_equal(class_of(NULL, 0), RILL_DEMUX_DROP);
}

static void demux_names_its_classes_as_rill_decode_prints_them(void **state)
{
    (void)state;
    assert_string_equal(rill_demux_name(RILL_DEMUX_STUN), "stun");
    assert_string_equal(rill_demux_name(RILL_DEMUX_DTLS), "dtls");
    assert_string_equal(rill_demux_name(RILL_DEMUX_TURN_CHANNEL), "turn-channel");
    assert_string_equal(rill_demux_name(RILL_DEMUX_RTP), "rtp");
    assert_string_equal(rill_demux_name(RILL_DEMUX_RTCP), "rtcp");
    assert_string_equal(rill_demux_name(RILL_DEMUX_RTP_OR_RTCP), "rtp-rtcp");
    assert_string_equal(rill_demux_name(RILL_DEMUX_ZRTP), "zrtp-drop");
    assert_string_equal(rill_demux_name(RILL_DEMUX_DROP), "drop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demux_takes_each_range_of_first_bytes_to_its_protocol),
        cmocka_unit_test(demux_leaves_no_first_byte_undecided),
        cmocka_unit_test(demux_knows_rtcp_by_a_second_byte_of_192_to_223),
        cmocka_unit_test(demux_cannot_tell_a_single_byte_of_rtp_or_rtcp_apart),
        cmocka_unit_test(demux_drops_an_empty_datagram),
        cmocka_unit_test(demux_names_its_classes_as_rill_decode_prints_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
