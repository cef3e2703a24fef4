/* capture/pixels: pictures in other layouts to I420 (BT.601, limited range), and cropping and
 * scaling, by libyuv.
 *
 * stride: bytes from one row to the next. `to` has its planes and its size; bytes that are too
 * few for it are refused with false. */
#ifndef RILL_CAPTURE_PIXELS_H
#define RILL_CAPTURE_PIXELS_H

#include "base/frame.h"

/* Y0 U Y1 V of two pixels. */
bool rill_pixels_from_yuyv(struct rill_view bytes, size_t stride, struct rill_image *to);
/* The plane Y, then U and V side by side at half the size. */
bool rill_pixels_from_nv12(struct rill_view bytes, size_t stride, struct rill_image *to);
/* The planes Y, U, V; the stride of the latter is half that of the first. */
bool rill_pixels_from_i420(struct rill_view bytes, size_t stride, struct rill_image *to);
/* Blue, green, red and a spare byte. */
bool rill_pixels_from_bgrx(struct rill_view bytes, size_t stride, struct rill_image *to);

/* Red, green, blue, three bytes a pixel; to has width × height of them. */
bool rill_pixels_to_rgb(const struct rill_image *from, uint8_t *to);

/* The middle of the picture that has the other's shape, scaled to its size. The other's time
 * becomes that of the picture. */
bool rill_pixels_fit(const struct rill_image *from, struct rill_image *to);
/* The picture turned clockwise by 90, 180 or 270 degrees; the other has its size turned likewise.
 * The other's time becomes that of the picture. */
bool rill_pixels_turn(const struct rill_image *from, unsigned degrees, struct rill_image *to);
/* All of it in black. */
void rill_pixels_black(struct rill_image *image);

/* One after the other, JPEG pictures of a camera (baseline, full range). */
struct rill_mjpeg;
struct rill_mjpeg *rill_mjpeg_new(void);
void rill_mjpeg_free(struct rill_mjpeg *m);
/* False when it is no whole JPEG of exactly the size of `to`; what is in `to` then is not
 * defined. Nothing is allocated for a picture of another size. */
bool rill_mjpeg_decode(struct rill_mjpeg *m, struct rill_view bytes, struct rill_image *to);

#endif
