/* fake_camera: a kernel with one camera, as the V4L2 specification wants it, behind the five
 * system calls that capture/v4l2 knows. A test takes pictures with it, breaks them, makes it
 * busy, and unplugs it.
 *
 * Its descriptors are real ones (the reading ends of pipes with a byte for each picture), so
 * that poll() works on them. What the camera sees is the test pattern. */
#ifndef RILL_TESTS_FAKE_CAMERA_H
#define RILL_TESTS_FAKE_CAMERA_H

#include "capture/testsrc.h"
#include "capture/v4l2.h"

#include <errno.h>
#include <fcntl.h>
#include <libyuv.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <turbojpeg.h>
#include <unistd.h>

#define FAKE_BUFFERS 8
#define FAKE_FDS 16

struct fake_mode {
    uint32_t format, width, height, rate;
};

struct fake_buffer {
    uint8_t *p;
    bool queued;
    struct v4l2_buffer done;
};

struct fake_camera {
    const char *path;
    struct fake_mode modes[16];
    size_t n_modes;
    uint32_t padding;    /* bytes behind each row */
    bool crops, no_rate; /* VIDIOC_S_SELECTION is there; VIDIOC_S_PARM is not */
    uint32_t most_buffers;
    int orientation; /* -1: it does not know */
    bool not_a_camera;
    /* What the call of this name fails with, 0: it works. */
    int open_error, set_format_error, buffers_error, stream_error;
    int picture_error; /* the next VIDIOC_DQBUF, once */

    pthread_mutex_t lock;
    bool gone;
    int fds[FAKE_FDS], ends[FAKE_FDS];
    size_t n_open;
    int owner; /* the descriptor whose buffers there are */
    bool streaming;
    struct v4l2_format format;
    uint32_t rate, sequence;
    struct fake_buffer buffers[FAKE_BUFFERS];
    uint32_t n_buffers;
    uint32_t done[FAKE_BUFFERS * 4]; /* filled, oldest first */
    size_t n_done;
    struct v4l2_rect crop;
    int32_t brightness;
    size_t stream_ons;
};

/* --- the picture ----------------------------------------------------------------------- */

static inline size_t fake_row(uint32_t format, uint32_t width)
{
    bool packed = format == V4L2_PIX_FMT_YUYV || format == V4L2_PIX_FMT_UYVY;
    return packed ? (size_t)width * 2 : width;
}

static inline size_t fake_jpeg(const struct rill_image *i, uint8_t *out, size_t cap)
{
    /* A JPEG has the full range. */
    uint8_t *full = malloc(rill_image_size(i->width, i->height));
    struct rill_image f = rill_image_over(full, i->width, i->height);
    size_t luma = (size_t)i->width * i->height, n = rill_image_size(i->width, i->height);
    for (size_t k = 0; k < n; k++) {
        int v = i->plane[0][k];
        int w = k < luma ? (v - 16) * 255 / 219 : 128 + (v - 128) * 255 / 224;
        full[k] = (uint8_t)(w < 0 ? 0 : w > 255 ? 255 : w);
    }
    tjhandle t = tjInitCompress();
    unsigned char *jpeg = NULL;
    unsigned long size = 0;
    const unsigned char *planes[3] = {f.plane[0], f.plane[1], f.plane[2]};
    int strides[3] = {(int)f.stride[0], (int)f.stride[1], (int)f.stride[2]};
    if (tjCompressFromYUVPlanes(t, planes, (int)i->width, strides, (int)i->height, TJSAMP_420,
                                &jpeg, &size, 90, 0) != 0 ||
        size > cap)
        abort();
    memcpy(out, jpeg, size);
    tjFree(jpeg);
    tjDestroy(t);
    free(full);
    return size;
}

