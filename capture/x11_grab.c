/* capture/x11_grab: one picture of the screen or of a window, and the cursor on it.
 *
 * The idea: everything is asked for at once and nothing is waited for: the replies come in the
 * order of the requests, so when the last is there, all are. A server that hangs costs
 * pictures, not time. */
#include "capture/x11_private.h"

#include <stdlib.h>
#include <xcb/xcbext.h>

#define ALL_PLANES UINT32_MAX

struct replies {
    xcb_get_geometry_reply_t *geometry;
    xcb_translate_coordinates_reply_t *corner;
    xcb_shm_get_image_reply_t *shared;
    xcb_get_image_reply_t *image;
    xcb_xfixes_get_cursor_image_reply_t *pointer;
};

void rill_x11_request(struct rill_x11 *x, int64_t now)
{
    xcb_drawable_t from = x->window ? x->window : x->root;
    int16_t left = x->window ? 0 : x->x, top = x->window ? 0 : x->y;
    size_t n = (size_t)x->width * x->height * 4;
    x->geometry = xcb_get_geometry(x->c, from);
    if (x->window)
        x->corner = xcb_translate_coordinates(x->c, x->window, x->root, 0, 0);
    if (rill_x11_shm_reserve(x, n))
        x->shared = xcb_shm_get_image(x->c, from, left, top, x->width, x->height, ALL_PLANES,
                                      XCB_IMAGE_FORMAT_Z_PIXMAP, x->shm.segment, 0);
    else
        x->image = xcb_get_image(x->c, XCB_IMAGE_FORMAT_Z_PIXMAP, from, left, top, x->width,
                                 x->height, ALL_PLANES);
    if (x->cursor)
        x->pointer = xcb_xfixes_get_cursor_image(x->c);
    xcb_flush(x->c);
    x->time = now;
    x->waiting = true;
}

/* --- the replies ----------------------------------------------------------------------- */

/* True when there is an answer; *out stays NULL when it is a refusal. */
static bool answer(struct rill_x11 *x, unsigned sequence, void *out)
{
    xcb_generic_error_t *refused = NULL;
    void *reply = NULL;
    bool there = xcb_poll_for_reply(x->c, sequence, &reply, &refused) == 1;
    free(refused);
    *(void **)out = reply;
    return there;
}

static unsigned last_asked(const struct rill_x11 *x)
{
    return x->cursor ? x->pointer.sequence : x->shm.usable ? x->shared.sequence : x->image.sequence;
}

/* An earlier reply is there when a later one is, so each is asked for once. */
static bool gather(struct rill_x11 *x, struct replies *r)
{
    void *last = NULL;
    xcb_generic_event_t *event;
    while ((event = xcb_poll_for_event(x->c)) != NULL) /* reads what has come */
        free(event);
    if (!x->waiting)
        return false;
    if (!answer(x, last_asked(x), &last))
        return false;
    if (x->cursor)
        r->pointer = last;
    else if (x->shm.usable)
        r->shared = last;
    else
        r->image = last;
    (void)answer(x, x->geometry.sequence, &r->geometry);
    if (x->window)
        (void)answer(x, x->corner.sequence, &r->corner);
    if (x->cursor && x->shm.usable)
        (void)answer(x, x->shared.sequence, &r->shared);
    else if (x->cursor)
        (void)answer(x, x->image.sequence, &r->image);
    return true;
}

static void release(struct replies *r)
{
    free(r->geometry);
    free(r->corner);
    free(r->shared);
    free(r->image);
    free(r->pointer);
}

/* --- the picture ----------------------------------------------------------------------- */

/* The cursor's colours are multiplied by its alpha already. */
static void blend(uint8_t *to, uint32_t argb)
{
    uint32_t left = 255 - (argb >> 24);
    for (int i = 0; i < 3; i++) {
        uint32_t v = (argb >> (8 * i) & 0xff) + (to[i] * left + 127) / 255;
        to[i] = (uint8_t)(v < 255 ? v : 255);
    }
}

static void draw_cursor(const struct rill_x11 *x, const struct replies *r, uint8_t *bgrx)
{
    const xcb_xfixes_get_cursor_image_reply_t *p = r->pointer;
    int left = p->x - p->xhot - (r->corner ? r->corner->dst_x : x->x);
    int top = p->y - p->yhot - (r->corner ? r->corner->dst_y : x->y);
    const uint32_t *argb = xcb_xfixes_get_cursor_image_cursor_image(p);
    for (int row = 0; row < p->height; row++)
        for (int column = 0; column < p->width; column++) {
            int across = left + column, down = top + row;
            if (across < 0 || down < 0 || across >= x->width || down >= x->height)
                continue;
            blend(bgrx + ((size_t)down * x->width + (size_t)across) * 4,
                  argb[row * p->width + column]);
        }
}

/* NULL when the server gave none, or not of the size that was asked for. */
static uint8_t *grabbed(const struct rill_x11 *x, const struct replies *r)
{
    size_t n = (size_t)x->width * x->height * 4;
    if (x->shm.usable)
        return r->shared && r->shared->size >= n ? x->shm.p : NULL;
    return r->image && (size_t)xcb_get_image_data_length(r->image) >= n
               ? xcb_get_image_data(r->image)
               : NULL;
}

static bool reserve(struct rill_x11 *x)
{
    size_t n = rill_image_size(x->width, x->height);
    if (n <= x->cap)
        return true;
    uint8_t *pixels = realloc(x->pixels, n);
    if (!pixels)
        return false;
    x->pixels = pixels;
    x->cap = n;
    return true;
}

static enum rill_x11_outcome finish(struct rill_x11 *x, const struct replies *r,
                                    struct rill_image *out)
{
    size_t stride = (size_t)x->width * 4;
    uint8_t *bgrx = grabbed(x, r);
    if (!r->geometry)
        return RILL_X11_GONE;
    if (!bgrx || !reserve(x))
        return RILL_X11_NONE;
    if (r->pointer)
        draw_cursor(x, r, bgrx);
    struct rill_image image = rill_image_over(x->pixels, x->width, x->height);
    image.time = x->time;
    if (!rill_pixels_from_bgrx(rill_view_at(bgrx, stride * x->height), stride, &image))
        return RILL_X11_NONE;
    *out = image;
    return RILL_X11_PICTURE;
}

enum rill_x11_outcome rill_x11_collect(struct rill_x11 *x, struct rill_image *out)
{
    struct replies r = {0};
    bool there = gather(x, &r);
    if (xcb_connection_has_error(x->c)) {
        release(&r);
        return RILL_X11_GONE;
    }
    if (!there)
        return RILL_X11_WAIT;
    x->waiting = false;
    enum rill_x11_outcome outcome = finish(x, &r, out);
    /* A window that changed its size is grabbed whole from the next picture on. */
    if (x->window && r.geometry) {
        x->width = r.geometry->width;
        x->height = r.geometry->height;
    }
    release(&r);
    return outcome;
}
