/* Previews: a window of SDL's dummy driver, a terminal of the test's own, and neither. */
#define _XOPEN_SOURCE 700 /* pseudo terminals */
#include "tests/capture/temp_file.h"

#include "capture/preview.h"
#include "capture/testsrc.h"

#include <SDL2/SDL.h>
#include <fcntl.h>
#include <stdlib.h>

static struct rill_image picture(uint32_t width, uint32_t height)
{
    static uint8_t pixels[320 * 240 * 2];
    struct rill_image image = rill_image_over(pixels, width, height);
    rill_testsrc_draw(&image, 7);
    return image;
}

static void names_are_read(void **state)
{
    enum rill_preview_type type;
    (void)state;
    assert_true(rill_preview_type_read("sdl", &type));
    assert_int_equal(type, RILL_PREVIEW_SDL);
    assert_true(rill_preview_type_read("none", &type));
    assert_false(rill_preview_type_read("window", &type));
}

static void without_a_display_there_is_no_preview(void **state)
{
    struct rill_preview *p = NULL;
    struct rill_err why = {0};
    (void)state;
    setenv("SDL_VIDEODRIVER", "no-such-driver", 1);
    assert_row(rill_preview_open(RILL_PREVIEW_SDL, "", &p, &why), CAPTURE_PREVIEW);
    assert_row(rill_preview_open(RILL_PREVIEW_NONE, "", &p, &why), CAPTURE_PREVIEW);
    assert_string_equal(why.row->name, "CAPTURE_PREVIEW");
    assert_null(p);
}

static void a_window_shows_every_size_until_it_is_closed_alone(void **state)
{
    struct rill_preview *a = NULL, *b = NULL;
    (void)state;
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    assert_int_equal(rill_preview_open(RILL_PREVIEW_SDL, "a", &a, NULL), 0);
    assert_int_equal(rill_preview_open(RILL_PREVIEW_SDL, "b", &b, NULL), 0);
    struct rill_image large = picture(320, 240);
    rill_preview_show(a, 0, &large);
    struct rill_image small = picture(161, 121);
    rill_preview_show(a, 1, &small);
    rill_preview_show(b, 1, &small);
    assert_true(rill_preview_tick(a));
    /* The first window has the first id. */
    SDL_Event close = {.window = {.type = SDL_WINDOWEVENT, .event = SDL_WINDOWEVENT_CLOSE}};
    for (close.window.windowID = 1; !SDL_GetWindowFromID(close.window.windowID);)
        close.window.windowID++;
    SDL_PushEvent(&close);
    assert_true(rill_preview_tick(b));
    assert_false(rill_preview_tick(a));
    rill_preview_show(a, 2, &large);
    assert_false(rill_preview_tick(a));
    assert_true(rill_preview_tick(b));
    rill_preview_free(a);
    rill_preview_free(b);
}

/* Ten pictures a second, from the upper left corner, as many lines as there are less one. */
static void a_terminal_shows_pictures_in_their_place(void **state)
{
    (void)state;
    struct rill_preview *p = NULL;
    struct rill_err why = {0};
    static char text[1 << 16];
    int out = dup(STDOUT_FILENO), terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    int slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    int file = open("/dev/null", O_WRONLY);
    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    int none = rill_preview_open(RILL_PREVIEW_TERMINAL, "", &p, &why);
    dup2(slave, STDOUT_FILENO);
    int rc = rill_preview_open(RILL_PREVIEW_TERMINAL, "", &p, &why);
    struct rill_image image = picture(320, 240);
    size_t n = 0;
    int shown = 0;
    for (int k = 0; rc == 0 && k < 12; k++) {
        rill_preview_show(p, k * 33 * RILL_MS, &image);
        ssize_t part;
        while ((part = read(terminal, text + n, sizeof text - 1 - n)) > 0)
            n += (size_t)part;
    }
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    for (char *at = text; (at = strstr(at, "\033[H")) != NULL; at++)
        shown++;
    assert_row(none, CAPTURE_PREVIEW);
    assert_int_equal(rc, 0);
    assert_in_range(shown, 3, 4);
    assert_true(n > 1000);
    rill_preview_free(p);
    close(out);
    close(slave);
    close(file);
    close(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(without_a_display_there_is_no_preview),
        cmocka_unit_test(a_window_shows_every_size_until_it_is_closed_alone),
        cmocka_unit_test(a_terminal_shows_pictures_in_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
