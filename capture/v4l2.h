/* capture/v4l2: cameras, by Video4Linux2 (linux/videodev2.h).
 *
 * The idea: five system calls are all of the kernel that this room knows; they come in through
 * a table, so that a test can be the kernel and its cameras. Pictures are mapped, not copied
 * (V4L2_MEMORY_MMAP), and converted to I420 as they come. */
#ifndef RILL_CAPTURE_V4L2_H
#define RILL_CAPTURE_V4L2_H

#include "capture/devices.h"

/* Each as the system call of its name: -1, or MAP_FAILED, and errno. */
struct rill_v4l2_port {
    void *ctx;
    int (*open)(void *ctx, const char *path); /* O_RDWR | O_NONBLOCK | O_CLOEXEC */
    int (*close)(void *ctx, int fd);
    int (*ioctl)(void *ctx, int fd, unsigned long request, void *argument);
    void *(*mmap)(void *ctx, size_t n, int fd, int64_t offset); /* read and write, shared */
    int (*munmap)(void *ctx, void *p, size_t n);
};

extern const struct rill_v4l2_port rill_v4l2_kernel;

/* Adds the cameras /dev/video0 … /dev/video63. */
void rill_v4l2_enumerate(const struct rill_v4l2_port *port, struct rill_devices *out);

#endif
