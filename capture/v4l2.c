/* capture/v4l2: a camera as a source.
 *
 * The idea: what is wrong with one picture (an error flag, too few bytes, a broken JPEG, a gap
 * in the sequence) costs that picture and is counted. What is wrong with streaming (EIO) is
 * tried again after a while, several times. What is wrong with the camera itself (ENODEV) ends
 * the source, and the source alone. */
#include "capture/v4l2_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_AFTER (250 * RILL_MS)
#define FAILURES_MAX 20
/* A picture's timestamp that lies further back than this is of another clock. */
#define AGE_MAX RILL_SECOND
/* A gap longer than this is a counter that began anew. */
#define GAP_MAX 1000

static struct rill_v4l2 *own(const struct rill_source *s)
{
    return s->own;
}

/* --- streaming ------------------------------------------------------------------------- */

static bool is_gone(int error)
{
    return error == ENODEV || error == ENXIO || error == EBADF;
}

/* "EIO … can also indicate temporary problems like signal loss"; streaming begins anew. */
static void fail(struct rill_source *s, int64_t now, int error)
{
    struct rill_v4l2 *v = own(s);
    if (is_gone(error)) {
        rill_source_end(s, RILL_CAPTURE_DEVICE_LOST, (uint64_t)error);
    } else if (++v->failures > FAILURES_MAX) {
        rill_source_end(s, RILL_CAPTURE_NOT_READABLE, (uint64_t)error);
    } else {
        rill_v4l2_stream_off(v);
        v->again_at = now + AGAIN_AFTER;
    }
}

static void stream(struct rill_source *s, int64_t now)
{
    own(s)->again_at = 0;
    own(s)->broken = false;
    int error = rill_v4l2_stream_on(own(s));
    if (error)
        fail(s, now, error);
}

static int64_t deadline(const struct rill_source *s)
{
    return own(s)->again_at ? own(s)->again_at : RILL_NEVER;
}

static size_t descriptors(const struct rill_source *s, struct rill_source_fd *out)
{
    if (!own(s)->streaming)
        return 0;
    out[0] = (struct rill_source_fd){.fd = own(s)->fd, .events = POLLIN};
    return 1;
}

static void polled(struct rill_source *s, const struct rill_source_fd *fds, size_t n)
{
    own(s)->broken = n > 0 && fds[0].revents & (POLLERR | POLLHUP | POLLNVAL);
}

/* --- pictures -------------------------------------------------------------------------- */

static void count_gap(struct rill_source *s, uint32_t sequence)
{
    struct rill_v4l2 *v = own(s);
    uint32_t gap = sequence - v->sequence - 1;
    if (v->has_sequence && gap < GAP_MAX)
        s->dropped += gap;
    v->has_sequence = true;
    v->sequence = sequence;
}

