/* When what was received happened: RTP times, sender reports, and the lies of both. */
#include "tests/rill_test.h"

#include "media/sync.h"

#define START (100 * RILL_SECOND)
/* The sender's wall clock at START, and the RTP times of what it captures then. */
#define WALL ((int64_t)3900000000 * RILL_SECOND)
#define AUDIO_RTP 0xfffff000u
#define VIDEO_RTP 0x80000000u

static struct rill_sync sync;
static int audio, video;

static int fresh(void **state)
{
    (void)state;
    memset(&sync, 0, sizeof sync);
    video = rill_sync_add(&sync, RILL_VIDEO, 90000);
    audio = rill_sync_add(&sync, RILL_AUDIO, 48000);
    return 0;
}

static uint64_t ntp_at(int64_t captured)
{
    uint64_t us = (uint64_t)(WALL + captured);
    return us / 1000000 << 32 | ((us % 1000000 << 32) / 1000000);
}

/* What was captured so long after START and arrives so much later. */
static int64_t hear(int64_t captured, int64_t late)
{
    return rill_sync_time(&sync, audio, START + captured + late,
                          AUDIO_RTP + (uint32_t)(captured * 48 / 1000));
}

static int64_t see(int64_t captured, int64_t late)
{
    return rill_sync_time(&sync, video, START + captured + late,
                          VIDEO_RTP + (uint32_t)(captured * 90 / 1000));
}

static void report(int64_t captured)
{
    rill_sync_report(&sync, audio, ntp_at(captured), AUDIO_RTP + (uint32_t)(captured * 48 / 1000));
    rill_sync_report(&sync, video, ntp_at(captured), VIDEO_RTP + (uint32_t)(captured * 90 / 1000));
}

static void assert_near(int64_t a, int64_t b, int64_t most)
{
    assert_true(a - b <= most && b - a <= most);
}

static void before_reports_a_stream_stands_where_it_arrived(void **state)
{
    (void)state;
    assert_int_equal(hear(0, 0), 0);
    assert_int_equal(see(0, 70 * RILL_MS), 70 * RILL_MS);
    assert_int_equal(hear(20 * RILL_MS, 500 * RILL_MS), 20 * RILL_MS);
    assert_int_equal(see(100 * RILL_MS, 0), 170 * RILL_MS);
}

static void reports_move_the_pictures_to_the_sound(void **state)
{
    (void)state;
    hear(0, 10 * RILL_MS);
    see(0, 250 * RILL_MS);
    report(500 * RILL_MS);
    int64_t heard = hear(600 * RILL_MS, 10 * RILL_MS);
    assert_int_equal(heard, 600 * RILL_MS);
    assert_near(see(600 * RILL_MS, 250 * RILL_MS), heard, 20);
}

static void pictures_that_came_early_wait_until_time_has_passed_them(void **state)
{
    (void)state;
    see(0, 300 * RILL_MS);
    hear(0, 10 * RILL_MS);
    int64_t last = see(66 * RILL_MS, 300 * RILL_MS);
    report(70 * RILL_MS);
    hear(80 * RILL_MS, 10 * RILL_MS);
    for (int64_t t = 100 * RILL_MS; t < 2 * RILL_SECOND; t += 33 * RILL_MS) {
        int64_t now = see(t, 300 * RILL_MS);
        assert_true(now >= last);
        last = now;
    }
    assert_near(see(3 * RILL_SECOND, 300 * RILL_MS) - hear(3 * RILL_SECOND, 10 * RILL_MS), 0, 20);
}

static void both_clocks_wrap_within_a_day(void **state)
{
    (void)state;
    hear(0, 0);
    see(0, 0);
    for (int64_t t = RILL_SECOND; t < 100000 * RILL_SECOND; t += RILL_SECOND) {
        report(t);
        assert_int_equal(hear(t, 0), t);
        assert_near(see(t, 0), t, 20);
    }
}

