/* Cameras: listed, chosen, set, streamed from, and all that can go wrong, against a kernel that
 * keeps to the V4L2 specification. */
#include "tests/rill_test.h"

#include "capture/pixels.h"
#include "capture/source.h"
#include "tests/capture/fake_camera.h"

#include <math.h>
#include <poll.h>

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * RILL_SECOND + t.tv_nsec / 1000;
}

static int try_open(struct fake_camera *c, const char *name, struct rill_source **out,
                    struct rill_err *why)
{
    static struct rill_v4l2_port port;
    port = fake_port(c);
    return rill_source_open(&(struct rill_source_config){.name = name, .v4l2 = &port}, out, why);
}

static struct rill_source *opened(struct fake_camera *c, const char *name)
{
    struct rill_source *s = NULL;
    assert_int_equal(try_open(c, name, &s, NULL), 0);
    return s;
}

static struct rill_source *streaming(struct fake_camera *c, const char *name)
{
    struct rill_source *s = opened(c, name);
    rill_source_start(s, now_us());
    return s;
}

static int refused(struct fake_camera *c, const char *name, struct rill_err *why)
{
    struct rill_source *s = NULL;
    int rc = try_open(c, name, &s, why);
    assert_null(s);
    assert_int_equal(c->n_open, 0); /* no descriptor is left behind */
    return rc;
}

/* What poll() says of the source's descriptors now. */
static short polled(struct rill_source *s)
{
    struct rill_source_fd fds[RILL_SOURCE_FDS_MAX];
    size_t n = rill_source_descriptors(s, fds);
    assert_int_equal(n, 1);
    struct pollfd p = {.fd = fds[0].fd, .events = fds[0].events};
    assert_true(poll(&p, 1, 0) >= 0);
    fds[0].revents = p.revents;
    rill_source_polled(s, fds, n);
    return p.revents;
}

static struct rill_image next(struct rill_source *s)
{
    struct rill_image image;
    assert_true(polled(s) & POLLIN);
    assert_true(rill_source_image(s, now_us(), &image));
    return image;
}

static double psnr(const struct rill_image *a, const struct rill_image *b)
{
    double sum = 0;
    for (uint32_t y = 0; y < a->height; y++)
        for (uint32_t x = 0; x < a->width; x++) {
            double off = (double)a->plane[0][y * a->stride[0] + x] -
                         (double)b->plane[0][y * b->stride[0] + x];
            sum += off * off;
        }
    double mean = sum / ((double)a->width * a->height);
    return mean > 0 ? 10 * log10(255 * 255 / mean) : 99;
}

static void assert_colours(const struct rill_image *a, const struct rill_image *b)
{
    for (int i = 1; i < 3; i++)
        for (uint32_t k = 0; k < 10; k++) {
            uint32_t x = (2 * k + 1) * (a->width / 2) / 20, y = a->height / 8;
            assert_in_range(a->plane[i][y * a->stride[i] + x] + 8,
                            b->plane[i][y * b->stride[i] + x],
                            b->plane[i][y * b->stride[i] + x] + 16);
        }
}

static void gives_the_pattern(uint32_t format, uint32_t width, uint32_t height, uint32_t padding,
                              double decibels)
{
    struct fake_camera c = fake_camera();
    c.modes[0] = (struct fake_mode){format, width, height, 30};
    c.n_modes = 1;
    c.padding = padding;
    struct rill_source *s = streaming(&c, "/dev/video0");
    uint8_t *pixels = malloc(rill_image_size(width, height));
    struct rill_image wanted = rill_image_over(pixels, width, height);
    rill_testsrc_draw(&wanted, 1234);
    assert_true(fake_shoot(&c, 1234, FAKE_WHOLE));
    struct rill_image got = next(s);
    assert_int_equal(got.width, width);
    assert_int_equal(got.height, height);
    assert_int_equal(rill_testsrc_read_number(&got), 1234);
    assert_true(psnr(&wanted, &got) >= decibels);
    assert_colours(&wanted, &got);
    free(pixels);
    rill_source_free(s);
}