static int64_t time_of(const struct v4l2_buffer *b, int64_t now)
{
    int64_t time = (int64_t)b->timestamp.tv_sec * RILL_SECOND + b->timestamp.tv_usec;
    bool monotonic = (b->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    return monotonic && time <= now && time >= now - AGE_MAX ? time : now;
}

static bool take(struct rill_source *s, const struct v4l2_buffer *b, int64_t now,
                 struct rill_image *out)
{
    struct rill_v4l2 *v = own(s);
    const struct v4l2_pix_format *f = &v->format.fmt.pix;
    if (b->index >= v->n_buffers)
        return false;
    size_t n = b->bytesused < v->buffers[b->index].n ? b->bytesused : v->buffers[b->index].n;
    struct rill_image image = rill_image_over(v->pixels, f->width, f->height);
    count_gap(s, b->sequence);
    image.time = time_of(b, now);
    if (b->flags & V4L2_BUF_FLAG_ERROR ||
        !rill_v4l2_picture(v, rill_view_at(v->buffers[b->index].p, n), &image)) {
        s->dropped++;
        return false;
    }
    v->failures = 0;
    *out = image;
    return true;
}

static bool give_image(struct rill_source *s, int64_t now, struct rill_image *out)
{
    struct rill_v4l2 *v = own(s);
    if (v->again_at && now >= v->again_at)
        stream(s, now);
    while (v->streaming && !s->ended) {
        struct v4l2_buffer b;
        memset(&b, 0, sizeof b);
        b.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        b.memory = V4L2_MEMORY_MMAP;
        if (rill_v4l2_ioctl(v, VIDIOC_DQBUF, &b) < 0) {
            if (errno != EAGAIN)
                fail(s, now, errno);
            else if (v->broken)
                fail(s, now, EIO);
            return false;
        }
        bool good = take(s, &b, now, out);
        if (rill_v4l2_ioctl(v, VIDIOC_QBUF, &b) < 0)
            fail(s, now, errno);
        if (good)
            return true;
    }
    return false;
}

/* --- opening --------------------------------------------------------------------------- */

static void close_camera(struct rill_source *s)
{
    struct rill_v4l2 *v = own(s);
    rill_v4l2_stream_off(v);
    rill_v4l2_unmap_buffers(v);
    rill_v4l2_picture_free(v);
    if (v->fd >= 0)
        v->port->close(v->port->ctx, v->fd);
    free(v);
}

static const struct rill_source_ops ops = {
    .close = close_camera,
    .start = stream,
    .deadline = deadline,
    .descriptors = descriptors,
    .polled = polled,
    .image = give_image,
};

static int choose_mode(struct rill_source *s, struct rill_device *d,
                       const struct rill_constraints *constraints, struct rill_err *why)
{
    struct rill_selection chosen;
    rill_v4l2_list_modes(own(s), d);
    if (d->can.n_modes == 0)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_V4L2_FORMAT, 0, 0, why);
    int rc = rill_select_settings(constraints, &d->can, 1, &chosen, why);
    if (rc < 0)
        return rc;
    s->mode = d->can.modes[chosen.mode];
    s->mode.width = (struct rill_range){chosen.native.width, chosen.native.width, 1};
    s->mode.height = (struct rill_range){chosen.native.height, chosen.native.height, 1};
    s->mode.slowest = s->mode.fastest =
        (struct rill_rate){chosen.native.rate_numerator, chosen.native.rate_denominator};
    return 0;
}

/* In the order that V4L2 wants: crop before format, format before rate and buffers. What the
 * driver makes of it is held against the constraints once more. */
static int set_up(struct rill_source *s, const struct rill_source_options *o, struct rill_err *why)
{
    struct rill_v4l2 *v = own(s);
    int rc = rill_v4l2_set_crop(v, &o->crop, why);
    if (rc == 0)
        rc = rill_v4l2_set_mode(v, &s->mode, why);
    if (rc == 0)
        rc = rill_source_select(s, &o->constraints, why);
    if (rc == 0)
        rc = rill_v4l2_set_controls(v, o, why);
    if (rc == 0)
        rc = rill_v4l2_map_buffers(v, why);
    if (rc == 0 && !rill_v4l2_picture_init(v))
        rc = rill_v4l2_refuse(ENOMEM, why);
    return rc;
}

static int open_node(struct rill_v4l2 *v, struct rill_view name, struct rill_err *why)
{
    char path[128] = "";
    if (name.n >= sizeof path)
        return rill_v4l2_refuse(ENOENT, why);
    memcpy(path, name.p, name.n);
    v->fd = v->port->open(v->port->ctx, path);
    return v->fd < 0 ? rill_v4l2_refuse(errno, why) : 0;
}

int rill_v4l2_open(struct rill_source *s, const struct rill_source_config *config,
                   const struct rill_source_options *options, struct rill_err *why)
{
    struct rill_device d = {0};
    struct rill_v4l2 *v = calloc(1, sizeof *v);
    if (!v)
        return rill_v4l2_refuse(ENOMEM, why);
    v->port = config->v4l2 ? config->v4l2 : &rill_v4l2_kernel;
    v->fd = -1;
    s->ops = &ops;
    s->own = v;
    s->kind = RILL_VIDEO;
    s->live = true;
    int rc = open_node(v, options->name, why);
    if (rc == 0)
        rc = rill_v4l2_identify(v, &d, why);
    if (rc < 0)
        return rc;
    memcpy(s->label, d.label, sizeof s->label);
    memcpy(s->can.device_id, d.can.device_id, sizeof s->can.device_id);
    memcpy(s->can.group_id, d.can.group_id, sizeof s->can.group_id);
    s->can.facing_mode = d.can.facing_mode;
    rc = choose_mode(s, &d, &options->constraints, why);
    rill_device_free(&d);
    return rc < 0 ? rc : set_up(s, options, why);
}