/* The microphone's clock is off by 100 in a million; the wall clock that reports quote is not. */
static void pictures_follow_the_clock_of_the_microphone(void **state)
{
    (void)state;
    int64_t apart = 0;
    for (int64_t t = 0; t < 3600 * RILL_SECOND; t += RILL_SECOND) {
        int64_t drifted = t + t / 10000;
        uint32_t sound = AUDIO_RTP + (uint32_t)(drifted * 48 / 1000);
        uint32_t picture = VIDEO_RTP + (uint32_t)(t * 90 / 1000);
        rill_sync_report(&sync, audio, ntp_at(t), sound);
        rill_sync_report(&sync, video, ntp_at(t), picture);
        int64_t heard = rill_sync_time(&sync, audio, START + t, sound);
        apart = rill_sync_time(&sync, video, START + t, picture) - heard;
        assert_near(apart, 0, 1000);
    }
}

/* Played late, and asked for after the pictures that came after it. */
static void sound_that_came_first_keeps_its_distances(void **state)
{
    (void)state;
    rill_sync_came(&sync, START);
    assert_int_equal(see(60 * RILL_MS, 0), 60 * RILL_MS);
    for (int64_t t = 0; t < 100 * RILL_MS; t += 20 * RILL_MS)
        assert_int_equal(hear(t, 0), t);
}

static void a_stream_that_begins_anew_stands_where_it_arrives(void **state)
{
    (void)state;
    hear(0, 0);
    assert_int_equal(rill_sync_time(&sync, audio, START + RILL_SECOND, 0x40000000), RILL_SECOND);
    assert_int_equal(rill_sync_time(&sync, audio, START + RILL_SECOND + 20000, 0x40000000 + 960),
                     RILL_SECOND + 20 * RILL_MS);
    assert_int_equal(sync.streams[audio].jumps, 1);
}

/* Nothing for ten minutes and RTP time that stood still meanwhile: the gap is kept. */
static void time_that_stood_still_while_muted_is_made_up_for(void **state)
{
    (void)state;
    see(0, 0);
    int64_t now = START + 600 * RILL_SECOND;
    assert_int_equal(rill_sync_time(&sync, video, now, VIDEO_RTP + 3000), 600 * RILL_SECOND);
}

static void rtp_time_cannot_run_away_from_true_time(void **state)
{
    (void)state;
    int64_t now = START, last = 0;
    uint32_t rtp = 0;
    for (int k = 0; k < 1000; k++) {
        last = rill_sync_time(&sync, audio, now, rtp);
        now += 20 * RILL_MS;
        rtp += 48000 + 48000 / 2;
    }
    assert_true(last < now - START + 31 * RILL_SECOND);
}

static void reports_that_lie_are_passed_over(void **state)
{
    (void)state;
    hear(0, 0);
    see(0, 0);
    rill_sync_report(&sync, audio, ntp_at(0), AUDIO_RTP);
    hear(20 * RILL_MS, 0);
    rill_sync_report(&sync, video, UINT64_MAX, VIDEO_RTP);
    assert_int_equal(see(33 * RILL_MS, 0), 33 * RILL_MS);
    rill_sync_report(&sync, video, 1, VIDEO_RTP);
    assert_int_equal(see(66 * RILL_MS, 0), 66 * RILL_MS);
    report(66 * RILL_MS);
    hear(80 * RILL_MS, 0);
    assert_near(see(100 * RILL_MS, 0), 100 * RILL_MS, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(before_reports_a_stream_stands_where_it_arrived, fresh),
        cmocka_unit_test_setup(reports_move_the_pictures_to_the_sound, fresh),
        cmocka_unit_test_setup(pictures_that_came_early_wait_until_time_has_passed_them, fresh),
        cmocka_unit_test_setup(both_clocks_wrap_within_a_day, fresh),
        cmocka_unit_test_setup(pictures_follow_the_clock_of_the_microphone, fresh),
        cmocka_unit_test_setup(sound_that_came_first_keeps_its_distances, fresh),
        cmocka_unit_test_setup(a_stream_that_begins_anew_stands_where_it_arrives, fresh),
        cmocka_unit_test_setup(time_that_stood_still_while_muted_is_made_up_for, fresh),
        cmocka_unit_test_setup(rtp_time_cannot_run_away_from_true_time, fresh),
        cmocka_unit_test_setup(reports_that_lie_are_passed_over, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
