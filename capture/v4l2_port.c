/* capture/v4l2_port: the kernel's own calls. */
#include "capture/v4l2.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int kernel_open(void *ctx, const char *path)
{
    (void)ctx;
    return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static int kernel_close(void *ctx, int fd)
{
    (void)ctx;
    return close(fd);
}

static int kernel_ioctl(void *ctx, int fd, unsigned long request, void *argument)
{
    (void)ctx;
    return ioctl(fd, request, argument);
}

static void *kernel_mmap(void *ctx, size_t n, int fd, int64_t offset)
{
    (void)ctx;
    return mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
}

static int kernel_munmap(void *ctx, void *p, size_t n)
{
    (void)ctx;
    return munmap(p, n);
}

const struct rill_v4l2_port rill_v4l2_kernel = {
    .open = kernel_open,
    .close = kernel_close,
    .ioctl = kernel_ioctl,
    .mmap = kernel_mmap,
    .munmap = kernel_munmap,
};
