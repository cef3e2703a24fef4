/* The buffer of sound, in virtual time, where a stream has nothing to say, stops, begins anew, or
 * must wait for another. */
#include "tests/media/tone_stream.h"

static void give_silence(struct stream *s, uint32_t k, uint16_t seq, int64_t arrived)
{
    uint8_t byte = 1;
    struct rill_frame f = {.kind = RILL_AUDIO,
                           .codec = RILL_CODEC_OPUS,
                           .bytes = rill_view_at(&byte, 1),
                           .rtp_time = 0xffff0000 + k * PACKET,
                           .time = arrived,
                           .seq = seq};
    assert_int_equal(rill_playout_packet(s->playout, &f), 0);
}

/* A second of sound, one of nothing at all, and so on: RFC 7587 §3.1.3. */
static void a_pause_is_no_loss(void **state)
{
    (void)state;
    struct stream s = {0};
    int16_t chunk[2 * RILL_PLAYOUT_CHUNK];
    uint16_t seq = 65500;
    open_stream(&s);
    for (uint32_t k = 0; k < 1000; k++) {
        int64_t now = START + k * 20 * RILL_MS;
        if (k % 100 == 50)
            give_silence(&s, k, seq++, now);
        else if (k % 100 < 50)
            give(&s, k, seq++, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    rill_playout_stats(s.playout, START + 20 * RILL_SECOND, &s.stats);
    assert_int_equal(s.stats.concealed_samples, 0);
    assert_int_equal(s.stats.concealment_events, 0);
    assert_int_equal(s.stats.late, 0);
    assert_int_equal(s.stats.inserted_samples, 0);
    assert_true(s.stats.removed_samples <= BEGINNING);
    assert_in_range(s.stats.comfort_samples, 48 * 9700, 48 * 9900);
    assert_in_range(s.stats.delay, 5 * RILL_MS, 30 * RILL_MS);
    rill_playout_free(s.playout);
}

static void a_stream_that_stops_is_silent_after_five_seconds_and_can_begin_again(void **state)
{
    (void)state;
    struct stream s = {0};
    int16_t chunk[2 * RILL_PLAYOUT_CHUNK];
    open_stream(&s);
    int64_t now = START;
    assert_false(rill_playout_take(s.playout, now, chunk));
    for (uint32_t k = 0; k < 50; k++, now += 20 * RILL_MS) {
        give(&s, k, (uint16_t)k, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    size_t chunks = 0;
    for (; rill_playout_take(s.playout, now, chunk); now += RILL_PLAYOUT_EVERY)
        chunks++;
    assert_in_range(chunks, 500, 510);
    /* From any other place. */
    for (uint32_t k = 0; k < 50; k++, now += 20 * RILL_MS) {
        give(&s, k + 70000000, (uint16_t)k, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    rill_playout_stats(s.playout, now, &s.stats);
    assert_in_range(s.stats.delay, 5 * RILL_MS, 45 * RILL_MS);
    assert_true(chunk[0] != 0 || chunk[20] != 0);
    rill_playout_free(s.playout);
}

/* A process that slept has hundreds of packets to read at once, and then a stream that began anew.
 */
static void a_full_buffer_can_begin_anew(void **state)
{
    (void)state;
    struct stream s = {0};
    int16_t chunk[2 * RILL_PLAYOUT_CHUNK];
    open_stream(&s);
    int64_t now = START;
    for (uint32_t k = 0; k < 50; k++, now += 20 * RILL_MS) {
        give(&s, k, (uint16_t)k, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    for (uint32_t k = 50; k < 1050; k++)
        give(&s, k, (uint16_t)k, now, false);
    for (uint32_t k = 0; k < 50; k++, now += 20 * RILL_MS) {
        give(&s, 70000000 + k, (uint16_t)k, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    rill_playout_stats(s.playout, now, &s.stats);
    assert_in_range(s.stats.delay, 5 * RILL_MS, 40 * RILL_MS);
    assert_true(chunk[0] != 0 || chunk[20] != 0);
    rill_playout_free(s.playout);
}

/* Pictures come 150 ms later: the sound waits for them, and no longer when they do not. */
static void sound_waits_for_what_it_belongs_to(void **state)
{
    (void)state;
    struct stream s = {0};
    open_stream(&s);
    rill_playout_set_least(s.playout, 150 * RILL_MS);
    run(&s, steady, 500);
    report("no less than 150 ms", &s);
    assert_in_range(mean_delay(&s), 130 * RILL_MS, 170 * RILL_MS);
    double emitted = (double)s.stats.emitted;
    assert_true(s.stats.target_sum / emitted > 0.149 && s.stats.minimum_sum / emitted < 0.031);
    assert_true(s.worst_step < SMOOTH);
    rill_playout_free(s.playout);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_is_no_loss),
        cmocka_unit_test(a_stream_that_stops_is_silent_after_five_seconds_and_can_begin_again),
        cmocka_unit_test(a_full_buffer_can_begin_anew),
        cmocka_unit_test(sound_waits_for_what_it_belongs_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
