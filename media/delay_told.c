#include "media/delay_told.h"

static const struct rill_trace_point jitter_target = {
    "media",
    "jitter_target",
    "sound is to wait so long before it is played, and waits so long now",
    2,
    {{"target_us", RILL_TRACE_I64}, {"delay_us", RILL_TRACE_I64}}};

void rill_delay_tell(struct rill_delay_told *t, const struct rill_trace *trace, int64_t now,
                     int64_t target, int64_t delay)
{
    int64_t change = target > t->target ? target - t->target : t->target - target;
    if (change < RILL_DELAY_TOLD_STEP || (t->at && now < t->at + RILL_DELAY_TOLD_EVERY))
        return;
    RILL_TRACE(trace, now, jitter_target, {.i = target}, {.i = delay});
    t->target = target;
    t->at = now;
}
