/* Constraints: their text, the fitness distance and SelectSettings, against examples computed by
 * hand, and against each other at random. */
#include "tests/rill_test.h"

#include "base/rng.h"
#include "capture/constraints.h"

#include <math.h>

static struct rill_constraints read(const char *text)
{
    struct rill_constraints c;
    assert_int_equal(rill_constraints_read(rill_view_of(text), &c, NULL), 0);
    return c;
}

#define MODE(w, h, fps)                                                                            \
    {                                                                                              \
        .width = {w, w, 1}, .height = {h, h, 1}, .slowest = {fps, 1}, .fastest = { fps, 1 }        \
    }

/* A webcam, and a camera on the back of a phone. */
static const struct rill_mode webcam_modes[] = {MODE(640, 480, 30), MODE(1280, 720, 30),
                                                MODE(1920, 1080, 15)};
static const struct rill_mode phone_modes[] = {MODE(1280, 720, 60), MODE(3840, 2160, 30)};
static const struct rill_capabilities cameras[] = {
    {.modes = webcam_modes,
     .n_modes = 3,
     .resizes = true,
     .facing_mode = RILL_FACING_USER,
     .device_id = "webcam",
     .group_id = "left"},
    {.modes = phone_modes,
     .n_modes = 2,
     .resizes = true,
     .facing_mode = RILL_FACING_ENVIRONMENT,
     .device_id = "phone",
     .group_id = "right"},
};
static const struct rill_capabilities microphones[] = {
    {.sample_rate_hz = {8000, 48000, 1},
     .channel_count = {1, 2, 1},
     .processing = true,
     .device_id = "microphone"},
    {.sample_rate_hz = {44100, 96000, 1}, .channel_count = {2, 6, 1}, .device_id = "mixer"},
};

static struct rill_selection choice(const char *text)
{
    struct rill_constraints c = read(text);
    struct rill_selection s;
    assert_int_equal(rill_select_settings(&c, cameras, 2, &s, NULL), 0);
    return s;
}

static struct rill_selection sound(const char *text)
{
    struct rill_constraints c = read(text);
    struct rill_selection s;
    assert_int_equal(rill_select_settings(&c, microphones, 2, &s, NULL), 0);
    return s;
}

static double fps(const struct rill_settings *s)
{
    return (double)s->rate_numerator / s->rate_denominator;
}

static void assert_settings(const struct rill_settings *s, uint32_t width, uint32_t height,
                            double rate, enum rill_resize_mode resize)
{
    assert_int_equal(s->width, width);
    assert_int_equal(s->height, height);
    assert_true(fabs(fps(s) - rate) < 1e-6);
    assert_int_equal(s->resize_mode, resize);
}

static void near(double a, double b)
{
    if (fabs(a - b) > 1e-9)
        fail_msg("%.12f is not %.12f", a, b);
}

/* --- text ------------------------------------------------------------------------------ */

static void the_four_members_and_a_bare_value_are_read(void **state)
{
    (void)state;
    struct rill_constraints c =
        read("width=1280,height.min=480,height.max=720,frameRate.exact=30000/1001,"
             "aspectRatio.ideal=1.7778,facingMode=user,echoCancellation.exact=false;width=1920");
    assert_int_equal(c.basic[RILL_WIDTH].has, RILL_CONSTRAINT_IDEAL);
    near(c.basic[RILL_WIDTH].ideal, 1280);
    assert_int_equal(c.basic[RILL_HEIGHT].has, RILL_CONSTRAINT_MIN | RILL_CONSTRAINT_MAX);
    near(c.basic[RILL_FRAME_RATE].exact, 30000.0 / 1001);
    near(c.basic[RILL_ASPECT_RATIO].ideal, 1.7778);
    near(c.basic[RILL_FACING_MODE].ideal, RILL_FACING_USER);
    assert_int_equal(c.basic[RILL_ECHO_CANCELLATION].has, RILL_CONSTRAINT_EXACT);
    near(c.basic[RILL_ECHO_CANCELLATION].exact, 0);
    /* In an advanced set a bare value is an exact one. */
    assert_int_equal(c.n_advanced, 1);
    assert_int_equal(c.advanced[0][RILL_WIDTH].has, RILL_CONSTRAINT_EXACT);
}

