/* capture/v4l2_setup: a camera made ready: crop, format, rate, controls, buffers. */
#include "capture/v4l2_private.h"

#include <errno.h>
#include <libv4lconvert.h>
#include <string.h>
#include <sys/mman.h>

int rill_v4l2_ioctl(const struct rill_v4l2 *v, unsigned long request, void *argument)
{
    int rc;
    do
        rc = v->port->ioctl(v->port->ctx, v->fd, request, argument);
    while (rc < 0 && errno == EINTR);
    return rc;
}

int rill_v4l2_refuse(int error, struct rill_err *why)
{
    int code = RILL_CAPTURE_NOT_READABLE;
    if (error == ENOENT || error == ENODEV || error == ENXIO || error == ENOTDIR)
        code = RILL_CAPTURE_NOT_FOUND;
    else if (error == EACCES || error == EPERM)
        code = RILL_CAPTURE_NOT_ALLOWED;
    return rill_err_set(&rill_capture_errors, code, 0, (uint64_t)error, why);
}

int rill_v4l2_set_crop(struct rill_v4l2 *v, const struct rill_crop *crop, struct rill_err *why)
{
    struct v4l2_selection s;
    memset(&s, 0, sizeof s);
    s.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    s.target = V4L2_SEL_TGT_CROP;
    s.r = (struct v4l2_rect){(int32_t)crop->x, (int32_t)crop->y, crop->width, crop->height};
    if (crop->width == 0 || rill_v4l2_ioctl(v, VIDIOC_S_SELECTION, &s) == 0)
        return 0;
    return rill_err_set(&rill_capture_errors, RILL_CAPTURE_V4L2_CROP, 0, (uint64_t)errno, why);
}

static int set_control(struct rill_v4l2 *v, const struct rill_device *d,
                       const struct rill_source_control *wanted, struct rill_err *why)
{
    int error = EINVAL;
    for (size_t i = 0; i < d->n_controls; i++) {
        if (!rill_view_is(wanted->name, d->controls[i].name))
            continue;
        struct v4l2_control c = {.id = d->controls[i].id, .value = (int32_t)wanted->value};
        if (rill_v4l2_ioctl(v, VIDIOC_S_CTRL, &c) == 0)
            return 0;
        error = errno;
    }
    return rill_err_set(&rill_capture_errors, RILL_CAPTURE_V4L2_CONTROL, 0, (uint64_t)error, why);
}

int rill_v4l2_set_controls(struct rill_v4l2 *v, const struct rill_source_options *o,
                           struct rill_err *why)
{
    struct rill_device d = {0};
    int rc = 0;
    if (o->n_controls == 0)
        return 0;
    rill_v4l2_list_controls(v, &d);
    for (size_t i = 0; rc == 0 && i < o->n_controls; i++)
        rc = set_control(v, &d, &o->controls[i], why);
    rill_device_free(&d);
    return rc;
}

/* What the driver should give: the format of the mode, or what libv4l makes I420 of. */
static int wanted_format(struct rill_v4l2 *v, const struct rill_mode *mode)
{
    memset(&v->format, 0, sizeof v->format);
    v->format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    v->format.fmt.pix.width = mode->width.max;
    v->format.fmt.pix.height = mode->height.max;
    v->format.fmt.pix.field = V4L2_FIELD_NONE;
    v->format.fmt.pix.pixelformat = mode->format;
    if (mode->format)
        return 0;
    struct v4l2_format i420 = v->format;
    i420.fmt.pix.pixelformat = V4L2_PIX_FMT_YUV420;
    v->convert = rill_v4l2_converter(v);
    if (!v->convert || v4lconvert_try_format(v->convert, &i420, &v->format) != 0)
        return -1;
    /* "changing it to a supported destination format": then it has no way to ours. */
    return i420.fmt.pix.pixelformat == V4L2_PIX_FMT_YUV420 ? 0 : -1;
}

