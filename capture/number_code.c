/* capture/number_code: the frame number as black and white cells, drawn and read back. */
#include "capture/source.h"
#include "capture/testsrc.h"

#define COLUMNS 16
#define ROWS 2
#define BITS (COLUMNS * ROWS)
/* The rows of cells are these twelfths of the height. */
#define FIRST_TWELFTH 10
#define TWELFTHS 12

/* Means of luma between these say nothing. */
#define BLACK_BELOW 92
#define WHITE_ABOVE 160

static const struct rill_colour black = {16, 128, 128};
static const struct rill_colour white = {235, 128, 128};

/* CRC-8 (x^8 + x^2 + x + 1). It begins so that neither a black nor a white picture, all bits
 * equal, is a number. */
static uint8_t checksum(uint32_t number)
{
    uint8_t crc = 0x5a;
    for (int bit = 23; bit >= 0; bit--) {
        unsigned out = (crc >> 7 ^ number >> bit) & 1u;
        crc = (uint8_t)(crc << 1 ^ (out ? 0x07 : 0));
    }
    return crc;
}

static struct rill_rect cell(const struct rill_image *image, unsigned bit)
{
    uint32_t column = bit % COLUMNS;
    uint32_t row = bit / COLUMNS + FIRST_TWELFTH;
    return (struct rill_rect){
        .x0 = image->width * column / COLUMNS,
        .y0 = image->height * row / TWELFTHS,
        .x1 = image->width * (column + 1) / COLUMNS,
        .y1 = image->height * (row + 1) / TWELFTHS,
    };
}

void rill_number_code_draw(struct rill_image *image, uint32_t number)
{
    uint32_t word = number << 8 | checksum(number);
    for (unsigned bit = 0; bit < BITS; bit++)
        rill_testsrc_fill(image, cell(image, bit), word >> (BITS - 1 - bit) & 1 ? white : black);
}

/* The middle half, where the neighbours' blur does not reach. */
static struct rill_rect core(struct rill_rect r)
{
    uint32_t across = (r.x1 - r.x0) / 4;
    uint32_t down = (r.y1 - r.y0) / 4;
    return (struct rill_rect){r.x0 + across, r.y0 + down, r.x1 - across, r.y1 - down};
}

static uint32_t mean(const struct rill_image *image, struct rill_rect r)
{
    uint64_t sum = 0;
    for (uint32_t y = r.y0; y < r.y1; y++)
        for (uint32_t x = r.x0; x < r.x1; x++)
            sum += image->plane[0][y * image->stride[0] + x];
    return (uint32_t)(sum / ((uint64_t)(r.x1 - r.x0) * (r.y1 - r.y0)));
}

int32_t rill_testsrc_read_number(const struct rill_image *image)
{
    uint32_t word = 0;
    if (image->width < COLUMNS || image->height < TWELFTHS)
        return -1;
    for (unsigned bit = 0; bit < BITS; bit++) {
        uint32_t luma = mean(image, core(cell(image, bit)));
        if (luma >= BLACK_BELOW && luma <= WHITE_ABOVE)
            return -1;
        word = word << 1 | (luma > WHITE_ABOVE);
    }
    uint32_t number = word >> 8;
    return checksum(number) == (word & 0xff) ? (int32_t)number : -1;
}
