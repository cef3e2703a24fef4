/* capture/x11: the screen of an X server, a region of it, or one window, as a source
 * (getDisplayMedia). */
#include "capture/bounds.h"
#include "capture/x11_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_MAX 240

static struct rill_x11 *own(const struct rill_source *s)
{
    return s->own;
}

static int refuse(int code, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, 0, 0, why);
}

/* --- pacing ---------------------------------------------------------------------------- */

static int64_t due(const struct rill_source *s)
{
    const struct rill_x11 *x = own(s);
    uint64_t units = x->next * s->native.rate_denominator;
    uint64_t rest = units % s->native.rate_numerator;
    return x->start + (int64_t)(units / s->native.rate_numerator) * RILL_SECOND +
           (int64_t)(rest * RILL_SECOND / s->native.rate_numerator);
}

static void start(struct rill_source *s, int64_t now)
{
    own(s)->start = now;
    own(s)->next = 0;
}

static size_t descriptors(const struct rill_source *s, struct rill_source_fd *out)
{
    out[0] = (struct rill_source_fd){.fd = xcb_get_file_descriptor(own(s)->c), .events = POLLIN};
    return 1;
}

/* What was due and was not grabbed is past: the screen is as it is now. */
static void skip(struct rill_source *s, int64_t now)
{
    own(s)->next++;
    while (due(s) <= now) {
        own(s)->next++;
        s->dropped++;
    }
}

static bool give_image(struct rill_source *s, int64_t now, struct rill_image *out)
{
    struct rill_x11 *x = own(s);
    bool is_due = due(s) <= now;
    if (!x->waiting && is_due)
        rill_x11_request(x, now);
    else if (is_due)
        s->dropped++; /* the server has not answered yet */
    if (is_due)
        skip(s, now);
    switch (rill_x11_collect(x, out)) {
    case RILL_X11_PICTURE:
        return true;
    case RILL_X11_NONE:
        s->dropped++;
        return false;
    case RILL_X11_GONE:
        rill_source_end(s, RILL_CAPTURE_DEVICE_LOST, ENODEV);
        return false;
    default:
        return false;
    }
}

static void close_display(struct rill_source *s)
{
    struct rill_x11 *x = own(s);
    if (x->c) {
        rill_x11_shm_free(x);
        xcb_disconnect(x->c);
    }
    free(x->pixels);
    free(x);
}

static const struct rill_source_ops ops = {
    .close = close_display,
    .start = start,
    .deadline = due,
    .descriptors = descriptors,
    .image = give_image,
};

/* --- opening --------------------------------------------------------------------------- */

/* "x11:0.0+10,20": the display, and the corner of the region. */
static bool read_name(struct rill_view name, char display[64], uint32_t *x, uint32_t *y)
{
    struct rill_view corner, down;
    struct rill_view text = name.n > 4 ? rill_view_sub(name, 4, name.n - 4) : rill_view_of("");
    struct rill_view server = rill_view_cut(text, '+', &corner);
    struct rill_view across = rill_view_cut(corner, ',', &down);
    *x = *y = 0;
    if (server.n > 60 || (corner.p && (!rill_options_number(across, 0, INT16_MAX, x) ||
                                       !rill_options_number(down, 0, INT16_MAX, y))))
        return false;
    bool colon = server.n > 0 && memchr(server.p, ':', server.n);
    snprintf(display, 64, "%s%.*s", server.n > 0 && !colon ? ":" : "", (int)server.n,
             (const char *)server.p);
    return true;
}

static xcb_screen_t *screen_of(xcb_connection_t *c, int number)
{
    xcb_screen_iterator_t i = xcb_setup_roots_iterator(xcb_get_setup(c));
    for (; i.rem > 0 && number > 0; number--)
        xcb_screen_next(&i);
    return i.rem > 0 ? i.data : NULL;
}

/* 32 bits a pixel, least significant byte first, blue in it: what ARGBToI420() reads. */
static bool is_bgrx(xcb_connection_t *c, const xcb_screen_t *screen, uint8_t depth)
{
    const xcb_setup_t *setup = xcb_get_setup(c);
    bool wide = false, masks = false;
    if (setup->image_byte_order != XCB_IMAGE_ORDER_LSB_FIRST || depth < 24)
        return false;
    for (xcb_format_iterator_t f = xcb_setup_pixmap_formats_iterator(setup); f.rem > 0;
         xcb_format_next(&f))
        wide = wide || (f.data->depth == depth && f.data->bits_per_pixel == 32);
    for (xcb_depth_iterator_t d = xcb_screen_allowed_depths_iterator(screen); d.rem > 0;
         xcb_depth_next(&d))
        for (xcb_visualtype_iterator_t v = xcb_depth_visuals_iterator(d.data); v.rem > 0;
             xcb_visualtype_next(&v))
            masks = masks || (v.data->red_mask == 0xff0000 && v.data->blue_mask == 0xff);
    return wide && masks;
}