static void what_is_no_constraint_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
    } cases[] = {
        {"widht=1", 0},
        {"width", 0},
        {"width=", 0},
        {"width=0", 0},
        {"width=-1", 0},
        {"width=1x", 0},
        {"width.most=1", 0},
        {"width=1,height=1/0", 8},
        {"frameRate=1.2345678901", 0},
        {"facingMode=up", 0},
        {"facingMode.min=user", 0},
        {"echoCancellation=1", 0},
        {"echoCancellation.max=true", 0},
        {"resizeMode=scale", 0},
        {"deviceId=", 0},
        {"deviceId=012345678901234567890123456789012", 0},
        {"width=1;height=0", 8},
        {"width=1;width=1;width=1;width=1", 24},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rill_constraints c;
        struct rill_err why = {0};
        assert_row(rill_constraints_read(rill_view_of(cases[i].text), &c, &why),
                   CAPTURE_CONSTRAINT);
        if (why.offset != cases[i].offset)
            fail_msg("%s: refused at %zu", cases[i].text, why.offset);
    }
}

/* --- the distance ---------------------------------------------------------------------- */

static const struct rill_settings hd = {.width = 1280,
                                        .height = 720,
                                        .rate_numerator = 30,
                                        .rate_denominator = 1,
                                        .facing_mode = RILL_FACING_USER,
                                        .device_id = "webcam"};

static double distance(const char *text, const struct rill_settings *s)
{
    struct rill_constraints c = read(text);
    return rill_fitness_distance(c.basic, s);
}

static void the_distance_is_that_of_the_specification(void **state)
{
    (void)state;
    near(distance("width=1280", &hd), 0);
    /* |1280 − 640| / max(1280, 640) */
    near(distance("width=640", &hd), 0.5);
    near(distance("width=1920", &hd), 1.0 / 3);
    near(distance("width=640,height=360,frameRate=60", &hd), 1.5);
    near(distance("aspectRatio=4/3", &hd), (16.0 / 9 - 4.0 / 3) / (16.0 / 9));
    near(distance("facingMode=environment", &hd), 1);
    near(distance("facingMode=user,deviceId=webcam", &hd), 0);
    near(distance("deviceId=other", &hd), 1);
    /* What does not apply to pictures does not count, what they lack does. */
    near(distance("sampleRate=48000,echoCancellation=true", &hd), 0);
    struct rill_settings unknown = hd;
    unknown.facing_mode = RILL_FACING_UNKNOWN;
    near(distance("facingMode=user", &unknown), 1);
    near(distance("width.min=640,height.max=720,frameRate.exact=30", &hd), 0);
}

static void a_required_constraint_that_is_not_met_is_infinitely_far(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "width.exact=1279",
        "width.min=1281",
        "height.max=719",
        "frameRate.exact=29.97",
        "aspectRatio.min=1.8",
        "facingMode.exact=left",
        "deviceId.exact=other",
        "sampleRate.exact=48000",
        "echoCancellation.exact=false",
        "resizeMode.exact=crop-and-scale",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_true(isinf(distance(texts[i], &hd)));
}

static void rates_and_ratios_are_equal_when_people_write_them_so(void **state)
{
    (void)state;
    struct rill_settings ntsc = hd;
    ntsc.rate_numerator = 30000;
    ntsc.rate_denominator = 1001;
    near(distance("frameRate.exact=29.97", &ntsc), 0);
    assert_true(isinf(distance("frameRate.exact=30", &ntsc)));
    near(distance("aspectRatio.exact=1.778", &hd), 0);
    near(distance("aspectRatio.exact=16/9", &hd), 0);
    assert_true(isinf(distance("aspectRatio.exact=1.7", &hd)));
}

