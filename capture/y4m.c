#include "capture/y4m.h"

#include "capture/bounds.h"

#include <errno.h>
#include <string.h>

#define HEADER_MAX 1024
#define FRAME_LINE_MAX 256
/* The value of a chroma sample without colour. */
#define GREY 128

static int refuse(int code, uint64_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, (size_t)offset, value, why);
}

static uint32_t number(struct rill_view text)
{
    uint64_t v = 0;
    return rill_view_u64(text, UINT32_MAX, &v) ? (uint32_t)v : 0;
}

/* "30000:1001" */
static void read_rate(struct rill_y4m *y, struct rill_view text)
{
    struct rill_view denominator;
    struct rill_view numerator = rill_view_cut(text, ':', &denominator);
    y->rate_numerator = number(numerator);
    y->rate_denominator = number(denominator);
}

/* The names of 8-bit 4:2:0 differ in where chroma samples lie, not in the layout. */
static bool read_chroma(struct rill_y4m *y, struct rill_view text)
{
    y->mono = rill_view_is(text, "mono");
    return y->mono || rill_view_is(text, "420") || rill_view_is(text, "420jpeg") ||
           rill_view_is(text, "420paldv") || rill_view_is(text, "420mpeg2");
}

/* The first word is the magic, whose tag Y means nothing here. */
static int read_parameters(struct rill_y4m *y, struct rill_view line, struct rill_err *why)
{
    const uint8_t *begin = line.p;
    while (line.n > 0) {
        struct rill_view word = rill_view_cut(line, ' ', &line);
        struct rill_view value = rill_view_sub(word, 1, word.n ? word.n - 1 : 0);
        uint8_t tag = word.n ? word.p[0] : 0;
        if (tag == 'W')
            y->width = number(value);
        else if (tag == 'H')
            y->height = number(value);
        else if (tag == 'F')
            read_rate(y, value);
        else if (tag == 'C' && !read_chroma(y, value))
            return refuse(RILL_CAPTURE_Y4M_CHROMA, (uint64_t)(word.p - begin), 0, why);
    }
    return 0;
}

static int read_header(struct rill_y4m *y, struct rill_err *why)
{
    uint8_t room[HEADER_MAX];
    struct rill_view line = {0};
    if (!rill_file_line(y->file, (struct rill_span){room, sizeof room}, &line) ||
        !rill_view_is(rill_view_cut(line, ' ', &(struct rill_view){0}), "YUV4MPEG2"))
        return refuse(RILL_CAPTURE_Y4M_HEADER, 0, 0, why);
    int rc = read_parameters(y, line, why);
    if (rc < 0)
        return rc;
    if (!rill_bounds_picture(y->width, y->height))
        return refuse(RILL_CAPTURE_Y4M_SIZE, 0, 0, why);
    if (!rill_bounds_rate(y->rate_numerator, y->rate_denominator))
        return refuse(RILL_CAPTURE_Y4M_RATE, 0, 0, why);
    return 0;
}

static size_t stored_size(const struct rill_y4m *y)
{
    return y->mono ? (size_t)y->width * y->height : rill_image_size(y->width, y->height);
}

static int find_frame(struct rill_y4m *y, struct rill_err *why)
{
    uint8_t room[FRAME_LINE_MAX];
    struct rill_view line = {0};
    uint64_t begin = y->file->at;
    size_t size = stored_size(y);
    bool has_line = rill_file_line(y->file, (struct rill_span){room, sizeof room}, &line);
    size_t n = (size_t)(y->file->at - begin);
    if (!has_line && rill_file_left(y->file) == 0 && memcmp(room, "FRAME", n < 5 ? n : 5) == 0)
        return refuse(RILL_CAPTURE_TRUNCATED, y->file->size, 1, why);
    if (!has_line || !rill_view_is(rill_view_cut(line, ' ', &(struct rill_view){0}), "FRAME"))
        return refuse(RILL_CAPTURE_Y4M_FRAME, begin, y->index.n, why);
    struct rill_file_frame frame = {.at = y->file->at, .size = (uint32_t)size, .keyframe = true};
    if (size > rill_file_left(y->file))
        return refuse(RILL_CAPTURE_TRUNCATED, y->file->size, size - rill_file_left(y->file), why);
    if (!rill_file_skip(y->file, size) || !rill_file_index_add(&y->index, frame))
        return refuse(RILL_CAPTURE_OPEN, begin, ENOMEM, why);
    return 0;
}

int rill_y4m_open(struct rill_y4m *y, struct rill_file *file, struct rill_err *why)
{
    *y = (struct rill_y4m){.file = file, .rate_numerator = 25, .rate_denominator = 1};
    int rc = read_header(y, why);
    while (rc == 0 && rill_file_left(file) > 0)
        rc = find_frame(y, why);
    /* A recording that was broken off is good as far as its frames are whole. */
    if (rc == RILL_CAPTURE_TRUNCATED && y->index.n > 0)
        rc = 0;
    if (rc == 0 && y->index.n == 0)
        rc = refuse(RILL_CAPTURE_NO_FRAMES, file->at, 0, why);
    if (rc < 0)
        rill_y4m_close(y);
    return rc;
}

void rill_y4m_close(struct rill_y4m *y)
{
    rill_file_index_free(&y->index);
}

bool rill_y4m_read(struct rill_y4m *y, size_t k, uint8_t *pixels)
{
    const struct rill_file_frame *frame = &y->index.frames[k];
    if (!rill_file_seek(y->file, frame->at) ||
        !rill_file_read(y->file, (struct rill_span){pixels, frame->size}))
        return false;
    size_t whole = rill_image_size(y->width, y->height);
    memset(pixels + frame->size, GREY, whole - frame->size);
    return true;
}