static void ask_extensions(struct rill_x11 *x, bool cursor)
{
    xcb_prefetch_extension_data(x->c, &xcb_shm_id);
    xcb_prefetch_extension_data(x->c, &xcb_xfixes_id);
    const xcb_query_extension_reply_t *shm = xcb_get_extension_data(x->c, &xcb_shm_id);
    const xcb_query_extension_reply_t *fixes = xcb_get_extension_data(x->c, &xcb_xfixes_id);
    x->shm.usable = shm && shm->present;
    if (!cursor || !fixes || !fixes->present)
        return;
    /* "The client must negotiate the version before executing extension requests." */
    xcb_xfixes_query_version_reply_t *version =
        xcb_xfixes_query_version_reply(x->c, xcb_xfixes_query_version(x->c, 2, 0), NULL);
    x->cursor = version != NULL;
    free(version);
}

static int measure_window(struct rill_x11 *x, const xcb_screen_t *screen, struct rill_err *why)
{
    xcb_get_geometry_reply_t *g =
        xcb_get_geometry_reply(x->c, xcb_get_geometry(x->c, x->window), NULL);
    xcb_get_window_attributes_reply_t *a =
        xcb_get_window_attributes_reply(x->c, xcb_get_window_attributes(x->c, x->window), NULL);
    int rc =
        g && a && a->map_state == XCB_MAP_STATE_VIEWABLE ? 0 : refuse(RILL_CAPTURE_X11_WINDOW, why);
    if (rc == 0 && !is_bgrx(x->c, screen, g->depth))
        rc = refuse(RILL_CAPTURE_X11_FORMAT, why);
    if (rc == 0) {
        x->width = g->width;
        x->height = g->height;
    }
    free(g);
    free(a);
    return rc;
}

static int measure_region(struct rill_x11 *x, const xcb_screen_t *screen,
                          const struct rill_source_options *o, struct rill_err *why)
{
    uint32_t left = (uint32_t)x->x, top = (uint32_t)x->y;
    uint32_t across = screen->width_in_pixels, down = screen->height_in_pixels;
    uint32_t width = o->width ? o->width : across - left;
    uint32_t height = o->height ? o->height : down - top;
    if (left >= across || top >= down || width > across - left || height > down - top)
        return refuse(RILL_CAPTURE_X11_REGION, why);
    if (!is_bgrx(x->c, screen, screen->root_depth))
        return refuse(RILL_CAPTURE_X11_FORMAT, why);
    x->width = (uint16_t)width;
    x->height = (uint16_t)height;
    return 0;
}

static int connect_to(struct rill_x11 *x, struct rill_view name,
                      const struct rill_source_options *o, struct rill_err *why)
{
    char display[64];
    uint32_t left, top;
    int number = 0;
    if (!read_name(name, display, &left, &top))
        return refuse(RILL_CAPTURE_NAME, why);
    x->c = xcb_connect(display[0] ? display : NULL, &number);
    xcb_screen_t *screen = xcb_connection_has_error(x->c) ? NULL : screen_of(x->c, number);
    if (!screen)
        return refuse(RILL_CAPTURE_X11_CONNECT, why);
    x->root = screen->root;
    x->window = o->window;
    x->x = (int16_t)left;
    x->y = (int16_t)top;
    ask_extensions(x, o->cursor);
    return x->window ? measure_window(x, screen, why) : measure_region(x, screen, o, why);
}

static int choose(struct rill_source *s, const struct rill_source_options *o, struct rill_err *why)
{
    const struct rill_x11 *x = own(s);
    struct rill_rate asked = {o->rate_numerator, o->rate_denominator};
    if (!rill_bounds_picture(x->width, x->height))
        return refuse(RILL_CAPTURE_X11_REGION, why);
    s->mode = (struct rill_mode){.width = {x->width, x->width, 1},
                                 .height = {x->height, x->height, 1},
                                 .slowest = {1, 1},
                                 .fastest = {RATE_MAX, 1}};
    if (asked.numerator > 0)
        s->mode.slowest = s->mode.fastest = asked;
    return rill_source_select(s, &o->constraints, why);
}

int rill_x11_open(struct rill_source *s, const struct rill_source_config *config,
                  const struct rill_source_options *options, struct rill_err *why)
{
    (void)config;
    struct rill_x11 *x = calloc(1, sizeof *x);
    if (!x)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_OPEN, 0, ENOMEM, why);
    s->ops = &ops;
    s->own = x;
    s->kind = RILL_VIDEO;
    s->live = true;
    int rc = connect_to(x, options->name, options, why);
    return rc < 0 ? rc : choose(s, options, why);
}
