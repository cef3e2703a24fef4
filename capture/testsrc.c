#include "capture/testsrc.h"

#include <string.h>

/* 75 % colour bars in BT.601, limited range. */
static const struct rill_colour bars[8] = {
    {180, 128, 128}, {162, 44, 142}, {131, 156, 44}, {112, 72, 58},
    {84, 184, 198},  {65, 100, 212}, {35, 212, 114}, {16, 128, 128},
};
static const struct rill_colour box_colour = {200, 110, 140};

/* Even, so that chroma moves by whole samples too. */
#define SCROLL 2

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void fill_plane(uint8_t *plane, size_t stride, struct rill_rect r, uint8_t value)
{
    for (uint32_t y = r.y0; y < r.y1 && r.x0 < r.x1; y++)
        memset(plane + y * stride + r.x0, value, r.x1 - r.x0);
}

void rill_testsrc_fill(struct rill_image *image, struct rill_rect r, struct rill_colour c)
{
    r.x1 = smaller(r.x1, image->width);
    r.y1 = smaller(r.y1, image->height);
    struct rill_rect half = {r.x0 / 2, r.y0 / 2, (r.x1 + 1) / 2, (r.y1 + 1) / 2};
    fill_plane(image->plane[0], image->stride[0], r, c.y);
    fill_plane(image->plane[1], image->stride[1], half, c.u);
    fill_plane(image->plane[2], image->stride[2], half, c.v);
}

/* The first row says it all; the others are copies. */
static void copy_down(uint8_t *plane, size_t stride, uint32_t width, uint32_t height)
{
    for (uint32_t y = 1; y < height; y++)
        memcpy(plane + y * stride, plane, width);
}

static const struct rill_colour *bar_at(uint32_t x, uint32_t width, uint32_t number)
{
    uint64_t along = (x + (uint64_t)number * SCROLL) % width;
    return &bars[along * 8 / width];
}

static void draw_bars(struct rill_image *image, uint32_t number)
{
    uint32_t half = (image->width + 1) / 2;
    for (uint32_t x = 0; x < image->width; x++)
        image->plane[0][x] = bar_at(x, image->width, number)->y;
    for (uint32_t x = 0; x < half; x++) {
        const struct rill_colour *c = bar_at(2 * x, image->width, number);
        image->plane[1][x] = c->u;
        image->plane[2][x] = c->v;
    }
    copy_down(image->plane[0], image->stride[0], image->width, image->height);
    copy_down(image->plane[1], image->stride[1], half, (image->height + 1) / 2);
    copy_down(image->plane[2], image->stride[2], half, (image->height + 1) / 2);
}

/* 0 … range and back again. */
static uint32_t bounce(uint64_t step, uint32_t range)
{
    uint64_t at = range ? step % (2 * (uint64_t)range) : 0;
    return (uint32_t)(at <= range ? at : 2 * (uint64_t)range - at);
}

static void draw_box(struct rill_image *image, uint32_t number)
{
    uint32_t side = smaller(image->width, image->height) / 6;
    uint32_t x = bounce((uint64_t)number * 4, image->width - side);
    uint32_t y = bounce((uint64_t)number * 2, image->height * 10 / 12 - side);
    rill_testsrc_fill(image, (struct rill_rect){x, y, x + side, y + side}, box_colour);
}

void rill_testsrc_draw(struct rill_image *image, uint32_t number)
{
    uint32_t scale = image->width / 80 ? image->width / 80 : 1;
    number %= RILL_TESTSRC_NUMBERS;
    draw_bars(image, number);
    draw_box(image, number);
    rill_digits_draw(image, 2 * scale, 2 * scale, scale, number);
    rill_number_code_draw(image, number);
}
