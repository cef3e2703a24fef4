/* camera_preload: a camera at /dev/video0 for a whole rill process, where there is none: the
 * system calls of tests/capture/fake_camera.h laid over those of the C library (LD_PRELOAD).
 *
 * It takes 30 pictures a second. CAMERA_ERROR=13: opening it fails with that errno. When the
 * file CAMERA_UNPLUG names appears, it is unplugged. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int close_descriptor(int fd)
{
    return (int)syscall(SYS_close, fd);
}
/* What the camera itself closes is not to come back to us. */
#define close close_descriptor
#include "tests/capture/fake_camera.h"
#undef close

static struct fake_camera camera;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *shoot(void *unused)
{
    const char *unplug = getenv("CAMERA_UNPLUG");
    for (uint32_t k = 0; !camera.gone; k++) {
        (void)fake_shoot(&camera, k, FAKE_WHOLE);
        if (unplug && access(unplug, F_OK) == 0)
            fake_unplug(&camera);
        nanosleep(&(struct timespec){.tv_nsec = 33333333}, NULL);
    }
    return unused;
}

static void start(void)
{
    const char *error = getenv("CAMERA_ERROR");
    pthread_t thread;
    camera = fake_camera();
    camera.open_error = error ? atoi(error) : 0;
    if (pthread_create(&thread, NULL, shoot, NULL) == 0)
        pthread_detach(thread);
}

static bool is_ours(int fd)
{
    bool ours = false;
    pthread_mutex_lock(&camera.lock);
    for (size_t i = 0; i < camera.n_open; i++)
        ours = ours || camera.fds[i] == fd;
    pthread_mutex_unlock(&camera.lock);
    return ours;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    int mode = va_arg(more, int);
    va_end(more);
    if (strcmp(path, "/dev/video0") != 0)
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_once(&once, start);
    return fake_open(&camera, path);
}

int close(int fd)
{
    return is_ours(fd) ? fake_close(&camera, fd) : close_descriptor(fd);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    return is_ours(fd) ? fake_ioctl(&camera, fd, request, argument)
                       : (int)syscall(SYS_ioctl, fd, request, argument);
}

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
    if (fd >= 0 && is_ours(fd))
        return fake_mmap(&camera, n, fd, offset);
    return (void *)syscall(SYS_mmap, at, n, protection, flags, fd, offset);
}

int munmap(void *p, size_t n)
{
    for (uint32_t i = 0; i < camera.n_buffers; i++)
        if (camera.buffers[i].p == p)
            return 0;
    return (int)syscall(SYS_munmap, p, n);
}
