/* The buffer of sound, in virtual time: what each kind of network costs in delay and in made-up
 * sound, and that nothing clicks. */
#include "tests/media/tone_stream.h"

/* --- networks -----------------------------------------------------------------------------------
 */

static int64_t jitter_30(uint32_t k, uint32_t *seed)
{
    (void)k;
    return 40 * RILL_MS + next_random(seed) % (30 * RILL_MS);
}

static int64_t jitter_soon(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (k > 10 && k % 4 == 0 ? 25 * RILL_MS : 0);
}

static int64_t jitter_80(uint32_t k, uint32_t *seed)
{
    (void)k;
    return 40 * RILL_MS + next_random(seed) % (80 * RILL_MS);
}

/* Each 100 ms what has gathered comes at once. */
static int64_t bursts(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (4 - k % 5) * 20 * RILL_MS;
}

static int64_t outage(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (k >= 500 && k < 525 ? (525 - k) * 20 * RILL_MS : 0);
}

/* Each 2 s nothing comes for 200 ms, then all of it at once. */
static int64_t pauses(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (k % 100 >= 90 ? (100 - k % 100) * 20 * RILL_MS : 0);
}

static int64_t loses_one_in_twenty(uint32_t k, uint32_t *seed)
{
    (void)k;
    return next_random(seed) % 20 == 0 ? -1 : 40 * RILL_MS;
}

static int64_t reorders(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (k % 10 == 3 ? 45 * RILL_MS : 0);
}

static int64_t gets_slower(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return k < 500 ? 40 * RILL_MS : 120 * RILL_MS;
}

static int64_t gets_faster(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return k < 500 ? 120 * RILL_MS : 40 * RILL_MS;
}

/* --- what they cost ----------------------------------------------------------------------------
 */

static void a_steady_network_costs_no_more_than_a_packet(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "steady", steady, 1500);
    assert_in_range(mean_delay(&s), 10 * RILL_MS, 30 * RILL_MS);
    assert_int_equal(s.stats.concealed_samples, 0);
    assert_int_equal(s.stats.inserted_samples, 0);
    assert_true(s.stats.removed_samples <= BEGINNING);
    assert_true(s.worst_step < SMOOTH);
}

static void the_delay_is_what_jitter_asks_for(void **state)
{
    (void)state;
    struct stream a = {0}, b = {0};
    through(&a, "jitter of 30 ms", jitter_30, 3000);
    through(&b, "jitter of 80 ms", jitter_80, 3000);
    assert_in_range(mean_delay(&a), 25 * RILL_MS, 55 * RILL_MS);
    assert_in_range(mean_delay(&b), 65 * RILL_MS, 115 * RILL_MS);
    assert_true(concealed_share(&a) < 0.01);
    assert_true(concealed_share(&b) < 0.015);
    assert_true(a.worst_step < SMOOTH && b.worst_step < SMOOTH);
}

/* Nobody knows yet how uneven it is. */
static void sound_begins_whole(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "jitter that begins after 200 ms", jitter_soon, 50);
    assert_int_equal(s.stats.concealed_samples, 0);
}

static void bursts_are_waited_for(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "bursts of 100 ms", bursts, 1500);
    assert_in_range(mean_delay(&s), 75 * RILL_MS, 125 * RILL_MS);
    assert_true(concealed_share(&s) < 0.005);
    assert_true(s.worst_step < SMOOTH);
}

/* Ten minutes at 200 ppm are 120 ms. */
static void a_clock_that_drifts_neither_lets_the_delay_grow_nor_run_dry(void **state)
{
    (void)state;
    for (int ppm = -200; ppm <= 200; ppm += 400) {
        struct stream s = {.drift_ppm = ppm};
        through(&s, ppm < 0 ? "a sender 200 ppm fast" : "a sender 200 ppm slow", steady, 30000);
        assert_in_range(mean_delay(&s), 5 * RILL_MS, 45 * RILL_MS);
        assert_true(s.most_delay < 60 * RILL_MS);
        assert_int_equal(s.stats.concealed_samples, 0);
        assert_true(s.worst_step < SMOOTH);
    }
}

/* What was held up is played, faster; and the next outage is not waited for. */
static void an_outage_is_concealed_caught_up_with_and_forgotten(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "an outage of 500 ms", outage, 1500);
    assert_in_range(s.stats.concealed_samples, 48 * 440, 48 * 520);
    assert_int_equal(s.stats.concealment_events, 1);
    assert_int_equal(s.stats.late, 0);
    assert_in_range(mean_delay(&s), 10 * RILL_MS, 40 * RILL_MS);
    assert_in_range(s.stats.removed_samples, 48 * 430, 48 * 520);
    assert_true(s.stats.silent_concealed_samples > 48 * 150);
    assert_true(s.worst_step < SMOOTH);
}

