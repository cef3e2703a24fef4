/* numbers: what a payload type means is its codec with what a=fmtp chooses, for the life of a call
 * (RFC 3264 §8.3.2). */
#include "peer/numbers.h"
#include "peer/peer.h"
#include "tests/rill_test.h"

#include <stdio.h>

static struct rill_peer_numbers numbers;

/* A description of one video m-line with these attributes. */
static const struct rill_sdp *described(const char *attributes)
{
    static char text[1024];
    static uint8_t block[1 << 16];
    const struct rill_sdp *s;
    int n = snprintf(text, sizeof text,
                     "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
                     "m=video 9 UDP/TLS/RTP/SAVPF 98 99 100\r\n%s",
                     attributes);
    struct rill_arena arena = rill_arena_over(block, sizeof block);
    assert_int_equal(rill_sdp_parse(rill_view_at(text, (size_t)n), &arena, &s, NULL), 0);
    return s;
}

static void agreed(const char *attributes)
{
    memset(&numbers, 0, sizeof numbers);
    rill_peer_numbers_init(&(struct rill_peer_config){0}, &numbers);
    rill_peer_numbers_learn(&numbers, described(attributes), true);
}

static int check(const char *attributes)
{
    return rill_peer_numbers_check(&numbers, described(attributes), NULL);
}

static void another_profile_of_vp9_is_another_codec(void **state)
{
    (void)state;
    agreed("a=rtpmap:98 VP9/90000\r\na=fmtp:98 profile-id=0\r\n");
    assert_int_equal(check("a=rtpmap:98 VP9/90000\r\n"), 0);
    assert_int_equal(check("a=rtpmap:98 vp9/90000\r\na=fmtp:98 max-fr=30;profile-id=0\r\n"), 0);
    assert_row(check("a=rtpmap:98 VP9/90000\r\na=fmtp:98 profile-id=2\r\n"), PEER_PT_REMAPPED);
}

static void another_level_of_h264_is_the_same_and_another_mode_is_not(void **state)
{
    static const char map[] = "a=rtpmap:99 H264/90000\r\na=fmtp:99 ";
    char text[200];
    (void)state;
    snprintf(text, sizeof text, "%sprofile-level-id=42e01f;packetization-mode=1\r\n", map);
    agreed(text);
    snprintf(text, sizeof text, "%sprofile-level-id=42e034;packetization-mode=1\r\n", map);
    assert_int_equal(check(text), 0);
    snprintf(text, sizeof text, "%sprofile-level-id=42e01f\r\n", map);
    assert_row(check(text), PEER_PT_REMAPPED);
    snprintf(text, sizeof text, "%sprofile-level-id=64001f;packetization-mode=1\r\n", map);
    assert_row(check(text), PEER_PT_REMAPPED);
}

/* RFC 4588 §8.6: what an rtx payload type is, is what it repairs. */
static void rtx_of_another_codec_is_another(void **state)
{
    (void)state;
    agreed("a=rtpmap:98 VP8/90000\r\na=rtpmap:99 VP9/90000\r\n"
           "a=rtpmap:100 rtx/90000\r\na=fmtp:100 apt=98\r\n");
    assert_int_equal(check("a=rtpmap:98 VP8/90000\r\na=rtpmap:100 rtx/90000\r\n"
                           "a=fmtp:100 apt=98;rtx-time=200\r\n"),
                     0);
    assert_row(check("a=rtpmap:99 VP9/90000\r\na=rtpmap:100 rtx/90000\r\n"
                     "a=fmtp:100 apt=99\r\n"),
               PEER_PT_REMAPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_profile_of_vp9_is_another_codec),
        cmocka_unit_test(another_level_of_h264_is_the_same_and_another_mode_is_not),
        cmocka_unit_test(rtx_of_another_codec_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
