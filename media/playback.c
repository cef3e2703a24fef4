#include "media/playback.h"

#define PAUSE (5 * RILL_SECOND)
#define FREEZE_MORE (150 * RILL_MS)

/* A mean of fewer is none. */
#define FRAMES_LEAST 5

/* Of the last 30, the one that is judged included, as browsers have it; 0: there are too few. */
static int64_t average(const struct rill_playback *p)
{
    uint64_t n = p->frames < RILL_PLAYBACK_FRAMES ? p->frames : RILL_PLAYBACK_FRAMES;
    if (n < FRAMES_LEAST)
        return 0;
    int64_t sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sum += p->durations[i];
    return n ? sum / (int64_t)n : 0;
}

/* "It is a freeze if frame duration … is equal or exceeds Max(3 * avg_frame_duration_ms,
 * avg_frame_duration_ms + 150)"; "Video is considered to be paused if time passed since last
 * rendered frame exceeds 5 seconds." */
static void judge(struct rill_playback *p, int64_t gap)
{
    int64_t mean = average(p), limit = mean + FREEZE_MORE;
    if (gap > PAUSE) {
        p->pauses++;
        p->paused += gap;
    } else if (mean > 0 && gap >= (3 * mean > limit ? 3 * mean : limit)) {
        p->freezes++;
        p->frozen += gap;
    }
}

void rill_playback_shown(struct rill_playback *p, int64_t now)
{
    int64_t gap = now - p->last;
    double seconds = (double)gap / RILL_SECOND;
    if (p->frames > 0) {
        p->durations[(p->frames - 1) % RILL_PLAYBACK_FRAMES] = gap;
        judge(p, gap);
        p->inter_frame_delay += gap;
        p->inter_frame_delay_squared += seconds * seconds;
    }
    p->frames++;
    p->last = now;
    rill_per_second_add(&p->per_second, now);
}
