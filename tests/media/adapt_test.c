/* The encoder follows: size and rate of pictures by the bit rate, and who gets what of it. */
#include "media/adapt.h"
#include "media/budget.h"
#include "media/sender.h"
#include "tests/rill_test.h"

#define KBPS(n) ((n)*1000u)

static const struct rill_adapt_picture vga = {640, 480, 30}, hd = {1280, 720, 30};

/* Pictures, easy ones, for so long with this rate; how often the step changed. */
static size_t run(struct rill_adapt *a, int64_t *now, const struct rill_adapt_picture *p,
                  uint32_t bps, int64_t time)
{
    size_t changes = 0;
    for (int64_t until = *now + time; *now < until; *now += RILL_SECOND / 30) {
        changes += rill_adapt_picture(a, *now, p, bps);
        rill_adapt_encoded(a, 0.3);
    }
    return changes;
}

static void a_rate_that_suffices_changes_nothing(void **state)
{
    (void)state;
    struct rill_adapt a = {0};
    int64_t now = 0;
    assert_int_equal(run(&a, &now, &vga, KBPS(200), 20 * RILL_SECOND), 0);
    assert_int_equal(run(&a, &now, &vga, KBPS(2000), 20 * RILL_SECOND), 0);
    assert_true(rill_adapt_scale(&a) == 1 && rill_adapt_fps(&a, 30) == 30);
}

static void pictures_become_smaller_before_they_become_fewer(void **state)
{
    (void)state;
    struct rill_adapt a = {0};
    int64_t now = 0;
    /* 9.2 million pixels a second: 184, 104, 46, 26, 11.5 kbit/s. */
    assert_int_equal(run(&a, &now, &vga, KBPS(150), RILL_SECOND / 2), 0);
    assert_int_equal(run(&a, &now, &vga, KBPS(150), RILL_SECOND), 1);
    assert_true(rill_adapt_scale(&a) > 1.3 && rill_adapt_scale(&a) < 1.4);
    assert_true(rill_adapt_fps(&a, 30) == 30);
    assert_int_equal(run(&a, &now, &vga, 5000, 3 * RILL_SECOND), 1);
    assert_true(rill_adapt_scale(&a) == 4 && rill_adapt_fps(&a, 30) == 15);
}

static void pictures_that_are_much_too_large_shrink_in_one_step(void **state)
{
    (void)state;
    struct rill_adapt a = {0};
    int64_t now = 0;
    assert_int_equal(run(&a, &now, &hd, KBPS(100), 3 * RILL_SECOND), 1);
    assert_true(rill_adapt_scale(&a) == 8.0 / 3);
}

/* Pictures for so long with this rate, of which the encoder drops every so many-th (0: none), and
 * quantizes the others so coarsely. */
static size_t strain(struct rill_adapt *a, int64_t *now, uint32_t bps, int64_t time, int drops,
                     double coarse)
{
    size_t changes = 0;
    int64_t until = *now + time;
    for (int i = 1; *now < until; *now += RILL_SECOND / 30, i++) {
        changes += rill_adapt_picture(a, *now, &vga, bps);
        if (drops && i % drops == 0)
            rill_adapt_dropped(a);
        else
            rill_adapt_encoded(a, coarse);
    }
    return changes;
}

static void an_encoder_that_drops_pictures_soon_gets_smaller_ones(void **state)
{
    (void)state;
    struct rill_adapt a = {0};
    int64_t now = 0;
    assert_int_equal(strain(&a, &now, KBPS(400), 10 * RILL_SECOND, 5, 0.7), 0);
    assert_int_equal(strain(&a, &now, KBPS(400), 3 * RILL_SECOND / 2, 2, 0.7), 1);
    assert_true(a.step == 1 && rill_adapt_fps(&a, 30) == 30);
}

static void an_encoder_at_its_coarsest_gets_smaller_pictures(void **state)
{
    (void)state;
    struct rill_adapt a = {0};
    int64_t now = 0;
    assert_int_equal(strain(&a, &now, KBPS(400), 10 * RILL_SECOND, 0, 0.75), 0);
    assert_int_equal(strain(&a, &now, KBPS(400), 2 * RILL_SECOND, 0, 0.83), 0);
    assert_int_equal(strain(&a, &now, KBPS(400), 2 * RILL_SECOND, 0, 0.83), 1);
}

static void pictures_grow_only_when_they_are_fine(void **state)
{
    (void)state;
    struct rill_adapt a = {0};
    int64_t now = 0;
    assert_int_equal(strain(&a, &now, KBPS(400), 3 * RILL_SECOND / 2, 2, 0.7), 1);
    assert_int_equal(strain(&a, &now, KBPS(1000), 30 * RILL_SECOND, 0, 0.6), 0);
    assert_int_equal(strain(&a, &now, KBPS(1000), 6 * RILL_SECOND, 0, 0.3), 1);
    assert_int_equal(a.step, 0);
}

/* Each time it is larger it turns out to be too large. */
static void what_was_in_vain_is_tried_ever_more_seldom(void **state)
{
    (void)state;
    struct rill_adapt a = {0};
    int64_t now = 0;
    size_t changes = 0;
    for (int64_t until = 120 * RILL_SECOND; now < until;)
        changes += a.step ? strain(&a, &now, KBPS(400), RILL_SECOND / 30, 0, 0.3)
                          : strain(&a, &now, KBPS(400), RILL_SECOND / 30, 1, 0.8);
    /* 4, 8, 16, 32 s apart, and a second or so each. */
    assert_in_range(changes, 8, 12);
}

