/* capture/y4m_write: decoded pictures kept as .y4m.
 *
 * The idea: the format knows one rate and one size. Each picture is held until the time of the
 * next is known, and written as often as its share of 1/30 s asks for, maybe never. */
#include "capture/record.h"

#include "base/clock.h"
#include "capture/pixels.h"
#include "capture/record_file.h"

#include <stdio.h>
#include <stdlib.h>

#define RATE 30
/* The call waits while pictures are written: of a longer pause no more than this is kept. */
#define REPEAT_MAX (10 * RATE)

struct rill_y4m_writer {
    FILE *stream;
    struct rill_image held; /* over pixels */
    uint8_t *pixels;        /* NULL before the first picture */
    int64_t next;           /* number of the first picture that is not written */
    int64_t left_out;       /* pictures of long pauses */
};

int rill_y4m_writer_open(const char *path, struct rill_y4m_writer **out, struct rill_err *why)
{
    FILE *stream;
    struct rill_y4m_writer *w = rill_record_open(path, sizeof *w, &stream, why);
    if (!w)
        return RILL_CAPTURE_OPEN;
    w->stream = stream;
    *out = w;
    return 0;
}

static bool begin(struct rill_y4m_writer *w, const struct rill_image *image)
{
    w->pixels = malloc(rill_image_size(image->width, image->height));
    if (!w->pixels)
        return false;
    w->held = rill_image_over(w->pixels, image->width, image->height);
    return fprintf(w->stream, "YUV4MPEG2 W%u H%u F%d:1 Ip A1:1 C420jpeg\n", image->width,
                   image->height, RATE) > 0;
}

/* The held picture, up to but not including picture n. */
static bool write_until(struct rill_y4m_writer *w, int64_t n)
{
    size_t size = rill_image_size(w->held.width, w->held.height);
    for (; w->next < n; w->next++)
        if (fputs("FRAME\n", w->stream) < 0 || fwrite(w->pixels, size, 1, w->stream) != 1)
            return false;
    return fflush(w->stream) == 0;
}

int rill_y4m_writer_image(struct rill_y4m_writer *w, int64_t time, const struct rill_image *image)
{
    int64_t n = (time * RATE + RILL_SECOND / 2) / RILL_SECOND - w->left_out;
    bool first = !w->pixels;
    if (first && !begin(w, image))
        return RILL_CAPTURE_WRITE;
    /* What lies before the first picture shows it too, so that the file begins with the call. */
    if (first && !rill_pixels_fit(image, &w->held))
        return RILL_CAPTURE_RECORD_CODEC;
    if (n > w->next + REPEAT_MAX) {
        w->left_out += n - w->next - REPEAT_MAX;
        n = w->next + REPEAT_MAX;
    }
    if (!write_until(w, n))
        return RILL_CAPTURE_WRITE;
    if (!first && !rill_pixels_fit(image, &w->held))
        return RILL_CAPTURE_RECORD_CODEC;
    return 0;
}

int rill_y4m_writer_close(struct rill_y4m_writer *w)
{
    if (!w)
        return 0;
    bool whole = !w->pixels || write_until(w, w->next + 1);
    free(w->pixels);
    return rill_record_close(w, w->stream, whole);
}
