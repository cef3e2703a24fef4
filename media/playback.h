/* media/playback: how evenly pictures follow each other: delays, freezes, pauses (W3C
 * webrtc-stats, RTCInboundRtpStreamStats). Here a picture is shown when it is decoded. */
#ifndef RILL_MEDIA_PLAYBACK_H
#define RILL_MEDIA_PLAYBACK_H

#include "media/per_second.h"

#include <stdint.h>

/* "linear average of durations of last 30 rendered frames" */
#define RILL_PLAYBACK_FRAMES 30

/* Zero it to begin; durations in µs. */
struct rill_playback {
    uint64_t frames;
    int64_t last;
    int64_t inter_frame_delay;
    double inter_frame_delay_squared; /* s² */
    unsigned freezes, pauses;
    int64_t frozen, paused;
    int64_t durations[RILL_PLAYBACK_FRAMES];
    struct rill_per_second per_second;
};

void rill_playback_shown(struct rill_playback *p, int64_t now);

#endif
