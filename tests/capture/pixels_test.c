/* Pictures converted, cropped and scaled; JPEG pictures of every sort; bytes that are too few. */
#include "tests/rill_test.h"

#include "capture/pixels.h"
#include "capture/source.h"
#include "capture/testsrc.h"

#include <turbojpeg.h>

static struct rill_image picture(uint32_t width, uint32_t height)
{
    size_t n = rill_image_size(width, height);
    return rill_image_over(calloc(1, n), width, height);
}

static void each_layout_refuses_one_byte_too_few(void **state)
{
    (void)state;
    static uint8_t bytes[64 * 48 * 4];
    struct rill_image to = picture(64, 48);
    assert_true(rill_pixels_from_yuyv(rill_view_at(bytes, 64 * 48 * 2), 128, &to));
    assert_false(rill_pixels_from_yuyv(rill_view_at(bytes, 64 * 48 * 2 - 1), 128, &to));
    assert_true(rill_pixels_from_nv12(rill_view_at(bytes, 64 * 72), 64, &to));
    assert_false(rill_pixels_from_nv12(rill_view_at(bytes, 64 * 72 - 1), 64, &to));
    assert_true(rill_pixels_from_i420(rill_view_at(bytes, 64 * 72), 64, &to));
    assert_false(rill_pixels_from_i420(rill_view_at(bytes, 64 * 72 - 1), 64, &to));
    assert_true(rill_pixels_from_bgrx(rill_view_at(bytes, 64 * 48 * 4), 256, &to));
    assert_false(rill_pixels_from_bgrx(rill_view_at(bytes, 64 * 48 * 4 - 1), 256, &to));
    /* Nor a row shorter than the picture. */
    assert_false(rill_pixels_from_bgrx(rill_view_at(bytes, sizeof bytes), 252, &to));
    free(to.plane[0]);
}

static void red_and_blue_come_out_in_limited_range(void **state)
{
    (void)state;
    uint8_t bgrx[2 * 2 * 4] = {0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0};
    struct rill_image to = picture(2, 2);
    assert_true(rill_pixels_from_bgrx(rill_view_at(bgrx, sizeof bgrx), 8, &to));
    /* BT.601: red is 82, 90, 240. */
    assert_in_range(to.plane[0][0], 81, 83);
    assert_in_range(to.plane[1][0], 89, 91);
    assert_in_range(to.plane[2][0], 239, 241);
    free(to.plane[0]);
}

static void the_middle_is_kept_and_scaled(void **state)
{
    (void)state;
    /* 16:9 to 4:3: the middle 960 of 1280 columns. White in the middle, black beside it. */
    struct rill_image from = picture(1280, 720), to = picture(320, 240);
    rill_pixels_black(&from);
    rill_testsrc_fill(&from, (struct rill_rect){160, 0, 1120, 720},
                      (struct rill_colour){235, 128, 128});
    from.time = 77;
    assert_true(rill_pixels_fit(&from, &to));
    assert_int_equal(to.time, 77);
    for (size_t i = 0; i < 320 * 240; i++)
        assert_in_range(to.plane[0][i], 234, 235);
    free(from.plane[0]);
    free(to.plane[0]);
}

static void the_number_survives_scaling(void **state)
{
    (void)state;
    struct rill_image from = picture(1280, 720), to = picture(318, 178);
    rill_testsrc_draw(&from, 54321);
    assert_true(rill_pixels_fit(&from, &to));
    assert_int_equal(rill_testsrc_read_number(&to), 54321);
    free(from.plane[0]);
    free(to.plane[0]);
}

static void one_pixel_is_enough(void **state)
{
    (void)state;
    struct rill_image from = picture(1, 1), to = picture(33, 17), back = picture(1, 1);
    rill_pixels_black(&from);
    assert_true(rill_pixels_fit(&from, &to));
    assert_in_range(to.plane[0][33 * 17 - 1], 15, 17);
    assert_true(rill_pixels_fit(&to, &back));
    assert_in_range(back.plane[1][0], 127, 129);
    free(from.plane[0]);
    free(to.plane[0]);
    free(back.plane[0]);
}

/* --- JPEG ------------------------------------------------------------------------------ */

static struct rill_view jpeg_of(int subsampling, int width, int height)
{
    static unsigned char out[100000];
    unsigned char *made = NULL;
    unsigned long n = 0;
    uint8_t *bgrx = malloc((size_t)(width * height * 4));
    for (int i = 0; i < width * height; i++)
        memcpy(bgrx + i * 4, i % width < width / 2 ? "\0\0\377" : "\377\377\377", 4);
    tjhandle t = tjInitCompress();
    assert_int_equal(
        tjCompress2(t, bgrx, width, 0, height, TJPF_BGRX, &made, &n, subsampling, 95, 0), 0);
    assert_true(n < sizeof out);
    memcpy(out, made, n);
    tjFree(made);
    tjDestroy(t);
    free(bgrx);
    return rill_view_at(out, n);
}

