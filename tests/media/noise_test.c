/* noise_test: what a room at rest sounds like, heard, told and made again (RFC 3389). */
#include "media/noise.h"
#include "tests/rill_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAME 160
#define SECONDS 8000

static uint32_t seed;

static double even(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / (1 << 24) - 0.5;
}

/* White noise through 1 / (1 + a1 z^-1 + a2 z^-2), as loud as it is to be. */
static void autoregressive(double a1, double a2, double dbov, int16_t *out, size_t n)
{
    double *v = calloc(n + 2, sizeof *v), sum = 0;
    assert_non_null(v);
    seed = 1;
    for (size_t i = 2; i < n + 2; i++) {
        v[i] = even() - a1 * v[i - 1] - a2 * v[i - 2];
        sum += v[i] * v[i];
    }
    double gain = RILL_NOISE_LOUDEST * pow(10, dbov / 20) / sqrt(sum / (double)n);
    for (size_t i = 0; i < n; i++)
        out[i] = (int16_t)lrint(v[i + 2] * gain);
    free(v);
}

static struct rill_comfort_noise heard(const int16_t *samples, size_t frames)
{
    struct rill_noise_heard h = {0};
    struct rill_comfort_noise n;
    for (size_t i = 0; i < frames; i++)
        rill_noise_hear(&h, samples + i * FRAME, FRAME);
    rill_noise_tell(&h, &n);
    return n;
}

static double k_of(const struct rill_comfort_noise *n, size_t i)
{
    return rill_comfort_noise_q15(n->indices[i]) / 32768.0;
}

/* Of two poles the coefficients are a2, and a1 / (1 + a2), and no more. */
static void known_noise_has_the_coefficients_that_made_it(void **state)
{
    static const double known[][2] = {{-0.9, 0.2}, {-1.2, 0.7}, {0.5, 0.3}, {0, 0}};
    static int16_t samples[SECONDS];
    (void)state;
    for (size_t t = 0; t < 4; t++) {
        double a1 = known[t][0], a2 = known[t][1], k1 = 0, k2 = 0, rest = 0;
        autoregressive(a1, a2, -50, samples, SECONDS);
        /* The mean of what is told in the course of a second. */
        for (size_t at = 0; at < 40; at++) {
            struct rill_comfort_noise n = heard(samples + at * FRAME, 8);
            assert_int_equal(n.order, RILL_NOISE_ORDER);
            assert_in_range(n.level, 48, 52);
            k1 += k_of(&n, 0) / 40;
            k2 += k_of(&n, 1) / 40;
            rest += fabs(k_of(&n, 4)) / 40;
        }
        print_message("k %.3f %.3f, told %.3f %.3f; the fifth %.3f\n", a1 / (1 + a2), a2, k1, k2,
                      rest);
        assert_true(fabs(k1 - a1 / (1 + a2)) < 0.05 && fabs(k2 - a2) < 0.08 && rest < 0.15);
    }
}

static double dbov_made(const struct rill_comfort_noise *n, int16_t *out, size_t samples)
{
    struct rill_noise_made m = {0};
    rill_noise_set(&m, n, true);
    rill_noise_make(&m, out, FRAME); /* the filter fills */
    rill_noise_make(&m, out, samples);
    return rill_noise_dbov(out, samples);
}

static void what_is_made_is_as_loud_as_was_told(void **state)
{
    static int16_t samples[8 * SECONDS];
    (void)state;
    for (unsigned level = 20; level <= 70; level += 10)
        for (int shaped = 0; shaped < 2; shaped++) {
            struct rill_comfort_noise n = {.level = (uint8_t)level};
            if (shaped)
                n = (struct rill_comfort_noise){
                    .level = (uint8_t)level, .order = 3, .indices = {30, 200, 100}};
            double db = dbov_made(&n, samples, 8 * SECONDS);
            assert_true(fabs(db + level) < 1);
        }
    /* Silence is silence, and so is what was never told. */
    struct rill_comfort_noise silence = {.level = 127, .order = 1, .indices = {0}};
    assert_true(dbov_made(&silence, samples, SECONDS) <= -127);
    struct rill_noise_made untold = {0};
    rill_noise_make(&untold, samples, FRAME);
    assert_true(rill_noise_dbov(samples, FRAME) <= -127);
}

/* Through the payload and back: the same spectrum, the same level. */
static void what_is_made_sounds_like_what_was_heard(void **state)
{
    static int16_t samples[SECONDS], again[8 * SECONDS];
    (void)state;
    autoregressive(-1.2, 0.7, -45, samples, SECONDS);
    struct rill_comfort_noise n = heard(samples, 50), m;
    assert_true(fabs(dbov_made(&n, again, sizeof again / sizeof *again) + 45) < 1.5);
    m = heard(again, 200);
    assert_true(fabs(k_of(&n, 0) - k_of(&m, 0)) < 0.05 && fabs(k_of(&n, 1) - k_of(&m, 1)) < 0.1);
    assert_false(rill_noise_differs(&n, &m));
}

static void a_difference_is_one_that_is_heard(void **state)
{
    struct rill_comfort_noise a = {.level = 50, .order = 2, .indices = {30, 130}}, b = a;
    (void)state;
    assert_false(rill_noise_differs(&a, &b));
    b.level = 51;
    assert_false(rill_noise_differs(&a, &b));
    b.level = 52;
    assert_true(rill_noise_differs(&a, &b) && rill_noise_differs(&b, &a));
    b = (struct rill_comfort_noise){.level = 50, .order = 2, .indices = {190, 130}};
    assert_true(rill_noise_differs(&a, &b));
    b.order = 0;
    assert_true(rill_noise_differs(&a, &b));
}

/* The extremes of the format, and changes between them: a lattice is stable, whatever it is told.
 */
static void no_coefficients_make_it_overflow(void **state)
{
    struct rill_noise_made m = {0};
    int16_t out[FRAME];
    (void)state;
    for (int i = 0; i < 400; i++) {
        struct rill_comfort_noise n = {.level = (uint8_t)(i % 128), .order = 32};
        for (size_t k = 0; k < 32; k++)
            n.indices[k] = i % 3 == 0   ? 0
                           : i % 3 == 1 ? 254
                                        : (uint8_t)(i * 37 + (int)k * 91) % 255;
        rill_noise_set(&m, &n, i % 7 == 0);
        rill_noise_make(&m, out, FRAME);
        for (size_t k = 0; k <= 32; k++)
            assert_true(isfinite(m.state[k]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_noise_has_the_coefficients_that_made_it),
        cmocka_unit_test(what_is_made_is_as_loud_as_was_told),
        cmocka_unit_test(what_is_made_sounds_like_what_was_heard),
        cmocka_unit_test(a_difference_is_one_that_is_heard),
        cmocka_unit_test(no_coefficients_make_it_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