static void each_format_gives_the_very_picture(void **state)
{
    (void)state;
    gives_the_pattern(V4L2_PIX_FMT_YUV420, 320, 240, 0, 99);
    gives_the_pattern(V4L2_PIX_FMT_NV12, 320, 240, 0, 99);
    gives_the_pattern(V4L2_PIX_FMT_YUYV, 320, 240, 0, 99);
    gives_the_pattern(V4L2_PIX_FMT_MJPEG, 320, 240, 0, 30);
}

static void rows_may_be_longer_than_the_picture(void **state)
{
    (void)state;
    gives_the_pattern(V4L2_PIX_FMT_YUV420, 320, 240, 64, 99);
    gives_the_pattern(V4L2_PIX_FMT_NV12, 320, 240, 64, 99);
    gives_the_pattern(V4L2_PIX_FMT_YUYV, 320, 240, 64, 99);
}

static void an_odd_format_is_converted_by_libv4l(void **state)
{
    (void)state;
    gives_the_pattern(V4L2_PIX_FMT_UYVY, 320, 240, 0, 99);
}

static void a_camera_is_listed_with_its_modes_and_controls(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    struct rill_v4l2_port port = fake_port(&c);
    struct rill_devices d = {0}, again = {0};
    rill_v4l2_enumerate(&port, &d);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.list[0].kind, RILL_VIDEO_INPUT);
    assert_string_equal(d.list[0].name, "/dev/video0");
    assert_string_equal(d.list[0].label, "A Camera: of the test");
    assert_int_equal(d.list[0].can.n_modes, 5);
    assert_int_equal(d.list[0].can.modes[2].width.max, 1280);
    assert_int_equal(d.list[0].can.modes[2].fastest.numerator, 10);
    assert_int_equal(d.list[0].n_controls, 1);
    assert_string_equal(d.list[0].controls[0].name, "brightness_overall");
    assert_int_equal(d.list[0].controls[0].min, -64);
    /* The number of the node is not in its id: another time it may be another. */
    c.path = "/dev/video7";
    rill_v4l2_enumerate(&port, &again);
    assert_string_equal(again.list[0].name, "/dev/video7");
    assert_string_equal(again.list[0].can.device_id, d.list[0].can.device_id);
    assert_string_equal(again.list[0].can.group_id, d.list[0].can.group_id);
    assert_int_equal(strlen(d.list[0].can.device_id), 32);
    rill_devices_free(&d);
    rill_devices_free(&again);
    assert_int_equal(c.n_open, 0);
}

static void the_mode_that_meets_the_constraints_is_set(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    struct rill_source *s = opened(&c, "video:width=1280,height=720,frameRate=30");
    assert_int_equal(c.format.fmt.pix.pixelformat, V4L2_PIX_FMT_MJPEG);
    assert_int_equal(c.format.fmt.pix.width, 1280);
    assert_int_equal(rill_source_settings(s)->rate_numerator, 30);
    assert_string_equal(rill_source_label(s), "A Camera: of the test");
    rill_source_free(s);
    s = opened(&c, "/dev/video0:frameRate.exact=15");
    assert_int_equal(c.format.fmt.pix.pixelformat, V4L2_PIX_FMT_YUYV);
    assert_int_equal(c.rate, 15);
    assert_int_equal(rill_source_native(s)->rate_numerator, 15);
    rill_source_free(s);
    /* Half the size is cropped and scaled from what the camera gives. */
    s = opened(&c, "video:width.exact=320,height.exact=240");
    assert_int_equal(rill_source_native(s)->width, 640);
    assert_int_equal(rill_source_settings(s)->width, 320);
    assert_int_equal(rill_source_settings(s)->resize_mode, RILL_RESIZE_CROP_AND_SCALE);
    rill_source_free(s);
}

static void constraints_that_no_mode_meets_are_refused_by_name(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    assert_row(refused(&c, "video:width.min=1920", NULL), CAPTURE_OVERCONSTRAINED_WIDTH);
    assert_row(refused(&c, "/dev/video0:frameRate.min=31", NULL),
               CAPTURE_OVERCONSTRAINED_FRAME_RATE);
    assert_row(refused(&c, "video:deviceId.exact=nobody", NULL), CAPTURE_OVERCONSTRAINED_DEVICE_ID);
    assert_row(refused(&c, "video:facingMode.exact=user", NULL),
               CAPTURE_OVERCONSTRAINED_FACING_MODE);
}

