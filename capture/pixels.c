#include "capture/pixels.h"

#include <libyuv.h>
#include <string.h>

#define PLANES(image)                                                                              \
    (image)->plane[0], (int)(image)->stride[0], (image)->plane[1], (int)(image)->stride[1],        \
        (image)->plane[2], (int)(image)->stride[2]

/* Does the plane lie within the bytes? Its last row needs no padding. */
static bool has_plane(struct rill_view bytes, size_t from, size_t stride, size_t row, size_t rows)
{
    return row <= stride && stride <= INT32_MAX && from <= bytes.n && rows > 0 &&
           (rows - 1) * stride + row <= bytes.n - from;
}

bool rill_pixels_from_yuyv(struct rill_view bytes, size_t stride, struct rill_image *to)
{
    if (!has_plane(bytes, 0, stride, ((size_t)to->width + 1) / 2 * 4, to->height))
        return false;
    return YUY2ToI420(bytes.p, (int)stride, PLANES(to), (int)to->width, (int)to->height) == 0;
}

bool rill_pixels_from_nv12(struct rill_view bytes, size_t stride, struct rill_image *to)
{
    size_t luma = stride * to->height;
    size_t row = ((size_t)to->width + 1) / 2 * 2;
    if (!has_plane(bytes, 0, stride, to->width, to->height) ||
        !has_plane(bytes, luma, stride, row, ((size_t)to->height + 1) / 2))
        return false;
    return NV12ToI420(bytes.p, (int)stride, bytes.p + luma, (int)stride, PLANES(to), (int)to->width,
                      (int)to->height) == 0;
}

bool rill_pixels_from_i420(struct rill_view bytes, size_t stride, struct rill_image *to)
{
    size_t rows = ((size_t)to->height + 1) / 2, half = (stride + 1) / 2;
    size_t u = stride * to->height, v = u + half * rows;
    if (!has_plane(bytes, 0, stride, to->width, to->height) ||
        !has_plane(bytes, v, half, ((size_t)to->width + 1) / 2, rows))
        return false;
    return I420Copy(bytes.p, (int)stride, bytes.p + u, (int)half, bytes.p + v, (int)half,
                    PLANES(to), (int)to->width, (int)to->height) == 0;
}

bool rill_pixels_from_bgrx(struct rill_view bytes, size_t stride, struct rill_image *to)
{
    if (!has_plane(bytes, 0, stride, (size_t)to->width * 4, to->height))
        return false;
    return ARGBToI420(bytes.p, (int)stride, PLANES(to), (int)to->width, (int)to->height) == 0;
}

bool rill_pixels_to_rgb(const struct rill_image *from, uint8_t *to)
{
    return I420ToRAW(PLANES(from), to, (int)from->width * 3, (int)from->width, (int)from->height) ==
           0;
}

/* A rectangle in the middle, its corner at even places so that chroma stays where it is. */
static struct rill_image middle(const struct rill_image *of, uint32_t width, uint32_t height)
{
    struct rill_image m = *of;
    size_t x = (of->width - width) / 2 & ~1u, y = (of->height - height) / 2 & ~1u;
    m.width = width;
    m.height = height;
    m.plane[0] += y * of->stride[0] + x;
    for (int i = 1; i < 3; i++)
        m.plane[i] += y / 2 * of->stride[i] + x / 2;
    return m;
}

bool rill_pixels_fit(const struct rill_image *from, struct rill_image *to)
{
    uint64_t across = (uint64_t)from->width * to->height, down = (uint64_t)to->width * from->height;
    uint32_t width = from->width, height = from->height;
    if (across > down)
        width = (uint32_t)(down / to->height);
    else
        height = (uint32_t)(across / to->width);
    struct rill_image part = middle(from, width ? width : 1, height ? height : 1);
    to->time = from->time;
    return I420Scale(PLANES(&part), (int)part.width, (int)part.height, PLANES(to), (int)to->width,
                     (int)to->height, kFilterBox) == 0;
}

bool rill_pixels_turn(const struct rill_image *from, unsigned degrees, struct rill_image *to)
{
    bool upright = degrees % 180 == 0;
    if (degrees > 270 || degrees % 90 || to->width != (upright ? from->width : from->height) ||
        to->height != (upright ? from->height : from->width))
        return false;
    to->time = from->time;
    return I420Rotate(PLANES(from), PLANES(to), (int)from->width, (int)from->height,
                      (enum RotationMode)degrees) == 0;
}

void rill_pixels_black(struct rill_image *image)
{
    for (size_t y = 0; y < image->height; y++)
        memset(image->plane[0] + y * image->stride[0], 16, image->width);
    for (int i = 1; i < 3; i++)
        for (size_t y = 0; y < ((size_t)image->height + 1) / 2; y++)
            memset(image->plane[i] + y * image->stride[i], 128, ((size_t)image->width + 1) / 2);
}