/* --- the choice, by hand --------------------------------------------------------------- */

static void without_constraints_it_is_640_by_480_at_30(void **state)
{
    (void)state;
    struct rill_selection s;
    assert_int_equal(rill_select_settings(NULL, cameras, 2, &s, NULL), 0);
    assert_int_equal(s.device, 0);
    assert_settings(&s.settings, 640, 480, 30, RILL_RESIZE_NONE);
}

static void an_ideal_that_a_mode_has_takes_that_mode(void **state)
{
    (void)state;
    struct rill_selection s = choice("width=1280,height=720,frameRate=30");
    assert_int_equal(s.device, 0);
    assert_int_equal(s.mode, 1);
    near(s.distance, 0);
    assert_settings(&s.settings, 1280, 720, 30, RILL_RESIZE_NONE);
    /* 60 frames are the phone's alone. */
    s = choice("width=1280,height=720,frameRate=60");
    assert_int_equal(s.device, 1);
    assert_int_equal(s.mode, 0);
}

/* 4096 wide is nobody: of the webcam's 1920 it is 2176/4096 away, of the phone's 3840 256/4096. */
static void an_ideal_beyond_all_takes_the_nearest(void **state)
{
    (void)state;
    struct rill_selection s = choice("width=4096");
    assert_int_equal(s.device, 1);
    assert_int_equal(s.mode, 1);
    near(s.distance, 256.0 / 4096);
    /* With the webcam required: 1 − 1920/4096. */
    s = choice("width=4096,facingMode.exact=user");
    assert_int_equal(s.mode, 2);
    near(s.distance, 1 - 1920.0 / 4096);
}

/* At 1080 lines the webcam has 15 frames: 0 + (30 − 15)/30 = 0.5. The phone's 2160 lines scaled
 * down: 0 + 0. */
static void distances_add_up(void **state)
{
    (void)state;
    struct rill_selection s = choice("height=1080,frameRate=30");
    assert_int_equal(s.device, 1);
    assert_settings(&s.settings, 1920, 1080, 30, RILL_RESIZE_CROP_AND_SCALE);
    near(s.distance, 0);
    /* Of the webcam alone: 1080 lines at 15 are 0.5 away, 720 at 30 are 1/3. */
    s = choice("height=1080,frameRate=30,deviceId.exact=webcam");
    assert_settings(&s.settings, 1280, 720, 30, RILL_RESIZE_NONE);
    near(s.distance, 1.0 / 3);
}

static void native_sizes_alone_when_resizing_is_ruled_out(void **state)
{
    (void)state;
    /* 800 is not there: 640 is 0.2 away, 1280 is 0.375. */
    struct rill_selection s = choice("width=800,resizeMode.exact=none");
    assert_settings(&s.settings, 640, 480, 30, RILL_RESIZE_NONE);
    near(s.distance, 0.2);
    s = choice("width=800,height=600");
    assert_settings(&s.settings, 800, 600, 30, RILL_RESIZE_CROP_AND_SCALE);
    near(s.distance, 0);
    /* Cropped least: 1280×720 is wider than 4:3, and so are all that are large enough. */
    assert_settings(&s.native, 1280, 720, 30, RILL_RESIZE_NONE);
}

static void a_bound_alone_keeps_the_shape_of_the_picture(void **state)
{
    (void)state;
    struct rill_selection s = choice("width.max=320,deviceId.exact=phone");
    assert_settings(&s.settings, 320, 180, 60, RILL_RESIZE_CROP_AND_SCALE);
    s = choice("height.max=240");
    assert_settings(&s.settings, 320, 240, 30, RILL_RESIZE_CROP_AND_SCALE);
}

