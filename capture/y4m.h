/* capture/y4m: the YUV4MPEG2 reader: raw pictures behind one line of text.
 *
 *     YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n
 *     FRAME\n  Y plane, U plane, V plane
 *     FRAME\n  …
 *
 * W and H are needed; F defaults to 25:1, C to 420jpeg. Interlacing (I), the shape of a pixel
 * (A) and comments (X) are passed over. Only 8-bit 4:2:0 and mono are taken. */
#ifndef RILL_CAPTURE_Y4M_H
#define RILL_CAPTURE_Y4M_H

#include "base/frame.h"
#include "capture/file.h"

struct rill_y4m {
    struct rill_file *file;
    struct rill_file_index index;
    uint32_t width;
    uint32_t height;
    uint32_t rate_numerator; /* frames a second */
    uint32_t rate_denominator;
    bool mono;
};

/* Reads the header and finds every frame. file outlives it; close it on success only.
 * A last frame that is not whole is left out.
 * Errors: RILL_CAPTURE_Y4M_*, _TRUNCATED (the very first frame), _NO_FRAMES, _OPEN (memory). */
int rill_y4m_open(struct rill_y4m *y, struct rill_file *file, struct rill_err *why);
void rill_y4m_close(struct rill_y4m *y);

/* Frame k into pixels of rill_image_size() bytes, always as I420. */
bool rill_y4m_read(struct rill_y4m *y, size_t k, uint8_t *pixels);

#endif
