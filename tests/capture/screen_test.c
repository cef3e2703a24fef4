/* The screen: a real X server with known pixels, whole, in part, a window, with its cursor, with
 * shared memory and without; and what is not there. */
#include "tests/capture/x_server.h"

#include "capture/source.h"
#include "capture/testsrc.h"

#include <libyuv.h>
#include <math.h>
#include <time.h>
#include <xcb/xcb.h>

static struct x_server server;
static xcb_connection_t *x;
static xcb_screen_t *screen;

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * RILL_SECOND + t.tv_nsec / 1000;
}

static void connect_to_server(void)
{
    char display[16];
    snprintf(display, sizeof display, ":%d", server.display);
    x = xcb_connect(display, NULL);
    assert_int_equal(xcb_connection_has_error(x), 0);
    screen = xcb_setup_roots_iterator(xcb_get_setup(x)).data;
}

static int start_server(void **state)
{
    (void)state;
    x_server_start(&server, NULL);
    connect_to_server();
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    xcb_disconnect(x);
    x_server_stop(&server);
    return 0;
}

static int start_server_without_shm(void **state)
{
    (void)state;
    x_server_start(&server, "MIT-SHM");
    connect_to_server();
    return 0;
}

static const char *named(const char *rest)
{
    static char name[200];
    snprintf(name, sizeof name, "x11:%d%s", server.display, rest);
    return name;
}

static int try_open(const char *name, struct rill_source **out)
{
    return rill_source_open(&(struct rill_source_config){.name = name}, out, NULL);
}

static struct rill_source *streaming(const char *rest)
{
    struct rill_source *s = NULL;
    assert_int_equal(try_open(named(rest), &s), 0);
    rill_source_start(s, now_us());
    return s;
}

/* As a worker does: wait for the deadline or the descriptor, then look. */
static bool next(struct rill_source *s, struct rill_image *out)
{
    int64_t end = now_us() + 20 * RILL_SECOND;
    while (!rill_source_ended(s, NULL) && now_us() < end) {
        struct rill_source_fd fds[RILL_SOURCE_FDS_MAX];
        if (rill_source_image(s, now_us(), out))
            return true;
        size_t n = rill_source_descriptors(s, fds);
        int64_t left = (rill_source_deadline(s) - now_us()) / RILL_MS;
        struct pollfd p = {.fd = fds[0].fd, .events = fds[0].events};
        if (n == 1)
            (void)poll(&p, 1, left > 0 && left < 1000 ? (int)left : 1);
    }
    return false;
}

/* The test pattern into a window, its corner at left, top. */
static void paint(xcb_window_t window, int16_t left, int16_t top, uint16_t width, uint16_t height,
                  uint32_t number)
{
    uint8_t *pixels = malloc(rill_image_size(width, height));
    uint8_t *bgrx = malloc((size_t)width * height * 4);
    struct rill_image i = rill_image_over(pixels, width, height);
    xcb_gcontext_t gc = xcb_generate_id(x);
    rill_testsrc_draw(&i, number);
    I420ToARGB(i.plane[0], (int)i.stride[0], i.plane[1], (int)i.stride[1], i.plane[2],
               (int)i.stride[2], bgrx, width * 4, width, height);
    xcb_create_gc(x, gc, window, 0, NULL);
    /* A request has up to 256 KiB; rows one by one fit in any case. */
    for (uint16_t row = 0; row < height; row++)
        xcb_put_image(x, XCB_IMAGE_FORMAT_Z_PIXMAP, window, gc, width, 1, left,
                      (int16_t)(top + row), 0, screen->root_depth, (uint32_t)width * 4,
                      bgrx + (size_t)row * width * 4);
    xcb_free_gc(x, gc);
    free(xcb_get_input_focus_reply(x, xcb_get_input_focus(x), NULL)); /* it is done */
    free(bgrx);
    free(pixels);
}

static xcb_window_t make_window(int16_t left, int16_t top, uint16_t width, uint16_t height)
{
    xcb_window_t w = xcb_generate_id(x);
    uint32_t values[] = {screen->black_pixel, 1};
    xcb_create_window(x, screen->root_depth, w, screen->root, left, top, width, height, 0,
                      XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual,
                      XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT, values);
    xcb_map_window(x, w);
    free(xcb_get_input_focus_reply(x, xcb_get_input_focus(x), NULL));
    return w;
}

static double psnr_of_pattern(const struct rill_image *got, uint32_t number)
{
    uint8_t *pixels = malloc(rill_image_size(got->width, got->height));
    struct rill_image wanted = rill_image_over(pixels, got->width, got->height);
    double sum = 0;
    rill_testsrc_draw(&wanted, number);
    for (uint32_t row = 0; row < got->height; row++)
        for (uint32_t column = 0; column < got->width; column++) {
            double off = (double)got->plane[0][row * got->stride[0] + column] -
                         (double)wanted.plane[0][row * wanted.stride[0] + column];
            sum += off * off;
        }
    free(pixels);
    double mean = sum / ((double)got->width * got->height);
    return mean > 0 ? 10 * log10(255 * 255 / mean) : 99;
}