static void a_moment_moves_nothing(void **state)
{
    (void)state;
    struct rill_adapt a = {0};
    int64_t now = 0;
    size_t changes = 0;
    for (int i = 0; i < 20; i++) {
        changes += run(&a, &now, &vga, KBPS(300), 2 * RILL_SECOND);
        changes += run(&a, &now, &vga, KBPS(80), RILL_SECOND / 3);
    }
    assert_int_equal(changes, 0);
}

/* Between the least of a step and half as much again lies a rate that holds whatever step it is on.
 */
static void a_rate_that_sways_settles(void **state)
{
    (void)state;
    struct rill_adapt a = {0};
    int64_t now = 0;
    size_t changes = run(&a, &now, &vga, KBPS(150), 10 * RILL_SECOND);
    for (int i = 0; i < 10; i++) {
        changes += run(&a, &now, &vga, KBPS(250), 5 * RILL_SECOND);
        changes += run(&a, &now, &vga, KBPS(110), 5 * RILL_SECOND);
    }
    assert_int_equal(changes, 1);
    assert_int_equal(run(&a, &now, &vga, KBPS(300), 3 * RILL_SECOND), 0);
    assert_int_equal(run(&a, &now, &vga, KBPS(300), 2 * RILL_SECOND), 1);
    assert_true(rill_adapt_scale(&a) == 1);
}

static void small_pictures_shrink_no_further_and_slow_ones_stay(void **state)
{
    (void)state;
    static const struct rill_adapt_picture small = {160, 120, 30}, slow = {640, 480, 8};
    struct rill_adapt a = {0}, b = {0};
    int64_t now = 0;
    run(&a, &now, &small, 1000, 20 * RILL_SECOND);
    assert_true(rill_adapt_scale(&a) == 1);
    run(&b, &now, &slow, 1000, 20 * RILL_SECOND);
    assert_true(rill_adapt_fps(&b, 8) == 8);
    /* 640x480 stops at 160x120. */
    assert_true(rill_adapt_scale(&b) == 4);
}

/* The whole pipeline: 640x480 from 300 kbit/s down to 40 and up again. */
static void the_sender_makes_its_pictures_smaller_and_large_again(void **state)
{
    (void)state;
    struct rill_sender *s = NULL;
    struct rill_sender_config config = {.source = "testsrc:size=640x480", .bitrate_bps = 300000};
    struct rill_frame f;
    uint32_t width = 0;
    assert_int_equal(rill_sender_new(&config, &s, NULL), 0);
    rill_sender_start(s, 0);
    for (int phase = 0; phase < 3; phase++) {
        int64_t until = (phase + 1) * 6 * RILL_SECOND + phase * RILL_SECOND;
        rill_sender_set_bitrate(s, phase == 1 ? 30000 : 300000);
        while (rill_sender_deadline(s) < until) {
            if (!rill_sender_frame(s, rill_sender_deadline(s), &f))
                continue;
            width = f.keyframe ? f.width : width;
        }
        assert_true(phase == 1 ? width <= 240 : width == 640);
    }
    rill_sender_free(s);
}

/* --- shares -------------------------------------------------------------------------------------
 */

static void sound_gets_its_share_first(void **state)
{
    (void)state;
    struct rill_budget_track t[] = {{false, KBPS(2000), 0}, {true, KBPS(48), 0}};
    rill_budget_share(KBPS(300), t, 2);
    assert_int_equal(t[1].gets_bps, KBPS(48));
    assert_int_equal(t[0].gets_bps, (KBPS(300) - KBPS(64)) / 32 * 31);
    rill_budget_share(KBPS(30), t, 2);
    assert_int_equal(t[1].gets_bps, KBPS(16));
    assert_int_equal(t[0].gets_bps, KBPS(20));
    rill_budget_share(KBPS(100000), t, 2);
    assert_int_equal(t[0].gets_bps, KBPS(2000));
    assert_int_equal(rill_budget_most(t, 2), KBPS(2000) / 32 * 33 + KBPS(64));
}

static void sound_alone_gets_all_it_may(void **state)
{
    (void)state;
    struct rill_budget_track t[] = {{true, KBPS(48), 0}};
    rill_budget_share(KBPS(50), t, 1);
    assert_int_equal(t[0].gets_bps, KBPS(34));
}

static void pictures_share_the_rest_evenly(void **state)
{
    (void)state;
    struct rill_budget_track t[] = {
        {false, KBPS(2000), 0}, {true, KBPS(48), 0}, {false, KBPS(100), 0}};
    rill_budget_share(KBPS(704), t, 3);
    assert_int_equal(t[0].gets_bps, KBPS(310));
    assert_int_equal(t[2].gets_bps, KBPS(100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_that_suffices_changes_nothing),
        cmocka_unit_test(pictures_become_smaller_before_they_become_fewer),
        cmocka_unit_test(pictures_that_are_much_too_large_shrink_in_one_step),
        cmocka_unit_test(an_encoder_that_drops_pictures_soon_gets_smaller_ones),
        cmocka_unit_test(an_encoder_at_its_coarsest_gets_smaller_pictures),
        cmocka_unit_test(pictures_grow_only_when_they_are_fine),
        cmocka_unit_test(what_was_in_vain_is_tried_ever_more_seldom),
        cmocka_unit_test(a_moment_moves_nothing),
        cmocka_unit_test(a_rate_that_sways_settles),
        cmocka_unit_test(small_pictures_shrink_no_further_and_slow_ones_stay),
        cmocka_unit_test(the_sender_makes_its_pictures_smaller_and_large_again),
        cmocka_unit_test(sound_gets_its_share_first),
        cmocka_unit_test(sound_alone_gets_all_it_may),
        cmocka_unit_test(pictures_share_the_rest_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