static void a_ratio_crops(void **state)
{
    (void)state;
    struct rill_selection s = choice("aspectRatio.exact=1,height=480,frameRate=30");
    assert_settings(&s.settings, 480, 480, 30, RILL_RESIZE_CROP_AND_SCALE);
    near(s.distance, 0);
    /* 16:9 is the webcam's own at 1280×720, and 0 is nearer than the 1/4 of 640×480. */
    s = choice("aspectRatio=16/9");
    near(s.distance, 0);
    assert_int_equal(s.settings.resize_mode, RILL_RESIZE_NONE);
    assert_int_equal(s.settings.width * 9, s.settings.height * 16);
}

static void advanced_sets_count_in_their_order_and_only_when_they_can_be_met(void **state)
{
    (void)state;
    struct rill_selection s = choice("frameRate=30;width=9999;width=1920,height=1080");
    assert_int_equal(s.settings.width, 1920);
    assert_int_equal(s.settings.height, 1080);
    s = choice("frameRate=30;facingMode=environment;width=640,height=480,facingMode=user");
    assert_int_equal(s.device, 1);
}

static void sound_is_chosen_by_the_same_rules(void **state)
{
    (void)state;
    struct rill_selection s = sound("");
    assert_int_equal(s.device, 0);
    assert_int_equal(s.settings.sample_rate_hz, 48000);
    assert_int_equal(s.settings.channel_count, 1);
    assert_true(s.settings.echo_cancellation && s.settings.noise_suppression &&
                s.settings.auto_gain_control);
    s = sound("echoCancellation=false,noiseSuppression.exact=false,channelCount=2");
    assert_int_equal(s.device, 0);
    assert_false(s.settings.echo_cancellation);
    assert_false(s.settings.noise_suppression);
    assert_true(s.settings.auto_gain_control);
    assert_int_equal(s.settings.channel_count, 2);
    s = sound("sampleRate.min=88200");
    assert_int_equal(s.device, 1);
    assert_int_equal(s.settings.sample_rate_hz, 88200);
    s = sound("channelCount=4,echoCancellation=true");
    /* The mixer: 0 + 1. The microphone: |2 − 4|/4 + 0. */
    near(s.distance, 0.5);
    assert_int_equal(s.device, 0);
}

/* --- what cannot be met ---------------------------------------------------------------- */

static int refused(const char *text, const struct rill_capabilities *of)
{
    struct rill_constraints c = read(text);
    struct rill_selection s;
    struct rill_err why = {0};
    int rc = rill_select_settings(&c, of, 2, &s, &why);
    assert_non_null(why.row);
    assert_int_equal(why.row->code, rc);
    return rc;
}

static void what_nobody_meets_is_named(void **state)
{
    (void)state;
    assert_row(refused("width.min=4000", cameras), CAPTURE_OVERCONSTRAINED_WIDTH);
    assert_row(refused("height.exact=5000,width=640", cameras), CAPTURE_OVERCONSTRAINED_HEIGHT);
    assert_row(refused("frameRate.min=61", cameras), CAPTURE_OVERCONSTRAINED_FRAME_RATE);
    assert_row(refused("facingMode.exact=left", cameras), CAPTURE_OVERCONSTRAINED_FACING_MODE);
    assert_row(refused("deviceId.exact=nobody", cameras), CAPTURE_OVERCONSTRAINED_DEVICE_ID);
    assert_row(refused("groupId.exact=nobody", cameras), CAPTURE_OVERCONSTRAINED_GROUP_ID);
    assert_row(refused("sampleRate.exact=7999", microphones), CAPTURE_OVERCONSTRAINED_SAMPLE_RATE);
    assert_row(refused("channelCount.min=7", microphones), CAPTURE_OVERCONSTRAINED_CHANNEL_COUNT);
    static const struct rill_capabilities plain[] = {
        {.sample_rate_hz = {48000, 48000, 1}, .channel_count = {1, 1, 1}},
        {.sample_rate_hz = {48000, 48000, 1}, .channel_count = {2, 2, 1}}};
    assert_row(refused("echoCancellation.exact=true", plain),
               CAPTURE_OVERCONSTRAINED_ECHO_CANCELLATION);
    assert_row(refused("noiseSuppression.exact=true", plain),
               CAPTURE_OVERCONSTRAINED_NOISE_SUPPRESSION);
    assert_row(refused("autoGainControl.exact=true", plain),
               CAPTURE_OVERCONSTRAINED_AUTO_GAIN_CONTROL);
    static const struct rill_capabilities encoded[] = {{.modes = webcam_modes, .n_modes = 1},
                                                       {.modes = webcam_modes, .n_modes = 2}};
    assert_row(refused("aspectRatio.exact=1", encoded), CAPTURE_OVERCONSTRAINED_ASPECT_RATIO);
    assert_row(refused("resizeMode.exact=crop-and-scale", encoded),
               CAPTURE_OVERCONSTRAINED_RESIZE_MODE);
}

