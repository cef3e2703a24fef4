/* Frames of RFC 4571: whatever the pieces they come in, and whatever length they claim. */
#include "tests/rill_test.h"

#include "ice/framing.h"

static struct rill_ice_deframer d;
static uint8_t got[64][RILL_DATAGRAM_IN_MAX];
static size_t sizes[64], n_got;

static int fresh(void **state)
{
    (void)state;
    memset(&d, 0, sizeof d);
    n_got = 0;
    return 0;
}

static void feed(const uint8_t *bytes, size_t n, size_t piece)
{
    struct rill_span frame;
    for (size_t at = 0; at < n;) {
        size_t left = n - at < piece ? n - at : piece;
        size_t took = rill_ice_deframe(&d, rill_view_at(bytes + at, left), &frame);
        assert_in_range(took, 1, left);
        at += took;
        if (frame.n == 0)
            continue;
        assert_true(n_got < 64 && (uintptr_t)frame.p % 8 == 0);
        memcpy(got[n_got], frame.p, frame.n);
        sizes[n_got++] = frame.n;
    }
}

static void length_goes_before_the_datagram(void **state)
{
    (void)state;
    uint8_t out[8] = "abcde";
    assert_int_equal(rill_ice_frame((struct rill_span){out, sizeof out}, 5), 7);
    assert_memory_equal(out, "\0\5abcde", 7);
}

static void datagram_without_room_for_its_length_is_no_frame(void **state)
{
    (void)state;
    static uint8_t out[70000];
    assert_int_equal(rill_ice_frame((struct rill_span){out, 6}, 5), 0);
    assert_int_equal(rill_ice_frame((struct rill_span){out, sizeof out}, 65536), 0);
    assert_int_equal(rill_ice_frame((struct rill_span){out, sizeof out}, 65535), 65537);
}

static void frames_are_found_in_pieces_of_any_size(void **state)
{
    (void)state;
    uint8_t stream[3 * 102];
    for (size_t i = 0; i < 3; i++) {
        memset(stream + 102 * i, (int)('a' + i), 102);
        stream[102 * i] = 0;
        stream[102 * i + 1] = 100;
    }
    for (size_t piece = 1; piece <= sizeof stream; piece++) {
        fresh(NULL);
        feed(stream, sizeof stream, piece);
        assert_int_equal(n_got, 3);
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(sizes[i], 100);
            assert_int_equal(got[i][0], 'a' + i);
            assert_int_equal(got[i][99], 'a' + i);
        }
    }
}

static void empty_frame_is_passed_over(void **state)
{
    (void)state;
    feed((const uint8_t *)"\0\0\0\0\0\1x", 7, 7);
    assert_int_equal(n_got, 1);
    assert_int_equal(got[0][0], 'x');
}

static void frame_as_long_as_a_datagram_may_be_is_taken_and_one_longer_passed_over(void **state)
{
    (void)state;
    static uint8_t stream[2 * RILL_DATAGRAM_IN_MAX + 8];
    stream[0] = RILL_DATAGRAM_IN_MAX >> 8;
    stream[1] = RILL_DATAGRAM_IN_MAX & 0xff;
    stream[2] = 'f';
    uint8_t *next = stream + 2 + RILL_DATAGRAM_IN_MAX;
    next[0] = (RILL_DATAGRAM_IN_MAX + 1) >> 8;
    next[1] = (RILL_DATAGRAM_IN_MAX + 1) & 0xff;
    memcpy(next + 2 + RILL_DATAGRAM_IN_MAX + 1, "\0\1z", 3);
    feed(stream, sizeof stream, 1000);
    assert_int_equal(n_got, 2);
    assert_int_equal(sizes[0], RILL_DATAGRAM_IN_MAX);
    assert_int_equal(got[0][0], 'f');
    assert_int_equal(got[1][0], 'z');
}

static void longest_length_there_is_does_not_stall_the_stream(void **state)
{
    (void)state;
    static uint8_t stream[2 + 65535 + 3] = {0xff, 0xff};
    memcpy(stream + 2 + 65535, "\0\1z", 3);
    feed(stream, sizeof stream, 16384);
    assert_int_equal(n_got, 1);
    assert_int_equal(got[0][0], 'z');
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(length_goes_before_the_datagram),
        FRESH(datagram_without_room_for_its_length_is_no_frame),
        FRESH(frames_are_found_in_pieces_of_any_size),
        FRESH(empty_frame_is_passed_over),
        FRESH(frame_as_long_as_a_datagram_may_be_is_taken_and_one_longer_passed_over),
        FRESH(longest_length_there_is_does_not_stall_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