static void every_sort_of_chroma_gives_the_same_colours(void **state)
{
    (void)state;
    struct rill_mjpeg *m = rill_mjpeg_new();
    struct rill_image to = picture(65, 49);
    for (int subsampling = 0; subsampling < TJ_NUMSAMP; subsampling++) {
        bool gray = subsampling == TJSAMP_GRAY;
        assert_true(rill_mjpeg_decode(m, jpeg_of(subsampling, 65, 49), &to));
        /* Red at the left, white at the right. */
        assert_in_range(to.plane[0][5 * 65 + 5], 78, 86);
        assert_in_range(to.plane[0][5 * 65 + 60], 231, 237);
        assert_in_range(to.plane[2][5 * 33 + 3], gray ? 128 : 234, gray ? 128 : 242);
        assert_in_range(to.plane[1][5 * 33 + 30], 126, 130);
    }
    rill_mjpeg_free(m);
    free(to.plane[0]);
}

static void a_jpeg_of_another_size_is_refused(void **state)
{
    (void)state;
    struct rill_mjpeg *m = rill_mjpeg_new();
    struct rill_image to = picture(64, 48);
    assert_true(rill_mjpeg_decode(m, jpeg_of(TJSAMP_420, 64, 48), &to));
    assert_false(rill_mjpeg_decode(m, jpeg_of(TJSAMP_420, 65, 48), &to));
    assert_false(rill_mjpeg_decode(m, jpeg_of(TJSAMP_420, 64, 47), &to));
    rill_mjpeg_free(m);
    free(to.plane[0]);
}

static void a_jpeg_cut_short_anywhere_is_refused(void **state)
{
    (void)state;
    struct rill_mjpeg *m = rill_mjpeg_new();
    struct rill_image to = picture(64, 48);
    struct rill_view whole = jpeg_of(TJSAMP_422, 64, 48);
    for (size_t n = 0; n < whole.n - 2; n += 7)
        assert_false(rill_mjpeg_decode(m, rill_view_at(whole.p, n), &to));
    assert_true(rill_mjpeg_decode(m, whole, &to));
    rill_mjpeg_free(m);
    free(to.plane[0]);
}

static void padding_behind_a_jpeg_is_none_of_it(void **state)
{
    (void)state;
    static uint8_t bytes[110000];
    struct rill_mjpeg *m = rill_mjpeg_new();
    struct rill_image to = picture(64, 48);
    struct rill_view whole = jpeg_of(TJSAMP_422, 64, 48);
    memcpy(bytes, whole.p, whole.n);
    assert_true(rill_mjpeg_decode(m, rill_view_at(bytes, whole.n + 5000), &to));
    rill_mjpeg_free(m);
    free(to.plane[0]);
}

static void a_picture_is_turned_clockwise(void **state)
{
    (void)state;
    static uint8_t bytes[64], turned_bytes[64];
    struct rill_image from = rill_image_over(bytes, 4, 2);
    for (uint8_t i = 0; i < 8; i++)
        bytes[i] = i; /* 0 1 2 3 | 4 5 6 7 */
    from.time = 77;
    struct rill_image on_its_side = rill_image_over(turned_bytes, 2, 4);
    assert_true(rill_pixels_turn(&from, 90, &on_its_side));
    assert_memory_equal(turned_bytes, ((uint8_t[]){4, 0, 5, 1, 6, 2, 7, 3}), 8);
    assert_int_equal(on_its_side.time, 77);
    assert_true(rill_pixels_turn(&from, 270, &on_its_side));
    assert_memory_equal(turned_bytes, ((uint8_t[]){3, 7, 2, 6, 1, 5, 0, 4}), 8);
    struct rill_image upright = rill_image_over(turned_bytes, 4, 2);
    assert_true(rill_pixels_turn(&from, 180, &upright));
    assert_memory_equal(turned_bytes, ((uint8_t[]){7, 6, 5, 4, 3, 2, 1, 0}), 8);
    /* of another size, or by anything between */
    assert_false(rill_pixels_turn(&from, 90, &upright));
    assert_false(rill_pixels_turn(&from, 45, &upright));
    assert_false(rill_pixels_turn(&from, 360, &upright));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_layout_refuses_one_byte_too_few),
        cmocka_unit_test(red_and_blue_come_out_in_limited_range),
        cmocka_unit_test(the_middle_is_kept_and_scaled),
        cmocka_unit_test(the_number_survives_scaling),
        cmocka_unit_test(one_pixel_is_enough),
        cmocka_unit_test(every_sort_of_chroma_gives_the_same_colours),
        cmocka_unit_test(a_jpeg_of_another_size_is_refused),
        cmocka_unit_test(a_jpeg_cut_short_anywhere_is_refused),
        cmocka_unit_test(padding_behind_a_jpeg_is_none_of_it),
        cmocka_unit_test(a_picture_is_turned_clockwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
