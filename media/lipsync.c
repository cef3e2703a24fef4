#include "media/lipsync.h"

/* Nobody is waited for who was not there for so long. */
#define GONE RILL_SECOND
/* Sender reports may be wrong: more than this is no lag. */
#define MOST (2 * RILL_SECOND)
/* Sound's lag is smooth but for what its buffer does; a picture that is later than those before is
 * believed at once, and forgotten within some hundred. */
#define SOUND_SHARE 4
#define PICTURE_SHARE 64

static bool is_here(bool ever, int64_t at, int64_t now)
{
    return ever && now - at < GONE;
}

static bool is_sane(int64_t lag)
{
    return lag > -MOST && lag < MOST;
}

void rill_lipsync_heard(struct rill_lipsync *y, int64_t now, int64_t played_at, int64_t time)
{
    int64_t lag = played_at - time;
    if (!is_sane(lag))
        return;
    if (!is_here(y->heard, y->heard_at, now))
        y->sound_lag = lag;
    y->sound_lag += (lag - y->sound_lag) / SOUND_SHARE;
    y->heard = true;
    y->heard_at = now;
}

void rill_lipsync_seen(struct rill_lipsync *y, int64_t now, int64_t time)
{
    int64_t lag = now - time;
    if (!is_sane(lag))
        return;
    if (!is_here(y->seen, y->seen_at, now) || lag > y->picture_lag)
        y->picture_lag = lag;
    y->picture_lag += (lag - y->picture_lag) / PICTURE_SHARE;
    y->seen = true;
    y->seen_at = now;
}

int64_t rill_lipsync_due(const struct rill_lipsync *y, int64_t now, int64_t time)
{
    int64_t lag = y->sound_lag > y->picture_lag ? y->sound_lag : y->picture_lag;
    if (!is_here(y->heard, y->heard_at, now) || !is_sane(now - time) || time + lag < now)
        return now;
    return time + lag;
}

int64_t rill_lipsync_wait(const struct rill_lipsync *y, int64_t now)
{
    bool both = is_here(y->heard, y->heard_at, now) && is_here(y->seen, y->seen_at, now);
    return both ? y->picture_lag - y->sound_lag : 0;
}
