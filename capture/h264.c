#include "capture/h264.h"

#include "base/annexb.h"
#include "base/h264_sets.h"
#include "base/limits.h"

#include <errno.h>
#include <stdlib.h>

/* Read so much at once; a NAL unit that is larger is no frame that could be sent. */
#define WINDOW (4u << 20)
/* What is read of a NAL unit: parameter sets, and the first bits of a slice, of which there are two
 * bytes at least. */
#define NAL_HEAD 256
#define NAL_HEAD_LEAST 2

struct scan {
    struct rill_h264_file *h;
    struct rill_h264_sets sets;
    uint64_t unit_at; /* where the access unit at hand begins */
    bool any, has_slice;
    unsigned parts;                      /* enum rill_annexb_part, of it */
    struct rill_h264_structure is, last; /* it, and the one before */
    bool last_is_first;                  /* field of a frame */
    bool has_prefix;
    uint64_t
        prefix_at;  /* a prefix that came behind slices, until the next slice tells whose it is */
    int64_t halves; /* of a frame's time, at which the next frame is due */
    struct rill_err *why;
};

static int refuse(int code, uint64_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, (size_t)offset, value, why);
}

/* H.264 §3, "complementary field pair": of opposite parity, one after the other, with the same
 * frame_num, and the second no IDR picture. Each is an access unit of its own (§7.4.1.2). */
static bool is_second_field(const struct scan *s)
{
    return s->last_is_first && s->is.field && s->is.bottom != s->last.bottom &&
           s->is.frame_num == s->last.frame_num && !(s->parts & RILL_ANNEXB_IDR);
}

/* When it is due: each frame in its turn, the second field half of one behind the first. */
static int64_t due(struct scan *s)
{
    bool second = is_second_field(s);
    int64_t at = second ? s->halves - 1 : s->halves;
    s->halves += second ? 0 : 2;
    s->last_is_first = s->is.field && !second;
    s->last = s->is;
    return at;
}

/* The access unit at hand ends before `end`. */
static int end_unit(struct scan *s, uint64_t end)
{
    struct rill_h264_file *h = s->h;
    uint64_t size = end - s->unit_at;
    struct rill_file_frame frame = {
        .at = s->unit_at, .size = (uint32_t)size, .keyframe = rill_annexb_are_key(s->parts)};
    if (!s->has_slice)
        return 0;
    if (size > RILL_VIDEO_FRAME_MAX)
        return refuse(RILL_CAPTURE_H264_FRAME_SIZE, s->unit_at, size, s->why);
    /* With an SPS a decoder may begin, though nothing says so. */
    if (h->index.n == 0 && !frame.keyframe && !(s->parts & RILL_ANNEXB_SPS))
        return refuse(RILL_CAPTURE_H264, s->unit_at, 0, s->why);
    frame.elapsed = due(s);
    if (!rill_file_index_add(&h->index, frame))
        return refuse(RILL_CAPTURE_OPEN, 0, ENOMEM, s->why);
    h->largest = frame.size > h->largest ? frame.size : h->largest;
    s->unit_at = end;
    s->has_slice = false;
    s->parts = 0;
    return 0;
}

/* Where the access unit at hand ends, when it ends with this NAL unit. */
static bool ends(struct scan *s, uint64_t at, struct rill_view nal, uint64_t *end)
{
    bool begins = rill_annexb_may_begin(nal), prefix = rill_annexb_is_prefix(nal);
    *end = s->has_prefix ? s->prefix_at : at;
    if (prefix && !s->has_prefix && s->has_slice) {
        s->has_prefix = true;
        s->prefix_at = at;
    }
    if (prefix || !s->has_slice)
        return false;
    if (begins || rill_annexb_is_slice(nal))
        s->has_prefix = false;
    return begins;
}

/* A NAL unit whose start code lies at `at`: its head. */
static int take(struct scan *s, uint64_t at, struct rill_view nal)
{
    uint64_t end;
    int rc = 0;
    if (!s->any)
        s->unit_at = at;
    s->any = true;
    if (ends(s, at, nal, &end))
        rc = end_unit(s, end);
    rill_h264_sets_learn(&s->sets, nal);
    if (!s->has_slice && rill_annexb_is_slice(nal))
        s->is = rill_h264_slice_structure(&s->sets, nal);
    s->has_slice = s->has_slice || rill_annexb_is_slice(nal);
    s->parts |= rill_annexb_parts(nal);
    return rc;
}

/* As much of the NAL unit as is read, without what is behind it. */
static struct rill_view head_of(struct rill_view w, size_t at)
{
    size_t most = w.n - at < NAL_HEAD ? w.n - at : NAL_HEAD, n = NAL_HEAD_LEAST;
    while (n < most &&
           !(n + 2 < most && w.p[at + n] == 0 && w.p[at + n + 1] == 0 && w.p[at + n + 2] <= 1))
        n++;
    return rill_view_sub(w, at, n);
}

/* Start codes whose NAL unit's head lies in the window, all of it but at the end of the file; how
 * far it was looked at. */
static int walk(struct scan *s, struct rill_view w, uint64_t base, bool last, size_t *done)
{
    size_t i = base > 0; /* the byte before was looked at */
    size_t head = last ? NAL_HEAD_LEAST : NAL_HEAD;
    int rc = 0;
    for (; i + 3 + head <= w.n && rc == 0; i++) {
        if (w.p[i] != 0 || w.p[i + 1] != 0 || w.p[i + 2] != 1)
            continue;
        /* The zero byte before belongs to the start code. */
        uint64_t at = base + i - (i > 0 && w.p[i - 1] == 0);
        rc = take(s, at, head_of(w, i + 3));
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
    h->halves = s.halves;
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
