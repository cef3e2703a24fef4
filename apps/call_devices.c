/* call_devices: devicechange in mid-call: what came and what went, by deviceId. */
#include "apps/call.h"

#include <stdio.h>
#include <string.h>

void call_watch_devices(struct call *c)
{
    c->device_watch = rill_device_watch_new("/dev");
    if (!c->device_watch)
        return;
    if (rill_reactor_watch(c->reactor, rill_device_watch_fd(c->device_watch), 0, &c->device_socket,
                           NULL) == 0)
        rill_devices_enumerate(NULL, &c->devices);
}

static bool has(const struct rill_devices *list, const struct rill_device *d)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->list[i].kind == d->kind && !strcmp(list->list[i].can.device_id, d->can.device_id))
            return true;
    return false;
}

static void tell_missing(struct call *c, const struct rill_devices *of,
                         const struct rill_devices *in, const char *what)
{
    for (size_t i = 0; i < of->n; i++) {
        const struct rill_device *d = &of->list[i];
        char text[400];
        if (has(in, d))
            continue;
        snprintf(text, sizeof text, "%s %s %s (%s)", what, rill_device_kind_name(d->kind),
                 d->can.device_id, d->label);
        call_note(c, "devicechange", text);
    }
}

void call_devices_changed(struct call *c)
{
    struct rill_devices now;
    if (!rill_device_watch_read(c->device_watch))
        return;
    rill_devices_enumerate(NULL, &now);
    tell_missing(c, &c->devices, &now, "removed");
    tell_missing(c, &now, &c->devices, "added");
    rill_devices_free(&c->devices);
    c->devices = now;
}

void call_forget_devices(struct call *c)
{
    if (c->reactor && c->device_socket)
        rill_reactor_close(c->reactor, c->device_socket);
    rill_device_watch_free(c->device_watch);
    rill_devices_free(&c->devices);
}
