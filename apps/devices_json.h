/* devices_json: a list of devices as MediaDeviceInfo and getCapabilities() would show it. */
#ifndef RILL_APPS_DEVICES_JSON_H
#define RILL_APPS_DEVICES_JSON_H

#include "capture/devices.h"

#include <jansson.h>

json_t *rill_devices_json(const struct rill_devices *devices);
/* "YUYV", or "" for one that is made by conversion. */
void rill_devices_format_name(uint32_t format, char out[5]);

#endif
