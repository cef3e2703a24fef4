/* capture/device_open: "video" and "audio": getUserMedia's choice among all devices. */
#include "capture/devices.h"
#include "capture/source_private.h"

#include <string.h>

int rill_device_open(struct rill_source *s, const struct rill_source_config *config,
                     const struct rill_source_options *options, struct rill_err *why)
{
    struct rill_devices devices;
    struct rill_selection chosen;
    const struct rill_device *device;
    struct rill_source_options o = *options;
    bool video = rill_view_is(options->name, "video");
    rill_devices_enumerate(config->v4l2, &devices);
    int rc = rill_devices_select(&devices, video ? RILL_VIDEO_INPUT : RILL_AUDIO_INPUT,
                                 &options->constraints, &device, &chosen, why);
    if (rc == 0) {
        o.name = rill_view_of(device->name);
        rc = rill_source_open_named(s, config, &o, why);
    }
    rill_devices_free(&devices);
    return rc;
}
