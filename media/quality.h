/* media/quality: what limits the pictures that are sent (W3C webrtc-stats,
 * RTCQualityLimitationReason), and for how long each reason has.
 *
 * The idea: a picture that is dropped tells of its reason for the second that follows. The encoder
 * drops what the bit rate does not carry; the source drops what nobody was there in time for. */
#ifndef RILL_MEDIA_QUALITY_H
#define RILL_MEDIA_QUALITY_H

#include "base/clock.h"

#include <stdbool.h>

/* In the order of the enum there. */
enum rill_quality_reason {
    RILL_QUALITY_NONE,
    RILL_QUALITY_CPU,
    RILL_QUALITY_BANDWIDTH,
    RILL_QUALITY_OTHER,
};
#define RILL_QUALITY_REASONS 4

/* Zero it to begin. */
struct rill_quality {
    enum rill_quality_reason reason;
    int64_t durations[RILL_QUALITY_REASONS]; /* µs */
    bool started;
    int64_t now;
    int64_t until[RILL_QUALITY_REASONS];
};

void rill_quality_dropped(struct rill_quality *q, int64_t now, enum rill_quality_reason reason);
/* The time until now has had the reason of before. Of several reasons bandwidth comes first, then
 * the CPU. */
void rill_quality_step(struct rill_quality *q, int64_t now);

#endif
