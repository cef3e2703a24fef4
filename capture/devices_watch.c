/* capture/devices_watch: devicechange, by inotify on the directory of device nodes. */
#include "capture/devices.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* udev sets the permissions after it has made the node, so both count. */
#define CHANGES (IN_CREATE | IN_DELETE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO)

struct rill_device_watch {
    int fd, root, sound; /* sound: of the directory "snd", -1 when there is none */
    char path[PATH_MAX];
};

static void watch_sound(struct rill_device_watch *w)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/snd", w->path);
    w->sound = inotify_add_watch(w->fd, path, CHANGES | IN_ONLYDIR);
}

struct rill_device_watch *rill_device_watch_new(const char *root)
{
    struct rill_device_watch *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    int n = snprintf(w->path, sizeof w->path, "%s", root);
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    w->root = w->fd < 0 ? -1 : inotify_add_watch(w->fd, root, CHANGES | IN_ONLYDIR);
    if (n >= (int)sizeof w->path || w->root < 0) {
        rill_device_watch_free(w);
        return NULL;
    }
    watch_sound(w);
    return w;
}

void rill_device_watch_free(struct rill_device_watch *w)
{
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    free(w);
}

int rill_device_watch_fd(const struct rill_device_watch *w)
{
    return w->fd;
}

static bool concerns(struct rill_device_watch *w, const struct inotify_event *e)
{
    if (e->mask & IN_Q_OVERFLOW)
        return true;
    if (e->len == 0)
        return false;
    if (w->sound >= 0 && e->wd == w->sound)
        return true;
    if (!strcmp(e->name, "snd")) {
        watch_sound(w);
        return true;
    }
    return !strncmp(e->name, "video", 5);
}

bool rill_device_watch_read(struct rill_device_watch *w)
{
    _Alignas(struct inotify_event) uint8_t bytes[4096];
    bool any = false;
    ssize_t n;
    while ((n = read(w->fd, bytes, sizeof bytes)) > 0)
        for (ssize_t at = 0; at < n;) {
            struct inotify_event e;
            memcpy(&e, bytes + at, sizeof e);
            any = concerns(w, (const struct inotify_event *)(bytes + at)) || any;
            at += (ssize_t)(sizeof e + e.len);
        }
    return any;
}
