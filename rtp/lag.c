/* lag: arrivals against RTP times. */
#include "rtp/lag.h"

#include "base/seq.h"

#define PERIOD (30 * RILL_SECOND)
#define MOST (2 * RILL_SECOND)
/* The source began again, or its clock was set. */
#define JUMP (10 * RILL_SECOND)

static void begin(struct rill_rtp_lag *l, int64_t arrived, uint32_t rtp_time, uint32_t clock_hz)
{
    *l = (struct rill_rtp_lag){.started = true,
                               .rtp_time = rtp_time,
                               .clock_hz = clock_hz,
                               .least = arrived,
                               .before = arrived,
                               .period = arrived};
}

void rill_rtp_lag_packet(struct rill_rtp_lag *l, int64_t arrived, uint32_t rtp_time,
                         uint32_t clock_hz)
{
    int32_t ticks = rill_seq32_diff(rtp_time, l->rtp_time);
    if (!l->started || clock_hz != l->clock_hz) {
        begin(l, arrived, rtp_time, clock_hz);
        return;
    }
    /* What was overtaken, or sent again, tells of something else. */
    if (ticks == 0 || (ticks < 0 && -(int64_t)ticks < (int64_t)clock_hz * (JUMP / RILL_SECOND)))
        return;
    l->time += (int64_t)ticks * RILL_SECOND / clock_hz;
    l->rtp_time = rtp_time;
    int64_t way = arrived - l->time;
    int64_t late = way - rill_earlier(l->least, l->before);
    if (late > JUMP || late < -JUMP) {
        begin(l, arrived, rtp_time, clock_hz);
        return;
    }
    if (arrived - l->period > PERIOD) {
        l->before = l->least;
        l->least = way;
        l->period = arrived;
    }
    l->least = rill_earlier(l->least, way);
    late = way - rill_earlier(l->least, l->before);
    l->lag = late < MOST ? late : MOST;
}

int64_t rill_rtp_lag(const struct rill_rtp_lag *l)
{
    return l->lag;
}
