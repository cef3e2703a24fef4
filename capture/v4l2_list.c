/* capture/v4l2_list: what cameras there are, and what each can do. */
#include "capture/bounds.h"
#include "capture/v4l2_private.h"

#include <libv4l-plugin.h>
#include <libv4lconvert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES 64
/* What a driver may list before we stop believing it. */
#define ENTRIES_MAX 128
#define MODES_MAX 1024
#define CONTROLS_MAX 64

/* --- identity -------------------------------------------------------------------------- */

static void copy_text(char *out, size_t cap, const void *text, size_t n)
{
    size_t i = 0;
    const char *p = text;
    while (i < n && i + 1 < cap && p[i]) {
        out[i] = p[i];
        i++;
    }
    out[i] = '\0';
}

/* Where it looks: phones and tablets know. */
static enum rill_facing_mode facing_of(const struct rill_v4l2 *v)
{
    struct v4l2_control c = {.id = V4L2_CID_CAMERA_ORIENTATION};
    if (rill_v4l2_ioctl(v, VIDIOC_G_CTRL, &c) < 0)
        return RILL_FACING_UNKNOWN;
    return c.value == V4L2_CAMERA_ORIENTATION_FRONT  ? RILL_FACING_USER
           : c.value == V4L2_CAMERA_ORIENTATION_BACK ? RILL_FACING_ENVIRONMENT
                                                     : RILL_FACING_UNKNOWN;
}

int rill_v4l2_identify(const struct rill_v4l2 *v, struct rill_device *out, struct rill_err *why)
{
    struct v4l2_capability c;
    char key[256], bus[sizeof c.bus_info + 1];
    memset(&c, 0, sizeof c);
    if (rill_v4l2_ioctl(v, VIDIOC_QUERYCAP, &c) < 0)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_V4L2_NO_CAMERA, 0, 0, why);
    /* "If V4L2_CAP_DEVICE_CAPS is set, device_caps has the capabilities of the opened node." */
    uint32_t can = c.capabilities & V4L2_CAP_DEVICE_CAPS ? c.device_caps : c.capabilities;
    if (!(can & V4L2_CAP_VIDEO_CAPTURE) || !(can & V4L2_CAP_STREAMING))
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_V4L2_NO_CAMERA, 0, 0, why);
    out->kind = RILL_VIDEO_INPUT;
    copy_text(out->label, sizeof out->label, c.card, sizeof c.card);
    copy_text(bus, sizeof bus, c.bus_info, sizeof c.bus_info);
    snprintf(key, sizeof key, "%s %s", bus, out->label);
    rill_device_hash("videoinput", key, out->can.device_id);
    rill_device_hash("group", bus, out->can.group_id);
    out->can.resizes = true;
    out->can.facing_mode = facing_of(v);
    return 0;
}

/* --- modes ----------------------------------------------------------------------------- */

/* In this order: the less there is to convert, the better. */
static const uint32_t ours[] = {V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUYV,
                                V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG};

bool rill_v4l2_is_ours(uint32_t format)
{
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (ours[i] == format)
            return true;
    return false;
}

/* How a list is asked for: the kernel's, or that of libv4l's converter. */
struct lister {
    const struct rill_v4l2 *v;
    struct v4lconvert_data *convert; /* NULL: the kernel */
    struct rill_mode *modes;
    size_t n, cap;
};

static void add_mode(struct lister *l, const struct rill_mode *m)
{
    if (!rill_bounds_picture(m->width.max, m->height.max) || l->n == MODES_MAX ||
        m->width.min == 0 || m->height.min == 0 || m->width.min > m->width.max ||
        m->height.min > m->height.max ||
        !rill_bounds_rate(m->slowest.numerator, m->slowest.denominator) ||
        !rill_bounds_rate(m->fastest.numerator, m->fastest.denominator))
        return;
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 16;
        struct rill_mode *modes = realloc(l->modes, cap * sizeof *modes);
        if (!modes)
            return;
        l->modes = modes;
        l->cap = cap;
    }
    l->modes[l->n++] = *m;
}

