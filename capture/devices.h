/* capture/devices: what this machine can capture from and play to: enumerateDevices() of the
 * W3C's MediaDevices.
 *
 * The idea: each backend adds its devices to one list. deviceId is a digest of what stays the
 * same when the machine starts anew (the bus and the port, not the number of the node), groupId
 * a digest of what the parts of one device share: for USB the bus_info "usb-0000:00:14.0-1",
 * which the camera and the microphone in it both know. */
#ifndef RILL_CAPTURE_DEVICES_H
#define RILL_CAPTURE_DEVICES_H

#include "capture/constraints.h"

struct rill_v4l2_port;

enum rill_device_kind {
    RILL_VIDEO_INPUT,
    RILL_AUDIO_INPUT,
    RILL_AUDIO_OUTPUT,
};
/* "videoinput", … */
const char *rill_device_kind_name(enum rill_device_kind kind);

/* A setting of the device itself: brightness, focus, … */
struct rill_control {
    char name[48]; /* "brightness", as v4l2-ctl writes it */
    uint32_t id;   /* the backend's own */
    int64_t min, max, step, initial;
};

struct rill_device {
    enum rill_device_kind kind;
    char label[128];
    char name[128]; /* what -i takes: "/dev/video0", "alsa:hw:1" */
    struct rill_capabilities can;
    struct rill_control *controls; /* owned by the list, as can.modes is */
    size_t n_controls;
};

struct rill_devices {
    struct rill_device *list;
    size_t n;
};

/* device_id or group_id from a few texts. */
void rill_device_hash(const char *what, const char *key, char out[RILL_DEVICE_ID_SIZE]);
/* Its modes and controls. */
void rill_device_free(struct rill_device *d);
/* Takes modes and controls (from malloc) over, also when it fails: then memory is out. */
bool rill_devices_add(struct rill_devices *d, const struct rill_device *device);
void rill_devices_free(struct rill_devices *d);

/* All of all backends. A backend that fails has no devices. v4l2 NULL: the kernel's. */
void rill_devices_enumerate(const struct rill_v4l2_port *v4l2, struct rill_devices *out);
/* The best device of a kind, by SelectSettings over all of them. Errors: as of
 * rill_select_settings(). */
int rill_devices_select(const struct rill_devices *d, enum rill_device_kind kind,
                        const struct rill_constraints *constraints, const struct rill_device **out,
                        struct rill_selection *selection, struct rill_err *why);

/* --- devicechange -------------------------------------------------------------------- */

/* Tells when nodes of devices come and go. */
struct rill_device_watch;
/* root: "/dev"; its directory "snd" is watched too when it is there. NULL when the system has
 * no such thing. */
struct rill_device_watch *rill_device_watch_new(const char *root);
void rill_device_watch_free(struct rill_device_watch *w);
/* Readable when there is something to read. */
int rill_device_watch_fd(const struct rill_device_watch *w);
/* Reads all there is; true when a device node ("video…", "snd/…") came, went or changed. */
bool rill_device_watch_read(struct rill_device_watch *w);

#endif
