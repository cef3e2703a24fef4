/* RTP and RTCP as trees, with what is in them. */
#include "tests/dissect/trees.h"

#include "rtp/ext_known.h"
#include "rtp/rtcp.h"
#include "rtp/rtx.h"
#include "rtp/vp8.h"
#include "rtp/vp9.h"
#include "sdp/caps.h"

static struct tree t;

static const char description[] = "a=rtpmap:96 VP8/90000\r\n"
                                  "a=rtpmap:97 rtx/90000\r\n"
                                  "a=fmtp:97 apt=96\r\n"
                                  "a=rtpmap:98 VP9/90000\r\n"
                                  "a=rtpmap:102 H264/90000\r\n"
                                  "a=rtpmap:45 AV1/90000\r\n"
                                  "a=rtpmap:111 opus/48000/2\r\n"
                                  "a=rtpmap:63 red/48000/2\r\n"
                                  "a=rtpmap:126 telephone-event/8000\r\n"
                                  "a=rtpmap:13 CN/8000\r\n"
                                  "a=extmap:3 " RILL_SDP_EXT_TRANSPORT_CC "\r\n"
                                  "a=extmap:4/sendrecv " RILL_SDP_EXT_MID "\r\n"
                                  "a=extmap:1 " RILL_SDP_EXT_AUDIO_LEVEL "\r\n";

static int hint(void **state)
{
    (void)state;
    rill_dissect_hint(&t.hints, rill_view_of(description));
    return 0;
}

static void descriptions_give_hints(void **state)
{
    (void)state;
    assert_int_equal(t.hints.codecs[96], RILL_CODEC_VP8);
    assert_int_equal(t.hints.codecs[111], RILL_CODEC_OPUS);
    assert_int_equal(t.hints.shapes[97], RILL_DISSECT_RTX);
    assert_int_equal(t.hints.repairs[97], 96);
    assert_int_equal(t.hints.shapes[63], RILL_DISSECT_RED);
    assert_string_equal(rill_rtp_ext_known(t.hints.extensions[3])->name, "MID");
}

#define HEADER(pt) "80 " pt " 0102 00000304 00000506 "

static void a_packet_with_extensions_is_told_to_the_last_bit(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_RTP,
                "b1 6f 1234 00010203 0a0b0c0d 00000001 bede 0003 10 85 31 0017 40 30 51 1100 0000"
                "78 0102 000003");
    assert_good(&t, false);
    assert_number(&t, "RTP/seq", 0x1234);
    assert_number(&t, "RTP/CSRC", 1);
    assert_number(&t, "RTP/audio level/level", 5);
    assert_number(&t, "RTP/transport-cc", 0x17);
    assert_shows(&t, "RTP/MID", "0");
    assert_shows(&t, "RTP/element", "1100");
    assert_means(&t, "RTP/opus/config", "hybrid FB 20 ms");
    assert_place(&t, "RTP/padding bytes", 35 * 8, 24);
}

static void two_byte_elements_are_read(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_RTP,
                "90 60 1234 00010203 0a0b0c0d 1000 0002 04 01 61 0301 42 00 00"
                "10 00");
    assert_true(!node_of(&t, "RTP/MID")->bad);
    assert_shows(&t, "RTP/MID", "a");
    assert_covered(&t, false);
}

static void vp8_is_told_to_the_last_bit(void **state)
{
    (void)state;
    static const uint8_t frame[] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01, 7};
    struct rill_writer w = rill_writer_of((struct rill_span){t.room, sizeof t.room});
    rill_rtp_write(&w, true, 96, 7, 8, 9, NULL, 0);
    rill_vp8_write_piece(&w, rill_view_at(frame, sizeof frame), 0x1234, 0, 1);
    tree_of(&t, RILL_DISSECT_RTP, rill_w_view(&w));
    assert_good(&t, false);
    assert_number(&t, "VP8/picture_id", 0x1234);
    assert_means(&t, "VP8/frame_type", "key frame");
    assert_summary(&t, "RTP ssrc 9 pt 96 seq 7 time 8 marker VP8 15 bytes, key frame");
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("60") "90 f0 8001 05 a7 11 22 33");
    assert_good(&t, false);
    assert_number(&t, "VP8/tl0picidx", 5);
    assert_number(&t, "VP8/keyidx", 7);
    assert_number(&t, "VP8/Y", 1);
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("60") "90 80");
    assert_true(tree_is_bad(&t));
}