static void nothing_to_choose_from_is_not_found(void **state)
{
    (void)state;
    struct rill_selection s;
    struct rill_err why = {0};
    assert_row(rill_select_settings(NULL, cameras, 0, &s, &why), CAPTURE_NOT_FOUND);
    assert_string_equal(why.row->sentence, "NotFoundError: there is no such device");
}

/* --- at random ------------------------------------------------------------------------- */

static double pick(struct rill_rng *rng, double from, double to)
{
    return from + (to - from) * rill_rng_below(rng, 1001) / 1000.0;
}

static void random_constraint(struct rill_rng *rng, struct rill_constraint *c, double from,
                              double to, bool whole)
{
    unsigned kind = rill_rng_below(rng, 6);
    double a = pick(rng, from, to), b = pick(rng, from, to);
    if (whole) {
        a = floor(a);
        b = floor(b);
    }
    c->has = kind == 0   ? RILL_CONSTRAINT_IDEAL
             : kind == 1 ? RILL_CONSTRAINT_IDEAL | RILL_CONSTRAINT_MIN
             : kind == 2 ? RILL_CONSTRAINT_MIN | RILL_CONSTRAINT_MAX
             : kind == 3 ? RILL_CONSTRAINT_IDEAL | RILL_CONSTRAINT_MAX
                         : 0;
    c->ideal = pick(rng, from, to);
    if (whole)
        c->ideal = floor(c->ideal);
    c->min = fmin(a, b);
    c->max = fmax(a, b);
}

/* A random point of a random box, or of what can be cut from it. */
static struct rill_settings random_candidate(struct rill_rng *rng,
                                             const struct rill_capabilities *of)
{
    const struct rill_mode *m = &of->modes[rill_rng_below(rng, (uint32_t)of->n_modes)];
    bool cut = rill_rng_below(rng, 2);
    uint32_t low = cut ? 1 : m->width.min, high = m->width.max;
    struct rill_settings s = {
        .width = low + rill_rng_below(rng, high - low + 1),
        .facing_mode = of->facing_mode,
        .resize_mode = cut ? RILL_RESIZE_CROP_AND_SCALE : RILL_RESIZE_NONE,
        .rate_denominator = 1000,
    };
    low = cut ? 1 : m->height.min;
    s.height = low + rill_rng_below(rng, m->height.max - low + 1);
    low = cut ? 1 : m->slowest.numerator * 1000;
    s.rate_numerator = low + rill_rng_below(rng, m->fastest.numerator * 1000 - low + 1);
    return s;
}

