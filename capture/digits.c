/* capture/digits: a font of ten digits, 3 × 5 dots each. */
#include "capture/testsrc.h"

#define ACROSS 3
#define DOWN 5
#define DIGITS 8
/* A digit and the gap behind it. */
#define PITCH (ACROSS + 1)

/* Rows from the top, three dots each, the left one in the highest bit: 0123 in octal. */
static const uint16_t dots[10] = {
    075557, 026227, 071747, 071717, 055711, 074717, 074757, 071122, 075757, 075717,
};

static const struct rill_colour paper = {16, 128, 128};
static const struct rill_colour ink = {235, 128, 128};

static void draw_digit(struct rill_image *image, uint32_t x, uint32_t y, uint32_t scale,
                       unsigned digit)
{
    for (uint32_t i = 0; i < ACROSS * DOWN; i++) {
        uint32_t left = x + i % ACROSS * scale;
        uint32_t top = y + i / ACROSS * scale;
        if (dots[digit] >> (ACROSS * DOWN - 1 - i) & 1)
            rill_testsrc_fill(image, (struct rill_rect){left, top, left + scale, top + scale}, ink);
    }
}

void rill_digits_draw(struct rill_image *image, uint32_t x, uint32_t y, uint32_t scale,
                      uint32_t number)
{
    struct rill_rect sheet = {x - scale, y - scale, x + DIGITS * PITCH * scale,
                              y + (DOWN + 1) * scale};
    rill_testsrc_fill(image, sheet, paper);
    for (unsigned i = DIGITS; i-- > 0; number /= 10)
        draw_digit(image, x + i * PITCH * scale, y, scale, number % 10);
}