static void a_camera_that_knows_where_it_looks_says_so(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    c.orientation = V4L2_CAMERA_ORIENTATION_BACK;
    assert_row(refused(&c, "video:facingMode.exact=user", NULL),
               CAPTURE_OVERCONSTRAINED_FACING_MODE);
    struct rill_source *s = opened(&c, "video:facingMode.exact=environment");
    assert_int_equal(rill_source_settings(s)->facing_mode, RILL_FACING_ENVIRONMENT);
    rill_source_free(s);
}

static void no_camera_no_permission_and_a_busy_one_are_told_apart(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct fake_camera c = fake_camera();
    assert_row(refused(&c, "/dev/video9", NULL), CAPTURE_NOT_FOUND);
    c.open_error = EACCES;
    assert_row(refused(&c, "/dev/video0", &why), CAPTURE_NOT_ALLOWED);
    assert_int_equal(why.value, EACCES);
    /* What may not be opened is not there for "video". */
    assert_row(refused(&c, "video", NULL), CAPTURE_NOT_FOUND);
    c.open_error = EBUSY;
    assert_row(refused(&c, "/dev/video0", &why), CAPTURE_NOT_READABLE);
    assert_int_equal(why.value, EBUSY);
    c.open_error = 0;
    c.set_format_error = EBUSY;
    assert_row(refused(&c, "/dev/video0", NULL), CAPTURE_NOT_READABLE);
    c.set_format_error = 0;
    c.buffers_error = EBUSY;
    assert_row(refused(&c, "/dev/video0", NULL), CAPTURE_NOT_READABLE);
    c.buffers_error = 0;
    c.most_buffers = 1;
    assert_row(refused(&c, "/dev/video0", NULL), CAPTURE_NOT_READABLE);
}

static void a_camera_that_another_uses_is_busy(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    struct rill_source *s = streaming(&c, "/dev/video0"), *other = NULL;
    assert_row(try_open(&c, "/dev/video0", &other, NULL), CAPTURE_NOT_READABLE);
    rill_source_free(s);
    rill_source_free(opened(&c, "/dev/video0"));
}

static void what_does_not_capture_is_no_camera(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    c.not_a_camera = true;
    assert_row(refused(&c, "/dev/video0", NULL), CAPTURE_V4L2_NO_CAMERA);
}

static void a_format_nobody_converts_is_refused(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    c.modes[0].format = v4l2_fourcc('X', 'X', 'X', 'X');
    c.n_modes = 1;
    assert_row(refused(&c, "/dev/video0", NULL), CAPTURE_V4L2_FORMAT);
}

static void crop_and_controls_reach_the_driver_or_are_refused(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct fake_camera c = fake_camera();
    assert_row(refused(&c, "/dev/video0:crop=320x240+10+20", &why), CAPTURE_V4L2_CROP);
    assert_int_equal(why.value, ENOTTY);
    c.crops = true;
    assert_row(refused(&c, "/dev/video0:crop=320x240+600+0", NULL), CAPTURE_V4L2_CROP);
    assert_row(refused(&c, "/dev/video0:control.zoom=1", NULL), CAPTURE_V4L2_CONTROL);
    assert_row(refused(&c, "/dev/video0:control.brightness_overall=65", &why),
               CAPTURE_V4L2_CONTROL);
    assert_int_equal(why.value, ERANGE);
    rill_source_free(opened(&c, "/dev/video0:crop=320x240+10+20:control.brightness_overall=-7"));
    assert_int_equal(c.crop.left, 10);
    assert_int_equal(c.crop.top, 20);
    assert_int_equal(c.crop.width, 320);
    assert_int_equal(c.brightness, -7);
}

