/* capture/x11_private: what the files of this backend share.
 *
 *   x11.c       the source: its name, its clock, its end
 *   x11_grab.c  requests that are sent, and their replies when they are there
 *   x11_shm.c   the memory that the server writes pictures into */
#ifndef RILL_CAPTURE_X11_PRIVATE_H
#define RILL_CAPTURE_X11_PRIVATE_H

#include "capture/pixels.h"
#include "capture/source_private.h"

#include <xcb/shm.h>
#include <xcb/xcb.h>
#include <xcb/xfixes.h>

struct rill_x11_shm {
    bool usable; /* the server is on this machine and has the extension */
    xcb_shm_seg_t segment;
    uint8_t *p;
    size_t n;
};

struct rill_x11 {
    xcb_connection_t *c;
    xcb_window_t root, window; /* window: 0 when it is the screen */
    int16_t x, y;              /* of the region on the screen */
    uint16_t width, height;    /* of what is grabbed next */
    bool cursor;
    struct rill_x11_shm shm;

    /* The replies that are waited for, in the order they come. */
    bool waiting;
    int64_t time; /* when they were asked for */
    xcb_get_geometry_cookie_t geometry;
    xcb_translate_coordinates_cookie_t corner;
    xcb_shm_get_image_cookie_t shared;
    xcb_get_image_cookie_t image;
    xcb_xfixes_get_cursor_image_cookie_t pointer;

    uint8_t *pixels; /* one I420 picture */
    size_t cap;
    int64_t start;
    uint64_t next;
};

/* x11_shm.c. At least n bytes, known to the server; false: without, pictures come by the
 * connection. */
bool rill_x11_shm_reserve(struct rill_x11 *x, size_t n);
void rill_x11_shm_free(struct rill_x11 *x);

/* x11_grab.c. Asks for a picture of what is there now. */
void rill_x11_request(struct rill_x11 *x, int64_t now);
enum rill_x11_outcome {
    RILL_X11_WAIT,    /* the replies are not all there */
    RILL_X11_PICTURE, /* in *out */
    RILL_X11_NONE,    /* a window that is not shown, or not wholly on the screen */
    RILL_X11_GONE,    /* the window or the server */
};
enum rill_x11_outcome rill_x11_collect(struct rill_x11 *x, struct rill_image *out);

#endif
