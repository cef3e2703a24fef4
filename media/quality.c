#include "media/quality.h"

#define AFTER RILL_SECOND

void rill_quality_dropped(struct rill_quality *q, int64_t now, enum rill_quality_reason reason)
{
    rill_quality_step(q, now);
    q->until[reason] = now + AFTER;
    rill_quality_step(q, now);
}

void rill_quality_step(struct rill_quality *q, int64_t now)
{
    static const enum rill_quality_reason order[] = {RILL_QUALITY_BANDWIDTH, RILL_QUALITY_CPU,
                                                     RILL_QUALITY_OTHER};
    if (q->started && now > q->now)
        q->durations[q->reason] += now - q->now;
    q->started = true;
    q->now = now;
    q->reason = RILL_QUALITY_NONE;
    for (int i = 2; i >= 0; i--)
        if (q->until[order[i]] > now)
            q->reason = order[i];
}