/* The test pattern's picture in the camera's format; how many bytes it takes. */
static inline size_t fake_draw(const struct fake_camera *c, uint32_t number, uint8_t *out)
{
    const struct v4l2_pix_format *f = &c->format.fmt.pix;
    int width = (int)f->width, height = (int)f->height, stride = (int)f->bytesperline;
    uint8_t *pixels = malloc(rill_image_size(f->width, f->height));
    struct rill_image i = rill_image_over(pixels, f->width, f->height);
    int s[3] = {(int)i.stride[0], (int)i.stride[1], (int)i.stride[2]};
    size_t luma = (size_t)stride * f->height, n = f->sizeimage;
    rill_testsrc_draw(&i, number);
    if (f->pixelformat == V4L2_PIX_FMT_YUYV)
        I420ToYUY2(i.plane[0], s[0], i.plane[1], s[1], i.plane[2], s[2], out, stride, width,
                   height);
    else if (f->pixelformat == V4L2_PIX_FMT_UYVY)
        I420ToUYVY(i.plane[0], s[0], i.plane[1], s[1], i.plane[2], s[2], out, stride, width,
                   height);
    else if (f->pixelformat == V4L2_PIX_FMT_NV12)
        I420ToNV12(i.plane[0], s[0], i.plane[1], s[1], i.plane[2], s[2], out, stride, out + luma,
                   stride, width, height);
    else if (f->pixelformat == V4L2_PIX_FMT_YUV420)
        I420Copy(i.plane[0], s[0], i.plane[1], s[1], i.plane[2], s[2], out, stride, out + luma,
                 stride / 2, out + luma + luma / 4, stride / 2, width, height);
    else
        n = fake_jpeg(&i, out, f->sizeimage);
    free(pixels);
    return n;
}

/* --- what a test does ------------------------------------------------------------------ */

static inline void fake_signal(struct fake_camera *c)
{
    for (size_t i = 0; i < c->n_open; i++)
        if (c->fds[i] == c->owner && write(c->ends[i], "", 1) != 1)
            abort();
}

enum fake_damage {
    FAKE_WHOLE,
    FAKE_SHORT,   /* half of its bytes */
    FAKE_FLAGGED, /* V4L2_BUF_FLAG_ERROR */
    FAKE_GARBLED, /* noise in its middle */
};

/* A picture with this number; without a queued buffer it is lost and only counted. */
static inline bool fake_shoot(struct fake_camera *c, uint32_t number, enum fake_damage damage)
{
    struct timespec now;
    bool kept = false;
    pthread_mutex_lock(&c->lock);
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint32_t sequence = c->sequence;
    c->sequence += c->streaming;
    for (uint32_t i = 0; c->streaming && !c->gone && i < c->n_buffers && !kept; i++) {
        struct fake_buffer *b = &c->buffers[i];
        if (!b->queued)
            continue;
        kept = true;
        b->queued = false;
        b->done.bytesused = (uint32_t)fake_draw(c, number, b->p);
        b->done.flags =
            V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
        b->done.sequence = sequence;
        b->done.timestamp.tv_sec = now.tv_sec;
        b->done.timestamp.tv_usec = now.tv_nsec / 1000;
        if (damage == FAKE_SHORT)
            b->done.bytesused /= 2;
        if (damage == FAKE_FLAGGED)
            b->done.flags |= V4L2_BUF_FLAG_ERROR;
        if (damage == FAKE_GARBLED)
            for (uint32_t k = b->done.bytesused / 3; k < b->done.bytesused * 2 / 3; k++)
                b->p[k] = (uint8_t)(k * 2654435761u >> 13 | 1);
        c->done[c->n_done++] = i;
        fake_signal(c);
    }
    pthread_mutex_unlock(&c->lock);
    return kept;
}

static inline void fake_unplug(struct fake_camera *c)
{
    pthread_mutex_lock(&c->lock);
    c->gone = true;
    for (size_t i = 0; i < c->n_open; i++) {
        close(c->ends[i]); /* poll() says POLLHUP */
        c->ends[i] = -1;
    }
    pthread_mutex_unlock(&c->lock);
}

/* --- the system calls ------------------------------------------------------------------ */

static inline int fake_fail(int error)
{
    errno = error;
    return -1;
}

static inline int fake_open(void *ctx, const char *path)
{
    struct fake_camera *c = ctx;
    int ends[2], rc;
    pthread_mutex_lock(&c->lock);
    if (c->gone || strcmp(path, c->path) != 0)
        rc = fake_fail(ENOENT);
    else if (c->open_error)
        rc = fake_fail(c->open_error);
    else if (c->n_open == FAKE_FDS || pipe(ends) < 0)
        rc = fake_fail(EMFILE);
    else {
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        c->fds[c->n_open] = rc = ends[0];
        c->ends[c->n_open++] = ends[1];
    }
    pthread_mutex_unlock(&c->lock);
    return rc;
}

static inline void fake_free_buffers(struct fake_camera *c)
{
    for (uint32_t i = 0; i < c->n_buffers; i++)
        free(c->buffers[i].p);
    memset(c->buffers, 0, sizeof c->buffers);
    c->n_buffers = 0;
    c->n_done = 0;
    c->streaming = false;
    c->owner = -1;
}