static void the_whole_screen_is_seen_as_it_is(void **state)
{
    (void)state;
    struct rill_image image;
    paint(screen->root, 0, 0, 320, 240, 4711);
    struct rill_source *s = streaming(":cursor=0");
    assert_int_equal(rill_source_settings(s)->width, 320);
    assert_int_equal(rill_source_settings(s)->height, 240);
    assert_int_equal(rill_source_settings(s)->rate_numerator, 30);
    int64_t last = 0;
    for (int k = 0; k < 3; k++) {
        assert_true(next(s, &image));
        assert_int_equal(rill_testsrc_read_number(&image), 4711);
        /* Once to RGB and back costs that much. */
        assert_true(psnr_of_pattern(&image, 4711) > 45);
        assert_true(image.time > last);
        last = image.time;
    }
    paint(screen->root, 0, 0, 320, 240, 4712);
    assert_true(next(s, &image)); /* may have been asked for before */
    assert_true(next(s, &image));
    assert_int_equal(rill_testsrc_read_number(&image), 4712);
    rill_source_free(s);
}

static void a_region_is_cut_out(void **state)
{
    (void)state;
    struct rill_image image;
    paint(screen->root, 100, 50, 128, 96, 99);
    struct rill_source *s = streaming("+100,50:size=128x96:cursor=0:rate=60");
    assert_true(next(s, &image));
    assert_int_equal(image.width, 128);
    assert_int_equal(rill_testsrc_read_number(&image), 99);
    rill_source_free(s);
}

static void a_region_may_have_odd_sides(void **state)
{
    (void)state;
    struct rill_image image;
    paint(screen->root, 33, 17, 161, 121, 7);
    struct rill_source *s = streaming("+33,17:size=161x121:cursor=0");
    assert_true(next(s, &image));
    assert_int_equal(image.width, 161);
    assert_int_equal(rill_testsrc_read_number(&image), 7);
    rill_source_free(s);
}

