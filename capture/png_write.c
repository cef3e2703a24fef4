/* capture/png_write: one picture as .png, I420 turned to RGB. */
#include "capture/record.h"

#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

/* ITU-R BT.601, limited range, in 1/65536: Y 16 … 235, U and V 16 … 240 around 128. */
enum {
    LUMA = 76309,
    RED_V = 104597,
    GREEN_U = -25675,
    GREEN_V = -53279,
    BLUE_U = 132201,
    HALF = 32768,
};

static uint8_t clamp(int32_t scaled)
{
    int32_t v = scaled / 65536;
    return scaled < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

static void to_rgb(const struct rill_image *image, uint32_t x, uint32_t y, uint8_t *rgb)
{
    size_t half = y / 2 * image->stride[1] + x / 2;
    int32_t luma = LUMA * (image->plane[0][y * image->stride[0] + x] - 16) + HALF;
    int32_t u = image->plane[1][half] - 128;
    int32_t v = image->plane[2][y / 2 * image->stride[2] + x / 2] - 128;
    rgb[0] = clamp(luma + RED_V * v);
    rgb[1] = clamp(luma + GREEN_U * u + GREEN_V * v);
    rgb[2] = clamp(luma + BLUE_U * u);
}

int rill_png_write(const char *path, const struct rill_image *image, struct rill_err *why)
{
    size_t row = (size_t)image->width * 3;
    uint8_t *rgb = malloc(row * image->height);
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = image->width,
                     .height = image->height,
                     .format = PNG_FORMAT_RGB};
    for (uint32_t y = 0; rgb && y < image->height; y++)
        for (uint32_t x = 0; x < image->width; x++)
            to_rgb(image, x, y, rgb + y * row + 3 * (size_t)x);
    errno = 0;
    bool whole = rgb && png_image_write_to_file(&png, path, 0, rgb, 0, NULL);
    int error = errno;
    free(rgb);
    if (whole)
        return 0;
    return rill_err_set(&rill_capture_errors, RILL_CAPTURE_WRITE, 0, (uint64_t)error, why);
}