static void a_driver_without_rates_has_one(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    c.no_rate = true;
    struct rill_source *s = streaming(&c, "/dev/video0");
    assert_true(fake_shoot(&c, 5, FAKE_WHOLE));
    struct rill_image image = next(s);
    assert_int_equal(rill_testsrc_read_number(&image), 5);
    rill_source_free(s);
}

static void pictures_come_with_the_time_they_were_taken(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    struct rill_source *s = streaming(&c, "/dev/video0");
    struct rill_image image;
    assert_false(polled(s) & POLLIN);
    assert_false(rill_source_image(s, now_us(), &image));
    int64_t last = 0;
    for (uint32_t k = 0; k < 10; k++) {
        int64_t before = now_us();
        assert_true(fake_shoot(&c, k, FAKE_WHOLE));
        int64_t after = now_us();
        image = next(s);
        assert_int_equal(rill_testsrc_read_number(&image), k);
        assert_in_range(image.time, before, after);
        assert_true(image.time >= last);
        last = image.time;
    }
    assert_int_equal(rill_source_dropped(s), 0);
    assert_int_equal(rill_source_deadline(s), RILL_NEVER);
    rill_source_free(s);
}

static void damaged_pictures_are_counted_and_passed_over(uint32_t format)
{
    struct fake_camera c = fake_camera();
    c.modes[0].format = format;
    c.n_modes = 1;
    struct rill_source *s = streaming(&c, "/dev/video0");
    assert_true(fake_shoot(&c, 1, FAKE_SHORT));
    assert_true(fake_shoot(&c, 2, FAKE_FLAGGED));
    assert_true(fake_shoot(&c, 3, FAKE_WHOLE));
    struct rill_image image = next(s);
    assert_int_equal(rill_testsrc_read_number(&image), 3);
    assert_int_equal(rill_source_dropped(s), 2);
    rill_source_free(s);
}

static void short_and_flagged_pictures_of_each_format_are_dropped(void **state)
{
    (void)state;
    damaged_pictures_are_counted_and_passed_over(V4L2_PIX_FMT_YUV420);
    damaged_pictures_are_counted_and_passed_over(V4L2_PIX_FMT_NV12);
    damaged_pictures_are_counted_and_passed_over(V4L2_PIX_FMT_YUYV);
    damaged_pictures_are_counted_and_passed_over(V4L2_PIX_FMT_MJPEG);
}

static void a_corrupted_jpeg_is_dropped(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    struct rill_source *s = streaming(&c, "video:width=1280,height=720,frameRate=30");
    assert_true(fake_shoot(&c, 1, FAKE_GARBLED));
    assert_true(fake_shoot(&c, 2, FAKE_WHOLE));
    struct rill_image image = next(s);
    assert_int_equal(rill_testsrc_read_number(&image), 2);
    assert_int_equal(rill_source_dropped(s), 1);
    rill_source_free(s);
}

static void gaps_in_the_sequence_are_counted(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    struct rill_source *s = streaming(&c, "/dev/video0");
    assert_true(fake_shoot(&c, 1, FAKE_WHOLE));
    (void)next(s);
    c.sequence += 3;
    assert_true(fake_shoot(&c, 5, FAKE_WHOLE));
    (void)next(s);
    assert_int_equal(rill_source_dropped(s), 3);
    /* Pictures for which no buffer was queued leave gaps as well. */
    for (uint32_t k = 6; k < 12; k++)
        (void)fake_shoot(&c, k, FAKE_WHOLE);
    for (int k = 0; k < 4; k++)
        (void)next(s);
    assert_true(fake_shoot(&c, 12, FAKE_WHOLE));
    struct rill_image image = next(s);
    assert_int_equal(rill_testsrc_read_number(&image), 12);
    assert_int_equal(rill_source_dropped(s), 5);
    rill_source_free(s);
}