static void set_rate(struct rill_v4l2 *v, struct rill_mode *mode)
{
    struct v4l2_streamparm p;
    memset(&p, 0, sizeof p);
    p.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    p.parm.capture.timeperframe =
        (struct v4l2_fract){mode->fastest.denominator, mode->fastest.numerator};
    /* A driver without it has one rate alone. */
    if (rill_v4l2_ioctl(v, VIDIOC_S_PARM, &p) < 0)
        return;
    struct v4l2_fract got = p.parm.capture.timeperframe;
    if (got.numerator > 0 && got.denominator > 0)
        mode->slowest = mode->fastest = (struct rill_rate){got.denominator, got.numerator};
}

int rill_v4l2_set_mode(struct rill_v4l2 *v, struct rill_mode *mode, struct rill_err *why)
{
    if (wanted_format(v, mode) < 0)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_V4L2_FORMAT, 0, 0, why);
    uint32_t asked = v->format.fmt.pix.pixelformat;
    if (rill_v4l2_ioctl(v, VIDIOC_S_FMT, &v->format) < 0)
        return rill_v4l2_refuse(errno, why);
    /* "the driver may adjust the requested parameters" */
    const struct v4l2_pix_format *got = &v->format.fmt.pix;
    if (got->pixelformat != asked && !rill_v4l2_is_ours(got->pixelformat))
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_V4L2_FORMAT, 0, 0, why);
    mode->width = (struct rill_range){got->width, got->width, 1};
    mode->height = (struct rill_range){got->height, got->height, 1};
    set_rate(v, mode);
    return 0;
}

int rill_v4l2_map_buffers(struct rill_v4l2 *v, struct rill_err *why)
{
    struct v4l2_requestbuffers r;
    memset(&r, 0, sizeof r);
    r.count = RILL_V4L2_BUFFERS;
    r.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    r.memory = V4L2_MEMORY_MMAP;
    if (rill_v4l2_ioctl(v, VIDIOC_REQBUFS, &r) < 0)
        return rill_v4l2_refuse(errno, why);
    /* One is with the driver while another is read. */
    if (r.count < 2)
        return rill_v4l2_refuse(ENOMEM, why);
    uint32_t n = r.count < RILL_V4L2_BUFFERS ? r.count : RILL_V4L2_BUFFERS;
    for (uint32_t i = 0; i < n; i++) {
        struct v4l2_buffer b;
        memset(&b, 0, sizeof b);
        b.index = i;
        b.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        b.memory = V4L2_MEMORY_MMAP;
        if (rill_v4l2_ioctl(v, VIDIOC_QUERYBUF, &b) < 0)
            return rill_v4l2_refuse(errno, why);
        void *p = v->port->mmap(v->port->ctx, b.length, v->fd, b.m.offset);
        if (p == MAP_FAILED)
            return rill_v4l2_refuse(errno, why);
        v->buffers[i] = (struct rill_v4l2_buffer){p, b.length};
        v->n_buffers = i + 1;
    }
    return 0;
}

void rill_v4l2_unmap_buffers(struct rill_v4l2 *v)
{
    for (uint32_t i = 0; i < v->n_buffers; i++)
        v->port->munmap(v->port->ctx, v->buffers[i].p, v->buffers[i].n);
    v->n_buffers = 0;
}

int rill_v4l2_stream_on(struct rill_v4l2 *v)
{
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    for (uint32_t i = 0; i < v->n_buffers; i++) {
        struct v4l2_buffer b;
        memset(&b, 0, sizeof b);
        b.index = i;
        b.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        b.memory = V4L2_MEMORY_MMAP;
        if (rill_v4l2_ioctl(v, VIDIOC_QBUF, &b) < 0)
            return errno;
    }
    if (rill_v4l2_ioctl(v, VIDIOC_STREAMON, &type) < 0)
        return errno;
    v->streaming = true;
    v->has_sequence = false;
    return 0;
}

void rill_v4l2_stream_off(struct rill_v4l2 *v)
{
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (v->streaming)
        (void)rill_v4l2_ioctl(v, VIDIOC_STREAMOFF, &type);
    v->streaming = false;
}