static void vp9_is_told_to_the_last_bit(void **state)
{
    (void)state;
    struct rill_writer w = rill_writer_of((struct rill_span){t.room, sizeof t.room});
    struct rill_vp9_out out = {
        .frame = rill_view_of("frame"), .keyframe = true, .width = 640, .height = 480};
    rill_rtp_write(&w, true, 98, 7, 8, 9, NULL, 0);
    rill_vp9_write_piece(&w, &out, 0, 1);
    tree_of(&t, RILL_DISSECT_RTP, rill_w_view(&w));
    assert_good(&t, false);
    assert_number(&t, "VP9/WIDTH", 640);
    /* Flexible, two references, a structure with a group of one picture. */
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("62") "d2 11 03 04 08 01 04 22 ff");
    assert_covered(&t, false);
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("62") "d0 11 03 04 ff");
    assert_good(&t, false);
    assert_number(&t, "VP9/p_diff", 1);
}

static void h264_is_told_to_the_last_bit(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("66") "78 0004 6742e01f 0002 68ce");
    assert_good(&t, false);
    assert_means(&t, "H264/type", "STAP-A");
    assert_means(&t, "H264/NAL unit/type", "SPS");
    assert_number(&t, "H264/NAL unit/profile_idc", 0x42);
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("66") "7c 85 1122");
    assert_good(&t, false);
    assert_means(&t, "H264/fu_type", "IDR slice");
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("66") "78 0004 67");
    assert_true(tree_is_bad(&t));
    assert_covered(&t, false);
}

static void av1_is_told_to_the_last_bit(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("2d") "28 03 080000 34 40 0102");
    assert_good(&t, false);
    assert_means(&t, "AV1/OBU element/obu_type", "sequence header");
    assert_number(&t, "AV1/element size", 3);
    assert_number(&t, "AV1/W", 2);
}

static void opus_red_and_keys_are_told_to_the_last_bit(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("6f") "7b 42 0000 01 00");
    assert_covered(&t, false);
    assert_number(&t, "opus/M", 2);
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("3f") "ef 00f003 6f 780102 7803");
    assert_good(&t, false);
    assert_number(&t, "RED/block header/block length", 3);
    assert_number(&t, "RED/block header/timestamp offset", 60);
    assert_shows(&t, "RED/opus/frames", "0102");
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("7e") "05 8a 0320");
    assert_good(&t, false);
    assert_number(&t, "telephone-event/event", 5);
}

static void a_pause_has_its_level_and_each_coefficient(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("0d") "4e");
    assert_good(&t, false);
    assert_number(&t, "CN/level", 78);
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("0d") "4e 7f 80");
    assert_good(&t, false);
    assert_number(&t, "CN/coefficient", 127);
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("0d") "4e ff");
    assert_covered(&t, false);
}

static void a_retransmission_holds_its_original(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_RTP, HEADER("61") "55aa 90 80 8001 31 02 00 11");
    assert_good(&t, false);
    assert_number(&t, "RTX/OSN", 0x55aa);
    assert_number(&t, "RTX/VP8/picture_id", 1);
}

static void srtp_shows_its_header_alone(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, HEADER("60") "0102030405060708090a");
    assert_good(&t, false);
    assert_place(&t, "SRTP/encrypted payload and tag", 96, 80);
    tree_of_hex(&t, RILL_DISSECT_DATAGRAM, "80c80006 00000001 0102030405060708");
    assert_good(&t, false);
    assert_number(&t, "SRTCP/sender SSRC", 1);
}

static void a_packet_cut_off_says_where(void **state)
{
    (void)state;
    struct rill_view whole =
        rill_test_hex("92 60 1234 00010203 0a0b0c0d 00000001 00000002 bede 0001 31 0017 00", t.room,
                      sizeof t.room);
    for (size_t n = 0; n < whole.n; n++) {
        tree_of(&t, RILL_DISSECT_RTP, rill_view_at(t.room, n));
        assert_true(tree_is_bad(&t));
        assert_covered(&t, false);
    }
}

/* --- RTCP ------------------------------------------------------------------------------------ */

static void a_compound_is_told_to_the_last_bit(void **state)
{
    (void)state;
    struct rill_writer w = rill_writer_of((struct rill_span){t.room, sizeof t.room});
    struct rill_rtcp_report_block block = {.ssrc = 7, .fraction_lost = 3, .jitter = 9};
    struct rill_rtcp_sender_info info = {.rtp_time = 12, .packet_count = 34};
    static const uint16_t lost[] = {100, 102};
    rill_rtcp_write_sr(&w, 1, &info, &block, 1);
    rill_rtcp_write_sdes_cname(&w, 1, rill_view_of("me"));
    rill_rtcp_write_nack(&w, 1, 7, lost, 2);
    rill_rtcp_write_pli(&w, 1, 7);
    rill_rtcp_write_fir(&w, 1, 7, 3);
    rill_rtcp_write_bye(&w, 1, "so long");
    tree_of(&t, RILL_DISSECT_RTCP, rill_w_view(&w));
    assert_good(&t, false);
    assert_number(&t, "RTCP/SR/RTP timestamp", 12);
    assert_number(&t, "RTCP/SR/report block/jitter", 9);
    assert_shows(&t, "RTCP/SDES/chunk/CNAME", "me");
    assert_number(&t, "RTCP/NACK/PID", 100);
    assert_number(&t, "RTCP/NACK/BLP", 2);
    assert_number(&t, "RTCP/FIR/seq nr.", 3);
    assert_shows(&t, "RTCP/BYE/reason for leaving", "so long");
    assert_summary(&t, "RTCP SR lost/256 3, SDES, NACK PID 100, PLI, FIR, BYE so long");
    size_t whole = w.at;
    for (size_t n = 0; n < whole; n++) {
        tree_of(&t, RILL_DISSECT_RTCP, rill_view_at(t.room, n));
        assert_covered(&t, false);
    }
}

