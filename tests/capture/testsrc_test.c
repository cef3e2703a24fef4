/* The test picture and the number burnt into it. */
#include "tests/rill_test.h"

#include "capture/source.h"
#include "capture/testsrc.h"

static uint8_t pixels[640 * 480 * 2];

static struct rill_image drawn(uint32_t width, uint32_t height, uint32_t number)
{
    struct rill_image image = rill_image_over(pixels, width, height);
    rill_testsrc_draw(&image, number);
    return image;
}

static void every_bit_of_the_number_is_read_back(void **state)
{
    (void)state;
    for (uint32_t bit = 1; bit < RILL_TESTSRC_NUMBERS; bit *= 2) {
        struct rill_image image = drawn(320, 240, bit);
        assert_int_equal(rill_testsrc_read_number(&image), bit);
    }
}

static void the_largest_number_is_read_and_the_next_is_zero(void **state)
{
    (void)state;
    struct rill_image image = drawn(320, 240, RILL_TESTSRC_NUMBERS - 1);
    assert_int_equal(rill_testsrc_read_number(&image), RILL_TESTSRC_NUMBERS - 1);
    image = drawn(320, 240, RILL_TESTSRC_NUMBERS);
    assert_int_equal(rill_testsrc_read_number(&image), 0);
}

static void odd_and_smallest_sizes_carry_the_number(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{321, 241}, {64, 48}, {65, 49}, {127, 333}, {639, 479}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct rill_image image = drawn(sizes[i][0], sizes[i][1], 1234567);
        assert_int_equal(rill_testsrc_read_number(&image), 1234567);
    }
}

/* Nearest neighbour, the coarsest scaling there is. */
static void the_number_is_read_from_a_picture_scaled_down(void **state)
{
    (void)state;
    static uint8_t small[200 * 150 * 2];
    struct rill_image from = drawn(640, 480, 0xabcdef);
    struct rill_image to = rill_image_over(small, 200, 150);
    for (uint32_t y = 0; y < 150; y++)
        for (uint32_t x = 0; x < 200; x++)
            small[y * 200 + x] = from.plane[0][y * 480 / 150 * 640 + x * 640 / 200];
    assert_int_equal(rill_testsrc_read_number(&to), 0xabcdef);
}

static void flat_pictures_carry_no_number(void **state)
{
    (void)state;
    static const uint8_t lumas[] = {0, 16, 128, 235, 255};
    for (size_t i = 0; i < sizeof lumas; i++) {
        struct rill_image image = rill_image_over(pixels, 320, 240);
        memset(pixels, lumas[i], 320 * 240);
        assert_int_equal(rill_testsrc_read_number(&image), -1);
    }
}

static void any_one_flipped_cell_fails_the_checksum(void **state)
{
    (void)state;
    for (uint32_t cell = 0; cell < 32; cell++) {
        struct rill_image image = drawn(320, 240, 77);
        uint32_t top = (10 + cell / 16) * 20;
        for (uint32_t y = top; y < top + 20; y++)
            for (uint32_t x = cell % 16 * 20; x < (cell % 16 + 1) * 20; x++)
                pixels[y * 320 + x] = (uint8_t)(251 - pixels[y * 320 + x]);
        assert_int_equal(rill_testsrc_read_number(&image), -1);
    }
}

static void a_picture_too_small_for_cells_has_no_number(void **state)
{
    (void)state;
    struct rill_image image = rill_image_over(pixels, 15, 240);
    assert_int_equal(rill_testsrc_read_number(&image), -1);
    image = rill_image_over(pixels, 320, 11);
    assert_int_equal(rill_testsrc_read_number(&image), -1);
}

static void the_picture_is_coloured_and_moves(void **state)
{
    (void)state;
    static uint8_t before[320 * 240 * 3 / 2];
    struct rill_image image = drawn(320, 240, 10);
    uint8_t low = 255;
    uint8_t high = 0;
    for (size_t i = 0; i < 160 * 120; i++) {
        low = image.plane[2][i] < low ? image.plane[2][i] : low;
        high = image.plane[2][i] > high ? image.plane[2][i] : high;
    }
    assert_true(high - low > 100);
    memcpy(before, pixels, sizeof before);
    drawn(320, 240, 11);
    /* The bars above the cells, not only the number, are elsewhere. */
    assert_memory_not_equal(before + 320 * 100, pixels + 320 * 100, 320);
}

/* A 5 is told from an S by people only; here each digit must at least be its own. */
static void no_two_digits_look_alike(void **state)
{
    (void)state;
    static uint8_t shapes[10][64 * 48];
    for (uint32_t digit = 0; digit < 10; digit++) {
        struct rill_image image = rill_image_over(pixels, 64, 48);
        memset(pixels, 16, 64 * 48 * 3 / 2);
        rill_digits_draw(&image, 1, 1, 1, digit);
        memcpy(shapes[digit], pixels, 64 * 48);
        for (uint32_t other = 0; other < digit; other++)
            assert_memory_not_equal(shapes[digit], shapes[other], 64 * 48);
    }
}

static void drawing_stays_inside_the_picture(void **state)
{
    (void)state;
    size_t n = rill_image_size(65, 49);
    uint8_t *exact = malloc(n);
    struct rill_image image = rill_image_over(exact, 65, 49);
    for (uint32_t number = 0; number < 300; number++)
        rill_testsrc_draw(&image, number);
    assert_int_equal(rill_testsrc_read_number(&image), 299);
    free(exact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_of_the_number_is_read_back),
        cmocka_unit_test(the_largest_number_is_read_and_the_next_is_zero),
        cmocka_unit_test(odd_and_smallest_sizes_carry_the_number),
        cmocka_unit_test(the_number_is_read_from_a_picture_scaled_down),
        cmocka_unit_test(flat_pictures_carry_no_number),
        cmocka_unit_test(any_one_flipped_cell_fails_the_checksum),
        cmocka_unit_test(a_picture_too_small_for_cells_has_no_number),
        cmocka_unit_test(the_picture_is_coloured_and_moves),
        cmocka_unit_test(no_two_digits_look_alike),
        cmocka_unit_test(drawing_stays_inside_the_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
