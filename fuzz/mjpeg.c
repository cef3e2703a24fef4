/* fuzz mjpeg: any bytes as a camera's JPEG, in one decoder over all of them: the two bytes
 * before it are the size that the camera was set to. */
#include "capture/pixels.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct rill_mjpeg *decoder;
    if (!decoder)
        decoder = rill_mjpeg_new();
    if (n < 2 || !decoder)
        return 0;
    uint32_t width = data[0] + 1u, height = data[1] + 1u;
    uint8_t *pixels = calloc(1, rill_image_size(width, height));
    if (!pixels)
        return 0;
    struct rill_image to = rill_image_over(pixels, width, height);
    (void)rill_mjpeg_decode(decoder, rill_view_at(data + 2, n - 2), &to);
    free(pixels);
    return 0;
}
