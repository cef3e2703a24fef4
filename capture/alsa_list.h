/* capture/alsa_list: ALSA's part of capture/devices. */
#ifndef RILL_CAPTURE_ALSA_LIST_H
#define RILL_CAPTURE_ALSA_LIST_H

#include "capture/devices.h"

/* Adds its microphones and speakers; none when there is no ALSA. */
void rill_alsa_enumerate(struct rill_devices *out);

#endif
