/* capture/v4l2_private: what the files of this backend share.
 *
 *   v4l2_list.c     what a camera is and can do
 *   v4l2_setup.c    its format, rate, crop, controls and buffers
 *   v4l2_picture.c  a buffer to I420
 *   v4l2.c          the source: opening, streaming, and what can go wrong on the way */
#ifndef RILL_CAPTURE_V4L2_PRIVATE_H
#define RILL_CAPTURE_V4L2_PRIVATE_H

#include "capture/pixels.h"
#include "capture/source_private.h"
#include "capture/v4l2.h"

#include <linux/videodev2.h>

#define RILL_V4L2_BUFFERS 4

struct v4lconvert_data;

struct rill_v4l2_buffer {
    uint8_t *p;
    size_t n;
};

struct rill_v4l2 {
    const struct rill_v4l2_port *port;
    int fd;
    struct v4l2_format format; /* of the buffers */
    struct rill_v4l2_buffer buffers[RILL_V4L2_BUFFERS];
    uint32_t n_buffers;
    struct rill_mjpeg *mjpeg;        /* for MJPEG */
    struct v4lconvert_data *convert; /* for what is not one of ours */
    struct rill_view converted;      /* room for what it makes */
    uint8_t *pixels;                 /* one I420 picture */
    bool streaming;
    bool broken;      /* poll() told of an error */
    int64_t again_at; /* streaming begins anew then; 0: it goes on */
    unsigned failures;
    bool has_sequence;
    uint32_t sequence;
};

/* As ioctl(), again and again when a signal cuts it short. */
int rill_v4l2_ioctl(const struct rill_v4l2 *v, unsigned long request, void *argument);
/* The row for an errno of open() or of setting up. */
int rill_v4l2_refuse(int error, struct rill_err *why);

/* v4l2_list.c. Is it a camera that streams? Errors: RILL_CAPTURE_V4L2_NO_CAMERA. */
int rill_v4l2_identify(const struct rill_v4l2 *v, struct rill_device *out, struct rill_err *why);
/* Its modes and controls, from malloc. */
void rill_v4l2_list_modes(const struct rill_v4l2 *v, struct rill_device *out);
void rill_v4l2_list_controls(const struct rill_v4l2 *v, struct rill_device *out);
/* A format that v4l2_picture.c converts by itself. */
bool rill_v4l2_is_ours(uint32_t format);
/* libv4l's converter over our port; NULL when it cannot. */
struct v4lconvert_data *rill_v4l2_converter(const struct rill_v4l2 *v);

/* v4l2_setup.c. Sets the mode; *mode becomes what the driver made of it. */
int rill_v4l2_set_mode(struct rill_v4l2 *v, struct rill_mode *mode, struct rill_err *why);
int rill_v4l2_set_crop(struct rill_v4l2 *v, const struct rill_crop *crop, struct rill_err *why);
int rill_v4l2_set_controls(struct rill_v4l2 *v, const struct rill_source_options *o,
                           struct rill_err *why);
int rill_v4l2_map_buffers(struct rill_v4l2 *v, struct rill_err *why);
void rill_v4l2_unmap_buffers(struct rill_v4l2 *v);
/* All buffers queued, and on. Returns 0 or errno. */
int rill_v4l2_stream_on(struct rill_v4l2 *v);
void rill_v4l2_stream_off(struct rill_v4l2 *v);

/* v4l2_picture.c. What the format needs; false without memory. */
bool rill_v4l2_picture_init(struct rill_v4l2 *v);
void rill_v4l2_picture_free(struct rill_v4l2 *v);
/* False when the bytes are no whole picture. */
bool rill_v4l2_picture(struct rill_v4l2 *v, struct rill_view bytes, struct rill_image *to);

#endif