static inline int fake_close(void *ctx, int fd)
{
    struct fake_camera *c = ctx;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->n_open; i++) {
        if (c->fds[i] != fd)
            continue;
        close(fd);
        if (c->ends[i] >= 0)
            close(c->ends[i]);
        c->n_open--;
        c->fds[i] = c->fds[c->n_open];
        c->ends[i] = c->ends[c->n_open];
        if (c->owner == fd)
            fake_free_buffers(c);
    }
    pthread_mutex_unlock(&c->lock);
    return 0;
}

static inline int fake_query(const struct fake_camera *c, struct v4l2_capability *q)
{
    memset(q, 0, sizeof *q);
    strcpy((char *)q->driver, "fake");
    strcpy((char *)q->card, "A Camera: of the test");
    strcpy((char *)q->bus_info, "usb-0000:00:14.0-1");
    q->device_caps =
        V4L2_CAP_STREAMING | (c->not_a_camera ? V4L2_CAP_VIDEO_OUTPUT : V4L2_CAP_VIDEO_CAPTURE);
    q->capabilities = q->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static inline int fake_enum_format(const struct fake_camera *c, struct v4l2_fmtdesc *f)
{
    uint32_t at = 0;
    for (size_t i = 0; i < c->n_modes; i++) {
        bool listed = false;
        for (size_t k = 0; k < i; k++)
            listed = listed || c->modes[k].format == c->modes[i].format;
        if (!listed && at++ == f->index) {
            f->pixelformat = c->modes[i].format;
            return 0;
        }
    }
    return fake_fail(EINVAL);
}

static inline int fake_enum_size(const struct fake_camera *c, struct v4l2_frmsizeenum *s)
{
    uint32_t at = 0;
    for (size_t i = 0; i < c->n_modes; i++) {
        bool listed = false;
        for (size_t k = 0; k < i; k++)
            listed = listed || (c->modes[k].format == s->pixel_format &&
                                c->modes[k].width == c->modes[i].width &&
                                c->modes[k].height == c->modes[i].height);
        if (c->modes[i].format != s->pixel_format || listed || at++ != s->index)
            continue;
        s->type = V4L2_FRMSIZE_TYPE_DISCRETE;
        s->discrete.width = c->modes[i].width;
        s->discrete.height = c->modes[i].height;
        return 0;
    }
    return fake_fail(EINVAL);
}

static inline int fake_enum_interval(const struct fake_camera *c, struct v4l2_frmivalenum *v)
{
    uint32_t at = 0;
    for (size_t i = 0; i < c->n_modes; i++) {
        const struct fake_mode *m = &c->modes[i];
        if (m->format != v->pixel_format || m->width != v->width || m->height != v->height ||
            at++ != v->index)
            continue;
        v->type = V4L2_FRMIVAL_TYPE_DISCRETE;
        v->discrete = (struct v4l2_fract){1, m->rate};
        return 0;
    }
    return fake_fail(EINVAL);
}

/* "the driver adjusts the parameters to what the hardware can do": the nearest of its modes. */
static inline void fake_adjust(const struct fake_camera *c, struct v4l2_format *f)
{
    const struct fake_mode *best = &c->modes[0];
    long least = -1;
    for (size_t i = 0; i < c->n_modes; i++) {
        const struct fake_mode *m = &c->modes[i];
        long off = labs((long)m->width - (long)f->fmt.pix.width) +
                   labs((long)m->height - (long)f->fmt.pix.height) +
                   (m->format == f->fmt.pix.pixelformat ? 0 : 100000);
        if (least >= 0 && off >= least)
            continue;
        least = off;
        best = m;
    }
    bool jpeg = best->format == V4L2_PIX_FMT_MJPEG;
    struct v4l2_pix_format *p = &f->fmt.pix;
    p->width = best->width;
    p->height = best->height;
    p->pixelformat = best->format;
    p->field = V4L2_FIELD_NONE;
    p->bytesperline = jpeg ? 0 : (uint32_t)fake_row(best->format, best->width) + c->padding;
    p->sizeimage =
        jpeg ? best->width * best->height * 2
             : p->bytesperline * best->height * (fake_row(best->format, 2) == 4 ? 2 : 3) / 2;
}

static inline int fake_set_format(struct fake_camera *c, struct v4l2_format *f)
{
    if (c->set_format_error)
        return fake_fail(c->set_format_error);
    if (c->n_buffers > 0)
        return fake_fail(EBUSY);
    fake_adjust(c, f);
    c->format = *f;
    return 0;
}

static inline int fake_request(struct fake_camera *c, int fd, struct v4l2_requestbuffers *r)
{
    if (c->buffers_error)
        return fake_fail(c->buffers_error);
    if (c->streaming || (c->n_buffers > 0 && c->owner != fd))
        return fake_fail(EBUSY);
    if (r->memory != V4L2_MEMORY_MMAP || r->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return fake_fail(EINVAL);
    fake_free_buffers(c);
    uint32_t most = c->most_buffers ? c->most_buffers : FAKE_BUFFERS;
    r->count = r->count < most ? r->count : most;
    c->n_buffers = r->count;
    c->owner = fd;
    for (uint32_t i = 0; i < r->count; i++) {
        c->buffers[i].p = malloc(c->format.fmt.pix.sizeimage);
        c->buffers[i].done.index = i;
    }
    return 0;
}

static inline int fake_queue(struct fake_camera *c, struct v4l2_buffer *b)
{
    if (b->index >= c->n_buffers || c->buffers[b->index].queued)
        return fake_fail(EINVAL);
    c->buffers[b->index].queued = true;
    return 0;
}

static inline int fake_dequeue(struct fake_camera *c, int fd, struct v4l2_buffer *b)
{
    char byte;
    if (!c->streaming)
        return fake_fail(EINVAL);
    if (c->picture_error) {
        int error = c->picture_error;
        c->picture_error = 0;
        return fake_fail(error);
    }
    if (c->n_done == 0)
        return fake_fail(EAGAIN);
    if (read(fd, &byte, 1) != 1)
        abort();
    const struct v4l2_buffer *done = &c->buffers[c->done[0]].done;
    b->index = done->index;
    b->bytesused = done->bytesused;
    b->flags = done->flags;
    b->sequence = done->sequence;
    b->timestamp = done->timestamp;
    memmove(c->done, c->done + 1, --c->n_done * sizeof c->done[0]);
    return 0;
}

static inline int fake_stream(struct fake_camera *c, int fd, bool on)
{
    char bytes[64];
    if (on && c->stream_error)
        return fake_fail(c->stream_error);
    if (on && c->n_buffers == 0)
        return fake_fail(EINVAL);
    c->stream_ons += on;
    c->streaming = on;
    if (on)
        c->sequence = 0;
    for (uint32_t i = 0; !on && i < c->n_buffers; i++)
        c->buffers[i].queued = false; /* "all buffers are removed from the queues" */
    if (!on)
        c->n_done = 0;
    while (!on && read(fd, bytes, sizeof bytes) > 0)
        ;
    return 0;
}

static inline int fake_rate(struct fake_camera *c, struct v4l2_streamparm *p, bool set)
{
    struct v4l2_fract *f = &p->parm.capture.timeperframe;
    if (c->no_rate)
        return fake_fail(ENOTTY);
    if (set && f->numerator > 0) {
        uint32_t wanted = f->denominator / f->numerator;
        c->rate = c->modes[0].rate;
        for (size_t i = 0; i < c->n_modes; i++)
            if (c->modes[i].width == c->format.fmt.pix.width &&
                labs((long)c->modes[i].rate - (long)wanted) < labs((long)c->rate - (long)wanted))
                c->rate = c->modes[i].rate;
    }
    *f = (struct v4l2_fract){1, c->rate ? c->rate : c->modes[0].rate};
    return 0;
}

static inline int fake_query_control(struct v4l2_queryctrl *q)
{
    if (q->id != V4L2_CTRL_FLAG_NEXT_CTRL && q->id != V4L2_CID_BRIGHTNESS)
        return fake_fail(EINVAL);
    q->id = V4L2_CID_BRIGHTNESS;
    q->type = V4L2_CTRL_TYPE_INTEGER;
    q->flags = 0;
    strcpy((char *)q->name, "Brightness, Overall");
    q->minimum = -64;
    q->maximum = 64;
    q->step = 1;
    q->default_value = 0;
    return 0;
}

static inline int fake_get_control(const struct fake_camera *c, struct v4l2_control *v)
{
    if (v->id != V4L2_CID_CAMERA_ORIENTATION || c->orientation < 0)
        return fake_fail(EINVAL);
    v->value = c->orientation;
    return 0;
}

static inline int fake_set_control(struct fake_camera *c, const struct v4l2_control *v)
{
    if (v->id != V4L2_CID_BRIGHTNESS)
        return fake_fail(EINVAL);
    if (v->value < -64 || v->value > 64)
        return fake_fail(ERANGE);
    c->brightness = v->value;
    return 0;
}

static inline int fake_select(struct fake_camera *c, struct v4l2_selection *s)
{
    if (!c->crops)
        return fake_fail(ENOTTY);
    if (s->target != V4L2_SEL_TGT_CROP || s->r.left < 0 || s->r.left + (long)s->r.width > 640)
        return fake_fail(EINVAL);
    c->crop = s->r;
    return 0;
}

static inline int fake_dispatch(struct fake_camera *c, int fd, unsigned long request, void *a)
{
    switch (request) {
    case VIDIOC_QUERYCAP:
        return fake_query(c, a);
    case VIDIOC_ENUM_FMT:
        return fake_enum_format(c, a);
    case VIDIOC_ENUM_FRAMESIZES:
        return fake_enum_size(c, a);
    case VIDIOC_ENUM_FRAMEINTERVALS:
        return fake_enum_interval(c, a);
    case VIDIOC_G_FMT:
        if (c->format.fmt.pix.width == 0)
            fake_adjust(c, &c->format);
        *(struct v4l2_format *)a = c->format;
        return 0;
    case VIDIOC_TRY_FMT:
        fake_adjust(c, a);
        return 0;
    case VIDIOC_S_FMT:
        return fake_set_format(c, a);
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM:
        return fake_rate(c, a, request == VIDIOC_S_PARM);
    case VIDIOC_S_SELECTION:
        return fake_select(c, a);
    case VIDIOC_QUERYCTRL:
        return fake_query_control(a);
    case VIDIOC_G_CTRL:
        return fake_get_control(c, a);
    case VIDIOC_S_CTRL:
        return fake_set_control(c, a);
    case VIDIOC_REQBUFS:
        return fake_request(c, fd, a);
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *b = a;
        if (b->index >= c->n_buffers)
            return fake_fail(EINVAL);
        b->length = c->format.fmt.pix.sizeimage;
        b->m.offset = b->index << 12;
        return 0;
    }
    case VIDIOC_QBUF:
        return fake_queue(c, a);
    case VIDIOC_DQBUF:
        return fake_dequeue(c, fd, a);
    case VIDIOC_STREAMON:
        return fake_stream(c, fd, true);
    case VIDIOC_STREAMOFF:
        return fake_stream(c, fd, false);
    default:
        return fake_fail(ENOTTY);
    }
}

static inline int fake_ioctl(void *ctx, int fd, unsigned long request, void *argument)
{
    struct fake_camera *c = ctx;
    pthread_mutex_lock(&c->lock);
    int rc = c->gone ? fake_fail(ENODEV) : fake_dispatch(c, fd, request, argument);
    pthread_mutex_unlock(&c->lock);
    return rc;
}

static inline void *fake_mmap(void *ctx, size_t n, int fd, int64_t offset)
{
    struct fake_camera *c = ctx;
    void *p = MAP_FAILED;
    pthread_mutex_lock(&c->lock);
    size_t i = (size_t)offset >> 12;
    if (fd == c->owner && i < c->n_buffers && n == c->format.fmt.pix.sizeimage)
        p = c->buffers[i].p;
    else
        errno = EINVAL;
    pthread_mutex_unlock(&c->lock);
    return p;
}

static inline int fake_munmap(void *ctx, void *p, size_t n)
{
    (void)ctx;
    (void)p;
    (void)n;
    return 0;
}

/* A camera as people have them: small and quick raw, large only as MJPEG. */
static inline struct fake_camera fake_camera(void)
{
    return (struct fake_camera){
        .path = "/dev/video0",
        .modes = {{V4L2_PIX_FMT_YUYV, 640, 480, 30},
                  {V4L2_PIX_FMT_YUYV, 640, 480, 15},
                  {V4L2_PIX_FMT_YUYV, 1280, 720, 10},
                  {V4L2_PIX_FMT_MJPEG, 640, 480, 30},
                  {V4L2_PIX_FMT_MJPEG, 1280, 720, 30}},
        .n_modes = 5,
        .orientation = -1,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE},
        .owner = -1,
    };
}

static inline struct rill_v4l2_port fake_port(struct fake_camera *c)
{
    return (struct rill_v4l2_port){c, fake_open, fake_close, fake_ioctl, fake_mmap, fake_munmap};
}

#endif