/* A frame's interval is the rate upside down. */
static struct rill_rate rate_of(struct v4l2_fract interval)
{
    return (struct rill_rate){interval.denominator, interval.numerator};
}

/* A driver that lists no intervals has the one it is set to. */
static struct rill_rate set_rate(const struct rill_v4l2 *v)
{
    struct v4l2_streamparm p;
    memset(&p, 0, sizeof p);
    p.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (rill_v4l2_ioctl(v, VIDIOC_G_PARM, &p) < 0 ||
        !rill_bounds_rate(p.parm.capture.timeperframe.denominator,
                          p.parm.capture.timeperframe.numerator))
        return (struct rill_rate){30, 1};
    return rate_of(p.parm.capture.timeperframe);
}

static int next_interval(const struct lister *l, struct v4l2_frmivalenum *i)
{
    return l->convert ? v4lconvert_enum_frameintervals(l->convert, i)
                      : rill_v4l2_ioctl(l->v, VIDIOC_ENUM_FRAMEINTERVALS, i);
}

static void list_rates(struct lister *l, struct rill_mode m)
{
    struct v4l2_frmivalenum i;
    memset(&i, 0, sizeof i);
    i.pixel_format = m.format ? m.format : V4L2_PIX_FMT_YUV420;
    i.width = m.width.max;
    i.height = m.height.max;
    for (; i.index < ENTRIES_MAX && next_interval(l, &i) == 0; i.index++) {
        if (i.type == V4L2_FRMIVAL_TYPE_DISCRETE) {
            m.slowest = m.fastest = rate_of(i.discrete);
            add_mode(l, &m);
            continue;
        }
        m.slowest = rate_of(i.stepwise.max);
        m.fastest = rate_of(i.stepwise.min);
        add_mode(l, &m);
        return;
    }
    if (i.index > 0)
        return;
    m.slowest = m.fastest = set_rate(l->v);
    add_mode(l, &m);
}

static int next_size(const struct lister *l, struct v4l2_frmsizeenum *s)
{
    return l->convert ? v4lconvert_enum_framesizes(l->convert, s)
                      : rill_v4l2_ioctl(l->v, VIDIOC_ENUM_FRAMESIZES, s);
}

/* A driver that lists no sizes has the one it is set to. */
static void list_set_size(struct lister *l, struct rill_mode m)
{
    struct v4l2_format f;
    memset(&f, 0, sizeof f);
    f.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (rill_v4l2_ioctl(l->v, VIDIOC_G_FMT, &f) < 0)
        return;
    m.width = (struct rill_range){f.fmt.pix.width, f.fmt.pix.width, 1};
    m.height = (struct rill_range){f.fmt.pix.height, f.fmt.pix.height, 1};
    list_rates(l, m);
}

static void list_sizes(struct lister *l, uint32_t format)
{
    struct rill_mode m = {.format = l->convert ? 0 : format};
    struct v4l2_frmsizeenum s;
    memset(&s, 0, sizeof s);
    s.pixel_format = format;
    for (; s.index < ENTRIES_MAX && next_size(l, &s) == 0; s.index++) {
        if (s.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
            m.width = (struct rill_range){s.discrete.width, s.discrete.width, 1};
            m.height = (struct rill_range){s.discrete.height, s.discrete.height, 1};
            list_rates(l, m);
            continue;
        }
        m.width =
            (struct rill_range){s.stepwise.min_width, s.stepwise.max_width, s.stepwise.step_width};
        m.height = (struct rill_range){s.stepwise.min_height, s.stepwise.max_height,
                                       s.stepwise.step_height};
        list_rates(l, m);
        return;
    }
    if (s.index == 0)
        list_set_size(l, m);
}