static void a_pause_of_the_network_that_returns_is_waited_for(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "each 2 s nothing for 200 ms", pauses, 3000);
    assert_true(concealed_share(&s) < 0.01);
    assert_in_range(mean_delay(&s), 190 * RILL_MS, 230 * RILL_MS);
    assert_true(s.worst_step < SMOOTH);
}

/* A sender that begins its times anew, somewhere else or half a second ago. */
static void time_that_leaps_costs_nothing_and_does_not_click(void **state)
{
    (void)state;
    static const uint32_t leaps[] = {70000000, 0u - 24000, 0u - 200000};
    for (size_t i = 0; i < sizeof leaps / sizeof leaps[0]; i++) {
        struct stream s = {.leaps_at = 501, .leap = leaps[i]};
        through(&s, "time leaps", steady, 1000);
        assert_int_equal(s.stats.concealed_samples, 0);
        assert_int_equal(s.stats.late, 0);
        assert_in_range(mean_delay(&s), 10 * RILL_MS, 30 * RILL_MS);
        assert_true(s.worst_step < SMOOTH);
    }
}

static void what_is_lost_is_concealed_and_no_more(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "5 % lost", loses_one_in_twenty, 1500);
    assert_in_range(1000 * concealed_share(&s), 30, 65);
    assert_in_range(mean_delay(&s), 10 * RILL_MS, 40 * RILL_MS);
    assert_true(s.worst_step < SMOOTH);
}

static void what_the_next_packet_knows_is_waited_for_and_not_made_up(void **state)
{
    (void)state;
    struct stream s = {.tone = {.redundant = true}};
    through(&s, "5 % lost, redundancy", loses_one_in_twenty, 1500);
    assert_true(concealed_share(&s) < 0.008);
    assert_in_range(s.stats.fec_used, 50, 90);
    assert_in_range(mean_delay(&s), 20 * RILL_MS, 60 * RILL_MS);
    assert_true(s.worst_step < SMOOTH);
}

static void packets_that_were_overtaken_are_waited_for_where_there_are_many(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "one in ten overtaken by two", reorders, 1500);
    assert_true(concealed_share(&s) < 0.02);
    assert_in_range(mean_delay(&s), 45 * RILL_MS, 80 * RILL_MS);
}

static void another_way_through_the_network_is_followed(void **state)
{
    (void)state;
    struct stream a = {0}, b = {0};
    through(&a, "a way that is 80 ms longer", gets_slower, 1500);
    through(&b, "a way that is 80 ms shorter", gets_faster, 1500);
    assert_in_range(mean_delay(&a), 10 * RILL_MS, 40 * RILL_MS);
    assert_in_range(mean_delay(&b), 10 * RILL_MS, 40 * RILL_MS);
    assert_true(a.stats.concealed_samples <= 48 * 100);
    assert_int_equal(b.stats.concealed_samples, 0);
    assert_true(a.worst_step < SMOOTH && b.worst_step < SMOOTH);
}

static void the_same_packets_give_the_same_sound(void **state)
{
    (void)state;
    struct stream a = {0}, b = {0};
    through(&a, "jitter of 80 ms", jitter_80, 1000);
    through(&b, "jitter of 80 ms", jitter_80, 1000);
    assert_memory_equal(&a.stats, &b.stats, sizeof a.stats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_network_costs_no_more_than_a_packet),
        cmocka_unit_test(the_delay_is_what_jitter_asks_for),
        cmocka_unit_test(sound_begins_whole),
        cmocka_unit_test(bursts_are_waited_for),
        cmocka_unit_test(a_clock_that_drifts_neither_lets_the_delay_grow_nor_run_dry),
        cmocka_unit_test(an_outage_is_concealed_caught_up_with_and_forgotten),
        cmocka_unit_test(a_pause_of_the_network_that_returns_is_waited_for),
        cmocka_unit_test(time_that_leaps_costs_nothing_and_does_not_click),
        cmocka_unit_test(what_is_lost_is_concealed_and_no_more),
        cmocka_unit_test(what_the_next_packet_knows_is_waited_for_and_not_made_up),
        cmocka_unit_test(packets_that_were_overtaken_are_waited_for_where_there_are_many),
        cmocka_unit_test(another_way_through_the_network_is_followed),
        cmocka_unit_test(the_same_packets_give_the_same_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
