/* capture/png_write: one picture as .png, I420 turned to RGB. */
#include "capture/record.h"

#include "capture/pixels.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rill_png_write(const char *path, const struct rill_image *image, struct rill_err *why)
{
    size_t row = (size_t)image->width * 3;
    uint8_t *rgb = malloc(row * image->height);
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = image->width,
                     .height = image->height,
                     .format = PNG_FORMAT_RGB,
                     .flags = PNG_IMAGE_FLAG_FAST};
    errno = 0;
    bool whole = rgb && rill_pixels_to_rgb(image, rgb) &&
                 png_image_write_to_file(&png, path, 0, rgb, 0, NULL);
    int error = errno;
    free(rgb);
    if (whole)
        return 0;
    return rill_err_set(&rill_capture_errors, RILL_CAPTURE_WRITE, 0, (uint64_t)error, why);
}

bool rill_png_path(const char *pattern, uint64_t n, char *out, size_t cap)
{
    const char *percent = strchr(pattern, '%');
    const char *at = percent ? percent + 1 : NULL;
    int width = 0;
    if (!at)
        return false;
    while (*at >= '0' && *at <= '9' && width < 20)
        width = width * 10 + (*at++ - '0');
    if (*at != 'd' || width > 20 || strchr(at, '%'))
        return false;
    int length = snprintf(out, cap, "%.*s%0*llu%s", (int)(percent - pattern), pattern, width,
                          (unsigned long long)n, at + 1);
    return length > 0 && (size_t)length < cap;
}
