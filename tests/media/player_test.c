/* Received sound on a card whose clock is not the sender's. */
#include "tests/capture/fake_card_open.h"

#include "media/player.h"

#include <math.h>

#define TURN 6.283185307179586

static int configure(void **state)
{
    (void)state;
    fake_card_configure("/dev/null", "/dev/null");
    return 0;
}

static int new_card(void **state)
{
    (void)state;
    memset(&fake_card, 0, sizeof fake_card);
    fake_card.now = 10 * RILL_SECOND;
    fake_card.rate_hz = 48000;
    fake_card.channels = 2;
    return 0;
}

static struct rill_player *player(void)
{
    struct rill_player *p = NULL;
    struct rill_player_config config = {.device = "card"};
    assert_int_equal(rill_player_new(&config, fake_card.now, &p, NULL), 0);
    return p;
}

static struct rill_player_stats stats_of(const struct rill_player *p)
{
    struct rill_player_stats stats;
    rill_player_stats(p, &stats);
    return stats;
}

static uint64_t phase;

static void hear(struct rill_player *p, int stream, double hz)
{
    int16_t samples[960];
    struct rill_pcm pcm = {.samples = samples, .frames = 960, .rate_hz = 48000, .channels = 1};
    for (size_t i = 0; i < 960; i++, phase++)
        samples[i] = (int16_t)lrint(8000 * sin(TURN * hz * (double)phase / 48000));
    rill_player_pcm(p, stream, &pcm);
}

/* So long a call: a packet each 20 ms, up to 30 ms late, and the card asks each 10. */
static void talk(struct rill_player *p, int stream, int64_t us)
{
    int64_t start = fake_card.now, sent = 0;
    uint32_t seed = 3;
    for (int64_t end = start + us; fake_card.now < end; fake_card.now += 10 * RILL_MS) {
        seed = seed * 1664525u + 1013904223u;
        bool late = seed >> 24 < 64 && fake_card.now - start - sent < 30 * RILL_MS;
        while (!late && sent <= fake_card.now - start) {
            hear(p, stream, 440);
            sent += 20 * RILL_MS;
        }
        rill_player_run(p, fake_card.now);
    }
}

static void assert_drift(int32_t ppm)
{
    new_card(NULL);
    fake_card.ppm = ppm;
    struct rill_player *p = player();
    int stream = rill_player_add(p);
    talk(p, stream, 600 * RILL_SECOND);
    struct rill_player_stats stats = stats_of(p);
    print_message("a card %d ppm fast: read %d ppm faster, %llu underruns, %llu overruns\n", ppm,
                  stats.drift_ppm, (unsigned long long)stats.underruns,
                  (unsigned long long)stats.overruns);
    assert_int_equal(stats.underruns, 0);
    assert_int_equal(stats.overruns, 0);
    assert_int_equal(stats.xruns, 0);
    assert_in_range(stats.drift_ppm + ppm + 400, 0, 800);
    rill_player_free(p);
}

/* Uncorrected, ten minutes at 1000 ppm are 600 ms, ten times what the queue aims at. */
static void ten_minutes_neither_run_dry_nor_over_on_a_card_that_drifts(void **state)
{
    (void)state;
    assert_drift(0);
    assert_drift(1000);
    assert_drift(-1000);
}

static void a_pause_is_silence_and_then_sound_goes_on(void **state)
{
    (void)state;
    struct rill_player *p = player();
    int stream = rill_player_add(p);
    talk(p, stream, RILL_SECOND);
    for (int k = 0; k < 100; k++, fake_card.now += 10 * RILL_MS)
        rill_player_run(p, fake_card.now);
    assert_int_equal(stats_of(p).underruns, 1);
    size_t pause = fake_card.n_played;
    assert_int_equal(fake_card.played[pause - 100], 0);
    talk(p, stream, RILL_SECOND);
    int peak = 0;
    for (size_t i = fake_card.n_played - 4800; i < fake_card.n_played; i++)
        peak = abs(fake_card.played[i]) > peak ? abs(fake_card.played[i]) : peak;
    assert_in_range(peak, 7000, 9000);
    /* Of what was played, silence was what was missing when it ran dry, and while it filled again:
     * up to the cushion. The pause between is nobody's. */
    struct rill_player_stats stats = stats_of(p);
    assert_true(stats.samples >= 3 * 48000 - 480 && stats.samples <= fake_card.n_played + 480);
    assert_true(stats.synthesized > 0 && stats.synthesized <= 4800);
    assert_in_range(stats.synthesized_events, 1, 2);
    assert_true(stats.delay > 0 && stats.delay < (double)stats.samples);
    assert_int_equal(stats_of(p).xruns, 0);
    rill_player_free(p);
}

static void streams_are_mixed_and_loud_ones_clipped(void **state)
{
    (void)state;
    struct rill_player *p = player();
    int16_t loud[960];
    struct rill_pcm pcm = {.samples = loud, .frames = 960, .rate_hz = 48000, .channels = 1};
    for (size_t i = 0; i < 960; i++)
        loud[i] = 20000;
    int a = rill_player_add(p), b = rill_player_add(p);
    for (int k = 0; k < 50; k++, fake_card.now += 20 * RILL_MS) {
        rill_player_pcm(p, a, &pcm);
        rill_player_pcm(p, b, &pcm);
        rill_player_run(p, fake_card.now);
    }
    assert_int_equal(fake_card.played[fake_card.n_played - 2000], INT16_MAX);
    rill_player_free(p);
}

static void a_flood_is_left_out_oldest_first(void **state)
{
    (void)state;
    struct rill_player *p = player();
    int stream = rill_player_add(p);
    for (int k = 0; k < 100; k++)
        hear(p, stream, 440);
    assert_true(stats_of(p).overruns >= 1);
    talk(p, stream, RILL_SECOND);
    rill_player_free(p);
}

static void sixteen_streams_are_played_and_no_more(void **state)
{
    (void)state;
    struct rill_player *p = player();
    for (int k = 0; k < RILL_PLAYER_STREAMS_MAX; k++)
        assert_int_equal(rill_player_add(p), k);
    assert_int_equal(rill_player_add(p), -1);
    rill_player_free(p);
}

static void a_card_that_is_gone_ends_the_player_and_sound_may_still_come(void **state)
{
    (void)state;
    struct rill_player *p = player();
    int stream = rill_player_add(p);
    talk(p, stream, RILL_SECOND);
    fake_card.lost = 1;
    talk(p, stream, RILL_SECOND);
    assert_true(rill_player_ended(p, NULL));
    assert_int_equal(rill_player_deadline(p), RILL_NEVER);
    rill_player_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ten_minutes_neither_run_dry_nor_over_on_a_card_that_drifts,
                               new_card),
        cmocka_unit_test_setup(a_pause_is_silence_and_then_sound_goes_on, new_card),
        cmocka_unit_test_setup(streams_are_mixed_and_loud_ones_clipped, new_card),
        cmocka_unit_test_setup(a_flood_is_left_out_oldest_first, new_card),
        cmocka_unit_test_setup(sixteen_streams_are_played_and_no_more, new_card),
        cmocka_unit_test_setup(a_card_that_is_gone_ends_the_player_and_sound_may_still_come,
                               new_card),
    };
    return cmocka_run_group_tests(tests, configure, NULL);
}
