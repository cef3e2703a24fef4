/* capture/v4l2_picture: what is in a camera's buffer, as I420. */
#include "capture/v4l2_private.h"

#include <libv4lconvert.h>
#include <stdlib.h>
#include <string.h>

bool rill_v4l2_picture_init(struct rill_v4l2 *v)
{
    const struct v4l2_pix_format *f = &v->format.fmt.pix;
    size_t n = rill_image_size(f->width, f->height);
    bool jpeg = f->pixelformat == V4L2_PIX_FMT_MJPEG || f->pixelformat == V4L2_PIX_FMT_JPEG;
    v->pixels = malloc(n);
    if (jpeg)
        v->mjpeg = rill_mjpeg_new();
    if (!rill_v4l2_is_ours(f->pixelformat))
        v->converted = rill_view_at(malloc(n), n);
    return v->pixels && (!jpeg || v->mjpeg) &&
           (rill_v4l2_is_ours(f->pixelformat) || v->converted.p);
}

void rill_v4l2_picture_free(struct rill_v4l2 *v)
{
    free(v->pixels);
    free((void *)(uintptr_t)v->converted.p);
    rill_mjpeg_free(v->mjpeg);
    if (v->convert)
        v4lconvert_destroy(v->convert);
}

/* libv4l writes its rows close together, U and V at half the width rounded down. */
static bool by_libv4l(struct rill_v4l2 *v, struct rill_view bytes, struct rill_image *to)
{
    struct v4l2_format i420 = v->format;
    uint8_t *room = (uint8_t *)(uintptr_t)v->converted.p;
    i420.fmt.pix.pixelformat = V4L2_PIX_FMT_YUV420;
    v4lconvert_fixup_fmt(&i420);
    int n = v4lconvert_convert(v->convert, &v->format, &i420, (uint8_t *)(uintptr_t)bytes.p,
                               (int)bytes.n, room, (int)v->converted.n);
    return n > 0 && rill_pixels_from_i420(rill_view_at(room, (size_t)n), to->width, to);
}

bool rill_v4l2_picture(struct rill_v4l2 *v, struct rill_view bytes, struct rill_image *to)
{
    const struct v4l2_pix_format *f = &v->format.fmt.pix;
    switch (f->pixelformat) {
    case V4L2_PIX_FMT_YUYV:
        return rill_pixels_from_yuyv(bytes, f->bytesperline ? f->bytesperline : 2 * f->width, to);
    case V4L2_PIX_FMT_NV12:
        return rill_pixels_from_nv12(bytes, f->bytesperline ? f->bytesperline : f->width, to);
    case V4L2_PIX_FMT_YUV420:
        return rill_pixels_from_i420(bytes, f->bytesperline ? f->bytesperline : f->width, to);
    case V4L2_PIX_FMT_MJPEG:
    case V4L2_PIX_FMT_JPEG:
        return rill_mjpeg_decode(v->mjpeg, bytes, to);
    default:
        return by_libv4l(v, bytes, to);
    }
}
