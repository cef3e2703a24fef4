/* capture/testsrc: the test picture: colour bars that wander, a box that bounces, the frame
 * number in digits for people and in cells for machines.
 *
 * The number is written along the bottom in two rows of 16 black or white cells, most
 * significant bit first: 24 bits of the number, then 8 of a checksum. Cells are parts of the
 * picture's size, so the code can be read after scaling and after coarse coding.
 *
 *      | b23 b22 …                    b8 |   rows from 10/12 to 11/12 of the height
 *      | b7 … b0  c7 … c0                |   rows from 11/12 to the bottom
 */
#ifndef RILL_CAPTURE_TESTSRC_H
#define RILL_CAPTURE_TESTSRC_H

#include "base/frame.h"

/* The smallest picture whose cells survive coding. */
#define RILL_TESTSRC_WIDTH_MIN 64
#define RILL_TESTSRC_HEIGHT_MIN 48
#define RILL_TESTSRC_NUMBERS (1 << 24)

/* Draws the whole picture; the number counts modulo RILL_TESTSRC_NUMBERS. */
void rill_testsrc_draw(struct rill_image *image, uint32_t number);

/* A flat rectangle in luma pixels, clipped to the picture; x1 and y1 are not in it. */
struct rill_rect {
    uint32_t x0, y0, x1, y1;
};
struct rill_colour {
    uint8_t y, u, v;
};
void rill_testsrc_fill(struct rill_image *image, struct rill_rect r, struct rill_colour c);

/* The cells. */
void rill_number_code_draw(struct rill_image *image, uint32_t number);

/* The number in decimal, 8 digits, `scale` pixels a dot, its corner at x, y. */
void rill_digits_draw(struct rill_image *image, uint32_t x, uint32_t y, uint32_t scale,
                      uint32_t number);

#endif
