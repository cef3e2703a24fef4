#include "capture/h264.h"

#include "base/annexb.h"
#include "base/limits.h"

#include <errno.h>
#include <stdlib.h>

/* Read so much at once; a NAL unit that is larger is no frame that could be sent. */
#define WINDOW (4u << 20)
/* The octet and the first bits of a slice are behind the start code. */
#define NAL_HEAD 2

struct scan {
    struct rill_h264_file *h;
    uint64_t unit_at; /* where the access unit at hand begins */
    bool any, has_slice, key;
    struct rill_err *why;
};

static int refuse(int code, uint64_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, (size_t)offset, value, why);
}

/* The access unit at hand ends before `end`. */
static int end_unit(struct scan *s, uint64_t end)
{
    struct rill_h264_file *h = s->h;
    uint64_t size = end - s->unit_at;
    struct rill_file_frame frame = {.at = s->unit_at, .size = (uint32_t)size, .keyframe = s->key};
    if (!s->has_slice)
        return 0;
    if (size > RILL_VIDEO_FRAME_MAX)
        return refuse(RILL_CAPTURE_H264_FRAME_SIZE, s->unit_at, size, s->why);
    if (h->index.n == 0 && !s->key)
        return refuse(RILL_CAPTURE_H264, s->unit_at, 0, s->why);
    if (!rill_file_index_add(&h->index, frame))
        return refuse(RILL_CAPTURE_OPEN, 0, ENOMEM, s->why);
    h->largest = frame.size > h->largest ? frame.size : h->largest;
    s->unit_at = end;
    s->has_slice = s->key = false;
    return 0;
}

/* A NAL unit whose start code lies at `at`. */
static int take(struct scan *s, uint64_t at, struct rill_view nal)
{
    int rc = 0;
    if (!s->any)
        s->unit_at = at;
    s->any = true;
    if (s->has_slice && rill_annexb_may_begin(nal))
        rc = end_unit(s, at);
    s->has_slice = s->has_slice || rill_annexb_is_slice(nal);
    s->key = s->key || rill_annexb_is_key(nal);
    return rc;
}

/* Start codes whose NAL unit's head lies in the window; how far it was looked at. */
static int walk(struct scan *s, struct rill_view w, uint64_t base, bool last, size_t *done)
{
    size_t i = base > 0; /* the byte before was looked at */
    int rc = 0;
    for (; i + 3 + NAL_HEAD <= w.n && rc == 0; i++) {
        if (w.p[i] != 0 || w.p[i + 1] != 0 || w.p[i + 2] != 1)
            continue;
        /* The zero byte before belongs to the start code. */
        uint64_t at = base + i - (i > 0 && w.p[i - 1] == 0);
        rc = take(s, at, rill_view_sub(w, i + 3, NAL_HEAD));
    }
    *done = last ? w.n : i;
    return rc;
}

static int scan(struct scan *s, uint8_t *window)
{
    struct rill_file *f = s->h->file;
    uint64_t base = 0;
    int rc = 0;
    while (rc == 0 && base < f->size) {
        size_t n = f->size - base < WINDOW ? (size_t)(f->size - base) : WINDOW, done = 0;
        if (!rill_file_seek(f, base) || !rill_file_read(f, (struct rill_span){window, n}))
            return refuse(RILL_CAPTURE_READ, base, 0, s->why);
        rc = walk(s, rill_view_at(window, n), base, base + n == f->size, &done);
        /* One byte again, for the zero before a start code. */
        base += base + n == f->size ? n : done - 1;
    }
    return rc == 0 ? end_unit(s, f->size) : rc;
}

/* H.264 §B.1.1: leading_zero_8bits may come before the first start code, as many as there are. */
static bool begins_with_start_code(struct rill_file *f)
{
    uint8_t byte = 0;
    uint64_t zeros = 0;
    while (rill_file_read(f, (struct rill_span){&byte, 1}) && byte == 0)
        zeros++;
    return zeros >= 2 && byte == 1;
}

int rill_h264_file_open(struct rill_h264_file *h, struct rill_file *file, struct rill_err *why)
{
    uint8_t *window = malloc(WINDOW);
    *h = (struct rill_h264_file){.file = file};
    struct scan s = {.h = h, .why = why};
    if (!window)
        return refuse(RILL_CAPTURE_OPEN, 0, ENOMEM, why);
    int rc = begins_with_start_code(file) ? scan(&s, window) : refuse(RILL_CAPTURE_H264, 0, 0, why);
    free(window);
    if (rc == 0 && h->index.n == 0)
        rc = refuse(RILL_CAPTURE_NO_FRAMES, 0, 0, why);
    if (rc < 0)
        rill_h264_file_close(h);
    return rc;
}

void rill_h264_file_close(struct rill_h264_file *h)
{
    rill_file_index_free(&h->index);
}

bool rill_h264_file_read(struct rill_h264_file *h, size_t k, uint8_t *bytes)
{
    const struct rill_file_frame *frame = &h->index.frames[k];
    return rill_file_seek(h->file, frame->at) &&
           rill_file_read(h->file, (struct rill_span){bytes, frame->size});
}