static void remb_app_and_xr_are_told_to_the_last_bit(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_RTCP, "8fce0005 00000001 00000000 52454d42 010b ffff 00000007");
    assert_good(&t, false);
    assert_number(&t, "RTCP/REMB/bitrate", (uint64_t)0x3ffff << 2);
    assert_number(&t, "RTCP/REMB/BR exp", 2);
    tree_of_hex(&t, RILL_DISSECT_RTCP, "80cc0003 00000001 72696c6c 01020304");
    assert_good(&t, false);
    assert_shows(&t, "RTCP/APP/name", "rill");
    tree_of_hex(&t, RILL_DISSECT_RTCP, "80cf0004 00000001 04000002 0000000000000000");
    assert_good(&t, false);
    assert_means(&t, "RTCP/XR/report block", "receiver reference time");
    tree_of_hex(&t, RILL_DISSECT_RTCP, "80cf0005 00000001 05000003 00000002 00000003 00010000");
    assert_good(&t, false);
    assert_number(&t, "RTCP/XR/delay since last RR", 65536);
}

static void limits_and_arrivals_are_told_to_the_last_bit(void **state)
{
    (void)state;
    tree_of_hex(&t, RILL_DISSECT_RTCP, "83cd0004 00000001 00000000 00000007 0880 0228");
    assert_good(&t, false);
    assert_number(&t, "RTCP/TMMBR/MxTBR Exp", 2);
    assert_number(&t, "RTCP/TMMBR/Measured Overhead", 40);
    /* Three packets of one stream, and padding. */
    tree_of_hex(&t, RILL_DISSECT_RTCP,
                "8bcd0006 00000001 00000007 0064 0003 8010 0000 a001 0000 00012345");
    assert_good(&t, false);
    assert_number(&t, "RTCP/CCFB/stream/begin_seq", 100);
    assert_number(&t, "RTCP/CCFB/stream/ATO", 16);
    assert_number(&t, "RTCP/CCFB/Report Timestamp", 0x12345);
}

static void transport_feedback_is_told_to_the_last_bit(void **state)
{
    (void)state;
    /* Five packets: a run of two small deltas, a vector of seven with a large one; padding. */
    tree_of_hex(&t, RILL_DISSECT_RTCP,
                "8fcd0007 00000001 00000007 0064 0005 000001 02 2002 e400 04 08 0010 04 000000 00");
    assert_number(&t, "RTCP/transport-cc/base sequence number", 100);
    assert_means(&t, "RTCP/transport-cc/run length chunk/packet status symbol", "small delta");
    assert_covered(&t, false);
    /* A run that tells of more packets than there are. */
    tree_of_hex(&t, RILL_DISSECT_RTCP, "8fcd0005 00000001 00000007 0064 0002 000001 02 2005 0000");
    assert_true(node_of(&t, "RTCP/transport-cc")->bits > 0);
    assert_true(tree_is_bad(&t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptions_give_hints),
        cmocka_unit_test(a_packet_with_extensions_is_told_to_the_last_bit),
        cmocka_unit_test(two_byte_elements_are_read),
        cmocka_unit_test(vp8_is_told_to_the_last_bit),
        cmocka_unit_test(vp9_is_told_to_the_last_bit),
        cmocka_unit_test(h264_is_told_to_the_last_bit),
        cmocka_unit_test(av1_is_told_to_the_last_bit),
        cmocka_unit_test(opus_red_and_keys_are_told_to_the_last_bit),
        cmocka_unit_test(a_pause_has_its_level_and_each_coefficient),
        cmocka_unit_test(a_retransmission_holds_its_original),
        cmocka_unit_test(srtp_shows_its_header_alone),
        cmocka_unit_test(a_packet_cut_off_says_where),
        cmocka_unit_test(a_compound_is_told_to_the_last_bit),
        cmocka_unit_test(remb_app_and_xr_are_told_to_the_last_bit),
        cmocka_unit_test(limits_and_arrivals_are_told_to_the_last_bit),
        cmocka_unit_test(transport_feedback_is_told_to_the_last_bit),
    };
    return cmocka_run_group_tests(tests, hint, NULL);
}