static void a_window_is_followed_when_it_moves_and_grows_until_it_goes(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_err why = {0};
    char rest[64];
    xcb_window_t w = make_window(20, 30, 128, 96);
    paint(w, 0, 0, 128, 96, 21);
    snprintf(rest, sizeof rest, ":window=0x%x,rate=100,cursor=0", w);
    struct rill_source *s = streaming(rest);
    assert_true(next(s, &image));
    assert_int_equal(image.width, 128);
    assert_int_equal(rill_testsrc_read_number(&image), 21);
    xcb_configure_window(x, w,
                         XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_WIDTH | XCB_CONFIG_WINDOW_HEIGHT,
                         (uint32_t[]){5, 192, 144});
    paint(w, 0, 0, 192, 144, 22);
    for (int k = 0; k < 5 && image.width != 192; k++)
        assert_true(next(s, &image));
    assert_int_equal(image.width, 192);
    assert_int_equal(rill_testsrc_read_number(&image), 22);
    /* Partly off the screen the server gives no picture; that is no end. */
    xcb_configure_window(x, w, XCB_CONFIG_WINDOW_X, (uint32_t[]){250});
    xcb_flush(x);
    uint64_t dropped = rill_source_dropped(s);
    for (int k = 0; k < 2000 && rill_source_dropped(s) < dropped + 2; k++) {
        (void)rill_source_image(s, now_us(), &image);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_true(rill_source_dropped(s) >= dropped + 2);
    assert_false(rill_source_ended(s, NULL));
    xcb_destroy_window(x, w);
    xcb_flush(x);
    while (next(s, &image))
        ;
    assert_true(rill_source_ended(s, &why));
    assert_row(why.row->code, CAPTURE_DEVICE_LOST);
    rill_source_free(s);
}

/* A red square of 8 × 8 as the cursor, at 60, 40. */
static void show_cursor(void)
{
    static const uint8_t full[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                     255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                     255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    xcb_pixmap_t p = xcb_generate_id(x);
    xcb_gcontext_t gc = xcb_generate_id(x);
    xcb_cursor_t cursor = xcb_generate_id(x);
    xcb_create_pixmap(x, 1, p, screen->root, 8, 8);
    xcb_create_gc(x, gc, p, 0, NULL);
    xcb_put_image(x, XCB_IMAGE_FORMAT_Z_PIXMAP, p, gc, 8, 8, 0, 0, 0, 1, sizeof full, full);
    xcb_create_cursor(x, cursor, p, p, 65535, 0, 0, 65535, 0, 0, 0, 0);
    xcb_change_window_attributes(x, screen->root, XCB_CW_CURSOR, &cursor);
    xcb_warp_pointer(x, XCB_NONE, screen->root, 0, 0, 0, 0, 60, 40);
    free(xcb_get_input_focus_reply(x, xcb_get_input_focus(x), NULL));
}

static uint8_t red_at(const char *rest, size_t across, size_t down)
{
    struct rill_image image;
    struct rill_source *s = streaming(rest);
    assert_true(next(s, &image));
    uint8_t v = image.plane[2][down / 2 * image.stride[2] + across / 2];
    rill_source_free(s);
    return v;
}

static void the_cursor_is_on_the_picture_unless_it_is_not_wanted(void **state)
{
    (void)state;
    paint(screen->root, 0, 0, 320, 240, 0);
    uint8_t under = red_at(":cursor=0", 63, 43);
    show_cursor();
    assert_int_equal(red_at(":cursor=0", 63, 43), under);
    /* V of red in BT.601, limited range. */
    assert_in_range(red_at("", 63, 43), 236, 242);
    assert_in_range(red_at("+50,30:size=100x100", 13, 13), 236, 242);
    assert_int_equal(red_at("", 90, 43), red_at(":cursor=0", 90, 43));
    xcb_warp_pointer(x, XCB_NONE, screen->root, 0, 0, 0, 0, 316, 236);
    free(xcb_get_input_focus_reply(x, xcb_get_input_focus(x), NULL));
    assert_in_range(red_at("", 319, 239), 236, 242); /* only its corner is on the screen */
}

static void constraints_scale_the_screen(void **state)
{
    (void)state;
    struct rill_source *s = streaming(":width=160,height=120,frameRate=10");
    assert_int_equal(rill_source_native(s)->width, 320);
    assert_int_equal(rill_source_settings(s)->width, 160);
    assert_int_equal(rill_source_settings(s)->rate_numerator, 10);
    rill_source_free(s);
}

static void what_is_not_there_is_refused(void **state)
{
    (void)state;
    struct rill_source *s = NULL;
    assert_row(try_open("x11:4711", &s), CAPTURE_X11_CONNECT);
    assert_row(try_open(named(".7"), &s), CAPTURE_X11_CONNECT);
    assert_row(try_open(named(":window=0x7fffffff"), &s), CAPTURE_X11_WINDOW);
    assert_row(try_open(named("+320,0"), &s), CAPTURE_X11_REGION);
    assert_row(try_open(named("+1,0:size=320x240"), &s), CAPTURE_X11_REGION);
    assert_row(try_open(named("+1"), &s), CAPTURE_NAME);
    assert_row(try_open(named(":window=0"), &s), CAPTURE_OPTION);
    assert_row(try_open(named(":window=0xfffffffff"), &s), CAPTURE_OPTION);
    assert_row(try_open(named(":frameRate.min=500"), &s), CAPTURE_OVERCONSTRAINED_FRAME_RATE);
    assert_null(s);
}

static void a_server_that_dies_ends_the_source(void **state)
{
    (void)state;
    struct rill_image image;
    struct rill_err why = {0};
    struct rill_source *s = streaming(":rate=100");
    assert_true(next(s, &image));
    x_server_stop(&server);
    while (next(s, &image))
        ;
    assert_true(rill_source_ended(s, &why));
    assert_row(why.row->code, CAPTURE_DEVICE_LOST);
    rill_source_free(s);
}

static void other_pixels_are_refused(void **state)
{
    (void)state;
    struct rill_source *s = NULL;
    xcb_window_t w = xcb_generate_id(x);
    xcb_create_window(x, 0, w, screen->root, 0, 0, 10, 10, 0, XCB_WINDOW_CLASS_INPUT_ONLY,
                      screen->root_visual, 0, NULL);
    xcb_map_window(x, w);
    free(xcb_get_input_focus_reply(x, xcb_get_input_focus(x), NULL));
    char rest[64];
    snprintf(rest, sizeof rest, ":window=%u", w);
    assert_row(try_open(named(rest), &s), CAPTURE_X11_FORMAT); /* it has no pixels at all */
    xcb_destroy_window(x, w);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start_server, stop_server)
#define WITHOUT(test) cmocka_unit_test_setup_teardown(test, start_server_without_shm, stop_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(the_whole_screen_is_seen_as_it_is),
        WITH(a_region_is_cut_out),
        WITH(a_region_may_have_odd_sides),
        WITH(a_window_is_followed_when_it_moves_and_grows_until_it_goes),
        WITH(the_cursor_is_on_the_picture_unless_it_is_not_wanted),
        WITH(constraints_scale_the_screen),
        WITH(what_is_not_there_is_refused),
        WITH(other_pixels_are_refused),
        WITH(a_server_that_dies_ends_the_source),
        WITHOUT(the_whole_screen_is_seen_as_it_is),
        WITHOUT(a_window_is_followed_when_it_moves_and_grows_until_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
