#include "media/sync.h"

#include "base/seq.h"

/* A step in RTP time may differ so much from the time between the arrivals … */
#define STEP_MAX (2 * RILL_SECOND)
/* … and a stream may stand so far from its arrival. */
#define FAR_MAX (30 * RILL_SECOND)

int rill_sync_add(struct rill_sync *y, enum rill_kind kind, uint32_t clock_hz)
{
    if (y->n == RILL_TRACKS_MAX)
        return -1;
    y->streams[y->n] = (struct rill_sync_stream){.kind = kind, .clock_hz = clock_hz};
    return (int)y->n++;
}

void rill_sync_report(struct rill_sync *y, int stream, uint64_t ntp, uint32_t rtp_time)
{
    struct rill_sync_stream *s = &y->streams[stream];
    /* Told again; a jump may have made it void since. */
    if (s->report_ntp == ntp && s->report_rtp == rtp_time)
        return;
    s->has_report = true;
    s->report_ntp = ntp;
    s->report_rtp = rtp_time;
}

/* The first sound, or the first stream when there is none. */
static const struct rill_sync_stream *leader(const struct rill_sync *y)
{
    for (size_t i = 0; i < y->n; i++)
        if (y->streams[i].kind == RILL_AUDIO)
            return &y->streams[i];
    return &y->streams[0];
}

static int64_t us(int64_t ticks, uint32_t clock_hz)
{
    int64_t seconds = ticks / clock_hz, rest = ticks % clock_hz;
    return seconds * RILL_SECOND + rest * RILL_SECOND / clock_hz;
}

static bool near(int64_t a, int64_t b, int64_t most)
{
    return a - b <= most && b - a <= most;
}

/* When the last frame was captured, µs by the sender's wall clock. */
static int64_t captured(const struct rill_sync_stream *s)
{
    int64_t seconds = (int64_t)(s->report_ntp >> 32);
    int64_t part = (int64_t)((s->report_ntp & 0xffffffff) * RILL_SECOND >> 32);
    return seconds * RILL_SECOND + part +
           us(rill_seq32_diff(s->last_rtp, s->report_rtp), s->clock_hz);
}

static void anchor(struct rill_sync *y, struct rill_sync_stream *s, int64_t time)
{
    s->anchor = s->last;
    s->anchor_time = time;
    if (s == leader(y))
        y->has_offset = false;
}

static int64_t by_rtp(const struct rill_sync_stream *s)
{
    return s->anchor_time + us(s->last - s->anchor, s->clock_hz);
}

/* Moves the stream to where its reports put it, beside the one that leads. */
static void follow(struct rill_sync *y, struct rill_sync_stream *s, int64_t now)
{
    if (s == leader(y)) {
        y->offset = by_rtp(s) - captured(s);
        y->has_offset = true;
    } else if (y->has_offset && near(captured(s) + y->offset, now, FAR_MAX)) {
        anchor(y, s, captured(s) + y->offset);
    }
}

void rill_sync_clock(struct rill_sync *y, int stream, uint32_t clock_hz)
{
    struct rill_sync_stream *s = &y->streams[stream];
    if (s->clock_hz == clock_hz)
        return;
    s->clock_hz = clock_hz;
    s->has_report = false;
    s->anchor = s->last;
    s->anchor_time = s->last_time;
}

void rill_sync_came(struct rill_sync *y, int64_t now)
{
    if (!y->has_zero)
        y->zero = now;
    y->has_zero = true;
}

static void begin(struct rill_sync *y, struct rill_sync_stream *s, int64_t now)
{
    rill_sync_came(y, now);
    s->started = true;
    s->last_time = now;
    anchor(y, s, now);
}

static void step(struct rill_sync *y, struct rill_sync_stream *s, int64_t now, int32_t ticks)
{
    s->last += ticks;
    if (near(us(ticks, s->clock_hz), now - s->last_arrival, STEP_MAX) &&
        near(by_rtp(s), now, FAR_MAX))
        return;
    /* What the last report said may be of the time before. */
    s->has_report = false;
    s->jumps++;
    anchor(y, s, now);
}

int64_t rill_sync_time(struct rill_sync *y, int stream, int64_t now, uint32_t rtp_time)
{
    struct rill_sync_stream *s = &y->streams[stream];
    int32_t ticks = rill_seq32_diff(rtp_time, s->last_rtp);
    s->last_rtp = rtp_time;
    if (s->started)
        step(y, s, now, ticks);
    else
        begin(y, s, now);
    s->last_arrival = now;
    if (s->has_report)
        follow(y, s, now);
    int64_t time = by_rtp(s);
    if (time > s->last_time)
        s->last_time = time;
    return s->last_time > y->zero ? s->last_time - y->zero : 0;
}