static void an_io_error_begins_streaming_anew(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    struct rill_source *s = streaming(&c, "/dev/video0");
    struct rill_image image;
    int64_t now = now_us();
    c.picture_error = EIO;
    assert_false(rill_source_image(s, now, &image));
    assert_false(rill_source_ended(s, NULL));
    int64_t again = rill_source_deadline(s);
    assert_in_range(again, now + 1, now + RILL_SECOND);
    struct rill_source_fd fds[RILL_SOURCE_FDS_MAX];
    assert_int_equal(rill_source_descriptors(s, fds), 0);
    assert_false(rill_source_image(s, again, &image));
    assert_int_equal(c.stream_ons, 2);
    assert_true(fake_shoot(&c, 8, FAKE_WHOLE));
    image = next(s);
    assert_int_equal(rill_testsrc_read_number(&image), 8);
    rill_source_free(s);
}

static void a_camera_that_never_works_again_ends(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct fake_camera c = fake_camera();
    struct rill_source *s = streaming(&c, "/dev/video0");
    struct rill_image image;
    int64_t now = now_us();
    for (int k = 0; k < 100 && !rill_source_ended(s, &why); k++) {
        c.picture_error = EIO;
        assert_false(rill_source_image(s, now, &image));
        if (rill_source_deadline(s) != RILL_NEVER)
            now = rill_source_deadline(s);
    }
    assert_true(rill_source_ended(s, &why));
    assert_row(why.row->code, CAPTURE_NOT_READABLE);
    assert_int_equal(why.value, EIO);
    rill_source_free(s);
}

static void an_unplugged_camera_ends_its_source(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct rill_image image;
    struct fake_camera c = fake_camera();
    struct rill_source *s = streaming(&c, "/dev/video0");
    assert_true(fake_shoot(&c, 1, FAKE_WHOLE));
    (void)next(s);
    fake_unplug(&c);
    assert_true(polled(s) & POLLHUP);
    assert_false(rill_source_image(s, now_us(), &image));
    assert_true(rill_source_ended(s, &why));
    assert_row(why.row->code, CAPTURE_DEVICE_LOST);
    assert_int_equal(why.value, ENODEV);
    struct rill_source_fd fds[RILL_SOURCE_FDS_MAX];
    assert_int_equal(rill_source_descriptors(s, fds), 0);
    assert_int_equal(rill_source_deadline(s), RILL_NEVER);
    rill_source_free(s);
}

static void a_camera_that_goes_between_opening_and_the_start_ends(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct fake_camera c = fake_camera();
    struct rill_source *s = opened(&c, "/dev/video0");
    fake_unplug(&c);
    rill_source_start(s, now_us());
    assert_true(rill_source_ended(s, &why));
    assert_row(why.row->code, CAPTURE_DEVICE_LOST);
    rill_source_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_gives_the_very_picture),
        cmocka_unit_test(rows_may_be_longer_than_the_picture),
        cmocka_unit_test(an_odd_format_is_converted_by_libv4l),
        cmocka_unit_test(a_camera_is_listed_with_its_modes_and_controls),
        cmocka_unit_test(the_mode_that_meets_the_constraints_is_set),
        cmocka_unit_test(constraints_that_no_mode_meets_are_refused_by_name),
        cmocka_unit_test(a_camera_that_knows_where_it_looks_says_so),
        cmocka_unit_test(no_camera_no_permission_and_a_busy_one_are_told_apart),
        cmocka_unit_test(a_camera_that_another_uses_is_busy),
        cmocka_unit_test(what_does_not_capture_is_no_camera),
        cmocka_unit_test(a_format_nobody_converts_is_refused),
        cmocka_unit_test(crop_and_controls_reach_the_driver_or_are_refused),
        cmocka_unit_test(a_driver_without_rates_has_one),
        cmocka_unit_test(pictures_come_with_the_time_they_were_taken),
        cmocka_unit_test(short_and_flagged_pictures_of_each_format_are_dropped),
        cmocka_unit_test(a_corrupted_jpeg_is_dropped),
        cmocka_unit_test(gaps_in_the_sequence_are_counted),
        cmocka_unit_test(an_io_error_begins_streaming_anew),
        cmocka_unit_test(a_camera_that_never_works_again_ends),
        cmocka_unit_test(an_unplugged_camera_ends_its_source),
        cmocka_unit_test(a_camera_that_goes_between_opening_and_the_start_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