static bool offers(const struct rill_v4l2 *v, uint32_t format)
{
    struct v4l2_fmtdesc f;
    memset(&f, 0, sizeof f);
    f.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    for (; f.index < ENTRIES_MAX && rill_v4l2_ioctl(v, VIDIOC_ENUM_FMT, &f) == 0; f.index++)
        if (f.pixelformat == format)
            return true;
    return false;
}

static int convert_ioctl(void *priv, int fd, unsigned long request, void *argument)
{
    const struct rill_v4l2_port *port = priv;
    return port->ioctl(port->ctx, fd, request, argument);
}

struct v4lconvert_data *rill_v4l2_converter(const struct rill_v4l2 *v)
{
    static const struct libv4l_dev_ops ops = {.ioctl = convert_ioctl};
    return v4lconvert_create_with_dev_ops(v->fd, (void *)(uintptr_t)v->port, &ops);
}

void rill_v4l2_list_modes(const struct rill_v4l2 *v, struct rill_device *out)
{
    struct lister l = {.v = v};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (offers(v, ours[i]))
            list_sizes(&l, ours[i]);
    if (l.n == 0 && (l.convert = rill_v4l2_converter(v)) != NULL) {
        list_sizes(&l, V4L2_PIX_FMT_YUV420);
        v4lconvert_destroy(l.convert);
    }
    out->can.modes = l.modes;
    out->can.n_modes = l.n;
}

/* --- controls -------------------------------------------------------------------------- */

/* "White Balance, Automatic" is white_balance_automatic. */
static void control_name(const uint8_t *label, char out[48])
{
    size_t n = 0;
    for (size_t i = 0; i < 32 && label[i] && n < 46; i++) {
        uint8_t c = label[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain)
            out[n++] = (char)c;
        else if (n > 0 && out[n - 1] != '_')
            out[n++] = '_';
    }
    while (n > 0 && out[n - 1] == '_')
        n--;
    out[n] = '\0';
}

static bool is_settable(const struct v4l2_queryctrl *q)
{
    bool number = q->type == V4L2_CTRL_TYPE_INTEGER || q->type == V4L2_CTRL_TYPE_BOOLEAN ||
                  q->type == V4L2_CTRL_TYPE_MENU || q->type == V4L2_CTRL_TYPE_INTEGER_MENU;
    return number && !(q->flags & (V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_READ_ONLY));
}

void rill_v4l2_list_controls(const struct rill_v4l2 *v, struct rill_device *out)
{
    struct v4l2_queryctrl q;
    memset(&q, 0, sizeof q);
    q.id = V4L2_CTRL_FLAG_NEXT_CTRL;
    out->controls = calloc(CONTROLS_MAX, sizeof *out->controls);
    for (int i = 0; out->controls && i < ENTRIES_MAX && out->n_controls < CONTROLS_MAX &&
                    rill_v4l2_ioctl(v, VIDIOC_QUERYCTRL, &q) == 0;
         i++) {
        if (is_settable(&q)) {
            struct rill_control *c = &out->controls[out->n_controls++];
            control_name(q.name, c->name);
            c->id = q.id;
            c->min = q.minimum;
            c->max = q.maximum;
            c->step = q.step;
            c->initial = q.default_value;
        }
        q.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
    }
}

/* --- all of them ----------------------------------------------------------------------- */

void rill_v4l2_enumerate(const struct rill_v4l2_port *port, struct rill_devices *out)
{
    for (int i = 0; i < NODES; i++) {
        struct rill_device d = {.kind = RILL_VIDEO_INPUT};
        struct rill_v4l2 v = {.port = port};
        snprintf(d.name, sizeof d.name, "/dev/video%d", i);
        v.fd = port->open(port->ctx, d.name);
        if (v.fd < 0)
            continue;
        if (rill_v4l2_identify(&v, &d, NULL) == 0) {
            rill_v4l2_list_modes(&v, &d);
            rill_v4l2_list_controls(&v, &d);
            rill_devices_add(out, &d);
        }
        port->close(port->ctx, v.fd);
    }
}