static void random_camera(struct rill_rng *rng, struct rill_capabilities *of,
                          struct rill_mode *modes)
{
    *of = (struct rill_capabilities){.modes = modes, .resizes = true};
    of->n_modes = 1 + rill_rng_below(rng, 4);
    of->facing_mode = (enum rill_facing_mode)rill_rng_below(rng, 3);
    for (size_t i = 0; i < of->n_modes; i++) {
        uint32_t width = 100 + rill_rng_below(rng, 1900), height = 100 + rill_rng_below(rng, 1000);
        uint32_t more = rill_rng_below(rng, 3) ? 0 : 50 + rill_rng_below(rng, 500);
        uint32_t rate = 1 + rill_rng_below(rng, 60);
        modes[i] = (struct rill_mode){.width = {width, width + more, 1},
                                      .height = {height, height + more, 1},
                                      .slowest = {rate, 1},
                                      .fastest = {rate + (more ? 10 : 0), 1}};
    }
}

/* Whole pixels cannot meet every ratio: so much may a neighbour be nearer. */
#define ROUNDING 0.02

static void no_candidate_is_nearer_than_the_one_that_is_chosen(void **state)
{
    (void)state;
    struct rill_rng_seeded seeded;
    rill_rng_seeded_init(&seeded, rill_test_seed());
    struct rill_rng rng = rill_rng_seeded(&seeded);
    size_t chosen = 0, refusals = 0;
    for (int turn = 0; turn < 1500; turn++) {
        struct rill_mode modes[2][4];
        struct rill_capabilities of[2];
        struct rill_constraints c = {.n_advanced = 0};
        struct rill_selection s;
        bool ratio = rill_rng_below(&rng, 2);
        random_camera(&rng, &of[0], modes[0]);
        random_camera(&rng, &of[1], modes[1]);
        random_constraint(&rng, &c.basic[RILL_WIDTH], 50, 2500, true);
        random_constraint(&rng, &c.basic[RILL_HEIGHT], 50, 1500, true);
        random_constraint(&rng, &c.basic[RILL_FRAME_RATE], 1, 80, false);
        if (ratio)
            random_constraint(&rng, &c.basic[RILL_ASPECT_RATIO], 0.4, 3, false);
        bool any = rill_select_settings(&c, of, 2, &s, NULL) == 0;
        chosen += any;
        refusals += !any;
        if (any)
            near(rill_fitness_distance(c.basic, &s.settings), s.distance);
        for (int k = 0; k < 400; k++) {
            struct rill_settings other = random_candidate(&rng, &of[rill_rng_below(&rng, 2)]);
            double far = rill_fitness_distance(c.basic, &other);
            if (isinf(far))
                continue;
            if (!any || far < s.distance - (ratio ? ROUNDING : 1e-9))
                fail_msg("turn %d: %ux%u at %u/1000 is %f away, the choice %f", turn, other.width,
                         other.height, other.rate_numerator, far, any ? s.distance : INFINITY);
        }
    }
    assert_true(chosen > 500 && refusals > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_four_members_and_a_bare_value_are_read),
        cmocka_unit_test(what_is_no_constraint_is_refused_at_its_place),
        cmocka_unit_test(the_distance_is_that_of_the_specification),
        cmocka_unit_test(a_required_constraint_that_is_not_met_is_infinitely_far),
        cmocka_unit_test(rates_and_ratios_are_equal_when_people_write_them_so),
        cmocka_unit_test(without_constraints_it_is_640_by_480_at_30),
        cmocka_unit_test(an_ideal_that_a_mode_has_takes_that_mode),
        cmocka_unit_test(an_ideal_beyond_all_takes_the_nearest),
        cmocka_unit_test(distances_add_up),
        cmocka_unit_test(native_sizes_alone_when_resizing_is_ruled_out),
        cmocka_unit_test(a_bound_alone_keeps_the_shape_of_the_picture),
        cmocka_unit_test(a_ratio_crops),
        cmocka_unit_test(advanced_sets_count_in_their_order_and_only_when_they_can_be_met),
        cmocka_unit_test(sound_is_chosen_by_the_same_rules),
        cmocka_unit_test(what_nobody_meets_is_named),
        cmocka_unit_test(nothing_to_choose_from_is_not_found),
        cmocka_unit_test(no_candidate_is_nearer_than_the_one_that_is_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
